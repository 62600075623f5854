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
from models.keys_read import PILLARS, SETTLED, groups, kept

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
        """Years in which an order is allowed and delivers within the horizon or the years beyond it."""
        row = self.programme[programme]
        first = max(self.first, int(row.first_order_year))
        last = min(self.last, self.end - self.lead(programme, frame), int(row.last_order_year))
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
        """Whether the pair has room for one lot (or the smallest order) and could operate a host."""
        if not self._has_room(nation, programme):
            return False
        hosts = self.hosts.get(programme)
        return not hosts or any((nation, j) in self.legacy or self._may_buy(nation, j) for j in hosts)

    def _has_room(self, nation: str, programme: str) -> bool:
        row = self.customer.get((nation, programme))
        if row is None:
            return False
        return bool(row.max_units >= (self.lot(programme) * (1 - 1e-9) if self.whole(programme) else SMALLEST_ORDER))

    def _may_buy(self, nation: str, programme: str) -> bool:
        """Whether the pair has room and any channel of it an order year."""
        frames = [name for name in self.frames if self.frame[name].programme == programme]
        return self._has_room(nation, programme) and any(self.order_years(programme, f) for f in [None, *frames])

    def legacy_host(self, nation: str, programme: str) -> bool:
        """Whether the nation operates a host of the programme already."""
        return any((nation, host) in self.legacy for host in self.hosts[programme])

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

    @kept
    def units_before(self, frame: str, nation: str) -> float:
        """Units that a member ordered through a launched frame in earlier rounds; untold, its pipeline."""
        if not self.is_launched(frame):
            return 0.0
        told = self.told_before.get((frame, nation))
        programme = self.frame[frame].programme
        return sum(self.pipeline.get((nation, programme, y), 0.0) for y in self.all_years) if told is None else told

    @kept
    def earlier_units(self, frame: str) -> float:
        """Units of a launched frame that all its members ordered in earlier rounds."""
        return sum(self.units_before(frame, nation) for nation in self.members[frame])

    @kept
    def member_share(self, frame: str, nation: str) -> float:
        """Units that member_min_share asks of a member over all rounds: whole lots, not rounded where divisible."""
        programme = self.frame[frame].programme
        most = float(self.customer[nation, programme].max_units) if (nation, programme) in self.customer else 0.0
        least = float(self.frame[frame].member_min_share)
        if least <= 0 or math.isinf(most):
            return 0.0
        units = least * (most + self.units_before(frame, nation))
        return math.floor(units / self.lot(programme) + 1e-9) * self.lot(programme) if self.whole(programme) else units

    @kept
    def commitment(self, frame: str, launch: int) -> list[int]:
        """Commitment years of a frame launched in ``launch``, as far as anybody plans."""
        return [y for y in range(launch, launch + int(self.frame[frame].commit_years)) if self.first <= y <= self.end]

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
    def expansion_pools(self) -> dict[str, list[str]]:
        """Pool -> its expansions: those of one line or component and host are paid from one purse; named by the first.

        Only expansions that may start and cost anything.
        """
        found: dict[tuple[str, str], list[str]] = {}
        for name in self.expansions:
            row = self.expansion[name]
            if self.start_years[name] and (row.cost > 0 or row.annual_cost > 0):
                found.setdefault((row.line_or_component, row.host), []).append(name)
        return {names[0]: names for names in found.values()}

    @cached_property
    def made_at(self) -> dict[str, list[str]]:
        """Line or component -> programmes made there, or that use it."""
        return {place: sorted(self.use.get(place, {}) or self.needs.get(place, {})) for place in
                [*sorted(self.line), *sorted(self.component)]}  # fmt: skip

    def bystander(self, place: str, host: str, nation: str) -> bool:
        """Whether a nation that pays for an expansion is neither its host nor the line's nation."""
        return nation != host and not (place in self.line and self.line[place].nation == nation)

    @cached_property
    def makers(self) -> list[tuple[str, str, int]]:
        """(programme, line, year) in which work could be done."""
        return [
            (i, line, year)
            for i in sorted(self.lines_of)
            for line in sorted(self.lines_of[i])
            for year in self.work_years[i]
        ]

    @cached_property
    def work_years(self) -> dict[str, list[int]]:
        """Programme -> years from the first in which anything of it is on order to its last delivery."""
        firsts: dict[str, int] = {}
        for _, programme, year in self.national_keys:
            firsts[programme] = min(year, firsts.get(programme, year))
        for frame, _, year in self.joint_keys:
            programme = self.frame[frame].programme
            firsts[programme] = min(year, firsts.get(programme, year))
        firsts |= {programme: self.first for _, programme, _ in self.pipeline}
        found = {i: list(range(first, self.delivery_years[i][-1] + 1)) for i, first in sorted(firsts.items())}
        return defaultdict(list, found)

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

    # ---- money ---------------------------------------------------------------------------------------------------

    @cached_property
    def money_scale(self) -> float:
        """What money of this data set is measured against: the most that a nation has in a year and pillar."""
        return max(self.available.values(), default=0.0) or max(self.planned.values(), default=0.0) or 1.0

    @kept
    def area_scale(self, area: str) -> float:
        """What effects in an area are measured against: its largest summed target, or baseline (1 if none)."""
        rows = [row for (_, where, _), row in self.target.items() if where == area]
        return max((self.summed_target[area, y] for y in self.years), default=0.0) or max(
            (float(row.baseline) for row in rows), default=0.0) or 1.0  # fmt: skip

    @cached_property
    def money_beyond(self) -> dict[tuple[str, int, str], float]:
        """(nation, year beyond the horizon, pillar) -> money that may be bound (MODEL.md, section 8a)."""
        bound = self._bound_already()
        found = {}
        for place, year in enumerate(self.beyond_years):
            for nation in self.nations:
                for pillar in PILLARS:
                    share = self.settings.beyond.money[place] * self.available[nation, self.last, pillar]
                    found[nation, year, pillar] = max(share, bound.get((nation, year, pillar), 0.0))
        return found

    def _bound_already(self) -> dict[tuple[str, int, str], float]:
        """Spending beyond the horizon with nothing decided: obligations, pipeline, legacy types, launched frames."""
        found: dict[tuple[str, int, str], float] = defaultdict(float)
        for row in self.obligations:
            found[row.nation, int(row.year), row.pillar] += row.amount
        for (nation, programme, delivered), units in sorted(self.pipeline.items()):
            row = self.programme[programme]
            for year in self.beyond_years:
                if delivered <= year < delivered + row.service_years:
                    found[nation, year, row.pillar] += row.sustain_cost * units
        for nation, programme in sorted(self.legacy):
            for year in self.beyond_years:
                found[nation, year, self.programme[programme].pillar] += self.taxed(programme)
        for frame in self.frames:
            row = self.frame[frame]
            for year in self.commitment(frame, int(row.launched)) if self.is_launched(frame) else []:
                for nation in self.members[frame]:
                    found[nation, year, self.programme[row.programme].pillar] += row.annual_fee
        return found

    def on_standard(self, programme: str, area: str) -> bool:
        """Whether a programme is on the standard wanted in an area."""
        wanted = self.standard(area)
        return bool(wanted) and bool(self.programme[programme].standard == wanted)

    def taxed(self, programme: str) -> float:
        """Integration tax a year of an operated type: its area's, where it is off the area's standard."""
        area = self.programme[programme].area
        off = bool(self.standard(area)) and not self.on_standard(programme, area)
        return self.integration_tax(area) if off else 0.0

    @cached_property
    def loan(self) -> dict[tuple[str, str], tuple[str, Any]]:
        """(facility, nation) -> (the scope of its row, the row): its own, or that of a group that it is in."""
        own = {key for key in self.loan_rows if key[1] in self.nation}
        found = {key: (key[1], self.loan_rows[key]) for key in own}
        for (facility, scope), row in sorted(self.loan_rows.items()):
            if scope not in self.nation:
                for nation in self.group(scope):
                    if (facility, nation) not in own:
                        found[facility, nation] = (scope, row)
        return dict(sorted(found.items()))


def or_zero(variables: Any, key: Any) -> Any:
    """The variable of a key; 0 where there is none (Pyomo's own components know no `get`)."""
    if key in variables:
        return variables[key]
    return 0


def years_from(keys: Keys, from_year: int) -> list[int]:
    """Years of the horizon from ``from_year`` on."""
    return [year for year in keys.years if year >= from_year]


__all__ = ["EQUIPMENT", "PILLARS", "SETTLED", "SMALLEST_ORDER", "TIER_MARGIN", "Keys", "Level", "or_zero", "years_from"]
