"""Corners in which a rule and its table could part ways: nothing binds, nothing is wanted, no standard is set."""
# ruff: noqa: C408

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.dataset import Dataset
from optimizer.plans.plan import Plan
from tests.cases import best, three_nations
from tests.rule_case import audited, orders, total, units
from tests.rule_reading import by_year, rule_rows

GUN = dict(programme="gun")
C2 = dict(area="c2", weight=0)


def _clean(dataset: Dataset, folder: Path) -> Plan:
    """The optimum, which the audit agrees with."""
    plan: Plan = best(dataset)
    assert [str(finding) for finding in audited(plan, folder).findings] == []
    return plan


@pytest.mark.parametrize(
    ("enabler", "credited"),
    [(dict(area="c2", target=10, baseline=1), 2), (dict(nation="ALL", area="c2", target=10, baseline=1), 0)],
    ids=["national", "collective"],
)
def test_a_row_without_a_target_is_credited_like_any_other(
    enabler: dict[str, Any], credited: float, tmp_path: Path
) -> None:
    """FRA wants nothing of land, but 3 guns are on their way to it. Its own c2 of 1 carries 2 of them (ratio 2); of a
    collective c2 its share is that of its target, nothing."""
    dataset = three_nations(
        areas=[C2],
        targets=[enabler, dict(nation="FRA", area="land", target=0)],
        programmes=[GUN],
        pipeline=[dict(nation="FRA", programme="gun", year=2027, units=3)],
        requires=[dict(area="land", enabler="c2", ratio=2)],
    )
    plan = _clean(dataset, tmp_path)
    assert by_year(plan, "gaps", "delivered", nation="FRA", area="land") == [3, 3, 3]
    assert by_year(plan, "gaps", "credited", nation="FRA", area="land") == [credited] * 3


def test_nobody_wants_any_of_an_area_with_a_collective_enabler(tmp_path: Path) -> None:
    """Shares of a summed target of 0 are 0."""
    dataset = three_nations(
        areas=[dict(area="c2")],
        targets=[dict(nation="ALL", area="c2", target=10, baseline=1), dict(area="land", target=0)],
        programmes=[GUN],
        pipeline=[dict(nation="FRA", programme="gun", year=2027, units=3)],
        requires=[dict(area="land", enabler="c2", ratio=1)],
    )
    assert total(_clean(dataset, tmp_path), "gaps", "credited", area="land") == 0


def test_a_slack_variant_limit_counts_what_is_ordered(tmp_path: Path) -> None:
    """Two types may be ordered, one is too dear: one is counted."""
    dataset = three_nations(
        programmes=[dict(GUN, fleet_class="g"), dict(programme="dear", fleet_class="g", unit_cost=500)],
        rules=[dict(rule="variant_limit", scope="g", value=2)],
    )
    assert rule_rows(_clean(dataset, tmp_path), "achieved") == [1]


def test_without_a_standard_nothing_need_be_on_it(tmp_path: Path) -> None:
    dataset = three_nations(programmes=[GUN], rules=[dict(rule="common_standard_min", scope="land", value=0.5)])
    plan = _clean(dataset, tmp_path)
    assert units(plan) == 30
    assert len(plan.tables["rules"]) == 0


def test_a_loan_without_an_amount_bounds_no_order(tmp_path: Path) -> None:
    """Core has 4 a year and a gun costs 6: DEU buys 2 guns through the frame on credit (12 of 3 * 4 and the loan)."""
    plan = _clean(
        three_nations(
            budget_path=[dict(pillar="core", gdp_share=0.004)],
            targets=[dict(area="land", target=2)],
            programmes=[dict(programme="gun", unit_cost=6, eu_content=0.8)],
            customers=[dict(nation="DEU", programme="gun", max_units=2)],
            frames=[dict(frame="f", programme="gun", min_members=1, loan_facility="safe", eu_content_min=0.6)],
            loans=[dict(facility="safe", nation="DEU")],
        ),
        tmp_path,
    )
    assert units(plan) == 2
    assert 8 - 1e-6 <= total(plan, "loans", "drawn") <= 12 + 1e-6


def test_where_no_area_weighs_anything_nothing_is_bought(tmp_path: Path) -> None:
    """The lever takes the only area's weight away: the gap index is a number without a variable, 0 before and after."""
    plan = best(three_nations(programmes=[GUN], customers=[GUN]), area_weight__land=0)
    assert [str(finding) for finding in audited(plan, tmp_path).findings] == []
    assert plan.header["status"] == "optimal"
    assert plan.header["objective"]["value"] == 0
    assert plan.header["gap_index_before"] == plan.header["gap_index_after"] == 0
    assert plan.tables["orders"].empty


@pytest.mark.parametrize(
    ("most", "years"), [("none", [6, 3, 0]), (0.1, [2, 6, 1]), (0, [2, 2, 2])], ids=["no limit", "a tenth", "nothing"]
)
def test_what_a_bystander_may_pay(most: Any, years: list[int], tmp_path: Path) -> None:
    """France alone buys guns, 9 at most for 90, on Germany's line of 2 a year. A shift of 4 more costs 12. Germany has
    no resilience money in 2027 and 3 in 2028: it waits for 2028 if France pays 9; it comes at once if France may pay
    all; and if France may pay nothing it does not come."""
    money = [dict(nation="DEU", year=2027, pillar="resilience", gdp_share=0)]
    money += [dict(nation="DEU", year=year, pillar="resilience", gdp_share=0.003) for year in (2028, 2029)]
    dataset = three_nations(
        settings=dict(contribution_max=most, levers=dict(carry_over=0)),
        programmes=[dict(GUN, unit_cost=10)],
        customers=[dict(nation="FRA", programme="gun", max_units=9)],
        budget_path=money,
        lines=[dict(line="l", nation="DEU")],
        line_capacity=[dict(line="l", capacity=2)],
        line_programmes=[dict(line="l", programme="gun")],
        expansions=[dict(expansion="x", line_or_component="l", host="DEU", added_capacity=4, cost=12)],
    )
    assert by_year(_clean(dataset, tmp_path)) == years


def test_what_arrives_after_the_last_year_beyond_is_not_ordered(tmp_path: Path) -> None:
    """Two years beyond: a ship that takes four years can be ordered in 2027, and no later."""
    dataset = three_nations(
        settings=dict(beyond=dict(years=2, money=[1, 1])),
        programmes=[dict(programme="ship", lead_years=4)],
        customers=[dict(nation="DEU", programme="ship")],
    )
    plan = _clean(dataset, tmp_path)
    assert by_year(plan) == [10, 0, 0]
    assert plan.header["settled_after"] == pytest.approx(100 * 20 / 30)


def test_without_years_beyond_there_is_no_settled_state(tmp_path: Path) -> None:
    plan = _clean(three_nations(programmes=[GUN], customers=[dict(nation="DEU", programme="gun")]), tmp_path)
    assert plan.header["settled_before"] is None
    assert plan.header["settled_after"] is None
    assert plan.tables["settled"].empty
    assert plan.tables["beyond"].empty
    assert plan.header["objective"]["index"] == plan.header["gap_index_after"]


def test_a_rule_without_a_denominator_has_no_row(tmp_path: Path) -> None:
    """Nobody buys anything of land, and no money is there for order_value_max."""
    dataset = three_nations(
        budget_path=[dict(gdp_share=0)],
        programmes=[GUN],
        rules=[
            dict(rule="area_share_min", scope="land", value=0.5),
            dict(rule="order_value_max", scope="ALL", value=1),
            dict(rule="spend_growth_max", scope="ALL", value=0.1),
        ],
    )
    plan = _clean(dataset, tmp_path)
    assert orders(plan) == {}
    assert set(plan.tables["rules"]["rule"]) <= {"spend_growth_max"}


@pytest.mark.parametrize(("capacity", "joint"), [(0, 10), (1, 4)], ids=["licence alone", "a line of its own"])
def test_work_share_is_asked_for_lines_with_capacity_before_expansions(
    capacity: float, joint: float, tmp_path: Path
) -> None:
    """Germany's line makes nothing, or a tank a year; a Korean one all that is wanted. Half of what Germany orders
    through the frame must be made at home where the line has capacity by itself: 2 tanks in the order year and the year
    after, in which the tanks arrive, are half of 4. The frame costs half."""
    dataset = three_nations(
        programmes=[dict(programme="tank", unit_cost=10, lead_years=1, last_order_year=2027)],
        customers=[dict(nation="DEU", programme="tank", max_units=10)],
        frames=[dict(frame="f", programme="tank", min_members=1, workshare_min=0.5)],
        price_tiers=[dict(frame="f", from_units=1, price_factor=0.5)],
        lines=[dict(line="l_deu", nation="DEU"), dict(line="l_kor", nation="KOR")],
        line_capacity=[dict(line="l_deu", capacity=capacity), dict(line="l_kor", capacity=100)],
        line_programmes=[dict(line="l_deu", programme="tank"), dict(line="l_kor", programme="tank")],
    )
    plan = _clean(dataset, tmp_path)
    assert units(plan) == 10
    assert units(plan, channel="f") == joint
