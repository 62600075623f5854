"""What the tables hold otherwise than the facts, or not at all, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from data.alliance.build_customers import largest_wish
from data.alliance.build_industry import ramp
from data.alliance.facts import INPUTS, LAST, LEFT_OUT, Facts, lookup, records, rows_of

COLUMNS = ["table", "key", "column", "note"]
Change = tuple[str, str, str, str]
"""Table, key, column, and what was done: `left out: ...` or `changed: ...`."""


def _left_out() -> Iterator[Change]:
    """What has no place in the tables, by inputs/left_out.csv."""
    for row in records(pd.read_csv(INPUTS / "left_out.csv", dtype=str, keep_default_na=False)):
        yield row.table, row.key, "*", f"left out: {row.reason}"


def _rows_of_plants(facts: Facts) -> Iterator[Change]:
    """Rows of other tables that speak of a programme left out."""
    for fact in ("bill_of_materials", "customers", "effects", "line_programmes"):
        for row in records(facts[fact]):
            if row.programme_id in LEFT_OUT:
                yield fact, row.programme_id, "*", "left out: its programme is left out"


def _divisible(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> Iterator[Change]:
    """Lots that were made divisible."""
    stated = lookup(facts["service"], "programme_id", "lot")
    wishes = largest_wish(facts)
    for row in records(tables["programmes"]):
        if row.lot == stated[row.programme]:
            continue
        most = (
            f"one nation may order {wishes[row.programme] / stated[row.programme]:g} lots of {stated[row.programme]:g}"
        )
        why = "munitions come by the hundred" if row.category == "munition" else most
        yield "programmes", row.programme, "lot", f"changed: lot {stated[row.programme]:g} made divisible, {why}"


def _order_years(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> Iterator[Change]:
    """Order, launch and start windows that were cut."""
    last = lookup(facts["service"], "programme_id", "last_order_year")
    for row in records(tables["programmes"]):
        if row.last_order_year != last[row.programme]:
            yield "programmes", row.programme, "last_order_year", f"changed: {last[row.programme]} cut to the last year"
    stated = {row.frame_id: row for row in records(facts["frames"])}
    for row in records(tables["frames"]):
        first, end = stated[row.frame].first_launch, stated[row.frame].last_launch
        if row.first_launch != first:
            yield "frames", row.frame, "first_launch", f"changed: {first}, but its programme can't be ordered before"
        if row.last_launch != end:
            yield "frames", row.frame, "last_launch", f"changed: {end}, but a first order must arrive by then"
    last = lookup(facts["expansions"], "expansion_id", "last_year")
    for row in records(tables["expansions"]):
        if row.last_year != last[row.expansion]:
            yield "expansions", row.expansion, "last_year", f"changed: {last[row.expansion]}, but it opens by {LAST}"


def _pillars(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> Iterator[Change]:
    """Programmes that the facts see in both pillars."""
    stated = lookup(facts["programmes"], "id", "pillar")
    for row in records(tables["programmes"]):
        if stated[row.programme] == "both":
            yield "programmes", row.programme, "pillar", f"changed: both pillars, paid from its area's ({row.pillar})"


def _customers(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> Iterator[Change]:
    """Pairs that buy and operate nothing, and wishes that whole lots round."""
    kept = {(row.nation, row.programme): row.max_units for row in records(tables["customers"])}
    for row in records(facts["customers"]):
        key, wish = (row.iso3, row.programme_id), float(row.max_additional_units)
        if key not in kept:
            yield "customers", ":".join(key), "*", f"left out: may order {wish:g} and operates none"
        elif abs(kept[key] - wish) > 1e-6:
            yield "customers", ":".join(key), "max_units", f"changed: {wish:g} in whole lots is {kept[key]:g}"


def _targets(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> Iterator[Change]:
    """Pairs of nation and area without a target."""
    kept = {(row.nation, row.area) for row in records(tables["targets"])}
    collective = {area for nation, area in kept if nation == "ALL"}
    stated = {(row.iso3, row.area_id) for row in records(facts["targets_2035"])}
    for row in records(facts["inventories"]):
        key = (row.iso3, row.area_id)
        if row.area_id in collective or row.iso3 == "ALL" or key in kept:
            continue
        why = "its target is 0" if key in stated else "the facts dropped it: nothing on offer serves it"
        yield "targets", ":".join(key), "*", f"left out: {why}"


def _loans(facts: Facts) -> Iterator[Change]:
    """Facilities that give a nation no money."""
    for row in records(facts["facilities"]):
        if row.share <= 0:
            yield "loans", f"{row.facility}:{row.nation_or_group}", "*", "left out: takes part and draws no loan"


def _ramps(facts: Facts) -> Iterator[Change]:
    """Lines that may take up their free slots at once."""
    for line in rows_of(facts["lines"]):
        stated, used = float(line["ramp_per_year"]), ramp(line)
        if used > stated:
            note = f"changed: {stated:g} a year is of the whole line; free slots of the second year are {used:.4g}"
            yield "lines", line["line_id"], "ramp", note


def changes(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every row left out and every figure changed on the way from the facts: table, key, column, note."""
    found: list[Any] = [*_left_out(), *_rows_of_plants(facts), *_divisible(facts, tables), *_pillars(facts, tables)]
    found += [*_order_years(facts, tables), *_customers(facts, tables), *_targets(facts, tables)]
    found += [*_loans(facts), *_ramps(facts)]
    return pd.DataFrame(found, columns=COLUMNS)


def summary(table: pd.DataFrame) -> str:
    """One line a table and column: how many rows were left out or changed, and which."""
    lines = []
    kind = table["note"].str.partition(":")[0]
    for (name, column, what), rows in table.groupby(["table", "column", kind], sort=True):
        place = name if column == "*" else f"{name}.{column}"
        lines.append(f"{place}: {len(rows)} {what}: {', '.join(sorted(rows['key'].unique()))}")
    return "\n".join([*lines, "Why: data/alliance/sources.csv, column note.", ""])
