"""Errors in dataset.yaml and scenarios.yaml that only show beside the tables: levers, overrides, chances."""

from collections.abc import Collection, Mapping

import pandas as pd

from data.checks_rules import SCOPE_TABLES, Scopes, groups_of
from data.findings import Finding, error, nearest
from data.lever_help import suffix
from data.lever_table import Lever, LeverError, find, read_lever
from data.overrides import OverrideError, override
from data.settings import ScenarioSpec, Settings

Tables = Mapping[str, pd.DataFrame]
MOST_LISTED = 40  # ids that an error lists; of more it names the kind and the nearest
ID_TABLES: Mapping[str, Mapping[str, str]] = {
    "areas": {"areas": "area"},
    "nations": {"nations": "nation"},
    "item": {
        "programmes": "programme",
        "frames": "frame",
        "expansions": "expansion",
        "innovation": "innovation",
    },
    "delayed": {"programmes": "programme", "frames": "frame"},
}


def check_lever(tables: Tables, settings: Settings | None, name: str, given: object, broken: frozenset[str]) -> object:
    """The lever's value; LeverError where it can't be pulled so in these data.

    `broken` tables could not be read: nothing is said about ids that they would hold.
    """
    lever, item = find(name)
    value = read_lever(name, given)
    if lever.stem == "core_year" and settings is not None and value is not None and value not in settings.years:
        raise LeverError(f"lever {name}={value}: it is a year from {settings.first_year} to {settings.last_year}")
    if lever.of == "scope":
        if not broken & SCOPE_TABLES:
            _check_scope(tables, lever, item)
    elif item and not broken & set(ID_TABLES[lever.of]):
        _check_item(tables, lever, item)
    return value


def _check_item(tables: Tables, lever: Lever, item: str) -> None:
    columns = ID_TABLES[lever.of]
    known = {name for table, column in columns.items() for name in tables[table][column]}
    if item not in known:
        kind = " or ".join(columns.values())
        group = " (a group)" if lever.of == "nations" and item in groups_of(tables["nations"]) else ""
        raise LeverError(f"lever {lever.stem}.{item}: there is no {kind} {item}{group}; {_allowed(lever, item, known)}")
    if lever.of == "delayed" and item in _launched(tables):
        raise LeverError(f"lever {lever.stem}.{item}: the frame is launched already; leave the lever out")


def _check_scope(tables: Tables, lever: Lever, scope: str) -> None:
    scopes = Scopes(tables)
    complaint = scopes.complaint(lever.stem, scope)
    if complaint is None:
        return
    known = scopes.known(lever.stem)
    of_group = ":" in scope and scope.rpartition(":")[2] in known  # the area is one, what stands before it is none
    hint = f"{complaint[1]} (the suffix is {suffix(lever)})" if of_group else _allowed(lever, scope, known)
    raise LeverError(f"lever {lever.stem}.{scope}: {complaint[0]}; {hint}")


def _allowed(lever: Lever, given: str, known: Collection[str]) -> str:
    """What the suffix may be: the nearest, the kind, and every id where they are few."""
    near = nearest(given, known)
    text = f"the suffix is {suffix(lever)}" + (f": {', '.join(sorted(known))}" if len(known) <= MOST_LISTED else "")
    return f"did you mean {near}? {text[0].upper()}{text[1:]}" if near else text


def _launched(tables: Tables) -> Mapping[str, str]:
    """Frames launched in an earlier round, and what each buys."""
    frames = tables["frames"]
    launched = frames[frames["launched"] > 0]
    return dict(zip(launched["frame"], launched["programme"], strict=True))


def check_contradiction(tables: Tables, levers: Mapping[str, object]) -> None:
    """LeverError where one thing is both forced and forbidden, or what is launched already is forbidden."""
    forced, forbidden = (
        {name.removeprefix(stem) for name in levers if name.startswith(stem) and read_lever(name, levers[name])}
        for stem in ("force.", "forbid.")
    )
    for item in sorted(forced & forbidden):
        raise LeverError(f"levers force.{item} and forbid.{item} contradict one another; leave one out")
    launched = _launched(tables)
    for item in sorted(forbidden):
        if item in launched:
            raise LeverError(f"lever forbid.{item}: the frame is launched already; leave the lever out")
        frames = sorted(frame for frame, programme in launched.items() if programme == item)
        if frames:
            raise LeverError(f"lever forbid.{item}: its frame {frames[0]} is launched already; leave the lever out")


def check_settings(tables: Tables, settings: Settings, broken: frozenset[str]) -> list[Finding]:
    """The levers of dataset.yaml."""
    return _levers(tables, settings, settings.levers, broken, "dataset.yaml", "levers")


def check_scenarios(
    tables: Tables, settings: Settings | None, scenarios: Mapping[str, ScenarioSpec], broken: frozenset[str]
) -> list[Finding]:
    """The levers, overrides and chances of scenarios.yaml."""
    found: list[Finding] = []
    base = {} if settings is None else dict(settings.levers)
    for name, spec in sorted(scenarios.items()):
        found += _levers(tables, settings, spec.levers, broken, "scenarios.yaml", f"{name}.levers", base)
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
    settings: Settings | None,
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
            check_lever(tables, settings, name, value, broken)
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
