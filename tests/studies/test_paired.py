"""Paired answers: who starts from whom, what is kept and told; proven optima lie in the interval."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from data.levers import Case, apply
from optimizer.ask import Answer, Question
from optimizer.engine.journal import Progress
from optimizer.plans.header import case_sha256
from optimizer.plans.plan import Plan
from optimizer.scope import Scope
from optimizer.solve import SolveOptions, solve
from studies.answer import answered
from studies.interval import Known
from studies.paired import Paired, Port, known, paired
from tests.cases import tiny
from tests.random_sets import random_set
from tests.studies.test_nested import moved

OPTIONS = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=20.0, threads=1)
BASE = apply(tiny())
LESS = apply(tiny(), None, {"carry_over": 0.0})  # nested in the base case
DEU = apply(tiny(), None, {"core_share_2035.DEU": 0.05})
WEIGHED = apply(tiny(), None, {"area_weight.lift": 2.0})  # nested in nothing


def stated(case: Case, value: float, bound: float) -> Plan:
    """A plan of which only value and bound are stated."""
    objective = {"mode": "gap", "value": value + 0.5, "first_value": value, "bound": bound}
    header = {"exit_code": 5, "objective": objective, "case_sha256": case_sha256(case), "run": f"{value}"}
    return Plan(header, {"orders": BASE.dataset.tables["nations"]}, case)


@dataclass
class Stub:
    """Answers with what it is given, in turn, and keeps what it was asked."""

    answers: list[Plan]
    asked: list[Question] = field(default_factory=list)
    cancel_after: int = 99

    def ask(
        self, question: Question, *, progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Answer:  # fmt: skip
        self.asked.append(question)
        if progress is not None:
            progress(Progress(0.0, "search", None, None, None))
        if cancel is not None and len(self.asked) >= self.cancel_after:
            cancel.set()
        plan = self.answers.pop(0)
        return Answer(plan.header["objective"]["value"], plan.header["objective"]["bound"], plan)


def asked(base: Plan, setting: Case, *answers: Plan, **port: Any) -> tuple[Paired, Stub]:
    stub = Stub(list(answers), cancel_after=port.pop("cancel_after", 99))
    return paired(BASE, base, setting, OPTIONS, port=Port(by=stub, **port)), stub


def test_each_is_solved_from_the_other() -> None:
    """The base plan starts the setting, the setting's plan the base; values are those before the cost pass."""
    plan, setting, again = stated(BASE, 5.0, 4.0), stated(WEIGHED, 6.0, 4.5), stated(BASE, 4.8, 4.2)
    found, stub = asked(plan, WEIGHED, setting, again)
    assert [one.case for one in stub.asked] == [WEIGHED, BASE]
    assert [one.start for one in stub.asked] == [plan, setting]
    assert [one.least for one in stub.asked] == [-float("inf"), 4.0]
    assert found.base is again and found.setting is setting
    assert found.told == ("a better plan of the base case was found: 4.8 points in place of 5",)
    assert (found.interval.low, found.interval.high) == pytest.approx((4.5 - 4.8, 6.0 - 4.2))


def test_a_worse_plan_of_the_base_case_is_not_kept_but_its_bound_is() -> None:
    plan, again = stated(BASE, 5.0, 4.0), stated(BASE, 5.1, 4.6)
    found, _ = asked(plan, WEIGHED, stated(WEIGHED, 6.0, 4.5), again)
    assert found.base is plan and found.told == ()
    assert (found.interval.base.value, found.interval.base.bound) == (5.0, 4.6)


def test_nesting_goes_along_as_a_bound() -> None:
    """The setting is nested in the base case: nothing of it can be below the base case's bound."""
    found, stub = asked(stated(BASE, 5.0, 4.0), LESS, stated(LESS, 4.9, 4.1), stated(BASE, 5.0, 4.0))
    assert found.inside.same and not found.around.nested
    assert stub.asked[0].least == 4.0
    assert found.interval.base.value == 4.9
    assert found.told == ("a better plan of the base case was found by the setting: 4.9 points in place of 5",)


def test_a_proven_base_case_is_not_solved_again() -> None:
    found, stub = asked(stated(BASE, 5.0, 5.0), WEIGHED, stated(WEIGHED, 6.0, 5.5))
    assert len(stub.asked) == 1
    assert (found.interval.low, found.interval.high) == (0.5, 1.0)


def test_a_cancel_leaves_what_is_known() -> None:
    cancel = threading.Event()
    plan = stated(BASE, 5.0, 4.0)
    found, stub = asked(plan, WEIGHED, stated(WEIGHED, 6.0, 4.5), cancel=cancel, cancel_after=1)
    assert len(stub.asked) == 1 and found.base is plan
    assert (found.interval.low, found.interval.high) == (-0.5, 2.0)


def test_progress_says_for_which_case() -> None:
    news: list[Progress] = []
    asked(stated(BASE, 5.0, 4.0), WEIGHED, stated(WEIGHED, 6.0, 4.5), stated(BASE, 5.0, 4.0), progress=news.append)
    assert [one.phase for one in news] == ["setting: search", "base: search"]


def test_a_bound_within_a_scope_bounds_nothing_else() -> None:
    plan = stated(BASE, 5.0, 4.9)
    within = replace(plan, header={**plan.header, "scope": ["DEU"]})
    assert known(within, BASE) == Known(5.0, -float("inf"))
    assert known(within, BASE, Scope(frozenset({"DEU"}))) == Known(5.0, 4.9)
    assert known(within, BASE, Scope(frozenset({"POL"}))) == Known(5.0, -float("inf"))
    assert known(plan, BASE) == Known(5.0, 4.9)
    none = replace(within, tables={}, header={**within.header, "exit_code": 4})
    assert known(none, BASE).bound == -float("inf")
    assert known(none, BASE, Scope(frozenset({"DEU"}))).bound == float("inf")


def test_a_plan_of_another_case_or_code_is_a_start_and_no_more() -> None:
    assert known(stated(WEIGHED, 5.0, 4.0), BASE).bound == -float("inf")
    stub = Stub([stated(WEIGHED, 6.0, 4.5), stated(BASE, 5.0, 4.0)])
    found = paired(BASE, stated(BASE, 5.0, 4.9), WEIGHED, OPTIONS, port=Port(by=stub), bound=-float("inf"))
    assert stub.asked[1].least == -float("inf")
    assert found.interval.base.bound == 4.0
    with pytest.raises(ValueError, match="cost"):
        paired(BASE, stated(BASE, 5.0, 4.9), WEIGHED, SolveOptions(objective="cost"))


def test_a_plan_of_the_setting_is_its_start_and_is_kept_where_none_is_better() -> None:
    """A step's plan of 4.9 needs no repair; the search over all plans came to 5.5 in its time."""
    start = stated(WEIGHED, 4.9, 4.85)  # a bound within a scope bounds no other plan
    stub = Stub([stated(WEIGHED, 5.5, 4.2), stated(BASE, 5.0, 4.0)])
    found = paired(BASE, stated(BASE, 5.0, 4.0), WEIGHED, OPTIONS, port=Port(by=stub), start=start)
    assert [one.start for one in stub.asked] == [start, start]
    assert found.setting is start
    assert (found.interval.setting.value, found.interval.setting.bound) == (4.9, 4.2)


def test_the_step_comes_first_and_gives_the_setting_its_start() -> None:
    plan = solve(BASE, options=OPTIONS)
    found = answered(BASE, plan, DEU, OPTIONS, OPTIONS)
    assert found.step.scope.nations == {"DEU"} and found.step.setting is not None
    assert found.paired.setting.header["start"]["run"] == found.step.setting.header["run"]
    everybody = answered(BASE, plan, LESS, OPTIONS, OPTIONS)
    assert everybody.step.interval is everybody.paired.interval


# ---- proven optima ---------------------------------------------------------------------------------------------------


def optimum(case: Case) -> float:
    plan = solve(case, options=OPTIONS)
    return float(plan.header["objective"]["first_value"]) if plan.solved else float("inf")


@pytest.mark.parametrize("setting", [LESS, DEU, WEIGHED], ids=["less", "money", "weight"])
@pytest.mark.parametrize("work", [1.0, 40.0])
def test_the_interval_holds_the_difference_of_proven_optima(setting: Case, work: float) -> None:
    """With little work plans are far from their bounds, and the interval is wide; with more it is narrow."""
    short = SolveOptions(work_limit=work, threads=1)
    found = paired(BASE, solve(BASE, options=short), setting, short)
    true = optimum(setting) - optimum(BASE)
    assert found.interval.low - 1e-5 <= true <= found.interval.high + 1e-5


@pytest.mark.parametrize("seed", [4, 21])
def test_the_interval_holds_the_difference_on_random_sets(seed: int) -> None:
    base = random_set(seed).case
    short = SolveOptions(work_limit=1.0, threads=1)
    plan = solve(base, options=short)
    before = optimum(base)
    for levers in ({"carry_over": 0.0}, {"capacity_factor": 0.5}, {"growth_shift": -0.2}, {"persistence": 5.0}):
        setting = moved(base, levers)
        if setting is not None and plan.solved and before < float("inf"):
            found = paired(base, plan, setting, short).interval
            after = optimum(setting)
            assert found.low - 1e-5 <= after - before <= found.high + 1e-5 or after == found.high


def test_under_a_work_limit_the_answer_is_the_same_again() -> None:
    short = SolveOptions(work_limit=3.0, threads=1)
    plan = solve(BASE, options=short)
    one, other = (paired(BASE, plan, DEU, short) for _ in range(2))
    assert one.interval == other.interval and one.told == other.told
    for name, table in one.setting.tables.items():
        assert table.equals(other.setting.tables[name]), name
