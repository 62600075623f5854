"""The bow wave: what it would take to meet every target in its year, whatever money, lines and rules allow.

An estimate for a picture, not a plan. Each rise of an open need (target less baseline and less what complete innovation
lines close) is priced at the cheapest programme per unit of effect that its buyers may order, at the price of its order
year; the down payment comes first, the rest in equal parts up to delivery; what should have been ordered before the
first year is ordered in it. Sustainment follows delivery. A programme that serves several areas is counted in each.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.rows import each

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

SMALLEST = 1e-9


def wanted(plan: Plan) -> pd.DataFrame:
    """Money wanted by area and year; columns area, year, amount (millions at constant prices)."""
    settings = plan.case.dataset.settings
    programmes = _programmes(plan)
    bill: dict[tuple[str, int], float] = defaultdict(float)
    open_before: dict[tuple[str, str], float] = {}
    for row in each(plan.tables["gaps"].sort_values(["area", "nation", "year"], kind="stable")):
        need = max(0.0, row.target - row.baseline - row.innovation)
        rise = need - open_before.get((row.nation, row.area), 0.0)
        choice = programmes.get((row.nation, row.area))
        if rise <= SMALLEST or choice is None:
            continue
        open_before[row.nation, row.area] = need
        for year, amount in _bill(choice, rise, int(row.year), settings).items():
            bill[row.area, year] += amount
    rows = [(area, year, amount) for (area, year), amount in sorted(bill.items())]
    return pd.DataFrame(rows, columns=["area", "year", "amount"])


def _programmes(plan: Plan) -> dict[tuple[str, str], Any]:
    """(nation or ALL, area) -> (effect, programme) of the least price per unit of effect."""
    tables = plan.case.dataset.tables
    offered = {row.programme: row for row in each(tables["programmes"])}
    buyers: dict[str, set[str]] = defaultdict(set)
    for row in each(tables["customers"]):
        buyers[row.programme] |= {row.nation, "ALL"}
    best: dict[tuple[str, str], Any] = {}
    for row in each(tables["effects"].sort_values(["area", "programme"])):
        programme = offered[row.programme]
        if row.effect <= SMALLEST:
            continue
        for nation in buyers[row.programme]:
            known = best.get((nation, row.area))
            if known is None or programme.unit_cost / row.effect < known[1].unit_cost / known[0] - SMALLEST:
                best[nation, row.area] = (row.effect, programme)
    return best


def _bill(choice: Any, effect: float, due: int, settings: Any) -> dict[int, float]:
    """Year -> money for so much effect, due in a year, bought as late as it can be."""
    each_unit, programme = choice
    units = effect / each_unit
    ordered = max(int(settings.first_year), due - int(programme.lead_years))
    price = units * programme.unit_cost * (1 + programme.cost_growth) ** (ordered - settings.price_base_year)
    paid: dict[int, float] = defaultdict(float)
    if due <= ordered:
        paid[ordered] += price
    else:
        paid[ordered] += price * programme.down_payment
        for year in range(ordered + 1, due + 1):
            paid[year] += price * (1 - programme.down_payment) / (due - ordered)
    for year in range(due, min(int(settings.last_year), due + int(programme.service_years) - 1) + 1):
        paid[year] += units * programme.sustain_cost
    return paid
