"""Warnings about money: nothing left to spend, obligations beyond what there is, figures that are not used."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from data.dictionary import data_tables
from data.findings import Finding, suggestion, warning
from data.rows import at, each
from data.settings import Settings

Tables = Mapping[str, pd.DataFrame]
HORIZON_TABLES = ("economy", "budget_path", "targets", "line_capacity", "component_capacity", "obligations")


def money(tables: Tables, settings: Settings) -> pd.DataFrame:
    """budget_path within the horizon with gdp, planned, committed and free money; rows keep their numbers."""
    path = tables["budget_path"]
    path = path[path["year"].between(settings.first_year, settings.last_year)]
    gdp = tables["economy"].set_index(["nation", "year"])["gdp"].to_dict()
    incomes = [gdp.get(key, 0.0) for key in zip(path["nation"], path["year"], strict=True)]
    planned = path["gdp_share"].to_numpy() * np.array(incomes, dtype="float64")
    committed = planned * path["committed_share"].to_numpy()
    return path.assign(planned=planned, committed_money=committed, free=planned - committed)


def findings(tables: Tables, settings: Settings) -> list[Finding]:
    """Every warning about money and about what is not used."""
    return [
        *_nothing_left(tables, settings),
        *_obligations(tables, settings),
        *_no_gdp(tables, settings),
        *_outside(tables, settings),
        *_urgency(settings),
        *_american_part(tables),
        *_sources(tables),
    ]


def _nothing_left(tables: Tables, settings: Settings) -> Iterable[Finding]:
    frame = money(tables, settings)
    none = frame[(frame["committed_share"] >= 1) & (frame["planned"] > 0)]
    for key, rows in none.groupby(["nation", "pillar"]):
        nation, pillar = key if isinstance(key, tuple) else (key, "")
        years = sorted(rows["year"])
        when = "every year" if len(years) == len(settings.years) else ", ".join(map(str, years))
        message = f"{nation} {pillar}: the committed share leaves no money in {when}"
        first = int(rows.index[0])
        remedy = "leave a part uncommitted, unless that is meant"
        share = f"{at(rows, first, 'committed_share'):g}"
        yield warning("budget_path", message, remedy, first, "committed_share", share)


def _obligations(tables: Tables, settings: Settings) -> Iterable[Finding]:
    keys = ["nation", "year", "pillar"]
    owed = tables["obligations"].groupby(keys)["amount"].sum()
    free = money(tables, settings).drop_duplicates(keys).set_index(keys)["free"].to_dict()
    for key, amount in owed.items():
        have = free.get(key) if isinstance(key, tuple) else None
        if have is not None and amount > have * (1 + 1e-9) + 1e-9:
            nation, year, pillar = key if isinstance(key, tuple) else ("", "", "")
            table = tables["obligations"]
            rows = table.index[(table["nation"] == nation) & (table["year"] == year) & (table["pillar"] == pillar)]
            message = f"{nation} {year} {pillar}: obligations of {amount:.6g} exceed the available {have:.6g}"
            yield warning(
                "obligations", message, "only carry-over, shifts or loans could pay them", int(rows[0]), "amount"
            )


def _no_gdp(tables: Tables, settings: Settings) -> Iterable[Finding]:
    economy = tables["economy"]
    zero = economy[(economy["gdp"] == 0) & economy["year"].isin(list(settings.years))]
    for nation, rows in zero.groupby("nation"):
        message = f"{nation} has no GDP in {', '.join(map(str, sorted(rows['year'])))}: no money and no shares of it"
        yield warning("economy", message, "give its GDP, unless that is meant", int(rows.index[0]), "gdp", "0")


def _outside(tables: Tables, settings: Settings) -> Iterable[Finding]:
    for name in HORIZON_TABLES:
        last = settings.last_year + (settings.beyond.years if name == "obligations" else 0)
        span = f"{settings.first_year}-{last}"
        frame = tables[name]
        outside = frame.index[~frame["year"].between(settings.first_year, last)]
        if len(outside):
            count = f"{len(outside)} row{'s' if len(outside) > 1 else ''}"
            message = f"{count} of years outside the horizon {span}: not used"
            year = str(at(frame, outside[0], "year"))
            yield warning(name, message, "leave them out, or change the horizon", int(outside[0]), "year", year)


def _urgency(settings: Settings) -> Iterable[Finding]:
    for year in sorted(settings.urgency):
        if year not in settings.years:
            message = f"{year} is no year of the horizon {settings.first_year}-{settings.last_year}"
            yield warning("dataset.yaml", message, "leave it out", column=f"urgency.{year}")


def _american_part(tables: Tables) -> Iterable[Finding]:
    targets = tables["targets"]
    national = targets.index[(targets["nation"] != "ALL") & (targets["baseline_us"] != 0)]
    for row in national:
        message, remedy = "baseline_us means something in ALL rows only", "leave it empty"
        yield warning("targets", message, remedy, int(row), "baseline_us", f"{at(targets, row, 'baseline_us'):g}")
    above = targets.index[(targets["nation"] == "ALL") & (targets["baseline_us"] > targets["baseline"])]
    for row in above:
        message = f"the part of USA is above the whole baseline {at(targets, row, 'baseline'):g}"
        remedy = "baseline counts all, USA included"
        yield warning("targets", message, remedy, int(row), "baseline_us", f"{at(targets, row, 'baseline_us'):g}")


def _sources(tables: Tables) -> Iterable[Finding]:
    known = data_tables()
    for row in each(tables["sources"]):
        if row.table not in known:
            remedy = suggestion(row.table, known)
            yield warning("sources", "there is no table of that name", remedy, int(row.Index), "table", row.table)
        elif row.column not in ("", "*", *known[row.table].names):
            remedy = suggestion(row.column, known[row.table].names)
            yield warning("sources", f"{row.table} has no such column", remedy, int(row.Index), "column", row.column)
