"""Arguments that several commands take, and the exit codes of all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFECT, USAGE, BAD_DATA, INFEASIBLE, STOPPED = 1, 2, 3, 4, 130

Dataset = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder or workbook (.xlsx) of the data set.", show_default=False)
]
PlanFolder = Annotated[Path, typer.Argument(metavar="PLAN", help="Folder of a plan.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]


class UsageFault(Exception):
    """Wrong usage: one line of what, where, and what to do."""


def count(number: int, what: str) -> str:
    """A number of things in words: no finding, 1 finding, 2 findings."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
