"""Errors in what is ordered, lent, hosted or pinned: each names table, row, column, and what would be right."""

import pathlib

import pytest

from data import checks
from tests.data.test_checks import found, say
from tests.small_data import DATASET_YAML, TABLES, edited, small_folder, with_row

HEADS = {"pins": "nation,programme,channel,year,sense,units"}
BEYOND = DATASET_YAML + "beyond: {years: 2, money: [0.5, 0.4]}\n"


def column_added(table: str, column: str, **values: str) -> str:
    """A table's text with one more column: a value for each first key given, empty elsewhere."""
    head, *rows = TABLES[table].splitlines()
    return "\n".join([f"{head},{column}", *(f"{row},{values.get(row.split(',')[0], '')}" for row in rows)]) + "\n"


def pins(*rows: str) -> str:
    return "\n".join([HEADS["pins"], *rows]) + "\n"


def hosts(**values: str) -> str:
    return column_added("programmes", "needs_host", **values)


def built(text: str) -> str:
    return f"nation,programme,year,units,built\n{text}\n"


Case = tuple[dict[str, str | None], str, str, str]
NAMES: dict[str, Case] = {
    "a host that there is not": ({"programmes": hosts(shell="tank")}, "programmes", "needs_host", "no programme tank"),
    "one of two hosts": ({"programmes": hosts(shell="sam;sham")}, "programmes", "needs_host", "sham; did you mean sam"),
    "a host twice": ({"programmes": hosts(shell="sam; sam")}, "programmes", "needs_host", "twice"),
    "hosts of nothing": ({"programmes": hosts(shell=";")}, "programmes", "needs_host", "names nothing"),
    "its own host": ({"programmes": hosts(sam="sam")}, "programmes", "needs_host", "hosts itself"),
    "no such facility": ({"frames": edited("frames", "safe", "saef")}, "frames", "loan_facility", "did you mean safe"),
    "one of two facilities": ({"frames": edited("frames", "safe", "safe;edip")}, "frames", "loan_facility", "edip"),
    "a loan to nobody": ({"loans": edited("loans", "POL", "POLAND")}, "loans", "nation", "no nation or group"),
    "a loan twice for a nation": ({"loans": with_row("loans", "safe,POL,5,,,0")}, "loans", "facility", "twice"),
    # DEU and POL are of EUROPE and of the EU.
    "a loan by two groups": (
        {"loans": with_row("loans", "safe,EU,5,,,0\nsafe,EUROPE,5,,,0")}, "loans", "nation", "DEU has a loan of safe",
    ),
    "a grant of another kind": (
        {"loans": "facility,nation,kind\nsafe,POL,gift\n"}, "loans", "kind", "choices; one of grant, loan",
    ),
    "more than all of a payment": ({"loans": "facility,nation,share\nsafe,POL,35\n"}, "loans", "share", "above 1"),
    "a programme called as a region": (
        {"effects": with_row("effects", "EUROPE,iamd,1"),
         "programmes": with_row("programmes", "EUROPE,x,iamd,core,equipment,,1,,,,,,,,,,,,,,")},
        "programmes", "programme", "nation, region or group",
    ),
    "a line called as a nation": (
        {name: TABLES[name].replace("l2,", "POL,") for name in ("lines", "line_capacity", "line_programmes")},
        "lines", "line", "nation, region or group",
    ),
    "an innovation called ALL": (
        {name: TABLES[name].replace("v1,", "ALL,") for name in ("innovation", "innovation_effects")},
        "innovation", "innovation", "nation, region or group",
    ),
    "a line without capacity": (
        {"lines": with_row("lines", "l3,New line,DEU,0,")}, "line_capacity", "year", "l3 has no row for every year",
    ),
    "a drop of no line": (
        {"rules": with_row("rules", "output_drop_max,l9,0.3,soft,1,")}, "rules", "scope", "line or ALL",
    ),
    "a drop above all": (
        {"rules": with_row("rules", "output_drop_max,l1,3,soft,1,")}, "rules", "value", "between 0 and 1",
    ),
    "a share of no area": (
        {"rules": with_row("rules", "area_share_min,EU:space,0.3,soft,1,")}, "rules", "scope", "no area space",
    ),
    "a share of no group": (
        {"rules": with_row("rules", "area_share_max,ASIA:iamd,0.3,soft,1,")}, "rules", "scope", "no nation or group",
    ),
    "an order value below 0": (
        {"rules": with_row("rules", "order_value_max,EU,-1,soft,1,")}, "rules", "value", "0 or more",
    ),
    "an area twice, once as ALL:area": (
        {"rules": with_row("rules", "closure_min,iamd,0.1,soft,1,\nclosure_min,ALL:iamd,0.2,soft,1,")},
        "rules", "rule", "twice",
    ),
}  # fmt: skip
ORDERS: dict[str, Case] = {
    "a host that is divisible": (
        {"programmes": hosts(sam="shell")}, "programmes", "needs_host", "shell is divisible .*give shell a lot",
    ),
    # DEU has sam, POL has none and no max_units of shells.
    "a customer whose units nothing bounds": (
        {"programmes": hosts(shell="sam"), "customers": edited("customers", "POL,shell,50", "POL,shell,")},
        "customers", "max_units", "POL has no host of shell",
    ),
    "more built than ordered": ({"pipeline": built("DEU,sam,2027,1,1.5")}, "pipeline", "built", "more is built"),
    "a pipeline before the horizon": ({"pipeline": built("DEU,sam,2026,1,")}, "pipeline", "year", "2027 to 2029"),
    "a pipeline after all years": (
        {"pipeline": built("DEU,sam,2032,1,"), "dataset_yaml": BEYOND}, "pipeline", "year", "beyond it to 2031",
    ),
    "no money beyond": (
        {"dataset_yaml": DATASET_YAML + "beyond: {years: 2}\n"}, "dataset.yaml", "beyond", "one for each year",
    ),
    "a share too few": (
        {"dataset_yaml": DATASET_YAML + "beyond: {years: 2, money: [0.5]}\n"}, "dataset.yaml", "beyond", "1 shares for",
    ),
    "a flow of more years than there are": (
        {"dataset_yaml": DATASET_YAML + "beyond: {years: 1, money: [1], flow: 4}\n"}, "dataset.yaml", "", "flow 4",
    ),
    "sponsors who pay less than their share": (
        {"dataset_yaml": DATASET_YAML.replace("sponsor_max: 2", "sponsor_max: 0.9")},
        "dataset.yaml", "sponsor_max", "greater",
    ),
    "a contribution below 0": (
        {"dataset_yaml": DATASET_YAML.replace("_max: 0.1", "_max: -0.1")},
        "dataset.yaml", "contribution_max", "greater",
    ),
    "a delay below 0": (
        {"dataset_yaml": DATASET_YAML.replace("carry_over: 0.1", "delay.sam: -1")}, "dataset.yaml", "", "between 0",
    ),
    "a core year of another time": (
        {"dataset_yaml": DATASET_YAML.replace("carry_over: 0.1", "core_year: 2035")}, "dataset.yaml", "", "2027 to",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES, *ORDERS])
def test_an_error_is_found_where_it_is(name: str, tmp_path: pathlib.Path):
    changed, table, column, pattern = {**NAMES, **ORDERS}[name]
    findings = found(tmp_path, **changed)
    assert say(findings, "error", table, column, pattern), "\n".join(map(str, findings))
    assert all(one.remedy for one in findings)


def test_hosts_and_groups_as_they_should_be_are_no_error(tmp_path: pathlib.Path):
    """DEU has two batteries, and POL, which has none, at most 50 shells; a nation's own loan takes it out of groups."""
    findings = found(
        tmp_path,
        programmes=hosts(shell="sam"),
        loans="facility,nation,kind,share\nsafe,POL,loan,0.35\nsafe,EU,grant,\nedip,EUROPE,,\n",
        frames=edited("frames", "safe", "safe; edip"),
    )
    assert [one for one in findings if one.level == "error"] == []


def test_a_pipeline_counts_as_a_host(tmp_path: pathlib.Path):
    """Without units in service DEU has one battery under way: no limit is needed."""
    customers = edited("customers", "DEU,sam,10,2", "DEU,sam,10,")
    assert found(tmp_path, programmes=hosts(shell="sam"), customers=customers) == []


# sam: lots of 1, ordered in 2027-2029, a year of lead; DEU may have 10, POL 4, USA any number; f1 launches by 2028.
UNMET: dict[str, tuple[str, str, str]] = {
    "half a lot": ("DEU,sam,,,min,1.5", "units", "no whole number of lots"),
    "half a lot at most": ("DEU,sam,,,max,1.5", "units", "no whole number of lots"),
    "more than is allowed": ("DEU,sam,,,min,11", "units", "max_units allow 10 at most"),
    "more than is allowed, exactly": ("POL,sam,f1,,equal,5", "units", "max_units allow 4 at most"),
    "no customer": ("USA,shell,,,min,1", "nation", "USA is not a customer of shell"),
    "no member": ("USA,sam,f1,,min,1", "channel", "USA can order nothing through f1"),
    "a frame of something else": ("DEU,shell,f1,,equal,1", "channel", "f1 is a frame of sam"),
    "too late": ("DEU,sam,,2029,min,1", "year", "year from 2027 to 2028"),
    "no planning year": ("DEU,sam,,2026,min,1", "year", "year from 2027 to 2028"),
    "no unit at all is a wish": ("DEU,sam,,,min,", "units", "empty"),
    "no such programme": ("DEU,tank,,,min,1", "programme", "no programme of that name"),
    "no such sense": ("DEU,sam,,,most,1", "sense", "choices"),
    "no such channel": ("DEU,sam,f2,,min,1", "channel", "f1"),
}


@pytest.mark.parametrize("name", UNMET)
def test_a_pin_that_no_order_can_meet_is_an_error(name: str, tmp_path: pathlib.Path):
    row, column, pattern = UNMET[name]
    findings = found(tmp_path, pins=pins(row))
    assert say(findings, "error", "pins", column, pattern), "\n".join(map(str, findings))
    assert len(findings) == 1


@pytest.mark.parametrize(
    "row",
    [
        "DEU,sam,,,min,10",
        "ALL,sam,,,equal,1000",  # USA may have any number
        "USA,shell,,,max,5",  # nothing is at most 5
        "USA,sam,f1,2029,equal,0",
        "POL,sam,f1,2028,equal,4",
        "POL,shell,national,,min,0.5",
    ],
)
def test_a_pin_that_can_be_met_is_none(row: str, tmp_path: pathlib.Path):
    assert found(tmp_path, pins=pins(row)) == []


def test_a_pin_for_all_counts_those_who_can_order_then(tmp_path: pathlib.Path):
    """Through f1 only DEU and POL order: 14 units at most."""
    assert found(tmp_path / "14", pins=pins("ALL,sam,f1,,min,14")) == []
    findings = found(tmp_path / "15", pins=pins("ALL,sam,f1,,min,15"))
    assert say(findings, "error", "pins", "units", "14 at most")


def test_beyond_the_horizon_later_orders_arrive(tmp_path: pathlib.Path):
    """Ordered in 2029 a battery comes in 2030."""
    changed = {"pins": pins("DEU,sam,,2029,min,1"), "dataset_yaml": BEYOND}
    assert not [one for one in found(tmp_path, **changed) if one.level == "error"]


def test_before_the_earliest_launch_a_frame_orders_nothing(tmp_path: pathlib.Path):
    changed = {"frames": edited("frames", "2027,2028", "2028,2028"), "pins": pins("DEU,sam,f1,2027,min,1")}
    assert say(found(tmp_path, **changed), "error", "pins", "year", "from 2028 to 2028")


def test_members_alone_order_through_a_launched_frame(tmp_path: pathlib.Path):
    changed = {
        "frames": edited("frames", "0.65,safe,", "0.65,safe,2025"),
        "frame_members": "frame,nation,status\nf1,DEU,member\n",
    }
    assert found(tmp_path / "deu", pins=pins("DEU,sam,f1,2027,min,1"), **changed) == []
    findings = found(tmp_path / "pol", pins=pins("POL,sam,f1,2027,min,1"), **changed)
    assert say(findings, "error", "pins", "channel", "POL can order nothing")


def test_a_lever_that_takes_the_orders_away_makes_no_error(tmp_path: pathlib.Path):
    """What a lever makes impossible is a conflict of that run, not bad data."""
    settings = DATASET_YAML.replace("carry_over: 0.1", "delay.sam: 3, forbid.shell: on")
    findings = checks.findings(
        small_folder(tmp_path, dataset_yaml=settings, pins=pins("DEU,sam,,2027,min,1", "POL,shell,,,min,1"))
    )
    assert not [one for one in findings if one.level == "error"]
