"""From a Pyomo program to sparse arrays whose rows and columns still know their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.common.errors import InfeasibleConstraintException
from pyomo.repn import generate_standard_repn
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from models.program import Program

Floats = NDArray[np.float64]
CANCELLED = 1e-12  # coefficients that are only what is left of two that cancel


class ProvenInfeasible(Exception):
    """A row without variables can't hold: the case is infeasible before any solver."""

    def __init__(self, row: str) -> None:
        """Keep the name of the row."""
        super().__init__(row)
        self.row = row


@dataclass(frozen=True)
class Matrix:
    """A program in arrays: minimise cost @ x + offset, row_lower <= a @ x <= row_upper, lower <= x <= upper.

    Attributes:
        a: rows by columns, compressed by column.
        cost, offset: first objective.
        second, second_offset: second objective of the lexicographic pair.
        row_lower, row_upper, lower, upper: bounds.
        integer: mask of integer columns.
        rows: name of each row (constraint data of the program).
        columns: variable data of each column.
        group: name of the variable component of each column.
    """

    a: sparse.csc_array
    cost: Floats
    offset: float
    second: Floats
    second_offset: float
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    rows: list[Any]
    columns: list[Any]
    group: NDArray[np.str_]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.a.shape
        return int(rows), int(columns)

    def take(self, x: Floats) -> None:
        """Load a solution into the variables of the program."""
        for column, number in zip(self.columns, x.tolist(), strict=True):
            column.set_value(number, skip_validation=True)

    def index(self) -> dict[int, int]:
        """Identity of a variable (its `id`) -> its column."""
        return {id(column): place for place, column in enumerate(self.columns)}


def compile_program(program: Program) -> Matrix:
    """Compile the program.

    Raises:
        ProvenInfeasible: a row has no variables left and can't hold.
    """
    try:
        form = LinearStandardFormCompiler().write(program.model, mixed_form=True)
    except InfeasibleConstraintException as problem:
        raise ProvenInfeasible(str(problem)) from problem
    kinds = np.array([entry.bound_type for entry in form.rows], dtype=int)
    rhs = np.asarray(form.rhs, dtype=float)
    columns = list(form.columns)
    second, second_offset = vector(program.model.second, columns)
    a = sparse.csc_array(form.A)
    a.data[np.abs(a.data) < CANCELLED] = 0.0
    a.eliminate_zeros()
    return Matrix(
        a=a,
        cost=np.asarray(sparse.csc_array(form.c).todense(), dtype=float).reshape(-1),
        offset=float(form.c_offset[0]),
        second=second,
        second_offset=second_offset,
        row_lower=np.where(kinds == 1, -np.inf, rhs),
        row_upper=np.where(kinds == -1, np.inf, rhs),
        lower=np.array([_bound(column.lb, -np.inf) for column in columns]),
        upper=np.array([_bound(column.ub, np.inf) for column in columns]),
        integer=np.array([column.is_integer() for column in columns], dtype=bool),
        rows=[entry.constraint for entry in form.rows],
        columns=columns,
        group=np.array([column.parent_component().local_name for column in columns], dtype=str),
    )


def _bound(bound: Any, missing: float) -> float:
    return missing if bound is None else float(bound)


def vector(expression: Any, columns: Iterable[Any]) -> tuple[Floats, float]:
    """Coefficients of a linear expression over the columns, and its constant."""
    place = {id(column): number for number, column in enumerate(columns)}
    coefficients = np.zeros(len(place))
    if isinstance(expression, int | float):
        return coefficients, float(expression)
    form = generate_standard_repn(expression, quadratic=False)
    for coefficient, variable in zip(form.linear_coefs, form.linear_vars, strict=True):
        if id(variable) in place:
            coefficients[place[id(variable)]] += coefficient
    return coefficients, float(form.constant)


def rule_of(row: Any) -> str:
    """Rule name of a row (family.rule)."""
    return str(row.parent_component().local_name).replace("__", ".")
