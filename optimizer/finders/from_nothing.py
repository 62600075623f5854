"""A plan from nothing, without waiting for the relaxation: innovation first, then nation by nation, then areas.

Nothing ordered but what frames launched earlier ask for is a plan at once where no floor forbids it. Each step takes
what lines and money the steps before it have left, so that there is a plan after every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.keys import Keys
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.finders.candidate import Candidate, completed, with_slacks
from optimizer.finders.neighbourhoods import by_area, by_nation, innovation
from optimizer.finders.repair import Repair
from optimizer.finders.step import Neighbourhood, dived, step
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix


@dataclass(frozen=True)
class FromNothing:
    """How a first plan is made.

    Attributes:
        gap: within which the least plan need not be proven.
        work: check points that it may take.
        points: within which a step's best need not be proven.
        repair: of what nothing decided violates.
    """

    gap: float = 0.05
    work: int = 40
    points: float = 2e-3
    repair: Repair = field(default_factory=lambda: Repair(diving=True))
    name: str = "from nothing"

    def run(self, instance: Instance, pool: Pool, budget: Budget, least: Floats | None) -> Candidate | None:
        """Better the least plan by innovation, then nation by nation; what it comes to is offered to the pool.

        Where nothing decided is no plan (a floor, something forced in), what that violates is repaired on the way; None
        where nothing comes of it.
        """
        x = self._least(instance, instance.elastic.matrix, budget) if least is None else with_slacks(instance, least)
        if x is None:
            return None
        candidate = Candidate(instance, x)
        candidate.keep(pool, self.name)
        if self._all(candidate, innovation(instance), budget, pool, diving=False):
            pool.journal.note(f"innovation: {candidate.value:.6g}")
            self._all(candidate, by_nation(instance), budget, pool, diving=True)
            pool.journal.note(f"nations, one by one: {candidate.value:.6g}")
        if not candidate.feasible:
            self.repair.run(candidate, budget, pool.journal, everybody=False)
        self._offer(candidate, pool, budget)
        return candidate

    def areas(self, instance: Instance, pool: Pool, budget: Budget) -> None:
        """Better the pool's best plan area by area."""
        if pool.best is None or budget.late():
            return
        candidate = Candidate.of(instance, pool.best.x)
        candidate.keep(pool, self.name)
        self._all(candidate, by_area(instance), budget, pool, diving=False)
        pool.journal.note(f"areas: {candidate.value:.6g}")
        self._offer(candidate, pool, budget)

    def _offer(self, candidate: Candidate, pool: Pool, budget: Budget) -> None:
        """Find all values anew where there is the time: that is what the decisions are worth."""
        if not budget.late() and completed(candidate, budget):
            pool.journal.note(f"all values found anew: {candidate.value:.6g}, violations {candidate.violation:.3g}")
        candidate.keep(pool, self.name)
        candidate.fall_back()

    def least_plan(self, instance: Instance, budget: Budget) -> Floats | None:
        """The plan with nothing decided but what earlier frames and what is forced in ask for, if that is a plan.

        Not ended by the clock: it takes a second or two, and without it there may be no plan at all.
        """
        return self._least(instance, instance.matrix, budget)

    def _least(self, instance: Instance, matrix: Matrix, budget: Budget) -> Floats | None:
        """The least plan of the program, or, of the elastic program, what violates least with so little decided."""
        decided = np.flatnonzero(matrix.integer | np.isin(matrix.group, ["order", "joint_order"]))
        upper = matrix.upper.copy()
        asked = _asked_for(instance.keys)
        for column in decided.tolist():
            if not asked(*matrix.columns[column]):
                upper[column] = max(matrix.lower[column], 0.0)
        engine = Engine(replace(matrix, upper=upper), budget.part(np.inf), seed=instance.seed, threads=1)
        return engine.mip(gap=self.gap, work=self.work).x

    def _all(
        self, candidate: Candidate, hoods: Iterator[Neighbourhood], budget: Budget, pool: Pool, *, diving: bool
    ) -> bool:  # fmt: skip
        """Solve neighbourhoods one after another; False where the time is up."""
        for hood in hoods:
            if budget.late():
                return False
            done = diving and dived(candidate, hood, budget)
            if not done and not step(candidate, hood, budget, self.points).ended:
                return False
            pool.journal.report()
        return True


def _asked_for(keys: Keys) -> Callable[[str, Any], bool]:
    """Whether a decision is one that frames launched earlier, or what is forced in, may ask for."""
    forced = keys.options.force
    names = {frame for frame in keys.frames if keys.is_launched(frame)} | forced
    types = {keys.frame[frame].programme for frame in names if frame in keys.frame} | forced
    pairs = {(n, keys.frame[f].programme) for f in names if f in keys.frame for n in keys.members[f]}

    def asked(name: str, key: Any) -> bool:
        if name == "type_ordered":
            return key in types
        if name == "operated":
            return key in pairs or key[1] in forced
        return key[0] in names or (name == "order" and key[1] in forced)

    return asked
