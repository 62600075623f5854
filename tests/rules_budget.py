"""Cases of the rules of budgets (MODEL.md, sections 4 and 8)."""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import pytest
from pyomo.environ import quicksum

from data.dataset import Dataset
from models.budget import carried_in, loan_draws, shifted_in
from optimizer.plan import Plan
from tests.cases import PILLARS, YEARS, three_nations
from tests.rule_case import RuleCase, at, by, orders, total, units


def bought(plan: Plan) -> dict[int, float]:
    """Units that DEU orders, by year."""
    return {year: units(plan, nation="DEU", year=year) for year in YEARS if units(plan, nation="DEU", year=year)}


def _only_deu(**programme: Any) -> dict[str, Any]:
    return dict(
        programmes=[dict(programme="tank", **programme)],
        customers=[dict(nation="DEU", programme="tank")],
    )


# ---- budget.spent, budget.balance ------------------------------------------------------------------------------------


def rising_money() -> Dataset:
    """DEU has 100 for core in 2027 and 200 a year after that; a tank costs 20."""
    return three_nations(
        budget_path=[dict(year=year, pillar="core", gdp_share=0.2) for year in (2028, 2029)], **_only_deu(unit_cost=20)
    )


def rising_money_worked(plan: Plan) -> None:
    """DEU wants 10 tanks from 2027 on: 100 buys 5 of them, the other 5 come in 2028, at 100 of its 200. Nothing else is
    spent: 200 in all. Of 90, 5 * 3 + 5 * 2 = 25 are closed."""
    assert bought(plan) == {2027: 5, 2028: 5}
    assert [total(plan, "budgets", "spent", nation="DEU", pillar="core", year=y) for y in YEARS] == [100, 100, 0]
    assert plan.header["objective"]["cost"] == pytest.approx(200)
    assert plan.header["gap_index_after"] == pytest.approx(100 * 65 / 90)


def _spent(m: Any, key: tuple[str, int, str], sign: int, shift: int) -> Any:
    nation, year, pillar = key
    lines = m.lines_of_budget.get((nation, year + shift, pillar), [])
    return m.spent[key] == sign * quicksum(line.amount for line in lines)


def balance_sign(m: Any, *key: Any) -> Any:
    out = at(m.carried, key)
    return -m.spent[key] + out <= m.k.available[key] + loan_draws(m, *key) + carried_in(m, *key) + shifted_in(m, *key)


def balance_of_next_year(m: Any, nation: str, year: int, pillar: str) -> Any:
    key = (nation, year, pillar)
    out = at(m.carried, key)
    money = m.k.available[nation, min(year + 1, m.k.last), pillar] + carried_in(m, *key)
    return m.spent[key] + out <= money


# ---- budget.carry_limit ----------------------------------------------------------------------------------------------


def carry_set() -> Dataset:
    return three_nations(**_only_deu(unit_cost=105))


def carry_worked(plan: Plan) -> None:
    """A tank costs 105 and a year brings 100, of which 5 may be carried out: 105 in 2028 buys one tank. The 100 of 2029
    then stand alone."""
    assert bought(plan) == {2028: 1}
    assert total(plan, "budgets", "carried_out", nation="DEU", year=2027) == 5
    assert total(plan, "budgets", "carried_in", nation="DEU", year=2028) == 5


def carry_sign(m: Any, *key: Any) -> Any:
    return m.carried[key] >= m.k.options.carry_over * m.k.available[key]


def carry_of_both_pillars(m: Any, nation: str, year: int, pillar: str) -> Any:
    money = sum(m.k.available[nation, year, p] for p in PILLARS)
    return m.carried[nation, year, pillar] <= m.k.options.carry_over * money


# ---- budget.shift_sum, budget.shift_limit ----------------------------------------------------------------------------


def shift_sum_set() -> Dataset:
    return three_nations(**_only_deu(unit_cost=110))


def shift_sum_worked(plan: Plan) -> None:
    """A tank costs 110, core has 100 a year, resilience may give 10 of its 100: one tank each year."""
    assert bought(plan) == {2027: 1, 2028: 1, 2029: 1}
    for year in YEARS:
        assert total(plan, "budgets", "shifted_in", nation="DEU", year=year, pillar="core") == 10
        assert total(plan, "budgets", "shifted_in", nation="DEU", year=year, pillar="resilience") == -10


def shift_sum_sign(m: Any, nation: str, year: int) -> Any:
    return m.shifted[nation, year, "core"] - m.shifted[nation, year, "resilience"] == 0


def shift_sum_of_one_pillar(m: Any, nation: str, year: int) -> Any:
    return m.shifted[nation, year, "resilience"] + m.shifted[nation, year, "resilience"] == 0


def shift_limit_set() -> Dataset:
    """Core has 100 a year, resilience 50; a tank costs 55."""
    return three_nations(budget_path=[dict(pillar="resilience", gdp_share=0.05)], **_only_deu(unit_cost=55))


def shift_limit_worked(plan: Plan) -> None:
    """Resilience may give a tenth of its 50: core has at most 105 a year, which pays one tank of 55, not two. One tank
    a year needs no shift at all."""
    assert bought(plan) == {2027: 1, 2028: 1, 2029: 1}
    assert plan.header["objective"]["cost"] == pytest.approx(165)


def shift_limit_sign(m: Any, *key: Any) -> Any:
    return m.shifted[key] <= m.k.options.pillar_shift * m.k.available[key]


def shift_limit_of_the_other(m: Any, nation: str, year: int, pillar: str) -> Any:
    other = next(p for p in PILLARS if p != pillar)
    return -m.shifted[nation, year, pillar] <= m.k.options.pillar_shift * m.k.available[nation, year, other]


# ---- budget.loan_amount, budget.loan_payments ------------------------------------------------------------------------


def _loan_set(amount: float, **tables: Any) -> Dataset:
    return three_nations(
        frames=[dict(frame="f_tank", programme="tank", min_members=1, loan_facility="safe")],
        frame_members=[dict(frame="f_tank", nation="DEU", status="candidate")],
        loans=[dict(facility="safe", nation="DEU", amount=amount, interest=0.1)],
        **tables,
    )


def loan_amount_set() -> Dataset:
    return _loan_set(40, **_only_deu(unit_cost=20))


def loan_amount_worked(plan: Plan) -> None:
    """100 and a loan of 40 pay 7 tanks of 20 in 2027, through the frame; the other 3 come in 2028, where money is left.
    Interest: a tenth of 40 in 2028 and in 2029. Cost: 10 * 20 + 2 * 4 = 208."""
    assert bought(plan) == {2027: 7, 2028: 3}
    assert total(plan, "loans", "drawn") == 40
    assert total(plan, "loans", "interest") == 8
    assert plan.header["objective"]["cost"] == pytest.approx(208)


def _draws(m: Any, facility: str, nation: str, years: list[int]) -> Any:
    return quicksum(m.draw[facility, nation, year] for year in years)


def loan_amount_sign(m: Any, facility: str, nation: str) -> Any:
    return -_draws(m, facility, nation, m.k.years) <= m.k.loan[facility, nation].amount


def loan_amount_of_the_last_year(m: Any, facility: str, nation: str) -> Any:
    return _draws(m, facility, nation, [m.k.last]) <= m.k.loan[facility, nation].amount


def loan_payments_set() -> Dataset:
    return _loan_set(
        1000,
        programmes=[dict(programme="gun", unit_cost=20), dict(programme="tank", unit_cost=20)],
        customers=[dict(nation="DEU", programme="gun"), dict(nation="DEU", programme="tank", max_units=2)],
    )


def loan_payments_worked(plan: Plan) -> None:
    """Guns and tanks close the same gap at 20 each. The loan pays for tanks of the frame only, of which there are 2: so
    40 are drawn, and 2027 buys 2 tanks and 5 guns; 2028 the 3 guns that are still wanted."""
    assert orders(plan) == {
        ("DEU", "tank", "f_tank", 2027): 2,
        ("DEU", "gun", "national", 2027): 5,
        ("DEU", "gun", "national", 2028): 3,
    }
    assert total(plan, "loans", "drawn") == 40


def loan_payments_sign(m: Any, facility: str, nation: str, year: int) -> Any:
    eligible = quicksum(line.amount for line in m.loan_lines.get((facility, nation, year), []))
    return m.draw[facility, nation, year] >= eligible


def loan_payments_of_every_channel(m: Any, facility: str, nation: str, year: int) -> Any:
    paid = [line.amount for line in m.unit_payments if (line.nation, line.year) == (nation, year)]
    return m.draw[facility, nation, year] <= quicksum(paid)


CASES = (
    RuleCase("budget.spent", rising_money, rising_money_worked,
             {"sign": by(lambda m, *key: _spent(m, key, -1, 0)), "index": by(lambda m, *key: _spent(m, key, 1, -1))}),
    RuleCase("budget.balance", rising_money, rising_money_worked,
             {"sign": by(balance_sign), "index": by(balance_of_next_year)}),
    RuleCase("budget.carry_limit", carry_set, carry_worked,
             {"sign": by(carry_sign), "index": by(carry_of_both_pillars)}),
    RuleCase("budget.shift_sum", shift_sum_set, shift_sum_worked,
             {"sign": by(shift_sum_sign), "index": by(shift_sum_of_one_pillar)},
             levers={"pillar_shift": 0.1, "carry_over": 0}),
    RuleCase("budget.shift_limit", shift_limit_set, shift_limit_worked,
             {"sign": by(shift_limit_sign), "index": by(shift_limit_of_the_other)},
             levers={"pillar_shift": 0.1, "carry_over": 0}),
    RuleCase("budget.loan_amount", loan_amount_set, loan_amount_worked,
             {"sign": by(loan_amount_sign), "index": by(loan_amount_of_the_last_year)}),
    RuleCase("budget.loan_payments", loan_payments_set, loan_payments_worked,
             {"sign": by(loan_payments_sign), "index": by(loan_payments_of_every_channel)}),
)  # fmt: skip
