"""The rules of sections 5, 6 and 8 on many plans at once, wherever the orders alone decide them."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tests.enumerator_plans import HARDWARE, TOLERANCE, Array, Plans
from tests.enumerator_world import NATIONAL, PILLARS

Row = dict[str, Any]


def check(plans: Plans) -> None:
    """Mark every broken rule that needs no choice of make, carry-over, contributions or loans."""
    _incompatible(plans)
    _forced(plans)
    _pinned(plans)
    for row in plans.world.tables["rules"]:
        RULES[row["rule"]](plans, row)


# --- expansions ------------------------------------------------------------------------------------------------


def opens(plans: Plans, expansion: str) -> int | None:
    """Year in which an expansion opens in these plans."""
    start = plans.rest.starts[expansion]
    return None if start is None else int(start + plans.world.expansions[expansion]["build_years"])


def added(plans: Plans, what: str, year: int, exactly: bool = False) -> float:
    """Capacity that open expansions add to a line or component (exactly: that opens in that year)."""
    found = 0.0
    for name, row in plans.world.expansions.items():
        opened = opens(plans, name)
        if row["line_or_component"] == what and opened is not None and (opened == year if exactly else opened <= year):
            found += row["added_capacity"]
    return found


def capacity(plans: Plans, what: str, year: int) -> float:
    """Capacity of a line or component with what is open; beyond the horizon the part of it that is left for us."""
    world = plans.world
    factor = 1.0 if year <= world.last else world.beyond.capacity
    return factor * (world.capacity[what, min(year, world.last)] + added(plans, what, year))


# --- what a planner forces, and pairs that do not go together --------------------------------------------------


def _incompatible(plans: Plans) -> None:
    world = plans.world
    for row in world.tables["incompatible"]:
        for nation in world.group(row["scope"]):
            pairs = [(nation, row["programme_a"]), (nation, row["programme_b"])]
            if all(pair in plans.operated for pair in pairs) and not all(pair in world.legacy for pair in pairs):
                both = plans.operated[pairs[0]] & plans.operated[pairs[1]]
                plans.breaks("interoperability.incompatible", both)


def _forced(plans: Plans) -> None:
    world, rest = plans.world, plans.rest
    for force, names in ((True, plans.world.options.force), (False, plans.world.options.forbid)):
        for name in names:
            if name in world.programmes:
                units = sum((total for pair, total in plans.total.items() if pair[1] == name), plans.zero.copy())
                done = units > 0
            elif name in world.frames:
                done = np.full(plans.count, rest.launches[name] is not None)
            elif name in world.expansions:
                done = np.full(plans.count, rest.starts[name] is not None)
            else:
                course = rest.courses[name]
                begun = (course.pilot, course.fast) != (None, None)
                done = np.full(plans.count, world.completed(name, course) is not None if force else begun)
            plans.breaks("policy.force" if force else "policy.forbid", ~done if force else done)


def _pinned(plans: Plans) -> None:
    for row in plans.world.tables["pins"]:
        ordered = plans.zero.copy()
        for slot, units in plans.units.items():
            filled = {"nation": (row["nation"], "ALL"), "channel": (row["channel"], ""), "year": (row["year"], 0)}
            matches = slot.programme == row["programme"] and all(
                given == empty or getattr(slot, cell) == given for cell, (given, empty) in filled.items()
            )
            ordered += units * matches
        if row["sense"] in ("min", "equal"):
            plans.breaks("policy.pins", ordered < row["units"] - TOLERANCE)
        if row["sense"] in ("max", "equal"):
            plans.breaks("policy.pins", ordered > row["units"] + TOLERANCE)


# --- the table `rules` -----------------------------------------------------------------------------------------


def hold(plans: Plans, name: str, row: Row, violation: Array, constant: float) -> None:
    """A row of a rule: hard, it must not be violated; soft, it costs its penalty over the constant."""
    if row["hardness"] == "hard":
        plans.breaks(name, violation > TOLERANCE)
    else:
        plans.penalties[name] += np.maximum(0.0, violation) / (constant or 1.0) * row["penalty"]


def _types(plans: Plans, row: Row) -> list[str]:
    return [name for name, of in plans.world.programmes.items() if of["fleet_class"] == row["scope"]]


def _fleet_limit(plans: Plans, row: Row) -> None:
    for nation in plans.world.nations:
        pairs = [(nation, name) for name in _types(plans, row) if (nation, name) in plans.operated]
        legacy = sum(pair in plans.world.legacy for pair in pairs)
        count = sum((plans.operated[pair].astype(float) for pair in pairs), plans.zero.copy())
        hold(plans, "interoperability.fleet_limit", row, count - max(row["value"], legacy), 1.0)


def _variant_limit(plans: Plans, row: Row) -> None:
    count = plans.zero.copy()
    for name in _types(plans, row):
        units = sum((total for pair, total in plans.total.items() if pair[1] == name), plans.zero.copy())
        count += units > 0
    hold(plans, "interoperability.variant_limit", row, count - row["value"], 1.0)


def _common_standard_min(plans: Plans, row: Row) -> None:
    world, area = plans.world, row["scope"]
    for year in _from(plans, row):
        on, whole = plans.zero.copy(), plans.zero.copy()
        for (_, programme, when), units in plans.in_service.items():
            effect = world.effect.get((programme, area), 0.0) * units
            if when == year:
                whole += effect
                on += effect * (world.programmes[programme]["standard"] == world.areas[area]["standard"])
        violation = row["value"] * whole - on
        hold(plans, "interoperability.common_standard_min", row, violation, plans.summed[area, year])


def _single_nation_max(plans: Plans, row: Row) -> None:
    world, area, last = plans.world, row["scope"], plans.world.last
    held = {}
    for nation in world.nations:
        target = world.targets.get((nation, area, last))
        held[nation] = (target["baseline"] if target else 0.0) + plans.effect[nation, area, last]
    whole = sum(held.values(), plans.zero.copy())
    together = world.targets.get(("ALL", area, last))
    if together:
        whole = whole + together["baseline"]
        if "USA" in held:
            held["USA"] = held["USA"] + together["baseline_us"]
    for nation in world.nations:
        violation = held[nation] - row["value"] * whole
        hold(plans, "policy.single_nation_max", row, violation, plans.summed[area, last])


def _closure_min(plans: Plans, row: Row) -> None:
    world = plans.world
    group, _, area = row["scope"].rpartition(":")
    holders = {*world.nations, "ALL"} if group in ("", "ALL") else set(world.group(group))
    for year in _from(plans, row):
        keys = [key for key in plans.shortfall if key[1:] == (area, year) and key[0] in holders]
        wanted = sum(world.targets[key]["target"] for key in keys)
        missing = sum((plans.shortfall[key] for key in keys), plans.zero.copy())
        if wanted:
            hold(plans, "policy.closure_min", row, missing - (1 - row["value"]) * wanted, wanted)


def _equipment_share_min(plans: Plans, row: Row) -> None:
    world = plans.world
    for nation in world.group(row["scope"]):
        for year in _from(plans, row):
            key = (nation, year, "core")
            kinds = (*HARDWARE, "r_and_t")
            paid = _paid(plans, [nation], [year], lambda of: of["pillar"] == "core" and of["category"] in kinds)  # noqa: B023
            violation = row["value"] * world.planned[key] - world.equipment[key] - paid
            hold(plans, "policy.equipment_share_min", row, violation, world.planned[key])


def _paid(plans: Plans, nations: Iterable[str], years: Iterable[int], wanted: Callable[[Row], Any]) -> Array:
    """Unit payments, each times what `wanted` says of its programme (True, False or a share)."""
    nations, years = set(nations), set(years)
    found = plans.zero.copy()
    for (nation, year, programme, _), amount in plans.payments.items():
        if nation in nations and year in years:
            found += amount * wanted(plans.world.programmes[programme])
    return found


def group_money(plans: Plans, row: Row, pillars: Iterable[str] = PILLARS, scope: str | None = None) -> float:
    """Available money of a rule's group, summed over the years in which it holds."""
    world = plans.world
    return sum(
        world.available[nation, year, pillar]
        for nation in world.group(row["scope"] if scope is None else scope)
        for year in _from(plans, row)
        for pillar in pillars
    )


def _joint_share_min(plans: Plans, row: Row) -> None:
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    through, every = plans.zero.copy(), _paid(plans, nations, years, lambda of: of["category"] in HARDWARE)
    for (nation, year, programme, channel), amount in plans.payments.items():
        hardware = plans.world.programmes[programme]["category"] in HARDWARE
        if nation in nations and year in years and channel != NATIONAL and hardware:
            through += amount
    hold(plans, "policy.joint_share_min", row, row["value"] * every - through, group_money(plans, row))


def _eu_content_min(plans: Plans, row: Row) -> None:
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    every = _paid(plans, nations, years, lambda of: of["category"] in HARDWARE)
    inside = _paid(plans, nations, years, lambda of: (of["category"] in HARDWARE) * of["eu_content"])
    hold(plans, "policy.eu_content_min", row, row["value"] * every - inside, group_money(plans, row))


def _area_share(plans: Plans, row: Row, sign: float) -> None:
    """Unit payments for programmes of an area, out of all from the area's pillar."""
    world = plans.world
    group, _, area = row["scope"].rpartition(":")
    nations, years, pillar = world.group(group or "ALL"), _from(plans, row), world.areas[area]["pillar"]
    every = _paid(plans, nations, years, lambda of: of["pillar"] == pillar)
    mine = _paid(plans, nations, years, lambda of: of["pillar"] == pillar and of["area"] == area)
    name = "policy.area_share_min" if sign > 0 else "policy.area_share_max"
    violation = sign * (row["value"] * every - mine)
    hold(plans, name, row, violation, group_money(plans, row, scope=group or "ALL"))


def _area_share_min(plans: Plans, row: Row) -> None:
    _area_share(plans, row, 1.0)


def _area_share_max(plans: Plans, row: Row) -> None:
    _area_share(plans, row, -1.0)


def _order_value_max(plans: Plans, row: Row) -> None:
    world = plans.world
    for nation in world.group(row["scope"]):
        for pillar in PILLARS:
            there, placed = 0.0, plans.zero.copy()
            for year in _from(plans, row):
                there += world.available[nation, year, pillar]
                for (buyer, when, programme), value in plans.order_value.items():
                    if (buyer, when) == (nation, year) and world.programmes[programme]["pillar"] == pillar:
                        placed += value
                if there > 0:
                    hold(plans, "policy.order_value_max", row, placed - row["value"] * there, there)


def _innovation(plans: Plans, row: Row, wanted: Callable[[Row], Any]) -> Array:
    """Innovation spending of a rule's group, as far as it is known who pays."""
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    found = 0.0
    for (item, year), amount in plans.bills.items():
        if item in plans.world.innovation and year in years:
            payers = plans.world.key_shares(item, year)
            part = sum(share for nation, share in payers.items() if nation in nations)
            found += amount * part * wanted(plans.world.innovation[item])
    return plans.zero + found


def is_shared(plans: Plans) -> bool:
    """True where sponsors of an innovation line can share a bill otherwise than by key."""
    world = plans.world
    begun = {item for item, _ in plans.bills if item in world.innovation}
    return world.sponsor_max > 1 and any(len(world.sponsors(line)) > 1 for line in begun)


def sme_missing(plans: Plans, row: Row) -> Array:
    """Payments that would have to go to small firms, less those that do."""
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    return _paid(plans, nations, years, lambda of: row["value"] - of["sme_share"])


def innovation_missing(plans: Plans, row: Row) -> Array:
    """Resilience money that would have to be spent on innovation, less what research programmes take of it."""
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    research = _paid(plans, nations, years, lambda of: of["category"] == "r_and_t" and of["pillar"] == "resilience")
    return row["value"] * group_money(plans, row, ["resilience"]) - research


def _sme_share_min(plans: Plans, row: Row) -> None:
    """Where it is no choice who pays for innovation; else enumerator_money looks at it."""
    if not is_shared(plans):
        violation = sme_missing(plans, row) + _innovation(plans, row, lambda of: row["value"] - of["sme_share"])
        hold(plans, "policy.sme_share_min", row, violation, group_money(plans, row))


def _innovation_share_min(plans: Plans, row: Row) -> None:
    """Where it is no choice who pays for innovation; else enumerator_money looks at it."""
    there = group_money(plans, row, ["resilience"])
    if not is_shared(plans) and there > 0:
        violation = innovation_missing(plans, row) - _innovation(plans, row, lambda of: of["pillar"] == "resilience")
        hold(plans, "policy.innovation_share_min", row, violation, there)


def _risk_max(plans: Plans, row: Row) -> None:
    """Of all nations together, so that it does not matter who pays."""
    risky = _innovation(plans, row, lambda of: of["success_probability"] < 0.5)
    every = _innovation(plans, row, lambda of: 1.0)
    hold(plans, "policy.risk_max", row, risky - row["value"] * every, group_money(plans, row, ["resilience"]))


def change(plans: Plans) -> Array:
    """Change against the prior plan, as a share of its value."""
    found, whole = plans.zero.copy(), 0.0
    ordered = {(s.nation, s.programme, s.channel, s.year): units for s, units in plans.units.items()}
    for row in plans.world.tables["prior_plan"]:
        key = (row["nation"], row["programme"], row["channel"], row["year"])
        if row["year"] in plans.world.years:
            whole += row["value"]
            found += np.abs(ordered.get(key, plans.zero) - row["units"]) * row["unit_price"]
    return found / whole if whole else found


def _change_max(plans: Plans, row: Row) -> None:
    hold(plans, "policy.change_max", row, change(plans) - row["value"], 1.0)


def _later(plans: Plans, row: Row) -> None:
    """What depends on who makes what, or on interest and contributions: enumerator_make and enumerator_money."""


def _from(plans: Plans, row: Row) -> list[int]:
    return [year for year in plans.world.years if year >= row["from_year"]]


RULES: dict[str, Callable[[Plans, Row], None]] = {
    "fleet_limit": _fleet_limit,
    "variant_limit": _variant_limit,
    "common_standard_min": _common_standard_min,
    "single_nation_max": _single_nation_max,
    "single_line_max": _later,
    "output_drop_max": _later,
    "surge_min": _later,
    "closure_min": _closure_min,
    "equipment_share_min": _equipment_share_min,
    "spend_floor": _later,
    "order_value_max": _order_value_max,
    "spend_growth_max": _later,
    "joint_share_min": _joint_share_min,
    "eu_content_min": _eu_content_min,
    "innovation_share_min": _innovation_share_min,
    "area_share_min": _area_share_min,
    "area_share_max": _area_share_max,
    "sme_share_min": _sme_share_min,
    "risk_max": _risk_max,
    "change_max": _change_max,
}
