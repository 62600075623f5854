"""What a process of the pages does beside seeking plans: bounds and estimates, from sessions that stay open.

Building a program takes Python's lock for seconds and leaves millions of objects for the garbage collector; in the
server's own process every page would wait for both. How the process is spoken to stands in optimizer/workers/.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from data.dataset import Dataset
from data.levers import Case
from optimizer.ask import Parts, with_case, without_case
from optimizer.bounds.lagrangian import Multipliers
from optimizer.estimates import Bounded, Session

KEPT_SESSIONS = 3  # data sets; a session of the reference set takes some 400 MB
BOUNDS, PLANS = "bounds", "plans"
Report = Callable[[Any], None]


class Work:
    """What such a process can do; each method is a worker's task (`optimizer.workers.worker.Task.do`)."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def prime(
        self, case: Case, parts: Parts, what: str, *, progress: Report, cancel: threading.Event
    ) -> tuple[Multipliers | None, float]:
        """Open the session of a data set with a plan that is known, and get it ready for BOUNDS or for PLANS.

        Returns:
            The multipliers of what nations share and the bound of the case, for other processes.
        """
        session = self._session(case, parts)
        session.prime(case, cancel=cancel, bounds=what == BOUNDS, plans=what == PLANS)
        return session.memory.multipliers, session.memory.bound

    def take(
        self, case: Case, parts: Parts, known: tuple[Multipliers | None, float], *, progress: Report,
        cancel: threading.Event,
    ) -> None:  # fmt: skip
        """Open the session of a data set with a plan and what another process's relaxation came to."""
        self._session(case, parts).take(case, *known)

    def bound(self, case: Case, *, progress: Report, cancel: threading.Event) -> Bounded:
        """The first part of an estimate."""
        return self._session(case).bound(case, cancel=cancel)

    def estimate(
        self, case: Case, bound: float | None, *, progress: Report, cancel: threading.Event
    ) -> tuple[float, float | None, Parts | None, str, float]:
        """An estimate: its bound, value, plan, why it was built anew and seconds."""
        found = self._session(case).estimate(case, cancel=cancel, bound=bound)
        parts = None if found.plan is None else without_case(found.plan)
        return found.bound, found.value, parts, found.rebuilt, found.seconds

    def _session(self, case: Case, parts: Parts | None = None) -> Session:
        """The session of a case's data set; a new one starts from the plan given."""
        dataset: Dataset = case.base
        found = self._sessions.get(dataset.sha256)
        if found is None:
            plan = None if parts is None else with_case(parts, case)
            found = self._sessions[dataset.sha256] = Session(dataset, plan=plan)
            while len(self._sessions) > KEPT_SESSIONS:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(dataset.sha256)
        return found
