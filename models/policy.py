"""Policy (MODEL.md, section 8): shares, floors, growth, dependence, change, force and forbid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyomo.environ import NonNegativeReals, Var

from models.buying import new_orders
from models.capability import delivered_effect, shortfall
from models.industry import added, output, supplied
from models.innovation import began, complete
from models.joint import launched, value_of
from models.keys import EQUIPMENT, PILLARS, Keys, or_zero, years_from
from models.ledger import Line
from models.linear import quicksum
from models.policyrow import PolicyRow
from models.registry import policy, rule

# ---- dependence on one nation or line, surge, closure ----------------------------------------------------------------


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


@policy("policy.surge_min", unit="ratio", says="Lines could surge above what they make.")
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
    "policy.output_drop_max", unit="capacity units", says="A line's output falls no faster than its people can follow."
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


# ---- money -----------------------------------------------------------------------------------------------------------


def scope_of(scope: str) -> tuple[str, str]:
    """(group, area) of a scope: an area stands for all nations."""
    where, _, area = scope.rpartition(":")
    return where or "ALL", area


def _sum(lines: Iterable[Line]) -> Any:
    return quicksum(line.amount for line in lines)


def _of_group(lines: list[Line], k: Keys, row: Any) -> list[Line]:
    """Lines of the rule's group from its first year on."""
    nations = set(k.group(row.scope))
    return [line for line in lines if line.nation in nations and line.year >= row.from_year]


def _money(k: Keys, row: Any, pillars: tuple[str, ...] = PILLARS) -> float:
    """Available money of the rule's group over its years."""
    return sum(k.available[n, t, p] for n in k.group(row.scope) for t in years_from(k, row.from_year) for p in pillars)


@policy("policy.equipment_share_min", unit="share", says="Enough of core money buys equipment and research.")
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


@policy("policy.spend_floor", unit="share", says="Nations spend what they planned.")
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


@policy("policy.order_value_max", unit="share", says="Parliaments let be committed what their money can follow.")
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


@rule("policy.ordered_value", unit="money", says="Orders of a nation, year and pillar are valued once.",
      over=lambda m: list(m.ordered_value))  # fmt: skip
def ordered_value(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Value of the orders that a nation places in a year, as paid, through every channel.

    .. math:: ordered_{ntp} = \sum_{i \in p} price_{it} x_{nit} + \sum_{f} v_{fnt}
    """
    return m.ordered_value[nation, year, pillar] == quicksum(m.placed_value[nation, year, pillar])


@policy("policy.spend_growth_max", unit="growth", says="Spending grows no faster than can be absorbed.")
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


@policy("policy.joint_share_min", unit="share", says="Enough is bought together.")
def joint_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Equipment and munition payments through frames over all of them, summed over group and years.

    .. math:: \sum_{f} payment \ge value \sum payment
    """
    k: Keys = m.k
    for row in k.rules_named("joint_share_min"):
        lines = _buys(m, k, row)
        through = _sum(line for line in lines if line.channel != "national")
        yield PolicyRow.of(row, "-", k.last, "min", row.value, through, _sum(lines), _money(k, row), "share")


@policy("policy.eu_content_min", unit="share", says="Enough of what is bought is made in Europe.")
def eu_content_min(m: Any) -> Iterator[PolicyRow]:
    r"""Equipment and munition payments weighted by EU content over all of them.

    .. math:: \sum eu_i \, payment_i \ge value \sum payment_i
    """
    k: Keys = m.k
    for row in k.rules_named("eu_content_min"):
        lines = _buys(m, k, row)
        content = quicksum(k.programme[line.item].eu_content * line.amount for line in lines)
        yield PolicyRow.of(row, "-", k.last, "min", row.value, content, _sum(lines), _money(k, row), "share")


@policy("policy.innovation_share_min", unit="share", says="Enough of resilience money goes into what is new.")
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


@policy("policy.area_share_min", unit="share", says="Enough of the money for equipment goes into an area.")
def area_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Unit payments for programmes of the area over all unit payments, in the area's pillar, of group and years.

    .. math:: \sum_{i \in a} payment_i \ge value \sum_i payment_i
    """
    yield from _area_share(m, "area_share_min", "min")


@policy("policy.area_share_max", unit="share", says="Not too much of the money goes into one area.")
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


@policy("policy.sme_share_min", unit="share", says="Small firms get their part.")
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


@policy("policy.risk_max", unit="share", says="Not too much innovation money rides on long shots.")
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


# ---- change against the plan of the last round -----------------------------------------------------------------------


def declare(m: Any) -> None:
    """Variables: deviation from prior orders, and the value of orders, where anything prices or limits them."""
    k: Keys = m.k
    nations = {nation for row in k.rules_named("order_value_max") for nation in k.group(row.scope)}
    orders = [(n, t, k.programme[i].pillar) for n, i, t in k.national_keys if n in nations]
    orders += [(n, t, k.programme[k.frame[f].programme].pillar) for f, n, t in k.joint_keys if n in nations]
    m.ordered_value = Var(sorted(set(orders)), domain=NonNegativeReals)
    wanted = k.counts_change or m.objective_mode == "changes"
    keys = [(row.nation, row.programme, row.channel, row.year) for row in k.prior] if wanted else []
    m.deviation = Var(sorted(set(keys)), domain=NonNegativeReals)
    m.prior_units = {(row.nation, row.programme, row.channel, row.year): row for row in k.prior}


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


def planned_units(m: Any, nation: str, programme: str, channel: str, year: int) -> Any:
    """This plan's units under a key of the prior plan."""
    if channel == "national":
        return m.national.get((nation, programme, year), 0)
    if channel in m.k.frame and m.k.frame[channel].programme == programme:
        return m.joint.get((channel, nation, year), 0)
    return 0


@rule("policy.deviation", unit="units", says="Orders that differ from the last plan are counted as change.",
      over=lambda m: [(*key, sign) for key in m.deviation for sign in (1, -1)])  # fmt: skip
def deviation(m: Any, nation: str, programme: str, channel: str, year: int, sign: int) -> Any:
    r"""Deviation of an order from the prior plan's, both ways.

    .. math:: dev_j \ge \pm (units_j - prior_j)
    """
    key = (nation, programme, channel, year)
    return m.deviation[key] >= sign * (planned_units(m, *key) - m.prior_units[key].units)


def prior_value(m: Any) -> float:
    """Value of the prior plan's orders within the horizon (money)."""
    return float(sum(row.value for row in m.prior_units.values()))


def change(m: Any) -> Any:
    """Value of changed orders: sum of deviation * prior unit price (money)."""
    return quicksum(m.prior_units[key].unit_price * m.deviation[key] for key in m.deviation)


@policy("policy.change_max", unit="share", says="The plan stays close to the last one.")
def change_max(m: Any) -> Iterator[PolicyRow]:
    r"""Changed value over the prior plan's value.

    .. math:: \sum_j price_j dev_j \le value \sum_j prior\_value_j
    """
    k: Keys = m.k
    whole = prior_value(m)
    for row in k.rules_named("change_max"):
        if whole > 0:
            yield PolicyRow.of(row, "-", k.last, "max", row.value, change(m), whole, whole, "share")


# ---- force in, force out ---------------------------------------------------------------------------------------------


def amount_of(m: Any, item: str) -> tuple[Any, float, Any]:
    """(decided amount, least amount that meets `force`, amount that `forbid` keeps at 0) of a forced item.

    The item is a programme, frame, expansion or innovation line.
    """
    k: Keys = m.k
    if item in k.programme:
        units = quicksum(new_orders(m, n, i) for n, i in k.ordering_pairs if i == item)
        return units, k.lot(item), units
    if item in k.frame:
        return launched(m, item), 1.0, launched(m, item)
    if item in k.expansion:
        starts = quicksum(m.start[item, year] for year in k.start_years[item])
        return starts, 1.0, starts
    started = began(m, item, "pilot", k.last) + began(m, item, "fast", k.last)
    return complete(m, item, k.last), 1.0, started


@rule("policy.pins", unit="units", says="Orders that a planner has fixed stand.", over=lambda m: pin_keys(m.k))
def pins(m: Any, nation: str, programme: str, channel: str, year: int, sense: str) -> Any:
    r"""The sum of all orders that match the filled cells is at least, at most or exactly the pinned units.

    .. math:: \sum_{j \in pin} units_j \; \{\ge, \le, =\} \; pinned
    """
    key = (nation, programme, channel, year, sense)
    units = next(float(row.units) for row in m.k.pins if pin_key(row) == key)
    total = quicksum(pinned(m, nation, programme, channel, year))
    if sense == "min":
        return total >= units
    return total <= units if sense == "max" else total == units


def pinned(m: Any, nation: str, programme: str, channel: str, year: int) -> Iterator[Any]:
    """Units of the orders that match a pin; '-' for any channel, 0 for any year, ALL for all nations."""
    k: Keys = m.k
    for n, i, t in k.national_keys:
        if i == programme and nation in (n, "ALL") and channel in ("national", "-") and year in (t, 0):
            yield m.national[n, i, t]
    for f, n, t in k.joint_keys:
        mine = k.frame[f].programme == programme and nation in (n, "ALL")
        if mine and channel in (f, "-") and year in (t, 0):
            yield m.joint[f, n, t]


def pin_key(row: Any) -> tuple[str, str, str, int, str]:
    """Key of a pin; '-' for any channel, 0 for any year."""
    return (row.nation, row.programme, row.channel or "-", int(row.year), row.sense)


def pin_keys(k: Keys) -> list[tuple[str, str, str, int, str]]:
    """Keys of the pins."""
    return sorted(pin_key(row) for row in k.pins)


@rule("policy.force", unit="units", says="What is forced in is in the plan.", over=lambda m: sorted(m.k.options.force))
def force(m: Any, item: str) -> Any:
    r"""Programme: at least one lot in sum; frame: launched; expansion: built; innovation: complete.

    .. math:: amount_X \ge least_X
    """
    amount, least, _ = amount_of(m, item)
    return amount >= least


@rule("policy.forbid", unit="units", says="What is forced out is not in it.", over=lambda m: sorted(m.k.options.forbid))
def forbid(m: Any, item: str) -> Any:
    r"""Programme: no order; frame: not launched; expansion: not built; innovation: not started.

    .. math:: amount_X \le 0
    """
    return amount_of(m, item)[2] <= 0
