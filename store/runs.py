"""A run: a plan folder of a store as it is listed, with what a planner wrote beside it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.plans.plan import CONTRACT, BrokenPlan
from store.folder import read_header
from store.schema import SOLVED

NOTE, KEPT = "note.txt", "kept.txt"
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Run:
    """A plan on disk.

    Attributes:
        name: of its folder.
        folder: where it lies.
        header: content of plan.json.
        written: when its plan.json was.
        note: a planner's words; empty where there are none.
        kept: by whom and when it was marked as kept; empty where it was not.
    """

    name: str
    folder: Path
    header: dict[str, Any]
    written: datetime.datetime
    note: str = ""
    kept: str = ""

    @property
    def answers(self) -> bool:
        """Whether it holds a plan of today's contract that passed its audit; a step's bound is that of its scope."""
        mine = self.header.get("contract") == CONTRACT and not self.header.get("scope")
        return mine and self.header["exit_code"] in SOLVED

    @property
    def case(self) -> tuple[str, str]:
        """What it answers: hash of the case and mode of the objective; only of a run that answers."""
        return str(self.header["case_sha256"]), str(self.header["objective"]["mode"])

    @property
    def rank(self) -> tuple[float, float]:
        """The less, the better: value of the first pass, then the bound, the higher before the lower."""
        return rank(self.header)


def rank(header: dict[str, Any]) -> tuple[float, float]:
    """By what two plans of one case are compared: first_value, then the bound, the higher before the lower."""
    objective = header["objective"]
    return float(objective["first_value"]), -float(objective["bound"])


def run_in(folder: Path) -> Run | None:
    """The run that a folder holds; None where it is no plan's folder, or its plan.json is damaged."""
    file = folder / "plan.json"
    if folder.is_symlink() or not file.is_file():
        return None
    try:
        header = read_header(folder)
        written = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
        return Run(folder.name, folder, header, written, _text(folder / NOTE), _text(folder / KEPT))
    except (BrokenPlan, OSError, ValueError):
        return None


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
