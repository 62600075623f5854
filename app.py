"""The frame of the pages: `drive5 app` (or `streamlit run app.py`) opens here."""

from __future__ import annotations

import streamlit as st

from ui import answer, effects, frame, panel, session

session.begin()
page = st.navigation(frame.pages(), position="top")
st.set_page_config(
    page_title=f"{page.title} · Drive to Five", page_icon=frame.ICON, layout="wide", initial_sidebar_state=frame.SIDEBAR
)
frame.dress()
for text in session.take_notes():
    st.toast(text, icon=":material/info:", duration="long")
view = session.ask()
panel.draw(view)
answer.draw(view)
effects.draw(view)
frame.show(page, view)
answer.foot(view)
session.write_url(view.setting)
