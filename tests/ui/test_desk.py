"""The desk between many sessions: places are told, and no search that nobody asked for takes an estimate's time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.dataset import load
from data.levers import Case, apply
from optimizer.estimates import Bounded, Estimate
from optimizer.plans.plan import Plan
from tests.ui_cases import ROOT
from ui.answer import headline
from ui.desk import Desk
from ui.jobs import QUEUED, RUNNING
from ui.setting import key_of
from ui.shelf import Shelf

TINY = load(ROOT / "data/tiny")
SHARES = (0.05, 0.06, 0.07)
CASES = [apply(TINY, sets={"carry_over": share}) for share in SHARES]
KEYS = [key_of(case) for case in CASES]


class Engine:
    """Makes an estimate whenever a test lets it; a search goes on until it is stopped."""

    time_limit = 60.0

    def __init__(self) -> None:
        self.gates = {key: threading.Event() for key in KEYS}
        self.searched: list[str] = []

    def bound(self, case: Case, stop: threading.Event) -> Bounded:
        return Bounded(1.0, 1.25, "", 0.0)

    def estimate(self, case: Case, bound: float, stop: threading.Event) -> Estimate:
        while not self.gates[key_of(case)].wait(0.002) and not stop.is_set():
            pass
        return Estimate(bound, None, None, "", 0.0)

    def prove(self, case: Case, stop: threading.Event, report: object, seconds: float, *start: object) -> Plan:
        self.searched.append(key_of(case))
        stop.wait(10)
        return Plan({}, {}, case)

    def close(self) -> None:
        pass


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(engine, Shelf(tmp_path))  # type: ignore[arg-type]
    for number, (key, case) in enumerate(zip(KEYS, CASES, strict=True)):
        made.ask(f"session {number}", key, case)
    yield made
    made.close()


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + 5
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.002)


def state(desk: Desk, key: str) -> str:
    search = desk.answer(key).search
    return "" if search is None else search.state


def test_who_waits_for_an_estimate_is_told_the_place_and_the_time(desk: Desk) -> None:
    until(lambda: all(desk.answer(key).bounded is not None for key in KEYS) and desk.answer(KEYS[0]).turn is None)
    said = [headline(desk.answer(key), stale=False) for key in KEYS]
    assert all("objective about 1.25, none can be below 1.00" in line for line in said)
    assert "its plan is being made" in said[0]
    assert "1 ahead, ready in about 12 s" in said[1] and "2 ahead, ready in about 18 s" in said[2]


def test_bounds_go_before_plans(desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody waits for a bound, no plan is begun; one that is being made goes on."""
    until(lambda: desk.answer(KEYS[0]).turn is None)
    free, other = threading.Event(), apply(TINY, sets={"carry_over": 0.08})
    monkeypatch.setattr(engine, "bound", lambda case, stop: free.wait(5) and Bounded(2.0, None, "", 0.0))
    engine.gates[key_of(other)] = threading.Event()
    desk.ask("session 3", key_of(other), other)
    engine.gates[KEYS[0]].set()
    until(lambda: desk.answer(KEYS[0]).estimate is not None)
    time.sleep(0.3)
    assert desk.answer(KEYS[1]).turn is not None
    free.set()
    until(lambda: desk.answer(KEYS[1]).turn is None)
    assert "none can be below 2.00" in headline(desk.answer(key_of(other)), stale=False)


def test_no_moment_between_two_steps_looks_like_the_end(engine: Engine, tmp_path: Path) -> None:
    """A page that looks while a bound is handed on must see that more is to come: it would not look again."""
    desk = Desk(engine, Shelf(tmp_path))  # type: ignore[arg-type]
    handing = threading.Event()
    ask = desk._estimates.ask

    def slowly(*given: object) -> object:
        handing.set()
        time.sleep(0.2)
        return ask(*given)  # type: ignore[arg-type]

    desk._estimates.ask = slowly  # type: ignore[method-assign, assignment]
    desk.ask("session", KEYS[0], CASES[0])
    assert handing.wait(5)
    seen = []
    while desk.answer(KEYS[0]).turn is not None or desk.answer(KEYS[0]).bounded is None or len(seen) < 40:
        seen.append(desk.answer(KEYS[0]).pending)
        time.sleep(0.01)
    desk.close()
    assert seen and all(seen)


def test_what_failed_is_not_tried_again_with_every_run_of_the_page(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fails(case: Case, stop: threading.Event) -> Bounded:
        tried.append(key_of(case))
        raise RuntimeError("no solver today")

    monkeypatch.setattr(engine, "bound", fails)
    desk = Desk(engine, Shelf(tmp_path))  # type: ignore[arg-type]
    desk.ask("session", KEYS[0], CASES[0])
    until(lambda: bool(desk.answer(KEYS[0]).fault))
    for _ in range(5):
        desk.ask("session", KEYS[0], CASES[0])
        assert not desk.answer(KEYS[0]).pending
    assert "no solver today" in headline(desk.answer(KEYS[0]), stale=False)
    assert len(tried) == 1
    monkeypatch.setattr("ui.desk.AGAIN", 0.0)
    desk.ask("session", KEYS[0], CASES[0])
    until(lambda: len(tried) == 2)
    desk.close()


def test_a_search_begins_when_no_estimate_is_wanted(desk: Desk, engine: Engine) -> None:
    engine.gates[KEYS[0]].set()
    until(lambda: state(desk, KEYS[0]) == QUEUED)
    time.sleep(0.3)
    assert engine.searched == [] and desk.answer(KEYS[0]).first == 2
    assert "2 estimates are made first" in headline(desk.answer(KEYS[0]), stale=False)
    engine.gates[KEYS[1]].set()
    engine.gates[KEYS[2]].set()
    until(lambda: engine.searched == [KEYS[0]])
    assert desk.answer(KEYS[0]).first == 0


def test_a_search_asked_for_by_hand_begins_at_once(desk: Desk, engine: Engine) -> None:
    desk.prove("session 2", KEYS[2], CASES[2], 60.0)
    until(lambda: state(desk, KEYS[2]) == RUNNING)
    assert engine.searched == [KEYS[2]]


def test_a_search_waits_for_estimates_so_long_and_no_longer(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.desk.HELD", 0.5)
    engine.gates[KEYS[0]].set()
    until(lambda: engine.searched == [KEYS[0]])
    assert desk.answer(KEYS[1]).estimating
