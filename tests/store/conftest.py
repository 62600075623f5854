"""A plan of the tiny data set, solved once for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.dataset import load
from data.levers import apply
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve

TINY = Path(__file__).resolve().parents[2] / "data/tiny"


@pytest.fixture(scope="session")
def tiny_plan() -> Plan:
    return solve(apply(load(TINY)), options=SolveOptions(gap=0.0))


@pytest.fixture
def damage_header() -> object:
    """Change keys of a folder's plan.json."""

    def damage(folder: Path, **changes: object) -> None:
        import json

        file = folder / "plan.json"
        header = json.loads(file.read_text(encoding="utf-8"))
        objective = header["objective"] | changes.pop("objective", {})  # type: ignore[operator]
        file.write_text(json.dumps(header | {"objective": objective} | changes), encoding="utf-8")

    return damage
