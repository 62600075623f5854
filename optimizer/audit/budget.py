"""Two pillars of money: balance, carry-over, shift between pillars, loans (sections 4 and 8 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from optimizer.audit.buying import Bought
from optimizer.audit.facts import NATIONAL, PILLARS, Facts
from optimizer.audit.figures import Spending
from optimizer.audit.ledger import Ledger, number, place, tolerance
from optimizer.audit.reading import Row, compare

MoneyKey = tuple[str, int, str]


def spent_of(spending: Spending) -> dict[MoneyKey, float]:
    """Return spending summed by nation, year and pillar."""
    spent: dict[MoneyKey, float] = defaultdict(float)
    for (nation, year, pillar, *_), amount in spending.items():
        spent[nation, year, pillar] += amount
    return dict(spent)


def check_loans(
    facts: Facts, result: Bought, rows: list[Row], interest: Mapping[tuple[str, str, int], float], ledger: Ledger
) -> None:
    """Check draws: within the facility's years and amount, never above the payments that it may pay."""
    payable = _payable(facts, result)
    drawn: dict[tuple[str, str], float] = defaultdict(float)
    draws: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in rows:
        draws[row.facility, row.nation, row.year] += row.drawn
    for (facility, nation, year), amount in draws.items():
        where = place(facility, nation, year)
        loan = facts.loans.get((facility, nation))
        ledger.at_least("budget.loan_amount", where, "the draw", 0.0, amount)
        if abs(amount) <= tolerance():
            continue
        drawn[facility, nation] += amount
        open_now = loan is not None and loan.first_year <= year <= loan.last_year and year in facts.years
        message = f"{nation} cannot draw from {facility} in {year}."
        ledger.holds("budget.loan_amount", where, open_now, message)
        limit = payable.get((facility, nation, year), 0.0)
        ledger.at_most("budget.loan_payments", where, "the draw", limit, amount)
    for (facility, nation), amount in drawn.items():
        if (facility, nation) in facts.loans:
            where, limit = place(facility, nation), facts.loans[facility, nation].amount
            ledger.at_most("budget.loan_amount", where, "the sum of draws", limit, amount)
    expected = {key: (draws.get(key, 0.0), interest.get(key, 0.0)) for key in sorted(draws.keys() | interest.keys())}
    compare(ledger, "loans", expected, rows, ("drawn", "interest"), zero_rows=True)


def _payable(facts: Facts, result: Bought) -> dict[tuple[str, str, int], float]:
    """Return the unit payments that a facility may pay, by facility, nation and year."""
    payable: dict[tuple[str, str, int], float] = defaultdict(float)
    for (nation, programme, channel, year), amount in result.payments.items():
        if channel == NATIONAL:
            continue
        frame, row = facts.frames[channel], facts.programmes[programme]
        if frame.loan_facility and row.pillar == "core" and row.eu_content >= frame.eu_content_min - 1e-12:
            payable[frame.loan_facility, nation, year] += amount
    return dict(payable)


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
    for nation, year, pillar in sorted(spent.keys() - expected.keys()):
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
