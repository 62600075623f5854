"""Every rule of the registry: its golden LP, its answer worked by hand, the audit that names it once broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.registry import MANIFEST, RULES
from tests.rule_case import GOLDEN, LEFT_OUT, RuleCase, audited, golden_path, golden_text
from tests.rule_cases import CASES, GOLDEN_CASES

ALL = [case for own in CASES.values() for case in own]
BREAKS = [(case, name) for case in ALL for name in case.all_breaks]


def test_every_rule_of_the_manifest_stands_in_the_registry() -> None:
    assert sorted(RULES) == sorted(MANIFEST)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_a_case_and_a_golden(rule: str) -> None:
    assert CASES.get(rule), f"{rule} has no case in tests/rules_{RULES[rule].family}.py"
    assert golden_path(rule).exists(), f"{rule} has no golden LP: python -m tests.goldens"


def test_there_are_no_strays() -> None:
    """A case or a golden of a rule that is gone would hold nothing."""
    assert sorted(set(CASES) - set(RULES)) == []
    assert sorted(path.name for path in GOLDEN.iterdir() if path.stem not in RULES) == []
    assert len({case.id for case in ALL}) == len(ALL)


@pytest.mark.parametrize("rule", sorted(GOLDEN_CASES))
def test_the_rows_are_the_golden_ones(rule: str) -> None:
    text = golden_text(GOLDEN_CASES[rule])
    assert text == golden_path(rule).read_text(encoding="utf-8"), "renew with: python -m tests.goldens"
    assert f"_{rule.replace('.', '__')}" in text, "the case makes no row of the rule"


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_the_worked_answer_holds(case: RuleCase, tmp_path: Path) -> None:
    plan = case.solved()
    assert plan.solved, plan.log
    case.worked(plan)
    assert [str(finding) for finding in audited(plan, tmp_path).findings] == []


@pytest.mark.parametrize(("case", "name"), BREAKS, ids=[f"{case.id}-{name}" for case, name in BREAKS])
def test_a_broken_rule_is_named_by_the_audit(case: RuleCase, name: str, tmp_path: Path) -> None:
    broken = case.all_breaks[name](RULES[case.rule])
    plan = case.solved(broken)
    assert plan.solved, "the broken program has no plan: choose a case that stays feasible"
    found = {finding.rule for finding in audited(plan, tmp_path, known=True).findings}
    assert found & case.wanted, f"{case.rule} {name}: the audit names {sorted(found)}"


@pytest.mark.parametrize("rule", sorted(CASES))
def test_every_rule_is_broken_in_more_ways_than_left_out(rule: str) -> None:
    assert {name for case in CASES[rule] for name in case.all_breaks} > {LEFT_OUT}
