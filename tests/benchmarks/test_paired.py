"""The bench of paired answers: what shows, what the lines say, and that a stopped run goes on where it was."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import paired as bench

WARM = bench.KINDS["warm"]


def test_an_interval_shows_where_it_excludes_nothing_or_is_next_to_it() -> None:
    """0.1 % of a value of 5 is 0.005 points."""
    assert bench.shows(0.01, 0.2, 5.0)
    assert bench.shows(-0.2, -0.01, 5.0)
    assert bench.shows(-0.004, 0.004, 5.0)
    assert not bench.shows(-0.004, 0.006, 5.0)
    assert not bench.shows(0.0, 0.2, 5.0)


def row(shows: bool, sign: str) -> dict[str, Any]:
    return {"low": 0.0, "shows": shows, "sign": sign}


def test_the_lines_tell_figure_goal_and_whether_it_is_met() -> None:
    rows = {"a": row(True, "worse"), "b": row(False, "none"), "c": row(False, "open"), "d": {"contradiction": "x"}}
    intervals, steps = bench.told(rows, 4, WARM)
    assert "intervals that show: 1 of 3, 33%; goal 30%: met (1 of 4 settings not measured)" in intervals
    assert "steps with a proven sign: 2 of 3, 67%; goal 70%: missed" in steps
    assert "commit" in steps
    assert "0 of 0, 0%; goal 30%: missed" in bench.told({}, 4, WARM)[0]


def test_a_stopped_run_goes_on_and_rows_of_another_plan_are_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = SimpleNamespace(name=None, levers={})
    monkeypatch.setattr(bench, "settings", lambda dataset: {"one": (case, case), "two": (case, case)})
    made: list[str] = []

    def measured(base: Any, setting: Any, plan: Any, kind: Any) -> tuple[dict[str, Any], Any]:
        made.append(plan.header["run"])
        return row(True, "worse"), SimpleNamespace(header={"run": "better"})

    monkeypatch.setattr(bench, "measured", measured)
    result = tmp_path / "paired.json"
    dataset, given = SimpleNamespace(sha256="d"), argparse.Namespace(kind="warm", minutes=0.0, only=[])
    plan = SimpleNamespace(header={"run": "p"})
    bench.run(dataset, plan, given, result)  # type: ignore[arg-type]
    assert list(json.loads(result.read_text())["rows"]) == ["one"]  # no time for a second
    given.minutes = 60.0
    bench.run(dataset, plan, given, result)  # type: ignore[arg-type]
    assert made == ["p", "p"]
    bench.run(dataset, SimpleNamespace(header={"run": "q"}), given, result)  # type: ignore[arg-type]
    assert made == ["p", "p", "q", "better"]  # a better plan of the base case is used from then on
