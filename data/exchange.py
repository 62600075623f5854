"""A data set from one form into the other: CSV folder or workbook in, workbook or CSV folder out, cell by cell."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.checks import examine_raw
from data.findings import DataError
from data.raw import SETTINGS_FILE, write_folder
from data.sheets.layout import BOOKS, SUFFIX
from data.sheets.reading import read_source
from data.sheets.writing import SheetError, write_book, write_template
from data.upgrade import Added, upgraded


class ExchangeError(Exception):
    """A conversion that can't be, in one line of what, where and what to do."""


@dataclass(frozen=True)
class Exchanged:
    """What was written: the rows of each table, and what an upgrade added."""

    rows: Mapping[str, int]
    added: Sequence[Added]


def exchange(source: pathlib.Path, target: pathlib.Path, upgrade: bool = False) -> Exchanged:
    """Write the data set of `source` to `target`: a workbook where its name ends so, else a CSV folder.

    With `upgrade` it is written in today's columns. A workbook or data set at `target` gives way once the new one is
    whole.

    Raises:
        DataError: the data have errors; nothing is written.
        ExchangeError: `target` is taken by something else, or the data do not fit a workbook.
        OSError: the place can't be written to.
    """
    to_book = _means_book(target)
    _check_target(source, target, to_book)
    raw = read_source(source)
    known, found = examine_raw(raw, source)
    if known is None:
        raise DataError(found)
    added: list[Added] = []
    if upgrade:
        raw, added = upgraded(raw)
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    if to_book:
        try:
            write_book(raw, target)
        except SheetError as problem:
            raise ExchangeError(str(problem)) from None
    else:
        write_folder(raw, target)
    return Exchanged({name: len(table.rows) for name, table in raw.tables.items()}, added)


def write_empty(target: pathlib.Path) -> None:
    """Write the empty workbook to `target`.

    Raises:
        ExchangeError: the name is no workbook's, or a file is there already (it may be somebody's work).
        OSError: the place can't be written to.
    """
    if not _means_book(target):
        raise ExchangeError(f"{target}: the template is a workbook; give a name that ends in {SUFFIX}")
    if target.exists():
        raise ExchangeError(f"{target}: is there already, and may be somebody's work; give another name")
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    write_template(target)


def _means_book(target: pathlib.Path) -> bool:
    suffix = target.suffix.lower()
    if suffix != SUFFIX and suffix in BOOKS:
        raise ExchangeError(f"{target}: a workbook is written as {SUFFIX}; give a name that ends so")
    return suffix == SUFFIX and not target.is_dir()


def _check_target(source: pathlib.Path, target: pathlib.Path, to_book: bool) -> None:
    if target.exists() and source.exists() and target.samefile(source):
        raise ExchangeError(f"{target}: is the data set itself; give another place for what comes out")
    if to_book or not target.exists():
        return
    if not target.is_dir():
        raise ExchangeError(f"{target}: is a file; give a name that ends in {SUFFIX}, or a folder")
    if any(target.iterdir()) and not (target / SETTINGS_FILE).is_file():
        raise ExchangeError(f"{target}: is not empty and holds no data set; give another folder")
