"""What makes the relaxation of a program a better bound, worked by hand."""
# ruff: noqa: C408

from __future__ import annotations

from models.program import build
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import unlock_cuts
from tests.cases import case, three_nations


def test_all_nations_orders_together_need_the_innovation_line() -> None:
    """A line makes 2 lasers a year from 2027 on; a pilot of a year and a scaling of a year unlock them from 2029 on.

    So 6 can be delivered in 2029, by orders of that year, if it is scaled in 2028; in 2030 it is 8, by orders of the
    year or, through the frame, of the year before, if it is scaled in 2028 or 2029.
    """
    dataset = three_nations(
        years=(2027, 2028, 2029, 2030),
        programmes=[dict(programme="laser", requires_innovation="v")],
        customers=[dict(nation=nation, programme="laser", max_units=9) for nation in ("DEU", "FRA")],
        frames=[dict(frame="f", programme="laser", extra_lead_years=1)],
        lines=[dict(line="works", nation="DEU", current_output=2)],
        line_capacity=[dict(line="works", capacity=2)],
        line_programmes=[dict(line="works", programme="laser")],
        innovation=[dict(innovation="v", pilot_cost=1, pilot_years=1, scale_years=1, scale_cost=1)],
    )
    program = build(case(dataset))
    matrix = compile_program(program).matrix
    found = {
        cut.label.key: {(matrix.columns[place].name, *matrix.columns[place].key): value for place, value in cut.terms}
        for cut in unlock_cuts(matrix, program.keys)
    }
    alone = {("order", nation, "laser", 2029): 1 for nation in ("DEU", "FRA")}
    assert found["laser", 2029] == alone | {("scale", "v", 2028): -6}
    later = {("order", nation, "laser", 2030): 1 for nation in ("DEU", "FRA")}
    joint = {("joint_order", "f", nation, 2029): 1 for nation in ("DEU", "FRA")}
    assert found["laser", 2030] == later | joint | {("scale", "v", 2028): -8, ("scale", "v", 2029): -8}
    assert len(found) == 2
