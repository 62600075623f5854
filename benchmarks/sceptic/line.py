"""What a sceptical planner is shown: lines of figure, goal, met or missed, and the rows behind them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line that must be shown.

    Attributes:
        says: what is measured, in a planner's words.
        figure: the figure as text, with its unit.
        goal: what it should be, as text.
        met: whether it is.
    """

    says: str
    figure: str
    goal: str
    met: bool

    def text(self) -> str:
        """The line as it is printed."""
        return f"{self.says}: {self.figure}; goal: {self.goal}; {'met' if self.met else 'missed'}"


@dataclass(frozen=True)
class Part:
    """One part of the reading: its lines, and the rows (tables by name) that explain them."""

    name: str
    lines: tuple[Line, ...]
    rows: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether every line is met."""
        return all(line.met for line in self.lines)

    def told(self) -> Row:
        """The part as it is kept in the results."""
        return {"lines": [asdict(line) for line in self.lines], "rows": self.rows}


def table(rows: list[Row]) -> str:
    """Rows as plain text, a column a key, for the console."""
    if not rows:
        return ""
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells)
    return "\n".join(f"    {line}" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
