"""Settings, their URLs and keys; the controls; the library of data sets and scenarios; plans on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.dataset import load
from data.lever_table import LEVERS, Lever_Value, LeverError
from tests.ui_cases import ROOT
from ui import controls, setting, single
from ui.library import Library, LibraryError
from ui.setting import Setting, case_of, from_query, key_of, pull, to_query

TINY = load(ROOT / "data/tiny")
BASE = Setting("tiny")


def test_every_lever_of_the_table_has_its_place_on_the_panel() -> None:
    assert controls.missing_levers() == set()
    assert all(control.lever in LEVERS and control.group in controls.GROUPS for control in controls.FIXED)


def test_every_stop_of_every_slider_is_a_value_that_the_lever_takes() -> None:
    for control in (*controls.FIXED, *controls.weights(TINY)):
        for step in control.steps:
            pull(BASE, TINY, {control.lever: step})


def test_a_lever_for_one_nation_group_area_or_item_finds_whom_it_is_for() -> None:
    """Each lever that needs an id and has no widget of its own: for each id that is offered its middle value holds."""
    known = single.single_levers()
    assert {"core_share_2035", "core_year", "delay", "closure_min", "area_share_max", "joint_share_min"} <= set(known)
    for stem, lever in known.items():
        ids = single.ids(stem, lever, TINY)
        assert ids or lever.of == "scope", stem
        for item in ids:
            middle = 2029 if stem == "core_year" else 1 if lever.kind == "integer" else 0.5
            moved = pull(BASE, TINY, {f"{stem}.{item}": middle})
            assert case_of(moved, TINY).levers[f"{stem}.{item}"] == middle


@pytest.mark.parametrize(
    ("lever", "given", "label", "text"),
    [
        ("core_share_2035.POL", 0.045, "Core share, last year: Poland", "4.5 %"),
        ("closure_min.POL:air_defence", 0.5, "Least part of target met: Air defence of Poland", "50 %"),
        ("order_value_max.EU", 1.2, "Orders placed: EU", "120 %"),
        ("delay.sam", 2, "Delay of Air defence battery", "2"),
        ("core_year.DEU", None, "3.5 % core reached in: Germany", "as in the data"),
        ("path_shape", None, "Pace of the rise", "own"),
        ("threat_shift", -2, "Threats come", "-2"),
        ("core_year", 2029, "3.5 % core reached in", "2029"),
    ],
)
def test_a_lever_is_told_in_a_planners_words(lever: str, given: Lever_Value, label: str, text: str) -> None:
    assert controls.label_of(lever, TINY) == label
    assert controls.value_text(lever, given) == text


def test_a_year_stops_at_the_planning_years() -> None:
    year = next(control for control in controls.controls(TINY) if control.lever == "core_year")
    assert year.steps == (None, 2027, 2028, 2029, 2030)


def test_every_control_says_unit_range_base_and_one_sentence() -> None:
    for control in controls.controls(TINY):
        said = controls.help_text(control, setting.base_value(TINY, control.lever))
        assert "Base: " in said and control.help.endswith(".")
        if control.kind not in (controls.SWITCH, controls.CHOICE):
            assert "From " in said and " to " in said


def test_a_value_from_elsewhere_is_one_of_the_stops() -> None:
    carry = next(control for control in controls.FIXED if control.lever == "carry_over")
    assert 0.0333 in controls.steps_with(carry, 0.0333)
    core = next(control for control in controls.FIXED if control.lever == "core_share_2035")
    steps = controls.steps_with(core, 0.0333, None)
    assert steps[0] is None and list(steps[1:]) == sorted(steps[1:]) and 0.0333 in steps


def test_a_lever_that_comes_back_leaves_the_setting() -> None:
    moved = pull(BASE, TINY, {"carry_over": 0.1, "force.sam": True})
    assert dict(moved.sets) == {"carry_over": 0.1, "force.sam": True}
    assert pull(moved, TINY, {"carry_over": 0.05, "force.sam": False}) == BASE


def test_reset_goes_to_the_base_also_against_a_scenario() -> None:
    lean = Setting("tiny", "lean")
    assert setting.value(lean, TINY, "growth_shift") == -0.01 and setting.differs(lean, TINY, "growth_shift")
    back = setting.reset(lean, TINY, ["growth_shift"])
    assert setting.value(back, TINY, "growth_shift") == 0.0 and not setting.in_force(back, TINY)
    assert case_of(back, TINY).levers == {}  # all at their defaults again


def test_a_url_says_the_same_setting_again() -> None:
    moved = pull(
        Setting("tiny", "lean"),
        TINY,
        {"joint_share_min": 0.35, "path_shape": "back", "nation_out.USA": True, "growth_shift": 0.0},
    )
    words = to_query(moved)
    assert words == {
        "data": "tiny", "scenario": "lean", "joint_share_min": "0.35", "path_shape": "back", "nation_out.USA": "on",
        "growth_shift": "0",
    }  # fmt: skip
    again, complaints = from_query(words, TINY, "tiny")
    assert again == moved and complaints == []


def test_a_url_of_nonsense_leaves_the_base_and_a_sentence_each() -> None:
    words = {"scenario": "x", "carry_over": "lots", "who": "me", "force.nothing": "on", "nation_out.DEU": "on"}
    found, complaints = from_query(words, TINY, "tiny")
    assert found.pulled == {"nation_out.DEU": True} and found.scenario is None
    assert len(complaints) == 4


def test_keys_are_those_of_the_question_not_of_the_way_to_it() -> None:
    one = key_of(case_of(pull(BASE, TINY, {"carry_over": 0.1, "growth_shift": 0.01}), TINY))
    other = key_of(case_of(pull(pull(BASE, TINY, {"growth_shift": 0.01}), TINY, {"carry_over": 0.1}), TINY))
    assert one == other
    assert len({one, key_of(case_of(BASE, TINY)), key_of(case_of(Setting("tiny", "lean"), TINY))}) == 3


def library(place: Path) -> Library:
    return Library(place, {"tiny": ROOT / "data/tiny"})


@pytest.mark.parametrize("name", ["../x", "/etc", "a/b", "..", "", "a\\b", ".hidden", "x" * 61, "a\0b"])
def test_no_name_leaves_the_workspace(tmp_path: Path, name: str) -> None:
    here = library(tmp_path / "inside")
    with pytest.raises(LibraryError):
        here.save_dataset(TINY, name)
    with pytest.raises(LibraryError):
        here.save_scenario(name, BASE)
    with pytest.raises(LibraryError):
        here.folder(name)
    assert not [found for found in tmp_path.rglob("*") if found.is_file()]


def test_shipped_data_sets_are_never_written(tmp_path: Path) -> None:
    here = library(tmp_path)
    with pytest.raises(LibraryError, match="ships with the program"):
        here.save_dataset(TINY, "tiny")
    with pytest.raises(LibraryError, match="stays"):
        here.delete_dataset("tiny")


def test_a_saved_data_set_is_the_same_and_a_changed_one_is_read_again(tmp_path: Path) -> None:
    here = library(tmp_path)
    here.save_dataset(TINY, "mine")
    first = here.dataset("mine")
    assert first.sha256 == TINY.sha256 and here.dataset("mine") is first and here.ids() == ["tiny", "mine"]
    settings = TINY.settings.model_copy(update={"urgency": {2027: 0.25}})
    here.save_dataset(replace(TINY, settings=settings), "mine")
    assert here.dataset("mine").sha256 != first.sha256
    here.delete_dataset("mine")
    assert here.ids() == ["tiny"]


def test_a_data_set_that_turns_bad_on_disk_stays_as_it_was(tmp_path: Path) -> None:
    here = library(tmp_path)
    here.save_dataset(TINY, "mine")
    good = here.dataset("mine")
    (tmp_path / "datasets" / "mine" / "economy.csv").write_text("nation,year,gdp\nDEU,2027,-1\n", encoding="utf-8")
    assert here.dataset("mine") is good


def test_scenarios_are_kept_by_data_set_and_bad_files_are_left_out(tmp_path: Path) -> None:
    here = library(tmp_path)
    saved = pull(Setting("tiny", "lean"), TINY, {"core_share_2035": 0.03, "force.sam": True})
    here.save_scenario("more core", saved)
    (tmp_path / "scenarios" / "tiny" / "broken.json").write_text("{", encoding="utf-8")
    assert here.scenarios("tiny") == {"more core": saved}
    assert library(tmp_path / "other").scenarios("tiny") == {}


def test_a_lever_out_of_range_is_refused() -> None:
    with pytest.raises(LeverError):
        pull(BASE, TINY, {"carry_over": 2})
