"""Short ways to read what a rule's case asks of a plan, over the three years and the 90 wanted of tests/cases.py."""

from __future__ import annotations

from typing import Any

from optimizer.plans.plan import Plan
from tests.rule_case import total

YEARS = (2027, 2028, 2029)


def left_open(plan: Plan, amount: float, of: float = 90) -> None:
    """The gap index is the part of what is wanted (3 nations, 3 years, 10 each) that stays open."""
    assert abs(plan.header["gap_index_after"] - 100 * amount / of) < 1e-6


def by_year(plan: Plan, table: str = "orders", column: str = "units", **where: Any) -> list[float]:
    """Sum of a column in each year, over the rows that have these values."""
    return [total(plan, table, column, year=year, **where) for year in YEARS]


def rule_rows(plan: Plan, column: str, **where: Any) -> list[Any]:
    """A column of the table `rules`, of the rows that have these values."""
    rows = plan.tables["rules"]
    for name, wanted in where.items():
        rows = rows[rows[name] == wanted]
    return [round(number, 6) for number in rows[column].tolist()]


def soft_penalty(plan: Plan, points: float) -> None:
    """The soft penalty stands in the header, in the rules table, and in the value."""
    objective = plan.header["objective"]
    assert abs(objective["soft_penalty"] - points) < 1e-6
    assert abs(sum(plan.tables["rules"]["penalty"]) - points) < 1e-6
    assert abs(objective["value"] - plan.header["gap_index_after"] - points) < 1e-6
