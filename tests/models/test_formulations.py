"""Other forms of a rule allow the same plans: the hand-worked case of the rule comes out the same under each."""

from dataclasses import replace

import pytest

from benchmarks.forms import FORMS, NATURAL, Form, not_covered
from models.registry import MANIFEST, RULES
from optimizer.solve import solve
from tests.rule_case import EXACT, RuleCase
from tests.rule_cases import CASES

PAIRS = [(form, case) for form in FORMS for case in CASES[form.rule]]


def test_every_rule_has_a_form_measured_or_a_reason():
    assert not_covered() == []
    assert not set(NATURAL) & {form.rule for form in FORMS}
    assert {*NATURAL, *(form.rule for form in FORMS)} <= set(MANIFEST)
    assert {form.rule for form, _ in PAIRS} == {form.rule for form in FORMS}


@pytest.mark.parametrize(("form", "case"), PAIRS, ids=[f"{case.id}-{form.says}" for form, case in PAIRS])
def test_a_form_gives_the_answer_worked_by_hand(form: Form, case: RuleCase):
    plan = solve(case.case, options=replace(EXACT, objective=case.objective), rules=form.change(RULES))
    case.worked(plan)
