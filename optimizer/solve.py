"""One plan from one case: build, compile, start, prove, then the cheapest plan of that value; tables and header."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.levers import Case
from models.program import Program, build
from models.registry import Rule
from optimizer.bounds.lagrangian import Multipliers, multipliers
from optimizer.bounds.tree import Beside
from optimizer.conflict import explain_conflict, least_violation
from optimizer.engine.highs import (
    VERSION,
    Engine,
    Outcome,
    Progress,
    Status,
    Termination,
    Watch,
    default_threads,
    relative_gap,
    with_cost,
    with_row,
)
from optimizer.engine.others import solve_matrix, version_of
from optimizer.engine.verify import contradicts, verified
from optimizer.finders.cheapest import cheaper
from optimizer.finders.polish import finish
from optimizer.plans.derived import settle
from optimizer.plans.header import (
    Indices,
    case_sha256,
    decides_little,
    mode_text,
    new_run,
    now,
    objective,
    origin,
    work_asked,
    work_done,
)
from optimizer.plans.kpis import kpis
from optimizer.plans.plan import CONTRACT, Plan, Search, versions
from optimizer.plans.start import start_from_plan
from optimizer.plans.tables import number, tables
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import Compiled, ProvenInfeasible, compile_program
from optimizer.problem.mps import write_mps
from optimizer.problem.tighten import tightened
from optimizer.strategy import LARGE_PROGRAM, first_plan

COST_SHARE = 0.15  # of the time limit: kept for the cost pass (MODEL.md, section 9)
FINISH_SHARE = 0.05  # of the time limit: kept for the last linear programs on large programs
SEARCH_SHARE = 0.5  # of the time limit: what the search may take before the tree, on programs of middling size
COST_MOST = 1000  # check points of the cost pass where the work is limited and says nothing of it


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


@dataclass
class Memory:
    """What one solve leaves to the next of a like case: its plan, multipliers of what nations share, their bound."""

    plan: Plan | None = None
    multipliers: Multipliers | None = None
    bound: float = 0.0


@dataclass
class Run:
    """The state of one solve while it goes through its phases."""

    case: Case
    options: SolveOptions
    watch: Watch
    seconds: dict[str, float]
    log: list[str]
    memory: Memory
    before: Indices = field(default_factory=lambda: Indices(0.0, None, 0.0))
    name: str = field(default_factory=new_run)
    start: Plan | None = None
    least: float = -math.inf
    relaxed: bool = False
    origin: dict[str, str] | None = None
    first_work: int = 0
    cost_work: int = 0
    bent: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Write a line of the log and tell the caller."""
        self.log.append(f"{self.watch.elapsed:8.2f} s  {text}")
        self.watch.report(text, force=True)

    def warn(self, text: str) -> None:
        """Keep a warning for plan.json, and write it into the log."""
        self.warnings.append(text)
        self.note(text)

    def phase(self, name: str, since: float) -> None:
        """Book the seconds since ``since`` under a phase."""
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - since, 3)


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

    Returns:
        A plan; its tables are empty where none was found, and the header says why.
    """
    work = None if options.work_limit is None else work_asked(options.work_limit)[0]
    watch = Watch(options.time_limit, work, cancel, progress)
    run = Run(case, options, watch, {"read": round(read_seconds, 3)}, [], memory or Memory(), warnings=list(warnings))
    run.start, run.least = start or run.memory.plan, least
    begun = time.perf_counter()
    watch.phase = "build"
    program = build(case, mode=options.objective, ceiling=options.gap_ceiling, rules=rules)
    run.before = Indices.before(program)
    run.phase("build", begun)
    begun = time.perf_counter()
    try:
        compiled = compile_program(program)
    except ProvenInfeasible as problem:
        reasons = [f"{problem.row} can't hold whatever is decided"]
        return _no_plan(run, program, Termination.INFEASIBLE, reasons)
    run.phase("compile", begun)
    matrix = compiled.matrix
    run.note(f"{matrix.shape[0]} rows, {matrix.shape[1]} columns, {int(matrix.integer.sum())} integers")
    if options.write_model is not None:
        write_mps(matrix, options.write_model, case.base.settings.name)
        run.note(f"the program is written to {options.write_model}")
    watch.started = time.perf_counter()  # the limit is on solving; building is a second or two
    begun = time.perf_counter()
    first = _first_pass(run, compiled)
    if first.x is None:
        run.phase("solve", begun)
        reasons = _reasons(run, matrix, first)
        return _no_plan(run, program, first.termination, reasons)
    watch.incumbent, watch.bound = first.value, first.bound
    watch.report(force=True)
    last, cost_bound = _cost_pass(run, program, matrix, first)
    prices = _finished(run, compiled, first, last)
    if contradicts(first.bound, number(program.model.first)):
        first, prices = _undercut(run, compiled, first, prices)
    run.phase("solve", begun)
    plan = _plan(run, program, first, cost_bound, prices)
    run.memory.plan = replace(plan, search=_search(run, compiled))
    return run.memory.plan


def _finished(run: Run, compiled: Compiled, first: Outcome, last: Outcome) -> list[dict[str, Any]]:
    """The last programs; the plan is in the program, its shadow prices are given back."""
    options, watch, large = run.options, run.watch, _is_large(compiled.matrix)
    watch.phase = "finish"
    engine = Engine(compiled.matrix, watch.calm(), seed=options.seed, threads=_threads(options))
    return finish(
        engine, compiled, first, last, tolerance=options.cost_tolerance, large=large, note=run.note,
    )  # fmt: skip


def _undercut(
    run: Run, compiled: Compiled, first: Outcome, prices: list[dict[str, Any]]
) -> tuple[Outcome, list[dict[str, Any]]]:
    """The first pass without the bound that its own plan undercuts: proven again without presolve, or left open."""
    value, options, watch = number(compiled.program.model.first), run.options, run.watch
    matrix = compiled.matrix
    run.warn(f"the bound {first.bound:.9g} is withdrawn: the plan written is worth {value:.9g}")
    least = max(0.0, run.memory.bound if run.memory.multipliers is not None else 0.0)
    open_ = replace(first, value=value, bound=min(least, value), termination=Termination.FAILED)
    if _is_large(matrix) or options.solver != "highs":
        return open_, prices
    engine = Engine(matrix, watch, seed=options.seed, threads=_threads(options))
    engine.set(presolve="off")
    again = engine.mip(gap=options.gap, start=compiled.values())
    if contradicts(again.bound, min(value, again.value)):
        return open_, prices
    if again.x is None or not contradicts(value, again.value):
        return replace(again, x=first.x, value=value, bound=min(max(least, again.bound), value)), prices
    return again, _finished(run, compiled, again, again)


def _search(run: Run, compiled: Compiled) -> Search:
    """What is known once a plan is there; the multipliers only if this run's own relaxation gave them."""
    known = run.memory.multipliers if run.relaxed else None
    values, columns = np.round(compiled.values()), compiled.matrix.columns
    whole = {
        (columns[place].name, columns[place].key): float(values[place])
        for place in np.flatnonzero(compiled.matrix.integer & (values != 0)).tolist()
    }
    return Search(known or {}, run.memory.bound if known else -math.inf, whole)


def _reasons(run: Run, matrix: Matrix, first: Outcome) -> list[str]:
    """What stands against a plan: of an infeasible case the least that must give, else the best try's violations."""
    if first.termination is Termination.CANCELLED or (first.termination is not Termination.INFEASIBLE and run.bent):
        return run.bent
    return explain_conflict(matrix, run.watch)


def _threads(options: SolveOptions) -> int:
    return options.threads or default_threads()


def _first_pass(run: Run, compiled: Compiled) -> Outcome:
    """Start heuristics and search, then the tree until the gap asked, the clock or the work limit."""
    options, watch = run.options, run.watch
    program, matrix = compiled.program, compiled.matrix
    given = _given_start(run, compiled)
    if options.solver != "highs":
        return _by_another(run, matrix, given)
    watch.phase = "start"
    large = _is_large(matrix)
    share = 1 - COST_SHARE - FINISH_SHARE if large else SEARCH_SHARE
    tight = tightened(matrix, program.keys)
    aside = large and _threads(options) > 1 and options.work_limit is None
    tree = Beside(tight, watch, gap=options.gap, seed=options.seed) if aside else None
    try:
        found = first_plan(tight, program.keys, watch, seed=options.seed, given=given, share=share, note=run.note)
    finally:
        proven = -math.inf if tree is None else tree.end()
    if found.duals is not None:
        run.memory.multipliers, run.memory.bound = multipliers(tight, found.duals), found.root
        run.relaxed = True
    start, bound = found.x, max(found.bound, proven, run.least)
    run.bent = least_violation(found.bent)
    watch.bound = bound
    if start is not None:
        value = float(matrix.cost @ start + matrix.offset)
        if contradicts(run.least, value):
            run.warn(f"the bound {run.least:.9g} of an earlier run is left out: the plan is worth {value:.9g}")
            bound = max(found.bound, proven)
        bound = min(bound, value)
        watch.incumbent, watch.bound = value, bound
        run.note(f"plan {value:.6g}, bound {bound:.6g}")
        if relative_gap(value, bound) <= options.gap:
            return Outcome(Termination.PROVEN, start, value, bound)
        if large:
            return Outcome(Termination.CLOCK, start, value, max(0.0, bound))
    watch.phase = "prove"
    engine = Engine(matrix, watch, seed=options.seed, threads=_threads(options))
    work = None if watch.work_limit is None else max(1, int(watch.work_limit) - watch.work)
    outcome = engine.mip(gap=options.gap, share=1 - COST_SHARE, work=work, start=start)
    known = math.inf if start is None else float(matrix.cost @ start + matrix.offset)
    outcome = verified(matrix, outcome, engine.again, run.warn, known)
    run.note(f"tree: {outcome.termination.value}, value {outcome.value:.6g}, bound {outcome.bound:.6g}")
    best = max(0.0, outcome.bound, bound)  # no objective can be negative
    if outcome.x is None or known < outcome.value:
        if start is None:
            return outcome
        outcome = replace(outcome, x=start, value=known)
    return replace(outcome, bound=min(best, outcome.value))


def _by_another(run: Run, matrix: Matrix, given: Floats | None) -> Outcome:
    """The first pass by another solver, on the same matrix and within the same time."""
    options, watch = run.options, run.watch
    watch.phase = "prove"
    seconds = max(1.0, (1 - COST_SHARE) * options.time_limit)
    outcome = solve_matrix(
        matrix, options.solver, gap=options.gap, seconds=seconds, threads=_threads(options), seed=options.seed,
        start=given, watch=watch,
    )  # fmt: skip
    engine = Engine(matrix, watch, seed=options.seed, threads=_threads(options))
    outcome = verified(matrix, outcome, lambda: engine.mip(gap=options.gap, start=given), run.warn)
    run.note(f"{options.solver}: {outcome.termination.value}, value {outcome.value:.6g}, bound {outcome.bound:.6g}")
    return outcome if outcome.x is None else replace(outcome, bound=min(max(0.0, outcome.bound), outcome.value))


def _given_start(run: Run, compiled: Compiled) -> Floats | None:
    earlier = run.start
    if earlier is None:
        return None
    run.origin = origin(earlier.header)
    return start_from_plan(compiled, earlier)


def _cost_pass(run: Run, program: Program, matrix: Matrix, first: Outcome) -> tuple[Outcome, float]:
    """The second objective with the first held at the incumbent's value (1 + tolerance).

    Returns:
        (best solution, bound of the second objective).
    """
    watch, options = run.watch, run.options
    incumbent = first.x
    if incumbent is None:
        raise ValueError("the cost pass needs a plan to start from")
    watch.phase = "cost"
    held = first.value + options.cost_tolerance * abs(first.value)
    here = float(matrix.second @ incumbent + matrix.second_offset)
    most, run.first_work = None, watch.work
    if options.work_limit is not None:
        most = work_asked(options.work_limit)[1] or COST_MOST
        watch.work_limit = math.inf
    else:
        watch.time_limit = max(options.time_limit, watch.elapsed + COST_SHARE * options.time_limit)
    if _is_large(matrix):
        found, run.cost_work = cheaper(
            tightened(matrix, program.keys), program.keys, watch, incumbent, held,
            most=COST_MOST if most is None else most, seed=options.seed, note=run.note,
        )  # fmt: skip
        value = float(matrix.second @ found + matrix.second_offset)
        run.note(f"cost pass: {value:.6g} (from {here:.6g})")
        return replace(first, x=found, value=value), least_second(matrix)
    watch.incumbent, watch.bound = None, None  # from here on they are the second objective's
    second = with_row(matrix, matrix.cost, held - matrix.offset + 1e-9 * max(1.0, abs(held)))
    second = with_cost(second, matrix.second, matrix.second_offset)
    engine = Engine(second, watch, seed=options.seed, threads=_threads(options))
    before = watch.work
    outcome = engine.mip(gap=min(options.gap, 1e-4) if options.gap > 0 else 0.0, work=most, start=incumbent)
    outcome = verified(second, outcome, engine.again, run.warn)
    run.cost_work = watch.work - before
    run.note(f"cost pass: {outcome.termination.value}, cost {outcome.value:.6g}, bound {outcome.bound:.6g}")
    if outcome.x is None or outcome.value > here:
        return replace(first, value=here), min(outcome.bound, here)
    return outcome, outcome.bound


def least_second(matrix: Matrix) -> float:
    """The bound that needs no search: the second objective with every column at its better bound, if that is finite."""
    best = np.where(matrix.second > 0, matrix.lower, matrix.upper)
    used = matrix.second != 0
    bound = float(matrix.second[used] @ best[used] + matrix.second_offset)
    return bound if np.isfinite(bound) else 0.0


def _is_large(matrix: Matrix) -> bool:
    return int(matrix.integer.sum()) > LARGE_PROGRAM


def _version(solver: str) -> str:
    return VERSION if solver == "highs" else version_of(solver)


def _header(run: Run, program: Program, termination: Termination) -> dict[str, Any]:
    case, options = run.case, run.options
    return {
        "contract": CONTRACT,
        "run": run.name,
        "written": now(),
        "termination": termination.value,
        "dataset": case.base.settings.name,
        "dataset_sha256": case.base.sha256,
        "case_sha256": case_sha256(case),
        "start": run.origin,
        "marking": case.base.settings.marking,
        "scenario": case.name,
        "levers": dict(sorted(case.levers.items())),
        "objective": {},
        "gap_index_before": run.before.planning,
        "gap_index_after": None,
        "settled_before": run.before.settled,
        "settled_after": None,
        "status": "",
        "exit_code": 1,
        "reproducible": not run.watch.hit_clock and not run.watch.cancelled,
        "work": work_done(run.first_work or run.watch.work, run.cost_work),
        "not_modelled": list(program.not_modelled),
        "warnings": run.warnings,
        "kpis": {},
        "tuning": {},
        "solver": {
            "name": options.solver,
            "version": _version(options.solver),
            "threads": _threads(options),
            "seed": options.seed,
        },
        "versions": versions(),
        "seconds": dict(run.seconds),
        "options": {
            "gap": options.gap, "time_limit": options.time_limit, "work_limit": options.work_limit,
            "cost_tolerance": options.cost_tolerance,
        },
    }  # fmt: skip


def plan_of(case: Case, compiled: Compiled, x: Floats, bound: float) -> Plan:
    """An estimate's plan: whole values by column as tables, not finished and not audited (status "estimate").

    Args:
        case: what was planned.
        compiled: the case as rules and arrays.
        x: values by column.
        bound: lower bound of the first objective.
    """
    options, program = SolveOptions(), compiled.program
    run = Run(case, options, Watch(options.time_limit), {}, [], Memory())
    run.before = Indices.before(program)
    compiled.load(np.where(compiled.matrix.integer, np.round(x), x))
    settle(program, None)
    value = number(program.model.first)
    plan = _plan(run, program, Outcome(Termination.CLOCK, x, value, min(bound, value)), 0.0, [])
    return replace(plan, header={**plan.header, "status": "estimate", "reproducible": False})


def _plan(
    run: Run, program: Program, first: Outcome, cost_bound: float, prices: list[dict[str, Any]]
) -> Plan:  # fmt: skip
    begun = time.perf_counter()
    options = run.options
    found = tables(program, prices)
    header = _header(run, program, first.termination)
    told = objective(
        program, mode_text(options.objective, options.gap_ceiling), run.before, first.value, first.bound, cost_bound
    )
    header["objective"] = told
    after = Indices.of(program)
    header["gap_index_after"], header["settled_after"] = after.planning, after.settled
    proven = told["gap"] <= options.gap + 1e-9
    header["status"] = Status.OPTIMAL.value if proven else Status.LIMIT.value
    header["exit_code"] = 0 if proven else 5
    if little := decides_little(told):
        run.warn(little)
    header["kpis"] = kpis(program, found)
    run.phase("extract", begun)
    header["seconds"] = dict(run.seconds)
    run.note(f"value {told['value']:.6g}, bound {first.bound:.6g}, gap {told['gap']:.4%}, cost {told['cost']:.6g}")
    return Plan(header, found, run.case, tuple(run.log), tuple(run.watch.events))


def _no_plan(run: Run, program: Program, why: Termination, reasons: Sequence[str]) -> Plan:
    """A header without tables: infeasible (4), or a limit reached before any plan (6)."""
    header = _header(run, program, why)
    infeasible = why is Termination.INFEASIBLE
    failed = why in (Termination.UNBOUNDED, Termination.FAILED)
    header["status"] = (Status.INFEASIBLE if infeasible else Status.ERROR if failed else Status.LIMIT).value
    header["exit_code"] = 4 if infeasible else 1 if failed else 6
    header["conflict"] = list(reasons)
    run.note(f"no plan: {why.value}")
    for reason in reasons:
        run.note(reason)
    return Plan(header, {}, run.case, tuple(run.log), tuple(run.watch.events))


__all__ = ["Progress", "SolveOptions", "solve"]
