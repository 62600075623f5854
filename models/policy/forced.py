"""Orders that a planner has fixed; what is forced in and what is forced out (MODEL.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.buying import new_orders
from models.innovation import began, complete
from models.joint import launched
from models.keys import Keys
from models.linear import quicksum
from models.registry import rule


def amount_of(m: Any, item: str) -> tuple[Any, float, Any]:
    """(decided amount, least amount that meets `force`, amount that `forbid` keeps at 0) of a forced item.

    The item is a programme, frame, expansion or innovation line.
    """
    k: Keys = m.k
    if item in k.programme:
        units = quicksum(new_orders(m, n, i) for n, i in k.ordering_pairs if i == item)
        return units, k.lot(item), units
    if item in k.frame:
        return launched(m, item), 1.0, launched(m, item)
    if item in k.expansion:
        starts = quicksum(m.start[item, year] for year in k.start_years[item])
        return starts, 1.0, starts
    started = began(m, item, "pilot", k.last) + began(m, item, "fast", k.last)
    return complete(m, item, k.last), 1.0, started


@rule(
    "policy.pins",
    bends=True,
    given=True,
    unit="units",
    says="Orders that a planner has fixed stand.",
    over=lambda m: pin_keys(m.k),
)
def pins(m: Any, nation: str, programme: str, channel: str, year: int, sense: str) -> Any:
    r"""The sum of all orders that match the filled cells is at least, at most or exactly the pinned units.

    .. math:: \sum_{j \in pin} units_j \; \{\ge, \le, =\} \; pinned
    """
    key = (nation, programme, channel, year, sense)
    units = next(float(row.units) for row in m.k.pins if pin_key(row) == key)
    total = quicksum(pinned(m, nation, programme, channel, year))
    if sense == "min":
        return total >= units
    return total <= units if sense == "max" else total == units


def pinned(m: Any, nation: str, programme: str, channel: str, year: int) -> Iterator[Any]:
    """Units of the orders that match a pin; '-' for any channel, 0 for any year, ALL for all nations."""
    k: Keys = m.k
    for n, i, t in k.national_keys:
        if i == programme and nation in (n, "ALL") and channel in ("national", "-") and year in (t, 0):
            yield m.national[n, i, t]
    for f, n, t in k.joint_keys:
        mine = k.frame[f].programme == programme and nation in (n, "ALL")
        if mine and channel in (f, "-") and year in (t, 0):
            yield m.joint[f, n, t]


def pin_key(row: Any) -> tuple[str, str, str, int, str]:
    """Key of a pin; '-' for any channel, 0 for any year."""
    return (row.nation, row.programme, row.channel or "-", int(row.year), row.sense)


def pin_keys(k: Keys) -> list[tuple[str, str, str, int, str]]:
    """Keys of the pins."""
    return sorted(pin_key(row) for row in k.pins)


@rule(
    "policy.force",
    bends=True,
    given=True,
    unit="units",
    says="What is forced in is in the plan.",
    over=lambda m: sorted(m.k.options.force),
)
def force(m: Any, item: str) -> Any:
    r"""Programme: at least one lot in sum; frame: launched; expansion: built; innovation: complete.

    .. math:: amount_X \ge least_X
    """
    amount, least, _ = amount_of(m, item)
    return amount >= least


@rule(
    "policy.forbid",
    bends=True,
    given=True,
    unit="units",
    says="What is forced out is not in it.",
    over=lambda m: sorted(m.k.options.forbid),
)
def forbid(m: Any, item: str) -> Any:
    r"""Programme: no order; frame: not launched; expansion: not built; innovation: not started.

    .. math:: amount_X \le 0
    """
    return amount_of(m, item)[2] <= 0
