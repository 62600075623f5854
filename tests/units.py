"""A data set in other units: rounds in place of thousands, euros in place of dollars.

Driven by the dictionary: each numeric column is classified by the text of its unit, so that a new column with a unit
that nobody knows here fails, and one with a unit that is known is scaled with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.dataset import Dataset
from data.dictionary import Column, data_tables

AREA, CAPACITY, COMPONENT, MONEY = "an area", "a line", "a component", "all money"
# Text of a unit -> what is scaled with it; None: a share, a count, a year, or units of a programme, which are no unit
# of measure (the smallest order is 0.0001 of them).
KINDS: dict[str, str | None] = {
    "million": MONEY, "million a year": MONEY, "million a unit": MONEY, "million a unit and year": MONEY,
    "area units": AREA, "area units a unit": AREA, "area units an enabler unit": AREA,
    "capacity units a year": CAPACITY, "capacity units a unit": CAPACITY,
    "component units a year": COMPONENT, "component units a unit": COMPONENT,
    "as the rule": None, "factor": None, "index": None, "points": None, "share a year": None, "weight": None,
    "units": None, "units a year": None, "members": None, "years": None, "year": None, "0/1": None,
    "share": None, "probability": None, "share of GDP": None, "share of committed": None, "share of max_units": None,
    "share of payments": None, "share of planned": None, "share of target": None,
}  # fmt: skip
PLACE = {AREA: "area", CAPACITY: "line", COMPONENT: "component"}


@dataclass(frozen=True)
class Change:
    """Another unit: what is measured by it, its name (empty: all money), and how many of it are one of the old."""

    kind: str
    name: str
    factor: float

    def __str__(self) -> str:
        """As a test's name."""
        return f"{self.kind} {self.name} x {self.factor:g}".replace("  ", " ")


def columns_of(kind: str) -> Iterator[Column]:
    """The columns that are measured in a unit of this kind."""
    for table in data_tables().values():
        for column in table.columns:
            if column.numeric and KINDS[column.unit] == kind:
                yield column


def rescaled(dataset: Dataset, change: Change) -> Dataset:
    """The same data set in another unit."""
    tables = {name: table.copy() for name, table in dataset.tables.items()}
    for column in columns_of(change.kind):
        table = tables[column.table]
        table[column.name] = table[column.name].astype(float) * _factors(column, table, change)
    if change.kind in (CAPACITY, COMPONENT):
        here = tables["expansions"]["line_or_component"] == change.name
        added = dataset.tables["expansions"]["added_capacity"].astype(float)
        tables["expansions"]["added_capacity"] = added * np.where(here, change.factor, 1.0)
    return replace(dataset, tables=tables)


def _factors(column: Column, table: pd.DataFrame, change: Change) -> pd.Series[float]:
    """Factor of each row of a column."""
    one = pd.Series(1.0, index=table.index)
    if change.kind == MONEY:
        return one * change.factor
    place = PLACE[change.kind]
    if place not in table.columns:
        if (column.table, column.name) != ("expansions", "added_capacity"):
            raise AssertionError(f"{column.table}.{column.name} is in units of {change.kind}, and its table names none")
        return one
    one = one.mask(table[place] == change.name, change.factor)
    if column.unit == "area units an enabler unit":
        one = one / pd.Series(1.0, index=table.index).mask(table["enabler"] == change.name, change.factor)
    return one


def changes(dataset: Dataset, factors: dict[str, tuple[float, ...]]) -> list[Change]:
    """Every change of every area, line, component that the data set has, and of all money."""
    names = {
        AREA: sorted(dataset.tables["areas"]["area"]),
        CAPACITY: sorted(dataset.tables["lines"]["line"]),
        COMPONENT: sorted(dataset.tables["components"]["component"]),
        MONEY: [""],
    }
    return [Change(kind, name, factor) for kind in names for name in names[kind] for factor in factors[kind]]
