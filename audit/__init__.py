"""The audit: recomputes every rule and figure of a plan from its tables and the data set alone.

It shares nothing with the model: no solver, no model code, only the reader and the levers of the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit import (
    budget,
    buying,
    capability,
    contributions,
    figures,
    hosts,
    industry,
    innovation,
    interoperability,
    joint,
    kpis,
    loans,
    objective,
    policy,
)
from audit.facts import Facts, facts_of
from audit.ledger import AuditFinding, AuditReport, Ledger
from audit.policy_rows import State
from audit.reading import CONTRACT, PlanFiles, read_header, read_tables
from data.dataset import DataError, Dataset, load
from data.levers import Case, LeverError, replay

__all__ = ["AuditFinding", "AuditReport", "audit"]


def audit(folder: Path, dataset_folder: Path | None = None) -> AuditReport:
    """Audit a plan folder.

    Args:
        folder: the plan: plan.json, tables/*.csv, and dataset/ (the data set before levers).
        dataset_folder: the data set to use in place of the plan's own copy.

    Returns:
        Findings (none if everything agrees to the tolerance of the ledger), what was not checked, rows checked by rule.
        A folder that cannot be read gives findings `plan.json` or `table.<name>`, never an exception.
    """
    ledger = Ledger()
    header = read_header(folder, ledger)
    if header is None:
        return ledger.report()
    ledger.skipped = frozenset(str(name) for name in header["not_modelled"])
    case = _case(header, dataset_folder or folder / "dataset", ledger)
    plan = read_tables(folder, header, ledger)
    if case is None or not plan.whole:
        return ledger.report()
    objective.check_status(header, ledger)
    unknown = _recompute(facts_of(case), plan, _targets_without_backfill(case), ledger)
    report = ledger.report()
    return AuditReport(report.findings, tuple(sorted({*report.not_checked, *unknown})), report.checked)


def _case(header: dict[str, Any], folder: Path, ledger: Ledger) -> Case | None:
    """Return the data set with the plan's scenario and levers; what does not fit is a finding."""
    try:
        dataset = load(folder)
        case = replay(dataset, header["scenario"], header["levers"])
    except (DataError, LeverError, OSError, ValueError, KeyError, TypeError) as error:
        ledger.fail("plan.json", "dataset", f"The data set or the levers cannot be read: {error}.")
        return None
    _check_origin(header, dataset, case, ledger)
    return case


def _check_origin(header: dict[str, Any], dataset: Dataset, case: Case, ledger: Ledger) -> None:
    """Check name, marking, hash and levers of plan.json against the data set."""
    settings = dataset.settings
    message = f"contract is {header['contract']}, not {CONTRACT}."
    ledger.holds("plan.json", "contract", header["contract"] == CONTRACT, message)
    for key, value in {
        "dataset": settings.name,
        "marking": settings.marking,
        "dataset_sha256": dataset.sha256,
        "levers": dict(case.levers),
    }.items():
        ledger.holds("plan.json", key, header[key] == value, f"{key} is {header[key]} but the data set has {value}.")


def _targets_without_backfill(case: Case) -> dict[tuple[str, str, int], float] | None:
    """Return the targets as they would be without the lever us_backfill; None where it is off."""
    if "us_backfill" not in case.levers:
        return None
    levers = {name: value for name, value in case.levers.items() if name != "us_backfill"}
    facts = facts_of(replay(case.base, case.name, levers))
    return {key: float(row.target) for key, row in facts.targets.items()}


def _recompute(
    facts: Facts, plan: PlanFiles, targets: dict[tuple[str, str, int], float] | None, ledger: Ledger
) -> tuple[str, ...]:
    """Recompute the plan from its decisions and compare all of it; returns what could not be checked."""
    tables, header = plan.tables, plan.header
    rows = buying.known_orders(facts, tables["orders"], ledger)
    joints = joint.joint_buys(facts, tables["frames"], tables["members"], rows)
    orders = buying.priced(facts, rows, {frame: buy.factor for frame, buy in joints.items()})
    result = buying.bought(facts, orders)
    made = industry.industry(facts, result, tables["production"], tables["expansions"])
    complete = innovation.completions(facts, tables["innovation"])
    effects = capability.effects_of(facts, result.in_service)
    gaps = capability.gaps_of(facts, effects, complete)
    settled = capability.settled_gaps(facts, result.deliveries, complete)
    interest = loans.interest_of(facts, tables["loans"])
    spending = figures.spending_of(facts, result, joints, tables["contributions"], interest)
    spent = budget.spent_of(spending)
    change = objective.change_of(facts, orders)
    state = State(facts, result, made, effects, gaps, spending, spent, change)

    buying.check_orders(facts, rows, orders, complete, ledger)
    buying.check_totals(facts, result, ledger)
    buying.check_deliveries(result, tables["deliveries"], ledger)
    hosts.check_hosts(facts, result, ledger)
    policy.check_pins(facts, orders, ledger)
    _check_joint(state, joints, tables, ledger)
    _check_industry(state, tables, ledger)
    innovation.check(facts, tables["innovation"], ledger)
    _check_contributions(state, tables, ledger)
    interoperability.check_incompatible(facts, result, ledger)
    capability.check_gaps(gaps, tables["gaps"], ledger)
    capability.check_settled(settled, facts.last, tables["settled"], ledger)
    capability.check_collective(facts, effects, tables["collective"], ledger)
    figures.check_spending(facts, spending, tables["spending"], ledger)
    loans.check(facts, result, tables["loans"], interest, ledger)
    budget.check_figures(facts, spent, tables["spending"], tables["loans"], tables["budgets"], ledger)
    budget.check_balance(facts, spent, tables["loans"], tables["budgets"], ledger)
    outcome = policy.outcome(state, ledger)
    policy.check(outcome, tables["rules"], ledger)
    _check_forced(state, joints, complete, tables, ledger)

    nothing = buying.bought(facts, [])
    _check_beyond(state, nothing, tables, ledger)
    before = _nothing_decided(facts, nothing)
    after, cost = capability.indices(facts, gaps, settled), sum(spending.values())
    figures_of_plan = objective.Outcome(
        before, after, outcome.penalty, outcome.penalty_scale, change, cost, gaps, settled
    )
    unknown = kpis.check(kpis.Plan(state, joints, tables["innovation"], cost, targets), header["kpis"], ledger)
    return *unknown, *objective.check(facts, header, figures_of_plan, ledger)


def _nothing_decided(facts: Facts, nothing: buying.Bought) -> capability.Indices:
    """Return the gap indices with nothing decided: pipeline, lines complete already and enablers count."""
    complete = innovation.completions(facts, [])
    gaps = capability.gaps_of(facts, capability.effects_of(facts, nothing.in_service), complete)
    return capability.indices(facts, gaps, capability.settled_gaps(facts, nothing.deliveries, complete))


def _check_beyond(state: State, nothing: buying.Bought, tables: dict[str, Any], ledger: Ledger) -> None:
    """Check what is bound in the years beyond the horizon."""
    facts = state.facts
    bound = budget.spent_of(figures.spending_of(facts, nothing, joint.launched_earlier(facts), [], {}))
    limits = budget.may_be_bound(facts, bound)
    budget.check_beyond(limits, state.spent, tables["spending"], tables["beyond"], ledger)


def _check_contributions(state: State, tables: dict[str, Any], ledger: Ledger) -> None:
    """Check who pays the bills of expansions and of innovation lines."""
    facts, rows = state.facts, tables["contributions"]
    contributions.check_known(facts, rows, ledger)
    contributions.check_expansions(facts, state.industry, rows, ledger)
    contributions.check_limits(facts, state.bought.orders, rows, ledger)
    contributions.check_innovation(facts, innovation.costs(facts, tables["innovation"]), rows, ledger)


def _check_joint(state: State, joints: dict[str, joint.Joint], tables: dict[str, Any], ledger: Ledger) -> None:
    facts, orders = state.facts, state.bought.orders
    work = joint.work_values(facts, joints, state.industry.in_all)
    joint.check_launches(facts, joints, tables["frames"], ledger)
    joint.check_members(facts, joints, tables["members"], ledger)
    joint.check_orders(facts, joints, orders, ledger)
    joint.check_minima(facts, joints, orders, ledger)
    joint.check_tiers(facts, joints, tables["frames"], ledger)
    joint.check_workshare(facts, joints, orders, work, ledger)
    joint.check_tables(facts, joints, orders, work, tables["frames"], tables["members"], ledger)


def _check_industry(state: State, tables: dict[str, Any], ledger: Ledger) -> None:
    facts, made = state.facts, state.industry
    industry.check_production(facts, state.bought, made, tables["production"], ledger)
    industry.check_capacity(facts, made, ledger)
    industry.check_expansions(facts, made, tables["expansions"], ledger)
    industry.check_capacity_table(facts, made, tables["capacity"], ledger)


def _check_forced(
    state: State, joints: dict[str, joint.Joint], complete: dict[str, int], tables: dict[str, Any], ledger: Ledger
) -> None:
    ordered: dict[str, float] = {}
    for (_, programme), units in state.bought.ordered.items():
        ordered[programme] = ordered.get(programme, 0.0) + units
    lines = [row.innovation for row in tables["innovation"]]
    policy.check_forced(state.facts, ordered, joints, state.industry.started, lines, complete, ledger)
