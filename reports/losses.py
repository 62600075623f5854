"""What fails if any one line or component is lost: plain arithmetic on the plan's tables, nothing is planned again.

A lost line takes with it its part of the planning years' deliveries, spread over the programme's customers: the part
that it has in all that was made up to then, what earlier rounds left half made (built) included; a lost component takes
every delivery of the programmes that need it. Nobody orders, makes or moves anything instead, so this is the loss
before any answer to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.rows import each
from reports import figures

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

COLUMNS = [
    "line_or_component", "kind", "area", "effect_share", "closure", "closure_if_lost", "closure_lost", "programmes",
    "nations",
]  # fmt: skip
SMALLEST = 1e-9
Units = Mapping[tuple[str, str, int], float]  # (nation, programme, year) -> units delivered
Effects = Mapping[tuple[str, str], float]  # (nation, area) -> delivered effect in the last year


def losses(plan: Plan) -> pd.DataFrame:
    """One row for each line or component and each area that it touches, worst first.

    effect_share: part of the effect of the area's deliveries over the horizon that depends on it. closure,
    closure_if_lost, closure_lost: of the area in the last year, as planned, without it, and the difference. programmes,
    nations: whose deliveries fail, separated by ;.
    """
    world = _World(plan)
    rows = []
    for kind, places in (("line", world.lines), ("component", world.components)):
        for place in sorted(places):
            rows += world.rows(place, kind, places[place])
    rows.sort(key=lambda row: (-round(float(str(row["closure_lost"])), 12), str(row["line_or_component"]), row["area"]))
    return pd.DataFrame(rows, columns=COLUMNS)


class _World:
    """The plan's deliveries and gaps, indexed once."""

    def __init__(self, plan: Plan) -> None:
        tables = plan.case.dataset.tables
        self.last = int(plan.case.dataset.settings.last_year)
        self.service = dict(zip(tables["programmes"]["programme"], tables["programmes"]["service_years"], strict=True))
        self.effect: dict[str, dict[str, float]] = defaultdict(dict)
        for row in each(tables["effects"]):
            self.effect[row.programme][row.area] = row.effect
        self.requires: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for row in each(tables["requires"]):
            self.requires[row.area].append((row.enabler, row.ratio))
        self.units: dict[tuple[str, str, int], float] = {
            (row.nation, row.programme, int(row.year)): row.units
            for row in each(figures.planning(plan, "deliveries"))
            if row.units > SMALLEST
        }
        self.delivered = {(programme, year) for _, programme, year in self.units}
        gaps = plan.tables["gaps"]
        self.gaps: dict[str, list[Any]] = defaultdict(list)
        self.wanted: dict[str, float] = defaultdict(float)
        self.baseline: dict[tuple[str, str], float] = {}
        self.collective: set[str] = set()
        for row in each(gaps[gaps["year"] == self.last]):
            self.gaps[row.area].append(row)
            self.wanted[row.area] += row.target
            self.baseline[row.nation, row.area] = row.baseline
            if row.nation == "ALL":
                self.collective.add(row.area)
        self.lines = self._lines(plan)
        self.components = self._components(tables["bill_of_materials"])
        self.area_effect = self._effect_of(self.units)
        self._index()

    def _index(self) -> None:
        """What the loss of each place is worked out from: what is in service in each nation and area, and where."""
        self.keys = list(self.units)
        self.places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for place, (_, programme, year) in enumerate(self.keys):
            self.places[programme, year].append(place)
        self.serving = self._serving()
        self.cells: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for cell in sorted(self.serving):
            self.cells[cell[1]].append(cell)
        self.effects = {cell: self._in_service(cell, {}) for cell in self.serving}
        self.of_all = {area: self._of_all(area, self.effects) for area in self.cells}
        self.closures = {
            area: 1 - self._short(area, self.effects, self.of_all) / wanted
            for area, wanted in sorted(self.wanted.items())
            if wanted > 0
        }

    def _lines(self, plan: Plan) -> dict[str, dict[tuple[str, int], float]]:
        """Line -> (programme, year of delivery) -> part of all made up to then that the line made."""
        built: dict[str, float] = defaultdict(float)
        for row in each(plan.case.dataset.tables["pipeline"]):
            built[row.programme] += row.built
        made: dict[str, list[tuple[str, int, float]]] = defaultdict(list)
        for row in each(plan.tables["production"]):
            made[row.programme].append((row.line, int(row.year), row.units))
        found: dict[str, dict[tuple[str, int], float]] = defaultdict(dict)
        for programme, year in sorted(self.delivered):
            of_line: dict[str, float] = defaultdict(float)
            for line, when, units in made[programme]:
                of_line[line] += units if when <= year else 0.0
            whole = built[programme] + sum(of_line.values())
            for line, units in of_line.items():
                if units > SMALLEST:
                    found[line][programme, year] = units / whole
        return found

    def _components(self, bill: pd.DataFrame) -> dict[str, dict[tuple[str, int], float]]:
        """Component -> (programme, year) -> 1 where it is needed."""
        needs: dict[str, set[str]] = defaultdict(set)
        for row in each(bill[bill["quantity"] > 0]):
            needs[row.component].add(row.programme)
        found = {place: {key: 1.0 for key in self.delivered if key[0] in needs[place]} for place in needs}
        return {place: parts for place, parts in found.items() if parts}

    def rows(self, place: str, kind: str, parts: Mapping[tuple[str, int], float]) -> list[dict[str, object]]:
        """The areas that a line or component touches."""
        lost = self._lost(parts)
        after, effect = self._closures_without(lost), self._effect_of(lost)
        found = []
        for area in sorted({*effect, *after}):
            fall = self.closures.get(area, 1.0) - after.get(area, 1.0)
            if effect.get(area, 0.0) <= SMALLEST and fall <= SMALLEST:
                continue
            hit = [key for key in lost if area in self.effect[key[1]]]
            found.append({
                "line_or_component": place, "kind": kind, "area": area,
                "effect_share": effect[area] / self.area_effect[area] if effect.get(area) else 0.0,
                "closure": self.closures.get(area, 1.0), "closure_if_lost": after.get(area, 1.0), "closure_lost": fall,
                "programmes": ";".join(sorted({key[1] for key in hit})) or "-",
                "nations": ";".join(sorted({key[0] for key in hit})) or "-",
            })  # fmt: skip
        return found

    def _lost(self, parts: Mapping[tuple[str, int], float]) -> dict[tuple[str, str, int], float]:
        """What is not delivered without these parts, in the order of the deliveries."""
        places = sorted(place for made, part in parts.items() if part > SMALLEST for place in self.places.get(made, ()))
        keys = [self.keys[place] for place in places]
        return {key: self.units[key] * parts[key[1:]] for key in keys}

    def _effect_of(self, units: Units) -> dict[str, float]:
        """Area -> effect of these deliveries over the horizon."""
        found: dict[str, float] = defaultdict(float)
        for (_, programme, _), number in units.items():
            for area, effect in self.effect[programme].items():
                found[area] += effect * number
        return {area: effect for area, effect in found.items() if effect > SMALLEST}

    def _serving(self) -> dict[tuple[str, str], list[tuple[tuple[str, str, int], float]]]:
        """(nation, area) -> the deliveries in service there in the last year, each with the effect of a unit."""
        found: dict[tuple[str, str], list[tuple[tuple[str, str, int], float]]] = defaultdict(list)
        for key in self.units:
            nation, programme, year = key
            if year > self.last - int(self.service[programme]):
                for area, effect in self.effect[programme].items():
                    found[nation, area].append((key, effect))
        return found

    def _in_service(self, cell: tuple[str, str], lost: Units) -> float:
        """Effect of a nation in an area in the last year without what is lost."""
        effect = 0.0
        for key, each_unit in self.serving[cell]:
            effect += each_unit * (self.units[key] - lost.get(key, 0.0))
        return effect

    def _of_all(self, area: str, serving: Effects) -> float:
        """Effect of all nations in an area."""
        effect = 0.0
        for cell in self.cells[area]:
            effect += serving[cell]
        return effect

    def _closures_without(self, lost: Units) -> dict[str, float]:
        """Area -> closure in the last year without these deliveries; only what they touch is worked out anew."""
        touched = {(nation, area) for nation, programme, _ in lost for area in self.effect[programme]}
        touched &= self.serving.keys()
        serving = self.effects | {cell: self._in_service(cell, lost) for cell in touched}
        moved = {area for _, area in touched}
        of_all = self.of_all | {area: self._of_all(area, serving) for area in moved}
        needed = {area for area, needs in self.requires.items() if any(enabler in moved for enabler, _ in needs)}
        return {
            area: 1 - self._short(area, serving, of_all) / self.wanted[area] if area in moved | needed else closure
            for area, closure in self.closures.items()
        }

    def _short(self, area: str, serving: Effects, of_all: Mapping[str, float]) -> float:
        """What the area's targets lack in the last year."""
        short = 0.0
        for row in self.gaps[area]:
            have = row.baseline + self._credited(row.nation, area, row.target, serving, of_all) + row.innovation
            short += max(0.0, row.target - have)
        return short

    def _credited(self, nation: str, area: str, target: float, serving: Effects, of_all: Mapping[str, float]) -> float:
        """Delivered effect as far as its enablers carry it (MODEL.md, section 6); `of_all`: of all nations, by area."""
        if nation == "ALL":
            return of_all.get(area, 0.0)
        credited = serving.get((nation, area), 0.0)
        for enabler, ratio in self.requires.get(area, []):
            if enabler in self.collective:
                share = target / self.wanted[area] if self.wanted[area] > 0 else 0.0
                there = (self.baseline.get(("ALL", enabler), 0.0) + of_all.get(enabler, 0.0)) * share
            else:
                there = self.baseline.get((nation, enabler), 0.0) + serving.get((nation, enabler), 0.0)
            credited = min(credited, ratio * there)
        return credited
