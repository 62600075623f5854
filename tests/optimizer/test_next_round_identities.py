"""Two rounds in a row add up: what is ordered is delivered, what is bought is paid, what is billed is settled, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.two_rounds import OF_BOTH_PLANS, OF_THE_DATA, Rounds, differences
from data.dataset import Dataset, load
from data.levers import apply
from optimizer.plans.next_round import write_round
from store.folder import write_plan
from tests.busy_sets import busy_set
from tests.cases import solved, tiny
from tests.random_sets import random_set

ORDINARY, ALL = range(5), range(50)


def two_rounds(dataset: Dataset, folder: Path) -> Rounds | None:
    """The best plan, next year's data set as it is written and read again, and its best plan."""
    first = solved(apply(dataset))
    if not first.solved:
        return None
    write_round(first, folder)
    case = apply(load(folder))
    return Rounds(first, case.dataset, solved(case))


def check(rounds: Rounds, folder: Path) -> None:
    """Every identity, and the audit of the second plan."""
    assert [str(difference) for difference in differences(rounds)] == []
    if rounds.second is not None and rounds.second.solved:
        assert not write_plan(rounds.second, folder / "plan").findings


# ---- on tiny and on random sets ----------------------------------------------------------------------------------


def test_two_rounds_of_tiny_add_up(tmp_path: Path) -> None:
    rounds = two_rounds(tiny(), tmp_path / "next")
    assert rounds is not None
    assert rounds.second is not None
    assert rounds.second.solved
    check(rounds, tmp_path)


def doubled(rounds: Rounds, table: str, column: str) -> Rounds:
    """The rounds with a column of next year's data, or of the second plan, twice what it is."""
    if table in rounds.new.tables:
        frame = rounds.new.tables[table]
        tables = {**rounds.new.tables, table: frame.assign(**{column: 2 * frame[column]})}
        return replace(rounds, new=replace(rounds.new, tables=tables))
    assert rounds.second is not None
    frame: pd.DataFrame = rounds.second.tables[table]
    tables = {**rounds.second.tables, table: frame.assign(**{column: 2 * frame[column]})}
    return replace(rounds, second=replace(rounds.second, tables=tables))


@pytest.mark.parametrize(
    ("table", "column", "named"),
    [
        ("obligations", "amount", {"payments", "bills", "obligations_are_spent"}),
        ("pipeline", "units", {"pipeline"}),
        ("frame_members", "units_before", {"units_before"}),
        ("orders", "units", {"deliveries"}),
    ],
)
def test_what_is_booked_twice_is_named(tmp_path: Path, table: str, column: str, named: set[str]) -> None:
    rounds = two_rounds(busy_set(10), tmp_path / "next")
    assert rounds is not None
    wrong = doubled(rounds, table, column)
    found = {identity.__name__ for identity in (*OF_THE_DATA, *OF_BOTH_PLANS) if any(identity(wrong))}
    assert found >= named


def drawn(seed: int) -> Dataset:
    """A random set whose levers are the data set's own, so that they move on with it."""
    case = random_set(seed).case
    return replace(case.base, settings=case.base.settings.model_copy(update={"levers": dict(case.levers)}))


def check_seeds(make: Callable[[int], Dataset], seeds: Iterable[int], folder: Path) -> Counter[str]:
    """Check the rounds of these sets; how many went on, and how many can't (or could not begin)."""
    found: Counter[str] = Counter()
    for seed in seeds:
        rounds = two_rounds(make(seed), folder / f"{seed}")
        if rounds is None:
            found["no plan"] += 1
            continue
        try:
            check(rounds, folder / f"{seed}")
        except AssertionError as problem:
            raise AssertionError(f"{make.__name__}({seed}): {problem}") from problem
        found["went on" if rounds.second is not None and rounds.second.solved else "can't go on"] += 1
    return found


def test_two_rounds_of_random_sets_add_up(tmp_path: Path) -> None:
    assert check_seeds(drawn, ORDINARY, tmp_path)["went on"] >= len(ORDINARY) // 2


def test_two_rounds_in_which_much_goes_on_add_up(tmp_path: Path) -> None:
    assert check_seeds(busy_set, (10,), tmp_path)["went on"] == 1


@pytest.mark.long
def test_two_rounds_of_fifty_random_sets_add_up(tmp_path: Path) -> None:
    """Some can't go on: a hard share that the first year's orders had balanced holds for what is ordered now."""
    assert check_seeds(drawn, ALL, tmp_path)["went on"] >= 0.8 * len(ALL)


@pytest.mark.long
def test_two_rounds_of_twenty_busy_sets_add_up(tmp_path: Path) -> None:
    assert check_seeds(busy_set, range(20), tmp_path)["went on"] == 20
