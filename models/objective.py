"""Objectives (MODEL.md, section 9): gap index first, then cost; or cost, the worst nation or area, few changes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.environ import Constraint, NonNegativeReals, Objective, Var, minimize

from models import policy
from models.budget import total_cost
from models.capability import gap_index, shortfall
from models.keys import Keys
from models.linear import quicksum

MODES = ("gap", "cost", "worst_nation", "worst_area", "changes")


def attach(m: Any) -> None:
    """The first pass of the mode asked for, the measures of it, and the second pass as `m.second`."""
    m.gap_index = gap_index(m)
    m.soft_penalty = quicksum(row.points(m.violation[row.key]) for row in m.soft_rows)
    m.persistence = persistence(m)
    m.cost = total_cost(m)
    points = m.gap_index + m.soft_penalty + m.persistence
    if m.ceiling is not None:
        m.gap_ceiling = Constraint(expr=m.gap_index <= m.ceiling)
    mode = m.objective_mode
    if mode == "gap":
        first, m.second = points, m.cost
    elif mode == "cost":
        first, m.second = m.cost + m.soft_penalty, points
    elif mode == "changes":
        first, m.second = policy.change(m) / max(policy.prior_value(m), 1.0) + m.soft_penalty, points
    else:
        first, m.second = worst(m, "nation" if mode == "worst_nation" else "area") + m.soft_penalty, points
    m.first = Objective(expr=first, sense=minimize)


def persistence(m: Any) -> Any:
    """Points for change against the prior plan: the lever's points if all of it changed."""
    points, whole = m.k.options.persistence, policy.prior_value(m)
    return points / whole * policy.change(m) if points > 0 and whole > 0 else 0.0


def worst(m: Any, by: str) -> Any:
    r"""Open share of the worst nation (or area), averaged over the horizon: minimised, it is max-min of closure.

    .. math:: \min z: \quad z \ge \sum_t short_{gt} / \sum_t target_{gt} \quad \forall g
    """
    k: Keys = m.k
    groups: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for key in k.gap_rows:
        if by == "area" or key[0] != "ALL":
            groups[key[0] if by == "nation" else key[1]].append(key)
    m.worst = Var(domain=NonNegativeReals)

    def row(m: Any, group: str) -> Any:
        target = sum(k.target[key].target for key in groups[group])
        return m.worst >= quicksum(shortfall(m, *key) for key in groups[group]) / target

    m.worst_rows = Constraint(sorted(groups), rule=row)
    return 100 * m.worst
