"""The command that makes a plan: `drive5 solve`."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.begun import BEGUN
from cli.ending import ended
from cli.options import Dataset, Quiet, UsageFault
from cli.refusals import existing, known, model_file, objective_of, plan_folder, writable
from reports.console import ProgressLine, interruptible, tell

if TYPE_CHECKING:
    from audit import AuditReport
    from data.levers import Case
    from optimizer.plans.plan import Plan
    from optimizer.solve import SolveOptions

STARTS = ("none", "auto")
OBJECTIVES = "What is best: gap (then cost), cost:CEILING (points of gap's value), worst_nation, worst_area, changes."
PULL = "Pull a lever; LEVER.X=VALUE for one nation, group, area or item, where the list below has it."
PLACE = "Where the plan goes, in place of one there [plans/NAME; the one there is kept under its run's name]."
WORK = (
    "In place of the clock: check points of the solver that the first pass may take, its decimals being millionths "
    "for the cost pass; plan.json's work repeats a run to the byte."
)


def solve(
    dataset: Dataset,
    scenario: Annotated[str | None, typer.Option(help="A scenario of the data set.", show_default=False)] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="LEVER=VALUE", help=PULL)] = None,
    gap: Annotated[float, typer.Option(min=0.0, help="Stop when the plan is proven this close to the best.")] = 0.01,
    time_limit: Annotated[float, typer.Option(min=0.0, help="Seconds for both passes of the search.")] = 60.0,
    solver: Annotated[str, typer.Option(help="highs; or gurobi, scip, cbc, appsi_highs if installed.")] = "highs",
    objective: Annotated[str, typer.Option(help=OBJECTIVES)] = "gap",
    cost_tolerance: Annotated[float, typer.Option(min=0.0, help="How much gap the cost pass may give up.")] = 0.001,
    start: Annotated[
        str, typer.Option(metavar="none|auto|PLAN", help="Start from a plan; auto: the stored one of the nearest case.")
    ] = "none",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the solver.", show_default="all")] = None,
    work_limit: Annotated[float | None, typer.Option(min=0.0, help=WORK, show_default=False)] = None,
    write_model: Annotated[
        Path | None, typer.Option(metavar="F.mps.gz", help="Write the program to this file too (.mps or .mps.gz).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=PLACE,
        ),
    ] = None,
    quiet: Quiet = False,
    json: Annotated[bool, typer.Option("--json", help="Print plan.json and nothing else.")] = False,
) -> None:
    """Make one plan: solve, audit, write it with its workbook."""
    from optimizer.solve import SolveOptions

    _finite({"--gap": gap, "--time-limit": time_limit, "--cost-tolerance": cost_tolerance, "--work-limit": work_limit})
    mode, ceiling = objective_of(objective)
    existing(dataset, "data set")
    known(mode, solver)
    if write_model is not None:
        model_file(write_model)
    options = SolveOptions(
        gap=gap,
        time_limit=time_limit,
        work_limit=work_limit,
        cost_tolerance=cost_tolerance,
        objective=mode,
        gap_ceiling=ceiling,
        seed=seed,
        threads=threads,
        solver=solver,
        write_model=write_model,
    )
    given = start if start in STARTS else plan_folder(Path(start))
    asked = _Asked(dataset, scenario, set_ or [], options, given, out, quiet or json)
    line = ProgressLine(quiet)
    plan, folder, report = interruptible(lambda cancel: _made(asked, line, cancel), line)
    raise typer.Exit(ended(plan, folder, report, quiet=quiet, json=json))


@dataclass(frozen=True)
class _Asked:
    """What one call asks for: the case, how it is solved, from what (none, auto or a plan's folder) and where to."""

    dataset: Path
    scenario: str | None
    sets: Sequence[str]
    options: SolveOptions
    start: Path | str
    out: Path | None
    silent: bool


def _made(asked: _Asked, line: ProgressLine, cancel: threading.Event) -> tuple[Plan, Path, AuditReport | None]:
    """Read the case, solve it, audit and write the plan; what is asked in vain ends before the search."""
    from optimizer.ask import Question, ask

    line.phase("reading the data set")
    case, warnings = _case(asked.dataset, asked.scenario, asked.sets)
    read = time.perf_counter() - BEGUN
    name = case.base.settings.name + (f"-{asked.scenario}" if asked.scenario else "")
    folder = asked.out or Path("plans") / name
    writable(folder)
    _tell(asked, [*_earlier(folder, by_default=asked.out is None), *warnings])
    start, least = _start(asked, case, folder)
    question = Question(case, asked.options, start, tuple(warnings), read, least)
    plan = ask(question, progress=line.update, cancel=cancel).plan
    line.phase("auditing and writing the plan")
    return plan, folder, _written(plan, folder, by_default=asked.out is None)


def _finite(numbers: Mapping[str, float | None]) -> None:
    """A number that is none (nan, inf) is refused."""
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise UsageFault(f"{name} {value}: write a number, 0 or more")


def _start(asked: _Asked, case: Case, folder: Path) -> tuple[Plan | None, float]:
    """The plan to start from, and what is proven of the case's first objective already; which one it is, is told."""
    from optimizer.plans.header import mode_text
    from store.folder import read_start
    from store.store import Store, proven_bound

    if asked.start == "none":
        return None, -math.inf
    mode = mode_text(asked.options.objective, asked.options.gap_ceiling)
    if asked.start != "auto":
        given = Path(asked.start)
        plan = read_start(given)
        least, warning = proven_bound(given, plan.header, case, mode)
        _tell(asked, [warning] if warning else [])
        return plan, least
    found, warnings = Store(folder.parent).start(case, mode)
    _tell(asked, warnings)
    if found is None:
        _tell(asked, [f"start: {folder.parent} holds no plan of these data; the search starts from nothing"])
        return None, -math.inf
    header = found.plan.header
    value = f"{header['objective']['first_value']:.6g}"
    _tell(asked, [f"start: {found.run.folder} (run {header['run']}, {found.told}, value {value})"])
    return found.plan, found.least


def _tell(asked: _Asked, lines: Sequence[str]) -> None:
    for text in [] if asked.silent else lines:
        tell(text)


def _earlier(folder: Path, *, by_default: bool) -> list[str]:
    """What becomes of the plan that stands where the new one goes, said before anything is sought."""
    from store.runs import run_in
    from store.store import Store

    run = run_in(folder)
    if run is None:
        return []
    value = run.header.get("objective", {}).get("first_value")
    worth = f", value {value:.6g}" if isinstance(value, int | float) else ""
    held = f"earlier plan: {folder} holds run {run.header.get('run', '-')} of {run.written:%Y-%m-%d %H:%M} UTC{worth}"
    if by_default:
        kept = Store(folder.parent).aside(run)
        return [f"{held}: it is kept as {kept} when the new plan is whole, unless both have the same tables"]
    return [f"{held}: the new plan takes its place when it is whole; to keep both, name another folder with --out"]


def _case(dataset: Path, scenario: str | None, sets: Sequence[str]) -> tuple[Case, list[str]]:
    """The case to solve and the warnings about its data; bad data and wrong levers end here."""
    from data.checks import DataError, examine
    from data.levers import apply, parse_sets
    from data.side_effects import findings as side_effects

    pulled = parse_sets(sets)
    known, found = examine(dataset)
    if known is None:
        raise DataError(found)
    case = apply(known, scenario, pulled)
    return case, [str(finding) for finding in [*found, *side_effects(case)]]


def _written(plan: Plan, folder: Path, *, by_default: bool) -> AuditReport | None:
    """Write a plan that there is; an infeasible case and a search without a plan leave nothing behind.

    ``by_default``: into the store of the command line, which is made where it is not there yet; the run that stood
    there is kept.
    """
    from reports.workbook import write_workbook
    from store.store import Store

    if not plan.solved:
        return None
    store = Store(folder.parent)
    if by_default:
        store.open()
    return store.write(plan, folder, write_workbook, keep=by_default)
