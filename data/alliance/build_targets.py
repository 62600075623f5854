"""Targets: what each nation, or the alliance together, wants and has, year by year."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.alliance.facts import BASE_YEAR, LAST, YEARS, Facts, linear, lookup, records


def _retired(facts: Facts) -> dict[tuple[str, str], float]:
    """Share of today's baseline that is gone by the last year: the nation's own where it is known, else its area's."""
    general = lookup(facts["target_method"], "area_id", "retired_share_of_baseline_by_2035")
    return {
        (row.iso3, row.area_id): general[row.area_id]
        if pd.isna(row.retired_share_by_2035)
        else float(row.retired_share_by_2035)
        for row in records(facts["inventories"])
    }


def _baseline(today: float, retired: float, on_order: float, year: int, orders_end: int) -> float:
    """What is left of today's stock and has arrived of today's orders: both on a straight line from today."""
    left = today * (1 - linear(year, BASE_YEAR, 0.0, LAST, retired))
    return left + linear(year, BASE_YEAR, 0.0, orders_end, on_order)


def _national_targets(facts: Facts, method: dict[str, Any]) -> pd.DataFrame:
    """One row a nation, area and year: flat while little ordered now can arrive, then a line to the last year."""
    orders = {(row.iso3, row.area_id): row.on_order_by_2035 for row in records(facts["inventories"])}
    retired = _retired(facts)
    rows = []
    for row in records(facts["targets_2035"]):
        key, today, how = (row.iso3, row.area_id), row.baseline_2026, method[row.area_id]
        for year in YEARS:
            flat_until = int(how.target_flat_until)
            rows.append(
                {
                    "nation": row.iso3,
                    "area": row.area_id,
                    "year": year,
                    "target": linear(year, flat_until, today, LAST, row.target_2035),
                    "baseline": _baseline(today, retired[key], orders[key], year, int(how.orders_end_year)),
                }
            )
    return pd.DataFrame(rows)


def _collective_rows(facts: Facts, rows: pd.DataFrame, method: dict[str, Any]) -> pd.DataFrame:
    """Sum the nations of a collective area into ALL and add what the alliance itself owns."""
    owned = {row.area_id: row for row in records(facts["inventories"]) if row.iso3 == "ALL"}
    retired = _retired(facts)
    usa = {(row.area, row.year): row.baseline for row in records(rows) if row.nation == "USA"}
    total = []
    for row in records(rows.groupby(["area", "year"], as_index=False)[["target", "baseline"]].sum()):
        baseline = row.baseline
        if row.area in owned:
            own, end = owned[row.area], int(method[row.area].orders_end_year)
            baseline += _baseline(own.value_planning, retired["ALL", row.area], own.on_order_by_2035, row.year, end)
        total.append(
            {
                "nation": "ALL",
                "area": row.area,
                "year": row.year,
                "target": row.target,
                "baseline": baseline,
                "baseline_us": usa.get((row.area, row.year), 0.0),
            }
        )
    return pd.DataFrame(total)


def targets(facts: Facts) -> pd.DataFrame:
    """National rows and, for collective areas, ALL rows; rows with target 0 are left out."""
    method = {row.area_id: row for row in records(facts["target_method"])}
    rows = _national_targets(facts, method)
    collective = rows["area"].map({area: how.target_kind for area, how in method.items()}) == "collective"
    table = pd.concat([rows[~collective], _collective_rows(facts, rows[collective], method)], ignore_index=True)
    table["baseline_us"] = table["baseline_us"].fillna(0.0)
    return table[table["target"] > 0]
