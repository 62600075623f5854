"""The pages in a real browser: every page drawn whole, a lever moved and answered, a workbook, a link, a reload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from tests import visit
from tests.visit import TITLES, Trouble

pytestmark = pytest.mark.chromium
FOCUS = "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
# What the status line says, and where the top of the picture is, at every frame from now on.
WATCH = """() => { window.said = []; window.places = new Set();
  const look = () => {
    const line = document.querySelector('.st-key-status'), picture = document.querySelector('.st-key-plan-picture');
    if (line && line.innerText !== said.at(-1)) said.push(line.innerText);
    if (picture) places.add(picture.getBoundingClientRect().y);
    requestAnimationFrame(look); };
  look(); }"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("visit")


@pytest.fixture(scope="module")
def tiny(workspace: Path) -> Iterator[str]:
    with visit.served("data/tiny", workspace / "tiny") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with visit.browser() as found:
        yield found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_of_the_reference_plan_is_whole(workspace: Path, chromium: Browser, dark: bool) -> None:
    """No exception, no cut label, nothing over anything, no error in the console, nothing asked of the outside."""
    trouble, found = Trouble(), {}
    with visit.served("data/alliance", workspace / "alliance") as address:
        page = visit.session(chromium, trouble, dark)
        visit.open_page(page, address)
        for title in TITLES:
            visit.turn(page, title)
            found[title] = visit.faults(page)
            expect(page.get_by_role("note", name="marking"), title).to_have_count(2, timeout=20_000)
    assert found == {title: [] for title in TITLES}
    assert trouble == Trouble()


def test_a_lever_is_moved_and_answered_and_the_page_does_not_jump(tiny: str, chromium: Browser) -> None:
    trouble = Trouble()
    page = visit.session(chromium, trouble)
    visit.open_page(page, tiny)
    visit.await_status(page, "Plan.*audited")
    place = page.locator(".st-key-plan-picture").bounding_box()
    assert place is not None
    slider = page.get_by_role("slider", name="Growth of GDP").first
    page.evaluate(WATCH)
    visit.move(page, "Growth of GDP", "ArrowLeft", 5)
    expect(slider).to_have_attribute("aria-valuetext", "-0.5 %")
    page.wait_for_url("**growth_shift=-0.005**")
    visit.await_status(page, "Plan.*audited")
    visit.quiet(page)
    assert page.evaluate("said.some(text => text.includes('Estimat'))")
    assert page.locator(".st-key-plan-picture").bounding_box() == place
    assert page.evaluate("[...places]") == [place["y"]]
    assert "vs base" in page.locator("[data-testid=stMetric]").first.inner_text()
    assert trouble == Trouble()


def test_a_drawer_stays_open_and_the_focus_where_it_is_when_its_first_lever_moves(tiny: str, chromium: Browser) -> None:
    page = visit.session(chromium, Trouble())
    visit.open_page(page, tiny)
    page.locator(".st-key-group-Industry summary").click()
    slider = page.locator(".st-key-group-Industry").get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.locator(".st-key-group-Industry").get_by_text("●").wait_for()
    visit.quiet(page)
    expect(slider).to_be_focused()
    expect(page.locator("[data-testid=stSidebar]")).to_contain_text("marked ●: Industry 1")


def test_a_link_opens_the_same_state_in_a_second_session(tiny: str, chromium: Browser) -> None:
    first = visit.session(chromium, Trouble())
    visit.open_page(first, tiny)
    visit.move(first, "Carried into next year", "ArrowRight", 3)
    first.wait_for_url("**carry_over=0.08**")
    visit.await_status(first, "Plan.*audited")
    url = first.url
    second = visit.session(chromium, Trouble())
    visit.open_page(second, url)
    visit.await_status(second, "Plan.*audited")
    assert second.get_by_role("slider", name="Carried into next year").first.get_attribute("aria-valuetext") == "8 %"
    assert visit.status(second) == visit.status(first)  # the same run, not one solved again


def test_a_reload_finds_its_run_and_back_goes_back(tiny: str, chromium: Browser) -> None:
    page = visit.session(chromium, Trouble())
    visit.open_page(page, tiny)
    visit.move(page, "Carried into next year", "ArrowRight", 7)
    page.wait_for_url("**carry_over=0.12**")
    page.reload()
    page.wait_for_selector("[data-testid=stMetric]")
    visit.await_status(page, "Plan.*audited")
    assert "carry_over=0.12" in page.url
    visit.move(page, "Carried into next year", "ArrowRight")
    page.wait_for_url("**carry_over=0.13**")
    visit.quiet(page)
    page.go_back()  # so soon that it might be an event on its way: the page looks again
    page.wait_for_url("**carry_over=0.12**")
    slider = page.get_by_role("slider", name="Carried into next year").first
    expect(slider).to_have_attribute("aria-valuetext", "12 %", timeout=20_000)


def test_the_workbook_is_downloaded_and_opens(tiny: str, chromium: Browser, tmp_path: Path) -> None:
    page = visit.session(chromium, Trouble())
    visit.open_page(page, tiny)
    visit.await_status(page, "Plan.*audited")
    with page.expect_download() as download:
        page.get_by_role("button", name="Workbook").click()
    file = tmp_path / "plan.xlsx"
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    assert {"orders", "spending", "gaps"} <= set(book.sheetnames)
    assert "ILLUSTRATIVE" in str(book["orders"].oddHeader.center.text)


def test_the_data_workbook_goes_out_and_comes_back_as_a_data_set(tiny: str, chromium: Browser, tmp_path: Path) -> None:
    page = visit.session(chromium, Trouble())
    visit.open_page(page, tiny)
    visit.turn(page, "Data")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the data").click()
    file = tmp_path / "from visit.xlsx"
    download.value.save_as(file)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("no error").last.wait_for()
    page.get_by_role("button", name="Save and open it").click()
    page.wait_for_url("**data=from-visit**")
    visit.await_status(page, "Plan.*audited")
    assert visit.faults(page) == []


def test_every_control_is_reached_by_the_keyboard(tiny: str, chromium: Browser) -> None:
    """Tabbing from the top meets the pages, the first levers and the buttons of the answer."""
    page = visit.session(chromium, Trouble())
    visit.open_page(page, tiny)
    visit.await_status(page, "Plan.*audited")
    met = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        met.add(page.evaluate(FOCUS))
    said = " ".join(str(one) for one in met)
    for wanted in ("Gaps", "Core share", "Carried into next year", "Workbook", "Search on", "Numbers"):
        assert wanted in said, wanted
