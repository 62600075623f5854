"""The rows of each policy rule, recomputed from the plan's decisions (sections 6 and 8 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from optimizer.audit.buying import Bought
from optimizer.audit.capability import Effects, Gap
from optimizer.audit.facts import ALL, NATIONAL, PILLARS, Facts
from optimizer.audit.figures import Spending
from optimizer.audit.industry import Industry
from optimizer.audit.interoperability import ordered_types, types_of_class
from optimizer.audit.policy_shape import RuleRow
from optimizer.audit.reading import Row

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
            if kind == "innovation" and nation in group and year >= start
        ]

    def available(self, nations: Iterable[str], years: Iterable[int], pillars: Iterable[str] = PILLARS) -> float:
        """Return available money, summed."""
        keys = [(nation, year, pillar) for nation in nations for year in years for pillar in pillars]
        return sum(self.facts.money[key].available for key in keys if key in self.facts.money)

    def outlay(self, nation: str, year: int, pillar: str) -> float:
        """Return committed and spent money."""
        money = self.facts.money.get((nation, year, pillar))
        return (money.committed if money else 0.0) + self.spent.get((nation, year, pillar), 0.0)


def _ratio(
    rule: Row, part: float, whole: float, constant: float, *, at_least: bool, item: str = "-", year: int
) -> RuleRow:
    """Return the row of part >= (or <=) value * whole; a whole of 0 binds nothing."""
    bound = rule.value * whole
    missing = bound - part if at_least else part - bound
    empty = abs(whole) <= 1e-9
    return RuleRow(
        rule.rule,
        rule.scope,
        item,
        year,
        at_least,
        rule.value,
        None if empty else part / whole,
        0.0 if empty else missing,
        max(abs(part), abs(bound)),
        constant,
        binds=not empty and (at_least or abs(part) > 1e-9),
    )


def _fleet_limit(state: State, rule: Row) -> list[RuleRow]:
    facts, rows = state.facts, []
    operated = types_of_class(facts, state.bought.operated, rule.scope)
    legacy = types_of_class(facts, facts.legacy, rule.scope)
    for nation in facts.nations:
        count, limit = len(operated.get(nation, ())), max(rule.value, len(legacy.get(nation, ())))
        row = RuleRow(
            rule.rule, rule.scope, nation, facts.last, False, limit, count, count - limit, limit, binds=count > 0
        )
        rows.append(row)
    return rows


def _variant_limit(state: State, rule: Row) -> list[RuleRow]:
    count = len(ordered_types(state.bought, state.facts, rule.scope))
    missing = count - rule.value
    return [
        RuleRow(
            rule.rule,
            rule.scope,
            "-",
            state.facts.last,
            False,
            rule.value,
            count,
            missing,
            abs(rule.value),
            binds=count > 0,
        )
    ]


def _common_standard(state: State, rule: Row) -> list[RuleRow]:
    facts, rows = state.facts, []
    if rule.scope not in facts.areas or not facts.areas[rule.scope].standard:
        return []
    for year in range(max(rule.from_year, facts.first), facts.last + 1):
        key = (rule.scope, year)
        part, whole = state.effects.on_standard.get(key, 0.0), state.effects.total.get(key, 0.0)
        constant = facts.target_sum.get(key, 0.0)
        rows.append(_ratio(rule, part, whole, constant, at_least=True, year=year))
    return rows


def _single_nation(state: State, rule: Row) -> list[RuleRow]:
    facts, area, year = state.facts, rule.scope, state.facts.last
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
    """Return the effect of units made on each line, and of all deliveries, from a year on."""
    facts = state.facts
    effect = {i: value for i, rows in facts.effects.items() for name, value in rows if name == area}
    by_line: dict[str, float] = {line: 0.0 for line, programme in facts.capacity_use if programme in effect}
    for (line, programme, year), units in state.industry.made.items():
        if programme in effect and start <= year <= facts.last:
            by_line[line] += effect[programme] * units
    whole = sum(
        effect[programme] * units
        for (programme, year), units in state.bought.made.items()
        if programme in effect and start <= year <= facts.last
    )
    return by_line, whole


def _single_line(state: State, rule: Row) -> list[RuleRow]:
    facts = state.facts
    by_line, whole = line_effects(state, rule.scope, rule.from_year)
    constant = facts.target_sum.get((rule.scope, facts.last), 0.0)
    return [_ratio(rule, by_line[i], whole, constant, at_least=False, item=i, year=facts.last) for i in by_line]


def _surge(state: State, rule: Row) -> list[RuleRow]:
    facts, last = state.facts, state.facts.last
    use = {key: value for key, value in facts.capacity_use.items() if facts.programmes[key[1]].area == rule.scope}
    lines = {line for line, _ in use}
    capacity = sum(facts.capacity.get((i, last), 0.0) + state.industry.added.get((i, last), 0.0) for i in lines)
    rows = []
    for year in range(max(rule.from_year, facts.first), last + 1):
        output = sum(value * state.industry.made.get((*key, year), 0.0) for key, value in use.items())
        rows.append(_ratio(rule, capacity, output, 1.0, at_least=True, year=year))
    return rows


def _closure(state: State, rule: Row) -> list[RuleRow]:
    facts = state.facts
    group, _, area = rule.scope.rpartition(":")
    nations = set(facts.group(group)) if group else set(facts.nations)
    nations |= {ALL} if group in ("", ALL) else set()
    rows = []
    for year in range(max(rule.from_year, facts.first), facts.last + 1):
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
        for year in range(max(rule.from_year, facts.first), facts.last + 1):
            money = facts.money.get((nation, year, "core"))
            if money is not None:
                part = money.committed_equipment + paid.get((nation, year), 0.0)
                rows.append(_ratio(rule, part, money.planned, money.planned, at_least=True, item=nation, year=year))
    return rows


def _spend_floor(state: State, rule: Row) -> list[RuleRow]:
    facts, rows = state.facts, []
    for nation in facts.group(rule.scope):
        for year in range(max(rule.from_year, facts.first), facts.last + 1):
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
        for year in range(max(rule.from_year, facts.first) + 1, facts.last + 1):
            now = sum(state.outlay(nation, year, pillar) for pillar in PILLARS)
            before = sum(state.outlay(nation, year - 1, pillar) for pillar in PILLARS)
            limit = (1.0 + rule.value) * before
            rows.append(
                RuleRow(
                    rule.rule,
                    rule.scope,
                    nation,
                    year,
                    False,
                    rule.value,
                    now / before - 1.0 if before > 1e-9 else None,
                    now - limit,
                    max(abs(now), abs(limit)),
                    state.available([nation], [year]),
                    binds=now > 1e-9,
                )
            )
    return rows


def _years(state: State, rule: Row) -> range:
    return range(max(rule.from_year, state.facts.first), state.facts.last + 1)


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


def _change(state: State, rule: Row) -> list[RuleRow]:
    if state.change is None:
        return []
    missing, last = state.change - rule.value, state.facts.last
    return [RuleRow(rule.rule, rule.scope, "-", last, False, rule.value, state.change, missing, 1.0)]


RULES: dict[str, Callable[[State, Row], list[RuleRow]]] = {
    "fleet_limit": _fleet_limit,
    "variant_limit": _variant_limit,
    "common_standard_min": _common_standard,
    "single_nation_max": _single_nation,
    "single_line_max": _single_line,
    "surge_min": _surge,
    "closure_min": _closure,
    "equipment_share_min": _equipment_share,
    "spend_floor": _spend_floor,
    "spend_growth_max": _spend_growth,
    "joint_share_min": _share_rule("joint_share", True, PILLARS),
    "eu_content_min": _share_rule("eu_content", True, PILLARS),
    "innovation_share_min": _share_rule("innovation_share", True, ("resilience",)),
    "sme_share_min": _share_rule("sme_share", True, PILLARS),
    "risk_max": _share_rule("risk", False, ("resilience",)),
    "change_max": _change,
}


def rows_of(state: State, rule: Row) -> list[RuleRow]:
    """Return the recomputed rows of a rule of the data's rules table."""
    return RULES[rule.rule](state, rule)
