"""A setting: which data set, which named scenario, which levers beside it; its URL, its key and its case.

A URL holds ids and lever values, never data: `?data=alliance&scenario=lean&joint_share_min=0.4&force.f_camm=on`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from data.dataset import Dataset
from data.lever_table import Lever_Value, LeverError, find, read_lever
from data.levers import Case, apply

DATA, SCENARIO = "data", "scenario"
OWN_WORDS = (DATA, SCENARIO)
MOST_WORDS = 400  # of a URL: more levers than any plan needs


@dataclass(frozen=True)
class Setting:
    """What a planner has set.

    Attributes:
        data: id of the data set.
        scenario: a scenario of that data set, None for the base.
        sets: lever -> value, over what scenario and data set say; sorted by name.
    """

    data: str
    scenario: str | None = None
    sets: tuple[tuple[str, Lever_Value], ...] = ()

    @property
    def pulled(self) -> dict[str, Lever_Value]:
        """The levers set beside the scenario, by name."""
        return dict(self.sets)


def base_value(dataset: Dataset, lever: str) -> Lever_Value:
    """What the data set itself says of a lever."""
    given = dataset.settings.levers
    return read_lever(lever, given[lever]) if lever in given else find(lever)[0].default


def start_value(dataset: Dataset, scenario: str | None, lever: str) -> Lever_Value:
    """What the data set says of a lever with the scenario loaded."""
    given = dataset.scenarios[scenario].levers if scenario is not None else {}
    return read_lever(lever, given[lever]) if lever in given else base_value(dataset, lever)


def value(setting: Setting, dataset: Dataset, lever: str) -> Lever_Value:
    """The value of a lever in force; flags of an id that nobody set are False."""
    pulled = setting.pulled
    found = pulled[lever] if lever in pulled else start_value(dataset, setting.scenario, lever)
    return bool(found) if found is None and find(lever)[0].kind == "flag" else found


def differs(setting: Setting, dataset: Dataset, lever: str) -> bool:
    """Whether a lever stands elsewhere than in the data set's own base."""
    here, base = value(setting, dataset, lever), base_value(dataset, lever)
    return bool(here) != bool(base) if find(lever)[0].kind == "flag" else here != base


def in_force(setting: Setting, dataset: Dataset) -> dict[str, Lever_Value]:
    """Every lever that differs from the base, by name: what a planner changed, by hand or by scenario."""
    named = {*setting.pulled}
    if setting.scenario is not None:
        named |= set(dataset.scenarios[setting.scenario].levers)
    return {name: value(setting, dataset, name) for name in sorted(named) if differs(setting, dataset, name)}


def pull(setting: Setting, dataset: Dataset, changes: Mapping[str, object]) -> Setting:
    """The setting with some levers moved; LeverError where one can't be moved so.

    A lever that comes back to where scenario or data set have it leaves the setting, so that the same question has
    the same URL and key however it was reached.
    """
    pulled = setting.pulled
    for name, given in changes.items():
        read = read_lever(name, given)
        here = bool(read) if find(name)[0].kind == "flag" else read
        start = start_value(dataset, setting.scenario, name)
        same = bool(start) == here if find(name)[0].kind == "flag" else start == here
        if same:
            pulled.pop(name, None)
        else:
            pulled[name] = here
    return replace(setting, sets=tuple(sorted(pulled.items())))


def reset(setting: Setting, dataset: Dataset, levers: Iterable[str]) -> Setting:
    """The setting with these levers back where the data set's base has them."""
    return pull(setting, dataset, {name: base_value(dataset, name) for name in levers})


@lru_cache(maxsize=32)
def case_of(setting: Setting, dataset: Dataset) -> Case:
    """The case that a setting asks for; LeverError where its levers can't hold together.

    Kept for the last settings: every run of a page asks for it, and applying levers takes a twentieth of a second.
    """
    return apply(dataset, setting.scenario, setting.pulled)


def key_of(case: Case) -> str:
    """The same for the same question: twelve digits over data, scenario and levers in force."""
    content = json.dumps([case.base.sha256, case.name, sorted(case.levers.items())], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def to_query(setting: Setting) -> dict[str, str]:
    """The words of a URL that opens this setting."""
    words = {DATA: setting.data}
    if setting.scenario is not None:
        words[SCENARIO] = setting.scenario
    return words | {name: text_of(given) for name, given in setting.sets}


def text_of(given: Lever_Value) -> str:
    """A lever's value as it is typed."""
    if isinstance(given, bool):
        return "on" if given else "off"
    if given is None:
        return "none"
    return f"{given:.10g}" if isinstance(given, float) else str(given)


def from_query(words: Mapping[str, str], dataset: Dataset, data: str) -> tuple[Setting, list[str]]:
    """The setting of a URL's words, and a sentence for each word that says nothing here."""
    complaints = []
    scenario = words.get(SCENARIO)
    if scenario is not None and scenario not in dataset.scenarios:
        complaints.append(f"the link names a scenario {scenario[:40]} that {data} does not have; the base is shown")
        scenario = None
    setting = Setting(data, scenario)
    for name, text in list(words.items())[:MOST_WORDS]:
        if name in OWN_WORDS:
            continue
        try:
            moved = pull(setting, dataset, {name: text})
            case_of(moved, dataset)
            setting = moved
        except LeverError as problem:
            complaints.append(f"left out of the link: {str(problem)[:200]}")
    return setting, complaints
