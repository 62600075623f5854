"""Make docs/rules.md: a row for each rule, from its columns in the data to the tests that hold it.

`python docs/make_rules_page.py` writes the page; with `--check` it fails if the page is not what the registry says.
Function, hand case, mutations and formula come from the registry and the cases of tests/rules_*.py; the columns that a
rule reads and the function that checks it in the enumerator stand in docs/rules.csv.
"""

from __future__ import annotations

import csv
import importlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made

PAGE = ROOT / "docs" / "rules.md"
TOLD = ROOT / "docs" / "rules.csv"
HEAD = """# Where each rule stands

Made by `make docs` from the registry of rules, the cases of `tests/rules_*.py` and `docs/rules.csv`. A column of the
data stands as table.column, a setting as dataset.yaml:name, a lever as lever:name. A rule that only defines a figure is
judged in the audit by the rule that reads the figure.

| rule | columns | function | audit | enumerator | hand case | mutations |
| --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Row:
    """Where a rule stands; every cell is text, and none may be empty.

    Attributes:
        rule: its name in the registry.
        columns: what it reads of the data.
        function: where the program states it.
        audit: the check that judges it in audit.
        enumerator: where the search of every plan tests it.
        case: functions of the answers worked by hand.
        mutations: ways in which it is broken, each named by the audit.
        docs: its place in docs/mathematics.md.
    """

    rule: str
    columns: str
    function: str
    audit: str
    enumerator: str
    case: str
    mutations: str
    docs: str

    @property
    def empty(self) -> list[str]:
        """Names of the cells that hold nothing."""
        return [field.name for field in fields(self) if not getattr(self, field.name)]

    def line(self) -> str:
        """The row of the page."""
        code = [self.columns, self.function, self.audit, self.enumerator, self.case]
        cells = [f"[{self.rule}]({self.docs})", *(", ".join(f"`{word}`" for word in text.split()) for text in code)]
        return f"| {' | '.join([*cells, self.mutations])} |\n"


def told() -> dict[str, dict[str, str]]:
    """Rule -> columns and enumerator, as docs/rules.csv has them."""
    with TOLD.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: row for row in csv.DictReader(file)}


def judged_by(cases: Iterable[Any], names: frozenset[str]) -> str:
    """Checks of the audit that judge a rule: its own name, or those that its cases name."""
    wanted = sorted({name for case in cases for name in case.wanted})
    return " ".join(name for name in wanted if name in names)


def audit_names() -> frozenset[str]:
    """Names under which the audit reports findings, as its source has them; policy rules by their name in the data."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "audit").glob("*.py")))
    rules = importlib.import_module("models.registry").MANIFEST
    return frozenset(name for name in (*rules, "objective") if f'"{name}"' in text or _by_row(name, text))


def _by_row(name: str, text: str) -> bool:
    """Whether the audit knows a rule by its name in the data's table of rules."""
    family, _, rule = name.partition(".")
    return family in ("policy", "interoperability") and f'"{rule}"' in text


def rows() -> list[Row]:
    """A row for each rule of the registry."""
    importlib.import_module("models.program")
    registry = importlib.import_module("models.registry")
    cases = importlib.import_module("tests.rule_cases").CASES
    known, names = told(), audit_names()
    return [
        _row(rule, cases.get(rule.name, []), known.get(rule.name, {}), names)
        for rule in registry.ordered(registry.RULES)
    ]


def _row(rule: Any, cases: list[Any], known: Mapping[str, str], names: frozenset[str]) -> Row:
    worked = [f"{case.worked.__module__.removeprefix('tests.')}.{case.worked.__name__}" for case in cases]
    broken = dict.fromkeys(name for case in cases for name in case.all_breaks)
    return Row(
        rule=rule.name,
        columns=known.get("columns", ""),
        function=f"{rule.function.__module__}.{rule.function.__name__}",
        audit=judged_by(cases, names),
        enumerator=known.get("enumerator", ""),
        case=" ".join(dict.fromkeys(worked)),
        mutations=", ".join(name.replace("_", " ") for name in broken),
        docs=f"mathematics.md#{rule.name.replace('.', '')}",
    )


def page() -> str:
    """The text of the page."""
    return HEAD + "".join(row.line() for row in rows())


def main() -> int:
    """Write the page, or compare it."""
    return made({PAGE: page()}, "the registry")


if __name__ == "__main__":
    sys.exit(main())
