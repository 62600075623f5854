"""The solver against the enumerator on sets that hypothesis draws: a file of its own, so that it runs beside the seeds.

The draw is the same every time: what fails here fails for whoever runs it next, and a change is never stopped by a set
that has nothing to do with it. Other sets: take `derandomize` out and run it for as long as you like.
"""

import pathlib

import hypothesis
import pytest

from tests.optimizer.test_enumerator import DRAWING, differences
from tests.random_sets import RandomSet, random_sets


@pytest.mark.long
@hypothesis.given(drawn=random_sets())
@hypothesis.settings(DRAWING, max_examples=40, derandomize=True)
def test_solver_and_enumerator_agree_on_sets_that_hypothesis_draws(drawn: RandomSet, tmp_path: pathlib.Path):
    assert differences(drawn, tmp_path / "plan") == []
