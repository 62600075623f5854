"""Reading a workbook of data: every cell as text; what is no value is a finding that names sheet and cell."""

import pathlib
import re
import warnings
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from data.dictionary import NEEDED_TABLES, data_tables
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
from data.sheets import guard
from data.sheets.layout import EMPTY_YAML, EXAMPLE, LONGEST_CELL, MOST_ROWS, READ_ME, column_letter

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell

MOST_COLUMNS = 16_384
MOST_STRANGE = 40  # columns of a head that are no columns of the table, before the rest is not looked at
SPARE_COLUMNS = 8  # looked at to the right of the head, for what stands beside the table
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
HEAD = re.compile(r"(\S+)\s*\[.*\]", re.DOTALL)


def read_source(path: pathlib.Path) -> RawData:
    """The raw tables of a data set, a folder or a workbook; what can't be read is a finding, never an exception."""
    return read_book(path) if path.is_file() else read_folder(path)


def read_book(path: pathlib.Path) -> RawData:
    """Every table and the two YAML texts of a workbook; each finding names the sheet and the cell."""
    seen = guard.look(path)
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
        return RawData(findings=(error(path.name, what, f"{guard.SAVE_AS} again"),))


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

    def __init__(self, book: Any, seen: guard.Look) -> None:
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
                span = "-".join(dict.fromkeys([column_letter(first - 1), column_letter(min(last, MOST_COLUMNS) - 1)]))
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
            column: column_letter(index) for index, column in reversed(list(enumerate(header))) if column in table.names
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
                cell = f"{column_letter(index)}{number}"
                self.findings.append(Finding("error", name, None, "", text, what, remedy, cell))
        return record[:width]


def _column_name(text: str) -> str:
    """The name in a header cell, its unit in brackets left out."""
    hit = HEAD.fullmatch(text)
    return hit.group(1) if hit else text
