"""The audit on the plan with years beyond the horizon: accepted as it is, and each new rule named when it is broken."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from audit import audit
from data.dataset import load
from data.levers import replay
from tests.audit.test_corruptions import Change, Editor, in_mode, named
from tests.audit_beyond_by_hand import BEYOND, COST, INDEX, PENALTY, SETTLED_AFTER, SETTLED_BEFORE, write_plan


@pytest.fixture(scope="session")
def whole_beyond(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(tmp_path_factory.mktemp("beyond") / "plan")


@pytest.fixture
def beyond_plan(whole_beyond: Path, tmp_path: Path) -> Editor:
    """A plan that the audit accepts, in a folder of its own to be spoiled."""
    return Editor(Path(shutil.copytree(whole_beyond, tmp_path / "plan")))


def settings(plan: Editor, old: str, new: str) -> None:
    """Change dataset.yaml of the data set that the plan was made from, hash and all."""
    path = plan.folder / "dataset" / "dataset.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    digest = load(plan.folder / "dataset").sha256
    plan.json(lambda header: header.update(dataset_sha256=digest))


def test_the_worked_plan_is_accepted(beyond_plan: Editor) -> None:
    report = audit(beyond_plan.folder)
    assert report.findings == ()
    assert report.not_checked == ()
    assert report.checked["buying.host_first"] == 2  # POL's missiles of 2028 and 2029; DEU and USA had launchers
    assert report.checked["joint.member_share"] == 3  # two in f_rad, USA in f_old; DEU orders nothing there now
    assert report.checked["budget.loan_sets"] == 1  # POL draws from both facilities in 2027
    assert report.checked["budget.beyond"] == 4 * 2 * 2  # nations, pillars, years


def test_the_settled_state_is_that_worked_by_hand(beyond_plan: Editor) -> None:
    beyond_plan.json(lambda header: header.update(settled_before=0.0, settled_after=0.0))
    beyond_plan.json(lambda header: header["objective"].update(index=0.0))
    found = [finding.required for finding in audit(beyond_plan.folder).findings]
    assert found == pytest.approx([INDEX, SETTLED_AFTER, SETTLED_BEFORE])


CORRUPTIONS: dict[str, tuple[str, Change]] = {
    # Work in progress: made up to a year between what is delivered and what is ordered by then.
    "the_last_fifth_of_a_ship_left_out": (
        "industry.work_in_progress",
        lambda p: p.drop("production", "yard ship 2029"),
    ),
    "missiles_made_after_they_arrive": (
        "industry.work_in_progress",
        lambda p: (
            p.set("production", "ammo_line missile 2028", units=4.5),
            p.set("production", "ammo_line missile 2029", units=7.5),
        ),
    ),
    "what_is_built_forgotten": (
        "industry.work_in_progress",
        lambda p: p.data("pipeline", "USA,sub,2027,2,1.5", "USA,sub,2027,2,1.4"),
    ),
    "missiles_made_before_they_are_ordered": (
        "industry.made_of_orders",
        lambda p: p.set("production", "ammo_line missile 2027", units=10),
    ),
    "a_submarine_made_twice": (
        "industry.made_of_orders",
        lambda p: p.set("production", "us_yard sub 2027", units=0.6),
    ),
    "less_than_nothing_made": ("table.production", lambda p: p.set("production", "us_yard sub 2027", units=-0.5)),
    "made_after_the_last_year": ("table.production", lambda p: p.set("production", "yard ship 2029", year=2031)),
    # Capacity, ramps and components by what is made, and on beyond the horizon.
    "a_yard_with_all_its_capacity_beyond": (
        "industry.line_capacity",
        lambda p: p.set("production", "yard ship 2029", units=0.3),
    ),
    "a_shift_that_counts_in_full_beyond": (
        "industry.line_capacity",
        lambda p: p.set("production", "ammo_line missile 2029", units=5),
    ),
    "a_ramp_taken_at_once": ("industry.ramp", lambda p: p.set("production", "ammo_line missile 2027", units=5)),
    "a_component_by_what_is_made_beyond": (
        "industry.component_capacity",
        lambda p: p.data("component_capacity", "rocket,2028,8", "rocket,2028,7.5"),
    ),
    "a_component_by_what_comes_without_a_line": (
        "industry.component_capacity",
        lambda p: p.data("component_capacity", "chip,2027,12", "chip,2027,11"),
    ),
    # Shared bills.
    "a_running_cost_beyond_unpaid": ("industry.expansion_bill", lambda p: p.drop("contributions", "x_ammo USA 2030")),
    "a_host_that_pays_too_little_beyond": (
        "industry.host_share",
        lambda p: (
            p.set("contributions", "x_ammo DEU 2029", amount=0.1),
            p.set("contributions", "x_ammo POL 2029", amount=0.9),
        ),
    ),
    "a_customer_that_pays_more_than_its_part": (
        "industry.contribution_max",
        lambda p: (
            p.set("contributions", "x_ammo USA 2030", amount=0.6),
            p.set("contributions", "x_ammo DEU 2030", amount=0.4),
        ),
    ),
    "a_part_of_smaller_orders": (
        "industry.contribution_max",
        lambda p: p.set("orders", "USA missile", units=4, value=4),
    ),
    "a_smaller_part_of_the_orders": (
        "industry.contribution_max",
        lambda p: settings(p, "contribution_max: 0.2", "contribution_max: 0.19"),
    ),
    "a_bill_of_a_pilot_beyond_unpaid": ("innovation.bill", lambda p: p.drop("contributions", "v_late NOR 2030")),
    "a_bill_paid_twice": ("innovation.bill", lambda p: p.set("contributions", "v_key DEU 2028", amount=7)),
    "a_bill_paid_in_another_year": ("innovation.bill", lambda p: p.set("contributions", "v_late USA 2029", year=2031)),
    "a_bill_paid_by_no_sponsor": ("innovation.bill", lambda p: p.set("contributions", "v_key POL 2028", nation="USA")),
    "a_sponsor_that_is_paid": (
        "innovation.bill",
        lambda p: (
            p.set("contributions", "v_key POL 2028", amount=-0.5),
            p.set("contributions", "v_key DEU 2028", amount=4.5),
        ),
    ),
    "a_sponsor_above_its_key_of_cost_shares": (
        "innovation.sponsor_share",
        lambda p: (
            p.set("contributions", "v_key POL 2027", amount=3.1),
            p.set("contributions", "v_key DEU 2027", amount=4.9),
        ),
    ),
    "a_sponsor_above_its_key_of_gdp_beyond": (
        "innovation.sponsor_share",
        lambda p: (
            p.set("contributions", "v_late NOR 2030", amount=1.6),
            p.set("contributions", "v_late USA 2030", amount=1.4),
        ),
    ),
    "sponsors_by_key_exactly": (
        "innovation.sponsor_share",
        lambda p: settings(p, "sponsor_max: 1.5", "sponsor_max: 1"),
    ),
    "a_contribution_to_nothing": ("table.contributions", lambda p: p.add("contributions", "x_none,DEU,2027,0")),
    # Hosts.
    "missiles_without_a_launcher": ("buying.needs_host", lambda p: p.drop("orders", "POL launcher")),
    "missiles_before_the_launcher": ("buying.host_first", lambda p: p.set("orders", "POL launcher", year=2028)),
    "more_missiles_than_a_launcher_carries": (
        "buying.host_first",
        lambda p: p.data("customers", "POL,missile,6,", "POL,missile,3,"),
    ),
    "a_launcher_that_is_not_there_any_more": (
        "buying.needs_host",
        lambda p: p.data("customers", "USA,launcher,0,2", "USA,launcher,0,0"),
    ),
    # Joint buys.
    "a_member_with_less_than_its_share": (
        "joint.member_share",
        lambda p: p.data("frames", "2,4,0.3,0.2", "2,4,0.5,0.2"),
    ),
    "an_old_member_with_less_than_its_share": (
        "joint.member_share",
        lambda p: p.data("frames", "1,5,0.5,9", "1,5,0.8,9"),
    ),
    "earlier_units_overstated": (
        "joint.tier_floor",
        lambda p: p.data("frame_members", "f_old,USA,member,3", "f_old,USA,member,2"),
    ),
    "earlier_units_below_the_minimum": (
        "joint.min_units",
        lambda p: p.data("frame_members", "f_old,USA,member,3", "f_old,USA,member,2"),
    ),
    "a_fee_beyond_forgotten": ("table.frames", lambda p: p.set("frames", "f_rad", fees=2.4)),
    # Loans and grants.
    "more_lent_than_the_share": (
        "budget.loan_share",
        lambda p: p.data("loans", "safe,EU,loan,12,0.5", "safe,EU,loan,12,0.45"),
    ),
    "more_than_the_group_has": (
        "budget.loan_amount",
        lambda p: (
            p.set("loans", "safe POL 2027", drawn=4),
            p.set("loans", "edip POL 2027", drawn=5),
        ),
    ),
    "a_nation_outside_the_group": ("budget.loan_amount", lambda p: p.add("loans", "safe,USA,2027,loan,1,0")),
    "two_facilities_for_one_payment": ("budget.loan_sets", lambda p: p.set("loans", "edip POL 2027", drawn=7)),
    "too_little_made_in_the_union": (
        "budget.loan_payments",
        lambda p: p.data("frames", "3,0.65,safe", "3,0.75,safe"),
    ),
    "a_grant_called_a_loan": ("table.loans", lambda p: p.set("loans", "edip POL 2027", kind="loan")),
    "interest_on_a_grant": ("table.loans", lambda p: p.add("loans", "edip,POL,2028,grant,0,0.6")),
    # Money beyond the horizon.
    "more_bound_than_may_be": (
        "budget.beyond",
        lambda p: settings(p, "money: [0.5, 0.4]", "money: [0.18, 0.4]"),
    ),
    "more_bound_in_the_last_year": (
        "budget.beyond",
        lambda p: settings(p, "money: [0.5, 0.4]", "money: [0.5, 0.13]"),
    ),
    "more_free_than_there_is": ("table.beyond", lambda p: p.set("beyond", "DEU 2029 core", free=41.2)),
    "a_year_beyond_left_out": ("table.beyond", lambda p: p.drop("beyond", "NOR 2030 core")),
    "an_obligation_beyond_forgotten": ("table.spending", lambda p: p.drop("spending", "DEU 2029 core obligation")),
    "a_payment_beyond_forgotten": ("table.spending", lambda p: p.drop("spending", "DEU 2030 core payment ship")),
    "an_overhead_beyond_forgotten": ("buying.operated", lambda p: p.drop("spending", "DEU 2030 core overhead")),
    # The settled state.
    "missiles_that_last_for_ever": (
        "capability.settled",
        lambda p: p.set("settled", "POL fires", delivered=6, credited=6, shortfall=0, closure=1),
    ),
    "a_ship_that_has_not_arrived": (
        "capability.settled",
        lambda p: p.set("settled", "ALL sea", delivered=2, credited=2, shortfall=1, closure=0.75),
    ),
    "credited_beyond_the_enabler": (
        "capability.enabler",
        lambda p: p.set("settled", "DEU air", credited=6, shortfall=0.4, closure=0.95),
    ),
    "a_settled_shortfall_understated": ("capability.shortfall", lambda p: p.set("settled", "USA fires", shortfall=3)),
    "a_settled_row_left_out": ("table.settled", lambda p: p.drop("settled", "POL air")),
    "an_order_beyond_all_years": (
        "buying.order_window",
        lambda p: p.set("orders", "DEU ship", year=2028),
    ),
    # Policy.
    "a_line_that_stops": (
        "policy.output_drop_max",
        lambda p: p.data("rules", "output_drop_max,ALL,0.5,soft,2", "output_drop_max,ALL,0.5,hard,"),
    ),
    "a_line_that_drops_too_fast": (
        "policy.output_drop_max",
        lambda p: p.set("production", "yard ship 2028", units=0.35),
    ),
    "an_area_with_too_much": (
        "policy.area_share_max",
        lambda p: p.data("rules", "area_share_max,DEU:air,0.5", "area_share_max,DEU:air,0.4"),
    ),
    "an_area_with_too_little": (
        "policy.area_share_min",
        lambda p: p.data("rules", "area_share_min,sea,0.1", "area_share_min,sea,0.25"),
    ),
    "more_ordered_than_parliament_lets": (
        "policy.order_value_max",
        lambda p: p.data("rules", "order_value_max,EU,0.7", "order_value_max,EU,0.6"),
    ),
    "more_ordered_from_a_later_year_on": (
        "policy.order_value_max",
        lambda p: p.data("rules", "order_value_max,POL,0.02,soft,10,", "order_value_max,POL,0.02,hard,,"),
    ),
    "a_penalty_of_the_second_row_hidden": (
        "policy.spend_floor",
        lambda p: p.set("rules", "spend_floor DEU 2027 DEU:core 2028", penalty=0),
    ),
    "a_wish_told_as_a_floor": (
        "table.rules",
        lambda p: p.set("rules", "order_value_max POL", hardness="hard"),
    ),
    "a_surge_priced_by_one": (
        "policy.surge_min",
        lambda p: p.set("rules", "surge_min fires 2027 - 2028", penalty=4.8),
    ),
    "a_whole_without_other_lines": (
        "policy.single_line_max",
        lambda p: p.data("rules", "single_line_max,sea,0.7", "single_line_max,sea,0.6"),
    ),
    # Pins.
    "less_than_is_pinned": ("policy.pins", lambda p: p.data("pins", "ALL,missile,,,min,16", "ALL,missile,,,min,17")),
    "more_than_is_pinned": (
        "policy.pins",
        lambda p: p.data("pins", "POL,launcher,national,,max,1", "POL,launcher,national,,max,0"),
    ),
    "not_what_is_pinned": (
        "policy.pins",
        lambda p: p.data("pins", "DEU,radar,f_rad,2027,equal,4", "DEU,radar,f_rad,2027,equal,2"),
    ),
    "pinned_in_another_year": (
        "policy.pins",
        lambda p: p.data("pins", "ALL,missile,,,min,16", "ALL,missile,,2027,min,10"),
    ),
    "pinned_for_one_nation": (
        "policy.pins",
        lambda p: p.data("pins", "ALL,missile,,,min,16", "DEU,missile,,,min,6"),
    ),
    "pinned_in_another_channel": (
        "policy.pins",
        lambda p: p.data("pins", "DEU,radar,f_rad,2027,equal,4", "DEU,radar,national,2027,min,2"),
    ),
    # plan.json.
    "a_better_index": ("objective", lambda p: p.json(lambda header: header["objective"].update(index=20.0))),
    "the_settled_state_forgotten": (
        "objective",
        lambda p: p.json(lambda header: header.update(settled_after=None)),
    ),
    "a_cost_that_ends_with_the_horizon": (
        "objective",
        lambda p: p.json(lambda header: header["objective"].update(cost=98.1)),
    ),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_plan_is_named_by_its_rule(beyond_plan: Editor, name: str) -> None:
    rule, change = CORRUPTIONS[name]
    change(beyond_plan)
    assert rule in named(audit(beyond_plan.folder))


def test_without_contribution_max_anybody_may_pay_anything(beyond_plan: Editor) -> None:
    settings(beyond_plan, "contribution_max: 0.2", "contribution_max: none")
    assert audit(beyond_plan.folder).ok


def test_a_nation_with_a_row_of_its_own_is_out_of_the_groups_amount(beyond_plan: Editor) -> None:
    # POL's 3 are then its own: the 9 of DEU are all that the group draws.
    beyond_plan.data("loans", "safe,EU,loan,12,0.5,0.1", "safe,EU,loan,9,0.5,0.1\nsafe,POL,loan,3,0.5,0.1")
    assert audit(beyond_plan.folder).ok


def test_a_year_may_bind_what_it_costs_with_nothing_decided(beyond_plan: Editor) -> None:
    # NOR's obligation of 30 in 2029 is above half of its 50; had it been decided now, it would not be let.
    beyond_plan.data("obligations", "NOR,2029,resilience,payment,quay,30", "NOR,2028,resilience,payment,quay,30")
    rows = {f.place: f.required for f in audit(beyond_plan.folder).findings if f.rule == "table.beyond"}
    assert rows["NOR, 2029, resilience"] == 25.0


def test_rules_of_a_group_that_has_left_bind_nothing(beyond_plan: Editor) -> None:
    beyond_plan.json(lambda header: header["levers"].update({"nation_out.POL": True}))
    messages = [f.message for f in audit(beyond_plan.folder).findings if f.rule == "policy.order_value_max"]
    assert not any("POL" in message and "must hold" in message for message in messages)


# Fires: 0.8 + 0.35 + 3 * 0.4 of 5 are missing, more than of sea and air. POL: a quarter of 1 + 0.2 + 3 * 0.4 in fires
# and a third of 1 + 0.3 + 3 * 0.3 in air, of 1.25 and 5 / 3; more than of DEU and USA.
MODES = {
    "changes": 0.0,  # there is no plan to change
    "cost": COST,
    "worst_area": 100 * 2.35 / 5 + PENALTY,
    "worst_nation": 100 * (2.4 / 4 + 2.2 / 3) / (1.25 + 5 / 3) + PENALTY,
}


@pytest.mark.parametrize("mode", MODES)
def test_the_settled_state_counts_in_every_mode(beyond_plan: Editor, mode: str) -> None:
    beyond_plan.json(lambda header: in_mode(header, mode, MODES[mode]))
    assert audit(beyond_plan.folder).findings == ()


STEPS = (
    "year",
    "from_year",
    "members",
    "tier",
    "launch_year",
    "start_year",
    "opens",
    "pilot_year",
    "scale_year",
    "complete_year",
)


def slightly_wrong(column: str, cell: str) -> str | None:
    """Another year or count, the opposite flag, a figure a thousandth larger; None for text."""
    try:
        value = float(cell)
    except ValueError:
        return None
    if column == "met":
        return str(1 - int(value))
    return str(int(value) + 1) if column in STEPS else repr(value * 1.001 + 0.001 * (value == 0))


def spoiled(text: str) -> Iterator[tuple[str, str]]:
    """What was done to a table, and the table: every figure wrong once, every row left out once."""
    header, *rows = text.splitlines()
    names = header.split(",")
    for place, row in enumerate(rows):
        cells = row.split(",")
        versions = {f"{row} left out": []}
        for index, cell in enumerate(cells):
            wrong = slightly_wrong(names[index], cell)
            if wrong is not None:
                changed = ",".join([*cells[:index], wrong, *cells[index + 1 :]])
                versions[f"{row} -> {changed}"] = [changed]
        for what, version in versions.items():
            yield what, "\n".join([header, *rows[:place], *version, *rows[place + 1 :]]) + "\n"


@pytest.mark.long
@pytest.mark.parametrize("table", sorted(BEYOND.tables))
def test_every_figure_and_row_of_every_table_is_held(beyond_plan: Editor, table: str) -> None:
    """A rule's row with slack is all that may be left out."""
    dataset = load(beyond_plan.folder / "dataset")
    case, path = replay(dataset, None, {}), beyond_plan.folder / "tables" / f"{table}.csv"
    accepted = []
    with (
        mock.patch("audit.load", return_value=dataset),
        mock.patch("audit.replay", return_value=case),
    ):
        for what, text in spoiled(BEYOND.tables[table]):
            path.write_text(text, encoding="utf-8")
            if audit(beyond_plan.folder).ok:
                accepted.append(what)
    assert [what for what in accepted if not (table == "rules" and ",1,0 left out" in what)] == []


def figures(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where the numbers of plan.json stand."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from figures(inner, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def test_every_figure_of_plan_json_is_held(beyond_plan: Editor) -> None:
    """What the second pass proved (cost_gap) follows from no table."""
    header = {key: value for key, value in BEYOND.header.items() if key != "levers"}
    dataset = load(beyond_plan.folder / "dataset")
    case = replay(dataset, None, {})
    accepted = []
    with (
        mock.patch("audit.load", return_value=dataset),
        mock.patch("audit.replay", return_value=case),
    ):
        for path in figures(header):
            wrong = copy.deepcopy(header)
            inner: Any = wrong
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = inner[path[-1]] * 1.001 + 0.001 * (inner[path[-1]] == 0)
            beyond_plan.json(lambda there, wrong=wrong: there.update(wrong))
            if audit(beyond_plan.folder).ok:
                accepted.append(path)
    assert accepted == [("objective", "cost_gap")]


FIRES = {"targets": ("target", "baseline"), "effects": ("effect",)}
EFFECTS = ("target", "baseline", "delivered", "credited", "innovation", "shortfall")


def in_other_units(plan: Editor, factor: float) -> None:
    """Count fires in other units: what is wanted and what a missile does by the factor, what it enables against it."""
    for table, columns in FIRES.items():
        names, rows = plan.read(f"../dataset/{table}")
        for row in rows:
            if row["area"] == "fires":
                row.update({name: str(factor * float(row[name] or 0)) for name in columns})
        plan.write(f"../dataset/{table}", names, rows)
    plan.data("requires", "air,fires,2", f"air,fires,{2 / factor!r}")
    for table in ("gaps", "settled"):
        names, rows = plan.read(table)
        for row in rows:
            if row["area"] == "fires":
                row.update({name: str(factor * float(row[name])) for name in EFFECTS})
        plan.write(table, names, rows)


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_no_unit_of_an_area_is_special(beyond_plan: Editor, factor: float) -> None:
    in_other_units(beyond_plan, factor)
    assert audit(beyond_plan.folder).findings == ()
    beyond_plan.set("gaps", "DEU air 2028", delivered=4.0001)  # an area beside it is judged by its own units
    assert named(audit(beyond_plan.folder)) == {"capability.delivered"}
    beyond_plan.set("gaps", "DEU air 2028", delivered=4)
    beyond_plan.set("settled", "POL fires", delivered=3.0001 * factor)
    assert named(audit(beyond_plan.folder)) == {"capability.settled"}
