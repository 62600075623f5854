"""A part of a program: some columns free, all others at the values that they have."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.layout import Mask, Places


def subproblem(matrix: Matrix, by_rows: sparse.csr_array, free: Mask, x: Floats) -> tuple[Places, Matrix]:
    """(columns freed, their program with all others at the values of x).

    A row or bound that x misses by a residue is taken as it stands, so that x itself is always a solution.

    Args:
        matrix: the program.
        by_rows: its coefficients by rows.
        free: which columns are free.
        x: values by column.
    """
    columns = np.flatnonzero(free)
    touched = np.zeros(matrix.shape[0], dtype=bool)
    touched[matrix.a[:, columns].indices] = True
    rows = np.flatnonzero(touched)
    part = by_rows[rows]
    fixed, activity = part @ np.where(free, 0.0, x), part @ x
    small = Matrix(
        a=sparse.csc_array(part[:, columns]),
        cost=matrix.cost[columns], offset=0.0, second=matrix.second[columns], second_offset=0.0,
        row_lower=np.minimum(matrix.row_lower[rows], activity) - fixed,
        row_upper=np.maximum(matrix.row_upper[rows], activity) - fixed,
        lower=np.minimum(matrix.lower[columns], x[columns]), upper=np.maximum(matrix.upper[columns], x[columns]),
        integer=matrix.integer[columns], rows=(), columns=(), group=matrix.group[columns],
        sizes=None if matrix.sizes is None else matrix.sizes[columns],
    )  # fmt: skip
    return columns, small
