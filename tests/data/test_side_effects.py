"""What levers also do is said: guarantees, least orders, windows and hosts, each worked by hand on the small set."""

import json
import pathlib

import pytest

from data.dataset import Dataset, load
from data.levers import LEVERS, apply
from data.side_effects import Effect, findings, raised_guarantees, side_effects
from tests.command import drive5
from tests.data.test_levers import pull
from tests.small_data import TABLES, edited, small_folder

ROOT = pathlib.Path(__file__).parents[2]
TINY = ROOT / "data" / "tiny"


@pytest.fixture
def small(tmp_path: pathlib.Path) -> Dataset:
    return load(small_folder(tmp_path / "small"))


def only(dataset: Dataset, **levers: object) -> Effect:
    """The one side effect of these levers."""
    (found,) = side_effects(pull(dataset, **levers))
    return found


def test_a_guarantee_grows_with_capacity_and_the_sentence_says_why_the_expansion_goes(small: Dataset):
    """Half of 8 + 2 is 5 a year; half of 2 * 8 + 2 is 9, and the shift still adds 2."""
    told = only(small, capacity_factor=2)
    assert told.lever == "capacity_factor" and told.items == ("x1",)
    assert "x1 must be filled with 9 in place of 5 a year, and still adds 2;" in told.text
    assert "may not be worth building any more" in told.text
    assert raised_guarantees(pull(small, capacity_factor=2)) == {"x1": (5.0, 9.0)}


@pytest.mark.parametrize(
    "levers",
    [{}, {"capacity_factor": 0.5}, {"carry_over": 0.2}, {"us_backfill": 0.5}, {"price_growth_shift": -0.01}],
)
def test_levers_without_side_effects_say_nothing(small: Dataset, levers: dict[str, object]):
    assert side_effects(pull(small, **levers)) == []


def test_a_new_site_on_a_line_of_its_own_has_a_guarantee_that_does_not_grow(tmp_path: pathlib.Path):
    """Capacity 0 times 2 is 0: half of what it adds itself, as before."""
    text = TABLES["line_capacity"].replace("l1,2027,8", "l1,2027,0").replace("l1,2028,8", "l1,2028,0")
    dataset = load(small_folder(tmp_path, line_capacity=text.replace("l1,2029,8", "l1,2029,0")))
    assert side_effects(pull(dataset, capacity_factor=2)) == []


def test_without_a_guarantee_nothing_is_said(tmp_path: pathlib.Path):
    dataset = load(small_folder(tmp_path, expansions=edited("expansions", "0.4,0.5,1", "0.4,0,1")))
    assert side_effects(pull(dataset, capacity_factor=2)) == []


def test_the_least_order_of_a_joint_buy_that_lines_can_no_longer_make(tmp_path: pathlib.Path):
    """8 a year in three years are 24 and the shift's 4: a least order of 12 is made with 8, not with 0.8 a year."""
    dataset = load(small_folder(tmp_path, frames=edited("frames", "2027,2028,2,4", "2027,2028,2,12")))
    told = only(dataset, capacity_factor=0.1)
    assert told.items == ("f1",) and "f1 owes 12 units; they can't launch" in told.text


def test_dearer_prices_make_least_orders_dearer_and_no_fee(small: Dataset):
    """4 units at 5 * 1.01 ** 2 of 2028 are 20.4 million; at 5 * 1.06 ** 2 they are 22.5."""
    told = only(small, price_growth_shift=0.05)
    assert told.lever == "price_growth_shift" and told.items == ("f1",)
    assert "f1 owes 22 in place of 20 million of 2028; fees, money do not grow along" in told.text


def test_a_ceiling_on_orders_stays_in_money_too(tmp_path: pathlib.Path):
    dataset = load(small_folder(tmp_path, rules=TABLES["rules"] + "order_value_max,ALL,2,hard,,\n"))
    assert "fees, money and ceilings on orders do not grow along" in only(dataset, price_growth_shift=0.05).text


def test_a_delay_shuts_windows(small: Dataset):
    """Batteries take a year: ordered in 2028 at the latest. Two years later nothing arrives by 2029."""
    told = only(small, delay__f1=1)
    assert told.text == "also shuts windows: f1 can launch only in 2028 (without it in 2027-2028)"
    told = only(small, delay__sam=2)
    assert "no order of sam can arrive any more; f1 can't launch any more" in told.text
    assert set(told.items) == {"sam", "f1"}


def test_a_delay_takes_work_away_from_a_guarantee(tmp_path: pathlib.Path):
    """Without the pipeline batteries are made from 2028 on; a site that opens in 2028 or 2029 finds work, one of 2027
    would not: built in no year, the shift opens in the year of its start."""
    dataset = load(
        small_folder(tmp_path, pipeline=None, expansions=edited("expansions", "1,0.1,1,,,DEU", "1,0.1,0,,,DEU"))
    )
    told = [one for one in side_effects(pull(dataset, delay__sam=1)) if one.items == ("x1",)]
    assert [one.text for one in told] == [
        "also moves work away from a guarantee: x1 can open only in 2028-2029 (without it in 2027-2029)"
    ]
    told = [one for one in side_effects(pull(dataset, delay__sam=2)) if one.items == ("x1",)]
    assert "x1 can never be filled, and can't be built" in told[0].text


def test_a_host_that_leaves_takes_its_expansion_along(small: Dataset):
    told = only(small, nation_out__DEU=True)
    assert told.lever == "nation_out.DEU" and told.items == ("x1", "f1")
    assert "x1 can't start, since its host DEU must pay 40%" in told.text
    assert "f1 can't reach its 2 members" in told.text


def test_members_that_may_sign_in_any_year_are_not_missed(tmp_path: pathlib.Path):
    """POL signs in odd years, USA in even ones: without DEU they meet in no year, unless cycles are in step."""
    nations = edited("nations", "USA,United States,0,NORTH_AMERICA,,", "USA,United States,0,NORTH_AMERICA,2,2028")
    members = "frame,nation,status\nf1,DEU,candidate\nf1,POL,candidate\nf1,USA,candidate\n"
    expansions = edited("expansions", "DEU,0.4", "DEU,0")
    dataset = load(small_folder(tmp_path, nations=nations, frame_members=members, expansions=expansions))
    assert only(dataset, nation_out__DEU=True).items == ("f1",)
    assert side_effects(pull(dataset, nation_out__DEU=True, synchronised_cycles=True)) == []


def test_every_lever_at_its_ends_is_told_or_passed_over(small: Dataset):
    """No lever of the table makes the telling fail, for whomever it is pulled."""
    values = {"flag": (True, False), "choice": ("front",), "share": (0, 1), "number": (0, 2), "integer": (0, 1)}
    ids = {"nations": "DEU", "areas": "iamd", "item": "x1", "delayed": "sam"}
    scopes = {"output_drop_max": "l1", "area_share_min": "DEU:iamd", "area_share_max": "iamd", "closure_min": "EU:iamd"}
    for lever in LEVERS.values():
        item = scopes.get(lever.stem, "EU") if lever.of == "scope" else ids.get(lever.of, "")
        for value in (2028,) if lever.stem == "core_year" else values[lever.kind]:
            given = min(max(value, lever.minimum), lever.maximum) if lever.kind in ("number", "share") else value
            found = side_effects(apply(small, None, {f"{lever.stem}.{item}" if item else lever.stem: given}))
            assert all(one.text.startswith("also ") and one.remedy for one in found)


def test_a_host_without_a_share_is_not_missed(tmp_path: pathlib.Path):
    """The line works on and others pay."""
    dataset = load(small_folder(tmp_path, expansions=edited("expansions", "DEU,0.4", "DEU,0")))
    assert only(dataset, nation_out__DEU=True).items == ("f1",)


def test_customers_that_leave_leave_a_guarantee_unfilled(tmp_path: pathlib.Path):
    """POL and USA want 4 and 3, the guarantee is 5 a year: USA's 3 and the pipeline's 1 don't fill it alone."""
    customers = TABLES["customers"].replace("USA,sam,,", "USA,sam,3,").replace("DEU,sam,10,2", "DEU,sam,0,2")
    dataset = load(
        small_folder(tmp_path, customers=customers, frame_members=edited("frame_members", "f1,DEU", "f1,USA"))
    )
    told = only(dataset, nation_out__POL=True)
    assert "x1 can't be filled to its guarantee by the customers that stay" in told.text


def test_an_innovation_line_without_a_sponsor_is_named(small: Dataset):
    told = only(small, nation_out__DEU=True, nation_out__POL=True)
    assert "v1" in told.items and told.text.startswith("also takes away what hangs on them: ")


def test_things_are_called_by_their_names_where_there_are_names(small: Dataset):
    (told,) = side_effects(pull(small, capacity_factor=2), {"x1": "Second shift"})
    assert "Second shift must be filled" in told.text


def test_many_things_are_counted_and_three_are_named():
    (told,) = side_effects(apply(load(ROOT / "data" / "alliance"), None, {"capacity_factor": 2}))
    assert len(told.items) > 20 and f"and {len(told.items) - 3} more" in told.text


def test_the_command_warns_and_keeps_the_warning_in_the_plan(tmp_path: pathlib.Path):
    result = drive5("solve", TINY, "--set", "capacity_factor=2", "--out", tmp_path / "plan")
    line = next(line for line in result.stderr.splitlines() if line.startswith("warning: levers, capacity_factor '2'"))
    assert "sam_shift must be filled with 3.2 in place of 2 a year, and still adds 1" in line
    assert line in json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))["warnings"]


def test_check_warns_of_the_levers_of_the_data_set_and_of_its_scenarios(tmp_path: pathlib.Path):
    text = "more: {levers: {capacity_factor: 2}}\nless: {levers: {carry_over: 0}}\n"
    folder = small_folder(tmp_path / "small", scenarios_yaml=text)
    result = drive5("check", folder)
    assert result.exit_code == 0
    told = [line for line in result.stdout.splitlines() if "capacity_factor" in line]
    assert len(told) == 1 and told[0].startswith("warning: scenario more, capacity_factor '2': also raises")
    own = (folder / "dataset.yaml").read_text(encoding="utf-8").replace("carry_over: 0.1", "capacity_factor: 2")
    (folder / "dataset.yaml").write_text(own, encoding="utf-8")
    assert "warning: levers, capacity_factor '2': also raises" in drive5("check", folder).stdout
    assert len(findings(apply(load(folder)))) == 1
