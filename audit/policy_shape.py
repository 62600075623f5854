"""The shape of a recomputed row of a policy rule."""

from __future__ import annotations

from dataclasses import dataclass

from audit.ledger import LEAST, allowed


@dataclass(frozen=True)
class RuleRow:
    """A row of a policy rule, recomputed.

    Attributes:
        item, year: what the row is about, as in the plan's rules table.
        at_least: True for a lower limit, False for an upper one.
        required: what the rule asks, in the row's unit.
        achieved: what the plan has; None where a ratio has no meaning.
        missing: by how much the inequality is broken, in its own quantity (money, effect, types); below 0 if it holds.
        scale: the largest absolute term of the inequality.
        constant: what a violation is divided by before its price; 0 counts as 1.
        empty: True where nothing is in the denominator: the rule binds nothing, and there is no row.
        dust: True where only a solver's dust is in it: the rule binds nothing, and a row may stand.
        largest: the largest scale of all rows of the same data row.
    """

    item: str
    year: int
    at_least: bool
    required: float
    achieved: float | None
    missing: float
    scale: float
    constant: float = 1.0
    empty: bool = False
    dust: bool = False
    largest: float = 0.0

    @property
    def violated(self) -> bool:
        """Return True if the row is broken by more than the tolerance."""
        return self.missing > allowed(self.scale, self.largest)

    @property
    def violation(self) -> float:
        """Return what a soft rule pays for, before the penalty."""
        return max(0.0, self.missing) / (self.constant or 1.0)

    @property
    def price_scale(self) -> float:
        """Return the largest term of the violation, before the penalty."""
        return self.scale / (self.constant or 1.0)

    @property
    def slack(self) -> float:
        """Return achieved against required, at least 0 when the row is met."""
        if self.achieved is None:
            return 0.0
        return self.achieved - self.required if self.at_least else self.required - self.achieved


def nothing(whole: float, constant: float) -> bool:
    """Return True if a denominator is 0, but for what a solver leaves behind."""
    return abs(whole) <= LEAST * abs(constant)
