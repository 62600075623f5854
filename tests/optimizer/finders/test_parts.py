"""Parts of finders, each by what it is for: who comes first, what is freed together, when a step is in vain."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from models.keys import SMALLEST_ORDER
from models.program import build
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders import improve, polish, repair
from optimizer.finders.candidate import TOLERANCE, Candidate, cut_out, with_slacks
from optimizer.finders.cheapest import Cheapest
from optimizer.finders.dive import dive
from optimizer.finders.from_nothing import FromNothing
from optimizer.finders.from_relaxation import FromRelaxation
from optimizer.finders.improve import Improve
from optimizer.finders.neighbourhoods import by_expansion, by_money, by_nation
from optimizer.finders.rounding_down import rounded_down
from optimizer.finders.step import Neighbourhood, Tried, step
from optimizer.finders.warm_start import carried_over
from optimizer.instance import PRICE, Instance
from optimizer.problem.arrays import Floats, Label, Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened
from tests.cases import case, one_nation
from tests.cases import tiny as tiny_set
from tests.optimizer.generated import Made, by_work, endless, made, pool_of


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("sets"), (3, 8, 1))


@pytest.fixture(scope="module")
def best(one: Made) -> Floats:
    """The best plan there is."""
    found = Engine(one.instance.matrix, endless(), threads=1).mip(gap=0.0)
    assert found.x is not None
    return found.x


@pytest.fixture(scope="module")
def tiny() -> Instance:
    program = build(case(tiny_set()))
    return Instance(tightened(compile_program(program).matrix, program.keys), program.keys)


def program(
    rows: list[list[float]], right: list[float], cost: list[float], *, whole: tuple[int, ...], upper: list[float],
    group: list[str], lower: list[float] | None = None, columns: tuple[Label, ...] = (),
) -> Matrix:  # fmt: skip
    """Minimise cost @ x where rows @ x <= right and lower <= x <= upper."""
    n = len(cost)
    return Matrix(
        a=sparse.csc_array(np.array(rows, dtype=float)),
        cost=np.array(cost, dtype=float), offset=0.0, second=np.zeros(n), second_offset=0.0,
        row_lower=np.full(len(rows), -np.inf), row_upper=np.array(right, dtype=float),
        lower=np.zeros(n) if lower is None else np.array(lower, dtype=float), upper=np.array(upper, dtype=float),
        integer=np.isin(np.arange(n), whole), rows=(), columns=columns, group=np.array(group),
    )  # fmt: skip


# ---- who and what comes first --------------------------------------------------------------------------------------


def test_nations_with_most_money_come_first_and_of_like_ones_the_first_named() -> None:
    """FRA has 5 + 4, USA 9, DEU 3 + 2: FRA is named before the USA."""
    core = {("DEU", 2027, "core"): 3, ("DEU", 2028, "core"): 2, ("FRA", 2027, "core"): 5, ("USA", 2028, "core"): 9}
    money = core | {("FRA", 2027, "resilience"): 4}
    keys: Any = SimpleNamespace(nations=["DEU", "FRA", "USA"], available=money)
    assert by_money(keys) == [1, 2, 0]


def test_an_expansion_is_freed_with_the_orders_of_what_is_made_there(tiny: Instance) -> None:
    """The second shift of the battery line: its start, every nation's batteries, and no radio."""
    (hood,) = [hood for hood in by_expansion(tiny) if hood.name == "sam_shift"]
    freed = {tiny.matrix.columns[c] for c in np.flatnonzero(hood.free).tolist()}
    own = {(column.name, column.key) for column in freed}
    assert {key[1] for name, key in own if name == "order"} == {"sam"}
    assert {key[0] for name, key in own if name == "start"} == {"sam_shift"}
    assert {key[0] for name, key in own if name == "launch"} == {"sam_joint"}


# ---- repair --------------------------------------------------------------------------------------------------------


def everything(instance: Instance) -> Candidate:
    """All ordered that may be, for which lines have no room."""
    matrix = instance.matrix
    return Candidate.of(instance, np.where(np.isfinite(matrix.upper), matrix.upper, matrix.lower))


def test_each_neighbourhood_of_violated_rows_is_named_once(tiny: Instance) -> None:
    found = [hood.name for hood in repair.repairers(everything(tiny), dearest_first=True)]
    assert len(found) == len(set(found)) > 1
    assert {"DEU", "POL", "makers and buyers: sam_line", "innovation"} <= set(found)
    again = [int(hood.free.sum()) for hood in repair.repairers(everything(tiny), dearest_first=False)]
    assert again == sorted(again) and len(again) == len(found)


def test_a_row_of_an_expansion_frees_its_start_and_a_row_of_a_line_does_not(tiny: Instance) -> None:
    candidate, starts = everything(tiny), tiny.layout.groups(("start",))
    hoods = {
        name: {hood.name: hood for hood in repair.repairers_of(candidate, [name], tiny.keys)}
        for name in ("sam_shift", "sam_line")
    }
    assert (hoods["sam_shift"]["makers and buyers: sam_shift"].free & starts).any()
    assert not (hoods["sam_line"]["makers and buyers: sam_line"].free & starts).any()


# ---- steps ---------------------------------------------------------------------------------------------------------


def test_at_the_best_plan_every_step_ends_and_is_in_vain(one: Made, best: Floats) -> None:
    """A relaxation may promise something; the tree then shows that it can't be had, which cuts no search short."""
    promised = 0
    for wide in (False, True):
        for hood in by_nation(one.instance):
            candidate = Candidate.of(one.instance, best)
            tried = step(candidate, hood, endless(), 1e-6, wide=wide)
            assert tried.ended and tried.gain <= 1e-6
            promised += tried.left > 1e-6
    assert promised, "some neighbourhood promises more than there is"


def test_a_step_leaves_decisions_in_which_its_relaxation_agrees_with_the_plan(
    one: Made, best: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those at 0 and those that are taken alike; all others are free."""
    honest, asked = Engine.bounds, []

    def bounds(engine: Engine, lower: Floats, upper: Floats) -> None:
        asked.append((lower.copy(), upper.copy()))
        honest(engine, lower, upper)

    candidate, taken = Candidate.of(one.instance, best), 0
    for hood in by_nation(one.instance):
        columns, small = cut_out(candidate, hood.free)
        now, engine = candidate.x[columns], Engine(small, endless(), threads=1)
        engine.continuous(True)
        relaxed = engine.lp(method="simplex").x
        assert relaxed is not None
        agreed = small.integer & (np.abs(relaxed - now) < 1e-6)
        with monkeypatch.context() as patch:
            asked.clear()
            patch.setattr(Engine, "bounds", bounds)
            step(Candidate.of(one.instance, best), hood, endless(), 1e-9)
        if asked:
            lower, upper = asked[0]
            assert np.array_equal(lower, np.where(agreed, now, small.lower))
            assert np.array_equal(upper, np.where(agreed, now, small.upper))
            taken += int((now[agreed] > 0.5).sum())
    assert taken > 0


def test_a_neighbourhood_in_vain_is_freed_as_a_whole_the_next_time(
    tiny: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, bool]] = []

    def in_vain(candidate: Candidate, hood: Neighbourhood, budget: Budget, points: float, *, wide: bool) -> Tried:
        asked.append((points, wide))
        return Tried(len(asked) < 4, 0.0, 0.5)

    monkeypatch.setattr(improve, "step", in_vain)
    hood = Neighbourhood("some", np.zeros(len(tiny.matrix.cost), dtype=bool))
    candidate = Candidate.of(tiny, np.zeros(len(tiny.matrix.cost)))
    Improve((lambda _: iter([hood]),), points=(3.0, 2.0, 1.0)).improve(candidate, pool_of(endless()), endless())
    assert asked == [(3.0, False), (2.0, True), (1.0, True), (1.0, True)]


def test_what_is_solved_as_a_linear_program_has_no_whole_decisions(
    one: Made, best: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tree in its place takes a hundred times as long, and promises nothing."""
    honest, whole = Engine.lp, []

    def lp(engine: Engine, **how: Any) -> Any:
        kinds = engine.highs.getLp().integrality_
        whole.append(any(kind.name == "kInteger" for kind in kinds))
        return honest(engine, **how)

    monkeypatch.setattr(Engine, "lp", lp)
    instance, budget = one.instance, by_work(50)
    Cheapest(money=1e-3).run(instance, budget, pool_of(budget).journal, best, instance.value(best) * 1.1, 3)
    pool = pool_of(budget, (instance, best))
    Improve((by_nation,)).run(instance, pool, budget)
    assert whole and not any(whole)


def test_a_nations_cheapest_plan_is_sought_in_so_many_nodes(
    one: Made, best: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes: list[int] = []
    honest = Engine.mip

    def mip(engine: Engine, **how: Any) -> Any:
        nodes.append(engine.highs.getOptionValue("mip_max_nodes")[1])
        return honest(engine, **how)

    monkeypatch.setattr(Engine, "mip", mip)
    instance, budget = one.instance, endless()
    held = instance.value(best) * 1.2
    Cheapest(nodes=7, money=1e-3).run(instance, budget, pool_of(budget).journal, best, held, 3)
    assert set(nodes) == {7}


# ---- plans on their way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sum_of_violations", "is_plan"), [(0.5e-6, True), (1.5e-6, False)])
def test_what_is_violated_by_more_than_a_millionth_is_no_plan(
    sum_of_violations: float, is_plan: bool, one: Made, best: Floats
) -> None:
    candidate = Candidate(one.instance, with_slacks(one.instance, best))
    candidate.x[candidate.plain :] = 0.0
    slack = candidate.plain
    candidate.x[slack] = sum_of_violations * PRICE / candidate.matrix.cost[slack]
    assert candidate.violation == pytest.approx(sum_of_violations)
    assert candidate.feasible == is_plan


def test_from_nothing_hands_on_the_best_plan_that_it_had(one: Made, best: Floats) -> None:
    """Where the last values violate a row, and no time is left to find them anew."""
    candidate = Candidate.of(one.instance, best)
    pool, spent = pool_of(endless()), by_work(0)
    candidate.keep(pool, "before")
    candidate.put(np.array([candidate.plain]), np.array([1.0]))
    assert not candidate.feasible
    FromNothing()._offer(candidate, pool, spent)
    assert candidate.feasible and np.array_equal(candidate.values, best)


def test_a_plan_carried_over_into_its_own_case_is_that_plan(one: Made, best: Floats) -> None:
    candidate = carried_over(one.instance, best, TOLERANCE)
    assert candidate is not None and candidate.violation <= TOLERANCE
    assert candidate.values == pytest.approx(best, abs=1e-6)


def test_lots_are_rounded_down_after_seven_tenths_of_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """50 of 100 s are over: 50 + 0.7 * 50 = 85."""
    until: list[float] = []

    def one_by_one(self: FromRelaxation, *given: Any, careful: bool) -> bool:
        until.append(given[4])
        return False

    monkeypatch.setattr(FromRelaxation, "shared", lambda self, *given: None)
    monkeypatch.setattr(FromRelaxation, "one_by_one", one_by_one)
    budget = Budget(100)
    budget.started -= 50
    nothing: Any = None
    monkeypatch.setattr("optimizer.finders.from_relaxation.by_money", lambda keys: [])
    assert FromRelaxation().run(SimpleNamespace(keys=None), nothing, budget, np.zeros(0)) is None  # type: ignore[arg-type]
    assert until == [pytest.approx(85, abs=0.5)]


def test_each_nation_made_whole_counts_as_one_check_point(one: Made) -> None:
    """So that a run by work ends at the same nation again."""
    budget = endless()
    pool = pool_of(budget)
    matrix = one.instance.matrix
    root = Engine(matrix, endless(), threads=1)
    root.continuous(True)
    x = root.lp().x
    assert x is not None
    candidate = FromRelaxation().shared(one.instance, pool, budget, x)
    before = budget.work
    everybody = range(len(one.instance.keys.nations))
    assert FromRelaxation().one_by_one(candidate, everybody, pool, budget, np.inf, careful=False)
    assert budget.work - before == len(one.instance.keys.nations)


@pytest.mark.parametrize(("launchers", "missiles"), [(0.4, 0.0), (1.4, 3.0)])
def test_missiles_go_with_the_launcher_that_is_rounded_away(launchers: float, missiles: float) -> None:
    """The relaxation orders 3.2 missiles and part of a launcher, without which no missile may be ordered."""
    dataset = one_nation(
        programmes=[{"programme": "launcher"}, {"programme": "missile", "needs_host": "launcher"}],
        customers=[{"programme": name, "max_units": 4} for name in ("launcher", "missile")],
    )
    program = build(case(dataset))
    instance = Instance(compile_program(program).matrix, program.keys)
    place = {(label.name, label.key): number for number, label in enumerate(instance.matrix.columns)}
    x = np.zeros(len(place))
    for name, units in (("launcher", launchers), ("missile", 3.2)):
        x[place["order", ("DEU", name, 2027)]] = units
        x[place["operated", ("DEU", name)]] = min(1.0, units)
    candidate = Candidate.of(instance, x)
    assert rounded_down(candidate, [0], endless())
    assert candidate.feasible
    assert candidate.x[place["order", ("DEU", "missile", 2027)]] == missiles
    assert candidate.x[place["operated", ("DEU", "missile")]] == float(missiles > 0)


# ---- the smallest order --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "is_used"), [(0.4, False), (0.6, True)])
def test_a_type_is_operated_from_half_of_the_smallest_order_on(part: float, is_used: bool) -> None:
    """So much of a divisible programme can be ordered; operating the type costs next to nothing."""
    small = program(
        [[1.0, -1.0]], [0.0], [-1.0, 1e-9], whole=(1,), upper=[part * SMALLEST_ORDER, 1.0], group=["order", "operated"]
    )
    found = dive(small, endless(), 0, {1: [0]})
    assert found is not None and found.tolist() == pytest.approx([part * SMALLEST_ORDER * is_used, float(is_used)])


def test_what_is_not_operated_is_not_ordered_either() -> None:
    """0.5 order <= 17450 operated: an engine's 1e-7 of 17450 would be 0.003 units; what has a least order stays."""
    matrix = program(
        [[0.5, 0.0, -17450.0], [0.0, 0.5, -17450.0]], [0.0, 0.0], [0.0] * 3, whole=(2,), upper=[10.0, 10.0, 1.0],
        lower=[0.0, 0.5, 0.0], group=["order", "order", "operated"],
    )  # fmt: skip
    assert polish._decided(matrix, np.array([0.002, 0.5, 0.0]))[1].tolist() == [0.0, 10.0, 0.0]
    assert polish._decided(matrix, np.array([0.002, 0.5, 1.0]))[1].tolist() == [10.0, 10.0, 1.0]


def test_a_legacy_type_is_ordered_by_the_smallest_order_at_least_or_not_at_all() -> None:
    """DEU's gun is legacy: a sliver of an order goes, 3 and 1 units keep their parts of the least; its tank is new."""
    labels = tuple(Label("order", key) for key in [("DEU", "gun", 2027), ("DEU", "gun", 2028), ("DEU", "tank", 2027)])
    matrix = program([[0.0] * 3], [0.0], [0.0] * 3, whole=(), upper=[9.0] * 3, group=["order"] * 3, columns=labels)
    case: Any = SimpleNamespace(keys=SimpleNamespace(legacy={("DEU", "gun")}, frame={}))
    sliver = np.array([SMALLEST_ORDER / 3, 0.0, SMALLEST_ORDER / 3])
    lower, upper = polish._least_orders(case, matrix, sliver, matrix.lower, matrix.upper)
    assert (lower.tolist(), upper.tolist()) == ([0, 0, 0], [0, 0, 9])
    lower, upper = polish._least_orders(case, matrix, np.array([3.0, 1.0, 0.0]), matrix.lower, matrix.upper)
    assert lower.tolist() == pytest.approx([0.75 * SMALLEST_ORDER, 0.25 * SMALLEST_ORDER, 0])
    assert upper.tolist() == [9, 9, 9]


def test_a_plan_that_is_the_best_is_finished_at_least_cost(one: Made, best: Floats) -> None:
    """A thousandth of its value may be given up for money: what the search left is not taken as it stands."""
    value, journal = one.instance.value(best), Journal(lambda: 0.0)
    first = Outcome(Termination.PROVEN, best, value, value)
    engine = Engine(one.compiled.matrix, endless(), threads=1)
    polish.Polish(one.compiled, engine, False, journal, lambda: np.inf).finish(first, first, 0.001)
    assert not any("no better values" in line for line in journal.lines)
    matrix, found = one.compiled.matrix, one.compiled.values()
    assert float(matrix.second @ found) < float(matrix.second @ best) - 1
