"""One plan from one case: build, compile, start, prove, then the cheapest plan of that value; tables and header."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.levers import Case
from models.program import Program, build
from models.registry import Rule
from optimizer.compile import Floats, Matrix, ProvenInfeasible, compile_program, rule_of
from optimizer.conflict import explain_conflict
from optimizer.engine import (
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
)
from optimizer.kpis import kpis
from optimizer.plan import CONTRACT, Plan, PlanError, read_plan, versions
from optimizer.prices import shadow_prices
from optimizer.settle import settle
from optimizer.start import first_plan
from optimizer.tables import number, tables
from optimizer.values import gap_before, start_from_plan

COST_SHARE = 0.15  # of the time limit: kept for the cost pass (MODEL.md, section 9)
COST_WORK = 0.25  # of the first pass's work: what the cost pass may take, so that a run repeats
POLISH = 1e-9  # feasibility of the last LP, well inside the audit's tolerance


@dataclass(frozen=True)
class SolveOptions:
    """How to solve.

    Attributes:
        gap: relative gap at which the first pass may stop.
        time_limit: seconds for everything that is solving.
        work_limit: engine check points in place of the clock.
        cost_tolerance: how much of the first objective the cost pass may give up (relative).
        objective: one of models.objective.MODES.
        gap_ceiling: gap index not to exceed (objective cost).
        seed, threads: passed to the engine; threads None takes the cores there are.
        solver: highs.
        start: folder of a plan to start from.
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
    start: Path | None = None


@dataclass
class Run:
    """The state of one solve while it goes through its phases."""

    case: Case
    options: SolveOptions
    watch: Watch
    seconds: dict[str, float]
    log: list[str]
    before: float = 0.0

    def note(self, text: str) -> None:
        """Write a line of the log and tell the caller."""
        self.log.append(f"{self.watch.elapsed:8.2f} s  {text}")
        self.watch.report(text, force=True)

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

    Returns:
        A plan; its tables are empty where none was found, and the header says why.
    """
    watch = Watch(options.time_limit, options.work_limit, cancel, progress)
    run = Run(case, options, watch, {"read": round(read_seconds, 3)}, [])
    begun = time.perf_counter()
    watch.phase = "build"
    program = build(case, mode=options.objective, ceiling=options.gap_ceiling, rules=rules)
    run.before = gap_before(program)
    run.phase("build", begun)
    begun = time.perf_counter()
    try:
        matrix = compile_program(program)
    except ProvenInfeasible as problem:
        return _no_plan(run, program, Termination.INFEASIBLE, [f"{problem.row} can't hold whatever is decided"], warnings)
    run.phase("compile", begun)
    run.note(f"{matrix.shape[0]} rows, {matrix.shape[1]} columns, {int(matrix.integer.sum())} integers")
    watch.started = time.perf_counter()  # the limit is on solving; building is a second or two
    begun = time.perf_counter()
    first = _first_pass(run, program, matrix)
    if first.x is None:
        run.phase("solve", begun)
        reasons = explain_conflict(matrix, watch) if first.termination is not Termination.CANCELLED else []
        return _no_plan(run, program, first.termination, reasons, warnings)
    last, cost_bound = _cost_pass(run, matrix, first)
    prices = _finish(run, program, matrix, first, last)
    run.phase("solve", begun)
    return _plan(run, program, first, cost_bound, prices, warnings)


def _threads(options: SolveOptions) -> int:
    return options.threads or default_threads()


def _first_pass(run: Run, program: Program, matrix: Matrix) -> Outcome:
    """Start heuristics, then the tree until the gap asked, the clock or the work limit."""
    options, watch = run.options, run.watch
    given = _given_start(run, program, matrix)
    watch.phase = "start"
    start, bound = first_plan(matrix, program.keys, watch, seed=options.seed, threads=_threads(options), given=given, note=run.note)
    watch.bound = bound
    if start is not None:
        value = float(matrix.cost @ start + matrix.offset)
        watch.incumbent = value
        run.note(f"first plan: {value:.6g}, bound {bound:.6g}")
        if relative_gap(value, bound) <= options.gap:
            return Outcome(Termination.PROVEN, start, value, bound)
    watch.phase = "prove"
    engine = Engine(matrix, watch, seed=options.seed, threads=_threads(options))
    work = None if options.work_limit is None else max(1, int(options.work_limit) - watch.work)
    outcome = engine.mip(gap=options.gap, share=1 - COST_SHARE, work=work, start=start)
    run.note(f"tree: {outcome.termination.value}, value {outcome.value:.6g}, bound {outcome.bound:.6g}")
    best = max(outcome.bound, bound)
    if outcome.x is None or (start is not None and float(matrix.cost @ start + matrix.offset) < outcome.value):
        if start is None:
            return outcome
        outcome = replace(outcome, x=start, value=float(matrix.cost @ start + matrix.offset))
    return replace(outcome, bound=min(best, outcome.value))


def _given_start(run: Run, program: Program, matrix: Matrix) -> Floats | None:
    if run.options.start is None:
        return None
    earlier = read_plan(run.options.start)
    if not earlier.solved:
        raise PlanError(f"{run.options.start} holds no plan to start from: leave out --start or name another")
    return start_from_plan(program, matrix, earlier)


def _cost_pass(run: Run, matrix: Matrix, first: Outcome) -> tuple[Outcome, float]:
    """The second objective with the first held at the incumbent's value (1 + tolerance).

    Returns:
        (best solution, bound of the second objective).
    """
    watch, options = run.watch, run.options
    incumbent = first.x
    if incumbent is None:
        raise ValueError("the cost pass needs a plan to start from")
    watch.phase, watch.incumbent, watch.bound = "cost", None, None
    held = first.value + options.cost_tolerance * abs(first.value)
    second = with_cost(matrix, matrix.second, matrix.second_offset)
    engine = Engine(second, watch, seed=options.seed, threads=_threads(options))
    engine.add_row(matrix.cost, held - matrix.offset + 1e-9 * max(1.0, abs(held)))
    work = max(10, int(COST_WORK * watch.work)) if first.termination is not Termination.PROVEN else None
    if options.work_limit is None and work is not None:
        watch_left = max(options.time_limit - watch.elapsed, COST_SHARE * options.time_limit)
        watch.time_limit = watch.elapsed + watch_left
    outcome = engine.mip(gap=min(options.gap, 1e-4) if options.gap > 0 else 0.0, work=work, start=incumbent)
    run.note(f"cost pass: {outcome.termination.value}, cost {outcome.value:.6g}, bound {outcome.bound:.6g}")
    here = float(matrix.second @ incumbent + matrix.second_offset)
    if outcome.x is None or outcome.value > here:
        return replace(first, value=here), min(outcome.bound, here)
    return outcome, outcome.bound


def _finish(run: Run, program: Program, matrix: Matrix, first: Outcome, last: Outcome) -> list[dict[str, Any]]:
    """Round and fix the integers, solve the LP again, load it into the program; shadow prices of that LP."""
    watch, options = run.watch, run.options
    watch.phase = "finish"
    if last.x is None:
        raise ValueError("nothing to finish without a plan")
    fixed = np.where(matrix.integer, np.round(last.x), 0.0)
    lower = np.where(matrix.integer, fixed, matrix.lower)
    upper = np.where(matrix.integer, fixed, matrix.upper)
    calm = replace(watch, time_limit=math.inf, cancel=None)
    engine = Engine(matrix, calm, seed=options.seed, threads=_threads(options))
    engine.continuous(True)
    engine.bounds(lower, upper)
    best = engine.lp(tolerance=POLISH)
    if best.x is None:
        best = engine.lp(tolerance=1e-7)
    prices = shadow_prices(program, matrix, best)
    if best.x is None:
        matrix.take(last.x)
    else:
        allowed = max(best.value, first.value + options.cost_tolerance * abs(first.value))
        engine.add_row(matrix.cost, allowed - matrix.offset + 1e-9 * max(1.0, abs(allowed)))
        engine.objective(matrix.second, matrix.second_offset)
        cheap = engine.lp(tolerance=POLISH)
        matrix.take(cheap.x if cheap.x is not None and cheap.termination is Termination.PROVEN else best.x)
    settle(program)
    return prices


def _header(run: Run, program: Program, warnings: Sequence[str]) -> dict[str, Any]:
    case, options = run.case, run.options
    return {
        "contract": CONTRACT,
        "dataset": case.base.settings.name,
        "dataset_sha256": case.base.sha256,
        "marking": case.base.settings.marking,
        "scenario": case.name,
        "levers": dict(sorted(case.levers.items())),
        "objective": {},
        "gap_index_before": run.before,
        "gap_index_after": None,
        "status": "",
        "exit_code": 1,
        "reproducible": not run.watch.hit_clock and not run.watch.cancelled,
        "work": run.watch.work,
        "not_modelled": list(program.not_modelled),
        "warnings": list(warnings),
        "kpis": {},
        "solver": {"name": options.solver, "version": VERSION, "threads": _threads(options), "seed": options.seed},
        "versions": versions(),
        "seconds": dict(run.seconds),
        "options": {
            "gap": options.gap, "time_limit": options.time_limit, "work_limit": options.work_limit,
            "cost_tolerance": options.cost_tolerance,
        },
    }  # fmt: skip


def _plan(
    run: Run, program: Program, first: Outcome, cost_bound: float, prices: list[dict[str, Any]], warnings: Sequence[str]
) -> Plan:
    begun = time.perf_counter()
    m = program.model
    found = tables(program, prices)
    header = _header(run, program, warnings)
    gap = relative_gap(first.value, first.bound)
    cost, second = number(m.cost), number(m.second)
    proven = gap <= run.options.gap + 1e-9
    header["objective"] = {
        "mode": run.options.objective,
        "value": number(m.first),
        "bound": first.bound,
        "gap": gap,
        "cost": cost,
        "cost_gap": relative_gap(second, min(cost_bound, second)),
        "soft_penalty": number(m.soft_penalty),
        "persistence": number(m.persistence),
    }
    header["gap_index_after"] = number(m.gap_index)
    header["status"] = Status.OPTIMAL.value if proven else Status.LIMIT.value
    header["exit_code"] = 0 if proven else 5
    header["kpis"] = kpis(program, found)
    run.phase("extract", begun)
    header["seconds"] = dict(run.seconds)
    run.note(f"value {header['objective']['value']:.6g}, bound {first.bound:.6g}, gap {gap:.4%}, cost {cost:.6g}")
    return Plan(header, found, run.case, tuple(run.log))


def _no_plan(
    run: Run, program: Program, why: Termination, reasons: Sequence[str], warnings: Sequence[str]
) -> Plan:
    """A header without tables: infeasible (4), or a limit reached before any plan (6)."""
    header = _header(run, program, warnings)
    infeasible = why is Termination.INFEASIBLE
    failed = why in (Termination.UNBOUNDED, Termination.FAILED)
    header["status"] = (Status.INFEASIBLE if infeasible else Status.ERROR if failed else Status.LIMIT).value
    header["exit_code"] = 4 if infeasible else 1 if failed else 6
    header["conflict"] = list(reasons)
    run.note(f"no plan: {why.value}")
    for reason in reasons:
        run.note(reason)
    return Plan(header, {}, run.case, tuple(run.log))


__all__ = ["Progress", "SolveOptions", "rule_of", "solve"]
