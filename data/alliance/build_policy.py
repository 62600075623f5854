"""Policy: the rules with their penalties."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.alliance.facts import FIRST, LAST, Facts, records

TENTH = 10.0
"""A tenth of what a soft rule asks for, missed in all its rows, costs about one gap-index point."""
SPENT_PART = 0.6
"""Part of available money that a plan pays for equipment and munitions, for the scale of penalties."""
TYPES_A_NATION = 2
"""Types of one class that a nation may operate, unless it has more already."""
TYPE_PENALTY = 0.5
"""Points for each type too many."""
SHELLS = "m155_"
"""How the programmes of 155 mm shells begin."""


def _rule(rule: str, scope: str, value: float, penalty: float, from_year: int = FIRST) -> dict[str, object]:
    return {
        "rule": rule,
        "scope": scope,
        "value": value,
        "hardness": "soft",
        "penalty": float(f"{penalty:.2g}"),
        "from_year": from_year,
    }


def _hard(rule: str, scope: str, value: float) -> dict[str, object]:
    return {**_rule(rule, scope, value, 0), "hardness": "hard"}


def _stated(facts: Facts, rule: str) -> dict[str, float]:
    """The values that settings.csv has for a rule, by scope."""
    pairs = (key.split(":") for key in facts.keys_of("rule"))
    return {scope: facts.factor("rule", f"{name}:{scope}") for name, scope in pairs if name == rule}


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


def _money_rules(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
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
        *[_hard("order_value_max", scope, value) for scope, value in _stated(facts, "order_value_max").items()],
        _hard("risk_max", "ALL", 0.4),
    ]


def _shell_lines(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Lines that make 155 mm shells."""
    made = tables["line_programmes"]
    return sorted(set(made.loc[made["programme"].str.startswith(SHELLS), "line"]))


def _industry_rules(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """A reserve of output for shells, and no line of shells that is filled one year and empty the next.

    settings.csv states the drop for one line and says that it holds for the others too.
    """
    drop = next(iter(_stated(facts, "output_drop_max").values()))
    penalty = facts.factor("rule_penalty", "output_drop_max")
    rows = [_rule("output_drop_max", line, drop, penalty) for line in _shell_lines(tables)]
    for area, value in _stated(facts, "surge_min").items():
        rows.append(_rule("surge_min", area, value, facts.factor("rule_penalty", f"surge_min:{area}")))
    return rows


def _type_rules(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """At most two types of a class in a nation, and few new types of the dear classes in the alliance."""
    classes = sorted({name for name in tables["programmes"]["fleet_class"] if name})
    limits = _stated(facts, "variant_limit")
    rows = [_hard("fleet_limit", name, TYPES_A_NATION) for name in classes]
    return rows + [_rule("variant_limit", name, value, TYPE_PENALTY) for name, value in limits.items()]


def rules(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The first set of rules; penalties come from the data's own scale, rounded to two digits."""
    rows = _type_rules(facts, tables)
    rows += _effect_rules(facts, tables)
    rows += _money_rules(facts, tables)
    rows += _industry_rules(facts, tables)
    return pd.DataFrame(rows)
