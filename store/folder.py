"""A plan on disk: its JSON, tables, workbook, logs, data set and what its search left; whole or not at all."""

from __future__ import annotations

import csv
import ctypes
import glob
import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from audit import AuditReport, audit
from data.dataset import load, write
from data.dictionary import plan_tables
from data.levers import replay
from data.rows import as_csv
from models.linear import unhurried
from optimizer.plans.plan import CONTRACT, BrokenPlan, Plan, PlanError
from optimizer.pool import Event
from store.schema import fault_of
from store.search import SEARCH, read_search, write_search

OWN_FILES = ("plan.json", "tables", "plan.xlsx", "solve.log", "progress.csv", "dataset", SEARCH)
PROGRESS = ("seconds", "work", "value", "bound", "finder")
EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
HERE = -100  # AT_FDCWD
STRAY_SECONDS = 3600.0  # half a plan older than this is nobody's


Workbook = Callable[[Plan, Path], None]
Aside = Callable[[Path, Path], Path | None]


def write_plan(
    plan: Plan, folder: Path, workbook: Workbook | None = None,
    moving: Callable[[], AbstractContextManager[object]] = nullcontext, aside: Aside = lambda fresh, folder: None,
) -> AuditReport:  # fmt: skip
    """Write the plan beside its place, audit it there, and move it in whole; an earlier plan stays until then.

    A plan that fails its audit is kept as evidence in ``folder.rejected`` and never takes the place of an earlier one.

    Args:
        plan: what is written.
        folder: its place; what else lies there stays.
        workbook: writes the plan's workbook.
        moving: what is held while the new folder takes the place of the old one, such as the lock of a store.
        aside: where the folder that stood there goes, asked with the new one and its place; None: it is replaced.

    Raises:
        PlanError: the folder can't be written, or its name is taken by something that is no folder.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise PlanError(f"{folder} is a file: name a folder for the plan with --out")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".new", dir=folder.parent))
    except OSError as problem:
        reason = f"{folder.parent} can't be written ({problem.strerror})"
        raise PlanError(f"{reason}: name another folder with --out") from None
    try:
        fresh.chmod(0o755)
        with unhurried():
            _write_files(plan, fresh)
            report = audit(fresh)
        if not report.ok:
            header = plan.header | {"status": "error", "exit_code": 1, "audit": [str(f) for f in report.findings[:50]]}
            _write_json(header, fresh / "plan.json")
        if workbook is not None:
            workbook(plan, fresh / "plan.xlsx")
        with moving():
            if report.ok and (place := aside(fresh, folder)) is not None:
                _move_aside(fresh, folder, place)
            else:
                _move_in(fresh, folder if report.ok else rejected(folder))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return report


def _sweep(folder: Path) -> None:
    """Remove what a killed run of the same name left beside its place, once it is too old to be another run's."""
    for stray in folder.parent.glob(f".{glob.escape(folder.name)}.*.new"):
        if time.time() - stray.stat().st_mtime > STRAY_SECONDS:
            shutil.rmtree(stray, ignore_errors=True)


def rejected(folder: Path) -> Path:
    """Where a plan goes that fails its audit."""
    return folder.with_name(folder.name + ".rejected")


def _write_files(plan: Plan, folder: Path) -> None:
    (folder / "tables").mkdir()
    for name, text in plan.texts.items():
        (folder / "tables" / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    write(plan.case.base, folder / "dataset")
    (folder / "solve.log").write_text("\n".join(plan.log) + "\n", encoding="utf-8")
    (folder / "progress.csv").write_text(as_csv(_progress(plan)), encoding="utf-8", newline="\n")
    write_search(plan, folder)
    _write_json(plan.header, folder / "plan.json")


def _progress(plan: Plan) -> pd.DataFrame:
    rows = [(round(event.seconds, 3), event.work, event.value, event.bound, event.finder) for event in plan.progress]
    return pd.DataFrame(rows, columns=list(PROGRESS))


def read_progress(folder: Path) -> tuple[Event, ...]:
    """The lines of a folder's progress.csv; none where it is not there or damaged, since nothing rests on it."""
    try:
        with (Path(folder) / "progress.csv").open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file)
            if tuple(lines.fieldnames or ()) != PROGRESS:
                return ()
            return tuple(_event(line) for line in lines)
    except (OSError, ValueError, TypeError, csv.Error):
        return ()


def _event(line: Mapping[str, str]) -> Event:
    if None in line.values():
        raise ValueError(f"{line} is cut short")
    value, bound = (float(line[name]) if line[name] else None for name in ("value", "bound"))
    event = Event(float(line["seconds"]), int(line["work"]), value, bound, line["finder"])
    if not all(math.isfinite(number) for number in (event.seconds, value, bound) if number is not None):
        raise ValueError(f"{line} has a number that is none")
    return event


def _write_json(header: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(header, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _move_in(fresh: Path, folder: Path) -> None:
    """Put the new folder in place of the old in one step; what is not a plan's own file is kept."""
    if not folder.exists():
        fresh.rename(folder)
        return
    for entry in sorted(folder.iterdir()):
        if entry.name not in OWN_FILES and not (fresh / entry.name).exists():
            if entry.is_dir():
                shutil.copytree(entry, fresh / entry.name, symlinks=True)
            else:
                shutil.copy2(entry, fresh / entry.name, follow_symlinks=False)
    if not _exchange(fresh, folder):
        aside = fresh.with_suffix(".old")
        folder.rename(aside)
        fresh.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)


def _move_aside(fresh: Path, folder: Path, place: Path) -> None:
    """Put the new folder in place of the old, which goes to a place of its own with all that lies in it.

    The new one goes there first and is exchanged in one step: whenever that is cut short, both plans are there.
    """
    fresh.rename(place)
    if not _exchange(place, folder):
        place.rename(fresh)
        folder.rename(place)
        fresh.rename(folder)


def same_tables(one: Path, other: Path) -> bool:
    """Whether two plan folders hold the same tables, byte by byte."""
    names = [{file.name for file in (folder / "tables").glob("*.csv")} for folder in (one, other)]
    return names[0] == names[1] and all(
        (one / "tables" / name).read_bytes() == (other / "tables" / name).read_bytes() for name in names[0]
    )


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically where the system can."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(call(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0)


def read_header(folder: Path) -> dict[str, Any]:
    """The content of a folder's plan.json.

    Raises:
        BrokenPlan: no plan.json there, or a damaged one: which key is wrong, and why.
    """
    try:
        header = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BrokenPlan(_broken(folder, problem)) from None
    if fault := fault_of(header):
        raise BrokenPlan(_broken(folder, fault))
    return dict(header)


def _broken(folder: Path, problem: object) -> str:
    reason = f"{folder}: no plan can be read there ({problem})"
    return f"{reason}: name the folder of a whole plan, or solve again"


def read_plan(folder: Path) -> Plan:
    """Read a plan from its folder.

    Raises:
        BrokenPlan: no plan there, or one that can't be read.
    """
    folder = Path(folder)
    try:
        header = read_header(folder)
        tables = {
            name: pd.read_csv(
                folder / "tables" / f"{name}.csv",
                keep_default_na=False,
                na_values={c.name: ["-"] for c in table.columns if c.type in ("number", "share", "money")},
                dtype={c.name: str for c in table.columns if not c.numeric},
            )
            for name, table in plan_tables().items()
            if (folder / "tables" / f"{name}.csv").exists()
        }
        case = replay(load(folder / "dataset"), header["scenario"], header["levers"])
    except (OSError, ValueError, KeyError) as problem:
        raise BrokenPlan(_broken(folder, problem)) from None
    return Plan(header, tables, case, progress=read_progress(folder))


def read_current(folder: Path, use: str) -> Plan:
    """Read a plan of today's contract; ``use`` says what for, in a sentence for one of an earlier contract.

    Raises:
        BrokenPlan: no plan there, or one that can't be read.
        PlanError: a plan of an earlier contract, which is read for comparisons and reports alone.
    """
    plan = read_plan(folder)
    contract = plan.header.get("contract")
    if contract != CONTRACT:
        raise PlanError(
            f"{folder} holds a plan of contract {contract}, and {use} takes one of contract {CONTRACT}: "
            "solve its data set again (compare and report read it as it is)"
        )
    return plan


def read_start(folder: Path) -> Plan:
    """Read a plan to start from, with what its search left, if that can be read: any multipliers give a valid bound.

    Raises:
        BrokenPlan: no plan there, or one that can't be read.
        PlanError: a plan of an earlier contract, or a folder that says why there is no plan.
    """
    plan = read_current(folder, "a start")
    if not plan.solved:
        raise PlanError(f"{folder} holds no plan to start from: leave out --start or name another")
    kept, _ = read_search(folder)
    return plan if kept is None else replace(plan, search=kept.search)
