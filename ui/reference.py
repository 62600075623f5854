"""The plan that ships with a data set: solved already, so that the first page is never empty.

In `DATASET/plan/`: plan.json, tables.zip (the contract's CSV tables) and progress.csv. Made from a plan folder by
`python -m tools.reference PLAN DATASET`; it is used only while tables and settings are those it was made from (named
scenarios may change: they are no part of the base).
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from data.dataset import Dataset, load
from data.dictionary import plan_tables
from data.levers import replay
from optimizer.plans.plan import CONTRACT, Plan
from store.folder import read_progress

FOLDER, HEADER, TABLES, BASE = "plan", "plan.json", "tables.zip", "base_sha256"
PROGRESS = "progress.csv"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of every file in the archive, so that the same plan gives the same bytes


def base_sha256(dataset: Dataset) -> str:
    """Hash of all that the base plan depends on: the data set without its named scenarios."""
    return replace(dataset, scenarios={}).sha256


class StoreError(Exception):
    """A plan that can't be stored: one line of why."""


def stored_plan(dataset: Dataset) -> Plan | None:
    """The plan that ships with a data set; None where there is none, or one of other data or of an earlier contract."""
    folder = None if dataset.source is None else Path(dataset.source) / FOLDER
    if folder is None or not (folder / HEADER).is_file():
        return None
    header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
    if header.pop(BASE, None) != base_sha256(dataset) or header.get("contract") != CONTRACT:
        return None
    header["dataset_sha256"] = dataset.sha256
    with zipfile.ZipFile(folder / TABLES) as archive:
        tables = {name: _read(archive, name) for name in plan_tables() if f"{name}.csv" in archive.namelist()}
    case = replay(dataset, header["scenario"], header["levers"])
    return Plan(header, tables, case, progress=read_progress(folder))


def _read(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    columns = plan_tables()[name].columns
    types = {column.name: str for column in columns if not column.numeric}
    empty = {column.name: ["-"] for column in columns if column.type in ("number", "share", "money")}
    return pd.read_csv(io.BytesIO(archive.read(f"{name}.csv")), keep_default_na=False, na_values=empty, dtype=types)


def store(plan_folder: Path, dataset_folder: Path, dataset: Dataset) -> Path:
    """Store a plan folder as the data set's plan; gives the folder it lies in.

    Raises:
        StoreError: the plan is of other data, or is no whole plan.
    """
    header = json.loads((plan_folder / HEADER).read_text(encoding="utf-8"))
    if base_sha256(load(plan_folder / "dataset")) != base_sha256(dataset):
        raise StoreError(f"{plan_folder} was made from other data than {dataset_folder}; solve that data set first")
    if header.get("scenario") is not None or header.get("exit_code") not in (0, 5):
        raise StoreError(f"{plan_folder} is no whole plan of the base; solve without --scenario")
    folder = dataset_folder / FOLDER
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / TABLES, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in plan_tables():
            file = plan_folder / "tables" / f"{name}.csv"
            if file.is_file():
                archive.writestr(zipfile.ZipInfo(f"{name}.csv", LONG_AGO), file.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    if (plan_folder / PROGRESS).is_file():
        shutil.copyfile(plan_folder / PROGRESS, folder / PROGRESS)
    text = json.dumps(header | {BASE: base_sha256(dataset)}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (folder / HEADER).write_text(text, encoding="utf-8")
    return folder
