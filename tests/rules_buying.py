"""Cases of the rules of buying (MODEL.md, section 3)."""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import pytest

from data.dataset import Dataset
from models.buying import new_orders
from optimizer.plan import Plan
from tests.cases import three_nations
from tests.rule_case import RuleCase, at, by, orders, total

# ---- buying.max_units ------------------------------------------------------------------------------------------------


def max_units_set() -> Dataset:
    return three_nations(
        programmes=[dict(programme="tank")],
        customers=[dict(nation="DEU", programme="tank", max_units=4, units_operated=1)],
    )


def max_units_worked(plan: Plan) -> None:
    """DEU wants an effect of 10 and may order 4 tanks over all years, though money would buy 100 a year. The gap is
    open from the first year on, so all 4 come in 2027. Of 90 (3 nations, 3 years, 10 each) they close 4 * 3 = 12."""
    assert orders(plan) == {("DEU", "tank", "national", 2027): 4}
    assert plan.header["gap_index_after"] == pytest.approx(100 * (90 - 12) / 90)


def max_units_sign(m: Any, nation: str, programme: str) -> Any:
    return -new_orders(m, nation, programme) <= m.k.customer[nation, programme].max_units


def max_units_of_a_year(m: Any, nation: str, programme: str) -> Any:
    return m.national[nation, programme, m.k.first] <= m.k.customer[nation, programme].max_units


# ---- buying.operated -------------------------------------------------------------------------------------------------


def operated_set() -> Dataset:
    return three_nations(
        programmes=[dict(programme="tank", type_overhead=5)],
        customers=[dict(nation="DEU", programme="tank"), dict(nation="FRA", programme="tank")],
    )


def operated_worked(plan: Plan) -> None:
    """DEU and FRA order 10 tanks at 1 each in 2027; each then operates a new type, at 5 in each of three years."""
    assert total(plan, "orders", "units", year=2027) == 20
    for nation in ("DEU", "FRA"):
        assert total(plan, "spending", "amount", nation=nation, kind="overhead") == 15
    assert plan.header["objective"]["cost"] == pytest.approx(2 * (10 + 15))


def operated_sign(m: Any, nation: str, programme: str) -> Any:
    return new_orders(m, nation, programme) >= m.k.most_units[nation, programme] * m.operated[nation, programme]


def operated_by_another(m: Any, nation: str, programme: str) -> Any:
    return new_orders(m, nation, programme) <= m.k.most_units[nation, programme] * m.operated["DEU", programme]


# ---- buying.operated_minimum -----------------------------------------------------------------------------------------


def operated_minimum_set() -> Dataset:
    """DEU has 5 a year to spend and must spend at least 2 of it; neither programme closes a gap that anybody has."""
    return three_nations(
        areas=[dict(area="other")],
        budget_path=[
            dict(nation="DEU", pillar="core", committed_share=0.95),
            dict(nation="DEU", pillar="resilience", committed_share=1),
        ],
        programmes=[
            dict(programme="tank", unit_cost=20, type_overhead=2),
            dict(programme="truck", unit_cost=5),
        ],
        effects=[dict(programme="tank", area="other"), dict(programme="truck", area="other")],
        customers=[dict(nation=n, programme=i) for n in ("DEU", "FRA") for i in ("tank", "truck")],
        rules=[dict(rule="spend_floor", scope="DEU", value=0.97)],
    )


def operated_minimum_worked(plan: Plan) -> None:
    """97 of 100 planned leave 2 to spend beside the 95 committed. The overhead of a tank would be 2 a year, but a tank
    itself costs 20 and can't be paid; so DEU buys a truck for 5 each year. FRA, which need not spend, buys nothing."""
    assert orders(plan) == {("DEU", "truck", "national", year): 1 for year in (2027, 2028, 2029)}
    assert plan.header["objective"]["cost"] == pytest.approx(15)


def operated_minimum_sign(m: Any, nation: str, programme: str) -> Any:
    return new_orders(m, nation, programme) <= m.k.most_units[nation, programme] * m.operated[nation, programme]


def operated_minimum_of_another(m: Any, nation: str, programme: str) -> Any:
    return new_orders(m, nation, programme) >= m.operated["FRA", programme]


# ---- buying.in_service -----------------------------------------------------------------------------------------------


def in_service_set() -> Dataset:
    return three_nations(
        settings=dict(urgency={2027: 1, 2028: 2, 2029: 3}),
        programmes=[dict(programme="shell", service_years=1)],
        customers=[dict(nation="DEU", programme="shell", max_units=10)],
    )


def in_service_worked(plan: Plan) -> None:
    """DEU may order 10 units that serve in the year of their delivery only. 2029 is the most urgent year: all 10 come
    then. Of 3 * 10 * (1 + 2 + 3) = 180 they close 10 * 3 = 30."""
    assert orders(plan) == {("DEU", "shell", "national", 2029): 10}
    assert total(plan, "deliveries", "in_service") == 10
    assert plan.header["gap_index_after"] == pytest.approx(100 * 150 / 180)


def _serving(m: Any, key: tuple[str, str, int], sign: int, later: int) -> Any:
    nation, programme, year = key
    before = at(m.in_service, (nation, programme, year - 1))
    gone = m.deliveries.get((nation, programme, year - m.k.programme[programme].service_years - later), 0)
    return m.in_service[key] == before + m.deliveries.get(key, 0) + sign * gone


CASES = (
    RuleCase("buying.max_units", max_units_set, max_units_worked,
             {"sign": by(max_units_sign), "index": by(max_units_of_a_year)}),
    RuleCase("buying.operated", operated_set, operated_worked,
             {"sign": by(operated_sign), "index": by(operated_by_another)}),
    RuleCase("buying.operated_minimum", operated_minimum_set, operated_minimum_worked,
             {"sign": by(operated_minimum_sign), "index": by(operated_minimum_of_another)}),
    RuleCase("buying.in_service", in_service_set, in_service_worked,
             {"sign": by(lambda m, *key: _serving(m, key, 1, 0)),
              "index": by(lambda m, *key: _serving(m, key, -1, 1))}),
)  # fmt: skip
