"""A plan: what a solve leaves; store/folder.py writes it to disk."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import distribution
from typing import Any

import pandas as pd

from data.levers import Case
from data.rows import as_csv
from optimizer.pool import Event

CONTRACT = 2
Name = tuple[str, object]  # of a rule or a variable, with the key of one of its rows or columns


@dataclass(frozen=True)
class Pooled:
    """One of the best distinct plans of a search, as a later one may start from it.

    Attributes:
        value: its first objective, in the objective's unit (points in mode gap).
        finder: who found it, as in progress.csv.
        whole: its whole decisions by variable and key, where they are not 0; no two plans of a search have the same.
    """

    value: float
    finder: str
    whole: Mapping[Name, float]


@dataclass(frozen=True)
class Search:
    """What the search for a plan leaves to a later one.

    Attributes:
        multipliers: duals of the case's relaxation by rule and key, where they are not 0; empty where it was not solved.
        bound: what that relaxation comes to (points); minus infinity where it was not solved.
        whole: the plan's whole decisions by variable and key, where they are not 0.
        pool: the best distinct plans of the first pass, the best first; the plan written may differ from all of them
            in what the cost pass changed. Empty where it is not known.
    """

    multipliers: Mapping[Name, float]
    bound: float
    whole: Mapping[Name, float]
    pool: tuple[Pooled, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a solve leaves: the header (plan.json), the tables of the contract and the case they answer.

    Attributes:
        header: content of plan.json.
        tables: table name -> rows in contract columns (empty where there is no plan).
        case: the data set with levers applied.
        log: lines of solve.log.
        progress: lines of progress.csv: better values and bounds of the first pass.
        search: what the search leaves to a later one; None where it is not known, as of a plan read from its folder.
    """

    header: dict[str, Any]
    tables: Mapping[str, pd.DataFrame]
    case: Case
    log: tuple[str, ...] = field(default_factory=tuple)
    progress: tuple[Event, ...] = ()
    search: Search | None = None

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The tables as their files hold them; the folder and the workbook's hashes need the same."""
        return {name: as_csv(table, missing="-") for name, table in sorted(self.tables.items())}

    @property
    def solved(self) -> bool:
        """Whether there is a plan, not just a reason why there is none."""
        return bool(self.tables)


class PlanError(Exception):
    """A plan folder that can't be read or written, in one line."""


class BrokenPlan(PlanError):
    """A plan folder whose content is damaged."""


def versions() -> dict[str, str]:
    """Versions of what computed the plan."""
    found = {name: _version(name) for name in ("highspy", "numpy", "pandas", "pyomo", "scipy")}
    return {"python": platform.python_version(), **found}


def _version(name: str) -> str:
    """The version that a package's own paper states in its head; to read all of the paper takes far longer."""
    package = distribution(name)
    stated = re.search(r"^Version: *(.+)$", package.read_text("METADATA") or "", re.MULTILINE)
    return stated[1].strip() if stated else package.version
