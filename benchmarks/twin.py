"""The twin of a data set: the same alliance with other figures, so that no search is made to one set's measure.

A seeded factor from 0.9 to 1.1 for each programme's price, each nation's GDP, each line's and component's capacity
(in all years, with a line's output and ramp), and each customer's max_units. What is counted stays counted: whole lots
where there were whole lots, whole units where there were whole units, and none becomes none.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from data.dataset import Dataset, load, write

LEAST, MOST = 0.9, 1.1
DIGITS = 9  # of a figure that is not counted
Factor = Callable[[str], float]


def twin_of(dataset: Dataset, seed: int) -> Dataset:
    """The data set with other figures."""
    tables = dict(dataset.tables)
    programmes, customers = tables["programmes"], tables["customers"]
    price = _factors(seed, "unit_cost", programmes["programme"])
    tables["programmes"] = _times(programmes, ("unit_cost",), "programme", price)
    tables["economy"] = _times(
        tables["economy"], ("gdp",), "nation", _factors(seed, "gdp", tables["nations"]["nation"])
    )
    line = _factors(seed, "line", tables["lines"]["line"])
    tables["lines"] = _times(tables["lines"], ("current_output", "ramp"), "line", line)
    tables["line_capacity"] = _times(tables["line_capacity"], ("capacity",), "line", line)
    component = _factors(seed, "component", tables["components"]["component"])
    tables["component_capacity"] = _times(tables["component_capacity"], ("capacity",), "component", component)
    pairs = [f"{nation} {name}" for nation, name in zip(customers["nation"], customers["programme"], strict=True)]
    wish = _factors(seed, "max_units", pairs)
    lots = dict(zip(programmes["programme"], programmes["lot"], strict=True))
    most = [
        _counted(units, lots.get(name, 0.0), wish(pair))
        for units, name, pair in zip(customers["max_units"], customers["programme"], pairs, strict=True)
    ]
    tables["customers"] = customers.assign(max_units=most)
    return replace(dataset, tables=tables, source=None)


def _factors(seed: int, what: str, names: Iterable[str]) -> Factor:
    """A factor for each name; an own die for each figure, so that a programme more moves no nation's GDP."""
    dice = random.Random(f"{seed} {what}")
    drawn = {name: dice.uniform(LEAST, MOST) for name in sorted(set(names))}
    return lambda name: drawn.get(name, 1.0)


def _times(frame: pd.DataFrame, columns: Iterable[str], key: str, factor: Factor) -> pd.DataFrame:
    return frame.assign(**{
        column: [_rounded(value * factor(name)) for value, name in zip(frame[column], frame[key], strict=True)]
        for column in columns
    })  # fmt: skip


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _counted(units: float, lot: float, factor: float) -> float:
    """Units times a factor: in whole lots or units where they were; at least one where there was one."""
    if units in (0.0, float("inf")):
        return units
    for step in (lot, 1.0):
        if step > 0 and abs(units / step - round(units / step)) < 1e-9:
            return _rounded(max(1, round(units / step * factor)) * step)
    return _rounded(units * factor)


def make(source: Path, seed: int, folder: Path) -> None:
    """Write the twin of a data set."""
    write(twin_of(load(source), seed), folder)
