"""Which levers are moved from a plan at hand: the settings of docs/levers.md, by what they change of a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.lever_points import DEFAULT, POINTS, Point
from data.dataset import Dataset
from data.levers import Case, LeverError, apply

# They change what there is, and not only bounds, costs or right-hand sides.
STRUCTURAL = frozenset({"nation_out", "delay", "capacity_factor", "synchronised_cycles"})


@dataclass(frozen=True)
class Setting:
    """One lever at one value."""

    id: str
    sets: Mapping[str, str]
    scenario: str | None = None
    structural: bool = field(default=False, kw_only=True)

    @property
    def options(self) -> list[str]:
        """As options of `drive5 solve`."""
        scenario = ["--scenario", self.scenario] if self.scenario else []
        return [*scenario, *(word for name, value in self.sets.items() for word in ("--set", f"{name}={value}"))]

    def case(self, dataset: Dataset) -> Case:
        """The case of it."""
        return apply(dataset, self.scenario, self.sets)


def settings(dataset: Dataset, structural: bool | None = None, points: Sequence[Point] = POINTS) -> list[Setting]:
    """Every setting that the data set takes: one of each lever first, then the second of each, and so on.

    Left out are what changes several things at once (scenarios by name) and what needs another data set (persistence).

    Args:
        dataset: whose nations, areas and items may be named.
        structural: only those that are, only those that are not; None for all.
        points: of docs/levers.md.
    """
    turns: dict[str, int] = {}
    found: list[tuple[int, Setting]] = []
    for point in points:
        if point.id == DEFAULT or point.prior or not point.sets:
            continue
        one = Setting(point.id, point.sets, point.scenario, structural=point.family in STRUCTURAL)
        if (structural is not None and one.structural != structural) or not _taken(one, dataset):
            continue
        turns[point.family] = turns.get(point.family, 0) + 1
        found.append((turns[point.family], one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _taken(setting: Setting, dataset: Dataset) -> bool:
    if setting.scenario is not None and setting.scenario not in dataset.scenarios:
        return False
    try:
        setting.case(dataset)
    except LeverError:
        return False
    return True
