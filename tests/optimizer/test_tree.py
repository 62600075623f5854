"""The tree beside the search: its bounds are valid, it ends when told and with the clock, and runs only where asked."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer import solve as solving
from optimizer.bounds import tree
from optimizer.bounds.tree import Tree
from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.instance import Sizes
from optimizer.pool import Pool
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened
from optimizer.solve import SolveOptions, solve
from optimizer.strategy import Strategy
from optimizer.workers import worker as workers
from optimizer.workers.worker import WorkerDied
from tests import worker_tasks
from tests.cases import TINY

BEST = 13.375  # the hand-worked optimum of data/tiny


def tight() -> Matrix:
    program = build(apply(load(TINY)))
    return tightened(compile_program(program).matrix, program.keys)


def tree_of(seconds: float = 60.0) -> tuple[Tree, Pool]:
    """A tree that has begun, and the pool that it tells."""
    budget = Budget(seconds)
    pool = Pool(budget, Journal(lambda: budget.elapsed))
    return Tree(tight(), pool, budget, gap=0.0, seed=0), pool


def test_its_bound_reaches_the_optimum_of_a_small_program_and_no_further() -> None:
    begun, pool = tree_of()
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
    monkeypatch.setattr(tree, "prove", deaf)
    monkeypatch.setattr(Tree, "_take", lambda self, bound: busy.set())
    begun, _ = tree_of()
    assert busy.wait(60)
    since = time.monotonic()
    begun.end()
    assert time.monotonic() - since < 5
    assert begun._worker.pid is None


def test_its_clock_is_that_of_the_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solve has no time left the tree ends by itself, long before its proof."""
    monkeypatch.setattr(tree, "prove", worker_tasks.wait)
    monkeypatch.setattr(Tree, "_take", lambda self, news: None)
    begun, _ = tree_of(0.5)
    begun._thread.join(60)
    assert not begun._thread.is_alive()
    begun.end()


def test_a_tree_that_dies_leaves_the_search_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "prove", worker_tasks.die)
    begun, pool = tree_of()
    begun._thread.join(60)
    assert not begun._thread.is_alive()
    begun.end()
    assert pool.bound is None


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

    class Counted(Tree):
        def __init__(self, *given: Any, **named: Any) -> None:
            made.append(self)
            super().__init__(*given, **named)

    monkeypatch.setattr(solving, "Tree", Counted)
    plan = solve(apply(load(TINY)), options=options, strategy=Strategy(sizes=Sizes(small=0, large=10)))
    assert len(made) == begun
    assert plan.solved
    assert plan.header["objective"]["bound"] <= plan.header["objective"]["value"] + 1e-6
    assert all(one._worker.pid is None for one in made)


def test_where_no_process_can_be_started_the_search_goes_on_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(worker: object) -> None:
        raise WorkerDied("no process can be started")

    monkeypatch.setattr(workers, "_started", refused)
    begun, pool = tree_of()
    begun.end()
    assert pool.bound is None
