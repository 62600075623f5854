"""Cases of the rules of industry (MODEL.md, section 5).

In all of them nations want 10 of land in each of three years and have none: 90 in sum (nation-years), of which a nation
without a programme leaves 30 open. A gun costs 1, is delivered in the year of its order and has effect 1.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

from pyomo.environ import quicksum

from models.industry import added, bill, drawn, load, output
from models.joint import value_ordered
from optimizer.plans.plan import Plan
from tests.cases import Row, three_nations
from tests.rule_case import RuleCase, by, orders, total
from tests.rule_reading import by_year, left_open
from tests.rules_industry_work import WORK_CASES

GUN = dict(programme="gun")
DEU_FRA = [dict(nation="DEU", programme="gun"), dict(nation="FRA", programme="gun")]


def _one_line(*capacity: float, customers: list[Row] = DEU_FRA, line: Row | None = None, **tables: Any) -> Any:
    """Guns for these customers on one line in Germany, with its capacity of each year."""
    years = zip((2027, 2028, 2029), capacity, strict=True)
    return three_nations(
        customers=customers,
        lines=[dict(line="l_gun", nation="DEU", **(line or {}))],
        line_capacity=[dict(line="l_gun", year=year, capacity=most) for year, most in years],
        line_programmes=[dict(line="l_gun", programme="gun")],
        **{"programmes": [GUN], **tables},
    )


# ---- capacity of a line ----------------------------------------------------------------------------------------------


def _capacity_set() -> Any:
    return _one_line(2, 4, 6)


def _capacity(plan: Plan) -> None:
    """2, 4 and 6 guns can be made: 2, 6 and 12 serve, of 30 each year 28 + 24 + 18 = 70 stay open."""
    assert by_year(plan, "production") == [2, 4, 6]
    assert by_year(plan, "capacity", "utilisation") == [1, 1, 1]
    left_open(plan, 70)


def _capacity_sign(m: Any, line: str, year: int) -> Any:
    return output(m, line, year) >= m.k.capacity[line, year] + added(m, line, year)


def _capacity_index(m: Any, line: str, year: int) -> Any:
    return output(m, line, year) <= m.k.capacity[line, min(year + 1, m.k.last)] + added(m, line, year)


# ---- ramp ------------------------------------------------------------------------------------------------------------


def _ramp_set() -> Any:
    return _one_line(10, 10, 10, line=dict(current_output=1, ramp=2))


def _ramp(plan: Plan) -> None:
    """The line could make 10, but makes 1 now and grows by 2 a year: 3, 5, 7. So 3, 8, 15 serve; open are 27 + 22 +
    15."""
    assert by_year(plan, "production") == [3, 5, 7]
    left_open(plan, 64)


def _ramp_sign(m: Any, line: str, year: int) -> Any:
    k = m.k
    before = output(m, line, year - 1) if year > k.first else k.line[line].current_output
    return output(m, line, year) >= before + k.line[line].ramp


def _ramp_index(m: Any, line: str, year: int) -> Any:
    """The year after in place of the year before."""
    return True if year == m.k.last else output(m, line, year) <= output(m, line, year + 1) + m.k.line[line].ramp


def _ramp_opening_set() -> Any:
    shift = dict(expansion="x", line_or_component="l_gun", host="DEU", added_capacity=3, cost=3)
    return _one_line(20, 20, 20, line=dict(current_output=0, ramp=1), expansions=[shift])


def _ramp_opening(plan: Plan) -> None:
    """Capacity that opens lifts the year's output by itself, once: 0 + 1 + 3 = 4 with the shift of 2027, then 5 and
    6. So 4, 9, 15 serve and 26 + 21 + 15 = 62 stay open; opening a year later would make 1, 5, 6."""
    assert by_year(plan, "production") == [4, 5, 6]
    assert plan.tables["expansions"]["opens"].tolist() == [2027]
    left_open(plan, 62)


def _ramp_opening_index(m: Any, line: str, year: int) -> Any:
    """What is open lifts the ramp in every year, not in that of its opening."""
    before = output(m, line, year - 1) if year > m.k.first else m.k.line[line].current_output
    return output(m, line, year) <= before + m.k.line[line].ramp + added(m, line, year)


# ---- components ------------------------------------------------------------------------------------------------------


def _component_set() -> Any:
    return three_nations(
        programmes=[GUN, dict(programme="missile")],
        customers=[dict(nation="DEU", programme="gun"), dict(nation="FRA", programme="missile")],
        components=[dict(component="barrel")],
        component_capacity=[dict(component="barrel", year=y, capacity=c) for y, c in ((2027, 4), (2028, 8), (2029, 8))],
        bill_of_materials=[
            dict(programme="gun", component="barrel", quantity=2),
            dict(programme="missile", component="barrel", quantity=1),
        ],
    )


def _component(plan: Plan) -> None:
    """A gun (for DEU) takes 2 barrels, a missile (for FRA) takes 1 and does as much: missiles come first. 2027: 4
    barrels are 4 missiles. 2028: 6 missiles, then FRA has its 10, and of the 2 barrels left 1 gun. 2029: 8 barrels
    are 4 guns. DEU has 0, 1, 5 and FRA 4, 10, 10: open are 10 + 9 + 5, 6 and USA's 30, in sum 60."""
    assert by_year(plan, "capacity", "used") == [4, 8, 8]
    assert orders(plan) == {
        ("FRA", "missile", "national", 2027): 4,
        ("FRA", "missile", "national", 2028): 6,
        ("DEU", "gun", "national", 2028): 1,
        ("DEU", "gun", "national", 2029): 4,
    }
    left_open(plan, 60)


def _component_sign(m: Any, component: str, year: int) -> Any:
    return -drawn(m, component, year) <= m.k.capacity[component, year] + added(m, component, year)


def _component_index(m: Any, component: str, year: int) -> Any:
    return drawn(m, component, year) <= m.k.capacity[component, m.k.last] + added(m, component, year)


# ---- expansions ------------------------------------------------------------------------------------------------------


def _once_set() -> Any:
    shift = dict(expansion="x", line_or_component="l_gun", host="DEU", added_capacity=2, cost=10)
    return _one_line(2, 2, 2, expansions=[shift])


def _once(plan: Plan) -> None:
    """The shift doubles the line from 2027 on, once: 4 guns a year, 4, 8, 12 serve, 66 stay open; it costs 10 and the
    guns 12."""
    assert plan.tables["expansions"]["start_year"].tolist() == [2027]
    assert by_year(plan, "production") == [4, 4, 4]
    assert abs(plan.header["objective"]["cost"] - 22) < 1e-6
    left_open(plan, 66)


def _once_sign(m: Any, expansion: str) -> Any:
    return quicksum(m.start[expansion, year] for year in m.k.start_years[expansion]) >= 1


def _once_index(m: Any, expansion: str) -> Any:
    """Only the first year of the window is looked at."""
    return m.start[expansion, m.k.start_years[expansion][0]] <= 1


def _bill_set() -> Any:
    site = dict(
        expansion="x", line_or_component="l_gun", host="DEU", added_capacity=4, cost=10, annual_cost=1, build_years=1,
    )  # fmt: skip
    return _one_line(2, 2, 2, expansions=[site])


def _bill(plan: Plan) -> None:
    """Started in 2027 and open from 2028: 10 in 2027, then 1 a year for running it. 2, 6, 6 guns: 2, 8, 14 serve, and
    28 + 22 + 16 = 66 stay open. The guns cost 14, the expansion 12, paid by DEU and FRA as they like."""
    assert by_year(plan, "contributions", "amount") == [10, 1, 1]
    assert total(plan, "contributions", "amount", nation="USA") == 0
    assert total(plan, "spending", "amount", kind="industry", pillar="resilience") == 12
    assert abs(plan.header["objective"]["cost"] - 26) < 1e-6
    left_open(plan, 66)


def _paid(m: Any, expansion: str, year: int) -> Any:
    return quicksum(m.contribution[expansion, nation, year] for nation in m.k.payers[expansion])


def _bill_sign(m: Any, expansion: str, year: int) -> Any:
    """At most the bill in place of the bill."""
    return _paid(m, expansion, year) <= bill(m, expansion, year)


def _bill_index(m: Any, expansion: str, year: int) -> Any:
    return _paid(m, expansion, year) == bill(m, expansion, min(year + 1, m.k.last))


def _host_set() -> Any:
    shift = dict(expansion="x", line_or_component="l_gun", host="FRA", added_capacity=4, cost=20, host_share_min=0.5)
    poor = dict(nation="FRA", year=2027, pillar="resilience", gdp_share=0.005)
    return _one_line(2, 2, 2, expansions=[shift], budget_path=[poor])


def _host(plan: Plan) -> None:
    """FRA hosts and pays half of the 20, but has only 5 of resilience money in 2027, and DEU may not pay more than
    the other half. So the shift starts in 2028: 2, 6, 6 guns in place of 6, 6, 6; 2, 8, 14 serve and 66 stay open."""
    assert plan.tables["expansions"]["start_year"].tolist() == [2028]
    assert total(plan, "contributions", "amount", nation="FRA", year=2028) >= 10
    assert by_year(plan, "contributions", "amount") == [0, 20, 0]
    left_open(plan, 66)


def _host_sign(m: Any, expansion: str, year: int) -> Any:
    row = m.k.expansion[expansion]
    return m.contribution[expansion, row.host, year] <= row.host_share_min * bill(m, expansion, year)


def _host_index(m: Any, expansion: str, year: int) -> Any:
    """The nation of the line in place of the host."""
    share = m.k.expansion[expansion].host_share_min
    return m.contribution[expansion, "DEU", year] >= share * bill(m, expansion, year)


def _bystander_set() -> Any:
    """France alone buys guns, 9 at most; Germany hosts the line and has no resilience money before 2028. France is made
    to buy 4 trucks, which are made elsewhere."""
    shift = dict(expansion="x", line_or_component="l_gun", host="DEU", added_capacity=4, cost=12)
    money = [dict(nation="DEU", year=2027, pillar="resilience", gdp_share=0)]
    money += [dict(nation="DEU", year=year, pillar="resilience", gdp_share=0.003) for year in (2028, 2029)]
    return _one_line(
        2, 2, 2,
        customers=[dict(nation="FRA", programme="gun", max_units=9), dict(nation="FRA", programme="truck")],
        areas=[dict(area="other")],
        programmes=[dict(programme="gun", unit_cost=10), dict(programme="truck", area="other", unit_cost=10)],
        expansions=[shift],
        budget_path=money,
        pins=[dict(nation="FRA", programme="truck", year=2027, sense="equal", units=4)],
    )  # fmt: skip


def _bystander(plan: Plan) -> None:
    """France neither hosts the shift nor owns the line: it may pay a tenth of the 90 that its guns cost, 9 of the 12.
    In 2027 Germany can't pay the rest; in 2028 it has 3. So 2, 6 and 1 guns are made: 8 + 2 + 1 of France and the
    others' 60 stay open. Had France paid all, it would have had 6 in 2027."""
    assert by_year(plan, programme="gun") == [2, 6, 1]
    assert total(plan, "contributions", "amount", nation="FRA", year=2028) == 9
    assert total(plan, "contributions", "amount", nation="DEU", year=2028) == 3
    left_open(plan, 71)


def _paid_by(m: Any, place: str, nation: str, first: int = 0) -> Any:
    own = [key for key in m.contribution if m.k.expansion[key[0]].line_or_component == place and key[1] == nation]
    return quicksum(m.contribution[key] for key in own if key[2] >= first)


def _bystander_sign(m: Any, place: str, nation: str) -> Any:
    return _paid_by(m, place, nation) >= m.k.settings.contribution_max * value_ordered(m, nation, "gun")


def _bystander_index(m: Any, place: str, nation: str) -> Any:
    """All that the nation orders, wherever it is made."""
    value = value_ordered(m, nation, "gun") + value_ordered(m, nation, "truck")
    return _paid_by(m, place, nation) <= m.k.settings.contribution_max * value


def _bystander_year(m: Any, place: str, nation: str) -> Any:
    """The first year's contributions are forgotten."""
    paid = _paid_by(m, place, nation, m.k.first + 1)
    return paid <= m.k.settings.contribution_max * value_ordered(m, nation, "gun")


def _guarantee_set() -> Any:
    shift = dict(
        expansion="x", line_or_component="l_gun", host="DEU", added_capacity=4, cost=3, guaranteed_load=0.5,
        guarantee_years=2,
    )  # fmt: skip
    return _one_line(4, 4, 4, customers=[dict(nation="DEU", programme="gun", max_units=10)], expansions=[shift])


def _guarantee(plan: Plan) -> None:
    """DEU orders 10 guns at most. With the shift of 2027 it could have 8 in the first year and 2 in the second; but
    the shift wants half of 4 + 4 used in 2027 and 2028, so that 4 are left for 2028: 6 and 4. Open are 4 + 0 + 0 of
    DEU and the others' 60; without the shift it would be 6 + 2."""
    assert by_year(plan, "production") == [6, 4, 0]
    assert plan.tables["expansions"]["start_year"].tolist() == [2027]
    left_open(plan, 64)


def _guarantee_row(m: Any, expansion: str, year: int, early: int = 0) -> tuple[Any, Any]:
    """(use, load that is guaranteed), with the guarantee years counted from `early` years before the opening."""
    row = m.k.expansion[expansion]
    opens = {start: m.k.opens(expansion, start) - early for start in m.k.start_years[expansion]}
    held = quicksum(m.start[expansion, s] for s, first in opens.items() if first <= year < first + row.guarantee_years)
    place = row.line_or_component
    return load(m, place, year), row.guaranteed_load * (m.k.capacity[place, year] + row.added_capacity) * held


def _guarantee_sign(m: Any, expansion: str, year: int) -> Any:
    used, wanted = _guarantee_row(m, expansion, year)
    return used >= -wanted


def _guarantee_index(m: Any, expansion: str, year: int) -> Any:
    used, wanted = _guarantee_row(m, expansion, year, early=1)
    return used >= wanted


def _guarantee_component_set() -> Any:
    return three_nations(
        programmes=[GUN],
        customers=[dict(nation="DEU", programme="gun", max_units=10)],
        components=[dict(component="barrel")],
        component_capacity=[dict(component="barrel", capacity=8)],
        bill_of_materials=[dict(programme="gun", component="barrel", quantity=2)],
        expansions=[
            dict(expansion="x", line_or_component="barrel", host="USA", added_capacity=8, cost=3, guaranteed_load=0.5,
                 guarantee_years=2),
        ],
    )  # fmt: skip


def _guarantee_component(plan: Plan) -> None:
    """The same of a component, in its own units: a gun takes 2 barrels, of which there are 8, with the expansion 16.
    Half of these must be used in 2027 and 2028, so that 6 and 4 guns take 12 and 8 of them. USA, the host, may pay."""
    assert by_year(plan, "capacity", "used") == [12, 8, 0]
    left_open(plan, 64)


CASES = (
    RuleCase(
        "industry.line_capacity", _capacity_set, _capacity, {"sign": by(_capacity_sign), "index": by(_capacity_index)},
    ),
    RuleCase("industry.ramp", _ramp_set, _ramp, {"sign": by(_ramp_sign), "index": by(_ramp_index)}),
    RuleCase(
        "industry.ramp", _ramp_opening_set, _ramp_opening, {"index": by(_ramp_opening_index)}, label="opening",
    ),
    RuleCase(
        "industry.component_capacity", _component_set, _component,
        {"sign": by(_component_sign), "index": by(_component_index)},
    ),
    RuleCase("industry.expand_once", _once_set, _once, {"sign": by(_once_sign), "index": by(_once_index)}),
    RuleCase(
        "industry.expansion_bill", _bill_set, _bill,
        {"sign": by(_bill_sign), "index": by(_bill_index)},
    ),
    RuleCase("industry.host_share", _host_set, _host, {"sign": by(_host_sign), "index": by(_host_index)}),
    RuleCase(
        "industry.contribution_max", _bystander_set, _bystander,
        {"sign": by(_bystander_sign), "index": by(_bystander_index), "year": by(_bystander_year)},
        levers={"carry_over": 0},
    ),
    RuleCase(
        "industry.guaranteed_load", _guarantee_set, _guarantee,
        {"sign": by(_guarantee_sign), "index": by(_guarantee_index)},
    ),
    RuleCase(
        "industry.guaranteed_load", _guarantee_component_set, _guarantee_component,
        {"sign": by(_guarantee_sign), "index": by(_guarantee_index)}, label="component",
    ),
    *WORK_CASES,
)  # fmt: skip
