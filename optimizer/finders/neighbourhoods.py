"""Which decisions are freed together: a nation's, an area's, a frame's, an expansion's, innovation's.

A family is a function that gives the neighbourhoods of an instance; optimizer/strategy.py names those that a search
tries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from models.keys import Keys
from optimizer.finders.step import Neighbourhood
from optimizer.instance import Instance


def by_nation(instance: Instance) -> Iterator[Neighbourhood]:
    """Each nation, those with most money first."""
    for number in by_money(instance.keys):
        yield of_nations(instance, (number,))


def innovation(instance: Instance) -> Iterator[Neighbourhood]:
    """All innovation lines, with who pays for them."""
    layout = instance.layout
    yield Neighbourhood("innovation", layout.projects_named(instance.keys.innovations) | layout.accounts([]))


def by_area(instance: Instance) -> Iterator[Neighbourhood]:
    """Each area: what all nations buy for it."""
    k = instance.keys
    for area in k.areas:
        yield of_programmes(
            instance, area, [p for p, name in enumerate(k.programmes) if k.programme[name].area == area]
        )


def by_frame(instance: Instance) -> Iterator[Neighbourhood]:
    """Each joint buy with all other ways to buy its programme."""
    k = instance.keys
    for frame in k.frames:
        yield of_programmes(instance, frame, [k.programmes.index(k.frame[frame].programme)])


def by_expansion(instance: Instance) -> Iterator[Neighbourhood]:
    """Each expansion with what is made there."""
    k = instance.keys
    for name in k.expansions:
        place = k.expansion[name].line_or_component
        made = {**k.use.get(place, {}), **k.needs.get(place, {})}
        around = of_programmes(instance, name, [p for p, programme in enumerate(k.programmes) if programme in made])
        yield Neighbourhood(name, around.free | instance.layout.projects_named([name]))


def by_pair(instance: Instance) -> Iterator[Neighbourhood]:
    """Two nations of like money at once."""
    for one, two in pairwise(by_money(instance.keys)):
        yield of_nations(instance, (one, two))


def of_programmes(instance: Instance, name: str, programmes: Sequence[int]) -> Neighbourhood:
    """All decisions about some programmes, and what follows from them."""
    layout = instance.layout
    return Neighbourhood(name, layout.buying(programmes) | layout.accounts(made_beside(instance.keys, programmes)))


def made_beside(k: Keys, programmes: Sequence[int]) -> list[int]:
    """Numbers of some programmes and of all that are made on the same lines."""
    number = {name: place for place, name in enumerate(k.programmes)}
    lines = {line for place in programmes for line in k.lines_of.get(k.programmes[place], [])}
    return sorted({*programmes, *(number[name] for line in lines for name in k.use[line])})


def of_nations(instance: Instance, numbers: tuple[int, ...]) -> Neighbourhood:
    """All that some nations decide for themselves."""
    return Neighbourhood("+".join(instance.keys.nations[n] for n in numbers), instance.layout.nation(numbers))


def by_money(k: Keys) -> list[int]:
    """Numbers of the nations, those with most money first."""
    money = {n: sum(m for (who, _, _), m in k.available.items() if who == n) for n in k.nations}
    return sorted(range(len(k.nations)), key=lambda n: (-money[k.nations[n]], n))
