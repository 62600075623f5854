"""Which finder has how much time, and what a search tells without a plan: by parts that only keep what they see."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from optimizer.bounds.lagrangian import Multipliers
from optimizer.clock import Clock
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.candidate import Candidate, violated_rows
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats
from optimizer.strategy import Searched, Strategy, search
from tests.optimizer.generated import made, pool_of


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return made(tmp_path_factory.mktemp("sets"), (3, 8, 1)).instance


@dataclass
class Stands:
    """Stands for every part of a search: finds nothing, or what it is given, and keeps until when it might go on."""

    finds: Any = None
    plan: Floats | None = None
    until: list[float] = field(default_factory=list)
    known: list[Multipliers] = field(default_factory=list)
    name: str = "stands"

    def run(self, instance: Instance, pool: Pool, budget: Budget, *given: Any) -> Any:
        self.until.append(budget.seconds)
        self.known += [one for one in given if isinstance(one, dict)]
        if self.plan is not None:
            pool.offer(self.plan, instance.value(self.plan), self.name)
        return self.finds

    def areas(self, instance: Instance, pool: Pool, budget: Budget) -> None:
        self.until.append(budget.seconds)

    def least_plan(self, instance: Instance, budget: Budget) -> None:
        return None


NOT_IN_TIME = Outcome(Termination.CLOCK)


def nothing_found(**parts: Any) -> Strategy:
    """No part of it finds anything."""
    whole: dict[str, Any] = {name: Stands() for name in ("warm_start", "from_nothing", "apart", "from_relaxation")}
    whole |= {"relaxation": Stands(NOT_IN_TIME), "bettering": (), "proving": ()}
    return replace(Strategy(), **(whole | parts))


def searched(instance: Instance, strategy: Strategy, clock: Clock, given: Floats | None = None) -> Searched:
    budget = Budget(clock.limit)
    return search(
        instance, pool_of(budget), budget, given=given, strategy=strategy, clock=clock, known={("some", 1): 2.0}
    )


def test_a_plan_to_start_from_must_become_one_in_half_of_the_time(instance: Instance) -> None:
    start = Stands()
    searched(instance, nothing_found(warm_start=start), Clock(100), np.zeros(len(instance.matrix.cost)))
    assert start.until == [pytest.approx(50, abs=2)]


def test_without_a_plan_the_search_has_the_time_of_the_cost_pass_too(instance: Instance) -> None:
    """15 of 100 s are the cost pass's, where there is a plan that it could make cheaper."""
    without, there = Stands(), Stands()
    searched(instance, nothing_found(bettering=(without,)), Clock(100))
    plan = np.zeros(len(instance.matrix.cost))
    searched(instance, nothing_found(from_nothing=Stands(plan=plan), bettering=(there,)), Clock(100))
    assert (without.until, there.until) == ([100.0], [85.0])


def test_a_search_sees_that_the_machine_is_less_busy_than_it_was(instance: Instance) -> None:
    """Building took 4 s of the processor in 8 s; since then 100 s of the clock were 100 s of the processor.

    The last programs need 2.4 * 4 = 9.6 s, and 8 + 1.5 * 4 = 14 s are one more than all but solving may take: of the
    110 s that there are at the most 99.4 are left. As busy as at first it would be 83.8.
    """
    last, clock = Stands(), Clock(100)
    clock.begin(building=4.0, seconds=8.0)
    assert clock.cost_end == pytest.approx(83.8)
    clock.begun = clock.begun[0] - 100, clock.begun[1] - 100
    searched(instance, nothing_found(bettering=(last,)), clock)
    assert last.until == [pytest.approx(99.4, abs=1)]


@pytest.mark.parametrize("root", [NOT_IN_TIME, Outcome(Termination.PROVEN, value=3.0, bound=3.0)], ids=["no", "yes"])
def test_the_quick_bound_is_for_where_the_relaxation_is_not_solved(root: Outcome, instance: Instance) -> None:
    """It is given the multipliers of the like case."""
    quick = Stands()
    searched(instance, nothing_found(apart=quick, relaxation=Stands(root)), Clock(100))
    assert quick.known == ([{("some", 1): 2.0}] if root is NOT_IN_TIME else [])


def test_a_search_without_a_plan_tells_the_rows_that_its_best_try_does_not_keep(instance: Instance) -> None:
    """Everything ordered that may be: lines are too full, and named with the amounts."""
    matrix = instance.matrix
    rough = Candidate.of(instance, np.where(np.isfinite(matrix.upper), matrix.upper, matrix.lower))
    told = searched(instance, nothing_found(from_nothing=Stands(rough)), Clock(100)).violated
    assert told == tuple((rule, key, amount) for rule, key, amount, _ in violated_rows(rough))
    assert any(rule == "industry.line_capacity" for rule, *_ in told)
    assert searched(instance, nothing_found(), Clock(100)).violated == ()
