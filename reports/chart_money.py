"""Charts of money over the years: spending by area, the bow wave, the glide path to the pledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import pandas as pd

from reports import figures
from reports.figures import CORE, PLEDGE
from reports.picture import (
    HEIGHT,
    WIDTH,
    Picture,
    amount,
    dodged,
    empty,
    finished,
    money_scale,
    records,
    year_axis,
    years_of,
)  # fmt: skip
from reports.style import COLOURS, GREYS, INK, NO_AREA
from reports.wanted import wanted

if TYPE_CHECKING:
    from optimizer.plan import Plan

LABELS = 220  # pixels kept free at the right for direct labels
LEAST_APART = 0.042  # of the height, between two labels


def spending(plan: Plan, top: int = 8) -> Picture:
    """The sand chart: spending by area and year, stacked, with the money available as a line."""
    table = figures.spending_by_area(plan, top)
    names = [str(name) for name in table.columns if name != "available"]
    divisor, unit = money_scale(plan, max(table["available"].max(), table[names].sum(axis=1).max(), 0.0))
    table = table / divisor
    spent, available = table[names].sum(axis=1), table["available"]
    if spent.sum() <= 0:
        return empty("This plan spends nothing")
    years, top_of = years_of(plan), float(max(spent.max(), available.max())) * 1.04
    layers = _sand(table[names], years, top_of, unit)
    line = pd.DataFrame({"x": years, "y": available.to_numpy()})
    peak = int(available.to_numpy().argmax())
    side: Literal["left", "right"] = "right" if peak > len(years) / 2 else "left"
    note = pd.DataFrame([{"x": years[peak], "y": float(available.iloc[peak]), "text": "money available, with loans"}])
    x, y = year_axis(years), alt.Y("y:Q", title=unit, scale=alt.Scale(domain=[0, top_of * 1.08]))
    layers += alt.Chart(records(line)).mark_line(color="black", strokeWidth=2.2, point={"color": "black"}).encode(x, y)
    layers += alt.Chart(records(note)).mark_text(dy=-10, align=side, fontWeight="bold").encode(x, y, text="text:N")
    used = spent.sum() / available.sum() if available.sum() else 0.0
    title = (
        f"The plan spends {amount(float(spent.sum()), unit)} by {years[-1]}, {used:.0%} of the money available; "
        f"{names[0]} takes the largest part."
    )
    data = table.rename(columns={name: f"{name} [{unit}]" for name in table.columns}).reset_index()
    data.columns.name = None
    text = f"Stacked areas, {years[0]}-{years[-1]}: spending by area in {unit}, with the money available as a line."
    return finished(layers.properties(width=WIDTH - LABELS, height=HEIGHT + 20), data, title, f"{text} {title}")


def _sand(table: pd.DataFrame, years: list[int], top_of: float, unit: str) -> alt.LayerChart:
    """The stacked layers and, at their right end, their names with the sum over the years."""
    greys = iter(GREYS * 3)
    above = table.cumsum(axis=1)
    rows: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    for index, name in enumerate(table.columns):
        colour = COLOURS[index] if index < len(COLOURS) and name not in NO_AREA else next(greys)
        for year, high, part in zip(years, above[name], table[name], strict=True):
            rows.append({"x": year, "low": high - part, "y": high, "name": name, "colour": colour, "part": part})
        middle = float(above[name].iloc[-1] - table[name].iloc[-1] / 2)
        names.append({"from": middle, "text": f"{name}  {table[name].sum():,.1f}", "colour": colour})
    places = dodged([item["from"] for item in names], LEAST_APART * top_of, 0.0, top_of)
    labels = pd.DataFrame([item | {"y": place, "x": years[-1]} for item, place in zip(names, places, strict=True)])
    x, y = year_axis(years), alt.Y("y:Q", title=unit, scale=alt.Scale(domain=[0, top_of * 1.08]))
    by_colour = alt.Color("colour:N", scale=None, legend=None)
    tip = [
        alt.Tooltip("name:N", title="area"),
        alt.Tooltip("x:Q", title="year", format="d"),
        alt.Tooltip("part:Q", title=unit, format=",.2f"),
    ]
    base = alt.Chart(records(pd.DataFrame(rows)))
    mark = base.mark_area if len(years) > 1 else base.mark_bar
    sand = mark(stroke="white", strokeWidth=0.8).encode(x, y, y2="low:Q", color=by_colour, detail="name:N", tooltip=tip)
    span = max(1, years[-1] - years[0])
    labels = labels.assign(near=years[-1] + 0.02 * span, far=years[-1] + 0.05 * span, text_at=years[-1] + 0.06 * span)
    place = alt.Chart(records(labels))
    leaders = place.mark_rule(color="#8C8C8C", strokeWidth=0.8).encode(
        year_axis(years, field="near"), alt.Y("from:Q"), x2="far:Q", y2="y:Q"
    )
    dots = place.mark_point(filled=True, size=45, shape="square", opacity=1).encode(
        year_axis(years, field="far"), y, color=by_colour
    )
    texts = place.mark_text(align="left", dx=4).encode(year_axis(years, field="text_at"), y, text="text:N")
    return alt.LayerChart(layer=[sand, leaders, dots, texts])


def bow_wave(plan: Plan) -> Picture:
    """What every target on time would ask of each year, against what is available and what the plan spends."""
    years = years_of(plan)
    asked = wanted(plan).groupby("year")["amount"].sum().reindex(years).fillna(0.0)
    spent = plan.tables["spending"].groupby("year")["amount"].sum().reindex(years).fillna(0.0)
    budgets = plan.tables["budgets"]
    available = (budgets["available"] + budgets["loan"]).groupby(budgets["year"]).sum().reindex(years).fillna(0.0)
    divisor, unit = money_scale(plan, float(max(asked.max(), available.max(), spent.max())))
    kinds = {"wanted": asked / divisor, "available": available / divisor, "spent by this plan": spent / divisor}
    data = pd.DataFrame({"year": years, **{f"{name} [{unit}]": kinds[name].to_numpy() for name in kinds}})
    frame = pd.DataFrame({"x": years, **{name: kinds[name].to_numpy() for name in kinds}})
    x = alt.X("x:O", title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(records(frame.rename(columns={"spent by this plan": "spent"})))
    y = alt.Y("wanted:Q", title=unit, axis=alt.Axis(format=",.0f"))
    tips = [alt.Tooltip(f"{name}:Q", format=",.1f", title=name) for name in ("wanted", "available", "spent")]
    layers = base.mark_bar(color="#D9D9D9", stroke="#595959", size=44).encode(x, y, tooltip=tips)
    layers += base.mark_bar(color=COLOURS[0], size=28).encode(x, y=alt.Y("spent:Q"), tooltip=tips)
    layers += base.mark_tick(color="black", thickness=3.5, size=54).encode(x, y=alt.Y("available:Q"), tooltip=tips)
    layers += base.mark_text(dy=-6, color="#333333").encode(x, y, text=alt.Text("wanted:Q", format=",.0f"))
    key = pd.DataFrame(
        {
            "text": ["wanted: every target on time, at the cheapest price", "money available", "spent by this plan"],
            "colour": ["#D9D9D9", "black", COLOURS[0]],
        }
    )
    layers += _key(key)
    over = [year for year in years if asked[year] > available[year] * 1.005]
    title = (
        f"What is wanted exceeds the money available in {len(over)} of {len(years)} years, most of all in "
        f"{years[int((asked - available).to_numpy().argmax())]}."
        if over
        else "Every target on time would fit the money available in every year; what limits the plan is not money."
    )
    text = f"Bars by year in {unit}: what is wanted, what is available, what this plan spends."
    return finished(layers.properties(width=WIDTH, height=HEIGHT), data, title, f"{text} {title}")


def _key(key: pd.DataFrame) -> alt.Chart:
    """A legend without data of its own scale: invisible points that carry the colours' names."""
    names, colours = key["text"].tolist(), key["colour"].tolist()
    chart: alt.Chart = (
        alt.Chart(records(key))
        .mark_square(size=0, opacity=0)
        .encode(
            color=alt.Color(
                "text:N",
                sort=names,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(
                    symbolOpacity=1, symbolSize=110, symbolStrokeWidth=0, labelLimit=420, columnPadding=32
                ),
            )
        )
    )
    return chart


def glide_path(plan: Plan, nation: str | None = None) -> Picture:
    """Core and resilience as shares of GDP by year, against 3.5 % and 1.5 % in the last year."""
    budgets = plan.tables["budgets"]
    if nation is not None:
        budgets = budgets[budgets["nation"] == nation]
    years = years_of(plan)
    gdp = budgets[budgets["pillar"] == "core"].groupby("year")["gdp"].sum().reindex(years)
    if budgets.empty or not (gdp > 0).all():
        return empty("No nation with a budget is planned here")
    used = (budgets["committed"] + budgets["spent"]).groupby([budgets["pillar"], budgets["year"]]).sum()
    planned = budgets.groupby(["pillar", "year"])["planned"].sum()
    shares = {
        "core": (used["core"] / gdp).to_numpy(),
        "resilience": (used["resilience"] / gdp).to_numpy(),
        "core planned": (planned["core"] / gdp).to_numpy(),
        "both planned": (planned.groupby("year").sum() / gdp).to_numpy(),
    }
    data = pd.DataFrame({"year": years} | {f"{name} [% of GDP]": 100 * value for name, value in shares.items()})
    name = figures.names_of(plan, "nations", "nation").get(nation, nation) if nation else "The allies"
    core, both = shares["core"][-1], shares["core"][-1] + shares["resilience"][-1]
    title = (
        f"{name} reach{'es' if nation else ''} {core:.2%} core and {both - core:.2%} resilience of GDP in {years[-1]}, "
        f"against 3.5% and at most 1.5% pledged."
    )
    layers = _glide_layers(shares, years)
    text = f"Areas by year {years[0]}-{years[-1]} in % of GDP: core, resilience on top of it; dashed: planned."
    return finished(layers.properties(width=WIDTH - LABELS, height=HEIGHT), data, title, f"{text} {title}")


def _glide_layers(shares: dict[str, Any], years: list[int]) -> alt.LayerChart:
    frame = pd.DataFrame({"x": years} | shares)
    frame["both"] = frame["core"] + frame["resilience"]
    frame["zero"] = 0.0
    highest = float(max(frame["both"].max(), frame["both planned"].max(), PLEDGE)) * 1.08
    x = year_axis(years)
    scale = alt.Scale(domain=[0, highest])
    axis = alt.Axis(format=".1%", title="share of GDP")
    base = alt.Chart(records(frame))

    def band(low: str, high: str, colour: str) -> alt.Chart:
        mark = base.mark_area if len(years) > 1 else base.mark_bar
        chart: alt.Chart = mark(color=colour).encode(x, alt.Y(f"{high}:Q", scale=scale, axis=axis), y2=f"{low}:Q")
        return chart

    layers = alt.layer(band("zero", "core", COLOURS[0]), band("core", "both", COLOURS[3]))
    for name in ("core planned", "both planned"):
        layers += base.mark_line(color="black", strokeDash=[5, 4], strokeWidth=1.4).encode(x, alt.Y(f"{name}:Q"))
    last, span = frame.iloc[-1], max(1, years[-1] - years[0])
    ends = [
        (last["core"] / 2, f"core {last['core']:.2%}", False),
        (CORE, "3.5% core pledged", True),
        (last["core"] + last["resilience"] / 2, f"resilience {last['resilience']:.2%}", False),
        (PLEDGE, "5% pledged, with 1.5%", True),
        (last["both planned"], f"planned (dashed) {last['both planned']:.2%}", False),
    ]
    ends.sort(key=lambda end: end[0])
    places = dodged([end[0] for end in ends], 0.05 * highest, 0.0, highest)
    labels = pd.DataFrame(
        [
            {"x": years[-1] + 0.05 * span, "y": place, "text": text, "bold": bold}
            for place, (_, text, bold) in zip(places, ends, strict=True)
        ]
    )
    goals = pd.DataFrame({"y": [CORE, PLEDGE], "x": [years[-1]] * 2})
    layers += alt.Chart(records(goals)).mark_rule(color=INK, strokeWidth=1.2).encode(alt.Y("y:Q", scale=scale))
    layers += (
        alt.Chart(records(goals))
        .mark_point(shape="diamond", filled=True, size=90, color=INK, opacity=1)
        .encode(x, alt.Y("y:Q", scale=scale))
    )
    texts = alt.Chart(records(labels)).encode(x, alt.Y("y:Q", scale=scale), text="text:N")
    layers += texts.transform_filter("datum.bold").mark_text(align="left", fontWeight="bold", color=INK)
    layers += texts.transform_filter("!datum.bold").mark_text(align="left")
    layered: alt.LayerChart = layers
    return layered
