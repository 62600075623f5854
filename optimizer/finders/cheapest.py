"""The cheapest plan of a value: the second objective, nation by nation, with the first held."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.engine.journal import Journal
from optimizer.engine.outcome import Outcome, Termination
from optimizer.finders.candidate import Candidate, cut_out
from optimizer.finders.neighbourhoods import by_money, of_nations
from optimizer.finders.step import EFFORT, exact
from optimizer.instance import Instance
from optimizer.problem.arrays import Floats, Matrix

AGREED = 1e-6  # off the incumbent's value: the relaxation agrees with it


@dataclass(frozen=True)
class Cheapest:
    """How a cheaper plan is sought.

    Attributes:
        nonzeros: of a nation's program, times check points of its tree.
        nodes: of its tree.
        money: millions; closer than that a nation's cost need not be proven.
        part: of what its relaxation promises; the rest need not be proven.
    """

    nonzeros: float = 2e6
    nodes: int = 20
    money: float = 5.0
    part: float = 0.1
    name: str = "cheapest"

    def run(
        self, instance: Instance, budget: Budget, journal: Journal, x: Floats, held: float, most: int
    ) -> tuple[Floats, int]:  # fmt: skip
        """The second objective, nation by nation, with the first held.

        Args:
            instance: the program.
            budget: clock and cancel.
            journal: told of what is left out.
            x: a plan.
            held: value that the first objective may not exceed.
            most: steps it may take.

        Returns:
            (a plan that costs no more, steps taken).
        """
        candidate = Candidate.of(instance, x)
        steps = 0
        for number in by_money(instance.keys):
            nation = instance.keys.nations[number]
            if steps >= most or budget.late():
                journal.note(f"cost: stopped before {nation}")
                break
            if not self._nation(candidate, number, held, budget):
                journal.note(f"cost: stopped in {nation}")
                break
            steps += 1
            journal.report()
        return candidate.values, steps

    def _nation(self, candidate: Candidate, number: int, held: float, budget: Budget) -> bool:
        """Make one nation cheaper; False where the time was up."""
        columns, small = cut_out(candidate, of_nations(candidate.instance, (number,)).free)
        slack = columns >= candidate.plain
        # Residues have slacks, too: these may not grow, and their price is none of the first objective's.
        small = replace(
            small,
            upper=np.where(slack, candidate.x[columns], small.upper), cost=np.where(slack, 0.0, small.cost),
        )  # fmt: skip
        now = candidate.x[columns]
        room = max(0.0, held - candidate.value) / len(candidate.instance.keys.nations)
        part = budget.part()
        outcome = self._cheapest(small, now, float(small.cost @ now) + room, part, candidate.instance.seed)
        if outcome.stopped:
            budget.hit_clock = budget.hit_clock or part.hit_clock
            return False
        found = outcome.x
        if found is None or float(small.second @ found) >= float(small.second @ now) - AGREED:
            return True
        if candidate.value + float(small.cost @ (found - now)) <= held:  # a row is kept within a tolerance only
            candidate.put(columns, found)
        return True

    def _cheapest(self, small: Matrix, now: Floats, held: float, budget: Budget, seed: int) -> Outcome:
        """The second objective of a nation's program, its part of the first held, where the relaxation disagrees."""
        engine = Engine(replace(small, cost=small.second), budget, seed=seed, threads=1)
        engine.add_row(small.cost, held)
        engine.continuous(True)
        lp = engine.lp(method="simplex")
        promised = float(small.second @ now) - lp.value
        if lp.x is None or lp.termination is not Termination.PROVEN or promised < self.money:
            return replace(lp, x=None)
        agreed = small.integer & (np.abs(lp.x - now) < AGREED)
        engine.bounds(np.where(agreed, now, small.lower), np.where(agreed, now, small.upper))
        engine.continuous(False)
        engine.set(mip_heuristic_run_root_reduced_cost=False, mip_max_nodes=self.nodes)
        close = max(self.money, self.part * promised)
        work = replace(EFFORT, nonzeros=self.nonzeros).work(small, True)
        outcome = engine.mip(gap=0.0, points=close, work=work, start=now)
        # Rounded alone, what the tree calls whole breaks rows, and the first objective's with them.
        return outcome if outcome.x is None else replace(outcome, x=exact(engine, small, outcome.x))
