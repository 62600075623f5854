"""A data set of an earlier edition in today's columns: what it lacks is added empty, and nothing changes meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data.dictionary import Column, Table, data_tables
from data.raw import SETTINGS_FILE, RawData, RawTable
from data.settings import Settings, read_settings

# Tables that no data set of edition 1 had; other tables that are absent are tables left out.
NEW_TABLES = ("pins",)
# Settings of dataset.yaml since edition 2, as they act where nothing is said, and what they mean.
NEW_SETTINGS: Mapping[str, tuple[str, str]] = {
    "beyond": ("{years: 0}", "years after the horizon in which orders may arrive; give years and money to use them"),
    "contribution_max": ("0.1", "most that a customer pays for others' expansions, of the value of its orders there; "
                                "edition 1 had no limit (none)"),
    "sponsor_max": ("2", "most of its key share of an innovation bill that a sponsor pays; edition 1 had 1"),
}  # fmt: skip
REMARK = "# Added by `drive5 convert --upgrade`: what acts in a data set that says nothing of it."


@dataclass(frozen=True)
class Added:
    """What a data set lacked: a column, a whole table (column ''), or a setting (table dataset.yaml)."""

    table: str
    column: str
    meaning: str

    def __str__(self) -> str:
        """One line of what was added and what it means as it stands."""
        return f"added: {self.table}{f', {self.column}' if self.column else ''}: {self.meaning}"


def upgraded(raw: RawData) -> tuple[RawData, list[Added]]:
    """Raw tables with every column of today, in the dictionary's order, and the settings written out."""
    added: list[Added] = []
    tables = {}
    for name, table in data_tables().items():
        if name in raw.tables:
            tables[name] = _with_columns(raw.tables[name], table, added)
        elif name in NEW_TABLES:
            tables[name] = RawTable(name, {column: [] for column in table.names}, [])
            added.append(Added(name, "", "a table without rows"))
    settings = _with_settings(raw.settings, added) if raw.settings is not None else None
    return replace(raw, tables=tables, settings=settings), added


def _with_columns(raw: RawTable, table: Table, added: list[Added]) -> RawTable:
    for column in table.columns:
        if column.name not in raw.cells:
            added.append(Added(table.name, column.name, f"{column.meaning}{_empty(column)}"))
    nothing = [""] * len(raw.rows)
    return replace(raw, cells={column: raw.cells.get(column, nothing) for column in table.names})


def _empty(column: Column) -> str:
    """What its empty cells mean, where the dictionary's sentence does not say it."""
    words = {"": "nothing", "unlimited": "no limit"}
    return "" if "empty =" in column.meaning else f" (empty = {words.get(column.default, column.default)})"


def _with_settings(text: str, added: list[Added]) -> str:
    """dataset.yaml with the new settings behind it; a file in which no line can follow is left as it is."""
    known, _ = read_settings(text)
    if known is None:
        return text
    lacking = [name for name in NEW_SETTINGS if name not in known.model_fields_set]
    if not lacking:
        return text
    lines = [REMARK, *(f"{name}: {NEW_SETTINGS[name][0]}" for name in lacking)]
    longer = "\n".join([text.rstrip("\n"), *lines, ""])
    if not _same(known, read_settings(longer)[0]):
        return text
    added += [Added(SETTINGS_FILE, name, f"{NEW_SETTINGS[name][0]}: {NEW_SETTINGS[name][1]}") for name in lacking]
    return longer


def _same(before: Settings, after: Settings | None) -> bool:
    return after is not None and before.model_dump() == after.model_dump()
