"""What every chart is made of: the Picture, its look, its labels, and its way to SVG and PNG without a network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import altair as alt
import pandas as pd
import vl_convert

from reports import figures
from reports.style import BLUES, FAINT, FONT, GRID, INK

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

WIDTH, HEIGHT = 680, 340  # pixels of a chart that says nothing else
BILLION = 1000.0
NO_DATA: list[str] = []  # places from which a chart may fetch data: none
# Greys of a text by the cell beneath it.
DARK_FROM = 0.55
Drawing = alt.Chart | alt.LayerChart
Words = ParamSpec("Words")
MARKED: dict[str, Any] = {
    "orient": "bottom",
    "anchor": "end",
    "fontSize": 9,
    "fontWeight": "bold",
    "color": FAINT,
    "offset": 6,
}


@dataclass(frozen=True, eq=False)
class Picture:
    """A chart with all that a reader needs who can't see it, or wants its numbers.

    Attributes:
        chart: the altair chart, without its title.
        data: the numbers that it shows, units in the column headers.
        title: a sentence that says what is to be seen.
        alt: the same for who can't see it: what is shown, from where to where.
        marking: of the data set, told in the chart itself, so that an image carries it wherever it goes.
    """

    chart: Drawing
    data: pd.DataFrame
    title: str
    alt: str
    marking: str = ""

    def titled(self) -> Drawing:
        """The chart with its title in it, to stand alone, and under it the marking."""
        under: dict[str, Any] = {"subtitle": [self.marking], "subtitleColor": FAINT} if self.marking else {}
        chart: Drawing = self.chart.properties(title=alt.Title(_folded(self.title), offset=12, **under))
        return chart


def marked(
    draw: Callable[Concatenate[Plan, Words], Picture],
) -> Callable[Concatenate[Plan, Words], Picture]:
    """A chart of a plan that carries the plan's marking below its axes."""

    def made(plan: Plan, /, *words: Words.args, **more: Words.kwargs) -> Picture:
        return with_marking(draw(plan, *words, **more), str(plan.header.get("marking") or ""))

    functools.update_wrapper(made, draw)
    return made


def with_marking(picture: Picture, marking: str) -> Picture:
    """The picture with a marking below its axes; one that has that marking stays as it is."""
    if not marking or picture.marking == marking:
        return picture
    chart: Drawing = picture.chart.properties(title=alt.Title(marking, **MARKED))
    return replace(picture, chart=chart, marking=marking)


def markings(*plans: Plan) -> str:
    """The markings of several plans, each once: what is drawn of all of them carries all."""
    return " / ".join(dict.fromkeys(str(plan.header["marking"]) for plan in plans if plan.header.get("marking")))


def to_svg(picture: Picture, title: bool = False) -> str:
    """The picture as SVG, its title inside where it stands alone."""
    return str(vl_convert.vegalite_to_svg(_spec(picture, title), allowed_base_urls=NO_DATA))


def to_png(picture: Picture, title: bool = True, scale: float = 2.0) -> bytes:
    """The picture as PNG, `scale` pixels for each of the chart's."""
    return bytes(vl_convert.vegalite_to_png(_spec(picture, title), scale=scale, allowed_base_urls=NO_DATA))


def _spec(picture: Picture, title: bool) -> dict[str, Any]:
    chart = picture.titled() if title else picture.chart
    spec: dict[str, Any] = chart.to_dict()
    return spec


def _folded(text: str, width: int = 88) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def finished(chart: Any, data: pd.DataFrame, title: str, text: str) -> Picture:
    """The picture of a chart, in the house's look."""
    return Picture(chart.configure(**_look()).properties(description=text), data, title, text)


@functools.cache
def _look() -> dict[str, Any]:
    labels: dict[str, Any] = {"labelFont": FONT, "titleFont": FONT, "labelColor": "#333333", "titleColor": "#333333"}
    sizes: dict[str, Any] = {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"}
    return {
        "font": FONT,
        "background": "white",
        "padding": 6,
        "view": alt.ViewConfig(stroke=None),
        "axis": alt.AxisConfig(**labels, **sizes, gridColor=GRID, domainColor="#8C8C8C", tickColor="#8C8C8C"),
        "legend": alt.LegendConfig(**labels, **sizes, orient="top", title=None),
        "title": alt.TitleConfig(font=FONT, fontSize=14, color=INK, anchor="start", fontWeight="bold"),
        "text": alt.MarkConfig(font=FONT, fontSize=11),
    }


def records(frame: pd.DataFrame) -> alt.Data:
    """The rows of a frame as a chart's own data; nothing is left to a server or to a limit of rows."""
    return alt.Data(values=frame.to_dict("records"))


def empty(title: str, width: int = WIDTH) -> Picture:
    """A picture that says that there is nothing to show, and why."""
    frame = pd.DataFrame({"text": [title]})
    text = alt.Chart(records(frame)).mark_text(fontSize=13, color=FAINT).encode(text="text:N")
    return finished(text.properties(width=width, height=60), pd.DataFrame(), title, title)


def money_scale(plan: Plan, largest: float) -> tuple[float, str]:
    """Divisor and unit that keep figures short: billions from ten thousand millions on."""
    currency = plan.case.dataset.settings.currency
    return (BILLION, f"bn {currency}") if abs(largest) >= 10 * BILLION else (1.0, f"m {currency}")


def amount(value: float, unit: str) -> str:
    """A sum of money in words: `USD 12.3 bn`, its parts held together."""
    size, _, currency = unit.partition(" ")
    return f"{currency}\u00a0{value:,.1f}\u00a0{size}"  # never broken over two lines


def years_of(plan: Plan) -> list[int]:
    """The years of the plan."""
    first, last = figures.horizon(plan)
    return list(range(first, last + 1))


def year_axis(years: Sequence[int], centred: bool = False, field: str = "x") -> alt.X:
    """A year scale; what lies beyond its last year (labels) is drawn outside the frame.

    `centred`: a year is the span from itself to the next one and its label stands in the middle (Gantt).
    """
    first, last = years[0], years[-1]
    low, high = float(first), float(last + 1 if centred else last)
    if first == last and not centred:
        low, high = first - 0.5, last + 0.5
    step = max(1, len(years) // 12)
    shown = [year + (0.5 if centred else 0.0) for year in years[::step]]
    return alt.X(
        f"{field}:Q",
        title=None,
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(
            values=shown,
            labelExpr="format(floor(datum.value), 'd')",
            grid=False,
            tickSize=4,
            labelAngle=0,
            labelFlush=False,
        ),
    )


def dodged(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places as near as can be to those wanted, at least `least` apart and within low..high where they fit.

    The wanted places rise or are put in order by the caller.
    """
    places = list(wanted)
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + least)
    if places and places[-1] > high:
        places[-1] = high
        for index in range(len(places) - 2, -1, -1):
            places[index] = min(places[index], places[index + 1] - least)
    if places and places[0] < low:
        shift = low - places[0]
        places = [place + shift for place in places]
    return places


def shade(share: float) -> str:
    """A blue between the least (0) and the most (1)."""
    part = min(1.0, max(0.0, share))
    low, high = (tuple(int(text[at : at + 2], 16) for at in (1, 3, 5)) for text in BLUES)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(low, high, strict=True))


def ink_on(share: float) -> str:
    """The text colour that is read on a shade."""
    return "#FFFFFF" if share >= DARK_FROM else "#000000"


def grid(
    cells: pd.DataFrame,
    rows: Sequence[str],
    columns: Sequence[str],
    cell: tuple[int, int],
    turned: bool = True,
    rule: str | None = None,
) -> alt.LayerChart:
    """A matrix of coloured cells with text; columns of `cells`: row, column, fill, ink, text, tip.

    Column names stand on top, turned where they are long. `cell`: width and height in pixels. `rule`: a line stands
    left of this column.
    """
    wide, high = cell
    base = alt.Chart(records(cells)).encode(
        x=alt.X(
            "column:N",
            sort=list(columns),
            title=None,
            scale=alt.Scale(domain=list(columns)),
            axis=alt.Axis(
                orient="top", labelAngle=-45 if turned else 0, labelLimit=360, domain=False, ticks=False, labelPadding=4
            ),
        ),
        y=alt.Y(
            "row:N",
            sort=list(rows),
            title=None,
            scale=alt.Scale(domain=list(rows)),
            axis=alt.Axis(labelLimit=320, domain=False, ticks=False),
        ),
        tooltip=alt.Tooltip("tip:N", title=" "),
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=1).encode(color=alt.Color("fill:N", scale=None, legend=None))
    texts = base.mark_text(fontSize=10, baseline="middle").encode(
        text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
    )
    drawn = boxes + texts
    if rule is not None:
        place = alt.X("column:N", sort=list(columns), scale=alt.Scale(domain=list(columns)), bandPosition=0)
        drawn += alt.Chart(records(pd.DataFrame({"column": [rule]}))).mark_rule(color=INK, strokeWidth=2).encode(place)
    layers: alt.LayerChart = drawn.properties(width=wide * len(columns), height=high * len(rows))
    return layers
