"""Errors in orders: pipelines, hosts that a munition needs, and pins that no order in the data can meet."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.examination import Examination
from data.rows import each, labelled, split_names, tuples
from data.settings import Settings

NATIONAL = "national"
EXACT = 1e-9  # of a number of lots that is whole


def check_orders(exam: Examination) -> None:
    """Every error in orders that are bound, fixed, or wait for a host."""
    _pipeline(exam)
    _hosts(exam)
    if exam.settings is not None and exam.sound(*_PIN_TABLES):
        _pins(exam, exam.settings)


def _pipeline(exam: Examination) -> None:
    """Deliveries lie within the horizon or the years beyond it; no more is made than is on order."""
    pipeline = exam.tables["pipeline"]
    over = pipeline.index[pipeline["built"] > pipeline["units"]]
    exam.error("pipeline", over, "built", "more is built than units are on order", "built is part of units")
    if exam.settings is None:
        return
    first, last = exam.settings.first_year, exam.settings.last_year + exam.settings.beyond.years
    outside = pipeline.index[~pipeline["year"].between(first, last)]
    span = f"{first} to {exam.settings.last_year}"
    if exam.settings.beyond.years:
        span += f" and the years beyond it to {last}"
    remedy = "deliveries of earlier years are units_operated; beyond.years in dataset.yaml gives later years"
    exam.error("pipeline", outside, "year", f"lies outside the horizon {span}", remedy)


def _hosts(exam: Examination) -> None:
    """needs_host: a host is another programme, comes in lots, and bounds what a nation without one can buy."""
    programmes = exam.tables["programmes"]
    if not exam.sound("programmes"):
        return
    lots = dict(tuples(programmes, ["programme", "lot"]))
    operated = legacy(exam.tables)
    buyers: dict[str, list[tuple[int, str]]] = {}
    for row, nation, programme, limit in labelled(exam.tables["customers"], ["nation", "programme", "max_units"]):
        if math.isinf(limit):
            buyers.setdefault(programme, []).append((int(row), nation))
    for row, programme, text in labelled(programmes, ["programme", "needs_host"]):
        hosts = split_names(text)
        for host in hosts:
            if host == programme:
                exam.error("programmes", [int(row)], "needs_host", "a programme hosts itself", "name what carries it")
            elif lots.get(host) == 0:
                message = f"its host {host} is divisible (lot 0)"
                exam.error("programmes", [int(row)], "needs_host", message, f"give {host} a lot: hosts are counted")
        for place, nation in buyers.get(programme, []) if hosts else []:
            if not any((nation, host) in operated for host in hosts):
                message = f"{nation} has no host of {programme} yet, so its units follow those of the hosts"
                exam.error(
                    "customers", [place], "max_units", message, "give max_units: so many are shared out by hosts"
                )


def legacy(tables: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """(nation, programme) that is operated before this plan: units in service, or a pipeline."""
    customers = tables["customers"]
    there = customers[customers["units_operated"] > 0]
    return {pair for rows in (there, tables["pipeline"]) for pair in tuples(rows, ["nation", "programme"])}


_PIN_TABLES = ("nations", "programmes", "customers", "frames", "frame_members", "pins")


@dataclass(frozen=True)
class _Orders:
    """The most that can be ordered, by the data alone: levers, money, lines and signing years are left aside."""

    settings: Settings
    programmes: Mapping[str, Any]
    frames: Mapping[str, Any]
    nations: list[str]
    limits: Mapping[tuple[str, str], float]
    members: Mapping[tuple[str, str], str]

    def buyers(self, pin: Any) -> list[str]:
        """The customers that a pin speaks of."""
        nations = self.nations if pin.nation == "ALL" else [pin.nation]
        return [nation for nation in nations if (nation, pin.programme) in self.limits]

    def channels(self, nation: str, pin: Any) -> list[str]:
        """The channels of a pin through which a nation may order."""
        mine = [name for name, row in self.frames.items() if row.programme == pin.programme]
        joined = [name for name in mine if self._may_order(self.frames[name], nation)]
        return [name for name in [NATIONAL, *joined] if pin.channel in ("", name)]

    def _may_order(self, frame: Any, nation: str) -> bool:
        status = self.members.get((frame.frame, nation), "excluded")
        return status == "member" if frame.launched > 0 else status in ("candidate", "committed")

    def years(self, nation: str, pin: Any) -> set[int]:
        """The years in which a nation can place an order that the pin speaks of, its year aside."""
        return {year for channel in self.channels(nation, pin) for year in self._in_time(pin.programme, channel)}

    def _in_time(self, programme: str, channel: str) -> list[int]:
        """Order years whose delivery falls within the horizon or the years beyond it."""
        row = self.programmes[programme]
        frame = self.frames.get(channel)
        lead = row.lead_years + (frame.extra_lead_years if frame is not None else 0)
        end = self.settings.last_year + self.settings.beyond.years - lead
        window = range(
            max(self.settings.first_year, row.first_order_year),
            min(self.settings.last_year, row.last_order_year, end) + 1,
        )
        if frame is None or frame.launched > 0:
            return list(window)
        launches = [year for year in window if frame.first_launch <= year <= frame.last_launch]
        return [year for year in window if launches and year >= launches[0]]

    def most(self, nation: str, programme: str) -> float:
        """The most new units of a nation, in whole lots."""
        lot, limit = self.programmes[programme].lot, self.limits[nation, programme]
        return limit if lot == 0 or math.isinf(limit) else lot * math.floor(limit / lot + EXACT)


def _pins(exam: Examination, settings: Settings) -> None:
    """A pin that no order in the data can meet."""
    tables = exam.tables
    limits = tuples(tables["customers"], ["nation", "programme", "max_units"])
    members = tuples(tables["frame_members"], ["frame", "nation", "status"])
    orders = _Orders(
        settings,
        {row.programme: row for row in each(tables["programmes"])},
        {row.frame: row for row in each(tables["frames"])},
        sorted(tables["nations"]["nation"]),
        {(nation, programme): units for nation, programme, units in limits},
        {(frame, nation): status for frame, nation, status in members},
    )
    for pin in each(tables["pins"]):
        if pin.programme not in orders.programmes:
            continue
        complaint = _lots(orders, pin) or (_unmet(orders, pin) if pin.sense != "max" and pin.units > 0 else None)
        if complaint:
            exam.error("pins", [int(pin.Index)], *complaint)


def _lots(orders: _Orders, pin: Any) -> tuple[str, str, str] | None:
    """(column, what is wrong, what would be right) where the units are no whole lots."""
    lot = orders.programmes[pin.programme].lot
    if lot == 0 or abs(pin.units / lot - round(pin.units / lot)) <= EXACT * max(1.0, pin.units / lot):
        return None
    return "units", f"is no whole number of lots of {pin.programme}", f"a multiple of {lot:g}"


def _unmet(orders: _Orders, pin: Any) -> tuple[str, str, str] | None:
    """The same where the orders that match can never come to the units."""
    who = "no nation" if pin.nation == "ALL" else pin.nation
    buyers = orders.buyers(pin)
    if not buyers:
        not_one = "" if pin.nation == "ALL" else " not"
        return "nation", f"{who} is{not_one} a customer of {pin.programme}", "give a customers row, or drop the pin"
    if pin.channel not in ("", NATIONAL):
        frame = orders.frames.get(pin.channel)
        if frame is None:
            return None
        if frame.programme != pin.programme:
            return "channel", f"{pin.channel} is a frame of {frame.programme}", f"a frame of {pin.programme}"
    if not any(orders.channels(nation, pin) for nation in buyers):
        return "channel", f"{who} can order nothing through {pin.channel}", "look at the status in frame_members"
    years = {nation: orders.years(nation, pin) for nation in buyers}
    able = [nation for nation in buyers if (pin.year in years[nation] if pin.year else years[nation])]
    if not able:
        known = sorted(set().union(*years.values()))
        can = f"give a year from {known[0]} to {known[-1]}" if known else "look at the lead and the order window"
        when = pin.year or "any planning year"
        return "year", f"an order of {when} lies outside the order window, or arrives too late", can
    most = sum(orders.most(nation, pin.programme) for nation in able)
    if most < pin.units * (1 - EXACT):
        return "units", f"max_units allow {most:g} at most", "lower the units, or raise max_units"
    return None
