"""Objectives (MODEL.md, section 9): the index first, then cost; or cost, the worst nation or area, few changes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.core import Constraint, NonNegativeReals, Objective, Var, minimize

from models.budget import total_cost
from models.capability import index, shortfall
from models.keys import Keys
from models.linear import quicksum
from models.policy.last_plan import change, prior_value

MODES = ("gap", "cost", "worst_nation", "worst_area", "changes")


def attach(m: Any) -> None:
    """The first pass of the mode asked for, the measures of it, and the second pass as `m.second`.

    `m.index` is the objective's index (planning years and settled state), `m.gap_index` that of the planning years and
    `m.settled_index` that of the settled state alone (None where nothing is planned beyond the horizon).
    """
    k: Keys = m.k
    m.index = index(m, k.gap_weight)
    m.gap_index = index(m, k.planning_weight) if k.beyond_years else m.index
    m.settled_index = index(m, k.settled_weight) if k.beyond_years else None
    m.soft_penalty = quicksum(row.points(m.violation[row.key]) for row in m.soft_rows)
    m.persistence = persistence(m)
    m.cost = total_cost(m)
    points = m.index + m.soft_penalty + m.persistence
    if m.ceiling is not None:
        m.gap_ceiling = Constraint(expr=points <= m.ceiling)
    mode = m.objective_mode
    if mode == "gap":
        first, m.second = points, m.cost
    elif mode == "cost":
        first, m.second = m.cost, points
    elif mode == "changes":
        first, m.second = (1 / (prior_value(m) or 1.0)) * change(m), points
    else:
        first, m.second = worst(m, "nation" if mode == "worst_nation" else "area") + m.soft_penalty, points
    m.first = Objective(expr=first, sense=minimize)


def persistence(m: Any) -> Any:
    """Points for change against the prior plan: the lever's points if all of it changed."""
    points, whole = m.k.options.persistence, prior_value(m)
    return points / whole * change(m) if points > 0 and whole > 0 else 0.0


def worst(m: Any, by: str) -> Any:
    r"""100 * (1 - the least closure) of nations (or areas): minimised, it is max-min of closure.

    Weights are those of the index, planning years and settled state; ALL rows belong to no nation.

    .. math:: \min z: \quad z \ge \sum w_{gt} \, r_{gt} / \sum w_{gt} \quad \forall g, \quad
              w = urgency \cdot weight \cdot m \cdot share
    """
    k: Keys = m.k
    groups: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for key in k.gap_rows:
        if (by == "area" or key[0] != "ALL") and k.row_weight(*key) > 0:
            groups[key[0] if by == "nation" else key[1]].append(key)
    m.worst = Var(domain=NonNegativeReals)

    def row(m: Any, group: str) -> Any:
        whole = sum(k.row_weight(*key) for key in groups[group])
        parts = [(k.row_weight(*key) / whole / k.target[key].target) * shortfall(m, *key) for key in groups[group]]
        return m.worst >= quicksum(parts)

    m.worst_rows = Constraint(sorted(groups), rule=row)
    return 100 * m.worst
