"""The one door to the solver: instant estimates and proven plans for the pages.

An estimate has two parts: the bound, with what a plan may be worth, in a second or two, and then a mended plan. Helper
processes, each with a resident session for each data set, do either, and one seeks plans, so that neither the pages
nor the next bound wait for a plan.
"""

from __future__ import annotations

import math
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from data.checks import warnings
from data.levers import Case
from optimizer.estimates import Bounded, Estimate
from optimizer.plans.plan import Plan
from optimizer.solve import Progress, SolveOptions
from ui.helper import BOUNDS, PLANS, POLITE, Helper, parts_of

__all__ = ["Bounded", "EngineRoom", "Estimate", "estimators", "why_none"]
SETTLED = 0.15  # seconds that a lever stays where it is before work begins: a slider passes many stops
MOST_ESTIMATORS = 4  # each holds some 700 MB of the reference set
NOTHING = 0.98  # of the gap index with nothing decided
THREADS = 1  # a core for the plan, one for pages and estimates


def estimators() -> int:
    """How many plans are mended at the same time: one on two cores, then one for each two cores, at most four."""
    return max(1, min(MOST_ESTIMATORS, (os.cpu_count() or 1) // 2))


def bounders() -> int:
    """How many bounds are worked out at the same time: as many as there are cores, at most four."""
    return max(1, min(MOST_ESTIMATORS, os.cpu_count() or 1))


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
        self._plans = Helper("plans", POLITE)
        self._bounders = [Helper(f"bounds {number}") for number in range(bounders())]
        self._estimators = [Helper(f"estimates {number}", POLITE // 2) for number in range(estimators())]
        self._free_bounders: queue.LifoQueue[Helper] = queue.LifoQueue()  # the last one has the nearest case at hand
        self._free: queue.LifoQueue[Helper] = queue.LifoQueue()
        for helper in reversed(self._bounders):
            self._free_bounders.put(helper)
        for helper in self._estimators:
            self._free.put(helper)

    def prime(self, case: Case, plan: Plan, stop: threading.Event) -> None:
        """Open the sessions of a data set before anybody asks, starting from a plan that is known.

        One relaxation is enough: its multipliers are handed on.
        """
        parts = parts_of(plan)
        self._plans.call("know", case, parts, stop=stop)
        first, *others = self._bounders
        with ThreadPoolExecutor(1 + len(self._estimators)) as together:
            known = together.submit(first.call, "prime", case, parts, BOUNDS, stop=stop)
            mending = [
                together.submit(one.call, "prime", case, parts, PLANS, stop=stop) for one in self._estimators
            ]  # fmt: skip
            for helper in others:
                helper.call("take", case, parts, known.result(), stop=stop)
            for one in mending:
                one.result()

    def bound(self, case: Case, stop: threading.Event) -> Bounded:
        """The first part of an estimate; stopped before it has begun, it knows nothing."""
        if stop.wait(SETTLED):
            return Bounded(-math.inf, None, "", 0.0)
        helper = self._free_bounders.get()
        try:
            found = helper.call("bound", case, stop=stop)
        finally:
            self._free_bounders.put(helper)
        if not isinstance(found, Bounded):
            raise TypeError(f"the solver's process gave {type(found).__name__} for a bound")
        return found

    def estimate(self, case: Case, bound: float, stop: threading.Event) -> Estimate:
        """The whole estimate of a case whose bound is known; stopping it gives what is there, which may be nothing."""
        if stop.is_set():
            return Estimate(bound, None, None, "", 0.0)
        helper = self._free.get()
        try:
            bound, value, parts, rebuilt, seconds = helper.call("estimate", case, bound, stop=stop)
        finally:
            self._free.put(helper)
        if parts is None or _decides_nothing(parts[0]):
            return Estimate(bound, None, None, rebuilt, seconds)
        return Estimate(bound, value, Plan(parts[0], parts[1], case, parts[2]), rebuilt, seconds)

    def prove(
        self, case: Case, stop: threading.Event, report: Callable[[Progress], None], seconds: float | None = None
    ) -> Plan:
        """The best plan of a case within the gap or ``seconds``."""
        limit = seconds or self.time_limit
        options = SolveOptions(gap=self.gap, time_limit=limit, seed=self.seed, threads=THREADS)
        header, tables, log = self._plans.call("prove", case, options, stop=stop, report=report)
        known = [str(finding) for finding in warnings(case.base)]
        return Plan(header | {"warnings": known}, tables, case, log)

    def close(self) -> None:
        """End the helper processes."""
        for helper in (self._plans, *self._bounders, *self._estimators):
            helper.close()


def _decides_nothing(header: dict[str, Any]) -> bool:
    """Whether a mended plan closes next to nothing: its figures would say more of the mending than of the levers."""
    before, after = header["gap_index_before"], header["gap_index_after"]
    return bool(before > 0 and after > NOTHING * before)


def why_none(estimate: Estimate) -> str:
    """Why an estimate has no plan, in words; '' where nothing is known."""
    if math.isinf(estimate.bound) and estimate.bound > 0:
        return estimate.rebuilt
    return ""
