"""Policy: rules with their penalties, the settings of the data set and the named scenarios."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.alliance.facts import BASE_YEAR, FIRST, LAST, Facts, lookup, records

TENTH = 10.0
"""A tenth of what a soft rule asks for, missed in all its rows, costs about one gap-index point."""
SPENT_PART = 0.6
"""Part of available money that a plan pays for equipment and munitions, for the scale of penalties."""
VARIANTS = {"mbt": 2, "ifv": 3, "howitzer": 4, "fighter": 4}
"""Types newly ordered by anybody; below the number on offer (3, 4, 5 and 5), or the rule could never bind."""
TYPE_PENALTY = 0.5
"""Points for each type too many."""


def _rule(rule: str, scope: str, value: float, penalty: float, from_year: int = FIRST) -> dict[str, object]:
    return {
        "rule": rule,
        "scope": scope,
        "value": value,
        "hardness": "soft",
        "penalty": float(f"{penalty:.2g}"),
        "from_year": from_year,
    }


def _effect_rules(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """Rules on area units: violations are over the area's summed target of a year."""
    targets = tables["targets"]
    last = targets[targets["year"] == LAST].groupby("area", as_index=False)[["target", "baseline"]].sum()
    held_today = {row.area: row.baseline / row.target for row in records(last)}
    rows = []
    for row in records(facts["target_method"]):
        added = 0.6 * max(0.0, 1 - held_today[row.area_id])
        share = float(row.common_standard_min_share)
        years = LAST - 2031 + 1
        rows.append(_rule("common_standard_min", row.area_id, share, TENTH / (share * added * years), 2031))
        held = added + held_today[row.area_id]
        rows.append(_rule("single_nation_max", row.area_id, 0.5, TENTH / (0.5 * held)))
        if row.area_id in ("iamd", "ammo"):
            rows.append(_rule("single_line_max", row.area_id, 0.5, TENTH / (0.5 * added)))
    for scope, value, start in (("ALL:vshorad_cuas", 0.5, 2030), ("EUROPE:iamd", 0.4, 2031)):
        rows.append(_rule("closure_min", scope, value, TENTH / (value * (LAST - start + 1)), start))
    return rows


def _surge_penalty(tables: Mapping[str, pd.DataFrame]) -> float:
    """Violations are in capacity units: a tenth of the capacity asked for, in every year, costs one point."""
    area = lookup(tables["programmes"], "programme", "area")
    lines = {row.line for row in records(tables["line_programmes"]) if area[row.programme] == "ammo"}
    capacity = [row.capacity for row in records(tables["line_capacity"]) if row.line in lines and row.year == LAST]
    return TENTH / (float(sum(capacity)) * (LAST - FIRST + 1))


def _money_rules(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """Rules on money: violations are over the group's available money from from_year on."""
    money = tables["budget_path"].merge(tables["economy"], on=["nation", "year"])
    money["planned"] = money["gdp"] * money["gdp_share"]
    money["available"] = money["planned"] * (1 - money["committed_share"])
    core = money[money["pillar"] == "core"]
    planned_ratio = float(core["planned"].sum() / money["available"].sum())
    return [
        _rule("joint_share_min", "EU", 0.4, TENTH / (0.4 * SPENT_PART), 2028),
        _rule("eu_content_min", "EU", 0.55, TENTH / (0.55 * SPENT_PART), 2028),
        _rule("innovation_share_min", "ALL", 0.02, TENTH / 0.02),
        _rule("sme_share_min", "ALL", 0.1, TENTH / (0.1 * SPENT_PART)),
        _rule("equipment_share_min", "ALL", 0.2, TENTH / (0.2 * planned_ratio)),
    ]


def rules(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The first set of rules; penalties come from the data's own scale, rounded to two digits."""
    classes = sorted({name for name in tables["programmes"]["fleet_class"] if name})
    rows = [{**_rule("fleet_limit", name, 2, 0), "hardness": "hard"} for name in classes]
    rows += [_rule("variant_limit", name, value, TYPE_PENALTY) for name, value in VARIANTS.items()]
    rows += _effect_rules(facts, tables)
    rows += _money_rules(tables)
    rows.append(_rule("surge_min", "ammo", 1.3, _surge_penalty(tables)))
    rows.append({**_rule("risk_max", "ALL", 0.4, 0), "hardness": "hard"})
    return pd.DataFrame(rows)


def settings() -> str:
    """dataset.yaml as text."""
    return f"""name: alliance
description: 32 allies on the way to five percent of GDP, {FIRST}-{LAST}, from public figures of 2026
marking: ILLUSTRATIVE - PUBLIC SOURCES ONLY
currency: USD
price_base_year: {BASE_YEAR}
first_year: {FIRST}
last_year: {LAST}
severity: [{{above: 0.0, slope: 1}}, {{above: 0.2, slope: 2}}, {{above: 0.5, slope: 4}}]
urgency: {{2027: 1}}  # a year left out counts 1: no year is more urgent than another; threat years double an area
levers: {{carry_over: 0.05, pillar_shift: 0.0}}
"""


def scenarios() -> str:
    """scenarios.yaml as text: five futures with probabilities, and policies to compare (probability 0)."""
    return """# Futures: probabilities sum to 1.
base: {probability: 0.5}
lean: {probability: 0.2, levers: {growth_shift: -0.005}}
line_lost:  # batteries and interceptors of air defence, whose lines are full, and shells, which others can make
  probability: 0.1
  overrides:
  - {table: line_capacity, where: {line: ln_diehl_fu}, column: capacity, multiply: 0.5}
  - {table: line_capacity, where: {line: ln_camden}, column: capacity, multiply: 0.5}
  - {table: line_capacity, where: {line: ln_155_rhm}, column: capacity, multiply: 0.5}
us_step_back: {probability: 0.15, levers: {us_backfill: 0.5}}
costly: {probability: 0.05, levers: {price_growth_shift: 0.015}}
# Policies to compare with base.
synchronised: {probability: 0, levers: {synchronised_cycles: true, joint_share_min: 0.5}}
industry_first:
  probability: 0
  levers: {pillar_shift: 0.1, capacity_factor: 0.85}
  overrides:
  - {table: expansions, where: {}, column: cost, multiply: 0.7}
  - {table: expansions, where: {}, column: guaranteed_load, multiply: 0.8}
fast_innovation:
  probability: 0
  levers: {innovation_share_min: 0.06, risk_max: 0.6}
  overrides:
  - {table: innovation, where: {}, column: fast_cost_factor, set: 1.1}
early_money: {probability: 0, levers: {core_share_2035: 0.035, path_shape: front}}
co_production:  # the home lines of armoured vehicles and interceptors are short, licences abroad are cheap
  probability: 0
  overrides:
  - {table: line_capacity, where: {line: ln_patria}, column: capacity, multiply: 0.5}
  - {table: line_capacity, where: {line: ln_camden}, column: capacity, multiply: 0.5}
  - {table: expansions, where: {kind: licence}, column: cost, multiply: 0.6}
  - {table: expansions, where: {kind: licence}, column: guaranteed_load, multiply: 0.7}
"""
