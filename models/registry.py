"""The registry of rules: drives wiring, grouping, docs and the test that fails if a rule has no test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]

# Families in the order in which a planner meets them; rules are wired and documented in this order.
FAMILIES = ("buying", "joint", "industry", "interoperability", "capability", "innovation", "budget", "policy")

# Everything the contract's model knows. What is listed here and not registered is "not modelled".
MANIFEST = (
    "buying.max_units", "buying.operated", "buying.operated_minimum", "buying.in_service",
    "buying.needs_host", "buying.host_first",
    "joint.launch_once", "joint.join_at_launch", "joint.committed_join", "joint.min_members", "joint.one_frame",
    "joint.member_minimum", "joint.member_share", "joint.ordering", "joint.orders_after_joining",
    "joint.min_units", "joint.min_annual_units",
    "joint.tier_choice", "joint.tier_units", "joint.tier_floor", "joint.tier_ceiling", "joint.order_value",
    "joint.workshare",
    "industry.placed", "industry.work_in_progress", "industry.made_of_orders",
    "industry.line_capacity", "industry.ramp", "industry.component_capacity",
    "industry.expand_once", "industry.expansion_bill", "industry.host_share", "industry.contribution_max",
    "industry.guaranteed_load",
    "interoperability.fleet_limit", "interoperability.variant_limit", "interoperability.type_ordered",
    "interoperability.incompatible", "interoperability.common_standard_min",
    "capability.delivered", "capability.settled", "capability.credited", "capability.enabler", "capability.shortfall",
    "innovation.one_mode", "innovation.scale_after_pilot", "innovation.unlocks",
    "innovation.bill", "innovation.sponsor_share",
    "budget.invested", "budget.spent", "budget.balance", "budget.beyond", "budget.carry_limit", "budget.shift_sum",
    "budget.shift_limit", "budget.loan_amount", "budget.loan_payments", "budget.loan_share", "budget.loan_sets",
    "policy.single_nation_max", "policy.single_line_max", "policy.surge_min", "policy.output_drop_max",
    "policy.closure_min", "policy.equipment_share_min", "policy.spend_floor", "policy.ordered_value",
    "policy.order_value_max", "policy.spend_growth_max", "policy.joint_share_min", "policy.eu_content_min",
    "policy.innovation_share_min", "policy.area_share_min", "policy.area_share_max", "policy.sme_share_min",
    "policy.risk_max", "policy.change_max", "policy.deviation", "policy.pins", "policy.force", "policy.forbid",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule of the model.

    Attributes:
        name: family.rule, the name in findings, conflicts and docs.
        unit: unit of the row's slack.
        says: the rule in a planner's words.
        over: model -> the keys the rule has rows for.
        function: (model, *key) -> a Pyomo relation, or for a policy rule model -> its rows.
        policy: whether the function yields PolicyRow objects.
        bends: whether its rows may be violated, at a price, while a plan is repaired.
        given: whether it states what a user can change (data, lever or command), so that a conflict may name it.
        big_m: whether its rows are sum(a x) <= M b, where the smallest valid M is the tightest.
        price: unit of its rows' shadow price; '' for none in the table shadow_prices.
        counts: unit of a violation; '' where it is the row's.
    """

    name: str
    unit: str
    says: str
    function: Function
    over: Function | None = None
    policy: bool = False
    bends: bool = False
    given: bool = False
    big_m: bool = False
    price: str = ""
    counts: str = ""

    @property
    def counted_in(self) -> str:
        """Unit of a violation in words; that of a share is what the share is of."""
        return self.counts or {"money": "million", "share": "area units"}.get(self.unit, self.unit)

    @property
    def family(self) -> str:
        """The part of the name before the dot."""
        return self.name.split(".")[0]


RULES: dict[str, Rule] = {}


def _register(entry: Rule) -> None:
    if entry.name in RULES:
        raise ValueError(f"rule {entry.name} is registered twice")
    if entry.name not in MANIFEST:
        raise ValueError(f"rule {entry.name} is not in the manifest of models/registry.py")
    RULES[entry.name] = entry


def rule(
    name: str, *, unit: str, says: str, over: Callable[[Any], Iterable[Any]], **facts: Any
) -> Callable[[Function], Function]:
    """Register a function that makes one row of the program for each key of ``over(model)``; ``facts``: see `Rule`."""

    def keep(function: Function) -> Function:
        _register(Rule(name, unit, says, function, over, **facts))
        return function

    return keep


def policy(name: str, *, unit: str, says: str, counts: str = "") -> Callable[[Function], Function]:
    """Register a function that yields the PolicyRow objects of one rule of the table `rules`."""

    def keep(function: Function) -> Function:
        _register(Rule(name, unit, says, function, policy=True, bends=True, given=True, counts=counts))
        return function

    return keep


def ordered(rules: Mapping[str, Rule]) -> list[Rule]:
    """Rules by family, then in the order of the manifest."""
    return [rules[name] for name in MANIFEST if name in rules]


def not_modelled(rules: Mapping[str, Rule]) -> list[str]:
    """Names of the manifest that no function stands for yet."""
    return [name for name in MANIFEST if name not in rules]
