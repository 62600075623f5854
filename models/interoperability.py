"""Interoperability (MODEL.md, section 6): fleets, variants, incompatible pairs, common standards, integration tax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyomo.core import Binary, Var

from models.buying import new_orders, operated, preparation_years
from models.capability import delivered_effect
from models.keys import Keys, years_from
from models.ledger import Ledger
from models.linear import quicksum
from models.policyrow import PolicyRow
from models.registry import policy, rule


def declare(m: Any) -> None:
    """Variables: types of a limited class that anybody orders anew."""
    k: Keys = m.k
    classes = {row.scope for row in k.rules_named("variant_limit")}
    ordered = {programme for _, programme in k.ordering_pairs}
    counted = [i for i in k.programmes if i in ordered and k.fleet_class(i) in classes]
    m.type_ordered = Var(counted, domain=Binary)


@rule("interoperability.type_ordered", bends=True, big_m=True, unit="units",
      says="A type that anybody orders is a variant.",
      over=lambda m: [pair for pair in m.k.ordering_pairs if pair[1] in m.type_ordered])  # fmt: skip
def type_ordered(m: Any, nation: str, programme: str) -> Any:
    r"""New orders of any nation make the type a newly ordered one (one row a nation: tighter than their sum).

    .. math:: \sum_t x_{nit} + \sum_{f,t} y_{fnt} \le most_{ni} \, variant_i
    """
    return new_orders(m, nation, programme) <= m.k.switch((nation, programme)) * m.type_ordered[programme]


def types_of_class(k: Keys, fleet_class: str) -> list[str]:
    """Programmes of a fleet class."""
    return [i for i in k.programmes if k.fleet_class(i) == fleet_class]


@policy("interoperability.fleet_limit", unit="types", says="A nation operates few types of one class.")
def fleet_limit(m: Any) -> Iterator[PolicyRow]:
    r"""Operated types of a class in each nation within the limit, or within what it has as legacy.

    .. math:: \sum_{i \in class} operated_{ni} \le \max(value, legacy_n)
    """
    k: Keys = m.k
    for row in k.rules_named("fleet_limit"):
        types = types_of_class(k, row.scope)
        for nation in k.nations:
            legacy = sum((nation, i) in k.legacy for i in types)
            count = quicksum(operated(m, nation, i) for i in types)
            yield PolicyRow.of(row, nation, k.last, "max", max(row.value, legacy), count, 1.0, 1.0, "types")


@policy("interoperability.variant_limit", unit="types", says="Allies order few new variants of one class.")
def variant_limit(m: Any) -> Iterator[PolicyRow]:
    r"""Types of a class newly ordered by anybody within the limit.

    .. math:: \sum_{i \in class} variant_i \le value
    """
    k: Keys = m.k
    for row in k.rules_named("variant_limit"):
        count = quicksum(m.type_ordered[i] for i in types_of_class(k, row.scope) if i in m.type_ordered)
        yield PolicyRow.of(row, "-", k.last, "max", row.value, count, 1.0, 1.0, "types")


@rule("interoperability.incompatible", given=True, unit="types",
      says="Two types that exclude each other are not both operated.",
      over=lambda m: incompatible_keys(m.k))  # fmt: skip
def incompatible(m: Any, first: str, second: str, nation: str) -> Any:
    r"""Not both of a pair in one nation; waived where both are legacy.

    .. math:: operated_{na} + operated_{nb} \le 1
    """
    return operated(m, nation, first) + operated(m, nation, second) <= 1


def incompatible_keys(k: Keys) -> list[tuple[str, str, str]]:
    """(programme, programme, nation) in scope, but for pairs of legacy types."""
    found = {
        (row.programme_a, row.programme_b, nation)
        for row in k.incompatible
        for nation in k.group(row.scope)
        if not {(nation, row.programme_a), (nation, row.programme_b)} <= k.legacy
    }
    return sorted(found)


@policy("interoperability.common_standard_min", unit="share", says="Enough of an area's new effect is on its standard.")
def common_standard_min(m: Any) -> Iterator[PolicyRow]:
    r"""Each year, effect from programmes on the area's standard over all delivered effect.

    An area without a standard has nothing to be on: the rule binds nothing there.

    .. math:: \sum_{n,i: std_i = std_a} effect_{ia} s_{nit} \ge value \sum_n del_{nat}
    """
    k: Keys = m.k
    for row in [row for row in k.rules_named("common_standard_min") if k.standard(row.scope)]:
        for year in years_from(k, row.from_year):
            on = quicksum(
                effect * m.in_service[key]
                for nation in k.nations
                for effect, key in m.effect_terms.get((nation, row.scope, year), [])
                if k.on_standard(key[1], row.scope)
            )
            whole = delivered_effect(m, "ALL", row.scope, year)
            scale = k.summed_target.get((row.scope, year), 0.0)
            yield PolicyRow.of(row, "-", year, "min", row.value, on, whole, scale, "share")


def spend(m: Any, ledger: Ledger) -> None:
    """Integration tax of types off the standard: new ones from preparation on, legacy from the first year."""
    k: Keys = m.k
    for nation, programme in sorted(set(k.legacy) | set(k.new_pairs)):
        tax = k.taxed(programme)
        if not tax or nation not in k.nation:
            continue
        years = k.all_years if (nation, programme) in k.legacy else preparation_years(k, programme)
        for year in years:
            ledger.add(nation, year, "integration_tax", programme, "-", tax * operated(m, nation, programme))
