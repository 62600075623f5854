"""What levers also do: guarantees that grow along, minimums that get dearer, windows that shut, hosts that leave.

A lever is pulled for one thing and does others, by which an expansion, a joint buy or an innovation line goes without a
word. These are told in a sentence each, from the data with and without the levers; nothing is solved.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from data.checks_expansions import Expansions
from data.checks_frames import Frames
from data.checks_reach import SLACK, Reach
from data.dataset import Dataset
from data.findings import Finding, warning
from data.lever_table import lever_number, pulled_ids
from data.levers import Case, apply
from data.rows import each, nested, spans, tuples

MOST_NAMED = 3  # things that a sentence names; the others are counted
Name = Callable[[str], str]


@dataclass(frozen=True)
class Effect:
    """A side effect of a lever.

    Attributes:
        lever: its name; of several of a family the first.
        text: what it also does: a sentence without its subject, "also raises ...".
        remedy: what a planner may do.
        items: the expansions, joint buys, programmes and lines that it touches.
    """

    lever: str
    text: str
    remedy: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class _Side:
    """The data with or without the levers, and what follows from them, worked out once."""

    dataset: Dataset

    @cached_property
    def reach(self) -> Reach:
        return Reach(self.dataset.tables, self.dataset.settings)

    @cached_property
    def frames(self) -> Frames:
        return Frames(self.reach)

    @cached_property
    def expansions(self) -> Expansions:
        return Expansions(self.reach)

    @cached_property
    def rows(self) -> Mapping[str, Any]:
        """Expansion -> its row, of those that can open within the horizon."""
        rows = each(self.dataset.tables["expansions"])
        return {row.expansion: row for row in rows if self.expansions.starts(row)}

    @cached_property
    def using(self) -> Mapping[str, Mapping[str, float]]:
        """Line or component -> programme -> what a unit takes of it (capacity units)."""
        tables = self.dataset.tables
        lines = nested(tables["line_programmes"], "line", "programme", "capacity_use")
        return lines | nested(tables["bill_of_materials"], "component", "programme", "quantity")

    def guarantee(self, row: Any, start: int) -> dict[int, float]:
        """Guarantee year -> output that an expansion started in ``start`` must be filled with (capacity units)."""
        opens = start + row.build_years
        years = range(opens, min(opens + row.guarantee_years - 1, self.dataset.settings.last_year) + 1)
        place, capacity = row.line_or_component, self.expansions.capacity
        return {year: row.guaranteed_load * (capacity.get((place, year), 0.0) + row.added_capacity) for year in years}

    def usable(self, row: Any) -> float:
        """All the capacity that customers' orders and the pipeline could use of an expansion's place."""
        use = self.using.get(row.line_or_component, {})
        found = 0.0
        for (_, programme), units in self.reach.customers.items():
            found += units * use[programme] if programme in use and units > 0 else 0.0
        for programme, units in tuples(self.dataset.tables["pipeline"], ["programme", "units"]):
            found += units * use.get(programme, 0.0)
        return found

    def first_work(self, row: Any) -> int | None:
        """The first year in which anything can be made at an expansion's place; None: never."""
        using = self.using.get(row.line_or_component, {})
        if any(programme in using for programme in self.dataset.tables["pipeline"]["programme"]):
            return self.dataset.settings.first_year
        wanted = {programme for (_, programme), units in self.reach.customers.items() if units > 0}
        return min((self.reach.first_order[one] for one in wanted if one in using and one in self.reach.first_order),
                   default=None)  # fmt: skip


def side_effects(case: Case, names: Mapping[str, str] | None = None) -> list[Effect]:
    """What the levers in force also do, in words; things are called by `names` where given, else by their ids."""
    known = names or {}

    def name(item: str) -> str:
        return known.get(item, item)

    before, after = _sides(case)
    found: list[Effect] = []
    for tell in (_guarantees, _minimums_out_of_reach, _dearer_minimums, _shut_windows, _late_guarantees, _leavers):
        found += tell(case, before, after, name)
    return found


def findings(case: Case) -> list[Finding]:
    """The same as warnings; they stand in no table but are made by levers."""
    return [
        warning("levers", one.text, one.remedy, column=one.lever, value=_value(case, one.lever))
        for one in side_effects(case)
    ]


def of_dataset(dataset: Dataset) -> list[Finding]:
    """The side effects of the data set's own levers, and of the levers that each scenario pulls."""
    found = findings(apply(dataset))
    for scenario, spec in sorted(dataset.scenarios.items()):
        if spec.levers:
            told = findings(apply(dataset, scenario))
            found += [replace(one, table=f"scenario {scenario}") for one in told if one.column in spec.levers]
    return found


def _value(case: Case, lever: str) -> str:
    given = case.levers[lever]
    return f"{given:g}" if isinstance(given, int | float) and not isinstance(given, bool) else "on"


def raised_guarantees(case: Case) -> dict[str, tuple[float, float]]:
    """Expansion -> its guarantee of the first guarantee year without and with the levers, where capacity raises it."""
    if lever_number(case.levers, "capacity_factor") <= 1:
        return {}
    return _raised(*_sides(case))


def _sides(case: Case) -> tuple[_Side, _Side]:
    """The data without and with the levers, among which are those that the checks read off the settings."""
    settings = case.dataset.settings.model_copy(update={"levers": dict(case.levers)})
    return _Side(case.base), _Side(replace(case.dataset, settings=settings))


def _raised(before: _Side, after: _Side) -> dict[str, tuple[float, float]]:
    found = {}
    for item, row in after.rows.items():
        if item not in before.rows or row.guaranteed_load <= 0 or row.guarantee_years <= 0:
            continue
        start = after.expansions.starts(row)[0]
        was, now = (next(iter(side.guarantee(row, start).values()), 0.0) for side in (before, after))
        if now > was * (1 + SLACK) + SLACK:
            found[item] = (was, now)
    return found


def _guarantees(case: Case, before: _Side, after: _Side, name: Name) -> Iterable[Effect]:
    """capacity_factor: a guarantee is a part of all capacity, so it grows along with a line that needs it less."""
    if "capacity_factor" not in case.levers or lever_number(case.levers, "capacity_factor") <= 1:
        return
    raised = _raised(before, after)
    if not raised:
        return
    by_rise = sorted(raised, key=lambda item: (-raised[item][1] / max(raised[item][0], SLACK), item))
    told = [
        f"{name(item)} must be filled with {_figure(raised[item][1])} in place of {_figure(raised[item][0])} a year, "
        f"and still adds {_figure(after.rows[item].added_capacity)}"
        for item in by_rise[:MOST_NAMED]
    ]
    text = (
        f"also raises guaranteed loads, which are a part of all capacity: {_listed(told, len(raised))}; "
        "what is needed less asks for more orders, and may not be worth building any more"
    )
    remedy = "set guaranteed_load lower along with it, to see what the capacity alone does"
    yield Effect("capacity_factor", text, remedy, tuple(by_rise))


def _minimums_out_of_reach(case: Case, before: _Side, after: _Side, name: Name) -> Iterable[Effect]:
    """capacity_factor below 1: joint buys whose least order is more than their lines can make."""
    if lever_number(case.levers, "capacity_factor") >= 1 or "capacity_factor" not in case.levers:
        return
    short = [frame for frame in _too_small(after) if frame not in _too_small(before)]
    if short:
        told = [f"{name(one)} owes {after.frames.rows[one].min_units:g} units" for one in short[:MOST_NAMED]]
        text = f"also puts least orders out of reach of what lines can make: {_listed(told, len(short))}"
        yield Effect("capacity_factor", f"{text}; they can't launch", "lower min_units along with it", tuple(short))


def _too_small(side: _Side) -> list[str]:
    """Joint buys that could launch but for their least order."""
    return [
        frame
        for frame, years in side.frames.launchable.items()
        if years and max(side.frames.most_units(frame, y) for y in years) < side.frames.rows[frame].min_units - SLACK
    ]


def _dearer_minimums(case: Case, before: _Side, after: _Side, name: Name) -> Iterable[Effect]:
    """price_growth_shift: least orders are in units, so they cost more; fees, money and ceilings do not grow along."""
    if lever_number(case.levers, "price_growth_shift") <= 0:
        return
    rise: dict[str, tuple[float, float, int]] = {}
    for frame, years in after.frames.launchable.items():
        units = _least_order(after.frames.rows[frame])
        if years and units > 0:
            was, now = (units * _price(side, frame, years[-1]) for side in (before, after))
            rise[frame] = (was, now, years[-1])
    if not rise:
        return
    most = sorted(rise, key=lambda frame: (rise[frame][0] - rise[frame][1], frame))
    told = [
        f"{name(one)} owes {rise[one][1]:,.0f} in place of {rise[one][0]:,.0f} million of {rise[one][2]}"
        for one in most[:MOST_NAMED]
    ]
    ceiling = " and ceilings on orders" if "order_value_max" in set(case.dataset.tables["rules"]["rule"]) else ""
    text = (
        f"also makes the least orders of joint buys dearer: {_listed(told, len(rise))}; "
        f"fees, money{ceiling} do not grow along, so that fewer may be worth launching"
    )
    yield Effect("price_growth_shift", text, "lower min_units or min_annual_units along with it", tuple(most))


def _least_order(row: Any) -> float:
    """Units that a joint buy owes at least: in all, or in its commitment years."""
    return float(max(row.min_units, row.commit_years * row.min_annual_units))


def _price(side: _Side, frame: str, year: int) -> float:
    row = side.frames.programmes[side.frames.rows[frame].programme]
    return float(row.unit_cost * (1 + row.cost_growth) ** (year - side.dataset.settings.price_base_year))


def _shut_windows(case: Case, before: _Side, after: _Side, name: Name) -> Iterable[Effect]:
    """delay.X: joint buys that can launch in fewer years or not at all, and programmes that can't be ordered."""
    for item in sorted(pulled_ids(case.levers, "delay.")):
        told, touched = [], []
        if item in before.reach.first_order and item not in after.reach.first_order:
            told.append(f"no order of {name(item)} can arrive any more")
            touched.append(item)
        for frame, years in before.frames.window.items():
            left = after.frames.window.get(frame, [])
            if item in (frame, before.frames.rows[frame].programme) and len(left) < len(years):
                kept = f"can launch only in {spans(left)}" if left else "can't launch any more"
                told.append(f"{name(frame)} {kept} (without it in {spans(years)})")
                touched.append(frame)
        if told:
            text = f"also shuts windows: {_listed(told[:MOST_NAMED], len(told))}"
            yield Effect(f"delay.{item}", text, "move last_launch or last_order_year along with it", tuple(touched))


def _late_guarantees(case: Case, before: _Side, after: _Side, name: Name) -> Iterable[Effect]:
    """delay.X: expansions that would open before anything can be made there can't be filled in their first years."""
    late = sorted(pulled_ids(case.levers, "delay."))
    if not late:
        return
    for item, row in after.rows.items():
        if row.guaranteed_load <= 0 or row.guarantee_years <= 0 or item not in before.rows:
            continue
        using = set(after.using.get(row.line_or_component, {}))
        mine = [one for one in late if one in using]
        was, now = (_opening_years(side, row) for side in (before, after))
        if mine and len(now) < len(was):
            kept = f"open only in {spans(now)}" if now else "never be filled, and can't be built"
            text = f"also moves work away from a guarantee: {name(item)} can {kept} (without it in {spans(was)})"
            yield Effect(f"delay.{mine[0]}", text, "move the expansion's years along with it", (item,))


def _opening_years(side: _Side, row: Any) -> list[int]:
    """Years in which an expansion may open and find work that fills its guarantee from the first year on."""
    work = side.first_work(row)
    opens = [start + row.build_years for start in side.expansions.starts(row)]
    return [year for year in opens if work is not None and year >= work]


def _leavers(case: Case, before: _Side, after: _Side, name: Name) -> Iterable[Effect]:
    """nation_out.N: hosts, members, customers and sponsors leave with a nation."""
    out = sorted(pulled_ids(case.levers, "nation_out."))
    if not out:
        return
    told, touched = [], []
    for item, row in after.rows.items():
        if row.host in out and row.host_share_min > 0:
            told.append(f"{name(item)} can't start, since its host {name(row.host)} must pay {row.host_share_min:.0%}")
            touched.append(item)
        elif item in before.rows and _unfilled(after, row) and not _unfilled(before, row):
            told.append(f"{name(item)} can't be filled to its guarantee by the customers that stay")
            touched.append(item)
    for frame, years in before.frames.launchable.items():
        if years and not after.frames.launchable.get(frame):
            least = after.frames.rows[frame].min_members
            told.append(f"{name(frame)} can't reach its {least} members")
            touched.append(frame)
    for line, sponsor in tuples(case.dataset.tables["innovation"], ["innovation", "sponsor"]):
        if not sponsor:
            told.append(f"{name(line)} has no sponsor left")
            touched.append(line)
    if told:
        text = f"also takes away what hangs on {'it' if len(out) == 1 else 'them'}: "
        text += _listed(told[:MOST_NAMED], len(told))
        remedy = "give expansions another host, and joint buys fewer members, if they are meant to stay"
        yield Effect(f"nation_out.{out[0]}", text, remedy, tuple(touched))


def _unfilled(side: _Side, row: Any) -> bool:
    """Whether in every start the guarantee asks for more than all that customers may order."""
    if row.guaranteed_load <= 0 or row.guarantee_years <= 0:
        return False
    usable = side.usable(row)
    asked = [sum(side.guarantee(row, start).values()) for start in side.expansions.starts(row)]
    return bool(asked) and min(asked) > usable * (1 + SLACK) + SLACK


def _listed(told: list[str], count: int) -> str:
    """What is named, and how many more there are."""
    more = count - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _figure(value: float) -> str:
    """A figure as people say it: whole from a hundred on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
