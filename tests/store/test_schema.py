"""plan.json of contract 2: what is damaged is told by its place, in one line."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.dataset import load
from data.levers import apply
from optimizer.plans.plan import BrokenPlan, Plan
from optimizer.solve import solve
from store.folder import read_plan, write_plan
from store.schema import Header, Objective, fault_of
from tests.store.conftest import TINY

KEYS = sorted(Header.model_fields)
HALF = [key for key in KEYS if key not in ("contract",)]


def plain(plan: Plan) -> dict[str, Any]:
    return dict(json.loads(json.dumps(plan.header)))


def test_what_a_solve_writes_is_whole(tiny_plan: Plan) -> None:
    assert fault_of(plain(tiny_plan)) == ""


def test_a_header_without_a_plan_is_whole_too() -> None:
    stopped = threading.Event()
    stopped.set()
    none = solve(apply(load(TINY)), cancel=stopped)
    assert none.header["exit_code"] == 6 and none.header["objective"] == {}
    assert fault_of(plain(none)) == ""


@pytest.mark.parametrize("key", HALF)
def test_each_key_is_missed_by_its_name(tiny_plan: Plan, key: str) -> None:
    header = plain(tiny_plan)
    del header[key]
    assert fault_of(header).startswith(f"plan.json: {key}: ")


@pytest.mark.parametrize("key", sorted(Objective.model_fields))
def test_so_is_each_key_of_the_objective(tiny_plan: Plan, key: str) -> None:
    header = plain(tiny_plan)
    del header["objective"][key]
    assert "objective" in fault_of(header)


damaged = st.one_of(
    st.none(), st.booleans(), st.text(max_size=5), st.lists(st.integers(), max_size=2), st.just({}),
    st.just(float("nan")), st.just(float("inf")), st.integers(-5, 5),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(HALF), value=damaged)
def test_a_fault_is_one_line_that_names_the_place(tiny_plan: Plan, key: str, value: object) -> None:
    told = fault_of(copy.deepcopy(plain(tiny_plan)) | {key: value})
    assert "\n" not in told and len(told) < 300
    assert told == "" or told.startswith(f"plan.json: {key}")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ([], "plan.json is no object"),
        ({"contract": 1}, ""),  # read by compare and report
        ({"contract": 3}, "plan.json: contract: input should be 2, not '3'"),
        ({"contract": True}, "plan.json: contract: input should be 2, not 'True'"),
    ],
)
def test_other_contracts(header: object, told: str) -> None:
    assert fault_of(header).partition(" (and ")[0] == told


def test_a_plan_without_an_objective_is_none(tiny_plan: Plan) -> None:
    assert "says that there is a plan" in fault_of(plain(tiny_plan) | {"objective": {}})


def test_a_damaged_folder_is_told_with_its_place(
    tiny_plan: Plan, tmp_path: Path, damage_header: Callable[..., None]
) -> None:
    write_plan(tiny_plan, tmp_path / "p")
    damage_header(tmp_path / "p", objective={"bound": "low"})
    with pytest.raises(BrokenPlan, match=r"objective\.bound: .*not 'low'.*: name the folder of a whole plan"):
        read_plan(tmp_path / "p")
