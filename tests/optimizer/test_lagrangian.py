"""Bounds by duals: valid whatever the duals, exact at the optimum's, and for a levered case from the base case's."""

from __future__ import annotations

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
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.layout import Layout
from optimizer.problem.tighten import tightened

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


def test_a_nation_that_leaves_takes_its_frames_and_orders_along(folder: Path) -> None:
    """The last plan, less one of its nations: what it led or kept going is mended into a plan of the others."""
    dataset = load(folder)
    session = Session(dataset, threads=1)
    base = session.estimate(apply(dataset))
    nation = str(dataset.tables["nations"]["nation"].iloc[0])
    found = session.estimate(apply(dataset, None, {f"nation_out.{nation}": True}))
    assert base.plan is not None
    assert found.plan is not None
    assert nation not in set(found.plan.tables["orders"]["nation"])
    assert found.value is not None
    assert found.bound <= found.value + 1e-6
