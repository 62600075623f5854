"""The browser's part of the pages, from memory: what the first page needs is asked for at once, and sent at once.

Reading each of its many small files from disk takes the server several turns; and a browser learns only from the
first page's content which parts draw it, then asks for them, and for what they need in turn. So the files are kept in
memory once they were asked for, and the document names the first page's parts from the start.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit import file_util

from ui.frame import PAGES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# The parts that draw the first page, as the files of the browser's code are called.
FIRST = (
    "Selectbox", "Slider", "ButtonGroup", "Checkbox", "Html", "Metric", "DownloadButton", "ArrowVegaLiteChart",
    "DataFrame", "loadVegaEmbed", "embed", "Button", "CustomTheme",
)  # fmt: skip
DOCUMENTS = frozenset({"/", *(f"/{name}" for name, _ in PAGES)})
STATIC = "/static/"
IMPORTED = re.compile(r"""(?:from|import)\s*"\./([\w.~-]+\.js)\"""")
FOREVER, AGAIN = b"public, immutable, max-age=31536000", b"no-cache"  # names hold a hash of the content


def needed(scripts: Path, first: tuple[str, ...] = FIRST) -> list[str]:
    """The scripts that draw the first page and all that they import, each once; parts not there are left out."""
    found: list[str] = []
    ahead = [file.name for part in first for file in sorted(scripts.glob(f"{part}.*.js"))]
    while ahead:
        name = ahead.pop(0)
        if name not in found and (scripts / name).is_file():
            found.append(name)
            ahead += IMPORTED.findall((scripts / name).read_text(encoding="utf-8"))
    return found


def document(folder: Path) -> bytes:
    """The document of every page, with the first page's scripts named in its head."""
    text = (folder / "index.html").read_text(encoding="utf-8")
    scripts = folder / "static" / "js"
    names = [name for name in needed(scripts) if f"/{name}" not in text] if scripts.is_dir() else []
    links = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">\n' for name in names)
    return text.replace("</head>", f"{links}</head>", 1).encode()


class Assets:
    """Sends the browser's part from memory; everything else goes on to the pages' own server."""

    def __init__(self, app: ASGIApp) -> None:
        """Read the document; files are read when they are asked for the first time."""
        self._app = app
        self._folder = Path(file_util.get_static_dir())
        place = self._folder / "static"
        self._files = {f"{STATIC}{file.relative_to(place).as_posix()}": file for file in place.rglob("*")}
        self._read: dict[str, bytes] = {}
        self._document = document(self._folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
        elif path in DOCUMENTS:
            await _say(send, self._document, "text/html; charset=utf-8", AGAIN)
        elif path in self._files and self._files[path].is_file():
            if path not in self._read:
                self._read[path] = self._files[path].read_bytes()
            await _say(send, self._read[path], mimetypes.guess_type(path)[0] or "application/octet-stream", FOREVER)
        else:
            await self._app(scope, receive, send)


async def _say(send: Send, content: bytes, kind: str, keep: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(content)).encode()),
               (b"cache-control", keep), (b"x-content-type-options", b"nosniff")]  # fmt: skip
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})
