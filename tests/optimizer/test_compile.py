"""From expressions to arrays and back: terms, what cancels, values as they are."""
# ruff: noqa: C408

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from models.program import again, build
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Termination
from optimizer.problem.compile import Compiled, _add_up, compile_program, recompiled
from tests.cases import case, one_nation, tiny


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_program(build(case(one_nation(programmes=[dict(programme="tank")]))))


def test_values_are_loaded_as_they_are_and_nothing_is_said_of_them(
    compiled: Compiled, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A residue of the engine lies below 0, or beside a whole number: whoever settles the plan cleans it."""
    given = np.full(len(compiled.variables), -1e-12)
    given[0] = 0.9999999
    compiled.load(given)
    assert compiled.values().tolist() == given.tolist()
    assert caplog.records == [] and capfd.readouterr() == ("", "")


def test_columns_and_coefficients_of_one_expression_less_another(compiled: Compiled) -> None:
    """2 of the first variable less 3 of the second."""
    first, second = compiled.variables[:2]
    assert compiled.terms(2 * first, 3 * second) == ((0, 1), (2.0, -3.0))
    assert compiled.terms(2 * first + 5) == ((0,), (2.0,))


def test_what_cancels_is_no_term() -> None:
    """0.1 + 0.2 - 0.3 of one variable is 6e-17, and none of it; 2 and 3 of another are 5."""
    row = np.array([0.1, 2.0, 0.2, 3.0, -0.3])
    a = sparse.csr_array((row, np.array([0, 1, 0, 1, 0]), np.array([0, 5])), shape=(1, 2))
    _add_up(a)
    assert (a.indices.tolist(), a.data.tolist()) == ([1], [5.0])


@pytest.mark.parametrize(
    "levers",
    [{"core_share_2035": 0.05}, {"price_growth_shift": 0.01}, {"carry_over": 0.2}, {"area_weight.lift": 3.0}],
    ids=str,
)
def test_another_case_put_into_the_arrays_is_that_case(levers: dict[str, object]) -> None:
    """Money changes rows, prices change coefficients, weights the objective: whichever it is, the optimum is the same.

    Rows may stand in another order, and columns without any use may be left over.
    """
    program = build(case(tiny()), noted=True)
    before = compile_program(program)
    anew = build(case(tiny(), sets=levers), noted=True)
    found = again(program, anew.case)
    assert not isinstance(found, str), found
    put = recompiled(before, found.program, found.parts)
    assert put is not None
    matrix, wanted = put.matrix, compile_program(anew).matrix
    assert sorted(map(str, matrix.rows)) == sorted(map(str, wanted.rows))
    assert float(np.abs(matrix.a).sum()) == pytest.approx(float(np.abs(wanted.a).sum()), rel=1e-12)
    assert float(matrix.cost.sum()) == pytest.approx(float(wanted.cost.sum()), rel=1e-12)
    assert Engine(matrix, Budget(60)).mip(gap=0.0).value == pytest.approx(
        Engine(wanted, Budget(60)).mip(gap=0.0).value, abs=1e-6
    )


@pytest.mark.parametrize("work", [1, 3])
def test_a_tree_ends_at_the_check_point_that_its_work_says(work: int) -> None:
    """No later: a run by work is the same wherever it is repeated."""
    budget = Budget(float("inf"), 1e9)
    found = Engine(compile_program(build(case(tiny()))).matrix, budget, threads=1).mip(gap=0.0, work=work)
    assert found.termination is Termination.WORK
    assert budget.work == work
