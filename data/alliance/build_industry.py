"""Industry: lines, components and expansions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.alliance.facts import FIRST, LAST, LEFT_OUT, YEARS, Facts, linear, records, rows_of


def backlog(row: Any, year: int) -> float:
    """Share of the year's output that contracts already signed take: linear 2027-2030-2033, flat after."""
    if year <= 2030:
        return linear(year, 2027, row["backlog_share_2027"], 2030, row["backlog_share_2030"])
    return linear(year, 2030, row["backlog_share_2030"], 2033, row["backlog_share_2033"])


def net_capacity(row: Any) -> dict[int, float]:
    """Capacity left for new orders by year."""
    return {year: float(row[f"capacity_{year}"]) * (1 - backlog(row, year)) for year in YEARS}


def line_capacity(facts: Facts) -> pd.DataFrame:
    """Capacity of each line and year, net of backlog."""
    rows = []
    for line in rows_of(facts["lines"]):
        path = net_capacity(line)
        rows += [{"line": line["line_id"], "year": year, "capacity": path[year]} for year in YEARS]
    return pd.DataFrame(rows)


def ramp(line: Any) -> float:
    """The stated ramp, or the free capacity of the second year if that is more.

    The stated ramp is that of the whole line. Slots that contracts set free need none, and a free slot that nobody
    ordered in the first year would otherwise be lost for years. A line that makes nothing yet has its stated one.
    """
    path = net_capacity(line)
    stated = float(line["ramp_per_year"])
    return max(stated, path[FIRST + 1]) if path[FIRST] > 0 else stated


def lines(facts: Facts) -> pd.DataFrame:
    """Lines with host, output today net of backlog, and ramp."""
    return pd.DataFrame(
        {
            "line": line["line_id"],
            "name": line["name"],
            "nation": line["host_iso3"],
            "current_output": float(line["present_output_per_year"]) * (1 - line["backlog_share_2027"]),
            "ramp": ramp(line),
        }
        for line in rows_of(facts["lines"])
    )


def line_programmes(facts: Facts) -> pd.DataFrame:
    """Capacity units that one unit of a programme takes on a line."""
    table = facts["line_programmes"]
    table = table[~table["programme_id"].isin(LEFT_OUT)]
    return table.rename(columns={"line_id": "line", "programme_id": "programme"})[["line", "programme", "capacity_use"]]


def components(facts: Facts) -> pd.DataFrame:
    """Shared bottlenecks."""
    return facts["components"].rename(columns={"component_id": "component"})[["component", "name"]]


def component_capacity(facts: Facts) -> pd.DataFrame:
    """Yearly supply of each component, net of backlog."""
    rows = []
    for part in rows_of(facts["components"]):
        path = net_capacity(part)
        rows += [{"component": part["component_id"], "year": year, "capacity": path[year]} for year in YEARS]
    return pd.DataFrame(rows)


def bill_of_materials(facts: Facts) -> pd.DataFrame:
    """Component units in one unit of a programme."""
    table = facts["bill_of_materials"]
    table = table[~table["programme_id"].isin(LEFT_OUT)]
    return table.rename(
        columns={"programme_id": "programme", "component_id": "component", "quantity_per_unit": "quantity"}
    )[["programme", "component", "quantity"]]


def expansions(facts: Facts) -> pd.DataFrame:
    """Added capacity with its bill, host and guarantee; an expansion opens by the last year."""
    return pd.DataFrame(
        {
            "expansion": row.expansion_id,
            "name": row.name,
            "line_or_component": row.target_id,
            "kind": row.kind,
            "added_capacity": row.added_capacity_per_year,
            "cost": facts.money(row.cost_m_eur),
            "annual_cost": facts.money(row.annual_cost_m_eur),
            "build_years": int(row.build_years),
            "first_year": int(row.first_year),
            "last_year": min(int(row.last_year), LAST - int(row.build_years)),
            "host": row.host_iso3,
            "host_share_min": row.host_share_min,
            "guaranteed_load": row.guaranteed_load,
            "guarantee_years": int(row.guarantee_years),
        }
        for row in records(facts["expansions"])
    )
