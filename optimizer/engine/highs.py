"""HiGHS, directly: linear programs with hot starts, mixed-integer programs with progress, cancel and work limits."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Basis, Outcome, Termination
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.scale import objective_factor, relative, scales_of

FEASIBLE = 1e-7  # of the tree; below 1e-8 HiGHS has called wrong values optimal
LEAST_SECONDS = 0.05  # that a run has, however late it is
SMALLEST = 1e-12  # coefficients below it are dropped; HiGHS's own limit of 1e-9 would take some of ours
NOTHING = 1e25  # the engine's way to say that there is no bound or value yet


def _greeted() -> str:
    """Version of HiGHS, whose first instance in a process greets on the standard output, whatever its options.

    That output is ours (`--json`), so that the greeting goes nowhere.
    """
    library = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        kept = -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        highs = highspy.Highs()
        library.fflush(None)
    finally:
        if kept >= 0:
            os.dup2(kept, 1)
            os.close(kept)
        if nowhere != 1:
            os.close(nowhere)
    return f"{highs.versionMajor()}.{highs.versionMinor()}.{highs.versionPatch()}"


VERSION = _greeted()
Ear = Callable[[float | None, float | None], None]


def default_threads() -> int:
    """Threads used where none are asked for: the cores there are, at most 8."""
    return max(1, min(8, os.cpu_count() or 1))


class Engine:
    """One HiGHS instance with one matrix; bounds and cost may change between runs and keep the basis."""

    _threads_in_use: int | None = None
    _running = 0
    _lock = threading.Lock()

    def __init__(
        self, matrix: Matrix, budget: Budget, *, seed: int = 0, threads: int = 1, ear: Ear | None = None
    ) -> None:
        """Load the matrix (integer columns included), in relative quantities; all that goes in or out is natural.

        Args:
            matrix: the program.
            budget: until when a run may take, and who counts its work.
            seed: of HiGHS.
            threads: of HiGHS.
            ear: told, at every check point, the value and the bound of a tree (None where there is none yet).
        """
        self.matrix, self.budget, self.ear = matrix, budget, ear
        self.scales = scales_of(matrix)
        self.highs = highspy.Highs()
        self.set(output_flag=True, log_to_console=False, random_seed=seed, small_matrix_value=SMALLEST)
        self.threads = threads
        self.highs.passModel(_as_lp(relative(matrix, self.scales)))
        self.deadline: float | None = None
        self.work_end: int | None = None
        self.target_gap = 0.0
        self.reason: Termination | None = None
        self.highs.cbSimplexInterrupt.subscribe(self._poll_lp)
        self.highs.cbIpmInterrupt.subscribe(self._poll_lp)
        self.highs.cbMipInterrupt.subscribe(self._poll_mip)

    def _take_pool(self) -> None:
        """The thread pool of HiGHS is one a process: laid anew for other numbers, shared while anything runs on it.

        Decided when a run begins, not when the engine is made: between the two another engine may lay it anew.
        """
        with Engine._lock:
            if Engine._running == 0 and Engine._threads_in_use not in (None, self.threads):
                self.highs.resetGlobalScheduler(True)
            if Engine._running == 0 or Engine._threads_in_use is None:
                Engine._threads_in_use = self.threads
            self.set(threads=Engine._threads_in_use)
            Engine._running += 1

    def set(self, **options: Any) -> None:
        """Set options of HiGHS."""
        for name, setting in options.items():
            self.highs.setOptionValue(name, setting)

    # ---- changes between runs ------------------------------------------------------------------------------------

    def bounds(self, lower: Floats, upper: Floats) -> None:
        """Set the bounds of all columns."""
        n, column = len(lower), self.scales.column
        self.highs.changeColsBounds(n, np.arange(n, dtype=np.int32), lower / column, upper / column)

    def objective(self, cost: Floats, offset: float = 0.0) -> None:
        """Set the objective."""
        n, here = len(cost), cost * self.scales.column
        self.scales = replace(self.scales, objective=objective_factor(here))
        self.highs.changeColsCost(n, np.arange(n, dtype=np.int32), here * self.scales.objective)
        self.highs.changeObjectiveOffset(offset * self.scales.objective)

    def continuous(self, relaxed: bool) -> None:
        """Drop integrality, or put it back."""
        kinds = _kinds(self.matrix.integer & (not relaxed))
        n = len(kinds)
        self.highs.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.array(kinds))

    def add_row(self, coefficients: Floats, upper: float) -> None:
        """Add coefficients @ x <= upper."""
        where = np.flatnonzero(coefficients).astype(np.int32)
        entries = coefficients[where] * self.scales.column[where]
        factor = 1.0 / float(np.max(np.abs(entries), initial=0.0) or 1.0)
        self.highs.addRow(-highspy.kHighsInf, upper * factor, len(where), where, entries * factor)

    def basis(self) -> Basis:
        """The basis of the last linear program."""
        return Basis(self.matrix.shape, self.highs.getBasis())

    def start_from(self, basis: Basis) -> None:
        """Start the next linear program from a basis, if it is one of a program of this size."""
        if basis.shape == self.matrix.shape and basis.kept.valid:
            self.highs.setBasis(basis.kept)

    # ---- runs ----------------------------------------------------------------------------------------------------

    def lp(self, *, method: str = "choose", crossover: bool = True, tolerance: float = 1e-7) -> Outcome:
        """Solve as a linear program (call `continuous(True)` before)."""
        self.set(
            solver=method,
            run_crossover="on" if crossover else "off",
            primal_feasibility_tolerance=tolerance,
            dual_feasibility_tolerance=tolerance,
        )
        self._limits()
        return self._run(lp=True)

    def mip(
        self, *, gap: float, points: float = 1e-9, work: int | None = None,
        start: Floats | None = None, target: float = -np.inf,
    ) -> Outcome:  # fmt: skip
        """Solve as a mixed-integer program.

        Args:
            gap: relative gap at which it may stop.
            points: absolute gap at which it may stop.
            work: check points it may take.
            start: values by column to start from (integers suffice).
            target: value that is good enough to stop at.
        """
        self.target_gap = gap
        self.set(objective_target=max(target * self.scales.objective, -1e30), mip_feasibility_tolerance=FEASIBLE)
        self.set(mip_rel_gap=0.0, mip_abs_gap=points * self.scales.objective)
        if gap > 0:
            self.set(mip_rel_gap=gap * 0.999)
        self._limits()
        self.work_end = None if work is None else self.budget.work + work
        if start is not None:
            where = np.flatnonzero(self.matrix.integer).astype(np.int32)
            self.highs.setSolution(len(where), where, start[where])
        outcome = self._run(lp=False)
        if outcome.termination is Termination.INFEASIBLE:
            # HiGHS's presolve has called feasible programs infeasible (1.15.1): believe it only without presolve.
            outcome = self._unpresolved()
        return outcome

    def again(self) -> Outcome:
        """The last mixed-integer program once more, without presolve, in the time that is left."""
        self._limits()
        return self._unpresolved()

    def _unpresolved(self) -> Outcome:
        self.set(presolve="off")
        try:
            return self._run(lp=False)
        finally:
            self.set(presolve="choose")

    def _limits(self) -> None:
        self.deadline = max(self.budget.seconds, self.budget.elapsed + LEAST_SECONDS)
        self.work_end = None
        self.reason = None

    def _run(self, lp: bool) -> Outcome:
        if self.budget.cancelled:
            return Outcome(Termination.CANCELLED)
        self._take_pool()
        try:
            if self.highs.run() == highspy.HighsStatus.kError and not self.reason:
                # A pool that somebody else in the process has laid (Pyomo's own interface): take it as it is.
                self.set(threads=0)
                self.highs.run()
        finally:
            with Engine._lock:
                Engine._running -= 1
        status = self.highs.getModelStatus()
        info = self.highs.getInfo()
        found = highspy.HighsModelStatus
        solution = self.highs.getSolution()
        if status in (found.kInfeasible, found.kUnboundedOrInfeasible):
            return Outcome(Termination.INFEASIBLE)
        if status == found.kUnbounded:
            return Outcome(Termination.UNBOUNDED)
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        x = np.array(solution.col_value) * self.scales.column if solution.value_valid and (feasible or lp) else None
        reason = self.reason or Termination.FAILED
        if status in (found.kOptimal, found.kObjectiveTarget):
            reason = Termination.PROVEN
        value = info.objective_function_value / self.scales.objective if x is not None else np.inf
        if lp:
            if reason is not Termination.PROVEN:
                return Outcome(reason, x)
            return Outcome(reason, x, value, value, self._duals(solution))
        bound = info.mip_dual_bound / self.scales.objective
        if status == found.kOptimal and not (self.matrix.integer.any() and abs(bound) < NOTHING):
            bound = value  # solved without a tree: then no bound of one is stated, or that of no program
        return Outcome(reason, x, value, bound)

    def _duals(self, solution: Any) -> Floats | None:
        """Duals of the program's rows in the data's units (rows added since are left out)."""
        if not solution.dual_valid:
            return None
        row = self.scales.row
        return np.array(solution.row_dual)[: len(row)] * row / self.scales.objective

    def _stop(self, event: Any, reason: Termination) -> None:
        self.reason = reason
        if reason is Termination.CLOCK:
            self.budget.hit_clock = True
        event.interrupt()

    def _stop_late(self, event: Any) -> None:
        """Stop where the caller asked to, or where the clock is the limit and past."""
        if self.budget.cancelled:
            self._stop(event, Termination.CANCELLED)
        elif self.budget.work_limit is None and self.deadline is not None and self.budget.elapsed > self.deadline:
            self._stop(event, Termination.CLOCK)

    def _poll_lp(self, event: Any) -> None:
        if self.ear is not None:
            self.ear(None, None)
        self._stop_late(event)

    def _poll_mip(self, event: Any) -> None:
        self.budget.work += 1
        if self.ear is not None:
            ends = (event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
            value, bound = (end / self.scales.objective if abs(end) < NOTHING else None for end in ends)
            self.ear(value, bound)
        if not self.budget.cancelled and self.work_end is not None and self.budget.work >= self.work_end:
            self._stop(event, Termination.WORK)
        else:
            self._stop_late(event)


def _kinds(integer: NDArray[np.bool_]) -> list[Any]:
    """The engine's kind of each column."""
    kind = highspy.HighsVarType
    return [kind.kInteger if whole else kind.kContinuous for whole in integer.tolist()]


def _as_lp(matrix: Matrix) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    rows, columns = matrix.shape
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_, lp.offset_ = matrix.cost, matrix.offset
    lp.col_lower_, lp.col_upper_ = matrix.lower, matrix.upper
    lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.a.indptr
    lp.a_matrix_.index_ = matrix.a.indices
    lp.a_matrix_.value_ = matrix.a.data
    lp.integrality_ = _kinds(matrix.integer)
    return lp


def with_cost(matrix: Matrix, cost: Floats, offset: float) -> Matrix:
    """The same program under another objective."""
    return replace(matrix, cost=cost, offset=offset)


def with_row(matrix: Matrix, coefficients: Floats, upper: float) -> Matrix:
    """The same program with coefficients @ x <= upper as its last row."""
    return replace(
        matrix,
        a=sparse.csc_array(sparse.vstack([matrix.a, sparse.csr_array(coefficients.reshape(1, -1))])),
        row_lower=np.append(matrix.row_lower, -np.inf),
        row_upper=np.append(matrix.row_upper, upper),
        rows=(*matrix.rows, Label("held", None)),
    )
