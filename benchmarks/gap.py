"""Where the gap lies: groups of whole decisions held as a plan has them, and the relaxation solved with the rest free.

`python -m benchmarks.gap` takes the reference set's stored plan, `--plan FOLDER` another one's; `--step TEXT` names the
state of the search, so that the page shows it before and after a step. Each group takes an interior point on one core
(10 to 35 s on the reference set), is kept in benchmarks/results/gap.json as soon as it is known, and is not measured
again for the same plan, data and commit. The page is docs/gap.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.frozen import REFERENCE
from benchmarks.measured import RESULTS, Row, commit, keep, load_now, read, say
from data.dataset import load
from models.program import build
from optimizer.bounds.relaxation import proven, relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Termination
from optimizer.plans.plan import Plan
from optimizer.plans.start import start_from_plan
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened
from store.folder import read_plan
from ui.reference import stored_plan

RESULT = RESULTS / "gap.json"
NOW = "as it stands"
INNOVATION, EXPANSIONS = ("pilot", "scale", "fast"), ("start",)
FRAMES, TYPES = ("launch", "join", "tier"), ("type_ordered",)
SHARED = (*INNOVATION, *EXPANSIONS, *FRAMES, *TYPES)
NATIONS_TYPES = ("operated", "ordering")
LOTS = ("order", "joint_order")
# What is held -> the variables; in the order of the page.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "innovation": INNOVATION,
    "expansions": EXPANSIONS,
    "frames with members and tiers": FRAMES,
    "types that the alliance buys": TYPES,
    "types that nations operate and order": NATIONS_TYPES,
    "all that is shared (the four above the last)": SHARED,
    "all that is shared, and the nations' types": (*SHARED, *NATIONS_TYPES),
    "everything whole": (*SHARED, *NATIONS_TYPES, *LOTS),
}
LIMIT = 300.0  # seconds that one relaxation may take


@dataclass(frozen=True)
class Held:
    """A plan's case as arrays, and the plan's whole decisions in it."""

    plan: Plan

    @cached_property
    def _made(self) -> tuple[Matrix, Floats]:
        program = build(self.plan.case)
        compiled = compile_program(program)
        given = start_from_plan(compiled, self.plan)
        return tightened(compiled.matrix, program.keys), given

    def mask(self, names: Iterable[str]) -> np.ndarray:
        """Whole decisions of some variables."""
        matrix, _ = self._made
        return matrix.integer & np.isin(matrix.group, list(names))

    def relaxed(self, names: Iterable[str]) -> Row:
        """The relaxation with these held: what its duals prove of its value (points), or why there is none.

        The primal end of an interior point without crossover is off by some 1e-4, which is as much as some groups cost.
        """
        matrix, given = self._made
        held = self.mask(names)
        lower, upper = (np.where(held, np.round(given), ends) for ends in (matrix.lower, matrix.upper))
        bounded = replace(matrix, lower=lower, upper=upper)
        begun, used = time.perf_counter(), time.process_time()
        found = relaxed(matrix, Budget(LIMIT), lower, upper, 0)
        good = found.termination is Termination.PROVEN and found.row_duals is not None
        return {
            "held": int(held.sum()), "value": proven(bounded, found) if good else None,
            "why": "" if good else found.termination.value, "seconds": round(time.perf_counter() - begun, 1),
            "processor": round(time.process_time() - used, 1), "load": load_now(),
        }  # fmt: skip


def measure(plan: Plan, step: str, result: Path = RESULT, only: Iterable[str] = ()) -> Row:
    """All groups that are not on file for this plan and commit; the step's rows."""
    objective = plan.header["objective"]
    about = {
        "run": plan.header["run"], "dataset": plan.header["dataset"], "commit": commit(),
        "dataset_sha256": plan.header["dataset_sha256"], "value": objective["first_value"],
        "bound": objective["bound"], "index_before": objective["index_before"], "closed": objective["closed"],
    }  # fmt: skip
    steps = read(result)
    found = steps.get(step, {})
    known = found["groups"] if all(found.get(name) == value for name, value in about.items()) else {}
    held = Held(plan)
    for name, names in GROUPS.items():
        if name in known or (only and name not in only):
            continue
        known[name] = held.relaxed(names)
        say(f"{name}: {known[name]}")
        keep(result, {**read(result), step: {**about, "groups": known, "order": len(steps.keys() - {step})}})
    return known


def the_plan(folder: Path | None) -> Plan:
    """The plan of a folder; without one the reference set's stored plan."""
    plan = stored_plan(load(REFERENCE)) if folder is None else read_plan(folder)
    if plan is None or not plan.solved:
        raise SystemExit("there is no such plan: solve one, or make reference")
    return plan


def line(step: str, about: Row) -> str:
    """One line on a step: how much of the gap what is shared holds, and what lots hold."""
    groups, value = about["groups"], about["value"]
    ends = [groups.get(name, {}).get("value") for name in ("nothing", "all that is shared (the four above the last)")]
    if None in ends:
        return f"where the gap lies, {step}: not all groups are known"
    root, shared = ends
    return (
        f"where the gap lies, {step}: {value - root:.3f} points from the relaxation ({root:.3f}) to the plan "
        f"({value:.3f}): shared decisions {shared - root:.3f}, the rest {value - shared:.3f}; "
        f"commit {about['commit']}; load {max(row['load'] or 0.0 for row in groups.values())}"
    )


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.gap", description=__doc__)
    parser.add_argument("--plan", type=Path, help="a plan's folder; else the reference set's stored plan")
    parser.add_argument("--step", default=NOW, help="what the search had when the plan was made")
    parser.add_argument("--only", default="", help="groups, separated by commas")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    only = [name for name in given.only.split(",") if name]
    measure(the_plan(given.plan), given.step, given.result, only)
    say(line(given.step, read(given.result)[given.step]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
