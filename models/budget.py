"""Budgets (MODEL.md, sections 4, 8 and 8a): two pillars a nation and year, carry-over, shifts, loans and grants."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import Any

from pyomo.core import NonNegativeReals, Reals, Var

from models import buying, industry, innovation, interoperability, joint
from models.keys import EQUIPMENT, PILLARS, Keys, or_zero
from models.ledger import Ledger, Line
from models.linear import quicksum
from models.registry import rule

# Rules, beside policy, whose rows are made of lines of the ledger.
READ_THE_LEDGER = frozenset(
    {"budget.invested", "budget.spent", "budget.loan_payments", "budget.loan_share", "budget.loan_sets"}
)
INVESTMENT = EQUIPMENT | {"r_and_t"}


def declare(m: Any) -> None:
    """Variables: spending, money carried out, shifted in, drawn from loans."""
    k: Keys = m.k
    keys = [(nation, year, pillar) for nation in k.nations for year in k.years for pillar in PILLARS]
    beyond = [(nation, year, pillar) for nation in k.nations for year in k.beyond_years for pillar in PILLARS]
    m.spent = Var([*keys, *beyond], domain=Reals)
    carrying = [key for key in keys if key[1] < k.last] if k.carries else []
    m.carried = Var(carrying, domain=NonNegativeReals)
    m.shifted = Var(keys if k.shifts else [], domain=Reals)
    m.draw = Var(loan_keys(k), domain=NonNegativeReals)
    nations = {nation for row in k.rules_named("equipment_share_min") for nation in k.group(row.scope)}
    m.invested = Var([(n, year) for n in sorted(nations) for year in k.years], domain=NonNegativeReals)


def loan_keys(k: Keys) -> list[tuple[str, str, int]]:
    """(facility, nation, year) in which money can be drawn."""
    return [
        (facility, nation, year)
        for (facility, nation), (_, row) in k.loan.items()
        for year in k.years
        if row.first_year <= year <= row.last_year
    ]


def book(m: Any) -> None:
    """Fill the ledger with every line of spending and index it by budget."""
    k: Keys = m.k
    ledger = Ledger(k)
    for module in (buying, joint, industry, interoperability, innovation):
        module.spend(m, ledger)
    for (facility, nation), (_, row) in k.loan.items():
        for year in k.years if row.interest and row.kind == "loan" else []:
            drawn = [m.draw[facility, nation, s] for s in k.years if s < year and (facility, nation, s) in m.draw]
            if drawn:
                ledger.add_other(nation, year, "core", "interest", facility, row.interest * quicksum(drawn))
    for row in k.obligations:
        ledger.add_obligation(row.nation, int(row.year), row.pillar, row.item, float(row.amount))
    m.ledger = ledger
    m.lines_of_budget = defaultdict(list)
    for line in ledger.lines:
        m.lines_of_budget[line.nation, line.year, line.pillar].append(line)
    m.investments = {(nation, year): _investments(m, nation, year) for nation, year in m.invested}
    m.unit_payments = [line for line in ledger.lines if line.kind == "payment" and line.year <= k.last]
    m.innovation_lines = [line for line in ledger.lines if line.kind == "innovation" and line.year <= k.last]


def _investments(m: Any, nation: str, year: int) -> list[Line]:
    """Core payments for equipment, munition and research of a nation and year."""
    lines = m.lines_of_budget.get((nation, year, "core"), [])
    return [line for line in lines if line.kind == "payment" and m.k.programme[line.item].category in INVESTMENT]


@rule("budget.invested", unit="money", says="Core payments for equipment and research are summed once.",
      over=lambda m: list(m.invested))  # fmt: skip
def invested(m: Any, nation: str, year: int) -> Any:
    r"""Core payments for equipment, munition and r_and_t: both the budget and equipment_share_min are made of it.

    .. math:: invested_{nt} = \sum_{i \in \{equipment, munition, r\&t\}} payment_{nit}
    """
    return m.invested[nation, year] == quicksum(line.amount for line in m.investments[nation, year])


@rule("budget.spent", unit="money", says="Spending is the sum of its lines.", over=lambda m: list(m.spent))
def spent(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Spending of a nation, year and pillar.

    Its lines are payments, sustainment, overhead, integration tax, fees, interest, innovation, industry, obligations.

    .. math:: spent_{ntp} = \sum_{lines} amount
    """
    lines = m.lines_of_budget.get((nation, year, pillar), [])
    if pillar == "core" and (nation, year) in m.invested:
        summed = {id(line) for line in m.investments[nation, year]}
        rest = quicksum(line.amount for line in lines if id(line) not in summed)
        return m.spent[nation, year, pillar] == m.invested[nation, year] + rest
    return m.spent[nation, year, pillar] == quicksum(line.amount for line in lines)


def carried_in(m: Any, nation: str, year: int, pillar: str) -> Any:
    """Money carried over from the year before; nothing in the first year."""
    return or_zero(m.carried, (nation, year - 1, pillar))


def shifted_in(m: Any, nation: str, year: int, pillar: str) -> Any:
    """Money shifted in from the other pillar (negative: given)."""
    return m.shifted[nation, year, pillar] if m.shifted else 0


def loan_draws(m: Any, nation: str, year: int, pillar: str) -> Any:
    """Loans and grants drawn in a year; they add to core."""
    if pillar != "core":
        return 0
    draws = [m.draw[f, n, year] for f, n in m.k.loan if n == nation and (f, n, year) in m.draw]
    return quicksum(draws)


@rule("budget.balance", bends=True, given=True, price="gap-index points per million", unit="money",
      says="No year spends what it does not have.",
      over=lambda m: [key for key in m.spent if key[1] <= m.k.last])  # fmt: skip
def balance(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Spending and money carried out within available money, loans, carry-in and shift; the slack is unspent.

    Money carried out of the last year would do nothing, so that it counts as unspent.

    .. math:: spent + out_t \le available + loan + out_{t-1} + shift
    """
    key = (nation, year, pillar)
    out = or_zero(m.carried, key)
    money = m.k.available[key] + loan_draws(m, *key) + carried_in(m, *key) + shifted_in(m, *key)
    return m.spent[key] + out <= money


@rule("budget.beyond", bends=True, given=True, unit="money",
      says="Today's plan binds only a part of the money after its horizon.",
      over=lambda m: [key for key in m.spent if key[1] > m.k.last])  # fmt: skip
def beyond(m: Any, nation: str, year: int, pillar: str) -> Any:
    r"""Spending of a year beyond the horizon within a share of the last year's money, or what is bound already.

    .. math:: spent_{n,last+k,p} \le \max(money_k \, available_{n,last,p}, bound_{n,last+k,p})
    """
    return m.spent[nation, year, pillar] <= m.k.money_beyond[nation, year, pillar]


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


@rule("budget.loan_amount", given=True, price="gap-index points per million", unit="money",
      says="A nation, or a group, draws no more than its amount.",
      over=lambda m: [key for key in amounts_of(m.k) if m.k.loan_rows[key].amount < float("inf")])  # fmt: skip
def loan_amount(m: Any, facility: str, scope: str) -> Any:
    r"""Draws over the years, and over the nations of a group without a row of their own, within the amount.

    .. math:: \sum_{n,t} draw_{qnt} \le amount_q
    """
    nations = amounts_of(m.k)[facility, scope]
    draws = quicksum(m.draw[facility, n, y] for n in nations for y in m.k.years if (facility, n, y) in m.draw)
    return draws <= m.k.loan_rows[facility, scope].amount


def amounts_of(k: Keys) -> dict[tuple[str, str], list[str]]:
    """(facility, scope of a row) -> nations that draw from its amount."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (facility, nation), (scope, row) in k.loan.items():
        if any(row.first_year <= year <= row.last_year for year in k.years):
            found[facility, scope].append(nation)
    return found


def eligible(m: Any, facilities: frozenset[str], nation: str, year: int) -> Any:
    """Unit payments of a nation and year that any of the facilities may pay for (money)."""
    lines = {id(line): line for q in sorted(facilities) for line in m.loan_lines.get((q, nation, year), [])}
    return quicksum(line.amount for line in lines.values())


@rule("budget.loan_payments", unit="money", says="Loans and grants pay for eligible joint buys only.",
      over=lambda m: [key for key in m.draw if m.k.loan[key[0], key[1]][1].share >= 1])  # fmt: skip
def loan_payments(m: Any, facility: str, nation: str, year: int) -> Any:
    r"""Draws within the year's unit payments through the facility's frames whose core programme has the EU content.

    .. math:: draw_{qnt} \le \sum_{f \in F_q} payment_{fnt}
    """
    return m.draw[facility, nation, year] <= eligible(m, frozenset({facility}), nation, year)


@rule("budget.loan_share", given=True, unit="money", says="A facility covers no more than its share of the payments.",
      over=lambda m: [key for key in m.draw if m.k.loan[key[0], key[1]][1].share < 1])  # fmt: skip
def loan_share(m: Any, facility: str, nation: str, year: int) -> Any:
    r"""Draws within the facility's share of the year's eligible payments.

    .. math:: draw_{qnt} \le share_q \sum_{f \in F_q} payment_{fnt}
    """
    share = float(m.k.loan[facility, nation][1].share)
    return m.draw[facility, nation, year] <= share * eligible(m, frozenset({facility}), nation, year)


def facility_sets(m: Any) -> list[tuple[str, str, int]]:
    """(facilities joined by ;, nation, year) of sets of two and more that hang together by frames they share."""
    found = []
    for nation, year in sorted({key[1:] for key in m.draw}):
        here = [q for q, n, y in m.draw if (n, y) == (nation, year)]
        paid = {q: {line.channel for line in m.loan_lines.get((q, nation, year), [])} for q in here}
        for size in range(2, len(here) + 1):
            sets = [names for names in combinations(sorted(here), size) if _hang_together(names, paid)]
            found += [(";".join(names), nation, year) for names in sets]
    return found


def _hang_together(names: tuple[str, ...], paid: dict[str, set[str]]) -> bool:
    """Whether the facilities are linked, directly or through each other, by frames that several of them may pay."""
    reached, rest = set(paid[names[0]]), set(names[1:])
    while linked := {name for name in rest if paid[name] & reached}:
        rest -= linked
        reached |= set().union(*(paid[name] for name in linked))
    return not rest


@rule("budget.loan_sets", unit="money", says="Facilities together pay no payment twice.",
      over=facility_sets)  # fmt: skip
def loan_sets(m: Any, facilities: str, nation: str, year: int) -> Any:
    r"""Draws from a set of facilities within the payments through frames that name any of them.

    Rows only of sets that hang together by shared frames: those of others follow from their parts.

    .. math:: \sum_{q \in S} draw_{qnt} \le \sum_{f: F_f \cap S \ne \emptyset} payment_{fnt} \quad \forall S
    """
    names = frozenset(facilities.split(";"))
    drawn = quicksum(m.draw[facility, nation, year] for facility in sorted(names))
    return drawn <= eligible(m, names, nation, year)


def index_loans(m: Any) -> None:
    """(facility, nation, year) -> payments that a loan or grant may pay for."""
    k: Keys = m.k
    m.loan_lines = defaultdict(list)
    for line in m.unit_payments:
        if line.channel == "national":
            continue
        frame, programme = k.frame[line.channel], k.programme[line.item]
        if programme.pillar == "core" and programme.eu_content >= frame.eu_content_min:
            for facility in k.facilities[line.channel]:
                m.loan_lines[facility, line.nation, line.year].append(line)


def total_cost(m: Any) -> Any:
    """Undiscounted sum of all spending, years beyond the horizon included (millions)."""
    return quicksum(m.spent[key] for key in m.spent)
