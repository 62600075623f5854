"""Production, capacity, ramps, components, expansions and who pays them (section 5 of the model)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from optimizer.audit.buying import Bought
from optimizer.audit.facts import Facts
from optimizer.audit.ledger import TOLERANCE, Ledger, place
from optimizer.audit.reading import Row, compare


@dataclass(frozen=True)
class Industry:
    """What lines make, what lines and components use, and what open expansions add; keys by id and year."""

    made: dict[tuple[str, str, int], float]
    over_horizon: dict[tuple[str, str], float]
    used: dict[tuple[str, int], float]
    added: dict[tuple[str, int], float]
    opening: dict[tuple[str, int], float]
    started: dict[str, int]
    bills: dict[tuple[str, int], float]


def _bill(facts: Facts, expansion: str, start: int) -> dict[int, float]:
    """Return an expansion's cost by year: investment in equal parts from the start, running cost from opening."""
    row = facts.expansions[expansion]
    parts = max(1, row.build_years)
    bill: dict[int, float] = defaultdict(float)
    for year in range(start, start + parts):
        bill[year] += row.cost / parts
    for year in range(start + row.build_years, facts.last + 1):
        bill[year] += row.annual_cost
    return {year: amount for year, amount in bill.items() if year in facts.years}


def industry(facts: Facts, result: Bought, production: list[Row], expansions: list[Row]) -> Industry:
    """Return use and additions of capacity from the tables production and expansions."""
    made: dict[tuple[str, str, int], float] = defaultdict(float)
    used: dict[tuple[str, int], float] = defaultdict(float)
    over: dict[tuple[str, str], float] = defaultdict(float)
    for row in production:
        use = facts.capacity_use.get((row.line, row.programme))
        if use is not None:
            made[row.line, row.programme, row.year] += row.units
            over[row.line, row.programme] += row.units
            used[row.line, row.year] += use * row.units
    for (programme, year), units in result.made.items():
        for component, quantity in facts.bill.get(programme, ()):
            used[component, year] += quantity * units
    started = {row.expansion: row.start_year for row in reversed(expansions) if row.expansion in facts.expansions}
    added: dict[tuple[str, int], float] = defaultdict(float)
    opening: dict[tuple[str, int], float] = defaultdict(float)
    bills = {}
    for expansion, start in sorted(started.items()):
        data = facts.expansions[expansion]
        opens = start + data.build_years
        opening[data.line_or_component, opens] += data.added_capacity
        for year in range(opens, facts.last + 1):
            added[data.line_or_component, year] += data.added_capacity
        bills.update({(expansion, year): amount for year, amount in _bill(facts, expansion, start).items()})
    return Industry(dict(made), dict(over), dict(used), dict(added), dict(opening), started, bills)


def check_production(facts: Facts, result: Bought, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Check that what the lines of a programme make is what is delivered of it, pipeline included."""
    for row in rows:
        where = place(row.line, row.programme, row.year)
        known = (row.line, row.programme) in facts.capacity_use and row.year in facts.years
        ledger.holds("table.production", where, known, f"{row.line} does not make {row.programme} in {row.year}.")
        ledger.at_least("industry.production", where, "units made", 0.0, row.units)
    on_lines: dict[str, list[str]] = defaultdict(list)
    for line, programme in facts.capacity_use:
        on_lines[programme].append(line)
    for programme, lines in sorted(on_lines.items()):
        for year in facts.years:
            made = sum(state.made.get((line, programme, year), 0.0) for line in lines)
            delivered = result.made.get((programme, year), 0.0)
            where = place(programme, year)
            ledger.equal("industry.production", where, "what all lines make", delivered, made)


def check_capacity(facts: Facts, state: Industry, ledger: Ledger) -> None:
    """Check use against capacity, and the growth of output of lines against their ramp."""
    for name in [*facts.lines, *facts.components]:
        rule = "industry.line_capacity" if name in facts.lines else "industry.component_capacity"
        for year in facts.years:
            base, added = facts.capacity.get((name, year), 0.0), state.added.get((name, year), 0.0)
            used = state.used.get((name, year), 0.0)
            ledger.at_most(rule, place(name, year), "use", base + added, used)
    for line, row in facts.lines.items():
        before = row.current_output
        for year in facts.years:
            output = state.used.get((line, year), 0.0)
            limit = before + row.ramp + state.opening.get((line, year), 0.0)
            terms = (before,)
            ledger.at_most("industry.ramp", place(line, year), "output", limit, output, terms=terms)
            before = output


def _payers(facts: Facts, expansion: str) -> set[str]:
    """Return the nations that may pay an expansion: host, the line's nation, customers of what it makes."""
    row = facts.expansions[expansion]
    name = row.line_or_component
    if name in facts.lines:
        programmes = {programme for line, programme in facts.capacity_use if line == name}
        payers = {row.host, facts.lines[name].nation}
    else:
        programmes = {programme for programme, bill in facts.bill.items() if any(part == name for part, _ in bill)}
        payers = {row.host}
    payers |= {nation for nation, programme in facts.customers if programme in programmes}
    return payers & facts.nations.keys()


def check_expansions(facts: Facts, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Check starts, their table, and the guaranteed load."""
    for row in rows:
        data = facts.expansions.get(row.expansion)
        known = ledger.holds("table.expansions", row.expansion, data is not None, f"{row.expansion} is no expansion.")
        if not known or data is None:
            continue
        opens = row.start_year + data.build_years
        rule, where = "industry.expansion_window", place(row.expansion, row.start_year)
        ledger.holds(rule, where, bool(facts.options.expansions), "The lever expansions is off: none starts.")
        first, last = max(facts.first, data.first_year), min(facts.last, data.last_year)
        ledger.holds(rule, where, first <= row.start_year <= last, f"Its window is {first}-{last}.")
        ledger.holds(rule, where, opens <= facts.last, f"It would open in {opens}, after {facts.last}.")
        outside = bool(data.host) and data.host not in facts.nations and data.host_share_min > 0
        message = f"Its host {data.host} is outside the case and would have to pay {data.host_share_min:.0%}."
        ledger.holds("industry.host_share", where, not outside, message)
        running = data.annual_cost * max(0, facts.last - opens + 1)
        ledger.equal("table.expansions", where, "opens", opens, row.opens)
        ledger.equal("table.expansions", where, "cost", data.cost, row.cost)
        ledger.equal("table.expansions", where, "running_cost", running, row.running_cost)
        host = data.host or "-"
        ledger.holds("table.expansions", where, row.host == host, f"host is {row.host} but should be {host}.")
    for expansion, start in sorted(state.started.items()):
        _check_guarantee(facts, state, expansion, start, ledger)


def _check_guarantee(facts: Facts, state: Industry, expansion: str, start: int, ledger: Ledger) -> None:
    """Output (a component: use) in the guarantee years reaches the guaranteed load of capacity with the expansion."""
    data = facts.expansions[expansion]
    name, opens = data.line_or_component, start + data.build_years
    for year in range(opens, opens + data.guarantee_years):
        if year in facts.years:
            need = data.guaranteed_load * (facts.capacity.get((name, year), 0.0) + data.added_capacity)
            used = state.used.get((name, year), 0.0)
            where = place(expansion, name, year)
            ledger.at_least("industry.guaranteed_load", where, "use", need, used)


def check_contributions(facts: Facts, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Check that contributions sum to each year's bill, from those who may pay, the host paying its share."""
    paid: dict[tuple[str, int], float] = defaultdict(float)
    by_host: dict[tuple[str, int], float] = defaultdict(float)
    payers = {expansion: _payers(facts, expansion) for expansion in state.started}
    for row in rows:
        where = place(row.expansion, row.nation, row.year)
        started = row.expansion in state.started and row.year in facts.years
        rule = "industry.expansion_bill"
        if not ledger.holds(rule, where, started, f"{row.expansion} is not started, or has no bill in {row.year}."):
            continue
        allowed = row.nation in payers[row.expansion] or abs(row.amount) <= TOLERANCE
        message = f"{row.nation} is neither host nor the line's nation nor a customer."
        ledger.holds(rule, where, allowed, message)
        ledger.at_least(rule, where, "the contribution", 0.0, row.amount)
        paid[row.expansion, row.year] += row.amount
        if row.nation == facts.expansions[row.expansion].host:
            by_host[row.expansion, row.year] += row.amount
    for key in sorted(state.bills.keys() | paid.keys()):
        bill = state.bills.get(key, 0.0)
        where = place(*key)
        ledger.equal("industry.expansion_bill", where, "the sum of contributions", bill, paid[key])
        data = facts.expansions[key[0]]
        if data.host and data.host in facts.nations:
            share = data.host_share_min * bill
            ledger.at_least("industry.host_share", where, f"what {data.host} pays", share, by_host[key])


def check_capacity_table(facts: Facts, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Compare the capacity table."""
    expected = {}
    for name in [*facts.lines, *facts.components]:
        for year in facts.years:
            base, added = facts.capacity.get((name, year), 0.0), state.added.get((name, year), 0.0)
            used = state.used.get((name, year), 0.0)
            share = used / (base + added) if base + added > 0 else 0.0
            expected[name, year] = (base, added, used, share)
    columns = ("capacity", "added", "used", "utilisation")
    compare(ledger, "capacity", expected, rows, columns, zero_rows=True)
