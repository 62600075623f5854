"""Why a gap stays open: the first obstacle in time that the plan's tables show.

Plain arithmetic on the plan, nothing is solved again, so a cause is what stands in the way first, not a proof that its
removal would close the gap. What does not hang on a year is asked of each programme that would close it first: is it
bought to its limit; does its buyer lack a programme that fires or carries it; is no time left to deliver it. Then the
years in which an order would still arrive are walked from the first: a year is blocked where its money is spent, or
where the lines (all of them) or a component are full in most years in which an order of it would be made. Where most of
these years are blocked, the obstacle of the earliest of them is the programme's cause. Money that is spent then while
some is left in later years came too late. Where something stands in the way of each programme, the cause is the most
frequent one; where nothing stands in the way of one, the plan had better uses for its money, or its search found
nothing better within its stated gap ("other buys first").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.dataset import split_names
from data.rows import each
from reports import figures

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

SMALLEST = 1e-9
SPENT = 0.98  # of the money of a year: from here on nothing to speak of is left
MOSTLY = 0.5  # of the years that count
CAUSES = (
    "enabler short",
    "nothing to buy",
    "order limit",
    "host missing",
    "no time to deliver",
    "money too late",
    "money spent",
    "lines full",
    "component full",
    "other buys first",
)
NAMED = 0.1  # of an area's gap: a smaller cause is not named on the summary
COLUMNS = ["area", "nation", "shortfall", "cause", "detail"]


def why_open(plan: Plan, year: int | None = None) -> pd.DataFrame:
    """One row for each open target of a year (the last) and cause: area, nation (or ALL), shortfall, cause, detail.

    The shortfalls of a target sum to that of the gaps table (area units); detail: enabler, lines, components.
    """
    world = _World(plan)
    year = year or figures.horizon(plan)[1]
    gaps = plan.tables["gaps"]
    rows = []
    for row in each(gaps[(gaps["year"] == year) & (gaps["shortfall"] > SMALLEST)]):
        lost = min(row.shortfall, max(0.0, row.delivered - row.credited))
        if lost > SMALLEST:
            rows.append((row.area, row.nation, lost, "enabler short", world.enablers(row.area)))
        if row.shortfall - lost > SMALLEST:
            rows.append((row.area, row.nation, row.shortfall - lost, *world.cause(row.nation, row.area, year)))
    return pd.DataFrame(rows, columns=COLUMNS)


def main_causes(plan: Plan) -> dict[str, str]:
    """Area -> its causes in the last year as words, the largest first: `lines full 62%, money spent 30%`."""
    found = why_open(plan)
    words = {}
    for area, mine in found.groupby("area"):
        parts = mine.groupby("cause")["shortfall"].sum()
        whole = float(parts.sum())
        largest = sorted(((-size, CAUSES.index(str(cause)), str(cause)) for cause, size in parts.items()))[:2]
        words[str(area)] = ", ".join(
            f"{cause} {-size / whole:.0%}" for size, _, cause in largest if -size / whole > 0.1
        )
    return words


class _World:
    """What a cause is looked up in, indexed once."""

    def __init__(self, plan: Plan) -> None:
        tables = plan.case.dataset.tables
        self.first, self.last = figures.horizon(plan)
        self.programmes = {row.programme: row for row in each(tables["programmes"])}
        self.makes: dict[str, list[str]] = defaultdict(list)
        for row in each(tables["effects"]):
            if row.effect > SMALLEST:
                self.makes[row.area].append(row.programme)
        self.limit: dict[tuple[str, str], float] = {}
        self.buyers: dict[str, list[str]] = defaultdict(list)
        pipeline = each(tables["pipeline"])
        self.operated = {(row.nation, row.programme) for row in pipeline if row.units > SMALLEST}
        for row in each(tables["customers"]):
            self.limit[row.nation, row.programme] = row.max_units
            if row.units_operated > SMALLEST:
                self.operated.add((row.nation, row.programme))
            self.buyers[row.programme].append(row.nation)
        orders = plan.tables["orders"].groupby(["nation", "programme"])["units"].sum()
        self.ordered = {(str(key[0]), str(key[1])): float(units) for key, units in orders.items()}  # type: ignore[index]
        self.operated |= {key for key, units in self.ordered.items() if units > SMALLEST}
        self.needs: dict[str, list[str]] = defaultdict(list)
        for row in each(tables["requires"]):
            self.needs[row.area].append(row.enabler)
        self.pillar = dict(zip(tables["areas"]["area"], tables["areas"]["pillar"], strict=True))
        self._industry(plan)
        self._money(plan)

    def _industry(self, plan: Plan) -> None:
        tables = plan.case.dataset.tables
        self.lines: dict[str, list[str]] = defaultdict(list)
        for row in each(tables["line_programmes"]):
            self.lines[row.programme].append(row.line)
        self.parts: dict[str, list[str]] = defaultdict(list)
        for row in each(tables["bill_of_materials"]):
            self.parts[row.programme].append(row.component)
        self.full: dict[str, dict[int, bool]] = defaultdict(dict)
        for row in each(plan.tables["capacity"]):
            none = row.capacity + row.added <= SMALLEST
            self.full[row.line_or_component][int(row.year)] = none or row.utilisation >= figures.FULL

    def _money(self, plan: Plan) -> None:
        budgets = plan.tables["budgets"]
        whole = budgets["available"] + budgets["loan"] + budgets["carried_in"] + budgets["shifted_in"]
        left = budgets["unspent"] <= (1 - SPENT) * whole.clip(lower=0.0) + SMALLEST
        keys = zip(budgets["nation"], budgets["pillar"], budgets["year"], strict=True)
        self.spent = dict(zip(keys, left, strict=True))
        self.nations = sorted(set(budgets["nation"]))

    def enablers(self, area: str) -> str:
        return "; ".join(sorted(self.needs[area])) or "-"

    def cause(self, nation: str, area: str, year: int) -> tuple[str, str]:
        """The first cause of an open target, and its detail."""
        offered = [name for name in self.makes[area] if self._customers(nation, name)]
        if not offered:
            return "nothing to buy", "-"
        blocks = [self._block(nation, name, year) for name in offered]
        if any(block is None for block in blocks):
            return "other buys first", "-"
        causes = [block[0] for block in blocks if block]
        cause = max(sorted(set(causes), key=CAUSES.index), key=causes.count)
        detail = sorted({item for block in blocks if block and block[0] == cause for item in block[1]})
        return cause, "; ".join(detail) or "-"

    def _block(self, nation: str, programme: str, year: int) -> tuple[str, set[str]] | None:
        """What stands in the way of buying more of a programme; None where nothing does."""
        if not any(self._room(buyer, programme) for buyer in self._customers(nation, programme)):
            return "order limit", {programme}
        hosts = split_names(self.programmes[programme].needs_host)
        if hosts and not any(self._hosted(buyer, hosts) for buyer in self._customers(nation, programme)):
            return "host missing", set(hosts)
        if self._last_order(programme, year) < self._first_order(programme):
            return "no time to deliver", {programme}
        return self._first_in_time(nation, programme, year)

    def _first_in_time(self, nation: str, programme: str, year: int) -> tuple[str, set[str]] | None:
        """The obstacle of the earliest blocked year, where most years in which an order still arrives are blocked."""
        item: Any = self.programmes[programme]
        years = range(self._first_order(programme), self._last_order(programme, year) + 1)
        found = [self._obstacle(nation, programme, when, min(year, when + int(item.lead_years))) for when in years]
        blocked = [obstacle for obstacle in found if obstacle is not None]
        if not _mostly(obstacle is not None for obstacle in found):
            return None
        if blocked[0][0] == "money spent" and self._money_later(nation, programme, years[-1]):
            return "money too late", set()
        return blocked[0]

    def _obstacle(self, nation: str, programme: str, year: int, until: int) -> tuple[str, set[str]] | None:
        """What stands in the way of an order of one year, which would be made up to `until`."""
        pillar = self.programmes[programme].pillar
        if all(self.spent.get((buyer, pillar, year), True) for buyer in self._customers(nation, programme)):
            return "money spent", set()
        return self._full(programme, range(year, until + 1))

    def _money_later(self, nation: str, programme: str, after: int) -> bool:
        """Whether a buyer has money left in a planning year in which an order would no longer arrive."""
        pillar = self.programmes[programme].pillar
        return any(
            not self.spent.get((buyer, pillar, when), True)
            for buyer in self._customers(nation, programme)
            for when in range(after + 1, self.last + 1)
        )

    def _customers(self, nation: str, programme: str) -> list[str]:
        if nation == "ALL":
            return self.buyers[programme]
        return [nation] if (nation, programme) in self.limit else []

    def _room(self, nation: str, programme: str) -> bool:
        lot = max(self.programmes[programme].lot, SMALLEST)
        return bool(self.limit[nation, programme] - self.ordered.get((nation, programme), 0.0) >= lot - SMALLEST)

    def _hosted(self, nation: str, hosts: Sequence[str]) -> bool:
        return any((nation, host) in self.operated for host in hosts)

    def _first_order(self, programme: str) -> int:
        return max(self.first, int(self.programmes[programme].first_order_year))

    def _last_order(self, programme: str, year: int) -> int:
        item = self.programmes[programme]
        return min(int(item.last_order_year), year - int(item.lead_years))

    def _full(self, programme: str, years: range) -> tuple[str, set[str]] | None:
        """The lines (all of them full), else the full components, in most of these years; None where there is room."""

        def is_full(place: str) -> bool:
            return _mostly(self.full[place].get(when, False) for when in years)

        lines = self.lines[programme]
        if lines and all(is_full(line) for line in lines):
            return "lines full", set(lines)
        parts = {part for part in self.parts[programme] if is_full(part)}
        return ("component full", parts) if parts else None


def _mostly(answers: Any) -> bool:
    found = list(answers)
    return bool(found) and sum(map(bool, found)) >= MOSTLY * len(found)
