"""Levers of time: a programme or frame comes later, the threat sooner or later."""

import pandas as pd

from data.lever_table import Pulled, lever_number, pulled_ids
from data.settings import Settings

Tables = dict[str, pd.DataFrame]
WINDOWS = {
    "programmes": ("programme", "first_order_year", "last_order_year"),
    "frames": ("frame", "first_launch", "last_launch"),
}


def delays(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """delay.X: the window, cut to the planning years, moves; what passes last_year is lost.

    A window that passes it whole ends before it begins: no year is in it.
    """
    if not pulled_ids(pulled, "delay."):
        return tables
    tables = dict(tables)
    for name, (key, first, last) in WINDOWS.items():
        frame = tables[name]
        years = frame[key].map(lambda item: int(lever_number(pulled, f"delay.{item}"))).astype("int64")
        later = years > 0
        begin = frame[first].clip(lower=settings.first_year) + years
        end = (frame[last].clip(upper=settings.last_year) + years).clip(upper=settings.last_year)
        tables[name] = frame.assign(**{first: frame[first].where(~later, begin), last: frame[last].where(~later, end)})
    return tables


def threats(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """threat_shift: whole years added to every threat_year."""
    if "threat_shift" not in pulled:
        return tables
    areas = tables["areas"]
    year = areas["threat_year"]
    moved = year.where(year == 0, year + int(lever_number(pulled, "threat_shift")))
    return {**tables, "areas": areas.assign(threat_year=moved)}
