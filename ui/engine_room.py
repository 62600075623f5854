"""The one door to the solver: instant estimates and proven plans for the pages.

Each data set has a resident session (optimizer.session): it keeps its programs and the last plan, so that an estimate
need not begin at nothing, and a plan starts from the last one.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable

from data.checks import warnings
from data.dataset import Dataset
from data.levers import Case
from optimizer.engine import default_threads
from optimizer.plan import Plan
from optimizer.run import Progress, SolveOptions
from optimizer.session import Estimate, Session

__all__ = ["EngineRoom", "Estimate", "why_none"]
SETTLED = 0.15  # seconds that a lever stays where it is before work begins: a slider passes many stops
KEPT_SESSIONS = 3  # data sets; a session of the reference set takes some 400 MB


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
        # One core stays free, so that the pages and the next estimate go on while a plan is sought.
        self.threads = max(1, default_threads() - 1)
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def prime(self, case: Case, plan: Plan | None, stop: threading.Event) -> None:
        """Open the session of a data set before anybody asks, starting from a plan that is known."""
        self._session(case.base, plan).prime(case, cancel=stop)

    def estimate(self, case: Case, stop: threading.Event) -> Estimate:
        """An estimate of a case; stopping it gives what is there, which may be nothing."""
        if stop.wait(SETTLED):
            return Estimate(-math.inf, None, None, "", 0.0)
        return self._session(case.base).estimate(case, cancel=stop)

    def prove(
        self, case: Case, stop: threading.Event, report: Callable[[Progress], None], seconds: float | None = None
    ) -> Plan:
        """The best plan of a case within the gap or ``seconds``."""
        limit = seconds or self.time_limit
        options = SolveOptions(gap=self.gap, time_limit=limit, seed=self.seed, threads=self.threads)
        plan = self._session(case.base).solve(case, options=options, progress=report, cancel=stop)
        plan.header["warnings"] = [str(finding) for finding in warnings(case.base)]
        return plan

    def _session(self, dataset: Dataset, plan: Plan | None = None) -> Session:
        with self._lock:
            found = self._sessions.get(dataset.sha256)
            if found is None:
                found = Session(dataset, seed=self.seed, threads=self.threads, plan=plan)
                self._sessions[dataset.sha256] = found
                while len(self._sessions) > KEPT_SESSIONS:
                    self._sessions.popitem(last=False)
            self._sessions.move_to_end(dataset.sha256)
            return found


def why_none(estimate: Estimate) -> str:
    """Why an estimate has no plan, in words; '' where nothing is known."""
    if math.isinf(estimate.bound) and estimate.bound > 0:
        return estimate.rebuilt
    return ""
