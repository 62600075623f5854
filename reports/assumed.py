"""Prices that are assumptions: programmes for whose unit_cost the data set's sources name no public figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

MARK = "†"
SAYS = f"{MARK} the price is an assumption: no public figure was found"
EVERY = "*"  # a key of sources for a whole column, a column for a whole table; an empty cell says the same


def price_basis(plan: Plan) -> dict[str, str]:
    """Programme -> published, derived or assumption, as sources.csv says of its unit_cost; `-` where it says nothing.

    A row of the programme's own comes before one for the whole column, and that before one for the whole table.
    """
    programmes = plan.case.dataset.tables["programmes"]["programme"]
    sources = plan.case.dataset.tables.get("sources", pd.DataFrame(columns=["table", "key", "column", "basis"]))
    mine = sources[sources["table"] == "programmes"]
    rows = mine[["key", "column", "basis"]].itertuples(index=False)
    said = {(str(row[0]) or EVERY, str(row[1]) or EVERY): str(row[2]) for row in rows}
    general = said.get((EVERY, "unit_cost")) or said.get((EVERY, EVERY)) or "-"
    return {str(one): said.get((one, "unit_cost")) or general for one in programmes}


def assumed(plan: Plan) -> frozenset[str]:
    """The programmes whose price is an assumption."""
    return frozenset(one for one, basis in price_basis(plan).items() if basis == "assumption")


def marked_names(plan: Plan, names: dict[str, str]) -> dict[str, str]:
    """Programme -> name, with a mark behind it where its price is an assumption."""
    guessed = assumed(plan)
    return {one: f"{name} {MARK}" if one in guessed else name for one, name in names.items()}


def assumed_frames(plan: Plan) -> frozenset[str]:
    """The joint buys of programmes whose price is an assumption."""
    frames, guessed = plan.tables["frames"], assumed(plan)
    return frozenset(
        str(one) for one, bought in zip(frames["frame"], frames["programme"], strict=True) if bought in guessed
    )
