"""Spending recomputed from decisions, row by row: who pays what, from which pillar, for which area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from audit.buying import Bought
from audit.facts import NATIONAL, Facts
from audit.interoperability import off_standard, type_years
from audit.joint import Joint, fees
from audit.ledger import Ledger, place
from audit.reading import Row

SpendingKey = tuple[str, int, str, str, str, str, str]
Spending = dict[SpendingKey, float]

TYPE_COSTS = ("overhead", "integration_tax")
KINDS = {
    "payment",
    "sustainment",
    "overhead",
    "integration_tax",
    "fee",
    "interest",
    "innovation",
    "industry",
    "obligation",
}


def _buying(facts: Facts, result: Bought, spending: Spending) -> None:
    """Payments, sustainment, type overhead and integration tax."""
    for (nation, programme, channel, year), amount in result.payments.items():
        row = facts.programmes[programme]
        spending[nation, year, row.pillar, "payment", programme, channel, row.area] += amount
    for (nation, programme, year), units in result.in_service.items():
        row = facts.programmes[programme]
        amount = units * row.sustain_cost
        spending[nation, year, row.pillar, "sustainment", programme, "-", row.area] += amount
    for nation, programme in sorted(result.operated):
        row = facts.programmes[programme]
        legacy = (nation, programme) in facts.legacy
        taxed = off_standard(facts, programme)
        for year in type_years(facts, programme, legacy):
            if not legacy:
                spending[nation, year, row.pillar, "overhead", programme, "-", row.area] += row.type_overhead
            if taxed:
                tax = facts.areas[row.area].integration_tax
                spending[nation, year, row.pillar, "integration_tax", programme, "-", row.area] += tax


def spending_of(
    facts: Facts,
    result: Bought,
    joints: Mapping[str, Joint],
    contributions: list[Row],
    interest: Mapping[tuple[str, str, int], float],
) -> Spending:
    """Return every row of spending, in millions, by nation, year, pillar, kind, item, channel and area.

    Args:
        facts: the case.
        result: orders, deliveries and payments.
        joints: the joint buys.
        contributions: the plan's contributions table.
        interest: interest by facility, nation and year.
    """
    spending: Spending = defaultdict(float)
    _buying(facts, result, spending)
    for frame, joint in joints.items():
        row = facts.programmes[facts.frames[frame].programme]
        for (nation, year), amount in fees(facts, joint).items():
            spending[nation, year, row.pillar, "fee", frame, "-", row.area] += amount
    for (facility, nation, year), amount in interest.items():
        spending[nation, year, "core", "interest", facility, "-", "-"] += amount
    for row in contributions:
        line = facts.innovation.get(row.item)
        pillar, kind = (line.pillar, "innovation") if line is not None else ("resilience", "industry")
        spending[row.nation, row.year, pillar, kind, row.item, "-", "-"] += row.amount
    for row in facts.obligations:
        area = _area_of(facts, row.item)
        spending[row.nation, row.year, row.pillar, "obligation", row.item or "-", "-", area] += row.amount
    return {key: amount for key, amount in sorted(spending.items()) if amount != 0.0}


def _area_of(facts: Facts, item: str) -> str:
    """Return the area of the programme, or of the frame's programme, that an obligation stands for; else -."""
    programme = facts.frames[item].programme if item in facts.frames else item
    return str(facts.programmes[programme].area) if programme in facts.programmes else "-"


def _printed(rows: list[Row], ledger: Ledger) -> Spending:
    """Sum the printed rows."""
    printed: Spending = defaultdict(float)
    for row in rows:
        if row.kind in KINDS:
            ledger.checked["table.spending"] += 1
        else:
            where = place(row.nation, row.year, row.pillar, row.kind, row.item)
            ledger.holds("table.spending", where, False, f"There is no kind of spending {row.kind}.")
        printed[row.nation, row.year, row.pillar, row.kind, row.item, row.channel, row.area] += row.amount
    return printed


def check_spending(facts: Facts, expected: Spending, rows: list[Row], ledger: Ledger) -> None:
    """Compare the spending table; a row of zero may be there or be left out."""
    printed = _printed(rows, ledger)
    for key in sorted(expected.keys() | printed.keys()):
        required, achieved = expected.get(key, 0.0), printed.get(key, 0.0)
        for rule in ("table.spending", *(_rules_of(key, achieved > required) if required != achieved else ())):
            ledger.equal(rule, key, "the amount", required, achieved, group="spending")


def _rules_of(key: SpendingKey, too_much: bool) -> tuple[str, ...]:
    """Return the rules that a wrong amount speaks of.

    A type's yearly costs say whether the plan knows that the type is operated; a payment through a frame says at which
    price, and for how many units, the plan has booked the order.
    """
    if key[3] in TYPE_COSTS:
        return ("buying.operated_minimum",) if too_much else ("buying.operated",)
    if key[3] == "payment" and key[5] != NATIONAL:
        return ("joint.order_value", "joint.tier_units")
    return ()
