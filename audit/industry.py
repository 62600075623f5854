"""Work in progress, capacity, ramps, components and expansions (section 5 of the model)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from audit.buying import Bought
from audit.facts import Facts
from audit.ledger import Ledger, place
from audit.reading import Row, compare


@dataclass(frozen=True)
class Industry:
    """What lines make, what lines and components use, and what open expansions add; keys by id and year.

    `added` and `opening` beyond the horizon are times the part of capacity that is left for orders of today.
    """

    made: dict[tuple[str, str, int], float]
    in_all: dict[tuple[str, str], float]
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
    for year in range(start + row.build_years, facts.end + 1):
        bill[year] += row.annual_cost
    return {year: amount for year, amount in bill.items() if year in facts.all_years}


def industry(facts: Facts, result: Bought, production: list[Row], expansions: list[Row]) -> Industry:
    """Return use and additions of capacity from the tables production and expansions."""
    made: dict[tuple[str, str, int], float] = defaultdict(float)
    used: dict[tuple[str, int], float] = defaultdict(float)
    in_all: dict[tuple[str, str], float] = defaultdict(float)
    for row in production:
        use = facts.capacity_use.get((row.line, row.programme))
        if use is not None:
            made[row.line, row.programme, row.year] += row.units
            in_all[row.line, row.programme] += row.units
            used[row.line, row.year] += use * row.units
            for component, quantity in facts.bill.get(row.programme, ()):
                used[component, row.year] += quantity * row.units
    on_lines = {programme for _, programme in facts.capacity_use}
    for (programme, year), units in result.arrived.items():
        for component, quantity in facts.bill.get(programme, ()) if programme not in on_lines else ():
            used[component, year] += quantity * units
    started = {row.expansion: row.start_year for row in reversed(expansions) if row.expansion in facts.expansions}
    added: dict[tuple[str, int], float] = defaultdict(float)
    opening: dict[tuple[str, int], float] = defaultdict(float)
    bills = {}
    for expansion, start in sorted(started.items()):
        data = facts.expansions[expansion]
        opens = start + data.build_years
        opening[data.line_or_component, opens] += data.added_capacity
        for year in range(opens, facts.end + 1):
            part = 1.0 if year <= facts.last else facts.beyond.capacity
            added[data.line_or_component, year] += part * data.added_capacity
        bills.update({(expansion, year): amount for year, amount in _bill(facts, expansion, start).items()})
    return Industry(dict(made), dict(in_all), dict(used), dict(added), dict(opening), started, bills)


def check_production(facts: Facts, result: Bought, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Check that what is delivered is made by then, and that nothing is made before it is ordered."""
    for row in rows:
        where = place(row.line, row.programme, row.year)
        known = (row.line, row.programme) in facts.capacity_use and row.year in facts.all_years
        ledger.holds("table.production", where, known, f"{row.line} does not make {row.programme} in {row.year}.")
        ledger.at_least("table.production", where, "units made", 0.0, row.units)
    on_lines: dict[str, list[str]] = defaultdict(list)
    for line, programme in facts.capacity_use:
        on_lines[programme].append(line)
    ordered: dict[tuple[str, int], float] = defaultdict(float)
    for order in result.orders:
        ordered[order.programme, order.year] += order.units
    bound: dict[str, float] = defaultdict(float)
    for (_, programme, _), units in facts.pipeline.items():
        bound[programme] += units
    for programme, lines in sorted(on_lines.items()):
        made, on_order, delivered = facts.built.get(programme, 0.0), bound[programme], 0.0
        for year in facts.all_years:
            made += sum(state.made.get((line, programme, year), 0.0) for line in lines)
            on_order += ordered[programme, year]
            delivered += result.arrived.get((programme, year), 0.0)
            where = place(programme, year)
            ledger.at_least("industry.work_in_progress", where, "what is made up to then", delivered, made)
            ledger.at_most("industry.made_of_orders", where, "what is made up to then", on_order, made)


def check_capacity(facts: Facts, state: Industry, ledger: Ledger) -> None:
    """Check use against capacity, and the growth of output of lines against their ramp."""
    for name in [*facts.lines, *facts.components]:
        rule = "industry.line_capacity" if name in facts.lines else "industry.component_capacity"
        for year in facts.all_years:
            base, added = facts.capacity_of(name, year), state.added.get((name, year), 0.0)
            used = state.used.get((name, year), 0.0)
            ledger.at_most(rule, place(name, year), "use", base + added, used)
    for line, row in facts.lines.items():
        before = row.current_output
        for year in facts.all_years:
            output = state.used.get((line, year), 0.0)
            limit = before + row.ramp + state.opening.get((line, year), 0.0)
            ledger.at_most("industry.ramp", place(line, year), "output", limit, output, terms=(before,))
            before = output


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
        ledger.equal("table.expansions", where, "cost", data.cost, row.cost, group="cost of expansions")
        ledger.equal("table.expansions", where, "running_cost", running, row.running_cost, group="cost of expansions")
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
            need = data.guaranteed_load * (facts.capacity_of(name, year) + data.added_capacity)
            used = state.used.get((name, year), 0.0)
            where = place(expansion, name, year)
            ledger.at_least("industry.guaranteed_load", where, "use", need, used)


def check_capacity_table(facts: Facts, state: Industry, rows: list[Row], ledger: Ledger) -> None:
    """Compare the capacity table."""
    expected = {}
    for name in [*facts.lines, *facts.components]:
        for year in facts.all_years:
            base, added = facts.capacity_of(name, year), state.added.get((name, year), 0.0)
            used = state.used.get((name, year), 0.0)
            share = used / (base + added) if base + added > 0 else 0.0
            expected[name, year] = (base, added, used, share)
    columns = ("capacity", "added", "used", "utilisation")
    compare(ledger, "capacity", expected, rows, columns, zero_rows=True, unit="line_or_component")
