"""Levers on the pages: what is in force and from where, suffixes chosen on the panel, side effects said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.dataset import load
from tests.ui_cases import ROOT, key, settled, sound, text, visit
from ui import controls, effects, origin
from ui.room import Room
from ui.setting import Setting, case_of, pull

TINY = load(ROOT / "data/tiny")
ALLIANCE = load(ROOT / "data/alliance")


def force(lever: str, scenario: str | None = None, data: str = "alliance", **sets: object) -> str:
    """What is said to be in force of a lever in a setting; a double underscore stands for the dot."""
    dataset = ALLIANCE if data == "alliance" else TINY
    setting = pull(Setting(data, scenario), dataset, {name.replace("__", "."): value for name, value in sets.items()})
    return origin.in_force(setting, case_of(setting, dataset), lever)


def test_what_is_in_force_is_told_with_scope_and_origin() -> None:
    assert force("joint_share_min") == "40 %, EU, soft from 2028, from the data"
    assert force("joint_share_min.EU") == "40 %, EU, soft from 2028, from the data"
    assert force("joint_share_min.DEU") == "no row of this rule for this, from the data"
    assert force("spend_floor") == "no row of this rule, from the data"
    assert force("risk_max") == "40 %, all nations, hard, from the data"
    assert force("closure_min.EUROPE:iamd").startswith("40 %, Integrated air and missile defence of EUROPE, soft from")
    assert force("output_drop_max").endswith("; and 18 more")


def test_what_is_set_here_and_what_a_scenario_sets_is_told_apart() -> None:
    assert force("joint_share_min.EU", joint_share_min__EU=0.5) == "50 %, EU, soft from 2028, set here"
    both = force("joint_share_min", joint_share_min=0.3)
    assert both == "30 %, all nations, soft from 2028, set here; 40 %, EU, soft from 2028, from the data"
    assert force("joint_share_min", "synchronised").startswith("50 %, all nations, soft from 2028, from the scenario")
    assert force("risk_max", "fast_innovation") == "60 %, all nations, hard, from the scenario"
    assert force("closure_min.ALL:lift", data="tiny", **{"closure_min.lift": 0.5}).endswith("set here")


def test_paths_tell_the_last_year_and_the_pledge_its_year() -> None:
    assert force("core_share_2035") == "0 to 5.5 % in 2035, nations' own, from the data"
    assert force("core_share_2035.POL") == "4.8 % in 2035, Poland, from the data"
    assert force("core_share_2035.POL", core_share_2035__POL=0.04) == "4 % in 2035, Poland, set here"
    assert force("core_share_2035.ESP", core_share_2035=0.035) == "3.5 % in 2035, Spain, set here"
    assert force("core_share_2035.ESP", "early_money") == "3.5 % in 2035, Spain, from the scenario"
    assert force("core_year.DEU") == "2029, Germany, from the data"
    assert force("core_year.ESP") == "not by 2035, Spain, from the data"
    assert force("core_year.ESP", core_year=2031) == "2031, Spain, set here"
    assert force("core_year").endswith("of 32 nations are there in 2035, from the data")


@pytest.mark.parametrize(
    ("data", "lever", "before", "after"),
    [
        ("alliance", "joint_share_min", None, 0.0),  # no row for all: none is the loosest
        ("alliance", "innovation_share_min", 0.01, 0.02),  # the data have 2 %
        ("alliance", "risk_max", 0.35, 0.4),
        ("alliance", "order_value_max", 1.9, 2.0),
        ("tiny", "order_value_max", 3.0, None),  # a ceiling that there is not is the loosest, too
        ("tiny", "joint_share_min", 0.3, 0.35),
        ("alliance", "core_year", 2035, None),  # the later the less
    ],
)
def test_one_step_from_the_data_is_a_small_step(data: str, lever: str, before: object, after: object) -> None:
    dataset = ALLIANCE if data == "alliance" else TINY
    control = next(one for one in controls.controls(dataset) if one.lever == lever)
    case = case_of(Setting(data), dataset)
    stops = controls.steps_with(control, None, data=origin.place_of_data(case, lever))
    place = stops.index(None)
    assert (stops[place - 1] if place else None) == before
    assert (stops[place + 1] if place + 1 < len(stops) else None) == after
    assert [one for one in stops if one is not None] == [one for one in control.steps if one is not None]


def test_a_group_is_chosen_its_value_in_force_shown_and_the_url_carries_it(room: Room) -> None:
    test = sound(visit(data="tiny"))
    test.toggle(key="automatic").set_value(False)
    test.selectbox(key="single lever").set_value("joint_share_min")
    test.run()
    test.selectbox(key="single item joint_share_min").set_value("EU")
    sound(test.run())
    assert "In force: no row of this rule for this, from the data" in text(test)
    test.number_input(key="single value joint_share_min.EU").set_value(40)
    test.button(key="single set joint_share_min.EU").click()
    sound(test.run())
    assert "0.4" in test.query_params["joint_share_min.EU"]
    assert "In force: 40 %, EU, soft, set here" in text(test)
    words = {name: value if isinstance(value, str) else value[0] for name, value in dict(test.query_params).items()}
    other = sound(visit(**words))
    assert other.session_state["setting"].pulled == {"joint_share_min.EU": 0.4}
    assert "Bought together: EU: **40 %**, set here" in text(other)
    assert key(other) == key(test)


def test_an_areas_and_a_nations_lever_come_from_a_link(room: Room) -> None:
    words = {"closure_min.DEU:rail": "0.9", "core_share_2035.POL": "0.04", "core_year.DEU": "2029", "delay.radio": "1"}
    test = sound(visit(data="tiny", **words))
    said = text(test)
    for told in (
        "Least part of target met: Rail for reinforcement of Germany: **90 %**, set here",
        "Core share, last year: Poland: **4 %**, set here",
        "3.5 % core reached in: Germany: **2029**, set here",
        "Delay of Field radio: **1**, set here",
    ):
        assert told in said
    pulled = test.session_state["setting"].pulled
    assert {name: str(value) for name, value in pulled.items()} == words


def test_a_year_of_one_nation_is_a_planning_year(room: Room) -> None:
    test = visit(data="tiny")
    test.selectbox(key="single lever").set_value("core_year")
    test.run()
    test.selectbox(key="single item core_year").set_value("DEU")
    sound(test.run())
    field = test.number_input(key="single value core_year.DEU")
    assert (field.min, field.max, field.value) == (2027, 2030, None)
    assert "In force: " in text(test) and "Germany, from the data" in text(test)


def test_a_slider_says_what_the_data_have(room: Room) -> None:
    said = text(sound(visit(data="tiny")))
    assert "In force: 35 %, all nations, soft, from the data" in said
    assert "In force: 150 %, Poland, hard, from the data" in said


def test_twice_the_capacity_says_why_the_expansion_goes(room: Room) -> None:
    test = sound(visit(data="tiny"))
    assert test.session_state["setting"].pulled == {}
    test.select_slider(key="lever capacity_factor").set_value(2.0)
    sound(test.run())
    said = text(test)
    assert "It also raises guaranteed loads" in said  # beneath the lever
    assert "**Capacity of industry \\(2 ×\\)** also raises guaranteed loads" in said  # above the answer
    assert "Second shift must be filled with 3\\.2 in place of 2 a year, and still adds 1" in said
    test.button(key="reset capacity_factor").click()
    sound(test.run())
    assert "guaranteed loads" not in text(test)


def test_a_host_that_steps_out_is_said_with_what_went_from_the_plan(room: Room) -> None:
    test = sound(visit(data="tiny", **{"nation_out.DEU": "on"}))
    said = text(test).replace("\\", "")
    assert "**Out: Germany** also takes away what hangs on it" in said
    assert "Second shift can't start, since its host Germany must pay 50%" in said


def test_what_went_is_what_the_base_has_and_the_plan_has_not(room: Room) -> None:
    settled(visit(data="tiny"), room)
    base = room.desk.answer(key(visit(data="tiny"))).plan
    assert base is not None
    (told,) = effects.of_case(case_of(pull(Setting("tiny"), TINY, {"capacity_factor": 2}), TINY))
    assert told.items == ("sam_shift",)
    started = set(base.tables["expansions"]["expansion"])
    assert effects.gone(base, base, told) == [] and effects.gone(None, base, told) == []
    without = replace(base, tables={**base.tables, "expansions": base.tables["expansions"].iloc[:0]})
    assert effects.gone(base, without, told) == (["sam_shift"] if "sam_shift" in started else [])
