"""Next year's data set from this year's plan, worked by hand: nothing decided is lost, nothing is paid twice."""
# ruff: noqa: C408

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.rounds import churn
from data.checks import examine
from data.dataset import Dataset, load, write
from optimizer.plan import PlanError, write_plan
from optimizer.rounds import next_round, write_round
from tests.cases import best, one_nation, three_nations, tiny
from tests.command import drive5
from tests.test_tiny import SPENT

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
    assert owed(new, "fee") == {}
    again = best(new).tables["spending"]
    fees = by(again[again["kind"] == "fee"], "nation year", "amount")
    assert fees == pytest.approx({(n, t): 1 for n in ("DEU", "FRA") for t in (2028, 2029)})


def test_members_that_have_their_tanks_are_not_asked_for_a_lot_again(tmp_path: Path) -> None:
    """Ordered and delivered in 2027: nobody is left in the frame; the fees of 2028 and 2029 are owed all the same."""
    new = after(best(joint_buy(), force__f=True), tmp_path)
    frame = row(new, "frames", frame="f")
    assert (frame["launched"], frame["last_launch"]) == (0, 2027)
    assert set(new.tables["frame_members"]["status"]) == {"excluded"}
    assert owed(new, "fee") == pytest.approx({(n, t, "f"): 1 for n in ("DEU", "FRA") for t in (2028, 2029)})
    assert best(new).solved, "a plan with nothing more through the frame"


def test_what_a_frame_has_delivered_still_earns_its_price(tmp_path: Path) -> None:
    """DEU buys 3 through the frame, of which its money allows 2 in 2027 (at 5, half price from 3 on) and 1 in 2028.

    Two are delivered: the tier's floor falls to 1, and the third costs 5 in the next round too.
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
    assert row(new, "price_tiers", frame="f")["from_units"] == 1
    assert row(new, "frames", frame="f")["min_units"] == 1
    assert by(best(new).tables["orders"], "channel year", "unit_price") == {("f", 2028): 5}


def test_an_unlaunched_frame_keeps_its_window_and_candidates(tmp_path: Path, tiny_plan: Any) -> None:
    new = after(tiny_plan, tmp_path)
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


def test_an_expansion_that_is_open_is_capacity_and_cant_be_built_again(tmp_path: Path) -> None:
    plan = best(plant(build_years=0), force__x=True)
    assert list(plan.tables["expansions"]["start_year"]) == [2027]
    new = after(plan, tmp_path)
    assert by(new.tables["line_capacity"], "year", "capacity") == {2028: 3, 2029: 3, 2030: 3}
    assert row(new, "lines", line="works")["current_output"] == 3
    assert owed(new, "industry") == pytest.approx({("DEU", t, "x"): 1 for t in (2028, 2029, 2030)})
    assert new.settings.levers == {}
    assert best(new).tables["expansions"].empty


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


def test_tiny_goes_on_as_it_was_planned(tmp_path: Path, tiny_plan: Any) -> None:
    """Nothing is new in 2028, so the second round's best plan is the rest of the first's, to the last coin."""
    new = after(tiny_plan, tmp_path)
    again = best(new)
    prior = by(new.tables["prior_plan"], "nation programme channel year", "units")
    assert by(again.tables["orders"], "nation programme channel year", "units") == pytest.approx(prior, abs=1e-5)
    spent = by(again.tables["budgets"], "nation pillar year", "spent")
    for (nation, pillar), amounts in SPENT.items():
        found = [spent[nation, pillar, year] for year in (2028, 2029, 2030)]
        assert found == pytest.approx(amounts[1:], abs=1e-3), (nation, pillar)
    old, key = tiny_plan.tables["gaps"], "nation area year"
    later = by(old[old["year"] > 2027], key, "shortfall")
    assert by(again.tables["gaps"], key, "shortfall") == pytest.approx(later, abs=1e-5)
    assert new.settings.name == "tiny-2028"


def test_what_tiny_owes_if_it_orders_nothing_more(tmp_path: Path, tiny_plan: Any) -> None:
    """By hand, core. DEU 2028: 40 for its battery, 100 for tankers, 2 to sustain them; 2029: 40, 2, battery 2 and
    overhead 3; 2030: 2, 2, 3. POL: batteries 120 and 120, radios 2 and tax 0.5 a year, from 2029 batteries 6 and 3.
    USA: the battery of the first pipeline, 2 a year. (The load that the second shift was promised is waived.)
    """
    new = after(tiny_plan, tmp_path)
    waived = new.tables["expansions"].assign(guaranteed_load=0.0)
    new = replace(new, tables={**new.tables, "expansions": waived})
    idle = {f"forbid__{name}": True for name in [*new.tables["programmes"]["programme"], "smart_fuze"]}
    spent = by(best(new, **idle).tables["budgets"], "nation pillar year", "spent")
    expected = {
        ("DEU", "core"): (142, 47, 7), ("DEU", "resilience"): (13, 0.5, 0.5),
        ("POL", "core"): (122.5, 131.5, 11.5), ("POL", "resilience"): (3, 0.5, 0.5),
        ("USA", "core"): (2, 2, 2), ("USA", "resilience"): (0, 0, 0),
    }  # fmt: skip
    for (nation, pillar), amounts in expected.items():
        assert [spent[nation, pillar, year] for year in (2028, 2029, 2030)] == pytest.approx(amounts), (nation, pillar)


def test_units_operated_count_every_delivery_once(tmp_path: Path, tiny_plan: Any) -> None:
    """The USA operate 10 and have 1 in the pipeline; 1 more is ordered in 2028: 11 after the first round, then 12."""
    first = after(tiny_plan, tmp_path / "a")
    assert row(first, "customers", nation="USA", programme="sam")["units_operated"] == 11
    second = after(best(first), tmp_path / "b")
    assert row(second, "customers", nation="USA", programme="sam")["units_operated"] == 12
    assert row(second, "targets", nation="USA", area="air_defence", year=2029)["baseline"] == 11


def test_levers_and_scenarios_that_the_year_has_overtaken_are_left_out(tmp_path: Path) -> None:
    cut = dict(table="line_capacity", where=dict(line="works"), column="capacity", multiply=0.5)
    gone = dict(table="economy", where=dict(year=2027), column="gdp", multiply=0.5)
    scenarios = dict(without=dict(levers={"forbid.x": True, "growth_shift": -0.01}), cut=dict(overrides=[cut, gone]))
    dataset = plant(build_years=2, last_year=2027)
    write(dataset, tmp_path / "old")
    import yaml

    (tmp_path / "old" / "scenarios.yaml").write_text(yaml.safe_dump(scenarios), encoding="utf-8")
    fresh = next_round(best(load(tmp_path / "old")))
    assert fresh.dataset.scenarios["without"].levers == {"growth_shift": -0.01}
    assert [change.table for change in fresh.dataset.scenarios["cut"].overrides] == ["line_capacity"]
    assert sum("left out" in note for note in fresh.notes) == 2


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
        next_round(best(one_nation()))


def test_churn_is_measured_against_the_prior_plans_orders() -> None:
    """Of 4 at 10 and 2 at 5 (50 in all) the first is 3 now: a change of 10/50, one of two kept; 25 more elsewhere."""
    names = ["nation", "programme", "channel", "year", "units", "unit_price", "value"]
    before = [("DEU", "a", "national", 2028, 4, 10, 40), ("DEU", "b", "national", 2028, 2, 5, 10)]
    now = [("DEU", "a", "national", 2028, 3, 10, 30), before[1], ("FRA", "b", "national", 2029, 5, 5, 25)]
    found = churn(pd.DataFrame(before, columns=names), pd.DataFrame(now, columns=names))
    assert found == pytest.approx({"orders": 2, "kept": 0.5, "change": 0.2, "elsewhere": 0.5})
