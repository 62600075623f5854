"""Levers and scenarios applied to a data set: a pure function from one data set to the next."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.checks_errors import errors, range_errors
from data.checks_yaml import check_contradiction, check_item
from data.dataset import Dataset, sort_by_key, split_names
from data.dictionary import data_tables
from data.findings import ERROR, ordered, suggestion
from data.lever_table import LEVERS, PATHS, RULE_LEVERS, Lever, Lever_Value, LeverError, find, read_lever
from data.overrides import OverrideError, override
from data.settings import Settings

__all__ = ["LEVERS", "Case", "Lever", "LeverError", "Options", "apply", "parse_sets", "read_lever", "replay"]
Tables = dict[str, pd.DataFrame]
Pulled = Mapping[str, Lever_Value]
USA = "USA"
# Rows of years outside the horizon mean nothing to a plan (prior_plan keeps its own years).
YEARLY = ("economy", "budget_path", "targets", "line_capacity", "component_capacity")
BOUND = ("pipeline", "obligations")  # of years beyond the horizon, too (MODEL.md, section 8a)
NATION_TABLES = ("nations", "economy", "budget_path", "targets", "customers", "frame_members", "loans", "pipeline",
                 "obligations", "prior_plan")  # fmt: skip


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
    _check_ranges(tables)
    changed = {name: sort_by_key(tables[name], table) for name, table in data_tables().items()}
    return Case(scenario, dataset, replace(dataset, tables=changed), pulled, options)


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
        lever, item = find(name)
        value = read_lever(name, given[name])
        if item:
            check_item(dataset.tables, lever, item)
        on_off_by_id = lever.kind == "flag" and lever.dotted
        if value != lever.default and not (on_off_by_id and not value):
            pulled[name] = value
    return pulled


def _options(tables: Tables, pulled: Pulled) -> Options:
    force, forbid = _items(pulled, "force."), _items(pulled, "forbid.")
    check_contradiction(tables, pulled)
    return Options(
        carry_over=_number(pulled, "carry_over"),
        pillar_shift=_number(pulled, "pillar_shift"),
        synchronised_cycles=bool(_value(pulled, "synchronised_cycles")),
        expansions=bool(_value(pulled, "expansions")),
        persistence=_number(pulled, "persistence"),
        force=force,
        forbid=forbid,
    )


def _value(pulled: Pulled, name: str) -> Lever_Value:
    return pulled[name] if name in pulled else find(name)[0].default


def _number(pulled: Pulled, name: str) -> float:
    value = _value(pulled, name)
    return float(value) if isinstance(value, int | float) else 0.0


def _items(pulled: Pulled, stem: str) -> frozenset[str]:
    return frozenset(name.removeprefix(stem) for name in pulled if name.startswith(stem))


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


def _nations_out(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """nation_out: the nation's rows leave; its lines stay. Without USA the collective baselines lose its part."""
    out = _items(pulled, "nation_out.")
    if not out:
        return tables
    if out >= set(tables["nations"]["nation"]):
        raise LeverError("levers nation_out leave no nation to plan for; leave one in")
    tables = dict(tables)
    for name in NATION_TABLES:
        tables[name] = tables[name][~tables[name]["nation"].isin(out)]
    innovation = tables["innovation"]
    left = [sponsors_left(sponsor, out) for sponsor in innovation["sponsor"]]
    tables["innovation"] = innovation.assign(sponsor=pd.Series(left, index=innovation.index, dtype="object"))
    gone = _empty_groups(tables, out)
    scopes = tables["rules"]["scope"].str.split(":").str[0].astype("object")
    group_rules = ~tables["rules"]["rule"].isin(["fleet_limit", "variant_limit"])
    tables["rules"] = tables["rules"][~(scopes.isin(gone) & group_rules)]
    tables["incompatible"] = tables["incompatible"][~tables["incompatible"]["scope"].isin(gone)]
    if USA in out:
        targets = tables["targets"]
        baseline = (targets["baseline"] - targets["baseline_us"]).clip(lower=0.0)
        collective = targets["nation"] == "ALL"
        tables["targets"] = targets.assign(
            baseline=targets["baseline"].where(~collective, baseline),
            baseline_us=targets["baseline_us"].where(~collective, 0.0),
        )
    return tables


def sponsors_left(sponsor: str, out: frozenset[str]) -> str:
    """The sponsors without these nations; '' where none is left, so that the line can't start."""
    return ";".join(name for name in split_names(sponsor) if name not in out)


def _empty_groups(tables: Tables, out: frozenset[str]) -> set[str]:
    """The nations that are out, and the regions that have no nation left but them: rules of theirs go with them."""
    return set(out) | (set(tables["rules"]["scope"].str.split(":").str[0]) & _regions_lost(tables, out))


def _regions_lost(tables: Tables, out: frozenset[str]) -> set[str]:
    known = set(tables["nations"]["region"]) | set(tables["nations"]["nation"]) | set(tables["areas"]["area"])
    scopes = set(tables["rules"]["scope"].str.split(":").str[0]) | set(tables["incompatible"]["scope"])
    return scopes - known - {"ALL", "EU"}


def _gdp_grown(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """growth_shift: gdp * (1 + shift) ** (t - first_year)."""
    if "growth_shift" not in pulled:
        return tables
    economy = tables["economy"]
    factor = (1.0 + _number(pulled, "growth_shift")) ** (economy["year"] - settings.first_year).astype("float64")
    return {**tables, "economy": economy.assign(gdp=economy["gdp"] * factor)}


def _paths(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """core_share_2035 and resilience_share_2035: from each nation's first-year share to the lever by the last year.

    A nation that starts above the lever keeps its data.
    """
    path = tables["budget_path"]
    s = _shape(_progress(path["year"], settings), str(_value(pulled, "path_shape")))
    for pillar, lever in PATHS.items():
        if lever not in pulled:
            continue
        goal = _number(pulled, lever)
        first = path[(path["year"] == settings.first_year) & (path["pillar"] == pillar)]
        start = path["nation"].map(first.set_index("nation")["gdp_share"]).astype("float64")
        moved = (path["pillar"] == pillar) & (start <= goal)
        path = path.assign(gdp_share=path["gdp_share"].where(~moved, start + (goal - start) * s))
    return {**tables, "budget_path": path}


def _progress(years: "pd.Series[int]", settings: Settings) -> "pd.Series[float]":
    """0 in the first year, 1 in the last (1 where there is one year only)."""
    span = settings.last_year - settings.first_year
    if span == 0:
        return pd.Series(1.0, index=years.index)
    return (years - settings.first_year).astype("float64") / span


def _shape(x: "pd.Series[float]", shape: str) -> "pd.Series[float]":
    if shape == "front":
        return 1.0 - (1.0 - x) ** 2
    return x**2 if shape == "back" else x


def _backfill(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """us_backfill: w = lever * x * USA's baseline of area and year.

    USA's target and baseline fall by w, the others' targets rise by w in proportion to GDP; an ALL row's target
    rises by lever * x * baseline_us.
    """
    if "us_backfill" not in pulled:
        return tables
    targets = _in_years(tables["targets"], settings).reset_index(drop=True)
    part = _number(pulled, "us_backfill") * _progress(targets["year"], settings)
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


def _prices(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    programmes = tables["programmes"]
    growth = programmes["cost_growth"] + _number(pulled, "price_growth_shift")
    return {**tables, "programmes": programmes.assign(cost_growth=growth)}


def _weights(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    areas = tables["areas"]
    factors = [_number(pulled, name) if (name := f"area_weight.{a}") in pulled else 1.0 for a in areas["area"]]
    return {**tables, "areas": areas.assign(weight=areas["weight"] * np.array(factors, dtype="float64"))}


def _rule_values(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """The rule levers replace a rule's value wherever it is set; where it is not, a hard one for ALL comes in."""
    rules = tables["rules"]
    for lever in RULE_LEVERS:
        if lever not in pulled:
            continue
        value = _number(pulled, lever)
        mine = rules["rule"] == lever
        rules = rules.assign(value=rules["value"].where(~mine, value))
        if not mine.any():
            row = {"rule": lever, "scope": "ALL", "value": value, "hardness": "hard", "penalty": 0.0}
            new = pd.DataFrame([row | {"from_year": settings.first_year}], columns=rules.columns)
            rules = pd.concat([rules, new.astype(rules.dtypes.to_dict())], ignore_index=True)
    limits = rules["value"]
    stricter = np.maximum(np.minimum(1.0, limits), limits - _number(pulled, "fleet_strictness"))
    rules = rules.assign(value=limits.where(rules["rule"] != "fleet_limit", stricter))
    return {**tables, "rules": rules}


def _capacities(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    tables = dict(tables)
    for name in ("line_capacity", "component_capacity"):
        tables[name] = tables[name].assign(capacity=tables[name]["capacity"] * _number(pulled, "capacity_factor"))
    return tables


_STEPS: tuple[Callable[[Tables, Pulled, Settings], Tables], ...] = (
    _nations_out,
    _gdp_grown,
    _paths,
    _backfill,
    _prices,
    _weights,
    _rule_values,
    _capacities,
)


def _in_years(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    return frame[frame["year"].between(settings.first_year, settings.last_year)]


def _within_horizon(tables: Tables, settings: Settings) -> Tables:
    ends = dict.fromkeys(YEARLY, settings.last_year) | dict.fromkeys(BOUND, settings.last_year + settings.beyond.years)
    return {
        name: frame[frame["year"].between(settings.first_year, ends[name])] if name in ends else frame
        for name, frame in tables.items()
    }


def _check_ranges(tables: Tables) -> None:
    wrong = range_errors(tables)
    if wrong:
        raise LeverError(f"these levers make bad data: {replace(wrong[0], row=None)}")
