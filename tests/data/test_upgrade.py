"""convert --upgrade: data of edition 1 in today's columns, with a list of what was added; nothing changes meaning."""

import csv
import pathlib

import pytest

from data import checks
from data.dataset import load
from data.dictionary import data_tables
from data.exchange import exchange
from data.raw import read_folder
from tests.command import drive5
from tests.small_data import DATASET_YAML, small_folder

OLD = DATASET_YAML.replace("contribution_max: 0.1\nsponsor_max: 2\n", "") + "# a remark that stays\n"
# What MODEL.md section 2 has beyond edition 1.
NEW = {
    "nations, cost_share", "programmes, needs_host", "frames, member_min_share", "frame_members, units_before",
    "loans, kind", "loans, share", "pipeline, built", "pins", "dataset.yaml, beyond", "dataset.yaml, contribution_max",
    "dataset.yaml, sponsor_max",
}  # fmt: skip


def old_set(folder: pathlib.Path) -> pathlib.Path:
    return small_folder(folder, dataset_yaml=OLD)


def headers(folder: pathlib.Path) -> dict[str, list[str]]:
    found = {}
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            found[file.stem] = next(csv.reader(text))
    return found


def test_what_edition_1_lacks_is_added_and_told(tmp_path: pathlib.Path):
    done = exchange(old_set(tmp_path / "old"), tmp_path / "new", upgrade=True)
    told = {f"{one.table}, {one.column}".removesuffix(", ") for one in done.added}
    assert told >= NEW
    assert all(one.meaning and "\n" not in str(one) for one in done.added)
    for name, head in headers(tmp_path / "new").items():
        assert head == data_tables()[name].names, name
    assert (tmp_path / "new" / "pins.csv").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.parametrize("form", ["new", "new.xlsx"])
@pytest.mark.parametrize("source", ["old", "old.xlsx"])
def test_folders_and_workbooks_alike_keep_their_meaning(source: str, form: str, tmp_path: pathlib.Path):
    folder = old_set(tmp_path / "old")
    if source != "old":
        exchange(folder, tmp_path / source)
    exchange(tmp_path / source, tmp_path / form, upgrade=True)
    assert load(tmp_path / form).sha256 == load(folder).sha256
    findings = checks.findings(tmp_path / form)
    assert not [one for one in findings if "edition 1" in one.message]


def test_the_settings_keep_their_remarks_and_say_what_acts(tmp_path: pathlib.Path):
    exchange(old_set(tmp_path / "old"), tmp_path / "new", upgrade=True)
    text = (tmp_path / "new" / "dataset.yaml").read_text(encoding="utf-8")
    assert text.startswith(OLD)
    assert "contribution_max: 0.1\n" in text
    assert "sponsor_max: 2\n" in text


def test_an_upgrade_of_an_upgrade_adds_nothing(tmp_path: pathlib.Path):
    exchange(old_set(tmp_path / "old"), tmp_path / "new", upgrade=True)
    assert exchange(tmp_path / "new", tmp_path / "again", upgrade=True).added == []
    assert read_folder(tmp_path / "again").settings == read_folder(tmp_path / "new").settings


def test_a_part_that_is_said_already_stays(tmp_path: pathlib.Path):
    folder = small_folder(tmp_path / "old", dataset_yaml=OLD + "sponsor_max: 1\n")
    done = exchange(folder, tmp_path / "new", upgrade=True)
    assert {one.column for one in done.added if one.table == "dataset.yaml"} == {"beyond", "contribution_max"}
    assert load(tmp_path / "new").settings.sponsor_max == 1


def test_settings_in_one_line_that_nothing_can_follow_are_left_as_they_are(tmp_path: pathlib.Path):
    line = "{name: small, currency: USD, price_base_year: 2026, first_year: 2027, last_year: 2029}\n"
    exchange(small_folder(tmp_path / "old", dataset_yaml=line), tmp_path / "new", upgrade=True)
    assert (tmp_path / "new" / "dataset.yaml").read_text(encoding="utf-8") == line


def test_without_the_option_nothing_is_added(tmp_path: pathlib.Path):
    folder = old_set(tmp_path / "old")
    assert exchange(folder, tmp_path / "copy").added == []
    assert headers(tmp_path / "copy") == headers(folder)


def test_the_command_lists_what_was_added(tmp_path: pathlib.Path):
    result = drive5("convert", old_set(tmp_path / "old"), tmp_path / "new.xlsx", "--upgrade")
    assert result.exit_code == 0, result.output
    assert "added: programmes, needs_host: programmes joined by ;" in result.output
    assert "added: dataset.yaml, contribution_max: 0.1" in result.output
    assert "additions" in result.output
    again = drive5("convert", tmp_path / "new.xlsx", tmp_path / "again", "--upgrade")
    assert "no additions" in again.output


def test_bad_data_are_not_upgraded(tmp_path: pathlib.Path):
    folder = small_folder(tmp_path / "old", dataset_yaml=OLD, effects="programme,area,effect\ntank,iamd,1\n")
    result = drive5("convert", folder, tmp_path / "new", "--upgrade")
    assert result.exit_code == 3
    assert not (tmp_path / "new").exists()
