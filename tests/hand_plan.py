"""A plan written by hand: the rows that matter for a data set; every other table is there and empty.

    plan = hand_plan(dataset, orders=[dict(nation="DEU", programme="tank", year=2027, units=3, value=30)])

A number that a row leaves out is 0, a text is `-`; an order without a channel is national.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from data.dataset import Dataset
from data.dictionary import Table, plan_tables
from optimizer.plans.plan import CONTRACT, Plan
from tests.cases import case


def hand_plan(dataset: Dataset, levers: Mapping[str, Any] | None = None, **tables: Iterable[Mapping[str, Any]]) -> Plan:
    """The plan of these rows for the data set with these levers."""
    unknown = sorted(set(tables) - set(plan_tables()))
    if unknown:
        raise ValueError(f"no such table: {', '.join(unknown)}")
    rows = {name: _table(table, list(tables.get(name, []))) for name, table in plan_tables().items()}
    return Plan({"contract": CONTRACT, "dataset": dataset.settings.name}, rows, case(dataset, sets=levers))


def _table(table: Table, rows: list[Mapping[str, Any]]) -> pd.DataFrame:
    strange = sorted({column for row in rows for column in row} - set(table.names))
    if strange:
        raise ValueError(f"table {table.name} has no column {', '.join(strange)}")
    empty = {column.name: 0 if column.numeric else "-" for column in table.columns}
    empty |= {"channel": "national"} if table.name == "orders" else {}
    return pd.DataFrame([{**empty, **row} for row in rows], columns=table.names)
