"""Relative quantities: the arrays that an engine gets have no units.

An engine's tolerances are absolute. A shortfall of a thousandth of a target must mean the same to it whether the area
is counted in battalions or in rounds, and a million the same in euros as in yen. So each continuous column is measured
by its size, each row by what stands in it, and the objective by its largest coefficient. Integer columns stay counts.

A column's size comes from the data through the program itself: a right-hand side (a target, a year's money, a
capacity, what can be ordered) gives its row a size, the row its columns, these the other rows that they stand in, until
every column has one. Nothing here knows a unit or a name of a rule, so that a new rule can't be forgotten, and a data
set in other units leads to the same arrays. The rest of the optimizer thinks in the data's own units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.problem.arrays import Floats, Matrix

RESIDUE = 1e-7  # of a row's size: a right-hand side below it is what is left of figures that cancel
SPREAD = 1e4  # no coefficient of a row becomes larger than that, so that the smallest may be below 1
OBJECTIVE = 1024.0  # the largest coefficient of the objective: an engine's 1e-7 is then 1e-10 of it
Sizes = NDArray[np.float64]  # nan where not known yet
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scales:
    """How to measure a program.

    Attributes:
        column: size of each column (its value = size * relative value).
        row: what each row is multiplied by.
        objective: what the objective is multiplied by, a power of two.
    """

    column: Floats
    row: Floats
    objective: float


def scales_of(matrix: Matrix) -> Scales:
    """The scales of a program; sizes of columns that it knows already are kept."""
    known = np.full(len(matrix.cost), np.nan)
    if matrix.sizes is not None:
        known[: len(matrix.sizes)] = matrix.sizes[: len(known)]
    column = column_sizes(matrix, known) if np.isnan(known).any() else known
    return Scales(column, row_factors(matrix, column), objective_factor(matrix.cost * column))


def relative(matrix: Matrix, scales: Scales) -> Matrix:
    """The program in relative quantities."""
    column, row = scales.column, scales.row
    a = sparse.csc_array(sparse.diags_array(row) @ matrix.a @ sparse.diags_array(column))
    return replace(
        matrix,
        a=a,
        cost=matrix.cost * column * scales.objective, offset=matrix.offset * scales.objective,
        second=matrix.second * column,
        row_lower=matrix.row_lower * row, row_upper=matrix.row_upper * row,
        lower=matrix.lower / column, upper=matrix.upper / column,
        sizes=np.ones(len(column)),
    )  # fmt: skip


def objective_factor(cost: Floats) -> float:
    """The power of two that takes the largest coefficient of an objective near OBJECTIVE."""
    largest = float(np.max(np.abs(cost), initial=0.0))
    return 1.0 if largest == 0 else float(2.0 ** np.round(np.log2(OBJECTIVE / largest)))


def row_factors(matrix: Matrix, column: Floats) -> Floats:
    """What takes the middle of a row's coefficients to 1: each of its columns counts, none above SPREAD.

    Rows of integers alone keep round figures: their factor is a power of two.
    """
    a = matrix.a.tocoo()
    rows = matrix.shape[0]
    entries = np.abs(a.data) * column[a.col]
    largest = np.zeros(rows)
    np.maximum.at(largest, a.row, entries)
    smallest = np.full(rows, np.inf)
    np.minimum.at(smallest, a.row, np.where(entries > 0, entries, np.inf))
    empty = largest == 0
    largest[empty] = smallest[empty] = 1.0
    factor = 1.0 / np.maximum(np.sqrt(smallest * largest), largest / SPREAD)
    mixed = np.zeros(rows, dtype=bool)
    mixed[a.row[~matrix.integer[a.col]]] = True
    return np.where(mixed, factor, 2.0 ** np.round(np.log2(factor)))


# ---- sizes of columns ------------------------------------------------------------------------------------------------


def column_sizes(matrix: Matrix, known: Sizes | None = None) -> Floats:
    """Size of each column; those known already (not nan) are kept and lead to the others'."""
    given = np.full(len(matrix.cost), np.nan) if known is None else known.copy()
    given[matrix.integer] = 1.0
    right = _finite(matrix.row_lower, matrix.row_upper)
    bound = _finite(matrix.lower, matrix.upper)
    rough = _spread(matrix, given, right, bound)
    a = matrix.a.tocoo()
    reach = np.zeros(matrix.shape[0])
    np.maximum.at(reach, a.row, np.abs(a.data) * np.nan_to_num(rough[a.col]))
    sizes = _spread(matrix, given, np.where(right > RESIDUE * reach, right, 0.0), bound)
    sizes = _over_years(matrix, sizes, np.isnan(given))
    return np.where(np.isnan(given), np.where(np.isnan(sizes), 1.0, sizes), given)


def _finite(lower: Floats, upper: Floats) -> Floats:
    """The larger finite end, 0 where there is none."""
    ends = np.abs(np.stack([lower, upper]))
    return np.asarray(np.max(np.where(np.isfinite(ends), ends, 0.0), axis=0), dtype=float)


def _spread(matrix: Matrix, given: Sizes, right: Floats, bound: Floats) -> Sizes:
    """Sizes from right-hand sides, then from bounds, then from whole decisions, each as far as they lead."""
    a = matrix.a.tocoo()
    terms = a.row, a.col, np.abs(a.data)
    sizes = np.where(matrix.integer, np.nan, given)
    _follow(*terms, sizes, right, bound, matrix.integer)
    anchored = np.isnan(sizes) & ~matrix.integer & (bound > 0)
    sizes[anchored] = bound[anchored]
    _follow(*terms, sizes, right, bound, matrix.integer)
    sizes[matrix.integer] = 1.0
    _follow(*terms, sizes, right, bound, matrix.integer)
    return sizes


def _follow(row: Places, col: Places, entry: Floats, sizes: Sizes, right: Floats, bound: Floats, integer: Mask) -> None:
    """Give sizes to columns that share a row with what has one, until none is found; ``sizes`` is filled in place.

    Of several rows the largest counts (what is left of figures that cancel is small), up to the column's own bound.
    """
    while True:
        of_row = right.copy()
        seen = ~np.isnan(sizes[col])
        np.maximum.at(of_row, row[seen], entry[seen] * sizes[col[seen]])
        asks = ~seen & ~integer[col] & (of_row[row] > 0) & (entry > 0)
        if not asks.any():
            return
        found = np.zeros(len(sizes))
        np.maximum.at(found, col[asks], of_row[row[asks]] / entry[asks])
        new = found > 0
        sizes[new] = np.where(bound[new] > 0, np.minimum(found[new], bound[new]), found[new])


def _over_years(matrix: Matrix, sizes: Sizes, asked: Mask) -> Sizes:
    """One size for a variable in all years: the largest, so that balances from year to year keep plain coefficients."""
    named = np.flatnonzero(asked).tolist() if matrix.columns else []  # a part's columns have no labels, and sizes
    if not named:
        return sizes
    number: dict[tuple[str, Any], int] = {}
    groups, columns = matrix.group[named].tolist(), [matrix.columns[column].key for column in named]
    place = np.array(
        [
            number.setdefault((group, _without_years(column)), len(number))
            for group, column in zip(groups, columns, strict=True)
        ],
        dtype=np.int64,
    )
    most = np.full(len(number), np.nan)
    np.fmax.at(most, place, sizes[named])
    sizes = sizes.copy()
    sizes[named] = most[place]
    return sizes


def _without_years(key: Any) -> Any:
    return tuple([part for part in key if not isinstance(part, int)]) if isinstance(key, tuple) else key
