"""The page of the levers: every lever has a row, directions are judged, a lever without effect is called a defect."""

from benchmarks.lever_page import page
from benchmarks.lever_points import DEFAULT, POINTS
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
    families = {point.lever.split(".")[0] for point in POINTS} - {DEFAULT, "scenario"}
    assert families == {name.removesuffix(".*") for name in LEVERS}


def test_more_money_that_opens_gaps_is_not_as_expected():
    text = page(bounds(**{"growth_shift__0.01": 8.1, "growth_shift__-0.01": 8.2}))
    assert "| **no** |" in line(text, "growth_shift", "0.01")
    assert "| yes |" in line(text, "growth_shift", "-0.01")


def test_a_lever_is_a_defect_only_if_none_of_its_settings_moves_anything():
    text = page(bounds(**{"carry_over__0": 8.2}))
    assert "DEFECT" in line(text, "growth_shift", "0.01")
    assert "DEFECT" not in line(text, "carry_over", "0.2")
    assert "does not bind at this setting" in line(text, "carry_over", "0.2")


def test_a_case_without_a_bound_says_so():
    rows = bounds()
    rows["carry_over=0"]["lp"] = {"bound": None, "why": "infeasible", "before": 23.0}
    assert "| none | - | rises | no |" in line(page(rows), "carry_over", "0")
