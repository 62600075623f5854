"""The audit on a plan worked by hand: it agrees on every figure, within its tolerance and not beyond."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audit as audit_room
from audit import audit
from audit.capability import severity
from audit.joint import tier_of
from audit.ledger import Ledger, allowed
from tests import audit_beyond_by_hand, audit_by_hand
from tests.audit_by_hand import AFTER, BEFORE, TABLES, VALUE, write_plan


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
    nothing = {"shadow_prices", "settled", "beyond"}  # no year beyond the horizon
    assert all(checked[f"table.{table}"] > 0 for table in TABLES.keys() - nothing)


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


def test_rule_rows_with_slack_may_be_left_out_but_one_of_each_rule_and_scope_stands(plan: Path) -> None:
    first, second = (
        "closure_min,DEU:rail,2028,-,2028,0.5,0.55,share,0.05,hard,1,0\n",
        "closure_min,DEU:rail,2028,-,2029",
    )
    replace(plan, "rules", first, "")
    replace(plan, "rules", "fleet_limit,sam,2027,POL,2029,1,1,count,0,hard,1,0\n", "")
    assert audit(plan).ok
    replace(plan, "rules", f"{second},0.5,0.55,share,0.05,hard,1,0\n", "")
    (finding,) = audit(plan).findings
    assert (finding.rule, finding.place) == ("policy.closure_min", "closure_min, DEU:rail")


def test_a_broken_soft_row_is_never_left_out(plan: Path) -> None:
    replace(
        plan, "rules", "surge_min,air,2027,-,2028,2,1.666666666667,ratio,-0.333333333333,soft,0,0.0333333333333\n", ""
    )
    (finding,) = audit(plan).findings
    assert (finding.rule, finding.place) == ("policy.surge_min", "surge_min, air, 2028")


def test_a_rule_row_with_nothing_in_its_denominator_is_left_out(plan: Path) -> None:
    # No sam is made in 2027: a surge of nothing binds nothing.
    row = "surge_min,air,2027,-,2027,2,0,ratio,0,soft,1,0\n"
    replace(plan, "rules", "surge_min,air,2027,-,2028", row + "surge_min,air,2027,-,2028")
    assert [finding.rule for finding in audit(plan).findings] == ["table.rules"]


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


def test_the_gap_is_that_of_the_first_pass_and_the_second_may_leave_its_value_by_a_thousandth(plan: Path) -> None:
    objective = json.loads((plan / "plan.json").read_text(encoding="utf-8"))["objective"]

    def reached(first: float) -> dict[str, object]:
        closed = (BEFORE - first) / (BEFORE - 30.8)
        return objective | {"first_value": first, "gap": (first - 30.8) / first, "closed": closed}

    change(plan, objective=reached(VALUE / 1.0009))
    assert audit(plan).ok
    change(plan, objective=reached(VALUE / 1.0011))
    (finding,) = audit(plan).findings
    assert finding.message.startswith("value, held by the first pass, is")
    change(plan, objective=reached(VALUE / 1.0009) | {"gap": objective["gap"]})
    assert [finding.message[:6] for finding in audit(plan).findings] == ["gap is"]


def test_a_plan_of_an_earlier_contract_is_refused_in_a_sentence(plan: Path) -> None:
    change(plan, contract=1)
    (finding,) = audit(plan).findings
    assert str(finding).startswith(
        "plan.json: contract: The plan is of contract 1; only plans of contract 2 are audited"
    )


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


def test_the_tolerance_is_relative_to_the_rows_own_terms_and_to_the_largest_of_its_rule() -> None:
    assert allowed(2000.0) == pytest.approx(0.002)
    assert allowed(0.001) == pytest.approx(1e-9)  # no floor of 1: an area in tonnes is no other than one in grams
    assert allowed(1e-20) == pytest.approx(1e-15)
    ledger = Ledger()
    ledger.at_most("unlimited", "here", "use", float("inf"), 1e9)
    ledger.at_most("rule", "small", "use", 0.0, 9e-7)
    ledger.at_most("rule", "smaller", "use", 0.0, 1.1e-6)
    ledger.at_most("rule", "large", "use", 1000.0, 900.0)
    ledger.at_most("other", "alone", "use", 0.0, 9e-7)  # the large row is one of another rule
    assert [finding.place for finding in ledger.report().findings] == ["alone", "smaller"]


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_no_unit_of_a_figure_is_special(factor: float) -> None:
    """The same row in other units is judged alike: a millionth of its largest term off is right, two are wrong."""
    for off, wrong in ((0.9e-6, False), (2e-6, True)):
        ledger = Ledger()
        ledger.equal("rule", "here", "effect", 5.0 * factor, 5.0 * factor * (1.0 + off))
        assert bool(ledger.report().findings) is wrong


def test_the_audit_shares_nothing_with_the_model() -> None:
    allowed = {"data.dataset", "data.levers"}
    for path in sorted(Path(audit_room.__file__).parent.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 500
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                ours = name.split(".")[0] in ("data", "models", "optimizer", "reports", "cli", "ui", "store")
                assert not ours or name in allowed or name.startswith("audit"), f"{path.name}: {name}"
                assert name.split(".")[0] not in ("pyomo", "highspy", "scipy"), f"{path.name}: {name}"


CELLS = st.sampled_from(
    [
        "",
        "-",
        "0",
        "-1",
        "1e18",
        "1e400",
        "nan",
        "2028",
        "2030",
        "1900",
        "0.5",
        "DEU",
        "f_sam",
        "sam",
        "missile",
        "v_key",
        "x,y",
        '"',
    ]
)


PLANS = {"by_hand": audit_by_hand.BY_HAND, "beyond": audit_beyond_by_hand.BEYOND}


@pytest.fixture(scope="module")
def shared_plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: plan.write(tmp_path_factory.mktemp("cell") / name) for name, plan in PLANS.items()}


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(PLANS)), table=st.sampled_from(sorted(TABLES)), cell=CELLS, seed=st.integers(0, 10**6)
)
def test_no_cell_makes_the_audit_crash(
    shared_plans: dict[str, Path], name: str, table: str, cell: str, seed: int
) -> None:
    text = PLANS[name].tables[table]
    lines = text.splitlines()
    chance = random.Random(seed)
    row = chance.randrange(len(lines))
    cells = lines[row].split(",")
    cells[chance.randrange(len(cells))] = cell
    lines[row] = ",".join(cells)
    path = shared_plans[name] / "tables" / f"{table}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = audit(shared_plans[name])
    path.write_text(text + "\n", encoding="utf-8")
    assert all(finding.rule and finding.place and finding.message for finding in report.findings)
