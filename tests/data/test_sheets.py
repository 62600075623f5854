"""Data as a workbook: loss-free both ways, errors with sheet and cell, and nothing that a hostile file could do."""

from __future__ import annotations

import shutil
import subprocess
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.checks import examine, findings
from data.dataset import load
from data.dictionary import data_tables
from data.exchange import ExchangeError, exchange, write_empty
from data.findings import DataError
from data.raw import RawData, RawTable, read_folder, write_folder
from data.sheets.layout import EXAMPLE, READ_ME
from data.sheets.reading import read_book
from data.sheets.writing import SheetError, write_book, write_template
from tests import hostile_books
from tests.command import drive5
from tests.small_data import small_folder

ROOT = Path(__file__).resolve().parents[2]
ALLIANCE, TINY = ROOT / "data" / "alliance", ROOT / "data" / "tiny"
FILES = ("*.csv", "*.yaml")


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for pattern in FILES for file in folder.glob(pattern)}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("book") / "tiny.xlsx"
    exchange(TINY, target)
    return target


@pytest.mark.parametrize("source", [ALLIANCE, TINY], ids=["alliance", "tiny"])
def test_a_folder_that_went_through_a_workbook_is_the_same_to_the_byte(source: Path, tmp_path: Path) -> None:
    exchange(source, tmp_path / "there.xlsx")
    exchange(tmp_path / "there.xlsx", tmp_path / "back")
    assert content(tmp_path / "back") == content(source)


def test_a_workbook_is_a_data_set_as_it_is(good: Path) -> None:
    assert load(good).sha256 == load(TINY).sha256
    # The same findings; a workbook's name their cell, too.
    assert [replace(one, cell="") for one in findings(good)] == findings(TINY)


def test_the_same_data_give_the_same_bytes(good: Path, tmp_path: Path) -> None:
    exchange(TINY, tmp_path / "tiny.xlsx")
    assert (tmp_path / "tiny.xlsx").read_bytes() == good.read_bytes()


def test_the_reference_set_is_written_and_read(tmp_path: Path) -> None:
    exchange(ALLIANCE, tmp_path / "alliance.xlsx")
    assert not read_book(tmp_path / "alliance.xlsx").findings


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40).map(str.strip)
numbers = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers(-(10**12), 10**12).map(str)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, numbers, cells), max_size=6), yaml=st.lists(cells, max_size=4))
def test_any_text_and_any_number_comes_back(tmp_path: Path, rows: list[tuple[str, str, str]], yaml: list[str]) -> None:
    """Formulas, quotes, spaces, _x0041_, 17-digit numbers: all as they were."""
    columns = list(zip(*((f"a{n}", *row) for n, row in enumerate(rows)), strict=True)) or [()] * 4
    table = RawTable(
        "areas", dict(zip(("area", "name", "weight", "unit"), columns, strict=True)), range(1, len(rows) + 1)
    )
    text = "".join(f"{line}\n" for line in [*yaml, "name: x"])
    write_book(RawData({"areas": table}, text), tmp_path / "any.xlsx")
    back = read_book(tmp_path / "any.xlsx")
    assert back.settings == text
    for name, cells_before in table.cells.items():
        again = list(back.tables["areas"].cells[name])
        if name == "weight":
            assert [float(cell) for cell in again] == [float(cell) for cell in cells_before]
        else:
            assert again == list(cells_before)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "_x0041_", "http://x.example", "007"])
def test_text_stays_text(text: str, tmp_path: Path) -> None:
    table = RawTable("areas", {"area": ["a"], "name": [text]}, [1])
    write_book(RawData({"areas": table}, "name: x\n"), tmp_path / "text.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "text.xlsx")["areas"]["B2"]
    assert cell.data_type == "s"
    assert read_book(tmp_path / "text.xlsx").tables["areas"].cells["name"] == [text]


@pytest.mark.parametrize(
    ("cell", "what"), [("x" * 40_000, "32,767"), ("bell\a", "no one can read")], ids=["too long", "control"]
)
def test_what_no_workbook_keeps_is_refused_and_nothing_written(cell: str, what: str, tmp_path: Path) -> None:
    table = RawTable("areas", {"area": ["a"], "name": [cell]}, [1])
    with pytest.raises(SheetError, match=what):
        write_book(RawData({"areas": table}, "name: x\n"), tmp_path / "long.xlsx")
    assert list(tmp_path.iterdir()) == []


# ---- the template ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("template") / "empty.xlsx"
    write_template(target)
    return target


def test_the_template_has_every_sheet_units_help_drop_downs_and_an_example(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    assert [name for name in book.sheetnames if name in data_tables()] == list(data_tables())
    assert {READ_ME, "dataset.yaml", "scenarios.yaml"} <= set(book.sheetnames)
    for name, table in data_tables().items():
        sheet = book[name]
        assert [str(cell.value).split("\n")[0] for cell in sheet[1]] == table.names
        assert str(sheet["A2"].value).startswith(EXAMPLE)
        assert sheet.protection.sheet
        helped = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
        assert len(helped) == len(table.columns)
        assert all(rule.prompt and len(rule.prompt) <= 255 for rule in helped.values())
    assert book["economy"]["C1"].value == "gdp\n[million a year]"
    lists = {str(rule.sqref): rule for rule in book["programmes"].data_validations.dataValidation}
    assert next(rule for place, rule in lists.items() if place.startswith("E2")).formula1.count(",") == 4
    area = next(rule for place, rule in lists.items() if place.startswith("C2"))
    assert area.formula1.lstrip("=").startswith("'areas'!$A$2") or "areas" in area.formula1


def test_examples_are_not_read(template: Path) -> None:
    raw = read_book(template)
    assert raw.findings == ()
    assert all(not table.rows for table in raw.tables.values())
    assert "the table has no row" in " ".join(map(str, findings(template)))


def test_a_filled_template_is_a_data_set(template: Path, tmp_path: Path) -> None:
    """Tiny's rows typed under the example rows: the same data."""
    book = openpyxl.load_workbook(template)
    for name, table in read_folder(TINY).tables.items():
        heads = {str(cell.value).split("\n")[0]: cell.column for cell in book[name][1]}
        for column, cells_ in table.cells.items():
            numeric = data_tables()[name].column(column).numeric
            for row, text in enumerate(cells_, start=3):
                if text:
                    book[name].cell(row, heads[column]).value = float(text) if numeric else text
    del book["dataset.yaml"], book["scenarios.yaml"]
    for name in ("dataset.yaml", "scenarios.yaml"):
        sheet = book.create_sheet(name)
        for line in (TINY / name).read_text().splitlines():
            sheet.append([line])
    book.save(tmp_path / "filled.xlsx")
    known, found = examine(tmp_path / "filled.xlsx")
    assert known is not None, found[:3]
    assert known.sha256 == load(TINY).sha256


def test_keys_that_are_there_are_locked_and_new_rows_are_not(good: Path) -> None:
    sheet = openpyxl.load_workbook(good)["programmes"]
    assert sheet["A2"].protection.locked
    assert not sheet["G2"].protection.locked
    assert not sheet.column_dimensions["A"].protection.locked if sheet.column_dimensions["A"].protection else True
    assert sheet.protection.sheet


def test_a_sheet_of_ones_own_is_left_alone(good: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(good)
    book.create_sheet("_notes")["A1"] = "=1+1"
    book.save(tmp_path / "own.xlsx")
    assert load(tmp_path / "own.xlsx").sha256 == load(TINY).sha256


# ---- errors name sheet and cell ----------------------------------------------------------------------------------


def said(path: Path) -> str:
    known, found = examine(path)
    assert known is None
    text = "\n".join(str(finding) for finding in found if finding.level == "error")
    assert "Traceback" not in text
    return text


def test_a_formula_where_a_value_is_due(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "f.xlsx", "programmes", lambda s: s.__setitem__("G2", "=1+1"))
    assert said(path) == (
        "error: sheet programmes, cell G2 '=1+1': is a formula, where a value is due; paste its value in its place"
    )


def test_a_wrong_type_is_named_once_with_its_cell(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "t.xlsx", "programmes", lambda s: s.__setitem__("G3", "cheap"))
    assert said(path).startswith("error: sheet programmes, cell G3, unit_cost 'cheap': is not a number;")
    assert len(said(path).splitlines()) == 1


def test_a_date_is_no_year(good: Path, tmp_path: Path) -> None:
    from datetime import date

    path = hostile_books.changed(good, tmp_path / "d.xlsx", "economy", lambda s: s.__setitem__("B2", date(2027, 1, 1)))
    assert "sheet economy, cell B2 '2027-01-01 00:00:00': is a date" in said(path)


def test_an_error_value_is_no_number(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "e.xlsx", "economy", lambda s: s.__setitem__("C2", "#REF!"))
    assert "sheet economy, cell C2 '#REF!': holds the error #REF!" in said(path)


def test_merged_cells(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "m.xlsx", "economy", lambda s: s.merge_cells("A2:A3"))
    assert "sheet economy, cell A2: cells A2:A3 are merged; split them" in said(path)


def test_a_formula_over_several_cells_is_shown_as_it_stands(good: Path, tmp_path: Path) -> None:
    from openpyxl.worksheet.formula import ArrayFormula

    formula = ArrayFormula("C2:C3", "=B2:B3*2")
    path = hostile_books.changed(good, tmp_path / "a.xlsx", "economy", lambda s: s.__setitem__("C2", formula))
    assert "sheet economy, cell C2 '=B2:B3*2': is a formula" in said(path)


def test_a_cell_longer_than_a_workbook_allows(good: Path, tmp_path: Path) -> None:
    part = "xl/sharedStrings.xml"
    with zipfile.ZipFile(good) as source:
        text = source.read(part).replace(b"Poland", b"Poland" + b"x" * 40_000)
    long = hostile_books.with_parts(good, tmp_path / "long.xlsx", {part: text})
    assert "holds 40,006 characters; a cell holds 32,767 at most; shorten it" in said(long)


def test_a_renamed_sheet(good: Path, tmp_path: Path) -> None:
    path = hostile_books.renamed(good, tmp_path / "r.xlsx", "economy", "Economy 2027")
    assert "sheet Economy 2027: no table of that name; did you mean economy?" in said(path)
    assert "economy: the table is missing: no sheet economy" in said(path)


def test_a_cell_beside_the_table(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "b.xlsx", "economy", lambda s: s.__setitem__("H4", "see mail"))
    assert "sheet economy, cell H4 'see mail': stands in a column without a name" in said(path)


def test_an_unknown_reference_is_found_in_its_cell(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "u.xlsx", "effects", lambda s: s.__setitem__("A2", "nothing"))
    assert "sheet effects, cell A2, programme 'nothing'" in said(path)


# ---- hostile files -----------------------------------------------------------------------------------------------

LINK = b'<?xml version="1.0"?><externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
WRONG = {
    "macros": (lambda good, to: hostile_books.with_parts(good, to, {"xl/vbaProject.bin": b"macro"}), "holds macros"),
    "links": (
        lambda good, to: hostile_books.with_parts(good, to, {"xl/externalLinks/externalLink1.xml": LINK}),
        "holds links to other workbooks",
    ),
    "connections": (
        lambda good, to: hostile_books.with_parts(good, to, {"xl/connections.xml": LINK}),
        "holds connections to outside data",
    ),
    "bomb": (lambda good, to: hostile_books.bomb(to, good), "zip bomb"),
    "laughs": (hostile_books.laughs, "declares entities"),
    "hidden": (hostile_books.hidden, "part xl/worksheets/sheet2.xml is not in UTF-8"),
    "twice": (hostile_books.twice, "has two sheets named targets"),
    "text": (lambda good, to: to.write_text("nation,name"), "it does not begin as one"),
    "locked": (lambda good, to: to.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "locked workbook"),
    "half": (lambda good, to: to.write_bytes(good.read_bytes()[:9000]), "can't be unpacked"),
    "no book": (lambda good, to: _zip(to, {"a.txt": b"a"}), "is a zip, but no workbook"),
    "broken part": (
        lambda good, to: hostile_books.with_parts(good, to, {"xl/workbook.xml": b"<workbook><sheets>"}),
        "can't be unpacked",
    ),
    "broken sheet": (
        lambda good, to: hostile_books.with_parts(good, to, {"xl/worksheets/sheet5.xml": b"<worksheet><sheetData>"}),
        "can't be read as a workbook",
    ),
}  # fmt: skip


def _zip(target: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(target, "w") as made:
        for name, part in parts.items():
            made.writestr(name, part)


@pytest.mark.parametrize("name", list(WRONG))
def test_a_hostile_workbook_gives_one_clear_error_and_nothing_else(name: str, good: Path, tmp_path: Path) -> None:
    make, what = WRONG[name]
    path = tmp_path / "hostile.xlsx"
    make(good, path)
    begun = time.perf_counter()
    result = drive5("convert", path, tmp_path / "out")
    assert time.perf_counter() - begun < 20
    assert result.exit_code == 3
    lines = result.stderr.splitlines()
    assert lines[0].startswith("error: hostile.xlsx: ")
    assert what in lines[0]
    assert len(lines) == 2
    assert sorted(item.name for item in tmp_path.iterdir()) == ["hostile.xlsx"]


def test_two_hundred_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    begun = time.perf_counter()
    assert "has 200 MB; so large a file is refused" in said(path)
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("suffix", [".xlsm", ".xls", ".xlsb", ".ods"])
def test_other_kinds_of_workbook_are_named(suffix: str, good: Path, tmp_path: Path) -> None:
    path = shutil.copyfile(good, tmp_path / f"book{suffix}")
    assert "save it as an Excel workbook (.xlsx)" in said(path)


def test_a_sheet_that_claims_to_be_endless_is_read_as_it_is(good: Path, tmp_path: Path) -> None:
    import zipfile

    part = "xl/worksheets/sheet4.xml"
    with zipfile.ZipFile(good) as book:
        text = book.read(part).decode()
    start = text.index('<dimension ref="')
    claimed = text[:start] + '<dimension ref="A1:XFD1048576' + text[text.index('"', start + 17) :]
    path = hostile_books.with_parts(good, tmp_path / "endless.xlsx", {part: claimed.encode()})
    assert load(path).sha256 == load(TINY).sha256


# ---- the commands ------------------------------------------------------------------------------------------------


def test_convert_says_what_it_wrote(tmp_path: Path) -> None:
    result = drive5("convert", TINY, tmp_path / "t.xlsx")
    assert result.exit_code == 0
    assert result.stdout.strip().endswith("t.xlsx: 28 tables, 177 rows")


def test_convert_takes_no_place_of_something_else(good: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("mine")
    assert drive5("convert", good, tmp_path / "notes").exit_code == 2
    assert drive5("convert", good, good).exit_code == 2
    assert drive5("convert", good, tmp_path / "x.xlsm").exit_code == 2
    with pytest.raises(ExchangeError, match="is a file"):
        exchange(good, tmp_path / "notes" / "diary.txt")


def test_convert_over_an_older_data_set_leaves_none_of_its_tables(good: Path, tmp_path: Path) -> None:
    small_folder(tmp_path / "out")
    (tmp_path / "out" / "prior_plan.csv").write_text("nation,programme,channel,year,units,unit_price,value\n")
    (tmp_path / "out" / "README.txt").write_text("mine")
    exchange(good, tmp_path / "out")
    assert content(tmp_path / "out") == content(TINY)
    assert (tmp_path / "out" / "README.txt").read_text() == "mine"


def test_bad_data_are_not_converted(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "bad")
    (tmp_path / "bad" / "economy.csv").write_text("nation,year\nDEU,never\n")
    with pytest.raises(DataError):
        exchange(tmp_path / "bad", tmp_path / "bad.xlsx")
    assert not (tmp_path / "bad.xlsx").exists()


def test_the_template_takes_nobodys_place(tmp_path: Path) -> None:
    assert drive5("template", tmp_path / "t.xlsx").exit_code == 0
    assert drive5("template", tmp_path / "t.xlsx").exit_code == 2
    with pytest.raises(ExchangeError, match="ends in"):
        write_empty(tmp_path / "t")


def test_check_shows_the_cell(good: Path, tmp_path: Path) -> None:
    path = hostile_books.changed(good, tmp_path / "c.xlsx", "programmes", lambda s: s.__setitem__("G3", "cheap"))
    result = drive5("check", path)
    assert result.exit_code == 3
    assert "cell G3" in result.output


def test_tiny_solves_from_a_workbook(good: Path, tmp_path: Path) -> None:
    result = drive5("solve", good, "--out", tmp_path / "plan", "--quiet")
    assert result.exit_code in (0, 5)
    assert load(tmp_path / "plan" / "dataset").sha256 == load(TINY).sha256


# ---- LibreOffice -------------------------------------------------------------------------------------------------


@pytest.mark.libreoffice
def test_edited_in_libreoffice_it_comes_back_with_the_edit_alone(soffice: str, tmp_path: Path) -> None:
    """The workbook goes into LibreOffice's own form, one price is changed there, and LibreOffice writes it back."""
    exchange(ALLIANCE, tmp_path / "a.xlsx")

    def convert(kind: str, source: Path) -> None:
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [soffice, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=240)

    convert("fods", tmp_path / "a.xlsx")
    text = (tmp_path / "a.fods").read_text(encoding="utf-8")
    start = text.index('office:value="', text.index('table:name="programmes"')) + len('office:value="')
    before = text[start : text.index('"', start)]
    (tmp_path / "edit.fods").write_text(
        text[:start] + "123.456" + text[text.index('"', start) :], encoding="utf-8", newline="\n"
    )
    convert("xlsx", tmp_path / "edit.fods")
    raw = read_book(tmp_path / "edit.xlsx")
    assert raw.findings == ()
    write_folder(raw, tmp_path / "back")
    back, source = content(tmp_path / "back"), content(ALLIANCE)
    old, new = (part.pop("programmes.csv").decode().splitlines() for part in (source, back))
    assert back == source
    changed = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    assert len(changed) == 1
    assert changed[0][1] == changed[0][0].replace(f",{before},", ",123.456,")
