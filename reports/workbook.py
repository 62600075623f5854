"""The workbook of a plan, as it is sent to a minister's office: summary of one page, a sheet a table, provenance."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from data.dictionary import Column, plan_tables
from reports import assumed, figures, made_where, pledge, tables
from reports.backfill import backfill
from reports.blocks import BlockSheet, Cell
from reports.by_line import write_lines
from reports.losses import losses
from reports.provenance import write_provenance
from reports.style import INK, LIGHTS, Style, light
from reports.summary import write_summary
from reports.tables import HEAD

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

MADE = datetime(2026, 1, 1)  # a fixed date: the same plan gives the same bytes
PRICED = ("orders", "frames")  # tables whose rows hang on a programme's price
MOST_ROWS = 1_048_000  # what a sheet holds, less the head
LINE, LETTERS = 13.5, 48  # points of a line; letters of a wrapped cell of the widest column
HEAD_HEIGHT = 42  # points: three lines of a column's name and unit
NEARLY_FULL = 0.85  # of a line's capacity
ADDITIVE = frozenset({"gdp", "share_of_gdp", "unit_price"})  # money-like columns whose sum says nothing


def write_workbook(plan: Plan, path: Path, last: Plan | None = None) -> None:
    """Write the workbook of ``plan`` to ``path``; a file there stays until the new one is whole.

    ``last``: the plan that its money is compared with; without it the data set's prior_plan is.

    Raises:
        OSError: the folder can't be written to, or the file is open elsewhere.
    """
    half = path.with_name(f".{path.name}.part")
    try:
        _write(plan, half, last)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _write(plan: Plan, path: Path, last: Plan | None) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": figures.title(plan), "created": MADE, "comments": _marking(plan)})
        style = Style(book)
        summary = book.add_worksheet("Summary")
        write_lines(book, style, plan, last)
        for name in plan_tables():
            if name in plan.tables:
                _table_sheet(book, style, plan, name, plan.tables[name])
        for name, frame in _worked_out(plan).items():
            _table_sheet(book, style, plan, name, frame)
        write_summary(summary, book, style, plan)
        write_provenance(book.add_worksheet("levers and provenance"), book, style, plan)
        for sheet in book.worksheets():
            page(sheet, plan)


def _worked_out(plan: Plan) -> dict[str, pd.DataFrame]:
    """The sheets that no plan table holds as they are, in their order."""
    found = {
        "kpis": figures.flat_kpis(plan.header.get("kpis", {})),
        "closures": figures.closures(plan),
        "planned bound free": pledge.money_by_year(plan),
        "freedom of manoeuvre": pledge.freedom(plan).assign(beyond=lambda frame: frame["beyond"].astype(int)),
        "made where": made_where.by_line(plan),
        "losses": losses(plan),
    }
    risen = backfill(plan)
    return found if risen is None else found | {"backfill": risen}


def _marking(plan: Plan) -> str:
    return str(plan.header.get("marking", ""))


def page(sheet: Worksheet, plan: Plan) -> None:
    """Landscape, one page wide, the marking at the head and foot of every page."""
    marking = _marking(plan).replace("&", "&&")[:100]
    name = figures.title(plan).replace("&", "&&")[:80]
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
    sheet.set_header(f"&C&8&B{marking}" if not marking[:1].isdigit() else f"&C&8&B {marking}")
    sheet.set_footer(f"&L&8 {name}&C&8&B {marking}&R&8&A, page &P of &N")


def _table_sheet(book: Workbook, style: Style, plan: Plan, name: str, frame: pd.DataFrame) -> None:
    """One table: title, totals that follow the filter, column names with units, the rows."""
    sheet = book.add_worksheet(name[:31], BlockSheet)
    currency = plan.case.dataset.settings.currency
    columns = tables.described(name, frame)
    extra = tables.with_names(frame, plan.case.dataset.tables)
    if name in PRICED:
        basis = assumed.price_basis(plan)
        extra["price\n[its source]"] = frame["programme"].map(basis).astype(object).fillna("-")
    rows = min(len(frame), MOST_ROWS)
    cut = f"; the first {rows:,} of {len(frame):,} rows" if rows < len(frame) else f"; rows: {rows:,}"
    sheet.write_string(0, 0, name, style.title())
    note = f"money at constant {plan.case.dataset.settings.price_base_year} prices{cut}"
    sheet.write_string(0, min(2, max(1, len(columns) - 1)), note, style.note())
    for index, column in enumerate(columns):
        _column(sheet, style, index, column, frame[column.name].iloc[:rows], currency)
    for index, (header, values) in enumerate(extra.items(), start=len(columns)):
        sheet.write_string(HEAD - 1, index, header, style.head())
        sheet.set_column(index, index, tables.width(header, values, ""), style())
        sheet.block(HEAD, index, values.iloc[:rows].tolist(), style(indent=1))
    if name == "rules" and rows:
        _rule_shares(sheet, style, frame.iloc[:rows])
    if name == "losses":
        _wrapped(sheet, style, frame.iloc[:rows])
    lit = _lights(name, frame.iloc[:rows])
    if lit:
        _light_column(sheet, style, len(columns) + len(extra), *lit)
    last = len(columns) + len(extra) - (0 if lit else 1)
    sheet.set_row(HEAD - 1, HEAD_HEIGHT)
    sheet.autofilter(HEAD - 1, 0, HEAD - 1 + max(rows, 1), last)
    sheet.freeze_panes(HEAD, sum(1 for column in columns if column.key and column.type != "year"))
    sheet.repeat_rows(HEAD - 1)
    sheet.fit_to_pages(1, 0)


def _column(sheet: BlockSheet, style: Style, index: int, column: Column, values: pd.Series, currency: str) -> None:
    unit = tables.unit_text(column, currency)
    header = f"{column.name}\n[{unit}]" if unit else column.name
    numeric = column.numeric and pd.api.types.is_numeric_dtype(values)
    pattern = tables.number_format(column, values) if numeric else "General"
    sheet.write_string(HEAD - 1, index, header, style.head(numeric))
    sheet.set_column(index, index, tables.width(header, values, pattern), style.number(pattern))
    if not numeric:
        _write_cells(sheet, index, values, style)
        return
    _write_numbers(sheet, index, values, style.number(pattern))
    if column.type == "money" and column.name not in ADDITIVE and len(values):
        _total(sheet, index, values, style.number(pattern, bold=True, font_color=INK))
    if column.name in ("closure", "utilisation") and len(values):
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#9DC3E6"}
        scale |= {"min_type": "num", "max_type": "num", "min_value": "0", "max_value": "1"}
        sheet.conditional_format(HEAD, index, HEAD + len(values) - 1, index, scale)


def _lights(name: str, frame: pd.DataFrame) -> tuple[str, list[str]] | None:
    """The stoplight of each row of a table that has one, and what its letters say."""
    if name in ("gaps", "closures", "settled"):
        rows = zip(frame["target"].tolist(), frame["closure"].tolist(), strict=True)
        return "light\n[of closure]", [light(closure)[0] if target > 0 else "-" for target, closure in rows]
    if name == "capacity":
        return "light\n[R full, A 85 %]", [
            "R" if used >= figures.FULL else "A" if used >= NEARLY_FULL else "G"
            for used in frame["utilisation"].tolist()
        ]
    if name == "rules":
        pairs = zip(frame["met"].tolist(), frame["hardness"].tolist(), strict=True)
        return "light\n[R broken, A soft, paid]", [
            "G" if met else "A" if hard == "soft" else "R" for met, hard in pairs
        ]
    return None


def _light_column(sheet: BlockSheet, style: Style, index: int, header: str, letters: list[str]) -> None:
    """A letter a row; colours follow the letter, so that a changed or filtered sheet keeps them true."""
    sheet.write_string(HEAD - 1, index, header, style.head())
    sheet.set_column(index, index, 16, style(align="center"))
    sheet.block(HEAD, index, letters, style(align="center"))
    for letter, _, fill, ink in LIGHTS:
        rule = {"type": "cell", "criteria": "==", "value": f'"{letter}"'}
        rule |= {"format": style(bg_color=fill, font_color=ink)}
        sheet.conditional_format(HEAD, index, HEAD + max(len(letters), 1) - 1, index, rule)


def _total(sheet: Worksheet, index: int, values: pd.Series, pattern: Format) -> None:
    """The sum of the rows that the filter shows, with its value kept for readers that don't calculate."""
    first, last = (xlsxwriter.utility.xl_rowcol_to_cell(row, index) for row in (HEAD, HEAD + len(values) - 1))
    sheet.write_formula(HEAD - 2, index, f"=SUBTOTAL(109,{first}:{last})", pattern, float(values.sum()))


def _write_numbers(sheet: BlockSheet, index: int, values: pd.Series, pattern: Format) -> None:
    cells = values.tolist()
    if not all(map(math.isfinite, cells)):
        cells = [value if math.isfinite(value) else "unlimited" if value > 0 else "-" for value in cells]
    sheet.block(HEAD, index, cells, pattern)


def _write_cells(sheet: BlockSheet, index: int, values: pd.Series, style: Style) -> None:
    """A column of text, with numbers among it (KPIs) as numbers."""
    texts = values.tolist()
    if all(value.__class__ is str for value in texts):
        sheet.block(HEAD, index, texts, style(indent=1))
        return
    cells: list[Cell] = []
    large, small = list[int](), list[int]()
    for row, value in enumerate(texts, start=HEAD):
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            cells.append(value)
            (large if abs(value) >= 100 else small).append(row)
        else:
            cells.append(str(value))
    sheet.block(HEAD, index, cells, style(indent=1))
    for rows, pattern in ((large, "#,##0.0"), (small, "0.0000")):
        if rows:
            sheet.restyle(index, rows, style.number(pattern))


def _wrapped(sheet: BlockSheet, style: Style, frame: pd.DataFrame) -> None:
    """Long lists of programmes and nations over several lines, each row as high as its longest list asks."""
    heights = [1] * len(frame)
    for name in ("programmes", "nations"):
        texts = [str(text).replace(";", "; ") for text in frame[name].tolist()]
        sheet.block(HEAD, list(frame.columns).index(name), texts, style(indent=1, text_wrap=True))
        heights = [max(height, len(wrap(text, LETTERS))) for height, text in zip(heights, texts, strict=True)]
    for row, lines in enumerate(heights, start=HEAD):
        sheet.set_row(row, LINE * lines)


def _rule_shares(sheet: BlockSheet, style: Style, frame: pd.DataFrame) -> None:
    """The rows of the rules table whose unit is a share, as per cent."""
    shares = (frame["unit"] == "share").to_numpy()
    for name in ("required", "achieved", "slack"):
        rows = np.flatnonzero(shares & np.isfinite(frame[name].to_numpy(dtype=float))) + HEAD
        sheet.restyle(list(frame.columns).index(name), rows.tolist(), style.number("0.00%"))
