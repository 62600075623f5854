"""A chart of how a search went: value and bound over its seconds, as steps (the lines of progress.csv)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from optimizer.pool import BETTER, Event
from reports.picture import HEIGHT, WIDTH, Picture, empty, finished, records, with_marking
from reports.progress import BOUND, FEWEST, INKS, VALUE, lines, told, unit_of, window
from reports.style import FAINT

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan


def search_progress(plan: Plan) -> Picture:
    """Value and bound of a plan's search over its seconds, as steps; a sentence where there is no way to draw."""
    return progress_of(plan.header, plan.progress, plan.case.dataset.settings.currency)


def progress_of(header: Mapping[str, Any], events: Sequence[Event], currency: str = "") -> Picture:
    """The same of a header and the lines of progress.csv; without a currency, money is in millions of the data's."""
    marking, unit = str(header.get("marking") or ""), unit_of(header, currency)
    title = told(events, unit)
    if len(events) < FEWEST:
        return with_marking(empty(title), marking)
    text = f"Steps over seconds of solving, in {unit}: {VALUE}, and {BOUND}; points tell the finder."
    chart = _steps(events, unit).properties(width=WIDTH, height=HEIGHT - 60)
    return with_marking(finished(chart, lines(events, unit), title, f"{text} {title}"), marking)


def _steps(events: Sequence[Event], unit: str) -> alt.LayerChart:
    """A step line each, what lies between them shaded, a point where something was gained."""
    seen = window(events)
    x = alt.X(
        "seconds:Q",
        title="seconds of solving",
        axis=alt.Axis(grid=False, tickCount=8),
        scale=alt.Scale(nice=False, zero=True),
    )
    axis, scale = alt.Axis(title=seen.named(unit), tickCount=6), alt.Scale(domain=[seen.low, seen.high], nice=False)
    colour = alt.Color("line:N", sort=list(INKS), scale=alt.Scale(domain=list(INKS), range=list(INKS.values())))
    tip = [
        alt.Tooltip("finder:N"),
        alt.Tooltip("line:N", title=" "),
        alt.Tooltip("at:Q", format=",.4f", title=unit),
        alt.Tooltip("seconds:Q", format=",.2f", title="seconds"),
        alt.Tooltip("work:Q", format=",", title="work (check points)"),
    ]
    between = alt.Chart(records(_both(events))).mark_area(
        interpolate="step-after", color=FAINT, opacity=0.15, clip=True
    )
    base = alt.Chart(records(_ends(events)))
    stepped = base.mark_line(interpolate="step-after", strokeWidth=2, clip=True)
    points = base.transform_filter("datum.gained").mark_point(filled=True, size=45, opacity=1, clip=True)
    y = alt.Y("at:Q", axis=axis, scale=scale)
    return alt.LayerChart(
        layer=[
            between.encode(x, alt.Y("value:Q", axis=axis, scale=scale), y2="bound:Q"),
            stepped.encode(x, y, color=colour),
            points.encode(x, y, color=colour, tooltip=tip),
        ]
    )


def _ends(events: Sequence[Event]) -> pd.DataFrame:
    """A row a line of progress.csv for each of value and bound that it knows, and whether it was gained there."""
    rows = []
    for name, ends in ((VALUE, [one.value for one in events]), (BOUND, [one.bound for one in events])):
        last: float | None = None
        for one, end in zip(events, ends, strict=True):
            if end is None:
                continue
            gain = last is None or abs(end - last) > BETTER
            rows.append({"seconds": round(one.seconds, 3), "line": name, "at": end, "finder": one.finder,
                         "work": one.work, "gained": gain})  # fmt: skip
            last = end
    return pd.DataFrame(rows, columns=["seconds", "line", "at", "finder", "work", "gained"])


def _both(events: Sequence[Event]) -> pd.DataFrame:
    """Value and bound from when both are known."""
    rows = [
        (round(one.seconds, 3), one.value, one.bound)
        for one in events
        if one.value is not None and one.bound is not None
    ]
    return pd.DataFrame(rows, columns=["seconds", "value", "bound"])
