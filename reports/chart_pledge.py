"""Charts of money against the pledge: the way to 3.5 % and 5 % of GDP, what is bound of it, and how free it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from data.rows import each
from reports import figures, pledge
from reports.figures import CORE, PLEDGE
from reports.hatching import hatched, strokes
from reports.picture import HEIGHT, WIDTH, Picture, dodged, empty, finished, marked, records, year_axis, years_of
from reports.style import COLOURS, INK

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

LABELS = 250  # pixels kept free at the right for direct labels
TOP = 1.17  # of the scale of shares: room for a note over full bars
# Bands from below: column, its name, its fill. What was bound before this plan is blue.
BANDS = (
    ("core_bound", "core, bound before this plan", COLOURS[0]),
    ("core_new", "core, spent by this plan", COLOURS[5]),
    ("resilience_bound", "resilience, bound before", COLOURS[3]),
    ("resilience_new", "resilience, by this plan", COLOURS[1]),
)


@marked
def glide_path(plan: Plan, nation: str | None = None) -> Picture:
    """Core and resilience as shares of GDP by year, against 3.5 % and 1.5 % in the last year.

    Each in two bands: what is bound before this plan, and what this plan spends of the free money; up to the dashed
    line of what is planned stays free.
    """
    years, shares = years_of(plan), pledge.shares_of_gdp(plan, nation)
    if shares.empty or shares.isna().to_numpy().any():
        return empty("No nation with a budget is planned here")
    core, both = (float(shares[name].iloc[-1]) for name in ("core", "both"))
    name = figures.names_of(plan, "nations", "nation").get(nation, nation) if nation else "The allies"
    free = float((shares["both_planned"] - shares["core_bound"] - shares["resilience_bound"]).iloc[-1])
    title = (
        f"{name} reach{'es' if nation else ''} {core:.2%} core and {both - core:.2%} resilience of GDP in {years[-1]}, "
        f"against 3.5% and at most 1.5% pledged; {free:.2%} are free, the rest is bound before this plan."
    )
    shown = {"core": "core", "resilience": "resilience", "core_planned": "core planned", "both_planned": "both planned"}
    shown |= {"core_bound": "core bound before", "resilience_bound": "resilience bound before"}
    data = pd.DataFrame({f"{text} [% of GDP]": 100 * shares[column] for column, text in shown.items()}).reset_index()
    text = (
        f"Areas by year {years[0]}-{years[-1]} in % of GDP: core, resilience on top of it, each with what is bound "
        "before this plan below what it spends; dashed: planned."
    )
    layers = _glide_layers(shares, years)
    return finished(layers.properties(width=WIDTH - LABELS, height=HEIGHT), data, title, f"{text} {title}")


def _glide_layers(shares: pd.DataFrame, years: list[int]) -> alt.LayerChart:
    frame = shares.rename_axis("x").reset_index().assign(end_0=0.0)
    for place, (column, _, _) in enumerate(BANDS):
        frame[f"end_{place + 1}"] = frame[f"end_{place}"] + frame[column]
    highest = float(max(frame["both"].max(), frame["both_planned"].max(), PLEDGE)) * 1.08
    x, scale = year_axis(years), alt.Scale(domain=[0, highest])
    axis = alt.Axis(format=".1%", title="share of GDP")
    base = alt.Chart(records(frame))
    layers = alt.layer()
    for place, (_, _, colour) in enumerate(BANDS):
        mark = base.mark_area if len(years) > 1 else base.mark_bar
        layers += mark(color=colour).encode(
            x, alt.Y(f"end_{place + 1}:Q", scale=scale, axis=axis), y2=f"end_{place}:Q"
        )  # fmt: skip
    for name in ("core_planned", "both_planned"):
        layers += base.mark_line(color="black", strokeDash=[5, 4], strokeWidth=1.4).encode(x, alt.Y(f"{name}:Q"))
    goals = pd.DataFrame({"y": [CORE, PLEDGE], "x": [years[-1]] * 2})
    points = alt.Chart(records(goals))
    layers += points.mark_rule(color=INK, strokeWidth=1.2).encode(alt.Y("y:Q", scale=scale))
    layers += points.mark_point(shape="diamond", filled=True, size=90, color=INK, opacity=1).encode(
        x, alt.Y("y:Q", scale=scale)
    )  # fmt: skip
    labels = _glide_labels(frame.iloc[-1], years, highest)
    texts = alt.Chart(records(labels)).encode(x, alt.Y("y:Q", scale=scale), text="text:N")
    layers += texts.transform_filter("datum.bold").mark_text(align="left", fontWeight="bold", color=INK)
    layers += texts.transform_filter("!datum.bold").mark_text(align="left")
    squares = alt.Chart(records(labels[labels["colour"] != ""]))
    layers += squares.mark_point(shape="square", filled=True, size=60, opacity=1, xOffset=-9).encode(
        x, alt.Y("y:Q", scale=scale), color=alt.Color("colour:N", scale=None, legend=None)
    )  # fmt: skip
    layered: alt.LayerChart = layers
    return layered


def _glide_labels(last: Any, years: list[int], highest: float) -> pd.DataFrame:
    """What stands right of the last year: bands, goals and what is planned, each near its place; x, y, text, colour."""
    ends: list[tuple[float, str, bool, str]] = [
        ((last[f"end_{place}"] + last[f"end_{place + 1}"]) / 2, f"{text} {last[column]:.2%}", False, colour)
        for place, (column, text, colour) in enumerate(BANDS)
    ]
    ends.append((CORE, "3.5% core pledged", True, ""))
    ends.append((PLEDGE, "5% pledged, with 1.5%", True, ""))
    ends.append((last["both_planned"], f"planned (dashed) {last['both_planned']:.2%}", False, ""))
    ends.sort(key=lambda end: end[0])
    places = dodged([end[0] for end in ends], 0.055 * highest, 0.0, highest)
    right = years[-1] + 0.07 * max(1, years[-1] - years[0])
    return pd.DataFrame(
        [
            {"x": right, "y": place, "text": text, "bold": bold, "colour": colour}
            for place, (_, text, bold, colour) in zip(places, ends, strict=True)
        ]
    )


@marked
def freedom(plan: Plan) -> Picture:
    """Freedom of manoeuvre: the share of each year's money that nothing decided in earlier years binds.

    Planning years as the KPI has them; the years beyond, hatched behind a rule line, against the last year's money.
    """
    found = pledge.freedom(plan)
    if found["share"].notna().sum() == 0:
        return empty("No year of this plan has money of which a part could be bound")
    last, later = figures.horizon(plan)[1], figures.years_beyond(plan)
    found = found.assign(bound=1 - found["share"])
    planned = {int(row.year): float(row.share) for row in each(found) if not row.beyond and row.share == row.share}
    ahead = found[found["beyond"]]
    least = min(planned, key=planned.__getitem__, default=None)
    title = "No planning year has money of which a part could be bound"
    if least is not None:
        title = f"{least} leaves least room: {planned[least]:.0%} of its money is not bound by earlier orders"
    title += f"; of {later[0]} {float(ahead['share'].iloc[0]):.0%} is free still." if len(ahead) else "."
    data = found[["year", "share", "bound"]].rename(
        columns={"share": "free [share of the year's money]", "bound": "bound earlier [share of the year's money]"}
    )
    text = f"Bars by year {found['year'].min()}-{found['year'].max()}: part of the money not yet bound, in per cent."
    text += f" Hatched, right of the line: years beyond {last}, against the money of {last}." if later else ""
    chart = _freedom_layers(found, last)
    return finished(chart.properties(width=WIDTH, height=HEIGHT - 60), data, title, f"{text} {title}")


def _freedom_layers(found: pd.DataFrame, last: int) -> alt.LayerChart:
    """Bars of what is free, a share a year; those beyond the last planning year lighter and hatched."""
    years = [int(year) for year in found["year"]]
    low = min(0.0, float(found["share"].min())) * 1.1
    x = year_axis(years, centred=True)
    y = alt.Y("share:Q", title="free, share of the year's money", axis=alt.Axis(format=".0%"),
              scale=alt.Scale(domain=[low, TOP], nice=False))  # fmt: skip
    known = found[found["share"].notna()]
    drawn = pd.DataFrame({
        "x": known["year"] + 0.14, "end": known["year"] + 0.86, "middle": known["year"] + 0.5, "share": known["share"],
        "zero": 0.0, "at": known["share"].clip(lower=0.0), "text": [f"{share:.0%}" for share in known["share"]],
        "colour": [COLOURS[3] if beyond else COLOURS[0] for beyond in known["beyond"]],
    })  # fmt: skip
    base = alt.Chart(records(drawn))
    tip = [alt.Tooltip("text:N", title="free")]
    layers = base.mark_bar().encode(
        x, y, x2="end:Q", y2="zero:Q", color=alt.Color("colour:N", scale=None, legend=None), tooltip=tip
    )
    layers += base.mark_text(dy=-8).encode(year_axis(years, centred=True, field="middle"), alt.Y("at:Q"), text="text:N")
    ahead = known[known["beyond"]]
    if len(ahead):
        layers += hatched(_bar_strokes(ahead, (len(years), TOP - low)), x, alt.Y("y:Q"))
        end = pd.DataFrame({"x": [last + 1]})
        layers += alt.Chart(records(end)).mark_rule(color=INK, strokeWidth=2).encode(x)
        note = pd.DataFrame(
            [{"x": last + 1, "y": TOP - 0.01, "text": f"hatched: beyond {last}, of the money of {last}"}]
        )
        layers += alt.Chart(records(note)).mark_text(align="left", baseline="top", dx=6, fontStyle="italic").encode(
            x, alt.Y("y:Q"), text="text:N"
        )  # fmt: skip
    layered: alt.LayerChart = layers
    return layered


def _bar_strokes(ahead: pd.DataFrame, spans: tuple[float, float]) -> pd.DataFrame:
    """The strokes of each bar; those of a bar below zero are left out."""
    parts: list[pd.DataFrame] = []
    for year, share in zip(ahead["year"], ahead["share"], strict=True):
        high = max(0.0, float(share))
        found = strokes([year + 0.14, year + 0.86], [high, high], (WIDTH, HEIGHT - 60), spans)
        parts.append(found.assign(stroke=[f"{year} {number}" for number in found["stroke"]]))
    return pd.concat(parts, ignore_index=True)
