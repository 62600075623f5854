"""Innovation: which lines are piloted, scaled or taken fast, what they cost and which gaps they close."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan
from reports import charts, figures
from ui import frame, panel, parts
from ui.parts import Col
from ui.payers import who_pays
from ui.session import View

MODES = {"normal": "pilot, then scale", "fast": "fast", "pilot_only": "pilot only"}


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
        "name": Col("innovation line", width=215),
        "way": Col("how", width=100),
        "from": Col("from", "year"),
        "complete": Col("complete", "year"),
        "cost": Col(f"cost (m {plan.case.dataset.settings.currency})", "money", "within the planning years"),
        "success": Col("chance", "share", "of success"),
        "closes": Col("closes of the target, if it works", width=185),
        "small firms": Col("SMEs", "share", "part of the money that goes to small and medium firms", width=55),
        "sponsor": Col("sponsors", help="ALL: every nation", width=70),
        "who pays": Col(
            f"who pays (m {plan.case.dataset.settings.currency})",
            width=260,
            help="over all years, those beyond the horizon too",
        ),
    }
    parts.table(rows, columns, "innovation", "innovation lines")
    parts.downloads(rows, "innovation")


def way(mode: object, fast_years: object) -> str:
    """How a line is taken, in words; a fast one with the years that it takes."""
    if mode == "fast" and isinstance(fast_years, int | float) and fast_years == fast_years:
        return f"fast: {figures.counted(int(fast_years), 'year', 'years')}"
    return MODES.get(str(mode), "not started")


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
    years = dict(zip(tables["innovation"]["innovation"], tables["innovation"]["fast_years"], strict=True))
    found["way"] = [way(mode, years.get(line)) for line, mode in zip(found["innovation"], found["mode"], strict=True)]
    found["complete"] = found["complete_year"].where(found["complete_year"] > 0)
    payers = who_pays(plan)
    found["who pays"] = [payers.get(one, "") for one in found["innovation"]]
    found["sponsor"] = [text.replace(";", ", ") for text in found["sponsor"]]
    found["closes"] = [closes.get(one, "") for one in found["innovation"]]
    found = found.rename(
        columns={"pilot_year": "from", "success_probability": "success", "sme_share": "small firms"}
    ).sort_values(["cost", "name"], ascending=[False, True], ignore_index=True)
    return found[["name", "way", "from", "complete", "cost", "success", "closes", "small firms", "sponsor", "who pays"]]


show(frame.view())
