"""The dictionary says what MODEL.md section 2 says: tables, columns, keys first, and what an empty cell means."""

import math

import pytest

from data.dictionary import SPECIAL_DEFAULTS, TYPES, Column, data_tables, plan_tables
from data.typed import default_value

# Section 2 of MODEL.md, restated: the keys come first (their number stands after the name), but for those named below.
TABLES = """
nations 1: nation name eu region cost_share signing_cycle signing_offset
economy 2: nation year gdp deflator
budget_path 3: nation year pillar gdp_share committed_share committed_equipment_share
areas 1: area name pillar unit weight standard integration_tax threat_year severity
targets 3: nation area year target baseline baseline_us
programmes 1: programme name area pillar category unit unit_cost cost_growth down_payment lot lead_years service_years
    first_order_year last_order_year sustain_cost type_overhead standard fleet_class sme_share eu_content
    requires_innovation needs_host
effects 2: programme area effect
customers 2: nation programme max_units units_operated
frames 1: frame programme name agency first_launch last_launch min_members min_units member_min_share joining_cost
    annual_fee commit_years min_annual_units extra_lead_years workshare_min eu_content_min loan_facility launched
frame_members 2: frame nation status units_before
price_tiers 2: frame from_units price_factor
lines 1: line name nation current_output ramp
line_capacity 2: line year capacity
line_programmes 2: line programme capacity_use
components 1: component name
component_capacity 2: component year capacity
bill_of_materials 2: programme component quantity
expansions 1: expansion name line_or_component kind added_capacity cost annual_cost build_years first_year last_year
    host host_share_min guaranteed_load guarantee_years
innovation 1: innovation name sponsor pillar pilot_cost pilot_years scale_cost scale_years fast_years fast_cost_factor
    success_probability sme_share first_year complete_year
innovation_effects 2: innovation area closes
requires 2: area enabler ratio
incompatible 3: programme_a programme_b scope
loans 2: facility nation kind amount share first_year last_year interest
rules 4: rule scope value hardness penalty from_year
pipeline 3: nation programme year units built
obligations 5: nation year pillar kind item amount
pins 5: nation programme channel year sense units
prior_plan 4: nation programme channel year units unit_price value
sources 4: table key column source year basis note
"""
# Several rows of one rule and scope hold beside each other: a hard floor and a soft wish, or steps by year.
OTHER_KEYS = {"rules": ["rule", "scope", "hardness", "from_year"]}

# CONTRACT.md, a plan on disk, restated.
PLAN_TABLES = """
orders: nation programme channel year units unit_price value
deliveries: nation programme year units in_service
spending: nation year pillar kind item channel area amount
budgets: nation year pillar gdp planned committed available loan carried_in shifted_in spent carried_out unspent
    share_of_gdp
gaps: nation area year target baseline delivered credited innovation shortfall closure
settled: nation area target baseline delivered credited innovation shortfall closure
beyond: nation year pillar money bound free
collective: area nation year delivered
frames: frame programme launch_year members units tier price_factor saving fees
members: frame nation units value saving work_value
loans: facility nation year kind drawn interest
production: line programme year units
capacity: line_or_component year capacity added used utilisation
expansions: expansion start_year opens cost running_cost host
contributions: item nation year amount
innovation: innovation mode pilot_year scale_year complete_year cost
rules: rule scope from_year item year required achieved unit slack hardness met penalty
shadow_prices: constraint key year price unit
"""

# "Empty cells" of MODEL.md section 2, restated word by word.
FIRST_YEAR = (
    "programmes.first_order_year frames.first_launch expansions.first_year innovation.first_year loans.first_year"
)
LAST_YEAR = "programmes.last_order_year frames.last_launch expansions.last_year loans.last_year"
ZERO_YEARS = (
    "programmes.lead_years frames.extra_lead_years frames.commit_years expansions.build_years "
    "expansions.guarantee_years innovation.pilot_years"
)
NOT_YET = "frames.launched innovation.complete_year areas.threat_year innovation.fast_years"
NONE = f"{NOT_YET} nations.cost_share frame_members.units_before pins.year"
ENDLESS = "programmes.service_years"
UNLIMITED = f"{ENDLESS} customers.max_units lines.ramp loans.amount"
ONE = (
    "price_tiers.price_factor line_programmes.capacity_use innovation.fast_cost_factor nations.signing_cycle "
    "loans.share economy.deflator"
)
DEFAULTS = {
    "first_year": f"{FIRST_YEAR} rules.from_year",
    "last_year": LAST_YEAR,
    "none": NONE,
    "unlimited": UNLIMITED,
    "1": ONE,
    "0": f"{ZERO_YEARS} pipeline.built",
    "ALL": "incompatible.scope",
    "loan": "loans.kind",
    "national": "prior_plan.channel",
    "": "programmes.needs_host programmes.requires_innovation frames.loan_facility pins.channel areas.severity",
}


def listed(text: str) -> dict[str, list[str]]:
    """Table name and columns of each entry; an indented line goes on with the one before."""
    entries = text.replace("\n    ", " ").strip().splitlines()
    return {head: columns.split() for head, columns in (entry.split(":") for entry in entries)}


def column(place: str) -> Column:
    table, name = place.split(".")
    return data_tables()[table].column(name)


def test_tables_and_columns_are_those_of_the_model_in_its_order():
    stated = {head.split()[0]: columns for head, columns in listed(TABLES).items()}
    assert {name: table.names for name, table in data_tables().items()} == stated
    assert list(data_tables()) == list(stated)


def test_the_keys_come_first():
    for head, columns in listed(TABLES).items():
        name, count = head.split()
        keys = data_tables()[name].keys
        assert keys == OTHER_KEYS.get(name, columns[: int(count)]), name
        assert len(keys) == int(count)


def test_plan_tables_are_those_of_the_contract_in_its_order():
    assert {name: table.names for name, table in plan_tables().items()} == listed(PLAN_TABLES)
    assert list(plan_tables()) == list(listed(PLAN_TABLES))


@pytest.mark.parametrize("default", DEFAULTS)
def test_an_empty_cell_means_what_the_model_says(default: str):
    for place in DEFAULTS[default].split():
        assert column(place).default == default, place
        assert not column(place).required, place


def test_every_other_number_is_0_when_empty():
    stated = {place for text in DEFAULTS.values() for place in text.split()}
    for table in data_tables().values():
        for one in table.columns:
            if one.numeric and not one.required and f"{table.name}.{one.name}" not in stated:
                assert one.default == "0", f"{table.name}.{one.name}"


def test_what_an_empty_cell_means_is_one_value_for_all_who_read_it():
    """Where 0 would be a statement of its own (a key of weight 0, no units before), an empty cell is -1."""
    values = {
        "nations.cost_share": -1.0, "frame_members.units_before": -1.0, "innovation.fast_years": -1, "pins.year": 0,
        "frames.launched": 0, "areas.threat_year": 0, "programmes.service_years": 9999, "loans.amount": math.inf,
        "loans.share": 1.0, "loans.kind": "loan", "pins.channel": "", "pipeline.built": 0.0, "rules.from_year": None,
    }  # fmt: skip
    for place, value in values.items():
        assert default_value(column(place), None) == (0 if value is None else value), place


def test_every_column_has_a_type_a_unit_a_meaning_and_a_sound_example():
    for table in [*data_tables().values(), *plan_tables().values()]:
        for one in table.columns:
            assert one.type in TYPES and one.unit and one.meaning, f"{table.name}.{one.name}"
            if one.type == "choice" and one.example:
                assert one.example in one.words, f"{table.name}.{one.name}"
            if one.numeric and one.default and one.default not in SPECIAL_DEFAULTS:
                assert float(one.default) >= (one.minimum or float("-inf")), f"{table.name}.{one.name}"


def test_every_reference_leads_to_a_column_that_is_there():
    for table in data_tables().values():
        for one in table.columns:
            for target, name in one.references:
                assert name in data_tables()[target].names, f"{table.name}.{one.name}"


def test_a_required_column_has_no_default_and_a_key_is_not_edited():
    for table in data_tables().values():
        for one in table.columns:
            assert not (one.required and one.default), f"{table.name}.{one.name}"
            assert not (one.key and one.editable), f"{table.name}.{one.name}"
