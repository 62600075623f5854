"""The keys that can exist and the figures behind them, indexed once and shared by every rule.

Formulas of price, payment and window stand in keys_orders, those of gaps and innovation in keys_needs, those of money
in keys_money, and here what bounds an order: nowhere else on the model's side of the house (the audit has its own).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.keys_money import Money
from models.keys_orders import EQUIPMENT, SMALLEST_ORDER
from models.keys_read import PILLARS, SETTLED, kept

TIER_MARGIN = 1e-5  # a divisible total keeps this far below the next tier (MODEL.md, section 4)


@dataclass(frozen=True)
class Level:
    """A price level of a frame: its units lie in [floor, ceiling] and its price has the factor."""

    floor: float
    ceiling: float
    factor: float


class Keys(Money):
    """Everything a rule looks up, made once from a case.

    Units: money in millions at constant prices, quantities in units of the programme, effects in area units.
    """

    # ---- bounds of orders ----------------------------------------------------------------------------------------

    @cached_property
    def most_units(self) -> dict[tuple[str, str], float]:
        """Upper bound of all new orders of a pair: its customers row, its industry, its money (no round number)."""
        return {pair: self._most(pair) for pair in self.ordering_pairs}

    def _most(self, pair: tuple[str, str]) -> float:
        nation, programme = pair
        bound = min(float(self.customer[pair].max_units), self.makeable(programme, self.end))
        if math.isinf(bound):
            bound = min(bound, self._affordable(nation, programme))
        if self.whole(programme) and math.isfinite(bound):
            bound = math.floor(bound / self.lot(programme) + 1e-9) * self.lot(programme)
        return bound

    def switch(self, pair: tuple[str, str]) -> float:
        """Units in the place of infinity where a decision opens the orders of a pair: more than any rule asks for."""
        bound = self.most_units[pair]
        return bound if math.isfinite(bound) else self.enough(pair[1])

    @kept
    def output_limit(self, programme: str, year: int) -> float:
        """Units of a programme that its lines and components could make in a year with every expansion open."""
        bound = math.inf
        if self.lines_of.get(programme):
            bound = sum(self._units_at(line, year, self.use[line][programme]) for line in self.lines_of[programme])
        for component, quantity in self.bill.get(programme, {}).items():
            bound = min(bound, self._units_at(component, year, quantity))
        return bound

    @kept
    def makeable(self, programme: str, year: int) -> float:
        """Units of new orders of a programme that could be made up to a year, what the pipeline takes taken off.

        A programme on no line is delivered from its components of the year alone: the sum over the years is a bound.
        """
        limits = [self.output_limit(programme, y) for y in self.all_years if y <= year]
        due = [sum(self._due(programme).get(y, 0.0) for y in self.all_years if y <= year)]
        built = self.built.get(programme, 0.0) if self.lines_of.get(programme) else 0.0
        return max(0.0, built + sum(limits) - due[0])

    @kept
    def deliverable(self, programme: str, year: int) -> float:
        """Units of new orders of a programme that could be delivered in a year with every expansion open."""
        if self.lines_of.get(programme):
            return self.makeable(programme, year)
        return max(0.0, self.output_limit(programme, year) - self._due(programme).get(year, 0.0))

    @cached_property
    def in_pipeline(self) -> dict[str, float]:
        """Programme -> units that earlier rounds ordered and that arrive from the first year on."""
        found: dict[str, float] = defaultdict(float)
        for (_, programme, _), units in sorted(self.pipeline.items()):
            found[programme] += units
        return found

    @kept
    def _due(self, programme: str) -> dict[int, float]:
        """Year -> units of the pipeline of all nations."""
        found: dict[int, float] = defaultdict(float)
        for (_, name, year), units in self.pipeline.items():
            if name == programme:
                found[year] += units
        return found

    @kept
    def _units_at(self, place: str, year: int, use: float) -> float:
        if use <= 0:
            return math.inf
        added = sum(
            self.expansion[name].added_capacity
            for name in self.expansions_at.get(place, [])
            if any(self.opens(name, start) <= year for start in self.start_years[name])
        )
        return float((self.capacity[place, year] + self.open_part(year) * added) / use)

    def open_part(self, year: int) -> float:
        """What an open expansion counts in a year: all of it, beyond the horizon the factor that capacity has there."""
        return 1.0 if year <= self.last else float(self.settings.beyond.capacity)

    def _affordable(self, nation: str, programme: str) -> float:
        """Units that all money of the nation could pay at the lowest price in its order years."""
        money = sum(self.available[nation, year, pillar] for year in self.years for pillar in PILLARS)
        money += sum(self.money_beyond[nation, year, p] for year in self.beyond_years for p in PILLARS)
        money += sum(row.amount for (_, borrower), (_, row) in self.loan.items() if borrower == nation)
        factors = [factor for tiers in self.tiers.values() for _, factor in tiers]
        prices = [self.price(programme, year) for year in self.order_years(programme)] or [0.0]
        lowest = min(prices) * min([1.0, *factors])
        return money / lowest if lowest > 0 else math.inf

    @kept
    def enough(self, programme: str) -> float:
        """Units of what is free and unlimited after which no target, enabler, minimum, tier or pin asks for more.

        Needs of an area are those of its own targets and of the areas that it enables; all of them are added up, so
        that a plan with more of the programme is a plan of the same value with this much.
        """
        needs = sum(
            max((self._area_need(area, year) for year in self.gap_years), default=0.0) / effect
            for area, effect in self.effect.get(programme, {}).items()
            if effect > 0
        )
        asked = [self.lot(programme)]
        for frame in self.frames:
            row = self.frame[frame]
            if row.programme == programme:
                asked += [row.min_units, row.min_annual_units * len(self.years)]
                asked += [floor for floor, _ in self.tiers.get(frame, [])]
        asked += [row.units for row in self.pins if row.programme == programme]
        asked += [row.units for row in self.prior if row.programme == programme]
        return float(needs + sum(asked) + len(self.nations) * self.lot(programme))

    def _area_need(self, area: str, year: int) -> float:
        """Effect of an area (area units) after which neither it nor what it enables gains by more."""
        need = self.summed_target.get((area, year), 0.0)
        for enabled, rows in self.enablers.items():
            ratio = dict(rows).get(area, 0.0)
            if ratio > 0:
                need += sum(
                    row.target / (ratio * (self.share(*key) if area in self.collective else 1.0))
                    for key, row in self.target.items()
                    if key[1:] == (enabled, year) and row.target > 0
                )
        return float(need)

    # ---- price levels --------------------------------------------------------------------------------------------

    @cached_property
    def levels(self) -> dict[str, list[Level]]:
        """Frame -> price levels its total could reach, adjacent ones of one factor merged."""
        return {frame: self._levels(frame) for frame in self.frames}

    def _levels(self, frame: str) -> list[Level]:
        row = self.frame[frame]
        steps: list[tuple[float, float]] = [(0.0, 1.0)]
        for floor, factor in self.tiers.get(frame, []):
            if floor <= 0 or factor == steps[-1][1]:
                steps[-1] = (steps[-1][0], factor)
            else:
                steps.append((floor, factor))
        pairs = [(nation, row.programme) for nation in self.members[frame]]
        most = self.earlier_units(frame) + sum(self.switch(pair) for pair in pairs if pair in self.most_units)
        least = max(float(row.min_units), self.earlier_units(frame))
        if not self.is_launched(frame):
            least = max(least, max(1, int(row.min_members)) * self.lot(row.programme))
        ends = [self._below(frame, floor) for floor, _ in steps[1:]] + [max(most, least)]
        found = [
            Level(floor, min(end, max(most, least)), factor)
            for (floor, factor), end in zip(steps, ends, strict=True)
            if end >= least * (1 - 1e-9) and floor <= most
        ]
        return found or [Level(0.0, max(most, least), steps[-1][1])]

    def _below(self, frame: str, floor: float) -> float:
        """The largest total of a frame that is still below ``floor``."""
        programme = self.frame[frame].programme
        if not self.whole(programme):
            return floor * (1 - TIER_MARGIN)
        earlier, lot = self.earlier_units(frame), self.lot(programme)
        return earlier + (math.ceil((floor - earlier) / lot - 1e-6) - 1) * lot


def or_zero(variables: Any, key: Any) -> Any:
    """The variable of a key; 0 where there is none (Pyomo's own components know no `get`)."""
    if key in variables:
        return variables[key]
    return 0


def scope_of(scope: str) -> tuple[str, str]:
    """(group, area) of a scope: an area stands for all nations."""
    where, _, area = scope.rpartition(":")
    return where or "ALL", area


def years_from(keys: Keys, from_year: int) -> list[int]:
    """Years of the horizon from ``from_year`` on."""
    return [year for year in keys.years if year >= from_year]


__all__ = ["EQUIPMENT", "PILLARS", "SETTLED", "SMALLEST_ORDER", "TIER_MARGIN", "Keys", "Level", "or_zero", "years_from"]
