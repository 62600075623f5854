"""A plan from the values that a program holds: tables, figures and header; or a header that says why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.levers import Case
from models.program import Program
from optimizer.engine.highs import VERSION
from optimizer.engine.others import version_of
from optimizer.engine.journal import Journal
from optimizer.engine.outcome import Outcome, Status, Termination
from optimizer.plans.header import Indices, case_sha256, decides_little, mode_text, new_run, now, objective
from optimizer.plans.kpis import kpis
from optimizer.plans.plan import CONTRACT, Plan, versions
from optimizer.plans.tables import tables
from optimizer.pool import Event


@dataclass
class About:
    """What plan.json says of how a plan was made.

    Attributes:
        case: what was planned.
        options: how it was asked for (optimizer.solve.SolveOptions).
        before: indices with nothing decided.
        threads: that the engine had.
        reproducible: whether no clock and no cancel ended anything.
        work: of both passes, as one number.
        origin: which plan it was started from.
        tuning: numbers of the search.
        seconds: phase -> seconds.
        journal: its warnings, and the lines of solve.log.
        events: lines of progress.csv.
        name: of the run.
    """

    case: Case
    options: Any
    before: Indices
    threads: int = 1
    reproducible: bool = True
    work: float = 0.0
    origin: Mapping[str, str] | None = None
    tuning: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    journal: Journal = field(default_factory=lambda: Journal(lambda: 0.0))
    events: Sequence[Event] = ()
    name: str = field(default_factory=new_run)


def plan_made(
    about: About, program: Program, first: Outcome, cost_bound: float, prices: Sequence[dict[str, Any]]
) -> Plan:  # fmt: skip
    """The plan whose values the program holds.

    Args:
        about: how it was made.
        program: the case.
        first: value and bound that the first pass reached.
        cost_bound: of the second objective.
        prices: rows of shadow_prices.csv.
    """
    options = about.options
    found = tables(program, list(prices))
    header = _header(about, program, first.termination)
    mode = mode_text(options.objective, options.gap_ceiling)
    told = objective(program, mode, about.before, first.value, first.bound, cost_bound)
    header["objective"] = told
    after = Indices.of(program)
    header["gap_index_after"], header["settled_after"] = after.planning, after.settled
    proven = told["gap"] <= options.gap + 1e-9
    header["status"] = Status.OPTIMAL.value if proven else Status.LIMIT.value
    header["exit_code"] = 0 if proven else 5
    if little := decides_little(told):
        about.journal.warn(little)
    header["kpis"] = kpis(program, found)
    figures = f"value {told['value']:.6g}, bound {first.bound:.6g}, gap {told['gap']:.4%}, cost {told['cost']:.6g}"
    about.journal.note(figures)
    return Plan(header, found, about.case, tuple(about.journal.lines), tuple(about.events))


def no_plan(about: About, program: Program, why: Termination, reasons: Sequence[str]) -> Plan:
    """A header without tables: infeasible (4), or a limit reached before any plan (6)."""
    header = _header(about, program, why)
    infeasible = why is Termination.INFEASIBLE
    failed = why in (Termination.UNBOUNDED, Termination.FAILED)
    header["status"] = (Status.INFEASIBLE if infeasible else Status.ERROR if failed else Status.LIMIT).value
    header["exit_code"] = 4 if infeasible else 1 if failed else 6
    header["conflict"] = list(reasons)
    for line in (f"no plan: {why.value}", *reasons):
        about.journal.note(line)
    return Plan(header, {}, about.case, tuple(about.journal.lines), tuple(about.events))


def _header(about: About, program: Program, termination: Termination) -> dict[str, Any]:
    case, options = about.case, about.options
    return {
        "contract": CONTRACT,
        "run": about.name,
        "written": now(),
        "termination": termination.value,
        "dataset": case.base.settings.name,
        "dataset_sha256": case.base.sha256,
        "case_sha256": case_sha256(case),
        "start": None if about.origin is None else dict(about.origin),
        "marking": case.base.settings.marking,
        "scenario": case.name,
        "levers": dict(sorted(case.levers.items())),
        "objective": {},
        "gap_index_before": about.before.planning,
        "gap_index_after": None,
        "settled_before": about.before.settled,
        "settled_after": None,
        "status": "",
        "exit_code": 1,
        "reproducible": about.reproducible,
        "work": about.work,
        "not_modelled": list(program.not_modelled),
        "warnings": about.journal.warnings,
        "kpis": {},
        "tuning": dict(about.tuning),
        "solver": {
            "name": options.solver,
            "version": VERSION if options.solver == "highs" else version_of(options.solver),
            "threads": about.threads,
            "seed": options.seed,
        },
        "versions": versions(),
        "seconds": dict(about.seconds),
        "options": {
            "gap": options.gap, "time_limit": options.time_limit, "work_limit": options.work_limit,
            "cost_tolerance": options.cost_tolerance,
        },
    }  # fmt: skip
