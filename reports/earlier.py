"""A plan of an earlier contract in today's tables, to be told and compared; nothing in it is worked out anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from data.dictionary import plan_tables

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

Tables = Mapping[str, pd.DataFrame]
NEW_FROM = 2  # the contract whose tables these are


def todays(plan: Plan) -> Plan:
    """The plan with the tables and columns of today's contract; its header still says under which it was written."""
    if int(plan.header.get("contract", 1)) >= NEW_FROM or not plan.tables:
        return plan
    first = int(plan.case.dataset.settings.first_year)
    found = {}
    for name, table in plan_tables().items():
        rows = MENDED[name](plan.tables, first) if name in MENDED else plan.tables.get(name, pd.DataFrame())
        found[name] = rows.reindex(columns=table.names)
    return replace(plan, tables=found)


def _contributions(tables: Tables, first: int) -> pd.DataFrame:
    """Payers of expansions as they stood there; of innovation lines as the sponsors' spending tells."""
    known = tables["contributions"].rename(columns={"expansion": "item"})
    spending = tables["spending"]
    bills = spending[spending["kind"] == "innovation"][["item", "nation", "year", "amount"]]
    missing = bills[~bills["item"].isin(known["item"])]
    return pd.concat([frame for frame in (known, missing) if len(frame)]) if len(known) + len(missing) else known


def _loans(tables: Tables, first: int) -> pd.DataFrame:
    loans = tables["loans"]
    return loans if "kind" in loans else loans.assign(kind="loan")


def _rules(tables: Tables, first: int) -> pd.DataFrame:
    rules = tables["rules"]
    return rules if "from_year" in rules else rules.assign(from_year=first)


MENDED: Mapping[str, Callable[[Tables, int], pd.DataFrame]] = {
    "contributions": _contributions,
    "loans": _loans,
    "rules": _rules,
}
