"""What fails with a line or component, and who backfills: worked by hand on small plans."""
# ruff: noqa: C408

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from reports.backfill import backfill
from reports.losses import losses
from tests.cases import best, case, one_nation, solved, three_nations


def test_a_line_takes_what_is_made_on_it_and_a_component_everything_that_needs_it() -> None:
    """DEU orders 6 tanks in 2027: 4 can be made at home, so 2 come from abroad; all need an engine.

    Target 10, nothing there: closure 6 of 10. Without the home line 4 tanks are lost (2/3 of the effect, closure 0.2),
    without the line abroad 2 (1/3, closure 0.4), without the engine all.
    """
    plan = best(
        one_nation(
            programmes=[dict(programme="tank")],
            customers=[dict(programme="tank", max_units=6)],
            lines=[dict(line="home", name="Home", nation="DEU"), dict(line="abroad", name="Abroad", nation="KOR")],
            line_capacity=[dict(line="home", capacity=4), dict(line="abroad", capacity=2)],
            line_programmes=[dict(line="home", programme="tank"), dict(line="abroad", programme="tank")],
            components=[dict(component="engine", name="Engine")],
            component_capacity=[dict(component="engine", capacity=99)],
            bill_of_materials=[dict(programme="tank", component="engine")],
        )
    )
    found = losses(plan).set_index("line_or_component")
    assert list(found.index) == ["engine", "home", "abroad"], "worst first"
    assert list(found["kind"]) == ["component", "line", "line"]
    assert list(found["effect_share"]) == pytest.approx([1, 4 / 6, 2 / 6])
    assert list(found["closure"]) == pytest.approx([0.6, 0.6, 0.6])
    assert list(found["closure_if_lost"]) == pytest.approx([0, 0.2, 0.4])
    assert list(found["closure_lost"]) == pytest.approx([0.6, 0.4, 0.2])
    assert set(found["programmes"]) == {"tank"}
    assert set(found["nations"]) == {"DEU"}


def test_a_lost_yard_takes_its_part_of_all_that_was_made_up_to_a_delivery() -> None:
    """Two yards make half a ship a year each, so one ship is delivered a year: each has a part of one half in it.

    Target 10, 2 ships delivered by 2028: closure 0.2; without one of the yards 0.1.
    """
    plan = best(
        one_nation(
            years=(2027, 2028),
            programmes=[dict(programme="ship", lot=1)],
            customers=[dict(programme="ship", max_units=2)],
            lines=[dict(line=name, name=name, nation="DEU", current_output=0.5) for name in ("north", "south")],
            line_capacity=[dict(line=name, capacity=0.5) for name in ("north", "south")],
            line_programmes=[dict(line=name, programme="ship") for name in ("north", "south")],
        )
    )
    found = losses(plan).set_index("line_or_component")
    assert found["closure"].tolist() == pytest.approx([0.2, 0.2])
    assert found["effect_share"].tolist() == pytest.approx([0.5, 0.5])
    assert found["closure_if_lost"].tolist() == pytest.approx([0.1, 0.1])


def test_only_what_would_still_serve_in_the_last_year_lowers_its_closure() -> None:
    """5 rounds a year live one year: of 10 delivered all depend on the line, but the last year has only 5 to lose."""
    plan = best(
        one_nation(
            years=(2027, 2028),
            programmes=[dict(programme="round", service_years=1)],
            lines=[dict(line="mill", name="Mill", nation="DEU", current_output=5)],
            line_capacity=[dict(line="mill", capacity=5)],
            line_programmes=[dict(line="mill", programme="round")],
        )
    )
    row = losses(plan).iloc[0]
    assert (row["effect_share"], row["closure"], row["closure_if_lost"]) == pytest.approx((1, 0.5, 0))


def test_a_lost_enabler_is_felt_in_the_area_that_it_carries() -> None:
    """4 tanks count as far as 2 a radio carry them: without the radio line the tanks are there and close nothing."""
    plan = best(
        one_nation(
            areas=[dict(area="net", pillar="core", weight=1)],
            targets=[dict(area="net", target=2)],
            programmes=[dict(programme="tank"), dict(programme="radio", area="net")],
            customers=[dict(programme="tank", max_units=4), dict(programme="radio", max_units=2)],
            requires=[dict(area="land", enabler="net", ratio=2)],
            lines=[dict(line="works", name="Works", nation="DEU")],
            line_capacity=[dict(line="works", capacity=9)],
            line_programmes=[dict(line="works", programme="radio")],
        )
    )
    found = losses(plan).set_index("area")
    assert found.loc["land", ["effect_share", "closure", "closure_if_lost"]].tolist() == pytest.approx([0, 0.4, 0])
    assert found.loc["net", ["effect_share", "closure", "closure_if_lost"]].tolist() == pytest.approx([1, 1, 0])
    assert (found.loc["land", "programmes"], found.loc["net", "programmes"]) == ("-", "radio")


def test_a_plan_that_depends_on_nobody_has_no_row() -> None:
    assert losses(best(one_nation(programmes=[dict(programme="tank")]))).empty


def test_no_backfill_report_without_the_lever() -> None:
    assert backfill(SimpleNamespace(case=case(three_nations()))) is None


def test_who_backfills_what_the_usa_withdraw() -> None:
    """In the last year half of the USA's baseline of 8 goes: 4, shared by DEU and FRA as their equal GDP: 2 each.

    Targets 10 rise to 12. DEU can buy 11 tanks: short of 1, so half of its rise is met; FRA buys none: short of 12,
    nothing of the rise is met.
    """
    dataset = three_nations(
        years=(2027, 2028),
        targets=[dict(nation="USA", area="land", baseline=8)],
        programmes=[dict(programme="tank")],
        customers=[dict(nation="DEU", programme="tank", max_units=11)],
    )
    found = backfill(solved(case(dataset, us_backfill=0.5)))
    assert found is not None
    rows = found.set_index(["nation", "area", "year"])
    assert list(rows.index) == [("DEU", "land", 2028), ("FRA", "land", 2028)], "nothing rises in the first year"
    shown = ["target_before", "target", "rise", "met", "part_met", "delivered"]
    assert rows.loc[("DEU", "land", 2028), shown].tolist() == pytest.approx([10, 12, 2, 1, 0.5, 11])
    assert rows.loc[("FRA", "land", 2028), shown].tolist() == pytest.approx([10, 12, 2, 0, 0, 0])


def test_of_a_collective_area_the_providers_are_named() -> None:
    """ALL want 4, the USA give 2 of them: in the last year all 2 go, the target is 6; DEU buys 3 and FRA 1."""
    dataset = three_nations(
        years=(2027, 2028),
        areas=[dict(area="lift", pillar="core", weight=1)],
        targets=[dict(nation="ALL", area="lift", target=4, baseline=2, baseline_us=2)],
        programmes=[dict(programme="plane", area="lift")],
        customers=[
            dict(nation="DEU", programme="plane", max_units=3),
            dict(nation="FRA", programme="plane", max_units=1),
        ],
    )
    found = backfill(solved(case(dataset, us_backfill=1)))
    assert isinstance(found, pd.DataFrame)
    row = found[(found["nation"] == "ALL") & (found["year"] == 2028)].iloc[0]
    assert (row["target_before"], row["target"], row["met"]) == pytest.approx((4, 6, 2))
    assert row["providers"] == "DEU 75%; FRA 25%"
