"""One row of the plan's table `rules`: what a policy rule requires of a part of a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PolicyRow:
    """part >= limit * whole ("min") or part <= limit * whole ("max"), hard or priced.

    Attributes:
        rule, scope, from_year, item, year: the row's key in the plan's table `rules`, with `hard`.
        sense: min or max.
        limit: the share, count or ratio that must hold.
        part, whole: expressions or numbers.
        scale: constant of the data that a violation is counted in (0 counts as 1).
        unit: unit of required and achieved.
        hard: whether it must hold.
        penalty: gap-index points a unit of violation.
        offset: taken off limit and ratio when reported (1 for growth).
        plain: reported as limit * whole against part, not as a ratio (output of a line against the year before's).
    """

    rule: str
    scope: str
    from_year: int
    item: str
    year: int
    sense: str
    limit: float
    part: Any
    whole: Any
    scale: float
    unit: str
    hard: bool
    penalty: float
    offset: float = 0.0
    plain: bool = False

    @classmethod
    def of(
        cls, row: Any, item: str, year: int, sense: str, limit: float, part: Any, whole: Any, scale: float, unit: str,
        offset: float = 0.0, plain: bool = False,
    ) -> PolicyRow:  # fmt: skip
        """A row of the rule that a row of the data's `rules` table states."""
        hard = row.hardness == "hard"
        price = 0.0 if hard else float(row.penalty)
        return cls(
            row.rule, row.scope, int(row.from_year), item, int(year), sense, float(limit), part, whole,
            float(scale) or 1.0, unit, hard, price, offset, plain,
        )  # fmt: skip

    @property
    def key(self) -> tuple[str, str, str, int, str, int]:
        """Rule, scope, hardness, from_year, item, year."""
        return (self.rule, self.scope, self.hardness, self.from_year, self.item, self.year)

    @property
    def hardness(self) -> str:
        """As in the data."""
        return "hard" if self.hard else "soft"

    def relation(self, violation: Any) -> Any:
        """The row as a relation; ``violation`` (in the units of ``part``) is 0 for a hard row."""
        if self.sense == "min":
            return self.part + violation >= self.limit * self.whole
        return self.part - violation <= self.limit * self.whole

    def points(self, violation: Any) -> Any:
        """Gap-index points of a violation given in the units of ``part``."""
        return (self.penalty / self.scale) * violation
