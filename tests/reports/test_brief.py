"""The brief: two pages and an annex, alone in one file, nothing of the data read as markup."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from reports.brief import to_html, to_pdf, write_brief
from reports.brief_content import ANNEX, Brief, content
from tests.small_plan import small_plan

HOSTILE = '<script>alert(1)</script> #panic("x") $ * _ "'


def planned() -> SimpleNamespace:
    plan = small_plan()
    programmes = plan.case.dataset.tables["programmes"]
    plan.case.dataset.tables["programmes"] = programmes.assign(
        cost_growth=0.0, down_payment=0.2, sustain_cost=1.0, name=["=1+1 missile", HOSTILE]
    )
    plan.header["warnings"] = [HOSTILE]
    return plan


@pytest.fixture(scope="module")
def brief() -> Brief:
    return content(planned())


def test_the_answer_stands_in_sentences_with_the_tables_figures(brief: Brief) -> None:
    text = " ".join(brief.answer).replace("\u00a0", " ")
    assert "from 74.10 to 41.50 points and spends EUR 95.5 m in 2027-2029, 18% of the money available" in text
    assert "to 41.50; no plan can bring it below 40.00, a proven gap of 3.6%" in text
    assert "it closes at least 95.7% of what any plan could" in text
    assert "When all that is ordered by 2029 has arrived, by 2031, the gap index of that settled state is 39.00" in text
    assert "It binds EUR 9.5 m of 2030-2031" in text
    assert "Of EUR 780.0 m planned for 2027-2029, EUR 600.0 m are bound before this plan" in text
    assert "0 production lines are expanded and 0 lines of innovation started" in text
    assert "0 of 1 line is full in some year, 0 idle throughout." in text
    assert "1 joint buy saves EUR 4.5 m after fees" in text
    assert "Most stays open in Sea control: 27% met in 2029 (order limit 100%)" in text


def test_what_stays_open_and_what_is_decided_first(brief: Brief) -> None:
    assert brief.open.rows[0] == ("Sea control", "0%", "R 27%", "40%", "order limit 100%")
    assert brief.decisions.rows[-1][0].startswith("order (1 programme; million EUR; † the price is an assumption")
    assert brief.decisions.rows[-1][1] == "=1+1 missile (40)"
    assert brief.together.rows == [("Frigates together", "2028", "2", "50", "4")]


def test_prices_that_are_assumptions_are_marked() -> None:
    plan = planned()
    plan.case.dataset.tables["sources"] = pd.DataFrame(
        [("programmes", "*", "*", "assumption")], columns=["table", "key", "column", "basis"]
    )
    brief = content(plan)
    assert brief.decisions.rows[-1][1] == "=1+1 missile † (40)"
    assert brief.together.rows[0][0] == "Frigates together †"
    assert brief.together.title == "Bought together; † the price is an assumption: no public figure was found"


def test_the_page_stands_alone_and_runs_nothing(brief: Brief) -> None:
    page = to_html(brief)
    assert len(re.findall(r'class="marking \w+">TEST &amp; NOTHING ELSE<', page)) == 2
    assert page.count(">TEST &amp; NOTHING ELSE</text>") == len(brief.front) + len(brief.annex)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [link for link in links if not link.startswith("#")] == []
    assert set(re.findall(r"https?://[^\s\"'<)]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<figure") == len(brief.front) + len(brief.annex)
    assert page.count('role="img" aria-label="') == page.count("<figure")
    assert "overflow: visible" in page  # a reader's wider font is not cut at a picture's edge


def test_the_pdf_is_made_of_nothing_but_its_own(brief: Brief) -> None:
    made = to_pdf(brief)
    assert made.startswith(b"%PDF")
    assert to_pdf(content(planned())) == made


def test_every_picture_of_the_annex_is_there(brief: Brief) -> None:
    assert [picture.name for picture in brief.annex] == list(ANNEX)
    assert all(picture.width > 50 and picture.height > 30 for picture in brief.annex)


def test_with_a_last_plan_the_annex_shows_the_change(tmp_path: Path) -> None:
    last = planned()
    last.tables["spending"] = last.tables["spending"].assign(amount=lambda frame: frame["amount"] / 2)
    write_brief(planned(), tmp_path / "brief.html", last)
    text = (tmp_path / "brief.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "The spending rises from EUR 47.8 m in the last plan to EUR 95.5 m" in text
    assert [file.name for file in tmp_path.iterdir()] == ["brief.html"]


def test_the_two_pages_are_two_and_bear_the_marking(brief: Brief, tmp_path: Path) -> None:
    import shutil

    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not installed to read the pages")
    (tmp_path / "b.pdf").write_bytes(to_pdf(brief))
    read = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "b.pdf", "-"], check=True, capture_output=True, timeout=60
    )
    pages = read.stdout.decode().split("\f")[:-1]
    assert "To be decided in 2027" in pages[0]
    assert "What the plan depends on most" in pages[1]
    assert "Annex" in pages[2]
    assert all(page.count("TEST & NOTHING ELSE") >= 2 for page in pages)
    assert '#panic("x")' in pages[-1]
