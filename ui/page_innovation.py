"""Innovation: which lines are piloted, scaled or taken fast, what they cost and which gaps they close."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plan import Plan
from reports import charts, figures
from ui import frame, panel, parts
from ui.parts import Col
from ui.payers import who_pays
from ui.session import View

MODES = {"normal": "pilot, then scale", "fast": "fast, within two years", "pilot_only": "pilot only"}


def show(view: View) -> None:
    """Draw the page."""
    plan = parts.need_plan(view)
    if plan is None:
        return
    if plan.case.dataset.tables["innovation"].empty:
        st.info("This data set has no innovation lines.")
        return
    kpis = plan.header.get("kpis", {})
    first, last = figures.horizon(plan)
    st.markdown(
        f"From {first} to {last}, **{kpis.get('pilots', 0)}** pilots start, **{kpis.get('scaled', 0)}** of them are "
        f"scaled, and **{kpis.get('fast', 0)}** lines are taken fast; innovation is "
        f"**{figures.per_cent(kpis.get('innovation_share'), 1)}** of the resilience money."
    )
    parts.drawn(view, "innovation times", lambda one: charts.gantt(one, "innovation"))
    st.subheader("Every line")
    rows = parts.remember(view, "innovation", lines)
    panel.pin(view, ("innovation",), "innovation", wide=True)
    columns = {
        "name": Col("innovation line", width=240),
        "way": Col("how", width=130),
        "from": Col("from", "year"),
        "complete": Col("complete", "year"),
        "cost": Col(f"cost (m {plan.case.dataset.settings.currency})", "money", "within the planning years"),
        "success": Col("chance", "share", "of success"),
        "closes": Col("closes of the target, if it works", width=300),
        "small firms": Col("small firms", "share", "part of the money that goes to small firms"),
        "sponsor": Col("sponsors"),
        "who pays": Col(
            f"who pays (m {plan.case.dataset.settings.currency})",
            width=260,
            help="over all years, those beyond the horizon too",
        ),
    }
    parts.table(rows, columns, "innovation", "innovation lines")
    parts.downloads(rows, "innovation")


def lines(plan: Plan) -> pd.DataFrame:
    """Every innovation line of the data set: how the plan takes it, when, at what cost, what it closes, who pays."""
    tables = plan.case.dataset.tables
    areas = figures.names_of(plan, "areas", "area")
    effects = tables["innovation_effects"]
    closes = {
        line: ", ".join(f"{areas.get(a, a)} {c:.0%}" for a, c in zip(group["area"], group["closes"], strict=True))
        for line, group in effects.groupby("innovation")
    }
    found = tables["innovation"][["innovation", "name", "sponsor", "success_probability", "sme_share"]].merge(
        plan.tables["innovation"], on="innovation", how="left"
    )
    found["way"] = [MODES.get(mode, "not started") for mode in found["mode"]]
    found["complete"] = found["complete_year"].where(found["complete_year"] > 0)
    payers = who_pays(plan)
    found["who pays"] = [payers.get(one, "") for one in found["innovation"]]
    found["closes"] = [closes.get(one, "") for one in found["innovation"]]
    found = found.rename(
        columns={"pilot_year": "from", "success_probability": "success", "sme_share": "small firms"}
    ).sort_values(["cost", "name"], ascending=[False, True], ignore_index=True)
    return found[["name", "way", "from", "complete", "cost", "success", "closes", "small firms", "sponsor", "who pays"]]


show(frame.view())
