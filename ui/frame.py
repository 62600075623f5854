"""Which pages there are, and how a page gets what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from ui.session import View

SIDEBAR = 340
ICON = str(Path(__file__).with_name("icon.svg"))
VIEW = "view"
CSS = """<style>
[data-testid="stMainBlockContainer"] {padding-left: 1.6rem; padding-right: 1.6rem;}
[data-testid="stSidebarContent"] {padding-left: 0.2rem; padding-right: 0.2rem;}
[class*="st-key-card-"] {padding: 0.5rem 0.7rem;}
[class*="st-key-status"] {padding: 0.5rem 0.9rem;}
[data-testid="stMetricLabel"] p {white-space: nowrap;}
</style>"""
PAGES = (
    ("plan", "Plan"), ("gaps", "Gaps"), ("joint", "Joint buys"), ("industry", "Industry"),
    ("innovation", "Innovation"), ("nations", "Nations"), ("compare", "Compare"), ("data", "Data"), ("runs", "Runs"),
)  # fmt: skip


def pages() -> list[Any]:
    """The pages, in the order of the navigation."""
    return [
        st.Page(f"ui/page_{name}.py", title=title, url_path=name, default=name == PAGES[0][0]) for name, title in PAGES
    ]


def show(page: Any, view: View) -> None:
    """Run a page with what it shows."""
    st.session_state[VIEW] = view
    try:
        page.run()
    finally:
        del st.session_state[VIEW]


def view() -> View:
    """What the page being run shows."""
    found = st.session_state[VIEW]
    if not isinstance(found, View):
        raise TypeError("a page runs inside the frame of app.py only")
    return found


def dress() -> None:
    """The little that the theme can't say: margins that leave room for figures on a small screen."""
    st.html(CSS)
