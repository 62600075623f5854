"""What money goes into: shares, floors, growth, the value of orders (MODEL.md, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyomo.core import NonNegativeReals, Var

from models.joint import value_of
from models.keys import EQUIPMENT, PILLARS, Keys, or_zero, scope_of, years_from
from models.ledger import Line
from models.linear import quicksum
from models.policyrow import PolicyRow
from models.registry import policy, rule


def declare(m: Any) -> None:
    """Variables: the value of orders where a rule limits it."""
    k: Keys = m.k
    nations = {nation for row in k.rules_named("order_value_max") for nation in k.group(row.scope)}
    orders = [(n, t, k.pillar(i)) for n, i, t in k.national_keys if n in nations]
    orders += [(n, t, k.pillar(k.frame[f].programme)) for f, n, t in k.joint_keys if n in nations]
    m.ordered_value = Var(sorted(set(orders)), domain=NonNegativeReals)


def value_orders(m: Any) -> None:
    """The values of orders by nation, year and pillar, where a rule on them speaks of the nation (money)."""
    k: Keys = m.k
    m.placed_value = {key: [] for key in m.ordered_value}
    for nation, programme, year in k.national_keys:
        key = (nation, year, k.programme[programme].pillar)
        if key in m.placed_value:
            m.placed_value[key].append(k.price(programme, year) * m.national[nation, programme, year])
    for frame, nation, year in k.joint_keys:
        key = (nation, year, k.programme[k.frame[frame].programme].pillar)
        if key in m.placed_value:
            m.placed_value[key].append(value_of(m, frame, nation, year))


def _sum(lines: Iterable[Line]) -> Any:
    return quicksum(line.amount for line in lines)


def _of_group(lines: list[Line], k: Keys, row: Any) -> list[Line]:
    """Lines of the rule's group from its first year on."""
    nations = set(k.group(row.scope))
    return [line for line in lines if line.nation in nations and line.year >= row.from_year]


def _money(k: Keys, row: Any, pillars: tuple[str, ...] = PILLARS) -> float:
    """Available money of the rule's group over its years."""
    return sum(k.available[n, t, p] for n in k.group(row.scope) for t in years_from(k, row.from_year) for p in pillars)


@policy(
    "policy.equipment_share_min",
    counts="million",
    unit="share",
    says="Enough of core money buys equipment and research.",
)
def equipment_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Each nation and year: committed equipment money and core payments for equipment, munition, r_and_t.

    .. math:: committed_{nt} share_{nt} + \sum_{i} payment_{nit} \ge value \cdot planned_{nt}
    """
    k: Keys = m.k
    for row in k.rules_named("equipment_share_min"):
        for nation in k.group(row.scope):
            for year in years_from(k, row.from_year):
                key = (nation, year, "core")
                bound = k.committed[key] * k.budget[key].committed_equipment_share
                part = bound + m.invested[nation, year]
                yield PolicyRow.of(row, nation, year, "min", row.value, part, k.planned[key], k.planned[key], "share")


@policy("policy.spend_floor", counts="million", unit="share", says="Nations spend what they planned.")
def spend_floor(m: Any) -> Iterator[PolicyRow]:
    r"""Each nation, year and pillar: committed and spent money over planned money.

    .. math:: committed_{ntp} + spent_{ntp} \ge value \cdot planned_{ntp}
    """
    k: Keys = m.k
    for row in k.rules_named("spend_floor"):
        for nation in k.group(row.scope):
            for year in years_from(k, row.from_year):
                for pillar in PILLARS:
                    key = (nation, year, pillar)
                    part, plan = k.committed[key] + m.spent[key], k.planned[key]
                    yield PolicyRow.of(row, f"{nation}:{pillar}", year, "min", row.value, part, plan, plan, "share")


@policy(
    "policy.order_value_max",
    counts="million",
    unit="share",
    says="Parliaments let be committed what their money can follow.",
)
def order_value_max(m: Any) -> Iterator[PolicyRow]:
    r"""Each nation, pillar and year: value of the orders placed since the rule holds over the money of these years.

    .. math:: \sum_{from \le s \le t} ordered_{nsp} \le value \sum_{from \le s \le t} available_{nsp}
    """
    k: Keys = m.k
    for row in k.rules_named("order_value_max"):
        for nation in k.group(row.scope):
            for pillar in PILLARS:
                since: list[int] = []
                for year in years_from(k, row.from_year):
                    since.append(year)
                    money = sum(k.available[nation, s, pillar] for s in since)
                    placed = quicksum(or_zero(m.ordered_value, (nation, s, pillar)) for s in since)
                    if money > 0:
                        item = f"{nation}:{pillar}"
                        yield PolicyRow.of(row, item, year, "max", row.value, placed, money, money, "share")


@rule("policy.ordered_value", bends=True, unit="money", says="Orders of a nation, year and pillar are valued once.",
      over=lambda m: list(m.ordered_value))  # fmt: skip
def ordered_value(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Value of the orders that a nation places in a year, as paid, through every channel.

    .. math:: ordered_{ntp} = \sum_{i \in p} price_{it} x_{nit} + \sum_{f} v_{fnt}
    """
    return m.ordered_value[nation, year, pillar] == quicksum(m.placed_value[nation, year, pillar])


@policy(
    "policy.spend_growth_max", counts="million", unit="growth", says="Spending grows no faster than can be absorbed."
)
def spend_growth_max(m: Any) -> Iterator[PolicyRow]:
    r"""Each nation, each year after from_year: committed and spent money of both pillars against the year before.

    .. math:: total_{nt} \le (1 + value) total_{n,t-1}
    """
    k: Keys = m.k
    for row in k.rules_named("spend_growth_max"):
        for nation in k.group(row.scope):
            total = {t: quicksum(k.committed[nation, t, p] + m.spent[nation, t, p] for p in PILLARS) for t in k.years}
            for year in years_from(k, row.from_year + 1):
                if year > k.first:
                    money = sum(k.available[nation, year, p] for p in PILLARS)
                    yield PolicyRow.of(
                        row, nation, year, "max", 1 + row.value, total[year], total[year - 1], money, "growth", 1.0
                    )


def _buys(m: Any, k: Keys, row: Any) -> list[Line]:
    lines = [line for line in m.unit_payments if k.programme[line.item].category in EQUIPMENT]
    return _of_group(lines, k, row)


@policy("policy.joint_share_min", counts="million", unit="share", says="Enough is bought together.")
def joint_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Equipment and munition payments through frames over all of them, summed over group and years.

    .. math:: \sum_{f} payment \ge value \sum payment
    """
    k: Keys = m.k
    for row in k.rules_named("joint_share_min"):
        lines = _buys(m, k, row)
        through = _sum(line for line in lines if line.channel != "national")
        yield PolicyRow.of(row, "-", k.last, "min", row.value, through, _sum(lines), _money(k, row), "share")


@policy("policy.eu_content_min", counts="million", unit="share", says="Enough of what is bought is made in Europe.")
def eu_content_min(m: Any) -> Iterator[PolicyRow]:
    r"""Equipment and munition payments weighted by EU content over all of them.

    .. math:: \sum eu_i \, payment_i \ge value \sum payment_i
    """
    k: Keys = m.k
    for row in k.rules_named("eu_content_min"):
        lines = _buys(m, k, row)
        content = quicksum(k.programme[line.item].eu_content * line.amount for line in lines)
        yield PolicyRow.of(row, "-", k.last, "min", row.value, content, _sum(lines), _money(k, row), "share")


@policy(
    "policy.innovation_share_min",
    counts="million",
    unit="share",
    says="Enough of resilience money goes into what is new.",
)
def innovation_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Innovation and r_and_t spending from resilience over available resilience money.

    .. math:: \sum innovation + \sum_{i: r\&t} payment_i \ge value \sum available
    """
    k: Keys = m.k
    for row in k.rules_named("innovation_share_min"):
        research = [line for line in m.unit_payments if k.programme[line.item].category == "r_and_t"]
        paid = [line for line in _of_group(research, k, row) if line.pillar == "resilience"]
        fresh = _innovation(m, row, lambda line: float(k.innovation[line].pillar == "resilience"))
        money = _money(k, row, ("resilience",))
        if money > 0:
            yield PolicyRow.of(row, "-", k.last, "min", row.value, _sum(paid) + fresh, money, money, "share")


def _innovation(m: Any, row: Any, counts: Callable[[str], float]) -> Any:
    """Innovation spending of the rule's group and years, each line times what ``counts`` says of it (money).

    Of all nations it is the bills; of a part of them their contributions to pools, in which all lines count the same.
    """
    k: Keys = m.k
    if set(k.group(row.scope)) == set(k.nations):
        bills = [(line, bill) for (line, year), bill in m.innovation_bills.items() if row.from_year <= year <= k.last]
        return quicksum(counts(line) * bill for line, bill in bills if counts(line))
    return quicksum(counts(line.item) * line.amount for line in _of_group(m.innovation_lines, k, row))


@policy(
    "policy.area_share_min", counts="million", unit="share", says="Enough of the money for equipment goes into an area."
)
def area_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Unit payments for programmes of the area over all unit payments, in the area's pillar, of group and years.

    .. math:: \sum_{i \in a} payment_i \ge value \sum_i payment_i
    """
    yield from _area_share(m, "area_share_min", "min")


@policy("policy.area_share_max", counts="million", unit="share", says="Not too much of the money goes into one area.")
def area_share_max(m: Any) -> Iterator[PolicyRow]:
    r"""Unit payments for programmes of the area over all unit payments, in the area's pillar, of group and years.

    .. math:: \sum_{i \in a} payment_i \le value \sum_i payment_i
    """
    yield from _area_share(m, "area_share_max", "max")


def _area_share(m: Any, name: str, sense: str) -> Iterator[PolicyRow]:
    k: Keys = m.k
    for row in k.rules_named(name):
        where, area = scope_of(row.scope)
        nations, years = k.group(where), years_from(k, row.from_year)
        lines = [
            line
            for line in m.unit_payments
            if line.nation in set(nations) and line.year >= row.from_year and line.pillar == k.area[area].pillar
        ]
        part = _sum(line for line in lines if k.programme[line.item].area == area)
        money = sum(k.available[n, t, p] for n in nations for t in years for p in PILLARS)
        yield PolicyRow.of(row, "-", k.last, sense, row.value, part, _sum(lines), money, "share")


@policy("policy.sme_share_min", counts="million", unit="share", says="Small firms get their part.")
def sme_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Unit payments and innovation spending weighted by SME share over all of these.

    .. math:: \sum sme \cdot amount \ge value \sum amount
    """
    k: Keys = m.k
    for row in k.rules_named("sme_share_min"):
        lines = _of_group(m.unit_payments, k, row)
        part = quicksum(sme_share(k, line) * line.amount for line in lines)
        part = part + _innovation(m, row, lambda line: float(k.innovation[line].sme_share))
        whole = _sum(lines) + _innovation(m, row, lambda line: 1.0)
        yield PolicyRow.of(row, "-", k.last, "min", row.value, part, whole, _money(k, row), "share")


def sme_share(k: Keys, line: Line) -> float:
    """Share of small firms in a payment or in innovation spending."""
    rows = k.innovation if line.kind == "innovation" else k.programme
    return float(rows[line.item].sme_share)


@policy("policy.risk_max", counts="million", unit="share", says="Not too much innovation money rides on long shots.")
def risk_max(m: Any) -> Iterator[PolicyRow]:
    r"""Innovation spending on lines with success_probability below one half over all of it.

    .. math:: \sum_{v: p_v < 0.5} innovation_v \le value \sum_v innovation_v
    """
    k: Keys = m.k
    for row in k.rules_named("risk_max"):
        risky = _innovation(m, row, lambda line: float(k.innovation[line].success_probability < 0.5))
        money = _money(k, row, ("resilience",))
        whole = _innovation(m, row, lambda line: 1.0)
        yield PolicyRow.of(row, "-", k.last, "max", row.value, risky, whole, money, "share")
