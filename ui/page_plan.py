"""Plan: where the money goes, and what is bought with it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plans.plan import Plan
from reports import assumed, charts, figures, pledge, standing
from ui import frame, panel, parts
from ui.parts import Col
from ui.session import View

PICTURES = {
    "Spending by area": "spending",
    "Wanted against available": "bow_wave",
    "Path to 5 %": "glide_path",
    "Freedom of manoeuvre": "freedom",
    "Launches and deliveries": "gantt",
    "Orders and work": "order_book",
}


def bought(plan: Plan) -> pd.DataFrame:
    """A row a programme that anybody orders: units, value, part through frames, nations, years; most value first.

    Its name has a mark behind it where its price is an assumption; `price` says where the price is from.
    """
    orders = plan.tables["orders"]
    joint = orders["value"].where(orders["channel"] != "national", 0.0)
    rows = orders.assign(joint=joint).groupby("programme")
    found = rows.agg(
        units=("units", "sum"), value=("value", "sum"), joint=("joint", "sum"), nations=("nation", "nunique"),
        first=("year", "min"), last=("year", "max"),
    ).reset_index()  # fmt: skip
    programmes = plan.case.dataset.tables["programmes"].set_index("programme")
    areas = plan.case.dataset.tables["areas"].set_index("area")["name"]
    names = assumed.marked_names(plan, figures.names_of(plan, "programmes", "programme"))
    found["name"] = [names.get(one, one) for one in found["programme"]]
    basis = assumed.price_basis(plan)
    found["price"] = [basis.get(one, "-") for one in found["programme"]]
    found["area"] = [areas.get(one) or one for one in programmes["area"].reindex(found["programme"])]
    found["unit"] = programmes["unit"].reindex(found["programme"]).to_numpy()
    found["joint"] = found["joint"] / found["value"].where(found["value"] > 0, 1.0)
    order = ["programme", "name", "area", "units", "unit", "value", "price", "joint", "nations", "first", "last"]
    return found.sort_values(["value", "programme"], ascending=[False, True])[order].reset_index(drop=True)


def show(view: View) -> None:
    """Draw the page."""
    plan = parts.need_plan(view)
    if plan is None:
        return
    chosen = st.segmented_control("Picture", list(PICTURES), key="plan picture", default=next(iter(PICTURES)),
                                  required=True, label_visibility="collapsed", persist_state="session")  # fmt: skip
    name = PICTURES[str(chosen)]
    parts.drawn(view, name, charts.CHARTS[name])
    _standing(plan)
    _free_money(view, plan)
    _buying(view, plan)


def _standing(plan: Plan) -> None:
    """What follows the planning years: when all that is ordered has arrived, and what of the later money is bound."""
    told = [pledge.sentence(plan), standing.settled_sentence(plan), standing.beyond_sentence(plan)]
    told = [text for text in told if text]
    if told:
        st.caption(" ".join(parts.plain(text) for text in told))


def _free_money(view: View, plan: Plan) -> None:
    """Planned, bound and free money of each year."""
    with st.expander("Planned, bound and free money by year", key="free money", on_change="rerun") as drawer:
        if not drawer.open:
            return
        rows = parts.remember(view, "free money", pledge.money_of_both)
        parts.table(rows, parts.free_money_columns(plan), "free money", "planned, bound and free money by year")
        parts.downloads(rows, "planned_bound_free")


def _buying(view: View, plan: Plan) -> None:
    st.subheader("What we buy")
    panel.pin(view, ("programmes",), "plan", wide=True)
    rows = parts.remember(view, "bought", bought)
    money = f"m {plan.case.dataset.settings.currency}"
    columns = {
        "name": Col("programme", help=assumed.SAYS, width=230),
        "area": Col("area", width=150),
        "units": Col("units", "number", width=60),
        "unit": Col("unit", width=100),
        "value": Col(f"value ({money})", "money"),
        "price": Col(
            "price is", help="where the price of one unit is from: see the sources on the page Data", width=85
        ),
        "joint": Col("together", "share", "part bought through joint buys", width=75),
        "nations": Col("nations", "count", width=65),
        "first": Col("from", "year", "the first order", width=50),
        "last": Col("to", "year", "the last order", width=50),
    }
    chosen = parts.table(rows, columns, "bought", "what the plan buys, a row a programme", height=400, pick=True)
    parts.downloads(rows, "what_we_buy")
    if chosen:
        _orders(plan, rows.iloc[chosen[0]])
    else:
        st.caption(f"{assumed.SAYS}. Tick a row to see who orders it, when and through which channel.")


def _orders(plan: Plan, row: pd.Series) -> None:
    orders = plan.tables["orders"]
    mine = orders[orders["programme"] == row["programme"]].sort_values(["year", "nation"])
    st.markdown(f"**{parts.plain(row['name'])}**: orders by nation, year and channel")
    shown = parts.named(plan, mine, {"nation": "nations", "channel": "frames"}).drop(columns=["programme"])
    parts.plan_table(plan, "orders", shown, "orders of one", height=320)


show(frame.view())
