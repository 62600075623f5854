"""Search for good plans: repair a rounding, then free one neighbourhood after another and solve it again.

A neighbourhood frees the integer decisions of one nation, one frame or one project, and the continuous ones of all
nations involved; everything else stands. Its program is cut out of the arrays, so that a step costs tenths of a second.
Violations are priced (never hidden): the search starts from a rounding that breaks a few rows and ends when none is
broken; only then is there a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.keys import Keys
from optimizer.compile import Floats, Matrix, rule_of
from optimizer.conflict import elastic
from optimizer.engine import Engine, Termination, Watch
from optimizer.repair import ATTEMPTS, withdraw
from optimizer.start import Draft, rounded

SMALL_PROGRAM = 400  # integers up to which the tree alone is quicker
LARGE_PROGRAM = 1500  # integers from which the tree does not get through its root in a meeting
PRICE = 1000.0  # gap-index points for a violation of the size of its row's right-hand side
SLACK = 1e-6  # violation that is only the solver's tolerance
HOOD_EFFORT = 1e6  # nonzeros times check points that one neighbourhood may take
HOOD_PART = 0.1  # and no further than this part of what its nations' targets are worth
HOOD_GAPS = (0.03, 0.01, 0.003, 0.001)  # points, by round: closer than that a neighbourhood need not be proven
PATIENCE = 1.5  # of the time limit: how long the first plan may take where there is none to start from
LP_TOLERANCE = 1e-6  # relative: what an interior point may be off by, taken off the bound
COST_EFFORT = 2e5  # the same for a step of the cost pass
COST_POINTS = 5.0  # millions: closer than that a nation's cost need not be proven
EXACT = 1e-7  # what a nation solved exactly may be worse by than an interior point, which cheats by its tolerance
ENOUGH = 0.1  # points that mending all violations of a neighbourhood may cost for the search to go on elsewhere
MINUTE_GAIN = 1e-7
Mask = NDArray[np.bool_]
Note = Callable[[str], None]


@dataclass
class Hunt:
    """The state of a search: the elastic program, the columns' owners, and the incumbent.

    Attributes:
        matrix: program with priced slacks; its first columns are those of the plain program.
        plain: number of columns of the plain program.
        x: incumbent with slacks.
        owner: number of the nation in a column's key, -1 for none.
        slack_of_row: column of a row's slack, -1 for none.
        swept: nations solved since the rounding, whose figures are exact and not an interior point's.
    """

    matrix: Matrix
    plain: int
    keys: Keys
    watch: Watch
    seed: int
    threads: int
    x: Floats
    owner: NDArray[np.int64]
    slack_of_row: NDArray[np.int64]
    swept: set[int] = field(default_factory=set)

    @property
    def slack(self) -> float:
        """Sum of all violations, each relative to its row."""
        return float(self.x[self.plain :] @ self.matrix.cost[self.plain :]) / PRICE

    @property
    def value(self) -> float:
        """Objective with the price of violations."""
        return float(self.matrix.cost @ self.x + self.matrix.offset)


def value_of(matrix: Matrix, x: Floats | None) -> float:
    """First objective of a solution; infinite for none."""
    return np.inf if x is None else float(matrix.cost @ x + matrix.offset)


def repaired(matrix: Matrix, watch: Watch, x: Floats, seed: int, threads: int) -> Floats | None:
    """The plan with these integers and the best continuous values, if there is one."""
    engine = Engine(matrix, watch, seed=seed, threads=threads)
    engine.continuous(True)
    fixed = np.round(x)
    engine.bounds(np.where(matrix.integer, fixed, matrix.lower), np.where(matrix.integer, fixed, matrix.upper))
    outcome = engine.lp()
    return outcome.x if outcome.termination is Termination.PROVEN else None


def first_plan(
    matrix: Matrix, keys: Keys, watch: Watch, *, seed: int, threads: int, given: Floats | None, share: float, note: Note
) -> tuple[Floats | None, float]:
    """Find a first plan and a bound; on large programs keep improving for a share of the time.

    Args:
        matrix: the program.
        keys: its indices.
        watch: clock, work and cancel.
        seed: for the engine.
        threads: for the engine.
        given: a plan to start from (integers by column), or None.
        share: part of the time limit that start and search may take.
        note: writes a line of the log.

    Returns:
        (values by column or None, lower bound of the first objective).
    """
    best = repaired(matrix, watch, given, seed, threads) if given is not None else None
    if given is not None:
        note("the plan to start from fits" if best is not None else "the plan to start from does not fit this case")
    if int(matrix.integer.sum()) <= SMALL_PROGRAM:
        return best, -np.inf
    engine = Engine(matrix, watch, seed=seed, threads=threads)
    engine.continuous(True)
    relaxed = engine.lp(method="ipm", crossover=False)
    if relaxed.termination is Termination.FAILED:
        relaxed = engine.lp(method="ipm")
    if relaxed.x is None or relaxed.termination is not Termination.PROVEN:
        return best, -np.inf
    note(f"LP relaxation: {relaxed.value:.6g}")
    bound = relaxed.value - LP_TOLERANCE * max(1.0, abs(relaxed.value))
    watch.bound = bound
    hunt = _begin(matrix, keys, watch, relaxed.x if best is None else best, best is not None, seed, threads)
    if hunt is None:
        return best, bound
    note(f"rounded: {hunt.value - PRICE * hunt.slack:.6g}, violations {hunt.slack:.3g}")
    _improve(hunt, share, note)
    _sweep(hunt)
    if hunt.slack <= SLACK:
        found = hunt.x[: hunt.plain]
        best = found if value_of(matrix, found) < value_of(matrix, best) else best
    return best, bound


def _begin(matrix: Matrix, keys: Keys, watch: Watch, x: Floats, whole: bool, seed: int, threads: int) -> Hunt | None:
    """The rounding (or the given plan), with violations priced and what can't be kept withdrawn."""
    free, bending = elastic(matrix, rules=("",))
    n = len(matrix.cost)
    free = replace(free, cost=np.concatenate([matrix.cost, free.cost[n:] * PRICE]), offset=matrix.offset)
    slack_of_row = np.full(len(matrix.rows), -1, dtype=np.int64)
    slack_of_row[bending] = n + np.arange(len(bending))
    draft = _as_given(matrix, keys, x) if whole else rounded(matrix, keys, x)
    hunt: Hunt | None = None
    patient = watch.aside(PATIENCE * watch.time_limit)  # a first plan is worth some seconds more than none
    for attempt in range(ATTEMPTS):
        engine = Engine(free, patient, seed=seed, threads=threads)
        engine.continuous(True)
        engine.bounds(np.concatenate([draft.lower, free.lower[n:]]), np.concatenate([draft.upper, free.upper[n:]]))
        lp = engine.lp(method="ipm", crossover=False)
        if lp.termination is Termination.FAILED:
            lp = engine.lp(method="ipm")
        if lp.x is None or lp.termination in (Termination.CLOCK, Termination.CANCELLED):
            return hunt
        fixed = np.where(free.integer, np.round(lp.x), lp.x)
        hunt = Hunt(free, n, keys, watch, seed, threads, fixed, _owners(matrix, keys), slack_of_row)
        if hunt.slack <= SLACK or watch.cancelled:
            return hunt
        withdraw(draft, _broken_rows(hunt), attempt)
    return hunt


def _as_given(matrix: Matrix, keys: Keys, x: Floats) -> Draft:
    draft = Draft.of(matrix, keys)
    draft.lower = np.where(matrix.integer, np.round(x), matrix.lower)
    draft.upper = np.where(matrix.integer, np.round(x), matrix.upper)
    return draft


def _broken_rows(hunt: Hunt) -> list[tuple[str, tuple[object, ...], float]]:
    """(rule, key, amount) of the rows that the incumbent breaks."""
    found = []
    for row in np.flatnonzero(hunt.slack_of_row >= 0).tolist():
        slack = hunt.slack_of_row[row]
        amount = float(hunt.x[slack])
        if amount * hunt.matrix.cost[slack] > SLACK * PRICE:
            index = hunt.matrix.rows[row].index()
            found.append((rule_of(hunt.matrix.rows[row]), index if isinstance(index, tuple) else (index,), amount))
    return found


def _owners(matrix: Matrix, keys: Keys) -> NDArray[np.int64]:
    number = {nation: place for place, nation in enumerate(keys.nations)}
    owner = np.full(len(matrix.columns), -1, dtype=np.int64)
    for place, column in enumerate(matrix.columns):
        index = column.index()
        for part in index if isinstance(index, tuple) else (index,):
            if part in number:
                owner[place] = number[part]
    return owner


# ---- neighbourhoods --------------------------------------------------------------------------------------------------


def _improve(hunt: Hunt, share: float, note: Note) -> None:
    """Go through the neighbourhoods, round after round, until the time is up or a round gains nothing."""
    watch = hunt.watch
    deadline = share * watch.time_limit
    for round_ in range(1000):
        before = hunt.value
        for name, integers, nations in _neighbourhoods(hunt, round_):
            points = min(HOOD_GAPS[min(round_, len(HOOD_GAPS) - 1)], HOOD_PART * _worth(hunt, nations))
            if watch.late(deadline) or not _step(hunt, integers, nations, points, deadline):
                note(f"search: {_state(hunt)}, stopped before {name}")
                return
            if hunt.slack <= SLACK:
                watch.incumbent = hunt.value
            watch.report()
        note(f"search, round {round_ + 1}: {_state(hunt)}")
        if before - hunt.value < MINUTE_GAIN:
            return


def _worth(hunt: Hunt, nations: list[int]) -> float:
    """Gap-index points that all open targets of some nations would cost at slope 1: what is small for a small ally."""
    names = {hunt.keys.nations[n] for n in nations}
    return sum(weight for (nation, _, _), weight in hunt.keys.gap_weight.items() if nation in names)


def _sweep(hunt: Hunt) -> None:
    """Solve the nations that the search did not come to: their continuous figures, and all if a row stays broken."""
    calm = replace(hunt, watch=hunt.watch.calm())
    nothing = np.zeros(hunt.plain, dtype=bool)
    for _, integers, nations in _nations(hunt, [[n] for n in _by_money(hunt) if n not in hunt.swept]):
        before = calm.slack
        _step(calm, nothing, nations, HOOD_GAPS[-1], np.inf)
        if calm.slack > EXACT and calm.slack >= before:
            _step(calm, integers, nations, HOOD_GAPS[0], np.inf)
    hunt.x = calm.x


def _state(hunt: Hunt) -> str:
    broken = "" if hunt.slack <= SLACK else f", violations {hunt.slack:.3g}"
    return f"{hunt.value - PRICE * hunt.slack:.6g}{broken}"


Hood = tuple[str, Mask, list[int]]


def _neighbourhoods(hunt: Hunt, round_: int) -> Iterator[Hood]:
    """(name, integer columns to free, nations involved).

    While rows are broken, those that touch them come first; then all nations (in changing pairs after the first
    round), all frames, expansions with the orders they serve, and innovation.
    """
    if hunt.slack > SLACK:
        names = _broken(hunt)
        yield from _nations(hunt, [[n] for n in _by_money(hunt) if hunt.keys.nations[n] in names])
        yield from (hood for hood in _frames(hunt) if hood[0] in names)
        broke = _short_of_money(hunt)
        if broke:
            yield "budgets", _projects_of(hunt, broke), list(range(len(hunt.keys.nations)))
        yield from (hood for hood in _expansions(hunt) if hood[0] in names)
    if hunt.slack > SLACK and round_ < 2:
        return
    order = _by_money(hunt)
    step = round_ % len(order)
    yield from _nations(hunt, [[n] if step == 0 else [n, order[(i + step) % len(order)]] for i, n in enumerate(order)])
    yield from _frames(hunt)
    yield from _expansions(hunt)
    integer, groups = hunt.matrix.integer[: hunt.plain], hunt.matrix.group[: hunt.plain]
    yield "innovation", integer & np.isin(groups, ["pilot", "scale", "fast"]), list(range(len(order)))


def _broken(hunt: Hunt) -> set[str]:
    """Nations, frames and expansions named in the keys of broken rows, or buying what a broken line makes."""
    k = hunt.keys
    names = {str(part) for _, key, _ in _broken_rows(hunt) for part in key}
    places = {k.expansion[name].line_or_component for name in names & set(k.expansions)} | names
    made = {i for place in places for i in [*k.use.get(place, {}), *k.needs.get(place, {})]} | names
    names |= {frame for frame in k.frames if k.frame[frame].programme in made}
    names |= {name for name in k.expansions if k.expansion[name].line_or_component in places}
    return names | {n for n, i in k.ordering_pairs if i in made and (places - set(k.nations))}


def _by_money(hunt: Hunt) -> list[int]:
    """Numbers of the nations, those with most money first."""
    money = _money(hunt.keys)
    return sorted(range(len(hunt.keys.nations)), key=lambda n: (-money[hunt.keys.nations[n]], n))


def _money(k: Keys) -> dict[str, float]:
    return {n: sum(m for (who, _, _), m in k.available.items() if who == n) for n in k.nations}


def _nations(hunt: Hunt, teams: list[list[int]]) -> Iterator[Hood]:
    """All decisions of one nation or of two."""
    integer = hunt.matrix.integer[: hunt.plain]
    for team in teams:
        yield "+".join(hunt.keys.nations[n] for n in team), integer & np.isin(hunt.owner, team), team


def _frames(hunt: Hunt) -> Iterator[Hood]:
    """A frame's launch, members, tier and orders, with its members' national orders of the programme."""
    k = hunt.keys
    number = {nation: place for place, nation in enumerate(k.nations)}
    for frame in k.frames:
        programme, members = k.frame[frame].programme, set(k.members[frame])
        mask = _mask(hunt, partial(_of_frame, frame, programme, members))
        yield frame, mask, sorted(number[n] for n in members)


def _expansions(hunt: Hunt) -> Iterator[Hood]:
    """An expansion's start with the orders of its largest payers for what it makes."""
    k = hunt.keys
    number = {nation: place for place, nation in enumerate(k.nations)}
    money = _money(k)
    for name in k.expansions:
        place = k.expansion[name].line_or_component
        made = {**k.use.get(place, {}), **k.needs.get(place, {})}
        payers = sorted(k.payers[name], key=lambda n: (-money[n], n))[:8]
        mask = _mask(hunt, partial(_of_expansion, k, name, made, payers))
        yield name, mask, sorted(number[n] for n in payers)


def _mask(hunt: Hunt, member: Callable[[str, object], bool]) -> Mask:
    integer = hunt.matrix.integer[: hunt.plain]
    mask = np.zeros(hunt.plain, dtype=bool)
    for place in np.flatnonzero(integer).tolist():
        mask[place] = member(str(hunt.matrix.group[place]), hunt.matrix.columns[place].index())
    return mask


def _short_of_money(hunt: Hunt) -> list[int]:
    """Nations with a budget row that the incumbent breaks."""
    number = {nation: place for place, nation in enumerate(hunt.keys.nations)}
    broken = _broken_rows(hunt)
    return sorted({number[str(key[0])] for rule, key, _ in broken if rule in ("budget.balance", "budget.spent")})


def _projects_of(hunt: Hunt, nations: list[int]) -> Mask:
    """Integer columns of these nations and of the innovation lines they sponsor."""
    k = hunt.keys
    names = {k.nations[n] for n in nations}
    lines = {line for line in k.innovations if names & set(k.sponsors[line])}
    mask = hunt.matrix.integer[: hunt.plain] & np.isin(hunt.owner, nations)
    for place, column in enumerate(hunt.matrix.columns[: hunt.plain]):
        if hunt.matrix.group[place] in ("pilot", "scale", "fast") and column.index()[0] in lines:
            mask[place] = True
    return mask


def _of_frame(frame: str, programme: str, members: set[str], group: str, key: object) -> bool:
    if not isinstance(key, tuple):
        return False
    if group in ("launch", "join", "joint_order", "tier"):
        return bool(key[0] == frame)
    return group in ("order", "operated") and key[0] in members and key[1] == programme


def _of_expansion(k: Keys, name: str, made: dict[str, float], payers: list[str], group: str, key: object) -> bool:
    if not isinstance(key, tuple):
        return False
    if group == "start":
        return bool(key[0] == name)
    if group in ("order", "operated"):
        return key[0] in payers and key[1] in made
    return group == "joint_order" and key[1] in payers and k.frame[str(key[0])].programme in made


@dataclass(frozen=True)
class Cut:
    """A neighbourhood cut out of the arrays: its own small program, and where it stands in the large one."""

    small: Matrix
    columns: NDArray[np.int64]


def _cut(hunt: Hunt, integers: Mask, nations: list[int]) -> Cut:
    """The program of the freed columns, all others at the incumbent's values."""
    matrix = hunt.matrix
    free = np.zeros(len(matrix.cost), dtype=bool)
    plain = ~matrix.integer[: hunt.plain] & (np.isin(hunt.owner, nations) | (hunt.owner < 0))
    free[: hunt.plain] = plain | integers | (matrix.group[: hunt.plain] == "type_ordered")
    rows = np.unique(matrix.a[:, np.flatnonzero(free)].indices)
    slacks = hunt.slack_of_row[rows]
    free[slacks[slacks >= 0]] = True
    columns = np.flatnonzero(free)
    fixed = (matrix.a @ np.where(free, 0.0, hunt.x))[rows]
    small = Matrix(
        a=sparse.csc_array(matrix.a[:, columns].tocsr()[rows]),
        cost=matrix.cost[columns], offset=0.0, second=matrix.second[columns], second_offset=0.0,
        row_lower=matrix.row_lower[rows] - fixed, row_upper=matrix.row_upper[rows] - fixed,
        lower=matrix.lower[columns], upper=matrix.upper[columns], integer=matrix.integer[columns],
        rows=[], columns=[], group=matrix.group[columns],
    )  # fmt: skip
    return Cut(small, columns)


def _step(hunt: Hunt, integers: Mask, nations: list[int], points: float, deadline: float) -> bool:
    """Free a neighbourhood, solve it, keep what is better; False where the clock or a cancel cut it short."""
    cut = _cut(hunt, integers, nations)
    small, now = cut.small, hunt.x[cut.columns]
    broken = cut.columns >= hunt.plain
    price = float(small.cost[broken] @ now[broken])
    value = float(small.cost @ now)
    target = value - price + ENOUGH if price > SLACK * PRICE else -np.inf
    done, found = _solved(hunt, small, now, points, deadline, target)
    room = -1e-9 if hunt.swept.issuperset(nations) else EXACT
    if found is not None and float(small.cost @ found) < value + room:
        hunt.x = hunt.x.copy()
        hunt.x[cut.columns] = found
        hunt.swept |= set(nations)
    return done


def _solved(
    hunt: Hunt, small: Matrix, now: Floats, points: float, deadline: float, target: float = -np.inf,
    row: tuple[Floats, float] | None = None,
) -> tuple[bool, Floats | None]:  # fmt: skip
    """Whether a small program came to its end, and its solution with integers rounded (None if there is none).

    What the clock or a cancel cut short counts for nothing, neither as a plan nor as work: a run repeated with its work
    as the limit then ends where this one did.
    """
    engine = Engine(small, hunt.watch.aside(deadline), seed=hunt.seed, threads=hunt.threads)
    if row is not None:
        engine.add_row(*row)
    effort = max(5, int((HOOD_EFFORT if row is None else COST_EFFORT) / max(1, small.a.nnz)))
    outcome = engine.mip(gap=0.0, points=points, work=effort, start=now, target=target)
    if outcome.termination in (Termination.CLOCK, Termination.CANCELLED):
        hunt.watch.hit_clock = hunt.watch.hit_clock or outcome.termination is Termination.CLOCK
        return False, None
    hunt.watch.work += engine.watch.work
    return True, None if outcome.x is None else np.where(small.integer, np.round(outcome.x), outcome.x)


# ---- the cheapest plan of that value ---------------------------------------------------------------------------------


def cheaper(
    matrix: Matrix, keys: Keys, watch: Watch, x: Floats, held: float, *, most: int, seed: int, threads: int, note: Note
) -> tuple[Floats, int]:
    """The second objective, nation by nation, with the first held.

    Args:
        matrix: the program.
        keys: as in `first_plan`.
        watch: as in `first_plan`.
        x: a plan.
        held: value that the first objective may not exceed.
        most: steps it may take.
        seed: as in `first_plan`.
        threads: as in `first_plan`.
        note: as in `first_plan`.

    Returns:
        (a plan that costs no more, steps taken).
    """
    n = len(matrix.cost)
    slack_of_row = np.full(matrix.shape[0], -1, dtype=np.int64)
    hunt = Hunt(matrix, n, keys, watch, seed, threads, x, _owners(matrix, keys), slack_of_row)
    steps = 0
    for name, integers, nations in _nations(hunt, [[number] for number in _by_money(hunt)]):
        if steps >= most or watch.late(watch.time_limit):
            note(f"cost: stopped before {name}")
            break
        cut = _cut(hunt, integers, nations)
        small, now = cut.small, hunt.x[cut.columns]
        room = max(0.0, held - hunt.value) / (len(keys.nations))
        dear = replace(small, cost=small.second)
        limit = (small.cost, float(small.cost @ now) + room)
        done, found = _solved(hunt, dear, now, COST_POINTS, watch.time_limit, row=limit)
        if not done:
            note(f"cost: stopped in {name}")
            break
        steps += 1
        if found is not None and float(small.second @ found) < float(small.second @ now) - 1e-6:
            hunt.x = hunt.x.copy()
            hunt.x[cut.columns] = found
        watch.report()
    return hunt.x, steps
