"""`drive5 solve --start none|auto|PLAN`: which plan a search starts from is told, and stands in plan.json."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from optimizer.plans.header import origin
from tests.command import Result, drive5
from tests.store.conftest import TINY


def header(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "plan.json").read_text(encoding="utf-8")))


def told(result: Result) -> list[str]:
    """The lines about a start, and faults."""
    return [line for line in result.stderr.splitlines() if line.startswith(("start: ", "drive5: ", "left out", "/"))]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans") / "first"
    assert drive5("solve", TINY, "--gap", 0, "--out", folder).exit_code == 0
    return folder


@pytest.fixture
def plans(first: Path, tmp_path: Path) -> Path:
    """A folder of plans that holds one."""
    shutil.copytree(first, tmp_path / "plans" / "first")
    return tmp_path / "plans"


def test_none_is_the_default(plans: Path) -> None:
    for more in ((), ("--start", "none")):
        result = drive5("solve", TINY, "--gap", 0, "--out", plans / "next", *more)
        assert result.exit_code == 0 and told(result) == []
        assert header(plans / "next")["start"] is None


def test_auto_starts_from_the_best_run_of_the_same_case_and_says_so(plans: Path) -> None:
    result = drive5("solve", TINY, "--gap", 0, "--out", plans / "next", "--start", "auto")
    before = header(plans / "first")
    value = f"{before['objective']['first_value']:.6g}"  # type: ignore[index]
    assert result.exit_code == 0
    assert told(result) == [f"start: {plans / 'first'} (run {before['run']}, the same case, value {value})"]
    after = header(plans / "next")
    assert after["start"] == origin(before)
    assert after["objective"]["first_value"] <= before["objective"]["first_value"] + 1e-9  # type: ignore[index]


def test_auto_starts_a_moved_lever_from_the_nearest_run(plans: Path) -> None:
    moved = ("--set", "carry_over=0.1")
    result = drive5("solve", TINY, "--gap", 0, "--out", plans / "moved", "--start", "auto", *moved)
    assert result.exit_code == 0 and "the same data, 1 lever otherwise" in told(result)[0]
    again = drive5("solve", TINY, "--gap", 0, "--out", plans / "again", "--start", "auto", *moved)
    assert told(again)[0].startswith(f"start: {plans / 'moved'} ") and "the same case" in told(again)[0]


def test_auto_without_a_plan_starts_from_nothing_and_says_so(tmp_path: Path) -> None:
    result = drive5("solve", TINY, "--out", tmp_path / "p", "--start", "auto")
    assert result.exit_code == 0
    assert told(result) == [f"start: {tmp_path} holds no plan of these data; the search starts from nothing"]
    assert header(tmp_path / "p")["start"] is None


def test_auto_passes_over_what_is_damaged(plans: Path) -> None:
    (plans / "first" / "tables" / "orders.csv").write_bytes(b"\xff\xfe")
    result = drive5("solve", TINY, "--out", plans / "next", "--start", "auto")
    assert result.exit_code == 0
    assert told(result)[0].startswith("left out as a start: ") and "starts from nothing" in told(result)[1]


def test_a_damaged_side_file_is_a_warning(plans: Path) -> None:
    (plans / "first" / "search.npz").write_bytes(b"PK\x03\x04")
    result = drive5("solve", TINY, "--gap", 0, "--out", plans / "next", "--start", plans / "first")
    assert result.exit_code == 0 and len(told(result)) == 1
    assert "search.npz is left out" in told(result)[0]


def test_a_named_plan_is_started_from(plans: Path, tmp_path: Path) -> None:
    result = drive5("solve", TINY, "--gap", 0, "--out", tmp_path / "far" / "p", "--start", plans / "first")
    assert result.exit_code == 0
    assert header(tmp_path / "far" / "p")["start"] == origin(header(plans / "first"))
    assert [entry.name for entry in (tmp_path / "far").iterdir()] == ["p"]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (None, 2, "holds no plan.json"), ("{", 3, "no plan can be read there"),
        ('{"contract": 2}', 3, "plan.json: run:"),
    ],
)  # fmt: skip
def test_a_start_that_can_t_be_read_is_one_line(
    plans: Path, tmp_path: Path, content: str | None, code: int, words: str
) -> None:
    file = plans / "first" / "plan.json"
    file.unlink() if content is None else file.write_text(content, encoding="utf-8")
    result = drive5("solve", TINY, "--out", tmp_path / "p", "--start", plans / "first")
    assert result.exit_code == code and len(told(result)) == 1
    assert words in told(result)[0] and not (tmp_path / "p").exists()


def test_the_default_place_is_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert drive5("solve", TINY, "--quiet").exit_code == 0
    assert sorted(entry.name for entry in (tmp_path / "plans").iterdir()) == [".store", "tiny"]
    result = drive5("solve", TINY, "--start", "auto")
    assert told(result)[0].startswith("start: plans/tiny (run ")
