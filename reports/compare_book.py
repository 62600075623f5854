"""A comparison as a workbook: an overview with a chart, then what changed in decisions, money, levers and data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.compare import OBJECTIVE, WORDS, Step
from reports.style import COLOURS, Style
from reports.workbook import MADE, page

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

WIDEST = 60
HEAD = 2


def write_comparison(steps: Sequence[Step], plan: Plan, path: Path) -> None:
    """Write the workbook to ``path``; ``plan`` (the last one) gives the marking of every page.

    Raises:
        OSError: the place can't be written to.
    """
    half = path.with_name(f".{path.name}.part")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(half), options) as book:
            book.set_properties({"title": "Comparison of plans", "created": MADE})
            style = Style(book)
            _overview(book, style, steps)
            for number, step in enumerate(steps, start=1):
                for name, frame in _tables(step):
                    _sheet(book, style, f"{number} {name}"[:31], f"{step.before} → {step.after}: {name}", frame)
            for sheet in book.worksheets():
                page(sheet, plan)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _tables(step: Step) -> list[tuple[str, pd.DataFrame]]:
    return [
        ("measures", step.measures), ("inputs", step.inputs), ("levers", step.levers), ("decisions", step.decisions),
        ("lines by year", step.lines.rename(columns=str)), ("data", step.data),
    ]  # fmt: skip


def _overview(book: Workbook, style: Style, steps: Sequence[Step]) -> None:
    """Each step in a row: cause, objective, cost, churn; and the objective as a chart."""
    sheet = book.add_worksheet("overview")
    sheet.write_string(0, 0, "What changed from plan to plan, and why", style.title())
    heads = ("from", "to", "cause", "objective before", "objective after", "change", "what is proven", "orders changed")
    for index, text in enumerate(heads):
        sheet.write_string(HEAD, index, text, style.head(numeric=3 <= index <= 5 or index == 7))
    sheet.set_row(HEAD, 28)  # two lines
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 46)
    sheet.set_column(3, 5, 12)
    sheet.set_column(6, 6, 52)
    sheet.set_column(7, 7, 12)
    wrap = style(text_wrap=True, valign="top")
    for row, step in enumerate(steps, start=HEAD + 1):
        found = step.measures[step.measures["measure"] == OBJECTIVE].to_dict("records")
        for index, text in enumerate((step.before, step.after, WORDS[step.cause])):
            sheet.write_string(row, index, text, wrap)
        if found:
            for index, name in enumerate(("before", "after", "change"), start=3):
                sheet.write_number(row, index, float(found[0][name]), style.number("#,##0.000", valign="top"))
            sheet.write_string(row, 6, str(found[0]["verdict"]), wrap)
        sheet.write_number(row, 7, step.churn, style.number("0.0%", valign="top"))
    _chart(book, sheet, len(steps))
    sheet.fit_to_pages(1, 0)


def _chart(book: Workbook, sheet: Worksheet, steps: int) -> None:
    chart = book.add_chart({"type": "column"})
    first, last = HEAD + 1, HEAD + steps
    for column, name, colour in ((3, "before", "#BFBFBF"), (4, "after", COLOURS[0])):
        chart.add_series({
            "name": name, "categories": ["overview", first, 1, last, 1],
            "values": ["overview", first, column, last, column],
            "fill": {"color": colour}, "data_labels": {"value": True, "num_format": "0.00"}, "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": "Objective, points where the gap is what is asked", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis(
        {"num_format": "0.0", "min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}
    )
    chart.set_size({"width": 620, "height": 320})
    sheet.insert_chart(last + 2, 0, chart)


def _sheet(book: Workbook, style: Style, name: str, title: str, frame: pd.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, title, style.title())
    if frame.empty:
        sheet.write_string(HEAD + 1, 0, "nothing changed", style.note())
    patterns = _patterns(frame)
    for index, column in enumerate(frame.columns):
        cells = frame[column].tolist()
        numeric = bool(cells) and all(isinstance(cell, int | float) for cell in cells)
        sheet.write_string(HEAD, index, str(column), style.head(numeric))
        for row, (cell, pattern) in enumerate(zip(cells, patterns, strict=True), start=HEAD + 1):
            _cell(sheet, row, index, cell, style, pattern)
        longest = max([len(str(column)) + 3, *(len(_text(cell)) + 1 for cell in cells)])
        sheet.set_column(index, index, min(WIDEST, longest))
    if len(frame.columns):
        sheet.autofilter(HEAD, 0, HEAD + max(1, len(frame)), len(frame.columns) - 1)
    sheet.freeze_panes(HEAD + 1, 0)
    sheet.repeat_rows(HEAD)
    sheet.fit_to_pages(1, 0)


def _patterns(frame: pd.DataFrame) -> list[str]:
    """How each row's numbers are shown: shares as per cent, the rest to the thousandth."""
    units = frame["unit"].tolist() if "unit" in frame else [""] * len(frame)
    return ["0.00%" if str(unit).startswith("share") else "#,##0.000" for unit in units]


def _text(cell: object) -> str:
    return f"{cell:,.3f}" if isinstance(cell, float) else str(cell)


def _cell(sheet: Worksheet, row: int, index: int, cell: object, style: Style, pattern: str) -> None:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
        sheet.write_number(row, index, cell, style.number(pattern if isinstance(cell, float) else "0"))
    else:
        text = "-" if isinstance(cell, float) else str(cell)
        sheet.write_string(row, index, text, style(indent=1))
