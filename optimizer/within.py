"""The best plan of a case if only a scope plans again, by the tree on the scope's own program, with its bound.

The whole decisions of the plan to start from stand outside the scope; all continuous values but the orders of other
nations are found anew. What stands is cut out of the arrays, and a row that the plan misses by a rounding is taken as
it stands: HiGHS 1.16.0 calls such a program infeasible in its presolve, or, given a start, calls the start optimal
(4.92899 on the reference set, where 4.92586 is to be had). So the tree is given no start; what the start is worth is
worked out by a linear program of its own, and no bound stands that it undercuts.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from data.levers import Case
from data.rows import each
from models.program import Program, build
from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal, Progress
from optimizer.engine.outcome import Outcome, Termination
from optimizer.engine.verify import verified
from optimizer.finders.candidate import Candidate, completed
from optimizer.finders.neighbourhoods import of_nations
from optimizer.finders.repair import FEW, Repair
from optimizer.finders.step import Effort, Neighbourhood, exact, step
from optimizer.instance import Instance
from optimizer.plans.derived import settle
from optimizer.plans.header import Indices, origin, work_asked, work_done
from optimizer.plans.made import About, no_plan, plan_made
from optimizer.plans.plan import Plan
from optimizer.plans.start import start_from_plan
from optimizer.plans.tables import number
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import Compiled, ProvenInfeasible, compile_program
from optimizer.problem.layout import Layout, Mask, Places
from optimizer.problem.tighten import tightened
from optimizer.scope import Scope
from optimizer.solve import SolveOptions

POINTS = 1e-4  # to which a scope's best is proven
ROOM = 1e-6  # relative: how far off a bound or a row a plan may be by rounding
BETTERING = 0.4  # of the time: for a plan of the scope, before the tree proves
EFFORT = Effort(nonzeros=3e7, repairing=6e7, nodes=200)  # of the step before the tree


@dataclass(frozen=True)
class Asked:
    """What is asked: a case, within a scope, from a plan; the gap asked is always 1e-4 points."""

    case: Case
    scope: Scope
    start: Plan
    options: SolveOptions


def within(
    asked: Asked, *, progress: Callable[[Progress], None] | None = None, cancel: threading.Event | None = None,
    warnings: Sequence[str] = (),
) -> Plan:  # fmt: skip
    """The best plan of a case in which only a scope differs from the plan to start from, proven to 1e-4 points.

    Args:
        asked: case, scope, plan to start from, options.
        progress: told about elapsed time, incumbent, bound and gap.
        cancel: set it to stop.
        warnings: kept in the plan.

    Returns:
        A plan (its header has the key "scope") with value and bound of the scope's program; or, without tables, why
        there is none: exit code 4 where the scope can't make one of what stands, 6 where a limit came first.
    """
    options = asked.options
    work = None if options.work_limit is None else work_asked(options.work_limit)[0]
    budget = Budget(options.time_limit, work, cancel)
    journal = Journal(lambda: budget.elapsed, progress, "scope", warnings=list(warnings))
    pool = Pool(budget, journal)
    program = build(asked.case)
    before = Indices.before(program)

    def about() -> About:
        sure = not budget.hit_clock and not budget.cancelled
        told = origin(asked.start.header)
        return About(asked.case, options, before, options.cores, sure, work_done(budget.work, 0), told, {}, {}, journal,
                     pool.events)  # fmt: skip

    try:
        compiled = compile_program(program)
    except ProvenInfeasible as none:
        return _scoped(asked, no_plan(about(), program, Termination.INFEASIBLE, [f"{none.row} can't hold"]))
    budget.started += budget.elapsed  # the limit is on solving
    held = _held(asked, compiled)
    reasons = held.reasons
    outcome = Outcome(Termination.INFEASIBLE) if reasons else _searched(held, budget, pool, options)
    if outcome.x is None:
        why = reasons or [f"{', '.join(asked.scope.names)}: no plan of theirs fits what stands"]
        ended = outcome.termination is not Termination.INFEASIBLE
        return _scoped(asked, no_plan(about(), program, outcome.termination, [] if ended else why))
    return _scoped(asked, _made(about(), compiled, outcome))


def _scoped(asked: Asked, plan: Plan) -> Plan:
    return replace(plan, header={**plan.header, "scope": asked.scope.names})


def _made(about: About, compiled: Compiled, outcome: Outcome) -> Plan:
    """The plan of some values, what follows from its decisions worked out exactly."""
    if outcome.x is None:
        raise ValueError("a plan is made of values")
    program = compiled.program
    compiled.load(np.where(compiled.matrix.integer, np.round(outcome.x), outcome.x))
    settle(program, None)
    value = number(program.model.first)
    return plan_made(about, program, replace(outcome, value=value, bound=min(outcome.bound, value)), 0.0, [])


# ---- what stands -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A case in which all outside a scope stands.

    Attributes:
        instance: the program, columns that stand fixed.
        stands: which ones.
        given: decisions of the plan to start from, by column.
        reasons: what of it this case does not allow.
    """

    instance: Instance
    stands: Mask
    given: Floats
    reasons: list[str]

    @property
    def matrix(self) -> Matrix:
        """Its arrays."""
        return self.instance.matrix


def _held(asked: Asked, compiled: Compiled) -> Held:
    """The case with all that is outside the scope as in the plan to start from."""
    program = compiled.program
    matrix = tightened(compiled.matrix, program.keys)
    layout = Layout.of(matrix, program.keys)
    stands = asked.scope.standing(matrix, layout)
    given = start_from_plan(compiled, asked.start)
    given = np.where(matrix.integer, np.round(given), given)
    off = stands & ((given < matrix.lower - _room(given)) | (given > matrix.upper + _room(given)))
    reasons = [f"{matrix.columns[place].name} {matrix.columns[place].key} can't stand" for place in np.flatnonzero(off)]
    lower, upper = (np.where(stands, given, bound) for bound in (matrix.lower, matrix.upper))
    instance = Instance(
        replace(matrix, lower=lower, upper=upper), program.keys, asked.options.seed, known_layout=layout
    )
    return Held(instance, stands, given, [*reasons, *_lost(asked, program)])


def _room(figures: Floats) -> Floats:
    return ROOM * np.maximum(1.0, np.abs(figures))


def _lost(asked: Asked, program: Program) -> list[str]:
    """Orders, launches and starts outside the scope that this case has no decision for."""
    if asked.scope.everything:
        return []
    m, tables, scope = program.model, asked.start.tables, asked.scope
    orders = [row for row in each(tables["orders"]) if row.nation not in scope.nations]
    keys: list[tuple[Any, Any]] = [
        (m.order, (row.nation, row.programme, row.year)) if row.channel == "national"
        else (m.joint_order, (row.channel, row.nation, row.year)) for row in orders
    ]  # fmt: skip
    keys += [(m.launch, (row.frame, row.launch_year)) for row in each(tables["frames"])
             if row.frame not in scope.frames and not program.keys.is_launched(row.frame)]  # fmt: skip
    keys += [(m.start, (row.expansion, row.start_year)) for row in each(tables["expansions"])
             if row.expansion not in scope.projects]  # fmt: skip
    keys += [(m.fast if row.mode == "fast" else m.pilot, (row.innovation, row.pilot_year))
             for row in each(tables["innovation"]) if row.innovation not in scope.projects]  # fmt: skip
    return [f"{variable.name} {key} can't stand" for variable, key in keys if key not in variable]


# ---- the tree --------------------------------------------------------------------------------------------------------


def _searched(held: Held, budget: Budget, pool: Pool, options: SolveOptions) -> Outcome:
    """The tree on the scope's program, to 1e-4 points; its value is no worse than that of what it starts from."""
    matrix = held.matrix
    x, known = _as_it_stands(held, budget)
    if known < math.inf and x is not None:
        pool.offer(x, known, "start")
    if x is not None and not budget.late():
        x, known = _bettered(held, x, known, budget, pool.journal)
        if known < math.inf:
            pool.offer(x, known, "step")
    if x is None or budget.late():
        ended = Termination.CANCELLED if budget.cancelled else Termination.CLOCK
        return Outcome(ended, x if known < math.inf else None, known)
    columns, small, wrong = _cut_out(matrix, ~held.stands, x)
    if wrong:
        pool.journal.note(f"{len(wrong)} rows of what stands don't hold, such as {matrix.rows[wrong[0]]}")
        return Outcome(Termination.INFEASIBLE)
    engine = Engine(small, budget, seed=options.seed, threads=1, ear=pool.ear("scope"))
    work = None if budget.work_limit is None else max(1, int(budget.work_limit) - budget.work)
    found = engine.mip(gap=0.0, points=POINTS, work=work)
    found = verified(small, found, engine.again, pool.journal.warn, known)
    part = None if found.x is None else exact(engine, small, found.x)
    if part is not None and float(small.cost @ part + small.offset) < known:
        x = x.copy()
        x[columns] = part
        known = float(matrix.cost @ x + matrix.offset)
    if found.termination is Termination.INFEASIBLE:
        return Outcome(Termination.FAILED, x, known) if known < math.inf else found
    return Outcome(found.termination, x if known < math.inf else None, known, min(known, max(0.0, found.bound)))


def _bettered(held: Held, x: Floats, known: float, budget: Budget, journal: Journal) -> tuple[Floats, float]:
    """Values repaired where they violate anything, then bettered: nation by nation, then all of the scope at once.

    The finders' own neighbourhoods free more than the scope; what stands has no room in this program.
    """
    candidate = Candidate.of(held.instance, x)
    part = budget.part(budget.elapsed + BETTERING * (budget.seconds - budget.elapsed))
    layout = held.instance.layout
    if not candidate.feasible:
        Repair().run(candidate, part, journal, everybody=False)
    owners = np.unique(layout.owner[~held.stands & held.matrix.integer & (layout.owner >= 0)]).tolist()
    hoods = [of_nations(held.instance, (owner,)) for owner in owners[:FEW]]
    hoods += [Neighbourhood("scope", ~held.stands)] if candidate.feasible else []
    for hood in hoods:
        if not part.late():
            step(candidate, hood, part, POINTS, effort=EFFORT)
    if candidate.feasible and not part.late():
        completed(candidate, part)
    budget.work += part.work
    if candidate.feasible and candidate.value < known:
        return candidate.values, candidate.value
    return x, known


def _as_it_stands(held: Held, budget: Budget) -> tuple[Floats | None, float]:
    """The plan to start from in this case, all its whole decisions kept, and what it is worth.

    Where they fit no longer (worth: infinite) the values are those that violate least; None where there are none.
    """
    matrix, given = held.matrix, held.given
    whole = np.clip(given, matrix.lower, matrix.upper)
    lower, upper = (np.where(matrix.integer, whole, bound) for bound in (matrix.lower, matrix.upper))
    budget.work += 1
    if np.array_equal(whole[matrix.integer], given[matrix.integer]):
        engine = Engine(matrix, budget, seed=held.instance.seed, threads=1)
        engine.continuous(True)
        engine.bounds(lower, upper)
        found = engine.lp(method="simplex")
        if found.x is not None and found.termination is Termination.PROVEN:
            x = np.where(matrix.integer | held.stands, whole, found.x)
            return x, float(matrix.cost @ x + matrix.offset)
    free = held.instance.elastic.matrix
    slack = np.zeros(len(free.cost) - len(given))
    ends = (np.concatenate([one, slack]) for one in (lower, upper))
    low, high = (np.where(np.arange(len(free.cost)) < len(given), end, bound) for end, bound in zip(
        ends, (free.lower, free.upper), strict=True))  # fmt: skip
    again = relaxed(free, budget, low, high, held.instance.seed)
    if again.x is None or again.termination is not Termination.PROVEN:
        return None, math.inf
    return np.where(matrix.integer | held.stands, whole, again.x[: len(given)]), math.inf


def _cut_out(matrix: Matrix, free: Mask, x: Floats) -> tuple[Places, Matrix, list[int]]:
    """(columns freed, their program with all others at the values of x, rows that hold whatever is freed but don't).

    A row or bound that x misses by a rounding is taken as it stands; one that it violates is not.
    """
    columns, by_rows = np.flatnonzero(free), matrix.a.tocsr()
    fixed, activity = by_rows @ np.where(free, 0.0, x), by_rows @ x
    right = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)
    low = np.where(activity > matrix.row_lower - _room(right), np.minimum(matrix.row_lower, activity), matrix.row_lower)
    high = np.where(
        activity < matrix.row_upper + _room(right), np.maximum(matrix.row_upper, activity), matrix.row_upper
    )
    touched = np.zeros(matrix.shape[0], dtype=bool)
    touched[matrix.a[:, columns].indices] = True
    wrong = np.flatnonzero(~touched & ((activity < low) | (activity > high)))
    rows = np.flatnonzero(touched)
    small = Matrix(
        a=sparse.csc_array(by_rows[rows][:, columns]),
        cost=matrix.cost[columns], offset=float(matrix.offset + matrix.cost @ np.where(free, 0.0, x)),
        second=matrix.second[columns], second_offset=0.0, row_lower=(low - fixed)[rows], row_upper=(high - fixed)[rows],
        lower=np.minimum(matrix.lower[columns], x[columns]), upper=np.maximum(matrix.upper[columns], x[columns]),
        integer=matrix.integer[columns], rows=(), columns=(), group=matrix.group[columns],
        sizes=None if matrix.sizes is None else matrix.sizes[columns],
    )  # fmt: skip
    return columns, small, wrong.tolist()
