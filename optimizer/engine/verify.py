"""A solver's optimum is believed when it stands up to what can be checked without it.

HiGHS 1.15.1 with presolve called 72.2 the optimum of a program whose optimum is 40.6. So the whole decisions of every
optimum are fixed and the linear program is solved again, and no bound stands that a known plan undercuts: it is
withdrawn, the program is solved again without presolve, and the run says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Outcome, Termination
from optimizer.problem.arrays import Floats, Matrix

APART = 1e-6  # relative: two values of one plan, or a bound and a plan below it, that differ by more contradict
Tell = Callable[[str], None]


def contradicts(bound: float, value: float) -> bool:
    """Whether a plan's value lies below a bound by more than tolerances."""
    return value < bound - APART * max(1.0, abs(bound))


def verified(
    matrix: Matrix, outcome: Outcome, again: Callable[[], Outcome], warn: Tell, known: float = np.inf
) -> Outcome:
    """An outcome that nothing known contradicts.

    Args:
        matrix: the program, its objective as it was solved.
        outcome: what the solver says.
        again: solves it without presolve.
        warn: told of what was withdrawn and why.
        known: value of the best plan that is known otherwise.

    Returns:
        The outcome, or that of the second solve; where that is contradicted too, its plan without a bound.
    """
    doubt = doubt_of(matrix, outcome, known)
    if not doubt:
        return outcome
    warn(f"an optimum of the solver is withdrawn ({doubt}); the program was solved again without presolve")
    second = again()
    doubt = doubt_of(matrix, second, min(known, outcome.value))
    if not doubt:
        return second
    warn(f"without presolve the solver contradicts itself too ({doubt}): its bound is not used")
    return replace(second, termination=Termination.FAILED, bound=-np.inf)


def doubt_of(matrix: Matrix, outcome: Outcome, known: float) -> str:
    """What speaks against an outcome, in words; '' for nothing."""
    if contradicts(outcome.bound, known):
        return f"a plan of {known:.9g} is known, below its bound of {outcome.bound:.9g}"
    if outcome.x is None or outcome.termination is not Termination.PROVEN:
        return ""
    value = value_of_decisions(matrix, outcome.x)
    if not np.isfinite(value):
        return "its whole decisions leave no plan"
    if contradicts(value, outcome.value):
        return f"its whole decisions are worth {value:.9g}, and not {outcome.value:.9g}"
    if contradicts(outcome.bound, value):
        return f"its own decisions are worth {value:.9g}, below its bound of {outcome.bound:.9g}"
    return ""


def value_of_decisions(matrix: Matrix, x: Floats) -> float:
    """The best value with the whole decisions fixed; infinite where there is no plan of them."""
    if not matrix.integer.any():
        return float(matrix.cost @ x + matrix.offset)
    whole = np.round(x)
    engine = Engine(matrix, Budget(float("inf")), threads=1)
    engine.continuous(True)
    engine.bounds(*(np.where(matrix.integer, whole, bound) for bound in (matrix.lower, matrix.upper)))
    found = engine.lp()
    return found.value if found.termination is Termination.PROVEN else np.inf
