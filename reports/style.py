"""One look for everything that is told of a plan: the palette, the stoplight, and the formats of every sheet.

The hues are those of Okabe and Ito (2008), which stay apart for the colour-blind; their order alternates dark and
light, so that neighbours stay apart in greyscale too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

INK, BAND, FAINT, GRID = "#1F3864", "#DCE6F1", "#595959", "#D9D9D9"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
COLOURS = ["#0072B2", "#F0E442", "#D55E00", "#56B4E9", "#4B1D6B", "#E69F00", "#00624A", "#E3A6C6", "#5C4A1E"]
GREYS = ["#BFBFBF", "#8C8C8C", "#595959", "#D9D9D9", "#A6A6A6", "#737373", "#404040"]
NO_AREA = frozenset({"other areas", "innovation", "industry", "interest", "obligation", "fee"})
BLUES = ["#F2F6FB", "#0B3C6F"]  # the least and the most of a single quantity
GOOD, BAD, NEUTRAL = "#0072B2", "#D55E00", "#8C8C8C"
# Stoplight: letter, from this closure on, fill, text. Light to dark in greyscale as things get worse.
LIGHTS = (("G", 0.95, "#CFE3F5", "#000000"), ("A", 0.8, "#F3B940", "#000000"), ("R", 0.0, "#A63A00", "#FFFFFF"))
LIGHTS_SAY = "G: at least 95 % of the target met; A: at least 80 %; R: less"


def light(closure: float) -> tuple[str, str, str]:
    """Letter, fill and text colour of a closure (share of a target that is met)."""
    for letter, least, fill, text in LIGHTS:
        if closure >= least - 1e-9:
            return letter, fill, text
    return LIGHTS[-1][0], LIGHTS[-1][2], LIGHTS[-1][3]


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
