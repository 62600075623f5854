"""The rules of sections 5, 6 and 8 on many plans at once, wherever the orders alone decide them."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tests.enumerator_plans import HARDWARE, TOLERANCE, Array, Plans
from tests.enumerator_world import NATIONAL, PILLARS

Row = dict[str, Any]


def check(plans: Plans) -> None:
    """Mark every broken rule that needs no choice of make, carry-over, contributions or loans."""
    _industry(plans)
    _incompatible(plans)
    _forced(plans)
    for row in plans.world.tables["rules"]:
        RULES[row["rule"]](plans, row)


# --- industry --------------------------------------------------------------------------------------------------


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


def of_programme(plans: Plans, programme: str, year: int) -> Array:
    """Deliveries of a programme to all nations."""
    found = plans.zero.copy()
    for (_, name, when), units in plans.delivered.items():
        if (name, when) == (programme, year):
            found += units
    return found


def output(plans: Plans, line: str, year: int) -> Array:
    """Output of a line whose programmes are made nowhere else."""
    found = plans.zero.copy()
    for programme, lines in plans.world.made_on.items():
        if line in lines:
            found += lines[line] * of_programme(plans, programme, year)
    return found


def several_lines(plans: Plans) -> bool:
    """True where a programme can be made on more than one line, so that who makes it is a choice."""
    return any(len(lines) > 1 for lines in plans.world.made_on.values())


def _industry(plans: Plans) -> None:
    world = plans.world
    for component, quantities in world.quantity.items():
        for year in world.years:
            used = sum((q * of_programme(plans, name, year) for name, q in quantities.items()), plans.zero.copy())
            limit = world.capacity[component, year] + added(plans, component, year)
            plans.breaks("industry.component_capacity", used > limit + TOLERANCE)
            _guarantee(plans, component, year, used)
    if several_lines(plans):
        return
    for line, row in world.lines.items():
        before = np.full(plans.count, float(row["current_output"]))
        for year in world.years:
            made = output(plans, line, year)
            limit = world.capacity[line, year] + added(plans, line, year)
            plans.breaks("industry.line_capacity", made > limit + TOLERANCE)
            grown = before + row["ramp"] + added(plans, line, year, exactly=True)
            plans.breaks("industry.ramp", made > grown + TOLERANCE)
            _guarantee(plans, line, year, made)
            before = made
    for frame, launch in plans.rest.launches.items():
        if launch is not None:
            _workshare(plans, frame)


def _guarantee(plans: Plans, what: str, year: int, used: Array) -> None:
    for name, row in plans.world.expansions.items():
        opened = opens(plans, name)
        if row["line_or_component"] == what and opened is not None and opened <= year < opened + row["guarantee_years"]:
            wanted = row["guaranteed_load"] * (plans.world.capacity[what, year] + row["added_capacity"])
            plans.breaks("industry.guaranteed_load", used < wanted - TOLERANCE)


def _workshare(plans: Plans, frame: str) -> None:
    world, row = plans.world, plans.world.frames[frame]
    programme = row["programme"]
    for nation in world.members(frame):
        home = [line for line in world.made_on.get(programme, {}) if world.lines[line]["nation"] == nation]
        if home:
            made = sum((of_programme(plans, programme, year) for year in world.years), plans.zero.copy())
            wanted = row["workshare_min"] * plans.ordered(nation, programme, frame)
            plans.breaks("joint.workshare", made < wanted - TOLERANCE)


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


def _single_line_max(plans: Plans, row: Row) -> None:
    """Where no programme has a second line; else make is a choice, and enumerator_free looks at it."""
    world, area = plans.world, row["scope"]
    if several_lines(plans):
        return
    by_line = {line: plans.zero.copy() for line in world.lines}
    whole = plans.zero.copy()
    for programme in world.programmes:
        effect = world.effect.get((programme, area), 0.0)
        units = sum((of_programme(plans, programme, year) for year in _from(plans, row)), plans.zero.copy())
        whole += effect * units
        for line in world.made_on.get(programme, {}):
            by_line[line] += effect * units
    for made in by_line.values():
        hold(plans, "policy.single_line_max", row, made - row["value"] * whole, plans.summed[area, world.last])


def surge_lines(plans: Plans, row: Row) -> tuple[set[str], float]:
    """The lines of an area's programmes, and their capacity in the last year."""
    world = plans.world
    names = [name for name, of in world.programmes.items() if of["area"] == row["scope"]]
    lines = {line for name in names for line in world.made_on.get(name, {})}
    return lines, sum(world.capacity[line, world.last] + added(plans, line, world.last) for line in lines)


def _surge_min(plans: Plans, row: Row) -> None:
    """Where no programme has a second line; else enumerator_free looks at it."""
    world = plans.world
    _, capacity = surge_lines(plans, row)
    for year in _from(plans, row) if not several_lines(plans) else []:
        made = plans.zero.copy()
        for name, of in world.programmes.items():
            if of["area"] == row["scope"]:
                made += sum(world.made_on.get(name, {}).values()) * of_programme(plans, name, year)
        hold(plans, "policy.surge_min", row, row["value"] * made - capacity, 1.0)


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


def _group_money(plans: Plans, row: Row, pillars: Iterable[str] = PILLARS) -> float:
    world = plans.world
    return sum(
        world.available[nation, year, pillar]
        for nation in world.group(row["scope"])
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
    hold(plans, "policy.joint_share_min", row, row["value"] * every - through, _group_money(plans, row))


def _eu_content_min(plans: Plans, row: Row) -> None:
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    every = _paid(plans, nations, years, lambda of: of["category"] in HARDWARE)
    inside = _paid(plans, nations, years, lambda of: (of["category"] in HARDWARE) * of["eu_content"])
    hold(plans, "policy.eu_content_min", row, row["value"] * every - inside, _group_money(plans, row))


def _innovation(plans: Plans, row: Row, wanted: Callable[[Row], Any]) -> Array:
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    found = plans.zero.copy()
    for (nation, year, line), amount in plans.innovation_spent.items():
        if nation in nations and year in years:
            found += amount * wanted(plans.world.innovation[line])
    return found


def _sme_share_min(plans: Plans, row: Row) -> None:
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    every = _paid(plans, nations, years, lambda of: 1.0) + _innovation(plans, row, lambda of: 1.0)
    small = _paid(plans, nations, years, lambda of: of["sme_share"]) + _innovation(
        plans, row, lambda of: of["sme_share"]
    )
    hold(plans, "policy.sme_share_min", row, row["value"] * every - small, _group_money(plans, row))


def _innovation_share_min(plans: Plans, row: Row) -> None:
    nations, years = plans.world.group(row["scope"]), _from(plans, row)
    there = _group_money(plans, row, ["resilience"])
    paid = _paid(plans, nations, years, lambda of: of["category"] == "r_and_t" and of["pillar"] == "resilience")
    paid += _innovation(plans, row, lambda of: of["pillar"] == "resilience")
    hold(plans, "policy.innovation_share_min", row, row["value"] * there - paid, there)


def _risk_max(plans: Plans, row: Row) -> None:
    risky = _innovation(plans, row, lambda of: of["success_probability"] < 0.5)
    every = _innovation(plans, row, lambda of: 1.0)
    hold(plans, "policy.risk_max", row, risky - row["value"] * every, _group_money(plans, row, ["resilience"]))


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


def _of_all_spending(plans: Plans, row: Row) -> None:
    """Floors and growth depend on interest and contributions: enumerator_free looks at them."""


def _from(plans: Plans, row: Row) -> list[int]:
    return [year for year in plans.world.years if year >= row["from_year"]]


RULES: dict[str, Callable[[Plans, Row], None]] = {
    "fleet_limit": _fleet_limit,
    "variant_limit": _variant_limit,
    "common_standard_min": _common_standard_min,
    "single_nation_max": _single_nation_max,
    "single_line_max": _single_line_max,
    "surge_min": _surge_min,
    "closure_min": _closure_min,
    "equipment_share_min": _equipment_share_min,
    "spend_floor": _of_all_spending,
    "spend_growth_max": _of_all_spending,
    "joint_share_min": _joint_share_min,
    "eu_content_min": _eu_content_min,
    "innovation_share_min": _innovation_share_min,
    "sme_share_min": _sme_share_min,
    "risk_max": _risk_max,
    "change_max": _change_max,
}
