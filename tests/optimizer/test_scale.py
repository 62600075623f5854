"""Sizes of columns and rows: found from right-hand sides through the rows, so that no unit is special."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.problem.arrays import Matrix
from optimizer.problem.scale import OBJECTIVE, column_sizes, objective_factor, relative, row_factors, scales_of

INF = np.inf


def program(
    rows: list[list[float]], right: list[float], cost: list[float], *, whole: tuple[int, ...] = (),
    upper: list[float] | None = None,
) -> Matrix:  # fmt: skip
    """Minimise cost @ x where rows @ x >= right and 0 <= x <= upper."""
    n = len(cost)
    return Matrix(
        a=sparse.csc_array(np.array(rows, dtype=float)),
        cost=np.array(cost, dtype=float), offset=0.0, second=np.zeros(n), second_offset=0.0,
        row_lower=np.array(right, dtype=float), row_upper=np.full(len(rows), INF),
        lower=np.zeros(n), upper=np.array([INF] * n if upper is None else upper, dtype=float),
        integer=np.isin(np.arange(n), whole), rows=(), columns=(), group=np.array([""] * n),
    )  # fmt: skip


def test_a_target_gives_shortfall_and_effect_their_size_and_these_the_units() -> None:
    """short + effect >= 2000 rounds; an effect is 500 rounds a unit: 2000, 2000 and 4 units."""
    matrix = program([[1, 1, 0], [0, -1, 500]], [2000, 0], [1, 0, 0])
    assert column_sizes(matrix).tolist() == [2000, 2000, 4]


def test_whole_decisions_stay_counts_and_size_what_follows_from_them_alone() -> None:
    """A bill of 30 for each start is paid by a contribution: 30 is its size."""
    matrix = program([[1, -30]], [0], [0, 1], whole=(1,))
    assert column_sizes(matrix).tolist() == [30, 1]


def test_a_bound_is_no_smaller_than_what_stands_for_it() -> None:
    """Where the column can reach no more than 5 of the 2000 that its row speaks of, 5 is its size."""
    assert column_sizes(program([[1, 1]], [2000], [1, 0], upper=[INF, 5])).tolist() == [2000, 5]


def test_what_is_left_of_figures_that_cancel_is_no_size() -> None:
    """0.8 * 3 - 2.4 is 4e-16: the spending that this floor bounds is sized by the year's money of 50 all the same."""
    matrix = program([[1.0, 0.0], [-1.0, -1.0]], [0.8 * 3 - 2.4 + 4e-16, -50], [0, 0])
    assert column_sizes(matrix).tolist() == [50, 50]


def test_a_column_that_nothing_sizes_is_left_as_it_is() -> None:
    assert column_sizes(program([[1, -1]], [0], [0, 0])).tolist() == [1, 1]


def test_known_sizes_are_kept_and_lead_to_others() -> None:
    """Slacks at the end of a program get the size of their row."""
    matrix = program([[1, 1]], [0], [0, 0])
    assert column_sizes(matrix, np.array([40.0, np.nan])).tolist() == [40, 40]


def test_rows_are_measured_by_the_middle_of_their_coefficients() -> None:
    """Coefficients 1e-3 and 10 become 0.01 and 100; of whole decisions alone the factor is a power of two."""
    mixed = program([[1e-3, 10]], [0], [0, 0])
    assert (row_factors(mixed, np.ones(2)) * [1e-3, 10]).tolist() == pytest.approx([0.01, 100])
    counts = program([[3, 12]], [0], [0, 0], whole=(0, 1))
    assert row_factors(counts, np.ones(2)).tolist() == [2.0**-3]


def test_no_coefficient_of_a_row_becomes_large() -> None:
    factor = row_factors(program([[1e-9, 1e3]], [0], [0, 0]), np.ones(2))[0]
    assert factor * 1e3 == pytest.approx(1e4)


def test_the_largest_coefficient_of_an_objective_is_near_one_size() -> None:
    for largest in (1e-9, 0.3, 7e8):
        factor = objective_factor(np.array([largest, -0.1 * largest]))
        assert OBJECTIVE / 2 < largest * factor < OBJECTIVE * 2
        assert np.log2(factor) % 1 == 0
    assert objective_factor(np.zeros(3)) == 1


@pytest.mark.parametrize("units", [1e-6, 1.0, 1e9])
def test_the_engine_speaks_natural_units(units: float) -> None:
    """Two ways to 10 (in other units), at 3 and 2 a piece, the cheaper one up to 4: 4 at 2, 6 at 3, 26 in all.

    One more of what is wanted costs 3.
    """
    matrix = program([[1, 1]], [10 * units], [3 / units, 2 / units], upper=[INF, 4 * units])
    engine = Engine(matrix, Budget(10))
    found = engine.lp()
    assert found.x is not None and found.row_duals is not None
    assert found.value == pytest.approx(26)
    assert (found.x / units).tolist() == pytest.approx([6, 4])
    assert (found.row_duals * units).tolist() == pytest.approx([3])
    engine.bounds(np.zeros(2), np.array([INF, 0.0]))
    assert engine.lp().value == pytest.approx(30)
    engine.add_row(np.array([1.0, 0.0]), 12 * units)
    engine.objective(np.array([-1 / units, 0.0]))
    assert engine.lp().value == pytest.approx(-12)


def test_relative_arrays_have_a_size_of_one() -> None:
    """What was scaled is not scaled again."""
    matrix = program([[1, 1, 0], [0, -1, 500]], [2000, 0], [1, 0, 0])
    once = relative(matrix, scales_of(matrix))
    assert scales_of(once).column.tolist() == [1, 1, 1]
    assert np.max(np.abs(once.row_lower)) <= 1
