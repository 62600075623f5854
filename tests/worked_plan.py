"""A plan worked out by hand, as a folder that the audit reads: data set, tables and plan.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data.dataset import load

HEADER: Mapping[str, object] = {
    "contract": 2,
    "run": "20261130T081503-4f2a",
    "written": "2026-11-30T08:16:44Z",
    "termination": "gap reached",
    "case_sha256": "0",
    "start": None,
    "marking": "INVENTED FIGURES",
    "scenario": None,
    "status": "optimal",
    "exit_code": 0,
    "reproducible": True,
    "work": 1,
    "not_modelled": [],
    "warnings": [],
    "tuning": {},
    "solver": {"name": "by hand", "version": "1", "threads": 1, "seed": 0},
    "versions": {},
    "seconds": {},
}


@dataclass(frozen=True)
class Worked:
    """The texts of a plan: dataset.yaml, data tables, plan tables, and what plan.json says beside HEADER."""

    settings: str
    data: Mapping[str, str]
    tables: Mapping[str, str]
    header: Mapping[str, object]

    def write(self, folder: Path) -> Path:
        """Write the plan folder."""
        self._write_dataset(folder / "dataset")
        (folder / "tables").mkdir()
        for table, text in self.tables.items():
            (folder / "tables" / f"{table}.csv").write_text(text + "\n", encoding="utf-8")
        header = {**HEADER, **self.header, "dataset_sha256": load(folder / "dataset").sha256}
        (folder / "plan.json").write_text(json.dumps(header, indent=1), encoding="utf-8")
        return folder

    def _write_dataset(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "dataset.yaml").write_text(self.settings, encoding="utf-8")
        for table, text in self.data.items():
            (folder / f"{table}.csv").write_text(text + "\n", encoding="utf-8")
        used = ("economy", "budget_path", "targets", "programmes", "customers")
        rows = [f"{table},,,invented for the test,2026,assumption," for table in used]
        text = "\n".join(["table,key,column,source,year,basis,note", *rows])
        (folder / "sources.csv").write_text(text + "\n", encoding="utf-8")
