"""The desk reads the store: a plan that left the memory comes back, and a worse one takes no better one's place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.levers import Case, apply
from optimizer.plans.header import origin
from optimizer.plans.plan import Plan, Search
from optimizer.solve import SolveOptions, solve
from tests.ui.test_desk import TINY, Engine, until
from ui import desk as desks
from ui.desk import HOLDS, Desk, Proven
from ui.setting import key_of
from ui.shelf import Shelf

CASES = [apply(TINY), apply(TINY, None, {"carry_over": 0.1})]
KEYS = [key_of(case) for case in CASES]


@pytest.fixture(scope="module")
def solved() -> dict[str, Plan]:
    return {key: solve(case, options=SolveOptions(gap=0.0)) for key, case in zip(KEYS, CASES, strict=True)}


class Prover(Engine):
    """Gives plans that are known, and notes what each search was to start from."""

    def __init__(self, plans: dict[str, Plan]) -> None:
        super().__init__()
        self.plans = plans
        self.starts: list[tuple[Plan | None, float]] = []

    def prove(self, case: Case, stop: threading.Event, report: object, seconds: float, *start: object) -> Plan:
        self.searched.append(key_of(case))
        self.starts.append(start)  # type: ignore[arg-type]
        return self.plans[key_of(case)]


@pytest.fixture
def prover(solved: dict[str, Plan]) -> Prover:
    return Prover(dict(solved))


@pytest.fixture
def opened(prover: Prover, tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    made: list[Desk] = []

    def another() -> Desk:
        made.append(Desk(prover, Shelf(tmp_path)))  # type: ignore[arg-type]
        return made[-1]

    yield another
    for desk in made:
        desk.close()


def proven(desk: Desk, place: int) -> Proven:
    """Have a plan sought by hand, and wait until it is on disk."""
    desk.prove("session", KEYS[place], CASES[place], 10)
    limit = time.monotonic() + 60
    while (found := desk.answer(KEYS[place]).proven) is None or found.audit != HOLDS or desk.waiting():
        assert time.monotonic() < limit
        time.sleep(0.01)
    return found


def test_a_plan_that_left_the_memory_comes_back_from_disk(
    opened: Callable[[], Desk], prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "KEPT_PLANS", 1)
    desk = opened()
    first = proven(desk, 0)
    proven(desk, 1)
    assert desk.answer(KEYS[0]).proven is None
    desk.ask("session", KEYS[0], CASES[0])
    again = desk.answer(KEYS[0]).proven
    assert again is not None and again.run == first.run and again.plan.header == first.plan.header
    assert prover.searched == KEYS


def test_a_worse_plan_takes_no_better_one_s_place_in_another_process_either(
    opened: Callable[[], Desk], prover: Prover
) -> None:
    best = proven(opened(), 0)
    told = best.plan.header["objective"]
    for change in ({"first_value": told["first_value"] + 1}, {"bound": told["bound"] - 1}):
        worse = {**best.plan.header, "objective": told | change}
        prover.plans[KEYS[0]] = replace(best.plan, header=worse)
        desk, before = opened(), len(prover.searched)
        desk.prove("session", KEYS[0], CASES[0], 10)
        until(lambda before=before: len(prover.searched) > before)  # type: ignore[misc]
        until(lambda desk=desk: desk.answer(KEYS[0]).proven is not None)  # type: ignore[misc]
        found = desk.answer(KEYS[0]).proven
        assert found is not None and found.run == best.run and found.plan.header == best.plan.header


def test_the_room_is_primed_with_what_an_earlier_search_left(
    opened: Callable[[], Desk], prover: Prover, solved: dict[str, Plan], tmp_path: Path
) -> None:
    """Of the base case, by whatever process; a search that solved no relaxation leaves nothing to be primed with."""
    told: list[object] = []
    prover.prime = lambda case, plan, stop, known: told.append(known)  # type: ignore[attr-defined]
    opened().put(CASES[0], solved[KEYS[0]])
    until(lambda: told == [None])
    left = Search({("budget.spent", ("DEU", 2027)): 0.5}, 13.0, {})
    assert Shelf(tmp_path).write(replace(solved[KEYS[0]], search=left), "earlier").ok
    opened().put(CASES[0], solved[KEYS[0]])
    until(lambda: told == [None, left])


def test_a_search_starts_from_the_best_run_of_its_case_else_from_the_nearest(
    opened: Callable[[], Desk], prover: Prover, solved: dict[str, Plan]
) -> None:
    desk = opened()
    proven(desk, 0)
    proven(desk, 1)
    proven(opened(), 1)
    (nothing, _), (near, near_least), (same, least) = prover.starts
    assert nothing is None
    assert near is not None and origin(near.header) == origin(solved[KEYS[0]].header) and near_least == -float("inf")
    assert same is not None and origin(same.header) == origin(solved[KEYS[1]].header)
    assert least == pytest.approx(solved[KEYS[1]].header["objective"]["bound"])
