"""What was computed, in one folder: written by many processes, found again by the case that it answers.

Layout, look-up, eviction and locks: docs/store.md.
"""

from __future__ import annotations

import datetime
import itertools
import math
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from audit import AuditReport
from data.levers import Case
from optimizer.plans.header import case_sha256
from optimizer.plans.plan import Plan, PlanError, Pooled, Search
from optimizer.pool import Event
from store.eviction import to_evict
from store.folder import STRAY_SECONDS, Workbook, read_plan, read_progress, read_start, same_tables, write_plan
from store.lookup import differing, nearest, of_case
from store.runs import KEPT, LONGEST_NOTE, NOTE, Run, run_in
from store.search import Kept, program_sha256, read_search

PLACE, LOCK, NAMES, USED = ".store", "lock", "names", "used"
LONGEST_NAME = 120
RUN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{LONGEST_NAME - 1}}}")
PATIENCE = 60.0  # seconds that a process waits for the lock: it is held for a rename, or for a few deletions
RESERVED_SECONDS = 7 * 86400.0  # a name asked for so long ago is not going to be written


@dataclass(frozen=True)
class Start:
    """A plan to start from, and what is known before the search.

    Attributes:
        plan: the plan.
        run: the run that holds it.
        told: how near it is, in words.
        least: what the first objective of the case asked is proven to be at least; minus infinity where nothing is.
    """

    plan: Plan
    run: Run
    told: str
    least: float


class Store:
    """The runs that lie in a folder."""

    def __init__(self, root: Path) -> None:
        """A store on a folder, which may not be there yet; nothing is made before something is written."""
        self.root = root
        self._seen: dict[str, tuple[tuple[int, ...], Run | None]] = {}

    def open(self) -> Store:
        """Make the store's own folder, so that writers hold its lock and what is used is noted; gives the store."""
        try:
            for name in (NAMES, USED):
                (self.root / PLACE / name).mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise PlanError(f"{self.root} can't be written ({problem.strerror}): name another folder") from None
        return self

    @property
    def is_open(self) -> bool:
        """Whether the folder is a store's, and not just one that plan folders lie in."""
        return (self.root / PLACE).is_dir()

    # ---- what there is -----------------------------------------------------------------------------------------------

    def runs(self) -> list[Run]:
        """Every run, newest first; folders that are no plan, or a damaged one, are left out."""
        if not self.root.is_dir():
            return []
        folders = [folder for folder in sorted(self.root.iterdir()) if RUN.fullmatch(folder.name)]
        found = [run for folder in folders if (run := self._run(folder)) is not None]
        self._seen = {name: known for name, known in self._seen.items() if (self.root / name).is_dir()}
        return sorted(found, key=lambda run: (run.written, run.name), reverse=True)

    def run(self, name: str) -> Run | None:
        """A run by name; None if there is none."""
        return self._run(self.root / name) if RUN.fullmatch(name) else None

    def read(self, run: Run) -> Plan:
        """The plan of a run; PlanError where it can't be read."""
        plan = read_plan(run.folder)
        self._use(run.name)
        return plan

    def progress(self, run: Run) -> tuple[Event, ...]:
        """The lines of a run's progress.csv; none where it has none."""
        return read_progress(run.folder)

    def pool(self, run: Run) -> tuple[tuple[Pooled, ...], str]:
        """The best distinct plans of a run's search, the best first, and a warning where its file is damaged.

        None where an earlier version of the program wrote the run, or where the file is of another case or objective.
        """
        kept, warning = read_search(run.folder)
        if kept is None or not run.answers or (kept.case_sha256, kept.mode) != run.case:
            return (), warning
        self._use(run.name)
        return kept.search.pool, warning

    def _run(self, folder: Path) -> Run | None:
        """A run, read again only where its files have changed."""
        stamp = _stamp(folder)
        known = self._seen.get(folder.name)
        if known is None or known[0] != stamp:
            known = (stamp, run_in(folder))
            self._seen[folder.name] = known
        return known[1]

    # ---- look-up -----------------------------------------------------------------------------------------------------

    def best(self, case: Case, mode: str) -> Run | None:
        """The run that answers a case best under an objective (as `--objective` takes it); None if none does."""
        return next(iter(self.of_case(case, mode)), None)

    def of_case(self, case: Case, mode: str) -> list[Run]:
        """The runs that answer a case under an objective, the best first."""
        return of_case(self.runs(), case_sha256(case), mode)

    def least(self, case: Case, mode: str) -> tuple[float, list[str]]:
        """The highest bound that today's program has proven for a case (minus infinity: none), and warnings."""
        found = [proven_bound(run.folder, run.header, case, mode) for run in self.of_case(case, mode)]
        bounds, told = zip(*found, strict=True) if found else ((), ())
        return max(bounds, default=-math.inf), [text for text in told if text]

    def search(self, case: Case, mode: str) -> Search | None:
        """What a search for a case left, if today's program solved the case's relaxation on the way; else None."""
        found = (kept_for(run.folder, case, mode)[0] for run in self.of_case(case, mode))
        return next((kept.search for kept in found if kept is not None and math.isfinite(kept.search.bound)), None)

    def start(self, case: Case, mode: str) -> tuple[Start | None, list[str]]:
        """The plan to start a case from: its best run, else the nearest of its data set; and warnings."""
        runs, same = self.runs(), case_sha256(case)
        candidates = of_case(runs, same, mode)
        candidates += [run for run in nearest(runs, case.base.sha256, case.name, case.levers) if run not in candidates]
        least, warnings = self.least(case, mode)
        for run in candidates:
            try:
                plan = read_start(run.folder)
            except PlanError as problem:
                warnings.append(f"left out as a start: {problem}")
                continue
            self._use(run.name)
            return Start(plan, run, _nearness(run, case, (same, mode)), least), warnings
        return None, warnings

    # ---- writing -----------------------------------------------------------------------------------------------------

    def new_name(self, dataset: str, scenario: str | None) -> str:
        """A name for a run that starts now; no other process is given the same."""
        self.open()
        now = datetime.datetime.now(datetime.UTC)
        stem = "-".join(re.sub(r"[^A-Za-z0-9_.]", "_", part) for part in (dataset, scenario or "base"))
        stem = f"{stem}-{now:%Y%m%d-%H%M%S}"
        name, number = stem, 1
        while (self.root / name).exists() or not self._reserve(name):
            number += 1
            name = f"{stem}-{number}"
        return name

    def write(self, plan: Plan, folder: Path, workbook: Workbook | None = None, keep: bool = False) -> AuditReport:
        """Write a plan into a folder of the store, audited, whole or not at all; the lock is held for the last step.

        ``keep``: a run that stood there stays in the store, as `aside` names it.
        """
        report = write_plan(plan, folder, workbook, self.locked, self._aside if keep else lambda fresh, there: None)
        if self.is_open:
            self._use(folder.name)
            self._release(folder.name)
        return report

    def aside(self, run: Run) -> Path:
        """Where a run goes when another plan is written in its place: NAME-RUN, which is nobody's yet."""
        label = re.sub(r"[^A-Za-z0-9_.-]", "_", str(run.header.get("run") or f"{run.written:%Y%m%dT%H%M%S}"))
        stem = f"{run.name[: LONGEST_NAME - len(label) - 5]}-{label}"
        names = (stem if number == 1 else f"{stem}-{number}" for number in itertools.count(1))
        return next(place for name in names if not (place := run.folder.parent / name).exists())

    def _aside(self, fresh: Path, folder: Path) -> Path | None:
        """Where what stands in a folder goes; None where it is no run, or the very plan that takes its place."""
        run = run_in(folder)
        return None if run is None or same_tables(fresh, folder) else self.aside(run)

    def set_note(self, run: Run, text: str) -> None:
        """Keep a planner's note beside a plan; '' takes it away."""
        self._beside(run, NOTE, text.strip()[:LONGEST_NOTE])

    def keep(self, run: Run, by: str) -> None:
        """Mark a run as kept (a plan of record): eviction passes it over. By whom and when; '' takes the mark away."""
        self._beside(run, KEPT, " ".join(by.split())[:LONGEST_NOTE])

    def delete(self, run: Run) -> None:
        """Take a run away."""
        with self.locked():
            self._delete(run.name)

    def evict(self, limit: int, spared: Collection[str] = ()) -> list[str]:
        """Delete what to_evict names until the runs take no more than ``limit`` bytes; gives the names."""
        if not self.is_open:
            return []
        with self.locked():
            self._sweep()
            runs = self.runs()
            size = {run.name: _bytes(run.folder) for run in runs}
            used = {run.name: self._used(run) for run in runs}
            names = to_evict(runs, size, used, limit, spared)
            for name in names:
                self._delete(name)
        return names

    # ---- locks and marks ---------------------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The store's lock, where the folder is a store's; waits for other processes and threads.

        Raises:
            PlanError: another process held it for a minute.
        """
        if not self.is_open:
            yield
            return
        lock = FileLock(self.root / PLACE / LOCK, timeout=PATIENCE, mode=0o666)
        try:
            lock.acquire()
        except Timeout:
            reason = f"{self.root}: another process has held the store's lock for {PATIENCE:.0f} s"
            raise PlanError(f"{reason}: end that process, or name another folder") from None
        try:
            yield
        finally:
            lock.release()

    def _reserve(self, name: str) -> bool:
        try:
            (self.root / PLACE / NAMES / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _release(self, name: str) -> None:
        with suppress(OSError):
            (self.root / PLACE / NAMES / name).unlink(missing_ok=True)

    def _use(self, name: str) -> None:
        """Note that a run was written or read just now; where that can't be noted, it counts as older."""
        if self.is_open:
            with suppress(OSError):
                (self.root / PLACE / USED / name).touch()

    def _used(self, run: Run) -> float:
        try:
            return (self.root / PLACE / USED / run.name).stat().st_mtime
        except OSError:
            return run.written.timestamp()

    def _beside(self, run: Run, name: str, text: str) -> None:
        with self.locked():
            fresh = run.folder / f".{name}.new"
            if not text:
                (run.folder / name).unlink(missing_ok=True)
                return
            fresh.write_text(text + "\n", encoding="utf-8")
            fresh.replace(run.folder / name)

    def _delete(self, name: str) -> None:
        gone = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".gone", dir=self.root))
        with suppress(FileNotFoundError):  # another process was quicker
            (self.root / name).rename(gone / name)  # out of sight in one step, then taken apart
        shutil.rmtree(gone, ignore_errors=True)
        with suppress(OSError):
            (self.root / PLACE / USED / name).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Take away what processes that were killed left: half a plan, half a deletion, names never written."""
        names = f"{PLACE}/{NAMES}/*"
        for pattern, age in (
            (".*.new", STRAY_SECONDS),
            (".*.gone", STRAY_SECONDS),
            (names, RESERVED_SECONDS),
        ):
            for stray in self.root.glob(pattern):
                with suppress(OSError):
                    if time.time() - stray.stat().st_mtime > age:
                        shutil.rmtree(stray) if stray.is_dir() else stray.unlink()


def kept_for(folder: Path, case: Case, mode: str) -> tuple[Kept | None, str]:
    """The side file of a plan's folder, if it is of this case and objective and of today's program; and a warning."""
    kept, warning = read_search(folder)
    if kept is None or (kept.case_sha256, kept.mode, kept.program) != (case_sha256(case), mode, program_sha256()):
        return None, warning
    return kept, warning


def proven_bound(folder: Path, header: Mapping[str, Any], case: Case, mode: str) -> tuple[float, str]:
    """The bound of a plan's folder for a case and objective (minus infinity unless it speaks of these); a warning.

    A bound holds for the very same case and objective alone, and is believed only if today's code and packages proved
    it: the side file says which did.
    """
    kept, warning = kept_for(folder, case, mode)
    if kept is None:
        return -math.inf, warning
    if header.get("case_sha256") != kept.case_sha256 or header["objective"].get("mode") != mode:
        return -math.inf, warning
    return max(float(header["objective"]["bound"]), kept.search.bound), warning


def _nearness(run: Run, case: Case, asked: tuple[str, str]) -> str:
    if run.case == asked:
        return "the same case"
    number = differing(run.header, case.name, case.levers)
    if not number:
        return "the same case, another objective"
    return f"the same data, {number} {'lever' if number == 1 else 'levers'} otherwise"


def _stamp(folder: Path) -> tuple[int, ...]:
    """Changes whenever what a run tells does."""
    found: list[int] = []
    for name in ("plan.json", NOTE, KEPT):
        try:
            told = (folder / name).stat()
            found += [told.st_mtime_ns, told.st_size, told.st_ino]
        except OSError:
            found.append(0)
    return tuple(found)


def _bytes(folder: Path) -> int:
    """What a folder takes; a file that is gone by now takes nothing."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            total += 0 if file.is_dir() else file.lstat().st_size
    return total
