"""The goals of the search: rows are judged as the goals ask, and parts run, are kept and go on (on a small set)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import goals
from benchmarks.frozen import NAMES, ROOT
from benchmarks.goal_engines import highs, matrix_of, scip
from benchmarks.goal_levers import STRUCTURAL, settings
from benchmarks.goal_list import ELSEWHERE, ENGINES, PARTS, SETS
from benchmarks.goal_runs import NotYet, Place, ready
from benchmarks.goal_told import bound_faults, closed_against, table, told
from benchmarks.lever_points import POINTS
from benchmarks.memory import Sampled
from data.dataset import load
from optimizer.engine.others import available

TINY = ROOT / "data" / "tiny"
Row = dict[str, object]


def run(value: float | None = 5.0, bound: float = 4.75, **more: object) -> Row:
    """A row of one run: with nothing decided 25; 5.0 over 4.75 closes 20 / 20.25 of it."""
    found = {
        "commit": "c", "dataset_sha256": "d", "seconds": 70.0, "exit": 5, "memory_mb": 1024, "load": 0.5,
        "value": value, "bound": bound, "gap": 0.05, "closed": None, "index_before": 25.0, "state": "done",
    }  # fmt: skip
    if value is not None:
        found["closed"] = closed_against({"value": value, "index_before": 25.0}, bound)
    return {**found, **more}


def setting(closed: float | None, exit_code: int = 5) -> Row:
    return {"exit": exit_code, "closed": closed, "value": 5.0, "memory_mb": 900, "load": 1.0}


def moved(**more: object) -> Row:
    found: Row = {"seconds": 1.0, "bound": 4.7, "impossible": False, "relaxation": 4.72, "why": "", "load": 1.0}
    return found | more


def test_every_goal_of_both_sets_and_of_the_large_ones_has_its_part() -> None:
    assert {part.of for part in PARTS.values()} == set(NAMES)
    asked = {of: sorted(part.kind for part in PARTS.values() if part.of == of) for of in SETS}
    assert asked["reference"] == asked["twin"]
    assert [PARTS[f"cold-{seconds}-twin"].closed for seconds in (20, 60, 180, 600)] == [0.95, 0.98, 0.99, 0.995]
    assert (PARTS["cold-600-twin"].gap, PARTS["cold-3600-twin"].gap) == (0.02, 0.01)
    assert all(len(part.name) < 20 and part.goal and part.says for part in PARTS.values())


def test_levers_are_those_of_the_page_by_kind_and_each_lever_comes_before_any_comes_twice() -> None:
    dataset = load(ROOT / "data" / "alliance")
    every, structural, others = (settings(dataset, kind) for kind in (None, True, False))
    assert len(every) == len(structural) + len(others)
    assert {one.id.split(".")[0].split("=")[0] for one in structural} == STRUCTURAL
    left = {point.id for point in POINTS} - {one.id for one in every}
    assert all(name.startswith(("default", "scenario=", "persistence=")) for name in left)
    first = [one.id.split("=")[0].split(".")[0] for one in others]
    assert len(set(first[:20])) == 20
    sync = next(one for one in structural if one.id.startswith("synchronised"))
    assert sync.options == ["--scenario", "own_cycles", "--set", "synchronised_cycles=on"]
    assert settings(load(TINY))


def test_a_short_run_is_judged_by_the_long_one_of_the_same_commit_and_data() -> None:
    short = run(5.5, 4.0)
    assert closed_against(short, 4.0) == pytest.approx(19.5 / 21)
    alone = told("cold-20-twin", {"cold-20-twin": short})
    assert alone.verdict == "open" and "92.86%" in alone.figure
    rows = {"cold-20-twin": short, "cold-600-twin": run(5.0, 4.8)}
    assert told("cold-20-twin", rows).verdict == "met" and "96.53%" in told("cold-20-twin", rows).figure
    rows["cold-600-twin"]["commit"] = "another"
    assert told("cold-20-twin", rows).verdict == "open"
    assert told("cold-20-twin", {"cold-20-twin": run(5.0, 4.8)}).verdict == "met", "its own bound suffices"
    assert told("cold-180-twin", {"cold-180-twin": run(5.5, 4.0)}).verdict == "missed"
    assert told("cold-20-twin", {"cold-20-twin": run(None, said=["no plan"])}).verdict == "missed"


def test_the_gap_counts_where_one_is_asked_for() -> None:
    assert told("cold-600-twin", {"cold-600-twin": run(4.85, 4.8, gap=0.03)}).verdict == "missed"
    assert told("cold-600-twin", {"cold-600-twin": run(4.85, 4.8, gap=0.0103)}).verdict == "met"
    assert told("cold-3600-twin", {"cold-3600-twin": run(5.0, 4.8, gap=0.009)}).verdict == "met"


def test_levers_from_a_plan_all_count_and_those_without_a_plan_where_that_is_proven() -> None:
    row = {"commit": "c", "dataset_sha256": "d", "wanted": 3,
           "settings": {"one": setting(0.995), "two": setting(None, 4)}}  # fmt: skip
    assert told("warm-10-twin", {"warm-10-twin": row}).verdict == "open"
    row["settings"] |= {"three": setting(0.98)}
    line = told("warm-10-twin", {"warm-10-twin": row})
    assert line.verdict == "missed" and "three 98.00%" in line.figure and "2 of 3" in line.figure
    row["settings"] |= {"three": setting(0.99)}
    assert told("warm-10-twin", {"warm-10-twin": row}).verdict == "met"


def test_a_bound_must_be_quick_near_the_relaxation_and_above_no_plan() -> None:
    assert bound_faults(moved(), 4.9) == []
    assert bound_faults(moved(seconds=2.5), None) == ["2.5 s"]
    assert bound_faults(moved(bound=4.6), None) == ["2.5% below the relaxation"]
    assert bound_faults(moved(bound=4.95), 4.9) == ["above a plan of 4.9000"]
    assert bound_faults(moved(bound=None), None) == ["no bound"]
    assert bound_faults(moved(bound=None, impossible=True), None) != []
    assert bound_faults(moved(bound=None, relaxation=None, why="infeasible"), None) == []
    row = {"commit": "c", "dataset_sha256": "d", "wanted": 1, "settings": {"one": moved(bound=5.1)}}
    rows = {"bound-twin": row, "warm-10-twin": {"dataset_sha256": "d", "settings": {"one": setting(0.99)}}}
    assert told("bound-twin", rows).verdict == "missed"


def test_another_engine_must_not_reach_what_solve_has_at_20_s() -> None:
    ours = {"cold-20-twin": run(5.0, 4.0)}
    for value, verdict in ((None, "met"), (6.0, "met"), (4.9, "missed")):
        row = {"commit": "c", "dataset_sha256": "d", "value": value, "bound": 4.0}
        assert told("scip-1-twin", {**ours, "scip-1-twin": row}).verdict == verdict
    assert told("scip-1-twin", {"scip-1-twin": row}).verdict == "open"


def test_the_table_has_a_line_for_each_goal_memory_and_what_others_measure() -> None:
    rows = {"cold-20-twin": run(memory_mb=2048), "cold-64x240": run(memory_mb=4096), "shows-600": {
        "figure": "60 / 85 %", "met": True, "commit": "c", "load": 0.1}}  # fmt: skip
    lines = {line.part: line for line in table(rows)}
    assert len(lines) == len(PARTS) + len(ELSEWHERE) + 2
    assert lines["shows-600"].verdict == "met" and lines["shows-cold-60"].verdict == "open"
    assert lines["memory"].verdict == "missed" and "2.00 GB in cold-20-twin" in lines["memory"].figure
    assert lines["memory-large"].verdict == "met"
    assert (
        "; goal: " in lines["memory"].line and "commit c" in lines["memory"].line and "load 0.5" in lines["memory"].line
    )


def test_memory_is_that_of_the_whole_tree() -> None:
    hungry = "import subprocess, sys, time; x = bytearray(60 << 20); "
    child = hungry + "time.sleep(1.5)"
    parent = hungry + f"subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent]) as run_, Sampled(run_.pid, 0.05) as memory:
        run_.wait()
    assert memory.most is None or 120 < memory.most < 400


@pytest.mark.parametrize("threads", [1, 2])
def test_the_other_engines_solve_the_worked_example_with_one_thread_and_two(threads: int) -> None:
    matrix = matrix_of(TINY)
    for name, engine in (("highs", highs), ("scip", scip)):
        assert name in ENGINES
        if name == "highs" or not available(name):
            assert engine(matrix, threads, 20.0)["value"] == pytest.approx(13.375)


def test_a_part_runs_is_kept_and_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.goal_runs.HERE", tmp_path / "plans")
    result, trial = tmp_path / "goals.json", (str(TINY), 5.0)
    goals.measure("cold-600-reference", result, trial)
    row = goals.known_rows(result)["cold-600-reference"]
    assert row["state"] == "done" and row["value"] == pytest.approx(13.375) and row["exit"] == 0
    assert row["memory_mb"] is None or row["memory_mb"] > 50
    monkeypatch.setattr("benchmarks.goal_runs.solved", lambda *_: pytest.fail("it is on file"))
    goals.measure("cold-600-reference", result, trial)
    assert "closed 100.00%" in told("cold-600-reference", goals.known_rows(result)).figure


def test_levers_are_moved_from_the_sets_own_plan_and_a_stopped_part_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.goal_runs.HERE", tmp_path / "plans")
    result, trial = tmp_path / "goals.json", (str(TINY), 5.0)
    with pytest.raises(NotYet, match="measure that first"):
        ready(Place(PARTS["warm-30-reference"], str(TINY), 5.0, tmp_path / "plans" / "trial"))
    goals.measure("bound-reference", result, trial, longest=0.0)
    rows = goals.known_rows(result)
    assert rows["cold-60-reference"]["state"] == "done", "the plan that it needs is made first"
    assert rows["bound-reference"]["state"] == "begun"
    assert told("bound-reference", rows).verdict == "open"
    seen = set(rows["bound-reference"]["settings"])
    monkeypatch.setattr("benchmarks.goal_runs.settings", lambda of, kind: settings(of, kind)[: len(seen) + 3])
    goals.measure("bound-reference", result, trial)
    row = goals.known_rows(result)["bound-reference"]
    assert row["state"] == "done" and len(row["settings"]) == len(seen) + 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it is meant to outlive its call
def test_what_takes_longer_than_a_call_goes_on_in_the_background_and_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.goal_runs.HERE", tmp_path)
    started = tmp_path / "started"
    script = f"import pathlib, time; pathlib.Path({str(started)!r}).open('a').write('x'); time.sleep(3)"
    monkeypatch.setattr(goals, "_alone", lambda name, _: [sys.executable, "-c", script, name])
    monkeypatch.setattr(goals, "WAITS", 1.0)
    assert not goals._in_background("cold-3600-twin", tmp_path / "goals.json")
    monkeypatch.setattr(goals, "WAITS", 20.0)
    assert goals._in_background("cold-3600-twin", tmp_path / "goals.json")
    assert started.read_text() == "x", "the second call waits for the first one's run"
    assert not list(tmp_path.glob("*.pid"))
