"""The first sheet of the workbook: the plan on one page, with three charts (their numbers: sheet `chart data`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports import assumed, figures, pledge, standing
from reports.style import COLOURS, FAINT, GREYS, INK, LIGHTS_SAY, NO_AREA, Style, light
from reports.why_open import main_causes

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

DATA = "chart data"
WIDE = 12  # columns of the page, all of one width
WIDTH = 13.0
TOP = 8  # rows of the two lists
GRID = {"visible": True, "line": {"color": "#D9D9D9"}}
CLOSURE_AXIS = {"num_format": "0%", "min": 0, "max": 1, "major_gridlines": GRID}


def write_summary(sheet: Worksheet, book: Workbook, style: Style, plan: Plan) -> None:
    """Write the page and the sheet of the charts' numbers behind the tables."""
    sheet.set_column(0, WIDE - 1, WIDTH)
    sheet.hide_gridlines(2)
    sheet.merge_range(0, 0, 0, WIDE - 1, figures.title(plan), style(bold=True, font_size=18, font_color=INK))
    sheet.merge_range(1, 0, 1, WIDE - 1, _subtitle(plan), style(italic=True, font_color=FAINT))
    _tiles(sheet, style, plan)
    row = _money(sheet, style, plan, _standing(sheet, style, plan, 7) + 2)
    charts = _charts(book, style, plan)
    for index, chart in enumerate(charts):
        chart.set_size({"width": 382, "height": 410})  # with its offset the four columns, not a pixel more
        sheet.insert_chart(row, index * 4, chart, {"x_offset": 2, "y_offset": 4, "object_position": 2})
    row += 22
    end = max(_together(sheet, style, plan, row), _open_areas(sheet, style, plan, row))
    end = _remarks(sheet, style, plan, end + 1)
    sheet.print_area(0, 0, end, WIDE - 1)
    sheet.fit_to_pages(1, 1)
    sheet.activate()


def _subtitle(plan: Plan) -> str:
    settings = plan.case.dataset.settings
    money = f"Money in million {settings.currency} at constant {settings.price_base_year} prices."
    return " ".join(part for part in (figures.ending(plan), money, settings.description) if part)


def _tiles(sheet: Worksheet, style: Style, plan: Plan) -> None:
    """Six figures side by side: label, value, remark."""
    box: dict[str, Any] = {"align": "center", "bg_color": "#F2F6FB"}
    for index, figure in enumerate(figures.headline(plan)):
        first, last = 2 * index, 2 * index + 1
        label = style(**box, font_color=FAINT, top=2, top_color=INK)
        sheet.merge_range(3, first, 3, last, figure.label, label)
        sheet.merge_range(4, first, 4, last, figure.value, style(**box, bold=True, font_size=16, font_color=INK))
        note = style(**box, font_size=8, font_color=FAINT, text_wrap=True, valign="top")
        sheet.merge_range(5, first, 5, last, figure.remark, note)
    sheet.set_row(4, 24)
    sheet.set_row(5, 24)  # two lines


def _standing(sheet: Worksheet, style: Style, plan: Plan, row: int) -> int:
    """What the objective is made of and what is proven of it, in a sentence or two; gives the row after it."""
    told = [
        standing.sentence(plan),
        pledge.sentence(plan),
        standing.settled_sentence(plan),
        standing.beyond_sentence(plan),
    ]
    text = " ".join(part for part in told if part)
    sheet.merge_range(row, 0, row, WIDE - 1, text, style(text_wrap=True, valign="top"))
    sheet.set_row(row, 13.5 * (1 + len(text) // 165))
    return row + 1


def _heading(sheet: Worksheet, style: Style, row: int, first: int, last: int, text: str) -> None:
    sheet.merge_range(row, first, row, last, text, style(bold=True, font_size=12, font_color=INK))


def _money(sheet: Worksheet, style: Style, plan: Plan, row: int) -> int:
    """Money by pillar over the horizon; gives the row after it."""
    _heading(sheet, style, row - 1, 0, WIDE - 1, "Money over the horizon")
    first, last = figures.horizon(plan)
    names = ["planned", "committed", "available", "loan", "spent", "unspent", "used", "share_first", "share_last"]
    remarks = {"loan": "loans drawn", "used": "used"}
    remarks |= {"share_first": f"of GDP {first}", "share_last": f"of GDP {last}"}
    sheet.write_string(row, 0, "pillar", style.head())
    for index, name in enumerate(names, start=1):
        sheet.write_string(row, index, remarks.get(name, name), style.head(numeric=True))
    for offset, record in enumerate(figures.money_by_pillar(plan).to_dict("records"), start=1):
        bold = record["pillar"] == "both"
        sheet.write_string(row + offset, 0, str(record["pillar"]), style(bold=bold, indent=1))
        for index, name in enumerate(names, start=1):
            pattern = {"used": "0.0%", "share_first": "0.00%", "share_last": "0.00%"}.get(name, "#,##0")
            sheet.write_number(row + offset, index, record[name], style.number(pattern, bold=bold))
    return row + 5


def _together(sheet: Worksheet, style: Style, plan: Plan, row: int) -> int:
    """What is bought together: the joint buys with the largest value."""
    found = figures.bought_together(plan, TOP)
    more = len(plan.tables["frames"]) - len(found)
    _heading(
        sheet, style, row, 0, 4, "Bought together" + (f" (the largest {len(found)}; {more} more)" if more > 0 else "")
    )
    heads = ["launch", "members", "net saving"]
    sheet.merge_range(row + 1, 0, row + 1, 1, "joint buy", style.head())
    for index, text in enumerate(heads, start=2):
        sheet.write_string(row + 1, index, text, style.head(numeric=True))
    net = found.assign(net=found["saving"] - found["fees"])
    for offset, record in enumerate(net.to_dict("records"), start=2):
        sheet.merge_range(row + offset, 0, row + offset, 1, str(record["name"]), style(shrink=True, indent=1))
        for index, (name, pattern) in enumerate([("launch_year", "0"), ("members", "0"), ("net", "#,##0")], start=2):
            sheet.write_number(row + offset, index, record[name], style.number(pattern))
    if found.empty:
        sheet.write_string(row + 2, 0, "no joint buy is launched", style.note())
    end = row + 2 + max(1, len(found))
    if assumed.assumed_frames(plan) & set(found["frame"]):
        sheet.merge_range(end, 0, end, 4, f"{assumed.SAYS}.", style(font_size=8, font_color=FAINT))
    return end + 1


def _open_areas(sheet: Worksheet, style: Style, plan: Plan, row: int) -> int:
    """What stays open, and why: the areas with the lowest closure in the last year, and once all has arrived."""
    found = figures.closure_by_area(plan).head(TOP)
    causes = main_causes(plan)
    year = figures.horizon(plan)[1]
    _heading(sheet, style, row, 5, WIDE - 1, f"What stays open in {year}, and what stands in its way first")
    sheet.merge_range(row + 1, 5, row + 1, 7, "area", style.head())
    sheet.write_string(row + 1, 8, "met", style.head(numeric=True))
    later = bool(found["settled"].notna().any())
    if later:
        sheet.write_string(row + 1, 9, "all arrived", style.head(numeric=True))
    why_at = 10 if later else 9
    sheet.merge_range(row + 1, why_at, row + 1, WIDE - 1, "why (part of the gap)", style.head())
    for offset, record in enumerate(found.to_dict("records"), start=2):
        sheet.merge_range(row + offset, 5, row + offset, 7, str(record["name"]), style(shrink=True, indent=1))
        _lit(sheet, style, row + offset, 8, record["closure"])
        if later and record["settled"] == record["settled"]:
            _lit(sheet, style, row + offset, 9, record["settled"])
        why = causes.get(str(record["area"]), "-")
        sheet.merge_range(row + offset, why_at, row + offset, WIDE - 1, why, style(shrink=True, indent=1))
    end = row + 2 + max(1, len(found))
    sheet.merge_range(end, 5, end, WIDE - 1, f"{LIGHTS_SAY}.", style(font_size=8, font_color=FAINT))
    return end + 1


def _lit(sheet: Worksheet, style: Style, row: int, column: int, closure: float) -> None:
    """A closure with its stoplight's letter and colour."""
    letter, fill, ink = light(closure)
    sheet.write_number(row, column, closure, style.number(f'"{letter}"  0.0%', bg_color=fill, font_color=ink))


def _remarks(sheet: Worksheet, style: Style, plan: Plan, row: int) -> int:
    """Warnings and what is not modelled, in brief; gives the last row used."""
    warnings = [str(text) for text in plan.header.get("warnings", [])]
    missing = [str(text) for text in plan.header.get("not_modelled", [])]
    lines = [f"Industry: {figures.expanded_told(plan)}; {figures.industry_told(plan)}."]
    lines += [f"Warnings: {len(warnings)}" + (", all on the sheet `levers and provenance`" if warnings else "")]
    lines += [f"  {text}" for text in warnings[:3]]
    lines.append("Not modelled: " + (", ".join(missing) if missing else "nothing"))
    note = style(text_wrap=True, valign="top", font_size=9, font_color=FAINT)
    for offset, line in enumerate(lines):
        sheet.merge_range(row + offset, 0, row + offset, WIDE - 1, line, note)
        sheet.set_row(row + offset, 13 * (1 + len(line) // 170))
    return row + len(lines) - 1


def _charts(book: Workbook, style: Style, plan: Plan) -> list[Any]:
    """The three charts, their numbers written to the sheet `chart data`."""
    data = book.add_worksheet(DATA)
    data.write_string(0, 0, "Numbers of the charts on the summary", style.title())
    data.set_column(0, 0, 46)
    data.set_column(1, 40, 15)
    data.fit_to_pages(1, 0)
    spending = _few(figures.spending_by_area(plan, top=5, beyond=True)).reset_index()
    closure = figures.closure_by_area(plan).sort_values(["closure", "area"], ascending=[False, True])
    spending_rows = _block(data, style, 2, spending, "#,##0")
    closure_rows = _block(data, style, spending_rows[1] + 3, _closure_columns(closure), "0.0%")
    path_rows = _block(data, style, closure_rows[1] + 3, pledge.path_to_pledge(plan), "0.00%")
    charts = [
        _spending_chart(book, spending, spending_rows, plan),
        _closure_chart(book, closure_rows, plan),
        _path_chart(book, path_rows),
    ]
    marking = {"name": str(plan.header.get("marking", "")), "name_font": {"size": 7, "color": FAINT}}
    for chart, more in zip(charts, ({}, CLOSURE_AXIS, {}), strict=True):
        chart.set_x_axis({**more, **marking})  # in the chart itself, so that a copy of it carries the marking
    return charts


def _closure_columns(closure: pd.DataFrame) -> pd.DataFrame:
    """Name, before, last year and, where the plan has one, the settled state."""
    names = ["name", "from_baseline", "closure"]
    return closure[names + (["settled"] if closure["settled"].notna().any() else [])].fillna(0.0)


def _few(spending: pd.DataFrame) -> pd.DataFrame:
    """What belongs to no area in one column, so that the chart's legend stays short."""
    loose = [name for name in spending.columns if name in NO_AREA - {"other areas"}]
    if len(loose) < 2:
        return spending
    kept = spending.drop(columns=[*loose, "available"])
    return kept.assign(**{", ".join(loose): spending[loose].sum(axis=1), "available": spending["available"]})


def _block(sheet: Worksheet, style: Style, row: int, frame: pd.DataFrame, pattern: str) -> tuple[int, int]:
    """A table with its head in ``row``; gives first and last row of its values."""
    sheet.set_row(row, 42)
    for index, name in enumerate(frame.columns):
        numeric = index > 0
        sheet.write_string(row, index, str(name).replace("from_baseline", "before"), style.head(numeric))
        for offset, value in enumerate(frame[name].tolist(), start=1):
            if numeric:
                sheet.write_number(row + offset, index, value, style.number(pattern))
            elif isinstance(value, str):
                sheet.write_string(row + offset, index, value, style())
            else:
                sheet.write_number(row + offset, index, value, style.number("0"))
    return row + 1, row + max(1, len(frame))


def _spending_chart(book: Workbook, frame: pd.DataFrame, rows: tuple[int, int], plan: Plan) -> Any:
    """Spending by area, stacked by year, with the money available as a line; years beyond the horizon hatched."""
    first, last = rows
    planned = sum(year <= figures.horizon(plan)[1] for year in frame["year"])
    later = len(frame) - planned
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    names = list(frame.columns[1:-1])
    greys = iter(GREYS * 3)
    for index, name in enumerate(names, start=1):
        is_area = index <= len(COLOURS) and not set(str(name).split(", ")) & NO_AREA
        colour = COLOURS[index - 1] if is_area else next(greys)
        chart.add_series(
            {
                "name": [DATA, first - 1, index],
                "categories": [DATA, first, 0, last, 0],
                "values": [DATA, first, index, last, index],
                "fill": {"color": colour},
                "gap": 40,
                **({"points": [None] * planned + [_hatched(colour)] * later} if later else {}),
            }
        )
    line = book.add_chart({"type": "line"})
    line.add_series(
        {
            "name": "available with loans; hatched years: may be bound" if later else "available with loans",
            "categories": [DATA, first, 0, last, 0],
            "values": [DATA, first, len(names) + 1, last, len(names) + 1],
            "line": {"color": "#000000", "width": 2.25},
            "marker": {"type": "diamond", "size": 6, "fill": {"color": "#000000"}},
        }
    )
    if names:
        chart.combine(line)
    else:
        chart = line  # nothing is spent: the money alone
    title = "Spending by area against the money available" + ("; hatched: bound beyond" if later else "")
    chart.set_title({"name": title, "name_font": {"size": 11}})
    billions = frame["available"].max() >= 10_000  # figures on the axis stay short; the sheet has millions
    chart.set_y_axis(
        {
            "name": f"{'billion' if billions else 'million'} {plan.case.dataset.settings.currency}",
            "num_format": "#,##0," if billions else "#,##0",
            "major_gridlines": GRID,
        }
    )
    chart.set_plotarea({"layout": {"x": 0.15, "y": 0.16, "width": 0.81, "height": 0.31}})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    return chart


def _hatched(colour: str) -> dict[str, Any]:
    """A point in the pattern of what is bound beyond the horizon."""
    return {"pattern": {"pattern": "light_upward_diagonal", "fg_color": "#FFFFFF", "bg_color": colour}}


def _closure_chart(book: Workbook, rows: tuple[int, int], plan: Plan) -> Any:
    """Closure by area: what the baseline gives in the last year, the plan, and its settled state where it has one."""
    first, last = rows
    year = figures.horizon(plan)[1]
    chart = book.add_chart({"type": "bar"})
    parts = [("before (baseline alone)", "#BFBFBF"), (f"with this plan, {year}", "#0072B2")]
    parts += [("when all has arrived", "#E69F00")] if len(plan.tables["settled"]) else []
    for index, (name, colour) in enumerate(parts, start=1):
        chart.add_series(
            {
                "name": name,
                "categories": [DATA, first, 0, last, 0],
                "values": [DATA, first, index, last, index],
                "fill": {"color": colour},
                "gap": 35,
                "overlap": 0,
            }
        )
    chart.set_title({"name": f"Share of targets met by area, {year}", "name_font": {"size": 11}})
    chart.set_y_axis({"num_font": {"size": 7}, "interval_unit": 1})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    return chart


def _path_chart(book: Workbook, rows: tuple[int, int]) -> Any:
    """Core and resilience as shares of GDP by year, stacked, with the planned sum and the pledge as lines."""
    first, last = rows
    chart, line = book.add_chart({"type": "column", "subtype": "stacked"}), book.add_chart({"type": "line"})
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("core, bound before", {"fill": {"color": COLOURS[0]}, "gap": 40}),
        ("core, by this plan", {"fill": {"color": COLOURS[5]}}),
        ("resilience, bound before", {"fill": {"color": COLOURS[3]}}),
        ("resilience, by this plan", {"fill": {"color": COLOURS[1]}}),
        ("planned, both", {"line": {"color": "#000000", "width": 1.75, "dash_type": "dash"}}),
        ("pledged: 3.5 %", {"line": {"color": INK, "width": 1.25}}),
        ("pledged: 5 %", {"line": {"color": INK, "width": 2.25}}),
    )
    for index, (name, look) in enumerate(looks, start=1):
        series = {"name": name, "categories": [DATA, first, 0, last, 0], "values": [DATA, first, index, last, index]}
        (chart if "fill" in look else line).add_series({**series, **look})
    chart.combine(line)
    chart.set_title({"name": "The way to 3.5 % and 1.5 % of GDP", "name_font": {"size": 11}})
    chart.set_y_axis({"num_format": "0.0%", "min": 0, "major_gridlines": GRID})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    return chart
