"""Who makes what for whom: a plan's production shared out over the nations that it is delivered to.

What several lines make of a programme in a year goes to that year's buyers in proportion to their deliveries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from optimizer.plan import Plan

NOWHERE = "no line named"


def work(plan: Plan) -> pd.DataFrame:
    """Units and their value at unit_cost (millions) by producing nation, buying nation, programme and year.

    Columns: producer, nation, programme, year, units, value. A programme on no line has producer `no line named`.
    """
    tables = plan.case.dataset.tables
    cost = dict(zip(tables["programmes"]["programme"], tables["programmes"]["unit_cost"], strict=True))
    deliveries = plan.tables["deliveries"]
    deliveries = deliveries[deliveries["units"] > 0][["nation", "programme", "year", "units"]]
    made = _made(plan)
    shared = deliveries.merge(made, on=["programme", "year"], how="left")
    shared["producer"] = shared["producer"].fillna(NOWHERE)
    shared["units"] = shared["units"] * shared["part"].fillna(1.0)
    shared["value"] = shared["units"] * shared["programme"].map(cost).fillna(0.0).astype(float)
    columns = ["producer", "nation", "programme", "year", "units", "value"]
    found = shared[columns].groupby(columns[:4], as_index=False)[["units", "value"]].sum()
    return pd.DataFrame(found)


def _made(plan: Plan) -> pd.DataFrame:
    """The part of each programme and year that each nation's lines make."""
    lines = plan.case.dataset.tables["lines"]
    where = dict(zip(lines["line"], lines["nation"], strict=True))
    made = plan.tables["production"].assign(
        producer=lambda frame: frame["line"].map(where).replace("", NOWHERE).fillna(NOWHERE).astype(object)
    )
    summed = made[made["units"] > 0].groupby(["programme", "year", "producer"], as_index=False)["units"].sum()
    whole = summed.groupby(["programme", "year"])["units"].transform("sum")
    summed["part"] = summed["units"] / whole
    return pd.DataFrame(summed, columns=["programme", "year", "producer", "part"])


def shares(plan: Plan) -> pd.DataFrame:
    """The part of each buyer's programme that each nation makes, horizon in all: nation, programme, producer, part."""
    found = work(plan).groupby(["nation", "programme", "producer"], as_index=False)["units"].sum()
    whole = found.groupby(["nation", "programme"])["units"].transform("sum")
    found["part"] = found["units"] / whole.where(whole > 0, 1.0)
    return pd.DataFrame(found, columns=["nation", "programme", "producer", "part"])
