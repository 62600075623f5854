"""Where the gap lies: a group held costs no less than none, all whole is the plan, and rows are kept and kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import gap
from benchmarks.measured import read
from data.dataset import load
from data.levers import apply
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(apply(load(gap.REFERENCE.parent / "tiny")), options=SolveOptions(time_limit=20, threads=1))


def test_groups_held_cost_more_the_more_they_hold_and_all_whole_is_the_plan(plan: Plan, tmp_path: Path) -> None:
    rows = gap.measure(plan, "now", tmp_path / "gap.json")
    assert list(rows) == list(gap.GROUPS)
    value = {name: row["value"] for name, row in rows.items()}
    for name, names in gap.GROUPS.items():
        inside = [other for other, fewer in gap.GROUPS.items() if set(fewer) <= set(names)]
        assert value[name] >= max(value[other] for other in inside) - 1e-6
    assert value["everything whole"] == pytest.approx(plan.header["objective"]["first_value"], abs=1e-6)
    assert rows["everything whole"]["held"] > rows["all that is shared, and the nations' types"]["held"] > 0
    told = gap.line("now", read(tmp_path / "gap.json")["now"])
    assert "points from the relaxation" in told and "commit" in told and "load" in told


def test_every_whole_decision_is_in_a_group(plan: Plan) -> None:
    held = gap.Held(plan)
    matrix, _ = held._made
    assert held.mask(gap.GROUPS["everything whole"]).sum() == matrix.integer.sum()


def test_a_stopped_run_goes_on_and_another_step_is_kept_beside(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = tmp_path / "gap.json"
    gap.measure(plan, "before", result, ["nothing"])
    assert list(read(result)["before"]["groups"]) == ["nothing"]
    assert "not all groups" in gap.line("before", read(result)["before"])
    asked: list[int] = []
    whole = gap.Held.relaxed

    def counted(self: gap.Held, names: tuple[str, ...]) -> dict[str, object]:
        asked.append(len(names))
        return whole(self, names)

    monkeypatch.setattr(gap.Held, "relaxed", counted)
    gap.measure(plan, "before", result)
    assert len(asked) == len(gap.GROUPS) - 1
    gap.measure(plan, "after", result, ["nothing"])
    assert read(result)["after"]["order"] == 1
    monkeypatch.setattr(gap, "commit", lambda: "another")
    gap.measure(plan, "before", result, ["innovation"])
    assert list(read(result)["before"]["groups"]) == ["innovation"], "another commit is measured anew"
