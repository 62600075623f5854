"""A worker's own side: it takes one task after the other, tells news and answers, and ends with its parent.

Messages go through a connection of `multiprocessing`, so that what libraries print (HiGHS greets, and logs if asked to)
disturbs none; it goes to the error stream, since the standard output is the parent's (`--json`).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

CANCEL = b"cancel"  # no pickle begins so
NEWS, DONE, FAULT = "news", "done", "fault"


@dataclass(frozen=True)
class Sent:
    """A task as it travels.

    Attributes:
        do: called as ``do(resident, *given, progress=..., cancel=...)``.
        given: its arguments.
        seconds: after which the task is cancelled by the worker itself.
    """

    do: Callable[..., Any]
    given: tuple[Any, ...]
    seconds: float


class Inbox:
    """Tasks in the order in which they came, each with the event that cancels it."""

    def __init__(self, connection: Connection) -> None:
        """Listen from now on, whatever else this process does."""
        self._connection = connection
        self._tasks: queue.SimpleQueue[tuple[bytes, threading.Event]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="drive5 inbox", daemon=True).start()

    def take(self) -> tuple[bytes, threading.Event]:
        """The next task, awaited."""
        return self._tasks.get()

    def _listen(self) -> None:
        cancel = threading.Event()
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = self._connection.recv_bytes()
                if message == CANCEL:
                    cancel.set()
                else:
                    cancel = threading.Event()
                    self._tasks.put((message, cancel))
        os._exit(0)  # the parent is gone, however it went: nobody waits for what is being worked out


def serve(connection: Connection, opens: bytes, polite: int) -> None:
    """Do tasks until the parent is gone.

    Args:
        connection: to the parent.
        opens: pickle of what makes the resident that every task gets first.
        polite: added to the niceness of this process.
    """
    _settle(polite)
    inbox = Inbox(connection)
    resident: Any = None
    unopened: tuple[str, str] | None = None
    try:
        resident = pickle.loads(opens)()
    except Exception as problem:
        unopened = _told(problem)
    number = 0
    while True:
        task, cancel = inbox.take()
        number += 1
        if unopened is None:
            _do(connection, number, resident, task, cancel)
        else:
            _send(connection, (FAULT, number, unopened))


def _do(connection: Connection, number: int, resident: Any, task: bytes, cancel: threading.Event) -> None:
    """One task; whatever fails in it is told, and the worker goes on."""
    speaking = threading.Lock()

    def say(kind: str, content: Any) -> None:
        with speaking:
            _send(connection, (kind, number, content))

    clock: threading.Timer | None = None
    try:
        sent: Sent = pickle.loads(task)
        if sent.seconds <= threading.TIMEOUT_MAX:
            clock = threading.Timer(max(0.0, sent.seconds), cancel.set)
            clock.daemon = True
            clock.start()
        say(DONE, sent.do(resident, *sent.given, progress=lambda news: say(NEWS, news), cancel=cancel))
    except Exception as problem:
        say(FAULT, _told(problem))
    finally:
        if clock is not None:
            clock.cancel()


def _send(connection: Connection, message: tuple[str, int, Any]) -> None:
    try:
        connection.send(message)
    except OSError:
        os._exit(0)  # the parent is gone


def _told(problem: Exception) -> tuple[str, str]:
    """One line of what went wrong, and where."""
    return " ".join(f"{type(problem).__name__}: {problem}".split()), traceback.format_exc()


def _settle(polite: int) -> None:
    """Leave the parent's output alone, its Ctrl-C too, and give way to others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends its workers
    if "fork" in multiprocessing.get_all_start_methods():
        # Locks that libraries make (Pyomo's) have no name then, which would be complained of once a worker is ended.
        # Nothing is forked: a worker's own workers are spawned, too.
        multiprocessing.set_start_method("fork", force=True)
    try:
        os.dup2(2, 1)
    except OSError:  # there is no error stream
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
    sys.stdout = sys.stderr  # also where the parent has no output
    politely(polite)


def politely(more: int) -> None:
    """Let other processes come first from now on.

    Args:
        more: added to the niceness of this process; systems without it leave it as it is.
    """
    if hasattr(os, "nice"):
        os.nice(more)
