"""The shape of a recomputed row of a policy rule."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.audit.ledger import TOLERANCE


@dataclass(frozen=True)
class RuleRow:
    """A row of a policy rule, recomputed.

    Attributes:
        rule, scope, item, year: the key of the row in the plan's rules table.
        at_least: True for a lower limit, False for an upper one.
        required: what the rule asks, in the row's unit.
        achieved: what the plan has; None where a ratio has no meaning.
        missing: by how much the inequality is broken, in its own quantity (money, effect, types); below 0 if it holds.
        scale: the largest absolute term of the inequality.
        constant: what a violation is divided by before its price; 0 counts as 1.
        binds: False where the row may be left out.
    """

    rule: str
    scope: str
    item: str
    year: int
    at_least: bool
    required: float
    achieved: float | None
    missing: float
    scale: float
    constant: float = 1.0
    binds: bool = True

    @property
    def defined(self) -> bool:
        """Return True if the row has figures to compare."""
        return self.achieved is not None or self.binds

    @property
    def violated(self) -> bool:
        """Return True if the row is broken by more than the tolerance."""
        return self.missing > TOLERANCE * max(1.0, self.scale)

    @property
    def violation(self) -> float:
        """Return what a soft rule pays for, before the penalty."""
        return max(0.0, self.missing) / (self.constant or 1.0)

    @property
    def slack(self) -> float:
        """Return achieved against required, at least 0 when the row is met."""
        if self.achieved is None:
            return 0.0
        return self.achieved - self.required if self.at_least else self.required - self.achieved

    @property
    def terms(self) -> tuple[float, ...]:
        """Return the terms that scale the comparison of figures."""
        return (self.required,)
