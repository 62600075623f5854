"""How many levers show: `python -m benchmarks.paired [--only NAMES] [--kind warm] [--minutes 9]`.

Each setting of docs/levers.md against its reference, as paired answers (studies/paired.py) from one plan of the base
case: value and bound of both, the interval, the step within whom the setting touches (studies/scope.py) and its sign. A
setting shows where its interval excludes 0 or is proven below 0.1 % of the base's value. Rows are kept as soon as they
are known (benchmarks/results/paired.json), so that a stopped run goes on where it was; a row of another plan, data set
or kind is made again. The last two lines tell figure, goal, met or missed, commit, load.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.lever_points import DEFAULT, POINTS
from benchmarks.lever_settings import BASE, COPIES
from benchmarks.levers import make_case
from data.dataset import Dataset, load
from data.levers import Case, apply
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions
from store.folder import read_plan
from studies.answer import answered
from studies.interval import Contradiction
from studies.step import BETTER, NONE, WORSE, Step
from ui.reference import stored_plan

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "paired.json"
BELOW = 0.001  # of the base's value: an interval within it shows that there is next to nothing
BESIDE = 60.0  # seconds of a setting that are not solving
Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Seconds of each solve and of each side of a step, and what share of settings must show, by interval and step."""

    seconds: float
    step_seconds: float
    intervals: float
    steps: float

    @property
    def most(self) -> float:
        """Seconds that a setting may take, building and telling included."""
        return 2 * (self.seconds + self.step_seconds) + BESIDE


KINDS: Mapping[str, Kind] = {
    "cold": Kind(60.0, 60.0, 0.15, 0.60), "warm": Kind(10.0, 30.0, 0.30, 0.70), "long": Kind(600.0, 300.0, 0.5, 0.8)
}  # fmt: skip


def settings(dataset: Dataset) -> dict[str, tuple[Case, Case]]:
    """Name of a row of docs/levers.md -> (its reference's case, its own)."""
    points = {point.id: point for point in POINTS}
    found = {}
    for point in POINTS:
        if point.id != DEFAULT:
            found[point.id] = (make_case(dataset, points[point.reference]), make_case(dataset, point))
    base = apply(dataset)
    return found | {copy.id: (base, apply(copy.change(dataset))) for copy in COPIES if copy.id != BASE}


def measured(base: Case, setting: Case, plan: Plan, kind: Kind) -> tuple[Row, Plan]:
    """(the row of a setting, the best plan of the base case that is known now)."""
    begun = time.perf_counter()
    options, of_step = (SolveOptions(time_limit=seconds) for seconds in (kind.seconds, kind.step_seconds))
    try:
        answer = answered(base, plan, setting, options, of_step)
    except Contradiction as wrong:
        return {"contradiction": str(wrong)}, plan
    both, part = answer.paired, answer.step
    found = both.interval
    row = {
        "base": [found.base.value, found.base.bound], "setting": [found.setting.value, found.setting.bound],
        "low": found.low, "high": found.high, "nested": both.inside.nested or both.around.nested,
        "shows": shows(found.low, found.high, found.base.value), "told": list(both.told), "scope": part.scope.names,
        **_of_step(part), "seconds": round(time.perf_counter() - begun, 1),
    }  # fmt: skip
    return {name: _plain(value) for name, value in row.items()}, both.base


def _of_step(part: Step) -> Row:
    low, high = (None, None) if part.interval is None else (part.interval.low, part.interval.high)
    return {"step_low": low, "step_high": high, "sign": part.sign, "no_step": part.why}


def _plain(value: Any) -> Any:
    """As JSON has it: an infinite end is none."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def shows(low: float, high: float, value: float) -> bool:
    """Whether an interval excludes 0, or is proven below 0.1 % of the base's value."""
    return low > 0 or high < 0 or max(abs(low), abs(high)) < BELOW * max(1.0, abs(value))


def told(rows: Mapping[str, Row], wanted: int, kind: Kind) -> list[str]:
    """The two lines: figure, goal, met or missed, commit, load."""
    known = [row for row in rows.values() if "low" in row]
    end = f"commit {commit()}, load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else f"commit {commit()}"
    counts = (
        ("intervals that show", sum(row["shows"] for row in known), kind.intervals),
        ("steps with a proven sign", sum(row["sign"] in (BETTER, WORSE, NONE) for row in known), kind.steps),
    )
    lines = []
    for what, count, goal in counts:
        share = count / len(known) if known else 0.0
        verdict = "met" if share >= goal else "missed"
        still = "" if len(known) == wanted else f" ({wanted - len(known)} of {wanted} settings not measured)"
        lines.append(f"{what}: {count} of {len(known)}, {share:.0%}; goal {goal:.0%}: {verdict}{still}; {end}")
    return lines


def commit() -> str:
    """Short name of the commit that is measured."""
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "-"


def _known(of: str, result: Path) -> dict[str, Row]:
    """Rows of an earlier run from the same plan, data and kind."""
    if not result.exists():
        return {}
    stored = json.loads(result.read_text(encoding="utf-8"))
    return dict(stored["rows"]) if stored.get("of") == of else {}


def _named(name: str, only: Sequence[str], every: Mapping[str, Any]) -> bool:
    """Whether a row is asked for: by its whole name, or by first letters that are no row's whole name."""
    return any(name == one if one in every else name.startswith(one) for one in only)


def run(dataset: Dataset, plan: Plan, given: argparse.Namespace, result: Path = RESULT) -> list[str]:
    """Measure what is not on file for so many minutes; the two lines."""
    until, kind = time.monotonic() + 60 * given.minutes, KINDS[given.kind]
    of = f"{given.kind} {dataset.sha256} {plan.header['run']}"
    every, rows = settings(dataset), _known(of, result)
    chosen = [name for name in every if not given.only or _named(name, given.only, every)]
    best: dict[str, Plan] = {}
    for name in chosen:
        if name in rows or (best and time.monotonic() + kind.most > until):
            continue  # one is always begun
        base, setting = every[name]
        place = json.dumps([base.name, dict(base.levers)], sort_keys=True)
        row, best[place] = measured(base, setting, best.get(place, plan), kind)
        rows[name] = row | {"commit": commit(), "load": round(os.getloadavg()[0], 1)}
        result.parent.mkdir(parents=True, exist_ok=True)
        result.write_text(json.dumps({"of": of, "rows": rows}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {json.dumps(rows[name])}\n")
        sys.stdout.flush()
    return told(rows, len(every), kind)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.paired", description=__doc__.partition("\n")[0])
    parser.add_argument("--plan", type=Path, help="folder of the base case's plan; default: the stored reference plan")
    parser.add_argument("--only", nargs="*", default=[], help="first letters of the rows wanted, such as carry_over")
    parser.add_argument("--kind", choices=sorted(KINDS), default="warm", help="seconds of a solve and the goals")
    parser.add_argument("--minutes", type=float, default=9.0, help="in which all that is begun ends; one always is")
    given = parser.parse_args(arguments)
    logging.getLogger("pyomo").setLevel(logging.ERROR)
    dataset = load(ROOT / "data" / "alliance")
    plan = stored_plan(dataset) if given.plan is None else read_plan(given.plan)
    if plan is None:
        raise SystemExit("the reference set has no stored plan of these data: make reference, or --plan")
    sys.stdout.write("\n".join(run(dataset, plan, given)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
