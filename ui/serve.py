"""Starts the server of the pages: local unless told otherwise, without telemetry, stopped by Ctrl-C."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from streamlit.web.cli import main as streamlit

from ui.room import DATASET, HOME, SECONDS, WORKSPACE, room


def serve(*, dataset: Path | None, workspace: Path, port: int, address: str, browser: bool, seconds: float) -> None:
    """Serve the pages until the process is told to stop.

    Args:
        dataset: folder of the data set to open with, None for the reference set.
        workspace: where plans, data sets and scenarios made in the pages go.
        port: to listen on.
        address: to listen on; `localhost` for this machine only.
        browser: whether to open a browser.
        seconds: how long the search for one plan may take, unless a planner says otherwise.
    """
    if dataset is not None:
        os.environ[DATASET] = str(dataset.resolve())
    os.environ[WORKSPACE] = str(workspace.resolve())
    os.environ[SECONDS] = repr(seconds)
    options = {
        "server.port": port,
        "server.address": address,
        "server.headless": not browser,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "type",
        "logger.hideWelcomeMessage": True,
        "runner.postScriptGC": False,  # a whole collection after every run stops every page meanwhile
    }
    room()  # opened before the first page asks, so that nobody waits for it
    # Streamlit collects garbage after every run of a page; what is there by now stays, and need not be looked at again.
    gc.collect()
    gc.freeze()
    flags = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in options.items()]
    streamlit(["run", str(HOME / "app.py"), *flags], standalone_mode=False)
