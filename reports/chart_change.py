"""The picture of a comparison: the objective from plan to plan, each step with its cause and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.chart_steps import steps_chart
from reports.compare import CHURN, MODEL, OBJECTIVE, Step
from reports.picture import Picture, empty, finished


def change_steps(steps: Sequence[Step]) -> Picture:
    """A waterfall of the objective: one bar a step; its name says the cause, or that it is within the churn."""
    rows = []
    for step in steps:
        found = step.measures[step.measures["measure"] == OBJECTIVE]
        if found.empty:
            return empty("A plan without an objective can't be drawn against another")
        row = found.iloc[0]
        within = str(row["verdict"]).startswith(("within", CHURN))
        label = f"{step.cause}{', within churn' if within and step.cause != MODEL else ''}"
        rows.append((step, float(row["before"]), float(row["after"]), label))
    bars = [(f"{step.after}: {label}", after - before) for step, before, after, label in rows]
    chart = steps_chart(rows[0][0].before, rows[0][1], bars, f"{rows[-1][0].after} ", "gap-index points")
    start, end = rows[0][1], rows[-1][2]
    way = f"{'falls' if end < start else 'rises'} from {start:,.2f} to {end:,.2f} points"
    if f"{start:,.2f}" == f"{end:,.2f}":
        way = f"stays at {end:,.2f} points"
    count = f"{len(steps)} step{'s' if len(steps) > 1 else ''}"
    title = f"The objective {way} over {count}."
    data = pd.DataFrame(
        [(step.before, step.after, label, before, after, after - before) for step, before, after, label in rows],
        columns=["from", "to", "cause", "before [points]", "after [points]", "change [points]"],
    )
    return finished(chart, data, title, f"Waterfall in gap-index points, a bar for each step with its cause. {title}")
