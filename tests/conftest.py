"""What holds for every test: no network but loopback, and a stated reason where a program it needs is missing."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import refuse_network

PROGRAMS = {"libreoffice": ("soffice", "libreoffice"), "chromium": ("chromium", "chromium-browser", "google-chrome")}

# A test process holds what thousands of tests have read: a collector that walks through it as often as usual takes four
# fifths of the time of some.
gc.set_threshold(100_000, 50, 100)

SLOWEST = ("test_visit.py", "test_serve.py", "test_pages.py", "test_workbook.py", "test_enumerator.py")


def program(marker: str) -> str | None:
    """The program that tests of a marker need, None where it is not installed."""
    return next((found for name in PROGRAMS[marker] if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The slowest files first, so that no worker is left with one of them at the end.
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))
    for marker, names in PROGRAMS.items():
        if program(marker):
            continue
        skip = pytest.mark.skip(reason=f"{names[0]} is not installed, so nothing can be opened in it")
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    """The pages' server freezes what there is when it starts; a test process goes on with other tests."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse the network in this process and in every Python that it starts."""
    allow = refuse_network.install()
    before = os.environ.get("PYTHONPATH")
    guard = str(Path(__file__).parent / "guard")
    os.environ["PYTHONPATH"] = guard if before is None else os.pathsep.join([guard, before])
    yield
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before
    allow()


@pytest.fixture
def soffice() -> str:
    """The path of LibreOffice (tests that use it bear its marker)."""
    found = program("libreoffice")
    assert found is not None
    return found
