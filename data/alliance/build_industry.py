"""Industry and innovation: lines, components, expansions, innovation lines."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.alliance.facts import LAST, LEFT_OUT, YEARS, Facts, linear, lookup, records, rows_of, whole_years

YARDS = (
    "ln_clyde",
    "ln_damen",
    "ln_ferrol",
    "ln_finc",
    "ln_kockums",
    "ln_lorient",
    "ln_rosyth",
    "ln_tkms",
)
"""Yards that launch a ship every year or two: their fractional paths are given in whole hulls."""


def backlog(row: Any, year: int) -> float:
    """Share of the year's output that contracts already signed take: linear 2027-2030-2033, flat after."""
    if year <= 2030:
        return linear(year, 2027, row["backlog_share_2027"], 2030, row["backlog_share_2030"])
    return linear(year, 2030, row["backlog_share_2030"], 2033, row["backlog_share_2033"])


def net_capacity(row: Any) -> dict[int, float]:
    """Capacity left for new orders by year."""
    return {year: float(row[f"capacity_{year}"]) * (1 - backlog(row, year)) for year in YEARS}


def _first_delivery(facts: Facts, line: str) -> int:
    """The first year in which a new order of a programme of the line can be delivered."""
    lead = lookup(facts["programmes"], "id", "lead_time_years")
    start = lookup(facts["service"], "programme_id", "first_order_year")
    made = [row.programme_id for row in records(facts["line_programmes"]) if row.line_id == line]
    years = [int(start[p]) + whole_years(lead[p]) for p in made if p not in LEFT_OUT]
    return min(*years, LAST)


def whole_hulls(path: dict[int, float], first: int) -> dict[int, float]:
    """A fractional path as whole units a year: the running total from the first delivery on, rounded half up."""
    result: dict[int, float] = {}
    total, given = 0.0, 0
    for year in YEARS:
        if year < first:
            result[year] = path[year]
            continue
        total += path[year]
        result[year] = float(int(total + 0.5) - given)
        given = int(total + 0.5)
    return result


def line_capacity(facts: Facts) -> pd.DataFrame:
    """Capacity of each line and year, net of backlog; yards in whole hulls."""
    rows = []
    for line in rows_of(facts["lines"]):
        path = net_capacity(line)
        if line["line_id"] in YARDS:
            path = whole_hulls(path, _first_delivery(facts, line["line_id"]))
        rows += [{"line": line["line_id"], "year": year, "capacity": path[year]} for year in YEARS]
    return pd.DataFrame(rows)


def lines(facts: Facts) -> pd.DataFrame:
    """Lines with host, output today net of backlog, and ramp.

    The stated ramp is that of the whole line. What is left for these orders begins at nothing, because deliveries
    need their lead time, and grows as backlog runs out: the ramp is at least the net capacity of the first year of
    delivery. Yards have none: a hull comes whole.
    """
    rows = []
    for line in rows_of(facts["lines"]):
        path = net_capacity(line)
        ramp: object = max(float(line["ramp_per_year"]), path[_first_delivery(facts, line["line_id"])])
        rows.append(
            {
                "line": line["line_id"],
                "name": line["name"],
                "nation": line["host_iso3"],
                "current_output": float(line["present_output_per_year"]) * (1 - line["backlog_share_2027"]),
                "ramp": "" if line["line_id"] in YARDS else ramp,
            }
        )
    return pd.DataFrame(rows)


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


def innovation(facts: Facts) -> pd.DataFrame:
    """Innovation lines with gates, fast mode and sponsors."""
    return pd.DataFrame(
        {
            "innovation": row.innovation_id,
            "name": row.name,
            "sponsor": row.sponsors_suggested,
            "pillar": row.pillar,
            "pilot_cost": facts.money(row.pilot_cost_m_eur),
            "pilot_years": int(row.pilot_years),
            "scale_cost": facts.money(row.scale_cost_m_eur),
            "scale_years": int(row.scale_years),
            "fast_years": int(row.fast_years) if row.fast_mode else "",
            "fast_cost_factor": float(row.fast_cost_factor) if row.fast_mode else 1.0,
            "success_probability": row.success_probability,
            "sme_share": row.small_firm_share,
            "first_year": int(row.first_year),
            "complete_year": "",
        }
        for row in records(facts["innovation_options"])
    )


def innovation_effects(facts: Facts) -> pd.DataFrame:
    """Share of an area's target that a complete line closes."""
    rows = []
    for row in records(facts["innovation_options"]):
        for part in row.areas_closes.split(";"):
            area, closes = part.split(":")
            rows.append({"innovation": row.innovation_id, "area": area.strip(), "closes": float(closes)})
    return pd.DataFrame(rows)
