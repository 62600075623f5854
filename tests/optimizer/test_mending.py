"""What a bent row asks for: who must take part finds the money, small neighbourhoods are mended at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.generate import generate
from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer import strategy as search
from optimizer.engine.highs import Watch
from optimizer.estimates import Session
from optimizer.finders import neighbourhoods
from optimizer.finders.step import Hood, Hunt, begin
from optimizer.problem.compile import compile_program
from optimizer.problem.layout import Layout
from optimizer.problem.tighten import tightened
from tests.cases import TINY


@pytest.fixture(scope="module")
def hunt() -> Hunt:
    program = build(apply(load(TINY)))
    matrix = tightened(compile_program(program).matrix, program.keys)
    return begin(matrix, program.keys, Watch(float("inf")), np.zeros(len(matrix.cost)), 0)


def test_a_committed_member_and_a_host_are_bound_to_take_part(hunt: Hunt) -> None:
    """In sam_joint the USA is committed, Germany and Poland may join; Germany hosts the second shift."""
    assert neighbourhoods.bound_to(hunt.keys, "sam_joint") == ["USA"]
    assert neighbourhoods.bound_to(hunt.keys, "sam_shift") == ["DEU"]
    assert neighbourhoods.bound_to(hunt.keys, "howitzer") == []


def test_a_frame_is_mended_with_all_that_its_committed_member_decides(hunt: Hunt) -> None:
    (hood,) = neighbourhoods.menders_of(hunt, ["sam_joint"], hunt.keys)
    usa = hunt.layout.nation([hunt.keys.nations.index("USA")])
    pol = hunt.layout.nation([hunt.keys.nations.index("POL")]) & ~hunt.layout.shared(range(len(hunt.keys.programmes)))
    assert (hood.free & usa).sum() == usa.sum()
    assert (hood.free & pol).sum() < pol.sum()


def test_small_neighbourhoods_are_made_one_and_large_ones_stay(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    layout: Layout = hunt.layout
    follows = layout.accounts(range(len(hunt.keys.nations)))
    places = np.flatnonzero(~follows)
    hoods = []
    for number, some in enumerate((places[:2], places[2:4], places[4:10])):
        free = follows.copy()
        free[some] = True
        hoods.append(Hood(f"h{number}", free))
    monkeypatch.setattr(neighbourhoods, "TOGETHER", 5)
    found = neighbourhoods.together(hunt, hoods)
    assert [hood.name for hood in found] == ["h0, h1", "h2"]
    assert (found[0].free == (hoods[0].free | hoods[1].free)).all()


def test_the_first_part_of_an_estimate_is_a_bound_and_what_a_plan_may_be_worth() -> None:
    """As far above the bound as the base's plan is above its own; without a plan nothing is expected."""
    from optimizer.solve import SolveOptions, solve

    dataset = load(TINY)
    plan = solve(apply(dataset), options=SolveOptions(gap=0.0, time_limit=20, threads=1))
    session = Session(dataset, plan=plan)
    session.prime(apply(dataset))
    root, value = session.memory.bound, plan.header["objective"]["value"]
    case = apply(dataset, None, {"core_share_2035": 0.02})
    found = session.bound(case)
    assert found.expected == pytest.approx(found.bound + value - root)
    whole = session.estimate(case, bound=found.bound)
    assert whole.bound == found.bound and whole.value is not None
    assert found.bound <= whole.value + 1e-6
    assert whole.rebuilt == "", "the program of the first part is at hand"
    assert Session(dataset).bound(case).expected is None
    area = dataset.tables["areas"]["area"][0]
    assert session.bound(apply(dataset, None, {f"area_weight.{area}": 3.0})).expected is None, "other weights"
    other = Session(dataset, plan=plan)
    other.take(apply(dataset), session.memory.multipliers, root)
    assert other.bound(case).expected == pytest.approx(found.expected), "what one session knows serves another"


def test_what_the_clock_leaves_of_a_first_plan_is_rounded_down_not_given_up(tmp_path: Path) -> None:
    """With no time for nations one by one, all are rounded at once: whole, and better than nothing bought."""
    generate(6, 24, 1, tmp_path / "set")
    program = build(apply(load(tmp_path / "set")))
    matrix = tightened(compile_program(program).matrix, program.keys)
    endless = Watch(float("inf"))
    root = search.relaxed(matrix, endless, matrix.lower, matrix.upper, 0)
    least = search.least_plan(matrix, program.keys, endless, 0)
    assert root.x is not None
    assert least is not None
    rounded = search._shared(matrix, program.keys, Watch(0.0), root.x, 0, lambda text: None)
    assert search._one_by_one(rounded, 0.0, lambda text: None)
    assert rounded.whole
    nothing = search.value_of(matrix, least) - root.value
    assert rounded.priced - root.value < 0.7 * nothing
