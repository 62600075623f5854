"""A program in which some rows may be violated at a price: for repair, and for what stands against a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import models.program  # noqa: F401 - the rules enter the registry as they are read, in every process
from models.registry import RULES
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.scale import scales_of

Places = NDArray[np.int64]
SLACK = "slack"
CUT = "cut."  # before the names of rows that the tightening adds: they may be violated where their rule may
# Equations whose left side may stay below while nations take turns.
UNPAID = frozenset({"industry.expansion_bill", "innovation.bill"})


@dataclass(frozen=True)
class Elastic:
    """A program with a slack column for each end of a row that may be violated.

    Attributes:
        matrix: the program, its slack columns behind the columns that it had.
        plain: columns that it had.
        rows: row of each slack.
        sizes: what a violation of each of these rows is measured by.
    """

    matrix: Matrix
    plain: int
    rows: Places
    sizes: Floats

    @property
    def slack_of_row(self) -> Places:
        """Column of each row's slack, -1 for none (rows with one slack at most)."""
        found = np.full(self.matrix.shape[0], -1, dtype=np.int64)
        found[self.rows] = self.plain + np.arange(len(self.rows))
        return found


def elastic(
    matrix: Matrix, rows: Places, signs: Floats, sizes: Floats, price: float, *, alone: bool = False
) -> Elastic:
    """The program with slacks.

    Args:
        matrix: the program.
        rows: row of each slack.
        signs: what a slack counts in its row: 1 where it lifts, -1 where it lowers the row's sum.
        sizes: of each of these rows (a violation of one size costs ``price``).
        price: objective of a violation of one size.
        alone: whether violations are all that is minimised.
    """
    count, n = len(rows), len(matrix.cost)
    extra = sparse.csc_array((signs, (rows, np.arange(count))), shape=(matrix.shape[0], count))
    free = replace(
        matrix,
        a=sparse.csc_array(sparse.hstack([matrix.a, extra])),
        cost=np.concatenate([np.zeros(n) if alone else matrix.cost, price / sizes]),
        offset=0.0 if alone else matrix.offset,
        second=np.concatenate([np.zeros(n) if alone else matrix.second, np.zeros(count)]),
        lower=np.concatenate([matrix.lower, np.zeros(count)]),
        upper=np.concatenate([matrix.upper, np.full(count, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(count, dtype=bool)]),
        columns=(*matrix.columns, *(Label(SLACK, place) for place in range(count))),
        group=np.concatenate([matrix.group, np.full(count, SLACK)]),
        # A slack is measured by what it is priced by: else money's slacks set the scale of the objective.
        sizes=None if matrix.sizes is None else np.concatenate([matrix.sizes, sizes]),
    )
    return Elastic(replace(free, sizes=scales_of(free).column), n, np.asarray(rows, dtype=np.int64), sizes)


def under_repair(matrix: Matrix, price: float) -> Elastic:
    """The program with slacks in the rows that may be violated while a plan is repaired (registry: bends).

    What makes a decision consistent (a member joins at the launch, a line scales after its pilot) always holds.
    """
    bends = {name for name, entry in RULES.items() if entry.bends}
    named = np.array([row.name in bends or row.name.startswith(CUT) for row in matrix.rows], dtype=bool)
    unpaid = np.array([row.name in UNPAID for row in matrix.rows], dtype=bool)
    equal = matrix.row_lower == matrix.row_upper
    rows = np.flatnonzero((~equal & named) | unpaid)
    bounded = np.isfinite(matrix.row_upper)
    right = np.where(bounded, matrix.row_upper, matrix.row_lower)[rows]
    signs = np.where(bounded[rows] & ~equal[rows], -1.0, 1.0)
    return elastic(matrix, rows, signs, np.maximum(1.0, np.abs(right)), price)
