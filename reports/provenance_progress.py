"""How the search went, on the sheet of provenance: a sentence, who gained what, a chart with its numbers beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.progress import FEWEST, INKS, gained, lines, told, unit_of, window
from reports.style import FAINT, GRID, Style

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

NUMBERS = 4  # the column where the chart's numbers begin, right of the printed page
WIDE, HIGH, ROWS = 745, 330, 17  # of the chart: pixels, rows that it covers
TOP = 10  # finders told one by one
TITLE = "Progress of the search"


def write_progress(sheet: Worksheet, book: Workbook, style: Style, plan: Plan, row: int) -> int:
    """Write the section from a row on; gives the last row that is printed."""
    unit = unit_of(plan.header, plan.case.dataset.settings.currency)
    sentence = told(plan.progress, unit)
    for column, text in enumerate((TITLE, f"value lowered by [{unit}]", f"bound raised by [{unit}]")):
        sheet.write_string(row, column, text, style.head())
    for finder, lowered, raised in _gains(plan):
        row += 1
        for column, text in enumerate((finder, lowered, raised)):
            sheet.write_string(row, column, text, style())
    row += 1
    sheet.merge_range(row, 0, row, 2, sentence, style(text_wrap=True, valign="top", italic=True, font_color=FAINT))
    sheet.set_row(row, 28)
    if len(plan.progress) < FEWEST:
        return row
    chart = _chart(book, sheet.get_name(), plan, unit, _numbers(sheet, style, plan, unit, row + 1))
    sheet.insert_chart(row + 1, 0, chart, {"x_offset": 2, "y_offset": 4, "object_position": 2})
    return row + 1 + ROWS


def _gains(plan: Plan) -> list[tuple[str, str, str]]:
    """(finder, what it lowered and how often, what it raised and how often); finders beyond the first in one row."""
    found = gained(plan.progress)
    told_apart = (found.index < TOP) | (found["bounds"] > 0)
    few, more = found[told_apart], found[~told_apart]
    rows = list(few.itertuples(index=False, name=None))
    if len(more):
        rows.append((f"{len(more)} others", *more.drop(columns="finder").sum().tolist()))
    return [(name, _times(low, lows), _times(high, highs)) for name, low, lows, high, highs in rows]


def _times(gain: float, times: float) -> str:
    return f"{gain:,.4f}  ({times:.0f} {'time' if times == 1 else 'times'})" if times else "-"


def _numbers(sheet: Worksheet, style: Style, plan: Plan, unit: str, row: int) -> tuple[int, int]:
    """The chart's numbers: each line of progress.csv, and before it how things stood until then, so that lines step.

    Gives first and last row of the values.
    """
    found = lines(plan.progress, unit)
    ends = [column for column in found.columns if column.endswith(f"[{unit}]")]
    held = found.assign(**{column: found[column].shift() for column in ends}).iloc[1:]
    held = held.assign(finder="held until then", **{"work [check points]": float("nan")})
    both = pd.concat([held, found]).sort_index(kind="stable")  # of one line: first what was held, then what came
    for offset, name in enumerate(both.columns):
        column, numeric = NUMBERS + offset, name != "finder"
        sheet.set_column(column, column, 16)
        sheet.write_string(row, column, name, style.head(numeric))
        pattern = {"time [s]": "#,##0.000", "work [check points]": "#,##0"}.get(name, "#,##0.0000")
        for below, cell in enumerate(both[name].tolist(), start=row + 1):
            if isinstance(cell, str):
                sheet.write_string(below, column, cell, style(indent=1))
            elif cell == cell:
                sheet.write_number(below, column, cell, style.number(pattern))
    return row + 1, row + len(both)


def _chart(book: Workbook, name: str, plan: Plan, unit: str, rows: tuple[int, int]) -> Any:
    """Value and bound over seconds; the marking in the chart itself, so that a copy of it carries the marking."""
    first, last = rows
    seen = window(plan.progress)
    chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    for column, (text, ink) in enumerate(INKS.items(), start=NUMBERS + 2):
        chart.add_series(
            {
                "name": text,
                "categories": [name, first, NUMBERS, last, NUMBERS],
                "values": [name, first, column, last, column],
                "line": {"color": ink, "width": 2.25},
            }
        )
    chart.set_title({"name": f"{TITLE}: value and bound over seconds", "name_font": {"size": 11}})
    marking = str(plan.header.get("marking", ""))
    axis = {"name_font": {"size": 8, "color": FAINT}, "num_format": "#,##0.##"}
    end = max(0.001, round(plan.progress[-1].seconds, 3))
    seconds = {"name": f"seconds of solving    {marking}".strip(), "num_format": "#,##0.0", "min": 0, "max": end}
    chart.set_x_axis({**axis, **seconds, "major_gridlines": {"visible": False}})
    scale = {"name": seen.named(unit), "min": seen.low, "max": seen.high, "major_unit": seen.step, "crossing": "min"}
    chart.set_y_axis({**axis, **scale, "major_gridlines": {"visible": True, "line": {"color": GRID}}})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    chart.set_size({"width": WIDE, "height": HIGH})
    return chart
