"""Keys that note which of their figures are read: a part of a program is made again only where these change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from data.levers import Case, Options
from models.keys import Keys
from models.keys_read import KEPT

OPTION = "options."  # before the name of an option
RULE = "rules."  # before the name of a rule of the table `rules`
WORKED_OUT = frozenset(
    name for kind in Keys.__mro__ for name, found in vars(kind).items() if isinstance(found, cached_property)
)
METHODS = frozenset(name for kind in Keys.__mro__ for name, found in vars(kind).items() if callable(found))
REMEMBERED = frozenset(name for name in METHODS if getattr(getattr(Keys, name), "kept", False))
PLAIN = object.__getattribute__
UNNOTED = frozenset({"__dict__", "_names", "_inputs", "noting", "working_out", "options", "case", "rules_named"})


class Noted(Keys):
    """Keys that note what is read of them.

    A figure that is worked out once and kept is noted by its own name, and what it was worked out from apart from it;
    what any other method reads is noted one by one.
    """

    def __init__(self, case: Case) -> None:
        """Index the tables of ``case``; nothing is noted yet."""
        self._names: set[str] | None = None
        self._inputs: defaultdict[str, set[str]] = defaultdict(set)
        super().__init__(case)
        self.options = _Options(self, case.options)  # type: ignore[assignment]

    @property
    def shifts(self) -> bool:
        """Always, so that how much a pillar may give is a number in a row: at nothing, nothing is shifted."""
        return True

    @contextmanager
    def noting(self, names: set[str]) -> Iterator[None]:
        """Add the names of all that is read meanwhile to a set."""
        before, self._names = self._names, names
        try:
            yield
        finally:
            self._names = before

    def working_out(self, figure: str) -> Any:
        """Note what is read meanwhile as what a kept figure is worked out from."""
        return self.noting(self._inputs[figure])

    def inputs(self, figure: str) -> set[str]:
        """What a kept figure was worked out from."""
        return self._inputs[figure]

    def rules_named(self, name: str) -> list[Any]:
        """Rows of the table `rules` with one rule's name, noted by that name."""
        if self._names is not None:
            self._names.add(RULE + name)
        with self.noting(set()):
            return super().rules_named(name)

    def __getattribute__(self, name: str) -> Any:
        if name in UNNOTED:
            return PLAIN(self, name)
        names = PLAIN(self, "_names")
        if names is not None:
            names.add(name)
        if name not in WORKED_OUT or name in PLAIN(self, "__dict__"):
            return PLAIN(self, name)
        with self.working_out(name):
            return PLAIN(self, name)


class _Options:
    """The options of a case, each noted by its own name."""

    def __init__(self, keys: Noted, options: Options) -> None:
        self._keys, self._options = keys, options

    def __getattr__(self, name: str) -> Any:
        names = PLAIN(self._keys, "_names")
        if names is not None:
            names.add(OPTION + name)
        return getattr(self._options, name)


class Difference:
    """Which figures differ between two cases; what can't differ is handed on, so that it is not worked out again."""

    def __init__(self, before: Noted, after: Noted) -> None:
        """Nothing is compared yet."""
        self.before, self.after = before, after
        self._known: dict[str, bool] = {}

    def __call__(self, name: str) -> bool:
        """Whether a figure differs."""
        if name not in self._known:
            self._known[name] = self._differs(name)
        return self._known[name]

    def _differs(self, name: str) -> bool:
        before, after = self.before, self.after
        if name.startswith(OPTION):
            option = name.removeprefix(OPTION)
            return bool(getattr(before.options, option) != getattr(after.options, option))
        if name.startswith(RULE):
            # But for their labels, which other rules' rows before them shift.
            rows = [[row[1:] for row in keys.rules_named(name.removeprefix(RULE))] for keys in (before, after)]
            return rows[0] != rows[1]
        if name in WORKED_OUT or name in REMEMBERED:
            return self._kept_differs(name, name if name in WORKED_OUT else KEPT + name)
        return name not in METHODS and bool(getattr(before, name) != getattr(after, name))

    def _kept_differs(self, name: str, place: str) -> bool:
        """Whether a kept figure differs; handed on where nothing that it was worked out from does."""
        before, after = self.before, self.after
        inputs = before.inputs(name)
        if place in vars(before) and not any(self(figure) for figure in sorted(inputs)):
            vars(after).setdefault(place, vars(before)[place])
            after.inputs(name).update(inputs)
            return False
        if name in WORKED_OUT:
            return bool(getattr(before, name) != getattr(after, name))
        return any(_worked_out(after, name, key) != figure for key, figure in vars(before).get(place, {}).items())


def _worked_out(keys: Noted, name: str, key: Any) -> Any:
    """A kept figure under other numbers; None where it has none there."""
    try:
        return getattr(keys, name)(*key)
    except KeyError:
        return None
