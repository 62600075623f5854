"""One step of a search: free a few decisions, solve them again, keep what is better.

A neighbourhood frees some integer decisions and the continuous ones of the nations involved; everything else stands at
the candidate's values. Its program is cut out of the arrays, so that a step costs tenths of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.candidate import Candidate, cut_out, floored, types_within
from optimizer.finders.dive import dive
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.layout import Mask

EXACT = 1e-12  # off a whole number: less is whole
BETTER = 1e-9  # points: less is no gain


@dataclass(frozen=True)
class Neighbourhood:
    """Its name and the columns of the program that it frees."""

    name: str
    free: Mask


@dataclass(frozen=True)
class Tried:
    """What a step came to: whether it ended by itself, what it gained, and what more could be gained at most."""

    ended: bool
    gain: float = 0.0
    left: float = 0.0


@dataclass(frozen=True)
class Effort:
    """How much a step may take.

    Attributes:
        nonzeros: of its program, times check points of its tree.
        repairing: the same while anything is violated: without a plan nothing else counts.
        nodes: of its tree.
        points: and no further than this from its best must it be proven (points).
        part: of what its relaxation promises; the rest need not be proven.
    """

    nonzeros: float = 1.5e6
    repairing: float = 4e6
    nodes: int = 50
    points: float = 0.01
    part: float = 0.1

    def work(self, matrix: Matrix, feasible: bool) -> int:
        """Check points that a tree may take."""
        return max(8, int((self.nonzeros if feasible else self.repairing) / max(1, matrix.a.nnz)))


EFFORT = Effort()


def step(
    candidate: Candidate, hood: Neighbourhood, budget: Budget, points: float, *, wide: bool = False,
    effort: Effort = EFFORT,
) -> Tried:  # fmt: skip
    """Free a neighbourhood, solve it, keep what is better.

    The neighbourhood's relaxation comes first: it says what there is to gain, and where. Decisions in which it agrees
    with the candidate are left as they are (relaxation-induced neighbourhood), unless ``wide`` is asked for.

    Args:
        candidate: its values are replaced by better ones.
        hood: what is freed.
        budget: until when.
        points: gap-index points within which the neighbourhood's best need not be proven.
        wide: free all of the neighbourhood.
        effort: how much it may take.

    Returns:
        What it came to; where the clock or a cancel cut it short, the candidate is as before.
    """
    columns, small = cut_out(candidate, hood.free, trading=wide and not candidate.feasible)
    now = candidate.x[columns]
    value = float(small.cost @ now)
    part = budget.part()
    engine = Engine(small, part, seed=candidate.instance.seed, threads=1)
    engine.continuous(True)
    lp = engine.lp(method="simplex")
    if lp.stopped:
        return _cut_short(budget, part)
    budget.work += 1
    left = value - lp.value
    if lp.x is None or left < points:
        return Tried(True, 0.0, max(0.0, left) if lp.x is not None else 0.0)
    if not wide:
        agreed = small.integer & (np.abs(lp.x - now) < 1e-6)
        engine.bounds(np.where(agreed, now, small.lower), np.where(agreed, now, small.upper))
    close, whole = max(points, min(effort.points, effort.part * left)), candidate.feasible
    outcome = _tree(engine, now, close, effort.nodes, effort.work(small, whole), restart=not whole)
    if outcome.stopped:
        return _cut_short(budget, part)
    budget.work += part.work
    found = None if outcome.x is None else exact(engine, small, outcome.x)
    gain = 0.0 if found is None else value - float(small.cost @ found)
    if found is None or gain < BETTER:
        return Tried(True, 0.0, left)
    candidate.put(columns, found)
    return Tried(True, gain, left - gain)


def _tree(engine: Engine, now: Floats, points: float, nodes: int, work: int, *, restart: bool) -> Outcome:
    """The best whole values near a plan's.

    A restart at the root has called a plan the best where it was not: residues of its rows made the rest infeasible.
    While anything is violated the next step tries again, and restarts are quicker.
    """
    engine.continuous(False)
    engine.set(mip_heuristic_run_root_reduced_cost=False, mip_max_nodes=nodes, mip_allow_restart=restart)
    return engine.mip(gap=0.0, points=points, work=work, start=now)


def exact(engine: Engine, small: Matrix, x: Floats) -> Floats | None:
    """Values for the whole decisions nearest to those of a solution; the solution where these are whole already.

    A tree calls 0.0000001 of a type whole, which lets it order a thousandth of a tank: rounded, that breaks its rows.
    """
    whole = np.round(x)
    if np.all(np.abs(x - whole)[small.integer] < EXACT):
        return np.where(small.integer, whole, x)
    engine.continuous(True)
    engine.bounds(np.where(small.integer, whole, small.lower), np.where(small.integer, whole, small.upper))
    outcome = engine.lp(method="simplex")
    if outcome.x is None or outcome.termination is not Termination.PROVEN:
        return None
    return np.where(small.integer, whole, outcome.x)


def _cut_short(budget: Budget, part: Budget) -> Tried:
    budget.hit_clock = budget.hit_clock or part.hit_clock
    return Tried(False)


def make_whole(candidate: Candidate, hood: Neighbourhood, budget: Budget, points: float) -> bool:
    """Solve a neighbourhood whose decisions are not whole yet by the tree; False where it was cut short or failed."""
    columns, small = cut_out(candidate, hood.free, trading=True)
    part = budget.part()
    engine = Engine(small, part, seed=candidate.instance.seed, threads=1)
    start = floored(candidate, columns, candidate.x[columns])
    outcome = engine.mip(gap=0.0, points=points, work=EFFORT.work(small, False), start=start)
    budget.take(part)
    if outcome.stopped or outcome.x is None:
        return False
    candidate.put(columns, np.where(small.integer, np.round(outcome.x), outcome.x))
    return True


def dived(candidate: Candidate, hood: Neighbourhood, budget: Budget) -> bool:
    """Better the candidate by a dive into a neighbourhood; whether it did."""
    columns, small = cut_out(candidate, hood.free)
    part = budget.part()
    found = dive(small, part, candidate.instance.seed, types_within(candidate, columns))
    budget.work += 1
    budget.hit_clock = budget.hit_clock or part.hit_clock
    if found is None or float(small.cost @ found) >= float(small.cost @ candidate.x[columns]):
        return False
    candidate.put(columns, found)
    return True
