"""What can be ordered, when, through which joint buy, and at what price; and which expansions can start."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cached_property

from models.keys_needs import Needs
from models.keys_read import groups, kept

SMALLEST_ORDER = 1e-4  # units of a divisible programme: less than that is no order (MODEL.md, section 3)
EQUIPMENT = frozenset({"equipment", "munition"})


class Orders(Needs):
    """Orders, joint buys and expansions that can exist, over the needs of a case."""

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
    def service(self, programme: str) -> int:
        """Years in which a unit serves from its delivery on."""
        return int(self.programme[programme].service_years)

    @kept
    def pillar(self, programme: str) -> str:
        """The pillar that pays for a programme."""
        return str(self.programme[programme].pillar)

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
        lot = self.lot(programme)
        return math.floor(units / lot * (1 + 1e-9) + 1e-9) * lot if self.whole(programme) else units

    @kept
    def commitment(self, frame: str, launch: int) -> list[int]:
        """Commitment years of a frame launched in ``launch``, as far as anybody plans."""
        return [y for y in range(launch, launch + int(self.frame[frame].commit_years)) if self.first <= y <= self.end]

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
        """Pool -> its expansions: of one line or component, host and host's share; named by the first.

        They are paid together and split by their bills. Only expansions that may start and cost anything.
        """
        found: dict[tuple[str, str, float], list[str]] = {}
        for name in self.expansions:
            row = self.expansion[name]
            if self.start_years[name] and (row.cost > 0 or row.annual_cost > 0):
                found.setdefault((row.line_or_component, row.host, row.host_share_min), []).append(name)
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
