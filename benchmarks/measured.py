"""What every measured figure carries: the commit of what was measured, the machine's load, and where it is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
# What a figure depends on; a commit of docs, tests or results leaves what was measured valid.
ROOMS = ("data", "models", "optimizer", "store", "cli", "audit", "reports", "requirements.lock")
Row = dict[str, Any]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def commit() -> str:
    """The last commit that changed the program (not docs, tests or results); + where a file of it is not committed."""
    changed = _git("status", "--porcelain", "--", *ROOMS)
    return _git("log", "-1", "--format=%h", "--", *ROOMS) + ("+" if changed else "")


def load_now() -> float | None:
    """Programs that wanted a core in the last minute; None where the system does not say."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def read(path: Path) -> Row:
    """A file of results; empty where there is none."""
    found: Row = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def keep(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of results, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
