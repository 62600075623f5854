"""Joint buys (MODEL.md, section 4): launch, members, tiers, commitment, fees, work share."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.core import Binary, NonNegativeIntegers, NonNegativeReals, Var

from models.buying import most_of_year, yearly_count
from models.keys import Keys, Level, or_zero
from models.ledger import Ledger
from models.linear import quicksum
from models.registry import rule


def declare(m: Any) -> None:
    """Variables: launch, join, orders, the price level and the orders split by it."""
    k: Keys = m.k

    def domain(_: Any, frame: str, nation: str, year: int) -> Any:
        return NonNegativeIntegers if k.whole(k.frame[frame].programme) else NonNegativeReals

    def bounds(_: Any, frame: str, nation: str, year: int) -> tuple[float, float]:
        programme = k.frame[frame].programme
        return 0, yearly_count(k, nation, programme, year + k.lead(programme, frame))

    m.launch = Var([(frame, year) for frame in k.frames for year in k.launch_years[frame]], domain=Binary)
    m.join = Var(k.join_keys, domain=Binary)
    m.joint_order = Var(k.joint_keys, domain=domain, bounds=bounds)
    m.ordering = Var(ordering_keys(k), domain=Binary)
    m.joint = {key: k.lot(k.frame[key[0]].programme) * m.joint_order[key] for key in k.joint_keys}
    m.levelled = [frame for frame in k.frames if len(k.levels[frame]) > 1]
    m.tier = Var([(frame, level) for frame in m.levelled for level in range(len(k.levels[frame]))], domain=Binary)
    m.tiered_keys = [
        (frame, nation, year, level)
        for frame, nation, year in k.joint_keys
        if frame in set(m.levelled)
        for level in range(len(k.levels[frame]))
    ]
    m.tiered = Var(m.tiered_keys, domain=NonNegativeReals)
    m.order_value = Var([key for key in k.joint_keys if key[0] in set(m.levelled)], domain=NonNegativeReals)


def ordering_keys(k: Keys) -> list[tuple[str, str]]:
    """(launched frame, member) where the member's earlier units leave something of its minimum to ask for."""
    return [
        (frame, nation)
        for frame in k.frames
        if k.is_launched(frame)
        for nation in k.members[frame]
        if (frame, nation) in k.joint_years
        and k.units_before(frame, nation) < max(k.lot(k.frame[frame].programme), k.member_share(frame, nation))
    ]


def launched(m: Any, frame: str) -> Any:
    """1 for a frame launched in an earlier round, else the sum of its launch decisions."""
    if m.k.is_launched(frame):
        return 1
    return quicksum(m.launch[frame, year] for year in m.k.launch_years[frame])


def joined(m: Any, frame: str, nation: str) -> Any:
    """1 for a member of a launched frame, else the sum of its join decisions."""
    if m.k.is_launched(frame):
        return 1
    return quicksum(m.join[frame, nation, year] for year in m.k.sign_years.get((frame, nation), []))


def takes_part(m: Any, frame: str, nation: str) -> Any:
    """1 where the minima of members are asked of a nation: it joins, or orders now through a frame launched earlier."""
    if m.k.is_launched(frame):
        return or_zero(m.ordering, (frame, nation))
    return joined(m, frame, nation)


def member_orders(m: Any, frame: str, nation: str) -> Any:
    """Units one member orders through a frame over the horizon."""
    return quicksum(m.joint[frame, nation, year] for year in m.k.joint_years.get((frame, nation), []))


def frame_orders(m: Any, frame: str) -> Any:
    """New units of all members of a frame over the horizon."""
    return quicksum(member_orders(m, frame, nation) for nation in m.k.members[frame])


def value_of(m: Any, frame: str, nation: str, year: int) -> Any:
    """Value of one member's order of a year, tier included (money)."""
    k: Keys = m.k
    if frame in m.levelled:
        return m.order_value[frame, nation, year]
    price = k.price(k.frame[frame].programme, year) * k.levels[frame][0].factor
    return price * m.joint[frame, nation, year]


def value_ordered(m: Any, nation: str, programme: str) -> Any:
    """Value of all a nation orders of a programme, through every channel, as paid (money)."""
    k: Keys = m.k
    years = k.order_years_of.get((nation, programme), [])
    national = [k.price(programme, year) * m.national[nation, programme, year] for year in years]
    return quicksum([*national, *(value_of(m, f, nation, t) for f, t in k.joint_of.get((nation, programme), []))])


@rule("joint.launch_once", given=True, unit="launches", says="A joint buy launches at most once.",
      over=lambda m: [frame for frame in m.k.frames if m.k.launch_years[frame]])  # fmt: skip
def launch_once(m: Any, frame: str) -> Any:
    r"""At most one launch over the window; none if a committed nation can never order its lot.

    .. math:: \sum_t launch_{ft} \le 1
    """
    return launched(m, frame) <= (0 if m.k.blocked(frame) else 1)


@rule("joint.join_at_launch", unit="members", says="Members join when the frame launches, in a signing year.",
      over=lambda m: m.k.join_keys)  # fmt: skip
def join_at_launch(m: Any, frame: str, nation: str, year: int) -> Any:
    r"""A nation joins only in the launch year; the keys leave out years in which it can't sign.

    .. math:: join_{fnt} \le launch_{ft}
    """
    return m.join[frame, nation, year] <= m.launch[frame, year]


@rule("joint.committed_join", unit="members", says="A nation that has committed itself joins if the frame launches.",
      over=lambda m: [key for key in m.k.join_keys if m.k.status[key[0], key[1]] == "committed"])  # fmt: skip
def committed_join(m: Any, frame: str, nation: str, year: int) -> Any:
    r"""A committed nation joins whenever the frame launches.

    .. math:: join_{fnt} \ge launch_{ft}
    """
    return m.join[frame, nation, year] >= m.launch[frame, year]


@rule("joint.min_members", given=True, unit="members", says="A joint buy launches only with enough members.",
      over=lambda m: list(m.launch))  # fmt: skip
def min_members(m: Any, frame: str, year: int) -> Any:
    r"""Members joining in the launch year reach the frame's minimum.

    .. math:: \sum_n join_{fnt} \ge min\_members_f \, launch_{ft}
    """
    members = quicksum(m.join[frame, n, year] for n in m.k.members[frame] if (frame, n, year) in m.join)
    return members >= int(m.k.frame[frame].min_members) * m.launch[frame, year]


@rule("joint.one_frame", given=True, unit="frames", says="A nation buys a programme through at most one frame.",
      over=lambda m: shared_programmes(m.k))  # fmt: skip
def one_frame(m: Any, nation: str, programme: str) -> Any:
    r"""Memberships of one nation over the frames of one programme.

    .. math:: \sum_{f \in F_i} \sum_t join_{fnt} \le 1 - [\text{member of a launched frame of } i]
    """
    k: Keys = m.k
    frames = [frame for frame in k.frames if k.frame[frame].programme == programme and nation in k.members[frame]]
    held = any(k.is_launched(frame) for frame in frames)
    return quicksum(joined(m, frame, nation) for frame in frames if not k.is_launched(frame)) <= (0 if held else 1)


def shared_programmes(k: Keys) -> list[tuple[str, str]]:
    """(nation, programme) with more than one frame the nation could be in."""
    count: dict[tuple[str, str], int] = defaultdict(int)
    for frame in k.frames:
        for nation in k.members[frame]:
            count[nation, k.frame[frame].programme] += 1
    return sorted(key for key, frames in count.items() if frames > 1)


def minimum_keys(m: Any) -> list[tuple[str, str]]:
    """(frame, nation) of whom a minimum is asked: candidates, and members of launched frames that could order."""
    k: Keys = m.k
    new = [(frame, nation) for frame in k.frames if not k.is_launched(frame) for nation in k.members[frame]]
    return sorted([*new, *m.ordering])


@rule("joint.member_minimum", bends=True, given=True, unit="units",
      says="A member orders at least one lot through its frame.",
      over=minimum_keys)  # fmt: skip
def member_minimum(m: Any, frame: str, nation: str) -> Any:
    r"""One lot (one unit where divisible) a member over the horizon, earlier units counted if launched earlier.

    Of a member of a frame launched earlier it is asked only where it orders something now.

    .. math:: \sum_t y_{fnt} + earlier_{fn} \ge lot_i \sum_t join_{fnt}
    """
    k: Keys = m.k
    least = k.lot(k.frame[frame].programme) - k.units_before(frame, nation)
    return member_orders(m, frame, nation) >= max(0.0, least) * takes_part(m, frame, nation)


@rule("joint.member_share", bends=True, given=True, unit="units",
      says="A member takes a real share of what it could order.",
      over=lambda m: [key for key in minimum_keys(m) if m.k.member_share(*key) > m.k.units_before(*key)])  # fmt: skip
def member_share(m: Any, frame: str, nation: str) -> Any:
    r"""member_min_share of the member's max_units, in whole lots; launched earlier: of these and its earlier units.

    .. math:: \sum_t y_{fnt} + earlier_{fn} \ge \lfloor share_f (max_{ni} + earlier_{fn}) \rfloor \sum_t join_{fnt}
    """
    k: Keys = m.k
    least = k.member_share(frame, nation) - k.units_before(frame, nation)
    return member_orders(m, frame, nation) >= least * takes_part(m, frame, nation)


@rule("joint.ordering", unit="units", says="A member of an earlier joint buy that orders now is asked for its minimum.",
      over=lambda m: list(m.ordering))  # fmt: skip
def ordering(m: Any, frame: str, nation: str) -> Any:
    r"""Anything ordered through a frame launched earlier marks its member as ordering.

    .. math:: \sum_t y_{fnt} \le most_{ni} \, ordering_{fn}
    """
    most = m.k.switch((nation, m.k.frame[frame].programme))
    return member_orders(m, frame, nation) <= most * m.ordering[frame, nation]


@rule("joint.orders_after_joining", big_m=True, unit="units",
      says="Only members order through a frame, from its launch on.",
      over=lambda m: [(f, n, t) for (f, n), years in m.k.joint_years.items() if not m.k.is_launched(f)
                      for t in [0, *years]])  # fmt: skip
def orders_after_joining(m: Any, frame: str, nation: str, year: int) -> Any:
    r"""Orders of a year need membership by then; year 0 stands for the horizon's sum, a tighter row of its own.

    .. math:: y_{fnt} \le bound_{fnt} \sum_{s \le t} join_{fns}
    """
    k: Keys = m.k
    if year == 0:
        most = k.switch((nation, k.frame[frame].programme))
        return member_orders(m, frame, nation) <= most * joined(m, frame, nation)
    by_then = quicksum(m.join[frame, nation, s] for s in k.sign_years[frame, nation] if s <= year)
    programme = k.frame[frame].programme
    most = most_of_year(k, nation, programme, year + k.lead(programme, frame))
    return m.joint_order[frame, nation, year] <= most * by_then


@rule("joint.min_units", bends=True, given=True, unit="units", says="A joint buy reaches its minimum number of units.",
      over=lambda m: [frame for frame in m.k.frames if m.k.frame[frame].min_units > 0])  # fmt: skip
def min_units(m: Any, frame: str) -> Any:
    r"""Units over the horizon, earlier ones counted if launched before.

    .. math:: \sum_{n,t} y_{fnt} + earlier_f \ge min\_units_f \sum_t launch_{ft}
    """
    total = frame_orders(m, frame) + m.k.earlier_units(frame)
    return total >= m.k.frame[frame].min_units * launched(m, frame)


@rule("joint.min_annual_units", bends=True, given=True, unit="units",
      says="Commitment years carry their minimum order.",
      over=lambda m: [(f, t) for f in m.k.frames if m.k.frame[f].min_annual_units > 0
                      for t in m.k.order_years(m.k.frame[f].programme, f)])  # fmt: skip
def min_annual_units(m: Any, frame: str, year: int) -> Any:
    r"""In each commitment year in which the frame can order, its members order the yearly minimum.

    .. math:: \sum_n y_{fnt} \ge min\_annual_f \sum_{s \le t < s + commit_f} launch_{fs}
    """
    k: Keys = m.k
    if k.is_launched(frame):
        bound: Any = 1 if year in k.commitment(frame, int(k.frame[frame].launched)) else 0
    else:
        bound = quicksum(m.launch[frame, s] for s in k.launch_years[frame] if year in k.commitment(frame, s))
    orders = quicksum(m.joint[frame, n, year] for n in k.members[frame] if (frame, n, year) in m.joint)
    return orders >= k.frame[frame].min_annual_units * bound


@rule("joint.tier_choice", unit="tiers", says="A launched joint buy has one price tier.", over=lambda m: m.levelled)
def tier_choice(m: Any, frame: str) -> Any:
    r"""One price level for all units of a launched frame.

    Multiple choice: units are split by level, which gives the convex hull of the all-units price
    (big-M on the price is weaker; the incremental form has the same bound).

    .. math:: \sum_k z_{fk} = \sum_t launch_{ft}
    """
    return quicksum(m.tier[frame, level] for level in range(len(m.k.levels[frame]))) == launched(m, frame)


@rule("joint.tier_units", unit="units", says="Orders are priced in the tier of their frame.",
      over=lambda m: list(m.order_value))  # fmt: skip
def tier_units(m: Any, frame: str, nation: str, year: int) -> Any:
    r"""An order is the sum of its parts by level, of which one is not zero.

    .. math:: y_{fnt} = \sum_k w_{fntk}
    """
    parts = quicksum(m.tiered[frame, nation, year, level] for level in range(len(m.k.levels[frame])))
    return parts == m.joint[frame, nation, year]


def _level_total(m: Any, frame: str, level: int) -> Any:
    parts = [m.tiered[frame, n, t, level] for n in m.k.members[frame] for t in m.k.joint_years.get((frame, n), [])]
    return quicksum(parts) + m.k.earlier_units(frame) * m.tier[frame, level]


@rule("joint.tier_floor", bends=True, unit="units", says="A tier's price needs the tier's units.",
      over=lambda m: [key for key in m.tier if m.k.levels[key[0]][key[1]].floor > 0])  # fmt: skip
def tier_floor(m: Any, frame: str, level: int) -> Any:
    r"""The frame's total reaches the floor of its level.

    .. math:: \sum_{n,t} w_{fntk} + earlier_f z_{fk} \ge floor_{fk} z_{fk}
    """
    return _level_total(m, frame, level) >= m.k.levels[frame][level].floor * m.tier[frame, level]


@rule("joint.tier_ceiling", bends=True, big_m=True, unit="units",
      says="A total in a higher tier has the higher tier's price.",
      over=lambda m: [(f, level, n) for f, level in m.tier for n in ["ALL", *m.k.members[f]]])  # fmt: skip
def tier_ceiling(m: Any, frame: str, level: int, nation: str) -> Any:
    r"""The frame's total (ALL) stays below the next level, and no member's part exceeds its own bound.

    .. math:: \sum_{n,t} w_{fntk} + earlier_f z_{fk} \le ceiling_{fk} z_{fk}, \quad
              \sum_t w_{fntk} \le \min(most_{ni}, ceiling_{fk}) z_{fk}
    """
    k: Keys = m.k
    step: Level = k.levels[frame][level]
    if nation == "ALL":
        return _level_total(m, frame, level) <= step.ceiling * m.tier[frame, level]
    part = quicksum(m.tiered[frame, nation, year, level] for year in k.joint_years.get((frame, nation), []))
    pair = (nation, k.frame[frame].programme)
    most = k.switch(pair) if pair in k.most_units else 0.0
    return part <= min(most, step.ceiling) * m.tier[frame, level]


@rule("joint.order_value", unit="money", says="A member pays the price of its order year times the tier's factor.",
      over=lambda m: list(m.order_value))  # fmt: skip
def order_value(m: Any, frame: str, nation: str, year: int) -> Any:
    r"""Value of an order, tier included (millions).

    .. math:: v_{fnt} = price_{it} \sum_k factor_{fk} w_{fntk}
    """
    price = m.k.price(m.k.frame[frame].programme, year)
    levels = m.k.levels[frame]
    total = quicksum(price * step.factor * m.tiered[frame, nation, year, i] for i, step in enumerate(levels))
    return m.order_value[frame, nation, year] == total


@rule("joint.workshare", bends=True, given=True, unit="units",
      says="A member that hosts a line gets its share of the work.",
      over=lambda m: workshare_keys(m.k))  # fmt: skip
def workshare(m: Any, frame: str, nation: str) -> Any:
    r"""Units made on the member's lines, beyond the horizon too, reach its share of its orders (unit cost cancels).

    .. math:: \sum_{l \in L_n,t} make_{ilt} \ge workshare_f \sum_t y_{fnt}
    """
    k: Keys = m.k
    programme = k.frame[frame].programme
    made = quicksum(
        m.make[programme, line, year]
        for line in k.lines_of[programme]
        if k.line[line].nation == nation
        for year in k.work_years[programme]
    )
    return made >= k.frame[frame].workshare_min * member_orders(m, frame, nation)


def workshare_keys(k: Keys) -> list[tuple[str, str]]:
    """(frame, member) where a share is asked and the member hosts a line that has capacity before expansions."""
    found = []
    for frame in k.frames:
        row = k.frame[frame]
        if row.workshare_min > 0 and k.programme[row.programme].unit_cost > 0:
            lines = [
                line for line in k.lines_of.get(row.programme, []) if any(k.capacity[line, y] > 0 for y in k.years)
            ]
            hosts = {k.line[line].nation for line in lines}
            found += [(frame, nation) for nation in k.members[frame] if nation in hosts]
    return found


def spend(m: Any, ledger: Ledger) -> None:
    """Payments through frames, joining costs and yearly fees (money a year)."""
    k: Keys = m.k
    for (frame, nation), years in k.joint_years.items():
        programme = k.frame[frame].programme
        shares = k.instalments(programme, k.lead(programme, frame))
        due: dict[int, list[Any]] = defaultdict(list)
        for year in years:
            value = value_of(m, frame, nation, year)
            for offset, share in enumerate(shares):
                due[year + offset].append(share * value)
        for year, terms in sorted(due.items()):
            ledger.add(nation, year, "payment", programme, frame, quicksum(terms))
    for frame in k.frames:
        for nation in k.members[frame]:
            for year, terms in sorted(_fees(m, frame, nation).items()):
                ledger.add_fee(nation, year, frame, quicksum(terms))


def _fees(m: Any, frame: str, nation: str) -> dict[int, list[Any]]:
    """Year -> terms of joining cost (launch year) and annual fee (each commitment year in the horizon)."""
    k: Keys = m.k
    row = k.frame[frame]
    due: dict[int, list[Any]] = defaultdict(list)
    if k.is_launched(frame):
        for year in k.commitment(frame, int(row.launched)) if row.annual_fee else []:
            due[year].append(row.annual_fee)
        return due
    for launch in k.sign_years[frame, nation]:
        if row.joining_cost:
            due[launch].append(row.joining_cost * m.join[frame, nation, launch])
        for year in k.commitment(frame, launch) if row.annual_fee else []:
            due[year].append(row.annual_fee * m.join[frame, nation, launch])
    return due
