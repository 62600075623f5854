"""What every page is made of: the head with its marking, pictures with their numbers, tables with their units."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan
from reports.tables import described, unit_text
from ui import session
from ui.session import View
from ui.shown import Shown

if TYPE_CHECKING:
    from reports.charts import Picture

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TALLEST, ROW = 520, 31
MARKS = re.compile(r"[\\\\`*_{}\[\]()#+.!|~$:<>-]")


def plain(text: object) -> str:
    """Text of data in a page's markdown: nothing in it is formatting."""
    return MARKS.sub(r"\\\g<0>", str(text))


def table_height(rows: int, most: int = TALLEST) -> int:
    """A height that shows all rows where they are few, so that nothing scrolls without need."""
    return min(most, ROW * (rows + 1) + 3)


def picture(made: Shown, key: str, *, caption: str = "") -> None:
    """A chart with its sentence above, its numbers and a download one click away."""
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="medium"):
        st.markdown(f"**{plain(made.title)}**")
        numbers(made.data, key, made.title)
    spec = json.loads(made.dark if is_dark() else made.light)
    width: Literal["stretch", "content"] = "stretch" if made.stretch else "content"
    st.vega_lite_chart(spec, width=width, key=f"chart {key}", theme=None, alt=made.alt)
    if caption:
        st.caption(caption)


def is_dark() -> bool:
    """Whether this browser shows the dark theme."""
    return st.context.theme.type == "dark"


def numbers(data: pd.DataFrame, key: str, title: str) -> None:
    """The numbers behind a picture, and their download; drawn when they are opened."""
    with st.popover("Numbers", icon=":material/table_view:", key=f"numbers {key}", on_change="rerun") as drawer:
        if not drawer.open:
            return
        st.caption(title)
        st.dataframe(data, hide_index=True, height=table_height(len(data), 320), key=f"frame {key}", alt=title)
        downloads(data, key)


def downloads(data: pd.DataFrame, key: str) -> None:
    """Download buttons of a table; the files are made when they are asked for."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", key)
    marking = session.marking()
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Excel", lambda: excel_bytes(data, stem, marking), f"{stem}.xlsx", EXCEL, key=f"xlsx {key}",
            on_click="ignore", icon=":material/download:", type="tertiary",
        )  # fmt: skip
        st.download_button(
            "CSV", lambda: data.to_csv(index=False).encode(), f"{stem}.csv", "text/csv", key=f"csv {key}",
            on_click="ignore", icon=":material/download:", type="tertiary",
        )  # fmt: skip


def excel_bytes(data: pd.DataFrame, name: str, marking: str) -> bytes:
    """One table as a workbook, the marking in header and footer; text stays text, whatever it begins with."""
    file, sheet_name = io.BytesIO(), name[:31] or "table"
    aware = data.select_dtypes("datetimetz").columns
    data = data.assign(**{column: data[column].dt.tz_localize(None) for column in aware})
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        data.to_excel(writer, sheet_name=sheet_name, index=False)
        sheet = writer.sheets[sheet_name]
        sheet.autofit()
        sheet.freeze_panes(1, 0)
        shown = marking.replace("&", "&&")
        sheet.set_header(f"&C{shown}")
        sheet.set_footer(f"&C{shown}")
        if len(data.columns):
            sheet.autofilter(0, 0, len(data), len(data.columns) - 1)
    return file.getvalue()


@dataclass(frozen=True)
class Col:
    """How a column is shown.

    Attributes:
        label: its header, with the unit.
        kind: text, money (one decimal), number, precise (four decimals), share, year, count, factor, bar (a share as
            a bar) or flag.
        help: one sentence behind the question mark.
        width: pixels, or small, medium, large; None fits the content.
    """

    label: str
    kind: str = "text"
    help: str | None = None
    width: Any = None


DECIMALS = {"share": 3, "bar": 3, "factor": 3}
SPOKEN = ("money", "number")  # kinds that are rounded by their size


def spoken(value: float) -> float:
    """A quantity or a sum of money as people say it: whole from a hundred on, else one decimal, below ten two."""
    if value != value:
        return value
    size = abs(value)
    return round(value, 0 if size >= 100 else 1 if size >= 10 else 2) + 0.0


def table(
    rows: pd.DataFrame, columns: Mapping[str, Col], key: str, alt: str, *, height: int = TALLEST, pick: bool = False
) -> list[int]:
    """A table of these columns in this order; gives the ticked row where rows can be picked.

    Figures are rounded as a planner reads them; the download has them in full.
    """
    shown = rows[list(columns)].copy()
    for name, column in columns.items():
        if column.kind in SPOKEN:
            shown[name] = [spoken(value) for value in pd.to_numeric(shown[name], errors="coerce")]
        elif column.kind in DECIMALS:
            shown[name] = pd.to_numeric(shown[name], errors="coerce").round(DECIMALS[column.kind]) + 0.0
    config = {name: _config(column) for name, column in columns.items()}
    tall = table_height(len(shown), height)
    if not pick:
        st.dataframe(shown, hide_index=True, height=tall, column_config=config, key=f"table {key}", alt=alt)
        return []
    picked: Any = st.dataframe(
        shown, hide_index=True, height=tall, column_config=config, key=f"table {key}", alt=alt, on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    return [int(row) for row in picked["selection"]["rows"] if row < len(rows)]


def _config(column: Col) -> Any:
    made, width = st.column_config, column.width
    if column.kind in ("money", "number", "factor"):
        return made.NumberColumn(column.label, format="localized", help=column.help, width=width)
    if column.kind == "precise":
        return made.NumberColumn(column.label, format="%.4f", help=column.help, width=width)
    if column.kind == "share":
        return made.NumberColumn(column.label, format="percent", help=column.help, width=width)
    if column.kind in ("year", "count"):
        return made.NumberColumn(column.label, format="%d", help=column.help, width=width)
    if column.kind == "bar":
        return made.ProgressColumn(
            column.label, format="percent", min_value=0, max_value=1, help=column.help, width=width
        )
    if column.kind == "flag":
        return made.CheckboxColumn(column.label, help=column.help, width=width)
    return made.TextColumn(column.label, help=column.help, width=width)


KINDS = {"money": "money", "share": "share", "year": "year", "flag": "flag", "integer": "count", "number": "number"}


def plan_table(plan: Plan, name: str, rows: pd.DataFrame, key: str, *, height: int = TALLEST) -> None:
    """Rows of a plan's table; headers, units and number formats come from the dictionary."""
    currency = plan.case.dataset.settings.currency
    columns = {}
    for column in described(name, rows):
        unit = "" if column.type == "share" else _short_unit(unit_text(column, currency))
        label = column.name.replace("_", " ") + (f" ({unit})" if unit and unit not in column.name else "")
        kind = "factor" if column.unit == "factor" else KINDS.get(column.type, "text")
        columns[column.name] = Col(label, kind, column.meaning or None)
    table(rows, columns, key, f"{name} of the plan", height=height)


def _short_unit(unit: str) -> str:
    return unit.replace("million ", "m ")


def named(plan: Plan, rows: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The rows with names in full in place of ids; {column: table of the data set}."""
    found = rows.copy()
    for column, table in columns.items():
        source = plan.case.dataset.tables[table]
        key = source.columns[0]
        names = {one: name or one for one, name in zip(source[key], source["name"], strict=True)}
        found[column] = [names.get(one, one) for one in found[column]]
    return found


def free_money_columns(plan: Plan) -> dict[str, Col]:
    """How planned, bound and free money by year is shown, here and for one nation."""
    money = f"m {plan.case.dataset.settings.currency}"
    return {
        "year": Col("year", "year"),
        "planned": Col(f"planned ({money})", "money", "by the path of shares of GDP, both pillars"),
        "bound": Col(f"bound ({money})", "money", "before this plan: forces, upkeep, contracts of earlier years"),
        "free": Col(f"free ({money})", "money", "planned less bound: what this plan may spend"),
        "free_share": Col("free", "share", "part of what is planned"),
        "loan": Col(f"loans ({money})", "money", "drawn on top"),
        "spent": Col(f"spent ({money})", "money", "by this plan"),
        "left": Col(f"left ({money})", "money", "free and loans less spent; some of it is carried into the next year"),
    }


def need_plan(view: View) -> Plan | None:
    """The plan to show; without one the page says what is going on."""
    if view.plan is not None and view.plan.solved:
        return view.plan
    st.info("The first answer is on its way; this page fills itself.", icon=":material/hourglass_top:")
    return None


def remember(view: View, name: str, make: Callable[[Plan], Any]) -> Any:
    """A thing worked out from the plan shown, made once a plan; `view` must have one."""
    if view.plan is None:
        raise ValueError("nothing can be worked out without a plan")
    return view.room.gallery.get(view.plan, name, make)


def drawn(view: View, name: str, make: Callable[[Plan], Picture | Shown], key: str = "", caption: str = "") -> None:
    """A picture of the plan shown, made once a plan."""

    def shown(plan: Plan) -> Shown:
        made = make(plan)
        found = made if isinstance(made, Shown) else Shown.of(made)
        return found.marked(str(plan.header.get("marking") or ""))

    picture(remember(view, f"picture {name}", shown), key or name, caption=caption)
