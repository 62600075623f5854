"""The program: wires the rules of the registry into one Pyomo model, in one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.environ import ConcreteModel, Constraint, NonNegativeReals, Var

from data.levers import Case
from models import budget, buying, capability, industry, innovation, interoperability, joint, objective, policy
from models.keys import Keys
from models.linear import figure, unhurried
from models.policyrow import PolicyRow
from models.registry import RULES, Rule, not_modelled, ordered


@dataclass(frozen=True)
class Program:
    """A case as a mixed-integer program.

    Attributes:
        case: the data set with levers applied.
        keys: indices of the case.
        model: the Pyomo model; constraints are named by rule (family__rule), their index by key.
        rows: policy rows by rule name of the registry.
        not_modelled: names of the manifest that no rule stands for.
    """

    case: Case
    keys: Keys
    model: Any
    rows: Mapping[str, list[PolicyRow]]
    not_modelled: tuple[str, ...]


def build(
    case: Case, *, mode: str = "gap", ceiling: float | None = None, rules: Mapping[str, Rule] | None = None
) -> Program:
    """Build the program of a case.

    Args:
        case: data set with levers applied.
        mode: objective (see models.objective.MODES).
        ceiling: gap index not to be exceeded (mode "cost").
        rules: rules to wire, the registry's by default (tests pass broken copies).

    Returns:
        The program, ready to be compiled.
    """
    with unhurried():
        return _build(case, mode, ceiling, RULES if rules is None else rules)


def _build(case: Case, mode: str, ceiling: float | None, rules: Mapping[str, Rule]) -> Program:
    keys = Keys(case)
    m = ConcreteModel("drive_to_five")
    m.k, m.objective_mode, m.ceiling = keys, mode, ceiling
    m.nothing = Var(domain=NonNegativeReals, bounds=(0, 0))
    buying.declare(m)
    joint.declare(m)
    buying.declare_service(m)
    industry.declare(m)
    industry.prepare(m)
    innovation.declare(m)
    capability.declare(m)
    interoperability.declare(m)
    budget.declare(m)
    policy.declare(m)
    budget.book(m)
    budget.index_loans(m)
    rows = _wire(m, rules)
    objective.attach(m)
    return Program(case, keys, m, rows, tuple(not_modelled(rules)))


def _wire(m: Any, rules: Mapping[str, Rule]) -> dict[str, list[PolicyRow]]:
    rows: dict[str, list[PolicyRow]] = {}
    for entry in ordered(rules):
        if entry.policy:
            rows[entry.name] = list(entry.function(m))
    soft = [row.key for found in rows.values() for row in found if not row.hard]
    m.violation = Var(soft, domain=NonNegativeReals)
    m.soft_rows = [row for found in rows.values() for row in found if not row.hard]
    for entry in ordered(rules):
        name = entry.name.replace(".", "__")
        if entry.policy:
            by_key = {row.key: row for row in rows[entry.name]}
            m.add_component(name, Constraint(list(by_key), rule=_policy_row(by_key)))
        else:
            keys = list(entry.over(m)) if entry.over else []
            m.add_component(name, Constraint(keys, rule=_plain_row(entry)))
    return rows


def _policy_row(by_key: Mapping[Any, PolicyRow]) -> Any:
    def make(m: Any, *key: Any) -> Any:
        row = by_key[key]
        return _sound(m, row.relation(0 if row.hard else m.violation[row.key]))

    return make


def _plain_row(entry: Rule) -> Any:
    def make(m: Any, *key: Any) -> Any:
        return _sound(m, entry.function(m, *key))

    return make


def _sound(m: Any, relation: Any) -> Any:
    """A row without variables: left out where it holds, else a row that can't hold and keeps its name."""
    if isinstance(relation, bool | np.bool_):
        return Constraint.Skip if relation else m.nothing >= 1
    return relation


number = figure  # the value of an expression or a plain number at the solution loaded into the model
