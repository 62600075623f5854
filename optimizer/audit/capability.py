"""Effects, what enablers let count, innovation, gaps and the gap index (sections 6, 7 and 9 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from optimizer.audit.facts import ALL, Facts
from optimizer.audit.ledger import Ledger
from optimizer.audit.reading import Row, compare, key_of

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Effects:
    """Delivered effect in area units: by nation, area, year; of all nations; and of programmes on the standard."""

    delivered: dict[Key, float]
    total: dict[tuple[str, int], float]
    on_standard: dict[tuple[str, int], float]


@dataclass(frozen=True)
class Gap:
    """A row of the gaps table, recomputed."""

    target: float
    baseline: float
    delivered: float
    credited: float
    innovation: float
    limit: float

    @cached_property
    def shortfall(self) -> float:
        """Return what is missing to the target."""
        return max(0.0, self.target - self.baseline - self.credited - self.innovation)

    @cached_property
    def part(self) -> float:
        """Return the shortfall as a part of the target; 0 where there is no target."""
        return self.shortfall / self.target if self.target > 0 else 0.0


def effects_of(facts: Facts, in_service: Mapping[Key, float]) -> Effects:
    """Return the delivered effects: sum over programmes of effect * units in service."""
    delivered: dict[Key, float] = defaultdict(float)
    total: dict[tuple[str, int], float] = defaultdict(float)
    on_standard: dict[tuple[str, int], float] = defaultdict(float)
    for (nation, programme, year), units in in_service.items():
        standard = facts.programmes[programme].standard
        for area, effect in facts.effects.get(programme, ()):
            delivered[nation, area, year] += effect * units
            total[area, year] += effect * units
            if standard and standard == facts.areas[area].standard:
                on_standard[area, year] += effect * units
    return Effects(dict(delivered), dict(total), dict(on_standard))


def _baseline(facts: Facts, nation: str, area: str, year: int) -> float:
    row = facts.targets.get((nation, area, year))
    return float(row.baseline) if row is not None else 0.0


def _enabled(facts: Facts, effects: Effects, nation: str, area: str, year: int) -> float:
    """Return the most that the enablers of the area let count for the nation."""
    limit = float("inf")
    for enabler, ratio in facts.requires.get(area, ()):
        if enabler in facts.collective:
            there = _baseline(facts, ALL, enabler, year) + effects.total.get((enabler, year), 0.0)
            total = facts.target_sum.get((area, year), 0.0)
            share = facts.targets[nation, area, year].target / total if total > 0 else 0.0
            limit = min(limit, ratio * there * share)
        else:
            there = _baseline(facts, nation, enabler, year) + effects.delivered.get((nation, enabler, year), 0.0)
            limit = min(limit, ratio * there)
    return limit


def _closed_by_innovation(facts: Facts, complete: Mapping[str, int]) -> dict[tuple[str, str, int], float]:
    """Return the part of the target that complete lines close, by nation (or ALL), area and year."""
    closed: dict[tuple[str, str, int], float] = defaultdict(float)
    for line, done in complete.items():
        nations = [ALL, *facts.sponsors(line)]
        for area, closes in facts.closes.get(line, ()):
            for year in range(max(done, facts.first), facts.last + 1):
                for nation in nations:
                    closed[nation, area, year] += closes * facts.innovation[line].success_probability
    return closed


def gaps_of(facts: Facts, effects: Effects, complete: Mapping[str, int]) -> dict[Key, Gap]:
    """Return the recomputed gap of every target row.

    Args:
        facts: the case.
        effects: delivered effects.
        complete: completion year of each complete innovation line.
    """
    closed = _closed_by_innovation(facts, complete)
    gaps = {}
    for (nation, area, year), row in facts.targets.items():
        if nation == ALL:
            delivered, limit = effects.total.get((area, year), 0.0), float("inf")
        else:
            delivered = effects.delivered.get((nation, area, year), 0.0)
            limit = _enabled(facts, effects, nation, area, year)
        innovation = closed.get((nation, area, year), 0.0) * row.target
        gaps[nation, area, year] = Gap(row.target, row.baseline, delivered, min(delivered, limit), innovation, limit)
    return gaps


def severity(bands: tuple[tuple[float, float], ...], part: float) -> float:
    """Return phi(r): the sum over bands of slope * the part of r that lies in the band."""
    value = 0.0
    for index, (above, slope) in enumerate(bands):
        until = bands[index + 1][0] if index + 1 < len(bands) else float("inf")
        value += slope * max(0.0, min(part, until) - above)
    return value


def gap_index(facts: Facts, gaps: Mapping[Key, Gap]) -> float:
    """Return the gap index, 0 (all targets reached) to 100 (nothing there)."""
    missing = worst = 0.0
    nothing_there = {area: severity(bands, 1.0) for area, bands in facts.bands.items()}
    for (_, area, year), gap in gaps.items():
        total = facts.target_sum.get((area, year), 0.0)
        if total <= 0:
            continue
        row = facts.areas[area]
        weight = facts.urgency[year] * row.weight * (2.0 if row.threat_year and year >= row.threat_year else 1.0)
        share = gap.target / total
        missing += weight * share * severity(facts.bands[area], gap.part)
        worst += weight * share * nothing_there[area]
    return 100.0 * missing / worst if worst > 0 else 0.0


def check_gaps(gaps: Mapping[Key, Gap], rows: list[Row], ledger: Ledger) -> None:
    """Compare the gaps table; what is better than recomputed breaks a rule, else the table is wrong."""
    expected = {
        key: (gap.target, gap.baseline, gap.delivered, gap.credited, gap.innovation, gap.shortfall, 1.0 - gap.part)
        for key, gap in gaps.items()
    }
    columns = ("target", "baseline", "delivered", "credited", "innovation", "shortfall", "closure")
    rules = {
        "delivered": "capability.delivered",
        "credited": "capability.credited",
        "shortfall": "capability.shortfall",
    }
    compare(ledger, "gaps", expected, rows, columns, rules=rules)
    for row in rows:
        gap = gaps.get(key_of("gaps", row))
        if gap is not None and gap.limit < float("inf"):
            where = ", ".join(map(str, key_of("gaps", row)))
            ledger.at_most("capability.enabler", where, "credited effect", gap.limit, row.credited)


def check_collective(facts: Facts, effects: Effects, rows: list[Row], ledger: Ledger) -> None:
    """Compare each nation's part in the collective areas."""
    expected = {
        (area, nation, year): (value,)
        for (nation, area, year), value in sorted(effects.delivered.items())
        if area in facts.collective
    }
    compare(ledger, "collective", expected, rows, ("delivered",), zero_rows=True)
