"""One difference between two cases, judged: nested with the same value, nested and dearer, or not."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.dictionary import data_tables
from data.rows import each

ROUNDED = 1e-12  # relative: two figures that differ by less are the same


@dataclass(frozen=True)
class Part:
    """What one difference does to the plans of the inner case.

    Attributes:
        what: the option, table or rule.
        nested: whether each of them is a plan without the difference, worth no more.
        same: whether it is worth the same.
        why: in words.
    """

    what: str
    nested: bool
    same: bool
    why: str


def nested_so(what: str, why: str) -> Part:
    """Nested, with the same value."""
    return Part(what, True, True, why)


def dearer(what: str, why: str) -> Part:
    """Nested; a plan may be worth less (that is, better) in the outer case."""
    return Part(what, True, False, why)


def not_nested(what: str, why: str) -> Part:
    """Not proven."""
    return Part(what, False, False, why)


def by_key(table: pd.DataFrame, name: str) -> dict[tuple[Hashable, ...], Any]:
    """Rows of a table by its key."""
    keys = data_tables()[name].keys
    return {tuple(getattr(row, key) for key in keys): row for row in each(table)}


def differ(inner: pd.DataFrame, outer: pd.DataFrame, name: str) -> set[str]:
    """Columns in which the rows of two tables with the same keys differ; the keys, where these differ."""
    table = data_tables()[name]
    one, other = (frame[table.keys].reset_index(drop=True) for frame in (inner, outer))
    if not one.equals(other):
        return set(table.keys)
    pairs = ((column, inner[column].reset_index(drop=True), outer[column].reset_index(drop=True))
             for column in table.names)  # fmt: skip
    return {column for column, here, there in pairs if not here.equals(there)}


def no_more(one: float, other: float) -> bool:
    """Whether a figure is at most another, but for rounding."""
    return one <= other + ROUNDED * abs(other)
