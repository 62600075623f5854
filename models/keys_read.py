"""Reading: the tables of a case by key, as every rule looks them up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, wraps
from typing import Any, TypeVar

from data.dataset import split_names
from data.dictionary import NOT_GIVEN
from data.levers import Case, Options
from data.rows import each, nested

PILLARS = ("core", "resilience")
SETTLED = 3000  # stands among the years of gaps for the settled state: when all that is ordered has arrived
Result = TypeVar("Result")
NOTHING = nullcontext()
UNKNOWN: Any = object()
KEPT = "_kept_"  # before a method's name: the figures that it has worked out


def kept(method: Callable[..., Result]) -> Callable[..., Result]:
    """Work a figure of a case out once for each key; what is given back is shared and must not be changed."""
    name = method.__name__
    place = KEPT + name

    @wraps(method)
    def look_up(self: Any, *key: Any) -> Result:
        known: dict[Any, Result] | None = self.__dict__.get(place)
        if known is None:
            known = self.__dict__.setdefault(place, {})
        found: Result = known.get(key, UNKNOWN)
        if found is UNKNOWN:
            with self.working_out(name):
                found = known[key] = method(self, *key)
        return found

    look_up.__dict__["kept"] = True
    return look_up


def records(case: Case, table: str, *keys: str) -> dict[Any, Any]:
    """Rows of a table as named tuples by key (a tuple of keys where there are several)."""
    rows = each(case.dataset.tables[table])
    if len(keys) == 1:
        return {getattr(row, keys[0]): row for row in rows}
    return {tuple(getattr(row, key) for key in keys): row for row in rows}


def groups(pairs: list[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    """First of each pair -> the seconds that go with it; both sorted."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: sorted(values) for key, values in sorted(found.items())}


class Readings:
    """The tables of a case by key, and the group of nations that a name stands for.

    Units: money in millions at constant prices, quantities in units of the programme, effects in area units.
    """

    def __init__(self, case: Case) -> None:
        """Index the tables of ``case`` (levers applied)."""
        self.case = case
        self.options: Options = case.options
        settings = case.dataset.settings
        self.settings = settings
        self.first, self.last = settings.first_year, settings.last_year
        self.years = list(range(self.first, self.last + 1))
        self.beyond_years = list(settings.beyond_years)
        self.all_years = self.years + self.beyond_years
        self.end = self.all_years[-1]
        self.gap_years = self.years + ([SETTLED] if self.beyond_years else [])
        self._read_nations(case)
        self._read_programmes(case)
        self._read_frames(case)
        self._read_industry(case)
        self._read_capability(case)
        self._read_innovation(case)

    def noting(self, names: set[str]) -> AbstractContextManager[None]:
        """Note nothing (see models.noted)."""
        return NOTHING

    def working_out(self, figure: str) -> AbstractContextManager[None]:
        """Note nothing (see models.noted)."""
        return NOTHING

    # ---- reading -------------------------------------------------------------------------------------------------

    def _read_nations(self, case: Case) -> None:
        self.nation = records(case, "nations", "nation")
        self.nations = sorted(self.nation)
        self.gdp = {key: row.gdp for key, row in records(case, "economy", "nation", "year").items()}
        self.budget = records(case, "budget_path", "nation", "year", "pillar")
        self.planned: dict[tuple[str, int, str], float] = {}
        self.committed: dict[tuple[str, int, str], float] = {}
        self.available: dict[tuple[str, int, str], float] = {}
        for nation in self.nations:
            for year in self.years:
                for pillar in PILLARS:
                    key = (nation, year, pillar)
                    row = self.budget[key]
                    self.planned[key] = self.gdp[nation, year] * row.gdp_share
                    self.committed[key] = self.planned[key] * row.committed_share
                    self.available[key] = self.planned[key] - self.committed[key]
        self.obligations = [
            row
            for row in each(case.dataset.tables["obligations"])
            if row.nation in self.nation and self.first <= row.year <= self.end
        ]
        self.rules = list(each(case.dataset.tables["rules"]))
        self.prior = [row for row in each(case.dataset.tables["prior_plan"]) if self.first <= row.year <= self.last]

    def _read_programmes(self, case: Case) -> None:
        self.programme = records(case, "programmes", "programme")
        self.programmes = sorted(self.programme)
        self.customer = records(case, "customers", "nation", "programme")
        self.effect: dict[str, dict[str, float]] = nested(case.dataset.tables["effects"], "programme", "area", "effect")
        self.pipeline: dict[tuple[str, str, int], float] = defaultdict(float)
        self.built: dict[str, float] = defaultdict(float)
        for row in each(case.dataset.tables["pipeline"]):
            if row.units > 0:
                self.pipeline[row.nation, row.programme, row.year] += row.units
                self.built[row.programme] += row.built
        self.hosts = {name: split_names(row.needs_host) for name, row in self.programme.items() if row.needs_host}
        self.pins = list(each(case.dataset.tables["pins"]))
        self.legacy = {key for key, row in self.customer.items() if row.units_operated > 0}
        self.legacy |= {(nation, programme) for nation, programme, _ in self.pipeline}

    def _read_frames(self, case: Case) -> None:
        self.frame = records(case, "frames", "frame")
        self.frames = sorted(self.frame)
        rows = records(case, "frame_members", "frame", "nation")
        self.status = {key: row.status for key, row in rows.items() if key[1] in self.nation}
        self.told_before = {key: float(row.units_before) for key, row in rows.items() if row.units_before != NOT_GIVEN}
        self.tiers = groups(
            [(row.frame, (row.from_units, row.price_factor)) for row in each(case.dataset.tables["price_tiers"])]
        )
        self.facilities = {name: split_names(row.loan_facility) for name, row in self.frame.items()}
        self.loan_rows = records(case, "loans", "facility", "nation")

    def _read_industry(self, case: Case) -> None:
        tables = case.dataset.tables
        self.line = records(case, "lines", "line")
        self.component = records(case, "components", "component")
        self.capacity = {key: row.capacity for key, row in records(case, "line_capacity", "line", "year").items()}
        self.capacity |= {
            key: row.capacity for key, row in records(case, "component_capacity", "component", "year").items()
        }
        for place in [*self.line, *self.component]:
            for year in self.beyond_years:
                self.capacity[place, year] = self.settings.beyond.capacity * self.capacity[place, self.last]
        made, bill = tables["line_programmes"], tables["bill_of_materials"]
        # line -> programme -> capacity units per unit; component -> programme -> quantity; programme -> component -> it
        self.use: dict[str, dict[str, float]] = nested(made, "line", "programme", "capacity_use")
        self.needs: dict[str, dict[str, float]] = nested(bill, "component", "programme", "quantity")
        self.bill: dict[str, dict[str, float]] = nested(bill, "programme", "component", "quantity")
        self.lines_of: dict[str, list[str]] = defaultdict(list)
        for row in each(made):
            self.lines_of[row.programme].append(row.line)
        self.expansion = records(case, "expansions", "expansion")
        self.expansions = sorted(self.expansion)

    def _read_capability(self, case: Case) -> None:
        self.area = records(case, "areas", "area")
        self.areas = sorted(self.area)
        self.target = records(case, "targets", "nation", "area", "year")
        self.collective = sorted({area for nation, area, _ in self.target if nation == "ALL"})
        if self.beyond_years:
            lasting = {key: row for key, row in self.target.items() if key[2] == self.last}
            self.target |= {(nation, area, SETTLED): row for (nation, area, _), row in lasting.items()}
        self.summed_target: dict[tuple[str, int], float] = defaultdict(float)
        for (_, area, year), row in sorted(self.target.items()):
            self.summed_target[area, year] += row.target
        self.enablers: dict[str, list[tuple[str, float]]] = groups(
            [(row.area, (row.enabler, row.ratio)) for row in each(case.dataset.tables["requires"])]
        )
        self.incompatible = list(each(case.dataset.tables["incompatible"]))

    def _read_innovation(self, case: Case) -> None:
        self.innovation = records(case, "innovation", "innovation")
        self.innovations = sorted(self.innovation)
        closes = case.dataset.tables["innovation_effects"]
        self.closes: dict[str, dict[str, float]] = nested(closes, "innovation", "area", "closes")
        self.sponsors = {
            line: self.nations
            if row.sponsor == "ALL"
            else [nation for nation in split_names(row.sponsor) if nation in self.nation]
            for line, row in self.innovation.items()
        }

    def rules_named(self, name: str) -> list[Any]:
        """Rows of the table `rules` with one rule's name."""
        return [row for row in self.rules if row.rule == name]

    @cached_property
    def carries(self) -> bool:
        """Whether money may be carried into the next year."""
        return bool(self.options.carry_over > 0)

    @cached_property
    def shifts(self) -> bool:
        """Whether a pillar may give to the other."""
        return bool(self.options.pillar_shift > 0)

    @cached_property
    def counts_change(self) -> bool:
        """Whether change against the prior plan is priced or limited."""
        return bool(self.options.persistence > 0 or self.rules_named("change_max"))

    def group(self, scope: str) -> list[str]:
        """Nations of a group: ALL, EU, a region's name, or a nation."""
        if scope == "ALL":
            return self.nations
        if scope == "EU":
            return [nation for nation in self.nations if self.nation[nation].eu]
        return [nation for nation in self.nations if scope in (nation, self.nation[nation].region)]
