"""The plans on disk: what lies in the workspace, newest first; their notes; reading, writing and deleting them."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit import AuditReport
from optimizer.plans.plan import Plan
from reports.earlier import todays
from reports.workbook import write_workbook
from store.folder import read_plan, rejected, write_plan
from ui.library import DATASETS, SCENARIOS, LibraryError

RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,119}")
NOTE, LONGEST_NOTE = "note.txt", 2000


@dataclass(frozen=True)
class Run:
    """A plan on disk: its name, its folder, its header (plan.json), when it was written and the planner's note."""

    name: str
    folder: Path
    header: dict[str, Any]
    written: datetime.datetime
    note: str


class Shelf:
    """The plans of a workspace."""

    def __init__(self, workspace: Path) -> None:
        """Open the shelf; the folder may not be there yet."""
        self.workspace = workspace
        self._names = threading.Lock()
        self._given: set[str] = set()

    def runs(self) -> list[Run]:
        """Every plan, newest first; folders that are no plan are left out."""
        if not self.workspace.is_dir():
            return []
        found = [self._run(folder) for folder in sorted(self.workspace.iterdir())]
        return sorted((run for run in found if run is not None), key=lambda run: (run.written, run.name), reverse=True)

    def run(self, name: str) -> Run:
        """A plan by name; LibraryError if there is none."""
        run = self._run(self._place(name))
        if run is None:
            raise LibraryError(f"there is no plan '{name[:60]}' on disk any more")
        return run

    def read(self, name: str) -> Plan:
        """The plan of a run, in today's tables; PlanError where it can't be read."""
        return todays(read_plan(self.run(name).folder))

    def new_name(self, dataset: str, scenario: str | None) -> str:
        """A name for a run that starts now."""
        now = datetime.datetime.now(datetime.UTC)
        stem = "-".join(re.sub(r"[^A-Za-z0-9_.]", "_", part) for part in (dataset, scenario or "base"))
        stem = f"{stem}-{now:%Y%m%d-%H%M%S}"
        with self._names:
            name, number = stem, 1
            while name in self._given or (self.workspace / name).exists():
                number += 1
                name = f"{stem}-{number}"
            self._given.add(name)
        return name

    def write(self, plan: Plan, name: str) -> AuditReport:
        """Write a plan with its workbook, whole or not at all; it is audited on the way."""
        return write_plan(plan, self._place(name), write_workbook)

    def set_note(self, name: str, text: str) -> None:
        """Keep a planner's note beside a plan."""
        folder = self.run(name).folder
        fresh = folder / f".{NOTE}.new"
        fresh.write_text(text.strip()[:LONGEST_NOTE] + "\n", encoding="utf-8")
        fresh.replace(folder / NOTE)

    def delete(self, name: str) -> None:
        """Take a plan away."""
        folder = self.run(name).folder
        gone = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".gone", dir=self.workspace))
        folder.rename(gone / name)  # out of sight in one step, then taken apart
        shutil.rmtree(gone, ignore_errors=True)

    def rejected(self, name: str) -> Path:
        """Where a plan lies that failed its audit."""
        return rejected(self._place(name))

    def _place(self, name: str) -> Path:
        if not RUN.fullmatch(name) or ".." in name or name in (DATASETS, SCENARIOS):
            raise LibraryError(f"'{name[:40]}' is no name of a plan")
        return self.workspace / name

    def _run(self, folder: Path) -> Run | None:
        file = folder / "plan.json"
        if not RUN.fullmatch(folder.name) or folder.is_symlink() or not file.is_file():
            return None
        try:
            header = json.loads(file.read_text(encoding="utf-8"))
            written = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
            note = (folder / NOTE).read_text(encoding="utf-8").strip() if (folder / NOTE).is_file() else ""
        except (OSError, ValueError):
            return None
        return Run(folder.name, folder, header, written, note) if isinstance(header, dict) else None


def workbook_bytes(plan: Plan, folder: Path | None = None) -> bytes:
    """The workbook of a plan: the one that lies beside it, else a new one."""
    if folder is not None and (folder / "plan.xlsx").is_file():
        return (folder / "plan.xlsx").read_bytes()
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "plan.xlsx"
        write_workbook(plan, file)
        return file.read_bytes()
