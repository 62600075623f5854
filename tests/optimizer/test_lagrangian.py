"""Bounds by duals: valid whatever the duals, exact at the optimum's, and for a levered case from the base case's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.generate import generate
from data.dataset import load
from data.levers import apply
from models.program import Program, build
from optimizer.bounds.lagrangian import dual_bound, multipliers, priced_bound
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.estimates import Session
from optimizer.plans.plan import Plan
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.layout import Layout
from optimizer.problem.tighten import tightened
from optimizer.solve import SolveOptions, solve
from optimizer.strategy import Strategy
from tests.optimizer.generated import AS_LARGE

LEVERS = [
    {"carry_over": 0.0}, {"capacity_factor": 0.5}, {"us_backfill": 1.0}, {"growth_shift": -0.01}, {"expansions": "off"},
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sets") / "set"
    generate(6, 24, 1, made)
    return made


def tight_of(folder: Path, levers: dict[str, object]) -> tuple[Program, Matrix]:
    program = build(apply(load(folder), None, levers))
    return program, tightened(compile_program(program).matrix, program.keys)


def relaxation(matrix: Matrix) -> tuple[float, Floats]:
    engine = Engine(matrix, Budget(float("inf")), threads=1)
    engine.continuous(True)
    found = engine.lp(tolerance=1e-9)
    assert found.row_duals is not None
    return found.value, found.row_duals


def test_any_duals_give_a_bound_and_the_best_give_the_optimum(folder: Path) -> None:
    _, matrix = tight_of(folder, {})
    value, duals = relaxation(matrix)
    assert dual_bound(matrix, duals) == pytest.approx(value, abs=1e-5)
    higher = replace(matrix, offset=matrix.offset + 7)
    assert dual_bound(higher, duals) == pytest.approx(value + 7, abs=1e-5), "what is lost whatever is decided"
    dice = np.random.default_rng(5)
    for size in (0.0, 1e-6, 1e-3, 0.1):
        astray = duals * dice.uniform(1 - size, 1 + size, len(duals)) + size * 1e-4 * dice.normal(size=len(duals))
        assert dual_bound(matrix, astray) <= value + 1e-7


@pytest.mark.parametrize("levers", LEVERS, ids=str)
def test_multipliers_of_the_base_case_bound_a_levered_one(folder: Path, levers: dict[str, object]) -> None:
    _, base = tight_of(folder, {})
    known = multipliers(base, relaxation(base)[1])
    program, matrix = tight_of(folder, levers)
    value, _ = relaxation(matrix)
    layout = Layout.of(matrix, program.keys)
    for share in (1.0, 0.5, 0.0):
        bound = priced_bound(matrix, layout, known, Budget(float("inf")), 0, share)
        assert bound <= value + 1e-7
    whole = priced_bound(matrix, layout, known, Budget(float("inf")), 0)
    assert whole > 0.5 * value, "and says something"
    assert whole == priced_bound(matrix, layout, known, Budget(float("inf")), 0, 1.0), (
        "all of them, unless less is asked"
    )


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    """As a search of a second finds it."""
    options = SolveOptions(work_limit=60.0001, threads=1)
    return solve(apply(load(folder)), options=options, strategy=Strategy(sizes=AS_LARGE))


@pytest.mark.parametrize("lever", ["nation_out", "capacity_factor"])
def test_an_estimate_mends_the_plan_of_the_base_case(lever: str, folder: Path, plan: Plan) -> None:
    """Without one of its nations what it led or kept going is mended; at half the capacity what no longer fits.

    Most of what the plan closes stays closed: an estimate that gives all of it up would be the least plan.
    """
    dataset = load(folder)
    nation = str(dataset.tables["nations"]["nation"].iloc[0])
    assert nation in set(plan.tables["orders"]["nation"])
    levers: dict[str, object] = (
        {"capacity_factor": 0.5} if lever == "capacity_factor" else {f"nation_out.{nation}": True}
    )
    found = Session(dataset, plan=plan, threads=1).estimate(apply(dataset, None, levers))
    assert found.plan is not None and found.value is not None
    assert lever == "capacity_factor" or nation not in set(found.plan.tables["orders"]["nation"])
    assert found.bound <= found.value + 1e-6
    told = found.plan.header["objective"]
    assert found.value < 0.7 * told["index_before"]
