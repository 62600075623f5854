"""Reading single rows of tables; the type of a cell is known by the dictionary, not by the type checker."""

from __future__ import annotations

from typing import Any

import pandas as pd


def row_of(frame: pd.DataFrame, key: str, wanted: str) -> dict[str, Any] | None:
    """The first row whose key column holds this id, as column -> cell; None where there is none."""
    rows = frame[frame[key] == wanted]
    return None if rows.empty else {str(name): cell for name, cell in rows.iloc[0].items()}


def need_row(frame: pd.DataFrame, key: str, wanted: str) -> dict[str, Any]:
    """The same where there must be one; KeyError if there is none."""
    found = row_of(frame, key, wanted)
    if found is None:
        raise KeyError(f"{key} {wanted}")
    return found
