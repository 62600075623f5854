"""Cases of the rules of joint buys (MODEL.md, section 4).

In all of them a tank costs 10 and closes 1 of the 10 that a nation wants from 2027 on; the price of a joint buy is half
unless the case says otherwise. Nothing else is to be had, and what a nation buys comes in the year of its order.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import pytest
from pyomo.environ import quicksum

from data.dataset import Dataset
from models.joint import _level_total, frame_orders, joined, launched, member_orders
from optimizer.plans.plan import Plan
from tests.cases import NATIONS, three_nations
from tests.rule_case import RuleCase, at, by, orders, total, units

HALF = (dict(frame="f", from_units=1, price_factor=0.5),)


def one_frame_set(tiers: Any = HALF, customers: Any = (), **frame: Any) -> Dataset:
    """A data set with tanks and one joint buy of them."""
    given = {row["nation"] for row in customers}
    everybody = [dict(nation=n, programme="tank") for n in NATIONS if n not in given]
    return three_nations(
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[*everybody, *(dict(programme="tank", **row) for row in customers)],
        frames=[dict(frame="f", programme="tank", **{"min_members": 1, **frame})],
        price_tiers=tiers,
    )


def members(plan: Plan, frame: str = "f") -> set[str]:
    """Members of a frame."""
    table = plan.tables["members"]
    return set(table["nation"][table["frame"] == frame])


def launches(plan: Plan) -> dict[str, int]:
    """Frame -> launch year."""
    return dict(zip(plan.tables["frames"]["frame"], plan.tables["frames"]["launch_year"], strict=True))


def cost(plan: Plan) -> float:
    """Sum of all spending."""
    return float(plan.header["objective"]["cost"])


# ---- joint.launch_once -----------------------------------------------------------------------------------------------


def launch_once_set() -> Dataset:
    return three_nations(
        nations=[dict(nation="USA", signing_cycle=2, signing_offset=2028)],
        budget_path=[dict(gdp_share=0.05)],
        programmes=[dict(programme="tank", unit_cost=10)],
        frames=[dict(frame="f", programme="tank", min_members=1)],
        price_tiers=HALF,
    )


def launch_once_worked(plan: Plan) -> None:
    """50 a year buy 5 tanks alone or 10 together. DEU and FRA sign in 2027, USA in 2028 only. Launched in 2027, 5 are
    missing in USA for one year; launched in 2028, 5 would be missing in all three. So USA buys 5 and 5 alone:
    50 + 50 + 100. A second launch in 2028 would save USA 25."""
    assert launches(plan) == {"f": 2027}
    assert members(plan) == {"DEU", "FRA"}
    assert units(plan, nation="USA", channel="national") == 10
    assert cost(plan) == pytest.approx(200)
    assert plan.header["gap_index_after"] == pytest.approx(100 * 5 / 90)


def launch_once_after_the_first(m: Any, frame: str) -> Any:
    return quicksum(m.launch[frame, year] for year in m.k.launch_years[frame] if year > m.k.first) <= 1


# ---- joint.join_at_launch --------------------------------------------------------------------------------------------


def join_at_launch_set() -> Dataset:
    return three_nations(
        budget_path=[dict(gdp_share=0.2)],
        areas=[dict(area="fires")],
        targets=[dict(area="fires", target=10)],
        programmes=[dict(programme="gun", area="fires", unit_cost=10), dict(programme="tank", unit_cost=10)],
        frames=[
            dict(frame="f", programme="tank", min_members=3),
            dict(frame="g", programme="gun", min_members=3),
        ],
        frame_members=[
            *(dict(frame="f", nation=n, status="candidate") for n in ("DEU", "FRA")),
            *(dict(frame="g", nation=n, status="candidate") for n in NATIONS),
        ],
        price_tiers=[*HALF, dict(frame="g", from_units=1, price_factor=0.5)],
    )


def join_at_launch_worked(plan: Plan) -> None:
    """The joint buy of guns reaches its 3 members, that of tanks can't: DEU and FRA are its only candidates. Every
    nation buys 10 guns at 5 together and 10 tanks at 10 alone: 150 each."""
    assert launches(plan) == {"g": 2027}
    assert members(plan, "f") == set()
    assert cost(plan) == pytest.approx(450)


def join_at_launch_sign(m: Any, frame: str, nation: str, year: int) -> Any:
    return m.join[frame, nation, year] >= m.launch[frame, year]


def join_at_launch_of_another(m: Any, frame: str, nation: str, year: int) -> Any:
    return m.join[frame, nation, year] <= m.launch["g", year]


# ---- joint.committed_join --------------------------------------------------------------------------------------------


def _with_status(status: str, **frame: Any) -> Dataset:
    """USA may order one tank only, and joining costs 20: more than the 5 that it could save."""
    return three_nations(
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[dict(programme="tank", nation=n, **({"max_units": 1} if n == "USA" else {})) for n in NATIONS],
        frames=[dict(frame="f", programme="tank", joining_cost=20, **frame)],
        frame_members=[
            dict(frame="f", nation="DEU", status="candidate"),
            dict(frame="f", nation="FRA", status="candidate"),
            dict(frame="f", nation="USA", status=status),
        ],
        price_tiers=HALF,
    )


def all_join_worked(plan: Plan) -> None:
    """USA joins although it pays 20 to save 5, since without it DEU and FRA could not save 50 each: it must (it has
    committed itself, or the frame needs three). 20 for each to join, 21 tanks at 5."""
    assert launches(plan) == {"f": 2027}
    assert members(plan) == set(NATIONS)
    assert cost(plan) == pytest.approx(3 * 20 + 21 * 5)


def committed_join_sign(m: Any, frame: str, nation: str, year: int) -> Any:
    return m.join[frame, nation, year] <= m.launch[frame, year]


def committed_join_a_year_later(m: Any, frame: str, nation: str, year: int) -> Any:
    return m.join[frame, nation, year] >= at(m.launch, (frame, year + 1))


# ---- joint.min_members -----------------------------------------------------------------------------------------------


def _members_joining(m: Any, frame: str, year: int) -> Any:
    return quicksum(m.join[frame, n, year] for n in m.k.members[frame])


def min_members_sign(m: Any, frame: str, year: int) -> Any:
    return _members_joining(m, frame, year) <= m.k.frame[frame].min_members * m.launch[frame, year]


def min_members_of_one_nation(m: Any, frame: str, year: int) -> Any:
    joins = quicksum(m.join[frame, "DEU", year] for _ in m.k.members[frame])
    return joins >= m.k.frame[frame].min_members * m.launch[frame, year]


# ---- joint.one_frame -------------------------------------------------------------------------------------------------


def one_frame_of_two() -> Dataset:
    return three_nations(
        budget_path=[dict(gdp_share=0.05)],
        programmes=[dict(programme="tank", unit_cost=10)],
        frames=[
            dict(frame="f", programme="tank", min_members=1, extra_lead_years=1),
            dict(frame="g", programme="tank", min_members=1),
        ],
        price_tiers=[*HALF, dict(frame="g", from_units=1, price_factor=0.8)],
    )


def one_frame_worked(plan: Plan) -> None:
    """50 a year. Through g (8 each, at once) 6 tanks come in 2027 and 4 in 2028; alone it would be 5 and 5; through f
    (5 each, a year later) 10 in 2028. g closes most. To order the other 4 through f would save 12, but a nation in g is
    not in f. Each nation pays 80; 4 of its 30 stay open."""
    assert members(plan, "g") == set(NATIONS)
    assert members(plan, "f") == set()
    assert units(plan, channel="g", year=2027) == 18
    assert units(plan, channel="g", year=2028) == 12
    assert cost(plan) == pytest.approx(240)
    assert plan.header["gap_index_after"] == pytest.approx(100 * 12 / 90)


def one_frame_sign(m: Any, nation: str, programme: str) -> Any:
    return -quicksum(joined(m, frame, nation) for frame in m.k.frames) <= 1


def one_frame_of_the_first(m: Any, nation: str, programme: str) -> Any:
    return joined(m, m.k.frames[0], nation) <= 1


# ---- joint.member_minimum --------------------------------------------------------------------------------------------


def member_minimum_set() -> Dataset:
    """USA wants no tanks."""
    return three_nations(
        targets=[dict(nation="USA", area="land", target=0)],
        programmes=[dict(programme="tank", unit_cost=10)],
        frames=[dict(frame="f", programme="tank", min_members=3)],
        price_tiers=HALF,
    )


def member_minimum_worked(plan: Plan) -> None:
    """The frame needs three members, and every member orders a tank: USA buys one that it does not want, for 5, so that
    DEU and FRA save 50 each."""
    assert members(plan) == set(NATIONS)
    assert units(plan, nation="USA") == 1
    assert cost(plan) == pytest.approx(50 + 50 + 5)


def member_minimum_sign(m: Any, frame: str, nation: str) -> Any:
    return member_orders(m, frame, nation) <= joined(m, frame, nation)


def member_minimum_of_another(m: Any, frame: str, nation: str) -> Any:
    return member_orders(m, frame, "DEU") >= joined(m, frame, nation)


# ---- joint.member_share, joint.ordering ------------------------------------------------------------------------------


def member_share_set() -> Dataset:
    """DEU plans for 4 tanks at most, FRA for 10, USA for 9, of which it wants one only."""
    most = [dict(nation="DEU", max_units=4), dict(nation="FRA", max_units=10), dict(nation="USA", max_units=9)]
    return three_nations(
        targets=[dict(nation="USA", area="land", target=1)],
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[dict(programme="tank", **row) for row in most],
        frames=[dict(frame="f", programme="tank", min_members=3, member_min_share=0.5)],
        price_tiers=HALF,
    )


def member_share_worked(plan: Plan) -> None:
    """The frame needs all three, and each takes half of what it plans for, in whole tanks: USA 4 of its 9. DEU orders 4
    and FRA 10 anyhow. 18 tanks at 5 are 90; alone it would be 15 at 10."""
    assert {nation: units(plan, nation=nation, channel="f") for nation in NATIONS} == {"DEU": 4, "FRA": 10, "USA": 4}
    assert cost(plan) == pytest.approx(90)


def member_share_sign(m: Any, frame: str, nation: str) -> Any:
    return member_orders(m, frame, nation) <= m.k.member_share(frame, nation) * joined(m, frame, nation)


def member_share_of_another(m: Any, frame: str, nation: str) -> Any:
    return member_orders(m, frame, nation) >= m.k.member_share(frame, "DEU") * joined(m, frame, nation)


def divisible_share_set() -> Dataset:
    """USA wants a hundredth; what is divisible is not rounded."""
    return three_nations(
        targets=[dict(nation="USA", area="land", target=0.01)],
        programmes=[dict(programme="tank", unit_cost=10, lot=0)],
        customers=[dict(nation=n, programme="tank", max_units=3 if n == "USA" else 10) for n in NATIONS],
        frames=[dict(frame="f", programme="tank", min_members=3, member_min_share=0.5)],
        price_tiers=HALF,
    )


def divisible_share_worked(plan: Plan) -> None:
    """Half of 3 is 1.5, which USA orders for 7.5, so that the others save 50 each."""
    assert units(plan, nation="USA") == 1.5
    assert cost(plan) == pytest.approx(107.5)


def launched_set(before: Any = 0, **tables: Any) -> Dataset:
    """A joint buy of an earlier round, with DEU and FRA as members, of whom half of their plans is asked."""
    return three_nations(
        programmes=[dict(programme="tank", unit_cost=10)],
        frames=[dict(frame="f", programme="tank", launched=2026, member_min_share=0.5)],
        frame_members=[
            dict(frame="f", nation="DEU", status="member", units_before=before),
            dict(frame="f", nation="FRA", status="member", units_before=0),
        ],
        **{
            "price_tiers": HALF,
            "targets": [dict(nation="DEU", area="land", target=1), dict(nation="USA", area="land", target=0)],
            "customers": [
                dict(nation="DEU", programme="tank", max_units=8),
                dict(nation="FRA", programme="tank", max_units=10),
            ],
            **tables,
        },
    )


def ordering_worked(plan: Plan) -> None:
    """DEU wants one tank of the 8 that it plans for. Through the frame it would have to take 4, for 20: so it buys one
    alone, for 10. FRA buys its 10 there, for 50."""
    assert orders(plan) == {("DEU", "tank", "national", 2027): 1, ("FRA", "tank", "f", 2027): 10}
    assert cost(plan) == pytest.approx(60)


def ordering_sign(m: Any, frame: str, nation: str) -> Any:
    return member_orders(m, frame, nation) >= m.k.most_units[nation, "tank"] * m.ordering[frame, nation]


def ordering_of_another(m: Any, frame: str, nation: str) -> Any:
    return member_orders(m, frame, nation) <= m.k.most_units[nation, "tank"] * m.ordering[frame, "FRA"]


def share_before_set() -> Dataset:
    return launched_set(4, price_tiers=[dict(frame="f", from_units=1, price_factor=0.4)])


def share_before_worked(plan: Plan) -> None:
    """DEU ordered 4 through the frame before: half of its 8 and these is 6, of which 2 are left to order. At 4 each
    they are cheaper than the one that it wants alone, for 10. FRA buys its 10 there, for 40."""
    assert units(plan, nation="DEU") == units(plan, nation="DEU", channel="f") == 2
    assert cost(plan) == pytest.approx(48)


def share_before_forgotten(m: Any, frame: str, nation: str) -> Any:
    """Half of what is planned for now, with all that was ordered before on top of it."""
    least = 0.5 * m.k.customer[nation, "tank"].max_units - m.k.units_before(frame, nation)
    return member_orders(m, frame, nation) >= least * m.ordering[frame, nation]


def tier_before_set() -> Dataset:
    """Half the price from 30 tanks on. DEU ordered 4 before; FRA, untold, the 3 of its pipeline."""
    return three_nations(
        programmes=[dict(programme="tank", unit_cost=10)],
        customers=[dict(nation="DEU", programme="tank"), dict(nation="FRA", programme="tank")],
        frames=[dict(frame="f", programme="tank", launched=2026)],
        frame_members=[
            dict(frame="f", nation="DEU", status="member", units_before=4),
            dict(frame="f", nation="FRA", status="member"),
        ],
        price_tiers=[dict(frame="f", from_units=30, price_factor=0.5)],
        pipeline=[dict(nation="FRA", programme="tank", year=2028, units=3)],
    )


def tier_before_worked(plan: Plan) -> None:
    """Both want 10 tanks in 2027. With the 7 of earlier rounds 27 are ordered: 3 more reach the tier, and 23 at 5 are
    cheaper than 20 at 10."""
    assert units(plan, channel="f") == 23
    assert total(plan, "frames", "tier") == 1
    assert cost(plan) == pytest.approx(115)


def _told_twice(m: Any, frame: str, level: int) -> Any:
    """Units of earlier rounds are counted twice."""
    total_ = _level_total(m, frame, level) + m.k.earlier_units(frame) * m.tier[frame, level]
    return total_ >= m.k.levels[frame][level].floor * m.tier[frame, level]


# ---- joint.orders_after_joining --------------------------------------------------------------------------------------


def after_joining_worked(plan: Plan) -> None:
    """To join costs 20 and saves 50: all join, and only then order. 20 + 10 * 5 each."""
    assert members(plan) == set(NATIONS)
    assert total(plan, "frames", "fees") == 60
    assert cost(plan) == pytest.approx(210)


def _after_joining(m: Any, frame: str, nation: str, year: int, holder: str) -> tuple[Any, Any]:
    """Both sides of the row, membership being that of ``holder``."""
    if year == 0:
        return member_orders(m, frame, nation), m.k.most_units[nation, "tank"] * joined(m, frame, holder)
    by_then = quicksum(m.join[frame, holder, s] for s in m.k.sign_years[frame, holder] if s <= year)
    return m.joint_order[frame, nation, year], m.joint_order[frame, nation, year].ub * by_then


def after_joining_sign(m: Any, frame: str, nation: str, year: int) -> Any:
    ordered, allowed = _after_joining(m, frame, nation, year, nation)
    return ordered >= allowed


def after_another_joined(m: Any, frame: str, nation: str, year: int) -> Any:
    ordered, allowed = _after_joining(m, frame, nation, year, "DEU")
    return ordered <= allowed


# ---- joint.min_units, joint.min_annual_units -------------------------------------------------------------------------


def min_units_worked(plan: Plan) -> None:
    """Together they want 30 and the frame asks for 32: two more at 5 are cheaper than 30 at 10."""
    assert units(plan, channel="f") == 32
    assert cost(plan) == pytest.approx(160)


def min_units_sign(m: Any, frame: str) -> Any:
    return frame_orders(m, frame) <= m.k.frame[frame].min_units * launched(m, frame)


def min_units_of_one_nation(m: Any, frame: str) -> Any:
    ordered = quicksum(member_orders(m, frame, "DEU") for _ in m.k.members[frame])
    return ordered >= m.k.frame[frame].min_units * launched(m, frame)


def min_annual_worked(plan: Plan) -> None:
    """Launched in 2027 for the 30 that are wanted at once, the frame binds its members to 4 a year until 2029: 8 more
    at 5, which is 40 against 150 saved."""
    assert [units(plan, channel="f", year=year) for year in (2027, 2028, 2029)] == [30, 4, 4]
    assert cost(plan) == pytest.approx(190)


def _ordered_in(m: Any, frame: str, year: int) -> Any:
    return quicksum(m.joint[frame, n, year] for n in m.k.members[frame])


def min_annual_sign(m: Any, frame: str, year: int) -> Any:
    bound = quicksum(m.launch[frame, s] for s in m.k.launch_years[frame] if year in m.k.commitment(frame, s))
    return _ordered_in(m, frame, year) <= m.k.frame[frame].min_annual_units * bound


def min_annual_at_launch(m: Any, frame: str, year: int) -> Any:
    return _ordered_in(m, frame, year) >= m.k.frame[frame].min_annual_units * m.launch[frame, year]


# ---- price tiers -----------------------------------------------------------------------------------------------------


def spend_or_save_set() -> Dataset:
    """DEU alone may order tanks, 5 at most, in 2029, through the frame only; it must spend 35 of its core money then.
    A truck for 40 closes nothing."""
    return three_nations(
        areas=[dict(area="other")],
        budget_path=[
            dict(nation="DEU", pillar="core", year=2029, committed_share=0.4),
            dict(nation="DEU", pillar="resilience", year=2029, committed_share=1),
        ],
        programmes=[
            dict(programme="tank", unit_cost=10, first_order_year=2029),
            dict(programme="truck", category="service", unit_cost=40, first_order_year=2029),
        ],
        effects=[dict(programme="tank", area="land"), dict(programme="truck", area="other")],
        customers=[
            dict(nation="DEU", programme="tank", max_units=5),
            dict(nation="DEU", programme="truck"),
        ],
        frames=[dict(frame="f", programme="tank", min_members=1)],
        frame_members=[dict(frame="f", nation="DEU", status="candidate")],
        price_tiers=[dict(frame="f", from_units=3, price_factor=0.5)],
        rules=[
            dict(rule="joint_share_min", scope="ALL", value=1),
            dict(rule="spend_floor", scope="DEU", value=0.75, from_year=2029),
        ],
    )


def spend_or_save_worked(plan: Plan) -> None:
    """Core: 40 of 100 are committed and 75 must be reached, so 35 must be spent. 5 tanks reach the tier: 25 in all, as
    every one of them costs 5. The truck fills the floor: 65. (Two at 10 and three at 5 would be 35, if a buy could have
    two prices.)"""
    assert orders(plan) == {("DEU", "tank", "f", 2029): 5, ("DEU", "truck", "national", 2029): 1}
    assert total(plan, "members", "value") == 25
    assert cost(plan) == pytest.approx(65)


def tier_choice_sign(m: Any, frame: str) -> Any:
    return quicksum(m.tier[frame, level] for level in range(len(m.k.levels[frame]))) >= launched(m, frame)


def tier_choice_of_the_upper(m: Any, frame: str) -> Any:
    return quicksum(m.tier[frame, level] for level in range(1, len(m.k.levels[frame]))) == launched(m, frame)


def _ceiling(m: Any, key: tuple[str, int, str], up: int) -> tuple[Any, Any]:
    """Both sides of the row, the ceiling being that of the level ``up`` steps above."""
    frame, level, nation = key
    levels = m.k.levels[frame]
    ceiling = levels[min(level + up, len(levels) - 1)].ceiling
    if nation == "ALL":
        return _level_total(m, frame, level), ceiling * m.tier[frame, level]
    part = quicksum(m.tiered[frame, nation, year, level] for year in m.k.joint_years[frame, nation])
    return part, min(m.k.most_units[nation, "tank"], ceiling) * m.tier[frame, level]


def tier_ceiling_sign(m: Any, *key: Any) -> Any:
    part, ceiling = _ceiling(m, key, 0)
    return part >= ceiling


def tier_ceiling_of_the_next(m: Any, *key: Any) -> Any:
    part, ceiling = _ceiling(m, key, 1)
    return part <= ceiling


def tier_floor_set() -> Dataset:
    return one_frame_set(tiers=[dict(frame="f", from_units=40, price_factor=0.5)])


def tier_floor_worked(plan: Plan) -> None:
    """Half the price from 40 tanks on: 40 at 5 are cheaper than the 30 that are wanted, at 10."""
    assert units(plan, channel="f") == 40
    assert total(plan, "frames", "tier") == 1
    assert cost(plan) == pytest.approx(200)


def tier_floor_sign(m: Any, frame: str, level: int) -> Any:
    return _level_total(m, frame, level) <= m.k.levels[frame][level].floor * m.tier[frame, level]


def tier_floor_of_the_lower(m: Any, frame: str, level: int) -> Any:
    return _level_total(m, frame, level) >= m.k.levels[frame][level - 1].floor * m.tier[frame, level]


def two_tiers_set() -> Dataset:
    return three_nations(
        targets=[dict(nation="USA", area="land", target=15)],
        budget_path=[dict(gdp_share=0.2)],
        programmes=[dict(programme="tank", unit_cost=10)],
        frames=[dict(frame="f", programme="tank", min_members=1)],
        price_tiers=[
            dict(frame="f", from_units=20, price_factor=0.9),
            dict(frame="f", from_units=80, price_factor=0.5),
        ],
    )


def two_tiers_worked(plan: Plan) -> None:
    """10, 10 and 15 tanks reach the first tier: 35 at 9 are 315. The second would ask for 80 at 5: 400."""
    assert [units(plan, nation=n, channel="f") for n in NATIONS] == [10, 10, 15]
    assert total(plan, "frames", "tier") == 1
    assert total(plan, "frames", "saving") == 35
    assert cost(plan) == pytest.approx(315)


def _parts(m: Any, frame: str, nation: str, year: int) -> Any:
    return quicksum(m.tiered[frame, nation, year, level] for level in range(len(m.k.levels[frame])))


def tier_units_sign(m: Any, *key: Any) -> Any:
    return _parts(m, *key) <= m.joint[key]


def tier_units_of_another(m: Any, frame: str, nation: str, year: int) -> Any:
    return _parts(m, frame, nation, year) == m.joint[frame, "DEU", year]


def _value(m: Any, key: tuple[str, str, int], up: int) -> Any:
    levels = m.k.levels[key[0]]
    factors = [levels[min(level + up, len(levels) - 1)].factor for level in range(len(levels))]
    return quicksum(10 * factor * m.tiered[(*key, level)] for level, factor in enumerate(factors))


def order_value_sign(m: Any, *key: Any) -> Any:
    return m.order_value[key] <= _value(m, key, 0)


def order_value_of_the_next_tier(m: Any, *key: Any) -> Any:
    return m.order_value[key] == _value(m, key, 1)


# ---- joint.workshare -------------------------------------------------------------------------------------------------


def workshare_set() -> Dataset:
    """Tanks of one year's orders: a line in DEU makes one of them, one outside the alliance 100."""
    return three_nations(
        programmes=[dict(programme="tank", unit_cost=10, last_order_year=2027)],
        frames=[dict(frame="f", programme="tank", min_members=1, workshare_min=0.5)],
        price_tiers=HALF,
        lines=[dict(line="l_deu", nation="DEU"), dict(line="l_kor", nation="KOR")],
        line_capacity=[dict(line="l_deu", capacity=1), dict(line="l_kor", capacity=100)],
        line_programmes=[dict(line="l_deu", programme="tank"), dict(line="l_kor", programme="tank")],
    )


def workshare_worked(plan: Plan) -> None:
    """DEU's line makes one tank. Half of what DEU orders through the frame must be made at home:
    so 2 through the frame, at 5, and 8 alone, at 10. FRA and USA host no line and ask for no share: 20 at 5."""
    assert units(plan, nation="DEU", channel="f") == 2
    assert units(plan, nation="DEU", channel="national") == 8
    assert total(plan, "members", "work_value", nation="DEU") == 10
    assert cost(plan) == pytest.approx(10 + 80 + 100)


def _made(m: Any, programme: str, lines: list[str]) -> Any:
    return quicksum(m.make[programme, line, year] for line in lines for year in m.k.delivery_years[programme])


def workshare_sign(m: Any, frame: str, nation: str) -> Any:
    return _made(m, "tank", ["l_deu"]) <= m.k.frame[frame].workshare_min * member_orders(m, frame, nation)


def workshare_of_every_line(m: Any, frame: str, nation: str) -> Any:
    return _made(m, "tank", ["l_deu", "l_kor"]) >= m.k.frame[frame].workshare_min * member_orders(m, frame, nation)


CASES = (
    RuleCase("joint.launch_once", launch_once_set, launch_once_worked,
             {"sign": by(lambda m, frame: -launched(m, frame) <= 1), "index": by(launch_once_after_the_first)}),
    RuleCase("joint.join_at_launch", join_at_launch_set, join_at_launch_worked,
             {"sign": by(join_at_launch_sign), "index": by(join_at_launch_of_another)}),
    RuleCase("joint.committed_join", lambda: _with_status("committed", min_members=1), all_join_worked,
             {"sign": by(committed_join_sign), "index": by(committed_join_a_year_later)}),
    RuleCase("joint.min_members", lambda: _with_status("candidate", min_members=3), all_join_worked,
             {"sign": by(min_members_sign), "index": by(min_members_of_one_nation)}),
    RuleCase("joint.one_frame", one_frame_of_two, one_frame_worked,
             {"sign": by(one_frame_sign), "index": by(one_frame_of_the_first)}),
    RuleCase("joint.member_minimum", member_minimum_set, member_minimum_worked,
             {"sign": by(member_minimum_sign), "index": by(member_minimum_of_another)}),
    RuleCase("joint.member_share", member_share_set, member_share_worked,
             {"sign": by(member_share_sign), "index": by(member_share_of_another)}),
    RuleCase("joint.member_share", divisible_share_set, divisible_share_worked, {"sign": by(member_share_sign)},
             label="divisible"),
    RuleCase("joint.ordering", launched_set, ordering_worked,
             {"sign": by(ordering_sign), "index": by(ordering_of_another)},
             named=frozenset({"joint.member_minimum", "joint.member_share"})),
    RuleCase("joint.member_share", share_before_set, share_before_worked,
             {"index": by(share_before_forgotten)}, label="units_before"),
    RuleCase("joint.tier_floor", tier_before_set, tier_before_worked,
             {"sign": by(tier_floor_sign), "index": by(_told_twice)}, label="units_before"),
    RuleCase("joint.orders_after_joining", lambda: one_frame_set(joining_cost=20), after_joining_worked,
             {"sign": by(after_joining_sign), "index": by(after_another_joined)}),
    RuleCase("joint.min_units", lambda: one_frame_set(min_units=32), min_units_worked,
             {"sign": by(min_units_sign), "index": by(min_units_of_one_nation)}),
    RuleCase("joint.min_annual_units", lambda: one_frame_set(commit_years=3, min_annual_units=4), min_annual_worked,
             {"sign": by(min_annual_sign), "index": by(min_annual_at_launch)}),
    RuleCase("joint.tier_choice", spend_or_save_set, spend_or_save_worked,
             {"sign": by(tier_choice_sign), "index": by(tier_choice_of_the_upper)}),
    RuleCase("joint.tier_units", two_tiers_set, two_tiers_worked,
             {"sign": by(tier_units_sign), "index": by(tier_units_of_another)}),
    RuleCase("joint.tier_floor", tier_floor_set, tier_floor_worked,
             {"sign": by(tier_floor_sign), "index": by(tier_floor_of_the_lower)}),
    RuleCase("joint.tier_ceiling", spend_or_save_set, spend_or_save_worked,
             {"sign": by(tier_ceiling_sign), "index": by(tier_ceiling_of_the_next)}),
    RuleCase("joint.order_value", two_tiers_set, two_tiers_worked,
             {"sign": by(order_value_sign), "index": by(order_value_of_the_next_tier)}),
    RuleCase("joint.workshare", workshare_set, workshare_worked,
             {"sign": by(workshare_sign), "index": by(workshare_of_every_line)}),
)  # fmt: skip
