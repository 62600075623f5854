"""Innovation lines and what they close."""

from __future__ import annotations

import pandas as pd

from data.alliance.facts import Facts, records


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
