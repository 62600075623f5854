"""Cases of work in progress (MODEL.md, section 5): what is on order, made and delivered, within the horizon and beyond.

Nations want 10 of land in each year and have none. A yard makes a part of a ship a year; a ship has effect 1, costs 1,
and takes the lead time of its case from order to delivery.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

from pyomo.environ import quicksum

from models.industry import added, drawn, output
from optimizer.plans.plan import Plan
from tests.cases import Row, three_nations
from tests.rule_case import RuleCase, by, total, units
from tests.rule_reading import by_year, left_open

FIVE_YEARS = (2027, 2028, 2029, 2030, 2031)


def _yard(
    capacity: float | dict[int, float], *programmes: Row, years: tuple[int, ...] = FIVE_YEARS, **tables: Any
) -> Any:
    """Programmes made on one yard in Germany, with its capacity of every year or of each."""
    yearly = capacity if isinstance(capacity, dict) else dict.fromkeys(years, capacity)
    return three_nations(
        years=years,
        programmes=list(programmes),
        lines=[dict(line="yard", nation="DEU")],
        line_capacity=[dict(line="yard", year=year, capacity=most) for year, most in yearly.items()],
        line_programmes=[dict(line="yard", programme=row["programme"]) for row in programmes],
        **tables,
    )


def _up_to(m: Any, parts: Any, programme: str, year: int) -> Any:
    """What is made, or of (programme, year) -> units, up to a year."""
    return quicksum(parts.get((programme, y), 0) for y in m.k.work_years[programme] if y <= year)


def _made(m: Any, programme: str, year: int) -> Any:
    lines = sorted(m.k.lines_of[programme])
    return quicksum(m.make[programme, ln, y] for ln in lines for y in m.k.work_years[programme] if y <= year)


# ---- made before it is delivered -------------------------------------------------------------------------------------


def _progress_set() -> Any:
    ship = dict(programme="ship", lead_years=2)
    customers = [dict(nation=nation, programme="ship") for nation in ("DEU", "FRA")]
    return _yard(0.6, ship, customers=customers)


def _progress(plan: Plan) -> None:
    """0.6 ships a year are three in five years. By 2029, the first year in which anything arrives, 1.8 are made: one
    ship; by 2030 2.4: two; by 2031 three. Work goes on from 2027, since a ship is ordered every year. 1 + 2 + 3 of the
    150 wanted (3 nations, 5 years) are closed, whoever gets the ships."""
    assert [units(plan, year=year) for year in FIVE_YEARS] == [1, 1, 1, 0, 0]
    assert [total(plan, "deliveries", "units", year=year) for year in FIVE_YEARS] == [0, 0, 1, 1, 1]
    assert total(plan, "production", "units") == 3
    assert total(plan, "production", "units", year=2027) <= 0.6
    left_open(plan, 144, of=150)


def _progress_sign(m: Any, programme: str, year: int) -> Any:
    return _made(m, programme, year) <= _up_to(m, m.delivered_all, programme, year)


def _progress_of_one_nation(m: Any, programme: str, year: int) -> Any:
    """Only Germany's ships have to be made before they are delivered."""
    due = [m.deliveries.get(("DEU", programme, y), 0) for y in FIVE_YEARS if y <= year]
    return _made(m, programme, year) >= quicksum(due)


def _progress_a_year_later(m: Any, programme: str, year: int) -> Any:
    return _made(m, programme, year + 1) >= _up_to(m, m.delivered_all, programme, year)


def _built_set() -> Any:
    return _yard(
        {2027: 0.5, 2028: 1, 2029: 1}, dict(programme="ship", lead_years=1), years=(2027, 2028, 2029),
        customers=[dict(nation=nation, programme="ship", max_units=1) for nation in ("FRA", "USA")],
        pipeline=[dict(nation="DEU", programme="ship", year=2028, units=2, built=1.5)],
    )  # fmt: skip


def _built(plan: Plan) -> None:
    """Germany's two ships of an earlier round arrive in 2028, with 1.5 of them made. The half ship of 2027 makes them
    whole; the whole ones of 2028 and 2029 are a ship each for France and the USA, whoever comes first. Of 90 Germany
    closes 2 in two years, the others 1 in two years and 1 in one."""
    assert [units(plan, year=year) for year in (2027, 2028)] == [1, 1]
    assert by_year(plan, "production") == [0.5, 1, 1]
    assert by_year(plan, "deliveries") == [0, 3, 1]
    left_open(plan, 83)


def _built_twice(m: Any, programme: str, year: int) -> Any:
    """What was built before is counted twice."""
    return 2 * m.k.built[programme] + _made(m, programme, year) >= _up_to(m, m.delivered_all, programme, year)


# ---- ordered before it is made ---------------------------------------------------------------------------------------


def _orders_set() -> Any:
    """Shells serve in the year of their delivery alone, and the last year matters most. A mine has nothing to do with
    shells; France is made to order two of them in 2027."""
    return three_nations(
        settings=dict(urgency={2029: 3}),
        areas=[dict(area="sea")],
        programmes=[dict(programme="shell", lead_years=1, service_years=1), dict(programme="mine", area="sea")],
        customers=[dict(nation="DEU", programme="shell"), dict(nation="FRA", programme="mine")],
        lines=[dict(line="yard", nation="DEU")],
        line_capacity=[dict(line="yard", capacity=1)],
        line_programmes=[dict(line="yard", programme="shell")],
        pins=[dict(nation="FRA", programme="mine", year=2027, sense="equal", units=2)],
    )


def _orders(plan: Plan) -> None:
    """The line makes one a year. Shells of 2029 are ordered in 2028, so that it makes two of them, in 2028 and 2029;
    what it makes in 2027 is on order in 2027 and arrives in 2028. Of 3 * 10 * (1 + 1 + 3) they close 1 + 2 * 3."""
    assert by_year(plan, programme="shell") == [1, 2, 0]
    assert by_year(plan, "production") == [1, 1, 1]
    left_open(plan, 143, of=150)


def _orders_sign(m: Any, programme: str, year: int) -> Any:
    return _made(m, programme, year) >= _up_to(m, m.ordered_all, programme, year)


def _orders_of_anything(m: Any, programme: str, year: int) -> Any:
    """Any programme's orders are work enough."""
    ordered = [units for (_, _, y), units in m.placed_terms.items() if y <= year]
    return _made(m, programme, year) <= quicksum(ordered)


def _orders_a_year_later(m: Any, programme: str, year: int) -> Any:
    return _made(m, programme, year) <= _up_to(m, m.ordered_all, programme, year + 1)


# ---- orders of all nations, summed once ------------------------------------------------------------------------------


def _placed_set() -> Any:
    return _yard(4, dict(programme="ship", lead_years=0), years=(2027, 2028, 2029))


def _placed(plan: Plan) -> None:
    """Three nations order, and the yard makes 4 a year for all of them: 4, 8, 12 serve, 26 + 22 + 18 stay open."""
    assert by_year(plan) == [4, 4, 4]
    left_open(plan, 66)


def _placed_at_most(m: Any, *key: Any) -> Any:
    return m.placed[key] <= m.placed_terms[key]


def _placed_by_one(m: Any, programme: str, lead: int, year: int) -> Any:
    return m.placed[programme, lead, year] == m.national["DEU", programme, year]


def _placed_a_year_later(m: Any, programme: str, lead: int, year: int) -> Any:
    return m.placed[programme, lead, year] == m.placed_terms[programme, lead, min(year + 1, m.k.last)]


# ---- capacity beyond the horizon -------------------------------------------------------------------------------------


def _beyond_set() -> Any:
    return _yard(
        2, dict(programme="ship", lead_years=2), years=(2027, 2028),
        settings=dict(beyond=dict(years=2, money=[1, 1], capacity=0.5)),
        customers=[dict(nation="DEU", programme="ship")],
    )  # fmt: skip


def _beyond(plan: Plan) -> None:
    """Ships of 2027 and 2028 arrive in 2029 and 2030, after the horizon. The yard makes 2 a year within it and, since
    later plans want their part, 1 a year beyond: 5 by 2029 and 6 by 2030. When all has arrived, Germany has 6 of 10:
    24 of 30 stay open then, and all of it within the horizon."""
    assert units(plan) == 6
    assert [total(plan, "production", "units", year=year) for year in (2027, 2028, 2029, 2030)] == [2, 2, 1, 1]
    assert [total(plan, "capacity", "capacity", year=year) for year in (2028, 2029)] == [2, 1]
    assert abs(plan.header["gap_index_after"] - 100) < 1e-6
    assert abs(plan.header["settled_after"] - 80) < 1e-6


def _in_full(m: Any, line: str, year: int) -> Any:
    """Beyond the horizon the yard is all for this plan."""
    return output(m, line, year) <= m.k.capacity[line, min(year, m.k.last)] + added(m, line, year)


def _beyond_sign(m: Any, line: str, year: int) -> Any:
    return -output(m, line, year) <= m.k.capacity[line, year] + added(m, line, year)


# ---- components of what is made --------------------------------------------------------------------------------------


def _engines_set() -> Any:
    return _yard(
        1, dict(programme="ship", lead_years=2),
        customers=[dict(nation="DEU", programme="ship")],
        components=[dict(component="engine")],
        component_capacity=[dict(component="engine", year=y, capacity=0.5 if y < 2030 else 1) for y in FIVE_YEARS],
        bill_of_materials=[dict(programme="ship", component="engine", quantity=1)],
    )  # fmt: skip


def _engines(plan: Plan) -> None:
    """The yard could make a ship a year, but there are engines for half a ship until 2029, and for one from 2030 on. An
    engine is used when its ship is made, not when it is delivered: 1.5 by 2029, 2.5 by 2030, 3.5 by 2031 are 1, 2 and 3
    ships. Of 150 they close 1 + 2 + 3."""
    assert [units(plan, year=year) for year in FIVE_YEARS] == [1, 1, 1, 0, 0]
    assert total(plan, "capacity", "used", line_or_component="engine") == 3
    assert total(plan, "capacity", "used", line_or_component="engine", year=2029) <= 0.5
    left_open(plan, 144, of=150)


def _engines_of_the_last_year(m: Any, component: str, year: int) -> Any:
    return drawn(m, component, year) <= m.k.capacity[component, m.k.last]


WORK_CASES = (
    RuleCase(
        "industry.work_in_progress", _progress_set, _progress,
        {"sign": by(_progress_sign), "index": by(_progress_of_one_nation), "year": by(_progress_a_year_later)},
    ),
    RuleCase(
        "industry.work_in_progress", _built_set, _built, {"index": by(_built_twice)},
        label="built",
    ),
    RuleCase(
        "industry.made_of_orders", _orders_set, _orders,
        {"sign": by(_orders_sign), "index": by(_orders_of_anything), "year": by(_orders_a_year_later)},
    ),
    RuleCase(
        "industry.placed", _placed_set, _placed,
        {"sign": by(_placed_at_most), "index": by(_placed_by_one), "year": by(_placed_a_year_later)},
        named=frozenset({"industry.work_in_progress"}),
    ),
    RuleCase(
        "industry.component_capacity", _engines_set, _engines, {"year": by(_engines_of_the_last_year)}, label="made",
    ),
    RuleCase(
        "industry.line_capacity", _beyond_set, _beyond, {"sign": by(_beyond_sign), "year": by(_in_full)},
        label="beyond",
    ),
)  # fmt: skip
