"""Every KPI of the contract, recomputed from the plan's decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from audit.capability import Gap
from audit.facts import ALL, PILLARS, Facts
from audit.joint import Joint, fees
from audit.ledger import LEAST, TOLERANCE, Ledger
from audit.policy_rows import State, line_effects, shares
from audit.reading import LARGEST, Row

PLEDGE_RESILIENCE = 0.015
"""Of resilience at most this share of GDP counts for the pledge."""
REACHED = 0.8
"""An area has arrived in the first year from which on its closure stays at least this."""
USA = "USA"

Path = tuple[str, ...]
Values = dict[Path, float | None]
"""Values of a KPI by path: () for a number, (id,) or (id, name) in an object; None = nothing in the denominator."""
DIFFERENCES = ("freedom_of_manoeuvre", "order_stability", "backfill")
"""KPIs that are 1 less a share: known to a millionth of 1, whatever is left."""


@dataclass(frozen=True)
class Plan:
    """What the KPIs are computed from, beside the state of the rules."""

    state: State
    joints: Mapping[str, Joint]
    innovation: list[Row]
    cost: float
    without_backfill: Mapping[tuple[str, str, int], float] | None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole != 0.0 else None


def _payment_shares(plan: Plan) -> dict[str, Values]:
    facts = plan.state.facts
    parts = shares(plan.state, list(facts.nations), facts.first)
    names = ("joint_share", "eu_content", "sme_share", "innovation_share")
    return {name: {(): _share(*parts[name])} for name in names}


def _groups(facts: Facts) -> dict[str, list[str]]:
    return {ALL: list(facts.nations)} | {nation: [nation] for nation in facts.nations}


def _last_year(plan: Plan) -> dict[str, Values]:
    """Shares of GDP in the last year, of the alliance and by nation."""
    facts = plan.state.facts
    values: dict[str, Values] = {"core_share": {}, "resilience_share": {}, "pledge_credit": {}, "planned_share": {}}
    for name, nations in _groups(facts).items():
        gdp = sum(facts.gdp.get((nation, facts.last), 0.0) for nation in nations)
        parts = [_share(sum(plan.state.outlay(n, facts.last, pillar) for n in nations), gdp) for pillar in PILLARS]
        core, resilience = parts
        values["core_share"][name,] = core
        values["resilience_share"][name,] = resilience
        both = None if core is None or resilience is None else core + min(resilience, PLEDGE_RESILIENCE)
        values["pledge_credit"][name,] = both
        for pillar in PILLARS:
            planned = [facts.money.get((nation, facts.last, pillar)) for nation in nations]
            values["planned_share"][pillar, name] = _share(sum(money.planned for money in planned if money), gdp)
    return values


def _joint_saving(plan: Plan) -> Values:
    saving = sum(order.saving for order in plan.state.bought.orders)
    paid = sum(sum(fees(plan.state.facts, joint).values()) for joint in plan.joints.values())
    return {(): saving - paid}


def _freedom(plan: Plan) -> Values:
    facts = plan.state.facts
    bound: dict[int, float] = defaultdict(float, plan.state.bought.earlier_payments)
    for (_, year, _, kind, *_), amount in plan.state.spending.items():
        if kind in ("fee", "obligation") and year in facts.years:
            bound[year] += amount
    values: Values = {}
    for year in facts.years:
        share = _share(bound[year], plan.state.available(facts.nations, [year]))
        values[str(year),] = None if share is None else 1.0 - share
    return values


def area_closures(facts: Facts, gaps: Mapping[tuple[str, str, int], Gap]) -> dict[tuple[str, int], float]:
    """Return 1 - summed shortfall / summed target by area and year; only where there is a target."""
    shortfall: dict[tuple[str, int], float] = defaultdict(float)
    for (_, area, year), gap in gaps.items():
        shortfall[area, year] += gap.shortfall
    return {key: 1.0 - shortfall[key] / total for key, total in facts.target_sum.items() if total > 0}


def _arrival(plan: Plan, reached: float) -> Values:
    """By area with a threat year: how long before it the area's closure has come to stay at what is reached."""
    facts = plan.state.facts
    closures = area_closures(facts, plan.state.gaps)
    values: Values = {}
    for area, row in facts.areas.items():
        if not row.threat_year:
            continue
        arrived = None
        for year in facts.years:
            closure = closures.get((area, year))
            if closure is not None and closure < reached:
                arrived = None
            elif closure is not None and arrived is None:
                arrived = year
        values[area,] = None if arrived is None else float(row.threat_year - arrived)
    return values


def _stability(plan: Plan) -> Values:
    """By line: 1 less the changes of output from year to year, against the larger output of each two years."""
    facts = plan.state.facts
    values: Values = {}
    for line in facts.lines:
        output = [plan.state.industry.used.get((line, year), 0.0) for year in facts.years]
        swings = sum(abs(later - former) for former, later in pairwise(output))
        whole = sum(max(former, later) for former, later in pairwise(output))
        values[line,] = 1.0 - swings / whole if whole > 0.0 else None
    return values


def _dependency(plan: Plan) -> Values:
    values: Values = {}
    for area in plan.state.facts.areas:
        by_line, whole = line_effects(plan.state, area, plan.state.facts.first)
        values[area,] = _share(max(by_line.values(), default=0.0), whole)
    return values


def _at_risk(plan: Plan) -> Values:
    """The share of the value of orders that hangs on innovation lines failing."""
    facts = plan.state.facts
    hangs = whole = 0.0
    for order in plan.state.bought.orders:
        whole += order.value
        line = facts.programmes[order.programme].requires_innovation
        if line and not 0 < facts.innovation[line].complete_year < facts.first:
            hangs += order.value * (1.0 - facts.innovation[line].success_probability)
    return {(): _share(hangs, whole)}


def _means(facts: Facts, by_area: Mapping[str, list[float]]) -> float | None:
    """Return the mean over the areas, by weight, of the mean over each area's years; None without any weight."""
    weights = sum(facts.areas[area].weight for area in by_area)
    total = sum(facts.areas[area].weight * sum(values) / len(values) for area, values in by_area.items())
    return _share(total, weights)


def _burden(plan: Plan) -> Values:
    """Input, contribution, what is added, and benefit: first the mean over an area's years, then over areas."""
    facts, state = plan.state.facts, plan.state
    values: Values = {}
    for nation in facts.nations:
        there: dict[str, list[float]] = defaultdict(list)
        added: dict[str, list[float]] = defaultdict(list)
        closed: dict[str, list[float]] = defaultdict(list)
        for (area, year), total in sorted(facts.target_sum.items()):
            if total <= 0:
                continue
            delivered = state.effects.delivered.get((nation, area, year), 0.0)
            there[area].append((_baseline(facts, nation, area, year) + delivered) / total)
            added[area].append(delivered / total)
            gap = state.gaps.get((nation, area, year))
            if gap is not None and gap.target > 0:
                closed[area].append(1.0 - gap.part)
        outlay = sum(state.outlay(nation, year, pillar) for year in facts.years for pillar in PILLARS)
        values[nation, "input"] = _share(outlay, sum(facts.gdp.get((nation, year), 0.0) for year in facts.years))
        values[nation, "contribution"] = _means(facts, there)
        values[nation, "added"] = _means(facts, added)
        values[nation, "benefit"] = _means(facts, closed)
    return values


def _baseline(facts: Facts, nation: str, area: str, year: int) -> float:
    """Return a nation's baseline; in a collective area USA has baseline_us, and the others none."""
    row = facts.targets.get((nation, area, year))
    collective = facts.targets.get((ALL, area, year))
    if collective is not None:
        return float(collective.baseline_us) if nation == USA else 0.0
    return float(row.baseline) if row is not None else 0.0


def _backfill(plan: Plan) -> Values:
    """The part of the last year's rise of the target that is met: what was wanted anyway is met first."""
    values: Values = {}
    for (nation, area, year), gap in plan.state.gaps.items():
        before = (plan.without_backfill or {}).get((nation, area, year), gap.target)
        rise = gap.target - before
        if year == plan.state.facts.last and rise > LEAST * gap.target:
            values[nation, area] = 1.0 - min(gap.shortfall, rise) / rise
    return values


def recompute(plan: Plan) -> dict[str, Values]:
    """Return every KPI of the contract, recomputed."""
    modes = [row.mode for row in plan.innovation]
    last = plan.state.facts.last
    tax = sum(a for key, a in plan.state.spending.items() if key[3] == "integration_tax" and key[1] <= last)
    kpis: dict[str, Values] = {
        "cost": {(): plan.cost},
        **_payment_shares(plan),
        **_last_year(plan),
        "at_risk": _at_risk(plan),
        "joint_saving": _joint_saving(plan),
        "freedom_of_manoeuvre": _freedom(plan),
        "arrival_margin": _arrival(plan, REACHED - TOLERANCE),
        "order_stability": _stability(plan),
        "pilots": {(): float(sum(mode != "fast" for mode in modes))},
        "scaled": {(): float(sum(row.scale_year > 0 for row in plan.innovation))},
        "fast": {(): float(sum(mode == "fast" for mode in modes))},
        "largest_line_dependency": _dependency(plan),
        "integration_tax": {(): tax},
        "burden": _burden(plan),
    }
    if plan.without_backfill is not None:
        kpis["backfill"] = _backfill(plan)
    return kpis


def flatten(value: Any, path: Path = ()) -> dict[Path, Any]:
    """Return the values of a KPI by path; a key `nation:area` is a path of two."""
    if not isinstance(value, Mapping):
        return {path: value}
    flat: dict[Path, Any] = {}
    for key, inner in value.items():
        flat |= flatten(inner, (*path, *str(key).split(":")))
    return flat


def check(plan: Plan, printed: Mapping[str, Any], ledger: Ledger) -> tuple[str, ...]:
    """Compare the KPIs of plan.json; returns the names of KPIs that the contract does not know."""
    expected = recompute(plan)
    at_the_edge = _arrival(plan, REACHED + TOLERANCE)
    for name, values in expected.items():
        rule = f"kpi.{name}"
        if name not in printed:
            if any(value is not None for value in values.values()):
                ledger.fail(rule, "plan.json", f"The KPI {name} is missing.")
            continue
        found = flatten(printed[name])
        if name == "arrival_margin":  # a closure of 0.8 but for its last digits may be told either way
            values = {
                path: at_the_edge[path] if found.get(path) == at_the_edge[path] else values[path] for path in values
            }
        for path, required in sorted(values.items()):
            _check_value(rule, name, path, required, found, _terms(plan, name, path), ledger)
        for path in sorted(found.keys() - values.keys()):
            ledger.fail(rule, ":".join((name, *path)), "The KPI has no such entry.")
    return tuple(f"kpi.{name}" for name in sorted(printed.keys() - expected.keys() - {"backfill"}))


def _terms(plan: Plan, name: str, path: Path) -> tuple[float, ...]:
    """Return the largest terms of a KPI that is a difference of them."""
    if name == "joint_saving":
        return (sum(abs(order.saving) for order in plan.state.bought.orders),)
    return (1.0,) if name in DIFFERENCES or path[-1:] == ("benefit",) else ()


def _check_value(
    rule: str,
    name: str,
    path: Path,
    required: float | None,
    found: Mapping[Path, Any],
    terms: tuple[float, ...],
    ledger: Ledger,
) -> None:
    where = ":".join((name, *path))
    value = found.get(path)
    real = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
    if required is None:
        ledger.holds(rule, where, value is None, f"{name} has no value here, but {value!r} is printed.")
    elif ledger.holds(rule, where, real, f"{name} is missing or no number; it should be {required:.10g}."):
        ledger.equal(rule, where, name, required, float(value or 0.0), terms=terms)
