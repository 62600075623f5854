"""Programmes, what they add to an area, and pairs that exclude each other."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.alliance.build_customers import lots
from data.alliance.facts import LAST, LEFT_OUT, Facts, lookup, records, text_or_none, whole_years

INCOMPATIBLE_IN = {"s212cd:kss3_can": "CAN"}
"""Pairs that exclude each other in one nation alone (settings.csv says so in its note); the others everywhere."""


def _programme(facts: Facts, row: Any, more: Any, pillar: str, lot: float) -> dict[str, object]:
    """One programme's row from its row of programmes.csv and of service.csv."""
    cost = facts.money(row.unit_cost_eur_m, row.price_year)
    return {
        "programme": row.id,
        "name": row.name,
        "area": row.capability_area,
        "pillar": pillar,
        "category": more.category,
        "unit": row.unit,
        "unit_cost": cost,
        "cost_growth": more.cost_growth_per_year,
        "down_payment": more.down_payment_share,
        "lot": lot,
        "lead_years": whole_years(row.lead_time_years),
        "service_years": int(more.service_years),
        "first_order_year": int(more.first_order_year),
        "last_order_year": min(int(more.last_order_year), LAST),
        "sustain_cost": cost * more.sustain_share_of_unit_cost_per_year,
        "type_overhead": facts.money(more.type_overhead_m_eur_per_year),
        "standard": facts.standard("programme", more.standard),
        "fleet_class": text_or_none(more.fleet_class),
        "sme_share": more.sme_share,
        "eu_content": more.eu_content_share,
        "requires_innovation": text_or_none(more.requires_innovation),
        "needs_host": text_or_none(row.needs_host),
    }


def programmes(facts: Facts) -> pd.DataFrame:
    """Everything that can be ordered; prices in the data set's currency at 2026 prices.

    A programme is paid from the pillar of its area, also where the facts see it in both.
    """
    service = {row.programme_id: row for row in records(facts["service"])}
    pillar = lookup(facts["target_method"], "area_id", "pillar")
    lot = lots(facts)
    return pd.DataFrame(
        _programme(facts, row, service[row.id], pillar[row.capability_area], lot[row.id])
        for row in records(facts["programmes"])
        if row.id not in LEFT_OUT
    )


def effects(facts: Facts) -> pd.DataFrame:
    """Area units that one unit in service adds."""
    table = facts["effects"]
    table = table[~table["programme_id"].isin(LEFT_OUT)]
    return table.rename(columns={"programme_id": "programme", "area_id": "area", "effect_per_unit": "effect"})[
        ["programme", "area", "effect"]
    ]


def incompatible(facts: Facts) -> pd.DataFrame:
    """Alternatives by nature: settings.csv names them."""
    rows = []
    for pair in facts.keys_of("incompatible"):
        one, other = pair.split(":")
        rows.append({"programme_a": one, "programme_b": other, "scope": INCOMPATIBLE_IN.get(pair, "ALL")})
    return pd.DataFrame(rows)
