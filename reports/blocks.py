"""A worksheet that takes a column of cells at once: a plan has 400,000, and a call for each takes longer than a solve.

A block's cells are kept as the text that the file will hold, and a row is written in one go. Cells written one by one
(titles, totals, heads) go the usual way of XlsxWriter; both make the same file, which a test compares byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

MOST_UNITS = 32767  # UTF-16 units of a text in a cell
SPAN = 16  # rows that share what XlsxWriter writes of their first and last column
Cell = str | float | int


@dataclass
class _Block:
    """Cells below each other: what follows the format in the file, the format of most, and of rows with another."""

    first: int
    cells: list[str]
    pattern: Format
    others: dict[int, Format]

    @property
    def rows(self) -> range:
        """Its rows, from 0."""
        return range(self.first, self.first + len(self.cells))

    def formats(self) -> list[tuple[int, Format]]:
        """Each format that a cell has, with a row that it is met in; first of its rows for the usual one."""
        usual = next((row for row in self.rows if row not in self.others), None)
        return [*([] if usual is None else [(usual, self.pattern)]), *self.others.items()]

    def styled(self, styles: Mapping[int, str], after: str) -> list[str]:
        """The cells as the file holds them behind the number of their row; `styles` by format, `after` each cell."""
        if not self.others:
            usual = styles[id(self.pattern)]
            return [usual + cell + after for cell in self.cells]
        layouts = (self.others.get(row, self.pattern) for row in self.rows)
        return [styles[id(layout)] + cell + after for layout, cell in zip(layouts, self.cells, strict=True)]


class BlockSheet(Worksheet):
    """A worksheet with blocks, made by `book.add_worksheet(name, BlockSheet)`.

    All blocks of a sheet cover the same rows, and these rows hold no other cells.
    """

    dim_rowmin: Any
    dim_rowmax: Any
    row_spans: dict[int, str]

    def __init__(self) -> None:
        """A sheet without blocks."""
        super().__init__()
        self._blocks: dict[int, _Block] = {}
        self._texts: dict[str, str] = {}

    def block(self, first: int, column: int, values: Sequence[Cell], pattern: Format) -> None:
        """Write a column of cells; one that is there already is replaced.

        Args:
            first: row of the first cell, from 0.
            column: their column, from 0.
            values: texts as texts, numbers (finite ones) as numbers.
            pattern: format of the cells.

        Raises:
            ValueError: these are not the rows of the blocks before.
        """
        if not values:
            return
        made = _Block(first, self._cells(values), pattern, {})
        if self._blocks and self._rows() != made.rows:
            raise ValueError(f"{self.name}: rows {first} and on are not the rows of the blocks before")
        self._check_dimensions(first, column)
        self._check_dimensions(made.rows[-1], column)
        self._blocks[column] = made

    def restyle(self, column: int, rows: Iterable[int], pattern: Format) -> None:
        """Give some cells of a block another format."""
        self._blocks[column].others.update(dict.fromkeys(rows, pattern))

    def _cells(self, values: Sequence[Cell]) -> list[str]:
        """What the file holds of each value behind its format; the texts of a workbook are kept once, and counted."""
        known, strings, fresh = self._texts, self.str_table, 0
        texts = dict.fromkeys(value for value in values if isinstance(value, str))
        for text in texts:
            if text not in known:
                cut = text
                if len(text) > MOST_UNITS // 2:
                    cut = text.encode("utf-16-le")[: 2 * MOST_UNITS].decode("utf-16-le", "ignore")
                known[text] = f' t="s"><v>{strings._get_shared_string_index(cut)}</v></c>'
                fresh += 1
        if not texts:
            return [f"><v>{value:.16G}</v></c>" for value in values]
        cells = [known[value] if isinstance(value, str) else f"><v>{value:.16G}</v></c>" for value in values]
        strings.count += sum(isinstance(value, str) for value in values) - fresh
        return cells

    def _rows(self) -> range:
        return next(iter(self._blocks.values())).rows

    def _calculate_spans(self) -> None:
        """First and last column of each sixteen rows."""
        if self.row_spans:
            return
        ends: dict[int, tuple[int, int]] = {}
        rows = [(row, min(cells), max(cells)) for row, cells in self.table.items() if cells]
        if self._blocks:
            low, high, among = min(self._blocks), max(self._blocks), self._rows()
            rows += [(row, low, high) for row in {*among[::SPAN], among[-1]}]
        for row, low, high in rows:
            lowest, highest = ends.get(row // SPAN, (low, high))
            ends[row // SPAN] = min(low, lowest), max(high, highest)
        self.row_spans = {place: f"{low + 1}:{high + 1}" for place, (low, high) in ends.items()}

    def _write_rows(self) -> None:
        """The rows of the file: above and below the blocks as XlsxWriter does, theirs in one go each."""
        if not self._blocks:
            super()._write_rows()
            return
        rows = self._rows()
        if any(cells and row in rows for row, cells in self.table.items()):
            self._xml_close()
            raise ValueError(f"{self.name}: a cell of its own in the rows of the blocks")
        lowest, highest = ends = self.dim_rowmin, self.dim_rowmax
        self._between(lowest, rows[0] - 1)
        self._write_blocks(rows)
        self._between(rows[-1] + 1, highest)
        self.dim_rowmin, self.dim_rowmax = ends

    def _between(self, low: int, high: int) -> None:
        """Rows without blocks."""
        self.dim_rowmin, self.dim_rowmax = low, high
        super()._write_rows()

    def _write_blocks(self, rows: range) -> None:
        styles = self._styles()
        heads = [f'<c r="{xl_col_to_name(column)}' for column in sorted(self._blocks)]
        blocks = [self._blocks[column] for column in sorted(self._blocks)]
        cells = [block.styled(styles, after) for block, after in zip(blocks, [*heads[1:], "</row>"], strict=True)]
        for row, parts in zip(rows, zip(*cells, strict=True), strict=True):
            self._write_row(row, self.row_spans.get(row // SPAN), self.row_info.get(row))
            self.fh.write(str(row + 1).join((heads[0], *parts)))

    def _styles(self) -> dict[int, str]:
        """What a cell of each format says of it; formats are numbered as they are first met, row by row."""
        met = [(row, column, layout) for column, block in self._blocks.items() for row, layout in block.formats()]
        met.sort(key=lambda one: one[:2])
        return {id(layout): f'" s="{layout._get_xf_index()}"' for _, _, layout in met}
