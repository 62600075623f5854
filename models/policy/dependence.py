"""Dependence on one nation or line, surge, closure (MODEL.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.capability import delivered_effect, shortfall
from models.industry import added, output, supplied
from models.keys import Keys, scope_of, years_from
from models.linear import quicksum
from models.policyrow import PolicyRow
from models.registry import policy


@policy("policy.single_nation_max", unit="share", says="No nation alone carries too much of an area.")
def single_nation_max(m: Any) -> Iterator[PolicyRow]:
    r"""In the last year each nation's baseline and delivered effect within a share of the alliance's.

    .. math:: base_{na} + del_{na} \le value \sum_m (base_{ma} + del_{ma})
    """
    k: Keys = m.k
    for row in k.rules_named("single_nation_max"):
        area = row.scope
        everybody = k.target.get(("ALL", area, k.last))
        base = {n: _baseline(k, n, area) for n in k.nations}
        total = everybody.baseline if everybody else sum(base.values())
        whole = total + delivered_effect(m, "ALL", area, k.last)
        for nation in k.nations:
            part = base[nation] + delivered_effect(m, nation, area, k.last)
            scale = k.summed_target.get((area, k.last), 0.0)
            yield PolicyRow.of(row, nation, k.last, "max", row.value, part, whole, scale, "share")


def _baseline(k: Keys, nation: str, area: str) -> float:
    """A nation's baseline of the last year; in a collective area only USA has a part of its own."""
    if area in k.collective:
        row = k.target.get(("ALL", area, k.last))
        return float(row.baseline_us) if nation == "USA" and row else 0.0
    row = k.target.get((nation, area, k.last))
    return float(row.baseline) if row else 0.0


@policy("policy.single_line_max", unit="share", says="No single line makes too much of an area's deliveries.")
def single_line_max(m: Any) -> Iterator[PolicyRow]:
    r"""Effect of units made on one line within a share of the effect of all that is made, and delivered without a line.

    .. math:: \sum_{i,t} effect_{ia} make_{ilt} \le value \Big(\sum_{i,l,t} effect_{ia} make_{ilt}
              + \sum_{i \text{ on no line}} \sum_{n,t} effect_{ia} d_{nit}\Big)
    """
    k: Keys = m.k
    for row in k.rules_named("single_line_max"):
        area, years = row.scope, set(years_from(k, row.from_year))
        effect = {i: k.effect[i][area] for i in k.programmes if area in k.effect.get(i, {})}
        whole = quicksum(effect[i] * supplied(m, i, t) for i in sorted(effect) for t in sorted(years))
        scale = k.summed_target.get((area, k.last), 0.0)
        for line in sorted(k.line):
            made = [effect[i] * m.make[i, ln, t] for i, ln, t in m.makes_of.get(line, []) if i in effect and t in years]
            if made:
                yield PolicyRow.of(row, line, k.last, "max", row.value, quicksum(made), whole, scale, "share")


@policy("policy.surge_min", counts="capacity units", unit="ratio", says="Lines could surge above what they make.")
def surge_min(m: Any) -> Iterator[PolicyRow]:
    r"""Capacity of the last year, open expansions included, over each year's output for the area's programmes.

    .. math:: \sum_{l \in L_a} (capacity_{lT} + added_{lT}) \ge value \sum_{l \in L_a, i \in a} use_{li} make_{ilt}
    """
    k: Keys = m.k
    for row in k.rules_named("surge_min"):
        own = {i for i in k.programmes if k.programme[i].area == row.scope}
        lines = [line for line in sorted(k.line) if own & set(k.use.get(line, {}))]
        if not lines:
            continue
        capacity = quicksum(k.capacity[line, k.last] + added(m, line, k.last) for line in lines)
        for year in years_from(k, row.from_year):
            made = quicksum(
                k.use[line][i] * m.make[i, line, year]
                for line in lines
                for i in sorted(own & set(k.use[line]))
                if (i, line, year) in m.make
            )
            there = sum(k.capacity[line, k.last] for line in lines)
            yield PolicyRow.of(row, "-", year, "min", row.value, capacity, made, there, "ratio")


@policy(
    "policy.output_drop_max",
    counts="capacity units",
    unit="capacity units",
    says="A line's output falls no faster than its people can follow.",
)
def output_drop_max(m: Any) -> Iterator[PolicyRow]:
    r"""Each line of the scope, each planning year after the first that the rule holds in.

    .. math:: out_{lt} \ge (1 - value) \, out_{l,t-1}
    """
    k: Keys = m.k
    for row in k.rules_named("output_drop_max"):
        for line in sorted(k.line) if row.scope == "ALL" else [row.scope]:
            extra = sum(k.expansion[name].added_capacity for name in k.expansions_at.get(line, []))
            scale = max(k.capacity[line, year] for year in k.years) + extra
            for year in years_from(k, max(row.from_year, k.first) + 1):
                now, before = output(m, line, year), output(m, line, year - 1)
                yield PolicyRow.of(
                    row, line, year, "min", 1 - row.value, now, before, scale, "capacity units", plain=True
                )


@policy("policy.closure_min", unit="share", says="Gaps of an area close at least so far.")
def closure_min(m: Any) -> Iterator[PolicyRow]:
    r"""Each year: one less summed shortfall over summed target of the scope's rows.

    .. math:: \sum_n (target_{nat} - short_{nat}) \ge value \sum_n target_{nat}
    """
    k: Keys = m.k
    for row in k.rules_named("closure_min"):
        where, area = scope_of(row.scope)
        holders = {*k.group(where)} | ({"ALL"} if where == "ALL" else set())
        for year in years_from(k, row.from_year):
            keys = [key for key in k.rows_of_area.get(area, []) if key[0] in holders and key[2] == year]
            target = sum(k.target[key].target for key in keys)
            if target > 0:
                closed = target - quicksum(shortfall(m, *key) for key in keys)
                yield PolicyRow.of(row, "-", year, "min", row.value, closed, target, target, "share")
