"""Tables of a page that a command writes: Markdown, and the places between markers where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from benchmarks.sceptic.line import Row


class NoPlaceError(Exception):
    """A page has no markers of a block's name."""


def markdown(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table, a column a key; numbers to the right; '' where there are no rows."""
    if not rows:
        return "None.\n"
    names = list(rows[0])
    right = [all(isinstance(row[name], int | float) or row[name] is None for row in rows) for name in names]
    lines = [_line(names), _line(["---:" if numbers else "---" for numbers in right])]
    lines += [_line([_cell(row[name]) for name in names]) for row in rows]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"
    return str(value).replace("|", "/")


def replaced(text: str, blocks: Mapping[str, str]) -> str:
    """The page with what stands between the markers of each block made anew.

    A block NAME stands between `<!-- made: NAME -->` and `<!-- end: NAME -->`.

    Raises:
        NoPlaceError: a block has no markers.
    """
    for name, block in blocks.items():
        marks = f"<!-- made: {name} -->", f"<!-- end: {name} -->"
        place = re.compile(rf"{re.escape(marks[0])}\n.*?{re.escape(marks[1])}", re.DOTALL)
        if not place.search(text):
            raise NoPlaceError(f"no markers of {name}: {marks[0]} and {marks[1]}, each on a line of its own")
        made = f"{marks[0]}\n{block.strip()}\n{marks[1]}"
        text = place.sub(lambda _, made=made: made, text)
    return text
