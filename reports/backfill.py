"""Who backfills what the USA withdraw (lever us_backfill): risen targets, what of the rise is met, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.levers import replay
from data.rows import each

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

COLUMNS = ["nation", "area", "year", "target_before", "target", "rise", "met", "part_met", "delivered", "providers"]
LEVER = "us_backfill"
SMALLEST = 1e-9
NAMED = 5  # providers named in a row


def backfill(plan: Plan) -> pd.DataFrame | None:
    """One row for each nation (or ALL), area and year whose target rises; None where the lever is off.

    rise: target less the target without the lever. met: what of the rise is covered, the rise coming last (a shortfall
    is taken from it first); part_met: its share. delivered: the row's delivered effect. providers: of a collective
    area the nations that deliver most, with their part.
    """
    case = plan.case
    if not case.levers.get(LEVER):
        return None
    others = {name: value for name, value in case.levers.items() if name != LEVER}
    targets = replay(case.base, case.name, others).dataset.tables["targets"]
    before = {(row.nation, row.area, row.year): row.target for row in each(targets)}
    rows = []
    for row in each(plan.tables["gaps"]):
        earlier = before.get((row.nation, row.area, row.year), row.target)
        rise = row.target - earlier
        if rise <= SMALLEST:
            continue
        met = rise - min(row.shortfall, rise)
        providers = _providers(plan.tables["collective"], row.area, row.year) if row.nation == "ALL" else "-"
        rows.append(
            (row.nation, row.area, row.year, earlier, row.target, rise, met, met / rise, row.delivered, providers)
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _providers(collective: pd.DataFrame, area: str, year: int) -> str:
    mine = collective[(collective["area"] == area) & (collective["year"] == year)]
    whole = float(mine["delivered"].sum())
    if whole <= SMALLEST:
        return "-"
    largest = sorted(zip(mine["delivered"], mine["nation"], strict=True), key=lambda part: (-part[0], part[1]))[:NAMED]
    return "; ".join(f"{nation} {part / whole:.0%}" for part, nation in largest)
