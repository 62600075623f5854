"""Every chart: drawn without a network, legible without colours, its numbers the tables' own, its title true."""

from __future__ import annotations

import io
import itertools
import json
from types import SimpleNamespace

import pandas as pd
import pytest
from PIL import Image

from optimizer.pool import Event
from reports import chart_flow, chart_progress, chart_steps, chart_work, figures, made_where, progress, wanted
from reports.charts import (
    CHARTS,
    Picture,
    freedom,
    gantt,
    gap_heat_map,
    glide_path,
    order_book,
    spending,
    to_png,
    to_svg,
    waterfall,
)  # fmt: skip
from reports.hatching import strokes
from reports.picture import dodged, ink_on, shade
from reports.style import COLOURS, LIGHTS, light
from tests.small_plan import small_plan


def plan_with_everything() -> SimpleNamespace:
    plan = small_plan()
    programmes = plan.case.dataset.tables["programmes"]
    plan.case.dataset.tables["programmes"] = programmes.assign(cost_growth=0.0, down_payment=0.2, sustain_cost=1.0)
    return plan


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    return {name: draw(plan_with_everything()) for name, draw in CHARTS.items()}


@pytest.mark.parametrize("name", list(CHARTS))
def test_every_chart_is_a_sentence_a_text_and_an_image(pictures: dict[str, Picture], name: str) -> None:
    picture = pictures[name]
    assert len(picture.title.split()) > 4
    assert picture.title in picture.alt
    svg = to_svg(picture)
    assert svg.startswith("<svg")
    assert "http" not in svg.replace("http://www.w3.org/", "")
    image = Image.open(io.BytesIO(to_png(picture, scale=1)))
    assert image.width > 200
    assert len(set(image.convert("L").tobytes())) > 2


@pytest.mark.parametrize("name", [name for name in CHARTS if name not in ("waterfall", "gantt", "order_book")])
def test_numbers_have_units_in_their_headers(pictures: dict[str, Picture], name: str) -> None:
    data = pictures[name].data
    numeric = [str(column) for column in data.columns if pd.api.types.is_float_dtype(data[column])]
    assert numeric
    assert all("[" in column for column in numeric), numeric


def test_the_title_stands_in_the_image_only_where_it_stands_alone() -> None:
    picture = spending(small_plan())
    assert "The plan spends" in to_svg(picture, title=True)
    assert "<text" in to_svg(picture)
    assert ">The plan spends" not in to_svg(picture)


def test_spending_adds_up_to_the_table() -> None:
    """95.5 in the planning years and 9.5 that are bound beyond them."""
    data = spending(small_plan()).data.set_index("year")
    parts = [column for column in data.columns if column != "available [m EUR]"]
    assert data.loc[:2029, parts].to_numpy().sum() == pytest.approx(95.5)
    assert data.loc[2030:, parts].to_numpy().sum() == pytest.approx(9.5)
    assert data.loc[2030:, "available [m EUR]"].tolist() == pytest.approx([90.0, 72.0]), "what may be bound"


def test_what_is_bound_beyond_is_hatched_and_said_to_be() -> None:
    picture = spending(small_plan())
    assert picture.title.replace("\u00a0", " ").endswith("it binds EUR 9.5 m more of 2030-2031.")
    assert "Hatched, right of the line: bound beyond 2029" in picture.alt
    spec = json.dumps(picture.chart.to_dict())
    assert "hatched: bound beyond 2029" in spec and "may be bound" in spec and '"stroke"' in spec
    plan = small_plan()
    plan.case.dataset.settings.beyond_years = range(2030, 2030)
    assert "hatched" not in json.dumps(spending(plan).chart.to_dict())


def test_strokes_stay_under_the_line_that_they_hatch() -> None:
    """Under a line from 10 at 0 down to 0 at 10."""
    found = strokes([0.0, 10.0], [10.0, 0.0], (100, 100), (10.0, 10.0))
    assert len(found) > 100 and found["stroke"].nunique() > 5
    assert (found["y"] <= 10 - found["x"] + 1e-9).all() and (found["y"] >= 0).all()


@pytest.mark.parametrize("name", list(CHARTS))
def test_every_chart_carries_the_marking_itself(pictures: dict[str, Picture], name: str) -> None:
    """So that an image of it carries it too, with the title in it and without."""
    assert "TEST &amp; NOTHING ELSE" in to_svg(pictures[name])
    assert "TEST &amp; NOTHING ELSE" in to_svg(pictures[name], title=True)


def test_a_chart_of_two_plans_carries_both_markings() -> None:
    last = small_plan()
    last.header["marking"] = "OTHER"
    assert waterfall(small_plan(), last).marking == "TEST & NOTHING ELSE / OTHER"


def test_freedom_goes_on_beyond_the_horizon() -> None:
    """2028: a fee of 1 of 180 is bound; 2030: the payment of 6; upkeep of 2031 is no earlier order's payment."""
    found = freedom(small_plan()).data.set_index("year")["free [share of the year's money]"]
    assert found.to_dict() == pytest.approx({2027: 1.0, 2028: 179 / 180, 2029: 1.0, 2030: 174 / 180, 2031: 1.0})
    assert "hatched: beyond 2029" in json.dumps(freedom(small_plan()).chart.to_dict())


def test_the_glide_path_tells_what_was_bound_before() -> None:
    """Core of AAA in 2027: 50 committed of 4000 are bound; an obligation of 10 among the 40 spent is bound too."""
    plan = small_plan()
    data = glide_path(plan, "AAA").data.set_index("year")
    assert data.loc[2027, "core bound before [% of GDP]"] == pytest.approx(1.25)
    row = plan.tables["spending"].iloc[[0]].assign(kind="obligation", amount=10.0)
    first = plan.tables["spending"].assign(amount=[30.0, *plan.tables["spending"]["amount"][1:]])
    plan.tables["spending"] = pd.concat([first, row], ignore_index=True)
    data = glide_path(plan, "AAA").data.set_index("year")
    assert data.loc[2027, "core bound before [% of GDP]"] == pytest.approx(1.5)
    assert data.loc[2027, "core [% of GDP]"] == pytest.approx(2.25)


def test_the_glide_path_by_hand() -> None:
    """AAA spends 40 of core in 2027 on top of 50 committed: 90 of 4000 is 2.25 %."""
    data = glide_path(small_plan(), "AAA").data.set_index("year")
    assert data.loc[2027, "core [% of GDP]"] == pytest.approx(2.25)
    assert data.loc[2029, "resilience [% of GDP]"] == pytest.approx(100 * 55 / 4000)
    assert "Alphaland reaches 1.25% core" in glide_path(small_plan(), "AAA").title


def test_saving_is_after_fees_and_foots_with_the_kpi() -> None:
    """AAA saves 3, BBB 2.5 less its fee of 1."""
    found = chart_steps.savings(small_plan()).set_index("nation")
    assert found.loc["AAA", "net"] == pytest.approx(3.0)
    assert found.loc["BBB", "net"] == pytest.approx(1.5)
    assert found["net"].sum() == pytest.approx(small_plan().header["kpis"]["joint_saving"])


def test_every_euro_flows_from_a_nation_to_a_maker() -> None:
    """p1 is made on AAA's line; p2 on none; the fee and the innovation have no line."""
    found = chart_flow.flows(plan_with_everything())
    assert found["amount"].sum() == pytest.approx(95.5)
    by = found.groupby("producer")["amount"].sum()
    assert by["AAA"] == pytest.approx(40.0)
    assert by[made_where.NOWHERE] == pytest.approx(49.5)
    assert by[chart_flow.NOT_MADE] == pytest.approx(6.0)


def test_work_is_shared_among_buyers_in_proportion() -> None:
    """Lines of AAA make 3 of 4, of BBB 1 of 4; AAA takes 3, BBB 1: AAA's lines make 2.25 for AAA and 0.75 for BBB."""
    plan = small_plan()
    columns = list(plan.tables["deliveries"].columns)
    plan.tables["deliveries"] = pd.DataFrame(
        [("AAA", "p1", 2027, 3.0, 3.0), ("BBB", "p1", 2027, 1.0, 1.0)], columns=columns
    )
    plan.tables["production"] = pd.DataFrame(
        [("l1", "p1", 2027, 3.0), ("l2", "p1", 2027, 1.0)], columns=["line", "programme", "year", "units"]
    )
    plan.case.dataset.tables["lines"] = pd.DataFrame(
        [("l1", "One", "AAA"), ("l2", "Two", "BBB")], columns=["line", "name", "nation"]
    )
    work = made_where.work(plan).set_index(["producer", "nation"])
    assert work.loc[("AAA", "AAA"), "units"] == pytest.approx(2.25)
    assert work.loc[("AAA", "BBB"), "units"] == pytest.approx(0.75)
    assert work.loc[("BBB", "BBB"), "value"] == pytest.approx(0.25 * 10)


def test_what_is_made_in_one_year_and_delivered_in_another_is_still_somebodys_work() -> None:
    """l1 of AAA makes 3 in 2028 and 2029; 1 is delivered to AAA in 2029, 2 to BBB in 2030: 1 and 2 of all it makes."""
    plan = small_plan()
    for name, rows in (
        ("deliveries", [("AAA", "p1", 2029, 1.0, 1.0), ("BBB", "p1", 2030, 2.0, 2.0)]),
        ("production", [("l1", "p1", 2028, 1.2), ("l1", "p1", 2029, 1.8)]),
    ):
        plan.tables[name] = pd.DataFrame(rows, columns=plan.tables[name].columns)
    found = made_where.work(plan).set_index(["producer", "nation"])["units"]
    assert found.to_dict() == pytest.approx({("AAA", "AAA"): 1.0, ("AAA", "BBB"): 2.0})


def licensed() -> SimpleNamespace:
    """l2 in BBB is opened in 2028 by a licence and makes 1 of the 3 that l1 and l2 make; a Korean line makes p2."""
    plan = small_plan()
    data = plan.case.dataset.tables
    data["lines"] = pd.DataFrame(
        [("l1", "Yard", "AAA"), ("l2", "Works", "BBB"), ("l3", "Rotem", "KOR")], columns=["line", "name", "nation"]
    )
    data["line_programmes"] = pd.DataFrame([("l1", "p1"), ("l2", "p1"), ("l3", "p2")], columns=["line", "programme"])
    data["expansions"] = pd.DataFrame(
        [("x1", "Missiles in Betaland", "licence", "l2", "BBB")],
        columns=["expansion", "name", "kind", "line_or_component", "host"],
    )
    for name, rows in (
        ("deliveries", [("AAA", "p1", 2029, 3.0, 3.0), ("BBB", "p2", 2030, 2.0, 2.0)]),
        ("production", [("l1", "p1", 2028, 2.0), ("l2", "p1", 2029, 1.0), ("l3", "p2", 2029, 2.0)]),
        ("expansions", [("x1", 2027, 2028, 5.0, 1.0, "BBB")]),
    ):
        plan.tables[name] = pd.DataFrame(rows, columns=plan.tables[name].columns)
    return plan


def test_a_licence_makes_things_in_its_host() -> None:
    work = made_where.work(licensed()).set_index(["producer", "nation"])
    assert work["units"].to_dict() == {("AAA", "AAA"): 2.0, ("BBB", "AAA"): 1.0, ("KOR", "BBB"): 2.0}
    assert work["licensed"].to_dict() == {("AAA", "AAA"): 0.0, ("BBB", "AAA"): 1.0, ("KOR", "BBB"): 0.0}
    rows = made_where.by_line(licensed()).set_index("line")
    assert rows.loc["Works", ["nation", "how", "opens", "abroad"]].tolist() == ["Betaland", "licence", 2028, 1.0]
    assert rows.loc["Rotem", ["nation", "how", "opens"]].tolist() == ["South Korea", "-", 0]
    title = CHARTS["production_matrix"](licensed()).title.replace("\u00a0", " ")
    assert title == (
        "Alphaland makes the largest part, 40% of the EUR 50.0 m that lines make at the price of one unit; 40% is made "
        "where it is used, 40% outside the alliance, EUR 10.0 m under a new licence."
    )
    assert chart_flow.flows(licensed())["producer"].isin(["KOR"]).any()


def test_what_earlier_rounds_built_is_nobodys_work_here() -> None:
    """Of the 3 that AAA gets 2 were built before; the 3 that l1 makes go 1 to AAA and 2 to BBB."""
    plan = small_plan()
    plan.case.dataset.tables["pipeline"] = pd.DataFrame(
        [("AAA", "p1", 2027, 2.0, 2.0)], columns=["nation", "programme", "year", "units", "built"]
    )
    for name, rows in (
        ("deliveries", [("AAA", "p1", 2027, 3.0, 3.0), ("BBB", "p1", 2029, 2.0, 2.0)]),
        ("production", [("l1", "p1", 2028, 3.0)]),
    ):
        plan.tables[name] = pd.DataFrame(rows, columns=plan.tables[name].columns)
    found = made_where.work(plan).set_index(["producer", "nation"])["units"]
    assert found.to_dict() == pytest.approx({("AAA", "AAA"): 1.0, ("AAA", "BBB"): 2.0})


def test_lines_and_components_are_counted_apart() -> None:
    """l1 is at half at most; a component that is full at 98 % in one year is full, one without use is idle."""
    plan = small_plan()
    rows = [("seeker", 2027, 100.0, 0.0, 98.0, 0.98), ("powder", 2027, 100.0, 0.0, 0.0, 0.0)]
    more = pd.DataFrame(rows, columns=plan.tables["capacity"].columns)
    plan.tables["capacity"] = pd.concat([plan.tables["capacity"], more], ignore_index=True)
    assert figures.use_of_industry(plan).values.tolist() == [["line", 1, 0, 0], ["component", 2, 1, 1]]
    assert CHARTS["line_utilisation"](plan).title.startswith(figures.industry_told(plan))
    assert figures.industry_told(plan) == (
        "0 of 1 line is full in some year, 0 idle throughout; "
        "1 of 2 components are full in some year, 1 idle throughout"
    )


def yard() -> SimpleNamespace:
    """AAA orders 3 of p1 in 2027, one of its pipeline is half made; l1 makes 0.9, 1, 1 and 0.6 in 2027 to 2030.

    Delivered: 1 of the pipeline in 2027, 1 in 2028, 1 in 2029, 1 in 2030.
    """
    plan = small_plan()
    plan.case.dataset.tables["pipeline"] = pd.DataFrame(
        [("AAA", "p1", 2027, 1.0, 0.5)], columns=["nation", "programme", "year", "units", "built"]
    )
    for name, rows in (
        ("orders", [("AAA", "p1", "national", 2027, 3.0, 10.0, 30.0)]),
        ("deliveries", [("AAA", "p1", year, 1.0, 1.0) for year in (2027, 2028, 2029, 2030)]),
        (
            "production",
            [("l1", "p1", 2027, 0.9), ("l1", "p1", 2028, 1.0), ("l1", "p1", 2029, 1.0), ("l1", "p1", 2030, 0.6)],
        ),
    ):
        plan.tables[name] = pd.DataFrame(rows, columns=plan.tables[name].columns)
    return plan


def test_the_order_book_by_hand() -> None:
    """4 are on order, the pipeline's one among them; made at the end of 2027: 0.5 + 0.9, delivered 1: 0.4 in work.

    Of the 4, 2.6 wait to be made then, 1.6 a year later, 0.6 in 2029; all is made and delivered in 2030.
    """
    found = chart_work.work_in_progress(yard()).set_index("year")
    assert found["in_work"].tolist() == pytest.approx([0.4, 0.4, 0.4, 0.0, 0.0])
    assert found["waiting"].tolist() == pytest.approx([2.6, 1.6, 0.6, 0.0, 0.0])
    assert order_book(yard()).data.columns[1:].tolist() == [
        "ordered, not made yet [m EUR]", "made, not delivered yet [m EUR]",
    ]  # fmt: skip
    title = order_book(yard()).title.replace("\u00a0", " ")
    assert title == (
        "Work in progress is worth EUR 4.0 m at most, at the end of 2027; orders worth EUR 6.0 m are still to be made "
        "when 2029 ends."
    )
    assert "years beyond 2029" in order_book(yard()).alt


@pytest.mark.parametrize("name", ["gantt", "line_utilisation", "order_book"])
def test_years_beyond_are_shown_in_their_years_behind_a_rule_line(name: str) -> None:
    plan = yard()
    plan.case.dataset.tables["programmes"]["cost_growth"] = 0.0
    spec = json.dumps(CHARTS[name](plan).chart.to_dict())
    assert '"type": "rule"' in spec
    assert "2030" in spec


def test_the_gantt_shows_a_delivery_beyond_the_horizon_in_its_year() -> None:
    """p2 through f1 is ordered in 2028 with a lead of a year; with two more years of lead it arrives in 2031."""
    plan = plan_with_everything()
    plan.case.dataset.tables["frames"]["extra_lead_years"] = 2
    data = gantt(plan).data.set_index("phase")
    assert data.loc["delivering", ["from [year]", "to [year]"]].tolist() == [2031, 2031]


def test_money_of_the_years_beyond_is_in_no_picture_of_the_planning_years() -> None:
    """9.5 are spent in 2030 and 2031: neither the Sankey nor the bow wave has them."""
    plan = plan_with_everything()
    assert chart_flow.flows(plan)["amount"].sum() == pytest.approx(95.5)
    assert CHARTS["bow_wave"](plan).data["spent by this plan [m EUR]"].sum() == pytest.approx(95.5)


def test_the_heat_map_of_the_settled_state() -> None:
    """Air of AAA is met to 80 % then, of BBB in full, sea to 40 %."""
    picture = gap_heat_map(small_plan(), settled=True)
    assert picture.title.startswith("When all that is ordered has arrived, 1 of 3 targets are met to at least 95%")
    assert picture.data.set_index("nation").loc["AAA", "air [share of target met]"] == pytest.approx(0.8)


def test_the_bow_wave_by_hand() -> None:
    """AAA lacks 8 of air from 2027 on: 8 of p1 ordered and paid in 2027, as there is no year before it; upkeep 1 each.

    BBB can't buy p1. Of sea 20 are wanted together: 20 of p2 in the same way.
    """
    found = wanted.wanted(plan_with_everything()).set_index(["area", "year"])["amount"]
    assert found["air", 2027] == pytest.approx(8 * 10 + 8)
    assert found["air", 2029] == pytest.approx(8)
    assert found["sea", 2027] == pytest.approx(20 * 10 + 20)


def test_the_waterfall_goes_from_the_last_plan_to_this_one() -> None:
    last, plan = small_plan(), small_plan()
    spent = last.tables["spending"]
    last.tables["spending"] = spent.assign(amount=spent["amount"] * [0.5, 1, 1, 1, 1, 1, 1, 1])
    found = chart_steps.changes(plan, last).set_index("area")["change"]
    assert found["air"] == pytest.approx(20.0)
    assert found.drop("air").abs().sum() == pytest.approx(0.0)
    title = waterfall(plan, last).title.replace("\u00a0", " ")
    assert title == "The spending rises from EUR 75.5 m in the last plan to EUR 95.5 m; Air defence changes most."


def test_the_same_plan_again_changes_nothing_in_words_either() -> None:
    assert waterfall(small_plan(), small_plan()).title.replace("\u00a0", " ") == "The spending stays at EUR 95.5 m."


def test_without_a_last_plan_the_waterfall_says_so() -> None:
    assert "no prior_plan" in waterfall(small_plan()).title


def test_against_prior_plan_the_waterfall_compares_orders() -> None:
    plan = plan_with_everything()
    plan.case.dataset.tables["prior_plan"] = pd.DataFrame(
        [("AAA", "p1", "national", 2027, 1.0, 10.0, 10.0), ("AAA", "p1", "national", 2020, 1.0, 10.0, 10.0)],
        columns=["nation", "programme", "channel", "year", "units", "unit_price", "value"],
    )
    found = chart_steps.changes(plan).set_index("area")
    assert found.loc["air", "before"] == 10.0
    assert found.loc["air", "after"] == 40.0


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_plan_that_does_nothing_still_has_every_picture(name: str) -> None:
    plan = plan_with_everything()
    for table in (
        "orders", "spending", "deliveries", "production", "frames", "members", "capacity", "gaps", "settled", "beyond",
    ):  # fmt: skip
        plan.tables[table] = plan.tables[table].iloc[:0]
    assert to_svg(CHARTS[name](plan)).startswith("<svg")


def test_a_horizon_of_one_year_is_drawn_too() -> None:
    plan = small_plan()
    settings = plan.case.dataset.settings
    settings.first_year = settings.last_year = 2027
    settings.beyond_years = range(2028, 2028)
    plan.tables["spending"] = plan.tables["spending"].query("year == 2027")
    plan.tables["budgets"] = plan.tables["budgets"].query("year == 2027")
    assert "area" not in spending(plan).data.columns[0]
    assert to_svg(spending(plan)).startswith("<svg")
    assert to_svg(glide_path(plan)).startswith("<svg")


def test_the_gantt_counts_what_it_leaves_out() -> None:
    plan = plan_with_everything()
    assert gantt(plan, "joint buy").title == "1 joint buy."
    plan.tables["frames"] = pd.concat([plan.tables["frames"].assign(frame=f"f{n}", launch_year=2027) for n in range(3)])
    title = gantt(plan, "joint buy", top=2).title
    assert title == "3 joint buys (the largest 2 shown); 3 joint buys launch in 2027."


def test_labels_keep_their_distance_and_their_order() -> None:
    places = dodged([0.0, 0.1, 0.2, 5.0], 1.0, 0.0, 10.0)
    assert places == [0.0, 1.0, 2.0, 5.0]
    assert dodged([9.5, 9.8, 10.0], 1.0, 0.0, 10.0) == [8.0, 9.0, 10.0]


def grey(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_neighbours_of_the_palette_and_lights_stay_apart_in_greyscale() -> None:
    for one, other in itertools.pairwise(COLOURS):
        assert abs(grey(one) - grey(other)) > 0.12, (one, other)
    first = [grey(colour) for colour in COLOURS[:5]]  # those of the workbook's summary, which has a legend
    assert min(abs(a - b) for a, b in itertools.combinations(first, 2)) > 0.12
    fills = [grey(fill) for _, _, fill, _ in LIGHTS]
    assert fills == sorted(fills, reverse=True)
    assert min(a - b for a, b in itertools.pairwise(fills)) > 0.1


def test_letters_follow_the_closure() -> None:
    assert [light(value)[0] for value in (1.0, 0.95, 0.9499, 0.8, 0.79, 0.0)] == ["G", "G", "A", "A", "R", "R"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.54, 0.56, 1.0])
def test_text_is_read_on_its_cell(share: float) -> None:
    assert abs(grey(shade(share)) - grey(ink_on(share))) > 0.3


def test_the_steps_of_a_search_are_those_of_progress_csv() -> None:
    """Value 50, 44, 41.5 and bound 30, 30, 30, 40; a point only where something was gained."""
    picture = CHARTS["search_progress"](small_plan())
    assert picture.data["value [points]"].tolist()[1:] == [50.0, 44.0, 41.5]
    assert picture.data["bound [points]"].tolist() == [30.0, 30.0, 30.0, 40.0]
    assert picture.data["finder"].tolist() == ["relaxation", "rounding", "rounding", "tree"]
    drawn = [row for row in chart_progress._ends(small_plan().progress).to_dict("records") if row["gained"]]
    assert [(row["seconds"], row["at"]) for row in drawn] == [(2, 50), (4, 44), (10, 41.5), (1, 30), (10, 40)]
    spec = json.dumps(picture.chart.to_dict())
    assert spec.count("step-after") == 2 and '"finder"' in spec


def test_a_first_plan_far_off_lies_outside_the_picture_and_is_said_to() -> None:
    """1000 points in the first second of twenty: the scale begins with what stood after a tenth, 14 points."""
    lines = (Event(1.0, 1, 1000.0, 12.0, "a"), Event(1.5, 2, 14.0, 12.0, "a"), Event(20.0, 3, 13.0, 12.5, "b"))
    seen = progress.window(lines)
    assert (seen.low, seen.high, seen.step) == (pytest.approx(11.5), pytest.approx(14.5), 0.5) and seen.cut
    assert seen.named("points") == "points (what is farther off lies outside)"
    assert not progress.window(lines[1:]).cut


def test_a_flat_search_has_a_scale_too() -> None:
    lines = (Event(1.0, 1, 13.375, 13.375, "a"), Event(2.0, 2, 13.375, 13.375, "a"))
    seen = progress.window(lines)
    assert seen.low < 13.375 < seen.high and not seen.cut


def test_progress_is_in_the_unit_of_the_objective() -> None:
    plan = small_plan()
    plan.header["objective"]["mode"] = "cost:41"
    assert "m EUR" in CHARTS["search_progress"](plan).title
    plan.header["objective"]["mode"] = "changes"
    assert "share" in "".join(CHARTS["search_progress"](plan).data.columns)


def test_without_progress_a_sentence_is_the_picture() -> None:
    plan = small_plan()
    plan.progress = ()
    picture = CHARTS["search_progress"](plan)
    assert "has no progress.csv" in picture.title and picture.data.empty
