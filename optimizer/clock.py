"""Until when each part of a solve may take, so that the whole of it ends in time on any machine.

How fast the machine is, is not known before: the processor's seconds in which the program was built and compiled stand
for it, and the part of the clock's seconds that the process has had since solving began for how busy it is. What the
last programs and all that follows will take is reckoned from both, again and again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

LEAST_MORE, MOST_MORE, MORE = 3.0, 30.0, 0.1  # seconds over the limit that solving may take, at least and at most
LEAST_SHARE = 0.2  # of the clock's seconds: less was a pause, not a busy machine
ENOUGH = 1.0  # seconds after which the share is looked at
AROUND = 13.0  # seconds that all but solving may take


@dataclass(frozen=True)
class Shares:
    """How the time of a solve is parted.

    Attributes:
        cost: part of the limit for the cost pass, where there is a plan long before.
        finish: what the last programs of a large program take, over what building and compiling took.
        last: what they take at the least, without the cheapest plan.
        after: what follows solving (tables, audit, workbook), over the same.
        search: part of the limit that a search may take before the tree, on programs of middling size.
        short: seconds; a cost pass shorter than that is not begun.
        squeezed: part of the limit; where less is left before the last programs the cost pass is not begun.
        tree: what the relaxation needs beside the search, over what building and compiling took.
    """

    cost: float = 0.15
    finish: float = 2.4
    last: float = 1.5
    after: float = 1.5
    search: float = 0.5
    short: float = 3.0
    squeezed: float = 0.7
    tree: float = 10.0


@dataclass
class Clock:
    """The ends of a solve's parts, in seconds since solving began.

    Attributes:
        limit: seconds asked for.
        before: seconds that went by before solving began.
        building: the processor's seconds in which the program was built and compiled.
        shares: how the time is parted.
        share: of the clock's seconds that this process has.
        begun: the clock's and the processor's seconds when solving began.
    """

    limit: float
    before: float = 0.0
    building: float = 0.0
    shares: Shares = Shares()
    share: float = 1.0
    begun: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    def begin(self, building: float, seconds: float) -> None:
        """Solving begins: what building took, in the processor's seconds and by the clock."""
        self.building, self.before = building, self.before + seconds
        self.share = min(1.0, max(LEAST_SHARE, building / seconds)) if seconds > 0 else 1.0
        self.begun = time.perf_counter(), time.process_time()

    def look(self) -> None:
        """See how busy the machine has been since solving began."""
        clock, processor = time.perf_counter() - self.begun[0], time.process_time() - self.begun[1]
        if clock >= ENOUGH:
            self.share = min(1.0, max(LEAST_SHARE, processor / clock))

    @property
    def unit(self) -> float:
        """Seconds that building would take as busy as the machine is."""
        return self.building / self.share

    @property
    def late(self) -> float:
        """Seconds that all but solving takes too many, on a slow machine: solving makes up for them."""
        return max(0.0, self.before + self.shares.after * self.unit - AROUND)

    @property
    def end(self) -> float:
        """When solving must have ended: the limit and a tenth more (3 s at least, 30 at most)."""
        return max(0.5 * self.limit, self.limit + min(MOST_MORE, max(LEAST_MORE, MORE * self.limit)) - self.late)

    @property
    def finish(self) -> float:
        """Seconds kept for the last programs: with the cheapest plan where that fits, else without."""
        whole = self.shares.finish * self.unit
        return whole if whole <= 0.5 * self.end else min(self.shares.last * self.unit, 0.5 * self.end)

    @property
    def cost_end(self) -> float:
        """When the cost pass must have ended."""
        return max(0.0, min(self.limit, self.end - self.finish))

    @property
    def search_end(self) -> float:
        """When the search must have ended; where the machine leaves little time, the cost pass has none."""
        cost = self.shares.cost * self.limit
        begun = cost >= self.shares.short and self.cost_end >= self.shares.squeezed * self.limit
        return self.cost_end - (cost if begun else 0.0)

    @property
    def for_tree(self) -> bool:
        """Whether the relaxation would be solved beside the search before the search ends."""
        return self.search_end >= self.shares.tree * self.unit

    @property
    def middle_end(self) -> float:
        """When the search must have ended on a program of middling size, whose tree goes on from there."""
        return self.shares.search * self.limit
