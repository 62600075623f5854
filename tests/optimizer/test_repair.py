"""What a violated row asks for: who must take part finds the money, small neighbourhoods are repaired at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.generate import generate
from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.estimates import Session
from optimizer.finders import repair
from optimizer.finders.candidate import Candidate
from optimizer.finders.from_nothing import FromNothing
from optimizer.finders.from_relaxation import FromRelaxation
from optimizer.finders.step import Neighbourhood
from optimizer.instance import Instance
from optimizer.pool import Pool
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened
from tests.cases import TINY


def instance_of(folder: Path) -> Instance:
    program = build(apply(load(folder)))
    return Instance(tightened(compile_program(program).matrix, program.keys), program.keys)


@pytest.fixture(scope="module")
def candidate() -> Candidate:
    instance = instance_of(TINY)
    return Candidate.of(instance, np.zeros(len(instance.matrix.cost)))


def test_a_committed_member_and_a_host_are_bound_to_take_part(candidate: Candidate) -> None:
    """In sam_joint the USA is committed, Germany and Poland may join; Germany hosts the second shift."""
    assert repair.bound_to(candidate.instance.keys, "sam_joint") == ["USA"]
    assert repair.bound_to(candidate.instance.keys, "sam_shift") == ["DEU"]
    assert repair.bound_to(candidate.instance.keys, "howitzer") == []


def test_a_frame_is_repaired_with_all_that_its_committed_member_decides(candidate: Candidate) -> None:
    keys, layout = candidate.instance.keys, candidate.instance.layout
    (hood,) = repair.repairers_of(candidate, ["sam_joint"], keys)
    usa = layout.nation([keys.nations.index("USA")])
    pol = layout.nation([keys.nations.index("POL")]) & ~layout.shared(range(len(keys.programmes)))
    assert (hood.free & usa).sum() == usa.sum()
    assert (hood.free & pol).sum() < pol.sum()


def test_small_neighbourhoods_are_made_one_and_large_ones_stay(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, layout = candidate.instance.keys, candidate.instance.layout
    follows = layout.accounts(range(len(keys.programmes)))
    places = np.flatnonzero(~follows)
    hoods = []
    for number, some in enumerate((places[:2], places[2:4], places[4:10])):
        free = follows.copy()
        free[some] = True
        hoods.append(Neighbourhood(f"h{number}", free))
    monkeypatch.setattr(repair, "TOGETHER", 5)
    found = repair.together(candidate, hoods)
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
    instance = instance_of(tmp_path / "set")
    matrix, endless, nobody = instance.matrix, Budget(float("inf")), Budget(0.0)
    root = relaxed(matrix, endless, matrix.lower, matrix.upper, 0)
    least = FromNothing().least_plan(instance, endless)
    assert root.x is not None
    assert least is not None
    pool, finder = Pool(nobody, Journal(lambda: nobody.elapsed)), FromRelaxation()
    rounded = finder.shared(instance, pool, nobody, root.x)
    assert finder.one_by_one(rounded, range(6), pool, nobody, 0.0, careful=False)
    assert rounded.whole
    nothing = instance.value(least) - root.value
    assert rounded.priced - root.value < 0.7 * nothing
