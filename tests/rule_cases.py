"""Every case of tests/rules_<family>.py, by rule."""

from __future__ import annotations

import importlib
from collections import defaultdict
from pathlib import Path

from models.registry import FAMILIES
from tests.rule_case import RuleCase


def _found() -> dict[str, list[RuleCase]]:
    found: dict[str, list[RuleCase]] = defaultdict(list)
    for family in FAMILIES:
        if (Path(__file__).parent / f"rules_{family}.py").exists():
            for case in importlib.import_module(f"tests.rules_{family}").CASES:
                found[case.rule].append(case)
    return dict(found)


CASES: dict[str, list[RuleCase]] = _found()
GOLDEN_CASES: dict[str, RuleCase] = {rule: own[0] for rule, own in CASES.items()}
