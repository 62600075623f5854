"""The last linear programs of a plan: integers fixed, nothing below the smallest order, at least cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.keys import SMALLEST_ORDER
from models.program import Program
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.least_change import evenly
from optimizer.plans.derived import settle
from optimizer.plans.prices import shadow_prices
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.compile import Compiled
from optimizer.problem.layout import Mask

SLIVER = 1e-6  # units of a divisible order that are only the engine's tolerance
CRUMB = 10 * SMALLEST_ORDER  # units: a plan does without a type of which a nation orders less than this
POLISH = 1e-9  # feasibility of the last LP, well inside the audit's tolerance
CHEAPEST, CHANGES = 3.0, 1.5  # times what the first of these programs took: what the two others take, on large programs


@dataclass
class Polish:
    """The last programs of one plan.

    Attributes:
        compiled: the case.
        engine: its matrix, without limits: what is begun here must end.
        large: whether crumbs are swept away, and an interior point does the work (a tenth of simplex's time).
        journal: told of each step.
        left: seconds that are left; what would not fit is left out, and said.
    """

    compiled: Compiled
    engine: Engine
    large: bool
    journal: Journal
    left: Callable[[], float]

    def finish(self, first: Outcome, last: Outcome, tolerance: float) -> tuple[list[dict[str, Any]], float]:
        """Round and fix the integers, solve the LP again, load it into the program; shadow prices of that LP.

        The residues of a search's many steps can add up: where its whole decisions are worth less than it saw, that is
        the first pass's value from here on, and said.

        Args:
            first: the first pass's plan and bound.
            last: the cost pass's plan.
            tolerance: how much of the first objective the cost may take (relative).

        Returns:
            (rows of shadow_prices.csv, what the first pass's plan is worth).
        """
        compiled = self.compiled
        if last.x is None:
            raise ValueError("nothing to finish without a plan")
        self.engine.continuous(True)
        limit = first.value + tolerance * abs(first.value)
        begun = time.perf_counter()
        best, prices = self._best(last.x, limit)
        took = time.perf_counter() - begun
        self.journal.note(f"integers fixed: {best.value:.6g}")
        x, value = last.x, first.value
        if best.x is not None and best.termination is Termination.PROVEN:
            if best.value > limit + SLIVER * abs(limit):
                x, value = best.x, best.value
                self.journal.note(f"{first.value:.6g} is withdrawn: the search's residues had added up")
            least = min(value, best.value)  # these whole decisions may be worth more than the search saw
            allowed = max(best.value, least + tolerance * abs(least))
            x = self._cheapest(best, x, allowed, took)
            x = self._evenly(x, took)
        else:
            self.journal.note(
                "no better values are found for these decisions: the plan stands as the cost pass left it"
            )
        compiled.load(x)
        settle(compiled.program, first.bound)
        return prices, value

    def solve(self, **how: Any) -> Outcome:
        """The linear program as the bounds are."""
        return self.engine.lp(method="ipm" if self.large else "choose", **how)

    def _best(self, x: Floats, limit: float) -> tuple[Outcome, list[dict[str, Any]]]:
        """The best values of a plan's whole decisions, and the shadow prices of that program."""
        program, matrix = self.compiled.program, self.compiled.matrix
        if self.large:
            best = self._swept(x, limit)
            return best, shadow_prices(program, matrix, best)
        _, upper = _ends(program, matrix, x)
        self.engine.bounds(_decided(matrix, x)[0], upper)
        best = self.solve(tolerance=POLISH)
        prices = shadow_prices(program, matrix, best)
        if best.x is not None:
            self.engine.bounds(*_least_orders(program, matrix, best.x, *_decided(matrix, x)))
            best = self.solve(tolerance=POLISH)
        return best, prices

    def _cheapest(self, best: Outcome, last: Floats, allowed: float, took: float) -> Floats:
        """The cheapest plan of these whole decisions; where no program shows one, the cheaper of the two known."""
        matrix = self.compiled.matrix
        known = last if best.x is None else min(best.x, last, key=lambda x: float(matrix.second @ x))
        if self.large and self.left() < CHEAPEST * took:
            self.journal.note("the cheapest values of these decisions are left out: the time is up")
            return best.x if best.x is not None else last
        self.engine.add_row(matrix.cost, allowed - matrix.offset + 1e-9 * max(1.0, abs(allowed)))
        self.engine.objective(matrix.second, matrix.second_offset)
        cheap = self.solve(tolerance=POLISH)
        if self.large and cheap.x is not None and self._crumbs(cheap.x):
            cheap = self._swept(cheap.x, np.inf)
        return cheap.x if cheap.x is not None and cheap.termination is Termination.PROVEN else known

    def _evenly(self, x: Floats, took: float) -> Floats:
        """Contributions nearest the key and the least changes of output, where there is the time."""
        if self.large and self.left() < CHANGES * took:
            self.journal.note("contributions and production are left as they are: the time is up")
            return x
        ends = _ends(self.compiled.program, self.compiled.matrix, x)
        return evenly(self.compiled, x, ends, large=self.large, note=self.journal.note)

    def _crumbs(self, x: Floats) -> bool:
        """Whether a plan has a type that it could do without."""
        return not np.array_equal(_without_crumbs(self.compiled.program, self.compiled.matrix, x), x)

    def _swept(self, x: Floats, limit: float) -> Outcome:
        """The LP with integers fixed at the plan's, without its crumbs if that is a plan worth the limit (points).

        A crumb may be the host without which a nation's munitions count for nothing: then it stays.
        """
        program, matrix = self.compiled.program, self.compiled.matrix
        found = Outcome(Termination.FAILED)
        for plan in (_without_crumbs(program, matrix, x), x):
            self.engine.bounds(*_ends(program, matrix, plan))
            found = self.solve(tolerance=POLISH)
            if found.termination is Termination.PROVEN and found.value <= limit:
                break
            if np.array_equal(plan, x):
                break
        return found


def _ends(program: Program, matrix: Matrix, x: Floats) -> tuple[Floats, Floats]:
    """Bounds with the integers fixed, and no order below the smallest."""
    return _least_orders(program, matrix, x, *_decided(matrix, x))


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
