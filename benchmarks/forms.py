"""Other textbook forms of the rules, each with the same plans as the one that is wired; and rules with one form only.

A form replaces rules of the registry; `benchmarks.formulations` measures the LP relaxation with it. Forms named
"tried" are tighter on paper and were measured to see whether they pay.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.buying import new_orders
from models.industry import load, supplied
from models.innovation import began, complete
from models.joint import frame_orders, member_orders
from models.linear import quicksum
from models.registry import MANIFEST, Rule

Rules = Mapping[str, Rule]
Row = Callable[..., Any]
Over = Callable[[Any], Iterable[Any]]


@dataclass(frozen=True)
class Form:
    """Another form of a rule.

    Attributes:
        rule: the rule it is a form of.
        says: what is different.
        change: the registry with the form in place of the wired one.
        tried: a tighter form that was tried, not a looser one.
    """

    rule: str
    says: str
    change: Callable[[Rules], Rules]
    tried: bool = False


def _put(name: str, function: Row | None = None, over: Over | None = None) -> Callable[[Rules], Rules]:
    def change(rules: Rules) -> Rules:
        old = rules[name]
        return {**rules, name: replace(old, function=function or old.function, over=over or old.over)}

    return change


def _keeping(name: str, keep: Callable[[Any], bool]) -> Callable[[Rules], Rules]:
    """Fewer rows of a rule."""

    def change(rules: Rules) -> Rules:
        rule = rules[name]
        over = rule.over
        return {**rules, name: replace(rule, over=lambda m: [key for key in over(m) if keep(key)] if over else [])}

    return change


def _pairs(name: str, groups: Callable[[Any], Iterable[tuple[Any, list[Any]]]], row: Row) -> Callable[[Rules], Rules]:
    """At most one of a group, pair by pair."""

    def over(m: Any) -> list[Any]:
        return [(key, a, b) for key, members in groups(m) for a, b in itertools.combinations(members, 2)]

    return _put(name, row, over)


# ---- buying ------------------------------------------------------------------------------------------------------


def _common_bound(m: Any, nation: str, programme: str) -> Any:
    most = max(m.k.switch(pair) for pair in m.k.ordering_pairs if pair[1] == programme)
    return new_orders(m, nation, programme) <= most * m.operated[nation, programme]


def _pair_years(m: Any) -> list[Any]:
    k = m.k
    national = [("-", n, i, t) for n, i in k.new_pairs for t in k.order_years_of.get((n, i), [])]
    joint = [(f, n, i, t) for n, i in k.new_pairs for f, t in k.joint_of.get((n, i), [])]
    return [("*", n, i, 0) for n, i in k.new_pairs] + national + joint


def _by_order(m: Any, frame: str, nation: str, programme: str, year: int) -> Any:
    if frame == "*":
        return new_orders(m, nation, programme) <= m.k.switch((nation, programme)) * m.operated[nation, programme]
    var = m.order[nation, programme, year] if frame == "-" else m.joint_order[frame, nation, year]
    return var <= var.ub * m.operated[nation, programme]


def _serving_sum(m: Any, nation: str, programme: str, year: int) -> Any:
    serves = m.k.programme[programme].service_years
    years = range(max(m.k.first, year - serves + 1), year + 1)
    return m.in_service[nation, programme, year] == quicksum(m.deliveries.get((nation, programme, t), 0) for t in years)


# ---- joint buys --------------------------------------------------------------------------------------------------


def _join_sum(m: Any, frame: str, year: int) -> Any:
    members = [m.join[frame, n, year] for n in m.k.members[frame] if (frame, n, year) in m.join]
    return quicksum(members) <= len(members) * m.launch[frame, year]


def _launches(m: Any) -> Iterable[tuple[Any, list[Any]]]:
    return [(frame, m.k.launch_years[frame]) for frame in m.k.frames]


def _one_launch(m: Any, frame: str, one: int, other: int) -> Any:
    return m.launch[frame, one] + m.launch[frame, other] <= (0 if m.k.blocked(frame) else 1)


def _members_over_years(m: Any, frame: str) -> Any:
    members = quicksum(m.join[f, n, t] for f, n, t in m.join if f == frame)
    launches = quicksum(m.launch[frame, t] for t in m.k.launch_years[frame])
    return members >= int(m.k.frame[frame].min_members) * launches


def _orders_by_then(m: Any, frame: str, nation: str, year: int) -> Any:
    k = m.k
    if year == 0:
        most = k.switch((nation, k.frame[frame].programme))
        joins = quicksum(m.join[frame, nation, t] for t in k.sign_years[frame, nation])
        return member_orders(m, frame, nation) <= most * joins
    lot = k.lot(k.frame[frame].programme)
    before = [t for t in k.joint_years[frame, nation] if t <= year]
    bound = min(k.switch((nation, k.frame[frame].programme)),
                sum(lot * m.joint_order[frame, nation, t].ub for t in before))  # fmt: skip
    joins = quicksum(m.join[frame, nation, s] for s in k.sign_years[frame, nation] if s <= year)
    return quicksum(m.joint[frame, nation, t] for t in before) <= bound * joins


def _annual_by_launch(m: Any, frame: str, year: int, launch: int) -> Any:
    k = m.k
    orders = quicksum(m.joint[frame, n, year] for n in k.members[frame] if (frame, n, year) in m.joint)
    if launch == 0:
        held: Any = 1 if year in k.commitment(frame, int(k.frame[frame].launched)) else 0
    else:
        held = m.launch[frame, launch]
    return orders >= k.frame[frame].min_annual_units * held


def _annual_keys(m: Any) -> list[Any]:
    k = m.k
    return [
        (frame, year, launch)
        for frame in k.frames
        if k.frame[frame].min_annual_units > 0
        for year in k.order_years(k.frame[frame].programme, frame)
        for launch in ([0] if k.is_launched(frame) else k.launch_years[frame])
        if k.is_launched(frame) or year in k.commitment(frame, launch)
    ]


def _big_m_prices(rules: Rules) -> Rules:
    """The price of an order by a big-M a level, in place of units split by level (multiple choice)."""

    def value(m: Any, frame: str, nation: str, year: int, level: int, side: int) -> Any:
        k = m.k
        price = k.price(k.frame[frame].programme, year)
        factors = [step.factor for step in k.levels[frame]]
        factor, units = k.levels[frame][level].factor, m.joint[frame, nation, year]
        most = k.lot(k.frame[frame].programme) * m.joint_order[frame, nation, year].ub
        off = price * most * (1 - m.tier[frame, level])
        if side < 0:
            return m.order_value[frame, nation, year] >= price * factor * units - (factor - min(factors)) * off
        return m.order_value[frame, nation, year] <= price * factor * units + (max(factors) - factor) * off

    def floor(m: Any, frame: str, level: int) -> Any:
        total = frame_orders(m, frame) + m.k.earlier_units(frame)
        return total >= m.k.levels[frame][level].floor * m.tier[frame, level]

    def ceiling(m: Any, frame: str, level: int) -> Any:
        most = sum(m.k.switch((n, m.k.frame[frame].programme)) for n in m.k.members[frame])
        most += m.k.earlier_units(frame)
        step = min(m.k.levels[frame][level].ceiling, most)
        total = frame_orders(m, frame) + m.k.earlier_units(frame)
        return total <= step * m.tier[frame, level] + most * (1 - m.tier[frame, level])

    def values(m: Any) -> list[Any]:
        levels = {frame: range(len(m.k.levels[frame])) for frame in m.levelled}
        return [(*key, level, side) for key in m.order_value for level in levels[key[0]] for side in (-1, 1)]

    changes = (
        _put("joint.order_value", value, values),
        _put("joint.tier_units", over=lambda m: []),
        _put("joint.tier_floor", floor),
        _put("joint.tier_ceiling", ceiling, lambda m: list(m.tier)),
    )
    for change in changes:
        rules = change(rules)
    return rules


def _ceiling_by_order(rules: Rules) -> Rules:
    wired = rules["joint.tier_ceiling"]

    def row(m: Any, frame: str, level: int, nation: str, year: int) -> Any:
        if year == 0:
            return wired.function(m, frame, level, nation)
        most = m.k.lot(m.k.frame[frame].programme) * m.joint_order[frame, nation, year].ub
        return m.tiered[frame, nation, year, level] <= most * m.tier[frame, level]

    def over(m: Any) -> list[Any]:
        split = [(f, level, n, t) for f, n, t, level in m.tiered_keys]
        return [(*key, 0) for key in (wired.over(m) if wired.over else [])] + split

    return {**rules, "joint.tier_ceiling": replace(wired, function=row, over=over)}


def _one_frame_pairs(m: Any) -> Iterable[tuple[Any, list[Any]]]:
    k = m.k
    pairs = sorted({(n, k.frame[f].programme) for f in k.frames for n in k.members[f]})
    for nation, programme in pairs:
        found = [f for f in k.frames if k.frame[f].programme == programme and nation in k.members[f]]
        yield nation, found


def _joined_in(m: Any, frame: str, nation: str) -> Any:
    if m.k.is_launched(frame):
        return 1
    return quicksum(m.join[frame, nation, t] for t in m.k.sign_years.get((frame, nation), []))


# ---- industry ----------------------------------------------------------------------------------------------------


def _starts(m: Any) -> Iterable[tuple[Any, list[Any]]]:
    return [(name, m.k.start_years[name]) for name in m.k.expansions]


def _guarantee_by_start(m: Any, expansion: str, year: int, start: int) -> Any:
    k = m.k
    row = k.expansion[expansion]
    place = row.line_or_component
    asked = row.guaranteed_load * (k.capacity[place, year] + row.added_capacity)
    return load(m, place, year) >= asked * m.start[expansion, start]


def _guarantee_keys(m: Any) -> list[Any]:
    k = m.k
    return [
        (name, year, start)
        for name in k.expansions
        for start in k.start_years[name]
        for year in range(k.opens(name, start), k.opens(name, start) + k.expansion[name].guarantee_years)
        if year <= k.last and k.expansion[name].guaranteed_load > 0
    ]


def _running_sums(rules: Rules) -> Rules:
    """What is ordered, made and delivered up to a year summed anew for each year, in place of two stocks."""

    def up_to(m: Any, parts: Mapping[tuple[str, int], Any], programme: str, year: int) -> Any:
        return quicksum(parts.get((programme, t), 0) for t in m.k.work_years[programme] if t <= year)

    def made(m: Any, programme: str, year: int) -> Any:
        return quicksum(supplied(m, programme, t) for t in m.k.work_years[programme] if t <= year)

    def delivered(m: Any, programme: str, year: int) -> Any:
        ready = m.k.built[programme] + made(m, programme, year)
        return ready >= up_to(m, m.delivered_all, programme, year)

    def ordered(m: Any, programme: str, year: int) -> Any:
        on_order = m.k.in_pipeline[programme] - m.k.built[programme] + up_to(m, m.ordered_all, programme, year)
        return made(m, programme, year) <= on_order

    rules = _put("industry.work_in_progress", delivered)(rules)
    return _put("industry.made_of_orders", ordered)(rules)


# ---- interoperability and innovation -----------------------------------------------------------------------------


def _variants_summed(m: Any, programme: str) -> Any:
    nations = [n for n, i in m.k.ordering_pairs if i == programme]
    most = sum(m.k.switch((n, programme)) for n in nations)
    return quicksum(new_orders(m, n, programme) for n in nations) <= most * m.type_ordered[programme]


def _modes_apart(m: Any, line: str, mode: str, year: int, other: int) -> Any:
    if mode != "both":
        return began(m, line, mode, m.k.last) <= 1
    return m.pilot[line, year] + m.fast[line, other] <= 1


def _modes_keys(m: Any) -> list[Any]:
    once = [(line, mode, 0, 0) for line in m.k.innovations for mode in ("pilot", "fast") if m.k.starts(line, mode)]
    both = [
        (line, "both", t, s)
        for line in m.k.innovations
        for t in m.k.starts(line, "pilot")
        for s in m.k.starts(line, "fast")
    ]
    return once + both


def _late_scaling(m: Any, line: str, year: int) -> Any:
    pilots = [m.pilot[line, t] for t in m.k.starts(line, "pilot") if t + m.k.duration(line, "pilot") <= year]
    return m.scale[line, year] <= quicksum(pilots)


def _scaling(rules: Rules) -> Rules:
    """Start by start; one scale start a line has to be said then."""
    name = "innovation.scale_after_pilot"

    def row(m: Any, line: str, year: int) -> Any:
        return began(m, line, "scale", m.k.last) <= 1 if year == 0 else _late_scaling(m, line, year)

    def over(m: Any) -> list[Any]:
        return [*m.scale, *((line, 0) for line in sorted({line for line, _ in m.scale}))]

    return {**rules, name: replace(rules[name], function=row, over=over)}


def _unlock_together(rules: Rules) -> Rules:
    """All orders of a programme in a year by one row with the sum of their bounds."""
    name = "innovation.unlocks"
    keys = rules[name].over

    def groups(m: Any) -> list[Any]:
        return sorted({(programme, year) for _, _, programme, year in (keys(m) if keys else [])})

    def row(m: Any, programme: str, year: int) -> Any:
        mine = [key for key in (keys(m) if keys else []) if key[0] != "ALL" and key[2:] == (programme, year)]
        orders = [m.order[n, i, t] if f == "-" else m.joint_order[f, n, t] for f, n, i, t in mine]
        line = m.k.programme[programme].requires_innovation
        return quicksum(orders) <= sum(var.ub for var in orders) * complete(m, line, year)

    return {**rules, name: replace(rules[name], function=row, over=groups)}


FORMS: tuple[Form, ...] = (
    Form("buying.operated", "one big-M for all nations of a programme", _put("buying.operated", _common_bound)),
    Form("buying.operated", "besides, a row for each order", _put("buying.operated", _by_order, _pair_years), True),
    Form("buying.in_service", "a sum over the service years in place of the recursion",
         _put("buying.in_service", _serving_sum)),
    Form("joint.launch_once", "pair by pair of years",
         _pairs("joint.launch_once", _launches, _one_launch)),
    Form("joint.join_at_launch", "one row a frame and year for all members",
         _put("joint.join_at_launch", _join_sum, lambda m: list(m.launch))),
    Form("joint.min_members", "one row a frame for all years",
         _put("joint.min_members", _members_over_years, lambda m: sorted({f for f, _ in m.launch}))),
    Form("joint.one_frame", "pair by pair of frames",
         _pairs("joint.one_frame", _one_frame_pairs,
                lambda m, nation, f, g: _joined_in(m, f, nation) + _joined_in(m, g, nation) <= 1)),
    Form("joint.orders_after_joining", "without the row for the horizon's sum",
         _keeping("joint.orders_after_joining", lambda key: key[2] != 0)),
    Form("joint.orders_after_joining", "sums of all orders by a year in place of each order",
         _put("joint.orders_after_joining", _orders_by_then), True),
    Form("joint.min_annual_units", "a row for each launch year", _put("joint.min_annual_units", _annual_by_launch,
                                                                      _annual_keys)),
    Form("joint.tier_choice", "prices by a big-M a level in place of units split by level", _big_m_prices),
    Form("joint.tier_ceiling", "without members' rows", _keeping("joint.tier_ceiling", lambda key: key[2] == "ALL")),
    Form("joint.tier_ceiling", "besides, a row for each order", _ceiling_by_order, True),
    Form("industry.work_in_progress", "sums of all years up to each in place of stocks", _running_sums),
    Form("industry.expand_once", "pair by pair of years",
         _pairs("industry.expand_once", _starts,
                lambda m, name, s, t: m.start[name, s] + m.start[name, t] <= 1)),
    Form("industry.guaranteed_load", "a row for each start in place of their sum",
         _put("industry.guaranteed_load", _guarantee_by_start, _guarantee_keys)),
    Form("interoperability.type_ordered", "summed over nations",
         _put("interoperability.type_ordered", _variants_summed, lambda m: list(m.type_ordered))),
    Form("innovation.one_mode", "each mode once, and pair by pair not both",
         _put("innovation.one_mode", _modes_apart, _modes_keys)),
    Form("innovation.scale_after_pilot", "start by start in place of running sums", _scaling),
    Form("innovation.unlocks", "one row a programme and year for all nations", _unlock_together),
    Form("innovation.unlocks", "without the rows of all that a nation has ordered by a year",
         _keeping("innovation.unlocks", lambda key: key[0] != "ALL")),
)  # fmt: skip

LINEAR = "linear in continuous quantities: an LP states it exactly"
IMPLIED = "a plain implication between two 0/1 decisions: its one row is the hull"
NATURAL: Mapping[str, str] = {
    "buying.max_units": "a bound on a sum; for a new type buying.operated holds it times the decision",
    "buying.operated_minimum": "with buying.operated the hull of `0 or between least and most`",
    "buying.needs_host": "as buying.operated, with the sum of the hosts' decisions in the place of the pair's own",
    "buying.host_first": "lots of hosts are whole: a row for each delivery year holds units to them without a big-M",
    "joint.committed_join": IMPLIED,
    "joint.member_minimum": "with orders_after_joining the hull of `0 or between a lot and most`",
    "joint.member_share": "as member_minimum, with the member's share in the lot's place",
    "joint.ordering": "with member_minimum and member_share the hull of `0 or between least and most`",
    "joint.min_units": "the least level's floor times the launch; levels below it are never made",
    "joint.tier_units": "part of the multiple choice measured at tier_choice",
    "joint.tier_floor": "part of the multiple choice measured at tier_choice",
    "joint.order_value": "part of the multiple choice measured at tier_choice",
    "joint.workshare": LINEAR,
    "industry.placed": "defines a sum that many rows share: an equality",
    "industry.made_of_orders": "measured with work_in_progress",
    "industry.line_capacity": "linear; the capacity that a start opens stands in the row itself, without a big-M",
    "industry.ramp": "linear; the capacity that opens stands in the row itself",
    "industry.component_capacity": "as line_capacity",
    "industry.expansion_bill": "linear: the bill of all starts, of which one is made",
    "industry.host_share": "linear: a share of the same bill",
    "industry.contribution_max": "linear: a share of the value of orders",
    "interoperability.fleet_limit": "a knapsack with coefficients of 1: its row is the hull of the class alone",
    "interoperability.variant_limit": "as fleet_limit",
    "interoperability.incompatible": "a pair's row is its hull; the data name pairs, no larger cliques",
    "interoperability.common_standard_min": LINEAR,
    "capability.delivered": LINEAR,
    "capability.settled": LINEAR,
    "capability.credited": "a minimum that is wanted large: one row a term is exact",
    "capability.enabler": "a minimum that is wanted large: one row a term is exact",
    "capability.shortfall": "convex severity: bands that fill from the cheapest are exact, no integers needed",
    "innovation.bill": "linear: the bill of all starts, of which one is made",
    "innovation.sponsor_share": "linear: a share of the same bill",
    "budget.invested": "defines a sum that two rows share: an equality",
    "budget.spent": LINEAR,
    "budget.balance": "linear; what a year can spend bounds single orders in optimizer.problem.tighten, measured below",
    "budget.beyond": LINEAR,
    "budget.carry_limit": LINEAR,
    "budget.shift_sum": LINEAR,
    "budget.shift_limit": LINEAR,
    "budget.loan_amount": LINEAR,
    "budget.loan_payments": LINEAR,
    "budget.loan_share": LINEAR,
    "budget.loan_sets": "a row for each set that hangs together: what draws can cover is a polymatroid, these its hull",
    "policy.single_nation_max": LINEAR,
    "policy.single_line_max": LINEAR,
    "policy.surge_min": LINEAR,
    "policy.output_drop_max": LINEAR,
    "policy.closure_min": LINEAR,
    "policy.equipment_share_min": LINEAR,
    "policy.spend_floor": LINEAR,
    "policy.ordered_value": "defines a sum that several rows share: an equality",
    "policy.order_value_max": LINEAR,
    "policy.spend_growth_max": LINEAR,
    "policy.joint_share_min": "a ratio times its denominator is linear",
    "policy.eu_content_min": "a ratio times its denominator is linear",
    "policy.innovation_share_min": LINEAR,
    "policy.area_share_min": "a ratio times its denominator is linear",
    "policy.area_share_max": "a ratio times its denominator is linear",
    "policy.sme_share_min": "a ratio times its denominator is linear",
    "policy.risk_max": "a ratio times its denominator is linear",
    "policy.change_max": LINEAR,
    "policy.deviation": "an absolute value that is wanted small: two rows are exact",
    "policy.pins": "bounds on sums of orders",
    "policy.force": "a bound on a sum of decisions",
    "policy.forbid": "fixes decisions at 0",
}


def not_covered() -> list[str]:
    """Rules of the registry that neither a form nor a reason stands for."""
    return [name for name in MANIFEST if name not in NATURAL and name not in {form.rule for form in FORMS}]
