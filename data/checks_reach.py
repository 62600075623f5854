"""Warnings of what can't be reached: orders, frames, lines, components, targets, closures.

Every figure here is a generous upper bound, so that a warning is right whenever it is given: all expansions open as
early as they can, nothing is ever retired, and money is no limit. Lines work from the first year on: what they can have
made by a year is their summed capacity, and what was built before.
"""

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.checks_orders import legacy
from data.checks_rules import groups_of
from data.findings import Finding, warning
from data.rows import at, each, nested, split_names, tuples
from data.settings import Settings

Tables = Mapping[str, pd.DataFrame]
Path = np.ndarray[tuple[int], np.dtype[np.float64]]  # one figure a year of the horizon and of the years beyond it
SLACK = 1e-9


@dataclass(frozen=True)
class Reach:
    """What could be had at the very most, worked out once and used by every warning."""

    tables: Tables
    settings: Settings

    @functools.cached_property
    def years(self) -> list[int]:
        """The years of the horizon."""
        return list(self.settings.years)

    @functools.cached_property
    def span(self) -> list[int]:
        """The years of the horizon and those beyond it, in which what was ordered may still be made and arrive."""
        return [*self.settings.years, *self.settings.beyond_years]

    @functools.cached_property
    def nothing(self) -> Path:
        """0 in every year of the span."""
        return np.zeros(len(self.span))

    @functools.cached_property
    def first_order(self) -> Mapping[str, int]:
        """The first year in which an order of each programme can be placed and still arrive; others are absent."""
        first_year, last_year = self.settings.first_year, self.settings.last_year
        found = {}
        for row in each(self.tables["programmes"]):
            start = max(row.first_order_year, first_year)
            if start <= min(row.last_order_year, last_year) and start + row.lead_years <= self.span[-1]:
                found[row.programme] = start
        return found

    @functools.cached_property
    def first_delivery(self) -> Mapping[str, int]:
        """The first year in which a new order of each programme can be delivered; programmes that can't are absent."""
        lead = {row.programme: row.lead_years for row in each(self.tables["programmes"])}
        return {programme: start + lead[programme] for programme, start in self.first_order.items()}

    @functools.cached_property
    def customers(self) -> Mapping[tuple[str, str], float]:
        """max_units by nation and programme."""
        rows = tuples(self.tables["customers"], ["nation", "programme", "max_units"])
        return {(nation, programme): units for nation, programme, units in rows}

    @functools.cached_property
    def expansion_opening(self) -> Mapping[str, int]:
        """The first year in which each expansion can be open; those that can't open are absent."""
        found = {}
        for row in each(self.tables["expansions"]):
            start = max(row.first_year, self.settings.first_year)
            if start <= row.last_year and start + row.build_years <= self.settings.last_year:
                found[row.expansion] = start + row.build_years
        return found

    @functools.cached_property
    def capacity(self) -> Mapping[str, Path]:
        """The most output of each line, and use of each component, by year."""
        count = len(self.years)
        paths: dict[str, Path] = {}
        for name, column in (("line_capacity", "line"), ("component_capacity", "component")):
            for item, year, capacity in tuples(self.tables[name], [column, "year", "capacity"]):
                if year in self.settings.years:
                    paths.setdefault(item, self.nothing.copy())[year - self.settings.first_year] = capacity
        opening: dict[str, Path] = {item: self.nothing.copy() for item in paths}
        for row in each(self.tables["expansions"]):
            if row.expansion in self.expansion_opening and row.line_or_component in opening:
                place = self.expansion_opening[row.expansion] - self.settings.first_year
                opening[row.line_or_component][place] += row.added_capacity
        capacity = {item: path + np.cumsum(opening[item]) for item, path in paths.items()}
        for path in capacity.values():
            path[count:] = self.settings.beyond.capacity * path[count - 1]
        for row in each(self.tables["lines"]):
            if row.line in capacity and math.isfinite(row.ramp):
                capacity[row.line] = _ramped(capacity[row.line], opening[row.line], row.current_output, row.ramp)
        return capacity

    @functools.cached_property
    def lines_of(self) -> Mapping[str, Mapping[str, float]]:
        """The lines of each programme, with the capacity that a unit takes there."""
        return nested(self.tables["line_programmes"], "programme", "line", "capacity_use")

    @functools.cached_property
    def pipeline(self) -> Mapping[tuple[str, str], Path]:
        """Units of the pipeline by nation and programme, each year."""
        found: dict[tuple[str, str], Path] = {}
        for row in each(self.tables["pipeline"]):
            if row.year in self.span:
                path = found.setdefault((row.nation, row.programme), self.nothing.copy())
                path[row.year - self.settings.first_year] += row.units
        return found

    @functools.cached_property
    def built(self) -> Mapping[str, float]:
        """Units of each programme's pipeline that are made already (they count for programmes on a line)."""
        found: dict[str, float] = {}
        for programme, units in tuples(self.tables["pipeline"], ["programme", "built"]):
            found[programme] = found.get(programme, 0.0) + units
        return found

    @functools.cached_property
    def effects(self) -> Mapping[str, Mapping[str, float]]:
        """The effect of a unit of each programme, by area."""
        return nested(self.tables["effects"], "area", "programme", "effect")

    def units(self, nation: str, programme: str) -> Path:
        """The most units that the nation can have had delivered by each year, lines aside."""
        total = np.cumsum(self.pipeline.get((nation, programme), self.nothing))
        return np.asarray(total + self._new(nation, programme, self.first_delivery), dtype="float64")

    def _new(self, nation: str, programme: str, first: Mapping[str, int]) -> Path:
        """A nation's most new units by each year, all of them from a programme's first year on."""
        if programme not in first or (nation, programme) not in self.customers:
            return self.nothing
        there = np.array(self.span) >= first[programme]
        return np.where(there, self.customers[nation, programme], 0.0)

    @functools.cached_property
    def everybody(self) -> Mapping[str, Path]:
        """The most units of each programme that all nations can have had delivered by each year, lines aside."""
        found: dict[str, Path] = {}
        for nation, programme in dict.fromkeys([*self.pipeline, *self.customers]):
            found[programme] = found.get(programme, self.nothing) + self.units(nation, programme)
        return found

    @functools.cached_property
    def makeable(self) -> Mapping[str, Path]:
        """The most units of each programme on a line that orders let be made by each year, lines aside.

        Work may start in the year of the order; the pipeline is on order from the start, what is built of it is made.
        """
        found: dict[str, Path] = {}
        for (_, programme), path in self.pipeline.items():
            found[programme] = found.get(programme, self.nothing) + path.sum()
        for nation, programme in self.customers:
            found[programme] = found.get(programme, self.nothing) + self._new(nation, programme, self.first_order)
        return {programme: path - self.built.get(programme, 0.0) for programme, path in found.items()}

    def delivered(self, nation: str, area: str) -> Path:
        """The most effect that the nation can have in the area by each year, lines aside."""
        total = self.nothing
        for programme, effect in self.effects.get(area, {}).items():
            if effect > 0:
                total = total + effect * self.units(nation, programme)
        return total

    def made(self, area: str) -> Path:
        """The most effect in the area that all lines (and programmes on no line) can have delivered by each year."""
        total = self.nothing
        best: dict[str, Path] = {}
        for programme, effect in self.effects.get(area, {}).items():
            could = self.everybody.get(programme, self.nothing)
            if effect <= 0 or not could.any():
                continue
            if programme not in self.lines_of:
                total = total + effect * could
                continue
            total = total + effect * self.built.get(programme, 0.0)
            for line, use in self.lines_of[programme].items():
                rate = np.where(could > 0, effect / use if use > 0 else math.inf, 0.0)
                best[line] = np.maximum(best.get(line, self.nothing), rate)
        for line, rate in best.items():
            # What is delivered by a year may have been in work since the first.
            output = np.cumsum(self.capacity.get(line, self.nothing))
            total = total + np.where(output > 0, rate * np.where(output > 0, output, 1.0), 0.0)
        return total

    @functools.cached_property
    def closers(self) -> Mapping[str, list[tuple[frozenset[str], Path]]]:
        """By area: each innovation line's sponsors, and the share of a target that it can have closed by each year."""
        lines = {row.innovation: row for row in each(self.tables["innovation"])}
        found: dict[str, list[tuple[frozenset[str], Path]]] = {}
        for row in each(self.tables["innovation_effects"]):
            line = lines[row.innovation]
            sponsors = frozenset(name.strip() for name in line.sponsor.split(";"))
            share = row.closes * line.success_probability
            complete = np.array(self.span) >= _first_completion(line, self.settings)
            found.setdefault(row.area, []).append((sponsors, np.where(complete, share, 0.0)))
        return found

    def innovation(self, area: str, nation: str) -> Path:
        """The most of a target's share that complete innovation lines can close by each year (of an ALL row: all)."""
        closed = self.nothing
        for sponsors, share in self.closers.get(area, []):
            if nation == "ALL" or sponsors & {"ALL", nation}:
                closed = closed + share
        return np.minimum(closed, 1.0)


def _first_completion(line: Any, settings: Settings) -> int:
    if line.complete_year > 0:
        return int(line.complete_year)
    years = int(line.pilot_years + line.scale_years)
    if line.fast_years > 0:
        years = min(years, int(line.fast_years))
    return max(int(line.first_year), settings.first_year) + years


def _ramped(capacity: Path, opening: Path, before: float, ramp: float) -> Path:
    output = capacity.copy()
    for place, limit in enumerate(capacity):
        output[place] = min(limit, before + ramp + opening[place])
        before = output[place]
    return output


def findings(reach: Reach) -> list[Finding]:
    """Every warning of what can't be reached."""
    return [
        *_orders(reach),
        *_no_capacity(reach),
        *_targets(reach),
        *_closures(reach),
        *_hostless(reach),
    ]


def _orders(reach: Reach) -> Iterable[Finding]:
    """Programmes with customers whose orders can't arrive within the horizon and the years beyond it."""
    bought = set(reach.tables["customers"]["programme"])
    for row in each(reach.tables["programmes"]):
        if row.programme in bought and row.programme not in reach.first_delivery:
            start = max(row.first_order_year, reach.settings.first_year)
            if start > min(row.last_order_year, reach.settings.last_year):
                message = f"{row.programme} has no order year in the horizon, so no order can arrive"
                remedy, column = "widen first_order_year to last_order_year, or drop its customers", "last_order_year"
            else:
                message = (
                    f"no order of {row.programme} can arrive: ordered in {start}, it comes in {start + row.lead_years}"
                )
                remedy, column = f"an order arrives by {reach.span[-1]}; beyond.years gives more years", "lead_years"
            yield warning("programmes", message, remedy, int(row.Index), column, str(getattr(row, column)))


def _no_capacity(reach: Reach) -> Iterable[Finding]:
    """Capacity 0 of what is needed, but for a line that a licence or a new site is still to open."""
    expansions = reach.tables["expansions"]
    opened = set(expansions.loc[expansions["kind"].isin(["licence", "new_site"]), "line_or_component"])
    for name, column, used in (
        ("line_capacity", "line", set(reach.tables["line_programmes"]["line"])),
        ("component_capacity", "component", set(reach.tables["bill_of_materials"]["component"])),
    ):
        table = reach.tables[name]
        zero = table[(table["capacity"] == 0) & table["year"].isin(reach.years) & table[column].isin(used)]
        for item, rows in zero[~zero[column].isin(opened)].groupby(column):
            years = sorted(rows["year"])
            when = "every year" if len(years) == len(reach.years) else ", ".join(map(str, years))
            message = f"{item} has capacity 0 in {when}: nothing that needs it is made then"
            yield warning(name, message, "give its capacity, unless that is meant", int(rows.index[0]), "capacity", "0")


def _targets(reach: Reach) -> Iterable[Finding]:
    """Targets above what all lines could ever deliver, by area, in the last year that has targets."""
    targets = reach.tables["targets"]
    targets = targets[targets["year"].isin(reach.years)]
    units = reach.tables["areas"].set_index("area")["unit"].to_dict()
    for area, rows in targets.groupby("area"):
        year = rows["year"].max()
        last = rows[rows["year"] == year]
        place = year - reach.settings.first_year
        closed = np.array([reach.innovation(str(area), nation)[place] for nation in last["nation"]])
        need = float((last["target"] * (1 - closed) - last["baseline"]).clip(lower=0).sum())
        most = float(reach.made(str(area))[place])
        if need > most * (1 + SLACK) + SLACK:
            # A unit may be a whole sentence; only a short one reads well here.
            unit = units.get(area, "") if 0 < len(units.get(area, "")) <= 20 else "units"
            what = (
                f"all lines and expansions together can deliver {most:g} at most"
                if most
                else "nothing can be delivered"
            )
            message = f"the targets of {area} lack {need:.6g} {unit} by {year}, and {what}"
            remedy = "look at the target, its lines and their capacity; the plan will leave a gap"
            biggest = (last["target"] - last["baseline"]).idxmax()
            yield warning("targets", message, remedy, int(biggest), "target", f"{at(last, biggest, 'target'):g}")


def _closures(reach: Reach) -> Iterable[Finding]:
    """Hard closure_min rules that no plan can meet."""
    rules, targets = reach.tables["rules"], reach.tables["targets"]
    groups = groups_of(reach.tables["nations"])
    for row in each(rules[(rules["rule"] == "closure_min") & (rules["hardness"] == "hard")]):
        group, _, area = row.scope.rpartition(":")
        nations = set(groups.get(group or "ALL", ())) | ({"ALL"} if group in ("", "ALL") else set())
        mine = targets[(targets["area"] == area) & targets["nation"].isin(nations)]
        for year in [year for year in reach.years if year >= row.from_year]:
            rows = mine[mine["year"] == year]
            most = _most_closure(reach, area, rows, year - reach.settings.first_year)
            if row.value > most + SLACK:
                message = f"hard closure_min {row.scope} is out of reach: at most {most:.3g} in {year}"
                remedy = "lower the value, start later (from_year), or make it soft"
                yield warning("rules", message, remedy, int(row.Index), "value", f"{row.value:g}")
                break


def _most_closure(reach: Reach, area: str, rows: pd.DataFrame, place: int) -> float:
    total = float(rows["target"].sum())
    if total <= 0:
        return 1.0
    everybody = list(reach.tables["nations"]["nation"])
    short, filled = 0.0, 0.0
    for row in each(rows):
        who = everybody if row.nation == "ALL" else [row.nation]
        need = max(0.0, row.target * (1 - float(reach.innovation(area, row.nation)[place])) - row.baseline)
        get = min(need, float(sum(reach.delivered(nation, area)[place] for nation in who)))
        short, filled = short + need, filled + get
    filled = min(filled, float(reach.made(area)[place]))
    return 1 - (short - filled) / total


def _hostless(reach: Reach) -> Iterable[Finding]:
    """Customers that can reach no host of what they may buy: they operate none and can order none."""
    operated = legacy(reach.tables)
    customers = reach.tables["customers"]
    hosts = {row.programme: split_names(row.needs_host) for row in each(reach.tables["programmes"])}
    for row in each(customers[customers["max_units"] > 0]):
        needed = hosts.get(row.programme, ())
        if needed and not any(_operable(reach, operated, hosts, row.nation, host, ()) for host in needed):
            message = f"{row.nation} can reach no host of {row.programme}: it neither operates nor can order one"
            remedy = f"make it a customer of {' or '.join(needed)}, or leave this row out"
            yield warning("customers", message, remedy, int(row.Index), "programme", row.programme)


def _operable(
    reach: Reach,
    operated: set[tuple[str, str]],
    hosts: Mapping[str, tuple[str, ...]],
    nation: str,
    programme: str,
    asked: tuple[str, ...],
) -> bool:
    """Whether a nation operates a programme or can order it, with a host where that needs one."""
    if (nation, programme) in operated:
        return True
    if reach.customers.get((nation, programme), 0.0) <= 0 or programme not in reach.first_order or programme in asked:
        return False
    needed = hosts.get(programme, ())
    return not needed or any(_operable(reach, operated, hosts, nation, host, (*asked, programme)) for host in needed)
