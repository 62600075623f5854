"""Cases of the rules of innovation (MODEL.md, section 7).

Nations want 10 of land in each of three years and have none: 90 in sum. The line `v` is sponsored by all and certain to
work; complete, it closes part of every target. Nations have the same gdp, hence a third of every cost each.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

from pyomo.environ import quicksum

from models.innovation import began, complete, pool_bill
from optimizer.plans.plan import Plan
from tests.cases import Row, three_nations
from tests.rule_case import RuleCase, by, orders, total
from tests.rule_reading import left_open

BROKE = [dict(nation=nation, year=2027, pillar="core", gdp_share=0) for nation in ("DEU", "FRA", "USA")]
LATE = dict(innovation="v", pilot_cost=9, pilot_years=1, scale_cost=21)  # scaling is done in the year of its start


def _lines(plan: Plan) -> list[tuple[Any, ...]]:
    columns = ["innovation", "mode", "pilot_year", "scale_year", "complete_year", "cost"]
    return [tuple(row) for row in plan.tables["innovation"][columns].itertuples(index=False)]


def _set(line: Row, closes: float = 0.4, **tables: Any) -> Any:
    effects = [dict(innovation="v", area="land", closes=closes)]
    return three_nations(innovation=[line], innovation_effects=effects, **tables)


# ---- pilot or fast ---------------------------------------------------------------------------------------------------


def _mode_set() -> Any:
    return _set({**LATE, "scale_years": 1, "fast_years": 1, "fast_cost_factor": 1.5})


def _mode(plan: Plan) -> None:
    """Piloted in 2027 and scaled in 2028 the line would be complete in 2029; fast it is complete in 2028, for 1.5 *
    30 = 45. It closes 4 of each 10: open are 30 + 18 + 18."""
    assert _lines(plan) == [("v", "fast", 2027, 0, 2028, 45)]
    assert total(plan, "spending", "amount", kind="innovation", nation="DEU", year=2027) == 15
    assert total(plan, "gaps", "innovation", nation="FRA", year=2028) == 4
    left_open(plan, 66)


def _mode_sign(m: Any, line: str) -> Any:
    return began(m, line, "pilot", m.k.last) + began(m, line, "fast", m.k.last) >= 1


def _mode_index(m: Any, line: str) -> Any:
    """Only what has begun by the first year counts."""
    return began(m, line, "pilot", m.k.first) + began(m, line, "fast", m.k.first) <= 1


def _both_index(m: Any, line: str) -> Any:
    """Pilots only."""
    return began(m, line, "pilot", m.k.last) <= 1


# ---- scale after the pilot -------------------------------------------------------------------------------------------


def _scale_set() -> Any:
    return _set(LATE, budget_path=BROKE)


def _scale(plan: Plan) -> None:
    """There is no core money in 2027. The pilot runs through 2028, and in 2029 the line is scaled and complete at
    once: 30 + 30 + 18 open. The pilot costs 9, the scaling 21."""
    assert _lines(plan) == [("v", "normal", 2028, 2029, 2029, 30)]
    assert [total(plan, "spending", "amount", year=year) for year in (2027, 2028, 2029)] == [0, 9, 21]
    left_open(plan, 78)


def _scale_sign(m: Any, line: str, year: int) -> Any:
    return began(m, line, "scale", year) >= began(m, line, "pilot", year - m.k.duration(line, "pilot"))


def _scale_index(m: Any, line: str, year: int) -> Any:
    """The year of the scaling in place of the one by which the pilot is over."""
    return began(m, line, "scale", year) <= began(m, line, "pilot", year)


# ---- what a line unlocks ---------------------------------------------------------------------------------------------


def _unlock_set() -> Any:
    return _set(
        LATE, closes=0, budget_path=BROKE,
        programmes=[dict(programme="swarm", requires_innovation="v")],
        customers=[dict(nation="DEU", programme="swarm", max_units=10)],
    )  # fmt: skip


def _unlock(plan: Plan) -> None:
    """The swarm needs the line, which without money in 2027 is complete in 2029: 10 are ordered then. Open are 10 +
    10 + 0 and 60; the line costs 30, the swarm 10."""
    assert orders(plan) == {("DEU", "swarm", "national", 2029): 10}
    assert _lines(plan) == [("v", "normal", 2028, 2029, 2029, 30)]
    assert abs(plan.header["objective"]["cost"] - 40) < 1e-6
    left_open(plan, 80)


def _unlock_sign(m: Any, frame: str, nation: str, programme: str, year: int) -> Any:
    var = m.order[nation, programme, year]
    return var >= -var.ub * complete(m, "v", year)


def _unlock_index(m: Any, frame: str, nation: str, programme: str, year: int) -> Any:
    """Complete a year later is good enough."""
    var = m.order[nation, programme, year]
    return var <= var.ub * complete(m, "v", year + 1)


def _unlock_joint_set() -> Any:
    return _set(
        LATE, closes=0, budget_path=BROKE,
        programmes=[dict(programme="swarm", requires_innovation="v", last_order_year=2028)],
        customers=[dict(programme="swarm", max_units=10)],
        frames=[dict(frame="f", programme="swarm", min_members=3)],
    )  # fmt: skip


def _unlock_joint(plan: Plan) -> None:
    """Orders end in 2028, a year before the line can be complete: nobody orders, alone or jointly; nobody pilots."""
    assert orders(plan) == {}
    assert _lines(plan) == []
    left_open(plan, 90)


def _unlock_national_only(m: Any, frame: str, nation: str, programme: str, year: int) -> Any:
    """Orders through frames are forgotten."""
    if frame != "-":
        return True
    var = m.order[nation, programme, year]
    return var <= var.ub * complete(m, "v", year)


# ---- who pays --------------------------------------------------------------------------------------------------------


def _broke(*nations: str) -> list[Row]:
    """These have no core money in 2027."""
    return [dict(nation=nation, year=2027, pillar="core", gdp_share=0) for nation in nations]


def _bill_set() -> Any:
    """Germany and France share a line, the USA has one of its own."""
    return three_nations(
        innovation=[{**LATE, "sponsor": "DEU;FRA"}, dict(innovation="w", sponsor="USA", pilot_cost=6)],
        innovation_effects=[dict(innovation=name, area="land", closes=0.4) for name in ("v", "w")],
        budget_path=_broke("DEU"),
    )


def _bill(plan: Plan) -> None:
    """Germany has no money in 2027, and France pays the whole pilot, 9; the 21 of 2028 they share. The USA pay the 6 of
    theirs. Of 10 each closes 4: the USA from 2027 on, the others from 2028 on. 20 + 6, then 18 and 18 stay open."""
    amounts = plan.tables["contributions"].groupby(["item", "year"])["amount"].sum()
    assert {key: round(amount, 6) for key, amount in amounts.items() if amount} == {
        ("v", 2027): 9, ("v", 2028): 21, ("w", 2027): 6,
    }  # fmt: skip
    assert total(plan, "contributions", "amount", nation="FRA", year=2027) == 9
    left_open(plan, 62)


def _contributed(m: Any, pool: str, year: int) -> Any:
    return quicksum(m.contribution[pool, nation, year] for nation in m.payers[pool])


def _bill_sign(m: Any, pool: str, year: int) -> Any:
    return _contributed(m, pool, year) <= pool_bill(m, pool, year)


def _bill_of_another(m: Any, pool: str, year: int) -> Any:
    return _contributed(m, pool, year) == pool_bill(m, "w" if pool == "v" else "v", year)


def _bill_of_next_year(m: Any, pool: str, year: int) -> Any:
    return _contributed(m, pool, year) == pool_bill(m, pool, year + 1)


def _share_set(told: dict[str, float] | None = None, broke: str = "USA", sponsor_max: float = 1.5) -> Any:
    """All share a line for 30. The GDP of the USA is twice the others' in 2027, and like theirs from 2028 on."""
    return _set(
        dict(innovation="v", pilot_cost=30),
        settings=dict(sponsor_max=sponsor_max),
        economy=[dict(nation="USA", year=2027, gdp=2000)],
        nations=[dict(nation=nation, cost_share=share) for nation, share in (told or {}).items()],
        budget_path=_broke(broke),
    )  # fmt: skip


def _share(plan: Plan) -> None:
    """In 2027 the key is 1/4, 1/4, 1/2, and no sponsor pays more than 1.5 times its part. The USA have no core money
    then; Germany and France may pay 3/8 each, which is not all: so the line waits for 2028. 30 + 18 + 18 stay open."""
    assert _lines(plan) == [("v", "normal", 2028, 2028, 2028, 30)]
    left_open(plan, 66)


def _share_told(plan: Plan) -> None:
    """The data tell a key: Germany 3, France 1, the USA, untold, nothing. Germany has no core money in 2027, and France
    may pay 1.5 * 1/4 of the bill: the line waits for 2028, and the USA pay nothing of it."""
    assert _lines(plan) == [("v", "normal", 2028, 2028, 2028, 30)]
    assert total(plan, "contributions", "amount", nation="USA") == 0
    assert total(plan, "contributions", "amount", nation="FRA") <= 11.25
    left_open(plan, 66)


def _share_exact(plan: Plan) -> None:
    """With sponsor_max 1 everybody pays its key share, neither more nor less: in 2028 a third of the 30 each."""
    assert _lines(plan) == [("v", "normal", 2028, 2028, 2028, 30)]
    assert [total(plan, "contributions", "amount", nation=n, year=2028) for n in ("DEU", "FRA", "USA")] == [10, 10, 10]


def _share_sign(m: Any, pool: str, nation: str, year: int) -> Any:
    return -m.contribution[pool, nation, year] <= m.k.settings.sponsor_max * pool_bill(m, pool, year)


def _share_of_the_largest(m: Any, pool: str, nation: str, year: int) -> Any:
    """Everybody is held to the largest sponsor's part."""
    most = m.k.settings.sponsor_max * max(m.k.key_shares(pool, year).values())
    return m.contribution[pool, nation, year] <= most * pool_bill(m, pool, year)


def _share_of_the_last_year(m: Any, pool: str, nation: str, year: int) -> Any:
    most = m.k.settings.sponsor_max * m.k.key_shares(pool, m.k.last)[nation]
    return m.contribution[pool, nation, year] <= most * pool_bill(m, pool, year)


def _share_by_gdp(m: Any, pool: str, nation: str, year: int) -> Any:
    """The key that the data tell is not read."""
    gdp = {n: m.k.gdp[n, year] for n in m.payers[pool]}
    most = m.k.settings.sponsor_max * gdp[nation] / sum(gdp.values())
    return m.contribution[pool, nation, year] <= most * pool_bill(m, pool, year)


CASES = (
    RuleCase(
        "innovation.one_mode", _mode_set, _mode,
        {"sign": by(_mode_sign), "index": by(_mode_index), "pilots": by(_both_index)},
    ),
    RuleCase(
        "innovation.scale_after_pilot", _scale_set, _scale, {"sign": by(_scale_sign), "index": by(_scale_index)},
    ),
    RuleCase("innovation.unlocks", _unlock_set, _unlock, {"sign": by(_unlock_sign), "index": by(_unlock_index)}),
    RuleCase(
        "innovation.unlocks", _unlock_joint_set, _unlock_joint, {"index": by(_unlock_national_only)}, label="joint",
    ),
    RuleCase(
        "innovation.bill", _bill_set, _bill,
        {"sign": by(_bill_sign), "index": by(_bill_of_another), "year": by(_bill_of_next_year)},
    ),
    RuleCase(
        "innovation.sponsor_share", _share_set, _share,
        {"sign": by(_share_sign), "index": by(_share_of_the_largest), "year": by(_share_of_the_last_year)},
    ),
    RuleCase(
        "innovation.sponsor_share", lambda: _share_set(dict(DEU=3, FRA=1), "DEU"), _share_told,
        {"index": by(_share_by_gdp)}, label="cost_share",
    ),
    RuleCase(
        "innovation.sponsor_share", lambda: _share_set(sponsor_max=1), _share_exact,
        {"sign": by(_share_sign)}, label="exact",
    ),
)  # fmt: skip
