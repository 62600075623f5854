"""Known values put into a program: nothing decided, or the orders of an earlier plan."""

from __future__ import annotations

from typing import Any

from data.rows import each
from models.keys import Keys
from models.program import Program
from optimizer.plans.derived import settle_gaps
from optimizer.plans.plan import Plan
from optimizer.plans.tables import frame_total, number
from optimizer.problem.arrays import Floats
from optimizer.problem.compile import Compiled


def gap_before(program: Program) -> float:
    """Gap index with nothing decided: pipeline, lines complete already and enablers count."""
    m = program.model
    for variables in _decision_variables(m):
        for var in variables.values():
            var.set_value(0.0, skip_validation=True)
    settle_gaps(program)
    return number(m.gap_index)


def _decision_variables(m: Any) -> list[Any]:
    return [
        m.order, m.joint_order, m.launch, m.join, m.ordering, m.operated, m.tier, m.tiered, m.order_value, m.make,
        m.start, m.contribution, m.pilot, m.scale, m.fast, m.type_ordered, m.shifted, m.draw, m.carried,
    ]  # fmt: skip


def start_from_plan(compiled: Compiled, earlier: Plan) -> Floats:
    """Integer decisions of an earlier plan as a solution vector (other columns 0)."""
    m = compiled.program.model
    gap_before(compiled.program)
    _orders(m, earlier)
    _frames(m, earlier)
    for row in each(earlier.tables["expansions"]):
        _put(m.start, (row.expansion, row.start_year), 1.0)
    for row in each(earlier.tables["innovation"]):
        _put(m.fast if row.mode == "fast" else m.pilot, (row.innovation, row.pilot_year), 1.0)
        if row.scale_year:
            _put(m.scale, (row.innovation, row.scale_year), 1.0)
    return compiled.values()


def _put(variables: Any, key: Any, number_: float) -> None:
    if key in variables:
        variables[key].set_value(number_, skip_validation=True)


def _orders(m: Any, earlier: Plan) -> None:
    k: Keys = m.k
    for row in each(earlier.tables["orders"]):
        if row.programme not in k.programme:
            continue
        count = row.units / k.lot(row.programme)
        if row.channel == "national":
            _put(m.order, (row.nation, row.programme, row.year), count)
        else:
            _put(m.joint_order, (row.channel, row.nation, row.year), count)
        _put(m.operated, (row.nation, row.programme), 1.0)
        _put(m.type_ordered, row.programme, 1.0)


def _frames(m: Any, earlier: Plan) -> None:
    k: Keys = m.k
    years = dict(zip(earlier.tables["frames"]["frame"], earlier.tables["frames"]["launch_year"], strict=True))
    for frame, year in years.items():
        _put(m.launch, (frame, year), 1.0)
    for row in each(earlier.tables["orders"]):
        _put(m.ordering, (row.channel, row.nation), 1.0)
    for row in each(earlier.tables["members"]):
        _put(m.join, (row.frame, row.nation, years.get(row.frame)), 1.0)
    for frame in m.levelled:
        if frame in years:
            total = frame_total(m, frame)
            level = max(i for i, step in enumerate(k.levels[frame]) if i == 0 or total >= step.floor * (1 - 1e-6))
            _put(m.tier, (frame, level), 1.0)
