"""Each nation's own decisions made whole by a dive, all others standing at the values that they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.engine.budget import Budget
from optimizer.finders.candidate import Candidate, cut_out, types_within, with_slacks
from optimizer.finders.dive import dive
from optimizer.finders.neighbourhoods import of_nations
from optimizer.problem.arrays import Floats
from optimizer.problem.layout import Places


@dataclass(frozen=True)
class Found:
    """Whole decisions of a nation.

    Attributes:
        nation: its number.
        columns, values: what it decides for itself, and what follows from it.
    """

    nation: int
    columns: Places
    values: Floats


def nations_whole(
    candidate: Candidate, nations: Sequence[int], budget: Budget, careful: bool
) -> Iterator[Found | None]:  # fmt: skip
    """Dive into nations one after another, each within what those before it have left; None where a dive fails.

    Args:
        candidate: its values are replaced by each nation's as they are found.
        nations: by number.
        budget: until when.
        careful: whether a rounding that violates more than before is taken back.
    """
    for number in nations:
        if budget.late():
            return
        columns, small = cut_out(candidate, of_nations(candidate.instance, (number,)).free, trading=True)
        values = dive(small, budget, candidate.instance.seed, types_within(candidate, columns), careful=careful)
        budget.work += 1
        if values is None:
            yield None
            continue
        candidate.put(columns, values)
        yield Found(number, columns, values)


def taken_over(candidate: Candidate, found: Sequence[Found]) -> None:
    """Give nations their decisions as another process found them.

    How things are made is not taken over, since each process left it to its own nations: it is found anew afterwards.
    """
    layout, plain = candidate.instance.layout, candidate.plain
    x = candidate.values.copy()
    for one in found:
        own = one.columns < plain
        own[own] = layout.owner[one.columns[own]] == one.nation
        x[one.columns[own]] = one.values[own]
    candidate.x = with_slacks(candidate.instance, np.asarray(x))
