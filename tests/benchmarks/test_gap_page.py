"""The page of the gap: each figure is that of the results, and what is not known is said."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from benchmarks.measured import keep
from docs import make_gap_page

ABOUT = {"run": "r1", "dataset": "alliance", "commit": "abc", "value": 5.0, "bound": 4.7, "dataset_sha256": "d"}
RUN = {**ABOUT, "limit": 60.0, "seconds": 58.0, "closed": 0.985, "index_before": 25.0, "integral": 21.25,
       "steps": [[2.0, 20.0, None], [9.0, 5.0, 4.7]],
       "won": {"improve": {"value": 15.0, "values": 4, "bound": 0.0, "bounds": 0},
               "tree": {"value": 0.0, "values": 0, "bound": 4.7, "bounds": 2}}}  # fmt: skip


def group(value: float | None, why: str = "") -> dict[str, object]:
    return {"held": 10, "value": value, "why": why, "seconds": 1.0, "processor": 1.0, "load": 1.0}


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(make_gap_page, "RESULTS", tmp_path)
    monkeypatch.setattr(make_gap_page, "IMAGES", tmp_path)
    steps = {
        "after a step": {**ABOUT, "order": 1, "groups": {"nothing": group(4.6), "innovation": group(4.7)}},
        "before": {**ABOUT, "order": 0, "groups": {"innovation": group(None, "time limit"), "nothing": group(4.5)}},
    }
    keep(tmp_path / "gap.json", steps)
    keep(tmp_path / "over_time.json", {"cold-60-twin": RUN})
    keep(
        tmp_path / "goals.json", {"parts": {"shows-600": {"figure": "61 %", "met": True, "commit": "abc", "load": 0.5}}}
    )
    return tmp_path


def test_states_of_the_search_stand_in_their_order_with_the_share_of_the_gap(results: Path) -> None:
    text = make_gap_page.page()
    assert text.index("### Before") < text.index("### After a step")
    assert "| innovation | 10 | 4.700 | 0.100 | 25% |" in text
    assert "| innovation | 10 | time limit | - | - |" in text


def test_runs_and_goals_are_told_with_what_they_won_and_what_is_open(results: Path) -> None:
    text = make_gap_page.page()
    assert "primal-dual integral 21.2 s of 58 s" in text and "closed 98.5%" in text
    assert "| improve | 15.000 | 4 | 0.000 | 0 |" in text
    assert "| 61 % | 50 % by interval, 80 % by step | met | abc | 0.5 |" in text
    assert len(re.findall(r"\| not measured yet \|", text)) > 20


def test_a_chart_that_is_not_of_its_run_is_noticed_and_made_anew(results: Path) -> None:
    assert make_gap_page.charts(check=True) == 1
    assert make_gap_page.charts(check=False) == 0
    assert make_gap_page.charts(check=True) == 0
    keep(results / "over_time.json", {"cold-60-twin": {**RUN, "run": "r2"}})
    assert make_gap_page.charts(check=True) == 1


def test_a_figure_that_is_not_of_the_results_is_noticed(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = results / "gap.md"
    make_gap_page.made({page: make_gap_page.page()}, "benchmarks/results")
    monkeypatch.setattr(sys, "argv", ["make_gap_page.py", "--check"])
    monkeypatch.setattr("docs.pages.ROOT", results)
    assert make_gap_page.made({page: make_gap_page.page()}, "benchmarks/results") == 0
    page.write_text(page.read_text(encoding="utf-8").replace("21.2 s", "11.2 s"), encoding="utf-8")
    assert make_gap_page.made({page: make_gap_page.page()}, "benchmarks/results") == 1
