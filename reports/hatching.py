"""Hatching: slanted strokes over an area, since charts here have no patterns of their own."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from reports.picture import records

APART = 8  # pixels between two strokes
SAMPLES = 120  # points of a stroke before it is cut


def strokes(
    xs: Sequence[float], heights: Sequence[float], pixels: tuple[int, int], spans: tuple[float, float]
) -> pd.DataFrame:
    """Points of strokes at 45 degrees under a line through (xs, heights); columns stroke, x, y.

    Args:
        xs: places of the line, rising.
        heights: of the line there; strokes run from 0 up to it.
        pixels: width and height of the frame.
        spans: what these are in the units of x and y.
    """
    per_x, per_y = spans[0] / pixels[0], spans[1] / pixels[1]
    rise = per_y / per_x
    reach = max(heights, default=0.0) / rise
    rows: list[tuple[int, float, float]] = []
    number = 0
    for start in np.arange(xs[0] - reach, xs[-1], APART * per_x):
        at = np.linspace(max(start, xs[0]), min(start + reach, xs[-1]), SAMPLES)
        high = (at - start) * rise
        inside = high <= np.interp(at, xs, heights) + 1e-12
        for place, (x, y, shown) in enumerate(zip(at, high, inside, strict=True)):
            number += int(shown and (place == 0 or not inside[place - 1]))
            if shown:
                rows.append((number, float(x), float(y)))
    return pd.DataFrame(rows, columns=["stroke", "x", "y"])


def hatched(found: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    """The strokes as a layer, white, so that what is under them keeps its colour."""
    chart: alt.Chart = (
        alt.Chart(records(found))
        .mark_line(color="white", strokeWidth=1.6, opacity=0.85)
        .encode(x, y, detail="stroke:N")
    )
    return chart
