"""Who plans again because of a setting: the scope of its step.

A setting names a nation, or an item whose customers, members, hosts and payers it touches. Named by an item are those
who touch it in the base plan; where nobody does (it is forced in), all who could. A setting that names nobody (growth,
weights, a rule for all) is everybody's: then the scope is everything, and the step is what the interval over all plans
is.
"""

from __future__ import annotations

from collections.abc import Iterable

from data.checks_rules import groups_of
from data.dataset import split_names
from data.lever_table import LEVERS, PATHS, SCOPED_LEVERS, Pulled, find
from data.levers import Case
from data.rows import each
from optimizer.plans.plan import Plan
from optimizer.scope import Scope

EVERYTHING = Scope(everything=True)
NOBODY = Scope()
PARTS = ("nations", "frames", "projects")
OF_A_NATION = (*(f"{path}.*" for path in PATHS.values()), "core_year.*")
OF_AN_ITEM = ("force.*", "forbid.*", "delay.*")


def scope_of(plan: Plan, base: Case, setting: Case) -> Scope:
    """The scope of what differs between two cases of one data set.

    Args:
        plan: of the base case.
        base: the case that the setting is compared with.
        setting: the case with other levers.
    """
    if base.name != setting.name or base.base.sha256 != setting.base.sha256:
        return EVERYTHING
    names = [name for name in sorted({*base.levers, *setting.levers})
             if base.levers.get(name) != setting.levers.get(name)]  # fmt: skip
    found = _together(_of_lever(name, plan, base, setting.levers) for name in names)
    if found.everything or found.nations >= set(base.dataset.tables["nations"]["nation"]):
        return EVERYTHING
    return _with_their_own(found, base)


def _together(scopes: Iterable[Scope]) -> Scope:
    every = list(scopes)
    if any(one.everything for one in every):
        return EVERYTHING
    nations, frames, projects = (_union(getattr(one, name) for one in every) for name in PARTS)
    return Scope(nations, frames, projects)


def _union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset(name for part in parts for name in part)


def _of_lever(name: str, plan: Plan, case: Case, pulled: Pulled) -> Scope:
    """Whom one lever touches."""
    lever, suffix = find(name)
    if lever.name in OF_A_NATION:
        return Scope(frozenset({suffix}))
    if lever.name in OF_AN_ITEM:
        return _of_item(suffix, plan, case)
    if lever.name == LEVERS["nation_out.*"].name:
        return _of_leaver(suffix, plan)
    if lever.dotted and lever.stem in SCOPED_LEVERS:
        return _of_rule(lever.stem, suffix, plan, case)
    if lever.name == "loans":
        return Scope(frozenset(plan.tables["loans"]["nation"]))
    if lever.name == "expansions":
        started = [_of_item(name, plan, case) for name in plan.tables["expansions"]["expansion"]]
        return _together(started) if started else NOBODY
    return EVERYTHING


def _of_rule(rule: str, suffix: str, plan: Plan, case: Case) -> Scope:
    """The nations of a rule's group, with the innovation that it asks of them; of a line, who buys what it makes."""
    tables = case.dataset.tables
    groups = groups_of(tables["nations"])
    if rule == "output_drop_max":
        made = {row.programme for row in each(tables["line_programmes"]) if row.line == suffix}
        return Scope(_buyers(made, plan))
    nations = groups.get(suffix.partition(":")[0], groups["ALL"])
    if rule != "innovation_share_min":
        return Scope(nations)
    return Scope(nations, frozenset(), frozenset(
        row.innovation for row in each(tables["innovation"])
        if row.sponsor == "ALL" or nations & set(split_names(row.sponsor))
    ))  # fmt: skip


def _of_leaver(nation: str, plan: Plan) -> Scope:
    """A nation that leaves, who bought with it, and what it paid for with others."""
    tables = plan.tables
    frames = {row.frame for row in each(tables["members"]) if row.nation == nation}
    beside = {row.nation for row in each(tables["members"]) if row.frame in frames}
    items = {row.item for row in each(tables["contributions"]) if row.nation == nation and row.amount > 0}
    payers = {row.nation for row in each(tables["contributions"]) if row.item in items and row.amount > 0}
    return Scope(frozenset({nation, *beside, *payers}), frozenset(frames), frozenset(items))


def _of_item(item: str, plan: Plan, case: Case) -> Scope:
    """Whom a programme, joint buy, expansion or innovation line touches."""
    tables = case.dataset.tables
    if item in set(tables["programmes"]["programme"]):
        return _of_programme(item, plan, case)
    frames = {row.frame: row for row in each(tables["frames"])}
    if item in frames:
        touched = {row.nation for row in each(plan.tables["members"]) if row.frame == item}
        wide = {row.nation for row in each(tables["frame_members"]) if row.frame == item and row.status != "excluded"}
        around = _of_programme(frames[item].programme, plan, case)
        return Scope(frozenset(touched or wide), around.frames | {item}, around.projects)
    expansions = {row.expansion: row for row in each(tables["expansions"])}
    if item in expansions:
        return _of_expansion(item, expansions[item].line_or_component, expansions[item].host, plan, case)
    sponsors = next(row.sponsor for row in each(tables["innovation"]) if row.innovation == item)
    who = set(tables["nations"]["nation"]) if sponsors == "ALL" else set(split_names(sponsors))
    return Scope(frozenset(_payers(item, plan) or who), frozenset(), frozenset({item}))


def _of_programme(programme: str, plan: Plan, case: Case) -> Scope:
    """Its buyers, its joint buys, expansions of its lines and components, and the innovation line that it waits for."""
    tables = case.dataset.tables
    made_at = {row.line for row in each(tables["line_programmes"]) if row.programme == programme}
    made_at |= {row.component for row in each(tables["bill_of_materials"]) if row.programme == programme}
    projects = {row.expansion for row in each(tables["expansions"]) if row.line_or_component in made_at}
    projects |= {row.requires_innovation for row in each(tables["programmes"]) if row.programme == programme} - {""}
    frames = {row.frame for row in each(tables["frames"]) if row.programme == programme}
    customers = {row.nation for row in each(tables["customers"]) if row.programme == programme}
    return Scope(_buyers({programme}, plan) or frozenset(customers), frozenset(frames), frozenset(projects))


def _of_expansion(item: str, place: str, host: str, plan: Plan, case: Case) -> Scope:
    """Its host, the line's nation, who pays it, and who buys what is made there."""
    tables = case.dataset.tables
    made = {row.programme for row in each(tables["line_programmes"]) if row.line == place}
    made |= {row.programme for row in each(tables["bill_of_materials"]) if row.component == place}
    hosts = {host, *(row.nation for row in each(tables["lines"]) if row.line == place)}
    nations = hosts & set(tables["nations"]["nation"]) | _payers(item, plan) | _buyers(made, plan)
    return Scope(frozenset(nations), frozenset(), frozenset({item}))


def _buyers(programmes: set[str], plan: Plan) -> frozenset[str]:
    return frozenset(row.nation for row in each(plan.tables["orders"]) if row.programme in programmes and row.units > 0)


def _payers(item: str, plan: Plan) -> set[str]:
    return {row.nation for row in each(plan.tables["contributions"]) if row.item == item and row.amount > 0}


def _with_their_own(scope: Scope, case: Case) -> Scope:
    """The scope with what its nations decide alone: expansions that they host, lines that they alone sponsor."""
    tables = case.dataset.tables
    own = {row.expansion for row in each(tables["expansions"]) if row.host in scope.nations}
    own |= {row.innovation for row in each(tables["innovation"])
            if row.sponsor not in ("", "ALL") and set(split_names(row.sponsor)) <= scope.nations}  # fmt: skip
    return Scope(scope.nations, scope.frames, scope.projects | own)
