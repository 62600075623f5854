"""docs/how-to.md: the finder, prover and family that it shows run, and are told in progress.csv and plan.json."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from optimizer.engine.budget import Budget
from optimizer.finders.improve import Improve
from optimizer.instance import Instance, Sizes
from optimizer.plans.plan import Plan
from optimizer.pool import Pool
from optimizer.solve import SolveOptions, solve
from optimizer.strategy import FAMILIES, Strategy
from store.folder import write_plan
from tests.optimizer.generated import AS_LARGE, Made, made

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to.md"
LARGE = Strategy(sizes=AS_LARGE)
OPTIONS = SolveOptions(work_limit=600.0001, threads=1)


@pytest.fixture(scope="module")
def shown() -> Iterator[dict[str, ModuleType]]:
    """The files that the page shows, by their names, as modules."""
    found = {}
    for path, text in re.findall(r"^```python\n# (\S+)\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        name = Path(path).stem
        found[name] = sys.modules[name] = ModuleType(name)
        exec(compile(text, path, "exec"), found[name].__dict__)
    yield found
    for name in found:
        del sys.modules[name]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("sets"), (6, 24, 1))


def told(plan: Plan, folder: Path) -> tuple[pd.DataFrame, dict[str, object]]:
    """(progress.csv, tuning of plan.json), as they are written."""
    assert plan.solved and write_plan(plan, folder).findings == ()
    header = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    return pd.read_csv(folder / "progress.csv"), header["tuning"]


def test_the_page_shows_a_finder_a_prover_and_a_family(shown: dict[str, ModuleType]) -> None:
    assert set(shown) == {"once_each", "innovation_whole", "by_line"}
    lines = re.findall(r"^```python\n(?!#)(.*?)\n```", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [line.partition(":")[0] for line in lines] == ["bettering", "proving", "FAMILIES"]
    strategy = (PAGE.parents[1] / "optimizer" / "strategy.py").read_text(encoding="utf-8")
    for line in lines:
        assert line.partition("=")[0] in strategy, "the line to change is there"
    assert all(family.__name__ in lines[-1] for family in FAMILIES)


def test_a_finder_of_ones_own(shown: dict[str, ModuleType], one: Made, tmp_path: Path) -> None:
    finder = shown["once_each"].OnceEach(points=2e-3)
    plan = solve(one.case, options=OPTIONS, strategy=replace(LARGE, bettering=(finder,)))
    progress, tuning = told(plan, tmp_path / "plan")
    assert "once each" in set(progress["finder"])
    assert tuning["bettering"] == [{"name": "once each", "points": 2e-3}]
    before = progress.loc[progress["finder"] != "once each", "value"].min()
    assert progress.loc[progress["finder"] == "once each", "value"].min() < before


def test_a_prover_of_ones_own(shown: dict[str, ModuleType], one: Made, tmp_path: Path) -> None:
    prover = shown["innovation_whole"].InnovationWhole(work=200)
    plan = solve(one.case, options=OPTIONS, strategy=replace(LARGE, bettering=(), proving=(prover,)))
    progress, tuning = told(plan, tmp_path / "plan")
    assert progress["finder"].iloc[-1] == "innovation whole"
    assert plan.header["objective"]["bound"] == progress["bound"].iloc[-1]
    assert tuning["proving"] == [
        {"gap": 1e-4, "groups": ["pilot", "scale", "fast"], "name": "innovation whole", "work": 200}
    ]


@dataclass
class Punctual:
    """A prover that keeps how much time it found."""

    late: list[bool]
    name: str = "punctual"

    def run(self, instance: Instance, pool: Pool, budget: Budget) -> None:
        self.late.append(budget.late() or pool.best is None)


@pytest.mark.parametrize("options", [OPTIONS, SolveOptions(time_limit=4, threads=1)], ids=["by work", "by the clock"])
def test_a_prover_has_its_turn_before_all_time_is_spent_on_plans(options: SolveOptions, one: Made) -> None:
    """Once there is a plan; bettering it goes on to the end."""
    prover = Punctual([])
    assert solve(one.case, options=options, strategy=replace(LARGE, proving=(prover,))).solved
    assert prover.late == [False]


def test_a_family_of_ones_own(shown: dict[str, ModuleType], one: Made, tmp_path: Path) -> None:
    family = shown["by_line"].by_line
    plan = solve(one.case, options=OPTIONS, strategy=replace(LARGE, bettering=(Improve((family,)),)))
    progress, tuning = told(plan, tmp_path / "plan")
    assert any(finder.startswith("line ") for finder in progress["finder"])
    assert tuning["bettering"][0]["families"] == ["by_line"]  # type: ignore[index]


def test_what_is_told_of_a_strategy_is_all_of_it() -> None:
    """Every number of every part, down to the repair of a warm start; a size is told, too."""
    tuning = replace(LARGE, sizes=Sizes(3, 7)).tuning()
    assert set(tuning) == set(vars(LARGE))
    assert tuning["sizes"] == {"large": 7, "small": 3}
    assert tuning["warm_start"]["repair"] == {"diving": True, "points": 3e-4, "rounds": 6}
    assert tuning["bettering"][0]["families"] == [family.__name__ for family in FAMILIES]
    assert json.loads(json.dumps(tuning)) == tuning
