"""A plan from the relaxation: what nations share rounded, then nation by nation within what the relaxation gives each.

All others stand at the relaxation's values, which is a nation's share of lines, components and common rules. What that
violates is repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Termination
from optimizer.finders.by_nation import Found, nations_whole, taken_over
from optimizer.finders.candidate import Candidate, completed, with_slacks
from optimizer.finders.neighbourhoods import by_money, of_nations
from optimizer.finders.repair import Repair
from optimizer.finders.rounding import paid_in_full, price_levels, shared_decisions
from optimizer.finders.rounding_down import rounded_down
from optimizer.finders.step import make_whole
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats


class Diver(Protocol):
    """A process that dives into some nations while the search dives into the others."""

    def dive(self, nations: Sequence[int], x: Floats, careful: bool) -> None:
        """Begin."""

    def dived(self, until: float) -> list[Found]:
        """What it found, waited for until a time."""


@dataclass(frozen=True)
class FromRelaxation:
    """How a relaxation is made a plan.

    Attributes:
        points: within which a nation's first decisions need not be proven.
        rounding: part of the time after which the lots that are left are rounded down at once.
        waiting: what the other process may take longer for its nations, over what this one took for its own.
        repair: of what the rounding violates.
    """

    points: float = 2e-3
    rounding: float = 0.7
    waiting: float = 0.5
    repair: Repair = field(default_factory=Repair)
    name: str = "from the relaxation"

    def run(
        self, instance: Instance, pool: Pool, budget: Budget, x: Floats, *, careful: bool = False,
        beside: Diver | None = None,
    ) -> Candidate | None:  # fmt: skip
        """Make a plan near the relaxation's values ``x``; None where the rounding leaves no values.

        Careful dives take back what violates more than before: rougher, and there is little to be repaired.
        """
        begun = budget.elapsed
        candidate = self.shared(instance, pool, budget, x)
        until = begun + self.rounding * (budget.seconds - begun)
        order = by_money(instance.keys)
        if beside is not None and not budget.late(until):
            order = self._side_by_side(candidate, order, budget, until, careful, beside)
        if not self.one_by_one(candidate, order, pool, budget, until, careful=careful):
            return None
        self._anew(candidate, pool, budget)
        self.repair.run(candidate, budget, pool.journal)
        if not careful or not budget.late():  # the last programs do the same
            self._anew(candidate, pool, budget)
        candidate.keep(pool, self.name)
        return candidate

    def _side_by_side(
        self, candidate: Candidate, order: Sequence[int], budget: Budget, until: float, careful: bool, beside: Diver
    ) -> list[int]:  # fmt: skip
        """Every other nation in a process beside; the nations that are left when both have ended."""
        theirs, mine = order[1::2], order[0::2]
        beside.dive(theirs, candidate.x, careful)
        begun, part = budget.elapsed, budget.part(until)
        found = [one for one in nations_whole(candidate, mine, part, careful) if one is not None]
        budget.take(part)
        wait = budget.elapsed + self.waiting * (budget.elapsed - begun)
        found += beside.dived(min(until, wait))
        taken_over(candidate, found)
        done = {one.nation for one in found}
        return [number for number in order if number not in done]

    def shared(self, instance: Instance, pool: Pool, budget: Budget, x: Floats) -> Candidate:
        """A candidate with shared decisions rounded: what nations decide themselves is not whole yet."""
        matrix = instance.matrix
        draft = shared_decisions(matrix, instance.keys, x)
        fixed = np.where(matrix.integer & (draft.lower == draft.upper), draft.lower, x)
        again = relaxed(matrix, budget, draft.lower, draft.upper, instance.seed)
        budget.work += 1
        if again.termination is Termination.PROVEN and again.x is not None:
            pool.journal.note(f"relaxation with shared decisions rounded: {again.value:.6g}")
            return Candidate(instance, with_slacks(instance, price_levels(draft, again.x)))
        return Candidate(instance, with_slacks(instance, paid_in_full(draft, price_levels(draft, fixed))))

    def one_by_one(
        self, candidate: Candidate, order: Sequence[int], pool: Pool, budget: Budget, until: float, *, careful: bool
    ) -> bool:  # fmt: skip
        """Each nation's own decisions made whole by a dive within what the relaxation gives it; False if none is found.

        Where the clock ends it the lots that are left are rounded down.
        """
        part = budget.part(until)
        for place, number in enumerate(order):
            late = budget.late(until)
            found = None if late else next(nations_whole(candidate, [number], part, careful), None)
            hood = of_nations(candidate.instance, (number,))
            if found is None and (late or not make_whole(candidate, hood, part, self.points)):
                pool.journal.note(f"nations: {candidate.instance.keys.nations[number]} and the rest rounded down")
                budget.take(part)
                return rounded_down(candidate, list(order[place:]), budget.part(np.inf))
            pool.journal.report()
        budget.take(part)
        pool.journal.note(f"nations, one by one: {candidate.value:.6g}, violations {candidate.violation:.3g}")
        return True

    def _anew(self, candidate: Candidate, pool: Pool, budget: Budget) -> None:
        if completed(candidate, budget):
            pool.journal.note(f"all values found anew: {candidate.value:.6g}, violations {candidate.violation:.3g}")
