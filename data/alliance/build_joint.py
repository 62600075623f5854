"""Joint buys: frames, members and price tiers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.alliance.build_capability import lots
from data.alliance.facts import LAST, Facts, lookup, records, whole_years

LAUNCHED = {"f_gemt": 2024}
"""Buys that exist and whose members are published: nobody joins any more, earlier orders have reached the best tier."""
MEMBERS_CHANGED = {("f_mmf", "LUX"): "candidate"}
"""Luxembourg buys flying hours of the tanker fleet; as a committed member it would have to pay for a whole aircraft."""


def _extra_lead(facts: Facts, frame: Any) -> tuple[int, int]:
    """Lead years alone, and the extra years in the frame, the layer of delay kept through rounding."""
    lead = float(lookup(facts["programmes"], "id", "lead_time_years")[frame.programme_id])
    alone = whole_years(lead)
    return alone, whole_years(lead + float(frame.extra_lead_years)) - alone


def _annual_fee(facts: Facts, frame: Any, unit_cost: float) -> float:
    """The fee's share of the expected yearly value (minimum volume over the commitment years), borne by min_members."""
    value = frame.min_units * unit_cost / max(1, frame.commit_years)
    return float(frame.annual_fee_pct_of_orders / 100 * value / max(1, frame.min_members))


def _annual_minimum(facts: Facts, frame: Any, lot: float) -> float:
    """Half of the even yearly share of the minimum volume, in whole lots; nothing for buys of a few hulls."""
    share = facts.factor("min_annual_part") * frame.min_units / max(1, frame.commit_years)
    return float(int(share / lot) * lot if lot else round(share))


def frames(facts: Facts, programmes: pd.DataFrame) -> pd.DataFrame:
    """The 45 joint buys with windows in which a first order still delivers."""
    catalogue = {row.programme: row for row in records(programmes)}
    lot = lots(facts)
    rows = []
    for frame in records(facts["frames"]):
        programme = frame.programme_id
        item = catalogue[programme]
        lead, extra = _extra_lead(facts, frame)
        last_order = min(int(item.last_order_year), LAST - lead - extra)
        launched = LAUNCHED.get(frame.frame_id)
        rows.append(
            {
                "frame": frame.frame_id,
                "programme": programme,
                "name": frame.name,
                "agency": frame.agency,
                "first_launch": max(int(frame.first_launch), int(item.first_order_year)),
                "last_launch": min(int(frame.last_launch), last_order),
                "min_members": int(frame.min_members),
                "min_units": 0.0 if launched else float(frame.min_units),
                "joining_cost": facts.money(frame.joining_cost_m_eur),
                "annual_fee": _annual_fee(facts, frame, item.unit_cost),
                "commit_years": int(frame.commit_years),
                "min_annual_units": 0.0 if launched else _annual_minimum(facts, frame, lot[programme]),
                "extra_lead_years": extra,
                "workshare_min": float(frame.workshare_min),
                "eu_content_min": float(frame.eu_content_min),
                "loan_facility": "" if pd.isna(frame.loan_facility) else frame.loan_facility,
                "launched": launched or "",
            }
        )
    return pd.DataFrame(rows)


def frame_members(facts: Facts) -> pd.DataFrame:
    """Candidates, nations that have decided, and members of buys that exist."""
    rows = []
    for frame in records(facts["frames"]):
        for part in frame.members.split(";"):
            nation, status = part.split(":")
            status = MEMBERS_CHANGED.get((frame.frame_id, nation), status)
            if frame.frame_id in LAUNCHED:
                if status != "committed":
                    continue
                status = "member"
            rows.append({"frame": frame.frame_id, "nation": nation, "status": status})
    return pd.DataFrame(rows)


def price_tiers(facts: Facts) -> pd.DataFrame:
    """All-units price factors by volume; a buy that exists has reached its best one."""
    rows = []
    for frame in records(facts["frames"]):
        tiers = [part.split(":") for part in frame.price_tiers.split("|")]
        if frame.frame_id in LAUNCHED:
            tiers = [["0", tiers[-1][1]]]
        for units, factor in tiers:
            rows.append({"frame": frame.frame_id, "from_units": float(units), "price_factor": float(factor)})
    return pd.DataFrame(rows)
