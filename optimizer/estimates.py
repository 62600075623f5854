"""A resident session on one data set: what a lever does, in seconds, and plans that start from the last one.

An estimate has a bound and a plan. The bound is a valid bound of the levered case's relaxation: nations apart, what
they share priced at the multipliers of the case that was solved last (bounds/lagrangian.py). The plan is the last one,
its whole decisions put into the levered case and repaired where they no longer fit. Neither is the proven answer: truth
lies between them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from data.dataset import Dataset
from data.levers import Case
from models.linear import unhurried
from models.program import Program, again, build
from optimizer import solve as solving
from optimizer.bounds.lagrangian import Bases, Multipliers, multipliers, priced_bound
from optimizer.bounds.relaxation import proven, relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal, Progress
from optimizer.engine.outcome import Termination
from optimizer.finders.candidate import Candidate
from optimizer.finders.from_nothing import FromNothing
from optimizer.finders.improve import Improve
from optimizer.finders.repair import Repair
from optimizer.finders.warm_start import carried_over, resumed
from optimizer.instance import Instance
from optimizer.plans.plan import Plan
from optimizer.plans.start import start_from_plan
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.compile import Compiled, ProvenInfeasible, compile_program, recompiled
from optimizer.problem.layout import Layout
from optimizer.problem.tighten import tightened
from optimizer.solve import Memory, SolveOptions
from optimizer.strategy import FAMILIES

ESTIMATED = 2e-5  # sum of violations of an estimate's plan that is the interior point's tolerance
SECONDS = 20.0  # that repairing an estimate's plan may take; its bound is known long before
WEAK = 0.8  # of the bound that the multipliers had in their own case
SMALL_WORK = 200  # check points that the tree may take on a small program
KEPT = 4  # programs kept, so that a lever put back costs nothing


@dataclass(frozen=True)
class Estimate:
    """What a lever does, quickly.

    Attributes:
        bound: no plan of the case can have a first objective below it (points); minus infinity where none is known.
        value: first objective of the repaired plan; None where repair found none.
        plan: that plan with its tables (header status "estimate"), or None.
        rebuilt: why the program had to be built anew; empty where it was at hand.
        seconds: what the estimate took.
    """

    bound: float
    value: float | None
    plan: Plan | None
    rebuilt: str
    seconds: float


@dataclass(frozen=True)
class Bounded:
    """What is known of a lever before any plan of its case.

    Attributes:
        bound: no plan of the case can have a first objective below it (points); minus infinity where none is known,
            plus infinity where there is no plan.
        expected: the first objective that a plan would have as far above its bound as the last plan is above its own;
            None where no plan is known, weights changed or the bound is weak.
        rebuilt: why the program had to be built anew, or why there is no plan; empty where it was at hand.
        seconds: what it took.
    """

    bound: float
    expected: float | None
    rebuilt: str
    seconds: float


@dataclass(frozen=True)
class Built:
    """A case as program and arrays."""

    compiled: Compiled
    tight: Matrix
    layout: Layout

    @property
    def matrix(self) -> Matrix:
        """Its arrays as the rules state them."""
        return self.compiled.matrix

    @property
    def program(self) -> Program:
        """The case as rules."""
        return self.compiled.program


class Session:
    """Estimates and plans of the cases of one data set. One call at a time; others wait their turn."""

    def __init__(
        self, dataset: Dataset, *, seed: int = 0, threads: int | None = None, plan: Plan | None = None
    ) -> None:
        """A session on a data set; ``plan``: one to start from, such as the data set's stored reference plan."""
        self.dataset, self.seed, self.threads = dataset, seed, threads
        self.memory = Memory(plan=plan)
        self._built: dict[str, Built] = {}
        self._bases: Bases = {}
        self._values: dict[Label, float] = {}  # of the memory's plan, by column
        self._weighed = np.zeros(0)  # what shortfalls cost in the case that the multipliers are of
        self._lock = threading.Lock()

    def prime(
        self, case: Case, *, cancel: threading.Event | None = None, bounds: bool = True, plans: bool = True
    ) -> None:
        """Get ready for a case and others like it.

        Args:
            case: the session's data set with levers applied.
            cancel: set it to stop.
            bounds: solve the case's relaxation, whose multipliers bound the others.
            plans: complete the session's plan, if it is one of this case: others are repaired from its values.
        """
        with self._lock:
            built, _ = self._at_hand(case)
            budget = Budget(float("inf"), None, cancel)
            if bounds:
                self._relax(built, budget, keep=True)
            if plans:
                self._keep_values(built, budget)

    def take(self, case: Case, known: Multipliers | None, bound: float) -> None:
        """Get ready for bounds near a case by what another session's relaxation of it came to.

        Args:
            case: the session's data set with levers applied.
            known: multipliers of what nations share.
            bound: of the case (points).
        """
        with self._lock:
            built, _ = self._at_hand(case)
            self._weighed = _prices(built.tight)
            self.memory.multipliers, self.memory.bound = known, bound

    def bound(self, case: Case, *, cancel: threading.Event | None = None) -> Bounded:
        """The bound of a case, and what its plan may be worth, without a plan: the first part of an estimate.

        The first one of a session has to solve the relaxation and takes as long (see `prime`).

        Args:
            case: the session's data set with levers applied.
            cancel: set it to stop.
        """
        begun = time.perf_counter()
        with self._lock, unhurried():
            try:
                built, why = self._at_hand(case)
            except ProvenInfeasible as problem:
                return Bounded(np.inf, None, f"{problem.row} can't hold", time.perf_counter() - begun)
            bound = self._bound(built, Budget(float("inf"), None, cancel))
            return Bounded(bound, self._expected(built, bound), why, time.perf_counter() - begun)

    def _expected(self, built: Built, bound: float) -> float | None:
        """What a plan may be worth: as far above its bound as the last plan is.

        Nothing is said where that would mislead: other weights stretch the distance, and a weak bound is no measure.
        """
        plan, known = self.memory.plan, self.memory.bound
        if plan is None or not plan.solved or not np.isfinite(bound) or not known > 0 or bound < WEAK * known:
            return None
        if not np.array_equal(_prices(built.tight), self._weighed):
            return None
        return bound + max(0.0, float(plan.header["objective"]["value"]) - known)

    def estimate(
        self, case: Case, *, cancel: threading.Event | None = None, longer: float = 0.0, bound: float | None = None
    ) -> Estimate:
        """Bound and repaired plan of a case (objective: gap).

        The first estimate of a session has to solve the relaxation and takes as long (see `prime`).

        Args:
            case: the session's data set with levers applied.
            cancel: set it to stop.
            longer: seconds more in which the repaired plan is made better.
            bound: the case's bound, where it is known already (see `bound`).
        """
        begun = time.perf_counter()
        with self._lock, unhurried():
            try:
                built, why = self._at_hand(case)
            except ProvenInfeasible as problem:
                return Estimate(np.inf, None, None, f"{problem.row} can't hold", time.perf_counter() - begun)
            budget = Budget(float("inf"), None, cancel)
            with ThreadPoolExecutor(1) as beside:
                bounding = beside.submit(self._bound, built, budget.part()) if bound is None else None
                x = self._near(built, budget, longer)
                known = bounding.result() if bounding is not None else bound
            best = -np.inf if known is None else known
            plan = None if x is None else self._plan(case, built, x, best)
        value = None if plan is None else float(plan.header["objective"]["value"])
        return Estimate(best, value, plan, why, time.perf_counter() - begun)

    def solve(
        self,
        case: Case,
        *,
        options: SolveOptions,
        progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Plan:
        """The proven plan of a case, started from the last plan of the session."""
        memory = replace(self.memory)
        plan = solving.solve(case, options=options, progress=progress, cancel=cancel, memory=memory)
        if plan.solved:
            self.memory = memory
            self._values, self._weighed = {}, np.zeros(0)
        return plan

    # ---- parts of an estimate ------------------------------------------------------------------------------------

    def _at_hand(self, case: Case) -> tuple[Built, str]:
        """The case's program and why it had to be built (empty: it was kept from an earlier call)."""
        name = f"{case.name}|{sorted(case.levers.items())}|{case.dataset.sha256}"
        if name in self._built:
            self._built[name] = self._built.pop(name)
            return self._built[name], ""
        why = "" if self._built else "the first program of the session"
        found = None
        for other in reversed(list(self._built)):
            found = self._put_into(other, case)
            if isinstance(found, Built):
                break
            why = why or f"built anew: {found} changed"
        if not isinstance(found, Built):
            found = _anew(case)
        else:
            why = ""
        self._built[name] = found
        while len(self._built) > KEPT:
            self._built.pop(next(iter(self._built)))
        return found, why

    def _put_into(self, other: str, case: Case) -> Built | str:
        """The case put into a program at hand, or the figures for which that can't be."""
        built = self._built[other]
        found = again(built.program, case)
        if isinstance(found, str):
            return found
        del self._built[other]  # its program states the new case from here on
        compiled = recompiled(built.compiled, found.program, found.parts)
        if compiled is None:
            return _built(found.program)
        return Built(compiled, tightened(compiled.matrix, found.program.keys), built.layout)

    def _relax(self, built: Built, budget: Budget, *, keep: bool) -> float:
        """Bound of a case by its relaxation; ``keep``: from now on others are bounded by its multipliers."""
        root = relaxed(built.tight, budget, built.tight.lower, built.tight.upper, self.seed)
        if root.termination is not Termination.PROVEN or root.row_duals is None:
            return -np.inf
        bound = proven(built.tight, root)
        if keep:
            self._weighed = _prices(built.tight)
            self.memory.multipliers, self.memory.bound = multipliers(built.tight, root.row_duals), bound
        return bound

    def _bound(self, built: Built, budget: Budget) -> float:
        known = self.memory.multipliers
        if known is None or self._instance(built).small:
            return self._relax(built, budget, keep=known is None)
        bound = priced_bound(built.tight, built.layout, known, budget, self.seed, bases=self._bases)
        if bound < WEAK * self.memory.bound:
            # Far from the case that the multipliers are of (a nation leaves): half of them, or none, may say more.
            tried = [priced_bound(built.tight, built.layout, known, budget, self.seed, share) for share in (0.5, 0.0)]
            bound = max(bound, *tried)
        return max(0.0, bound) if np.isfinite(bound) else self._relax(built, budget, keep=False)

    def _keep_values(self, built: Built, budget: Budget) -> None:
        """All values of the plan that estimates start from, if it is a plan of this case."""
        self._values = {}
        if self.memory.plan is None or self._instance(built).small:
            return
        given = start_from_plan(built.compiled, self.memory.plan)
        candidate = resumed(self._instance(built), given, budget)
        if candidate is not None and candidate.feasible:
            self._values = dict(zip(built.matrix.columns, candidate.values.tolist(), strict=True))

    def _instance(self, built: Built) -> Instance:
        return Instance(built.tight, built.program.keys, self.seed, known_layout=built.layout)

    def _near(self, built: Built, budget: Budget, longer: float) -> Floats | None:
        """The last plan put into the case and repaired; a small program is solved outright; else the least plan."""
        instance, earlier = self._instance(built), self.memory.plan
        if instance.small:
            engine = Engine(built.tight, budget, seed=self.seed, threads=self.threads or 1)
            given = None if earlier is None else start_from_plan(built.compiled, earlier)
            return engine.mip(gap=1e-3, work=SMALL_WORK, start=given).x
        candidate = self._repaired(built, instance, budget, longer)
        return FromNothing().least_plan(instance, budget) if candidate is None else candidate.values

    def _repaired(self, built: Built, instance: Instance, budget: Budget, longer: float) -> Candidate | None:
        """The last plan in this case, repaired in seconds and made better for a while; None where it stays no plan.

        Where there is time to make it better, all continuous values are found anew first.
        """
        candidate, earlier = None, self.memory.plan
        if self._values and longer == 0:
            values = np.array([self._values.get(name, 0.0) for name in built.matrix.columns])
            candidate = carried_over(instance, values, ESTIMATED)
        if candidate is None and earlier is not None:
            candidate = resumed(instance, start_from_plan(built.compiled, earlier), budget)
        if candidate is None:
            return None
        candidate.allowed = ESTIMATED
        quiet = Journal(lambda: budget.elapsed)
        Repair().run(candidate, budget.part(budget.elapsed + SECONDS), quiet, everybody=False)
        if longer > 0 and candidate.feasible:
            part = budget.part(budget.elapsed + longer)
            Improve(FAMILIES).improve(candidate, Pool(part, quiet), part)
        return candidate if candidate.feasible else None

    def _plan(self, case: Case, built: Built, x: Floats, bound: float) -> Plan:
        plan = solving.plan_of(case, built.compiled, x, bound)
        self.memory.plan = self.memory.plan or plan
        return plan


def _prices(matrix: Matrix) -> Floats:
    """The different prices of shortfalls in the first objective: the weights of gaps."""
    return np.unique(matrix.cost[matrix.group == "short"].round(12))


def _anew(case: Case) -> Built:
    return _built(build(case, noted=True))


def _built(program: Program) -> Built:
    compiled = compile_program(program)
    tight = tightened(compiled.matrix, program.keys)
    return Built(compiled, tight, Layout.of(tight, program.keys))
