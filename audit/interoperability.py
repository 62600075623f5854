"""Operated types: pairs that must not meet, and the yearly costs of types (sections 3 and 6 of the model)."""

from __future__ import annotations

from audit.buying import Bought
from audit.facts import Facts, Pair
from audit.ledger import Ledger, place


def off_standard(facts: Facts, programme: str) -> bool:
    """Return True if the programme's area has a standard and the programme is not on it."""
    row = facts.programmes[programme]
    standard = facts.areas[row.area].standard
    return bool(standard) and row.standard != standard


def type_years(facts: Facts, programme: str, legacy: bool) -> range:
    """Return the years in which a type costs: from first delivery possible on; a legacy type in all years."""
    row = facts.programmes[programme]
    start = facts.first if legacy else max(facts.first, row.first_order_year) + row.lead_years
    return range(start, facts.end + 1)


def types_of_class(facts: Facts, pairs: frozenset[Pair] | set[Pair], fleet_class: str) -> dict[str, set[str]]:
    """Return the types of a fleet class among the pairs, by nation."""
    types: dict[str, set[str]] = {}
    for nation, programme in pairs:
        if facts.programmes[programme].fleet_class == fleet_class:
            types.setdefault(nation, set()).add(programme)
    return types


def ordered_types(result: Bought, facts: Facts, fleet_class: str) -> set[str]:
    """Return the types of a class that anybody orders in this plan."""
    return {
        programme
        for (_, programme), units in result.ordered.items()
        if facts.is_order(programme, units) and facts.programmes[programme].fleet_class == fleet_class
    }


def check_incompatible(facts: Facts, result: Bought, ledger: Ledger) -> None:
    """Check that no nation of the scope operates both programmes of a pair, unless both are legacy."""
    for row in facts.incompatible:
        for nation in facts.group(row.scope or "ALL"):
            pairs = {(nation, row.programme_a), (nation, row.programme_b)}
            good = not pairs <= result.operated or pairs <= facts.legacy
            where = place(nation, row.programme_a, row.programme_b)
            message = f"{nation} operates both {row.programme_a} and {row.programme_b}."
            ledger.holds("interoperability.incompatible", where, good, message)
