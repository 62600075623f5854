"""From text to values: each column of a raw table is converted by its type in the dictionary, defaults filled in."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.checks_rules import plain_scope
from data.dictionary import ENDLESS_YEARS, NO_FAST_MODE, NO_YEAR, NOT_GIVEN, Column, Table, data_tables
from data.findings import Finding, error, suggestion
from data.raw import RawData, RawTable
from data.settings import Settings
from data.texts import BREAKS, is_error_word, is_no_name, text_complaint

FLAGS = {"on": 1, "true": 1, "1": 1, "off": 0, "false": 0, "0": 0}
PLAIN = frozenset("0123456789.+-eE")
# These separate ids from one another in lists, scopes, bands and levers.
FORBIDDEN = frozenset(";|:=,\n\r\t")
LARGEST_WHOLE = 2**53
LARGEST = 1e15  # a figure beyond it is a slip of the pen in any currency, and no solver tells it from infinity
SMALLEST = 1e-30  # and one below it, but not 0, is no figure of anything; what a sum leaves over may lie above it
FREE_TEXT = frozenset({"name", "unit", "agency", "source", "note"})  # told to readers only: may run over lines
Value = str | int | float


class CellError(ValueError):
    """A cell that can't be read as its column's type: what is wrong, and what would be right."""

    def __init__(self, message: str, remedy: str) -> None:
        """Keep both parts apart."""
        super().__init__(message)
        self.message, self.remedy = message, remedy


@dataclass(frozen=True)
class TypedData:
    """All tables of the dictionary, typed, rows as in the file (index = row number), and what was wrong.

    `broken`: the tables that are empty here only because they could not be read.
    """

    tables: Mapping[str, pd.DataFrame]
    broken: frozenset[str]
    findings: tuple[Finding, ...]


def default_value(column: Column, settings: Settings | None) -> Value:
    """What an empty cell of this column means."""
    special: dict[str, Value] = {"unlimited": ENDLESS_YEARS if column.whole else math.inf}
    special["none"] = NO_FAST_MODE if column.name == "fast_years" else NO_YEAR if column.whole else NOT_GIVEN
    if settings is not None:
        special |= {"first_year": settings.first_year, "last_year": settings.last_year}
    if column.default in special:
        return special[column.default]
    if not column.numeric:
        return column.default
    number = float(column.default) if column.default[:1] in set("+-0123456789") and column.default else 0.0
    return int(number) if column.whole else number


def read_value(column: Column, text: str, settings: Settings | None) -> Value:
    """One cell; CellError says what is wrong with it."""
    if not text:
        if column.required:
            raise CellError("the cell is empty", f"give {_wanted(column)}")
        return default_value(column, settings)
    if column.type == "flag":
        return _flag(text)
    if column.numeric:
        return _number(column, text)
    complaint = _text_complaint(column, text)
    if complaint is not None:
        raise complaint
    if column.type == "choice" and text not in column.words:
        raise CellError("is not one of the choices", suggestion(text, column.words))
    if column.type == "id" and (set(text) & FORBIDDEN or text == "-" or not text.isprintable()):
        raise CellError("is no name for a thing", "use letters, digits, _ and - ; none of ; | : = or a comma")
    return text


def _text_complaint(column: Column, text: str) -> CellError | None:
    if is_error_word(text):
        return CellError("is an error of the spreadsheet, not a value", "put the value in its place")
    free = column.name in FREE_TEXT and column.type == "text"
    if not free and is_no_name(text):
        return CellError("is how programs write what is no number", "give another name, or leave the cell empty")
    complaint = text_complaint(text, BREAKS if free else "")
    return CellError(complaint, "type the text again without it") if complaint else None


def _flag(text: str) -> int:
    if text.lower() not in FLAGS:
        raise CellError("is neither on nor off", "write 1 or 0, on or off, true or false")
    return FLAGS[text.lower()]


def _number(column: Column, text: str) -> float | int:
    if not set(text) <= PLAIN:
        raise CellError("is not a number", _number_remedy(column, text))
    try:
        number = float(text)
    except ValueError:
        raise CellError("is not a number", _number_remedy(column, text)) from None
    if not math.isfinite(number) or (not column.whole and abs(number) > LARGEST):
        raise CellError("is too large a number", f"give {_wanted(column)}")
    if 0 < abs(number) < SMALLEST:
        raise CellError("is too small a number", "write 0, or choose a smaller unit")
    complaint = range_complaint(column, number)
    if complaint:
        raise CellError(complaint, _range_remedy(column))
    if not column.whole:
        return number
    if number != int(number) or abs(number) >= LARGEST_WHOLE:
        raise CellError("is not a whole number", f"give {_wanted(column)}")
    return int(number)


def range_complaint(column: Column, number: float) -> str:
    """What is wrong with a number's size, or ''."""
    if column.minimum is not None and number < column.minimum:
        if column.minimum == 0:
            return "negative money" if column.type == "money" else "is negative"
        return f"lies below {column.minimum:g}"
    if column.maximum is not None and number > column.maximum:
        return f"lies above {column.maximum:g}"
    return ""


def _range_remedy(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        if column.type == "share" and high == 1:
            return "a share lies between 0 and 1: write 3 % as 0.03"
        return f"between {low:g} and {high:g}"
    return f"{low:g} or more" if low is not None else f"{high:g} or less"


def _number_remedy(column: Column, text: str) -> str:
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity", "n/a", "na", "null", "none"):
        return f"give {_wanted(column)}" if column.required else "leave the cell empty for its default"
    if "%" in text:
        return "write a share as a fraction: 3 % is 0.03"
    if "," in text or "'" in text or " " in text or "_" in text:
        return "a plain number: a point for decimals, no thousands separator"
    if text.startswith("="):
        return "give the value, not the formula"
    return f"give {_wanted(column)}"


def _wanted(column: Column) -> str:
    words = {"year": "a year", "integer": "a whole number", "share": "a share from 0 to 1", "flag": "1 or 0"}
    kind = words.get(column.type, "a plain number" if column.numeric else "a text")
    if column.type == "choice":
        kind = f"one of {', '.join(column.words)}"
    return f"{kind} such as {column.example}" if column.example else kind


def convert(raw: RawData, settings: Settings | None) -> TypedData:
    """All tables of the dictionary with their types.

    A row with a wrong key is left out, any other wrong cell takes its default, and each is a finding.
    """
    findings: list[Finding] = []
    tables = {}
    for name, table in data_tables().items():
        given = raw.tables.get(name, RawTable(name, {}, ()))
        tables[name] = _convert_table(given, table, settings, findings, name in raw.tables)
    tables["rules"] = _plain_scopes(tables["rules"])
    return TypedData(tables, raw.broken, tuple(findings))


def _plain_scopes(rules: pd.DataFrame) -> pd.DataFrame:
    scopes = [plain_scope(rule, scope) for rule, scope in zip(rules["rule"], rules["scope"], strict=True)]
    return rules.assign(scope=pd.Series(scopes, index=rules.index, dtype="object"))


def _convert_table(
    raw: RawTable, table: Table, settings: Settings | None, findings: list[Finding], present: bool
) -> pd.DataFrame:
    index = pd.Index(np.asarray(raw.rows, dtype=np.int64))
    found: dict[str, Any] = {}
    bad_keys: set[int] = set()
    for column in table.columns:
        cells = raw.cells.get(column.name)
        if cells is None:
            if present and column.required:
                remedy = f"add the column {column.name}: {column.meaning}"
                findings.append(error(table.name, "the column is missing", remedy, column=column.name))
            cells = [""] * len(raw.rows)
            values, wrong = _fill(column, len(raw.rows), settings), dict[int, CellError]()
        else:
            values, wrong = _convert_cells(cells, column, settings)
        for place, problem in wrong.items():
            row = raw.rows[place]
            text = cells[place]
            findings.append(error(table.name, problem.message, problem.remedy, row, column.name, text))
            if column.key:
                bad_keys.add(row)
        if column.numeric:
            found[column.name] = np.array(values, dtype="int64" if column.whole else "float64")
        else:
            found[column.name] = pd.Series(values, index=index, dtype="object")
    frame = pd.DataFrame(found, index=index)
    return frame.drop(index=sorted(bad_keys)) if bad_keys else frame


def _fill(column: Column, count: int, settings: Settings | None) -> Sequence[Value]:
    return [default_value(column, settings)] * count


def _convert_cells(
    cells: Sequence[str], column: Column, settings: Settings | None
) -> tuple[Sequence[Value], dict[int, CellError]]:
    """The whole column at once where all is well (nearly always), cell by cell where something is wrong."""
    fast = _FAST["flag" if column.type == "flag" else "number" if column.numeric else column.type](cells, column)
    if fast is not None and not (column.required and "" in cells):
        if "" not in cells:
            return fast, {}
        default = default_value(column, settings)
        return [value if cell else default for cell, value in zip(cells, fast, strict=True)], {}
    values: list[Value] = []
    wrong = {}
    for place, cell in enumerate(cells):
        try:
            values.append(read_value(column, cell, settings))
        except CellError as problem:
            wrong[place] = problem
            values.append(default_value(column, settings))
    return values, wrong


def _fast_number(cells: Sequence[str], column: Column) -> Sequence[Value] | None:
    if not set().union(*cells) <= PLAIN:
        return None
    try:
        numbers = np.array([cell or "nan" for cell in cells], dtype=object).astype(np.float64)
    except ValueError:
        return None
    given = numbers[~np.isnan(numbers)]
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    if not (np.isfinite(given).all() and (given >= low).all() and (given <= high).all()):
        return None
    size = np.abs(given)
    if ((size > 0) & (size < SMALLEST)).any():
        return None
    if not (((given == np.floor(given)) & (size < LARGEST_WHOLE)).all() if column.whole else (size <= LARGEST).all()):
        return None
    plain: list[Value] = numbers.tolist()
    return plain


def _fast_flag(cells: Sequence[str], column: Column) -> Sequence[Value] | None:
    known = FLAGS | {"": 0}
    return [known[cell] for cell in cells] if set(cells) <= set(known) else None


def _fast_choice(cells: Sequence[str], column: Column) -> Sequence[Value] | None:
    return list(cells) if set(cells) <= {*column.words, ""} else None


def _fast_id(cells: Sequence[str], column: Column) -> Sequence[Value] | None:
    plain = not set().union(*cells) & FORBIDDEN and _plain_words(set(cells))
    return list(cells) if plain and "-" not in cells else None


def _fast_text(cells: Sequence[str], column: Column) -> Sequence[Value] | None:
    return list(cells) if _plain_words(set(cells)) else None


def _plain_words(words: set[str]) -> bool:
    """Whether none of these could be anything but a text; the rare doubtful ones are looked at one by one."""
    if not all(map(str.isprintable, words)):
        return False
    return not any("#" in word or word[:3].lower() == "err" or is_no_name(word) for word in words)


_FAST: Mapping[str, Callable[[Sequence[str], Column], Sequence[Value] | None]] = {
    "flag": _fast_flag,
    "number": _fast_number,
    "choice": _fast_choice,
    "id": _fast_id,
    "text": _fast_text,
}
