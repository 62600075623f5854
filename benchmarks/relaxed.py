"""The relaxation of a case, solved cold: its bound, and what the relaxed plan looks like."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from data.levers import Case
from models.budget import total_cost
from models.capability import shortfall
from models.keys import Keys
from models.program import Program, build, number
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Termination
from optimizer.plans.derived import settle_gaps
from optimizer.plans.start import gap_before
from optimizer.problem.compile import ProvenInfeasible, compile_program
from optimizer.problem.tighten import tightened

LP_LIMIT = 300.0  # seconds; a bound that takes longer is a finding of its own
HULLS = ("ship", "submarine")  # units of equipment with a fleet class that is a hull
Row = dict[str, Any]


def lp_row(case: Case) -> Row:
    """LP bound of a case (points), and what its relaxed plan looks like: closure by area, sums of decisions."""
    begun = time.perf_counter()
    program = build(case)
    before = gap_before(program)
    try:
        compiled = compile_program(program)
    except ProvenInfeasible as problem:
        return {"bound": None, "why": f"infeasible: {problem.row}", "before": before}
    engine = Engine(tightened(compiled.matrix, program.keys), Budget(LP_LIMIT), threads=1)
    engine.continuous(True)
    outcome = engine.lp(method="ipm", crossover=False)
    if outcome.termination is Termination.FAILED:
        outcome = engine.lp(method="ipm")
    seconds = round(time.perf_counter() - begun, 1)
    if outcome.termination is not Termination.PROVEN or outcome.x is None:
        return {"bound": None, "why": outcome.termination.value, "before": before, "seconds": seconds}
    compiled.load(outcome.x)
    settle_gaps(program)  # a shortfall that counts nothing in the objective may stand above what follows from orders
    told = {"relaxed": relaxed_figures(program), "slack": slacks(program), "orders": orders_by_year(program)}
    return {"bound": outcome.value, "before": before, "seconds": seconds, **told}


def conclusive(row: Row) -> bool:
    """Whether a row needs no second try: it has a bound, or no plan can be; a clock that ran out says neither."""
    return row.get("bound") is not None or str(row.get("why", "")).startswith("infeasible")


def relaxed_figures(program: Program) -> dict[str, float]:
    """Figures of the relaxed plan (many are equally good: they show where it moved, not how far a plan would)."""
    m, k = program.model, program.keys
    target: dict[str, float] = {}
    missing: dict[str, float] = {}
    for key in k.gap_rows:
        if key[2] == k.last:
            target[key[1]] = target.get(key[1], 0.0) + k.target[key].target
            missing[key[1]] = missing.get(key[1], 0.0) + number(shortfall(m, *key))
    found = {f"closure {area}": 1 - missing[area] / target[area] for area in sorted(target)}
    for name in ("launch", "start", "pilot", "fast", "draw"):
        found[name] = sum(var.value for var in getattr(m, name).values())
    found["penalties"] = number(m.soft_penalty)
    found["cost"] = number(total_cost(m))
    found["planning index"] = number(m.gap_index)
    if m.settled_index is not None:
        found["settled index"] = number(m.settled_index)
    found["hulls"] = sum(units for (_, programme, _), units in ordered(program).items() if _is_hull(k, programme))
    return found


def _is_hull(keys: Keys, programme: str) -> bool:
    row = keys.programme[programme]
    return bool(row.unit in HULLS and row.category == "equipment" and row.fleet_class)


def ordered(program: Program) -> dict[tuple[str, str, int], float]:
    """(nation, programme, year) -> units ordered over all channels in the relaxed plan."""
    m, k = program.model, program.keys
    found: dict[tuple[str, str, int], float] = defaultdict(float)
    for nation, programme, year in k.national_keys:
        found[nation, programme, year] += number(m.national[nation, programme, year])
    for frame in k.frames:
        for nation in k.members[frame]:
            for year in k.joint_years.get((frame, nation), []):
                found[nation, k.frame[frame].programme, year] += number(m.joint[frame, nation, year])
    return dict(found)


def orders_by_year(program: Program) -> dict[str, float]:
    """Year -> value of what is ordered in it, in millions at the price before any tier."""
    found: dict[str, float] = defaultdict(float)
    for (_, programme, year), units in ordered(program).items():
        found[str(year)] += units * program.keys.price(programme, year)
    return dict(sorted(found.items()))


def slacks(program: Program) -> dict[str, float]:
    """Rule and scope -> the least slack of its rows in the relaxed plan, in the units of the rule's value."""
    found: dict[str, float] = {}
    for rows in program.rows.values():
        for row in rows:
            whole = number(row.whole)
            if whole <= 0:
                continue
            ratio = number(row.part) / whole
            slack = ratio - row.limit if row.sense == "min" else row.limit - ratio
            name = f"{row.rule} {row.scope}"
            found[name] = min(slack, found.get(name, slack))
    return found
