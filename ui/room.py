"""The room that every session shares: data sets, plans on disk, the solver; opened once a process."""

from __future__ import annotations

import atexit
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from data.levers import apply
from optimizer.plans.plan import Plan
from ui.desk import Desk
from ui.engine_room import EngineRoom
from ui.gallery import Gallery
from ui.library import ID, Library, LibraryError
from ui.reference import stored_plan
from ui.shelf import Shelf
from ui.shown import Shown

HOME = Path(__file__).resolve().parent.parent
SHIPPED = ("alliance", "tiny")
DATASET, WORKSPACE, SECONDS = "DRIVE5_DATASET", "DRIVE5_WORKSPACE", "DRIVE5_TIME_LIMIT"
LIMIT = "DRIVE5_STORE_LIMIT"  # megabytes that the plans on disk may take; any number where it is not set
LONGEST = 3600.0


@dataclass(frozen=True)
class Room:
    """What the sessions share.

    Attributes:
        data: id of the data set that the pages open with.
        seconds: how long a proven plan may take unless a planner says otherwise.
        referenced: data sets whose stored plan was looked for.
    """

    library: Library
    shelf: Shelf
    desk: Desk
    gallery: Gallery
    data: str
    seconds: float
    referenced: set[str] = field(default_factory=set)


def beforehand() -> dict[str, Callable[[Plan], Any]]:
    """What is made of a plan before a page asks: the first thing that each page shows."""
    from reports import charts

    def shown(make: Callable[[Plan], Any]) -> Callable[[Plan], Any]:
        return lambda plan: Shown.of(make(plan))

    names = ("spending", "joint_buys", "saving_by_nation", "line_utilisation", "gantt", "bow_wave", "glide_path")
    found = {f"picture {name}": shown(charts.CHARTS[name]) for name in names}

    def last_year(plan: Plan) -> Any:
        return charts.gap_heat_map(plan, plan.case.dataset.settings.last_year)

    return found | {"picture gap_heat_map": shown(last_year)}


def shipped() -> dict[str, Path]:
    """Id -> folder of the data sets that come with the program."""
    return {name: HOME / "data" / name for name in SHIPPED}


def open_room(environment: dict[str, str] | None = None) -> Room:
    """Open the room as the environment says (`drive5 app` sets it from its options)."""
    given = dict(os.environ) if environment is None else environment
    known = shipped()
    data = SHIPPED[0]
    if given.get(DATASET):
        folder = Path(given[DATASET]).resolve()
        data = folder.name
        if not ID.fullmatch(data):
            raise LibraryError(f"{folder}: the folder's name can't be an id; letters, digits, - and _ can")
        known = {data: folder} | {name: place for name, place in known.items() if name != data}
    workspace = Path(given.get(WORKSPACE) or "plans").resolve()
    seconds = min(LONGEST, float(given.get(SECONDS) or 60.0))
    limit = float(given.get(LIMIT) or math.inf)
    library = Library(workspace, known)
    shelf = Shelf(workspace, None if math.isinf(limit) else round(limit * 1e6))
    gallery = Gallery(beforehand())
    desk = Desk(EngineRoom(time_limit=seconds), shelf, gallery.prepare)
    room = Room(library, shelf, desk, gallery, data, seconds)
    room_reference(room, data)
    return room


def room_reference(room: Room, data: str) -> None:
    """Put the plan that ships with a data set on the desk, if there is one."""
    dataset = room.library.dataset(data)
    room.referenced.add(data)
    plan = stored_plan(dataset)
    if plan is not None:
        room.desk.put(apply(dataset), plan)


@st.cache_resource(show_spinner=False)
def room() -> Room:
    """The room of this process."""
    made = open_room()
    atexit.register(made.gallery.close)
    atexit.register(made.desk.close)
    return made
