"""What holds for every finder: no worse a value, a plan that keeps every row, and the same bytes twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from optimizer.bounds.relaxation import Relaxation
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.candidate import Candidate, completed, cut_out, types_within
from optimizer.finders.cheapest import Cheapest
from optimizer.finders.dive import dive
from optimizer.finders.from_nothing import FromNothing
from optimizer.finders.from_relaxation import FromRelaxation
from optimizer.finders.improve import Family, Improve
from optimizer.finders.neighbourhoods import of_nations
from optimizer.finders.polish import Polish
from optimizer.finders.repair import Repair
from optimizer.finders.rounding_down import rounded_down
from optimizer.finders.step import dived
from optimizer.finders.warm_start import WarmStart, resumed
from optimizer.pool import Known
from optimizer.problem.arrays import Floats
from optimizer.strategy import FAMILIES
from tests.optimizer.generated import Made, by_work, carried, endless, faults, made, pool_of

SIZE = (6, 24, 1)
LEVERS = [{"capacity_factor": 0.5}, {"carry_over": 0.0}, {"us_backfill": 1.0}, {"expansions": "off"}]
BETTER = 1e-9  # points
AS_HELD = 1e-6  # relative: an engine keeps a limit within its tolerance


@dataclass(frozen=True)
class Given:
    """What a finder begins with.

    Attributes:
        made: the set.
        least: the plan with nothing decided.
        some: a plan that nations made one after another.
        relaxation: values of the relaxation.
    """

    made: Made
    least: Floats
    some: Floats
    relaxation: Floats


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sets")


@pytest.fixture(scope="module")
def given(folder: Path) -> Given:
    one = made(folder, SIZE)
    least = FromNothing().least_plan(one.instance, endless())
    assert least is not None
    pool = pool_of(endless())
    FromNothing().run(one.instance, pool, endless(), least)
    root = Relaxation().run(one.instance, pool_of(endless()), endless())
    assert pool.best is not None and root.x is not None
    return Given(one, least, pool.best.x, root.x)


def held_by(best: Known | None, instance_value: Callable[[Floats], float]) -> Floats:
    """The pool's best plan, worth what the pool says."""
    assert best is not None
    assert best.value == pytest.approx(instance_value(best.x), abs=BETTER)
    return best.x


def bettered(given: Given, before: Floats, run: Callable[..., object], work: float = 120) -> Floats:
    """The pool's best plan after a finder has worked on a plan, which is kept: it is no worse, and a plan."""
    instance, budget, kept = given.made.instance, by_work(work), before.copy()
    pool = pool_of(budget, (instance, before))
    run(instance, pool, budget)
    found = held_by(pool.best, instance.value)
    assert instance.value(found) <= instance.value(before) + BETTER
    assert np.array_equal(before, kept), "a plan that is known is not written into"
    for one in pool.plans:
        assert faults(instance.matrix, one.x) == []
    return found


def twice(find: Callable[[], Floats]) -> Floats:
    """What is found, which is the same to the byte when it is sought again."""
    first, second = find(), find()
    assert first.tobytes() == second.tobytes()
    return first


# ---- plans from nothing ------------------------------------------------------------------------------------------


def test_the_least_plan_orders_nothing_that_nobody_is_bound_to(given: Given) -> None:
    instance = given.made.instance
    found = twice(lambda: FromNothing().least_plan(instance, endless()))  # type: ignore[arg-type,return-value]
    assert faults(instance.matrix, found) == []
    launched = {frame for frame in instance.keys.frames if instance.keys.is_launched(frame)}
    for column in np.flatnonzero(np.isin(instance.matrix.group, ["order", "joint_order", "start", "pilot"])).tolist():
        name, key = instance.matrix.columns[column]
        bound = name == "joint_order" and key[0] in launched
        assert bound or found[column] <= max(0.0, instance.matrix.lower[column]) + BETTER


def test_from_nothing_betters_the_least_plan(given: Given) -> None:
    found = twice(lambda: bettered(given, given.least, lambda *search: FromNothing().run(*search, given.least)))
    assert given.made.instance.value(found) < given.made.instance.value(given.least) - 1


def test_from_nothing_does_without_a_least_plan(given: Given) -> None:
    """Nothing decided, whatever that violates, is where it begins; here that is the least plan itself."""
    instance = given.made.instance
    pool = pool_of(endless())
    FromNothing().run(instance, pool, endless(), None)
    assert faults(instance.matrix, held_by(pool.best, instance.value)) == []


def test_areas_better_the_plan_of_the_pool(given: Given) -> None:
    found = twice(lambda: bettered(given, given.some, FromNothing().areas))
    assert given.made.instance.value(found) < given.made.instance.value(given.some) - BETTER


# ---- plans from the relaxation -----------------------------------------------------------------------------------


def test_from_the_relaxation_comes_a_plan_near_it(given: Given) -> None:
    """Nearer the relaxation than the plan that nations made one after another."""
    found = twice(
        lambda: bettered(given, given.some, lambda *search: FromRelaxation().run(*search, given.relaxation), 1e6)
    )
    assert given.made.instance.value(found) < given.made.instance.value(given.some)


def test_what_is_rounded_down_is_whole_and_keeps_all_but_what_it_says(given: Given) -> None:
    """Rows that it violates have the amount in their slack: with the slacks the elastic program holds.

    Its values come from an interior point; found anew, as they are before anything is made a plan, they are exact.
    """
    instance = given.made.instance

    def rounded() -> Floats:
        candidate = FromRelaxation().shared(instance, pool_of(endless()), endless(), given.relaxation)
        assert rounded_down(candidate, range(len(instance.keys.nations)), endless())
        assert candidate.whole
        before = candidate.x
        completed(candidate, endless())
        assert np.array_equal(before[candidate.matrix.integer], candidate.x[candidate.matrix.integer])
        return candidate.x

    found = twice(rounded)
    assert faults(instance.elastic.matrix, found) == []


@pytest.mark.parametrize("nation", range(SIZE[0]))
def test_a_dive_finds_whole_values_for_a_nation(nation: int, given: Given) -> None:
    """Within what all others leave it, and never at the cost of a row."""
    candidate = Candidate.of(given.made.instance, given.least)
    hood = of_nations(given.made.instance, (nation,))
    columns, small = cut_out(candidate, hood.free)
    found = dive(small, endless(), 0, types_within(candidate, columns))
    again = dive(small, endless(), 0, types_within(candidate, columns))
    assert found is not None and again is not None
    assert found.tobytes() == again.tobytes()
    named = replace(small, columns=tuple(candidate.matrix.columns[c] for c in columns), rows=(None,) * small.shape[0])
    assert faults(named, found) == []
    before = candidate.priced
    assert dived(candidate, hood, endless()) == (candidate.priced < before)
    assert candidate.priced <= before and candidate.whole


# ---- better plans ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_neighbourhoods_better_a_plan(family: Family, given: Given) -> None:
    found = twice(lambda: bettered(given, given.least, Improve((family,)).run))
    assert given.made.instance.value(found) < given.made.instance.value(given.least) - BETTER


def test_nothing_is_bettered_where_there_is_no_plan_or_no_time(given: Given) -> None:
    instance, pool = given.made.instance, pool_of(endless())
    Improve(FAMILIES).run(instance, pool, endless())
    FromNothing().areas(instance, pool, endless())
    assert pool.best is None
    spent = by_work(0)
    pool = pool_of(spent, (instance, given.least))
    Improve(FAMILIES).run(instance, pool, spent)
    assert pool.value == instance.value(given.least)


# ---- plans of other cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("levers", LEVERS, ids=str)
def test_a_warm_start_puts_a_plan_of_another_case_right(levers: dict[str, object], given: Given, folder: Path) -> None:
    other = made(folder, SIZE, **levers)
    start = carried(given.made, given.some, other)

    def started() -> Floats:
        budget = by_work(200)
        pool = pool_of(budget)
        candidate = WarmStart().run(other.instance, pool, budget, start)
        assert candidate is not None
        assert (pool.best is not None) == candidate.feasible
        return candidate.x

    found = twice(started)
    before = resumed(other.instance, start, endless())
    assert before is not None
    after = Candidate(other.instance, found)
    assert after.priced <= before.priced + BETTER
    assert faults(other.instance.elastic.matrix, found) == []
    assert after.feasible and faults(other.instance.matrix, after.values) == []


def test_a_plan_of_the_same_case_fits_as_it_is(given: Given) -> None:
    instance, pool = given.made.instance, pool_of(endless())
    WarmStart().run(instance, pool, endless(), given.some)
    found = held_by(pool.best, instance.value)
    assert instance.value(found) <= instance.value(given.some) + AS_HELD
    assert np.array_equal(np.round(found)[instance.matrix.integer], np.round(given.some)[instance.matrix.integer])


@pytest.mark.parametrize("factor", [0.1, 0.5, 0.7])
def test_lots_beyond_what_lines_can_deliver_are_taken_back(factor: float, given: Given, folder: Path) -> None:
    """A type's orders are bounded by all that its line can make: no repair may violate that, so that it comes first."""
    other = made(folder, SIZE, capacity_factor=factor)
    start = carried(given.made, given.some, other)
    candidate = resumed(other.instance, start, endless())
    assert candidate is not None and candidate.whole
    ordered = np.isin(other.instance.matrix.group, ["order", "joint_order"]) & other.instance.matrix.integer
    assert np.all(candidate.values[ordered] <= start[ordered])
    assert candidate.values[ordered].sum() > 0, "no more than that is taken back"


@pytest.mark.parametrize(
    ("everybody", "diving"),
    [(True, False), (True, True), (False, True)],
    ids=["all nations", "all, diving", "those that rows name"],
)
def test_repair_violates_less_and_less(everybody: bool, diving: bool, given: Given, folder: Path) -> None:
    """Half the capacity: what the plan ordered no longer fits on the lines."""
    other = made(folder, SIZE, capacity_factor=0.5)

    def repaired() -> Floats:
        candidate = resumed(other.instance, carried(given.made, given.some, other), endless())
        assert candidate is not None and candidate.violation > 0
        before, budget = candidate.priced, by_work(1000)
        repair = Repair(diving=diving)
        repair.run(candidate, budget, Journal(lambda: budget.elapsed), everybody=everybody)
        assert candidate.priced <= before and candidate.feasible
        return candidate.values

    assert faults(other.instance.matrix, twice(repaired)) == []


def test_nothing_is_repaired_on_a_plan(given: Given) -> None:
    candidate = Candidate.of(given.made.instance, given.some)
    before, budget = candidate.x.copy(), endless()
    Repair().run(candidate, budget, Journal(lambda: budget.elapsed))
    assert np.array_equal(candidate.x, before)
    assert budget.work == 0


# ---- the same value for less -------------------------------------------------------------------------------------


def test_the_cheapest_plan_costs_no_more_and_holds_the_value(given: Given) -> None:
    instance = given.made.instance
    matrix, held = instance.matrix, instance.value(given.some) * 1.001

    def cheaper() -> Floats:
        budget = endless()
        found, steps = Cheapest().run(instance, budget, Journal(lambda: budget.elapsed), given.some, held, 99)
        assert steps == len(instance.keys.nations)
        return found

    found = twice(cheaper)
    assert faults(matrix, found) == []
    assert instance.value(found) <= held + AS_HELD * held
    assert float(matrix.second @ found) < float(matrix.second @ given.some)
    few, steps = Cheapest().run(instance, endless(), Journal(lambda: 0.0), given.some, held, 2)
    assert steps == 2 and float(matrix.second @ few) <= float(matrix.second @ given.some)


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_the_last_programs_keep_value_and_decisions_and_cost_no_more(large: bool, given: Given) -> None:
    compiled, value = given.made.compiled, given.made.instance.value(given.some)
    matrix, tolerance = compiled.matrix, 0.001
    first = Outcome(Termination.CLOCK, given.some, value, 0.0)

    def polished() -> Floats:
        engine = Engine(matrix, endless(), threads=1)
        Polish(compiled, engine, large, Journal(lambda: 0.0), lambda: float("inf")).finish(first, first, tolerance)
        return compiled.values()

    found = twice(polished)
    assert faults(matrix, found) == []
    limit = value * (1 + tolerance)
    assert float(matrix.cost @ found + matrix.offset) <= limit + AS_HELD * limit
    assert float(matrix.second @ found) <= float(matrix.second @ given.some) * (1 + AS_HELD)
    decided = matrix.integer & (matrix.group != "operated")  # a type of which next to nothing is ordered may go
    assert np.array_equal(np.round(found)[decided], np.round(given.some)[decided])


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_a_value_that_whole_decisions_do_not_reach_is_withdrawn(large: bool, given: Given) -> None:
    """A search whose residues added up says 5 % too little: the plan is written with what its decisions are worth."""
    compiled, worth = given.made.compiled, given.made.instance.value(given.some)
    matrix, journal = compiled.matrix, Journal(lambda: 0.0)
    first = Outcome(Termination.CLOCK, given.some, 0.95 * worth, 0.0)
    engine = Engine(matrix, endless(), threads=1)
    _, value = Polish(compiled, engine, large, journal, lambda: float("inf")).finish(first, first, 0.001)
    found = compiled.values()
    assert faults(matrix, found) == []
    assert 0.95 * worth < value <= worth * (1 + AS_HELD)
    assert float(matrix.cost @ found + matrix.offset) <= value * 1.001 * (1 + AS_HELD)
    assert any("withdrawn" in line for line in journal.lines)
