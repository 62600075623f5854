"""Sets that mean the same in both editions of the model have the optimum that the first edition gave them."""

import pytest

from tests import edition_one
from tests.cases import solved
from tests.enumerator import optimum

EVERY = edition_one.seeds()
ORDINARY = EVERY[:5]
PARTS = 3
NONE = (None, None)


def different(seeds: list[int]) -> list[str]:
    """Where solver or enumerator give another objective or cost than the first edition's enumerator."""
    wanted, found = edition_one.values(), []
    for seed in seeds:
        case = edition_one.case_of(seed)
        answer, plan = optimum(case, with_binding=False), solved(case).header
        solver = (plan["objective"]["value"], plan["objective"]["cost"]) if plan["status"] == "optimal" else NONE
        for name, figures in (("enumerator", (answer.objective, answer.cost)), ("solver", solver)):
            if not _same(figures, wanted[seed] or NONE):
                found.append(f"seed {seed}: {name} {figures}, first edition {wanted[seed]}")
    return found


def _same(ours: tuple[float | None, float | None], theirs: tuple[float | None, float | None]) -> bool:
    if None in ours or None in theirs:
        return ours == theirs
    return ours == (pytest.approx(theirs[0], abs=1e-5), pytest.approx(theirs[1], abs=1e-4))


def test_three_hundred_sets_were_kept():
    assert (len(EVERY), set(EVERY) == set(edition_one.values())) == (300, True)


def test_some_sets_have_the_value_of_the_first_edition():
    assert different(ORDINARY) == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_all_sets_have_the_value_of_the_first_edition(part: int):
    assert different(EVERY[part::PARTS]) == []
