"""The relaxation's proportions as whole decisions that nations share: frames and members, projects, types, tiers.

The relaxation launches half a frame and starts two fifths of an expansion. What all nations share is rounded here, in
the order in which decisions bind each other; what a nation decides for itself (types and lots) is left to the search,
which solves one nation after another within what the relaxation gives it (optimizer/strategy.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.keys import Keys
from models.registry import RULES
from optimizer.problem.arrays import Floats, Matrix

HALF = 0.5
LIKELY = 0.3  # mass from which a member of a launched frame joins
LAUNCHING = ("joint.min_members", "joint.committed_join", "joint.launch_once", "joint.join_at_launch")
WHOLE = 1e-9  # of a lot: less is only rounding
SLIVER = 1e-3  # millions that the relaxation must spend on a type for it to be kept open


def shared_decisions(matrix: Matrix, keys: Keys, x: Floats) -> Draft:
    """Bounds with every shared integer decision fixed near the relaxation's solution ``x``."""
    draft = Draft.of(matrix, keys)
    _frames(draft, x)
    _projects(draft, x)
    _variants(draft, x)
    return draft


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
            (group, column.key): number
            for number, (group, column) in enumerate(zip(matrix.group.tolist(), matrix.columns, strict=True))
            if matrix.integer[number] or group in ("order", "joint_order")
        }
        return cls(matrix, keys, matrix.lower.copy(), matrix.upper.copy(), place)

    def fix(self, group: str, key: Any, number: float) -> None:
        """Fix one decision, if it exists."""
        column = self.place.get((group, key))
        if column is not None:
            self.lower[column] = self.upper[column] = number

    def held(self, group: str, key: Any) -> bool:
        """Whether a decision is fixed above one half."""
        column = self.place.get((group, key))
        return column is not None and bool(self.lower[column] > HALF)

    def mass(self, x: Floats, group: str, key: Any) -> float:
        """LP value of one decision or order; 0 where it does not exist."""
        column = self.place.get((group, key))
        return 0.0 if column is None else float(x[column])


def _frames(draft: Draft, x: Floats) -> None:
    """Launch the frames the LP launches by half, in its year, with its members."""
    k = draft.keys
    for frame in k.frames:
        years = k.launch_years[frame]
        mass = {year: draft.mass(x, "launch", (frame, year)) for year in years}
        year = max(years, key=lambda y: (mass[y], -y)) if years else 0
        wanted = sum(mass.values()) >= HALF or frame in k.options.force
        members = _members(draft, x, frame, year) if years and wanted else []
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


def _projects(draft: Draft, x: Floats) -> None:
    """Start the expansions and innovation lines the relaxation does half of or more.

    The likeliest come first, each only if host or sponsors can still pay for it, and within a hard limit on risk: what
    the relaxation does in full always fits.
    """
    k = draft.keys
    spare = {**k.available, **k.money_beyond}
    for name in k.expansions:
        _expand(draft, x, name, spare)
    mass = {
        line: sum(draft.mass(x, mode, (line, y)) for mode in ("pilot", "fast") for y in k.starts(line, mode))
        for line in k.innovations
    }
    allowed = _within_risk(k, {line for line in k.innovations if mass[line] >= HALF}, mass)
    for line in sorted(k.innovations, key=lambda name: (name not in k.options.force, -round(mass[name], 6), name)):
        _innovate(draft, x, line, spare, line in allowed)


def _expand(draft: Draft, x: Floats, name: str, spare: dict[tuple[str, int, str], float]) -> None:
    """Start an expansion in the relaxation's likeliest year if its host can pay its share then, else not at all."""
    k = draft.keys
    row, years = k.expansion[name], k.start_years[name]
    start = _likeliest(draft, x, "start", name, years)
    if name not in k.options.force and sum(draft.mass(x, "start", (name, year)) for year in years) < HALF:
        start = None
    due = {}
    if start is not None and row.host in k.nation:
        due = {(row.host, y, "resilience"): row.host_share_min * k.expansion_bill(name, start, y) for y in k.all_years}
    if not _book(due, spare):
        start = None
    for year in years:
        draft.fix("start", (name, year), float(year == start))


def _book(due: dict[tuple[str, int, str], float], spare: dict[tuple[str, int, str], float]) -> bool:
    """Take what is due off what is spare, if all of it fits."""
    if any(money > spare[key] for key, money in due.items()):
        return False
    for key, money in due.items():
        spare[key] -= money
    return True


def _within_risk(k: Keys, lines: set[str], mass: dict[str, float]) -> set[str]:
    """The lines less the long shots that a hard limit on risk leaves no room for, the relaxation's least first."""
    limits = [row.value for row in k.rules if row.rule == "risk_max" and row.hardness == "hard"]
    chosen = set(lines)
    for line in sorted(lines - k.options.force, key=lambda name: (mass[name], name)):
        risky = {v for v in chosen if k.innovation[v].success_probability < HALF}
        cost = {v: k.cost_of(v, "pilot") + k.cost_of(v, "scale") for v in chosen}
        if limits and sum(cost[v] for v in risky) > min(limits) * sum(cost.values()) and line in risky:
            chosen.discard(line)
    return chosen


def _innovate(draft: Draft, x: Floats, line: str, spare: dict[tuple[str, int, str], float], wanted: bool) -> None:
    """Start one line in the relaxation's mode and year if its sponsors have the money left, or not at all."""
    k = draft.keys
    fast = sum(draft.mass(x, "fast", (line, y)) for y in k.starts(line, "fast"))
    pilot = sum(draft.mass(x, "pilot", (line, y)) for y in k.starts(line, "pilot"))
    mode = "fast" if fast >= pilot and k.starts(line, "fast") else "pilot"
    start = _likeliest(draft, x, mode, line, k.starts(line, mode)) if wanted else None
    scales = [y for y in k.starts(line, "scale") if start is not None and y >= start + k.duration(line, "pilot")]
    scale = _likeliest(draft, x, "scale", line, scales) if mode == "pilot" else None
    if start is not None and not _book_shared(k, line, _innovation_bill(k, line, mode, start, scale), spare):
        start = scale = None
    chosen = {"fast": start if mode == "fast" else None, "pilot": start if mode == "pilot" else None, "scale": scale}
    for group, year in chosen.items():
        for other in k.starts(line, group):
            draft.fix(group, (line, other), float(other == year))


def _innovation_bill(k: Keys, line: str, mode: str, start: int, scale: int | None) -> dict[int, float]:
    """Year -> money due if the line starts so."""
    due: dict[int, float] = defaultdict(float)
    for what, begin in ((mode, start), ("scale", scale)):
        for year, cost in k.innovation_due(line, what, begin).items() if begin is not None else ():
            due[year] += cost
    return due


def _book_shared(k: Keys, line: str, due: dict[int, float], spare: dict[tuple[str, int, str], float]) -> bool:
    """Take a line's bills off what its sponsors have left, each up to its limit, if all of it can be paid."""
    pillar = k.innovation[line].pillar
    taken: dict[tuple[str, int, str], float] = {}
    for year, bill in sorted(due.items()):
        shares = k.key_shares(line, year)
        most = {n: min(k.settings.sponsor_max * share * bill, spare[n, year, pillar]) for n, share in shares.items()}
        whole = sum(max(0.0, money) for money in most.values())
        if whole < bill * (1 - 1e-9):
            return False
        for nation, money in most.items():
            taken[nation, year, pillar] = max(0.0, money) * (bill / whole) if whole > 0 else 0.0
    for key, money in taken.items():
        spare[key] -= money
    return True


def _likeliest(draft: Draft, x: Floats, group: str, name: str, years: list[int]) -> int | None:
    """The year in which the LP does most of a start."""
    return max(years, key=lambda y: (draft.mass(x, group, (name, y)), -y)) if years else None


def _variants(draft: Draft, x: Floats) -> None:
    """Types of a limited class that anybody may order anew: those the relaxation spends most on, within the limit."""
    k = draft.keys
    value: dict[str, float] = defaultdict(float)
    for (group, key), column in draft.place.items():
        if group in ("order", "joint_order"):
            programme = key[1] if group == "order" else k.frame[key[0]].programme
            value[programme] += float(x[column]) * k.lot(programme) * k.price(programme, key[2])
    limits = {row.scope: row.value for row in k.rules if row.rule == "variant_limit"}
    count: dict[str, int] = defaultdict(int)
    types = [key for group, key in draft.place if group == "type_ordered"]
    bound = {
        k.frame[name].programme
        for name in k.frames
        if k.is_launched(name) and k.commitment(name, int(k.frame[name].launched))
    }
    for programme in sorted(types, key=lambda i: (i not in k.options.force, i not in bound, -value[i], i)):
        fleet = k.programme[programme].fleet_class
        keep = value[programme] > SLIVER and count[fleet] < limits.get(fleet, math.inf)
        count[fleet] += keep
        draft.fix("type_ordered", programme, float(keep))


def price_levels(draft: Draft, x: Floats) -> Floats:
    """Fix each launched frame's price level, the one in which the relaxation orders most, and move its orders there.

    Args:
        draft: bounds with launches fixed; the levels are fixed in place.
        x: the relaxation with the launches fixed.

    Returns:
        The relaxation with all orders of a frame in its one level, at that level's price.
    """
    k, moved = draft.keys, x.copy()
    chosen: dict[str, int] = {}
    for frame in k.frames:
        places = range(len(k.levels[frame]))
        if len(places) == 1:
            continue
        out = not k.is_launched(frame) and not any(draft.held("launch", (frame, y)) for y in k.launch_years[frame])
        chosen[frame] = max(places, key=lambda place: (draft.mass(x, "tier", (frame, place)), -place))
        for place in places:
            level = float(not out and place == chosen[frame])
            draft.fix("tier", (frame, place), level)
            moved[draft.place["tier", (frame, place)]] = level
    matrix = draft.matrix
    for column in np.flatnonzero(matrix.group == "order_value").tolist():
        key = matrix.columns[column].key
        units = draft.mass(x, "joint_order", key) * k.lot(k.frame[key[0]].programme)
        moved[column] = k.price(k.frame[key[0]].programme, key[2]) * k.levels[key[0]][chosen[key[0]]].factor * units
    for column in np.flatnonzero(matrix.group == "tiered").tolist():
        *key, place = matrix.columns[column].key
        units = draft.mass(x, "joint_order", tuple(key)) * k.lot(k.frame[key[0]].programme)
        moved[column] = units if place == chosen[key[0]] else 0.0
    return moved


def paid_in_full(draft: Draft, x: Floats) -> Floats:
    """The relaxation with the bills of what is started, split between payers as it splits them."""
    moved = x.copy()
    matrix = draft.matrix
    columns = np.flatnonzero(matrix.group == "contribution").tolist()
    paid: dict[str, float] = defaultdict(float)
    by_payer: dict[tuple[str, str], float] = defaultdict(float)
    for column in columns:
        pool, nation, _ = matrix.columns[column].key
        paid[pool] += x[column]
        by_payer[pool, nation] += x[column]
    for column in columns:
        pool, nation, year = matrix.columns[column].key
        bill = _pool_bill(draft, pool, year)
        moved[column] = bill * by_payer[pool, nation] / paid[pool] if paid[pool] > 0 else 0.0
    return moved


def _pool_bill(draft: Draft, pool: str, year: int) -> float:
    """What a pool of expansions or innovation lines costs in a year as far as its starts are fixed (money)."""
    k = draft.keys
    if pool in k.expansion_pools:
        starts = [(name, s) for name in k.expansion_pools[pool] for s in k.start_years[name]]
        return sum(k.expansion_bill(name, s, year) for name, s in starts if draft.held("start", (name, s)))
    return sum(
        k.innovation_due(line, mode, s).get(year, 0.0)
        for line in k.innovation_pools[pool]
        for mode in ("pilot", "scale", "fast")
        for s in k.starts(line, mode)
        if draft.held(mode, (line, s))
    )


def coherent(matrix: Matrix, keys: Keys, fixed: Floats, orders: Mapping[int, Sequence[int]]) -> Floats:
    """Whole decisions of another case, less what can't stand here.

    Frames that lost members go, lots beyond all that this case can deliver, and types of which nothing is left.

    Args:
        matrix: the program, or the program with slacks at its end.
        keys: its indices.
        fixed: values by column, the whole ones within their bounds.
        orders: the order columns of each pair, by the pair's `operated` column.
    """
    whole = fixed.copy()
    activity = matrix.a @ np.where(matrix.integer, whole, 0.0)
    broken = (activity < matrix.row_lower - 0.5) | (activity > matrix.row_upper + 0.5)
    rows = [matrix.rows[row] for row in np.flatnonzero(broken).tolist()]
    frames = {_frame(row.key) for row in rows if row.name in LAUNCHING}
    gone = np.zeros(len(whole), dtype=bool)
    for column in np.flatnonzero(np.isin(matrix.group, ["launch", "join", "tier", "joint_order"])).tolist():
        gone[column] = matrix.columns[column].key[0] in frames
    whole[gone] = np.maximum(matrix.lower[gone], 0.0)
    _take_back_lots(matrix, whole)
    for operated, columns in orders.items():
        none = [gone[c] or matrix.upper[c] <= 0 or (matrix.integer[c] and whole[c] < 0.5) for c in columns]
        if whole[operated] > 0.5 and all(none):
            whole[operated] = matrix.lower[operated]
    return whole


def _take_back_lots(matrix: Matrix, whole: Floats) -> None:
    """Take back the last lots of what is ordered beyond its row sum(a x) <= M b, where no repair may violate it.

    M is what this case can deliver at most: with lines at half their capacity it is less than a plan had ordered.
    """
    always = {name for name, entry in RULES.items() if entry.big_m and not entry.bends}
    decided = np.where(matrix.integer, whole, 0.0)
    over = np.flatnonzero(matrix.a @ decided > matrix.row_upper + HALF).tolist()
    columns = np.flatnonzero(matrix.integer)
    by_rows = matrix.a[:, columns].tocsr()
    for row in [row for row in over if matrix.rows[row].name in always]:
        here = slice(by_rows.indptr[row], by_rows.indptr[row + 1])
        places, entries = columns[by_rows.indices[here]], by_rows.data[here]
        left = float(entries @ whole[places]) - float(matrix.row_upper[row])
        lots = [
            (matrix.columns[c].key[-1], c, a) for c, a in zip(places.tolist(), entries.tolist(), strict=True) if a > 0
        ]
        for _, column, lot in sorted(lots, reverse=True):
            fewer = min(whole[column] - max(0.0, matrix.lower[column]), math.ceil(left / lot - WHOLE))
            whole[column] -= max(0.0, fewer)
            left -= lot * max(0.0, fewer)


def _frame(key: object) -> object:
    return key[0] if isinstance(key, tuple) else key
