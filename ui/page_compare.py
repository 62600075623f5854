"""Compare: two to four plans side by side, what changed and in what."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan, PlanError
from reports import charts, figures
from reports.compare import MODEL, WORDS
from reports.earlier import todays
from ui import controls, frame, parts, setting
from ui.library import LibraryError
from ui.parts import Col
from ui.session import View
from ui.shown import Shown

MOST, PICKED = 4, "compared before"
SHOWN = {"points": 0.005, "share": 5e-5, "money": 0.05, "count": 0.5}  # the least change that shows
HERE, BASE = "this setting", "the base"
ROWS = (
    ("Objective", "value", "points"), ("Its index, settled state in it", "index", "points"),
    ("Gap index, planning years", "gap_index_after", "points"),
    ("Gap index when all has arrived", "settled_after", "points"), ("Best bound of the objective", "bound", "points"),
    ("Gap proven", "gap", "share"), ("Closed, of what any plan could", "closed", "share"),
    ("Cost", "cost", "money"), ("Pledge credit", "pledge_credit", "share"),
    ("Core share", "core_share", "share"), ("Resilience share", "resilience_share", "share"),
    ("Bought together", "joint_share", "share"), ("Saved together", "joint_saving", "money"),
    ("European content", "eu_content", "share"), ("Small firms", "sme_share", "share"),
    ("Innovation", "innovation_share", "share"), ("Lines taken fast", "fast", "count"),
    ("Integration tax", "integration_tax", "money"), ("Orders at risk", "at_risk", "share"),
)  # fmt: skip


def show(view: View) -> None:
    """Draw the page."""
    names = _choices(view)
    picked = [name for name in st.session_state.get(PICKED, []) if name in names]
    default = picked or [name for name in (BASE, HERE) if name in names]
    if not picked:
        default += [name for name in names if name not in default][: max(0, 2 - len(default))]
    chosen = st.multiselect(
        "Plans, the first is what the others are measured against", names, default=default[:MOST], key="compared",
        max_selections=MOST, select_all=False, on_change=_picked,
    )  # fmt: skip
    plans = _read(view, chosen)
    if len(plans) < 2:
        st.info("Choose at least two plans; every plan that was solved here can be chosen.", icon=":material/info:")
        return
    table = side_by_side(plans)
    st.dataframe(table, hide_index=True, height=parts.table_height(len(table)), key="side", alt="plans side by side")
    parts.downloads(table, "compare")
    _levers(plans)
    first = next(iter(plans))
    others = list(plans)[1:]
    other = others[0]
    if len(others) > 1:
        other = str(st.segmented_control("Changes against the first in", others, default=others[0], key="changed",
                                         required=True))  # fmt: skip
    _changes(plans[first], plans[other], first, other)


def _picked() -> None:
    st.session_state[PICKED] = list(st.session_state["compared"])


def _choices(view: View) -> list[str]:
    found = []
    if view.base.plan is not None:
        found.append(BASE)
    if view.plan is not None and not view.stale and not view.is_base:
        found.append(HERE)
    return found + [run.name for run in view.room.shelf.runs()]


def _read(view: View, names: Sequence[str]) -> dict[str, Plan]:
    plans = {}
    for name in names:
        try:
            plan = view.base.plan if name == BASE else view.plan if name == HERE else _of_run(view, name)
        except (LibraryError, PlanError) as problem:
            st.warning(str(problem))
            continue
        if plan is not None and plan.solved:
            plans[name] = plan
    return plans


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept(folder: str, written: float) -> Plan:
    """A plan from disk, read once a version."""
    from pathlib import Path

    from store.folder import read_plan

    return todays(read_plan(Path(folder)))


def _of_run(view: View, name: str) -> Plan:
    run = view.room.shelf.run(name)
    plan: Plan = _kept(str(run.folder), run.written.timestamp())
    return plan


def figure(plan: Plan, name: str) -> float | None:
    """A figure of a plan's header: a headline figure, one of the objective, or a KPI of the alliance."""
    header = plan.header
    for place in (header, header.get("objective", {}), header.get("kpis", {})):
        found = figures.of_all(place.get(name))
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(found)
    return None


def side_by_side(plans: dict[str, Plan]) -> pd.DataFrame:
    """A row a figure, a column a plan, and each further plan's difference to the first."""
    first, *others = plans
    rows = []
    for label, name, kind in ROWS:
        values = {plan: figure(plans[plan], name) for plan in plans}
        currency = plans[first].case.dataset.settings.currency
        row = {"figure": label} | {plan: _text(value, kind, currency) for plan, value in values.items()}
        for other in others:
            here, there = values[other], values[first]
            change = None if here is None or there is None else here - there
            row[f"change: {other}"] = _change(change, kind, currency)
        rows.append(row)
    return pd.DataFrame(rows)


def _text(value: float | None, kind: str, currency: str) -> str:
    if value is None:
        return "-"
    if kind == "money":
        return figures.money(value, currency)
    if kind == "share":
        return f"{value:.2%}"
    return f"{value:.2f}" if kind == "points" else f"{value:.0f}"


def _change(value: float | None, kind: str, currency: str) -> str:
    if value is None:
        return "-"
    if abs(value) < SHOWN[kind]:
        return "±0"
    if kind == "money":
        return ("+" if value > 0 else "-") + figures.money(abs(value), currency)
    if kind == "share":
        return f"{100 * value:+.2f} pp"
    return f"{value:+.2f}" if kind == "points" else f"{value:+.0f}"


def _levers(plans: dict[str, Plan]) -> None:
    names = sorted({lever for plan in plans.values() for lever in plan.header.get("levers", {})})
    rows = []
    for lever in names:
        row = {"lever": ""}
        for name, plan in plans.items():
            data = plan.case.base
            row["lever"] = controls.label_of(lever, data)
            given = plan.header["levers"].get(lever, setting.base_value(data, lever))
            row[name] = controls.value_text(lever, given)
        rows.append(row)
    scenarios = {"lever": "Scenario"} | {name: plan.header.get("scenario") or "base" for name, plan in plans.items()}
    with st.expander("What was set", expanded=True, key="levers compared"):
        st.dataframe(pd.DataFrame([scenarios, *rows]), hide_index=True, key="levers table", alt="levers of the plans")


def changed_orders(first: Plan, other: Plan) -> pd.DataFrame:
    """Programmes whose orders differ: units and value (millions) in both plans; the largest change of value first."""

    def of(plan: Plan) -> pd.DataFrame:
        return plan.tables["orders"].groupby("programme")[["units", "value"]].sum()

    both = of(first).add_suffix(" first").join(of(other).add_suffix(" other"), how="outer").fillna(0.0)
    both["change"] = both["value other"] - both["value first"]
    both = both[both["change"].abs() > 1e-3]
    names = figures.names_of(other, "programmes", "programme") | figures.names_of(first, "programmes", "programme")
    both.insert(0, "programme", [names.get(str(one), str(one)) for one in both.index])
    order = both["change"].abs().sort_values(ascending=False, kind="stable").index
    return both.loc[order].reset_index(drop=True)


def _changes(first: Plan, other: Plan, first_name: str, other_name: str) -> None:
    st.subheader(f"What changed from {first_name} to {other_name}")
    if first.header.get("contract", 1) != other.header.get("contract", 1):
        st.warning(f"{WORDS[MODEL][0].upper()}{WORDS[MODEL][1:]}.")
    parts.picture(Shown.of(charts.waterfall(other, first)), "waterfall")
    rows = changed_orders(first, other)
    if rows.empty:
        st.caption("Both plans order the same.")
        return
    money = f"m {other.case.dataset.settings.currency}"
    columns = {
        "programme": Col("programme", width=250),
        "units first": Col(f"units, {first_name}", "number"),
        "units other": Col(f"units, {other_name}", "number"),
        "value first": Col(f"value, {first_name} ({money})", "money"),
        "value other": Col(f"value, {other_name} ({money})", "money"),
        "change": Col(f"change ({money})", "money"),
    }
    parts.table(rows, columns, "changed orders", "changed orders", height=420)
    parts.downloads(rows, "changed_orders")


show(frame.view())
