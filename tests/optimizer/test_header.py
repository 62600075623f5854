"""plan.json of contract 2: what it says of a run, its start, its work and what is closed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from data.dataset import load
from data.levers import apply
from models.program import Program, build
from optimizer.plans import made
from optimizer.plans.derived import settle
from optimizer.plans.header import (
    Indices,
    case_sha256,
    decides_little,
    mode_text,
    objective,
    origin,
    work_asked,
    work_done,
)
from optimizer.plans.plan import Plan, PlanError
from optimizer.solve import SolveOptions, solve
from optimizer.strategy import Strategy
from store.folder import read_current, read_plan, read_start, write_plan

TINY = Path(__file__).resolve().parents[2] / "data/tiny"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(apply(load(TINY)), options=SolveOptions(gap=0.0))


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plans") / "tiny"
    assert write_plan(plan, place).findings == ()
    return place


def test_a_run_has_a_name_a_time_and_an_end(plan: Plan) -> None:
    header = plan.header
    assert header["contract"] == 2
    assert re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{4}", header["run"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", header["written"])
    assert header["termination"] == "within the gap asked"
    assert header["start"] is None and header["tuning"] == Strategy().tuning()


def test_gap_and_closed_speak_of_the_first_pass(plan: Plan) -> None:
    told = plan.header["objective"]
    assert told["mode"] == "gap"
    assert told["value"] == pytest.approx(told["index"] + told["soft_penalty"] + told["persistence"])
    assert told["gap"] == pytest.approx((told["first_value"] - told["bound"]) / max(1, abs(told["first_value"])))
    before = told["index_before"]
    assert told["closed"] == pytest.approx((before - told["first_value"]) / (before - told["bound"]))


def test_the_index_counts_the_settled_state_as_one_more_year(plan: Plan) -> None:
    """So it lies between the planning years' and the settled state's own."""
    header = plan.header
    for when, both in (("before", "index_before"), ("after", "index")):
        ends = sorted((header[f"gap_index_{when}"], header[f"settled_{when}"]))
        assert ends[0] - 1e-9 <= header["objective"][both] <= ends[1] + 1e-9


def test_progress_ends_where_the_first_pass_does(plan: Plan, folder: Path) -> None:
    table = pd.read_csv(folder / "progress.csv")
    assert list(table.columns) == ["seconds", "work", "value", "bound", "finder"]
    assert table["seconds"].is_monotonic_increasing and table["work"].is_monotonic_increasing
    assert float(table["value"].iloc[-1]) == pytest.approx(plan.header["objective"]["first_value"])
    assert float(table["bound"].iloc[-1]) == pytest.approx(plan.header["objective"]["bound"])


def test_a_start_is_named(plan: Plan, folder: Path) -> None:
    again = solve(apply(load(TINY)), options=SolveOptions(gap=0.0), start=read_start(folder))
    assert again.header["start"] == origin(plan.header)
    assert again.header["start"]["run"] == plan.header["run"]


def test_a_plan_of_contract_1_is_read_but_nothing_starts_from_it(folder: Path, tmp_path: Path) -> None:
    plan = read_plan(folder)
    write_plan(plan, tmp_path / "old")
    header = json.loads((tmp_path / "old" / "plan.json").read_text(encoding="utf-8"))
    (tmp_path / "old" / "plan.json").write_text(json.dumps(header | {"contract": 1}), encoding="utf-8")
    assert read_plan(tmp_path / "old").header["contract"] == 1
    with pytest.raises(PlanError, match="contract 1, and a start takes one of contract 2"):
        read_current(tmp_path / "old", "a start")
    with pytest.raises(PlanError, match="solve its data set again"):
        read_start(tmp_path / "old")


@pytest.mark.parametrize(("first", "cost"), [(6, 14), (1, 0), (250_000, 999_999)])
def test_one_number_of_work_holds_both_passes(first: int, cost: int) -> None:
    assert work_asked(work_done(first, cost)) == (first, cost or None)
    assert json.loads(json.dumps(work_done(first, cost))) == work_done(first, cost)


def test_a_case_is_its_data_and_its_options() -> None:
    base = apply(load(TINY))
    assert case_sha256(base) == case_sha256(apply(load(TINY)))
    others = [apply(load(TINY), None, levers) for levers in ({"persistence": 3.0}, {"growth_shift": -0.01})]
    assert len({case_sha256(case) for case in (base, *others)}) == 3


def test_the_mode_is_what_the_option_takes() -> None:
    assert mode_text("cost", 35.0) == "cost:35.0"
    assert mode_text("worst_area", None) == "worst_area"


@pytest.mark.parametrize(
    ("index", "mode", "told"), [(75.1, "gap", True), (60.0, "gap", False), (76.0, "cost:80", False)]
)
def test_a_plan_that_decides_next_to_nothing_says_so(index: float, mode: str, told: bool) -> None:
    """From 76.3 the bound of 27.7 would let 48.6 be closed; a tenth of that is 4.86, and 76.3 - 75.1 is 1.2."""
    said = decides_little({"mode": mode, "index_before": 76.3, "index": index, "bound": 27.7})
    assert ("decides next to nothing" in said) == told


def test_the_warning_is_in_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = made.objective
    monkeypatch.setattr(made, "objective", lambda *given: honest(*given) | {"index_before": 100.0, "index": 99.0})
    header = solve(apply(load(TINY)), options=SolveOptions(gap=0.0)).header
    assert any("decides next to nothing" in text for text in header["warnings"])


def test_where_nothing_can_be_closed_closed_is_null() -> None:
    """A bound at what there is before: no plan closes anything."""
    program = build(apply(load(TINY)))
    plan_of_nothing = settled_empty(program)
    told = objective(program, "gap", plan_of_nothing, plan_of_nothing.both, plan_of_nothing.both, 0.0)
    assert told["closed"] is None and told["gap"] == 0


def settled_empty(program: Program) -> Indices:
    """Nothing decided, every figure worked out."""
    before = Indices.before(program)
    settle(program)
    return before
