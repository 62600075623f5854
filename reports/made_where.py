"""Who makes what for whom: a plan's production shared out over the nations that it is delivered to.

Work is done in other years than deliveries are made, so a programme's work of all years, those beyond the horizon
included, goes to its buyers in proportion to all that is delivered to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from optimizer.plan import Plan

NOWHERE = "no line named"


def work(plan: Plan) -> pd.DataFrame:
    """Units and their value at unit_cost (millions) by producing nation, buying nation and programme.

    Columns: producer, nation, programme, units, value. What is delivered and made by no line of the plan (a programme
    on no line, one that was made in earlier rounds) has producer `no line named`.
    """
    tables = plan.case.dataset.tables
    cost = dict(zip(tables["programmes"]["programme"], tables["programmes"]["unit_cost"], strict=True))
    bought = _delivered(plan)
    made = _made(plan)
    whole = bought.groupby("programme")["units"].transform("sum")
    shared = bought.assign(share=bought["units"] / whole).merge(made, on="programme", how="left")
    shared["producer"] = shared["producer"].fillna(NOWHERE)
    shared["units"] = (shared["share"] * shared["made"]).fillna(shared["units"])
    shared["value"] = shared["units"] * shared["programme"].map(cost).fillna(0.0).astype(float)
    columns = ["producer", "nation", "programme", "units", "value"]
    found = shared[columns].groupby(columns[:3], as_index=False)[["units", "value"]].sum()
    return pd.DataFrame(found)


def _delivered(plan: Plan) -> pd.DataFrame:
    """Units delivered to each nation of each programme, in all years."""
    deliveries = plan.tables["deliveries"]
    rows = deliveries[deliveries["units"] > 0]
    return pd.DataFrame(rows.groupby(["nation", "programme"], as_index=False)[["units"]].sum())


def _made(plan: Plan) -> pd.DataFrame:
    """Units of each programme that each nation's lines make: programme, producer, made."""
    lines = plan.case.dataset.tables["lines"]
    where = dict(zip(lines["line"], lines["nation"], strict=True))
    made = plan.tables["production"].assign(
        producer=lambda frame: frame["line"].map(where).replace("", NOWHERE).fillna(NOWHERE).astype(object)
    )
    summed = made[made["units"] > 0].groupby(["programme", "producer"], as_index=False)[["units"]].sum()
    return pd.DataFrame(summed.rename(columns={"units": "made"}), columns=["programme", "producer", "made"])


def shares(plan: Plan) -> pd.DataFrame:
    """The part of each buyer's programme that each nation makes: nation, programme, producer, part."""
    found = work(plan)
    whole = found.groupby(["nation", "programme"])["units"].transform("sum")
    found["part"] = found["units"] / whole.where(whole > 0, 1.0)
    return pd.DataFrame(found, columns=["nation", "programme", "producer", "part"])
