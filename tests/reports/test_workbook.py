"""The workbook of a plan: opens everywhere, says what the tables say, runs nothing that a name might smuggle in."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data.dictionary import plan_tables
from optimizer.pool import Event
from reports import assumed, by_line, figures, tables
from reports.why_open import main_causes, why_open
from reports.workbook import HEAD, write_workbook
from tests.small_plan import small_plan


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("workbook") / "plan.xlsx"
    write_workbook(small_plan(), target)
    return target


@pytest.fixture(scope="module")
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def cells(sheet: Worksheet) -> list[object]:
    return [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_first_the_summary_then_a_sheet_a_table_in_the_contracts_order(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [
        "Summary", *by_line.SHEETS, *plan_tables(), "kpis", "closures", "planned bound free", "freedom of manoeuvre",
        "made where", "losses", "chart data", "levers and provenance",
    ]  # fmt: skip
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_each_sheet_holds_its_table_with_columns_in_order_and_the_same_figures(book: openpyxl.Workbook) -> None:
    for name, frame in small_plan().tables.items():
        rows = list(book[name].iter_rows(min_row=HEAD, values_only=True))
        wide = len(frame.columns)
        assert [str(text).split("\n")[0] for text in rows[0][:wide]] == list(frame.columns)
        expected = [["unlimited" if cell == float("inf") else cell for cell in row] for row in frame.values.tolist()]
        assert [list(row[:wide]) for row in rows[1 : 1 + len(frame)]] == expected


def test_headers_name_the_unit_with_the_currency(book: openpyxl.Workbook) -> None:
    heads = {str(cell.value).split("\n")[0]: str(cell.value) for cell in book["orders"][HEAD]}
    assert heads["value"] == "value\n[million EUR]"
    assert heads["unit_price"] == "unit_price\n[million EUR a unit]"
    assert heads["nation"] == "nation"


def test_totals_follow_the_filter_and_keep_their_value(path: Path, book: openpyxl.Workbook) -> None:
    column = list(small_plan().tables["orders"].columns).index("value")
    row = HEAD - 2  # counted from 0
    assert book["orders"].cell(row + 1, column + 1).value == f"=SUBTOTAL(109,G{HEAD + 1}:G{HEAD + 3})"
    kept = openpyxl.load_workbook(path, data_only=True)["orders"].cell(row + 1, column + 1).value
    assert kept == pytest.approx(40 + 27 + 22.5)


def test_a_price_has_no_total(book: openpyxl.Workbook) -> None:
    column = list(small_plan().tables["orders"].columns).index("unit_price")
    assert book["orders"].cell(HEAD - 1, column + 1).value is None


def test_every_table_can_be_filtered_and_keeps_its_head_in_sight_and_on_paper(book: openpyxl.Workbook) -> None:
    for name in plan_tables():
        sheet = book[name]
        assert sheet.auto_filter.ref is not None, name
        assert sheet.freeze_panes is not None
        assert sheet.freeze_panes.endswith(str(HEAD + 1)), name
        assert sheet.print_title_rows == f"${HEAD}:${HEAD}", name


def test_every_sheet_bears_the_marking_above_and_below_landscape_one_page_wide(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets:
        assert "TEST && NOTHING ELSE" in str(sheet.oddHeader.center.text), sheet.title
        assert "TEST && NOTHING ELSE" in str(sheet.oddFooter.center.text), sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_text_that_looks_like_a_formula_stays_text(book: openpyxl.Workbook) -> None:
    """A programme named =1+1 and a warning that begins with = are shown, not calculated."""
    found = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    shown = [cell for cell in found if str(cell.value).startswith(("=1+1", "=cmd"))]
    assert {cell.value for cell in shown} >= {"=1+1 missile", small_plan().header["warnings"][0]}
    assert {cell.data_type for cell in shown} == {"s"}
    formulas = {str(cell.value) for cell in found if cell.data_type == "f"}
    assert formulas
    assert {formula.split("(")[0] for formula in formulas} <= {"=SUBTOTAL", "=SUM", "=SUMIF", "=ROUND", "=IF"}


def test_who_pays_shared_bills_is_told_with_the_names_of_what_is_paid(book: openpyxl.Workbook) -> None:
    """A contribution goes to an expansion or to a line of innovation, beyond the horizon too."""
    rows = list(book["contributions"].iter_rows(min_row=HEAD + 1, values_only=True))
    assert [row[:5] for row in rows] == [("v1", "AAA", 2029, 5, "Swarm"), ("v1", "BBB", 2030, 1.5, "Swarm")]


def test_ids_stand_beside_their_names(book: openpyxl.Workbook) -> None:
    assert "Frigate" in cells(book["orders"])
    assert "Sea control" in cells(book["gaps"])


def test_the_summary_says_what_the_plan_is_worth(book: openpyxl.Workbook) -> None:
    text = " ".join(str(value) for value in cells(book["Summary"]))
    for part in ("74.10 → 41.50", "3.61%", "best bound 40.00", "EUR 105.0 m", "EUR 4.5 m", "4.10%", "3.10% + 1.00%"):
        assert part in text, part
    assert "77.00 → 39.00" in text, "when all that is ordered has arrived"
    assert "closes at least 95.7% of what any plan could" in text, "(75 - 41.5) / (75 - 40) = 33.5 / 35"
    assert "It binds EUR 9.5 m of 2030-2031, 6% of what may be bound" in text, "of 2 * (40 + 32 + 5 + 4) = 162"
    assert "Frigates together" in text
    assert "Sea control" in text
    assert "Warnings: 1" in text
    assert "Not modelled: nothing" in text


def heads_and_rows(sheet: Worksheet) -> list[dict[str, object]]:
    heads = [str(cell.value).split("\n")[0] for cell in sheet[HEAD]]
    return [dict(zip(heads, row, strict=False)) for row in sheet.iter_rows(min_row=HEAD + 1, values_only=True)]


def test_the_settled_closure_stands_beside_that_of_the_last_year(book: openpyxl.Workbook) -> None:
    found = {(row["nation"], row["area"]): (row["closure"], row["settled"]) for row in heads_and_rows(book["closures"])}
    assert found == {("ALL", "sea"): (0.275, 0.4), ("AAA", "air"): (0.6, 0.8), ("BBB", "air"): (1.0, 1.0)}


def test_planned_bound_and_free_money_foot(book: openpyxl.Workbook) -> None:
    """100 core planned by each of two nations, 50 of it committed: 100 free, 40 spent and 60 left in 2027."""
    row = next(row for row in heads_and_rows(book["planned bound free"]) if row["year"] == 2027)
    assert [row[name] for name in ("planned", "bound", "free", "spent", "left")] == [200, 100, 100, 40, 60]


def test_freedom_of_manoeuvre_has_its_years_beyond(book: openpyxl.Workbook) -> None:
    found = {row["year"]: (row["beyond"], row["share"]) for row in heads_and_rows(book["freedom of manoeuvre"])}
    assert found[2028] == (0, pytest.approx(179 / 180))
    assert found[2030] == (1, pytest.approx(174 / 180))


def test_a_price_that_is_an_assumption_is_marked(tmp_path: Path) -> None:
    plan = small_plan()
    plan.case.dataset.tables["sources"] = pd.DataFrame(
        [("programmes", "*", "unit_cost", "derived"), ("programmes", "p2", "unit_cost", "assumption")],
        columns=["table", "key", "column", "basis"],
    )
    assert assumed.price_basis(plan) == {"p1": "derived", "p2": "assumption"}
    write_workbook(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert [row["price"] for row in heads_and_rows(book["orders"])] == ["derived", "assumption", "assumption"]
    assert "Frigates together †" in cells(book["Summary"])
    assert any("† the price is an assumption" in str(value) for value in cells(book["Summary"]))


def test_native_charts_carry_the_marking_and_hatch_what_is_bound_beyond(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert all("TEST &amp; NOTHING ELSE" in chart for chart in charts)
    spending = next(chart for chart in charts if "money available" in chart)
    assert "hatched: bound beyond" in spending and spending.count('prst="ltUpDiag"') >= 4
    assert any("when all has arrived" in chart for chart in charts)


def test_three_native_charts_stand_on_the_summary_and_one_on_the_provenance(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
        drawings = [parts.read(name).decode() for name in sorted(parts.namelist()) if "drawings/drawing" in name]
    assert len(charts) == 4
    assert sorted(drawing.count("<c:chart ") for drawing in drawings) == [1, 3]
    spending = next(chart for chart in charts if "money available" in chart)
    assert 'grouping val="stacked"' in spending
    assert re.search(r"<c:v>[^<]*available", spending)


def test_provenance_says_how_to_make_the_plan_again(book: openpyxl.Workbook) -> None:
    rows = {row[0]: row[1] for row in book["levers and provenance"].iter_rows(values_only=True) if row[0]}
    assert rows["dataset_sha256"] == "ab" * 32
    assert rows["carry_over"] == 0.05
    assert rows["solver version"] == "1.16.0"
    assert rows["solver seed"] == 0
    assert rows["seconds solve"] == 58.9
    assert rows["run"] == "20261130T081503-4f2a"
    assert rows["objective closed"] == pytest.approx(33.5 / 35)
    assert rows["settled_after"] == 39.0
    assert rows["drive5"] == "0.1.0"


def progress_block(book: openpyxl.Workbook) -> list[tuple[object, ...]]:
    """The numbers of the chart of progress, beside it: head, then the rows."""
    rows = [row[4:9] for row in book["levers and provenance"].iter_rows(values_only=True)]
    return [row for row in rows if any(cell is not None for cell in row)]


def test_the_chart_of_progress_has_its_numbers_beside_it_as_steps(path: Path, book: openpyxl.Workbook) -> None:
    """Before each line how it stood until then: 44 points from 4 s to 10 s, 41.5 from then on."""
    head, *rows = progress_block(book)
    assert head == ("time [s]", "work [check points]", "value [points]", "bound [points]", "finder")
    assert len(rows) == 2 * 4 - 1
    assert rows[0] == (1, 10, None, 30, "relaxation")
    assert rows[-3:] == [
        (4, 40, 44, 30, "rounding"), (10, None, 44, 30, "held until then"), (10, 90, 41.5, 40, "tree"),
    ]  # fmt: skip
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    chart = next(chart for chart in charts if "Progress of the search" in chart)
    assert "scatterChart" in chart and "seconds of solving" in chart and "<a:t>points" in chart
    found = re.findall(r"'levers and provenance'!\$(\w)\$(\d+):\$(\w)\$(\d+)", chart)
    assert [(one, other) for one, _, other, _ in found] == [("E", "E"), ("G", "G"), ("E", "E"), ("H", "H")]
    assert {int(last) - int(first) + 1 for _, first, _, last in found} == {7}


def test_the_provenance_says_which_finder_gained_what(book: openpyxl.Workbook) -> None:
    """50 to 44 in two values, the first being the one to start from; 44 to 41.5 and 30 to 40 by the tree."""
    rows = {row[0]: row[1:3] for row in book["levers and provenance"].iter_rows(values_only=True) if row[0]}
    assert rows["Progress of the search"] == ("value lowered by [points]", "bound raised by [points]")
    assert rows["rounding"] == ("6.0000  (2 times)", "-")
    assert rows["tree"] == ("2.5000  (1 time)", "10.0000  (1 time)")
    assert rows["relaxation"] == ("-", "0.0000  (1 time)")
    said = next(text for text in rows if str(text).startswith("A first plan (50.00 points) came after 2.0 s"))
    assert "after 10.0 s stood value 41.50 points and bound 40.00 points" in str(said)
    assert "the two lay 47% apart" in str(said), "2 s at 1, 2 s at 20/50, 6 s at 14/44: 4.709 of 10 s"


@pytest.mark.parametrize(
    ("lines", "words"),
    [(0, "has no progress.csv, or one without a line"), (1, "at once: bound 30.00 points after 1.0 s")],
)
def test_without_a_way_to_draw_a_sentence_stands_in_place_of_the_chart(tmp_path: Path, lines: int, words: str) -> None:
    plan = small_plan()
    plan.progress = plan.progress[:lines]
    write_workbook(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert any(words in str(text) for text in cells(book["levers and provenance"]))
    assert progress_block(book) == [] and book["levers and provenance"]._charts == []


def test_of_many_finders_the_first_and_every_prover_are_told_one_by_one(tmp_path: Path) -> None:
    """Twenty finders lower 100 by one each; the prover, which lowers nothing, has its row all the same."""
    plan = small_plan()
    last = (Event(0.5, 0, None, 10.0, "prover"), Event(1.0, 0, 100.0, 10.0, "first"))
    plan.progress = (*last, *(Event(2.0 + n, n, 99.0 - n, 10.0, f"finder {n}") for n in range(20)))
    write_workbook(plan, tmp_path / "plan.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["levers and provenance"]
    rows = {row[0]: row[1:3] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert rows["prover"] == ("-", "0.0000  (1 time)")
    assert rows["11 others"] == ("10.0000  (11 times)", "-"), "ten of twenty, and the first plan, which lowers nothing"


def test_the_same_plan_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_workbook(small_plan(), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_a_workbook_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"the one before")
    plan = small_plan()
    del plan.tables["budgets"]
    with pytest.raises(KeyError):
        write_workbook(plan, target)
    assert target.read_bytes() == b"the one before"
    assert [item.name for item in tmp_path.iterdir()] == ["plan.xlsx"]


def test_a_plan_that_buys_nothing_together_still_has_its_page(tmp_path: Path) -> None:
    plan = small_plan()
    plan.tables["frames"] = plan.tables["frames"].iloc[:0]
    plan.tables["members"] = plan.tables["members"].iloc[:0]
    write_workbook(plan, tmp_path / "plan.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Summary"]
    assert "no joint buy is launched" in cells(sheet)


def test_a_plan_of_reference_size_is_written_in_seconds(tmp_path: Path) -> None:
    """20,000 rows of spending and 8,000 of gaps, in seconds of the processor, whatever else the machine does."""
    plan = small_plan()
    plan.tables["spending"] = pd.concat([plan.tables["spending"]] * 4000, ignore_index=True)
    plan.tables["gaps"] = pd.concat([plan.tables["gaps"]] * 900, ignore_index=True)
    start = time.process_time()
    write_workbook(plan, tmp_path / "plan.xlsx")
    assert time.process_time() - start < 10


def test_money_by_pillar_foots() -> None:
    """Two nations, three years: core 100 planned and 80 available a year; 40 + 27 + 23.5 spent."""
    money = figures.money_by_pillar(small_plan()).set_index("pillar")
    assert money.loc["core", "planned"] == 600
    assert money.loc["core", "available"] == 480
    assert money.loc["core", "spent"] == pytest.approx(90.5)
    assert money.loc["both", "spent"] == pytest.approx(95.5)
    assert money.loc["core", "share_last"] == pytest.approx((50 + 50) / 8000)


def test_the_part_of_the_money_used_counts_loans() -> None:
    """Loans are money too: what is used and what is unspent are the whole, as the brief says it."""
    plan = small_plan()
    plan.tables["budgets"] = plan.tables["budgets"].assign(loan=20.0)
    both = figures.money_by_pillar(plan).set_index("pillar").loc["both"]
    assert both["used"] == pytest.approx(both["spent"] / (both["available"] + both["loan"]))


def test_a_closure_is_rounded_down() -> None:
    assert [figures.met(share) for share in (0.949, 0.95, 0.29, 0.0, 1.0)] == ["94%", "95%", "29%", "0%", "100%"]


@pytest.mark.parametrize(
    ("closed", "text"),
    [
        (0.97469, "closes at least 97.4% of what any plan could"),
        (1.0, "closes at least 100.0% of what any plan could"),
        (-0.765, "closes none of what any plan could"),
        (None, ""),
    ],
)
def test_what_is_closed_is_told_in_words_and_rounded_down(closed: float | None, text: str) -> None:
    assert figures.closes(closed) == text


def test_closure_by_area_is_of_the_last_year_and_worst_first() -> None:
    """Air: targets 20, baselines 2 and 8, so 10 open before and 4 after; sea: 20 wanted, 14.5 open."""
    closure = figures.closure_by_area(small_plan()).set_index("area")
    assert list(closure.index) == ["sea", "air"]
    assert closure.loc["air", "from_baseline"] == pytest.approx(0.5)
    assert closure.loc["air", "closure"] == pytest.approx(0.8)
    assert closure.loc["sea", "closure"] == pytest.approx(0.275)
    assert closure.loc[["air", "sea"], "settled"].tolist() == pytest.approx([0.9, 0.4]), "when all has arrived"


def test_spending_by_area_keeps_every_euro() -> None:
    spending = figures.spending_by_area(small_plan(), top=1)
    assert list(spending.columns) == ["Sea control", "other areas", "innovation", "available"]
    assert spending.drop(columns="available").to_numpy().sum() == pytest.approx(95.5)
    assert spending["available"].tolist() == [180.0, 180.0, 180.0]


def test_kpis_become_rows() -> None:
    rows = figures.flat_kpis({"cost": 5.0, "core_share": {"ALL": 0.03}, "burden": {"AAA": {"input": 0.02}}, "x": None})
    assert rows.values.tolist() == [
        ["cost", "-", 5.0],
        ["core_share", "ALL", 0.03],
        ["burden", "AAA:input", 0.02],
        ["x", "-", "-"],
    ]


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234.5, "#,##0.0", "1,234.5"),
        (0.125, "0.0%", "12.5%"),
        (2035, "0", "2035"),
        (1e999, "#,##0", "unlimited"),
    ],
)
def test_widths_are_measured_on_what_is_shown(value: float, pattern: str, text: str) -> None:
    assert tables.shown(value, pattern) == text


@pytest.mark.libreoffice
def test_libreoffice_opens_it_and_every_sheet_reaches_paper(path: Path, tmp_path: Path, soffice: str) -> None:
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    pdf = tmp_path / "plan.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("the PDF is there; pdftotext (poppler) is not installed to read its pages")
    read = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
    pages = read.stdout.decode().split("\f")[:-1]
    assert "Drive to Five: small, 2027-2029" in pages[0]
    assert "Spending by area" in pages[0]
    assert "What stays open in 2029" in pages[0]
    assert all("TEST & NOTHING ELSE" in page for page in pages)
    for name in small_plan().tables:
        assert any(f"{name}, page" in page for page in pages), name
    assert "Err:" not in read.stdout.decode()


def test_the_sheet_of_losses_shows_shares_as_per_cent(book: openpyxl.Workbook) -> None:
    """By hand: 4 of p1 are all AAA gets of air (short of 4 of 20); without them it is short of 8: closure - 0.2."""
    sheet = book["losses"]
    heads = [str(cell.value).split("\n")[0] for cell in sheet[HEAD]]
    rows = [dict(zip(heads, row, strict=False)) for row in sheet.iter_rows(min_row=HEAD + 1, values_only=True)]
    assert [(row["line_or_component"], row["kind"], row["area"]) for row in rows] == [
        ("l1", "line", "air"),
        ("seeker", "component", "air"),
    ]
    assert [row["closure_lost"] for row in rows] == pytest.approx([0.2, 0.2])
    assert sheet.cell(HEAD + 1, heads.index("closure_lost") + 1).number_format == "0.0%"


# ---- line by line and year by year -------------------------------------------------------------------------------


def kept(path: Path, sheet: str) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True)]


def test_lines_by_year_foot_with_the_tables(path: Path, book: openpyxl.Workbook) -> None:
    """40 in 2027; 27 + 22.5 + 1 in 2028; 5 in 2029: 95.5; the same again from the sheets spending and budgets."""
    rows = kept(path, by_line.CONSTANT)
    foot = next(row for row in rows if row[0] == "total")
    assert foot[5:9] == pytest.approx([40.0, 50.5, 5.0, 95.5])
    for text in ("of the sheet spending", "of the sheets budgets and beyond"):
        assert next(row for row in rows if row[0] == text)[5:8] == pytest.approx([40.0, 50.5, 5.0])
    assert [row[5:8] for row in rows if row[0] == "difference"] == [[0, 0, 0], [0, 0, 0]]
    sheet = book[by_line.CONSTANT]
    formulas = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert f"=SUM(F{HEAD + 1}:H{HEAD + 1})" in formulas
    assert any(formula.startswith("=SUMIF(spending!$B$") for formula in formulas)


def test_years_beyond_stand_apart_and_foot_with_the_money_bound_there(path: Path, book: openpyxl.Workbook) -> None:
    """6 + 1.5 in 2030 and 2 in 2031: 9.5, with the planning years 105, which is the cost; a line stands before them."""
    rows = kept(path, by_line.CONSTANT)
    assert rows[HEAD - 1][5:12] == ["2027", "2028", "2029", "total", "2030\nbeyond", "2031\nbeyond", "with beyond"]
    foot = next(row for row in rows if row[0] == "total")
    assert foot[9:12] == pytest.approx([7.5, 2.0, 105.0])
    assert foot[11] == pytest.approx(small_plan().header["kpis"]["cost"])
    for text in ("of the sheet spending", "of the sheets budgets and beyond"):
        assert next(row for row in rows if row[0] == text)[9:11] == pytest.approx([7.5, 2.0])
    assert [row[9:11] for row in rows if row[0] == "difference"] == [[0, 0], [0, 0]]
    cells_ = book[by_line.CONSTANT]
    assert cells_.cell(HEAD + 1, 10).border.left.style == "medium"
    formulas = [str(cell.value) for row in cells_.iter_rows() for cell in row if cell.data_type == "f"]
    assert any(formula.startswith("=SUMIF(beyond!$B$") for formula in formulas)


def test_without_years_beyond_the_sheet_ends_with_its_total(tmp_path: Path) -> None:
    plan = small_plan()
    plan.case.dataset.settings.beyond_years = range(2030, 2030)
    plan.header["settled_before"] = plan.header["settled_after"] = None
    for table in ("settled", "beyond"):
        plan.tables[table] = plan.tables[table].iloc[:0]
    write_workbook(plan, tmp_path / "plan.xlsx")
    rows = kept(tmp_path / "plan.xlsx", by_line.CONSTANT)
    assert [text for text in rows[HEAD - 1] if text][-4:] == ["2027", "2028", "2029", "total"]
    text = " ".join(str(value) for value in cells(openpyxl.load_workbook(tmp_path / "plan.xlsx")["Summary"]))
    assert "nothing arrives after 2029" in text
    assert "all arrived" not in text


def test_current_prices_use_each_nations_deflator(path: Path) -> None:
    """1.1 times 50.5 in 2028, 1.2 times 5 in 2029."""
    rows = kept(path, by_line.CURRENT)
    assert next(row for row in rows if row[0] == "total")[5:9] == pytest.approx([40.0, 55.55, 6.0, 101.55])
    assert next(row for row in rows if row[0] == "times constant prices")[5:8] == pytest.approx([1.0, 1.1, 1.2])


def test_without_a_last_plan_the_sheet_says_so(path: Path) -> None:
    assert "There is no last plan" in str(kept(path, by_line.CHANGE)[0])


def test_against_a_last_plan_every_line_shows_its_change(tmp_path: Path) -> None:
    last, plan = small_plan(), small_plan()
    spent = last.tables["spending"]
    last.tables["spending"] = spent.assign(amount=spent["amount"] * [0.5, 1, 1, 1, 1, 1, 1, 1])
    write_workbook(plan, tmp_path / "plan.xlsx", last=last)
    rows = kept(tmp_path / "plan.xlsx", by_line.CONSTANT)
    line = next(row for row in rows if row[2] == "p1")
    assert (line[8], line[12], line[13]) == pytest.approx((40.0, 20.0, 20.0)), "over the planning years"
    changes = [row for row in kept(tmp_path / "plan.xlsx", by_line.CHANGE) if row[0] == "core"]
    assert [row[2:4] + row[5:9] for row in changes] == [["p1", "payment", 20.0, 0, 0, 20.0]]


def test_stoplights_are_letters(book: openpyxl.Workbook) -> None:
    sheet = book["gaps"]
    heads = [str(cell.value).split("\n")[0] for cell in sheet[HEAD]]
    column = heads.index("light")
    letters = [row[column] for row in sheet.iter_rows(min_row=HEAD + 1, values_only=True)]
    assert letters == ["R", "G", "R"] * 3
    assert {"light"} <= {str(cell.value).split("\n")[0] for cell in book["capacity"][HEAD]}
    assert sheet.conditional_formatting


def test_growth_from_nothing_has_no_figure(tmp_path: Path) -> None:
    plan = small_plan()
    plan.tables["rules"].loc[0, ["achieved", "slack"]] = float("nan")
    write_workbook(plan, tmp_path / "plan.xlsx")
    rows = kept(tmp_path / "plan.xlsx", "rules")
    assert rows[HEAD][5:9] == [0.4, "-", "share", "-"]


def test_provenance_has_the_hash_of_every_table_as_it_lies_on_disk(book: openpyxl.Workbook, tmp_path: Path) -> None:
    rows = {row[0]: row[1] for row in book["levers and provenance"].iter_rows(values_only=True) if row[0]}
    small_plan().tables["orders"].to_csv(tmp_path / "orders.csv", index=False, lineterminator="\n")
    assert rows["tables/orders.csv"] == hashlib.sha256((tmp_path / "orders.csv").read_bytes()).hexdigest()


def test_why_a_gap_stays_open_by_hand() -> None:
    """AAA is short of 4 of air, may buy 5 more of p1, its line has room: other buys first. Sea: p2 is at its limit."""
    found = why_open(small_plan()).set_index("area")
    assert found.loc["air", "cause"] == "other buys first"
    assert found.loc["sea", "cause"] == "order limit"
    assert found["shortfall"].to_dict() == {"air": 4.0, "sea": 14.5}
    assert main_causes(small_plan()) == {"air": "other buys first 100%", "sea": "order limit 100%"}


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda plan: _set(plan, "budgets", "unspent", 0.0), "money spent"),
        (lambda plan: _set(plan, "capacity", "utilisation", 1.0), "lines full"),
        (lambda plan: _data(plan, "programmes", "last_order_year", 2026), "no time to deliver"),
        (lambda plan: _data(plan, "customers", "max_units", 4.0), "order limit"),
        (lambda plan: _data(plan, "programmes", "needs_host", "p3; p4"), "host missing"),
        (lambda plan: _data(plan, "customers", "nation", "CCC"), "nothing to buy"),
        (lambda plan: _set(plan, "gaps", "credited", 0.0), "enabler short"),
    ],
)
def test_each_cause_is_told_where_it_stands_in_the_way(change: Callable[[object], None], cause: str) -> None:
    plan = small_plan()
    change(plan)
    assert cause in set(why_open(plan).query("area == 'air'")["cause"])


def test_money_that_comes_too_late_is_not_money_spent() -> None:
    """p1 takes a year: what is to be there in 2029 is ordered by 2028; that money is spent, that of 2029 is not."""
    plan = small_plan()
    budgets = plan.tables["budgets"]
    plan.tables["budgets"] = budgets.assign(unspent=[80.0 if year == 2029 else 0.0 for year in budgets["year"]])
    assert set(why_open(plan).query("area == 'air'")["cause"]) == {"money too late"}


def test_the_first_obstacle_in_time_is_named() -> None:
    """The line is full in 2027 and 2028, the money is spent in 2028 alone: in 2027 the line stands in the way."""
    plan = small_plan()
    plan.tables["capacity"] = plan.tables["capacity"].assign(utilisation=1.0)
    budgets = plan.tables["budgets"]
    plan.tables["budgets"] = budgets.assign(unspent=[0.0 if year == 2028 else 80.0 for year in budgets["year"]])
    assert set(why_open(plan).query("area == 'air'")["cause"]) == {"lines full"}
    plan.tables["budgets"] = budgets.assign(unspent=[0.0 if year < 2028 else 80.0 for year in budgets["year"]])
    assert set(why_open(plan).query("area == 'air'")["cause"]) == {"money too late"}


def test_a_full_component_is_no_full_line() -> None:
    plan = small_plan()
    rows = [("seeker", year, 8.0, 0.0, 8.0, 1.0) for year in (2027, 2028, 2029)]
    more = pd.DataFrame(rows, columns=plan.tables["capacity"].columns)
    plan.tables["capacity"] = pd.concat([plan.tables["capacity"], more], ignore_index=True)
    assert set(why_open(plan).query("area == 'air'")["cause"]) == {"component full"}


def _set(plan: object, table: str, column: str, value: float) -> None:
    plan.tables[table][column] = value  # type: ignore[attr-defined]


def _data(plan: object, table: str, column: str, value: object) -> None:
    plan.case.dataset.tables[table][column] = value  # type: ignore[attr-defined]


RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


@pytest.mark.libreoffice
def test_totals_recalculated_by_libreoffice_are_the_kept_ones(path: Path, tmp_path: Path, soffice: str) -> None:
    (tmp_path / "profile" / "user").mkdir(parents=True)
    (tmp_path / "profile" / "user" / "registrymodifications.xcu").write_text(RECALCULATE)
    wrong = tmp_path / "wrong.xlsx"  # the kept values are spoilt first, so that only a calculation gives the right ones
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(wrong, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"(</f><v>)[^<]*", rb"\g<1>-12345", part)
            target.writestr(name, part)
    out = tmp_path / "out"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(wrong)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    before = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path)
    after = openpyxl.load_workbook(out / "wrong.xlsx", data_only=True)
    compared = 0
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    kept_, again = (book[sheet.title][cell.coordinate].value for book in (before, after))
                    assert again == pytest.approx(kept_, abs=0.01), f"{sheet.title} {cell.coordinate}"
                    compared += 1
    assert compared > 40
