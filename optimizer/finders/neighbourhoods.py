"""Which decisions are freed together: a nation's, an area's, a frame's, a project's, and those that mend a bent row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from models.keys import Keys
from optimizer.finders.step import Hood, Hunt, broken_rows

TOGETHER = 600  # columns beside what follows from orders: small neighbourhoods of an estimate are mended at once
BOUND = ("committed", "member")  # status of those who take part whenever a frame is launched


def together(hunt: Hunt, hoods: list[Hood]) -> list[Hood]:
    """Neighbourhoods that free few decisions beside what follows from them, made one: each costs what that costs."""
    follows = hunt.layout.accounts(range(len(hunt.keys.programmes)))
    found: list[Hood] = []
    for hood in hoods:
        last = found[-1] if found else None
        both = None if last is None else last.free | hood.free
        if last is not None and both is not None and int((both & ~follows).sum()) <= TOGETHER:
            found[-1] = Hood(f"{last.name}, {hood.name}", both)
        else:
            found.append(hood)
    return found


def by_need(hunt: Hunt, everybody: bool) -> list[Hood]:
    """Each nation, those with the dearest bent rows first; or only those that bent rows name."""
    price: dict[str, float] = defaultdict(float)
    for _, key, _, cost in broken_rows(hunt):
        for part in key:
            price[str(part).partition(":")[0]] += cost
    order = sorted(by_money(hunt.keys), key=lambda number: -price[hunt.keys.nations[number]])
    named = [number for number in order if everybody or price[hunt.keys.nations[number]] > 0]
    return [nation_hood(hunt, (number,)) for number in named]


def menders(hunt: Hunt, dearest_first: bool) -> list[Hood]:
    """A neighbourhood for each bent row, without repeats: its nation, or all who buy what it limits.

    In the order of what the rows cost, or the quickest to solve first.
    """
    k = hunt.keys
    hoods: dict[str, Hood] = {}
    for _, key, *_ in sorted(broken_rows(hunt), key=lambda row: (-row[3], row[0], str(row[1]))):
        for hood in menders_of(hunt, [str(part) for part in key], k):
            hoods.setdefault(hood.name, hood)
    return list(hoods.values()) if dearest_first else sorted(hoods.values(), key=lambda hood: int(hood.free.sum()))


def menders_of(hunt: Hunt, names: list[str], k: Keys) -> Iterator[Hood]:
    """Neighbourhoods for one row, by the names in its key; its nation's own only where nothing wider is named.

    Each nation has been solved before: what it can't mend alone (a type that it buys with others) needs the others.
    """
    number = {nation: place for place, nation in enumerate(k.nations)}
    wider = False
    for name in names:
        place = k.expansion[name].line_or_component if name in k.expansion else name
        made = {**k.use.get(place, {}), **k.needs.get(place, {})}
        made |= {k.frame[name].programme: 1.0} if name in k.frame else {}
        made |= {i: 1.0 for i in k.programmes if name and name in (k.programme[i].area, k.fleet_class(i), i)}
        if made:
            wider = True
            programmes = [p for p, programme in enumerate(k.programmes) if programme in made]
            yield from (nation_hood(hunt, (buyer,)) for buyer in _main_buyer(hunt, programmes))
            projects = [name] if name in k.expansion else []
            free = hunt.layout.buying(programmes) | hunt.layout.projects_named(projects)
            free |= hunt.layout.accounts(_beside(k, programmes))
            free |= hunt.layout.nation([number[nation] for nation in bound_to(k, name)])
            yield Hood(f"makers and buyers: {name}", free)
    if wider:
        return
    for nation in [name.partition(":")[0] for name in names]:
        if nation in number:
            yield nation_hood(hunt, (number[nation],))
    yield _innovation(hunt)


def _main_buyer(hunt: Hunt, programmes: Sequence[int]) -> list[int]:
    """The nation that orders most of some programmes, by money, which can mend most by itself; none orders any."""
    layout, k = hunt.layout, hunt.keys
    columns = np.flatnonzero(np.isin(layout.programme, programmes) & layout.groups(("order", "joint_order")))
    names = [k.programmes[place] for place in layout.programme[columns]]
    prices = np.array([k.lot(name) * k.programme[name].unit_cost for name in names])
    money = np.bincount(layout.owner[columns], hunt.x[columns] * prices, len(k.nations))
    return [int(money.argmax())] if money.max() > 0 else []


def bound_to(k: Keys, name: str) -> list[str]:
    """Nations that a frame or expansion can't do without: they must find the money for it among all that they buy."""
    if name in k.frame:
        return [nation for nation in k.nations if k.status.get((name, nation)) in BOUND]
    return [n for n in k.nations if name in k.expansion and k.expansion[name].host == n]


def neighbourhoods(hunt: Hunt) -> Iterator[Hood]:
    """Nations, areas, frames, projects: each a mask of columns to free."""
    layout, k = hunt.layout, hunt.keys
    order = by_money(k)
    for number in order:
        yield nation_hood(hunt, (number,))
    yield _innovation(hunt)
    for area in k.areas:
        programmes = [p for p, name in enumerate(k.programmes) if k.programme[name].area == area]
        yield Hood(area, layout.buying(programmes) | layout.accounts(_beside(k, programmes)))
    for frame in k.frames:
        programme = [k.programmes.index(k.frame[frame].programme)]
        yield Hood(frame, layout.buying(programme) | layout.accounts(_beside(k, programme)))
    for name in k.expansions:
        place = k.expansion[name].line_or_component
        made = {**k.use.get(place, {}), **k.needs.get(place, {})}
        programmes = [p for p, programme in enumerate(k.programmes) if programme in made]
        follows = layout.accounts(_beside(k, programmes))
        yield Hood(name, layout.projects_named([name]) | layout.buying(programmes) | follows)
    for one, two in pairwise(order):
        yield nation_hood(hunt, (one, two))


def _innovation(hunt: Hunt) -> Hood:
    """All innovation lines, with who pays for them."""
    return Hood("innovation", hunt.layout.projects_named(hunt.keys.innovations) | hunt.layout.accounts([]))


def _beside(k: Keys, programmes: Sequence[int]) -> list[int]:
    """Numbers of some programmes and of all that are made on the same lines."""
    number = {name: place for place, name in enumerate(k.programmes)}
    lines = {line for place in programmes for line in k.lines_of.get(k.programmes[place], [])}
    return sorted({*programmes, *(number[name] for line in lines for name in k.use[line])})


def nation_hood(hunt: Hunt, numbers: tuple[int, ...]) -> Hood:
    """All that some nations decide for themselves."""
    return Hood("+".join(hunt.keys.nations[n] for n in numbers), hunt.layout.nation(numbers))


def by_money(k: Keys) -> list[int]:
    """Numbers of the nations, those with most money first."""
    money = {n: sum(m for (who, _, _), m in k.available.items() if who == n) for n in k.nations}
    return sorted(range(len(k.nations)), key=lambda n: (-money[k.nations[n]], n))
