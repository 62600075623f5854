"""The commands about data sets: check, convert, template."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import BAD_DATA, Dataset, count
from cli.refusals import existing
from reports.console import say, show_table

if TYPE_CHECKING:
    from data.findings import Finding


def check(dataset: Dataset) -> None:
    """Say every problem of a data set at once."""
    from data.checks import examine
    from data.findings import ERROR
    from data.side_effects import of_dataset

    known, found = examine(existing(dataset, "data set"))
    found += of_dataset(known) if known is not None else []
    _show_findings(found)
    errors = sum(finding.level == ERROR for finding in found)
    say(f"{dataset}: {count(errors, 'error')}, {count(len(found) - errors, 'warning')}")
    raise typer.Exit(BAD_DATA if errors else 0)


def _show_findings(found: Sequence[Finding]) -> None:
    if not sys.stdout.isatty():
        for finding in found:
            say(str(finding))
    elif found:
        heads = ("level", "table", "row", "column", "value", "what is wrong", "what would be right")
        show_table(heads, [_cells(finding) for finding in found])


def _cells(finding: Finding) -> tuple[str, ...]:
    row = finding.cell or ("" if finding.row is None else str(finding.row))
    place = (finding.level, finding.table, row, finding.column, finding.value)
    return (*place, finding.message, finding.remedy)


def convert(
    dataset: Dataset,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A workbook (.xlsx), or a folder.", show_default=False)],
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Data of an earlier edition: add what today's columns and settings lack.")
    ] = False,
) -> None:
    """Turn a CSV folder into a workbook or back, loss-free."""
    from data.exchange import exchange

    done = exchange(existing(dataset, "data set"), out, upgrade)
    for one in done.added:
        say(str(one))
    what = f", {count(len(done.added), 'addition')}" if upgrade else ""
    say(f"{out}: {count(len(done.rows), 'table')}, {count(sum(done.rows.values()), 'row')}{what}")


def template(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The workbook to write.", show_default=False)],
) -> None:
    """Write an empty workbook: every sheet, units, drop-downs, help and an example row."""
    from data.exchange import write_empty

    write_empty(out)
    say(f"{out}: every table with its units, drop-downs, help and an example row")
