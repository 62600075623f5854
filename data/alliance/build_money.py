"""Money: nations, economy and budget paths."""

from __future__ import annotations

import pandas as pd

from data.alliance.facts import BASE_YEAR, FIRST, LAST, YEARS, Facts, linear, lookup, records

HOLD_LEVEL = ("BEL", "ESP", "HUN", "ISL", "SVK")
"""Nations that state a level and no path to the 3.5 %; they hold it to the end."""


def core_share(facts: Facts, nation: str) -> dict[int, float]:
    """Core share of GDP by year: a line from the 2026 share to the national target, then to 3.5 % in 2035.

    A target year that has passed counts as the first year. A level above 3.5 % is held.
    """
    row = facts.nation(nation)
    today = row["def_bn_usd_2026e"] / row["gdp_bn_usd_2026e"]
    target = row["target_core_pct_gdp"] / 100
    target_year = max(int(row["target_core_year"]), FIRST)
    end = target if nation in HOLD_LEVEL else max(target, facts.factor("core_share_2035"))
    return {
        year: linear(year, BASE_YEAR, today, target_year, target)
        if year <= target_year
        else linear(year, target_year, target, LAST, end)
        for year in YEARS
    }


def equipment_share(facts: Facts, nation: str) -> dict[int, float]:
    """Equipment share of core spending by year: mean of 2024-26, rising to 36 % unless above already."""
    row = facts.nation(nation)
    shares = [row[f"equip_share_pct_{year}"] for year in ("2024", "2025e", "2026e")]
    mean = 0.0 if any(pd.isna(share) for share in shares) else sum(shares) / 300
    end = max(mean, facts.factor("equipment_share_2035")) if mean else 0.0
    return {year: linear(year, BASE_YEAR, mean, LAST, end) for year in YEARS}


def _core_row(facts: Facts, nation: str, year: int, share: float, equipment: float) -> dict[str, object]:
    contracted = linear(
        year, FIRST, facts.factor("contracted_2027", nation), LAST, facts.factor("contracted_2035", nation)
    )
    free = equipment * (1 - contracted) * facts.factor("programme_share", nation)
    # A nation without forces plans nothing here; if a lever gives it a core path, its equipment share is the usual one.
    equipment = equipment or facts.factor("equipment_share_2035")
    return {
        "nation": nation,
        "year": year,
        "pillar": "core",
        "gdp_share": share,
        "committed_share": 1 - free,
        "committed_equipment_share": (equipment - free) / (1 - free),
    }


def _resilience_row(facts: Facts, nation: str, year: int) -> dict[str, object]:
    share = linear(year, FIRST, facts.factor("resilience_2027"), LAST, facts.factor("resilience_2035"))
    bound = linear(year, FIRST, facts.factor("resilience_bound_2027"), LAST, facts.factor("resilience_bound_2035"))
    scale = facts.factor("resilience_open_scale", nation)
    free = (1 - bound) * (1.0 if pd.isna(scale) else scale)
    return {
        "nation": nation,
        "year": year,
        "pillar": "resilience",
        "gdp_share": share,
        "committed_share": 1 - free,
        "committed_equipment_share": 0.0,
    }


def budget_path(facts: Facts) -> pd.DataFrame:
    """Shares of GDP by nation, year and pillar, and what of them is bound before the plan begins."""
    rows = []
    for nation in facts["nations"]["iso3"]:
        core, equipment = core_share(facts, nation), equipment_share(facts, nation)
        for year in YEARS:
            rows.append(_core_row(facts, nation, year, core[year], equipment[year]))
            rows.append(_resilience_row(facts, nation, year))
    return pd.DataFrame(rows)


def economy(facts: Facts) -> pd.DataFrame:
    """GDP in millions at 2026 prices; the deflator is the dollar's, since real exchange rates are held."""
    table = facts["gdp_growth"]
    growth = {(row.iso3, row.year): row.real_gdp_growth_pct for row in records(table)}
    prices = {row.year: row.gdp_deflator_change_pct for row in records(table) if row.iso3 == "USA"}
    rows = []
    for nation in records(facts["nations"]):
        gdp = nation.gdp_bn_usd_2026e * 1000 * facts.factor("usd_to_dataset")
        deflator = 1.0
        for year in YEARS:
            gdp *= 1 + growth[nation.iso3, year] / 100
            deflator *= 1 + prices[year] / 100
            rows.append({"nation": nation.iso3, "year": year, "gdp": gdp, "deflator": deflator})
    return pd.DataFrame(rows)


def nations(facts: Facts) -> pd.DataFrame:
    """The 32 allies with region, weight in shared bills and signing cycle."""
    keys = facts["apportionment_keys"]
    region = lookup(keys, "iso3", "region")
    cycle = lookup(keys, "iso3", "signing_cycle_years")
    offset = lookup(keys, "iso3", "signing_offset")
    return pd.DataFrame(
        {
            "nation": row.iso3,
            "name": row.name,
            "eu": int(row.eu_member),
            "region": "NORTH_AMERICA" if region[row.iso3] == "north_america" else "EUROPE",
            "cost_share": float(row.cost_share),
            "signing_cycle": int(cycle[row.iso3]),
            "signing_offset": int(offset[row.iso3]),
        }
        for row in records(facts["nations"])
    )
