"""Make docs/mathematics.md from the registry of rules: name, unit, sentence, and the formula of each rule's docstring.

`python docs/make_math_page.py` writes the page; with `--check` it fails if the page is not what the registry says.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made

PAGE = ROOT / "docs" / "mathematics.md"
HEAD = """# The mathematics

Made by `make docs` from the registry of rules (`models/registry.py`) and the docstrings of the rules; edit those, not
this page. [Where each rule stands](rules.md) names its columns in the data, its check in the audit and its tests;
[how its form was chosen](formulations.md) tells what other forms are worth.

Symbols: n nation, t year, p pillar, a capability area, i programme, f frame (joint buy), k price level, l production
line, b component, e expansion, v innovation line, q loan facility, j a host of a programme that needs one. Money in
millions at constant prices; shares as fractions.

**Work in progress.** What is made and what is delivered are two things. A line makes fractions of a unit in any year
from the first in which something is on order; up to each year, over all nations and channels, what is delivered has
been made (with what earlier rounds have built of the pipeline), and what is made has been ordered. So a yard that makes
0.6 ships a year delivers three in five years. The program holds this as two stocks of a programme, orders on hand and
units finished but not delivered: a running balance has a few entries a row, where a sum over all years up to each would
have hundreds.

**Years beyond.** Decisions stay within the planning years; `beyond` in dataset.yaml lets what is ordered in them arrive
for B years more. Production, components and ramps go on there with a part of the last year's capacity, and spending of
a year stays within a share of the last year's money, or within what is bound already whatever is decided. Guarantees,
policy rules, minimum orders, loans and interest end with the last planning year.

**The settled state** is reached when all that is ordered has arrived: what lasts counts in full, of what wears out as
much as a steady flow keeps, both held against the last year's targets. In the objective's index it is one more year, of
the urgency that `beyond` gives it; in the formulas it stands among the years. With B = 0 there is none of this.

"""
MATH = ".. math::"


def load_rules() -> Any:
    """The registry with every module of models/ read, so that every rule has registered."""
    for path in sorted((ROOT / "models").rglob("*.py")):
        if path.stem != "__init__":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return importlib.import_module("models.registry")


def as_markdown(docstring: str) -> str:
    """A docstring with its formulas between dollar signs, as GitHub, GitLab and most viewers show them."""
    made: list[str] = []
    formula: list[str] | None = None
    for line in inspect.cleandoc(docstring).splitlines():
        if line.strip().startswith(MATH):
            formula = [rest] if (rest := line.strip().removeprefix(MATH).strip()) else []
        elif formula is not None and line.strip() and not line.startswith(" "):
            made += [*_formula(formula), line]
            formula = None
        elif formula is not None:
            formula.append(line.strip())
        else:
            made.append(line)
    if formula is not None:
        made += _formula(formula)
    return "\n".join(made).replace("``", "`").strip()


def _formula(lines: Iterable[str]) -> list[str]:
    """Formulas as blocks; a blank line of the docstring parts two of them."""
    blocks = [block.strip() for block in "\n".join(lines).split("\n\n") if block.strip()]
    return [line for block in blocks for line in ("", "$$", block, "$$", "")]


def page(registry: Any) -> str:
    """The text of the page: a table of all rules, then each with its formula, by family."""
    rules = registry.ordered(registry.RULES)
    parts = [HEAD, "| rule | unit | says |\n| --- | --- | --- |\n"]
    parts += [f"| [{rule.name}](#{rule.name.replace('.', '')}) | {rule.unit} | {rule.says} |\n" for rule in rules]
    missing = registry.not_modelled(registry.RULES)
    parts.append(f"\nNot modelled yet: {', '.join(missing) if missing else 'nothing'}.\n")
    for family in registry.FAMILIES:
        parts.append(f"\n## {family.capitalize()}\n")
        for rule in (one for one in rules if one.family == family):
            text = as_markdown(rule.function.__doc__ or "")
            parts.append(f"\n### {rule.name}\n\n**{rule.says}** Unit: {rule.unit}.\n\n{text}\n")
    return "".join(parts)


def main() -> int:
    """Write the page, or compare it."""
    return made({PAGE: page(load_rules())}, "the registry")


if __name__ == "__main__":
    sys.exit(main())
