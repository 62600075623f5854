"""Repair: what a candidate violates is solved again, the dearest first, until it is a plan.

A nation first, then what its rows name: all who buy and make what a row limits, each once, unless something changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.keys import Keys
from optimizer.engine.budget import Budget
from optimizer.engine.journal import Journal
from optimizer.finders.candidate import Candidate, violated_rows
from optimizer.finders.neighbourhoods import by_money, innovation, made_beside, of_nations
from optimizer.finders.step import Neighbourhood, dived, step

FEW = 10  # nations that may be solved again one by one; more of them take longer than a relaxation of all
TOGETHER = 600  # columns beside what follows from orders: small neighbourhoods of an estimate are repaired at once
BOUND = ("committed", "member")  # status of those who take part whenever a frame is launched


@dataclass(frozen=True)
class Repair:
    """How a candidate is repaired.

    Attributes:
        rounds: of repair at the most.
        points: within which a step's best need not be proven.
        diving: whether nations are dived into first: a tenth of the time of a step, and not as near the best.
    """

    rounds: int = 6
    points: float = 3e-4
    diving: bool = False

    def run(self, candidate: Candidate, budget: Budget, journal: Journal, *, everybody: bool = True) -> None:
        """Solve each nation, then what violated rows name, the dearest first, until there is a plan or nothing helps.

        A plan that was whole before, put into another case, violates little: there only the nations that violated rows
        name are solved first (``everybody`` false).
        """
        in_vain: set[tuple[str, bool]] = set()  # tried since the last gain
        for round_ in range(self.rounds):
            before, wide = candidate.priced, round_ > 0
            for hood in _to_repair(candidate, round_, everybody):
                if candidate.feasible or budget.late():
                    break
                if (hood.name, wide) in in_vain:
                    continue
                if self.diving and round_ == 0 and dived(candidate, hood, budget):
                    journal.report()
                    continue
                tried = step(candidate, hood, budget, self.points, wide=wide)
                if not tried.ended:
                    break
                in_vain = {*in_vain, (hood.name, wide)} if tried.gain <= 0 else set()
                journal.report()
            journal.note(f"repaired: {candidate.value:.6g}, violations {candidate.violation:.3g}")
            helped = before - candidate.priced >= self.points
            if candidate.feasible or budget.late() or (round_ > 1 and not helped):
                return


def few_alone(candidate: Candidate) -> bool:
    """Whether all that is violated is the matter of single nations, and of few of them."""
    nations = set(candidate.instance.keys.nations)
    rows = violated_rows(candidate)
    own = all(any(str(part).partition(":")[0] in nations for part in key) for _, key, *_ in rows)
    return own and len(by_need(candidate, everybody=False)) <= FEW


def _to_repair(candidate: Candidate, round_: int, everybody: bool) -> list[Neighbourhood]:
    """What is solved again in a round of repair.

    Nations first; where a lever makes rows of many be violated, what they violate together (types of a class, lines),
    several small ones at once.
    """
    first = by_need(candidate, everybody) if round_ == 0 else []
    if everybody:
        return first or repairers(candidate, dearest_first=True)
    if first and len(first) <= FEW:
        return first
    hoods = repairers(candidate, dearest_first=False)
    return together(candidate, hoods) if round_ < 2 else hoods


def together(candidate: Candidate, hoods: list[Neighbourhood]) -> list[Neighbourhood]:
    """Neighbourhoods that free few decisions beside what follows from them, made one: each costs what that costs."""
    follows = candidate.instance.layout.accounts(range(len(candidate.instance.keys.programmes)))
    found: list[Neighbourhood] = []
    for hood in hoods:
        last = found[-1] if found else None
        both = None if last is None else last.free | hood.free
        if last is not None and both is not None and int((both & ~follows).sum()) <= TOGETHER:
            found[-1] = Neighbourhood(f"{last.name}, {hood.name}", both)
        else:
            found.append(hood)
    return found


def by_need(candidate: Candidate, everybody: bool) -> list[Neighbourhood]:
    """Each nation, those with the dearest violated rows first; or only those that violated rows name."""
    price: dict[str, float] = defaultdict(float)
    for _, key, _, cost in violated_rows(candidate):
        for part in key:
            price[str(part).partition(":")[0]] += cost
    order = sorted(
        by_money(candidate.instance.keys), key=lambda number: -price[candidate.instance.keys.nations[number]]
    )
    named = [number for number in order if everybody or price[candidate.instance.keys.nations[number]] > 0]
    return [of_nations(candidate.instance, (number,)) for number in named]


def repairers(candidate: Candidate, dearest_first: bool) -> list[Neighbourhood]:
    """A neighbourhood for each violated row, without repeats: its nation, or all who buy what it limits.

    In the order of what the rows cost, or the quickest to solve first.
    """
    k = candidate.instance.keys
    hoods: dict[str, Neighbourhood] = {}
    for _, key, *_ in sorted(violated_rows(candidate), key=lambda row: (-row[3], row[0], str(row[1]))):
        for hood in repairers_of(candidate, [str(part) for part in key], k):
            hoods.setdefault(hood.name, hood)
    return list(hoods.values()) if dearest_first else sorted(hoods.values(), key=lambda hood: int(hood.free.sum()))


def repairers_of(candidate: Candidate, names: list[str], k: Keys) -> Iterator[Neighbourhood]:
    """Neighbourhoods for one row, by the names in its key; its nation's own only where nothing wider is named.

    Each nation has been solved before: what it can't repair alone (a type that it buys with others) needs the others.
    """
    number = {nation: place for place, nation in enumerate(k.nations)}
    wider = False
    for name in names:
        place = k.expansion[name].line_or_component if name in k.expansion else name
        made = {**k.use.get(place, {}), **k.needs.get(place, {})}
        made |= {k.frame[name].programme: 1.0} if name in k.frame else {}
        made |= {i: 1.0 for i in k.programmes if name and name in (k.programme[i].area, k.fleet_class(i), i)}
        if made:
            wider = True
            programmes = [p for p, programme in enumerate(k.programmes) if programme in made]
            yield from (of_nations(candidate.instance, (buyer,)) for buyer in _main_buyer(candidate, programmes))
            projects = [name] if name in k.expansion else []
            free = candidate.instance.layout.buying(programmes) | candidate.instance.layout.projects_named(projects)
            free |= candidate.instance.layout.accounts(made_beside(k, programmes))
            free |= candidate.instance.layout.nation([number[nation] for nation in bound_to(k, name)])
            yield Neighbourhood(f"makers and buyers: {name}", free)
    if wider:
        return
    for nation in [name.partition(":")[0] for name in names]:
        if nation in number:
            yield of_nations(candidate.instance, (number[nation],))
    yield from innovation(candidate.instance)


def _main_buyer(candidate: Candidate, programmes: Sequence[int]) -> list[int]:
    """The nation that orders most of some programmes, by money, which can repair most by itself; none orders any."""
    layout, k = candidate.instance.layout, candidate.instance.keys
    columns = np.flatnonzero(np.isin(layout.programme, programmes) & layout.groups(("order", "joint_order")))
    names = [k.programmes[place] for place in layout.programme[columns]]
    prices = np.array([k.lot(name) * k.programme[name].unit_cost for name in names])
    money = np.bincount(layout.owner[columns], candidate.x[columns] * prices, len(k.nations))
    return [int(money.argmax())] if money.max() > 0 else []


def bound_to(k: Keys, name: str) -> list[str]:
    """Nations that a frame or expansion can't do without: they must find the money for it among all that they buy."""
    if name in k.frame:
        return [nation for nation in k.nations if k.status.get((name, nation)) in BOUND]
    return [n for n in k.nations if name in k.expansion and k.expansion[name].host == n]
