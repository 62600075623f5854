"""A program in arrays whose rows and columns are labelled: no object of the modelling language is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


class Label(NamedTuple):
    """What a row or column is called.

    Attributes:
        name: of the rule (family.rule) or cut of a row, of the variable of a column.
        key: its index; None of what has none.
    """

    name: str
    key: Any


@dataclass(frozen=True)
class Matrix:
    """A program in arrays: minimise cost @ x + offset, row_lower <= a @ x <= row_upper, lower <= x <= upper.

    Attributes:
        a: rows by columns, compressed by column.
        cost, offset: first objective.
        second, second_offset: second objective of the lexicographic pair.
        row_lower, row_upper, lower, upper: bounds.
        integer: mask of integer columns.
        rows: label of each row; none in a part of a program.
        columns: label of each column; none in a part of a program.
        group: name of the variable of each column.
        sizes: what each column is measured by in the engine (problem/scale.py); None: found when an engine needs it.
            All but these are in the units of the data.
    """

    a: sparse.csc_array
    cost: Floats
    offset: float
    second: Floats
    second_offset: float
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    group: NDArray[np.str_]
    sizes: Floats | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.a.shape
        return int(rows), int(columns)
