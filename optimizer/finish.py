"""The last linear programs of a plan: integers fixed, nothing below the smallest order, at least cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from models.keys import SMALLEST_ORDER
from models.program import Program
from optimizer.compile import Floats, Matrix
from optimizer.engine import Engine, Outcome, Termination
from optimizer.prices import shadow_prices
from optimizer.settle import settle

SLIVER = 1e-6  # units of a divisible order that are only the engine's tolerance
CRUMB = 10 * SMALLEST_ORDER  # units: a plan does without a type of which a nation orders less than this
Note = Callable[[str], None]
POLISH = 1e-9  # feasibility of the last LP, well inside the audit's tolerance


def finish(
    engine: Engine, program: Program, first: Outcome, last: Outcome, *, tolerance: float, large: bool, note: Note
) -> list[dict[str, Any]]:
    """Round and fix the integers, solve the LP again, load it into the program; shadow prices of that LP.

    Args:
        engine: the case's matrix, without limits: what is begun here must end.
        program: the case.
        first: the first pass's plan and bound.
        last: the cost pass's plan.
        tolerance: how much of the first objective the cost may take (relative).
        large: whether crumbs are swept away, and an interior point does the work (a tenth of simplex's time).
        note: writes a line of the log.

    Returns:
        Rows of shadow_prices.csv.
    """
    matrix = engine.matrix
    if last.x is None:
        raise ValueError("nothing to finish without a plan")
    solve = partial(engine.lp, method="ipm" if large else "choose")
    engine.continuous(True)
    lower, upper = _decided(matrix, last.x)
    engine.bounds(lower, _least_orders(program, matrix, last.x, lower, upper)[1])
    best = solve() if large else solve(tolerance=POLISH)
    prices = shadow_prices(program, matrix, best)
    if large:
        best = _swept(program, engine, last.x, solve)
    elif best.x is not None:
        lower, upper = _least_orders(program, matrix, best.x, lower, upper)
        engine.bounds(lower, upper)
        best = solve(tolerance=POLISH)
    note(f"integers fixed: {best.value:.6g}")
    if best.x is None or best.termination is not Termination.PROVEN:
        matrix.take(last.x)
    else:
        allowed = max(best.value, first.value + tolerance * abs(first.value))
        engine.add_row(matrix.cost, allowed - matrix.offset + 1e-9 * max(1.0, abs(allowed)))
        engine.objective(matrix.second, matrix.second_offset)
        cheap = solve(tolerance=POLISH)
        if large and cheap.x is not None:
            cheap = _swept(program, engine, cheap.x, solve)
        matrix.take(cheap.x if cheap.x is not None and cheap.termination is Termination.PROVEN else best.x)
    settle(program, first.bound)
    return prices


def _decided(matrix: Matrix, x: Floats) -> tuple[Floats, Floats]:
    """Bounds that fix the integers at the plan's."""
    fixed = np.where(matrix.integer, np.round(x), 0.0)
    return np.where(matrix.integer, fixed, matrix.lower), np.where(matrix.integer, fixed, matrix.upper)


def _swept(program: Program, engine: Engine, x: Floats, solve: Callable[..., Outcome]) -> Outcome:
    """The LP with integers fixed at the plan's, without its crumbs if that is still a plan; what stays is no crumb."""
    matrix = engine.matrix
    found = Outcome(Termination.FAILED)
    for plan in (_without_crumbs(program, matrix, x), x):
        engine.bounds(*_least_orders(program, matrix, plan, *_decided(matrix, plan)))
        found = solve(tolerance=POLISH)
        if found.termination is Termination.PROVEN:
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
        if matrix.columns[place].index() in dropped:
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
        one, two, _ = matrix.columns[place].index()
        pair = (one, two) if matrix.group[place] == "order" else (two, program.keys.frame[one].programme)
        columns.setdefault(pair, []).append(place)
    return columns
