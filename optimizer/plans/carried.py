"""What the first year of a plan binds: deliveries, payments, and all that runs on without being decided again.

Amounts are those of the plan as it was solved (levers in force), millions at constant prices; what the case's nations
do not own (a nation that is out) stays as the base data set has it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from data.dataset import split_names
from data.dictionary import NOT_GIVEN
from data.rows import each, nested
from models.keys import Keys
from optimizer.plans.plan import Plan

DUST = 1e-9  # relative: a difference below is rounding
NATIONAL = "national"
Pair = tuple[str, str]
Delivery = tuple[str, str, int]  # nation, programme, year
Duty = tuple[str, int, str, str, str]  # nation, year, pillar, kind, item


@dataclass(frozen=True)
class Order:
    """An order of the first year and the years from it to its delivery."""

    nation: str
    programme: str
    channel: str
    units: float
    value: float
    lead: int


def less(whole: float, part: float) -> float:
    """What is left of a quantity; nothing where only rounding is (infinite stays infinite)."""
    left = whole - part
    return left if left > DUST * whole or math.isinf(whole) else 0.0


class Carried:
    """The first year of a plan, read off its tables and its data set."""

    def __init__(self, plan: Plan) -> None:
        """Index what the first year decided."""
        self.plan, self.base, self.keys = plan, plan.case.base.tables, Keys(plan.case)
        settings = plan.case.base.settings
        self.first, self.last = settings.first_year, settings.last_year
        self.later = range(self.first + 1, self.last + settings.beyond.years + 1)
        self.orders = [
            Order(row.nation, row.programme, row.channel, row.units, row.value, self._lead(row.programme, row.channel))
            for row in self.of("orders", "year")
        ]
        self.base_pipeline = _pipeline(self.base["pipeline"])

    def of(self, table: str, column: str) -> list[Any]:
        """Rows of a plan table whose year column is the first year."""
        frame = self.plan.tables[table]
        return list(each(frame[frame[column] == self.first]))

    def _lead(self, programme: str, channel: str) -> int:
        return self.keys.lead(programme, None if channel == NATIONAL else channel)

    # ---- things --------------------------------------------------------------------------------------------------

    def ordered(self) -> dict[Pair, float]:
        """Units ordered in the first year over all channels."""
        found: dict[Pair, float] = defaultdict(float)
        for order in self.orders:
            found[order.nation, order.programme] += order.units
        return dict(sorted(found.items()))

    def matching(self, nation: str, programme: str, channel: str) -> float:
        """Units ordered in the first year that match the filled cells of a pin."""
        return sum(
            order.units
            for order in self.orders
            if order.programme == programme and nation in ("ALL", order.nation) and channel in ("", order.channel)
        )

    def pipeline(self) -> dict[Delivery, float]:
        """(nation, programme, year) -> units to be delivered after the first year: earlier rounds' and this one's."""
        found = defaultdict(float, {key: units for key, units in self.base_pipeline.items() if key[2] > self.first})
        for order in self.orders:
            if order.lead > 0:
                found[order.nation, order.programme, self.first + order.lead] += order.units
        return dict(sorted(found.items()))

    def built(self) -> dict[Delivery, float]:
        """(nation, programme, year) -> how many of the pipeline's units are made already.

        What is made so far and not delivered, over all nations, lies on the earliest deliveries: they are due first.
        A programme on no line is never made ahead of its delivery. A nation that the plan left out keeps what it has.
        """
        found = {}
        for row in each(self.base["pipeline"]):
            if row.nation not in self.keys.nation and row.year > self.first:
                found[row.nation, row.programme, int(row.year)] = float(row.built)
        stock = self.stock()
        for key, units in sorted(self.pipeline().items(), key=lambda item: (item[0][2], item[0])):
            nation, programme, _ = key
            if nation in self.keys.nation and programme in stock:
                found[key] = units if stock[programme] >= units * (1 - DUST) else stock[programme]
                stock[programme] = less(stock[programme], units) if stock[programme] > units else 0.0
        return {key: units for key, units in sorted(found.items()) if units > 0}

    def stock(self) -> dict[str, float]:
        """Programme on a line -> units made by the end of the first year and not delivered by then, all nations."""
        lines = self.base["line_programmes"]
        made = dict.fromkeys(sorted(set(lines["programme"])), 0.0)
        gone = dict(made)
        for row in each(self.plan.case.dataset.tables["pipeline"]):
            if row.programme in made:
                made[row.programme] += row.built
                gone[row.programme] += row.units if row.year == self.first else 0.0
        for row in self.of("production", "year"):
            made[row.programme] += row.units
        for order in self.orders:
            if order.lead == 0 and order.programme in gone:
                gone[order.programme] += order.units
        return {programme: less(units, gone[programme]) for programme, units in made.items()}

    def arrived(self) -> dict[Pair, float]:
        """Units delivered in the first year: they are in service when the next round begins."""
        found: dict[Pair, float] = defaultdict(float)
        for (nation, programme, year), units in self.base_pipeline.items():
            if year == self.first:
                found[nation, programme] += units
        for order in self.orders:
            if order.lead == 0:
                found[order.nation, order.programme] += order.units
        return dict(sorted(found.items()))

    def serving(self, programme: str) -> range:
        """Years after the first, those beyond the horizon too, in which what arrived in it still serves."""
        end = self.first + int(self.keys.programme[programme].service_years)
        return range(self.first + 1, min(self.later.stop, end))

    def effects(self) -> dict[tuple[str, str, int], float]:
        """(nation, area, year) -> effect of what arrived in the first year, as far as its service life reaches."""
        effect = nested(self.base["effects"], "programme", "area", "effect")
        found: dict[tuple[str, str, int], float] = defaultdict(float)
        for (nation, programme), units in self.arrived().items():
            for area, each_unit in sorted(effect[programme].items()):
                for year in self.serving(programme):
                    if year <= self.last:
                        found[nation, area, year] += each_unit * units
        return dict(sorted(found.items()))

    def output(self) -> dict[str, float]:
        """Line or component -> output of the first year (capacity units)."""
        return {row.line_or_component: float(row.used) for row in self.of("capacity", "year")}

    # ---- joint buys ----------------------------------------------------------------------------------------------

    @cached_property
    def earlier(self) -> dict[str, int]:
        """Frame -> launch year, of frames that earlier rounds launched."""
        return {row.frame: int(row.launched) for row in each(self.base["frames"]) if row.launched > 0}

    @cached_property
    def launches(self) -> dict[str, int]:
        """Frame -> launch year, of frames launched by the end of the first year."""
        now = {row.frame: self.first for row in self.of("frames", "launch_year")}
        return dict(sorted({**now, **self.earlier}.items()))

    @cached_property
    def units_before(self) -> dict[tuple[str, str], float]:
        """(launched frame, member) -> units ordered through it so far, the first year's included.

        What earlier rounds ordered is units_before or, where the data leave that empty, the member's pipeline.
        """
        found: dict[tuple[str, str], float] = {}
        for row in each(self.base["frame_members"]):
            if row.frame in self.earlier and row.status == "member":
                given = row.units_before != NOT_GIVEN
                found[row.frame, row.nation] = float(row.units_before) if given else self._coming(row.frame, row.nation)
        for row in each(self.plan.tables["members"]):
            if row.frame in self.launches and row.frame not in self.earlier:
                found[row.frame, row.nation] = 0.0
        for order in self.orders:
            if order.channel != NATIONAL:
                found[order.channel, order.nation] += order.units
        return dict(sorted(found.items()))

    def _coming(self, frame: str, nation: str) -> float:
        """A member's pipeline of a frame's programme, all years."""
        bought = self.keys.frame[frame].programme
        return sum(units for (who, what, _), units in self.base_pipeline.items() if (who, what) == (nation, bought))

    # ---- money ---------------------------------------------------------------------------------------------------

    def obligations(self) -> dict[Duty, float]:
        """(nation, year, pillar, kind, item) -> money after the first year that the first year binds."""
        found: dict[Duty, float] = defaultdict(float)
        for part in (self._payments, self._sustainment, self._overhead, self._interest, self._industry, self._lines):
            for duty, amount in part():
                if amount > 0 and duty[1] in self.later:
                    found[duty] += amount
        return dict(sorted(found.items()))

    def _payments(self) -> Iterator[tuple[Duty, float]]:
        for order in self.orders:
            pillar = self.keys.programme[order.programme].pillar
            for year, amount in self._instalments(order):
                yield (order.nation, year, pillar, "payment", order.programme), amount

    def _instalments(self, order: Order) -> list[tuple[int, float]]:
        """Year and amount of each part of an order's price that falls after the first year."""
        parts = self.keys.instalments(order.programme, order.lead)
        return [(self.first + k, share * order.value) for k, share in enumerate(parts) if k > 0]

    def _sustainment(self) -> Iterator[tuple[Duty, float]]:
        for (nation, programme), units in self.arrived().items():
            row = self.keys.programme[programme]
            for year in self.serving(programme) if nation in self.keys.nation else ():
                yield (nation, year, row.pillar, "sustainment", programme), row.sustain_cost * units

    def _overhead(self) -> Iterator[tuple[Duty, float]]:
        """Overhead of types newly operated: the next round sees them as legacy and charges none."""
        new = {(order.nation, order.programme) for order in self.orders} - self.keys.legacy
        for row in each(self.plan.tables["spending"]):
            if row.kind == "overhead" and (row.nation, row.item) in new:
                yield (row.nation, int(row.year), row.pillar, "overhead", row.item), row.amount

    def _interest(self) -> Iterator[tuple[Duty, float]]:
        """Interest on what is drawn for the first year's orders, to the end of the horizon; a grant costs none."""
        for (facility, nation, drawn_in), amount in self.draws.items():
            _, row = self.keys.loan[facility, nation]
            for year in range(drawn_in + 1, self.last + 1) if row.kind == "loan" else ():
                yield (nation, year, "core", "interest", facility), row.interest * amount

    def _industry(self) -> Iterator[tuple[Duty, float]]:
        started = {row.expansion for row in self.of("expansions", "start_year")}
        for row in each(self.plan.tables["contributions"]):
            if row.item in started:
                yield (row.nation, int(row.year), "resilience", "industry", row.item), row.amount

    def _lines(self) -> Iterator[tuple[Duty, float]]:
        """What sponsors have agreed to pay of pilots, scaling and fast modes begun in the first year."""
        ends = self._bills_end()
        for row in each(self.plan.tables["contributions"]):
            if row.item in ends and row.year <= ends[row.item]:
                pillar = self.keys.innovation[row.item].pillar
                yield (row.nation, int(row.year), pillar, "innovation", row.item), row.amount

    def decided(self) -> list[Any]:
        """Rows of the innovation lines that the first year decided: fast, or scaled."""
        fast = [row for row in self.of("innovation", "pilot_year") if row.mode == "fast"]
        return fast + self.of("innovation", "scale_year")

    def _bills_end(self) -> dict[str, int]:
        """Innovation line -> last year with a bill of what began in the first year.

        Until then nothing else of the line is billed: scaling waits for the pilot's end.
        """
        found: dict[str, int] = {}
        for row in each(self.plan.tables["innovation"]):
            modes = ["fast" if row.mode == "fast" else "pilot"] if row.pilot_year == self.first else []
            modes += ["scale"] if row.scale_year == self.first else []
            for mode in modes:
                end = self.first + max(1, self.keys.duration(row.innovation, mode)) - 1
                found[row.innovation] = max(end, found.get(row.innovation, self.first))
        return found

    # ---- loans and grants ----------------------------------------------------------------------------------------

    @cached_property
    def draws(self) -> dict[tuple[str, str, int], float]:
        """(facility, nation, year) -> drawn in the first year, and later as far as it pays the first year's orders.

        A facility can only be drawn on against payments of a plan's own orders; those of the first year are
        obligations from now on, so that what was to pay them has to be carried with them. Where several facilities
        may pay an order, the one with the fewest other payments to choose from goes first.
        """
        due = self._due()
        rows = [row for row in each(self.plan.tables["loans"]) if row.drawn > 0 and row.year >= self.first]
        reach = {row.Index: sum(row.facility in names for names in due[row.nation, int(row.year)]) for row in rows}
        found = {}
        for row in sorted(rows, key=lambda row: (reach[row.Index], row.facility, row.nation, row.year)):
            key = (row.facility, row.nation, int(row.year))
            share = self.keys.loan[row.facility, row.nation][1].share
            amount = row.drawn if row.year == self.first else _taken(due[key[1:]], row.facility, row.drawn, share)
            if amount > 0:
                found[key] = float(amount)
        return dict(sorted(found.items()))

    def _due(self) -> defaultdict[tuple[str, int], dict[tuple[str, ...], list[float]]]:
        """(nation, year) -> facilities -> [the first year's payments that they may cover, left of it]."""
        found: defaultdict[tuple[str, int], dict[tuple[str, ...], list[float]]] = defaultdict(dict)
        for order in self.orders:
            names = self._facilities(order)
            for year, amount in self._instalments(order) if names else ():
                cell = found[order.nation, year].setdefault(names, [0.0, 0.0])
                cell[0] += amount
                cell[1] += amount
        return found

    def _facilities(self, order: Order) -> tuple[str, ...]:
        """The facilities that may pay an order."""
        if order.channel == NATIONAL:
            return ()
        frame, programme = self.keys.frame[order.channel], self.keys.programme[order.programme]
        eligible = programme.pillar == "core" and programme.eu_content >= frame.eu_content_min
        return tuple(sorted(split_names(frame.loan_facility))) if eligible else ()

    def money(self) -> dict[tuple[str, int, str], float]:
        """(nation, year, pillar) -> money beyond the budget: carried out of the first year, loans for its orders."""
        found: dict[tuple[str, int, str], float] = defaultdict(float)
        for row in self.of("budgets", "year"):
            found[row.nation, self.first + 1, row.pillar] += row.carried_out
        for (_, nation, year), amount in self.draws.items():
            if year > self.first:
                found[nation, year, "core"] += amount
        return {key: float(amount) for key, amount in sorted(found.items()) if amount > 0}


def _pipeline(table: pd.DataFrame) -> dict[Delivery, float]:
    return {(row.nation, row.programme, int(row.year)): float(row.units) for row in each(table) if row.units > 0}


def _taken(cells: dict[tuple[str, ...], list[float]], facility: str, drawn: float, share: float) -> float:
    """What a facility pays of these payments; they are less afterwards. Those that few others can pay go first."""
    mine = [cells[names] for names in sorted(cells, key=lambda names: (len(names), names)) if facility in names]
    wanted = left = min(drawn, share * sum(whole for whole, _ in mine))
    for cell in mine:
        part = min(left, cell[1])
        cell[1] -= part
        left -= part
    return wanted - left
