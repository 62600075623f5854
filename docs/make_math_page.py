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

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "mathematics.md"
HEAD = """# The mathematics

Made by `make docs` from the registry of rules (`models/registry.py`) and the docstrings of the rules; edit those, not
this page. Symbols: n nation, t year, p pillar, a capability area, i programme, f frame (joint buy), k price level,
l production line, b component, e expansion, v innovation line. Money in millions at constant prices; shares as
fractions.

"""
MATH = ".. math::"


def load_rules() -> Any:
    """The registry with every module of models/ read, so that every rule has registered."""
    for path in sorted((ROOT / "models").glob("*.py")):
        if path.stem != "__init__":
            importlib.import_module(f"models.{path.stem}")
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
    sys.path.insert(0, str(ROOT))
    text = page(load_rules())
    if "--check" in sys.argv[1:]:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != text:
            sys.stderr.write("docs/mathematics.md is not what the registry says; run `make docs`\n")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
