"""What is worked out from a plan, kept while sessions look at it: every picture and table is made once a plan."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from optimizer.plans.plan import Plan
from ui.jobs import Lane

KEPT = 16  # plans


class Gallery:
    """Results by plan and name; two sessions that want the same wait for one making of it."""

    def __init__(self, beforehand: Mapping[str, Callable[[Plan], Any]] | None = None) -> None:
        """Open the gallery.

        Args:
            beforehand: name -> maker of what is made for a plan before a page asks.
        """
        self._beforehand = dict(beforehand or {})
        self._plans: OrderedDict[int, tuple[Plan, dict[str, Future[Any]]]] = OrderedDict()
        self._lock = threading.Lock()
        self._lane: Lane[Plan, int] = Lane("drive5 gallery", self._make_all)

    def get(self, plan: Plan, name: str, make: Callable[[Plan], Any]) -> Any:
        """The thing of that name for a plan; made now if nobody did."""
        with self._lock:
            held = self._plans.setdefault(id(plan), (plan, {}))  # the plan is held, so its id stays its own
            self._plans.move_to_end(id(plan))
            while len(self._plans) > KEPT:
                self._plans.popitem(last=False)
            future = held[1].get(name)
            mine = future is None
            if future is None:
                future = held[1][name] = Future()
        if mine:
            try:
                future.set_result(make(plan))
            except BaseException as problem:
                with self._lock:
                    held[1].pop(name, None)
                future.set_exception(problem)
        return future.result()

    def prepare(self, plan: Plan) -> None:
        """Make beforehand what pages will ask for, in the background."""
        self._lane.ask(f"plan {id(plan)}", str(id(plan)), plan)

    def close(self) -> None:
        """Stop the background."""
        self._lane.close()

    def _make_all(self, plan: Plan, stop: threading.Event, report: object) -> int:
        for name, make in self._beforehand.items():
            if stop.is_set():
                break
            self.get(plan, name, make)
        return len(self._beforehand)
