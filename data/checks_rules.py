"""Errors in the table of rules: a scope that is none for that rule, a value outside the rule's range."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.findings import Finding, error, suggestion
from data.rows import labelled, nested

AREA, CLASS, GROUP, ALLIANCE, LINE = "area", "fleet class", "group", "ALL", "line or ALL"
AREA_SCOPE = "area, nation:area or group:area"
SCOPES: Mapping[str, str] = {
    "fleet_limit": CLASS,
    "variant_limit": CLASS,
    "common_standard_min": AREA,
    "single_nation_max": AREA,
    "single_line_max": AREA,
    "output_drop_max": LINE,
    "surge_min": AREA,
    "closure_min": AREA_SCOPE,
    "equipment_share_min": GROUP,
    "spend_floor": GROUP,
    "order_value_max": GROUP,
    "spend_growth_max": GROUP,
    "joint_share_min": GROUP,
    "eu_content_min": GROUP,
    "innovation_share_min": GROUP,
    "area_share_min": AREA_SCOPE,
    "area_share_max": AREA_SCOPE,
    "sme_share_min": GROUP,
    "risk_max": ALLIANCE,
    "change_max": ALLIANCE,
}
# Every other rule's value is a share from 0 to 1.
RANGES: Mapping[str, tuple[float, float]] = {
    "fleet_limit": (0, math.inf),
    "variant_limit": (0, math.inf),
    "surge_min": (0, math.inf),
    "order_value_max": (0, math.inf),
    "spend_growth_max": (-1, math.inf),
    "change_max": (0, math.inf),
}


def groups_of(nations: pd.DataFrame) -> Mapping[str, frozenset[str]]:
    """The nations of every group: ALL, EU, each region, each nation."""
    groups = {"ALL": frozenset(nations["nation"]), "EU": frozenset(nations.loc[nations["eu"] == 1, "nation"])}
    regions = nested(nations, "region", "nation", "nation")
    groups |= {str(region): frozenset(regions[region]) for region in sorted(regions) if region}
    return groups | {nation: frozenset([nation]) for nation in nations["nation"].tolist()}


def plain_scope(rule: str, scope: str) -> str:
    """The scope as it is kept: ALL:area is the area."""
    return scope.removeprefix("ALL:") if SCOPES.get(rule) == AREA_SCOPE else scope


@dataclass(frozen=True)
class Scopes:
    """What a scope may be in these tables."""

    tables: Mapping[str, pd.DataFrame]

    @functools.cached_property
    def _known(self) -> Mapping[str, frozenset[str]]:
        return {
            AREA: frozenset(self.tables["areas"]["area"]),
            CLASS: frozenset(self.tables["programmes"]["fleet_class"]) - {""},
            GROUP: frozenset(groups_of(self.tables["nations"])),
            ALLIANCE: frozenset(["ALL"]),
            LINE: frozenset(self.tables["lines"]["line"]) | {"ALL"},
        }

    def known(self, rule: str) -> frozenset[str]:
        """The ids that a rule's scope may be; of nation:area and group:area the areas alone."""
        kind = SCOPES[rule]
        return self._known[AREA if kind == AREA_SCOPE else kind]

    def complaint(self, rule: str, scope: str) -> tuple[str, str] | None:
        """What is wrong with a rule's scope and what would be right; None where it is one."""
        kind = SCOPES[rule]
        if kind == AREA_SCOPE:
            return self._area_scope(rule, scope)
        if scope in self._known[kind]:
            return None
        return f"{rule} is about {_a(kind)}, and there is none of that name", suggestion(scope, self._known[kind])

    def _area_scope(self, rule: str, scope: str) -> tuple[str, str] | None:
        group, colon, area = scope.rpartition(":")
        if area not in self._known[AREA]:
            what = f"{rule} is about an area, nation:area or group:area, and there is no area {area}"
            return what, suggestion(area, self._known[AREA])
        if colon and group not in self._known[GROUP]:
            return f"there is no nation or group {group}", suggestion(group, self._known[GROUP])
        return None


# The tables that say what a scope may be.
SCOPE_TABLES = frozenset({"nations", "areas", "programmes", "lines"})


def check_rules(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Every rule whose scope or value has no meaning."""
    scopes = Scopes(tables)
    found: list[Finding] = []
    for row, rule, scope, value in labelled(tables["rules"], ["rule", "scope", "value"]):
        if rule not in SCOPES:
            continue
        complaint = scopes.complaint(rule, scope)
        if complaint:
            found.append(error("rules", *complaint, int(row), "scope", scope))
        low, high = RANGES.get(rule, (0.0, 1.0))
        if not low <= value <= high:
            remedy = f"between {low:g} and {high:g}" if high == 1 else f"{low:g} or more"
            found.append(error("rules", f"no value for {rule}", remedy, int(row), "value", f"{value:g}"))
    return found


def _a(kind: str) -> str:
    return kind if kind == ALLIANCE else f"an {kind}" if kind == AREA else f"a {kind}"
