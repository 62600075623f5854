"""Levers for one nation, group, area or item: chosen from the lever table, set as a value, listed, taken back."""

from __future__ import annotations

import streamlit as st

from data.checks_rules import AREA_SCOPE, GROUP, LINE, SCOPES, groups_of
from data.dataset import Dataset
from data.lever_table import LEVERS, Lever, find
from ui import controls, effects, origin, session, setting
from ui.parts import plain
from ui.session import View

TITLE = "For one nation, area or item"
EVERYBODY = "everybody"
MOST_PER_CENT = 1000.0


def single_levers() -> dict[str, Lever]:
    """Stem -> lever of every lever that needs an id and has no place of its own on the panel."""
    elsewhere = controls.ELSEWHERE
    return {lever.stem: lever for name, lever in LEVERS.items() if lever.dotted and name not in elsewhere}


def pulled(view: View) -> list[str]:
    """Those in force that differ from the base, by name."""
    known = single_levers()
    return [name for name in setting.in_force(view.setting, view.dataset) if name.partition(".")[0] in known]


def draw(view: View) -> None:
    """Choose a lever, whom it is for and its value; below, what is set."""
    known = {stem: lever for stem, lever in single_levers().items() if ids(stem, lever, view.dataset)}
    stem = st.selectbox(
        "Lever", list(known), key="single lever", format_func=lambda one: controls.words_of(str(one)), index=None,
        placeholder="which one",
    )  # fmt: skip
    if stem is not None:
        _one(view, str(stem), known[str(stem)])
    for name in pulled(view):
        _listed(view, name)


def ids(stem: str, lever: Lever, dataset: Dataset) -> list[str]:
    """What may stand behind the lever's dot; of an area's lever the areas, its group is chosen beside them."""
    tables = dataset.tables
    if lever.of == "delayed":
        launched = set(tables["frames"].loc[tables["frames"]["launched"] > 0, "frame"])
        return [item for item in controls.pinnable(dataset, ("programmes", "frames")) if item not in launched]
    kind = SCOPES.get(stem, "") if lever.of == "scope" else ""
    if kind == GROUP:
        return [group for group in groups_of(tables["nations"]) if group != "ALL"]
    if kind == LINE:
        return sorted(tables["lines"]["line"])
    return sorted(tables["areas"]["area"]) if kind == AREA_SCOPE else sorted(tables["nations"]["nation"])


def _one(view: View, stem: str, lever: Lever) -> None:
    names = controls.names(view.dataset)
    st.caption(f"{lever.meaning[0].upper()}{lever.meaning[1:]}.")
    area = lever.of == "scope" and SCOPES.get(stem) == AREA_SCOPE
    item = st.selectbox(
        "Area" if area else "For", ids(stem, lever, view.dataset), key=f"single item {stem}", index=None,
        placeholder="choose", format_func=lambda one: names.get(str(one), str(one)),
    )  # fmt: skip
    group = EVERYBODY
    if area:
        groups = [EVERYBODY, *(one for one in groups_of(view.dataset.tables["nations"]) if one != "ALL")]
        group = str(st.selectbox("Of", groups, key=f"single group {stem}",
                                 format_func=lambda one: names.get(str(one), str(one))))  # fmt: skip
    if item is None:
        return
    name = f"{stem}.{item}" if group == EVERYBODY else f"{stem}.{group}:{item}"
    told = origin.in_force(view.setting, view.case, name)
    if told:
        st.caption(f"In force: {plain(told)}")
    _value(view, name, lever)


def _value(view: View, name: str, lever: Lever) -> None:
    """The value as a planner writes it: shares in per cent."""
    here = setting.value(view.setting, view.dataset, name)
    scale = 100.0 if controls.in_per_cent(lever) else 1.0
    low, high = lever.minimum * scale, min(lever.maximum * scale, MOST_PER_CENT if scale > 1 else lever.maximum)
    if is_of_years(lever):
        low, high = view.dataset.settings.first_year, view.dataset.settings.last_year
    number = float(here) * scale if isinstance(here, int | float) and not isinstance(here, bool) else None
    key = f"single value {name}"
    if lever.kind == "integer":
        st.number_input(f"Value :gray[{lever.unit}]", int(low), int(high), None if number is None else int(number),
                        step=1, key=key, placeholder=controls.AS_DATA)  # fmt: skip
    else:
        unit = f"% ({lever.unit})" if scale > 1 else lever.unit
        st.number_input(f"Value :gray[{unit}]", low, high, number, step=1.0, key=key, format="%.4g",
                        placeholder=controls.AS_DATA)  # fmt: skip
    st.button("Set", key=f"single set {name}", type="primary", on_click=_set, args=(name, scale))


def is_of_years(lever: Lever) -> bool:
    """Whether the lever's values are planning years."""
    return lever.unit == "year"


def _listed(view: View, name: str) -> None:
    now = setting.value(view.setting, view.dataset, name)
    where = origin.of_lever(view.setting, view.dataset, name)
    text = f"{controls.label_of(name, view.dataset)}: **{controls.value_text(name, now)}**, {where}"
    row = st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small")
    row.markdown(f":primary[●] {text}")
    row.button(
        "", key=f"single back {name}", icon=":material/close:", on_click=_back, args=(name,), type="tertiary",
        help=f"{controls.label_of(name, view.dataset)}: back to the base",
    )  # fmt: skip
    effects.of_lever(view, name)


def _set(name: str, scale: float) -> None:
    given = st.session_state[f"single value {name}"]
    whole = find(name)[0].kind == "integer"
    session.change({name: None if given is None else int(given) if whole else round(float(given) / scale, 9)})


def _back(name: str) -> None:
    from ui.room import room

    dataset = room().library.dataset(session.current().data)
    session.change({name: setting.base_value(dataset, name)})
    st.session_state.pop(f"single value {name}", None)
