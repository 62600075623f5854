"""The KPIs of a plan (CONTRACT.md), read off a settled program and its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from data.levers import replay
from data.rows import each
from models.capability import delivered_effect
from models.keys import EQUIPMENT, PILLARS, Keys
from models.policy import sme_share
from models.program import Program
from optimizer.settle import booked
from optimizer.tables import number

PLEDGE_RESILIENCE = 0.015  # of GDP: what of resilience counts for the pledge
REACHED = 0.8  # closure with which an area has arrived
Tables = Mapping[str, pd.DataFrame]


def kpis(program: Program, tables: Tables) -> dict[str, Any]:
    """Every KPI of the contract; null where a ratio has no denominator."""
    m, k = program.model, program.keys
    found: dict[str, Any] = {"cost": float(tables["budgets"]["spent"].sum())}
    found |= _payment_shares(m, k)
    found |= _last_year(k, tables)
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
    found["integration_tax"] = float(tax.loc[tax["kind"] == "integration_tax", "amount"].sum())
    found["burden"] = _burden(m, k, tables)
    if program.case.levers.get("us_backfill"):
        found["backfill"] = _backfill(program, tables)
    return found


def _ratio(part: float, whole: float) -> float:
    return part / whole if abs(whole) > 1e-9 else 0.0


def _payment_shares(m: Any, k: Keys) -> dict[str, float]:
    amounts = [(line, booked(m, line)) for line in m.unit_payments + m.innovation_lines]
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


def _last_year(k: Keys, tables: Tables) -> dict[str, dict[str, float]]:
    gdp: dict[str, float] = defaultdict(float)
    money: dict[tuple[str, str], float] = defaultdict(float)
    for row in each(tables["budgets"]):
        if row.year == k.last:
            for name in ("ALL", row.nation):
                gdp[name] += row.gdp if row.pillar == "core" else 0.0
                money[name, row.pillar] += row.committed + row.spent
    found: dict[str, dict[str, float]] = {"core_share": {}, "resilience_share": {}, "pledge_credit": {}}
    for name in ("ALL", *k.nations):
        shares = [_ratio(money[name, pillar], gdp[name]) for pillar in PILLARS]
        found["core_share"][name], found["resilience_share"][name] = shares
        found["pledge_credit"][name] = shares[0] + min(shares[1], PLEDGE_RESILIENCE)
    return found


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
    return {str(year): 1 - bound[year] / money if money > 1e-9 else None for year, money in available.items()}


def area_closures(k: Keys, gaps: pd.DataFrame) -> dict[tuple[str, int], float]:
    """(area, year) -> 1 - summed shortfall / summed target, where there is a target."""
    sums = gaps.groupby(["area", "year"])[["shortfall", "target"]].sum()
    return {
        (str(area), int(year)): 1 - row.shortfall / row.target
        for (area, year), row in zip(sums.index, each(sums), strict=True)
        if row.target > 0
    }


def _arrival(k: Keys, tables: Tables) -> dict[str, int | None]:
    closures = area_closures(k, tables["gaps"])
    found: dict[str, int | None] = {}
    for area in k.areas:
        threat = int(k.area[area].threat_year)
        reached = [year for year in k.years if closures.get((area, year), 0.0) >= REACHED - 1e-9]
        found[area] = threat - reached[0] if threat and reached else None
    return found


def _stability(k: Keys, tables: Tables) -> dict[str, float | None]:
    used = tables["capacity"].set_index(["line_or_component", "year"])["used"].to_dict()
    found: dict[str, float | None] = {}
    for line in sorted(k.line):
        output = [used[line, year] for year in k.years]
        mean = sum(output) / len(output)
        changes = [abs(b - a) for a, b in pairwise(output)]
        swing = sum(changes) / len(changes) if changes else 0.0
        found[line] = 1 - swing / mean if mean > 1e-9 else None
    return found


def _dependency(m: Any, k: Keys) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for area in k.areas:
        by_line: dict[str, float] = defaultdict(float)
        for (programme, line, _), var in m.make.items():
            by_line[line] += var.value * k.effect.get(programme, {}).get(area, 0.0)
        whole = sum(units * k.effect.get(i, {}).get(area, 0.0) for (i, _), units in m.made.items())
        found[area] = max(by_line.values(), default=0.0) / whole if whole > 1e-9 else None
    return found


def _burden(m: Any, k: Keys, tables: Tables) -> dict[str, dict[str, float | None]]:
    """Over the horizon: money for GDP; delivered effect as a share of targets; closure of own targets (by weight)."""
    valued = {key: k.area[key[0]].weight / total for key, total in k.summed_target.items() if total > 0}
    weights = sum(k.area[area].weight for area, _ in valued)
    money: dict[str, float] = defaultdict(float)
    for row in each(tables["budgets"]):
        money[row.nation] += row.committed + row.spent
    wanted: dict[str, float] = defaultdict(float)
    closed: dict[str, float] = defaultdict(float)
    for row in each(tables["gaps"]):
        if row.target > 0:
            wanted[row.nation] += k.area[row.area].weight
            closed[row.nation] += k.area[row.area].weight * row.closure
    found: dict[str, dict[str, float | None]] = {}
    for nation in k.nations:
        gdp = sum(k.gdp[nation, year] for year in k.years)
        given = sum(share * number(delivered_effect(m, nation, *key)) for key, share in valued.items())
        found[nation] = {
            "input": money[nation] / gdp if gdp else None,
            "contribution": given / weights if weights > 0 else None,
            "benefit": closed[nation] / wanted[nation] if wanted[nation] > 0 else None,
        }
    return found


def _backfill(program: Program, tables: Tables) -> dict[str, dict[str, float]]:
    """By nation and area: the part of the risen target of the last year that is met, the rise coming last."""
    case = program.case
    without = replay(case.base, case.name, {name: v for name, v in case.levers.items() if name != "us_backfill"})
    rows = each(without.dataset.tables["targets"])
    before = {(row.nation, row.area, row.year): row.target for row in rows}
    found: dict[str, dict[str, float]] = {}
    for row in each(tables["gaps"]):
        rise = row.target - before.get((row.nation, row.area, row.year), row.target)
        if row.year == program.keys.last and rise > 1e-9:
            found.setdefault(row.nation, {})[row.area] = 1 - min(row.shortfall, rise) / rise
    return found
