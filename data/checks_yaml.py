"""Errors in dataset.yaml and scenarios.yaml that only show beside the tables: levers, overrides, chances."""

from collections.abc import Mapping

import pandas as pd

from data.findings import Finding, error, suggestion
from data.lever_table import Lever, LeverError, find, read_lever
from data.overrides import OverrideError, override
from data.settings import ScenarioSpec, Settings

Tables = Mapping[str, pd.DataFrame]
ID_TABLES: Mapping[str, Mapping[str, str]] = {
    "areas": {"areas": "area"},
    "nations": {"nations": "nation"},
    "item": {
        "programmes": "programme",
        "frames": "frame",
        "expansions": "expansion",
        "innovation": "innovation",
    },
}


def check_item(tables: Tables, lever: Lever, item: str) -> None:
    """LeverError where a dotted lever names an id that there is not."""
    columns = ID_TABLES[lever.of]
    known = {name for table, column in columns.items() for name in tables[table][column]}
    if item not in known:
        kind = " or ".join(columns.values())
        stem = lever.name.removesuffix("*")
        raise LeverError(f"lever {stem}{item}: there is no {kind} {item}; {suggestion(item, known)}")


def check_contradiction(tables: Tables, levers: Mapping[str, object]) -> None:
    """LeverError where one thing is both forced and forbidden, or a frame launched already is forbidden."""
    forced, forbidden = (
        {name.removeprefix(stem) for name in levers if name.startswith(stem) and read_lever(name, levers[name])}
        for stem in ("force.", "forbid.")
    )
    for item in sorted(forced & forbidden):
        raise LeverError(f"levers force.{item} and forbid.{item} contradict one another; leave one out")
    frames = tables["frames"]
    for frame in sorted(forbidden & set(frames.loc[frames["launched"] > 0, "frame"])):
        raise LeverError(f"lever forbid.{frame}: the frame is launched already; leave the lever out")


def check_settings(tables: Tables, settings: Settings, broken: frozenset[str]) -> list[Finding]:
    """The levers of dataset.yaml."""
    return _levers(tables, settings.levers, broken, "dataset.yaml", "levers")


def check_scenarios(
    tables: Tables, settings: Settings | None, scenarios: Mapping[str, ScenarioSpec], broken: frozenset[str]
) -> list[Finding]:
    """The levers, overrides and chances of scenarios.yaml."""
    found: list[Finding] = []
    base = {} if settings is None else dict(settings.levers)
    for name, spec in sorted(scenarios.items()):
        found += _levers(tables, spec.levers, broken, "scenarios.yaml", f"{name}.levers", base)
        changed = dict(tables)
        for place, change in enumerate(spec.overrides):
            if change.table in broken:
                continue
            try:
                changed = override(changed, change, settings)
            except OverrideError as problem:
                found.append(_split(str(problem), "scenarios.yaml", f"{name}.overrides.{place}"))
    chances = [spec.probability for spec in scenarios.values() if spec.probability is not None]
    if sum(chances) > 1 + 1e-9:
        message = f"the probabilities sum to {sum(chances):g}"
        found.append(error("scenarios.yaml", message, "they sum to 1 at most", column="probability"))
    return found


def _levers(
    tables: Tables,
    levers: Mapping[str, object],
    broken: frozenset[str],
    file: str,
    place: str,
    base: Mapping[str, object] | None = None,
) -> list[Finding]:
    found = []
    sound: dict[str, object] = {}
    for name, value in sorted(levers.items()):
        try:
            lever, item = find(name)
            read_lever(name, value)
            if item and not broken & set(ID_TABLES[lever.of]):
                check_item(tables, lever, item)
            sound[name] = value
        except LeverError as problem:
            found.append(_split(str(problem), file, f"{place}.{name}"))
    try:
        check_contradiction(tables, {**_sound(base or {}), **sound})
    except LeverError as problem:
        found.append(_split(str(problem), file, place))
    return found


def _sound(levers: Mapping[str, object]) -> dict[str, object]:
    """Those levers that can be read; the others are findings of their own file."""
    kept = {}
    for name, value in levers.items():
        try:
            read_lever(name, value)
        except LeverError:
            continue
        kept[name] = value
    return kept


def _split(text: str, file: str, place: str) -> Finding:
    """A finding from a line that says what is wrong, then what to do."""
    message, _, remedy = text.partition("; ")
    return error(file, message, remedy or "see docs/data.md for the levers", column=place)
