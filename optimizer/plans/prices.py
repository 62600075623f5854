"""Shadow prices: duals of the LP with the plan's integers fixed (a mixed-integer program has none of its own)."""

from __future__ import annotations

from typing import Any

from models.program import Program
from models.registry import RULES
from optimizer.problem.arrays import Matrix
from optimizer.engine.outcome import Outcome
from optimizer.problem.scale import scales_of

SMALL = 1e-9  # points for a change of a row's own size: less is nothing


def shadow_prices(program: Program, matrix: Matrix, lp: Outcome) -> list[dict[str, Any]]:
    """Rows of the table shadow_prices: the change of the first objective for one more of what the row bounds."""
    if lp.row_duals is None:
        return []
    rows = []
    sizes = 1.0 / scales_of(matrix).row
    for row, dual, size in zip(matrix.rows, lp.row_duals.tolist(), sizes.tolist(), strict=True):
        unit = RULES[row.name].price if row.name in RULES else ""
        if unit and abs(dual) * size > SMALL:
            key, year = _place(row.key, program.keys.last)
            rows.append({"constraint": row.name, "key": key, "year": year, "price": dual, "unit": unit})
    return rows


def _place(index: Any, last: int) -> tuple[str, int]:
    """(words of the key joined by ':', its year, the last year for sums)."""
    parts = index if isinstance(index, tuple) else (index,)
    years = [part for part in parts if isinstance(part, int)]
    return ":".join(str(part) for part in parts if not isinstance(part, int)) or "-", years[0] if years else last
