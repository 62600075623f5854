"""What a run of an engine comes to: how it ended, values, bound, duals."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.problem.arrays import Floats


class Status(enum.Enum):
    """How a plan stands, as in plan.json."""

    OPTIMAL = "optimal"
    LIMIT = "limit"
    INFEASIBLE = "infeasible"
    ERROR = "error"


class Termination(enum.Enum):
    """Why an engine stopped."""

    PROVEN = "within the gap asked"
    CLOCK = "time limit"
    WORK = "work limit"
    CANCELLED = "cancelled"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    FAILED = "solver error"


@dataclass(frozen=True)
class Outcome:
    """What one run of an engine found.

    Attributes:
        termination: why it stopped.
        x: values by column, or None.
        value, bound: objective of x, best bound.
        row_duals: duals by row of an LP, else None.
    """

    termination: Termination
    x: Floats | None = None
    value: float = np.inf
    bound: float = -np.inf
    row_duals: Floats | None = None

    @property
    def stopped(self) -> bool:
        """Whether the clock or a cancel cut it short."""
        return self.termination in (Termination.CLOCK, Termination.CANCELLED)


@dataclass(frozen=True)
class Basis:
    """A basis of a linear program: rows and columns of the program, and the engine's own object."""

    shape: tuple[int, int]
    kept: Any


def relative_gap(value: float, bound: float) -> float:
    """(value - bound) / max(1, |value|), not below 0."""
    return max(0.0, (value - bound) / max(1.0, abs(value)))
