"""Where every table and column comes from: one row a column, and rows of their own where facts differ by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data.alliance.facts import INPUTS, LEFT_OUT, Facts, more_customers, records, rows_of

BASIS = {"stored": "published", "recalled": "published", "computed": "derived", "assumption": "assumption"}
RECALLED = "recalled: check before quoting"
COLUMNS = ["table", "key", "column", "source", "year", "basis", "note"]

FACT_ROWS = {
    ("programmes", "unit_cost"): ("programmes", "id", "basis"),
    ("programmes", "lead_years"): ("programmes", "id", "basis_lead_time"),
    ("programmes", "sme_share"): ("service", "programme_id", "basis"),
    ("frame_members", "status"): ("frames", "frame_id", "basis"),
    ("lines", "current_output"): ("lines", "line_id", "basis"),
    ("expansions", "cost"): ("expansions", "expansion_id", "basis"),
    ("components", "name"): ("components", "component_id", "basis"),
    ("innovation", "success_probability"): ("innovation_options", "innovation_id", "basis"),
}
"""Model column -> table of facts, key and basis column from which it gets one row a key."""

MODEL_OF = {
    "target_core_pct_gdp": ("budget_path", "gdp_share"),
    "extra_lead_years": ("frames", "extra_lead_years"),
    "last_launch": ("frames", "last_launch"),
    "commit_years": ("frames", "commit_years"),
    "lead_time_years": ("programmes", "lead_years"),
    "first_order_year": ("programmes", "first_order_year"),
    "last_order_year": ("programmes", "last_order_year"),
    "fleet_class": ("programmes", "fleet_class"),
    "standard": ("programmes", "standard"),
    "lot": ("programmes", "lot"),
    "min_units": ("frames", "min_units"),
    "price_tiers": ("price_tiers", "*"),
    "host_share_min": ("expansions", "host_share_min"),
    "target_core_year": ("budget_path", "gdp_share"),
}
"""Corrected column of facts -> column of the model that it reaches."""


def _row_basis(value: object) -> tuple[str, str]:
    """The basis of the model and the note of a recalled figure."""
    word = str(value)
    return BASIS.get(word, "assumption"), RECALLED if word == "recalled" else ""


def _column_texts() -> dict[tuple[str, str], Any]:
    """Source, year, basis and note of every column; the column * speaks for a table's other columns."""
    texts = pd.read_csv(INPUTS / "column_sources.csv", dtype=str, keep_default_na=False)
    return {(row.table, row.column): row for row in records(texts)}


def _by_key(facts: Facts) -> list[dict[str, object]]:
    """Rows of their own where a row's basis differs from its column's."""
    rows, texts = [], _column_texts()
    for (table, column), (fact, key, basis_column) in sorted(FACT_ROWS.items()):
        for row in rows_of(facts[fact]):
            basis, note = _row_basis(row[basis_column])
            general = texts[(table, column)] if (table, column) in texts else texts[(table, "*")]
            if basis == general.basis or row[key] in LEFT_OUT:
                continue  # the row for the whole column says so already
            more = "" if pd.isna(row["note"]) else str(row["note"])
            rows.append(
                {
                    "table": table,
                    "key": row[key],
                    "column": column,
                    "source": row["source"],
                    "year": row["year"],
                    "basis": basis,
                    "note": "; ".join(part for part in (note, more) if part),
                }
            )
    return rows


def _national_paths(facts: Facts) -> list[dict[str, object]]:
    """The stated national target behind each core path."""
    rows = []
    for row in records(facts["nations"]):
        basis, note = _row_basis(row.target_basis)
        basis = "derived" if basis == "published" else basis  # a path drawn to a published target
        rows.append(
            {
                "table": "budget_path",
                "key": row.iso3,
                "column": "gdp_share",
                "source": row.target_source,
                "year": row.target_core_year,
                "basis": basis,
                "note": "; ".join(part for part in (f"target: {row.target_text}", note) if part),
            }
        )
    return rows


def _corrections(facts: Facts) -> list[dict[str, object]]:
    """Every correction with its reason."""
    rows = []
    for row in records(facts.corrections):
        table, column = MODEL_OF[row.column]
        value = row.value or "empty"
        rows.append(
            {
                "table": table,
                "key": row.key,
                "column": column,
                "source": "inputs/corrections.csv",
                "year": 2026,
                "basis": "assumption",
                "note": f"corrected: facts {row.table}.{row.column} = {value}, because {row.reason}",
            }
        )
    return rows


def _more_customers() -> list[dict[str, object]]:
    """Pairs added to the facts, with the reason."""
    return [
        {
            "table": "customers",
            "key": f"{row.nation}:{row.programme}",
            "column": "max_units",
            "source": "inputs/more_customers.csv",
            "year": 2026,
            "basis": "assumption",
            "note": f"added: {row.reason}",
        }
        for row in records(more_customers())
    ]


def _columns(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """One row a column of every table that has rows, from column_sources.csv."""
    known = _column_texts()
    rows = []
    for table, frame in tables.items():
        for column in frame.columns:
            row = known[(table, column)] if (table, column) in known else known[(table, "*")]
            rows.append(
                {
                    "table": table,
                    "key": "*",
                    "column": column,
                    "source": row.source,
                    "year": row.year,
                    "basis": row.basis,
                    "note": row.note,
                }
            )
    return rows


def _left_out() -> list[dict[str, object]]:
    """What the facts hold and the model's tables do not, with the reason."""
    texts = pd.read_csv(INPUTS / "left_out.csv", dtype=str, keep_default_na=False)
    return [
        {
            "table": row.table,
            "key": row.key,
            "column": "*",
            "source": "inputs/left_out.csv",
            "year": "2026",
            "basis": "assumption",
            "note": f"left out: {row.reason}",
        }
        for row in records(texts)
    ]


def sources(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The sources table: columns first, then rows by key, corrections and what was left out."""
    rows = [*_columns(tables), *_national_paths(facts), *_by_key(facts), *_corrections(facts)]
    rows += [*_more_customers(), *_left_out()]
    table = pd.DataFrame(rows, columns=COLUMNS).astype(str)
    kept = table.drop_duplicates(["table", "key", "column", "source"])
    return kept.sort_values(["table", "column", "key", "source"], kind="stable")
