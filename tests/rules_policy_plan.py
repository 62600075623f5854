"""Cases of the policy rules on change against an earlier plan, and on what is forced in or out (MODEL.md, 8 and 10).

Nations want 10 of land in each of three years and have none: 90 in sum, of which a nation without a programme leaves 30
open. Programmes cost 1, have effect 1 and are delivered in the year of the order.
"""
# ruff: noqa: C408

from __future__ import annotations

import dataclasses
from typing import Any

from pyomo.environ import quicksum

from models.policy.forced import amount_of, pin_key, pinned
from models.policy.last_plan import planned_units
from models.policyrow import PolicyRow
from models.registry import Rule
from optimizer.plans.plan import Plan
from tests.cases import three_nations
from tests.rule_breaks import negated, turned
from tests.rule_case import RuleCase, by, orders, units
from tests.rule_reading import by_year, left_open, rule_rows, soft_penalty

GUN = [dict(programme="gun")]
DEU = [dict(nation="DEU", programme="gun")]

# ---- change against the plan before ----------------------------------------------------------------------------------

BEFORE = [
    dict(nation="DEU", programme="gun", year=year, units=4, unit_price=1, value=4) for year in (2027, 2028)
]  # fmt: skip


def _change_set(**rule: Any) -> Any:
    limit = [dict(rule="change_max", scope="ALL", value=0.5, **rule)]
    return three_nations(programmes=GUN, customers=DEU, prior_plan=BEFORE, rules=limit)


def _change(plan: Plan) -> None:
    """4 guns in 2027 and 4 in 2028 were planned, worth 8; half of that may change. DEU wants 10 in 2027: 8 change by
    4, which is all, so that 2028 stays at 4 (which is 2 more than it needs). Open are 2 + 0 + 0 and 60."""
    assert by_year(plan) == [8, 4, 0]
    assert rule_rows(plan, "achieved") == [0.5]
    left_open(plan, 62)


def _change_soft(plan: Plan) -> None:
    """Soft, at 1 point: 10 in 2027 change 6 of 8, a quarter too much. Dropping the 4 of 2028 would be another half."""
    assert by_year(plan) == [10, 4, 0]
    soft_penalty(plan, 0.25)
    left_open(plan, 60)


def _change_index(rule: Rule) -> Rule:
    """Only the change of the last key of the prior plan counts."""

    def rows(m: Any) -> list[PolicyRow]:
        last = sorted(m.deviation)[-1]
        part = m.prior_units[last].unit_price * m.deviation[last]
        return [dataclasses.replace(row, part=part) for row in rule.function(m)]

    return by(rows)(rule)


def _deviation_sign(m: Any, nation: str, programme: str, channel: str, year: int, sign: int) -> Any:
    """More than planned is no change."""
    key = (nation, programme, channel, year)
    return m.deviation[key] >= m.prior_units[key].units - planned_units(m, *key)


def _deviation_index(m: Any, nation: str, programme: str, channel: str, year: int, sign: int) -> Any:
    """The orders of the year after."""
    key = (nation, programme, channel, year)
    now = planned_units(m, nation, programme, channel, year + 1)
    return m.deviation[key] >= sign * (now - m.prior_units[key].units)


def _persistence_set() -> Any:
    return three_nations(programmes=GUN, customers=DEU, prior_plan=BEFORE)


def _persistence(plan: Plan) -> None:
    """Persistence of 8 points for all of the 8: 1 point a gun, less than the 1.1 that a gun a year earlier closes. So
    10 in 2027 (6 changed) and, since dropping them closes nothing, 4 in 2028: 6 points."""
    assert by_year(plan) == [10, 4, 0]
    assert abs(plan.header["objective"]["persistence"] - 6) < 1e-6
    left_open(plan, 60)


# ---- force in, force out ---------------------------------------------------------------------------------------------


def _forced_set() -> Any:
    return three_nations(
        areas=[dict(area="parade", weight=0)],
        programmes=[*GUN, dict(programme="band", area="parade", lot=2)],
        customers=[*DEU, dict(nation="USA", programme="band")],
    )


def _forced(plan: Plan) -> None:
    """Nobody needs a band; forced, one lot of 2 is bought, by the only customer. The guns are bought anyhow."""
    assert units(plan, programme="band", nation="USA") == 2
    assert units(plan, programme="gun") == 10
    assert abs(plan.header["objective"]["cost"] - 12) < 1e-6


def _force_sign(m: Any, item: str) -> Any:
    amount, least, _ = amount_of(m, item)
    return amount >= -least


def _force_index(m: Any, item: str) -> Any:
    """Another item."""
    amount, least, _ = amount_of(m, "gun")
    return amount >= least


def _projects_set() -> Any:
    return three_nations(
        programmes=GUN,
        customers=[dict(nation="DEU", programme="gun", max_units=4), dict(nation="FRA", programme="gun", max_units=4)],
        frames=[dict(frame="f", programme="gun", min_members=2, joining_cost=5)],
        lines=[dict(line="l", nation="DEU")],
        line_capacity=[dict(line="l", capacity=9)],
        line_programmes=[dict(line="l", programme="gun")],
        expansions=[dict(expansion="x", line_or_component="l", host="DEU", cost=7, annual_cost=1, build_years=1)],
        innovation=[dict(innovation="v", pilot_cost=2, pilot_years=1, scale_cost=3, scale_years=1)],
    )


PROJECTS = {"force.f": True, "force.x": True, "force.v": True}


def _projects(plan: Plan) -> None:
    """A frame, an expansion and an innovation line that nobody needs, all forced: the frame launches (2 members at
    5), the expansion starts as late as it can (2028: 7, and 1 in 2029), the line is piloted and scaled (2 + 3). With
    8 guns: 31."""
    assert plan.tables["frames"]["frame"].tolist() == ["f"]
    assert plan.tables["expansions"]["start_year"].tolist() == [2028]
    assert plan.tables["innovation"][["pilot_year", "scale_year", "complete_year"]].to_numpy().tolist() == [
        [2027, 2028, 2029]
    ]
    assert abs(plan.header["objective"]["cost"] - 31) < 1e-6
    left_open(plan, 66)


def _forbidden(plan: Plan) -> None:
    """DEU wants 10 guns and may have none: all 90 stay open."""
    assert orders(plan) == {}
    left_open(plan, 90)


def _forbid_sign(m: Any, item: str) -> Any:
    return amount_of(m, item)[2] >= 0


def _forbid_index(m: Any, item: str) -> Any:
    """Another item."""
    return amount_of(m, "band")[2] <= 0


# ---- orders that a planner has fixed ---------------------------------------------------------------------------------


def _pins_set() -> Any:
    return three_nations(
        programmes=GUN,
        customers=[dict(nation="DEU", programme="gun"), dict(nation="FRA", programme="gun")],
        frames=[dict(frame="f", programme="gun", min_members=1, extra_lead_years=1)],
        pins=[
            dict(nation="ALL", programme="gun", channel="f", sense="min", units=1),
            dict(nation="DEU", programme="gun", year=2028, sense="equal", units=3),
            dict(nation="FRA", programme="gun", channel="national", sense="max", units=4),
            dict(nation="FRA", programme="gun", channel="f", year=2028, sense="equal", units=2),
            dict(nation="FRA", programme="gun", sense="max", units=7),
        ],
    )


def _pins(plan: Plan) -> None:
    """DEU buys the 10 that it wants in 2027 and 3 more in 2028, since it has said so. FRA may order 4 alone, and 7 in
    all; 2 of these through the frame in 2028, which arrive in 2029: so 4 alone and 1 through the frame in 2027. It has
    4, 5, 7: open are 6 + 5 + 3 and USA's 30."""
    assert by_year(plan, nation="DEU") == [10, 3, 0]
    assert by_year(plan, nation="FRA", channel="national") == [4, 0, 0]
    assert by_year(plan, nation="FRA", channel="f") == [1, 2, 0]
    left_open(plan, 44)


def _matching(m: Any, key: tuple[str, str, str, int, str], **other: Any) -> tuple[Any, float]:
    """(orders that match, units asked for) of a pin, read with some other cells."""
    cells = dict(zip(("nation", "programme", "channel", "year"), key, strict=False)) | other
    asked = next(float(row.units) for row in m.k.pins if pin_key(row) == key)
    return quicksum(pinned(m, **cells)), asked


def _held(found: Any, asked: float, sense: str) -> Any:
    if sense == "equal":
        return found == asked
    return found >= asked if sense == "min" else found <= asked


def _pins_sign(m: Any, *key: Any) -> Any:
    return _held(*_matching(m, key), sense={"min": "min", "max": "min", "equal": "max"}[key[4]])


def _pins_of_anybody(m: Any, *key: Any) -> Any:
    return _held(*_matching(m, key, nation="ALL"), sense=key[4]) if key[4] != "max" else True


def _pins_of_any_year(m: Any, *key: Any) -> Any:
    return _held(*_matching(m, key, year=0), sense=key[4]) if key[3] else True


SOFT = dict(hardness="soft")

PLAN_CASES = (
    RuleCase("policy.change_max", _change_set, _change, {"sign": negated, "index": _change_index}),
    RuleCase(
        "policy.change_max", lambda: _change_set(**SOFT, penalty=1), _change_soft,
        {"sign": turned, "index": _change_index}, label="soft",
    ),
    RuleCase(
        "policy.deviation", _change_set, _change, {"sign": by(_deviation_sign), "index": by(_deviation_index)},
        named=frozenset({"policy.change_max"}),
    ),
    RuleCase(
        "policy.deviation", _persistence_set, _persistence,
        {"sign": by(_deviation_sign), "index": by(_deviation_index)},
        levers={"persistence": 8}, named=frozenset({"objective"}), label="persistence",
    ),
    RuleCase("policy.pins", _pins_set, _pins,
             {"sign": by(_pins_sign), "index": by(_pins_of_anybody), "year": by(_pins_of_any_year)}),
    RuleCase("policy.force", _forced_set, _forced, {"sign": by(_force_sign), "index": by(_force_index)},
             levers={"force.band": True}),
    RuleCase("policy.force", _projects_set, _projects, {"sign": by(_force_sign), "index": by(_force_index)},
             levers=PROJECTS, label="projects"),
    RuleCase("policy.forbid", _forced_set, _forbidden, {"sign": by(_forbid_sign), "index": by(_forbid_index)},
             levers={"forbid.gun": True}),
)  # fmt: skip
