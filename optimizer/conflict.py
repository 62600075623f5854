"""Why nothing can be planned: the least violation of the rules that may bend, by rule and place, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from models.registry import RULES
from optimizer.engine.highs import Engine, Watch
from optimizer.problem.arrays import Floats, Label, Matrix

# What a planner could change beside the table `rules`: money, industry, minimum orders, pins and levers. Definitions
# (what counts as change, as a variant, as spent) and balances of units can't bend, and nobody could soften them.
BENDING = frozenset({
    "budget.balance", "budget.beyond", "budget.loan_amount", "budget.loan_share",
    "buying.max_units", "buying.needs_host", "buying.host_first",
    "industry.line_capacity", "industry.ramp", "industry.component_capacity", "industry.guaranteed_load",
    "industry.host_share", "industry.contribution_max",
    "innovation.unlocks", "innovation.sponsor_share", "interoperability.incompatible",
    "joint.min_members", "joint.member_minimum", "joint.member_share", "joint.min_units", "joint.min_annual_units",
    "joint.workshare", "joint.launch_once", "joint.one_frame",
    "policy.pins", "policy.force", "policy.forbid",
})  # fmt: skip
MONEY_RULES = frozenset({
    "spend_floor", "spend_growth_max", "equipment_share_min", "joint_share_min", "eu_content_min", "area_share_min",
    "area_share_max", "order_value_max", "innovation_share_min", "sme_share_min", "risk_max", "change_max",
})  # fmt: skip
CEILING = "gap_ceiling"  # no rule of the model: what `--objective cost:CEILING` asks for
CAPACITY_RULES = frozenset({"surge_min", "output_drop_max"})
MOST = 12  # lines worth reading
SECONDS = 20.0
SMALL = 1e-6  # of a row's own size


@dataclass(frozen=True)
class Elastic:
    """A program in which rows may be violated at a price.

    Attributes:
        matrix: the program with a slack column for each row that may bend (two for an equation, one each way), behind
            the columns that it had. It minimises the violations, each over its row's size.
        rows: row of each slack column.
        sizes: size of each of these rows.
    """

    matrix: Matrix
    rows: list[int]
    sizes: Floats


def elastic(matrix: Matrix) -> Elastic:
    """The program with a priced slack in every row of the rules that may bend."""
    bending = [i for i, row in enumerate(matrix.rows) if may_bend(row.name)]
    ends = [(row, -1.0) for row in bending if np.isfinite(matrix.row_upper[row])]
    ends += [(row, 1.0) for row in bending if np.isfinite(matrix.row_lower[row])]
    rows = [row for row, _ in ends]
    n = len(ends)
    slack = sparse.csc_array(([sign for _, sign in ends], (rows, range(n))), shape=(len(matrix.rows), n))
    sizes = _sizes(matrix)[rows]
    free = replace(
        matrix,
        a=sparse.csc_array(sparse.hstack([matrix.a, slack])),
        cost=np.concatenate([np.zeros(len(matrix.cost)), 1.0 / sizes]),
        offset=0.0,
        second=np.zeros(len(matrix.cost) + n),
        lower=np.concatenate([matrix.lower, np.zeros(n)]),
        upper=np.concatenate([matrix.upper, np.full(n, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(n, dtype=bool)]),
        columns=(*matrix.columns, *(Label("slack", place) for place in range(n))),
        group=np.concatenate([matrix.group, np.full(n, "slack")]),
    )
    return Elastic(free, rows, sizes)


def may_bend(rule: str) -> bool:
    """Whether a planner could give way in a rule: any of the table `rules`, and what data, lever or command sets."""
    return rule in BENDING or rule == CEILING or (rule in RULES and RULES[rule].policy)


def _sizes(matrix: Matrix) -> Floats:
    """What each row's violation is measured in, so that money and counts compare whatever their units.

    Its right-hand side or, where that is 0, its largest coefficient.
    """
    bound = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)
    largest = abs(matrix.a).max(axis=1).toarray().ravel()
    sizes = np.where(bound != 0, abs(bound), largest)
    return np.where(sizes > 0, sizes, 1.0)


def explain_conflict(matrix: Matrix, watch: Watch) -> list[str]:
    """Lines that name the rules that can't hold together, the year and the amount; empty where none was found."""
    free = elastic(matrix)
    calm = replace(watch, time_limit=watch.elapsed + SECONDS, progress=None, work_limit=None)
    engine = Engine(free.matrix, calm)
    engine.continuous(True)
    outcome = engine.lp()
    if outcome.x is None or outcome.value < SMALL:
        outcome = Engine(free.matrix, calm).mip(gap=0.01)
    if outcome.x is None:
        return []
    return _lines(matrix, free, outcome.x[len(matrix.columns) :])


def _unit(rule: str) -> str:
    """Unit of a violation: that of the row, which for a share is what the share is of."""
    if rule == CEILING:
        return "points"
    name = rule.partition(".")[2]
    if name in MONEY_RULES or RULES[rule].unit == "money":
        return "million"
    if name in CAPACITY_RULES:
        return "capacity units"
    return "area units" if RULES[rule].unit == "share" else RULES[rule].unit


def _lines(matrix: Matrix, free: Elastic, amounts: Floats) -> list[str]:
    by_rule: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row, size, amount in zip(free.rows, free.sizes.tolist(), amounts.tolist(), strict=True):
        if amount > SMALL * size:
            by_rule[matrix.rows[row].name].append((amount, _place(matrix.rows[row].key)))
    return _told(by_rule, "can't hold")


def _place(index: object) -> str:
    """Key of a row in words; the ceiling has none, and is what the command asked for."""
    if index is None:
        return "--objective"
    return ", ".join(str(part) for part in (index if isinstance(index, tuple) else (index,)))


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
