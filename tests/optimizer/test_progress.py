"""What progress.csv says of a search: worked out by hand on five lines."""

from __future__ import annotations

import pytest

from optimizer.pool import Event
from optimizer.progress import Gain, gains, primal_dual_integral

LINES = (
    Event(1.0, 10, None, 2.0, "relaxation"),
    Event(2.0, 20, 10.0, 2.0, "rounding"),
    Event(4.0, 30, 6.0, 2.0, "rounding"),
    Event(5.0, 40, 4.0, 3.0, "tree"),
    Event(10.0, 50, 4.0, 4.0, "tree"),
)


def test_each_finder_gains_what_it_lowered_and_each_prover_what_it_raised() -> None:
    """Rounding: 10 -> 6 in two values, the first lowering nothing; the tree: 6 -> 4 once, and 2 -> 3 -> 4."""
    assert gains(LINES) == [
        Gain("rounding", 4.0, 2, 0.0, 0),
        Gain("tree", 2.0, 1, 2.0, 2),
        Gain("relaxation", 0.0, 0, 0.0, 1),
    ]


def test_all_gains_together_are_the_way_from_the_first_to_the_last() -> None:
    found = gains(LINES)
    assert sum(gain.value for gain in found) == pytest.approx(10.0 - 4.0)
    assert sum(gain.bound for gain in found) == pytest.approx(4.0 - 2.0)


def test_less_than_a_value_of_its_own_is_no_gain() -> None:
    """A digit of rounding, and a bound that gives way to a lower value."""
    lines = (
        Event(1.0, 0, 5.0, 5.0, "one"),
        Event(2.0, 0, 5.0 - 1e-12, 5.0 - 1e-12, "two"),
        Event(3.0, 0, 4.0, 4.0, "two"),
    )
    assert gains(lines) == [Gain("two", pytest.approx(1.0), 1, 0.0, 0), Gain("one", 0.0, 1, 0.0, 1)]


def test_the_primal_dual_integral_is_the_mean_gap_until_the_last_line() -> None:
    """2 s without a value at 1; 2 s at 8/10; 1 s at 4/6; 5 s at 1/4: 2 + 1.6 + 0.667 + 1.25 of 10 s."""
    assert primal_dual_integral(LINES) == pytest.approx((2 + 1.6 + 2 / 3 + 1.25) / 10)


def test_a_small_value_has_the_gap_that_plan_json_states() -> None:
    """(0.5 - 0.1) / max(1, 0.5) = 0.4 for the second half of 2 s, 1 for the first; a gap is never over 1."""
    assert primal_dual_integral((Event(1.0, 0, 0.5, 0.1, "a"), Event(2.0, 0, 0.1, 0.1, "a"))) == pytest.approx(0.7)
    assert primal_dual_integral((Event(1.0, 0, 2.0, -9.0, "a"), Event(2.0, 0, 2.0, 2.0, "a"))) == pytest.approx(1.0)


def test_without_lines_or_without_time_there_is_no_area() -> None:
    assert gains(()) == [] and primal_dual_integral(()) is None
    assert primal_dual_integral((Event(0.0, 0, 1.0, 1.0, "a"),)) is None
    assert primal_dual_integral((Event(3.0, 0, 1.0, 1.0, "a"),)) == pytest.approx(1.0)
