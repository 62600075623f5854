"""Work that outlives a page: a lane is a queue with its own threads, shared by every session of the process.

A job belongs to those who asked for it (its owners) and is found again by its key, so that a page that was reloaded, or
another session with the same question, gets the same job. An owner wants one thing of a lane at a time: asking for
something newer gives up what was asked before, and a job that nobody wants any more leaves the queue or is stopped.

Whoever has waited longest comes next. A newer question takes the turn of the owner's queued one, so that moving on
while one waits costs no time; once a question was begun, the owner's next one queues behind those without a turn yet.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from optimizer.engine.journal import Progress

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
OPEN = (QUEUED, RUNNING)
LOOK = 0.2  # seconds between two looks whether a job that is held back may begin

LOG = logging.getLogger(__name__)
Request = TypeVar("Request")
Result = TypeVar("Result")
Report = Callable[[Progress], None]


@dataclass(eq=False)
class Job(Generic[Request, Result]):
    """One piece of work.

    Attributes:
        key: the question it answers.
        request: what the lane's work needs.
        owners: sessions that wait for it.
        state: queued, running, done, failed or cancelled.
        progress: the latest news of the solver.
        result: what it found, once done.
        fault: one line of why it failed.
        taken: stopped by a planner to whom what is there is good enough.
        refused: stopped by a planner who wants nothing of it.
        asked: since when its owners wait, on the clock of `time.monotonic`; the earliest comes next.
    """

    key: str
    request: Request
    owners: set[str]
    state: str = QUEUED
    progress: Progress | None = None
    result: Result | None = None
    fault: str = ""
    trace: str = ""
    taken: bool = False
    refused: bool = False
    asked: float = field(default_factory=time.monotonic)
    started: float | None = None
    ended: float | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        if self.started is None:
            return 0.0
        return (self.ended or time.monotonic()) - self.started


@dataclass(frozen=True)
class Place:
    """Where a queued job stands: `ahead` jobs before it, `seconds` until it likely starts, `done` until it ends."""

    ahead: int
    seconds: float
    done: float


class Lane(Generic[Request, Result]):
    """A queue of jobs and the threads that do them."""

    def __init__(
        self,
        name: str,
        work: Callable[[Request, threading.Event, Report], Result],
        *,
        workers: int = 1,
        keep: int = 64,
        usual_seconds: float = 1.0,
        then: Callable[[Job[Request, Result]], None] | None = None,
        held: Callable[[Job[Request, Result]], bool] | None = None,
    ) -> None:
        """Start the threads.

        Args:
            name: of the threads.
            work: does a request; watches the event and reports progress.
            workers: jobs done at the same time.
            keep: finished jobs that are remembered, the newest.
            usual_seconds: what a job is expected to take before any has been measured.
            then: called, outside the lock, with each job that has its result, before its state says so.
            held: whether a queued job must not begin yet; asked again every moment.
        """
        self._work, self._keep, self._then = work, keep, then
        self._held = held or (lambda job: False)
        self._usual = usual_seconds
        self._jobs: OrderedDict[str, Job[Request, Result]] = OrderedDict()
        self._queue: list[Job[Request, Result]] = []
        self._change = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name} {number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, owner: str, key: str, request: Request) -> Job[Request, Result]:
        """The job that answers this key, made if there is none; what this owner asked before is given up."""
        with self._change:
            since = self._leave(owner, but=key)
            job = self._jobs.get(key)
            if job is None or job.state in (FAILED, CANCELLED) or (job.stop.is_set() and not job.taken):
                job = Job(key, request, {owner})
                self._jobs[key] = job
                self._queue.append(job)
                self._forget()
            job.owners.add(owner)
            if since < job.asked:
                job.asked = since
            self._queue.sort(key=lambda one: one.asked)
            self._jobs.move_to_end(key)
            self._change.notify_all()
            return job

    def find(self, key: str) -> Job[Request, Result] | None:
        """The job of a key, if it is known."""
        with self._change:
            return self._jobs.get(key)

    def leave(self, owner: str) -> None:
        """This owner waits for nothing any more."""
        with self._change:
            self._leave(owner, but=None)
            self._change.notify_all()

    def cancel(self, key: str) -> None:
        """Stop a job and keep nothing of it."""
        with self._change:
            job = self._jobs.get(key)
            if job is not None and job.state in OPEN:
                job.refused = True
                self._drop(job)
            self._change.notify_all()

    def take(self, key: str) -> None:
        """Stop a running job; what it has found by then is its answer."""
        with self._change:
            job = self._jobs.get(key)
            if job is not None and job.state == RUNNING:
                job.taken = True
                job.stop.set()

    def place(self, key: str) -> Place | None:
        """Where a queued job stands; None where it is not queued."""
        with self._change:
            job = self._jobs.get(key)
            if job is None or job not in self._queue:
                return None
            ahead = self._queue.index(job)
            running = [one for one in self._jobs.values() if one.state == RUNNING]
            rest = sum(max(0.0, self._usual - one.seconds) for one in running)
            wait = (rest + ahead * self._usual) / len(self._threads)
            return Place(ahead + len(running), wait, wait + self._usual)

    def waiting(self) -> int:
        """Jobs that are queued or running."""
        with self._change:
            return sum(job.state in OPEN for job in self._jobs.values())

    def close(self, seconds: float = 5.0) -> None:
        """Stop everything and wait a moment for the threads."""
        with self._change:
            self._closed = True
            for job in list(self._jobs.values()):
                if job.state in OPEN:
                    self._drop(job)
            self._change.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _leave(self, owner: str, but: str | None) -> float:
        """Give up what an owner asked; gives since when the owner has waited for a turn."""
        since = time.monotonic()
        for job in list(self._jobs.values()):
            if owner in job.owners and job.key != but and job.state in OPEN:
                if job.state == QUEUED:
                    since = min(since, job.asked)
                job.owners.discard(owner)
                if not job.owners and not job.taken:
                    self._drop(job)
        return since

    def _drop(self, job: Job[Request, Result]) -> None:
        job.stop.set()
        if job in self._queue:
            self._queue.remove(job)
            job.state, job.ended = CANCELLED, time.monotonic()

    def _forget(self) -> None:
        finished = [key for key, job in self._jobs.items() if job.state not in OPEN]
        for key in finished[: max(0, len(finished) - self._keep)]:
            del self._jobs[key]

    def _serve(self) -> None:
        while True:
            with self._change:
                while (job := self._next()) is None and not self._closed:
                    self._change.wait(LOOK if self._queue else None)
                if self._closed or job is None:
                    return
                self._queue.remove(job)
                job.state, job.started = RUNNING, time.monotonic()
            self._do(job)

    def _next(self) -> Job[Request, Result] | None:
        """The job that has waited longest of those that may begin."""
        return next((job for job in self._queue if not self._held(job)), None)

    def _do(self, job: Job[Request, Result]) -> None:
        def report(news: Progress) -> None:
            job.progress = news

        result, fault, trace = None, "", ""
        try:
            result = self._work(job.request, job.stop, report)
        except Exception as problem:  # a lane lives on whatever a job does; the page says what went wrong
            fault = " ".join(f"{type(problem).__name__}: {problem}".split())
            trace = traceback.format_exc()
        if result is not None and (job.taken or not job.stop.is_set()):
            job.result = result
            self._follow(job)  # before the job is over: whoever sees it done sees what follows from it, too
        with self._change:
            job.ended = time.monotonic()
            if job.result is not None:
                job.state = DONE
                self._usual = 0.5 * self._usual + 0.5 * job.seconds
            elif job.stop.is_set() and not job.taken:
                job.state = CANCELLED
            else:
                job.state, job.fault, job.trace = FAILED, fault or "the work ended without a result", trace
            self._change.notify_all()

    def _follow(self, job: Job[Request, Result]) -> None:
        if self._then is None:
            return
        try:
            self._then(job)
        except Exception:  # what follows a job must not end the thread: every later question would hang
            LOG.exception("what follows a job failed")

    def wait(self, job: Job[Request, Result], seconds: float) -> bool:
        """Wait until a job has ended; False where it has not by then."""
        with self._change:
            return self._change.wait_for(lambda: job.state not in OPEN, timeout=seconds)
