"""The data dictionary: every table and column of a data set, and of a plan, read from two CSV tables.

Reading, checking, the docs page and editors are driven by these tables alone; nothing else names a column's type.
"""

import csv
import functools
import pathlib
import types
from collections.abc import Mapping
from dataclasses import dataclass

HERE = pathlib.Path(__file__).parent
TYPES = ("text", "id", "integer", "year", "number", "share", "money", "flag", "choice")
WHOLE = frozenset({"integer", "year", "flag"})
REAL = frozenset({"number", "share", "money"})
SPECIAL_DEFAULTS = ("first_year", "last_year", "unlimited", "none")
NO_FAST_MODE = -1
NOT_GIVEN = -1  # of cost_share and units_before, where an empty cell means something else than 0
ENDLESS_YEARS = 9999  # service years of what never wears out
NO_YEAR = 0
# Without these a data set has no meaning; any other table may be absent, which is the same as empty.
NEEDED_TABLES = ("nations", "economy", "budget_path", "areas", "targets", "programmes")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `references` are the columns (table, column) that hold its ids, `words` the literal values it may have besides
    (ALL, national) or, for a choice, all of its values.
    """

    table: str
    name: str
    type: str
    unit: str
    key: bool
    default: str
    minimum: float | None
    maximum: float | None
    editable: bool
    required: bool
    reference: str
    meaning: str
    example: str

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """The columns that hold the ids this column may have."""
        pairs = (part.split(".", 1) for part in self._parts if "." in part and self.type != "choice")
        return tuple((table, column) for table, column in pairs)

    @property
    def words(self) -> tuple[str, ...]:
        """The literal values this column may have."""
        return tuple(part for part in self._parts if "." not in part or self.type == "choice")

    @property
    def whole(self) -> bool:
        """True where values are whole numbers."""
        return self.type in WHOLE

    @property
    def numeric(self) -> bool:
        """True where values are numbers of any kind."""
        return self.type in WHOLE or self.type in REAL

    @property
    def _parts(self) -> tuple[str, ...]:
        return tuple(self.reference.split("|")) if self.reference else ()


@dataclass(frozen=True)
class Table:
    """One table: its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        """Names of the key columns in order."""
        return [column.name for column in self.columns if column.key]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


@functools.cache
def data_tables() -> Mapping[str, Table]:
    """Every table of a data set, in the order of MODEL.md section 2."""
    return _read_tables(HERE / "dictionary.csv")


@functools.cache
def plan_tables() -> Mapping[str, Table]:
    """Every table of a plan, in the order of the contract."""
    return _read_tables(HERE / "plan_tables.csv")


def _read_tables(path: pathlib.Path) -> Mapping[str, Table]:
    columns: dict[str, list[Column]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            columns.setdefault(row["table"], []).append(_column(row))
    return types.MappingProxyType({name: Table(name, tuple(those)) for name, those in columns.items()})


def _column(row: dict[str, str]) -> Column:
    return Column(
        table=row["table"],
        name=row["column"],
        type=row["type"],
        unit=row["unit"],
        key=row["key"] == "1",
        default=row.get("default", ""),
        minimum=_limit(row.get("minimum", "")),
        maximum=_limit(row.get("maximum", "")),
        editable=row.get("editable", "0") == "1",
        required=row.get("required", "0") == "1",
        reference=row.get("reference", ""),
        meaning=row["meaning"],
        example=row.get("example", ""),
    )


def _limit(text: str) -> float | None:
    return float(text) if text else None
