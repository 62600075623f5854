"""The solver's own process: it answers, tells news, stops, says what failed, and is started again when it died."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import pytest

from data.dataset import load
from data.levers import apply
from optimizer.solve import Progress, SolveOptions
from tests.ui_cases import ROOT
from ui.engine_room import EngineRoom
from ui.helper import Helper, HelperDied

TINY = load(ROOT / "data/tiny")


@pytest.fixture(scope="module")
def room() -> Iterator[EngineRoom]:
    made = EngineRoom(time_limit=10)
    yield made
    made.close()


@pytest.fixture
def helper() -> Iterator[Helper]:
    made = Helper("test")
    yield made
    made.close()


def test_an_estimate_holds_the_plan_between_its_bounds(room: EngineRoom) -> None:
    case = apply(TINY)
    known = room.bound(case, threading.Event())
    found = room.estimate(case, known.bound, threading.Event())
    assert found.bound == known.bound and known.rebuilt
    news: list[Progress] = []
    plan = room.prove(case, threading.Event(), news.append)
    assert found.plan is not None and found.plan.case is case and found.value is not None
    assert found.bound <= plan.header["objective"]["value"] + 1e-6
    assert plan.case is case and plan.header["exit_code"] == 0 and news


def test_an_estimate_that_nobody_wants_is_not_begun(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(Helper, "call", lambda helper, method, *given, **how: called.append(method))
    stop = threading.Event()
    stop.set()
    assert room.bound(apply(TINY), stop).expected is None
    assert room.estimate(apply(TINY), 0.0, stop).plan is None
    assert called == []


def test_what_fails_is_said_and_the_helper_goes_on(helper: Helper) -> None:
    stop = threading.Event()
    with pytest.raises(RuntimeError, match="AttributeError"):
        helper.call("nothing of this name", stop=stop)
    assert helper.call("estimate", apply(TINY), None, stop=stop)[2] is not None


class Unsayable:
    """Breaks off while it is being sent, after megabytes that came before it."""

    def __reduce__(self) -> str:
        raise RuntimeError("it changed while it was sent")


def test_what_can_not_be_sent_leaves_the_helper_hearing(helper: Helper) -> None:
    """Half a message must not reach the other side: it would understand nothing that follows, and never answer."""
    with pytest.raises(RuntimeError, match="changed while"):
        helper.call("estimate", bytes(5_000_000), Unsayable(), stop=threading.Event())
    found: list[object] = []
    asked = threading.Thread(
        target=lambda: found.append(helper.call("estimate", apply(TINY), None, stop=threading.Event())), daemon=True
    )
    asked.start()
    asked.join(60)
    assert len(found) == 1


def test_a_helper_that_can_not_be_understood_is_started_again(helper: Helper) -> None:
    process = helper._process
    assert process is not None and process.stdin is not None
    process.stdin.write(b"no message at all")
    process.stdin.flush()
    process.wait(30)
    assert helper.call("estimate", apply(TINY), None, stop=threading.Event())[2] is not None


class Deadly(threading.Event):
    """A stop event that kills the process once it is looked at, which is when the call has been sent."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__()
        self.process = process

    def is_set(self) -> bool:
        self.process.kill()
        return False


def test_a_helper_that_dies_is_started_again(helper: Helper) -> None:
    died = helper._process
    assert died is not None
    with pytest.raises(HelperDied):
        helper.call("prove", apply(TINY), SolveOptions(gap=0.0, time_limit=60), stop=Deadly(died))
    assert helper.call("estimate", apply(TINY), None, stop=threading.Event())[2] is not None
    assert helper._process is not died


def test_a_closed_helper_leaves_no_process() -> None:
    helper = Helper("test")
    process = helper._process
    assert process is not None and process.poll() is None
    helper.close()
    assert process.poll() is not None
    with pytest.raises(HelperDied):
        helper.call("estimate", apply(TINY), None, stop=threading.Event())


def test_a_helper_ends_with_its_server() -> None:
    """The server's end of the pipe closes when it dies, however it dies."""
    helper = Helper("test")
    process = helper._process
    assert process is not None and process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0
    helper.close()
