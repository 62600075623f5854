"""What a solve may take: seconds or work, until somebody cancels."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Budget:
    """Clock, work and cancel of a solve, or of a part of one.

    Work counts the engine's own check points (they come in the same order on every run of the same input, seed and
    threads), so that a run ended by the clock can be repeated with a work limit. Where work is the limit no clock is
    looked at.

    Attributes:
        seconds: the clock's limit, from `started`.
        work_limit: check points in place of the clock; None where the clock is the limit.
        cancel: set by the caller to stop.
        started: on the clock of `time.perf_counter`.
        work: check points so far.
        hit_clock: whether the clock ended anything, so that another run may come to something else.
        until: set by whoever has something better to do: the part of the work that waits for it ends.
    """

    seconds: float = 60.0
    work_limit: float | None = None
    cancel: threading.Event | None = None
    started: float = field(default_factory=time.perf_counter)
    work: int = 0
    hit_clock: bool = False
    until: threading.Event | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self.cancel is not None and self.cancel.is_set()

    def late(self, deadline: float | None = None) -> bool:
        """Whether it is time to stop: cancelled, past the deadline, or past the work where work is the limit."""
        if self.work_limit is not None:
            return self.cancelled or self.work >= self.work_limit
        past = self.elapsed > (self.seconds if deadline is None else deadline)
        past = past or (self.until is not None and self.until.is_set())
        self.hit_clock = self.hit_clock or past
        return self.cancelled or past

    def part(self, deadline: float | None = None, until: threading.Event | None = None) -> Budget:
        """A budget for a part of the work: the same cancel and start, a deadline, its own count of work."""
        seconds = self.seconds if deadline is None else deadline
        return Budget(seconds, self.work_limit, self.cancel, self.started, until=until or self.until)

    def calm(self) -> Budget:
        """A budget for what must be finished: no limit, no cancel."""
        return Budget(math.inf, None, None, self.started)

    def take(self, part: Budget) -> None:
        """Count what a part took."""
        self.work += part.work
        self.hit_clock = self.hit_clock or part.hit_clock
