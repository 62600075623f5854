"""The command `drive5`: thin wrappers over the functions of data, optimizer and reports.

Exit codes: 0 solved within the gap asked; 1 a defect of the program; 2 wrong usage; 3 bad data; 4 infeasible;
5 limit reached with a plan; 6 limit reached without one.
"""

from __future__ import annotations

import importlib.metadata
import math
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.console import ProgressLine, interruptible, say, show_table, tell

if TYPE_CHECKING:
    from audit import AuditFinding, AuditReport
    from data.findings import Finding
    from data.levers import Case
    from optimizer.plans.plan import Plan

DEFECT, USAGE, BAD_DATA, INFEASIBLE, STOPPED = 1, 2, 3, 4, 130
FORMATS = ("xlsx", "html", "pdf")
STARTS = ("none", "auto")
OBJECTIVES = "What is best: gap (then cost), cost:CEILING (points of gap's value), worst_nation, worst_area, changes."
PULL = "Pull a lever; LEVER.X=VALUE for one nation, group, area or item, where the list below has it."
WORK = (
    "In place of the clock: check points of the solver that the first pass may take, its decimals being millionths "
    "for the cost pass; plan.json's work repeats a run to the byte."
)

app = typer.Typer(
    name="drive5",
    help="Plan allied defence spending to 5 % of GDP so that capability gaps close fastest.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)

Dataset = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder or workbook (.xlsx) of the data set.", show_default=False)
]
PlanFolder = Annotated[Path, typer.Argument(metavar="PLAN", help="Folder of a plan.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]


class LeversToo(typer.core.TyperCommand):
    """A command whose help lists the levers, too; they are read when help is asked for, since that takes a while."""

    def format_help(self, ctx: typer.Context, formatter: typer._click.HelpFormatter) -> None:  # type: ignore[override]
        """The help, and below it how each lever is written."""
        from data.lever_help import usage

        heading = "Levers, of which (.X) may be left out:"
        self.epilog = "\n\n".join([str(self.epilog or "").partition("\n\n")[0], heading, *usage()])
        super().format_help(ctx, formatter)


class UsageFault(Exception):
    """Wrong usage: one line of what, where, and what to do."""


def _show_version(asked: bool) -> None:
    if asked:
        say(f"drive5 {_version()}")
        raise typer.Exit


@app.callback()
def _frame(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of every command (main() takes --debug out of the line, so that it may stand anywhere)."""


def _version() -> str:
    try:
        return importlib.metadata.version("drive5")
    except importlib.metadata.PackageNotFoundError:
        return "from a checkout that is not installed"


@app.command(cls=LeversToo, epilog="Example: drive5 solve data/tiny --set carry_over=0.1 --gap 0.005 --out plans/tiny")
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
        str, typer.Option(metavar="none|auto|PLAN", help="Start from a plan; auto: from the one that stands at --out.")
    ] = "none",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the solver.", show_default="all")] = None,
    work_limit: Annotated[float | None, typer.Option(min=0.0, help=WORK, show_default=False)] = None,
    write_model: Annotated[
        Path | None, typer.Option(metavar="F.mps.gz", help="Write the program to this file too (.mps or .mps.gz).")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the plan goes [plans/NAME].")] = None,
    quiet: Quiet = False,
    json: Annotated[bool, typer.Option("--json", help="Print plan.json and nothing else.")] = False,
) -> None:
    """Make one plan: solve, audit, write it with its workbook."""
    from optimizer.solve import SolveOptions

    numbers = {"--gap": gap, "--time-limit": time_limit, "--cost-tolerance": cost_tolerance, "--work-limit": work_limit}
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise UsageFault(f"{name} {value}: write a number, 0 or more")
    mode, ceiling = _objective(objective)
    _existing(dataset, "data set")
    _known(mode, solver)
    if write_model is not None:
        _model_file(write_model)
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
    given = None if start in STARTS else _read_start(_plan_folder(Path(start)))
    line = ProgressLine(quiet)

    def work(cancel: threading.Event) -> tuple[Plan, Path, AuditReport | None]:
        from optimizer import solve as solving

        line.phase("reading the data set")
        begun = time.perf_counter()
        case, warnings = _case(dataset, scenario, set_ or [], quiet or json)
        read = time.perf_counter() - begun
        folder = out or Path("plans") / (case.base.settings.name + (f"-{scenario}" if scenario else ""))
        _writable(folder)
        earlier = _standing(folder) if start == "auto" else given
        plan = solving.solve(
            case, options=options, progress=line.update, cancel=cancel, warnings=warnings, read_seconds=read,
            start=earlier,
        )  # fmt: skip
        line.phase("auditing and writing the plan")
        return plan, folder, _written(plan, folder)

    plan, folder, report = interruptible(work, line)
    raise typer.Exit(_solved(plan, folder, report, quiet=quiet, json=json))


def _objective(text: str) -> tuple[str, float | None]:
    """Mode and ceiling of an objective; only cost has a ceiling, and needs one."""
    mode, colon, told = text.partition(":")
    if mode != "cost":
        if colon:
            raise UsageFault(f"--objective {text}: only cost has a ceiling; write {mode}")
        return mode, None
    try:
        ceiling = float(told)
    except ValueError:
        ceiling = math.nan
    if not (math.isfinite(ceiling) and ceiling >= 0):
        raise UsageFault(f"--objective {text}: the ceiling is points, 0 or more; write cost:35")
    return mode, ceiling


def _model_file(path: Path) -> None:
    """A file that can't be written is refused before anything is solved."""
    if not path.name.endswith((".mps", ".mps.gz")):
        raise UsageFault(f"--write-model {path}: the file is an MPS; name it model.mps or model.mps.gz")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageFault(f"--write-model {path}: that can't be written; name a file in a folder that there is")


def _known(mode: str, solver: str) -> None:
    from models.objective import MODES

    if mode not in MODES:
        raise UsageFault(f"--objective {mode}: there is no such objective; one of {', '.join(MODES)}")
    from optimizer.engine.others import available

    reason = "" if solver == "highs" else available(solver)
    if reason:
        raise UsageFault(f"--solver {solver}: {reason}")


def _existing(path: Path, what: str) -> Path:
    if not path.exists():
        raise UsageFault(f"{path}: there is no such {what}; give the folder of one")
    return path


def _read_start(folder: Path) -> Plan:
    from optimizer.plans.plan import read_start

    return read_start(folder)


def _standing(folder: Path) -> Plan | None:
    """The plan that stands in a folder, if it can be started from."""
    from optimizer.plans.plan import PlanError

    try:
        return _read_start(folder)
    except PlanError:
        return None


def _plan_folder(path: Path) -> Path:
    if not (_existing(path, "plan") / "plan.json").is_file():
        raise UsageFault(f"{path}: holds no plan.json; give the folder of a plan")
    return path


def _writable(folder: Path, option: str = "--out") -> None:
    """A plan that can't be written is refused before it is sought."""
    if folder.exists() and not folder.is_dir():
        raise UsageFault(f"{option} {folder}: that is a file; give a folder for the plan")
    if (folder / "dataset.yaml").exists():
        raise UsageFault(f"{option} {folder}: that is a data set; give a folder of its own for the plan")
    place = folder.absolute().parent
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".drive5.", dir=place):
            pass
    except OSError:
        raise UsageFault(f"{option} {folder}: {place} can't be written to; give another folder") from None


def _case(dataset: Path, scenario: str | None, sets: Sequence[str], silent: bool) -> tuple[Case, list[str]]:
    """The case to solve and the warnings about its data; bad data and wrong levers end here."""
    from data.checks import DataError, examine
    from data.levers import apply, parse_sets
    from data.side_effects import findings as side_effects

    pulled = parse_sets(sets)
    known, found = examine(dataset)
    if known is None:
        raise DataError(found)
    case = apply(known, scenario, pulled)
    warnings = [str(finding) for finding in [*found, *side_effects(case)]]
    if not silent:
        for text in warnings:
            tell(text)
    return case, warnings


def _written(plan: Plan, folder: Path) -> AuditReport | None:
    """Write a plan that there is; an infeasible case and a search without a plan leave nothing behind."""
    from optimizer.plans.plan import write_plan
    from reports.workbook import write_workbook

    if not plan.solved:
        return None
    return write_plan(plan, folder, write_workbook)


def _solved(plan: Plan, folder: Path, report: AuditReport | None, *, quiet: bool, json: bool) -> int:
    """Say how the solve ended; gives the exit code."""
    code = int(plan.header["exit_code"])
    if report is not None and not report.ok:
        for finding in report.findings[:20]:
            tell(str(finding))
        from optimizer.plans.plan import rejected

        number = _count(len(report.findings), "finding")
        tell(f"drive5: defect: the plan fails its own audit ({number}); it lies in {rejected(folder)}; report it")
        return DEFECT
    if json:
        say(_plan_json(plan, folder, report))
    if report is None:
        for text in plan.header.get("conflict", []):
            tell(str(text))
        stopped = any(line.endswith("no plan: cancelled") for line in plan.log)
        tell(f"drive5: {_no_plan(code, bool(plan.header.get('conflict')), stopped)}")
    elif not quiet and not json:
        _headline(plan, folder)
    return code


def _plan_json(plan: Plan, folder: Path, report: AuditReport | None) -> str:
    from json import dumps

    if report is None:
        return dumps(dict(plan.header), indent=1)
    return (folder / "plan.json").read_text(encoding="utf-8").rstrip("\n")


def _no_plan(code: int, named: bool, stopped: bool) -> str:
    if code == DEFECT:
        return "defect: the solver failed; run again with --debug, report it"
    if code == INFEASIBLE:
        return "infeasible: no plan keeps every hard rule; soften or drop one of those named above"
    if stopped:
        return "stopped before a plan was found; what was in the folder before is still there"
    soften = ", or soften what is named above" if named else ""
    return f"the search ended before a plan was found; raise --time-limit{soften}"


def _headline(plan: Plan, folder: Path) -> None:
    from reports import figures, standing

    header = plan.header
    told = standing.figures_of(plan)
    known = {figure.label for figure in told} | {"When all has arrived", "Gap proven"}  # told of the objective
    told += [figure for figure in figures.headline(plan) if figure.label not in known]
    rows = [(figure.label, figure.value, figure.remark) for figure in told]
    rows.append(("Time", f"{sum(header.get('seconds', {}).values()):.1f} s", figures.ending(plan)))
    rows.append(("Plan", str(folder), "audited: every rule and figure holds"))
    rows.append(("Workbook", str(folder / "plan.xlsx"), ""))
    say(figures.title(plan))
    show_table(("figure", "value", "remark"), rows)


@app.command(epilog="Example: drive5 check data/tiny")
def check(dataset: Dataset) -> None:
    """Say every problem of a data set at once."""
    from data.checks import examine
    from data.findings import ERROR
    from data.side_effects import of_dataset

    known, found = examine(_existing(dataset, "data set"))
    found += of_dataset(known) if known is not None else []
    _show_findings(found)
    errors = sum(finding.level == ERROR for finding in found)
    say(f"{dataset}: {_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}")
    raise typer.Exit(BAD_DATA if errors else 0)


def _show_findings(found: Sequence[Finding]) -> None:
    if not sys.stdout.isatty():
        for finding in found:
            say(str(finding))
    elif found:
        heads = ("level", "table", "row", "column", "value", "what is wrong", "what would be right")
        show_table(heads, [_cells(finding) for finding in found])


def _cells(finding: Finding) -> tuple[str, ...]:
    row = finding.cell or ("" if finding.row is None else str(finding.row))
    place = (finding.level, finding.table, row, finding.column, finding.value)
    return (*place, finding.message, finding.remedy)


@app.command(epilog="Example: drive5 convert data/tiny tiny.xlsx; drive5 convert tiny.xlsx data/tiny-again")
def convert(
    dataset: Dataset,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A workbook (.xlsx), or a folder.", show_default=False)],
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Data of an earlier edition: add what today's columns and settings lack.")
    ] = False,
) -> None:
    """Turn a CSV folder into a workbook or back, loss-free."""
    from data.exchange import exchange

    done = exchange(_existing(dataset, "data set"), out, upgrade)
    for one in done.added:
        say(str(one))
    what = f", {_count(len(done.added), 'addition')}" if upgrade else ""
    say(f"{out}: {_count(len(done.rows), 'table')}, {_count(sum(done.rows.values()), 'row')}{what}")


@app.command(epilog="Example: drive5 template my-data.xlsx")
def template(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The workbook to write.", show_default=False)],
) -> None:
    """Write an empty workbook: every sheet, units, drop-downs, help and an example row."""
    from data.exchange import write_empty

    write_empty(out)
    say(f"{out}: every table with its units, drop-downs, help and an example row")


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


@app.command(epilog="Example: drive5 audit plans/alliance")
def audit(plan: PlanFolder) -> None:
    """Work out every rule and figure of a plan again."""
    _plan_folder(plan)
    from audit import audit as run_audit

    line = ProgressLine()
    line.phase("auditing")
    report = interruptible(lambda _: run_audit(plan), line)
    rows = [(finding.rule, finding.place, finding.message) for finding in sorted(report.findings, key=_by_rule)]
    if rows:
        show_table(("rule", "where", "what is wrong"), rows)
    if report.not_checked:
        say(f"not checked: {', '.join(report.not_checked)}")
    verdict = _count(len(rows), "finding") if rows else "every rule and figure holds"
    say(f"{plan}: {verdict} ({sum(report.checked.values()):,} rows of {len(report.checked)} rules)")
    raise typer.Exit(BAD_DATA if rows else 0)


def _by_rule(finding: AuditFinding) -> tuple[str, str]:
    return finding.rule, finding.place


@app.command(epilog="Example: drive5 report plans/alliance --format xlsx")
def report(
    plan: PlanFolder,
    format_: Annotated[str, typer.Option("--format", help=f"One or more of: {', '.join(FORMATS)}.")] = "xlsx",
    last: Annotated[
        Path | None, typer.Option(metavar="PLAN", help="The last plan, to show the change.", show_default=False)
    ] = None,
) -> None:
    """Write the workbook of a plan anew, and the brief as a page or as PDF."""
    wanted = [name.strip() for name in format_.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise UsageFault(f"--format {format_}: not one of the formats there are; write {','.join(FORMATS)}")
    this, before = _read_plan(plan), None if last is None else _read_plan(last)
    line = ProgressLine()
    for name in wanted:
        line.phase(f"writing {name}")
        say(str(interruptible(lambda _, name=name: _report(name, this, plan, before), line)))  # type: ignore[misc]


def _report(name: str, plan: Plan, folder: Path, last: Plan | None) -> Path:
    """Write one format into the plan's folder; gives the file."""
    file = folder / ("plan.xlsx" if name == "xlsx" else f"brief.{name}")
    if name == "xlsx":
        from reports.workbook import write_workbook

        write_workbook(plan, file, last)
    else:
        from reports.brief import write_brief

        write_brief(plan, file, last)
    return file


def _read_plan(folder: Path) -> Plan:
    from optimizer.plans.plan import read_plan
    from reports.earlier import todays

    return todays(read_plan(_plan_folder(folder)))


@app.command(epilog="Example: drive5 compare plans/last-year plans/this-year --out change.xlsx")
def compare(
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN PLAN ...", help="Folders of two plans or more.")],
    out: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Also as a workbook (.xlsx) or a picture (.svg, .png).", show_default=False),
    ] = None,
) -> None:
    """Say what changed from plan to plan, by how much, and why: data, levers or the search."""
    from reports.compare import compare as compare_plans
    from reports.compare_told import told, write_out

    if len(plans) < 2:
        raise UsageFault(f"{plans[0]}: one plan can't be compared; give two or more, the older first")
    wrong = [file for file in out or [] if file.suffix.lower() not in (".xlsx", ".svg", ".png")]
    if wrong:
        raise UsageFault(f"--out {wrong[0]}: not one of the kinds there are; end the name in .xlsx, .svg or .png")
    read = [(str(folder), _read_plan(folder)) for folder in plans]
    steps = compare_plans(read)
    for heading, heads, rows in told(steps):
        say(heading)
        if rows:
            show_table(heads, rows)
        say()
    for file in out or []:
        write_out(steps, [plan for _, plan in read], file)
        say(str(file))


@app.command(name="new-round", epilog="Example: drive5 new-round plans/tiny rounds/tiny-2028")
def new_round(
    plan: PlanFolder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the new data set.", show_default=False)],
) -> None:
    """Write next year's data set: what the plan decided for its first year stands, the rest is open again."""
    from optimizer.plans.next_round import write_round
    from optimizer.plans.plan import read_plan

    fresh, warnings = write_round(read_plan(_plan_folder(plan)), out)
    for text in [*fresh.notes, *warnings]:
        tell(text)
    settings, tables = fresh.dataset.settings, fresh.dataset.tables
    bound = ", ".join(f"{name} {len(tables[name])}" for name in ("pipeline", "obligations", "prior_plan"))
    say(f"{out}: {settings.name}, {settings.first_year}-{settings.last_year}; rows: {bound}")


@app.command(name="app", epilog="Example: drive5 app data/alliance --workspace plans --port 8501")
def pages(
    dataset: Annotated[
        Path | None, typer.Argument(metavar="[DATASET]", help="Data set to open with.", show_default="data/alliance")
    ] = None,
    workspace: Annotated[Path, typer.Option(metavar="DIR", help="Where plans and data made here go.")] = Path("plans"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "localhost",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    time_limit: Annotated[float, typer.Option(min=1.0, max=3600.0, help="Seconds for the search of a plan.")] = 60.0,
) -> None:
    """Open the pages: move levers, see an estimate at once and the plan soon after."""
    if dataset is not None and not _existing(dataset, "data set").is_dir():
        raise UsageFault(f"{dataset}: a data set is a folder of CSV tables; give that folder")
    _writable(workspace, "--workspace")
    from ui.library import LibraryError
    from ui.serve import serve

    try:
        serve(dataset=dataset, workspace=workspace, port=port, address=address, browser=browser, seconds=time_limit)
    except LibraryError as fault:
        raise UsageFault(str(fault)) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: that of the process); gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        asked = [item for item in given if item != "--debug"] or ["--help"]
        code = app(args=asked, prog_name="drive5", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        tell("drive5: stopped")
        return STOPPED
    except Exception as fault:
        if debug:
            traceback.print_exception(fault, file=sys.stderr)
        return _ended(fault)


def _ended(fault: Exception) -> int:
    """One line on the error stream for what went wrong; gives the exit code."""
    from data.exchange import ExchangeError
    from data.findings import DataError
    from data.levers import LeverError
    from optimizer.plans.plan import BrokenPlan, PlanError

    if isinstance(fault, DataError):
        for finding in fault.findings:
            tell(str(finding))
        tell("drive5: bad data: nothing is solved and nothing written; mend what is named above")
        return BAD_DATA
    if isinstance(fault, typer.TyperException):
        tell(f"drive5: {_one_line(fault.format_message())} `drive5 --help` shows how")
        return USAGE
    if isinstance(fault, UsageFault | LeverError | PlanError | ExchangeError):
        tell(f"drive5: {_one_line(str(fault))}")
        return BAD_DATA if isinstance(fault, BrokenPlan) else USAGE
    if isinstance(fault, OSError):
        tell(f"drive5: {fault.filename or 'a file'}: {fault.strerror or fault}; free the place or give another one")
        return USAGE
    tell(f"drive5: defect: {type(fault).__name__}: {_one_line(str(fault))}; run again with --debug, report it")
    return DEFECT


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
