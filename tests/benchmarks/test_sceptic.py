"""A sceptical planner's reading: obstacles, limits of sponsors, pages made from what it found."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.sceptic.__main__ import main
from benchmarks.sceptic.idle import idle
from benchmarks.sceptic.innovation import Judged, innovation
from benchmarks.sceptic.page import NoPlaceError, markdown, replaced
from benchmarks.sceptic.rounds import OtherDataError
from benchmarks.sceptic.ships import hulls, ships
from benchmarks.sceptic.stored import stored
from benchmarks.sceptic.world import CAUSES, World
from optimizer.plans.plan import Plan
from store.folder import write_plan
from tests.cases import best, one_nation, three_nations, tiny

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))


def asked(programme: dict[str, Any], nation: str = "DEU", levers: dict[str, Any] | None = None, **tables: Any) -> str:
    """The first obstacle to one more `tank` of a nation, in the best plan of the three nations."""
    dataset = three_nations(**{"programmes": [{"programme": "tank", "lead_years": 0, **programme}], **tables})
    return World(best(dataset, **(levers or {}))).obstacle(nation, "tank").cause


def test_a_tank_that_costs_more_than_all_money() -> None:
    assert asked({"unit_cost": 1000}) == "no money in the years"


def test_a_tank_bought_to_its_limit() -> None:
    limit = [{"nation": "DEU", "programme": "tank", "max_units": 3}]
    assert asked({"unit_cost": 1}, customers=limit) == "bought to its limit"


def test_a_tank_that_is_on_nobodys_list() -> None:
    limit = [{"nation": "FRA", "programme": "tank", "max_units": 3}]
    assert asked({"unit_cost": 1}, customers=limit) == "not on its list"


def test_a_tank_when_no_gap_is_left() -> None:
    assert asked({"unit_cost": 1}) == "no gap left"


def test_a_tank_that_arrives_too_late() -> None:
    assert asked({"unit_cost": 1, "lead_years": 5}) == "window"


def test_a_third_type_of_a_class() -> None:
    both = [{"programme": name, "unit_cost": 200, "fleet_class": "mbt"} for name in ("tank", "old")]
    cause = asked(
        {}, programmes=both, rules=[{"rule": "fleet_limit", "scope": "mbt", "value": 1}],
        customers=[{"nation": "DEU", "programme": "tank"},
                   {"nation": "DEU", "programme": "old", "units_operated": 5}],
    )  # fmt: skip
    assert cause == "type limit"


def test_a_tank_whose_yard_has_no_room() -> None:
    cause = asked(
        {"unit_cost": 1}, lines=[{"line": "works", "nation": "DEU"}],
        line_programmes=[{"line": "works", "programme": "tank"}], line_capacity=[{"line": "works", "capacity": 0.3}],
    )  # fmt: skip
    assert cause == "yard full"


def test_what_a_planner_forbids_is_worth_less_by_the_tables() -> None:
    assert asked({"unit_cost": 1}, levers={"forbid__tank": True}) == "worth less than what is bought"


def test_orders_so_far_are_limited() -> None:
    cause = asked({"unit_cost": 40}, rules=[{"rule": "order_value_max", "scope": "ALL", "value": 0.3}])
    assert cause == "limit on orders so far"


def test_every_cause_is_told_once() -> None:
    assert len(set(CAUSES)) == len(CAUSES)


# ---- hulls and lines ---------------------------------------------------------------------------------------------


def naval() -> World:
    """DEU may buy a frigate, FRA a frigate that costs more than it has; both a mine hunter, which is no hull."""
    ship = {"area": "asw", "unit": "ship", "unit_cost": 50, "lead_years": 0}
    dataset = three_nations(
        areas=[{"area": "asw"}], targets=[{"area": "asw", "target": 2}],
        programmes=[{**ship, "programme": "frigate", "fleet_class": "frigate"},
                    {**ship, "programme": "dear", "fleet_class": "frigate", "unit_cost": 900},
                    {**ship, "programme": "hunter", "unit_cost": 20}],
        customers=[{"nation": "DEU", "programme": "frigate", "max_units": 2},
                   {"nation": "FRA", "programme": "dear", "max_units": 2},
                   {"nation": "FRA", "programme": "hunter", "max_units": 1}],
    )  # fmt: skip
    return World(best(dataset))


def test_mine_hunters_are_no_hulls_and_who_orders_none_has_an_obstacle() -> None:
    world = naval()
    assert hulls(world, "asw") == ["dear", "frigate"]
    part = ships(world)
    line = next(line for line in part.lines if "asw" in line.says)
    assert line.figure.startswith("1 of 2 nations order one")
    assert line.met
    rows = {row["nation"]: row for row in part.rows["asw"]}
    assert rows["DEU"]["orders"] == "frigate 2"
    assert rows["FRA"]["first obstacle"] == "no money in the years"


def test_a_yard_below_a_ship_a_year_is_not_idle_for_that() -> None:
    """0.4 a year make one ship in three years; an idle twin of 0.2 a year could not make one to the end."""
    yards = [{"line": "yard", "nation": "DEU"}, {"line": "slip", "nation": "DEU"}]
    dataset = one_nation(
        years=(2027, 2028, 2029), targets=[{"area": "land", "target": 1}],
        programmes=[{"programme": "frigate", "unit_cost": 10, "lead_years": 2},
                    {"programme": "boat", "unit_cost": 900}],
        lines=yards, line_programmes=[{"line": "yard", "programme": "frigate"}, {"line": "slip", "programme": "boat"}],
        line_capacity=[{"line": "yard", "capacity": 0.4}, {"line": "slip", "capacity": 0.2}],
    )  # fmt: skip
    share, lots = idle(World(best(dataset))).lines
    assert share.figure == "1 of 2 (50%)"
    assert not share.met
    assert lots.figure == "1: slip; of 2 lines below a lot in every year 1 work"
    assert not lots.met


# ---- shared bills ------------------------------------------------------------------------------------------------


def test_a_sponsor_stops_a_line_only_where_another_alone_could_pay() -> None:
    assert Judged(bill=10, able=8, richest="USA", left=20).stopped
    assert not Judged(bill=10, able=8, richest="USA", left=9).stopped
    assert not Judged(bill=10, able=10, richest="USA", left=20).stopped


@pytest.mark.parametrize(("most", "stopped"), [(1, 3), (4, 0)])
def test_a_line_that_its_poor_sponsor_stops(most: float, stopped: int) -> None:
    """FRA has nothing, DEU 100 a year; by key exactly DEU may not pay the whole bill of 10 that closes nothing."""
    dataset = three_nations(
        settings={"sponsor_max": most},
        budget_path=[{"nation": "FRA", "gdp_share": 0}],
        innovation=[{"innovation": "laser", "sponsor": "DEU;FRA", "pilot_cost": 5, "scale_cost": 5}],
    )
    part = innovation(World(best(dataset)))
    assert [row["stopped by one sponsor"] for row in part.rows["not complete"]] == [stopped]
    assert part.met == (stopped == 0)


# ---- the command and the pages -----------------------------------------------------------------------------------


def test_the_command_prints_a_goal_for_each_line_and_keeps_what_it_found(tmp_path: Path, capsys: Any) -> None:
    plan = tmp_path / "plan"
    assert not write_plan(best(tiny()), plan).findings
    code = main([str(plan), "--only", "money,lines,payers,innovation,rounds"])
    lines = [line for line in capsys.readouterr().out.splitlines() if "; goal: " in line]
    assert len(lines) >= 14
    assert all(line.endswith(("; met", "; missed")) for line in lines)
    assert code == int(any(line.endswith("missed") for line in lines))
    kept = json.loads((plan / "sceptic.json").read_text(encoding="utf-8"))
    assert set(kept["parts"]) == {"money", "lines", "payers", "innovation", "rounds"}
    assert all(line["met"] for line in kept["parts"]["rounds"]["lines"])


def test_the_second_round_is_made_where_it_is_asked_for(tmp_path: Path, capsys: Any) -> None:
    plan, second = tmp_path / "plan", tmp_path / "second"
    assert not write_plan(best(tiny()), plan).findings
    assert main([str(plan), "--only", "rounds", "--second", str(second), "--make", "20"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "; goal: " in line]
    assert len(lines) == 9
    assert (second / "plan.json").exists()
    with pytest.raises(OtherDataError):
        main([str(plan), "--only", "rounds", "--second", str(plan)])


def test_blocks_of_a_page_are_made_anew_and_missed_where_they_have_no_place() -> None:
    text = "before\n<!-- made: a -->\nold\n<!-- end: a -->\nafter\n"
    assert replaced(text, {"a": "new\n"}) == "before\n<!-- made: a -->\nnew\n<!-- end: a -->\nafter\n"
    assert replaced(replaced(text, {"a": "new"}), {"a": "new"}) == replaced(text, {"a": "new"})
    with pytest.raises(NoPlaceError):
        replaced(text, {"b": "new"})
    assert markdown([{"a": 1.5, "b": "x|y"}]) == "| a | b |\n| ---: | --- |\n| 1.50 | x/y |\n"


def test_no_plan_is_said_in_one_line(tmp_path: Path, capsys: Any) -> None:
    assert main([str(tmp_path / "nowhere"), "--only", "money"]) == 3
    said = capsys.readouterr().err
    assert "no plan can be read there" in said
    assert said.count("\n") == 1


def header() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "data" / "alliance" / "plan" / "plan.json").read_text(encoding="utf-8"))
    return found


def test_readme_and_page_tell_the_stored_plans_figures() -> None:
    import make_reference_page

    told = make_reference_page.sentence(header())
    objective = header()["objective"]
    for text in (
        (ROOT / "README.md").read_text(encoding="utf-8"),
        make_reference_page.PAGE.read_text(encoding="utf-8"),
    ):
        for figure in (f"{objective['first_value']:.2f}", f"{objective['bound']:.2f}", f"{objective['gap']:.1%}",
                       f"{objective['closed']:.1%}", f"{objective['cost'] / 1000:,.0f} bn USD",
                       f"{header()['kpis']['pledge_credit']['ALL']:.2%}"):  # fmt: skip
            assert figure in text
    assert told in (ROOT / "README.md").read_text(encoding="utf-8")
    other = header()
    other["objective"]["cost"] *= 1.01
    assert make_reference_page.sentence(other) not in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_plan_of_another_clock_may_differ_so_far_and_no_further() -> None:
    kept, now = header(), header()
    assert stored(now, kept).met
    now["options"]["work_limit"] = None
    now["objective"]["cost"] *= 1.04
    now["objective"]["bound"] *= 1.005
    assert stored(now, kept).met
    now["objective"]["bound"] = kept["objective"]["first_value"] * 1.001
    assert [line.says for line in stored(now, kept).lines if not line.met] == ["bound", "the two plans' proofs agree"]


@pytest.mark.parametrize("name", ["first_value", "bound", "gap", "closed", "cost"])
def test_a_plan_of_the_same_work_is_the_same_plan(name: str) -> None:
    kept, now = header(), header()
    assert kept["options"]["work_limit"] is not None
    now["objective"][name] *= 1 + 1e-6
    assert [line.says for line in stored(now, kept).lines if not line.met] == [name]


def test_a_plan_is_what_the_world_reads() -> None:
    plan = best(tiny())
    assert isinstance(plan, Plan)
    assert World(plan).plan is plan
