"""Two pillars of money: balance, carry-over, shift between pillars, and what is bound beyond the horizon.

Sections 8 and 8a of the model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from audit.facts import PILLARS, Facts
from audit.figures import Spending
from audit.ledger import Ledger, number, place
from audit.reading import Row, compare

MoneyKey = tuple[str, int, str]


def spent_of(spending: Spending) -> dict[MoneyKey, float]:
    """Return spending summed by nation, year and pillar."""
    spent: dict[MoneyKey, float] = defaultdict(float)
    for (nation, year, pillar, *_), amount in spending.items():
        spent[nation, year, pillar] += amount
    return dict(spent)


def check_figures(
    facts: Facts, spent: Mapping[MoneyKey, float], printed: list[Row], loans: list[Row], rows: list[Row], ledger: Ledger
) -> None:
    """Compare the columns of the budgets table that follow from data and decisions.

    Args:
        facts: the case.
        spent: recomputed spending by nation, year and pillar.
        printed: the plan's spending table.
        loans: the plan's loans table.
        rows: the plan's budgets table.
        ledger: takes the findings.
    """
    drawn: dict[MoneyKey, float] = defaultdict(float)
    for row in loans:
        drawn[row.nation, row.year, "core"] += row.drawn
    expected = {}
    for key, money in facts.money.items():
        if key[1] not in facts.years:
            continue
        paid = spent.get(key, 0.0)
        share = (money.committed + paid) / money.gdp if money.gdp > 0 else 0.0
        base = (money.gdp, money.planned, money.committed, money.available)
        expected[key] = (*base, drawn.get(key, 0.0), paid, share)
    columns = ("gdp", "planned", "committed", "available", "loan", "spent", "share_of_gdp")
    compare(ledger, "budgets", expected, rows, columns)
    sums: dict[MoneyKey, float] = defaultdict(float)
    for row in printed:
        sums[row.nation, row.year, row.pillar] += row.amount
    for row in rows:
        key = (row.nation, row.year, row.pillar)
        total = sums.get(key, 0.0)
        what = "spent against the sum of the spending table"
        ledger.equal("budget.spent", place(*key), what, total, row.spent)
    for nation, year, pillar in sorted(
        key for key in spent.keys() - expected.keys() if key[1] not in facts.beyond_years
    ):
        where = place(nation, year, pillar)
        message = f"{number(spent[nation, year, pillar])} is spent where there is no budget."
        ledger.fail("budget.balance", where, message, 0.0, spent[nation, year, pillar])


def check_balance(
    facts: Facts, spent: Mapping[MoneyKey, float], loans: list[Row], rows: list[Row], ledger: Ledger
) -> None:
    """Check that every pillar's money of a year is spent, carried, shifted or left, and the limits of each."""
    by_key = {(row.nation, row.year, row.pillar): row for row in rows}
    drawn: dict[MoneyKey, float] = defaultdict(float)
    for row in loans:
        drawn[row.nation, row.year, "core"] += row.drawn
    for key, row in by_key.items():
        money = facts.money.get(key)
        if money is None:
            continue
        where = place(*key)
        sources = (money.available, drawn.get(key, 0.0), row.carried_in, row.shifted_in)
        uses = (spent.get(key, 0.0), row.carried_out, row.unspent)
        what = "spent, carried out and unspent"
        ledger.equal("budget.balance", where, what, sum(sources), sum(uses), terms=sources + uses)
        ledger.at_least("budget.balance", where, "unspent", 0.0, row.unspent, terms=sources + uses)
        before = by_key.get((row.nation, row.year - 1, row.pillar))
        carried = before.carried_out if before is not None and row.year > facts.first else 0.0
        ledger.equal("budget.balance", where, "carried_in", carried, row.carried_in)
        limit = facts.options.carry_over * money.available
        ledger.at_most("budget.carry_limit", where, "carried_out", limit, row.carried_out)
        ledger.at_least("budget.carry_limit", where, "carried_out", 0.0, row.carried_out)
        limit = facts.options.pillar_shift * money.available
        what = "what the pillar gives to the other"
        ledger.at_most("budget.shift_limit", where, what, limit, max(0.0, -row.shifted_in))
    for nation in facts.nations:
        for year in facts.years:
            pair = [by_key[nation, year, pillar] for pillar in PILLARS if (nation, year, pillar) in by_key]
            moved = [row.shifted_in for row in pair]
            ledger.equal("budget.shift_sum", place(nation, year), "the sum of shifted_in", 0.0, sum(moved), terms=moved)


def may_be_bound(facts: Facts, nothing_decided: Mapping[MoneyKey, float]) -> dict[MoneyKey, float]:
    """Return the most that may be bound in each year beyond the horizon, in millions.

    It is a share of the last year's money, or what the year costs with nothing decided, if that is more.
    """
    limits = {}
    for nation in facts.nations:
        for year, share in zip(facts.beyond_years, facts.beyond.money, strict=True):
            for pillar in PILLARS:
                money = facts.money.get((nation, facts.last, pillar))
                part = share * money.available if money is not None else 0.0
                key = (nation, year, pillar)
                limits[key] = max(part, nothing_decided.get(key, 0.0))
    return limits


def check_beyond(
    limits: Mapping[MoneyKey, float],
    spent: Mapping[MoneyKey, float],
    printed: list[Row],
    rows: list[Row],
    ledger: Ledger,
) -> None:
    """Check that no year beyond the horizon is bound for more than it may be, and compare the table.

    Args:
        limits: what may be bound, by nation, year and pillar.
        spent: recomputed spending by nation, year and pillar.
        printed: the plan's spending table.
        rows: the plan's table `beyond`.
        ledger: takes the findings.
    """
    expected, terms = {}, {}
    for key, limit in limits.items():
        bound = spent.get(key, 0.0)
        ledger.at_most("budget.beyond", place(*key), "what is bound", limit, bound)
        expected[key] = (limit, bound, limit - bound)
        terms[key] = (limit, bound, max(limit, bound))
    compare(ledger, "beyond", expected, rows, ("money", "bound", "free"), terms=terms)
    sums: dict[MoneyKey, float] = defaultdict(float)
    for row in printed:
        sums[row.nation, row.year, row.pillar] += row.amount
    for row in rows:
        total = sums.get((row.nation, row.year, row.pillar), 0.0)
        what = "bound against the sum of the spending table"
        ledger.equal("table.beyond", place(row.nation, row.year, row.pillar), what, total, row.bound)
