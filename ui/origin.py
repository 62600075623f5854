"""What is in force of a lever and where it comes from: the data, the scenario, or set here."""

from __future__ import annotations

from typing import Any

from data.checks_rules import plain_scope
from data.dataset import Dataset
from data.lever_table import PATHS, RULE_LEVERS, SCOPED_LEVERS
from data.levers import Case
from data.levers_money import PLEDGE
from data.rows import each
from ui import controls
from ui.setting import Setting

HERE, SCENARIO, DATA = "set here", "from the scenario", "from the data"
RULES = frozenset({*RULE_LEVERS, *SCOPED_LEVERS})
PILLARS = {lever: pillar for pillar, lever in PATHS.items()}
MOST_ROWS = 3  # rows of a rule that are told; the others are counted


def of_lever(setting: Setting, dataset: Dataset, lever: str) -> str:
    """Where the value of a lever comes from."""
    if lever in setting.pulled:
        return HERE
    named = {} if setting.scenario is None else dataset.scenarios[setting.scenario].levers
    return SCENARIO if lever in named else DATA


def in_force(setting: Setting, case: Case, lever: str) -> str:
    """What is in force where this lever acts, with its origin, such as `40 %, EU, soft from 2028, from the data`.

    '' of a lever of which its own value says all. A lever of everybody tells every row of its rule, since rows of
    groups and nations stay beside it.
    """
    stem, _, item = lever.partition(".")
    if stem in RULES:
        return _of_rule(setting, case, lever)
    if stem in PILLARS:
        return _of_path(setting, case, lever, PILLARS[stem], item)
    return _of_pledge(setting, case, item) if stem == "core_year" else ""


def _of_rule(setting: Setting, case: Case, lever: str) -> str:
    """The rows of a rule: of a lever with a scope its own, else all of them."""
    rule, _, scope = lever.partition(".")
    rows = case.dataset.tables["rules"]
    rows = rows[rows["rule"] == rule]
    if scope:
        rows = rows[rows["scope"] == plain_scope(rule, scope)]
    if rows.empty:
        return f"no row of this rule{' for this' if scope else ''}, {DATA}"
    told = [_row(setting, case, row) for row in each(rows.head(MOST_ROWS))]
    more = len(rows) - MOST_ROWS
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _row(setting: Setting, case: Case, row: Any) -> str:
    """One row: value, scope, hardness where it is soft, first year where it is late, origin."""
    first = case.dataset.settings.first_year
    since = f" from {row.from_year}" if row.from_year > first else ""
    hardness = "soft" if row.hardness == "soft" else "hard"
    value = f"{round(100 * row.value, 4):g} %"
    return f"{value}, {scope_text(case.dataset, row.scope)}, {hardness}{since}, {_origin(setting, case, row)}"


def _origin(setting: Setting, case: Case, row: Any) -> str:
    lever = row.rule if row.scope == "ALL" else f"{row.rule}.{row.scope}"
    for name in (lever, f"{row.rule}.{row.scope}", f"{row.rule}.ALL:{row.scope}"):
        if name in case.levers:
            return of_lever(setting, case.base, name)
    rules = case.base.tables["rules"]
    same = (rules["rule"] == row.rule) & (rules["scope"] == row.scope) & (rules["value"] == row.value)
    return DATA if same.any() else SCENARIO


def scope_text(dataset: Dataset, scope: str) -> str:
    """A rule's scope as a planner says it."""
    group, colon, area = scope.rpartition(":")
    known = controls.names(dataset) | {"ALL": "all nations"}
    return f"{known.get(area, area)} of {known.get(group, group)}" if colon else known.get(scope, scope)


def _of_path(setting: Setting, case: Case, lever: str, pillar: str, nation: str) -> str:
    """The share of GDP planned in the last year: of one nation, or from the least to the most of all."""
    path = case.dataset.tables["budget_path"]
    last = case.dataset.settings.last_year
    rows = path[(path["pillar"] == pillar) & (path["year"] == last)]
    rows = rows[rows["nation"] == nation] if nation else rows
    if rows.empty:
        return ""
    low, high = (f"{round(100 * share, 2):g}" for share in (rows["gdp_share"].min(), rows["gdp_share"].max()))
    value = f"{low} %" if low == high else f"{low} to {high} %"
    who = controls.names(case.dataset).get(nation, nation) if nation else "nations' own"
    levers = [lever, lever.partition(".")[0], "core_year", f"core_year.{nation}"]
    moved = [one for one in levers if one in case.levers]
    return f"{value} in {last}, {who}, {of_lever(setting, case.base, moved[0]) if moved else DATA}"


def _of_pledge(setting: Setting, case: Case, nation: str) -> str:
    """From which year on the core share stays at 3.5 %: of one nation; of all how many are there in the last year."""
    path = case.dataset.tables["budget_path"]
    core = path[path["pillar"] == "core"].assign(there=path["gdp_share"] >= PLEDGE - 1e-9)
    moved = [one for one in (f"core_year.{nation}", "core_year") if one in case.levers]
    origin = of_lever(setting, case.base, moved[0]) if moved else DATA
    last = case.dataset.settings.last_year
    if not nation:
        at_end = core[core["year"] == last]
        return f"{int(at_end['there'].sum())} of {len(at_end)} nations are there in {last}, {origin}"
    mine = core[core["nation"] == nation].sort_values("year", ascending=False)
    since = None
    for row in each(mine):
        if not row.there:
            break
        since = row.year
    who = controls.names(case.dataset).get(nation, nation)
    return f"{since if since is not None else f'not by {last}'}, {who}, {origin}"


def place_of_data(case: Case, lever: str) -> float | None:
    """Among a slider's stops, the value beside which "as in the data" stands: one step away is a small step.

    The value that the data's row for ALL has; without one the loosest end of the rule (None: before the first stop,
    infinity: behind the last); a year of the pledge has no effect at its late end.
    """
    if lever == "core_year":
        return float("inf")
    if lever not in RULE_LEVERS:
        return None
    rows = case.base.tables["rules"]
    mine = rows[(rows["rule"] == lever) & (rows["scope"] == "ALL")]
    if len(mine):
        return float(mine["value"].iloc[0])
    return float("inf") if lever.endswith("_max") else None
