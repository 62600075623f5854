"""The program: wires the rules of the registry into one Pyomo model, in one order.

A program built with ``noted`` knows which figures each of its parts has read, so that another case can be put into it
where only some rows differ (`again`): levers of money, weights and policy change a tenth of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pyomo.core import ConcreteModel, Constraint, NonNegativeReals, Var

from data.levers import Case
from models import budget, buying, capability, industry, innovation, interoperability, joint, objective
from models.keys import Keys
from models.linear import figure, unhurried
from models.noted import Difference, Noted
from models.policy import last_plan, money
from models.policyrow import PolicyRow
from models.registry import RULES, Rule, not_modelled, ordered

DECLARE, BOOK, OBJECTIVE = "declare", "book", "objective"  # parts of the program beside its rules
READ_THE_BOOK = budget.READ_THE_LEDGER | {"policy.ordered_value"}


@dataclass(frozen=True)
class Program:
    """A case as a mixed-integer program.

    Attributes:
        case: the data set with levers applied.
        keys: indices of the case.
        model: the Pyomo model; constraints are named by rule (family__rule), their index by key.
        rows: policy rows by rule name of the registry.
        not_modelled: names of the manifest that no rule stands for.
        reads: part of the program (a rule's name, `declare`, `book`, `objective`) -> names of the figures that it
            reads; empty where they were not noted.
    """

    case: Case
    keys: Keys
    model: Any
    rows: Mapping[str, list[PolicyRow]]
    not_modelled: tuple[str, ...]
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Again:
    """Another case in a program that was built before.

    Attributes:
        program: the program, which now states the new case (the earlier one is gone).
        parts: rules whose rows are new, and `objective` where its terms are.
    """

    program: Program
    parts: frozenset[str]


def build(
    case: Case, *, mode: str = "gap", ceiling: float | None = None, rules: Mapping[str, Rule] | None = None,
    noted: bool = False,
) -> Program:  # fmt: skip
    """Build the program of a case.

    Args:
        case: data set with levers applied.
        mode: objective (see models.objective.MODES).
        ceiling: gap index not to be exceeded (mode "cost").
        rules: rules to wire, the registry's by default (tests pass broken copies).
        noted: note what each part reads, so that other cases can be put into the program.

    Returns:
        The program, ready to be compiled.
    """
    with unhurried():
        return _build(Noted(case) if noted else Keys(case), mode, ceiling, RULES if rules is None else rules)


def again(program: Program, case: Case, rules: Mapping[str, Rule] | None = None) -> Again | str:
    """Put another case of the same data set into a program, if only the numbers of some rows differ.

    Args:
        program: built with ``noted``, or what an earlier call gave; it is changed in place.
        case: the new case.
        rules: as given to `build`.

    Returns:
        The program with the parts that are new, or the figures for which it has to be built anew (nothing is changed
        then).
    """
    if not isinstance(program.keys, Noted):
        raise TypeError("only a program that was built with noted=True takes another case")
    m = program.model
    if m.objective_mode != "gap":
        return "the objective"
    keys = Noted(case)
    differs = Difference(program.keys, keys)
    if why := [name for name in sorted(program.reads[DECLARE]) if differs(name)]:
        return ", ".join(why)
    parts = {part for part, reads in sorted(program.reads.items()) if any(differs(name) for name in sorted(reads))}
    return _again(program, case, keys, parts, rules)


def _again(
    program: Program, case: Case, keys: Noted, parts: set[str], rules: Mapping[str, Rule] | None
) -> Again | str:  # fmt: skip
    """Make these parts of the program anew under other figures."""
    m = program.model
    known = RULES if rules is None else rules
    if BOOK in parts:
        parts |= {name for name, entry in known.items() if entry.policy or name in READ_THE_BOOK}
    entries = {name: entry for name, entry in known.items() if name in parts}
    reads = {name: set(found) for name, found in program.reads.items()}
    before, m.k = m.k, keys
    m.completions.clear()
    with unhurried():
        if BOOK in parts:
            with keys.noting(reads[BOOK]):
                _book(m)
        new = _policy_rows(m, entries, reads)
        rows = {**program.rows, **new}
        if _soft(rows) != _soft(program.rows):
            m.k = before
            if BOOK in parts:
                _book(m)
            return "which policy rows are soft"
        m.soft_rows = [row for found in rows.values() for row in found if not row.hard]
        for entry in ordered(entries):
            m.del_component(component_of(entry.name))
            with keys.noting(reads[entry.name]):
                _attach(m, entry, rows)
        if parts & {OBJECTIVE, *new}:
            parts.add(OBJECTIVE)
            m.del_component(m.first)
            with keys.noting(reads[OBJECTIVE]):
                objective.attach(m)
    noted = {name: frozenset(found) for name, found in reads.items()}
    return Again(replace(program, case=case, keys=keys, rows=rows, reads=noted), frozenset(parts))


def _soft(rows: Mapping[str, list[PolicyRow]]) -> list[Any]:
    return [row.key for found in rows.values() for row in found if not row.hard]


def _build(keys: Keys, mode: str, ceiling: float | None, rules: Mapping[str, Rule]) -> Program:
    m = ConcreteModel("drive_to_five")
    m.k, m.objective_mode, m.ceiling = keys, mode, ceiling
    m.nothing = Var(domain=NonNegativeReals, bounds=(0, 0))
    reads: dict[str, set[str]] = defaultdict(set)
    with keys.noting(reads[DECLARE]):
        _declare(m)
    with keys.noting(reads[BOOK]):
        _book(m)
    rows = _wire(m, rules, reads)
    with keys.noting(reads[OBJECTIVE]):
        objective.attach(m)
    known = {name: frozenset(found) for name, found in reads.items()}
    return Program(keys.case, keys, m, rows, tuple(not_modelled(rules)), known)


def _declare(m: Any) -> None:
    """Variables, and the expressions that rules share."""
    buying.declare(m)
    joint.declare(m)
    buying.declare_service(m)
    industry.declare(m)
    industry.prepare(m)
    innovation.declare(m)
    capability.declare(m)
    interoperability.declare(m)
    budget.declare(m)
    money.declare(m)
    last_plan.declare(m)


def _book(m: Any) -> None:
    """Every line of spending as an expression."""
    budget.book(m)
    budget.index_loans(m)
    money.value_orders(m)


def _policy_rows(m: Any, rules: Mapping[str, Rule], reads: dict[str, set[str]]) -> dict[str, list[PolicyRow]]:
    found = {}
    for entry in ordered(rules):
        if entry.policy:
            with m.k.noting(reads[entry.name]):
                found[entry.name] = list(entry.function(m))
    return found


def _wire(m: Any, rules: Mapping[str, Rule], reads: dict[str, set[str]]) -> dict[str, list[PolicyRow]]:
    rows = _policy_rows(m, rules, reads)
    m.soft_rows = [row for found in rows.values() for row in found if not row.hard]
    m.violation = Var([row.key for row in m.soft_rows], domain=NonNegativeReals)
    for entry in ordered(rules):
        with m.k.noting(reads[entry.name]):
            _attach(m, entry, rows)
    return rows


def _attach(m: Any, entry: Rule, rows: Mapping[str, list[PolicyRow]]) -> None:
    """The rows of a rule as a component of the model."""
    if entry.policy:
        by_key = {row.key: row for row in rows[entry.name]}
        m.add_component(component_of(entry.name), Constraint(list(by_key), rule=_policy_row(by_key)))
    else:
        keys = list(entry.over(m)) if entry.over else []
        m.add_component(component_of(entry.name), Constraint(keys, rule=_plain_row(entry)))


def component_of(rule: str) -> str:
    """Name of a rule's component in the model."""
    return rule.replace(".", "__")


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
