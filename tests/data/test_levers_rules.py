"""Levers that set the value of a rule: for everybody by its name, for one scope by the scope's."""

import pathlib

import pytest

from data.dataset import Dataset, load
from data.levers import Case, apply
from tests.data.test_levers import column, pull
from tests.small_data import TABLES, edited, small_folder

HEAD = TABLES["rules"].splitlines()[0]


@pytest.fixture
def small(tmp_path: pathlib.Path) -> Dataset:
    return load(small_folder(tmp_path / "small"))


def with_rules(folder: pathlib.Path, *rows: str) -> Dataset:
    return load(small_folder(folder, rules="\n".join([HEAD, *rows]) + "\n"))


def of(case: Case, rule: str) -> list[list[object]]:
    rules = case.dataset.tables["rules"]
    return rules[rules["rule"] == rule][["scope", "value", "hardness", "penalty", "from_year"]].values.tolist()


def test_the_lever_of_a_rule_sets_every_row_for_all_and_no_other(tmp_path: pathlib.Path):
    """A hard floor and a soft wish for ALL both get the value; the row of the EU stays."""
    rows = ("ALL,0.1,hard,,", "ALL,0.5,soft,2,2028", "EU,0.2,soft,9,")
    dataset = with_rules(tmp_path, *(f"joint_share_min,{row}" for row in rows))
    assert of(pull(dataset, joint_share_min=0.3), "joint_share_min") == [
        ["ALL", 0.3, "hard", 0, 2027],
        ["ALL", 0.3, "soft", 2, 2028],
        ["EU", 0.2, "soft", 9, 2027],
    ]


def test_without_a_row_for_all_one_comes_in_as_the_first_row_of_the_rule_is(tmp_path: pathlib.Path):
    """Scopes by name, then from_year: DEU's row from 2028 on is the first."""
    dataset = with_rules(
        tmp_path, "spend_floor,EU,0.2,hard,,2027", "spend_floor,DEU,0.5,hard,,2029", "spend_floor,DEU,0.4,soft,7,2028"
    )  # fmt: skip
    assert of(pull(dataset, spend_floor=0.9), "spend_floor")[0] == ["ALL", 0.9, "soft", 7, 2028]


def test_without_any_row_a_hard_one_comes_in_from_the_first_year_on(small: Dataset):
    assert of(pull(small, spend_floor=0.5), "spend_floor") == [["ALL", 0.5, "hard", 0, 2027]]
    assert of(pull(small, order_value_max=1.5), "order_value_max") == [["ALL", 1.5, "hard", 0, 2027]]
    assert of(pull(small, risk_max=0.2), "risk_max") == [["ALL", 0.2, "hard", 0, 2027]]


def test_a_drop_of_output_without_any_row_is_a_soft_wish(small: Dataset):
    assert of(pull(small, output_drop_max=0.3), "output_drop_max") == [["ALL", 0.3, "soft", 1, 2027]]
    assert of(pull(small, output_drop_max__l1=0.3), "output_drop_max") == [["l1", 0.3, "soft", 1, 2027]]


@pytest.mark.parametrize(
    "lever",
    ["joint_share_min", "eu_content_min", "innovation_share_min", "spend_floor", "order_value_max"],
)
def test_a_scope_by_its_name_gets_a_row_of_its_own(small: Dataset, lever: str):
    like = ["soft", 10, 2028] if lever == "joint_share_min" else ["hard", 0, 2027]
    rows = of(apply(small, None, {f"{lever}.DEU": 0.4}), lever)
    assert ["DEU", 0.4, *like] in rows
    assert len(rows) == (2 if lever == "joint_share_min" else 1)


def test_a_scope_by_its_name_sets_the_row_that_is_there(small: Dataset):
    assert of(pull(small, joint_share_min__EU=0.7), "joint_share_min") == [["EU", 0.7, "soft", 10, 2028]]


def test_for_all_and_for_a_scope_at_once(small: Dataset):
    """Both new rows are like the rule's only row in the data, not like one another."""
    case = pull(small, joint_share_min=0.3, joint_share_min__DEU=0.6)
    assert of(case, "joint_share_min") == [
        ["ALL", 0.3, "soft", 10, 2028],
        ["DEU", 0.6, "soft", 10, 2028],
        ["EU", 0.1, "soft", 10, 2028],
    ]
    assert of(pull(small, spend_floor=0.3, spend_floor__ALL=0.6), "spend_floor") == [["ALL", 0.6, "hard", 0, 2027]]


@pytest.mark.parametrize("rule", ["area_share_min", "area_share_max"])
def test_a_share_of_an_area_is_hard_where_no_row_says_otherwise(tmp_path: pathlib.Path, rule: str):
    """Even beside a soft row of another scope."""
    dataset = with_rules(tmp_path, f"{rule},ammo,0.1,soft,3,2028")
    case = apply(dataset, None, {f"{rule}.EU:iamd": 0.4, f"{rule}.ammo": 0.2})
    assert of(case, rule) == [["EU:iamd", 0.4, "hard", 0, 2027], ["ammo", 0.2, "soft", 3, 2028]]


def test_a_closure_is_a_soft_wish_for_the_last_year_where_no_row_says_otherwise(small: Dataset):
    """EUROPE:iamd has a row (soft, 5, from 2029)."""
    case = apply(small, None, {"closure_min.iamd": 0.8, "closure_min.EUROPE:iamd": 0.6, "closure_min.DEU:c2": 1})
    assert of(case, "closure_min") == [
        ["DEU:c2", 1, "soft", 10, 2029],
        ["EUROPE:iamd", 0.6, "soft", 5, 2029],
        ["iamd", 0.8, "soft", 10, 2029],
    ]


def test_all_and_an_area_is_the_area(tmp_path: pathlib.Path):
    """In the data, in a lever, and where a scenario looks for it."""
    text = "late: {overrides: [{table: rules, where: {scope: 'ALL:iamd'}, column: penalty, set: 4}]}\n"
    rules = f"{HEAD}\nclosure_min,ALL:iamd,0.2,soft,1,\n"
    dataset = load(small_folder(tmp_path, rules=rules, scenarios_yaml=text))
    assert of(apply(dataset, "late", {"closure_min.ALL:iamd": 0.5}), "closure_min") == [["iamd", 0.5, "soft", 4, 2027]]


def test_a_row_that_stays_behind_binds_nobody_and_the_lever_adds_one_like_it(tmp_path: pathlib.Path):
    """The only row is POL's, soft; POL is out: the lever's row for ALL is soft as well, with the same penalty."""
    dataset = with_rules(tmp_path, "joint_share_min,POL,0.9,soft,2,")
    case = pull(dataset, nation_out__POL=1, joint_share_min=0.4)
    assert of(case, "joint_share_min") == [["ALL", 0.4, "soft", 2, 2027], ["POL", 0.9, "soft", 2, 2027]]


@pytest.mark.parametrize(("value", "strictness", "left"), [(4, 1, 3), (2, 3, 1), (1, 2, 1), (0, 1, 0), (0.5, 1, 0.5)])
def test_fleet_strictness_never_takes_the_last_type(tmp_path: pathlib.Path, value: float, strictness: int, left: float):
    rules = edited("rules", "fleet_limit,sam,2", f"fleet_limit,sam,{value}")
    case = pull(load(small_folder(tmp_path, rules=rules)), fleet_strictness=strictness)
    assert column(case, "rules", "value", rule="fleet_limit") == [left]
