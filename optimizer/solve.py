"""One plan from one case: build, compile, search, prove, then the cheapest plan of that value; tables and header."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.levers import Case
from models.program import build
from models.registry import Rule
from optimizer.beside import Beside
from optimizer.bounds.lagrangian import Multipliers, multipliers
from optimizer.clock import Clock
from optimizer.conflict import explain_conflict, least_violation
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine, default_threads, with_cost, with_row
from optimizer.engine.journal import Journal, Progress
from optimizer.engine.others import solve_matrix
from optimizer.engine.outcome import Outcome, Termination, relative_gap
from optimizer.engine.verify import contradicts, verified
from optimizer.finders.cheapest import Cheapest
from optimizer.finders.polish import Polish
from optimizer.instance import Instance
from optimizer.plans.derived import settle
from optimizer.plans.header import Indices, origin, work_asked, work_done
from optimizer.plans.made import About, no_plan, plan_made
from optimizer.plans.plan import Plan, Search
from optimizer.plans.pooled import decided
from optimizer.plans.start import start_from_plan
from optimizer.plans.tables import number
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import Compiled, ProvenInfeasible, compile_program
from optimizer.problem.mps import write_mps
from optimizer.problem.tighten import tightened
from optimizer.strategy import Searched, Strategy, search

COST_MOST = 1000  # check points of the cost pass where the work is limited and says nothing of it
SETTLING = 0.4  # of what building took: from the last program to the plan's figures
COST_GAP = 1e-4  # of the cost pass, where a gap is asked for


@dataclass(frozen=True)
class SolveOptions:
    """How to solve.

    Attributes:
        gap: relative gap at which the first pass may stop.
        time_limit: seconds for everything that is solving.
        work_limit: check points of the first pass in place of the clock; its decimals are millionths for the cost pass.
        cost_tolerance: how much of the first objective the cost pass may give up (relative).
        objective: one of models.objective.MODES.
        gap_ceiling: what the default's first objective may not exceed (objective cost).
        seed, threads: passed to the engine; threads None takes the cores there are.
        solver: highs.
        write_model: file that the program is written to, before it is solved.
    """

    gap: float = 0.01
    time_limit: float = 60.0
    work_limit: float | None = None
    cost_tolerance: float = 0.001
    objective: str = "gap"
    gap_ceiling: float | None = None
    seed: int = 0
    threads: int | None = None
    solver: str = "highs"
    write_model: Path | None = None

    @property
    def cores(self) -> int:
        """Threads that the engine has."""
        return self.threads or default_threads()


@dataclass
class Memory:
    """What one solve leaves to the next of a like case: its plan, multipliers of what nations share, their bound."""

    plan: Plan | None = None
    multipliers: Multipliers | None = None
    bound: float = 0.0


@dataclass
class Run:
    """One solve while it goes through its phases.

    Attributes:
        case, options, strategy: what is asked, and how it is sought.
        budget, journal, clock: what it may take, what it tells, and until when each part may go on.
        memory: what it leaves.
        start: a plan to start from.
        least: what the first objective is known to be at least.
        before: indices with nothing decided.
        seconds: phase -> seconds.
        pool: what the first pass has.
        instance: the tightened program.
        relaxed: whether its own relaxation gave the multipliers in memory.
        origin: which plan it was started from.
        violated: what the best try does not keep, where there is no plan.
        cost_work: check points of the cost pass.
    """

    case: Case
    options: SolveOptions
    strategy: Strategy
    budget: Budget
    journal: Journal
    clock: Clock
    memory: Memory
    start: Plan | None = None
    least: float = -math.inf
    before: Indices = field(default_factory=lambda: Indices(0.0, None, 0.0))
    seconds: dict[str, float] = field(default_factory=dict)
    pool: Pool = field(init=False)
    instance: Instance = field(init=False)
    relaxed: bool = False
    origin: dict[str, str] | None = None
    violated: list[str] = field(default_factory=list)
    cost_work: int = 0

    def __post_init__(self) -> None:
        self.pool = Pool(self.budget, self.journal)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Book the seconds of what is done meanwhile under a phase."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begun, 3)

    def engine(self, matrix: Matrix, budget: Budget, pool: Pool | None = None) -> Engine:
        """HiGHS with a matrix, on all threads; what it knows at its check points is told to a pool."""
        ear = None if pool is None else pool.ear(self.journal.phase)
        return Engine(matrix, budget, seed=self.options.seed, threads=self.options.cores, ear=ear)

    def about(self) -> About:
        """What plan.json says of how the plan was made."""
        budget = self.budget
        return About(
            self.case, self.options, self.before, self.options.cores, not budget.hit_clock and not budget.cancelled,
            work_done(budget.work, self.cost_work), self.origin, self.strategy.tuning(), self.seconds,
            self.journal, self.pool.events,
        )  # fmt: skip


def solve(
    case: Case,
    *,
    options: SolveOptions = SolveOptions(),
    progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    warnings: Sequence[str] = (),
    read_seconds: float = 0.0,
    rules: Mapping[str, Rule] | None = None,
    start: Plan | None = None,
    least: float = -math.inf,
    memory: Memory | None = None,
    strategy: Strategy | None = None,
) -> Plan:
    """Solve a case.

    Args:
        case: data set with levers applied.
        options: how to solve.
        progress: told about elapsed time, incumbent, bound and gap, a few times a second.
        cancel: set it to stop; the best plan so far is returned.
        warnings: findings of the check, kept in plan.json.
        read_seconds: what reading took, kept in plan.json.
        rules: rules to wire, the registry's by default.
        start: a plan to start from; it may answer another case.
        least: what the first objective of this very case is known to be at least.
        memory: the plan to start from where none is given; what this solve leaves is put into it.
        strategy: finders and provers, and their tuning.

    Returns:
        A plan; its tables are empty where none was found, and the header says why.
    """
    work = None if options.work_limit is None else work_asked(options.work_limit)[0]
    budget, memory = Budget(options.time_limit, work, cancel), memory or Memory()
    journal = Journal(lambda: budget.elapsed, progress, "build", warnings=list(warnings))
    clock = Clock(options.time_limit, read_seconds)
    run = Run(case, options, strategy or Strategy(), budget, journal, clock, memory, start or memory.plan, least)
    run.seconds["read"] = round(read_seconds, 3)
    processor = time.process_time()
    with run.phase("build"):
        program = build(case, mode=options.objective, ceiling=options.gap_ceiling, rules=rules)
        run.before = Indices.before(program)
    try:
        with run.phase("compile"):
            compiled = compile_program(program)
    except ProvenInfeasible as none:
        return no_plan(run.about(), program, Termination.INFEASIBLE, [f"{none.row} can't hold whatever is decided"])
    rows, columns = compiled.matrix.shape
    journal.note(f"{rows} rows, {columns} columns, {int(compiled.matrix.integer.sum())} integers")
    if options.write_model is not None:
        write_mps(compiled.matrix, options.write_model, case.base.settings.name)
        journal.note(f"the program is written to {options.write_model}")
    clock.begin(time.process_time() - processor, run.seconds["build"] + run.seconds["compile"])
    budget.started = time.perf_counter()  # the limit is on solving; building is a second or two
    return _solved(run, compiled)


def _solved(run: Run, compiled: Compiled) -> Plan:
    """The plan of a compiled case, or why there is none."""
    keys = compiled.program.keys
    with run.phase("solve"):
        run.instance = Instance(tightened(compiled.matrix, keys), keys, run.options.seed, run.strategy.sizes)
        run.pool.whole = np.flatnonzero(compiled.matrix.integer)
        first = _first_pass(run, compiled)
        if first.x is None:
            reasons = _reasons(run, compiled.matrix, first)
        else:
            last, cost_bound = _cost_pass(run, compiled, first)
            first, prices = _finished(run, compiled, first, last)
            if contradicts(first.bound, number(compiled.program.model.first)):
                first, prices = _undercut(run, compiled, first, prices)
    if first.x is None:
        return no_plan(run.about(), compiled.program, first.termination, reasons)
    with run.phase("extract"):
        plan = plan_made(run.about(), compiled.program, first, cost_bound, prices)
    plan.header["seconds"] = dict(run.seconds)
    run.memory.plan = replace(plan, search=_search(run, compiled))
    return run.memory.plan


def _finished(
    run: Run, compiled: Compiled, first: Outcome, last: Outcome
) -> tuple[Outcome, list[dict[str, Any]]]:  # fmt: skip
    """The last programs; the plan is in the program, and what it is worth and its shadow prices are given back."""
    run.journal.phase = "finish"

    def left() -> float:
        if run.options.work_limit is not None:
            return math.inf
        return run.clock.end - run.budget.elapsed - SETTLING * run.clock.unit

    engine = run.engine(compiled.matrix, run.budget.calm())
    polish = Polish(compiled, engine, run.instance.large, run.journal, left)
    prices, value = polish.finish(first, last, run.options.cost_tolerance)
    return replace(first, value=value), prices


def _undercut(
    run: Run, compiled: Compiled, first: Outcome, prices: list[dict[str, Any]]
) -> tuple[Outcome, list[dict[str, Any]]]:
    """The first pass without the bound that its own plan undercuts: proven again without presolve, or left open."""
    value, options, matrix = number(compiled.program.model.first), run.options, compiled.matrix
    run.journal.warn(f"the bound {first.bound:.9g} is withdrawn: the plan written is worth {value:.9g}")
    least = max(0.0, run.memory.bound if run.memory.multipliers is not None else 0.0)
    open_ = replace(first, value=value, bound=min(least, value), termination=Termination.FAILED)
    if run.instance.large or options.solver != "highs":
        return open_, prices
    engine = run.engine(matrix, run.budget)
    engine.set(presolve="off")
    again = engine.mip(gap=options.gap, start=compiled.values())
    if contradicts(again.bound, min(value, again.value)):
        return open_, prices
    if again.x is None or not contradicts(value, again.value):
        return replace(again, x=first.x, value=value, bound=min(max(least, again.bound), value)), prices
    return _finished(run, compiled, again, again)


def _search(run: Run, compiled: Compiled) -> Search:
    """What is known once a plan is there; the multipliers only if this run's own relaxation gave them."""
    known = run.memory.multipliers if run.relaxed else None
    bound = run.memory.bound if known else -math.inf
    return Search(known or {}, bound, *decided(compiled.matrix, compiled.values(), run.pool.plans))


def _reasons(run: Run, matrix: Matrix, first: Outcome) -> list[str]:
    """What stands against a plan: of an infeasible case the least that must give, else the best try's violations."""
    ended = first.termination is not Termination.INFEASIBLE
    if first.termination is Termination.CANCELLED or (ended and (run.violated or run.instance.large)):
        return run.violated  # a large program has no time left for more once its limit is there
    return explain_conflict(matrix, run.budget)


# ---- the first pass --------------------------------------------------------------------------------------------------


def _first_pass(run: Run, compiled: Compiled) -> Outcome:
    """The search, then the tree until the gap asked, the clock or the work limit."""
    options, pool, journal = run.options, run.pool, run.journal
    matrix = compiled.matrix
    given = _given_start(run, compiled)
    if options.solver != "highs":
        return _by_another(run, matrix, given)
    journal.phase = "start"
    instance = run.instance
    if _searched(run, instance, given).infeasible:
        return Outcome(Termination.INFEASIBLE)
    if contradicts(run.least, math.inf if pool.best is None else pool.best.value):
        journal.warn(f"the bound {run.least:.9g} of an earlier run is left out: the plan is worth {pool.value:.9g}")
    else:
        pool.prove(run.least, "known before")
    best, bound = pool.best, pool.bound
    if best is not None:
        value = float(matrix.cost @ best.x + matrix.offset)
        bound = max(0.0, -math.inf if bound is None else min(bound, value))
        journal.note(f"plan {value:.6g}, bound {bound:.6g}")
        if relative_gap(value, bound) <= options.gap:
            return Outcome(Termination.PROVEN, best.x, value, bound)
        if instance.large:
            return Outcome(_ended(run), best.x, value, bound)
    if instance.large:
        return Outcome(_ended(run))
    return _by_tree(run, matrix)


def _searched(run: Run, instance: Instance, given: Floats | None) -> Searched:
    """The search, on large programs with a process beside it; what it leaves is kept."""
    options, pool = run.options, run.pool
    two = instance.large and options.cores > 1 and options.work_limit is None and run.clock.for_tree
    aside = Beside(instance, pool, run.budget, gap=options.gap) if two else None
    budget = run.budget
    try:
        found = search(
            instance, pool, budget, given=given, strategy=run.strategy, clock=run.clock, known=_multipliers(run),
            aside=aside,
        )  # fmt: skip
    finally:
        if aside is not None:
            aside.end()
            budget.hit_clock = True  # what came from the other process came when it came
        budget.seconds = options.time_limit
    if found.duals is not None:
        run.memory.multipliers, run.memory.bound = multipliers(instance.matrix, found.duals), found.root
        run.relaxed = True
    run.violated = least_violation(found.violated)
    return found


def _multipliers(run: Run) -> Multipliers:
    """Multipliers of a like case: of this session's last one, or of the plan to start from."""
    stored = run.start.search.multipliers if run.start is not None and run.start.search is not None else {}
    return run.memory.multipliers or stored


def _ended(run: Run) -> Termination:
    """Why a search ended."""
    if run.budget.cancelled:
        return Termination.CANCELLED
    return Termination.CLOCK if run.budget.work_limit is None else Termination.WORK


def _by_tree(run: Run, matrix: Matrix) -> Outcome:
    """The tree from the best plan that the search has."""
    options, budget, pool = run.options, run.budget, run.pool
    run.journal.phase = "prove"
    start, bound = pool.best, pool.bound
    left = budget.part(budget.elapsed + (1 - run.clock.shares.cost) * max(0.0, options.time_limit - budget.elapsed))
    work = None if budget.work_limit is None else max(1, int(budget.work_limit) - budget.work)
    engine = run.engine(matrix, left, pool)
    outcome = engine.mip(gap=options.gap, work=work, start=None if start is None else start.x)
    known = math.inf if start is None else float(matrix.cost @ start.x + matrix.offset)
    outcome = verified(matrix, outcome, engine.again, run.journal.warn, known)
    budget.take(left)
    run.journal.note(f"tree: {outcome.termination.value}, value {outcome.value:.6g}, bound {outcome.bound:.6g}")
    best = max(0.0, outcome.bound, -math.inf if bound is None else bound)  # no objective can be negative
    if outcome.x is not None:
        pool.offer(outcome.x, outcome.value, run.journal.phase)
    if outcome.x is None or known < outcome.value:
        if start is None:
            return outcome
        outcome = replace(outcome, x=start.x, value=known)
    return replace(outcome, bound=min(best, outcome.value))


def _by_another(run: Run, matrix: Matrix, given: Floats | None) -> Outcome:
    """The first pass by another solver, on the same matrix and within the same time."""
    options, budget = run.options, run.budget
    run.journal.phase = "prove"
    seconds = max(1.0, (1 - run.clock.shares.cost) * options.time_limit)
    outcome = solve_matrix(
        matrix, options.solver, gap=options.gap, seconds=seconds, threads=options.cores, seed=options.seed,
        start=given, budget=budget, ear=run.pool.ear("prove"),
    )  # fmt: skip
    engine = run.engine(matrix, budget)
    outcome = verified(matrix, outcome, lambda: engine.mip(gap=options.gap, start=given), run.journal.warn)
    if outcome.x is not None:
        run.pool.offer(outcome.x, outcome.value, run.journal.phase)
    told = f"value {outcome.value:.6g}, bound {outcome.bound:.6g}"
    run.journal.note(f"{options.solver}: {outcome.termination.value}, {told}")
    return outcome if outcome.x is None else replace(outcome, bound=min(max(0.0, outcome.bound), outcome.value))


def _given_start(run: Run, compiled: Compiled) -> Floats | None:
    if run.start is None:
        return None
    run.origin = origin(run.start.header)
    return start_from_plan(compiled, run.start)


# ---- the cost pass ---------------------------------------------------------------------------------------------------


def _cost_pass(run: Run, compiled: Compiled, first: Outcome) -> tuple[Outcome, float]:
    """The second objective with the first held at the incumbent's value (1 + tolerance).

    Returns:
        (best solution, bound of the second objective).
    """
    if first.x is None:
        raise ValueError("the cost pass needs a plan to start from")
    run.journal.phase = "cost"
    run.clock.look()
    held = first.value + run.options.cost_tolerance * abs(first.value)
    if run.instance.large:
        return _cheaper(run, first, first.x, held)
    return _by_cost_tree(run, compiled.matrix, first, first.x, held)


def _cost_budget(run: Run, end: float) -> tuple[Budget, int | None]:
    """(what the cost pass may take, its check points where work is the limit)."""
    work = run.options.work_limit
    if work is None:
        return Budget(end, None, run.budget.cancel, run.budget.started), None
    return Budget(math.inf, math.inf, run.budget.cancel, run.budget.started), work_asked(work)[1] or COST_MOST


def _cheaper(run: Run, first: Outcome, x: Floats, held: float) -> tuple[Outcome, float]:
    """The cost pass of a large program: nation by nation."""
    matrix = run.instance.matrix
    budget, most = _cost_budget(run, run.clock.cost_end)
    if budget.late():
        run.journal.note("cost pass: left out, the time is up")
        return replace(first, x=x), least_second(matrix)
    found, run.cost_work = Cheapest().run(
        run.instance, budget, run.journal, x, held, COST_MOST if most is None else most
    )
    run.budget.hit_clock = run.budget.hit_clock or budget.hit_clock
    value, here = (float(matrix.second @ one + matrix.second_offset) for one in (found, x))
    run.journal.note(f"cost pass: {value:.6g} (from {here:.6g})")
    return replace(first, x=found, value=value), least_second(matrix)


def _by_cost_tree(
    run: Run, matrix: Matrix, first: Outcome, x: Floats, held: float
) -> tuple[Outcome, float]:  # fmt: skip
    """The cost pass by the tree."""
    options = run.options
    end = max(options.time_limit, run.budget.elapsed + run.clock.shares.cost * options.time_limit)
    budget, most = _cost_budget(run, min(end, run.clock.end))
    pool = Pool(budget, run.journal)  # its values are the second objective's
    here = float(matrix.second @ x + matrix.second_offset)
    second = with_row(matrix, matrix.cost, held - matrix.offset + 1e-9 * max(1.0, abs(held)))
    second = with_cost(second, matrix.second, matrix.second_offset)
    engine = run.engine(second, budget, pool)
    outcome = engine.mip(gap=min(options.gap, COST_GAP), work=most, start=x)
    outcome = verified(second, outcome, engine.again, run.journal.warn)
    run.cost_work, run.budget.hit_clock = budget.work, run.budget.hit_clock or budget.hit_clock
    run.journal.note(f"cost pass: {outcome.termination.value}, cost {outcome.value:.6g}, bound {outcome.bound:.6g}")
    if outcome.x is None or outcome.value > here:
        return replace(first, value=here), min(outcome.bound, here)
    return outcome, outcome.bound


def least_second(matrix: Matrix) -> float:
    """The bound that needs no search: the second objective with every column at its better bound, if that is finite."""
    best = np.where(matrix.second > 0, matrix.lower, matrix.upper)
    used = matrix.second != 0
    bound = float(matrix.second[used] @ best[used] + matrix.second_offset)
    return bound if np.isfinite(bound) else 0.0


# ---- estimates -------------------------------------------------------------------------------------------------------


def plan_of(case: Case, compiled: Compiled, x: Floats, bound: float) -> Plan:
    """An estimate's plan: whole values by column as tables, not finished and not audited (status "estimate").

    Args:
        case: what was planned.
        compiled: the case as rules and arrays.
        x: values by column.
        bound: lower bound of the first objective.
    """
    program = compiled.program
    about = About(case, SolveOptions(), Indices.before(program), default_threads(), reproducible=False)
    compiled.load(np.where(compiled.matrix.integer, np.round(x), x))
    settle(program, None)
    value = number(program.model.first)
    plan = plan_made(about, program, Outcome(Termination.CLOCK, x, value, min(bound, value)), 0.0, [])
    return replace(plan, header={**plan.header, "status": "estimate"})


__all__ = ["Progress", "SolveOptions", "solve"]
