"""Buying (MODEL.md, section 3): orders in lots, operated types and their hosts, units in service, payments."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pyomo.core import Binary, NonNegativeIntegers, NonNegativeReals, Var

from models.keys import SMALLEST_ORDER, Keys, or_zero
from models.ledger import Ledger
from models.linear import quicksum
from models.registry import rule


def declare(m: Any) -> None:
    """Variables: counts of lots (units where divisible), operated types, units in service."""
    k: Keys = m.k

    def domain(_: Any, nation: str, programme: str, year: int) -> Any:
        return NonNegativeIntegers if k.whole(programme) else NonNegativeReals

    def bounds(_: Any, nation: str, programme: str, year: int) -> tuple[float, float]:
        return 0, yearly_count(k, nation, programme, year + k.lead(programme))

    m.order = Var(k.national_keys, domain=domain, bounds=bounds)
    m.national = {key: k.lot(key[1]) * m.order[key] for key in k.national_keys}
    m.operated = Var(k.new_pairs, domain=Binary)


def yearly_count(k: Keys, nation: str, programme: str, delivery: int) -> float:
    """Upper bound of one order in counts: the pair's bound and what industry can have made by then."""
    most = min(k.most_units[nation, programme], k.deliverable(programme, delivery))
    return math.floor(most / k.lot(programme) + 1e-9) if k.whole(programme) and math.isfinite(most) else most


def most_of_year(k: Keys, nation: str, programme: str, delivery: int) -> float:
    """Counts in the place of infinity where a decision opens one order (see Keys.switch)."""
    most = yearly_count(k, nation, programme, delivery)
    return most if math.isfinite(most) else k.switch((nation, programme)) / k.lot(programme)


def declare_service(m: Any) -> None:
    """Deliveries as sums of orders and pipeline, and the units in service they lead to."""
    k: Keys = m.k
    terms: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for nation, programme, year in k.national_keys:
        terms[nation, programme, year + k.lead(programme)].append(m.national[nation, programme, year])
    for frame, nation, year in k.joint_keys:
        programme = k.frame[frame].programme
        terms[nation, programme, year + k.lead(programme, frame)].append(m.joint[frame, nation, year])
    m.new_deliveries = {key: quicksum(parts) for key, parts in sorted(terms.items())}
    for key, units in sorted(k.pipeline.items()):
        terms[key].append(units)
    m.deliveries = {key: quicksum(parts) for key, parts in sorted(terms.items())}
    m.delivery_years_of = defaultdict(list)
    for nation, programme, year in m.deliveries:
        m.delivery_years_of[nation, programme].append(year)
    m.service_keys = [
        (nation, programme, year)
        for (nation, programme), years in m.delivery_years_of.items()
        for year in k.years
        if year >= years[0]
    ]
    m.in_service = Var(m.service_keys, domain=NonNegativeReals)


def sustained(m: Any, nation: str, programme: str, year: int) -> Any:
    """Units of a pair in service, beyond the horizon too: no columns there, since only sustainment asks for them."""
    k: Keys = m.k
    if year <= k.last:
        return or_zero(m.in_service, (nation, programme, year))
    service = k.service(programme)
    years = m.delivery_years_of[nation, programme]
    key = (nation, programme, k.last)
    if key in m.in_service and max(year, k.last) - service < years[0]:
        return quicksum([m.in_service[key]] + [m.deliveries[(*key[:2], y)] for y in years if k.last < y <= year])
    return quicksum(m.deliveries[nation, programme, y] for y in years if year - service < y <= year)


def settled_units(m: Any, nation: str, programme: str) -> Any:
    r"""Units of a pair in the settled state: when all that is ordered has arrived (MODEL.md, section 8a).

    .. math:: \min(1, service / flow) \sum_{t > last + \min(lead, B) - \max(service, flow)} d_{nit}
    """
    k: Keys = m.k
    service, flow = k.service(programme), int(k.settings.beyond.flow)
    start = k.last + min(k.lead(programme), len(k.beyond_years)) - max(service, flow) + 1
    years = m.delivery_years_of.get((nation, programme), [])
    key = (nation, programme, k.last)
    if key in m.in_service and max(start, k.last - service + 1) <= years[0]:
        # What is delivered within the horizon serves on in the last year: one term in place of many.
        parts = [m.in_service[key]] + [m.deliveries[nation, programme, year] for year in years if year > k.last]
    else:
        parts = [m.deliveries[nation, programme, year] for year in years if year >= start]
    part = min(1.0, service / flow)
    return quicksum(parts) if part == 1.0 else quicksum([part * quicksum(parts)])


def delivered_by(m: Any, nation: str, programme: str, year: int) -> Any:
    """New units of a pair delivered up to a year: the units in service where none of them has worn out by then."""
    k: Keys = m.k
    key = (nation, programme, year)
    years = m.delivery_years_of.get((nation, programme), [])
    if key in m.in_service and years[0] + k.service(programme) > year:
        due = sum(k.pipeline.get((nation, programme, y), 0.0) for y in years if y <= year)
        return m.in_service[key] - due if due else m.in_service[key]
    return quicksum(m.new_deliveries.get((nation, programme, y), 0) for y in years if y <= year)


def new_orders(m: Any, nation: str, programme: str) -> Any:
    """All new units of a pair over channels and years."""
    return ordered_by(m, nation, programme, m.k.last)


def ordered_by(m: Any, nation: str, programme: str, last: int) -> Any:
    """New units of a pair over channels, of the orders up to a year."""
    k: Keys = m.k
    years = k.order_years_of.get((nation, programme), [])
    national = [m.national[nation, programme, year] for year in years if year <= last]
    joint = [m.joint[f, nation, year] for f, year in k.joint_of.get((nation, programme), []) if year <= last]
    return quicksum(national + joint)


def operated(m: Any, nation: str, programme: str) -> Any:
    """1 where the pair is legacy, the decision where it may be ordered, else 0."""
    if (nation, programme) in m.k.legacy:
        return 1
    return or_zero(m.operated, (nation, programme))


@rule("buying.max_units", given=True, unit="units", says="A nation orders no more of a programme than it plans for.",
      over=lambda m: [pair for pair in m.k.ordering_pairs if m.k.customer[pair].max_units < float("inf")])  # fmt: skip
def max_units(m: Any, nation: str, programme: str) -> Any:
    r"""New orders over all channels and years stay within the pair's maximum (units).

    .. math:: \sum_t x_{nit} + \sum_{f,t} y_{fnt} \le max\_units_{ni}
    """
    return new_orders(m, nation, programme) <= m.k.customer[nation, programme].max_units


@rule("buying.operated", big_m=True, unit="units", says="A type that is ordered is operated, with all its overhead.",
      over=lambda m: m.k.new_pairs)  # fmt: skip
def operated_if_ordered(m: Any, nation: str, programme: str) -> Any:
    r"""Anything ordered makes the type operated; the bound is the pair's own (units).

    .. math:: \sum_t x_{nit} + \sum_{f,t} y_{fnt} \le most_{ni} \, operated_{ni}
    """
    return new_orders(m, nation, programme) <= m.k.switch((nation, programme)) * m.operated[nation, programme]


@rule("buying.operated_minimum", unit="units", says="Nobody pays for a type without ordering any of it.",
      over=lambda m: m.k.new_pairs)  # fmt: skip
def operated_minimum(m: Any, nation: str, programme: str) -> Any:
    r"""A newly operated type has at least one lot on order (0.0001 units where divisible).

    .. math:: \sum_t x_{nit} + \sum_{f,t} y_{fnt} \ge least_i \, operated_{ni}
    """
    least = m.k.lot(programme) if m.k.whole(programme) else SMALLEST_ORDER
    return new_orders(m, nation, programme) >= least * m.operated[nation, programme]


@rule("buying.needs_host", given=True, unit="types", says="Nobody orders what needs a host without operating one.",
      over=lambda m: [p for p in m.k.ordering_pairs if p[1] in m.k.hosts and not m.k.legacy_host(*p)])  # fmt: skip
def needs_host(m: Any, nation: str, programme: str) -> Any:
    r"""Anything ordered asks for a host that is operated (lots of hosts are asked for by `host_first`).

    .. math:: \sum_t x_{nit} + \sum_{f,t} y_{fnt} \le most_{ni} \sum_{j \in hosts_i} operated_{nj}
    """
    hosts = quicksum(operated(m, nation, host) for host in m.k.hosts[programme])
    return new_orders(m, nation, programme) <= m.k.switch((nation, programme)) * hosts


def host_keys(m: Any) -> Iterator[tuple[str, str, int]]:
    """(nation, programme, delivery year) of new orders that need a host which the nation has to order, too."""
    for nation, programme, year in m.new_deliveries:
        if programme in m.k.hosts and not m.k.legacy_host(nation, programme):
            yield nation, programme, year


@rule("buying.host_first", bends=True, given=True, unit="units",
      says="What needs a host arrives no earlier than the host does.",
      over=host_keys)  # fmt: skip
def host_first(m: Any, nation: str, programme: str, year: int) -> Any:
    r"""New units delivered up to a year within max_units for each lot of a host delivered by then.

    .. math:: \sum_{s \le t} d^{new}_{nis} \le
              max\_units_{ni} \sum_{j \in hosts_i} \sum_{s \le t} d^{new}_{njs} / lot_j
    """
    k: Keys = m.k
    most = float(k.customer[nation, programme].max_units)
    hosts = quicksum(
        (most / k.lot(host)) * delivered_by(m, nation, host, year)
        for host in k.hosts[programme]
        if (nation, host) in m.delivery_years_of
    )
    return delivered_by(m, nation, programme, year) <= hosts


@rule("buying.in_service", unit="units", says="Units serve from delivery for their service years.",
      over=lambda m: m.service_keys)  # fmt: skip
def in_service(m: Any, nation: str, programme: str, year: int) -> Any:
    r"""Units in service: last year's, plus deliveries, less those delivered service_years ago (units).

    A recursion keeps the matrix sparse: each delivery stands in two rows instead of one a later year.

    .. math:: s_{nit} = s_{ni,t-1} + d_{nit} - d_{ni,t-service\_years}
    """
    before = or_zero(m.in_service, (nation, programme, year - 1))
    retired = m.deliveries.get((nation, programme, year - m.k.programme[programme].service_years), 0)
    return m.in_service[nation, programme, year] == before + m.deliveries.get((nation, programme, year), 0) - retired


def spend(m: Any, ledger: Ledger) -> None:
    """Payments of national orders, sustainment, type overhead (money a year)."""
    k: Keys = m.k
    for nation, programme in k.order_years_of:
        due: dict[int, list[Any]] = defaultdict(list)
        shares = k.instalments(programme, k.lead(programme))
        for year in k.order_years_of[nation, programme]:
            value = k.price(programme, year) * k.lot(programme)
            for offset, share in enumerate(shares):
                due[year + offset].append((value * share) * m.order[nation, programme, year])
        for year, terms in sorted(due.items()):
            ledger.add(nation, year, "payment", programme, "national", quicksum(terms))
    for (nation, programme), years in m.delivery_years_of.items():
        cost = k.programme[programme].sustain_cost
        for year in k.all_years if cost else []:
            if year >= years[0]:
                units = cost * sustained(m, nation, programme, year)
                ledger.add(nation, year, "sustainment", programme, "-", units)
    for nation, programme in k.new_pairs:
        row = k.programme[programme]
        if row.type_overhead:
            for year in preparation_years(k, programme):
                cost = row.type_overhead * m.operated[nation, programme]
                ledger.add(nation, year, "overhead", programme, "-", cost)


def preparation_years(k: Keys, programme: str) -> range:
    """Years in which a newly operated type costs overhead and integration tax."""
    row = k.programme[programme]
    return range(max(k.first, int(row.first_order_year)) + int(row.lead_years), k.end + 1)
