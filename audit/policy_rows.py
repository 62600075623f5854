"""The rows of each policy rule, recomputed from the plan's decisions (sections 6 and 8 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from audit.buying import Bought
from audit.capability import Effects, Gap
from audit.facts import ALL, NATIONAL, PILLARS, Facts
from audit.figures import Spending
from audit.industry import Industry
from audit.interoperability import ordered_types, types_of_class
from audit.policy_shape import RuleRow, nothing
from audit.reading import Row

HARDWARE = ("equipment", "munition")
EQUIPMENT = ("equipment", "munition", "r_and_t")
RISKY = 0.5
"""Innovation lines with a success probability below this are risky."""


@dataclass(frozen=True)
class State:
    """What the rules speak about: the case and everything recomputed from the plan's decisions."""

    facts: Facts
    bought: Bought
    industry: Industry
    effects: Effects
    gaps: Mapping[tuple[str, str, int], Gap]
    spending: Spending
    spent: Mapping[tuple[str, int, str], float]
    change: float | None

    def payments(self, nations: Iterable[str], start: int) -> list[tuple[Row, str, float]]:
        """Return unit payments of nations from a year on: programme row, channel, amount."""
        group = set(nations)
        return [
            (self.facts.programmes[programme], channel, amount)
            for (nation, programme, channel, year), amount in self.bought.payments.items()
            if nation in group and start <= year <= self.facts.last
        ]

    def innovation(self, nations: Iterable[str], start: int) -> list[tuple[Row, float]]:
        """Return innovation spending of nations from a year on: line row, amount."""
        group = set(nations)
        return [
            (self.facts.innovation[item], amount)
            for (nation, year, _, kind, item, _, _), amount in self.spending.items()
            if kind == "innovation" and nation in group and start <= year <= self.facts.last
        ]

    def available(self, nations: Iterable[str], years: Iterable[int], pillars: Iterable[str] = PILLARS) -> float:
        """Return available money, summed."""
        keys = [(nation, year, pillar) for nation in nations for year in years for pillar in pillars]
        return sum(self.facts.money[key].available for key in keys if key in self.facts.money)

    def outlay(self, nation: str, year: int, pillar: str) -> float:
        """Return committed and spent money."""
        money = self.facts.money.get((nation, year, pillar))
        return (money.committed if money else 0.0) + self.spent.get((nation, year, pillar), 0.0)


def _years(state: State, rule: Row) -> range:
    """Return the planning years in which a rule holds."""
    return range(max(rule.from_year, state.facts.first), state.facts.last + 1)


def area_of(scope: str) -> str:
    """Return the area that a scope speaks of: area, nation:area or group:area."""
    return scope.rpartition(":")[2]


def _ratio(
    rule: Row, part: float, whole: float, constant: float, *, at_least: bool, item: str = "-", year: int
) -> RuleRow:
    """Return the row of part >= (or <=) value * whole; a whole of 0 binds nothing."""
    bound = rule.value * whole
    missing = bound - part if at_least else part - bound
    empty = nothing(whole, constant)
    return RuleRow(
        item,
        year,
        at_least,
        rule.value,
        None if empty else part / whole,
        0.0 if empty else missing,
        max(abs(part), abs(bound)),
        constant,
        empty,
        dust=empty and whole != 0.0,
    )


def _count(limit: float, count: int, item: str, year: int) -> RuleRow:
    """Return the row of a number of types against a limit."""
    return RuleRow(item, year, False, limit, count, count - limit, max(abs(limit), count))


def _fleet_limit(state: State, rule: Row) -> list[RuleRow]:
    facts = state.facts
    operated = types_of_class(facts, state.bought.operated, rule.scope)
    legacy = types_of_class(facts, facts.legacy, rule.scope)
    return [
        _count(max(rule.value, len(legacy.get(nation, ()))), len(operated.get(nation, ())), nation, facts.last)
        for nation in facts.nations
    ]


def _variant_limit(state: State, rule: Row) -> list[RuleRow]:
    count = len(ordered_types(state.bought, state.facts, rule.scope))
    return [_count(rule.value, count, "-", state.facts.last)]


def _common_standard(state: State, rule: Row) -> list[RuleRow]:
    facts, rows, area = state.facts, [], area_of(rule.scope)
    if area not in facts.areas or not facts.areas[area].standard:
        return []
    for year in _years(state, rule):
        key = (area, year)
        part, whole = state.effects.on_standard.get(key, 0.0), state.effects.total.get(key, 0.0)
        constant = facts.target_sum.get(key, 0.0)
        rows.append(_ratio(rule, part, whole, constant, at_least=True, year=year))
    return rows


def _single_nation(state: State, rule: Row) -> list[RuleRow]:
    facts, area, year = state.facts, area_of(rule.scope), state.facts.last
    own = {}
    for nation in facts.nations:
        target = facts.targets.get((nation, area, year))
        own[nation] = state.effects.delivered.get((nation, area, year), 0.0) + (target.baseline if target else 0.0)
    whole = sum(own.values())
    if area in facts.collective and (ALL, area, year) in facts.targets:
        collective = facts.targets[ALL, area, year]
        whole += collective.baseline
        if "USA" in own:
            own["USA"] += collective.baseline_us
    constant = facts.target_sum.get((area, year), 0.0)
    return [_ratio(rule, own[n], whole, constant, at_least=False, item=n, year=year) for n in own]


def line_effects(state: State, area: str, start: int) -> tuple[dict[str, float], float]:
    """Return the effect of units made on each line in the planning years from a year on, and the whole of it.

    The whole is what all lines make, and what is delivered of programmes on no line.
    """
    facts = state.facts
    effect = {i: value for i, rows in facts.effects.items() for name, value in rows if name == area}
    by_line: dict[str, float] = {line: 0.0 for line, programme in facts.capacity_use if programme in effect}
    for (line, programme, year), units in state.industry.made.items():
        if programme in effect and start <= year <= facts.last:
            by_line[line] += effect[programme] * units
    on_lines = {programme for _, programme in facts.capacity_use}
    without = sum(
        effect[programme] * units
        for (programme, year), units in state.bought.arrived.items()
        if programme in effect and programme not in on_lines and start <= year <= facts.last
    )
    return by_line, sum(by_line.values()) + without


def _single_line(state: State, rule: Row) -> list[RuleRow]:
    facts, area = state.facts, area_of(rule.scope)
    by_line, whole = line_effects(state, area, rule.from_year)
    constant = facts.target_sum.get((area, facts.last), 0.0)
    return [_ratio(rule, by_line[i], whole, constant, at_least=False, item=i, year=facts.last) for i in by_line]


def _output_drop(state: State, rule: Row) -> list[RuleRow]:
    """An inequality, not a ratio: a line that makes nothing has nothing to drop."""
    facts, rows = state.facts, []
    for line in sorted(facts.lines) if rule.scope == ALL else [rule.scope]:
        added = sum(row.added_capacity for row in facts.expansions.values() if row.line_or_component == line)
        constant = max(facts.capacity_of(line, year) for year in facts.years) + added
        for year in list(_years(state, rule))[1:]:
            before, now = (state.industry.used.get((line, when), 0.0) for when in (year - 1, year))
            least = (1.0 - rule.value) * before
            rows.append(RuleRow(line, year, True, least, now, least - now, max(abs(least), abs(now)), constant))
    return rows


def _surge(state: State, rule: Row) -> list[RuleRow]:
    facts, last = state.facts, state.facts.last
    area = area_of(rule.scope)
    use = {key: value for key, value in facts.capacity_use.items() if facts.programmes[key[1]].area == area}
    lines = sorted({line for line, _ in use})
    own = sum(facts.capacity_of(line, last) for line in lines)
    capacity = own + sum(state.industry.added.get((line, last), 0.0) for line in lines)
    rows = []
    for year in _years(state, rule):
        output = sum(value * state.industry.made.get((*key, year), 0.0) for key, value in use.items())
        rows.append(_ratio(rule, capacity, output, own, at_least=True, year=year))
    return rows


def _closure(state: State, rule: Row) -> list[RuleRow]:
    facts = state.facts
    group, _, area = rule.scope.rpartition(":")
    nations = set(facts.group(group)) if group else set(facts.nations)
    nations |= {ALL} if group in ("", ALL) else set()  # a collective target counts for all, and for no group
    rows = []
    for year in _years(state, rule):
        keys = [(nation, area, year) for nation in sorted(nations) if (nation, area, year) in state.gaps]
        shortfall = sum(state.gaps[key].shortfall for key in keys)
        target = sum(state.gaps[key].target for key in keys)
        rows.append(_ratio(rule, target - shortfall, target, target, at_least=True, year=year))
    return rows


def _equipment_share(state: State, rule: Row) -> list[RuleRow]:
    facts = state.facts
    paid: dict[tuple[str, int], float] = defaultdict(float)
    for (nation, programme, _, year), amount in state.bought.payments.items():
        row = facts.programmes[programme]
        if row.pillar == "core" and row.category in EQUIPMENT:
            paid[nation, year] += amount
    rows = []
    for nation in facts.group(rule.scope):
        for year in _years(state, rule):
            money = facts.money.get((nation, year, "core"))
            if money is not None:
                part = money.committed_equipment + paid.get((nation, year), 0.0)
                rows.append(_ratio(rule, part, money.planned, money.planned, at_least=True, item=nation, year=year))
    return rows


def _spend_floor(state: State, rule: Row) -> list[RuleRow]:
    facts, rows = state.facts, []
    for nation in facts.group(rule.scope):
        for year in _years(state, rule):
            for pillar in PILLARS:
                money = facts.money.get((nation, year, pillar))
                if money is not None:
                    part, item = state.outlay(nation, year, pillar), f"{nation}:{pillar}"
                    rows.append(_ratio(rule, part, money.planned, money.planned, at_least=True, item=item, year=year))
    return rows


def _spend_growth(state: State, rule: Row) -> list[RuleRow]:
    """Growth is an inequality, not a ratio: from zero it forbids all."""
    facts, rows = state.facts, []
    for nation in facts.group(rule.scope):
        for year in list(_years(state, rule))[1:]:
            now = sum(state.outlay(nation, year, pillar) for pillar in PILLARS)
            before = sum(state.outlay(nation, year - 1, pillar) for pillar in PILLARS)
            limit = (1.0 + rule.value) * before
            scale, constant = max(abs(now), abs(limit)), state.available([nation], [year])
            growth = None if nothing(before, constant) else now / before - 1.0
            rows.append(RuleRow(nation, year, False, rule.value, growth, now - limit, scale, constant))
    return rows


def shares(state: State, nations: list[str], start: int) -> dict[str, tuple[float, float]]:
    """Return part and whole of the payment shares of a group from a year on, by rule without _min."""
    payments = state.payments(nations, start)
    innovation = state.innovation(nations, start)
    hardware = [entry for entry in payments if entry[0].category in HARDWARE]
    whole = sum(amount for _, _, amount in hardware)
    all_paid = sum(amount for _, _, amount in payments) + sum(amount for _, amount in innovation)
    small = sum(row.sme_share * amount for row, _, amount in payments)
    small += sum(row.sme_share * amount for row, amount in innovation)
    research = sum(a for row, _, a in payments if row.category == "r_and_t" and row.pillar == "resilience")
    research += sum(amount for row, amount in innovation if row.pillar == "resilience")
    years = range(max(start, state.facts.first), state.facts.last + 1)
    return {
        "joint_share": (sum(amount for _, channel, amount in hardware if channel != NATIONAL), whole),
        "eu_content": (sum(row.eu_content * amount for row, _, amount in hardware), whole),
        "sme_share": (small, all_paid),
        "innovation_share": (research, state.available(nations, years, ["resilience"])),
        "risk": (
            sum(amount for row, amount in innovation if row.success_probability < RISKY),
            sum(amount for _, amount in innovation),
        ),
    }


def _share_rule(name: str, at_least: bool, pillars: tuple[str, ...]) -> Callable[[State, Row], list[RuleRow]]:
    """Return the rule of one of the payment shares, summed over the group and the years from from_year on."""

    def rows(state: State, rule: Row) -> list[RuleRow]:
        nations = state.facts.group(rule.scope)
        part, whole = shares(state, nations, rule.from_year)[name]
        constant = state.available(nations, _years(state, rule), pillars)
        return [_ratio(rule, part, whole, constant, at_least=at_least, year=state.facts.last)]

    return rows


def _area_share(at_least: bool) -> Callable[[State, Row], list[RuleRow]]:
    """Return the rule of an area's part in what is paid for units from its pillar."""

    def rows(state: State, rule: Row) -> list[RuleRow]:
        facts, area = state.facts, area_of(rule.scope)
        nations = facts.group(rule.scope.rpartition(":")[0] or ALL)
        pillar = facts.areas[area].pillar
        payments = [entry for entry in state.payments(nations, rule.from_year) if entry[0].pillar == pillar]
        part = sum(amount for row, _, amount in payments if row.area == area)
        whole = sum(amount for _, _, amount in payments)
        constant = state.available(nations, _years(state, rule))
        return [_ratio(rule, part, whole, constant, at_least=at_least, year=facts.last)]

    return rows


def _order_value(state: State, rule: Row) -> list[RuleRow]:
    """What is ordered from from_year on against the money of the same years, year by year."""
    facts, rows = state.facts, []
    placed: dict[tuple[str, str, int], float] = defaultdict(float)
    for order in state.bought.orders:
        placed[order.nation, facts.programmes[order.programme].pillar, order.year] += order.value
    for nation in facts.group(rule.scope):
        for pillar in PILLARS:
            value = money = 0.0
            for year in _years(state, rule):
                value += placed.get((nation, pillar, year), 0.0)
                money += state.available([nation], [year], [pillar])
                item = f"{nation}:{pillar}"
                rows.append(_ratio(rule, value, money, money, at_least=False, item=item, year=year))
    return rows


def _change(state: State, rule: Row) -> list[RuleRow]:
    if state.change is None:
        return []
    missing, last = state.change - rule.value, state.facts.last
    return [RuleRow("-", last, False, rule.value, state.change, missing, max(state.change, rule.value))]


RULES: dict[str, Callable[[State, Row], list[RuleRow]]] = {
    "fleet_limit": _fleet_limit,
    "variant_limit": _variant_limit,
    "common_standard_min": _common_standard,
    "single_nation_max": _single_nation,
    "single_line_max": _single_line,
    "output_drop_max": _output_drop,
    "surge_min": _surge,
    "closure_min": _closure,
    "equipment_share_min": _equipment_share,
    "spend_floor": _spend_floor,
    "order_value_max": _order_value,
    "spend_growth_max": _spend_growth,
    "joint_share_min": _share_rule("joint_share", True, PILLARS),
    "eu_content_min": _share_rule("eu_content", True, PILLARS),
    "innovation_share_min": _share_rule("innovation_share", True, ("resilience",)),
    "area_share_min": _area_share(at_least=True),
    "area_share_max": _area_share(at_least=False),
    "sme_share_min": _share_rule("sme_share", True, PILLARS),
    "risk_max": _share_rule("risk", False, ("resilience",)),
    "change_max": _change,
}


def rows_of(state: State, rule: Row) -> list[RuleRow]:
    """Return the recomputed rows of a row of the data's rules table, to be judged together."""
    rows = RULES[rule.rule](state, rule)
    largest = max((row.scale for row in rows), default=0.0)
    return [replace(row, largest=largest) for row in rows]
