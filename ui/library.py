"""The data sets and named scenarios that the pages may open: ids only, nothing outside what was opened at the start.

Shipped data sets and the one given to the command are read where they lie; what is made in the pages lies in the
workspace: `datasets/ID/` and `scenarios/ID/NAME.json`.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from data.dataset import Dataset, load, write
from data.findings import DataError
from data.lever_table import Lever_Value
from data.levers import Case
from ui.setting import Setting, case_of, text_of

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,59}")
DATASETS, SCENARIOS = "datasets", "scenarios"
KEPT_CASES = 64  # a case of the reference set takes some 2 MB


class LibraryError(ValueError):
    """A name that can't be used, or nothing there of that name: one line of what and what to do."""


def checked(text: str, pattern: re.Pattern[str], what: str) -> str:
    """A name for a file of ours, or LibraryError; nothing that could leave its folder is one."""
    clean = text.strip()
    if not pattern.fullmatch(clean) or ".." in clean:
        raise LibraryError(f"{what} '{clean[:40]}' can't be used: letters, digits, - and _, at most 60 of them")
    return clean


class Library:
    """Data sets by id, and the scenarios that planners saved."""

    def __init__(self, workspace: Path, shipped: Mapping[str, Path]) -> None:
        """Open the library.

        Args:
            workspace: where what is made here goes.
            shipped: id -> folder of the data sets that are read and never written.
        """
        self.workspace = workspace
        self.shipped = dict(shipped)
        self._read: dict[str, tuple[tuple[int, ...], Dataset]] = {}
        self._cases: OrderedDict[tuple[str, Setting], Case] = OrderedDict()
        self._lock = threading.Lock()

    def ids(self) -> list[str]:
        """Every data set there is, the shipped ones first."""
        place = self.workspace / DATASETS
        made = sorted(entry.name for entry in place.iterdir() if entry.is_dir()) if place.is_dir() else []
        return [*self.shipped, *(name for name in made if name not in self.shipped and ID.fullmatch(name))]

    def folder(self, data: str) -> Path:
        """The folder of a data set; LibraryError if there is none."""
        if data in self.shipped:
            return self.shipped[data]
        folder = self.workspace / DATASETS / checked(data, ID, "the data set's name")
        if not folder.is_dir():
            raise LibraryError(f"there is no data set '{data}'; one of {', '.join(self.ids())}")
        return folder

    def dataset(self, data: str) -> Dataset:
        """A data set, read once and again when its files change.

        DataError where they are bad; a data set that was good stays as it was while its files are bad.
        """
        folder = self.folder(data)
        stamp = _stamp(folder)
        with self._lock:
            known = self._read.get(data)
            if known is None or known[0] != stamp:
                try:
                    known = (stamp, load(folder))
                except DataError:
                    if known is None:
                        raise
                    known = (stamp, known[1])
                self._read[data] = known
            return known[1]

    def case(self, setting: Setting) -> Case:
        """The case of a setting, worked out once; LeverError where its levers can't hold together."""
        dataset = self.dataset(setting.data)
        known = (dataset.sha256, setting)
        with self._lock:
            found = self._cases.get(known)
        if found is None:
            found = case_of(setting, dataset)
            with self._lock:
                self._cases[known] = found
                while len(self._cases) > KEPT_CASES:
                    self._cases.popitem(last=False)
        return found

    def can_write(self, data: str) -> bool:
        """Whether a data set is one of the workspace."""
        return data not in self.shipped

    def save_dataset(self, dataset: Dataset, data: str) -> str:
        """Write a data set into the workspace under an id; gives the id."""
        data = checked(data, ID, "the data set's name")
        if data in self.shipped:
            raise LibraryError(f"'{data}' ships with the program and stays as it is; choose another name")
        folder = self.workspace / DATASETS / data
        fresh = folder.with_name(f".{data}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        write(dataset, fresh)
        with self._lock:
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
        return data

    def delete_dataset(self, data: str) -> None:
        """Take a data set of the workspace away."""
        if data in self.shipped:
            raise LibraryError(f"'{data}' ships with the program and stays")
        folder = self.folder(data)
        with self._lock:
            self._read.pop(data, None)
            shutil.rmtree(folder)

    def scenarios(self, data: str) -> dict[str, Setting]:
        """The scenarios that were saved for a data set, by name; what can't be read is left out."""
        place = self._scenario_place(data)
        found = {}
        for file in sorted(place.glob("*.json")) if place.is_dir() else []:
            setting = _read_setting(file, data)
            if setting is not None:
                found[file.stem] = setting
        return found

    def save_scenario(self, name: str, setting: Setting) -> str:
        """Keep a setting under a name; gives the name."""
        name = checked(name, NAME, "the scenario's name")
        place = self._scenario_place(setting.data)
        place.mkdir(parents=True, exist_ok=True)
        content = {"scenario": setting.scenario, "levers": {lever: _plain(given) for lever, given in setting.sets}}
        fresh = place / f".{name}.new"
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        fresh.replace(place / f"{name}.json")
        return name

    def delete_scenario(self, name: str, data: str) -> None:
        """Take a saved scenario away."""
        (self._scenario_place(data) / f"{checked(name, NAME, 'the name')}.json").unlink(missing_ok=True)

    def _scenario_place(self, data: str) -> Path:
        return self.workspace / SCENARIOS / checked(data, ID, "the data set's name")


def _plain(given: Lever_Value) -> Lever_Value:
    return text_of(given) if given is None else given


def _read_setting(file: Path, data: str) -> Setting | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        levers = {str(name): (None if given == "none" else given) for name, given in content["levers"].items()}
        scenario = content["scenario"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Setting(data, None if scenario is None else str(scenario), tuple(sorted(levers.items())))


def _stamp(folder: Path) -> tuple[int, ...]:
    """Changes whenever a file of the data set does."""
    files = sorted(entry for entry in folder.iterdir() if entry.suffix in (".csv", ".yaml"))
    return tuple(number for file in files for number in (file.stat().st_mtime_ns, file.stat().st_size))
