"""Joint buys: frames, members and price tiers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.alliance.build_customers import lots
from data.alliance.facts import LAST, Facts, lookup, records, text_or_none, whole_years


def _extra_lead(facts: Facts, frame: Any) -> tuple[int, int]:
    """Lead years alone, and the extra years in the frame, the layer of delay kept through rounding."""
    lead = float(lookup(facts["programmes"], "id", "lead_time_years")[frame.programme_id])
    alone = whole_years(lead)
    return alone, whole_years(lead + float(frame.extra_lead_years)) - alone


def _annual_fee(frame: Any, unit_cost: float) -> float:
    """The fee's share of the expected yearly value (minimum volume over the commitment years), borne by min_members.

    A buy that exists has no minimum volume any more, so no fee: its terms are not public.
    """
    value = frame.min_units * unit_cost / max(1, frame.commit_years)
    return float(frame.annual_fee_pct_of_orders / 100 * value / max(1, frame.min_members))


def _annual_minimum(facts: Facts, frame: Any, lot: float) -> float:
    """Half of the even yearly share of the minimum volume, in whole lots; nothing for buys of a few hulls."""
    share = facts.factor("min_annual_part") * frame.min_units / max(1, frame.commit_years)
    return float(int(share / lot) * lot if lot else round(share))


def _window(facts: Facts, frame: Any, item: Any, extra: int) -> tuple[int, int]:
    """First and last launch: within the order years, and so that a first order arrives before the years beyond end."""
    last_arrival = LAST + int(facts.factor("beyond", "years"))
    last = min(int(frame.last_launch), LAST, last_arrival - int(item.lead_years) - extra)
    return max(int(frame.first_launch), int(item.first_order_year)), last


def _frame(facts: Facts, frame: Any, item: Any, lot: float) -> dict[str, object]:
    """One joint buy from its row of frames.csv and the row of the programme that it buys."""
    _, extra = _extra_lead(facts, frame)
    first_launch, last_launch = _window(facts, frame, item, extra)
    return {
        "frame": frame.frame_id,
        "programme": frame.programme_id,
        "name": frame.name,
        "agency": frame.agency,
        "first_launch": first_launch,
        "last_launch": last_launch,
        "min_members": int(frame.min_members),
        "min_units": float(frame.min_units),
        "member_min_share": float(frame.member_min_share),
        "joining_cost": facts.money(frame.joining_cost_m_eur),
        "annual_fee": _annual_fee(frame, item.unit_cost),
        "commit_years": int(frame.commit_years),
        "min_annual_units": _annual_minimum(facts, frame, lot),
        "extra_lead_years": extra,
        "workshare_min": float(frame.workshare_min),
        "eu_content_min": float(frame.eu_content_min),
        "loan_facility": text_or_none(frame.loan_facility),
        "launched": "" if pd.isna(frame.launched) else int(frame.launched),
    }


def frames(facts: Facts, programmes: pd.DataFrame) -> pd.DataFrame:
    """The joint buys, those that exist already with the year in which they were launched."""
    catalogue = {row.programme: row for row in records(programmes)}
    lot = lots(facts)
    return pd.DataFrame(
        _frame(facts, frame, catalogue[frame.programme_id], lot[frame.programme_id])
        for frame in records(facts["frames"])
    )


def frame_members(facts: Facts) -> pd.DataFrame:
    """Candidates, nations that have decided, and members of buys that exist (units of earlier rounds are not known)."""
    rows = []
    for frame in records(facts["frames"]):
        for part in frame.members.split(";"):
            nation, status = part.split(":")
            rows.append({"frame": frame.frame_id, "nation": nation, "status": status, "units_before": ""})
    return pd.DataFrame(rows)


def price_tiers(facts: Facts) -> pd.DataFrame:
    """All-units price factors by volume; of a buy that exists the one that it has reached."""
    rows = []
    for frame in records(facts["frames"]):
        for part in frame.price_tiers.split("|"):
            units, factor = part.split(":")
            rows.append({"frame": frame.frame_id, "from_units": float(units), "price_factor": float(factor)})
    return pd.DataFrame(rows)
