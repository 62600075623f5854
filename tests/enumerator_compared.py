"""A plan of the solver beside the enumerator's answer, and the audit of the plan."""

import pathlib
from typing import Any

import pytest

from store.folder import write_plan
from tests.cases import solved
from tests.enumerator import Answer

# Rules that neither forbid anything nor shape a figure on their own in sets of whole lots.
NOT_SHOWN = {
    "buying.operated_minimum": "forbids paying for a type that is not ordered, which no plan of least cost does",
    "interoperability.type_ordered": "defines what variant_limit counts",
    "budget.spent": "defines what the balance counts",
    "policy.deviation": "defines what change_max counts",
}


def compared(case: Any, answer: Answer, folder: pathlib.Path) -> list[str]:
    """Where solver and enumerator disagree on a case, and what the audit finds in the plan."""
    plan = solved(case)
    header = plan.header
    if answer.objective is None:
        return [] if header["status"] == "infeasible" else [f"status {header['status']}, and no plan is feasible"]
    if header["status"] != "optimal":
        return [f"status {header['status']}, and the optimum is {answer.objective}"]
    found = [
        f"{name}: solver {ours}, enumerator {theirs}"
        for name, (ours, theirs, near) in _figures(header, answer).items()
        if ours != pytest.approx(theirs, abs=near)
    ]
    return found + [str(finding) for finding in write_plan(plan, folder).findings]


def _figures(header: dict[str, Any], answer: Answer) -> dict[str, tuple[float, float | None, float]]:
    """Figures of both, and how near they must be."""
    objective, before = header["objective"], answer.before
    figures = {
        "objective": (objective["value"], answer.objective, 1e-5),
        "cost": (objective["cost"], answer.cost, 1e-4),
        "index before": (objective["index_before"], before.index, 1e-6),
        "gap index before": (header["gap_index_before"], before.gap_index, 1e-6),
    }
    # Plans of the same objective may differ in index and penalty, and in what is closed soon and what later.
    if not answer.penalty:
        figures["index"] = (objective["index"], answer.index, 1e-5)
    if answer.settled is not None:
        figures["settled before"] = (header["settled_before"], before.settled, 1e-6)
    elif not answer.penalty:
        figures["gap index after"] = (header["gap_index_after"], answer.gap_index, 1e-5)
    return figures
