"""Industry (MODEL.md, section 5): lines, components, ramps, expansions and who pays for them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.environ import Binary, NonNegativeReals, Var

from models.keys import Keys
from models.ledger import Ledger
from models.linear import quicksum
from models.registry import rule


def declare(m: Any) -> None:
    """Variables: units made by line, expansion starts, contributions."""
    k: Keys = m.k
    m.make = Var(k.makers, domain=NonNegativeReals)
    m.start = Var([(name, year) for name in k.expansions for year in k.start_years[name]], domain=Binary)
    paying = [name for name in k.expansions if k.start_years[name]]
    m.contribution = Var(
        [(name, nation, year) for name in paying for nation in k.payers[name] for year in bill_years(k, name)],
        domain=NonNegativeReals,
    )


def prepare(m: Any) -> None:
    """Deliveries by programme and year (all nations), and what each line could make."""
    k: Keys = m.k
    terms: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for (_, programme, year), units in m.deliveries.items():
        terms[programme, year].append(units)
    m.delivered_all = {key: quicksum(parts) for key, parts in sorted(terms.items())}
    m.makes_of = defaultdict(list)
    for key in k.makers:
        m.makes_of[key[1]].append(key)


def bill_years(k: Keys, expansion: str) -> list[int]:
    """Years in which an expansion could cost anything."""
    starts = k.start_years[expansion]
    return [y for y in range(starts[0], k.last + 1) if any(k.expansion_bill(expansion, s, y) for s in starts)]


def output(m: Any, line: str, year: int) -> Any:
    """Output of a line (capacity units)."""
    use = m.k.use.get(line, {})
    return quicksum(use[i] * m.make[i, line, year] for i in sorted(use) if (i, line, year) in m.make)


def drawn(m: Any, component: str, year: int) -> Any:
    """Use of a component (its units)."""
    needs = m.k.needs.get(component, {})
    return quicksum(needs[i] * supplied(m, i, year) for i in sorted(needs) if (i, year) in m.delivered_all)


def supplied(m: Any, programme: str, year: int) -> Any:
    """Units of a programme delivered to all nations; through what its lines make, which keeps rows short."""
    lines = sorted(m.k.lines_of.get(programme, []))
    if not lines:
        return m.delivered_all[programme, year]
    return quicksum(m.make[programme, line, year] for line in lines)


def load(m: Any, place: str, year: int) -> Any:
    """Output of a line or use of a component."""
    return output(m, place, year) if place in m.k.line else drawn(m, place, year)


def added(m: Any, place: str, year: int) -> Any:
    """Capacity that open expansions add to a line or component."""
    k: Keys = m.k
    return quicksum(
        k.expansion[name].added_capacity * m.start[name, start]
        for name in k.expansions_at.get(place, [])
        for start in k.start_years[name]
        if k.opens(name, start) <= year
    )


@rule("industry.production", unit="units", says="What is delivered is made on the programme's lines.",
      over=lambda m: [key for key in m.delivered_all if m.k.lines_of.get(key[0])])  # fmt: skip
def production(m: Any, programme: str, year: int) -> Any:
    r"""Units made over the lines of a programme equal its deliveries, pipeline included.

    .. math:: \sum_l make_{ilt} = \sum_n d_{nit}
    """
    made = quicksum(m.make[programme, line, year] for line in sorted(m.k.lines_of[programme]))
    return made == m.delivered_all[programme, year]


@rule("industry.line_capacity", unit="capacity units", says="No line makes more than its capacity.",
      over=lambda m: [(line, year) for line in sorted(m.k.line) for year in m.k.years])  # fmt: skip
def line_capacity(m: Any, line: str, year: int) -> Any:
    r"""Output within capacity and what open expansions add.

    .. math:: \sum_i use_{li} make_{ilt} \le capacity_{lt} + \sum_{e,s: open} added_e \, start_{es}
    """
    return output(m, line, year) <= m.k.capacity[line, year] + added(m, line, year)


@rule("industry.ramp", unit="capacity units", says="Output grows no faster than the line's ramp.",
      over=lambda m: [(line, year) for line in sorted(m.k.line) if m.k.line[line].ramp < float("inf")
                      for year in m.k.years])  # fmt: skip
def ramp(m: Any, line: str, year: int) -> Any:
    r"""Output above last year's by at most the ramp and the capacity that opens now.

    .. math:: out_{lt} \le out_{l,t-1} + ramp_l + \sum_{e,s: opens = t} added_e \, start_{es}
    """
    k: Keys = m.k
    before = output(m, line, year - 1) if year > k.first else k.line[line].current_output
    opening = added(m, line, year) - (added(m, line, year - 1) if year > k.first else 0)
    return output(m, line, year) <= before + k.line[line].ramp + opening


@rule("industry.component_capacity", unit="component units", says="Shared components bound all who need them.",
      over=lambda m: [(component, year) for component in sorted(m.k.component) for year in m.k.years])  # fmt: skip
def component_capacity(m: Any, component: str, year: int) -> Any:
    r"""Use of a component within capacity and what open expansions add.

    .. math:: \sum_i quantity_{bi} \sum_n d_{nit} \le capacity_{bt} + \sum_{e,s: open} added_e \, start_{es}
    """
    return drawn(m, component, year) <= m.k.capacity[component, year] + added(m, component, year)


@rule("industry.expand_once", unit="starts", says="An expansion starts at most once.",
      over=lambda m: [name for name in m.k.expansions if m.k.start_years[name]])  # fmt: skip
def expand_once(m: Any, expansion: str) -> Any:
    r"""At most one start in the window.

    .. math:: \sum_s start_{es} \le 1
    """
    return quicksum(m.start[expansion, year] for year in m.k.start_years[expansion]) <= 1


def bill(m: Any, expansion: str, year: int) -> Any:
    """What an expansion costs in a year (money)."""
    k: Keys = m.k
    return quicksum(k.expansion_bill(expansion, s, year) * m.start[expansion, s] for s in k.start_years[expansion])


@rule("industry.expansion_bill", unit="money", says="Host, line's nation and customers pay an expansion in full.",
      over=lambda m: sorted({(name, year) for name, _, year in m.contribution}))  # fmt: skip
def expansion_bill(m: Any, expansion: str, year: int) -> Any:
    r"""Contributions of a year sum to the year's bill.

    .. math:: \sum_n c_{ent} = \sum_s bill_{est} start_{es}
    """
    paid = quicksum(m.contribution[expansion, nation, year] for nation in m.k.payers[expansion])
    return paid == bill(m, expansion, year)


@rule("industry.host_share", unit="money", says="The host pays its share of an expansion every year.",
      over=lambda m: [key for key in sorted({(name, year) for name, _, year in m.contribution})
                      if m.k.expansion[key[0]].host in m.k.nation
                      and m.k.expansion[key[0]].host_share_min > 0])  # fmt: skip
def host_share(m: Any, expansion: str, year: int) -> Any:
    r"""The host's contribution is at least its share of each year's bill.

    .. math:: c_{e,host,t} \ge host\_share_e \sum_s bill_{est} start_{es}
    """
    row = m.k.expansion[expansion]
    return m.contribution[expansion, row.host, year] >= row.host_share_min * bill(m, expansion, year)


@rule("industry.guaranteed_load", unit="capacity units", says="An expansion is built against guaranteed orders.",
      over=lambda m: [(name, year) for name in m.k.expansions
                      if m.k.expansion[name].guaranteed_load > 0 and m.k.expansion[name].guarantee_years > 0
                      and m.k.start_years[name] for year in m.k.years])  # fmt: skip
def guaranteed_load(m: Any, expansion: str, year: int) -> Any:
    r"""In the guarantee years the line (component) is used to the guaranteed part of capacity and expansion.

    .. math:: out_{lt} \ge load_e (capacity_{lt} + added_e) \sum_{s: s + b_e \le t < s + b_e + g_e} start_{es}
    """
    k: Keys = m.k
    row = k.expansion[expansion]
    held = quicksum(
        m.start[expansion, start]
        for start in k.start_years[expansion]
        if k.opens(expansion, start) <= year < k.opens(expansion, start) + row.guarantee_years
    )
    place = row.line_or_component
    return load(m, place, year) >= row.guaranteed_load * (k.capacity[place, year] + row.added_capacity) * held


def spend(m: Any, ledger: Ledger) -> None:
    """Contributions to expansions, from resilience (money a year)."""
    for expansion, nation, year in m.contribution:
        amount = m.contribution[expansion, nation, year]
        ledger.add_other(nation, year, "resilience", "industry", expansion, amount)
