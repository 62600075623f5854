"""Blocks of cells make the very file that XlsxWriter makes of the same cells one by one."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.blocks import MOST_UNITS, BlockSheet, Cell

FIRST = 3
TEXTS = ["DEU", '=1+1 "<&>"', " a b ", "line\nbreak", "DEU", "", "𝄞" * 20_000, "x" * (MOST_UNITS + 5)]
NUMBERS: list[Cell] = [1, 2.5, -0.1, 1e-17, 123456789.123456789, 2027, 1 / 3, "unlimited"]


def one_by_one(
    sheet: Worksheet, column: int, values: Sequence[Cell], pattern: Format, others: Sequence[int], other: Format
) -> None:
    for row, value in enumerate(values, start=FIRST):
        layout = other if row in others else pattern
        if isinstance(value, str):
            sheet.write_string(row, column, value, layout)
        else:
            sheet.write_number(row, column, value, layout)


def as_block(
    sheet: BlockSheet, column: int, values: Sequence[Cell], pattern: Format, others: Sequence[int], other: Format
) -> None:
    sheet.block(FIRST, column, values, pattern)
    sheet.restyle(column, others, other)


def written(path: Path, kind: type[Worksheet], write: Callable[..., None], rows: int) -> dict[str, bytes]:
    """The parts of a file with a title, columns of `rows` cells, and a foot below them; and a sheet with a title."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("one", kind)
        usual, bold, share = (book.add_format(one) for one in ({"indent": 1}, {"bold": True}, {"num_format": "0.0%"}))
        sheet.write_string(0, 0, "title", bold)
        sheet.set_row(FIRST + 1, 40)
        sheet.set_column(1, 1, 20, usual)
        write(sheet, 0, TEXTS[:rows], usual, [], bold)
        write(sheet, 2, NUMBERS[:rows], share, [FIRST, FIRST + 1] if rows else [], usual)
        write(sheet, 1, NUMBERS[:rows], bold, range(FIRST, FIRST + rows), usual)
        sheet.write_formula(FIRST + rows + 20, 30, "=1", bold, 1)
        book.add_worksheet("two", kind).write_string(0, 0, "DEU", usual)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps")}


@pytest.mark.parametrize("rows", [1, 2, len(TEXTS)])
def test_the_same_file_to_the_byte(tmp_path: Path, rows: int) -> None:
    plain = written(tmp_path / "plain.xlsx", Worksheet, one_by_one, rows)
    assert written(tmp_path / "blocks.xlsx", BlockSheet, as_block, rows) == plain


def test_rows_of_two_lengths_are_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("one", BlockSheet)
        sheet.block(FIRST, 0, ["a", "b"], book.add_format({}))
        with pytest.raises(ValueError, match="not the rows of the blocks before"):
            sheet.block(FIRST, 1, ["a"], book.add_format({}))


def test_a_single_cell_among_blocks_is_refused_not_lost(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("one", BlockSheet)
    sheet.block(FIRST, 0, ["a", "b"], book.add_format({}))
    sheet.write_string(FIRST, 4, "lost")
    with pytest.raises(ValueError, match="a cell of its own"):
        book.close()
