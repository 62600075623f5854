"""From a Pyomo program to labelled sparse arrays, and back: no Pyomo object goes further than this module."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.core import Constraint, Var
from pyomo.core.expr.relational_expr import EqualityExpression
from scipy import sparse

from models.linear import gather, unhurried
from models.program import OBJECTIVE, Program, component_of
from models.registry import MANIFEST
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.scale import column_sizes

CANCELLED = 1e-12  # of its terms: a coefficient that is only what is left of two that cancel


class ProvenInfeasible(Exception):
    """A row without variables can't hold: the case is infeasible before any solver."""

    def __init__(self, row: str) -> None:
        """Keep the name of the row."""
        super().__init__(row)
        self.row = row


@dataclass(frozen=True)
class Compiled:
    """A program, its arrays, and the variables behind their columns: the one bridge between both.

    Attributes:
        program: as the rules state it.
        matrix: its arrays.
        variables: variable data of each column.
    """

    program: Program
    matrix: Matrix
    variables: list[Any]

    @cached_property
    def place(self) -> dict[int, int]:
        """Identity of a variable (its `id`) -> its column."""
        return {id(variable): column for column, variable in enumerate(self.variables)}

    def load(self, x: Floats) -> None:
        """Put values by column into the variables of the program."""
        for variable, number in zip(self.variables, x.tolist(), strict=True):
            variable.set_value(number, skip_validation=True)

    def values(self) -> Floats:
        """The variables' values by column, 0 where one has none."""
        return np.array([float(variable.value or 0.0) for variable in self.variables])

    def terms(self, one: Any, less: Any = 0.0) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Columns and coefficients of one linear expression less another; what has no column is left out."""
        entries: list[float] = []
        variables: list[Any] = []
        gather(one, 1.0, entries, variables)
        gather(less, -1.0, entries, variables)
        place = self.place
        known = [(place[id(v)], entry) for v, entry in zip(variables, entries, strict=True) if id(v) in place]
        return tuple(column for column, _ in known), tuple(entry for _, entry in known)


def compile_program(program: Program) -> Compiled:
    """Compile the program.

    Rows are in the order in which the rules are wired. Columns are in the order in which the first objective and then
    the rows first name their components, and within one by key; what none of them uses has no column.

    Raises:
        ProvenInfeasible: a row has no variables left and can't hold.
    """
    with unhurried():
        matrix, variables = _compile(program.model)
    return Compiled(program, replace(matrix, sizes=column_sizes(matrix)), variables)


def recompiled(before: Compiled, program: Program, parts: Collection[str]) -> Compiled | None:
    """The arrays of a program that states another case now, made from its arrays before.

    Args:
        before: as compiled before.
        program: the program now.
        parts: rules whose rows are new, and `objective` where its terms are (models.program.Again).

    Returns:
        The same columns, with the rows of other rules as they were; None where a new term needs a column that there
        is not, so that the program has to be compiled as a whole.

    Raises:
        ProvenInfeasible: a row has no variables left and can't hold.
    """
    rules = [name for name in MANIFEST if name in parts]
    with unhurried():
        matrix = _recompiled(before, program.model, rules, OBJECTIVE in parts)
    return None if matrix is None else Compiled(program, matrix, before.variables)


def _recompiled(before: Compiled, m: Any, rules: list[str], objective: bool) -> Matrix | None:
    matrix, place = before.matrix, before.place
    terms = _Terms()
    rows: list[Label] = []
    row_lower: list[float] = []
    row_upper: list[float] = []
    for name in rules:
        _take_rows(m.find_component(component_of(name)), terms, rows, row_lower, row_upper)
    columns = [place.get(id(variable), -1) for variable in terms.variables]
    if -1 in columns:
        return None
    shape = (len(terms.starts) - 1, len(matrix.columns))
    new = sparse.csr_array((np.array(terms.entries, dtype=float), np.array(columns, dtype=np.int64),
                            np.array(terms.starts)), shape=shape)  # fmt: skip
    _add_up(new)
    stays = _of_others(matrix.rows, frozenset(rules), m)
    found = replace(
        matrix,
        a=sparse.csc_array(sparse.vstack([matrix.a.tocsr()[stays], new])),
        row_lower=np.concatenate([matrix.row_lower[stays], row_lower]),
        row_upper=np.concatenate([matrix.row_upper[stays], row_upper]),
        rows=(*(row for row, kept in zip(matrix.rows, stays.tolist(), strict=True) if kept), *rows),
    )
    if not objective:
        return found
    if any(id(variable) not in place for variable in variables_of(m.first.expr)):
        return None
    cost, offset = _coefficients(m.first.expr, place)
    second, second_offset = _coefficients(m.second, place)
    return replace(found, cost=cost, offset=offset, second=second, second_offset=second_offset)


def _of_others(rows: Iterable[Label], rules: frozenset[str], m: Any) -> NDArray[np.bool_]:
    """Which rows belong to none of these rules; a rule that has left the model leaves its rows without."""
    names = sorted({row.name for row in rows})
    stays = {name: name not in rules and m.find_component(component_of(name)) is not None for name in names}
    return np.array([stays[row.name] for row in rows], dtype=bool)


def _take_rows(
    component: Any, terms: _Terms, rows: list[Label], row_lower: list[float], row_upper: list[float]
) -> None:  # fmt: skip
    """Add the rows of one component that have variables."""
    rule = rule_of(component)
    for key, row in component.items():
        low, high = _row(row.expr, terms)
        if not terms.drop_empty():
            rows.append(Label(rule, key))
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

    def take(self, expression: Any, less: Any = None) -> float:
        """Add an expression, less another one if given, as a row; gives the constant in it."""
        constant = gather(expression, 1.0, self.entries, self.variables)
        if less is not None:
            constant += gather(less, -1.0, self.entries, self.variables)
        self.starts.append(len(self.entries))
        return constant

    def drop_empty(self) -> bool:
        """Take back the last row if it has no variables."""
        if self.starts[-1] > self.starts[-2]:
            return False
        self.starts.pop()
        return True


def _compile(m: Any) -> tuple[Matrix, list[Any]]:
    """(arrays of a model, the variables behind their columns)."""
    terms = _Terms()
    offset = terms.take(m.first.expr)
    rows: list[Label] = []
    row_lower: list[float] = []
    row_upper: list[float] = []
    for component in m.component_objects(Constraint, active=True):
        _take_rows(component, terms, rows, row_lower, row_upper)
    a, variables, columns = _columns(m, terms)
    place = {id(variable): column for column, variable in enumerate(variables)}
    second, second_offset = _coefficients(m.second, place)
    matrix = Matrix(
        a=sparse.csc_array(a[1:]),
        cost=np.asarray(a[[0]].todense(), dtype=float).reshape(-1),
        offset=offset,
        second=second,
        second_offset=second_offset,
        row_lower=np.array(row_lower),
        row_upper=np.array(row_upper),
        lower=np.array([_bound(variable.lb, -np.inf) for variable in variables]),
        upper=np.array([_bound(variable.ub, np.inf) for variable in variables]),
        integer=np.array([variable.is_integer() for variable in variables], dtype=bool),
        rows=tuple(rows),
        columns=columns,
        group=np.array([label.name for label in columns], dtype=str),
    )
    return matrix, variables


def _row(relation: Any, terms: _Terms) -> tuple[float, float]:
    """Add a relation's terms; gives the bounds of its row. Where both sides have variables, it is left less right."""
    left, right = relation.args
    equal = relation.__class__ is EqualityExpression
    if isinstance(left, int | float):
        low = left - terms.take(right)
        return low, low if equal else np.inf
    high = 0.0 - terms.take(left, right)
    return high if equal else -np.inf, high


def _columns(m: Any, terms: _Terms) -> tuple[sparse.csr_array, list[Any], tuple[Label, ...]]:
    """Rows over the columns that anything uses, those columns, and what each is called."""
    components = list(m.component_objects(Var))
    declared = [variable for component in components for variable in component.values()]
    owner = np.repeat(np.arange(len(components)), [len(component) for component in components])
    place = {id(variable): number for number, variable in enumerate(declared)}
    used = np.fromiter(map(place.__getitem__, map(id, terms.variables)), np.int64, len(terms.variables))
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
    labels = [Label(name, key) for component in components if (name := component.local_name) for key in component]
    chosen = order.tolist()
    return a[:, order], [declared[number] for number in chosen], tuple([labels[number] for number in chosen])


def _bound(bound: Any, missing: float) -> float:
    return missing if bound is None else float(bound)


def _coefficients(expression: Any, place: Mapping[int, int]) -> tuple[Floats, float]:
    """Coefficients of a linear expression by column, and its constant; what has no column is left out."""
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


def rule_of(component: Any) -> str:
    """Rule name (family.rule) of a component of constraints."""
    return str(component.local_name).replace("__", ".")
