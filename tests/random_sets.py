"""Random small data sets for the comparison with the enumerator: every seed is a set, always the same one.

A set has two or three nations, two or three years and whole lots, so that every plan can be tried. It is drawn around a
few themes; a theme is a situation in which one rule of the program is likely to bind.
"""

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass

import hypothesis
from hypothesis import strategies

import data.dataset
import data.levers
from tests import cases
from tests.enumerator_world import World
from tests.random_draft import Draft, base
from tests.random_themes import FIRST, THEMES

# Orders times other decisions: more than this takes too long to try.
MOST_PLANS = 150_000
MOST_RESTS = 150


@dataclass(frozen=True)
class RandomSet:
    """A drawn set: its seed (none if hypothesis drew it), its themes and the case to solve."""

    seed: int | None
    themes: tuple[str, ...]
    case: data.levers.Case

    def __repr__(self) -> str:
        """Enough to draw it again, or what hypothesis has made of it."""
        if self.seed is not None:
            return f"random_set({self.seed})  # {', '.join(self.themes)}"
        tables = {name: table.to_dict("records") for name, table in self.case.dataset.tables.items() if len(table)}
        return f"themes {', '.join(self.themes)}; levers {self.case.levers}; {tables}"


def random_set(seed: int) -> RandomSet:
    """The set of a seed. One that has too many plans to try is drawn again with fewer themes."""
    round_, place = divmod(seed, len(_turns()))
    name, turn = _turns()[place]
    return set_of(name, turn + round_ * FIRST[name], seed)


@functools.cache
def _turns() -> list[tuple[str, int]]:
    """Which theme comes first in each seed of a round, and for the how many-th time; in an order that mixes them."""
    turns = [(name, turn) for name, times in FIRST.items() for turn in range(times)]
    return sorted(turns, key=lambda one: random.Random(f"{one[0]} {one[1]}").random())


def set_of(name: str, turn: int, seed: int | None = None) -> RandomSet:
    """A set in which a theme comes first: alone, with one other and with two in turn.

    It hangs on nothing but these two, so that a theme that comes more often changes no set that there was.
    """
    rng = random.Random(f"{name} {turn}")
    chosen = [name, *rng.sample(sorted(THEMES), turn % 3)]
    return _drawn(seed, chosen, lambda: random.Random(rng.random()))


def _drawn(seed: int | None, chosen: list[str], dice: Callable[[], random.Random]) -> RandomSet:
    """A set of these themes; with fewer of them where there are too many plans to try, or an error in the data."""
    while True:
        draft = base(dice())
        for name in reversed(chosen):
            THEMES[name](draft)
        try:
            case = _case(draft)
        except (data.dataset.DataError, data.levers.LeverError):
            if len(chosen) == 1:
                raise
        else:
            if _size(case):
                return RandomSet(seed, tuple(dict.fromkeys(chosen)), case)
            if seed is None and len(chosen) == 1:
                hypothesis.reject()  # its dice would fall the same way again
        chosen = chosen[:-1] or chosen


@strategies.composite
def random_sets(draw: strategies.DrawFn) -> RandomSet:
    """Sets whose every choice is hypothesis's own: it steers towards what fails, and shrinks themes and figures."""
    chosen = draw(strategies.lists(strategies.sampled_from(sorted(THEMES)), min_size=1, max_size=4, unique=True))
    dice = draw(strategies.randoms(use_true_random=False))
    return _drawn(None, chosen, lambda: dice)


def _case(draft: Draft) -> data.levers.Case:
    _keep_members(draft)
    _keep_facilities(draft)
    _keep_pins(draft)
    dataset = cases.build(draft.nations, draft.years, draft.settings, None, **draft.all_tables())
    for name in [name for name in draft.levers if name.startswith("forbid.")]:
        what = name.removeprefix("forbid.")
        frames = draft.rows.get("frames", {}).values()
        launched = any(row.get("launched") and what in (row["frame"], row["programme"]) for row in frames)
        if launched or f"force.{what}" in draft.levers:
            del draft.levers[name]
    return data.levers.apply(dataset, None, draft.levers)


def _keep_members(draft: Draft) -> None:
    """A launched frame keeps its members: the data forbid one without, and another theme may have made candidates."""
    members = draft.rows.get("frame_members", {}).values()
    for frame in draft.rows.get("frames", {}).values():
        if frame.get("launched") is None:
            continue
        for row in members:
            if row["frame"] == frame["frame"] and row["status"] == "candidate":
                row["status"] = "member"


def _keep_facilities(draft: Draft) -> None:
    """A frame names the facilities that there are: another theme may have brought only one of them."""
    known = {row["facility"] for row in draft.tables.get("loans", [])}
    for frame in draft.rows.get("frames", {}).values():
        named = [name for name in frame.get("loan_facility", "").split(";") if name in known]
        frame["loan_facility"] = ";".join(named)


def _keep_pins(draft: Draft) -> None:
    """A pin of a year in which nothing can be ordered is one of all years: another theme may have moved the window."""
    tank = draft.rows["programmes"]["tank"]
    end = draft.years[-1] + draft.settings.get("beyond", {}).get("years", 0)
    for pin in draft.tables.get("pins", []):
        year = pin["year"]
        if year and not tank.get("first_order_year", year) <= year <= end - tank.get("lead_years", 0):
            pin["year"] = ""


def _size(case: data.levers.Case) -> bool:
    """True if the set is small enough to try every plan."""
    world = World(case)
    try:
        plans = len(world.orders()[1])
    except ValueError:
        return False
    rests = len(world.rests())
    return rests <= MOST_RESTS and rests * plans <= MOST_PLANS
