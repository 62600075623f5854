"""The command that opens the pages: `drive5 app`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import UsageFault
from cli.refusals import existing, writable


def pages(
    dataset: Annotated[
        Path | None, typer.Argument(metavar="[DATASET]", help="Data set to open with.", show_default="data/alliance")
    ] = None,
    workspace: Annotated[Path, typer.Option(metavar="DIR", help="Where plans and data made here go.")] = Path("plans"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "localhost",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    time_limit: Annotated[float, typer.Option(min=1.0, max=3600.0, help="Seconds for the search of a plan.")] = 60.0,
) -> None:
    """Open the pages: move levers, see an estimate at once and the plan soon after."""
    if dataset is not None and not existing(dataset, "data set").is_dir():
        raise UsageFault(f"{dataset}: a data set is a folder of CSV tables; give that folder")
    writable(workspace, "--workspace")
    from ui.library import LibraryError
    from ui.serve import serve

    try:
        serve(dataset=dataset, workspace=workspace, port=port, address=address, browser=browser, seconds=time_limit)
    except LibraryError as fault:
        raise UsageFault(str(fault)) from None
