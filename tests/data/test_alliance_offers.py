"""The reference data set: what is on offer can be ordered, fired, made, joined and paid."""

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from data.dataset import load, split_names

FOLDER = Path(__file__).parents[2] / "data" / "alliance"
LAST, BEYOND = 2035, 2041


@pytest.fixture(scope="module")
def alliance():
    return load(FOLDER)


@pytest.fixture(scope="module")
def tables(alliance):
    return alliance.tables


def test_lots_never_cut_an_order_into_thousands(tables):
    pairs = tables["customers"].merge(tables["programmes"][["programme", "lot", "category"]])
    whole = pairs[pairs["lot"] > 0]
    lots = whole["max_units"] / whole["lot"]
    assert lots.to_numpy() == pytest.approx(lots.round().to_numpy())
    assert lots.max() <= 200
    assert (pairs.loc[pairs["category"] == "munition", "lot"] == 0).all()


def test_a_munition_is_offered_only_where_something_can_fire_it(tables):
    """A nation that may order it operates one of its hosts, or may order one; hosts that bring the first load have a
    lot, and customers a maximum, else the load could not be counted."""
    programmes = tables["programmes"].set_index("programme")
    pairs = tables["customers"].set_index(["nation", "programme"])
    guns = programmes[programmes["needs_host"] != ""]
    assert len(guns) == 27
    for name, row in guns.iterrows():
        hosts = split_names(row["needs_host"])
        assert set(hosts) <= set(programmes.index), name
        buyers = tables["customers"].query("programme == @name and max_units > 0")
        assert len(buyers), name
        for nation in buyers["nation"]:
            known = pairs.reindex([(nation, host) for host in hosts]).fillna(0.0)
            assert (known["units_operated"] + known["max_units"]).sum() > 0, (name, nation)


def test_an_effect_is_not_a_price(tables):
    """What an area unit costs differs within every area: effects come from physical inputs."""
    price = tables["effects"].merge(tables["programmes"][["programme", "area", "unit_cost"]], on=["programme", "area"])
    unit = (price["unit_cost"] / price["effect"]).groupby(price["area"])
    many = unit.count()[unit.count() >= 4].index
    assert (unit.max()[many] > 1.5 * unit.min()[many]).all()


def test_a_licence_or_new_site_has_a_line_of_its_own_at_its_host(tables):
    expansions = tables["expansions"].query("kind in ('licence', 'new_site')")
    lines = tables["lines"].set_index("line")
    capacity = tables["line_capacity"].groupby("line")["capacity"].max()
    own = expansions[expansions["line_or_component"].isin(lines.index)].set_index("line_or_component")
    assert len(own) == 14
    assert own.index.is_unique
    for line, row in own.iterrows():
        assert lines.at[line, "nation"] == row["host"], line
        assert capacity[line] == 0, line


def test_a_buy_that_exists_has_members_and_the_price_it_reached(tables):
    frames = tables["frames"].set_index("frame")
    launched = frames[frames["launched"] > 0]
    assert len(launched) == 9
    assert (launched[["min_units", "min_annual_units", "annual_fee"]] == 0).all(axis=None)
    members = tables["frame_members"].set_index("frame")["status"]
    tiers = tables["price_tiers"].groupby("frame")
    for frame in frames.index:
        kinds = set(members[[frame]])
        assert kinds <= ({"member"} if frame in launched.index else {"candidate", "committed", "excluded"}), frame
        assert len(tiers.get_group(frame)) == 1 or frame not in launched.index


def test_a_member_can_buy_and_is_in_one_frame_of_a_programme(tables):
    members = tables["frame_members"].merge(tables["frames"][["frame", "programme"]], on="frame")
    wishes = tables["customers"].query("max_units > 0").set_index(["nation", "programme"]).index
    assert all(pair in wishes for pair in zip(members["nation"], members["programme"], strict=True))
    assert not members.duplicated(["nation", "programme"]).any()


def test_a_frame_that_names_a_facility_may_draw_from_it(tables):
    content = tables["programmes"].set_index("programme")["eu_content"]
    known = set(tables["loans"]["facility"])
    named = tables["frames"].query("loan_facility != ''")
    assert len(named) >= 20
    for frame in named.itertuples():
        assert set(split_names(frame.loan_facility)) <= known, frame.frame
        assert content[frame.programme] >= frame.eu_content_min, frame.frame


def test_fleet_limits_forbid_no_wish_from_the_start(tables):
    """A nation with two types of a class or more may buy more of these, and no other of the class."""
    classes = tables["programmes"].query("fleet_class != ''")[["programme", "fleet_class"]]
    pairs = tables["customers"].merge(classes)
    legacy = pairs.query("units_operated > 0").groupby(["nation", "fleet_class"]).size()
    new = pairs.query("units_operated == 0 and max_units > 0")
    full = [(r.nation, r.programme) for r in new.itertuples() if legacy.get((r.nation, r.fleet_class), 0) >= 2]
    assert not full


def test_every_national_target_with_a_gap_has_an_offer(tables):
    """Something with an effect in the area that the nation may order."""
    offers = tables["customers"].query("max_units > 0").merge(tables["effects"])
    served = set(zip(offers["nation"], offers["area"], strict=True))
    last = tables["targets"].query("year == @LAST and nation != 'ALL' and target > baseline + 1e-6")
    assert not [key for key in zip(last["nation"], last["area"], strict=True) if key not in served]


def launch_years(tables, frame):
    """Years in which a frame can launch: enough signers, enough wishes, and a first order that still arrives."""
    nations = tables["nations"].set_index("nation")
    programme = tables["programmes"].set_index("programme").loc[frame.programme]
    buyers = tables["customers"].query("programme == @frame.programme and max_units > 0")
    buyers = buyers.set_index("nation")["max_units"]
    members = tables["frame_members"].query("frame == @frame.frame and nation in @buyers.index")
    lead = programme["lead_years"] + frame.extra_lead_years
    last = min(frame.last_launch, programme["last_order_year"], BEYOND - lead)
    for year in range(max(frame.first_launch, programme["first_order_year"]), last + 1):
        signing = [
            row.nation
            for row in members.itertuples()
            if row.status in ("committed", "member")
            or (year - nations.at[row.nation, "signing_offset"]) % nations.at[row.nation, "signing_cycle"] == 0
        ]
        if len(signing) >= frame.min_members and buyers[signing].sum() >= frame.min_units:
            yield year


def made_by(tables, line, last):
    """All that a line can make from 2027 to a year: half of the last year's capacity is left beyond the horizon."""
    path = tables["line_capacity"].query("line == @line").set_index("year")["capacity"]
    beyond = max(0, last - LAST)
    total = path[path.index <= last].sum() + 0.5 * path[LAST] * beyond
    for row in tables["expansions"].query("line_or_component == @line").itertuples():
        open_years = max(0, min(last, LAST) + 1 - (row.first_year + row.build_years))
        total += row.added_capacity * (open_years + 0.5 * beyond)
    return total


def units_made_by(tables, programme, last):
    """Most units of a programme that its lines can make to a year; endless where it is on no line."""
    lines = tables["line_programmes"].query("programme == @programme")
    if lines.empty:
        return float("inf")
    return sum(made_by(tables, row.line, last) / row.capacity_use for row in lines.itertuples())


def test_every_frame_can_launch(tables):
    """In some year it has its members, and by the last delivery its lines can have made the least volume."""
    programmes = tables["programmes"].set_index("programme")
    for frame in tables["frames"].query("launched == 0").itertuples():
        assert list(launch_years(tables, frame)), frame.frame
        row = programmes.loc[frame.programme]
        last = min(BEYOND, row["last_order_year"] + row["lead_years"] + frame.extra_lead_years)
        assert units_made_by(tables, frame.programme, last) >= frame.min_units, frame.frame


def test_every_programme_can_be_ordered_in_time(tables):
    programmes = tables["programmes"]
    assert (programmes["first_order_year"] <= programmes["last_order_year"]).all()
    assert (programmes["first_order_year"] + programmes["lead_years"] <= BEYOND).all()
    expansions = tables["expansions"]
    assert (expansions["last_year"] + expansions["build_years"] <= LAST).all()


def test_every_lot_fits_through_its_lines(tables):
    """A yard that makes a quarter of a boat a year makes four by 2041."""
    for row in tables["programmes"].itertuples():
        assert units_made_by(tables, row.programme, BEYOND) >= (row.lot or 0.0001), row.programme


def test_a_guarantee_is_within_what_customers_may_order(tables):
    """Load guaranteed over the guarantee years against all wishes for what the line makes."""
    wishes = tables["customers"].groupby("programme")["max_units"].sum()
    last = tables["line_capacity"].groupby("line")["capacity"].max()
    for row in tables["expansions"].itertuples():
        made = tables["line_programmes"].query("line == @row.line_or_component")
        if made.empty:
            continue
        asked = row.guaranteed_load * row.added_capacity * row.guarantee_years
        assert asked <= (made["programme"].map(wishes) * made["capacity_use"]).sum(), (
            row.expansion,
            last[made["line"]],
        )


def test_every_host_can_pay_its_share_of_an_expansion(tables):
    """Some start leaves the host its share of every year's bill within that year's open resilience money."""
    table = tables["budget_path"].merge(tables["economy"], on=["nation", "year"]).query("pillar == 'resilience'")
    money = (table["gdp"] * table["gdp_share"] * (1 - table["committed_share"])).set_axis(
        pd.MultiIndex.from_frame(table[["nation", "year"]])
    )
    for row in tables["expansions"].itertuples():
        build = max(1, row.build_years)
        starts = [
            start
            for start in range(row.first_year, row.last_year + 1)
            if all(
                row.host_share_min
                * (row.cost / build * (year < start + build) + row.annual_cost * (year >= start + row.build_years))
                <= money[row.host, year]
                for year in range(start, LAST + 1)
            )
        ]
        assert starts and starts[0] <= 2028, row.expansion


def test_price_tiers_fall_and_can_be_reached(tables):
    """The highest tier lies within what the members may order together."""
    wishes = tables["customers"].set_index(["nation", "programme"])["max_units"]
    members = tables["frame_members"].groupby("frame")["nation"].agg(list)
    programme = tables["frames"].set_index("frame")["programme"]
    for frame, rows in tables["price_tiers"].sort_values("from_units").groupby("frame"):
        assert all(dearer >= cheaper for dearer, cheaper in pairwise(rows["price_factor"])), frame
        most = sum(wishes[nation, programme[frame]] for nation in members[frame])
        assert rows["from_units"].max() <= most, frame
