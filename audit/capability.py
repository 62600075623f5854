"""Effects, what enablers let count, innovation, gaps and the gap index (sections 6, 7 and 9 of the model)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from audit.facts import ALL, Facts
from audit.ledger import Ledger
from audit.reading import Row, compare, key_of

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


def settled_units(facts: Facts, deliveries: Mapping[Key, float]) -> dict[Key, float]:
    """Return the units in service once all that is ordered has arrived, keyed by nation, programme and the last year.

    Long-lived goods: everything delivered, in the years beyond too. What wears out sooner than `flow` years: as much
    as deliveries as steady as those of these years keep up.
    """
    flow, settled = facts.beyond.flow, defaultdict[Key, float](float)
    for (nation, programme, year), units in deliveries.items():
        row = facts.programmes[programme]
        start = facts.last + min(row.lead_years, facts.beyond.years) - max(row.service_years, flow) + 1
        if start <= year <= facts.end:
            settled[nation, programme, facts.last] += units * min(1.0, row.service_years / flow)
    return dict(settled)


def settled_gaps(facts: Facts, deliveries: Mapping[Key, float], complete: Mapping[str, int]) -> dict[Key, Gap]:
    """Return the gaps of the settled state by the last year's target rows; none where no year lies beyond."""
    if not facts.beyond.years:
        return {}
    gaps = gaps_of(facts, effects_of(facts, settled_units(facts, deliveries)), complete)
    return {key: gap for key, gap in gaps.items() if key[2] == facts.last}


def severity(bands: tuple[tuple[float, float], ...], part: float) -> float:
    """Return phi(r): the sum over bands of slope * the part of r that lies in the band."""
    value = 0.0
    for index, (above, slope) in enumerate(bands):
        until = bands[index + 1][0] if index + 1 < len(bands) else float("inf")
        value += slope * max(0.0, min(part, until) - above)
    return value


@dataclass(frozen=True)
class Indices:
    """The gap index of the planning years, of the settled state (None without one), and of both together."""

    planning: float
    settled: float | None
    both: float


def weight_of(facts: Facts, area: str, year: int, urgency: float) -> float:
    """Return what an area counts in a year: urgency * weight, twice from the threat year on."""
    row = facts.areas[area]
    return float(urgency * row.weight * (2.0 if row.threat_year and year >= row.threat_year else 1.0))


def weighted(facts: Facts, gaps: Mapping[Key, Gap], urgency: Mapping[int, float]) -> list[tuple[Key, float]]:
    """Return the weight of each row of gaps: its area's in the year, times its part of the area's summed target."""
    weights = []
    for key, gap in gaps.items():
        total = facts.target_sum.get(key[1:], 0.0)
        if total > 0:
            weights.append((key, weight_of(facts, key[1], key[2], urgency[key[2]]) * gap.target / total))
    return weights


def _missing(facts: Facts, gaps: Mapping[Key, Gap], urgency: Mapping[int, float]) -> tuple[float, float]:
    """Return the weighted severity of what is missing, and the same with nothing there."""
    missing = worst = 0.0
    nothing_there = {area: severity(bands, 1.0) for area, bands in facts.bands.items()}
    for key, weight in weighted(facts, gaps, urgency):
        missing += weight * severity(facts.bands[key[1]], gaps[key].part)
        worst += weight * nothing_there[key[1]]
    return missing, worst


def indices(facts: Facts, gaps: Mapping[Key, Gap], settled: Mapping[Key, Gap]) -> Indices:
    """Return the gap indices, 0 (all targets reached) to 100 (nothing there)."""
    missing, worst = _missing(facts, gaps, facts.urgency)
    later_missing, later_worst = _missing(facts, settled, {facts.last: 1.0})
    once = facts.beyond.urgency
    return Indices(
        _index(missing, worst),
        _index(later_missing, later_worst) if facts.beyond.years else None,
        _index(missing + once * later_missing, worst + once * later_worst),
    )


def _index(missing: float, worst: float) -> float:
    return 100.0 * missing / worst if worst > 0 else 0.0


def _figures(gap: Gap) -> tuple[float, ...]:
    return gap.target, gap.baseline, gap.delivered, gap.credited, gap.innovation, gap.shortfall, 1.0 - gap.part


def _terms(gap: Gap) -> tuple[float, ...]:
    """The largest term that each figure comes from: a difference of large terms is known as well as they are."""
    largest = max(map(abs, (gap.target, gap.baseline, gap.delivered, gap.innovation)))
    return *(abs(value) for value in _figures(gap)[:5]), largest, 1.0


COLUMNS = ("target", "baseline", "delivered", "credited", "innovation", "shortfall", "closure")
RULES = {"delivered": "capability.delivered", "credited": "capability.credited", "shortfall": "capability.shortfall"}


def check_settled(settled: Mapping[Key, Gap], year: int, rows: list[Row], ledger: Ledger) -> None:
    """Compare the settled table."""
    expected = {key[:2]: _figures(gap) for key, gap in settled.items()}
    terms = {key[:2]: _terms(gap) for key, gap in settled.items()}
    rules = RULES | {"delivered": "capability.settled"}
    compare(ledger, "settled", expected, rows, COLUMNS, rules=rules, unit="area", terms=terms)
    for row in rows:
        _check_enabler(settled.get((*key_of("settled", row), year)), row, ledger)


def check_gaps(gaps: Mapping[Key, Gap], rows: list[Row], ledger: Ledger) -> None:
    """Compare the gaps table; what is better than recomputed breaks a rule, else the table is wrong."""
    expected = {key: _figures(gap) for key, gap in gaps.items()}
    terms = {key: _terms(gap) for key, gap in gaps.items()}
    compare(ledger, "gaps", expected, rows, COLUMNS, rules=RULES, unit="area", terms=terms)
    for row in rows:
        _check_enabler(gaps.get(key_of("gaps", row)), row, ledger)


def _check_enabler(gap: Gap | None, row: Row, ledger: Ledger) -> None:
    """No more is credited than the enablers let count."""
    if gap is not None and gap.limit < float("inf"):
        where = ", ".join(str(part) for part in row[:3] if isinstance(part, str | int))
        group = ("capability.enabler", row.area)
        ledger.at_most("capability.enabler", where, "credited effect", gap.limit, row.credited, group=group)


def check_collective(facts: Facts, effects: Effects, rows: list[Row], ledger: Ledger) -> None:
    """Compare each nation's part in the collective areas."""
    expected = {
        (area, nation, year): (value,)
        for (nation, area, year), value in sorted(effects.delivered.items())
        if area in facts.collective and year <= facts.last
    }
    compare(ledger, "collective", expected, rows, ("delivered",), zero_rows=True, unit="area")
