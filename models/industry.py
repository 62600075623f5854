"""Industry (MODEL.md, section 5): lines, components, ramps, expansions and who pays for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pyomo.core import Binary, NonNegativeReals, Var

from models.joint import value_ordered
from models.keys import Keys, or_zero
from models.ledger import Ledger
from models.linear import quicksum
from models.registry import rule

INFINITE = float("inf")


def declare(m: Any) -> None:
    """Variables: work by line and year, orders on hand and work not delivered yet, expansion starts, contributions."""
    k: Keys = m.k
    m.make = Var(k.makers, domain=NonNegativeReals)
    m.start = Var([(name, year) for name in k.expansions for year in k.start_years[name]], domain=Binary)
    m.bill_keys = [(pool, year) for pool in k.expansion_pools for year in bill_years(k, pool)]
    m.bill_keys += [(pool, year) for pool in k.innovation_pools for year in innovation_years(k, pool)]
    m.payers = {pool: k.payers[names[0]] for pool, names in k.expansion_pools.items()}
    m.payers |= {pool: list(k.sponsors[lines[0]]) for pool, lines in k.innovation_pools.items()}
    m.contribution = Var(
        [(pool, nation, year) for pool, year in m.bill_keys for nation in m.payers[pool]], domain=NonNegativeReals
    )


def prepare(m: Any) -> None:
    """Orders and deliveries by programme and year (all nations), and what each line could make.

    The orders of all nations are summed once, by lead time: rows of years then hold sums and not their parts.
    """
    k: Keys = m.k
    m.makes_of = defaultdict(list)
    for key in k.makers:
        m.makes_of[key[1]].append(key)
    terms: dict[tuple[str, int, int], list[Any]] = defaultdict(list)
    for nation, programme, year in k.national_keys:
        terms[programme, k.lead(programme), year].append(m.national[nation, programme, year])
    for frame, nation, year in k.joint_keys:
        programme = k.frame[frame].programme
        terms[programme, k.lead(programme, frame), year].append(m.joint[frame, nation, year])
    m.placed_terms = {key: quicksum(parts) for key, parts in sorted(terms.items())}
    summed = [key for key, parts in sorted(terms.items()) if len(parts) > 2 and k.lines_of.get(key[0])]
    m.placed = Var(summed, domain=NonNegativeReals, initialize=0.0)
    delivered: dict[tuple[str, int], list[Any]] = defaultdict(list)
    ordered: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for (programme, lead, year), units in m.placed_terms.items():
        key = (programme, lead, year)
        one = m.placed[key] if key in m.placed else units  # noqa: SIM401 - variables of Pyomo have no get
        delivered[programme, year + lead].append(one)
        ordered[programme, year].append(one)
    for (_, programme, year), units in sorted(k.pipeline.items()):
        delivered[programme, year].append(units)
    m.delivered_all = {key: quicksum(parts) for key, parts in sorted(delivered.items())}
    m.ordered_all = {key: quicksum(parts) for key, parts in sorted(ordered.items())}
    # At the last delivery all that was ordered is made and delivered: no stock is left, and there is no variable of it.
    stocks = [(i, year) for i in sorted(k.lines_of) for year in k.work_years[i][:-1]]
    m.finished = Var(stocks, domain=NonNegativeReals, initialize=0.0)
    m.on_hand = Var(stocks, domain=NonNegativeReals, initialize=0.0)


def bill_years(k: Keys, pool: str) -> list[int]:
    """Years in which a pool of expansions could cost anything, those beyond the horizon included."""
    names = k.expansion_pools[pool]
    starts = [(name, start) for name in names for start in k.start_years[name]]
    first = min(start for _, start in starts)
    return [y for y in range(first, k.end + 1) if any(k.expansion_bill(name, s, y) for name, s in starts)]


def innovation_years(k: Keys, pool: str) -> list[int]:
    """Years in which a pool of innovation lines could cost anything."""
    found = {
        year
        for line in k.innovation_pools[pool]
        for mode in ("pilot", "scale", "fast")
        for start in k.starts(line, mode)
        for year in k.innovation_due(line, mode, start)
    }
    return sorted(found)


def output(m: Any, line: str, year: int) -> Any:
    """Output of a line (capacity units)."""
    use = m.k.use.get(line, {})
    return quicksum(use[i] * m.make[i, line, year] for i in sorted(use) if (i, line, year) in m.make)


def drawn(m: Any, component: str, year: int) -> Any:
    """Use of a component (its units)."""
    needs = m.k.needs.get(component, {})
    return quicksum(needs[i] * supplied(m, i, year) for i in sorted(needs))


def supplied(m: Any, programme: str, year: int) -> Any:
    """Units of a programme made in a year on its lines; of one on no line, delivered to all nations."""
    lines = sorted(m.k.lines_of.get(programme, []))
    if not lines:
        return m.delivered_all.get((programme, year), 0)
    return quicksum(m.make[programme, line, year] for line in lines if (programme, line, year) in m.make)


def load(m: Any, place: str, year: int) -> Any:
    """Output of a line or use of a component."""
    return output(m, place, year) if place in m.k.line else drawn(m, place, year)


def added(m: Any, place: str, year: int) -> Any:
    """Capacity that open expansions add to a line or component, beyond the horizon times beyond.capacity."""
    k: Keys = m.k
    part = k.open_part(year)
    return quicksum(
        (part * k.expansion[name].added_capacity) * m.start[name, start]
        for name in k.expansions_at.get(place, [])
        for start in k.start_years[name]
        if k.opens(name, start) <= year
    )


@rule("industry.placed", bends=True, unit="units",
      says="Orders of all nations are summed by programme, lead time and year.",
      over=lambda m: list(m.placed))  # fmt: skip
def placed(m: Any, programme: str, lead: int, year: int) -> Any:
    r"""Orders of a programme and year that take the same time to arrive, over nations and channels.

    .. math:: placed_{i\ell t} = \sum_n x_{nit} + \sum_{f,n: lead_f = \ell} y_{fnt}
    """
    return m.placed[programme, lead, year] == m.placed_terms[programme, lead, year]


@rule("industry.work_in_progress", bends=True, unit="units",
      says="What is delivered has been made, in that year or before.",
      over=lambda m: [(i, t) for i in sorted(m.k.lines_of) for t in m.k.work_years[i]])  # fmt: skip
def work_in_progress(m: Any, programme: str, year: int) -> Any:
    r"""Work done and not delivered yet: the stock of last year, plus what is made, less what is delivered.

    As a stock that is not negative it says that what was built before and made up to a year reaches what was
    delivered up to it, with a few entries a row.

    .. math:: finished_{it} = finished_{i,t-1} + \sum_l make_{ilt} - \sum_n d_{nit} \ge 0, \quad
              finished_{i,first-1} = built_i
    """
    k: Keys = m.k
    first = year == k.work_years[programme][0]
    before = k.built.get(programme, 0.0) if first else or_zero(m.finished, (programme, year - 1))
    made, due = supplied(m, programme, year), m.delivered_all.get((programme, year), 0)
    return or_zero(m.finished, (programme, year)) == before + made - due


@rule("industry.made_of_orders", bends=True, unit="units", says="Work starts once something is ordered.",
      over=lambda m: [(i, t) for i in sorted(m.k.lines_of) for t in m.k.work_years[i]])  # fmt: skip
def made_of_orders(m: Any, programme: str, year: int) -> Any:
    r"""Orders not made yet: those on hand last year, plus new ones, less what is made.

    The pipeline counts as ordered before the first year.

    .. math:: on\_hand_{it} = on\_hand_{i,t-1} + \sum_n orders_{nit} - \sum_l make_{ilt} \ge 0, \quad
              on\_hand_{i,first-1} = pipeline_i - built_i
    """
    k: Keys = m.k
    first = year == k.work_years[programme][0]
    start = k.in_pipeline.get(programme, 0.0) - k.built.get(programme, 0.0)
    before = start if first else or_zero(m.on_hand, (programme, year - 1))
    new, made = m.ordered_all.get((programme, year), 0), supplied(m, programme, year)
    return or_zero(m.on_hand, (programme, year)) == before + new - made


def busy_years(m: Any, lines: Iterable[str]) -> list[tuple[str, int]]:
    """(line, year) in which anything could be made there."""
    return [(line, year) for line in lines for year in sorted({key[2] for key in m.makes_of.get(line, [])})]


@rule("industry.line_capacity", bends=True, given=True, price="gap-index points per unit of capacity",
      unit="capacity units",
      says="No line makes more than its capacity.",
      over=lambda m: busy_years(m, sorted(m.k.line)))  # fmt: skip
def line_capacity(m: Any, line: str, year: int) -> Any:
    r"""Output within capacity and what open expansions add.

    .. math:: \sum_i use_{li} make_{ilt} \le capacity_{lt} + \sum_{e,s: open} added_e \, start_{es}
    """
    return output(m, line, year) <= m.k.capacity[line, year] + added(m, line, year)


@rule("industry.ramp", bends=True, given=True, unit="capacity units",
      says="Output grows no faster than the line's ramp.",
      over=lambda m: busy_years(m, [name for name in sorted(m.k.line) if m.k.line[name].ramp < INFINITE]))  # fmt: skip
def ramp(m: Any, line: str, year: int) -> Any:
    r"""Output above last year's by at most the ramp and the capacity that opens now.

    .. math:: out_{lt} \le out_{l,t-1} + ramp_l + \sum_{e,s: opens = t} added_e \, start_{es}
    """
    k: Keys = m.k
    before = output(m, line, year - 1) if year > k.first else k.line[line].current_output
    opening = quicksum(
        k.expansion[name].added_capacity * m.start[name, start]
        for name in k.expansions_at.get(line, [])
        for start in k.start_years[name]
        if k.opens(name, start) == year
    )
    return output(m, line, year) <= before + k.line[line].ramp + opening


@rule("industry.component_capacity", bends=True, given=True, price="gap-index points per unit of capacity",
      unit="component units",
      says="Shared components bound all who need them.",
      over=lambda m: [(name, year) for name in sorted(m.k.component) for year in m.k.all_years])  # fmt: skip
def component_capacity(m: Any, component: str, year: int) -> Any:
    r"""Use of a component within capacity and what open expansions add.

    A component is used when the unit is made; by a programme on no line, when it is delivered.

    .. math:: \sum_i quantity_{bi} \sum_l make_{ilt} \le capacity_{bt} + \sum_{e,s: open} added_e \, start_{es}
    """
    return drawn(m, component, year) <= m.k.capacity[component, year] + added(m, component, year)


@rule("industry.expand_once", unit="starts", says="An expansion starts at most once.",
      over=lambda m: [name for name in m.k.expansions if m.k.start_years[name]])  # fmt: skip
def expand_once(m: Any, expansion: str) -> Any:
    r"""At most one start in the window.

    .. math:: \sum_s start_{es} \le 1
    """
    return quicksum(m.start[expansion, year] for year in m.k.start_years[expansion]) <= 1


def bill(m: Any, pool: str, year: int) -> Any:
    """What a pool of expansions costs in a year (money)."""
    k: Keys = m.k
    return quicksum(
        k.expansion_bill(name, start, year) * m.start[name, start]
        for name in k.expansion_pools[pool]
        for start in k.start_years[name]
    )


@rule("industry.expansion_bill", bends=True, unit="money",
      says="Host, line's nation and customers pay an expansion in full.",
      over=lambda m: [key for key in m.bill_keys if key[0] in m.k.expansion_pools])  # fmt: skip
def expansion_bill(m: Any, pool: str, year: int) -> Any:
    r"""Contributions of a year sum to the year's bill; expansions of one place and host are paid together.

    .. math:: \sum_n c_{ent} = \sum_s bill_{est} start_{es}
    """
    return quicksum(m.contribution[pool, nation, year] for nation in m.payers[pool]) == bill(m, pool, year)


def _host_pays(k: Keys, pool: str) -> bool:
    """Whether the pool has a host in the case of whom a share is asked."""
    names = k.expansion_pools.get(pool, [])
    asked = any(k.expansion[name].host_share_min > 0 for name in names)
    return asked and k.expansion[pool].host in k.nation


@rule("industry.host_share", bends=True, given=True, unit="money",
      says="The host pays its share of an expansion every year.",
      over=lambda m: [key for key in m.bill_keys if _host_pays(m.k, key[0])])  # fmt: skip
def host_share(m: Any, pool: str, year: int) -> Any:
    r"""The host's contribution is at least its share of each year's bill.

    .. math:: c_{e,host,t} \ge host\_share_e \sum_s bill_{est} start_{es}
    """
    k: Keys = m.k
    least = quicksum(
        k.expansion[name].host_share_min * k.expansion_bill(name, start, year) * m.start[name, start]
        for name in k.expansion_pools[pool]
        for start in k.start_years[name]
    )
    return m.contribution[pool, k.expansion[pool].host, year] >= least


def bystander_keys(m: Any) -> list[tuple[str, str]]:
    """(line or component, nation) of nations that pay for what they neither host nor own."""
    k: Keys = m.k
    m.bystander_pays = defaultdict(list)
    if k.settings.contribution_max is None:
        return []
    for pool, nation, year in m.contribution:
        if pool in k.expansion_pools:
            row = k.expansion[pool]
            if k.bystander(row.line_or_component, row.host, nation):
                m.bystander_pays[row.line_or_component, nation].append(m.contribution[pool, nation, year])
    return sorted(m.bystander_pays)


@rule("industry.contribution_max", bends=True, given=True, unit="money",
      says="Who pays for others' industry has something to gain from it.",
      over=bystander_keys)  # fmt: skip
def contribution_max(m: Any, place: str, nation: str) -> Any:
    r"""What a bystander pays for a place's expansions within a share of the value of its orders from there.

    A bystander hosts neither the expansion nor the line; the sum is over all of them and over all years.

    .. math:: \sum_{e,t} c_{ent} \le contribution\_max \sum_{i \in made} value_{ni}
    """
    k: Keys = m.k
    paid = quicksum(m.bystander_pays[place, nation])
    value = quicksum(value_ordered(m, nation, programme) for programme in k.made_at[place])
    return paid <= k.settings.contribution_max * value


@rule("industry.guaranteed_load", bends=True, given=True, unit="capacity units",
      says="An expansion is built against guaranteed orders.",
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
    """Contributions to expansions, from resilience (money a year); a line of the ledger a pool."""
    for pool, nation, year in m.contribution:
        if pool in m.k.expansion_pools:
            amount = m.contribution[pool, nation, year]
            ledger.add_other(nation, year, "resilience", "industry", pool, amount)
