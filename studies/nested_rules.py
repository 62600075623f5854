r"""The table of rules: rows added, tightened, priced higher.

A row is part >= value * whole (a floor) or part <= value * whole (a ceiling) with whole >= 0, so that a higher floor or
a lower ceiling asks more. Hard rows only take plans away. A soft row takes none and adds points, violation * penalty >=
0, the more the tighter it is: the same plans, dearer.
"""

from __future__ import annotations

from collections.abc import Iterator

from data.checks_rules import SCOPES
from data.levers import Case
from studies.nested_parts import Part, by_key, dearer, nested_so, not_nested

FLOORS = frozenset({name for name in SCOPES if name.endswith("_min")} | {"spend_floor"})


def rules(inner: Case, outer: Case) -> Iterator[Part]:
    """Every row of a rule that the two cases don't share."""
    here, there = (by_key(one.dataset.tables["rules"], "rules") for one in (inner, outer))
    for key in sorted({*here, *there}, key=str):
        one, other = here.get(key), there.get(key)
        name = f"{key[0]} {key[1]}"
        if one is None:
            yield not_nested(name, f"{name} asks nothing any more")
        elif other is None:
            yield _asks_more(name, one.hardness, "asks more")
        elif (one.value, one.penalty) != (other.value, other.penalty):
            yield _changed(name, one, other)


def _asks_more(name: str, hardness: str, what: str) -> Part:
    if hardness == "hard":
        return nested_so(name, f"{name} {what}: a hard rule only takes plans away")
    return dearer(name, f"{name} {what}: the same plans, and what is violated costs points")


def _changed(name: str, one: object, other: object) -> Part:
    """The same row with another value or penalty."""
    value, was = float(one.value), float(other.value)  # type: ignore[attr-defined]
    rule, hardness = str(one.rule), str(one.hardness)  # type: ignore[attr-defined]
    tighter = value >= was if rule in FLOORS else value <= was
    cheaper = float(one.penalty) < float(other.penalty)  # type: ignore[attr-defined]
    if not tighter or (cheaper and hardness == "soft"):
        return not_nested(name, f"{name} asks less")
    return _asks_more(name, hardness, "asks more")
