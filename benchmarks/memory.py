"""Memory of a process and all that it started, sampled: the sum of what is resident, from /proc (Linux)."""

from __future__ import annotations

import os
import threading
from pathlib import Path

EVERY = 0.25  # seconds between two samples
PROC = Path("/proc")


def tree_of(root: int) -> set[int]:
    """A process and all its descendants, as they are now."""
    parents: dict[int, int] = {}
    for place in PROC.glob("[0-9]*"):
        try:
            # The name stands in brackets and may hold anything; the state and the parent follow the last of them.
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue  # it ended meanwhile
    found, todo = {root}, [root]
    while todo:
        parent = todo.pop()
        new = {child for child, its in parents.items() if its == parent} - found
        found |= new
        todo += new
    return found


def resident(processes: set[int]) -> float:
    """MB that some processes hold in memory; what two share counts twice."""
    pages = 0
    for process in processes:
        try:
            pages += int((PROC / str(process) / "statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Sampled:
    """Watches a process tree until left; `most` is then the largest sum (MB), None where the system does not say."""

    def __init__(self, process: int, every: float = EVERY) -> None:
        self.process, self.every = process, every
        self.most: float | None = None
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)

    def __enter__(self) -> Sampled:
        if (PROC / str(self.process)).exists():
            self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._watch.ident is not None:
            self._watch.join()

    def _watched(self) -> None:
        while not self._over.wait(self.every):
            self.most = max(self.most or 0.0, resident(tree_of(self.process)))
