"""Units don't matter: a data set in rounds in place of thousands, or in another currency, has the same value."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from data.dataset import load
from data.dictionary import data_tables
from data.levers import Case, apply, replay
from models.program import build
from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Termination
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import _add_up, compile_program
from optimizer.problem.scale import relative, scales_of
from optimizer.problem.tighten import tightened
from optimizer.solve import SolveOptions, solve
from tests import mknap
from tests.random_sets import random_set
from tests.units import AREA, CAPACITY, COMPONENT, KINDS, MONEY, Change, changes, rescaled

ROOT = pathlib.Path(__file__).resolve().parents[2]
TINY = load(ROOT / "data/tiny")
SMALL = (1e-6, 1e-3, 1e3, 1e6)
FACTORS = {AREA: (*SMALL, 1e9), CAPACITY: SMALL, COMPONENT: SMALL, MONEY: SMALL}
EXACT = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=120)
SETS = range(30)
SHARP = 1e-10  # tolerance of an interior point whose sixth digit holds


def in_other_units(case: Case, change: Change) -> Case:
    """The case of the data set in another unit, under the same levers."""
    return replay(rescaled(case.base, change), case.name, case.levers)


def compiled(case: Case) -> Matrix:
    return compile_program(build(case)).matrix


def optimum(case: Case) -> float:
    """Least first objective; infinite where there is no plan."""
    outcome = Engine(compiled(case), Budget(120)).mip(gap=0.0)
    assert outcome.termination in (Termination.PROVEN, Termination.INFEASIBLE)
    return outcome.value


# --- the helper -----------------------------------------------------------------------------------------------


def test_the_unit_of_every_numeric_column_is_classified() -> None:
    """A new column whose unit nobody here knows would stay as it is while all around it is scaled."""
    numeric = [column for table in data_tables().values() for column in table.columns if column.numeric]
    assert [f"{c.table}.{c.name}: {c.unit}" for c in numeric if c.unit not in KINDS] == []


@pytest.mark.parametrize("change", changes(TINY, dict.fromkeys(FACTORS, (1e3,))), ids=str)
def test_there_and_back_is_the_same_data_set(change: Change) -> None:
    there = rescaled(TINY, change)
    back = rescaled(there, replace(change, factor=1e-3))
    differs = [
        f"{name}.{column.name}"
        for name, table in data_tables().items()
        for column in table.columns
        if column.numeric
        and not np.allclose(back.tables[name][column.name], TINY.tables[name][column.name], rtol=1e-12)
    ]
    assert differs == []
    assert any(not there.tables[name].equals(TINY.tables[name]) for name in there.tables)


# --- arrays ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", changes(TINY, FACTORS), ids=str)
def test_the_engine_gets_the_same_arrays(change: Change) -> None:
    """What differs is rounding: a coefficient of 0.1 thousand is not to the last bit 100 ones."""
    here, there = (relative(matrix, scales_of(matrix)) for matrix in (compiled(apply(TINY)), compiled(
        in_other_units(apply(TINY), change))))  # fmt: skip
    assert (here.a != there.a).nnz == 0 or abs(here.a - there.a).max() < 1e-9 * abs(here.a).max()
    for one, other in ((here.cost, there.cost), (here.row_lower, there.row_lower), (here.row_upper, there.row_upper),
                       (here.lower, there.lower), (here.upper, there.upper)):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_no_coefficient_falls_below_what_the_engine_keeps() -> None:
    """HiGHS leaves out what is below small_matrix_value without a word."""
    for change in changes(TINY, FACTORS):
        matrix = compiled(in_other_units(apply(TINY), change))
        assert np.min(np.abs(relative(matrix, scales_of(matrix)).a.data)) > 1e-9


def test_values_and_duals_come_back_in_the_units_of_the_data() -> None:
    """A shadow price is in points per million of the data's currency: in cents it is a hundredth a unit."""
    found = []
    for case in (apply(TINY), in_other_units(apply(TINY), Change(MONEY, "", 100.0))):
        matrix = compiled(case)
        engine = Engine(matrix, Budget(60))
        engine.continuous(True)
        lp = engine.lp()
        assert lp.x is not None and lp.row_duals is not None
        assert float(matrix.cost @ lp.x + matrix.offset) == pytest.approx(lp.value, rel=1e-9)
        reached = matrix.a @ lp.x
        size = np.maximum(1.0, np.abs(np.where(np.isfinite(matrix.row_upper), matrix.row_upper, 0.0)))
        assert np.all(reached <= matrix.row_upper + 1e-6 * size)
        money = np.array([row.name == "budget.balance" for row in matrix.rows])
        found.append((lp.value, float(lp.row_duals[money].sum())))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-7)
    assert found[0][1] == pytest.approx(100 * found[1][1], rel=1e-6)


def test_a_small_coefficient_is_no_rest_of_a_sum() -> None:
    """What cancels is small beside its terms: 0.3 - 0.1 - 0.2 is left out, a price of 1e-14 points a round is not."""
    a = sparse.csr_array((np.array([0.3, -0.1, -0.2, 1e-14]), np.array([0, 0, 0, 1]), np.array([0, 4])), shape=(1, 2))
    _add_up(a)
    assert a.toarray().tolist() == [[0.0, 1e-14]]


# --- values ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny_value() -> float:
    return optimum(apply(TINY))


@pytest.mark.parametrize("change", changes(TINY, FACTORS), ids=str)
def test_tiny_has_the_same_value_in_other_units(change: Change, tiny_value: float) -> None:
    assert optimum(in_other_units(apply(TINY), change)) == pytest.approx(tiny_value, abs=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        Change(AREA, sorted(TINY.tables["areas"]["area"])[0], 3e5),
        Change(MONEY, "", 5e7),
        Change(MONEY, "", 1e-6),
    ],
    ids=str,
)
def test_the_whole_command_gives_the_same_plan(change: Change) -> None:
    """Search, cost pass, last programs and tables as well: value, cost in the new currency, what is ordered."""
    here, there = solve(apply(TINY), options=EXACT), solve(in_other_units(apply(TINY), change), options=EXACT)
    one, other = here.header["objective"], there.header["objective"]
    assert (here.header["exit_code"], there.header["exit_code"]) == (0, 0)
    assert other["value"] == pytest.approx(one["value"], abs=1e-6)
    assert other["bound"] == pytest.approx(one["bound"], abs=1e-6)
    money = change.factor if change.kind == MONEY else 1.0
    assert other["cost"] == pytest.approx(one["cost"] * money, rel=1e-6)


@pytest.mark.parametrize("seed", SETS)
def test_random_sets_have_the_same_value_in_other_units(seed: int) -> None:
    """Each set in four other units, drawn so that 30 sets see every kind with every factor."""
    case = random_set(seed).case
    known = optimum(case)
    for kind, factors in FACTORS.items():
        possible = changes(case.base, {**dict.fromkeys(FACTORS, ()), kind: (factors[seed % len(factors)],)})
        if possible:
            change = possible[seed % len(possible)]
            assert optimum(in_other_units(case, change)) == pytest.approx(known, abs=1e-6), str(change)


@pytest.mark.parametrize("problem", mknap.problems(), ids=lambda problem: problem.name)
def test_published_instances_with_values_ten_thousand_times_larger(
    problem: mknap.Problem, tmp_path: pathlib.Path
) -> None:
    larger = replace(problem, values=tuple(1e4 * one for one in problem.values))
    value = optimum(apply(load(mknap.write(larger, tmp_path / "dataset"))))
    assert value == pytest.approx(100 * (1 - problem.optimum / sum(problem.values)), abs=1e-6)


def reference_relaxation(change: Change | None) -> float:
    """Value of the reference set's relaxation, by an interior point that ends well below the sixth digit."""
    case = apply(load(ROOT / "data/alliance"))
    program = build(case if change is None else in_other_units(case, change))
    matrix = tightened(compile_program(program).matrix, program.keys)
    root = relaxed(matrix, Budget(600), matrix.lower, matrix.upper, 0, tolerance=SHARP)
    assert root.termination is Termination.PROVEN
    return root.value


@pytest.fixture(scope="module")
def reference_value() -> float:
    return reference_relaxation(None)


@pytest.mark.long
@pytest.mark.parametrize(
    "change",
    [Change(MONEY, "", 1e-3), Change(AREA, "ammo", 1e3), Change(AREA, "ammo", 1e9), Change(AREA, "iamd", 1e-6)],
    ids=str,
)
def test_the_reference_set_has_the_same_relaxation_in_other_units(change: Change, reference_value: float) -> None:
    assert reference_relaxation(change) == pytest.approx(reference_value, abs=1e-6)
