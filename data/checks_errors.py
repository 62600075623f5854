"""Errors: what makes a data set meaningless, found over all tables at once.

The tables are typed already (default filled); the index of a frame is the row number in its file.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from data.checks_ids import check_ids
from data.checks_orders import check_orders
from data.checks_rules import check_rules
from data.checks_yaml import check_scenarios, check_settings
from data.dictionary import Column, data_tables
from data.examination import Examination
from data.findings import Finding, error
from data.rows import at, labelled, tuples
from data.settings import ScenarioSpec, Settings, parse_bands
from data.typed import LARGEST, range_complaint

Tables = Mapping[str, pd.DataFrame]
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


def errors(
    tables: Tables, settings: Settings | None, scenarios: Mapping[str, ScenarioSpec], broken: frozenset[str]
) -> list[Finding]:
    """Every error of the tables, the settings and the scenarios.

    `broken` tables could not be read and are empty: nothing is said about what refers to them. Without settings
    nothing is said that needs the horizon.
    """
    exam = Examination(tables, settings, broken)
    check_ids(exam)
    _years(exam)
    _windows(exam)
    _tiers(exam)
    _severity(exam)
    _collective(exam)
    _enablers(exam)
    _frames(exam)
    _incompatible(exam)
    check_orders(exam)
    _something_wanted(exam)
    if exam.sound("nations", "areas", "programmes", "rules"):
        exam.findings += check_rules(tables)
    if settings is not None:
        exam.findings += check_settings(tables, settings, broken)
    exam.findings += check_scenarios(tables, settings, scenarios, broken)
    return exam.findings


def range_errors(tables: Tables) -> list[Finding]:
    """Numbers outside the range of their column, or no numbers at all: what a change of data may have made."""
    found = []
    for name, frame in tables.items():
        for column in data_tables()[name].columns:
            if column.numeric and column.type not in ("year", "flag") and column.default != "none":
                found += _column_range(frame, column)
    return found


def _column_range(frame: pd.DataFrame, column: Column) -> list[Finding]:
    values = frame[column.name].to_numpy(dtype="float64")
    low = -np.inf if column.minimum is None else column.minimum
    high = LARGEST if column.maximum is None else column.maximum
    infinite_ok = column.default == "unlimited"
    endless = np.isposinf(values) & infinite_ok
    wrong = ~((values >= low) & (values <= high)) & ~endless
    keys = [one.name for one in data_tables()[column.table].columns if one.key]
    found = []
    for place in np.flatnonzero(wrong):
        which = " ".join(str(frame[key].iloc[place]) for key in keys)
        message = range_complaint(column, float(values[place])) or "is too large, or no number"
        text = f"of {which}: {message}"
        value = f"{values[place]:g}"
        found.append(error(column.table, text, "take the change back", int(place) + 1, column.name, value))
    return found


def _years(exam: Examination) -> None:
    """Every year of the horizon for each nation (and pillar), line and component."""
    if exam.settings is None:
        return
    years = set(exam.settings.years)
    span = f"{exam.settings.first_year} to {exam.settings.last_year}"
    for name, (owner, keys) in YEARLY.items():
        if not exam.sound(name, owner):
            continue
        frame = exam.tables[name]
        there: dict[tuple[str, ...], set[int]] = {}
        for *parts, year in tuples(frame, [*keys, "year"]):
            there.setdefault(tuple(parts), set()).add(year)
        for item in exam.tables[owner][data_tables()[owner].keys[0]].unique():
            wanted = [(item, "core"), (item, "resilience")] if "pillar" in keys else [(item,)]
            for key in wanted:
                missing = sorted(years - there.get(key, set()))
                if missing:
                    which = f"{'every year' if len(missing) == len(years) else 'year'} {_listed(missing)}"
                    message = f"{' '.join(key)} has no row for {which}"
                    exam.findings.append(error(name, message, f"give a row for each year from {span}", None, "year"))


def _listed(years: list[int]) -> str:
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}-{years[-1]}"
    return ", ".join(map(str, years))


def _windows(exam: Examination) -> None:
    """A window that ends before it begins; one that is over before the horizon is no error, it just is over."""
    if exam.settings is None:
        return
    first_year, last_year = exam.settings.first_year, exam.settings.last_year
    for name, (first, last) in WINDOWS.items():
        frame = exam.tables[name]
        wrong = (frame[first] > frame[last]) & frame[last].between(first_year, last_year - 1)
        for row in frame.index[wrong]:
            message = f"lies before {first} {at(frame, row, first)}"
            exam.error(name, [row], last, message, f"{last} is {first} or later")


def _tiers(exam: Examination) -> None:
    tiers = exam.tables["price_tiers"].sort_values(["frame", "from_units"], kind="stable")
    before = tiers["price_factor"].shift()
    rising = (tiers["frame"] == tiers["frame"].shift()) & (tiers["price_factor"] > before)
    for row in tiers.index[rising]:
        message = f"rises with from_units: the tier below has {before[row]:g}"
        exam.error("price_tiers", [row], "price_factor", message, "a larger order never costs more a unit")


def _severity(exam: Examination) -> None:
    for row, text in exam.tables["areas"]["severity"].items():
        if not text:
            continue
        try:
            parse_bands(text)
        except ValueError as problem:
            remedy = "write bands above:slope from 0 up, slopes that never fall, such as 0:1|0.5:3"
            exam.error("areas", [int(str(row))], "severity", str(problem), remedy)


def _collective(exam: Examination) -> None:
    targets = exam.tables["targets"]
    collective = targets["nation"] == "ALL"
    both = set(targets.loc[collective, "area"]) & set(targets.loc[~collective, "area"])
    for area in sorted(both):
        rows = targets.index[collective & (targets["area"] == area)]
        message = f"{area} has rows for ALL and for nations"
        exam.error("targets", rows[:1], "area", message, "keep the ALL rows or the national rows")


def _enablers(exam: Examination) -> None:
    """requires: no area waits for itself over any number of steps, and a collective area can't be the enabled one."""
    requires, targets = exam.tables["requires"], exam.tables["targets"]
    collective = requires["area"].isin(targets.loc[targets["nation"] == "ALL", "area"])
    message = "is a collective area, which can't be the enabled one"
    exam.error("requires", requires.index[collective], "area", message, "leave the row out, or give national targets")
    waits: dict[str, set[str]] = {}
    for area, enabler in tuples(requires, ["area", "enabler"]):
        waits.setdefault(area, set()).add(enabler)
    for row, area, enabler in labelled(requires, ["area", "enabler"]):
        if area == enabler:
            exam.error("requires", [row], "enabler", "a cycle: the area enables itself", "leave the row out")
        elif area in _reached(waits, enabler):
            message = f"a cycle: {enabler} needs {area} in turn"
            exam.error("requires", [row], "enabler", message, "leave one row of the cycle out")


def _reached(waits: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for enabler in waits.get(todo.pop(), set()):
            if enabler not in seen:
                seen.add(enabler)
                todo.append(enabler)
    return seen


def _frames(exam: Examination) -> None:
    frames, members = exam.tables["frames"], exam.tables["frame_members"]
    if not exam.sound("frames", "frame_members"):
        return
    launched = frames[frames["launched"] > 0]
    known = members["frame"].isin(frames["frame"])
    early = (members["status"] == "member") & known & ~members["frame"].isin(launched["frame"])
    message = "a member of a frame that is not launched"
    remedy = "candidate or committed; or give the frame's launched year"
    exam.error("frame_members", members.index[early], "status", message, remedy)
    joined = members[members["status"] == "member"]
    alone = launched.index[~launched["frame"].isin(joined["frame"])]
    exam.error("frames", alone, "launched", "a launched frame without a member", "give its members status member")
    if exam.settings is not None:
        late = launched.index[launched["launched"] > exam.settings.last_year]
        exam.error("frames", late, "launched", "lies after the horizon", "launched is the year of an earlier launch")
    bought = joined.merge(launched[["frame", "programme"]], on="frame").drop_duplicates(["frame", "nation"])
    twice = bought[bought.duplicated(["programme", "nation"])]
    for frame, nation, programme in tuples(twice, ["frame", "nation", "programme"]):
        rows = members.index[(members["frame"] == frame) & (members["nation"] == nation)]
        message = f"{nation} is a member of two launched frames of {programme}"
        exam.error("frame_members", rows[:1], "nation", message, "a nation is in at most one frame a programme")


def _incompatible(exam: Examination) -> None:
    table = exam.tables["incompatible"]
    same = table.index[table["programme_a"] == table["programme_b"]]
    exam.error("incompatible", same, "programme_b", "is the same programme", "name two programmes")


def _something_wanted(exam: Examination) -> None:
    """Without a nation, or a weighted target in the horizon, there is no gap and no question."""
    for name in ("nations", "areas"):
        if exam.sound(name) and exam.tables[name].empty:
            exam.findings.append(error(name, "the table has no row", "give at least one; see docs/data.md"))
    if exam.settings is None or not exam.sound("targets", "areas") or exam.tables["areas"].empty:
        return
    targets, areas = exam.tables["targets"], exam.tables["areas"]
    weighted = areas.loc[areas["weight"] > 0, "area"]
    if weighted.empty:
        exam.findings.append(error("areas", "every weight is 0", "give one area a weight above 0", None, "weight"))
        return
    urgent = [year for year in exam.settings.years if exam.settings.urgency.get(year, 1.0) > 0]
    wanted = targets["area"].isin(weighted) & targets["year"].isin(urgent) & (targets["target"] > 0)
    if not wanted.any():
        message = "no area with weight has a target above 0 in a year of the horizon that counts"
        exam.findings.append(error("targets", message, "give at least one target", None, "target"))
