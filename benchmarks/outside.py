"""CPU seconds of everything that `drive5 solve data/alliance` does besides solving: `make show-outside`.

A time limit holds for solving; what comes before and after it is waited for all the same, longer where others use the
machine. One process goes through the phases of one run, each once, as a run does; the writing takes a plan that is
there already (`python -m benchmarks.outside PLAN`, a folder of a plan or a data set's stored one).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "outside.json"
DATASET = ROOT / "data" / "alliance"
# Goals in CPU seconds; a phase may take more than its part of the whole where another takes less.
GOALS = {
    "imports": 1.2, "reading": 0.3, "checking": 0.7, "building": 1.8, "compiling": 1.2, "tables and figures": 1.4,
    "audit and folder": 1.4, "workbook": 1.5, "all": 8.0,
}  # fmt: skip
Result = TypeVar("Result")


class _Phases:
    """CPU seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def run(self, name: str, step: Callable[[], Result]) -> Result:
        """Run a step, and book what it takes."""
        begun = time.process_time()
        found = step()
        self.seconds[name] = time.process_time() - begun
        return found


def measure(folder: Path) -> dict[str, float]:
    """CPU seconds by phase, with all of them under `all`; call it in a process that has read nothing else yet.

    Args:
        folder: of the plan that is written.
    """
    from cli.entry import SELDOM

    gc.set_threshold(*SELDOM)
    imports()
    phases = _Phases()
    phases.seconds["imports"] = time.process_time()

    from data.checks import examine
    from data.dataset import load
    from data.levers import apply
    from data.side_effects import findings
    from models.program import build
    from optimizer.plans.start import start_from_plan
    from optimizer.problem.compile import compile_program
    from optimizer.solve import plan_of
    from reports.workbook import write_workbook
    from store.folder import write_plan

    dataset = phases.run("reading", lambda: load(DATASET))
    case = apply(dataset)
    phases.run("checking", lambda: (examine(DATASET), findings(case)))
    phases.seconds["checking"] -= phases.seconds["reading"]  # it reads the data set, too
    program = phases.run("building", lambda: build(case))
    compiled = phases.run("compiling", lambda: compile_program(program))
    plan = _plan(folder)
    x = start_from_plan(compiled, plan)
    phases.run("tables and figures", lambda: plan_of(case, compiled, x, 0.0))
    with tempfile.TemporaryDirectory() as place:
        whole = replace(plan, header={**plan.header, "status": "limit"})
        phases.run("audit and folder", lambda: write_plan(whole, Path(place) / "plan"))
        phases.run("workbook", lambda: write_workbook(whole, Path(place) / "plan.xlsx"))
    return phases.seconds | {"all": sum(phases.seconds.values())}


def imports() -> None:
    """What a run has read by its end."""
    import highspy  # noqa: F401
    import pandas  # noqa: F401
    import pyomo.environ  # noqa: F401

    import cli.solve  # noqa: F401
    import data.side_effects  # noqa: F401
    import optimizer.ask  # noqa: F401
    import reports.workbook  # noqa: F401
    import store.store  # noqa: F401


def _plan(folder: Path) -> Plan:
    """A plan's folder, or the plan that ships with a data set."""
    from data.dataset import load
    from store.folder import read_plan
    from ui.reference import stored_plan

    if (folder / "tables").is_dir():
        return read_plan(folder)
    plan = stored_plan(load(folder.parent))
    if plan is None:
        raise SystemExit(f"{folder} holds no plan of today's data: name the folder of a plan")
    return plan


def measured(folder: Path) -> dict[str, float]:
    """The same in a process of its own; one before it writes the bytecode, which is there on a machine in use."""
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ask = "import sys; from pathlib import Path; from benchmarks import outside"
    subprocess.run([sys.executable, "-c", f"{ask}; outside.imports()"], cwd=ROOT, env=usual, check=True)
    command = [sys.executable, "-c", f"{ask}; print(outside.json.dumps(outside.measure(Path(sys.argv[1]))))"]
    found = subprocess.run(
        [*command, str(folder.resolve())], cwd=ROOT, env=usual, check=True, capture_output=True, text=True
    )
    return {str(name): float(figure) for name, figure in json.loads(found.stdout.splitlines()[-1]).items()}


def main() -> int:
    """Measure, keep, and say of each phase whether its goal is met."""
    parser = argparse.ArgumentParser(prog="benchmarks.outside", description=__doc__)
    parser.add_argument("plan", type=Path, nargs="?", default=DATASET / "plan", help="the plan that is written")
    seconds = measured(parser.parse_args().plan)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    ask = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    rounded = {name: round(figure, 2) for name, figure in seconds.items()}
    told = {"cpu_seconds": rounded, "goals": GOALS, "commit": commit, "load": round(load, 1)}
    RESULT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for name, figure in seconds.items():
        state = "met" if figure <= GOALS[name] else "missed"
        sys.stdout.write(
            f"{name}: {figure:.2f} CPU s; goal {GOALS[name]:.1f}: {state}; commit {commit}; load {load:.1f}\n"
        )
    return 0 if seconds["all"] <= GOALS["all"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
