"""The cheapest plan of a value: the second objective, nation by nation, with the first held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.keys import Keys
from optimizer.engine.highs import Engine, Outcome, Termination, Watch
from optimizer.finders.neighbourhoods import by_money, nation_hood
from optimizer.finders.step import begin, cut_out
from optimizer.problem.arrays import Floats, Matrix
from optimizer.strategy import Note

EFFORT = 2e6  # nonzeros times check points that one step may take
NODES = 20  # of its tree
AGREED = 1e-6
POINTS = 5.0  # millions: closer than that a nation's cost need not be proven


def _cheapest(small: Matrix, now: Floats, held: float, watch: Watch, seed: int) -> Outcome:
    """The second objective of a nation's program with its part of the first held, where the relaxation disagrees."""
    engine = Engine(replace(small, cost=small.second), watch.aside(watch.time_limit), seed=seed, threads=1)
    engine.add_row(small.cost, held)
    engine.continuous(True)
    lp = engine.lp(method="simplex")
    if lp.x is None or lp.termination is not Termination.PROVEN or float(small.second @ now) - lp.value < POINTS:
        return replace(lp, x=None)
    agreed = small.integer & (np.abs(lp.x - now) < AGREED)
    engine.bounds(np.where(agreed, now, small.lower), np.where(agreed, now, small.upper))
    engine.continuous(False)
    engine.set(mip_heuristic_run_root_reduced_cost=False, mip_max_nodes=NODES)
    close = max(POINTS, 0.1 * (float(small.second @ now) - lp.value))
    return engine.mip(gap=0.0, points=close, work=max(8, int(EFFORT / max(1, small.a.nnz))), start=now)


def cheaper(
    matrix: Matrix, keys: Keys, watch: Watch, x: Floats, held: float, *, most: int, seed: int, note: Note
) -> tuple[Floats, int]:
    """The second objective, nation by nation, with the first held.

    Args:
        matrix: the tightened program.
        keys: its indices.
        watch: clock and cancel.
        x: a plan.
        held: value that the first objective may not exceed.
        most: steps it may take.
        seed: for the engine.
        note: writes a line of the log.

    Returns:
        (a plan that costs no more, steps taken).
    """
    hunt = begin(matrix, keys, watch, x, seed)
    steps = 0
    for number in by_money(keys):
        if steps >= most or watch.late(watch.time_limit):
            note(f"cost: stopped before {keys.nations[number]}")
            break
        columns, small = cut_out(hunt, nation_hood(hunt, (number,)))
        small = replace(small, upper=np.where(columns >= hunt.plain, hunt.x[columns], small.upper))
        now = hunt.x[columns]
        room = max(0.0, held - hunt.value) / len(keys.nations)
        outcome = _cheapest(small, now, float(small.cost @ now) + room, watch, seed)
        if outcome.termination in (Termination.CLOCK, Termination.CANCELLED):
            watch.hit_clock = watch.hit_clock or outcome.termination is Termination.CLOCK
            note(f"cost: stopped in {keys.nations[number]}")
            break
        steps += 1
        found = None if outcome.x is None else np.where(small.integer, np.round(outcome.x), outcome.x)
        if found is not None and float(small.second @ found) < float(small.second @ now) - 1e-6:
            hunt.x = hunt.x.copy()
            hunt.x[columns] = found
        watch.report()
    return hunt.x[: hunt.plain], steps
