"""Reads a plan folder: plan.json and the tables of the contract, each cell typed, every fault of form named."""

from __future__ import annotations

import csv
import json
import math
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from audit.ledger import Ledger, allowed

Row = Any
"""A row of a table: a named tuple with the table's columns."""

CONTRACT = 2
"""The edition of the contract that plans are read by."""

# Columns in the contract's order. A star marks the key; :y a year, :i a whole number, :n a number, :d a number or a
# dash, :f a flag.
SPECIFICATION = {
    "orders": "nation* programme* channel* year*:y units:n unit_price:n value:n",
    "deliveries": "nation* programme* year*:y units:n in_service:n",
    "spending": "nation* year*:y pillar* kind* item* channel* area* amount:n",
    "budgets": "nation* year*:y pillar* gdp:n planned:n committed:n available:n loan:n carried_in:n shifted_in:n "
    "spent:n carried_out:n unspent:n share_of_gdp:n",
    "gaps": "nation* area* year*:y target:n baseline:n delivered:n credited:n innovation:n shortfall:n closure:n",
    "settled": "nation* area* target:n baseline:n delivered:n credited:n innovation:n shortfall:n closure:n",
    "beyond": "nation* year*:y pillar* money:n bound:n free:n",
    "collective": "area* nation* year*:y delivered:n",
    "frames": "frame* programme launch_year:y members:i units:n tier:i price_factor:n saving:n fees:n",
    "members": "frame* nation* units:n value:n saving:n work_value:n",
    "loans": "facility* nation* year*:y kind drawn:n interest:n",
    "production": "line* programme* year*:y units:n",
    "capacity": "line_or_component* year*:y capacity:n added:n used:n utilisation:n",
    "expansions": "expansion* start_year:y opens:y cost:n running_cost:n host",
    "contributions": "item* nation* year*:y amount:n",
    "innovation": "innovation* mode pilot_year:y scale_year:y complete_year:y cost:n",
    "rules": "rule* scope* from_year*:y item* year*:y required:n achieved:d unit slack:d hardness* met:f penalty:n",
    "shadow_prices": "constraint* key* year*:y price:n unit",
}

# Keys whose repetition is the breach of a rule of its own, not only a fault of form.
REPEATED = {
    "frames": "joint.launch_once",
    "expansions": "industry.expand_once",
    "innovation": "innovation.one_mode",
}

HEADER: dict[str, tuple[type, ...]] = {
    "contract": (int,),
    "run": (str,),
    "written": (str,),
    "termination": (str,),
    "dataset": (str,),
    "dataset_sha256": (str,),
    "case_sha256": (str,),
    "start": (str, dict, type(None)),
    "marking": (str,),
    "scenario": (str, type(None)),
    "levers": (dict,),
    "objective": (dict,),
    "gap_index_before": (int, float),
    "gap_index_after": (int, float),
    "settled_before": (int, float, type(None)),
    "settled_after": (int, float, type(None)),
    "status": (str,),
    "exit_code": (int,),
    "reproducible": (bool,),
    "work": (int, float, type(None)),
    "not_modelled": (list,),
    "warnings": (list,),
    "kpis": (dict,),
    "tuning": (dict,),
    "solver": (dict,),
    "versions": (dict,),
    "seconds": (dict,),
}
OBJECTIVE: dict[str, tuple[type, ...]] = {
    "mode": (str,),
    "value": (int, float),
    "first_value": (int, float),
    "index": (int, float),
    "index_before": (int, float),
    "bound": (int, float, type(None)),
    "gap": (int, float, type(None)),
    "closed": (int, float, type(None)),
    "cost": (int, float),
    "cost_gap": (int, float, type(None)),
    "soft_penalty": (int, float),
    "persistence": (int, float),
}
LARGEST = 1e18
"""No figure of a plan is larger; what is, is damage."""
YEARS = range(1900, 2201)
FLAGS = {"1": 1, "0": 0, "true": 1, "false": 0, "on": 1, "off": 0}


@dataclass(frozen=True)
class Column:
    """One column of a plan table."""

    name: str
    type: str
    key: bool


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """Return the columns of a plan table, in contract order."""
    columns = []
    for word in SPECIFICATION[table].split():
        name, _, kind = word.partition(":")
        columns.append(Column(name.rstrip("*"), kind or "t", name.endswith("*")))
    return tuple(columns)


@dataclass(frozen=True)
class PlanFiles:
    """What a plan folder holds: the header, the rows of each table, and whether all could be read."""

    header: dict[str, Any]
    tables: dict[str, list[Row]]
    whole: bool


def _reject(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _typed(ledger: Ledger, where: str, values: dict[str, Any], wanted: dict[str, tuple[type, ...]]) -> bool:
    """Check that the keys are there, each of one of its types."""
    good = True
    for key, types in wanted.items():
        value = values.get(key)
        fits = key in values and isinstance(value, types) and (bool in types or not isinstance(value, bool))
        fits = fits and (not isinstance(value, int | float) or abs(value) <= LARGEST)
        message = f"{key} is missing." if key not in values else f"{key} is {value!r}, which is not of its type."
        good &= ledger.holds("plan.json", f"{where}{key}", fits, message)
    return good


def _readable(header: dict[str, Any], ledger: Ledger) -> bool:
    """Check that the plan is of the contract's edition; an earlier one is refused in a sentence."""
    contract = header.get("contract")
    earlier = isinstance(contract, int) and not isinstance(contract, bool) and 0 < contract < CONTRACT
    if earlier:
        message = f"The plan is of contract {contract}; only plans of contract {CONTRACT} are audited: solve it again."
        ledger.fail("plan.json", "contract", message)
    return not earlier


def read_header(folder: Path, ledger: Ledger) -> dict[str, Any] | None:
    """Return plan.json, or None when it cannot be read; missing or mistyped keys are findings."""
    try:
        header = json.loads((folder / "plan.json").read_text(encoding="utf-8"), parse_constant=_reject)
    except FileNotFoundError:
        ledger.fail("plan.json", "plan.json", "The file is missing.")
        return None
    except (OSError, ValueError, RecursionError) as error:
        ledger.fail("plan.json", "plan.json", f"The file cannot be read: {error}.")
        return None
    if not isinstance(header, dict):
        ledger.fail("plan.json", "plan.json", "The file does not hold an object.")
        return None
    if not _readable(header, ledger):
        return None
    good = _typed(ledger, "", header, HEADER)
    if isinstance(header.get("objective"), dict):
        good &= _typed(ledger, "objective.", header["objective"], OBJECTIVE)
    return header if good else None


def _cell(column: Column, text: str) -> Any:
    """Return a cell in its type; raises ValueError with what is wrong."""
    if column.type == "t":
        if text.strip() == "":
            raise ValueError("is empty (text that does not apply is -)")
        if text.lower() == "nan":
            raise ValueError("is nan")
        return text
    if column.type == "f":
        if text.lower() not in FLAGS:
            raise ValueError(f"is {text!r}, not a flag")
        return FLAGS[text.lower()]
    if column.type == "d" and text == "-":
        return None
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"is {text!r}, not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"is {text!r}, not a finite number")
    if abs(value) > LARGEST:
        raise ValueError(f"is {text!r}, larger than any figure of a plan")
    if column.type == "y" and value != 0 and value not in YEARS:
        raise ValueError(f"is {text!r}, not a year")
    if column.type in "iy":
        if value != int(value):
            raise ValueError(f"is {text!r}, not a whole number")
        return int(value)
    return value


def _cells(table: str, line: int, cells: list[str], ledger: Ledger) -> list[Any] | None:
    """Return the typed cells of a row, or None when one is wrong."""
    columns = columns_of(table)
    if len(cells) != len(columns):
        ledger.fail(f"table.{table}", f"row {line}", f"The row has {len(cells)} cells instead of {len(columns)}.")
        return None
    values: list[Any] = []
    for column, text in zip(columns, cells, strict=True):
        try:
            values.append(_cell(column, text))
        except ValueError as error:
            ledger.fail(f"table.{table}", f"row {line}, {column.name}", f"{column.name} {error}.")
    return values if len(values) == len(columns) else None


def _columns(table: str, lines: list[list[str]]) -> list[Any] | None:
    """Return the typed rows, read column by column, or None when any cell is wrong; each text is judged once."""
    columns = columns_of(table)
    if any(len(cells) != len(columns) for cells in lines):
        return None
    typed: list[list[Any]] = []
    try:
        for column, texts in zip(columns, zip(*lines, strict=True), strict=False):
            if column.type in "tfiyd":
                known = {text: _cell(column, text) for text in set(texts)}
                typed.append([known[text] for text in texts])
            else:
                values = list(map(float, texts))
                if not all(-LARGEST <= value <= LARGEST for value in values):
                    return None
                typed.append(values)
    except ValueError:
        return None
    return list(zip(*typed, strict=True))


def _lines(folder: Path, table: str) -> list[list[str]]:
    with (folder / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return [cells for cells in csv.reader(stream, strict=True) if cells]


def read_table(folder: Path, table: str, ledger: Ledger) -> list[Row] | None:
    """Return the rows of a table, or None when its form is broken; each fault is a finding `table.<table>`."""
    rule = f"table.{table}"
    columns = columns_of(table)
    names = [column.name for column in columns]
    try:
        lines = _lines(folder, table)
    except FileNotFoundError:
        ledger.fail(rule, f"tables/{table}.csv", "The file is missing.")
        return None
    except (OSError, ValueError, csv.Error) as error:
        ledger.fail(rule, f"tables/{table}.csv", f"The file cannot be read: {error}.")
        return None
    if not lines or lines[0] != names:
        found = ", ".join(lines[0]) if lines else "nothing"
        ledger.fail(rule, "header", f"The columns are {found}; they should be {', '.join(names)}.")
        return None
    kind = namedtuple(table.title().replace("_", ""), names)  # type: ignore[misc]
    typed = _columns(table, lines[1:])
    if typed is None:  # something is wrong: cell by cell, to say where
        typed = [_cells(table, line, cells, ledger) for line, cells in enumerate(lines[1:], start=1)]
        if any(values is None for values in typed):
            return None
    rows = [kind._make(values) for values in typed]
    ledger.checked[rule] += len(rows)
    _check_keys(table, rows, ledger)
    return rows


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    """Return the key of a row of a plan table."""
    return tuple(getattr(row, column.name) for column in columns_of(table) if column.key)


def _check_keys(table: str, rows: list[Row], ledger: Ledger) -> None:
    """Every key is there once."""
    where = [index for index, column in enumerate(columns_of(table)) if column.key]
    seen: set[tuple[Any, ...]] = set()
    if table in REPEATED:
        ledger.checked[REPEATED[table]] += len(rows)
    for row in rows:
        key = tuple([row[index] for index in where])
        if key in seen:
            text = ", ".join(map(str, key))
            ledger.fail(f"table.{table}", text, "The key is there twice.")
            if table in REPEATED:
                ledger.fail(REPEATED[table], text, "It is decided twice.")
        seen.add(key)


def read_tables(folder: Path, header: dict[str, Any], ledger: Ledger) -> PlanFiles:
    """Read every table that the plan says it models; a table not modelled may be missing."""
    tables: dict[str, list[Row]] = {}
    whole = True
    for table in SPECIFICATION:
        unmodelled = ledger.skips(f"table.{table}") and not (folder / "tables" / f"{table}.csv").exists()
        rows = [] if unmodelled else read_table(folder, table, ledger)
        whole &= rows is not None or ledger.skips(f"table.{table}")
        tables[table] = rows or []
    return PlanFiles(header, tables, whole)


def compare(
    ledger: Ledger,
    table: str,
    expected: Mapping[Any, Sequence[float]],
    printed: list[Row],
    columns: tuple[str, ...],
    *,
    rules: dict[str, str] | None = None,
    zero_rows: bool = False,
    unit: str | None = None,
    terms: Mapping[Any, Sequence[float]] | None = None,
) -> None:
    """Compare the figures of a table with the recomputed ones, key by key.

    Args:
        ledger: takes the findings; named `table.<table>` unless `rules` names another for the column.
        table: the plan table.
        expected: recomputed values of `columns`, by key.
        printed: the table's rows.
        columns: the columns compared.
        rules: rule to name for a column.
        zero_rows: True if a row of zeros may be there or be left out.
        unit: the key column that says in which unit the figures of a row are (an area, a line); rows of one unit are
            judged together.
        terms: by key, the largest term that each column's figure was worked out from, where it is not in the row.
    """
    keys = [index for index, column in enumerate(columns_of(table)) if column.key]
    order = [column.name for column in columns_of(table)]
    places = [order.index(column) for column in columns]
    of_unit = [order[index] for index in keys].index(unit) if unit else None
    figures = _Figures(ledger, table, columns, rules or {}, of_unit)
    seen = set()
    for row in printed:
        key = tuple([row[index] for index in keys])
        seen.add(key)
        values = [row[index] for index in places]
        wanted = expected.get(key)
        if wanted is not None:
            figures.agree(key, wanted, values, terms[key] if terms else None)
        else:
            figures.uncalled(key, values, zero_rows)
    for key, wanted in expected.items():
        if key not in seen:
            figures.missing(key, wanted, zero_rows)


@dataclass(frozen=True)
class _Figures:
    """Figures of a table, printed against recomputed; those of one column and unit are judged together."""

    ledger: Ledger
    table: str
    columns: tuple[str, ...]
    rules: Mapping[str, str]
    of_unit: int | None

    def _group(self, column: str, key: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self.table, column, key[self.of_unit] if self.of_unit is not None else "")

    def _rule(self, column: str) -> str:
        return self.rules.get(column, f"table.{self.table}")

    @cached_property
    def named(self) -> list[str]:
        """The rule of each column."""
        return [self._rule(column) for column in self.columns]

    def agree(
        self, key: tuple[Any, ...], wanted: Sequence[float], values: list[Any], terms: Sequence[float] | None
    ) -> None:
        """A row that is called for has the recomputed figures."""
        where, ledger = None, self.ledger
        unit = key[self.of_unit] if self.of_unit is not None else ""
        for index, (column, required, achieved) in enumerate(zip(self.columns, wanted, values, strict=True)):
            off, scale = abs(achieved - required), max(abs(achieved), abs(required))
            if terms and terms[index] > scale:
                scale = terms[index]
            rule, group = self.named[index], (self.table, column, unit)
            if off == 0.0 or off <= allowed(scale):  # as a comparison of the ledger, without the words
                ledger.checked[rule] += 1
                if scale > ledger.largest[group]:
                    ledger.largest[group] = scale
                continue
            where = where or _place(key)
            self.ledger.equal(rule, where, column, required, achieved, terms=(scale,), group=group)

    def uncalled(self, key: tuple[Any, ...], values: list[Any], zero_rows: bool) -> None:
        """A row that nothing calls for is not there, or says nothing where that is allowed."""
        message = f"Nothing in the plan calls for this row ({_listed(self.columns, values)})."
        rule = f"table.{self.table}"
        self.ledger.holds(rule, _place(key), zero_rows or not any(values), message)
        for column, value in zip(self.columns, values, strict=True):
            for named in {rule, self._rule(column)} if zero_rows else {self._rule(column)} - {rule}:
                text = f"{column} is {value:.10g}: {message}"
                self.ledger.nothing(named, _place(key), text, value, group=self._group(column, key))

    def missing(self, key: tuple[Any, ...], wanted: Sequence[float], zero_rows: bool) -> None:
        """A row that is called for is there, or comes to nothing where it may then be left out."""
        rule = f"table.{self.table}"
        if not zero_rows:
            self.ledger.fail(rule, _place(key), f"The row is missing ({_listed(self.columns, wanted)}).")
        for column, value in zip(self.columns, wanted, strict=True):
            for named in {rule, self._rule(column)} if zero_rows else {self._rule(column)} - {rule}:
                text = f"{column} should be {value:.10g}, but there is no row."
                self.ledger.nothing(named, _place(key), text, value, group=self._group(column, key))


def _place(key: tuple[Any, ...]) -> str:
    return ", ".join(str(part) for part in key if part != "-")


def _listed(columns: tuple[str, ...], values: Sequence[float]) -> str:
    return ", ".join(f"{column} {value:.10g}" for column, value in zip(columns, values, strict=True))
