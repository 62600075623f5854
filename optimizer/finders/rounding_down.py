"""Lots of many nations rounded down at once: what the clock leaves of a first plan.

A rounded plan is worth having, one in which nobody buys anything is not. What rounding down makes inconsistent is put
right by arithmetic: a member orders its least lots, a frame has the price level that its lots reach, and what lost its
host goes with it. The rest (a line too full, a minimum missed by others) is violated and priced, as in any search.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Termination
from optimizer.finders.candidate import Candidate, floored
from optimizer.problem.arrays import Floats

HALF = 0.5


def rounded_down(candidate: Candidate, numbers: Iterable[int], budget: Budget) -> bool:
    """Round the lots of some nations down and find all continuous values for them; False if there are none.

    Args:
        candidate: its values are replaced.
        numbers: of the nations whose decisions are not whole yet.
        budget: until when.
    """
    free = candidate.matrix
    columns = np.flatnonzero(candidate.instance.layout.nation(numbers) & candidate.instance.layout.integer)
    whole = candidate.x.copy()
    whole[columns] = floored(candidate, columns, candidate.x[columns])
    whole = np.where(free.integer, np.round(whole), 0.0)
    _least_lots(candidate, whole)
    for decision, orders in candidate.instance.orders.items():
        if free.integer[orders].all():
            whole[decision] = max(free.lower[decision], float(whole[orders].sum() > 0))
    idle = _without_host(candidate, whole)
    whole[idle] = np.maximum(0.0, free.lower[idle])
    _levels_reached(candidate, whole)
    lower, upper = (np.where(free.integer, whole, bound) for bound in (free.lower, free.upper))
    upper[idle] = whole[idle]
    found = relaxed(free, budget, lower, upper, candidate.instance.seed)
    budget.work += 1
    if found.x is None or found.termination is not Termination.PROVEN:
        return False
    candidate.x = np.where(free.integer, whole, found.x)
    return True


def _joint_orders(candidate: Candidate) -> dict[tuple[str, str], list[int]]:
    """(frame, nation) -> columns of its whole orders through the frame."""
    free = candidate.matrix
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for column in np.flatnonzero((free.group == "joint_order") & free.integer).tolist():
        frame, nation, _ = free.columns[column].key
        found[frame, nation].append(column)
    return found


def _least_lots(candidate: Candidate, whole: Floats) -> None:
    """Members of frames that are launched now order their least lots, where the relaxation orders most of them."""
    free, k = candidate.matrix, candidate.instance.keys
    orders = _joint_orders(candidate)
    joined = np.flatnonzero((free.group == "join") & (whole > HALF))
    for frame, nation, _ in (free.columns[column].key for column in joined.tolist()):
        columns = orders.get((frame, nation), [])
        lot = k.lot(k.frame[frame].programme)
        least = math.ceil((max(lot, k.member_share(frame, nation)) - k.units_before(frame, nation)) / lot - 1e-9)
        for column in sorted(columns, key=lambda c: (-candidate.x[c], c)):
            missing = least - whole[columns].sum()
            if missing > 0:
                whole[column] += min(missing, max(0.0, free.upper[column] - whole[column]))


def _without_host(candidate: Candidate, whole: Floats) -> list[int]:
    """Columns of the types whose hosts are rounded away: the type and its orders."""
    k, free = candidate.instance.keys, candidate.matrix
    pair_of = {
        column: free.columns[column].key for column in candidate.instance.orders if free.group[column] == "operated"
    }
    operated = {pair for column, pair in pair_of.items() if whole[column] > HALF}
    found: list[int] = []
    for column, (nation, programme) in pair_of.items():
        hosts = k.hosts.get(programme, ())
        if hosts and not k.legacy_host(nation, programme) and not any((nation, host) in operated for host in hosts):
            found += [column, *candidate.instance.orders[column]]
    return found


def _levels_reached(candidate: Candidate, whole: Floats) -> None:
    """The price level that a frame's lots reach, where it orders in lots."""
    free, k = candidate.matrix, candidate.instance.keys
    units: dict[str, float] = defaultdict(float)
    for (frame, _), columns in _joint_orders(candidate).items():
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
