"""The relaxation's proportions as whole decisions: frames and members, projects, types, lots, tiers.

The relaxation launches half a frame and operates a tenth of a type. Rounding in the order in which decisions bind each
other keeps most of what it closes; what the rounding breaks (a budget by a few millions, a minimum order by a lot) is
left to the repair that follows, which prices every violation (optimizer/search.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from models.keys import Keys
from optimizer.compile import Floats, Matrix

HALF = 0.5
LIKELY = 0.3  # mass from which a member of a launched frame joins
SPARE = 0.9  # part of a year's money that rounded innovation lines may take
SLIVER = 0.05  # part of a type that the LP must operate for the type to be kept


def rounded(matrix: Matrix, keys: Keys, x: Floats) -> Draft:
    """Bounds with every integer column fixed near the LP's solution ``x``; continuous columns keep theirs."""
    draft = Draft.of(matrix, keys)
    _frames(draft, x)
    _projects(draft, x)
    keep = _kept_types(draft, x)
    _joint_lots(draft, x)
    _national_lots(draft, x, keep)
    operate(draft)
    _tiers(draft, x)
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
            (group, column.index()): number
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
    """Expansions and innovation lines the LP does half of or more, likeliest first, while host and sponsors can pay."""
    k = draft.keys
    spare = {key: SPARE * money for key, money in k.available.items()}
    for name in k.expansions:
        _expand(draft, x, name, spare)
    mass = {
        line: sum(draft.mass(x, mode, (line, y)) for mode in ("pilot", "fast") for y in k.starts(line, mode))
        for line in k.innovations
    }
    for line in sorted(k.innovations, key=lambda name: (name not in k.options.force, -mass[name], name)):
        _innovate(draft, x, line, spare, mass[line] < HALF)


def _expand(draft: Draft, x: Floats, name: str, spare: dict[tuple[str, int, str], float]) -> None:
    """Start an expansion in the LP's likeliest year if its host can pay its share then, else not at all."""
    k = draft.keys
    row, years = k.expansion[name], k.start_years[name]
    start = _likeliest(draft, x, "start", name, years)
    if name not in k.options.force and sum(draft.mass(x, "start", (name, year)) for year in years) < HALF:
        start = None
    due = {}
    if start is not None and row.host in k.nation:
        due = {(row.host, y, "resilience"): row.host_share_min * k.expansion_bill(name, start, y) for y in k.years}
    if any(money > spare[key] for key, money in due.items()):
        start, due = None, {}
    for key, money in due.items():
        spare[key] -= money
    for year in years:
        draft.fix("start", (name, year), float(year == start))


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


def _kept_types(draft: Draft, x: Floats) -> set[tuple[str, str]]:
    """New types to operate: members' first, then by the LP's part of a type, within the fleet limits."""
    k = draft.keys
    joined = [key for group, key in draft.place if group == "join" and draft.held(group, key)]
    member = {(key[1], k.frame[key[0]].programme) for key in joined}
    member |= {(nation, k.frame[f].programme) for f in k.frames if k.is_launched(f) for nation in k.members[f]}
    limits = {row.scope: row.value for row in k.rules if row.rule == "fleet_limit"}
    count: dict[tuple[str, str], int] = defaultdict(int)
    for nation, programme in sorted(k.legacy):
        count[nation, k.programme[programme].fleet_class] += 1
    keep: set[tuple[str, str]] = set()
    mass = {pair: draft.mass(x, "operated", pair) for pair in k.new_pairs}
    for pair in sorted(k.new_pairs, key=lambda p: (p not in member, -mass[p], p)):
        fleet = k.programme[pair[1]].fleet_class
        room = not fleet or count[pair[0], fleet] < limits.get(fleet, math.inf)
        if pair in member or (mass[pair] >= SLIVER and room):
            keep.add(pair)
            count[pair[0], fleet] += 1
    return keep


def _joint_lots(draft: Draft, x: Floats) -> None:
    """Members' lots near the LP's, none before the launch, at least one each, the yearly minimum topped up."""
    k = draft.keys
    for frame in k.frames:
        programme = k.frame[frame].programme
        launch = next((y for y in k.launch_years[frame] if draft.held("launch", (frame, y))), None)
        first = k.first if k.is_launched(frame) else launch
        lots: dict[tuple[str, int], float] = {}
        for nation in k.members[frame]:
            years = k.joint_years.get((frame, nation), [])
            in_it = k.is_launched(frame) or (launch is not None and draft.held("join", (frame, nation, launch)))
            opens = _unlocked_from(draft, programme)
            wish = {y: draft.mass(x, "joint_order", (frame, nation, y)) if y >= opens else 0.0 for y in years}
            start = max(first or 0, opens)
            plan = _spread(wish, start, 1.0, HALF) if in_it and first is not None else dict.fromkeys(years, 0.0)
            _cap(plan, _room(draft, nation, programme))
            lots |= {(nation, year): number for year, number in plan.items()}
        if not k.whole(programme):
            if first is None:
                for nation, year in lots:
                    draft.upper[draft.place["joint_order", (frame, nation, year)]] = 0.0
            continue
        if first is not None:
            _top_up(k, frame, int(k.frame[frame].launched) if k.is_launched(frame) else first, lots)
        for (nation, year), number in lots.items():
            column = draft.place["joint_order", (frame, nation, year)]
            draft.lower[column] = draft.upper[column] = min(number, draft.matrix.upper[column])


def _room(draft: Draft, nation: str, programme: str) -> float:
    """Lots of a programme that a nation may still order after the joint ones fixed so far."""
    k = draft.keys
    taken = sum(
        draft.lower[draft.place["joint_order", (frame, nation, year)]]
        for frame, year in k.joint_of.get((nation, programme), [])
    )
    return k.most_units.get((nation, programme), 0.0) / k.lot(programme) - float(taken)


def _cap(plan: dict[int, float], most: float) -> None:
    """Take the latest lots off a plan that is larger than it may be."""
    for year in sorted(plan, reverse=True):
        over = math.ceil(sum(plan.values()) - most - 1e-9)
        plan[year] -= min(plan[year], max(0, over))


def _unlocked_from(draft: Draft, programme: str) -> int:
    """First year in which a programme may be ordered, given the innovation lines that are started."""
    k = draft.keys
    line = k.programme[programme].requires_innovation
    if not line:
        return k.first
    if k.decided(line):
        return max(k.first, int(k.innovation[line].complete_year))
    ends = [
        year + k.duration(line, mode)
        for mode in ("scale", "fast")
        for year in k.starts(line, mode)
        if draft.held(mode, (line, year))
    ]
    return min(ends, default=k.last + 1)


def _spread(wish: dict[int, float], first: int, least: float, up: float) -> dict[int, float]:
    """Whole numbers by year whose running sum follows the wishes; what falls before ``first`` is ordered then."""
    plan = dict.fromkeys(wish, 0.0)
    years = [year for year in sorted(wish) if year >= first]
    total = done = 0.0
    for year in sorted(wish):
        total += wish[year]
        if year >= first:
            number = math.floor(total + up + 1e-6) - done
            plan[year] = max(0.0, number)
            done += plan[year]
    if years and done < least:
        plan[max(years, key=lambda y: (wish[y], -y))] += least - done
    return plan


def _top_up(k: Keys, frame: str, launch: int, lots: dict[tuple[str, int], float]) -> None:
    """Lots added so that commitment years reach the yearly minimum and the horizon the frame's minimum."""
    row, lot = k.frame[frame], k.lot(k.frame[frame].programme)
    buyers = sorted({nation for (nation, _), number in lots.items() if number > 0})
    if not buyers:
        return
    share = {n: sum(number for (m, _), number in lots.items() if m == n) for n in buyers}
    turn = sorted(buyers, key=lambda n: (-share[n], n))
    for year in k.commitment(frame, launch):
        able = [n for n in turn if (n, year) in lots]
        missing = math.ceil((row.min_annual_units - sum(lots[n, year] for n in able) * lot) / lot - 1e-9)
        for step in range(max(0, missing) if able else 0):
            lots[able[step % len(able)], year] += 1
    missing = math.ceil((row.min_units - k.earlier_units(frame) - sum(lots.values()) * lot) / lot - 1e-9)
    places = sorted((key for key, number in lots.items() if number > 0), key=lambda key: (-lots[key], key))
    for step in range(max(0, missing)):
        lots[places[step % len(places)]] += 1


def _national_lots(draft: Draft, x: Floats, keep: set[tuple[str, str]]) -> None:
    """National lots: the running sum of the LP's orders, rounded down."""
    k = draft.keys
    for (nation, programme), years in k.order_years_of.items():
        wanted = (nation, programme) in keep or (nation, programme) in k.legacy
        opens = _unlocked_from(draft, programme)
        wish = {year: draft.mass(x, "order", (nation, programme, year)) if wanted else 0.0 for year in years}
        plan = _spread(wish, opens, 0.0, 0.0)
        _cap(plan, _room(draft, nation, programme))
        for year in years:
            column = draft.place["order", (nation, programme, year)]
            if k.whole(programme):
                draft.lower[column] = draft.upper[column] = min(plan[year], draft.matrix.upper[column])
            elif not wanted or year < opens:
                draft.upper[column] = 0.0


def operate(draft: Draft) -> None:
    """A type is operated where something of it is left to order; a variant where anybody orders it."""
    k = draft.keys
    ordered = set()
    for (group, key), column in draft.place.items():
        if group in ("order", "joint_order") and draft.upper[column] > 0:
            ordered.add((key[0], key[1]) if group == "order" else (key[1], k.frame[key[0]].programme))
    for pair in k.new_pairs:
        draft.fix("operated", pair, float(pair in ordered))
    variants = {programme for _, programme in ordered}
    for group, key in list(draft.place):
        if group == "type_ordered":
            draft.fix(group, key, float(key in variants))


def _tiers(draft: Draft, x: Floats) -> None:
    """The price level that the rounded total of each frame reaches."""
    k = draft.keys
    for frame in k.frames:
        levels = k.levels[frame]
        if len(levels) == 1:
            continue
        programme = k.frame[frame].programme
        counts = draft.lower if k.whole(programme) else x
        columns = [c for (group, key), c in draft.place.items() if group == "joint_order" and key[0] == frame]
        total = k.earlier_units(frame) + k.lot(programme) * sum(float(counts[c]) for c in columns)
        out = not k.is_launched(frame) and not any(draft.held("launch", (frame, y)) for y in k.launch_years[frame])
        margin = 1.0 if k.whole(programme) else 1.01
        reached = max((i for i, step in enumerate(levels) if total >= step.floor * margin), default=0)
        for place in range(len(levels)):
            draft.fix("tier", (frame, place), float(not out and place == reached))
