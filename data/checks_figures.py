"""Warnings about figures that look like a slip: per cent where a fraction is due, figures too far apart, old data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from data.checks_money import money
from data.findings import Finding, warning
from data.rows import at, labelled
from data.settings import Settings

Tables = Mapping[str, pd.DataFrame]
# The largest figure that a planner is likely to mean; above it per cent was typed for a fraction.
LIKELY = {
    ("economy", "deflator"): 10.0,
    ("budget_path", "gdp_share"): 0.3,
    ("programmes", "cost_growth"): 0.5,
    ("price_tiers", "price_factor"): 2.0,
    ("innovation", "fast_cost_factor"): 20.0,
    ("loans", "interest"): 0.5,
}
LIKELY_RULES = {"spend_growth_max": 5.0, "surge_min": 20.0, "order_value_max": 20.0, "change_max": 5.0}
APART = 1e10  # a solver works with some nine digits; what lies further apart than this it can't tell from nothing
NEW_SETTINGS = {"beyond", "contribution_max", "sponsor_max"}


def findings(tables: Tables, settings: Settings) -> list[Finding]:
    """Every warning about figures as such."""
    return [
        *_per_cent(tables),
        *_per_cent_rules(tables),
        *_per_cent_settings(settings),
        *_apart(tables, settings),
        *_edition(tables, settings),
    ]


def _per_cent(tables: Tables) -> Iterable[Finding]:
    for (name, column), likely in LIKELY.items():
        frame = tables[name]
        rows = frame.index[frame[column].abs() > likely]
        if len(rows):
            more = f" (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
            value = f"{at(frame, rows[0], column):g}"
            message = f"{value} is unlikely{more}: per cent typed for a fraction?"
            yield warning(name, message, "3 % is 0.03, and an index is 1 in the base year", int(rows[0]), column, value)


def _per_cent_rules(tables: Tables) -> Iterable[Finding]:
    for row, rule, value in labelled(tables["rules"], ["rule", "value"]):
        if abs(value) > LIKELY_RULES.get(rule, abs(value)):
            message = f"{value:g} is unlikely for {rule}: per cent typed for a fraction?"
            yield warning("rules", message, "3 % is 0.03", int(row), "value", f"{value:g}")


def _per_cent_settings(settings: Settings) -> Iterable[Finding]:
    given = (
        ("contribution_max", settings.contribution_max or 0.0, 1.0),
        ("beyond.capacity", settings.beyond.capacity, 5.0),
    )
    for name, value, likely in given:
        if value > likely:
            message = f"{value:g} is unlikely: per cent typed for a fraction?"
            yield warning("dataset.yaml", message, "10 % is 0.1", column=name, value=f"{value:g}")


@dataclass(frozen=True)
class _Figure:
    """A figure where it stands."""

    value: float
    table: str
    column: str
    row: int

    def __str__(self) -> str:
        return f"{self.value:g} ({self.table}.{self.column}, row {self.row})"


def _apart(tables: Tables, settings: Settings) -> Iterable[Finding]:
    """Figures of one kind, the largest so far above the smallest that no solver tells it from nothing."""
    for what, figures in _kinds(tables, settings).items():
        given = [figure for figure in figures if figure.value > 0]
        if not given:
            continue
        low, high = min(given, key=lambda one: one.value), max(given, key=lambda one: one.value)
        if high.value > low.value * APART:
            message = f"{what}: {low} lies too far below {high} for a solver to tell it from 0"
            remedy = "look for a slip of the pen in one of the two"
            yield warning(low.table, message, remedy, low.row, low.column, f"{low.value:g}")


def _kinds(tables: Tables, settings: Settings) -> dict[str, list[_Figure]]:
    """Figures that one row of the program weighs against one another, by what they are about."""
    found: dict[str, list[_Figure]] = {}

    def add(what: str, table: str, column: str, row: int, value: float) -> None:
        found.setdefault(what, []).append(_Figure(value, table, column, int(row)))

    lots = {item: lot if lot > 0 else 1.0 for _, item, lot in labelled(tables["programmes"], ["programme", "lot"])}
    for row, area, value in labelled(tables["targets"], ["area", "target"]):
        add(f"area {area}", "targets", "target", row, value)
    for row, area, programme, value in labelled(tables["effects"], ["area", "programme", "effect"]):
        add(f"area {area}", "effects", "effect", row, value * lots.get(programme, 1.0))
    for owner, capacities, uses, use in (
        ("line", "line_capacity", "line_programmes", "capacity_use"),
        ("component", "component_capacity", "bill_of_materials", "quantity"),
    ):
        for row, item, value in labelled(tables[capacities], [owner, "capacity"]):
            add(f"{owner} {item}", capacities, "capacity", row, value)
        for row, item, programme, value in labelled(tables[uses], [owner, "programme", use]):
            add(f"{owner} {item}", uses, use, row, value * lots.get(programme, 1.0))
    for row, programme, value in labelled(tables["programmes"], ["programme", "unit_cost"]):
        add("money", "programmes", "unit_cost", row, value * lots[programme])
    for row, value in labelled(money(tables, settings), ["planned"]):
        add("money", "budget_path", "gdp_share", row, value)
    for row, value in labelled(tables["areas"], ["weight"]):
        add("weights", "areas", "weight", row, value)
    return found


def _edition(tables: Tables, settings: Settings) -> Iterable[Finding]:
    """A data set written before dataset.yaml had these settings: their defaults act in it all the same."""
    if NEW_SETTINGS & settings.model_fields_set or (tables["expansions"].empty and tables["innovation"].empty):
        return
    message = (
        f"data of edition 1: contribution_max {settings.contribution_max:g} (of what customers order, for others' "
        f"expansions) and sponsor_max {settings.sponsor_max:g} (of a key share, for innovation) act in it"
    )
    remedy = "state both (edition 1 had none and 1), or let `drive5 convert --upgrade` write them"
    yield warning("dataset.yaml", message, remedy)
