"""The KPIs of a plan (CONTRACT.md), read off a settled program and its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd

from data.levers import replay
from data.rows import each
from models.capability import delivered_effect
from models.keys import EQUIPMENT, PILLARS, Keys
from models.policy.money import sme_share
from models.program import Program
from optimizer.plans.derived import booked, split
from optimizer.plans.tables import number

PLEDGE_RESILIENCE = 0.015  # of GDP: what of resilience counts for the pledge
REACHED = 0.8  # closure with which an area has arrived
Tables = Mapping[str, pd.DataFrame]


def kpis(program: Program, tables: Tables) -> dict[str, Any]:
    """Every KPI of the contract; null where a ratio has nothing in its denominator."""
    m, k = program.model, program.keys
    found: dict[str, Any] = {"cost": float(tables["budgets"]["spent"].sum() + tables["beyond"]["bound"].sum())}
    found |= _payment_shares(m, k)
    found |= _last_year(k, tables)
    found["planned_share"] = _planned_share(k)
    found["at_risk"] = _at_risk(k, tables["orders"])
    found["joint_saving"] = float(tables["frames"]["saving"].sum() - tables["frames"]["fees"].sum())
    found["freedom_of_manoeuvre"] = _freedom(k, tables)
    found["arrival_margin"] = _arrival(k, tables)
    found["order_stability"] = _stability(k, tables)
    modes = tables["innovation"]["mode"]
    found["pilots"] = int((modes != "fast").sum())
    found["scaled"] = int((tables["innovation"]["scale_year"] > 0).sum())
    found["fast"] = int((modes == "fast").sum())
    found["largest_line_dependency"] = _dependency(m, k)
    tax = tables["spending"]
    in_horizon = (tax["kind"] == "integration_tax") & (tax["year"] <= k.last)
    found["integration_tax"] = float(tax.loc[in_horizon, "amount"].sum())
    found["burden"] = _burden(m, k, tables)
    if program.case.levers.get("us_backfill"):
        found["backfill"] = _backfill(program, tables)
    return found


def _ratio(part: float, whole: float) -> float | None:
    """None where there is nothing in the denominator."""
    return part / whole if whole else None


def _payment_shares(m: Any, k: Keys) -> dict[str, float | None]:
    amounts = [(line, booked(m, line)) for line in m.unit_payments]
    amounts += [
        (replace(line, item=item), part) for line in m.innovation_lines for item, part in split(m, line).items()
    ]
    buys = [
        (line, amount)
        for line, amount in amounts
        if line.kind == "payment" and k.programme[line.item].category in EQUIPMENT
    ]
    whole = sum(amount for _, amount in buys)
    fresh = sum(
        amount
        for line, amount in amounts
        if line.pillar == "resilience" and (line.kind == "innovation" or k.programme[line.item].category == "r_and_t")
    )
    return {
        "joint_share": _ratio(sum(a for line, a in buys if line.channel != "national"), whole),
        "eu_content": _ratio(sum(a * k.programme[line.item].eu_content for line, a in buys), whole),
        "sme_share": _ratio(sum(a * sme_share(k, line) for line, a in amounts), sum(a for _, a in amounts)),
        "innovation_share": _ratio(
            fresh, sum(money for (_, _, pillar), money in k.available.items() if pillar == "resilience")
        ),
    }


def _last_year(k: Keys, tables: Tables) -> dict[str, dict[str, float | None]]:
    gdp: dict[str, float] = defaultdict(float)
    money: dict[tuple[str, str], float] = defaultdict(float)
    for row in each(tables["budgets"]):
        if row.year == k.last:
            for name in ("ALL", row.nation):
                gdp[name] += row.gdp if row.pillar == "core" else 0.0
                money[name, row.pillar] += row.committed + row.spent
    found: dict[str, dict[str, float | None]] = {"core_share": {}, "resilience_share": {}, "pledge_credit": {}}
    for name in ("ALL", *k.nations):
        core, resilience = (_ratio(money[name, pillar], gdp[name]) for pillar in PILLARS)
        found["core_share"][name], found["resilience_share"][name] = core, resilience
        both = None if core is None or resilience is None else core + min(resilience, PLEDGE_RESILIENCE)
        found["pledge_credit"][name] = both
    return found


def _planned_share(k: Keys) -> dict[str, dict[str, float | None]]:
    """Pillar -> ALL or nation -> planned money of the last year over GDP."""
    gdp = {nation: k.gdp[nation, k.last] for nation in k.nations}
    found: dict[str, dict[str, float | None]] = {}
    for pillar in PILLARS:
        planned = {nation: k.planned[nation, k.last, pillar] for nation in k.nations}
        found[pillar] = {"ALL": _ratio(sum(planned.values()), sum(gdp.values()))}
        found[pillar] |= {nation: _ratio(planned[nation], gdp[nation]) for nation in k.nations}
    return found


def _at_risk(k: Keys, orders: pd.DataFrame) -> float | None:
    """Share of the value of orders that hangs on innovation lines which may fail."""
    risk = 0.0
    for row in each(orders):
        line = k.programme[row.programme].requires_innovation
        if line and not 0 < k.innovation[line].complete_year < k.first:
            risk += row.value * (1 - k.innovation[line].success_probability)
    return _ratio(float(risk), float(orders["value"].sum()))


def _freedom(k: Keys, tables: Tables) -> dict[str, float | None]:
    """Share of a year's available money that no earlier order, fee or obligation binds."""
    bound: dict[int, float] = defaultdict(float)
    for row in each(tables["spending"]):
        if row.kind in ("payment", "fee", "obligation"):
            bound[row.year] += row.amount
    for row in each(tables["orders"]):
        lead = k.lead(row.programme, None if row.channel == "national" else row.channel)
        bound[row.year] -= row.value * k.instalments(row.programme, lead)[0]
    available = {year: sum(money for (_, when, _), money in k.available.items() if when == year) for year in k.years}
    return {str(year): 1 - bound[year] / money if money else None for year, money in available.items()}


def area_closures(k: Keys, gaps: pd.DataFrame) -> dict[tuple[str, int], float]:
    """(area, year) -> 1 - summed shortfall / summed target, where there is a target."""
    sums = gaps.groupby(["area", "year"])[["shortfall", "target"]].sum()
    return {
        (str(area), int(year)): 1 - row.shortfall / row.target
        for (area, year), row in zip(sums.index, each(sums), strict=True)
        if row.target > 0
    }


def _arrival(k: Keys, tables: Tables) -> dict[str, int | None]:
    """Area with a threat year -> threat year less the first year from which on its closure stays reached."""
    closures = area_closures(k, tables["gaps"])
    found: dict[str, int | None] = {}
    for area in k.areas:
        threat = int(k.area[area].threat_year)
        if not threat:
            continue
        reached = None
        for year in reversed([year for year in k.years if (area, year) in closures]):
            if closures[area, year] < REACHED - 1e-9:
                break
            reached = year
        found[area] = None if reached is None else threat - reached
    return found


def _stability(k: Keys, tables: Tables) -> dict[str, float | None]:
    """By line: 1 - sum of changes of output / sum of the larger of each two years."""
    used = tables["capacity"].set_index(["line_or_component", "year"])["used"].to_dict()
    found: dict[str, float | None] = {}
    for line in sorted(k.line):
        pairs = list(pairwise(used[line, year] for year in k.years))
        change = _ratio(sum(abs(b - a) for a, b in pairs), sum(max(a, b) for a, b in pairs))
        found[line] = None if change is None else 1 - change
    return found


def _dependency(m: Any, k: Keys) -> dict[str, float | None]:
    """Area -> largest share of one line in the effect of all units made, and of deliveries without a line."""
    found: dict[str, float | None] = {}
    for area in k.areas:
        effect = {i: k.effect[i][area] for i in k.programmes if k.effect.get(i, {}).get(area)}
        by_line: dict[str, float] = defaultdict(float)
        for (programme, line, year), var in m.make.items():
            if year <= k.last and programme in effect:
                by_line[line] += var.value * effect[programme]
        bought = [
            number(m.delivered_all.get((i, year), 0.0)) * effect[i]
            for i in sorted(effect)
            if not k.lines_of.get(i)
            for year in k.years
        ]
        found[area] = _ratio(max(by_line.values(), default=0.0), sum(by_line.values()) + sum(bought))
    return found


def _burden(m: Any, k: Keys, tables: Tables) -> dict[str, dict[str, float | None]]:
    """Over the planning years: money for GDP; baseline and delivered effect as shares of targets; own closure."""
    money: dict[str, float] = defaultdict(float)
    for row in each(tables["budgets"]):
        money[row.nation] += row.committed + row.spent
    valued = {(a, y): total for (a, y), total in sorted(k.summed_target.items()) if total > 0 and y in set(k.years)}
    closures: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in each(tables["gaps"]):
        if row.target > 0:
            closures[row.nation, row.area].append(row.closure)
    found: dict[str, dict[str, float | None]] = {}
    for nation in k.nations:
        added: dict[str, list[float]] = defaultdict(list)
        whole: dict[str, list[float]] = defaultdict(list)
        for (area, year), total in valued.items():
            delivered = number(delivered_effect(m, nation, area, year))
            added[area].append(delivered / total)
            whole[area].append((delivered + _own_baseline(k, nation, area, year)) / total)
        own = {area: parts for (name, area), parts in closures.items() if name == nation}
        found[nation] = {
            "input": _ratio(money[nation], sum(k.gdp[nation, year] for year in k.years)),
            "contribution": _weighted(k, whole),
            "added": _weighted(k, added),
            "benefit": _weighted(k, own),
        }
    return found


def _own_baseline(k: Keys, nation: str, area: str, year: int) -> float:
    """A nation's baseline; of a collective area USA has a part of its own, the others none."""
    if area in k.collective:
        row = k.target.get(("ALL", area, year))
        return float(row.baseline_us) if row and nation == "USA" else 0.0
    row = k.target.get((nation, area, year))
    return float(row.baseline) if row else 0.0


def _weighted(k: Keys, by_area: Mapping[str, list[float]]) -> float | None:
    """First the mean over an area's years, then over areas by weight."""
    means = {area: sum(parts) / len(parts) for area, parts in by_area.items() if parts}
    weights = sum(k.area[area].weight for area in means)
    return _ratio(sum(k.area[area].weight * mean for area, mean in means.items()), weights)


def _backfill(program: Program, tables: Tables) -> dict[str, dict[str, float]]:
    """By nation and area: the part of the risen target of the last year that is met, the rise coming last."""
    case = program.case
    without = replay(case.base, case.name, {name: v for name, v in case.levers.items() if name != "us_backfill"})
    rows = each(without.dataset.tables["targets"])
    before = {(row.nation, row.area, row.year): row.target for row in rows}
    found: dict[str, dict[str, float]] = {}
    for row in each(tables["gaps"]):
        rise = row.target - before.get((row.nation, row.area, row.year), row.target)
        if row.year == program.keys.last and rise > 1e-9 * row.target:
            found.setdefault(row.nation, {})[row.area] = 1 - min(row.shortfall, rise) / rise
    return found
