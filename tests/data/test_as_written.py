"""Ids and texts are what was typed: none turns into another on its way in, through a copy, or through a workbook."""

import pathlib
import re
import time
import zipfile

import pytest
import yaml

from data import checks
from data.dataset import load, write
from data.dictionary import data_tables
from data.exchange import exchange
from data.levers import apply
from data.raw import RawData, RawTable, csv_text
from data.settings import read_scenarios, read_settings
from data.sheets.writing import SheetError, write_book
from data.typed import CellError, read_value
from tests.data.test_checks import found, say
from tests.small_data import DATASET_YAML, TABLES, edited, small_folder

# What YAML 1.1 or pandas takes for something else: a flag, a number in another base, a time, nothing.
ODD_IDS = [
    "NO",
    "on",
    "2027_28",
    "0123",
    "1e3",
    "0x10",
    "None",
    "NULL",
    "null",
    "~x",
    "NA",
    "0b11",
    ".5",
    "2027-01-01",
    "<<",
]


def renamed(old: str, new: str) -> dict[str, str]:
    """Every table with an id written otherwise."""
    return {name: text.replace(f"{old},", f"{new},").replace(f",{old}\n", f",{new}\n") for name, text in TABLES.items()}


@pytest.mark.parametrize("name", ODD_IDS)
def test_a_scenario_finds_the_row_of_an_id_as_written(name: str, tmp_path: pathlib.Path):
    text = f"{name}: {{overrides: [{{table: lines, where: {{line: {name}}}, column: ramp, set: 7}}]}}\n"
    dataset = load(small_folder(tmp_path, **renamed("l1", name), scenarios_yaml=text))
    lines = apply(dataset, name).dataset.tables["lines"].set_index("line")
    assert lines.loc[name, "ramp"] == 7
    assert lines.drop(index=name)["ramp"].tolist() == [float("inf")]


@pytest.mark.parametrize("name", ODD_IDS)
def test_an_id_survives_a_copy_and_a_workbook(name: str, tmp_path: pathlib.Path):
    dataset = load(small_folder(tmp_path / "small", **renamed("l1", name), scenarios_yaml=None))
    write(dataset, tmp_path / "copy")
    exchange(tmp_path / "copy", tmp_path / "book.xlsx")
    exchange(tmp_path / "book.xlsx", tmp_path / "again")
    for place in ("copy", "book.xlsx", "again"):
        assert load(tmp_path / place).sha256 == dataset.sha256, place


@pytest.mark.parametrize("name", [*ODD_IDS, "012:30", "nan", "12"])
def test_the_name_of_a_data_set_is_text_as_written(name: str):
    settings, findings = read_settings(DATASET_YAML.replace("name: small", f"name: {name}"))
    assert settings is not None, findings
    assert settings.name == name


def test_what_a_scenario_sets_is_read_as_its_column_has_it(tmp_path: pathlib.Path):
    """Nothing (null, or no text) takes the default; a text column takes the text, a number the number."""
    text = """\
s:
  overrides:
  - {table: programmes, where: {programme: sam}, column: standard, set: 012:30}
  - {table: programmes, where: {programme: sam}, column: lead_years, set: 02}
  - {table: lines, where: {line: l1}, column: ramp, set: null}
  - {table: nations, where: {nation: DEU}, column: eu, set: off}
  - {table: areas, where: {area: iamd}, column: standard, set: }
"""
    tables = apply(load(small_folder(tmp_path, scenarios_yaml=text)), "s").dataset.tables
    sam = tables["programmes"].set_index("programme").loc["sam"]
    assert (sam["standard"], sam["lead_years"]) == ("012:30", 2)
    assert tables["lines"].set_index("line").loc["l1", "ramp"] == float("inf")
    assert tables["nations"].set_index("nation").loc["DEU", "eu"] == 0
    assert tables["areas"].set_index("area").loc["iamd", "standard"] == ""


def test_levers_hold_values_not_ids(tmp_path: pathlib.Path):
    levers = "levers: {carry_over: 5e-2, loans: off, expansions: on, path_shape: front, fleet_strictness: 01}"
    dataset = load(small_folder(tmp_path, dataset_yaml=DATASET_YAML.replace("levers: {carry_over: 0.1}", levers)))
    assert dataset.settings.levers == {
        "carry_over": 0.05, "loans": False, "expansions": True, "path_shape": "front", "fleet_strictness": 1,
    }  # fmt: skip


HUGE = ["0x" + "F" * 5000, "9" * 5000, "1" + ":59" * 3000, "-1e" + "9" * 400]


PLACES = {
    "first_year": "first_year: {}\n", "urgency": "urgency: {{2027: {}}}\n", "a year of urgency": "urgency: {{{}: 1}}\n",
    "a lever": "levers: {{carry_over: {}}}\n", "beyond": "beyond: {{years: {}}}\n", "sponsor_max": "sponsor_max: {}\n",
    "severity": "severity: [{{above: 0, slope: {}}}]\n",
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_number_of_thousands_of_digits_is_an_error_not_a_defect(place: str, tmp_path: pathlib.Path):
    for number in HUGE:
        line = PLACES[place].format(number)
        kept = [row for row in DATASET_YAML.splitlines() if not row.startswith(line.split(":")[0] + ":")]
        findings = found(tmp_path, dataset_yaml="\n".join(kept) + f"\n{line}")
        assert [one for one in findings if one.level == "error" and one.table == "dataset.yaml"], number[:5]
        assert all(len(str(one)) < 600 for one in findings)


@pytest.mark.parametrize(
    "text",
    [
        "s: {{probability: {}}}\n",
        "s: {{levers: {{carry_over: {}}}}}\n",
        "s: {{overrides: [{{table: lines, where: {{line: {}}}, column: ramp, set: 1}}]}}\n",
        "s: {{overrides: [{{table: lines, where: {{line: l1}}, column: ramp, set: {}}}]}}\n",
        "s: {{overrides: [{{table: lines, where: {{line: l1}}, column: ramp, multiply: {}}}]}}\n",
    ],
)
def test_the_same_in_scenarios(text: str, tmp_path: pathlib.Path):
    for number in HUGE:
        findings = found(tmp_path, scenarios_yaml=text.format(number))
        assert [one for one in findings if one.level == "error" and one.table == "scenarios.yaml"], number[:5]
        assert all(len(str(one)) < 600 for one in findings)


@pytest.mark.parametrize("field", ["name", "marking", "currency", "description"])
@pytest.mark.parametrize(
    "text", ['"a\\ud800b"', '"a\\x01b"', '"a\\uffffb"', '"a\\ufdd0b"', '"a\\x7fb"', '"a\\U0001fffeb"', '"a\\x85b"']
)
def test_a_text_that_no_one_can_read_is_bad_data(field: str, text: str, tmp_path: pathlib.Path):
    rows = [row for row in DATASET_YAML.splitlines() if not row.startswith(f"{field}:")]
    findings = found(tmp_path, dataset_yaml="\n".join([*rows, f"{field}: {text}"]) + "\n")
    assert say(findings, "error", "dataset.yaml", field, "holds a ") or say(
        findings, "error", "dataset.yaml", "", "YAML"
    )


@pytest.mark.parametrize("text", ['""', "' '", '"\\t"', '"a\\nb"', "[small]"])
def test_a_name_is_one_line_with_something_in_it(text: str):
    settings, findings = read_settings(DATASET_YAML.replace("name: small", f"name: {text}"))
    assert settings is None
    assert findings


def test_what_can_be_read_may_stay():
    """Joined letters, no-break spaces and letters of other scripts are no control characters."""
    for name in ("Übersicht 2027", "計画", "แผน", "a\xa0b", "क्‍ष", "👩\u200d✈"):
        settings, findings = read_settings(DATASET_YAML.replace("name: small", f'name: "{name}"'))
        assert settings is not None, findings
        assert settings.name == name


CELLS = {
    "standard": ("programmes", "nato,sam,", "{},sam,"),
    "fleet_class": ("programmes", "nato,sam,", "nato,{},"),
    "region": ("nations", "0,NORTH_AMERICA", "0,{}"),
    "host": ("expansions", "DEU,0.4", "{},0.4"),
    "name": ("programmes", "Missile battery", "{}"),
    "agency": ("frames", "OCCAR", "{}"),
}


def refused(table: str, column: str, text: str, says: str) -> bool:
    with pytest.raises(CellError, match=says):
        read_value(data_tables()[table].column(column), text, None)
    return True


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#div/0!", "#NAME?", "####", "Err:502", "#VALUE!"])
def test_the_text_of_a_failed_formula_is_an_error_in_every_column(text: str):
    assert all(refused(table, column, text, "error of the spreadsheet") for column, (table, *_) in CELLS.items())
    assert refused("lines", "line", text, "error of the spreadsheet")


@pytest.mark.parametrize("text", ["nan", "NaN", "-nan"])
def test_nan_is_no_standard_and_no_id(text: str):
    assert all(refused(CELLS[column][0], column, text, "no number") for column in ("standard", "region", "host"))
    assert refused("lines", "line", text, "no number")
    assert read_value(data_tables()["lines"].column("name"), text, None) == text


@pytest.mark.parametrize("text", ["#N/A", "nan"])
@pytest.mark.parametrize("column", ["standard", "region"])
def test_check_says_where_it_stands(column: str, text: str, tmp_path: pathlib.Path):
    table, old, new = CELLS[column]
    findings = found(tmp_path, **{table: edited(table, old, new.format(text))}, rules=None, incompatible=None)
    assert say(findings, "error", table, column, "error of the spreadsheet|no number"), "\n".join(map(str, findings))


def test_a_hash_within_a_text_is_a_hash(tmp_path: pathlib.Path):
    names = edited("programmes", "Missile battery", "Battery #2 (error-free)")
    assert found(tmp_path, programmes=names) == []


@pytest.mark.parametrize("text", ["a\x01b", "a\uffffb", "a\x7fb", "a\x1b[31mb", "a\ufdd0b"])
@pytest.mark.parametrize("column", ["standard", "name"])
def test_a_cell_that_no_one_can_read_is_an_error(column: str, text: str, tmp_path: pathlib.Path):
    table, old, new = CELLS[column]
    findings = found(tmp_path, **{table: edited(table, old, new.format(text))})
    assert say(findings, "error", table, column, "no one can read")


# ---- line breaks in quotes, and the escapes of a workbook ---------------------------------------------------------

LINES = ["one\rtwo", "one\r\ntwo", "one\ntwo", "\rone", "one\r", 'say "hi"\r', "comma, and\rreturn"]
ESCAPES = ["x005F_", "a_x005F_b", "_x000D_", "_x0041_", "_x00", "__x0041__", "_X0041_"]


@pytest.mark.parametrize("name", [*LINES, *ESCAPES])
def test_a_name_survives_a_copy_and_a_workbook_to_the_letter(name: str, tmp_path: pathlib.Path):
    """Python before 3.11.9 writes a carriage return without quotes; openpyxl drops every x005F_."""
    rows = TABLES["areas"].replace("Air defence", '"' + name.replace('"', '""') + '"')
    folder = small_folder(tmp_path / "small")
    (folder / "areas.csv").write_text(rows, encoding="utf-8", newline="")
    dataset = load(folder)
    assert name.strip(" ") in set(dataset.tables["areas"]["name"]), dataset.tables["areas"]["name"].tolist()
    write(dataset, tmp_path / "copy")
    if "\n" in name and "\r" in name:
        return  # a workbook keeps line breaks, not the way in which a system writes them
    exchange(tmp_path / "copy", tmp_path / "book.xlsx")
    exchange(tmp_path / "book.xlsx", tmp_path / "again")
    for place in ("copy", "book.xlsx", "again"):
        assert load(tmp_path / place).sha256 == dataset.sha256, place


@pytest.mark.parametrize("text", ["stanag\r", "sta\rnag", "sta\nnag"])
def test_a_line_break_makes_no_other_standard(text: str, tmp_path: pathlib.Path):
    """`stanag` with a carriage return behind it would be a standard of its own, and cost an integration tax."""
    folder = small_folder(tmp_path)
    content = TABLES["programmes"].replace("nato,sam,", f'"{text}",sam,')
    (folder / "programmes.csv").write_text(content, encoding="utf-8", newline="")
    findings = checks.findings(folder)
    assert say(findings, "error", "programmes", "standard", "line break")


def test_the_same_in_a_workbook(tmp_path: pathlib.Path):
    exchange(small_folder(tmp_path / "small"), tmp_path / "book.xlsx")
    with_part(tmp_path / "book.xlsx", "xl/sharedStrings.xml", "<t>nato</t>", "<t>nato_x000D_</t>")
    findings = checks.findings(tmp_path / "book.xlsx")
    assert say(findings, "error", "programmes", "standard", "line break")


def with_part(book: pathlib.Path, part: str, old: str, new: str) -> None:
    """Change a part of a workbook as another program would have written it."""
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    texts = parts[part].decode()
    assert old in texts
    parts[part] = texts.replace(old, new, 1).encode()
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def sheet_part(book: pathlib.Path) -> str:
    """The part of the sheet of targets."""
    with zipfile.ZipFile(book) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        names = re.findall(r'<sheet [^>]*name="([^"]*)"', archive.read("xl/workbook.xml").decode())
    return sorted(sheets, key=lambda name: int(re.sub(r"\D", "", name)))[names.index("targets")]


@pytest.mark.parametrize("text", ["_x0041_x0042_", "_x005f_x0041_", "<r>bold</r>"])
def test_what_a_workbook_would_change_is_refused(text: str, tmp_path: pathlib.Path):
    table = RawTable("areas", {"area": ["a"], "name": [text]}, [1])
    with pytest.raises(SheetError, match="lost in a workbook"):
        write_book(RawData({"areas": table}, "name: x\n"), tmp_path / "text.xlsx")


def test_cells_are_quoted_where_they_must_be():
    assert csv_text(["a", "b"], [["x,y", 'q"q'], ["l\nl", "r\rr"], ["", " "]]) == (
        'a,b\n"x,y","q""q"\n"l\nl","r\rr"\n, \n'
    )


# ---- what a person does not see -----------------------------------------------------------------------------------


def hidden_book(folder: pathlib.Path, change: str) -> list[checks.Finding]:
    import openpyxl

    folder.mkdir(exist_ok=True)
    exchange(small_folder(folder / "small"), folder / "book.xlsx")
    book = openpyxl.load_workbook(folder / "book.xlsx")
    sheet = book["targets"]
    if change == "rows":
        sheet.row_dimensions[3].hidden = sheet.row_dimensions[5].hidden = True
    elif change == "flat row":
        pass
    elif change == "column":
        sheet.column_dimensions["D"].hidden = True
    elif change == "empty row":
        sheet.row_dimensions[400].hidden = True
    else:
        sheet.sheet_state = change
    book.save(folder / "book.xlsx")
    if change == "flat row":
        with_part(
            folder / "book.xlsx", sheet_part(folder / "book.xlsx"), '<row r="4"', '<row r="4" ht="0" customHeight="1"'
        )
    return checks.findings(folder / "book.xlsx")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("rows", "2 hidden rows with data, the first is row 3"),
        ("flat row", "1 hidden row with data, the first is row 4"),
        ("column", "column D.* with data is hidden"),
        ("hidden", "the sheet is hidden"),
        ("veryHidden", "the sheet is hidden"),
    ],
)
def test_what_is_hidden_in_a_workbook_is_told_and_used(change: str, says: str, tmp_path: pathlib.Path):
    findings = hidden_book(tmp_path, change)
    assert say(findings, "warning", "targets", "", says), "\n".join(map(str, findings))
    assert not [one for one in findings if one.level == "error"]
    assert load(tmp_path / "book.xlsx").sha256 == load(tmp_path / "small").sha256


def test_nothing_hidden_is_nothing_told(tmp_path: pathlib.Path):
    assert not [one for one in hidden_book(tmp_path, "empty row") if "hidden" in one.message]
    assert not [one for one in checks.findings(tmp_path / "small") if "hidden" in one.message]


# ---- rows and columns that a file claims to have ------------------------------------------------------------------

FAR = {
    "a row below all rows": '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>',
    "the last column there is": "".join(f'<row r="{i}"><c r="XFD{i}"><v>1</v></c></row>' for i in range(600, 1600)),
    "columns far to the right": "".join(f'<row r="{i}"><c r="ZZZ{i}"><v>1</v></c></row>' for i in range(600, 3600)),
}


@pytest.mark.parametrize("what", FAR)
def test_a_cell_far_from_the_table_takes_no_time_and_is_not_read(what: str, tmp_path: pathlib.Path):
    exchange(small_folder(tmp_path / "small"), tmp_path / "book.xlsx")
    with_part(tmp_path / "book.xlsx", sheet_part(tmp_path / "book.xlsx"), "</sheetData>", FAR[what] + "</sheetData>")
    begun = time.process_time()
    assert load(tmp_path / "book.xlsx").sha256 == load(tmp_path / "small").sha256
    assert time.process_time() - begun < 10


# ---- what check calls clean is solved ------------------------------------------------------------------------------

NOBODY = "levers: {nation_out.DEU: on, nation_out.POL: on, nation_out.USA: on}"


def test_levers_that_leave_nobody_are_bad_data_where_the_data_set_has_them(tmp_path: pathlib.Path):
    findings = found(tmp_path, dataset_yaml=DATASET_YAML.replace("levers: {carry_over: 0.1}", NOBODY))
    assert say(findings, "error", "dataset.yaml", "levers", "leave no nation")


@pytest.mark.parametrize(
    "spec",
    [
        "{overrides: [{table: economy, column: gdp, multiply: -3}]}",
        "{overrides: [{table: economy, column: gdp, multiply: 1e300}]}",
        "{overrides: [{table: economy, column: gdp, multiply: 1e-40}]}",
        "{overrides: [{table: programmes, column: cost_growth, set: 9}], levers: {price_growth_shift: 0.5}}",
        "{overrides: [{table: pipeline, column: built, set: 5}]}",
        "{levers: {nation_out.DEU: on, nation_out.POL: on, nation_out.USA: on}}",
        "{levers: {core_year: 2040}}",
        "{overrides: [{table: budget_path, column: gdp_share, multiply: 60}]}",
    ],
)
def test_a_scenario_that_makes_bad_data_is_an_error_of_the_scenario(spec: str, tmp_path: pathlib.Path):
    findings = found(tmp_path, scenarios_yaml=f"bad: {spec}\ngood: {{levers: {{growth_shift: 0.01}}}}\n")
    if "price_growth_shift" in spec:
        assert findings == [] or all(one.level == "warning" for one in findings)
        return
    assert say(findings, "error", "scenarios.yaml", "", "bad|scenario"), "\n".join(map(str, findings))
    assert not [one for one in findings if "good" in str(one)]


EXTREMES = {
    "unit_cost": ("programmes", "battery,5,", "battery,1e16,", "too large"),
    "gdp": ("economy", "4000", "1e-320", "too small"),
    "weight": ("areas", "core,batteries,3", "core,batteries,1e-300", "too small"),
    "cost_growth": ("programmes", "5,0.01", "5,1e15", "above 10"),
    "lot": ("programmes", "0.2,1,1,", "0.2,1e15,1,", "above 1e.09"),
    "capacity_use": ("line_programmes", "sam,1", "sam,1e15", "above 1e.12"),
    "quantity": ("bill_of_materials", "seeker,10", "seeker,1e15", "above 1e.12"),
    "penalty": ("rules", "soft,10", "soft,1e15", "above 1e.06"),
    "price_factor": ("price_tiers", "4,0.95", "4,1e9", "above 1000"),
    "lead_years": ("programmes", "0.2,1,1,", "0.2,1,5000,", "above 200"),
    "effect": ("effects", "iamd,1", "iamd,1e-200", "too small"),
}


@pytest.mark.parametrize("column", EXTREMES)
def test_a_figure_that_nothing_really_has_is_an_error(column: str, tmp_path: pathlib.Path):
    table, old, new, says = EXTREMES[column]
    findings = found(tmp_path, **{table: edited(table, old, new)})
    assert say(findings, "error", table, column, says), "\n".join(map(str, findings))


def test_a_scenario_file_of_other_things_is_read_or_refused():
    for text in (
        "a: 3\n",
        "a: [1]\n",
        "? [a]\n: 1\n",
        "a: {overrides: {}}\n",
        "!x a: {}\n",
        "a: !!int 3\n",
        "<<: {a: 1}\n",
    ):
        scenarios, findings = read_scenarios(text)
        assert scenarios == {} or findings or text.startswith("a: {overrides")
    assert read_scenarios("a:\nb: ~\nc: null\n")[0].keys() == {"a", "b", "c"}


def test_what_is_written_is_read_back_as_it_was(tmp_path: pathlib.Path):
    """A name that YAML would take for a flag is quoted for other readers, and is text for this one."""
    settings = DATASET_YAML.replace("name: small", "name: NO").replace("currency: USD", "currency: 0123")
    write(load(small_folder(tmp_path / "small", dataset_yaml=settings)), tmp_path / "out")
    text = (tmp_path / "out" / "dataset.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["name"] == "NO"
    assert yaml.safe_load(text)["currency"] == "0123"
