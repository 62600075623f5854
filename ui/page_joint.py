"""Joint buys: who is in, at which price tier, what it saves, and what one more member would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan
from reports import charts, figures
from ui import frame, one_more, panel, parts
from ui.parts import Col
from ui.session import View
from ui.tables import need_row, row_of

WHO, SAVING = "Who is in", "Saving by nation"


def show(view: View) -> None:
    """Draw the page."""
    plan = parts.need_plan(view)
    if plan is None:
        return
    if plan.case.dataset.tables["frames"].empty:
        st.info("This data set has no joint buys.")
        return
    chosen = st.segmented_control("Picture", [WHO, SAVING], key="joint picture", default=WHO, required=True,
                                  label_visibility="collapsed", persist_state="session")  # fmt: skip
    if chosen == WHO:
        parts.drawn(view, "joint_buys", charts.joint_buys)
    else:
        parts.drawn(view, "saving_by_nation", charts.saving_by_nation)
    panel.pin(view, ("frames",), "joint", wide=True)
    st.subheader("One buy")
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        chosen_frame = _choose(plan)
        _facts(plan, chosen_frame)
        _members(plan, chosen_frame)
    with right:
        _tiers(plan, chosen_frame)
    _more(plan, chosen_frame)
    with st.expander("Every joint buy of the data set", key="all frames", on_change="rerun") as drawer:
        if not drawer.open:
            return
        rows = parts.remember(view, "all frames", every_frame)
        parts.table(rows, _columns(plan.case.dataset.settings.currency), "frames", "all joint buys")
        parts.downloads(rows, "every_joint_buy")


def every_frame(plan: Plan) -> pd.DataFrame:
    """A row a frame of the data set, launched ones with what they came to."""
    data = plan.case.dataset.tables["frames"]
    found = data[["frame", "name", "agency", "min_members", "min_units"]].merge(
        plan.tables["frames"].drop(columns=["programme"]), on="frame", how="left"
    )
    found["launched"] = found["launch_year"].notna()
    order = ["launched", "name", "agency", "launch_year", "members", "min_members", "units", "min_units", "tier",
             "price_factor", "saving", "fees"]  # fmt: skip
    return found.sort_values(["launched", "saving", "name"], ascending=[False, False, True], ignore_index=True)[order]


def _columns(currency: str) -> dict[str, Col]:
    money = f"m {currency}"
    return {
        "launched": Col("launched", "flag"),
        "name": Col("joint buy", width=200),
        "agency": Col("agency", width=130),
        "launch_year": Col("launch", "year"),
        "members": Col("members", "count"),
        "min_members": Col("members needed", "count"),
        "units": Col("units", "number"),
        "min_units": Col("units needed", "number", "least units over the horizon"),
        "tier": Col("tier", "count", "rank of the price tier, 0 below the first"),
        "price_factor": Col("price ×", "factor"),
        "saving": Col(f"saving ({money})", "money"),
        "fees": Col(f"fees ({money})", "money"),
    }


def _choose(plan: Plan) -> str:
    launched = set(plan.tables["frames"]["frame"])
    names = figures.names_of(plan, "frames", "frame")
    value = plan.tables["members"].groupby("frame")["value"].sum()
    ids = sorted(names, key=lambda one: (one not in launched, -float(value.get(one, 0.0)), one))
    return str(
        st.selectbox(
            "Joint buy", ids, key="joint frame", persist_state="session",
            format_func=lambda one: f"{names[one]}{'' if one in launched else ' (not launched)'}",
        )
    )  # fmt: skip


def _facts(plan: Plan, chosen: str) -> None:
    currency = plan.case.dataset.settings.currency
    row = need_row(plan.case.dataset.tables["frames"], "frame", chosen)
    found = row_of(plan.tables["frames"], "frame", chosen)
    if found is None:
        st.markdown(
            f"The plan does not launch it. It needs **{int(row['min_members'])} members** and "
            f"**{row['min_units']:,.0f} units** between {int(row['first_launch'])} and {int(row['last_launch'])}"
            f"{_least(row)}."
        )
        return
    st.markdown(
        f"Launched in **{int(found['launch_year'])}** by {row['agency'] or 'no agency named'}: "
        f"**{int(found['members'])} members** (at least {int(row['min_members'])}), **{found['units']:,.0f} units** "
        f"(at least {row['min_units']:,.0f}), saving **{figures.money(found['saving'], currency)}** for "
        f"{figures.money(found['fees'], currency)} of fees{_least(row)}."
    )


def _least(row: Mapping[str, Any]) -> str:
    """What each member must take, where that is more than a lot."""
    share = float(row["member_min_share"])
    return f"; each member takes at least {share:.0%} of what it may order" if share > 0 else ""


def _members(plan: Plan, chosen: str) -> None:
    members = plan.tables["members"]
    mine = members[members["frame"] == chosen].sort_values(["value", "nation"], ascending=[False, True])
    if len(mine):
        rows = parts.named(plan, mine, {"nation": "nations"}).drop(columns=["frame"])
        parts.plan_table(plan, "members", rows, "members", height=300)


def _tiers(plan: Plan, chosen: str) -> None:
    tiers = one_more.tiers_of(plan, chosen)
    launched = row_of(plan.tables["frames"], "frame", chosen)
    units = 0.0 if launched is None else float(launched["units"]) + one_more.earlier(plan, chosen)
    if tiers.empty:
        st.caption("It has no price tiers: the price is that of buying alone.")
        return
    rank, _ = one_more.tier_factor(tiers, units)
    st.markdown("**Price tiers**")
    for place, (start, factor) in enumerate(zip(tiers["from_units"], tiers["price_factor"], strict=True), start=1):
        here = place == rank and units > 0
        text = f"from {start:,.0f} {'unit' if start == 1 else 'units'}: price × {factor:g}"
        st.markdown(f":material/arrow_right: **{text} (here)**" if here else f":gray[{text}]")
    above = tiers[tiers["from_units"] > units]
    if len(above) and units > 0:
        lacking = float(above["from_units"].iloc[0]) - units
        st.caption(f"{lacking:,.0f} more units reach the next tier.")


def _more(plan: Plan, chosen: str) -> None:
    rows = one_more.one_more(plan, chosen)
    if rows.empty:
        return
    currency = plan.case.dataset.settings.currency
    st.markdown("**What one more member would do**")
    shown = parts.named(plan, rows, {"nation": "nations"})
    money = f"m {currency}"
    columns = {
        "nation": Col("nation", width=170),
        "status": Col("status"),
        "units moved": Col("units moved", "number"),
        "price × then": Col("price × then", "factor"),
        "it saves": Col(f"it saves ({money})", "money"),
        "it pays in fees": Col(f"its fees ({money})", "money"),
        "others save more": Col(f"others save more ({money})", "money"),
        "all together": Col(f"all together ({money})", "money"),
    }
    parts.table(shown, columns, "one more", "what one more member would do", height=300)
    st.caption(
        f"Millions of {currency}, arithmetic on this plan: the nation's own orders of the programme move into the buy, "
        "the total finds its tier; nothing is planned again."
    )
    parts.downloads(shown, f"one_more_{chosen}")


show(frame.view())
