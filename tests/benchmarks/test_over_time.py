"""How value and bound came together: the integral and the points by finder are as worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.over_time import Step, finders, integral, keep_run, steps_of, won
from benchmarks.over_time_chart import frame_of, picture
from data.dataset import load
from data.levers import apply
from optimizer.solve import SolveOptions, solve
from reports.picture import to_svg
from store.folder import write_plan

TINY = Path(__file__).parents[2] / "data" / "tiny"
STEPS = [
    Step(1.0, 33.0, None, "from nothing"),
    Step(2.0, 20.0, None, "from nothing"),
    Step(4.0, 20.0, 5.0, "relaxation"),
    Step(6.0, 8.0, 5.0, "improve"),
    Step(7.0, 8.0, 6.0, "tree"),
    Step(8.0, 6.25, 6.0, "improve"),
]


def test_the_integral_weighs_each_second_by_its_gap() -> None:
    """One where an end is missing, 15/20, 3/8 and 2/8 between, 0.25/6.25 at the end."""
    by_hand = 4 * 1.0 + 2 * 0.75 + 1 * 0.375 + 1 * 0.25 + 2 * 0.04
    assert integral(STEPS, 10.0) == pytest.approx(by_hand)
    assert integral(STEPS, 7.5) == pytest.approx(4 + 1.5 + 0.375 + 0.125)
    assert integral([], 10.0) == 10.0


def test_points_go_to_who_brought_them_and_add_up() -> None:
    found = won(STEPS, 25.0)
    assert found["from nothing"] == {"value": 13.0, "values": 1, "bound": 0.0, "bounds": 0}
    assert found["improve"] == {"value": 13.75, "values": 2, "bound": 0.0, "bounds": 0}
    assert found["relaxation"]["bound"] == 5.0 and found["tree"]["bound"] == 1.0
    assert sum(row["value"] for row in found.values()) == pytest.approx(33.0 - 6.25)
    assert sum(row["bound"] for row in found.values()) == 6.0
    assert won(STEPS[1:], 25.0)["from nothing"]["value"] == 5.0, "a first plan counts from nothing decided"
    assert [name for name, _ in finders({"won": found})] == ["improve", "from nothing", "relaxation", "tree"]


def test_a_plans_run_is_kept_and_drawn(tmp_path: Path) -> None:
    plan = solve(apply(load(TINY)), options=SolveOptions(time_limit=20, threads=1))
    write_plan(plan, tmp_path / "plan")
    assert steps_of(tmp_path / "plan")[-1].value == pytest.approx(13.375)
    row = keep_run(tmp_path / "plan", "one", tmp_path / "kept.json")
    keep_run(tmp_path / "plan", "two", tmp_path / "kept.json")
    kept = json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))
    assert kept["one"] == kept["two"] == row
    assert 0 < row["integral"] <= row["seconds"]
    svg = to_svg(picture("one", row), title=True)
    assert plan.header["run"] in svg and "value of the best plan" in svg


def test_a_run_without_a_bound_is_drawn_too() -> None:
    row = {"steps": [[1.0, 20.0, None], [2.0, 8.0, 0.0]], "seconds": 4.0, "value": 8.0, "bound": None, "closed": None,
           "integral": 4.0, "run": "r"}  # fmt: skip
    table = frame_of(row)
    assert table["seconds"].tolist() == [1.0, 2.0, 4.0]
    assert table.iloc[:, 2].isna().all(), "a bound of 0 has no place on a log scale"
    assert "no bound" in to_svg(picture("late", row), title=True)
