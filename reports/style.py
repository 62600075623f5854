"""The formats that every sheet of the workbook shares."""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

INK, BAND, FAINT = "#1F3864", "#DCE6F1", "#595959"


class Style:
    """The formats of the workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **properties: Any) -> Format:
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Calibri", "font_size": 10, **properties})
        return self._made[key]

    def title(self) -> Format:
        """A sheet's title."""
        return self(bold=True, font_size=14, font_color=INK)

    def note(self) -> Format:
        """A remark under a title."""
        return self(italic=True, font_color=FAINT)

    def head(self, numeric: bool = False) -> Format:
        """A column's name."""
        side = {"align": "right"} if numeric else {"align": "left", "indent": 1}
        return self(bold=True, bg_color=BAND, bottom=1, text_wrap=True, valign="top", **side)

    def number(self, pattern: str, **properties: Any) -> Format:
        """A number with a pattern."""
        return self(num_format=pattern, **properties)
