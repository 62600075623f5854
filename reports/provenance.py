"""The sheet that says where a plan comes from: data, levers, program, solver, warnings; enough to make it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports import figures
from reports.provenance_progress import write_progress
from reports.style import Style

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

Row = tuple[str, object, str]
LINE = 14  # points of a line of text
SEARCH = ("run", "written", "status", "termination", "exit_code", "reproducible", "work", "start")

INDICES = ("gap_index_before", "gap_index_after", "settled_before", "settled_after")


def sections(plan: Plan) -> list[tuple[str, list[Row]]]:
    """(title, rows of item, value, remark), in the order of the sheet."""
    header = plan.header
    settings = plan.case.dataset.settings
    data: list[Row] = [
        ("data set", header.get("dataset", ""), settings.description),
        ("dataset_sha256", header.get("dataset_sha256", ""), "over the tables in canonical form, before levers"),
        ("marking", header.get("marking", ""), ""),
        ("scenario", header.get("scenario") or "-", ""),
        ("years", f"{settings.first_year}-{settings.last_year}", _beyond(plan)),
        ("money", f"million {settings.currency}", f"constant prices of {settings.price_base_year}"),
    ]
    levers: list[Row] = [(name, value, "") for name, value in sorted(header.get("levers", {}).items())]
    search: list[Row] = [(name, header.get(name, "-"), "") for name in SEARCH]
    search += _rows("objective", header.get("objective", {}))
    search += [(name, header.get(name, "-"), "") for name in INDICES]
    search += _rows("solver", header.get("solver", {})) + _rows("seconds", header.get("seconds", {}))
    versions: list[Row] = [("contract", header.get("contract", "-"), ""), *_rows("", header.get("versions", {}))]
    hashes: list[Row] = [
        (
            f"tables/{name}.csv",
            sha256(text.encode()).hexdigest(),
            f"{len(plan.tables[name]):,} rows",
        )
        for name, text in plan.texts.items()
    ]
    missing: list[Row] = [(name, "not modelled", "") for name in header.get("not_modelled", [])]
    warned: list[Row] = [(f"warning {number}", text, "") for number, text in _numbered(header.get("warnings", []))]
    return [
        ("Data", data),
        ("Levers that differ from their default", levers or [("-", "none", "")]),
        ("Search", search),
        ("Versions", versions),
        ("Tables of this plan (SHA-256 of the file)", hashes),
        ("Not modelled", missing or [("-", "nothing: every rule of the model is there", "")]),
        ("Warnings", warned or [("-", "none", "")]),
    ]


def _beyond(plan: Plan) -> str:
    """What may follow the planning years."""
    years = figures.years_beyond(plan)
    return f"deliveries and payments of their orders on to {years[-1]}" if years else "nothing arrives after them"


def _rows(prefix: str, values: Mapping[str, Any]) -> list[Row]:
    return [(f"{prefix} {name}".strip(), value, "") for name, value in values.items()]


def _numbered(texts: Iterable[object]) -> list[tuple[int, str]]:
    return [(number, str(text)) for number, text in enumerate(texts, start=1)]


def write_provenance(sheet: Worksheet, book: Workbook, style: Style, plan: Plan) -> None:
    """Write the sheet: three columns, a heading a section; last how the search went, with its chart."""
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 72)
    sheet.set_column(2, 2, 60)
    sheet.write_string(0, 0, "Levers and provenance", style.title())
    row = 2
    for title, rows in sections(plan):
        for column, text in enumerate((title, "value", "remark")):
            sheet.write_string(row, column, text, style.head())
        row += 1
        for item, value, remark in rows:
            sheet.write_string(row, 0, item, style(valign="top"))
            _write_value(sheet, row, value, style)
            sheet.write_string(row, 2, remark, style(text_wrap=True, valign="top"))
            sheet.set_row(row, LINE * max(1, -(-len(str(value)) // 66), -(-len(remark) // 54)))
            row += 1
        row += 1
    sheet.print_area(0, 0, write_progress(sheet, book, style, plan, row), 2)
    sheet.freeze_panes(2, 0)
    sheet.fit_to_pages(1, 0)


def _write_value(sheet: Worksheet, row: int, value: object, style: Style) -> None:
    layout = style(text_wrap=True, align="left", valign="top")
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(row, 1, "-" if value is None else str(value), layout)
    else:
        sheet.write_number(row, 1, value, layout)
