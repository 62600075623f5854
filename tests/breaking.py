"""Breaking a copy of the tiny data set in one place: small functions that change the text of its files."""

import csv
import pathlib
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from tests.cases import TINY

Break = Callable[[pathlib.Path], None]


def copy_of_tiny(folder: pathlib.Path) -> pathlib.Path:
    """A copy of the tiny data set to be broken."""
    shutil.copytree(TINY, folder)
    return folder


def cell(table: str, where: Mapping[str, Any], **values: Any) -> Break:
    """Write `values` into the rows in which `where` holds."""

    def change(header: list[str], rows: list[dict[str, str]]) -> None:
        for row in _found(table, rows, where):
            row.update({column: str(value) for column, value in values.items()})

    return _editing(table, change)


def add(table: str, **values: Any) -> Break:
    """Add a row; columns not named stay empty."""

    def change(header: list[str], rows: list[dict[str, str]]) -> None:
        rows.append({column: str(values.get(column, "")) for column in header})

    return _editing(table, change)


def again(table: str, where: Mapping[str, Any], **values: Any) -> Break:
    """Repeat the rows in which `where` holds, with `values` changed."""

    def change(header: list[str], rows: list[dict[str, str]]) -> None:
        rows += [{**row, **{name: str(value) for name, value in values.items()}} for row in _found(table, rows, where)]

    return _editing(table, change)


def drop(table: str, where: Mapping[str, Any]) -> Break:
    """Remove the rows in which `where` holds."""

    def change(header: list[str], rows: list[dict[str, str]]) -> None:
        gone = _found(table, rows, where)
        rows[:] = [row for row in rows if row not in gone]

    return _editing(table, change)


def rename_column(table: str, old: str, new: str) -> Break:
    """Give a column another name in the header."""
    return text(f"{table}.csv", old, new)


def drop_column(table: str, column: str) -> Break:
    """Remove a column."""

    def change(header: list[str], rows: list[dict[str, str]]) -> None:
        header.remove(column)
        for row in rows:
            del row[column]

    return _editing(table, change)


def remove(file: str) -> Break:
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


def text(file: str, old: str, new: str) -> Break:
    """Replace the first place of a text in a file."""

    def broken(folder: pathlib.Path) -> None:
        before = (folder / file).read_text(encoding="utf-8")
        assert old in before, f"{file} has no {old}"
        (folder / file).write_text(before.replace(old, new, 1), encoding="utf-8")

    return broken


def content(file: str, new: bytes) -> Break:
    """Give a file another content, or make one."""

    def broken(folder: pathlib.Path) -> None:
        (folder / file).write_bytes(new)

    return broken


def encoded(file: str, old: str, new: str, encoding: str) -> Break:
    """Replace a text and save the file in another encoding."""

    def broken(folder: pathlib.Path) -> None:
        before = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_bytes(before.replace(old, new, 1).encode(encoding))

    return broken


def both(*breaks: Break) -> Break:
    """Several faults in one copy."""

    def broken(folder: pathlib.Path) -> None:
        for one in breaks:
            one(folder)

    return broken


def _found(table: str, rows: list[dict[str, str]], where: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [row for row in rows if all(row[column] == str(value) for column, value in where.items())]
    assert found, f"tiny has no row of {table} with {dict(where)}"
    return found


def _editing(table: str, change: Callable[[list[str], list[dict[str, str]]], None]) -> Break:
    def broken(folder: pathlib.Path) -> None:
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows, header = list(reader), list(reader.fieldnames or [])
        change(header, rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return broken
