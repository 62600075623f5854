"""Read the committed facts, apply the checked-in corrections, and look up factors, settings and standards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
FACTS = HERE / "facts"
INPUTS = HERE / "inputs"
"""Checked-in settings of the build; in a folder of their own, since every CSV beside the tables is read as a table."""
FIRST, LAST = 2027, 2035
YEARS = range(FIRST, LAST + 1)
BASE_YEAR = 2026

LEFT_OUT = ("ammo_plant", "powder_plant", "tnt_plant", "tech_sprint")
"""Programmes that expansions and innovation lines carry."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "nations": ("iso3",),
    "gdp_growth": ("iso3", "year"),
    "apportionment_keys": ("iso3",),
    "target_method": ("area_id",),
    "targets_2035": ("iso3", "area_id"),
    "inventories": ("iso3", "area_id"),
    "programmes": ("id",),
    "service": ("programme_id",),
    "effects": ("programme_id", "area_id"),
    "customers": ("programme_id", "iso3"),
    "frames": ("frame_id",),
    "lines": ("line_id",),
    "line_programmes": ("line_id", "programme_id"),
    "components": ("component_id",),
    "bill_of_materials": ("programme_id", "component_id"),
    "expansions": ("expansion_id",),
    "innovation_options": ("innovation_id",),
    "capability_areas": ("area_id",),
    "facilities": ("facility", "nation_or_group"),
}
"""Key columns of every table of facts that the build reads (settings.csv aside)."""


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples; the columns of facts are known by name only, hence Any."""
    yield from frame.itertuples(index=False)


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as series, for columns picked by a name made at run time."""
    for _, row in frame.iterrows():
        yield row


def lookup(frame: pd.DataFrame, key: str, column: str) -> dict[Any, Any]:
    """One column by one key column."""
    return dict(zip(frame[key], frame[column], strict=True))


def text_or_none(value: Any) -> str:
    """A cell's text; an empty cell is no text."""
    return "" if pd.isna(value) else str(value)


@dataclass(frozen=True)
class Facts:
    """The facts with corrections applied, the values of factors and settings, the standards and the corrections."""

    tables: Mapping[str, pd.DataFrame]
    values: Mapping[tuple[str, str], str]
    standards: Mapping[tuple[str, str], str]
    corrections: pd.DataFrame = field(repr=False)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """One table of facts, keys as columns."""
        return self.tables[table]

    def nation(self, iso3: str) -> Any:
        """One nation's row of nations.csv."""
        return self.tables["nations"].set_index("iso3").loc[iso3]

    def text(self, name: str, key: str = "") -> str:
        """A value of factors.csv or settings.csv as written."""
        return self.values[name, key]

    def factor(self, name: str, key: str = "") -> float:
        """A number of factors.csv or settings.csv; the row without a key is the general case, none is nan."""
        return float(self.values.get((name, key), self.values.get((name, ""), "nan")))

    def keys_of(self, name: str) -> list[str]:
        """The keys that a factor or setting has, sorted."""
        return sorted(key for known, key in self.values if known == name)

    def money(self, euros: float, price_year: int = BASE_YEAR) -> float:
        """Million euros of a price year in millions of the data set's currency at 2026 prices."""
        deflator = float(self.values["price_deflator", str(price_year)])
        return euros * deflator / self.factor("eur_per_usd") * self.factor("usd_to_dataset")

    def standard(self, used_in: str, phrase: object) -> str:
        """The id of a standard's phrase; empty where there is none."""
        return self.standards[used_in, phrase] if isinstance(phrase, str) and phrase else ""


def _correct(tables: dict[str, pd.DataFrame], corrections: pd.DataFrame) -> None:
    """Write each correction into its cell; a key that matches nothing is an error in the table of corrections."""
    for row in records(corrections):
        frame = tables[row.table]
        match = pd.Series(True, index=frame.index)
        for column, value in zip(KEYS[row.table], row.key.split(":"), strict=True):
            match &= frame[column].astype(str) == value
        if match.sum() != 1 or row.column not in frame:
            raise ValueError(f"corrections.csv: {row.table} {row.key} {row.column} names {match.sum()} cells")
        numeric = pd.api.types.is_numeric_dtype(frame[row.column])
        value = (float(row.value) if numeric else row.value) if row.value else None
        if pd.api.types.is_integer_dtype(frame[row.column]) and value is not None:
            value = int(float(value))
        frame.loc[match, row.column] = value


def more_customers() -> pd.DataFrame:
    """Pairs that the facts lack, each with its reason and source: programme, nation, max_units, reason, source."""
    return pd.read_csv(INPUTS / "more_customers.csv", dtype={"max_units": float}, keep_default_na=False)


def _with_more_customers(table: pd.DataFrame) -> pd.DataFrame:
    """The facts' customers and the candidates of more_customers.csv; a pair in both is an error."""
    more = more_customers().rename(
        columns={"programme": "programme_id", "nation": "iso3", "max_units": "max_additional_units"}
    )
    if more.empty:
        return table
    area = table.drop_duplicates("programme_id").set_index("programme_id")["area_id"]
    more = more.assign(units_operated=0.0, units_on_order=0.0, area_id=more["programme_id"].map(area))
    columns = ["programme_id", "iso3", "units_operated", "units_on_order", "max_additional_units", "area_id"]
    both = pd.concat([table, more[columns]], ignore_index=True)
    twice = both[both.duplicated(list(KEYS["customers"]))]
    if len(twice):
        pair = twice.iloc[0]
        raise ValueError(f"more_customers.csv: {pair['programme_id']} {pair['iso3']} is known already")
    return both


def _values() -> dict[tuple[str, str], str]:
    """Factors of the build and settings of the facts by name and key; a value in both is an error."""
    factors = pd.read_csv(INPUTS / "factors.csv", dtype=str, keep_default_na=False)
    settings = pd.read_csv(FACTS / "settings.csv", dtype=str, keep_default_na=False)
    values = {(row.factor, row.key): row.value for row in records(factors)}
    stated = {(row.setting, row.key): row.value for row in records(settings)}
    twice = sorted(values.keys() & stated.keys())
    if twice:
        raise ValueError(f"factors.csv: {':'.join(twice[0])} is a setting of the facts; take it out of the factors")
    return {**values, **stated}


def read_facts() -> Facts:
    """All tables of facts/ with corrections.csv and more_customers.csv applied, sorted by key."""
    corrections = pd.read_csv(INPUTS / "corrections.csv", dtype=str, keep_default_na=False)
    tables = {name: pd.read_csv(FACTS / f"{name}.csv") for name in KEYS}
    _correct(tables, corrections)
    tables["customers"] = _with_more_customers(tables["customers"])
    tables = {
        name: frame.sort_values(list(KEYS[name]), kind="stable").reset_index(drop=True)
        for name, frame in tables.items()
    }
    standards = pd.read_csv(INPUTS / "standards.csv", dtype=str, keep_default_na=False)
    return Facts(
        tables=tables,
        values=_values(),
        standards={(r.used_in, r.phrase): r.standard for r in records(standards)},
        corrections=corrections,
    )


def linear(year: int, first_year: int, first: float, last_year: int, last: float) -> float:
    """A straight line between two years, flat outside them."""
    if year <= first_year:
        return first
    if year >= last_year:
        return last
    return first + (last - first) * (year - first_year) / (last_year - first_year)


def whole_years(years: float) -> int:
    """Years rounded half up: floor(x + 0.5)."""
    return int(years + 0.5)
