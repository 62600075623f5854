"""What holds for every prover: it proves no more than the optimum that a tree has proven, and the same twice."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from optimizer.beside import Beside, Resident, prove
from optimizer.bounds.lagrangian import NationsApart, dual_bound, multipliers, priced_bound
from optimizer.bounds.relaxation import Relaxation, proven, relaxed
from optimizer.engine.highs import Engine
from optimizer.engine.outcome import Outcome, Termination
from optimizer.problem.arrays import Floats
from optimizer.solve import SolveOptions, solve
from tests.optimizer.generated import Made, by_work, endless, made, pool_of

SIZES = [(3, 8, 1), (3, 10, 2)]  # nations, programmes, seed: the tree proves these in a second or two
SAME = 1e-6  # points
SHARES = (0.0, 0.3, 0.5, 1.0, 1.5)


@pytest.fixture(scope="module", params=SIZES, ids=str)
def one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("sets"), request.param)


@pytest.fixture(scope="module")
def optimum(one: Made) -> float:
    """Of the program as the rules state it, by the tree of HiGHS."""
    found = Engine(one.compiled.matrix, endless(), threads=1).mip(gap=0.0)
    assert found.termination is Termination.PROVEN
    return found.value


@pytest.fixture(scope="module")
def root(one: Made) -> Outcome:
    matrix = one.instance.matrix
    return relaxed(matrix, endless(), matrix.lower, matrix.upper, 0)


def duals_of(root: Outcome) -> Floats:
    assert root.row_duals is not None
    return root.row_duals


def test_tightening_cuts_no_optimum_off(one: Made, optimum: float) -> None:
    found = Engine(one.instance.matrix, endless(), threads=1).mip(gap=0.0)
    assert found.value == pytest.approx(optimum, abs=SAME)


def test_the_relaxation_proves_less_than_the_optimum_and_tells_the_pool(one: Made, optimum: float) -> None:
    bounds = []
    for _ in range(2):
        budget = endless()
        pool = pool_of(budget)
        found = Relaxation().run(one.instance, pool, budget)
        assert found.bound == pool.bound
        assert 0 < found.bound <= optimum + SAME
        assert budget.work == 1 and pool.events[-1].finder == "relaxation"
        bounds.append(found.bound)
    assert bounds[0] == bounds[1]


def test_a_relaxation_that_nobody_waits_for_proves_nothing(one: Made) -> None:
    budget = endless()
    budget.seconds = 0.0
    pool = pool_of(budget)
    found = Relaxation().run(one.instance, pool, budget)
    assert found.termination is Termination.CLOCK or pool.bound is not None
    assert found.termination is not Termination.CLOCK or (pool.bound is None and budget.hit_clock)


def test_duals_prove_no_more_whatever_they_are(one: Made, optimum: float, root: Outcome) -> None:
    """The relaxation's, half of them, twice as much, with the sign turned, and dice."""
    matrix, duals = one.instance.matrix, duals_of(root)
    dice = np.random.default_rng(3)
    for some in (duals, 0.5 * duals, 2 * duals, -duals, np.zeros(len(duals)), *(
        duals * dice.uniform(0, 2, len(duals)) for _ in range(20)
    )):  # fmt: skip
        assert dual_bound(matrix, some) <= optimum + SAME
    assert dual_bound(matrix, duals) == pytest.approx(root.value, abs=1e-5)
    assert proven(matrix, root) >= 0


@pytest.mark.parametrize("share", SHARES)
def test_nations_apart_prove_no_more_at_any_multipliers(share: float, one: Made, optimum: float, root: Outcome) -> None:
    instance = one.instance
    known = multipliers(instance.matrix, duals_of(root))
    bounds = [priced_bound(instance.matrix, instance.layout, known, endless(), 0, share) for _ in range(2)]
    assert bounds[0] == bounds[1] <= optimum + SAME
    if share == 1.0:
        assert bounds[0] > 0.5 * root.value, "and says something"


def test_multipliers_drawn_at_random_prove_no_more(one: Made, optimum: float, root: Outcome) -> None:
    instance, dice = one.instance, np.random.default_rng(7)
    known = multipliers(instance.matrix, duals_of(root))
    for _ in range(5):
        astray = {name: dual * dice.uniform(0, 3) for name, dual in known.items()}
        assert priced_bound(instance.matrix, instance.layout, astray, endless(), 0) <= optimum + SAME


@pytest.mark.parametrize("shares", [(1.0,), SHARES], ids=str)
def test_the_quick_bound_is_told_to_the_pool(
    shares: tuple[float, ...], one: Made, optimum: float, root: Outcome
) -> None:
    pool = pool_of(endless())
    NationsApart(shares).run(one.instance, pool, endless(), multipliers(one.instance.matrix, duals_of(root)))
    assert pool.bound is not None and 0 <= pool.bound <= optimum + SAME
    assert {event.finder for event in pool.events} == {"nations apart"}
    without, spent = pool_of(endless()), by_work(0)
    NationsApart(shares).run(one.instance, without, endless(), {})
    assert without.bound is None or 0 <= without.bound <= optimum + SAME
    nobody = pool_of(spent)
    NationsApart(shares).run(one.instance, nobody, spent, {})
    assert nobody.bound is None


def test_a_basis_changes_no_bound(one: Made, root: Outcome) -> None:
    instance, bases = one.instance, {}
    known = multipliers(instance.matrix, duals_of(root))
    cold = priced_bound(instance.matrix, instance.layout, known, endless(), 0)
    for _ in range(2):
        warm = priced_bound(instance.matrix, instance.layout, known, endless(), 0, bases=bases)
        assert warm == pytest.approx(cold, abs=SAME)
    assert set(bases) == set(range(-1, len(instance.layout.nations)))


def test_the_tree_in_its_process_proves_the_optimum(one: Made, optimum: float) -> None:
    budget = endless()
    pool = pool_of(budget)
    tree = Beside(one.instance, pool, budget, gap=0.0)
    tree.go_on()
    until = time.monotonic() + 120
    while (pool.bound is None or pool.bound < optimum - 1e-4) and time.monotonic() < until:
        time.sleep(0.02)
    tree.end()
    assert pool.bound == pytest.approx(optimum, abs=1e-4)
    assert {event.finder for event in pool.events} == {"relaxation", "tree"}
    bounds = [event.bound for event in pool.events if event.bound is not None]
    assert bounds == sorted(bounds)


def test_the_tree_tells_each_bound_that_is_better_than_the_last(one: Made, optimum: float) -> None:
    told: list[float] = []
    prove(Resident(one.instance), 0.0, progress=told.append, cancel=threading.Event())
    assert told == sorted(set(told))
    assert told[-1] == pytest.approx(optimum, abs=1e-4) and told[-1] <= optimum + SAME
    stopped: list[float] = []
    cancel = threading.Event()
    cancel.set()
    prove(Resident(one.instance), 0.0, progress=stopped.append, cancel=cancel)
    assert all(bound <= optimum + SAME for bound in stopped)


def test_a_plan_of_the_tree_is_worth_the_optimum(one: Made, optimum: float) -> None:
    """What provers bound is what `solve` minimises: the plan's own value is not below it."""
    header = solve(one.case, options=SolveOptions(gap=0.0, cost_tolerance=0.0, threads=1, time_limit=60)).header
    assert header["objective"]["first_value"] == pytest.approx(optimum, abs=1e-5)
    assert header["objective"]["bound"] <= optimum + SAME


@pytest.mark.parametrize(
    ("first", "tries"),
    [(Termination.FAILED, [False, True]), (Termination.PROVEN, [False]), (Termination.CLOCK, [False])],
)
def test_where_an_interior_point_fails_it_is_tried_with_crossover(
    first: Termination, tries: list[bool], one: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else it says is taken as it is: crossover takes as long again."""
    honest, asked = Engine.lp, []

    def lp(engine: Engine, *, crossover: bool = True, **how: object) -> Outcome:
        asked.append(crossover)
        found = honest(engine, crossover=crossover, **how)
        return found if crossover else replace(found, termination=first)

    monkeypatch.setattr(Engine, "lp", lp)
    matrix = one.instance.matrix
    found = relaxed(matrix, endless(), matrix.lower, matrix.upper, 0)
    assert asked == tries
    assert found.termination is (Termination.PROVEN if len(tries) > 1 else first)
