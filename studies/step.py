r"""The step: what a setting changes if only a named scope plans again, all other whole decisions standing.

Both sides are solved within the scope from the same whole decisions, the base plan's, to 1e-4 points:

.. math:: z^S_B - z^S_A \in [b^S_B - v^S_A, \; v^S_B - b^S_A]

with z^S_C the least first objective of case C over the plans that differ from the base plan within the scope S alone.
Nesting holds there, too, since both sides keep the same decisions; so does what it says of values and bounds. The step
is the difference of two such optima and no bound on z_B - z_A: what all could do together may be more or less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.levers import Case
from optimizer.ask import Question
from optimizer.plans.plan import Plan
from optimizer.scope import Scope
from optimizer.solve import SolveOptions
from optimizer.within import POINTS
from studies.interval import EXACT, Interval, interval
from studies.nested import nested
from studies.paired import IN_THIS_PROCESS, Paired, Port, known

BETTER, WORSE, NONE, OPEN = "better", "worse", "none", "open"


@dataclass(frozen=True)
class Step:
    """What a setting changes within a scope.

    Attributes:
        scope: who plans again.
        interval: of the difference (points); None where there is no step.
        base, setting: the two plans; None where the step is that of all plans.
        why: why there is no step; empty where there is one.
    """

    scope: Scope
    interval: Interval | None
    base: Plan | None = None
    setting: Plan | None = None
    why: str = ""

    @property
    def sign(self) -> str:
        """Which way the setting goes: better, worse, none (proven to 1e-4 on each side), or open."""
        return OPEN if self.interval is None else sign_of(self.interval)


def sign_of(found: Interval) -> str:
    """The sign that an interval proves."""
    if found.low > EXACT:
        return WORSE
    if found.high < -EXACT:
        return BETTER
    return NONE if max(-found.low, found.high) <= 2 * POINTS else OPEN


def step(
    base: Case, plan: Plan, setting: Case, scope: Scope, options: SolveOptions, *, port: Port = IN_THIS_PROCESS
) -> Step:  # fmt: skip
    """Solve both sides of a step.

    Args:
        base: the base case.
        plan: the plan of it whose decisions stand.
        setting: the case with other levers.
        scope: who plans again; everything is not for here (`of_all`).
        options: of each of the two solves; the gap asked is 1e-4 points, whatever they say.
        port: who solves, and who is told.

    Returns:
        The step. There is none where the scope alone can't make a plan of what stands, or a limit came first.
    """
    if scope.everything:
        raise ValueError("a step of all is the interval over all plans: see of_all")
    sides = []
    for case, name in ((base, "step of the base case"), (setting, "step of the setting")):
        found = port.plan(Question(case, replace(options, gap=0.0), plan, scope=scope), name)
        if not found.solved:
            return Step(scope, None, why=_why(found, name))
        sides.append(found)
    one, other = sides
    inside, around = nested(setting, base).nested, nested(base, setting).nested
    found_ = interval(known(one, base, scope), known(other, setting, scope), inside=inside, around=around)
    return Step(scope, found_, one, other)


def of_all(answer: Paired, scope: Scope) -> Step:
    """The step of a setting that touches all: what the interval over all plans is."""
    return Step(scope, answer.interval, answer.base, answer.setting)


def _why(found: Plan, name: str) -> str:
    if found.header["exit_code"] == 4:
        reasons = "; ".join(found.header["conflict"][:3])
        return f"{name}: what stands can't be kept by its scope alone ({reasons})"
    return f"{name}: no plan before the limit ({found.header['termination']})"
