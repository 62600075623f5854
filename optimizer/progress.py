"""What the lines of progress.csv say of a search: which finder gained what, how far value and bound lay apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.engine.outcome import relative_gap
from optimizer.pool import BETTER, Event


@dataclass(frozen=True)
class Gain:
    """What one finder or prover gained of a search.

    Attributes:
        finder: its name, as in progress.csv.
        value: by how much it lowered the value, in the unit of the objective.
        values: how often it did; the first value counts once and lowers nothing.
        bound: by how much it raised the bound, in the unit of the objective.
        bounds: how often it did; the first bound counts once and raises nothing.
    """

    finder: str
    value: float
    values: int
    bound: float
    bounds: int


def gains(events: Sequence[Event]) -> list[Gain]:
    """What each finder and prover gained, who lowered the value most first, then who raised the bound most.

    All `value` together are the first value less the last, all `bound` the last bound less the first, but for a bound
    that gives way to a lower value (`Pool.bound`). Less than `BETTER` is no gain.
    """
    found: dict[str, list[float]] = {}
    value: float | None = None
    bound: float | None = None
    for event in events:
        lowered, value = _step(value, event.value, -1.0)
        raised, bound = _step(bound, event.bound, 1.0)
        for place, gain in ((0, lowered), (2, raised)):
            if gain is not None:
                sums = found.setdefault(event.finder, [0.0] * 4)
                sums[place] += gain
                sums[place + 1] += 1
    made = [Gain(finder, low, int(lows), high, int(highs)) for finder, (low, lows, high, highs) in found.items()]
    return sorted(made, key=lambda gain: (-gain.value, -gain.values, -gain.bound, -gain.bounds, gain.finder))


def _step(last: float | None, now: float | None, sense: float) -> tuple[float | None, float | None]:
    """(what an event gained, None for nothing; what stands after it)."""
    if now is None:
        return None, last
    if last is None:
        return 0.0, now
    gain = sense * (now - last)
    return (gain if gain > BETTER else None), now


def primal_dual_integral(events: Sequence[Event]) -> float | None:
    """Area between value and bound from the start to the last event, over that time: the mean gap, a share of 0..1.

    At each moment the gap is that of plan.json, (value - bound) / max(1, |value|), at most 1; it is 1 while value or
    bound is not there yet. 0: proven at once; 1: nothing known all the time. None where no time has passed.

    Source: the primal-dual integral of SCIP's statistics, after T. Berthold, Measuring the impact of primal heuristics,
    Operations Research Letters 41 (2013) 611-614.
    """
    end = events[-1].seconds if events else 0.0
    if end <= 0.0:
        return None
    return sum(gap * length for gap, length in _stretches(events)) / end


def _stretches(events: Sequence[Event]) -> Iterator[tuple[float, float]]:
    """(gap, seconds that it stood), from the start to the last event."""
    gap, since = 1.0, 0.0
    for event in events:
        yield gap, event.seconds - since
        since = event.seconds
        known = event.value is not None and event.bound is not None
        gap = min(1.0, relative_gap(event.value, event.bound)) if known else 1.0  # type: ignore[arg-type]


__all__ = ["Gain", "gains", "primal_dual_integral"]
