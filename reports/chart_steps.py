"""Charts of bars that stand apart: what joint buys save each nation, and the way from the last plan to this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from data.rows import each
from reports import figures
from reports.picture import (
    WIDTH,
    Picture,
    amount,
    empty,
    finished,
    marked,
    markings,
    money_scale,
    records,
    with_marking,
)
from reports.style import BAD, FAINT, GOOD, INK

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

ROW = 19  # pixels
OTHERS = "all other areas"


def savings(plan: Plan) -> pd.DataFrame:
    """Joint buys by nation, in millions: value, saving, fees, net = saving less fees, part = net / value.

    Fees of the years beyond the horizon too, as in the KPI joint_saving.
    """
    members, spending = plan.tables["members"], plan.tables["spending"]
    fees = spending[spending["kind"] == "fee"].groupby("nation")["amount"].sum()
    found = members.groupby("nation")[["value", "saving"]].sum()
    found = found.reindex(sorted({*found.index, *fees.index})).fillna(0.0)
    found["fees"] = fees.reindex(found.index).fillna(0.0)
    found["net"] = found["saving"] - found["fees"]
    found["part"] = (found["net"] / found["value"].where(found["value"] > 0)).fillna(0.0)
    return found.rename_axis("nation").reset_index().sort_values(["net", "nation"], ascending=[False, True])


@marked
def saving_by_nation(plan: Plan, top: int | None = None) -> Picture:
    """What buying together saves each nation (or the `top` of them) after fees (bar) and before them (outline)."""
    found = savings(plan)
    if found.empty:
        return empty("No joint buy is launched, so none saves anything")
    names = figures.names_of(plan, "nations", "nation")
    unit = f"m {plan.case.dataset.settings.currency}"
    frame = found.assign(name=[names.get(nation, nation) for nation in found["nation"]])
    frame["label"] = [f"{net:,.0f}  ({part:.1%})" for net, part in zip(frame["net"], frame["part"], strict=True)]
    frame["colour"] = [GOOD if net >= 0 else BAD for net in frame["net"]]
    frame["at"] = frame[["net", "saving"]].max(axis=1)
    drawn = frame.head(top) if top else frame
    order = list(drawn["name"])
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False))
    base = alt.Chart(records(drawn))
    tip = ["name:N", *(alt.Tooltip(f"{column}:Q", format=",.1f", title=f"{column} [{unit}]")
                       for column in ("value", "saving", "fees", "net"))]  # fmt: skip
    layers = base.mark_bar(color="white", stroke=FAINT, strokeDash=[3, 2], height={"band": 0.72}).encode(
        alt.X("saving:Q", title=f"saving against buying alone, {unit}", axis=alt.Axis(format=",.0f", tickCount=8)),
        y,
        tooltip=tip,
    )
    layers += base.mark_bar(height={"band": 0.72}).encode(
        alt.X("net:Q"), y, color=alt.Color("colour:N", scale=None, legend=None), tooltip=tip
    )
    layers += base.mark_text(align="left", dx=5).encode(alt.X("at:Q"), y, text="label:N")
    whole, losers = float(found["net"].sum()), int((found["net"] < 0).sum())
    divisor, short = money_scale(plan, whole)
    first = frame.iloc[0]
    title = (
        f"Buying together saves {amount(whole / divisor, short)} after fees; {first['name']} saves most"
        f"{_losing(losers, len(found))}."
    )
    data = found.rename(columns={name: f"{name} [{unit}]" for name in ("value", "saving", "fees", "net")})
    data = data.rename(columns={"part": "net [share of value]"}).reset_index(drop=True)
    text = f"Bars by nation in {unit}: saving after fees, outlined before fees; in brackets the part of the value."
    return finished(layers.properties(width=WIDTH - 150, height=ROW * len(order)), data, title, f"{text} {title}")


def _losing(losers: int, members: int) -> str:
    """How many members pay more than they save; '' where none does."""
    if not losers:
        return ""
    return f", {losers} of {members} members {'pays' if losers == 1 else 'pay'} more in fees than " + (
        "it saves" if losers == 1 else "they save"
    )


def changes(plan: Plan, last: Plan | None = None) -> pd.DataFrame:
    """Money by area in the last plan and in this one; columns area, before, after, change (millions).

    With `last`: spending of the years that both plan. Without: the order value of the years of prior_plan, the
    table of the data set; no rows where it has none.
    """
    if last is not None:
        both = set(figures.planning(plan, "spending")["year"]) & set(figures.planning(last, "spending")["year"])
        after, before = (_by_area(each_plan, both) for each_plan in (plan, last))
    else:
        prior = plan.case.dataset.tables.get("prior_plan", pd.DataFrame())
        first, final = figures.horizon(plan)
        prior = prior[(prior["year"] >= first) & (prior["year"] <= final)] if len(prior) else prior
        if prior.empty:
            return pd.DataFrame(columns=["area", "before", "after", "change"])
        orders = plan.tables["orders"]
        orders = orders[(orders["year"] >= prior["year"].min()) & (orders["year"] <= prior["year"].max())]
        area = dict(plan.case.dataset.tables["programmes"][["programme", "area"]].itertuples(index=False, name=None))
        before, after = (
            frame.groupby(frame["programme"].map(area).astype(object).fillna("-"))["value"].sum()
            for frame in (prior, orders)
        )
    found = pd.DataFrame({"before": before, "after": after}).fillna(0.0).rename_axis("area").reset_index()
    return found.assign(change=found["after"] - found["before"])


def _by_area(plan: Plan, years: set[int]) -> pd.Series:
    spending = plan.tables["spending"]
    spending = spending[spending["year"].isin(years)]
    label = spending["area"].where(spending["area"] != "-", spending["kind"])
    found: pd.Series = spending.groupby(label)["amount"].sum()
    return found


def waterfall(plan: Plan, last: Plan | None = None, top: int = 12) -> Picture:
    """The way from the last plan's money to this plan's, one step an area, the largest `top` and the rest in one.

    It carries the markings of both plans.
    """
    both = [plan] if last is None else [plan, last]
    return with_marking(_waterfall(plan, last, top), markings(*both))


def _waterfall(plan: Plan, last: Plan | None, top: int) -> Picture:
    found = changes(plan, last)
    if found.empty:
        return empty("There is no last plan to compare with: the data set has no prior_plan")
    names = figures.names_of(plan, "areas", "area")
    what = "spending" if last is not None else "order value"
    start, end = float(found["before"].sum()), float(found["after"].sum())
    divisor, unit = money_scale(plan, max(start, end))
    found = found.assign(size=found["change"].abs()).sort_values(["size", "area"], ascending=[False, True])
    steps = [(names.get(row.area, row.area), row.change) for row in each(found.head(top)) if abs(row.change) > 1e-6]
    rest = float(found["change"].iloc[top:].sum())
    steps += [(OTHERS, rest)] if len(found) > top else []
    layers = steps_chart(
        "last plan", start / divisor, [(name, step / divisor) for name, step in steps], "this plan", unit
    )
    before, after = amount(start / divisor, unit), amount(end / divisor, unit)
    way = f"{'rises' if end >= start else 'falls'} from {before} in the last plan to {after}"
    way = way if before != after else f"stays at {after}"
    title = f"The {what} {way}{f'; {steps[0][0]} changes most' if steps else ''}."
    currency = plan.case.dataset.settings.currency
    data = found[["area", "before", "after", "change"]]
    data = data.rename(columns={name: f"{name} [m {currency}]" for name in ("before", "after", "change")})
    text = f"Waterfall in {unit}: {what} of the last plan, the change of each area, {what} of this plan."
    return finished(layers, data.reset_index(drop=True), title, f"{text} {title}")


def steps_chart(first: str, start: float, steps: list[tuple[str, float]], last: str, unit: str) -> alt.LayerChart:
    """A waterfall: where it starts, each step, where it ends; rising steps blue and marked +, falling ones orange."""
    rows: list[dict[str, Any]] = []
    level = start
    for name, step in steps:
        rows.append({"name": name, "from": level, "to": level + step, "text": f"{step:+,.2f}",
                     "colour": GOOD if step >= 0 else BAD, "at": max(level, level + step)})  # fmt: skip
        level += step
    ends = [
        {"name": first, "to": start, "text": f"{start:,.2f}"},
        {"name": last, "to": level, "text": f"{level:,.2f}"},
    ]
    order = [first, *(row["name"] for row in rows), last]
    values = [start, level, *(row["to"] for row in rows)]
    span = (max(values) - min(values)) or max(abs(start), 1.0)
    scale = alt.Scale(domain=[min(values) - 0.12 * span, max(values) + 0.12 * span], zero=False, nice=False)
    x = alt.X("to:Q", title=f"{unit} (the axis does not start at 0)", scale=scale, axis=alt.Axis(format=",.6~g"))
    y = alt.Y("name:N", sort=order, scale=alt.Scale(domain=order), title=None,
              axis=alt.Axis(domain=False, ticks=False, labelLimit=320))  # fmt: skip
    points = alt.Chart(records(pd.DataFrame(ends)))
    layers = points.mark_point(shape="diamond", filled=True, size=120, color=INK, opacity=1).encode(x, y)
    layers += points.mark_text(align="left", dx=9, fontWeight="bold").encode(x, y, text="text:N")
    if rows:
        bars = alt.Chart(records(pd.DataFrame(rows)))
        colour = alt.Color("colour:N", scale=None, legend=None)
        layers += bars.mark_bar(height={"band": 0.66}).encode(alt.X("from:Q", scale=scale), y, x2="to:Q", color=colour)
        layers += bars.mark_text(align="left", dx=5).encode(alt.X("at:Q", scale=scale), y, text="text:N")
    layered: alt.LayerChart = layers.properties(width=WIDTH - 230, height=(ROW + 5) * len(order))
    return layered
