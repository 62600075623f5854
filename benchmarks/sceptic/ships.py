"""Ships and boats: who may buy one, who orders one, and what stands in the others' way."""

from __future__ import annotations

from benchmarks.sceptic.line import Line, Part, Row
from benchmarks.sceptic.world import SMALLEST, World

AREAS = ("maritime_surface", "asw")
HULLS = ("ship", "submarine")
PART = 1 / 3


def hulls(world: World, area: str) -> list[str]:
    """Ships and submarines that close gaps of an area, mine hunters aside.

    A hull is equipment whose unit is a ship or a submarine and that has a fleet class (frigate, submarine): mine
    hunters and uncrewed craft have none, and fleets that only host munitions (limit 0) are nobody's to buy.
    """
    found = []
    for name, row in sorted(world.programmes.items()):
        is_hull = row.category == "equipment" and row.unit in HULLS and row.fleet_class
        if is_hull and area in world.effects[name]:
            found.append(name)
    return found


def ships(world: World) -> Part:
    """A line and a table for each of the two areas."""
    lines, rows = [], {}
    for area in AREAS:
        lines.append(_line(world, area))
        rows[area] = _rows(world, area)
    return Part("ships", tuple(lines), rows)


def _buyers(world: World, area: str) -> dict[str, list[str]]:
    """Nation -> hulls of the area that it may buy."""
    found: dict[str, list[str]] = {}
    for nation in sorted(world.data["nations"]["nation"]):
        mine = [name for name in hulls(world, area) if world.may_buy(nation, name)]
        if mine:
            found[nation] = mine
    return found


def _line(world: World, area: str) -> Line:
    buyers = _buyers(world, area)
    order = [nation for nation, mine in buyers.items() if any(world.ordered[nation, name] > 0 for name in mine)]
    units = sum(world.ordered[nation, name] for nation, mine in buyers.items() for name in mine)
    wished = sum(world.customers[nation, name].max_units for nation, mine in buyers.items() for name in mine)
    idle = [nation for nation, mine in buyers.items() if nation not in order and not _gap(world, nation, mine)]
    told = f"{units:g} of {wished:g} hulls on offer; {len(idle)} have no gap that one could close"
    figure = f"{len(order)} of {len(buyers)} nations order one ({told})"
    met = len(order) >= PART * len(buyers)
    return Line(f"ships and submarines, {area}", figure, "at least a third", met)


def _weight(world: World, nation: str, hull: str) -> str:
    """What a hull is of all core money that the nation may spend, the years beyond included."""
    budgets, beyond = world.plan.tables["budgets"], world.plan.tables["beyond"]
    money = 0.0
    for table, column in ((budgets, "available"), (beyond, "money")):
        money += float(table.loc[(table["nation"] == nation) & (table["pillar"] == "core"), column].sum())
    return (
        f"one is {world.programmes[hull].unit_cost / money:.0%} of its core money" if money else "it has no core money"
    )


def _gap(world: World, nation: str, mine: list[str]) -> bool:
    """Whether fleet and orders on hand leave the nation a target that one of its hulls could help to meet."""
    return any(world.wanted_of(nation, area) > SMALLEST for name in mine for area in world.effects[name])


def _rows(world: World, area: str) -> list[Row]:
    """One row a nation: what it may buy, what it orders, and the first obstacle where it orders none."""
    rows = []
    for nation, mine in _buyers(world, area).items():
        orders = {name: world.ordered[nation, name] for name in mine if world.ordered[nation, name] > 0}
        told = ", ".join(f"{name} {units:g}" for name, units in orders.items()) or "none"
        row = {"nation": nation, "may buy": ", ".join(mine), "orders": told, "first obstacle": "-", "note": ""}
        if not orders:
            nearest = world.nearest(nation, mine)
            note = f"{nearest.programme}: {nearest.note}; {_weight(world, nation, nearest.programme)}"
            row |= {"first obstacle": nearest.cause, "note": note}
        rows.append(row)
    return rows
