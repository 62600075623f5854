"""The page of runs: how a search went, as a picture, a table of who gained what, or a sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui_cases import settled, sound, text, turn, visit
from ui.room import Room

LINES = """seconds,work,value,bound,finder
1.0,10,,2.0,relaxation
2.0,20,10.0,2.0,rounding
4.0,30,6.0,2.0,rounding
10.0,50,4.0,4.0,tree
"""


@pytest.fixture(scope="module")
def session(room: Room) -> AppTest:
    return settled(visit(data="tiny"), room)


def page_with(room: Room, session: AppTest, lines: str | None) -> AppTest:
    """The page with the run of the base, whose progress.csv has these lines; None: it has no such file."""
    file = room.shelf.workspace / room.shelf.runs()[0].name / "progress.csv"
    if lines is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(lines, encoding="utf-8")
    return sound(turn(session, "Runs").run())


def test_value_and_bound_are_drawn_over_seconds_with_the_finder_in_the_tooltip(room: Room, session: AppTest) -> None:
    test = page_with(room, session, LINES)
    assert "A first plan \\(10\\.00 points\\) came after 2\\.0 s" in text(test)
    charts = [json.loads(one.proto.spec) for one in test.get("vega_lite_chart")]
    drawn = next(spec for spec in charts if "seconds of solving" in json.dumps(spec))
    said = json.dumps(drawn)
    assert said.count("step-after") == 2 and '"field": "finder"' in said
    assert "ILLUSTRATIVE - INVENTED FIGURES" in said


def test_a_table_says_which_finder_gained_what(room: Room, session: AppTest) -> None:
    """Rounding 10 to 6 in two values, the tree 6 to 4 and the bound 2 to 4; the relaxation gave the first bound."""
    test = page_with(room, session, LINES)
    table = next(one.value for one in test.dataframe if "lowered" in one.value.columns)
    assert table.to_dict("list") == {
        "finder": ["rounding", "tree", "relaxation"], "lowered": [4.0, 2.0, 0.0], "values": [2, 1, 0],
        "raised": [0.0, 2.0, 0.0], "bounds": [0, 1, 1],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (None, "has no progress.csv, or one without a line"),
        (LINES.split("\n")[0] + "\n", "has no progress.csv, or one without a line"),
        (LINES + "11.0,60,nan,4.0,tree\n", "has no progress.csv, or one without a line"),
        ("\n".join(LINES.split("\n")[:2]) + "\n", "at once: bound 2.00 points after 1.0 s"),
    ],
    ids=["no file", "no line", "damaged", "one line"],
)
def test_without_a_way_to_draw_the_page_says_so(room: Room, session: AppTest, lines: str | None, words: str) -> None:
    test = page_with(room, session, lines)
    assert any(words in str(one.value) for one in test.info)
    assert not any("lowered" in one.value.columns for one in test.dataframe)


def test_an_empty_workspace_says_where_plans_come_from(room: Room, session: AppTest, tmp_path: Path) -> None:
    folder = room.shelf.workspace / room.shelf.runs()[0].name
    shutil.move(folder, tmp_path / "away")
    try:
        test = sound(turn(session, "Runs").run())
        assert any("No plan has been written yet" in str(one.value) for one in test.info)
        assert "Progress of the search" not in text(test)
    finally:
        shutil.move(tmp_path / "away", folder)
