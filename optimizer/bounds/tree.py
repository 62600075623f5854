"""The bound-proving tree beside the search: on a large program it finds no plan, but its root proves more than ours.

Presolve and cuts of the tree take half a minute and can't be broken off in between, so that it works in a process of
its own (optimizer/workers/), which can be ended at any moment. Meanwhile the search has one core to itself, which is
all that it uses. The tree tells bounds only: no plan depends on when they come.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.engine.highs import Engine, Progress, Watch
from optimizer.problem.arrays import Matrix
from optimizer.workers.worker import Task, Worker, WorkerError

POLITE = 5  # added to the niceness of the tree: the search comes first


class Beside:
    """A tree in a process of its own, from the moment it is made until it is ended."""

    def __init__(self, matrix: Matrix, watch: Watch, *, gap: float, seed: int) -> None:
        """Begin.

        Args:
            matrix: the tightened program.
            watch: of the solve; its bound is raised as the tree proves more, and its clock is the tree's, too.
            gap: relative gap at which the tree may stop.
            seed: for the engine.
        """
        self._watch, self._best = watch, -np.inf
        self._worker = Worker("the tree beside the search", dict, POLITE)
        plain = replace(matrix, rows=(), columns=(), group=np.zeros(0, dtype=str))
        seconds = watch.time_limit - watch.elapsed
        task = Task(prove, (plain, gap, seed), progress=self._take, seconds=seconds)
        self._thread = threading.Thread(target=self._listen, args=(task,), daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Stop the tree; gives the best bound that it has proven (points), minus infinity for none."""
        self._worker.end()
        self._thread.join()
        return self._best

    def _listen(self, task: Task[None]) -> None:
        """Take bounds until there are no more; where no process can be started the search goes on alone."""
        with contextlib.suppress(WorkerError):
            self._worker.call(task)

    def _take(self, bound: float) -> None:
        self._best = max(self._best, bound)
        self._watch.raise_bound(self._best)


def prove(
    _: object, matrix: Matrix, gap: float, seed: int, *, progress: Callable[[float], None], cancel: threading.Event
) -> None:
    """Prove bounds of a program in a worker, and tell each that is better than the last one.

    Args:
        _: what the worker opened: nothing.
        matrix: the tightened program.
        gap: relative gap at which to stop.
        seed: for the engine.
        progress: told the bounds (points).
        cancel: set it to stop where the engine can be stopped.
    """
    said = -np.inf

    def say(news: Progress) -> None:
        nonlocal said
        if news.bound is not None and news.bound > said:
            said = news.bound
            progress(said)

    watch = Watch(float("inf"), None, cancel, say)
    engine = Engine(matrix, watch, seed=seed, threads=1)
    engine.set(mip_lp_solver="ipm")  # a quarter of the time of simplex at this root
    watch.raise_bound(engine.mip(gap=gap).bound)
    watch.report(force=True)
