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
from optimizer.engine.highs import Engine, Termination, Watch
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.layout import TYPES, Layout, Mask, Places
from optimizer.problem.scale import scales_of

PRICE = 100.0  # gap-index points for a violation of the size of its row's right-hand side
SLACK = 1e-6  # violation that is only the solver's tolerance
EFFORT = 1.5e6  # nonzeros times check points that one step may take
MENDING_EFFORT = 4e6  # the same while anything is bent: without a plan nothing else counts
NODES = 50  # of its tree
WHOLE = 1e-12  # off a whole number: less needs no mending
MOST_POINTS = 0.01  # and no further than this
PART = 0.1  # of what a neighbourhood's relaxation promises: closer than that its best need not be proven
# Rows that may bend while a rounding is mended: money, industry, minimum orders, price levels and policy. What makes a
# decision consistent (a member joins at the launch, a line scales after its pilot) holds at every step.
BENDING = (
    "budget.balance", "budget.beyond", "industry.", "joint.member_minimum", "joint.member_share", "joint.min_units",
    "joint.min_annual_units", "joint.tier_floor", "joint.tier_ceiling", "joint.workshare", "buying.host_first",
    "innovation.unlocks", "innovation.sponsor_share", "interoperability.type_ordered",
    "interoperability.common_standard_min", "interoperability.variant_limit", "interoperability.fleet_limit",
    "capability.enabler", "policy.", "cut.",
)  # fmt: skip
CONSISTENT = ("industry.expand_once",)
# Equations whose left side may stay below while nations take turns.
UNPAID = frozenset({"industry.expansion_bill", "innovation.bill"})
DECISIONS = ("order", "joint_order", *TYPES)


@dataclass
class Hunt:
    """The state of a search.

    Attributes:
        matrix: the program with priced slacks; its first `plain` columns are those of the program.
        rows: the same matrix by rows.
        plain: columns of the program.
        keys, watch, seed: as in `optimizer.strategy.first_plan`.
        layout: what each column of the program belongs to.
        slack_of_row: column of a row's slack, -1 for none.
        x: incumbent with slacks.
        orders: the order columns of each pair of nation and programme, by the pair's `operated` column.
        allowed: sum of violations that is only the solver's tolerance.
        kept: the best plan so far, with slacks.
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
    allowed: float = SLACK
    kept: Floats | None = None

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
        return self.worth(self.x)

    @property
    def feasible(self) -> bool:
        """Whether the incumbent is a plan: whole, and nothing bent."""
        return self.slack <= self.allowed and self.whole

    def keep(self) -> None:
        """Remember the incumbent, a plan, if there is none better."""
        if self.kept is None or self.priced < self.worth(self.kept):
            self.kept = self.x

    def fall_back(self) -> None:
        """Back to the best plan where the incumbent is none or worse: residues of many steps can add up."""
        if self.kept is not None and (not self.feasible or self.priced > self.worth(self.kept)):
            self.x = self.kept

    def worth(self, x: Floats) -> float:
        """First objective of some values, with the price of violations."""
        return float(self.matrix.cost @ x + self.matrix.offset)

    @property
    def whole(self) -> bool:
        """Whether every integer decision has a whole value."""
        numbers = self.x[self.matrix.integer]
        return bool(np.all(np.abs(numbers - np.round(numbers)) < 1e-6))


def elastic(matrix: Matrix) -> tuple[Matrix, Places]:
    """The program with priced slacks in the inequalities of BENDING.

    Returns:
        (program with slack columns at its end, column of each row's slack or -1).
    """
    names = [row.name for row in matrix.rows]
    named = np.array([name.startswith(BENDING) and not name.startswith(CONSISTENT) for name in names])
    unpaid = np.array([name in UNPAID for name in names])
    equal = matrix.row_lower == matrix.row_upper
    bends = np.flatnonzero((~equal & named) | unpaid)
    right = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)[bends]
    signs = np.where(np.isfinite(matrix.row_upper[bends]) & ~equal[bends], -1.0, 1.0)
    count, n = len(bends), len(matrix.cost)
    size = np.maximum(1.0, np.abs(right))
    extra = sparse.csc_array((signs, (bends, np.arange(count))), shape=(matrix.shape[0], count))
    slack_of_row = np.full(matrix.shape[0], -1, dtype=np.int64)
    slack_of_row[bends] = n + np.arange(count)
    free = replace(
        matrix,
        a=sparse.csc_array(sparse.hstack([matrix.a, extra])),
        cost=np.concatenate([matrix.cost, PRICE / size]),
        second=np.concatenate([matrix.second, np.zeros(count)]),
        lower=np.concatenate([matrix.lower, np.zeros(count)]),
        upper=np.concatenate([matrix.upper, np.full(count, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(count, dtype=bool)]),
        columns=(*matrix.columns, *(Label("slack", place) for place in range(count))),
        group=np.concatenate([matrix.group, np.full(count, "slack")]),
        # A slack is measured by what it is priced by: else money's slacks set the scale of the objective.
        sizes=None if matrix.sizes is None else np.concatenate([matrix.sizes, size]),
    )
    return replace(free, sizes=scales_of(free).column), slack_of_row


def begin(matrix: Matrix, keys: Keys, watch: Watch, x: Floats, seed: int, layout: Layout | None = None) -> Hunt:
    """A search from values by column; what they break is in the slacks."""
    layout = layout or Layout.of(matrix, keys)
    free, slack_of_row = elastic(matrix)
    place = {(str(free.group[c]), free.columns[c].key): c for c in np.flatnonzero(
        np.isin(matrix.group, DECISIONS)).tolist()}  # fmt: skip
    orders: dict[int, list[int]] = {column: [] for (group, _), column in place.items() if group in TYPES}
    for (group, key), column in place.items():
        if group not in TYPES:
            pair = (key[0], key[1]) if group == "order" else (key[1], keys.frame[key[0]].programme)
            for decision in (("operated", pair), ("ordering", key[:2])):
                if decision in place:
                    orders[place[decision]].append(column)
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


@dataclass(frozen=True)
class Tried:
    """What a step came to: whether it ended by itself, what it gained, and what more could be gained at most."""

    ended: bool
    gain: float = 0.0
    left: float = 0.0


def step(hunt: Hunt, hood: Hood, points: float, deadline: float, *, wide: bool = False) -> Tried:
    """Free a neighbourhood, solve it, keep what is better.

    The neighbourhood's relaxation comes first: it says what there is to gain, and where. Decisions in which it agrees
    with the incumbent are left as they are (relaxation-induced neighbourhood), unless ``wide`` is asked for.

    Args:
        hunt: the search; its incumbent is replaced.
        hood: what is freed.
        points: gap-index points within which the neighbourhood's best need not be proven.
        deadline: seconds on the watch.
        wide: free all of the neighbourhood.

    Returns:
        What it came to; where the clock or a cancel cut it short, the incumbent is as before.
    """
    columns, small = cut_out(hunt, hood, trading=wide and not hunt.feasible)
    now = hunt.x[columns]
    value = float(small.cost @ now)
    engine = Engine(small, hunt.watch.aside(deadline), seed=hunt.seed, threads=1)
    engine.continuous(True)
    lp = engine.lp(method="simplex")
    if lp.termination in (Termination.CLOCK, Termination.CANCELLED):
        return _cut_short(hunt, lp.termination)
    hunt.watch.work += 1
    left = value - lp.value
    if lp.x is None or left < points:
        return Tried(True, 0.0, max(0.0, left) if lp.x is not None else 0.0)
    if not wide:
        agreed = small.integer & (np.abs(lp.x - now) < 1e-6)
        engine.bounds(np.where(agreed, now, small.lower), np.where(agreed, now, small.upper))
    engine.continuous(False)
    engine.set(mip_heuristic_run_root_reduced_cost=False, mip_max_nodes=NODES)
    effort = max(8, int((EFFORT if hunt.feasible else MENDING_EFFORT) / max(1, small.a.nnz)))
    close = max(points, min(MOST_POINTS, PART * left))
    outcome = engine.mip(gap=0.0, points=close, work=effort, start=now)
    if outcome.termination in (Termination.CLOCK, Termination.CANCELLED):
        return _cut_short(hunt, outcome.termination)
    hunt.watch.work += engine.watch.work
    if outcome.x is None:
        return Tried(True, 0.0, left)
    found = _exact(engine, small, outcome.x)
    if found is None:
        return Tried(True, 0.0, left)
    gain = value - float(small.cost @ found)
    if gain < 1e-9:
        return Tried(True, 0.0, left)
    hunt.x = hunt.x.copy()
    hunt.x[columns] = found
    return Tried(True, gain, left - gain)


def _exact(engine: Engine, small: Matrix, x: Floats) -> Floats | None:
    """Values for the whole decisions nearest to those of a solution; the solution where these are whole already.

    A tree calls 0.0000001 of a type whole, which lets it order a thousandth of a tank: rounded, that breaks its rows.
    """
    whole = np.round(x)
    if np.all(np.abs(x - whole)[small.integer] < WHOLE):
        return np.where(small.integer, whole, x)
    engine.continuous(True)
    engine.bounds(np.where(small.integer, whole, small.lower), np.where(small.integer, whole, small.upper))
    outcome = engine.lp(method="simplex")
    if outcome.x is None or outcome.termination is not Termination.PROVEN:
        return None
    return np.where(small.integer, whole, outcome.x)


def _cut_short(hunt: Hunt, why: Termination) -> Tried:
    hunt.watch.hit_clock = hunt.watch.hit_clock or why is Termination.CLOCK
    return Tried(False)


def make_whole(hunt: Hunt, hood: Hood, points: float, deadline: float) -> bool:
    """Solve a neighbourhood whose decisions are not whole yet by the tree; False where it was cut short or failed."""
    columns, small = cut_out(hunt, hood, trading=True)
    engine = Engine(small, hunt.watch.aside(deadline), seed=hunt.seed, threads=1)
    start = floored(hunt, columns, hunt.x[columns])
    outcome = engine.mip(gap=0.0, points=points, work=max(8, int(MENDING_EFFORT / max(1, small.a.nnz))), start=start)
    hunt.watch.work += engine.watch.work
    if outcome.termination in (Termination.CLOCK, Termination.CANCELLED) or outcome.x is None:
        _cut_short(hunt, outcome.termination)
        return False
    hunt.x[columns] = np.where(small.integer, np.round(outcome.x), outcome.x)
    return True


def cut_out(hunt: Hunt, hood: Hood, *, trading: bool = False) -> tuple[Places, Matrix]:
    """(columns freed, their program with all others at the incumbent's values).

    Only rows that the incumbent bends may bend, unless ``trading``: there one violation may be had for another. A row
    that the incumbent misses by a residue is taken as it stands, so that a neighbourhood always has a plan.
    """
    matrix = hunt.matrix
    free = np.zeros(len(matrix.cost), dtype=bool)
    free[: hunt.plain] = hood.free
    touched = np.zeros(matrix.shape[0], dtype=bool)
    touched[matrix.a[:, np.flatnonzero(free)].indices] = True
    rows = np.flatnonzero(touched)
    slacks = hunt.slack_of_row[rows]
    slacks = slacks[slacks >= 0]
    free[slacks if trading else slacks[hunt.x[slacks] > 0]] = True
    columns = np.flatnonzero(free)
    part = hunt.rows[rows]
    fixed, activity = part @ np.where(free, 0.0, hunt.x), part @ hunt.x
    small = Matrix(
        a=sparse.csc_array(part[:, columns]),
        cost=matrix.cost[columns], offset=0.0, second=matrix.second[columns], second_offset=0.0,
        row_lower=np.minimum(matrix.row_lower[rows], activity) - fixed,
        row_upper=np.maximum(matrix.row_upper[rows], activity) - fixed,
        lower=np.minimum(matrix.lower[columns], hunt.x[columns]),
        upper=np.maximum(matrix.upper[columns], hunt.x[columns]), integer=matrix.integer[columns],
        rows=(), columns=(), group=matrix.group[columns], sizes=None if matrix.sizes is None else matrix.sizes[columns],
    )  # fmt: skip
    return columns, small


def floored(hunt: Hunt, columns: Places, now: Floats) -> Floats:
    """A start for decisions that are not whole yet: lots rounded down, types operated where a lot is left."""
    start = hunt.x.copy()
    start[columns] = np.where(hunt.matrix.integer[columns], np.floor(now + 1e-6), now)
    for operated, orders in hunt.orders.items():
        if start[operated] != round(hunt.x[operated]) or hunt.x[operated] % 1:
            start[operated] = float(bool(start[orders].sum() > 1e-4))
    return start[columns]


def types_within(hunt: Hunt, columns: Places) -> dict[int, list[int]]:
    """The types among some columns and their orders, by place among them."""
    place = {column: number for number, column in enumerate(columns.tolist())}
    return {
        place[operated]: [place[column] for column in orders if column in place]
        for operated, orders in hunt.orders.items()
        if operated in place
    }


def broken_rows(hunt: Hunt) -> list[tuple[str, tuple[object, ...], float, float]]:
    """(rule, key, amount, price) of the rows that the incumbent bends."""
    found = []
    for row in np.flatnonzero(hunt.slack_of_row >= 0).tolist():
        slack = hunt.slack_of_row[row]
        amount = float(hunt.x[slack])
        if amount * hunt.matrix.cost[slack] > SLACK * PRICE:
            index = hunt.matrix.rows[row].key
            key = index if isinstance(index, tuple) else (index,)
            found.append((hunt.matrix.rows[row].name, key, amount, amount * float(hunt.matrix.cost[slack])))
    return found
