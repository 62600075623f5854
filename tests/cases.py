"""Small data sets for tests, written as the rows that matter; everything else is filled in.

    dataset = three_nations(
        programmes=[dict(programme="tank", unit_cost=10, lead_years=1)],
        frames=[dict(frame="f_tank", programme="tank", min_members=2)],
    )
    plan = best(dataset, carry_over=0)

The base: DEU and FRA (eu, Europe) and USA (America), 2027-2029, gdp 1000 and 10 % of it a year for each pillar (100,
none of it committed), one core area `land` of weight 1 in which every nation wants 10 and has none, one severity band,
no programme. What is filled in:

- A row is a dict with only the columns that matter. Of a table of the base it changes the row with the same key, or
  adds one; a later row wins over an earlier one.
- A row without `nation`, `year` or `pillar` stands for all nations, years or both pillars, wherever that is a key (not
  in a pipeline, obligations, loans and a prior plan: they stand as they are).
- A programme costs 1, comes in lots of 1 in the year of its order, is equipment of the area `land`, has effect 1 in its
  area unless `effects` has a row of it, and every nation is its customer unless `customers` has a row of it.
- A nation is a candidate of every new frame that has no row in `frame_members`.
- An area other than `land` has weight 1, is core, and no target until `targets` gives it one.
- An innovation line is sponsored by ALL from core and certain to work; a rule is hard.
"""
# ruff: noqa: C408

import csv
import functools
import itertools
import pathlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

import data.dataset
import data.levers
from data.dictionary import data_tables

Row = dict[str, Any]
Tables = dict[str, list[Row]]

TINY = pathlib.Path(__file__).parent.parent / "data" / "tiny"
NATIONS = ("DEU", "FRA", "USA")
YEARS = (2027, 2028, 2029)
PILLARS = ("core", "resilience")
KNOWN = {
    "DEU": dict(name="Germany", eu=1, region="Europe"),
    "FRA": dict(name="France", eu=1, region="Europe"),
    "POL": dict(name="Poland", eu=1, region="Europe"),
    "USA": dict(name="United States", eu=0, region="America"),
    "CAN": dict(name="Canada", eu=0, region="America"),
}
PROGRAMME = dict(area="land", pillar="core", category="equipment", unit_cost=1, lot=1, lead_years=0)
DEFAULTS: dict[str, Row] = {
    "economy": dict(gdp=1000),
    "budget_path": dict(gdp_share=0.1),
    "areas": dict(pillar="core", weight=1),
    "targets": dict(target=10),
    "programmes": PROGRAMME,
    "effects": dict(effect=1),
    "frame_members": dict(status="candidate"),
    "bill_of_materials": dict(quantity=1),
    "expansions": dict(kind="shift", added_capacity=1),
    "innovation": dict(sponsor="ALL", pillar="core", success_probability=1),
    "rules": dict(hardness="hard"),
    "obligations": dict(pillar="core", kind="payment", item="earlier"),
    "prior_plan": dict(channel="national"),
    "sources": dict(basis="assumption"),
}
AS_THEY_STAND = ("pins", "pipeline", "obligations", "prior_plan", "nations", "loans", "frame_members")


def three_nations(**tables: Any) -> data.dataset.Dataset:
    """The base of three nations with these rows; `years`, `settings` and `scenarios` may be among the arguments."""
    return build(nations_of=NATIONS, **tables)


def one_nation(**tables: Any) -> data.dataset.Dataset:
    """The base with DEU alone and, unless `years` says otherwise, 2027 alone."""
    return build(nations_of=("DEU",), **{"years": (2027,), **tables})


def build(
    nations_of: Sequence[str] = NATIONS,
    years: Sequence[int] = YEARS,
    settings: Mapping[str, Any] | None = None,
    scenarios: Mapping[str, Any] | None = None,
    **tables: Iterable[Mapping[str, Any]],
) -> data.dataset.Dataset:
    """A data set over these nations and years: the base, changed by `tables`."""
    rows = fill(nations_of, years, tables)
    with tempfile.TemporaryDirectory() as folder:
        write_folder(rows, dict(settings_of(years), **(settings or {})), pathlib.Path(folder), scenarios)
        return data.dataset.load(pathlib.Path(folder))


def case(
    dataset: data.dataset.Dataset, scenario: str | None = None, sets: Mapping[str, Any] | None = None, **levers: Any
) -> data.levers.Case:
    """The data set with levers: `case(ds, carry_over=0, force__tank=True)`; a dot is written as two underscores."""
    named = {name.replace("__", "."): value for name, value in levers.items()}
    return data.levers.apply(dataset, scenario, {**(sets or {}), **named})


def best(dataset: data.dataset.Dataset, scenario: str | None = None, **levers: Any) -> Any:
    """The exact optimum of the data set with these levers, as a Plan."""
    return solved(case(dataset, scenario, **levers))


def solved(the_case: data.levers.Case, time_limit: float = 30.0) -> Any:
    """The exact optimum of a case, as a Plan."""
    from optimizer.solve import SolveOptions, solve

    return solve(the_case, options=SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=time_limit))


def settings_of(years: Sequence[int]) -> Row:
    """The dataset.yaml of the base."""
    return dict(
        name="case",
        description="made by a test",
        marking="TEST",
        currency="EUR",
        price_base_year=years[0],
        first_year=years[0],
        last_year=years[-1],
        severity=[dict(above=0.0, slope=1)],
    )


def fill(nations_of: Sequence[str], years: Sequence[int], tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Tables:
    """All rows of a data set: the base, then `tables` on top, then what follows from them."""
    unknown = sorted(set(tables) - set(data_tables()))
    if unknown:
        raise ValueError(f"no such table: {', '.join(unknown)}; there are {', '.join(data_tables())}")
    rows: Tables = {name: [dict(row) for row in given] for name, given in tables.items()}
    _follow(rows)
    merged = {}
    for name in data_tables():
        wide = [wider for row in rows.get(name, []) for wider in _widen(name, row, nations_of, years)]
        merged[name] = _merge(name, [*_base(name, nations_of, years), *wide])
    merged["frame_members"] += _candidates(merged, nations_of)
    return merged


def write_folder(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    settings: Mapping[str, Any],
    folder: pathlib.Path,
    scenarios: Mapping[str, Any] | None = None,
) -> pathlib.Path:
    """Write rows as a CSV folder; a column that a row lacks stays empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in data_tables().items():
        rows = list(tables.get(name, []))
        strange = sorted({column for row in rows for column in row} - set(table.names))
        if strange:
            raise ValueError(f"table {name} has no column {', '.join(strange)}")
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.names, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "dataset.yaml").write_text(yaml.safe_dump(dict(settings), sort_keys=False), encoding="utf-8")
    if scenarios:
        (folder / "scenarios.yaml").write_text(yaml.safe_dump(dict(scenarios), sort_keys=False), encoding="utf-8")
    return folder


def _base(table: str, nations: Sequence[str], years: Sequence[int]) -> list[Row]:
    """Rows that every data set has."""
    if table == "nations":
        return [dict(nation=nation, **KNOWN.get(nation, {})) for nation in nations]
    if table == "areas":
        return [dict(area="land", pillar="core", weight=1)]
    if table in ("economy", "budget_path"):
        return _widen(table, {}, nations, years)
    if table == "targets":
        return _widen(table, dict(area="land"), nations, years)
    return []


def _follow(rows: Tables) -> None:
    """Effects and customers that a test does not mention."""
    programmes = {row["programme"]: row.get("area", "land") for row in rows.get("programmes", [])}
    for table in ("effects", "customers"):
        given = {row["programme"] for row in rows.get(table, [])}
        for programme, area in programmes.items():
            if programme not in given:
                row = dict(programme=programme, area=area) if table == "effects" else dict(programme=programme)
                rows.setdefault(table, []).append(row)


def _widen(table: str, row: Row, nations: Sequence[str], years: Sequence[int]) -> list[Row]:
    """The rows that a row stands for: every nation, year and pillar that it leaves out of its key."""
    keys = data_tables()[table].keys
    defaults = {name: value for name, value in DEFAULTS.get(table, {}).items() if name in keys}
    full = {**defaults, **row}
    if table in AS_THEY_STAND:
        return [full]
    every = {"nation": list(nations), "year": list(years), "pillar": list(PILLARS)}
    open_keys = [key for key in keys if key in every and key not in full]
    choices = itertools.product(*(every[key] for key in open_keys))
    return [{**full, **dict(zip(open_keys, those, strict=True))} for those in choices]


def _merge(table: str, rows: Iterable[Row]) -> list[Row]:
    """One row a key; a later row changes the columns that it names; then the defaults."""
    keys = data_tables()[table].keys
    merged: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        merged.setdefault(tuple(row.get(name, "") for name in keys), {}).update(row)
    return [{**DEFAULTS.get(table, {}), **row} for row in merged.values()]


def _candidates(tables: Tables, nations: Sequence[str]) -> list[Row]:
    """Every nation as a candidate of each frame without members of its own."""
    given = {row["frame"] for row in tables["frame_members"]}
    new = [row["frame"] for row in tables["frames"] if row["frame"] not in given and not row.get("launched")]
    return [dict(frame=frame, nation=nation, status="candidate") for frame in new for nation in nations]


@functools.cache
def tiny() -> data.dataset.Dataset:
    """The data set data/tiny."""
    return data.dataset.load(TINY)
