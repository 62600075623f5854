"""The browser's part of the pages: the document names what the first page needs, and files come from memory whole."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from streamlit import file_util

from ui import assets, serve

FOLDER = Path(file_util.get_static_dir())


async def passed_on(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"passed on"})


class Client:
    """Asks for paths as a server would hand them on."""

    def __init__(self) -> None:
        self.app = assets.Assets(passed_on)

    def get(self, path: str) -> tuple[dict[str, str], bytes]:
        said: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            said.append(dict(message))

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        asyncio.run(self.app({"type": "http", "method": "GET", "path": path}, receive, send))
        headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return headers, said[1]["body"]


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


def test_the_document_names_the_scripts_of_the_first_page_once(client: Client) -> None:
    text = client.get("/")[1].decode()
    scripts = FOLDER / "static" / "js"
    for name in assets.needed(scripts):
        assert text.count(f"/{name}") == 1, name
    for part in ("Slider", "Metric", "ArrowVegaLiteChart", "DataFrame"):  # a part that was renamed is only slower
        assert f"/static/js/{part}." in text, part
    headers, gaps = client.get("/gaps")
    assert gaps.decode() == text and headers["cache-control"] == "no-cache"


def test_what_a_script_imports_is_needed_too(tmp_path: Path) -> None:
    (tmp_path / "Slider.1.js").write_text('import{a as b}from"./deep.2.js";import"./gone.3.js";')
    (tmp_path / "deep.2.js").write_text('import{c}from"./Slider.1.js";')
    assert assets.needed(tmp_path) == ["Slider.1.js", "deep.2.js"]


def test_files_come_whole_and_stay_in_the_browser(client: Client) -> None:
    file = next(iter(sorted((FOLDER / "static" / "js").glob("Metric.*.js"))))
    for _ in range(2):
        headers, content = client.get(f"/static/js/{file.name}")
        assert content == file.read_bytes() and "immutable" in headers["cache-control"]
        assert "javascript" in headers["content-type"]


@pytest.mark.parametrize("path", ["/static/../index.html", "/static/js/none.js", "/static/js", "/_stcore/health"])
def test_everything_else_is_passed_on(client: Client, path: str) -> None:
    assert client.get(path)[1] == b"passed on"


def test_the_browser_is_opened_once_the_server_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, there = [], threading.Event()

    def browse(address: str) -> None:
        opened.append(address)
        there.set()

    async def server(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})

    async def told(message: Any) -> None:
        pass

    monkeypatch.setattr(serve.webbrowser, "open", browse)
    opener = serve.Opener(server, "http://localhost:8501")
    asyncio.run(opener({"type": "http"}, told, told))
    assert not there.wait(2 * serve.LISTENS)
    asyncio.run(opener({"type": "lifespan"}, told, told))
    assert there.wait(10)
    assert opened == ["http://localhost:8501"]
