"""What a search has: the best plans, the best bound, and when each came. Whoever finds or proves tells it here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.engine.outcome import relative_gap
from optimizer.problem.arrays import Floats
from optimizer.problem.layout import Places

MOST = 8  # distinct plans that are kept
BETTER = 1e-9  # points: less is no other value


@dataclass(frozen=True)
class Event:
    """A better value or bound: when, after how much work, and who found it."""

    seconds: float
    work: int
    value: float | None
    bound: float | None
    finder: str


@dataclass(frozen=True, eq=False)
class Known:
    """A plan that a finder has found: values by column, its first objective, and the finder."""

    x: Floats
    value: float
    finder: str


class Pool:
    """Incumbent, bound and the best distinct plans of one search. Every method may be called from any thread.

    `whole`: columns in which two plans must differ to be distinct, the whole decisions; all where it is not set.
    """

    def __init__(self, budget: Budget, journal: Journal, *, most: int = MOST) -> None:
        """An empty pool; from now on the journal tells how it stands."""
        self.budget, self.journal, self.most = budget, journal, most
        self.plans: list[Known] = []
        self.whole: Places | None = None
        self.events: list[Event] = []
        self._heard: float | None = None
        self._bound: float | None = None
        self._lock = threading.RLock()
        journal.standing = self.standing

    @property
    def best(self) -> Known | None:
        """The best plan, or None."""
        return self.plans[0] if self.plans else None

    @property
    def value(self) -> float | None:
        """First objective of the incumbent; a tree may know of a plan that it has not handed over yet."""
        ends = [end for end in (self._heard, self.best.value if self.best else None) if end is not None]
        return min(ends, default=None)

    @property
    def bound(self) -> float | None:
        """The best bound; one above the incumbent proves no more than the incumbent's value."""
        if self._bound is None or self.value is None:
            return self._bound
        return min(self._bound, self.value)

    def standing(self) -> tuple[float | None, float | None, float | None]:
        """(value, bound, gap), None where there is none yet."""
        value, bound = self.value, self.bound
        return value, bound, None if value is None or bound is None else relative_gap(value, bound)

    def offer(self, x: Floats, value: float, finder: str) -> bool:
        """A plan; whether it is better than all before. The best distinct ones are kept."""
        with self._lock:
            better = self.best is None or value < self.best.value - BETTER
            same = [one for one in self.plans if self._decide_the_same(x, one.x)]
            if not any(one.value <= value + BETTER for one in same):
                others = [one for one in self.plans if one not in same]
                self.plans = sorted([*others, Known(x, value, finder)], key=lambda one: one.value)[: self.most]
            self._record(finder)
        self.journal.report()
        return better

    def hear(self, value: float | None, bound: float | None, finder: str) -> None:
        """What a tree knows at a check point; None for what it does not know."""
        with self._lock:
            if value is not None and (self._heard is None or value < self._heard):
                self._heard = value
            if bound is not None and (self._bound is None or bound > self._bound):
                self._bound = bound
            self._record(finder)
        self.journal.report()

    def ear(self, finder: str) -> Callable[[float | None, float | None], None]:
        """What an engine tells its value and bound at its check points."""
        return lambda value, bound: self.hear(value, bound, finder)

    def prove(self, bound: float, prover: str) -> None:
        """No plan is worth less than that (points)."""
        if np.isfinite(bound):
            self.hear(None, bound, prover)

    def _decide_the_same(self, x: Floats, other: Floats) -> bool:
        if self.whole is None:
            return np.array_equal(x, other)
        return np.array_equal(np.round(x[self.whole]), np.round(other[self.whole]))

    def _record(self, finder: str) -> None:
        """Keep what is better than before (progress.csv)."""
        value, bound = self.value, self.bound
        last = self.events[-1] if self.events else None
        if (value, bound) != ((last.value, last.bound) if last else (None, None)):
            self.events.append(Event(self.budget.elapsed, self.budget.work, value, bound, finder))
