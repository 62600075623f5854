"""What is needed and what may close it: weights of gaps, and the years, modes and costs of innovation."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import Any

from data.dataset import parse_bands
from data.dictionary import NOT_GIVEN
from models.keys_read import SETTLED, Readings, groups, kept


class Needs(Readings):
    """Weights of the gap index and the innovation lines, over the readings of a case."""

    # ---- capability ----------------------------------------------------------------------------------------------

    @kept
    def bands(self, area: str) -> list[tuple[float, float]]:
        """(width, slope) of the parts of r in [0, 1] for an area."""
        text = self.area[area].severity
        bands = parse_bands(text) if text else self.settings.severity
        starts = [band.above for band in bands] + [1.0]
        widths = [min(1.0, end) - min(1.0, start) for start, end in pairwise(starts)]
        return [(width, band.slope) for width, band in zip(widths, bands, strict=True) if width > 0]

    @kept
    def wanted(self, nation: str, area: str, year: int) -> float:
        """Target of a row (area units)."""
        return float(self.target[nation, area, year].target)

    @kept
    def standard(self, area: str) -> str:
        """The common standard wanted in an area; empty for none."""
        return str(self.area[area].standard or "")

    @kept
    def integration_tax(self, area: str) -> float:
        """Money a year of a type off the area's standard (millions)."""
        return float(self.area[area].integration_tax)

    def urgency(self, year: int) -> float:
        """Urgency of a year, one left out counts 1; of the settled state its weight."""
        if year == SETTLED:
            return self.settings.beyond.urgency
        return float(self.settings.urgency.get(year, 1.0))

    def threat(self, area: str, year: int) -> float:
        """2 from the threat year on, else 1; in the settled state as in the last year."""
        year = self.last if year == SETTLED else year
        threat_year = self.area[area].threat_year
        return 2.0 if threat_year and year >= threat_year else 1.0

    @cached_property
    def gap_rows(self) -> list[tuple[str, str, int]]:
        """(nation or ALL, area, year or SETTLED) with a target above 0."""
        years = set(self.gap_years)
        return sorted(key for key, row in self.target.items() if row.target > 0 and key[2] in years)

    @cached_property
    def gap_weight(self) -> dict[tuple[str, str, int], float]:
        """Points of the objective's index by row and unit of phi(r): 100 * weight / denominator (section 9)."""
        return self.points(self.gap_years)

    @cached_property
    def planning_weight(self) -> dict[tuple[str, str, int], float]:
        """The same for the index of the planning years alone."""
        return self.points(self.years)

    @cached_property
    def settled_weight(self) -> dict[tuple[str, str, int], float]:
        """The same for the index of the settled state alone."""
        return self.points([SETTLED])

    def points(self, years: Iterable[int]) -> dict[tuple[str, str, int], float]:
        """Index points of each row of these years per unit of phi(r); they sum to 100 at phi(1)."""
        known = set(years)
        raw = {key: self.row_weight(*key) for key in self.gap_rows if key[2] in known}
        if known == {SETTLED}:
            raw = {(n, a, t): self.area[a].weight * self.threat(a, t) * self.share(n, a, t) for n, a, t in raw}
        worst = sum(weight * sum(width * slope for width, slope in self.bands(a)) for (_, a, _), weight in raw.items())
        return {key: 100.0 * weight / worst if worst > 0 else 0.0 for key, weight in raw.items()}

    def row_weight(self, nation: str, area: str, year: int) -> float:
        """Weight of a row: urgency * weight * m * share."""
        weight = self.urgency(year) * self.area[area].weight * self.threat(area, year)
        return float(weight * self.share(nation, area, year))

    def share(self, nation: str, area: str, year: int) -> float:
        """The row's part of its area's summed target in that year."""
        return float(self.target[nation, area, year].target / self.summed_target[area, year])

    @cached_property
    def closed_by_innovation(self) -> dict[tuple[str, str, int], list[tuple[str, float]]]:
        """Target row -> (innovation line, effect when complete)."""
        found: dict[tuple[str, str, int], list[tuple[str, float]]] = defaultdict(list)
        for line in self.innovations:
            chance = self.innovation[line].success_probability
            for area, share in sorted(self.closes.get(line, {}).items()):
                for nation, where, year in self.rows_of_area.get(area, []):
                    if nation == "ALL" or nation in self.sponsors[line]:
                        effect = share * chance * self.target[nation, where, year].target
                        found[nation, where, year].append((line, effect))
        return found

    @cached_property
    def rows_of_area(self) -> dict[str, list[tuple[str, str, int]]]:
        """Area -> its rows of gap_rows."""
        return groups([(key[1], key) for key in self.gap_rows])

    # ---- innovation ----------------------------------------------------------------------------------------------

    def decided(self, line: str) -> bool:
        """Whether an earlier round has decided the line."""
        return bool(self.innovation[line].complete_year > 0)

    def has_fast(self, line: str) -> bool:
        """Whether the line has a fast mode."""
        return bool(self.innovation[line].fast_years >= 0)

    @kept
    def starts(self, line: str, mode: str) -> list[int]:
        """Years in which a mode (pilot, scale, fast) may start."""
        row = self.innovation[line]
        if self.decided(line) or not self.sponsors[line] or (mode == "fast" and not self.has_fast(line)):
            return []
        first = max(self.first, int(row.first_year)) + (int(row.pilot_years) if mode == "scale" else 0)
        lasts = {"pilot": 0, "scale": int(row.scale_years), "fast": int(row.fast_years)}[mode]
        return list(range(first, self.last - lasts + 1))

    @kept
    def duration(self, line: str, mode: str) -> int:
        """Years from start to the end of a mode."""
        row = self.innovation[line]
        return int({"pilot": row.pilot_years, "scale": row.scale_years, "fast": row.fast_years}[mode])

    @kept
    def cost_of(self, line: str, mode: str) -> float:
        """Whole cost of a mode."""
        row = self.innovation[line]
        fast = (row.pilot_cost + row.scale_cost) * row.fast_cost_factor
        return float({"pilot": row.pilot_cost, "scale": row.scale_cost, "fast": fast}[mode])

    @kept
    def earliest_complete(self, line: str) -> float:
        """First year in which the line could be complete (infinite: never)."""
        if self.decided(line):
            return int(self.innovation[line].complete_year)
        ends = [year + self.duration(line, mode) for mode in ("scale", "fast") for year in self.starts(line, mode)]
        return min(ends, default=math.inf)

    def key_shares(self, line: str, year: int) -> dict[str, float]:
        """Each sponsor's key share of the line's bill of a year: by cost_share where any has one, else by GDP."""
        sponsors = self.sponsors[line]
        told = [float(self.nation[nation].cost_share) for nation in sponsors]
        if any(share != NOT_GIVEN for share in told):
            keys = [0.0 if share == NOT_GIVEN else share for share in told]
        else:
            keys = [float(self.gdp[nation, min(year, self.last)]) for nation in sponsors]
        whole = sum(keys)
        return {n: key / whole if whole > 0 else 1 / len(sponsors) for n, key in zip(sponsors, keys, strict=True)}

    @cached_property
    def innovation_pools(self) -> dict[str, list[str]]:
        """Pool -> its lines: lines of the same sponsors and pillar share their contributions.

        Named by the first line. Where a rule counts the money of small firms in a part of the nations, lines whose
        share of it differs are told apart.
        """
        apart = any(set(self.group(row.scope)) != set(self.nations) for row in self.rules_named("sme_share_min"))
        found: dict[tuple[Any, ...], list[str]] = {}
        for line in self.innovations:
            if not any(self.starts(line, mode) and self.cost_of(line, mode) > 0 for mode in ("pilot", "scale", "fast")):
                continue
            row = self.innovation[line]
            kind = (tuple(self.sponsors[line]), row.pillar, row.sme_share if apart else 0.0)
            found.setdefault(kind, []).append(line)
        return {lines[0]: lines for lines in found.values()}

    @kept
    def innovation_due(self, line: str, mode: str, start: int) -> dict[int, float]:
        """Year -> money due for a mode started in ``start``, as far as anybody plans."""
        parts = max(1, self.duration(line, mode))
        cost = self.cost_of(line, mode) / parts
        return {year: cost for year in range(start, start + parts) if year <= self.end} if cost > 0 else {}
