"""Charts of money over the years: spending by area, the bow wave, the glide path to the pledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import pandas as pd

from reports import figures
from reports.hatching import hatched, strokes
from reports.picture import (
    HEIGHT,
    WIDTH,
    Picture,
    amount,
    dodged,
    empty,
    finished,
    marked,
    money_scale,
    records,
    year_axis,
    years_of,
)  # fmt: skip
from reports.style import COLOURS, GREYS, INK, NO_AREA
from reports.wanted import wanted

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

LABELS = 250  # pixels kept free at the right for direct labels
LEAST_APART = 0.042  # of the height, between two labels


@marked
def spending(plan: Plan, top: int = 8) -> Picture:
    """The sand chart: spending by area and year, stacked, with the money available as a line.

    The years beyond the horizon stand behind a rule line, hatched: what today's orders bind of them.
    """
    table = figures.spending_by_area(plan, top, beyond=True)
    names = [str(name) for name in table.columns if name != "available"]
    divisor, unit = money_scale(plan, max(table["available"].max(), table[names].sum(axis=1).max(), 0.0))
    table = table / divisor
    years, later = years_of(plan), figures.years_beyond(plan)
    spent, bound = table.loc[years, names].sum(axis=1), table.loc[later, names].sum(axis=1)
    if spent.sum() + bound.sum() <= 0:
        return empty("This plan spends nothing")
    top_of = float(max(table[names].sum(axis=1).max(), table["available"].max())) * 1.12
    layers = _sand(table[names], years, later, top_of, unit)
    layers += _money_line(table["available"], years, later, top_of, unit)
    used = spent.sum() / table.loc[years, "available"].sum() if table.loc[years, "available"].sum() else 0.0
    beyond = f"; it binds {amount(float(bound.sum()), unit)} more of {later[0]}-{later[-1]}" if later else ""
    title = (
        f"The plan spends {amount(float(spent.sum()), unit)} by {years[-1]}, {used:.0%} of the money available; "
        f"{names[0]} takes the largest part{beyond}."
    )
    data = table.rename(columns={name: f"{name} [{unit}]" for name in table.columns}).reset_index()
    data.columns.name = None
    text = f"Stacked areas, {years[0]}-{years[-1]}: spending by area in {unit}, with the money available as a line."
    text += f" Hatched, right of the line: bound beyond {years[-1]}, and as a dashed line what may be." if later else ""
    return finished(layers.properties(width=WIDTH - LABELS, height=HEIGHT + 20), data, title, f"{text} {title}")


def _y(top_of: float, unit: str, field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", title=unit, scale=alt.Scale(domain=[0, top_of], nice=False))


def _money_line(money: pd.Series, years: list[int], later: list[int], top_of: float, unit: str) -> alt.LayerChart:
    """What is available in the planning years, and dashed what may be bound beyond them, each with its name."""
    x, y, layers = year_axis([*years, *later]), _y(top_of, unit), []
    inside = money.loc[years]
    peak = int(inside.to_numpy().argmax())
    side: Literal["left", "right"] = "right" if peak > len(years) / 2 else "left"
    notes = [(years[peak], float(inside.iloc[peak]), "money available, with loans", side)]
    parts = [(years, [1, 0])]
    if later:
        notes.append((later[0], float(money.loc[later[0]]), "may be bound", "left"))
        parts.append((later, [5, 4]))
    for span, dash in parts:
        line = pd.DataFrame({"x": span, "y": money.loc[span].to_numpy()})
        drawn = alt.Chart(records(line)).mark_line(
            color="black", strokeWidth=2.2, strokeDash=dash, point={"color": "black"}
        )
        layers.append(drawn.encode(x, y))
    for year, high, words, align in notes:
        note = alt.Chart(records(pd.DataFrame([{"x": year, "y": high, "text": words}])))
        layers.append(note.mark_text(dy=-10, dx=0 if align == "right" else 4, align=align, fontWeight="bold").encode(
            x, y, text="text:N"
        ))  # fmt: skip
    return alt.LayerChart(layer=layers)


def _sand(table: pd.DataFrame, years: list[int], later: list[int], top_of: float, unit: str) -> alt.LayerChart:
    """The stacked layers, hatched beyond the horizon, and at their right end their names with their sums."""
    greys = iter(GREYS * 3)
    above = table.cumsum(axis=1)
    rows: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    shown = [*years, *later]
    for index, name in enumerate(table.columns):
        colour = COLOURS[index] if index < len(COLOURS) and name not in NO_AREA else next(greys)
        for year, high, part in zip(shown, above[name], table[name], strict=True):
            rows.append({"x": year, "low": high - part, "y": high, "name": name, "colour": colour, "part": part})
        middle = float(above[name].iloc[-1] - table[name].iloc[-1] / 2)
        sums = f"{table.loc[years, name].sum():,.1f}" + (f" + {table.loc[later, name].sum():,.1f}" if later else "")
        names.append({"from": middle, "text": f"{name}  {sums}", "colour": colour})
    x, y = year_axis(shown), _y(top_of, unit)
    base = alt.Chart(records(pd.DataFrame([row for row in rows if row["x"] <= years[-1]])))
    mark = base.mark_area if len(years) > 1 else base.mark_bar
    layers = [_stacked(mark(stroke="white", strokeWidth=0.8), x, y, unit)]
    if later:
        layers += _beyond(rows, above.iloc[:, -1], years[-1], top_of, (x, y), unit)
    return alt.LayerChart(layer=[*layers, *_named(names, shown, top_of, unit, bool(later))])


def _stacked(chart: alt.Chart, x: alt.X, y: alt.Y, unit: str) -> alt.Chart:
    tip = [
        alt.Tooltip("name:N", title="area"),
        alt.Tooltip("x:Q", title="year", format="d"),
        alt.Tooltip("part:Q", title=unit, format=",.2f"),
    ]
    by_colour = alt.Color("colour:N", scale=None, legend=None)
    drawn: alt.Chart = chart.encode(x, y, y2="low:Q", color=by_colour, detail="name:N", tooltip=tip)
    return drawn


def _beyond(
    rows: list[dict[str, Any]], whole: pd.Series, last: int, top_of: float, axes: tuple[alt.X, alt.Y], unit: str
) -> list[alt.Chart]:
    """The layers beyond the last planning year: the same areas with strokes over them, a rule line, what it means."""
    x, y = axes
    base = alt.Chart(records(pd.DataFrame([row for row in rows if row["x"] >= last])))
    area = _stacked(base.mark_area(stroke="white", strokeWidth=0.8), x, y, unit)
    tail = whole[whole.index >= last]
    pixels, span = (WIDTH - LABELS, HEIGHT + 20), float(whole.index[-1] - whole.index[0]) or 1.0
    found = strokes([float(year) for year in tail.index], [float(value) for value in tail], pixels, (span, top_of))
    rule = alt.Chart(records(pd.DataFrame({"x": [last]}))).mark_rule(color=INK, strokeWidth=2).encode(x)
    note = alt.Chart(records(pd.DataFrame([{"x": last, "y": top_of * 0.985, "text": f"hatched: bound beyond {last}"}])))
    words = note.mark_text(align="left", baseline="top", dx=6, fontStyle="italic").encode(x, y, text="text:N")
    return [area, hatched(found, x, y), rule, words]


def _named(
    names: list[dict[str, Any]], years: list[int], top_of: float, unit: str, with_later: bool
) -> list[alt.Chart]:
    """The areas' names right of the last year, each led to its layer; on top what their sums are of."""
    places = dodged([item["from"] for item in names], LEAST_APART * top_of, 0.0, top_of * 0.93)
    span = max(1, years[-1] - years[0])
    at = {"near": years[-1] + 0.02 * span, "far": years[-1] + 0.05 * span, "text_at": years[-1] + 0.06 * span}
    labels = pd.DataFrame([item | {"y": place} | at for item, place in zip(names, places, strict=True)])
    place, y = alt.Chart(records(labels)), _y(top_of, unit)
    by_colour = alt.Color("colour:N", scale=None, legend=None)
    leaders = place.mark_rule(color="#8C8C8C", strokeWidth=0.8).encode(
        year_axis(years, field="near"), alt.Y("from:Q"), x2="far:Q", y2="y:Q"
    )
    dots = place.mark_point(filled=True, size=45, shape="square", opacity=1).encode(
        year_axis(years, field="far"), y, color=by_colour
    )
    texts = place.mark_text(align="left", dx=4).encode(year_axis(years, field="text_at"), y, text="text:N")
    head = at | {"y": top_of, "text": f"{unit}: planning years" + (" + years beyond" if with_later else "")}
    above = alt.Chart(records(pd.DataFrame([head]))).mark_text(align="left", dx=4, fontStyle="italic", baseline="top")
    return [leaders, dots, texts, above.encode(year_axis(years, field="text_at"), y, text="text:N")]


@marked
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
    frame["text"] = [f"{'wanted ' if spent > asked else ''}{asked:,.0f}"
                     for asked, spent in zip(frame["wanted"], frame["spent by this plan"], strict=True)]  # fmt: skip
    frame["over"] = frame[["wanted", "spent by this plan"]].max(axis=1)  # where the figure is read
    x = alt.X("x:O", title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(records(frame.rename(columns={"spent by this plan": "spent"})))
    y = alt.Y("wanted:Q", title=unit, axis=alt.Axis(format=",.0f"))
    tips = [alt.Tooltip(f"{name}:Q", format=",.1f", title=name) for name in ("wanted", "available", "spent")]
    layers = base.mark_bar(color="#D9D9D9", stroke="#595959", size=44).encode(x, y, tooltip=tips)
    layers += base.mark_bar(color=COLOURS[0], size=28).encode(x, y=alt.Y("spent:Q"), tooltip=tips)
    layers += base.mark_tick(color="black", thickness=3.5, size=54).encode(x, y=alt.Y("available:Q"), tooltip=tips)
    layers += base.mark_text(dy=-6, color="#333333").encode(
        x, alt.Y("over:Q"), text="text:N"
    )  # fmt: skip
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
