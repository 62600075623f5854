"""Who makes what, and when: work in progress on the lines, as small linear programs, one for each way to order.

What the lines must make depends on the sums of orders and deliveries alone, so that plans which share these share the
answer. `without` names a rule to leave out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests import enumerator_rules as rules
from tests.enumerator_plans import TOLERANCE, Array, Plans
from tests.enumerator_program import Program, joined

Known = dict[tuple[Any, ...], float | None]
Row = Mapping[str, Any]
RULES = (
    "industry.work_in_progress",
    "industry.made_of_orders",
    "industry.line_capacity",
    "industry.ramp",
    "industry.component_capacity",
    "industry.guaranteed_load",
    "joint.workshare",
    "policy.single_line_max",
    "policy.surge_min",
    "policy.output_drop_max",
)


class Make:
    """What the lines of some plans have to make."""

    def __init__(self, plans: Plans, known: Known) -> None:
        self.plans, self.world, self.known = plans, plans.world, known
        self.needed = bool(self.world.lines or self.world.quantity)
        self.opened = tuple(rules.opens(plans, name) for name in self.world.expansions)
        years = self.world.all_years
        self.ordered = {(name, year): self._units(name, year, "year") for name in self.world.made_on for year in years}
        self.delivered = {
            (name, year): self._units(name, year, "arrives") + self._pipeline(name, year)
            for name in self.world.programmes
            for year in years
        }
        self.promised = self._promised()
        columns = [*self.ordered.values(), *self.delivered.values(), *self.promised.values()]
        self.columns = np.column_stack(columns) if self.needed and columns else None

    def _units(self, programme: str, year: int, when: str) -> Array:
        found = self.plans.zero.copy()
        for slot, units in self.plans.units.items():
            if slot.programme == programme and getattr(slot, when) == year:
                found += units
        return found

    def _pipeline(self, programme: str, year: int) -> float:
        return sum(units for key, units in self.world.pipeline.items() if key[1:] == (programme, year))

    def _promised(self) -> dict[tuple[str, str], Array]:
        """Units that a member with a line of its own has to see made at home, for what it orders through a frame."""
        world, found = self.world, {}
        for frame, launch in self.plans.rest.launches.items():
            row = world.frames[frame]
            for nation in world.members(frame) if launch is not None and row["workshare_min"] > 0 else []:
                home = self._home(nation, row["programme"])
                if any(world.capacity[line, year] > 0 for line in home for year in world.years):
                    found[frame, nation] = row["workshare_min"] * self.plans.ordered(nation, row["programme"], frame)
        return found

    def _home(self, nation: str, programme: str) -> list[str]:
        world = self.world
        return [line for line in world.made_on.get(programme, {}) if world.lines[line]["nation"] == nation]

    # --- a quick no ------------------------------------------------------------------------------------------------

    def hopeless(self) -> Array:
        """Plans that the lines can't make: of a programme more is due between two years than all its lines make."""
        short = np.zeros(self.plans.count, dtype=bool)
        for name, lines in self.world.made_on.items():
            most = {year: sum(self._most(line, year) / use for line, use in lines.items()) for year in self._years}
            whole = sum(units for key, units in self.world.pipeline.items() if key[1] == name)
            for since in self._years:
                # What can be made before `since`: no more than was on order by then.
                early = self.world.built[name]
                if since > self.world.first:
                    early = whole + self._sum(self.ordered[name, year] for year in self._years if year < since)
                for until in self._years:
                    if until >= since:
                        due = self._sum(self.delivered[name, year] for year in self._years if year <= until)
                        room = sum(most[year] for year in range(since, until + 1))
                        short |= due - early > room + TOLERANCE
        return short

    @property
    def _years(self) -> list[int]:
        return self.world.all_years

    def _sum(self, arrays: Any) -> Array:
        return sum(arrays, self.plans.zero.copy())

    def _most(self, line: str, year: int) -> float:
        row = self.world.lines[line]
        grown = row["current_output"] + row["ramp"] * (year - self.world.first + 1)
        return min(rules.capacity(self.plans, line, year), grown + rules.added(self.plans, line, year))

    # --- the linear program ----------------------------------------------------------------------------------------

    def penalty(self, one: int, without: str | None = None) -> float | None:
        """The least penalty of soft rules with which plan `one` can be made; None if it can't."""
        if self.columns is None:
            return 0.0
        left_out = without if without in RULES else None
        key = (self.opened, self.columns[one].tobytes(), left_out)
        if key not in self.known:
            answer = self._program(one, left_out).solve()
            self.known[key] = None if answer is None else answer[0]
        return self.known[key]

    def _program(self, one: int, without: str | None) -> Program:
        program = Program()
        for name, lines in self.world.made_on.items():
            program.variable(*((name, line, year) for line in lines for year in self._years))
            self._progress(program, one, name, without)
        for line in self.world.lines:
            self._line(program, line, without)
        for component in self.world.quantity:
            self._component(program, one, component, without)
        if without != "joint.workshare":
            for (frame, nation), units in self.promised.items():
                name = self.world.frames[frame]["programme"]
                home = self._home(nation, name)
                made = {(name, line, year): -1.0 for line in home for year in self._years}
                program.at_most(made, -float(units[one]))
        for row in self.world.tables["rules"]:
            if f"policy.{row['rule']}" != without and row["rule"] in POLICIES:
                POLICIES[row["rule"]](self, program, one, row)
        return program

    def _progress(self, program: Program, one: int, name: str, without: str | None) -> None:
        world, built = self.world, self.world.built[name]
        on_order = sum(units for key, units in world.pipeline.items() if key[1] == name)
        due = 0.0
        for year in self._years:
            due += float(self.delivered[name, year][one])
            on_order += float(self.ordered[name, year][one])
            made = {(name, line, t): 1.0 for line in world.made_on[name] for t in self._years if t <= year}
            if without != "industry.work_in_progress":
                program.at_most(dict.fromkeys(made, -1.0), built - due)
            if without != "industry.made_of_orders":
                program.at_most(made, on_order - built)

    def output(self, line: str, year: int) -> dict[Any, float]:
        """Output of a line, in terms of what it makes."""
        return {(name, line, year): lines[line] for name, lines in self.world.made_on.items() if line in lines}

    def _line(self, program: Program, line: str, without: str | None) -> None:
        row, world = self.world.lines[line], self.world
        for year in self._years:
            output = self.output(line, year)
            if without != "industry.line_capacity":
                program.at_most(output, rules.capacity(self.plans, line, year))
            if without != "industry.ramp":
                grown = row["ramp"] + rules.added(self.plans, line, year, exactly=True)
                before = self.output(line, year - 1) if year > world.first else {}
                grown += row["current_output"] if year == world.first else 0.0
                program.at_most(joined([(output, 1.0), (before, -1.0)]), grown)
            if without != "industry.guaranteed_load":
                self._guarantee(program, line, year, output, 0.0)

    def _component(self, program: Program, one: int, component: str, without: str | None) -> None:
        quantities, lines = self.world.quantity[component], self.world.made_on
        for year in self._years:
            used = {(n, line, year): q for n, q in quantities.items() if n in lines for line in lines[n]}
            bought = sum(q * float(self.delivered[n, year][one]) for n, q in quantities.items() if n not in lines)
            if without != "industry.component_capacity":
                program.at_most(used, rules.capacity(self.plans, component, year) - bought)
            if without != "industry.guaranteed_load":
                self._guarantee(program, component, year, used, bought)

    def _guarantee(self, program: Program, what: str, year: int, used: Any, more: float) -> None:
        for name, row in self.world.expansions.items():
            opened = rules.opens(self.plans, name)
            held = opened is not None and opened <= year < opened + row["guarantee_years"] and year <= self.world.last
            if row["line_or_component"] == what and held:
                wanted = row["guaranteed_load"] * (self.world.capacity[what, year] + row["added_capacity"])
                program.at_most({key: -factor for key, factor in used.items()}, more - wanted)


# --- rows of the table `rules` that speak of what lines make -------------------------------------------------------


def _single_line_max(make: Make, program: Program, one: int, row: Row) -> None:
    world, years = make.world, [year for year in make.world.years if year >= row["from_year"]]
    effect = {name: world.effect.get((name, row["scope"]), 0.0) for name in world.programmes}
    bought = sum(effect[n] * float(make.delivered[n, y][one]) for n in effect if n not in world.made_on for y in years)
    by_line = {
        line: {(n, line, y): effect[n] for n, on in world.made_on.items() if line in on for y in years}
        for line in world.lines
    }
    whole = joined((terms, 1.0) for terms in by_line.values())
    for terms in by_line.values():
        more = joined([(terms, 1.0), (whole, -row["value"])])
        program.hold(row, more, row["value"] * bought, make.plans.summed[row["scope"], world.last])


def _surge_min(make: Make, program: Program, one: int, row: Row) -> None:
    world = make.world
    names = {name for name, of in world.programmes.items() if of["area"] == row["scope"]}
    lines = {line for name in names for line in world.made_on.get(name, {})}
    there = sum(rules.capacity(make.plans, line, world.last) for line in lines)
    before = sum(world.capacity[line, world.last] for line in lines)
    for year in world.years:
        if year >= row["from_year"]:
            output = {
                key: row["value"] * use
                for line in lines
                for key, use in make.output(line, year).items()
                if key[0] in names
            }
            program.hold(row, output, there, before)


def _output_drop_max(make: Make, program: Program, one: int, row: Row) -> None:
    world = make.world
    for line in world.lines if row["scope"] == "ALL" else [row["scope"]]:
        added = sum(of["added_capacity"] for of in world.expansions.values() if of["line_or_component"] == line)
        largest = max(world.capacity[line, year] for year in world.years) + added
        for year in world.years:
            if year > max(row["from_year"], world.first):
                before, now = make.output(line, year - 1), make.output(line, year)
                program.hold(row, joined([(before, 1 - row["value"]), (now, -1.0)]), 0.0, largest)


POLICIES = {"single_line_max": _single_line_max, "surge_min": _surge_min, "output_drop_max": _output_drop_max}
