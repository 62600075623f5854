"""A data set: settings, typed tables with their defaults filled in, and named scenarios; reading and writing it."""

import functools
import hashlib
import json
import operator
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import yaml

from data.checks_errors import errors
from data.dictionary import NEEDED_TABLES, Column, Table, data_tables
from data.findings import ERROR, DataError, Finding, ordered
from data.raw import SCENARIOS_FILE, SETTINGS_FILE, RawData, csv_text, number_text, placed
from data.rows import split_names
from data.settings import Band, ScenarioSpec, Settings, parse_bands, read_scenarios, read_settings
from data.sheets.reading import read_source
from data.typed import convert, default_value

__all__ = [
    "Band",
    "DataError",
    "Dataset",
    "Finding",
    "ScenarioSpec",
    "Settings",
    "load",
    "parse_bands",
    "split_names",
    "write",
]
# The labels of small tables are looked up all the time: twice as fast in plain arrays as in pyarrow's.
pd.options.mode.string_storage = "python"
# Defaults that mean "as the horizon has it": written as an empty cell, so that a new horizon keeps them true.
WRITTEN_EMPTY = frozenset({"first_year", "last_year", "unlimited", "none"})


@dataclass(frozen=True, eq=False)
class Dataset:
    """What is known.

    `tables` holds every table of the dictionary: all columns in its order, defaults filled, sorted by key. Unlimited
    is inf; a year that is not set is 0; no fast mode is -1.
    """

    settings: Settings
    tables: Mapping[str, pd.DataFrame]
    scenarios: Mapping[str, ScenarioSpec]
    source: pathlib.Path | None = None

    @functools.cached_property
    def sha256(self) -> str:
        """Hash of the content in canonical form.

        The order of rows and columns and the spelling of numbers in the files don't matter, nor does whether a
        default was written out.
        """
        digest = hashlib.sha256(_canonical_settings(self).encode())
        for name, table in data_tables().items():
            digest.update(f"\n{name}\n".encode())
            digest.update(_csv_text(self.tables[name], table, self.settings, canonical=True).encode())
        return digest.hexdigest()


def load(path: pathlib.Path | str) -> Dataset:
    """Read a data set, a folder or a workbook; DataError carries every error in it."""
    dataset, findings = read(pathlib.Path(path))
    if dataset is None:
        raise DataError(findings)
    return dataset


def read(path: pathlib.Path) -> tuple[Dataset | None, list[Finding]]:
    """The data set of a folder or a workbook, or None where it has errors, and all of its errors."""
    return from_raw(read_source(path), path)


@dataclass(frozen=True, eq=False)
class Reading:
    """What could be read of a source: rows as in the files (index = row number), and every error in them."""

    settings: Settings | None
    scenarios: Mapping[str, ScenarioSpec]
    tables: Mapping[str, pd.DataFrame]
    broken: frozenset[str]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """True where the data have a meaning."""
        return self.settings is not None and all(finding.level != ERROR for finding in self.findings)


def gather(raw: RawData) -> Reading:
    """Type the raw tables and look for every error in them."""
    findings = list(raw.findings)
    settings: Settings | None = None
    scenarios: Mapping[str, ScenarioSpec] = {}
    if raw.settings is not None:
        settings, wrong = read_settings(raw.settings)
        findings += wrong
    if raw.scenarios is not None:
        scenarios, wrong = read_scenarios(raw.scenarios)
        findings += wrong
    typed = convert(raw, settings)
    findings += typed.findings
    if raw.tables:
        findings += errors(typed.tables, settings, scenarios, typed.broken)
    return Reading(settings, scenarios, typed.tables, typed.broken, tuple(ordered(placed(findings, raw.places))))


def from_raw(raw: RawData, source: pathlib.Path | None) -> tuple[Dataset | None, list[Finding]]:
    """The data set of raw tables, or None where they have errors, and all of their errors."""
    reading = gather(raw)
    return from_reading(reading, source), list(reading.findings)


def from_reading(reading: Reading, source: pathlib.Path | None) -> Dataset | None:
    """The data set of a reading without errors, else None."""
    if reading.settings is None or not reading.sound:
        return None
    tables = {name: sort_by_key(reading.tables[name], table) for name, table in data_tables().items()}
    return Dataset(reading.settings, tables, reading.scenarios, source)


def sort_by_key(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The rows in the order of their key, numbered from 0."""
    if len(frame) < 2:
        return frame.reset_index(drop=True)  # sorting an empty table costs as much as a full one, and most are empty
    keys = list(zip(*(frame[key].tolist() for key in table.keys), strict=True))
    if all(map(operator.le, keys, keys[1:])):
        return frame.reset_index(drop=True)  # nearly always: to look costs a fifth of sorting
    return frame.sort_values(table.keys, kind="stable", ignore_index=True)


def write(dataset: Dataset, folder: pathlib.Path | str) -> None:
    """Write a data set as a CSV folder; reading it again gives the same data set.

    A table without rows is left out unless it is needed, or a file of it is there already.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in data_tables().items():
        file = folder / f"{name}.csv"
        frame = dataset.tables[name]
        if len(frame) or name in NEEDED_TABLES or file.exists():
            file.write_text(_csv_text(frame, table, dataset.settings), encoding="utf-8", newline="\n")
    settings = dataset.settings.model_dump(mode="json", exclude_defaults=True)
    # Written out even where they are the default: without them a data set is one of edition 1.
    settings |= dataset.settings.model_dump(mode="json", include={"contribution_max", "sponsor_max"})
    settings["urgency"] = dict(sorted(dataset.settings.urgency.items()))
    _write_yaml(folder / SETTINGS_FILE, {key: value for key, value in settings.items() if value not in ({}, "")})
    scenarios = _plain_scenarios(dataset.scenarios)
    if scenarios or (folder / SCENARIOS_FILE).exists():
        _write_yaml(folder / SCENARIOS_FILE, scenarios)


def _plain_scenarios(scenarios: Mapping[str, ScenarioSpec]) -> dict[str, object]:
    return {
        name: spec.model_dump(mode="json", exclude_unset=True, exclude={"levers"})
        | ({"levers": dict(sorted(spec.levers.items()))} if spec.levers else {})
        for name, spec in sorted(scenarios.items())
    }


def _write_yaml(file: pathlib.Path, content: object) -> None:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    file.write_text(text, encoding="utf-8", newline="\n")


def _canonical_settings(dataset: Dataset) -> str:
    """All of dataset.yaml and scenarios.yaml that can change an answer."""
    settings = dataset.settings.model_dump(mode="json", exclude={"name", "description", "marking"})
    content = {"settings": settings, "scenarios": _plain_scenarios(dataset.scenarios)}
    return json.dumps(content, sort_keys=True)


def _csv_text(frame: pd.DataFrame, table: Table, settings: Settings, canonical: bool = False) -> str:
    columns = [_cells(frame[column.name], column, settings, canonical) for column in table.columns]
    return csv_text(table.names, zip(*columns, strict=True))


def _cells(values: "pd.Series[Any]", column: Column, settings: Settings, canonical: bool) -> list[str]:
    """The cells of a column as text: numbers in their shortest exact form."""
    plain = values.tolist()
    if not column.numeric:
        return [str(value) for value in plain]
    empty = default_value(column, settings) if column.default in WRITTEN_EMPTY and not canonical else None
    return ["" if value == empty else number_text(value) for value in plain]
