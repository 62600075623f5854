"""Tables that a planner reads first: area by area, nation by nation, and what of it looks odd, with its cause."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from benchmarks.sceptic.line import Row
from benchmarks.sceptic.money import why_unspent
from benchmarks.sceptic.world import SMALLEST, World
from data.rows import each

MOST = 12  # orders of a nation that its table shows
PART_OF_ONE = 1e-3  # units: further from a whole number than this is a part of one
LARGE = 1000.0  # millions: an order that a minister hears of


def closures(table: pd.DataFrame, by: str) -> dict[str, float]:
    """Closure by area or nation: 1 - shortfall over target, both summed."""
    summed = table.groupby(by)[["shortfall", "target"]].sum()
    return {str(key): 1 - row.shortfall / row.target for key, row in zip(summed.index, each(summed), strict=True)}


def areas(world: World) -> list[Row]:
    """One row an area: closure with nothing ordered, in two years and settled; orders (bn) and what most of it buys."""
    gaps, settled = world.plan.tables["gaps"], world.plan.tables["settled"]
    nothing = settled.assign(shortfall=(settled["target"] - settled["baseline"]).clip(lower=0))
    middle = (world.settings.first_year + world.last) // 2
    columns = {
        "nothing ordered": closures(nothing, "area"),
        str(middle): closures(gaps[gaps["year"] == middle], "area"),
        str(world.last): closures(gaps[gaps["year"] == world.last], "area"),
        "settled": closures(settled, "area"),
    }
    orders = _orders(world)
    rows = []
    for area in sorted(columns["settled"]):
        mine = orders[orders["area"] == area]
        rows.append({"area": area, **{name: f"{found.get(area, 1.0):.0%}" for name, found in columns.items()},
                     "orders bn": float(mine["value"].sum() / 1000), "most of it": _most(world, mine, 3),
                     "what stands in the way of the rest": _obstacles(world, area)})  # fmt: skip
    return rows


def _orders(world: World) -> pd.DataFrame:
    orders = world.plan.tables["orders"]
    return orders.assign(area=orders["programme"].map(lambda name: world.programmes[name].area))


def _most(world: World, orders: pd.DataFrame, count: int) -> str:
    """The largest orders as words: programme, units and billions."""
    summed = orders.groupby("programme")[["value", "units"]].sum().sort_values("value", ascending=False).head(count)
    return ", ".join(f"{name} {row.units:,.4g} ({row.value / 1000:.1f})" for name, row in
                     zip(summed.index, each(summed), strict=True)) or "-"  # fmt: skip


def _obstacles(world: World, area: str) -> str:
    """First obstacles of the nations with an open gap, by the size of what is open when all has arrived."""
    weight: Counter[str] = Counter()
    settled = world.plan.tables["settled"]
    for row in each(settled[(settled["area"] == area) & (settled["shortfall"] > SMALLEST)]):
        weight[_obstacle(world, row.nation, area)] += row.shortfall
    whole = sum(weight.values())
    return ", ".join(f"{cause} {size / whole:.0%}" for cause, size in weight.most_common(2)) or "-"


def _obstacle(world: World, nation: str, area: str) -> str:
    """The first obstacle of a nation (of ALL: of all buyers) to closing more of an area."""
    pairs = [(n, p) for (n, p) in world.customers if nation in (n, "ALL") and area in world.effects[p]]
    if not pairs:
        return "nothing on its list"
    return max(world.obstacle(n, p) for n, p in pairs).cause


def nations(world: World) -> list[Row]:
    """One row a nation: money, what it closes of its own targets, joint part, weakest areas, largest orders, causes."""
    gaps, settled, budgets = (world.plan.tables[name] for name in ("gaps", "settled", "budgets"))
    orders, last = _orders(world), gaps[gaps["year"] == world.last]
    rows = []
    for nation in sorted(world.data["nations"]["nation"]):
        money = budgets[budgets["nation"] == nation].groupby("pillar")[["spent", "available"]].sum() / 1000
        mine, now, then = orders[orders["nation"] == nation], last[last["nation"] == nation], settled[
            settled["nation"] == nation]  # fmt: skip
        joint = mine.loc[mine["channel"] != "national", "value"].sum() / max(1e-9, mine["value"].sum())
        weak = then.sort_values("closure").head(2)
        rows.append({
            "nation": nation,
            **{f"{pillar} spent": f"{money.loc[pillar, 'spent']:.1f} of {money.loc[pillar, 'available']:.1f}"
               for pillar in ("core", "resilience")},
            f"met {world.last}": _mean(now), "settled": _mean(then), "joint": f"{joint:.0%}",
            "weakest": ", ".join(f"{row.area} {row.closure:.0%}" for row in each(weak)) or "-",
            "largest orders": _most(world, mine, 3),
            "in the way of its core list": why_unspent(world, nation, "core").popitem()[1],
        })  # fmt: skip
    return rows


def _mean(rows: pd.DataFrame) -> str:
    return f"{rows['closure'].mean():.0%}" if len(rows) else "-"


def nation_areas(world: World, nation: str) -> list[Row]:
    """A nation's areas: target, what it has and has on order, closure, what it buys, what stands in the way."""
    gaps, settled = world.plan.tables["gaps"], world.plan.tables["settled"]
    orders, mine = _orders(world), settled[settled["nation"] == nation]
    last = gaps[(gaps["nation"] == nation) & (gaps["year"] == world.last)].set_index("area")
    rows = []
    for row in each(mine.sort_values("area")):
        bought = orders[(orders["nation"] == nation) & (orders["area"] == row.area)]
        rows.append({
            "area": row.area, f"target {world.last}": float(row.target), "has or has on order": float(row.baseline),
            str(world.last): f"{last.loc[row.area, 'closure']:.0%}" if row.area in last.index else "-",
            "settled": f"{row.closure:.0%}", "buys (bn)": _most(world, bought, 3),
            "in the way of the rest": _obstacle(world, nation, row.area) if row.shortfall > SMALLEST else "-",
        })  # fmt: skip
    return rows


def nation_orders(world: World, nation: str) -> list[Row]:
    """A nation's largest orders: units, bn, years, joint part, part of its limit."""
    orders = _orders(world)
    mine = orders[orders["nation"] == nation]
    rows = []
    for name, part in sorted(mine.groupby("programme"), key=lambda pair: -pair[1]["value"].sum())[:MOST]:
        programme = str(name)
        limit, joint = world.customers[nation, programme].max_units, part["channel"] != "national"
        rows.append({
            "order": f"{programme}, {world.programmes[programme].name}",
            "area": world.programmes[programme].area,
            "units": f"{part['units'].sum():,.5g} of {limit:,.5g}",
            "bn": float(part["value"].sum() / 1000),
            "ordered": f"{part['year'].min()}-{part['year'].max()}",
            "joint": f"{part.loc[joint, 'value'].sum() / part['value'].sum():.0%}",
        })  # fmt: skip
    return rows


def late(world: World) -> list[Row]:
    """Programmes of more than a billion of which more than a third is ordered in the last year."""
    orders = world.plan.tables["orders"]
    rows = []
    for name, part in sorted(orders.groupby("programme"), key=lambda pair: -pair[1]["value"].sum()):
        value, end = part["value"].sum(), part[part["year"] == world.last]
        if value > LARGE and end["value"].sum() > value / 3:
            buyers = end.groupby("nation")["units"].sum().sort_values(ascending=False)
            told = ", ".join(f"{nation} {units:,.4g}" for nation, units in buyers.head(4).items())
            rows.append({"programme": str(name), "bn": float(value / 1000),
                         f"ordered in {world.last}": f"{end['value'].sum() / value:.0%}", "by": told})  # fmt: skip
    return rows


def weapons(world: World) -> list[Row]:
    """What part of the effect ordered in an area comes from munitions, and from which most: weapons for platforms."""
    effect: dict[str, Counter[str]] = {}
    for (_, name), units in world.ordered.items():
        for area, size in world.effects[name].items():
            effect.setdefault(area, Counter())[name] += units * size
    rows: list[Row] = []
    for area, found in sorted(effect.items()):
        arms = {name: size for name, size in found.items() if world.programmes[name].category == "munition"}
        others = {name: size for name, size in found.items() if name not in arms}
        if arms and others:
            whole = sum(found.values())
            told = [", ".join(f"{name} {size / whole:.0%}" for name, size in Counter(part).most_common(3))
                    for part in (arms, others)]  # fmt: skip
            rows.append({"area": area, "of munitions": f"{sum(arms.values()) / whole:.0%}", "most of them": told[0],
                         "most of the rest": told[1]})  # fmt: skip
    return rows


def fractions(world: World) -> list[Row]:
    """Vehicles, aircraft and ships that a nation orders in parts of one, smallest first: divisible in the data."""
    orders = world.plan.tables["orders"]
    rows: list[Row] = []
    for (nation, name), units in orders.groupby(["nation", "programme"])["units"].sum().items():  # type: ignore[misc]
        programme = world.programmes[name]
        if programme.category == "equipment" and programme.lot == 0 and abs(units - round(units)) > PART_OF_ONE:
            rows.append({"nation": nation, "programme": name, "unit": programme.unit, "ordered": float(units)})
    return sorted(rows, key=lambda row: (row["ordered"], row["nation"]))


def odd(world: World) -> list[Row]:
    """Figures that a reader stumbles over, found by rule, each with what stands in the way of a better one."""
    rows: list[Row] = []
    orders, settled, budgets = _orders(world), world.plan.tables["settled"], world.plan.tables["budgets"]
    for nation, mine in orders.groupby("nation"):
        whole = mine["value"].sum()
        for name, value in mine.groupby("programme")["value"].sum().items():
            if value > 0.3 * whole:
                rows.append(_odd(str(nation), f"{value / whole:.0%} of all its orders are {name}",
                                 f"{value / 1000:.1f} of {whole / 1000:.1f} bn"))  # fmt: skip
    for row in each(settled[(settled["closure"] < 1 / 3) & (settled["nation"] != "ALL")]):
        rows.append(_odd(row.nation, f"{row.area} closes {row.closure:.0%} when all has arrived",
                         _obstacle(world, row.nation, row.area)))  # fmt: skip
    left = budgets.groupby(["nation", "pillar"])[["unspent", "available"]].sum()
    for (nation, pillar), row in zip(left.index, each(left), strict=True):
        if row.available > 0 and row.unspent > row.available / 3:
            cause = str(why_unspent(world, nation, pillar).popitem()[1])
            rows.append(_odd(nation, f"{row.unspent / row.available:.0%} of its {pillar} money stays", cause))
    return sorted(rows, key=lambda row: (row["nation"], row["what looks odd"]))


def _odd(nation: str, what: str, cause: str) -> Row:
    return {"nation": nation, "what looks odd": what, "in the way, or in figures": cause}
