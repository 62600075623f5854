"""Who pays the shared bills: of expansions (section 5 of the model) and of innovation lines (section 7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from audit.buying import Order
from audit.facts import Facts
from audit.industry import Industry
from audit.ledger import Ledger, place
from audit.reading import Row

Bills = Mapping[tuple[str, int], float]
"""What an expansion or innovation line costs, by item and year, in millions."""


def check_known(facts: Facts, rows: list[Row], ledger: Ledger) -> None:
    """Check that contributions are to something that has bills in that year."""
    for row in rows:
        there = row.item in facts.expansions or row.item in facts.innovation
        known = there and row.nation in facts.nations
        where = place(row.item, row.nation, row.year)
        ledger.holds("table.contributions", where, known, "It is no expansion or innovation line, or no nation.")


def _sums(rows: list[Row], items: Mapping[str, Row]) -> dict[tuple[str, int], dict[str, float]]:
    """Return what each nation pays, by item and year."""
    paid: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        if row.item in items:
            paid[row.item, row.year][row.nation] += row.amount
    return paid


def _check_bill(
    rule: str,
    key: tuple[str, int],
    bill: float,
    paid: Mapping[str, float],
    payers: set[str],
    ledger: Ledger,
) -> None:
    """The contributions of those who may pay sum to the bill; none is below 0, and nobody else pays."""
    where = place(*key)
    ledger.equal(rule, where, "the sum of contributions", bill, sum(paid.values()), terms=paid.values())
    for nation, amount in sorted(paid.items()):
        place_of = place(key[0], nation, key[1])
        ledger.at_least(rule, place_of, "the contribution", 0.0, amount)
        if nation not in payers:
            ledger.nothing(rule, place_of, f"{nation} has no part in this bill.", amount)


def _payers(facts: Facts, expansion: str) -> set[str]:
    """Return the nations that may pay an expansion: host, the line's nation, customers of what it makes."""
    row = facts.expansions[expansion]
    name = row.line_or_component
    payers = {row.host} | ({facts.lines[name].nation} if name in facts.lines else set())
    return (payers | facts.customers_of(name)[1]) & facts.nations.keys()


def check_expansions(facts: Facts, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Check that contributions sum to each year's bill, from those who may pay, the host paying its share."""
    paid = _sums(rows, facts.expansions)
    keys = sorted(state.bills.keys() | paid.keys())
    payers = {expansion: _payers(facts, expansion) for expansion, _ in keys}
    for key in keys:
        bill, amounts = state.bills.get(key, 0.0), paid.get(key, {})
        _check_bill("industry.expansion_bill", key, bill, amounts, payers[key[0]], ledger)
        data = facts.expansions[key[0]]
        if data.host and data.host in facts.nations:
            share, by_host = data.host_share_min * bill, amounts.get(data.host, 0.0)
            ledger.at_least("industry.host_share", place(*key), f"what {data.host} pays", share, by_host)


def check_limits(facts: Facts, orders: list[Order], rows: list[Row], ledger: Ledger) -> None:
    """Check that who neither hosts nor owns pays no more than a part of its own orders of what the line makes.

    All expansions of a line (a component) and all years together.
    """
    if facts.contribution_max is None:
        return
    values: dict[tuple[str, str], float] = defaultdict(float)
    for order in orders:
        values[order.nation, order.programme] += order.value
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        data = facts.expansions.get(row.item)
        if data is None or row.nation == data.host:
            continue
        name = data.line_or_component
        if name not in facts.lines or facts.lines[name].nation != row.nation:
            paid[name, row.nation] += row.amount
    made = {name: sorted(facts.customers_of(name)[0]) for name, _ in paid}
    for (name, nation), amount in sorted(paid.items()):
        value = sum(values[nation, programme] for programme in made[name])
        what = f"what {nation} pays for expansions of {name}"
        limit = facts.contribution_max * value
        ledger.at_most("industry.contribution_max", place(name, nation), what, limit, amount)


def key_shares(facts: Facts, line: str, year: int) -> dict[str, float]:
    """Return each sponsor's key share of a line's bill: by cost_share where any has one, else by GDP.

    Beyond the horizon the GDP is that of the last year; a key of nothing but zeros counts all alike.
    """
    sponsors = facts.sponsors(line)
    given = {nation: float(facts.nations[nation].cost_share) for nation in sponsors}
    if any(share >= 0 for share in given.values()):
        key = {nation: max(0.0, share) for nation, share in given.items()}
    else:
        key = {nation: facts.gdp.get((nation, min(year, facts.last)), 0.0) for nation in sponsors}
    total = sum(key.values())
    return {nation: part / total if total > 0 else 1.0 / len(key) for nation, part in key.items()}


def check_innovation(facts: Facts, bills: Bills, rows: list[Row], ledger: Ledger) -> None:
    """Check that the sponsors' contributions sum to each year's bill, and that none pays far above its key share."""
    paid = _sums(rows, facts.innovation)
    for key in sorted(bills.keys() | paid.keys()):
        bill, amounts = bills.get(key, 0.0), paid.get(key, {})
        shares = key_shares(facts, *key)
        _check_bill("innovation.bill", key, bill, amounts, set(shares), ledger)
        for nation, share in sorted(shares.items()):
            what = f"what {nation} pays, its key share being {share * bill:.10g},"
            limit, amount = facts.sponsor_max * share * bill, amounts.get(nation, 0.0)
            ledger.at_most("innovation.sponsor_share", place(key[0], nation, key[1]), what, limit, amount)
