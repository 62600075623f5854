"""A comparison as a terminal shows it, and its way into files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data.rows import each
from reports.compare import WORDS, Step

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

Told = tuple[str, tuple[str, ...], list[tuple[object, ...]]]
MOST = 12  # rows of a list on the terminal; the workbook has them all


def told(steps: Sequence[Step]) -> Iterator[Told]:
    """(heading, column names, rows) of every part of every step."""
    for step in steps:
        yield f"{step.before} -> {step.after}: {WORDS[step.cause]}", (), []
        yield (
            "What changed",
            ("measure", "before", "after", "change", "unit", "of the change"),
            [
                (row.measure, _figure(row.before), _figure(row.after), _signed(row.change), row.unit, row.verdict)
                for row in each(step.measures)
            ],
        )
        yield (
            f"Orders changed: {step.churn:.1%} of the value of the plan before",
            ("kind", "item", "before", "after"),
            _cut([(row.kind, row.item, _figure(row.before), _figure(row.after)) for row in each(step.decisions)]),
        )
        if len(step.levers) or len(step.data):
            yield from _why(step)


def _why(step: Step) -> Iterator[Told]:
    """What went in differently: the money and targets it brings, the levers, the cells."""
    rows: list[tuple[object, ...]] = [
        (row.input, _figure(row.before), _signed(row.by_data), _signed(row.by_levers), _figure(row.after), row.unit)
        for row in each(step.inputs)
    ]
    yield (
        "What the new data and the new levers bring",
        ("input", "before", "by data", "by levers", "after", "unit"),
        rows,
    )
    if len(step.levers):
        yield "Levers", ("lever", "before", "after"), [tuple(row) for row in step.levers.itertuples(index=False)]
    if len(step.data):
        cells = [tuple(row) for row in step.data.itertuples(index=False)]
        yield f"Data: {len(cells):,} changes", ("table", "key", "column", "before", "after"), _cut(cells)


def _cut(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    if len(rows) <= MOST:
        return rows
    rest = (f"{len(rows) - MOST:,} more", *[""] * (len(rows[0]) - 1))
    return [*rows[:MOST], rest]


def _figure(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "-" if value != value else f"{value:,.4g}" if abs(value) < 100 else f"{value:,.1f}"


def _signed(value: float) -> str:
    return "not separable" if value != value else f"{value:+,.4g}" if abs(value) < 100 else f"{value:+,.1f}"


def write_out(steps: Sequence[Step], plans: Sequence[Plan], file: Path) -> None:
    """Write the comparison of these plans as a workbook or as a picture, by the ending of the name.

    Raises:
        OSError: the place can't be written to.
    """
    if file.suffix.lower() == ".xlsx":
        from reports.compare_book import write_comparison

        write_comparison(steps, plans[-1], file)
        return
    from reports.charts import change_steps, to_png, to_svg
    from reports.picture import markings, with_marking

    picture = with_marking(change_steps(steps), markings(*plans))
    if file.suffix.lower() == ".svg":
        file.write_text(to_svg(picture, title=True), encoding="utf-8")
    else:
        file.write_bytes(to_png(picture))
