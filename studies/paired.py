"""A setting and its base case solved from each other, so that both have what the other found.

The setting starts from the base plan, then the base from the setting's plan, unless it is proven already. Both run
under the same options, so that a lever's effect is no difference of luck. What one case proves of the other (nesting)
goes along as a bound that is known.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from data.levers import Case
from optimizer.ask import IN_PROCESS, Asker, Question, ask
from optimizer.engine.journal import Progress
from optimizer.plans.header import case_sha256
from optimizer.plans.plan import Plan
from optimizer.scope import Scope
from optimizer.solve import SolveOptions
from studies.interval import Interval, Known, interval
from studies.nested import Nesting, nested

NO_GAIN = 1e-9  # points: less is no better plan


@dataclass(frozen=True)
class Port:
    """Through which a study solves, and what it tells.

    Attributes:
        by: who answers.
        progress: told by whoever solves; the phase says for which case.
        cancel: set it to stop; what is known then is the answer.
    """

    by: Asker = IN_PROCESS
    progress: Callable[[Progress], None] | None = None
    cancel: threading.Event | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self.cancel is not None and self.cancel.is_set()

    def plan(self, question: Question, name: str) -> Plan:
        """The answer's plan; progress is told under the name of what is solved."""
        told = self.progress

        def named(news: Progress) -> None:
            if told is not None:
                told(replace(news, phase=f"{name}: {news.phase}"))

        heard = None if told is None else named
        return ask(question, by=self.by, progress=heard, cancel=self.cancel).plan


IN_THIS_PROCESS = Port()


@dataclass(frozen=True)
class Paired:
    """A setting against its base case.

    Attributes:
        base: the best plan of the base case that is known now.
        setting: the setting's plan; without tables where there is none, and its header says why.
        interval: of z_setting - z_base (points).
        inside, around: whether the setting is nested in the base case, and the base case in the setting.
        told: what was found on the way, in sentences.
    """

    base: Plan
    setting: Plan
    interval: Interval
    inside: Nesting
    around: Nesting
    told: tuple[str, ...]


def known(plan: Plan, case: Case, scope: Scope | None = None) -> Known:
    """Value before the cost pass and bound of a plan's case; nothing, where it answers another case or objective.

    Args:
        plan: the plan, or why there is none.
        case: of which something is to be known.
        scope: within which; a bound within one bounds no other plan of the case.
    """
    objective = plan.header.get("objective") or {}
    if plan.header.get("case_sha256", case_sha256(case)) != case_sha256(case):
        return Known()
    bounds = plan.header.get("scope", []) == ([] if scope is None else scope.names)
    if plan.solved:
        bound = objective["bound"] if bounds else -math.inf
        return Known(objective["first_value"], bound) if objective.get("mode") == "gap" else Known()
    return Known(math.inf, math.inf if bounds and plan.header.get("exit_code") == 4 else -math.inf)


def paired(
    base: Case, plan: Plan, setting: Case, options: SolveOptions, *, port: Port = IN_THIS_PROCESS,
    bound: float | None = None, start: Plan | None = None,
) -> Paired:  # fmt: skip
    """What a setting is worth against its base case.

    Args:
        base: the base case.
        plan: a plan of it (of another case: a start and no more).
        setting: the case with other levers.
        options: of each of the two solves, limits included; the objective is the gap.
        port: who solves, and who is told.
        bound: what the base case is known to be at least; None: what its plan says. A plan of older code: minus
            infinity.
        start: a plan of the setting itself, such as a step's, where there is one: it needs no repair.

    Returns:
        Both plans and the interval; after a cancel, of what was known then.

    Raises:
        ValueError: the objective is another one.
        Contradiction: a bound lies above a plan that it bounds.
    """
    if options.objective != "gap":
        raise ValueError(f"paired answers are in points of the gap, not of {options.objective}")
    inside, around = nested(setting, base), nested(base, setting)
    before = known(plan, base)
    before = before if bound is None else Known(before.value, bound)
    least = before.bound if inside.nested else -math.inf
    near = start if start is not None and start.solved else plan if plan.solved else None
    found = port.plan(Question(setting, options, near, least=least), "setting")
    after = known(found, setting)
    if start is not None and (here := known(start, setting)).value < after.value:
        found, after = start, Known(here.value, after.bound)
    best, told = plan, list[str]()
    if found.solved and before.value - before.bound > NO_GAIN and not port.cancelled:
        least = max(before.bound, after.bound) if around.nested else before.bound
        again = port.plan(Question(base, options, found, least=least), "base")
        best, before, told = _better(plan, before, again, base)
    result = interval(before, after, inside=inside.nested, around=around.nested)
    return Paired(best, found, result, inside, around, (*told, *result.told))


def _better(plan: Plan, before: Known, again: Plan, base: Case) -> tuple[Plan, Known, list[str]]:
    """(the better of two plans of the base case, what both prove, what to tell)."""
    new = known(again, base)
    bound = max(before.bound, new.bound) if math.isfinite(new.bound) else before.bound
    if new.value < before.value - NO_GAIN:
        told = f"a better plan of the base case was found: {new.value:.6g} points in place of {before.value:.6g}"
        return again, Known(new.value, bound), [told] if math.isfinite(before.value) else []
    return plan, Known(before.value, bound), []
