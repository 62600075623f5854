"""The tiny data set, as WORKED.md works it out by hand."""

import pytest

from tests.cases import TINY, best, tiny

ORDERS = {
    ("DEU", "rail_hub", "national", 2027): (2, 10),
    ("DEU", "rail_hub", "national", 2029): (2, 10),
    ("DEU", "sam", "national", 2027): (1, 100),
    ("DEU", "sam", "sam_joint", 2028): (3, 94.5),
    ("DEU", "tanker", "national", 2027): (2, 50),
    ("POL", "radio", "national", 2027): (20, 1),
    ("POL", "sam", "national", 2027): (3, 100),
    ("POL", "sam", "sam_joint", 2028): (1, 94.5),
    **{("POL", "shell", "national", year): (4, 5) for year in (2027, 2028, 2029, 2030)},
    ("USA", "sam", "sam_joint", 2028): (1, 94.5),
}
SPENT = {
    ("DEU", "core"): (24, 209.7, 161.4, 126.4),
    ("DEU", "resilience"): (13, 13, 10.5, 10.5),
    ("POL", "core"): (102, 168.4, 190.3, 71.326),
    ("POL", "resilience"): (3, 3, 0.5, 0.5),
    ("USA", "core"): (50, 23.9, 40.8, 41.8),
    ("USA", "resilience"): (0, 0, 0, 0),
}


@pytest.fixture(scope="module")
def plan():
    return best(tiny())


def test_gap_index_and_cost_are_those_worked_by_hand(plan):
    assert plan.header["status"] == "optimal"
    assert plan.header["gap_index_before"] == pytest.approx(45.5, abs=1e-9)
    assert plan.header["gap_index_after"] == pytest.approx(13 + 13 / 30, abs=1e-5)
    assert plan.header["objective"]["soft_penalty"] == pytest.approx(0.75, abs=1e-6)
    assert plan.header["objective"]["value"] == pytest.approx(14 + 11 / 60, abs=1e-5)
    assert plan.header["objective"]["cost"] == pytest.approx(1264.026, abs=1e-3)


def test_orders(plan):
    table = plan.tables["orders"]
    keys = zip(table["nation"], table["programme"], table["channel"], table["year"], strict=True)
    found = dict(zip(keys, zip(table["units"], table["unit_price"], strict=True), strict=True))
    assert set(found) == set(ORDERS)
    for key, (units, price) in ORDERS.items():
        assert found[key] == pytest.approx((units, price), abs=1e-5), key


def test_money_by_year(plan):
    table = plan.tables["budgets"]
    for (nation, pillar), amounts in SPENT.items():
        rows = table[(table["nation"] == nation) & (table["pillar"] == pillar)].sort_values("year")
        assert list(rows["spent"]) == pytest.approx(amounts, abs=1e-4), (nation, pillar)
    poland = table[(table["nation"] == "POL") & (table["year"] == 2029) & (table["pillar"] == "core")].iloc[0]
    assert (poland["carried_in"], poland["loan"]) == pytest.approx((9, 1.3), abs=1e-4)


def test_an_obligation_stands_in_the_area_of_its_programme(plan):
    table = plan.tables["spending"]
    assert table.loc[table["kind"] == "obligation", ["item", "channel", "area"]].values.tolist() == [
        ["sam", "-", "air_defence"]
    ]


def test_the_joint_buy(plan):
    row = plan.tables["frames"].iloc[0]
    assert (row["launch_year"], row["members"], row["tier"]) == (2028, 3, 2)
    assert (row["units"], row["price_factor"], row["saving"], row["fees"]) == pytest.approx((5, 0.9, 52.5, 12))


def test_the_second_shift_and_who_pays_it(plan):
    row = plan.tables["expansions"].iloc[0]
    assert (row["expansion"], row["start_year"], row["opens"]) == ("sam_shift", 2027, 2029)
    parts = plan.tables["contributions"].pivot_table(index="nation", columns="year", values="amount", aggfunc="sum")
    assert list(parts.loc["DEU"]) == pytest.approx([3, 3, 0.5, 0.5], abs=1e-4)
    assert list(parts.loc["POL"]) == pytest.approx([3, 3, 0.5, 0.5], abs=1e-4)


def test_the_smart_fuze_is_piloted_and_scaled(plan):
    row = plan.tables["innovation"].iloc[0]
    assert (row["mode"], row["pilot_year"], row["scale_year"], row["complete_year"]) == ("normal", 2027, 2028, 2029)
    assert row["cost"] == pytest.approx(18)


def test_closures(plan):
    gaps = plan.tables["gaps"].set_index(["nation", "area", "year"])["closure"]
    assert gaps["POL", "air_defence", 2030] == pytest.approx(4 / 6)
    assert gaps["DEU", "air_defence", 2029] == pytest.approx(3 / 6)
    assert list(gaps["POL", "ammunition"]) == pytest.approx([0.4, 0.8, 1, 1], abs=1e-5)
    assert list(gaps["DEU", "rail"]) == pytest.approx([0, 0.5, 0.5, 1], abs=1e-5)
    assert list(gaps["ALL", "lift"]) == pytest.approx([0.5, 1, 1, 1])


def test_lean_growth_delays_the_second_shift():
    """Germany cannot pay its half beside two hubs in 2028; a year later it can, with one hub less in 2029."""
    lean = best(tiny(), "lean")
    assert list(lean.tables["expansions"]["start_year"]) == [2028]
    units = lean.tables["orders"].groupby(["programme", "year"])["units"].sum()
    assert (units["sam", 2027], units["sam", 2028]) == pytest.approx((2, 5))
    assert (units["rail_hub", 2027], units["rail_hub", 2029]) == pytest.approx((2, 1))
    assert lean.header["gap_index_after"] == pytest.approx(10.5 + 0.5 + 0.6 + 0.5 + 4.5, abs=1e-5)


def test_half_a_line_makes_three_batteries_a_year():
    """Capacity 1.5 and the shift's 2 are 3.5 a year, of which whole batteries are 3."""
    cut = best(tiny(), "line_cut")
    made = cut.tables["production"].groupby("year")["units"].sum()
    assert (made[2028], made[2029], made[2030]) == pytest.approx((1, 3, 3))


def test_the_data_set_says_that_it_is_invented():
    assert "ILLUSTRATIVE" in tiny().settings.marking
    assert (TINY / "WORKED.md").exists()
