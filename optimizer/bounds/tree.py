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

from optimizer.bounds.relaxation import proven, relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.pool import Pool
from optimizer.problem.arrays import Matrix
from optimizer.workers.worker import Task, Worker, WorkerError

POLITE = 5  # added to the niceness of the tree: the search comes first


class Tree:
    """A tree in a process of its own, from the moment it is made until it is ended."""

    def __init__(
        self, matrix: Matrix, pool: Pool, budget: Budget, *, gap: float, seed: int, relaxed_first: bool = False
    ) -> None:
        """Begin.

        Args:
            matrix: the tightened program.
            pool: told of every better bound.
            budget: of the solve; its clock is the tree's, too.
            gap: relative gap at which the tree may stop.
            seed: for the engine.
            relaxed_first: whether the relaxation alone is solved before the tree, whose root may need twice as long.
        """
        self._pool = pool
        self._worker = Worker("the tree beside the search", dict, POLITE)
        plain = replace(matrix, rows=(), columns=(), group=np.zeros(0, dtype=str))
        task = Task(
            prove, (plain, gap, seed, relaxed_first), progress=self._take, seconds=budget.seconds - budget.elapsed
        )
        self._thread = threading.Thread(target=self._listen, args=(task,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop the tree."""
        self._worker.end()
        self._thread.join()

    def _listen(self, task: Task[None]) -> None:
        """Take bounds until there are no more; where no process can be started the search goes on alone."""
        with contextlib.suppress(WorkerError):
            self._worker.call(task)

    def _take(self, bound: float) -> None:
        self._pool.prove(bound, "tree")


def prove(
    _: object, matrix: Matrix, gap: float, seed: int, relaxed_first: bool, *, progress: Callable[[float], None],
    cancel: threading.Event,
) -> None:  # fmt: skip
    """Prove bounds of a program in a worker, and tell each that is better than the last one.

    Args:
        _: what the worker opened: nothing.
        matrix: the tightened program.
        gap: relative gap at which to stop.
        seed: for the engine.
        relaxed_first: whether the relaxation alone is solved before.
        progress: told the bounds (points).
        cancel: set it to stop where the engine can be stopped.
    """
    said = -np.inf

    def say(_: float | None, bound: float | None) -> None:
        nonlocal said
        if bound is not None and bound > said:
            said = bound
            progress(said)

    budget = Budget(float("inf"), None, cancel)
    if relaxed_first:
        say(None, proven(matrix, relaxed(matrix, budget, matrix.lower, matrix.upper, seed)))
    engine = Engine(matrix, budget, seed=seed, threads=1, ear=say)
    engine.set(mip_lp_solver="ipm")  # a quarter of the time of simplex at this root
    say(None, engine.mip(gap=gap).bound)
