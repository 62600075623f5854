"""How each column of a plan table is shown: its unit, its number format, its width.

The columns and their units come from data/plan_tables.csv, so that a column added to the contract shows up by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from data.dictionary import Column, plan_tables

FORMATS = {
    "money": "#,##0.0",
    "share": "0.0%",
    "integer": "#,##0",
    "number": "#,##0.00",
    "year": "0",
    "flag": "0",
}
WHOLE = "#,##0"
FINE = "0.000000"  # prices of a constraint: thousandths of a gap-index point
NAMED = {
    "nation": "nations",
    "programme": "programmes",
    "frame": "frames",
    "area": "areas",
    "line": "lines",
    "expansion": "expansions",
    "innovation": "innovation",
}
HEAD = 3  # rows above the data of a sheet: title, totals, column names
KEY_OF = {table: key for key, table in NAMED.items()}
ITEMS = ("programmes", "frames", "innovation", "expansions")  # what a line of money may be about; ids unique over all
WIDEST, NARROWEST = 44, 7
# Columns of the reports that are worked out from the tables: type and unit.
DERIVED = {
    "losses": {
        "effect_share": ("share", "of the area's delivered effect"),
        "closure": ("share", "last year"),
        "closure_if_lost": ("share", "last year"),
        "closure_lost": ("share", "last year"),
    },
    "closures": {
        **dict.fromkeys(("target", "shortfall"), ("number", "area units")),
        "closure": ("share", "last year"),
        "settled": ("share", "when all has arrived"),
    },
    "planned bound free": {
        "year": ("year", "-"),
        **dict.fromkeys(
            ("gdp", "planned", "committed", "obligations", "bound", "free", "loan", "spent", "left"),
            ("money", "million"),
        ),
    },
    "freedom of manoeuvre": {
        "year": ("year", "-"),
        "beyond": ("flag", "1: beyond the horizon"),
        "share": ("share", "not bound earlier"),
    },
    "made where": {
        **dict.fromkeys(("units", "later"), ("number", "units")),
        "value": ("money", "million"),
        "opens": ("integer", "year, 0: there before"),
        "abroad": ("share", "for other nations"),
    },
    "backfill": {
        "year": ("year", "-"),
        "part_met": ("share", "of the rise"),
        **dict.fromkeys(("target_before", "target", "rise", "met", "delivered"), ("number", "area units")),
    },
}


def described(table: str, frame: pd.DataFrame) -> list[Column]:
    """The columns of ``frame`` as described; one that nobody described is text or a number by its values."""
    known = {column.name: column for column in plan_tables()[table].columns} if table in plan_tables() else {}
    return [known.get(str(name)) or _undescribed(table, str(name), frame[name]) for name in frame.columns]


def _undescribed(table: str, name: str, values: pd.Series) -> Column:
    usual = ("number" if pd.api.types.is_numeric_dtype(values) else "text", "-")
    kind, unit = DERIVED.get(table, {}).get(name, usual)
    return Column(table, name, kind, unit, False, "", None, None, False, False, "", "", "")


def unit_text(column: Column, currency: str) -> str:
    """The unit as a header shows it: with the currency, and nothing where there is none."""
    if column.unit in ("-", "year", "0/1", "as unit", ""):
        return ""
    return column.unit.replace("million", f"million {currency}".strip())


def number_format(column: Column, values: pd.Series) -> str:
    """The number format of a column: whole numbers without decimals, shares as per cent."""
    if column.unit == "factor":
        return "0.000"
    if column.name == "price" and column.table == "shadow_prices":
        return FINE
    if column.type == "number" and len(values) and (values.round(6) == values.round(0)).all():
        return WHOLE
    return FORMATS.get(column.type, "General")


def shown(value: object, pattern: str) -> str:
    """The text that a cell shows, near enough to measure its width."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    if not math.isfinite(value):
        return "unlimited"
    if pattern.endswith("%"):
        return f"{value:.1%}"
    if pattern == "0":
        return f"{value:.0f}"
    decimals = len(pattern.partition(".")[2])
    return f"{value:,.{decimals}f}"


def width(header: str, values: pd.Series, pattern: str) -> float:
    """A width that fits the header's longest line and the longest cell."""
    longest = max((len(line) for line in header.split("\n")), default=0) + 3  # room for the filter's button
    if len(values):
        if pd.api.types.is_numeric_dtype(values):
            ends = [values.min(), values.max(), *values.head(50)]
            cells = max(len(shown(float(value), pattern)) for value in ends)
        else:
            cells = max(map(len, map(str, values.tolist())))
        longest = max(longest, cells + 1)
    return float(min(WIDEST, max(NARROWEST, longest)))


def with_names(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """Names in full for the ids of a plan table, to stand behind the contract's columns; {header: values}."""
    added: dict[str, pd.Series] = {}
    for column, table in NAMED.items():
        source = tables.get(table)
        if column == "nation" or column not in frame.columns or source is None or "name" not in source.columns:
            continue
        names = dict(zip(source[column], source["name"], strict=True))
        added |= _named(f"{column} name", frame[column], names)
    if "item" in frame.columns and "rule" not in frame.columns:  # an item of a rule is a nation, a line, a pillar
        added |= _named("item name", frame["item"], item_names(tables))
    return added


def _named(header: str, ids: pd.Series, names: Mapping[str, str]) -> dict[str, pd.Series]:
    """The names of these ids under a header; nothing where none has one."""
    texts = [names.get(one) or "-" for one in ids.tolist()]
    return {header: pd.Series(texts, index=ids.index, dtype=object)} if set(texts) - {"-"} else {}


def item_names(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Id -> name of everything that spending or a contribution may be for."""
    known: dict[str, str] = {}
    for source in ITEMS:
        if source in tables:
            known |= dict(zip(tables[source][KEY_OF[source]], tables[source]["name"], strict=True))
    return known
