"""The process beside the search: relaxation, dives, bounds; it ends when told and with the clock, where it is asked."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer import beside
from optimizer import solve as solving
from optimizer.beside import Beside
from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.instance import Instance, Sizes
from optimizer.pool import Pool
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened
from optimizer.solve import SolveOptions, solve
from optimizer.strategy import Strategy
from optimizer.workers import worker as workers
from optimizer.workers.worker import WorkerDied
from tests import worker_tasks
from tests.cases import TINY

BEST = 13.375  # the hand-worked optimum of data/tiny


def tight() -> Instance:
    program = build(apply(load(TINY)))
    return Instance(tightened(compile_program(program).matrix, program.keys), program.keys)


def begun_with(seconds: float = 60.0) -> tuple[Beside, Pool]:
    """A process that has begun and is to go on to the tree, and the pool that it tells."""
    budget = Budget(seconds)
    pool = Pool(budget, Journal(lambda: budget.elapsed))
    begun = Beside(tight(), pool, budget, gap=0.0)
    begun.go_on()
    return begun, pool


def test_its_bound_reaches_the_optimum_of_a_small_program_and_no_further() -> None:
    begun, pool = begun_with()
    until = time.monotonic() + 120
    while (pool.bound is None or pool.bound < BEST - 1e-4) and time.monotonic() < until:
        time.sleep(0.02)
    begun.end()
    assert pool.bound == pytest.approx(BEST, abs=1e-4)


def deaf(*given: Any, **named: Any) -> None:
    """Stands for a tree in the middle of its cuts, which hears nothing."""
    worker_tasks.busy(*given[:1], **named)


def test_it_ends_at_once_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = threading.Event()
    monkeypatch.setattr(beside, "prove", deaf)
    monkeypatch.setattr(Beside, "_take", lambda self, bound: busy.set())
    begun, _ = begun_with()
    assert busy.wait(60)
    since = time.monotonic()
    begun.end()
    assert time.monotonic() - since < 5
    assert begun._worker.pid is None


def test_its_clock_is_that_of_the_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solve has no time left the tree ends by itself, long before its proof."""
    monkeypatch.setattr(beside, "prove", worker_tasks.wait)
    monkeypatch.setattr(Beside, "_take", lambda self, news: None)
    begun, _ = begun_with(0.5)
    begun._thread.join(60)
    assert not begun._thread.is_alive()
    begun.end()


@pytest.mark.parametrize("task", ("relax", "prove"))
def test_a_process_that_dies_leaves_the_search_alone(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, task, worker_tasks.die)
    begun, pool = begun_with()
    begun._thread.join(60)
    assert not begun._thread.is_alive()
    assert begun.relaxed.is_set(), "nobody waits for what will not come"
    begun.end()
    assert (pool.bound is None) == (task == "relax"), "what was proven before stays"


@pytest.mark.parametrize(
    ("options", "begun"),
    [
        (SolveOptions(threads=2, time_limit=20), 1),
        (SolveOptions(threads=1, time_limit=20), 0),
        (SolveOptions(threads=2, work_limit=50), 0),
    ],
    ids=["two threads", "one thread", "repeatable"],
)
def test_it_runs_where_a_core_is_free_and_nothing_has_to_be_repeatable(
    options: SolveOptions, begun: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    class Counted(Beside):
        def __init__(self, *given: Any, **named: Any) -> None:
            made.append(self)
            super().__init__(*given, **named)

    monkeypatch.setattr(solving, "Beside", Counted)
    plan = solve(apply(load(TINY)), options=options, strategy=Strategy(sizes=Sizes(small=0, large=10)))
    assert len(made) == begun
    assert plan.solved
    assert plan.header["objective"]["bound"] <= plan.header["objective"]["value"] + 1e-6
    assert all(one._worker.pid is None for one in made)


def test_where_no_process_can_be_started_the_search_goes_on_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(worker: object) -> None:
        raise WorkerDied("no process can be started")

    monkeypatch.setattr(workers, "_started", refused)
    begun, pool = begun_with()
    begun.end()
    assert pool.bound is None
