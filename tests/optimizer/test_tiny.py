"""The tiny data set, as WORKED.md works it out by hand."""

import pytest

from tests.cases import TINY, best, tiny

ORDERS = {
    ("DEU", "interceptor", "national", 2028): (4, 5),
    ("DEU", "interceptor", "national", 2029): (4, 5),
    ("DEU", "rail_hub", "national", 2027): (2, 10),
    ("DEU", "rail_hub", "national", 2029): (2, 10),
    ("DEU", "sam", "national", 2027): (2, 100),
    ("DEU", "sam", "sam_joint", 2028): (2, 94.5),
    ("DEU", "tanker", "national", 2027): (2, 50),
    ("POL", "radio", "radio_joint", 2027): (20, 0.9),
    ("POL", "sam", "national", 2027): (2, 100),
    ("POL", "sam", "sam_joint", 2028): (1, 94.5),
    ("POL", "sam", "sam_joint", 2029): (1, 99.225),
    **{("POL", "shell", "national", year): (4, 5) for year in (2027, 2028, 2029, 2030)},
    ("USA", "sam", "sam_joint", 2030): (1, 104.18625),
}
SPENT = {
    ("DEU", "core"): (44.5, 231.8, 185.6, 108.6),
    ("DEU", "resilience"): (13, 13, 10.5, 10.5),
    ("POL", "core"): (79.5, 127.4, 168.145, 109.0029),
    ("POL", "resilience"): (3, 3, 0.5, 0.5),
    ("USA", "core"): (50, 5, 3, 22.83725),
    ("USA", "resilience"): (0, 0, 0, 0),
}
BOUND = {"DEU": (13, 13), "POL": (53.19, 13.5), "USA": (43.6745, 45.6745)}


@pytest.fixture(scope="module")
def plan():
    return best(tiny())


def test_the_indices_and_the_cost_are_those_worked_by_hand(plan):
    assert plan.header["status"] == "optimal"
    assert plan.header["objective"]["index_before"] == pytest.approx(45.5, abs=1e-9)
    assert plan.header["gap_index_before"] == pytest.approx(100 * 29.5 / 64, abs=1e-9)
    assert plan.header["settled_before"] == pytest.approx(100 * 16 / 36, abs=1e-9)
    assert plan.header["objective"]["index"] == pytest.approx(12.5, abs=1e-5)
    assert plan.header["gap_index_after"] == pytest.approx(100 * 11.5 / 64, abs=1e-5)
    assert plan.header["settled_after"] == pytest.approx(100 * 1 / 36, abs=1e-5)
    assert plan.header["objective"]["soft_penalty"] == pytest.approx(0.875, abs=1e-6)
    assert plan.header["objective"]["value"] == pytest.approx(13.375, abs=1e-5)
    assert plan.header["objective"]["cost"] == pytest.approx(1373.42415, abs=1e-3)


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
    assert (poland["carried_in"], poland["loan"]) == pytest.approx((9, 1.645), abs=1e-4)


def test_money_bound_beyond_the_horizon(plan):
    table = plan.tables["beyond"]
    for nation, amounts in BOUND.items():
        rows = table[(table["nation"] == nation) & (table["pillar"] == "core")].sort_values("year")
        assert list(rows["bound"]) == pytest.approx(amounts, abs=1e-4), nation
    rows = table[table["pillar"] == "resilience"]
    assert list(rows.groupby("year")["bound"].sum()) == pytest.approx([1, 1], abs=1e-4)


def test_a_grant_comes_before_a_loan(plan):
    rows = plan.tables["loans"].set_index(["facility", "nation", "year"])
    assert rows.loc[("edf", "POL", 2029), ["kind", "drawn"]].tolist() == ["grant", pytest.approx(1)]
    assert rows.loc[("safe", "POL", 2029), "drawn"] == pytest.approx(0.645, abs=1e-4)
    assert rows.loc[("safe", "POL", 2030), "interest"] == pytest.approx(0.0129, abs=1e-5)


def test_an_obligation_stands_in_the_area_of_its_programme(plan):
    table = plan.tables["spending"]
    assert table.loc[table["kind"] == "obligation", ["item", "channel", "area"]].values.tolist() == [
        ["sam", "-", "air_defence"]
    ]


def test_the_joint_buys(plan):
    rows = plan.tables["frames"].set_index("frame")
    row = rows.loc["sam_joint"]
    assert (row["launch_year"], row["members"], row["tier"]) == (2028, 3, 2)
    assert (row["units"], row["price_factor"], row["saving"], row["fees"]) == pytest.approx((5, 0.9, 54.10125, 12))
    members = plan.tables["members"].set_index(["frame", "nation"])["units"]
    assert [members["sam_joint", nation] for nation in ("DEU", "POL", "USA")] == pytest.approx([2, 2, 1])
    earlier = rows.loc["radio_joint"]
    assert (earlier["launch_year"], earlier["units"], earlier["price_factor"]) == pytest.approx((2026, 20, 0.9))


def test_the_battery_line_works_ahead_and_beyond(plan):
    """Made up to a year: what was built of the pipeline comes on top, and all is made when it is delivered."""
    made = plan.tables["production"].query("line == 'sam_line'").groupby("year")["units"].sum()
    delivered = plan.tables["deliveries"].query("programme == 'sam'").groupby("year")["units"].sum()
    assert list(delivered[delivered > 0].items()) == [(2028, 1), (2029, 4), (2030, 3), (2031, 1), (2032, 1)]
    most = {2027: 1, 2028: 2.5, 2029: 5, 2030: 7.5, 2031: 8.75, 2032: 10}
    for year, limit in most.items():
        assert delivered.loc[:year].sum() - 0.5 - 1e-6 <= made.loc[:year].sum() <= limit + 1e-6
    assert made.sum() == pytest.approx(9.5)


def test_interceptors_wait_for_batteries_and_for_the_line(plan):
    table = plan.tables["deliveries"]
    rows = table[(table["programme"] == "interceptor") & (table["units"] > 0)].set_index("year")["units"]
    assert rows.to_dict() == pytest.approx({2029: 4, 2030: 4})
    drop = plan.tables["rules"].query("rule == 'output_drop_max'").set_index("year")
    assert all(drop["achieved"] >= drop["required"] - 1e-6)


def test_the_second_shift_and_who_pays_it(plan):
    row = plan.tables["expansions"].iloc[0]
    assert (row["expansion"], row["start_year"], row["opens"]) == ("sam_shift", 2027, 2029)
    table = plan.tables["contributions"].query("item == 'sam_shift'")
    parts = table.pivot_table(index="nation", columns="year", values="amount", aggfunc="sum", fill_value=0)
    planned = [2027, 2028, 2029, 2030]
    assert list(parts.loc["DEU", planned]) == pytest.approx([3, 3, 0.5, 0.5], abs=1e-4)
    assert list(parts.loc["POL", planned]) == pytest.approx([3, 3, 0.5, 0.5], abs=1e-4)
    assert list(parts.sum()) == pytest.approx([6, 6, 1, 1, 1, 1], abs=1e-4)
    assert parts.loc["POL"].sum() <= 0.02 * 393.725 + 1e-4


def test_the_smart_fuze_is_paid_by_its_key(plan):
    table = plan.tables["contributions"].query("item == 'smart_fuze'").set_index(["nation", "year"])["amount"]
    assert table.to_dict() == pytest.approx(
        {("DEU", 2027): 4.5, ("POL", 2027): 1.5, ("DEU", 2028): 9, ("POL", 2028): 3}, abs=1e-4
    )


def test_the_smart_fuze_is_piloted_and_scaled(plan):
    row = plan.tables["innovation"].iloc[0]
    assert (row["mode"], row["pilot_year"], row["scale_year"], row["complete_year"]) == ("normal", 2027, 2028, 2029)
    assert row["cost"] == pytest.approx(18)


def test_closures(plan):
    gaps = plan.tables["gaps"].set_index(["nation", "area", "year"])["closure"]
    assert list(gaps["DEU", "air_defence"]) == pytest.approx([2 / 6, 2 / 6, 4 / 6, 1])
    assert list(gaps["POL", "air_defence"]) == pytest.approx([0, 0, 2 / 6, 3 / 6])
    assert list(gaps["DEU", "ammunition"]) == pytest.approx([0, 0, 0.6, 1], abs=1e-5)
    assert list(gaps["POL", "ammunition"]) == pytest.approx([0.4, 0.8, 1, 1], abs=1e-5)
    assert list(gaps["DEU", "rail"]) == pytest.approx([0, 0.5, 0.5, 1], abs=1e-5)
    assert list(gaps["ALL", "lift"]) == pytest.approx([0.5, 1, 1, 1])
    settled = plan.tables["settled"].set_index(["nation", "area"])["closure"]
    assert settled["POL", "air_defence"] == pytest.approx(4 / 6)
    assert settled.drop(("POL", "air_defence")).tolist() == pytest.approx([1] * 10, abs=1e-5)


def test_a_floor_a_step_and_a_wish_of_one_rule(plan):
    rows = plan.tables["rules"].query("rule == 'closure_min'")
    found = {
        (row.hardness, row.from_year, row.year): (row.required, row.achieved, row.penalty) for row in rows.itertuples()
    }
    assert found["hard", 2028, 2028] == pytest.approx((0.5, 0.5, 0))
    assert found["soft", 2028, 2028] == pytest.approx((0.75, 0.5, 0.25))
    assert found["soft", 2028, 2029] == pytest.approx((0.75, 0.5, 0.25))
    assert found["hard", 2030, 2030] == pytest.approx((0.75, 1, 0))


def test_lean_growth_delays_the_second_shift():
    """Germany cannot pay its half beside two hubs in 2028; a year later it can, with one hub less in 2029."""
    lean = best(tiny(), "lean")
    assert list(lean.tables["expansions"]["start_year"]) == [2028]
    units = lean.tables["orders"].groupby(["programme", "year"])["units"].sum()
    assert [units["sam", year] for year in (2027, 2028, 2029, 2030)] == pytest.approx([3, 3, 1, 1])
    assert (units["rail_hub", 2027], units["rail_hub", 2029]) == pytest.approx((2, 1))
    assert lean.header["objective"]["index"] == pytest.approx(14.125, abs=1e-5)


def test_half_a_line_makes_seven_batteries_in_six_years():
    """0.75 a year, with the shift 1.75, and half of that beyond: 2 new ones by 2029, 4 by 2030, 6 by 2032."""
    cut = best(tiny(), "line_cut")
    delivered = cut.tables["deliveries"].query("programme == 'sam'").groupby("year")["units"].sum()
    assert [delivered.loc[:year].sum() for year in (2028, 2029, 2030, 2032)] == pytest.approx([1, 3, 5, 7])
    assert cut.tables["production"].query("line == 'sam_line'")["units"].sum() == pytest.approx(6.5)


def test_the_data_set_says_that_it_is_invented():
    assert "ILLUSTRATIVE" in tiny().settings.marking
    assert (TINY / "WORKED.md").exists()
