"""Neighbourhood search: free what promises most, solve it again, until the time is up or nothing promises anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optimizer.engine.budget import Budget
from optimizer.finders.candidate import Candidate, completed
from optimizer.finders.step import Neighbourhood, step
from optimizer.instance import Instance
from optimizer.pool import Pool

Family = Callable[[Instance], Iterator[Neighbourhood]]
NO_PROMISE = 1e-9  # points by work: nothing is left to be gained


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

    hood: Neighbourhood
    left: float = 1.0
    work: int = 10
    fruitless: int = 0
    changed: float = 0.0

    @property
    def promise(self) -> float:
        """Points to be hoped for by work: what is left, less the more often it came to nothing, and what changed."""
        return (self.left * 0.3**self.fruitless + 0.02 * self.changed) / self.work


@dataclass(frozen=True)
class Improve:
    """How neighbourhoods are tried.

    Attributes:
        families: of neighbourhoods.
        points: within which a step's best need not be proven, by how often the neighbourhood came to nothing.
        between: steps between two times that all continuous values are found anew.
    """

    families: Sequence[Family]
    points: tuple[float, ...] = (3e-4, 1e-4, 3e-5)
    between: int = 16
    name: str = "neighbourhoods"

    def run(self, instance: Instance, pool: Pool, budget: Budget) -> None:
        """Better the best plan of the pool."""
        if pool.best is None or budget.late():
            return
        candidate = Candidate.of(instance, pool.best.x)
        candidate.keep(pool, self.name)
        self.improve(candidate, pool, budget)

    def improve(self, candidate: Candidate, pool: Pool, budget: Budget) -> None:
        """Better a candidate; what it comes to is offered to the pool."""
        trials = [Trial(hood) for family in self.families for hood in family(candidate.instance)]
        steps = 0
        while trials and not budget.late():
            steps += 1
            if steps % self.between == 0:
                self._anew(candidate, pool, budget)
            pool.journal.report()
            trial = max(trials, key=lambda one: one.promise)
            if trial.promise < NO_PROMISE or not self._tried(trial, trials, candidate, budget):
                break
            candidate.keep(pool, trial.hood.name)
        self._anew(candidate, pool, budget)
        pool.journal.note(f"search: {candidate.value:.6g}, violations {candidate.violation:.3g}")

    def _anew(self, candidate: Candidate, pool: Pool, budget: Budget) -> None:
        completed(candidate, budget)
        candidate.keep(pool, self.name)
        candidate.fall_back()

    def _tried(self, trial: Trial, trials: Sequence[Trial], candidate: Candidate, budget: Budget) -> bool:
        """Take one step; False where it was cut short."""
        work = budget.work
        points = self.points[min(trial.fruitless, len(self.points) - 1)]
        tried = step(candidate, trial.hood, budget, points, wide=trial.fruitless > 0)
        if not tried.ended:
            return False
        trial.left, trial.work, trial.changed = tried.left, max(1, budget.work - work), 0.0
        trial.fruitless = 0 if tried.gain > 0 else trial.fruitless + 1
        for other in trials if tried.gain > 0 else []:
            other.changed += tried.gain if other is not trial else 0.0
        return True
