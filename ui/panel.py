"""The panel at the left: scenarios, the levers in their groups, what is forced in or out, how the solver works."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from data.lever_table import Lever_Value
from ui import controls, effects, origin, session, setting, single
from ui.controls import CHOICE, GROUPS, SHAPES, SWITCH, THREAT, TOGETHER, Control
from ui.library import LibraryError
from ui.parts import plain
from ui.room import room
from ui.session import View

FREE, IN, OUT = "solver decides", "force in", "force out"
BASE, PINS = "Base", "Force in or out"
THINGS = {
    "programmes": "a programme",
    "frames": "a joint buy",
    "expansions": "an expansion",
    "innovation": "an innovation line",
}
SEARCH_SECONDS = (10, 30, 60, 120, 300, 600, 1800)


def draw(view: View) -> None:
    """Draw the panel into the sidebar."""
    with st.sidebar:
        _scenarios(view)
        for group in GROUPS:
            _group(view, group)
        _single(view)
        _pins(view)
        _solver(view)


def _key(lever: str) -> str:
    return f"lever {lever}"


def _hold(key: str, value: object) -> None:
    """Have a widget show a value; told to one that shows it already, a browser would lose moves made since."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _scenarios(view: View) -> None:
    library, here = view.room.library, view.setting
    ids = library.ids()
    if len(ids) > 1:
        st.selectbox(
            "Data set", ids, index=ids.index(here.data) if here.data in ids else 0, key=f"data {here.data}",
            on_change=_open_data, args=(f"data {here.data}",),
        )  # fmt: skip
    mine = library.scenarios(here.data)
    choices = [BASE, *(name for name in view.dataset.scenarios if name != "base"), *(f"★ {name}" for name in mine)]
    loaded = here.scenario if here.scenario in choices else BASE
    for name, saved in mine.items():
        if saved == here:
            loaded = f"★ {name}"
    place = f"scenario {loaded}"
    st.selectbox(
        "Scenario", choices, index=choices.index(loaded), key=place, on_change=_load, args=(place,),
        format_func=lambda name: name.replace("_", " "),
        help="A named set of levers and changes of data. ★ marks those saved here. Moving levers starts from it.",
    )  # fmt: skip
    changed = setting.in_force(here, view.dataset)
    left, right = st.columns(2)
    with left, st.popover("Save or share", width="stretch", icon=":material/share:"):
        _save(view)
    right.button(
        "Reset all", key="reset all", on_click=_reset_all, disabled=not changed and here.scenario is None,
        width="stretch", icon=":material/undo:", help="Every lever back to the data set's base.",
    )  # fmt: skip
    count = len(changed)
    st.caption(
        f"**{count} lever{'s' if count != 1 else ''}** differ{'s' if count == 1 else ''}, marked ●{_where(view)}."
        if count
        else "Every lever stands at the base."
    )


def _where(view: View) -> str:
    """The drawers that hold what differs from the base, each with how much, after a colon."""
    known = controls.controls(view.dataset)
    counts = {}
    for group in GROUPS:
        levers = [control.lever for control in known if control.group == group] + _many(view, group)
        counts[group] = sum(setting.differs(view.setting, view.dataset, lever) for lever in levers)
    counts[single.TITLE] = len(single.pulled(view))
    counts[PINS] = len(_pinned(view))
    said = ", ".join(f"{drawer} {count}" for drawer, count in counts.items() if count)
    return f": {said}" if said else ""


def _save(view: View) -> None:
    st.text_input("Name of the scenario", key="scenario name", max_chars=60)
    st.button("Save as", key="save scenario", on_click=_save_as, type="primary")
    if view.room.library.scenarios(view.setting.data):
        st.selectbox("Saved here", list(view.room.library.scenarios(view.setting.data)), key="saved scenario")
        st.button("Delete it", key="delete scenario", on_click=_delete)
    st.caption("This link opens the same setting for anyone who can reach this server:")
    st.code(share_url(view), language=None, wrap_lines=True)


def share_url(view: View) -> str:
    """The URL that opens this setting in another session."""
    place = str(st.context.url or "").partition("?")[0].partition("#")[0]
    words = setting.to_query(view.setting)
    return f"{place}?{'&'.join(f'{_encoded(name)}={_encoded(text)}' for name, text in words.items())}"


def _encoded(text: str) -> str:
    """Text as it may stand in a URL (RFC 3986)."""
    plain = re.compile(r"[A-Za-z0-9_.~-]")
    return "".join(one if plain.match(one) else "".join(f"%{byte:02X}" for byte in one.encode()) for one in text)


def _group(view: View, group: str) -> None:
    mine = [control for control in controls.controls(view.dataset) if control.group == group]
    # What is closed is not drawn: a browser has the first page sooner with ten widgets than with fifty. A drawer whose
    # label changes is another drawer to a browser, closed and without the focus: counts stand above all drawers.
    with st.expander(f"**{group}**", expanded=group == GROUPS[0], key=f"group {group}", on_change="rerun") as drawer:
        if drawer.open:
            _levers(view, group, mine)


def _levers(view: View, group: str, mine: list[Control]) -> None:
    with st.container(gap="xxsmall"):
        for control in mine:
            _control(view, control)
        if group == TOGETHER:
            _nations_out(view)
        if group == THREAT:
            _weights(view)


def _many(view: View, group: str) -> list[str]:
    """Levers of an id that belong to a group."""
    if group == TOGETHER:
        return [f"nation_out.{nation}" for nation in view.dataset.tables["nations"]["nation"]]
    if group == THREAT:
        return [control.lever for control in controls.weights(view.dataset)]
    return []


def _control(view: View, control: Control) -> None:
    here, data = view.setting, view.dataset
    now, base = setting.value(here, data, control.lever), setting.base_value(data, control.lever)
    moved = setting.differs(here, data, control.lever)
    key = _key(control.lever)
    _hold(key, controls.FREE if control.kind == CHOICE and now is None else now)
    row = st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")
    label = f"{control.label}{' :primary[●]' if moved else ''}"
    text = controls.help_text(control, base)
    with row:
        if control.kind == SWITCH:
            st.toggle(label, key=key, help=text, on_change=_moved, args=(control.lever,))
        elif control.kind == CHOICE:
            st.segmented_control(
                label, list(SHAPES), key=key, help=text, on_change=_moved, args=(control.lever,),
                format_func=lambda one: SHAPES[str(one)], required=True,
            )  # fmt: skip
        else:
            st.select_slider(
                f"{label} :gray[{control.unit}]", _stops(view, control), key=key, help=text,
                on_change=_moved, args=(control.lever,), format_func=lambda one: controls.shown(control, one),
            )  # fmt: skip
    if moved:
        row.button(
            "", key=f"reset {control.lever}", icon=":material/undo:", on_click=_reset, args=([control.lever],),
            help=f"{control.label}: back to {controls.shown(control, base)}", type="tertiary",
        )  # fmt: skip
    told = origin.in_force(here, view.case, control.lever)
    if told:
        st.caption(f"In force: {plain(told)}")
    effects.of_lever(view, control.lever)


def _stops(view: View, control: Control) -> tuple[Lever_Value, ...]:
    """The slider's stops, "as in the data" beside the value that the data have."""
    here, data = view.setting, view.dataset
    now, base = setting.value(here, data, control.lever), setting.base_value(data, control.lever)
    return controls.steps_with(control, now, base, data=origin.place_of_data(view.case, control.lever))


def _nations_out(view: View) -> None:
    names = dict(zip(view.dataset.tables["nations"]["nation"], view.dataset.tables["nations"]["name"], strict=True))
    if len(names) < 2:
        return
    out = [nation for nation in names if setting.value(view.setting, view.dataset, f"nation_out.{nation}")]
    _hold("nations out", out)
    st.multiselect(
        f"Nations that step out{' :primary[●]' if out else ''}", list(names), key="nations out",
        on_change=_nations_moved, args=(list(names),), format_func=lambda nation: names[nation] or nation,
        placeholder="none", select_all=False,
        help="They take no part: no money, no targets, no orders; their production lines stay. Base: none.",
    )  # fmt: skip
    effects.of_lever(view, "nation_out.")


def _weights(view: View) -> None:
    mine = controls.weights(view.dataset)
    moved = [one.lever for one in mine if setting.differs(view.setting, view.dataset, one.lever)]
    with st.popover("Weights of the areas", width="stretch", key="weights", on_change="rerun") as drawer:
        if not drawer.open:
            return
        st.caption("How much a gap in an area counts, times its weight in the data.")
        for control in mine:
            _control(view, control)
        if moved:
            st.button("All weights back", key="reset weights", on_click=_reset, args=(moved,))


def _single(view: View) -> None:
    with st.expander(f"**{single.TITLE}**", key="group single", on_change="rerun") as drawer:
        if drawer.open:
            single.draw(view)


def _pins(view: View) -> None:
    pinned = _pinned(view)
    with st.expander(f"**{PINS}**", key="group pins", on_change="rerun") as drawer:
        if not drawer.open:
            return
        pin(view, tuple(controls.PINNED), "panel")
        for item, way in pinned.items():
            row = st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small")
            row.markdown(f":primary[●] {controls.names(view.dataset).get(item, item)}: **{way}**")
            row.button(
                "", key=f"unpin {item}", icon=":material/close:", on_click=_unpin, args=(item,), type="tertiary",
                help=f"Let the solver decide on {controls.names(view.dataset).get(item, item)}",
            )  # fmt: skip


def pin(view: View, tables: Sequence[str], place: str, *, wide: bool = False) -> None:
    """Choose a programme, frame, expansion or innovation line, and force it in or out; used on several pages.

    Args:
        view: what the page shows.
        tables: of which tables the things are.
        place: where this stands (a page has its own, the panel another).
        wide: whether there is room for one row.
    """
    items = controls.pinnable(view.dataset, tables)
    if not items:
        return
    known = controls.names(view.dataset)
    hint = THINGS[tables[0]] if len(tables) == 1 else "a programme, buy, expansion or line"
    row = st.container(horizontal=wide, vertical_alignment="bottom", gap="small", wrap=not wide)
    chosen = row.selectbox(
        "Force in, force out, or let the solver decide" if wide else "Decide on", items, index=None,
        key=f"pin item {place}", placeholder=hint,
        format_func=lambda item: str(known.get(item, item)), width=380 if wide else "stretch",
    )  # fmt: skip
    if chosen is None:
        return
    key = f"pin way {place} {chosen}"
    _hold(key, _pinned(view).get(chosen, FREE))
    row.segmented_control(
        "Decision", [FREE, IN, OUT], key=key, label_visibility="collapsed", on_change=_pin_moved, args=(key, chosen),
        required=True,
    )  # fmt: skip
    row.caption(effect_of_last(view))


def effect_of_last(view: View) -> str:
    """What the last move did to the gap index, as an estimate where it is one."""
    answer = view.answer
    none = answer.estimate is not None and answer.estimate.plan is None and not answer.estimating
    if none and answer.plan is None and not answer.searching:
        return "There is no plan with this yet; the line above says why."
    if view.stale or view.plan is None:
        known = answer.bounded
        if known is None or known.expected is None or view.plan is None:
            return "The estimate is being made."
        change = known.expected - float(view.plan.header["objective"]["value"])
        return (
            f"Estimated change of the objective by this move: about **{change:+.2f} points**; its plan is being made."
        )
    before = None if view.previous is None else view.previous.get("gap_index_after")
    after = view.plan.header.get("gap_index_after")
    if before is None or after is None:
        return "The change in the gap index is shown here once something moves."
    what = "Estimated change" if view.answer.is_estimate else "Change"
    return f"{what} of the gap index by the last move: **{after - before:+.2f} points**."


def _pinned(view: View) -> dict[str, str]:
    found = {}
    for name in setting.in_force(view.setting, view.dataset):
        head, _, item = name.partition(".")
        if head in ("force", "forbid"):
            found[item] = IN if head == "force" else OUT
    return found


def _solver(view: View) -> None:
    with st.expander("**Solver**", key="group solver"):
        st.session_state.setdefault(session.AUTOMATIC, True)
        choices = sorted({*SEARCH_SECONDS, int(view.room.seconds)})
        st.session_state.setdefault(session.SECONDS, int(view.room.seconds))
        st.toggle(
            "Seek a plan for every setting", key=session.AUTOMATIC, persist_state="session",
            help="On: once the estimate is there, a whole plan is sought. Off: only when you ask for it.",
        )  # fmt: skip
        st.select_slider(
            "Time for a plan", choices, key=session.SECONDS, persist_state="session", format_func=_duration,
            help="The longest that the search for one plan may take.",
        )  # fmt: skip


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _moved(lever: str) -> None:
    session.change({lever: st.session_state[_key(lever)]})


def _nations_moved(nations: list[str]) -> None:
    out = set(st.session_state["nations out"])
    session.change({f"nation_out.{nation}": nation in out for nation in nations})


def _pin_moved(key: str, item: str) -> None:
    way = st.session_state[key]
    session.change({f"force.{item}": way == IN, f"forbid.{item}": way == OUT})


def _unpin(item: str) -> None:
    session.change({f"force.{item}": False, f"forbid.{item}": False})


def _reset(levers: list[str]) -> None:
    dataset = room().library.dataset(session.current().data)
    back: dict[str, Lever_Value] = {lever: setting.base_value(dataset, lever) for lever in levers}
    session.change(back)


def _reset_all() -> None:
    session.replace_setting(setting.Setting(session.current().data))


def _open_data(key: str) -> None:
    session.replace_setting(setting.Setting(st.session_state[key]))


def _load(key: str) -> None:
    chosen = str(st.session_state[key])
    data = session.current().data
    if chosen.startswith("★ "):
        saved = room().library.scenarios(data).get(chosen.removeprefix("★ "))
        session.replace_setting(saved or setting.Setting(data))
    else:
        session.replace_setting(setting.Setting(data, None if chosen == BASE else chosen))


def _save_as() -> None:
    try:
        name = room().library.save_scenario(st.session_state["scenario name"], session.current())
        session.note(f"saved as {name}")
    except (LibraryError, OSError) as problem:
        session.note(str(problem))


def _delete() -> None:
    room().library.delete_scenario(st.session_state["saved scenario"], session.current().data)
