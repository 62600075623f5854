"""Starts the server of the pages: local unless told otherwise, without telemetry, stopped by Ctrl-C."""

from __future__ import annotations

import gc
import os
import sys
import threading
import webbrowser
from pathlib import Path

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from ui import answer, draft, one_more, panel, reach
from ui.assets import Assets
from ui.room import DATASET, HOME, SECONDS, WORKSPACE, room

STARTED = "lifespan.startup.complete"
LISTENS = 0.3  # seconds from that news until it listens
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
    middleware = [Middleware(Assets)]
    if browser:
        host = "localhost" if address in ("0.0.0.0", "::", "") else address
        middleware.append(Middleware(Opener, address=f"http://{host}:{port}"))
    script = HOME / "app.py"
    sys.argv = [str(script)]  # beside it lie the settings of the pages
    App(script, middleware=middleware).run(config=options)


class Opener:
    """Opens the pages in the user's browser once the server has started."""

    def __init__(self, app: ASGIApp, address: str) -> None:
        """Stand before ``app``; ``address``: what the browser opens."""
        self.app, self.address = app, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and listen for the server's own news that it is ready."""

        async def told(message: Message) -> None:
            await send(message)
            if message["type"] == STARTED:
                threading.Timer(LISTENS, webbrowser.open, (self.address,)).start()

        await self.app(scope, receive, told if scope["type"] == "lifespan" else send)
