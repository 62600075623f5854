"""Charts that are matrices: gaps with letters, lines by year, who joins what, who makes what for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.rows import each
from reports import assumed, figures, made_where
from reports.picture import Picture, amount, empty, finished, grid, ink_on, marked, money_scale, shade
from reports.style import LIGHTS_SAY, light

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

UNUSED = "#F7F7F7"
MANY_YEARS = 12


@marked
def gap_heat_map(plan: Plan, year: int | None = None, settled: bool = False) -> Picture:
    """Closure of each nation's (ALL: collective) targets by area: a stoplight with letters.

    Args:
        plan: what is shown.
        year: of the closure, the last one by default.
        settled: show the state when all that is ordered has arrived, in place of a year.
    """
    year = year or figures.horizon(plan)[1]
    gaps = plan.tables["settled"] if settled else plan.tables["gaps"]
    gaps = gaps[(gaps["target"] > 0) & (settled or gaps["year"] == year)]
    when = "when all that is ordered has arrived" if settled else f"in {year}"
    if gaps.empty:
        return empty(f"No area has a target that is looked at {when}" if settled else f"No area has a target {when}")
    areas = figures.names_of(plan, "areas", "area")
    nations = figures.names_of(plan, "nations", "nation") | {"ALL": "All together"}
    cells = []
    for row in each(gaps):
        letter, fill, ink = light(row.closure)
        nation, area = nations.get(row.nation, row.nation), areas.get(row.area, row.area)
        tip = f"{nation}, {area}: {figures.met(row.closure)} of {row.target:,.1f} met"
        text = f"{letter} {figures.met(row.closure)[:-1]}"
        cells.append({"row": nation, "column": area, "fill": fill, "ink": ink, "text": text, "tip": tip})
    frame = pd.DataFrame(cells)
    open_part = gaps.groupby("area")[["shortfall", "target"]].sum()
    columns = [areas.get(str(area), str(area)) for area in sorted(open_part.index)]
    rows = sorted(set(frame["row"]) - {nations["ALL"]}) + [
        name for name in [nations["ALL"]] if name in set(frame["row"])
    ]
    chart = grid(frame, rows, columns, (39, 17))
    red = sum(text.startswith("R") for text in frame["text"])
    green = sum(text.startswith("G") for text in frame["text"])
    worst = areas.get(str((open_part["shortfall"] / open_part["target"]).idxmax()), "")
    title = (
        f"{when[0].upper()}{when[1:]}, {green} of {len(frame)} targets are met to at least 95% and {red} to less than "
        "80%; "
        f"most is open in {worst}."
    )
    data = gaps.pivot_table(index="nation", columns="area", values="closure", aggfunc="first").reset_index()
    data = data.rename(columns={name: f"{name} [share of target met]" for name in data.columns if name != "nation"})
    data.columns.name = None
    text = f"Matrix of nations by areas: share of the target met {when}, in per cent. {LIGHTS_SAY}."
    return finished(chart, data, title, f"{text} {title}")


def gap_heat_map_settled(plan: Plan) -> Picture:
    """The same when all that is ordered has arrived."""
    return gap_heat_map(plan, settled=True)


@marked
def line_utilisation(plan: Plan, top: int = 32) -> Picture:
    """Utilisation of the busiest lines and components by year; a triangle marks a year in which capacity opens.

    Which are the busiest is told by the planning years. The years beyond stand behind a rule line, used against the
    part of the capacity that this plan's orders may take there.
    """
    capacity = plan.tables["capacity"]
    planned = figures.planning(plan, "capacity")
    busiest = planned.groupby("line_or_component")["utilisation"].agg(["max", "mean"])
    busiest = busiest[busiest["max"] > 0].reset_index().sort_values(["max", "mean"], ascending=False, kind="stable")
    if busiest.empty:
        return empty("No line makes anything in this plan")
    kept = list(busiest["line_or_component"].head(top))
    names = figures.names_of(plan, "lines", "line") | _names(plan, "components", "component")
    cells = []
    opened: set[str] = set()
    last = figures.horizon(plan)[1]
    for place in kept:
        before = 0.0
        for row in each(capacity[capacity["line_or_component"] == place].sort_values("year")):
            grown, before = row.year <= last and row.added > before + 1e-9, row.added
            opened |= {place} if grown else set()
            used = row.used > 0
            text = f"{'▲ ' if grown else ''}{100 * row.utilisation:.0f}" if used or grown else ""
            tip = f"{names.get(place, place)} {row.year}: {row.used:,.1f} of {row.capacity + row.added:,.1f}"
            fill = shade(row.utilisation) if used else UNUSED
            ink = ink_on(row.utilisation)
            cells.append({"row": names.get(place, place), "column": str(row.year), "fill": fill, "ink": ink,
                          "text": text, "tip": tip})  # fmt: skip
    frame = pd.DataFrame(cells)
    rows = [names.get(place, place) for place in kept]
    years = sorted(set(frame["column"]))
    beyond = next((year for year in years if int(year) > last), None)
    wide = 50 if len(years) <= MANY_YEARS else 43  # the page has no more room
    chart = grid(frame, list(dict.fromkeys(rows)), years, (wide, 16), turned=False, rule=beyond)
    told = figures.industry_told(plan)
    shown = f"the {len(kept)} busiest shown" if len(kept) < len(busiest) else "those in use shown"
    title = f"{told}; {shown}, of which {figures.counted(len(opened), 'is', 'are')} expanded (▲)."
    data = capacity[capacity["line_or_component"].isin(kept)].pivot_table(
        index="line_or_component", columns="year", values="utilisation", aggfunc="first"
    )
    data = data.reindex(kept).rename(columns=lambda year: f"{year} [share of capacity]").reset_index()
    data.columns.name = None
    text = "Matrix of lines and components by years: capacity used in per cent, ▲ where an expansion opens."
    text += f" Right of the line: years beyond {last}." if beyond else ""
    return finished(chart, data, title, f"{text} {title}")


def _names(plan: Plan, table: str, key: str) -> dict[str, str]:
    return figures.names_of(plan, table, key) if table in plan.case.dataset.tables else {}


@marked
def joint_buys(plan: Plan, top: int = 40) -> Picture:
    """Who joins which joint buy: each member's part of its units; a dot marks a candidate that stays out."""
    found = figures.bought_together(plan, top)
    if found.empty:
        return empty("No joint buy is launched")
    members = plan.tables["members"]
    units = {(row.frame, row.nation): row.units for row in each(members)}
    whole = members.groupby("frame")["units"].sum()
    asked = plan.case.dataset.tables.get("frame_members", pd.DataFrame(columns=["frame", "nation", "status"]))
    status = {(row.frame, row.nation): row.status for row in each(asked)}
    nations = sorted({nation for frame, nation in [*units, *status] if frame in set(found["frame"])})
    cells, rows = [], []
    for row in each(found):
        label = f"{row.name} ({row.launch_year})"
        rows.append(label)
        for nation in nations:
            cells.append(
                _seat(label, nation, units.get((row.frame, nation)), whole.get(row.frame, 0.0),
                      status.get((row.frame, nation), ""))
            )  # fmt: skip
    chart = grid(pd.DataFrame(cells), rows, nations, (24, 16))
    often = members.groupby("nation")["frame"].nunique().sort_index()
    names = figures.names_of(plan, "nations", "nation")
    keenest = names.get(str(often.idxmax()), str(often.idxmax()))
    buys = figures.counted(len(plan.tables["frames"]), "joint buy has", "joint buys have")
    title = (
        f"{buys} {figures.counted(len(members), 'membership', 'memberships')}; "
        f"{keenest} joins most of them ({int(often.max())})."
    )
    title += f" {assumed.SAYS}." if assumed.assumed_frames(plan) & set(found["frame"]) else ""
    data = members.assign(part=members["units"] / members["frame"].map(whole).where(lambda value: value > 0, 1.0))
    heads = {"units": "units [as ordered]", "part": "part [share of the units]"}
    data = data[["frame", "nation", *heads]].rename(columns=heads)
    text = "Matrix of joint buys by nations: each member's part of the units in per cent; · stays out; × excluded."
    return finished(chart, data.reset_index(drop=True), title, f"{text} {title}")


def _seat(label: str, nation: str, units: float | None, whole: float, status: str) -> dict[str, object]:
    """The cell of one nation in one joint buy."""
    if units is not None:
        part = units / whole if whole else 0.0
        cell: dict[str, object] = {
            "fill": shade(0.25 + 0.75 * part),
            "ink": ink_on(0.25 + 0.75 * part),
            "text": f"{100 * part:.0f}" if part >= 0.005 else "<1",  # a member is never one of nothing
        }
        return cell | {"row": label, "column": nation, "tip": f"{nation}: {units:,.1f} units, {part:.0%}"}
    words = {"excluded": ("×", "excluded"), "": ("", "can't join")}
    text, tip = words.get(status, ("·", f"{status}, stays out"))
    return {"row": label, "column": nation, "fill": UNUSED, "ink": "#595959", "text": text, "tip": f"{nation}: {tip}"}


@marked
def production_matrix(plan: Plan) -> Picture:
    """What each nation's lines make for each buyer, years beyond the horizon included, at unit_cost.

    Nations outside the alliance that make something are among the rows; what is on no line stands last.
    """
    work = made_where.work(plan)
    made = work.groupby(["producer", "nation"], as_index=False)["value"].sum()
    made = made[made["value"] > 0]
    if made.empty:
        return empty("Nothing is made in this plan")
    by_maker = made.groupby("producer")["value"].sum().sort_values(ascending=False, kind="stable")
    makers = sorted(map(str, by_maker.index), key=lambda maker: maker == made_where.NOWHERE)
    buyers = sorted(set(made["nation"]))
    divisor, unit = money_scale(plan, float(by_maker.max()) * 10)  # cells are far smaller than the sum
    names = made_where.producer_names(plan)
    value = {(row.producer, row.nation): row.value / divisor for row in each(made)}
    most = max(value.values())
    cells = []
    for maker in makers:
        label = f"{names.get(maker, maker)}  {by_maker[maker] / divisor:,.1f}"
        for buyer in buyers:
            figure = value.get((maker, buyer), 0.0)
            part = (figure / most) ** 0.5
            tip = f"made in {names.get(maker, maker)} for {names.get(buyer, buyer)}: {figure:,.2f} {unit}"
            cells.append({"row": label, "column": buyer, "fill": shade(part) if figure else UNUSED, "ink": ink_on(part),
                          "text": _short(figure), "tip": tip})  # fmt: skip
    rows = list(dict.fromkeys(cell["row"] for cell in cells))
    chart = grid(pd.DataFrame(cells), [str(row) for row in rows], buyers, (25, 16))
    data = made.rename(columns={"producer": "made in", "nation": "delivered to"}).astype({"value": float})
    data = data.rename(columns={"value": f"value [m {plan.case.dataset.settings.currency}]"}).reset_index(drop=True)
    title = _made_title(plan, work, (divisor, unit))
    text = f"Matrix of producing nations (rows, with their sum in {unit}) by buying nations."
    return finished(chart, data, title, f"{text} {title}")


def _made_title(plan: Plan, work: pd.DataFrame, scale: tuple[float, str]) -> str:
    """Who makes most of what lines make, how much is made at home, abroad from the alliance, and under licence."""
    divisor, unit = scale
    lined = work[work["producer"] != made_where.NOWHERE]
    whole = float(lined["value"].sum())
    if whole <= 0:
        return f"No line makes anything; {amount(float(work['value'].sum()) / divisor, unit)} are on no line."
    names, allies = made_where.producer_names(plan), set(plan.case.dataset.tables["nations"]["nation"])
    by_maker = lined.groupby("producer")["value"].sum()
    first = str(by_maker.idxmax())
    home = float(lined.loc[lined["producer"] == lined["nation"], "value"].sum())
    away = float(by_maker[~by_maker.index.isin(allies)].sum())
    price = lined["value"] / lined["units"].where(lined["units"] > 0, 1.0)
    licensed = float((lined["licensed"] * price).sum())
    more = [f"{home / whole:.0%} is made where it is used"]
    more += [f"{away / whole:.0%} outside the alliance"] if away > 0 else []
    more += [f"{amount(licensed / divisor, unit)} under a new licence"] if licensed > 0 else []
    return (
        f"{names.get(first, first)} makes the largest part, {by_maker.max() / whole:.0%} of the "
        f"{amount(whole / divisor, unit)} that lines make at the price of one unit; {', '.join(more)}."
    )


def _short(figure: float) -> str:
    """Two figures at most, and nothing where it would be 0.0."""
    if figure < 0.05:
        return ""
    return f"{figure:.1f}" if figure < 9.95 else f"{figure:.0f}"
