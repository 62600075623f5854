"""What the enumerator knows of a case: the tables as plain dicts, and the decisions that can be taken.

Written from MODEL.md alone; of the project only the tables of a Case are read, nothing of the model.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.dataset import split_names

PILLARS = ("core", "resilience")
NATIONAL = "national"
# Stands in place of a year for the state in which all that was ordered has arrived.
SETTLED = 9999
# Beyond this many plans a set is no case for enumeration.
MOST_ORDERS = 60_000


@dataclass(frozen=True)
class Slot:
    """An order that could be placed: who, what, through which channel, when; and when it arrives."""

    nation: str
    programme: str
    channel: str
    year: int
    arrives: int


@dataclass(frozen=True)
class Course:
    """What is done with an innovation line: start years or None."""

    pilot: int | None = None
    scale: int | None = None
    fast: int | None = None


@dataclass(frozen=True)
class Rest:
    """Every decision but the orders: launch year and members without orders of each frame, expansions, innovation."""

    launches: dict[str, tuple[int, frozenset[str]] | None]
    starts: dict[str, int | None]
    courses: dict[str, Course]


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dicts."""
    columns = [frame[name].tolist() for name in frame.columns] if len(frame) else []
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


class World:
    """The tables of a case as dicts."""

    def __init__(self, case: Any) -> None:
        self.options = case.options
        settings = case.dataset.settings
        self.tables = {name: _rows(frame) for name, frame in case.dataset.tables.items()}
        self.years = list(settings.years)
        self.ahead = list(settings.beyond_years)
        self.all_years = self.years + self.ahead
        self.beyond = settings.beyond
        self.contribution_max = np.inf if settings.contribution_max is None else settings.contribution_max
        self.sponsor_max = settings.sponsor_max
        self.first, self.last = settings.first_year, settings.last_year
        self.end = self.last + settings.beyond.years
        self.base_year = settings.price_base_year
        self.urgency = {year: settings.urgency.get(year, 1.0) for year in self.years}
        self.bands = [(band.above, band.slope) for band in settings.severity]
        self.nations = {row["nation"]: row for row in self.tables["nations"]}
        self.areas = {row["area"]: row for row in self.tables["areas"]}
        self.programmes = {row["programme"]: row for row in self.tables["programmes"]}
        self.frames = {row["frame"]: row for row in self.tables["frames"]}
        self.expansions = {row["expansion"]: row for row in self.tables["expansions"]}
        self.innovation = {row["innovation"]: row for row in self.tables["innovation"]}
        self.lines = {row["line"]: row for row in self.tables["lines"]}
        self._money()
        self._buying()
        self._industry()

    def _money(self) -> None:
        self.gdp = {(row["nation"], row["year"]): row["gdp"] for row in self.tables["economy"]}
        self.planned, self.committed, self.available, self.equipment = {}, {}, {}, {}
        for row in self.tables["budget_path"]:
            key = (row["nation"], row["year"], row["pillar"])
            self.planned[key] = self.gdp[key[:2]] * row["gdp_share"]
            self.committed[key] = self.planned[key] * row["committed_share"]
            self.available[key] = self.planned[key] - self.committed[key]
            self.equipment[key] = self.committed[key] * row["committed_equipment_share"]
        for nation in self.nations:
            for year in self.ahead:
                self.gdp[nation, year] = self.gdp[nation, self.last]

    def _buying(self) -> None:
        self.targets = {(row["nation"], row["area"], row["year"]): row for row in self.tables["targets"]}
        self.collective = {row["area"] for row in self.tables["targets"] if row["nation"] == "ALL"}
        self.customers = {(row["nation"], row["programme"]): row for row in self.tables["customers"]}
        self.pipeline: dict[tuple[str, str, int], float] = {}
        self.built: dict[str, float] = dict.fromkeys(self.programmes, 0.0)
        for row in self.tables["pipeline"]:
            self.pipeline[row["nation"], row["programme"], row["year"]] = row["units"]
            self.built[row["programme"]] += row["built"]
        self.legacy = {pair for pair, row in self.customers.items() if row["units_operated"] > 0}
        self.legacy |= {(nation, programme) for nation, programme, _ in self.pipeline}
        self.effect = {(row["programme"], row["area"]): row["effect"] for row in self.tables["effects"]}
        self.hosts = {name: split_names(row["needs_host"]) for name, row in self.programmes.items()}
        self.facilities = {name: split_names(row["loan_facility"]) for name, row in self.frames.items()}
        self.status = {(row["frame"], row["nation"]): row["status"] for row in self.tables["frame_members"]}
        self.before = {(row["frame"], row["nation"]): row["units_before"] for row in self.tables["frame_members"]}
        self.tiers: dict[str, list[tuple[float, float]]] = {frame: [] for frame in self.frames}
        for row in self.tables["price_tiers"]:
            self.tiers[row["frame"]].append((row["from_units"], row["price_factor"]))

    def _industry(self) -> None:
        self.made_on: dict[str, dict[str, float]] = {}
        for row in self.tables["line_programmes"]:
            self.made_on.setdefault(row["programme"], {})[row["line"]] = row["capacity_use"]
        self.capacity = {(row["line"], row["year"]): row["capacity"] for row in self.tables["line_capacity"]}
        for row in self.tables["component_capacity"]:
            self.capacity[row["component"], row["year"]] = row["capacity"]
        self.quantity: dict[str, dict[str, float]] = {row["component"]: {} for row in self.tables["components"]}
        for row in self.tables["bill_of_materials"]:
            self.quantity[row["component"]][row["programme"]] = row["quantity"]

    def group(self, scope: str) -> list[str]:
        """The nations of a group: ALL, EU, a region or a nation."""
        return [
            name
            for name, row in self.nations.items()
            if scope in ("ALL", name, row["region"]) or (scope == "EU" and row["eu"])
        ]

    def severity(self, area: str) -> list[tuple[float, float]]:
        """Bands (above, slope) of an area."""
        text = self.areas[area]["severity"]
        if not text:
            return self.bands
        parts = (part.split(":") for part in text.split("|"))
        return [(float(above), float(slope)) for above, slope in parts]

    def lead(self, programme: str, channel: str) -> int:
        """Years from order to delivery."""
        extra = 0 if channel == NATIONAL else self.frames[channel]["extra_lead_years"]
        return int(self.programmes[programme]["lead_years"] + extra)

    def order_years(self, programme: str, channel: str = NATIONAL) -> list[int]:
        """Years in which an order is possible: in the programme's window, delivered within horizon or years beyond."""
        row = self.programmes[programme]
        lead = self.lead(programme, channel)
        return [
            year
            for year in self.years
            if row["first_order_year"] <= year <= row["last_order_year"] and year + lead <= self.end
        ]

    def able_years(self, frame: str) -> list[int]:
        """Years in which a frame can order; not before the innovation that its programme needs could be complete."""
        programme = self.frames[frame]["programme"]
        line = self.programmes[programme]["requires_innovation"]
        ends = [self.completed(line, course) for course in self.legal_courses(line)] if line else [self.first]
        earliest = min((end for end in ends if end is not None), default=self.last + 1)
        return [year for year in self.order_years(programme, frame) if year >= earliest]

    def legal_courses(self, line: str) -> list[Course]:
        """Courses in which scaling waits for the pilot."""
        wait = self.innovation[line]["pilot_years"]
        return [one for one in self.courses(line) if one.scale is None or one.scale >= (one.pilot or 0) + wait]

    def sponsors(self, line: str) -> list[str]:
        """The nations that pay an innovation line."""
        text = self.innovation[line]["sponsor"]
        names = split_names(text)
        return [name for name in self.nations if text == "ALL" or name in names]

    def key_shares(self, line: str, year: int) -> dict[str, float]:
        """Each sponsor's part of a bill by key: cost_share where any of them has one, else GDP; all 0: equal parts."""
        sponsors = self.sponsors(line)
        given = {name: self.nations[name]["cost_share"] for name in sponsors}
        if any(share >= 0 for share in given.values()):
            key = {name: max(0.0, share) for name, share in given.items()}
        else:
            key = {name: self.gdp[name, year] for name in sponsors}
        whole = sum(key.values())
        return {name: part / whole if whole else 1 / len(sponsors) for name, part in key.items()}

    def units_before(self, frame: str, nation: str) -> float:
        """What a member of a launched frame ordered through it in earlier rounds."""
        given = self.before[frame, nation]
        if given >= 0:
            return float(given)
        programme = self.frames[frame]["programme"]
        return sum(units for key, units in self.pipeline.items() if key[:2] == (nation, programme))

    def users(self, what: str) -> set[str]:
        """Programmes that a line makes, or that use a component."""
        return {name for name, lines in self.made_on.items() if what in lines} | set(self.quantity.get(what, ()))

    def members(self, frame: str) -> list[str]:
        """Nations that can be members: listed, not excluded, customers; of a launched frame its members."""
        wanted = ("member",) if self.frames[frame]["launched"] else ("candidate", "committed")
        programme = self.frames[frame]["programme"]
        return [
            name
            for name in self.nations
            if self.status.get((frame, name)) in wanted and (name, programme) in self.customers
        ]

    def signs(self, nation: str, year: int) -> bool:
        """True in a signing year of the nation."""
        row = self.nations[nation]
        return self.options.synchronised_cycles or (year - row["signing_offset"]) % row["signing_cycle"] == 0

    # --- decisions ---------------------------------------------------------------------------------------------

    def legacy_hosts(self, nation: str, programme: str) -> bool:
        """True where the nation has a host of the programme already."""
        return any((nation, host) in self.legacy for host in self.hosts[programme])

    def slots(self, nation: str, programme: str) -> list[Slot]:
        """Every order that the pair could place."""
        channels = [NATIONAL]
        for frame, row in self.frames.items():
            if row["programme"] == programme and nation in self.members(frame):
                channels.append(frame)
        return [
            Slot(nation, programme, channel, year, year + self.lead(programme, channel))
            for channel in channels
            for year in self.order_years(programme, channel)
            if channel == NATIONAL or year >= self._earliest(channel)
        ]

    def _earliest(self, frame: str) -> int:
        row = self.frames[frame]
        return int(row["launched"] or row["first_launch"])

    def orders(self) -> tuple[list[Slot], np.ndarray]:
        """All slots, and every way to fill them with lots (plans x slots, units), one lot over the limit included."""
        pairs = sorted(self.customers)
        for over in (1, 0):
            ways = [self._ways(nation, programme, over) for nation, programme in pairs]
            count = int(np.prod([len(way) for way in ways], dtype=np.float64))
            if count <= MOST_ORDERS // (10 if over else 1):
                break
        if count > MOST_ORDERS:
            raise ValueError(f"{count} ways to order are too many to enumerate")
        slots = [slot for pair in pairs for slot in self.slots(*pair)]
        indices = np.indices([len(way) for way in ways]).reshape(len(ways), -1) if ways else np.zeros((0, 1), int)
        parts = [way[index] for way, index in zip(ways, indices, strict=True)]
        return slots, np.hstack(parts) if parts else np.zeros((1, 0))

    def _ways(self, nation: str, programme: str, over: int) -> np.ndarray:
        slots = self.slots(nation, programme)
        lot = self.programmes[programme]["lot"]
        most = int(self.customers[nation, programme]["max_units"] / lot + 1e-9) + over
        counts = [way for way in itertools.product(range(most + 1), repeat=len(slots)) if sum(way) <= most]
        return np.array(counts, dtype=float).reshape(len(counts), len(slots)) * lot

    def rests(self) -> list[Rest]:
        """Every combination of the other decisions."""
        launches = {frame: self._launches(frame) for frame in sorted(self.frames)}
        starts = {name: self._starts(name) for name in sorted(self.expansions)}
        courses = {name: self.courses(name) for name in sorted(self.innovation)}
        tables = [list(launches.values()), list(starts.values()), list(courses.values())]
        found = []
        for flat in itertools.product(*itertools.chain(*tables)):
            cut = len(launches), len(launches) + len(starts)
            found.append(
                Rest(
                    dict(zip(launches, flat[: cut[0]], strict=True)),
                    dict(zip(starts, flat[cut[0] : cut[1]], strict=True)),
                    dict(zip(courses, flat[cut[1] :], strict=True)),
                )
            )
        return found

    def _launches(self, frame: str) -> list[tuple[int, frozenset[str]] | None]:
        row = self.frames[frame]
        if row["launched"]:
            return [(int(row["launched"]), frozenset())]
        years = [year for year in self.able_years(frame) if row["first_launch"] <= year <= row["last_launch"]]
        idle = self.members(frame)
        # A member without orders is against the rules; it is tried so that the rule can be seen to bind.
        extra = [frozenset[str](), *(frozenset({name}) for name in idle)]
        return [None, *((year, more) for year in years for more in extra)]

    def _starts(self, expansion: str) -> list[int | None]:
        row = self.expansions[expansion]
        if not self.options.expansions or (
            row["host"] and row["host"] not in self.nations and row["host_share_min"] > 0
        ):
            return [None]
        within = range(max(self.first, row["first_year"]), row["last_year"] + 1)
        return [None, *(year for year in within if year + row["build_years"] <= self.last)]

    def courses(self, line: str) -> list[Course]:
        """What can be done with a line; scaling too early is tried so that the rule can be seen to bind."""
        row = self.innovation[line]
        if row["complete_year"] or not self.sponsors(line):
            return [Course()]
        years = [year for year in self.years if year >= row["first_year"]]
        found = [Course()]
        for pilot in years:
            found.append(Course(pilot))
            found += [Course(pilot, scale) for scale in years if scale + row["scale_years"] <= self.last]
        if row["fast_years"] > 0:
            found += [Course(fast=year) for year in years if year + row["fast_years"] <= self.last]
        return found

    def completed(self, line: str, course: Course) -> int | None:
        """The year from which a line is complete."""
        row = self.innovation[line]
        if row["complete_year"]:
            return int(row["complete_year"])
        if course.fast is not None:
            return int(course.fast + row["fast_years"])
        return None if course.scale is None else int(course.scale + row["scale_years"])
