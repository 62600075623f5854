"""A command reads the packages that it needs and no others: what runs from cron starts quickly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import drive5

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {"streamlit", "altair", "vl_convert", "typst"}  # for pages, pictures and the brief
SOLVERS = {"pyomo", "highspy", "scipy"}
READ = """
import json, sys
from cli import main
code = main(sys.argv[2:])
with open(sys.argv[1], "w") as told:
    json.dump([code, sorted(sys.modules)], told)
"""


def loaded(tmp_path: Path, *arguments: object) -> set[str]:
    """Modules that a command has read by its end, in a process of its own."""
    told = tmp_path / "told.json"
    command = [sys.executable, "-c", READ, told, *arguments]
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, capture_output=True)
    code, modules = json.loads(told.read_text())
    assert code == 0
    return set(modules)


@pytest.mark.parametrize(
    ("arguments", "never"),
    [
        (("--help",), SHOWN | SOLVERS | {"pandas", "xlsxwriter", "openpyxl"}),
        (("solve", "--help"), SHOWN | SOLVERS | {"xlsxwriter", "openpyxl"}),
        (("check", "data/tiny"), SHOWN | SOLVERS | {"xlsxwriter", "openpyxl"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_solves_nothing_reads_no_solver(tmp_path: Path, arguments: tuple[str, ...], never: set[str]) -> None:
    assert loaded(tmp_path, *arguments) & never == set()


def test_solving_and_auditing_read_nothing_that_draws(tmp_path: Path) -> None:
    solving = loaded(tmp_path, "solve", "data/tiny", "--quiet", "--out", tmp_path / "plan")
    assert solving & {*SHOWN, "openpyxl", "pyomo.environ", "scipy.stats"} == set()
    assert {"pyomo", "highspy"} <= solving
    assert loaded(tmp_path, "audit", tmp_path / "plan") & {*SHOWN, *SOLVERS, "xlsxwriter", "openpyxl"} == set()


def test_the_check_sees_what_is_read(tmp_path: Path) -> None:
    assert drive5("solve", "data/tiny", "--quiet", "--out", tmp_path / "plan").exit_code == 0
    assert "typst" in loaded(tmp_path, "report", tmp_path / "plan", "--format", "pdf")
