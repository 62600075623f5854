"""Policy (MODEL.md, section 8): shares, floors, growth, dependence, change, force and forbid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyomo.environ import NonNegativeReals, Var

from models.buying import new_orders
from models.capability import delivered_effect, shortfall
from models.industry import added, supplied
from models.innovation import began, complete
from models.joint import launched
from models.keys import EQUIPMENT, PILLARS, Keys, years_from
from models.ledger import Line
from models.linear import quicksum
from models.policyrow import PolicyRow
from models.registry import policy, rule

INVESTMENT = EQUIPMENT | {"r_and_t"}


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
    r"""Effect of units made on one line within a share of the effect of all deliveries of the area.

    .. math:: \sum_{i,t} effect_{ia} make_{ilt} \le value \sum_{n,i,t} effect_{ia} d_{nit}
    """
    k: Keys = m.k
    for row in k.rules_named("single_line_max"):
        area, years = row.scope, set(years_from(k, row.from_year))
        effect = {i: k.effect[i][area] for i in k.programmes if area in k.effect.get(i, {})}
        whole = quicksum(effect[i] * supplied(m, i, t) for i, t in m.delivered_all if i in effect and t in years)
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
            yield PolicyRow.of(row, "-", year, "min", row.value, capacity, made, 1.0, "ratio")


@policy("policy.closure_min", unit="share", says="Gaps of an area close at least so far.")
def closure_min(m: Any) -> Iterator[PolicyRow]:
    r"""Each year: one less summed shortfall over summed target of the scope's rows.

    .. math:: \sum_n (target_{nat} - short_{nat}) \ge value \sum_n target_{nat}
    """
    k: Keys = m.k
    for row in k.rules_named("closure_min"):
        where, _, area = row.scope.rpartition(":")
        area = area or row.scope
        holders = {*k.group(where or "ALL")} | ({"ALL"} if where in ("", "ALL") else set())
        for year in years_from(k, row.from_year):
            keys = [key for key in k.rows_of_area.get(area, []) if key[0] in holders and key[2] == year]
            target = sum(k.target[key].target for key in keys)
            if target > 0:
                closed = target - quicksum(shortfall(m, *key) for key in keys)
                yield PolicyRow.of(row, "-", year, "min", row.value, closed, target, target, "share")


# ---- money -----------------------------------------------------------------------------------------------------------


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
    paid: dict[tuple[str, int], list[Line]] = {}
    for line in m.unit_payments:
        if line.pillar == "core" and k.programme[line.item].category in INVESTMENT:
            paid.setdefault((line.nation, line.year), []).append(line)
    for row in k.rules_named("equipment_share_min"):
        for nation in k.group(row.scope):
            for year in years_from(k, row.from_year):
                key = (nation, year, "core")
                bound = k.committed[key] * k.budget[key].committed_equipment_share
                part = bound + _sum(paid.get((nation, year), []))
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
        lines = [line for line in _of_group(m.innovation_lines + research, k, row) if line.pillar == "resilience"]
        money = _money(k, row, ("resilience",))
        if money > 0:
            yield PolicyRow.of(row, "-", k.last, "min", row.value, _sum(lines), money, money, "share")


@policy("policy.sme_share_min", unit="share", says="Small firms get their part.")
def sme_share_min(m: Any) -> Iterator[PolicyRow]:
    r"""Unit payments and innovation spending weighted by SME share over all of these.

    .. math:: \sum sme \cdot amount \ge value \sum amount
    """
    k: Keys = m.k
    for row in k.rules_named("sme_share_min"):
        lines = _of_group(m.unit_payments + m.innovation_lines, k, row)
        part = quicksum(sme_share(k, line) * line.amount for line in lines)
        yield PolicyRow.of(row, "-", k.last, "min", row.value, part, _sum(lines), _money(k, row), "share")


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
        lines = _of_group(m.innovation_lines, k, row)
        risky = _sum(line for line in lines if k.innovation[line.item].success_probability < 0.5)
        money = _money(k, row, ("resilience",))
        yield PolicyRow.of(row, "-", k.last, "max", row.value, risky, _sum(lines), money, "share")


# ---- change against the plan of the last round -----------------------------------------------------------------------


def declare(m: Any) -> None:
    """Variables: deviation from prior orders, where anything prices or limits it."""
    k: Keys = m.k
    wanted = k.counts_change or m.objective_mode == "changes"
    keys = [(row.nation, row.programme, row.channel, row.year) for row in k.prior] if wanted else []
    m.deviation = Var(sorted(set(keys)), domain=NonNegativeReals)
    m.prior_units = {(row.nation, row.programme, row.channel, row.year): row for row in k.prior}


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
