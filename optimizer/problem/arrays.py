"""A program in arrays whose rows and columns still know their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """A program in arrays: minimise cost @ x + offset, row_lower <= a @ x <= row_upper, lower <= x <= upper.

    Attributes:
        a: rows by columns, compressed by column.
        cost, offset: first objective.
        second, second_offset: second objective of the lexicographic pair.
        row_lower, row_upper, lower, upper: bounds.
        integer: mask of integer columns.
        rows: name of each row (constraint data of the program).
        columns: variable data of each column.
        group: name of the variable component of each column.
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
    rows: list[Any]
    columns: list[Any]
    group: NDArray[np.str_]
    sizes: Floats | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.a.shape
        return int(rows), int(columns)

    def take(self, x: Floats) -> None:
        """Load a solution into the variables of the program."""
        for column, number in zip(self.columns, x.tolist(), strict=True):
            column.set_value(number, skip_validation=True)

    def index(self) -> dict[int, int]:
        """Identity of a variable (its `id`) -> its column."""
        return {id(column): place for place, column in enumerate(self.columns)}
