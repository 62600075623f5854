"""The last linear programs of a plan: integers fixed, nothing below the smallest order, at least cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from models.keys import SMALLEST_ORDER
from models.program import Program
from optimizer.engine.highs import Engine, Outcome, Termination
from optimizer.finders.least_change import evenly
from optimizer.plans.derived import settle
from optimizer.plans.prices import shadow_prices
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import Compiled
from optimizer.problem.layout import Mask

SLIVER = 1e-6  # units of a divisible order that are only the engine's tolerance
CRUMB = 10 * SMALLEST_ORDER  # units: a plan does without a type of which a nation orders less than this
Note = Callable[[str], None]
POLISH = 1e-9  # feasibility of the last LP, well inside the audit's tolerance


def finish(
    engine: Engine, compiled: Compiled, first: Outcome, last: Outcome, *, tolerance: float, large: bool, note: Note,
) -> list[dict[str, Any]]:  # fmt: skip
    """Round and fix the integers, solve the LP again, load it into the program; shadow prices of that LP.

    Args:
        engine: the case's matrix, without limits: what is begun here must end.
        compiled: the case.
        first: the first pass's plan and bound.
        last: the cost pass's plan.
        tolerance: how much of the first objective the cost may take (relative).
        large: whether crumbs are swept away, and an interior point does the work (a tenth of simplex's time).
        note: writes a line of the log.

    Returns:
        Rows of shadow_prices.csv.
    """
    matrix, program = compiled.matrix, compiled.program
    if last.x is None:
        raise ValueError("nothing to finish without a plan")
    solve = partial(engine.lp, method="ipm" if large else "choose")
    engine.continuous(True)
    lower, upper = _least_orders(program, matrix, last.x, *_decided(matrix, last.x))
    engine.bounds(_decided(matrix, last.x)[0], upper)
    best = solve() if large else solve(tolerance=POLISH)
    prices = shadow_prices(program, matrix, best)
    limit = first.value + tolerance * abs(first.value)
    if large:
        best = _swept(program, engine, last.x, limit, solve)
    elif best.x is not None:
        lower, upper = _least_orders(program, matrix, best.x, *_decided(matrix, last.x))
        engine.bounds(lower, upper)
        best = solve(tolerance=POLISH)
    note(f"integers fixed: {best.value:.6g}")
    x = last.x
    if best.x is not None and best.termination is Termination.PROVEN and best.value <= limit + SLIVER * abs(limit):
        least = min(first.value, best.value)  # these whole decisions may be worth more than the search saw
        allowed = max(best.value, least + tolerance * abs(least))
        x = _cheapest(program, engine, best, last.x, allowed, large, solve)
        x = evenly(compiled, x, _ends(program, matrix, x), large=large, note=note)
    else:
        note("no better values are found for these decisions: the plan stands as the cost pass left it")
    compiled.load(x)
    settle(program, first.bound)
    return prices


def _ends(program: Program, matrix: Matrix, x: Floats) -> tuple[Floats, Floats]:
    """Bounds with the integers fixed, and no order below the smallest."""
    return _least_orders(program, matrix, x, *_decided(matrix, x))


def _cheapest(
    program: Program, engine: Engine, best: Outcome, last: Floats, allowed: float, large: bool,
    solve: Callable[..., Outcome],
) -> Floats:  # fmt: skip
    """The cheapest plan of these whole decisions; where no program shows one, the cheaper of the two known."""
    matrix = engine.matrix
    engine.add_row(matrix.cost, allowed - matrix.offset + 1e-9 * max(1.0, abs(allowed)))
    engine.objective(matrix.second, matrix.second_offset)
    cheap = solve(tolerance=POLISH)
    if large and cheap.x is not None:
        cheap = _swept(program, engine, cheap.x, np.inf, solve)
    if cheap.x is not None and cheap.termination is Termination.PROVEN:
        return cheap.x
    if best.x is None:
        return last
    return min(best.x, last, key=lambda x: float(matrix.second @ x))


def _decided(matrix: Matrix, x: Floats) -> tuple[Floats, Floats]:
    """Bounds that fix the integers at the plan's, and at 0 what these leave no room for.

    A row sum(a x) <= M b says nothing of a sliver where M is large: within its tolerance an engine orders a millionth
    of a unit of a type that is not operated.
    """
    fixed = np.where(matrix.integer, np.round(x), 0.0)
    lower = np.where(matrix.integer, fixed, matrix.lower)
    upper = np.where(matrix.integer, fixed, matrix.upper)
    upper[_shut(matrix, fixed)] = 0.0
    return lower, upper


def _shut(matrix: Matrix, fixed: Floats) -> Mask:
    """Continuous columns that a row leaves at 0: nothing is left of its right side, none of its terms is negative."""
    a = matrix.a.tocoo()
    free = ~matrix.integer[a.col]
    shut = np.zeros(len(fixed), dtype=bool)
    for sign, right in ((1.0, matrix.row_upper), (-1.0, -matrix.row_lower)):
        against = free & ((sign * a.data < 0) | (matrix.lower[a.col] < 0))
        bad = np.zeros(len(right), dtype=bool)
        bad[a.row[against]] = True
        full = ~bad & (right - sign * (matrix.a @ fixed) == 0)
        shut[a.col[free & full[a.row]]] = True
    return shut & (matrix.lower <= 0)


def _swept(program: Program, engine: Engine, x: Floats, limit: float, solve: Callable[..., Outcome]) -> Outcome:
    """The LP with integers fixed at the plan's, without its crumbs if that is still a plan worth the limit (points).

    A crumb may be the host without which a nation's munitions count for nothing: then it stays.
    """
    matrix = engine.matrix
    found = Outcome(Termination.FAILED)
    for plan in (_without_crumbs(program, matrix, x), x):
        engine.bounds(*_least_orders(program, matrix, plan, *_decided(matrix, plan)))
        found = solve(tolerance=POLISH)
        if found.termination is Termination.PROVEN and found.value <= limit:
            break
    return found


def _without_crumbs(program: Program, matrix: Matrix, x: Floats) -> Floats:
    """The plan without types of which a nation orders, by itself, next to nothing of a divisible programme."""
    swept = x.copy()
    joint = matrix.group == "joint_order"
    dropped = set()
    for pair, places in _divisible_orders(program, matrix).items():
        if x[places].sum() < CRUMB and not x[places][joint[places]].any():
            dropped.add(pair)
            swept[places] = np.maximum(0.0, matrix.lower[places])
    for place in np.flatnonzero(matrix.group == "operated").tolist():
        if matrix.columns[place].key in dropped:
            swept[place] = matrix.lower[place]
    return swept


def _least_orders(program: Program, matrix: Matrix, x: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Bounds by which legacy pairs order nothing, or no less than the smallest order (new pairs have a rule)."""
    lower, upper = lower.copy(), upper.copy()
    for pair, places in _divisible_orders(program, matrix).items():
        units = x[places].sum()
        if pair not in program.keys.legacy:
            continue
        if units < SMALLEST_ORDER * (1 - SLIVER):
            upper[places] = np.maximum(0.0, matrix.lower[places])
        else:
            least = np.maximum(0.0, x[places]) * (SMALLEST_ORDER / units)
            lower[places] = np.minimum(upper[places], np.maximum(lower[places], least))
    return lower, upper


def _divisible_orders(program: Program, matrix: Matrix) -> dict[tuple[str, str], list[int]]:
    """Columns of the divisible orders of each pair, national and joint."""
    columns: dict[tuple[str, str], list[int]] = {}
    for place in np.flatnonzero(np.isin(matrix.group, ["order", "joint_order"]) & ~matrix.integer).tolist():
        one, two, _ = matrix.columns[place].key
        pair = (one, two) if matrix.group[place] == "order" else (two, program.keys.frame[one].programme)
        columns.setdefault(pair, []).append(place)
    return columns
