"""From a Pyomo program to sparse arrays whose rows and columns still know their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.core.expr.relational_expr import EqualityExpression
from pyomo.environ import Constraint, Var
from scipy import sparse

from models.linear import gather, unhurried
from models.program import OBJECTIVE, Program, component_of
from models.registry import MANIFEST
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.scale import column_sizes

CANCELLED = 1e-12  # of its terms: a coefficient that is only what is left of two that cancel


class ProvenInfeasible(Exception):
    """A row without variables can't hold: the case is infeasible before any solver."""

    def __init__(self, row: str) -> None:
        """Keep the name of the row."""
        super().__init__(row)
        self.row = row


def compile_program(program: Program) -> Matrix:
    """Compile the program.

    Rows are in the order in which the rules are wired. Columns are in the order in which the first objective and then
    the rows first name their components, and within one by key; what none of them uses has no column.

    Raises:
        ProvenInfeasible: a row has no variables left and can't hold.
    """
    with unhurried():
        matrix = _compile(program.model)
    return replace(matrix, sizes=column_sizes(matrix))


def recompiled(matrix: Matrix, program: Program, parts: Collection[str]) -> Matrix | None:
    """The arrays of a program that states another case now, made from its arrays before.

    Args:
        matrix: as compiled before.
        program: the program now.
        parts: rules whose rows are new, and `objective` where its terms are (models.program.Again).

    Returns:
        The same columns, with the rows of other rules as they were; None where a new term needs a column that there
        is not, so that the program has to be compiled as a whole.

    Raises:
        ProvenInfeasible: a row has no variables left and can't hold.
    """
    with unhurried():
        return _recompiled(matrix, program.model, [name for name in MANIFEST if name in parts], OBJECTIVE in parts)


def _recompiled(matrix: Matrix, m: Any, rules: list[str], objective: bool) -> Matrix | None:
    place = matrix.index()
    names = [component_of(name) for name in rules]
    terms = _Terms()
    rows: list[Any] = []
    row_lower: list[float] = []
    row_upper: list[float] = []
    for name in names:
        _take_rows(m.find_component(name), terms, rows, row_lower, row_upper)
    columns = [place.get(id(variable), -1) for variable in terms.variables]
    if -1 in columns:
        return None
    shape = (len(terms.starts) - 1, len(matrix.columns))
    new = sparse.csr_array((np.array(terms.entries, dtype=float), np.array(columns, dtype=np.int64),
                            np.array(terms.starts)), shape=shape)  # fmt: skip
    _add_up(new)
    stays = _of_others(matrix.rows, frozenset(names))
    found = replace(
        matrix,
        a=sparse.csc_array(sparse.vstack([matrix.a.tocsr()[stays], new])),
        row_lower=np.concatenate([matrix.row_lower[stays], row_lower]),
        row_upper=np.concatenate([matrix.row_upper[stays], row_upper]),
        rows=[*(row for row, kept in zip(matrix.rows, stays.tolist(), strict=True) if kept), *rows],
    )
    if not objective:
        return found
    if any(id(variable) not in place for variable in variables_of(m.first.expr)):
        return None
    cost, offset = vector(m.first.expr, matrix.columns)
    second, second_offset = vector(m.second, matrix.columns)
    return replace(found, cost=cost, offset=offset, second=second, second_offset=second_offset)


def _of_others(rows: list[Any], names: frozenset[str]) -> NDArray[np.bool_]:
    """Which rows belong to none of these components; one that has left the model leaves its rows without."""
    known: dict[int, bool] = {id(None): False}
    owners = [row.parent_component() for row in rows]
    for owner in owners:
        if id(owner) not in known:
            known[id(owner)] = owner.local_name not in names
    return np.array([known[id(owner)] for owner in owners], dtype=bool)


def _take_rows(component: Any, terms: _Terms, rows: list[Any], row_lower: list[float], row_upper: list[float]) -> None:
    """Add the rows of one component that have variables."""
    for row in component.values():
        low, high = _row(row.expr, terms)
        if not terms.drop_empty():
            rows.append(row)
            row_lower.append(low)
            row_upper.append(high)
        elif not low <= 0 <= high:
            raise ProvenInfeasible(str(row.name))


def _add_up(a: sparse.csr_array) -> None:
    """Terms of one variable summed, and what cancels left out."""
    terms = sparse.csr_array((np.abs(a.data), a.indices.copy(), a.indptr.copy()), shape=a.shape)  # abs(a) sums first
    a.sum_duplicates()
    terms.sum_duplicates()
    a.data[np.abs(a.data) < CANCELLED * terms.data] = 0.0
    a.eliminate_zeros()


@dataclass
class _Terms:
    """Terms of all rows in one go, the first objective as row 0; `starts` has the place where each begins."""

    entries: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])

    def take(self, *parts: tuple[Any, float]) -> float:
        """Add the sum of expressions, each with its sign, as a row; gives the constant in it."""
        constant = sum(gather(part, sign, self.entries, self.variables) for part, sign in parts)
        self.starts.append(len(self.entries))
        return constant

    def drop_empty(self) -> bool:
        """Take back the last row if it has no variables."""
        if self.starts[-1] > self.starts[-2]:
            return False
        self.starts.pop()
        return True


def _compile(m: Any) -> Matrix:
    terms = _Terms()
    offset = terms.take((m.first.expr, 1.0))
    rows: list[Any] = []
    row_lower: list[float] = []
    row_upper: list[float] = []
    for component in m.component_objects(Constraint, active=True):
        _take_rows(component, terms, rows, row_lower, row_upper)
    a, columns, group = _columns(m, terms)
    second, second_offset = vector(m.second, columns)
    return Matrix(
        a=sparse.csc_array(a[1:]),
        cost=np.asarray(a[[0]].todense(), dtype=float).reshape(-1),
        offset=offset,
        second=second,
        second_offset=second_offset,
        row_lower=np.array(row_lower),
        row_upper=np.array(row_upper),
        lower=np.array([_bound(column.lb, -np.inf) for column in columns]),
        upper=np.array([_bound(column.ub, np.inf) for column in columns]),
        integer=np.array([column.is_integer() for column in columns], dtype=bool),
        rows=rows,
        columns=columns,
        group=group,
    )


def _row(relation: Any, terms: _Terms) -> tuple[float, float]:
    """Add a relation's terms; gives the bounds of its row. Where both sides have variables, it is left less right."""
    left, right = relation.args
    equal = relation.__class__ is EqualityExpression
    if isinstance(left, int | float):
        low = left - terms.take((right, 1.0))
        return low, low if equal else np.inf
    high = 0.0 - terms.take((left, 1.0), (right, -1.0))
    return high if equal else -np.inf, high


def _columns(m: Any, terms: _Terms) -> tuple[sparse.csr_array, list[Any], NDArray[np.str_]]:
    """Rows over the columns that anything uses, those columns, and the name of each one's component."""
    components = list(m.component_objects(Var))
    declared = [variable for component in components for variable in component.values()]
    owner = np.repeat(np.arange(len(components)), [len(component) for component in components])
    place = {id(variable): number for number, variable in enumerate(declared)}
    used = np.array([place[id(variable)] for variable in terms.variables], dtype=np.int64)
    shape = (len(terms.starts) - 1, len(declared))
    a = sparse.csr_array((np.array(terms.entries, dtype=float), used, np.array(terms.starts)), shape=shape)
    _add_up(a)
    seen, first = np.unique(owner[used], return_index=True)
    rank = np.full(len(components), len(used))
    rank[seen] = first
    order = np.lexsort((np.arange(len(declared)), rank[owner]))
    filled = np.zeros(len(declared), dtype=bool)
    filled[a.indices] = True
    order = order[filled[order]]
    names = np.array([component.local_name for component in components], dtype=str)
    return a[:, order], [declared[number] for number in order.tolist()], names[owner[order]]


def _bound(bound: Any, missing: float) -> float:
    return missing if bound is None else float(bound)


def vector(expression: Any, columns: Iterable[Any]) -> tuple[Floats, float]:
    """Coefficients of a linear expression over the columns, and its constant."""
    place = {id(column): number for number, column in enumerate(columns)}
    entries: list[float] = []
    variables: list[Any] = []
    constant = gather(expression, 1.0, entries, variables)
    coefficients = np.zeros(len(place))
    for entry, variable in zip(entries, variables, strict=True):
        if id(variable) in place:
            coefficients[place[id(variable)]] += entry
    return coefficients, constant


def variables_of(expression: Any) -> list[Any]:
    """The variables of a linear expression."""
    variables: list[Any] = []
    gather(expression, 1.0, [], variables)
    return variables


def rule_of(row: Any) -> str:
    """Rule name of a row (family.rule)."""
    return str(row.parent_component().local_name).replace("__", ".")


def rules_of(rows: Iterable[Any]) -> list[str]:
    """Rule name of each row; each component is asked once."""
    known: dict[int, str] = {}
    found = []
    for row in rows:
        component = row.parent_component()
        name = known.get(id(component))
        if name is None:
            name = known[id(component)] = rule_of(row)
        found.append(name)
    return found


__all__ = [
    "Floats",
    "Matrix",
    "ProvenInfeasible",
    "compile_program",
    "recompiled",
    "rule_of",
    "rules_of",
    "variables_of",
    "vector",
]
