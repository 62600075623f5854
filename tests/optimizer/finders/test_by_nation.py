"""Nations made whole side by side: what two processes find is put together, and careful dives violate little."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from optimizer.beside import Beside
from optimizer.bounds.relaxation import Relaxation
from optimizer.clock import Clock
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.by_nation import Found, nations_whole, taken_over
from optimizer.finders.candidate import Candidate
from optimizer.finders.from_relaxation import FromRelaxation
from optimizer.problem.arrays import Floats
from optimizer.strategy import Strategy, search
from tests.optimizer.generated import Made, endless, faults, made, pool_of

SIZE = (6, 24, 1)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("sets"), SIZE)


@pytest.fixture(scope="module")
def relaxation(one: Made) -> Floats:
    budget = endless()
    root = Relaxation().run(one.instance, pool_of(budget), budget)
    assert root.x is not None
    return root.x


@pytest.fixture(scope="module")
def shared(one: Made, relaxation: Floats) -> Floats:
    """Values by column of the elastic program with what nations share rounded."""
    budget = endless()
    return FromRelaxation().shared(one.instance, pool_of(budget), budget, relaxation).x


def whole(one: Made, x: Floats, nations: list[int], careful: bool) -> tuple[Candidate, list[Found]]:
    candidate = Candidate(one.instance, x)
    return candidate, [found for found in nations_whole(candidate, nations, endless(), careful) if found is not None]


def own(one: Made, x: Floats, nation: int) -> Floats:
    """A nation's whole decisions, those about frames left out, which a nation does not take alone."""
    layout = one.instance.layout
    mine = layout.integer & (layout.owner == nation) & ~layout.groups(("launch", "join", "tier"))
    return x[: one.instance.elastic.plain][mine]


def test_each_nation_is_whole_and_the_others_stand(one: Made, shared: Floats) -> None:
    candidate, found = whole(one, shared, [2], careful=False)
    assert [each.nation for each in found] == [2]
    assert np.all(own(one, candidate.x, 2) == np.round(own(one, candidate.x, 2)))
    for other in (0, 1, 3, 4, 5):
        assert np.array_equal(own(one, candidate.x, other), own(one, shared, other))


def test_careful_dives_violate_no_more_than_the_others(one: Made, shared: Floats) -> None:
    """All nations one after another, on values with which half of what is shared has been rounded already."""
    rash, _ = whole(one, shared, list(range(6)), careful=False)
    careful, _ = whole(one, shared, list(range(6)), careful=True)
    assert careful.violation <= rash.violation + 1e-6
    again, _ = whole(one, shared, list(range(6)), careful=True)
    assert np.array_equal(careful.x, again.x)


def test_what_another_process_found_is_put_beside_what_this_one_found(one: Made, shared: Floats) -> None:
    """Three nations here, three as if elsewhere: each has its own decisions as they were found, and slacks that fit."""
    here, mine = whole(one, shared, [0, 2, 4], careful=True)
    there, theirs = whole(one, shared, [1, 3, 5], careful=True)
    taken_over(here, [*mine, *theirs])
    for nation in range(6):
        found = there if nation % 2 else Candidate(one.instance, whole(one, shared, [0, 2, 4], careful=True)[0].x)
        assert np.array_equal(own(one, here.x, nation), own(one, found.x, nation))
    matrix = here.matrix
    activity = matrix.a @ here.x
    slack = one.instance.slack_of_row >= 0
    assert np.all(activity[slack] <= matrix.row_upper[slack] + 1e-6)
    assert np.all(activity[slack] >= matrix.row_lower[slack] - 1e-6)


def test_the_process_beside_solves_the_relaxation_and_dives_as_this_one_would(
    one: Made, relaxation: Floats, shared: Floats
) -> None:  # fmt: skip
    budget = Budget(300)
    pool = pool_of(budget)
    beside = Beside(one.instance, pool, budget, gap=0.0)
    try:
        assert beside.relaxed.wait(120)
        assert beside.relaxation is not None and beside.relaxation.x is not None
        assert np.array_equal(beside.relaxation.x, relaxation)
        assert pool.bound == pytest.approx(beside.relaxation.bound)
        beside.dive([1, 3, 5], shared, careful=True)
        found = beside.dived(120)
    finally:
        beside.end()
    _, here = whole(one, shared, [1, 3, 5], careful=True)
    assert [each.nation for each in found] == [each.nation for each in here]
    for there, mine in zip(found, here, strict=True):
        assert np.array_equal(there.columns, mine.columns) and np.array_equal(there.values, mine.values)


@pytest.mark.parametrize("careful", (False, True))
def test_a_plan_made_side_by_side_keeps_every_row(one: Made, relaxation: Floats, careful: bool) -> None:
    budget = Budget(300)
    pool = pool_of(budget)
    beside = Beside(one.instance, pool, budget, gap=0.0)
    try:
        assert beside.relaxed.wait(120)
        FromRelaxation().run(one.instance, pool, budget, relaxation, careful=careful, beside=beside)
    finally:
        beside.end()
    assert pool.best is not None
    assert not faults(one.instance.matrix, pool.best.x)


def test_a_process_that_died_leaves_all_nations_to_this_one(one: Made, relaxation: Floats) -> None:
    budget = Budget(300)
    pool = pool_of(budget)
    beside = Beside(one.instance, pool, budget, gap=0.0)
    beside.end()
    assert beside.relaxed.is_set(), "nobody waits for what will not come"
    FromRelaxation().run(one.instance, pool, budget, relaxation, beside=beside)
    assert pool.best is not None


def test_where_the_process_died_the_relaxation_is_solved_here(one: Made) -> None:
    budget = Budget(60)
    pool = pool_of(budget)
    beside = Beside(one.instance, pool, budget, gap=0.0)
    beside.end()
    found = search(
        one.instance, pool, budget, given=None, strategy=Strategy(bettering=()), clock=Clock(60), known={}, aside=beside
    )
    assert found.duals is not None and np.isfinite(found.root)


def test_values_of_a_relaxation_that_was_cut_short_make_no_plan(
    one: Made, relaxation: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def never(*given: object, **named: object) -> None:
        raise AssertionError("a plan was made of it")

    monkeypatch.setattr(FromRelaxation, "run", never)
    budget = Budget(60)
    beside: Any = SimpleNamespace(
        relaxed=threading.Event(), relaxation=Outcome(Termination.CLOCK, relaxation), seconds=1.0, go_on=lambda: None
    )
    beside.relaxed.set()
    found = search(
        one.instance, pool_of(budget), budget, given=None, strategy=Strategy(bettering=()), clock=Clock(60), known={},
        aside=beside,
    )  # fmt: skip
    assert found.duals is None and found.root == -np.inf


def test_a_part_ends_when_what_it_waits_for_is_there() -> None:
    there = threading.Event()
    budget = Budget(60)
    part = budget.part(until=there)
    assert not part.late() and not part.part().late()
    there.set()
    assert part.late() and part.part().late(), "and so do its own parts"
    assert not budget.late()
