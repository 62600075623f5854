"""What every docs/make_*.py does with the text that it makes: write it, or with `--check` compare it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def made(pages: Mapping[Path, str], says: str) -> int:
    """Write the pages; with `--check` on the command line compare them.

    Args:
        pages: file -> its text.
        says: what the pages are made from, for the line about one that is not what that says.

    Returns:
        The exit code: 1 where a page is compared and differs.
    """
    if "--check" not in sys.argv[1:]:
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    wrong = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in wrong:
        sys.stderr.write(f"{path.relative_to(ROOT).as_posix()} is not what {says} says; run `make docs`\n")
    return int(bool(wrong))
