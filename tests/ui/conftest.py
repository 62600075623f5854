"""What tests of the pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui_cases import opened
from ui.room import Room


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room of pages on a workspace of its own, for all tests of a file."""
    with opened(tmp_path_factory.mktemp("pages")) as found:
        yield found
