"""Capability areas with their integration tax, and what enables what."""

from __future__ import annotations

import pandas as pd

from data.alliance.build_customers import customers
from data.alliance.facts import YEARS, Facts, lookup, records


def _median_order_value(facts: Facts, area: str) -> float:
    """Median over operating nations of a year's order value in the area: cost of the gap over the plan's years.

    Where nobody operates a type of the area yet, of every nation with a gap.
    """
    pairs, gaps = facts["customers"], facts["targets_2035"]
    owners = pairs.loc[(pairs["area_id"] == area) & (pairs["units_operated"] > 0), "iso3"].unique()
    gaps = gaps[(gaps["area_id"] == area) & (gaps["gap_cost_eur_m"] > 0)]
    operating = gaps[gaps["iso3"].isin(owners)]
    cost = (operating if len(operating) else gaps)["gap_cost_eur_m"].median()
    return facts.money(float(cost)) / len(YEARS)


def legacy_off_standard(facts: Facts, area: str, standard: str) -> pd.DataFrame:
    """Pairs of nation and programme of the area that are operated or on order and not on its standard."""
    kinds = lookup(facts["service"], "programme_id", "standard")
    table = customers(facts)
    home = lookup(facts["programmes"], "id", "capability_area")
    off = [home[p] == area and facts.standard("programme", kinds[p]) != standard for p in table["programme"]]
    return table[pd.Series(off, index=table.index) & (table["units_operated"] > 0)]


def areas(facts: Facts, available: pd.DataFrame) -> pd.DataFrame:
    """The 19 areas; integration tax scaled down so that today's types cost under the ceiling of any nation's money.

    Args:
        facts: the facts.
        available: nation, year, pillar, available (millions).
    """
    names = lookup(facts["capability_areas"], "area_id", "name")
    rows = []
    for row in records(facts["target_method"]):
        tax = facts.factor("integration_tax_share") * _median_order_value(facts, row.area_id)
        rows.append(
            {
                "area": row.area_id,
                "name": names[row.area_id],
                "pillar": row.pillar,
                "unit": row.unit,
                "weight": float(row.area_weight_pct),
                "standard": facts.standard("area", row.common_standard),
                "integration_tax": tax,
                "threat_year": "" if pd.isna(row.threat_year) else int(row.threat_year),
                "severity": row.severity_slopes,
            }
        )
    table = pd.DataFrame(rows)
    table["integration_tax"] *= tax_scale(facts, table, available)
    return table


def tax_scale(facts: Facts, table: pd.DataFrame, available: pd.DataFrame) -> float:
    """The part of the tax that keeps every nation's legacy bill under the ceiling of its money over the horizon."""
    bill: dict[str, float] = {}
    for row in records(table):
        for nation in legacy_off_standard(facts, row.area, row.standard)["nation"]:
            bill[nation] = bill.get(nation, 0.0) + row.integration_tax
    core = available[available["pillar"] == "core"].groupby("nation", as_index=False)[["available"]].sum()
    money = lookup(core, "nation", "available")
    ceiling = facts.factor("integration_tax_ceiling")
    return float(min([1.0, *(ceiling * money[nation] / (bill[nation] * len(YEARS)) for nation in sorted(bill))]))


def requires(facts: Facts) -> pd.DataFrame:
    """Enablers of target_method: area units that one unit of the enabler supports."""
    rows = []
    for row in records(facts["target_method"].dropna(subset=["enablers"])):
        for part in row.enablers.split(";"):
            enabler, ratio = part.split(":")
            rows.append({"area": row.area_id, "enabler": enabler.strip(), "ratio": float(ratio)})
    return pd.DataFrame(rows)
