"""No false proof: what an optimum says of itself is checked, and no bound stands that a known plan undercuts."""

from __future__ import annotations

import pathlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer import solve as solving
from optimizer.engine.budget import Budget
from optimizer.engine.highs import FEASIBLE, Engine
from optimizer.engine.outcome import Outcome, Termination
from optimizer.engine.verify import APART, contradicts, doubt_of, value_of_decisions, verified
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program
from optimizer.solve import SolveOptions, solve

TINY = pathlib.Path(__file__).resolve().parents[2] / "data/tiny"


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return compile_program(build(apply(load(TINY)))).matrix


@pytest.fixture(scope="module")
def optimum(matrix: Matrix) -> Outcome:
    return Engine(matrix, Budget(60)).mip(gap=0.0)


def test_a_plan_contradicts_a_bound_that_it_undercuts_by_more_than_the_tolerance() -> None:
    """A millionth of it, or of one point."""
    assert not contradicts(50.0, 50.0) and not contradicts(50.0, 60.0)
    assert not contradicts(50.0, 50.0 * (1 - 0.9 * APART)) and contradicts(50.0, 50.0 * (1 - 1.1 * APART))
    assert not contradicts(0.1, 0.1 - 0.9 * APART) and contradicts(0.1, 0.1 - 1.1 * APART)


def test_a_true_optimum_is_believed(matrix: Matrix, optimum: Outcome) -> None:
    assert doubt_of(matrix, optimum, np.inf) == ""
    assert optimum.x is not None
    assert value_of_decisions(matrix, optimum.x) == pytest.approx(optimum.value, abs=1e-6)


@pytest.mark.parametrize(
    ("lie", "known", "told"),
    [
        ({"bound": 20.0}, 15.0, "a plan of 15 is known"),
        ({"value": 12.0, "bound": 12.0}, np.inf, "and not 12"),
        ({"value": 20.0, "bound": 20.0}, np.inf, "below its bound of 20"),
    ],
    ids=["a plan below the bound", "a value too good", "a bound above its own decisions"],
)
def test_what_contradicts_an_optimum_is_named(
    lie: dict[str, float], known: float, told: str, matrix: Matrix, optimum: Outcome
) -> None:
    """Tiny's optimum is 13.27: a solver that says anything else of the same decisions is wrong."""
    assert told in doubt_of(matrix, replace(optimum, **lie), known)


def test_decisions_that_leave_no_plan_are_no_optimum(matrix: Matrix, optimum: Outcome) -> None:
    assert optimum.x is not None
    most = np.where(matrix.integer & np.isfinite(matrix.upper), matrix.upper, optimum.x)
    assert doubt_of(matrix, replace(optimum, x=most), np.inf) == "its whole decisions leave no plan"


def test_a_contradicted_optimum_is_solved_again_and_told(matrix: Matrix, optimum: Outcome) -> None:
    told: list[str] = []
    false = replace(optimum, value=20.0, bound=20.0)
    assert verified(matrix, false, lambda: optimum, told.append) is optimum
    assert len(told) == 1 and "again without presolve" in told[0]
    told.clear()
    left = verified(matrix, false, lambda: false, told.append)
    assert left.bound == -np.inf and left.termination is Termination.FAILED and len(told) == 2


def test_a_run_withdraws_what_its_solver_gets_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver whose presolve calls 1.5 times the value optimal: the plan is the right one, and the run says so."""
    true = Engine._run

    def wrong(engine: Engine, lp: bool) -> Outcome:
        found = true(engine, lp)
        presolved = engine.highs.getOptionValue("presolve")[1] == "choose"
        return found if lp or not presolved else replace(found, value=1.5 * found.value, bound=1.5 * found.value)

    expected = solve(apply(load(TINY)), options=SolveOptions(gap=0.0)).header["objective"]
    monkeypatch.setattr(Engine, "_run", wrong)
    header = solve(apply(load(TINY)), options=SolveOptions(gap=0.0)).header
    assert header["objective"]["first_value"] == pytest.approx(expected["first_value"], abs=1e-6)
    assert header["objective"]["bound"] == pytest.approx(expected["bound"], abs=1e-6)
    assert header["exit_code"] == 0
    assert any("withdrawn" in text for text in header["warnings"])


def test_a_bound_above_the_plan_written_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody contradicts the first pass until the plan is written: then its value does."""
    honest = solving._first_pass

    def proud(*given: Any) -> Outcome:
        found = honest(*given)
        return replace(found, bound=found.value + 5)

    monkeypatch.setattr(solving, "_first_pass", proud)
    header = solve(apply(load(TINY)), options=SolveOptions(gap=0.0)).header
    assert header["objective"]["bound"] <= header["objective"]["value"] + 1e-6
    assert any("is withdrawn: the plan written is worth" in text for text in header["warnings"])


def test_the_tree_asks_for_no_more_than_it_can_keep() -> None:
    """Below 1e-8 HiGHS has called wrong values optimal."""
    assert FEASIBLE >= 1e-8
