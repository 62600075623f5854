"""A small linear program by names: what is left open once orders and starts are fixed."""

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from tests.enumerator_plans import TOLERANCE

Terms = Mapping[Any, float]


@dataclass
class Program:
    """Variables >= 0, rows (terms, relation, right side), a penalty to be least first and a cost to be least second."""

    names: dict[Any, int] = field(default_factory=dict)
    rows: list[tuple[Terms, str, float]] = field(default_factory=list)
    penalty: dict[Any, float] = field(default_factory=dict)
    cost: dict[Any, float] = field(default_factory=dict)

    def variable(self, *names: Any) -> None:
        """Make variables known."""
        for name in names:
            self.names.setdefault(name, len(self.names))

    def at_most(self, terms: Terms, right: float) -> None:
        """Add sum of terms <= right."""
        if np.isfinite(right):
            self.rows.append((terms, "<=", right))

    def equal(self, terms: Terms, right: float) -> None:
        """Add sum of terms = right."""
        self.rows.append((terms, "=", right))

    def hold(self, row: Mapping[str, Any], terms: Terms, right: float, constant: float) -> None:
        """Add sum of terms <= right for a row of a rule: hard, or at its penalty over the constant."""
        if row["hardness"] == "hard":
            self.at_most(terms, right)
            return
        missing = ("missing", len(self.rows))
        self.variable(missing)
        self.penalty[missing] = row["penalty"] / (constant or 1.0)
        self.at_most({**terms, missing: -1.0}, right)

    def solve(self) -> tuple[float, float] | None:
        """The least penalty, and the least cost at it; None where there is no solution."""
        if not self.names:
            fine = all(right >= -TOLERANCE if kind == "<=" else abs(right) <= TOLERANCE for _, kind, right in self.rows)
            return (0.0, 0.0) if fine else None
        penalty = self._least(self.penalty)
        if penalty is None or not any(self.cost.values()):
            return None if penalty is None else (penalty, 0.0)
        if self.penalty:
            self.at_most(self.penalty, penalty + 1e-10)
        cost = self._least(self.cost)
        return None if cost is None else (penalty, cost)

    def _least(self, cost: Terms) -> float | None:
        """The least cost; HiGHS is spoken to directly, since programs this small are done before they are wrapped."""
        engine, program = _engine(), highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.names), len(self.rows)
        program.col_cost_ = np.array([cost.get(name, 0.0) for name in self.names])
        program.col_lower_, program.col_upper_ = np.zeros(len(self.names)), np.full(len(self.names), np.inf)
        program.row_lower_ = np.array([right if kind == "=" else -np.inf for _, kind, right in self.rows])
        program.row_upper_ = np.array([right for _, _, right in self.rows])
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in self.rows)]).astype(np.int32)
        matrix.index_ = np.array([self.names[name] for terms, _, _ in self.rows for name in terms], dtype=np.int32)
        matrix.value_ = np.array([value for terms, _, _ in self.rows for value in terms.values()], dtype=float)
        engine.clearModel()
        engine.passModel(program)
        engine.run()
        status = engine.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return float(engine.getInfo().objective_function_value)
        if status != highspy.HighsModelStatus.kInfeasible:
            raise ArithmeticError(f"a program of {len(self.names)} variables ends with {status}")
        return None


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Programs are solved by one thread; the solver that is tested in the same process asks for its own afterwards."""
    _engine().resetGlobalScheduler(True)
    try:
        yield
    finally:
        _engine().resetGlobalScheduler(True)


@functools.cache
def _engine() -> highspy.Highs:
    engine = highspy.Highs()
    for option, value in {"output_flag": False, "presolve": "off", "threads": 1}.items():
        engine.setOptionValue(option, value)
    return engine


def joined(parts: Iterable[tuple[Terms, float]]) -> dict[Any, float]:
    """The sum of several sets of terms, each with a factor."""
    found: dict[Any, float] = {}
    for terms, factor in parts:
        for name, value in terms.items():
            found[name] = found.get(name, 0.0) + factor * value
    return found
