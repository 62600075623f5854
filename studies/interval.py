r"""What a setting is worth against a base case, as an interval, from values and bounds alone.

The optimum z of a case lies in [b, v]: v is the first objective of its best plan before the cost pass, b what no plan
of it undercuts (points). So the difference lies in

.. math:: z_B - z_A \in [b_B - v_A, \; v_B - b_A]

Where case B is nested in case A, each plan p of B is a plan of A that is worth no more there: f_A(p) <= f_B(p). Then
z_A <= f_A(p*) <= f_B(p*) = z_B, so that a bound of A bounds B, too, and

.. math:: z_A \le f_A(p_B) \le f_B(p_B) = v_B, \quad b_B := \max(b_A, b_B), \; v_A := \min(v_A, v_B), \; z_B - z_A \ge 0

Both hold whether the values are the same (an item forced) or dearer in B (a soft rule more); where values could fall
neither does, and nothing is lowered. Where the values are the same, v_A := v_B is what B's plan is worth in A; where
they are dearer it may be worth less there, and solving A from it says how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimizer.engine.verify import contradicts

EXACT = 1e-6  # points: low and high that differ by no more are one figure
TOLD = 1e-9  # points: less is no better plan and no better bound


class Contradiction(ValueError):
    """A bound that a plan undercuts: one of the two is wrong, and nothing follows from them."""


@dataclass(frozen=True)
class Known:
    """What is known of a case: value of its best plan (infinite: none) and bound of all its plans (points)."""

    value: float = math.inf
    bound: float = -math.inf


@dataclass(frozen=True)
class Interval:
    """z_B - z_A of a setting B against a base case A (points).

    Attributes:
        low, high: between them it lies.
        base, setting: value and bound of the two, what was lowered or lifted included.
        told: what was lowered or lifted, in sentences.
    """

    low: float
    high: float
    base: Known
    setting: Known
    told: tuple[str, ...] = ()

    @property
    def one_figure(self) -> bool:
        """Whether low and high are the same to 1e-6."""
        return self.high - self.low <= EXACT

    @property
    def excludes_none(self) -> bool:
        """Whether it is proven that there is a difference."""
        return self.low > EXACT or self.high < -EXACT


def interval(base: Known, setting: Known, *, inside: bool = False, around: bool = False) -> Interval:
    """The interval of z_B - z_A.

    Args:
        base: what is known of A.
        setting: what is known of B.
        inside: whether B is nested in A.
        around: whether A is nested in B.

    Raises:
        Contradiction: a bound lies above a plan that it bounds.
    """
    told: list[str] = []
    if inside:
        base, setting = _nested(base, setting, ("the base case", "the setting"), told)
    if around:
        setting, base = _nested(setting, base, ("the setting", "the base case"), told)
    base, setting = _sound(base, "the base case"), _sound(setting, "the setting")
    low, high = _difference(setting.bound, base.value, -math.inf), _difference(setting.value, base.bound, math.inf)
    low, high = (max(0.0, low), max(0.0, high)) if inside else (low, high)
    low, high = (min(0.0, low), min(0.0, high)) if around else (low, high)
    return Interval(low, max(low, high), base, setting, tuple(told))


def _nested(outer: Known, inner: Known, names: tuple[str, str], told: list[str]) -> tuple[Known, Known]:
    """What nesting says of both: the outer case's value is no more, the inner one's bound no less."""
    if inner.value < outer.value - TOLD:
        told.append(f"a better plan of {names[0]} was found by {names[1]}: {_points(outer.value, inner.value)}")
    if outer.bound > inner.bound + TOLD:
        told.append(f"the bound of {names[1]} is that of {names[0]}: {_points(inner.bound, outer.bound)}")
    return Known(min(outer.value, inner.value), outer.bound), Known(inner.value, max(outer.bound, inner.bound))


def _points(before: float, after: float) -> str:
    return f"{after:.6g} points in place of {before:.6g}" if math.isfinite(before) else f"{after:.6g} points"


def _sound(known: Known, name: str) -> Known:
    """Value and bound that agree; a bound above the value by tolerance alone is the value."""
    if contradicts(known.bound, known.value):
        raise Contradiction(f"{name} has a plan of {known.value:.9g} points below its bound of {known.bound:.9g}")
    return Known(known.value, min(known.value, known.bound))


def _difference(one: float, other: float, unknown: float) -> float:
    """The difference of two ends; two infinite ends say nothing."""
    return unknown if math.isinf(one) and one == other else one - other
