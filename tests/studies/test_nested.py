"""What is claimed to be nested is: on random sets by proven optima, and by the inner plan put into the outer case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from data.levers import Case, LeverError, replay
from models.policyrow import PolicyRow
from models.program import build
from models.registry import RULES
from optimizer.ask import Question, ask
from optimizer.plans.plan import Plan
from optimizer.plans.start import start_from_plan
from optimizer.problem.compile import compile_program
from optimizer.scope import Scope
from optimizer.solve import SolveOptions, solve
from studies.nested import nested
from studies.nested_rules import FLOORS
from tests.cases import case, three_nations
from tests.optimizer.generated import faults
from tests.random_sets import random_set

EXACT = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=30.0, threads=1)
CLOSE = 1e-5  # points
# Levers at a value that could take something away, or give it: which way is for the code to say.
MOVES: tuple[Mapping[str, object], ...] = (
    {"carry_over": 0.0}, {"carry_over": 0.2}, {"pillar_shift": 0.0}, {"pillar_shift": 0.3}, {"loans": False},
    {"expansions": False}, {"synchronised_cycles": True}, {"persistence": 9.0}, {"capacity_factor": 0.5},
    {"capacity_factor": 2.0}, {"core_share_2035.DEU": 0.01}, {"core_share_2035.DEU": 0.2}, {"growth_shift": -0.1},
    {"price_growth_shift": 0.2}, {"price_growth_shift": -0.2}, {"joint_share_min": 0.5}, {"eu_content_min": 0.7},
    {"spend_floor": 0.3}, {"order_value_max": 0.5}, {"order_value_max": 3.0}, {"closure_min.land": 0.9},
    {"area_share_max.land": 0.5}, {"output_drop_max": 0.1}, {"fleet_strictness": 1}, {"force.tank": True},
    {"forbid.tank": True}, {"delay.f_tank": 1}, {"risk_max": 0.2}, {"innovation_share_min": 0.1},
)  # fmt: skip
STRICT: dict[str, int] = {"worse": 0, "claims": 0}


def moved(base: Case, levers: Mapping[str, object]) -> Case | None:
    """The case with one lever more; None where it can't be pulled there."""
    try:
        return replay(base.base, base.name, {**base.levers, **levers})
    except LeverError:
        return None


def pairs(seed: int) -> Iterator[tuple[Case, Case]]:
    """(inner, outer) that the code claims to be nested, of a random set and each move of it."""
    base = random_set(seed).case
    for levers in MOVES:
        setting = moved(base, levers)
        if setting is not None:
            yield from ((one, other) for one, other in ((base, setting), (setting, base)) if nested(one, other).nested)


def first(plan: Plan) -> float:
    return float(plan.header["objective"]["first_value"])


def holds(inner: Case, outer: Case, plans: dict[int, Plan]) -> None:
    """The optimum of the outer case is no worse, and the inner plan is one there, worth no more."""
    one, other = (plans.setdefault(id(each), solve(each, options=EXACT)) for each in (inner, outer))
    if not one.solved:
        return  # no plan: nested in whatever there is
    assert other.solved, nested(inner, outer).why
    assert first(one) >= first(other) - CLOSE, nested(inner, outer).why
    there = ask(Question(outer, EXACT, one, scope=Scope())).plan
    assert there.solved, (nested(inner, outer).why, there.header["conflict"])
    value = float(one.header["objective"]["value"])
    assert first(there) <= value + CLOSE, nested(inner, outer).why
    STRICT["claims"] += 1
    STRICT["worse"] += first(one) > first(other) + 1e-3


@pytest.mark.parametrize("seed", (0, 3, 9, 15))
def test_what_is_claimed_holds_on_random_sets(seed: int) -> None:
    plans: dict[int, Plan] = {}
    kept = list(pairs(seed))  # so that no id is given twice
    for inner, outer in kept:
        holds(inner, outer, plans)


def test_the_sets_above_saw_claims_and_differences() -> None:
    """Settings that change nothing would hold whatever is claimed."""
    if STRICT["claims"] == 0:
        pytest.skip("the random sets were not run")
    assert STRICT["claims"] >= 30
    assert STRICT["worse"] >= 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 190))
def test_what_is_claimed_holds_on_more_random_sets(seed: int) -> None:
    plans: dict[int, Plan] = {}
    kept = list(pairs(seed))
    for inner, outer in kept:
        holds(inner, outer, plans)


# ---- the same value, column by column --------------------------------------------------------------------------------


def rich() -> Case:
    """Three nations, a tank made on one line, a joint buy and an expansion: each row that a lever moves is there."""
    dataset = three_nations(
        programmes=[{"programme": "tank", "unit_cost": 20, "lead_years": 1}],
        lines=[{"line": "l", "nation": "DEU", "current_output": 4}],
        line_capacity=[{"line": "l", "capacity": 6}],
        line_programmes=[{"line": "l", "programme": "tank"}],
        frames=[{"frame": "f", "programme": "tank", "min_members": 2}],
        expansions=[{"expansion": "x", "line_or_component": "l", "host": "DEU", "cost": 5}],
    )
    return case(dataset, carry_over=0.1, pillar_shift=0.1)


TAKING: tuple[Mapping[str, object], ...] = (
    {"carry_over": 0.02}, {"pillar_shift": 0.05}, {"core_share_2035.DEU": 0.05}, {"growth_shift": -0.05},
    {"capacity_factor": 0.5}, {"force.x": True}, {"forbid.x": True}, {"force.f": True}, {"forbid.f": True},
    {"joint_share_min": 0.5}, {"order_value_max": 0.9}, {"area_share_max.land": 0.9}, {"closure_min.land": 0.9},
    {"output_drop_max": 0.1},
)  # fmt: skip


@pytest.mark.parametrize("levers", TAKING, ids=str)
def test_the_inner_plan_is_one_of_the_outer_case_value_for_value(levers: Mapping[str, object]) -> None:
    """All values of a plan of the inner case, put into the outer one: every row holds, and the value is the same."""
    outer = rich()
    inner = moved(outer, levers)
    assert inner is not None
    found = nested(inner, outer)
    assert found.nested, found.why
    small, large = (compile_program(build(one)) for one in (inner, outer))
    plan = solve(inner, options=EXACT)
    assert plan.solved
    x = full_values(inner, plan)
    named = dict(zip(small.matrix.columns, x.tolist(), strict=True))
    there = np.array([named.get(column, 0.0) for column in large.matrix.columns])
    assert faults(large.matrix, there) == []
    here, value = (float(one.cost @ y + one.offset) for one, y in ((small.matrix, x), (large.matrix, there)))
    assert value == pytest.approx(here, abs=1e-9) if found.same else value <= here + 1e-9


def full_values(one: Case, plan: Plan) -> np.ndarray:
    """All values of a plan by column, from its decisions."""
    compiled = compile_program(build(one))
    matrix = compiled.matrix
    given = start_from_plan(compiled, plan)
    low, high = (np.where(matrix.integer, given, end) for end in (matrix.lower, matrix.upper))
    rows = LinearConstraint(matrix.a, matrix.row_lower, matrix.row_upper)
    found = milp(matrix.cost, bounds=Bounds(low, high), constraints=rows)
    assert found.x is not None, found.message
    return np.asarray(found.x)


# ---- what is not claimed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levers", "why"),
    [
        ({"area_weight.land": 2.0}, "areas differ"),
        ({"nation_out.USA": True}, "nations differ"),
        ({"capacity_factor": 1.5}, "more capacity"),
        ({"growth_shift": 0.05}, "more money"),
        ({"delay.f": 1, "carry_over": 0.05}, ""),
    ],
)
def test_what_is_not_proven_is_not_claimed(levers: Mapping[str, object], why: str) -> None:
    """The last one is: a joint buy delayed within the years that there are may launch in fewer of them."""
    base = rich()
    setting = moved(base, levers)
    assert setting is not None
    found = nested(setting, base)
    assert found.nested == (why == "")
    assert why in found.why


def test_more_money_asks_more_where_a_floor_stands() -> None:
    """Half of the planned money must be spent: with more of it the same plan spends too little."""
    dataset = three_nations(
        programmes=[{"programme": "tank", "unit_cost": 20}],
        rules=[{"rule": "spend_floor", "scope": "ALL", "value": 0.5}],
    )
    found = nested(case(dataset, core_share_2035__DEU=0.05), case(dataset))
    assert not found.nested
    assert "spend_floor ALL" in found.why
    committed = three_nations(
        programmes=[{"programme": "tank", "unit_cost": 20}],
        budget_path=[{"committed_share": 0.5}],
        rules=[{"rule": "spend_floor", "scope": "ALL", "value": 0.5}],
    )
    assert nested(case(committed, core_share_2035__DEU=0.05), case(committed)).nested


def test_a_guarantee_grows_with_capacity() -> None:
    base = rich()
    tables = base.base.tables
    bound = tables["expansions"].assign(guaranteed_load=0.5, guarantee_years=1)
    held = replay(replace(base.base, tables={**tables, "expansions": bound}), None, base.levers)
    less = moved(held, {"capacity_factor": 0.5})
    assert less is not None
    assert "guarantees" in nested(less, held).why
    off, both = (moved(one, {"expansions": False}) for one in (held, less))
    assert off is not None and both is not None
    assert nested(both, off).nested


def test_floors_and_ceilings_are_what_the_program_makes_of_them() -> None:
    """A rule of the table is a floor here if and only if a higher value asks more of its rows there."""
    names = {name.removeprefix("policy.") for name, entry in RULES.items() if entry.policy}
    senses = {row.rule: row for row in _policy_rows()}
    for name, row in senses.items():
        floor = row.sense == "min" and name != "output_drop_max"
        assert (name in FLOORS) == floor, name
    assert set(senses) <= names
    assert len(senses) >= 8


def _policy_rows() -> list[PolicyRow]:
    rules = [
        {"rule": name, "scope": scope, "value": 0.5}
        for name, scope in (
            ("joint_share_min", "ALL"), ("eu_content_min", "ALL"), ("innovation_share_min", "ALL"),
            ("spend_floor", "ALL"), ("order_value_max", "ALL"), ("spend_growth_max", "ALL"), ("closure_min", "land"),
            ("area_share_min", "land"), ("area_share_max", "land"), ("sme_share_min", "ALL"),
            ("equipment_share_min", "ALL"), ("single_nation_max", "land"), ("output_drop_max", "l"),
            ("surge_min", "land"), ("single_line_max", "land"),
        )
    ]  # fmt: skip
    dataset = three_nations(
        programmes=[{"programme": "tank", "unit_cost": 20}],
        lines=[{"line": "l", "nation": "DEU", "current_output": 4}],
        line_capacity=[{"line": "l", "capacity": 6}],
        line_programmes=[{"line": "l", "programme": "tank"}],
        rules=rules,
    )
    return [row for rows in build(case(dataset)).rows.values() for row in rows]
