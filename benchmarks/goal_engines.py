"""Another engine on our matrix: `python -m benchmarks.goal_engines highs|scip THREADS DATASET SECONDS`.

Its last line is JSON: value and bound when the time is over, and when the value came. HiGHS has its defaults, SCIP too;
with two threads SCIP solves concurrently (two settings beside each other, as its own library does it).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.others import HUGE, Scip
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.scale import relative, scales_of
from optimizer.problem.tighten import tightened

Found = dict[str, Any]
FOUND = 2  # primal_solution_status of HiGHS: a feasible solution


def matrix_of(dataset: Path) -> Matrix:
    """The matrix that the search works on."""
    program = build(apply(load(dataset)))
    return tightened(compile_program(program).matrix, program.keys)


def highs(matrix: Matrix, threads: int, seconds: float) -> Found:
    """HiGHS with its defaults, tolerances too, on the matrix in relative quantities, as the search hands it over."""
    engine = Engine(matrix, Budget(seconds))
    engine.set(threads=threads, time_limit=seconds)
    engine.highs.resetGlobalScheduler(True)  # its threads are those of the first run in a process, else
    engine.highs.run()
    told, factor = engine.highs.getInfo(), engine.scales.objective
    found = (told.objective_function_value if told.primal_solution_status == FOUND else HUGE, told.mip_dual_bound)
    value, bound = (end / factor if abs(end) < HUGE else None for end in found)
    return {"value": value, "bound": bound, "status": engine.highs.modelStatusToString(engine.highs.getModelStatus())}


def scip(matrix: Matrix, threads: int, seconds: float) -> Found:
    """SCIP with its defaults on the matrix in relative quantities, as `--solver scip` hands it over."""
    scales = scales_of(matrix)
    model = Scip(relative(matrix, scales), Budget(seconds), None, scales.objective).model
    model.setParam("limits/time", seconds)
    if threads > 1:
        model.setParam("parallel/maxnthreads", threads)
        model.solveConcurrent()
    else:
        model.optimize()
    ends = (model.getPrimalbound() if model.getNSols() else HUGE, model.getDualbound())
    value, bound = (end / scales.objective if abs(end) < HUGE else None for end in ends)
    return {"value": value, "bound": bound, "status": model.getStatus()}


def main(engine: str, threads: str, dataset: str, seconds: str) -> None:
    """The command."""
    matrix = matrix_of(Path(dataset))
    begun = time.perf_counter()
    found = {"highs": highs, "scip": scip}[engine](matrix, int(threads), float(seconds))
    sys.stdout.write(json.dumps({**found, "seconds": round(time.perf_counter() - begun, 1)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
