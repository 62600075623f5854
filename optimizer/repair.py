"""Withdraw what a rounding can't keep: orders, then frames, then projects that broken rows name, until none is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from models.keys import Keys
from optimizer.start import Draft, operate

ATTEMPTS = 9
GENTLE = 3  # attempts that take single lots off before whole orders and frames go
Broken = tuple[str, tuple[Any, ...], float]  # rule and key of a row, and by how much it is broken


def withdraw(draft: Draft, broken: Iterable[Broken], attempt: int) -> None:
    """Take back decisions that broken rows name; later attempts take back more.

    Args:
        draft: bounds with all integers fixed; changed in place.
        broken: rows that the rounding breaks.
        attempt: the first ones take lots off; later ones whole orders, then frames, then projects.
    """
    for rule, key, amount in broken:
        family, _, name = rule.partition(".")
        if attempt < GENTLE and name in ("line_capacity", "ramp", "component_capacity"):
            _trim(draft, _made_at(draft, str(key[0]), int(key[1])), amount)
            continue
        if attempt < GENTLE and rule == "budget.balance":
            _trim(draft, _paid_by(draft, str(key[0]), int(key[1]), str(key[2])), amount)
            continue
        if family == "joint":
            _drop_frame(draft, str(key[0]))
        elif name == "guaranteed_load" or name == "host_share" or name == "expansion_bill":
            _drop_project(draft, str(key[0]))
        elif family == "industry":
            _lighten_place(draft, str(key[0]), int(key[-1]), attempt)
        elif family == "innovation":
            _drop_orders(draft, attempt, nation=str(key[1]), programmes={str(key[2])})
        elif family in ("budget", "policy"):
            _lighten_budget(draft, key, attempt)
        else:
            _lighten_fleet(draft, name, key, attempt)
    operate(draft)


def _orders(draft: Draft) -> Iterator[tuple[int, str, str, str | None, int]]:
    """(column, nation, programme, frame or None, year) of every order with a lot to spare; a member keeps its one."""
    for (group, key), column in draft.place.items():
        if draft.lower[column] >= 1 and draft.lower[column] == draft.upper[column]:
            if group == "order":
                yield column, key[0], key[1], None, key[2]
            elif group == "joint_order" and draft.lower[column] >= 2:
                yield column, key[1], draft.keys.frame[key[0]].programme, key[0], key[2]


def _made_at(draft: Draft, place: str, year: int) -> list[tuple[int, float]]:
    """(column, capacity a lot takes) of the orders that a line or component delivers in a year."""
    k = draft.keys
    use = {**k.use.get(place, {}), **k.needs.get(place, {})}
    return [
        (column, use[i] * k.lot(i))
        for column, _, i, frame, ordered in _orders(draft)
        if i in use and ordered + k.lead(i, frame) == year
    ]


def _paid_by(draft: Draft, nation: str, year: int, pillar: str) -> list[tuple[int, float]]:
    """(column, money a lot takes) of the orders that a nation pays for in a year; national ones first."""
    k = draft.keys
    found = []
    for column, who, i, frame, ordered in _orders(draft):
        shares = k.instalments(i, k.lead(i, frame))
        if who == nation and k.programme[i].pillar == pillar and 0 <= year - ordered < len(shares):
            money = k.price(i, ordered) * k.lot(i) * shares[year - ordered]
            found.append((frame is not None, column, money))
    return [(column, money) for _, column, money in sorted(found)]


def _trim(draft: Draft, orders: list[tuple[int, float]], amount: float) -> None:
    """Take lots off, one an order and round, until the amount is covered; each order keeps its place in the list."""
    left = amount
    while left > 0 and any(draft.lower[column] >= 1 for column, size in orders if size > 0):
        for column, size in orders:
            if left > 0 and size > 0 and draft.lower[column] >= 1:
                draft.lower[column] -= 1
                draft.upper[column] = draft.lower[column]
                left -= size


def _drop_orders(
    draft: Draft,
    attempt: int,
    *,
    nation: str | None,
    programmes: set[str],
    due: int | None = None,
    arrives: int | None = None,
) -> None:
    """Zero the orders of some programmes: those a year pays for (``due``) or receives (``arrives``), or all."""
    k = draft.keys
    for (group, key), column in draft.place.items():
        if group == "order":
            who, programme, frame = key[0], key[1], None
        elif group == "joint_order" and attempt > GENTLE:
            who, programme, frame = key[1], k.frame[key[0]].programme, key[0]
        else:
            continue
        if programme not in programmes or (nation is not None and who != nation) or draft.upper[column] <= 0:
            continue
        delivery = key[2] + k.lead(programme, frame)
        if (due is not None and not key[2] <= due <= delivery) or (arrives is not None and delivery != arrives):
            continue
        if frame is None:
            draft.lower[column] = draft.upper[column] = 0.0
        else:
            _drop_frame(draft, frame)


def _drop_frame(draft: Draft, frame: str) -> None:
    """Do not launch a frame; of one launched earlier only the members' least orders stay."""
    k = draft.keys
    if frame not in k.frame or frame in k.options.force:
        return
    if k.is_launched(frame):
        return
    for (group, key), column in draft.place.items():
        if group in ("launch", "join", "tier", "joint_order") and key[0] == frame:
            draft.lower[column] = draft.upper[column] = 0.0


def _drop_project(draft: Draft, name: str) -> None:
    """Do not start an expansion or an innovation line."""
    if name in draft.keys.options.force:
        return
    for (group, key), column in draft.place.items():
        if group in ("start", "pilot", "scale", "fast") and key[0] == name:
            draft.lower[column] = draft.upper[column] = 0.0


def _lighten_place(draft: Draft, place: str, year: int, attempt: int) -> None:
    """Less from a line or component in a year; from the second attempt on in every year."""
    k = draft.keys
    made = {*k.use.get(place, {}), *k.needs.get(place, {})}
    _drop_orders(draft, attempt, nation=None, programmes=made, arrives=year if attempt < GENTLE + 2 else None)


def _lighten_budget(draft: Draft, key: tuple[Any, ...], attempt: int) -> None:
    """Less spending of a nation in a year."""
    k: Keys = draft.keys
    nation = next((part for part in key if part in k.nation), None)
    year = next((part for part in key if isinstance(part, int)), None)
    pillar = next((part for part in key if part in ("core", "resilience")), None)
    own = {i for i in k.programmes if pillar is None or k.programme[i].pillar == pillar}
    _drop_orders(draft, attempt, nation=nation, programmes=own, due=year if attempt < GENTLE + 3 else None)
    if attempt > GENTLE and nation is not None:
        for name in k.expansions:
            if nation == k.expansion[name].host:
                _drop_project(draft, name)
        for line in k.innovations if attempt > GENTLE + 1 else []:
            if nation in k.sponsors[line]:
                _drop_project(draft, line)


def _lighten_fleet(draft: Draft, name: str, key: tuple[Any, ...], attempt: int) -> None:
    """Fewer types of a class, or no more of a programme than a nation may have."""
    k = draft.keys
    nation = next((part for part in key if part in k.nation), None)
    named = {part for part in key if part in k.programme}
    classes = {part for part in key if isinstance(part, str) and part not in k.nation}
    named |= {
        i for i in k.programmes if k.programme[i].fleet_class in classes and name in ("fleet_limit", "variant_limit")
    }
    new = {i for i in named if nation is None or (nation, i) not in k.legacy or name == "max_units"}
    _drop_orders(draft, attempt, nation=nation, programmes=new)
