"""The program as an MPS file: read back by the engine it has the same optimum, and rows that say what they are."""

from __future__ import annotations

import gzip
import pathlib

import highspy
import pytest

from data.dataset import load
from data.levers import apply
from models.program import build
from models.registry import MANIFEST
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.mps import column_names, row_names, write_mps
from tests.command import drive5
from tests.random_sets import random_set

TINY = pathlib.Path(__file__).resolve().parents[2] / "data/tiny"


def read_back(path: pathlib.Path) -> tuple[float, highspy.Highs]:
    """Optimum of a file, and the reader."""
    reader = highspy.Highs()
    reader.setOptionValue("log_to_console", False)
    reader.setOptionValue("mip_rel_gap", 0.0)
    reader.setOptionValue("mip_abs_gap", 1e-9)
    assert reader.readModel(str(path)) == highspy.HighsStatus.kOk
    reader.run()
    return reader.getInfo().objective_function_value, reader


@pytest.fixture(scope="module")
def tiny() -> Matrix:
    return compile_program(build(apply(load(TINY)))).matrix


def test_names_are_unique_and_of_the_registry(tiny: Matrix) -> None:
    rows, columns = row_names(tiny), column_names(tiny)
    assert len(set(rows)) == len(rows) and len(set(columns)) == len(columns)
    assert not any(" " in name for name in [*rows, *columns])
    assert {name.partition("[")[0] for name in rows} <= set(MANIFEST)
    assert "budget.balance[DEU,2027,core]" in rows


@pytest.mark.parametrize("ending", [".mps", ".mps.gz"])
def test_the_file_has_the_optimum_of_the_program(ending: str, tiny: Matrix, tmp_path: pathlib.Path) -> None:
    path = tmp_path / f"model{ending}"
    write_mps(tiny, path, "tiny")
    assert path.read_bytes()[:2] == (b"\x1f\x8b" if ending.endswith("gz") else b"NA")
    value, reader = read_back(path)
    assert value == pytest.approx(Engine(tiny, Budget(60)).mip(gap=0.0).value, abs=1e-6)
    lp = reader.getLp()
    assert (lp.num_row_, lp.num_col_) == tiny.shape
    assert (list(lp.row_names_), list(lp.col_names_)) == (row_names(tiny), column_names(tiny))
    assert sum(kind == highspy.HighsVarType.kInteger for kind in lp.integrality_) == int(tiny.integer.sum())


@pytest.mark.parametrize("seed", range(5))
def test_files_of_random_sets(seed: int, tmp_path: pathlib.Path) -> None:
    matrix = compile_program(build(random_set(seed).case)).matrix
    known = Engine(matrix, Budget(60)).mip(gap=0.0)
    write_mps(matrix, tmp_path / "model.mps", "random")
    value, reader = read_back(tmp_path / "model.mps")
    if known.x is None:
        assert reader.getModelStatus() == highspy.HighsModelStatus.kInfeasible
    else:
        assert value == pytest.approx(known.value, abs=1e-6)


def test_the_command_writes_it_beside_the_plan(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "model.mps.gz"
    result = drive5("solve", TINY, "--write-model", path, "--out", tmp_path / "plan", "--quiet")
    assert result.exit_code == 0, result.output
    text = gzip.decompress(path.read_bytes()).decode()
    assert text.startswith("NAME tiny\n") and text.endswith("ENDATA\n")
