"""Which run answers a case best, and which is the nearest to start from: pure functions of the runs there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from store.runs import Run


def of_case(runs: Iterable[Run], case_sha256: str, mode: str) -> list[Run]:
    """The runs that answer a case under an objective, the best first: lowest first_value, then highest bound."""
    found = [run for run in runs if run.answers and run.case == (case_sha256, mode)]
    return sorted(found, key=lambda run: (*run.rank, run.name))


def nearest(runs: Iterable[Run], dataset_sha256: str, scenario: str | None, levers: Mapping[str, Any]) -> list[Run]:
    """The runs of a data set, the nearest first: fewest differing levers, then the newest."""
    found = [run for run in runs if run.answers and run.header["dataset_sha256"] == dataset_sha256]
    newest = sorted(found, key=lambda run: (run.written, run.name), reverse=True)
    return sorted(newest, key=lambda run: differing(run.header, scenario, levers))


def differing(header: Mapping[str, Any], scenario: str | None, levers: Mapping[str, Any]) -> int:
    """How many levers differ from those asked; another scenario, which may change data too, counts as one."""
    theirs = header["levers"]
    names = theirs.keys() | levers.keys()
    moved = [name for name in names if theirs.get(name) != levers.get(name)]
    return len(moved) + int(header["scenario"] != scenario)


def best_of_each(runs: Sequence[Run]) -> set[str]:
    """Names of the runs that answer their case best."""
    cases = {run.case for run in runs if run.answers}
    return {of_case(runs, *case)[0].name for case in cases}
