"""What fails if any one line or component is lost: plain arithmetic on the plan's tables, nothing is planned again.

A lost line takes with it its part of the planning years' deliveries, spread over the programme's customers: the part
that it has in all that was made up to then, what earlier rounds left half made (built) included; a lost component takes
every delivery of the programmes that need it. Nobody orders, makes or moves anything instead, so this is the loss
before any answer to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

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
        self.gaps = list(each(gaps[gaps["year"] == self.last]))
        self.wanted: dict[str, float] = defaultdict(float)
        self.baseline: dict[tuple[str, str], float] = {}
        for row in self.gaps:
            self.wanted[row.area] += row.target
            self.baseline[row.nation, row.area] = row.baseline
        self.collective = {row.area for row in self.gaps if row.nation == "ALL"}
        self.lines = self._lines(plan)
        self.components = self._components(tables["bill_of_materials"])
        self.closures = self._closures(self._serving(self.units))
        self.area_effect = self._effect_of(self.units)

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
        lost = {key: units * parts[key[1:]] for key, units in self.units.items() if parts.get(key[1:], 0.0) > SMALLEST}
        left = {key: units - lost.get(key, 0.0) for key, units in self.units.items()}
        after, effect = self._closures(self._serving(left)), self._effect_of(lost)
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

    def _effect_of(self, units: Units) -> dict[str, float]:
        """Area -> effect of these deliveries over the horizon."""
        found: dict[str, float] = defaultdict(float)
        for (_, programme, _), number in units.items():
            for area, effect in self.effect[programme].items():
                found[area] += effect * number
        return {area: effect for area, effect in found.items() if effect > SMALLEST}

    def _serving(self, units: Units) -> dict[tuple[str, str], float]:
        """(nation, area) -> effect in service in the last year."""
        found: dict[tuple[str, str], float] = defaultdict(float)
        for (nation, programme, year), number in units.items():
            if year > self.last - int(self.service[programme]):
                for area, effect in self.effect[programme].items():
                    found[nation, area] += effect * number
        return found

    def _closures(self, serving: Effects) -> dict[str, float]:
        """Area -> closure in the last year with this effect in service."""
        short: dict[str, float] = defaultdict(float)
        of_all: dict[str, float] = defaultdict(float)
        for (_, area), effect in sorted(serving.items()):
            of_all[area] += effect
        for row in self.gaps:
            credited = self._credited(row.nation, row.area, row.target, serving, of_all)
            have = row.baseline + credited + row.innovation
            short[row.area] += max(0.0, row.target - have)
        return {area: 1 - short[area] / wanted for area, wanted in sorted(self.wanted.items()) if wanted > 0}

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
