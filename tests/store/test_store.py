"""A store: what is written is listed and found; names are given once; what may go, goes."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from data.dataset import load
from data.levers import apply
from optimizer.plans.plan import Plan, PlanError
from optimizer.pool import Event
from store import store as stores
from store.folder import STRAY_SECONDS
from store.store import LOCK, PLACE, Store
from tests.store.conftest import TINY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "plans").open()


def put(store: Store, plan: Plan, name: str) -> Path:
    assert store.write(plan, store.root / name).ok
    return store.root / name


def test_nothing_is_made_before_something_is_written(tmp_path: Path) -> None:
    store = Store(tmp_path / "plans")
    assert store.runs() == [] and store.run("x") is None and store.evict(0) == []
    assert not (tmp_path / "plans").exists()


def test_a_plan_written_elsewhere_leaves_no_store_behind(tiny_plan: Plan, tmp_path: Path) -> None:
    """`--out DIR` in anybody's folder writes DIR and nothing beside it."""
    put(Store(tmp_path), tiny_plan, "p")
    assert [entry.name for entry in tmp_path.iterdir()] == ["p"]


def test_runs_are_listed_with_what_was_written_beside_them(store: Store, tiny_plan: Plan) -> None:
    put(store, tiny_plan, "a")
    put(store, tiny_plan, "b")
    os.utime(store.root / "a/plan.json", (time.time() + 60, time.time() + 60))
    assert [run.name for run in store.runs()] == ["a", "b"]
    run = store.runs()[0]
    store.set_note(run, " the first ")
    store.keep(run, "staff,\n 2026-12-01")
    assert (store.runs()[0].note, store.runs()[0].kept) == ("the first", "staff, 2026-12-01")
    assert store.read(run).header == json.loads((run.folder / "plan.json").read_text(encoding="utf-8"))
    store.keep(run, "")
    put(store, tiny_plan, "a")  # a plan written again keeps what lies beside it
    found = store.run("a")
    assert found is not None and (found.note, found.kept) == ("the first", "")
    store.delete(found)
    assert [one.name for one in store.runs()] == ["b"] and store.run("a") is None


def test_a_damaged_run_is_left_out(store: Store, tiny_plan: Plan, damage_header: Callable[..., None]) -> None:
    put(store, tiny_plan, "good")
    damage_header(put(store, tiny_plan, "a"), objective={"first_value": "x"})
    (put(store, tiny_plan, "b") / "plan.json").write_text("{", encoding="utf-8")
    assert [run.name for run in store.runs()] == ["good"]


def test_the_best_run_of_a_case_is_found_and_its_bound(
    store: Store, tiny_plan: Plan, damage_header: Callable[..., None]
) -> None:
    told = tiny_plan.header["objective"]
    damage_header(put(store, tiny_plan, "worse"), objective={"first_value": told["first_value"] + 1})
    put(store, tiny_plan, "best")
    best = store.best(tiny_plan.case, "gap")
    assert best is not None and best.name == "best"
    assert store.least(tiny_plan.case, "gap") == (pytest.approx(told["bound"]), [])
    assert store.best(tiny_plan.case, "worst_area") is None
    assert store.least(tiny_plan.case, "worst_area") == (-math.inf, [])


def test_a_start_is_the_case_s_best_else_the_nearest_that_can_be_read(store: Store, tiny_plan: Plan) -> None:
    case = tiny_plan.case
    assert store.start(case, "gap") == (None, [])
    put(store, tiny_plan, "base")
    found, warnings = store.start(case, "gap")
    assert found is not None and (found.run.name, found.told, warnings) == ("base", "the same case", [])
    assert found.least == pytest.approx(tiny_plan.header["objective"]["bound"])
    moved = apply(load(TINY), None, {"carry_over": 0.1})
    found, _ = store.start(moved, "gap")
    assert found is not None and found.told == "the same data, 1 lever otherwise" and found.least == -math.inf
    found, _ = store.start(case, "worst_area")
    assert found is not None and found.told == "the same case, another objective" and found.least == -math.inf
    (store.root / "base/tables/orders.csv").write_bytes(b"\xff\xfe")
    found, warnings = store.start(case, "gap")
    assert found is None and len(warnings) == 1 and "left out as a start" in warnings[0]


def test_a_damaged_side_file_is_told_and_costs_the_bound_alone(store: Store, tiny_plan: Plan) -> None:
    (put(store, tiny_plan, "base") / "search.npz").write_bytes(b"PK")
    found, warnings = store.start(tiny_plan.case, "gap")
    assert found is not None and found.least == -math.inf
    assert len(warnings) == 1 and "search.npz is left out" in warnings[0]


def test_a_name_is_given_once(store: Store) -> None:
    other = Store(store.root)
    names = [one.new_name("tiny", "a/b") for one in (store, other, store, other)]
    assert len(set(names)) == 4 and all(name.startswith("tiny-a_b-") for name in names)


def test_eviction_deletes_until_the_rest_fits(store: Store, tiny_plan: Plan) -> None:
    for name in ("a", "b", "c"):
        put(store, tiny_plan, name)
    one = sum(file.stat().st_size for file in (store.root / "a").rglob("*") if file.is_file())
    for place, name in enumerate(("b", "a", "c")):
        os.utime(store.root / PLACE / "used" / name, (place + 1, place + 1))
    assert store.evict(10 * one) == []
    assert store.evict(2 * one + 1000, spared=("b",)) == ["c"]  # "a" ranks first of three that are equal
    assert store.evict(0, spared=("b",)) == ["a"]
    assert [run.name for run in store.runs()] == ["b"]


def test_what_killed_processes_left_is_swept(store: Store, tiny_plan: Plan) -> None:
    put(store, tiny_plan, "p")
    old, young = store.root / ".p.x.gone", store.root / ".p.y.gone"
    for stray in (old, young):
        stray.mkdir()
    os.utime(old, (time.time() - 2 * STRAY_SECONDS,) * 2)
    store.evict(10**12)
    assert young.is_dir() and not old.exists()


def test_a_lock_that_is_never_given_back_is_told(
    store: Store, tiny_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.1)
    with (
        FileLock(store.root / PLACE / LOCK),
        pytest.raises(PlanError, match="another process has held the store's lock"),
    ):
        store.write(tiny_plan, store.root / "p")
    assert store.runs() == [] and store.write(replace(tiny_plan, search=None), store.root / "p").ok


@pytest.mark.parametrize("at_once", [True, False], ids=["exchanged", "one after the other"])
def test_a_run_whose_place_is_taken_stays_under_a_name_of_its_own(
    store: Store, tiny_plan: Plan, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.setattr("store.folder._exchange", lambda one, other: False)
    put(store, tiny_plan, "a")
    earlier = store.run("a")
    assert earlier is not None
    store.set_note(earlier, "the first")
    other = replace(tiny_plan, header=tiny_plan.header | {"run": "20270101T000000-0001"}, tables=changed(tiny_plan))
    place = store.aside(earlier)
    assert place.name == f"a-{tiny_plan.header['run']}"
    assert store.write(other, store.root / "a", keep=True).ok
    assert sorted(entry.name for entry in store.root.iterdir() if entry.name != PLACE) == ["a", place.name]
    kept, new = store.run(place.name), store.run("a")
    assert kept is not None and new is not None
    assert (kept.header["run"], kept.note) == (tiny_plan.header["run"], "the first")
    assert (new.header["run"], new.note) == ("20270101T000000-0001", "")


def changed(plan: Plan) -> dict[str, pd.DataFrame]:
    """The tables of a plan that say the same in other bytes: its orders from the last to the first."""
    return {**plan.tables, "orders": plan.tables["orders"].iloc[::-1]}


def test_the_same_plan_again_and_what_is_no_run_are_not_kept(store: Store, tiny_plan: Plan) -> None:
    put(store, tiny_plan, "a")
    assert store.write(tiny_plan, store.root / "a", keep=True).ok
    (store.root / "b").mkdir()
    (store.root / "b" / "plan.json").write_text("{}", encoding="utf-8")
    assert store.write(tiny_plan, store.root / "b", keep=True).ok
    assert [run.name for run in store.runs()] == ["a", "b"] or [run.name for run in store.runs()] == ["b", "a"]


def test_a_name_that_is_taken_or_too_long_has_another(store: Store, tiny_plan: Plan) -> None:
    label = tiny_plan.header["run"]
    put(store, tiny_plan, "a")
    put(store, tiny_plan, f"a-{label}")
    run = store.run("a")
    assert run is not None and store.aside(run).name == f"a-{label}-2"
    put(store, tiny_plan, "x" * 119)
    long = store.run("x" * 119)
    assert long is not None and stores.RUN.fullmatch(store.aside(long).name) and store.aside(long).name.endswith(label)


def test_the_progress_of_a_run_comes_back_as_it_was_written(store: Store, tiny_plan: Plan) -> None:
    lines = (Event(0.0304, 3, None, 13.2, "relaxation"), Event(1.5, 7, 1 / 3, 0.1, "from nothing, twice"))
    put(store, replace(tiny_plan, progress=lines), "a")
    run = store.run("a")
    assert run is not None
    assert store.progress(run) == (replace(lines[0], seconds=0.03), lines[1])
    assert store.read(run).progress == store.progress(run)


@pytest.mark.parametrize(
    "text",
    [
        "", "seconds,work\n1,2\n", "seconds,work,value,bound,finder\n1.0,x,1.0,1.0,a\n",
        "seconds,work,value,bound,finder\n1.0,1,inf,1.0,a\n", "seconds,work,value,bound,finder\n1.0,1\n", "\0",
    ],
)  # fmt: skip
def test_a_damaged_progress_is_none(store: Store, tiny_plan: Plan, text: str) -> None:
    folder = put(store, tiny_plan, "a")
    (folder / "progress.csv").write_text(text, encoding="utf-8")
    run = store.run("a")
    assert run is not None and store.progress(run) == () and store.read(run).solved
    (folder / "progress.csv").unlink()
    assert store.progress(run) == ()
