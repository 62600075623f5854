"""Ways to break a policy rule, whose function yields PolicyRow objects: a wrong sign, or a look at the wrong place."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from models.policyrow import PolicyRow
from models.registry import Rule

Break = Callable[[Rule], Rule]
FLIPPED = {"min": "max", "max": "min"}


def _each(change: Callable[[PolicyRow], PolicyRow]) -> Break:
    """A break that changes every row by itself."""

    def broken(rule: Rule) -> Rule:
        return dataclasses.replace(rule, function=lambda m: (change(row) for row in rule.function(m)))

    return broken


def turned(rule: Rule) -> Rule:
    """At most where at least is meant, and the other way round."""
    return _each(lambda row: dataclasses.replace(row, sense=FLIPPED[row.sense]))(rule)


def negated(rule: Rule) -> Rule:
    """The part counts against itself: a limit from above that nothing reaches."""
    return _each(lambda row: dataclasses.replace(row, part=-row.part))(rule)


def looking_at(place: int) -> Break:
    """Every row takes part and whole of one of them: the first (0) or the last (-1) nation, line or year."""

    def broken(rule: Rule) -> Rule:
        def rows(m: Any) -> Iterator[PolicyRow]:
            found = list(rule.function(m))
            return (dataclasses.replace(row, part=found[place].part, whole=found[place].whole) for row in found)

        return dataclasses.replace(rule, function=rows)

    return broken


def elsewhere(**columns: Any) -> Break:
    """The rule reads other columns in its row of the data: another scope, another first year."""

    def broken(rule: Rule) -> Rule:
        def rows(m: Any) -> Iterator[PolicyRow]:
            data, name = m.k.rules, rule.name.split(".")[1]
            scopes = [row.scope for row in data if row.rule == name]
            if len(scopes) != 1:
                raise ValueError(f"{name} has {len(scopes)} rows in the data: this break is for one")
            m.k.rules = [row._replace(**columns) if row.rule == name else row for row in data]
            found = list(rule.function(m))
            m.k.rules = data
            return (dataclasses.replace(row, scope=scopes[0]) for row in found)

        return dataclasses.replace(rule, function=rows)

    return broken


def only_row(place: int) -> Break:
    """Of several rows of the rule in the data only one is read: the first (0) or the last (-1)."""

    def broken(rule: Rule) -> Rule:
        def rows(m: Any) -> Iterator[PolicyRow]:
            data, name = m.k.rules, rule.name.split(".")[1]
            mine = [row for row in data if row.rule == name]
            m.k.rules = [row for row in data if row.rule != name] + [mine[place]]
            found = list(rule.function(m))
            m.k.rules = data
            return iter(found)

        return dataclasses.replace(rule, function=rows)

    return broken
