"""A visit to the pages in headless Chromium: through every page, a lever moved, a plan awaited, a workbook, a link.

`python -m tests.visit OUT` makes the pictures of the reference plan that docs/ui.md shows.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import program
from ui.frame import PAGES

ROOT = Path(__file__).resolve().parent.parent
TITLES = [title for _, title in PAGES]
SIZE = {"width": 1366, "height": 768}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PATIENCE, LONG = 60_000, 1_200_000  # milliseconds for anything that must come, and for a plan of the reference set
# Words that are cut: what is wider than its box while its box hides the rest. Canvas tables scroll and are left out.
CUT = """() => [...document.querySelectorAll('p, label, button, h1, h2, h3, [data-testid=stMetricValue] div')]
  .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
    && getComputedStyle(e).overflowX !== 'visible' && e.innerText.trim())
  .map(e => e.innerText.trim().slice(0, 60))"""
# Elements of the page that lie over one another: neighbours in the flow whose boxes cross by more than a hair.
CROSSED = """() => { const found = [];
  for (const block of document.querySelectorAll('[data-testid=stVerticalBlock]')) {
    const kids = [...block.children].filter(e => e.offsetParent && e.offsetHeight > 0);
    for (let i = 1; i < kids.length; i++) {
      const a = kids[i-1].getBoundingClientRect(), b = kids[i].getBoundingClientRect();
      if (b.top < a.bottom - 2 && b.left < a.right - 2 && a.left < b.right - 2)
        found.push(kids[i].innerText.trim().slice(0, 60));
    } }
  return found; }"""
RUNNING = (
    "() => !document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"
)


@dataclass
class Trouble:
    """What a browser complained of, or asked of the outside."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


@contextmanager
def served(
    dataset: str, workspace: Path, seconds: int = 20, command: Callable[[int, Path], list[str]] | None = None
) -> Iterator[str]:  # fmt: skip
    """`drive5 app` in a process of its own, or another command of a port and a workspace.

    Gives its address and ends it as Ctrl-C would.
    """
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    drive5 = [str(Path(sys.executable).with_name("drive5")), "app", dataset, "--port", str(port), "--no-browser",
              "--workspace", str(workspace), "--time-limit", str(seconds)]  # fmt: skip
    given = drive5 if command is None else command(port, workspace)
    log = workspace / "server.log"
    workspace.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        server = subprocess.Popen(given, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        (workspace / "server.pid").write_text(str(server.pid))
        try:
            address = f"http://localhost:{port}"
            _await(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _await(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    raise RuntimeError(f"the server did not come: {log.read_text()[-2000:]}")


@contextmanager
def browser() -> Iterator[Browser]:
    """Headless Chromium as the system has it."""
    found = program("chromium")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


def session(chromium: Browser, trouble: Trouble, dark: bool = False) -> Page:
    """A browser session of its own, watched for errors and for requests to the outside."""
    context = chromium.new_context(viewport=SIZE, color_scheme="dark" if dark else "light", accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda said: trouble.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: trouble.errors.append(str(error)))
    page.on("request", lambda asked: None if _local(asked.url) else trouble.outside.append(asked.url))
    return page


def _local(url: str) -> bool:
    return url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:"))


def open_page(page: Page, url: str) -> None:
    """Open a URL and wait until its figures stand."""
    page.goto(url)
    page.wait_for_selector("[data-testid=stMetric]")
    quiet(page)


def quiet(page: Page) -> None:
    """Wait until the page is drawn and nothing runs."""
    page.wait_for_function(RUNNING)
    page.wait_for_timeout(250)
    page.wait_for_function(RUNNING)


def turn(page: Page, title: str) -> None:
    """Go to a page by its link."""
    page.get_by_role("link", name=title, exact=True).click()
    page.wait_for_function("title => document.title.startsWith(title)", arg=title)
    quiet(page)


def status(page: Page) -> str:
    """The line that says what the figures are."""
    return page.locator(".st-key-status").inner_text()


def await_status(page: Page, pattern: str, patience: int = PATIENCE) -> None:
    """Wait until that line says something."""
    expect(page.locator(".st-key-status")).to_contain_text(re.compile(pattern), timeout=patience)


def move(page: Page, label: str, key: str, times: int = 1) -> None:
    """Move a slider by the keyboard, as someone without a mouse does, each key once the last one is shown."""
    slider = page.get_by_role("slider", name=re.compile(re.escape(label))).first
    slider.focus()
    for _ in range(times):
        before = slider.get_attribute("aria-valuetext") or ""
        page.keyboard.press(key)
        expect(slider).not_to_have_attribute("aria-valuetext", before)


def faults(page: Page) -> list[str]:
    """What a reader would call broken: exceptions, words that are cut, boxes that lie over one another."""
    found = [f"exception: {one.inner_text()[:300]}" for one in page.query_selector_all("[data-testid=stException]")]
    found += [f"cut: {text}" for text in page.evaluate(CUT)]
    return found + [f"crossed: {text}" for text in page.evaluate(CROSSED)]


def pictures(out: Path) -> None:
    """The pages of the reference plan, light, and the first one dark; as docs/ui.md shows them."""
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as work,
        served("data/alliance", Path(work) / "plans", 120) as address,
        browser() as chromium,
    ):
        page = session(chromium, Trouble())
        open_page(page, address)
        for name, title in PAGES:
            if name == "compare":  # two plans are there to compare, and one on disk, once a lever has been answered
                turn(page, TITLES[0])
                move(page, "Carried into next year", "ArrowRight", 5)
                await_status(page, "Seeking a plan", LONG)
                quiet(page)
                page.screenshot(path=out / "estimate.png")
                await_status(page, r"Plan.*\d, audited", LONG)
            turn(page, title)
            page.wait_for_timeout(1500)
            page.screenshot(path=out / f"{name}.png")
        dark = session(chromium, Trouble(), dark=True)
        open_page(dark, address)
        dark.wait_for_timeout(1500)
        dark.screenshot(path=out / "plan_dark.png")


if __name__ == "__main__":
    pictures(Path(sys.argv[1]))
