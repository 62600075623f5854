"""Loans and grants: who may draw, how much, for which payments, and at what interest (section 4 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations

from audit.buying import Bought
from audit.facts import NATIONAL, Facts
from audit.ledger import Ledger, place
from audit.reading import Row, compare

Draws = Mapping[tuple[str, str, int], float]
GRANT = "grant"


def interest_of(facts: Facts, loans: list[Row]) -> dict[tuple[str, str, int], float]:
    """Return the interest by facility, nation and year of the horizon: on all drawn before; a grant has none."""
    drawn: dict[tuple[str, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in loans:
        drawn[row.facility, row.nation][row.year] += row.drawn
    interest = {}
    for (facility, nation), by_year in sorted(drawn.items()):
        loan = facts.loan_of(facility, nation)
        rate = loan.interest if loan is not None and loan.kind != GRANT else 0.0
        for year in facts.years:
            before = sum(amount for drawn_in, amount in by_year.items() if drawn_in < year)
            interest[facility, nation, year] = rate * before
    return interest


def check(
    facts: Facts, result: Bought, rows: list[Row], interest: Mapping[tuple[str, str, int], float], ledger: Ledger
) -> None:
    """Check draws: within the facility's years and amount, its share of the payments, and all facilities together."""
    draws: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in rows:
        draws[row.facility, row.nation, row.year] += row.drawn
        loan = facts.loan_of(row.facility, row.nation)
        kind = loan.kind if loan is not None else row.kind
        where = place(row.facility, row.nation, row.year)
        ledger.holds("table.loans", where, row.kind == kind, f"kind is {row.kind} but should be {kind}.")
    _check_amounts(facts, draws, ledger)
    _check_payments(facts, result, draws, ledger)
    expected = {key: (draws.get(key, 0.0), interest.get(key, 0.0)) for key in sorted(draws.keys() | interest.keys())}
    compare(ledger, "loans", expected, rows, ("drawn", "interest"), zero_rows=True)


def _check_amounts(facts: Facts, draws: Draws, ledger: Ledger) -> None:
    """Draws lie within the facility's years; all of a row's nations together draw no more than its amount."""
    drawn: dict[tuple[str, str], float] = defaultdict(float)
    for (facility, nation, year), amount in draws.items():
        where = place(facility, nation, year)
        loan = facts.loan_of(facility, nation)
        ledger.at_least("budget.loan_amount", where, "the draw", 0.0, amount)
        if loan is None or not loan.first_year <= year <= loan.last_year or year not in facts.years:
            ledger.nothing("budget.loan_amount", where, f"{nation} cannot draw from {facility} in {year}.", amount)
        if loan is not None:
            drawn[facility, loan.nation] += amount
    for (facility, nation), amount in sorted(drawn.items()):
        limit = facts.loans[facility, nation].amount
        ledger.at_most("budget.loan_amount", place(facility, nation), "the sum of draws", limit, amount)


def _check_payments(facts: Facts, result: Bought, draws: Draws, ledger: Ledger) -> None:
    """A draw is at most its share of the eligible payments; those of several facilities at most all of them."""
    eligible = _eligible(facts, result)
    open_draws: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (facility, nation, year), amount in sorted(draws.items()):
        if amount == 0.0:
            continue
        open_draws[nation, year].append(facility)
        where = place(facility, nation, year)
        payments = _covered(eligible.get((nation, year), []), {facility})
        loan = facts.loan_of(facility, nation)
        share = loan.share if loan is not None else 0.0
        what = f"the draw, with eligible payments of {payments:.10g},"
        ledger.at_most("budget.loan_payments", where, "the draw", payments, amount)
        ledger.at_most("budget.loan_share", where, what, share * payments, amount, terms=(payments,))
    for (nation, year), facilities in open_draws.items():
        for size in range(2, len(facilities) + 1):
            for several in combinations(facilities, size):
                total = sum(draws[facility, nation, year] for facility in several)
                payments = _covered(eligible.get((nation, year), []), set(several))
                where = place("+".join(several), nation, year)
                ledger.at_most("budget.loan_sets", where, "the sum of their draws", payments, total)


def _eligible(facts: Facts, result: Bought) -> dict[tuple[str, int], list[tuple[tuple[str, ...], float]]]:
    """Return the unit payments that may be covered, by nation and year: the facilities that may, and the amount."""
    payable: dict[tuple[str, int], list[tuple[tuple[str, ...], float]]] = defaultdict(list)
    for (nation, programme, channel, year), amount in result.payments.items():
        if channel == NATIONAL:
            continue
        frame, row = facts.frames[channel], facts.programmes[programme]
        if row.pillar == "core" and row.eu_content >= frame.eu_content_min:
            payable[nation, year].append((facts.facilities(channel), amount))
    return dict(payable)


def _covered(payments: list[tuple[tuple[str, ...], float]], facilities: set[str]) -> float:
    """Return the payments through frames that name any of the facilities."""
    return sum(amount for named, amount in payments if facilities & set(named))
