"""A bound without a new relaxation: nations apart, what they share priced at multipliers known from an earlier case.

Any multipliers give a valid bound (Lagrangian relaxation); good ones are the duals of a similar case. The rows that
nations share are priced into the objective, and each nation's part is a small linear program of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Basis, Termination
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.layout import Layout, Mask, Places

IMPLIED = 3  # passes over the rows for bounds that columns lack
ROUNDING = 1e-14  # of the terms of a reduced cost: what is left where they cancel
Bases = dict[int, Basis]  # by part
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
    return {(row.name, row.key): float(dual) for row, dual in zip(matrix.rows, duals, strict=True) if dual}


def apart(matrix: Matrix, layout: Layout) -> Parts:
    """Which rows belong to one nation, and which link several."""
    rows, columns = matrix.a.nonzero()
    low, high = np.full(matrix.shape[0], len(layout.nations)), np.full(matrix.shape[0], -2)
    np.minimum.at(low, rows, layout.owner[columns])
    np.maximum.at(high, rows, layout.owner[columns])
    return Parts(layout.owner, low != high, low)


def priced_bound(
    matrix: Matrix, layout: Layout, known: Multipliers, budget: Budget, seed: int, share: float = 1.0,
    bases: Bases | None = None,
) -> float:  # fmt: skip
    r"""A lower bound of the relaxation at given multipliers; minus infinity where none can be shown.

    .. math:: \lambda b + \sum_{parts} \min \{ (c - \lambda A) x : \text{the part's own rows and bounds} \}

    The parts' duals, with the multipliers, are duals of the whole program, and the bound is worked out from these: it
    does not rest on the tolerances of the parts' solutions.

    Args:
        matrix: the tightened program.
        layout: what its columns belong to.
        known: multipliers by rule and key; rows without one count at 0.
        budget: clock and cancel.
        seed: for the engine.
        share: part of the multipliers that is taken; any part gives a valid bound.
        bases: last basis of each part, to start from; kept up to date.
    """
    parts = apart(matrix, layout)
    duals = share * _signed(matrix, parts, known)
    cost = matrix.cost - matrix.a.T @ duals
    by_rows = matrix.a.tocsr()
    for number in range(-1, len(layout.nations)):
        rows, found = _part(replace(matrix, cost=cost), by_rows, parts, number, budget, seed, bases)
        if found is None:
            return -np.inf
        duals[rows] = found
    return dual_bound(matrix, duals)


@dataclass(frozen=True)
class NationsApart:
    """The quick bound: nations apart, at the multipliers of a like case; without these what they share costs nothing.

    Attributes:
        shares: parts of the multipliers that are tried; any part gives a valid bound.
    """

    shares: tuple[float, ...] = (1.0,)
    name: str = "nations apart"

    def run(self, instance: Instance, pool: Pool, budget: Budget, known: Multipliers) -> None:
        """Tell the pool the best bound of all shares."""
        for share in self.shares if known else (0.0,):
            if budget.late():
                return
            part = budget.part()
            bound = priced_bound(instance.matrix, instance.layout, known, part, instance.seed, share)
            budget.work += 1
            if np.isfinite(bound):
                pool.journal.note(f"nations apart: none can be below {bound:.6g}")
                pool.prove(max(0.0, bound), self.name)


def dual_bound(matrix: Matrix, duals: Floats) -> float:
    r"""The bound that any duals give (weak duality), whatever the tolerances of the engine that found them.

    .. math::
        \sum_{y_i>0} y_i \, lower_i + \sum_{y_i<0} y_i \, upper_i
        + \sum_j \min_{l_j \le x_j \le u_j} (c - A^T y)_j x_j

    Args:
        matrix: the tightened program; columns without a bound take the one that their rows imply.
        duals: by row; what has the wrong sign for its row's sense counts as 0.
    """
    upper = _implied_upper(matrix)
    duals = _within_prices(matrix, upper, duals)
    duals = np.where(np.isinf(matrix.row_lower), np.minimum(duals, 0.0), duals)
    duals = np.where(np.isinf(matrix.row_upper), np.maximum(duals, 0.0), duals)
    reduced = matrix.cost - matrix.a.T @ duals
    reduced[np.abs(reduced) < ROUNDING * (np.abs(matrix.cost) + abs(matrix.a).T @ np.abs(duals))] = 0.0
    best = np.where(reduced > 0, matrix.lower, upper)
    used = reduced != 0
    right = np.where(duals > 0, matrix.row_lower, matrix.row_upper)
    priced = duals != 0
    bound = float(reduced[used] @ best[used] + duals[priced] @ right[priced] + matrix.offset)
    return bound if np.isfinite(bound) else -np.inf


def _within_prices(matrix: Matrix, upper: Floats, duals: Floats) -> Floats:
    """Duals no higher than what a violation of their row costs, where it has no bound.

    An engine keeps that within its tolerance only, and the least of it would leave no bound at all.
    """
    a = matrix.a
    columns = np.flatnonzero((np.diff(a.indptr) == 1) & np.isinf(upper))
    rows, entries = a.indices[a.indptr[columns]], a.data[a.indptr[columns]]
    most, duals = matrix.cost[columns] / entries, duals.copy()
    np.minimum.at(duals, rows[entries > 0], most[entries > 0])
    np.maximum.at(duals, rows[entries < 0], most[entries < 0])
    return duals


def _implied_upper(matrix: Matrix) -> Floats:
    """Upper bounds by column, where missing from the rows: what a row leaves a column when all others take least."""
    upper = matrix.upper.copy()
    coefficients = matrix.a.tocoo()
    row, column, value = coefficients.row, coefficients.col, coefficients.data
    for _ in range(IMPLIED):
        for sign, right in ((1.0, matrix.row_upper), (-1.0, -matrix.row_lower)):
            a = sign * value
            least = a * np.where(a > 0, matrix.lower[column], upper[column])
            open_ended = ~np.isfinite(least)
            count = np.bincount(row, open_ended, minlength=len(right))
            total = np.bincount(row, np.where(open_ended, 0.0, least), minlength=len(right))
            able = (a > 0) & np.isinf(upper[column]) & (count[row] == 0) & np.isfinite(right[row])
            room = (right[row[able]] - total[row[able]] + least[able]) / a[able]
            np.minimum.at(upper, column[able], np.maximum(room, matrix.lower[column[able]]))
    return upper


def _signed(matrix: Matrix, parts: Parts, known: Multipliers) -> Floats:
    """Multipliers of the linking rows, with the sign that a row's sense asks for.

    A violation has no upper bound and must not become profitable: the multiplier of the rule that it softens gives way.
    """
    price = np.zeros(matrix.shape[0])
    linking = np.flatnonzero(parts.linking)
    rows = [matrix.rows[place] for place in linking.tolist()]
    price[linking] = [known.get((row.name, row.key), 0.0) for row in rows]
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
    matrix: Matrix, by_rows: sparse.csr_array, parts: Parts, number: int, budget: Budget, seed: int, bases: Bases | None
) -> tuple[Places, Floats | None]:  # fmt: skip
    """A part's own rows and their duals at the least priced cost; None where it has none."""
    columns = np.flatnonzero(parts.owner == number)
    rows = np.flatnonzero(~parts.linking & (parts.part == number))
    small = Matrix(
        a=sparse.csc_array(by_rows[rows][:, columns]),
        cost=matrix.cost[columns], offset=0.0, second=matrix.second[columns], second_offset=0.0,
        row_lower=matrix.row_lower[rows], row_upper=matrix.row_upper[rows],
        lower=matrix.lower[columns], upper=matrix.upper[columns], integer=matrix.integer[columns],
        rows=(), columns=(), group=matrix.group[columns],
        sizes=None if matrix.sizes is None else matrix.sizes[columns],
    )  # fmt: skip
    engine = Engine(small, budget, seed=seed, threads=1)
    engine.continuous(True)
    if bases is not None and number in bases:
        engine.start_from(bases[number])
    outcome = engine.lp(method="simplex")
    if bases is not None:
        bases[number] = engine.basis()
    return rows, outcome.row_duals if outcome.termination is Termination.PROVEN else None
