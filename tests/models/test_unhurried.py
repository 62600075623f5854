"""The collector's pause: it ends, nobody's is cut short, and what is dropped is still collected afterwards."""

from __future__ import annotations

import gc
import weakref

import pytest

from models import linear
from models.linear import unhurried


class Ring:
    """An object that holds itself: only the collector frees it."""

    def __init__(self) -> None:
        self.me = self


def test_the_pause_ends_with_the_outermost() -> None:
    with unhurried():
        with unhurried():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_made_in_a_pause_is_collected_once_it_is_dropped() -> None:
    with unhurried():
        ring = Ring()
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is None
    assert gc.get_freeze_count() == 0


def test_what_is_frozen_stays_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear._Pause, "frozen", False)
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with unhurried():
            pass
        assert gc.get_freeze_count() > 0.9 * frozen > 0, "all but what others have dropped meanwhile"
    finally:
        gc.unfreeze()
