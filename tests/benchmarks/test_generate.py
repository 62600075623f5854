"""The generator of data sets: sound, repeatable, of the shape asked for, and fit to be solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.generate import draft, generate
from data.checks import examine
from data.findings import ERROR
from data.levers import apply
from models.keys import Keys
from optimizer.solve import SolveOptions, solve
from store.folder import write_plan


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_smallest_set_has_no_error_and_gives_an_audited_plan(tmp_path: Path) -> None:
    generate(4, 8, 1, tmp_path / "set")
    dataset, findings = examine(tmp_path / "set")
    assert [str(finding) for finding in findings if finding.level == ERROR] == []
    assert dataset is not None
    plan = solve(apply(dataset), options=SolveOptions(gap=0.05, time_limit=20, threads=1))
    assert plan.solved
    assert len(plan.tables["orders"]) > 0, "money and lines leave room for orders"
    assert plan.header["gap_index_after"] < plan.header["gap_index_before"]
    report = write_plan(plan, tmp_path / "plan")
    assert report.ok, report.findings[:3]


def test_the_same_arguments_give_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        generate(8, 40, seed, tmp_path / name)
    one, again, other = (texts(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one["customers.csv"] != other["customers.csv"]


@pytest.mark.parametrize(("nations", "programmes"), [(8, 40), (16, 80)])
def test_sets_have_the_shape_of_the_reference_set(tmp_path: Path, nations: int, programmes: int) -> None:
    """Densities of data/alliance: customers a third of the pairs, frames for two programmes in five."""
    generate(nations, programmes, 1, tmp_path)
    dataset, findings = examine(tmp_path)
    assert [str(finding) for finding in findings if finding.level == ERROR] == []
    assert dataset is not None
    rows = {name: len(table) for name, table in dataset.tables.items()}
    assert rows["nations"] == nations
    assert rows["programmes"] == programmes
    assert 0.25 < rows["customers"] / (nations * programmes) < 0.45
    assert 0.2 < rows["frames"] / programmes < 0.55
    keys = Keys(apply(dataset))
    assert keys.joint_keys
    assert any(len(levels) > 1 for levels in keys.levels.values()), "price tiers that a plan can choose"
    assert any(keys.start_years.values()), "expansions that can start"


def test_a_size_that_makes_no_set_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 programmes"):
        draft(1, 2, 0)
