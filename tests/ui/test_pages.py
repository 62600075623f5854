"""The pages on data/tiny: every one draws, every lever moves to both ends, answers come and stay with their setting."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.dataset import load
from tests.ui_cases import FILES, ROOT, key, settled, sound, text, turn, visit
from ui import controls
from ui.controls import CHOICE, SHAPES, SWITCH, Control
from ui.room import Room

TINY = load(ROOT / "data/tiny")
CONTROLS = controls.controls(TINY)


@pytest.fixture(scope="module")
def session(room: Room) -> AppTest:
    """One session that asks for estimates only, on the base's finished plan."""
    test = settled(visit(), room)
    test.toggle(key="automatic").set_value(False)
    return sound(test.run())


def move(test: AppTest, control: Control, value: object) -> None:
    name = f"lever {control.lever}"
    if control.kind == SWITCH:
        test.toggle(key=name).set_value(bool(value))
    elif control.kind == CHOICE:
        test.segmented_control(key=name).set_value(value)
    else:
        test.select_slider(key=name).set_value(value)
    sound(test.run())


@pytest.mark.parametrize("page", FILES)
def test_a_page_shows_its_marking_its_data_and_its_run(room: Room, page: str) -> None:
    test = settled(visit(page, data="tiny"), room)
    said = text(test)
    assert said.count("ILLUSTRATIVE - INVENTED FIGURES") >= 2  # head and foot
    assert "**tiny**" in said and "run `tiny-base-" in said and "gap 0" in said
    assert [card.label for card in test.metric][:2] == ["Gap index", "Cost"]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda one: one.lever)
def test_a_lever_at_its_ends_gets_an_answer_of_its_own(room: Room, session: AppTest, control: Control) -> None:
    """Both ends: the lever is in force, the URL says so, some page draws it, and reset brings the base back."""
    ends = list(SHAPES)[1:] if control.kind == CHOICE else list(control.ends)
    base = key(session)
    pages = list(FILES)
    for place, end in enumerate(ends):
        move(session, control, end)
        settled(session, room)
        here = key(session)
        if here != base:
            assert session.query_params[control.lever]
            assert room.desk.answer(here).estimate is not None
        turn(session, pages[(CONTROLS.index(control) + place) % len(pages)])
    if key(session) != base:
        reset = [button for button in session.button if button.key == f"reset {control.lever}"]
        assert len(reset) == 1
        reset[0].click()
        settled(session, room)
    assert key(session) == base and set(session.query_params) == {"data"}


@pytest.mark.parametrize("page", FILES)
@pytest.mark.parametrize("end", [0, 1], ids=["lowest", "highest"])
def test_a_page_stands_with_all_levers_at_their_ends(room: Room, page: str, end: int) -> None:
    """With all levers at one end at once there may be no plan; the page says so and shows no figure as its own."""
    words = {"data": "tiny"}
    for control in CONTROLS:
        value = list(SHAPES)[1 + end] if control.kind == CHOICE else control.ends[end]
        words[control.lever] = "on" if value is True else "off" if value is False else str(value)
    test = visit(page, **words)
    settled(test, room)
    answer = room.desk.answer(key(test))
    said = text(test)
    assert answer.plan is not None or "No plan" in said


def test_the_estimate_comes_first_and_the_plan_replaces_it(room: Room) -> None:
    test = visit(data="tiny", carry_over="0.11")
    settled(test, room)
    answer = room.desk.answer(key(test))
    assert answer.proven is not None and answer.proven.audit == "holds"
    assert "**Plan**: objective" in text(test) and "Estimate" not in text(test)
    assert (room.shelf.workspace / answer.proven.run / "plan.json").is_file()
    assert (
        answer.estimate is not None and answer.estimate.bound <= answer.proven.plan.header["objective"]["value"] + 1e-6
    )


def test_figures_show_the_change_against_base_and_last_run(room: Room) -> None:
    test = settled(visit(data="tiny", joint_share_min="0"), room)
    test = settled(visit(data="tiny"), room)
    assert test.metric[0].delta == "base"
    test.select_slider(key="lever capacity_factor").set_value(0.5)
    settled(test, room)
    assert test.metric[0].delta.startswith("+")  # half the capacity leaves more of a gap
    assert any(one.value.endswith("vs last run") and one.value.startswith("+") for one in test.caption)


def test_a_url_opens_the_same_setting_in_another_session(room: Room) -> None:
    first = settled(visit(data="tiny"), room)
    first.select_slider(key="lever growth_shift").set_value(-0.01)
    first.run()
    first.multiselect(key="nations out").set_value(["USA"])
    first.run()
    words = {name: first.query_params[name] for name in first.query_params}
    words = {name: given[0] if isinstance(given, list) else given for name, given in words.items()}
    assert words == {"data": "tiny", "growth_shift": "-0.01", "nation_out.USA": "on"}
    second = sound(visit(**words))
    assert key(second) == key(first)
    assert second.select_slider(key="lever growth_shift").value == -0.01


def test_a_link_that_says_nothing_here_is_said_and_left_out(room: Room) -> None:
    test = sound(visit(data="tiny", scenario="nowhere", carry_over="much", nonsense="1", joint_share_min="0.5"))
    said = " ".join(one.value for one in test.toast)
    assert "nowhere" in said and "carry_over" in said and "nonsense" in said
    assert set(test.query_params) == {"data", "joint_share_min"}
    other = sound(visit(data="../../etc"))
    assert other.session_state["setting"].data == "tiny"


def test_force_out_and_back_shows_the_estimated_change(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.toggle(key="automatic").set_value(False)
    test.selectbox(key="pin item panel").set_value("shell")
    test.run()
    test.segmented_control(key="pin way panel shell").set_value("force out")
    settled(test, room)
    assert test.session_state["setting"].pulled == {"forbid.shell": True}
    assert any("Estimated change of the gap index by the last move" in one.value for one in test.caption)
    test.button(key="unpin shell").click()
    settled(test, room)
    assert test.session_state["setting"].pulled == {}


def test_a_lever_of_one_nation_is_set_listed_and_taken_back(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.toggle(key="automatic").set_value(False)
    test.selectbox(key="single lever").set_value("core_share_2035")
    test.run()
    test.selectbox(key="single item core_share_2035").set_value("POL")
    test.run()
    test.number_input(key="single value core_share_2035.POL").set_value(4.5)
    test.button(key="single set core_share_2035.POL").click()
    settled(test, room)
    assert test.session_state["setting"].pulled == {"core_share_2035.POL": 0.045}
    assert test.query_params["core_share_2035.POL"] == "0.045"
    assert "Core share, last year: Poland: **4.5 %**" in text(test)
    test.button(key="single back core_share_2035.POL").click()
    settled(test, room)
    assert test.session_state["setting"].pulled == {}


def test_a_lever_of_an_area_and_a_group_names_both(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.toggle(key="automatic").set_value(False)
    test.selectbox(key="single lever").set_value("closure_min")
    test.run()
    test.selectbox(key="single item closure_min").set_value("air_defence")
    test.selectbox(key="single group closure_min").set_value("EU")
    test.run()
    test.number_input(key="single value closure_min.EU:air_defence").set_value(20)
    test.button(key="single set closure_min.EU:air_defence").click()
    settled(test, room)
    assert test.session_state["setting"].pulled == {"closure_min.EU:air_defence": 0.2}


@pytest.mark.parametrize("table", ["pins", "loans", "rules", "frame_members", "dataset.yaml"])
def test_what_is_new_in_the_data_is_edited_like_every_other_table(room: Room, table: str) -> None:
    """The years beyond and the limits of shared bills are lines of dataset.yaml."""
    test = visit("Data", data="tiny")
    test.selectbox(key="data table").set_value(table)
    sound(test.run())
    assert "The data have no error." in text(test)
    if table == "dataset.yaml":
        assert any("beyond: {years: 2" in area.value for area in test.text_area)


def test_a_force_out_without_a_plan_is_said(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.selectbox(key="pin item panel").set_value("sam")
    test.run()
    test.segmented_control(key="pin way panel sam").set_value("force out")
    settled(test, room)
    assert any("There is no plan with this yet" in one.value for one in test.caption)
    assert "No plan keeps every hard rule" in text(test) and "policy\\.forbid" in text(test)


def test_levers_that_cannot_hold_together_are_refused_in_words(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.multiselect(key="nations out").set_value(["DEU", "POL", "USA"])
    test.run()
    assert any("leave no nation" in one.value for one in test.toast)
    assert test.session_state["setting"].pulled == {}


def test_a_scenario_is_loaded_saved_and_deleted(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.selectbox(key="scenario Base").set_value("lean")
    settled(test, room)
    assert test.session_state["setting"].scenario == "lean"
    assert any("1 lever" in one.value for one in test.caption)
    test.select_slider(key="lever carry_over").set_value(0.2)
    test.run()
    test.text_input(key="scenario name").set_value("lean and late")
    test.run()
    test.button(key="save scenario").click()
    test.run()
    assert set(room.library.scenarios("tiny")) == {"lean and late"}
    test.button(key="reset all").click()
    settled(test, room)
    assert test.session_state["setting"].scenario is None
    test.selectbox(key="scenario Base").set_value("★ lean and late")
    settled(test, room)
    assert test.session_state["setting"].pulled == {"carry_over": 0.2}
    test.button(key="delete scenario").click()
    sound(test.run())
    assert room.library.scenarios("tiny") == {}


def test_a_scenario_name_stays_in_its_folder(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    test.text_input(key="scenario name").set_value("../../evil")
    test.run()
    test.button(key="save scenario").click()
    test.run()
    assert any("can't be used" in one.value for one in test.toast)
    assert not list(Path(room.shelf.workspace).parent.glob("evil*"))
