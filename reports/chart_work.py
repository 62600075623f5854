"""The order book: what is ordered and not made yet, and what is made and not delivered yet, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from reports import figures
from reports.picture import HEIGHT, WIDTH, Picture, amount, empty, finished, marked, money_scale, records, years_of
from reports.style import COLOURS, INK

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

WAITING, IN_WORK = "ordered, not made yet", "made, not delivered yet"
SMALLEST = 1e-9


def work_in_progress(plan: Plan) -> pd.DataFrame:
    """Units of each programme that lines make, at each year's end: what is on order, in work, and their value.

    Columns: programme, year, ordered, made, delivered (all up to the year's end, the pipeline among orders and
    deliveries, what is built of it among the made), waiting = ordered - made, in_work = made - delivered, and both at
    unit_cost (millions): waiting_value, in_work_value. The years beyond the horizon are among them.
    """
    tables = plan.case.dataset.tables
    pipeline = tables["pipeline"]
    years = years_of(plan) + figures.years_beyond(plan)
    lined = sorted(set(tables["line_programmes"]["programme"]))
    bound = pipeline.groupby("programme")[["units", "built"]].sum().reindex(lined).fillna(0.0)
    ordered = _up_to(plan.tables["orders"], lined, years).add(bound["units"], axis=0)
    made = _up_to(plan.tables["production"], lined, years).add(bound["built"], axis=0)
    delivered = _up_to(plan.tables["deliveries"], lined, years)
    kinds = {"ordered": ordered, "made": made, "delivered": delivered}
    every = pd.MultiIndex.from_product([lined, years], names=["programme", "year"])
    found = pd.DataFrame({name: table.to_numpy().ravel() for name, table in kinds.items()}, index=every)
    found["waiting"] = (found["ordered"] - found["made"]).clip(lower=0.0)
    found["in_work"] = (found["made"] - found["delivered"]).clip(lower=0.0)
    found = found.reset_index()
    cost = dict(zip(tables["programmes"]["programme"], tables["programmes"]["unit_cost"], strict=True))
    price = found["programme"].map(cost).astype(float)
    return found.assign(waiting_value=found["waiting"] * price, in_work_value=found["in_work"] * price)


def _up_to(table: pd.DataFrame, programmes: list[str], years: list[int]) -> pd.DataFrame:
    """Units up to each year's end: a row a programme, a column a year."""
    units = table.pivot_table(index="programme", columns="year", values="units", aggfunc="sum", fill_value=0.0)
    return units.reindex(index=programmes, columns=years).fillna(0.0).astype(float).cumsum(axis=1)


@marked
def order_book(plan: Plan) -> Picture:
    """What lines have on order and in work at each year's end, at unit_cost; years beyond stand behind a rule line."""
    found = work_in_progress(plan)
    columns = ["waiting_value", "in_work_value"]
    summed = found.groupby("year")[columns].sum()
    if found.empty or summed.to_numpy().max() <= SMALLEST:
        return empty("Nothing is on order at any year's end: all is ordered, made and delivered within one year")
    divisor, unit = money_scale(plan, float(summed.sum(axis=1).max()))
    summed = summed / divisor
    last, beyond = figures.horizon(plan)[1], figures.years_beyond(plan)
    waiting, in_work = ({int(str(year)): float(one) for year, one in summed[name].items()} for name in columns)
    peak = max(sorted(in_work), key=in_work.__getitem__)
    title = (
        f"Work in progress is worth {amount(in_work[peak], unit)} at most, at the end of {peak}; orders worth "
        f"{amount(waiting[last], unit)} are still to be made when {last} ends."
    )
    data = summed.rename(columns={"waiting_value": f"{WAITING} [{unit}]", "in_work_value": f"{IN_WORK} [{unit}]"})
    text = f"Stacked bars by year's end in {unit}, at the price of one unit: {WAITING}, and {IN_WORK}."
    text += f" Right of the line: years beyond {last}." if beyond else ""
    chart = _bars(summed, unit, beyond)
    return finished(chart.properties(width=WIDTH, height=HEIGHT - 40), data.reset_index(), title, f"{text} {title}")


def _bars(summed: pd.DataFrame, unit: str, beyond: list[int]) -> alt.LayerChart:
    names = {"waiting_value": WAITING, "in_work_value": IN_WORK}
    rows = [
        {"year": str(year), "part": text, "value": float(summed.loc[year, column]), "place": place}
        for place, (column, text) in enumerate(names.items())
        for year in summed.index
    ]
    years = [str(year) for year in summed.index]
    scale = alt.Scale(domain=years)
    x = alt.X("year:N", sort=years, scale=scale, title=None, axis=alt.Axis(labelAngle=0))
    told = list(names.values())
    colour = alt.Color("part:N", sort=told, scale=alt.Scale(domain=told, range=[COLOURS[3], COLOURS[0]]))
    tip = ["year:N", "part:N", alt.Tooltip("value:Q", format=",.1f", title=unit)]
    bars = alt.Chart(records(pd.DataFrame(rows))).mark_bar()
    layers = bars.encode(x, alt.Y("value:Q", title=unit), color=colour, order="place:Q", tooltip=tip)
    if not beyond:
        return alt.LayerChart(layer=[layers])
    end = alt.Chart(records(pd.DataFrame({"year": [str(beyond[0])]})))
    rule = end.mark_rule(color=INK, strokeWidth=2).encode(alt.X("year:N", sort=years, scale=scale, bandPosition=0))
    return alt.LayerChart(layer=[layers, rule])
