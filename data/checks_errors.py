"""Errors: what makes a data set meaningless, found over all tables at once.

The tables are typed already (default filled); the index of a frame is the row number in its file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data.checks_rules import check_rules
from data.checks_yaml import check_scenarios, check_settings
from data.dictionary import Column, data_tables
from data.findings import Finding, error, suggestion
from data.rows import at, labelled, tuples
from data.settings import ScenarioSpec, Settings, parse_bands
from data.typed import range_complaint

Tables = Mapping[str, pd.DataFrame]
ID_SPACES = (("programmes", "frames", "expansions", "innovation"), ("lines", "components"))
YEARLY = {
    "economy": ("nations", ["nation"]),
    "budget_path": ("nations", ["nation", "pillar"]),
    "line_capacity": ("lines", ["line"]),
    "component_capacity": ("components", ["component"]),
}
WINDOWS = {
    "programmes": ("first_order_year", "last_order_year"),
    "frames": ("first_launch", "last_launch"),
    "expansions": ("first_year", "last_year"),
    "loans": ("first_year", "last_year"),
}
# Names that mean something else already.
TAKEN = {
    "nations": {"ALL": "every nation", "EU": "the group of the EU's members"},
    "frames": {"national": "orders outside any frame"},
}


@dataclass
class Room:
    """The tables under examination, and what has been found so far."""

    tables: Tables
    settings: Settings | None
    broken: frozenset[str]
    findings: list[Finding] = field(default_factory=list)

    def error(self, table: str, rows: Iterable[int], column: str, message: str, remedy: str) -> None:
        """The same error in each of these rows."""
        frame = self.tables[table]
        for row in rows:
            value = str(at(frame, row, column)) if column and frame.index.is_unique else ""
            self.findings.append(error(table, message, remedy, int(row), column, value))

    def sound(self, *tables: str) -> bool:
        """True where all of these tables could be read."""
        return not self.broken & set(tables)


def errors(
    tables: Tables, settings: Settings | None, scenarios: Mapping[str, ScenarioSpec], broken: frozenset[str]
) -> list[Finding]:
    """Every error of the tables, the settings and the scenarios.

    `broken` tables could not be read and are empty: nothing is said about what refers to them. Without settings
    nothing is said that needs the horizon.
    """
    room = Room(tables, settings, broken)
    _duplicates(room)
    _taken_ids(room)
    _references(room)
    _sponsors(room)
    _years(room)
    _windows(room)
    _tiers(room)
    _severity(room)
    _collective(room)
    _enablers(room)
    _frames(room)
    _incompatible(room)
    _something_wanted(room)
    if room.sound("nations", "areas", "programmes", "rules"):
        room.findings += check_rules(tables)
    if settings is not None:
        room.findings += check_settings(tables, settings, broken)
    room.findings += check_scenarios(tables, settings, scenarios, broken)
    return room.findings


def range_errors(tables: Tables) -> list[Finding]:
    """Numbers outside the range of their column, or no numbers at all: what a change of data may have made."""
    found = []
    for name, table in data_tables().items():
        frame = tables[name]
        for column in table.columns:
            if column.numeric and column.type not in ("year", "flag") and column.default != "none":
                found += _column_range(frame, column)
    return found


def _column_range(frame: pd.DataFrame, column: Column) -> list[Finding]:
    values = frame[column.name].to_numpy(dtype="float64")
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    infinite_ok = column.default == "unlimited"
    wrong = ~((values >= low) & (values <= high)) | (np.isinf(values) & (not infinite_ok))
    keys = [one.name for one in data_tables()[column.table].columns if one.key]
    found = []
    for place in np.flatnonzero(wrong):
        which = " ".join(str(frame[key].iloc[place]) for key in keys)
        message = range_complaint(column, float(values[place])) or "is no number"
        text = f"of {which}: {message}"
        value = f"{values[place]:g}"
        found.append(error(column.table, text, "take the change back", int(place) + 1, column.name, value))
    return found


def _duplicates(room: Room) -> None:
    for name, table in data_tables().items():
        frame = room.tables[name]
        again = frame.duplicated(table.keys, keep="first")
        if not again.any():
            continue
        first = {tuple(key): row for row, *key in labelled(frame[::-1], table.keys)}
        for row, *key in labelled(frame[again], table.keys):
            words = ", ".join(str(part) for part in key)
            message = f"the key stands twice, first in row {first[tuple(key)]}"
            room.findings.append(error(name, message, "keep one of the rows", int(row), table.keys[0], words))


def _taken_ids(room: Room) -> None:
    for space in ID_SPACES:
        seen: dict[str, str] = {}
        for name in space:
            column = data_tables()[name].keys[0]
            for row, item in room.tables[name][column].items():
                other = seen.setdefault(item, name)
                if other != name:
                    kind = data_tables()[other].keys[0]
                    message = f"is the id of the {kind} {item} already"
                    remedy = f"ids are unique over {', '.join(space)}: give it another one"
                    room.error(name, [int(str(row))], column, message, remedy)
    for name, taken in TAKEN.items():
        column = data_tables()[name].keys[0]
        for word, meaning in taken.items():
            frame = room.tables[name]
            room.error(name, frame.index[frame[column] == word], column, f"means {meaning}", "give it another id")
    nations = room.tables["nations"]
    clash = nations["region"].isin([*nations["nation"], "ALL", "EU"])
    remedy = "give the region a name of its own"
    room.error("nations", nations.index[clash], "region", "is the name of another group", remedy)


def _references(room: Room) -> None:
    for name, table in data_tables().items():
        for column in table.columns:
            targets = column.references
            if not targets or not room.sound(name, *[target for target, _ in targets]):
                continue
            known = set(column.words).union(*[room.tables[target][key] for target, key in targets])
            cells = room.tables[name][column.name]
            unknown = cells[~cells.isin([*known, *([] if column.required else [""])])]
            kind = " or ".join(key for _, key in targets)
            remedies = {cell: suggestion(cell, known) for cell in unknown.unique()}
            for row, cell in unknown.items():
                room.error(name, [int(str(row))], column.name, f"there is no {kind} of that name", remedies[cell])


def _sponsors(room: Room) -> None:
    if not room.sound("nations"):
        return
    nations = set(room.tables["nations"]["nation"])
    for row, text in room.tables["innovation"]["sponsor"].items():
        names = [name.strip() for name in text.split(";") if name.strip()]
        place = int(str(row))
        for name in names:
            if name not in nations and text.strip() != "ALL":
                what = "ALL stands alone" if name == "ALL" else f"there is no nation {name}"
                room.error("innovation", [place], "sponsor", what, suggestion(name, nations))
        if len(names) != len(set(names)):
            room.error("innovation", [place], "sponsor", "a sponsor stands twice", "name each nation once")
        if text and not names:
            room.error("innovation", [place], "sponsor", "names nobody", "ALL, or nations separated by ;")


def _years(room: Room) -> None:
    """Every year of the horizon for each nation (and pillar), line and component; pipeline years lie within it."""
    if room.settings is None:
        return
    years = set(room.settings.years)
    span = f"{room.settings.first_year} to {room.settings.last_year}"
    for name, (owner, keys) in YEARLY.items():
        if not room.sound(name, owner):
            continue
        frame = room.tables[name]
        there: dict[tuple[str, ...], set[int]] = {}
        for *parts, year in tuples(frame, [*keys, "year"]):
            there.setdefault(tuple(parts), set()).add(year)
        for item in room.tables[owner][data_tables()[owner].keys[0]].unique():
            wanted = [(item, "core"), (item, "resilience")] if "pillar" in keys else [(item,)]
            for key in wanted:
                missing = sorted(years - there.get(key, set()))
                if missing:
                    which = f"{'every year' if len(missing) == len(years) else 'year'} {_listed(missing)}"
                    message = f"{' '.join(key)} has no row for {which}"
                    room.findings.append(error(name, message, f"give a row for each year from {span}", None, "year"))
    pipeline = room.tables["pipeline"]
    outside = pipeline.index[~pipeline["year"].isin(list(years))]
    remedy = "deliveries of earlier years are units_operated"
    room.error("pipeline", outside, "year", f"lies outside the horizon {span}", remedy)


def _listed(years: list[int]) -> str:
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}-{years[-1]}"
    return ", ".join(map(str, years))


def _windows(room: Room) -> None:
    """A window that ends before it begins; one that is over before the horizon is no error, it just is over."""
    if room.settings is None:
        return
    first_year, last_year = room.settings.first_year, room.settings.last_year
    for name, (first, last) in WINDOWS.items():
        frame = room.tables[name]
        wrong = (frame[first] > frame[last]) & frame[last].between(first_year, last_year - 1)
        for row in frame.index[wrong]:
            message = f"lies before {first} {at(frame, row, first)}"
            room.error(name, [row], last, message, f"{last} is {first} or later")


def _tiers(room: Room) -> None:
    tiers = room.tables["price_tiers"].sort_values(["frame", "from_units"], kind="stable")
    before = tiers["price_factor"].shift()
    rising = (tiers["frame"] == tiers["frame"].shift()) & (tiers["price_factor"] > before)
    for row in tiers.index[rising]:
        message = f"rises with from_units: the tier below has {before[row]:g}"
        room.error("price_tiers", [row], "price_factor", message, "a larger order never costs more a unit")


def _severity(room: Room) -> None:
    for row, text in room.tables["areas"]["severity"].items():
        if not text:
            continue
        try:
            parse_bands(text)
        except ValueError as problem:
            remedy = "write bands above:slope from 0 up, slopes that never fall, such as 0:1|0.5:3"
            room.error("areas", [int(str(row))], "severity", str(problem), remedy)


def _collective(room: Room) -> None:
    targets = room.tables["targets"]
    collective = targets["nation"] == "ALL"
    both = set(targets.loc[collective, "area"]) & set(targets.loc[~collective, "area"])
    for area in sorted(both):
        rows = targets.index[collective & (targets["area"] == area)]
        message = f"{area} has rows for ALL and for nations"
        room.error("targets", rows[:1], "area", message, "keep the ALL rows or the national rows")


def _enablers(room: Room) -> None:
    """requires: no area waits for itself over any number of steps, and a collective area can't be the enabled one."""
    requires, targets = room.tables["requires"], room.tables["targets"]
    collective = requires["area"].isin(targets.loc[targets["nation"] == "ALL", "area"])
    message = "is a collective area, which can't be the enabled one"
    room.error("requires", requires.index[collective], "area", message, "leave the row out, or give national targets")
    waits: dict[str, set[str]] = {}
    for area, enabler in tuples(requires, ["area", "enabler"]):
        waits.setdefault(area, set()).add(enabler)
    for row, area, enabler in labelled(requires, ["area", "enabler"]):
        if area == enabler:
            room.error("requires", [row], "enabler", "a cycle: the area enables itself", "leave the row out")
        elif area in _reached(waits, enabler):
            message = f"a cycle: {enabler} needs {area} in turn"
            room.error("requires", [row], "enabler", message, "leave one row of the cycle out")


def _reached(waits: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for enabler in waits.get(todo.pop(), set()):
            if enabler not in seen:
                seen.add(enabler)
                todo.append(enabler)
    return seen


def _frames(room: Room) -> None:
    frames, members = room.tables["frames"], room.tables["frame_members"]
    if not room.sound("frames", "frame_members"):
        return
    launched = frames[frames["launched"] > 0]
    known = members["frame"].isin(frames["frame"])
    early = (members["status"] == "member") & known & ~members["frame"].isin(launched["frame"])
    message = "a member of a frame that is not launched"
    remedy = "candidate or committed; or give the frame's launched year"
    room.error("frame_members", members.index[early], "status", message, remedy)
    joined = members[members["status"] == "member"]
    alone = launched.index[~launched["frame"].isin(joined["frame"])]
    room.error("frames", alone, "launched", "a launched frame without a member", "give its members status member")
    if room.settings is not None:
        late = launched.index[launched["launched"] > room.settings.last_year]
        room.error("frames", late, "launched", "lies after the horizon", "launched is the year of an earlier launch")
    bought = joined.merge(launched[["frame", "programme"]], on="frame").drop_duplicates(["frame", "nation"])
    twice = bought[bought.duplicated(["programme", "nation"])]
    for frame, nation, programme in tuples(twice, ["frame", "nation", "programme"]):
        rows = members.index[(members["frame"] == frame) & (members["nation"] == nation)]
        message = f"{nation} is a member of two launched frames of {programme}"
        room.error("frame_members", rows[:1], "nation", message, "a nation is in at most one frame a programme")


def _incompatible(room: Room) -> None:
    table = room.tables["incompatible"]
    same = table.index[table["programme_a"] == table["programme_b"]]
    room.error("incompatible", same, "programme_b", "is the same programme", "name two programmes")
    if not room.sound("nations"):
        return
    nations = room.tables["nations"]
    groups = {"ALL", "EU", *nations["region"], *nations["nation"]} - {""}
    for row in table.index[~table["scope"].isin(groups)]:
        remedy = suggestion(at(table, row, "scope"), groups)
        room.error("incompatible", [row], "scope", "there is no group of that name", remedy)


def _something_wanted(room: Room) -> None:
    """Without a nation, or a weighted target in the horizon, there is no gap and no question."""
    for name in ("nations", "areas"):
        if room.sound(name) and room.tables[name].empty:
            room.findings.append(error(name, "the table has no row", "give at least one; see docs/data.md"))
    if room.settings is None or not room.sound("targets", "areas") or room.tables["areas"].empty:
        return
    targets, areas = room.tables["targets"], room.tables["areas"]
    weighted = areas.loc[areas["weight"] > 0, "area"]
    if weighted.empty:
        room.findings.append(error("areas", "every weight is 0", "give one area a weight above 0", None, "weight"))
        return
    urgent = [year for year in room.settings.years if room.settings.urgency.get(year, 1.0) > 0]
    wanted = targets["area"].isin(weighted) & targets["year"].isin(urgent) & (targets["target"] > 0)
    if not wanted.any():
        message = "no area with weight has a target above 0 in a year of the horizon that counts"
        room.findings.append(error("targets", message, "give at least one target", None, "target"))
