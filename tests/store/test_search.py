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
from optimizer.plans.header import case_sha256
from optimizer.plans.plan import Plan, Search
from store import search as side
from store.folder import write_plan
from store.search import SEARCH, read_search, write_search
from store.store import proven_bound
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
