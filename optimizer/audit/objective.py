"""plan.json against the tables: gap index, objective, bound, cost, status (section 9 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from optimizer.audit.buying import Order
from optimizer.audit.facts import Facts
from optimizer.audit.ledger import TOLERANCE, Ledger, number
from optimizer.audit.reading import LARGEST

MODES_WITH_GAP = ("gap",)
STATUS_OF_EXIT = {0: "optimal", 5: "limit", 4: "infeasible", 6: "limit", 1: "error"}
COST_TOLERANCE = 0.001
"""How far the cost pass may leave the first objective, if plan.json does not say."""


def change_of(facts: Facts, orders: list[Order]) -> float | None:
    """Return the change against prior_plan as a share of its value; None where there is no prior plan."""
    units: dict[tuple[str, str, str, int], float] = defaultdict(float)
    for order in orders:
        units[order.nation, order.programme, order.channel, order.year] += order.units
    moved = value = 0.0
    for row in facts.prior:
        if row.year in facts.years:
            now = units[row.nation, row.programme, row.channel, row.year]
            moved += abs(now - row.units) * row.unit_price
            value += row.value
    return moved / value if value > 0 else None


def check_index(header: Mapping[str, Any], before: float, after: float, ledger: Ledger) -> None:
    """Compare the gap index before and after."""
    ledger.equal("objective", "plan.json", "gap_index_before", before, float(header["gap_index_before"]))
    ledger.equal("objective", "plan.json", "gap_index_after", after, float(header["gap_index_after"]))


def check_objective(
    facts: Facts,
    header: Mapping[str, Any],
    after: float,
    penalty: float,
    change: float | None,
    cost: float,
    ledger: Ledger,
) -> None:
    """Compare objective, penalties, persistence, cost and gap with what the tables come to.

    Args:
        facts: the case.
        header: plan.json.
        after: recomputed gap index of the plan.
        penalty: recomputed soft penalties, in gap-index points.
        change: change against the prior plan, as a share.
        cost: recomputed sum of spending, in millions.
        ledger: takes the findings.
    """
    objective, where = header["objective"], "plan.json"
    persistence = facts.options.persistence * (change or 0.0)
    ledger.equal("objective", where, "soft_penalty", penalty, float(objective["soft_penalty"]))
    ledger.equal("objective", where, "persistence", persistence, float(objective["persistence"]))
    ledger.equal("objective", where, "cost", cost, float(objective["cost"]))
    value = float(objective["value"])
    if objective["mode"] not in MODES_WITH_GAP:
        return
    ledger.equal("objective", where, "value", after + penalty + persistence, value)
    if objective["bound"] is None:
        return
    bound = float(objective["bound"])
    ledger.at_most("objective", where, "bound", value, bound)
    if objective["gap"] is not None:
        _check_gap(float(objective["gap"]), value, bound, _option(header, "cost_tolerance", COST_TOLERANCE), ledger)


def _option(header: Mapping[str, Any], name: str, default: float) -> float:
    """Return an option of the solve that plan.json may state."""
    options = header.get("options")
    value = options.get(name) if isinstance(options, dict) else None
    return float(value) if isinstance(value, int | float) and abs(value) <= LARGEST else default


def _check_gap(gap: float, value: float, bound: float, given_up: float, ledger: Ledger) -> None:
    """The gap is relative to max(1, |value|) and that of the first pass.

    The plan's value may be worse than the first pass's by what the cost pass may give up, and better by what fixing
    the integers and solving the LP again has gained; so the gap may be that much smaller, or larger.
    """
    real = max(0.0, value - bound) / max(1.0, abs(value))
    least = max(0.0, real - given_up * 1.01)
    message = f"gap is {number(gap)} but value and bound give {number(real)}."
    ledger.holds("objective", "plan.json", least - TOLERANCE <= gap, message)


def check_status(header: Mapping[str, Any], ledger: Ledger) -> None:
    """Check that status and exit code say the same, and that they are those of a plan."""
    status, code = header["status"], header["exit_code"]
    message = f"status {status} does not go with exit code {code}."
    ledger.holds("plan.json", "plan.json, exit_code", STATUS_OF_EXIT.get(code) == status, message)
    gap = header["objective"]["gap"]
    asked = _option(header, "gap", float("inf") if code == 0 else -1.0)
    if gap is not None:
        message = f"exit code {code} does not go with a gap of {number(gap)} where {number(asked)} was asked."
        within = gap <= asked + TOLERANCE
        ledger.holds("plan.json", "plan.json, gap", within == (code == 0) or abs(gap - asked) <= TOLERANCE, message)
    message = f"A plan is solved (0) or stopped at a limit (5), not {code}."
    ledger.holds("plan.json", "plan.json, status", code in (0, 5), message)
