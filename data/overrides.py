"""A scenario's changes of data: the chosen rows of one column are multiplied, or set."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data.dictionary import Column, Table, data_tables
from data.findings import suggestion
from data.settings import Override, Settings
from data.typed import LARGEST_WHOLE, SMALLEST, CellError, Value, read_value


class OverrideError(ValueError):
    """A change of data that can't be made: what is wrong and what to do, in one line."""


def override(
    tables: Mapping[str, pd.DataFrame], change: Override, settings: Settings | None
) -> dict[str, pd.DataFrame]:
    """The tables with one change made; OverrideError if it does not fit. The given tables stay as they are."""
    table, column = _target(change)
    frame = tables[change.table]
    rows = _rows(frame, change, table, settings)
    if not rows.any():
        where = ", ".join(f"{name} = {str(value)[:40]}" for name, value in change.where.items()) or "any row"
        raise OverrideError(f"no row of {change.table} has {where}; check the names, or leave the override out")
    values = frame[column.name].copy()
    if change.multiply is not None:
        values = _multiplied(values, rows, change.multiply, column)
    else:
        values[rows] = _read(column, change.set, settings)
    return {**tables, change.table: frame.assign(**{column.name: values})}


def _target(change: Override) -> tuple[Table, Column]:
    known = data_tables()
    if change.table not in known or change.table == "sources":
        raise OverrideError(f"no table {change.table} to override; {suggestion(change.table, known)}")
    table = known[change.table]
    if change.column not in table.names:
        raise OverrideError(f"{change.table} has no column {change.column}; {suggestion(change.column, table.names)}")
    column = table.column(change.column)
    if column.key:
        raise OverrideError(f"{change.table}.{change.column} is a key; a scenario can't change which row is which")
    if change.multiply is not None and (not column.numeric or column.type in ("year", "flag")):
        raise OverrideError(f"{change.table}.{change.column} can't be multiplied; use set")
    return table, column


def _rows(frame: pd.DataFrame, change: Override, table: Table, settings: Settings | None) -> "pd.Series[bool]":
    rows = pd.Series(True, index=frame.index)
    for name, given in change.where.items():
        if name not in table.names:
            raise OverrideError(f"{change.table} has no column {name}; {suggestion(name, table.names)}")
        wanted = [
            _read(table.column(name), value, settings) for value in (given if isinstance(given, list) else [given])
        ]
        if (change.table, name) == ("rules", "scope"):
            wanted += [str(value).removeprefix("ALL:") for value in wanted]
        rows &= frame[name].isin(wanted)
    return rows


def _read(column: Column, given: object, settings: Settings | None) -> Value:
    text = "" if given is None else str(int(given)) if isinstance(given, bool) else str(given)
    try:
        return read_value(column, text.strip(), settings)
    except CellError as problem:
        where = f"{column.table}.{column.name} = {text[:40]}"
        raise OverrideError(f"{where}: {problem.message}; {problem.remedy}") from problem


def _multiplied(values: "pd.Series[Any]", rows: "pd.Series[bool]", factor: float, column: Column) -> "pd.Series[Any]":
    numbers = values[rows].astype("float64")
    # Unlimited stays unlimited, but unlimited times nothing has no meaning.
    product = numbers.where(np.isinf(numbers), numbers * factor)
    if (product.abs().between(0, SMALLEST, inclusive="neither")).any():
        raise OverrideError(f"{column.table}.{column.name} times {factor:g} is too small a number; use set: 0")
    if not column.whole:
        values[rows] = product
        return values
    if not ((product == np.floor(product)) & (product.abs() < LARGEST_WHOLE)).all():
        raise OverrideError(f"{column.table}.{column.name} times {factor:g} is no whole number; use set")
    return values.astype("float64").where(~rows, product).astype("int64")
