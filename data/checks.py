"""Everything that is wrong with a data set, or that a planner should know of it, at once."""

import pathlib
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from data import (
    checks_expansions,
    checks_figures,
    checks_frames,
    checks_industry,
    checks_money,
    checks_reach,
    checks_traps,
)
from data.dataset import Dataset, from_reading, gather
from data.dictionary import NEEDED_TABLES, data_tables
from data.findings import DataError, Finding, error, ordered
from data.levers import LeverError, apply
from data.raw import RawData, placed
from data.settings import Settings
from data.sheets.reading import read_source

__all__ = ["DataError", "Finding", "examine", "examine_raw", "findings", "warnings"]
Tables = Mapping[str, pd.DataFrame]
MOST_TRIED = 200  # scenarios that differ, each put into the data to see what comes of it


def findings(path: pathlib.Path | str) -> list[Finding]:
    """All errors and warnings of a data set, folder or workbook, errors first. Never raises for what is in it."""
    return examine(path)[1]


def examine(path: pathlib.Path | str) -> tuple[Dataset | None, list[Finding]]:
    """The data set of a folder or a workbook (None where it has errors), and all errors and warnings."""
    return examine_raw(read_source(pathlib.Path(path)), pathlib.Path(path))


def examine_raw(raw: RawData, source: pathlib.Path | None) -> tuple[Dataset | None, list[Finding]]:
    """The same for raw tables of any source."""
    reading = gather(raw)
    found = list(reading.findings)
    dataset = from_reading(reading, source)
    if dataset is not None:
        found += _case_errors(dataset)
        dataset = dataset if len(found) == len(reading.findings) else None
    if reading.settings is not None and not reading.broken & set(NEEDED_TABLES):
        tables = reading.tables if reading.sound else _sound_rows(reading.tables)
        found += placed(_warnings(tables, reading.settings), raw.places)
    return dataset, ordered(found)


def _case_errors(dataset: Dataset) -> list[Finding]:
    """What the data set's own levers and each scenario make of the data, where that has no meaning."""
    try:
        apply(dataset)
    except LeverError as problem:
        return [_split(problem, "dataset.yaml", "levers")]
    found: list[Finding] = []
    tried: set[str] = set()
    for name, spec in sorted(dataset.scenarios.items()):
        what = repr((spec.levers, spec.overrides))
        if what in tried or len(tried) >= MOST_TRIED or not (spec.levers or spec.overrides):
            continue
        tried.add(what)
        try:
            apply(dataset, name)
        except LeverError as problem:
            found.append(_split(problem, "scenarios.yaml", name))
    return found


def _split(problem: LeverError, file: str, place: str) -> Finding:
    message, _, remedy = str(problem).partition("; ")
    return error(file, message, remedy or "see docs/data.md for levers and scenarios", column=place)


def warnings(dataset: Dataset) -> list[Finding]:
    """What a planner should know of a data set that solves; without row numbers, which only files have."""
    found = _warnings(dataset.tables, dataset.settings)
    return ordered(replace(finding, row=None) for finding in found)


def _warnings(tables: Tables, settings: Settings) -> list[Finding]:
    reach = checks_reach.Reach(tables, settings)
    frames = checks_frames.Frames(reach)
    return [
        *checks_reach.findings(reach),
        *checks_industry.findings(reach),
        *checks_expansions.findings(reach),
        *checks_frames.findings(frames),
        *checks_money.findings(tables, settings),
        *checks_figures.findings(tables, settings),
        *checks_traps.findings(frames),
    ]


def _sound_rows(tables: Tables) -> Tables:
    """The rows of which the arithmetic can be done: each key once, and nothing that refers to what there is not."""
    sound = {name: tables[name].drop_duplicates(table.keys) for name, table in data_tables().items()}
    for name, table in data_tables().items():
        for column in table.columns:
            if column.references:
                known = set(column.words).union(*[sound[target][key] for target, key in column.references])
                known |= set() if column.required else {""}
                sound[name] = sound[name][sound[name][column.name].isin(known)]
    return sound
