"""What of a search's plans a later search may start from: the whole decisions of the plan and of the pool's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.plans.plan import Name, Pooled
from optimizer.pool import Known
from optimizer.problem.arrays import Floats, Matrix


def decided(matrix: Matrix, x: Floats, pool: Sequence[Known]) -> tuple[dict[Name, float], tuple[Pooled, ...]]:
    """Whole decisions that are not 0: of a plan, and of the pool's plans in their order.

    Args:
        matrix: the program.
        x: values of the plan by column.
        pool: the best distinct plans, the best first; of those that decide the same the first alone is taken.
    """
    integer = np.flatnonzero(matrix.integer)
    names = {place: (matrix.columns[place].name, matrix.columns[place].key) for place in integer.tolist()}

    def whole(values: Floats) -> dict[Name, float]:
        rounded = np.round(values[integer])
        some = np.flatnonzero(rounded)
        return {names[at]: value for at, value in zip(integer[some].tolist(), rounded[some].tolist(), strict=True)}

    found: list[Pooled] = []
    for known in pool:
        here = whole(known.x)
        if all(here != one.whole for one in found):
            found.append(Pooled(float(known.value), known.finder, here))
    return whole(x), tuple(found)
