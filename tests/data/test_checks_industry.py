"""Warnings about work in progress and the years beyond: what can't be made, hosted or paid in time, worked by hand.

In the small set line l1 (6 in 2027, then 8) makes batteries (sam): lots of 1, a year of lead.
"""

import pathlib

import pytest

from tests.data.test_checks import found, say
from tests.data.test_checks_orders import BEYOND, hosts
from tests.small_data import DATASET_YAML, TABLES, edited, small_folder, with_row

Case = tuple[dict[str, str | None], str, str, str]
RULES = TABLES["rules"]
NO_SHIFT: dict[str, str | None] = {"expansions": None}
NO_FRAME: dict[str, str | None] = dict.fromkeys(("frames", "frame_members", "price_tiers", "prior_plan"))
LONG = DATASET_YAML + "beyond: {years: 2, money: [0.5, 0.4], capacity: 0.5}\n"


def pipeline(*rows: str) -> str:
    return "\n".join(["nation,programme,year,units,built", *rows]) + "\n"


WARNINGS: dict[str, Case] = {
    # 9 in 2027 against 6: three must be made already.
    "a pipeline too early": (
        {"pipeline": pipeline("DEU,sam,2027,9,")} | NO_SHIFT,
        "pipeline", "built", "needs 9 of l1 by 2027, which can give 6; at least 3 units of sam built would do",
    ),
    # 6 + 8 by 2028; 17 with one built leaves two to make: 3 built would do.
    "a pipeline too large for two years together": (
        {"pipeline": pipeline("DEU,sam,2027,2,1", "POL,sam,2028,15,")} | NO_SHIFT,
        "pipeline", "built", "needs 16 of l1 by 2028, which can give 14; at least 3 units",
    ),
    # Half of 8 in each year beyond: 6 + 8 + 8 + 4 = 26 by 2030, ramp or not.
    "a pipeline beyond the horizon": (
        {"pipeline": pipeline("DEU,sam,2030,30,"), "dataset_yaml": LONG} | NO_SHIFT,
        "pipeline", "built", "needs 30 of l1 by 2030, which can give 26; at least 4 units",
    ),
    # Ten seekers a battery, 100 a year.
    "a component too scarce": (
        {"pipeline": pipeline("DEU,sam,2027,5,"), "bill_of_materials": edited("bill_of_materials", "10", "30")},
        "pipeline", "built", "needs 150 of seeker by 2027, which can give 100",
    ),
    "two lines together too slow": (
        {"pipeline": pipeline("DEU,sam,2027,90,"), "line_programmes": with_row("line_programmes", "l2,sam,1")},
        "pipeline", "built", "more than its lines together can make by 2027; at least 4 units",
    ),
    # On no line nothing is made before the year of delivery: 11 * 10 seekers against 100.
    "a component in the year of delivery": (
        {"pipeline": pipeline("DEU,sam,2029,11,"), "line_programmes": edited("line_programmes", "l1,sam,1\n", ""),
         "expansions": None},
        "pipeline", "units", "needs 110 of seeker in 2029",
    ),
    "built on no line": (
        {"pipeline": pipeline("DEU,sam,2029,1,1"), "line_programmes": edited("line_programmes", "l1,sam,1\n", ""),
         "expansions": None},
        "pipeline", "built", "sam is on no line",
    ),
    # 6 + 8 + 8 in all years.
    "a lot larger than all years": (
        {"programmes": edited("programmes", "0.2,1,1,", "0.2,23,1,")} | NO_SHIFT,
        "programmes", "lot", "more than its lines can make in all years: 22",
    ),
    # Shells are ordered and delivered until 2028 at most.
    "a drop that forbids all output": (
        {"rules": RULES + "output_drop_max,l2,0.5,hard,,\n",
         "programmes": edited("programmes", "2027,2029", "2027,2028")},
        "rules", "value", "l2 .2028. ends before the horizon",
    ),
    "a line that makes nothing at all": (
        {"rules": RULES + "output_drop_max,ALL,0.5,hard,,\n", "lines": with_row("lines", "l3,Idle,DEU,0,"),
         "line_capacity": with_row("line_capacity", "l3,2027,1\nl3,2028,1\nl3,2029,1")},
        "rules", "value", "l3 .no work at all. ends",
    ),
    # USA neither has batteries nor buys any.
    "a customer without a host": (
        {"programmes": hosts(shell="sam"), "customers": edited("customers", "USA,sam,,", "USA,shell,5,")},
        "customers", "programme", "USA can reach no host of shell",
    ),
    "a host that comes too late": (
        {"programmes": hosts(shell="sam").replace(",1,1,,,,0.1,", ",1,9,,,,0.1,")},
        "customers", "programme", "POL can reach no host",
    ),
    "a licence at home": (
        {"expansions": edited("expansions", "shift,2", "licence,2").replace("DEU,0.4", "POL,0.4")},
        "expansions", "host", "hosted by POL, its line l1 is of DEU",
    ),
    "a new site that fills slowly": (
        {"expansions": edited("expansions", "shift,2", "new_site,3")}, "expansions", "added_capacity", "ramps by 2",
    ),
    # DEU's core money from 2028 on: 2 * 50; 1 % of it is 1, and a battery costs 5 * 1.01.
    "order values below a first lot": (
        {"rules": RULES + "order_value_max,DEU,0.01,hard,,2028\n",
         "programmes": edited("programmes", "0.5,0,1,0,0", "0.5,0,1,9,0")},
        "rules", "value", "forbids DEU the first lot .* at most 1 million to 2029",
    ),
    # The customers' part is a tenth of what they order: POL 4 and USA nothing more, at 5.15 each.
    "customers who may give too little": (
        {"expansions": edited("expansions", "shift,2,1,0.1,1,,,DEU,0.4", "shift,2,4,0,1,,,,0"),
         "lines": edited("lines", "Battery line,DEU", "Battery line,KOR"),
         "customers": edited("customers", "DEU,sam,10,2\nPOL,sam,4,\nUSA,sam,,", "POL,sam,4,")},
        "expansions", "cost", "4 million to the end of the horizon.*can give 2.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_is_found_and_the_data_still_solve(name: str, tmp_path: pathlib.Path):
    changed, table, column, pattern = WARNINGS[name]
    findings = found(tmp_path, **changed)
    assert say(findings, "warning", table, column, pattern), "\n".join(map(str, findings))
    assert not [one for one in findings if one.level == "error"]


QUIET: dict[str, dict[str, str | None]] = {
    "the least built that would do": {"pipeline": pipeline("DEU,sam,2027,9,3")} | NO_SHIFT,
    "summed capacity": {"pipeline": pipeline("DEU,sam,2028,14,")} | NO_SHIFT,
    "the years beyond": {"pipeline": pipeline("DEU,sam,2030,26,"), "dataset_yaml": LONG} | NO_SHIFT,
    "a lot of all years": {"programmes": edited("programmes", "0.2,1,1,", "0.2,22,1,"), **NO_SHIFT, **NO_FRAME}
    | {"rules": None},
    "a soft wish for steady output": {
        "rules": RULES + "output_drop_max,l2,0.5,soft,1,\n",
        "programmes": edited("programmes", "2027,2029", "2027,2028"),
    },
    "a drop of everything": {
        "rules": RULES + "output_drop_max,l2,1,hard,,\n", "programmes": edited("programmes", "2027,2029", "2027,2028"),
    },
    "an order value for one lot": {"rules": RULES + "order_value_max,POL,0.2,hard,,\n"},
    "a licence on a line of its own": {
        "lines": with_row("lines", "l3,Licence,POL,0,"),
        "line_capacity": with_row("line_capacity", "l3,2027,0\nl3,2028,0\nl3,2029,0"),
        "line_programmes": with_row("line_programmes", "l3,sam,1"),
        "expansions": edited("expansions", "l1,shift,2", "l3,licence,2").replace("DEU,0.4", "POL,0.4"),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", QUIET)
def test_what_can_be_done_in_time_is_no_trap(name: str, tmp_path: pathlib.Path):
    assert [str(one) for one in found(tmp_path, **QUIET[name])] == []


def test_an_order_that_arrives_beyond_the_horizon_is_no_dead_programme(tmp_path: pathlib.Path):
    """Three years of lead from 2027 on: 2030 is beyond the horizon, and within the years beyond."""
    late = {"programmes": edited("programmes", "0.2,1,1,", "0.2,1,3,")} | NO_FRAME
    assert say(found(tmp_path / "ends", **late), "warning", "programmes", "lead_years", "it comes in 2030")
    findings = found(tmp_path / "beyond", **late, dataset_yaml=BEYOND)
    assert not say(findings, "warning", "programmes", "", "can arrive")


def test_a_guarantee_may_be_worked_on_before_delivery(tmp_path: pathlib.Path):
    """Half of 8 + 2 is due in 2028. Of 5 batteries ordered in 2028 none arrives by then, all may be in work."""
    changed = {
        "customers": edited("customers", "DEU,sam,10,2\nPOL,sam,4,\nUSA,sam,,", "DEU,sam,5,2"),
        "programmes": edited("programmes", "0.2,1,1,,,", "0.2,1,1,,2028,"),
        "pipeline": None,
    } | NO_FRAME
    assert not say(found(tmp_path, **changed), "warning", "expansions", "guaranteed_load", "guarantee")


def test_what_arrives_late_may_have_been_in_work_since_the_first_year(tmp_path: pathlib.Path):
    """Ordered in 2027 batteries come in 2028 at the earliest; 6 + 8 may be made by then, and 8 more by 2029: 22.

    DEU, POL and USA lack 4, 4 and 13.9 or 14.1; one of them is in the pipeline, which the line makes as well.
    """
    for target, over in ((31.9, False), (32.1, True)):
        targets = TABLES["targets"].replace("USA,iamd,2029,20", f"USA,iamd,2029,{target}")
        innovation = edited("innovation", "1.3,0.6", "1.3,0")
        findings = found(tmp_path / str(target), targets=targets, innovation=innovation, expansions=None)
        assert say(findings, "warning", "targets", "target", "iamd lack") is over


def test_a_frame_may_deliver_beyond_the_horizon(tmp_path: pathlib.Path):
    changed = {"frames": edited("frames", "2027,2028", "2029,2029")}
    assert say(found(tmp_path / "ends", **changed), "warning", "frames", "", "can't launch")
    assert not say(found(tmp_path / "beyond", **changed, dataset_yaml=BEYOND), "warning", "frames", "", "can't launch")


PER_CENT: dict[str, Case] = {
    "growth of prices": ({"programmes": edited("programmes", "5,0.01", "5,2")}, "programmes", "cost_growth", "2 is"),
    "deflator": ({"economy": TABLES["economy"].replace("4000,", "4000,102")}, "economy", "deflator", "and 2 more rows"),
    "share of GDP": ({"budget_path": edited("budget_path", "0.025", "0.35")}, "budget_path", "gdp_share", "per cent"),
    "price factor": ({"price_tiers": "frame,from_units,price_factor\nf1,4,95\n"}, "price_tiers", "price_factor", "95"),
    "growth of spending": (
        {"rules": RULES + "spend_growth_max,DEU,10,soft,1,\n"}, "rules", "value", "10 is unlikely for spend_growth_max",
    ),
    "contributions": (
        {"dataset_yaml": DATASET_YAML.replace("contribution_max: 0.1", "contribution_max: 10")},
        "dataset.yaml", "contribution_max", "10 is unlikely",
    ),
    "capacity beyond": (
        {"dataset_yaml": DATASET_YAML + "beyond: {years: 1, money: [1], capacity: 50}\n"},
        "dataset.yaml", "beyond.capacity", "50 is unlikely",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PER_CENT)
def test_per_cent_typed_for_a_fraction_is_asked_about(name: str, tmp_path: pathlib.Path):
    changed, table, column, pattern = PER_CENT[name]
    findings = found(tmp_path, **changed)
    assert say(findings, "warning", table, column, pattern), "\n".join(map(str, findings))


APART: dict[str, Case] = {
    "a price of nothing": (
        {"programmes": edited("programmes", "battery,5", "battery,1e-11")}, "programmes", "unit_cost", "gdp_share, row",
    ),
    "a target of nothing": (
        {"targets": edited("targets", "iamd,2027,10", "iamd,2027,1e-11")}, "targets", "target", "targets.target, row",
    ),
    "an effect beyond all": (
        {"effects": edited("effects", "sam,iamd,1", "sam,iamd,1e12")}, "targets", "target", "effects.effect, row 1",
    ),
    "a weight of nothing": (
        {"areas": edited("areas", "core,batteries,3", "core,batteries,1e-11")}, "areas", "weight", "2 .areas.weight, r",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_figures_too_far_apart_are_named_with_both_places(name: str, tmp_path: pathlib.Path):
    changed, table, column, pattern = APART[name]
    findings = found(tmp_path, **changed)
    assert say(findings, "warning", table, column, "too far below .*" + pattern), "\n".join(map(str, findings))


def test_data_of_edition_1_are_read_and_told_once_what_acts_in_them(tmp_path: pathlib.Path):
    old = DATASET_YAML.replace("contribution_max: 0.1\nsponsor_max: 2\n", "")
    findings = found(tmp_path / "old", dataset_yaml=old)
    assert len(findings) == 1
    assert say(findings, "warning", "dataset.yaml", "", "contribution_max 0.1 .* sponsor_max 2 .* act in it")
    # Either of the two, or beyond, is a statement of edition 2; and nothing acts where nothing is shared.
    assert found(tmp_path / "one", dataset_yaml=old + "sponsor_max: 1\n") == []
    bare = dict.fromkeys(("expansions", "innovation", "innovation_effects"))
    assert found(tmp_path / "bare", dataset_yaml=old, **bare) == []


def test_what_is_written_is_of_edition_2(tmp_path: pathlib.Path):
    from data.dataset import load, write

    write(load(small_folder(tmp_path / "small")), tmp_path / "out")
    text = (tmp_path / "out" / "dataset.yaml").read_text(encoding="utf-8")
    assert "contribution_max: 0.1" in text
    assert "sponsor_max: 2.0" in text
