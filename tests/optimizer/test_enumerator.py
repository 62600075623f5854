"""The solver against an enumerator that shares nothing with the model: the same optimum on hundreds of random sets.

Every plan of a random set also passes the audit. The long test shows that each rule binds in at least ten of the sets,
so that a rule left out or turned round could not go unseen.
"""
# ruff: noqa: C408

import pathlib
from collections import Counter

import hypothesis
import pytest

from store.folder import write_plan
from tests.cases import build, case, one_nation, solved
from tests.enumerator import optimum
from tests.enumerator_compared import compared
from tests.random_sets import RandomSet, random_set, random_sets
from tests.show_enumerator import PARTS, part, seldom

ORDINARY = range(20)


def differences(drawn: RandomSet, folder: pathlib.Path) -> list[str]:
    """Where solver and enumerator disagree on a set, and what the audit finds in the plan."""
    return compared(drawn.case, optimum(drawn.case, with_binding=False), folder)


# --- the enumerator itself, worked by hand ---------------------------------------------------------------------


def test_one_nation_with_money_for_one():
    """Two wanted, money for one: half of the gap stays, at the price of one."""
    dataset = one_nation(
        targets=[dict(area="land", target=2)],
        budget_path=[dict(pillar="core", gdp_share=0.015)],
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[dict(programme="tank", max_units=2)],
    )
    answer = optimum(case(dataset))
    assert (answer.before.index, answer.objective, answer.cost) == pytest.approx((100, 50, 10))
    assert "budget.balance" in answer.binding
    assert "buying.max_units" not in answer.binding


def test_two_nations_take_the_tier_together():
    """Three wanted by each; from six on a unit costs 8 instead of 10, and joining costs 1: 2 * (3 * 8 + 1) = 50."""
    dataset = build(
        ("DEU", "FRA"),
        (2027,),
        targets=[dict(area="land", target=3)],
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[dict(programme="tank", max_units=3)],
        frames=[dict(frame="f", programme="tank", min_members=2, joining_cost=1)],
        price_tiers=[dict(frame="f", from_units=6, price_factor=0.8)],
    )
    answer = optimum(case(dataset))
    assert (answer.objective, answer.cost) == pytest.approx((0, 50))
    assert {order[2] for order in answer.orders} == {"f"}


def test_carry_over_binds_where_a_year_is_too_short():
    """A tank costs 10, a year has 9: with 5 % carried over 9.45 are there, with 25 % 11.25."""
    dataset = one_nation(
        years=(2027, 2028),
        targets=[dict(area="land", target=1)],
        budget_path=[dict(pillar="core", gdp_share=0.009)],
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[dict(programme="tank", max_units=1)],
    )
    poor, rich = optimum(case(dataset, carry_over=0.05)), optimum(case(dataset, carry_over=0.25))
    assert (poor.objective, rich.objective) == pytest.approx((100, 50))
    assert "budget.carry_limit" in poor.binding
    assert "budget.carry_limit" not in rich.binding


def test_no_plan_is_said():
    """A closure of one is asked for, and nothing can be bought."""
    dataset = one_nation(
        programmes=[dict(programme="tank")],
        customers=[dict(programme="tank", max_units=1)],
        rules=[dict(rule="closure_min", scope="land", value=1)],
    )
    answer = optimum(case(dataset))
    assert answer.objective is None
    assert "policy.closure_min" in answer.binding


def test_a_seed_is_always_the_same_set():
    assert random_set(7).case.dataset.sha256 == random_set(7).case.dataset.sha256
    assert random_set(7).case.dataset.sha256 != random_set(8).case.dataset.sha256


# --- solver against enumerator ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", ORDINARY)
def test_solver_and_enumerator_agree(seed: int, tmp_path: pathlib.Path):
    assert differences(random_set(seed), tmp_path / "plan") == []


def test_a_feasible_set_that_the_presolve_of_highs_calls_infeasible():
    """HiGHS 1.15.1 ends this program with "Presolve: Infeasible", though a gun for each nation (8) is a plan.

    Guns are all that the hard standard rule leaves: at least 80 % on the standard, so 1 tank asks for 4 guns.
    """
    dataset = build(
        ("DEU", "FRA"),
        (2027, 2028),
        areas=[dict(area="land", standard="nato")],
        targets=[dict(area="land", target=4)],
        budget_path=[dict(pillar="core", gdp_share=0.04), dict(pillar="resilience", gdp_share=0.008)],
        programmes=[
            dict(programme="gun", unit_cost=4, standard="nato"),
            dict(programme="tank", unit_cost=10, down_payment=0.5, sustain_cost=0.5, standard="own"),
        ],
        customers=[
            dict(programme="gun", max_units=1),
            dict(programme="tank", max_units=1),
            dict(nation="FRA", programme="tank", max_units=2),
        ],
        frames=[
            dict(
                frame="f_tank",
                programme="tank",
                min_members=1,
                joining_cost=0.5,
                annual_fee=0.25,
                commit_years=2,
                min_annual_units=2,
            )
        ],
        price_tiers=[
            dict(frame="f_tank", from_units=1, price_factor=0.7),
            dict(frame="f_tank", from_units=3, price_factor=0.55),
        ],
        lines=[dict(line="l_tank", nation="DEU", current_output=1)],
        line_capacity=[dict(line="l_tank", capacity=1)],
        line_programmes=[dict(line="l_tank", programme="tank")],
        expansions=[
            dict(
                expansion="x_tank",
                line_or_component="l_tank",
                added_capacity=2,
                cost=6,
                annual_cost=1,
                build_years=1,
                host="DEU",
                host_share_min=0.25,
            )
        ],
        rules=[dict(rule="common_standard_min", scope="land", value=0.8)],
    )
    answer = optimum(case(dataset))
    assert (answer.objective, answer.cost) == pytest.approx((75, 8))
    plan = solved(case(dataset))
    assert plan.header["status"] == "optimal"
    assert plan.header["objective"]["value"] == pytest.approx(75)


def test_where_nothing_can_be_decided_nothing_is_left_open():
    """The tank's only year moves past the horizon: no whole number is left, and 100 is value and bound."""
    dataset = one_nation(programmes=[dict(programme="tank")])
    header = solved(case(dataset, delay__tank=1)).header
    assert header["status"] == "optimal"
    assert (header["objective"]["value"], header["objective"]["bound"]) == pytest.approx((100, 100))


DRAWING = hypothesis.settings(
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)


@hypothesis.given(drawn=random_sets())
@hypothesis.settings(DRAWING, max_examples=15, derandomize=True)
def test_plans_of_drawn_sets_pass_the_audit(drawn: RandomSet, tmp_path: pathlib.Path):
    plan = solved(drawn.case)
    assert plan.header["status"] in ("optimal", "infeasible")
    assert not plan.solved or write_plan(plan, tmp_path / "plan").ok


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS))
def test_optima_agree_on_all_sets(number: int):
    assert part(number).wrong == {}


@pytest.mark.long
def test_each_rule_binds_in_ten_of_all_sets():
    """The parts above are kept, so that this is a sum."""
    assert seldom(sum((part(number).binding for number in range(PARTS)), start=Counter[str]())) == {}
