"""The second core: the relaxation beside the search, then dives for it, then the tree that proves bounds.

On a large program the relaxation takes half a minute, in which the search betters a plan from nothing; what the
relaxation gives is a far better plan. The tree finds none, but its root proves more than the relaxation does. Its
presolve and cuts can't be broken off in between, so that all of this is done in a process of its own
(optimizer/workers/), which can be ended at any moment. The bounds come when they come: no plan depends on them.
"""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.keys import Keys
from optimizer.bounds.relaxation import proven, relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.by_nation import Found, nations_whole
from optimizer.finders.candidate import Candidate
from optimizer.instance import Instance, Sizes
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats, Matrix
from optimizer.workers.serving import politely
from optimizer.workers.worker import Task, Worker, WorkerError

POLITE = 5  # added to the niceness of the tree: the search comes first, but waits for the relaxation and the dives


@dataclass
class Resident:
    """What the process keeps from one task to the next."""

    instance: Instance | None = None


class Beside:
    """A process beside the search, from the moment it is made until it is ended.

    Attributes:
        relaxed: set when the relaxation is there, or when there will be none.
        relaxation: what it came to; None until then, and where there is none.
        seconds: that it took, by the clock.
    """

    def __init__(self, instance: Instance, pool: Pool, budget: Budget, *, gap: float) -> None:
        """Begin with the relaxation.

        Args:
            instance: the tightened program.
            pool: told of every better bound.
            budget: of the solve; its clock is this process's, too.
            gap: relative gap at which the tree may stop.
        """
        self.relaxed = threading.Event()
        self.relaxation: Outcome | None = None
        self.seconds = math.inf
        self._instance, self._pool, self._budget, self._gap = instance, pool, budget, gap
        self._asked: queue.SimpleQueue[tuple[Floats, list[int], bool] | None] = queue.SimpleQueue()
        self._found: list[Found] = []
        self._dived = threading.Event()
        self._worker = Worker("the process beside the search", Resident)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def dive(self, nations: Sequence[int], x: Floats, careful: bool) -> None:
        """Have some nations' own decisions made whole, all others at the values ``x``."""
        self._asked.put((x, list(nations), careful))

    def dived(self, until: float) -> list[Found]:
        """What came of the dives asked for by a time (seconds since solving began): the rest is not waited for."""
        while not self._dived.wait(0.05) and not self._budget.late(until):
            pass
        return list(self._found)

    def go_on(self) -> None:
        """No dives are asked for (any more): prove."""
        self._asked.put(None)

    def end(self) -> None:
        """Stop whatever is being done."""
        self.go_on()
        self._worker.end()
        self._thread.join()

    def _work(self) -> None:
        """Task by task; where no process can be started, or it dies, the search goes on alone."""
        with contextlib.suppress(WorkerError):
            self._relax()
            while (asked := self._asked.get()) is not None:
                self._worker.call(Task(dive_into, asked, progress=self._found.append, seconds=self._left))
                self._dived.set()
            self._worker.call(Task(give_way, (POLITE,)))
            self._worker.call(Task(prove, (self._gap,), progress=self._take, seconds=self._left))
        self.relaxed.set()
        self._dived.set()

    def _relax(self) -> None:
        begun = time.perf_counter()
        one = self._instance
        outcome = self._worker.call(Task(relax, (one.matrix, one.keys, one.seed, one.sizes), seconds=self._left))
        self.seconds = time.perf_counter() - begun
        if outcome.termination is Termination.PROVEN and outcome.x is not None:
            outcome = replace(outcome, bound=proven(one.matrix, outcome))
            self._pool.prove(outcome.bound, "relaxation")
        self.relaxation = outcome
        self.relaxed.set()

    @property
    def _left(self) -> float:
        return self._budget.seconds - self._budget.elapsed

    def _take(self, bound: float) -> None:
        self._pool.prove(bound, "tree")


def relax(
    here: Resident, matrix: Matrix, keys: Keys, seed: int, sizes: Sizes, *,
    progress: Callable[[object], None], cancel: threading.Event,
) -> Outcome:  # fmt: skip
    """The relaxation of a program, in a worker, which keeps the program.

    Args:
        here: what the worker keeps.
        matrix: the tightened program.
        keys: its indices.
        seed: for the engine.
        sizes: what counts as small and large.
        progress: not told anything.
        cancel: set it to stop where the engine can be stopped.
    """
    here.instance = Instance(matrix, keys, seed, sizes)
    return relaxed(matrix, Budget(math.inf, None, cancel), matrix.lower, matrix.upper, seed)


def dive_into(
    here: Resident, x: Floats, nations: Sequence[int], careful: bool, *, progress: Callable[[Found], None],
    cancel: threading.Event,
) -> None:  # fmt: skip
    """Make some nations' own decisions whole, in a worker, and tell each as it is found.

    Args:
        here: with the program.
        x: values by column of the elastic program: what all others stand at.
        nations: by number.
        careful: whether a rounding that violates more than before is taken back.
        progress: told a nation's columns and values.
        cancel: set it to stop.
    """
    if here.instance is not None:
        for found in nations_whole(Candidate(here.instance, x), nations, Budget(math.inf, None, cancel), careful):
            if found is not None:
                progress(found)


def give_way(
    here: Resident, more: int, *, progress: Callable[[object], None], cancel: threading.Event
) -> None:  # fmt: skip
    """Let the search come first from now on.

    Args:
        here: what the worker keeps.
        more: added to the niceness of the worker.
        progress: not told anything.
        cancel: not looked at.
    """
    politely(more)


def prove(
    here: Resident, gap: float, *, progress: Callable[[float], None], cancel: threading.Event,
) -> None:  # fmt: skip
    """Prove bounds of the worker's program by a tree, and tell each that is better than the last one.

    Args:
        here: with the program.
        gap: relative gap at which to stop.
        progress: told the bounds (points).
        cancel: set it to stop where the engine can be stopped.
    """
    if here.instance is None:
        return
    said = -np.inf

    def say(_: float | None, bound: float | None) -> None:
        nonlocal said
        if bound is not None and bound > said:
            said = bound
            progress(said)

    engine = Engine(here.instance.matrix, Budget(math.inf, None, cancel), seed=here.instance.seed, threads=1, ear=say)
    engine.set(mip_lp_solver="ipm")  # a quarter of the time of simplex at this root
    say(None, engine.mip(gap=gap).bound)
