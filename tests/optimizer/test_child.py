"""Processes that talk over their standard streams, and what libraries print there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.workers.child import command

ROOT = Path(__file__).resolve().parents[2]
TINY = "data/tiny"
# Writes into file descriptor 1 as a C library does, while it is imported and while it speaks.
LOUD = """
import os
os.write(1, b"a greeting")
def main(source, sink, name):
    os.write(1, b"a word in between")
    print("and another")
    sink.write(f"hello {name}".encode())
    sink.flush()
"""


def test_only_messages_reach_the_other_side(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from optimizer.workers.child import main; main()"
    told = subprocess.run([sys.executable, "-c", code, "loud", "you"], cwd=ROOT, capture_output=True, check=True)
    assert told.stdout == b"hello you"
    assert told.stderr.split() == b"a greetinga word in betweenand another".split()


def test_the_command_names_module_and_arguments() -> None:
    assert command("ui.helper", "10")[-2:] == ["ui.helper", "10"]


@pytest.mark.parametrize("shell", ["", ">&-"], ids=["an output", "none"])
def test_the_solver_greets_nobody(shell: str) -> None:
    """HiGHS 1.16.0 writes two lines on the standard output when its first instance is made."""
    code = "import optimizer.engine.highs as e; print(e.VERSION); e.highspy.Highs()"
    told = subprocess.run(
        f'"{sys.executable}" -c "{code}" {shell}', cwd=ROOT, shell=True, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0
    assert told.stdout.split() == ([] if shell else [told.stdout.strip()])
    assert told.stderr == ""


def test_a_plan_as_json_is_json_alone(tmp_path: Path) -> None:
    solve = ["solve", TINY, "--json", "--quiet", "--time-limit", "20", "--out", str(tmp_path / "plan")]
    code = "import sys; from cli import main; main()"
    told = subprocess.run([sys.executable, "-c", code, *solve], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["dataset"] == "tiny"
