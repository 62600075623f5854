"""How quick the pages are in a real browser: python -m benchmarks.ui_times [--rounds 5].

First page useful (figures and first picture drawn), estimate after a lever (its bound and what a plan may be worth,
then its mended plan), page switch; seconds as a user has them, with the browser on the same machine.
Written to benchmarks/results/ui_times.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.visit import ROOT, TITLES, Trouble, browser, move, open_page, quiet, served, session

RESULT = ROOT / "benchmarks" / "results" / "ui_times.json"
ASKED = {"first_page": 3.0, "estimate": 2.0, "page_switch": 0.5}
DRAWN = """() => document.querySelector('[data-testid=stMetric]')
  && document.querySelector('.vega-embed canvas, .vega-embed svg')"""
SWITCHED = """title => document.title.startsWith(title)
  && !document.querySelector('[data-stale=true]') && document.querySelector('[data-testid=stMetric]')"""
LINE = "(document.querySelector('.st-key-status') || {}).innerText"
ESTIMATING = f"() => /Estimating/.test({LINE})"
ESTIMATED = f"() => /Estimate: objective|Plan: objective|No plan/.test({LINE})"
WITH_PLAN = f"() => /Estimate: objective between|last plan does not fit|Plan: objective|No plan/.test({LINE})"


def first_page(chromium: Browser, address: str) -> float:
    """From asking for the address to figures and picture, with an empty browser cache."""
    page = session(chromium, Trouble())
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_function(DRAWN)
    took = time.perf_counter() - begun
    page.context.close()
    return took


def switches(page: Page) -> dict[str, float]:
    """Each page once: from the click to its own content."""
    found = {}
    for title in [*TITLES[1:], TITLES[0]]:
        begun = time.perf_counter()
        page.get_by_role("link", name=title, exact=True).click()
        page.wait_for_function(SWITCHED, arg=title)
        found[title] = time.perf_counter() - begun
        quiet(page)
    return found


def estimate(page: Page, steps: int) -> tuple[float, float]:
    """From a key on a slider to the estimate, and to the estimate with its plan."""
    begun = time.perf_counter()
    move(page, "Carried into next year", "ArrowRight" if steps > 0 else "ArrowLeft")
    page.wait_for_function(ESTIMATING)
    page.wait_for_function(ESTIMATED)
    took = time.perf_counter() - begun
    page.wait_for_function(WITH_PLAN)
    whole = time.perf_counter() - begun
    quiet(page)
    return took, whole


def measure(rounds: int, dataset: str) -> dict[str, Any]:
    """All three, several times; gives medians and worst."""
    with tempfile.TemporaryDirectory() as place, served(dataset, Path(place), 60) as address, browser() as chromium:
        time.sleep(10)  # the room makes its first pictures; a user meets a server that is up
        first = [first_page(chromium, address) for _ in range(rounds)]
        page = session(chromium, Trouble())
        open_page(page, address)
        turns = [switches(page) for _ in range(rounds)]
        guesses = [estimate(page, 1) for _ in range(rounds)]
    by_page = {title: round(statistics.median(turn[title] for turn in turns), 2) for title in TITLES}
    return {
        "dataset": dataset, "rounds": rounds, "asked_s": ASKED,
        "first_page_s": _summary(first), "estimate_s": _summary([one for one, _ in guesses]),
        "estimate_with_plan_s": _summary([whole for _, whole in guesses]),
        "page_switch_s": _summary([took for turn in turns for took in turn.values()]), "page_switch_by_page_s": by_page,
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "python": platform.python_version(),
    }  # fmt: skip


def _summary(seconds: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(seconds), 2), "worst": round(max(seconds), 2)}


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dataset", default="data/alliance")
    parser.add_argument("--dry", action="store_true", help="print only")
    given = parser.parse_args()
    found = measure(given.rounds, given.dataset)
    text = json.dumps(found, indent=1)
    sys.stdout.write(text + "\n")
    if not given.dry:
        RESULT.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
