"""Runs: the plans on disk; what they came to, notes, loading and deleting."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plans.plan import PlanError
from reports.chart_progress import progress_of
from reports.progress import FEWEST, gained, told, unit_of
from store.runs import LONGEST_NOTE, Run
from ui import controls, frame, parts, session
from ui.library import LibraryError
from ui.parts import EXCEL, Col, plain
from ui.room import room
from ui.session import View
from ui.setting import Setting
from ui.shelf import workbook_bytes
from ui.shown import Shown


def show(view: View) -> None:
    """Draw the page."""
    runs = view.room.shelf.runs()
    st.subheader("Plans on disk")
    st.caption(f"In {view.room.shelf.workspace.name}/, newest first; each is a folder that `drive5 audit` can check.")
    if not runs:
        st.info("No plan has been written yet. Move a lever: every plan that is found comes here.",
                icon=":material/info:")  # fmt: skip
        return
    table = listed(runs)
    picked = st.dataframe(
        table, hide_index=True, height=parts.table_height(len(table), 400), key="runs", on_select="rerun",
        selection_mode="single-row", alt="plans on disk", selection_default={"selection": {"rows": [0]}},
        column_config={
            "written": st.column_config.DatetimeColumn("written (UTC)", format="YYYY-MM-DD HH:mm"),
            "gap index": st.column_config.NumberColumn(format="%.2f"),
            "all arrived": st.column_config.NumberColumn(
                format="%.2f", help="gap index when all that is ordered has arrived"
            ),
            "gap": st.column_config.NumberColumn(format="percent", help="how far, at most, a better plan could be"),
            "closed": st.column_config.NumberColumn(
                format="percent", help="of what any plan could close, at least this part is closed"
            ),
            "cost": st.column_config.NumberColumn(
                "cost (m)", format="compact", help="millions of the data set's currency, in the years beyond too"
            ),
            "seconds": st.column_config.NumberColumn(format="%.0f"),
            "note": st.column_config.TextColumn(width="medium"),
        },
    )  # fmt: skip
    parts.downloads(table, "runs")
    chosen = picked["selection"]["rows"]
    if chosen:
        _one(view, runs[chosen[0]])
    else:
        st.caption("Tick a plan to load it, note something on it, or delete it.")


def listed(runs: list[Run]) -> pd.DataFrame:
    """A row a run."""
    rows = []
    for run in runs:
        header = run.header
        rows.append({
            "run": run.name, "written": run.written, "data set": header.get("dataset", ""),
            "scenario": header.get("scenario") or "base", "levers": len(header.get("levers", {})),
            "gap index": header.get("gap_index_after"), "all arrived": header.get("settled_after"),
            "gap": header.get("objective", {}).get("gap"), "closed": header.get("objective", {}).get("closed"),
            "cost": header.get("objective", {}).get("cost"),
            "seconds": sum(header.get("seconds", {}).values()), "status": header.get("status", ""), "note": run.note,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _one(view: View, run: Run) -> None:
    header = run.header
    st.markdown(f"**{run.name}** · {plain(header.get('marking') or 'no marking')} · {header.get('status', '')}")
    levers = header.get("levers", {})
    dataset = view.dataset
    if levers:
        texts = [
            f"{controls.label_of(name, dataset)} {controls.value_text(name, given)}" for name, given in levers.items()
        ]
        st.caption("Levers: " + "; ".join(texts))
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        st.text_area("Note", value=run.note, key=f"note {run.name}", max_chars=LONGEST_NOTE, height=90,
                     on_change=_note, args=(run.name,))  # fmt: skip
    with right:
        home = data_of(view, run)
        st.button(
            "Load", key="load run", icon=":material/open_in_new:", on_click=_load, args=(run.name,), width="stretch",
            disabled=home is None,
            help="Set the levers of this plan and show it." if home else "Its data set has changed since.",
        )  # fmt: skip
        st.download_button(
            "Workbook", lambda: _workbook(view, run), f"{run.name}.xlsx", EXCEL, key="run workbook",
            on_click="ignore", icon=":material/download:", width="stretch",
        )  # fmt: skip
        with st.popover("Delete", icon=":material/delete:", width="stretch"):
            st.markdown(f"Delete **{run.name}** from disk? This can't be undone.")
            st.button("Delete it", key="delete run", on_click=_delete, args=(run.name,), type="primary")
    if home is None:
        st.caption(
            "The data set that this plan was made from is not here any more in that form, so its levers can't be set."
        )
    _progress(view, run)


def _progress(view: View, run: Run) -> None:
    """How its search went: value and bound over seconds, and which finder gained what."""
    events, unit = view.room.shelf.progress(run.name), unit_of(run.header)
    st.subheader("Progress of the search")
    if len(events) < FEWEST:
        st.info(f"{told(events, unit)}.", icon=":material/info:")
        return
    parts.picture(Shown.of(progress_of(run.header, events)), f"progress {run.name}")
    times = "how often; the first one counts, and gains nothing"
    parts.table(
        gained(events),
        {
            "finder": Col("finder", help="as progress.csv names it; of a neighbourhood, what it set free"),
            "lowered": Col(f"value lowered by ({unit})", "precise", "the lower the value, the better the plan"),
            "values": Col("times", "count", times),
            "raised": Col(f"bound raised by ({unit})", "precise", "the higher the bound, the more is proven"),
            "bounds": Col("times, bound", "count", times),
        },
        f"gains {run.name}", "which finder gained what", height=320,
    )  # fmt: skip


def data_of(view: View, run: Run) -> str | None:
    """The id of the data set that a run was made from, None where it is not here in that form."""
    from data.findings import DataError

    wanted = run.header.get("dataset_sha256")
    for data in view.room.library.ids():
        try:
            if view.room.library.dataset(data).sha256 == wanted:
                return data
        except (LibraryError, DataError):
            continue
    return None


def _workbook(view: View, run: Run) -> bytes:
    return workbook_bytes(view.room.shelf.read(run.name), run.folder)


def _note(name: str) -> None:
    try:
        room().shelf.set_note(name, st.session_state[f"note {name}"])
    except (LibraryError, OSError) as problem:
        session.note(str(problem))


def _load(name: str) -> None:
    from ui.setting import pull

    here = room()
    try:
        run = here.shelf.run(name)
        plan = here.shelf.read(name)
    except (LibraryError, PlanError) as problem:
        session.note(str(problem))
        return
    data = next((one for one in here.library.ids() if here.library.dataset(one).sha256 == plan.case.base.sha256), None)
    if data is None:
        return
    dataset = here.library.dataset(data)
    start = Setting(data, run.header.get("scenario"))
    given = session.all_levers(dataset, start) | dict(run.header.get("levers", {}))
    here.desk.show(plan, name)
    session.replace_setting(pull(start, dataset, given))


def _delete(name: str) -> None:
    here = room()
    try:
        here.shelf.delete(name)
    except (LibraryError, OSError) as problem:
        session.note(str(problem))
        return
    here.desk.forget(name)
    session.note(f"{name} is deleted")


show(frame.view())
