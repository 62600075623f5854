"""Cases of the rules of interoperability (MODEL.md, section 6).

Nations want 10 of land in each of three years and have none: 90 in sum, of which a nation without a programme leaves 30
open. A tank costs 1, is delivered in the year of its order and has effect 1.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

from models.buying import new_orders, operated
from optimizer.plans.plan import Plan
from tests.cases import three_nations
from tests.rule_breaks import elsewhere, looking_at, negated, turned
from tests.rule_case import RuleCase, by, orders, total, units
from tests.rule_reading import left_open, rule_rows

TANKS = [dict(programme="tank_a", fleet_class="tank"), dict(programme="tank_b", fleet_class="tank")]
BOTH = [dict(nation="DEU", programme="tank_a", max_units=5), dict(nation="DEU", programme="tank_b", max_units=5)]


# ---- types of a class in a nation ------------------------------------------------------------------------------------


def _fleet_set() -> Any:
    return three_nations(programmes=TANKS, customers=BOTH, rules=[dict(rule="fleet_limit", scope="tank", value=1)])


def _fleet(plan: Plan) -> None:
    """DEU could have 5 of each of two tanks, but may operate one type: 5 in each year. Open are 3 * 5 and the others'
    60."""
    assert len(orders(plan)) == 1
    assert units(plan, nation="DEU", year=2027) == 5
    rules = plan.tables["rules"].set_index("item")
    assert rules.loc["DEU", ["required", "achieved", "met"]].tolist() == [1, 1, 1]
    left_open(plan, 75)


def _fleet_legacy_set() -> Any:
    old = [dict(nation="DEU", programme=name, max_units=3, units_operated=1) for name in ("tank_a", "tank_b")]
    new = dict(nation="DEU", programme="tank_c", max_units=4)
    tanks = [*TANKS, dict(programme="tank_c", fleet_class="tank")]
    limit = dict(rule="fleet_limit", scope="tank", value=1)
    return three_nations(programmes=tanks, customers=[*old, new], rules=[limit])


def _fleet_legacy(plan: Plan) -> None:
    """DEU operates two tanks already, and keeps both although the limit is 1: it orders 3 of each, and none of a
    third. Open are 3 * 4 and 60; with the third it would be nothing and 60."""
    assert units(plan, programme="tank_a") == units(plan, programme="tank_b") == 3
    assert units(plan, programme="tank_c") == 0
    assert plan.tables["rules"].set_index("item").loc["DEU", ["required", "achieved"]].tolist() == [2, 2]
    left_open(plan, 72)


def _fleet_soft_set() -> Any:
    limit = dict(rule="fleet_limit", scope="tank", value=1, hardness="soft", penalty=2)
    return three_nations(programmes=TANKS, customers=BOTH, rules=[limit])


def _fleet_soft(plan: Plan) -> None:
    """A second type closes 5 in three years, 15 of 90 or 16.7 points, and costs 1 type * 2 points: both are bought."""
    assert units(plan, nation="DEU") == 10
    assert plan.tables["rules"].set_index("item").loc["DEU", ["slack", "met", "penalty"]].tolist() == [-1, 0, 2]
    assert abs(plan.header["objective"]["soft_penalty"] - 2) < 1e-6
    assert abs(plan.header["objective"]["value"] - 100 * 60 / 90 - 2) < 1e-6
    left_open(plan, 60)


# ---- types that anybody orders ---------------------------------------------------------------------------------------


def _variant_set() -> Any:
    return three_nations(
        programmes=TANKS,
        customers=[
            dict(nation="DEU", programme="tank_a", max_units=10),
            dict(nation="FRA", programme="tank_b", max_units=5),
        ],
        rules=[dict(rule="variant_limit", scope="tank", value=1)],
    )


def _variant(plan: Plan) -> None:
    """DEU wants tank_a, FRA tank_b; only one type may be ordered by anybody. DEU's 10 close more than FRA's 5: open
    are 0, 30 and 30."""
    assert orders(plan) == {("DEU", "tank_a", "national", 2027): 10}
    assert rule_rows(plan, "achieved") == [1]
    left_open(plan, 60)


def _type_sign(m: Any, nation: str, programme: str) -> Any:
    return new_orders(m, nation, programme) >= m.k.most_units[nation, programme] * m.type_ordered[programme]


def _type_index(m: Any, nation: str, programme: str) -> Any:
    """Another nation's orders, of which there are none."""
    return new_orders(m, "USA", programme) <= m.k.most_units[nation, programme] * m.type_ordered[programme]


# ---- pairs that exclude each other -----------------------------------------------------------------------------------


def _incompatible_set() -> Any:
    pair = dict(programme_a="tank_a", programme_b="tank_b", scope="EU")
    return three_nations(programmes=TANKS, customers=BOTH, incompatible=[pair])


def _incompatible(plan: Plan) -> None:
    """DEU could have 5 of each of two tanks that an EU nation may not operate together: 5 a year, 3 * 5 + 60 open."""
    assert len(orders(plan)) == 1
    assert units(plan) == 5
    left_open(plan, 75)


def _incompatible_sign(m: Any, first: str, second: str, nation: str) -> Any:
    return operated(m, nation, first) - operated(m, nation, second) <= 1


def _incompatible_index(m: Any, first: str, second: str, nation: str) -> Any:
    return operated(m, "USA", first) + operated(m, "USA", second) <= 1


def _incompatible_legacy_set() -> Any:
    half_old = [{**BOTH[0], "units_operated": 2}, BOTH[1]]
    both_old = [dict(nation="FRA", programme=name, max_units=5, units_operated=2) for name in ("tank_a", "tank_b")]
    pair = dict(programme_a="tank_a", programme_b="tank_b")
    return three_nations(programmes=TANKS, customers=[*half_old, *both_old], incompatible=[pair])


def _incompatible_legacy(plan: Plan) -> None:
    """DEU operates tank_a already, so that it must be 5 of tank_a and no tank_b. FRA operates both already: waived,
    it orders 5 of each. Open are 15, 0 and 30."""
    assert units(plan, nation="DEU", programme="tank_a") == 5
    assert units(plan, nation="DEU", programme="tank_b") == 0
    assert units(plan, nation="FRA", programme="tank_a") == units(plan, nation="FRA", programme="tank_b") == 5
    left_open(plan, 45)


# ---- the standard of an area -----------------------------------------------------------------------------------------


def _standard_set(**rule: Any) -> Any:
    return three_nations(
        areas=[dict(area="land", standard="nato")],
        programmes=[dict(programme="on", standard="nato"), dict(programme="off", standard="own", service_years=2)],
        customers=[dict(nation="DEU", programme="on", max_units=3), dict(nation="DEU", programme="off")],
        rules=[dict(rule="common_standard_min", scope="land", value=0.5, **rule)],
    )


def _standard(plan: Plan) -> None:
    """Only 3 on the standard can be had, so that no more than 3 off it may serve: 6 in each year, 3 * 4 + 60 open.
    What is off the standard serves two years only: 3 in 2027 and 3 more in 2029."""
    assert units(plan, programme="on", year=2027) == 3
    assert units(plan, programme="off", year=2027) == units(plan, programme="off", year=2029) == 3
    assert rule_rows(plan, "achieved") == [0.5, 0.5, 0.5]
    left_open(plan, 72)


def _standard_soft(plan: Plan) -> None:
    """Soft: 7 off the standard, so that 3 of 10 are on it where 5 should be. 2 are missing of the area's target of
    30, at 3 points: 0.2 a year, 0.6 in sum; each of these units closes 1.1 points a year."""
    assert total(plan, "deliveries", "in_service", year=2028) == 10
    assert rule_rows(plan, "penalty") == [0.2, 0.2, 0.2]
    assert abs(plan.header["objective"]["soft_penalty"] - 0.6) < 1e-6
    left_open(plan, 60)


CASES = (
    RuleCase("interoperability.fleet_limit", _fleet_set, _fleet, {"sign": negated, "index": looking_at(-1)}),
    RuleCase(
        "interoperability.fleet_limit", _fleet_legacy_set, _fleet_legacy,
        {"sign": negated, "index": looking_at(-1)}, label="legacy",
    ),
    RuleCase(
        "interoperability.fleet_limit", _fleet_soft_set, _fleet_soft, {"sign": turned, "index": looking_at(-1)},
        label="soft",
    ),
    RuleCase(
        "interoperability.variant_limit", _variant_set, _variant, {"sign": turned, "index": elsewhere(scope="ship")},
    ),
    RuleCase(
        "interoperability.type_ordered", _variant_set, _variant, {"sign": by(_type_sign), "index": by(_type_index)},
        named=frozenset({"interoperability.variant_limit"}),
    ),
    RuleCase(
        "interoperability.incompatible", _incompatible_set, _incompatible,
        {"sign": by(_incompatible_sign), "index": by(_incompatible_index)},
    ),
    RuleCase(
        "interoperability.incompatible", _incompatible_legacy_set, _incompatible_legacy,
        {"sign": by(_incompatible_sign), "index": by(_incompatible_index)}, label="legacy",
    ),
    RuleCase(
        "interoperability.common_standard_min", _standard_set, _standard, {"sign": turned, "index": looking_at(-1)},
    ),
    RuleCase(
        "interoperability.common_standard_min", lambda: _standard_set(hardness="soft", penalty=3), _standard_soft,
        {"sign": turned, "index": elsewhere(from_year=2029)}, label="soft",
    ),
)  # fmt: skip
