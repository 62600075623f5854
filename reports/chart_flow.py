"""The Sankey diagram: money from nation through pillar and area to the nation whose lines it keeps busy."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from reports import figures, made_where
from reports.picture import Picture, amount, empty, finished, marked, money_scale, records
from reports.style import COLOURS, INK

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

STAGES = ("nation", "pillar", "area", "producer")
PLACE = {"nation": 0.0, "pillar": 0.7, "area": 2.1, "producer": 3.0}
GAP = 0.012  # of the height, between two nodes
SLIM = 0.035  # half a node's width, in stages
BENDS = 14  # points of a band's edge
NOT_MADE = "upkeep, fees, research"
OTHER = {"nation": "other allies", "area": "other areas", "producer": "other producers"}


def flows(plan: Plan) -> pd.DataFrame:
    """Spending of the planning years by nation, pillar, area (or kind) and producing nation; amount in millions.

    Payments go to the nations whose lines make what is bought, in proportion to what they make for the buyer; money for
    expansions to the line's nation (a component's: to the host). Upkeep, fees, interest and innovation have no line:
    `NOT_MADE`.
    """
    spending = figures.planning(plan, "spending")
    spending = spending.assign(area=spending["area"].where(spending["area"] != "-", spending["kind"]))
    paid = spending[spending["kind"] == "payment"].merge(
        made_where.shares(plan), left_on=["nation", "item"], right_on=["nation", "programme"], how="left"
    )
    paid["amount"] = paid["amount"] * paid["part"].fillna(1.0)
    paid["producer"] = paid["producer"].astype(object).fillna(made_where.NOWHERE)
    rest = spending[spending["kind"] != "payment"]
    sites = _sites(plan)
    rest = rest.assign(
        producer=[
            sites.get(item, NOT_MADE) if kind == "industry" else NOT_MADE
            for kind, item in zip(rest["kind"], rest["item"], strict=True)
        ]
    )
    both = pd.concat([paid, rest])[[*STAGES, "amount"]]
    return pd.DataFrame(both.groupby(list(STAGES), as_index=False)[["amount"]].sum())


def _sites(plan: Plan) -> dict[str, str]:
    """Expansion -> nation in which it stands."""
    lines = plan.case.dataset.tables["lines"]
    of_line = dict(zip(lines["line"], lines["nation"], strict=True)) if "nation" in lines else {}
    source = plan.case.dataset.tables["expansions"]
    places = source.get("line_or_component", pd.Series(dtype=object))
    hosts = source.get("host", pd.Series(dtype=object))
    return {
        expansion: of_line.get(place, "") or host or NOT_MADE
        for expansion, place, host in zip(source["expansion"], places, hosts, strict=False)
    }


@marked
def money_flow(plan: Plan, nations: int = 9, areas: int = 11, producers: int = 10) -> Picture:
    """Nation -> pillar -> area -> producing nation; the largest of each, the rest of them together."""
    found = flows(plan)
    found = found[found["amount"] > 0]
    if found.empty:
        return empty("This plan spends nothing")
    divisor, unit = money_scale(plan, float(found["amount"].sum()))
    data = found.rename(columns={"amount": f"amount [m {plan.case.dataset.settings.currency}]"})
    shown = _named(plan, found)
    for stage, most in (("nation", nations), ("area", areas), ("producer", producers)):
        shown[stage] = _lumped(shown, stage, most)
    shown = shown.assign(amount=shown["amount"] / divisor)
    nodes, bands = _layout(shown)
    chart = _drawn(nodes, bands)
    makers = shown[~shown["producer"].isin([NOT_MADE, made_where.NOWHERE, OTHER["producer"]])]
    largest = makers.groupby("producer")["amount"].sum()
    whole = float(shown["amount"].sum())
    made = f"; {largest.idxmax()} makes the largest part ({amount(float(largest.max()), unit)})" if len(largest) else ""
    payers = shown[shown["nation"] != OTHER["nation"]].groupby("nation")["amount"].sum()
    title = f"Of {amount(whole, unit)}, {payers.idxmax()} pays most ({amount(float(payers.max()), unit)}){made}."
    years = "-".join(str(year) for year in figures.horizon(plan))
    text = f"Flows of {years} in {unit} from nation through pillar and area to the producing nation."
    return finished(chart, data.reset_index(drop=True), title, f"{text} {title}")


def _named(plan: Plan, found: pd.DataFrame) -> pd.DataFrame:
    nations, areas = made_where.producer_names(plan), figures.names_of(plan, "areas", "area")
    names = {"nation": nations, "producer": nations, "area": areas}
    return found.assign(
        **{stage: [names[stage].get(item, item) for item in found[stage]] for stage in ("nation", "producer", "area")}
    )


def _lumped(frame: pd.DataFrame, stage: str, most: int) -> pd.Series:
    sums = frame.groupby(stage)["amount"].sum().sort_values(ascending=False, kind="stable")
    if len(sums) <= most + 1:
        return frame[stage]
    return frame[stage].where(frame[stage].isin(sums.index[:most]), OTHER[stage])


def _layout(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes (stage, name, low, high, amount) and bands between neighbours, in parts of the height from the top."""
    whole = float(frame["amount"].sum())
    orders = {stage: _order(frame, stage) for stage in STAGES}
    room = 1.0 - GAP * (max(len(order) for order in orders.values()) - 1)
    nodes: list[dict[str, Any]] = []
    starts: dict[tuple[str, str], float] = {}
    for stage, order in orders.items():
        sums = frame.groupby(stage)["amount"].sum()
        at = (1.0 - room - GAP * (len(order) - 1)) / 2
        for name in order:
            size = float(sums[name]) / whole * room
            nodes.append({"stage": stage, "name": name, "low": at, "high": at + size, "amount": float(sums[name])})
            starts[stage, name] = at
            at += size + GAP
    bands: list[dict[str, Any]] = []
    left, right = dict(starts), dict(starts)
    for source, target in itertools.pairwise(STAGES):
        by = [source, target] if "pillar" in (source, target) else [source, "pillar", target]
        linked = pd.DataFrame(frame.groupby(list(dict.fromkeys(by)), as_index=False)[["amount"]].sum())
        rank = {stage: {name: place for place, name in enumerate(orders[stage])} for stage in (source, target)}
        linked["rank"] = [
            (rank[source][a], rank[target][b]) for a, b in zip(linked[source], linked[target], strict=True)
        ]
        for row in linked.sort_values("rank", kind="stable").to_dict("records"):
            size = row["amount"] / whole * room
            bands.append({"from": source, "to": target, "pillar": row["pillar"],
                          "name": f"{row[source]} → {row[target]}", "left": left[source, row[source]],
                          "right": right[target, row[target]], "size": size,
                          "amount": row["amount"]})  # fmt: skip
            left[source, row[source]] += size
            right[target, row[target]] += size
    return pd.DataFrame(nodes), pd.DataFrame(bands)


def _order(frame: pd.DataFrame, stage: str) -> list[str]:
    """Largest first, what is lumped or has no maker last."""
    sums = frame.groupby(stage)["amount"].sum().sort_values(ascending=False, kind="stable")
    late = [*OTHER.values(), made_where.NOWHERE, NOT_MADE]
    return [str(name) for name in sorted(sums.index, key=lambda name: late.index(name) + 1 if name in late else 0)]


def _drawn(nodes: pd.DataFrame, bands: pd.DataFrame) -> alt.LayerChart:
    points = []
    for number, band in enumerate(bands.to_dict("records")):
        low, high = PLACE[band["from"]] + SLIM, PLACE[band["to"]] - SLIM
        for step in range(BENDS + 1):
            part = step / BENDS
            eased = part * part * (3 - 2 * part)
            y = band["left"] + (band["right"] - band["left"]) * eased
            points.append({"band": number, "x": low + (high - low) * part, "y": y, "y2": y + band["size"],
                           "pillar": band["pillar"], "name": band["name"], "amount": band["amount"]})  # fmt: skip
    scale = alt.Scale(domain=[1, 0], nice=False)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-SLIM, 3 + SLIM], nice=False))
    colour = alt.Color("pillar:N", scale=alt.Scale(domain=["core", "resilience"], range=[COLOURS[0], COLOURS[5]]),
                       legend=alt.Legend(symbolType="square", symbolOpacity=0.8))  # fmt: skip
    tip = ["name:N", alt.Tooltip("amount:Q", format=",.2f")]
    layers = (
        alt.Chart(records(pd.DataFrame(points)))
        .mark_area(opacity=0.42, interpolate="monotone")
        .encode(x, alt.Y("y:Q", scale=scale, axis=None), y2="y2:Q", color=colour, detail="band:N", tooltip=tip)
    )
    drawn = nodes.assign(
        x=[PLACE[stage] - SLIM for stage in nodes["stage"]],
        x2=[PLACE[stage] + SLIM for stage in nodes["stage"]],
        middle=(nodes["low"] + nodes["high"]) / 2,
        text=[f"{name}  {value:,.1f}" for name, value in zip(nodes["name"], nodes["amount"], strict=True)],
    )
    boxes = (
        alt.Chart(records(drawn)).mark_rect(color=INK).encode(x, alt.Y("low:Q", scale=scale), x2="x2:Q", y2="high:Q")
    )
    layers += boxes
    inside = alt.Chart(records(drawn[drawn["stage"] == "pillar"].assign(x=PLACE["pillar"])))
    layers += inside.mark_text(angle=270, color="white", fontWeight="bold").encode(
        x, alt.Y("middle:Q", scale=scale), text="text:N"
    )
    for stage in ("nation", "area", "producer"):
        left = stage != "producer"
        words = alt.Chart(records(drawn[drawn["stage"] == stage])).encode(
            alt.X("x:Q" if left else "x2:Q"), alt.Y("middle:Q", scale=scale), text="text:N"
        )
        side: dict[str, Any] = {"align": "right", "dx": -5} if left else {"align": "left", "dx": 5}
        if stage == "area":  # these stand on the bands: a white rim keeps them legible
            layers += words.mark_text(**side, stroke="white", strokeWidth=3, strokeOpacity=0.85, strokeJoin="round")
        layers += words.mark_text(**side)
    layered: alt.LayerChart = layers.properties(width=720, height=520)
    return layered
