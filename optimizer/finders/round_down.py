"""Lots of many nations rounded down at once: what the clock leaves of a first plan.

A rounded plan is worth having, one in which nobody buys anything is not. What rounding down makes inconsistent is put
right by arithmetic: a member orders its least lots, a frame has the price level that its lots reach, and what lost its
host goes with it. The rest (a line too full, a minimum missed by others) is bent and priced, as in any search.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from optimizer.engine.highs import Outcome, Termination, Watch
from optimizer.finders.step import Hunt, floored
from optimizer.problem.arrays import Floats, Matrix

HALF = 0.5
Relaxed = Callable[[Matrix, Watch, Floats, Floats, int], Outcome]


def rounded_down(hunt: Hunt, numbers: Iterable[int], relaxed: Relaxed) -> bool:
    """Round the lots of some nations down and find all continuous values for them; False if there are none.

    Args:
        hunt: the search; its incumbent is replaced.
        numbers: of the nations whose decisions are not whole yet.
        relaxed: solves a linear relaxation within bounds (optimizer.strategy.relaxed).
    """
    free = hunt.matrix
    columns = np.flatnonzero(hunt.layout.nation(numbers) & hunt.layout.integer)
    whole = hunt.x.copy()
    whole[columns] = floored(hunt, columns, hunt.x[columns])
    whole = np.where(free.integer, np.round(whole), 0.0)
    _least_lots(hunt, whole)
    for decision, orders in hunt.orders.items():
        if free.integer[orders].all():
            whole[decision] = max(free.lower[decision], float(whole[orders].sum() > 0))
    idle = _without_host(hunt, whole)
    whole[idle] = np.maximum(0.0, free.lower[idle])
    _levels_reached(hunt, whole)
    lower, upper = (np.where(free.integer, whole, bound) for bound in (free.lower, free.upper))
    upper[idle] = whole[idle]
    found = relaxed(free, replace(hunt.watch, time_limit=np.inf), lower, upper, hunt.seed)
    hunt.watch.work += 1
    if found.x is None or found.termination is not Termination.PROVEN:
        return False
    hunt.x = np.where(free.integer, whole, found.x)
    return True


def _joint_orders(hunt: Hunt) -> dict[tuple[str, str], list[int]]:
    """(frame, nation) -> columns of its whole orders through the frame."""
    free = hunt.matrix
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for column in np.flatnonzero((free.group == "joint_order") & free.integer).tolist():
        frame, nation, _ = free.columns[column].key
        found[frame, nation].append(column)
    return found


def _least_lots(hunt: Hunt, whole: Floats) -> None:
    """Members of frames that are launched now order their least lots, where the relaxation orders most of them."""
    free, k = hunt.matrix, hunt.keys
    orders = _joint_orders(hunt)
    joined = np.flatnonzero((free.group == "join") & (whole > HALF))
    for frame, nation, _ in (free.columns[column].key for column in joined.tolist()):
        columns = orders.get((frame, nation), [])
        lot = k.lot(k.frame[frame].programme)
        least = math.ceil((max(lot, k.member_share(frame, nation)) - k.units_before(frame, nation)) / lot - 1e-9)
        for column in sorted(columns, key=lambda c: (-hunt.x[c], c)):
            missing = least - whole[columns].sum()
            if missing > 0:
                whole[column] += min(missing, max(0.0, free.upper[column] - whole[column]))


def _without_host(hunt: Hunt, whole: Floats) -> list[int]:
    """Columns of the types whose hosts are rounded away: the type and its orders."""
    k, free = hunt.keys, hunt.matrix
    pair_of = {column: free.columns[column].key for column in hunt.orders if free.group[column] == "operated"}
    operated = {pair for column, pair in pair_of.items() if whole[column] > HALF}
    found: list[int] = []
    for column, (nation, programme) in pair_of.items():
        hosts = k.hosts.get(programme, ())
        if hosts and not k.legacy_host(nation, programme) and not any((nation, host) in operated for host in hosts):
            found += [column, *hunt.orders[column]]
    return found


def _levels_reached(hunt: Hunt, whole: Floats) -> None:
    """The price level that a frame's lots reach, where it orders in lots."""
    free, k = hunt.matrix, hunt.keys
    units: dict[str, float] = defaultdict(float)
    for (frame, _), columns in _joint_orders(hunt).items():
        units[frame] += k.lot(k.frame[frame].programme) * float(whole[columns].sum())
    tiers: dict[str, dict[int, int]] = defaultdict(dict)
    for column in np.flatnonzero(free.group == "tier").tolist():
        frame, place = free.columns[column].key
        tiers[frame][place] = column
    for frame, places in sorted(tiers.items()):
        chosen = [place for place, column in places.items() if whole[column] > HALF]
        if not chosen or frame not in units:
            continue
        total = units[frame] + k.earlier_units(frame)
        reached = max((place for place in places if k.levels[frame][place].floor <= total + 1e-9), default=min(places))
        for place, column in places.items():
            whole[column] = float(place == reached)
