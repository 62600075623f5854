"""What one more member of a joint buy would do: arithmetic on the plan's tables, nothing is planned again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data.dictionary import NOT_GIVEN
from optimizer.plans.plan import Plan
from reports import figures
from ui.tables import need_row, row_of

COLUMNS = ["nation", "status", "units moved", "price × then", "it saves", "it pays in fees", "others save more",
           "all together"]  # fmt: skip


def tier_factor(tiers: pd.DataFrame, units: float) -> tuple[int, float]:
    """Rank and price factor of a total of units; (0, 1) below the first tier."""
    rank, factor = 0, 1.0
    for place, (start, price) in enumerate(zip(tiers["from_units"], tiers["price_factor"], strict=True), start=1):
        if units >= start * (1 - 1e-6):
            rank, factor = place, float(price)
    return rank, factor


def tiers_of(plan: Plan, frame: str) -> pd.DataFrame:
    """A frame's price tiers, from the smallest."""
    tiers = plan.case.dataset.tables["price_tiers"]
    return tiers[tiers["frame"] == frame].sort_values("from_units")[["from_units", "price_factor"]]


def earlier(plan: Plan, frame: str) -> float:
    """Units that a frame's members ordered through it in earlier rounds; they count in its tier.

    Of a member without a figure of its own: its pipeline of the programme.
    """
    data = plan.case.dataset.tables
    rows = data["frame_members"]
    rows = rows[(rows["frame"] == frame) & (rows["status"] == "member")]
    bound = data["pipeline"]
    bound = bound[bound["programme"] == need_row(data["frames"], "frame", frame)["programme"]]
    pipeline = bound.groupby("nation")["units"].sum()
    known = rows["units_before"].where(rows["units_before"] != NOT_GIVEN, rows["nation"].map(pipeline)).fillna(0.0)
    return float(known.sum())


def one_more(plan: Plan, frame: str) -> pd.DataFrame:
    """Each nation that may still join: what follows if its orders made alone went through the frame; in millions.

    The nation's own national orders of the programme move at their base price into the frame; the total finds its tier;
    members gain by the lower factor; the nation pays joining cost and annual fees of the commitment years. A nation
    without orders of its own would order a lot, which only its own needs can justify: it is listed with 0 moved.
    """
    data = plan.case.dataset.tables
    row = need_row(data["frames"], "frame", frame)
    launched = row_of(plan.tables["frames"], "frame", frame)
    if launched is None or int(row["launched"]) > 0:  # nobody joins a buy of an earlier round
        return pd.DataFrame(columns=COLUMNS)
    units = float(launched["units"]) + earlier(plan, frame)
    tiers = tiers_of(plan, frame)
    now = float(launched["price_factor"])
    members = plan.tables["members"]
    mine = members[members["frame"] == frame]
    at_full_price = float(mine["value"].sum()) / now if now > 0 else 0.0
    last = max([figures.horizon(plan)[1], *figures.years_beyond(plan)])
    years = max(1, min(int(row["commit_years"]), last - int(launched["launch_year"]) + 1))
    fees = float(row["joining_cost"]) + float(row["annual_fee"]) * years
    found = []
    for nation, status in _candidates(plan, frame, set(mine["nation"])):
        moved, base = _alone(plan, nation, str(row["programme"]))
        _, then = tier_factor(tiers, units + moved)
        own = base * (1 - then)
        others = at_full_price * (now - then)
        found.append((nation, status, moved, then, own, fees, others, own - fees + others))
    return pd.DataFrame(found, columns=COLUMNS).sort_values(
        ["all together", "nation"], ascending=[False, True], ignore_index=True
    )


def _candidates(plan: Plan, frame: str, inside: set[str]) -> list[tuple[str, str]]:
    """(nation, status) of the nations that may join and have not."""
    tables = plan.case.dataset.tables
    asked = tables["frame_members"]
    programme = tables["frames"].set_index("frame")["programme"][frame]
    customers = tables["customers"]
    able = set(customers.loc[customers["programme"] == programme, "nation"])
    elsewhere = _in_other_frames(plan, str(programme), frame)
    rows = asked[(asked["frame"] == frame) & ~asked["status"].isin(["excluded", "member"])]
    pairs = zip(rows["nation"], rows["status"], strict=True)
    return [(n, s) for n, s in pairs if n in able and n not in inside and n not in elsewhere]


def _in_other_frames(plan: Plan, programme: str, frame: str) -> set[str]:
    frames, members = plan.tables["frames"], plan.tables["members"]
    others: Sequence[str] = list(frames.loc[(frames["programme"] == programme) & (frames["frame"] != frame), "frame"])
    return set(members.loc[members["frame"].isin(others), "nation"])


def _alone(plan: Plan, nation: str, programme: str) -> tuple[float, float]:
    """(units, value) that a nation orders of a programme on its own."""
    orders = plan.tables["orders"]
    rows = orders[(orders["nation"] == nation) & (orders["programme"] == programme) & (orders["channel"] == "national")]
    return float(rows["units"].sum()), float(rows["value"].sum())
