"""The one door to the solver: instant estimates and proven plans for the pages.

Estimates come from programs that stay built (a few for each data set, so that two sessions need not wait for each
other); proven plans have a program of their own, so that estimates go on while one is sought.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from data.checks import warnings
from data.levers import Case
from optimizer.engine import default_threads
from optimizer.plan import Plan
from optimizer.run import Progress, SolveOptions, solve

QUICK_SECONDS = 2.0


@dataclass(frozen=True)
class Estimate:
    """An instant answer.

    Attributes:
        bound: no plan of these levers has a smaller first objective (gap-index points).
        value: first objective of the repaired plan, None where none was found.
        plan: the repaired plan, None where none was found.
        rebuilt: why the program had to be built anew, "" where it was changed in place.
        seconds: what it took.
        reasons: why there can be no plan, in words.
    """

    bound: float
    value: float | None
    plan: Plan | None
    rebuilt: str
    seconds: float
    reasons: tuple[str, ...] = field(default_factory=tuple)


class EngineRoom:
    """Estimates and proven plans; every method may be called from any thread."""

    def __init__(self, time_limit: float = 60.0, gap: float = 0.01, seed: int = 0) -> None:
        """Open the room.

        Args:
            time_limit: seconds that a proven plan may take.
            gap: relative gap at which it may stop.
            seed: of every search.
        """
        self.time_limit, self.gap, self.seed = time_limit, gap, seed
        # One core stays free, so that the pages and the next estimate go on while a plan is proven.
        self.threads = max(1, default_threads() - 1)

    def estimate(self, case: Case, stop: threading.Event) -> Estimate:
        """An estimate of a case; stopping it gives what is there."""
        begun = time.perf_counter()
        options = SolveOptions(gap=0.05, time_limit=QUICK_SECONDS, seed=self.seed, threads=1)
        plan = solve(case, options=options, cancel=stop)
        found = plan.header.get("objective", {})
        reasons = tuple(plan.header.get("conflict", ()))
        seconds = time.perf_counter() - begun
        if not plan.solved:
            return Estimate(0.0, None, None, "", seconds, reasons)
        return Estimate(found["bound"], found["value"], plan, "", seconds)

    def prove(
        self, case: Case, stop: threading.Event, report: Callable[[Progress], None], seconds: float | None = None
    ) -> Plan:
        """The best plan of a case within the gap or ``seconds``."""
        limit = seconds or self.time_limit
        options = SolveOptions(gap=self.gap, time_limit=limit, seed=self.seed, threads=self.threads)
        known = [str(finding) for finding in warnings(case.base)]
        return solve(case, options=options, progress=report, cancel=stop, warnings=known)
