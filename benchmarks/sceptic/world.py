"""What stands between a nation and one more lot: the first obstacle, by arithmetic on the plan's tables.

Nothing is solved. An obstacle says what stands in the way first, not that its removal would bring the order in. The
order of the questions is that of CAUSES; a nation's obstacle for a set of programmes is that of the one which gets
farthest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.sceptic.purse import Purse
from data.dataset import split_names
from data.rows import each
from optimizer.plans.plan import Plan

SMALLEST = 1e-6
CAUSES = (
    "not on its list",
    "bought to its limit",
    "window",
    "innovation line not complete",
    "type limit",
    "no host",
    "no gap left",
    "enabler short",
    "yard full",
    "limit on orders so far",
    "no money in the years",
    "worth less than what is bought",
)


@dataclass(frozen=True, order=True)
class Obstacle:
    """What stands in the way of one more lot; `rank` is its place among CAUSES."""

    rank: int
    programme: str
    note: str = ""

    @property
    def cause(self) -> str:
        """In words."""
        return CAUSES[self.rank]


class World:
    """A plan with what obstacles are looked up in, indexed once."""

    def __init__(self, plan: Plan) -> None:
        """Index the plan."""
        self.plan, self.settings = plan, plan.case.dataset.settings
        self.data = plan.case.dataset.tables
        self.programmes: dict[str, Any] = {row.programme: row for row in each(self.data["programmes"])}
        self.customers = {(row.nation, row.programme): row for row in each(self.data["customers"])}
        self.effects: dict[str, dict[str, float]] = defaultdict(dict)
        for row in each(self.data["effects"]):
            if row.effect > 0:
                self.effects[row.programme][row.area] = row.effect
        self.ordered: dict[tuple[str, str], float] = defaultdict(float)
        for row in each(plan.tables["orders"]):
            self.ordered[row.nation, row.programme] += row.units
        self.legacy = {key for key, row in self.customers.items() if row.units_operated > 0}
        self.legacy |= {(row.nation, row.programme) for row in each(self.data["pipeline"]) if row.units > 0}
        self.operated = self.legacy | {key for key, units in self.ordered.items() if units > 0}
        self.last = self.settings.last_year
        self.end = self.last + self.settings.beyond.years
        self.purse = Purse(plan)
        self._industry()
        self._gaps()

    def _industry(self) -> None:
        self.free: dict[str, dict[int, float]] = defaultdict(dict)
        for row in each(self.plan.tables["capacity"]):
            self.free[row.line_or_component][int(row.year)] = max(0.0, row.capacity + row.added - row.used)
        self.lines: dict[str, dict[str, float]] = defaultdict(dict)
        for row in each(self.data["line_programmes"]):
            self.lines[row.programme][row.line] = row.capacity_use
        self.parts: dict[str, dict[str, float]] = defaultdict(dict)
        for row in each(self.data["bill_of_materials"]):
            self.parts[row.programme][row.component] = row.quantity

    def _gaps(self) -> None:
        gaps = self.plan.tables["gaps"]
        rows = [*each(gaps[gaps["year"] == self.last]), *each(self.plan.tables["settled"])]
        self.open: dict[tuple[str, str], float] = defaultdict(float)
        self.lost: dict[tuple[str, str], float] = defaultdict(float)
        self.wanted: dict[tuple[str, str], float] = defaultdict(float)
        for row in rows:
            key, lacks = (row.nation, row.area), row.target - row.baseline
            self.wanted[key] = max(self.wanted[key], lacks)
            self.open[row.nation, row.area] = max(self.open[row.nation, row.area], row.shortfall)
            self.lost[row.nation, row.area] = max(self.lost[row.nation, row.area], row.delivered - row.credited)

    # ---- the questions ------------------------------------------------------------------------------------------

    def lot(self, nation: str, programme: str) -> float:
        """The least worth asking for: a lot, or one unit of a divisible programme (its limit if that is less)."""
        lot, customer = float(self.programmes[programme].lot), self.customers.get((nation, programme))
        if lot > 0 or customer is None:
            return lot or 1.0
        return float(min(1.0, customer.max_units))

    def may_buy(self, nation: str, programme: str) -> bool:
        """Whether the data let the nation order a lot at all."""
        row = self.customers.get((nation, programme))
        return row is not None and row.max_units > 0 and row.max_units >= self.lot(nation, programme) - SMALLEST

    def obstacle(self, nation: str, programme: str) -> Obstacle:
        """The first obstacle to one more lot of a programme, bought by the nation alone."""
        for rank, ask in enumerate(
            (
                self._listed,
                self._limit,
                self._window,
                self._innovation,
                self._types,
                self.no_host,
                self._gap,
                self._enabler,
            )
        ):
            note = ask(nation, programme)
            if note is not None:
                return Obstacle(rank, programme, note)
        return self._bought(nation, programme)

    def nearest(self, nation: str, programmes: Iterable[str]) -> Obstacle:
        """The obstacle of the programme that gets farthest."""
        return max(self.obstacle(nation, programme) for programme in programmes)

    def years(self, programme: str) -> range:
        """Years in which an order can be placed and still arrives by the end of the years beyond."""
        row = self.programmes[programme]
        first = max(int(row.first_order_year), self.settings.first_year)
        return range(first, min(int(row.last_order_year), self.last, self.end - int(row.lead_years)) + 1)

    def _listed(self, nation: str, programme: str) -> str | None:
        return None if self.may_buy(nation, programme) else ""

    def _limit(self, nation: str, programme: str) -> str | None:
        most, has = self.customers[nation, programme].max_units, self.ordered[nation, programme]
        return f"{has:g} of {most:g}" if has + self.lot(nation, programme) > most + SMALLEST else None

    def _window(self, nation: str, programme: str) -> str | None:
        return None if len(self.years(programme)) else "no order year arrives in time"

    def _innovation(self, nation: str, programme: str) -> str | None:
        wanted = self.programmes[programme].requires_innovation
        done = self.plan.tables["innovation"].query("complete_year > 0")["innovation"]
        decided = self.data["innovation"].query("complete_year > 0")["innovation"]
        return None if not wanted or wanted in {*done, *decided} else str(wanted)

    def _types(self, nation: str, programme: str) -> str | None:
        """A hard limit on types of the class, or a type that excludes this one."""
        if (nation, programme) in self.operated:
            return None
        mine = self.programmes[programme].fleet_class
        rules = self.data["rules"]
        hard = rules[(rules["rule"] == "fleet_limit") & (rules["scope"] == mine) & (rules["hardness"] == "hard")]
        kin = sorted(p for n, p in self.operated if n == nation and self.programmes[p].fleet_class == mine)
        legacy = sum((nation, name) in self.legacy for name in kin)
        if mine and len(hard) and len(kin) >= max(hard["value"].min(), legacy):
            return ", ".join(kin)
        for row in each(self.data["incompatible"]):
            pair = {row.programme_a, row.programme_b}
            if programme in pair and row.scope in ("", "ALL", nation):
                other = (pair - {programme}).pop()
                if (nation, other) in self.operated:
                    return f"excludes {other}"
        return None

    def no_host(self, nation: str, programme: str) -> str | None:
        """The hosts that a programme needs where the nation operates none of them."""
        hosts = split_names(self.programmes[programme].needs_host)
        return "; ".join(hosts) if hosts and not any((nation, host) in self.operated for host in hosts) else None

    def _row(self, nation: str, area: str) -> tuple[str, str]:
        return (nation, area) if (nation, area) in self.open else ("ALL", area)

    def wanted_of(self, nation: str, area: str) -> float:
        """What fleet and orders on hand leave of a nation's target in an area, in area units."""
        return self.wanted[self._row(nation, area)]

    def _gap(self, nation: str, programme: str) -> str | None:
        areas = sorted(self.effects[programme])
        if any(self.open[self._row(nation, area)] > SMALLEST for area in areas):
            return None
        wanted = [area for area in areas if self.wanted[self._row(nation, area)] > SMALLEST]
        if wanted:
            return f"closed by other buys in {', '.join(wanted)}"
        return f"{', '.join(areas)}: fleet and orders on hand pass the target" if areas else "closes no gap"

    def _enabler(self, nation: str, programme: str) -> str | None:
        rows = {area: self._row(nation, area) for area in self.effects[programme]}
        useful = [area for area, key in rows.items() if self.open[key] > SMALLEST and self.lost[key] <= SMALLEST]
        return None if useful else "; ".join(sorted(rows))

    def _bought(self, nation: str, programme: str) -> Obstacle:
        """Yard, then money, by order year; worth less where both have room in the same year."""
        yard = [year for year in self.years(programme) if self._room(nation, programme, year)]
        if not yard:
            return Obstacle(CAUSES.index("yard full"), programme, ", ".join(sorted(self.lines[programme])))
        row, lot = self.programmes[programme], self.lot(nation, programme)
        legacy = (nation, programme) in self.operated
        lacks = {year: self.purse.lack(nation, row, lot, year, legacy) for year in yard}
        best = min(lacks, key=lambda year: (lacks[year].amount, year))
        if lacks[best].amount > SMALLEST:
            lack = lacks[best]
            cause = "no money in the years" if lack.of == "money" else "limit on orders so far"
            note = f"ordered in {best} it lacks {lack.amount:,.0f} m in {lack.year}"
            return Obstacle(CAUSES.index(cause), programme, note)
        return Obstacle(CAUSES.index("worth less than what is bought"), programme, self._worth(nation, programme))

    def _room(self, nation: str, programme: str, year: int) -> bool:
        """Whether lines and components have room for a lot between order and delivery (ramps aside)."""
        years = range(year, min(year + int(self.programmes[programme].lead_years), self.end) + 1)
        lot = self.lot(nation, programme)

        def left(place: str, use: float) -> float:
            return sum(self.free[place].get(when, 0.0) for when in years) / use if use > 0 else float("inf")

        lines = self.lines[programme]
        if lines and sum(left(line, use) for line, use in lines.items()) < lot - SMALLEST:
            return False
        return all(left(part, quantity) >= lot - SMALLEST for part, quantity in self.parts[programme].items())

    def price(self, programme: str, area: str) -> float:
        """Millions a unit of effect in an area, at the price base."""
        return float(self.programmes[programme].unit_cost / self.effects[programme][area])

    def _worth(self, nation: str, programme: str) -> str:
        """Its price of effect against the cheapest that the nation orders in the same area."""
        notes = []
        for area in sorted(self.effects[programme]):
            mine = [p for (n, p), units in self.ordered.items() if n == nation and units > 0]
            if bought := [p for p in mine if area in self.effects[p]]:
                other = min(bought, key=lambda name: (self.price(name, area), name))
                notes.append(f"{self.price(programme, area) / self.price(other, area):.1f} x {other} in {area}")
        return ", ".join(notes) or "alone in its area"
