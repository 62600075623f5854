"""Gaps: where targets are missed, and down to one nation's area and the programmes that could close it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan
from reports import charts, figures
from reports.style import LIGHTS_SAY
from ui import frame, parts, reach
from ui.parts import Col
from ui.session import View

ALL, ARRIVED = reach.ALL, reach.ARRIVED  # all nations; the settled state, behind the years


def show(view: View) -> None:
    """Draw the page."""
    plan = parts.need_plan(view)
    if plan is None:
        return
    first, last = figures.horizon(plan)
    stops: list[int | str] = [*range(first, last + 1), *([ARRIVED] if len(plan.tables["settled"]) else [])]
    stop = st.select_slider("Year", stops, value=last, key="gap year", persist_state="session", width=420)
    settled = stop == ARRIVED
    year = last if settled else int(stop)
    name = "gap_heat_map" if stop == last else f"gap_heat_map {stop}"
    parts.drawn(view, name, lambda one: charts.gap_heat_map(one, year, settled), "gap_heat_map", caption=LIGHTS_SAY)
    _every_target(view, plan, last)
    _drill(view, plan, year)


def every_target(plan: Plan) -> pd.DataFrame:
    """Each target of the last year with names in full: nation, area, target, missing, met, arrived, more."""
    rows = figures.closures(plan)
    nations = figures.names_of(plan, "nations", "nation") | {ALL: "All together"}
    areas = figures.names_of(plan, "areas", "area")
    return pd.DataFrame({
        "nation": [nations.get(one, one) for one in rows["nation"]],
        "area": [areas.get(one, one) for one in rows["area"]], "target": rows["target"], "missing": rows["shortfall"],
        "met": rows["closure"], "arrived": rows["settled"], "more": rows["settled"] - rows["closure"],
    })  # fmt: skip


def _every_target(view: View, plan: Plan, last: int) -> None:
    """The closure of the last year and, beside it, that of the settled state."""
    rows = parts.remember(view, "every target", every_target)
    if rows.empty:
        return
    st.markdown(f"**Every target: met in {last}, and when all that is ordered has arrived**")
    columns = {
        "nation": Col("nation", width=150),
        "area": Col("area", width=260),
        "met": Col(f"met in {last}", "bar", width=130),
        "arrived": Col("all arrived", "bar", "when all that is ordered has arrived", width=130),
        "more": Col("more then", "share", "less where things wear out before the rest arrives"),
        "target": Col("target", "number", "area units"),
        "missing": Col(f"missing in {last}", "number", "area units"),
    }
    parts.table(rows, columns, "every target", "targets met in the last year and when all has arrived", height=260)
    parts.downloads(rows, "every_target")


def _drill(view: View, plan: Plan, year: int) -> None:
    st.subheader("One nation, one area")
    gaps = plan.tables["gaps"]
    nations = figures.names_of(plan, "nations", "nation") | {ALL: "All together (collective)"}
    areas = figures.names_of(plan, "areas", "area")
    left, right = st.columns(2)
    with_target = gaps[gaps["target"] > 0]
    choices = sorted(set(with_target["area"]), key=lambda one: areas.get(one, one))
    if not choices:
        st.info("No area has a target here.")
        return
    worst = with_target[with_target["year"] == year].groupby("area")[["shortfall", "target"]].sum()
    start = str((worst["shortfall"] / worst["target"]).idxmax()) if len(worst) else choices[0]
    area = left.selectbox("Area", choices, index=choices.index(start), key="gap area", persist_state="session",
                          format_func=lambda one: areas.get(one, one))  # fmt: skip
    holders = _most_open(with_target[(with_target["area"] == area) & (with_target["year"] == year)])
    nation = right.selectbox("Nation", holders, key=f"gap nation {area}", persist_state="session",
                             format_func=lambda one: nations.get(one, one))  # fmt: skip
    rows = gaps[(gaps["area"] == area) & (gaps["nation"] == nation)].sort_values("year")
    parts.drawn(view, f"way {nation} {area}", lambda one: reach.way(one, str(nation), str(area)), "way")
    with st.expander("The figures behind it, by year", key="gap figures", on_change="rerun") as drawer:
        if drawer.open:
            parts.plan_table(plan, "gaps", rows.drop(columns=["nation", "area"]), "gap rows")
            later = plan.tables["settled"]
            later = later[(later["area"] == area) & (later["nation"] == nation)]
            if len(later):
                st.caption("When all that is ordered has arrived:")
                parts.plan_table(plan, "settled", later.drop(columns=["nation", "area"]), "settled rows")
    _programmes(plan, str(nation), str(area))


def _most_open(rows: pd.DataFrame) -> list[str]:
    """Nations by what they miss, the most first."""
    ordered = rows.sort_values(["shortfall", "nation"], ascending=[False, True])
    return [str(nation) for nation in ordered["nation"]]


def _programmes(plan: Plan, nation: str, area: str) -> None:
    st.markdown("**Programmes that serve this area**")
    rows = reach.programmes(plan, nation, area)
    if rows.empty:
        st.caption("No programme of the data set has an effect here; only innovation can close this gap.")
        return
    columns = {
        "programme": Col("programme", width=250),
        "effect": Col("effect a unit", "factor", "area units for each unit in service"),
        "ordered": Col("units ordered", "number"),
        "most": Col("most it may order", "number"),
        "delivered": Col("effect delivered", "number", "area units in the last year, orders and pipeline"),
        "what holds back more": Col("what holds back more", width=330),
    }
    parts.table(rows, columns, "gap programmes", "programmes that serve the area", height=360)
    parts.downloads(rows, f"programmes_{nation}_{area}")


show(frame.view())
