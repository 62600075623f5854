"""The linear relaxation: the first bound of a program, and its proportions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.bounds.lagrangian import dual_bound
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Ear, Engine
from optimizer.engine.outcome import Outcome, Termination
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix

EXACT = 1e-8  # tolerance of an interior point; rougher costs as much, and residues of 1e-6 add up to violations


def relaxed(
    matrix: Matrix, budget: Budget, lower: Floats, upper: Floats, seed: int, tolerance: float = EXACT,
    ear: Ear | None = None,
) -> Outcome:  # fmt: skip
    """The linear relaxation within some bounds, by interior point without crossover."""
    engine = Engine(matrix, budget, seed=seed, threads=1, ear=ear)
    engine.set(ipm_optimality_tolerance=tolerance)
    engine.continuous(True)
    engine.bounds(lower, upper)
    outcome = engine.lp(method="ipm", crossover=False)
    return engine.lp(method="ipm") if outcome.termination is Termination.FAILED else outcome


@dataclass(frozen=True)
class Relaxation:
    """How the relaxation is solved.

    Attributes:
        tolerance: of the interior point.
    """

    tolerance: float = EXACT
    name: str = "relaxation"

    def run(self, instance: Instance, pool: Pool, budget: Budget) -> Outcome:
        """Solve it and tell the pool its bound; the outcome's bound is what its duals prove."""
        matrix = instance.matrix
        root = relaxed(matrix, budget, matrix.lower, matrix.upper, instance.seed, self.tolerance, pool.ear(self.name))
        budget.work += 1
        if root.termination is not Termination.PROVEN or root.x is None:
            return root
        pool.journal.note(f"relaxation: {root.value:.6g}")
        root = replace(root, bound=proven(matrix, root))
        pool.prove(root.bound, self.name)
        return root


def proven(matrix: Matrix, root: Outcome) -> float:
    """The bound of a relaxation, by its duals: what its primal side says is off by the engine's tolerances."""
    return -np.inf if root.row_duals is None else max(0.0, dual_bound(matrix, root.row_duals))
