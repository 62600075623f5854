"""A first plan worth having: the LP's own proportions, rounded structure first, then types, then lots.

The relaxation launches half a frame and operates a tenth of a type. Rounding in the order in which decisions bind each
other (frames and members, expansions and innovation, types, tiers, lots), with an LP in between, keeps most of what the
relaxation closes. After that, neighbourhoods (a few nations, a frame's members, an area's programmes) are freed and
solved again while everything else stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.keys import Keys
from optimizer.compile import Floats, Matrix
from optimizer.engine import Engine, Outcome, Termination, Watch

SMALL_PROGRAM = 400  # integers up to which the tree alone is quicker
HALF = 0.5
LIKELY = 0.3  # mass from which a member of a launched frame joins
SPARE = 0.9  # part of a year's money that rounded innovation lines may take
SLIVER = 0.05  # LP value of an order below which the type is left out
LOT_WORK = 400  # check points for the whole-lots stage
HOOD_WORK = 60  # check points for one neighbourhood
Mask = NDArray[np.bool_]
Note = Callable[[str], None]


@dataclass
class Draft:
    """Bounds of the columns while decisions are fixed one group after another."""

    matrix: Matrix
    keys: Keys
    lower: Floats
    upper: Floats
    place: dict[tuple[str, Any], int]

    @classmethod
    def of(cls, matrix: Matrix, keys: Keys) -> Draft:
        """A draft with nothing fixed."""
        place = {
            (group, column.index()): number
            for number, (group, column) in enumerate(zip(matrix.group.tolist(), matrix.columns, strict=True))
            if matrix.integer[number]
        }
        return cls(matrix, keys, matrix.lower.copy(), matrix.upper.copy(), place)

    def fix(self, group: str, key: Any, number: float) -> None:
        """Fix one decision, if it exists."""
        column = self.place.get((group, key))
        if column is not None:
            self.lower[column] = self.upper[column] = number

    def mass(self, x: Floats, group: str, key: Any) -> float:
        """LP value of one decision; 0 where it does not exist."""
        column = self.place.get((group, key))
        return 0.0 if column is None else float(x[column])


def first_plan(
    matrix: Matrix, keys: Keys, watch: Watch, *, seed: int, threads: int, given: Floats | None, note: Note
) -> tuple[Floats | None, float]:
    """Find a first plan and a bound.

    Args:
        matrix: the program.
        keys: its indices.
        watch: clock, work and cancel.
        seed, threads: for the engine.
        given: a plan to start from (integers by column), or None.
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
    relaxed = engine.lp(method="ipm")
    if relaxed.x is None or relaxed.termination is not Termination.PROVEN:
        return best, -np.inf
    note(f"LP relaxation {relaxed.value:.6g}")
    watch.bound = relaxed.value
    found = _guided(matrix, keys, watch, engine, relaxed, seed, threads, note)
    return better(matrix, best, found), relaxed.value


def value_of(matrix: Matrix, x: Floats | None) -> float:
    """First objective of a solution; infinite for none."""
    return np.inf if x is None else float(matrix.cost @ x + matrix.offset)


def better(matrix: Matrix, one: Floats | None, other: Floats | None) -> Floats | None:
    """The better of two solutions, either of which may be missing."""
    return one if value_of(matrix, one) <= value_of(matrix, other) else other


def repaired(matrix: Matrix, watch: Watch, x: Floats, seed: int, threads: int) -> Floats | None:
    """The plan with these integers and the best continuous values, if there is one."""
    engine = Engine(matrix, watch, seed=seed, threads=threads)
    engine.continuous(True)
    fixed = np.round(x)
    engine.bounds(np.where(matrix.integer, fixed, matrix.lower), np.where(matrix.integer, fixed, matrix.upper))
    outcome = engine.lp()
    return outcome.x if outcome.termination is Termination.PROVEN else None


# ---- rounding the relaxation -----------------------------------------------------------------------------------------


def _guided(
    matrix: Matrix, keys: Keys, watch: Watch, engine: Engine, relaxed: Outcome, seed: int, threads: int, note: Note
) -> Floats | None:
    """Round by groups, with an LP after each; a group whose rounding has no plan is rounded down."""
    draft = Draft.of(matrix, keys)
    x = relaxed.x
    for name, choose in (("frames", _frames), ("projects", _projects), ("types", _types), ("tiers", _tiers)):
        if watch.cancelled or x is None:
            return None
        x = _stage(draft, engine, x, choose, note, name)
    return None if x is None else _lots(draft, watch, x, seed, threads, note)


Choose = Callable[[Draft, Floats, bool], None]


def _stage(draft: Draft, engine: Engine, x: Floats, choose: Choose, note: Note, name: str) -> Floats | None:
    for cautious in (False, True):
        lower, upper = draft.lower.copy(), draft.upper.copy()
        choose(draft, x, cautious)
        engine.bounds(draft.lower, draft.upper)
        outcome = engine.lp(method="simplex")
        if outcome.termination is Termination.PROVEN and outcome.x is not None:
            note(f"{name} rounded: LP {outcome.value:.6g}")
            return outcome.x
        draft.lower, draft.upper = lower, upper
    note(f"{name}: no rounding fits")
    return None


def _frames(draft: Draft, x: Floats, cautious: bool) -> None:
    """Launch the frames the LP launches by half, in its year, with its members; tiers stay open."""
    k = draft.keys
    for frame in k.frames:
        years = k.launch_years[frame]
        mass = {year: draft.mass(x, "launch", (frame, year)) for year in years}
        year = max(years, key=lambda y: (mass[y], -y)) if years else 0
        members = _members(draft, x, frame, year) if sum(mass.values()) >= HALF and not cautious else []
        forced = frame in k.options.force
        if forced and not members and years:
            members = _members(draft, x, frame, year)
        for when in years:
            draft.fix("launch", (frame, when), float(bool(members) and when == year))
        for nation in k.members[frame]:
            for when in k.sign_years.get((frame, nation), []):
                draft.fix("join", (frame, nation, when), float(nation in members and when == year))


def _members(draft: Draft, x: Floats, frame: str, year: int) -> list[str]:
    """Members for a launch: committed ones, the LP's, and then the likeliest up to the minimum; none if too few."""
    k = draft.keys
    able = [n for n in k.members[frame] if year in k.sign_years.get((frame, n), [])]
    must = [n for n in able if k.status[frame, n] == "committed"]
    taken = [n for n in able if n not in must and _in_other_frame(draft, frame, n)]
    mass = {n: sum(draft.mass(x, "join", (frame, n, t)) for t in k.sign_years[frame, n]) for n in able}
    rest = sorted((n for n in able if n not in must and n not in taken), key=lambda n: (-mass[n], n))
    members = must + [n for n in rest if mass[n] >= LIKELY]
    members += [n for n in rest if n not in members][: max(0, int(k.frame[frame].min_members) - len(members))]
    return members if len(members) >= int(k.frame[frame].min_members) else []


def _in_other_frame(draft: Draft, frame: str, nation: str) -> bool:
    k = draft.keys
    programme = k.frame[frame].programme
    return any(
        draft.lower[draft.place["join", (other, nation, year)]] > HALF
        for other in k.frames
        if other < frame and k.frame[other].programme == programme
        for year in k.sign_years.get((other, nation), [])
    )


def _projects(draft: Draft, x: Floats, cautious: bool) -> None:
    """Expansions and innovation lines the LP does at least half of, likeliest first, while their sponsors can pay."""
    k = draft.keys
    for name in k.expansions:
        _one_of(draft, x, "start", name, k.start_years[name], cautious and name not in k.options.force)
    spare = {key: SPARE * money for key, money in k.available.items()}
    mass = {
        line: sum(draft.mass(x, mode, (line, y)) for mode in ("pilot", "fast") for y in k.starts(line, mode))
        for line in k.innovations
    }
    for line in sorted(k.innovations, key=lambda name: (name not in k.options.force, -mass[name], name)):
        _innovate(draft, x, line, spare, cautious or mass[line] < HALF)


def _innovate(draft: Draft, x: Floats, line: str, spare: dict[tuple[str, int, str], float], never: bool) -> None:
    """Start one line in the LP's mode and year if its sponsors have the money left, else not at all."""
    k = draft.keys
    fast = sum(draft.mass(x, "fast", (line, y)) for y in k.starts(line, "fast"))
    pilot = sum(draft.mass(x, "pilot", (line, y)) for y in k.starts(line, "pilot"))
    never = never and line not in k.options.force
    mode = "fast" if fast >= pilot and k.starts(line, "fast") else "pilot"
    start = _likeliest(draft, x, mode, line, k.starts(line, mode))
    scale = start + k.duration(line, "pilot") if mode == "pilot" and start is not None else None
    if scale not in k.starts(line, "scale"):
        scale = None
    due = _innovation_bill(k, line, mode, start, scale) if start is not None else {}
    if never or start is None or any(money > spare[key] for key, money in due.items()):
        start = scale = None
        due = {}
    for key, money in due.items():
        spare[key] -= money
    for group, chosen in (("fast", start if mode == "fast" else None), ("pilot", start if mode == "pilot" else None),
                          ("scale", scale)):  # fmt: skip
        for year in k.starts(line, group):
            draft.fix(group, (line, year), float(year == chosen))


def _innovation_bill(k: Keys, line: str, mode: str, start: int, scale: int | None) -> dict[tuple[str, int, str], float]:
    """(nation, year, pillar) -> money due if the line starts so."""
    due: dict[tuple[str, int, str], float] = defaultdict(float)
    for what, begin in ((mode, start), ("scale", scale)):
        parts = max(1, k.duration(line, what)) if begin is not None else 0
        for year in range(begin or 0, min(k.last + 1, (begin or 0) + parts)):
            total = sum(k.gdp[nation, year] for nation in k.sponsors[line])
            for nation in k.sponsors[line]:
                share = k.gdp[nation, year] / total if total else 0.0
                due[nation, year, k.innovation[line].pillar] += share * k.cost_of(line, what) / parts
    return due


def _likeliest(draft: Draft, x: Floats, group: str, name: str, years: list[int]) -> int | None:
    """The year in which the LP does most of a start."""
    return max(years, key=lambda y: (draft.mass(x, group, (name, y)), -y)) if years else None


def _one_of(draft: Draft, x: Floats, group: str, name: str, years: list[int], never: bool) -> None:
    """Fix the likeliest of several start years to 1 and the others to 0; all to 0 if unlikely."""
    unlikely = sum(draft.mass(x, group, (name, year)) for year in years) < HALF
    chosen = None if never or unlikely else _likeliest(draft, x, group, name, years)
    for year in years:
        draft.fix(group, (name, year), float(year == chosen))


def _types(draft: Draft, x: Floats, cautious: bool) -> None:
    """Operate the types the LP buys more of than a sliver; where a fleet limit binds, those it buys most of."""
    k = draft.keys
    bought: dict[tuple[str, str], float] = defaultdict(float)
    for (group, key), column in draft.place.items():
        if group == "order":
            bought[key[0], key[1]] += float(x[column])
        elif group == "joint_order":
            bought[key[1], k.frame[key[0]].programme] += float(x[column])
    keep = _within_limits(draft, x, bought, cautious)
    for nation, programme in k.new_pairs:
        if (nation, programme) not in keep:
            draft.fix("operated", (nation, programme), 0.0)
    variants = {programme for _, programme in keep}
    for group, programme in list(draft.place):
        if group == "type_ordered":
            legacy = any(bought[n, programme] > 0 for n, i in k.legacy if i == programme)
            draft.fix("type_ordered", programme, float(programme in variants or legacy))


def _within_limits(
    draft: Draft, x: Floats, bought: dict[tuple[str, str], float], cautious: bool
) -> set[tuple[str, str]]:
    """Pairs to be operated: members of launched frames first, then by what the LP buys."""
    k = draft.keys
    member = {
        (key[1], k.frame[key[0]].programme)
        for (group, key), column in draft.place.items()
        if group == "join" and draft.lower[column] > HALF
    }
    member |= {(nation, k.frame[f].programme) for f in k.frames if k.is_launched(f) for nation in k.members[f]}
    limits = {row.scope: row.value for row in k.rules if row.rule == "fleet_limit"}
    count: dict[tuple[str, str], int] = defaultdict(int)
    for nation, programme in sorted(k.legacy):
        count[nation, k.programme[programme].fleet_class] += 1
    keep: set[tuple[str, str]] = set()
    mass = {pair: draft.mass(x, "operated", pair) for pair in k.new_pairs}
    for pair in sorted(k.new_pairs, key=lambda p: (p not in member, -mass[p], -bought[p], p)):
        place = (pair[0], k.programme[pair[1]].fleet_class)
        wanted = pair in member or (not cautious and (mass[pair] >= HALF or bought[pair] >= HALF or mass[pair] >= SLIVER))
        if wanted and (not place[1] or count[place] < limits.get(place[1], np.inf) or pair in member):
            keep.add(pair)
            count[place] += 1
    return keep


def _tiers(draft: Draft, x: Floats, cautious: bool) -> None:
    """The tier that the LP's total of a frame reaches; the lowest where rounding up finds no plan."""
    k = draft.keys
    for frame in k.frames:
        levels = k.levels[frame]
        if len(levels) == 1:
            continue
        columns = {i: draft.place["tier", (frame, i)] for i in range(len(levels))}
        if sum(float(x[column]) for column in columns.values()) < HALF:
            for column in columns.values():
                draft.lower[column] = draft.upper[column] = 0.0
            continue
        lot = k.lot(k.frame[frame].programme)
        total = k.earlier_units(frame) + sum(
            lot * float(x[column]) for (group, key), column in draft.place.items() if group == "joint_order" and key[0] == frame
        )
        reached = [i for i, step in enumerate(levels) if total >= step.floor * (1.0 if cautious else 0.999)]
        chosen = max(reached, default=0)
        for i, column in columns.items():
            draft.lower[column] = draft.upper[column] = float(i == chosen)


def _lots(draft: Draft, watch: Watch, x: Floats, seed: int, threads: int, note: Note) -> Floats | None:
    """Whole lots within one of the LP's, as a small program of their own; wider if that has no plan."""
    counts = np.isin(draft.matrix.group, ["order", "joint_order"]) & draft.matrix.integer
    for slack in (0, 1, None):
        lower, upper = draft.lower.copy(), draft.upper.copy()
        down, up = np.floor(x + 1e-6), np.ceil(x - 1e-6)
        lower[counts] = 0 if slack is None else np.maximum(draft.matrix.lower, down - slack)[counts]
        upper[counts] = draft.upper[counts] if slack is None else np.minimum(draft.upper, up + slack)[counts]
        part = replace(draft.matrix, lower=lower, upper=upper)
        outcome = Engine(part, watch, seed=seed, threads=threads).mip(gap=0.002, share=0.5, work=LOT_WORK)
        if outcome.x is not None:
            note(f"lots rounded: {outcome.value:.6g}")
            return outcome.x
        if watch.cancelled:
            return None
    return None
