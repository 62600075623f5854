"""Cases of the rules of innovation (MODEL.md, section 7).

Nations want 10 of land in each of three years and have none: 90 in sum. The line `v` is sponsored by all and certain to
work; complete, it closes part of every target. Nations have the same gdp, hence a third of every cost each.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

from models.innovation import began, complete
from optimizer.plan import Plan
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
)  # fmt: skip
