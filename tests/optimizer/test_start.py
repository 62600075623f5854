"""The whole decisions of a plan as a start: on every rule's own case they are worth what the plan is worth."""
# ruff: noqa: C408

from __future__ import annotations

import numpy as np
import pytest

from models.program import build
from optimizer.engine.verify import value_of_decisions
from optimizer.plans.start import start_from_plan
from optimizer.problem.compile import compile_program
from tests.cases import best, one_nation
from tests.rule_case import RuleCase
from tests.rule_cases import CASES

EVERY = [case for own in CASES.values() for case in own if case.objective == "gap"]
KINDS = {"order", "joint_order", "launch", "join", "ordering", "operated", "tier", "start", "pilot", "scale", "fast",
         "type_ordered"}  # fmt: skip
seen: set[str] = set()  # kinds of decisions that a start has had


@pytest.mark.parametrize("rule_case", EVERY, ids=lambda case: case.id)
def test_the_decisions_of_a_plan_are_worth_the_plan(rule_case: RuleCase) -> None:
    """Found anew from the tables of the plan: every decision that its value stands on is in the start."""
    plan = rule_case.solved()
    compiled = compile_program(build(rule_case.case))
    start = start_from_plan(compiled, plan)
    matrix = compiled.matrix
    assert np.array_equal(start[matrix.integer], np.round(start[matrix.integer]))
    assert value_of_decisions(matrix, start) == pytest.approx(plan.header["objective"]["value"], abs=1e-6)
    seen.update(matrix.group[matrix.integer & (start != 0)].tolist())


def test_all_kinds_of_decisions_have_been_started_from() -> None:
    if len(seen) == 0:
        pytest.skip("only where the cases above have run")
    assert seen == KINDS


def test_what_another_case_does_not_have_is_left_out() -> None:
    """A plan that orders tanks, put into a data set that has guns alone: nothing is decided."""
    tanks = best(one_nation(programmes=[dict(programme="tank")]))
    assert len(tanks.tables["orders"]) > 0
    program = build(best(one_nation(programmes=[dict(programme="gun")])).case)
    compiled = compile_program(program)
    assert not start_from_plan(compiled, tanks)[compiled.matrix.integer].any()
