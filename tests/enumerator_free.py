"""What stays free once orders and starts are fixed: who makes what, and how money is carried, shifted, lent and shared.

Small linear programs, one for a plan, and plain arithmetic where nothing is free. `without` names a rule to leave out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog

from tests import enumerator_rules as rules
from tests.enumerator_plans import TOLERANCE, Array, Plans
from tests.enumerator_world import PILLARS

Terms = Mapping[Any, float]
MONEY_RULES = (
    "budget.balance",
    "budget.carry_limit",
    "budget.shift_limit",
    "budget.loan_amount",
    "budget.loan_payments",
    "industry.expansion_bill",
    "industry.host_share",
    "policy.spend_floor",
    "policy.spend_growth_max",
)
MAKE_RULES = (
    "industry.production",
    "industry.line_capacity",
    "industry.ramp",
    "industry.guaranteed_load",
    "joint.workshare",
    "policy.single_line_max",
    "policy.surge_min",
)


@dataclass
class Program:
    """A linear program by names: rows are (terms, relation, right side)."""

    names: list[Any] = field(default_factory=list)
    rows: list[tuple[Terms, str, float]] = field(default_factory=list)
    upper: dict[Any, float] = field(default_factory=dict)
    cost: dict[Any, float] = field(default_factory=dict)

    def at_most(self, terms: Terms, right: float) -> None:
        """Add sum of terms <= right."""
        self.rows.append((terms, "<=", right))

    def equal(self, terms: Terms, right: float) -> None:
        """Add sum of terms = right."""
        self.rows.append((terms, "=", right))

    def solve(self) -> float | None:
        """The least cost, or None where there is no solution."""
        place = {name: number for number, name in enumerate(self.names)}
        if not place:
            fine = all(right >= -TOLERANCE if kind == "<=" else abs(right) <= TOLERANCE for _, kind, right in self.rows)
            return 0.0 if fine else None
        sides: dict[str, tuple[list[np.ndarray], list[float]]] = {"<=": ([], []), "=": ([], [])}
        for terms, kind, right in self.rows:
            if np.isfinite(right):
                line = np.zeros(len(place))
                for name, factor in terms.items():
                    line[place[name]] += factor
                sides[kind][0].append(line)
                sides[kind][1].append(right)
        answer = linprog(
            [self.cost.get(name, 0.0) for name in self.names],
            A_ub=np.array(sides["<="][0]) if sides["<="][0] else None,
            b_ub=sides["<="][1] or None,
            A_eq=np.array(sides["="][0]) if sides["="][0] else None,
            b_eq=sides["="][1] or None,
            bounds=[(0, self.upper.get(name)) for name in self.names],
            method="highs",
        )
        return float(answer.fun) if answer.status == 0 else None


# --- who makes what --------------------------------------------------------------------------------------------


def make_is_possible(plans: Plans, one: int, without: str | None = None) -> bool:
    """True if deliveries of plan `one` can be made on the lines there are."""
    if not rules.several_lines(plans) or without == "industry.production":
        return True
    world, program = plans.world, Program()
    for name, lines in world.made_on.items():
        for year in world.years:
            keys = [(name, line, year) for line in lines]
            program.names += keys
            program.equal(dict.fromkeys(keys, 1.0), float(rules.of_programme(plans, name, year)[one]))
    for line in world.lines:
        _line_rows(program, plans, line, without)
    if without != "joint.workshare":
        _workshare_rows(program, plans, one)
    if without != "policy.single_line_max":
        _single_line_rows(program, plans, one)
    if without != "policy.surge_min":
        _surge_rows(program, plans)
    return program.solve() is not None


def _line_rows(program: Program, plans: Plans, line: str, without: str | None) -> None:
    world, row = plans.world, plans.world.lines[line]
    uses = {name: lines[line] for name, lines in world.made_on.items() if line in lines}
    for year in world.years:
        made = {(name, line, year): use for name, use in uses.items()}
        if without != "industry.line_capacity":
            program.at_most(made, world.capacity[line, year] + rules.added(plans, line, year))
        if without != "industry.ramp":
            grown = row["ramp"] + rules.added(plans, line, year, exactly=True)
            before = {(name, line, year - 1): -use for name, use in uses.items()} if year > world.first else {}
            grown += row["current_output"] if year == world.first else 0.0
            program.at_most({**made, **before}, grown)
        for name, expansion in world.expansions.items():
            opened = rules.opens(plans, name)
            held = opened is not None and opened <= year < opened + expansion["guarantee_years"]
            if expansion["line_or_component"] == line and held and without != "industry.guaranteed_load":
                wanted = expansion["guaranteed_load"] * (world.capacity[line, year] + expansion["added_capacity"])
                program.at_most({key: -use for key, use in made.items()}, -wanted)


def _workshare_rows(program: Program, plans: Plans, one: int) -> None:
    world = plans.world
    for frame, launch in plans.rest.launches.items():
        row = world.frames[frame]
        name = row["programme"]
        for nation in world.members(frame) if launch is not None else []:
            home = [line for line in world.made_on.get(name, {}) if world.lines[line]["nation"] == nation]
            wanted = row["workshare_min"] * float(plans.ordered(nation, name, frame)[one])
            if home:
                program.at_most({(name, line, year): -1.0 for line in home for year in world.years}, -wanted)


def _single_line_rows(program: Program, plans: Plans, one: int) -> None:
    world = plans.world
    for row in world.tables["rules"]:
        if row["rule"] != "single_line_max":
            continue
        years = [year for year in world.years if year >= row["from_year"]]
        effect = {name: world.effect.get((name, row["scope"]), 0.0) for name in world.programmes}
        whole = sum(effect[n] * float(rules.of_programme(plans, n, y)[one]) for n in world.programmes for y in years)
        for line in world.lines:
            names = [name for name, lines in world.made_on.items() if line in lines]
            program.at_most({(name, line, y): effect[name] for name in names for y in years}, row["value"] * whole)


def _surge_rows(program: Program, plans: Plans) -> None:
    world = plans.world
    for row in world.tables["rules"]:
        if row["rule"] == "surge_min":
            lines, capacity = rules.surge_lines(plans, row)
            of_area = {name for name, of in world.programmes.items() if of["area"] == row["scope"]}
            for year in (year for year in world.years if year >= row["from_year"]):
                made = {
                    (name, line, year): row["value"] * use
                    for name, uses in world.made_on.items()
                    for line, use in uses.items()
                    if name in of_area and line in lines
                }
                program.at_most(made, capacity)


# --- money -----------------------------------------------------------------------------------------------------


def bills(plans: Plans) -> dict[tuple[str, int], float]:
    """What each started expansion costs in each year."""
    found: dict[tuple[str, int], float] = {}
    for name, start in plans.rest.starts.items():
        row = plans.world.expansions[name]
        if start is None:
            continue
        length = max(1, row["build_years"])
        for year in plans.world.years:
            part = row["cost"] / length if start <= year < start + length else 0.0
            part += row["annual_cost"] if year >= start + row["build_years"] else 0.0
            if part:
                found[name, year] = part
    return found


def is_free(plans: Plans) -> bool:
    """True where money can be borrowed, shifted or shared, so that a linear program must say what is possible."""
    started = any(start is not None for start in plans.rest.starts.values())
    return started or plans.world.options.pillar_shift > 0 or bool(plans.world.tables["loans"])


def carried(plans: Plans, more: Mapping[tuple[str, int, str], Array | float], limit: float) -> Array:
    """Plans whose money does not suffice, with `more` money than is available and carry-over up to `limit`."""
    world = plans.world
    short = np.zeros(plans.count, dtype=bool)
    for nation in world.nations:
        for pillar in PILLARS:
            purse = plans.zero.copy()
            for year in world.years:
                key = (nation, year, pillar)
                purse = purse + world.available[key] + more.get(key, 0.0) - plans.spent[key]
                short |= purse < -TOLERANCE
                purse = np.minimum(purse, limit * world.available[key])
    return short


def hopeless(plans: Plans) -> Array:
    """Plans that no loan, shift or contribution can pay: a quick no before a linear program is asked."""
    world = plans.world
    more: dict[tuple[str, int, str], Array | float] = {}
    for nation in world.nations:
        for year in world.years:
            core, other = (world.available[nation, year, pillar] for pillar in PILLARS)
            lent = sum((_lendable(plans, row, year) for row in _loans(plans, nation)), plans.zero.copy())
            more[nation, year, "core"] = world.options.pillar_shift * other + lent
            more[nation, year, "resilience"] = world.options.pillar_shift * core
    for (name, year), bill in bills(plans).items():
        row = world.expansions[name]
        if row["host"] in world.nations:
            more[row["host"], year, "resilience"] -= row["host_share_min"] * bill
    return carried(plans, more, world.options.carry_over)


def _loans(plans: Plans, nation: str) -> list[dict[str, Any]]:
    return [row for row in plans.world.tables["loans"] if row["nation"] == nation]


def _lendable(plans: Plans, loan: Mapping[str, Any], year: int) -> Array:
    """What a nation pays in a year through frames of a facility, for programmes that it may pay."""
    world, found = plans.world, plans.zero.copy()
    if not loan["first_year"] <= year <= loan["last_year"]:
        return found
    for (nation, when, name, channel), amount in plans.payments.items():
        frame, row = world.frames.get(channel), world.programmes[name]
        mine = frame and (nation, when, frame["loan_facility"]) == (loan["nation"], year, loan["facility"])
        if mine and row["pillar"] == "core" and row["eu_content"] >= frame["eu_content_min"]:
            found += amount
    return found


def least_interest(plans: Plans, one: int, without: str | None = None, no_shift: bool = False) -> float | None:
    """The least interest with which plan `one` can be paid; None if it can't."""
    world, program = plans.world, Program()
    spending: dict[tuple[str, int, str], dict[Any, float]] = {
        (nation, year, pillar): {} for nation in world.nations for year in world.years for pillar in PILLARS
    }
    receipts: dict[tuple[str, int, str], dict[Any, float]] = {key: {} for key in spending}
    _contribution_rows(program, plans, spending, without)
    _loan_rows(program, plans, one, spending, receipts, without)
    _shift_rows(program, plans, receipts, without, no_shift)
    for key, terms in spending.items():
        nation, year, pillar = key
        fixed = float(plans.spent[key][one])
        out, into = ("carry", *key), ("carry", nation, year - 1, pillar)
        program.names.append(out)
        if without != "budget.carry_limit":
            program.at_most({out: 1.0}, world.options.carry_over * world.available[key])
        if without != "budget.balance":
            row = {**terms, out: 1.0}
            for name, factor in receipts[key].items():
                row[name] = row.get(name, 0.0) - factor
            if year > world.first:
                row[into] = -1.0
            program.at_most(row, world.available[key] - fixed)
    _spending_rows(program, plans, one, spending, without)
    return program.solve()


def _contribution_rows(program: Program, plans: Plans, spending: Mapping[Any, Any], without: str | None) -> None:
    for (name, year), bill in bills(plans).items():
        host = plans.world.expansions[name]["host"]
        payers = {nation: ("pays", name, nation, year) for nation in _payers(plans, name)}
        program.names += payers.values()
        for nation, key in payers.items():
            spending[nation, year, "resilience"][key] = 1.0
        if without != "industry.expansion_bill":
            program.equal(dict.fromkeys(payers.values(), 1.0), bill)
        if host in payers and without != "industry.host_share":
            program.at_most({payers[host]: -1.0}, -plans.world.expansions[name]["host_share_min"] * bill)


def _payers(plans: Plans, expansion: str) -> list[str]:
    """Host, the line's nation, and customers of what the line makes or of what uses the component."""
    world, row = plans.world, plans.world.expansions[expansion]
    what = row["line_or_component"]
    programmes = {name for name, lines in world.made_on.items() if what in lines} | set(world.quantity.get(what, ()))
    payers = {nation for nation, name in world.customers if name in programmes} | {row["host"]}
    if what in world.lines:
        payers.add(world.lines[what]["nation"])
    return sorted(payers & set(world.nations))


def _loan_rows(
    program: Program,
    plans: Plans,
    one: int,
    spending: Mapping[Any, Any],
    receipts: Mapping[Any, Any],
    without: str | None,
) -> None:
    world = plans.world
    for loan in world.tables["loans"]:
        nation = loan["nation"]
        years = [year for year in world.years if loan["first_year"] <= year <= loan["last_year"]]
        draws = {year: ("draw", loan["facility"], nation, year) for year in years}
        program.names += draws.values()
        if without != "budget.loan_amount":
            program.at_most(dict.fromkeys(draws.values(), 1.0), loan["amount"])
        for year, key in draws.items():
            receipts[nation, year, "core"][key] = 1.0
            if without != "budget.loan_payments":
                program.at_most({key: 1.0}, float(_lendable(plans, loan, year)[one]))
            for later in world.years:
                if later > year:
                    spending[nation, later, "core"][key] = loan["interest"]
                    program.cost[key] = program.cost.get(key, 0.0) + loan["interest"]


def _shift_rows(
    program: Program, plans: Plans, receipts: Mapping[Any, Any], without: str | None, no_shift: bool
) -> None:
    world = plans.world
    if no_shift or not world.options.pillar_shift:
        return
    for nation in world.nations:
        for year in world.years:
            for giver, taker in (PILLARS, PILLARS[::-1]):
                key = ("shift", nation, year, giver)
                program.names.append(key)
                receipts[nation, year, giver][key] = -1.0
                receipts[nation, year, taker][key] = 1.0
                if without != "budget.shift_limit":
                    limit = world.options.pillar_shift * world.available[nation, year, giver]
                    program.at_most({key: 1.0}, limit)


def _spending_rows(program: Program, plans: Plans, one: int, spending: Mapping[Any, Any], without: str | None) -> None:
    world = plans.world
    for row in world.tables["rules"]:
        if f"policy.{row['rule']}" == without:
            continue
        for nation in world.group(row["scope"]) if row["rule"] in ("spend_floor", "spend_growth_max") else []:
            for year in world.years:
                keys = [(nation, year, pillar) for pillar in PILLARS]
                before = [(nation, year - 1, pillar) for pillar in PILLARS]
                if row["rule"] == "spend_floor" and year >= row["from_year"]:
                    for key in keys:
                        there = world.committed[key] + float(plans.spent[key][one])
                        less = {name: -factor for name, factor in spending[key].items()}
                        program.at_most(less, there - row["value"] * world.planned[key])
                if row["rule"] == "spend_growth_max" and year > row["from_year"] and year > world.first:
                    growth = 1 + row["value"]
                    terms = _joined((spending[key], 1.0) for key in keys)
                    terms = _joined([(terms, 1.0), *((spending[key], -growth) for key in before)])
                    now, then = (
                        sum(world.committed[key] + float(plans.spent[key][one]) for key in those)
                        for those in (keys, before)
                    )
                    program.at_most(terms, growth * then - now)


def _joined(parts: Iterable[tuple[Terms, float]]) -> dict[Any, float]:
    """The sum of several sets of terms, each with a factor."""
    found: dict[Any, float] = {}
    for terms, factor in parts:
        for name, value in terms.items():
            found[name] = found.get(name, 0.0) + factor * value
    return found


def spending_rules(plans: Plans) -> None:
    """Floors and growth where all spending is fixed."""
    world = plans.world
    both = {
        (nation, year): sum(world.committed[nation, year, p] + plans.spent[nation, year, p] for p in PILLARS)
        for nation in world.nations
        for year in world.years
    }
    for row in world.tables["rules"]:
        for nation in world.group(row["scope"]) if row["rule"] in ("spend_floor", "spend_growth_max") else []:
            for year in world.years:
                if row["rule"] == "spend_floor" and year >= row["from_year"]:
                    for pillar in PILLARS:
                        key = (nation, year, pillar)
                        missing = row["value"] * world.planned[key] - world.committed[key] - plans.spent[key]
                        rules.hold(plans, "policy.spend_floor", row, missing, world.planned[key])
                if row["rule"] == "spend_growth_max" and year > row["from_year"] and year > world.first:
                    grown = both[nation, year] - (1 + row["value"]) * both[nation, year - 1]
                    there = sum(world.available[nation, year, pillar] for pillar in PILLARS)
                    rules.hold(plans, "policy.spend_growth_max", row, grown, there)
