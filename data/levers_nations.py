"""nation_out: a nation's rows leave; its lines and the rules stay."""

import pandas as pd

from data.dataset import split_names
from data.lever_table import LeverError, Pulled, pulled_ids
from data.levers_money import USA
from data.settings import Settings

Tables = dict[str, pd.DataFrame]
NATION_TABLES = ("nations", "economy", "budget_path", "targets", "customers", "frame_members", "loans", "pipeline",
                 "obligations", "pins", "prior_plan")  # fmt: skip
GROUP_COLUMNS = {"loans": "nation", "incompatible": "scope"}


def nations_out(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """The rows of nations that are out leave. Without USA the collective baselines lose its part.

    Rules stay: one whose scope has no nation left binds nothing.
    """
    out = pulled_ids(pulled, "nation_out.")
    if not out:
        return tables
    if out >= set(tables["nations"]["nation"]):
        raise LeverError("levers nation_out leave no nation to plan for; leave one in")
    regions = set(tables["nations"]["region"])
    tables = dict(tables)
    for name in NATION_TABLES:
        tables[name] = tables[name][~tables[name]["nation"].isin(out)]
    innovation = tables["innovation"]
    left = [sponsors_left(sponsor, out) for sponsor in innovation["sponsor"]]
    tables["innovation"] = innovation.assign(sponsor=pd.Series(left, index=innovation.index, dtype="object"))
    gone = out | (regions - set(tables["nations"]["region"]))
    for name, column in GROUP_COLUMNS.items():
        tables[name] = tables[name][~tables[name][column].isin(gone)]
    if USA in out:
        tables["targets"] = _without_american_part(tables["targets"])
    return tables


def sponsors_left(sponsor: str, out: frozenset[str]) -> str:
    """The sponsors without these nations; '' where none is left, so that the line can't start."""
    return ";".join(name for name in split_names(sponsor) if name not in out)


def _without_american_part(targets: pd.DataFrame) -> pd.DataFrame:
    baseline = (targets["baseline"] - targets["baseline_us"]).clip(lower=0.0)
    collective = targets["nation"] == "ALL"
    return targets.assign(
        baseline=targets["baseline"].where(~collective, baseline),
        baseline_us=targets["baseline_us"].where(~collective, 0.0),
    )
