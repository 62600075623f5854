"""Why nothing can be planned: the least violation of the rules that may bend, by rule and place, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from models.registry import RULES
from optimizer.compile import Floats, Matrix, rule_of
from optimizer.engine import Engine, Watch

# What a planner could change: money, industry, minimum orders and policy. Definitions and balances of units can't bend.
BENDING = (
    "budget.balance", "budget.loan_amount", "buying.max_units", "industry.line_capacity", "industry.ramp",
    "industry.component_capacity", "industry.guaranteed_load", "industry.host_share", "joint.min_members",
    "joint.member_minimum", "joint.min_units", "joint.min_annual_units", "joint.workshare", "joint.launch_once",
    "joint.one_frame", "interoperability.", "innovation.unlocks", "policy.",
)  # fmt: skip
MONEY_RULES = frozenset({
    "spend_floor", "spend_growth_max", "equipment_share_min", "joint_share_min", "eu_content_min",
    "innovation_share_min", "sme_share_min", "risk_max", "change_max",
})  # fmt: skip
MOST = 12  # lines worth reading
SECONDS = 20.0
SMALL = 1e-6


def elastic(matrix: Matrix, rules: tuple[str, ...] = BENDING) -> tuple[Matrix, list[int]]:
    """The program with a priced slack in every inequality of the rules (prefixes) that may bend, and those rows."""
    open_ended = matrix.row_lower != matrix.row_upper
    bending = [i for i, row in enumerate(matrix.rows) if open_ended[i] and rule_of(row).startswith(rules)]
    size = np.array([_size(matrix, row) for row in bending])
    signs = np.where(np.isfinite(matrix.row_upper[bending]), -1.0, 1.0)
    slack = sparse.csc_array((signs, (bending, range(len(bending)))), shape=(len(matrix.rows), len(bending)))
    n = len(bending)
    free = replace(
        matrix,
        a=sparse.csc_array(sparse.hstack([matrix.a, slack])),
        cost=np.concatenate([np.zeros(len(matrix.cost)), 1.0 / size]),
        offset=0.0,
        second=np.zeros(len(matrix.cost) + n),
        lower=np.concatenate([matrix.lower, np.zeros(n)]),
        upper=np.concatenate([matrix.upper, np.full(n, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(n, dtype=bool)]),
        columns=[*matrix.columns, *([None] * n)],
        group=np.concatenate([matrix.group, np.full(n, "slack")]),
    )
    return free, bending


def _size(matrix: Matrix, row: int) -> float:
    """What a violation is measured in: the row's right-hand side, so that money and counts compare."""
    bound = matrix.row_upper[row] if np.isfinite(matrix.row_upper[row]) else matrix.row_lower[row]
    return max(1.0, abs(float(bound)))


def explain_conflict(matrix: Matrix, watch: Watch) -> list[str]:
    """Lines that name the rules that can't hold together, the year and the amount; empty where none was found."""
    free, bending = elastic(matrix)
    calm = replace(watch, time_limit=watch.elapsed + SECONDS, progress=None, work_limit=None)
    engine = Engine(free, calm)
    engine.continuous(True)
    outcome = engine.lp()
    if outcome.x is None or outcome.value < SMALL:
        outcome = Engine(free, calm).mip(gap=0.01)
    if outcome.x is None:
        return []
    return _lines(matrix, bending, outcome.x[len(matrix.columns) :])


def _unit(rule: str) -> str:
    """Unit of a violation: that of the row, which for a share is what the share is of."""
    name = rule.partition(".")[2]
    if name in MONEY_RULES or RULES[rule].unit == "money":
        return "million"
    return "area units" if RULES[rule].unit == "share" else RULES[rule].unit


def _lines(matrix: Matrix, bending: list[int], amounts: Floats) -> list[str]:
    by_rule: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row, amount in zip(bending, amounts.tolist(), strict=True):
        if amount > SMALL:
            index = matrix.rows[row].index()
            place = ", ".join(str(part) for part in (index if isinstance(index, tuple) else (index,)))
            by_rule[rule_of(matrix.rows[row])].append((amount, place))
    return _told(by_rule, "can't hold")


def least_violation(bent: Iterable[tuple[str, tuple[object, ...], float]]) -> list[str]:
    """Lines on the rows (rule, key, amount) that the best try of a search without a plan does not keep."""
    by_rule: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for rule, key, amount in bent:
        by_rule[rule].append((amount, ", ".join(str(part) for part in key)))
    return _told(by_rule, "not kept by the best try")


def _told(by_rule: Mapping[str, list[tuple[float, str]]], how: str) -> list[str]:
    lines = []
    for rule in sorted(by_rule):
        for amount, place in sorted(by_rule[rule], key=lambda found: (-found[0], found[1])):
            lines.append(f"{rule} ({place}) {how}: {amount:.6g} {_unit(rule)} missing or too much")
    more = len(lines) - MOST
    return lines[:MOST] + ([f"and {more} more"] if more > 0 else [])
