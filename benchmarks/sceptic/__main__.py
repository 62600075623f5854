"""Read a plan as a sceptical planner does, and say what must be shown of the reference plan.

Example: python -m benchmarks.sceptic data/alliance/plan
         python -m benchmarks.sceptic plans/alliance --only ships,money
         python -m benchmarks.sceptic data/alliance/plan --only levers
         python -m benchmarks.sceptic plans/alliance-600 --make 600
         python -m benchmarks.sceptic data/alliance/plan --only rounds --second plans/alliance-next --make 60

PLAN is the folder of a plan, or the `plan` folder of a data set (the stored plan). With `--make` the reference set is
solved there first where there is no plan (`--anew`: where there is one, too); with `--second` it is the next round's
data set and the second plan that are made so. Each line ends with its goal and met
or missed; exit 1 where one is missed. Results of the stored plan are kept in benchmarks/results/sceptic.json, from
which docs/reference-plan.md, the README's block and the tables of docs/sanity.md are made (`make docs`); those of other
plans are kept beside the plan, in PLAN/sceptic.json.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.sceptic.idle import idle
from benchmarks.sceptic.innovation import innovation
from benchmarks.sceptic.levers import levers
from benchmarks.sceptic.line import Part, table
from benchmarks.sceptic.money import money
from benchmarks.sceptic.payers import payers
from benchmarks.sceptic.reading import Reading, read
from benchmarks.sceptic.rounds import rounds
from benchmarks.sceptic.ships import ships
from benchmarks.sceptic.stored import stored
from optimizer.plans.next_round import write_round
from optimizer.plans.plan import PlanError

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "data" / "alliance"
STORED = REFERENCE / "plan" / "plan.json"
RESULTS = ROOT / "benchmarks" / "results" / "sceptic.json"
Make = Callable[[Reading, Path | None], Part]
PARTS: dict[str, Make] = {
    "ships": lambda reading, _: ships(reading.world),
    "money": lambda reading, _: money(reading.world),
    "lines": lambda reading, _: idle(reading.world),
    "payers": lambda reading, _: payers(reading.world, reading.report),
    "innovation": lambda reading, _: innovation(reading.world),
    "stored": lambda reading, _: stored(reading.plan.header, json.loads(STORED.read_text(encoding="utf-8"))),
    "rounds": lambda reading, second: rounds(reading.plan, second),
    "levers": lambda reading, _: levers(reading.plan.case.base),
}
SOLVES = ("levers",)  # parts that solve relaxations: only by name


def shown(part: Part) -> str:
    """The lines of a part and the rows behind them."""
    texts = [f"== {part.name} =="]
    for name, rows in part.rows.items():
        if rows:
            texts += [f"  {name}:", table(rows)]
    return "\n".join([*texts, *(f"{part.name}: {line.text()}" for line in part.lines)]) + "\n"


def keep(plan: Path, reading: Reading, parts: Sequence[Part]) -> None:
    """Keep the results: parts read before stay where they are of the same run, relaxations where of the same data."""
    target = RESULTS if (plan / "tables.zip").exists() else plan / "sceptic.json"
    known: dict[str, Any] = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    run = reading.plan.header["run"]
    data = reading.plan.header["dataset_sha256"]
    same, alike = known.get("run") == run, known.get("dataset_sha256") == data
    told = {name: part for name, part in known.get("parts", {}).items() if same or (alike and name in SOLVES)}
    told |= {part.name: part.told() for part in parts}
    found = {
        "run": run,
        "dataset_sha256": data,
        "commit": commit(),
        "parts": {name: told[name] for name in PARTS if name in told},
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1, allow_nan=False, default=str) + "\n", encoding="utf-8")


def commit() -> str:
    """The commit that is checked out."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def read_parts(given: argparse.Namespace, names: Sequence[str]) -> list[Part]:
    """Make what is to be made, read the plan, print and keep the parts."""
    if given.make is not None and given.second is None:
        made(REFERENCE, given.plan, ("--time-limit", f"{given.make:g}"), given.anew)
    if given.as_stored:
        work = json.loads(STORED.read_text(encoding="utf-8"))["options"]["work_limit"]
        made(REFERENCE, given.plan, ("--work-limit", repr(work)), anew=True)
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        reading = read(given.plan, Path(folder))
        if given.make is not None and given.second is not None:
            write_round(reading.plan, Path(folder) / "next")
            made(Path(folder) / "next", given.second, ("--time-limit", f"{given.make:g}"), given.anew)
        for name in names:
            parts.append(PARTS[name](reading, given.second))
            text = shown(parts[-1])
            kept = [line for line in text.splitlines(keepends=True) if line.startswith(f"{name}:")]
            sys.stdout.write("".join(kept) if given.lines_only else text)
            sys.stdout.flush()
        keep(given.plan, reading, parts)
    return parts


def made(dataset: Path, plan: Path, limit: Sequence[str], anew: bool) -> None:
    """Solve a data set into a plan folder, as `drive5 solve` does, where no plan is there (or anew).

    Raises:
        SystemExit: the solve left no whole plan (exit code other than 0 and 5).
    """
    if (plan / "plan.json").exists() and not anew:
        return
    command = [sys.executable, "-m", "cli", "solve", str(dataset), "--out", str(plan)]
    done = subprocess.run([*command, *limit, "--quiet"], cwd=ROOT, check=False)
    if done.returncode not in (0, 5):
        raise SystemExit(done.returncode)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--only", default="", help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--second", type=Path, help="a plan of the data set that new-round makes of PLAN")
    parser.add_argument("--make", type=float, metavar="SECONDS", help="make the plan, or the second one, first")
    parser.add_argument("--as-stored", action="store_true", help="make the plan first, by the work of the stored one")
    parser.add_argument("--anew", action="store_true", help="with --make: also where a plan is there")
    parser.add_argument("--lines-only", action="store_true", help="leave out the tables")
    given = parser.parse_args(arguments)
    names = [name for name in given.only.split(",") if name] or [name for name in PARTS if name not in SOLVES]
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    logging.getLogger("pyomo").setLevel(logging.ERROR)
    try:
        parts = read_parts(given, names)
    except PlanError as problem:
        sys.stderr.write(f"{problem}\n")
        return 3
    met = sum(line.met for part in parts for line in part.lines)
    whole = sum(len(part.lines) for part in parts)
    state = "met" if met == whole else "missed"
    sys.stdout.write(f"{met} of {whole} lines met, goal all: {state}\n")
    return 0 if met == whole else 1


if __name__ == "__main__":
    raise SystemExit(main())
