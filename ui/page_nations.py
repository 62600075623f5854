"""Nations: one page a nation: its money, its targets, its orders, its part of the work."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan
from reports import assumed, charts, figures, made_where, pledge
from ui import frame, parts
from ui.parts import Col
from ui.session import View


def show(view: View) -> None:
    """Draw the page."""
    plan = parts.need_plan(view)
    if plan is None:
        return
    names = figures.names_of(plan, "nations", "nation")
    spent = plan.tables["budgets"].groupby("nation")["spent"].sum()
    known = sorted(names, key=names.__getitem__)
    largest = known.index(str(spent.idxmax())) if len(spent) else 0
    nation = str(
        st.selectbox(
            "Nation", known, index=largest, key="nation", persist_state="session",
            format_func=lambda one: names.get(one, one), width=320,
        )
    )  # fmt: skip
    _headline(plan, nation)
    parts.drawn(view, f"glide_path {nation}", lambda one: charts.glide_path(one, nation), "glide_nation")
    left, right = st.columns([0.52, 0.48], gap="medium")
    with left:
        _targets(view, nation)
    with right:
        _together(plan, nation)
    _orders(plan, nation, names[nation])
    _work(view, nation)
    _beyond(plan, nation)
    _money(plan, nation)


def _headline(plan: Plan, nation: str) -> None:
    kpis = plan.header.get("kpis", {})
    burden = kpis.get("burden", {}).get(nation, {})
    share = {name: kpis.get(name, {}).get(nation) for name in ("core_share", "resilience_share", "pledge_credit")}
    last = figures.horizon(plan)[1]
    texts = [
        ("Core", figures.per_cent(share["core_share"]), f"of GDP in {last}: committed and spent"),
        ("Resilience", figures.per_cent(share["resilience_share"]), f"of GDP in {last}"),
        ("Pledge credit", figures.per_cent(share["pledge_credit"]), "core and at most 1.5 % resilience"),
        ("Input", figures.per_cent(burden.get("input")), "committed and spent over GDP, all planning years"),
        ("Contribution", figures.per_cent(burden.get("contribution")),
         "what it has and what its deliveries add, of all targets together: a mean over years, areas by weight"),
        ("Added", figures.per_cent(burden.get("added")), "of it, what its deliveries add"),
        ("Targets met", figures.per_cent(burden.get("benefit"), 1), "its own, all planning years, areas by weight"),
    ]  # fmt: skip
    for place, (label, value, help_text) in zip(st.columns(len(texts)), texts, strict=True):
        place.metric(label, value, help=help_text)


def targets(plan: Plan, nation: str) -> pd.DataFrame:
    """A nation's areas in the last year: part met then and when all has arrived, target, missing; least met first."""
    rows = figures.closures(plan)
    rows = rows[rows["nation"] == nation]
    areas = figures.names_of(plan, "areas", "area")
    found = pd.DataFrame({
        "area": [areas.get(one, one) for one in rows["area"]], "met": rows["closure"].to_numpy(),
        "arrived": rows["settled"].to_numpy(),
        "target": rows["target"].to_numpy(), "missing": rows["shortfall"].to_numpy(),
    })  # fmt: skip
    return found.sort_values(["met", "area"], ignore_index=True)


def _targets(view: View, nation: str) -> None:
    rows = parts.remember(view, f"targets {nation}", lambda plan: targets(plan, nation))
    st.markdown("**Targets in the last year, and when all has arrived**")
    if rows.empty:
        st.caption("It has no targets of its own.")
        return
    columns = {
        "area": Col("area", width=200),
        "met": Col("met", "bar", "in the last year", width=85),
        "arrived": Col("all arrived", "bar", "when all that is ordered has arrived", width=85),
        "missing": Col("missing", "number", "area units, in the last year", width=62),
        "target": Col("target", "number", "area units"),
    }
    parts.table(rows, columns, "nation targets", "targets met", height=330)
    parts.downloads(rows, f"targets_{nation}")


def _orders(plan: Plan, nation: str, name: str) -> None:
    orders = plan.tables["orders"]
    mine = orders[orders["nation"] == nation].sort_values(["year", "value"], ascending=[True, False])
    st.markdown("**Orders**", help=assumed.SAYS)
    if mine.empty:
        st.caption(f"{name} orders nothing in this plan.")
        return
    rows = orders_named(plan, mine)
    columns = {
        "year": Col("year", "year", width=55),
        "programme": Col("programme", help=assumed.SAYS, width=300),
        "units": Col("units", "number", width=80),
        "value": Col(f"value (m {plan.case.dataset.settings.currency})", "money", width=120),
        "price": Col("price is", help="where a unit's price is from; sources: page Data", width=90),
        "channel": Col("through", help="alone, or the joint buy", width=240),
    }
    parts.table(rows, columns, "nation orders", "orders of the nation", height=300)
    parts.downloads(rows, f"orders_{nation}")


def orders_named(plan: Plan, orders: pd.DataFrame) -> pd.DataFrame:
    """Orders with names in full; a programme whose price is an assumption has a mark, a frame's channel its name."""
    names = assumed.marked_names(plan, figures.names_of(plan, "programmes", "programme"))
    frames = figures.names_of(plan, "frames", "frame") | {"national": "alone"}
    basis = assumed.price_basis(plan)
    return orders.assign(
        programme=[names.get(one, one) for one in orders["programme"]],
        channel=[frames.get(one, one) for one in orders["channel"]],
        price=[basis.get(one, "-") for one in orders["programme"]],
    ).drop(columns=["nation"])


def _together(plan: Plan, nation: str) -> None:
    members = plan.tables["members"]
    mine = members[members["nation"] == nation].sort_values("value", ascending=False)
    st.markdown("**Joint buys it is in**")
    if mine.empty:
        st.caption("None.")
        return
    names = figures.bought_together(plan, len(plan.tables["frames"])).set_index("frame")["name"]
    rows = mine.assign(frame=names.reindex(mine["frame"]).to_numpy()).drop(columns=["nation"])
    money = f"m {plan.case.dataset.settings.currency}"
    columns = {
        "frame": Col("joint buy", help=assumed.SAYS, width=180),
        "units": Col("units", "number", width=62),
        "value": Col(f"value ({money})", "money", width=95),
        "saving": Col(f"saving ({money})", "money"),
    }
    parts.table(rows, columns, "nation buys", "joint buys the nation is in", height=330)
    parts.downloads(rows, f"joint_buys_{nation}")


def _work(view: View, nation: str) -> None:
    rows = parts.remember(view, f"work {nation}", lambda plan: made_where.by_line(plan, nation))
    st.markdown("**Made on its lines**")
    if rows.empty:
        st.caption("Nothing in this plan.")
        return
    currency = view.dataset.settings.currency
    columns = {
        "programme": Col("programme", width=250),
        "line": Col("line", width=230),
        "units": Col("units", "number", "in all years, those beyond the horizon too", width=70),
        "later": Col("later", "number", "of these, made beyond the horizon", width=70),
        "value": Col(f"value (m {currency})", "money", "at the price of one unit", width=110),
        "how": Col("opened as", help="what expansions of the line are: licence, new site, more shifts", width=90),
        "abroad": Col("for others", "share", "part of the programme's work here that goes to other nations"),
    }
    parts.table(rows, columns, "nation work", "made on its lines", height=300)
    parts.downloads(rows, f"work_{nation}")


def _beyond(plan: Plan, nation: str) -> None:
    """Money of the years beyond the horizon: what may be bound, what is, what is left to those who plan next."""
    rows = figures.bound_beyond(plan, nation)
    if rows.empty:
        return
    last = figures.horizon(plan)[1]
    st.markdown(f"**Bound beyond {last}**")
    rows["part"] = (rows["bound"] / rows["money"].where(rows["money"] > 0)).fillna(0.0)
    money = f"m {plan.case.dataset.settings.currency}"
    columns = {
        "year": Col("year", "year"),
        "pillar": Col("pillar"),
        "money": Col(f"may be bound ({money})", "money", "the part of that year's money that this plan may bind"),
        "bound": Col(f"bound ({money})", "money", "payments, upkeep, fees and shared bills that fall into that year"),
        "free": Col(f"free ({money})", "money"),
        "part": Col("part bound", "bar"),
    }
    parts.table(rows, columns, "nation beyond", "money bound beyond the horizon", height=320)
    parts.downloads(rows, f"bound_beyond_{nation}")


def _money(plan: Plan, nation: str) -> None:
    rows = pledge.money_of_both(plan, nation)
    if len(rows):
        st.markdown("**Planned, bound and free money by year**")
        parts.table(rows, parts.free_money_columns(plan), "nation free money", "planned, bound and free money by year")
        parts.downloads(rows, f"planned_bound_free_{nation}")
    with st.expander("Its budget by year and pillar", key="nation money"):
        budgets = plan.tables["budgets"]
        rows = budgets[budgets["nation"] == nation].drop(columns=["nation"])
        parts.plan_table(plan, "budgets", rows, "nation budget", height=420)
        parts.downloads(rows, f"budget_{nation}")
        loans = plan.tables["loans"]
        drawn = loans[loans["nation"] == nation].drop(columns=["nation"])
        if len(drawn):
            st.markdown("**Loans and grants it draws**")
            parts.plan_table(plan, "loans", drawn, "nation loans", height=260)
            parts.downloads(drawn, f"loans_{nation}")


show(frame.view())
