"""The reference data set: its totals, its paths, its sources and the script that makes it."""

from pathlib import Path

import pandas as pd
import pytest

from data.alliance.build import write
from data.dataset import load
from docs.make_coverage_page import page

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "data" / "alliance"
FACTS = FOLDER / "facts"

# Totals as NATO printed them (2026 edition, cut-off 3 July 2026), core spending 2026e in billion US dollars.
TOTAL_ALL = 1809.9
TOTAL_EUROPE_CANADA = 777.1
USD_TO_DATASET = 1.0

# GDP 2026e in billion US dollars, a few nations as printed.
GDP_2026 = {"DEU": 5455.980, "POL": 1134.841, "TUR": 1671.447, "USA": 32547.624, "ISL": 43.121}


@pytest.fixture(scope="module")
def alliance():
    return load(FOLDER)


@pytest.fixture(scope="module")
def facts():
    return pd.read_csv(FACTS / "nations.csv").set_index("iso3")


@pytest.fixture(scope="module")
def gdp_2026(alliance):
    """Back from the model's first year: economy 2027 / (1 + growth) / currency factor, in billion US dollars."""
    growth = pd.read_csv(FACTS / "gdp_growth.csv").query("year == 2027").set_index("iso3")["real_gdp_growth_pct"]
    economy = alliance.tables["economy"].query("year == 2027").set_index("nation")["gdp"]
    return economy / (1 + growth / 100) / USD_TO_DATASET / 1000


def test_gdp_leads_back_to_the_published_figures(gdp_2026, facts):
    assert len(gdp_2026) == 32
    assert gdp_2026.to_numpy() == pytest.approx(facts["gdp_bn_usd_2026e"].reindex(gdp_2026.index).to_numpy(), rel=1e-3)
    for nation, gdp in GDP_2026.items():
        assert gdp_2026[nation] == pytest.approx(gdp, rel=1e-3)


def test_core_spending_adds_up_to_the_printed_totals(gdp_2026, facts):
    share = facts["def_bn_usd_2026e"] / facts["gdp_bn_usd_2026e"]
    spending = gdp_2026 * share.reindex(gdp_2026.index)
    assert spending.sum() == pytest.approx(TOTAL_ALL, rel=5e-3)
    assert spending.drop("USA").sum() == pytest.approx(TOTAL_EUROPE_CANADA, rel=5e-3)


def test_core_paths_start_on_the_line_to_the_national_target(alliance, facts):
    """2027 lies one step from the 2026 share to the target; corrected targets are in the build's inputs."""
    corrections = pd.read_csv(FOLDER / "inputs" / "corrections.csv", dtype=str, keep_default_na=False)
    target = facts["target_core_pct_gdp"].copy()
    for row in corrections.query("table == 'nations' and column == 'target_core_pct_gdp'").itertuples():
        target[row.key] = float(row.value)
    path = alliance.tables["budget_path"].query("year == 2027 and pillar == 'core'").set_index("nation")["gdp_share"]
    for nation, row in facts.iterrows():
        today = row["def_bn_usd_2026e"] / row["gdp_bn_usd_2026e"]
        steps = max(row["target_core_year"], 2027) - 2026
        assert path[nation] == pytest.approx(today + (target[nation] / 100 - today) / steps, abs=1e-6), nation


def test_paths_end_at_the_pledge(alliance):
    last = alliance.tables["budget_path"].query("year == 2035").set_index(["nation", "pillar"])["gdp_share"]
    below = {nation for nation, share in last.xs("core", level="pillar").items() if share < 0.035 - 1e-9}
    assert below == {"BEL", "ESP", "HUN", "ISL", "SVK"}  # the nations that state a level and no path to 3.5 %
    assert last.xs("resilience", level="pillar").to_numpy() == pytest.approx(0.015)


def test_counts(alliance):
    rows = {name: len(table) for name, table in alliance.tables.items()}
    assert rows["nations"] == 32
    assert rows["areas"] == 19
    assert rows["programmes"] == 115
    assert rows["frames"] == 45
    assert rows["lines"] == 81
    assert rows["components"] == 11
    assert rows["expansions"] == 40
    assert rows["innovation"] == 28
    assert 1250 <= rows["customers"] <= 1330
    assert rows["pipeline"] == rows["obligations"] == rows["prior_plan"] == 0
    assert alliance.settings.marking == "ILLUSTRATIVE - PUBLIC SOURCES ONLY"
    assert set(alliance.tables["expansions"]["kind"]) == {"shift", "modernise", "new_site", "licence"}
    assert {"base", "lean", "line_lost", "us_step_back", "synchronised", "industry_first"} <= set(alliance.scenarios)
    assert sum(scenario.probability for scenario in alliance.scenarios.values()) == pytest.approx(1)


def test_the_build_gives_the_committed_tables_byte_for_byte(tmp_path):
    write(tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    committed = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".yaml"))
    assert made == committed
    for name in made:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_every_column_has_a_source_and_a_basis(alliance):
    sources = alliance.tables["sources"]
    assert set(sources["basis"]) == {"published", "derived", "assumption"}
    told = set(
        zip(sources.loc[sources["key"] == "*", "table"], sources.loc[sources["key"] == "*", "column"], strict=True)
    )
    for name, table in alliance.tables.items():
        if name != "sources":
            missing = [column for column in table.columns if (name, column) not in told]
            assert not missing, (name, missing)


def test_every_correction_is_in_sources_with_its_reason(alliance):
    corrections = pd.read_csv(FOLDER / "inputs" / "corrections.csv", dtype=str, keep_default_na=False)
    notes = " ".join(alliance.tables["sources"]["note"])
    assert corrections["reason"].str.len().min() > 20
    assert all(reason in notes for reason in corrections["reason"])


def available(alliance):
    table = alliance.tables["budget_path"].merge(alliance.tables["economy"], on=["nation", "year"])
    table["available"] = table["gdp"] * table["gdp_share"] * (1 - table["committed_share"])
    return table


def test_money_covers_about_two_thirds_of_the_need(alliance):
    """Need: each area's gap in 2035 at the median price of an area unit; sustainment 17 % and 6 % on top."""
    t = alliance.tables
    price = t["effects"].merge(t["programmes"][["programme", "area", "unit_cost"]], on=["programme", "area"])
    unit = (price["unit_cost"] / price["effect"]).groupby(price["area"]).median()
    last = t["targets"].query("year == 2035").merge(t["areas"][["area", "pillar"]], on="area")
    gap = (last["target"] - last["baseline"]).clip(lower=0) * last["area"].map(unit)
    need = gap.groupby(last["pillar"]).sum() * pd.Series({"core": 1.17, "resilience": 1.06})
    money = available(alliance).groupby("pillar")["available"].sum()
    assert 1.3 <= need.sum() / money.sum() <= 2.0
    assert 1.3 <= need["core"] / money["core"] <= 2.0


def test_types_of_today_cost_under_one_percent_of_any_nations_money(alliance):
    t = alliance.tables
    owned = t["customers"].query("units_operated > 0").merge(t["programmes"][["programme", "area", "standard"]])
    owned = owned.merge(t["areas"][["area", "standard", "integration_tax"]], on="area", suffixes=("", "_wanted"))
    off = owned[(owned["standard_wanted"] != "") & (owned["standard"] != owned["standard_wanted"])]
    bill = off.groupby("nation")["integration_tax"].sum() * 9
    money = available(alliance).query("pillar == 'core'").groupby("nation")["available"].sum()
    assert (bill / money.reindex(bill.index)).max() <= 0.01 + 1e-6
    assert bill.sum() > 0


def test_rows_with_target_zero_are_gone_and_a_baseline_may_exceed_its_target(alliance):
    targets = alliance.tables["targets"]
    assert (targets["target"] > 0).all()
    assert (targets["baseline"] > targets["target"]).any()
    collective = set(targets.loc[targets["nation"] == "ALL", "area"])
    assert collective == {"ammo", "isr_space", "airlift_aar"}
    assert not collective & set(targets.loc[targets["nation"] != "ALL", "area"])
    assert not collective & set(alliance.tables["requires"]["area"])


def test_lots_never_cut_an_order_into_thousands(alliance):
    t = alliance.tables
    pairs = t["customers"].merge(t["programmes"][["programme", "lot", "category"]])
    whole = pairs[pairs["lot"] > 0]
    lots = whole["max_units"] / whole["lot"]
    assert lots.to_numpy() == pytest.approx(lots.round().to_numpy())
    assert lots.max() <= 200
    assert (pairs.loc[pairs["category"] == "munition", "lot"] == 0).all()


def launch_years(alliance, frame):
    """Years in which a frame can launch: enough signers, enough wishes, and a first order that still arrives."""
    t = alliance.tables
    nations = t["nations"].set_index("nation")
    programme = t["programmes"].set_index("programme").loc[frame.programme]
    buyers = t["customers"].query("programme == @frame.programme and max_units > 0").set_index("nation")["max_units"]
    members = t["frame_members"].query("frame == @frame.frame and nation in @buyers.index")
    lead = programme["lead_years"] + frame.extra_lead_years
    last = min(frame.last_launch, programme["last_order_year"], 2035 - lead)
    for year in range(max(frame.first_launch, programme["first_order_year"]), last + 1):
        signing = [
            row.nation
            for row in members.itertuples()
            if row.status in ("committed", "member")
            or (year - nations.at[row.nation, "signing_offset"]) % nations.at[row.nation, "signing_cycle"] == 0
        ]
        if len(signing) >= frame.min_members and buyers[signing].sum() >= frame.min_units:
            yield year


def test_every_frame_can_launch(alliance):
    for frame in alliance.tables["frames"].itertuples():
        assert list(launch_years(alliance, frame)), frame.frame


def test_every_programme_delivers_within_the_horizon(alliance):
    programmes = alliance.tables["programmes"]
    assert (programmes["first_order_year"] <= programmes["last_order_year"]).all()
    assert (programmes["last_order_year"] + programmes["lead_years"] <= 2035).all()
    expansions = alliance.tables["expansions"]
    assert (expansions["last_year"] + expansions["build_years"] <= 2035).all()


def test_every_host_can_pay_its_share_of_an_expansion(alliance):
    """Some start leaves the host its share of every year's bill within that year's open resilience money."""
    money = available(alliance).query("pillar == 'resilience'").set_index(["nation", "year"])["available"]
    for row in alliance.tables["expansions"].itertuples():
        if row.host not in money.index.get_level_values("nation"):
            continue
        build = max(1, row.build_years)
        starts = [
            start
            for start in range(row.first_year, row.last_year + 1)
            if all(
                row.host_share_min
                * (row.cost / build * (year < start + build) + row.annual_cost * (year >= start + row.build_years))
                <= money[row.host, year]
                for year in range(start, 2036)
            )
        ]
        assert starts and starts[0] <= 2028, row.expansion


def test_every_whole_unit_fits_through_a_line_once(alliance):
    """A yard that makes 0.8 ships a year could never deliver one: some year of some line must hold a whole lot."""
    t = alliance.tables
    programmes = t["programmes"].set_index("programme")
    peak = t["line_capacity"].groupby("line")["capacity"].max()
    uses = t["line_programmes"].assign(peak=t["line_programmes"]["line"].map(peak))
    for programme, rows in uses.groupby("programme"):
        lot = programmes.at[programme, "lot"] or 0.0001
        assert (rows["peak"] / rows["capacity_use"]).sum() >= lot - 1e-9, programme


def test_the_coverage_page_is_up_to_date():
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == page()
