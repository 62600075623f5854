"""Whether a plan can be paid: money carried, shifted, lent, and bills shared, as a small linear program for a plan.

Plain arithmetic where nothing is a choice, and a quick no before a program is asked. `without` names a rule to leave
out.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tests import enumerator_rules as rules
from tests.enumerator_plans import TOLERANCE, Array, Plans
from tests.enumerator_program import Program, joined
from tests.enumerator_world import PILLARS

Key = tuple[str, int, str]
Row = Mapping[str, Any]
RULES = (
    "budget.balance",
    "budget.beyond",
    "budget.carry_limit",
    "budget.shift_limit",
    "budget.loan_amount",
    "budget.loan_payments",
    "budget.loan_share",
    "budget.loan_sets",
    "industry.expansion_bill",
    "industry.host_share",
    "industry.contribution_max",
    "innovation.bill",
    "innovation.sponsor_share",
    "policy.spend_floor",
    "policy.spend_growth_max",
    "policy.innovation_share_min",
    "policy.sme_share_min",
)


def payers(plans: Plans, item: str) -> list[str]:
    """Who may pay a bill: sponsors; of an expansion its host, the line's nation, and customers of what gains by it."""
    world = plans.world
    if item in world.innovation:
        return world.sponsors(item)
    row = world.expansions[item]
    what = row["line_or_component"]
    names = {nation for nation, name in world.customers if name in world.users(what)} | {row["host"]}
    if what in world.lines:
        names.add(world.lines[what]["nation"])
    return sorted(names & set(world.nations))


def pillar_of(plans: Plans, item: str) -> str:
    """The pillar that pays a bill."""
    found = plans.world.innovation.get(item)
    return str(found["pillar"]) if found else "resilience"


def is_free(plans: Plans) -> bool:
    """True where money can be borrowed, shifted or shared, so that a linear program must say what is possible."""
    world = plans.world
    lenders = {row["facility"] for row in world.tables["loans"]}
    lent = any(launch is not None and lenders & set(world.facilities[f]) for f, launch in plans.rest.launches.items())
    built = any(item in world.expansions for item, _ in plans.bills)
    return lent or built or world.options.pillar_shift > 0 or rules.is_shared(plans)


# --- arithmetic ------------------------------------------------------------------------------------------------


def limit_beyond(plans: Plans, key: Key) -> float:
    """What may be spent in a year beyond the horizon."""
    world = plans.world
    nation, year, pillar = key
    share = world.beyond.money[year - world.last - 1]
    return max(share * world.available[nation, world.last, pillar], plans.unavoidable[key])


def hopeless(plans: Plans) -> Array:
    """Plans that can't be paid whatever is lent, shifted or contributed; exact where none of that is possible."""
    world, less = plans.world, _least_contributions(plans)
    short = np.zeros(plans.count, dtype=bool)
    for nation, pillar in itertools.product(world.nations, PILLARS):
        purse = plans.zero.copy()
        other = PILLARS[1 - PILLARS.index(pillar)]
        for year in world.years:
            key = (nation, year, pillar)
            purse = purse + world.available[key] - plans.spent[key] - less[key]
            purse = purse + world.options.pillar_shift * world.available[nation, year, other]
            if pillar == "core":
                for facility in {row["facility"] for row in _loans(plans, nation, year)}:
                    purse = purse + eligible(plans, nation, year, {facility})
            short |= purse < -TOLERANCE
            purse = np.minimum(purse, world.options.carry_over * world.available[key])
        for year in world.ahead:
            key = (nation, year, pillar)
            short |= plans.spent[key] + less[key] > limit_beyond(plans, key) + TOLERANCE
    return short


def _least_contributions(plans: Plans) -> dict[Key, float]:
    """What a nation has to contribute even if the others pay all that they may."""
    world = plans.world
    found: dict[Key, float] = defaultdict(float)
    for (item, year), bill in plans.bills.items():
        pillar, names = pillar_of(plans, item), payers(plans, item)
        if item in world.innovation:
            for nation, share in world.key_shares(item, year).items():
                others = world.sponsor_max * (1 - share)
                found[nation, year, pillar] += bill * max(0.0, 1 - others)
        elif len(names) == 1:
            found[names[0], year, pillar] += bill
        elif world.expansions[item]["host"] in names:
            found[world.expansions[item]["host"], year, pillar] += world.expansions[item]["host_share_min"] * bill
    return found


def spending_rules(plans: Plans) -> None:
    """Floors and growth where all spending is fixed."""
    world, less = plans.world, _least_contributions(plans)
    keys = [(nation, year, pillar) for nation in world.nations for year in world.years for pillar in PILLARS]
    spent = {key: world.committed[key] + plans.spent[key] + less[key] for key in keys}
    for row in world.tables["rules"]:
        for nation in world.group(row["scope"]) if row["rule"] in ("spend_floor", "spend_growth_max") else []:
            for year in world.years:
                if row["rule"] == "spend_floor" and year >= row["from_year"]:
                    for pillar in PILLARS:
                        planned = world.planned[nation, year, pillar]
                        missing = row["value"] * planned - spent[nation, year, pillar]
                        rules.hold(plans, "policy.spend_floor", row, missing, planned)
                if row["rule"] == "spend_growth_max" and year > max(row["from_year"], world.first):
                    now, before = (sum(spent[nation, when, p] for p in PILLARS) for when in (year, year - 1))
                    there = sum(world.available[nation, year, p] for p in PILLARS)
                    grown = now - (1 + row["value"]) * before
                    rules.hold(plans, "policy.spend_growth_max", row, grown, there)


def _loans(plans: Plans, nation: str, year: int | None = None) -> list[dict[str, Any]]:
    """The rows of facilities that lend or grant to a nation (in a year)."""
    return [
        row
        for row in plans.world.tables["loans"]
        if nation in lent_to(plans, row) and (year is None or row["first_year"] <= year <= row["last_year"])
    ]


def lent_to(plans: Plans, row: Row) -> list[str]:
    """The nations of a row: of a group's those without a row of their own in the facility."""
    world = plans.world
    if row["nation"] in world.nations:
        return [row["nation"]]
    own = {other["nation"] for other in world.tables["loans"] if other["facility"] == row["facility"]}
    return [nation for nation in world.group(row["nation"]) if nation not in own]


def eligible(plans: Plans, nation: str, year: int, facilities: set[str]) -> Array:
    """What a nation pays in a year through frames of any of these facilities, for programmes that they may pay."""
    world, found = plans.world, plans.zero.copy()
    for (buyer, when, name, channel), amount in plans.payments.items():
        frame, row = world.frames.get(channel), world.programmes[name]
        if (buyer, when) != (nation, year) or not frame or not facilities & set(world.facilities[channel]):
            continue
        if row["pillar"] == "core" and row["eu_content"] >= frame["eu_content_min"]:
            found += amount
    return found


# --- the linear program ----------------------------------------------------------------------------------------


class Money:
    """The linear program of the money of one plan."""

    def __init__(self, plans: Plans, one: int, without: str | None, no_shift: bool = False) -> None:
        self.plans, self.world, self.one, self.without = plans, plans.world, one, without
        self.program = Program()
        self.outgo: dict[Key, dict[Any, float]] = defaultdict(dict)
        self.income: dict[Key, dict[Any, float]] = defaultdict(dict)
        self._contribute()
        self._lend()
        if not no_shift:
            self._shift()
        self._balance()
        for row in self.world.tables["rules"]:
            if f"policy.{row['rule']}" != without and is_free(plans):
                self._rule(row)

    def solve(self) -> tuple[float, float] | None:
        """Least penalty of soft rules, and the least interest at it; None if the plan can't be paid."""
        return self.program.solve()

    def _at_most(self, name: str, terms: Mapping[Any, float], right: float) -> None:
        if name != self.without:
            self.program.at_most(terms, right)

    def _fixed(self, key: Key) -> float:
        return float(self.plans.spent[key][self.one])

    def _contribute(self) -> None:
        world = self.world
        for (item, year), bill in self.plans.bills.items():
            pays = {nation: ("pays", item, nation, year) for nation in payers(self.plans, item)}
            self.program.variable(*pays.values())
            for nation, name in pays.items():
                self.outgo[nation, year, pillar_of(self.plans, item)][name] = 1.0
            innovation = item in world.innovation
            if self.without != ("innovation.bill" if innovation else "industry.expansion_bill"):
                self.program.equal(dict.fromkeys(pays.values(), 1.0), bill)
            if innovation:
                for nation, share in world.key_shares(item, year).items():
                    self._at_most("innovation.sponsor_share", {pays[nation]: 1.0}, world.sponsor_max * share * bill)
            elif world.expansions[item]["host"] in pays:
                host, share = world.expansions[item]["host"], world.expansions[item]["host_share_min"]
                self._at_most("industry.host_share", {pays[host]: -1.0}, -share * bill)
        self._contribution_max()

    def _contribution_max(self) -> None:
        """Who neither hosts nor has the line pays no more than a part of what it orders there."""
        world = self.world
        paid: dict[tuple[str, str], dict[Any, float]] = defaultdict(dict)
        for _, item, nation, year in [name for name in self.program.names if name[1] in world.expansions]:
            row = world.expansions[item]
            what = row["line_or_component"]
            if nation != row["host"] and (what not in world.lines or world.lines[what]["nation"] != nation):
                paid[what, nation]["pays", item, nation, year] = 1.0
        for (what, nation), terms in paid.items():
            value = sum(
                float(amount[self.one])
                for (buyer, _, programme), amount in self.plans.order_value.items()
                if buyer == nation and programme in world.users(what)
            )
            limit = world.contribution_max * value if np.isfinite(world.contribution_max) else np.inf
            self._at_most("industry.contribution_max", terms, limit)

    def _lend(self) -> None:
        world = self.world
        for row in world.tables["loans"]:
            draws = {
                (nation, year): ("draw", row["facility"], nation, year)
                for nation in lent_to(self.plans, row)
                for year in world.years
                if row["first_year"] <= year <= row["last_year"]
            }
            self.program.variable(*draws.values())
            self._at_most("budget.loan_amount", dict.fromkeys(draws.values(), 1.0), row["amount"])
            for (nation, year), name in draws.items():
                self.income[nation, year, "core"][name] = 1.0
                paid = float(eligible(self.plans, nation, year, {row["facility"]})[self.one])
                self._at_most("budget.loan_payments", {name: 1.0}, paid)
                if row["share"] < 1:
                    self._at_most("budget.loan_share", {name: 1.0}, row["share"] * paid)
                for later in world.years if row["kind"] == "loan" else []:
                    if later > year:
                        self.outgo[nation, later, "core"][name] = row["interest"]
                        self.program.cost[name] = self.program.cost.get(name, 0.0) + row["interest"]
        self._lend_together()

    def _lend_together(self) -> None:
        """No payment is covered twice."""
        for nation, year in itertools.product(self.world.nations, self.world.years):
            facilities = sorted({row["facility"] for row in _loans(self.plans, nation, year)})
            for size in range(2, len(facilities) + 1):
                for chosen in itertools.combinations(facilities, size):
                    paid = float(eligible(self.plans, nation, year, set(chosen))[self.one])
                    draws = {("draw", facility, nation, year): 1.0 for facility in chosen}
                    self._at_most("budget.loan_sets", draws, paid)

    def _shift(self) -> None:
        world = self.world
        for nation, year in itertools.product(world.nations, world.years) if world.options.pillar_shift else []:
            for giver, taker in (PILLARS, PILLARS[::-1]):
                name = ("shift", giver, nation, year)
                self.program.variable(name)
                self.income[nation, year, giver][name] = -1.0
                self.income[nation, year, taker][name] = 1.0
                limit = world.options.pillar_shift * world.available[nation, year, giver]
                self._at_most("budget.shift_limit", {name: 1.0}, limit)

    def _balance(self) -> None:
        world = self.world
        for nation, pillar in itertools.product(world.nations, PILLARS):
            carried: dict[Any, float] = {}
            for year in world.years:
                key = (nation, year, pillar)
                out = ("carry", pillar, nation, year)
                self.program.variable(out)
                self._at_most("budget.carry_limit", {out: 1.0}, world.options.carry_over * world.available[key])
                terms = joined([(self.outgo[key], 1.0), (self.income[key], -1.0), ({out: 1.0}, 1.0), (carried, -1.0)])
                self._at_most("budget.balance", terms, world.available[key] - self._fixed(key))
                carried = {out: 1.0}
            for year in world.ahead:
                key = (nation, year, pillar)
                self._at_most("budget.beyond", self.outgo[key], limit_beyond(self.plans, key) - self._fixed(key))

    # --- rows of the table `rules` that speak of all spending --------------------------------------------------------

    def _rule(self, row: Row) -> None:
        years = [year for year in self.world.years if year >= row["from_year"]]
        if row["rule"] == "spend_floor":
            for nation, year, pillar in itertools.product(self.world.group(row["scope"]), years, PILLARS):
                self._floor(row, (nation, year, pillar))
        elif row["rule"] == "spend_growth_max":
            for nation, year in itertools.product(self.world.group(row["scope"]), years):
                if year > max(row["from_year"], self.world.first):
                    self._growth(row, nation, year)
        elif row["rule"] == "sme_share_min" and rules.is_shared(self.plans):
            less = self._innovation(row, years, lambda line: line["sme_share"] - row["value"])
            missing = rules.sme_missing(self.plans, row)
            self._hold(row, less, missing, rules.group_money(self.plans, row))
        elif row["rule"] == "innovation_share_min" and rules.is_shared(self.plans):
            there = rules.group_money(self.plans, row, ["resilience"])
            less = self._innovation(row, years, lambda line: float(line["pillar"] == "resilience"))
            if there > 0:
                self._hold(row, less, rules.innovation_missing(self.plans, row), there)

    def _hold(self, row: Row, less: Mapping[Any, float], missing: Array, constant: float) -> None:
        """What is missing but for the terms `less` is not missing."""
        terms = {name: -factor for name, factor in less.items()}
        self.program.hold(row, terms, -float(missing[self.one]), constant)

    def _innovation(self, row: Row, years: Iterable[int], factor: Any) -> dict[Any, float]:
        """Contributions of a rule's group to innovation lines, each times what `factor` says of the line."""
        nations = self.world.group(row["scope"])
        return {
            name: factor(self.world.innovation[name[1]])
            for name in self.program.names
            if name[0] == "pays" and name[1] in self.world.innovation and name[2] in nations and name[3] in years
        }

    def _floor(self, row: Row, key: Key) -> None:
        planned = self.world.planned[key]
        there = self.world.committed[key] + self._fixed(key)
        less = {name: -factor for name, factor in self.outgo[key].items()}
        self.program.hold(row, less, there - row["value"] * planned, planned)

    def _growth(self, row: Row, nation: str, year: int) -> None:
        world, growth = self.world, 1 + row["value"]
        now, before = ([(nation, when, pillar) for pillar in PILLARS] for when in (year, year - 1))
        parts = [(self.outgo[key], 1.0) for key in now] + [(self.outgo[key], -growth) for key in before]
        spent = [sum(world.committed[key] + self._fixed(key) for key in keys) for keys in (now, before)]
        there = sum(world.available[key] for key in now)
        self.program.hold(row, joined(parts), growth * spent[1] - spent[0], there)
