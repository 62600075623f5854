"""One browser session: its setting, kept in step with the URL, and the answers it looks at."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data.dataset import Dataset
from data.findings import DataError
from data.lever_table import LeverError
from data.levers import Case
from optimizer.plans.plan import Plan
from ui import setting as settings
from ui.desk import Answer
from ui.library import LibraryError
from ui.room import Room, room, room_reference
from ui.setting import DATA, Setting

SETTLED = 3.0  # seconds after which a browser has taken the URL that was written, on a busy server too
OWNER, SETTING, NOTES, URL, UNSURE, SEEN, LAST, SECONDS, AUTOMATIC = (
    "owner", "setting", "notes", "url", "unsure", "seen", "last", "seconds", "automatic",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """What the pages of one run of the script show.

    Attributes:
        room: the shared room.
        owner: this session.
        setting: what is set.
        dataset: its data set.
        case: its case.
        key: of the case.
        answer: what is known of it.
        base: what is known of the data set's base.
        plan: the plan to show, None where there is none yet.
        stale: whether that plan answers an earlier setting, the new answer being under way.
        previous: headline figures of the answer before this one, None where there was none.
    """

    room: Room
    owner: str
    setting: Setting
    dataset: Dataset
    case: Case
    key: str
    answer: Answer
    base: Answer
    plan: Plan | None
    stale: bool
    previous: Mapping[str, Any] | None

    @property
    def is_base(self) -> bool:
        """Whether nothing differs from the data set's base."""
        return self.key == self.base.key


def owner() -> str:
    """This session's own token."""
    if OWNER not in st.session_state:
        st.session_state[OWNER] = secrets.token_hex(8)
    return str(st.session_state[OWNER])


def current() -> Setting:
    """The setting of this session."""
    found = st.session_state[SETTING]
    if not isinstance(found, Setting):
        raise TypeError("the session holds no setting; open the page again")
    return found


def marking() -> str:
    """The marking of this session's data set."""
    return room().library.dataset(current().data).settings.marking


def note(text: str) -> None:
    """A sentence to show once, at the next run."""
    st.session_state.setdefault(NOTES, []).append(text)


def take_notes() -> list[str]:
    """The sentences to show now."""
    return list(st.session_state.pop(NOTES, []))


def begin() -> None:
    """Take the setting from the URL at the start of a session, or when the browser went back or forward."""
    words = dict(st.query_params.to_dict())
    if SETTING not in st.session_state:
        adopt(words)
        return
    setting = current()
    try:
        room().library.dataset(setting.data)
    except (LibraryError, DataError) as problem:
        note(f"{setting.data} can't be opened any more ({str(problem)[:120]})")
        adopt({})
        return
    written, when = st.session_state.get(URL, ({}, 0.0))
    own = words if DATA in words else None
    # An event on its way when the URL was written still carries the old one: it moved a lever, or comes soon after.
    # What comes so soon may be a step back, too: the page looks again.
    moved = settings.to_query(setting) != written
    other = own is not None and own != written and not moved
    st.session_state[UNSURE] = other and time.monotonic() - when <= SETTLED
    if own is not None and other and not st.session_state[UNSURE]:
        adopt(own)


def unsure() -> bool:
    """Whether the browser may have gone back just after its URL was written: the page must look again."""
    return bool(st.session_state.get(UNSURE, False))


def sure_by_now() -> bool:
    """Whether a browser that showed another URL has had the time to take the one that was written."""
    return unsure() and time.monotonic() - st.session_state[URL][1] > SETTLED


def adopt(words: Mapping[str, str]) -> None:
    """Make the setting that a URL's words say this session's own."""
    here = room()
    data = words.get(DATA, here.data)
    try:
        dataset = here.library.dataset(data)
    except (LibraryError, DataError) as problem:
        if data == here.data:
            raise
        note(f"the link's data set can't be opened ({str(problem)[:160]}); {here.data} is shown")
        data, words = here.data, {}
        dataset = here.library.dataset(data)
    if data not in here.referenced:
        room_reference(here, data)
    setting, complaints = settings.from_query(words, dataset, data)
    for text in complaints:
        note(text)
    st.session_state[SETTING] = setting


def write_url(setting: Setting) -> None:
    """Keep the browser's URL at this setting; not while it may show one that the user went back to."""
    if unsure():
        return
    words = settings.to_query(setting)
    if dict(st.query_params.to_dict()) != words:
        st.query_params.from_dict(words)
    if st.session_state.get(URL, ({}, 0.0))[0] != words:
        st.session_state[URL] = (words, time.monotonic())


def change(changes: Mapping[str, object]) -> None:
    """Move levers; a move that can't be is said and not made."""
    setting = current()
    dataset = room().library.dataset(setting.data)
    try:
        moved = settings.pull(setting, dataset, changes)
        room().library.case(moved)
    except LeverError as problem:
        note(str(problem))
        return
    st.session_state[SETTING] = moved


def replace_setting(setting: Setting) -> None:
    """Open another setting, such as a named scenario; what of it says nothing here is left out and said."""
    adopt(settings.to_query(setting))


def ask() -> View:
    """Ask the desk for this session's setting and look at what it knows."""
    here, mine, setting = room(), owner(), current()
    dataset = here.library.dataset(setting.data)
    case = here.library.case(setting)
    key = settings.key_of(case)
    base_case = here.library.case(Setting(setting.data))
    base_key = settings.key_of(base_case)
    seconds = float(st.session_state.get(SECONDS, here.seconds))
    automatic = bool(st.session_state.get(AUTOMATIC, True))
    here.desk.ask(mine, key, case, seconds=seconds, automatic=automatic)
    answer = here.desk.answer(key)
    base = answer
    if base_key != key:
        base = here.desk.answer(base_key)
        if base.plan is None and not base.pending and not base.fault:
            here.desk.ask(f"base of {setting.data}", base_key, base_case, seconds=here.seconds)
    plan, stale = _shown(answer)
    return View(here, mine, setting, dataset, case, key, answer, base, plan, stale, _previous(answer))


def _shown(answer: Answer) -> tuple[Plan | None, bool]:
    """The plan to show: this setting's, else that of the setting before while the new one is under way."""
    if answer.plan is not None:
        st.session_state[SEEN] = (answer.key, answer.plan)
        return answer.plan, False
    seen = st.session_state.get(SEEN)
    return (None, False) if seen is None else (seen[1], True)


def _previous(answer: Answer) -> Mapping[str, Any] | None:
    """Headline figures of the last answer to another setting that this session saw."""
    last = st.session_state.get(LAST)
    if answer.plan is not None:
        if last is None or last["key"] != answer.key:
            before = None if last is None else last["figures"]
            last = {"key": answer.key, "before": before, "figures": None}
        last["figures"] = answer.plan.header
        st.session_state[LAST] = last
    return None if last is None else last["before"]


def all_levers(dataset: Dataset, start: Setting) -> dict[str, Any]:
    """The levers that data set and scenario set themselves, at their defaults: what a plan without them had."""
    from data.lever_table import find

    named = set(dataset.settings.levers)
    if start.scenario is not None:
        named |= set(dataset.scenarios[start.scenario].levers)
    return {name: find(name)[0].default for name in named}
