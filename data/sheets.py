"""The workbook format of a data set: one sheet a table with the table's name, and the two YAML files line by line.

Loss-free: every cell goes over as it is (numbers as numbers, text as text), so a folder that went through a workbook is
the same folder. What is read is never trusted: `sheets_guard` looks at the file first.

A sheet: column names in row 1 (with the unit in brackets behind a line break), rows from row 2 on. A row whose first
cell begins with `e.g.` is an example and is not read; nor are the sheets READ_ME and those whose name begins with `_`.
"""

import itertools
import math
import pathlib
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from data import sheets_guard
from data.dictionary import NEEDED_TABLES, Column, Table, data_tables
from data.findings import Finding, error, nearest, warning
from data.raw import (
    SCENARIOS_FILE,
    SETTINGS_FILE,
    RawData,
    RawTable,
    number_text,
    read_folder,
    table_of_records,
    trimmed,
)
from data.texts import BREAKS, text_complaint

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SUFFIX = ".xlsx"
BOOKS = (SUFFIX, ".xlsm", ".xlsb", ".xls", ".ods", ".xltx", ".xltm")
READ_ME = "read me"
LISTS = "_lists"
EXAMPLE = "e.g. "
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_575
SPARE = 500  # empty rows with drop-downs and help under the data
LONGEST_LIST = 250  # characters of a drop-down that stands in the rule itself
MOST_COLUMNS = 16_384
MOST_STRANGE = 40  # columns of a head that are no columns of the table, before the rest is not looked at
SPARE_COLUMNS = 8  # looked at to the right of the head, for what stands beside the table
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Texts that XlsxWriter takes for something else: two escapes that share an underscore, and its own rich text.
LOST = re.compile(r".*_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_.*|<r>.*</r>", re.DOTALL)
HEAD = re.compile(r"(\S+)\s*\[.*\]", re.DOTALL)
MADE = datetime(2026, 1, 1)  # a fixed date: the same data give the same bytes
EMPTY_YAML = {
    SETTINGS_FILE: """\
# One line a row, as in the file dataset.yaml. Text behind # is a remark.
name: my-data-set
description: what these data are
marking: the marking that stands on every page
currency: EUR
price_base_year: 2026
first_year: 2027
last_year: 2035
# Years after the last in which what was ordered may arrive, and for each the share of a year's money that orders of
# today may bind. capacity: what lines have then, as a share of the last year's. weight: urgency of what is there when
# all has arrived. flow: years of deliveries that keep up what wears out sooner. Without the line: none.
beyond: {years: 6, money: [0.75, 0.65, 0.55, 0.45, 0.4, 0.35], capacity: 0.5, weight: 5, flow: 5}
# Most that a customer pays for expansions of others, as a share of the value of its own orders there (none: no limit).
contribution_max: 0.1
# Most of its share of a bill of innovation that a sponsor pays (1: exactly its share).
sponsor_max: 2
# Severity: from each part of a gap on, a unit of it counts so much.
severity: [{above: 0.0, slope: 1}, {above: 0.2, slope: 2}, {above: 0.5, slope: 4}]
# Urgency of years; a year that is left out counts 1.
urgency: {2027: 1}
# Levers that this data set sets.
levers: {carry_over: 0.05}
""",
    SCENARIOS_FILE: """\
# One line a row, as in the file scenarios.yaml. Take the # away from a line to use it.
# base: {probability: 0.5}
# lean: {probability: 0.5, levers: {growth_shift: -0.005}}
""",
}


class SheetError(Exception):
    """What can't be written as a workbook, in one line."""


# ---- reading -----------------------------------------------------------------------------------------------------


def is_book(path: pathlib.Path) -> bool:
    """Whether a path means a workbook: by its name, or because it is a file."""
    return path.suffix.lower() in BOOKS or path.is_file()


def read_source(path: pathlib.Path) -> RawData:
    """The raw tables of a data set, a folder or a workbook; what can't be read is a finding, never an exception."""
    return read_book(path) if path.is_file() else read_folder(path)


def read_book(path: pathlib.Path) -> RawData:
    """Every table and the two YAML texts of a workbook; each finding names the sheet and the cell."""
    seen = sheets_guard.look(path)
    if seen.findings:
        return RawData(findings=tuple(seen.findings))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it can't keep (drop-downs of a newer kind) is not data
            book = _opened(path)
            try:
                return _Book(book, seen).raw()
            finally:
                book.close()
    except Exception as problem:  # whatever a crafted file makes the reader do, the user gets one line
        what = f"can't be read as a workbook: {' '.join(str(problem).split())[:120] or type(problem).__name__}"
        return RawData(findings=(error(path.name, what, f"{sheets_guard.SAVE_AS} again"),))


def _opened(path: pathlib.Path) -> Any:
    """The workbook, its texts as they stand in the file: openpyxl drops every x005F_, whatever it is part of."""
    from openpyxl.cell.text import Text
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            part = self.package.find(SHARED_STRINGS)
            if part is None:
                return
            with self.archive.open(part.PartName[1:]) as source:
                for _, node in iterparse(source):
                    if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                        text = Text.from_tree(node)
                        self.shared_strings.append("" if text is None else text.content)
                        node.clear()

    reader = Reader(path, read_only=True, data_only=False, keep_links=False)
    reader.read()
    return reader.wb


def _unescaped(text: str) -> str:
    """A text of a workbook with its escapes read: _x000D_ is a carriage return, _x005F_ a plain _."""
    return ESCAPE.sub(lambda hit: chr(int(hit.group(1), 16)), text) if "_x" in text else text


class _Book:
    """One reading of an open workbook."""

    def __init__(self, book: Any, seen: sheets_guard.Look) -> None:
        self.book, self.seen = book, seen
        self.findings: list[Finding] = []
        self.places: dict[str, dict[str, str]] = {}

    def raw(self) -> RawData:
        tables: dict[str, RawTable] = {}
        texts: dict[str, str] = {}
        broken = set()
        for name in self.book.sheetnames:
            if not self._wanted(name):
                continue
            records = self._records(name)
            self._tell_hidden(name, records)
            if name in EMPTY_YAML:
                texts[name] = self._lines(name, records)
                continue
            table = self._table(name, records)
            if table is None:
                broken.add(name)
            else:
                tables[name] = table
        for name in sorted(set(NEEDED_TABLES) - set(tables) - broken):
            broken.add(name)
            remedy = "add the sheet, or give it its name back; `drive5 template` writes every sheet"
            self.findings.append(error(name, f"the table is missing: no sheet {name}", remedy))
        if SETTINGS_FILE not in texts:
            remedy = "add the sheet, or give it its name back; `drive5 template` writes one"
            self.findings.append(error(SETTINGS_FILE, f"the sheet {SETTINGS_FILE} is missing", remedy))
        return RawData(
            tables, texts.get(SETTINGS_FILE), texts.get(SCENARIOS_FILE), frozenset(broken), tuple(self.findings),
            self.places,
        )  # fmt: skip

    def _wanted(self, name: str) -> bool:
        known = {*data_tables(), *EMPTY_YAML}
        if name in known:
            if hasattr(self.book[name], "iter_rows"):
                return True
            self.findings.append(error(name, "is a chart, not a sheet with rows", "put the table's rows in its place"))
            return False
        if name != READ_ME and not name.startswith("_"):
            near = nearest(name, known)
            own = f"or begin its name with _ where it is a sheet of your own: _{name}"[:100]
            remedy = f"did you mean {near}? {own}" if near else f"remove the sheet, {own}"
            self.findings.append(error(f"sheet {name}", "no table of that name", remedy))
        return False

    def _records(self, name: str) -> list[list[str]]:
        """The text of every cell; what is no value is a finding."""
        for ref in self.seen.merged.get(name, ()):
            what, remedy = f"cells {ref} are merged", "split them (Merge cells, off) and fill each one"
            self.findings.append(Finding("error", name, None, "", "", what, remedy, ref.split(":")[0]))
        sheet = self.book[name]
        sheet.reset_dimensions()  # what the file says of its size is not trusted
        records: list[list[str]] = []
        nothing: list[str] = []  # one for all empty rows: a file may claim a million of them
        for row in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=self._width(name)):
            record = ["" if cell.value is None else self._text(name, cell) for cell in row]
            while record and not record[-1]:
                record.pop()
            records.append(record or nothing)
        while records and not records[-1]:
            records.pop()
        return records

    def _width(self, name: str) -> int:
        """Columns that are looked at: those of the head and a few more, however far to the right a cell stands."""
        known = len(data_tables()[name].names) if name in data_tables() else 1
        sheet, most = self.book[name], known + MOST_STRANGE
        head = next(iter(sheet.iter_rows(max_row=1, max_col=most)), ())
        given = [place for place, cell in enumerate(head, start=1) if cell.value is not None]
        return min(most, max(given, default=1) + SPARE_COLUMNS)

    def _tell_hidden(self, name: str, records: Sequence[Sequence[str]]) -> None:
        """What a person does not see is read all the same."""
        remedy = "it is used like all else: unhide it and look, or remove it"
        if name in self.seen.hidden_sheets:
            self.findings.append(warning(name, "the sheet is hidden", remedy))
        hidden = self.seen.hidden_rows.get(name, set())
        rows = [row for row, record in enumerate(records, start=1) if row in hidden and any(record)]
        if rows:
            message = f"{len(rows)} hidden row{'s' if len(rows) > 1 else ''} with data, the first is row {rows[0]}"
            self.findings.append(warning(name, message, remedy))
        for first, last in sorted(self.seen.hidden_columns.get(name, ())):
            if any(any(record[first - 1 : last]) for record in records):
                span = "-".join(dict.fromkeys([_letter(first - 1), _letter(min(last, MOST_COLUMNS) - 1)]))
                self.findings.append(warning(name, f"column {span} with data is hidden", remedy))

    def _text(self, sheet: str, cell: "ReadOnlyCell") -> str:
        value, kind = cell.value, cell.data_type
        if kind == "f":
            return self._wrong(sheet, cell, "is a formula, where a value is due", "paste its value in its place")
        if kind == "e":
            return self._wrong(sheet, cell, f"holds the error {value}", "put the value in its place")
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return number_text(float(value) if isinstance(value, float) else value)
        if isinstance(value, date | datetime | time | timedelta):
            remedy = "format the column as a number and type it again; a year is a plain number such as 2027"
            return self._wrong(sheet, cell, "is a date", remedy)
        text = _unescaped(str(value))
        if len(text) > LONGEST_CELL:
            what = f"holds {len(text):,} characters; a cell holds {LONGEST_CELL:,} at most"
            return self._wrong(sheet, cell, what, "shorten it")
        return trimmed(text) if sheet not in EMPTY_YAML else text

    def _wrong(self, sheet: str, cell: "ReadOnlyCell", what: str, remedy: str) -> str:
        value = cell.value
        text = str(getattr(value, "text", value) if cell.data_type == "f" else value)  # an array's formula is an object
        self.findings.append(Finding("error", sheet, cell.row - 1, "", text, what, remedy, cell.coordinate))
        return text

    def _lines(self, name: str, records: Sequence[Sequence[str]]) -> str:
        """The YAML text of a sheet: one line a row, in column A."""
        lines = []
        for number, record in enumerate(records, start=1):
            lines.append(record[0].rstrip("\r\n") if record else "")
            if any(record[1:]):
                what, remedy = "text beside column A", "write the whole line in column A"
                self.findings.append(Finding("error", name, None, "", "", what, remedy, f"row {number}"))
        while lines and not lines[-1]:
            lines.pop()
        return "".join(f"{line}\n" for line in lines)

    def _table(self, name: str, records: list[list[str]]) -> RawTable | None:
        table = data_tables()[name]
        header = [_column_name(text) for text in records[0]] if records else []
        width = len(header)
        self.places[name] = {
            column: _letter(index) for index, column in reversed(list(enumerate(header))) if column in table.names
        }
        rows = [[] if record and record[0].startswith(EXAMPLE) else record for record in records[1:]]
        padded = [record + [""] * (width - len(record)) for record in rows]
        sound = [self._beside(name, number, record, width) for number, record in enumerate(padded, start=2)]
        return table_of_records([header, *sound], table, self.findings)

    def _beside(self, name: str, number: int, record: list[str], width: int) -> list[str]:
        """The cells under the header; text to the right of it is a finding."""
        for index, text in enumerate(record[width:], start=width):
            if text:
                what, remedy = "stands in a column without a name", "name the column in row 1, or remove the cell"
                cell = f"{_letter(index)}{number}"
                self.findings.append(Finding("error", name, None, "", text, what, remedy, cell))
        return record[:width]


def _column_name(text: str) -> str:
    """The name in a header cell, its unit in brackets left out."""
    hit = HEAD.fullmatch(text)
    return hit.group(1) if hit else text


def _letter(index: int) -> str:
    """The letters of a column, from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ---- writing -----------------------------------------------------------------------------------------------------


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
                letter = _letter(list(self.sheets[target][0]).index(key))
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
        letter = _letter(len(self.long_lists) - 1)
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
