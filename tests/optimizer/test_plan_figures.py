"""Figures of a plan that no rule asks for, worked by hand: burden, pledge, running costs, credited effects, prices."""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.program import build
from optimizer.plans.derived import CLEAN_PART, DISAGREE, SMALL_PART, Definition, _share_out
from optimizer.plans.prices import _place
from optimizer.problem.compile import compile_program
from optimizer.solve import plan_of
from tests.cases import best, case, one_nation, three_nations


@pytest.fixture(scope="module")
def burdened() -> Any:
    """DEU, which has 3 of 10 itself, buys 6 at 1 each in 2027 and sustains them at 0.5 a year; nobody else buys."""
    return best(
        three_nations(
            targets=[dict(nation="DEU", area="land", target=10, baseline=3)],
            programmes=[dict(programme="tank", sustain_cost=0.5)],
            customers=[dict(nation="DEU", programme="tank", max_units=6)],
        )
    )


def test_what_a_nation_puts_in_adds_and_gains(burdened: Any) -> None:
    """Of 30 wanted in each year DEU gives 3 + 6 and adds 6; of its own 10 it has 9. It pays 6 and 3 * 3 of 3000."""
    found = burdened.header["kpis"]["burden"]
    money = burdened.tables["budgets"].groupby("nation")["spent"].sum()
    assert money["DEU"] == pytest.approx(6 + 3 * 3)
    assert found["DEU"] == pytest.approx({"input": 15 / 3000, "contribution": 0.3, "added": 0.2, "benefit": 0.9})
    assert found["FRA"] == pytest.approx({"input": 0, "contribution": 0, "added": 0, "benefit": 0})


def test_the_pledge_counts_core_money_and_so_much_of_resilience(burdened: Any) -> None:
    """In 2029 DEU spends 3 of 1000 on core and nothing on resilience."""
    found = burdened.header["kpis"]
    assert found["core_share"]["DEU"] == pytest.approx(0.003)
    assert found["pledge_credit"]["DEU"] == pytest.approx(0.003)
    assert found["pledge_credit"]["ALL"] == pytest.approx(0.001)


def test_an_expansion_runs_from_its_opening_to_the_last_year() -> None:
    """Started in 2027, built in two years, open in 2029 and 2030: 1 a year makes 2."""
    plan = best(
        one_nation(
            years=(2027, 2028, 2029, 2030),
            programmes=[dict(programme="tank")],
            lines=[dict(line="works", nation="DEU", current_output=1)],
            line_capacity=[dict(line="works", capacity=1)],
            line_programmes=[dict(line="works", programme="tank")],
            expansions=[
                dict(expansion="x", line_or_component="works", added_capacity=2, cost=8, annual_cost=1, build_years=2)
            ],
        ),
        force__x=True,
    )
    (row,) = plan.tables["expansions"].itertuples()
    assert (row.start_year, row.opens, row.cost, row.running_cost) == (2027, 2029, 8, 2)


def test_credited_is_what_enablers_carry_even_where_nothing_is_wanted() -> None:
    """4 guns are pinned, of which half of the 2 that there are of c2 carry one; nobody wants any of land."""
    plan = best(
        one_nation(
            areas=[dict(area="c2", weight=1)],
            targets=[dict(area="land", target=0), dict(area="c2", target=10, baseline=2)],
            programmes=[dict(programme="gun")],
            requires=[dict(area="land", enabler="c2", ratio=0.5)],
            pins=[dict(nation="DEU", programme="gun", sense="equal", units=4)],
        )
    )
    land = plan.tables["gaps"].query("area == 'land'").iloc[0]
    assert (land["target"], land["delivered"], land["credited"], land["closure"]) == (0, 4, 1, 1)


@pytest.mark.parametrize(
    ("index", "place"),
    [(("DEU", 2028, "core"), ("DEU:core", 2028)), (("DEU", "core"), ("DEU:core", 2030)), (2027, ("-", 2027)),
     (None, ("None", 2030))],
)  # fmt: skip
def test_a_price_stands_in_its_year_or_in_the_last(index: Any, place: tuple[str, int]) -> None:
    assert _place(index, 2030) == place


def test_a_difference_of_the_tolerance_is_none() -> None:
    """What is off by more stays: the program holds it so."""

    def off(by: float) -> float:
        kept: list[float] = []
        return Definition(lambda: by, lambda: 0.0, kept.append, scale=1.0 / SMALL_PART).difference()

    assert off(DISAGREE) == 0.0
    assert off(2 * DISAGREE) == 2 * DISAGREE
    assert off(-2 * DISAGREE) == -2 * DISAGREE


@pytest.mark.parametrize(("paid", "shares"), [((3.0, 1.0), (9.0, 3.0)), ((0.0, CLEAN_PART), (12.0, 0.0))])
def test_a_bill_is_shared_as_it_was_paid_unless_next_to_nothing_was(
    paid: tuple[float, float], shares: tuple[float, float]
) -> None:
    """A bill of 12. What is the solver's tolerance says nothing of who pays: the first one does."""

    class Part:
        def __init__(self, value: float) -> None:
            self.value = value

        def set_value(self, value: float, *, skip_validation: bool) -> None:
            self.value = value

    parts = [Part(value) for value in paid]
    _share_out(parts, 1.0, 12.0)
    assert tuple(part.value for part in parts) == shares


def test_a_plan_of_an_estimate_says_that_it_is_one() -> None:
    """Nothing is decided, 100 points are open, 90 are proven; no check point was passed, nothing can be repeated."""
    the_case = case(one_nation(programmes=[dict(programme="tank")]))
    compiled = compile_program(build(the_case))
    header = plan_of(the_case, compiled, np.zeros(len(compiled.variables)), 90.0).header
    assert (header["status"], header["work"], header["reproducible"], header["start"]) == ("estimate", 0, False, None)
    told = header["objective"]
    assert (told["value"], told["bound"], told["gap"]) == pytest.approx((100, 90, 0.1))
