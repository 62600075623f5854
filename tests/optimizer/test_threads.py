"""Solves beside each other in one process, and the same input twice: a server needs the one, an analyst the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import highspy
import pandas as pd
import pytest

from benchmarks.generate import generate
from data.dataset import load
from data.dictionary import plan_tables
from data.levers import apply
from models.program import build
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.plans.plan import Plan
from optimizer.problem.compile import compile_program
from optimizer.solve import SolveOptions, solve

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "data" / "tiny"
OF_THE_RUN = {"run", "written", "seconds"}  # what no two runs share
EXACT = SolveOptions(gap=0.0, time_limit=60, threads=2)


def in_threads(levers: list[dict[str, Any]]) -> list[Plan | None]:
    """Solve tiny under each set of levers, all at the same time."""
    dataset = load(TINY)
    found: list[Plan | None] = [None] * len(levers)
    gate = threading.Barrier(len(levers))

    def work(place: int) -> None:
        case = apply(dataset, None, levers[place])
        gate.wait()
        found[place] = solve(case, options=EXACT)

    threads = [threading.Thread(target=work, args=(place,), daemon=True) for place in range(len(levers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a solve hangs"
    return found


def test_two_solves_in_two_threads_both_finish_with_right_results() -> None:
    levers: list[dict[str, Any]] = [{}, {"carry_over": 0.0}, {}, {"synchronised_cycles": True}]
    together = in_threads(levers)
    for pulled, plan in zip(levers, together, strict=True):
        alone = solve(apply(load(TINY), None, pulled), options=EXACT)
        assert plan is not None
        assert plan.header["status"] == "optimal"
        assert plan.header["objective"]["value"] == pytest.approx(alone.header["objective"]["value"], rel=1e-9)
        for name, table in alone.tables.items():
            pd.testing.assert_frame_equal(plan.tables[name], table, check_exact=True, obj=name)


def test_a_thread_pool_of_another_size_is_no_hindrance() -> None:
    """Pyomo's interface to the same library lays the process's pool, and two engines may be made before either runs."""
    program = build(apply(load(TINY)))
    matrix = compile_program(program).matrix
    engines = [Engine(matrix, Budget(), threads=threads) for threads in (2, 1)]
    values = [engine.mip(gap=0.0).value for engine in engines]
    stranger = highspy.Highs()
    stranger.resetGlobalScheduler(True)
    stranger.setOptionValue("output_flag", False)
    stranger.setOptionValue("threads", 1)
    stranger.addVar(0, 1)
    stranger.changeColIntegrality(0, highspy.HighsVarType.kInteger)
    stranger.run()
    values.append(Engine(matrix, Budget(), threads=2).mip(gap=0.0).value)
    assert values == pytest.approx([values[0]] * 3, rel=1e-9)
    assert values[0] < float("inf")


def three_runs(dataset: Path, place: Path, *options: object) -> list[dict[str, bytes]]:
    """The tables of three runs of the same command, each with its own order of hashes."""
    runs = []
    for run in ("1", "2", "3"):
        out = place / f"run{run}"
        words = ["--out", out, "--quiet", "--seed", 3, "--threads", 2, *options]
        command = [sys.executable, "-m", "cli", "solve", str(dataset), *map(str, words)]
        env = {**os.environ, "PYTHONHASHSEED": run}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 5), done.stderr
        header = json.loads((out / "plan.json").read_text(encoding="utf-8"))
        assert header["reproducible"], "a work limit, not the clock, ended it"
        figures = {key: value for key, value in header.items() if key not in OF_THE_RUN}
        found = {path.name: path.read_bytes() for path in sorted((out / "tables").iterdir())}
        runs.append(found | {"plan.json": json.dumps(figures, sort_keys=True).encode()})
    return runs


def test_the_same_seed_and_work_limit_give_the_same_bytes_on_tiny(tmp_path: Path) -> None:
    first, second, third = three_runs(TINY, tmp_path, "--work-limit", 50)
    assert len(first) == len(plan_tables()) + 1, "the tables and the header"
    assert first == second == third


@pytest.mark.long
def test_the_same_seed_and_work_limit_give_the_same_bytes_on_a_larger_set(tmp_path: Path) -> None:
    """A set beyond the size that the tree proves, so that the search with its neighbourhoods makes the plan."""
    generate(12, 60, 1, tmp_path / "set")
    first, second, third = three_runs(tmp_path / "set", tmp_path, "--work-limit", 10.00002)
    assert first == second == third
