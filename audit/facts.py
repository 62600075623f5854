"""The data of a case, indexed once for the audit: nations, money, programmes, frames, lines, targets."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit.ledger import TOLERANCE
from audit.reading import Row
from data.dataset import parse_bands, split_names
from data.levers import Case

ALL = "ALL"
PILLARS = ("core", "resilience")
NATIONAL = "national"
Pair = tuple[str, str]
SMALLEST_ORDER = 1e-4
"""Orders of a divisible programme sum to at least this many units, or to 0."""


@dataclass(frozen=True)
class Money:
    """The budget of a nation, year and pillar, in millions a year; shares as fractions."""

    gdp: float
    planned: float
    committed: float
    available: float
    committed_equipment: float


@dataclass(frozen=True)
class Facts:
    """The data of a case as dictionaries; keys are the ids, in the order of the data's keys."""

    first: int
    last: int
    beyond: Any
    base_year: int
    sponsor_max: float
    contribution_max: float | None
    options: Any
    nations: dict[str, Row]
    gdp: dict[tuple[str, int], float]
    money: dict[tuple[str, int, str], Money]
    areas: dict[str, Row]
    bands: dict[str, tuple[tuple[float, float], ...]]
    urgency: dict[int, float]
    targets: dict[tuple[str, str, int], Row]
    target_sum: dict[tuple[str, int], float]
    collective: frozenset[str]
    programmes: dict[str, Row]
    effects: dict[str, list[tuple[str, float]]]
    customers: dict[Pair, Row]
    frames: dict[str, Row]
    status: dict[Pair, str]
    earlier_units: dict[Pair, float]
    tiers: dict[str, list[tuple[float, float]]]
    lines: dict[str, Row]
    components: dict[str, Row]
    capacity: dict[tuple[str, int], float]
    capacity_use: dict[Pair, float]
    bill: dict[str, list[tuple[str, float]]]
    expansions: dict[str, Row]
    innovation: dict[str, Row]
    closes: dict[str, list[tuple[str, float]]]
    requires: dict[str, list[tuple[str, float]]]
    incompatible: list[Row]
    loans: dict[Pair, Row]
    rules: list[Row]
    pins: list[Row]
    pipeline: dict[tuple[str, str, int], float]
    built: dict[str, float]
    obligations: list[Row]
    prior: list[Row]
    legacy: frozenset[Pair]

    @property
    def years(self) -> range:
        """Return the years of the horizon."""
        return range(self.first, self.last + 1)

    @property
    def end(self) -> int:
        """Return the last year in which deliveries and payments may fall."""
        return int(self.last + self.beyond.years)

    @property
    def beyond_years(self) -> range:
        """Return the years beyond the horizon."""
        return range(self.last + 1, self.end + 1)

    @property
    def all_years(self) -> range:
        """Return the years of the horizon and those beyond it."""
        return range(self.first, self.end + 1)

    def is_order(self, programme: str, units: float) -> bool:
        """Return True if so many units are an order and not the dust of a solver."""
        return units > TOLERANCE * (self.programmes[programme].lot or SMALLEST_ORDER)

    def capacity_of(self, name: str, year: int) -> float:
        """Return the capacity of a line or component before expansions; beyond the horizon a part of the last."""
        if year <= self.last:
            return self.capacity.get((name, year), 0.0)
        return float(self.beyond.capacity) * self.capacity.get((name, self.last), 0.0)

    def group(self, scope: str) -> list[str]:
        """Return the nations of a group: ALL, EU, a region, or a nation."""
        if scope == ALL:
            return list(self.nations)
        if scope in self.nations:
            return [scope]
        if scope == "EU":
            return [nation for nation, row in self.nations.items() if row.eu]
        return [nation for nation, row in self.nations.items() if row.region == scope]

    def price(self, programme: str, year: int) -> float:
        """Return the price of a unit ordered in the year, without any tier."""
        row = self.programmes[programme]
        return float(row.unit_cost * (1.0 + row.cost_growth) ** (year - self.base_year))

    def delivery_year(self, programme: str, channel: str, year: int) -> int:
        """Return the year in which an order of the year is delivered."""
        extra = 0 if channel == NATIONAL else self.frames[channel].extra_lead_years
        return int(year + self.programmes[programme].lead_years + extra)

    def can_order(self, programme: str, channel: str, year: int) -> bool:
        """Return True if the data allow orders of this year.

        It lies within both windows, delivery within the horizon or the years beyond it, and it is not before the
        innovation line that the programme requires could be complete.
        """
        row = self.programmes[programme]
        first, last = max(self.first, row.first_order_year), min(self.last, row.last_order_year)
        in_time = first <= year <= last and self.delivery_year(programme, channel, year) <= self.end
        return in_time and (not row.requires_innovation or year >= self.soonest_complete(row.requires_innovation))

    def soonest_complete(self, line: str) -> float:
        """Return the first year in which an innovation line could be complete; infinite if it never can."""
        row = self.innovation[line]
        if row.complete_year:
            return float(row.complete_year)
        if not self.sponsors(line):
            return math.inf
        begin = max(self.first, row.first_year)
        ends = [begin + row.pilot_years + row.scale_years]
        ends += [begin + row.fast_years] if row.fast_years >= 0 else []
        return float(min((end for end in ends if end <= self.last), default=math.inf))

    def sponsors(self, line: str) -> list[str]:
        """Return the sponsors of an innovation line that are in the case."""
        names = split_names(self.innovation[line].sponsor)
        return [nation for nation in self.nations if ALL in names or nation in names]

    def makers(self, programme: str) -> list[str]:
        """Return the lines that make a programme."""
        return [line for line, made in self.capacity_use if made == programme]

    def hosts(self, programme: str) -> tuple[str, ...]:
        """Return the programmes of which a nation must operate one before it orders this one."""
        return split_names(self.programmes[programme].needs_host)

    def customers_of(self, name: str) -> tuple[set[str], set[str]]:
        """Return the programmes that a line makes or that use a component, and the nations that may buy them."""
        if name in self.lines:
            programmes = {programme for line, programme in self.capacity_use if line == name}
        else:
            programmes = {programme for programme, bill in self.bill.items() if any(part == name for part, _ in bill)}
        return programmes, {nation for nation, programme in self.customers if programme in programmes}

    def facilities(self, frame: str) -> tuple[str, ...]:
        """Return the facilities that may pay orders of the frame."""
        return split_names(self.frames[frame].loan_facility)

    def loan_of(self, facility: str, nation: str) -> Row | None:
        """Return the row of a facility that speaks of the nation: its own, else that of a group it belongs to."""
        own = self.loans.get((facility, nation))
        if own is not None:
            return own
        return next(
            (row for key, row in self.loans.items() if key[0] == facility and nation in self.group(key[1])), None
        )


def _rows(case: Case, table: str) -> list[Row]:
    return list(case.dataset.tables[table].itertuples(index=False, name="Record"))


def _by(rows: Iterable[Row], *keys: str) -> dict[Any, Row]:
    """Index rows by one column, or by a tuple of several."""
    if len(keys) == 1:
        return {getattr(row, keys[0]): row for row in rows}
    return {tuple(getattr(row, key) for key in keys): row for row in rows}


def _lists(rows: Iterable[Row], key: str, other: str, value: str) -> dict[str, list[tuple[Any, float]]]:
    lists: dict[str, list[tuple[Any, float]]] = defaultdict(list)
    for row in rows:
        lists[getattr(row, key)].append((getattr(row, other), getattr(row, value)))
    return dict(lists)


def _money(case: Case, gdp: dict[tuple[str, int], float]) -> dict[tuple[str, int, str], Money]:
    money = {}
    for row in _rows(case, "budget_path"):
        product = gdp.get((row.nation, row.year), 0.0)
        planned = product * row.gdp_share
        committed = planned * row.committed_share
        equipment = committed * row.committed_equipment_share
        money[row.nation, row.year, row.pillar] = Money(product, planned, committed, planned - committed, equipment)
    return money


def _severity(case: Case, areas: dict[str, Row]) -> dict[str, tuple[tuple[float, float], ...]]:
    usual = tuple((band.above, band.slope) for band in case.dataset.settings.severity)
    own = {area: row.severity for area, row in areas.items()}
    return {
        area: tuple((band.above, band.slope) for band in parse_bands(text)) if text else usual
        for area, text in own.items()
    }


def _capacities(case: Case) -> dict[tuple[str, int], float]:
    capacity = {(row.line, row.year): row.capacity for row in _rows(case, "line_capacity")}
    return capacity | {(row.component, row.year): row.capacity for row in _rows(case, "component_capacity")}


def _earlier_units(case: Case) -> dict[Pair, float]:
    """Return what members of frames launched in earlier rounds ordered then; where not told, all their pipeline."""
    programme = {row.frame: row.programme for row in _rows(case, "frames") if row.launched}
    bound: dict[Pair, float] = defaultdict(float)
    for row in _rows(case, "pipeline"):
        bound[row.nation, row.programme] += row.units
    return {
        (row.frame, row.nation): float(
            row.units_before if row.units_before >= 0 else bound[row.nation, programme[row.frame]]
        )
        for row in _rows(case, "frame_members")
        if row.status == "member" and row.frame in programme
    }


def _built(case: Case) -> dict[str, float]:
    """Return the units of the pipeline that are made already, by programme."""
    built: dict[str, float] = defaultdict(float)
    for row in _rows(case, "pipeline"):
        built[row.programme] += row.built
    return dict(built)


def _tiers(case: Case) -> dict[str, list[tuple[float, float]]]:
    tiers = _lists(_rows(case, "price_tiers"), "frame", "from_units", "price_factor")
    return {frame: sorted(rows) for frame, rows in tiers.items()}


def _summed(targets: dict[tuple[str, str, int], Row]) -> dict[tuple[str, int], float]:
    """Return the targets of all nations together, by area and year."""
    summed: dict[tuple[str, int], float] = defaultdict(float)
    for (_, area, year), row in targets.items():
        summed[area, year] += row.target
    return dict(summed)


def _legacy(customers: dict[Pair, Row], pipeline: dict[tuple[str, str, int], float]) -> frozenset[Pair]:
    """Return the pairs in which a nation has, or is about to get, units that were ordered before the first year."""
    operated = {pair for pair, row in customers.items() if row.units_operated > 0}
    under_way = {(nation, programme) for (nation, programme, _), units in pipeline.items() if units > 0}
    return frozenset(operated | under_way)


def facts_of(case: Case) -> Facts:
    """Index the tables of a case.

    Args:
        case: the data set with its levers applied.

    Returns:
        The facts; rows are named tuples of the data tables' columns, money in millions.
    """
    settings = case.dataset.settings
    years = range(settings.first_year, settings.last_year + 1)
    gdp = {(row.nation, row.year): row.gdp for row in _rows(case, "economy")}
    areas = _by(_rows(case, "areas"), "area")
    targets = _by((row for row in _rows(case, "targets") if row.year in years), "nation", "area", "year")
    customers = _by(_rows(case, "customers"), "nation", "programme")
    pipeline = {(row.nation, row.programme, row.year): row.units for row in _rows(case, "pipeline")}
    return Facts(
        first=settings.first_year,
        last=settings.last_year,
        beyond=settings.beyond,
        base_year=settings.price_base_year,
        sponsor_max=settings.sponsor_max,
        contribution_max=settings.contribution_max,
        options=case.options,
        nations=_by(_rows(case, "nations"), "nation"),
        gdp=gdp,
        money=_money(case, gdp),
        areas=areas,
        bands=_severity(case, areas),
        urgency={year: float(settings.urgency.get(year, 1.0)) for year in years},
        targets=targets,
        target_sum=_summed(targets),
        collective=frozenset(area for (nation, area, _) in targets if nation == ALL),
        programmes=_by(_rows(case, "programmes"), "programme"),
        effects=_lists(_rows(case, "effects"), "programme", "area", "effect"),
        customers=customers,
        frames=_by(_rows(case, "frames"), "frame"),
        status={key: row.status for key, row in _by(_rows(case, "frame_members"), "frame", "nation").items()},
        earlier_units=_earlier_units(case),
        tiers=_tiers(case),
        lines=_by(_rows(case, "lines"), "line"),
        components=_by(_rows(case, "components"), "component"),
        capacity=_capacities(case),
        capacity_use={(row.line, row.programme): row.capacity_use for row in _rows(case, "line_programmes")},
        bill=_lists(_rows(case, "bill_of_materials"), "programme", "component", "quantity"),
        expansions=_by(_rows(case, "expansions"), "expansion"),
        innovation=_by(_rows(case, "innovation"), "innovation"),
        closes=_lists(_rows(case, "innovation_effects"), "innovation", "area", "closes"),
        requires=_lists(_rows(case, "requires"), "area", "enabler", "ratio"),
        incompatible=_rows(case, "incompatible"),
        loans=_by(_rows(case, "loans"), "facility", "nation"),
        rules=_rows(case, "rules"),
        pins=_rows(case, "pins"),
        pipeline=pipeline,
        built=_built(case),
        obligations=_rows(case, "obligations"),
        prior=_rows(case, "prior_plan"),
        legacy=_legacy(customers, pipeline),
    )
