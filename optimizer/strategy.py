"""Which finders and provers work on a program, in which order: the only place that knows a program's size.

Small programs go to the tree at once. Larger ones begin with a plan to start from, or with a plan from nothing, which
is there in seconds. Where the time suffices, the relaxation is solved then and made a plan, which is nearer the best;
else the plan from nothing is bettered. Neighbourhoods are freed and solved again until the time is up.

A new finder, prover or family of neighbourhoods is a file of its own and a line here (docs/how-to.md).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Protocol, TypeGuard

from optimizer.beside import Beside
from optimizer.bounds.lagrangian import Multipliers, NationsApart
from optimizer.bounds.relaxation import Relaxation
from optimizer.clock import Clock
from optimizer.engine.budget import Budget
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.candidate import Candidate, violated_rows
from optimizer.finders.from_nothing import FromNothing
from optimizer.finders.from_relaxation import FromRelaxation
from optimizer.finders.improve import Family, Improve
from optimizer.finders.neighbourhoods import by_area, by_expansion, by_frame, by_nation, by_pair, innovation
from optimizer.finders.warm_start import WarmStart
from optimizer.instance import Instance, Sizes
from optimizer.pool import Pool
from optimizer.problem.arrays import Floats

FAMILIES: tuple[Family, ...] = (by_nation, innovation, by_area, by_frame, by_expansion, by_pair)
GUIDED = 1_000_000  # check points that the way through the relaxation counts for: a run's work says which way it went


class Finder(Protocol):
    """Finds plans or betters those of the pool."""

    @property
    def name(self) -> str:
        """What its plans are told under."""

    def run(self, instance: Instance, pool: Pool, budget: Budget) -> object:
        """Offer plans to the pool until the budget is used up."""


class Prover(Protocol):
    """Proves how good a plan can be at most."""

    @property
    def name(self) -> str:
        """What its bounds are told under."""

    def run(self, instance: Instance, pool: Pool, budget: Budget) -> object:
        """Tell the pool bounds until the budget is used up."""


@dataclass(frozen=True)
class Strategy:
    """The finders and provers of a search, each with its tuning.

    Attributes:
        sizes: what counts as a small and a large program.
        starting: part of the time in which a plan to start from must have become one; then one is made from nothing.
        guided: what a plan from the relaxation takes, over what one from nothing took.
        careful: what a rough plan takes once the relaxation is there, over what that took in the process beside.
        thorough: what a good one takes, over the same.
        bettering: finders that work on the pool's best plan, one after another, until the time is up.
        proving: provers that work once there is a plan, before it is bettered: that goes on until the time is up.
    """

    sizes: Sizes = field(default_factory=Sizes)
    starting: float = 0.5
    guided: float = 10.5
    careful: float = 0.85
    thorough: float = 2.2
    warm_start: WarmStart = field(default_factory=WarmStart)
    from_nothing: FromNothing = field(default_factory=FromNothing)
    relaxation: Relaxation = field(default_factory=Relaxation)
    apart: NationsApart = field(default_factory=NationsApart)
    from_relaxation: FromRelaxation = field(default_factory=FromRelaxation)
    bettering: tuple[Finder, ...] = (Improve(FAMILIES),)
    proving: tuple[Prover, ...] = ()

    def tuning(self) -> dict[str, Any]:
        """Every number of the search, for plan.json."""
        return {
            name: [_plain(one) for one in part] if isinstance(part, tuple) else _plain(part)
            for name, part in vars(self).items()
        }


def _plain(part: Any) -> Any:
    """A part's numbers as JSON has them; functions by their names."""
    if not is_dataclass(part) or isinstance(part, type):
        return part
    return {name: _told(number) for name, number in sorted(asdict(part).items())}


def _told(number: Any) -> Any:
    if callable(number):
        return getattr(number, "__name__", str(number))
    if isinstance(number, dict):
        return {name: _told(one) for name, one in number.items()}
    return [_told(one) for one in number] if isinstance(number, list | tuple) else number


@dataclass(frozen=True)
class Searched:
    """What a search leaves beside the pool's plans.

    Attributes:
        violated: where there is no plan, the rows (rule, key, amount) that the best try does not keep.
        root: bound of the relaxation alone; minus infinity where it was not solved.
        duals: of the relaxation by row, or None.
        infeasible: whether the relaxation has shown that there is no plan.
    """

    violated: tuple[tuple[str, tuple[object, ...], float], ...] = ()
    root: float = -math.inf
    duals: Floats | None = None
    infeasible: bool = False


def search(
    instance: Instance, pool: Pool, budget: Budget, *, given: Floats | None, strategy: Strategy, clock: Clock,
    known: Multipliers, aside: Beside | None = None,
) -> Searched:  # fmt: skip
    """Look for plans and a bound until the budget is used up.

    Args:
        instance: the program.
        pool: told of every plan and bound.
        budget: clock, work and cancel; its seconds become those of the search.
        given: a plan to start from (values by column), or None.
        strategy: the finders, and in which order.
        clock: says until when the search may go on.
        known: multipliers of a like case, for a bound where there is no time for the relaxation.
        aside: a process beside the search, on a second core.
    """
    if instance.small:
        if given is not None:
            strategy.warm_start.run(instance, pool, budget, given)
        return Searched()
    _look(instance, pool, budget, clock)
    rough = _first(instance, pool, budget, given, strategy)
    _look(instance, pool, budget, clock)
    # A plan to start from is nearer the best than what the relaxation gives.
    needed = pool.best is None or given is None
    root = None if aside is not None else _root(instance, pool, budget, strategy)
    if not _solved(root):
        strategy.apart.run(instance, pool, budget, known)
    if aside is not None and needed:
        root = _meanwhile(instance, pool, budget, strategy, aside)
        _look(instance, pool, budget, clock)
    if root is not None and root.termination is Termination.INFEASIBLE and pool.best is None:
        return Searched(infeasible=True)
    if _solved(root) and root.x is not None and needed:
        rough = _guided(instance, pool, budget, root.x, strategy, clock, aside) or rough
    elif given is None and aside is None:
        strategy.from_nothing.areas(instance, pool, budget)
    if aside is not None:
        aside.go_on()
    _look(instance, pool, budget, clock)
    for each in (*strategy.proving, *strategy.bettering):
        each.run(instance, pool, budget)
    violated = [] if rough is None or pool.best is not None else violated_rows(rough)
    told = tuple((rule, key, amount) for rule, key, amount, _ in violated)
    if root is None and aside is not None:
        root = aside.relaxation
    return Searched(told, root.bound, root.row_duals) if _solved(root) else Searched(told)


def _solved(root: Outcome | None) -> TypeGuard[Outcome]:
    """Whether a relaxation was solved to its end: values of one that was cut short are no proportions."""
    return root is not None and root.termination is Termination.PROVEN


def _meanwhile(
    instance: Instance, pool: Pool, budget: Budget, strategy: Strategy, aside: Beside
) -> Outcome | None:  # fmt: skip
    """The relaxation of the process beside; until it is there the pool's best plan is bettered.

    Where that process could not be started, or died, the relaxation is solved here if there is the time.
    """
    part = budget.part(until=aside.relaxed)
    strategy.from_nothing.areas(instance, pool, part)
    for each in strategy.bettering:
        each.run(instance, pool, part)
    while not part.late():
        aside.relaxed.wait(0.05)
    budget.take(part)
    if aside.relaxation is None:
        return _root(instance, pool, budget, strategy)
    pool.journal.note(f"relaxation, beside the search: {aside.relaxation.value:.6g}")
    return aside.relaxation


def _guided(
    instance: Instance, pool: Pool, budget: Budget, x: Floats, strategy: Strategy, clock: Clock, aside: Beside | None
) -> Candidate | None:  # fmt: skip
    """A plan from the relaxation: thorough where there is the time for it, else careful, which leaves little to repair.

    A careful one may take the cost pass's time: it is nearer to the best by points, and the last programs look for
    the least cost, too.
    """
    if aside is None or pool.best is None:
        return strategy.from_relaxation.run(instance, pool, budget, x, beside=aside)
    left = clock.cost_end - budget.elapsed
    if left < strategy.careful * aside.seconds:
        return None
    if budget.seconds - budget.elapsed >= strategy.thorough * aside.seconds:
        return strategy.from_relaxation.run(instance, pool, budget, x, beside=aside)
    budget.seconds = clock.cost_end
    return strategy.from_relaxation.run(instance, pool, budget, x, careful=True, beside=aside)


def _look(instance: Instance, pool: Pool, budget: Budget, clock: Clock) -> None:
    """Until when the search may go on, as busy as the machine is now."""
    clock.look()
    end = clock.search_end if pool.best is not None else clock.cost_end  # without a plan there is no cost pass
    budget.seconds = end if instance.large else clock.middle_end


def _first(
    instance: Instance, pool: Pool, budget: Budget, given: Floats | None, strategy: Strategy
) -> Candidate | None:  # fmt: skip
    """The plan to start from, repaired; without one, or where none comes of it in time, a plan from nothing."""
    rough = None
    if given is not None:
        half = budget.part(budget.elapsed + strategy.starting * (budget.seconds - budget.elapsed))
        rough = strategy.warm_start.run(instance, pool, half, given)
        budget.take(half)
        if rough is not None and rough.feasible:
            return rough
    least = strategy.from_nothing.least_plan(instance, budget)
    if least is not None:
        pool.offer(least, instance.value(least), strategy.from_nothing.name)
        pool.journal.note(f"least plan: {instance.value(least):.6g}")
    return strategy.from_nothing.run(instance, pool, budget, least) or rough


def _root(instance: Instance, pool: Pool, budget: Budget, strategy: Strategy) -> Outcome | None:
    """The relaxation, where there is the time for what follows from it; a run by work goes the way its limit says."""
    if instance.large and pool.best is not None:
        if budget.work_limit is not None:
            fits = budget.work_limit >= GUIDED
        else:
            fits = budget.seconds - budget.elapsed >= strategy.guided * budget.elapsed
        if not fits:
            return None
        budget.work += GUIDED
    return strategy.relaxation.run(instance, pool, budget)
