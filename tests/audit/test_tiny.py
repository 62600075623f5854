"""The audit on a plan that the solver made of data/tiny: accepted as it is, named by rule when it is spoiled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audit import audit
from data.dataset import load
from data.levers import apply
from optimizer.solve import SolveOptions, solve
from store.folder import write_plan
from tests.audit.test_corruptions import Change, Editor, named

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture(scope="module")
def tiny_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "plan"
    options = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=60.0, threads=1)
    write_plan(solve(apply(load(TINY)), options=options), folder)
    return folder


@pytest.fixture
def solved_tiny(tiny_plan: Path, tmp_path: Path) -> Editor:
    return Editor(Path(shutil.copytree(tiny_plan, tmp_path / "plan")))


def test_the_solved_plan_is_accepted(solved_tiny: Editor) -> None:
    report = audit(solved_tiny.folder)
    assert report.findings == ()
    assert report.not_checked == ()


# The decisions named here are those of data/tiny/WORKED.md; they are the only best ones.
CORRUPTIONS: dict[str, tuple[str, Change]] = {
    "one_unit_too_many": ("buying.max_units", lambda p: p.set("orders", "DEU tanker", units=3, value=150)),
    "a_lot_split": ("buying.whole_lots", lambda p: p.set("orders", "POL radio", units=15, value=15)),
    "too_late_to_arrive": ("buying.order_window", lambda p: p.set("orders", "DEU tanker", year=2031)),
    "no_customer": ("buying.customers", lambda p: p.set("orders", "DEU rail_hub national 2027", nation="POL")),
    "overhead_forgotten": ("buying.operated", lambda p: p.drop("spending", "POL 2029 core overhead sam")),
    "tax_forgotten": ("buying.operated", lambda p: p.drop("spending", "POL 2029 core integration_tax radio")),
    "a_shell_lives_longer": ("buying.in_service", lambda p: p.set("deliveries", "POL shell 2029", in_service=12)),
    "launched_out_of_window": ("joint.launch_window", lambda p: p.set("frames", "sam_joint", launch_year=2029)),
    "poland_signs_in_another_year": ("joint.signing_year", lambda p: p.set("frames", "sam_joint", launch_year=2027)),
    "the_committed_stay_away": ("joint.committed_join", lambda p: p.drop("members", "sam_joint USA")),
    "too_few_members": ("joint.min_members", lambda p: p.drop("members", "sam_joint POL")),
    "a_member_without_a_lot": ("joint.member_minimum", lambda p: p.drop("orders", "USA sam sam_joint")),
    "ordered_before_the_launch": (
        "joint.orders_after_joining",
        lambda p: p.set("orders", "USA sam sam_joint", year=2027),
    ),
    "the_next_tier_for_nothing": (
        "joint.tier_floor",
        lambda p: p.set("frames", "sam_joint", tier=3, price_factor=0.8),
    ),
    "paid_at_the_next_tier": (
        "joint.order_value",
        lambda p: p.set("orders", "DEU sam sam_joint", unit_price=84, value=252),
    ),
    "made_elsewhere": ("joint.workshare", lambda p: p.drop("production", "sam_line")),
    "above_the_line": ("industry.line_capacity", lambda p: p.set("production", "sam_line sam 2028", units=4)),
    "up_too_fast": ("industry.ramp", lambda p: p.set("production", "sam_line sam 2028", units=2.5)),
    "more_propellant_than_there_is": (
        "industry.component_capacity",
        lambda p: p.set("orders", "POL shell national 2027", units=5, value=25),
    ),
    "the_shift_not_loaded": ("industry.guaranteed_load", lambda p: p.set("production", "sam_line sam 2029", units=1.9)),
    "the_host_pays_less": (
        "industry.host_share",
        lambda p: (
            p.set("contributions", "sam_shift DEU 2027", amount=2),
            p.set("contributions", "sam_shift POL 2027", amount=4),
        ),
    ),
    "scaled_too_soon": (
        "innovation.scale_after_pilot",
        lambda p: p.set("innovation", "smart_fuze", scale_year=2027, complete_year=2028),
    ),
    "credited_beyond_the_network": ("capability.enabler", lambda p: p.set("gaps", "POL air_defence 2030", credited=5)),
    "a_second_type_of_aircraft": (
        "interoperability.fleet_limit",
        lambda p: p.add("orders", "DEU,freighter,national,2027,1,40,40"),
    ),
    "a_hub_too_few": (
        "policy.closure_min",
        lambda p: p.set("orders", "DEU rail_hub national 2027", units=1, value=10),
    ),
    "one_nation_holds_the_lift": (
        "policy.single_nation_max",
        lambda p: p.set("orders", "DEU tanker", units=1, value=50),
    ),
    "more_lent_than_paid": ("budget.loan_payments", lambda p: p.set("loans", "safe POL 2029", drawn=58)),
    "a_payment_moved": (
        "table.spending",
        lambda p: (
            p.set("spending", "DEU 2029 core payment sam sam_joint", amount=100),
            p.set("spending", "DEU 2030 core payment sam sam_joint", amount=126.8),
        ),
    ),
    "the_last_battery_half_made": (
        "industry.work_in_progress",
        lambda p: p.set("production", "sam_line sam 2032", units=0.5),
    ),
    "interceptors_made_before_they_are_ordered": (
        "industry.made_of_orders",
        lambda p: p.set("production", "missile_line interceptor 2028", units=4.5),
    ),
    "poland_pays_more_than_its_orders_are_worth": (
        "industry.contribution_max",
        lambda p: (
            p.set("contributions", "sam_shift DEU 2032", amount=0.5),
            p.set("contributions", "sam_shift POL 2032", amount=0.5),
        ),
    ),
    "poland_pays_more_than_its_part_of_the_fuze": (
        "innovation.sponsor_share",
        lambda p: (
            p.set("contributions", "smart_fuze DEU 2027", amount=4.1),
            p.set("contributions", "smart_fuze POL 2027", amount=1.9),
        ),
    ),
    "the_fuze_half_paid": ("innovation.bill", lambda p: p.drop("contributions", "smart_fuze POL 2028")),
    "interceptors_without_a_battery": ("buying.needs_host", lambda p: p.drop("orders", "DEU sam")),
    "interceptors_before_the_battery": (
        "buying.host_first",
        lambda p: p.set("orders", "DEU sam national 2027", year=2028),
    ),
    "a_member_with_less_than_a_quarter": (
        "joint.member_share",
        lambda p: p.set("orders", "DEU sam sam_joint", units=1, value=94.5),
    ),
    "radios_that_nobody_ordered_before": (
        "joint.tier_floor",
        lambda p: p.data("frame_members", "radio_joint,USA,member,40", "radio_joint,USA,member,30"),
    ),
    "more_bound_than_may_be": ("budget.beyond", lambda p: p.set("contributions", "sam_shift DEU 2032", amount=3)),
    "a_grant_above_its_share": ("budget.loan_share", lambda p: p.set("loans", "edf POL 2029", drawn=6)),
    "two_facilities_for_the_same_payment": (
        "budget.loan_sets",
        lambda p: p.set("loans", "safe POL 2029", drawn=57),
    ),
    "missiles_that_stop_at_once": (
        "policy.output_drop_max",
        lambda p: p.set("production", "missile_line interceptor 2030", units=0.5),
    ),
    "too_much_for_air_defence": (
        "policy.area_share_max",
        lambda p: p.data("rules", "area_share_max,POL:air_defence,0.79", "area_share_max,POL:air_defence,0.78"),
    ),
    "more_ordered_than_let": (
        "policy.order_value_max",
        lambda p: p.data("rules", "order_value_max,POL,1.5", "order_value_max,POL,1.3"),
    ),
    "a_pin_passed_over": ("policy.pins", lambda p: p.set("orders", "USA sam sam_joint", year=2029)),
    "shells_that_last_for_ever": ("capability.settled", lambda p: p.set("settled", "POL ammunition", delivered=16)),
    "a_budget_that_does_not_foot": ("budget.balance", lambda p: p.set("budgets", "USA 2028 core", unspent=0)),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_spoiled_plan_is_named_by_its_rule(solved_tiny: Editor, name: str) -> None:
    rule, change = CORRUPTIONS[name]
    change(solved_tiny)
    assert rule in named(audit(solved_tiny.folder))
