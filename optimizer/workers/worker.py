"""A process of its own that does tasks, one at a time: the one protocol of all processes that solve.

Building a program takes Python's lock for seconds, and the cuts of a tree can't be broken off: both belong in a process
that can be cancelled, ended and started again. It is spawned, never forked, since threads and solvers don't outlive a
fork, and what is sent goes through connections of `multiprocessing`. A task carries its cancel, progress and limit.
"""

from __future__ import annotations

import atexit
import contextlib
import math
import multiprocessing
import os
import pickle
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import spawn
from multiprocessing.connection import Connection, Pipe
from typing import Any, Generic, TypeVar

from optimizer.workers.serving import CANCEL, DONE, NEWS, Sent, serve

LOOK = 0.05  # seconds between two looks at the cancel event
GRACE = 5.0  # seconds that an ended process may take to be gone
SPAWN = multiprocessing.get_context("spawn")
Result = TypeVar("Result")


class WorkerError(RuntimeError):
    """A task has no answer."""


class WorkerFault(WorkerError):
    """The task failed; the text says how in one line, `trace` where. The worker goes on."""

    def __init__(self, text: str, trace: str) -> None:
        """Say it as the worker did."""
        super().__init__(text)
        self.trace = trace
        self.add_note(f"in the worker:\n{trace}")

    def __reduce__(self) -> tuple[type[WorkerFault], tuple[str, str]]:
        """A fault of a worker's worker travels, too."""
        return type(self), (str(self), self.trace)


class WorkerDied(WorkerError):
    """The worker can't be started, or ended before it answered; the next task starts it again."""


@dataclass(frozen=True)
class Task(Generic[Result]):
    """What a worker is to do.

    Attributes:
        do: a function of a module, called in the worker as ``do(resident, *given, progress=..., cancel=...)``.
        given: its arguments, which must be picklable.
        cancel: set it to stop; what the task then answers is its own affair.
        progress: told the task's news, in the thread that calls.
        seconds: after which the worker cancels the task by itself.
    """

    do: Callable[..., Result]
    given: tuple[Any, ...] = ()
    cancel: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[Any], None] | None = None
    seconds: float = math.inf


class _Gone(Exception):
    """The other side ended, or can't be understood; the text says which, if it is known."""


@dataclass
class _Line:
    """A running process, the parent's end of its connection, and how many tasks were sent through it."""

    process: multiprocessing.process.BaseProcess
    connection: Connection
    sent: int = 0

    def tell(self, message: bytes) -> None:
        """Send a message, whole."""
        try:
            self.connection.send_bytes(message)
        except OSError as problem:
            raise _Gone from problem

    def hear(self) -> tuple[str, int, Any] | None:
        """What came (kind, number of the task, content), or None after a moment in which nothing did."""
        try:
            if not self.connection.poll(LOOK):
                return None
            message = self.connection.recv_bytes()
        except (EOFError, OSError) as problem:
            raise _Gone from problem
        try:
            kind, number, content = pickle.loads(message)
        except Exception as problem:  # whatever unpickling met: this process is given up
            raise _Gone(f"said what can't be read ({type(problem).__name__}: {problem})") from problem
        return kind, number, content

    def kill(self, patience: float = 0.0) -> None:
        """End the process and wait until it is gone; one that ends by itself has its ``patience`` (seconds) for it."""
        if patience:
            self.process.join(patience)
        self.process.kill()
        self.process.join(GRACE)


class Worker:
    """A process that does tasks; every method may be called from any thread."""

    def __init__(self, name: str, opens: Callable[[], Any], polite: int = 0) -> None:
        """A worker that is not yet started.

        Args:
            name: of the process, for what is said of it.
            opens: a class or function of a module; what it gives in the worker, the resident, outlives single tasks.
            polite: added to the niceness of the process.
        """
        self.name, self.polite = name, polite
        self._opens = pickle.dumps(opens)
        self._turn = threading.RLock()
        self._line: _Line | None = None
        self._ended = False

    @property
    def pid(self) -> int | None:
        """Of the running process; None where none runs."""
        line = self._line
        return line.process.pid if line is not None and line.process.is_alive() else None

    def start(self) -> None:
        """Start the process, if it does not run; it gets ready in its own time.

        Raises:
            WorkerDied: it can't be started, or was ended for good.
        """
        with self._turn:
            self._ready()

    def call(self, task: Task[Result]) -> Result:
        """Have a task done, after those that came before it.

        Raises:
            WorkerFault: it failed.
            WorkerDied: the process ended before it was done.
        """
        with self._turn:
            line = self._ready()
            message = pickle.dumps(Sent(task.do, task.given, task.seconds), protocol=pickle.HIGHEST_PROTOCOL)
            try:
                line.sent += 1
                line.tell(message)
                answer: Result = _answer(line, task)
            except _Gone as problem:
                raise self._died(line, str(problem)) from problem
            return answer

    def end(self) -> None:
        """End the process for good, whatever it does; a task under way has no answer."""
        self._ended = True
        until = time.monotonic() + GRACE
        while not self._turn.acquire(timeout=LOOK):
            if (line := self._line) is not None:
                line.kill()  # whoever waits for an answer learns it at once, and leaves
            if time.monotonic() > until:
                return
        try:
            self._drop()
        finally:
            self._turn.release()

    def _ready(self) -> _Line:
        if self._line is not None and not self._ended and self._line.process.is_alive():
            return self._line
        self._drop()
        try:
            self._line = _started(self)
        except OSError as problem:
            raise WorkerDied(f"{self.name}: no process can be started ({problem}); free memory, ask again") from problem
        return self._line

    def _drop(self, patience: float = 0.0) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.kill(patience)
            line.connection.close()

    def _died(self, line: _Line, how: str) -> WorkerDied:
        """What became of the process, which is gone from here on."""
        self._drop(0.0 if how else 1.0)
        if self._ended:
            return WorkerDied(f"{self.name}: the process was ended while it worked; open another worker")
        how = how or f"ended before it answered (exit code {line.process.exitcode})"
        return WorkerDied(f"{self.name}: the process {how}; ask again, it is started anew")


def _answer(line: _Line, task: Task[Any]) -> Any:
    """Pass news on and wait for the answer; what an earlier task still says is passed over."""
    told = False
    while True:
        if task.cancel.is_set() and not told:
            told = True
            line.tell(CANCEL)
        message = line.hear()
        if message is None or message[1] != line.sent:
            continue
        kind, _, content = message
        if kind == DONE:
            return content
        if kind != NEWS:
            raise WorkerFault(*content)
        if task.progress is not None:
            try:
                task.progress(content)
            except BaseException:
                with contextlib.suppress(_Gone):
                    line.tell(CANCEL)  # nobody listens to this task any more
                raise


# ---- starting ----------------------------------------------------------------------------------------------------


_STARTING = threading.Lock()
_LIVE: weakref.WeakSet[Worker] = weakref.WeakSet()
_OVER = threading.Event()  # this process is ending


def _started(worker: Worker) -> _Line:
    with _STARTING:
        if worker._ended or _OVER.is_set():
            raise WorkerDied(f"{worker.name}: the process was ended for good; open another worker")
        _LIVE.add(worker)
        _take_standard_streams()
        here, there = Pipe()
        with there, _unheard_by_ctrl_c(), _main_left_alone():
            process = SPAWN.Process(target=serve, args=(there, worker._opens, worker.polite), name=worker.name)
            try:
                process.start()
            except BaseException:
                here.close()
                raise
        return _Line(process, here)


@atexit.register
def _end_all() -> None:
    """Before `multiprocessing` waits for its processes, at the end of this one: none is left to wait for."""
    with _STARTING:
        _OVER.set()
    for worker in list(_LIVE):
        worker.end()


@contextlib.contextmanager
def _main_left_alone() -> Iterator[None]:
    """A process started meanwhile does not run this one's main module again, as spawned ones do.

    That module is a page's script, a command or a test runner; nothing of it is ever sent to a worker.
    """
    honest, here = spawn.get_preparation_data, threading.get_ident()

    def without_main(name: str) -> dict[str, Any]:
        found = honest(name)
        if threading.get_ident() == here:
            found = {key: value for key, value in found.items() if not key.startswith("init_main")}
        return found

    spawn.get_preparation_data = without_main
    try:
        yield
    finally:
        spawn.get_preparation_data = honest


@contextlib.contextmanager
def _unheard_by_ctrl_c() -> Iterator[None]:
    """A process started meanwhile never hears Ctrl-C, not even while it is only getting ready."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it would lift the mask when it is started for the first process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _take_standard_streams() -> None:
    """Where a standard stream is closed, a connection would get its number, and with it all that is printed."""
    while (taken := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(taken, True)  # or the worker would meet the same
    os.close(taken)
