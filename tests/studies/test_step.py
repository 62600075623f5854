"""Steps by hand, and against another solver's view of the same restriction."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from data.levers import Case, apply
from models.program import build
from optimizer.ask import InWorker, Question, ask
from optimizer.plans.plan import Plan
from optimizer.plans.start import start_from_plan
from optimizer.problem.compile import compile_program
from optimizer.problem.layout import Layout
from optimizer.scope import Scope
from optimizer.solve import SolveOptions, solve
from store.folder import write_plan
from studies.interval import Interval, Known
from studies.paired import Port
from studies.step import BETTER, NONE, OPEN, WORSE, sign_of, step
from tests.cases import case, solved, three_nations, tiny
from tests.optimizer.generated import made

OPTIONS = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=30.0, threads=1)
THIRD = 100 / 3  # points that a nation's whole target is worth
TENTH = THIRD / 10  # one tank of the ten that a nation wants
DEU = Scope(frozenset({"DEU"}))


def shared(**more: Any) -> Case:
    """One year: a tank costs 10, a nation has 100 and wants ten; the line makes 15, and USA buys none."""
    return case(
        three_nations(
            years=(2027,),
            programmes=[{"programme": "tank", "unit_cost": 10}],
            customers=[{"nation": n, "programme": "tank"} for n in ("DEU", "FRA")],
            lines=[{"line": "l", "nation": "DEU", "current_output": 15}],
            line_capacity=[{"line": "l", "capacity": 15}],
            line_programmes=[{"line": "l", "programme": "tank"}],
            **more,
        )
    )


def pinned(nation: str, units: int) -> Plan:
    """The plan in which a nation orders so many."""
    pin = {"nation": nation, "programme": "tank", "channel": "", "year": "", "sense": "equal", "units": units}
    plan = solved(shared(pins=[pin]))
    assert plan.solved
    return plan


def with_levers(base: Case, **levers: Any) -> Case:
    return apply(base.base, None, {name.replace("__", "."): value for name, value in levers.items()})


def test_a_nation_that_loses_money_in_a_step_of_its_own() -> None:
    """DEU has ten of the line's 15 tanks and FRA five. With half its money DEU has five, and FRA's five stand: 5/10 of
    a third of the index, though over all plans FRA would take what DEU leaves and nothing would be lost."""
    base, plan = shared(), pinned("DEU", 10)
    found = step(base, plan, with_levers(base, core_share_2035__DEU=0.05), DEU, OPTIONS)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(5 * TENTH, abs=1e-4)
    assert found.interval.high == pytest.approx(5 * TENTH, abs=1e-4)
    assert found.sign == WORSE
    all_plans = [
        solved(one).header["objective"]["value"] for one in (base, with_levers(base, core_share_2035__DEU=0.05))
    ]
    assert all_plans[0] == pytest.approx(all_plans[1])


def test_both_sides_plan_again() -> None:
    """DEU has but five in the plan and FRA ten: there are no more for DEU, with or without its money."""
    base, plan = shared(), pinned("DEU", 5)
    found = step(base, plan, with_levers(base, core_share_2035__DEU=0.05), DEU, OPTIONS)
    assert found.sign == NONE
    lazy = step(
        base, pinned("FRA", 2), with_levers(base, core_share_2035__DEU=0.05), Scope(frozenset({"FRA"})), OPTIONS
    )
    assert lazy.setting is None and "step of the setting" in lazy.why  # DEU's ten stand and can't be paid


def test_more_capacity_is_better_by_what_the_scope_takes() -> None:
    """The line makes 30 instead of 15: DEU goes from five to ten, and FRA has its ten already."""
    base = shared()
    found = step(base, pinned("DEU", 5), with_levers(base, capacity_factor=2.0), DEU, OPTIONS)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((-5 * TENTH, -5 * TENTH), abs=1e-4)
    assert found.sign == BETTER


def test_a_step_whose_scope_cannot_repair_what_stands() -> None:
    """FRA loses its money and is not in the scope: its ten tanks stand and can't be paid."""
    base = shared()
    found = step(base, pinned("DEU", 5), with_levers(base, core_share_2035__FRA=0.05), DEU, OPTIONS)
    assert found.interval is None and found.sign == OPEN
    assert "can't be kept" in found.why and "FRA" in found.why


def test_a_step_of_everything_is_not_solved_here() -> None:
    base = shared()
    with pytest.raises(ValueError, match="of_all"):
        step(base, pinned("DEU", 5), base, Scope(everything=True), OPTIONS)
    with pytest.raises(ValueError, match="needs a start"):
        Question(base, OPTIONS, None, scope=DEU)


def test_what_a_step_is_told_and_when_it_is_cancelled() -> None:
    base, cancel, news = shared(), threading.Event(), []
    setting = with_levers(base, core_share_2035__DEU=0.05)
    step(base, pinned("DEU", 10), setting, DEU, OPTIONS, port=Port(progress=lambda one: news.append(one.phase)))
    assert {"step of the base case: scope", "step of the setting: scope"} <= set(news)
    cancel.set()
    found = step(base, pinned("DEU", 10), setting, DEU, OPTIONS, port=Port(cancel=cancel))
    assert found.interval is None and "before the limit" in found.why


def test_a_worker_gives_the_same_step() -> None:
    base, plan = shared(), pinned("DEU", 10)
    setting = with_levers(base, core_share_2035__DEU=0.05)
    worker = InWorker("a solver")
    try:
        there = step(base, plan, setting, DEU, OPTIONS, port=Port(by=worker))
    finally:
        worker.end()
    here = step(base, plan, setting, DEU, OPTIONS)
    assert there.interval == here.interval
    assert there.base is not None and there.base.header["scope"] == ["DEU"]


def test_a_sign_is_what_the_interval_proves() -> None:
    def between(low: float, high: float) -> str:
        return sign_of(Interval(low, high, Known(), Known()))

    assert between(2e-6, 0.3) == WORSE
    assert between(-0.3, -2e-6) == BETTER
    assert between(-1e-4, 2e-4) == NONE
    assert between(0.0, 0.0) == NONE
    assert between(-1e-4, 3e-4) == OPEN
    assert between(0.0, 0.1) == OPEN


# ---- against another way to solve it ---------------------------------------------------------------------------------


def by_restriction(one: Case, start: Plan, scope: Scope) -> float:
    """The best value with all columns that stand fixed, by scipy on the arrays as the rules state them."""
    program = build(one)
    compiled = compile_program(program)
    matrix = compiled.matrix
    stands = scope.standing(matrix, Layout.of(matrix, program.keys))
    given = start_from_plan(compiled, start)
    given = np.where(matrix.integer, np.round(given), given)
    low, high = (np.where(stands, given, end) for end in (matrix.lower, matrix.upper))
    rows = LinearConstraint(matrix.a, matrix.row_lower, matrix.row_upper)
    found = milp(
        matrix.cost, bounds=Bounds(low, high), constraints=rows, integrality=matrix.integer.astype(int),
        options={"mip_rel_gap": 0.0, "time_limit": 60},
    )  # fmt: skip
    return float("inf") if found.x is None else float(found.fun + matrix.offset)


@pytest.mark.parametrize("levers", [{}, {"core_share_2035.POL": 0.02}, {"capacity_factor": 0.8}])
@pytest.mark.parametrize("nations", [(), ("DEU",), ("POL", "USA")])
def test_a_scope_of_the_tiny_set(levers: dict[str, object], nations: tuple[str, ...], tmp_path: Path) -> None:
    base = apply(tiny())
    plan = solve(base, options=OPTIONS)
    same_scope(apply(tiny(), None, levers), plan, Scope(frozenset(nations)), tmp_path)


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("lever", [{}, {"growth_shift": -0.01}])
def test_a_scope_of_a_generated_set(
    seed: int, lever: dict[str, float], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    base = made(folder, (4, 12, seed))
    plan = solve(base.case, options=SolveOptions(work_limit=50, threads=1))
    nation = base.instance.keys.nations[0]
    projects = frozenset(base.instance.keys.innovations)
    setting = made(folder, (4, 12, seed), **lever).case
    for scope in (Scope(frozenset({nation})), Scope(frozenset(base.instance.keys.nations[1:3]), frozenset(), projects)):
        same_scope(setting, plan, scope, tmp_path)


def same_scope(one: Case, plan: Plan, scope: Scope, folder: Path) -> None:
    """Value and bound of the scope are within 1e-4 of the restricted program's optimum, and the plan is audited."""
    wanted = by_restriction(one, plan, scope)
    answer = ask(Question(one, OPTIONS, plan, scope=scope))
    if np.isinf(wanted):
        assert not answer.plan.solved and answer.plan.header["exit_code"] == 4
        return
    assert answer.plan.solved, answer.plan.header["conflict"]
    assert write_plan(answer.plan, folder / "plan").findings == ()
    assert answer.value == pytest.approx(wanted, abs=1.5e-4)
    assert wanted - 1.5e-4 <= answer.bound <= wanted + 1e-5
