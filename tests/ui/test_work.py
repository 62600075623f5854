"""What the pages work out themselves, by hand on data/tiny: one more member, what holds back, drafts, stored plans."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from data.dataset import load
from data.levers import apply
from data.rows import spans
from optimizer.plans.plan import Plan
from optimizer.solve import solve
from store.folder import write_plan
from store.runs import NOTE
from tests.ui_cases import ROOT
from ui import draft as drafts
from ui import one_more, reach
from ui.gallery import Gallery
from ui.look import adapted
from ui.parts import excel_bytes, plain
from ui.reference import StoreError, store, stored_plan
from ui.shelf import Shelf

TINY = load(ROOT / "data/tiny")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(apply(TINY))


def without_usa(plan: Plan) -> Plan:
    """DEU orders 3 and POL 1 through the frame at tier 1 (from 3: 0.95), the USA one alone for 100 in 2027."""
    tables = dict(plan.tables)
    columns = list(tables["members"].columns)
    rows = [("sam_joint", "DEU", 3.0, 299.25, 15.75, 0.0), ("sam_joint", "POL", 1.0, 99.75, 5.25, 0.0)]
    tables["members"] = pd.DataFrame(rows, columns=columns)
    frame = ("sam_joint", "sam", 2028, 2, 4.0, 1, 0.95, 21.0, 8.0)
    tables["frames"] = pd.DataFrame([frame], columns=list(tables["frames"].columns))
    orders = [("USA", "sam", "national", 2027, 1.0, 100.0, 100.0)]
    tables["orders"] = pd.DataFrame(orders, columns=list(tables["orders"].columns))
    return replace(plan, tables=tables)


def test_one_more_member_by_hand(plan: Plan) -> None:
    """The fifth unit reaches tier 2 (0.9).

    The USA save 100 x 0.1 = 10 and pay 2 to join and 1 in each of two commitment years; the others' 420 at full price
    (399 / 0.95) cost 0.05 less: 21. Together 10 - 4 + 21 = 27.
    """
    found = one_more.one_more(without_usa(plan), "sam_joint")
    assert list(found["nation"]) == ["USA"] and list(found["status"]) == ["committed"]
    row = found.iloc[0]
    assert row["units moved"] == 1.0 and row["price × then"] == 0.9
    assert row["it saves"] == pytest.approx(10.0) and row["it pays in fees"] == pytest.approx(4.0)
    assert row["others save more"] == pytest.approx(21.0) and row["all together"] == pytest.approx(27.0)


def test_one_more_of_a_frame_that_is_not_launched_is_empty(plan: Plan) -> None:
    tables = dict(plan.tables)
    tables["frames"] = tables["frames"].iloc[:0]
    assert one_more.one_more(replace(plan, tables=tables), "sam_joint").empty


@pytest.mark.parametrize(("units", "tier"), [(2.9, (0, 1.0)), (3.0, (1, 0.95)), (7.999999, (3, 0.8)), (5, (2, 0.9))])
def test_tiers_by_hand(plan: Plan, units: float, tier: tuple[int, float]) -> None:
    assert one_more.tier_factor(one_more.tiers_of(plan, "sam_joint"), units) == tier


def test_what_holds_back_is_read_off_the_plan(plan: Plan) -> None:
    rows = reach.programmes(plan, "DEU", "air_defence").set_index("programme")
    assert rows.loc["Air defence battery", "ordered"] == 4.0 and rows.loc["Air defence battery", "most"] == 8.0
    nobody = reach.programmes(plan, "USA", "ammunition")
    assert set(nobody["what holds back more"]) == {"it is no customer of this programme"}
    full = reach.programmes(plan, "POL", "networks")
    assert list(full["what holds back more"]) == ["it orders all that it may"]


def test_a_munition_without_anything_that_fires_it_says_so(plan: Plan) -> None:
    """Interceptors need a battery: with none ordered or held, DEU has nothing that fires them."""
    tables = dict(plan.tables)
    tables["orders"] = tables["orders"].query("programme != 'sam' and programme != 'interceptor'")
    rows = reach.programmes(replace(plan, tables=tables), "DEU", "ammunition").set_index("programme")
    held = rows.loc["Interceptor missiles", "what holds back more"]
    assert held == "it operates nothing that fires or carries it (sam)"


def test_the_effect_delivered_is_that_of_the_gaps_table(plan: Plan) -> None:
    gaps = plan.tables["gaps"]
    last = gaps[(gaps["year"] == 2030) & (gaps["nation"] != "ALL")]
    for nation, area, delivered in zip(last["nation"], last["area"], last["delivered"], strict=True):
        assert reach.programmes(plan, nation, area)["delivered"].sum() == pytest.approx(delivered), (nation, area)


@pytest.mark.parametrize(("years", "said"), [([2029], "2029"), ([2029, 2030, 2031, 2033], "2029-2031, 2033"), ([], "")])
def test_years_are_said_as_spans(years: list[int], said: str) -> None:
    assert spans(years) == said


def test_a_way_shows_each_year_in_both_inks(plan: Plan) -> None:
    """The USA lack 1 of 12 in 2030, which is 91 % and not 92 %; the battery that they pinned for 2030 comes later."""
    shown = reach.way(plan, "USA", "air_defence")
    assert "91% of the target of 2030 is met, 100% when all that is ordered has arrived" in shown.title
    assert list(shown.data["year"]) == ["2027", "2028", "2029", "2030", "all arrived"]
    light, dark = json.loads(shown.light), json.loads(shown.dark)
    assert "#333333" in shown.light and "#333333" not in json.dumps(dark["layer"][1]["mark"])
    assert light["config"]["background"] == "transparent"


def test_cells_of_a_chart_keep_their_own_inks() -> None:
    """A white letter on a dark cell is data: a dark page must not turn it."""
    cells = {"mark": "rect", "data": {"values": [{"ink": "#000000"}]}}
    spec = {"layer": [cells, {"mark": {"type": "text", "color": "#000000"}}], "width": 300, "height": 200}
    _, dark, stretch = adapted(spec)
    assert dark["layer"][0]["data"]["values"] == [{"ink": "#000000"}]
    assert dark["layer"][1]["mark"]["color"] != "#000000" and not stretch


def test_text_of_data_is_never_formatting() -> None:
    assert plain("a*b_[c](d) $x$ :red[e]") == r"a\*b\_\[c\]\(d\) \$x\$ \:red\[e\]"


def test_a_download_bears_the_marking_and_keeps_text_as_text() -> None:
    rows = pd.DataFrame({"name": ["=1+1", "@x"], "value": [1.5, float("inf")]})
    sheet = openpyxl.load_workbook(io.BytesIO(excel_bytes(rows, "rows", "TOP & SECRET"))).active
    assert sheet["A2"].value == "=1+1" and sheet["A2"].data_type == "s"
    assert sheet.oddHeader.center.text == "TOP && SECRET" and sheet.oddFooter.center.text == "TOP && SECRET"


def test_a_draft_that_changes_nothing_is_no_change() -> None:
    draft = drafts.of_folder(ROOT / "data/tiny")
    for name in draft.raw.tables:
        assert draft.with_table(name, draft.frame(name)).changed == []
    dataset, found = draft.examined()
    assert dataset is not None and dataset.sha256 == TINY.sha256 and draft.errors() == []
    assert all(finding.level == "warning" for finding in found)


def test_a_draft_says_what_is_wrong_where_it_was_typed() -> None:
    draft = drafts.of_folder(ROOT / "data/tiny")
    economy = draft.frame("economy").copy()
    economy.loc[2, "gdp"] = -1.0
    draft = draft.with_table("economy", economy)
    wrong = draft.errors()
    assert draft.changed == ["economy"]
    assert [(one.table, one.row, one.column) for one in wrong] == [("economy", 2, "gdp")]
    assert draft.examined()[0] is None
    economy.loc[2, "gdp"] = 1000.0
    assert draft.with_table("economy", economy).errors() == []


def test_a_draft_drops_blank_rows_and_offers_known_ids() -> None:
    from data.dictionary import data_tables

    draft = drafts.of_folder(ROOT / "data/tiny")
    longer = pd.concat([draft.frame("nations"), pd.DataFrame([{}])], ignore_index=True)
    assert draft.with_table("nations", longer).merged().tables["nations"].rows == [1, 2, 3]
    offered = drafts.choices(draft, data_tables()["frame_members"].column("nation"))
    assert offered == ["DEU", "POL", "USA"]


def test_a_draft_goes_through_a_workbook_and_back() -> None:
    draft = drafts.of_folder(ROOT / "data/tiny").with_text("settings", None)
    dataset, _ = drafts.of_book(drafts.book_bytes(draft)).examined()
    assert dataset is not None and dataset.sha256 == TINY.sha256


def test_an_upload_that_is_no_workbook_is_a_finding() -> None:
    dataset, found = drafts.of_book(b"not a workbook").examined()
    assert dataset is None and found


def test_a_stored_plan_comes_back_and_only_for_its_data(plan: Plan, tmp_path: Path) -> None:
    folder, data = tmp_path / "plan", tmp_path / "data"
    write_plan(plan, folder)
    shutil.copytree(ROOT / "data/tiny", data)
    dataset = load(data)
    assert stored_plan(dataset) is None
    store(folder, data, dataset)
    first = (data / "plan" / "tables.zip").read_bytes()
    found = stored_plan(load(data))
    assert found is not None and found.header == plan.header
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, plan.tables[name], check_dtype=False)
    assert found.progress == tuple(replace(line, seconds=round(line.seconds, 3)) for line in plan.progress) != ()
    assert load(data).sha256 == TINY.sha256  # the plan is no part of the data
    store(folder, data, dataset)
    assert (data / "plan" / "tables.zip").read_bytes() == first
    renamed = replace(dataset, scenarios={"other": dataset.scenarios["lean"]})
    again = stored_plan(renamed)
    assert again is not None and again.header["dataset_sha256"] == renamed.sha256
    other = replace(dataset, settings=dataset.settings.model_copy(update={"urgency": {2027: 0.3}}))
    assert stored_plan(other) is None
    with pytest.raises(StoreError, match="other data"):
        store(folder, data, other)


def test_a_stored_plan_of_an_earlier_contract_is_left_where_it_is(plan: Plan, tmp_path: Path) -> None:
    folder, data = tmp_path / "plan", tmp_path / "data"
    write_plan(plan, folder)
    shutil.copytree(ROOT / "data/tiny", data)
    store(folder, data, load(data))
    kept = data / "plan" / "plan.json"
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"contract": 1}))
    assert stored_plan(load(data)) is None


def test_the_reference_set_ships_with_a_plan_of_its_own() -> None:
    """`make reference` makes it anew after a change of the data or the contract."""
    found = stored_plan(load(ROOT / "data/alliance"))
    assert found is not None, "the stored plan was made from other data: run `make reference`"
    assert found.header["exit_code"] in (0, 5) and found.header["levers"] == {} and found.solved
    size = sum(file.stat().st_size for file in (ROOT / "data/alliance/plan").iterdir())
    assert size < 3_000_000


def test_the_shelf_reads_notes_and_deletes_its_own_plans_only(plan: Plan, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "plans")
    assert shelf.runs() == []
    name = shelf.new_name("tiny", None)
    assert shelf.new_name("tiny", None) != name  # two runs of one second
    assert shelf.write(plan, name).ok
    (tmp_path / "plans" / "no-plan").mkdir()
    assert [run.name for run in shelf.runs()] == [name]
    shelf.set_note(name, "  the first  ")
    assert shelf.run(name).note == "the first" and (tmp_path / "plans" / name / NOTE).is_file()
    assert shelf.read(name).header["kpis"] == plan.header["kpis"]
    for evil in ("../outside", "/etc", "datasets", ".."):
        with pytest.raises(ValueError, match="is no name of a plan"):
            shelf.delete(evil)
    shelf.delete(name)
    assert shelf.runs() == [] and sorted(entry.name for entry in (tmp_path / "plans").iterdir()) == [
        ".store",
        "no-plan",
    ]


def test_the_gallery_makes_each_thing_once_and_forgets_what_failed(plan: Plan) -> None:
    gallery, made = Gallery(), []

    def make(given: Plan) -> int:
        made.append(given)
        if len(made) == 1:
            raise RuntimeError("the first time fails")
        return len(made)

    with pytest.raises(RuntimeError):
        gallery.get(plan, "thing", make)
    assert [gallery.get(plan, "thing", make) for _ in range(3)] == [2, 2, 2]
    gallery.close()
