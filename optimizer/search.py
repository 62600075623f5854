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

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from models.keys import Keys
from optimizer.compile import Floats, Matrix
from optimizer.dive import dive
from optimizer.engine import Engine, Outcome, Termination, Watch
from optimizer.hunt import PRICE, SLACK, Hood, Hunt, begin, cut_out, make_whole, step, types_within, with_slacks
from optimizer.layout import Mask
from optimizer.start import paid_in_full, price_levels, shared_decisions

SMALL_PROGRAM = 400  # integers up to which the tree alone is quicker
LARGE_PROGRAM = 1500  # integers from which the tree does not get through its root in a meeting
LP_TOLERANCE = 1e-6  # relative: what an interior point may be off by, taken off the bound
LEAST_GAP, LEAST_WORK = 0.05, 40  # how well, and with how many check points, the least plan is sought
FIRST_POINTS = 2e-3  # points within which a nation's first decisions need not be proven
POINTS = (3e-4, 1e-4, 3e-5)  # the same for a neighbourhood, by how often it came to nothing
NO_PROMISE = 1e-9  # points by work: nothing is left to be gained
PATIENCE = 1.5  # of the time limit: how long the first plan may take where there is none to start from
Note = Callable[[str], None]


def value_of(matrix: Matrix, x: Floats | None) -> float:
    """First objective of a solution; infinite for none."""
    return np.inf if x is None else float(matrix.cost @ x[: len(matrix.cost)] + matrix.offset)


def repaired(matrix: Matrix, watch: Watch, x: Floats, seed: int) -> Floats | None:
    """The plan with these integers and the best continuous values, if there is one."""
    fixed = np.round(x)
    lower, upper = (np.where(matrix.integer, fixed, bound) for bound in (matrix.lower, matrix.upper))
    outcome = relaxed(matrix, watch, lower, upper, seed)
    return outcome.x if outcome.termination is Termination.PROVEN else None


def relaxed(matrix: Matrix, watch: Watch, lower: Floats, upper: Floats, seed: int) -> Outcome:
    """The linear relaxation within some bounds, by interior point without crossover."""
    engine = Engine(matrix, watch, seed=seed, threads=1)
    engine.continuous(True)
    engine.bounds(lower, upper)
    outcome = engine.lp(method="ipm", crossover=False)
    return engine.lp(method="ipm") if outcome.termination is Termination.FAILED else outcome


def least_plan(matrix: Matrix, keys: Keys, watch: Watch, seed: int) -> Floats | None:
    """The plan with nothing decided but what frames launched earlier ask of their members, if that is a plan."""
    bound = {frame for frame in keys.frames if keys.is_launched(frame)}
    bound_types = {(n, keys.frame[f].programme) for f in bound for n in keys.members[f]} | {
        keys.frame[f].programme for f in bound
    }
    decided = np.flatnonzero(matrix.integer | np.isin(matrix.group, ["order", "joint_order"]))
    upper = matrix.upper.copy()
    for column in decided.tolist():
        key = matrix.columns[column].index()
        group = matrix.group[column]
        kept = key in bound_types if group in ("operated", "type_ordered") else key[0] in bound
        if not kept:
            upper[column] = max(matrix.lower[column], 0.0)
    engine = Engine(replace(matrix, upper=upper), watch.aside(watch.time_limit), seed=seed, threads=1)
    outcome = engine.mip(gap=LEAST_GAP, work=LEAST_WORK)
    return outcome.x


def first_plan(
    matrix: Matrix, keys: Keys, watch: Watch, *, seed: int, threads: int, given: Floats | None, share: float, note: Note
) -> tuple[Floats | None, float]:
    """Find a first plan and a bound; on large programs keep improving for a share of the time.

    Args:
        matrix: the tightened program.
        keys: its indices.
        watch: clock, work and cancel.
        seed: for the engine.
        threads: for the engine.
        given: a plan to start from (integers by column), or None.
        share: part of the time limit that start and search may take.
        note: writes a line of the log.

    Returns:
        (values by column or None, lower bound of the first objective).
    """
    best = repaired(matrix, watch, given, seed) if given is not None else None
    if given is not None:
        note("the plan to start from fits" if best is not None else "the plan to start from does not fit this case")
    if int(matrix.integer.sum()) <= SMALL_PROGRAM:
        return best, -np.inf
    if best is None:
        best = least_plan(matrix, keys, watch, seed)
    if best is not None:
        watch.incumbent = value_of(matrix, best)
        note(f"first plan: {watch.incumbent:.6g}")
    root = relaxed(matrix, watch, matrix.lower, matrix.upper, seed)
    if root.x is None or root.termination is not Termination.PROVEN:
        return best, -np.inf
    note(f"relaxation: {root.value:.6g}")
    bound = root.value - LP_TOLERANCE * max(1.0, abs(root.value))
    watch.bound = bound
    hunt = _rounded(matrix, keys, watch, root.x, seed, note) if given is None or best is None else None
    if hunt is None:
        hunt = begin(matrix, keys, watch, best, seed) if best is not None else None
    if hunt is None:
        return best, bound
    _improve(hunt, share * watch.time_limit, note)
    if hunt.feasible and hunt.value < value_of(matrix, best):
        best = hunt.x[: hunt.plain]
    return best, bound


def _rounded(matrix: Matrix, keys: Keys, watch: Watch, x: Floats, seed: int, note: Note) -> Hunt | None:
    """Shared decisions rounded, then each nation's own decisions, by a dive within what the relaxation gives it."""
    draft = shared_decisions(matrix, keys, x)
    fixed = np.where(matrix.integer & (draft.lower == draft.upper), draft.lower, x)
    hunt = begin(matrix, keys, watch, x, seed)
    again = relaxed(matrix, watch, draft.lower, draft.upper, seed)
    if again.termination is Termination.PROVEN and again.x is not None:
        note(f"relaxation with shared decisions rounded: {again.value:.6g}")
        hunt.x = with_slacks(hunt, price_levels(draft, again.x))
    else:
        hunt.x = with_slacks(hunt, paid_in_full(draft, price_levels(draft, fixed)))
    deadline = PATIENCE * watch.time_limit
    for number in by_money(keys):
        hood = nation_hood(hunt, (number,))
        columns, small = cut_out(hunt, hood)
        found = dive(small, watch.aside(deadline), seed, types_within(hunt, columns))
        watch.work += 1
        if found is not None:
            hunt.x[columns] = found
        elif not make_whole(hunt, hood, FIRST_POINTS, deadline):
            note(f"nations: stopped before {keys.nations[number]}")
            return None
        watch.report()
    note(f"nations, one by one: {hunt.value:.6g}, violations {hunt.slack:.3g}")
    return hunt


# ---- neighbourhoods --------------------------------------------------------------------------------------------------


@dataclass
class Trial:
    """A neighbourhood and what came of it when it was last tried.

    Attributes:
        hood: what is freed.
        integers: columns of the program that are freed and whole.
        left: points that its relaxation promised and did not give.
        work: check points that it took.
        fruitless: times in a row without a gain.
        changed: gains of others since it was tried.
    """

    hood: Hood
    integers: Mask
    left: float = 1.0
    work: int = 10
    fruitless: int = 0
    changed: float = 0.0

    @property
    def promise(self) -> float:
        """Points to be hoped for by work: what is left, less the more often it came to nothing, and what changed."""
        return (self.left * 0.3**self.fruitless + 0.02 * self.changed) / self.work


def _improve(hunt: Hunt, deadline: float, note: Note) -> None:
    """Try neighbourhoods, the most promising first, until the time is up or none promises anything."""
    watch = hunt.watch
    integer = hunt.matrix.integer[: hunt.plain]
    trials = [Trial(hood, hood.free & integer) for hood in neighbourhoods(hunt)]
    best = np.inf
    while trials and not watch.late(deadline):
        if hunt.feasible and hunt.value < best:
            best = watch.incumbent = hunt.value
            watch.report()
        bent = None if hunt.feasible else _columns_of(hunt)
        trial = max(trials, key=lambda t: (bent is not None and bool((t.integers & bent).any()), t.promise))
        if trial.promise < NO_PROMISE:
            break
        work = watch.work
        tried = step(
            hunt, trial.hood, POINTS[min(trial.fruitless, len(POINTS) - 1)], deadline, wide=trial.fruitless > 0
        )
        if not tried.ended:
            break
        trial.left, trial.work, trial.changed = tried.left, max(1, watch.work - work), 0.0
        trial.fruitless = 0 if tried.gain > 0 else trial.fruitless + 1
        for other in trials if tried.gain > 0 else []:
            other.changed += tried.gain if other is not trial else 0.0
        watch.report()
    note(f"search: {hunt.value:.6g}, violations {hunt.slack:.3g}")


def _columns_of(hunt: Hunt) -> Mask:
    """Columns of the program that stand in bent rows, or in rows with those (a budget's spending, line by line)."""
    bent = np.flatnonzero(hunt.slack_of_row >= 0)
    slacks = hunt.slack_of_row[bent]
    bent = bent[hunt.x[slacks] * hunt.matrix.cost[slacks] > SLACK * PRICE]
    near = np.zeros(hunt.matrix.shape[0], dtype=bool)
    near[hunt.matrix.a[:, np.unique(hunt.rows[bent].indices)].indices] = True
    mask = np.zeros(len(hunt.matrix.cost), dtype=bool)
    mask[hunt.rows[np.flatnonzero(near)].indices] = True
    return mask[: hunt.plain]


def neighbourhoods(hunt: Hunt) -> Iterator[Hood]:
    """Nations, areas, frames, projects: each a mask of columns to free."""
    layout, k = hunt.layout, hunt.keys
    order = by_money(k)
    for number in order:
        yield nation_hood(hunt, (number,))
    everybody = layout.accounts(range(len(k.nations)))
    yield Hood("innovation", layout.projects_named(k.innovations) | everybody)
    for area in k.areas:
        programmes = [p for p, name in enumerate(k.programmes) if k.programme[name].area == area]
        yield Hood(area, layout.buying(programmes) | everybody)
    for frame in k.frames:
        programme = [k.programmes.index(k.frame[frame].programme)]
        yield Hood(frame, layout.buying(programme) | everybody)
    for name in k.expansions:
        place = k.expansion[name].line_or_component
        made = {**k.use.get(place, {}), **k.needs.get(place, {})}
        programmes = [p for p, programme in enumerate(k.programmes) if programme in made]
        yield Hood(name, layout.projects_named([name]) | layout.buying(programmes) | everybody)
    for one, two in pairwise(order):
        yield nation_hood(hunt, (one, two))


def nation_hood(hunt: Hunt, numbers: tuple[int, ...]) -> Hood:
    """All that some nations decide for themselves."""
    return Hood("+".join(hunt.keys.nations[n] for n in numbers), hunt.layout.nation(numbers))


def by_money(k: Keys) -> list[int]:
    """Numbers of the nations, those with most money first."""
    money = {n: sum(m for (who, _, _), m in k.available.items() if who == n) for n in k.nations}
    return sorted(range(len(k.nations)), key=lambda n: (-money[k.nations[n]], n))
