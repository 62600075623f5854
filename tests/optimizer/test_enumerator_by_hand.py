"""The enumerator itself on cases worked by hand: one for each rule, with the sums in the comment.

Every case has 100 of core and 100 of resilience money a nation and year unless it says otherwise, and a tank of which
one closes one unit of the target.
"""
# ruff: noqa: C408

from typing import Any

import pytest

from tests.cases import build, case, one_nation
from tests.enumerator import Answer, optimum

TWO = (2027, 2028)
TANK = dict(programme="tank", unit_cost=10)
LAND = dict(area="land")
OPEN = dict(carry_over=0)


def solve(dataset: Any, **levers: Any) -> Answer:
    return optimum(case(dataset, **levers))


def core(amount: float, nation: str | None = None) -> dict[str, Any]:
    row = dict(pillar="core", gdp_share=amount / 1000)
    return {**row, "nation": nation} if nation else row


def line(capacity: float, **values: Any) -> dict[str, Any]:
    """A line that makes the tank."""
    return dict(
        lines=[dict(line="l", nation="DEU", current_output=9, **values)],
        line_capacity=[dict(line="l", capacity=capacity)],
        line_programmes=[dict(line="l", programme="tank")],
    )


# --- industry --------------------------------------------------------------------------------------------------


def test_a_yard_of_less_than_one_a_year_delivers_after_years():
    """0.6 a year for three years make 1.8: one of the two ordered in 2027 for 2029. (100 + 100 + 50) / 3 is left."""
    dataset = one_nation(
        years=(2027, 2028, 2029),
        targets=[dict(LAND, target=2)],
        programmes=[dict(TANK, lead_years=2)],
        customers=[dict(programme="tank", max_units=2)],
        **line(0.6),
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((250 / 3, 10))
    assert {"industry.work_in_progress", "industry.line_capacity"} <= answer.binding


def test_nothing_is_made_before_it_is_ordered():
    """Ordered in 2028 at the earliest, one is made in that year; a second one would have to be begun in 2027."""
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=2)],
        programmes=[dict(TANK, first_order_year=2028)],
        customers=[dict(programme="tank", max_units=2)],
        **line(1),
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx(((100 + 50) / 2, 10))
    assert "industry.made_of_orders" in answer.binding


@pytest.mark.parametrize(("built", "left"), [(0.5, 50), (1, 0)])
def test_what_is_built_takes_no_room(built: float, left: float):
    """The line makes one in 2027: half of the delivery on its way and no more, or a new one where that is made."""
    dataset = one_nation(
        targets=[dict(LAND, target=2)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=1)],
        pipeline=[dict(nation="DEU", programme="tank", year=2027, units=1, built=built)],
        **line(1),
    )
    assert solve(dataset).objective == pytest.approx(left)


@pytest.mark.parametrize(("lines", "left"), [(line(5), 50), ({}, 75)])
def test_a_component_is_used_when_the_unit_is_made(lines: dict[str, Any], left: float):
    """One seeker a year, two tanks for 2028: a line makes one each year; what is on no line takes both in 2028."""
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=2)],
        programmes=[dict(TANK, lead_years=1)],
        customers=[dict(programme="tank", max_units=2)],
        components=[dict(component="seeker")],
        component_capacity=[dict(component="seeker", capacity=1)],
        bill_of_materials=[dict(programme="tank", component="seeker")],
        **lines,
    )
    assert solve(dataset).objective == pytest.approx(left)


@pytest.mark.parametrize(
    ("limit", "left", "cost"), [(0.1, 0, 90), (0.09, 75, 20), ("none", 0, 90)], ids=["enough", "short", "no limit"]
)
def test_who_pays_for_a_line_has_something_to_gain(limit: float | str, left: float, cost: float):
    """The second shift costs 10, the host has 2. France orders four for 80: a tenth is 8, nine hundredths 7.2."""
    dataset = build(
        ("DEU", "FRA"),
        (2027,),
        settings=dict(contribution_max=limit),
        targets=[dict(LAND, nation="DEU", target=0), dict(LAND, nation="FRA", target=4)],
        budget_path=[dict(nation="DEU", pillar="resilience", gdp_share=0.002)],
        programmes=[dict(TANK, unit_cost=20)],
        customers=[dict(nation="FRA", programme="tank", max_units=4)],
        expansions=[
            dict(expansion="x", line_or_component="l", added_capacity=3, cost=10, host="DEU", host_share_min=0.1)
        ],
        **line(1),
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((left, cost))
    assert ("industry.contribution_max" in answer.binding) == (left > 0)


@pytest.mark.parametrize(("capacity", "cost"), [(0, 10), (1, 15)])
def test_work_share_is_asked_of_a_line_with_capacity(capacity: float, cost: float):
    """Half price through the frame, all of it made at home: one tank, and the other at the national price."""
    dataset = one_nation(
        targets=[dict(LAND, target=2)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=2)],
        frames=[dict(frame="f", programme="tank", min_members=1, workshare_min=1)],
        price_tiers=[dict(frame="f", from_units=1, price_factor=0.5)],
        lines=[dict(line="home", nation="DEU", current_output=9), dict(line="far", nation="JPN", current_output=9)],
        line_capacity=[dict(line="home", capacity=capacity), dict(line="far", capacity=5)],
        line_programmes=[dict(line="home", programme="tank"), dict(line="far", programme="tank")],
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((0, cost))
    assert ("joint.workshare" in answer.binding) == (capacity > 0)


@pytest.mark.parametrize(
    ("row", "objective", "binds"),
    [
        (dict(value=1), 0, False),
        (dict(value=0.5), 25, True),
        (dict(value=0.5, hardness="soft", penalty=10), 5, True),
    ],
    ids=["any", "hard", "soft"],
)
def test_output_does_not_drop_at_once(row: dict[str, Any], objective: float, binds: bool):
    """Two in 2027 leave nothing for 2028; half of two would be due: one each year (50 + 0) / 2.

    Soft: one is missing, over the line's capacity of 2: 10 * 1 / 2.
    """
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=2)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=2)],
        rules=[dict(rule="output_drop_max", scope="l", **row)],
        **line(2),
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((objective, 20))
    assert ("policy.output_drop_max" in answer.binding) == binds


def test_a_soft_surge_counts_over_the_lines_capacity():
    """Twice the output of 2 would need a capacity of 4; there are 2: 10 * 2 / 2, less than a tank's 50."""
    dataset = one_nation(
        targets=[dict(LAND, target=2)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=2)],
        rules=[dict(rule="surge_min", scope="land", value=2, hardness="soft", penalty=10)],
        **line(2),
    )
    assert solve(dataset).objective == pytest.approx(10)


def test_what_comes_without_a_line_counts_in_the_whole():
    """Half of the effect from one line at most: as many tanks of the line as guns of none, one: 1/3 is left."""
    dataset = one_nation(
        targets=[dict(LAND, target=3)],
        programmes=[TANK, dict(programme="gun")],
        customers=[dict(programme="tank", max_units=2), dict(programme="gun", max_units=1)],
        rules=[dict(rule="single_line_max", scope="land", value=0.5)],
        **line(5),
    )
    answer = solve(dataset)
    assert answer.objective == pytest.approx(100 / 3)
    assert "policy.single_line_max" in answer.binding


# --- hosts, members, pins --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("operated", "left", "cost"), [(0, 40, 12), (1, 0, 5)])
def test_what_needs_a_host_is_ordered_beside_one(operated: float, left: float, cost: float):
    """Of 12 a tank (10) is bought before two missiles (1 each): three of five. With a launcher five missiles do."""
    dataset = one_nation(
        targets=[dict(LAND, target=5)],
        budget_path=[core(12)],
        programmes=[TANK, dict(programme="missile", needs_host="tank")],
        customers=[
            dict(programme="tank", max_units=1, units_operated=operated),
            dict(programme="missile", max_units=5),
        ],
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((left, cost))
    assert ("buying.needs_host" in answer.binding) == (operated == 0)


def test_a_missile_does_not_arrive_before_its_host():
    """The launcher of 2027 arrives in 2028, so the missile is ordered then: (100 + 0) / 2, and not (50 + 0) / 2."""
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=2)],
        programmes=[dict(TANK, lead_years=1), dict(programme="missile", needs_host="tank")],
        customers=[dict(programme="tank", max_units=1), dict(programme="missile", max_units=1)],
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((50, 11))
    assert "buying.host_first" in answer.binding


@pytest.mark.parametrize(("share", "cost"), [(0.5, 30), (0.4, 25)])
def test_a_member_takes_a_real_share(share: float, cost: float):
    """Half price from two members on; France wants one of its four. Half of four are two: (4 + 2) * 5.

    0.4 of four are 1.6, one whole lot: (4 + 1) * 5.
    """
    dataset = build(
        ("DEU", "FRA"),
        (2027,),
        targets=[dict(LAND, nation="DEU", target=4), dict(LAND, nation="FRA", target=1)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=4)],
        frames=[dict(frame="f", programme="tank", min_members=2, member_min_share=share)],
        price_tiers=[dict(frame="f", from_units=1, price_factor=0.5)],
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((0, cost))
    assert ("joint.member_share" in answer.binding) == (share == 0.5)


@pytest.mark.parametrize(("before", "cost"), [(3, 5), (2, 10)])
def test_earlier_units_make_the_tier(before: float, cost: float):
    """Half price from four on: three of earlier rounds and the one of now. The earlier ones need no pipeline."""
    dataset = one_nation(
        targets=[dict(LAND, target=1)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=1)],
        frames=[dict(frame="f", programme="tank", launched=2026)],
        frame_members=[dict(frame="f", nation="DEU", status="member", units_before=before)],
        price_tiers=[dict(frame="f", from_units=4, price_factor=0.5)],
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((0, cost))


@pytest.mark.parametrize(("before", "cost"), [(1, 10), (0, 20)])
def test_a_member_of_a_launched_frame_takes_its_share_or_nothing(before: float, cost: float):
    """Two thirds of all that it has bought and may buy. One before and two more: two of three, one is enough now.

    None before: two thirds of two are 1.3, one lot; the whole of two are two.
    """
    share = 2 / 3 if before else 1
    dataset = one_nation(
        targets=[dict(LAND, target=1)],
        programmes=[dict(TANK, unit_cost=20)],
        customers=[dict(programme="tank", max_units=2)],
        frames=[dict(frame="f", programme="tank", launched=2026, member_min_share=share)],
        frame_members=[dict(frame="f", nation="DEU", status="member", units_before=before)],
        price_tiers=[dict(frame="f", from_units=1, price_factor=0.5)],
    )
    # Without units of earlier rounds two at half price cost as much as one alone at the national one.
    assert (solve(dataset).objective, solve(dataset).cost) == pytest.approx((0, cost))


@pytest.mark.parametrize(
    ("pin", "orders"),
    [
        (dict(sense="min", units=2), {2027: 2}),
        (dict(sense="equal", units=1, year=2028), {2027: 1, 2028: 1}),
        (dict(sense="max", units=0, year=2027, channel="national"), {2028: 1}),
        (dict(sense="max", units=0, nation="ALL"), {}),
        (dict(sense="max", units=0, channel="f"), {2027: 1}),
    ],
    ids=["more", "later", "not now", "none", "not jointly"],
)
def test_pinned_orders_are_kept(pin: dict[str, Any], orders: dict[int, int]):
    """One is wanted and would be ordered in 2027, and none later; a frame that is dearer stands beside."""
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=1)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=2)],
        frames=[dict(frame="f", programme="tank", min_members=1, joining_cost=5)],
        pins=[dict(dict(nation="DEU", programme="tank", channel="", year=""), **pin)],
    )
    answer = solve(dataset, forbid__f=True)
    found: dict[int, float] = {}
    for order in answer.orders:
        found[order[3]] = found.get(order[3], 0) + order[4]
    assert found == orders or ("year" not in pin and sum(found.values()) == sum(orders.values()))
    assert ("policy.pins" in answer.binding) == (orders != {2027: 1})


# --- years beyond the horizon ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "index"), [(0.05, 200 / 3), (0.04, 100)])
def test_an_order_may_arrive_beyond_the_horizon(share: float, index: float):
    """Ordered in 2027, paid with 5 in 2028 and 5 in 2029, in service in 2029: two years open, settled nothing."""
    dataset = one_nation(
        years=TWO,
        settings=dict(beyond=dict(years=1, money=[share])),
        targets=[dict(LAND, target=1)],
        programmes=[dict(TANK, lead_years=2)],
        customers=[dict(programme="tank", max_units=1)],
    )
    answer = solve(dataset)
    assert (answer.before.settled, answer.objective) == pytest.approx((100, index))
    assert answer.gap_index == pytest.approx(100)
    assert answer.settled == pytest.approx(0 if share == 0.05 else 100)
    assert ("budget.beyond" in answer.binding) == (share == 0.04)


@pytest.mark.parametrize(("share", "cost"), [(0.04, 6), (0.1, 6), (0.11, 16)])
def test_what_is_bound_already_may_be_spent_but_no_more(share: float, cost: float):
    """6 of 2029 are bound. With 4 or 10 to bind nothing can be added; with 11 the 5 of the tank can."""
    dataset = one_nation(
        years=TWO,
        settings=dict(beyond=dict(years=1, money=[share])),
        targets=[dict(LAND, target=1)],
        programmes=[dict(TANK, lead_years=2)],
        customers=[dict(programme="tank", max_units=1)],
        obligations=[dict(nation="DEU", year=2029, amount=6)],
    )
    assert solve(dataset).cost == pytest.approx(cost)


def test_upkeep_goes_on_beyond():
    """10 for the tank and 2 a year in service, in 2027 and in 2028."""
    dataset = one_nation(
        settings=dict(beyond=dict(years=1, money=[1])),
        targets=[dict(LAND, target=1)],
        programmes=[dict(TANK, sustain_cost=2)],
        customers=[dict(programme="tank", max_units=1)],
    )
    assert solve(dataset).cost == pytest.approx(14)


@pytest.mark.parametrize(("service", "settled"), [(1, 50), (2, 0)])
def test_the_settled_state_counts_what_a_flow_keeps(service: int, settled: float):
    """Two delivered in the two years of the flow: what lasts one year keeps one, what lasts two keeps two."""
    dataset = one_nation(
        years=TWO,
        settings=dict(beyond=dict(years=1, money=[1], flow=2)),
        targets=[dict(LAND, target=2)],
        programmes=[dict(TANK, service_years=service)],
        customers=[dict(programme="tank", max_units=2)],
    )
    answer = solve(dataset)
    assert answer.settled == pytest.approx(settled)
    assert answer.objective == pytest.approx(settled)


def test_what_lasts_is_weighed_against_what_is_there_soon():
    """5 of 2027 buy a gun for that year, (0 + 100 + 5 * 100) / 7, or start a tank for 2029, (100 + 100 + 0) / 7."""
    dataset = one_nation(
        years=TWO,
        settings=dict(beyond=dict(years=1, money=[1], weight=5)),
        targets=[dict(LAND, target=1)],
        budget_path=[core(5)],
        programmes=[
            dict(TANK, lead_years=2, down_payment=0.5),
            dict(programme="gun", unit_cost=5, service_years=1, last_order_year=2027),
        ],
        customers=[dict(programme="tank", max_units=1), dict(programme="gun", max_units=1)],
    )
    answer = solve(dataset, **OPEN)
    assert (answer.objective, answer.cost) == pytest.approx((200 / 7, 10))
    assert "capability.settled" in answer.binding


@pytest.mark.parametrize(("capacity", "units"), [(1, 2), (0.5, 1)])
def test_a_part_of_the_capacity_is_left_beyond(capacity: float, units: float):
    """Two ordered in 2027 for 2028: one is made in 2027, and a whole one or half of one in 2028."""
    dataset = one_nation(
        settings=dict(beyond=dict(years=1, money=[1], capacity=capacity)),
        targets=[dict(LAND, target=2)],
        programmes=[dict(TANK, lead_years=1)],
        customers=[dict(programme="tank", max_units=2)],
        **line(1),
    )
    assert sum(order[4] for order in solve(dataset).orders) == units


# --- shared bills ----------------------------------------------------------------------------------------------


def shared(poor: float, sponsor_max: float, **nations: Any) -> Answer:
    """An innovation line of Germany and France for 20 that closes half; France has `poor`."""
    dataset = build(
        ("DEU", "FRA"),
        (2027,),
        settings=dict(sponsor_max=sponsor_max),
        nations=[dict(nation=nation, cost_share=share) for nation, share in nations.items()],
        budget_path=[core(poor, "FRA")],
        innovation=[dict(innovation="v", scale_cost=20)],
        innovation_effects=[dict(innovation="v", area="land", closes=0.5)],
    )
    return solve(dataset)


@pytest.mark.parametrize(("most", "left"), [(2, 50), (1.6, 50), (1.5, 100), (1, 100)])
def test_a_rich_sponsor_takes_over_a_part(most: float, left: float):
    """10 each by key, and France has 4: Germany may pay 20, 16, 15 or 10 of 20."""
    answer = shared(4, most)
    assert answer.objective == pytest.approx(left)
    assert ("innovation.sponsor_share" in answer.binding) == (left == 100)


def test_a_bill_is_paid_whole():
    """Germany pays 14 of 20 at most, and France has 5.9: only where nobody need pay the rest there is a line."""
    assert "innovation.bill" in shared(5.9, 1.4).binding


@pytest.mark.parametrize(("france", "money", "left"), [(1, 5, 50), (1, 4.9, 100), (None, 0, 50)])
def test_a_key_of_its_own(france: float | None, money: float, left: float):
    """3 to 1: France pays 5 of 20. Without a weight, while Germany has one, it pays nothing."""
    assert shared(money, 1, DEU=3, FRA=france).objective == pytest.approx(left)


# --- loans and grants ------------------------------------------------------------------------------------------


def lent(loans: list[dict[str, Any]], money: float, facility: str = "safe", **more: Any) -> Answer:
    """A tank through a frame of the facility, for 10."""
    nations = more.pop("nations", ("DEU",))
    dataset = build(
        nations,
        more.pop("years", (2027,)),
        budget_path=[core(money)],
        targets=[dict(LAND, target=more.pop("target", 1))],
        programmes=[TANK, *more.pop("programmes", [])],
        customers=[dict(programme="tank", max_units=1), *more.pop("customers", [])],
        frames=[dict(frame="f", programme="tank", min_members=1, loan_facility=facility)],
        loans=loans,
        **more,
    )
    return solve(dataset, **OPEN)


@pytest.mark.parametrize(("share", "left"), [(0.4, 0), (0.3, 100)])
def test_a_facility_covers_its_share(share: float, left: float):
    """6 are there for the 10: four tenths of the payment are lent, or three."""
    answer = lent([dict(facility="safe", nation="DEU", share=share)], 6)
    assert answer.objective == pytest.approx(left)
    assert ("budget.loan_share" in answer.binding) == (left > 0)


@pytest.mark.parametrize(("kind", "cost"), [("loan", 10.4), ("grant", 10)])
def test_a_grant_costs_no_interest(kind: str, cost: float):
    """4 are drawn in 2027; a tenth of that is paid in 2028."""
    loan = dict(facility="safe", nation="DEU", kind=kind, interest=0.1)
    assert lent([loan], 6, years=TWO).cost == pytest.approx(cost)


@pytest.mark.parametrize(
    ("loans", "left"),
    [
        ([dict(facility="safe", nation="ALL", amount=4)], 0),
        ([dict(facility="safe", nation="ALL", amount=3)], 50),
        ([dict(facility="safe", nation="ALL", amount=2), dict(facility="safe", nation="FRA", amount=2)], 0),
        ([dict(facility="safe", nation="ALL", amount=4), dict(facility="safe", nation="FRA", amount=1)], 50),
    ],
    ids=["enough", "for one", "own row", "own row alone"],
)
def test_one_amount_for_a_group(loans: list[dict[str, Any]], left: float):
    """Each of two nations lacks 2 of its 10. A nation with a row of its own has no part in the group's."""
    assert lent(loans, 8, nations=("DEU", "FRA")).objective == pytest.approx(left)


def test_a_payment_is_covered_once():
    """4 and 10 lent: the tank, and not a gun for 6 beside it, though two facilities could lend 20."""
    loans = [dict(facility=name, nation="DEU") for name in ("safe", "edip")]
    gun = dict(programmes=[dict(programme="gun", unit_cost=6)], customers=[dict(programme="gun", max_units=1)])
    answer = lent(loans, 4, "safe;edip", target=2, **gun)
    assert (answer.objective, answer.cost) == pytest.approx((50, 10))
    assert "budget.loan_sets" in answer.binding


# --- the table `rules` -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "scope"), [("area_share_min", "radio"), ("area_share_max", "land"), ("area_share_max", "DEU:land")]
)
def test_one_area_has_its_part_of_the_money(rule: str, scope: str):
    """A tank for each radio at the same price, and one radio: half of land is left, a quarter of all."""
    dataset = one_nation(
        areas=[dict(area="radio")],
        targets=[dict(LAND, target=2), dict(area="radio", target=1)],
        programmes=[TANK, dict(programme="radio_set", unit_cost=10, area="radio")],
        customers=[dict(programme="tank", max_units=2), dict(programme="radio_set", max_units=1)],
        rules=[dict(rule=rule, scope=scope, value=0.5)],
    )
    answer = solve(dataset)
    assert (answer.objective, answer.cost) == pytest.approx((25, 20))
    assert f"policy.{rule}" in answer.binding


def test_a_soft_area_share_counts_over_the_available_money():
    """Both pillars have 200. Two tanks and a radio: 15 of 30 should be for radio, 10 are: 100 * 5 / 200."""
    dataset = one_nation(
        areas=[dict(area="radio")],
        targets=[dict(LAND, target=2), dict(area="radio", target=1)],
        programmes=[TANK, dict(programme="radio_set", unit_cost=10, area="radio")],
        customers=[dict(programme="tank", max_units=2), dict(programme="radio_set", max_units=1)],
        rules=[dict(rule="area_share_min", scope="radio", value=0.5, hardness="soft", penalty=100)],
    )
    assert solve(dataset).objective == pytest.approx(2.5)


def test_what_is_ordered_grows_with_the_money():
    """A tenth of 100 a year: one tank in 2027, a second one in 2028: (50 + 0) / 2."""
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=2)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=2)],
        rules=[dict(rule="order_value_max", scope="ALL", value=0.1)],
    )
    answer = solve(dataset)
    assert answer.objective == pytest.approx(25)
    assert "policy.order_value_max" in answer.binding


def test_a_hard_floor_beside_a_soft_wish():
    """All is wished for and half must be: with money for one of two half is missing, 50 + 10 * 0.5."""
    closure = dict(rule="closure_min", scope="land")
    dataset = one_nation(
        targets=[dict(LAND, target=2)],
        budget_path=[core(10)],
        programmes=[TANK],
        customers=[dict(programme="tank", max_units=2)],
        rules=[dict(closure, value=0.5), dict(closure, value=1, hardness="soft", penalty=10)],
    )
    assert solve(dataset).objective == pytest.approx(55)


def test_a_rule_in_steps():
    """A tank a year may be ordered in 2027; from 2028 on two must be there, of which one has to come in 2028."""
    dataset = one_nation(
        years=TWO,
        targets=[dict(LAND, target=2, baseline=1)],
        programmes=[dict(TANK, service_years=1)],
        customers=[dict(programme="tank", max_units=1)],
        rules=[
            dict(rule="closure_min", scope="land", value=0.5),
            dict(rule="closure_min", scope="land", value=1, from_year=2028),
        ],
    )
    answer = solve(dataset)
    assert [order[3] for order in answer.orders] == [2028]
