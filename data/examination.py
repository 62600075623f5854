"""What the checks for errors share: the tables under examination, and what has been found so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from data.findings import Finding, error
from data.settings import Settings

Tables = Mapping[str, pd.DataFrame]


@dataclass
class Examination:
    """The typed tables of a data set; `broken` ones could not be read and are empty.

    Without settings nothing is said that needs the horizon.
    """

    tables: Tables
    settings: Settings | None
    broken: frozenset[str]
    findings: list[Finding] = field(default_factory=list)

    def error(self, table: str, rows: Iterable[int], column: str, message: str, remedy: str) -> None:
        """The same error in each of these rows."""
        rows = list(rows)
        frame = self.tables[table]
        values = frame[column].loc[rows] if column and frame.index.is_unique else [""] * len(rows)
        for row, value in zip(rows, values, strict=True):
            self.findings.append(error(table, message, remedy, int(row), column, str(value)))

    def sound(self, *tables: str) -> bool:
        """True where all of these tables could be read."""
        return not self.broken & set(tables)
