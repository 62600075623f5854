"""The solver against the enumerator on all random sets: where they disagree, and in how many sets each rule binds.

python -m tests.show_enumerator        all sets (make show-enumerator)
python -m tests.show_enumerator 40     the first 40
"""

import functools
import pathlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from models import registry
from tests.enumerator import optimum
from tests.enumerator_compared import NOT_SHOWN, compared
from tests.random_sets import random_set

SETS = 600
BINDS_IN = 10
PARTS = 4


@dataclass
class Outcome:
    """What came of some sets: disagreements by set, sets by rule that binds in them, and the time."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    binding: Counter[str] = field(default_factory=Counter)
    infeasible: int = 0
    enumerating: float = 0.0
    solving: float = 0.0


def outcome(seeds: Iterable[int]) -> Outcome:
    """Enumerate, solve and audit the sets of these seeds."""
    found = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            drawn = random_set(seed)
            begun = time.process_time()
            answer = optimum(drawn.case)
            between = time.process_time()
            wrong = compared(drawn.case, answer, pathlib.Path(folder) / f"plan_{seed}")
            found.enumerating += between - begun
            found.solving += time.process_time() - between
            found.binding.update(answer.binding)
            found.infeasible += answer.objective is None
            if wrong:
                found.wrong[repr(drawn)] = wrong
    return found


@functools.cache
def part(number: int) -> Outcome:
    """One part of all sets; kept, so that the counts can be summed after the parts were looked at."""
    return outcome(range(number, SETS, PARTS))


def seldom(binding: Counter[str]) -> dict[str, int]:
    """Rules that bind in too few sets to be seen if they were left out or turned round."""
    return {rule: binding[rule] for rule in registry.MANIFEST if rule not in NOT_SHOWN and binding[rule] < BINDS_IN}


def table(seeds: range, found: Outcome) -> Iterator[str]:
    """What came of the sets, line by line."""
    yield f"{'rule':<42}sets in which it binds"
    for rule in registry.MANIFEST:
        yield f"{rule:<42}{NOT_SHOWN.get(rule, found.binding[rule])}"
    for drawn, wrong in found.wrong.items():
        yield "\n    ".join([drawn, *wrong])
    yield f"{found.enumerating:.0f} s for the enumerator, {found.solving:.0f} s for solver and audit"
    few = ", ".join(f"{rule} {count}" for rule, count in seldom(found.binding).items()) or "none"
    yield (
        f"{len(seeds)} sets ({found.infeasible} without a plan): {len(found.wrong)} disagreements, "
        f"rules that bind in fewer than {BINDS_IN} sets: {few}"
    )


def main(seeds: range) -> int:
    """Print the table; 1 where solver and enumerator disagree, or a rule is not shown by all sets."""
    found = outcome(seeds)
    for line in table(seeds, found):
        sys.stdout.write(line + "\n")
    return int(bool(found.wrong) or (len(seeds) == SETS and bool(seldom(found.binding))))


if __name__ == "__main__":
    sys.exit(main(range(int(sys.argv[1]) if len(sys.argv) > 1 else SETS)))
