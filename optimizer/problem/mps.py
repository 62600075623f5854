"""The program as an MPS file (free format) with the registry's names, for another solver or for whoever asks to see it.

A row is named by its rule and key, a column by its variable and key: `budget.balance[DEU,2027,core]`. The figures are
in the units of the data. The first objective is written; the second (cost, as a rule) is not in the file.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.problem.arrays import Matrix

OBJECTIVE = "objective"


def write_mps(matrix: Matrix, path: Path, name: str) -> None:
    """Write a program; a path that ends in .gz is compressed.

    Args:
        matrix: the program.
        path: the file, for example model.mps.gz.
        name: of the program, as the file states it.

    Raises:
        OSError: the file can't be written.
    """
    content = "\n".join(_lines(matrix, name)).encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def row_names(matrix: Matrix) -> list[str]:
    """family.rule[key] of each row."""
    return [_named(row.name, row.key) for row in matrix.rows]


def column_names(matrix: Matrix) -> list[str]:
    """variable[key] of each column."""
    return [_named(column.name, column.key) for column in matrix.columns]


def _named(name: str, key: Any) -> str:
    """A name without blanks, which end a name in the file."""
    if key is None:
        return name
    parts = key if isinstance(key, tuple) else (key,)
    return "_".join(f"{name}[{','.join(str(part) for part in parts)}]".split())


def _lines(matrix: Matrix, name: str) -> Iterator[str]:
    rows = row_names(matrix)
    kinds = np.where(matrix.row_lower == matrix.row_upper, "E", np.where(np.isfinite(matrix.row_upper), "L", "G"))
    yield f"NAME {'_'.join(name.split()) or 'program'}"
    yield "ROWS"
    yield f" N {OBJECTIVE}"
    yield from (f" {kind} {row}" for kind, row in zip(kinds.tolist(), rows, strict=True))
    columns = column_names(matrix)
    yield from _columns(matrix, rows, columns)
    yield from _right_sides(matrix, rows, kinds.tolist())
    yield from _bounds(matrix, columns)
    yield "ENDATA"
    yield ""


def _columns(matrix: Matrix, rows: list[str], columns: list[str]) -> Iterator[str]:
    """Entries column by column; integers stand between markers."""
    yield "COLUMNS"
    starts, places, entries = matrix.a.indptr.tolist(), matrix.a.indices.tolist(), matrix.a.data.tolist()
    costs, inside, markers = matrix.cost.tolist(), False, 0
    for column, whole in enumerate(matrix.integer.tolist()):
        if whole != inside:
            inside, markers = whole, markers + 1
            yield f" MARKER{markers} 'MARKER' '{'INTORG' if whole else 'INTEND'}'"
        yield f" {columns[column]} {OBJECTIVE} {costs[column]!r}"
        for place in range(starts[column], starts[column + 1]):
            yield f" {columns[column]} {rows[places[place]]} {entries[place]!r}"
    if inside:
        yield f" MARKER{markers + 1} 'MARKER' 'INTEND'"


def _right_sides(matrix: Matrix, rows: list[str], kinds: list[str]) -> Iterator[str]:
    """Right sides, the objective's constant with its sign turned, and the other end of rows that have two."""
    yield "RHS"
    if matrix.offset:
        yield f" RHS {OBJECTIVE} {-matrix.offset!r}"
    lower, upper = matrix.row_lower.tolist(), matrix.row_upper.tolist()
    for row, kind in enumerate(kinds):
        right = lower[row] if kind == "G" else upper[row]
        if right:
            yield f" RHS {rows[row]} {right!r}"
    both = np.flatnonzero((matrix.row_lower != matrix.row_upper) & np.isfinite(matrix.row_lower + matrix.row_upper))
    if len(both):
        yield "RANGES"
        yield from (f" RANGE {rows[row]} {upper[row] - lower[row]!r}" for row in both.tolist())


def _bounds(matrix: Matrix, columns: list[str]) -> Iterator[str]:
    """Both ends of each column, where they are not the format's own (0 and none); of integers always."""
    yield "BOUNDS"
    ends = zip(columns, matrix.lower.tolist(), matrix.upper.tolist(), matrix.integer.tolist(), strict=True)
    for column, low, high, whole in ends:
        if low == high:
            yield f" FX BOUND {column} {low!r}"
            continue
        if low == -np.inf:
            yield f" MI BOUND {column}"
        elif low != 0 or whole:
            yield f" LO BOUND {column} {low!r}"
        if np.isfinite(high):
            yield f" UP BOUND {column} {high!r}"
        elif whole:
            yield f" PL BOUND {column}"
