"""Change against the plan of the last round (MODEL.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyomo.core import NonNegativeReals, Var

from models.keys import Keys
from models.linear import quicksum
from models.policyrow import PolicyRow
from models.registry import policy, rule


def declare(m: Any) -> None:
    """Variables: deviation from prior orders, where anything prices or limits it."""
    k: Keys = m.k
    wanted = k.counts_change or m.objective_mode == "changes"
    keys = [(row.nation, row.programme, row.channel, row.year) for row in k.prior] if wanted else []
    m.deviation = Var(sorted(set(keys)), domain=NonNegativeReals)
    m.prior_units = {(row.nation, row.programme, row.channel, row.year): row for row in k.prior}


def planned_units(m: Any, nation: str, programme: str, channel: str, year: int) -> Any:
    """This plan's units under a key of the prior plan."""
    if channel == "national":
        return m.national.get((nation, programme, year), 0)
    if channel in m.k.frame and m.k.frame[channel].programme == programme:
        return m.joint.get((channel, nation, year), 0)
    return 0


@rule("policy.deviation", bends=True, unit="units", says="Orders that differ from the last plan are counted as change.",
      over=lambda m: [(*key, sign) for key in m.deviation for sign in (1, -1)])  # fmt: skip
def deviation(m: Any, nation: str, programme: str, channel: str, year: int, sign: int) -> Any:
    r"""Deviation of an order from the prior plan's, both ways.

    .. math:: dev_j \ge \pm (units_j - prior_j)
    """
    key = (nation, programme, channel, year)
    return m.deviation[key] >= sign * (planned_units(m, *key) - m.prior_units[key].units)


def prior_value(m: Any) -> float:
    """Value of the prior plan's orders within the horizon (money)."""
    return float(sum(row.value for row in m.prior_units.values()))


def change(m: Any) -> Any:
    """Value of changed orders: sum of deviation * prior unit price (money)."""
    return quicksum(m.prior_units[key].unit_price * m.deviation[key] for key in m.deviation)


@policy("policy.change_max", counts="million", unit="share", says="The plan stays close to the last one.")
def change_max(m: Any) -> Iterator[PolicyRow]:
    r"""Changed value over the prior plan's value.

    .. math:: \sum_j price_j dev_j \le value \sum_j prior\_value_j
    """
    k: Keys = m.k
    whole = prior_value(m)
    for row in k.rules_named("change_max"):
        if whole > 0:
            yield PolicyRow.of(row, "-", k.last, "max", row.value, change(m), whole, whole, "share")
