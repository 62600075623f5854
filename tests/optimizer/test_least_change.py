"""What value and cost leave open: who pays nearest the key, then production that changes least."""
# ruff: noqa: C408

from __future__ import annotations

import pytest

from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve
from tests.cases import build, case, three_nations

EXACT = SolveOptions(gap=0.0, cost_tolerance=0.0)


def paid(plan: Plan) -> dict[str, float]:
    table = plan.tables["contributions"]
    return {str(nation): float(rows["amount"].sum()) for nation, rows in table.groupby("nation")}


@pytest.mark.parametrize("pilot_cost", [24, 0.24])
def test_sponsors_pay_by_key_where_each_has_the_money(pilot_cost: float) -> None:
    """GDP 1000, 1000 and 2000 make a key of a quarter, a quarter and a half, and each has 100 or more.

    Anything up to twice these parts would have the same value and cost, of a bill of any size.
    """
    dataset = three_nations(
        innovation=[dict(innovation="v", pilot_cost=pilot_cost)],
        innovation_effects=[dict(innovation="v", area="land", closes=0.5)],
        economy=[dict(nation="USA", gdp=2000)],
        settings=dict(sponsor_max=2),
    )
    plan = solve(case(dataset), options=EXACT)
    key = {"DEU": 0.25, "FRA": 0.25, "USA": 0.5}
    assert paid(plan) == pytest.approx({nation: part * pilot_cost for nation, part in key.items()}, abs=1e-6)


def test_one_sponsor_short_of_money_leaves_the_others_near_their_key() -> None:
    """France has 4 of its 6 in 2027: the least sum above key shares is 2, whoever of the others pays them."""
    dataset = three_nations(
        innovation=[dict(innovation="v", pilot_cost=24, pillar="resilience")],
        innovation_effects=[dict(innovation="v", area="land", closes=0.5)],
        economy=[dict(nation="USA", gdp=2000)],
        budget_path=[dict(nation="FRA", pillar="resilience", gdp_share=0.004)],
        settings=dict(sponsor_max=2),
    )
    found = paid(solve(case(dataset), options=EXACT))
    assert found["FRA"] == pytest.approx(4, abs=1e-6)
    assert max(0.0, found["DEU"] - 6) + max(0.0, found["USA"] - 12) == pytest.approx(2, abs=1e-6)


def test_an_expansion_is_paid_by_its_host_and_by_who_orders() -> None:
    """The host pays its 40 % of 10; the other 6 go by orders: 3 guns for France and 1 for the USA, 4.5 and 1.5."""
    dataset = three_nations(
        programmes=[dict(programme="gun", unit_cost=10)],
        customers=[dict(nation=nation, programme="gun", max_units=5) for nation in ("FRA", "USA")],
        lines=[dict(line="l_gun", nation="CAN")],
        line_capacity=[dict(line="l_gun", capacity=0)],
        line_programmes=[dict(line="l_gun", programme="gun")],
        expansions=[
            dict(expansion="x", line_or_component="l_gun", host="DEU", added_capacity=4, cost=10, host_share_min=0.4)
        ],
        pins=[
            dict(nation=nation, programme="gun", sense="equal", units=units)
            for nation, units in (("FRA", 3), ("USA", 1))
        ],
        settings=dict(contribution_max="none"),
    )
    plan = solve(case(dataset), options=EXACT)
    assert paid(plan) == pytest.approx({"DEU": 4, "FRA": 4.5, "USA": 1.5}, abs=1e-6)


def test_a_yard_works_evenly_towards_a_delivery() -> None:
    """12 ships are ordered in 2027 and due in 2030: 3 a year, although 12 in any one of the years would do."""
    dataset = build(
        ("DEU",),
        (2027, 2028, 2029, 2030),
        programmes=[dict(programme="ship", unit_cost=1, lead_years=3)],
        customers=[dict(programme="ship", max_units=12)],
        lines=[dict(line="yard", nation="DEU")],
        line_capacity=[dict(line="yard", capacity=12)],
        line_programmes=[dict(line="yard", programme="ship")],
        pins=[dict(nation="DEU", programme="ship", year=2027, sense="equal", units=12)],
    )
    table = solve(case(dataset), options=EXACT).tables["production"].sort_values("year")
    assert table["units"].tolist() == pytest.approx([3, 3, 3, 3], abs=1e-6)
