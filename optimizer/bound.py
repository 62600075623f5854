"""A bound without a new relaxation: nations apart, what they share priced at multipliers known from an earlier case.

Any multipliers give a valid bound (Lagrangian relaxation); good ones are the duals of a similar case. The rows that
nations share are priced into the objective, and each nation's part is a small linear program of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.compile import Floats, Matrix, rule_of
from optimizer.engine import Engine, Termination, Watch
from optimizer.layout import Layout, Mask, Places

Multipliers = Mapping[tuple[str, object], float]


@dataclass(frozen=True)
class Parts:
    """A program taken apart.

    Attributes:
        owner: part of each column (a nation's number, -1 for what is shared).
        linking: rows with columns of several parts.
        part: part of every other row.
    """

    owner: Places
    linking: Mask
    part: Places


def multipliers(matrix: Matrix, duals: Floats) -> dict[tuple[str, object], float]:
    """Duals of a relaxation by rule and key, so that another case's rows find theirs."""
    return {(rule_of(row), row.index()): float(dual) for row, dual in zip(matrix.rows, duals, strict=True) if dual}


def apart(matrix: Matrix, layout: Layout) -> Parts:
    """Which rows belong to one nation, and which link several."""
    rows, columns = matrix.a.nonzero()
    low, high = np.full(matrix.shape[0], len(layout.nations)), np.full(matrix.shape[0], -2)
    np.minimum.at(low, rows, layout.owner[columns])
    np.maximum.at(high, rows, layout.owner[columns])
    return Parts(layout.owner, low != high, low)


def priced_bound(matrix: Matrix, layout: Layout, known: Multipliers, watch: Watch, seed: int) -> float:
    r"""A lower bound of the relaxation at given multipliers; minus infinity where a part has no bound.

    .. math:: \lambda b + \sum_{parts} \min \{ (c - \lambda A) x : \text{the part's own rows and bounds} \}

    Args:
        matrix: the tightened program.
        layout: what its columns belong to.
        known: multipliers by rule and key; rows without one count at 0.
        watch: clock and cancel.
        seed: for the engine.
    """
    parts = apart(matrix, layout)
    price = _signed(matrix, parts, known)
    right = np.where(np.isfinite(matrix.row_lower), matrix.row_lower, matrix.row_upper)
    cost = matrix.cost - matrix.a.T @ price
    total = matrix.offset + float(price[parts.linking] @ right[parts.linking])
    by_rows = matrix.a.tocsr()
    for number in range(-1, len(layout.nations)):
        total += _part(replace(matrix, cost=cost), by_rows, parts, number, watch, seed)
        if not np.isfinite(total):
            return -np.inf
    return total


def _signed(matrix: Matrix, parts: Parts, known: Multipliers) -> Floats:
    """Multipliers of the linking rows, with the sign that a row's sense asks for.

    A violation has no upper bound and must not become profitable: the multiplier of the rule that it softens gives way.
    """
    price = np.array(
        [
            known.get((rule_of(row), row.index()), 0.0) if link else 0.0
            for row, link in zip(matrix.rows, parts.linking, strict=True)
        ]
    )
    equal = matrix.row_lower == matrix.row_upper
    price = np.where(~equal & np.isinf(matrix.row_lower), np.minimum(price, 0.0), price)
    price = np.where(~equal & np.isinf(matrix.row_upper), np.maximum(price, 0.0), price)
    for column in np.flatnonzero((matrix.group == "violation") & (parts.owner < 0)).tolist():
        here = slice(matrix.a.indptr[column], matrix.a.indptr[column + 1])
        rows, values = matrix.a.indices[here], matrix.a.data[here]
        cost = float(matrix.cost[column])
        left = cost - float(values @ price[rows])
        if left < 0 and parts.linking[rows].all():
            price[rows] *= cost / (cost - left)
    return price


def _part(
    matrix: Matrix, by_rows: sparse.csr_array, parts: Parts, number: int, watch: Watch, seed: int
) -> float:  # fmt: skip
    """Least priced cost of one part alone."""
    columns = np.flatnonzero(parts.owner == number)
    rows = np.flatnonzero(~parts.linking & (parts.part == number))
    small = Matrix(
        a=sparse.csc_array(by_rows[rows][:, columns]),
        cost=matrix.cost[columns], offset=0.0, second=matrix.second[columns], second_offset=0.0,
        row_lower=matrix.row_lower[rows], row_upper=matrix.row_upper[rows],
        lower=matrix.lower[columns], upper=matrix.upper[columns], integer=matrix.integer[columns],
        rows=[], columns=[], group=matrix.group[columns],
    )  # fmt: skip
    engine = Engine(small, watch, seed=seed, threads=1)
    engine.continuous(True)
    outcome = engine.lp(method="simplex")
    return outcome.value if outcome.termination is Termination.PROVEN else -np.inf
