"""Joint buys: launch, membership, minima, tiers, fees, work share (section 4 of the model)."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from audit.buying import Order
from audit.facts import NATIONAL, Facts
from audit.ledger import LEAST, TOLERANCE, Ledger, number, place
from audit.reading import Row, compare


@dataclass(frozen=True)
class Joint:
    """A joint buy of the plan: launch year (0 = orders without a launch), members, units, tier by total units."""

    frame: str
    launch: int
    members: frozenset[str]
    units: float
    total: float
    rank: int
    factor: float


def tier_of(tiers: list[tuple[float, float]], total: float) -> tuple[int, float]:
    """Return rank and factor of the tier with the largest from_units not above the total (1e-6 relative)."""
    rank, factor = 0, 1.0
    for index, (from_units, price_factor) in enumerate(tiers, start=1):
        if total >= from_units * (1.0 - TOLERANCE):
            rank, factor = index, price_factor
    return rank, factor


def joint_buys(facts: Facts, frames: list[Row], members: list[Row], orders: list[Row]) -> dict[str, Joint]:
    """Return every joint buy that the plan's tables speak of.

    Args:
        facts: the case.
        frames: the plan's frames table.
        members: the plan's members table.
        orders: rows of the orders table with known ids.
    """
    launch = {row.frame: row.launch_year for row in reversed(frames) if row.frame in facts.frames}
    joined: dict[str, set[str]] = defaultdict(set)
    units: dict[str, float] = defaultdict(float)
    for row in members:
        joined[row.frame].add(row.nation)
    for row in orders:
        if row.channel != NATIONAL:
            units[row.channel] += row.units
    earlier = {frame for frame, row in facts.frames.items() if row.launched}
    result = {}
    for frame in sorted((launch.keys() | joined.keys() | units.keys() | earlier) & facts.frames.keys()):
        before = sum(amount for (name, _), amount in facts.earlier_units.items() if name == frame)
        total = units[frame] + before
        rank, factor = tier_of(facts.tiers.get(frame, []), total)
        result[frame] = Joint(frame, launch.get(frame, 0), frozenset(joined[frame]), units[frame], total, rank, factor)
    return result


def launched_earlier(facts: Facts) -> dict[str, Joint]:
    """Return the joint buys of earlier rounds as they stand with nothing decided: nobody orders anything."""
    result = {}
    for frame, row in facts.frames.items():
        if row.launched:
            members = {n for (name, n), status in facts.status.items() if name == frame and status == "member"}
            result[frame] = Joint(frame, row.launched, frozenset(members & facts.nations.keys()), 0.0, 0.0, 0, 1.0)
    return result


def commitment(facts: Facts, joint: Joint) -> list[int]:
    """Return the commitment years of a launched joint buy, on to the years beyond the horizon."""
    until = joint.launch + facts.frames[joint.frame].commit_years
    return [year for year in range(joint.launch, until) if year in facts.all_years] if joint.launch else []


def fees(facts: Facts, joint: Joint) -> dict[tuple[str, int], float]:
    """Return what each member pays in each year: joining in the launch year, and the annual fee."""
    row = facts.frames[joint.frame]
    paid: dict[tuple[str, int], float] = defaultdict(float)
    for nation in joint.members & facts.nations.keys():
        if joint.launch in facts.years and not row.launched:
            paid[nation, joint.launch] += row.joining_cost
        for year in commitment(facts, joint):
            paid[nation, year] += row.annual_fee
    return dict(paid)


def check_launches(facts: Facts, joints: dict[str, Joint], rows: list[Row], ledger: Ledger) -> None:
    """Check that frames are launched once, within their window, in a year in which they can order."""
    printed = {row.frame for row in rows}
    for row in rows:
        frame = facts.frames.get(row.frame)
        if not ledger.holds("table.frames", row.frame, frame is not None, f"{row.frame} is no frame.") or not frame:
            continue
        same = row.programme == frame.programme
        ledger.holds("table.frames", row.frame, same, f"It buys {frame.programme}, not {row.programme}.")
        if frame.launched:
            message = f"It was launched in {frame.launched}, not in {row.launch_year}."
            ledger.holds("joint.launch_window", row.frame, row.launch_year == frame.launched, message)
            continue
        in_window = frame.first_launch <= row.launch_year <= frame.last_launch
        can_order = facts.can_order(frame.programme, row.frame, row.launch_year)
        message = (
            f"A launch in {row.launch_year} is outside {frame.first_launch}-{frame.last_launch} "
            "or in a year in which it cannot order."
        )
        ledger.holds("joint.launch_window", row.frame, in_window and can_order, message)
    for frame, data in facts.frames.items():
        if data.launched:
            message = f"It was launched in {data.launched}, but has no row."
            ledger.holds("table.frames", frame, frame in printed, message)
    for frame in joints.keys() - printed:
        if joints[frame].members:
            ledger.fail("joint.join_at_launch", frame, "It has members but is not launched.")


def check_members(facts: Facts, joints: dict[str, Joint], rows: list[Row], ledger: Ledger) -> None:
    """Check who joined: candidates in a signing year, committed nations always, excluded ones never."""
    for row in rows:
        where = place(row.frame, row.nation)
        known = row.frame in facts.frames and row.nation in facts.nations
        if ledger.holds("table.members", where, known, "The frame or the nation is not in the data."):
            _check_member(facts, joints[row.frame], row.nation, ledger)
    for (frame, nation), status in facts.status.items():
        joint = joints.get(frame)
        if joint is None or not joint.launch:
            continue
        programme = facts.frames[frame].programme
        where = place(frame, nation)
        if status == "committed" and not facts.frames[frame].launched and (nation, programme) in facts.customers:
            message = f"{nation} has committed itself, but is no member of the launched frame."
            ledger.holds("joint.committed_join", where, nation in joint.members, message)
        if status == "member" and facts.frames[frame].launched and nation in facts.nations:
            message = f"{nation} joined in an earlier round, but is no member."
            ledger.holds("joint.join_at_launch", where, nation in joint.members, message)


def _check_member(facts: Facts, joint: Joint, nation: str, ledger: Ledger) -> None:
    frame = facts.frames[joint.frame]
    status = facts.status.get((joint.frame, nation), "")
    where = place(joint.frame, nation)
    ledger.holds("joint.join_at_launch", where, joint.launch > 0, f"{nation} joined a frame that is not launched.")
    if frame.launched:
        message = f"The frame was launched in {frame.launched} and {nation} was not among its members."
        ledger.holds("joint.join_at_launch", where, status == "member", message)
        return
    allowed = status in ("candidate", "committed") and (nation, frame.programme) in facts.customers
    message = f"{nation} cannot join: its status is {status or 'none'}, or it is no customer of {frame.programme}."
    ledger.holds("joint.excluded", where, allowed, message)
    row = facts.nations[nation]
    signs = facts.options.synchronised_cycles or (joint.launch - row.signing_offset) % max(1, row.signing_cycle) == 0
    if status == "candidate" and joint.launch:
        message = (
            f"{joint.launch} is no signing year of {nation} (every {row.signing_cycle} from {row.signing_offset})."
        )
        ledger.holds("joint.signing_year", where, signs, message)


def check_orders(facts: Facts, joints: dict[str, Joint], orders: list[Order], ledger: Ledger) -> None:
    """Check that only members order through a frame, from its launch on, each in one frame a programme."""
    for order in orders:
        if order.channel == NATIONAL or not facts.is_order(order.programme, order.units):
            continue
        joint = joints[order.channel]
        where = place(order.nation, order.programme, order.channel, order.year)
        member = order.nation in joint.members and joint.launch > 0
        message = f"{order.nation} orders through {order.channel} without being a member of a launched frame."
        if ledger.holds("joint.orders_after_joining", where, member, message):
            message = f"The order of {order.year} comes before the launch in {joint.launch}."
            ledger.holds("joint.orders_after_joining", where, order.year >= joint.launch, message)
    memberships: dict[tuple[str, str], list[str]] = defaultdict(list)
    for joint in joints.values():
        for nation in joint.members:
            memberships[nation, facts.frames[joint.frame].programme].append(joint.frame)
    for (nation, programme), names in sorted(memberships.items()):
        message = f"{nation} is in {len(names)} frames of {programme}: {', '.join(names)}."
        ledger.holds("joint.one_frame", place(nation, programme), len(names) == 1, message)


def check_minima(facts: Facts, joints: dict[str, Joint], orders: list[Order], ledger: Ledger) -> None:
    """Check the minima of launched frames: members, units, units a commitment year, a lot a member."""
    by_member: dict[tuple[str, str], float] = defaultdict(float)
    by_year: dict[tuple[str, int], float] = defaultdict(float)
    for order in orders:
        by_member[order.channel, order.nation] += order.units
        by_year[order.channel, order.year] += order.units
    for frame, joint in joints.items():
        row = facts.frames[frame]
        if not joint.launch:
            continue
        if not row.launched:
            ledger.at_least("joint.min_members", frame, "the number of members", row.min_members, len(joint.members))
        ledger.at_least("joint.min_units", frame, "total units", row.min_units, joint.total)
        for year in commitment(facts, joint):
            if year in facts.years and facts.can_order(row.programme, frame, year):
                units = by_year[frame, year]
                ledger.at_least("joint.min_annual_units", place(frame, year), "units", row.min_annual_units, units)
        for nation in sorted(joint.members & facts.nations.keys()):
            _check_share(facts, frame, nation, by_member[frame, nation], ledger)


def _check_share(facts: Facts, frame: str, nation: str, units: float, ledger: Ledger) -> None:
    """A member orders at least a lot, and its share of what it may buy; earlier units count, if it orders now."""
    row = facts.frames[frame]
    if row.launched and not facts.is_order(row.programme, units):
        return
    where, lot = place(frame, nation), facts.programmes[row.programme].lot
    earlier = facts.earlier_units.get((frame, nation), 0.0)
    ledger.at_least("joint.member_minimum", where, "units of the member", lot or 1.0, units + earlier)
    customer = facts.customers.get((nation, row.programme))
    most = customer.max_units if customer is not None else 0.0
    if row.member_min_share > 0 and not math.isinf(most):
        share = row.member_min_share * (most + earlier)
        least = math.floor(share / lot * (1.0 + LEAST)) * lot if lot > 0 else share
        ledger.at_least("joint.member_share", where, "units of the member", least, units + earlier)


def check_tiers(facts: Facts, joints: dict[str, Joint], rows: list[Row], ledger: Ledger) -> None:
    """Check the tier of each launched frame against its total units, and the factor against the tier."""
    for row in rows:
        joint = joints.get(row.frame)
        if joint is None:
            continue
        tiers = facts.tiers.get(row.frame, [])
        message = f"Tier {row.tier} is printed, but {number(joint.total)} units reach tier {joint.rank}."
        ledger.holds("joint.tier_floor", row.frame, row.tier <= joint.rank, message)
        ledger.holds("joint.tier_ceiling", row.frame, row.tier >= joint.rank, message)
        if ledger.holds("joint.tier_choice", row.frame, 0 <= row.tier <= len(tiers), f"There is no tier {row.tier}."):
            factor = tiers[row.tier - 1][1] if row.tier else 1.0
            ledger.equal("joint.tier_choice", row.frame, f"price_factor of tier {row.tier}", factor, row.price_factor)


def work_values(
    facts: Facts, joints: dict[str, Joint], made: dict[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """Return, for each frame and member, units made on the member's lines * unit_cost, years beyond included.

    Args:
        facts: the case.
        joints: the joint buys.
        made: units over all years by line and programme.
    """
    values = {}
    for frame, joint in joints.items():
        programme = facts.frames[frame].programme
        cost = facts.programmes[programme].unit_cost
        at_home: dict[str, float] = defaultdict(float)
        for line in facts.makers(programme):
            at_home[facts.lines[line].nation] += made.get((line, programme), 0.0) * cost
        for nation in joint.members:
            values[frame, nation] = at_home.get(nation, 0.0)
    return values


def check_workshare(
    facts: Facts,
    joints: dict[str, Joint],
    orders: list[Order],
    values: dict[tuple[str, str], float],
    ledger: Ledger,
) -> None:
    """Check that a member whose line has capacity of its own makes its share of what it orders through the frame."""
    through: dict[tuple[str, str], float] = defaultdict(float)
    for order in orders:
        through[order.channel, order.nation] += order.units
    for (frame, nation), value in sorted(values.items()):
        row = facts.frames[frame]
        own = [line for line in facts.makers(row.programme) if facts.lines[line].nation == nation]
        hosts = any(facts.capacity_of(line, year) > 0 for line in own for year in facts.years)
        if hosts and row.workshare_min > 0:
            need = row.workshare_min * through[frame, nation] * facts.programmes[row.programme].unit_cost
            ledger.at_least("joint.workshare", place(frame, nation), "value made at home", need, value)


def check_tables(
    facts: Facts,
    joints: dict[str, Joint],
    orders: list[Order],
    work: dict[tuple[str, str], float],
    frames: list[Row],
    members: list[Row],
    ledger: Ledger,
) -> None:
    """Compare the figures of the tables frames and members."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for order in orders:
        cell = sums[order.channel, order.nation]
        cell[0] += order.units
        cell[1] += order.value
        cell[2] += order.saving
    expected_members = {}
    expected_frames = {}
    for frame, joint in joints.items():
        cells = {nation: sums[frame, nation] for nation in sorted(joint.members)}
        for nation, cell in cells.items():
            if nation not in facts.nations:
                continue
            expected_members[frame, nation] = (*cell, work[frame, nation])
        if joint.launch:
            saving = sum(cell[2] for cell in cells.values())
            paid = sum(fees(facts, joint).values())
            expected_frames[frame,] = (float(len(joint.members)), joint.units, saving, paid)
    rules = {"value": "joint.order_value"}
    columns = ("units", "value", "saving", "work_value")
    known = [row for row in members if row.frame in facts.frames and row.nation in facts.nations]
    compare(ledger, "members", expected_members, known, columns, rules=rules)
    listed = [row for row in frames if row.frame in facts.frames]
    compare(ledger, "frames", expected_frames, listed, ("members", "units", "saving", "fees"))
