"""How large the program of the reference set is, beside that of edition 1 of the model: `make show-size`.

Both are measured in the same run, one after the other, on the same machine: the code of edition 1 is taken out of the
repository's own history. Rows, columns, nonzeros and integers are those of the program as compiled; the seconds are
those of its tightened relaxation by interior point without crossover. docs/size.md is made from
benchmarks/results/size.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EDITION_1 = "a2fdbf8"  # the last commit before edition 2 of the model
RESULT = ROOT / "benchmarks" / "results" / "size.json"
PAGE = ROOT / "docs" / "size.md"
MOST_COLUMNS, MOST_SECONDS = 1.6, 20.0  # what was aimed at: times edition 1's columns, seconds on a quiet machine
# Runs in a process of its own, in the checkout that is measured; both editions have these names.
SCRIPT = """
import json, sys, time
from data.dataset import load
from data.levers import apply
from models.program import build
if sys.argv[1] == "1":
    from optimizer.compile import compile_program
    from optimizer.engine import Watch as Budget
    from optimizer.search import relaxed
    from optimizer.tighten import tightened
else:
    from optimizer.bounds.relaxation import relaxed
    from optimizer.engine.budget import Budget
    from optimizer.problem.compile import compile_program
    from optimizer.problem.tighten import tightened
program = build(apply(load("data/alliance")))
matrix = compile_program(program)
matrix = getattr(matrix, "matrix", matrix)  # edition 2 keeps the variables beside its arrays
tight = tightened(matrix, program.keys)
begun, cpu = time.perf_counter(), time.process_time()
root = relaxed(tight, Budget(3600.0), tight.lower, tight.upper, 0)
rows, columns = matrix.shape
print(json.dumps({"rows": rows, "columns": columns, "nonzeros": int(matrix.a.nnz),
    "integers": int(matrix.integer.sum()), "relaxation": root.value,
    "seconds": time.perf_counter() - begun, "processor_seconds": time.process_time() - cpu}))
"""


def measure(checkout: Path, edition: str = "2") -> dict[str, Any]:
    """The size of the reference set's program as a checkout states it."""
    command, there = [sys.executable, "-c", SCRIPT, edition], {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True, env=there)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def edition_1() -> dict[str, Any]:
    """The same of edition 1, from the repository's history."""
    with tempfile.TemporaryDirectory() as folder:
        kept = subprocess.run(["git", "archive", EDITION_1], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", folder], input=kept.stdout, check=True)
        return measure(Path(folder), "1")


def page(found: dict[str, Any]) -> str:
    """The table as a page."""
    now, before = found["edition 2"], found["edition 1"]
    lines = [
        "# Size of the program", "",
        "Made by `make show-size` from benchmarks/results/size.json: the reference set's program as",
        "compiled, and its tightened relaxation by interior point, both editions in one run.", "",
        "| | edition 1 | edition 2 | ratio |", "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip
    for name in ("rows", "columns", "nonzeros", "integers", "relaxation", "seconds", "processor_seconds"):
        digits = 2 if isinstance(now[name], float) else 0
        told = name.replace("_", " ")
        lines.append(
            f"| {told} | {before[name]:,.{digits}f} | {now[name]:,.{digits}f} | {now[name] / before[name]:.2f} |"
        )
    lines += ["", f"Load of the machine before: {found['load']:.1f}; commit {found['commit']}.", "", TRIMMED]
    return "\n".join(lines) + "\n"


TRIMMED = """## What was trimmed

- Orders of all nations are summed once by programme, lead time and year; what is ordered, made and delivered are
  running stocks, so that a row of a year has a handful of entries where cumulated sums over nations had thousands.
- Units in service beyond the horizon have no columns: only sustainment asks for them, and is written with the last
  year's.
- Innovation lines of the same sponsors and pillar, and expansions of one place and host, share their contributions.
- Core payments for equipment and research are summed once: the budget and the equipment share are made of that sum.
- Rules on innovation money of all nations count bills, not contributions."""


def main() -> None:
    """Measure, keep, and say whether the aims are met."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = {"edition 1": edition_1(), "edition 2": measure(ROOT), "load": load, "commit": commit.stdout.strip()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    ratio = found["edition 2"]["columns"] / found["edition 1"]["columns"]
    seconds = found["edition 2"]["seconds"]
    sys.stdout.write(page(found))
    for name, figure, goal in (("columns, ratio", ratio, MOST_COLUMNS), ("relaxation, s", seconds, MOST_SECONDS)):
        met = "met" if figure <= goal else "missed"
        sys.stdout.write(f"{name}: {figure:.2f}, goal {goal}: {met}; commit {found['commit']}, load {load:.1f}\n")


if __name__ == "__main__":
    main()
