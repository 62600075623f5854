"""The page of the levers: every lever has a row, directions are judged, a lever without effect is called a defect."""

import pytest

from benchmarks.lever_page import page
from benchmarks.lever_points import DEFAULT, EITHER, OPEN, POINTS, SAME, Point
from benchmarks.levers import REFERENCE, make_case
from data.checks_rules import SCOPES
from data.dataset import load
from data.lever_table import find
from data.levers import LEVERS


def bounds(**changed):
    """Rows of all points with a bound of 8, but for the points given (= written as __)."""
    rows = {point.id: {"lp": {"bound": 8.0, "before": 23.0, "relaxed": {}}} for point in POINTS}
    for name, bound in changed.items():
        rows[name.replace("__", "=")]["lp"]["bound"] = bound
    return rows


def line(text, lever, setting):
    return next(row for row in text.splitlines() if row.startswith(f"| {lever} | {setting} |"))


def test_every_lever_of_the_model_is_pulled():
    """The lever of everybody and that of one nation, group, area or item are two of the table."""
    assert {find(name)[0].name for point in POINTS for name in point.sets} == set(LEVERS)
    assert set(load(REFERENCE).scenarios) - {"base"} == {p.scenario for p in POINTS if p.lever == "scenario"}


def test_a_direction_is_left_open_only_where_it_may_be():
    assert {point.family.partition("=")[0] for point in POINTS if point.expected == EITHER} <= OPEN | {DEFAULT}


@pytest.mark.parametrize("point", [point for point in POINTS if point.expected == SAME], ids=lambda point: point.id)
def test_where_no_change_is_expected_a_rule_with_slack_is_named(point: Point):
    rule, _, scope = point.rule.partition(" ")
    assert scope and (rule in SCOPES or rule == "budget_path")


def test_every_row_is_a_case_of_the_reference_set_and_is_compared_with_another_row():
    dataset = load(REFERENCE)
    names = [point.id for point in POINTS]
    assert len(set(names)) == len(names)
    for point in POINTS:
        assert point.reference in names
        assert make_case(dataset, point).name == point.scenario


def test_more_money_that_opens_gaps_is_not_as_expected():
    text = page(bounds(**{"growth_shift__0.01": 8.1, "growth_shift__-0.01": 8.2}))
    assert "| **no** |" in line(text, "growth_shift", "0.01")
    assert "| yes |" in line(text, "growth_shift", "-0.01")


def test_a_lever_is_a_defect_only_if_none_of_its_settings_moves_anything():
    text = page(bounds(**{"carry_over__0": 8.2}))
    assert "DEFECT" in line(text, "growth_shift", "0.01")
    assert "DEFECT" not in line(text, "carry_over", "0.2")
    assert "does not bind at this setting" in line(text, "carry_over", "0.2")


def test_a_case_without_any_plan_rose_and_one_without_a_bound_did_not():
    rows = bounds()
    rows["carry_over=0"]["lp"] = {"bound": None, "why": "infeasible: money.balance", "before": 23.0}
    assert "| none | - | rises | yes |" in line(page(rows), "carry_over", "0")
    rows["carry_over=0"]["lp"]["why"] = "time limit"
    assert "| none | - | rises | **no** |" in line(page(rows), "carry_over", "0")


def test_no_change_is_as_expected_where_it_was_and_the_slack_is_shown():
    rows = bounds(**{"risk_max__0.8": 7.9})
    rows[DEFAULT]["lp"]["slack"] = {"eu_content_min EU": 0.19}
    text = page(rows)
    assert "| yes |" in line(text, "eu_content_min.EU", "0.4")
    assert "slack of eu_content_min EU in the reference relaxation: 0.1900" in line(text, "eu_content_min.EU", "0.4")
    assert "| **no** |" in line(text, "risk_max", "0.8")


def test_a_row_to_be_measured_shows_what_is_expected_of_it():
    rows = bounds()
    del rows["carry_over=0"]
    assert "| - | - | - | rises | not measured yet |" in line(page(rows), "carry_over", "0")
