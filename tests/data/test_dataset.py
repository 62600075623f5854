"""Reading and writing a data set: types, defaults, and the hash that says two data sets are the same."""

import math
import pathlib
import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.dataset import DataError, Dataset, load, parse_bands, split_names, write
from data.dictionary import data_tables
from data.typed import SMALLEST
from tests.small_data import TABLES, edited, small_folder, with_row


@pytest.fixture
def small(tmp_path: pathlib.Path) -> Dataset:
    return load(small_folder(tmp_path / "small"))


def row(dataset: Dataset, table: str, **where: object) -> "pd.Series[object]":
    """The only row in which `where` holds."""
    frame = dataset.tables[table]
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_every_table_is_there_with_its_columns_and_types(small: Dataset):
    assert list(small.tables) == list(data_tables())
    for name, table in data_tables().items():
        frame = small.tables[name]
        assert list(frame.columns) == table.names
        assert frame.index.equals(pd.RangeIndex(len(frame)))
        for column in table.columns:
            kind = "int64" if column.whole else "float64" if column.numeric else "object"
            assert frame[column.name].dtype == kind, f"{name}.{column.name}"


def test_empty_cells_have_their_meaning(small: Dataset):
    sam = row(small, "programmes", programme="sam")
    # The horizon is 2027 to 2029, and a battery never wears out.
    assert (sam["first_order_year"], sam["last_order_year"], sam["service_years"]) == (2027, 2029, 9999)
    assert row(small, "customers", nation="USA", programme="sam")["max_units"] == math.inf
    assert row(small, "lines", line="l2")["ramp"] == math.inf
    assert row(small, "line_programmes", line="l2")["capacity_use"] == 1
    assert row(small, "nations", nation="USA")["signing_cycle"] == 1
    assert row(small, "frames", frame="f1")["launched"] == 0
    assert row(small, "areas", area="c2")["threat_year"] == 0
    assert row(small, "innovation", innovation="v1")["first_year"] == 2027
    assert row(small, "rules", rule="fleet_limit")["from_year"] == 2027
    assert set(small.tables["economy"]["deflator"]) == {1.0}


def test_no_fast_mode_is_minus_one_and_an_empty_scope_is_ALL(tmp_path: pathlib.Path):
    folder = small_folder(
        tmp_path,
        innovation=edited("innovation", ",2,1,1,1.3,", ",2,1,,,"),
        incompatible=edited("incompatible", "NORTH_AMERICA", ""),
    )
    dataset = load(folder)
    assert row(dataset, "innovation", innovation="v1")["fast_years"] == -1
    assert row(dataset, "innovation", innovation="v1")["fast_cost_factor"] == 1
    assert list(dataset.tables["incompatible"]["scope"]) == ["ALL"]


def test_an_optional_table_or_column_may_be_absent(tmp_path: pathlib.Path):
    text = "area,pillar,weight\niamd,core,3\nammo,core,2\nc2,core,1\n"
    dataset = load(small_folder(tmp_path, areas=text, loans=None, sources=None, frames=edited("frames", "safe", "")))
    assert dataset.tables["loans"].empty
    assert list(dataset.tables["areas"]["integration_tax"]) == [0.0, 0.0, 0.0]


def test_flags_are_on_off_true_false_1_0(tmp_path: pathlib.Path):
    text = "nation,eu\nDEU,on\nPOL,TRUE\nUSA,off\n"
    dataset = load(small_folder(tmp_path, nations=text, incompatible=None, rules=None))
    assert list(dataset.tables["nations"]["eu"]) == [1, 1, 0]


def test_a_byte_order_mark_and_blanks_do_no_harm(tmp_path: pathlib.Path, small: Dataset):
    folder = small_folder(tmp_path / "bom", nations="\ufeff" + TABLES["nations"].replace("DEU,", " DEU ,"))
    assert load(folder).sha256 == small.sha256


def test_the_order_of_rows_and_columns_and_the_spelling_of_numbers_do_not_matter(
    tmp_path: pathlib.Path, small: Dataset
):
    header, *rows = TABLES["economy"].splitlines()
    turned = "\n".join(",".join(reversed(line.split(","))) for line in [header, *reversed(rows)])
    spelled = TABLES["effects"].replace("sam,iamd,1", "sam,iamd,1.00e0")
    folder = small_folder(tmp_path / "turned", economy=turned, effects=spelled)
    assert load(folder).sha256 == small.sha256


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("programmes", "battery,5,", "battery,5.0000001,"),
        ("rules", "soft,10", "hard,10"),
        ("frame_members", "f1,POL,c", None),
    ],
)
def test_any_change_of_a_table_changes_the_hash(
    tmp_path: pathlib.Path, small: Dataset, table: str, old: str, new: str | None
):
    text = edited(table, old, new) if new else edited(table, "f1,POL,committed\n", "")
    assert load(small_folder(tmp_path / "changed", **{table: text})).sha256 != small.sha256


def test_written_out_defaults_are_the_same_data(tmp_path: pathlib.Path, small: Dataset):
    text = edited("programmes", ",1,1,,,,0.1,", ",1,1,,2027,2029,0.1,")
    assert load(small_folder(tmp_path / "out", programmes=text)).sha256 == small.sha256


def test_what_is_written_reads_back_the_same(tmp_path: pathlib.Path, small: Dataset):
    write(small, tmp_path / "copy")
    again = load(tmp_path / "copy")
    for name, frame in small.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)
    assert again.settings == small.settings
    assert again.scenarios == small.scenarios
    assert again.sha256 == small.sha256


def test_writing_over_a_folder_leaves_no_old_row(tmp_path: pathlib.Path):
    """A table that has no rows any more must not keep those of the file that was there."""
    folder = small_folder(tmp_path / "here")
    without = load(small_folder(tmp_path / "other", prior_plan=None))
    write(without, folder)
    assert load(folder).tables["prior_plan"].empty


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12)
amounts = st.floats(0, 1e12, allow_nan=False).filter(lambda amount: amount == 0 or amount >= SMALLEST)
growths = st.floats(-1, 5).filter(lambda growth: growth == 0 or abs(growth) >= SMALLEST)


@hypothesis_settings(deadline=None, max_examples=15)
@given(name=names, cost=amounts, growth=growths, units=amounts)
def test_any_text_and_number_survives_writing(
    tmp_path_factory: pytest.TempPathFactory, name: str, cost: float, growth: float, units: float
):
    folder = tmp_path_factory.mktemp("any")
    dataset = load(small_folder(folder / "in"))
    programmes = dataset.tables["programmes"].assign(unit_cost=cost, cost_growth=growth)
    programmes["name"] = pd.Series([name, name], dtype="object")
    customers = dataset.tables["customers"].assign(units_operated=units)
    tables = {**dataset.tables, "programmes": programmes, "customers": customers}
    changed = Dataset(dataset.settings, tables, dataset.scenarios)
    write(changed, folder / "out")
    again = load(folder / "out")
    assert again.tables["programmes"].equals(programmes)
    assert again.tables["customers"].equals(customers)


def test_bad_data_raise_with_every_error(tmp_path: pathlib.Path):
    folder = small_folder(
        tmp_path,
        economy=edited("economy", "4000", "much"),
        effects=with_row("effects", "tank,iamd,1"),
    )
    with pytest.raises(DataError) as problem:
        load(folder)
    assert {finding.table for finding in problem.value.findings} == {"economy", "effects"}
    assert "2 errors" in str(problem.value)


def test_twenty_thousand_rows_load_in_no_time(tmp_path: pathlib.Path):
    rows = "".join(f"programmes,sam{i},unit_cost,price list {i},2026,published,\n" for i in range(20_000))
    folder = small_folder(tmp_path, sources=TABLES["sources"] + rows)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        load(folder)
        best = min(best, time.perf_counter() - start)
    # Half a second on a quiet machine; the room above it is for a busy one.
    assert best < 1.5


def test_severity_bands():
    assert [(band.above, band.slope) for band in parse_bands("0:1|0.5:3")] == [(0, 1), (0.5, 3)]


@pytest.mark.parametrize("text", ["0.1:1", "0:3|0.5:1", "0:1|0.5:2|0.5:3", "0:x", "0", "0:0", "0:-1", "0:nan", ""])
def test_bands_that_are_none(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        parse_bands(text)


def test_names_are_separated_by_semicolons():
    assert split_names("DEU; FRA ;;") == ("DEU", "FRA")
