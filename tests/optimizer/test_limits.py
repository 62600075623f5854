"""Clock, budget and pool at their edges: ends in order, work against the clock, the best first whoever comes when."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.clock import Clock, Shares
from optimizer.engine.budget import Budget
from optimizer.engine.journal import POLL, Journal, Progress
from optimizer.pool import Pool

LIMITS = st.floats(0.1, 1e5)
SECONDS = st.floats(0.0, 1e4)
POINTS = st.floats(0.0, 100.0)
NONE_OR = st.none() | POINTS
ROUNDING = 1e-9


# ---- the clock -----------------------------------------------------------------------------------------------------


@given(limit=LIMITS, before=SECONDS, building=SECONDS)
def test_ends_are_in_order(limit: float, before: float, building: float) -> None:
    clock = Clock(limit, before, building)
    assert clock.search_end <= clock.cost_end <= clock.end + ROUNDING
    assert clock.cost_end <= limit
    assert clock.finish >= 0
    assert 0 < clock.middle_end <= limit


@given(limit=LIMITS, before=SECONDS, building=SECONDS)
def test_solving_ends_within_the_limit_and_a_tenth(limit: float, before: float, building: float) -> None:
    """3 s more at the least, 30 at the most: 60 s end by 66, 5 s by 8, an hour by 3630."""
    assert Clock(limit, before, building).end <= limit + min(30, max(3, 0.1 * limit)) + ROUNDING
    assert (Clock(60).end, Clock(5).end, Clock(3600).end) == (66, 8, 3630)


@given(limit=LIMITS, before=SECONDS, building=SECONDS, later=SECONDS)
def test_a_slow_machine_makes_up_for_its_lateness(limit: float, before: float, building: float, later: float) -> None:
    """A second that all else takes too many is a second that solving has not, down to half of the limit."""
    clock = Clock(limit, before, building)
    slower = replace(clock, before=before + later)
    assert slower.late >= clock.late and slower.end <= clock.end
    assert clock.end >= 0.5 * limit
    assert clock.end == pytest.approx(max(0.5 * limit, Clock(limit).end - clock.late))


@pytest.mark.parametrize(("before", "building", "late"), [(13, 0, 0), (14, 0, 1), (3, 5, 0), (7.5, 5, 2), (0, 20, 17)])
def test_lateness_is_what_is_over_thirteen_seconds(before: float, building: float, late: float) -> None:
    """Before solving, and half again the building for tables, audit and workbook after it."""
    assert Clock(60, before, building).late == late


def test_a_cost_pass_that_is_too_short_is_not_begun() -> None:
    """15 % of 60 s are 9 s, of 10 s one and a half: then the search has them."""
    long, short = Clock(60), Clock(10)
    assert long.search_end == pytest.approx(long.cost_end - 9)
    assert short.search_end == short.cost_end
    assert Clock(20).search_end == pytest.approx(Clock(20).cost_end - 3), "exactly the shortest is begun"


def test_a_machine_shared_with_others_is_reckoned_as_slow_as_it_is() -> None:
    """Half of the clock's seconds were this process's: what took 4 s of the processor takes 8."""
    clock = Clock(60)
    clock.begin(building=4.0, seconds=8.0)
    assert (clock.share, clock.unit, clock.before) == (0.5, 8.0, 8.0)
    clock.begun = clock.begun[0] - 100, clock.begun[1] - 100
    clock.look()
    assert clock.unit == pytest.approx(4.0, rel=0.1), "the others have gone"
    assert Clock(20, building=7).search_end == Clock(20, building=7).cost_end, "squeezed: no cost pass"


def test_the_last_programs_have_their_time() -> None:
    """A building of 5 s: 2.4 times as much is kept at the end; of 20 s, half again as much, without the cheapest."""
    quick, slow = Clock(60, building=5), Clock(60, building=20)
    assert quick.finish == pytest.approx(12) and quick.cost_end == pytest.approx(quick.end - 12)
    assert slow.late == 17 and slow.end == 49
    assert slow.finish == pytest.approx(24.5), "and no more than half of what there is"
    assert Clock(60, building=13).finish == pytest.approx(1.5 * 13)
    assert Clock(100).middle_end == 50
    assert Clock(100, shares=Shares(search=0.2)).middle_end == 20


# ---- the budget ----------------------------------------------------------------------------------------------------


@given(work=st.integers(0, 100), limit=st.integers(0, 100), seconds=st.floats(-1, 0))
def test_where_work_is_the_limit_no_clock_is_looked_at(work: int, limit: int, seconds: float) -> None:
    budget = Budget(seconds, limit, work=work)
    assert budget.late() == (work >= limit)
    assert budget.late(seconds) == (work >= limit)
    assert not budget.hit_clock


def test_past_the_clock_it_is_late_and_says_so() -> None:
    assert Budget(-1).late()
    spent = Budget(-1)
    assert spent.late() and spent.hit_clock
    calm = Budget(1e9)
    assert not calm.late() and not calm.hit_clock
    assert calm.late(-1.0) and calm.hit_clock, "a deadline of its own, too"
    assert not Budget(-1).late(1e9)


@pytest.mark.parametrize("budget", [Budget(1e9), Budget(1e9, 100), Budget(math.inf)], ids=["clock", "work", "none"])
def test_who_cancels_ends_any_budget_but_what_must_be_finished(budget: Budget) -> None:
    budget = replace(budget, cancel=threading.Event())
    part, calm = budget.part(), budget.calm()
    assert not budget.late() and not budget.cancelled
    budget.cancel.set()  # type: ignore[union-attr]
    assert budget.late() and budget.cancelled and part.late() and part.cancelled
    assert not budget.hit_clock, "that was not the clock"
    assert not calm.late() and not calm.cancelled


@given(seconds=SECONDS, deadline=st.none() | SECONDS, limit=st.none() | st.integers(1, 50), works=st.lists(
    st.integers(0, 50), max_size=5), hit=st.booleans())  # fmt: skip
def test_parts_count_for_themselves_and_are_taken_once(
    seconds: float, deadline: float | None, limit: int | None, works: list[int], hit: bool
) -> None:
    budget = Budget(seconds, limit, work=7)
    for work in works:
        part = budget.part(deadline)
        assert (part.started, part.work, part.work_limit) == (budget.started, 0, limit)
        assert part.seconds == (seconds if deadline is None else deadline)
        part.work, part.hit_clock = work, hit
        before = budget.work
        budget.take(part)
        assert budget.work == before + work
    assert budget.work == 7 + sum(works)
    assert budget.hit_clock == (hit and bool(works))
    budget.take(Budget(0))
    assert budget.hit_clock == (hit and bool(works)), "a part that met no clock takes nothing back"


def test_elapsed_counts_from_the_start() -> None:
    budget = Budget(10)
    first, second = budget.elapsed, budget.elapsed
    assert 0 <= first <= second < 10
    assert budget.calm().seconds == math.inf and budget.calm().started == budget.started


# ---- the pool ------------------------------------------------------------------------------------------------------


def pool_of(most: int = 8, heard: list[Progress] | None = None) -> Pool:
    budget = Budget(math.inf)
    return Pool(budget, Journal(lambda: budget.elapsed, None if heard is None else heard.append), most=most)


@given(st.lists(POINTS, min_size=1, max_size=30), st.integers(1, 5))
def test_the_best_plan_is_the_least_and_the_best_distinct_ones_are_kept(values: list[float], most: int) -> None:
    pool = pool_of(most)
    for number, value in enumerate(values):
        best = pool.value
        assert pool.offer(np.array([float(number)]), value, f"f{number}") == (best is None or value < best - ROUNDING)
    assert pool.best is not None and pool.best.value == pool.value == min(values)
    assert [one.value for one in pool.plans] == sorted(values)[:most]


@given(st.lists(st.tuples(NONE_OR, NONE_OR), max_size=30))
def test_the_bound_is_never_above_the_value_and_events_only_better(
    news: list[tuple[float | None, float | None]],
) -> None:
    pool = pool_of()
    for number, (value, bound) in enumerate(news):
        pool.hear(value, bound, f"f{number}")
        assert pool.value is None or pool.bound is None or pool.bound <= pool.value
    values, bounds = (
        ([part for part in column if part is not None] for column in zip(*news, strict=True)) if news else ([], [])
    )
    assert pool.value == min(values, default=None)
    told = [(event.value, event.bound) for event in pool.events]
    assert len(told) == len(set(told)) and (None, None) not in told
    for before, after in zip(pool.events, pool.events[1:], strict=False):
        assert before.seconds <= after.seconds
        assert before.value is None or (after.value is not None and after.value <= before.value)
    if told:
        assert told[-1] == (pool.value, pool.bound)
    if bounds and pool.value is None:
        assert pool.bound == max(bounds)


def test_a_plan_offered_twice_is_kept_once_and_another_of_like_value_too() -> None:
    pool = pool_of()
    x = np.array([1.0, 2.0])
    assert pool.offer(x, 5.0, "first")
    assert not pool.offer(x.copy(), 5.0, "again")
    assert not pool.offer(x + 1, 5.0, "another")
    assert [one.finder for one in pool.plans] == ["first", "another"]
    assert [event.finder for event in pool.events] == ["first"], "no better value is no event"


def test_a_tree_may_know_of_a_plan_that_it_has_not_handed_over() -> None:
    pool = pool_of()
    pool.hear(4.0, 1.0, "tree")
    assert pool.best is None and pool.value == 4.0
    assert pool.offer(np.zeros(1), 5.0, "finder"), "better than any plan at hand"
    assert pool.value == 4.0 and pool.best is not None and pool.best.value == 5.0
    assert [event.finder for event in pool.events] == ["tree"]


def test_what_proves_nothing_is_not_told() -> None:
    pool = pool_of()
    for nothing in (-math.inf, math.inf, math.nan):
        pool.prove(nothing, "prover")
    assert pool.bound is None and pool.events == []
    assert pool.standing() == (None, None, None)
    pool.prove(3.0, "prover")
    assert pool.standing() == (None, 3.0, None)
    pool.ear("tree")(4.0, None)
    assert pool.standing() == (4.0, 3.0, 0.25)
    assert [event.finder for event in pool.events] == ["prover", "tree"]


def test_a_proof_that_a_plan_undercuts_counts_as_much_as_the_plan() -> None:
    pool = pool_of()
    pool.prove(6.0, "prover")
    pool.offer(np.zeros(1), 5.0, "finder")
    assert pool.bound == 5.0
    assert pool.standing() == (5.0, 5.0, 0.0)


def test_progress_is_told_a_few_times_a_second_with_how_things_stand() -> None:
    heard: list[Progress] = []
    now = 0.0
    journal = Journal(lambda: now, heard.append, "search")
    pool = Pool(Budget(math.inf), journal)
    pool.offer(np.zeros(1), 5.0, "finder")
    pool.prove(4.0, "prover")
    assert len(heard) == 1, "the second came too soon"
    now = POLL
    pool.prove(4.5, "prover")
    assert [(one.phase, one.incumbent, one.bound, one.gap) for one in heard[1:]] == [("search", 5.0, 4.5, 0.1)]
    journal.note("a line")
    assert heard[-1].message == "a line" and journal.lines[-1].endswith("a line")
    journal.warn("a warning")
    assert journal.warnings == ["a warning"] and heard[-1].message == "a warning"


def test_threads_beside_each_other_lose_nothing() -> None:
    """Four finders and a prover at once: the best of 400 plans, the best of 100 bounds, events that only get better."""
    pool, gate = pool_of(), threading.Barrier(5)

    def find(number: int) -> None:
        gate.wait()
        for turn in range(100):
            pool.offer(np.array([float(number), float(turn)]), 1000.0 - 4 * turn - number, f"f{number}")

    def prove() -> None:
        gate.wait()
        for turn in range(100):
            pool.prove(float(turn), "prover")

    threads = [threading.Thread(target=find, args=(number,)) for number in range(4)] + [threading.Thread(target=prove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.value for one in pool.plans] == [601.0 + place for place in range(8)]
    assert pool.bound == 99.0
    values = [event.value for event in pool.events if event.value is not None]
    bounds = [event.bound for event in pool.events if event.bound is not None]
    assert values == sorted(values, reverse=True) and bounds == sorted(bounds)
    assert (pool.events[-1].value, pool.events[-1].bound) == (601.0, 99.0)
