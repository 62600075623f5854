"""What an infeasible case is told: the rules that a planner could soften or drop, never a definition, in any unit."""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import pytest

from models.registry import RULES
from optimizer.conflict import may_bend
from optimizer.solve import SolveOptions, solve
from tests.cases import best, case, one_nation


def conflict(plan: Any) -> list[str]:
    """The rules named, in the order of the lines."""
    assert plan.header["exit_code"] == 4
    return [line.split(" ", 1)[0] for line in plan.header["conflict"]]


@pytest.mark.parametrize("money", [1e-6, 1, 1e6])
def test_a_plan_to_be_kept_against_money_for_a_quarter_of_it(money: float) -> None:
    """4 were planned at 1 each, at most half may change, and there is money for 1: change_max gives way by 1, in money.

    Not the definition that an order which differs is a change: nobody could soften it.
    """
    plan = best(
        one_nation(
            economy=[dict(gdp=1000 * money)],
            budget_path=[dict(gdp_share=0.001)],
            programmes=[dict(programme="tank", unit_cost=money)],
            prior_plan=[dict(nation="DEU", programme="tank", year=2027, units=4, unit_price=money, value=4 * money)],
            rules=[dict(rule="change_max", scope="ALL", value=0.5)],
        ),
        carry_over=0,
    )
    assert conflict(plan) == ["policy.change_max"]
    assert f"{money:.6g} million" in plan.header["conflict"][0]


def test_a_pin_of_exactly_two_against_money_for_one() -> None:
    """Two are pinned, money is there for one: the pin gives way by half of it, the budget would double."""
    plan = best(
        one_nation(
            budget_path=[dict(gdp_share=0.001)],
            programmes=[dict(programme="tank")],
            pins=[dict(nation="DEU", programme="tank", sense="equal", units=2)],
        ),
        carry_over=0,
    )
    assert conflict(plan) == ["policy.pins"]


def test_two_variants_forced_where_one_is_allowed() -> None:
    types = [dict(programme=name, fleet_class="armour") for name in ("tank", "gun")]
    rule = dict(rule="variant_limit", scope="armour", value=1)
    named = conflict(best(one_nation(programmes=types, rules=[rule]), force__tank=True, force__gun=True))
    assert set(named) <= {"interoperability.variant_limit", "policy.force"}
    assert named


def test_a_ceiling_that_nothing_reaches_is_named() -> None:
    """Of 10 wanted 1 can be bought: the index is 90 at least, and a ceiling of 50 asks for 40 too much."""
    dataset = one_nation(programmes=[dict(programme="tank")], customers=[dict(programme="tank", max_units=1)])
    plan = solve(case(dataset), options=SolveOptions(objective="cost", gap_ceiling=50.0, gap=0.0, time_limit=30.0))
    assert conflict(plan)
    assert set(conflict(plan)) <= {"gap_ceiling", "buying.max_units"}


def test_what_bends_is_a_rule_and_no_definition() -> None:
    """What a planner could change: the table `rules`, and here money, industry, minimum orders, pins and levers."""
    assert {name for name, entry in RULES.items() if may_bend(name) and not entry.policy} == {
        "budget.balance", "budget.beyond", "budget.loan_amount", "budget.loan_share",
        "buying.max_units", "buying.needs_host", "buying.host_first",
        "industry.line_capacity", "industry.ramp", "industry.component_capacity", "industry.guaranteed_load",
        "industry.host_share", "industry.contribution_max",
        "innovation.unlocks", "innovation.sponsor_share", "interoperability.incompatible",
        "joint.min_members", "joint.member_minimum", "joint.member_share", "joint.min_units", "joint.min_annual_units",
        "joint.workshare", "joint.launch_once", "joint.one_frame",
        "policy.pins", "policy.force", "policy.forbid",
    }  # fmt: skip
    assert all(may_bend(name) for name, entry in RULES.items() if entry.policy)
    definitions = ("policy.deviation", "policy.ordered_value", "interoperability.type_ordered", "budget.spent")
    assert not any(may_bend(name) for name in definitions)
    assert may_bend("policy.closure_min")
