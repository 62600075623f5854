"""The pages' door to the solver: instant estimates and proven plans.

An estimate has two parts: the bound, with what a plan may be worth, in a second or two, and then a mended plan.
Workers, each with a resident session for each data set, do either, and one answers questions for plans, so that neither
the pages nor the next bound wait for a plan.
"""

from __future__ import annotations

import math
import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from data.checks import warnings
from data.levers import Case
from optimizer.ask import Asker, InWorker, Question, ask, with_case, without_case
from optimizer.engine.journal import Progress
from optimizer.estimates import Bounded, Estimate
from optimizer.plans.plan import Plan, Search
from optimizer.solve import SolveOptions
from optimizer.workers.worker import Task, Worker
from ui.helper import BOUNDS, KEPT_SESSIONS, PLANS, Work

__all__ = ["Bounded", "EngineRoom", "Estimate", "estimators", "why_none"]
POLITE = (
    10  # added to the niceness of the process that seeks plans, half of it where plans are mended: pages come first
)
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

    def __init__(
        self, time_limit: float = 60.0, gap: float = 0.01, seed: int = 0, asker: Asker | None = None
    ) -> None:  # fmt: skip
        """Open the room.

        Args:
            time_limit: seconds that a proven plan may take.
            gap: relative gap at which it may stop.
            seed: of every search.
            asker: seeks the proven plans; a process of its own, ended with the room, by default.
        """
        self.time_limit, self.gap, self.seed = time_limit, gap, seed
        self._asker: Asker = asker or InWorker("the search for plans", POLITE)
        self._last: OrderedDict[str, Plan] = OrderedDict()  # data set -> what its next search starts from
        self._keeping = threading.Lock()
        self._bounders = [Worker(f"bounds {number}", Work) for number in range(bounders())]
        self._estimators = [Worker(f"estimates {number}", Work, POLITE // 2) for number in range(estimators())]
        self._free_bounders: queue.LifoQueue[Worker] = queue.LifoQueue()  # the last one has the nearest case at hand
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        for worker in reversed(self._bounders):
            worker.start()
            self._free_bounders.put(worker)
        for worker in self._estimators:
            worker.start()
            self._free.put(worker)

    def prime(self, case: Case, plan: Plan, stop: threading.Event, known: Search | None = None) -> None:
        """Open the sessions of a data set before anybody asks, starting from a plan that is known.

        One relaxation is enough: its multipliers are handed on; those of an earlier search for the case save even that.
        """
        self._remember(case, plan, over=False)
        parts = without_case(plan)
        first, *others = self._bounders
        with ThreadPoolExecutor(len(self._estimators)) as together:
            mending = [
                together.submit(one.call, Task(Work.prime, (case, parts, PLANS), cancel=stop))
                for one in self._estimators
            ]
            if known is None:
                told = first.call(Task(Work.prime, (case, parts, BOUNDS), cancel=stop))
            else:
                told, others = (known.multipliers, known.bound), self._bounders
            for worker in others:
                worker.call(Task(Work.take, (case, parts, told), cancel=stop))
            for one in mending:
                one.result()

    def bound(self, case: Case, stop: threading.Event) -> Bounded:
        """The first part of an estimate; stopped before it has begun, it knows nothing."""
        if stop.wait(SETTLED):
            return Bounded(-math.inf, None, "", 0.0)
        worker = self._free_bounders.get()
        try:
            return worker.call(Task(Work.bound, (case,), cancel=stop))
        finally:
            self._free_bounders.put(worker)

    def estimate(self, case: Case, bound: float, stop: threading.Event) -> Estimate:
        """The whole estimate of a case whose bound is known; stopping it gives what is there, which may be nothing."""
        if stop.is_set():
            return Estimate(bound, None, None, "", 0.0)
        worker = self._free.get()
        try:
            found = worker.call(Task(Work.estimate, (case, bound), cancel=stop))
        finally:
            self._free.put(worker)
        known, value, parts, rebuilt, seconds = found
        if parts is None or _decides_nothing(parts[0]):
            return Estimate(known, None, None, rebuilt, seconds)
        return Estimate(known, value, with_case(parts, case), rebuilt, seconds)

    def prove(
        self, case: Case, stop: threading.Event, report: Callable[[Progress], None], seconds: float | None = None,
        start: Plan | None = None, least: float = -math.inf,
    ) -> Plan:  # fmt: skip
        """The best plan of a case within the gap or ``seconds``.

        Args:
            case: what is asked.
            stop: set it to stop; the best plan so far is the answer.
            report: told how far the search is.
            seconds: how long it may take, the room's own limit by default.
            start: a plan to start from, the data set's last one by default.
            least: what the first objective of this very case is known to be at least.
        """
        limit = seconds or self.time_limit
        options = SolveOptions(gap=self.gap, time_limit=limit, seed=self.seed, threads=THREADS)
        known = tuple(str(finding) for finding in warnings(case.base))
        question = Question(case, options, start or self._last.get(case.base.sha256), known, least=least)
        answer = ask(question, by=self._asker, progress=report, cancel=stop)
        if answer.plan.solved:
            self._remember(case, answer.plan, over=True)
        return answer.plan

    def _remember(self, case: Case, plan: Plan, *, over: bool) -> None:
        """The plan that the next search on a data set starts from; ``over``: whether over one that is known."""
        name = case.base.sha256
        with self._keeping:
            if over or name not in self._last:
                self._last[name] = plan
            self._last.move_to_end(name)
            while len(self._last) > KEPT_SESSIONS:
                self._last.popitem(last=False)

    def close(self) -> None:
        """End the processes."""
        if isinstance(self._asker, InWorker):
            self._asker.end()
        for worker in (*self._bounders, *self._estimators):
            worker.end()


def _decides_nothing(header: dict[str, Any]) -> bool:
    """Whether a mended plan closes next to nothing: its figures would say more of the mending than of the levers."""
    before, after = header["gap_index_before"], header["gap_index_after"]
    return bool(before > 0 and after > NOTHING * before)


def why_none(estimate: Estimate) -> str:
    """Why an estimate has no plan, in words; '' where nothing is known."""
    if math.isinf(estimate.bound) and estimate.bound > 0:
        return estimate.rebuilt
    return ""
