"""Broken copies of the tiny data set: check names the table, the column and what is wrong; nothing crashes."""

import csv
import pathlib
import re
from dataclasses import dataclass

import pytest

from data import checks
from tests.breaking import (
    Break,
    add,
    again,
    both,
    cell,
    content,
    copy_of_tiny,
    drop,
    drop_column,
    encoded,
    remove,
    rename_column,
    text,
)
from tests.cases import TINY
from tests.command import drive5


@dataclass(frozen=True)
class Fault:
    """What is broken, and the finding that must name it: table, column ("" = any), a pattern of its line, row."""

    does: Break
    table: str
    column: str
    says: str
    row: int | None = None


SAM, SHELL = {"programme": "sam"}, {"programme": "shell"}
FRAME = {"frame": "sam_joint"}
DEU_2027 = {"nation": "DEU", "year": 2027}


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a table of tiny."""
    with (TINY / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row(table: str, **where: str) -> int:
    """The number of the first row of tiny in which `where` holds."""
    return next(n for n, one in enumerate(rows_of(table), start=1) if where.items() <= one.items())


def after(table: str) -> int:
    """The number of a row that is added to a table of tiny."""
    return len(rows_of(table)) + 1


ROW_OF_SAM = row("programmes", **SAM)

# The data have no meaning: nothing is solved.
ERRORS = {
    # a cell that is not what its column holds
    "a word for a price": Fault(
        cell("programmes", SAM, unit_cost="many"), "programmes", "unit_cost", "not a number", ROW_OF_SAM
    ),
    "thousands separator": Fault(cell("economy", DEU_2027, gdp="10,000"), "economy", "gdp", "not a number", 1),
    "NaN": Fault(cell("programmes", SAM, unit_cost="NaN"), "programmes", "unit_cost", "not a number", ROW_OF_SAM),
    "infinite target": Fault(
        cell("targets", {"area": "rail", "year": 2028}, target="inf"), "targets", "target", "number"
    ),
    "more money than there is": Fault(cell("economy", DEU_2027, gdp="1e300"), "economy", "gdp", "too large", 1),
    "a formula": Fault(cell("economy", DEU_2027, gdp="=1+1"), "economy", "gdp", "formula", 1),
    "negative money": Fault(cell("programmes", SAM, unit_cost=-100), "programmes", "unit_cost", "negative", ROW_OF_SAM),
    "negative capacity": Fault(
        cell("line_capacity", {"year": 2029}, capacity=-1), "line_capacity", "capacity", "negative"
    ),
    "a flag of its own": Fault(cell("nations", {"nation": "DEU"}, eu="maybe"), "nations", "eu", "on nor off", 1),
    "half a year": Fault(
        cell("programmes", SAM, lead_years=1.5), "programmes", "lead_years", "whole number", ROW_OF_SAM
    ),
    "no such pillar": Fault(cell("programmes", SAM, pillar="cores"), "programmes", "pillar", "core", ROW_OF_SAM),
    "no such category": Fault(
        cell("programmes", SAM, category="weapon"), "programmes", "category", "choice", ROW_OF_SAM
    ),
    "percent sign": Fault(
        cell("budget_path", {**DEU_2027, "pillar": "core"}, gdp_share="3.5%"), "budget_path", "gdp_share", "fraction"
    ),
    "percent as share": Fault(
        cell("budget_path", {**DEU_2027, "pillar": "core"}, gdp_share="3.5"), "budget_path", "gdp_share", "above 1"
    ),
    "no year": Fault(cell("economy", DEU_2027, year="20x7"), "economy", "year", "not a number", 1),
    "empty gdp": Fault(cell("economy", DEU_2027, gdp=""), "economy", "gdp", "empty", 1),
    "empty key": Fault(
        cell("customers", {"nation": "POL", "programme": "radio"}, programme=""), "customers", "programme", "empty"
    ),
    "an id that is a list": Fault(cell("areas", {"area": "rail"}, area="rail;road"), "areas", "area", "name"),
    "no such hardness": Fault(cell("rules", {"rule": "closure_min"}, hardness="firm"), "rules", "hardness", "hard"),
    "service life of none": Fault(cell("programmes", SHELL, service_years=0), "programmes", "service_years", "1"),
    # keys
    "a programme twice": Fault(
        again("programmes", SAM), "programmes", "", "twice|duplicate|already", after("programmes")
    ),
    "a year twice": Fault(again("economy", DEU_2027), "economy", "", "twice|duplicate|already", after("economy")),
    "frame named as a programme": Fault(
        both(
            cell("frames", FRAME, frame="shell"),
            cell("frame_members", FRAME, frame="shell"),
            cell("price_tiers", FRAME, frame="shell"),
        ),
        "frames",
        "frame",
        "programme",
    ),
    "component named as a line": Fault(
        both(
            cell("components", {}, component="sam_line"),
            cell("component_capacity", {}, component="sam_line"),
            cell("bill_of_materials", {}, component="sam_line"),
        ),
        "components",
        "component",
        "line",
    ),
    "innovation named as an expansion": Fault(
        both(cell("innovation", {}, innovation="sam_shift"), cell("innovation_effects", {}, innovation="sam_shift")),
        "innovation",
        "innovation",
        "expansion",
    ),
    # references
    "programme of no area": Fault(
        cell("programmes", SAM, area="air_defense"), "programmes", "area", "air_defence", ROW_OF_SAM
    ),
    "effect of no programme": Fault(cell("effects", SAM, programme="sams"), "effects", "programme", "sam"),
    "effect on no area": Fault(cell("effects", SAM, area="space"), "effects", "area", "space"),
    "customer of no nation": Fault(
        cell("customers", {"nation": "USA", "programme": "sam"}, nation="US"), "customers", "nation", "USA"
    ),
    "customer of nothing": Fault(
        cell("customers", {"nation": "POL", "programme": "radio"}, programme="radios"),
        "customers",
        "programme",
        "radio",
    ),
    "frame of nothing": Fault(
        cell("frames", FRAME, programme="patriot"), "frames", "programme", "patriot", row("frames", **FRAME)
    ),
    "member of no frame": Fault(
        add("frame_members", frame="other", nation="DEU", status="candidate"),
        "frame_members",
        "frame",
        "other",
        after("frame_members"),
    ),
    "tier of no frame": Fault(
        add("price_tiers", frame="other", from_units=3, price_factor=0.9),
        "price_tiers",
        "frame",
        "other",
        after("price_tiers"),
    ),
    "programme on no such line": Fault(
        cell("line_programmes", SAM, line="line_1"), "line_programmes", "line", "line_1", row("line_programmes", **SAM)
    ),
    "no such component": Fault(
        cell("bill_of_materials", SHELL, component="powder"), "bill_of_materials", "component", "powder", 1
    ),
    "expansion of nothing": Fault(
        cell("expansions", {}, line_or_component="sam_lime"), "expansions", "line_or_component", "sam_line", 1
    ),
    "no such sponsor": Fault(cell("innovation", {}, sponsor="DEU;PLO"), "innovation", "sponsor", "PLO", 1),
    "innovation for no area": Fault(
        cell("innovation_effects", {}, area="ammo"), "innovation_effects", "area", "ammo", 1
    ),
    "no such enabler": Fault(cell("requires", {}, enabler="network"), "requires", "enabler", "networks", 1),
    "no such innovation": Fault(
        cell("programmes", SHELL, requires_innovation="fuze"),
        "programmes",
        "requires_innovation",
        "fuze",
        row("programmes", **SHELL),
    ),
    "no such facility": Fault(
        cell("frames", FRAME, loan_facility="saef"), "frames", "loan_facility", "safe", row("frames", **FRAME)
    ),
    "loan to nobody": Fault(cell("loans", {}, nation="PLN"), "loans", "nation", "PLN", 1),
    "incompatible with nothing": Fault(
        cell("incompatible", {}, programme_b="tankr"), "incompatible", "programme_b", "tanker", 1
    ),
    "obligation of nobody": Fault(cell("obligations", {}, nation="GBR"), "obligations", "nation", "GBR", 1),
    "pipeline of nothing": Fault(cell("pipeline", {}, programme="sams"), "pipeline", "programme", "sam", 1),
    "target of nobody": Fault(
        cell("targets", {"nation": "DEU", "area": "rail", "year": 2027}, nation="XXX"), "targets", "nation", "XXX"
    ),
    "no such rule": Fault(cell("rules", {"rule": "closure_min"}, rule="closure"), "rules", "rule", "closure_min"),
    "rule for no group": Fault(cell("rules", {"rule": "joint_share_min"}, scope="EUROPA"), "rules", "scope", "EUROPA"),
    "rule for no area": Fault(
        cell("rules", {"rule": "single_nation_max"}, scope="airlift"), "rules", "scope", "airlift"
    ),
    "rule for no class": Fault(cell("rules", {"rule": "fleet_limit"}, scope="tanks"), "rules", "scope", "tanks"),
    "closure of no target": Fault(
        cell("rules", {"rule": "closure_min"}, scope="DEU:trains"), "rules", "scope", "trains"
    ),
    # what is missing
    "no gdp in a year": Fault(drop("economy", {"nation": "POL", "year": 2029}), "economy", "", "POL.*2029|2029.*POL"),
    "no budget in a year": Fault(
        drop("budget_path", {"nation": "POL", "year": 2029, "pillar": "core"}), "budget_path", "", "2029"
    ),
    "no line capacity in a year": Fault(drop("line_capacity", {"year": 2029}), "line_capacity", "", "sam_line.*2029"),
    "a line without capacity": Fault(drop("line_capacity", {}), "line_capacity|lines", "", "sam_line"),
    "a component without capacity": Fault(
        drop("component_capacity", {}), "component_capacity|components", "", "propellant"
    ),
    "no areas": Fault(remove("areas.csv"), "areas", "", "missing"),
    "no price column": Fault(drop_column("areas", "weight"), "areas", "weight", "missing"),
    "no key column": Fault(drop_column("economy", "year"), "economy", "year", "missing"),
    "no dataset.yaml": Fault(remove("dataset.yaml"), "dataset.yaml", "", "missing"),
    # files
    "a column misspelt": Fault(
        rename_column("programmes", "unit_cost", "unitcost"), "programmes", "unitcost", "unit_cost"
    ),
    "a column twice": Fault(
        rename_column("programmes", "cost_growth", "unit_cost"), "programmes", "unit_cost", "twice"
    ),
    "a table misspelt": Fault(content("programs.csv", b"programme\nsam\n"), "programs.csv", "", "programmes"),
    "a cell too many": Fault(text("economy.csv", "DEU,2027,10000,", "DEU,2027,10,000,1"), "economy", "", "cells", 1),
    "latin-1": Fault(
        encoded("programmes.csv", "Field radio", "Feldfunkger\xe4t", "latin-1"), "programmes", "", "encoding"
    ),
    "UTF-16": Fault(encoded("nations.csv", "Germany", "Germany", "utf-16"), "nations", "", "encoding"),
    "a NUL byte": Fault(encoded("nations.csv", "Germany", "Ger\0many", "utf-8"), "nations", "", "NUL"),
    "an open quote": Fault(text("nations.csv", "Germany", '"Germany'), "nations", "", "CSV"),
    "an empty file": Fault(content("rules.csv", b""), "rules", "", "empty"),
    "YAML that is none": Fault(text("dataset.yaml", "name: tiny", "name: [tiny"), "dataset.yaml", "", "YAML"),
    # what does not hold together
    "a cycle of enablers": Fault(
        add("requires", area="networks", enabler="air_defence", ratio=1), "requires", "", "cycle|circle"
    ),
    "its own enabler": Fault(cell("requires", {}, enabler="air_defence"), "requires", "", "cycle|circle|itself"),
    "collective and national": Fault(
        again("targets", {"nation": "DEU", "area": "rail"}, nation="ALL"), "targets", "", "ALL"
    ),
    "a collective area enabled": Fault(
        add("requires", area="lift", enabler="networks", ratio=1), "requires", "", "collective"
    ),
    "a price that rises": Fault(
        cell("price_tiers", {"from_units": 5}, price_factor=0.97), "price_tiers", "price_factor", "ris"
    ),
    "pipeline beyond the horizon": Fault(cell("pipeline", {}, year=2199), "pipeline", "year", "horizon|2199"),
    "member before the launch": Fault(
        cell("frame_members", {"nation": "DEU"}, status="member"), "frame_members", "status", "launched"
    ),
    "severity that falls": Fault(cell("areas", {"area": "rail"}, severity="0:3|0.5:1"), "areas", "severity", "fall"),
    "severity from the middle": Fault(cell("areas", {"area": "rail"}, severity="0.5:1"), "areas", "severity", "0"),
    "horizon backwards": Fault(
        text("dataset.yaml", "last_year: 2030", "last_year: 2020"), "dataset.yaml", "", "last_year 2020"
    ),
    "urgency below zero": Fault(
        text("dataset.yaml", "2027: 0.5", "2027: -1"), "dataset.yaml", "urgency.2027", "greater|0"
    ),
    "a setting misspelt": Fault(
        text("dataset.yaml", "first_year", "firstyear"), "dataset.yaml", "firstyear", "first_year"
    ),
    "no such lever": Fault(text("dataset.yaml", "carry_over", "carryover"), "dataset.yaml", "", "carry_over"),
    "a lever out of range": Fault(
        text("dataset.yaml", "carry_over: 0.05", "carry_over: 2"), "dataset.yaml", "", "carry_over"
    ),
    "a scenario's lever": Fault(text("scenarios.yaml", "growth_shift", "growth"), "scenarios.yaml", "", "growth_shift"),
    "an override of nothing": Fault(
        text("scenarios.yaml", "table: line_capacity", "table: capacity"), "scenarios.yaml", "", "capacity"
    ),
    "an override of no column": Fault(
        text("scenarios.yaml", "column: capacity", "column: capasity"), "scenarios.yaml", "", "capasity"
    ),
    "chances above one": Fault(text("scenarios.yaml", "probability: 0.5", "probability: 5"), "scenarios.yaml", "", "1"),
}

# The data solve, but a planner should know.
WARNINGS = {
    "too few candidates": Fault(
        cell("frames", FRAME, min_members=4), "frames", "", "sam_joint.*(launch|members)|(launch|members).*sam_joint"
    ),
    "no launch year": Fault(cell("frames", FRAME, extra_lead_years=9), "frames", "", "can't launch"),
    "orders that come too late": Fault(
        cell("programmes", {"programme": "tanker"}, lead_years=9), "programmes", "", "arriv"
    ),
    "no capacity": Fault(cell("line_capacity", {}, capacity=0), "line_capacity|lines", "", "capacity"),
    "no components": Fault(cell("component_capacity", {}, capacity=0), "component_capacity|components", "", "capacity"),
    "targets beyond the lines": Fault(
        cell("targets", {"nation": "POL", "area": "air_defence"}, target=500), "targets", "", "air_defence|target"
    ),
    "nothing left to spend": Fault(
        cell("budget_path", {"nation": "POL", "pillar": "core"}, committed_share=1), "budget_path", "", "POL|committed"
    ),
    "a closure out of reach": Fault(
        cell("rules", {"rule": "closure_min", "from_year": 2030}, value=0.9, from_year=2027),
        "rules",
        "",
        "out of reach",
    ),
    "joint share where no frame can launch": Fault(
        both(
            cell("rules", {"rule": "joint_share_min"}, hardness="hard", value=0.9), cell("frames", FRAME, min_members=4)
        ),
        "rules",
        "",
        "joint_share_min|frame",
    ),
    "growth from nothing": Fault(
        both(
            add("rules", rule="spend_growth_max", scope="DEU", value=0.1, hardness="hard"),
            cell("budget_path", {"nation": "DEU"}, committed_share=0),
        ),
        "rules",
        "",
        "spend_growth_max|zero",
    ),
    "lots too fine": Fault(cell("programmes", SHELL, lot=0.001), "programmes", "lot", "divisible|lot"),
    "a floor that pays": Fault(
        add("rules", rule="spend_floor", scope="ALL", value=0.9, hardness="soft", penalty=500),
        "rules",
        "",
        "spend_floor|floor",
    ),
}

SAMPLE = ("a word for a price", "a year twice", "programme of no area", "no areas", "latin-1", "a cycle of enablers")


def matching(findings: list[checks.Finding], fault: Fault, level: str) -> list[checks.Finding]:
    """The findings that name the fault where it is."""
    return [
        finding
        for finding in findings
        if finding.level == level
        and re.fullmatch(fault.table, finding.table)
        and fault.column in ("", finding.column)
        and fault.row in (None, finding.row)
        and re.search(fault.says, str(finding))
    ]


def lines(findings: list[checks.Finding]) -> str:
    """The findings as one text, for the message of a failing test."""
    return "\n".join(map(str, findings)) or "no finding"


def test_tiny_itself_has_no_problem_but_targets_beyond_its_lines():
    """By 2030 air defence lacks 12 batteries; half of one is built, and the line makes 1, 1.5, 2.5 and 2.5 at most."""
    assert [one.table for one in checks.findings(TINY)] in ([], ["targets"])


def test_there_are_enough_broken_copies():
    assert len(ERRORS) + len(WARNINGS) >= 45


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_named_exactly(name: str, tmp_path: pathlib.Path):
    fault = ERRORS[name]
    folder = copy_of_tiny(tmp_path / "tiny")
    fault.does(folder)
    findings = checks.findings(folder)
    assert matching(findings, fault, "error"), lines(findings)
    for finding in findings:
        assert finding.message and finding.remedy, finding
        assert "\n" not in str(finding)


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_is_named_and_does_not_stop(name: str, tmp_path: pathlib.Path):
    fault = WARNINGS[name]
    folder = copy_of_tiny(tmp_path / "tiny")
    fault.does(folder)
    findings = checks.findings(folder)
    assert matching(findings, fault, "warning"), lines(findings)
    assert [finding for finding in findings if finding.level == "error"] == []


def test_many_faults_are_all_named_at_once(tmp_path: pathlib.Path):
    together = (
        "a word for a price", "thousands separator", "a year twice", "customer of no nation", "expansion of nothing",
        "no line capacity in a year", "rule for no group", "a price that rises", "severity that falls", "no such lever",
    )  # fmt: skip
    folder = copy_of_tiny(tmp_path / "tiny")
    for name in together:
        ERRORS[name].does(folder)
    findings = checks.findings(folder)
    for name in together:
        fault = ERRORS[name]
        assert matching(findings, fault, "error"), f"{name} is not among:\n{lines(findings)}"


def test_one_fault_does_not_bring_others(tmp_path: pathlib.Path):
    """A mistyped price is one finding, not a cascade."""
    folder = copy_of_tiny(tmp_path / "tiny")
    ERRORS["a word for a price"].does(folder)
    errors = [finding for finding in checks.findings(folder) if finding.level == "error"]
    assert len(errors) == 1, lines(errors)


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("command", ["check", "solve"])
def test_bad_data_is_exit_3_without_traceback(name: str, command: str, tmp_path: pathlib.Path):
    folder = copy_of_tiny(tmp_path / "tiny")
    ERRORS[name].does(folder)
    more = ("--out", tmp_path / "plan") if command == "solve" else ()
    result = drive5(command, folder, *more)
    assert result.exit_code == 3, result.output
    assert "Traceback" not in result.output
    assert re.search(ERRORS[name].says, result.output)
    assert not (tmp_path / "plan").exists()


def test_check_of_a_whole_data_set_is_exit_0():
    assert drive5("check", TINY).exit_code == 0


def test_a_path_where_nothing_is_is_wrong_usage(tmp_path: pathlib.Path):
    result = drive5("check", tmp_path / "thing")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "thing" in result.output


def test_a_file_that_is_no_data_set_is_bad_data(tmp_path: pathlib.Path):
    (tmp_path / "thing").write_text("hello", encoding="utf-8")
    result = drive5("check", tmp_path / "thing")
    assert result.exit_code == 3
    assert "Traceback" not in result.output
    assert "thing" in result.output
