"""The table of rules (docs/rules.md) has no empty cell, and what it names exists."""

from __future__ import annotations

import importlib

import pytest

from data.dictionary import data_tables
from data.settings import Settings
from docs.make_rules_page import ROOT, Row, rows, told
from models.registry import MANIFEST

ROWS = rows()
# Columns that describe and bind nothing: names, units, places on a map, prices of another year.
DESCRIBE = {
    "nations": {"name"},
    "economy": {"deflator"},
    "areas": {"name", "unit"},
    "programmes": {"name", "unit"},
    "frames": {"name", "agency"},
    "lines": {"name"},
    "components": {"name"},
    "expansions": {"name", "kind"},
    "innovation": {"name"},
    "obligations": {"kind", "item"},
    "prior_plan": {"channel"},
}
# Columns of the objective, which is no rule.
OBJECTIVE = {"areas": {"weight", "threat_year"}}


def test_there_is_a_row_for_each_rule() -> None:
    assert [row.rule for row in ROWS] == list(MANIFEST)
    assert sorted(told()) == sorted(MANIFEST)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_no_cell_is_empty(row: Row) -> None:
    assert row.empty == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_its_columns_stand_in_the_dictionary(row: Row) -> None:
    tables = data_tables()
    for word in row.columns.split():
        kind, _, setting = word.partition(":")
        if kind == "dataset.yaml":
            assert setting.split(".")[0] in Settings.model_fields, word
        elif kind != "lever":
            table, _, column = word.partition(".")
            assert column in tables[table].names, word


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_its_function_of_the_enumerator_is_there(row: Row) -> None:
    module, *names = row.enumerator.split(".")
    found = importlib.import_module(f"tests.{module}")
    for name in names:
        found = getattr(found, name)
    assert callable(found)


def test_every_column_is_read_by_a_rule() -> None:
    """Keys and what only describes aside, a column that no rule reads would be a column for nothing."""
    read = {word for row in ROWS for word in row.columns.split()}
    left = [
        f"{name}.{column}"
        for name, table in data_tables().items()
        for column in table.names
        if name != "sources"
        and column not in table.keys
        and column not in DESCRIBE.get(name, set()) | OBJECTIVE.get(name, set())
        and f"{name}.{column}" not in read
    ]
    assert left == []


def test_the_page_links_to_formulas_that_are_there() -> None:
    text = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
    assert [row.rule for row in ROWS if f"### {row.rule}\n" not in text] == []
