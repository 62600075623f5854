"""Reduced data sets on which a number, a verdict or a message was wrong once: each has the right one."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from data.dataset import load
from data.levers import apply
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve
from store.folder import write_plan

SETS = pathlib.Path(__file__).parents[1] / "numbers"
EXACT: dict[str, Any] = {"gap": 0.0, "cost_tolerance": 0.0}


def planned(name: str, place: pathlib.Path, levers: dict[str, object] | None = None, **options: Any) -> Plan:
    """The set's plan, written and audited."""
    plan = solve(apply(load(SETS / name), None, levers), options=SolveOptions(**{"time_limit": 120.0, **options}))
    assert plan.header["exit_code"] == 0
    assert write_plan(plan, place / "plan").findings == ()
    return plan


def test_money_in_a_currency_of_150_to_the_dollar(tmp_path: pathlib.Path) -> None:
    """Coefficients of the first objective fell below the engine's 1e-7, and a bound above the optimum was proven."""
    told = planned("currency_scale", tmp_path).header["objective"]
    assert told["first_value"] == pytest.approx(45.41748191, abs=1e-6)
    assert told["bound"] <= 45.41748191 + 1e-6


@pytest.mark.parametrize("name", ["currency_scale_x1", "currency_scale_x40"])
def test_the_same_set_in_two_currencies(name: str, tmp_path: pathlib.Path) -> None:
    assert planned(name, tmp_path, **EXACT).header["objective"]["value"] == pytest.approx(41.92146262, abs=1e-6)


def test_unlimited_units_of_a_free_enabler(tmp_path: pathlib.Path) -> None:
    """10 of A are credited at 0.1 for each of Q: 100 of Q, more than its own target of 1 would ever ask for."""
    assert planned("unlimited_cap_free", tmp_path, gap=0.0).header["objective"]["value"] == pytest.approx(0.0, abs=1e-6)


def test_unlimited_units_and_an_unlimited_loan(tmp_path: pathlib.Path) -> None:
    """Half price from 150 units on, and a target of 100: it pays to order what nobody needs."""
    told = planned("unlimited_cap_loan", tmp_path, gap=0.0).header["objective"]
    assert (told["value"], told["cost"]) == (pytest.approx(0.0, abs=1e-6), pytest.approx(86.0, abs=1e-6))


@pytest.mark.parametrize("mode", ["worst_area", "worst_nation"])
def test_the_worst_area_or_nation_first(mode: str, tmp_path: pathlib.Path) -> None:
    """4 of 24 stay open: a sixth of all that is wanted, of the one area and the one nation."""
    told = planned("objective_worst", tmp_path, objective=mode).header["objective"]
    assert told["value"] == pytest.approx(100 / 6, abs=1e-6)


def test_the_last_programs_keep_the_cost_that_was_proven(tmp_path: pathlib.Path) -> None:
    told = planned("finish_loses_cost", tmp_path, **EXACT).header["objective"]
    assert told["cost"] == pytest.approx(6171.73, abs=0.01)
    assert told["cost_gap"] == pytest.approx(0.0, abs=1e-6)


def test_a_program_solved_without_a_tree_has_its_value_as_bound(tmp_path: pathlib.Path) -> None:
    told = planned("cost_gap_one", tmp_path, **EXACT).header["objective"]
    assert told["cost"] == pytest.approx(6441.18, abs=0.01)
    assert told["cost_gap"] == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_ordered_of_a_type_that_is_not_operated(tmp_path: pathlib.Path) -> None:
    """With a big-M of 17,450 units an engine's 1e-7 is 0.002 units: the last program has no room for it."""
    plan = planned("cost_mode_sliver", tmp_path, objective="cost", gap_ceiling=30.89, **EXACT)
    assert plan.tables["orders"]["units"].min() >= 0.0001
    assert plan.header["objective"]["mode"] == "cost:30.89"
    parts = plan.header["objective"]
    assert parts["index"] + parts["soft_penalty"] + parts["persistence"] <= 30.89 + 1e-6


def test_a_conflict_names_what_can_be_softened() -> None:
    plan = solve(apply(load(SETS / "conflict_names_definition")))
    assert plan.header["exit_code"] == 4
    told = " ".join(plan.header["conflict"])
    assert "policy.deviation" not in told
    assert "change_max" in told or "budget" in told


def test_rules_stay_when_a_nation_leaves(tmp_path: pathlib.Path) -> None:
    """BBB's soft row binds nobody without BBB, and the lever adds one for ALL that is soft like it: 0.8 points."""
    plan = planned("nation_out_rule_lever", tmp_path, {"nation_out.BBB": True, "joint_share_min": 0.4})
    told = plan.header["objective"]
    assert (told["index"], told["soft_penalty"]) == (pytest.approx(0.0, abs=1e-6), pytest.approx(0.8, abs=1e-6))


def test_the_optimum_that_a_solver_has_missed(tmp_path: pathlib.Path) -> None:
    """HiGHS 1.15.1 with presolve called 72.2 optimal here."""
    told = planned("solver_false_optimum", tmp_path, gap=1e-4).header["objective"]
    assert told["first_value"] == pytest.approx(40.5952, abs=0.005)
    assert told["bound"] <= 40.5952 + 1e-6


def test_a_hard_floor_and_a_soft_wish_of_one_rule(tmp_path: pathlib.Path) -> None:
    told = planned("two_rows_of_a_rule", tmp_path).header["objective"]
    assert told["value"] == pytest.approx(48.2, abs=0.05)
