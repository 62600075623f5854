"""Every KPI of the contract, recomputed from the plan's decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from optimizer.audit.capability import Gap
from optimizer.audit.facts import ALL, PILLARS, Facts
from optimizer.audit.joint import Joint, fees
from optimizer.audit.ledger import Ledger
from optimizer.audit.policy_rows import State, line_effects, shares
from optimizer.audit.reading import LARGEST, Row

PLEDGE_RESILIENCE = 0.015
"""Of resilience at most this share of GDP counts for the pledge."""
REACHED = 0.8
"""An area has arrived in the first year in which its closure is at least this."""

Path = tuple[str, ...]
Values = dict[Path, float | None]
"""Values of a KPI by path: () for a number, (id,) or (id, name) in an object; None = no value (null or left out)."""


@dataclass(frozen=True)
class Plan:
    """What the KPIs are computed from, beside the state of the rules."""

    state: State
    joints: Mapping[str, Joint]
    innovation: list[Row]
    cost: float
    without_backfill: Mapping[tuple[str, str, int], float] | None


def _share(part: float, whole: float) -> float | None:
    return part / whole if abs(whole) > 1e-9 else None


def _payment_shares(plan: Plan) -> dict[str, Values]:
    facts = plan.state.facts
    parts = shares(plan.state, list(facts.nations), facts.first)
    names = ("joint_share", "eu_content", "sme_share", "innovation_share")
    return {name: {(): _share(*parts[name])} for name in names}


def _last_year(plan: Plan) -> dict[str, Values]:
    """Shares of GDP in the last year, of the alliance and by nation."""
    facts = plan.state.facts
    groups = {ALL: list(facts.nations)} | {nation: [nation] for nation in facts.nations}
    values: dict[str, Values] = {"core_share": {}, "resilience_share": {}, "pledge_credit": {}}
    for name, nations in groups.items():
        gdp = sum(facts.gdp.get((nation, facts.last), 0.0) for nation in nations)
        parts = [
            sum(plan.state.outlay(n, facts.last, pillar) for n in nations) / gdp if gdp else 0.0 for pillar in PILLARS
        ]
        values["core_share"][name,] = parts[0]
        values["resilience_share"][name,] = parts[1]
        values["pledge_credit"][name,] = parts[0] + min(parts[1], PLEDGE_RESILIENCE)
    return values


def _joint_saving(plan: Plan) -> Values:
    saving = sum(order.saving for order in plan.state.bought.orders)
    paid = sum(sum(fees(plan.state.facts, joint).values()) for joint in plan.joints.values())
    return {(): saving - paid}


def _freedom(plan: Plan) -> Values:
    facts = plan.state.facts
    bound: dict[int, float] = defaultdict(float, plan.state.bought.earlier_payments)
    for (_, year, _, kind, *_), amount in plan.state.spending.items():
        if kind in ("fee", "obligation"):
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


def _arrival(plan: Plan) -> Values:
    facts = plan.state.facts
    closures = area_closures(facts, plan.state.gaps)
    values: Values = {}
    for area, row in facts.areas.items():
        years = [year for year in facts.years if closures.get((area, year), 0.0) >= REACHED - 1e-9]
        values[area,] = float(row.threat_year - years[0]) if row.threat_year and years else None
    return values


def _stability(plan: Plan) -> Values:
    facts = plan.state.facts
    values: Values = {}
    for line in facts.lines:
        output = [plan.state.industry.used.get((line, year), 0.0) for year in facts.years]
        changes = [abs(later - former) for former, later in pairwise(output)]
        mean = sum(output) / len(output)
        swing = sum(changes) / len(changes) if changes else 0.0
        values[line,] = 1.0 - swing / mean if mean > 1e-9 else None
    return values


def _dependency(plan: Plan) -> Values:
    values: Values = {}
    for area in plan.state.facts.areas:
        by_line, whole = line_effects(plan.state, area, plan.state.facts.first)
        values[area,] = _share(max(by_line.values(), default=0.0), whole)
    return values


def _burden(plan: Plan) -> Values:
    """Input, contribution and benefit over the horizon; areas count by their weight."""
    facts, state = plan.state.facts, plan.state
    values: Values = {}
    valued = {key: facts.areas[key[0]].weight / total for key, total in facts.target_sum.items() if total > 0}
    weights = sum(facts.areas[area].weight for area, _ in valued)
    gaps: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (nation, area, _), gap in state.gaps.items():
        if gap.target > 0:
            gaps[nation].append((facts.areas[area].weight, gap.part))
    for nation in facts.nations:
        outlay = sum(state.outlay(nation, year, pillar) for year in facts.years for pillar in PILLARS)
        gdp = sum(facts.gdp.get((nation, year), 0.0) for year in facts.years)
        given = sum(w * state.effects.delivered.get((nation, *key), 0.0) for key, w in valued.items())
        own = gaps[nation]
        closed = sum(weight * (1.0 - part) for weight, part in own)
        values[nation, "input"] = _share(outlay, gdp)
        values[nation, "contribution"] = _share(given, weights)
        values[nation, "benefit"] = _share(closed, sum(weight for weight, _ in own))
    return values


def _backfill(plan: Plan) -> Values:
    """The part of the risen target that is met in the last year: shortfall counts against the rise first."""
    values: Values = {}
    for (nation, area, year), gap in plan.state.gaps.items():
        before = (plan.without_backfill or {}).get((nation, area, year), gap.target)
        rise = gap.target - before
        if year == plan.state.facts.last and rise > 1e-9:
            values[nation, area] = 1.0 - min(gap.shortfall, rise) / rise
    return values


def recompute(plan: Plan) -> dict[str, Values]:
    """Return every KPI of the contract, recomputed."""
    modes = [row.mode for row in plan.innovation]
    tax = sum(amount for key, amount in plan.state.spending.items() if key[3] == "integration_tax")
    kpis: dict[str, Values] = {
        "cost": {(): plan.cost},
        **_payment_shares(plan),
        **_last_year(plan),
        "joint_saving": _joint_saving(plan),
        "freedom_of_manoeuvre": _freedom(plan),
        "arrival_margin": _arrival(plan),
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
    for name, values in expected.items():
        rule = f"kpi.{name}"
        if name not in printed:
            if any(value is not None for value in values.values()):
                ledger.fail(rule, "plan.json", f"The KPI {name} is missing.")
            continue
        found = flatten(printed[name])
        for path, required in sorted(values.items()):
            _check_value(rule, name, path, required, found, ledger)
        for path in sorted(found.keys() - values.keys()):
            ledger.fail(rule, ":".join((name, *path)), "The KPI has no such entry.")
    return tuple(f"kpi.{name}" for name in sorted(printed.keys() - expected.keys() - {"backfill"}))


def _check_value(
    rule: str, name: str, path: Path, required: float | None, found: Mapping[Path, Any], ledger: Ledger
) -> None:
    where = ":".join((name, *path))
    value = found.get(path)
    real = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
    if required is None:
        # A ratio without a denominator: null, left out, or the number that stands for "nothing there".
        good = value is None or (real and value in (0, 1))
        ledger.holds(rule, where, good, f"{name} has no value here, but {value!r} is printed.")
    elif ledger.holds(rule, where, real, f"{name} is missing or no number; it should be {required:.10g}."):
        ledger.equal(rule, where, name, required, float(value or 0.0))
