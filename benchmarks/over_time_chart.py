"""Value and bound over time as a chart: the band between them is what is not known yet of the best plan."""

from __future__ import annotations

import altair as alt
import pandas as pd

from benchmarks.measured import Row
from reports.picture import Picture, finished, records
from reports.style import BAD, GOOD, NEUTRAL

WIDTH, HEIGHT = 680, 320
VALUE, BOUND = "value of the best plan", "bound (no plan is better)"


def frame_of(row: Row) -> pd.DataFrame:
    """Seconds, value and bound by step, held to the end of the run; what is not above 0 has no place on a log scale."""
    table = pd.DataFrame(row["steps"], columns=["seconds", VALUE, BOUND], dtype=float)
    last = table.tail(1).assign(seconds=row["seconds"])
    table = pd.concat([table, last], ignore_index=True)
    return table.where(table[[VALUE, BOUND]].gt(0).assign(seconds=True))


def picture(name: str, row: Row) -> Picture:
    """The chart of one run."""
    table = frame_of(row)
    wide = records(table.dropna())
    long = table.melt("seconds", var_name="what", value_name="points").dropna()
    seconds = alt.X("seconds:Q", title="seconds of solving", scale=alt.Scale(nice=False, zero=True))
    scale = alt.Scale(type="log", nice=False, zero=False, padding=8)
    band = (
        alt.Chart(wide)
        .mark_area(interpolate="step-after", color=NEUTRAL, opacity=0.25)
        .encode(x=seconds, y=alt.Y(f"{VALUE}:Q", scale=scale, title="points of the index (log)"), y2=f"{BOUND}:Q")
    )
    lines = (
        alt.Chart(records(long))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=seconds,
            y=alt.Y("points:Q", scale=scale),
            color=alt.Color("what:N", scale=alt.Scale(domain=[VALUE, BOUND], range=[BAD, GOOD])),
        )
    )
    closed = "-" if row["closed"] is None else f"{row['closed']:.1%}"
    bound = "no bound" if row["bound"] is None else f"bound {row['bound']:.3f}"
    title = (
        f"{name}: value {row['value']:.3f}, {bound}, closed {closed} after {row['seconds']:.0f} s; "
        f"primal-dual integral {row['integral']:.1f} s (run {row['run']})"
    )
    chart = alt.layer(band, lines).properties(width=WIDTH, height=HEIGHT)
    return finished(chart, table, title, f"{title}: the value falls and the bound rises; the band between is open")
