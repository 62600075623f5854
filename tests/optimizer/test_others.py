"""Other solvers on the matrix that HiGHS gets: the same optimum, honest limits, a clear word where one is missing."""

from __future__ import annotations

import dataclasses
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer.engine import others as other_engines
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal
from optimizer.engine.others import OTHER_SOLVERS, available, solve_matrix
from optimizer.engine.outcome import Termination
from optimizer.pool import Pool
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program

HERE = [solver for solver in OTHER_SOLVERS if not available(solver)]


@pytest.fixture(scope="module")
def tiny() -> Matrix:
    return compile_program(build(apply(load(Path("data/tiny"))))).matrix


def violation(matrix: Matrix, x: np.ndarray) -> float:
    """By how much the worst row or bound is broken."""
    rows = matrix.a @ x
    off = [matrix.row_lower - rows, rows - matrix.row_upper, matrix.lower - x, x - matrix.upper]
    return float(max(part.max() for part in off))


def test_the_development_environment_has_two_of_them() -> None:
    assert {"scip", "appsi_highs"} <= set(HERE)


@pytest.mark.parametrize("solver", HERE)
def test_every_solver_that_is_here_finds_the_optimum_of_tiny(solver: str, tiny: Matrix) -> None:
    highs = Engine(tiny, Budget(30)).mip(gap=0.0)
    other = solve_matrix(tiny, solver, gap=0.0, seconds=60)
    assert other.termination is Termination.PROVEN
    assert other.value == pytest.approx(highs.value, rel=1e-7)
    assert other.bound == pytest.approx(highs.value, rel=1e-6)
    assert other.x is not None
    assert violation(tiny, other.x) < 1e-6
    assert np.abs(other.x - np.round(other.x))[tiny.integer].max() < 1e-6


@pytest.mark.parametrize("solver", HERE)
def test_every_solver_starts_from_a_plan_that_is_given(solver: str, tiny: Matrix) -> None:
    best = Engine(tiny, Budget(30)).mip(gap=0.0)
    again = solve_matrix(tiny, solver, gap=0.0, seconds=60, start=best.x)
    assert again.value == pytest.approx(best.value, rel=1e-7)


@pytest.mark.parametrize("solver", HERE)
def test_a_program_that_no_plan_keeps_is_called_infeasible(solver: str, tiny: Matrix) -> None:
    """The first column that must be at most its upper bound and at least one more, by a row of its own."""
    column = int(np.flatnonzero(np.isfinite(tiny.upper))[0])
    row = int(tiny.a[:, [column]].nonzero()[0][0])
    upper = tiny.row_upper.copy()
    lower = tiny.row_lower.copy()
    lower[row], upper[row] = 1e9, 1e9
    tight = dataclasses.replace(tiny, row_lower=lower, row_upper=upper)
    assert solve_matrix(tight, solver, gap=0.0, seconds=60).termination is Termination.INFEASIBLE


def test_scip_tells_incumbent_and_bound_and_stops_when_asked(tiny: Matrix) -> None:
    import threading

    budget, seen = Budget(60), []
    pool = Pool(budget, Journal(lambda: budget.elapsed, seen.append))
    outcome = solve_matrix(tiny, "scip", gap=0.0, seconds=60, budget=budget, ear=pool.ear("scip"))
    assert pool.value == pytest.approx(outcome.value, rel=1e-6)
    assert seen, "progress is told"
    stop = threading.Event()
    stop.set()
    stopped = solve_matrix(tiny, "scip", gap=0.0, seconds=60, budget=Budget(60, cancel=stop))
    assert stopped.termination in (Termination.CANCELLED, Termination.PROVEN)


def test_a_solver_that_is_not_installed_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tiny: Matrix) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    for solver, remedy in (
        ("scip", "pip install pyscipopt"),
        ("gurobi", "pip install gurobipy"),
        ("cbc", "coinor-cbc"),
    ):
        reason = available(solver)
        assert remedy in reason
        assert "\n" not in reason
        with pytest.raises(ValueError, match="--solver"):
            solve_matrix(tiny, solver, gap=0.0, seconds=1)
    assert "one of highs, gurobi" in available("cplex")


def test_a_limit_gives_the_bound_and_no_false_proof(tiny: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions that Pyomo reports map to what the program says: only `optimal` is a proof."""
    condition = other_engines.TerminationCondition
    assert other_engines._reason(condition.optimal, late=True) is Termination.PROVEN
    assert other_engines._reason(condition.maxTimeLimit, late=False) is Termination.CLOCK
    assert other_engines._reason(condition.feasible, late=True) is Termination.CLOCK
    assert other_engines._reason(condition.error, late=False) is Termination.FAILED


def test_a_solver_that_tells_no_bound_proves_none(tiny: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = other_engines._interface("appsi_highs")

    class Silent:
        """Solves as its own interface does, and says nothing of a bound."""

        options = honest.options

        def solve(self, model: object, **asked: object) -> object:
            results = honest.solve(model, **asked)
            results.problem.lower_bound = None
            return results

    monkeypatch.setattr(other_engines, "_interface", lambda solver: Silent())
    found = other_engines._through_pyomo(tiny, "appsi_highs", 0.0, 60.0, 1, 0, None)
    assert found.x is not None and found.bound == -np.inf


def test_scip_tells_values_as_they_are_unless_its_objective_counts_otherwise(tiny: Matrix) -> None:
    """Of an objective that counts three times a third is told."""
    best = Engine(tiny, Budget(30)).mip(gap=0.0).value
    for factor in (None, 3.0):
        told: list[float | None] = []
        heard = (lambda value, bound, told=told: told.append(value),) if factor is None else (
            lambda value, bound, told=told: told.append(value), factor)  # fmt: skip
        other_engines.Scip(tiny, Budget(60), *heard).solve(0.0, 60.0)
        assert told[-1] == pytest.approx(best / (factor or 1.0), rel=1e-6)
