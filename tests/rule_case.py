"""A rule and the small case in which it binds: what test_rules.py asks of every rule of the registry.

    RuleCase(
        rule="buying.max_units",
        build=lambda: three_nations(programmes=[dict(programme="tank")], customers=[...]),
        worked=worked_answer,                       # asserts the answer worked out in its docstring
        breaks={"sign": by(wrong_sign), "index": by(wrong_index)},
    )

The break "left_out" comes by itself: no row of the rule is made. Every broken copy is solved on the same case, and the
audit of its plan must name the rule. Hence the case must be one in which the plan is wrong without the rule.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from pyomo.environ import Block, Constraint, Objective
from pyomo.repn.plugins.lp_writer import LPWriter

from audit import AuditReport
from data.dataset import Dataset
from data.levers import Case
from models.program import build
from models.registry import RULES, Function, Rule
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve
from store.folder import write_plan
from tests import cases

GOLDEN = Path(__file__).parent / "golden"
EXACT = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=30.0, threads=1)
LEFT_OUT = "left_out"


@dataclasses.dataclass(frozen=True)
class RuleCase:
    """One rule on one case in which it binds.

    Attributes:
        rule: its name in the registry.
        build: makes the data set, with tests/cases.py.
        worked: asserts the answer worked by hand (in its docstring) on the solved plan.
        breaks: name (sign, index) -> makes a broken copy of the rule; see `by`.
        levers: lever -> value ("force.tank": True).
        named: rules of which the audit must name one for a broken copy; empty: the rule itself.
        without: rules that say the same again in other words; no broken copy has them.
        objective: the mode, as --objective.
        label: set where a rule has a second case; the golden is that of the case without.
    """

    rule: str
    build: Callable[[], Dataset]
    worked: Callable[[Plan], None]
    breaks: Mapping[str, Callable[[Rule], Rule]] = dataclasses.field(default_factory=dict)
    levers: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    named: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    objective: str = "gap"
    label: str = ""

    @property
    def id(self) -> str:
        """Name of the case in the test's output."""
        return f"{self.rule}-{self.label}" if self.label else self.rule

    @property
    def wanted(self) -> frozenset[str]:
        """Names of which the audit must say one."""
        return self.named or frozenset({self.rule})

    @property
    def all_breaks(self) -> dict[str, Callable[[Rule], Rule]]:
        """The breaks of the case, and the rule left out."""
        return {LEFT_OUT: left_out, **self.breaks}

    @functools.cached_property
    def case(self) -> Case:
        """The data set with the levers applied."""
        return cases.case(self.build(), sets=dict(self.levers))

    def solved(self, broken: Rule | None = None) -> Plan:
        """The exact optimum, with the rule as it stands or with a broken copy of it."""
        rules = RULES if broken is None else {**RULES, self.rule: broken}
        if broken is not None:
            rules |= {name: left_out(RULES[name]) for name in sorted(self.without)}
        return solve(self.case, options=dataclasses.replace(EXACT, objective=self.objective), rules=rules)


def by(function: Function) -> Callable[[Rule], Rule]:
    """A break that puts another function in the rule's place."""
    return lambda rule: dataclasses.replace(rule, function=function)


def left_out(rule: Rule) -> Rule:
    """The rule without any row."""
    return dataclasses.replace(rule, function=(lambda m: iter(())) if rule.policy else lambda m, *key: Constraint.Skip)


def audited(plan: Plan, folder: Path, *, known: bool = False) -> AuditReport:
    """Write a plan and audit what was written; ``known`` spares reading back the data set beside it, which is slow."""
    if not known:
        return write_plan(plan, folder / "plan")
    with mock.patch("audit.load", return_value=plan.case.base):
        return write_plan(plan, folder / "plan")


def golden_path(rule: str) -> Path:
    """Where the golden LP of a rule stands."""
    return GOLDEN / f"{rule}.lp"


def golden_text(case: RuleCase) -> str:
    """The rows of one rule alone, as an LP file with the names of the model."""
    m = build(case.case, mode=case.objective).model
    for block in m.component_data_objects(Block):
        block.deactivate()
    for kind in (Objective, Constraint):
        for component in list(m.component_objects(kind, active=True)):
            if component.local_name != case.rule.replace(".", "__"):
                component.deactivate()
    m.nothing_to_minimise = Objective(expr=0)
    text = io.StringIO()
    LPWriter().write(m, text, symbolic_solver_labels=True)
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines()) + "\n"


def at(variables: Any, key: Any) -> Any:
    """A variable, or 0 where there is none of that key."""
    return variables[key] if key in variables else 0  # noqa: SIM401 - variables of Pyomo have no get


# ---- short ways to read a plan ---------------------------------------------------------------------------------------


def orders(plan: Plan) -> dict[tuple[str, str, str, int], float]:
    """(nation, programme, channel, year) -> units."""
    table = plan.tables["orders"]
    keys = zip(table["nation"], table["programme"], table["channel"], table["year"], strict=True)
    return {key: round(float(units), 6) for key, units in zip(keys, table["units"], strict=True)}


def units(plan: Plan, **where: Any) -> float:
    """Units ordered where the columns of orders have these values."""
    return total(plan, "orders", "units", **where)


def total(plan: Plan, table: str, column: str, **where: Any) -> float:
    """Sum of a column of a plan table over the rows that have these values."""
    rows = plan.tables[table]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return round(float(rows[column].sum()), 6)
