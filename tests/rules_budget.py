"""Cases of the rules of budgets (MODEL.md, sections 4 and 8)."""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

import pytest
from pyomo.environ import quicksum

from data.dataset import Dataset
from models.budget import amounts_of, carried_in, eligible, loan_draws, shifted_in
from optimizer.plans.plan import Plan
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


def _loan_set(amount: float, kind: str = "loan", share: float = 1, **tables: Any) -> Dataset:
    return three_nations(
        frames=[dict(frame="f_tank", programme="tank", min_members=1, loan_facility="safe")],
        frame_members=[dict(frame="f_tank", nation="DEU", status="candidate")],
        loans=[dict(facility="safe", nation="DEU", kind=kind, amount=amount, share=share, interest=0.1)],
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
    return -_draws(m, facility, nation, m.k.years) <= m.k.loan_rows[facility, nation].amount


def loan_amount_of_the_last_year(m: Any, facility: str, nation: str) -> Any:
    return _draws(m, facility, nation, [m.k.last]) <= m.k.loan_rows[facility, nation].amount


def grant_set() -> Dataset:
    return _loan_set(40, kind="grant", **_only_deu(unit_cost=20))


def grant_worked(plan: Plan) -> None:
    """As above with a grant, for which nobody asks interest: 10 * 20 = 200."""
    assert bought(plan) == {2027: 7, 2028: 3}
    assert total(plan, "loans", "drawn") == 40
    assert total(plan, "loans", "interest") == 0
    assert set(plan.tables["loans"]["kind"]) == {"grant"}
    assert plan.header["objective"]["cost"] == pytest.approx(200)


def group_set() -> Dataset:
    """Europe has 40 together; France has a row of its own, of 20, and is out of Europe's."""
    return three_nations(
        nations=[dict(nation="USA", region="Europe")],
        programmes=[dict(programme="tank", unit_cost=20)],
        frames=[dict(frame="f_tank", programme="tank", min_members=1, loan_facility="safe")],
        loans=[
            dict(facility="safe", nation="Europe", amount=40),
            dict(facility="safe", nation="FRA", amount=20),
        ],
    )


def group_worked(plan: Plan) -> None:
    """Each has 100, which pay 5 tanks; Germany and the USA (here a nation of Europe) draw 40 together, which pay two
    more between them, France its 20: 6 + 12 in 2027, and the other 12 in 2028."""
    assert units(plan, year=2027) == 18
    assert units(plan, nation="FRA", year=2027) == 6
    assert units(plan) == 30
    assert total(plan, "loans", "drawn") == 60
    assert plan.header["gap_index_after"] == pytest.approx(100 * 12 / 90)


def group_sign(m: Any, facility: str, scope: str) -> Any:
    drawn = quicksum(_draws(m, facility, nation, m.k.years) for nation in amounts_of(m.k)[facility, scope])
    return -drawn <= m.k.loan_rows[facility, scope].amount


def group_of_each_nation(m: Any, facility: str, scope: str) -> Any:
    """The amount is that of the first nation alone."""
    nation = "FRA" if scope == "FRA" else "DEU"
    return _draws(m, facility, nation, m.k.years) <= m.k.loan_rows[facility, scope].amount


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


# ---- budget.loan_share, budget.loan_sets -----------------------------------------------------------------------------


def loan_share_set() -> Dataset:
    """France buys through the frame, too; it has no facility."""
    return three_nations(
        programmes=[dict(programme="tank", unit_cost=25)],
        customers=[dict(nation="DEU", programme="tank"), dict(nation="FRA", programme="tank")],
        frames=[dict(frame="f_tank", programme="tank", min_members=1, loan_facility="safe")],
        loans=[dict(facility="safe", nation="DEU", share=0.5)],
    )


def loan_share_worked(plan: Plan) -> None:
    """Half of what DEU pays through the frame may be lent: 8 tanks of 25 are 200, of which 100 are lent. The other 2
    come in 2028. FRA buys 4 a year for its 100, and 2 in 2029: 6 + 2 are open in 2027 and 2028, and 2 of DEU in
    2027."""
    assert bought(plan) == {2027: 8, 2028: 2}
    assert total(plan, "loans", "drawn", year=2027) == 100
    assert plan.header["gap_index_after"] == pytest.approx(100 * (2 + 8 + 30) / 90)


def _eligible(m: Any, nation: str, years: list[int]) -> Any:
    return quicksum(line.amount for year in years for line in m.loan_lines.get(("safe", nation, year), []))


def loan_share_sign(m: Any, facility: str, nation: str, year: int) -> Any:
    return m.draw[facility, nation, year] >= 0.5 * _eligible(m, nation, [year])


def loan_share_of_two_nations(m: Any, facility: str, nation: str, year: int) -> Any:
    paid = _eligible(m, nation, [year]) + _eligible_of_france(m, year)
    return m.draw[facility, nation, year] <= 0.5 * paid


def _eligible_of_france(m: Any, year: int) -> Any:
    """What France pays through the frame, though no facility lends to it."""
    return quicksum(line.amount for line in m.unit_payments if (line.nation, line.year) == ("FRA", year))


def loan_share_of_all_years(m: Any, facility: str, nation: str, year: int) -> Any:
    return m.draw[facility, nation, year] <= 0.5 * _eligible(m, nation, list(m.k.years))


def _sets_set(*frames: dict[str, Any]) -> Dataset:
    """Guns of no frame, and 2 tanks of each frame; each facility lends any amount for what goes through its frames."""
    tanks = [dict(programme=f"tank_{row['frame']}", unit_cost=20) for row in frames]
    names = sorted({name for row in frames for name in row["loan_facility"].split(";")})
    return three_nations(
        programmes=[dict(programme="gun", unit_cost=20), *tanks],
        customers=[
            dict(nation="DEU", programme="gun"),
            *(dict(nation="DEU", programme=tank["programme"], max_units=2) for tank in tanks),
        ],
        frames=[dict(programme=f"tank_{row['frame']}", min_members=1, **row) for row in frames],
        frame_members=[dict(frame=row["frame"], nation="DEU", status="candidate") for row in frames],
        loans=[dict(facility=name, nation="DEU") for name in names],
    )


def loan_sets_worked(plan: Plan) -> None:
    """Two facilities pay for the frame's 2 tanks, 40 in sum: together they lend 40, not 80. So 140 buy 2 tanks and 5
    guns in 2027; 3 guns follow."""
    assert bought(plan) == {2027: 7, 2028: 3}
    assert total(plan, "loans", "drawn", year=2027) == 40


def loan_chain_worked(plan: Plan) -> None:
    """Frame f is paid by a and b, frame g by b and c: payments of 80, of which a may lend 40, b 80, c 40. Any two of
    them stay within the frames that they name; all three together are held to 80. So 180 buy 4 tanks and 5 guns in
    2027, and one gun follows."""
    assert bought(plan) == {2027: 9, 2028: 1}
    assert total(plan, "loans", "drawn", year=2027) == 80


def _drawn_and_paid(m: Any, facilities: str, nation: str, year: int) -> tuple[Any, Any]:
    names = facilities.split(";")
    return quicksum(m.draw[name, nation, year] for name in names), eligible(m, frozenset(names), nation, year)


def loan_sets_sign(m: Any, facilities: str, nation: str, year: int) -> Any:
    drawn, paid = _drawn_and_paid(m, facilities, nation, year)
    return -drawn <= paid


def loan_sets_each_for_itself(m: Any, facilities: str, nation: str, year: int) -> Any:
    """What two facilities may pay for is counted for both."""
    drawn, _ = _drawn_and_paid(m, facilities, nation, year)
    return drawn <= quicksum(eligible(m, frozenset({name}), nation, year) for name in facilities.split(";"))


def loan_sets_of_pairs(m: Any, facilities: str, nation: str, year: int) -> Any:
    """Sets of three are forgotten."""
    drawn, paid = _drawn_and_paid(m, facilities, nation, year)
    return True if facilities.count(";") > 1 else drawn <= paid


# ---- budget.beyond ---------------------------------------------------------------------------------------------------


def beyond_set(**tables: Any) -> Dataset:
    """One planning year, and two beyond, of whose money 10 and 50 of 100 may be bound (resilience: 50 and 250 of 500).
    A tank costs 4, when it arrives: a year after its order."""
    return three_nations(
        years=(2027,),
        settings=dict(beyond=dict(years=2, money=[0.1, 0.5])),
        budget_path=[dict(pillar="resilience", gdp_share=0.5)],
        **_only_deu(unit_cost=4, lead_years=1),
        **tables,
    )


def beyond_worked(plan: Plan) -> None:
    """DEU may bind 10 of 2028: 2 tanks. In 2027 all is open as it was; when both have arrived 28 of 30 are."""
    assert bought(plan) == {2027: 2}
    rows = plan.tables["beyond"].set_index(["nation", "year", "pillar"])
    assert rows.loc[("DEU", 2028, "core"), ["money", "bound", "free"]].tolist() == pytest.approx([10, 8, 2])
    assert plan.header["gap_index_after"] == pytest.approx(100)
    assert plan.header["settled_after"] == pytest.approx(100 * 28 / 30)


def bound_already_set() -> Dataset:
    return beyond_set(obligations=[dict(nation="DEU", year=2028, amount=30)])


def bound_already_worked(plan: Plan) -> None:
    """30 of 2028 are bound by an earlier round, more than the 10 that may be: that is no conflict, but leaves nothing
    for a tank."""
    assert orders(plan) == {}
    rows = plan.tables["beyond"].set_index(["nation", "year", "pillar"])
    assert rows.loc[("DEU", 2028, "core"), ["money", "bound", "free"]].tolist() == pytest.approx([30, 30, 0])


def beyond_sign(m: Any, *key: Any) -> Any:
    return -m.spent[key] <= m.k.money_beyond[key]


def beyond_of_the_other_pillar(m: Any, nation: str, year: int, pillar: str) -> Any:
    other = next(p for p in PILLARS if p != pillar)
    return m.spent[nation, year, pillar] <= m.k.money_beyond[nation, year, other]


def beyond_a_year_later(m: Any, nation: str, year: int, pillar: str) -> Any:
    return m.spent[nation, year, pillar] <= m.k.money_beyond[nation, min(year + 1, m.k.end), pillar]


def beyond_of_nothing_bound(m: Any, nation: str, year: int, pillar: str) -> Any:
    """What is bound already comes on top of the year's share."""
    share = m.k.settings.beyond.money[year - m.k.last - 1] * m.k.available[nation, m.k.last, pillar]
    return m.spent[nation, year, pillar] <= m.k.money_beyond[nation, year, pillar] + share


# ---- budget.invested -------------------------------------------------------------------------------------------------


def invested_set() -> Dataset:
    """A third of planned core money must be for equipment; nothing that can be had closes a gap."""
    return three_nations(
        areas=[dict(area="other")],
        programmes=[
            dict(programme="tank", area="other", unit_cost=20),
            dict(programme="barracks", area="other", category="infrastructure"),
        ],
        customers=[
            dict(nation="DEU", programme="tank"),
            dict(nation="FRA", programme="tank"),
            dict(nation="DEU", programme="barracks"),
        ],
        rules=[dict(rule="equipment_share_min", scope="DEU", value=0.3)],
    )


def invested_worked(plan: Plan) -> None:
    """30 of 100 a year ask for 2 tanks a year at 20, and for no barracks; FRA need not buy any."""
    assert bought(plan) == {2027: 2, 2028: 2, 2029: 2}
    assert units(plan, nation="FRA") == 0
    assert plan.header["objective"]["cost"] == pytest.approx(120)


def _invested(m: Any, nation: str, year: int, sign: int = 1) -> Any:
    return sign * quicksum(line.amount for line in m.investments[nation, year])


def invested_of_another(m: Any, nation: str, year: int) -> Any:
    paid = [line.amount for line in m.unit_payments if (line.nation, line.year) == ("FRA", year)]
    return m.invested[nation, year] == quicksum(paid)


def invested_a_year_later(m: Any, nation: str, year: int) -> Any:
    return m.invested[nation, year] == _invested(m, nation, min(year + 1, m.k.last))


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
    RuleCase("budget.loan_amount", grant_set, grant_worked,
             {"sign": by(loan_amount_sign), "index": by(loan_amount_of_the_last_year)}, label="grant"),
    RuleCase("budget.loan_amount", group_set, group_worked,
             {"sign": by(group_sign), "index": by(group_of_each_nation)}, label="group"),
    RuleCase("budget.loan_share", loan_share_set, loan_share_worked,
             {"sign": by(loan_share_sign), "index": by(loan_share_of_two_nations),
              "year": by(loan_share_of_all_years)}),
    RuleCase("budget.loan_sets", lambda: _sets_set(dict(frame="f", loan_facility="a;b")), loan_sets_worked,
             {"sign": by(loan_sets_sign), "index": by(loan_sets_each_for_itself)}),
    RuleCase("budget.loan_sets",
             lambda: _sets_set(dict(frame="f", loan_facility="a;b"), dict(frame="g", loan_facility="b;c")),
             loan_chain_worked, {"index": by(loan_sets_each_for_itself), "pairs": by(loan_sets_of_pairs)},
             label="chain"),
    RuleCase("budget.beyond", beyond_set, beyond_worked,
             {"sign": by(beyond_sign), "index": by(beyond_of_the_other_pillar), "year": by(beyond_a_year_later)}),
    RuleCase("budget.beyond", bound_already_set, bound_already_worked, {"index": by(beyond_of_nothing_bound)},
             label="bound"),
    RuleCase("budget.invested", invested_set, invested_worked,
             {"sign": by(lambda m, *key: m.invested[key] >= _invested(m, *key)), "index": by(invested_of_another),
              "year": by(invested_a_year_later)},
             named=frozenset({"policy.equipment_share_min"})),
)  # fmt: skip
