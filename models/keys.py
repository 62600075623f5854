"""The keys that can exist and the figures behind them, indexed once and shared by every rule.

Formulas of price, payment and window stand here (those of gaps and innovation in keys_needs) and nowhere else on the
model's side of the house (the audit has its own).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.keys_needs import Needs
from models.keys_read import PILLARS, groups, kept

SMALLEST_ORDER = 1e-4  # units of a divisible programme: less than that is no order (MODEL.md, section 3)
TIER_MARGIN = 1e-5  # a divisible total keeps this far below the next tier (section 4)

EQUIPMENT = frozenset({"equipment", "munition"})


@dataclass(frozen=True)
class Level:
    """A price level of a frame: its units lie in [floor, ceiling] and its price has the factor."""

    floor: float
    ceiling: float
    factor: float


class Keys(Needs):
    """Everything a rule looks up, made once from a case.

    Units: money in millions at constant prices, quantities in units of the programme, effects in area units.
    """

    # ---- buying --------------------------------------------------------------------------------------------------

    @kept
    def lot(self, programme: str) -> float:
        """Units a count of one stands for: the lot, or one unit where orders are divisible."""
        return float(self.programme[programme].lot) or 1.0

    @kept
    def whole(self, programme: str) -> bool:
        """Whether orders come in whole lots."""
        return bool(self.programme[programme].lot > 0)

    @kept
    def fleet_class(self, programme: str) -> str:
        """The class of types that count together; empty for none."""
        return str(self.programme[programme].fleet_class or "")

    @kept
    def price(self, programme: str, year: int) -> float:
        """Unit price of an order in ``year`` without a tier: unit_cost * (1 + cost_growth)^(year - base year)."""
        row = self.programme[programme]
        return float(row.unit_cost * (1 + row.cost_growth) ** (year - self.settings.price_base_year))

    @kept
    def instalments(self, programme: str, lead: int) -> list[float]:
        """Share of the price paid 0, 1, .. ``lead`` years after the order."""
        if lead == 0:
            return [1.0]
        down = float(self.programme[programme].down_payment)
        return [down] + [(1.0 - down) / lead] * lead

    @kept
    def lead(self, programme: str, frame: str | None = None) -> int:
        """Years from order to delivery, nationally or through a frame."""
        extra = self.frame[frame].extra_lead_years if frame else 0
        return int(self.programme[programme].lead_years + extra)

    def unlocked(self, programme: str, year: int) -> bool:
        """Whether the innovation line a programme requires could be complete in ``year``."""
        line = self.programme[programme].requires_innovation
        return not line or self.earliest_complete(line) <= year

    @kept
    def order_years(self, programme: str, frame: str | None = None) -> list[int]:
        """Years in which an order is allowed and delivers within the horizon."""
        row = self.programme[programme]
        first = max(self.first, int(row.first_order_year))
        last = min(self.last - self.lead(programme, frame), int(row.last_order_year))
        return [year for year in range(first, last + 1) if self.unlocked(programme, year)]

    @cached_property
    def national_keys(self) -> list[tuple[str, str, int]]:
        """(nation, programme, year) of every possible national order."""
        return [
            (nation, programme, year)
            for nation, programme in sorted(self.customer)
            if self.can_order(nation, programme)
            for year in self.order_years(programme)
        ]

    def can_order(self, nation: str, programme: str) -> bool:
        """Whether the customers table leaves the pair room for one lot (or the smallest order)."""
        row = self.customer.get((nation, programme))
        if row is None:
            return False
        return bool(row.max_units >= (self.lot(programme) * (1 - 1e-9) if self.whole(programme) else SMALLEST_ORDER))

    @cached_property
    def joint_keys(self) -> list[tuple[str, str, int]]:
        """(frame, nation, year) of every possible order through a frame."""
        return [
            (frame, nation, year)
            for frame in self.frames
            for nation in self.members[frame]
            if self.can_order(nation, self.frame[frame].programme)
            for year in self.order_years(self.frame[frame].programme, frame)
            if self.is_launched(frame) or year >= min(self.sign_years[frame, nation])
        ]

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """(nation, programme) with anything to order or to receive."""
        found = {(nation, programme) for nation, programme, _ in self.national_keys}
        found |= {(nation, self.frame[frame].programme) for frame, nation, _ in self.joint_keys}
        found |= {(nation, programme) for nation, programme, _ in self.pipeline}
        return sorted(found)

    @cached_property
    def new_pairs(self) -> list[tuple[str, str]]:
        """(nation, programme) that would be newly operated if anything is ordered."""
        return [pair for pair in self.ordering_pairs if pair not in self.legacy]

    @cached_property
    def ordering_pairs(self) -> list[tuple[str, str]]:
        """(nation, programme) with at least one possible order."""
        return sorted(set(self.order_years_of) | set(self.joint_of))

    @cached_property
    def order_years_of(self) -> dict[tuple[str, str], list[int]]:
        """(nation, programme) -> years of possible national orders."""
        return groups([((nation, programme), year) for nation, programme, year in self.national_keys])

    @cached_property
    def joint_of(self) -> dict[tuple[str, str], list[tuple[str, int]]]:
        """(nation, programme) -> (frame, year) of possible joint orders."""
        return groups([((n, self.frame[frame].programme), (frame, year)) for frame, n, year in self.joint_keys])

    @cached_property
    def joint_years(self) -> dict[tuple[str, str], list[int]]:
        """(frame, nation) -> years of possible orders."""
        return groups([((frame, nation), year) for frame, nation, year in self.joint_keys])

    @cached_property
    def most_units(self) -> dict[tuple[str, str], float]:
        """Upper bound of all new orders of a pair: its customers row, its industry, its money (no round number)."""
        return {pair: self._most(pair) for pair in self.ordering_pairs}

    def _most(self, pair: tuple[str, str]) -> float:
        nation, programme = pair
        bound = min(float(self.customer[pair].max_units), sum(self.deliverable(programme, year) for year in self.years))
        if math.isinf(bound):
            bound = min(bound, self._affordable(nation, programme))
        if math.isinf(bound):
            bound = self._useful(programme)
        if self.whole(programme):
            bound = math.floor(bound / self.lot(programme) + 1e-9) * self.lot(programme)
        return bound

    @kept
    def deliverable(self, programme: str, year: int) -> float:
        """Units of a programme that its lines and components could deliver in a year with every expansion open."""
        bound = math.inf
        if self.lines_of.get(programme):
            bound = sum(self._units_at(line, year, self.use[line][programme]) for line in self.lines_of[programme])
        for component, quantity in self.bill.get(programme, {}).items():
            bound = min(bound, self._units_at(component, year, quantity))
        return bound

    @kept
    def _units_at(self, place: str, year: int, use: float) -> float:
        if use <= 0:
            return math.inf
        added = sum(
            self.expansion[name].added_capacity
            for name in self.expansions_at.get(place, [])
            if any(self.opens(name, start) <= year for start in self.start_years[name])
        )
        return float((self.capacity[place, year] + added) / use)

    def _affordable(self, nation: str, programme: str) -> float:
        """Units that all money of the nation could pay at the lowest price in its order years."""
        money = sum(self.available[nation, year, pillar] for year in self.years for pillar in PILLARS)
        money += sum(row.amount for (_, borrower), row in self.loan.items() if borrower == nation)
        factors = [factor for tiers in self.tiers.values() for _, factor in tiers]
        prices = [self.price(programme, year) for year in self.order_years(programme)] or [0.0]
        lowest = min(prices) * min([1.0, *factors])
        return money / lowest if lowest > 0 else math.inf

    def _useful(self, programme: str) -> float:
        """Units after which no target is left to close: the last resort for what is free and unlimited."""
        needs = [
            self.summed_target[area, year] / effect
            for area, effect in self.effect.get(programme, {}).items()
            for year in self.years
            if effect > 0
        ]
        return max([self.lot(programme), *needs])

    # ---- joint buys ----------------------------------------------------------------------------------------------

    @kept
    def is_launched(self, frame: str) -> bool:
        """Whether an earlier round launched the frame."""
        return bool(self.frame[frame].launched > 0)

    @cached_property
    def launch_years(self) -> dict[str, list[int]]:
        """Frame -> years in which it may be launched: its window where it can order; none once launched."""
        found = {}
        for frame in self.frames:
            row = self.frame[frame]
            years = [] if self.is_launched(frame) else self.order_years(row.programme, frame)
            found[frame] = [year for year in years if row.first_launch <= year <= row.last_launch]
        return found

    def may_sign(self, nation: str, year: int) -> bool:
        """Whether ``year`` is a signing year of the nation."""
        if self.options.synchronised_cycles:
            return True
        row = self.nation[nation]
        return bool((year - row.signing_offset) % row.signing_cycle == 0)

    @cached_property
    def sign_years(self) -> dict[tuple[str, str], list[int]]:
        """(frame, nation) -> launch years in which the nation may join."""
        found = {}
        for (frame, nation), status in sorted(self.status.items()):
            if status not in ("candidate", "committed") or self.is_launched(frame):
                continue
            if not self.can_order(nation, self.frame[frame].programme):
                continue
            years = [y for y in self.launch_years[frame] if status == "committed" or self.may_sign(nation, y)]
            if years:
                found[frame, nation] = years
        return found

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """Frame -> nations that are members already, or that could join."""
        found: dict[str, list[str]] = {frame: [] for frame in self.frames}
        for (frame, nation), status in sorted(self.status.items()):
            if status == "member" if self.is_launched(frame) else (frame, nation) in self.sign_years:
                found[frame].append(nation)
        return found

    @cached_property
    def join_keys(self) -> list[tuple[str, str, int]]:
        """(frame, nation, launch year) in which the nation may join."""
        return [(frame, nation, year) for (frame, nation), years in self.sign_years.items() for year in years]

    def blocked(self, frame: str) -> bool:
        """Whether a committed nation can never order, so that the frame can't launch with all it must have."""
        programme = self.frame[frame].programme
        return any(
            status == "committed" and (name, nation) not in self.sign_years and (nation, programme) in self.customer
            for (name, nation), status in self.status.items()
            if name == frame
        )

    def earlier_units(self, frame: str, nation: str | None = None) -> float:
        """Units of a launched frame that earlier rounds ordered: its members' pipeline within the horizon."""
        if not self.is_launched(frame):
            return 0.0
        programme = self.frame[frame].programme
        nations = [nation] if nation else self.members[frame]
        return sum(self.pipeline.get((name, programme, year), 0.0) for name in nations for year in self.years)

    @kept
    def commitment(self, frame: str, launch: int) -> list[int]:
        """Commitment years within the horizon of a frame launched in ``launch``."""
        return [y for y in range(launch, launch + int(self.frame[frame].commit_years)) if self.first <= y <= self.last]

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
        most = self.earlier_units(frame) + sum(
            self.most_units.get((nation, row.programme), 0.0) for nation in self.members[frame]
        )
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

    # ---- industry ------------------------------------------------------------------------------------------------

    @cached_property
    def expansions_at(self) -> dict[str, list[str]]:
        """Line or component -> its expansions."""
        return groups([(row.line_or_component, name) for name, row in self.expansion.items()])

    @cached_property
    def payers(self) -> dict[str, list[str]]:
        """Expansion -> nations that may contribute: host, the line's nation, customers of what is made."""
        found = {}
        for name, row in self.expansion.items():
            place = row.line_or_component
            made = self.use.get(place, {}) if place in self.line else self.needs.get(place, {})
            nations = {nation for nation, programme in self.customer if programme in made}
            nations |= {row.host}
            if place in self.line:
                nations |= {self.line[place].nation}
            found[name] = sorted(nations & set(self.nations))
        return found

    @cached_property
    def start_years(self) -> dict[str, list[int]]:
        """Expansion -> years in which it may start: its window, open by the last year, somebody there to pay."""
        found = {}
        for name, row in self.expansion.items():
            host_out = row.host and row.host not in self.nation and row.host_share_min > 0
            unpaid = not self.payers[name] and (row.cost > 0 or row.annual_cost > 0)
            last = min(int(row.last_year), self.last - int(row.build_years))
            closed = host_out or unpaid or not self.options.expansions
            found[name] = [] if closed else list(range(max(self.first, int(row.first_year)), last + 1))
        return found

    def opens(self, expansion: str, start: int) -> int:
        """First year with the added capacity."""
        return start + int(self.expansion[expansion].build_years)

    @kept
    def expansion_bill(self, expansion: str, start: int, year: int) -> float:
        """Money due in ``year`` if the expansion starts in ``start``."""
        row = self.expansion[expansion]
        parts = max(1, int(row.build_years))
        build = row.cost / parts if start <= year < start + parts else 0.0
        return float(build + (row.annual_cost if year >= self.opens(expansion, start) else 0.0))

    @cached_property
    def makers(self) -> list[tuple[str, str, int]]:
        """(programme, line, year) in which a unit could be made."""
        years, lines = self.delivery_years, self.lines_of
        return [(i, line, year) for i in sorted(lines) for line in sorted(lines[i]) for year in years[i]]

    @cached_property
    def delivery_years(self) -> dict[str, list[int]]:
        """Programme -> years in which anything could be delivered."""
        found: dict[str, set[int]] = defaultdict(set)
        for _, programme, year in self.national_keys:
            found[programme].add(year + self.lead(programme))
        for frame, _, year in self.joint_keys:
            programme = self.frame[frame].programme
            found[programme].add(year + self.lead(programme, frame))
        for _, programme, year in self.pipeline:
            found[programme].add(year)
        return defaultdict(list, {programme: sorted(years) for programme, years in found.items()})


def or_zero(variables: Any, key: Any) -> Any:
    """The variable of a key; 0 where there is none (Pyomo's own components know no `get`)."""
    if key in variables:
        return variables[key]
    return 0


def years_from(keys: Keys, from_year: int) -> list[int]:
    """Years of the horizon from ``from_year`` on."""
    return [year for year in keys.years if year >= from_year]


__all__ = ["EQUIPMENT", "PILLARS", "SMALLEST_ORDER", "TIER_MARGIN", "Keys", "Level", "or_zero", "years_from"]
