"""What needs something to be fired from: hosts operated, and there in time (section 3 of the model)."""

from __future__ import annotations

from collections import defaultdict

from audit.buying import Bought
from audit.facts import Facts
from audit.ledger import Ledger, place


def check_hosts(facts: Facts, result: Bought, ledger: Ledger) -> None:
    """Check that who orders a programme that needs a host operates one, and that no more arrives than hosts carry."""
    arrivals: dict[tuple[str, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for order in result.orders:
        arrivals[order.nation, order.programme][order.delivery] += order.units
    for (nation, programme), units in sorted(result.ordered.items()):
        hosts = facts.hosts(programme)
        if not hosts or not facts.is_order(programme, units):
            continue
        operated = [host for host in hosts if (nation, host) in result.operated]
        message = f"{nation} orders {programme} but operates none of {', '.join(hosts)}."
        ledger.holds("buying.needs_host", place(nation, programme), bool(operated), message)
        if not any((nation, host) in facts.legacy for host in hosts):
            _check_timing(facts, arrivals, nation, programme, ledger)


def _check_timing(
    facts: Facts, arrivals: dict[tuple[str, str], dict[int, float]], nation: str, programme: str, ledger: Ledger
) -> None:
    """Units of new orders delivered up to a year <= max_units * lots of new hosts delivered up to it."""
    customer = facts.customers.get((nation, programme))
    most = customer.max_units if customer is not None else 0.0
    for year in sorted(arrivals[nation, programme]):
        here = sum(units for when, units in arrivals[nation, programme].items() if when <= year)
        lots = 0.0
        for host in facts.hosts(programme):
            there = sum(units for when, units in arrivals[nation, host].items() if when <= year)
            lots += there / facts.programmes[host].lot if facts.programmes[host].lot > 0 else 0.0
        limit = most * lots if lots > 0 else 0.0
        what = f"what has arrived with {_lots(lots)} of hosts there"
        ledger.at_most("buying.host_first", place(nation, programme, year), what, limit, here)


def _lots(lots: float) -> str:
    """Return a number of lots in words."""
    return f"{lots:.10g} lot" + ("" if lots == 1 else "s")
