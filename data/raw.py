"""Reading text: a folder of CSV files becomes tables of text cells with their row numbers, nothing interpreted yet.

A workbook is another source of the same raw tables; everything after this step is the same for both.
"""

import csv
import io
import math
import pathlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.dictionary import NEEDED_TABLES, Table, data_tables
from data.findings import Finding, error, nearest, suggestion

MOST_BYTES = 200_000_000
SPECIAL = frozenset(',"\r\n')  # letters for which a cell of a CSV file stands in quotes
SETTINGS_FILE = "dataset.yaml"
SCENARIOS_FILE = "scenarios.yaml"


@dataclass(frozen=True)
class RawTable:
    """A table as typed: the text cells of each known column, and each row's number in its source (from 1)."""

    name: str
    cells: Mapping[str, Sequence[str]]
    rows: Sequence[int]


@dataclass(frozen=True)
class RawData:
    """All that a source holds, as text.

    `broken` names the tables that could not be read. `places` are a workbook's: table -> column -> its letter; a row
    of the table stands one further down on its sheet.
    """

    tables: Mapping[str, RawTable] = field(default_factory=dict)
    settings: str | None = None
    scenarios: str | None = None
    broken: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def placed(findings: Iterable[Finding], places: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Findings with the cell of the workbook that they speak of; what is said of a cell already is not said again."""
    if not places:
        return list(findings)
    kept, known = [], set()
    for finding in sorted(findings, key=lambda item: not item.cell):
        if finding.table in places and finding.row is not None and not finding.cell:
            letter = places[finding.table].get(finding.column)
            cell = f"{letter}{finding.row + 1}" if letter else f"row {finding.row + 1}"
            if (finding.table, cell) in known:
                continue
            finding = replace(finding, cell=cell)
        elif finding.cell:
            known.add((finding.table, finding.cell))
        kept.append(finding)
    return kept


def number_text(value: object) -> str:
    """A number in its shortest exact form."""
    if isinstance(value, float):
        if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
            return str(int(value))
        return repr(value)
    return str(value)


def csv_text(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """The text of a CSV file as this program writes it.

    Quoting is done here: the writer of Python before 3.11.9 leaves a carriage return without quotes.
    """
    return "".join(_line([*row]) for row in [header, *rows])


def _line(cells: Sequence[str]) -> str:
    """A row as a line; most need no quotes, which is seen on the whole line faster than cell by cell."""
    line = ",".join(cells)
    if line.count(",") >= len(cells) or '"' in line or "\r" in line or "\n" in line:
        line = ",".join(map(_quoted, cells))
    return line + "\n"


def _quoted(text: str) -> str:
    if SPECIAL.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def write_folder(raw: RawData, folder: pathlib.Path) -> None:
    """Write raw tables as a CSV folder, cell by cell as they are; a data set that is there gives way once it is whole.

    What is no file of a data set stays where it is.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as place:
        fresh = pathlib.Path(place)
        for name, table in raw.tables.items():
            text = csv_text(table.cells, zip(*table.cells.values(), strict=True))
            (fresh / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
        for name, content in ((SETTINGS_FILE, raw.settings), (SCENARIOS_FILE, raw.scenarios)):
            if content is not None:
                (fresh / name).write_text(content, encoding="utf-8", newline="\n")
        folder.mkdir(exist_ok=True)
        for file in [*(f"{name}.csv" for name in data_tables()), SETTINGS_FILE, SCENARIOS_FILE]:
            (folder / file).unlink(missing_ok=True)
        for made in sorted(fresh.iterdir()):
            shutil.copyfile(made, folder / made.name)


def read_folder(path: pathlib.Path) -> RawData:
    """Every table and the two YAML files of a folder; what can't be read is a finding, never an exception."""
    if not path.is_dir():
        what = "is a file, not a data set folder" if path.exists() else "does not exist"
        return RawData(findings=(error(str(path), what, "name a folder with dataset.yaml and the CSV tables"),))
    if (path / "plan.json").exists() and not (path / SETTINGS_FILE).exists():
        return RawData(findings=(error(str(path), "is the folder of a plan", "name a data set, such as its dataset/"),))
    findings: list[Finding] = []
    tables: dict[str, RawTable] = {}
    broken = set()
    for name, file in _table_files(path, findings).items():
        table = _read_table(file, data_tables()[name], findings)
        if table is None:
            broken.add(name)
        else:
            tables[name] = table
    for name in sorted(set(NEEDED_TABLES) - set(tables) - broken):
        broken.add(name)
        findings.append(error(name, f"the table is missing: no file {name}.csv", "add the file; see docs/data.md"))
    settings = _read_text(path / SETTINGS_FILE, SETTINGS_FILE, findings)
    scenarios = None
    if (path / SCENARIOS_FILE).exists():
        scenarios = _read_text(path / SCENARIOS_FILE, SCENARIOS_FILE, findings)
    return RawData(tables, settings, scenarios, frozenset(broken), tuple(findings))


def _table_files(path: pathlib.Path, findings: list[Finding]) -> dict[str, pathlib.Path]:
    known = data_tables()
    files = {}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() != ".csv" or file.name.startswith("."):
            continue
        if file.stem in known and file.suffix == ".csv":
            files[file.stem] = file
        else:
            near = nearest(file.stem, known)
            remedy = f"did you mean {near}.csv?" if near else "remove the file; docs/data.md lists the tables"
            findings.append(error(file.name, "no table of that name", remedy))
    return files


def _read_text(file: pathlib.Path, name: str, findings: list[Finding]) -> str | None:
    """The text of a UTF-8 file, or None and a finding."""
    if not file.exists():
        findings.append(error(name, "the file is missing", "add it; docs/data.md shows one"))
        return None
    if not file.is_file():
        findings.append(error(name, "is not a file", "put a text file in its place"))
        return None
    try:
        size = file.stat().st_size
        if size >= MOST_BYTES:
            remedy = f"keep it under {MOST_BYTES // 1_000_000} MB"
            findings.append(error(name, f"has {size / 1e6:.0f} MB; so large a file is refused", remedy))
            return None
        content = file.read_bytes()
    except OSError as problem:
        findings.append(error(name, f"can't be read: {problem.strerror}", "check the file and its permissions"))
        return None
    return _decode(content, name, findings)


def _decode(content: bytes, name: str, findings: list[Finding]) -> str | None:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        findings.append(error(name, "wrong encoding: UTF-16 (byte 1, line 1)", "save it as UTF-8"))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        at = problem.start
        line = content.count(b"\n", 0, at) + 1
        what = f"wrong encoding: byte {at + 1} in line {line} (0x{content[at]:02x}) is not UTF-8"
        findings.append(error(name, what, "save it as UTF-8"))
        return None
    if "\0" in text:
        at = text.index("\0")
        line = text.count("\n", 0, at) + 1
        findings.append(error(name, f"a NUL byte in line {line}", "save it as plain UTF-8 text"))
        return None
    return text


def _read_table(file: pathlib.Path, table: Table, findings: list[Finding]) -> RawTable | None:
    text = _read_text(file, table.name, findings)
    if text is None:
        return None
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as problem:
        what = f"not readable as CSV after row {max(0, len(records) - 1)}: {problem}"
        findings.append(error(table.name, what, "close every quote and separate cells by commas"))
        return None
    return table_of_records(records, table, findings)


def trimmed(cell: str) -> str:
    """A cell without the blanks around it; a carriage return stays, since it makes another text of an id."""
    return cell.strip() if "\r" not in cell else cell.strip(" \t\n\xa0")


def table_of_records(records: Sequence[Sequence[str]], table: Table, findings: list[Finding]) -> RawTable | None:
    """A raw table from records of text, the first being the header; None where no header can be made out."""
    header = [name.strip() for name in records[0]] if records else []
    if not any(header):
        remedy = f"begin with the header {','.join(table.names)}"
        findings.append(error(table.name, "the file is empty: not even a header", remedy))
        return None
    width = len(header)
    rows: list[int] = []
    kept: list[Sequence[str]] = []
    for number, record in enumerate(records[1:], start=1):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) < width or any(cell.strip() for cell in record[width:]):
            what = f"the row has {len(record)} cells, the header {width}"
            remedy = "give one cell a column; put a text with a comma in quotes"
            findings.append(error(table.name, what, remedy, row=number))
            continue
        rows.append(number)
        kept.append(record)
    columns = [list(map(trimmed, column)) for column in zip(*kept, strict=False)]
    cells = _known_columns(header, columns or [[] for _ in header], table, findings)
    missing = [column.name for column in table.columns if column.key and column.required and column.name not in cells]
    for name in missing:
        findings.append(error(table.name, "the key column is missing", f"add the column {name}", column=name))
    return None if missing else RawTable(table.name, cells, rows)


def _known_columns(
    header: list[str], columns: list[list[str]], table: Table, findings: list[Finding]
) -> dict[str, list[str]]:
    cells: dict[str, list[str]] = {}
    for name, column in zip(header, columns, strict=False):
        if name in cells:
            findings.append(error(table.name, "the column stands twice", "keep one of them", column=name))
        elif name in table.names:
            cells[name] = column
        elif name or any(column):
            remedy = "separate columns by commas" if ";" in name else suggestion(name, table.names)
            findings.append(error(table.name, "no column of that name", remedy, column=name or "(no name)"))
    return cells
