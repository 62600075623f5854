"""Other solvers on the same matrix: gurobi, cbc and appsi_highs through Pyomo, SCIP through its own Python package.

They are for those who own one and for cross-checks; the search beside the tree belongs to HiGHS (engine/highs.py).
None of them is needed to install or run the program, so that each is looked for only when it is asked for.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from pyomo.core import ConcreteModel, Constraint, Integers, Objective, Reals, Var, minimize
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression
from pyomo.opt import TerminationCondition

from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Outcome, Termination
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.scale import relative, scales_of

OTHER_SOLVERS = ("gurobi", "scip", "cbc", "appsi_highs")
# Pyomo's interfaces redirect the file descriptors of the process: two at a time would hang each other.
_one_at_a_time = threading.Lock()
HUGE = 1e20
Ear = Callable[[float | None, float | None], None]


def available(solver: str) -> str:
    """Why a solver can't be used here, in one line that says what to do; empty if it can."""
    if solver not in OTHER_SOLVERS:
        return f"there is no such solver; one of highs, {', '.join(OTHER_SOLVERS)}"
    missing, remedy = _missing(solver)
    return f"{missing}; {remedy}, or leave --solver out for highs" if missing else ""


def version_of(solver: str) -> str:
    """Version of the package through which a solver is reached; - where that is no Python package."""
    package = {"scip": "pyscipopt", "gurobi": "gurobipy", "appsi_highs": "highspy"}.get(solver)
    try:
        return importlib.metadata.version(package) if package else "-"
    except importlib.metadata.PackageNotFoundError:
        return "-"


def _missing(solver: str) -> tuple[str, str]:
    """(what is not installed here, how to install it), both empty if nothing is missing."""
    if solver == "scip":
        there = importlib.util.find_spec("pyscipopt") is not None
        return ("", "") if there else ("SCIP's package pyscipopt is not installed", "pip install pyscipopt")
    if solver == "gurobi":
        there = importlib.util.find_spec("gurobipy") is not None or shutil.which("gurobi_cl") is not None
        if not there:
            return "gurobi is not installed", "pip install gurobipy and set up its licence"
        licensed = bool(_interface("gurobi").available(exception_flag=False))
        return ("", "") if licensed else ("gurobi has no valid licence", "set up its licence (GRB_LICENSE_FILE)")
    if solver == "cbc":
        there = shutil.which("cbc") is not None
        return ("", "") if there else ("the command cbc is not on the PATH", "install coinor-cbc")
    there = bool(_interface("appsi_highs").available())
    return ("", "") if there else ("Pyomo finds no HiGHS", "pip install highspy")


def _interface(solver: str) -> Any:
    """Pyomo's interface to a solver; its plugins are read when one is asked for, since HiGHS needs none of them."""
    from pyomo.environ import SolverFactory

    return SolverFactory(solver)


def solve_matrix(
    matrix: Matrix,
    solver: str,
    *,
    gap: float,
    seconds: float,
    threads: int = 1,
    seed: int = 0,
    start: Floats | None = None,
    budget: Budget | None = None,
    ear: Ear | None = None,
) -> Outcome:
    """Solve a compiled program with another solver.

    Args:
        matrix: the program; its first objective is minimised.
        solver: one of OTHER_SOLVERS.
        gap: relative gap at which it may stop.
        seconds: time limit.
        threads: threads that it may use. SCIP has one; appsi_highs shares those of the process's HiGHS.
        seed: passed on.
        start: values by column to start from (appsi_highs takes none).
        budget: asked whether to stop (SCIP; the others run to their limit).
        ear: told value and bound (SCIP).

    Returns:
        The outcome; its bound is the solver's own.

    Raises:
        ValueError: the solver can't be used here (see `available`).
    """
    reason = available(solver)
    if reason:
        raise ValueError(f"--solver {solver}: {reason}")
    scales = scales_of(matrix)
    matrix, start = relative(matrix, scales), None if start is None else start / scales.column
    if solver == "scip":
        outcome = Scip(matrix, budget or Budget(seconds), ear, scales.objective).solve(gap, seconds, seed, start)
    else:
        with _one_at_a_time:
            outcome = _through_pyomo(matrix, solver, gap, seconds, threads, seed, start)
    x = None if outcome.x is None else outcome.x * scales.column
    return replace(outcome, x=x, value=outcome.value / scales.objective, bound=outcome.bound / scales.objective)


# ---- SCIP ------------------------------------------------------------------------------------------------------------


class Scip:
    """One SCIP model of a matrix."""

    def __init__(self, matrix: Matrix, budget: Budget, ear: Ear | None = None, factor: float = 1.0) -> None:
        """Hand the matrix over; ``budget`` may end SCIP, ``ear`` is told; its objective counts ``factor`` times."""
        self.matrix, self.budget, self.ear, self.factor = matrix, budget, ear, factor
        self.scip: Any = importlib.import_module("pyscipopt")
        self.model = self.scip.Model("drive_to_five")
        self.model.hideOutput()
        self.model.setMinimize()
        self._columns()
        self._rows()
        self.model.addObjoffset(matrix.offset)

    def _columns(self) -> None:
        matrix = self.matrix
        kinds = ["I" if whole else "C" for whole in matrix.integer.tolist()]
        ends = zip(_open(matrix.lower), _open(matrix.upper), kinds, matrix.cost.tolist(), strict=True)
        self.columns = [
            self.model.addVar(f"c{place}", vtype=kind, lb=low, ub=high, obj=cost)
            for place, (low, high, kind, cost) in enumerate(ends)
        ]

    def _rows(self) -> None:
        by_row = self.matrix.a.tocsr()
        starts, places, entries = by_row.indptr.tolist(), by_row.indices.tolist(), by_row.data.tolist()
        terms = [self.scip.Expr({self.scip.scip.Term(column): 1.0}) for column in self.columns]
        ends = zip(self.matrix.row_lower.tolist(), self.matrix.row_upper.tolist(), strict=True)
        for row, (low, high) in enumerate(ends):
            here = range(starts[row], starts[row + 1])
            body = self.scip.quicksum(entries[place] * terms[places[place]] for place in here)
            if low == high:
                self.model.addCons(body == low)
            elif np.isfinite(low) and np.isfinite(high):
                self.model.addCons((low <= body) <= high)
            elif np.isfinite(low) or np.isfinite(high):
                self.model.addCons(body >= low if np.isfinite(low) else body <= high)

    def solve(self, gap: float, seconds: float, seed: int = 0, start: Floats | None = None) -> Outcome:
        """Solve to a relative gap or for so many seconds, from the integers of ``start`` if given."""
        model = self.model
        model.setParam("limits/gap", gap)
        model.setParam("limits/time", max(0.1, seconds))
        model.setParam("randomization/randomseedshift", seed)
        if start is not None:
            self._give(start)
        model.includeEventhdlr(_listener(self.scip, self._told), "progress", "tells incumbent and bound")
        model.optimize()
        return self._outcome(gap)

    def _give(self, start: Floats) -> None:
        solution = self.model.createPartialSol()
        for place in np.flatnonzero(self.matrix.integer).tolist():
            self.model.setSolVal(solution, self.columns[place], float(start[place]))
        self.model.addSol(solution)

    def _told(self) -> None:
        ends = (self.model.getPrimalbound(), self.model.getDualbound())
        value, bound = (end / self.factor if abs(end) < HUGE else None for end in ends)
        if self.ear is not None:
            self.ear(value, bound)
        if self.budget.cancelled:
            self.model.interruptSolve()

    def _outcome(self, gap: float) -> Outcome:
        model, status = self.model, self.model.getStatus()
        bound = model.getDualbound()
        if status in ("infeasible", "inforunbd"):
            return Outcome(Termination.INFEASIBLE)
        if status == "unbounded":
            return Outcome(Termination.UNBOUNDED)
        reason = {"optimal": Termination.PROVEN, "gaplimit": Termination.PROVEN, "timelimit": Termination.CLOCK,
                  "userinterrupt": Termination.CANCELLED}.get(status, Termination.FAILED)  # fmt: skip
        if model.getNSols() == 0:
            return Outcome(reason, bound=bound)
        best = model.getBestSol()
        x = np.array([model.getSolVal(best, column) for column in self.columns])
        value = float(self.matrix.cost @ x + self.matrix.offset)
        return Outcome(reason, x, value, min(bound, value))


def _listener(scip: Any, told: Callable[[], None]) -> Any:
    """SCIP's way to be told of new incumbents, nodes and cut rounds."""
    kinds = scip.SCIP_EVENTTYPE
    wanted = (kinds.BESTSOLFOUND, kinds.NODESOLVED, kinds.LPSOLVED)

    class Listener(scip.Eventhdlr):
        def eventinit(self) -> None:
            for kind in wanted:
                self.model.catchEvent(kind, self)

        def eventexit(self) -> None:
            for kind in wanted:
                self.model.dropEvent(kind, self)

        def eventexec(self, event: Any) -> None:
            told()

    return Listener()


def _open(ends: Floats) -> list[float | None]:
    """Bounds with None where there is none."""
    return [end if np.isfinite(end) else None for end in ends.tolist()]


# ---- through Pyomo ---------------------------------------------------------------------------------------------------


def _as_pyomo(matrix: Matrix) -> Any:
    """The matrix as a plain Pyomo model with numbered columns and rows."""
    rows, columns = matrix.shape
    m = ConcreteModel()
    m.x = Var(range(columns))
    x = list(m.x.values())
    ends = zip(x, _open(matrix.lower), _open(matrix.upper), matrix.integer.tolist(), strict=True)
    for column, low, high, whole in ends:
        column.domain = Integers if whole else Reals
        column.setlb(low)
        column.setub(high)
    by_row = matrix.a.tocsr()
    starts, places, entries = by_row.indptr.tolist(), by_row.indices.tolist(), by_row.data.tolist()

    def row(_: Any, number: int) -> Any:
        here = range(starts[number], starts[number + 1])
        body = LinearExpression([MonomialTermExpression((entries[place], x[places[place]])) for place in here])
        low, high = matrix.row_lower[number], matrix.row_upper[number]
        if low == high:
            return body == float(low)
        return (float(low) if np.isfinite(low) else None, body, float(high) if np.isfinite(high) else None)

    m.rows = Constraint(range(rows), rule=row)
    used = np.flatnonzero(matrix.cost).tolist()
    terms = [MonomialTermExpression((float(matrix.cost[place]), x[place])) for place in used]
    m.cost = Objective(expr=LinearExpression([*terms, matrix.offset]), sense=minimize)
    return m


def _options(solver: str, gap: float, seconds: float, threads: int, seed: int) -> dict[str, Any]:
    if solver == "gurobi":
        return {"MIPGap": gap, "TimeLimit": seconds, "Threads": threads, "Seed": seed}
    if solver == "cbc":
        return {"ratioGap": gap, "sec": seconds, "threads": threads, "randomCbcSeed": seed}
    return {"mip_rel_gap": gap, "time_limit": float(seconds), "random_seed": seed}


def _through_pyomo(
    matrix: Matrix, solver: str, gap: float, seconds: float, threads: int, seed: int, start: Floats | None
) -> Outcome:
    begun = time.perf_counter()
    m = _as_pyomo(matrix)
    x = list(m.x.values())
    engine = _interface(solver)
    engine.options.update(_options(solver, gap, seconds, threads, seed))
    asked: dict[str, Any] = {"load_solutions": False}
    if start is not None and solver != "appsi_highs":
        for column, number in zip(x, start.tolist(), strict=True):
            column.set_value(number, skip_validation=True)
        asked["warmstart"] = True
    results = engine.solve(m, **asked)
    reason = _reason(results.solver.termination_condition, time.perf_counter() - begun >= seconds)
    if reason in (Termination.INFEASIBLE, Termination.UNBOUNDED):
        return Outcome(reason)
    bound = results.problem.lower_bound
    bound = float(bound) if isinstance(bound, int | float) and abs(bound) < HUGE else -np.inf
    if len(results.solution) == 0:
        return Outcome(reason, bound=bound)
    for column in x:
        column.set_value(0.0, skip_validation=True)  # interfaces leave out what is 0
    m.solutions.load_from(results)
    found = np.array([float(column.value or 0.0) for column in x])
    value = float(matrix.cost @ found + matrix.offset)
    return Outcome(reason, found, value, min(bound, value))


def _reason(condition: Any, late: bool) -> Termination:
    known = {
        TerminationCondition.optimal: Termination.PROVEN,
        TerminationCondition.infeasible: Termination.INFEASIBLE,
        TerminationCondition.infeasibleOrUnbounded: Termination.INFEASIBLE,
        TerminationCondition.unbounded: Termination.UNBOUNDED,
        TerminationCondition.maxTimeLimit: Termination.CLOCK,
    }
    return known.get(condition, Termination.CLOCK if late else Termination.FAILED)
