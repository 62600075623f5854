"""The tree beside the search: its bounds are valid, it ends when told and when nobody listens, and only where asked."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer import solve as solving
from optimizer.bounds import tree as beside
from optimizer.bounds.tree import HOME, Beside
from optimizer.engine.highs import Watch
from optimizer.problem.compile import Matrix, compile_program
from optimizer.problem.tighten import tightened
from optimizer.solve import SolveOptions, solve
from optimizer.workers.child import command
from tests.cases import TINY

BEST = 13.375  # the hand-worked optimum of data/tiny


def tight() -> Matrix:
    program = build(apply(load(TINY)))
    return tightened(compile_program(program), program.keys)


def test_its_bound_reaches_the_optimum_of_a_small_program_and_no_further() -> None:
    watch = Watch()
    tree = Beside(tight(), watch, gap=0.0, seed=0)
    until = time.monotonic() + 120
    while (watch.bound is None or watch.bound < BEST - 1e-4) and time.monotonic() < until:
        time.sleep(0.02)
    assert tree.end() == pytest.approx(BEST, abs=1e-4)
    assert watch.bound == pytest.approx(BEST, abs=1e-4)


def test_it_ends_at_once_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is asleep here and hears nothing, as one in the middle of its cuts."""
    start = subprocess.Popen
    asleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(beside.subprocess, "Popen", lambda command, **how: start(asleep, **how))
    tree = Beside(tight(), Watch(), gap=0.0, seed=0)
    begun = time.monotonic()
    tree.end()
    assert time.monotonic() - begun < 5
    assert tree._process is not None and tree._process.poll() is not None


def test_it_ends_with_the_solve_that_began_it() -> None:
    """A solve that is killed closes its pipe: the tree must not go on for nobody."""
    plain = replace(tight(), rows=[], columns=[], group=np.zeros(0, dtype=str))
    with subprocess.Popen(
        command("optimizer.bounds.tree"), cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(pickle.dumps((plain, 0.0, 0)))
        process.stdin.close()
        assert process.wait(180) == 0


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
    monkeypatch.setattr(solving, "LARGE_PROGRAM", 10)
    plan = solve(apply(load(TINY)), options=options)
    assert len(made) == begun
    assert plan.solved
    assert plan.header["objective"]["bound"] <= plan.header["objective"]["value"] + 1e-6
    assert all(tree._process.poll() is not None for tree in made)


def test_where_no_process_can_be_started_the_search_goes_on_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*given: Any, **named: Any) -> None:
        raise PermissionError("no more processes")

    monkeypatch.setattr(beside.subprocess, "Popen", refused)
    assert Beside(tight(), Watch(), gap=0.0, seed=0).end() == -float("inf")
