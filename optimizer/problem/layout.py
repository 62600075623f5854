"""What each column belongs to: its nation, programme and project, so that neighbourhoods are masks and no scans."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.keys import PILLARS, Keys
from optimizer.problem.arrays import Matrix

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
# Columns of a nation that follow from its orders: what any change of its spending or effect moves.
ACCOUNTS = (
    "spent", "invested", "ordered_value", "carried", "shifted", "draw", "short", "delivered", "credited", "violation",
    "contribution",
)  # fmt: skip
ORDERS = ("order", "joint_order", "operated", "ordering")
TYPES = ("operated", "ordering")  # decisions that are taken where anything of their orders is
FRAMES = ("launch", "join", "tier")
PROJECTS = ("start", "pilot", "scale", "fast")


@dataclass(frozen=True)
class Layout:
    """Owner of each column.

    Attributes:
        owner: number of the nation in its key, -1 for none.
        programme: number of the programme in its key or of its frame, -1 for none.
        project: number of the expansion or innovation line in its key, -1 for none.
        group: name of its variable.
        integer: whether it is whole.
        nations, programmes, projects: names by number.
        pool: expansion or innovation line -> the pool whose contributions pay for it.
    """

    owner: Places
    programme: Places
    project: Places
    group: NDArray[np.str_]
    integer: Mask
    nations: list[str]
    programmes: list[str]
    projects: list[str]
    pool: dict[str, str]

    @classmethod
    def of(cls, matrix: Matrix, keys: Keys) -> Layout:
        """Read the owners off the columns' keys."""
        projects = [*keys.expansions, *keys.innovations]
        nation = {name: place for place, name in enumerate(keys.nations)}
        nation |= {f"{name}:{pillar}": place for name, place in nation.items() for pillar in PILLARS}
        programme = {name: place for place, name in enumerate(keys.programmes)}
        programme |= {name: programme[keys.frame[name].programme] for name in keys.frames}
        project = {name: place for place, name in enumerate(projects)}
        found = np.full((3, len(matrix.columns)), -1, dtype=np.int64)
        for place, column in enumerate(matrix.columns):
            index = column.key
            for part in index if isinstance(index, tuple) else (index,):
                for line, numbers in enumerate((nation, programme, project)):
                    if part in numbers:
                        found[line, place] = numbers[part]
        pools = {**keys.expansion_pools, **keys.innovation_pools}
        pool = {name: first for first, names in pools.items() for name in names}
        whose = (found[0], found[1], found[2])
        return cls(*whose, matrix.group, matrix.integer, keys.nations, keys.programmes, projects, pool)

    def groups(self, names: Iterable[str]) -> Mask:
        """Columns of some variables."""
        return np.isin(self.group, list(names))

    def shared(self, programmes: Iterable[int]) -> Mask:
        """Continuous columns of no nation: collective effect, violations of rules, and how some programmes are made."""
        mine = (self.programme < 0) | np.isin(self.programme, list(programmes))
        return ~self.integer & (self.owner < 0) & mine

    def nation(self, numbers: Iterable[int]) -> Mask:
        """All that some nations decide for themselves, and how what they may order is made."""
        own = np.isin(self.owner, list(numbers)) & ~self.groups(FRAMES)
        ordered = own & self.groups(ORDERS)
        return own | self.shared(set(self.programme[ordered].tolist()))

    def accounts(self, programmes: Iterable[int]) -> Mask:
        """What follows from orders of some programmes: money, effect, shortfall of all; how these are made."""
        own = (self.owner >= 0) & self.groups(ACCOUNTS) & ~self.integer
        return own | self.shared(programmes)

    def buying(self, programmes: Iterable[int]) -> Mask:
        """All decisions about some programmes, of all nations: frames, orders, types, units in service."""
        return np.isin(self.programme, list(programmes)) & ~self.groups(("make",))

    def projects_named(self, names: Collection[str]) -> Mask:
        """Starts and contributions of some expansions or innovation lines."""
        place = {name: number for number, name in enumerate(self.projects)}
        starts = [place[name] for name in names]
        paid = [place[self.pool[name]] for name in names if name in self.pool]
        mine = np.isin(self.project, starts) & self.groups(PROJECTS)
        return mine | (np.isin(self.project, paid) & self.groups(("contribution",)))
