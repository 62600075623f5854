"""How a search went, in words and numbers (progress.csv): first plan, value and bound, which finder gained what."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.pool import BETTER, Event
from optimizer.progress import gains, primal_dual_integral
from reports import figures, standing
from reports.style import COLOURS

VALUE, BOUND = "value of the best plan", "bound: no plan can be below"
INKS = {VALUE: COLOURS[0], BOUND: COLOURS[2]}
NOTHING_KEPT = "How the search went is not known: the plan's folder has no progress.csv, or one without a line"
FEWEST = 2  # lines from which on there is a way to draw
EARLY = 0.1  # part of the time whose far ends may lie outside the picture: a first plan is often far off
MARGIN = 0.06  # of the height, above and below


@dataclass(frozen=True)
class Window:
    """The part of the scale that is drawn, in the unit of the objective.

    Attributes:
        low, high: its ends.
        step: from figure to figure.
        cut: whether something lies outside.
    """

    low: float
    high: float
    step: float
    cut: bool

    def named(self, unit: str) -> str:
        """The axis' title."""
        return f"{unit} (what is farther off lies outside)" if self.cut else unit


def window(events: Sequence[Event]) -> Window:
    """The part of the scale that shows the way of value and bound, whatever a first plan was worth.

    From what stood after a tenth of the time on, or, where that was nothing, from what came first.
    """
    early = EARLY * events[-1].seconds
    every, shown = list[float](), list[float]()
    for ends in ([one.value for one in events], [one.bound for one in events]):
        known = [(one.seconds, end) for one, end in zip(events, ends, strict=True) if end is not None]
        begun = [place for place, (seconds, _) in enumerate(known) if seconds <= early]
        every += [end for _, end in known]
        shown += [end for _, end in known[begun[-1] if begun else 0 :]]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    margin = MARGIN * (high - low if high - low > BETTER else max(1.0, abs(high)))
    step = _step_of(high - low + 2 * margin)
    low, high = math.floor((low - margin) / step) * step, math.ceil((high + margin) / step) * step
    return Window(low, high, step, any(end < low or end > high for end in every))


def _step_of(height: float) -> float:
    """The distance of the scale's figures: 1, 2 or 5 times a power of ten, some six of them in the height."""
    power = 10.0 ** math.floor(math.log10(height / 6))
    return next(step * power for step in (1, 2, 5, 10) if height / (step * power) <= 6 or step == 10)


def unit_of(header: Mapping[str, Any], currency: str = "") -> str:
    """What value and bound are counted in: points, millions or a share."""
    kind = standing.unit(header)
    return f"m {currency}".strip() if kind == "money" else kind


def told(events: Sequence[Event], unit: str) -> str:
    """How the search went, as one sentence: first plan, last value and bound, the primal-dual integral."""
    if not events:
        return NOTHING_KEPT
    last = events[-1]
    ends = [f"{what} {_amount(end, unit)}" for what, end in (("value", last.value), ("bound", last.bound))
            if end is not None]  # fmt: skip
    at_last = " and ".join(ends) or "neither value nor bound"
    if len(events) < FEWEST:
        return f"The search had all that it found at once: {at_last} after {_time(last)}, finder {last.finder}"
    first = next((event for event in events if event.value is not None), None)
    begun = "No plan was found"
    if first is not None:
        begun = f"A first plan ({_amount(first.value, unit)}) came after {_time(first)} (finder: {first.finder})"
    apart = primal_dual_integral(events)
    mean = "" if apart is None else f"; until then the two lay {apart:.0%} apart on average (primal-dual integral)"
    return f"{begun}; after {_time(last)} stood {at_last}{mean}."


def lines(events: Sequence[Event], unit: str) -> pd.DataFrame:
    """A row a line of progress.csv, with units; seconds as they are written there."""
    return pd.DataFrame(
        [(round(one.seconds, 3), one.work, one.value, one.bound, one.finder) for one in events],
        columns=["time [s]", "work [check points]", f"value [{unit}]", f"bound [{unit}]", "finder"],
    ).astype({"time [s]": float, f"value [{unit}]": float, f"bound [{unit}]": float})


def gained(events: Sequence[Event]) -> pd.DataFrame:
    """Which finder gained what: how much it lowered the value and raised the bound, in the objective's unit; times."""
    names = ["finder", "lowered", "values", "raised", "bounds"]
    return pd.DataFrame([tuple(vars(gain).values()) for gain in gains(events)], columns=names)


def _time(event: Event) -> str:
    return f"{event.seconds:.1f} s" if event.seconds >= 1 else f"{event.seconds:.2f} s"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return figures.per_cent(value) if unit == "share" else f"{value:,.2f} {unit}"
