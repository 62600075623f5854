"""Which run answers a case, and which is the nearest to start from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.lookup import best_of_each, differing, nearest, of_case
from tests.store.runs import run


def names(runs: list[object]) -> list[str]:
    return [one.name for one in runs]  # type: ignore[attr-defined]


def test_the_best_run_has_the_lowest_first_value_then_the_highest_bound() -> None:
    runs = [run("c", value=11.0), run("b", bound=8.0), run("a", bound=9.5), run("d", value=10.0, bound=9.0)]
    assert names(of_case(runs, "a", "gap")) == ["a", "d", "b", "c"]


def test_another_case_another_objective_and_what_is_no_plan_answer_nothing() -> None:
    step = run("step", value=4.0)  # only a scope planned again: its bound is not the case's
    step.header["scope"] = ["DEU"]
    runs = [
        run("other", case="b", value=1.0), run("cost", mode="cost:35.0", value=2.0), run("rejected", code=1),
        run("infeasible", code=4), run("old", contract=1, value=3.0), run("it"), step,
    ]  # fmt: skip
    assert names(of_case(runs, "a", "gap")) == ["it"]
    assert names(of_case(runs, "a", "cost:35.0")) == ["cost"]
    assert best_of_each(runs) == {"other", "cost", "it"}


def test_levers_are_counted_where_they_differ_and_another_scenario_counts_as_one() -> None:
    theirs = run("r", levers={"carry_over": 0.1, "persistence": 2.0}, scenario="lean").header
    assert differing(theirs, "lean", {"carry_over": 0.1, "persistence": 2.0}) == 0
    assert differing(theirs, "lean", {"carry_over": 0.2}) == 2  # one other, one at its default
    assert differing(theirs, None, {"carry_over": 0.1, "persistence": 2.0, "us_backfill": 0.5}) == 2


def test_the_nearest_has_the_fewest_differing_levers_and_is_the_newest_of_those() -> None:
    runs = [
        run("far", levers={"x": 1.0, "y": 2.0}, hours=9), run("near, old", levers={"x": 1.0}, hours=1),
        run("near, new", levers={"y": 1.0}, hours=2), run("other data", data="e", hours=10),
        run("no plan", code=6, hours=11),
    ]  # fmt: skip
    assert names(nearest(runs, "d", None, {})) == ["near, new", "near, old", "far"]


few = st.integers(0, 3)


@given(st.lists(st.tuples(few, few, few, st.sampled_from([0, 1, 4, 5, 6])), max_size=8))
def test_no_run_is_better_than_the_best_and_each_case_has_one(drawn: list[tuple[int, int, int, int]]) -> None:
    runs = [
        run(f"r{place}", case=str(case), value=value, bound=-bound, code=code)
        for place, (case, value, bound, code) in enumerate(drawn)
    ]
    best = best_of_each(runs)
    answering = [one for one in runs if one.answers]
    assert len(best) == len({one.case for one in answering})
    for one in answering:
        first = of_case(runs, *one.case)[0]
        assert first.name in best and first.rank <= one.rank
