"""Generated sets as instances, budgets that no clock ends, and a check of a plan on the arrays alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.generate import generate
from data.dataset import load
from data.levers import Case, apply
from models.program import build
from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.instance import Instance, Sizes
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import Compiled, compile_program
from optimizer.problem.tighten import tightened

AS_LARGE = Sizes(small=0, large=10)  # small sets go the way of large programs
KEPT = 1e-6  # of what a row speaks of: its right side, its largest term, the middle of its columns' own sizes, or 1
WHOLE = 1e-9


@dataclass(frozen=True)
class Made:
    """A generated set: its case, as compiled, and as a search has it."""

    case: Case
    compiled: Compiled
    instance: Instance


def made(folder: Path, size: tuple[int, int, int], **levers: Any) -> Made:
    """The set of so many nations, programmes and a seed, written once into a folder, with levers applied."""
    place = folder / "-".join(map(str, size))
    if not place.exists():
        generate(*size, place)
    case = apply(load(place), None, levers)
    program = build(case)
    compiled = compile_program(program)
    instance = Instance(tightened(compiled.matrix, program.keys), program.keys, sizes=AS_LARGE)
    return Made(case, compiled, instance)


def endless() -> Budget:
    """No clock, no work, no cancel."""
    return Budget(float("inf"))


def by_work(work: float) -> Budget:
    """A budget that only work ends, so that a run can be repeated."""
    return Budget(float("inf"), work)


def pool_of(budget: Budget, *known: tuple[Instance, Floats]) -> Pool:
    """A pool with the plans that are known."""
    pool = Pool(budget, Journal(lambda: budget.elapsed))
    for instance, x in known:
        pool.offer(x, instance.value(x), "known")
    return pool


def faults(matrix: Matrix, x: Floats) -> list[str]:
    """What a plan does not keep: a bound, a row, a whole decision; worked out entry by entry, without the engine."""
    found = [f"column {c} is {x[c]}" for c in np.flatnonzero(~np.isfinite(x)).tolist()]
    for column in np.flatnonzero(matrix.integer).tolist():
        if abs(x[column] - round(float(x[column]))) > WHOLE:
            found.append(f"{matrix.columns[column]} is {x[column]!r}, which is not whole")
    for column, (low, here, high) in enumerate(zip(matrix.lower, x, matrix.upper, strict=True)):
        room = KEPT * max(1.0, abs(here))
        if here < low - room or here > high + room:
            found.append(f"{matrix.columns[column]} is {here!r}, outside {low!r} to {high!r}")
    a, sizes = matrix.a.tocsr(), np.ones(len(x)) if matrix.sizes is None else matrix.sizes
    for row in range(matrix.shape[0]):
        here = slice(a.indptr[row], a.indptr[row + 1])
        terms = a.data[here] * x[a.indices[here]]
        low, high, whole = matrix.row_lower[row], matrix.row_upper[row], float(terms.sum())
        middle = float(np.median(np.abs(a.data[here]) * sizes[a.indices[here]]))
        room = KEPT * max(1.0, abs(high if np.isfinite(high) else low), float(np.max(np.abs(terms))), middle)
        if whole < low - room or whole > high + room:
            found.append(f"{matrix.rows[row]} is {whole!r}, outside {low!r} to {high!r}")
    return found


def carried(one: Made, x: Floats, other: Made) -> Floats:
    """A plan's values by column of another case's program."""
    values = dict(zip(one.instance.matrix.columns, x.tolist(), strict=True))
    return np.array([values.get(column, 0.0) for column in other.instance.matrix.columns])
