"""The clock is kept: `python -m benchmarks.clock --alone`, or `--pinned` to one core beside another solve.

The whole command `drive5 solve data/alliance` is timed for limits of 5, 20, 60 and 300 seconds. It must end within the
limit, a tenth more and 13 seconds; from 20 seconds on with a plan that closes at least half of what the relaxation
closes, and within 5 seconds with a plan or exit 6. Results go to benchmarks/results/clock.json, one limit at a time, so
that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "clock.json"
DATA = ROOT / "data" / "alliance"
LIMITS = (5, 20, 60, 300)
MORE, AROUND = 1.1, 13.0  # times the limit, and seconds for all but solving
RELAXATION = 4.72  # points: what the reference set's relaxation comes to (docs/reference-plan.md)
HALF = 0.5
# As a user's machine is: compiled modules are kept from one start to the next.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
PLAN_FROM = 20  # seconds from which on a plan is asked for


def command(limit: float, out: Path, core: int | None) -> list[str]:
    """The command that is timed."""
    solve = [sys.executable, "-m", "cli", "solve", str(DATA), "--time-limit", str(limit), "--out", str(out), "--quiet"]
    return solve if core is None else ["taskset", "-c", str(core), *solve]


@contextmanager
def another(core: int | None, folder: Path) -> Iterator[None]:
    """Another solve on the same core meanwhile; none where the command runs alone."""
    if core is None:
        yield
        return
    with subprocess.Popen(
        command(3600.0, folder / "other", core),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as other:
        try:
            yield
        finally:
            other.kill()


def timed(limit: float, core: int | None) -> dict[str, Any]:
    """Seconds of the whole command, its exit code, and what its plan closes of what the relaxation closes."""
    with tempfile.TemporaryDirectory() as place, another(core, Path(place)):
        begun = time.perf_counter()
        call = command(limit, Path(place) / "plan", core)
        done = subprocess.run(call, cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=False)
        seconds = time.perf_counter() - begun
        header = Path(place) / "plan" / "plan.json"
        told = json.loads(header.read_text(encoding="utf-8")) if header.exists() else {}
    found = told.get("objective") or {}
    before, value = found.get("index_before"), found.get("first_value")
    closed = None if value is None else (before - value) / (before - RELAXATION)
    return {
        "limit": limit, "seconds": round(seconds, 1), "exit": done.returncode, "closed": closed,
        "solving": told.get("seconds", {}).get("solve"), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def met(run: dict[str, Any]) -> bool:
    """Whether a run ended in time with what is asked of it."""
    in_time = run["seconds"] <= MORE * run["limit"] + AROUND
    worth = run["closed"] is not None and run["closed"] >= HALF
    return in_time and (worth if run["limit"] >= PLAN_FROM else run["exit"] in (0, 5, 6))


def line(run: dict[str, Any]) -> str:
    """One line on a run: figure, goal, met or missed."""
    closed = "no plan" if run["closed"] is None else f"{run['closed']:.1%} of the relaxation's closure"
    goal = f"within {MORE * run['limit'] + AROUND:.1f} s" + (", at least half" if run["limit"] >= PLAN_FROM else "")
    verdict = "met" if met(run) else "missed"
    return (
        f"limit {run['limit']} s: {run['seconds']:.1f} s (solving {run['solving']} s), exit {run['exit']}, {closed}; "
        f"goal: {goal}; {verdict}; load {run['load']}"
    )


def main() -> int:
    """Time each limit that is not on file for this commit."""
    parser = argparse.ArgumentParser(prog="benchmarks.clock", description=__doc__)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--alone", action="store_true")
    way.add_argument("--pinned", action="store_true")
    parser.add_argument("--limits", default=",".join(str(limit) for limit in LIMITS))
    given = parser.parse_args()
    name = "alone" if given.alone else "pinned"
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    here = known.setdefault(name, {})
    if here.get("commit") != commit.stdout.strip():
        here.clear()
        here["commit"] = commit.stdout.strip()
    core = max(os.sched_getaffinity(0)) if given.pinned else None
    runs = []
    for limit in [int(one) for one in given.limits.split(",")]:
        run = here[str(limit)] = here.get(str(limit)) or timed(limit, core)
        RESULT.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {line(run)}\n")
        sys.stdout.flush()
        runs.append(run)
    good = sum(met(run) for run in runs)
    sys.stdout.write(
        f"clock, {name}: {good} of {len(runs)} limits kept, goal all: {'met' if good == len(runs) else 'missed'}\n"
    )
    return 0 if good == len(runs) else 1


if __name__ == "__main__":
    raise SystemExit(main())
