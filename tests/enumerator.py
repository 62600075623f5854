"""An exact optimiser that shares nothing with the model: it tries every plan.

For sets whose programmes come in whole lots. Every way to order, launch, expand and innovate is tried; each rule is
checked by arithmetic on the text of MODEL.md; what stays continuous is settled by a small linear program. The plans are
compared as the program compares them: the objective's index + soft penalties + persistence first, then cost.

A rule binds where leaving it out gives a better plan (or a plan where there was none). Rules that define a figure
rather than forbid something can't be left out; they bind where the best plan would have another figure without them.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests import enumerator_make as make
from tests import enumerator_money as money
from tests import enumerator_rules as rules
from tests.enumerator_plans import TOLERANCE, Plans
from tests.enumerator_program import alone
from tests.enumerator_world import NATIONAL, Course, Rest, World

# Ties: objectives nearer than this are the same.
SAME = 1e-7
SAME_COST = 1e-6
# So many plans are tried at most to see whether a rule of money or of make binds.
TRIES = 60
# What is left out with a rule: the question when a host comes is asked of what needs one; what a member of a launched
# frame has to order is part of what any member has to.
PARTS = {
    "buying.needs_host": ("buying.host_first",),
    "joint.member_minimum": ("joint.ordering",),
    "joint.member_share": ("joint.ordering",),
}
# Sums that the program takes once: they bind where the rule that reads them does.
READ_BY = {
    "budget.invested": "policy.equipment_share_min",
    "industry.placed": "industry.made_of_orders",
    "policy.ordered_value": "policy.order_value_max",
}
Place = tuple[Plans, int]


@dataclass(frozen=True)
class Before:
    """The indices with nothing decided: over the planning years, of the settled state, and together."""

    gap_index: float
    settled: float
    index: float


@dataclass(frozen=True)
class Answer:
    """The best plan: its objective, what it is made of, and which rules bind. Infeasible: objective is None."""

    objective: float | None
    index: float | None
    gap_index: float | None
    settled: float | None
    penalty: float
    cost: float | None
    before: Before
    binding: frozenset[str]
    orders: tuple[tuple[str, str, str, int, float], ...] = ()
    rest: Rest | None = None
    plans: int = 0


@dataclass(frozen=True)
class Best:
    """The number of the best plan, its objective and its cost."""

    number: int
    value: float
    cost: float


class Search:
    """All plans of a case. What make and money add to a plan is found when it is asked for: at first it counts 0."""

    def __init__(self, case: Any, enablers: bool = True) -> None:
        self.world = World(case)
        if not enablers:
            self.world.tables["requires"] = []
        slots, units = self.world.orders()
        self.pools = [self._pool(rest, slots, units) for rest in self.world.rests()]
        self.free = [money.is_free(pool) for pool in self.pools]
        self.names = sorted({name for pool in self.pools for name in pool.broken})
        self.pool_of = np.concatenate([np.full(pool.count, number) for number, pool in enumerate(self.pools)])
        self.one_of = np.concatenate([np.arange(pool.count) for pool in self.pools])
        self.broken = np.concatenate([self._mask(pool) for pool in self.pools])
        self.cost = np.concatenate([self._cost(pool) for pool in self.pools])
        self.objective = self._values([pool.index for pool in self.pools])
        self.paid: dict[tuple[int, str | None], tuple[float, float] | None] = {}
        known: make.Known = {}
        self.makes = [make.Make(pool, known) for pool in self.pools]

    def _pool(self, rest: Rest, slots: list[Any], units: np.ndarray) -> Plans:
        closed = [
            place
            for place, slot in enumerate(slots)
            if slot.channel != NATIONAL and rest.launches[slot.channel] is None
        ]
        possible = units[(units[:, closed] == 0).all(axis=1)] if closed else units
        plans = Plans(self.world, rest, slots, possible)
        rules.check(plans)
        if not money.is_free(plans):
            money.spending_rules(plans)
        return plans

    def _values(self, indices: list[np.ndarray]) -> np.ndarray:
        """Index + penalties + persistence, as far as the orders alone tell."""
        found = []
        for pool, index in zip(self.pools, indices, strict=True):
            persistence = self.world.options.persistence * rules.change(pool)
            found.append(index + sum(pool.penalties.values(), pool.zero.copy()) + persistence)
        return np.concatenate(found)

    def _cost(self, pool: Plans) -> np.ndarray:
        """Cost but interest."""
        return sum(pool.spent.values(), pool.zero.copy()) + sum(pool.bills.values())

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
        return np.concatenate([money.hopeless(pool) for pool in self.pools])

    @functools.cached_property
    def unmade(self) -> np.ndarray:
        """Plans that can't be made, as far as arithmetic tells."""
        return np.concatenate([one.hopeless() for one in self.makes])

    def extra(self, number: int, without: str | None = None) -> tuple[float, float] | None:
        """What make and money add to a plan: penalty and interest; None where it can't be paid or made."""
        pool = int(self.pool_of[number])
        penalty = self.makes[pool].penalty(int(self.one_of[number]), without)
        if penalty is None:
            return None
        if not self.free[pool] and without not in money.RULES:
            return penalty, 0.0
        paid = self._paid(number, without if without in money.RULES else None)
        return None if paid is None else (penalty + paid[0], paid[1])

    def _paid(self, number: int, without: str | None) -> tuple[float, float] | None:
        key = (number, without)
        if key not in self.paid:
            self.paid[key] = money.Money(*self.place(number), without).solve()
        return self.paid[key]

    def best(self, values: np.ndarray) -> Best | None:
        """The best plan by these values."""
        found: Best | None = None
        numbers = np.flatnonzero((self.broken == 0) & ~self.unpaid & ~self.unmade)
        for number in numbers[np.lexsort((self.cost[numbers], np.round(values[numbers], 8)))]:
            value, cost = float(values[number]), float(self.cost[number])
            if found and value > found.value + SAME:
                break
            if found and not _ahead(value, cost, found):
                continue
            extra = self.extra(int(number))
            if extra is None:
                continue
            value, cost = value + extra[0], cost + extra[1]
            if found is None or _ahead(value, cost, found):
                found = Best(int(number), value, cost)
        return found

    # --- which rules bind --------------------------------------------------------------------------------------

    def binding(self, best: Best | None) -> Iterator[str]:
        """Rules without which there were a better plan."""
        soft = {name for pool in self.pools for name in pool.penalties}
        for name in sorted({*self.names, *soft, *self._asked()}):
            if self._better(best, name):
                yield name
        if best is not None:
            yield from self._active(best.number)
            if self.world.ahead and self._settled(best):
                yield "capability.settled"

    def _asked(self) -> Iterator[str]:
        """Rules of make and money that the data have anything for."""
        tables = self.world.tables
        policies = {f"policy.{row['rule']}" for row in tables["rules"]}
        needed = {
            "industry": tables["lines"] + tables["components"],
            "joint": tables["frames"],
            "innovation": tables["innovation"],
            "budget": [True],
        }
        expanding = ("guaranteed_load", "expansion_bill", "host_share", "contribution_max")
        for name in (*make.RULES, *money.RULES):
            family, _, rule = name.partition(".")
            if family == "policy":
                there: Any = name in policies
            elif rule in expanding:
                there = tables["expansions"]
            else:
                there = tables["loans"] if rule.startswith("loan_") else needed[family]
            if there:
                yield name

    def _better(self, best: Best | None, name: str) -> bool:
        left_out = {name, *PARTS.get(name, ())} & set(self.names)
        bit = sum(1 << self.names.index(one) for one in left_out)
        penalty = np.concatenate([pool.penalties.get(name, pool.zero) for pool in self.pools])
        values = self.objective - penalty
        allowed = (self.broken & ~bit) == 0
        if name not in make.RULES and name not in money.RULES:
            # Nothing but this rule stands against them: the others are known to be no better.
            allowed &= (self.broken != 0) | (penalty > 0)
        if name not in money.RULES:
            allowed &= ~self.unpaid
        if name not in make.RULES:
            allowed &= ~self.unmade
        if best is not None:
            allowed &= (values < best.value - SAME) | (
                (values < best.value + SAME) & (self.cost < best.cost - SAME_COST)
            )
        numbers = np.flatnonzero(allowed)
        numbers = numbers[np.lexsort((self.cost[numbers], np.round(values[numbers], 8)))]
        # Those nearest to the best plan ask the least of the rule.
        tries = [*numbers[::-1][:TRIES], *numbers[:: max(1, len(numbers) // TRIES)][:TRIES]]
        for number in tries:
            extra = self.extra(int(number), name)
            if extra is not None:
                value, cost = float(values[number]) + extra[0], float(self.cost[number]) + extra[1]
                if best is None or _ahead(value, cost, best):
                    return True
        return False

    def _settled(self, best: Best) -> bool:
        """True if another plan would be the best one if the years beyond the horizon counted nothing."""
        other = self.best(self._values([pool.gap_index for pool in self.pools]))
        if other is None:
            return False
        extra = self.extra(other.number)
        return extra is not None and float(self.objective[other.number]) + extra[0] > best.value + SAME_COST

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
        if self.world.options.pillar_shift and money.Money(plans, one, None, no_shift=True).solve() is None:
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


def _ahead(value: float, cost: float, best: Best) -> bool:
    """True if a plan of this value and cost is better than the best one so far."""
    return value < best.value - SAME or (value < best.value + SAME and cost < best.cost - SAME_COST)


def before(case: Any) -> Before:
    """The indices with nothing decided."""
    world = World(case)
    nothing = Rest(
        {name: (row["launched"], frozenset()) if row["launched"] else None for name, row in world.frames.items()},
        dict.fromkeys(world.expansions),
        dict.fromkeys(world.innovation, Course()),
    )
    slots, units = world.orders()
    plans = Plans(world, nothing, slots, np.zeros((1, units.shape[1])))
    return Before(float(plans.gap_index[0]), float(plans.settled_index[0]), float(plans.index[0]))


def optimum(case: Any, with_binding: bool = True) -> Answer:
    """The best plan of a case, by trying every one."""
    with alone():
        return _optimum(case, with_binding)


def _optimum(case: Any, with_binding: bool) -> Answer:
    search = Search(case)
    best = search.best(search.objective)
    binding = set(search.binding(best)) if with_binding else set[str]()
    if with_binding and search.world.tables["requires"] and best is not None:
        freed = Search(case, enablers=False)
        other = freed.best(freed.objective)
        if other is not None and _ahead(other.value, other.cost, best):
            binding.add("capability.enabler")
    if best is None:
        return Answer(None, None, None, None, 0.0, None, before(case), frozenset(binding), plans=len(search.objective))
    plans, one = search.place(best.number)
    extra = search.extra(best.number)
    orders = sorted(
        (slot.nation, slot.programme, slot.channel, slot.year, float(units[one]))
        for slot, units in plans.units.items()
        if units[one] > 0
    )
    return Answer(
        objective=best.value,
        index=float(plans.index[one]),
        gap_index=float(plans.gap_index[one]),
        settled=float(plans.settled_index[one]) if search.world.ahead else None,
        penalty=float(sum(penalty[one] for penalty in plans.penalties.values())) + (extra[0] if extra else 0.0),
        cost=best.cost,
        before=before(case),
        binding=frozenset(binding),
        orders=tuple(orders),
        rest=plans.rest,
        plans=len(search.objective),
    )
