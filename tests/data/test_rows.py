"""Tables as text: what pandas would write, and what no lever pulls is left as it is."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from data.dataset import load
from data.levers import apply
from data.rows import as_csv

FRAMES = (
    pd.DataFrame({"id": ["a", 'b "c", d', "two\nlines"], "year": [1, 2, 3], "share": [0.1, math.nan, 1e-05]}),
    pd.DataFrame({"id": pd.Series(["a", None], dtype=object), "large": [1e16, math.inf], "flag": [True, False]}),
    pd.DataFrame({"mixed": pd.Series([1, "x", 2.5, math.nan], dtype=object), "none": [None] * 4}),
    pd.DataFrame(columns=["id", "value"]),
)


@pytest.mark.parametrize("missing", ["", "-"])
@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_a_table_as_text_is_what_pandas_writes(frame: pd.DataFrame, missing: str) -> None:
    assert as_csv(frame, missing) == frame.to_csv(index=False, lineterminator="\n", na_rep=missing)


def test_tables_that_no_lever_pulls_are_the_data_sets_own() -> None:
    dataset = load("data/tiny")
    tables = apply(dataset).dataset.tables
    assert all(tables[name] is table for name, table in dataset.tables.items() if name != "rules")
    moved = apply(dataset, None, {"threat_shift": 1, "price_growth_shift": 0.01}).dataset.tables
    changed = {name for name, table in dataset.tables.items() if moved[name] is not table}
    assert changed - {"rules"} == {"areas", "programmes"}
