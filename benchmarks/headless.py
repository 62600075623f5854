"""What `drive5 solve data/tiny` takes beside a process that only imports what it stands on: `make show-headless`.

    python -m benchmarks.headless [--rounds 7]

Both are processes of their own, run in turn, so that what else the machine does meets both; the medians are compared.
Prints one line: figure, goal, met or missed, commit, load. Elapsed seconds are compared; processor seconds are told.
Bytecode is kept, as it is where nobody forbids it: the first round, which does not count, writes it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = 1.6
BARE = (sys.executable, "-c", "import pandas, pyomo.environ, highspy")


def took(command: Sequence[str]) -> tuple[float, float]:
    """(elapsed seconds, processor seconds) of a process.

    Raises:
        CalledProcessError: the process failed.
    """
    before, begun = os.times(), time.perf_counter()
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=ROOT, env=usual, check=True, stdout=subprocess.DEVNULL)
    elapsed, after = time.perf_counter() - begun, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return elapsed, spent


def measured(rounds: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Medians (elapsed, processor seconds) of the bare imports and of the solve; the first round only warms up."""
    bare, whole = [], []
    with tempfile.TemporaryDirectory() as folder:
        solve = (sys.executable, "-m", "cli", "solve", "data/tiny", "--quiet", "--out", str(Path(folder) / "plan"))
        for turn in range(rounds + 1):
            pair = took(BARE), took(solve)
            if turn:
                bare.append(pair[0])
                whole.append(pair[1])
    return _medians(bare), _medians(whole)


def _medians(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(one[0] for one in found), statistics.median(one[1] for one in found)


def _commit() -> str:
    command = ("git", "rev-parse", "--short", "HEAD")
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.headless", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    bare, whole = measured(parser.parse_args().rounds)
    times, met = whole[0] / bare[0], whole[0] <= GOAL * bare[0]
    sys.stdout.write(
        f"headless: {times:.2f} times the bare imports ({whole[0]:.2f} s against {bare[0]:.2f} s; processor "
        f"{whole[1] / bare[1]:.2f} times); goal {GOAL}; {'met' if met else 'missed'}; commit {_commit()}; "
        f"load {load:.1f}\n"
    )
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
