"""Walking over the rows of a table; the type of a cell is known by the dictionary, not by the type checker."""

import functools
from collections import defaultdict, namedtuple
from collections.abc import Iterable
from typing import Any

import pandas as pd

from data.raw import csv_text


def each(frame: pd.DataFrame) -> Iterable[Any]:
    """Each row as a named tuple; `Index` is its label."""
    return map(_kind(tuple(frame.columns))._make, labelled(frame, frame.columns))


@functools.cache
def _kind(columns: tuple[str, ...]) -> Any:
    """The named tuple of rows with these columns: pandas makes one at each walk, which takes longer than the walk."""
    kind = namedtuple("Row", ["Index", *columns], rename=True)  # type: ignore[misc]

    def travelling(row: Any) -> tuple[Any, ...]:
        return _row, (columns, tuple(row))

    setattr(kind, "__reduce__", travelling)  # noqa: B010 - a kind made here can't be found by its name elsewhere
    return kind


def _row(columns: tuple[str, ...], cells: tuple[Any, ...]) -> Any:
    """A row that has travelled to another process, where its kind is made anew."""
    return _kind(columns)._make(cells)


def nested(frame: pd.DataFrame, outer: str, inner: str, value: str) -> defaultdict[Any, dict[Any, Any]]:
    """Cells of column ``value`` by ``outer``, then by ``inner``; what is not there is empty."""
    found: defaultdict[Any, dict[Any, Any]] = defaultdict(dict)
    for first, second, cell in tuples(frame, [outer, inner, value]):
        found[first][second] = cell
    return found


def tuples(frame: pd.DataFrame, columns: Iterable[str]) -> Iterable[Any]:
    """Each row's cells of these columns, as a plain tuple."""
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def labelled(frame: pd.DataFrame, columns: Iterable[str]) -> Iterable[Any]:
    """Each row's label and its cells of these columns, as a plain tuple."""
    return zip(frame.index.tolist(), *(frame[column].tolist() for column in columns), strict=True)


def at(frame: pd.DataFrame, row: Any, column: str) -> Any:
    """One cell by the row's label."""
    return frame.loc[row, column]


def as_csv(frame: pd.DataFrame, missing: str = "") -> str:
    """A table as the text of its CSV file, as pandas writes it, in less than its time; `missing` where a cell is not.

    Numbers stand in their shortest exact form.
    """
    return csv_text(
        map(str, frame.columns), zip(*(_texts(frame[name], missing) for name in frame.columns), strict=True)
    )


def _texts(column: "pd.Series[Any]", missing: str) -> list[str]:
    cells = column.tolist()
    if all(cell.__class__ is str for cell in cells):
        return cells
    return [missing if cell is None or cell != cell else str(cell) for cell in cells]


def split_names(text: str) -> tuple[str, ...]:
    """The names of a list separated by ';', blanks around them dropped."""
    return tuple(name.strip() for name in text.split(";") if name.strip())


def spans(years: Iterable[int]) -> str:
    """Years as people write them: 2029, 2031-2033."""
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in found)
