"""Next year's data set from this year's plan, worked by hand: nothing decided is lost, nothing is paid twice."""
# ruff: noqa: C408

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from benchmarks.rounds import churn
from data.checks import examine
from data.dataset import Dataset, load, write
from data.dictionary import NOT_GIVEN
from optimizer.plans.next_round import next_round, write_round
from optimizer.plans.plan import PlanError
from store.folder import write_plan
from tests.cases import best, one_nation, three_nations, tiny
from tests.command import drive5
from tests.hand_plan import hand_plan

FOUR = (2027, 2028, 2029, 2030)
Amounts = dict[tuple[Any, ...], float]


def after(plan: Any, folder: Path) -> Dataset:
    """The next round's data set, written, checked and read again."""
    write_round(plan, folder)
    dataset, _ = examine(folder)
    assert dataset is not None
    return dataset


def by(table: pd.DataFrame, keys: str, value: str) -> Amounts:
    """Values of a table by its key columns (blank separated)."""
    names = keys.split()
    rows = zip(*(table[name] for name in names), strict=True)
    found = dict(zip(rows, table[value], strict=True))
    return {key[0] if len(names) == 1 else key: amount for key, amount in found.items()}


def owed(dataset: Dataset, kind: str) -> Amounts:
    table = dataset.tables["obligations"]
    return by(table[table["kind"] == kind], "nation year item", "amount")


def row(dataset: Dataset, table: str, **wanted: Any) -> pd.Series:
    frame = dataset.tables[table]
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.fixture(scope="module")
def tiny_plan() -> Any:
    return best(tiny())


def test_an_order_is_a_delivery_to_come_and_money_to_pay(tmp_path: Path) -> None:
    """3 tanks at 10, 20 % down, two years' lead: ordered in 2027, 6 paid; 12 are due in 2028 and 12 in 2029.

    They arrive in 2029. The type is new, so its overhead of 1 runs from 2029 on; next round it is legacy, so the
    overhead is an obligation, and the units in service are sustained by the model itself.
    """
    tank = dict(programme="tank", unit_cost=10, lead_years=2, down_payment=0.2, sustain_cost=0.5, type_overhead=1)
    plan = best(one_nation(years=FOUR, programmes=[tank], customers=[dict(programme="tank", max_units=3)]))
    new = after(plan, tmp_path)
    assert (new.settings.first_year, new.settings.last_year, new.settings.price_base_year) == (2028, 2030, 2027)
    assert by(new.tables["pipeline"], "nation programme year", "units") == {("DEU", "tank", 2029): 3}
    assert owed(new, "payment") == pytest.approx({("DEU", 2028, "tank"): 12, ("DEU", 2029, "tank"): 12})
    assert owed(new, "overhead") == pytest.approx({("DEU", 2029, "tank"): 1, ("DEU", 2030, "tank"): 1})
    assert owed(new, "sustainment") == {}
    customer = row(new, "customers", nation="DEU", programme="tank")
    assert (customer["max_units"], customer["units_operated"]) == (0, 3)
    assert set(new.tables["economy"]["year"]) == {2028, 2029, 2030}
    old, again = plan.tables["budgets"], best(new).tables["budgets"]
    assert by(again, "year pillar", "spent") == pytest.approx(by(old[old["year"] > 2027], "year pillar", "spent"))


def test_what_has_arrived_serves_on_as_baseline_as_long_as_it_lives(tmp_path: Path) -> None:
    """2 rounds arrive in 2027 and live two years: baseline 3 + 2 in 2028, 3 in 2029; their upkeep of 2028 is due."""
    plan = best(
        one_nation(
            years=FOUR,
            settings=dict(urgency={2027: 2}),
            targets=[dict(area="land", target=10, baseline=3)],
            programmes=[dict(programme="round", service_years=2, sustain_cost=0.5)],
            customers=[dict(programme="round", max_units=2)],
        )
    )
    new = after(plan, tmp_path)
    assert by(new.tables["targets"], "year", "baseline") == {2028: 5, 2029: 3, 2030: 3}
    assert owed(new, "sustainment") == pytest.approx({("DEU", 2028, "round"): 1})
    assert new.tables["pipeline"].empty
    old, again = plan.tables["gaps"], best(new).tables["gaps"]
    assert by(again, "year", "shortfall") == pytest.approx(by(old[old["year"] > 2027], "year", "shortfall"))


def test_in_a_collective_area_the_part_of_the_usa_rises_with_the_whole(tmp_path: Path) -> None:
    plan = best(
        three_nations(
            areas=[dict(area="lift", pillar="core", weight=1)],
            targets=[dict(nation="ALL", area="lift", target=9, baseline=2, baseline_us=2)],
            programmes=[dict(programme="plane", area="lift")],
            customers=[
                dict(nation="USA", programme="plane", max_units=1),
                dict(nation="DEU", programme="plane", max_units=3),
            ],
        )
    )
    lift = row(after(plan, tmp_path), "targets", nation="ALL", area="lift", year=2028)
    assert (lift["baseline"], lift["baseline_us"]) == (6, 3)


def joint_buy(**tank: Any) -> Dataset:
    """DEU and FRA can sign in 2027, the USA in even years only; 2 tanks each at 10, half price from 2 on; fee 1."""
    return three_nations(
        nations=[dict(nation="USA", signing_cycle=2, signing_offset=2028)],
        programmes=[dict(programme="tank", unit_cost=10, **tank)],
        customers=[dict(nation=n, programme="tank", max_units=2) for n in ("DEU", "FRA", "USA")],
        frames=[dict(frame="f", programme="tank", min_members=2, commit_years=3, annual_fee=1, last_launch=2027)],
        price_tiers=[dict(frame="f", from_units=2, price_factor=0.5)],
    )


def test_a_launched_frame_goes_on_with_its_members(tmp_path: Path) -> None:
    """Ordered in 2027, delivered in 2028: the fees of 2028 and 2029 follow from `launched`."""
    new = after(best(joint_buy(lead_years=1), force__f=True), tmp_path)
    assert row(new, "frames", frame="f")["launched"] == 2027
    members = by(new.tables["frame_members"], "nation", "status")
    assert members == {"DEU": "member", "FRA": "member", "USA": "excluded"}
    assert by(new.tables["frame_members"], "nation", "units_before") == {"DEU": 2, "FRA": 2, "USA": NOT_GIVEN}
    assert owed(new, "fee") == {}
    again = best(new).tables["spending"]
    fees = by(again[again["kind"] == "fee"], "nation year", "amount")
    assert fees == pytest.approx({(n, t): 1 for n in ("DEU", "FRA") for t in (2028, 2029)})


def test_members_that_have_their_tanks_stay_and_are_not_asked_for_a_lot_again(tmp_path: Path) -> None:
    """Ordered and delivered in 2027: the frame goes on with two members that order nothing more and pay its fees."""
    new = after(best(joint_buy(), force__f=True), tmp_path)
    assert by(new.tables["frame_members"], "nation", "units_before") == {"DEU": 2, "FRA": 2, "USA": NOT_GIVEN}
    again = best(new)
    assert again.tables["orders"].empty
    fees = by(again.tables["spending"], "nation year kind", "amount")
    assert fees == pytest.approx({(n, t, "fee"): 1 for n in ("DEU", "FRA") for t in (2028, 2029)})


def test_what_a_frame_has_delivered_still_earns_its_price(tmp_path: Path) -> None:
    """DEU buys 3 through the frame, of which its money allows 2 in 2027 (at 5, half price from 3 on) and 1 in 2028.

    Two are delivered by 2028 and count on: the third costs 5 in the next round too, and min_units of 3 is met by it.
    """
    plan = best(
        one_nation(
            years=(2027, 2028),
            budget_path=[dict(gdp_share=0.011)],
            programmes=[dict(programme="tank", unit_cost=10)],
            customers=[dict(programme="tank", max_units=3)],
            frames=[dict(frame="f", programme="tank", min_units=3, annual_fee=0)],
            price_tiers=[dict(frame="f", from_units=3, price_factor=0.5)],
        ),
        carry_over=0,
    )
    assert by(plan.tables["orders"], "channel year", "units") == {("f", 2027): 2, ("f", 2028): 1}
    new = after(plan, tmp_path)
    assert (row(new, "price_tiers", frame="f")["from_units"], row(new, "frames", frame="f")["min_units"]) == (3, 3)
    assert row(new, "frame_members", frame="f")["units_before"] == 2
    assert by(best(new).tables["orders"], "channel year", "unit_price") == {("f", 2028): 5}


def launched_in_2025(**member: Any) -> Dataset:
    """DEU is in a frame since 2025; 3 tanks come in 2027 and, beyond the horizon, 2 in 2031."""
    return one_nation(
        years=FOUR,
        settings=dict(beyond=dict(years=2, money=[0.5, 0.5])),
        programmes=[dict(programme="tank", unit_cost=10, lead_years=1)],
        customers=[dict(programme="tank", max_units=9)],
        frames=[dict(frame="f", programme="tank", launched=2025)],
        frame_members=[dict(frame="f", nation="DEU", status="member", **member)],
        pipeline=[dict(nation="DEU", programme="tank", year=t, units=n) for t, n in ((2027, 3), (2031, 2))],
    )


@pytest.mark.parametrize(
    ("given", "counted"), [({}, 5 + 2), (dict(units_before=11), 11 + 2), (dict(units_before=0), 2)]
)
def test_units_before_grow_by_what_the_first_year_orders(tmp_path: Path, given: Any, counted: float) -> None:
    """Empty they were the pipeline, 3 and 2; the first year orders 2 through the frame (and 4 alone: no part of it)."""
    joint = dict(nation="DEU", programme="tank", channel="f", year=2027, units=2, value=20)
    alone = dict(nation="DEU", programme="tank", year=2027, units=4, value=40)
    later = dict(nation="DEU", programme="tank", channel="f", year=2028, units=1, value=10)
    plan = hand_plan(
        launched_in_2025(**given),
        orders=[joint, alone, later],
        frames=[dict(frame="f", launch_year=2025)],
        members=[dict(frame="f", nation="DEU", units=3)],
    )
    member = row(after(plan, tmp_path), "frame_members", frame="f")
    assert (member["status"], member["units_before"]) == ("member", counted)


def test_a_member_of_a_launched_frame_that_the_plan_left_out_stays_one(tmp_path: Path) -> None:
    """The plan is made without FRA, which is no reason to throw FRA out of the frame."""
    member = dict(frame="f", status="member", units_before=1)
    dataset = three_nations(
        programmes=[dict(programme="tank")],
        frames=[dict(frame="f", programme="tank", launched=2025)],
        frame_members=[member | dict(nation=nation) for nation in ("DEU", "FRA")],
    )
    plan = hand_plan(dataset, {"nation_out.FRA": True}, members=[dict(frame="f", nation="DEU")])
    new = after(plan, tmp_path)
    assert by(new.tables["frame_members"], "nation status", "units_before") == {
        ("DEU", "member"): 1,
        ("FRA", "member"): 1,
    }


def test_an_unlaunched_frame_keeps_its_window_and_candidates(tmp_path: Path) -> None:
    new = after(hand_plan(tiny()), tmp_path)
    frame = row(new, "frames", frame="sam_joint")
    assert (frame["first_launch"], frame["last_launch"], frame["launched"]) == (2028, 2028, 0)
    assert by(new.tables["frame_members"], "nation", "status")["USA"] == "committed"


def plant(**expansion: Any) -> Dataset:
    """One line that makes 1 tank a year, and an expansion by 2 for 8, running at 1 a year."""
    return one_nation(
        years=FOUR,
        programmes=[dict(programme="tank")],
        lines=[dict(line="works", name="Works", nation="DEU", current_output=1, ramp=0)],
        line_capacity=[dict(line="works", capacity=1)],
        line_programmes=[dict(line="works", programme="tank")],
        expansions=[
            dict(expansion="x", line_or_component="works", added_capacity=2, cost=8, annual_cost=1, **expansion)
        ],
    )


def test_an_expansion_that_is_built_opens_when_it_was_to_open_at_no_further_cost(tmp_path: Path) -> None:
    """Started in 2027, open in 2029: 4 a year while built, 1 a year after. The ramp of 0 needs its opening in 2029."""
    plan = best(plant(build_years=2, last_year=2027, guaranteed_load=0.5, guarantee_years=2))
    new = after(plan, tmp_path)
    x = row(new, "expansions", expansion="x")
    assert (x["first_year"], x["last_year"], x["build_years"], x["cost"], x["annual_cost"]) == (2028, 2028, 1, 0, 0)
    assert new.settings.levers == {"force.x": True}
    assert owed(new, "industry") == pytest.approx(
        {("DEU", t, "x"): money for t, money in {2028: 4, 2029: 1, 2030: 1}.items()}
    )
    old, again = plan.tables["capacity"], best(new).tables["capacity"]
    for column in ("added", "used"):
        assert by(again, "year", column) == pytest.approx(by(old[old["year"] > 2027], "year", column))


def test_the_next_round_has_nothing_to_warn_of_that_the_plan_has_settled(tmp_path: Path) -> None:
    """Obligations of the years beyond are used there; an expansion that costs nothing can be paid with nothing left.

    The plan's contributions take DEU's last resilience money, and a billionth more: the solver's tolerance.
    """
    dataset = shipyard(
        budget_path=[dict(nation="DEU", pillar="resilience", gdp_share=0.003)],
        expansions=[
            dict(expansion="x", line_or_component="yard", cost=6, annual_cost=1, build_years=2, host="DEU")
            | dict(host_share_min=0.5)
        ],
    )
    plan = hand_plan(
        dataset,
        expansions=[dict(expansion="x", start_year=2027, opens=2029, cost=6, host="DEU")],
        contributions=[dict(item="x", nation="DEU", year=t, amount=3 + 3e-9) for t in (2027, 2028, 2032)],
    )
    _, warnings = write_round(plan, tmp_path)
    assert not [text for text in warnings if "outside the horizon" in text or "x can never" in text]


def test_an_expansion_that_is_open_is_capacity_and_cant_be_built_again(tmp_path: Path) -> None:
    plan = best(plant(build_years=0), force__x=True)
    assert list(plan.tables["expansions"]["start_year"]) == [2027]
    new = after(plan, tmp_path)
    assert by(new.tables["line_capacity"], "year", "capacity") == {2028: 3, 2029: 3, 2030: 3}
    assert row(new, "lines", line="works")["current_output"] == 3
    assert owed(new, "industry") == pytest.approx({("DEU", t, "x"): 1 for t in (2028, 2029, 2030)})
    assert new.settings.levers == {}
    assert best(new).tables["expansions"].empty


def test_an_expansion_that_is_open_stays_guaranteed_for_the_years_that_are_left(tmp_path: Path) -> None:
    """Open in 2027 with half of its load guaranteed for three years, of which one is over."""
    dataset = plant(build_years=0, guaranteed_load=0.5, guarantee_years=3)
    opened = [dict(expansion="x", start_year=2027, opens=2027, cost=8)]
    new = after(hand_plan(dataset, expansions=opened), tmp_path)
    x = row(new, "expansions", expansion="x")
    assert (x["first_year"], x["last_year"], x["build_years"], x["guarantee_years"]) == (2028, 2028, 0, 2)
    assert new.settings.levers == {"force.x": True}
    assert by(new.tables["line_capacity"], "year", "capacity") == {2028: 1, 2029: 1, 2030: 1}


def line_of(**columns: Any) -> Dataset:
    pilot = dict(innovation="v", sponsor="DEU", pilot_cost=4, pilot_years=2, scale_cost=6, scale_years=1)
    return one_nation(
        years=(2027, 2028, 2029, 2030, 2031),
        innovation=[pilot | columns],
        innovation_effects=[dict(innovation="v", area="land", closes=0.5)],
    )


def test_a_fast_line_is_decided_and_its_second_half_is_owed(tmp_path: Path) -> None:
    """(4 + 6) over two years: 5 in 2027, 5 in 2028; complete in 2029."""
    new = after(best(line_of(fast_years=2)), tmp_path)
    assert row(new, "innovation", innovation="v")["complete_year"] == 2029
    assert owed(new, "innovation") == pytest.approx({("DEU", 2028, "v"): 5})
    assert best(new).tables["innovation"].empty


def test_a_pilot_runs_on_over_two_rounds_and_scales_no_earlier(tmp_path: Path) -> None:
    """Pilot 2027-2028 at 2 a year, scaled in 2029 for 6, complete in 2030, whichever round looks at it."""
    plan = best(line_of())
    assert plan.tables["innovation"].iloc[0]["complete_year"] == 2030
    new = after(plan, tmp_path / "a")
    v = row(new, "innovation", innovation="v")
    assert (v["pilot_cost"], v["pilot_years"], v["fast_years"], v["complete_year"]) == (0, 1, -1, 0)
    assert owed(new, "innovation") == pytest.approx({("DEU", 2028, "v"): 2})
    second = best(new)
    assert second.tables["innovation"].iloc[0][["scale_year", "complete_year"]].tolist() == [2029, 2030]
    third = after(second, tmp_path / "b")
    assert (row(third, "innovation", innovation="v")["pilot_years"], owed(third, "innovation")) == (0, {})
    assert best(third).tables["innovation"].iloc[0]["complete_year"] == 2030


def test_loans_of_orders_made_are_spoken_for(tmp_path: Path) -> None:
    """3 tanks at 10, half down, bought together: 15 in 2027 and 15 in 2028 against 10 a year.

    Drawn: 5 in 2027, and 5.5 in 2028 (interest of 0.5 comes on top). In the next round the 15 are an obligation that no
    loan could pay, so the 5.5 are money of 2028, and interest on all is owed: 0.5 in 2028, 1.05 in 2029.
    """
    plan = best(
        one_nation(
            years=(2027, 2028, 2029),
            budget_path=[dict(gdp_share=0.01)],
            programmes=[dict(programme="tank", unit_cost=10, lead_years=1, down_payment=0.5, eu_content=1)],
            customers=[dict(programme="tank", max_units=3)],
            frames=[dict(frame="f", programme="tank", loan_facility="safe")],
            loans=[dict(facility="safe", nation="DEU", amount=100, interest=0.1)],
        ),
        carry_over=0,
    )
    new = after(plan, tmp_path)
    assert row(new, "loans", facility="safe")["amount"] == pytest.approx(89.5)
    assert owed(new, "payment") == pytest.approx({("DEU", 2028, "tank"): 15})
    assert owed(new, "interest") == pytest.approx({("DEU", 2028, "safe"): 0.5, ("DEU", 2029, "safe"): 1.05})
    again = best(new, carry_over=0).tables["budgets"]
    core = again[again["pillar"] == "core"]
    assert by(core, "year", "available") == pytest.approx({2028: 15.5, 2029: 10})
    assert by(core, "year", "spent") == pytest.approx({2028: 15.5, 2029: 1.05})


def test_money_carried_over_is_there_next_year(tmp_path: Path) -> None:
    """10 a year, half of it bound. 2027: nothing to buy. A tank of 5.25 in 2028 needs the 0.25 carried from 2027."""
    plan = best(
        one_nation(
            years=(2027, 2028),
            budget_path=[dict(gdp_share=0.01, committed_share=0.5)],
            programmes=[dict(programme="tank", unit_cost=5.25, first_order_year=2028)],
        ),
        carry_over=0.05,
    )
    new = after(plan, tmp_path)
    again = best(new, carry_over=0.05).tables["budgets"]
    core = again[again["pillar"] == "core"].iloc[0]
    assert (core["available"], core["committed"], core["spent"]) == pytest.approx((5.25, 5, 5.25))


# ---- work in progress, beyond the horizon ------------------------------------------------------------------------


def shipyard(**tables: Any) -> Dataset:
    """A yard that launches 0.6 of a ship a year for DEU and FRA; 2027-2030 and two years beyond."""
    return three_nations(
        years=FOUR,
        settings=dict(beyond=dict(years=2, money=[0.5, 0.25], capacity=0.5, weight=3, flow=4)),
        programmes=[dict(programme="ship", unit_cost=10, lead_years=4, down_payment=0.2, sustain_cost=1)],
        customers=[dict(nation=n, programme="ship", max_units=4) for n in ("DEU", "FRA")],
        lines=[dict(line="yard", nation="DEU", current_output=0.6)],
        line_capacity=[dict(line="yard", capacity=0.6)],
        line_programmes=[dict(line="yard", programme="ship")],
        **tables,
    )


def test_what_is_made_and_not_delivered_lies_on_the_earliest_deliveries(tmp_path: Path) -> None:
    """Coming: FRA 1 in 2027 (0.8 built), DEU 1 and FRA 1 in 2028 (0.2 of it built), 1 ordered by DEU in 2027 for 2031.

    Made in 2027: 0.9. Of 0.8 + 0.2 + 0.9 = 1.9 the ship of 2027 takes 1; 0.9 is left, all on DEU's, the first by name
    of those of 2028. In a year that makes 2.8, 3.8 - 1 (delivered) = 2.8 are left: 1, 1 and 0.8 of the last.
    """
    coming = [("FRA", 2027, 1, 0.8), ("DEU", 2028, 1, 0), ("FRA", 2028, 1, 0.2)]
    dataset = shipyard(
        pipeline=[dict(nation=n, programme="ship", year=t, units=u, built=done) for n, t, u, done in coming]
    )
    orders = [dict(nation="DEU", programme="ship", year=2027, units=1, value=10)]
    made = dict(line="yard", programme="ship", year=2027)
    new = after(hand_plan(dataset, orders=orders, production=[made | dict(units=0.9)]), tmp_path / "a")
    rows = {("DEU", 2028): 0.9, ("FRA", 2028): 0, ("DEU", 2031): 0}
    assert by(new.tables["pipeline"], "nation year", "units") == dict.fromkeys(rows, 1)
    assert by(new.tables["pipeline"], "nation year", "built") == pytest.approx(rows)
    busy = [made | dict(units=2.8), made | dict(units=9, year=2028)]
    new = after(hand_plan(dataset, orders=orders, production=busy), tmp_path / "b")
    rows = {("DEU", 2028): 1, ("FRA", 2028): 1, ("DEU", 2031): 0.8}
    assert by(new.tables["pipeline"], "nation year", "built") == pytest.approx(rows)


def test_a_programme_on_no_line_has_nothing_built(tmp_path: Path) -> None:
    """`built` has no meaning without a line, even where the data have it."""
    coming = [dict(nation="DEU", programme="bridge", year=2029, units=2, built=2)]
    dataset = one_nation(years=FOUR, programmes=[dict(programme="bridge")], pipeline=coming)
    assert by(after(hand_plan(dataset), tmp_path).tables["pipeline"], "units", "built") == {2: 0}


def test_what_a_nation_has_that_is_left_out_stays_as_it_is(tmp_path: Path) -> None:
    """The plan is made without FRA: its ship and the half that is built wait; DEU's own 0.6 are DEU's."""
    coming = [dict(nation=n, programme="ship", year=2030, units=1, built=b) for n, b in (("DEU", 0.1), ("FRA", 0.5))]
    made = [dict(line="yard", programme="ship", year=2027, units=0.6)]
    new = after(hand_plan(shipyard(pipeline=coming), {"nation_out.FRA": True}, production=made), tmp_path)
    assert by(new.tables["pipeline"], "nation", "built") == pytest.approx({"DEU": 0.7, "FRA": 0.5})


def test_deliveries_and_payments_beyond_the_horizon(tmp_path: Path) -> None:
    """A ship ordered in 2027 comes in 2031, a year beyond the horizon: 2 are paid, 2 a year are due from 2028 to 2031.

    FRA's ship arrives in 2027: its upkeep of 1 a year is due to 2032, the last year beyond. The old order of USA for
    2032 stays as it stands, and so do the years beyond; the settled state looks at 3 years in place of 4.
    """
    dataset = shipyard(
        pipeline=[dict(nation="FRA", programme="ship", year=2027, units=1, built=1)],
        obligations=[dict(nation="USA", year=t, amount=7) for t in (2027, 2032)],
    )
    new = after(
        hand_plan(dataset, orders=[dict(nation="DEU", programme="ship", year=2027, units=1, value=10)]), tmp_path
    )
    assert by(new.tables["pipeline"], "nation year", "units") == {("DEU", 2031): 1}
    assert owed(new, "sustainment") == {("FRA", t, "ship"): 1 for t in range(2028, 2033)}
    earlier = {("USA", 2032, "earlier"): 7}
    assert owed(new, "payment") == pytest.approx(earlier | {("DEU", t, "ship"): 2 for t in range(2028, 2032)})
    assert new.settings.beyond == dataset.settings.beyond.model_copy(update={"flow": 3})
    assert (new.settings.last_year, new.settings.beyond_years) == (2030, range(2031, 2033))
    assert next_round(hand_plan(dataset)).notes == ("beyond.flow is 3 in place of 4: no more planning years are left",)


# ---- pins and rules ----------------------------------------------------------------------------------------------


def test_pins_of_years_to_come_stay_and_those_of_all_years_lose_what_is_ordered(tmp_path: Path) -> None:
    """In 2027 DEU orders 3 alone and 2 through f, FRA 1 alone.

    Of pins without a year: DEU at most 8 by any channel: 3 more; exactly 5 alone: 2 more; all nations together at most
    6: none any more; FRA at least 1: met, and gone. A pin of 2027 is over, one of 2029 stands.
    """
    order = dict(programme="tank", year=2027)
    orders = [("DEU", "national", 3), ("DEU", "f", 2), ("FRA", "national", 1)]
    pins = [
        ("DEU", "", 0, "max", 8), ("DEU", "national", 0, "equal", 5), ("ALL", "", 0, "max", 6),
        ("FRA", "", 0, "min", 1), ("DEU", "", 2027, "min", 5), ("DEU", "f", 2029, "min", 1),
    ]  # fmt: skip
    dataset = three_nations(
        programmes=[dict(programme="tank")],
        frames=[dict(frame="f", programme="tank", min_members=1)],
        pins=[dict(nation=n, programme="tank", channel=c, year=t or "", sense=s, units=u) for n, c, t, s, u in pins],
    )
    plan = hand_plan(
        dataset,
        orders=[order | dict(nation=n, channel=c, units=u, value=u) for n, c, u in orders],
        frames=[dict(frame="f", launch_year=2027)],
        members=[dict(frame="f", nation="DEU", units=2)],
    )
    assert by(after(plan, tmp_path).tables["pins"], "nation channel year sense", "units") == {
        ("ALL", "", 0, "max"): 0, ("DEU", "", 0, "max"): 3, ("DEU", "national", 0, "equal"): 2,
        ("DEU", "f", 2029, "min"): 1,
    }  # fmt: skip


def test_rules_keep_their_first_year_so_that_steps_stay_apart(tmp_path: Path) -> None:
    """0.1 of the orders from the start, 0.2 from 2028 on: both hold in 2028, whatever the first year is."""
    steps = [dict(rule="order_value_max", scope="ALL", value=v, from_year=t) for v, t in ((0.1, ""), (0.2, 2028))]
    new = after(hand_plan(one_nation(years=FOUR, rules=steps)), tmp_path)
    assert by(new.tables["rules"], "from_year", "value") == {2027: 0.1, 2028: 0.2}


# ---- shared bills, loans and grants ------------------------------------------------------------------------------


def test_what_sponsors_agreed_to_pay_of_a_running_pilot_is_owed(tmp_path: Path) -> None:
    """A pilot of 9 over 2027-2029, scaled in 2030 for 6: in 2028 DEU pays it all, in 2029 FRA 2 of 3; 2030 is open.

    Of the fast line all is owed, since it is decided: 2 in 2028 by FRA.
    """
    lines = [
        dict(innovation="v", sponsor="DEU;FRA", pilot_cost=9, pilot_years=3, scale_cost=6, scale_years=1),
        dict(innovation="w", sponsor="FRA", pilot_cost=4, fast_years=2, pillar="resilience"),
    ]
    paid = [("v", "DEU", 2027, 3), ("v", "DEU", 2028, 3), ("v", "DEU", 2029, 1), ("v", "FRA", 2029, 2)]
    paid += [("v", "FRA", 2030, 6), ("w", "FRA", 2027, 2), ("w", "FRA", 2028, 2)]
    plan = hand_plan(
        three_nations(years=(*FOUR, 2031), innovation=lines),
        contributions=[dict(item=v, nation=n, year=t, amount=money) for v, n, t, money in paid],
        innovation=[
            dict(innovation="v", mode="normal", pilot_year=2027, scale_year=2030, complete_year=2031, cost=15),
            dict(innovation="w", mode="fast", pilot_year=2027, complete_year=2029, cost=4),
        ],
    )
    new = after(plan, tmp_path)
    shares = {("DEU", 2028, "v"): 3, ("DEU", 2029, "v"): 1, ("FRA", 2029, "v"): 2, ("FRA", 2028, "w"): 2}
    assert owed(new, "innovation") == shares
    assert set(new.tables["obligations"].query("item == 'w'")["pillar"]) == {"resilience"}
    assert by(new.tables["innovation"], "innovation", "complete_year") == {"v": 0, "w": 2029}
    assert row(new, "innovation", innovation="v")[["pilot_cost", "pilot_years"]].tolist() == [0, 2]


def test_who_pays_an_expansion_owes_it_to_the_years_beyond(tmp_path: Path) -> None:
    """Started in 2027, 6 over two years, then 1 a year to 2032: FRA, a customer, goes on paying its third."""
    bill = {2027: 3, 2028: 3, 2029: 1, 2030: 1, 2031: 1, 2032: 1}
    shares = {"DEU": 2 / 3, "FRA": 1 / 3}
    dataset = shipyard(
        expansions=[
            dict(expansion="x", line_or_component="yard", cost=6, annual_cost=1, build_years=2, host="DEU")
            | dict(host_share_min=0.5)
        ],
    )
    plan = hand_plan(
        dataset,
        expansions=[dict(expansion="x", start_year=2027, opens=2029, cost=6, host="DEU")],
        contributions=[
            dict(item="x", nation=n, year=t, amount=part * money)
            for n, part in shares.items()
            for t, money in bill.items()
        ],
    )
    new = after(plan, tmp_path)
    left = {(n, t, "x"): part * bill[t] for n, part in shares.items() for t in range(2028, 2033)}
    assert owed(new, "industry") == pytest.approx(left)
    assert row(new, "expansions", expansion="x")[["cost", "annual_cost", "host_share_min"]].tolist() == [0, 0, 0]


def test_a_data_set_without_expansions_has_what_is_under_way_as_capacity(tmp_path: Path) -> None:
    """Expansions are off in the data; the plan had them on. What opens in 2029 is in the line's capacity from then."""
    dataset = plant(build_years=2)
    dataset = replace(dataset, settings=dataset.settings.model_copy(update={"levers": {"expansions": False}}))
    plan = hand_plan(dataset, {"expansions": True}, expansions=[dict(expansion="x", start_year=2027, opens=2029)])
    new = after(plan, tmp_path)
    assert by(new.tables["line_capacity"], "year", "capacity") == {2028: 1, 2029: 3, 2030: 3}
    assert new.settings.levers == {"expansions": False}


def borrowers() -> Dataset:
    """DEU and FRA share 100 of a loan at 10 % and DEU has a grant of 20 of its own; both may pay half of f's tanks."""
    return three_nations(
        nations=[dict(nation="FRA", region="Europe")],
        programmes=[dict(programme="tank", unit_cost=10, lead_years=1, down_payment=0.5, eu_content=1)],
        frames=[dict(frame="f", programme="tank", loan_facility="gift;safe", eu_content_min=0.65)],
        loans=[
            dict(facility="safe", nation="EU", amount=100, share=0.5, interest=0.1),
            dict(facility="gift", nation="DEU", kind="grant", amount=20, share=0.5),
        ],
    )


def test_a_groups_loan_and_a_nations_grant_lose_what_is_drawn(tmp_path: Path) -> None:
    """In 2027 DEU orders 4 tanks and FRA 2 through f, half down; DEU 2 more in 2028.

    DEU pays 20, then 20 + 10, then 10. It draws 10 of the grant and 5 of the loan in 2027, 8 and 12 in 2028, of which
    at most half of the 20 for the first year's order each and 20 together, so the grant's 8 and 10 of the loan; 2 are
    for the new order. FRA draws 4. Left: loan 100 - 5 - 10 - 4 = 81 for the group, grant 2. Interest: DEU 0.5 in 2028,
    1.5 in 2029; FRA 0.4 a year.
    """
    bought = dict(programme="tank", channel="f")
    orders = [("DEU", 2027, 4), ("FRA", 2027, 2), ("DEU", 2028, 2)]
    drawn = [("gift", "DEU", 2027, 10), ("safe", "DEU", 2027, 5), ("safe", "FRA", 2027, 4)]
    drawn += [("gift", "DEU", 2028, 8), ("safe", "DEU", 2028, 12)]
    plan = hand_plan(
        borrowers(),
        orders=[bought | dict(nation=n, year=t, units=u, value=10 * u) for n, t, u in orders],
        frames=[dict(frame="f", launch_year=2027)],
        members=[dict(frame="f", nation=n) for n in ("DEU", "FRA")],
        loans=[dict(facility=q, nation=n, year=t, drawn=money) for q, n, t, money in drawn],
    )
    new = after(plan, tmp_path)
    assert by(new.tables["loans"], "facility nation", "amount") == pytest.approx(
        {("safe", "EU"): 81, ("gift", "DEU"): 2}
    )
    assert by(new.tables["loans"], "facility", "kind") == {"safe": "loan", "gift": "grant"}
    interest = {("DEU", 2028): 0.5, ("DEU", 2029): 1.5, ("FRA", 2028): 0.4, ("FRA", 2029): 0.4}
    assert owed(new, "interest") == pytest.approx({(n, t, "safe"): money for (n, t), money in interest.items()})
    core = new.tables["budget_path"].query("pillar == 'core' and year == 2028")
    assert by(core, "nation", "gdp_share") == pytest.approx({"DEU": 0.118, "FRA": 0.1, "USA": 0.1})


def test_without_a_limit_there_is_none_next_year(tmp_path: Path) -> None:
    """An unlimited facility stays unlimited, and a pair without max_units may order any number again."""
    dataset = borrowers()
    endless = dataset.tables["loans"].assign(amount=float("inf"))
    plan = hand_plan(
        replace(dataset, tables={**dataset.tables, "loans": endless}),
        orders=[dict(nation="DEU", programme="tank", channel="f", year=2027, units=4, value=40)],
        frames=[dict(frame="f", launch_year=2027)],
        members=[dict(frame="f", nation="DEU")],
        loans=[dict(facility="safe", nation="DEU", year=2027, drawn=5)],
    )
    new = after(plan, tmp_path)
    assert set(new.tables["loans"]["amount"]) == {float("inf")}
    assert row(new, "customers", nation="DEU")["max_units"] == float("inf")


# ---- what is operated --------------------------------------------------------------------------------------------


def test_a_host_that_is_ordered_is_operated_next_year(tmp_path: Path) -> None:
    """A launcher ordered in 2027 comes in 2029; the round of 2028 sees it as operated, and missiles may be ordered."""
    dataset = one_nation(
        years=FOUR,
        programmes=[
            dict(programme="launcher", lead_years=2),
            dict(programme="missile", needs_host="launcher"),
        ],
        customers=[dict(programme="launcher", max_units=1), dict(programme="missile", max_units=8)],
    )
    order = dict(nation="DEU", programme="launcher", year=2027, units=1, value=1)
    new = after(hand_plan(dataset, orders=[order]), tmp_path)
    assert row(new, "customers", programme="launcher")["units_operated"] == 1
    assert row(new, "programmes", programme="missile")["needs_host"] == "launcher"


def test_units_operated_count_every_delivery_once(tmp_path: Path) -> None:
    """10 operated, 1 coming in 2028, 1 ordered in 2027 for 2029: 12 after the first round, and 12 after the second.

    Baselines rise as they arrive: by 1 from 2029 on in the round of 2029, when the first is there.
    """
    dataset = one_nation(
        years=FOUR,
        targets=[dict(area="land", target=20, baseline=10)],
        programmes=[dict(programme="sam", lead_years=2)],
        customers=[dict(programme="sam", max_units=2, units_operated=10)],
        pipeline=[dict(nation="DEU", programme="sam", year=2028, units=1)],
    )
    order = dict(nation="DEU", programme="sam", year=2027, units=1, value=1)
    first = after(hand_plan(dataset, orders=[order]), tmp_path / "a")
    assert row(first, "customers", programme="sam")[["max_units", "units_operated"]].tolist() == [1, 12]
    second = after(hand_plan(first), tmp_path / "b")
    assert row(second, "customers", programme="sam")[["max_units", "units_operated"]].tolist() == [1, 12]
    assert by(second.tables["targets"], "year", "baseline") == {2029: 11, 2030: 11}


# ---- levers, scenarios, commands ---------------------------------------------------------------------------------


def with_scenarios(dataset: Dataset, folder: Path, **scenarios: Any) -> Dataset:
    write(dataset, folder)
    (folder / "scenarios.yaml").write_text(yaml.safe_dump(scenarios), encoding="utf-8")
    return load(folder)


def test_levers_and_scenarios_that_the_year_has_overtaken_are_left_out(tmp_path: Path) -> None:
    cut = dict(table="line_capacity", where=dict(line="works"), column="capacity", multiply=0.5)
    gone = dict(table="economy", where=dict(year=2027), column="gdp", multiply=0.5)
    dataset = with_scenarios(
        plant(build_years=2, last_year=2027),
        tmp_path / "old",
        without=dict(levers={"forbid.x": True, "growth_shift": -0.01}),
        cut=dict(overrides=[cut, gone]),
        frozen=dict(levers={"expansions": False}),
    )
    plan = hand_plan(dataset, expansions=[dict(expansion="x", start_year=2027, opens=2029)])
    fresh = next_round(plan)
    assert fresh.dataset.scenarios["without"].levers == {"growth_shift": -0.01}
    assert [change.table for change in fresh.dataset.scenarios["cut"].overrides] == ["line_capacity"]
    assert sum("left out" in note for note in fresh.notes) == 2
    assert fresh.dataset.scenarios["frozen"].levers == {"expansions": False, "force.x": False}
    assert "scenario frozen: expansions are off, so x under way never opens in it" in fresh.notes


def test_levers_that_count_years_are_seen_from_the_new_first_year(tmp_path: Path) -> None:
    """f is launched and tank is what it buys: neither can be delayed, or forbidden; that tank be ordered is met.

    The gun could be ordered from 2027 on and is two years late: from 2028 on it is one year late. The radio's window
    opens in 2029, whoever looks: it stays one year late. A pledge met in 2027 is met in the new first year.
    """
    launch = dict(frame="f", programme="tank", min_members=1)
    levers = {"delay.f": 1, "delay.gun": 2, "delay.radio": 1, "core_year": 2027, "carry_over": 0.1}
    forbidding = {"forbid.tank": True, "forbid.f": True, "core_year": None, "delay.g": 1}
    forcing = {"force.tank": True, "force.f": True, "force.gun": True}
    dataset = three_nations(
        years=FOUR,
        settings=dict(levers=levers),
        programmes=[dict(programme="tank"), dict(programme="gun"), dict(programme="radio", first_order_year=2029)],
        frames=[launch, launch | dict(frame="g")],
    )
    dataset = with_scenarios(dataset, tmp_path, late=dict(levers=forbidding), forced=dict(levers=forcing))
    plan = hand_plan(
        dataset,
        orders=[dict(nation="DEU", programme="tank", channel="f", year=2027, units=1, value=1)],
        frames=[dict(frame="f", launch_year=2027)],
        members=[dict(frame="f", nation="DEU", units=1)],
    )
    fresh = next_round(plan)
    assert fresh.dataset.settings.levers == {"delay.gun": 1, "delay.radio": 1, "core_year": 2028, "carry_over": 0.1}
    assert fresh.dataset.scenarios["late"].levers == {"core_year": None}
    assert fresh.dataset.scenarios["forced"].levers == {"force.gun": True}
    assert "lever delay.gun is 1 in place of 2, since 2027 is over" in fresh.notes


def test_the_command_writes_a_data_set_and_spares_what_is_none(tmp_path: Path, tiny_plan: Any) -> None:
    write_plan(tiny_plan, tmp_path / "plan")
    assert drive5("new-round", tmp_path / "plan", tmp_path / "next").exit_code == 0
    assert load(tmp_path / "next").settings.first_year == 2028
    assert drive5("new-round", tmp_path / "plan", tmp_path / "next").exit_code == 0, "a data set may be written anew"
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear", encoding="utf-8")
    refused = drive5("new-round", tmp_path / "plan", tmp_path / "letters")
    assert (refused.exit_code, [file.name for file in (tmp_path / "letters").iterdir()]) == (2, ["dear.txt"])
    assert "holds no data set" in refused.stderr
    assert "Example: drive5 new-round" in drive5("new-round", "--help").stdout


def test_after_the_last_year_there_is_no_next_round() -> None:
    with pytest.raises(PlanError, match="last year"):
        next_round(hand_plan(one_nation()))


def test_a_plan_of_an_earlier_contract_is_refused_with_a_sentence() -> None:
    plan = hand_plan(one_nation(years=FOUR))
    with pytest.raises(PlanError, match="solve its data set again"):
        next_round(replace(plan, header=plan.header | {"contract": 0}))


def test_churn_is_measured_against_the_prior_plans_orders() -> None:
    """Of 4 at 10 and 2 at 5 (50 in all) the first is 3 now: a change of 10/50, one of two kept; 25 more elsewhere."""
    names = ["nation", "programme", "channel", "year", "units", "unit_price", "value"]
    before = [("DEU", "a", "national", 2028, 4, 10, 40), ("DEU", "b", "national", 2028, 2, 5, 10)]
    now = [("DEU", "a", "national", 2028, 3, 10, 30), before[1], ("FRA", "b", "national", 2029, 5, 5, 25)]
    found = churn(pd.DataFrame(before, columns=names), pd.DataFrame(now, columns=names))
    assert found == pytest.approx({"orders": 2, "kept": 0.5, "change": 0.2, "elsewhere": 0.5})
