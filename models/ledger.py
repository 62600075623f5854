"""The ledger: every line of spending as one expression, so that budgets, policy and tables share a single copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.keys import Keys


@dataclass(frozen=True)
class Line:
    """One line of spending.

    Attributes:
        nation, year, pillar, kind, item, channel, area: as in the plan's table `spending`.
        amount: expression or number, millions at constant prices.
    """

    nation: str
    year: int
    pillar: str
    kind: str
    item: str
    channel: str
    area: str
    amount: Any


class Ledger:
    """Collects lines of spending by nation, year and pillar."""

    def __init__(self, keys: Keys) -> None:
        """Start an empty ledger for the programmes and frames of ``keys``."""
        self.keys = keys
        self.lines: list[Line] = []

    def add(self, nation: str, year: int, kind: str, programme: str, channel: str, amount: Any) -> None:
        """Book a line of a programme in the programme's pillar and area."""
        row = self.keys.programme[programme]
        self.lines.append(Line(nation, year, row.pillar, kind, programme, channel, row.area, amount))

    def add_fee(self, nation: str, year: int, frame: str, amount: Any) -> None:
        """Book fees of a frame in its programme's pillar and area."""
        row = self.keys.programme[self.keys.frame[frame].programme]
        self.lines.append(Line(nation, year, row.pillar, "fee", frame, "-", row.area, amount))

    def add_obligation(self, nation: str, year: int, pillar: str, item: str, amount: float) -> None:
        """Book money bound earlier: in the area of the programme or frame that it is for, if it is for one."""
        frame = self.keys.frame.get(item)
        row = self.keys.programme.get(item if frame is None else frame.programme)
        self.lines.append(Line(nation, year, pillar, "obligation", item, "-", row.area if row else "-", amount))

    def add_other(self, nation: str, year: int, pillar: str, kind: str, item: str, amount: Any) -> None:
        """Book what belongs to no programme: interest, innovation, industry."""
        self.lines.append(Line(nation, year, pillar, kind, item, "-", "-", amount))
