"""What goes when a store is larger than it may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.eviction import to_evict
from store.lookup import best_of_each
from tests.store.runs import run

# Three runs of case a (the best is a1), one of case b, 10 bytes each; used in the order of this list.
RUNS = [run("b1", case="b"), run("a1", value=1.0), run("a2", value=2.0), run("a3", value=3.0)]
SIZE = {one.name: 10 for one in RUNS}
USED = {one.name: float(place) for place, one in enumerate(RUNS)}


def test_what_is_used_least_goes_first_but_the_best_of_a_case_last() -> None:
    assert to_evict(RUNS, SIZE, USED, 40) == []
    assert to_evict(RUNS, SIZE, USED, 39) == ["a2"]
    assert to_evict(RUNS, SIZE, USED, 20) == ["a2", "a3"]
    assert to_evict(RUNS, SIZE, USED, 10) == ["a2", "a3", "b1"]
    assert to_evict(RUNS, SIZE, USED, 0) == ["a2", "a3", "b1", "a1"]


def test_kept_noted_and_spared_runs_never_go() -> None:
    runs = [
        run("kept", kept="staff, 2026-12-01"),
        run("noted", note="shown to the minister"),
        run("new"),
        run("x"),
    ]
    size, used = {one.name: 10 for one in runs}, dict.fromkeys(("kept", "noted", "new", "x"), 0.0)
    assert to_evict(runs, size, used, 0, spared=("new",)) == ["x"]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 9), st.integers(1, 9), st.booleans()),
                max_size=9), st.integers(0, 40))  # fmt: skip
def test_the_rest_fits_or_nothing_more_may_go(drawn: list[tuple[int, int, int, int, bool]], limit: int) -> None:
    runs = [
        run(f"r{place}", case=str(case), value=value, kept="x" * kept)
        for place, (case, value, _, _, kept) in enumerate(drawn)
    ]
    size = {one.name: row[3] for one, row in zip(runs, drawn, strict=True)}
    used = {one.name: float(row[2]) for one, row in zip(runs, drawn, strict=True)}
    gone = to_evict(runs, size, used, limit)
    left = [one for one in runs if one.name not in gone]
    assert len(set(gone)) == len(gone) and not any(one.kept for one in runs if one.name in gone)
    assert sum(size[one.name] for one in left) <= limit or all(one.kept for one in left)
    best = best_of_each(runs)
    if any(name in best for name in gone):  # of no case is there a worse one that could have gone instead
        assert all(one.kept or one.name in best for one in left)
    for group in (best, {one.name for one in runs} - best):
        order = [used[name] for name in gone if name in group]
        assert order == sorted(order)
        assert all(used[one.name] >= max(order, default=0.0) for one in left if one.name in group and not one.kept)
