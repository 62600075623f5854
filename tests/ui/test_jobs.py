"""The queue that outlives a page: one at a time, places and waits, newer replaces older, cancel and take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from optimizer.solve import Progress
from ui.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job, Lane, Report

SOON = 5.0


class Bench:
    """Work that a test lets go on when it wants: each request waits at its own gate, or for its stop."""

    def __init__(self) -> None:
        self.gates: dict[str, threading.Event] = {}
        self.begun: list[str] = []
        self.most_at_once = 0
        self.now = 0
        self.lock = threading.Lock()

    def gate(self, name: str) -> threading.Event:
        with self.lock:
            return self.gates.setdefault(name, threading.Event())

    def work(self, request: str, stop: threading.Event, report: Report) -> str:
        with self.lock:
            self.begun.append(request)
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
        report(Progress(0.0, "prove", 3.0, 2.0, 0.5))
        gate = self.gate(request)
        while not gate.is_set() and not stop.is_set():
            time.sleep(0.002)
        with self.lock:
            self.now -= 1
        if request == "breaks":
            raise RuntimeError("the work\nbroke")
        return f"{request} {'stopped' if stop.is_set() else 'whole'}"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def lane(bench: Bench) -> Iterator[Lane[str, str]]:
    made: Lane[str, str] = Lane("test", bench.work, usual_seconds=10.0)
    yield made
    made.close()


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.002)


def running(job: Job[str, str]) -> bool:
    return job.state == RUNNING


def test_one_works_and_the_others_know_their_place_and_wait(bench: Bench, lane: Lane[str, str]) -> None:
    jobs = [lane.ask(f"session {name}", name, name) for name in "abc"]
    until(lambda: running(jobs[0]))
    places = [lane.place(name) for name in "abc"]
    assert places[0] is None  # it runs
    assert [place.ahead for place in places if place] == [1, 2]
    second, third = (place.seconds for place in places if place)
    assert 9.0 < second <= 10.0 and 19.0 < third <= 20.0  # ten seconds each, the first has just begun
    for name in "abc":
        bench.gate(name).set()
    until(lambda: all(job.state == DONE for job in jobs))
    assert bench.begun == ["a", "b", "c"] and bench.most_at_once == 1


def test_a_newer_setting_replaces_the_queued_one_of_its_session_alone(bench: Bench, lane: Lane[str, str]) -> None:
    first = lane.ask("other", "a", "a")
    until(lambda: running(first))
    old, foreign, new = lane.ask("me", "b", "b"), lane.ask("third", "c", "c"), lane.ask("me", "d", "d")
    assert old.state == CANCELLED and foreign.state == QUEUED and new.state == QUEUED
    for name in "acd":
        bench.gate(name).set()
    until(lambda: new.state == DONE)
    until(lambda: foreign.state == DONE)
    assert bench.begun == ["a", "d", "c"]


def test_a_newer_setting_takes_the_turn_of_the_one_it_replaces(bench: Bench, lane: Lane[str, str]) -> None:
    """Who moves on while waiting goes on waiting where it stood; nobody is overtaken by it."""
    first = lane.ask("other", "a", "a")
    until(lambda: running(first))
    lane.ask("me", "b", "b")
    lane.ask("third", "c", "c")
    last = lane.ask("me", "d", "d")
    place = lane.place("d")
    assert place is not None and place.ahead == 1 and 19.0 < place.done <= 20.0
    for name in "acd":
        bench.gate(name).set()
    until(lambda: lane.waiting() == 0)
    assert bench.begun == ["a", "d", "c"] and last.state == DONE


def test_who_gave_up_what_was_begun_queues_behind_the_others(bench: Bench, lane: Lane[str, str]) -> None:
    """A session that moves again and again has its turns, no more: the others are answered."""
    begun = lane.ask("restless", "a", "a")
    until(lambda: running(begun))
    lane.ask("patient", "b", "b")
    lane.ask("restless", "c", "c")
    bench.gate("b").set()
    bench.gate("c").set()
    until(lambda: lane.waiting() == 0)
    assert begun.state == CANCELLED and bench.begun == ["a", "b", "c"]


def test_what_is_held_waits_and_lets_others_by(bench: Bench) -> None:
    free = threading.Event()
    lane: Lane[str, str] = Lane("test", bench.work, held=lambda job: job.request == "a" and not free.is_set())
    bench.gate("a").set()
    bench.gate("b").set()
    held, by = lane.ask("me", "a", "a"), lane.ask("other", "b", "b")
    until(lambda: by.state == DONE)
    assert held.state == QUEUED
    free.set()
    until(lambda: held.state == DONE)
    lane.close()


def test_a_lane_lives_on_when_what_follows_a_job_fails(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def follow(job: Job[str, str]) -> None:
        raise OSError("the disk is full")

    lane: Lane[str, str] = Lane("test", lambda request, stop, report: request, then=follow)
    jobs = [lane.ask(name, name, name) for name in "ab"]
    until(lambda: all(job.state == DONE for job in jobs))
    until(lambda: len(caplog.records) == 2)
    assert "the disk is full" in caplog.text
    lane.close()


def test_a_running_job_that_nobody_wants_is_stopped(bench: Bench, lane: Lane[str, str]) -> None:
    old = lane.ask("me", "a", "a")
    until(lambda: running(old))
    new = lane.ask("me", "b", "b")
    bench.gate("b").set()
    until(lambda: new.state == DONE)
    assert old.state == CANCELLED and old.result is None


def test_a_running_job_that_another_session_wants_goes_on(bench: Bench, lane: Lane[str, str]) -> None:
    shared = lane.ask("me", "a", "a")
    assert lane.ask("other", "a", "a") is shared
    until(lambda: running(shared))
    lane.ask("me", "b", "b")
    assert not shared.stop.is_set()
    bench.gate("a").set()
    until(lambda: shared.state == DONE)
    assert shared.result == "a whole"


def test_a_session_that_comes_back_finds_its_job(bench: Bench, lane: Lane[str, str]) -> None:
    """A reload is a new session with the same key: it gets the job that runs, and later the one that is done."""
    job = lane.ask("before the reload", "a", "a")
    until(lambda: running(job))
    assert lane.ask("after the reload", "a", "a") is job
    bench.gate("a").set()
    until(lambda: job.state == DONE)
    assert lane.ask("next day", "a", "a") is job and bench.begun == ["a"]


def test_cancel_keeps_nothing_and_take_keeps_what_is_there(bench: Bench, lane: Lane[str, str]) -> None:
    refused, taken = lane.ask("me", "a", "a"), lane.ask("other", "b", "b")
    until(lambda: running(refused))
    lane.cancel("a")
    until(lambda: running(taken))
    assert refused.state == CANCELLED and refused.refused and refused.result is None
    assert taken.progress is not None and taken.progress.incumbent == 3.0
    lane.take("b")
    until(lambda: taken.state == DONE)
    assert taken.taken and taken.result == "b stopped"


def test_a_queued_job_is_cancelled_without_being_begun(bench: Bench, lane: Lane[str, str]) -> None:
    first, second = lane.ask("me", "a", "a"), lane.ask("other", "b", "b")
    until(lambda: running(first))
    lane.cancel("b")
    assert second.state == CANCELLED and lane.place("b") is None
    bench.gate("a").set()
    until(lambda: first.state == DONE)
    assert bench.begun == ["a"]


def test_a_cancelled_job_can_be_asked_again(bench: Bench, lane: Lane[str, str]) -> None:
    first = lane.ask("me", "a", "a")
    until(lambda: running(first))
    lane.cancel("a")
    again = lane.ask("me", "a", "a")
    assert again is not first
    bench.gate("a").set()
    until(lambda: again.state == DONE)


def test_a_job_that_breaks_says_so_in_one_line_and_the_lane_goes_on(bench: Bench, lane: Lane[str, str]) -> None:
    broken, next_one = lane.ask("me", "x", "breaks"), lane.ask("other", "b", "b")
    bench.gate("breaks").set()
    bench.gate("b").set()
    until(lambda: next_one.state == DONE)
    assert broken.state == FAILED and broken.fault == "RuntimeError: the work broke"


def test_leaving_gives_up_what_is_asked(bench: Bench, lane: Lane[str, str]) -> None:
    job = lane.ask("me", "a", "a")
    until(lambda: running(job))
    lane.leave("me")
    until(lambda: job.state == CANCELLED)
    assert lane.waiting() == 0


def test_finished_jobs_are_forgotten_the_oldest_first(bench: Bench) -> None:
    lane: Lane[str, str] = Lane("test", bench.work, keep=2)
    for name in "abcd":
        bench.gate(name).set()
        job = lane.ask(f"session {name}", name, name)
        until(lambda job=job: job.state == DONE)  # type: ignore[misc]
    assert lane.find("a") is None and lane.find("d") is not None
    lane.close()


def test_closing_stops_what_runs_and_ends_the_threads(bench: Bench) -> None:
    lane: Lane[str, str] = Lane("test closing", bench.work, workers=2)
    jobs = [lane.ask(f"session {name}", name, name) for name in "abc"]
    until(lambda: running(jobs[0]) and running(jobs[1]))
    lane.close()
    assert [job.state for job in jobs] == [CANCELLED] * 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("test closing")]


def test_many_sessions_at_once_each_get_their_own_answer(bench: Bench) -> None:
    """Twenty sessions ask five times each from their own threads; every last question is answered, none hangs."""
    lane: Lane[str, str] = Lane("test", lambda request, stop, report: f"answer to {request}", workers=2, keep=500)
    last: dict[int, Job[str, str]] = {}

    def session(number: int) -> None:
        for turn in range(5):
            last[number] = lane.ask(f"session {number}", f"{number}-{turn}", f"{number}-{turn}")

    threads = [threading.Thread(target=session, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert all(lane.wait(job, SOON) for job in last.values())
    assert {number: job.result for number, job in last.items()} == {n: f"answer to {n}-4" for n in range(20)}
    lane.close()
