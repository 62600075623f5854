"""The pool: the best distinct plans, whoever brings them and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.pool import Pool


def empty(most: int = 3) -> Pool:
    budget = Budget(float("inf"))
    pool = Pool(budget, Journal(lambda: budget.elapsed), most=most)
    pool.whole = np.array([0, 1])  # the third column is a quantity
    return pool


def plan(*values: float) -> np.ndarray:
    return np.array(values)


def test_plans_that_decide_the_same_are_one_the_better_of_them() -> None:
    pool = empty()
    assert pool.offer(plan(1, 0, 0.5), 9.0, "one")
    assert pool.offer(plan(1, 0, 0.7), 8.0, "two")
    assert not pool.offer(plan(1, 0, 0.9), 8.5, "three")
    assert [(one.value, one.finder) for one in pool.plans] == [(8.0, "two")]


def test_a_plan_that_decides_otherwise_is_kept_though_it_is_worth_the_same() -> None:
    pool = empty()
    pool.offer(plan(1, 0, 0.5), 8.0, "one")
    assert not pool.offer(plan(0, 1, 0.5), 8.0, "two")
    assert [one.finder for one in pool.plans] == ["one", "two"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_of_more_than_it_keeps_the_best_stay_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    pool, offered = empty(), [(plan(n, 0, 0.0), 10.0 + n, f"finder {n}") for n in range(4)]
    for place in order:
        pool.offer(*offered[place])
    assert [one.value for one in pool.plans] == [10.0, 11.0, 12.0]
