"""Innovation lines: pilots, scaling, fast mode, their costs and what they complete (section 7 of the model)."""

from __future__ import annotations

from collections import defaultdict

from audit.facts import Facts
from audit.ledger import Ledger, place
from audit.reading import Row


def completions(facts: Facts, rows: list[Row]) -> dict[str, int]:
    """Return the completion year of every complete line, recomputed from the starts; earlier rounds included.

    Args:
        facts: the case.
        rows: the plan's innovation table; empty for "nothing decided".
    """
    complete = {line: row.complete_year for line, row in facts.innovation.items() if row.complete_year}
    for row in rows:
        data = facts.innovation.get(row.innovation)
        if data is None or row.innovation in complete:
            continue
        if row.mode == "fast" and data.fast_years >= 0:
            complete[row.innovation] = row.pilot_year + data.fast_years
        elif row.mode == "normal" and row.scale_year:
            complete[row.innovation] = row.scale_year + data.scale_years
    return complete


def _parts(first: int, years: int, cost: float) -> list[tuple[int, float]]:
    parts = max(1, years)
    return [(year, cost / parts) for year in range(first, first + parts)]


def costs(facts: Facts, rows: list[Row]) -> dict[tuple[str, int], float]:
    """Return the bill of each started line by year, in millions; what falls due after all years is never billed."""
    paid: dict[tuple[str, int], float] = defaultdict(float)
    for row in rows:
        data = facts.innovation.get(row.innovation)
        if data is None:
            continue
        if row.mode == "fast":
            parts = _parts(row.pilot_year, data.fast_years, (data.pilot_cost + data.scale_cost) * data.fast_cost_factor)
        else:
            parts = _parts(row.pilot_year, data.pilot_years, data.pilot_cost)
            if row.scale_year:
                parts += _parts(row.scale_year, data.scale_years, data.scale_cost)
        for year, amount in parts:
            if year in facts.all_years:
                paid[row.innovation, year] += amount
    return dict(paid)


def check(facts: Facts, rows: list[Row], ledger: Ledger) -> None:
    """Check every started line: mode, window, order of pilot and scaling, completion, cost."""
    paid = costs(facts, rows)
    for row in rows:
        where = row.innovation
        data = facts.innovation.get(row.innovation)
        if not ledger.holds("table.innovation", where, data is not None, f"{where} is no line.") or data is None:
            continue
        known = row.mode in ("normal", "fast", "pilot_only")
        ledger.holds("table.innovation", where, known, f"The mode {row.mode} is not known.")
        message = f"It was completed in {data.complete_year} by an earlier round and can't be started again."
        ledger.holds("innovation.window", where, not data.complete_year, message)
        ledger.holds("innovation.window", where, bool(facts.sponsors(where)), "It has no sponsor left.")
        first = max(facts.first, data.first_year)
        message = f"It starts in {row.pilot_year}; the years are {first}-{facts.last}."
        ledger.holds("innovation.window", where, first <= row.pilot_year <= facts.last, message)
        _check_mode(facts, row, data, ledger)
        total = sum(amount for (line, year), amount in paid.items() if line == where and year <= facts.last)
        ledger.equal("table.innovation", where, "cost", total, row.cost, group="cost of innovation")


def _check_mode(facts: Facts, row: Row, data: Row, ledger: Ledger) -> None:
    """Check scale year and completion year against the mode."""
    where = place(row.innovation, row.mode)
    if row.mode == "fast":
        ledger.holds("innovation.window", where, data.fast_years >= 0, "The line has no fast mode.")
        ledger.holds("innovation.one_mode", where, row.scale_year == 0, "A fast line has no scaling of its own.")
        complete = row.pilot_year + data.fast_years
    elif row.mode == "normal":
        ready = row.pilot_year + data.pilot_years
        earliest = f"so that it can in {ready} at the earliest" if row.pilot_year else "which there is none of"
        message = f"Scaling starts in {row.scale_year}; it needs a pilot that is over, {earliest}."
        piloted = row.pilot_year > 0 and row.scale_year >= ready
        ledger.holds("innovation.scale_after_pilot", where, piloted, message)
        complete = row.scale_year + data.scale_years
    else:
        ledger.holds("innovation.one_mode", where, row.scale_year == 0, "A pilot alone has no scaling.")
        ledger.equal("table.innovation", where, "complete_year", 0, row.complete_year)
        return
    message = f"It would be complete in {complete}, after {facts.last}."
    ledger.holds("innovation.window", where, complete <= facts.last, message)
    ledger.equal("table.innovation", where, "complete_year", complete, row.complete_year)
