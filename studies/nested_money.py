r"""Money and prices: less money, dearer units.

**Less money.** Let planned money of every nation, year and pillar be no more in the inner case, and positive where it
was. Available money is a fixed part of it, so that balances, carry-over, shifts and what may be bound beyond the
horizon are all looser in the outer case, and spending stands as it is. What could still fail there is a rule that asks
more where there is more money: it must ask nothing.

- spend_floor: committed + spent >= value * planned. With the committed share c it is spent >= (value - c) * planned:
  nothing is asked where value <= c.
- equipment_share_min: likewise, with the committed equipment share in c.
- innovation_share_min: innovation >= value * available resilience; spend_growth_max: this year's total against the
  last one's. Any row whose nations' money moved stands against it.

A soft row that is measured by available money (joint_share_min and its like) has violations that stay or fall and a
scale that grows: its points fall, so that a plan is worth no more in the outer case (dearer). GDP moves the keys of
shared bills unless all nations' moves by the same factor.

**Dearer units.** Let every price be no less in the inner case. The same units are worth the same index in the outer
case; what they cost there is no more in any year, and the money suffices. But shares of payments move, a spending floor
may fail, a bystander's contribution hangs on the value of its orders, and a loan on what it pays for: where any of
these can act nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data.checks_rules import groups_of
from data.levers import Case
from data.rows import each
from studies.nested_parts import ROUNDED, Part, by_key, dearer, differ, nested_so, no_more, not_nested

MEASURED = ("order_value_max", "joint_share_min", "eu_content_min", "area_share_min", "area_share_max",
            "sme_share_min", "risk_max")  # fmt: skip
OF_PAYMENTS = ("spend_floor", "equipment_share_min", "joint_share_min", "eu_content_min", "innovation_share_min",
               "area_share_min", "area_share_max", "sme_share_min", "spend_growth_max")  # fmt: skip
Key = tuple[Any, ...]  # nation, year, pillar


def money(inner: Case, outer: Case) -> Iterator[Part]:
    """GDP and the paths of the budget."""
    what = "money"
    economy = differ(inner.dataset.tables["economy"], outer.dataset.tables["economy"], "economy")
    path = differ(inner.dataset.tables["budget_path"], outer.dataset.tables["budget_path"], "budget_path")
    if not economy <= {"gdp"} or not path <= {"gdp_share"}:
        yield not_nested(what, "other columns than GDP and its shares differ")
        return
    if economy and not _together(inner, outer):
        yield not_nested(what, "GDP moves the keys by which nations share bills")
        return
    here, there = planned(inner), planned(outer)
    moved = {key for key in there if abs(here[key] - there[key]) > ROUNDED * abs(there[key])}
    if not all(no_more(here[key], there[key]) for key in there):
        yield not_nested(what, "there is more money somewhere")
    elif any(there[key] > 0 and not here[key] > 0 for key in moved):
        yield not_nested(what, "some nation has no money at all, and what is measured by it changes its meaning")
    elif against := sorted(_asking(outer, moved)):
        yield not_nested(what, f"{', '.join(against)} would ask more of the same plan where there is more money")
    elif any(row.rule in MEASURED and row.hardness == "soft" for row in each(outer.dataset.tables["rules"])):
        yield dearer(what, "the money of the outer case pays for it, and soft rules are measured by more money")
    else:
        yield nested_so(what, "the money of the outer case pays for it")


def _together(inner: Case, outer: Case) -> bool:
    """Whether the GDP of all nations differs by the same factor in each year."""
    here, there = (by_key(one.dataset.tables["economy"], "economy") for one in (inner, outer))
    factors: dict[Any, list[float]] = {}
    for key, row in there.items():
        if row.gdp > 0:
            factors.setdefault(row.year, []).append(here[key].gdp / row.gdp)
    return all(max(each_) - min(each_) <= ROUNDED * max(each_) for each_ in factors.values())


def planned(case: Case) -> Mapping[Key, float]:
    """(nation, year, pillar) -> planned money."""
    gdp = {(row.nation, row.year): row.gdp for row in each(case.dataset.tables["economy"])}
    rows = each(case.dataset.tables["budget_path"])
    return {(row.nation, row.year, row.pillar): row.gdp_share * gdp[row.nation, row.year] for row in rows}


def _asking(case: Case, moved: set[Key]) -> set[str]:
    """Rules that would ask more of a plan where there is more money."""
    groups = groups_of(case.dataset.tables["nations"])
    path = by_key(case.dataset.tables["budget_path"], "budget_path")
    found = set()
    for row in each(case.dataset.tables["rules"]):
        mine = {key for key in moved if key[0] in groups.get(row.scope, ())}
        since = {key for key in mine if key[1] >= row.from_year}
        if row.rule == "spend_floor":
            asks = any(row.value > path[key].committed_share for key in since)
        elif row.rule == "equipment_share_min":
            bound = {key: path[key].committed_share * path[key].committed_equipment_share for key in since}
            asks = any(key[2] == "core" and row.value > share for key, share in bound.items())
        elif row.rule == "innovation_share_min":
            asks = any(key[2] == "resilience" for key in since)
        else:
            asks = row.rule == "spend_growth_max" and bool(mine)
        if asks:
            found.add(f"{row.rule} {row.scope}")
    return found


def prices(inner: Case, outer: Case) -> Iterator[Part]:
    """What units cost."""
    one, other = inner.dataset.tables["programmes"], outer.dataset.tables["programmes"]
    if differ(one, other, "programmes") != {"cost_growth"}:
        yield not_nested("programmes", "more than prices differs: order years move, and what hangs on them")
        return
    dear = (one["cost_growth"].to_numpy() >= other["cost_growth"].to_numpy()).all()
    settings = outer.dataset.settings
    named = {row.rule for row in each(outer.dataset.tables["rules"])}
    against = [name for name in OF_PAYMENTS if name in named]
    if len(outer.dataset.tables["loans"]):
        against.append("loans")
    if settings.contribution_max is not None and outer.options.expansions and len(outer.dataset.tables["expansions"]):
        against.append("contribution_max")
    if not dear or settings.price_base_year > settings.first_year:
        yield not_nested("prices", "some price falls")
    elif against:
        yield not_nested("prices", f"{', '.join(against)}: measured by what is paid, which is less in the outer case")
    elif any(row.rule == "order_value_max" and row.hardness == "soft" for row in each(outer.dataset.tables["rules"])):
        yield dearer("prices", "the same units cost less in the outer case, and violate order_value_max less")
    else:
        yield nested_so("prices", "the same units cost less in the outer case")
