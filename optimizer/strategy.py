"""Search for good plans: the relaxation, its shared decisions rounded, nations one by one, then neighbourhoods.

1. Nothing ordered but what frames launched earlier ask for: a plan at once where no floor forbids it.
2. The relaxation of the tightened program by interior point: the bound, and the proportions.
3. What nations share (frames, members, tiers, projects, types) is rounded, and the relaxation solved again with it.
4. Each nation's own decisions are solved whole while all others stand at the relaxation's: what the relaxation gave
   a nation is its share of lines, components and common rules.
5. Neighbourhoods (a nation, two nations, an area, a frame, a project) are freed and solved again, the most rewarding
   first, until the time is up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.keys import Keys
from optimizer.bounds.lagrangian import dual_bound
from optimizer.engine.highs import Engine, Outcome, Termination, Watch
from optimizer.finders.dive import dive
from optimizer.finders.neighbourhoods import by_money, by_need, menders, nation_hood, neighbourhoods, together
from optimizer.finders.round_down import rounded_down
from optimizer.finders.rounding import coherent, paid_in_full, price_levels, shared_decisions
from optimizer.finders.step import (
    Hood,
    Hunt,
    begin,
    broken_rows,
    cut_out,
    make_whole,
    step,
    types_within,
    with_slacks,
)
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.layout import Layout

SMALL_PROGRAM = 400  # integers up to which the tree alone is quicker
LARGE_PROGRAM = 1500  # integers from which the tree does not get through its root in a meeting
EXACT = 1e-8  # tolerance of an interior point; rougher costs as much, and residues of 1e-6 add up to violations
LEAST_GAP, LEAST_WORK = 0.05, 40  # how well, and with how many check points, the least plan is sought
FIRST_POINTS = 2e-3  # points within which a nation's first decisions need not be proven
POINTS = (3e-4, 1e-4, 3e-5)  # the same for a neighbourhood, by how often it came to nothing
MENDING = 6  # rounds of mending before other neighbourhoods are tried
FEW = 10  # nations that may be solved again one by one; more of them take longer than a relaxation of all
ESTIMATED = 2e-5  # sum of violations of an estimate's plan that is the interior point's tolerance
HOLDS = 1e-6  # how far off, by its right side, a row of a plan may be
NO_GAIN = 1e-6  # points
BETWEEN = 16  # neighbourhoods between two times that all continuous values are found anew
NO_PROMISE = 1e-9  # points by work: nothing is left to be gained
PATIENCE = 3.0  # of the time limit: how long a first plan worth having may take; the least plan is not
ROUNDING = 0.7  # of that time: then the lots that are left are rounded down at once
Note = Callable[[str], None]


def value_of(matrix: Matrix, x: Floats | None) -> float:
    """First objective of a solution; infinite for none."""
    return np.inf if x is None else float(matrix.cost @ x[: len(matrix.cost)] + matrix.offset)


def resumed(
    matrix: Matrix, keys: Keys, watch: Watch, given: Floats, seed: int, layout: Layout | None = None
) -> Hunt | None:
    """A search from the whole decisions of an earlier plan; what no longer fits is bent, and priced."""
    hunt = begin(matrix, keys, watch, given, seed, layout)
    free = hunt.matrix
    fixed = np.concatenate([np.round(given), np.zeros(len(free.cost) - hunt.plain)])
    fixed = coherent(free, keys, np.clip(fixed, free.lower, free.upper), hunt.orders)
    lower, upper = (np.where(free.integer, fixed, bound) for bound in (free.lower, free.upper))
    again = relaxed(free, watch, lower, upper, seed)
    if again.x is None or again.termination is not Termination.PROVEN:
        return None
    hunt.x = np.where(free.integer, fixed, again.x)
    return hunt


def carried_over(
    matrix: Matrix, keys: Keys, watch: Watch, values: Floats, seed: int, layout: Layout | None = None
) -> Hunt | None:
    """A search from all values of a plan of another case, where what defines one figure by others still holds.

    What they break (a budget, a capacity) is bent, and priced. None where prices or effects changed, or what
    many nations share is touched, so that the continuous values have to be found anew (`resumed`).
    """
    lower, upper = single_bounds(matrix)
    hunt = begin(matrix, keys, watch, np.clip(values, lower, upper), seed, layout)
    activity = hunt.rows @ hunt.x
    off = np.maximum(activity - hunt.matrix.row_upper, hunt.matrix.row_lower - activity)
    right = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)
    holds = np.all(off <= HOLDS * np.maximum(1.0, np.abs(right)))
    return hunt if holds and _few_alone(hunt) else None


def _few_alone(hunt: Hunt) -> bool:
    """Whether all that is bent is the matter of single nations, and of few of them."""
    nations = set(hunt.keys.nations)
    own = all(any(str(part).partition(":")[0] in nations for part in key) for _, key, *_ in broken_rows(hunt))
    return own and len(by_need(hunt, everybody=False)) <= FEW


def single_bounds(matrix: Matrix) -> tuple[Floats, Floats]:
    """Bounds of the columns, with what rows of a single column say of it (the carry-over limit is one)."""
    lower, upper = matrix.lower.copy(), matrix.upper.copy()
    a = matrix.a.tocsr()
    rows = np.flatnonzero(np.diff(a.indptr) == 1)
    columns, factors = a.indices[a.indptr[rows]], a.data[a.indptr[rows]]
    ends = np.stack([matrix.row_lower[rows] / factors, matrix.row_upper[rows] / factors])
    np.maximum.at(lower, columns, ends.min(axis=0))
    np.minimum.at(upper, columns, ends.max(axis=0))
    return lower, np.maximum(lower, upper)


def relaxed(matrix: Matrix, watch: Watch, lower: Floats, upper: Floats, seed: int, tolerance: float = EXACT) -> Outcome:
    """The linear relaxation within some bounds, by interior point without crossover."""
    engine = Engine(matrix, watch, seed=seed, threads=1)
    engine.set(ipm_optimality_tolerance=tolerance)
    engine.continuous(True)
    engine.bounds(lower, upper)
    outcome = engine.lp(method="ipm", crossover=False)
    return engine.lp(method="ipm") if outcome.termination is Termination.FAILED else outcome


def patient(watch: Watch) -> Watch:
    """The same watch with the time that a first plan worth having may take; what it counts is its own."""
    return replace(watch, time_limit=PATIENCE * watch.time_limit)


def completed(hunt: Hunt) -> bool:
    """Find all continuous values of the incumbent anew, its whole decisions kept; whether that makes it better.

    Each step holds the values of all others: who takes which part of a line's output, and when, is seen only at once.
    It also keeps each row within the engine's tolerance alone, and many steps add up: the values found anew are what
    the decisions are worth, and are taken even where that is less than the steps said.
    """
    free = hunt.matrix
    whole = np.round(hunt.x)
    lower, upper = (np.where(free.integer, whole, bound) for bound in (free.lower, free.upper))
    engine = Engine(free, hunt.watch if hunt.kept is not None else patient(hunt.watch), seed=hunt.seed, threads=1)
    engine.continuous(True)
    engine.bounds(lower, upper)
    found = engine.lp(method="ipm")
    hunt.watch.work += 1
    if found.x is None or found.termination is not Termination.PROVEN:
        return False
    gain = hunt.priced - found.value
    hunt.x = np.where(free.integer, whole, found.x)
    return gain > NO_GAIN


def proven(matrix: Matrix, root: Outcome) -> float:
    """The bound of a relaxation, by its duals: what its primal side says is off by the engine's tolerances."""
    return -np.inf if root.row_duals is None else max(0.0, dual_bound(matrix, root.row_duals))


def least_plan(matrix: Matrix, keys: Keys, watch: Watch, seed: int) -> Floats | None:
    """The plan with nothing decided but what frames launched earlier ask of their members, if that is a plan."""
    bound = {frame for frame in keys.frames if keys.is_launched(frame)}
    bound_types = {(n, keys.frame[f].programme) for f in bound for n in keys.members[f]} | {
        keys.frame[f].programme for f in bound
    }
    decided = np.flatnonzero(matrix.integer | np.isin(matrix.group, ["order", "joint_order"]))
    upper = matrix.upper.copy()
    for column in decided.tolist():
        key = matrix.columns[column].key
        group = matrix.group[column]
        kept = key in bound_types if group in ("operated", "type_ordered") else key[0] in bound
        if not kept:
            upper[column] = max(matrix.lower[column], 0.0)
    engine = Engine(replace(matrix, upper=upper), watch.aside(watch.time_limit), seed=seed, threads=1)
    outcome = engine.mip(gap=LEAST_GAP, work=LEAST_WORK)
    return outcome.x


@dataclass(frozen=True)
class Found:
    """What the start and the search came to.

    Attributes:
        x: values by column, or None.
        bound: lower bound of the first objective.
        root: that of the relaxation alone.
        duals: duals of the relaxation by row, or None where it was not solved.
        bent: where there is no plan, the rows (rule, key, amount) that the best try does not keep.
    """

    x: Floats | None
    bound: float = -np.inf
    root: float = -np.inf
    duals: Floats | None = None
    bent: tuple[tuple[str, tuple[object, ...], float], ...] = ()


def first_plan(
    matrix: Matrix, keys: Keys, watch: Watch, *, seed: int, given: Floats | None, share: float, note: Note
) -> Found:
    """Find a first plan and a bound; on large programs keep improving for a share of the time.

    Args:
        matrix: the tightened program.
        keys: its indices.
        watch: clock, work and cancel.
        seed: for the engine.
        given: a plan to start from (integers by column), or None.
        share: part of the time limit that start and search may take.
        note: writes a line of the log.
    """
    deadline = share * watch.time_limit
    hunt = None if given is None else resumed(matrix, keys, watch, given, seed)
    if given is not None:
        fits = hunt is not None and hunt.feasible
        note("the plan to start from fits" if fits else "the plan to start from does not fit this case as it is")
    if int(matrix.integer.sum()) <= SMALL_PROGRAM:
        return Found(hunt.x[: hunt.plain] if hunt is not None and hunt.feasible else None)
    best = least_plan(matrix, keys, watch, seed) if hunt is None else None
    if best is not None:
        watch.incumbent = value_of(matrix, best)
        note(f"first plan: {watch.incumbent:.6g}")
    if hunt is not None:
        _mend(hunt, deadline, note)
        _tell(hunt)
    root = relaxed(matrix, patient(watch), matrix.lower, matrix.upper, seed)
    least = -np.inf
    if root.x is not None and root.termination is Termination.PROVEN:
        note(f"relaxation: {root.value:.6g}")
        least = proven(matrix, root)
        watch.raise_bound(least)
        if hunt is None:
            hunt = _from_relaxation(_shared(matrix, keys, watch, root.x, seed, note), note)
    if hunt is None and best is not None:
        hunt = begin(matrix, keys, watch, best, seed)
    if hunt is not None:
        _complete(hunt, note)
        _tell(hunt)
        _improve(hunt, deadline, note)
        _complete(hunt, note)
        _tell(hunt)
        hunt.fall_back()
        if hunt.feasible and hunt.value < value_of(matrix, best):
            best = hunt.x[: hunt.plain]
    bent = [] if hunt is None or best is not None else broken_rows(hunt)
    bound = -np.inf if watch.bound is None else watch.bound
    told = tuple((rule, key, amount) for rule, key, amount, _ in bent)
    return Found(best, bound, least, root.row_duals, told)


def _from_relaxation(hunt: Hunt, note: Note) -> Hunt | None:
    """Nations made whole one by one, and what that bends mended; None where the rounding leaves no values.

    A first plan worth having may take longer than the limit; of that time a part is kept for mending.
    """
    patience = PATIENCE * hunt.watch.time_limit
    if not _one_by_one(hunt, ROUNDING * patience, note):
        return None
    _complete(hunt, note)
    _mend(hunt, patience, note)
    return hunt


def first_try(
    matrix: Matrix, keys: Keys, watch: Watch, given: Callable[[], Floats | None], seed: int, seconds: float,
    longer: float = 0.0, values: Floats | None = None, layout: Layout | None = None,
) -> Floats | None:  # fmt: skip
    """A plan near another one, in seconds: its decisions mended where they don't fit; without one, the least plan.

    Args:
        matrix: the tightened program.
        keys: its indices.
        watch: clock, work and cancel.
        given: gives the other plan (integers by column), or None.
        values: all values of the other plan by column, if they are known.
        seed: for the engine.
        seconds: how long it may mend.
        layout: what the columns belong to, if it is known.
        longer: seconds more in which the mended plan is made better.
    """
    hunt = None if values is None else carried_over(matrix, keys, watch, values, seed, layout)
    if hunt is None:
        whole = given()
        hunt = None if whole is None else resumed(matrix, keys, watch, whole, seed, layout)
    if hunt is not None:
        hunt.allowed = ESTIMATED
        _mend(hunt, watch.elapsed + seconds, lambda _: None, everybody=False)
        if longer > 0:
            _tell(hunt)
            _improve(hunt, watch.elapsed + longer, lambda _: None)
            hunt.fall_back()
        if hunt.feasible:
            return hunt.x[: hunt.plain]
    return least_plan(matrix, keys, watch, seed)


def _complete(hunt: Hunt, note: Note) -> None:
    if completed(hunt):
        note(f"all values found anew: {hunt.value:.6g}, violations {hunt.slack:.3g}")


def _tell(hunt: Hunt) -> None:
    """Keep the best plan there is, and the watch's incumbent at its value."""
    if hunt.feasible:
        hunt.keep()
        hunt.watch.incumbent = min(hunt.value, np.inf if hunt.watch.incumbent is None else hunt.watch.incumbent)
    hunt.watch.report()


def _shared(matrix: Matrix, keys: Keys, watch: Watch, x: Floats, seed: int, note: Note) -> Hunt:
    """A search from the relaxation with its shared decisions rounded: what nations decide themselves is not whole."""
    draft = shared_decisions(matrix, keys, x)
    fixed = np.where(matrix.integer & (draft.lower == draft.upper), draft.lower, x)
    hunt = begin(matrix, keys, watch, x, seed)
    again = relaxed(matrix, patient(watch), draft.lower, draft.upper, seed)
    if again.termination is Termination.PROVEN and again.x is not None:
        note(f"relaxation with shared decisions rounded: {again.value:.6g}")
        hunt.x = with_slacks(hunt, price_levels(draft, again.x))
    else:
        hunt.x = with_slacks(hunt, paid_in_full(draft, price_levels(draft, fixed)))
    return hunt


def _one_by_one(hunt: Hunt, deadline: float, note: Note) -> bool:
    """Each nation's own decisions made whole by a dive within what the relaxation gives it; False if none is found.

    Where the clock ends it the lots that are left are rounded down.
    """
    order = by_money(hunt.keys)
    for place, number in enumerate(order):
        hood = nation_hood(hunt, (number,))
        columns, small = cut_out(hunt, hood, trading=True)
        late = hunt.watch.late(deadline)
        found = None if late else dive(small, hunt.watch.aside(deadline), hunt.seed, types_within(hunt, columns))
        hunt.watch.work += 1
        if found is not None:
            hunt.x[columns] = found
        elif late or not make_whole(hunt, hood, FIRST_POINTS, deadline):
            note(f"nations: {hunt.keys.nations[number]} and the rest rounded down")
            return rounded_down(hunt, order[place:], relaxed)
        hunt.watch.report()
    note(f"nations, one by one: {hunt.value:.6g}, violations {hunt.slack:.3g}")
    return True


# ---- neighbourhoods --------------------------------------------------------------------------------------------------


@dataclass
class Trial:
    """A neighbourhood and what came of it when it was last tried.

    Attributes:
        hood: what is freed.
        left: points that its relaxation promised and did not give.
        work: check points that it took.
        fruitless: times in a row without a gain.
        changed: gains of others since it was tried.
    """

    hood: Hood
    left: float = 1.0
    work: int = 10
    fruitless: int = 0
    changed: float = 0.0

    @property
    def promise(self) -> float:
        """Points to be hoped for by work: what is left, less the more often it came to nothing, and what changed."""
        return (self.left * 0.3**self.fruitless + 0.02 * self.changed) / self.work


def _mend(hunt: Hunt, deadline: float, note: Note, *, everybody: bool = True) -> None:
    """Solve each nation, then what bent rows name, the dearest first, until there is a plan or nothing mends it.

    A plan that was whole before, put into another case, is bent in few places: there only the nations that these name
    are solved first (``everybody`` false).
    """
    in_vain: set[tuple[str, bool]] = set()  # tried since the last gain
    for round_ in range(MENDING):
        before, wide = hunt.priced, round_ > 0
        for hood in _hoods_to_mend(hunt, round_, everybody):
            if hunt.feasible or hunt.watch.late(deadline):
                break
            if (hood.name, wide) in in_vain:
                continue
            tried = step(hunt, hood, POINTS[0], deadline, wide=wide)
            if not tried.ended:
                break
            in_vain = {*in_vain, (hood.name, wide)} if tried.gain <= 0 else set()
            hunt.watch.report()
        note(f"mended: {hunt.value:.6g}, violations {hunt.slack:.3g}")
        if hunt.feasible or hunt.watch.late(deadline) or (round_ > 1 and before - hunt.priced < POINTS[0]):
            return


def _hoods_to_mend(hunt: Hunt, round_: int, everybody: bool) -> list[Hood]:
    """What is solved again in a round of mending.

    Nations first; where a lever bends rows of many, what they bend together (types of a class, lines), several small
    ones at once.
    """
    first = by_need(hunt, everybody) if round_ == 0 else []
    if everybody:
        return first or menders(hunt, dearest_first=True)
    if first and len(first) <= FEW:
        return first
    hoods = menders(hunt, dearest_first=False)
    return together(hunt, hoods) if round_ < 2 else hoods


def _improve(hunt: Hunt, deadline: float, note: Note) -> None:
    """Try neighbourhoods, the most promising first, until the time is up or none promises anything."""
    watch = hunt.watch
    trials = [Trial(hood) for hood in neighbourhoods(hunt)]
    steps = 0
    while trials and not watch.late(deadline):
        steps += 1
        if steps % BETWEEN == 0:
            completed(hunt)
            _tell(hunt)
            hunt.fall_back()
        hunt.watch.report()
        trial = max(trials, key=lambda t: t.promise)
        if trial.promise < NO_PROMISE:
            break
        work = watch.work
        points = POINTS[min(trial.fruitless, len(POINTS) - 1)]
        tried = step(hunt, trial.hood, points, deadline, wide=trial.fruitless > 0)
        if not tried.ended:
            break
        trial.left, trial.work, trial.changed = tried.left, max(1, watch.work - work), 0.0
        trial.fruitless = 0 if tried.gain > 0 else trial.fruitless + 1
        for other in trials if tried.gain > 0 else []:
            other.changed += tried.gain if other is not trial else 0.0
    note(f"search: {hunt.value:.6g}, violations {hunt.slack:.3g}")
