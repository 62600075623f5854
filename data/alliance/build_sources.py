"""Where every table and column comes from: one row a column, and rows of their own where facts differ by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data.alliance.facts import INPUTS, LEFT_OUT, Facts, more_customers, records, rows_of, text_or_none

BASIS = {"stored": "published", "recalled": "published", "computed": "derived", "assumption": "assumption"}
RECALLED = "recalled: check before quoting"
PLACEHOLDER = "placeholder: no public price was found, the figure is an assumption"
COLUMNS = ["table", "key", "column", "source", "year", "basis", "note"]

FACT_ROWS = {
    ("programmes", "unit_cost"): ("programmes", "id", "basis"),
    ("programmes", "lead_years"): ("programmes", "id", "basis_lead_time"),
    ("programmes", "sme_share"): ("service", "programme_id", "basis"),
    ("frames", "launched"): ("frames", "frame_id", "basis_launched"),
    ("frame_members", "status"): ("frames", "frame_id", "basis"),
    ("lines", "current_output"): ("lines", "line_id", "basis"),
    ("expansions", "cost"): ("expansions", "expansion_id", "basis"),
    ("components", "name"): ("components", "component_id", "basis"),
    ("innovation", "success_probability"): ("innovation_options", "innovation_id", "basis"),
}
"""Model column -> table of facts, key and basis column from which it gets one row a key."""


def _note(*parts: object) -> str:
    """Notes of the facts in one text, without empty ones and without the edition's mark where nothing follows it."""
    texts = [text_or_none(part).strip().removesuffix("edition 2:").rstrip("; ") for part in parts]
    return "; ".join(text for text in texts if text)


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
            if column == "unit_cost" and row["placeholder"] == 1:
                basis, note = "assumption", PLACEHOLDER
            general = texts[(table, column)] if (table, column) in texts else texts[(table, "*")]
            if basis == general.basis or row[key] in LEFT_OUT:
                continue  # the row for the whole column says so already
            rows.append(
                {
                    "table": table,
                    "key": row[key],
                    "column": column,
                    "source": row["source"],
                    "year": row["year"],
                    "basis": basis,
                    "note": _note(note, row["note"]),
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
                "note": _note(f"target: {row.target_text}", note),
            }
        )
    return rows


def _effects(facts: Facts) -> list[dict[str, object]]:
    """How each effect was derived: measure, inputs, value over the area's unit value."""
    rows = []
    for row in records(facts["effects"]):
        basis, _ = _row_basis(row.basis)
        derived = f"{row.measure} = {row.value:g}, over {row.unit_value:g}; inputs ({row.basis_inputs}): {row.inputs}"
        rows.append(
            {
                "table": "effects",
                "key": f"{row.programme_id}:{row.area_id}",
                "column": "effect",
                "source": row.source,
                "year": row.year,
                "basis": basis,
                "note": _note(derived, row.note),
            }
        )
    return rows


def _loans(facts: Facts) -> list[dict[str, object]]:
    """Where each facility's amount is from."""
    rows = []
    for row in records(facts["facilities"][facts["facilities"]["share"] > 0]):
        basis, note = _row_basis(row.basis_amount)
        rows.append(
            {
                "table": "loans",
                "key": f"{row.facility}:{row.nation_or_group}",
                "column": "amount",
                "source": row.source,
                "year": row.year,
                "basis": basis,
                "note": _note(note, row.note),
            }
        )
    return rows


def _corrections(facts: Facts) -> list[dict[str, object]]:
    """Every correction of a cell of the facts with its reason and source."""
    return [
        {
            "table": row.reaches.partition(".")[0],
            "key": row.key,
            "column": row.reaches.partition(".")[2],
            "source": row.source,
            "year": 2026,
            "basis": "assumption",
            "note": f"corrected: facts {row.table}.{row.column} = {row.value or 'empty'}, because {row.reason}",
        }
        for row in records(facts.corrections)
    ]


def _more_customers() -> list[dict[str, object]]:
    """Pairs added to the facts, with the reason."""
    return [
        {
            "table": "customers",
            "key": f"{row.nation}:{row.programme}",
            "column": "max_units",
            "source": row.source,
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


def _changes(changes: pd.DataFrame) -> list[dict[str, object]]:
    """What the build left out or changed, with the reason."""
    return [
        {
            "table": row.table,
            "key": row.key,
            "column": row.column,
            "source": "data/alliance/build.py",
            "year": 2026,
            "basis": "assumption" if row.note.startswith("left out") else "derived",
            "note": row.note,
        }
        for row in records(changes)
    ]


def sources(facts: Facts, tables: Mapping[str, pd.DataFrame], changes: pd.DataFrame) -> pd.DataFrame:
    """The sources table: columns first, then rows by key, corrections, and what was left out or changed."""
    rows = [*_columns(tables), *_national_paths(facts), *_by_key(facts), *_effects(facts), *_loans(facts)]
    rows += [*_corrections(facts), *_more_customers(), *_changes(changes)]
    table = pd.DataFrame(rows, columns=COLUMNS).astype(str)
    kept = table.drop_duplicates(["table", "key", "column", "source"])
    return kept.sort_values(["table", "column", "key", "source"], kind="stable")
