"""Whom a setting touches, on data/tiny with its worked plan."""

from __future__ import annotations

import pytest

from data.lever_table import LEVERS
from data.levers import Case, LeverError, apply
from optimizer.plans.plan import Plan
from optimizer.scope import Scope
from optimizer.solve import SolveOptions, solve
from studies.scope import EVERYTHING, scope_of
from tests.cases import tiny


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(apply(tiny()), options=SolveOptions(time_limit=20, threads=1))


def touched(plan: Plan, **levers: object) -> Scope:
    setting = apply(tiny(), None, {name.replace("__", "."): value for name, value in levers.items()})
    return scope_of(plan, apply(tiny()), setting)


def test_a_nation_by_name_and_what_it_decides_alone(plan: Plan) -> None:
    """DEU hosts the second shift of the battery line: it is its own to start."""
    assert touched(plan, core_share_2035__DEU=0.03) == Scope(frozenset({"DEU"}), frozenset(), frozenset({"sam_shift"}))
    two = touched(plan, core_share_2035__DEU=0.03, core_share_2035__POL=0.05)
    assert two.nations == {"DEU", "POL"}


def test_what_names_nobody_is_everybodys(plan: Plan) -> None:
    for levers in (
        {"carry_over": 0.0}, {"capacity_factor": 0.9}, {"growth_shift": 0.01}, {"joint_share_min": 0.5},
        {"carry_over": 0.0, "core_share_2035__DEU": 0.03}, {"area_weight__lift": 2.0},
    ):  # fmt: skip
        assert touched(plan, **levers) == EVERYTHING
    assert touched(plan, joint_share_min__POL=0.5).nations == {"POL"}


def test_more_innovation_asks_for_the_lines_that_a_nation_sponsors(plan: Plan) -> None:
    sponsors = dict(zip(*(tiny().tables["innovation"][name] for name in ("innovation", "sponsor")), strict=True))
    mine = {line for line, who in sponsors.items() if who == "ALL" or "POL" in who}
    assert mine
    assert touched(plan, innovation_share_min__POL=0.5).projects >= mine


def test_an_item_names_those_who_touch_it_in_the_plan(plan: Plan) -> None:
    """A joint buy: its members, its programme's other joint buys and expansions of its line."""
    tables = plan.tables
    everybody = set(tiny().tables["nations"]["nation"])
    launched = set(tiny().tables["frames"].loc[tiny().tables["frames"]["launched"] > 0, "frame"])
    for frame in set(tables["frames"]["frame"]) - launched:
        members = set(tables["members"].loc[tables["members"]["frame"] == frame, "nation"])
        found = touched(plan, **{f"forbid.{frame}": True})
        assert members and found == EVERYTHING if members == everybody else found.nations == members
        assert found.everything or frame in found.frames
    orders = tables["orders"]
    buyers = {one: set(part["nation"]) for one, part in orders.groupby("programme")}
    few = {one: those for one, those in buyers.items() if those != everybody}
    assert few
    for programme, those in few.items():
        assert touched(plan, **{f"force.{programme}": True}).nations == those


def test_the_same_case_touches_nobody(plan: Plan) -> None:
    assert scope_of(plan, apply(tiny()), apply(tiny())).nations == frozenset()


def test_every_lever_has_a_scope(plan: Plan) -> None:
    """None falls through: each is somebody's or everybody's."""
    tables = tiny().tables
    named = ("areas", "programmes", "frames", "expansions", "innovation", "lines")
    ids = ["DEU", "POL", *(one for name in named for one in tables[name].iloc[:, 0])]
    base, seen = apply(tiny()), set()
    for name, lever in LEVERS.items():
        for suffix in ids if lever.dotted else [""]:
            setting = first_pulled(name.replace("*", suffix))
            if setting is not None:
                found = scope_of(plan, base, setting)
                assert found.everything or found.nations or found.projects, (name, suffix)
                seen.add(name)
    assert len(seen) >= len(LEVERS) - 3


def first_pulled(name: str) -> Case | None:
    """The lever at the first of some values that it takes; None where it takes none for this id."""
    for value in (True, False, 0.5, 1, 2028, "front"):
        try:
            setting = apply(tiny(), None, {name: value})
        except LeverError as problem:
            if "there is no" in str(problem):
                return None
        else:
            if setting.levers.get(name) is not None:
                return setting
    return None
