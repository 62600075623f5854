"""The interval of a difference, by hand and for any values and bounds that could be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.interval import Contradiction, Interval, Known, interval


def ends(found: Interval) -> tuple[float, float]:
    return found.low, found.high


def test_values_and_bounds_alone() -> None:
    """A lies in [4, 5], B in [4.5, 6]: the difference is at least 4.5 - 5 and at most 6 - 4."""
    found = interval(Known(5.0, 4.0), Known(6.0, 4.5))
    assert ends(found) == (-0.5, 2.0)
    assert found.told == ()
    assert not found.excludes_none


def test_a_nested_setting_is_never_better() -> None:
    assert ends(interval(Known(5.0, 4.0), Known(6.0, 4.5), inside=True)) == (0.0, 2.0)


def test_a_better_plan_of_the_inner_case_lowers_the_outer_value() -> None:
    """B's plan of 4.6 is one of A: A lies in [4, 4.6], B in [4.2, 4.6], so that the difference is at most 0.6."""
    found = interval(Known(5.0, 4.0), Known(4.6, 4.2), inside=True)
    assert ends(found) == (0.0, pytest.approx(0.6))
    assert found.base == Known(4.6, 4.0)
    assert found.told == ("a better plan of the base case was found by the setting: 4.6 points in place of 5",)


def test_the_outer_bound_lifts_the_inner_one() -> None:
    """A is known to be at least 4.5, so B is: A in [4.5, 4.8] by B's plan, B in [4.5, 4.8]."""
    found = interval(Known(5.0, 4.5), Known(4.8, 4.0), inside=True)
    assert ends(found) == (0.0, pytest.approx(0.3))
    assert found.setting == Known(4.8, 4.5)
    assert len(found.told) == 2


def test_a_base_case_nested_in_the_setting_is_the_mirror() -> None:
    """More money: B in [3, 4.6] at first, then at most A's 4.5; A at least B's 3: the difference is -2 to 0."""
    found = interval(Known(4.5, 2.5), Known(4.6, 3.0), around=True)
    assert ends(found) == (-1.5, 0.0)
    assert found.base == Known(4.5, 3.0)
    assert found.setting == Known(4.5, 3.0)


def test_two_cases_that_are_nested_in_each_other_have_no_difference() -> None:
    found = interval(Known(5.0, 4.0), Known(6.0, 4.5), inside=True, around=True)
    assert ends(found) == (0.0, 0.0)
    assert found.one_figure


def test_a_proven_difference_is_one_figure() -> None:
    found = interval(Known(5.0, 5.0), Known(5.25, 5.25))
    assert ends(found) == (0.25, 0.25)
    assert found.one_figure and found.excludes_none


def test_no_plan_is_infinitely_worse_and_nothing_known_says_nothing() -> None:
    assert ends(interval(Known(5.0, 4.0), Known(math.inf, math.inf), inside=True)) == (math.inf, math.inf)
    assert ends(interval(Known(), Known())) == (-math.inf, math.inf)
    assert ends(interval(Known(math.inf, math.inf), Known(math.inf, math.inf))) == (-math.inf, math.inf)
    assert ends(interval(Known(5.0, 4.0), Known(math.inf, 4.2))) == (pytest.approx(-0.8), math.inf)


def test_a_bound_above_a_plan_that_it_bounds_is_told() -> None:
    with pytest.raises(Contradiction, match="below its bound"):
        interval(Known(5.0, 4.5), Known(4.4, 4.0), inside=True)
    with pytest.raises(Contradiction):
        interval(Known(4.0, 4.5), Known(6.0, 4.5))
    assert ends(interval(Known(4.5, 4.5 + 1e-9), Known(4.5, 4.5))) == (0.0, 0.0)


POINTS = st.floats(0.0, 100.0)
MORE = st.floats(0.0, 10.0)


@given(POINTS, st.floats(-10.0, 10.0), MORE, MORE, MORE, MORE, st.sampled_from(["no", "inside", "around"]))
def test_it_always_holds_the_true_difference(
    z: float, off: float, above: float, below: float, over: float, under: float, nested: str
) -> None:
    """Whatever values and bounds are known of two optima, nested or not: lowering and lifting lose nothing true."""
    off = {"no": off, "inside": abs(off), "around": -abs(off)}[nested]
    base, setting = Known(z + above, z - below), Known(z + off + over, z + off - under)
    found = interval(base, setting, inside=nested == "inside", around=nested == "around")
    assert found.low - 1e-9 <= off <= found.high + 1e-9
    assert found.high - found.low <= above + below + over + under + 1e-9
