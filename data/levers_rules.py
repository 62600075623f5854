"""Levers that set the value of a rule: for everybody, or for one scope."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from data.checks_rules import plain_scope
from data.lever_table import RULE_LEVERS as FOR_ALL
from data.lever_table import SCOPED_LEVERS, Pulled, find, lever_number
from data.settings import Settings

Tables = dict[str, pd.DataFrame]
Row = dict[str, Any]


def rule_values(tables: Tables, pulled: Pulled, settings: Settings) -> Tables:
    """The rules with the values that levers give them, and with the rows that levers add; then fleet_strictness."""
    rules = data_rules = tables["rules"]
    for rule, scope, value in _wanted(pulled):
        mine = (rules["rule"] == rule) & (rules["scope"] == scope)
        if mine.any():
            rules = rules.assign(value=rules["value"].where(~mine, value))
        else:
            row = {"rule": rule, "scope": scope, "value": value, **_like(data_rules, rule, settings)}
            new = pd.DataFrame([row], columns=rules.columns).astype(rules.dtypes.to_dict())
            rules = pd.concat([rules, new], ignore_index=True)
    return {**tables, "rules": _stricter(rules, lever_number(pulled, "fleet_strictness"))}


def _wanted(pulled: Pulled) -> Iterator[tuple[str, str, float]]:
    """(rule, scope, value): of one rule first the value for ALL, so that one given for a scope stands over it."""
    for name in sorted(pulled):
        lever, scope = find(name)
        rule = lever.stem
        if rule in (SCOPED_LEVERS if lever.dotted else FOR_ALL):
            yield rule, plain_scope(rule, scope or "ALL"), lever_number(pulled, name)


def _like(rules: pd.DataFrame, rule: str, settings: Settings) -> Row:
    """Hardness, penalty and from_year of a new row: as the rule's first row in the data has them."""
    if rule == "closure_min":
        return {"hardness": "soft", "penalty": 10.0, "from_year": settings.last_year}
    mine = rules[rules["rule"] == rule].sort_values(["scope", "from_year", "hardness"], kind="stable")
    if rule in ("area_share_min", "area_share_max") or mine.empty:
        soft = rule == "output_drop_max"
        return {"hardness": "soft" if soft else "hard", "penalty": float(soft), "from_year": settings.first_year}
    first = mine.iloc[0]
    return {name: first[name] for name in ("hardness", "penalty", "from_year")}


def _stricter(rules: pd.DataFrame, less: float) -> pd.DataFrame:
    """fleet_strictness: taken off every fleet_limit, never below min(1, value)."""
    limits = rules["value"]
    stricter = np.maximum(np.minimum(1.0, limits), limits - less)
    return rules.assign(value=limits.where(rules["rule"] != "fleet_limit", stricter))
