"""The command as scripts rely on it: exit codes, one line for an error, what goes to which stream, Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from data.dataset import load
from data.levers import LEVERS, apply
from optimizer import solve as solving
from optimizer.engine.outcome import Outcome, Termination
from optimizer.plans.plan import Plan
from optimizer.strategy import Searched
from reports import console
from tests.command import Result, drive5

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "data" / "tiny"
COMMANDS = ("solve", "check", "convert", "template", "audit", "report", "compare", "new-round", "app")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The tiny data set solved by the command."""
    folder = tmp_path_factory.mktemp("plans") / "tiny"
    return folder, drive5("solve", TINY, "--gap", 0, "--out", folder)


def copy_of(plan: Path, folder: Path) -> Path:
    return Path(shutil.copytree(plan, folder))


def fault(result: Result) -> str:
    """The one line that an error is told in, after the warnings of the data set."""
    lines = [line for line in result.stderr.strip().splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


# ---- solve ---------------------------------------------------------------------------------------------------------


def test_solve_ends_with_0_and_leaves_a_whole_plan(solved: tuple[Path, Result]) -> None:
    folder, result = solved
    assert result.exit_code == 0, result.output
    assert {item.name for item in folder.iterdir()} == {
        "plan.json", "tables", "plan.xlsx", "solve.log", "progress.csv", "dataset", "search.npz",
    }  # fmt: skip
    assert json.loads((folder / "plan.json").read_text(encoding="utf-8"))["status"] == "optimal"


def test_solve_says_where_the_plan_is_and_its_headline_figures(solved: tuple[Path, Result]) -> None:
    folder, result = solved
    header = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert str(folder) in result.stdout
    for figure in (header["gap_index_before"], header["gap_index_after"], header["objective"]["bound"]):
        assert f"{figure:,.2f}" in result.stdout
    for label in ("Gap index", "Objective", "bound", "gap", "Time", "Cost of the plan"):
        assert label in result.stdout


def test_output_that_is_no_terminal_is_plain_text(solved: tuple[Path, Result]) -> None:
    assert not set(solved[1].stdout) & set("│┃━─╭╰\x1b")


def test_json_prints_plan_json_and_nothing_else(tmp_path: Path) -> None:
    result = drive5("solve", TINY, "--gap", 0, "--json", "--out", tmp_path / "p")
    assert result.exit_code == 0
    assert result.stdout == (tmp_path / "p" / "plan.json").read_text(encoding="utf-8")


def test_quiet_says_nothing(tmp_path: Path) -> None:
    result = drive5("solve", TINY, "--quiet", "--out", tmp_path / "p")
    assert (result.exit_code, result.output) == (0, "")


def test_without_out_the_plan_goes_to_plans_and_the_data_sets_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert drive5("solve", TINY, "--quiet").exit_code == 0
    assert (tmp_path / "plans" / "tiny" / "plan.json").is_file()


def test_by_default_the_plan_that_stood_there_is_kept_and_the_first_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its note; the very same plan made again leaves nothing but itself."""
    monkeypatch.chdir(tmp_path)
    assert drive5("solve", TINY).exit_code == 0
    plans = tmp_path / "plans"
    (plans / "tiny" / "note.txt").write_text("of record", encoding="utf-8")
    first = json.loads((plans / "tiny" / "plan.json").read_text(encoding="utf-8"))
    result = drive5("solve", TINY, "--set", "carry_over=0.12")
    kept = f"tiny-{first['run']}"
    line = result.stderr.splitlines()[0]
    assert line.startswith(f"earlier plan: plans/tiny holds run {first['run']} of ") and "value 13.375" in line
    assert f"it is kept as plans/{kept} when the new plan is whole" in line
    assert sorted(entry.name for entry in plans.iterdir()) == [".store", "tiny", kept]
    assert json.loads((plans / kept / "plan.json").read_text(encoding="utf-8")) == first
    assert (plans / kept / "note.txt").is_file() and not (plans / "tiny" / "note.txt").exists()
    assert drive5("audit", plans / kept).exit_code == 0 and drive5("audit", plans / "tiny").exit_code == 0
    assert drive5("solve", TINY, "--set", "carry_over=0.12", "--quiet").output == ""
    assert sorted(entry.name for entry in plans.iterdir()) == [".store", "tiny", kept]


def test_an_out_that_holds_a_plan_is_replaced_and_the_first_line_says_so(tmp_path: Path) -> None:
    assert drive5("solve", TINY, "--quiet", "--out", tmp_path / "p").exit_code == 0
    run = json.loads((tmp_path / "p" / "plan.json").read_text(encoding="utf-8"))["run"]
    result = drive5("solve", TINY, "--set", "carry_over=0.12", "--out", tmp_path / "p")
    line = result.stderr.splitlines()[0]
    assert line.startswith(f"earlier plan: {tmp_path / 'p'} holds run {run} of ")
    assert "the new plan takes its place when it is whole; to keep both, name another folder with --out" in line
    assert [entry.name for entry in tmp_path.iterdir()] == ["p"]


def test_levers_and_options_reach_the_solver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def solve(case: object, *, options: solving.SolveOptions, **_: object) -> Plan:
        seen.update(levers=dict(case.levers), options=options)
        return no_plan(6)

    monkeypatch.setattr(solving, "solve", solve)
    arguments = ["--set", "carry_over=0.1", "--set", "pillar_shift=0.2", "--gap", "0.02", "--time-limit", "7"]
    arguments += [
        "--seed",
        "3",
        "--threads",
        "1",
        "--work-limit",
        "9",
        "--cost-tolerance",
        "0",
        "--objective",
        "cost:40",
    ]
    drive5("solve", TINY, *arguments, "--out", tmp_path / "p")
    assert seen["levers"]["carry_over"] == 0.1
    assert seen["levers"]["pillar_shift"] == 0.2
    expected = solving.SolveOptions(0.02, 7.0, 9.0, 0.0, "cost", 40.0, 3, 1, "highs", None)
    assert seen["options"] == expected


# ---- exit codes ----------------------------------------------------------------------------------------------------


def no_plan(code: int, *conflict: str) -> Plan:
    status = {4: "infeasible", 6: "limit", 1: "error"}[code]
    header = {"exit_code": code, "status": status, "conflict": list(conflict)}
    return Plan(header, {}, apply(load(TINY)))


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve"],
        ["no-such-command"],
        ["solve", TINY, "--no-such-option"],
        ["solve", "no/such/folder"],
        ["solve", TINY, "--gap", "-1"],
        ["solve", TINY, "--gap", "nan"],
        ["solve", TINY, "--threads", "0"],
        ["solve", TINY, "--set", "no_such_lever=1"],
        ["solve", TINY, "--set", "carry_over"],
        ["solve", TINY, "--scenario", "no_such_scenario"],
        ["solve", TINY, "--objective", "beauty"],
        ["solve", TINY, "--objective", "cost:cheap"],
        ["solve", TINY, "--objective", "cost:-1"],
        ["solve", TINY, "--objective", "cost:inf"],
        ["solve", TINY, "--objective", "cost"],
        ["solve", TINY, "--objective", "gap:5"],
        ["solve", TINY, "--time-limit", "inf"],
        ["solve", TINY, "--gap", "inf"],
        ["solve", TINY, "--cost-tolerance", "nan"],
        ["solve", TINY, "--work-limit", "inf"],
        ["solve", TINY, "--write-model", "model.txt"],
        ["solve", TINY, "--write-model", "no/such/folder/model.mps"],
        ["solve", TINY, "--solver", "abacus"],
        ["solve", TINY, "--start", "no/such/plan"],
        ["check", "no/such/folder"],
        ["audit", "no/such/folder"],
        ["report", "no/such/folder"],
        ["audit", TINY],
        ["report", TINY],
        ["new-round", TINY, "no/such/round"],
        ["solve", TINY, "--start", TINY],
        ["solve", TINY, "--out", "/dev/null/plan"],
    ],
    ids=lambda arguments: " ".join(map(str, arguments)).replace(str(ROOT), "."),
)
def test_wrong_usage_ends_with_2_and_one_line(arguments: list[object], tmp_path: Path) -> None:
    elsewhere = arguments[0] == "solve" and len(arguments) > 1 and "--out" not in arguments
    result = drive5(*arguments, *(["--out", tmp_path / "p"] if elsewhere else []))
    assert result.exit_code == 2
    assert fault(result).startswith("drive5: ")
    assert not (tmp_path / "p").exists()


def test_an_out_that_is_a_file_is_refused_before_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "solve", lambda *_, **__: pytest.fail("searched for a plan that can't be written"))
    (tmp_path / "p").write_text("a letter", encoding="utf-8")
    result = drive5("solve", TINY, "--out", tmp_path / "p")
    assert result.exit_code == 2
    assert "--out" in fault(result)
    assert (tmp_path / "p").read_text(encoding="utf-8") == "a letter"


def test_a_data_set_is_no_place_for_a_plan(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "set"))
    before = sorted(folder.iterdir())
    result = drive5("solve", folder, "--out", folder)
    assert result.exit_code == 2
    assert "that is a data set" in fault(result)
    assert sorted(folder.iterdir()) == before


def test_a_plan_folder_is_no_data_set_and_is_told_so_in_one_line(solved: tuple[Path, Result]) -> None:
    result = drive5("check", solved[0])
    assert result.exit_code == 3
    assert result.stdout.splitlines()[0].endswith("is the folder of a plan; name a data set, such as its dataset/")
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize("command", ["report", "new-round", "audit"])
def test_a_damaged_plan_is_bad_data(command: str, solved: tuple[Path, Result], tmp_path: Path) -> None:
    folder = copy_of(solved[0], tmp_path / "p")
    (folder / "plan.json").write_text("{", encoding="utf-8")
    result = drive5(command, folder, *([tmp_path / "round"] if command == "new-round" else []))
    assert result.exit_code == 3
    assert "plan.json" in result.output or str(folder) in result.output
    assert not (tmp_path / "round").exists()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Tiny with two faults: a cost that is no number and a programme in an area that does not exist."""
    folder = Path(shutil.copytree(TINY, tmp_path / "broken"))
    path = folder / "programmes.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines()
    names, cells = head.split(","), first.split(",")
    cells[names.index("unit_cost")], cells[names.index("area")] = "many", "nowhere"
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", encoding="utf-8")
    return folder


def test_bad_data_ends_with_3_says_everything_and_writes_nothing(broken: Path, tmp_path: Path) -> None:
    result = drive5("solve", broken, "--out", tmp_path / "p")
    assert result.exit_code == 3
    assert "many" in result.stderr
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "p").exists()


def test_check_ends_with_3_on_errors_and_0_without(broken: Path) -> None:
    wrong = drive5("check", broken)
    assert wrong.exit_code == 3
    assert "many" in wrong.stdout
    assert "nowhere" in wrong.stdout
    assert wrong.stdout.splitlines()[-1].startswith(f"{broken}: 2 errors")
    right = drive5("check", TINY)
    assert right.exit_code == 0
    assert "no errors" in right.stdout


@pytest.mark.parametrize(("code", "words"), [(4, "infeasible"), (6, "before a plan was found")])
def test_no_plan_has_its_code_says_why_and_leaves_the_plan_before(
    code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "plan.json").write_text("the one before", encoding="utf-8")
    monkeypatch.setattr(solving, "solve", lambda *_, **__: no_plan(code, "floors of AAA need 12 more in 2027"))
    result = drive5("solve", TINY, "--out", tmp_path / "p")
    assert result.exit_code == code
    assert "floors of AAA need 12 more in 2027" in result.stderr
    assert words in result.stderr
    assert (tmp_path / "p" / "plan.json").read_text(encoding="utf-8") == "the one before"


def test_a_search_stopped_by_hand_is_not_told_to_take_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    nothing = no_plan(6, "")
    stopped = replace(nothing, header=nothing.header | {"conflict": []}, log=("   0.41 s  no plan: cancelled",))
    monkeypatch.setattr(solving, "solve", lambda *_, **__: stopped)
    result = drive5("solve", TINY, "--out", tmp_path / "p")
    assert result.exit_code == 6
    assert "stopped before a plan was found" in result.stderr
    assert "time-limit" not in result.stderr


def test_a_limit_with_a_plan_ends_with_5_and_states_its_gap(
    solved: tuple[Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = cli_plan(solved[0])
    first, before = (plan.header["objective"][name] for name in ("first_value", "index_before"))
    objective = plan.header["objective"] | {"bound": first - 1.0, "gap": 1.0 / max(1.0, abs(first))}
    objective["closed"] = (before - first) / (before - first + 1.0)
    limited = replace(plan, header=plan.header | {"status": "limit", "exit_code": 5, "objective": objective})
    monkeypatch.setattr(solving, "solve", lambda *_, **__: limited)
    result = drive5("solve", TINY, "--out", tmp_path / "p")
    assert result.exit_code == 5, result.output
    assert f"gap {objective['gap']:.2%}" in result.stdout


def test_a_plan_that_fails_its_audit_is_a_defect_and_never_called_solved(
    solved: tuple[Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = cli_plan(solved[0])
    wrong = plan.tables["budgets"].assign(spent=lambda frame: frame["spent"] + 1.0)
    monkeypatch.setattr(solving, "solve", lambda *_, **__: replace(plan, tables={**plan.tables, "budgets": wrong}))
    result = drive5("solve", TINY, "--out", tmp_path / "p")
    assert result.exit_code == 1
    assert "fails its own audit" in result.stderr
    assert "Gap index" not in result.stdout


def cli_plan(folder: Path) -> Plan:
    from store.folder import read_plan

    return read_plan(folder)


def test_a_defect_ends_with_1_and_shows_its_traceback_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_solver(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(solving, "solve", broken_solver)
    result = drive5("solve", TINY, "--out", tmp_path / "p")
    assert result.exit_code == 1
    assert "ZeroDivisionError: a defect" in fault(result)
    told = drive5("solve", TINY, "--out", tmp_path / "p", "--debug")
    assert told.exit_code == 1
    assert "Traceback" in told.stderr
    assert "broken_solver" in told.stderr


# ---- audit and report ----------------------------------------------------------------------------------------------


def test_audit_ends_with_0_where_all_holds(solved: tuple[Path, Result]) -> None:
    result = drive5("audit", solved[0])
    assert result.exit_code == 0, result.output
    assert "every rule and figure holds" in result.stdout


def test_audit_ends_with_3_and_names_the_rule(solved: tuple[Path, Result], tmp_path: Path) -> None:
    folder = copy_of(solved[0], tmp_path / "p")
    path = folder / "tables" / "orders.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines()
    cells = first.split(",")
    cells[head.split(",").index("units")] = "9999"
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", encoding="utf-8")
    result = drive5("audit", folder)
    assert result.exit_code == 3
    assert "buying.max_units" in result.stdout


def test_report_writes_the_workbook_anew(solved: tuple[Path, Result], tmp_path: Path) -> None:
    folder = copy_of(solved[0], tmp_path / "p")
    (folder / "plan.xlsx").unlink()
    result = drive5("report", folder, "--format", "xlsx")
    assert result.exit_code == 0, result.output
    assert (folder / "plan.xlsx").stat().st_size > 10_000


def test_report_refuses_a_format_that_is_not_there(solved: tuple[Path, Result]) -> None:
    result = drive5("report", solved[0], "--format", "xlsx,scroll")
    assert result.exit_code == 2
    assert "scroll" in fault(result)


# ---- help ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_a_worked_example_that_is_right(command: str) -> None:
    result = drive5(command, "--help")
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert f"Example: drive5 {command} " in text


def test_the_help_of_solve_lists_every_lever_and_what_its_suffix_may_be() -> None:
    text = " ".join(drive5("solve", "--help").stdout.split())
    assert "core_share_2035(.X), resilience_share_2035(.X), core_year(.X), nation_out.X: X is a nation" in text
    assert "area_share_min.X, area_share_max.X, closure_min.X: X is an area, nation:area or group:area" in text
    assert all(f"{name.removesuffix('.*')}" in text for name in LEVERS)


def test_a_lever_of_one_nation_group_and_area_is_pulled_from_the_command_line(tmp_path: Path) -> None:
    pulled = {"core_share_2035.POL": 0.04, "joint_share_min.EU": 0.2, "closure_min.EU:lift": 0.3, "delay.radio": 1}
    sets = [part for name, value in pulled.items() for part in ("--set", f"{name}={value}")]
    result = drive5("solve", TINY, *sets, "--out", tmp_path / "plan")
    assert result.exit_code in (0, 5), result.output
    assert json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))["levers"] == pulled


def test_help_lists_the_commands_that_work_and_no_other() -> None:
    listed = drive5("--help").stdout.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert names == list(COMMANDS)
    assert drive5().stdout == drive5("--help").stdout


def test_version_is_said() -> None:
    assert drive5("--version").stdout.startswith("drive5 ")


# ---- progress and Ctrl-C -------------------------------------------------------------------------------------------


def test_progress_names_elapsed_incumbent_bound_and_gap() -> None:
    line = console.ProgressLine()
    line.update(solving.Progress(3.0, "prove", 31.25, 30.0, 0.04))
    assert "incumbent 31.250  bound 30.000  gap 4.00%  prove" in line.text()
    line.update(solving.Progress(3.0, "start", None, None, None, "rounding"))
    assert "incumbent -  bound -  gap -  rounding" in line.text()


def test_progress_waits_two_seconds_and_keeps_quiet_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(console.time, "monotonic", lambda: clock.now)
    loud, quiet = console.ProgressLine(), console.ProgressLine(quiet=True)
    for now, lines in [(101.0, 0), (102.5, 1), (103.0, 1), (113.0, 2)]:
        clock.now = now
        loud.tick()
        quiet.tick()
        told = capsys.readouterr().err.splitlines()
        lines_so_far = getattr(clock, "lines", 0) + len(told)
        clock.lines = lines_so_far
        assert lines_so_far == lines


def test_a_fault_of_the_work_reaches_the_caller() -> None:
    def work(_: threading.Event) -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        console.interruptible(work, console.ProgressLine(quiet=True))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal to send to another process like Ctrl-C")
def test_the_first_ctrl_c_asks_and_the_second_kills(tmp_path: Path) -> None:
    """One Python waits for the event and ends well; one does not care, and is killed by the second signal."""
    code = """
import sys, time
from reports.console import ProgressLine, interruptible
def work(cancel):
    print("ready", flush=True)
    cancel.wait(30)
    print("asked", flush=True)
    if sys.argv[1] == "deaf":
        time.sleep(30)
    return "whole"
print(interruptible(work, ProgressLine(quiet=True)), flush=True)
"""
    for mood, ended in [("good", 0), ("deaf", -signal.SIGINT)]:
        command = [sys.executable, "-c", code, mood]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "asked\n"
            assert "stopping" in process.stderr.readline()
            if mood == "deaf":
                process.send_signal(signal.SIGINT)
            out, err = process.stdout.read(), process.stderr.read()  # communicate would miss what readline has buffered
            assert process.wait(timeout=20) == ended, (out, err)
            assert ("whole" in out) == (mood == "good")


def test_a_search_that_ends_without_a_plan_names_what_its_best_try_does_not_keep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tiny, its limit reached at once: the best try lacks 12.5 million in France's core budget of 2029."""
    violated = (("budget.balance", ("FRA", 2029, "core"), 12.5),)
    monkeypatch.setattr(solving, "search", lambda *given, **named: Searched(violated))
    monkeypatch.setattr(solving.Engine, "mip", lambda *given, **named: Outcome(Termination.CLOCK))
    header = solving.solve(apply(load(TINY))).header
    assert (header["status"], header["exit_code"]) == ("limit", 6)
    line = "budget.balance (FRA, 2029, core) not kept by the best try: 12.5 million missing or too much"
    assert header["conflict"] == [line]
