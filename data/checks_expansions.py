"""Warnings about expansions: money that those who pay can never have, and guarantees that nobody's orders can fill."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data.checks_money import money
from data.checks_reach import SLACK, Reach
from data.findings import Finding, warning
from data.rows import each, tuples


@dataclass(frozen=True)
class Expansions:
    """What the warnings share: where each expansion could start, who could pay it, who could use it."""

    reach: Reach

    def starts(self, row: Any) -> list[int]:
        """Years in which the expansion could start and still open within the horizon."""
        first = max(row.first_year, self.reach.settings.first_year)
        return list(range(first, min(row.last_year, self.reach.settings.last_year - row.build_years) + 1))

    def bill(self, row: Any, start: int) -> Mapping[int, float]:
        """What the expansion costs in each year if it starts in one."""
        opens, parts = start + row.build_years, max(1, row.build_years)
        years = range(start, self.reach.settings.last_year + 1)
        build = {year: row.cost / parts if year < start + parts else 0.0 for year in years}
        return {year: cost + (row.annual_cost if year >= opens else 0.0) for year, cost in build.items()}

    @functools.cached_property
    def purse(self) -> Mapping[tuple[str, int], float]:
        """(nation, year) -> the most resilience money there can be: free, carried in, shifted in, less obligations."""
        tables, settings = self.reach.tables, self.reach.settings
        rows = tuples(money(tables, settings), ["nation", "year", "pillar", "free"])
        free = {(nation, year, pillar): amount for nation, year, pillar, amount in rows}
        for nation, year, pillar, amount in tuples(tables["obligations"], ["nation", "year", "pillar", "amount"]):
            if pillar == "resilience" and (nation, year, pillar) in free:
                free[nation, year, pillar] -= amount
        carry, shift = (float(settings.levers.get(name) or least) for name, least in _MONEY_LEVERS)
        return {
            (nation, year): amount
            + carry * max(0.0, free.get((nation, year - 1, pillar), 0.0))
            + shift * max(0.0, free.get((nation, year, "core"), 0.0))
            for (nation, year, pillar), amount in free.items()
            if pillar == "resilience"
        }

    def uses(self, place: str) -> Mapping[str, float]:
        """Programme -> what a unit takes of a line or component."""
        tables = self.reach.tables
        lines = tuples(tables["line_programmes"], ["line", "programme", "capacity_use"])
        parts = tuples(tables["bill_of_materials"], ["component", "programme", "quantity"])
        return {programme: use for where, programme, use in [*lines, *parts] if where == place}

    def payers(self, row: Any) -> set[str]:
        """The host, the line's nation, and customers of what is made there or made with it."""
        lines = self.reach.tables["lines"]
        using = self.uses(row.line_or_component)
        found = {nation for nation, programme in self.reach.customers if programme in using}
        found |= set(lines.loc[lines["line"] == row.line_or_component, "nation"])
        return found | {row.host}

    def wanted(self, row: Any) -> Mapping[int, float]:
        """Year -> all the capacity that orders and pipeline could ever have used by then."""
        total = dict.fromkeys(self.reach.years, 0.0)
        for programme, use in self.uses(row.line_or_component).items():
            for year, units in zip(self.reach.years, self.reach.everybody.get(programme, []), strict=False):
                total[year] += use * float(units)
        return total

    @functools.cached_property
    def capacity(self) -> Mapping[tuple[str, int], float]:
        """(line or component, year) -> its own capacity, expansions aside."""
        tables = self.reach.tables
        lines = tuples(tables["line_capacity"], ["line", "year", "capacity"])
        parts = tuples(tables["component_capacity"], ["component", "year", "capacity"])
        return {(item, year): capacity for item, year, capacity in [*lines, *parts]}


_MONEY_LEVERS = (("carry_over", 0.05), ("pillar_shift", 0.0))


def findings(reach: Reach) -> list[Finding]:
    """Every warning about expansions."""
    known = Expansions(reach)
    rows = [row for row in each(reach.tables["expansions"]) if known.starts(row)]
    return [finding for row in rows for trap in (_unpaid, _unused) for finding in trap(known, row)]


def _unpaid(known: Expansions, row: Any) -> Iterable[Finding]:
    """In every start some year's bill is above what the host can give of its share, or all who pay together."""
    worst: list[tuple[float, str]] = []
    payers = known.payers(row)
    for start in known.starts(row):
        short = []
        for year, bill in known.bill(row, start).items():
            least, have = row.host_share_min * bill, known.purse.get((row.host, year), 0.0)
            if row.host and least > have * (1 + SLACK) + SLACK:
                short.append((least / max(have, SLACK), _told(f"its host {row.host} must pay", least, year, have)))
            everybody = sum(max(0.0, known.purse.get((nation, year), 0.0)) for nation in payers)
            if bill > everybody * (1 + SLACK) + SLACK:
                short.append((bill / max(everybody, SLACK), _told("those who pay owe", bill, year, everybody)))
        if not short:
            return
        worst.append(max(short))
    column = "host_share_min" if "its host" in min(worst)[1] else "cost"
    message = f"{row.expansion} can never be paid as the data stand: {min(worst)[1]}"
    remedy = "lower cost or host_share_min, stretch build_years, or give resilience money (pillar_shift lends some)"
    yield warning("expansions", message, remedy, int(row.Index), column, f"{getattr(row, column):g}")


def _told(who: str, amount: float, year: int, have: float) -> str:
    return f"{who} {amount:.6g} million in {year} and can have {max(0.0, have):.6g} of resilience money"


def _unused(known: Expansions, row: Any) -> Iterable[Finding]:
    """In every start the guarantee asks for more than nations could ever order by then."""
    if row.guaranteed_load <= 0 or row.guarantee_years <= 0:
        return
    place, last = row.line_or_component, known.reach.settings.last_year
    wanted = known.wanted(row)
    least: list[tuple[float, int, float]] = []
    for start in known.starts(row):
        opens = start + row.build_years
        asked, short = 0.0, None
        for year in range(opens, min(last, opens + row.guarantee_years - 1) + 1):
            asked += row.guaranteed_load * (known.capacity.get((place, year), 0.0) + row.added_capacity)
            if asked > wanted[year] * (1 + SLACK) + SLACK:
                short = (asked, year, wanted[year])
        if short is None:
            return
        least.append(short)
    asked, year, have = min(least)
    message = (
        f"{row.expansion} can never meet its guarantee: {place} owes an output of {asked:.6g} by {year}, "
        f"and orders can use {have:.6g} at most"
    )
    remedy = "lower guaranteed_load or guarantee_years, or give customers more max_units"
    yield warning("expansions", message, remedy, int(row.Index), "guaranteed_load", f"{row.guaranteed_load:g}")
