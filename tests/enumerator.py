"""An exact optimiser that shares nothing with the model: it tries every plan.

For sets whose programmes come in whole lots. Every way to order, launch, expand and innovate is tried; each rule is
checked by arithmetic on the text of MODEL.md; what stays continuous is settled by a small linear program. The plans are
compared as the program compares them: gap index + soft penalties + persistence first, then cost.

A rule binds where leaving it out gives a better plan (or a plan where there was none). Rules that define a figure
rather than forbid something can't be left out; they bind where the best plan would have another figure without them.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests import enumerator_free as free
from tests import enumerator_rules as rules
from tests.enumerator_plans import TOLERANCE, Plans
from tests.enumerator_world import NATIONAL, Course, Rest, World

# Ties: objectives nearer than this are the same.
SAME = 1e-7
SAME_COST = 1e-6
# So many plans are tried at most to see whether a rule of money or of make binds.
TRIES = 60
Place = tuple[Plans, int]


@dataclass(frozen=True)
class Answer:
    """The best plan: its objective, what it is made of, and which rules bind. Infeasible: objective is None."""

    objective: float | None
    gap_index: float | None
    penalty: float
    cost: float | None
    before: float
    binding: frozenset[str]
    orders: tuple[tuple[str, str, str, int, float], ...] = ()
    rest: Rest | None = None
    plans: int = 0


class Search:
    """All plans of a case, best first."""

    def __init__(self, case: Any, enablers: bool = True) -> None:
        self.world = World(case)
        if not enablers:
            self.world.tables["requires"] = []
        slots, units = self.world.orders()
        self.pools = [pool for rest in self.world.rests() if (pool := self._pool(rest, slots, units)) is not None]
        self.names = sorted({name for pool in self.pools for name in pool.broken})
        self.pool_of = np.concatenate([np.full(pool.count, number) for number, pool in enumerate(self.pools)])
        self.one_of = np.concatenate([np.arange(pool.count) for pool in self.pools])
        self.objective = np.concatenate([self._objective(pool) for pool in self.pools])
        self.cost = np.concatenate([self._cost(pool) for pool in self.pools])
        self.broken = np.concatenate([self._mask(pool) for pool in self.pools])
        self.order = np.lexsort((self.cost, np.round(self.objective, 8)))

    def _pool(self, rest: Rest, slots: list[Any], units: np.ndarray) -> Plans | None:
        closed = [
            place
            for place, slot in enumerate(slots)
            if slot.channel != NATIONAL and rest.launches[slot.channel] is None
        ]
        possible = units[(units[:, closed] == 0).all(axis=1)] if closed else units
        plans = Plans(self.world, rest, slots, possible)
        rules.check(plans)
        if not free.is_free(plans):
            free.spending_rules(plans)
        return plans

    def _objective(self, pool: Plans) -> np.ndarray:
        persistence = self.world.options.persistence * rules.change(pool)
        return pool.gap_index + sum(pool.penalties.values(), pool.zero.copy()) + persistence

    def _cost(self, pool: Plans) -> np.ndarray:
        """Cost but interest."""
        return sum(pool.spent.values(), pool.zero.copy()) + sum(free.bills(pool).values())

    def _mask(self, pool: Plans) -> np.ndarray:
        mask = np.zeros(pool.count, dtype=np.int64)
        for name, marks in pool.broken.items():
            mask |= np.where(marks, 1 << self.names.index(name), 0)
        return mask

    def place(self, number: int) -> Place:
        """The pool of a plan and its place there."""
        return self.pools[int(self.pool_of[number])], int(self.one_of[number])

    @functools.cached_property
    def unpaid(self) -> np.ndarray:
        """Plans that can't be paid, as far as arithmetic tells."""
        limit = self.world.options.carry_over
        return np.concatenate(
            [free.hopeless(pool) if free.is_free(pool) else free.carried(pool, {}, limit) for pool in self.pools]
        )

    def interest(self, number: int, without: str | None = None) -> float | None:
        """Interest of a plan, None where it can't be paid or made."""
        pool, one = self.place(number)
        if not free.make_is_possible(pool, one, without):
            return None
        if free.is_free(pool):
            return free.least_interest(pool, one, without)
        if without == "budget.balance":
            return 0.0
        limit = np.inf if without == "budget.carry_limit" else self.world.options.carry_over
        return None if self._short(pool, limit)[one] else 0.0

    @functools.lru_cache(maxsize=2000)  # noqa: B019 - the search lives as long as its answer is wanted
    def _short(self, pool: Plans, limit: float) -> np.ndarray:
        return free.carried(pool, {}, limit)

    def best(self) -> tuple[int, float, float] | None:
        """The best plan: its number, objective and cost."""
        found: tuple[int, float, float] | None = None
        for number in self.order[(self.broken[self.order] == 0) & ~self.unpaid[self.order]]:
            value, cost = float(self.objective[number]), float(self.cost[number])
            if found and (value > found[1] + SAME or (value > found[1] - SAME and cost > found[2] - SAME_COST)):
                if value > found[1] + SAME:
                    break
                continue
            interest = self.interest(int(number))
            if interest is not None:
                found = (int(number), value if found is None else found[1], cost + interest)
        return found

    # --- which rules bind --------------------------------------------------------------------------------------

    def binding(self, best: tuple[int, float, float] | None) -> Iterator[str]:
        """Rules without which there were a better plan."""
        for name in self.names:
            if self._better(best, name, 1 << self.names.index(name)):
                yield name
        for name in sorted({*free.MONEY_RULES, *free.MAKE_RULES} - set(self.names)):
            if self._better(best, name, 0):
                yield name
        for name in sorted({name for pool in self.pools for name in pool.penalties}):
            if best is not None and self._cheaper(best, name):
                yield name
        if best is not None:
            yield from self._active(best[0])

    def _better(self, best: tuple[int, float, float] | None, name: str, bit: int) -> bool:
        if name == "industry.production":
            bit = sum(1 << self.names.index(rule) for rule in free.MAKE_RULES if rule in self.names)
        allowed = (self.broken & ~bit) == 0
        if bit and name not in free.MONEY_RULES and name not in free.MAKE_RULES:
            # Nothing but this rule stands against them: those that break nothing are known to be no better.
            allowed &= self.broken != 0
        if not name.startswith(("budget.", "industry.expansion_bill", "industry.host_share", "policy.spend")):
            allowed &= ~self.unpaid
        numbers = self.order[allowed[self.order]]
        if best is not None:
            value, cost = self.objective[numbers], self.cost[numbers]
            ahead = (value < best[1] - SAME) | ((value < best[1] + SAME) & (cost < best[2] - SAME_COST))
            numbers = numbers[ahead]
        # Those nearest to the best plan ask the least of the rule.
        tries = [*numbers[::-1][:TRIES], *numbers[:: max(1, len(numbers) // TRIES)][:TRIES]]
        return any(self._stands(int(number), name, best) for number in tries)

    def _stands(self, number: int, without: str, best: tuple[int, float, float] | None) -> bool:
        interest = self.interest(number, without)
        if interest is None:
            return False
        if best is None or self.objective[number] < best[1] - SAME:
            return True
        return bool(self.cost[number] + interest < best[2] - SAME_COST)

    def _cheaper(self, best: tuple[int, float, float], name: str) -> bool:
        """True if the objective would fall without the penalty of a soft rule."""
        penalty = np.concatenate([pool.penalties.get(name, pool.zero) for pool in self.pools])
        value = self.objective - penalty
        numbers = np.flatnonzero((self.broken == 0) & ~self.unpaid & (value < best[1] - SAME))
        return any(self.interest(int(number)) is not None for number in numbers[:TRIES])

    def _active(self, number: int) -> Iterator[str]:
        """Rules that define a figure, and shape one of the best plan."""
        plans, one = self.place(number)
        if plans.overhead[one] > 0:
            yield "buying.operated"
        gone = [
            plans.in_service[n, i, self.world.last][one]
            < sum(np.broadcast_to(plans.delivered[n, i, t], plans.count)[one] for t in self.world.years) - TOLERANCE
            for n, i in plans.total
        ]
        if any(gone):
            yield "buying.in_service"
        if any(effect[one] > 0 for effect in plans.effect.values()):
            yield from ("capability.delivered", "capability.credited", "capability.shortfall")
        yield from self._active_frames(plans, one)
        for name, start in plans.rest.starts.items():
            if start is not None and len(self.world._starts(name)) > 2:
                yield "industry.expand_once"
        for name, course in plans.rest.courses.items():
            if course != Course() and self.world.innovation[name]["fast_years"] > 0:
                yield "innovation.one_mode"
        if free.is_free(plans) and free.least_interest(plans, one, no_shift=True) is None:
            yield "budget.shift_sum"

    def _active_frames(self, plans: Plans, one: int) -> Iterator[str]:
        for frame, launch in plans.rest.launches.items():
            if launch is None:
                continue
            if not self.world.frames[frame]["launched"]:
                yield "joint.join_at_launch"
                if len({year for year, _ in filter(None, self.world._launches(frame))}) > 1:
                    yield "joint.launch_once"
            factor = float(plans.factor[frame][one])
            if factor < 1:
                yield from ("joint.tier_choice", "joint.tier_units", "joint.order_value", "joint.tier_floor")
            if any(price < factor for _, price in self.world.tiers[frame]):
                yield "joint.tier_ceiling"


def before(case: Any) -> float:
    """The gap index with nothing decided."""
    world = World(case)
    nothing = Rest(
        {name: (row["launched"], frozenset()) if row["launched"] else None for name, row in world.frames.items()},
        dict.fromkeys(world.expansions),
        dict.fromkeys(world.innovation, Course()),
    )
    slots, units = world.orders()
    return float(Plans(world, nothing, slots, np.zeros((1, units.shape[1]))).gap_index[0])


def optimum(case: Any, with_binding: bool = True) -> Answer:
    """The best plan of a case, by trying every one."""
    search = Search(case)
    best = search.best()
    binding = set(search.binding(best)) if with_binding else set[str]()
    if with_binding and search.world.tables["requires"] and best is not None:
        freed = Search(case, enablers=False).best()
        if freed is not None and (freed[1] < best[1] - SAME or freed[2] < best[2] - SAME_COST):
            binding.add("capability.enabler")
    if best is None:
        return Answer(None, None, 0.0, None, before(case), frozenset(binding), plans=len(search.order))
    plans, one = search.place(best[0])
    orders = sorted(
        (slot.nation, slot.programme, slot.channel, slot.year, float(units[one]))
        for slot, units in plans.units.items()
        if units[one] > 0
    )
    return Answer(
        objective=best[1],
        gap_index=float(plans.gap_index[one]),
        penalty=float(sum(penalty[one] for penalty in plans.penalties.values())),
        cost=best[2],
        before=before(case),
        binding=frozenset(binding),
        orders=tuple(orders),
        rest=plans.rest,
        plans=len(search.order),
    )
