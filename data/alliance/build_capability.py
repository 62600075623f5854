"""Capability: areas, targets, enablers, programmes, effects, customers and pairs that exclude each other."""

from __future__ import annotations

import pandas as pd

from data.alliance.facts import BASE_YEAR, LAST, LEFT_OUT, YEARS, Facts, lookup, records, whole_years

ORDER_END = 2032
"""Orders standing today are delivered in equal parts over 2027-2032."""
NICE_LOTS = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 150, 200)
WHOLE_LOT_LIMIT = 200
"""A nation that may order more than this buys in contract-sized lots."""
INCOMPATIBLE = (
    ("a26", "s212cd", "ALL", "a navy that buys a new submarine now chooses one design"),
    ("arrow3", "davids_sling", "ALL", "two national long-range sets for one task; a nation runs one"),
)


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
        standard = facts.standard("area", row.common_standard)
        tax = facts.factor("integration_tax_share") * _median_order_value(facts, row.area_id)
        rows.append(
            {
                "area": row.area_id,
                "name": names[row.area_id],
                "pillar": row.pillar,
                "unit": row.unit,
                "weight": float(row.area_weight_pct),
                "standard": standard,
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


def _on_order(facts: Facts) -> dict[tuple[str, str], float]:
    """Area units on order by nation and area."""
    return {(row.iso3, row.area_id): row.on_order_by_2035 for row in records(facts["inventories"])}


def _national_targets(facts: Facts, retired: dict[str, float]) -> pd.DataFrame:
    """One row a nation, area and year by the path of target_method."""
    rows, orders = [], _on_order(facts)
    for row in records(facts["targets_2035"]):
        today = row.baseline_2026
        on_order = orders.get((row.iso3, row.area_id), 0.0)
        for year in YEARS:
            x = (year - BASE_YEAR) / (LAST - BASE_YEAR)
            arrived = min(1.0, (year - BASE_YEAR) / (ORDER_END - BASE_YEAR))
            rows.append(
                {
                    "nation": row.iso3,
                    "area": row.area_id,
                    "year": year,
                    "target": today + (row.target_2035 - today) * x,
                    "baseline": today * (1 - retired[row.area_id] * x) + on_order * arrived,
                }
            )
    return pd.DataFrame(rows)


def _collective_rows(facts: Facts, rows: pd.DataFrame, retired: dict[str, float]) -> pd.DataFrame:
    """Sum the nations of a collective area into ALL and add what the alliance itself owns."""
    owned = {row.area_id: row for row in records(facts["inventories"]) if row.iso3 == "ALL"}
    usa = {(row.area, row.year): row.baseline for row in records(rows) if row.nation == "USA"}
    total = []
    for row in records(rows.groupby(["area", "year"], as_index=False)[["target", "baseline"]].sum()):
        baseline = row.baseline
        if row.area in owned:
            x = (row.year - BASE_YEAR) / (LAST - BASE_YEAR)
            arrived = min(1.0, (row.year - BASE_YEAR) / (ORDER_END - BASE_YEAR))
            own = owned[row.area]
            baseline += own.value_planning * (1 - retired[row.area] * x) + own.on_order_by_2035 * arrived
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
    method = facts["target_method"]
    retired = lookup(method, "area_id", "retired_share_of_baseline_by_2035")
    kind = lookup(method, "area_id", "target_kind")
    rows = _national_targets(facts, retired)
    collective = rows["area"].map(kind) == "collective"
    table = pd.concat([rows[~collective], _collective_rows(facts, rows[collective], retired)], ignore_index=True)
    table["baseline_us"] = table["baseline_us"].fillna(0.0)
    return table[table["target"] > 0]


def requires(facts: Facts) -> pd.DataFrame:
    """Enablers of target_method: area units that one unit of the enabler supports."""
    rows = []
    for row in records(facts["target_method"].dropna(subset=["enablers"])):
        for part in row.enablers.split(";"):
            enabler, ratio = part.split(":")
            rows.append({"area": row.area_id, "enabler": enabler.strip(), "ratio": float(ratio)})
    return pd.DataFrame(rows)


def lots(facts: Facts) -> dict[str, float]:
    """Lot of every programme: 0 for munitions and mass goods, contract-sized for large fleets, else the facts' lot."""
    largest_wish = facts["customers"].groupby("programme_id", as_index=False)[["max_additional_units"]].max()
    most = lookup(largest_wish, "programme_id", "max_additional_units")
    table: dict[str, float] = {}
    for row in records(facts["service"]):
        largest = most.get(row.programme_id, 0.0)
        if row.category == "munition" or row.programme_id == "rail_wagon":
            table[row.programme_id] = 0.0
        elif row.lot != 1 or largest <= WHOLE_LOT_LIMIT:
            table[row.programme_id] = float(row.lot)
        else:
            table[row.programme_id] = float(min(NICE_LOTS, key=lambda lot: (abs(lot - largest / 20), lot)))
    return table


def programmes(facts: Facts) -> pd.DataFrame:
    """Everything that can be ordered; prices in the data set's currency at 2026 prices."""
    service = {row.programme_id: row for row in records(facts["service"])}
    lot = lots(facts)
    rows = []
    for row in records(facts["programmes"]):
        if row.id in LEFT_OUT:
            continue
        more = service[row.id]
        lead = whole_years(row.lead_time_years)
        cost = facts.money(row.unit_cost_eur_m, row.price_year)
        needs = more.requires_innovation
        rows.append(
            {
                "programme": row.id,
                "name": row.name,
                "area": row.capability_area,
                "pillar": "resilience" if row.pillar == "related" else "core",
                "category": more.category,
                "unit": row.unit,
                "unit_cost": cost,
                "cost_growth": more.cost_growth_per_year,
                "down_payment": more.down_payment_share,
                "lot": lot[row.id],
                "lead_years": lead,
                "service_years": int(more.service_years),
                "first_order_year": int(more.first_order_year),
                "last_order_year": min(int(more.last_order_year), LAST - lead),
                "sustain_cost": cost * more.sustain_share_of_unit_cost_per_year,
                "type_overhead": facts.money(more.type_overhead_m_eur_per_year),
                "standard": facts.standard("programme", more.standard),
                "fleet_class": "" if pd.isna(more.fleet_class) else more.fleet_class,
                "sme_share": more.sme_share,
                "eu_content": more.eu_content_share,
                "requires_innovation": "" if pd.isna(needs) else needs,
            }
        )
    return _pillar_of_area(facts, pd.DataFrame(rows))


def _pillar_of_area(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    """A programme marked for both pillars is paid from the pillar of its area."""
    pillar = lookup(facts["target_method"], "area_id", "pillar")
    table["pillar"] = table["area"].map(pillar)
    return table


def effects(facts: Facts) -> pd.DataFrame:
    """Area units that one unit in service adds."""
    table = facts["effects"]
    table = table[~table["programme_id"].isin(LEFT_OUT)]
    return table.rename(columns={"programme_id": "programme", "area_id": "area", "effect_per_unit": "effect"})[
        ["programme", "area", "effect"]
    ]


def _in_lots(units: float, lot: float) -> float:
    """Units in whole lots, rounded to the nearest (half up)."""
    return units if lot == 0 else int(units / lot + 0.5) * lot


def customers(facts: Facts) -> pd.DataFrame:
    """Who may buy what: maximum in whole lots; operated units include what is on order, as a pipeline would."""
    lot = lots(facts)
    rows = []
    for row in records(facts["customers"]):
        if row.programme_id in LEFT_OUT:
            continue
        most = _in_lots(row.max_additional_units, lot[row.programme_id])
        operated = row.units_operated + row.units_on_order
        if most > 0 or operated > 0:
            rows.append(
                {"nation": row.iso3, "programme": row.programme_id, "max_units": most, "units_operated": operated}
            )
    return pd.DataFrame(rows)


def incompatible() -> pd.DataFrame:
    """Alternatives by nature."""
    return pd.DataFrame(INCOMPATIBLE, columns=["programme_a", "programme_b", "scope", "reason"]).drop(columns="reason")
