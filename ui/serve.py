"""Starts the server of the pages: local unless told otherwise, without telemetry, stopped by Ctrl-C."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from ui import answer, draft, one_more, panel, reach
from ui.assets import Assets
from ui.room import DATASET, HOME, SECONDS, WORKSPACE, room

LONGEST_START = 60.0  # seconds after which no browser is opened any more
FIRST_RUN = (answer, draft, one_more, panel, reach)  # what the pages import, at hand before the first one asks


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
    if browser:
        threading.Thread(target=_open_browser, args=(address, port), daemon=True).start()
    script = HOME / "app.py"
    sys.argv = [str(script)]  # beside it lie the settings of the pages
    App(script, middleware=[Middleware(Assets)]).run(config=options)


def _open_browser(address: str, port: int) -> None:
    """Open the pages in the user's browser once the server listens."""
    host = "localhost" if address in ("0.0.0.0", "::", "") else address
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            webbrowser.open(f"http://{host}:{port}")
            return
