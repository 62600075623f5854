"""search.npz: what is written comes back, what is damaged is left out with a warning and never believed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.dataset import load
from data.levers import apply
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.plans.header import case_sha256
from optimizer.plans.plan import Plan, Pooled, Search
from optimizer.solve import SolveOptions, solve
from optimizer.strategy import Strategy
from store import search as side
from store.folder import write_plan
from store.search import SEARCH, read_search, write_search
from store.store import Store, proven_bound
from tests.optimizer.generated import AS_LARGE, made
from tests.store.conftest import TINY

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
part = st.one_of(text, st.integers(-5, 2040))
keys = st.one_of(st.none(), part, st.tuples(part, part), st.tuples(part, st.tuples(part, part)))
numbers = st.dictionaries(st.tuples(text, keys), st.floats(allow_nan=False, allow_infinity=False), max_size=6)


@settings(deadline=None, max_examples=40)
@given(numbers, numbers, st.one_of(st.just(-math.inf), st.floats(-1e6, 1e6)))
def test_what_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, multipliers: dict[object, float], whole: dict[object, float], bound: float
) -> None:
    folder = tmp_path_factory.mktemp("search")
    search = Search(multipliers, bound, whole)  # type: ignore[arg-type]
    header = {"case_sha256": "c", "objective": {"mode": "gap"}}
    plan = Plan(header, {}, apply(load(TINY)), search=search)
    write_search(plan, folder)
    found, warning = read_search(folder)
    assert found is not None and warning == ""
    assert found.search == search and (found.case_sha256, found.mode) == ("c", "gap")
    first = (folder / SEARCH).read_bytes()
    write_search(replace(plan, search=Search(dict(reversed(multipliers.items())), bound, whole)), folder)  # type: ignore[arg-type]
    assert (folder / SEARCH).read_bytes() == first


@pytest.fixture(scope="module")
def written(tiny_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans") / "p"
    assert tiny_plan.search is not None
    search = replace(tiny_plan.search, multipliers={("budget.spent", ("DEU", 2027)): 0.5}, bound=1.0)
    assert write_plan(replace(tiny_plan, search=search), folder).ok
    return folder


def test_a_solve_leaves_the_plan_s_whole_decisions(tiny_plan: Plan) -> None:
    """Every order of lots that a nation makes alone is there; programmes without a lot are divisible, and not."""
    assert tiny_plan.search is not None
    orders = tiny_plan.tables["orders"]
    programmes = tiny_plan.case.dataset.tables["programmes"]
    whole_ones = set(programmes[programmes["lot"] > 0]["programme"])
    alone = orders[(orders["channel"] == "national") & orders["programme"].isin(whole_ones)]
    whole = tiny_plan.search.whole
    assert {key for (name, key) in whole if name == "order"} == set(
        alone[["nation", "programme", "year"]].itertuples(index=False, name=None)
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_a_damaged_file_costs_a_warning_and_nothing_else(
    written: Path, tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, cut: bool
) -> None:
    content = (written / SEARCH).read_bytes()
    place %= len(content)
    folder = tmp_path_factory.mktemp("damaged")
    changed = content[:place] if cut else content[:place] + bytes([byte]) + content[place + 1 :]
    (folder / SEARCH).write_bytes(changed)
    found, warning = read_search(folder)
    assert (found is None) == bool(warning) and "\n" not in warning
    if warning:
        assert "is left out" in warning


def test_arrays_of_different_lengths_are_damage(written: Path, tmp_path: Path) -> None:
    with np.load(written / SEARCH) as held:
        arrays = dict(held)
    np.savez(tmp_path / SEARCH, **(arrays | {"multiplier": np.zeros(5)}))
    found, warning = read_search(tmp_path)
    assert found is None and "differ in length" in warning


# ---- the pool --------------------------------------------------------------------------------------------------------

THREE = (
    Pooled(13.375, "prove", {("launch", ("f1", 2027)): 1.0, ("order", ("DEU", "p1", 2028)): 4.0}),
    Pooled(13.9, "from nothing", {("order", ("DEU", "p1", 2028)): 3.0}),
    Pooled(14.5, "rounding", {}),
)


def with_pool(plan: Plan, *pool: Pooled) -> Plan:
    assert plan.search is not None
    return replace(plan, search=replace(plan.search, pool=pool))


def test_three_plans_in_are_three_plans_out_the_best_first(tiny_plan: Plan, tmp_path: Path) -> None:
    """Whatever order they come in, the bytes are the same; the third decides nothing at all, and is a plan, too."""
    store = Store(tmp_path / "plans").open()
    assert store.write(with_pool(tiny_plan, *THREE), store.root / "a").ok
    run = store.run("a")
    assert run is not None and store.pool(run) == (THREE, "")
    assert store.write(with_pool(tiny_plan, *reversed(THREE)), store.root / "b").ok
    assert (store.root / "a" / SEARCH).read_bytes() == (store.root / "b" / SEARCH).read_bytes()


def test_an_older_run_has_no_pool_and_keeps_all_else(tiny_plan: Plan, tmp_path: Path) -> None:
    store = Store(tmp_path / "plans").open()
    assert store.write(with_pool(tiny_plan, *THREE), store.root / "a").ok
    file = store.root / "a" / SEARCH
    with np.load(file) as held:
        older = {name: held[name] for name in held.files if not name.startswith("pool_")}
    np.savez_compressed(file, **older)
    run = store.run("a")
    assert run is not None and store.pool(run) == ((), "")
    kept, warning = read_search(file.parent)
    assert kept is not None and kept.search == replace(tiny_plan.search, pool=()) and warning == ""  # type: ignore[type-var]


def test_a_pool_of_another_case_or_objective_is_none(tiny_plan: Plan, tmp_path: Path) -> None:
    store = Store(tmp_path / "plans").open()
    other = replace(tiny_plan, header=tiny_plan.header | {"case_sha256": "0" * 64})
    assert store.write(with_pool(tiny_plan, *THREE), store.root / "a").ok
    write_search(with_pool(other, *THREE), store.root / "a")
    run = store.run("a")
    assert run is not None and store.pool(run) == ((), "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pool_finder": np.array(["one"])}, "of its pool differ in length"),
        ({"pool_whole": np.zeros(2)}, "of its pool differ in length"),
        ({"pool_value": np.array([3.0, 2.0, 4.0])}, "no rising numbers"),
        ({"pool_value": np.array([1.0, np.nan, 4.0])}, "no rising numbers"),
        ({"pool_plan": np.array([0, 0, 3])}, "of no plan"),
        ({"pool_plan": np.array([0, -1, 1])}, "of no plan"),
        ({"pool_plan": np.array([0, 0, 0])}, "decide the same"),
    ],
)
def test_a_pool_that_says_no_pool_is_damage(
    tiny_plan: Plan, tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    write_search(with_pool(tiny_plan, *THREE), tmp_path)
    with np.load(tmp_path / SEARCH) as held:
        arrays = dict(held)
    np.savez(tmp_path / SEARCH, **(arrays | changed))  # type: ignore[arg-type]
    found, warning = read_search(tmp_path)
    assert found is None and words in warning


def test_a_solve_leaves_its_pool_and_each_value_is_what_its_decisions_are_worth(tmp_path: Path) -> None:
    """A generated set of three nations: with the whole decisions of a plan held, a program finds its value, or less."""
    this = made(tmp_path, (3, 10, 1))
    options = SolveOptions(gap=0.0, work_limit=400, threads=1)
    plan = solve(this.case, options=options, strategy=Strategy(sizes=AS_LARGE))
    assert plan.search is not None
    pool = plan.search.pool
    assert len(pool) > 3 and [one.value for one in pool] == sorted(one.value for one in pool)
    assert pool[0].value == pytest.approx(plan.header["objective"]["first_value"])
    assert all(one.whole != other.whole for place, one in enumerate(pool) for other in pool[:place])
    assert {one.finder for one in pool} <= {event.finder for event in plan.progress}
    matrix = this.compiled.matrix
    integer = np.flatnonzero(matrix.integer)
    names = [(matrix.columns[place].name, matrix.columns[place].key) for place in integer]
    for one in pool:
        assert one.whole.keys() <= set(names)
        lower, upper = matrix.lower.copy(), matrix.upper.copy()
        lower[integer] = upper[integer] = [one.whole.get(name, 0.0) for name in names]
        engine = Engine(matrix, Budget(60.0))
        engine.bounds(lower, upper)
        found = engine.mip(gap=0.0)
        assert found.x is not None and found.value <= one.value + 1e-6


def test_a_small_program_s_tree_leaves_its_plan_in_the_pool(tiny_plan: Plan) -> None:
    assert tiny_plan.search is not None
    (only,) = tiny_plan.search.pool
    assert only.value == pytest.approx(13.375) and only.finder == "prove"


def test_a_bound_is_of_its_case_its_objective_and_its_program(
    tiny_plan: Plan, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, case = tiny_plan.header, tiny_plan.case
    told = header["objective"]["bound"]
    assert proven_bound(written, header, case, "gap") == (pytest.approx(told), "")
    assert proven_bound(written, header, case, "worst_nation")[0] == -math.inf
    other = apply(load(TINY), None, {"persistence": 3.0})
    assert case_sha256(other) != case_sha256(case)
    assert proven_bound(written, header, other, "gap")[0] == -math.inf
    monkeypatch.setattr("store.store.program_sha256", lambda: "of a later version")
    assert proven_bound(written, header, case, "gap")[0] == -math.inf


def test_the_program_is_its_code_and_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = side.program_sha256()
    assert honest == side.program_sha256.__wrapped__()
    monkeypatch.setattr(side, "versions", lambda: {"highspy": "0"})
    assert side.program_sha256.__wrapped__() != honest
