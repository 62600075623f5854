"""Industry: how full the lines are, what is in work, what holds production up, who pays for expansions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data.rows import spans
from optimizer.plans.plan import Plan
from reports import charts, figures, made_where
from reports.chart_work import work_in_progress
from reports.losses import losses
from ui import frame, panel, parts
from ui.parts import Col
from ui.payers import who_pays
from ui.session import View

USE, MADE, TIMES = "How full the lines are", "Who makes for whom", "When sites open"
BOOK = "On order and in work"
PICTURES = {USE: "line_utilisation", BOOK: "order_book", MADE: "production_matrix", TIMES: "expansion times"}


def show(view: View) -> None:
    """Draw the page."""
    plan = parts.need_plan(view)
    if plan is None:
        return
    chosen = st.segmented_control("Picture", list(PICTURES), key="industry picture", default=USE, required=True,
                                  label_visibility="collapsed", persist_state="session")  # fmt: skip
    if chosen == TIMES:
        parts.drawn(view, "expansion times", lambda one: charts.gantt(one, "expansion"))
    else:
        name = PICTURES[str(chosen)]
        parts.drawn(view, name, charts.CHARTS[name])
    if chosen == MADE:
        _made(view, plan)
    _bottlenecks(view, plan)
    _work(view, plan)
    _expansions(view, plan)
    _losses(view)


def bottlenecks(plan: Plan) -> pd.DataFrame:
    """Lines and components that are full in some planning year: which years, what they make; worst first."""
    capacity, data = figures.planning(plan, "capacity"), plan.case.dataset.tables
    names = figures.names_of(plan, "lines", "line") | figures.names_of(plan, "components", "component")
    made = data["line_programmes"].groupby("line")["programme"].agg(list).to_dict()
    needs = data["bill_of_materials"].groupby("component")["programme"].agg(list).to_dict()
    programmes = figures.names_of(plan, "programmes", "programme")
    components = set(data["components"]["component"])
    rows = []
    for place, group in capacity[capacity["utilisation"] >= figures.FULL].groupby("line_or_component"):
        years = sorted(int(year) for year in group["year"])
        serves = made.get(place) or needs.get(place) or []
        rows.append({
            "name": names.get(str(place), str(place)), "kind": "component" if place in components else "line",
            "years full": spans(years), "number": len(years), "added": float(group["added"].max()),
            "serves": ", ".join(sorted(programmes.get(one, one) for one in serves)),
        })  # fmt: skip
    found = pd.DataFrame(rows, columns=["name", "kind", "years full", "number", "added", "serves"])
    return found.sort_values(["number", "name"], ascending=[False, True], ignore_index=True)


def _made(view: View, plan: Plan) -> None:
    """What is made where, line by line, licences and new sites told."""
    st.subheader("Made where")
    rows = parts.remember(view, "made where", made_where.by_line)
    if rows.empty:
        st.caption("No line makes anything in this plan.")
        return
    columns = {
        "nation": Col("nation", width=125),
        "line": Col("line", width=230),
        "programme": Col("programme", width=230),
        "units": Col("units", "number", "in all years, those beyond the horizon too"),
        "value": Col(f"value (m {plan.case.dataset.settings.currency})", "money", "at the price of one unit"),
        "how": Col("opened as", help="what expansions of the line are: licence, new site, more shifts", width=90),
        "opens": Col("opens", help="the first year of one; - where the line was there before", width=60),
        "abroad": Col("for others", "share", "part of the programme's work in this nation that goes to other nations"),
    }
    shown = rows.assign(opens=[str(year) if year else "-" for year in rows["opens"]])
    parts.table(shown, columns, "made where", "what is made where", height=320)
    parts.downloads(rows, "made_where")


def _bottlenecks(view: View, plan: Plan) -> None:
    st.subheader("Bottlenecks")
    st.caption(f"{figures.industry_told(plan)}. Full is {figures.FULL:.0%} of a year's capacity or more.")
    rows = parts.remember(view, "bottlenecks", bottlenecks)
    if rows.empty:
        st.caption("No line and no component is full in any year.")
        return
    columns = {
        "name": Col("line or component", width=250),
        "kind": Col("kind"),
        "years full": Col("years full", width=150),
        "number": Col("years", "count", "in how many planning years", width=60),
        "added": Col("added", "number", "capacity added by open expansions, at most", width=65),
        "serves": Col("serves", width="large"),
    }
    parts.table(rows, columns, "bottlenecks", "full lines and components, by years", height=320)
    parts.downloads(rows, "bottlenecks")


def work(plan: Plan) -> pd.DataFrame:
    """Each programme that lines make, when the planning years end: ordered, made, delivered, in work, still to make.

    The pipeline counts as ordered and delivered, what was built of it as made; `last delivery`: the last year in which
    any of it arrives; most value still in work or waiting first.
    """
    found = work_in_progress(plan)
    last = figures.horizon(plan)[1]
    names = figures.names_of(plan, "programmes", "programme")
    deliveries = plan.tables["deliveries"]
    arrives = deliveries[deliveries["units"] > 0].groupby("programme")["year"].max()
    peak = found.groupby("programme")["in_work"].max()
    rows = found[(found["year"] == last) & (found["ordered"] > 0)]
    value = (rows["waiting_value"] + rows["in_work_value"]).to_numpy()
    rows = rows.assign(
        name=[names.get(one, one) for one in rows["programme"]], value=value,
        peak=peak.reindex(rows["programme"]).to_numpy(), arrives=arrives.reindex(rows["programme"]).to_numpy(),
    )  # fmt: skip
    order = ["name", "ordered", "made", "delivered", "in_work", "peak", "waiting", "value", "arrives"]
    return rows.sort_values(["value", "name"], ascending=[False, True], ignore_index=True)[order]


def _work(view: View, plan: Plan) -> None:
    last = figures.horizon(plan)[1]
    st.subheader(f"Work in progress when {last} ends")
    rows = parts.remember(view, "work in progress", work)
    if rows.empty:
        st.caption("No line makes anything in this plan.")
        return
    columns = {
        "name": Col("programme", width=230),
        "ordered": Col("ordered", "number", "units, what earlier rounds ordered included"),
        "made": Col("made", "number", "units; fractions are work done"),
        "delivered": Col("delivered", "number", "units"),
        "in_work": Col("in work", "number", "units made and not delivered yet"),
        "peak": Col("most in work", "number", "units at any year's end"),
        "waiting": Col("still to make", "number", "units ordered and not made yet"),
        "value": Col(f"in work and to make (m {plan.case.dataset.settings.currency})", "money", "at unit cost"),
        "arrives": Col("last delivery", "year"),
    }
    parts.table(rows, columns, "work in progress", "work in progress by programme", height=320)
    parts.downloads(rows, "work_in_progress")


def expansions(plan: Plan) -> pd.DataFrame:
    """Every expansion of the data set: started or not, what it costs and who pays."""
    data, started, who = plan.case.dataset.tables["expansions"], plan.tables["expansions"], who_pays(plan)
    found = data[["expansion", "name", "kind", "line_or_component", "added_capacity", "build_years"]].merge(
        started, on="expansion", how="left"
    )
    found["started"] = found["start_year"].notna()
    nations = figures.names_of(plan, "nations", "nation")
    found["kind"] = [made_where.KINDS.get(kind, kind) for kind in found["kind"]]
    found["host"] = [nations.get(host, "-") for host in data.set_index("expansion")["host"].reindex(found["expansion"])]
    found["who pays"] = [who.get(one, "") for one in found["expansion"]]
    order = [
        "started",
        "name",
        "kind",
        "start_year",
        "opens",
        "added_capacity",
        "cost",
        "running_cost",
        "host",
        "who pays",
    ]
    return found.sort_values(["started", "cost", "name"], ascending=[False, False, True], ignore_index=True)[order]


def _expansions(view: View, plan: Plan) -> None:
    st.subheader("Expansions and who pays")
    rows = parts.remember(view, "expansions", expansions)
    if rows.empty:
        st.caption("This data set has no expansions.")
        return
    money = f"m {plan.case.dataset.settings.currency}"
    panel.pin(view, ("expansions",), "industry", wide=True)
    columns = {
        "started": Col("started", "flag"),
        "name": Col("expansion", width=220),
        "kind": Col("kind", width=90),
        "start_year": Col("start", "year"),
        "opens": Col("opens", "year"),
        "added_capacity": Col("adds", "number", "capacity units a year"),
        "cost": Col(f"cost ({money})", "money"),
        "running_cost": Col(f"running ({money})", "money", "yearly cost to the horizon"),
        "host": Col("host", width=95),
        "who pays": Col(f"who pays ({money})", width=260, help="over all years, those beyond the horizon too"),
    }
    parts.table(rows, columns, "expansions", "expansions, their cost and who pays", height=420)
    parts.downloads(rows, "expansions_and_payers")


def losses_named(plan: Plan) -> pd.DataFrame:
    """What fails if one line or component is lost, with names in place of ids."""
    rows = losses(plan)
    places = figures.names_of(plan, "lines", "line") | figures.names_of(plan, "components", "component")
    areas, programmes = figures.names_of(plan, "areas", "area"), figures.names_of(plan, "programmes", "programme")
    return rows.assign(
        line_or_component=[places.get(one, one) for one in rows["line_or_component"]],
        area=[areas.get(one, one) for one in rows["area"]],
        programmes=[", ".join(programmes.get(one, one) for one in text.split(";")) for text in rows["programmes"]],
        nations=[text.replace(";", ", ") for text in rows["nations"]],
    )


def _losses(view: View) -> None:
    with st.expander("If one line or component were lost", key="losses", on_change="rerun") as drawer:
        if not drawer.open:
            return
        rows = parts.remember(view, "losses", losses_named)
        st.caption("What fails at once, before anybody plans anew; worst first.")
        columns = {
            "line_or_component": Col("line or component", width=220),
            "kind": Col("kind"),
            "area": Col("area", width=200),
            "effect_share": Col("of its effect", "share", "part of the area's delivered effect that depends on it"),
            "closure": Col("closure", "share"),
            "closure_if_lost": Col("if lost", "share"),
            "closure_lost": Col("lost", "share"),
            "nations": Col("nations", width="large"),
        }
        parts.table(rows, columns, "losses table", "what fails if one line or component is lost", height=360)
        parts.downloads(rows, "losses")


show(frame.view())
