"""What stands between a nation and its target in an area: the way there, and programme by programme what holds back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from data.dataset import split_names
from data.rows import spans
from optimizer.plans.plan import Plan
from reports import figures
from reports.style import COLOURS, FAINT, FONT
from ui.shown import Shown
from ui.tables import need_row

ALL = "ALL"
ARRIVED = "all arrived"
FULL = 0.98


def way(plan: Plan, nation: str, area: str) -> Shown:
    """What a nation has in an area by year against its target: baseline, orders that count, innovation.

    Behind the years, and a line, stands the state when all that is ordered has arrived.
    """
    gaps, later = plan.tables["gaps"], plan.tables["settled"]
    rows = gaps[(gaps["nation"] == nation) & (gaps["area"] == area)].sort_values("year")
    then = later[(later["nation"] == nation) & (later["area"] == area)]
    names = figures.names_of(plan, "nations", "nation") | {ALL: "All nations together"}
    found = need_row(plan.case.dataset.tables["areas"], "area", area)
    label, unit = str(found["name"] or area), str(found["unit"])
    last = rows.iloc[-1]
    met = f"{figures.met(last['closure'])} of the target of {int(last['year'])}"
    arrived = f", {figures.met(then['closure'].iloc[0])} when all that is ordered has arrived" if len(then) else ""
    title = f"{names.get(nation, nation)}, {label}: {met} is met{arrived}."
    text = f"Bars by year, {rows['year'].min()}-{rows['year'].max()}: what there is in {unit}; a tick marks the target."
    both = pd.concat([rows.assign(year=rows["year"].astype(int).astype(str)), then.assign(year=ARRIVED)])
    data = both[["year", "target", "baseline", "delivered", "credited", "innovation", "shortfall", "closure"]]
    return Shown.of_spec(_bars(both), data, title, f"{text} {title}")


def _bars(rows: pd.DataFrame) -> dict[str, Any]:
    """Stacked bars of the parts and a tick for the target, as a Vega-Lite specification."""
    parts = [("baseline", "baseline", FAINT), ("credited", "orders that count", COLOURS[0])]
    parts.append(("innovation", "innovation", COLOURS[5]))
    values = [
        {"year": year, "part": text, "value": float(value), "place": place}
        for place, (column, text, _) in enumerate(parts)
        for year, value in zip(rows["year"], rows[column], strict=True)
    ]
    targets = [{"year": y, "target": float(t)} for y, t in zip(rows["year"], rows["target"], strict=True)]
    order = list(dict.fromkeys(rows["year"]))
    year = {"field": "year", "type": "ordinal", "title": None, "sort": order, "axis": {"labelAngle": 0}}
    scale = {"domain": [text for _, text, _ in parts], "range": [colour for _, _, colour in parts]}
    bars = {
        "data": {"values": values}, "mark": "bar",
        "encoding": {
            "x": year, "y": {"field": "value", "type": "quantitative", "title": "area units", "stack": True},
            "color": {"field": "part", "type": "nominal", "scale": scale, "legend": {"title": None, "orient": "top"}},
            "order": {"field": "place"},
            "tooltip": [{"field": "year"}, {"field": "part"}, {"field": "value", "format": ",.2f"}],
        },
    }  # fmt: skip
    ticks = {
        "data": {"values": targets}, "mark": {"type": "tick", "thickness": 3, "width": 46, "color": "#333333"},
        "encoding": {
            "x": year, "y": {"field": "target", "type": "quantitative"},
            "tooltip": [{"field": "year"}, {"field": "target", "format": ",.2f"}],
        },
    }  # fmt: skip
    axis = {"labelColor": "#333333", "titleColor": "#333333", "gridColor": "#D9D9D9", "titleFontWeight": "normal"}
    config = {"font": FONT, "axis": axis, "legend": {"labelColor": "#333333"}, "view": {"stroke": None}}
    layers: list[dict[str, Any]] = [bars, ticks]
    if ARRIVED in order:
        layers.append({
            "data": {"values": [{"year": ARRIVED}]}, "mark": {"type": "rule", "color": "#333333"},
            "encoding": {"x": year | {"bandPosition": 0}},
        })  # fmt: skip
    return {"layer": layers, "width": 680, "height": 230, "config": config}


def programmes(plan: Plan, nation: str, area: str) -> pd.DataFrame:
    """Each programme with an effect in an area: what the nation orders of it, and what keeps it from more.

    Columns: programme, effect (area units a unit), ordered (units), most (units it may order), delivered (effect in the
    last year), what holds back more.
    """
    tables = plan.case.dataset.tables
    effects = tables["effects"][(tables["effects"]["area"] == area) & (tables["effects"]["effect"] > 0)]
    names = figures.names_of(plan, "programmes", "programme")
    orders = plan.tables["orders"]
    orders = orders if nation == ALL else orders[orders["nation"] == nation]
    ordered = orders.groupby("programme")["units"].sum()
    serving = _in_service(plan, nation)
    customers = tables["customers"]
    if nation != ALL:
        customers = customers[customers["nation"] == nation]
    most = customers.groupby("programme")["max_units"].sum()
    rows = []
    for programme, effect in zip(effects["programme"], effects["effect"], strict=True):
        limit = float(most.get(programme, 0.0))
        have = float(ordered.get(programme, 0.0))
        rows.append({
            "programme": names.get(programme, programme), "effect": effect, "ordered": have,
            "most": limit if limit < float("inf") else None, "delivered": effect * serving.get(programme, 0.0),
            "what holds back more": _held(plan, nation, str(programme), have, limit),
        })  # fmt: skip
    found = pd.DataFrame(rows, columns=["programme", "effect", "ordered", "most", "delivered", "what holds back more"])
    return found.sort_values(["delivered", "ordered", "programme"], ascending=[False, False, True], ignore_index=True)


def _in_service(plan: Plan, nation: str) -> dict[str, float]:
    """Programme -> units in service in the last year."""
    rows = plan.tables["deliveries"]
    last = figures.horizon(plan)[1]
    if nation != ALL:
        rows = rows[rows["nation"] == nation]
    newest = rows[rows["year"] <= last].sort_values("year").groupby(["nation", "programme"]).tail(1)
    found: dict[str, float] = {}
    service = plan.case.dataset.tables["programmes"].set_index("programme")["service_years"]
    for programme, year, units in zip(newest["programme"], newest["year"], newest["in_service"], strict=True):
        if year == last or service.get(programme, 0) >= last - year + 1:
            found[str(programme)] = found.get(str(programme), 0.0) + float(units)
    return found


def _hosted(plan: Plan, nation: str, hosts: Sequence[str]) -> bool:
    """Whether a nation operates, or orders, one of these programmes."""
    tables = plan.case.dataset.tables
    held, bound, ordered = tables["customers"], tables["pipeline"], plan.tables["orders"]
    held = held[held["units_operated"] > 0]
    return any(((rows["nation"] == nation) & rows["programme"].isin(hosts)).any() for rows in (held, bound, ordered))


def _held(plan: Plan, nation: str, programme: str, have: float, limit: float) -> str:
    """In words, what keeps a nation from ordering more; read off the data and the plan, nothing is solved again."""
    tables = plan.case.dataset.tables
    if limit <= 0:
        return "it is no customer of this programme"
    if have >= limit * (1 - 1e-6):
        return "it orders all that it may"
    row = need_row(tables["programmes"], "programme", programme)
    last = figures.horizon(plan)[1]
    until = max([last, *figures.years_beyond(plan)])
    arrives = int(row["first_order_year"]) + int(row["lead_years"])
    if arrives > until:
        return f"an order would arrive after {until}"
    if arrives > last:
        return f"an order would arrive after {last}; it counts when all has arrived"
    busy = _full_years(plan, programme)
    if busy:
        return f"its lines or components are full in {spans(busy)}"
    hosts = split_names(str(row["needs_host"]))
    if hosts and nation != ALL and not _hosted(plan, nation, hosts):
        return f"it operates nothing that fires or carries it ({', '.join(hosts)})"
    if row["requires_innovation"]:
        return f"it waits for the innovation line {row['requires_innovation']}"
    return "money, or other programmes close more of a gap with it"


def _full_years(plan: Plan, programme: str) -> list[int]:
    """Years in which every line of a programme is full, or one of its components."""
    tables, capacity = plan.case.dataset.tables, plan.tables["capacity"]
    lines = set(tables["line_programmes"].loc[tables["line_programmes"]["programme"] == programme, "line"])
    bill = tables["bill_of_materials"]
    components = set(bill.loc[(bill["programme"] == programme) & (bill["quantity"] > 0), "component"])
    capacity = capacity[capacity["year"].between(*figures.horizon(plan))]
    full = capacity[(capacity["utilisation"] >= FULL) | (capacity["capacity"] + capacity["added"] <= 0)]
    of_lines = full[full["line_or_component"].isin(lines)].groupby("year")["line_or_component"].nunique()
    years = {int(year) for year, count in of_lines.items() if lines and count == len(lines)}  # type: ignore[call-overload]
    return sorted(years | set(full.loc[full["line_or_component"].isin(components), "year"].astype(int)))
