"""Killed at any moment, a solve leaves no half plan: the earlier one is intact, or the new one is whole."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from audit import audit
from benchmarks.generate import generate

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "data" / "tiny"
MOMENTS = 10
WHOLE = {"plan.json", "tables", "plan.xlsx", "solve.log", "progress.csv", "dataset", "search.npz"}
# Writes one of two plans after the other into one folder, for ever: the swap is then always near.
WRITE_FOR_EVER = """
import sys
from pathlib import Path
from store.folder import read_start, write_plan
from reports.workbook import write_workbook
place, plans = Path(sys.argv[1]), [read_start(Path(name)) for name in sys.argv[2:]]
print("ready", flush=True)
while True:
    for plan in plans:
        write_plan(plan, place, write_workbook)
"""


def command(dataset: Path, out: Path, *more: object) -> list[str]:
    options = ["--out", out, "--quiet", "--threads", 1, "--seed", 1, *more]
    return [sys.executable, "-m", "cli", "solve", str(dataset), *map(str, options)]


def solved(dataset: Path, out: Path, *more: object) -> float:
    """Solve in a process of its own; how long that took."""
    begun = time.perf_counter()
    done = subprocess.run(command(dataset, out, *more), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 5), done.stderr
    return time.perf_counter() - begun


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def assert_whole(folder: Path) -> None:
    """Everything of a plan is there, can be read, and passes the audit."""
    assert {item.name for item in folder.iterdir()} == WHOLE
    json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    with zipfile.ZipFile(folder / "plan.xlsx") as book:
        assert book.testzip() is None
    report = audit(folder)
    assert report.ok, report.findings[:3]


def killed(arguments: list[str], after: float) -> bool:
    """Start, wait and kill; whether it was still running."""
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True
    return False


def kill_at_random_moments(dataset: Path, place: Path, *more: object) -> None:
    """Ten moments, one in each tenth of the time that the solve takes, so that every phase is met."""
    folder = place / "plan"
    solved(dataset, folder, *more, "--set", "carry_over=0.01")
    earlier = content(folder)
    took = solved(dataset, place / "other", *more)
    dice = random.Random(5)
    running = 0
    for moment in range(MOMENTS):
        running += killed(command(dataset, folder, *more), took * (moment + dice.random()) / MOMENTS)
        now = content(folder)
        if now != earlier:  # the swap was just over
            levers: Mapping[str, object] = json.loads(now["plan.json"])["levers"]
            assert levers.get("carry_over") != 0.01, "neither the earlier plan nor the new one"
            assert_whole(folder)
            earlier = now
        strays = [item.name for item in place.iterdir() if item.name not in ("plan", "other")]
        assert all(name.startswith(".plan.") for name in strays), "what is left over bears no plan's name"
    assert running >= MOMENTS // 2, "most kills met a running solve"
    assert_whole(folder)


def test_a_killed_solve_of_tiny_leaves_the_earlier_plan_or_a_whole_new_one(tmp_path: Path) -> None:
    kill_at_random_moments(TINY, tmp_path)


def test_so_does_a_killed_solve_of_a_larger_set(tmp_path: Path) -> None:
    generate(6, 24, 2, tmp_path / "set")
    (tmp_path / "plans").mkdir()
    kill_at_random_moments(tmp_path / "set", tmp_path / "plans", "--time-limit", 8)


def test_killed_while_it_writes_it_leaves_one_of_the_two_plans(tmp_path: Path) -> None:
    """Two plans of tiny are written in turn, and the writer is killed ten times."""
    one, two, folder = tmp_path / "one", tmp_path / "two", tmp_path / "place" / "plan"
    solved(TINY, one)
    solved(TINY, two, "--set", "carry_over=0.01")
    known = [{key: (plan / key).read_bytes() for key in ("plan.json", "tables/orders.csv")} for plan in (one, two)]
    dice = random.Random(7)
    for _ in range(MOMENTS):
        writer = [sys.executable, "-c", WRITE_FOR_EVER, str(folder), str(one), str(two)]
        with subprocess.Popen(writer, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(dice.uniform(0.0, 3.0))
            assert process.poll() is None, "the writer goes on until it is killed"
            process.kill()
        if folder.exists():
            assert_whole(folder)
            assert {key: (folder / key).read_bytes() for key in known[0]} in known
    assert folder.exists(), "at least one of the writers got through"


def test_what_a_killed_run_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    """Beside the plan: a stray of yesterday, one of this minute, and one of another plan."""
    strays = [tmp_path / name for name in (".plan.old.new", ".plan.now.new", ".other.old.new")]
    for stray in strays:
        (stray / "tables").mkdir(parents=True)
    yesterday = time.time() - 86_400
    for stray in (strays[0], strays[2]):
        os.utime(stray, (yesterday, yesterday))
    solved(TINY, tmp_path / "plan")
    assert [stray.exists() for stray in strays] == [False, True, True]
