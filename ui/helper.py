"""A process of its own for the solver (optimizer/workers/child.py), spoken to through its standard streams.

Building a program takes Python's lock for seconds and leaves millions of objects for the garbage collector; in the
server's own process every page would wait for both. One call at a time; news come while it runs, and it can be stopped.
A helper that dies is started again by the next call.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from data.dataset import Dataset
from data.levers import Case
from optimizer.bounds.lagrangian import Multipliers
from optimizer.estimates import Bounded, Estimate, Session
from optimizer.plans.plan import Plan
from optimizer.solve import Progress, SolveOptions
from optimizer.workers.child import command

HOME = Path(__file__).resolve().parent.parent
LOOK = 0.05  # seconds between two looks at the stop event
KEPT_SESSIONS = 3  # data sets; a session of the reference set takes some 400 MB
POLITE = 10  # added to the niceness of a process that seeks plans, half of it where estimates are: pages come first
CALL, STOP, NEWS, DONE, FAULT = "call", "stop", "news", "done", "fault"
BOUNDS, PLANS = "bounds", "plans"
Parts = tuple[dict[str, Any], Mapping[str, pd.DataFrame], tuple[str, ...]]


class HelperDied(RuntimeError):
    """The solver's process ended in the middle of a call."""


def parts_of(plan: Plan) -> Parts:
    """A plan without its case, which the other side has."""
    return plan.header, dict(plan.tables), plan.log


# ---- the server's side -------------------------------------------------------------------------------------------


class Helper:
    """The server's end of one helper process."""

    def __init__(self, name: str, polite: int = 0) -> None:
        """Start the process; it gets ready in its own time.

        Args:
            name: of its thread.
            polite: added to the process's niceness.
        """
        self.name, self.polite = name, polite
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._closed = False
        self._start()

    def call(
        self, method: str, *given: Any, stop: threading.Event, report: Callable[[Progress], None] | None = None
    ) -> Any:
        """Have a method of `Work` done.

        Raises:
            HelperDied: the process ended before it was done.
            RuntimeError: the method failed; the text says how.
        """
        with self._turn:
            if self._closed:
                raise HelperDied("the solver's process is closed")
            process = self._start()
            _send(process.stdin, (CALL, (method, given)))
            told = False
            while True:
                if stop.is_set() and not told:
                    _send(process.stdin, (STOP, None))
                    told = True
                try:
                    kind, content = self._news.get(timeout=LOOK)
                except queue.Empty:
                    continue
                if kind == NEWS and report is not None:
                    report(content)
                elif kind == DONE:
                    return content
                elif kind == FAULT:
                    raise RuntimeError(content)
                elif kind == "end":
                    raise HelperDied("the solver's process ended; ask again")

    def close(self) -> None:
        """End the process, whatever it does."""
        self._closed = True
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
        if process is not None:
            process.wait(5)

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._news = queue.SimpleQueue()
        process = subprocess.Popen(
            command("ui.helper", str(self.polite)), cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        reader = threading.Thread(target=_read, args=(process, self._news), name=f"drive5 {self.name}", daemon=True)
        reader.start()
        self._process = process
        return process


def _read(process: subprocess.Popen[bytes], news: queue.SimpleQueue[tuple[str, Any]]) -> None:
    """Put what a helper says into a queue, until it says no more."""
    stream = process.stdout
    with contextlib.suppress(Exception):  # whatever can't be read ends the helper, and the next call starts another
        while stream is not None:
            news.put(pickle.load(stream))
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()
    news.put(("end", None))


def _send(stream: Any, message: tuple[str, Any]) -> None:
    """Say a message, whole or not at all: half of one would make the other side deaf to all that follows."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        stream.write(content)
        stream.flush()
    except (OSError, ValueError) as problem:
        raise HelperDied("the solver's process ended; ask again") from problem


# ---- the helper's side -------------------------------------------------------------------------------------------


class Work:
    """What a helper can do: each method takes what it needs, a stop event and a place for news."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def prime(
        self, case: Case, parts: Parts, what: str, stop: threading.Event, report: Callable[[Progress], None]
    ) -> tuple[Multipliers | None, float]:
        """Open the session of a data set with a plan that is known, and get it ready for BOUNDS or for PLANS.

        Returns:
            The multipliers of what nations share and the bound of the case, for other helpers.
        """
        session = self._session(case.base, Plan(*parts[:2], case, parts[2]))
        session.prime(case, cancel=stop, bounds=what == BOUNDS, plans=what == PLANS)
        return session.memory.multipliers, session.memory.bound

    def take(
        self, case: Case, parts: Parts, known: tuple[Multipliers | None, float], stop: threading.Event,
        report: Callable[[Progress], None],
    ) -> bool:  # fmt: skip
        """Open the session of a data set with a plan and what another helper's relaxation came to."""
        self._session(case.base, Plan(*parts[:2], case, parts[2])).take(case, *known)
        return True

    def know(self, case: Case, parts: Parts, stop: threading.Event, report: Callable[[Progress], None]) -> bool:
        """Open the session of a data set with a plan to start from."""
        self._session(case.base, Plan(*parts[:2], case, parts[2]))
        return True

    def bound(self, case: Case, stop: threading.Event, report: Callable[[Progress], None]) -> Bounded:
        """The first part of an estimate."""
        return self._session(case.base).bound(case, cancel=stop)

    def estimate(
        self, case: Case, bound: float | None, stop: threading.Event, report: Callable[[Progress], None]
    ) -> tuple[float, float | None, Parts | None, str, float]:
        """An estimate: its bound, value, plan, why it was built anew and seconds."""
        found = self._session(case.base).estimate(case, cancel=stop, bound=bound)
        parts = None if found.plan is None else parts_of(found.plan)
        return found.bound, found.value, parts, found.rebuilt, found.seconds

    def prove(
        self, case: Case, options: SolveOptions, stop: threading.Event, report: Callable[[Progress], None]
    ) -> Parts:
        """The best plan within the options."""
        return parts_of(self._session(case.base).solve(case, options=options, progress=report, cancel=stop))

    def _session(self, dataset: Dataset, plan: Plan | None = None) -> Session:
        found = self._sessions.get(dataset.sha256)
        if found is None:
            found = self._sessions[dataset.sha256] = Session(dataset, plan=plan)
            while len(self._sessions) > KEPT_SESSIONS:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(dataset.sha256)
        return found


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Do one call after the other until the source ends; a stop that comes in between reaches the call that runs."""
    calls: queue.SimpleQueue[tuple[str, tuple[Any, ...]] | None] = queue.SimpleQueue()
    stop = threading.Event()
    speaking = threading.Lock()

    def say(kind: str, content: Any) -> None:
        with speaking:
            _send(sink, (kind, content))

    def listen() -> None:
        with contextlib.suppress(Exception):
            while True:
                kind, content = pickle.load(source)
                if kind == STOP:
                    stop.set()
                else:
                    stop.clear()
                    calls.put(content)
        os._exit(0)  # the server is gone, or can't be understood: nobody waits for what is being worked out

    threading.Thread(target=listen, daemon=True).start()
    work = Work()
    while (call := calls.get()) is not None:
        method, given = call
        try:
            say(DONE, getattr(work, method)(*given, stop, lambda news: say(NEWS, news)))
        except HelperDied:  # nobody listens any more
            return
        except Exception as problem:  # said to the server, which shows it; the helper goes on
            say(FAULT, " ".join(f"{type(problem).__name__}: {problem}".split()))


def main(source: BinaryIO, sink: BinaryIO, polite: str = "0") -> None:
    """Serve; ``polite`` is added to the niceness of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which ends its helpers
    if hasattr(os, "nice"):
        os.nice(int(polite))
    serve(source, sink)


__all__ = ["BOUNDS", "PLANS", "POLITE", "Bounded", "Estimate", "Helper", "HelperDied", "Parts", "Work", "parts_of"]
