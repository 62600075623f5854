"""The commands about plans: audit, report, compare, new-round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import BAD_DATA, PlanFolder, UsageFault, count
from cli.refusals import plan_folder
from reports.console import ProgressLine, interruptible, say, show_table, tell

if TYPE_CHECKING:
    from audit import AuditFinding
    from optimizer.plans.plan import Plan

FORMATS = ("xlsx", "html", "pdf")


def audit(plan: PlanFolder) -> None:
    """Work out every rule and figure of a plan again."""
    plan_folder(plan)
    from audit import audit as run_audit

    line = ProgressLine()
    line.phase("auditing")
    report = interruptible(lambda _: run_audit(plan), line)
    rows = [(finding.rule, finding.place, finding.message) for finding in sorted(report.findings, key=_by_rule)]
    if rows:
        show_table(("rule", "where", "what is wrong"), rows)
    if report.not_checked:
        say(f"not checked: {', '.join(report.not_checked)}")
    verdict = count(len(rows), "finding") if rows else "every rule and figure holds"
    say(f"{plan}: {verdict} ({sum(report.checked.values()):,} rows of {len(report.checked)} rules)")
    raise typer.Exit(BAD_DATA if rows else 0)


def _by_rule(finding: AuditFinding) -> tuple[str, str]:
    return finding.rule, finding.place


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
    this, before = plan_at(plan), None if last is None else plan_at(last)
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


def plan_at(folder: Path) -> Plan:
    """The plan of a folder, one of an earlier contract in today's tables."""
    from reports.earlier import todays
    from store.folder import read_plan

    return todays(read_plan(plan_folder(folder)))


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
    read = [(str(folder), plan_at(folder)) for folder in plans]
    steps = compare_plans(read)
    for heading, heads, rows in told(steps):
        say(heading)
        if rows:
            show_table(heads, rows)
        say()
    for file in out or []:
        write_out(steps, [plan for _, plan in read], file)
        say(str(file))


def new_round(
    plan: PlanFolder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the new data set.", show_default=False)],
) -> None:
    """Write next year's data set: what the plan decided for its first year stands, the rest is open again."""
    from optimizer.plans.next_round import write_round
    from store.folder import read_plan

    fresh, warnings = write_round(read_plan(plan_folder(plan)), out)
    for text in [*fresh.notes, *warnings]:
        tell(text)
    settings, tables = fresh.dataset.settings, fresh.dataset.tables
    bound = ", ".join(f"{name} {len(tables[name])}" for name in ("pipeline", "obligations", "prior_plan"))
    say(f"{out}: {settings.name}, {settings.first_year}-{settings.last_year}; rows: {bound}")
