"""The figures of many plans at once: each quantity is an array with one entry a plan, else this is plain arithmetic."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from tests.enumerator_world import NATIONAL, SETTLED, Rest, Slot, World

Array = np.ndarray
TOLERANCE = 1e-7
HARDWARE = ("equipment", "munition")


class Plans:
    """Plans that differ in their orders and share every other decision.

    `broken[rule]` marks the plans that break a rule, `penalties[rule]` what a soft one costs them. `bills` are those of
    expansions and innovation lines, the same for all of the plans; `spent` is everything else. `unavoidable` is what
    years beyond the horizon cost with nothing decided.
    """

    def __init__(self, world: World, rest: Rest, slots: list[Slot], units: Array) -> None:
        self.world, self.rest = world, rest
        self.count = len(units)
        self.zero = np.zeros(self.count)
        self.units = {slot: units[:, place] for place, slot in enumerate(slots)}
        self.broken: dict[str, Array] = defaultdict(lambda: np.zeros(self.count, dtype=bool))
        self.penalties: dict[str, Array] = defaultdict(lambda: self.zero.copy())
        self.spent: dict[tuple[str, int, str], Array] = defaultdict(lambda: self.zero.copy())
        self.payments: dict[tuple[str, int, str, str], Array] = defaultdict(lambda: self.zero.copy())
        self.order_value: dict[tuple[str, int, str], Array] = defaultdict(lambda: self.zero.copy())
        self.unavoidable: dict[tuple[str, int, str], float] = defaultdict(float)
        self.bills: dict[tuple[str, int], float] = defaultdict(float)
        self.overhead = self.zero.copy()
        self._buying()
        self._frames()
        self._pay()
        self._own()
        self._innovate()
        self._effects()
        self._gaps()

    def breaks(self, rule: str, marks: Array | bool) -> None:
        """Mark plans that break a rule."""
        self.broken[rule] = self.broken[rule] | marks

    def ordered(self, nation: str, programme: str, channel: str | None = None) -> Array:
        """Units ordered by a nation, in one channel or in all."""
        return self._sum(
            units
            for slot, units in self.units.items()
            if (slot.nation, slot.programme) == (nation, programme) and channel in (None, slot.channel)
        )

    def _sum(self, arrays: Iterable[Array]) -> Array:
        return sum(arrays, self.zero.copy())

    # --- buying ------------------------------------------------------------------------------------------------

    def _buying(self) -> None:
        world = self.world
        pairs = sorted(set(world.customers) | {key[:2] for key in world.pipeline})
        self.total = {pair: self.ordered(*pair) for pair in pairs}
        for pair, row in world.customers.items():
            self.breaks("buying.max_units", self.total[pair] > row["max_units"] + TOLERANCE)
        self.operated = {pair: (total > 0) | (pair in world.legacy) for pair, total in self.total.items()}
        self.delivered = {
            (*pair, year): world.pipeline.get((*pair, year), 0.0)
            + self._sum(u for s, u in self.units.items() if (s.nation, s.programme, s.arrives) == (*pair, year))
            for pair in pairs
            for year in world.all_years
        }
        self.in_service = {
            (nation, programme, year): self._sum(
                self.delivered[nation, programme, earlier]
                for earlier in world.all_years
                if year - world.programmes[programme]["service_years"] < earlier <= year
            )
            for nation, programme, year in self.delivered
        }
        for pair in pairs if world.ahead else []:
            self.in_service[(*pair, SETTLED)] = self._settled(*pair)
        self._hosts()
        for slot, units in self.units.items():
            line = world.programmes[slot.programme]["requires_innovation"]
            if line:
                complete = world.completed(line, self.rest.courses[line])
                if complete is None or slot.year < complete:
                    self.breaks("innovation.unlocks", units > 0)

    def _settled(self, nation: str, programme: str) -> Array:
        """Units in service once all has arrived; of what wears out soon, as many as a steady flow keeps."""
        world, row = self.world, self.world.programmes[programme]
        window = max(row["service_years"], world.beyond.flow)
        since = world.last + min(row["lead_years"], world.beyond.years) - window + 1
        kept = self._sum(self.delivered[nation, programme, year] for year in world.all_years if year >= since)
        return kept * min(1.0, row["service_years"] / world.beyond.flow)

    def _hosts(self) -> None:
        """What needs a host is ordered only where there is one, and does not arrive before it."""
        world = self.world
        for nation, programme in world.customers:
            hosts = [host for host in world.hosts[programme] if (nation, host) in self.operated]
            if not world.hosts[programme]:
                continue
            any_host = self._sum(self.operated[nation, host].astype(float) for host in hosts) > 0
            self.breaks("buying.needs_host", (self.total[nation, programme] > 0) & ~any_host)
            if world.legacy_hosts(nation, programme):
                continue
            most = world.customers[nation, programme]["max_units"]
            for year in world.all_years:
                lots = self._sum(
                    self.arrived(nation, host, year) / world.programmes[host]["lot"]
                    for host in hosts
                    if (nation, host) in world.customers
                )
                late = self.arrived(nation, programme, year) > most * lots + TOLERANCE
                self.breaks("buying.host_first", late)

    def arrived(self, nation: str, programme: str, year: int) -> Array:
        """Units of new orders delivered to a nation up to a year."""
        return self._sum(
            units
            for slot, units in self.units.items()
            if (slot.nation, slot.programme) == (nation, programme) and slot.arrives <= year
        )

    # --- frames ------------------------------------------------------------------------------------------------

    def _frames(self) -> None:
        self.member: dict[tuple[str, str], Array] = {}
        self.factor: dict[str, Array] = {}
        self.frame_total: dict[str, Array] = {}
        for frame, launch in self.rest.launches.items():
            self.factor[frame] = np.ones(self.count)
            self.frame_total[frame] = self.zero.copy()
            if launch is not None:
                self._frame(frame, *launch)
        for programme in self.world.programmes:
            for nation in self.world.nations:
                joined = [
                    marks
                    for (frame, name), marks in self.member.items()
                    if name == nation and self.world.frames[frame]["programme"] == programme
                ]
                self.breaks("joint.one_frame", self._sum(marks.astype(float) for marks in joined) > 1)

    def _frame(self, frame: str, launch: int, extra: frozenset[str]) -> None:
        world, row = self.world, self.world.frames[frame]
        programme, launched = row["programme"], bool(row["launched"])
        total = self.zero.copy()
        for nation in world.members(frame):
            bought = self.ordered(nation, programme, frame)
            inside = np.full(self.count, launched or nation in extra) | (bought > 0)
            self.member[frame, nation] = inside
            earlier = world.units_before(frame, nation) if launched else 0.0
            asked = bought > 0 if launched else inside
            if not launched and world.status[frame, nation] == "committed":
                self.breaks("joint.committed_join", ~inside)
            elif not launched and not world.signs(nation, launch):
                self.breaks("joint.signing_year", inside)
            lot = world.programmes[programme]["lot"]
            minimum, share_of = ("joint.ordering",) * 2 if launched else ("joint.member_minimum", "joint.member_share")
            self.breaks(minimum, asked & (bought + earlier < lot - TOLERANCE))
            most = world.customers[nation, programme]["max_units"] + earlier
            if np.isfinite(most):
                share = np.floor(row["member_min_share"] * most / lot + TOLERANCE) * lot
                self.breaks(share_of, asked & (bought + earlier < share - TOLERANCE))
            total += bought + earlier
        self._frame_totals(frame, launch, total)

    def _frame_totals(self, frame: str, launch: int, total: Array) -> None:
        world, row = self.world, self.world.frames[frame]
        inside = self._sum(marks.astype(float) for (name, _), marks in self.member.items() if name == frame)
        if not row["launched"]:
            self.breaks("joint.min_members", inside < row["min_members"])
        self.breaks("joint.min_units", total < row["min_units"] - TOLERANCE)
        for year in world.years:
            of_year = self._sum(u for s, u in self.units.items() if (s.channel, s.year) == (frame, year))
            if year in world.able_years(frame) and launch <= year < launch + row["commit_years"]:
                self.breaks("joint.min_annual_units", of_year < row["min_annual_units"] - TOLERANCE)
            if year < launch:
                self.breaks("joint.orders_after_joining", of_year > 0)
        for from_units, price_factor in world.tiers[frame]:
            self.factor[frame] = np.where(total >= from_units * (1 - 1e-9), price_factor, self.factor[frame])
        self.frame_total[frame] = total
        pillar = world.programmes[row["programme"]]["pillar"]
        for nation in world.members(frame):
            for year in world.all_years:
                fee = row["annual_fee"] if launch <= year < launch + row["commit_years"] else 0.0
                fee += row["joining_cost"] if year == launch and not row["launched"] else 0.0
                self.spent[nation, year, pillar] += fee * self.member[frame, nation]
                self.unavoidable[nation, year, pillar] += fee if row["launched"] else 0.0

    # --- money -------------------------------------------------------------------------------------------------

    def price(self, programme: str, year: int) -> float:
        """Price of a unit ordered in a year, without a tier."""
        row = self.world.programmes[programme]
        return float(row["unit_cost"] * (1 + row["cost_growth"]) ** (year - self.world.base_year))

    def _pay(self) -> None:
        for slot, units in self.units.items():
            row = self.world.programmes[slot.programme]
            value = units * self.price(slot.programme, slot.year)
            if slot.channel != NATIONAL:
                value = value * self.factor[slot.channel]
            self.order_value[slot.nation, slot.year, slot.programme] += value
            wait = slot.arrives - slot.year
            parts = {slot.year: 1.0} if wait == 0 else {slot.year: row["down_payment"]}
            for year in range(slot.year + 1, slot.arrives + 1):
                parts[year] = (1 - row["down_payment"]) / wait
            for year, part in parts.items():
                self.spent[slot.nation, year, row["pillar"]] += value * part
                self.payments[slot.nation, year, slot.programme, slot.channel] += value * part

    def _own(self) -> None:
        """Sustainment, overhead, integration tax and obligations."""
        world = self.world
        for (nation, programme), operated in self.operated.items():
            row = world.programmes[programme]
            legacy = (nation, programme) in world.legacy
            from_year = max(world.first, row["first_order_year"]) + row["lead_years"]
            area = world.areas[row["area"]]
            off_standard = bool(area["standard"]) and area["standard"] != row["standard"]
            for year in world.all_years:
                amount = self.in_service[nation, programme, year] * row["sustain_cost"]
                yearly = row["type_overhead"] if year >= from_year and not legacy else 0.0
                tax = area["integration_tax"] if off_standard and (legacy or year >= from_year) else 0.0
                self.spent[nation, year, row["pillar"]] += amount + (yearly + tax) * operated
                self.overhead += (yearly + tax) * operated
                there = sum(
                    units
                    for key, units in world.pipeline.items()
                    if key[:2] == (nation, programme) and year - row["service_years"] < key[2] <= year
                )
                self.unavoidable[nation, year, row["pillar"]] += there * row["sustain_cost"] + tax * legacy
        for row in world.tables["obligations"]:
            if row["year"] in world.all_years:
                self.spent[row["nation"], row["year"], row["pillar"]] += row["amount"]
                self.unavoidable[row["nation"], row["year"], row["pillar"]] += row["amount"]

    def _innovate(self) -> None:
        """Bills of innovation lines and of expansions; who pays them is a choice."""
        world = self.world
        for line, course in self.rest.courses.items():
            row = world.innovation[line]
            parts: list[tuple[int, int, float]] = []
            if course.pilot is not None:
                parts.append((course.pilot, row["pilot_years"], row["pilot_cost"]))
                if course.scale is not None:
                    parts.append((course.scale, row["scale_years"], row["scale_cost"]))
                    self.breaks("innovation.scale_after_pilot", course.scale < course.pilot + row["pilot_years"])
            if course.fast is not None:
                cost = (row["pilot_cost"] + row["scale_cost"]) * row["fast_cost_factor"]
                parts.append((course.fast, row["fast_years"], cost))
            for start, length, cost in parts:
                self._bill(line, start, length, cost)
        for name, start in self.rest.starts.items():
            row = world.expansions[name]
            if start is not None:
                self._bill(name, start, row["build_years"], row["cost"])
                for year in range(start + row["build_years"], world.end + 1):
                    self.bills[name, year] += row["annual_cost"]

    def _bill(self, item: str, start: int, length: int, cost: float) -> None:
        """A cost in equal parts over the years that it lasts, all at once where it lasts none."""
        for year in range(start, start + max(1, length)):
            if year <= self.world.end:
                self.bills[item, year] += cost / max(1, length)

    # --- capability --------------------------------------------------------------------------------------------

    def _effects(self) -> None:
        world = self.world
        self.effect = {
            (nation, area, year): self._sum(
                effect * self.in_service[nation, programme, year]
                for (programme, of), effect in world.effect.items()
                if of == area and (nation, programme, year) in self.in_service
            )
            for nation in world.nations
            for area in world.areas
            for year in self._states()
        }

    def _states(self) -> list[int]:
        """The years of the horizon and the settled state."""
        return [*self.world.years, *([SETTLED] if self.world.ahead else [])]

    def _gaps(self) -> None:
        world = self.world
        self.summed: dict[tuple[str, int], float] = defaultdict(float)
        for (_, area, year), row in world.targets.items():
            self.summed[area, year] += row["target"]
        self.shortfall: dict[tuple[str, str, int], Array] = {}
        self.worth = dict.fromkeys((False, True), self.zero)
        self.whole = dict.fromkeys((False, True), 0.0)
        for (nation, area, year), row in sorted(world.targets.items()):
            if year in world.years and row["target"] > 0:
                self._gap(nation, area, year, world.urgency[year])
                if year == world.last and world.ahead:
                    self._gap(nation, area, SETTLED, world.beyond.urgency)
        self.gap_index = self._index(False)
        self.settled_index = self._index(True)
        both = sum(self.whole.values())
        self.index = 100 * sum(self.worth.values()) / both if both else self.zero.copy()

    def _index(self, settled: bool) -> Array:
        return 100 * self.worth[settled] / self.whole[settled] if self.whole[settled] else self.zero.copy()

    def _gap(self, nation: str, area: str, state: int, urgency: float) -> None:
        """Shortfall of a target in a year or in the settled state, and what it adds to the index."""
        world = self.world
        year = min(state, world.last)
        row = world.targets[nation, area, year]
        target = row["target"]
        delivered = self._delivered(nation, area, state)
        credited = self._credited(nation, area, state, delivered)
        missing = np.maximum(0.0, target - row["baseline"] - credited - self._closed(nation, area, year) * target)
        self.shortfall[nation, area, state] = missing
        threat = world.areas[area]["threat_year"]
        weight = urgency * world.areas[area]["weight"] * (2 if threat and year >= threat else 1)
        weight *= target / self.summed[area, year]
        settled = state == SETTLED
        self.worth[settled] = self.worth[settled] + weight * self._severity(area, missing / target)
        self.whole[settled] += weight * float(self._severity(area, np.ones(1))[0])

    def _severity(self, area: str, r: Array) -> Array:
        bands = self.world.severity(area)
        ends = [above for above, _ in bands[1:]] + [1.0]
        parts = [slope * np.clip(r - above, 0, end - above) for (above, slope), end in zip(bands, ends, strict=True)]
        return sum(parts)

    def _delivered(self, nation: str, area: str, year: int) -> Array:
        if nation != "ALL":
            return self.effect[nation, area, year]
        return self._sum(self.effect[name, area, year] for name in self.world.nations)

    def _credited(self, nation: str, area: str, state: int, delivered: Array) -> Array:
        world, year = self.world, min(state, self.world.last)
        credited = delivered
        for row in world.tables["requires"]:
            if row["area"] != area:
                continue
            enabler = row["enabler"]
            holder = "ALL" if enabler in world.collective else nation
            known = world.targets.get((holder, enabler, year))
            there = (known["baseline"] if known else 0.0) + self._delivered(holder, enabler, state)
            if holder == "ALL":
                there = there * world.targets[nation, area, year]["target"] / self.summed[area, year]
            credited = np.minimum(credited, row["ratio"] * there)
        return credited

    def _closed(self, nation: str, area: str, year: int) -> float:
        """Share of a target that complete innovation lines close."""
        world, closed = self.world, 0.0
        for row in world.tables["innovation_effects"]:
            line = row["innovation"]
            complete = world.completed(line, self.rest.courses[line])
            served = nation == "ALL" or nation in world.sponsors(line)
            if row["area"] == area and complete is not None and year >= complete and served:
                closed += row["closes"] * world.innovation[line]["success_probability"]
        return closed
