"""What pages tell of a plan, on data/tiny: settled closure, free money, prices, makers, one threshold, the marking."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from optimizer.plans.plan import Plan
from reports import assumed, charts, figures, made_where, pledge
from tests.small_plan import small_plan
from tests.ui_cases import key, settled, text, visit
from ui import answer, reach
from ui.look import adapted
from ui.parts import spoken
from ui.room import Room
from ui.shown import Shown


def plan_of(room: Room, test: AppTest) -> Plan:
    plan = room.desk.answer(key(test)).plan
    assert plan is not None
    return plan


def frame_with(test: AppTest, *columns: str) -> pd.DataFrame:
    """The first table of the page that has these columns."""
    for one in test.dataframe:
        if set(columns) <= set(one.value.columns):
            found: pd.DataFrame = one.value
            return found
    raise AssertionError((columns, [list(one.value.columns) for one in test.dataframe]))


def test_gaps_lists_the_settled_closure_beside_that_of_the_last_year(room: Room) -> None:
    test = settled(visit("Gaps", data="tiny"), room)
    shown, wanted = frame_with(test, "met", "arrived"), figures.closures(plan_of(room, test))
    assert shown["met"].tolist() == pytest.approx(wanted["closure"].tolist(), abs=5e-4)
    assert shown["arrived"].tolist() == pytest.approx(wanted["settled"].tolist(), abs=5e-4)


def test_a_nation_is_told_its_settled_closure_its_free_money_and_where_prices_are_from(room: Room) -> None:
    test = settled(visit("Nations", data="tiny"), room)
    plan, nation = plan_of(room, test), str(test.selectbox(key="nation").value)
    assert "arrived" in frame_with(test, "area", "met").columns
    money = frame_with(test, "planned", "bound", "free")
    assert money["free"].tolist() == pytest.approx(pledge.money_of_both(plan, nation)["free"].tolist(), abs=0.5)
    orders = frame_with(test, "programme", "channel")
    assert set(orders["price"]) <= {"published", "derived", "assumption", "-"}
    assert not set(orders["channel"]) & set(plan.tables["frames"]["frame"]), "names, not ids"


def test_the_plan_says_what_is_free_and_marks_assumed_prices(room: Room) -> None:
    test = settled(visit(data="tiny"), room)
    plan = plan_of(room, test)
    assert pledge.sentence(plan).split(",")[0] in text(test).replace("\\", "")
    bought, guessed = frame_with(test, "name", "joint"), assumed.assumed(plan)
    assert guessed, "prices of tiny are invented"
    marked = bought["name"].str.endswith(assumed.MARK)
    assert marked.tolist() == [price == "assumption" for price in bought["price"]]


def test_industry_counts_lines_and_components_apart_by_one_threshold(room: Room) -> None:
    test = settled(visit("Industry", data="tiny"), room)
    plan = plan_of(room, test)
    assert figures.industry_told(plan) in text(test).replace("\\", "")
    counts = figures.use_of_industry(plan).set_index("kind")["full"]
    full = [one.value for one in test.dataframe if "years full" in one.value.columns]
    kinds = full[0]["kind"].value_counts() if full else pd.Series(dtype=int)
    assert kinds.to_dict() == {kind: number for kind, number in counts.items() if number}
    assert reach.FULL == figures.FULL, "what holds a programme back speaks of the same threshold"


def test_who_makes_for_whom_lists_what_is_made_where(room: Room) -> None:
    test = settled(visit("Industry", data="tiny"), room)
    test.segmented_control(key="industry picture").set_value("Who makes for whom")
    test.run()
    shown = frame_with(test, "nation", "line", "programme", "how")
    assert shown["line"].tolist() == made_where.by_line(plan_of(room, test))["line"].tolist()


def test_the_data_page_lists_the_warnings_of_the_data(room: Room) -> None:
    from data.checks import warnings

    test = settled(visit("Data", data="tiny"), room)
    found = warnings(room.library.dataset("tiny"))
    labels = [one.label for one in test.expander if "warning" in one.label]
    assert len(labels) == (1 if found else 0)
    assert not found or labels[0].startswith(figures.counted(len(found), "warning", "warnings"))


def test_a_chart_of_a_page_carries_the_marking_where_it_can_be_saved() -> None:
    shown = Shown.of(charts.spending(small_plan()))
    for spec in (json.loads(shown.light), json.loads(shown.dark)):
        assert spec["title"]["text"] == "TEST & NOTHING ELSE" and spec["title"]["orient"] == "bottom"
    plain = Shown.of_spec({"layer": [], "title": "The page says this"}, pd.DataFrame(), "title", "text")
    assert "title" not in json.loads(plain.light)
    assert json.loads(plain.marked("M").dark)["title"]["text"] == "M"
    assert "title" not in adapted({"layer": []})[0]


@pytest.mark.parametrize(
    ("value", "told"), [(726.351, 726), (52.84, 52.8), (0.214, 0.21), (19563.96, 19564), (0.0, 0), (-12.34, -12.3)]
)
def test_figures_are_rounded_as_people_say_them(value: float, told: float) -> None:
    assert spoken(value) == told


def asked(name: str, scenario: str | None, run: str) -> SimpleNamespace:
    """A view as the line of identity reads it."""
    settings = SimpleNamespace(name=name, first_year=2027, last_year=2041)
    header = {"objective": {"gap": 0.0412, "closed": 0.9907}}
    proven = SimpleNamespace(run=run, plan=SimpleNamespace(header=header))
    return SimpleNamespace(
        dataset=SimpleNamespace(settings=settings), setting=SimpleNamespace(scenario=scenario),
        answer=SimpleNamespace(proven=proven, estimate=None),
    )  # fmt: skip


def test_the_status_line_is_short_enough_not_to_wrap_and_its_tooltip_has_it_in_full() -> None:
    """At 1366 pixels some 105 small letters and the mark of the tooltip stand in a line."""
    long = asked(
        "alliance-of-thirty-two-nations", "core_share_reached_three_years_earlier", f"{'x' * 60}-20261201-124000"
    )
    short, full = answer.short_identity(long), answer.identity(long)  # type: ignore[arg-type]
    assert (
        short
        == "**alliance\\-of\\-thi…** 2027–2041 · core share reac… · run `…20261201-124000` · gap 4.1%, closes ≥ 99.0%"
    )
    assert len(re.sub(r"[\\*`]", "", short)) <= 95
    assert "core share reached three years earlier" in full and "x-20261201-124000`" in full
    assert "closes at least 99.0% of what any plan could" in full
    few = asked("tiny", None, "reference")
    assert answer.short_identity(few) == "**tiny** 2027–2041 · base · run `reference` · gap 4.1%, closes ≥ 99.0%"  # type: ignore[arg-type]


def test_the_status_line_has_the_full_line_as_its_tooltip(room: Room) -> None:
    test = settled(visit("Gaps", data="tiny"), room)
    line = next(one for one in test.markdown if "closes ≥" in one.value)
    assert "closes at least 100.0% of what any plan could" in line.help and "run `tiny-base-" in line.help
