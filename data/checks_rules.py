"""Errors in the table of rules: a scope that is none for that rule, a value outside the rule's range."""

from collections.abc import Mapping

import pandas as pd

from data.findings import Finding, error, suggestion
from data.rows import labelled

AREA, CLASS, GROUP, CLOSURE, ALLIANCE = "area", "fleet class", "group", "area, nation:area or group:area", "ALL"
SCOPES: Mapping[str, str] = {
    "fleet_limit": CLASS,
    "variant_limit": CLASS,
    "common_standard_min": AREA,
    "single_nation_max": AREA,
    "single_line_max": AREA,
    "surge_min": AREA,
    "closure_min": CLOSURE,
    "equipment_share_min": GROUP,
    "spend_floor": GROUP,
    "spend_growth_max": GROUP,
    "joint_share_min": GROUP,
    "eu_content_min": GROUP,
    "innovation_share_min": GROUP,
    "sme_share_min": GROUP,
    "risk_max": ALLIANCE,
    "change_max": ALLIANCE,
}
# Every other rule's value is a share from 0 to 1.
RANGES: Mapping[str, tuple[float, float]] = {
    "fleet_limit": (0, float("inf")),
    "variant_limit": (0, float("inf")),
    "surge_min": (0, float("inf")),
    "spend_growth_max": (-1, float("inf")),
    "change_max": (0, float("inf")),
}


def groups_of(nations: pd.DataFrame) -> Mapping[str, frozenset[str]]:
    """The nations of every group: ALL, EU, each region, each nation."""
    groups = {"ALL": frozenset(nations["nation"]), "EU": frozenset(nations.loc[nations["eu"] == 1, "nation"])}
    for region, rows in nations.groupby("region"):
        if region:
            groups[str(region)] = frozenset(rows["nation"])
    for nation in nations["nation"]:
        groups[nation] = frozenset([nation])
    return groups


def check_rules(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Every rule whose scope or value has no meaning."""
    groups = set(groups_of(tables["nations"]))
    areas = set(tables["areas"]["area"])
    classes = set(tables["programmes"]["fleet_class"]) - {""}
    known = {AREA: areas, CLASS: classes, GROUP: groups, ALLIANCE: {"ALL"}}
    found: list[Finding] = []
    for row, rule, scope, value in labelled(tables["rules"], ["rule", "scope", "value"]):
        kind = SCOPES.get(rule)
        if kind is None:
            continue
        if kind == CLOSURE:
            found += _closure(int(row), scope, groups, areas)
        elif scope not in known[kind]:
            message = f"{rule} is about {_a(kind)}, and there is none of that name"
            found.append(error("rules", message, suggestion(scope, known[kind]), int(row), "scope", scope))
        low, high = RANGES.get(rule, (0.0, 1.0))
        if not low <= value <= high:
            remedy = f"between {low:g} and {high:g}" if high == 1 else f"{low:g} or more"
            found.append(error("rules", f"no value for {rule}", remedy, int(row), "value", f"{value:g}"))
    return found


def _a(kind: str) -> str:
    return kind if kind == ALLIANCE else f"an {kind}" if kind == AREA else f"a {kind}"


def _closure(row: int, scope: str, groups: set[str], areas: set[str]) -> list[Finding]:
    group, colon, area = scope.rpartition(":")
    found = []
    if area not in areas:
        what = f"closure_min is about an area, nation:area or group:area, and there is no area {area}"
        found.append(error("rules", what, suggestion(area, areas), row, "scope", scope))
    if colon and group not in groups:
        what = f"there is no nation or group {group}"
        found.append(error("rules", what, suggestion(group, groups), row, "scope", scope))
    return found
