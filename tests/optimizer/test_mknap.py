"""The ordinary solve command reaches the published optima of Petersen's seven problems (1967)."""

import json
import pathlib

import pandas as pd
import pytest

from tests import mknap
from tests.command import drive5

# J.E. Beasley, OR-Library, mknap1; C.C. Petersen, Management Science 13(9), 736-750.
PUBLISHED = {1: 3800, 2: 8706.1, 3: 4015, 4: 6120, 5: 12400, 6: 10618, 7: 16537}
SIZES = {1: (6, 10), 2: (10, 10), 3: (15, 10), 4: (20, 10), 5: (28, 10), 6: (39, 5), 7: (50, 5)}
PROBLEMS = {problem.number: problem for problem in mknap.problems()}


def test_the_file_holds_the_seven_problems():
    assert {number: problem.optimum for number, problem in PROBLEMS.items()} == PUBLISHED
    assert {number: (len(one.values), len(one.capacities)) for number, one in PROBLEMS.items()} == SIZES
    assert PROBLEMS[1].values == (100, 600, 1200, 2400, 500, 2000)
    assert PROBLEMS[1].uses[0] == (8, 12, 13, 64, 22, 41)
    assert PROBLEMS[1].capacities == (80, 96, 20, 36, 44, 48, 10, 18, 22, 24)


@pytest.mark.parametrize("number", sorted(PUBLISHED))
def test_solve_reaches_the_published_optimum(number: int, tmp_path: pathlib.Path):
    problem = PROBLEMS[number]
    folder = mknap.write(problem, tmp_path / "dataset")
    result = drive5(
        "solve", folder, "--gap", 0, "--cost-tolerance", 0, "--time-limit", 60, "--out", tmp_path / "plan", "--quiet"
    )
    assert result.exit_code == 0, result.output

    header = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    total = sum(problem.values)
    assert header["gap_index_after"] == pytest.approx(100 * (1 - PUBLISHED[number] / total), abs=1e-6)
    assert header["objective"]["bound"] == pytest.approx(header["objective"]["value"], abs=1e-4)

    orders = pd.read_csv(tmp_path / "plan" / "tables" / "orders.csv")
    value = dict(zip((f"item_{n:02d}" for n in range(1, len(problem.values) + 1)), problem.values, strict=True))
    assert set(orders["units"]) == {1}
    assert sum(value[item] for item in orders["programme"]) == pytest.approx(PUBLISHED[number])
