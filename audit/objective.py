"""plan.json against the tables: indices, objective of each mode, bound, gap, cost, status (section 9 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit.buying import Order
from audit.capability import Gap, Indices, Key, weighted
from audit.facts import ALL, Facts
from audit.ledger import TOLERANCE, Ledger, number
from audit.reading import LARGEST

GAP_MODE, COST_MODE, NATION_MODE, AREA_MODE, CHANGE_MODE = "gap", "cost", "worst_nation", "worst_area", "changes"
STATUS_OF_EXIT = {0: "optimal", 5: "limit", 4: "infeasible", 6: "limit", 1: "error"}
COST_TOLERANCE = 0.001
"""How far the second pass may leave the first objective, if plan.json does not say."""
POINT = 1.0
"""Gap-index points are the same in every data set: sums of them are known to a millionth of one."""
WHERE = "plan.json"


@dataclass(frozen=True)
class Outcome:
    """What a plan comes to, recomputed.

    Attributes:
        before, after: the indices with nothing decided and of the plan.
        penalty, penalty_scale: soft penalties in gap-index points, and the largest term that they come from.
        change: change against the prior plan as a share of its value; None where there is no prior plan.
        cost: sum of spending over all years, in millions.
        gaps, settled: the recomputed gaps of the planning years and of the settled state.
    """

    before: Indices
    after: Indices
    penalty: float
    penalty_scale: float
    change: float | None
    cost: float
    gaps: Mapping[Key, Gap]
    settled: Mapping[Key, Gap]


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


def check(facts: Facts, header: Mapping[str, Any], outcome: Outcome, ledger: Ledger) -> tuple[str, ...]:
    """Compare every figure of plan.json with what the tables come to.

    Returns:
        What could not be checked: the value of a mode that the contract does not know.
    """
    _check_indices(facts, header, outcome, ledger)
    objective = header["objective"]
    persistence = facts.options.persistence * (outcome.change or 0.0)
    terms = (POINT, outcome.penalty_scale)
    ledger.equal("objective", WHERE, "soft_penalty", outcome.penalty, float(objective["soft_penalty"]), terms=terms)
    ledger.equal("objective", WHERE, "persistence", persistence, float(objective["persistence"]), terms=(POINT,))
    ledger.equal("objective", WHERE, "cost", outcome.cost, float(objective["cost"]), group="cost")
    mode, _, ceiling = str(objective["mode"]).partition(":")
    default = outcome.after.both + outcome.penalty + persistence
    value = _value(facts, mode, default, outcome)
    if value is None:
        return ("objective.value",)
    group = "value in millions" if mode == COST_MODE else "objective"
    points = () if mode == COST_MODE else terms
    ledger.equal("objective", WHERE, "value", value, float(objective["value"]), terms=points, group=group)
    if ceiling:
        _check_ceiling(ceiling, default, ledger)
    _check_bound(header, group, ledger)
    _check_closed(objective, mode, ledger)
    return ()


def _check_indices(facts: Facts, header: Mapping[str, Any], outcome: Outcome, ledger: Ledger) -> None:
    """Compare the gap index of planning years, settled state and both, before and after."""
    objective = header["objective"]
    for what, required, printed in (
        ("gap_index_before", outcome.before.planning, header["gap_index_before"]),
        ("gap_index_after", outcome.after.planning, header["gap_index_after"]),
        ("index_before", outcome.before.both, objective["index_before"]),
        ("index", outcome.after.both, objective["index"]),
        ("settled_before", outcome.before.settled, header["settled_before"]),
        ("settled_after", outcome.after.settled, header["settled_after"]),
    ):
        if required is None or printed is None:
            message = f"{what} is {printed}, with {facts.beyond.years} years beyond the horizon."
            ledger.holds("objective", WHERE, required is printed is None, message)
        else:
            ledger.equal("objective", WHERE, what, required, float(printed), terms=(POINT,))


def _value(facts: Facts, mode: str, default: float, outcome: Outcome) -> float | None:
    """Return what the first pass of a mode minimises, None for a mode that is not known."""
    if mode == GAP_MODE:
        return default
    if mode == COST_MODE:
        return outcome.cost
    if mode == CHANGE_MODE:
        return outcome.change or 0.0
    if mode in (NATION_MODE, AREA_MODE):
        return 100.0 * (1.0 - _least_closure(facts, mode, outcome)) + outcome.penalty
    return None


def _least_closure(facts: Facts, mode: str, outcome: Outcome) -> float:
    """Return the least closure of a nation or area: 1 - sum of w r / sum of w over its rows, settled state included.

    A collective target is of an area, and of no nation. 1 where nothing is wanted.
    """
    missing: dict[str, float] = defaultdict(float)
    whole: dict[str, float] = defaultdict(float)
    for gaps, urgency in ((outcome.gaps, facts.urgency), (outcome.settled, {facts.last: facts.beyond.urgency})):
        for key, weight in weighted(facts, gaps, urgency):
            if mode == NATION_MODE and key[0] == ALL:
                continue
            whose = key[0] if mode == NATION_MODE else key[1]
            missing[whose] += weight * gaps[key].part
            whole[whose] += weight
    return min((1.0 - missing[whose] / weight for whose, weight in whole.items() if weight > 0), default=1.0)


def _check_ceiling(text: str, default: float, ledger: Ledger) -> None:
    """Check that index, penalties and persistence together stay under the ceiling of mode cost."""
    try:
        ceiling = float(text)
    except ValueError:
        ledger.fail("objective", WHERE, f"The ceiling of mode cost is {text!r}, not a number.")
        return
    what = "index, penalties and persistence together"
    ledger.at_most("objective", WHERE, what, ceiling, default, terms=(POINT,))


def _check_bound(header: Mapping[str, Any], group: str, ledger: Ledger) -> None:
    """Check first value, bound and gap: the bound is that of the first pass, and no plan undercuts it."""
    objective = header["objective"]
    value, first = float(objective["value"]), float(objective["first_value"])
    given_up = _option(header, "cost_tolerance", COST_TOLERANCE)
    limit = first + given_up * abs(first)
    ledger.at_most("objective", WHERE, "value, held by the first pass,", limit, value, group=group)
    if objective["bound"] is None:
        ledger.holds("objective", WHERE, objective["gap"] is None, "There is a gap, but no bound.")
        return
    bound = float(objective["bound"])
    ledger.at_most("objective", WHERE, "bound", min(first, value), bound, terms=(first, value), group=group)
    if ledger.holds("objective", WHERE, objective["gap"] is not None, "There is a bound, but no gap."):
        gap = max(0.0, first - bound) / max(1.0, abs(first))
        ledger.equal("objective", WHERE, "gap", gap, float(objective["gap"]), terms=(1.0,), group="gap")


def _check_closed(objective: Mapping[str, Any], mode: str, ledger: Ledger) -> None:
    """Check what share is closed of what any plan could close: in mode gap, where there is anything to close."""
    closed, bound = objective["closed"], objective["bound"]
    before, first = float(objective["index_before"]), float(objective["first_value"])
    if mode != GAP_MODE or bound is None or bound >= before:
        ledger.holds("objective", WHERE, closed is None, f"closed is {closed}, where it says nothing.")
    elif ledger.holds("objective", WHERE, closed is not None, "closed is missing."):
        share = (before - first) / (before - bound)
        # A quotient of differences is known as well as the differences are.
        terms = (1.0, before / (before - bound))
        ledger.equal("objective", WHERE, "closed", share, float(closed), terms=terms, group="closed")


def _option(header: Mapping[str, Any], name: str, default: float) -> float:
    """Return an option of the solve that plan.json may state."""
    options = header.get("options")
    value = options.get(name) if isinstance(options, dict) else None
    return float(value) if isinstance(value, int | float) and abs(value) <= LARGEST else default


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
