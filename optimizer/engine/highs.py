"""HiGHS, directly: linear programs with hot starts, mixed-integer programs with progress, cancel and work limits."""

from __future__ import annotations

import ctypes
import enum
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.scale import objective_factor, relative, scales_of

FIRST_PASS = frozenset({"start", "prove"})  # phases whose values are the first objective's
POLL = 0.2  # seconds between two reports of progress
FEASIBLE = 1e-7  # of the tree; below 1e-8 HiGHS has called wrong values optimal
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


class Status(enum.Enum):
    """How a plan stands, as in plan.json."""

    OPTIMAL = "optimal"
    LIMIT = "limit"
    INFEASIBLE = "infeasible"
    ERROR = "error"


class Termination(enum.Enum):
    """Why the engine stopped."""

    PROVEN = "within the gap asked"
    CLOCK = "time limit"
    WORK = "work limit"
    CANCELLED = "cancelled"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    FAILED = "solver error"


@dataclass(frozen=True)
class Progress:
    """One line of progress: what a planner watches while a solve runs."""

    seconds: float
    phase: str
    incumbent: float | None
    bound: float | None
    gap: float | None
    message: str = ""


@dataclass(frozen=True)
class Event:
    """A better value or bound: when, after how much work, and who found it."""

    seconds: float
    work: int
    value: float | None
    bound: float | None
    finder: str


@dataclass
class Watch:
    """Clock, work, cancel and progress of one solve, shared by all its phases.

    Work counts the engine's own check points (they come in the same order on every run of the same input, seed and
    threads), so that a run ended by the clock can be repeated with a work limit.
    """

    time_limit: float = 60.0
    work_limit: float | None = None
    cancel: threading.Event | None = None
    progress: Callable[[Progress], None] | None = None
    started: float = field(default_factory=time.perf_counter)
    work: int = 0
    phase: str = "read"
    incumbent: float | None = None
    bound: float | None = None
    hit_clock: bool = False
    last_report: float = 0.0
    events: list[Event] = field(default_factory=list)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self.cancel is not None and self.cancel.is_set()

    def aside(self, deadline: float) -> Watch:
        """A watch for a part of the work: the same cancel, a deadline, its own count, nothing told to the caller."""
        return Watch(deadline, self.work_limit, self.cancel, None, self.started)

    def late(self, deadline: float) -> bool:
        """Whether it is time to stop: cancelled, past the deadline, or past the work where work is the limit."""
        if self.work_limit is not None:
            return self.cancelled or self.work >= self.work_limit
        past = self.elapsed > deadline
        self.hit_clock = self.hit_clock or past
        return self.cancelled or past

    def raise_bound(self, bound: float) -> None:
        """Keep the better of two bounds; one above the incumbent proves no more than that."""
        best = max(bound, -float("inf") if self.bound is None else self.bound)
        self.bound = best if self.incumbent is None else min(best, self.incumbent)

    def calm(self) -> Watch:
        """A watch for what must be finished: no limit, no cancel."""
        return Watch(float("inf"), None, None, None, self.started)

    def report(self, message: str = "", force: bool = False) -> None:
        """Tell the caller how things stand, not more often than a few times a second."""
        now = self.elapsed
        if self.phase in FIRST_PASS:
            self._record(now)
        if self.progress is None or (not force and now - self.last_report < POLL):
            return
        self.last_report = now
        self.progress(Progress(now, self.phase, self.incumbent, self.bound, self.gap(), message))

    def _record(self, now: float) -> None:
        """Keep what is better than before (progress.csv)."""
        value, bound = (end if end is not None and abs(end) < NOTHING else None for end in (self.incumbent, self.bound))
        last = self.events[-1] if self.events else Event(0.0, 0, None, None, "")
        if (value, bound) != (last.value, last.bound):
            self.events.append(Event(now, self.work, value, bound, self.phase))

    def gap(self) -> float | None:
        """Gap between incumbent and bound, relative to max(1, |incumbent|)."""
        if self.incumbent is None or self.bound is None:
            return None
        return relative_gap(self.incumbent, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """(value - bound) / max(1, |value|), not below 0."""
    return max(0.0, (value - bound) / max(1.0, abs(value)))


@dataclass(frozen=True)
class Outcome:
    """What one run of the engine found.

    Attributes:
        termination: why it stopped.
        x: values by column, or None.
        value, bound: objective of x, best bound.
        row_duals: duals by row of an LP, else None.
    """

    termination: Termination
    x: Floats | None = None
    value: float = np.inf
    bound: float = -np.inf
    row_duals: Floats | None = None


@dataclass(frozen=True)
class Basis:
    """A basis of a linear program: rows and columns of the program, and the engine's own object."""

    shape: tuple[int, int]
    kept: Any


def default_threads() -> int:
    """Threads used where none are asked for: the cores there are, at most 8."""
    return max(1, min(8, os.cpu_count() or 1))


class Engine:
    """One HiGHS instance with one matrix; bounds and cost may change between runs and keep the basis."""

    _threads_in_use: int | None = None
    _running = 0
    _lock = threading.Lock()

    def __init__(self, matrix: Matrix, watch: Watch, *, seed: int = 0, threads: int = 1) -> None:
        """Load the matrix (integer columns included), in relative quantities; all that goes in or out is natural."""
        self.matrix, self.watch = matrix, watch
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
        self._limits(None)
        return self._run(lp=True)

    def mip(
        self, *, gap: float, points: float = 1e-9, share: float = 1.0, work: int | None = None,
        start: Floats | None = None, target: float = -np.inf,
    ) -> Outcome:  # fmt: skip
        """Solve as a mixed-integer program.

        Args:
            gap: relative gap at which it may stop.
            points: absolute gap at which it may stop.
            share: part of the watch's remaining time it may take.
            work: check points it may take.
            start: values by column to start from (integers suffice).
            target: value that is good enough to stop at.
        """
        self.target_gap = gap
        self.set(objective_target=max(target * self.scales.objective, -1e30), mip_feasibility_tolerance=FEASIBLE)
        self.set(mip_rel_gap=0.0, mip_abs_gap=points * self.scales.objective)
        if gap > 0:
            self.set(mip_rel_gap=gap * 0.999)
        self._limits(share)
        self.work_end = None if work is None else self.watch.work + work
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
        self._limits(None)
        return self._unpresolved()

    def _unpresolved(self) -> Outcome:
        self.set(presolve="off")
        try:
            return self._run(lp=False)
        finally:
            self.set(presolve="choose")

    def _limits(self, share: float | None) -> None:
        left = max(0.05, self.watch.time_limit - self.watch.elapsed)
        self.deadline = self.watch.elapsed + left * (share or 1.0)
        self.work_end = None
        self.reason = None

    def _run(self, lp: bool) -> Outcome:
        if self.watch.cancelled:
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
            self.watch.hit_clock = True
        event.interrupt()

    def _poll_lp(self, event: Any) -> None:
        self.watch.report()
        if self.watch.cancelled:
            self._stop(event, Termination.CANCELLED)
        elif self.watch.work_limit is None and self.deadline is not None and self.watch.elapsed > self.deadline:
            self._stop(event, Termination.CLOCK)

    def _poll_mip(self, event: Any) -> None:
        self.watch.work += 1
        out = event.data_out
        bound, value = (end / self.scales.objective for end in (out.mip_dual_bound, out.mip_primal_bound))
        if abs(bound) < NOTHING:
            self.watch.bound = bound if self.watch.bound is None else max(self.watch.bound, bound)
        if abs(value) < NOTHING:
            self.watch.incumbent = value if self.watch.incumbent is None else min(self.watch.incumbent, value)
        self.watch.report()
        if self.watch.cancelled:
            self._stop(event, Termination.CANCELLED)
        elif self.work_end is not None and self.watch.work >= self.work_end:
            self._stop(event, Termination.WORK)
        elif self.watch.work_limit is None and self.deadline is not None and self.watch.elapsed > self.deadline:
            self._stop(event, Termination.CLOCK)


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
