"""What a lever does: its step, then both cases solved from each other from the step's plan of the setting on.

A step's two plans are plans of their cases, so that the interval over all plans is no worse than what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.levers import Case
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions
from studies.paired import IN_THIS_PROCESS, Paired, Port, known, paired
from studies.scope import scope_of
from studies.step import Step, of_all, step


@dataclass(frozen=True)
class Answer:
    """A setting's step, and its interval over all plans."""

    step: Step
    paired: Paired


def answered(
    base: Case, plan: Plan, setting: Case, options: SolveOptions, step_options: SolveOptions, *,
    port: Port = IN_THIS_PROCESS, bound: float | None = None,
) -> Answer:  # fmt: skip
    """The step of a setting within whom it touches, then its interval.

    Args:
        base: the base case.
        plan: a plan of it.
        setting: the case with other levers.
        options: of each solve over all plans.
        step_options: of each side of the step.
        port: who solves, and who is told.
        bound: see `paired`.

    Raises:
        Contradiction: a bound lies above a plan that it bounds.
    """
    scope = scope_of(plan, base, setting)
    if scope.everything:
        found = paired(base, plan, setting, options, port=port, bound=bound)
        return Answer(of_all(found, scope), found)
    part = step(base, plan, setting, scope, step_options, port=port)
    before = known(plan, base)
    if part.base is not None and known(part.base, base).value < before.value:
        plan, bound = part.base, before.bound if bound is None else bound
    return Answer(part, paired(base, plan, setting, options, port=port, bound=bound, start=part.setting))
