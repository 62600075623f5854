"""What every finder and prover of one search is given: the program in the forms that they need, and who owns what."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from models.keys import Keys
from optimizer.problem.arrays import Floats, Matrix
from optimizer.problem.elastic import Elastic, under_repair
from optimizer.problem.layout import ORDERS, TYPES, Layout, Places

PRICE = 100.0  # points of the objective for a violation of one size


@dataclass(frozen=True)
class Sizes:
    """From which size on a program is solved in another way; an argument, so that small sets can go a large one's way.

    Attributes:
        small: integers up to which the tree alone is quicker.
        large: integers from which the tree does not get through its root in a meeting.
    """

    small: int = 400
    large: int = 1500


@dataclass(frozen=True)
class Instance:
    """A program to be solved.

    Attributes:
        matrix: the tightened program.
        keys: its indices.
        seed: of the engine.
        sizes: what counts as small and large.
    """

    matrix: Matrix
    keys: Keys
    seed: int = 0
    sizes: Sizes = field(default_factory=Sizes)
    known_layout: Layout | None = None

    @property
    def integers(self) -> int:
        """Whole decisions."""
        return int(self.matrix.integer.sum())

    @property
    def small(self) -> bool:
        """Whether the tree alone is quicker than any search before it."""
        return self.integers <= self.sizes.small

    @property
    def large(self) -> bool:
        """Whether the tree can't prove anything worth having in a meeting."""
        return self.integers > self.sizes.large

    @cached_property
    def layout(self) -> Layout:
        """What each column belongs to."""
        return self.known_layout or Layout.of(self.matrix, self.keys)

    @cached_property
    def elastic(self) -> Elastic:
        """The program whose rows may be violated while a plan is repaired."""
        return under_repair(self.matrix, PRICE)

    @cached_property
    def by_rows(self) -> sparse.csr_array:
        """Coefficients of the elastic program by rows."""
        return self.elastic.matrix.a.tocsr()

    @cached_property
    def slack_of_row(self) -> Places:
        """Column of each row's slack, -1 for none."""
        return self.elastic.slack_of_row

    @cached_property
    def orders(self) -> dict[int, list[int]]:
        """Column of a type's decision (`operated`, `ordering`) -> columns of the orders that need it."""
        matrix = self.matrix
        place = {
            (matrix.columns[c].name, matrix.columns[c].key): c
            for c in np.flatnonzero(np.isin(matrix.group, ORDERS)).tolist()
        }
        orders: dict[int, list[int]] = {column: [] for (group, _), column in place.items() if group in TYPES}
        for (group, key), column in place.items():
            if group not in TYPES:
                pair = (key[0], key[1]) if group == "order" else (key[1], self.keys.frame[key[0]].programme)
                for decision in (("operated", pair), ("ordering", key[:2])):
                    if decision in place:
                        orders[place[decision]].append(column)
        return orders

    def value(self, x: Floats | None) -> float:
        """First objective of a solution; infinite for none."""
        return np.inf if x is None else float(self.matrix.cost @ x[: len(self.matrix.cost)] + self.matrix.offset)
