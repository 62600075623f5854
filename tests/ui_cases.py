"""Opening the pages in tests: a room of their own workspace, an AppTest in it, and waiting until answers are there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import room as rooms
from ui.controls import GROUPS
from ui.frame import PAGES

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
FILES = {title: f"ui/page_{name}.py" for name, title in PAGES}


@contextmanager
def opened(workspace: Path, dataset: str = "tiny", seconds: float = 10.0) -> Iterator[rooms.Room]:
    """The shared room as `drive5 app` would open it, on a workspace of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(rooms.WORKSPACE, str(workspace))
        patch.setenv(rooms.DATASET, str(ROOT / "data" / dataset))
        patch.setenv(rooms.SECONDS, str(seconds))
        rooms.room.clear()
        room = rooms.room()
        try:
            yield room
        finally:
            room.desk.close()
            room.gallery.close()
            rooms.room.clear()


def visit(page: str = "Plan", **words: str) -> AppTest:
    """A session that opens a page by a URL's words, every drawer of the panel open, drawn once."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    for name, text in words.items():
        test.query_params[name] = text
    for drawer in ("group pins", "group single", "weights", *(f"group {group}" for group in GROUPS)):
        test.session_state[drawer] = True
    test.run()
    return turn(test, page) if page != "Plan" else test


def turn(test: AppTest, page: str) -> AppTest:
    """The same session on another page."""
    sound(test.switch_page(FILES[page]).run())
    return test


def sound(test: AppTest) -> AppTest:
    """No exception on the page."""
    assert not test.exception, [(one.message, one.stack_trace[-3:]) for one in test.exception]
    return test


def settled(test: AppTest, room: rooms.Room) -> AppTest:
    """Drawn again until nothing is pending for what this session asks."""
    until = time.monotonic() + PATIENCE
    while True:
        sound(test.run())
        answer = room.desk.answer(key(test))
        if not answer.pending and not answer.stopping:
            return sound(test.run())
        assert time.monotonic() < until, answer
        time.sleep(0.05)


def key(test: AppTest) -> str:
    """The key of this session's setting."""
    from ui.setting import case_of, key_of

    setting = test.session_state["setting"]
    return key_of(case_of(setting, rooms.room().library.dataset(setting.data)))


def text(test: AppTest) -> str:
    """All that the page says in markdown, captions and boxes."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "html", "subheader")
    return "\n".join(
        str(getattr(one, "value", None) or getattr(one, "body", "")) for kind in kinds for one in getattr(test, kind)
    )
