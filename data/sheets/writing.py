"""Writing a workbook of data: one sheet a table with units, drop-downs and help, its keys locked."""

import itertools
import math
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.dictionary import Column, Table, data_tables
from data.raw import SCENARIOS_FILE, SETTINGS_FILE, RawData
from data.sheets.layout import EMPTY_YAML, EXAMPLE, LONGEST_CELL, MOST_ROWS, READ_ME, column_letter
from data.texts import BREAKS, text_complaint

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LISTS = "_lists"
SPARE = 500  # empty rows with drop-downs and help under the data
LONGEST_LIST = 250  # characters of a drop-down that stands in the rule itself
# Texts that XlsxWriter takes for something else: two escapes that share an underscore, and its own rich text.
LOST = re.compile(r".*_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_.*|<r>.*</r>", re.DOTALL)
MADE = datetime(2026, 1, 1)  # a fixed date: the same data give the same bytes


class SheetError(Exception):
    """What can't be written as a workbook, in one line."""


class _Exact(float):
    """A number that a workbook keeps to its last digit: XlsxWriter formats with 16 digits, some numbers have 17."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def write_book(raw: RawData, path: pathlib.Path) -> None:
    """Write raw tables as a workbook; a file there stays until the new one is whole.

    Raises:
        SheetError: a text or a table is too long for a workbook.
        OSError: the place can't be written to.
    """
    _check_lengths(raw)
    sheets = {name: (list(table.cells), list(zip(*table.cells.values(), strict=True))) for name, table in
              raw.tables.items()}  # fmt: skip
    texts = {SETTINGS_FILE: raw.settings, SCENARIOS_FILE: raw.scenarios}
    _write(path, sheets, {name: text for name, text in texts.items() if text is not None}, _marking(raw.settings))


def write_template(path: pathlib.Path) -> None:
    """Write an empty workbook: every sheet, units, drop-downs, help, and an example row on each.

    Raises:
        OSError: the place can't be written to.
    """
    sheets: dict[str, tuple[list[str], list[tuple[str, ...]]]] = {}
    for name, table in data_tables().items():
        example = [column.example for column in table.columns]
        example[0] = f"{EXAMPLE}{example[0]}"
        sheets[name] = (table.names, [tuple(example)])
    _write(path, sheets, EMPTY_YAML, "")


def _check_lengths(raw: RawData) -> None:
    for name, table in raw.tables.items():
        if len(table.rows) > MOST_ROWS:
            raise SheetError(f"{name}: {len(table.rows):,} rows; a sheet holds {MOST_ROWS:,} at most: keep it as CSV")
        for column, cells in table.cells.items():
            for row, text in zip(table.rows, cells, strict=True):
                if len(text) > LONGEST_CELL:
                    long = f"{len(text):,} characters; a cell holds {LONGEST_CELL:,} at most: shorten it"
                    raise SheetError(f"{name}, row {row}, {column}: {long}")
                if text_complaint(text, BREAKS):
                    raise SheetError(f"{name}, row {row}, {column}: {text_complaint(text, BREAKS)}; type it again")
                if ("_x" in text or "<r>" in text) and LOST.fullmatch(text):
                    raise SheetError(
                        f"{name}, row {row}, {column}: '{text[:40]}' is lost in a workbook: keep it as CSV"
                    )


def _marking(settings: str | None) -> str:
    """The marking as dataset.yaml has it; what is no settings has none."""
    from data.settings import read_settings

    known = read_settings(settings)[0] if settings else None
    return known.marking if known else ""


def _write(
    path: pathlib.Path,
    sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str]]]],
    texts: Mapping[str, str],
    marking: str,
) -> None:
    import xlsxwriter

    half = path.with_name(f".{path.name}.part")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(half), options) as book:
            book.set_properties({"title": path.stem, "created": MADE, "comments": marking})
            pen = _Pen(book, sheets)
            pen.read_me(texts)
            for name, text in texts.items():
                pen.lines(name, text)
            for name, table in data_tables().items():
                if name in sheets:
                    pen.table(table, *sheets[name])
            pen.lists()
            for sheet in book.worksheets():
                _page(sheet, marking)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _page(sheet: "Worksheet", marking: str) -> None:
    """Landscape, one page wide, the marking above and below."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    shown = marking.replace("&", "&&")[:100]
    sheet.set_header(f"&C&8&B {shown}")
    sheet.set_footer(f"&C&8&B {shown}&R&8&A, page &P of &N")


class _Pen:
    """Writes the sheets of one workbook."""

    def __init__(self, book: "Workbook", sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str]]]]) -> None:
        self.book, self.sheets = book, sheets
        self.long_lists: dict[str, tuple[str, ...]] = {}
        base = {"font_name": "Calibri", "font_size": 10}
        add = lambda **more: book.add_format({**base, **more})  # noqa: E731
        self.head = add(bold=True, bg_color="#DCE6F1", bottom=1, text_wrap=True, valign="top", locked=True)
        self.needed = add(bold=True, bg_color="#BDD7EE", bottom=1, text_wrap=True, valign="top", locked=True)
        self.formats = {
            (numeric, locked): add(num_format="General" if numeric else "@", locked=locked,
                                   **({"font_color": "#44546A", "bg_color": "#F2F2F2"} if locked else {}))
            for numeric in (True, False) for locked in (True, False)
        }  # fmt: skip
        self.example = add(italic=True, font_color="#7F7F7F", num_format="@", locked=False)
        self.code = book.add_format({"font_name": "Consolas", "font_size": 10, "num_format": "@", "locked": False})
        self.plain, self.title = add(text_wrap=True, valign="top"), add(bold=True, font_size=14, font_color="#1F3864")

    def read_me(self, texts: Iterable[str]) -> None:
        """What the sheets and columns are; nothing of it is read back."""
        sheet = self.book.add_worksheet(READ_ME)
        for index, wide in enumerate((20, 26, 12, 24, 22, 80, 18)):
            sheet.set_column(index, index, wide)
        sheet.write_string(0, 0, "A data set as a workbook", self.title)
        lines = (
            "One sheet a table; the sheets keep their names. Column names stand in row 1, their unit in brackets.",
            "Cells hold values, not formulas. Shares are fractions: 3 % is 0.03. Money is in millions.",
            "An empty cell means what the column `empty means` below says. Rows that begin with `e.g.` are not read.",
            "Keys of rows that are there are locked, so that nothing loses its name by a slip; "
            "Review, Unprotect sheet (no password) unlocks them.",
            f"{' and '.join(texts)} hold the settings, one line of the file a row.",
            "Sheets of your own: begin their name with _ and they are left alone.",
            "drive5 check FILE.xlsx says all that is wrong, with sheet and cell; drive5 solve takes the file as it is.",
        )
        for row, line in enumerate(lines, start=1):
            sheet.write_string(row, 0, line)
        row = len(lines) + 2
        for index, text in enumerate(("sheet", "column", "key", "unit", "empty means", "meaning", "example")):
            sheet.write_string(row, index, text, self.head)
        sheet.repeat_rows(row)
        for table in data_tables().values():
            for column in table.columns:
                row += 1
                empty = "must be given" if column.required else column.default or "nothing"
                cells = (table.name, column.name, "key" if column.key else "", column.unit, empty, column.meaning,
                         column.example)  # fmt: skip
                for index, text in enumerate(cells):
                    sheet.write_string(row, index, text, self.plain)

    def lines(self, name: str, text: str) -> None:
        """A YAML file, one line a row."""
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, 120, self.code)
        for row, line in enumerate(text.splitlines()):
            if len(line) > LONGEST_CELL:
                raise SheetError(f"{name}, line {row + 1}: a cell holds {LONGEST_CELL:,} characters: break the line")
            if line:
                sheet.write_string(row, 0, line, self.code)

    def table(self, table: Table, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """One table: header with units, rows, drop-downs and help, keys locked."""
        sheet = self.book.add_worksheet(table.name)
        last = len(rows) + SPARE
        for index, name in enumerate(header):
            column = table.column(name)
            unit = "" if column.unit in ("-", "year", "0/1", "as the rule") else f"\n[{column.unit}]"
            sheet.write_string(0, index, f"{name}{unit}", self.needed if column.required else self.head)
            cells = [row[index] for row in rows]
            shown = [name, unit[1:], *cells[:2000]]
            wide = min(50.0, max(9.0, max(len(text) for text in shown) + 2.0))
            sheet.set_column(index, index, wide, self.formats[column.numeric, False])
            self._cells(sheet, index, column, cells)
            sheet.data_validation(1, index, last, index, self._validation(column))
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, len(list(itertools.takewhile(lambda name: table.column(name).key, header))))
        sheet.autofilter(0, 0, max(len(rows), 1), len(header) - 1)
        sheet.repeat_rows(0)
        allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter")
        sheet.protect("", dict.fromkeys(allowed, True))

    def _cells(self, sheet: "Worksheet", index: int, column: Column, cells: Sequence[str]) -> None:
        plain = self.formats[column.numeric, column.key]
        for row, text in enumerate(cells, start=1):
            example = self.sheets[column.table][1][row - 1][0].startswith(EXAMPLE)
            layout: Format = self.example if example else plain
            number = _number(text) if column.numeric else None
            if number is not None:
                sheet.write_number(row, index, _Exact(number), layout)
            elif text:
                sheet.write_string(row, index, text, layout)
            elif column.key:
                sheet.write_blank(row, index, None, layout)

    def _validation(self, column: Column) -> dict[str, Any]:
        """The drop-down or the limits of a column, and its help."""
        rule: dict[str, Any] = {"validate": "any", "ignore_blank": not column.required}
        words = ("1", "0") if column.type == "flag" else column.words
        if column.type in ("choice", "flag"):
            rule |= {"validate": "list", "source": self._list(column, words)}
        elif column.references and not words and len(column.references) == 1:
            target, key = column.references[0]
            if target in self.sheets and key in self.sheets[target][0]:
                letter = column_letter(list(self.sheets[target][0]).index(key))
                rows = len(self.sheets[target][1]) + SPARE
                rule |= {"validate": "list", "source": f"='{target}'!${letter}$2:${letter}${rows + 1}"}
                rule |= {"error_type": "warning"}  # a new id may be typed before its row is
        elif column.numeric:
            rule |= _limits(column)
        default = "Must be given." if column.required else f"Empty: {column.default or 'nothing'}."
        unit = f" In {column.unit}." if column.unit not in ("-", "year", "0/1") else ""
        meaning = column.meaning[:1].upper() + column.meaning[1:]
        rule |= {"input_title": column.name[:32], "input_message": f"{meaning}.{unit} {default}"[:255]}
        rule |= {"error_title": column.name[:32], "error_message": f"Wanted: {column.meaning}"[:255]}
        return rule

    def _list(self, column: Column, words: tuple[str, ...]) -> list[str] | str:
        if len(",".join(words)) <= LONGEST_LIST:
            return list(words)
        self.long_lists[f"{column.table}.{column.name}"] = words
        letter = column_letter(len(self.long_lists) - 1)
        return f"={LISTS}!${letter}$1:${letter}${len(words)}"

    def lists(self) -> None:
        """The drop-downs that are too long to stand in a rule."""
        if not self.long_lists:
            return
        sheet = self.book.add_worksheet(LISTS)
        for index, words in enumerate(self.long_lists.values()):
            for row, word in enumerate(words):
                sheet.write_string(row, index, word)
        sheet.hide()


def _number(text: str) -> float | None:
    """The number of a cell that is one; what only looks like one stays text, and is found when it is read."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and not set(text) - set("0123456789.+-eE") else None


def _limits(column: Column) -> dict[str, Any]:
    """What numbers a cell takes."""
    kind = "integer" if column.whole else "decimal"
    low = -1e15 if column.minimum is None else column.minimum
    high = 1e15 if column.maximum is None else column.maximum
    if column.whole:
        low, high = int(low), int(high)
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
