"""Levers of money: the growth of GDP, the paths of the budget, and what the others fill of USA's part."""

import numpy as np
import pandas as pd

from data.lever_table import PATHS, Pulled, lever_number, pulled_ids
from data.settings import Settings

Tables = dict[str, pd.DataFrame]
USA = "USA"
PLEDGE = 0.035  # core defence as a share of GDP


def gdp_grown(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """growth_shift: gdp * (1 + shift) ** (t - first_year)."""
    if "growth_shift" not in pulled:
        return tables
    economy = tables["economy"]
    factor = (1.0 + lever_number(pulled, "growth_shift")) ** (economy["year"] - settings.first_year).astype("float64")
    return {**tables, "economy": economy.assign(gdp=economy["gdp"] * factor)}


def paths(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """The shares of GDP: what levers add to them, then the shape of every path, then the year of the pledge."""
    if not any(_is_pulled(lever, pulled) for lever in (*PATHS.values(), "path_shape", "core_year")):
        return tables
    path = in_years(tables["budget_path"], settings)
    for pillar, lever in PATHS.items():
        path = _added(path, pillar, lever, pulled, settings)
    if "path_shape" in pulled:
        path = _shaped(path, str(pulled["path_shape"]), settings)
    return {**tables, "budget_path": _pledged(path, pulled, settings)}


def _added(path: pd.DataFrame, pillar: str, lever: str, pulled: Pulled, settings: Settings) -> pd.DataFrame:
    """core_share_2035 and resilience_share_2035: data + (lever - data's last) * x, not below 0.

    Without a nation's name a nation that plans as much by itself in the last year keeps its data; by name it may fall.
    """
    if not _is_pulled(lever, pulled):
        return path
    goal, named = _of_nation(path, lever, pulled)
    last = _share_in(path, settings.last_year)
    moved = (path["pillar"] == pillar) & goal.notna() & (named | (last < goal))
    share = (path["gdp_share"] + (goal - last) * progress(path["year"], settings)).clip(lower=0.0)
    return path.assign(gdp_share=path["gdp_share"].where(~moved, share))


def _shaped(path: pd.DataFrame, shape: str, settings: Settings) -> pd.DataFrame:
    """path_shape: every path runs from its first share to its last by the shape."""
    x = progress(path["year"], settings)
    part = 1.0 - (1.0 - x) ** 2 if shape == "front" else x**2 if shape == "back" else x
    first, last = _share_in(path, settings.first_year), _share_in(path, settings.last_year)
    return path.assign(gdp_share=first + (last - first) * part)


def _pledged(path: pd.DataFrame, pulled: Pulled, settings: Settings) -> pd.DataFrame:
    """core_year: the core share is raised to at least what rises evenly to the pledge in that year."""
    if not _is_pulled("core_year", pulled):
        return path
    year, _ = _of_nation(path, "core_year", pulled)
    if not year.notna().any():
        return path
    first = _share_in(path, settings.first_year).clip(upper=PLEDGE)
    span = year - settings.first_year
    part = ((path["year"] - settings.first_year) / span.where(span > 0, 1.0)).clip(upper=1.0).where(span > 0, 1.0)
    least = first + (PLEDGE - first) * part
    raised = (path["pillar"] == "core") & year.notna() & (path["gdp_share"] < least)
    return path.assign(gdp_share=path["gdp_share"].where(~raised, least))


def _is_pulled(lever: str, pulled: Pulled) -> bool:
    """Whether a lever of money is pulled, for all or for a nation."""
    return lever in pulled or bool(pulled_ids(pulled, f"{lever}."))


def _of_nation(path: pd.DataFrame, lever: str, pulled: Pulled) -> "tuple[pd.Series[float], pd.Series[bool]]":
    """Each row's value of a lever (none: not a number), and whether it is the nation's own."""
    own = {nation: f"{lever}.{nation}" in pulled for nation in path["nation"].unique()}
    values = {nation: pulled.get(f"{lever}.{nation}", pulled.get(lever)) for nation in own}
    return path["nation"].map(values).astype("float64"), path["nation"].map(own).astype("bool")


def _share_in(path: pd.DataFrame, year: int) -> "pd.Series[float]":
    """Each row's share of its nation and pillar in that year."""
    rows = path[path["year"] == year].set_index(["nation", "pillar"])["gdp_share"]
    keys = pd.MultiIndex.from_frame(path[["nation", "pillar"]])
    return pd.Series(rows.reindex(keys).to_numpy(dtype="float64"), index=path.index)


def progress(years: "pd.Series[int]", settings: Settings) -> "pd.Series[float]":
    """0 in the first year, 1 in the last (1 where there is one year only)."""
    span = settings.last_year - settings.first_year
    if span == 0:
        return pd.Series(1.0, index=years.index)
    return (years - settings.first_year).astype("float64") / span


def in_years(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The rows of the planning years."""
    return frame[frame["year"].between(settings.first_year, settings.last_year)]


def backfill(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """us_backfill: w = lever * x * USA's baseline of area and year.

    USA's target and baseline fall by w, the others' targets rise by w in proportion to GDP; an ALL row's target
    rises by lever * x * baseline_us.
    """
    if "us_backfill" not in pulled:
        return tables
    targets = in_years(tables["targets"], settings).reset_index(drop=True)
    part = lever_number(pulled, "us_backfill") * progress(targets["year"], settings)
    american, collective = targets["nation"] == USA, targets["nation"] == "ALL"
    others = ~american & ~collective
    withdrawn = (part * targets["baseline"]).where(american, 0.0)
    place = [targets["area"], targets["year"]]
    gdp = _gdp_of(targets, tables["economy"]).where(others, 0.0)
    total = gdp.groupby(place).transform("sum").to_numpy()
    rise = withdrawn.groupby(place).transform("sum") * (gdp / np.where(total > 0, total, np.inf))
    target = (targets["target"] - withdrawn).clip(lower=0.0).where(american, targets["target"] + rise)
    if not set(tables["nations"]["nation"]) <= {USA}:
        target = target.where(~collective, targets["target"] + part * targets["baseline_us"])
    baseline = targets["baseline"].where(~american, (targets["baseline"] - withdrawn).clip(lower=0.0))
    return {**tables, "targets": targets.assign(target=target, baseline=baseline)}


def _gdp_of(rows: pd.DataFrame, economy: pd.DataFrame) -> "pd.Series[float]":
    """Each row's GDP of its nation and year; 0 where there is none."""
    gdp = economy.set_index(["nation", "year"])["gdp"]
    keys = pd.MultiIndex.from_frame(rows[["nation", "year"]])
    return pd.Series(gdp.reindex(keys).to_numpy(dtype="float64"), index=rows.index).fillna(0.0)


def lending(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """Lever loans off: no facility lends or grants."""
    return tables if pulled.get("loans", True) else {**tables, "loans": tables["loans"].iloc[:0]}


def prices(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """price_growth_shift: added to every cost_growth."""
    if "price_growth_shift" not in pulled:
        return tables
    programmes = tables["programmes"]
    growth = programmes["cost_growth"] + lever_number(pulled, "price_growth_shift")
    return {**tables, "programmes": programmes.assign(cost_growth=growth)}
