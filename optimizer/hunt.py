"""The state of a search and its one step: free a few decisions, solve them again, keep what is better.

A neighbourhood frees some integer decisions and the continuous ones of the nations involved; everything else stands at
the incumbent's values. Its program is cut out of the arrays, so that a step costs tenths of a second. Rows that nations
share, and budgets, may bend at a price (never hidden: there is no plan while any is bent), so that a rounding can be
mended by the same steps that improve a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from models.keys import Keys
from optimizer.compile import Floats, Matrix, rule_of
from optimizer.engine import Engine, Termination, Watch
from optimizer.layout import Layout, Mask, Places

PRICE = 100.0  # gap-index points for a violation of the size of its row's right-hand side
SLACK = 1e-6  # violation that is only the solver's tolerance
EFFORT = 4e6  # nonzeros times check points that one step may take
# Rows of one nation that may bend as well: what a budget or a membership can't carry.
BENDING = ("budget.balance", "joint.member_minimum", "policy.")
UNPAID = "industry.expansion_bill"  # an equation whose left side may stay below while nations take turns
DECISIONS = ("order", "joint_order", "operated")


@dataclass
class Hunt:
    """The state of a search.

    Attributes:
        matrix: the program with priced slacks; its first `plain` columns are those of the program.
        rows: the same matrix by rows.
        plain: columns of the program.
        keys, watch, seed: as in `optimizer.search.first_plan`.
        layout: what each column of the program belongs to.
        slack_of_row: column of a row's slack, -1 for none.
        x: incumbent with slacks.
        orders: the order columns of each pair of nation and programme, by the pair's `operated` column.
    """

    matrix: Matrix
    rows: sparse.csr_array
    plain: int
    keys: Keys
    watch: Watch
    seed: int
    layout: Layout
    slack_of_row: Places
    x: Floats
    orders: dict[int, list[int]] = field(default_factory=dict)

    @property
    def slack(self) -> float:
        """Sum of all violations, each relative to its row."""
        return float(self.x[self.plain :] @ self.matrix.cost[self.plain :]) / PRICE

    @property
    def value(self) -> float:
        """First objective without the price of violations."""
        return float(self.matrix.cost[: self.plain] @ self.x[: self.plain] + self.matrix.offset)

    @property
    def priced(self) -> float:
        """First objective with the price of violations."""
        return float(self.matrix.cost @ self.x + self.matrix.offset)

    @property
    def feasible(self) -> bool:
        """Whether the incumbent is a plan: whole, and nothing bent."""
        return self.slack <= SLACK and self.whole

    @property
    def whole(self) -> bool:
        """Whether every integer decision has a whole value."""
        numbers = self.x[self.matrix.integer]
        return bool(np.all(np.abs(numbers - np.round(numbers)) < 1e-6))


def elastic(matrix: Matrix, owner: Places) -> tuple[Matrix, Places]:
    """The program with priced slacks in the inequalities that nations share and in those of BENDING.

    Returns:
        (program with slack columns at its end, column of each row's slack or -1).
    """
    rows, columns = matrix.a.nonzero()
    low, high = np.full(matrix.shape[0], np.iinfo(np.int64).max), np.full(matrix.shape[0], -2)
    np.minimum.at(low, rows, owner[columns])
    np.maximum.at(high, rows, owner[columns])
    named = np.array([rule_of(row).startswith(BENDING) for row in matrix.rows])
    unpaid = np.array([rule_of(row) == UNPAID for row in matrix.rows])
    equal = matrix.row_lower == matrix.row_upper
    bends = np.flatnonzero((~equal & ((low != high) | (high < 0) | named)) | unpaid)
    right = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)[bends]
    signs = np.where(np.isfinite(matrix.row_upper[bends]) & ~equal[bends], -1.0, 1.0)
    count, n = len(bends), len(matrix.cost)
    extra = sparse.csc_array((signs, (bends, np.arange(count))), shape=(matrix.shape[0], count))
    slack_of_row = np.full(matrix.shape[0], -1, dtype=np.int64)
    slack_of_row[bends] = n + np.arange(count)
    free = replace(
        matrix,
        a=sparse.csc_array(sparse.hstack([matrix.a, extra])),
        cost=np.concatenate([matrix.cost, PRICE / np.maximum(1.0, np.abs(right))]),
        second=np.concatenate([matrix.second, np.zeros(count)]),
        lower=np.concatenate([matrix.lower, np.zeros(count)]),
        upper=np.concatenate([matrix.upper, np.full(count, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(count, dtype=bool)]),
        columns=[*matrix.columns, *([None] * count)],
        group=np.concatenate([matrix.group, np.full(count, "slack")]),
    )
    return free, slack_of_row


def begin(matrix: Matrix, keys: Keys, watch: Watch, x: Floats, seed: int) -> Hunt:
    """A search from values by column; what they break is in the slacks."""
    layout = Layout.of(matrix, keys)
    free, slack_of_row = elastic(matrix, layout.owner)
    place = {(str(free.group[c]), free.columns[c].index()): c for c in np.flatnonzero(
        np.isin(matrix.group, DECISIONS)).tolist()}  # fmt: skip
    orders: dict[int, list[int]] = {column: [] for (group, _), column in place.items() if group == "operated"}
    for (group, key), column in place.items():
        if group != "operated":
            pair = (key[0], key[1]) if group == "order" else (key[1], keys.frame[key[0]].programme)
            if ("operated", pair) in place:
                orders[place["operated", pair]].append(column)
    hunt = Hunt(free, free.a.tocsr(), len(matrix.cost), keys, watch, seed, layout, slack_of_row, x, orders)
    hunt.x = with_slacks(hunt, x)
    return hunt


def with_slacks(hunt: Hunt, x: Floats) -> Floats:
    """Values of the program's columns with the slacks they need."""
    plain = np.concatenate([x[: hunt.plain], np.zeros(len(hunt.matrix.cost) - hunt.plain)])
    bent = np.flatnonzero(hunt.slack_of_row >= 0)
    activity = (hunt.rows @ plain)[bent]
    over = np.maximum(activity - hunt.matrix.row_upper[bent], hunt.matrix.row_lower[bent] - activity)
    plain[hunt.slack_of_row[bent]] = np.maximum(0.0, over)
    return plain


# ---- one step --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hood:
    """A neighbourhood: its name and the columns of the program that it frees."""

    name: str
    free: Mask


def step(hunt: Hunt, hood: Hood, points: float, deadline: float, *, must: bool = False) -> bool:
    """Free a neighbourhood, solve it, keep what is better (or whatever is whole, if it must be taken).

    Args:
        hunt: the search; its incumbent is replaced.
        hood: what is freed.
        points: gap-index points within which the neighbourhood's best need not be proven.
        deadline: seconds on the watch.
        must: take the solution even if the incumbent was better (the incumbent was no plan).

    Returns:
        False where the clock or a cancel cut it short; the incumbent is then as before.
    """
    columns, small = cut_out(hunt, hood)
    now = hunt.x[columns]
    start = _floored(hunt, columns, now) if must else now
    engine = Engine(small, hunt.watch.aside(deadline), seed=hunt.seed, threads=1)
    effort = max(8, int(EFFORT / max(1, small.a.nnz)))
    outcome = engine.mip(gap=0.0, points=points, work=effort, start=start)
    if outcome.termination in (Termination.CLOCK, Termination.CANCELLED):
        hunt.watch.hit_clock = hunt.watch.hit_clock or outcome.termination is Termination.CLOCK
        return False
    hunt.watch.work += engine.watch.work
    if outcome.x is not None:
        found = np.where(small.integer, np.round(outcome.x), outcome.x)
        if must or float(small.cost @ found) < float(small.cost @ now) - 1e-9:
            hunt.x = hunt.x.copy()
            hunt.x[columns] = found
    return True


def cut_out(hunt: Hunt, hood: Hood) -> tuple[Places, Matrix]:
    """(columns freed, their program with all others at the incumbent's values)."""
    matrix = hunt.matrix
    free = np.zeros(len(matrix.cost), dtype=bool)
    free[: hunt.plain] = hood.free
    touched = np.zeros(matrix.shape[0], dtype=bool)
    touched[matrix.a[:, np.flatnonzero(free)].indices] = True
    rows = np.flatnonzero(touched)
    slacks = hunt.slack_of_row[rows]
    free[slacks[slacks >= 0]] = True
    columns = np.flatnonzero(free)
    part = hunt.rows[rows]
    fixed = part @ np.where(free, 0.0, hunt.x)
    small = Matrix(
        a=sparse.csc_array(part[:, columns]),
        cost=matrix.cost[columns], offset=0.0, second=matrix.second[columns], second_offset=0.0,
        row_lower=matrix.row_lower[rows] - fixed, row_upper=matrix.row_upper[rows] - fixed,
        lower=matrix.lower[columns], upper=matrix.upper[columns], integer=matrix.integer[columns],
        rows=[], columns=[], group=matrix.group[columns],
    )  # fmt: skip
    return columns, small


def _floored(hunt: Hunt, columns: Places, now: Floats) -> Floats:
    """A start for decisions that are not whole yet: lots rounded down, types operated where a lot is left."""
    start = hunt.x.copy()
    start[columns] = np.where(hunt.matrix.integer[columns], np.floor(now + 1e-6), now)
    for operated, orders in hunt.orders.items():
        if start[operated] != round(hunt.x[operated]) or hunt.x[operated] % 1:
            start[operated] = float(bool(start[orders].sum() > 1e-4))
    return start[columns]


def broken_rows(hunt: Hunt) -> list[tuple[str, tuple[object, ...], float]]:
    """(rule, key, amount) of the rows that the incumbent bends."""
    found = []
    for row in np.flatnonzero(hunt.slack_of_row >= 0).tolist():
        slack = hunt.slack_of_row[row]
        amount = float(hunt.x[slack])
        if amount * hunt.matrix.cost[slack] > SLACK * PRICE:
            index = hunt.matrix.rows[row].index()
            found.append((rule_of(hunt.matrix.rows[row]), index if isinstance(index, tuple) else (index,), amount))
    return found
