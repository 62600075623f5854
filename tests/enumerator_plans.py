"""The figures of many plans at once: each quantity is an array with one entry a plan, else this is plain arithmetic."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from tests.enumerator_world import NATIONAL, Rest, Slot, World

Array = np.ndarray
TOLERANCE = 1e-7
HARDWARE = ("equipment", "munition")


class Plans:
    """Plans that differ in their orders and share every other decision.

    `broken[rule]` marks the plans that break a rule, `penalties[rule]` what a soft one costs them.
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
        self.innovation_spent: dict[tuple[str, int, str], Array] = defaultdict(lambda: self.zero.copy())
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
            for year in world.years
        }
        self.in_service = {
            (nation, programme, year): self._sum(
                self.delivered[nation, programme, earlier]
                for earlier in world.years
                if year - world.programmes[programme]["service_years"] < earlier <= year
            )
            for nation, programme, year in self.delivered
        }
        for slot, units in self.units.items():
            line = world.programmes[slot.programme]["requires_innovation"]
            if line:
                complete = world.completed(line, self.rest.courses[line])
                if complete is None or slot.year < complete:
                    self.breaks("innovation.unlocks", units > 0)

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
            earlier = 0.0
            if launched:
                earlier = sum(units for key, units in world.pipeline.items() if key[:2] == (nation, programme))
            elif world.status[frame, nation] == "committed":
                self.breaks("joint.committed_join", ~inside)
            elif not world.signs(nation, launch):
                self.breaks("joint.signing_year", inside)
            least = world.programmes[programme]["lot"] or 1.0
            self.breaks("joint.member_minimum", inside & (bought + earlier < least - TOLERANCE))
            total += bought + earlier
        self._frame_totals(frame, launch, total)

    def _frame_totals(self, frame: str, launch: int, total: Array) -> None:
        world, row = self.world, self.world.frames[frame]
        inside = self._sum(marks.astype(float) for (name, _), marks in self.member.items() if name == frame)
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
            for year in world.years:
                fee = row["annual_fee"] if launch <= year < launch + row["commit_years"] else 0.0
                fee += row["joining_cost"] if year == launch and not row["launched"] else 0.0
                self.spent[nation, year, pillar] += fee * self.member[frame, nation]

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
            for year in world.years:
                amount = self.in_service[nation, programme, year] * row["sustain_cost"]
                yearly = row["type_overhead"] if year >= from_year and not legacy else 0.0
                yearly += area["integration_tax"] if off_standard and (legacy or year >= from_year) else 0.0
                self.spent[nation, year, row["pillar"]] += amount + yearly * operated
                self.overhead += yearly * operated
        for row in world.tables["obligations"]:
            if row["year"] in world.years:
                self.spent[row["nation"], row["year"], row["pillar"]] += row["amount"]

    def _innovate(self) -> None:
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
            sponsors = world.sponsors(line)
            for start, length, cost in parts:
                for year in range(start, start + max(1, length)):
                    if year in world.years:
                        whole = sum(world.gdp[nation, year] for nation in sponsors)
                        for nation in sponsors:
                            amount = cost / max(1, length) * world.gdp[nation, year] / whole
                            self.spent[nation, year, row["pillar"]] += amount
                            self.innovation_spent[nation, year, line] += amount

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
            for year in world.years
        }

    def _gaps(self) -> None:
        world = self.world
        self.summed: dict[tuple[str, int], float] = defaultdict(float)
        for (_, area, year), row in world.targets.items():
            self.summed[area, year] += row["target"]
        self.shortfall: dict[tuple[str, str, int], Array] = {}
        worth, whole = self.zero.copy(), 0.0
        for (nation, area, year), row in sorted(world.targets.items()):
            target = row["target"]
            if year not in world.years or target <= 0:
                continue
            delivered = self._delivered(nation, area, year)
            credited = self._credited(nation, area, year, delivered)
            missing = np.maximum(0.0, target - row["baseline"] - credited - self._closed(nation, area, year) * target)
            self.shortfall[nation, area, year] = missing
            threat = world.areas[area]["threat_year"]
            weight = world.urgency[year] * world.areas[area]["weight"] * (2 if threat and year >= threat else 1)
            weight *= target / self.summed[area, year]
            worth += weight * self._severity(area, missing / target)
            whole += weight * float(self._severity(area, np.ones(1))[0])
        self.gap_index = 100 * worth / whole if whole else worth

    def _severity(self, area: str, r: Array) -> Array:
        bands = self.world.severity(area)
        ends = [above for above, _ in bands[1:]] + [1.0]
        parts = [slope * np.clip(r - above, 0, end - above) for (above, slope), end in zip(bands, ends, strict=True)]
        return sum(parts)

    def _delivered(self, nation: str, area: str, year: int) -> Array:
        if nation != "ALL":
            return self.effect[nation, area, year]
        return self._sum(self.effect[name, area, year] for name in self.world.nations)

    def _credited(self, nation: str, area: str, year: int, delivered: Array) -> Array:
        world = self.world
        credited = delivered
        for row in world.tables["requires"]:
            if row["area"] != area:
                continue
            enabler = row["enabler"]
            holder = "ALL" if enabler in world.collective else nation
            known = world.targets.get((holder, enabler, year))
            there = (known["baseline"] if known else 0.0) + self._delivered(holder, enabler, year)
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
