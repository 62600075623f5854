"""What the first year of a plan binds: deliveries, payments, and all that runs on without being decided again.

Amounts are those of the plan as it was solved (levers in force), millions at constant prices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.rows import each
from models.keys import Keys
from optimizer.plan import Plan

SMALLEST = 1e-9  # amounts below are the solver's tolerance
NATIONAL = "national"
Pair = tuple[str, str]
Duty = tuple[str, int, str, str, str]  # nation, year, pillar, kind, item


@dataclass(frozen=True)
class Order:
    """An order of the first year and the year in which it arrives."""

    nation: str
    programme: str
    channel: str
    units: float
    value: float
    lead: int


class Carried:
    """The first year of a plan, read off its tables and its data set."""

    def __init__(self, plan: Plan) -> None:
        """Index what the first year decided."""
        self.plan, self.keys = plan, Keys(plan.case)
        self.first, self.last = self.keys.first, self.keys.last
        self.later = range(self.first + 1, self.last + 1)
        self.orders = [
            Order(row.nation, row.programme, row.channel, row.units, row.value, self._lead(row.programme, row.channel))
            for row in self.of("orders", "year")
        ]
        self.base_pipeline: dict[tuple[str, str, int], float] = defaultdict(float)
        for row in each(plan.case.base.tables["pipeline"]):
            if row.units > 0:
                self.base_pipeline[row.nation, row.programme, row.year] += row.units

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

    def pipeline(self) -> dict[tuple[str, str, int], float]:
        """(nation, programme, year) -> units to be delivered after the first year: earlier rounds' and this one's."""
        found = defaultdict(float, {key: units for key, units in self.base_pipeline.items() if key[2] > self.first})
        for order in self.orders:
            if order.lead > 0:
                found[order.nation, order.programme, self.first + order.lead] += order.units
        return dict(sorted(found.items()))

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
        """Years of the next horizon in which what arrived in the first year still serves."""
        end = self.first + int(self.keys.programme[programme].service_years)
        return range(self.first + 1, min(self.last + 1, end))

    def effects(self) -> dict[tuple[str, str, int], float]:
        """(nation, area, year) -> effect of what arrived in the first year, as far as its service life reaches."""
        found: dict[tuple[str, str, int], float] = defaultdict(float)
        for (nation, programme), units in self.arrived().items():
            for area, effect in sorted(self.keys.effect.get(programme, {}).items()):
                for year in self.serving(programme):
                    found[nation, area, year] += effect * units
        return dict(sorted(found.items()))

    # ---- joint buys ----------------------------------------------------------------------------------------------

    def launches(self) -> dict[str, int]:
        """Frame -> launch year, of frames launched by the end of the first year."""
        frames = self.plan.tables["frames"]
        mine = frames[frames["launch_year"] <= self.first]
        return dict(zip(mine["frame"], mine["launch_year"].astype(int), strict=True))

    def members(self, frame: str) -> list[str]:
        """Nations in a launched frame."""
        joined = self.plan.tables["members"]
        return sorted(joined.loc[joined["frame"] == frame, "nation"])

    def served(self, frame: str) -> list[str]:
        """Members that have what they ordered and plan no more; delivered, it would count as their lot no longer."""
        programme = self.keys.frame[frame].programme
        orders, coming = self.plan.tables["orders"], {key[:2] for key in self.pipeline()}
        mine = orders[(orders["channel"] == frame) & (orders["year"] > self.first)]
        staying = set(mine["nation"]) | {nation for nation, what in coming if what == programme}
        return [n for n in self.members(frame) if (n, programme) in self.arrived() and n not in staying]

    def delivered_through(self, frame: str) -> float:
        """Units of the first year that count in a frame's total no longer, since they are delivered."""
        programme, members = self.keys.frame[frame].programme, set(self.members(frame))
        if self.keys.is_launched(frame):
            return sum(
                units for (nation, what), units in self.arrived().items() if what == programme and nation in members
            )
        return sum(order.units for order in self.orders if order.channel == frame and order.lead == 0)

    # ---- money ---------------------------------------------------------------------------------------------------

    def obligations(self) -> dict[Duty, float]:
        """(nation, year, pillar, kind, item) -> money after the first year that the first year binds."""
        found: dict[Duty, float] = defaultdict(float)
        parts = (
            self._payments, self._sustainment, self._overhead, self._fees, self._interest, self._industry, self._lines,
        )  # fmt: skip
        for part in parts:
            for duty, amount in part():
                if amount > SMALLEST and duty[1] in self.later:
                    found[duty] += amount
        return dict(sorted(found.items()))

    def _payments(self) -> Iterator[tuple[Duty, float]]:
        for order in self.orders:
            pillar = self.keys.programme[order.programme].pillar
            for offset, share in enumerate(self.keys.instalments(order.programme, order.lead)):
                if offset > 0:
                    duty = (order.nation, self.first + offset, pillar, "payment", order.programme)
                    yield duty, share * order.value

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

    def _fees(self) -> Iterator[tuple[Duty, float]]:
        """Fees of members that are served and leave; those of the others follow from `launched`."""
        for frame, launch in self.launches().items():
            row = self.keys.frame[frame]
            for nation in self.served(frame):
                for year in self.keys.commitment(frame, launch):
                    yield (nation, year, self.keys.programme[row.programme].pillar, "fee", frame), row.annual_fee

    def _interest(self) -> Iterator[tuple[Duty, float]]:
        for (facility, nation, drawn_in), amount in self.draws().items():
            for year in range(drawn_in + 1, self.last + 1):
                rate = self.keys.loan[facility, nation].interest
                yield (nation, year, "core", "interest", facility), rate * amount

    def _industry(self) -> Iterator[tuple[Duty, float]]:
        started = {row.expansion for row in self.of("expansions", "start_year")}
        for row in each(self.plan.tables["contributions"]):
            if row.expansion in started:
                yield (row.nation, int(row.year), "resilience", "industry", row.expansion), row.amount

    def _lines(self) -> Iterator[tuple[Duty, float]]:
        """What is left to pay of pilots, scaling and fast modes begun in the first year."""
        k = self.keys
        for row in each(self.plan.tables["innovation"]):
            modes = ["fast" if row.mode == "fast" else "pilot"] if row.pilot_year == self.first else []
            modes += ["scale"] if row.scale_year == self.first else []
            for mode in modes:
                parts = max(1, k.duration(row.innovation, mode))
                for year in range(self.first + 1, min(self.last + 1, self.first + parts)):
                    cost = k.cost_of(row.innovation, mode) / parts
                    for nation, share in self._shares(row.innovation, year).items():
                        duty = (nation, year, k.innovation[row.innovation].pillar, "innovation", row.innovation)
                        yield duty, share * cost

    def _shares(self, line: str, year: int) -> Mapping[str, float]:
        k = self.keys
        total = sum(k.gdp[nation, year] for nation in k.sponsors[line])
        even = 1 / max(1, len(k.sponsors[line]))
        return {nation: k.gdp[nation, year] / total if total else even for nation in k.sponsors[line]}

    def draws(self) -> dict[tuple[str, str, int], float]:
        """(facility, nation, year) -> loans of the first year, and later ones as far as they pay its orders.

        A loan can only be drawn against payments of a plan's own orders; those of the first year are obligations from
        now on, so that what was to pay them has to be carried with them.
        """
        due: dict[tuple[str, str, int], float] = defaultdict(float)
        for order in self.orders:
            facility = self._facility(order)
            for offset, share in enumerate(self.keys.instalments(order.programme, order.lead)) if facility else ():
                due[facility, order.nation, self.first + offset] += share * order.value
        found = {}
        for row in each(self.plan.tables["loans"]):
            key = (row.facility, row.nation, int(row.year))
            amount = row.drawn if row.year == self.first else min(row.drawn, due[key])
            if amount > SMALLEST:
                found[key] = float(amount)
        return dict(sorted(found.items()))

    def _facility(self, order: Order) -> str:
        """The loan facility that may pay an order; empty where there is none."""
        if order.channel == NATIONAL:
            return ""
        frame, programme = self.keys.frame[order.channel], self.keys.programme[order.programme]
        eligible = programme.pillar == "core" and programme.eu_content >= frame.eu_content_min
        return str(frame.loan_facility) if eligible else ""

    def money(self) -> dict[tuple[str, int, str], float]:
        """(nation, year, pillar) -> money beyond the budget: carried out of the first year, loans for its orders."""
        found: dict[tuple[str, int, str], float] = defaultdict(float)
        for row in self.of("budgets", "year"):
            found[row.nation, self.first + 1, row.pillar] += row.carried_out
        for (_, nation, year), amount in self.draws().items():
            if year > self.first:
                found[nation, year, "core"] += amount
        return {key: float(amount) for key, amount in sorted(found.items()) if amount > SMALLEST}

    def output(self) -> pd.Series[float]:
        """Line -> output of the first year (capacity units)."""
        frame = self.plan.tables["capacity"]
        return frame[frame["year"] == self.first].set_index("line_or_component")["used"].astype("float64")
