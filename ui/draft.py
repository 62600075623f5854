"""A data set being edited: the text cells of its tables with a planner's changes, and what is wrong with them."""

from __future__ import annotations

import math
import pathlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from data.checks import examine_raw
from data.dataset import Dataset, gather
from data.dictionary import Column, data_tables
from data.findings import Finding
from data.raw import RawData, RawTable, read_folder
from data.sheets.reading import read_book
from data.sheets.writing import write_book, write_template

MOST_CHOICES = 400  # ids in a drop-down of the editor
Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Draft:
    """What is edited: the data set as it was read, and the tables and texts that were changed since.

    Attributes:
        raw: the source as text.
        tables: changed tables as the editor has them.
        settings: dataset.yaml where it was changed.
        scenarios: scenarios.yaml where it was changed.
    """

    raw: RawData
    tables: Frames = field(default_factory=dict)
    settings: str | None = None
    scenarios: str | None = None

    @property
    def changed(self) -> list[str]:
        """What differs from the source, by name."""
        texts = [("dataset.yaml", self.settings), ("scenarios.yaml", self.scenarios)]
        return sorted(self.tables) + [name for name, text in texts if text is not None]

    def with_table(self, name: str, frame: pd.DataFrame) -> Draft:
        """The draft with a table changed, or as it was where the frame says what the source says."""
        tables = {known: table for known, table in self.tables.items() if known != name}
        if not same(frame, frame_of(self.raw, name)):
            tables[name] = frame
        return replace(self, tables=tables)

    def frame(self, name: str) -> pd.DataFrame:
        """A table as the editor shows it."""
        return self.tables[name] if name in self.tables else frame_of(self.raw, name)

    def text(self, which: str) -> tuple[str | None, str]:
        """(the changed text or None, that of the source) of `settings` or `scenarios`."""
        if which == "settings":
            return self.settings, self.raw.settings or ""
        return self.scenarios, self.raw.scenarios or ""

    def with_text(self, which: str, text: str | None) -> Draft:
        """The draft with `settings` or `scenarios` changed; None takes the source's."""
        return replace(self, settings=text) if which == "settings" else replace(self, scenarios=text)

    def merged(self) -> RawData:
        """The whole data set as text, changes in it."""
        tables = dict(self.raw.tables) | {name: raw_table(name, frame) for name, frame in self.tables.items()}
        settings = self.raw.settings if self.settings is None else self.settings
        scenarios = self.raw.scenarios if self.scenarios is None else self.scenarios
        return replace(self.raw, tables=tables, settings=settings, scenarios=scenarios or None)

    def errors(self) -> list[Finding]:
        """Every error, quick enough to be looked for at each change."""
        return list(gather(self.merged()).findings)

    def examined(self) -> tuple[Dataset | None, list[Finding]]:
        """The data set, None where it has errors, and all errors and warnings."""
        return examine_raw(self.merged(), None)


def of_folder(folder: pathlib.Path) -> Draft:
    """The draft of a data set on disk."""
    return Draft(read_folder(folder))


def of_book(content: bytes) -> Draft:
    """The draft of an uploaded workbook; what is wrong with it is among its errors."""
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "upload.xlsx"
        file.write_bytes(content)
        return Draft(read_book(file))


def book_bytes(draft: Draft) -> bytes:
    """The draft as a workbook."""
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "data.xlsx"
        write_book(draft.merged(), file)
        return file.read_bytes()


def template_bytes() -> bytes:
    """An empty workbook: every sheet with its units, help and an example row."""
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "template.xlsx"
        write_template(file)
        return file.read_bytes()


def frame_of(raw: RawData, name: str) -> pd.DataFrame:
    """A table of text as the editor shows it: numbers as numbers where all of a column's cells are, else as text."""
    table = data_tables()[name]
    given = raw.tables.get(name)
    count = 0 if given is None else len(given.rows)
    columns = {}
    for column in table.columns:
        cells = list(given.cells.get(column.name, [""] * count)) if given is not None else []
        columns[column.name] = _typed(cells, column)
    return pd.DataFrame(columns).set_index(pd.RangeIndex(1, count + 1, name="row"))


def _typed(cells: list[str], column: Column) -> pd.Series:
    if column.numeric and column.type != "flag":
        try:
            return pd.Series([float(cell) if cell else math.nan for cell in cells], dtype="float64")
        except ValueError:
            pass
    return pd.Series(cells, dtype="object")


def raw_table(name: str, frame: pd.DataFrame) -> RawTable:
    """The text cells of an edited table; rows without a single cell are left out."""
    table = data_tables()[name]
    texts = {column.name: [_text(cell) for cell in frame[column.name]] for column in table.columns}
    kept = [row for row in range(len(frame)) if any(texts[column][row] for column in texts)]
    cells = {column: [values[row] for row in kept] for column, values in texts.items()}
    return RawTable(name, cells, [row + 1 for row in kept])


def _text(cell: object) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    return str(cell).strip()


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two frames say the same."""
    if len(one) != len(other) or list(one.columns) != list(other.columns):
        return False
    return all([_text(a) for a in one[name]] == [_text(b) for b in other[name]] for name in one.columns)


def choices(draft: Draft, column: Column) -> list[str]:
    """The ids and words that a column may have, for a drop-down; empty where there are too many or any will do."""
    found = list(column.words)
    for table, name in column.references:
        frame = draft.frame(table)
        found += sorted({_text(cell) for cell in frame[name]} - {""})
    return found if 0 < len(found) <= MOST_CHOICES else []
