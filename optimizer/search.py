"""Search for good plans: the relaxation, its shared decisions rounded, nations one by one, then neighbourhoods.

1. Nothing ordered: a plan at once where no floor forbids it.
2. The relaxation of the tightened program by interior point: the bound, and the proportions.
3. What nations share (frames, members, tiers, projects, types) is rounded, and the relaxation solved again with it.
4. Each nation's own decisions are solved whole while all others stand at the relaxation's: what the relaxation gave
   a nation is its share of lines, components and common rules.
5. Neighbourhoods (a nation, two nations, an area, a frame, a project) are freed and solved again, the most rewarding
   first, until the time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.keys import Keys
from optimizer.compile import Floats, Matrix
from optimizer.engine import Engine, Outcome, Termination, Watch
from optimizer.hunt import Hood, Hunt, begin, broken_rows, step, with_slacks
from optimizer.start import price_levels, shared_decisions

SMALL_PROGRAM = 400  # integers up to which the tree alone is quicker
LARGE_PROGRAM = 1500  # integers from which the tree does not get through its root in a meeting
LP_TOLERANCE = 1e-6  # relative: what an interior point may be off by, taken off the bound
FIRST_POINTS = 2e-3  # points within which a nation's first decisions need not be proven
POINTS = (1e-3, 3e-4, 1e-4)  # the same for a neighbourhood, by how often it was tried
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


def nothing_ordered(matrix: Matrix, watch: Watch, seed: int) -> Floats | None:
    """The plan with nothing decided that need not be, if that is a plan."""
    decided = matrix.integer | np.isin(matrix.group, ["order", "joint_order"])
    upper = np.where(decided, np.maximum(matrix.lower, 0.0), matrix.upper)
    engine = Engine(matrix, watch, seed=seed, threads=1)
    engine.continuous(True)
    engine.bounds(matrix.lower, upper)
    outcome = engine.lp()
    return outcome.x if outcome.termination is Termination.PROVEN else None


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
        best = nothing_ordered(matrix, watch, seed)
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
    _improve(hunt, root.x, share * watch.time_limit, best, note)
    if hunt.feasible and hunt.value < value_of(matrix, best):
        best = hunt.x[: hunt.plain]
    return best, bound


def _rounded(matrix: Matrix, keys: Keys, watch: Watch, x: Floats, seed: int, note: Note) -> Hunt | None:
    """Shared decisions rounded, the relaxation with them, each nation's own decisions solved whole."""
    draft = shared_decisions(matrix, keys, x)
    hunt = begin(matrix, keys, watch, x, seed)
    n, free = hunt.plain, hunt.matrix
    lower, upper = np.concatenate([draft.lower, free.lower[n:]]), np.concatenate([draft.upper, free.upper[n:]])
    again = relaxed(free, watch, lower, upper, seed)
    if again.x is None or again.termination is not Termination.PROVEN:
        return None
    fixed = np.where(matrix.integer & (draft.lower == draft.upper), draft.lower, again.x[:n])
    hunt.x = with_slacks(hunt, price_levels(draft, fixed))
    note(f"shared decisions rounded: {hunt.value:.6g}, violations {hunt.slack:.3g}")
    for number in by_money(keys):
        hood = nation_hood(hunt, (number,))
        if not step(hunt, hood, FIRST_POINTS, PATIENCE * watch.time_limit, must=True):
            note(f"nations: stopped before {keys.nations[number]}")
            return None
        watch.report()
    note(f"nations: {hunt.value:.6g}, violations {hunt.slack:.3g}")
    return hunt


# ---- neighbourhoods --------------------------------------------------------------------------------------------------


@dataclass
class Trial:
    """A neighbourhood and what it gained when it was last tried."""

    hood: Hood
    gain: float = np.inf
    work: int = 1
    tried: int = 0
    since: int = 1

    @property
    def promise(self) -> float:
        """Gain by work to be hoped for: last time's, and more the more has changed since."""
        return (self.gain + 1e-5 * self.since) / self.work


def _improve(hunt: Hunt, x: Floats, deadline: float, best: Floats | None, note: Note) -> None:
    """Try neighbourhoods, the most promising first, until the time is up or none gains anything."""
    watch = hunt.watch
    trials = [Trial(hood) for hood in neighbourhoods(hunt, x)]
    if hunt.feasible:
        watch.incumbent = hunt.value
    while trials and not watch.late(deadline):
        names = _broken_names(hunt) if not hunt.feasible else set()
        trial = max(trials, key=lambda t: (t.hood.name in names and t.since > 0, t.promise))
        before, work = hunt.priced, watch.work
        if not step(hunt, trial.hood, POINTS[min(trial.tried, len(POINTS) - 1)], deadline):
            break
        trial.gain, trial.work = before - hunt.priced, max(1, watch.work - work)
        trial.tried += 1
        trial.since = 0
        if trial.gain > 1e-9:
            note(f"{trial.hood.name}: {hunt.value:.6g} ({trial.gain:.2g} in {trial.work}), violations {hunt.slack:.3g}")
        for other in trials:
            if other is not trial and trial.gain > 1e-6:
                other.since += 1
        if hunt.feasible:
            watch.incumbent = min(hunt.value, np.inf if watch.incumbent is None else watch.incumbent)
        watch.report()
    note(f"search: {hunt.value:.6g}, violations {hunt.slack:.3g}")


def _broken_names(hunt: Hunt) -> set[str]:
    """Names in the keys of bent rows."""
    return {str(part) for _, key, _ in broken_rows(hunt) for part in key}


def neighbourhoods(hunt: Hunt, x: Floats) -> Iterator[Hood]:
    """Nations, areas, frames, projects: each a mask of columns to free."""
    layout, k = hunt.layout, hunt.keys
    order = by_money(k)
    for number in order:
        yield nation_hood(hunt, (number,))
    everybody = layout.accounts(range(len(k.nations)))
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
    yield Hood("innovation", layout.projects_named(k.innovations) | everybody)
    for one, two in pairwise(order):
        yield nation_hood(hunt, (one, two))


def nation_hood(hunt: Hunt, numbers: tuple[int, ...]) -> Hood:
    """All that some nations decide for themselves."""
    return Hood("+".join(hunt.keys.nations[n] for n in numbers), hunt.layout.nation(numbers))


def by_money(k: Keys) -> list[int]:
    """Numbers of the nations, those with most money first."""
    money = {n: sum(m for (who, _, _), m in k.available.items() if who == n) for n in k.nations}
    return sorted(range(len(k.nations)), key=lambda n: (-money[k.nations[n]], n))
