"""Whether a lever reaches those it should: a joint share asked of all moves orders of nations outside the EU."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from benchmarks.sceptic.line import Line, Part
from data.dataset import Dataset
from data.levers import apply
from models.program import build, number
from optimizer.bounds.relaxation import relaxed
from optimizer.engine.budget import Budget
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened

LEVERS = {"joint_share_min": 0.4}
LEAST = 0.01  # of the value of national orders
SECONDS = 600.0
Values = dict[tuple[str, str], float]


class NoRelaxationError(Exception):
    """The relaxation was not solved in its time."""


def national_orders(dataset: Dataset, levers: Mapping[str, float]) -> Values:
    """Nation, programme -> value (millions, as paid) of national orders in the relaxation, nations outside the EU."""
    program = build(apply(dataset, None, dict(levers)))
    compiled = compile_program(program)
    tight = tightened(compiled.matrix, program.keys)
    root = relaxed(tight, Budget(SECONDS), tight.lower, tight.upper, 0)
    if root.x is None:
        raise NoRelaxationError(f"no relaxation with {dict(levers)}: {root.termination.value}")
    compiled.load(root.x)
    m, k = program.model, program.keys
    outside = {row.nation for row in dataset.tables["nations"].itertuples() if not row.eu}
    values: Values = defaultdict(float)
    for nation, programme, year in k.national_keys:
        if nation in outside:
            values[nation, programme] += k.price(programme, year) * number(m.national[nation, programme, year])
    return dict(values)


def levers(dataset: Dataset) -> Part:
    """Two relaxations: the base, and joint_share_min = 0.4 for all."""
    base, moved = national_orders(dataset, {}), national_orders(dataset, LEVERS)
    before, after = sum(base.values()), sum(moved.values())
    change = after / before - 1
    turned = sum(abs(moved.get(key, 0.0) - base.get(key, 0.0)) for key in {*base, *moved}) / before
    name = " ".join(f"{lever}={value:g}" for lever, value in LEVERS.items())
    figure = f"{change:+.1%} ({before / 1000:,.1f} to {after / 1000:,.1f} bn; {turned:.1%} programme by programme)"
    says = f"{name}: national orders of nations outside the EU, relaxation"
    rows = []
    for nation in sorted({nation for nation, _ in base}):
        mine, new = (sum(v for (n, _), v in values.items() if n == nation) for values in (base, moved))
        rows.append({"nation": nation, "base bn": mine / 1000, "with the lever bn": new / 1000})
    line = Line(says, figure, f"moved by more than {LEAST:.0%}", abs(change) > LEAST)
    return Part("levers", (line,), {"by nation": rows})
