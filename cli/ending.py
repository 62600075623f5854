"""How a solve ended, as the console says it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import DEFECT, INFEASIBLE, count
from reports.console import say, show_table, tell

if TYPE_CHECKING:
    from audit import AuditReport
    from optimizer.plans.plan import Plan


def ended(plan: Plan, folder: Path, report: AuditReport | None, *, quiet: bool, json: bool) -> int:
    """Say how the solve ended; gives the exit code."""
    code = int(plan.header["exit_code"])
    if report is not None and not report.ok:
        for finding in report.findings[:20]:
            tell(str(finding))
        from store.folder import rejected

        number = count(len(report.findings), "finding")
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
