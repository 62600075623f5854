"""The audit on a plan worked by hand: it agrees on every figure, within its tolerance and not beyond."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optimizer.audit
from optimizer.audit import audit
from optimizer.audit.capability import severity
from optimizer.audit.joint import tier_of
from optimizer.audit.ledger import Ledger, tolerance
from tests.audit_by_hand import AFTER, BEFORE, TABLES, write_plan


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write_plan(tmp_path / "plan")


def replace(plan: Path, table: str, old: str, new: str) -> None:
    path = plan / "tables" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def change(plan: Path, **values: object) -> None:
    header = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    (plan / "plan.json").write_text(json.dumps(header | values), encoding="utf-8")


def test_the_worked_plan_is_accepted(plan: Path) -> None:
    report = audit(plan)
    assert report.findings == ()
    assert report.ok
    assert report.not_checked == ()


def test_every_rule_that_the_plan_touches_is_counted(plan: Path) -> None:
    checked = audit(plan).checked
    assert checked["joint.one_frame"] == 3  # DEU and POL in f_sam, USA in f_old
    assert checked["industry.guaranteed_load"] == 1  # x_sam in 2028
    assert all(checked[f"table.{table}"] > 0 for table in TABLES if table != "shadow_prices")


def test_the_index_before_and_after_are_those_worked_by_hand(plan: Path) -> None:
    change(plan, gap_index_before=0.0, gap_index_after=0.0)
    found = [finding.required for finding in audit(plan).findings]
    assert found == pytest.approx([AFTER, BEFORE])


def test_a_finding_says_where_and_how_much(plan: Path) -> None:
    replace(
        plan,
        "budgets",
        "POL,2028,core,5000,200,20,180,20,9,0,160.3,0,48.7",
        "POL,2028,core,5000,200,20,180,20,9,0,160.3,0,58.7",
    )
    (finding,) = audit(plan).findings
    assert (finding.rule, finding.place) == ("budget.balance", "POL, 2028, core")
    assert (finding.required, finding.achieved) == (209.0, 219.0)
    assert str(finding) == ("budget.balance: POL, 2028, core: spent, carried out and unspent is 219 but should be 209.")


def test_printed_digits_are_forgiven_and_real_differences_are_not(plan: Path) -> None:
    # 304.5 may be off by 1e-6 of the largest term of its row, 360: by 0.00036.
    replace(
        plan,
        "budgets",
        "USA,2028,core,20000,400,40,360,0,0,0,55.5,0,304.5",
        "USA,2028,core,20000,400,40,360,0,0,0,55.5,0,304.5003",
    )
    assert audit(plan).ok
    replace(plan, "budgets", "304.5003", "304.5005")
    assert {finding.rule for finding in audit(plan).findings} == {"budget.balance"}


def test_rows_of_nothing_may_be_there_or_be_left_out(plan: Path) -> None:
    replace(plan, "deliveries", "DEU,hub,2027,2,2", "DEU,hub,2027,2,2\nDEU,pat,2027,0,0")
    replace(plan, "spending", "DEU,2027,core,fee", "DEU,2027,core,payment,sat,national,space,0\nDEU,2027,core,fee")
    replace(plan, "collective", "space,DEU,2028", "space,DEU,2027,0\nspace,DEU,2028")
    assert audit(plan).ok


def test_rule_rows_that_bind_nothing_may_be_there_or_be_left_out(plan: Path) -> None:
    # No sam is made in 2027: a surge of nothing binds nothing. USA has one type of the class, so its row stays.
    row = "surge_min,air,-,2027,2,0,ratio,0,soft,1,0\n"
    replace(plan, "rules", "surge_min,air,-,2028", row + "surge_min,air,-,2028")
    replace(plan, "rules", "variant_limit", "single_nation_max,space,POL,2029,0.9,0,share,0.9,hard,1,0\nvariant_limit")
    assert audit(plan).ok


def test_what_the_plan_says_is_not_modelled_is_listed_and_not_checked(plan: Path) -> None:
    replace(plan, "collective", "space,DEU,2028,1", "space,DEU,2028,9")
    (plan / "tables" / "shadow_prices.csv").unlink()
    change(plan, not_modelled=["collective", "shadow_prices"])
    report = audit(plan)
    assert report.ok
    assert report.not_checked == ("collective", "shadow_prices")
    assert "table.collective" not in report.checked


def test_the_data_set_can_be_given(plan: Path, tmp_path: Path) -> None:
    (plan / "dataset").rename(tmp_path / "elsewhere")
    assert audit(plan, tmp_path / "elsewhere").ok


def test_a_gap_of_the_first_pass_may_be_what_the_cost_pass_gave_up(plan: Path) -> None:
    # The cost pass may leave the first value by 0.1 %, so the first gap is smaller than the one of the plan's value.
    objective = json.loads((plan / "plan.json").read_text(encoding="utf-8"))["objective"]
    change(plan, objective=objective | {"gap": objective["gap"] - 0.0009})
    assert audit(plan).ok
    change(plan, objective=objective | {"gap": objective["gap"] - 0.0012})
    assert not audit(plan).ok


@pytest.mark.parametrize(
    ("total", "rank", "factor"),
    [(2.9, 0, 1.0), (3, 1, 0.95), (4.99, 1, 0.95), (5 * (1 - 9e-7), 2, 0.9), (5 * (1 - 2e-6), 1, 0.95), (90, 3, 0.8)],
)
def test_a_total_within_a_millionth_of_a_tier_is_in_it(total: float, rank: int, factor: float) -> None:
    assert tier_of([(3, 0.95), (5, 0.9), (8, 0.8)], total) == (rank, factor)


def test_severity_is_the_sum_of_its_bands() -> None:
    bands = ((0.0, 1.0), (0.2, 2.0), (0.5, 4.0))
    assert severity(bands, 0.1) == pytest.approx(0.1)
    assert severity(bands, 0.4) == pytest.approx(0.2 + 2 * 0.2)
    assert severity(bands, 1.0) == pytest.approx(0.2 + 2 * 0.3 + 4 * 0.5)


def test_the_tolerance_grows_with_the_largest_term_and_never_below_a_millionth() -> None:
    assert tolerance() == tolerance(0.5) == 1e-6
    assert tolerance(3, -2000) == pytest.approx(0.002)
    ledger = Ledger()
    assert ledger.at_most("rule", "here", "use", float("inf"), 1e9)
    assert not ledger.at_most("rule", "here", "use", 1.0, 1.00001)


def test_the_audit_shares_nothing_with_the_model() -> None:
    allowed = {"data.dataset", "data.levers"}
    for path in sorted(Path(optimizer.audit.__file__).parent.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 500
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                ours = name.split(".")[0] in ("data", "models", "optimizer", "reports", "cli", "ui")
                assert not ours or name in allowed or name.startswith("optimizer.audit"), f"{path.name}: {name}"
                assert name.split(".")[0] not in ("pyomo", "highspy", "scipy"), f"{path.name}: {name}"


CELLS = st.sampled_from(
    ["", "-", "0", "-1", "1e18", "1e400", "nan", "2028", "1900", "0.5", "DEU", "f_sam", "sam", "x,y", '"']
)


@pytest.fixture(scope="module")
def shared_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(tmp_path_factory.mktemp("cell") / "plan")


@settings(max_examples=40, deadline=None)
@given(table=st.sampled_from(sorted(TABLES)), cell=CELLS, seed=st.integers(0, 10**6))
def test_no_cell_makes_the_audit_crash(shared_plan: Path, table: str, cell: str, seed: int) -> None:
    lines = TABLES[table].splitlines()
    chance = random.Random(seed)
    row = chance.randrange(len(lines))
    cells = lines[row].split(",")
    cells[chance.randrange(len(cells))] = cell
    lines[row] = ",".join(cells)
    path = shared_plan / "tables" / f"{table}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = audit(shared_plan)
    path.write_text(TABLES[table] + "\n", encoding="utf-8")
    assert all(finding.rule and finding.place and finding.message for finding in report.findings)
