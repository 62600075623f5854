"""Data: the tables that a plan is made from, edited with checks as you type, as a workbook in and out, with sources."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from data.checks import warnings
from data.dataset import Dataset
from data.dictionary import Column, data_tables
from data.findings import ERROR, Finding
from reports import figures
from ui import draft as drafts
from ui import frame, parts, session
from ui.draft import Draft
from ui.library import LibraryError
from ui.parts import EXCEL, Col, plain
from ui.room import room
from ui.session import View
from ui.setting import Setting

DRAFT, TABLE, INPUT = "draft", "data table", "editor input"
TEXTS = {"dataset.yaml": "settings", "scenarios.yaml": "scenarios"}
MOST_UPLOAD = 50  # MB, as in .streamlit/config.toml


def show(view: View) -> None:
    """Draw the page."""
    _about(view)
    st.fragment(_editor)(view)
    _books(view)


def current(view: View) -> Draft:
    """This session's draft of the data set that is open."""
    kept = st.session_state.get(DRAFT)
    if kept is None or kept[0] != (view.setting.data, view.dataset.sha256):
        kept = ((view.setting.data, view.dataset.sha256), drafts.of_folder(view.room.library.folder(view.setting.data)))
        st.session_state[DRAFT] = kept
    found: Draft = kept[1]
    return found


def _keep(view: View, draft: Draft) -> None:
    st.session_state[DRAFT] = ((view.setting.data, view.dataset.sha256), draft)


def _about(view: View) -> None:
    settings = view.dataset.settings
    rows = sum(len(table) for table in view.dataset.tables.values())
    where = "ships with the program" if not view.room.library.can_write(view.setting.data) else "made here"
    st.markdown(
        f"**{plain(settings.name)}**: {plain(settings.description)}. {rows:,} rows; money in million "
        f"{plain(settings.currency)}, prices of {settings.price_base_year}; {where}; "
        f"`sha256 {view.dataset.sha256[:12]}`"
    )


def _editor(view: View) -> None:
    draft = current(view)
    tables = data_tables()
    left, right = st.columns([0.4, 0.6], vertical_alignment="bottom")
    name = str(
        left.selectbox(
            "Table", [*tables, *TEXTS], key=TABLE, persist_state="session",
            format_func=lambda one: f"{one}{' ●' if one in draft.changed else ''}",
        )
    )  # fmt: skip
    right.caption(
        f"Changed: {', '.join(draft.changed)}. Nothing is saved until you save it below." if draft.changed
        else "Change cells, add rows at the end, or mark rows and delete them; what is wrong is said at once."
    )  # fmt: skip
    draft = _text(view, draft, name) if name in TEXTS else _table(view, draft, name)
    _findings(view, draft, name)
    _save(view, draft)
    if name not in TEXTS:
        _sources(view, name)


def _text(view: View, draft: Draft, name: str) -> Draft:
    here, source = draft.text(TEXTS[name])
    text = st.text_area(name, value=source if here is None else here, height=380, key=f"text {name} {view.key}",
                        persist_state="session")  # fmt: skip
    draft = draft.with_text(TEXTS[name], None if text == source else text)
    _keep(view, draft)
    return draft


def _table(view: View, draft: Draft, name: str) -> Draft:
    key = f"edit {name}"
    # The editor's input stays what it was while it is open: its own output is never fed back to it.
    if key not in st.session_state or st.session_state.get(INPUT, ("", None))[0] != name:
        st.session_state[INPUT] = (name, draft.frame(name))
    given: pd.DataFrame = st.session_state[INPUT][1]
    config = {column.name: column_config(column, draft) for column in data_tables()[name].columns}
    edited = st.data_editor(
        given,
        key=key,
        num_rows="dynamic",
        hide_index=False,
        height=380,
        placeholder="",
        column_config=config,
        alt=f"table {name}",
    )
    draft = draft.with_table(name, edited)
    _keep(view, draft)
    return draft


def column_config(column: Column, draft: Draft) -> Any:
    """How the editor takes a column: by its type, its choices and its meaning in the dictionary."""
    label = column.name + (" *" if column.key else "")
    unit = f" Unit: {column.unit}." if column.unit not in ("-", "") else ""
    default = f" Empty: {column.default}." if column.default and not column.required else ""
    help_text = f"{column.meaning}.{unit}{default}"
    if column.numeric and column.type != "flag":
        form = "%d" if column.whole else None
        return st.column_config.NumberColumn(label, help=help_text, format=form, step=1 if column.whole else None)
    known = ["1", "0"] if column.type == "flag" else drafts.choices(draft, column)
    if known and (column.type in ("choice", "flag") or column.reference):
        return st.column_config.SelectboxColumn(label, help=help_text, options=["", *known])
    return st.column_config.TextColumn(label, help=help_text)


def _findings(view: View, draft: Draft, name: str) -> None:
    found = draft.errors() if draft.changed else list(draft.raw.findings)
    mine = [finding for finding in found if finding.table == name]
    errors = sum(finding.level == ERROR for finding in found)
    if not errors:
        st.success("No error in the data." if draft.changed else "The data have no error.", icon=":material/check:")
        if not draft.changed:
            _warnings(view, name)
        return
    st.error(
        f"{errors} error{'s' if errors != 1 else ''} in the data, {len(mine)} of them in this table; nothing can be "
        "saved before they are put right.", icon=":material/error:",
    )  # fmt: skip
    listed(mine + [finding for finding in found if finding.table != name], "findings")


@st.cache_data(max_entries=8, show_spinner=False)
def _warned(sha256: str, _dataset: Dataset) -> list[Finding]:
    """The warnings of a data set, worked out once a content."""
    return warnings(_dataset)


def _warnings(view: View, name: str) -> None:
    """What solves but a planner should know, those of this table first."""
    found = _warned(view.dataset.sha256, view.dataset)
    if not found:
        return
    mine = [finding for finding in found if finding.table == name]
    count = figures.counted(len(found), "warning", "warnings")
    with st.expander(f"{count}, {len(mine)} of them in this table: it solves, but look at them", key="warnings"):
        listed(mine + [finding for finding in found if finding.table != name], "warnings listed")


def listed(found: list[Finding], key: str) -> None:
    """Findings as a table: where, what is wrong, what would be right."""
    rows = pd.DataFrame(
        [(f.level, f.table, f.row, f.column, f.value, f.message, f.remedy) for f in found],
        columns=["level", "table", "row", "column", "value", "wrong", "right"],
    )
    columns = {
        "level": Col(""), "table": Col("table"), "row": Col("row", "count"), "column": Col("column"),
        "value": Col("value", width=110), "wrong": Col("what is wrong", width=300),
        "right": Col("what would be right", width=300),
    }  # fmt: skip
    parts.table(rows, columns, key, "what is wrong with the data", height=220)


def _save(view: View, draft: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        mine = view.room.library.can_write(view.setting.data)
        start = view.setting.data if mine else f"{view.setting.data}-2"
        st.text_input("Save as data set", value=start, key="save data as", max_chars=60, width=260)
        st.button("Save and open", key="save data", type="primary", icon=":material/save:", on_click=_saved,
                  args=(view, draft), disabled=not draft.changed)  # fmt: skip
        st.button("Discard changes", key="discard data", on_click=_discard, disabled=not draft.changed,
                  icon=":material/undo:")  # fmt: skip
        if mine:
            with st.popover("Delete data set", icon=":material/delete:"):
                st.markdown(f"Delete **{plain(view.setting.data)}** from disk? Plans made from it stay.")
                st.button("Delete it", key="delete data", type="primary", on_click=_delete, args=(view.setting.data,))


def _saved(view: View, draft: Draft) -> None:
    dataset, found = draft.examined()
    _open(dataset, found, str(st.session_state["save data as"]))


def _open(dataset: Dataset | None, found: list[Finding], name: str) -> None:
    """Save a data set that has no error, and open it."""
    here = room()
    if dataset is None:
        told = figures.counted(sum(f.level == ERROR for f in found), "error", "errors")
        session.note(f"not saved: {told} in the data")
        return
    try:
        data = here.library.save_dataset(dataset, name)
    except (LibraryError, OSError) as problem:
        session.note(f"not saved: {problem}")
        return
    warned = len(found)
    told = figures.counted(warned, "warning", "warnings")
    session.note(f"saved as {data}" + (f"; {told}, listed on the page Data" if warned else ""))
    _forget()
    session.replace_setting(Setting(data))


def _forget() -> None:
    for key in (DRAFT, INPUT):
        st.session_state.pop(key, None)
    for key in [key for key in st.session_state if str(key).startswith(("edit ", "text "))]:
        del st.session_state[key]


def _discard() -> None:
    _forget()


def _delete(data: str) -> None:
    here = room()
    try:
        here.library.delete_dataset(data)
    except (LibraryError, OSError) as problem:
        session.note(str(problem))
        return
    session.note(f"{data} is deleted")
    session.replace_setting(Setting(here.data))


def _sources(view: View, name: str) -> None:
    sources = view.dataset.tables["sources"]
    mine = sources[sources["table"] == name]
    with st.expander(f"Sources of this table ({len(mine)})", key="sources"):
        if mine.empty:
            st.caption("The data set names no source for this table.")
            return
        columns = {
            "key": Col("row", width=120), "column": Col("column", width=130), "source": Col("source", width=330),
            "year": Col("year", "year"), "basis": Col("basis"), "note": Col("note", width=300),
        }  # fmt: skip
        parts.table(mine, columns, "sources", f"sources of {name}", height=300)


def _books(view: View) -> None:
    st.subheader("As a workbook")
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption("Every table a sheet, with units, drop-downs and help; changes made above are in it.")
        st.download_button(
            "Download the data", lambda: drafts.book_bytes(current(view)), f"{view.setting.data}.xlsx", EXCEL,
            key="data workbook", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Download an empty template", drafts.template_bytes, "template.xlsx", EXCEL, key="data template",
            on_click="ignore", icon=":material/download:", type="tertiary",
        )  # fmt: skip
    with right:
        file = st.file_uploader(
            f"Upload a data workbook (.xlsx, at most {MOST_UPLOAD} MB)", type=["xlsx"], key="upload",
            max_upload_size=MOST_UPLOAD,
        )  # fmt: skip
        if file is not None:
            _uploaded(file.file_id, file.getvalue(), file.name)


def _uploaded(file_id: str, content: bytes, name: str) -> None:
    kept = st.session_state.get("uploaded")
    if kept is None or kept[0] != file_id:
        with st.spinner("Checking the workbook"):
            kept = (file_id, *drafts.of_book(content).examined())
        st.session_state["uploaded"] = kept
    dataset, found = kept[1], kept[2]
    errors = sum(finding.level == ERROR for finding in found)
    if dataset is None:
        told = figures.counted(errors, "error", "errors")
        st.error(f"{plain(name)}: {told}; put right in the workbook what is listed and upload it again.")
    else:
        st.success(f"{plain(name)}: no error, {figures.counted(len(found), 'warning', 'warnings')}.")
        st.text_input("Name of the data set", value=_stem(name), key="upload name", max_chars=60)
        st.button("Save and open it", key="save upload", type="primary", on_click=_save_upload)
    if found:
        listed(found, "upload findings")


def _stem(name: str) -> str:
    clean = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name.rpartition(".")[0])
    return clean.strip("-")[:50] or "upload"


def _save_upload() -> None:
    kept = st.session_state.get("uploaded")
    if kept is not None:
        _open(kept[1], kept[2], str(st.session_state["upload name"]))


show(frame.view())
