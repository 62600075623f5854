"""Runs made by hand: a header with what look-up and eviction ask of it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from store.runs import Run

EPOCH = datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)


def run(
    name: str, *, case: str = "a", mode: str = "gap", value: float = 10.0, bound: float = 9.0, data: str = "d",
    scenario: str | None = None, levers: dict[str, Any] | None = None, code: int = 5, contract: int = 2,
    hours: float = 0.0, note: str = "", kept: str = "",
) -> Run:  # fmt: skip
    """A run written so many hours after midnight."""
    objective = {"mode": mode, "first_value": value, "bound": bound} if code in (0, 5) else {}
    header = {
        "contract": contract, "exit_code": code, "case_sha256": case, "dataset_sha256": data, "scenario": scenario,
        "levers": levers or {}, "objective": objective,
    }  # fmt: skip
    return Run(name, Path(name), header, EPOCH + datetime.timedelta(hours=hours), note, kept)
