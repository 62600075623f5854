"""The store of the workspace as the pages use it: in today's tables, with workbooks, its faults as sentences."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from audit import AuditReport
from data.levers import Case
from optimizer.plans.plan import Plan, PlanError, Search
from optimizer.pool import Event
from reports.earlier import todays
from reports.workbook import write_workbook
from store.folder import rejected
from store.lookup import differing
from store.runs import Run
from store.store import RUN, Store
from ui.library import DATASETS, SCENARIOS, LibraryError

MODE = "gap"  # the objective of the pages


class Shelf:
    """The plans of a workspace."""

    def __init__(self, workspace: Path, limit: int | None = None) -> None:
        """Open the shelf; the folder may not be there yet.

        Args:
            workspace: where the plans lie.
            limit: bytes that they may take: what is least recently used goes when more is written; None: any number.
        """
        self.workspace, self.limit = workspace, limit
        self._store = Store(workspace)

    def runs(self) -> list[Run]:
        """Every plan, newest first; folders that are no plan are left out."""
        return self._store.runs()

    def run(self, name: str) -> Run:
        """A plan by name; LibraryError if there is none."""
        self._place(name)
        run = self._store.run(name)
        if run is None:
            raise LibraryError(f"there is no plan '{name[:60]}' on disk any more")
        return run

    def read(self, name: str) -> Plan:
        """The plan of a run, in today's tables; PlanError where it can't be read."""
        return todays(self._store.read(self.run(name)))

    def progress(self, name: str) -> tuple[Event, ...]:
        """The lines of a run's progress.csv; none where it has none."""
        return self._store.progress(self.run(name))

    def best(self, case: Case) -> tuple[Plan, str] | None:
        """The best plan of a case and its levers that can be read, and its run's name; None where there is none.

        Other levers may come to the same case; its plan tells those in its header and its workbook, and so is a start
        that leaves next to nothing to search, but no answer.
        """
        for run in self._store.of_case(case, MODE):
            if differing(run.header, case.name, case.levers):
                continue
            try:
                return todays(self._store.read(run)), run.name
            except PlanError:
                continue
        return None

    def start(self, case: Case) -> tuple[Plan | None, float]:
        """The plan to start a case from, None where there is none, and what its objective is known to be at least."""
        found, _ = self._store.start(case, MODE)
        return (None, -math.inf) if found is None else (found.plan, found.least)

    def search(self, case: Case) -> Search | None:
        """What an earlier search for a case left to start warm with; None where nothing is."""
        return self._store.search(case, MODE)

    def new_name(self, dataset: str, scenario: str | None) -> str:
        """A name for a run that starts now."""
        return self._store.new_name(dataset, scenario)

    def write(self, plan: Plan, name: str) -> AuditReport:
        """Write a plan with its workbook, whole or not at all; it is audited on the way."""
        report = self._store.write(plan, self._place(name), write_workbook)
        if self.limit is not None:
            self._store.evict(self.limit, spared=(name,))
        return report

    def set_note(self, name: str, text: str) -> None:
        """Keep a planner's note beside a plan."""
        self._store.set_note(self.run(name), text)

    def delete(self, name: str) -> None:
        """Take a plan away."""
        self._store.delete(self.run(name))

    def rejected(self, name: str) -> Path:
        """Where a plan lies that failed its audit."""
        return rejected(self._place(name))

    def _place(self, name: str) -> Path:
        if not RUN.fullmatch(name) or ".." in name or name in (DATASETS, SCENARIOS):
            raise LibraryError(f"'{name[:40]}' is no name of a plan")
        return self.workspace / name


def workbook_bytes(plan: Plan, folder: Path | None = None) -> bytes:
    """The workbook of a plan: the one that lies beside it, else a new one."""
    if folder is not None and (folder / "plan.xlsx").is_file():
        return (folder / "plan.xlsx").read_bytes()
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "plan.xlsx"
        write_workbook(plan, file)
        return file.read_bytes()
