"""Levers and scenarios of the next round: what the first year has decided for good, they no longer say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from data.levers import read_lever
from data.overrides import OverrideError, override
from data.rows import each
from data.settings import ScenarioSpec, Settings
from optimizer.plans.carried import Carried


def may_expand(levers: Mapping[str, Any]) -> bool:
    """Whether the levers let expansions start."""
    return bool(read_lever("expansions", levers.get("expansions", True)))


@dataclass(frozen=True)
class Overtaken:
    """The first year, and the expansions that it left under way (forced from now on) or finished."""

    carried: Carried
    under_way: tuple[str, ...]
    finished: tuple[str, ...]

    def left(self, levers: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The levers that still mean something, those that count years moved on; and what changed, a line each."""
        kept, notes = {}, []
        for name, value in levers.items():
            moved = self._moved(name, value)
            if self._over(name, moved):
                notes.append(f"lever {name} is overtaken and left out")
                continue
            kept[name] = moved
            if moved != value:
                notes.append(f"lever {name} is {moved} in place of {value}, since {self.carried.first} is over")
        return kept, notes

    def _over(self, name: str, value: Any) -> bool:
        kind, _, item = name.partition(".")
        if kind == "delay":
            return not value or item in self.carried.launches
        return (kind == "force" and item in self._met) or (kind == "forbid" and item in self._begun)

    def _moved(self, name: str, value: Any) -> Any:
        """A lever that counts years, seen from the new first year; any other as it is.

        A delay of a window that was open in the first year is a year shorter, since the window now begins a year later.
        """
        kind, _, item = name.partition(".")
        if kind == "delay":
            return max(0, int(read_lever(name, value) or 0) - (item in self._open))
        year = read_lever(name, value) if kind == "core_year" else None
        return value if year is None else max(int(year), self.carried.first + 1)

    @cached_property
    def _met(self) -> frozenset[str]:
        """Ids whose force lever is met: programmes ordered, frames launched, expansions open, innovation decided."""
        decided = {row.innovation for row in self.carried.decided()}
        decided |= {row.innovation for row in each(self.carried.base["innovation"]) if row.complete_year > 0}
        ordered = {order.programme for order in self.carried.orders}
        return frozenset({*ordered, *self.carried.launches, *self.finished, *decided})

    @cached_property
    def _begun(self) -> frozenset[str]:
        """Ids that can't be forbidden any more: launched frames and what they buy, expansions under way."""
        frames = each(self.carried.base["frames"])
        bought = {row.programme for row in frames if row.frame in self.carried.launches}
        return frozenset({*bought, *self.carried.launches, *self.under_way})

    @cached_property
    def _open(self) -> frozenset[str]:
        """Programmes and frames whose window was open in the first year."""
        starts = pd.concat([
            self.carried.base["programmes"].set_index("programme")["first_order_year"],
            self.carried.base["frames"].set_index("frame")["first_launch"],
        ])  # fmt: skip
        return frozenset(starts.index[starts <= self.carried.first])


def scenarios_left(
    scenarios: Mapping[str, ScenarioSpec], tables: Mapping[str, pd.DataFrame], settings: Settings, overtaken: Overtaken
) -> tuple[dict[str, ScenarioSpec], list[str]]:
    """The scenarios, without levers that the first year has overtaken and changes of rows that are gone."""
    kept: dict[str, ScenarioSpec] = {}
    notes = []
    for name, spec in sorted(scenarios.items()):
        levers, about = overtaken.left(spec.levers)
        if overtaken.under_way and not may_expand(levers):
            about.append(f"expansions are off, so {', '.join(overtaken.under_way)} under way never opens in it")
            levers |= {f"force.{item}": False for item in overtaken.under_way}
        changes, changed = [], dict(tables)
        for place, change in enumerate(spec.overrides, start=1):
            try:
                changed = override(changed, change, settings)
                changes.append(change)
            except OverrideError as problem:
                about.append(f"override {place} is left out: {problem}")
        notes += [f"scenario {name}: {line}" for line in about]
        kept[name] = _spec(spec, levers, tuple(changes))
    return kept, notes


def _spec(spec: ScenarioSpec, levers: Mapping[str, Any], overrides: tuple[Any, ...]) -> ScenarioSpec:
    """A scenario with other levers and changes; what it did not say stays unsaid."""
    content: dict[str, Any] = {}
    if levers:
        content["levers"] = dict(levers)
    if overrides:
        content["overrides"] = overrides
    if spec.probability is not None:
        content["probability"] = spec.probability
    return ScenarioSpec.model_validate(content)
