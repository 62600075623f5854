"""The Gantt chart: joint buys, expansions and innovation lines with their launches, gates and deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from data.rows import each
from reports import figures
from reports.picture import WIDTH, Picture, empty, finished, marked, records, year_axis, years_of
from reports.style import BAND, COLOURS, INK

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

ROW = 14  # pixels
PARTS = ("joint buy", "expansion", "innovation")
# Spans: phase -> fill. Dark to light as a thing comes nearer to use.
SPANS = {"ordering": COLOURS[3], "delivering": COLOURS[0], "building": COLOURS[5], "open": "#F6DFA8",
         "pilot": "#E3A6C6", "scaling": COLOURS[4]}  # fmt: skip
# Gates: what -> shape.
GATES = {"launch": "triangle-right", "opening": "square", "scale gate": "diamond", "complete": "circle"}
COLUMNS = ["part", "name", "phase", "from", "to"]


@marked
def gantt(plan: Plan, part: str | None = None, top: int = 26) -> Picture:
    """Launches, gates and deliveries over the years; of each part (or of one) the `top` largest in money.

    The years beyond the horizon, in which only deliveries fall, stand behind a rule line.
    """
    years = years_of(plan)
    shown_years = years + figures.years_beyond(plan)
    spans, gates = schedule(plan)
    shown = [name for name in PARTS if part in (None, name)]
    spans, gates = (frame[frame["part"].isin(shown)] for frame in (spans, gates))
    launches = gates[gates["phase"] == "launch"]
    early = int((launches["from"] == years[0]).sum())
    kept, all_of = _largest(plan, shown, top)
    spans, gates = (frame[frame["key"].isin(kept)] for frame in (spans, gates))
    if part == "innovation":  # its lines end with the planning years
        shown_years = years
    if spans.empty and gates.empty:
        return empty("No joint buy is launched, nothing is expanded and no line of innovation is started")
    order = _order(spans, gates)
    layers = _bars(spans, gates, order, shown_years, years[-1])
    words = {
        "joint buy": ("joint buy", "joint buys"),
        "expansion": ("expansion", "expansions"),
        "innovation": ("line of innovation", "lines of innovation"),
    }
    larger = {name: f" (the largest {top} shown)" if all_of[name] > top else "" for name in shown}
    told = ", ".join(f"{figures.counted(all_of[name], *words[name])}{larger[name]}" for name in shown)
    title = f"{told[:1].upper()}{told[1:]}" + (
        f"; {figures.counted(early, 'joint buy launches', 'joint buys launch')} in {years[0]}." if early else "."
    )
    if part == "expansion":
        opens = gates.loc[gates["phase"] == "opening", "from"]
        title = f"{title[:-1]}; the first opens in {opens.min()}, the last in {opens.max()}."
    span = f"{shown_years[0]}-{shown_years[-1]}"
    text = f"Gantt chart {span}: spans of ordering, delivering, building, piloting, scaling, with gates."
    data = pd.concat([spans, gates])[COLUMNS].rename(columns={"from": "from [year]", "to": "to [year]"})
    data = data.sort_values(["part", "name", "from [year]"], kind="stable").reset_index(drop=True)
    return finished(layers.properties(width=WIDTH - 230, height=ROW * len(order)), data, title, f"{text} {title}")


def schedule(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spans and gates of everything that the plan starts: key, part, name, phase, from, to (years, both included)."""
    spans: list[tuple[object, ...]] = []
    gates: list[tuple[object, ...]] = []
    _frames(plan, spans, gates)
    _expansions(plan, spans, gates)
    _innovation(plan, spans, gates)
    columns = ["key", *COLUMNS]
    return pd.DataFrame(spans, columns=columns), pd.DataFrame(gates, columns=columns)


def _frames(plan: Plan, spans: list[tuple[object, ...]], gates: list[tuple[object, ...]]) -> None:
    tables = plan.case.dataset.tables
    lead = dict(zip(tables["programmes"]["programme"], tables["programmes"]["lead_years"], strict=True))
    extra = dict(zip(tables["frames"]["frame"], tables["frames"]["extra_lead_years"], strict=True))
    names = figures.names_of(plan, "frames", "frame")
    orders = plan.tables["orders"].groupby("channel")["year"].agg(["min", "max"])
    first, _ = figures.horizon(plan)
    for row in each(plan.tables["frames"]):
        key, name = f"joint buy:{row.frame}", names.get(row.frame, row.frame)
        if row.launch_year >= first:
            gates.append((key, "joint buy", name, "launch", int(row.launch_year), int(row.launch_year)))
        if row.frame not in orders.index:
            continue
        start, end = (int(year) for year in orders.loc[row.frame])
        wait = int(lead.get(row.programme, 0)) + int(extra.get(row.frame, 0))
        spans.append((key, "joint buy", name, "ordering", start, end))
        spans.append((key, "joint buy", name, "delivering", start + wait, end + wait))


def _expansions(plan: Plan, spans: list[tuple[object, ...]], gates: list[tuple[object, ...]]) -> None:
    names = figures.names_of(plan, "expansions", "expansion")
    last = [*figures.horizon(plan), *figures.years_beyond(plan)][-1]
    for row in each(plan.tables["expansions"]):
        key, name, opens = f"expansion:{row.expansion}", names.get(row.expansion, row.expansion), int(row.opens)
        if opens > row.start_year:
            spans.append((key, "expansion", name, "building", int(row.start_year), opens - 1))
        spans.append((key, "expansion", name, "open", opens, last))
        gates.append((key, "expansion", name, "opening", opens, opens))


def _innovation(plan: Plan, spans: list[tuple[object, ...]], gates: list[tuple[object, ...]]) -> None:
    names = figures.names_of(plan, "innovation", "innovation")
    source = plan.case.dataset.tables["innovation"]
    pilots = dict(zip(source["innovation"], source["pilot_years"], strict=True))
    _, last = figures.horizon(plan)
    for row in each(plan.tables["innovation"]):
        key, name = f"innovation:{row.innovation}", names.get(row.innovation, row.innovation)
        start, scale, end = int(row.pilot_year), int(row.scale_year), int(row.complete_year)
        if row.mode == "fast":
            spans.append((key, "innovation", name, "scaling", start, max(start, (end or last + 1) - 1)))
        else:
            until = start + max(1, int(pilots.get(row.innovation, 1))) - 1
            spans.append((key, "innovation", name, "pilot", start, until))
        if scale:
            gates.append((key, "innovation", name, "scale gate", scale, scale))
            spans.append((key, "innovation", name, "scaling", scale, max(scale, (end or last + 1) - 1)))
        if end and end <= last:
            gates.append((key, "innovation", name, "complete", end, end))


def _largest(plan: Plan, shown: list[str], top: int) -> tuple[set[str], dict[str, int]]:
    """Keys of the largest of each part (joint buys by value, the rest by cost), and how many there are in all."""
    values = plan.tables["members"].groupby("frame")["value"].sum()
    frames = plan.tables["frames"]["frame"]
    money = {
        "joint buy": dict(zip(frames, frames.map(values).fillna(0.0), strict=True)),
        "expansion": dict(zip(plan.tables["expansions"]["expansion"], plan.tables["expansions"]["cost"], strict=True)),
        "innovation": dict(
            zip(plan.tables["innovation"]["innovation"], plan.tables["innovation"]["cost"], strict=True)
        ),
    }
    largest = {
        f"{part}:{item}"
        for part in shown
        for item, _ in sorted(money[part].items(), key=lambda pair: (-pair[1], pair[0]))[:top]
    }
    return largest, {part: len(money[part]) for part in shown}


def _order(spans: pd.DataFrame, gates: pd.DataFrame) -> list[str]:
    """Row labels: parts one after the other, in each the earliest first."""
    starts = pd.concat([spans, gates]).groupby(["part", "name"])["from"].min().reset_index()
    starts["rank"] = [PARTS.index(part) for part in starts["part"]]
    return [str(name) for name in starts.sort_values(["rank", "from", "name"], kind="stable")["name"]]


def _bars(spans: pd.DataFrame, gates: pd.DataFrame, order: list[str], years: list[int], last: int) -> alt.LayerChart:
    """The bars and marks; `last`: the last planning year, a line stands behind it where more years follow."""
    low, high = years[0], years[-1] + 1
    drawn = spans[(spans["to"] >= low) & (spans["from"] < high)]
    bars = pd.DataFrame(
        {
            "name": drawn["name"],
            "phase": drawn["phase"],
            "x": drawn["from"].clip(low, high),
            "end": (drawn["to"] + 1).clip(low, high),
            "thick": [0.34 if phase == "ordering" else 0.72 for phase in drawn["phase"]],
        }
    )
    marks = gates[(gates["from"] >= low) & (gates["from"] < high)]
    marks = pd.DataFrame({"name": marks["name"], "gate": marks["phase"], "x": marks["from"] + 0.12})
    y = alt.Y("name:N", sort=order, scale=alt.Scale(domain=order), title=None,
              axis=alt.Axis(labelLimit=300, domain=False, ticks=False, grid=True, labelFontSize=10))  # fmt: skip
    x = year_axis(years, centred=True)
    names = [phase for phase in SPANS if phase in set(bars["phase"])]
    colour = alt.Color(
        "phase:N", sort=names, scale=alt.Scale(domain=names, range=[SPANS[name] for name in names]),
        legend=alt.Legend(orient="top", symbolType="square"),
    )  # fmt: skip
    turns = pd.DataFrame({"x": [*years, high]})
    layers = alt.Chart(records(turns)).mark_rule(color=BAND).encode(x)
    if last < years[-1]:
        end = pd.DataFrame({"x": [last + 1]})
        layers += alt.Chart(records(end)).mark_rule(color=INK, strokeWidth=2).encode(x)
    wide = alt.Chart(records(bars[bars["phase"] != "ordering"]))
    layers += wide.mark_bar(height={"band": 0.72}).encode(x, y, x2="end:Q", color=colour, tooltip=["name:N", "phase:N"])
    thin = alt.Chart(records(bars[bars["phase"] == "ordering"]))
    layers += thin.mark_bar(height={"band": 0.3}, stroke="white", strokeWidth=0.5).encode(
        x, y, x2="end:Q", color=colour, tooltip=["name:N", "phase:N"]
    )
    there = [gate for gate in GATES if gate in set(marks["gate"])]
    shape = alt.Shape("gate:N", sort=there, scale=alt.Scale(domain=there, range=[GATES[gate] for gate in there]),
                      legend=alt.Legend(orient="top", symbolFillColor="black"))  # fmt: skip
    layers += (
        alt.Chart(records(marks))
        .mark_point(filled=True, fill="black", stroke="white", strokeWidth=0.8, size=62, opacity=1)
        .encode(x, y, shape=shape, tooltip=["name:N", "gate:N"])
    )
    layered: alt.LayerChart = layers
    return layered
