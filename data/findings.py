"""What is wrong with a data set, said so that the person who typed it can put it right."""

import difflib
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"
# A table full of the same mistake is said this often, then counted.
REPEATS = 50


@dataclass(frozen=True)
class Finding:
    """One problem: where it is, what is wrong, what would be right.

    `row` counts data rows from 1 (the header is not counted); None where the finding is about the whole table.
    `table` may also be a file: dataset.yaml, scenarios.yaml. `cell` is the place in a workbook (`D7`, `row 7`; the
    sheet has the table's name), empty for CSV files.
    """

    level: str
    table: str
    row: int | None
    column: str
    value: str
    message: str
    remedy: str
    cell: str = ""

    def __str__(self) -> str:
        """One line of what, where and what to do."""
        place = self.table
        if self.cell:
            place = f"sheet {self.table}, {self.cell if ' ' in self.cell else f'cell {self.cell}'}"
        elif self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", {self.column}"
        if self.value:
            place += f" {shown(self.value)}"
        remedy = f"; {self.remedy}" if self.remedy else ""
        return " ".join(f"{self.level}: {place}: {self.message}{remedy}".split())


class DataError(Exception):
    """A data set without meaning; `findings` says everything that is wrong with it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep all findings; the text of the error counts them and shows the first."""
        self.findings = list(findings)
        wrong = [finding for finding in self.findings if finding.level == ERROR]
        first = f"; the first: {wrong[0]}" if wrong else ""
        super().__init__(f"the data set has {len(wrong)} error{'s' if len(wrong) != 1 else ''}{first}")


def shown(value: str) -> str:
    """A cell's text in quotes, cut where it is long, with nothing in it that a terminal would obey."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in value)
    return f"'{clean[:57]}...'" if len(clean) > 60 else f"'{clean}'"


def error(table: str, message: str, remedy: str, row: int | None = None, column: str = "", value: str = "") -> Finding:
    """A finding for which nothing is solved."""
    return Finding(ERROR, table, row, column, value, message, remedy)


def warning(
    table: str, message: str, remedy: str, row: int | None = None, column: str = "", value: str = ""
) -> Finding:
    """A finding that a planner should know; the data still solve."""
    return Finding(WARNING, table, row, column, value, message, remedy)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, or '' where none is near."""
    by_lower = {name.lower(): name for name in sorted(known)}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[close[0]] if close else ""


def suggestion(word: str, known: Iterable[str], many: str = "one of") -> str:
    """A remedy for an unknown word: the nearest known one, else a few of those that there are."""
    names = sorted(set(known))
    close = nearest(word, names) if len(names) <= 5000 else ""
    if close:
        return f"did you mean {close}?"
    if not names:
        return "there is none to refer to"
    return f"{many} {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by place; repeats dropped, and a long run of one mistake in one column counted."""
    kinds: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        kinds.setdefault(_kind(finding), []).append(finding)
    kept: list[Finding] = []
    counted: list[Finding] = []
    for (level, table, column, message), mine in sorted(kinds.items()):
        kept += heapq.nsmallest(REPEATS, mine, key=_place)
        if len(mine) > REPEATS:
            text = f"{len(mine) - REPEATS:,} more like the {REPEATS} above ({message})"
            counted.append(Finding(level, table, None, column, "", text, "put those right first and check again"))
    return sorted([*sorted(kept, key=_place), *counted], key=lambda f: f.level)


def _place(f: Finding) -> tuple[str, str, int, str, str, str, str]:
    return f.level, f.table, f.row or 0, f.column, f.value, f.message, f.remedy


def _kind(finding: Finding) -> tuple[str, str, str, str]:
    return finding.level, finding.table, finding.column, finding.message.split(":")[0]
