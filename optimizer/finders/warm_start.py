"""A search from a plan of another case: its whole decisions, or all its values, put into this one and repaired."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Termination
from optimizer.finders.candidate import Candidate
from optimizer.finders.repair import Repair, few_alone
from optimizer.finders.rounding import coherent
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix

HOLDS = 1e-6  # how far off, by its right side, a row of a plan may be


@dataclass(frozen=True)
class WarmStart:
    """How a plan to start from is used.

    Attributes:
        repair: of what no longer fits.
    """

    repair: Repair = field(default_factory=lambda: Repair(diving=True))
    name: str = "start"

    def run(self, instance: Instance, pool: Pool, budget: Budget, given: Floats) -> Candidate | None:
        """The given plan's whole decisions in this case, repaired; None where no values fit them."""
        candidate = resumed(instance, given, budget)
        fits = candidate is not None and candidate.feasible
        pool.journal.note(f"the plan to start from {'fits' if fits else 'does not fit this case as it is'}")
        if candidate is None:
            return None
        if not instance.small:
            self.repair.run(candidate, budget, pool.journal, everybody=False)
        candidate.keep(pool, self.name)
        return candidate


def resumed(instance: Instance, given: Floats, budget: Budget) -> Candidate | None:
    """A candidate from the whole decisions of an earlier plan; what no longer fits is violated, and priced."""
    free = instance.elastic.matrix
    fixed = np.concatenate([np.round(given), np.zeros(len(free.cost) - instance.elastic.plain)])
    fixed = coherent(free, instance.keys, np.clip(fixed, free.lower, free.upper), instance.orders)
    lower, upper = (np.where(free.integer, fixed, bound) for bound in (free.lower, free.upper))
    again = relaxed(free, budget, lower, upper, instance.seed)
    if again.x is None or again.termination is not Termination.PROVEN:
        return None
    return Candidate(instance, np.where(free.integer, fixed, again.x))


def carried_over(instance: Instance, values: Floats, allowed: float) -> Candidate | None:
    """A candidate from all values of a plan of another case, where what defines one figure by others still holds.

    What they violate (a budget, a capacity) is priced. None where prices or effects changed, or what many nations share
    is touched, so that the continuous values have to be found anew (`resumed`).
    """
    lower, upper = single_bounds(instance.matrix)
    candidate = Candidate.of(instance, np.clip(values, lower, upper), allowed)
    activity = instance.by_rows @ candidate.x
    off = np.maximum(activity - candidate.matrix.row_upper, candidate.matrix.row_lower - activity)
    matrix = instance.matrix
    right = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)
    holds = np.all(off <= HOLDS * np.maximum(1.0, np.abs(right)))
    return candidate if holds and few_alone(candidate) else None


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
