"""What workers do in tests: functions of a module, as a worker takes them; and processes as the system tells them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Say = Callable[[Any], None]
LINES = 20_000


def sleepy() -> dict[str, int]:
    """Something that is slow to open."""
    time.sleep(3.0)
    return {}


def broken() -> None:
    raise ValueError("the shop is closed")


def add(kept: dict[str, int], number: int, *, progress: Say, cancel: threading.Event) -> int:
    """Adds up what came before, and says each part."""
    kept["sum"] = kept.get("sum", 0) + number
    progress(number)
    return kept["sum"]


def wait(_: object, *, progress: Say, cancel: threading.Event) -> str:
    """Says that it has begun, then waits until it is cancelled."""
    progress("begun")
    return "cancelled" if cancel.wait(60) else "nobody came"


def busy(_: object, *, progress: Say, cancel: threading.Event) -> None:
    """Says that it has begun, then keeps Python's lock busy and hears of nothing."""
    progress("begun")
    while True:
        sum(range(1000))


def fail(_: object, *, progress: Say, cancel: threading.Event) -> None:
    raise KeyError("two\nlines")


def unsayable(_: object, *, progress: Say, cancel: threading.Event) -> object:
    return threading.Lock()


def die(_: object, *, progress: Say, cancel: threading.Event) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(_: object, *, progress: Say, cancel: threading.Event) -> None:
    sys.exit(3)


def main_module(_: object, *, progress: Say, cancel: threading.Event) -> str | None:
    """The file of this process's main module, None for none."""
    return getattr(sys.modules["__main__"], "__file__", None)


def lock(kept: dict[str, object], *, progress: Say, cancel: threading.Event) -> str:
    """Makes a lock of multiprocessing, as Pyomo does when it is imported."""
    kept["lock"] = multiprocessing.Lock()
    return "locked"


def printed(_: object, how: str, *, progress: Say, cancel: threading.Event) -> str:
    """Prints a lot in one of three ways, and answers."""
    if how == "print":
        for line in range(LINES):
            print(f"a line too many {line}")  # noqa: T201 (what is tested)
    elif how == "os.write":
        for line in range(LINES):
            os.write(1, f"a line too many {line}\n".encode())
    else:
        import highspy

        for _ in range(200):
            highs = highspy.Highs()
            highs.setOptionValue("log_to_console", True)
            highs.addVar(0.0, 1.0)
            highs.changeColCost(0, -1.0)
            highs.run()
    return "answered"


class Unsendable:
    """Breaks off while it is being sent, after megabytes that came before it."""

    def __reduce__(self) -> str:
        raise RuntimeError("it changed while it was sent")


class Unreadable:
    """Can be sent; who reads it fails."""

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return broken, ()


def unreadable(_: object, *, progress: Say, cancel: threading.Event) -> object:
    return Unreadable()


# ---- processes ---------------------------------------------------------------------------------------------------


def descendants(pid: int) -> set[int]:
    """Processes that a process has begun, and those that they have (Linux)."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def running(pids: set[int]) -> set[int]:
    """Those of some processes that are neither gone nor dead."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            found.add(pid)
    return found


def gone(pids: set[int], seconds: float) -> bool:
    """Whether processes end within some seconds."""
    until = time.monotonic() + seconds
    while left := running(pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return not left
