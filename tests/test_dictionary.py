"""The dictionary says what MODEL.md section 2 says: tables, columns, keys first, and what an empty cell means."""

import pytest

from data.dictionary import SPECIAL_DEFAULTS, TYPES, Column, data_tables, plan_tables

# Section 2 of MODEL.md, restated: the keys come first (their number stands after the name).
TABLES = """
nations 1: nation name eu region signing_cycle signing_offset
economy 2: nation year gdp deflator
budget_path 3: nation year pillar gdp_share committed_share committed_equipment_share
areas 1: area name pillar unit weight standard integration_tax threat_year severity
targets 3: nation area year target baseline baseline_us
programmes 1: programme name area pillar category unit unit_cost cost_growth down_payment lot lead_years service_years
    first_order_year last_order_year sustain_cost type_overhead standard fleet_class sme_share eu_content
    requires_innovation
effects 2: programme area effect
customers 2: nation programme max_units units_operated
frames 1: frame programme name agency first_launch last_launch min_members min_units joining_cost annual_fee
    commit_years min_annual_units extra_lead_years workshare_min eu_content_min loan_facility launched
frame_members 2: frame nation status
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
loans 2: facility nation amount first_year last_year interest
rules 2: rule scope value hardness penalty from_year
pipeline 3: nation programme year units
obligations 5: nation year pillar kind item amount
prior_plan 4: nation programme channel year units unit_price value
sources 4: table key column source year basis note
"""

# CONTRACT.md, a plan on disk, restated.
PLAN_TABLES = """
orders: nation programme channel year units unit_price value
deliveries: nation programme year units in_service
spending: nation year pillar kind item channel area amount
budgets: nation year pillar gdp planned committed available loan carried_in shifted_in spent carried_out unspent
    share_of_gdp
gaps: nation area year target baseline delivered credited innovation shortfall closure
collective: area nation year delivered
frames: frame programme launch_year members units tier price_factor saving fees
members: frame nation units value saving work_value
loans: facility nation year drawn interest
production: line programme year units
capacity: line_or_component year capacity added used utilisation
expansions: expansion start_year opens cost running_cost host
contributions: expansion nation year amount
innovation: innovation mode pilot_year scale_year complete_year cost
rules: rule scope item year required achieved unit slack hardness met penalty
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
UNLIMITED = "customers.max_units lines.ramp loans.amount"
ONE = "price_tiers.price_factor line_programmes.capacity_use innovation.fast_cost_factor nations.signing_cycle"
ZERO = (
    "nations.signing_offset budget_path.gdp_share budget_path.committed_share budget_path.committed_equipment_share "
    "areas.integration_tax programmes.unit_cost programmes.cost_growth programmes.down_payment programmes.sustain_cost "
    "programmes.type_overhead programmes.sme_share programmes.eu_content frames.joining_cost frames.annual_fee "
    "frames.workshare_min frames.eu_content_min expansions.cost expansions.annual_cost expansions.host_share_min "
    "expansions.guaranteed_load innovation.pilot_cost innovation.scale_cost innovation.sme_share "
    "innovation_effects.closes loans.interest"
)
DEFAULTS = {
    "first_year": f"{FIRST_YEAR} rules.from_year",
    "last_year": LAST_YEAR,
    "horizon": "programmes.service_years",
    "none": NOT_YET,
    "unlimited": UNLIMITED,
    "1": ONE,
    "0": f"{ZERO_YEARS} {ZERO}",
    "ALL": "incompatible.scope",
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
        assert data_tables()[name].keys == columns[: int(count)], name


def test_plan_tables_are_those_of_the_contract_in_its_order():
    assert {name: table.names for name, table in plan_tables().items()} == listed(PLAN_TABLES)
    assert list(plan_tables()) == list(listed(PLAN_TABLES))


@pytest.mark.parametrize("default", DEFAULTS)
def test_an_empty_cell_means_what_the_model_says(default: str):
    for place in DEFAULTS[default].split():
        assert column(place).default == default, place
        assert not column(place).required, place


def test_every_other_cost_share_and_growth_is_0_when_empty():
    stated = {place for text in DEFAULTS.values() for place in text.split()}
    for table in data_tables().values():
        for one in table.columns:
            if one.type in ("money", "share") and not one.required and f"{table.name}.{one.name}" not in stated:
                assert one.default == "0", f"{table.name}.{one.name}"


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
