"""Renew the golden LPs of the rules: `python -m tests.goldens` writes them and prints what changed."""

from __future__ import annotations

import difflib
import sys

from tests.rule_case import GOLDEN, golden_path, golden_text
from tests.rule_cases import GOLDEN_CASES


def renew() -> list[str]:
    """Write every golden, take away strays, and return the unified differences."""
    GOLDEN.mkdir(exist_ok=True)
    wanted = {golden_path(rule): golden_text(case) for rule, case in sorted(GOLDEN_CASES.items())}
    wanted |= {path: "" for path in sorted(GOLDEN.iterdir()) if path not in wanted}
    changed: list[str] = []
    for path, text in wanted.items():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = (before.splitlines(keepends=True), text.splitlines(keepends=True))
        changed += difflib.unified_diff(*lines, f"before/{path.name}", f"after/{path.name}")
        if text:
            path.write_text(text, encoding="utf-8")
        else:
            path.unlink()
    return changed


if __name__ == "__main__":
    sys.stdout.writelines(renew() or ["nothing changed\n"])
