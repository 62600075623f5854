"""Values that are on their way to a plan: what they are worth, and what they violate.

Rows that nations share, and budgets, may be violated at a price (never hidden: there is no plan while any is), so that
a rounding can be repaired by the same steps that improve a plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Termination
from optimizer.instance import PRICE, Instance
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.layout import Mask, Places
from optimizer.problem.subproblem import subproblem

TOLERANCE = 1e-6  # sum of violations that is only the solver's tolerance
WHOLE = 1e-6  # off a whole number: less is the solver's tolerance
NO_GAIN = 1e-6  # points


@dataclass
class Candidate:
    """Values by column of the elastic program.

    Attributes:
        instance: the program.
        x: values, slacks included.
        allowed: sum of violations that is only the solver's tolerance.
        kept: the best plan so far, slacks included.
    """

    instance: Instance
    x: Floats
    allowed: float = TOLERANCE
    kept: Floats | None = None

    @classmethod
    def of(cls, instance: Instance, x: Floats, allowed: float = TOLERANCE) -> Candidate:
        """A candidate from values by column of the program; what they violate is in the slacks."""
        return cls(instance, with_slacks(instance, x), allowed)

    @property
    def matrix(self) -> Matrix:
        """The elastic program."""
        return self.instance.elastic.matrix

    @property
    def plain(self) -> int:
        """Columns of the program without slacks."""
        return self.instance.elastic.plain

    @property
    def values(self) -> Floats:
        """Values by column of the program."""
        return self.x[: self.plain]

    @property
    def violation(self) -> float:
        """Sum of all violations, each relative to its row."""
        return float(self.x[self.plain :] @ self.matrix.cost[self.plain :]) / PRICE

    @property
    def value(self) -> float:
        """First objective without the price of violations."""
        return float(self.matrix.cost[: self.plain] @ self.values + self.matrix.offset)

    @property
    def priced(self) -> float:
        """First objective with the price of violations."""
        return self.worth(self.x)

    @property
    def whole(self) -> bool:
        """Whether every integer decision has a whole value."""
        numbers = self.x[self.matrix.integer]
        return bool(np.all(np.abs(numbers - np.round(numbers)) < WHOLE))

    @property
    def feasible(self) -> bool:
        """Whether it is a plan: whole, and nothing violated."""
        return self.violation <= self.allowed and self.whole

    def worth(self, x: Floats) -> float:
        """First objective of some values, with the price of violations."""
        return float(self.matrix.cost @ x + self.matrix.offset)

    def keep(self, pool: Pool, finder: str) -> None:
        """Remember it, and offer it, if it is a plan."""
        if self.feasible:
            if self.kept is None or self.priced < self.worth(self.kept):
                self.kept = self.x
            pool.offer(self.values, self.value, finder)

    def fall_back(self) -> None:
        """Back to the best plan where it is none or worse: residues of many steps can add up."""
        if self.kept is not None and (not self.feasible or self.priced > self.worth(self.kept)):
            self.x = self.kept

    def put(self, columns: Places, values: Floats) -> None:
        """Give some columns other values."""
        self.x = self.x.copy()
        self.x[columns] = values


def with_slacks(instance: Instance, x: Floats) -> Floats:
    """Values of the program's columns with the slacks that they need."""
    matrix, slack = instance.elastic.matrix, instance.slack_of_row
    full = np.concatenate([x[: instance.elastic.plain], np.zeros(len(matrix.cost) - instance.elastic.plain)])
    rows = np.flatnonzero(slack >= 0)
    activity = (instance.by_rows @ full)[rows]
    over = np.maximum(activity - matrix.row_upper[rows], matrix.row_lower[rows] - activity)
    full[slack[rows]] = np.maximum(0.0, over)
    return full


def cut_out(candidate: Candidate, free: Mask, *, trading: bool = False) -> tuple[Places, Matrix]:
    """(columns freed, their program with all others at the candidate's values).

    Only rows that the candidate violates may be violated, unless ``trading``: there one violation may be had for
    another.
    """
    instance, matrix = candidate.instance, candidate.matrix
    wide = np.zeros(len(matrix.cost), dtype=bool)
    wide[: candidate.plain] = free
    touched = np.zeros(matrix.shape[0], dtype=bool)
    touched[matrix.a[:, np.flatnonzero(wide)].indices] = True
    slacks = instance.slack_of_row[np.flatnonzero(touched)]
    slacks = slacks[slacks >= 0]
    wide[slacks if trading else slacks[candidate.x[slacks] > 0]] = True
    return subproblem(matrix, instance.by_rows, wide, candidate.x)


def completed(candidate: Candidate, budget: Budget) -> bool:
    """Find all continuous values anew, whole decisions kept; whether that makes the candidate better.

    Each step holds the values of all others: who takes which part of a line's output, and when, is seen only at once.
    It also keeps each row within the engine's tolerance alone, and many steps add up: the values found anew are what
    the decisions are worth, and are taken even where that is less than the steps said.
    """
    free = candidate.matrix
    whole = np.round(candidate.x)
    engine = Engine(free, budget, seed=candidate.instance.seed, threads=1)
    engine.continuous(True)
    engine.bounds(*(np.where(free.integer, whole, bound) for bound in (free.lower, free.upper)))
    found = engine.lp(method="ipm")
    budget.work += 1
    if found.x is None or found.termination is not Termination.PROVEN:
        return False
    gain = candidate.priced - found.value
    candidate.x = np.where(free.integer, whole, found.x)
    return gain > NO_GAIN


def violated_rows(candidate: Candidate) -> list[tuple[str, tuple[object, ...], float, float]]:
    """(rule, key, amount, price) of the rows that the candidate violates."""
    matrix, slack = candidate.matrix, candidate.instance.slack_of_row
    found = []
    for row in np.flatnonzero(slack >= 0).tolist():
        amount = float(candidate.x[slack[row]])
        price = amount * float(matrix.cost[slack[row]])
        if price > TOLERANCE * PRICE:
            label = matrix.rows[row]
            key = label.key if isinstance(label.key, tuple) else (label.key,)
            found.append((label.name, key, amount, price))
    return found


def floored(candidate: Candidate, columns: Places, now: Floats) -> Floats:
    """A start for decisions that are not whole yet: lots rounded down, types operated where a lot is left."""
    start = candidate.x.copy()
    start[columns] = np.where(candidate.matrix.integer[columns], np.floor(now + WHOLE), now)
    for operated, orders in candidate.instance.orders.items():
        if start[operated] != round(candidate.x[operated]) or candidate.x[operated] % 1:
            start[operated] = float(bool(start[orders].sum() > 1e-4))
    return start[columns]


def types_within(candidate: Candidate, columns: Places) -> dict[int, list[int]]:
    """The types among some columns and their orders, by place among them."""
    place = {column: number for number, column in enumerate(columns.tolist())}
    return {
        place[operated]: [place[column] for column in orders if column in place]
        for operated, orders in candidate.instance.orders.items()
        if operated in place
    }
