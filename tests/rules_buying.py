"""Cases of the rules of buying (MODEL.md, section 3)."""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import pytest

from data.dataset import Dataset
from models.buying import delivered_by, new_orders, operated
from optimizer.plans.plan import Plan
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


def beyond_service_set() -> Dataset:
    """Two years beyond the horizon, in which half of a year's money may be bound."""
    return three_nations(
        years=(2027, 2028),
        settings=dict(beyond=dict(years=2, money=[0.5, 0.5])),
        programmes=[dict(programme="tank", lead_years=1, service_years=2, sustain_cost=3)],
        customers=[dict(nation="DEU", programme="tank", max_units=10)],
    )


def beyond_service_worked(plan: Plan) -> None:
    """Tanks arrive a year after their order and serve two years. Ordered in 2027 all 10 serve in 2028, and in the first
    year beyond; they also count when all is settled, which speaks of what arrives from 2028 on. They cost 10, and 30 in
    2028 and in 2029 for their keep; in 2030 none is left. One year and the settled state, which counts two, are closed
    for one nation in three: of 2 + 2 years 3."""
    assert orders(plan) == {("DEU", "tank", "national", 2027): 10}
    serving = {year: total(plan, "deliveries", "in_service", year=year) for year in (2028, 2029, 2030)}
    assert serving == {2028: 10, 2029: 10, 2030: 0}
    assert total(plan, "spending", "amount", kind="sustainment", year=2029) == 30
    assert plan.header["objective"]["cost"] == pytest.approx(70)
    assert plan.header["objective"]["value"] == pytest.approx(75)


# ---- buying.needs_host, buying.host_first ----------------------------------------------------------------------------


def host_set(launcher: dict[str, Any], **tables: Any) -> Dataset:
    """Missiles, which close the gap, need a launcher, which closes none. Germany has none yet, France has one."""
    return three_nations(
        areas=[dict(area="other")],
        programmes=[
            dict(programme="launcher", area="other", **launcher),
            dict(programme="missile", needs_host="launcher"),
        ],
        customers=[
            dict(nation="DEU", programme="launcher"),
            dict(nation="FRA", programme="launcher", max_units=0, units_operated=1),
            dict(nation="DEU", programme="missile", max_units=10),
            dict(nation="FRA", programme="missile", max_units=4),
            dict(nation="USA", programme="missile", max_units=10),
        ],
        **tables,
    )


def needs_host_worked(plan: Plan) -> None:
    """Germany orders a launcher for 30 beside its 10 missiles, France its 4 without one; the USA can't have a launcher,
    and so no missile. Open are 3 * 6 of France and 30 of the USA."""
    assert orders(plan) == {
        ("DEU", "launcher", "national", 2027): 1,
        ("DEU", "missile", "national", 2027): 10,
        ("FRA", "missile", "national", 2027): 4,
    }
    assert plan.header["objective"]["cost"] == pytest.approx(44)
    assert plan.header["gap_index_after"] == pytest.approx(100 * 48 / 90)


def needs_host_sign(m: Any, nation: str, programme: str) -> Any:
    return new_orders(m, nation, programme) >= -m.k.most_units[nation, programme] * m.operated[nation, "launcher"]


def needs_host_anywhere(m: Any, nation: str, programme: str) -> Any:
    """France's launcher is good enough."""
    return new_orders(m, nation, programme) <= m.k.most_units[nation, programme] * operated(m, "FRA", "launcher")


def host_first_worked(plan: Plan) -> None:
    """A launcher of 2027 arrives in 2028. Missiles arrive in the year of their order, and so wait until then: 10 + 0 +
    0 of Germany, 3 * 6 of France and 30 of the USA stay open."""
    assert orders(plan) == {
        ("DEU", "launcher", "national", 2027): 1,
        ("DEU", "missile", "national", 2028): 10,
        ("FRA", "missile", "national", 2027): 4,
    }
    assert plan.header["gap_index_after"] == pytest.approx(100 * 58 / 90)


def _missiles(m: Any, nation: str, year: int) -> Any:
    return delivered_by(m, nation, "missile", year)


def host_first_sign(m: Any, nation: str, programme: str, year: int) -> Any:
    return _missiles(m, nation, year) >= 10 * delivered_by(m, nation, "launcher", year)


def host_first_of_any_type(m: Any, nation: str, programme: str, year: int) -> Any:
    """Missiles are hosts of each other."""
    hosts = delivered_by(m, nation, "launcher", year) + delivered_by(m, nation, "missile", year)
    return _missiles(m, nation, year) <= 10 * hosts


def host_first_a_year_later(m: Any, nation: str, programme: str, year: int) -> Any:
    return _missiles(m, nation, year) <= 10 * delivered_by(m, nation, "launcher", min(year + 1, m.k.last))


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
    RuleCase("buying.in_service", beyond_service_set, beyond_service_worked, label="beyond"),
    RuleCase("buying.needs_host", lambda: host_set(dict(unit_cost=30)), needs_host_worked,
             {"sign": by(needs_host_sign), "index": by(needs_host_anywhere)},
             without=frozenset({"buying.host_first"})),
    RuleCase("buying.host_first", lambda: host_set(dict(unit_cost=30, lead_years=1)), host_first_worked,
             {"sign": by(host_first_sign), "index": by(host_first_of_any_type), "year": by(host_first_a_year_later)}),
)  # fmt: skip
