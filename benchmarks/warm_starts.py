"""Levers, force and forbid from the reference plan: `python -m benchmarks.warm_starts [--minutes 9]`.

Ten levers of each kind (share, number, integer, flag, choice; fewer where there are fewer), and ten programmes, frames,
expansions and innovation lines forced in and forbidden, drawn by a seed, each solved from the stored reference plan.
Each must end with a plan that is no worse than the start once it is repaired, or with a conflict that is proven. Rows
are kept as soon as they are known (benchmarks/results/warm_starts.json), so that a stopped run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.dataset import Dataset, load
from data.lever_table import LEVERS, Lever
from data.levers import LeverError, apply
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve
from ui.reference import stored_plan

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "warm_starts.json"
SEED, EACH, SECONDS = 1, 10, 20.0
ITEMS = {"programme": "programmes", "frame": "frames", "expansion": "expansions", "innovation": "innovation"}
PLAN, NONE_PROVEN = (0, 5), 4  # exit codes
Row = dict[str, Any]


def settings(dataset: Dataset) -> dict[str, Mapping[str, Any]]:
    """What is solved: name -> levers, in a fixed order."""
    dice = random.Random(SEED)
    found: dict[str, Mapping[str, Any]] = {}
    for kind in ("share", "number", "integer", "flag", "choice"):
        levers = sorted(name for name, lever in LEVERS.items() if lever.kind == kind and lever.of != "item")
        for name in sorted(dice.sample(levers, min(EACH, len(levers)))):
            found |= {f"{kind}: {key}={value}": {key: value} for key, value in _pulled(LEVERS[name], dataset, dice)}
    for kind, table in ITEMS.items():
        ids = sorted(dataset.tables[table].iloc[:, 0])
        for way in ("force", "forbid"):
            for item in sorted(dice.sample(ids, min(EACH, len(ids)))):
                found[f"{way} {kind}: {item}"] = {f"{way}.{item}": True}
    return found


def _pulled(lever: Lever, dataset: Dataset, dice: random.Random) -> Iterator[tuple[str, Any]]:
    """A lever at one value that it may have and does not have, for one of the ids that it fits."""
    values = {"flag": [not lever.default], "choice": [one for one in lever.choices if one != lever.default],
              "integer": [1, 2], "share": [0.05, 0.1, 0.3], "number": [0.9, 1.1, 0.001, 2.0]}[lever.kind]  # fmt: skip
    table = {"areas": "areas", "nations": "nations", "delayed": "frames"}.get(lever.of, "")
    ids = sorted(dataset.tables[table].iloc[:, 0]) if table else [""]
    for value in dice.sample(values, len(values)):
        name = lever.name.replace("*", dice.choice(ids))
        try:
            apply(dataset, None, {name: value})
        except LeverError:
            continue
        yield name, value
        return


def solved(dataset: Dataset, plan: Plan, levers: Mapping[str, Any]) -> Row:
    """One setting solved from the reference plan."""
    begun = time.perf_counter()
    found = solve(apply(dataset, None, levers), options=SolveOptions(time_limit=SECONDS), start=plan)
    started = [event.value for event in found.progress if event.finder == "start" and event.value is not None]
    told = found.header.get("objective") or {}
    return {
        "exit": found.header["exit_code"], "value": told.get("first_value"), "bound": told.get("bound"),
        "start": min(started) if started else None, "seconds": round(time.perf_counter() - begun, 1),
        "conflict": found.header.get("conflict", [])[:3],
    }  # fmt: skip


def good(row: Row) -> bool:
    """Whether a row is as it must be."""
    if row["exit"] == NONE_PROVEN:
        return bool(row["conflict"])
    return row["exit"] in PLAN and (row["start"] is None or row["value"] <= row["start"] + 1e-6)


def main() -> int:
    """Solve what is not on file, for so many minutes, and tell how all rows on file came out."""
    parser = argparse.ArgumentParser(prog="benchmarks.warm_starts", description=__doc__)
    parser.add_argument("--minutes", type=float, default=9.0, help="after which no further setting is begun")
    until = time.monotonic() + 60 * parser.parse_args().minutes
    dataset = load(ROOT / "data" / "alliance")
    plan = stored_plan(dataset)
    if plan is None:
        raise SystemExit("the reference set has no stored plan of these data: make reference")
    wanted = settings(dataset)
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    rows: dict[str, Row] = known.get("rows", {}) if known.get("of") == plan.header["run"] else {}
    # One of each kind before the second of any, so that a short run has seen them all.
    for name in sorted(wanted, key=lambda one: (_turn(one, wanted), one)):
        if name not in rows and time.monotonic() < until:
            rows[name] = solved(dataset, plan, wanted[name])
            RESULT.write_text(json.dumps({"of": plan.header["run"], "rows": rows}, indent=1) + "\n", encoding="utf-8")
            sys.stdout.write(f"{name}: {json.dumps(rows[name])}\n")
            sys.stdout.flush()
    bad = sorted(name for name, row in rows.items() if not good(row))
    sys.stdout.write(
        f"warm starts: {len(rows) - len(bad)} of {len(rows)} as they must be ({len(wanted) - len(rows)} of "
        f"{len(wanted)} not solved yet); goal all: {'met' if not bad and len(rows) == len(wanted) else 'missed'}"
        f"{': ' + ', '.join(bad) if bad else ''}\n"
    )
    return 0 if not bad and len(rows) == len(wanted) else 1


def _turn(name: str, wanted: Mapping[str, Any]) -> int:
    kind = name.partition(":")[0]
    return [one for one in wanted if one.partition(":")[0] == kind].index(name)


if __name__ == "__main__":
    raise SystemExit(main())
