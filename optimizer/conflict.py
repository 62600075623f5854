"""Why nothing can be planned: the least violation of the rules that may bend, by rule and place, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from models.registry import RULES
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.elastic import Elastic, elastic

CEILING = "gap_ceiling"  # no rule of the model: what `--objective cost:CEILING` asks for
MOST = 12  # lines worth reading
SECONDS = 20.0
SMALL = 1e-6  # of a row's own size


def softened(matrix: Matrix) -> Elastic:
    """The program in which all that a user can change may be violated, both ends of a row, at the least sum of sizes.

    Definitions (what counts as change, as a variant, as spent) and balances of units always hold: nobody could soften
    them.
    """
    given = np.array([may_bend(row.name) for row in matrix.rows], dtype=bool)
    over = np.flatnonzero(given & np.isfinite(matrix.row_upper))
    under = np.flatnonzero(given & np.isfinite(matrix.row_lower))
    rows = np.concatenate([over, under])
    signs = np.concatenate([np.full(len(over), -1.0), np.full(len(under), 1.0)])
    return elastic(matrix, rows, signs, _sizes(matrix)[rows], 1.0, alone=True)


def may_bend(rule: str) -> bool:
    """Whether a planner could give way in a rule: what data, lever or command sets (registry: given)."""
    return rule == CEILING or (rule in RULES and RULES[rule].given)


def _sizes(matrix: Matrix) -> Floats:
    """What each row's violation is measured in, so that money and counts compare whatever their units.

    Its right-hand side or, where that is 0, its largest coefficient.
    """
    bound = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)
    largest = abs(matrix.a).max(axis=1).toarray().ravel()
    sizes = np.where(bound != 0, abs(bound), largest)
    return np.where(sizes > 0, sizes, 1.0)


def explain_conflict(matrix: Matrix, budget: Budget) -> list[str]:
    """Lines that name the rules that can't hold together, the year and the amount; empty where none was found."""
    free = softened(matrix)
    calm = Budget(budget.elapsed + SECONDS, None, budget.cancel, budget.started)
    engine = Engine(free.matrix, calm)
    engine.continuous(True)
    outcome = engine.lp()
    if outcome.x is None or outcome.value < SMALL:
        outcome = Engine(free.matrix, calm).mip(gap=0.01)
    if outcome.x is None:
        return []
    return _lines(matrix, free, outcome.x[free.plain :])


def _unit(rule: str) -> str:
    return "points" if rule == CEILING else RULES[rule].counted_in


def _lines(matrix: Matrix, free: Elastic, amounts: Floats) -> list[str]:
    by_rule: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row, size, amount in zip(free.rows.tolist(), free.sizes.tolist(), amounts.tolist(), strict=True):
        if amount > SMALL * size:
            by_rule[matrix.rows[row].name].append((amount, _place(matrix.rows[row].key)))
    return _told(by_rule, "can't hold")


def _place(index: object) -> str:
    """Key of a row in words; the ceiling has none, and is what the command asked for."""
    if index is None:
        return "--objective"
    return ", ".join(str(part) for part in (index if isinstance(index, tuple) else (index,)))


def least_violation(violated: Iterable[tuple[str, tuple[object, ...], float]]) -> list[str]:
    """Lines on the rows (rule, key, amount) that the best try of a search without a plan does not keep."""
    by_rule: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for rule, key, amount in violated:
        by_rule[rule].append((amount, ", ".join(str(part) for part in key)))
    return _told(by_rule, "not kept by the best try")


def _told(by_rule: Mapping[str, list[tuple[float, str]]], how: str) -> list[str]:
    lines = []
    for rule in sorted(by_rule):
        for amount, place in sorted(by_rule[rule], key=lambda found: (-found[0], found[1])):
            lines.append(f"{rule} ({place}) {how}: {amount:.6g} {_unit(rule)} missing or too much")
    more = len(lines) - MOST
    return lines[:MOST] + ([f"and {more} more"] if more > 0 else [])
