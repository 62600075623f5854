"""Orders: windows, lots, prices, deliveries, units in service, payments (section 3 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from audit.facts import NATIONAL, SMALLEST_ORDER, Facts, Pair
from audit.ledger import Ledger, number, place
from audit.reading import Row, compare


@dataclass(frozen=True)
class Order:
    """An order with the price recomputed: `base` is the price without tier, millions a unit."""

    nation: str
    programme: str
    channel: str
    year: int
    units: float
    delivery: int
    base: float
    factor: float

    @property
    def value(self) -> float:
        """Return what the order costs, in millions."""
        return self.units * self.base * self.factor

    @property
    def saving(self) -> float:
        """Return what the tier takes off, in millions."""
        return self.units * self.base * (1.0 - self.factor)

    def payments(self, down_payment: float) -> list[tuple[int, float]]:
        """Return the payments by year: a part down, the rest in equal parts up to the delivery year."""
        if self.delivery == self.year:
            return [(self.year, self.value)]
        parts = self.delivery - self.year
        rest = (1.0 - down_payment) * self.value / parts
        return [(self.year, down_payment * self.value)] + [(self.year + k, rest) for k in range(1, parts + 1)]


@dataclass(frozen=True)
class Bought:
    """What the orders and the pipeline come to."""

    orders: list[Order]
    ordered: dict[Pair, float]
    operated: frozenset[Pair]
    deliveries: dict[tuple[str, str, int], float]
    arrived: dict[tuple[str, int], float]
    in_service: dict[tuple[str, str, int], float]
    payments: dict[tuple[str, str, str, int], float]
    earlier_payments: dict[int, float]


def known_orders(facts: Facts, rows: list[Row], ledger: Ledger) -> list[Row]:
    """Return the orders whose ids mean something; the others are findings."""
    known = []
    for row in rows:
        frame = facts.frames.get(row.channel)
        reasons = [
            row.nation not in facts.nations and f"{row.nation} is no nation of the case.",
            row.programme not in facts.programmes and f"{row.programme} is no programme.",
            row.channel != NATIONAL and frame is None and f"{row.channel} is neither national nor a frame.",
            frame is not None and frame.programme != row.programme and f"{row.channel} does not buy {row.programme}.",
        ]
        wrong = [reason for reason in reasons if reason]
        where = place(row.nation, row.programme, row.channel, row.year)
        ledger.at_least("table.orders", where, "units", 0.0, row.units, group="units ordered")
        if ledger.holds("table.orders", where, not wrong, " ".join(wrong)):
            known.append(row)
    return known


def priced(facts: Facts, rows: list[Row], factors: Mapping[str, float]) -> list[Order]:
    """Return the orders with their prices recomputed.

    Args:
        facts: the case.
        rows: rows of the orders table with known ids.
        factors: price factor of each frame by its total units.
    """
    return [
        Order(
            row.nation,
            row.programme,
            row.channel,
            row.year,
            row.units,
            facts.delivery_year(row.programme, row.channel, row.year),
            facts.price(row.programme, row.year),
            factors.get(row.channel, 1.0),
        )
        for row in rows
    ]


def _in_service(facts: Facts, deliveries: dict[tuple[str, str, int], float]) -> dict[tuple[str, str, int], float]:
    """Units in service in t: delivered in t - service_years + 1 .. t."""
    service: dict[tuple[str, str, int], float] = defaultdict(float)
    for (nation, programme, year), units in deliveries.items():
        until = min(facts.end, year + facts.programmes[programme].service_years - 1)
        for later in range(year, until + 1):
            service[nation, programme, later] += units
    return dict(service)


def bought(facts: Facts, orders: list[Order]) -> Bought:
    """Return deliveries, units in service, operated types and payments of orders and pipeline."""
    ordered: dict[Pair, float] = defaultdict(float)
    deliveries: dict[tuple[str, str, int], float] = defaultdict(float)
    payments: dict[tuple[str, str, str, int], float] = defaultdict(float)
    earlier: dict[int, float] = defaultdict(float)
    for (nation, programme, year), units in facts.pipeline.items():
        deliveries[nation, programme, year] += units
    for order in orders:
        ordered[order.nation, order.programme] += order.units
        deliveries[order.nation, order.programme, order.delivery] += order.units
        for year, amount in order.payments(facts.programmes[order.programme].down_payment):
            payments[order.nation, order.programme, order.channel, year] += amount
            if year > order.year:
                earlier[year] += amount
    arrived: dict[tuple[str, int], float] = defaultdict(float)
    for (_, programme, year), units in deliveries.items():
        arrived[programme, year] += units
    newly = {(nation, programme) for (nation, programme), units in ordered.items() if facts.is_order(programme, units)}
    return Bought(
        orders,
        dict(ordered),
        frozenset(facts.legacy | newly),
        dict(deliveries),
        dict(arrived),
        _in_service(facts, deliveries),
        dict(payments),
        dict(earlier),
    )


def check_orders(facts: Facts, rows: list[Row], orders: list[Order], complete: dict[str, int], ledger: Ledger) -> None:
    """Check every order: customer, window, whole lots, unlocked, price, value.

    Args:
        facts: the case.
        rows: rows of the orders table with known ids.
        orders: the same orders with recomputed prices.
        complete: completion year of each complete innovation line.
        ledger: takes the findings.
    """
    for row, order in zip(rows, orders, strict=True):
        where = place(row.nation, row.programme, row.channel, row.year)
        programme = facts.programmes[row.programme]
        customer = (row.nation, row.programme) in facts.customers
        ledger.holds("buying.customers", where, customer, f"{row.nation} is no customer of {row.programme}.")
        in_time = facts.can_order(row.programme, row.channel, row.year)
        window = f"{programme.first_order_year}-{programme.last_order_year}"
        message = f"Orders are open {window} and deliver by {facts.end}; this one would deliver in {order.delivery}."
        ledger.holds("buying.order_window", where, in_time, message)
        if programme.lot > 0:
            lots = row.units / programme.lot
            what = f"{number(lots)} lots of {number(programme.lot)}, in units,"
            terms = (row.units, programme.lot)
            ledger.equal("buying.whole_lots", where, what, round(lots) * programme.lot, row.units, terms=terms)
        if programme.requires_innovation and facts.is_order(row.programme, row.units):
            _check_unlocked(programme.requires_innovation, row.year, complete, where, ledger)
        rule = "table.orders" if row.channel == NATIONAL else "joint.order_value"
        ledger.equal(rule, where, "unit_price", order.base * order.factor, row.unit_price)
        ledger.equal(rule, where, "value", order.value, row.value)


def _check_unlocked(line: str, year: int, complete: dict[str, int], where: str, ledger: Ledger) -> None:
    """A programme that needs an innovation line is ordered from the line's completion on."""
    done = complete.get(line, 0)
    message = f"{line} is complete in {done}, after this order." if done else f"{line} is never complete."
    ledger.holds("innovation.unlocks", where, 0 < done <= year, message)


def check_totals(facts: Facts, result: Bought, ledger: Ledger) -> None:
    """Check the units of each nation and programme over the horizon."""
    for (nation, programme), units in sorted(result.ordered.items()):
        where = place(nation, programme)
        customer = facts.customers.get((nation, programme))
        if customer is not None:
            ledger.at_most("buying.max_units", where, "the sum of new orders", customer.max_units, units)
        if facts.programmes[programme].lot == 0 and facts.is_order(programme, units):
            what = "the sum of orders of a divisible programme"
            ledger.at_least("buying.operated_minimum", where, what, SMALLEST_ORDER, units)


def check_deliveries(result: Bought, rows: list[Row], ledger: Ledger) -> None:
    """Compare the deliveries table with orders and pipeline."""
    expected = {
        key: (result.deliveries.get(key, 0.0), result.in_service.get(key, 0.0))
        for key in sorted(result.deliveries.keys() | result.in_service.keys())
    }
    rules = {"in_service": "buying.in_service"}
    compare(
        ledger, "deliveries", expected, rows, ("units", "in_service"), rules=rules, zero_rows=True, unit="programme"
    )
