"""Budgets (MODEL.md, sections 4 and 8): two pillars a nation and year, carry-over, shifts, loans."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.environ import NonNegativeReals, Reals, Var

from models import buying, industry, innovation, interoperability, joint
from models.keys import PILLARS, Keys, or_zero
from models.ledger import Ledger
from models.linear import quicksum
from models.registry import rule

# Rules, beside policy, whose rows are made of lines of the ledger.
READ_THE_LEDGER = frozenset({"budget.spent", "budget.loan_payments"})


def declare(m: Any) -> None:
    """Variables: spending, money carried out, shifted in, drawn from loans."""
    k: Keys = m.k
    keys = [(nation, year, pillar) for nation in k.nations for year in k.years for pillar in PILLARS]
    m.spent = Var(keys, domain=Reals)
    carrying = [key for key in keys if key[1] < k.last] if k.carries else []
    m.carried = Var(carrying, domain=NonNegativeReals)
    m.shifted = Var(keys if k.shifts else [], domain=Reals)
    m.draw = Var(loan_keys(k), domain=NonNegativeReals)


def loan_keys(k: Keys) -> list[tuple[str, str, int]]:
    """(facility, nation, year) in which money can be drawn."""
    return [
        (facility, nation, year)
        for (facility, nation), row in sorted(k.loan.items())
        for year in k.years
        if row.first_year <= year <= row.last_year
    ]


def book(m: Any) -> None:
    """Fill the ledger with every line of spending and index it by budget."""
    k: Keys = m.k
    ledger = Ledger(k)
    for module in (buying, joint, industry, interoperability, innovation):
        module.spend(m, ledger)
    for (facility, nation), row in sorted(k.loan.items()):
        for year in k.years if row.interest else []:
            drawn = [m.draw[facility, nation, s] for s in k.years if s < year and (facility, nation, s) in m.draw]
            if drawn:
                ledger.add_other(nation, year, "core", "interest", facility, row.interest * quicksum(drawn))
    for row in k.obligations:
        ledger.add_obligation(row.nation, int(row.year), row.pillar, row.item, float(row.amount))
    m.ledger = ledger
    m.lines_of_budget = defaultdict(list)
    for line in ledger.lines:
        m.lines_of_budget[line.nation, line.year, line.pillar].append(line)
    m.unit_payments = [line for line in ledger.lines if line.kind == "payment"]
    m.innovation_lines = [line for line in ledger.lines if line.kind == "innovation"]


@rule("budget.spent", unit="money", says="Spending is the sum of its lines.", over=lambda m: list(m.spent))
def spent(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Spending of a nation, year and pillar.

    Its lines are payments, sustainment, overhead, integration tax, fees, interest, innovation, industry, obligations.

    .. math:: spent_{ntp} = \sum_{lines} amount
    """
    total = quicksum(line.amount for line in m.lines_of_budget.get((nation, year, pillar), []))
    return m.spent[nation, year, pillar] == total


def carried_in(m: Any, nation: str, year: int, pillar: str) -> Any:
    """Money carried over from the year before; nothing in the first year."""
    return or_zero(m.carried, (nation, year - 1, pillar))


def shifted_in(m: Any, nation: str, year: int, pillar: str) -> Any:
    """Money shifted in from the other pillar (negative: given)."""
    return m.shifted[nation, year, pillar] if m.shifted else 0


def loan_draws(m: Any, nation: str, year: int, pillar: str) -> Any:
    """Loans drawn in a year; they add to core."""
    if pillar != "core":
        return 0
    draws = [m.draw[f, n, year] for f, n in sorted(m.k.loan) if n == nation and (f, n, year) in m.draw]
    return quicksum(draws)


@rule("budget.balance", unit="money", says="No year spends what it does not have.", over=lambda m: list(m.spent))
def balance(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Spending and money carried out within available money, loans, carry-in and shift; the slack is unspent.

    Money carried out of the last year would do nothing, so that it counts as unspent.

    .. math:: spent + out_t \le available + loan + out_{t-1} + shift
    """
    key = (nation, year, pillar)
    out = or_zero(m.carried, key)
    money = m.k.available[key] + loan_draws(m, *key) + carried_in(m, *key) + shifted_in(m, *key)
    return m.spent[key] + out <= money


@rule("budget.carry_limit", unit="money", says="Only a small part of a year's money moves to the next.",
      over=lambda m: list(m.carried))  # fmt: skip
def carry_limit(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Money carried out is at most the carry-over share of available money.

    .. math:: out_{ntp} \le carry \cdot available_{ntp}
    """
    key = (nation, year, pillar)
    return m.carried[key] <= m.k.options.carry_over * m.k.available[key]


@rule("budget.shift_sum", unit="money", says="What one pillar gives the other gets.",
      over=lambda m: sorted({key[:2] for key in m.shifted}))  # fmt: skip
def shift_sum(m: Any, nation: str, year: int) -> Any:
    r"""Shifts of the two pillars sum to zero.

    .. math:: shift_{nt,core} + shift_{nt,resilience} = 0
    """
    return quicksum(m.shifted[nation, year, pillar] for pillar in PILLARS) == 0


@rule("budget.shift_limit", unit="money", says="A pillar gives at most a share of its own money.",
      over=lambda m: list(m.shifted))  # fmt: skip
def shift_limit(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""What a pillar gives is within its share of available money.

    .. math:: -shift_{ntp} \le share \cdot available_{ntp}
    """
    key = (nation, year, pillar)
    return -m.shifted[key] <= m.k.options.pillar_shift * m.k.available[key]


@rule("budget.loan_amount", unit="money", says="A nation draws no more than its loan.",
      over=lambda m: [key for key in sorted(m.k.loan) if m.k.loan[key].amount < float("inf")
                      and any((*key, year) in m.draw for year in m.k.years)])  # fmt: skip
def loan_amount(m: Any, facility: str, nation: str) -> Any:
    r"""Draws over the years within the amount.

    .. math:: \sum_t draw_{qnt} \le amount_{qn}
    """
    draws = quicksum(m.draw[facility, nation, year] for year in m.k.years if (facility, nation, year) in m.draw)
    return draws <= m.k.loan[facility, nation].amount


@rule("budget.loan_payments", unit="money", says="Loans pay for eligible joint buys only.", over=lambda m: list(m.draw))
def loan_payments(m: Any, facility: str, nation: str, year: int) -> Any:
    r"""Draws within the year's unit payments through the facility's frames whose core programme has the EU content.

    .. math:: draw_{qnt} \le \sum_{f \in F_q} payment_{fnt}
    """
    eligible = quicksum(line.amount for line in m.loan_lines.get((facility, nation, year), []))
    return m.draw[facility, nation, year] <= eligible


def index_loans(m: Any) -> None:
    """(facility, nation, year) -> payments that a loan may pay for."""
    k: Keys = m.k
    m.loan_lines = defaultdict(list)
    for line in m.unit_payments:
        if line.channel == "national":
            continue
        frame, programme = k.frame[line.channel], k.programme[line.item]
        if frame.loan_facility and programme.pillar == "core" and programme.eu_content >= frame.eu_content_min:
            m.loan_lines[frame.loan_facility, line.nation, line.year].append(line)


def total_cost(m: Any) -> Any:
    """Undiscounted sum of all spending (millions)."""
    return quicksum(m.spent[key] for key in m.spent)
