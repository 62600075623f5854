"""What changed from plan to plan, and why: data, levers, or the search alone; nothing claimed that is not proven."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from data.dictionary import plan_tables
from optimizer.plans.plan import Plan
from reports.chart_change import change_steps
from reports.charts import to_svg
from reports.compare import BOTH, CHURN, DATA, LEVERS, MODEL, WORDS, compare
from reports.compare_told import told, write_out
from reports.earlier import todays
from store.folder import read_plan
from tests.command import drive5

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "data" / "tiny"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny, free of its hard closure, solved four times: as it is, with a lever, with half the GDP, with both."""
    folder = tmp_path_factory.mktemp("compare")
    shutil.copytree(TINY, folder / "base")
    rules = (folder / "base" / "rules.csv").read_text().splitlines()
    kept = [line for line in rules if not line.startswith("closure_min")]
    (folder / "base" / "rules.csv").write_text("\n".join(kept) + "\n")
    shutil.copytree(folder / "base", folder / "data")
    economy = pd.read_csv(folder / "data" / "economy.csv", keep_default_na=False)
    economy["gdp"] = (economy["gdp"].astype(float) * 0.5).astype(str)
    economy.to_csv(folder / "data" / "economy.csv", index=False)
    for name, data, more in (
        ("last", folder / "base", []),
        ("lever", folder / "base", ["--set", "carry_over=0.1"]),
        ("new-data", folder / "data", []),
        ("both", folder / "data", ["--set", "growth_shift=-0.05"]),
    ):
        assert drive5("solve", data, "--quiet", "--out", folder / name, *more).exit_code in (0, 5), name
    return folder


def plan(place: Path, name: str) -> tuple[str, Plan]:
    return name, read_plan(place / name)


def test_the_cause_is_what_differs(place: Path) -> None:
    last = plan(place, "last")
    pairs = {"last": CHURN, "lever": LEVERS, "new-data": DATA, "both": BOTH}
    for name, cause in pairs.items():
        assert compare([last, plan(place, name)])[0].cause == cause


def test_three_plans_separate_data_from_levers(place: Path) -> None:
    steps = compare([plan(place, name) for name in ("last", "new-data", "both")])
    assert [step.cause for step in steps] == [DATA, LEVERS]


def test_money_is_split_exactly_between_data_and_levers(place: Path) -> None:
    """Half the GDP halves the money: the data take it; what growth_shift takes of the rest is the levers'."""
    inputs = compare([plan(place, "last"), plan(place, "both")])[0].inputs.set_index("input").loc["money available"]
    assert inputs["by_data"] == pytest.approx(-inputs["before"] / 2)
    assert inputs["by_levers"] < 0
    assert inputs["before"] + inputs["by_data"] + inputs["by_levers"] == pytest.approx(inputs["after"])
    assert inputs["before"] == pytest.approx(_available(place, "last"))


def _available(place: Path, name: str) -> float:
    return float(read_plan(place / name).tables["budgets"]["available"].sum())


def test_less_money_is_proven_to_leave_more_open(place: Path) -> None:
    found = compare([plan(place, "last"), plan(place, "new-data")])[0].measures.set_index("measure")
    row = found.loc["objective"]
    assert row["change"] > 0
    assert row["least"] > 0
    assert row["verdict"].startswith(f"{DATA}: at least +")


def with_proof(one: Plan, value: float, bound: float, **header: object) -> Plan:
    objective = one.header["objective"] | {"value": value, "first_value": value, "bound": bound}
    return Plan(one.header | {"objective": objective} | header, one.tables, one.case)


@pytest.mark.parametrize(
    ("bound", "verdict"),
    [(9.0, "within solver churn: smaller than the plans' proven gaps"), (10.9, "new levers: at least +0.9 of it")],
)
def test_a_change_within_the_proven_gaps_is_churn(place: Path, bound: float, verdict: str) -> None:
    """From 10 (bound 9.5) to 11: with bound 9 the true optimum may have stayed, with bound 10.9 it rose by 0.9."""
    base = plan(place, "last")[1]
    one, other = with_proof(base, 10.0, 9.5), with_proof(base, 11.0, bound, levers={"carry_over": 0.07})
    row = compare([("a", one), ("b", other)])[0].measures.iloc[0]
    assert (row["least"], row["most"]) == pytest.approx((bound - 10.0, 11.0 - 9.5))
    assert row["verdict"] == verdict


def test_a_measure_without_a_bound_claims_nothing(place: Path) -> None:
    found = compare([plan(place, "last"), plan(place, "new-data")])[0].measures.set_index("measure")
    moved = found[(found["change"].abs() > 1e-9) & found["least"].isna()]
    assert len(moved)
    assert set(moved["verdict"]) == {"no bound known for it"}


def test_the_same_plan_twice_changes_nothing(place: Path) -> None:
    step = compare([plan(place, "last"), plan(place, "last")])[0]
    assert set(step.measures["verdict"]) == {"no change"}
    assert step.churn == 0
    assert step.decisions.empty and step.data.empty and step.levers.empty and step.lines.empty


def test_changed_cells_are_named(place: Path) -> None:
    data = compare([plan(place, "last"), plan(place, "new-data")])[0].data
    assert set(data["table"]) == {"economy"}
    first = data.iloc[0]
    assert first["column"] == "gdp"
    assert float(first["after"]) == float(first["before"]) / 2
    assert "2027" in first["key"]


def test_levers_are_named_with_both_values(place: Path) -> None:
    levers = compare([plan(place, "last"), plan(place, "both")])[0].levers
    assert ("growth_shift", "default", "-0.05") in set(levers.itertuples(index=False, name=None))


def test_a_year_that_moved_is_told_as_a_year(place: Path) -> None:
    """Beside units, which are no whole numbers."""
    one = plan(place, "last")[1]
    orders = one.tables["orders"].assign(units=one.tables["orders"]["units"] / 2)
    frames = one.tables["frames"].assign(launch_year=one.tables["frames"]["launch_year"] + 1)
    step = compare([("a", one), ("b", Plan(one.header, {**one.tables, "orders": orders, "frames": frames}, one.case))])[
        0
    ]
    rows = [row for _, heads, rows in told([step]) if heads[:2] == ("kind", "item") for row in rows]
    moved = [row[2:] for row in rows if row[0] == "launch of joint buy"]
    assert moved == [(str(year), str(year + 1)) for year in one.tables["frames"].sort_values("frame")["launch_year"]]


def test_churn_is_the_rules_own_measure(place: Path) -> None:
    """Half of one order dropped: half its value over the value of all."""
    name, one = plan(place, "last")
    orders = one.tables["orders"].copy()
    orders.loc[0, "units"] = orders.loc[0, "units"] / 2
    other = Plan(one.header, {**one.tables, "orders": orders}, one.case)
    expected = one.tables["orders"]["value"].iloc[0] / 2 / one.tables["orders"]["value"].sum()
    assert compare([(name, one), ("b", other)])[0].churn == pytest.approx(expected)


def test_the_picture_names_cause_and_churn(place: Path) -> None:
    picture = change_steps(compare([plan(place, name) for name in ("last", "new-data", "both")]))
    assert "over 2 steps" in picture.title
    assert picture.data["change [points]"].sum() == pytest.approx(
        picture.data["after [points]"].iloc[-1] - picture.data["before [points]"].iloc[0]
    )
    assert to_svg(picture).startswith("<svg")
    same = change_steps(compare([plan(place, "last"), plan(place, "last")]))
    assert "The objective stays at" in same.title


def test_the_sheets_hold_it_all_and_bear_the_marking(place: Path, tmp_path: Path) -> None:
    steps = compare([plan(place, name) for name in ("last", "new-data", "both")])
    write_out(steps, [plan(place, "both")[1]], tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    kinds = ("measures", "inputs", "levers", "decisions", "lines by year", "data")
    assert book.sheetnames == ["overview", *(f"{number} {kind}" for number in (1, 2) for kind in kinds)]
    assert book["overview"]["C4"].value == "the data changed, the levers did not"
    assert all("INVENTED" in sheet.oddHeader.center.text for sheet in book.worksheets)
    assert all(len(str(cell.value)) < 20 for cell in book["1 inputs"]["D"] if isinstance(cell.value, float))
    assert [book["1 levers"]["A3"].value, book["1 levers"]["A4"].value] == ["lever", "nothing changed"]
    shares = [row for row in book["1 measures"].iter_rows(min_row=4) if str(row[1].value).startswith("share")]
    assert {row[2].number_format for row in shares} == {"0.00%"}


def test_the_command_tells_and_writes(place: Path, tmp_path: Path) -> None:
    result = drive5(
        "compare", place / "last", place / "new-data", "--out", tmp_path / "c.xlsx", "--out", tmp_path / "c.svg"
    )
    assert result.exit_code == 0
    assert "the data changed, the levers did not" in result.stdout
    assert "money available" in result.stdout
    assert (tmp_path / "c.svg").read_text().startswith("<svg")
    assert (tmp_path / "c.xlsx").stat().st_size > 5000


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["last"], "one plan can't be compared"),
        (["last", "nowhere"], "there is no such plan"),
        (["last", "data"], "no plan"),
    ],
)
def test_what_is_no_pair_of_plans_is_refused(place: Path, arguments: list[str], what: str) -> None:
    result = drive5("compare", *(place / name for name in arguments))
    assert result.exit_code == 2
    assert what in result.stderr


def test_an_unknown_kind_of_file_is_refused(place: Path) -> None:
    result = drive5("compare", place / "last", place / "last", "--out", "c.docx")
    assert result.exit_code == 2
    assert "end the name in .xlsx, .svg or .png" in result.stderr


def test_plans_of_two_editions_of_the_model_are_shown_side_by_side_and_no_cause_is_claimed(place: Path) -> None:
    """The older plan knows no settled state and no first_value: what it has is compared; why it moved is not said."""
    name, now = plan(place, "last")
    known = {key: now.header["objective"][key] for key in ("mode", "value", "bound", "gap", "cost", "cost_gap")}
    old = Plan(now.header | {"contract": 1, "objective": known | {"value": known["value"] + 1}}, now.tables, now.case)
    step = compare([("old", old), (name, now)])[0]
    assert step.cause == MODEL
    rows = step.measures.set_index("measure")
    assert rows.loc["objective", "change"] == pytest.approx(-1)
    assert rows.loc["objective", "verdict"] == MODEL
    assert "index, planning years and settled state" not in rows.index, "the older plan has none"
    assert next(heading for heading, _, _ in told([step])).endswith(WORDS[MODEL])
    assert f"{name}: {MODEL}" in to_svg(change_steps([step]))


def of_contract_1(folder: Path, target: Path) -> Path:
    """A plan folder as the first edition wrote it: no settled state, no years beyond, its own columns."""
    shutil.copytree(folder, target)
    tables = target / "tables"
    for name in ("settled", "beyond"):
        (tables / f"{name}.csv").unlink()
    paid = pd.read_csv(tables / "contributions.csv")
    started = set(pd.read_csv(tables / "expansions.csv")["expansion"])
    paid[paid["item"].isin(started)].rename(columns={"item": "expansion"}).to_csv(
        tables / "contributions.csv", index=False
    )
    pd.read_csv(tables / "loans.csv").drop(columns="kind").to_csv(tables / "loans.csv", index=False)
    pd.read_csv(tables / "rules.csv").drop(columns="from_year").to_csv(tables / "rules.csv", index=False)
    header = json.loads((target / "plan.json").read_text())
    for name in ("settled_before", "settled_after", "run", "written", "termination"):
        header.pop(name, None)
    for name in ("first_value", "index", "index_before", "closed"):
        header["objective"].pop(name, None)
    (target / "plan.json").write_text(json.dumps(header | {"contract": 1}))
    return target


def test_a_plan_folder_of_contract_1_is_still_told_and_compared(place: Path, tmp_path: Path) -> None:
    old = of_contract_1(place / "last", tmp_path / "old")
    found = todays(read_plan(old)).tables
    now = read_plan(place / "last").tables
    assert set(found) == set(plan_tables())
    assert all(list(found[name].columns) == table.names for name, table in plan_tables().items())
    paid, same = (
        frame.groupby("item")["amount"].sum().to_dict() for frame in (found["contributions"], now["contributions"])
    )
    assert paid == pytest.approx(same), "of innovation lines the sponsors' spending tells"
    assert set(found["loans"]["kind"]) <= {"loan"} and set(found["rules"]["from_year"]) == {2027}
    result = drive5("compare", old, place / "last")
    assert result.exit_code == 0
    assert WORDS[MODEL] in result.stdout
    assert drive5("report", old, "--format", "xlsx,html").exit_code == 0
    sheet = openpyxl.load_workbook(old / "plan.xlsx")["Summary"]
    assert "nothing arrives after 2030" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_the_interval_of_the_optimum_ends_at_what_the_first_pass_reached(place: Path) -> None:
    """The cost pass may give up 0.1 %: 10.01 in the plan, 10 reached, bound 9.5: the optimum lies in 9.5 .. 10."""
    base = plan(place, "last")[1]
    reached = {"value": 10.01, "first_value": 10.0, "bound": 9.5}
    one = Plan(base.header | {"objective": base.header["objective"] | reached}, base.tables, base.case)
    row = compare([("a", one), ("b", one)])[0].measures.iloc[0]
    assert (row["least"], row["most"]) == pytest.approx((-0.5, 0.5))


def test_intervals_need_bounds(place: Path) -> None:
    base = plan(place, "last")[1]
    objective = {name: value for name, value in base.header["objective"].items() if name != "bound"}
    bare = Plan(base.header | {"objective": objective}, base.tables, base.case)
    assert math.isnan(compare([("a", bare), ("b", base)])[0].measures.iloc[0]["least"])
