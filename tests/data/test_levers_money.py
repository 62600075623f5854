"""Levers of money, worked by hand: what they add to each nation's own path, its shape, and the year of the pledge."""

import pathlib

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.dataset import Dataset, load
from data.levers import apply
from tests.data.test_levers import column, pull
from tests.small_data import TABLES, edited, small_folder


@pytest.fixture
def small(tmp_path: pathlib.Path) -> Dataset:
    return load(small_folder(tmp_path / "small"))


def shares(dataset: Dataset, nation: str, pillar: str = "core", **levers: object) -> list[object]:
    return column(pull(dataset, **levers), "budget_path", "gdp_share", nation=nation, pillar=pillar)


def with_path(folder: pathlib.Path, *path: float) -> Dataset:
    """The small set with these core shares of DEU in 2027, 2028 and 2029."""
    text = TABLES["budget_path"]
    for year, share in zip((2027, 2028, 2029), path, strict=True):
        text = text.replace(f"DEU,{year},core,0.025,", f"DEU,{year},core,{share},")
    return load(small_folder(folder, budget_path=text))


def test_gdp_grows_faster_from_the_first_year_on(small: Dataset):
    """4000 * 1.1 ** 0, 1, 2."""
    case = pull(small, growth_shift=0.1)
    assert column(case, "economy", "gdp", nation="DEU") == pytest.approx([4000, 4400, 4840])


def test_what_a_lever_adds_grows_evenly_on_top_of_the_nations_own_path(tmp_path: pathlib.Path):
    """The path 2.5, 3.4, 3.1 % rises early; to 3.5 % the last year lacks 0.4: 0, 0.2 and 0.4 are added."""
    dataset = with_path(tmp_path, 0.025, 0.034, 0.031)
    assert shares(dataset, "DEU", core_share_2035=0.035) == pytest.approx([0.025, 0.036, 0.035])
    assert shares(dataset, "DEU", "resilience", core_share_2035=0.035) == [0.01] * 3


@pytest.mark.parametrize("lever", [0.031, 0.03, 0.0])
def test_a_nation_whose_last_year_is_at_or_above_the_lever_keeps_its_data(tmp_path: pathlib.Path, lever: float):
    dataset = with_path(tmp_path, 0.025, 0.034, 0.031)
    assert shares(dataset, "DEU", core_share_2035=lever) == [0.025, 0.034, 0.031]
    assert shares(dataset, "POL", core_share_2035=lever) == [0.045] * 3


def test_by_its_name_a_nation_is_cut_too_and_the_others_are_not(tmp_path: pathlib.Path):
    """To 2.1 % the last year has 1.0 too much: 0, 0.5 and 1.0 are taken off."""
    dataset = with_path(tmp_path, 0.025, 0.034, 0.031)
    levers = {"core_share_2035__DEU": 0.021}
    assert shares(dataset, "DEU", **levers) == pytest.approx([0.025, 0.029, 0.021])
    assert shares(dataset, "POL", **levers) == [0.045] * 3
    # It overrides the one for all.
    assert shares(dataset, "DEU", core_share_2035=0.05, **levers) == pytest.approx([0.025, 0.029, 0.021])
    assert shares(dataset, "USA", core_share_2035=0.05, **levers) == pytest.approx([0.03, 0.04, 0.05])


def test_a_share_never_falls_below_0(tmp_path: pathlib.Path):
    """The path 2.5, 0.1, 3.1 %: half of the 3.1 that go would leave 0.1 - 1.55."""
    dataset = with_path(tmp_path, 0.025, 0.001, 0.031)
    assert shares(dataset, "DEU", core_share_2035__DEU=0) == pytest.approx([0.025, 0, 0])


def test_a_path_of_one_year_is_at_its_end(tmp_path: pathlib.Path):
    settings = "name: one\ncurrency: USD\nprice_base_year: 2026\nfirst_year: 2027\nlast_year: 2027\n"
    frames = edited("frames", "2027,2028", "2027,2027")
    dataset = load(small_folder(tmp_path, dataset_yaml=settings, frames=frames, scenarios_yaml=None))
    assert shares(dataset, "DEU", "resilience", resilience_share_2035=0.015) == [0.015]
    assert shares(dataset, "DEU", path_shape="back") == [0.025]
    assert shares(dataset, "DEU", core_year=2027) == [0.035]


@pytest.mark.parametrize(("shape", "half"), [("linear", 0.5), ("front", 0.75), ("back", 0.25)])
def test_a_shape_draws_every_path_anew_between_its_ends(tmp_path: pathlib.Path, shape: str, half: float):
    """2.5 to 3.1 % after the lever: 3.5; at half time s is 0.5, 1 - 0.5 ** 2 or 0.5 ** 2, whatever stood there."""
    dataset = with_path(tmp_path, 0.025, 0.034, 0.031)
    drawn = shares(dataset, "DEU", core_share_2035=0.035, path_shape=shape)
    assert drawn == pytest.approx([0.025, 0.025 + 0.01 * half, 0.035])
    # Also where no share is set, and in the other pillar.
    assert shares(dataset, "DEU", path_shape=shape) == pytest.approx([0.025, 0.025 + 0.006 * half, 0.031])
    assert shares(dataset, "DEU", "resilience", path_shape=shape) == [0.01] * 3


def test_without_a_shape_no_path_is_drawn(tmp_path: pathlib.Path):
    assert shares(with_path(tmp_path, 0.025, 0.034, 0.031), "DEU") == [0.025, 0.034, 0.031]


def test_a_core_year_raises_what_lies_below_and_lowers_nothing(tmp_path: pathlib.Path):
    """From 2.5 % in 2027 to 3.5 % in 2029 evenly: 2.5, 3.0, 3.5; the path has 3.4 in 2028 already."""
    dataset = with_path(tmp_path, 0.025, 0.034, 0.031)
    assert shares(dataset, "DEU", core_year=2029) == pytest.approx([0.025, 0.034, 0.035])
    assert shares(dataset, "DEU", core_year=2028) == pytest.approx([0.025, 0.035, 0.035])
    assert shares(dataset, "DEU", core_year=2027) == pytest.approx([0.035, 0.035, 0.035])
    # POL starts above the pledge and keeps its data; resilience is none of it.
    assert shares(dataset, "POL", core_year=2028) == [0.045] * 3
    assert shares(dataset, "DEU", "resilience", core_year=2027) == [0.01] * 3


def test_a_nation_that_starts_above_the_pledge_is_held_at_it(tmp_path: pathlib.Path):
    """First 4.5 % counts as 3.5 %: what falls below that is raised to it, and to no more."""
    dataset = with_path(tmp_path, 0.045, 0.02, 0.05)
    assert shares(dataset, "DEU", core_year=2029) == pytest.approx([0.045, 0.035, 0.05])


def test_a_nations_own_core_year_stands_over_the_one_for_all(small: Dataset):
    """DEU and USA start at 2.5 and 3.0 %."""
    levers = {"core_year": 2029, "core_year__DEU": 2027}
    assert shares(small, "DEU", **levers) == pytest.approx([0.035] * 3)
    assert shares(small, "USA", **levers) == pytest.approx([0.03, 0.0325, 0.035])


def test_the_pledge_year_comes_after_the_shape(tmp_path: pathlib.Path):
    """Drawn late from 2.5 to 3.1 %: 2.5, 2.65, 3.1; then raised to 2.5, 3.0, 3.5."""
    dataset = with_path(tmp_path, 0.025, 0.034, 0.031)
    assert shares(dataset, "DEU", path_shape="back", core_year=2029) == pytest.approx([0.025, 0.03, 0.035])


shares_drawn = st.integers(0, 600).map(lambda part: part / 10_000)
path_of_three = st.lists(shares_drawn, min_size=3, max_size=3)


@hypothesis_settings(deadline=None, max_examples=40)
@given(path=path_of_three, lever=shares_drawn, year=st.sampled_from([None, 2027, 2028, 2029]))
def test_no_lever_without_a_name_ever_lowers_a_nations_money(
    tmp_path_factory: pytest.TempPathFactory, path: list[float], lever: float, year: int | None
):
    dataset = with_path(tmp_path_factory.mktemp("path"), *path)
    case = apply(dataset, None, {"core_share_2035": lever, "resilience_share_2035": lever, "core_year": year})
    before, after = (one.tables["budget_path"]["gdp_share"] for one in (dataset, case.dataset))
    assert (after >= before - 1e-15).all()
    last = column(case, "budget_path", "gdp_share", nation="DEU", pillar="core", year=2029)
    assert last[0] >= lever - 1e-15
