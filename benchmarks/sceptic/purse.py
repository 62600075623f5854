"""What a plan leaves in a nation's purse, and whether one more lot could be paid from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from data.rows import each
from optimizer.plans.plan import Plan


@dataclass(frozen=True)
class Lack:
    """What is missing to an order: the largest amount of a year (millions; 0: nothing), that year, and of what.

    `of` is "money" or "orders": the limit on what may be ordered so far (order_value_max).
    """

    amount: float
    year: int
    of: str = "money"


class Purse:
    """Money left by nation, pillar and year (millions), the years beyond included."""

    def __init__(self, plan: Plan) -> None:
        """Index budgets, what may be bound beyond, and what may still be ordered."""
        settings = plan.case.dataset.settings
        self.base, self.first, self.last = settings.price_base_year, settings.first_year, settings.last_year
        self.end = self.last + settings.beyond.years
        self.left: dict[tuple[str, str, int], float] = defaultdict(float)
        self.carry: dict[tuple[str, str, int], float] = defaultdict(float)
        share = plan.case.options.carry_over
        for row in each(plan.tables["budgets"]):
            self.left[row.nation, row.pillar, int(row.year)] = row.unspent
            self.carry[row.nation, row.pillar, int(row.year)] = max(0.0, share * row.available - row.carried_out)
        for row in each(plan.tables["beyond"]):
            self.left[row.nation, row.pillar, int(row.year)] = row.free
        rules = plan.tables["rules"]
        self.may_order: dict[tuple[str, str, int], float] = {}
        for row in each(rules[(rules["rule"] == "order_value_max") & (rules["hardness"] == "hard")]):
            nation, _, pillar = str(row.item).partition(":")
            key = (nation, pillar, int(row.year))
            room = row.slack * self._available(plan, key, int(row.from_year))
            self.may_order[key] = min(room, self.may_order.get(key, room))
        areas = plan.case.dataset.tables["areas"]
        self.tax = {row.area: (row.standard, row.integration_tax) for row in each(areas)}

    def _available(self, plan: Plan, key: tuple[str, str, int], start: int) -> float:
        """Millions available from a year to the key's: what the slack of order_value_max is a share of."""
        budgets = plan.tables["budgets"]
        mine = (budgets["nation"] == key[0]) & (budgets["pillar"] == key[1]) & budgets["year"].between(start, key[2])
        return float(budgets.loc[mine, "available"].sum())

    def bills(self, programme: Any, units: float, year: int, operated: bool) -> dict[int, float]:
        """Year -> millions, of units ordered in a year by one nation alone: payments, upkeep, preparing a new type."""
        price = units * programme.unit_cost * (1 + programme.cost_growth) ** (year - self.base)
        lead = int(programme.lead_years)
        found: dict[int, float] = defaultdict(float)
        down = price if lead == 0 else price * programme.down_payment
        found[year] += down
        for when in range(year + 1, year + lead + 1):
            found[when] += (price - down) / lead
        life = int(programme.service_years) or self.end
        for when in range(year + lead, min(year + lead + life - 1, self.end) + 1):
            found[when] += units * programme.sustain_cost
        if not operated:
            standard, tax = self.tax[programme.area]
            yearly = programme.type_overhead + (tax if standard and programme.standard != standard else 0.0)
            for when in range(max(self.first, int(programme.first_order_year)) + lead, self.end + 1):
                found[when] += yearly
        return dict(found)

    def lack(self, nation: str, programme: Any, units: float, year: int, operated: bool) -> Lack:
        """The largest lack of a year if units were ordered on top of the plan, carry-over as the rule allows."""
        pillar, bills = programme.pillar, self.bills(programme, units, year, operated)
        worst, carried = Lack(0.0, year), 0.0
        for when in range(self.first, self.end + 1):
            left = self.left[nation, pillar, when] + carried - bills.get(when, 0.0)
            worst = max(worst, Lack(-left, when), key=lambda lack: lack.amount)
            carried = min(max(0.0, left), self.carry[nation, pillar, when]) if when < self.last else 0.0
        value = units * programme.unit_cost * (1 + programme.cost_growth) ** (year - self.base)
        for when in range(year, self.last + 1):
            room = self.may_order.get((nation, pillar, when), value)
            worst = max(worst, Lack(value - room, when, "orders"), key=lambda lack: lack.amount)
        return worst
