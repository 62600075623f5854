"""What a solve tells while it runs: progress for whoever watches, and the lines of solve.log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

POLL = 0.2  # seconds between two reports of progress
Standing = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Progress:
    """One line of progress: what a planner watches while a solve runs."""

    seconds: float
    phase: str
    incumbent: float | None
    bound: float | None
    gap: float | None
    message: str = ""


def _nothing() -> Standing:
    return None, None, None


@dataclass
class Journal:
    """Lines of the log, and the caller's ear.

    Attributes:
        clock: gives the seconds since the start.
        told: the caller, told a few times a second.
        phase: what is being done.
        lines: of solve.log.
        warnings: for plan.json.
        standing: gives value, bound and gap as they are now.
    """

    clock: Callable[[], float]
    told: Callable[[Progress], None] | None = None
    phase: str = "read"
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    standing: Callable[[], Standing] = _nothing
    last: float = -POLL

    def note(self, text: str) -> None:
        """Write a line of the log and tell the caller."""
        self.lines.append(f"{self.clock():8.2f} s  {text}")
        self.report(text, force=True)

    def warn(self, text: str) -> None:
        """Keep a warning for plan.json, and write it into the log."""
        self.warnings.append(text)
        self.note(text)

    def report(self, message: str = "", *, force: bool = False) -> None:
        """Tell the caller how things stand, not more often than a few times a second."""
        now = self.clock()
        if self.told is None or (not force and now - self.last < POLL):
            return
        self.last = now
        self.told(Progress(now, self.phase, *self.standing(), message))
