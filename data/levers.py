"""Levers and scenarios applied to a data set: a pure function from one data set to the next."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.checks_errors import errors, range_errors
from data.checks_yaml import check_contradiction, check_lever
from data.dataset import Dataset, sort_by_key
from data.dictionary import data_tables
from data.findings import ERROR, ordered, suggestion
from data.lever_table import (
    LEVERS,
    Lever,
    Lever_Value,
    LeverError,
    Pulled,
    find,
    lever_number,
    lever_value,
    pulled_ids,
    read_lever,
)
from data.levers_money import backfill, gdp_grown, lending, paths, prices
from data.levers_nations import nations_out
from data.levers_rules import rule_values
from data.levers_windows import delays, threats
from data.overrides import OverrideError, override
from data.settings import Settings

__all__ = ["LEVERS", "Case", "Lever", "LeverError", "Options", "apply", "parse_sets", "read_lever", "replay"]
Tables = dict[str, pd.DataFrame]
# Rows of years outside the horizon mean nothing to a plan (prior_plan keeps its own years).
YEARLY = ("economy", "budget_path", "targets", "line_capacity", "component_capacity")
BOUND = ("pipeline", "obligations")  # of years beyond the horizon, too (MODEL.md, section 8a)


@dataclass(frozen=True)
class Options:
    """The levers that are no change of data: the model and the audit read them."""

    carry_over: float
    pillar_shift: float
    synchronised_cycles: bool
    expansions: bool
    persistence: float
    force: frozenset[str]
    forbid: frozenset[str]


@dataclass(frozen=True, eq=False)
class Case:
    """A data set with a scenario and levers applied: `dataset` is what is planned, `base` what it was made from.

    `levers`: every lever in force that differs from its default, sorted by name.
    """

    name: str | None
    base: Dataset
    dataset: Dataset
    levers: Mapping[str, Lever_Value]
    options: Options


def apply(dataset: Dataset, scenario: str | None = None, sets: Mapping[str, object] | None = None) -> Case:
    """Apply the data set's own levers, then a scenario's, then `sets`, each over the one before.

    LeverError says in one line what can't be. The data set given stays as it is.
    """
    given: dict[str, object] = dict(dataset.settings.levers)
    if scenario is not None:
        _check_scenario(dataset, scenario)
        given |= dataset.scenarios[scenario].levers
    return replay(dataset, scenario, given | dict(sets or {}))


def replay(dataset: Dataset, scenario: str | None, levers: Mapping[str, object]) -> Case:
    """A case again from what its plan.json says.

    The scenario's changes of data and exactly these levers, whatever the data set or the scenario itself would set.
    """
    pulled = _pulled(dataset, levers)
    tables: Tables = dict(dataset.tables)
    if scenario is not None:
        _check_scenario(dataset, scenario)
        tables = _overridden(tables, dataset, scenario)
    options = _options(tables, pulled)
    for step in _STEPS:
        tables = step(tables, pulled, dataset.settings)
    tables = _within_horizon(tables, dataset.settings)
    changed = {name: tables[name] for name in data_tables() if tables[name] is not dataset.tables[name]}
    _check_ranges(changed)
    in_order = {name: sort_by_key(table, data_tables()[name]) for name, table in changed.items()}
    return Case(scenario, dataset, replace(dataset, tables={**dataset.tables, **in_order}), pulled, options)


def parse_sets(pairs: Iterable[str]) -> dict[str, object]:
    """Levers from the `lever=value` texts of a command line; LeverError where one is no such text or stands twice."""
    sets: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            raise LeverError(f"--set {pair}: write lever=value, such as carry_over=0.1")
        if name in sets:
            raise LeverError(f"--set {name} stands twice; give it once")
        find(name)
        sets[name] = value.strip()
    return sets


def _check_scenario(dataset: Dataset, scenario: str) -> None:
    if scenario not in dataset.scenarios:
        raise LeverError(f"unknown scenario {scenario}; {suggestion(scenario, dataset.scenarios)}")


def _pulled(dataset: Dataset, given: Mapping[str, object]) -> Pulled:
    """The levers that differ from their default, with known ids and values that fit."""
    pulled = {}
    for name in sorted(given):
        check_lever(dataset.tables, dataset.settings, name, given[name], frozenset())
        lever, value = find(name)[0], read_lever(name, given[name])
        on_off_by_id = lever.kind == "flag" and lever.dotted
        if value != lever.default and not (on_off_by_id and not value):
            pulled[name] = value
    return pulled


def _options(tables: Tables, pulled: Pulled) -> Options:
    check_contradiction(tables, pulled)
    return Options(
        carry_over=lever_number(pulled, "carry_over"),
        pillar_shift=lever_number(pulled, "pillar_shift"),
        synchronised_cycles=bool(lever_value(pulled, "synchronised_cycles")),
        expansions=bool(lever_value(pulled, "expansions")),
        persistence=lever_number(pulled, "persistence"),
        force=pulled_ids(pulled, "force."),
        forbid=pulled_ids(pulled, "forbid."),
    )


def _overridden(tables: Tables, dataset: Dataset, scenario: str) -> Tables:
    for place, change in enumerate(dataset.scenarios[scenario].overrides, start=1):
        try:
            tables = override(tables, change, dataset.settings)
        except OverrideError as problem:
            raise LeverError(f"scenario {scenario}, override {place}: {problem}") from problem
    if dataset.scenarios[scenario].overrides:
        wrong = [one for one in ordered(errors(tables, dataset.settings, {}, frozenset())) if one.level == ERROR]
        if wrong:
            raise LeverError(f"scenario {scenario}: its overrides make bad data: {replace(wrong[0], row=None)}")
    return tables


def _weights(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    if not pulled_ids(pulled, "area_weight."):
        return tables
    areas = tables["areas"]
    factors = [lever_number(pulled, name) if (name := f"area_weight.{a}") in pulled else 1.0 for a in areas["area"]]
    return {**tables, "areas": areas.assign(weight=areas["weight"] * np.array(factors, dtype="float64"))}


def _capacities(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    if "capacity_factor" not in pulled:
        return tables
    tables = dict(tables)
    for name in ("line_capacity", "component_capacity"):
        tables[name] = tables[name].assign(capacity=tables[name]["capacity"] * lever_number(pulled, "capacity_factor"))
    return tables


# In the order of MODEL.md, section 10 (overrides came before).
_STEPS: tuple[Callable[[Tables, Pulled, Settings], Tables], ...] = (
    nations_out,
    gdp_grown,
    paths,
    backfill,
    prices,
    lending,
    _weights,
    threats,
    rule_values,
    delays,
    _capacities,
)


def _within_horizon(tables: Tables, settings: Settings) -> Tables:
    ends = dict.fromkeys(YEARLY, settings.last_year) | dict.fromkeys(BOUND, settings.last_year + settings.beyond.years)
    tables = dict(tables)
    for name, end in ends.items():
        inside = tables[name]["year"].between(settings.first_year, end)
        if not inside.all():
            tables[name] = tables[name][inside]
    return tables


def _check_ranges(tables: Tables) -> None:
    wrong = range_errors(tables)
    if wrong:
        raise LeverError(f"these levers make bad data: {replace(wrong[0], row=None)}")
