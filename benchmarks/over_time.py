"""How value and bound of a search came together: `python -m benchmarks.over_time [PLAN] [--as NAME]`.

Without a plan those that the goals left (build/goals: from nothing, a minute and ten). From a plan's progress.csv come
the primal-dual integral, the points that each finder won off the value and each prover added to the bound, and the
steps of both, kept in benchmarks/results/over_time.json. docs/gap.md and its charts are made from there.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from benchmarks.measured import RESULTS, ROOT, Row, commit, keep, read, say
from optimizer.engine.outcome import relative_gap

RESULT = RESULTS / "over_time.json"
GOALS = ROOT / "build" / "goals"
SHOWN = tuple(f"cold-{seconds}-{name}" for name in ("reference", "twin") for seconds in (60, 600))
MOST_STEPS = 400  # that are kept of a run, evenly: a chart shows no more
LEAST = 1e-9  # points: less is nothing won


@dataclass(frozen=True)
class Step:
    """A line of progress.csv: value and bound from these seconds on, and who brought them."""

    seconds: float
    value: float | None
    bound: float | None
    finder: str


def steps_of(plan: Path) -> list[Step]:
    """The lines of a plan's progress.csv."""
    table = pd.read_csv(plan / "progress.csv", dtype={"finder": str})
    found = table.astype(object).where(table.notna(), None)
    return [
        Step(float(row.seconds), row.value, row.bound, str(row.finder)) for row in found.itertuples(index=False)
    ]  # fmt: skip


def integral(steps: Sequence[Step], end: float) -> float:
    """The primal-dual integral: seconds, each weighed by the relative gap of its time; 1 where an end is missing."""
    times = [0.0, *(min(step.seconds, end) for step in steps), end]
    gaps = [1.0, *(_gap(step) for step in steps)]
    return sum((later - earlier) * gap for (earlier, later), gap in zip(pairwise(times), gaps, strict=True))


def _gap(step: Step) -> float:
    return 1.0 if step.value is None or step.bound is None else min(1.0, relative_gap(step.value, step.bound))


def won(steps: Sequence[Step], before: float) -> dict[str, dict[str, float]]:
    """Finder -> points won off the value (the first plan's from nothing decided), added to the bound, times of each.

    A first plan that is nothing decided, with its penalties, may lie above the index before: then it counts nothing.
    The first bound counts from 0, which every index is at least.
    """
    found: dict[str, dict[str, float]] = {}
    first = next((step.value for step in steps if step.value is not None), before)
    value, bound = max(before, first), 0.0
    for step in steps:
        row = found.setdefault(step.finder, {"value": 0.0, "values": 0, "bound": 0.0, "bounds": 0})
        if step.value is not None and step.value < value - LEAST:
            row["value"], row["values"] = row["value"] + value - step.value, row["values"] + 1
            value = step.value
        if step.bound is not None and step.bound > bound + LEAST:
            row["bound"], row["bounds"] = row["bound"] + step.bound - bound, row["bounds"] + 1
            bound = step.bound
    return {name: row for name, row in found.items() if row["values"] or row["bounds"]}


def row_of(plan: Path) -> Row:
    """What is kept of a run."""
    header, steps = read(plan / "plan.json"), steps_of(plan)
    objective = header["objective"]
    end = float(header["seconds"]["solve"])
    every = max(1, len(steps) // MOST_STEPS)
    shown = [step for place, step in enumerate(steps) if place % every == 0 or place == len(steps) - 1]
    return {
        "run": header["run"], "dataset": header["dataset"], "dataset_sha256": header["dataset_sha256"],
        "commit": commit(), "limit": header["options"]["time_limit"], "seconds": end, "value": objective["first_value"],
        "bound": objective["bound"], "closed": objective["closed"], "index_before": objective["index_before"],
        "integral": round(integral(steps, end), 3), "won": won(steps, objective["index_before"]),
        "steps": [[step.seconds, step.value, step.bound] for step in shown],
    }  # fmt: skip


def keep_run(plan: Path, name: str, result: Path = RESULT) -> Row:
    """Keep a run under a name."""
    row = row_of(plan)
    keep(result, {**read(result), name: row})
    return row


def finders(row: Mapping[str, Row]) -> list[tuple[str, Row]]:
    """Finders and provers by what they won, the most first."""
    return sorted(row["won"].items(), key=lambda pair: (-pair[1]["value"], -pair[1]["bound"], pair[0]))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.over_time", description=__doc__)
    parser.add_argument("plan", nargs="?", type=Path, help="a plan's folder, such as build/goals/cold-60-reference")
    parser.add_argument("--as", dest="name", help="name of the run; else the folder's")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    plans = [given.plan] if given.plan else [GOALS / name for name in SHOWN if (GOALS / name / "progress.csv").exists()]
    for plan in plans:
        name = given.name or plan.name
        row = keep_run(plan, name, given.result)
        for finder, found in finders(row):
            say(f"{name}, {finder}: {found['value']:.4f} points off the value in {found['values']} steps, "
                f"{found['bound']:.4f} onto the bound in {found['bounds']}")  # fmt: skip
        say(f"{name}: primal-dual integral {row['integral']:.2f} s of {row['seconds']:.0f} s; commit {row['commit']}")
    if not plans:
        say("there is no run to tell of: make show-goals-cold-60-reference, or name a plan's folder")
    return int(not plans)


if __name__ == "__main__":
    raise SystemExit(main())
