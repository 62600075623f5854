"""Who plans again and what stands: the part of a plan that a step of a study frees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.problem.arrays import Matrix
from optimizer.problem.layout import PROJECTS, Layout, Mask

ORDERED = ("order", "joint_order")
FOLLOWS = ("type_ordered", "tier")  # whole decisions of nobody: they say what all orders together come to


@dataclass(frozen=True)
class Scope:
    """What plans again; every other whole decision, and every order of another nation, stands as it is.

    Attributes:
        nations: all that they order, join, pay and draw.
        frames: their launches.
        projects: starts of expansions and innovation lines.
        everything: whether all plan again, so that nothing stands.
    """

    nations: frozenset[str] = frozenset()
    frames: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    everything: bool = False

    @property
    def names(self) -> list[str]:
        """All names, in one order; what `everything` names is ALL."""
        return ["ALL"] if self.everything else [*sorted(self.nations), *sorted(self.frames), *sorted(self.projects)]

    def standing(self, matrix: Matrix, layout: Layout) -> Mask:
        """Columns that stand: whole decisions outside, and orders of divisible programmes of nations outside.

        What is left free is every decision of the scope, all that is made, and of all nations what follows from orders:
        money, effect, shortfall, price levels reached, who pays for what is started.
        """
        decisions = matrix.integer | layout.groups(ORDERED)
        if self.everything:
            return np.zeros_like(decisions)
        inside = [place for place, name in enumerate(layout.nations) if name in self.nations]
        started = [place for place, name in enumerate(layout.projects) if name in self.projects]
        free = np.isin(layout.owner, inside) | layout.groups(FOLLOWS)
        free |= np.isin(layout.project, started) & layout.groups(PROJECTS)
        for place in np.flatnonzero(layout.groups(("launch",))).tolist():
            free[place] = matrix.columns[place].key[0] in self.frames
        return decisions & ~free
