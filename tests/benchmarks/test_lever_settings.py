"""Copies of the reference set with other settings: each differs, rows are kept at once and never measured twice."""

from pathlib import Path

import pytest

from benchmarks.lever_settings import BASE, COPIES, known_rows, moved, page, run
from benchmarks.levers import REFERENCE
from benchmarks.relaxed import lp_row
from data.dataset import Dataset, load
from data.levers import apply

ROOT = Path(__file__).parents[2]
TINY = ROOT / "data" / "tiny"


def row(bound: float, orders: float = 1000.0) -> dict[str, object]:
    figures = {"planning index": 4.0, "settled index": 5.0, "hulls": 3.0, "start": 7.0}
    return {"bound": bound, "relaxed": figures, "orders": {"2034": orders, "2035": orders}}


def test_every_copy_of_the_reference_set_differs_from_it_and_from_the_others():
    dataset = load(REFERENCE)
    hashes = {copy.id: copy.change(dataset).sha256 for copy in COPIES}
    assert hashes[BASE] == dataset.sha256
    assert len(set(hashes.values())) == len(hashes)


def test_a_stopped_run_goes_on_where_it_ended_and_other_data_are_measured_again(tmp_path: Path):
    dataset, results, seen = load(TINY), tmp_path / "found.json", []

    def measure(copy: Dataset) -> dict[str, object]:
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(copy.sha256)
        return row(8.0)

    with pytest.raises(KeyboardInterrupt):
        run(dataset, [], lambda: None, results, measure)
    assert len(known_rows(dataset, results)) == 3
    seen.clear()
    run(dataset, [COPIES[1].id, COPIES[2].id, COPIES[3].id], lambda: None, results, measure)
    assert seen == [COPIES[3].change(dataset).sha256]
    richer = COPIES[5].change(dataset)
    assert not known_rows(richer, results)


def test_a_row_that_the_clock_ended_is_measured_again_and_an_infeasible_one_is_not(tmp_path: Path):
    dataset, results = load(TINY), tmp_path / "found.json"
    ended = iter([{"bound": None, "why": "time limit"}, {"bound": None, "why": "infeasible: money.balance"}])
    run(dataset, [COPIES[1].id], lambda: None, results, lambda _: dict(next(ended)))
    assert list(known_rows(dataset, results)) == [COPIES[1].id]


def test_a_copy_of_tiny_is_measured_with_its_indices_orders_and_slacks():
    """tiny has no ships; with weight 0 the objective counts the planning years alone, else the settled state too."""
    found = {copy.id: lp_row(apply(copy.change(load(TINY)))) for copy in COPIES[:2]}
    base, light = found[BASE], found["beyond.weight=0"]
    index = base["bound"] - base["relaxed"]["penalties"]
    low, high = sorted([base["relaxed"]["planning index"], base["relaxed"]["settled index"]])
    assert low < index < high
    assert light["bound"] == pytest.approx(light["relaxed"]["planning index"] + light["relaxed"]["penalties"], rel=1e-6)
    assert sum(base["orders"].values()) > 0
    assert base["relaxed"]["hulls"] == 0
    assert base["slack"]["fleet_limit airlift"] >= 0


def test_the_section_shows_what_moved_and_what_is_still_to_be_measured():
    rows = {BASE: row(8.0), "order_value_max=1": row(8.4, orders=500.0)}
    text = page(rows)
    line = next(line for line in text.splitlines() if line.startswith("| order_value_max | 1 |"))
    assert "+5.00%" in line and "orders (bn) 2.0 -> 1.0; of 2034-2035 (bn) 2.0 -> 1.0." in line
    assert "not measured yet" in next(line for line in text.splitlines() if line.startswith("| urgency |"))
    assert moved(row(8.0), row(8.0)) == "Orders, expansions and hulls stay within 2%."
