"""What value and cost leave open: who pays nearest the key, then production that changes least from year to year.

Many plans have the same value and cost, since nobody's money is short and a line has room in several years; a solver
takes any of them. These linear programs take the one that a planner would defend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from models.industry import added, bill, output
from models.innovation import pool_bill
from models.joint import value_ordered
from models.program import Program, number
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Termination
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.compile import Compiled
from optimizer.problem.layout import Mask

Note = Callable[[str], None]
HELD = 1e-9  # relative: how much value and cost may give way
ROUNDING = 1e-12  # of a row's terms: room for the engine's own sums
FEASIBLE = 1e-9  # of these programs, well inside the audit's tolerance
# What moves with who pays, and with when it is made, while all else stands (large programs).
MONEY = ("contribution", "spent", "carried", "shifted", "draw", "violation", "invested")
WORK = ("make", "finished", "on_hand", "violation")


@dataclass(frozen=True)
class Above:
    """What lies above a level is to be kept low; several with one number count once, by the largest.

    Attributes:
        number: of the figure.
        columns, coefficients: what is summed.
        level: what the sum may reach without counting.
    """

    number: int
    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    level: float


def evenly(compiled: Compiled, x: Floats, ends: tuple[Floats, Floats], *, large: bool, note: Note) -> Floats:
    """The plan with contributions nearest the key, then with the least sum of year-on-year changes of output.

    Args:
        compiled: the case.
        x: the cheapest plan of its value, by column.
        ends: lower and upper bounds with the integers fixed.
        large: only what a step is about moves, while all else stands (an interior point of the whole takes too long).
        note: writes a line of the log.

    Returns:
        Values by column.
    """
    matrix = compiled.matrix
    compiled.load(x)
    stands = np.zeros(len(x), dtype=bool)
    for name, wishes, moving in (
        ("contributions", above_key_shares, MONEY),
        ("production", changes_of_output, WORK),
    ):
        wanted = wishes(compiled)
        if wanted:
            fixed = stands | ~np.isin(matrix.group, moving) if large else stands
            found = _least(matrix, x, *_standing(matrix, x, fixed, *ends), wanted, ROUNDING if large else 0.0)
            if found is None:
                note(f"{name}: left as the cheapest plan has them")
            else:
                x = found
                compiled.load(x)
        stands = stands | (matrix.group == "contribution")
    return x


def _standing(matrix: Matrix, x: Floats, fixed: Mask, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Bounds in which what is fixed keeps its value.

    No room is left for rounding: of columns a billionth wide a presolve has said that no value is left.
    """
    fixed = fixed & ~matrix.integer
    return np.where(fixed, x, lower), np.where(fixed, x, upper)


def _least(
    matrix: Matrix, x: Floats, lower: Floats, upper: Floats, wanted: Sequence[Above], rounding: float
) -> Floats | None:
    """The least sum of what lies above its level, value and cost held; None where no better plan is shown.

    Rows and bounds that the plan misses by a residue are taken as it has them: the plan itself is one of the choices.
    """
    activity, room = matrix.a @ x, rounding * (abs(matrix.a) @ np.abs(x))
    rows = {
        "row_lower": np.minimum(matrix.row_lower, activity - room),
        "row_upper": np.maximum(matrix.row_upper, activity + room),
    }
    wide = with_figures(replace(matrix, **rows), wanted)
    lower, upper = np.minimum(lower, x), np.maximum(upper, x)
    plain, more = len(x), len(wide.cost) - len(x)
    engine = Engine(wide, Budget(float("inf")), threads=1)
    engine.continuous(True)
    engine.bounds(np.concatenate([lower, np.zeros(more)]), np.concatenate([upper, np.full(more, np.inf)]))
    for coefficients in (matrix.cost, matrix.second):
        room = HELD * float(np.abs(coefficients) @ np.abs(x))
        engine.add_row(np.concatenate([coefficients, np.zeros(more)]), float(coefficients @ x) + room)
    engine.objective(np.concatenate([np.zeros(plain), np.ones(more)]))
    found = engine.lp(tolerance=FEASIBLE)
    return found.x[:plain] if found.x is not None and found.termination is Termination.PROVEN else None


def with_figures(matrix: Matrix, wanted: Sequence[Above]) -> Matrix:
    r"""The program with a column for each figure: at least what lies above its level, and at least 0.

    .. math:: e_j - \sum_i a_i x_i \ge -level_j
    """
    count, rows = max(one.number for one in wanted) + 1, len(wanted)
    here = np.repeat(np.arange(rows), [len(one.columns) for one in wanted])
    columns = np.array([column for one in wanted for column in one.columns], dtype=np.int64)
    entries = -np.array([entry for one in wanted for entry in one.coefficients], dtype=float)
    left = sparse.csc_array((entries, (here, columns)), shape=(rows, len(matrix.cost)))
    right = sparse.csc_array((np.ones(rows), (np.arange(rows), [one.number for one in wanted])), shape=(rows, count))
    none = sparse.csc_array((matrix.shape[0], count))
    zeros = np.zeros(count)
    return replace(
        matrix,
        a=sparse.csc_array(sparse.block_array([[matrix.a, none], [left, right]])),
        cost=np.concatenate([matrix.cost, zeros]),
        second=np.concatenate([matrix.second, zeros]),
        row_lower=np.concatenate([matrix.row_lower, [-one.level for one in wanted]]),
        row_upper=np.concatenate([matrix.row_upper, np.full(rows, np.inf)]),
        lower=np.concatenate([matrix.lower, zeros]),
        upper=np.concatenate([matrix.upper, np.full(count, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(count, dtype=bool)]),
        rows=(*matrix.rows, *(Label("figure", place) for place in range(rows))),
        columns=(*matrix.columns, *(Label("figure", place) for place in range(count))),
        group=np.concatenate([matrix.group, np.full(count, "figure")]),
    )


# ---- contributions ---------------------------------------------------------------------------------------------------


def above_key_shares(compiled: Compiled) -> list[Above]:
    """What each nation contributes to a bill above its key share of it (money), at the orders and starts loaded."""
    program = compiled.program
    m, place = program.model, compiled.place
    found: list[Above] = []
    for pool, year in m.bill_keys:
        shares = key_amounts(program, pool, year)
        for nation, amount in sorted(shares.items()):
            column = place.get(id(m.contribution[pool, nation, year]))
            if column is not None and len(shares) > 1 and sum(shares.values()) > 0:
                found.append(Above(len(found), (column,), (1.0,), amount))
    return found


def key_amounts(program: Program, pool: str, year: int) -> dict[str, float]:
    """Payer -> its key share of a year's bill (money).

    Of an innovation line the sponsors' key. Of an expansion the host's least share, and for the others the rest by the
    value of their orders of what is made there, equally where there are none.
    """
    m, k = program.model, program.keys
    if pool in k.innovation_pools:
        due = number(pool_bill(m, pool, year))
        return {nation: share * due for nation, share in k.key_shares(pool, year).items()}
    due, payers = number(bill(m, pool, year)), m.payers[pool]
    host = k.expansion[pool].host
    least = 0.0
    if host in payers:
        least = sum(
            k.expansion[name].host_share_min * k.expansion_bill(name, start, year) * number(m.start[name, start])
            for name in k.expansion_pools[pool]
            for start in k.start_years[name]
        )
    others = [nation for nation in payers if nation != host]
    place = k.expansion[pool].line_or_component
    value = {nation: sum(number(value_ordered(m, nation, i)) for i in k.made_at[place]) for nation in others}
    whole = sum(value.values())
    share = {n: value[n] / whole if whole > 0 else 1 / len(others) for n in others}
    found = {nation: (due - least) * share[nation] for nation in others}
    return found | ({host: least if others else due} if host in payers else {})


# ---- production ------------------------------------------------------------------------------------------------------


def changes_of_output(compiled: Compiled) -> list[Above]:
    """The change of each line's output from year to year over the year's capacity, up or down."""
    m, k = compiled.program.model, compiled.program.keys
    found: list[Above] = []
    count = 0
    for line in sorted(k.line):
        for year in k.all_years[1:]:
            whole = k.capacity[line, year] + number(added(m, line, year))
            columns, entries = compiled.terms(output(m, line, year), output(m, line, year - 1))
            if columns and whole > 0:
                for sign in (1.0, -1.0):
                    found.append(Above(count, columns, tuple(sign * entry / whole for entry in entries), 0.0))
                count += 1
    return found
