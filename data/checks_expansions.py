"""Warnings about expansions: money that those who pay can never have, and guarantees that nobody's orders can fill."""

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data.checks_money import money
from data.checks_reach import SLACK, Reach
from data.findings import Finding, warning
from data.lever_table import LeverError, lever_number, read_lever
from data.rows import each, tuples
from data.settings import Settings


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
        years = range(start, self.reach.span[-1] + 1)
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
        carry, shift = (_lever(settings, name) for name in ("carry_over", "pillar_shift"))
        return {
            (nation, year): amount
            + carry * max(0.0, free.get((nation, year - 1, pillar), 0.0))
            + shift * max(0.0, free.get((nation, year, "core"), 0.0))
            for (nation, year, pillar), amount in free.items()
            if pillar == "resilience"
        }

    @functools.cached_property
    def _uses(self) -> Mapping[str, Mapping[str, float]]:
        tables = self.reach.tables
        lines = tuples(tables["line_programmes"], ["line", "programme", "capacity_use"])
        parts = tuples(tables["bill_of_materials"], ["component", "programme", "quantity"])
        found: dict[str, dict[str, float]] = {}
        for where, programme, use in [*lines, *parts]:
            found.setdefault(where, {})[programme] = use
        return found

    def uses(self, place: str) -> Mapping[str, float]:
        """Programme -> what a unit takes of a line or component."""
        return self._uses.get(place, {})

    @functools.cached_property
    def _homes(self) -> Mapping[str, str]:
        return dict(tuples(self.reach.tables["lines"], ["line", "nation"]))

    def owners(self, row: Any) -> set[str]:
        """The host and the line's nation, who may pay any part of it."""
        return {row.host, self._homes.get(row.line_or_component, row.host)}

    def payers(self, row: Any) -> set[str]:
        """The owners, and customers of what is made there or made with it."""
        using = self.uses(row.line_or_component)
        return {nation for nation, programme in self.reach.customers if programme in using} | self.owners(row)

    def together(self, row: Any) -> Mapping[int, float]:
        """Year of the horizon -> the most resilience money that all who pay can have together."""
        payers, purse = sorted(self.payers(row)), self.purse
        return {year: sum(max(0.0, purse.get((nation, year), 0.0)) for nation in payers) for year in self.reach.years}

    def most_of_customers(self, row: Any) -> float:
        """The most that customers can pay over all years: a share of the value of their own orders there."""
        share, using = self.reach.settings.contribution_max, self.uses(row.line_or_component)
        owners, total = self.owners(row), 0.0
        for (nation, programme), units in self.reach.customers.items():
            if programme in using and nation not in owners and units > 0:
                total += units * self.dearest.get(programme, 0.0)
        return math.inf if share is None else share * total if total > 0 else 0.0

    @functools.cached_property
    def dearest(self) -> Mapping[str, float]:
        """The highest price of a unit of each programme in its order years; programmes without one are absent."""
        settings = self.reach.settings
        found = {}
        for row in each(self.reach.tables["programmes"]):
            years = range(
                max(row.first_order_year, settings.first_year), min(row.last_order_year, settings.last_year) + 1
            )
            growth = [
                (1 + row.cost_growth) ** (year - settings.price_base_year) for year in years if row.cost_growth > -1
            ]
            if growth:
                found[row.programme] = row.unit_cost * max(growth)
        return found

    def wanted(self, row: Any) -> Mapping[int, float]:
        """Year -> all the capacity that orders and pipeline could ever have used by then.

        Lines work from the year of the order on; a programme on no line uses its components when it is delivered.
        """
        reach = self.reach
        total = dict.fromkeys(reach.span, 0.0)
        for programme, use in self.uses(row.line_or_component).items():
            known = reach.makeable if programme in reach.lines_of else reach.everybody
            for year, units in zip(reach.span, known.get(programme, reach.nothing), strict=True):
                total[year] += use * float(units)
        return total

    @functools.cached_property
    def capacity(self) -> Mapping[tuple[str, int], float]:
        """(line or component, year) -> its own capacity, expansions aside."""
        tables = self.reach.tables
        lines = tuples(tables["line_capacity"], ["line", "year", "capacity"])
        parts = tuples(tables["component_capacity"], ["component", "year", "capacity"])
        return {(item, year): capacity for item, year, capacity in [*lines, *parts]}


ABROAD = ("licence", "new_site")


def _lever(settings: Settings, name: str) -> float:
    """The data set's own value of a lever; its default where that can't be read (which is an error of its own)."""
    try:
        return lever_number({name: read_lever(name, settings.levers.get(name))}, name)
    except LeverError:
        return lever_number({}, name)


def findings(reach: Reach) -> list[Finding]:
    """Every warning about expansions."""
    known = Expansions(reach)
    rows = [row for row in each(reach.tables["expansions"]) if known.starts(row)]
    traps = (_unpaid, _unused, _elsewhere, _slow)
    return [finding for row in rows for trap in traps for finding in trap(known, row)]


def _unpaid(known: Expansions, row: Any) -> Iterable[Finding]:
    """In every start some year's bill is above what the host can give of its share, or all who pay together."""
    worst: list[tuple[float, str]] = []
    together = known.together(row)
    for start in known.starts(row):
        short = []
        bills = known.bill(row, start)
        for year, bill in bills.items():
            if year > known.reach.settings.last_year:
                break
            least, have = row.host_share_min * bill, known.purse.get((row.host, year), 0.0)
            if row.host and least > max(0.0, have) * (1 + SLACK) + SLACK:
                short.append((least / max(have, SLACK), _told(f"its host {row.host} must pay", least, year, have)))
            everybody = together[year]
            if bill > everybody * (1 + SLACK) + SLACK:
                short.append((bill / max(everybody, SLACK), _told("those who pay owe", bill, year, everybody)))
        if not short:
            owners = known.owners(row)
            owned = sum(max(0.0, have) for (nation, _), have in known.purse.items() if nation in owners)
            most, owed = (
                owned + known.most_of_customers(row),
                sum(bills[year] for year in bills if year in known.reach.years),
            )
            if owed > most * (1 + SLACK) + SLACK:
                short.append((owed / max(most, SLACK), _limited(owed, most)))
        if not short:
            return
        worst.append(max(short))
    column = "host_share_min" if "its host" in min(worst)[1] else "cost"
    message = f"{row.expansion} can never be paid as the data stand: {min(worst)[1]}"
    remedy = "lower cost or host_share_min, stretch build_years, or give resilience money (pillar_shift lends some)"
    yield warning("expansions", message, remedy, int(row.Index), column, f"{getattr(row, column):g}")


def _limited(owed: float, most: float) -> str:
    return (
        f"it costs {owed:.6g} million to the end of the horizon, and host, line's nation and customers "
        f"(contribution_max of their orders) can give {most:.6g}"
    )


def _told(who: str, amount: float, year: int, have: float) -> str:
    return f"{who} {amount:.6g} million in {year} and can have {max(0.0, have):.6g} of resilience money"


def _elsewhere(known: Expansions, row: Any) -> Iterable[Finding]:
    """A licence or a new site in another country than its line: work share and maps are wrong then."""
    lines = known.reach.tables["lines"]
    homes = lines.loc[lines["line"] == row.line_or_component, "nation"]
    if row.kind not in ABROAD or not row.host or homes.empty or row.host == homes.iloc[0]:
        return
    message = (
        f"{row.expansion} ({row.kind}) is hosted by {row.host}, its line {row.line_or_component} is of {homes.iloc[0]}"
    )
    remedy = f"what is made in {row.host} is a line of its own there, with capacity 0 before it opens"
    yield warning("expansions", message, remedy, int(row.Index), "host", row.host)


def _slow(known: Expansions, row: Any) -> Iterable[Finding]:
    """A licence or a new site whose line ramps below what it adds: filled late, it fills slowly."""
    lines = known.reach.tables["lines"]
    ramps = lines.loc[lines["line"] == row.line_or_component, "ramp"]
    if row.kind in ABROAD and len(ramps) and ramps.iloc[0] < row.added_capacity * (1 - SLACK):
        line, ramp = row.line_or_component, ramps.iloc[0]
        message = f"{row.expansion} adds {row.added_capacity:g} to {line}, which ramps by {ramp:g} a year"
        remedy = "raise the line's ramp, unless it is meant: what is not used in the year of opening comes that slowly"
        yield warning("expansions", message, remedy, int(row.Index), "added_capacity", f"{row.added_capacity:g}")


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
