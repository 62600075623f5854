"""Data that check calls clean are solved: odd ids, rules that stay behind when a nation leaves, old data."""

import pathlib
import re

import pytest

from tests.cases import build, case, solved
from tests.command import drive5
from tests.small_data import DATASET_YAML, TABLES, small_folder


def called(old: str, new: str) -> dict[str, str]:
    """Every table with an id called otherwise, wherever it stands."""
    word = re.compile(rf"(?<!\w){old}(?!\w)")
    return {name: word.sub(new, text) for name, text in TABLES.items()}


@pytest.mark.parametrize(("old", "new"), [("sam", "None"), ("l1", "NULL"), ("DEU", "NO"), ("f1", "1e3")])
def test_an_odd_id_makes_the_same_plan_as_any_other(old: str, new: str, tmp_path: pathlib.Path):
    folder = small_folder(tmp_path / "small", **called(old, new), scenarios_yaml=None)
    assert drive5("check", folder).exit_code == 0
    result = drive5("solve", folder, "--time-limit", 30, "--out", tmp_path / "plan")
    assert result.exit_code in (0, 5), result.output
    assert drive5("audit", tmp_path / "plan").exit_code == 0


def test_a_rule_that_stays_behind_gives_the_lever_its_hardness():
    """POL is out, and its soft joint_share_min of penalty 2 binds nobody; the lever adds one like it for ALL.

    DEU has 10 a year and buys 10 units at 1 each: its gap is closed. No frame: 0.4 of the payments are missing to the
    share, 0.4 * 10 of 10 available; penalty 2 * 0.4 = 0.8. As a hard rule it would forbid every order.
    """
    dataset = build(
        nations_of=("DEU", "POL"),
        years=(2027,),
        budget_path=[{"pillar": "core", "gdp_share": 0.01}, {"pillar": "resilience", "gdp_share": 0}],
        programmes=[{"programme": "tank", "down_payment": 1}],
        customers=[{"nation": nation, "programme": "tank", "max_units": 10} for nation in ("DEU", "POL")],
        rules=[{"rule": "joint_share_min", "scope": "POL", "value": 0.5, "hardness": "soft", "penalty": 2}],
    )
    plan = solved(case(dataset, nation_out__POL=True, joint_share_min=0.4))
    objective = plan.header["objective"]
    assert objective["index"] == pytest.approx(0.0, abs=1e-6)
    assert objective["soft_penalty"] == pytest.approx(0.8)
    assert objective["first_value"] == pytest.approx(0.8)


def test_data_of_edition_1_are_solved_and_the_plan_says_what_acts_in_them(tmp_path: pathlib.Path):
    old = DATASET_YAML.replace("contribution_max: 0.1\nsponsor_max: 2\n", "")
    folder = small_folder(tmp_path / "small", dataset_yaml=old)
    result = drive5("solve", folder, "--time-limit", 30, "--out", tmp_path / "plan", "--json")
    assert result.exit_code in (0, 5), result.output
    assert "data of edition 1" in (tmp_path / "plan" / "plan.json").read_text(encoding="utf-8")


def test_a_scenario_that_makes_bad_data_is_exit_3_for_check_and_solve(tmp_path: pathlib.Path):
    text = "bad: {overrides: [{table: economy, column: gdp, multiply: -3}]}\n"
    folder = small_folder(tmp_path / "small", scenarios_yaml=text)
    for result in (drive5("check", folder), drive5("solve", folder, "--scenario", "bad", "--out", tmp_path / "plan")):
        assert result.exit_code == 3, result.output
        assert "negative money" in result.output
    assert not (tmp_path / "plan").exists()
