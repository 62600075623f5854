"""An instance: what is small and large, what a plan is worth, which orders a type needs; and what a trial promises."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimizer.engine.outcome import relative_gap
from optimizer.finders.candidate import Candidate, with_slacks
from optimizer.finders.improve import Trial
from optimizer.finders.step import Neighbourhood
from optimizer.instance import Instance, Sizes
from tests.optimizer.generated import made


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    folder: Path = tmp_path_factory.mktemp("sets")
    return made(folder, (3, 8, 1)).instance


def test_sizes_are_met_exactly(instance: Instance) -> None:
    """As many integers as `small` says are small still; as many as `large` says are not large yet."""
    count = instance.integers
    assert count == sum(bool(whole) for whole in instance.matrix.integer)
    assert replace(instance, sizes=Sizes(count, count)).small
    assert not replace(instance, sizes=Sizes(count - 1, count)).small
    assert not replace(instance, sizes=Sizes(0, count)).large
    assert replace(instance, sizes=Sizes(0, count - 1)).large


def test_a_plan_is_worth_its_first_objective_and_none_is_worth_nothing(instance: Instance) -> None:
    """Whatever slacks stand behind the columns."""
    x = np.arange(len(instance.matrix.cost), dtype=float)
    worth = sum(cost * value for cost, value in zip(instance.matrix.cost, x, strict=True)) + instance.matrix.offset
    assert instance.value(x) == pytest.approx(worth)
    assert instance.value(np.concatenate([x, np.full(7, 1e9)])) == pytest.approx(worth)
    assert instance.value(None) == math.inf


def test_a_type_needs_its_own_orders_through_any_channel(instance: Instance) -> None:
    columns, keys = instance.matrix.columns, instance.keys
    assert len(instance.orders) > 0
    for decision, orders in instance.orders.items():
        name, key = columns[decision]
        for order in orders:
            channel, own = columns[order]
            if name == "operated":
                nation, programme = (own[1], keys.frame[own[0]].programme) if channel == "joint_order" else own[:2]
                assert key == (nation, programme)
            else:
                assert (name, channel, key) == ("ordering", "joint_order", own[:2])
    every = {order for orders in instance.orders.values() for order in orders}
    operated = {columns[c].key for c in instance.orders if columns[c].name == "operated"}
    wanted = [c for c, (name, key) in enumerate(columns) if name == "order" and key[:2] in operated]
    assert set(wanted) <= every


def test_what_is_violated_is_in_the_slacks_of_its_rows(instance: Instance) -> None:
    """Everything at its lower bound, then ten times what a row may have at most: the slack is the nine over it."""
    elastic, slack = instance.elastic, instance.slack_of_row
    full = with_slacks(instance, instance.matrix.lower)
    activity = instance.matrix.a @ instance.matrix.lower
    for row in np.flatnonzero(slack >= 0).tolist():
        over = max(activity[row] - instance.matrix.row_upper[row], instance.matrix.row_lower[row] - activity[row], 0.0)
        assert full[slack[row]] == pytest.approx(over)
    candidate = Candidate.of(instance, instance.matrix.lower)
    assert candidate.priced == pytest.approx(candidate.value + 100 * candidate.violation)
    assert elastic.plain == len(instance.matrix.cost) and len(full) == len(elastic.matrix.cost)


@pytest.mark.parametrize(
    ("value", "bound", "gap"), [(100, 90, 0.1), (0.5, 0.25, 0.25), (1, 2, 0), (-100, -110, 0.1), (0, 0, 0)]
)
def test_a_gap_is_relative_to_the_value_or_to_one_point(value: float, bound: float, gap: float) -> None:
    assert relative_gap(value, bound) == pytest.approx(gap)


def test_a_trial_promises_what_is_left_by_its_work() -> None:
    """0.6 points left for 3 check points; in vain once 30 % of that; a gain of others of 5 adds 0.1 points."""
    trial = Trial(Neighbourhood("some", np.zeros(0, dtype=bool)), left=0.6, work=3)
    assert trial.promise == pytest.approx(0.2)
    assert replace(trial, fruitless=1).promise == pytest.approx(0.06)
    assert replace(trial, fruitless=2, changed=5.0).promise == pytest.approx((0.6 * 0.09 + 0.1) / 3)
    assert Trial(trial.hood).promise == pytest.approx(0.1), "one not tried yet: a point for ten"
