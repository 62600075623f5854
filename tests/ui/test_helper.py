"""The pages' processes: bounds, estimates and plans, what fails in them, and what the next search starts from."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from data.dataset import load
from data.levers import apply
from optimizer.ask import Answer, Question, with_case
from optimizer.estimates import Bounded
from optimizer.plans.plan import Plan
from optimizer.plans.plan import Search as Left
from optimizer.solve import Progress
from optimizer.workers.worker import Task, Worker, WorkerFault
from tests.ui_cases import ROOT
from ui.engine_room import EngineRoom
from ui.helper import KEPT_SESSIONS, Work

TINY = load(ROOT / "data/tiny")


@pytest.fixture(scope="module")
def room() -> Iterator[EngineRoom]:
    made = EngineRoom(time_limit=10)
    yield made
    made.close()


class Search:
    """Stands for the search: keeps what it is asked, and finds a plan, or none, as it is told."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.finds = True

    def ask(self, question: Question, *, progress: object = None, cancel: object = None) -> Answer:
        self.asked.append(question)
        tables = dict.fromkeys(["orders"]) if self.finds else {}
        return Answer(2.0, 1.0, Plan({"run": str(len(self.asked))}, tables, question.case))  # type: ignore[arg-type]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[EngineRoom, Search]]:
    """A room whose processes are never started, with a search that is none."""
    monkeypatch.setattr(Worker, "start", lambda worker: None)
    search = Search()
    made = EngineRoom(asker=search)
    yield made, search
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
    called: list[object] = []
    monkeypatch.setattr(Worker, "call", lambda worker, task: called.append(task))
    stop = threading.Event()
    stop.set()
    assert room.bound(apply(TINY), stop).expected is None
    assert room.estimate(apply(TINY), 0.0, stop).plan is None
    assert called == []


def test_the_search_starts_from_the_data_sets_last_plan(idle: tuple[EngineRoom, Search]) -> None:
    """Nothing, then the plan found, then that one still: the third search found none."""
    room, search = idle
    for finds in (True, True, False, True):
        search.finds = finds
        room.prove(apply(TINY), threading.Event(), lambda news: None, 7.0)
    starts = [None if asked.start is None else asked.start.header["run"] for asked in search.asked]
    assert starts == [None, "1", "2", "2"]
    assert {asked.options.time_limit for asked in search.asked} == {7.0}
    assert {asked.options.threads for asked in search.asked} == {1}


def test_a_room_remembers_the_plans_of_as_many_data_sets_as_it_has_sessions(idle: tuple[EngineRoom, Search]) -> None:
    room, _ = idle
    for number in range(KEPT_SESSIONS + 2):
        case = apply(TINY)
        case.base.__dict__["sha256"] = f"set {number}"
        room.prove(case, threading.Event(), lambda news: None)
        del case.base.__dict__["sha256"]
    assert list(room._last) == [f"set {number}" for number in range(2, KEPT_SESSIONS + 2)]


def test_a_room_that_is_primed_hands_one_relaxation_on(room: EngineRoom) -> None:
    """Every process that bounds knows the case afterwards, and the search has a plan to start from."""
    case = apply(TINY)
    plan = room.prove(case, threading.Event(), lambda news: None)
    room.prime(case, plan, threading.Event())
    for worker in room._bounders:
        found: Bounded = worker.call(Task(Work.bound, (case,)))
        assert found.bound <= plan.header["objective"]["value"] + 1e-6 and found.rebuilt == ""
    assert room._last[TINY.sha256].header["run"] == plan.header["run"]


def test_a_room_that_knows_the_multipliers_solves_no_relaxation(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of an earlier process's search are handed to all."""
    case, plan = apply(TINY), room.prove(apply(TINY), threading.Event(), lambda news: None)
    done: list[object] = []
    for worker in room._bounders:
        monkeypatch.setattr(worker, "call", lambda task, call=worker.call: done.append(task.do) or call(task))
    room.prime(case, plan, threading.Event(), Left({("budget.spent", ("DEU", 2027)): 0.5}, 13.0, {}))
    assert done == [Work.take] * len(room._bounders)


def test_what_fails_in_an_estimate_is_said_and_the_process_goes_on(room: EngineRoom) -> None:
    worker = room._estimators[0]
    with pytest.raises(WorkerFault, match="AttributeError"):
        worker.call(Task(Work.estimate, ("no case", None)))
    parts = worker.call(Task(Work.estimate, (apply(TINY), None)))[2]
    assert parts is not None and with_case(parts, apply(TINY)).solved


def test_a_closed_room_leaves_no_process() -> None:
    room = EngineRoom()
    workers = [*room._bounders, *room._estimators]
    assert all(worker.pid for worker in workers)
    room.close()
    assert not any(worker.pid for worker in workers)
