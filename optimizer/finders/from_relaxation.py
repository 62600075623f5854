"""A plan from the relaxation: what nations share rounded, then nation by nation within what the relaxation gives each.

All others stand at the relaxation's values, which is a nation's share of lines, components and common rules. What that
violates is repaired.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Termination
from optimizer.finders.candidate import Candidate, completed, cut_out, types_within, with_slacks
from optimizer.finders.dive import dive
from optimizer.finders.neighbourhoods import by_money, of_nations
from optimizer.finders.repair import Repair
from optimizer.finders.rounding import paid_in_full, price_levels, shared_decisions
from optimizer.finders.rounding_down import rounded_down
from optimizer.finders.step import make_whole
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats


@dataclass(frozen=True)
class FromRelaxation:
    """How a relaxation is made a plan.

    Attributes:
        points: within which a nation's first decisions need not be proven.
        rounding: part of the time after which the lots that are left are rounded down at once.
        repair: of what the rounding violates.
    """

    points: float = 2e-3
    rounding: float = 0.7
    repair: Repair = field(default_factory=Repair)
    name: str = "from the relaxation"

    def run(self, instance: Instance, pool: Pool, budget: Budget, x: Floats) -> Candidate | None:
        """Make a plan near the relaxation's values ``x``; None where the rounding leaves no values."""
        begun = budget.elapsed
        candidate = self.shared(instance, pool, budget, x)
        until = begun + self.rounding * (budget.seconds - begun)
        if not self.one_by_one(candidate, pool, budget, until):
            return None
        self._anew(candidate, pool, budget)
        self.repair.run(candidate, budget, pool.journal)
        self._anew(candidate, pool, budget)
        candidate.keep(pool, self.name)
        return candidate

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

    def one_by_one(self, candidate: Candidate, pool: Pool, budget: Budget, until: float) -> bool:
        """Each nation's own decisions made whole by a dive within what the relaxation gives it; False if none is found.

        Where the clock ends it the lots that are left are rounded down.
        """
        order = by_money(candidate.instance.keys)
        part = budget.part(until)
        for place, number in enumerate(order):
            hood = of_nations(candidate.instance, (number,))
            columns, small = cut_out(candidate, hood.free, trading=True)
            late = budget.late(until)
            found = None if late else dive(small, part, candidate.instance.seed, types_within(candidate, columns))
            budget.work += 1
            if found is not None:
                candidate.put(columns, found)
            elif late or not make_whole(candidate, hood, part, self.points):
                pool.journal.note(f"nations: {candidate.instance.keys.nations[number]} and the rest rounded down")
                budget.take(part)
                return rounded_down(candidate, order[place:], budget.part(np.inf))
            pool.journal.report()
        budget.take(part)
        pool.journal.note(f"nations, one by one: {candidate.value:.6g}, violations {candidate.violation:.3g}")
        return True

    def _anew(self, candidate: Candidate, pool: Pool, budget: Budget) -> None:
        if completed(candidate, budget):
            pool.journal.note(f"all values found anew: {candidate.value:.6g}, violations {candidate.violation:.3g}")
