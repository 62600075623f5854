"""What check says of broken data, beyond the broken copies of tiny: garbage files, frames, windows, traps, reach."""

import pathlib
import re

import pytest

from data import checks
from data.findings import REPEATS, Finding, nearest, ordered, shown
from tests.small_data import DATASET_YAML, SCENARIOS_YAML, TABLES, edited, small_folder, with_row

# The c2 index is bought by nobody: the one warning of the small data set itself.
KNOWN = "the targets of c2 lack"


def found(folder: pathlib.Path, **changed: str | None) -> list[Finding]:
    return [one for one in checks.findings(small_folder(folder, **changed)) if KNOWN not in one.message]


def say(findings: list[Finding], level: str, table: str, column: str, pattern: str) -> bool:
    return any(
        one.level == level and one.table == table and column in ("", one.column) and re.search(pattern, str(one))
        for one in findings
    )


def test_the_small_data_set_has_no_problem(tmp_path: pathlib.Path):
    assert found(tmp_path) == []


RULES = TABLES["rules"]
LAUNCHED = edited("frames", "0.65,safe,", "0.65,safe,2025")
JOINED = "frame,nation,status\nf1,DEU,member\nf1,POL,member\n"
ERRORS: dict[str, tuple[dict[str, str | None], str, str, str]] = {
    "a table and column of nothing but commas": ({"rules": ",,,\n"}, "rules", "", "not even a header"),
    "semicolons for commas": ({"effects": "programme;area;effect\nsam;iamd;1\n"}, "effects", "", "commas"),
    "a row too short": ({"effects": with_row("effects", "sam,c2")}, "effects", "", "2 cells"),
    "a nation called EU": ({"nations": with_row("nations", "EU,Union,1,EUROPE,,")}, "nations", "nation", "group"),
    "a frame called national": ({"frames": edited("frames", "f1,", "national,")}, "frames", "frame", "outside any"),
    "a region called DEU": ({"nations": edited("nations", "1,EUROPE", "1,DEU")}, "nations", "region", "group"),
    "share above 1": ({"budget_path": edited("budget_path", "0.5,0.2", "1.5,0.2")}, "budget_path", "", "above 1"),
    "growth below -1": ({"programmes": edited("programmes", "5,0.01", "5,-1.5")}, "programmes", "", "below -1"),
    "window ends first": (
        {"programmes": edited("programmes", "2027,2029", "2029,2028")}, "programmes", "last_order_year", "before",
    ),
    "launched without a member": ({"frames": LAUNCHED}, "frames", "launched", "without a member"),
    "launched in the far future": (
        {"frames": edited("frames", "0.65,safe,", "0.65,safe,2040"), "frame_members": JOINED}, "frames", "", "after",
    ),
    "member of two frames": (
        {
            "frames": LAUNCHED + LAUNCHED.splitlines()[1].replace("f1,", "f2,") + "\n",
            "frame_members": JOINED + "f2,DEU,member\n",
        },
        "frame_members", "nation", "two launched frames",
    ),
    "a programme against itself": (
        {"incompatible": edited("incompatible", "sam,shell", "sam,sam")}, "incompatible", "", "same programme",
    ),
    "incompatible in no group": (
        {"incompatible": edited("incompatible", "NORTH_AMERICA", "ASIA")}, "incompatible", "scope", "nation or group",
    ),
    "risk for a part": ({"rules": RULES + "risk_max,EU,0.4,soft,1,\n"}, "rules", "scope", "risk_max is about ALL"),
    "fleet limit of an area": ({"rules": RULES + "fleet_limit,iamd,2,hard,,\n"}, "rules", "scope", "fleet class"),
    "closure of half a group": ({"rules": RULES + "closure_min,ASIA:iamd,0.2,soft,1,\n"}, "rules", "", "ASIA"),
    "a share rule of 40": ({"rules": RULES + "spend_floor,EU,40,soft,1,\n"}, "rules", "value", "0 and 1"),
    "ALL among sponsors": ({"innovation": edited("innovation", "DEU;POL", "DEU;ALL")}, "innovation", "", "alone"),
    "a sponsor twice": ({"innovation": edited("innovation", "DEU;POL", "DEU;DEU")}, "innovation", "", "twice"),
    "no weight": ({"areas": "area,pillar,weight\niamd,core,0\nammo,core,0\nc2,core,0\n"}, "areas", "weight", "0"),
    "no target": ({"targets": TABLES["targets"].splitlines()[0] + "\n"}, "targets", "", "no area with weight"),
    "no nation": ({"nations": "nation,name\n"}, "nations", "", "no row"),
    "prior plan of nothing": (
        {"prior_plan": with_row("prior_plan", "DEU,sam,f9,2027,1,5,5")}, "prior_plan", "channel", "f1",
    ),
    "a setting of words": (
        {"dataset_yaml": DATASET_YAML.replace("first_year: 2027", "first_year: soon")}, "dataset.yaml", "", "integer",
    ),
    "a setting twice": ({"dataset_yaml": DATASET_YAML + "name: other\n"}, "dataset.yaml", "", "twice"),
    "an alias": ({"dataset_yaml": "name: &a [*a]\n"}, "dataset.yaml", "", "anchors"),
    "settings that are a list": ({"dataset_yaml": "- 1\n- 2\n"}, "dataset.yaml", "", "not a list of names"),
    "a forced and forbidden programme": (
        {"dataset_yaml": DATASET_YAML.replace("carry_over: 0.1", "force.sam: 1, forbid.sam: 1")},
        "dataset.yaml", "levers", "contradict",
    ),
    "a lever on nothing": (
        {"dataset_yaml": DATASET_YAML.replace("carry_over: 0.1", "area_weight.sea: 2")}, "dataset.yaml", "", "iamd",
    ),
    "chances above 1 together": (
        {"scenarios_yaml": SCENARIOS_YAML.replace("0.5}", "0.9}", 1)}, "scenarios.yaml", "probability", "sum to 1.4",
    ),
    "multiply and set": (
        {"scenarios_yaml": SCENARIOS_YAML.replace("multiply: 0.5", "multiply: 0.5, set: 1")},
        "scenarios.yaml", "", "either multiply or set",
    ),
    "an override of no row": (
        {"scenarios_yaml": SCENARIOS_YAML.replace("line: l1", "line: l9")}, "scenarios.yaml", "", "no row",
    ),
    "an override of a key": (
        {"scenarios_yaml": SCENARIOS_YAML.replace("column: capacity", "column: line")}, "scenarios.yaml", "", "key",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_found_where_it_is(name: str, tmp_path: pathlib.Path):
    changed, table, column, pattern = ERRORS[name]
    findings = found(tmp_path, **changed)
    assert say(findings, "error", table, column, pattern), "\n".join(map(str, findings))


WARNINGS: dict[str, tuple[dict[str, str | None], str, str, str]] = {
    "a candidate that buys nothing": (
        {"frame_members": with_row("frame_members", "f1,USA,candidate"),
         "customers": edited("customers", "USA,sam,,\n", "")},
        "frame_members", "nation", "USA can never join f1",
    ),
    "a candidate too late": (
        {"frames": LAUNCHED, "frame_members": JOINED + "f1,USA,candidate\n"}, "frame_members", "", "launched already",
    ),
    # POL signs in 2027 and 2029 only and is a candidate now; in 2028 DEU is alone.
    "cycles that never meet": (
        {"frame_members": edited("frame_members", "committed", "candidate"),
         "frames": edited("frames", "2027,2028", "2028,2028")},
        "frames", "min_members", "at most 1 members",
    ),
    # DEU may order 10 and POL 4.
    "more units than members want": (
        {"frames": edited("frames", "2,4,0.1", "2,15,0.1")}, "frames", "min_units", "14 units at most",
    ),
    "a frame past its programme": (
        {"frames": edited("frames", "2027,2028", "2029,2029")}, "frames", "", "no launch year in 2029-2029",
    ),
    "an order window long over": (
        {"programmes": edited("programmes", "2027,2029", "2020,2024")}, "programmes", "", "no order year",
    ),
    "a pipeline beyond its line": (
        {"pipeline": edited("pipeline", "2027,1", "2027,9")}, "pipeline", "", "needs 9 of l1 by 2027, which can give 6",
    ),
    # DEU has 20 of resilience money in 2027 and, with a tenth carried over, 22 later; its share of 40 is 24.
    "a host that can never pay": (
        {"expansions": edited("expansions", "shift,2,1,0.1,1,,,DEU,0.4", "shift,2,40,0,1,,,DEU,0.6")},
        "expansions", "host_share_min", "its host DEU must pay 24 million in 2028 and can have 22 ",
    ),
    # With the 22 of DEU and USA and the 5.5 of POL it is 49.5.
    "an expansion that nobody can pay": (
        {"expansions": edited("expansions", "shift,2,1,0.1,1,,,DEU,0.4", "shift,2,400,0,1,,,DEU,0")},
        "expansions", "cost", "those who pay owe 400 million in 2028 and can have 49.5 ",
    ),
    # Half of 8 + 2 is due in the year of opening; 2 + 1 batteries may be ordered and 1 is in the pipeline.
    "a guarantee beyond all orders": (
        {"customers": edited("customers", "DEU,sam,10,2\nPOL,sam,4,\nUSA,sam,,", "DEU,sam,2,2\nPOL,sam,1,")},
        "expansions", "guaranteed_load", "owes an output of 5 by 2028, and orders can use 4 at most",
    ),
    "a soft rule for nothing": ({"rules": edited("rules", "soft,10", "soft,")}, "rules", "penalty", "costs nothing"),
    "no plan to change": ({"prior_plan": None}, "rules", "", "no prior_plan"),
    "no standard to be on": (
        {"rules": RULES + "common_standard_min,ammo,0.5,soft,1,\n"}, "rules", "scope", "has no standard",
    ),
    "growth from zero": (
        {"rules": RULES + "spend_growth_max,DEU,0.1,soft,1,\n",
         "budget_path": TABLES["budget_path"].replace("0.025,0.5", "0.025,0").replace("0.01,0.5", "0.01,0")},
        "rules", "", "zero start: DEU",
    ),
    # USA buys nothing for resilience and sponsors nothing; expansions could be paid by anybody, so they are left out.
    "a floor with nothing to buy": (
        {"rules": RULES + "spend_floor,USA,0.95,hard,,\n", "expansions": None}, "rules", "", "USA has nothing to spend",
    ),
    # Of all iamd USA has 18 of 26 today; the line adds 6 + 10 + 10 at most (ramp 2, a shift of 2): 18 / 52 > 0.3.
    "one nation too large": (
        {"rules": RULES + "single_nation_max,iamd,0.3,hard,,\n"}, "rules", "value", "USA has 18",
    ),
    "research without a line": (
        {"rules": RULES + "innovation_share_min,ALL,0.1,hard,,\n", "innovation": None, "innovation_effects": None},
        "rules", "", "no innovation line",
    ),
    # In the first year there is the baseline of 8 of 16 and one battery of the pipeline.
    "a closure too early": (
        {"rules": RULES + "closure_min,EU:iamd,0.9,hard,,2027\n"}, "rules", "value", "at most 0.562 in 2027",
    ),
    "obligations beyond the money": (
        {"obligations": edited("obligations", "1.5", "500")}, "obligations", "amount", "exceed the available",
    ),
    "years that are not used": (
        {"economy": with_row("economy", "DEU,2040,1,")}, "economy", "year", "outside the horizon",
    ),
    "an urgent year of another time": (
        {"dataset_yaml": DATASET_YAML.replace("{2027: 1}", "{2050: 1}")}, "dataset.yaml", "urgency.2050", "horizon",
    ),
    "a source of no table": ({"sources": edited("sources", "programmes,", "programs,")}, "sources", "", "programmes"),
    "no GDP": ({"economy": TABLES["economy"].replace(",1000,", ",0,")}, "economy", "gdp", "POL has no GDP"),
    "a part above the whole": (
        {"targets": TABLES["targets"].replace("60,40", "30,40")}, "targets", "baseline_us", "above the whole",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_is_found_and_the_data_still_solve(name: str, tmp_path: pathlib.Path):
    changed, table, column, pattern = WARNINGS[name]
    findings = found(tmp_path, **changed)
    assert say(findings, "warning", table, column, pattern), "\n".join(map(str, findings))
    assert not [one for one in findings if one.level == "error"]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("nations.csv", b"\x00\x01\x02\xff"),
        ("nations.csv", b"\xff\xfen\x00"),
        ("nations.csv", b'"' * 1001),
        ("nations.csv", b"nation," * 5000),
        ("economy.csv", b"\n\n\n"),
        ("economy.csv", b"nation,year,gdp\n" + b"x" * 200_000),
        ("dataset.yaml", b"\xff\xff"),
        ("dataset.yaml", b"[" * 3000),
        ("dataset.yaml", b"? {a: b}\n: c\n"),
        ("dataset.yaml", b"!!python/object:os.system {}\n"),
        ("scenarios.yaml", b"lean: 3\n1: {probability: 2}\n"),
        ("scenarios.yaml", b"lean: {overrides: [{table: [1], column: {}, set: [[]]}]}\n"),
    ],
)
def test_garbage_is_found_and_nothing_crashes(tmp_path: pathlib.Path, file: str, content: bytes):
    folder = small_folder(tmp_path)
    (folder / file).write_bytes(content)
    findings = checks.findings(folder)
    assert [one for one in findings if one.level == "error" and one.table in (file, file.removesuffix(".csv"))]
    assert all(one.remedy for one in findings)


def test_a_folder_where_a_file_is_due(tmp_path: pathlib.Path):
    folder = small_folder(tmp_path, economy=None, dataset_yaml=None)
    (folder / "economy.csv").mkdir()
    (folder / "dataset.yaml").mkdir()
    findings = checks.findings(folder)
    assert say(findings, "error", "economy", "", "is not a file")
    assert say(findings, "error", "dataset.yaml", "", "is not a file")


def test_a_huge_file_is_refused_unread(tmp_path: pathlib.Path):
    folder = small_folder(tmp_path)
    with (folder / "sources.csv").open("wb") as file:
        file.truncate(200_000_000)
    assert say(checks.findings(folder), "error", "sources", "", "200 MB")


def test_an_empty_folder_and_no_folder(tmp_path: pathlib.Path):
    assert say(checks.findings(tmp_path), "error", "dataset.yaml", "", "missing")
    assert say(checks.findings(tmp_path), "error", "nations", "", "missing")
    assert "does not exist" in checks.findings(tmp_path / "none")[0].message


def test_a_missing_table_does_not_blame_those_that_refer_to_it(tmp_path: pathlib.Path):
    findings = found(tmp_path, nations=None)
    assert [one.table for one in findings if one.level == "error"] == ["nations"]


def test_errors_come_first_and_warnings_beside_them(tmp_path: pathlib.Path):
    findings = found(tmp_path, effects=with_row("effects", "tank,iamd,1"), rules=edited("rules", "soft,10", "soft,"))
    assert [one.level for one in findings] == ["error", "warning"]


def test_a_mistake_repeated_ten_thousand_times_is_counted(tmp_path: pathlib.Path):
    rows = "".join(f"p{i},iamd,1\n" for i in range(10_000))
    findings = found(tmp_path, effects=TABLES["effects"] + rows)
    assert len(findings) == REPEATS + 1
    assert say(findings, "error", "effects", "programme", f"{10_000 - REPEATS:,} more like")


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: pathlib.Path):
    """Data rows count from 1, blank lines with them."""
    text = TABLES["effects"].replace("sam,iamd,1\n", "\nsam,iamd,1\n") + "tank,iamd,1\n"
    (finding,) = found(tmp_path, effects=text)
    assert (finding.row, finding.column, finding.value) == (4, "programme", "tank")


def test_a_finding_is_one_line_without_control_characters(tmp_path: pathlib.Path):
    findings = found(tmp_path, effects=with_row("effects", '"ta\x1b[31m\nnk",iamd,1'))
    assert findings
    for one in findings:
        assert str(one).isprintable()
    assert shown("x" * 100).endswith("...'")


def test_warnings_of_a_data_set_have_no_rows(tmp_path: pathlib.Path):
    dataset, _ = checks.examine(small_folder(tmp_path, rules=edited("rules", "soft,10", "soft,")))
    assert dataset is not None
    warnings = checks.warnings(dataset)
    assert say(warnings, "warning", "rules", "penalty", "costs nothing")
    assert {one.row for one in warnings} == {None}


def test_expansions_count_for_what_lines_can_reach(tmp_path: pathlib.Path):
    """l1 makes 4 + 2 = 6 units in 2027, then 6 + 2 and a shift of 2 that opens in 2028: 6 + 10 + 10 = 26 at most.

    DEU lacks 4 and USA 2; POL lacks 19.9 or 20.1: 25.9 is within 26, 26.1 is not.
    """
    for target, over in ((21.9, False), (22.1, True)):
        folder = tmp_path / str(target)
        findings = found(
            folder,
            targets=TABLES["targets"].replace("POL,iamd,2029,6", f"POL,iamd,2029,{target}"),
            innovation=edited("innovation", "1.3,0.6", "1.3,0"),
            customers=edited("customers", "DEU,sam,10,2\nPOL,sam,4", "DEU,sam,,2\nPOL,sam,"),
            programmes=edited("programmes", ",1,1,,,,0.1,", ",1,0,,,,0.1,"),
        )
        assert say(findings, "warning", "targets", "target", "iamd lack") is over


def test_the_nearest_name_is_found_whatever_its_case():
    assert nearest("Unit_Cost", ["unit_cost", "unit"]) == "unit_cost"
    assert nearest("zebra", ["unit_cost"]) == ""


def test_the_same_finding_is_said_once():
    one = Finding("error", "t", 1, "c", "v", "m", "r")
    assert ordered([one, one]) == [one]
