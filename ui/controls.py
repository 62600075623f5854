"""The levers as a planner meets them: four groups, each lever with its name, unit, steps and one sentence of help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from data.dataset import Dataset
from data.lever_table import LEVERS, Lever, Lever_Value, find

MONEY, INDUSTRY, TOGETHER, THREAT = "Money", "Industry", "Togetherness", "Threat and risk"
GROUPS = (MONEY, INDUSTRY, TOGETHER, THREAT)
SHARE, SIGNED, FACTOR, COUNT, POINTS, SWITCH, CHOICE, YEAR, SHIFT = (
    "share", "signed", "factor", "count", "points", "switch", "choice", "year", "shift",
)  # fmt: skip
AS_DATA = "as in the data"
FREE = "none"  # how a choice that is left to the data is written
SHAPES = {FREE: "own", "linear": "even", "front": "early", "back": "late"}
# Levers of an id that have a place of their own on the panel; the others are set one by one (ui/single.py).
ELSEWHERE = frozenset({"area_weight.*", "nation_out.*", "force.*", "forbid.*"})


def _always(dataset: Dataset) -> bool:
    return True


@dataclass(frozen=True)
class Control:
    """A lever on the panel.

    Attributes:
        lever: name in the lever table (with the id for area weights).
        group: one of GROUPS.
        label: what a planner calls it.
        unit: of the value shown.
        kind: how it is shown and moved.
        steps: the values a slider stops at, None first where the data set may decide.
        help: one sentence.
        applies: whether it can do anything with a data set.
    """

    lever: str
    group: str
    label: str
    unit: str
    kind: str
    steps: tuple[Lever_Value, ...]
    help: str
    applies: Callable[[Dataset], bool] = field(default=_always)

    @property
    def ends(self) -> tuple[Lever_Value, Lever_Value]:
        """The lowest and the highest value that is no 'as in the data'."""
        real = [step for step in self.steps if step is not None]
        return real[0], real[-1]


def _range(low: int, high: int, step: int, scale: float, free: bool = False) -> tuple[Lever_Value, ...]:
    """Values low, low + step .. high over ``scale``, None before them where the lever may be left to the data."""
    values: list[Lever_Value] = [round(number / scale, 6) for number in range(low, high + 1, step)]
    return tuple([None, *values] if free else values)


def _rows(table: str) -> Callable[[Dataset], bool]:
    return lambda dataset: len(dataset.tables[table]) > 0


def _has_usa(dataset: Dataset) -> bool:
    return "USA" in set(dataset.tables["nations"]["nation"])


def _has_cycles(dataset: Dataset) -> bool:
    return len(dataset.tables["frames"]) > 0 and bool((dataset.tables["nations"]["signing_cycle"] > 1).any())


def _has_fleet_limits(dataset: Dataset) -> bool:
    return "fleet_limit" in set(dataset.tables["rules"]["rule"])


def _has_threats(dataset: Dataset) -> bool:
    return bool((dataset.tables["areas"]["threat_year"] > 0).any())


def _money() -> list[Control]:
    share = "% of GDP"
    return [
        Control("core_share_2035", MONEY, "Core share, last year", share, SHARE, _range(20, 50, 1, 1000, True),
                "Core defence in the last year, what is added growing evenly; nations on a higher path keep theirs."),
        Control("resilience_share_2035", MONEY, "Resilience share, last year", share, SHARE,
                _range(5, 20, 1, 1000, True),
                "Resilience, innovation and industry in the last year; at most 1.5 % counts for the pledge."),
        Control("core_year", MONEY, "3.5 % core reached in", "year", YEAR, (None,),
                "Every nation's core share rises evenly to at least 3.5 % in this year; no path is lowered."),
        Control("path_shape", MONEY, "Pace of the rise", "-", CHOICE, tuple(SHAPES),
                "Own: each nation's path as it is. The others draw all paths anew between their ends: early spends "
                "sooner, late catches up at the end."),
        Control("growth_shift", MONEY, "Growth of GDP", "points a year", SIGNED, _range(-20, 20, 1, 1000),
                "Added to every nation's growth of GDP."),
        Control("price_growth_shift", MONEY, "Price growth", "points a year", SIGNED, _range(-10, 40, 1, 1000),
                "Added to the real price growth of every programme."),
        Control("spend_floor", MONEY, "Least part spent", "% of planned", SHARE, _range(0, 100, 5, 100, True),
                "Each nation spends at least this part of its planned money, each year and pillar."),
        Control("carry_over", MONEY, "Carried into next year", "% of available", SHARE, _range(0, 20, 1, 100),
                "The most of a year's money that may be spent a year later."),
        Control("pillar_shift", MONEY, "Shifted between pillars", "% of available", SHARE, _range(0, 30, 1, 100),
                "The most that one pillar may give to the other."),
        Control("order_value_max", MONEY, "Orders placed", "% of money", SHARE, _range(50, 300, 10, 100, True),
                "Each nation's orders of the first years up to any year are at most this part of its money of them."),
        Control("loans", MONEY, "Loans and grants", "on/off", SWITCH, (False, True),
                "Off: no facility lends or grants.", _rows("loans")),
    ]  # fmt: skip


def _industry() -> list[Control]:
    return [
        Control("capacity_factor", INDUSTRY, "Capacity of industry", "times", FACTOR, _range(50, 200, 5, 100),
                "Multiplies what every line and component can make.", _rows("line_capacity")),
        Control("expansions", INDUSTRY, "Expansions allowed", "on/off", SWITCH, (False, True),
                "Off: no line is expanded, no site is built.", _rows("expansions")),
        Control("output_drop_max", INDUSTRY, "Fall of output", "% a year", SHARE, _range(0, 100, 5, 100, True),
                "The most that a line's output may fall from one year to the next.", _rows("lines")),
        Control("eu_content_min", INDUSTRY, "European content", "% of payments", SHARE, _range(0, 100, 5, 100, True),
                "Least European part of what is paid for equipment and munitions."),
        Control("innovation_share_min", INDUSTRY, "Innovation", "% of resilience", SHARE, _range(0, 30, 1, 100, True),
                "Least part of resilience money for innovation and research."),
    ]  # fmt: skip


def _together() -> list[Control]:
    return [
        Control("joint_share_min", TOGETHER, "Bought together", "% of payments", SHARE, _range(0, 80, 5, 100, True),
                "Least part of all nations' equipment and munition payments that goes through joint buys; groups have "
                "their own.", _rows("frames")),
        Control("synchronised_cycles", TOGETHER, "Signing cycles in step", "on/off", SWITCH, (False, True),
                "On: every nation can sign in every year.", _has_cycles),
        Control("fleet_strictness", TOGETHER, "Fewer types a fleet", "types", COUNT, (0, 1, 2, 3),
                "Taken off every limit of types that a nation may operate.", _has_fleet_limits),
    ]  # fmt: skip


def _threat() -> list[Control]:
    return [
        Control("us_backfill", THREAT, "US forces withdrawn", "% by last year", SHARE, _range(0, 100, 5, 100),
                "The part of US forces that leaves by the last year and that the others are asked to replace.",
                _has_usa),
        Control("threat_shift", THREAT, "Threats come", "years later", SHIFT, tuple(range(-5, 6)),
                "Years added to the year from which a gap counts twice; below 0 threats come earlier.", _has_threats),
        Control("risk_max", THREAT, "Risky innovation", "% of innovation", SHARE, _range(0, 100, 5, 100, True),
                "The most of innovation money on lines that are more likely to fail than to work.",
                _rows("innovation")),
        Control("persistence", THREAT, "Keep to last plan", "points", POINTS, _range(0, 20, 1, 1),
                "Points that changing all of last year's plan would cost.", _rows("prior_plan")),
    ]  # fmt: skip


FIXED: tuple[Control, ...] = (*_money(), *_industry(), *_together(), *_threat())


def weights(dataset: Dataset) -> list[Control]:
    """A control an area for its weight in the gap index."""
    names = dict(zip(dataset.tables["areas"]["area"], dataset.tables["areas"]["name"], strict=True))
    steps = _range(0, 30, 1, 10)
    return [
        Control(f"area_weight.{area}", THREAT, name or area, "times", FACTOR, steps,
                f"Multiplies the weight of {name or area} in the gap index.")
        for area, name in names.items()
    ]  # fmt: skip


def controls(dataset: Dataset) -> list[Control]:
    """The controls that can do something with a data set, without the weights of areas."""
    return [_fitted(control, dataset) for control in FIXED if control.applies(dataset)]


def _fitted(control: Control, dataset: Dataset) -> Control:
    """A control of a year stops at the planning years."""
    return replace(control, steps=(None, *dataset.settings.years)) if control.kind == YEAR else control


def steps_with(control: Control, *present: Lever_Value, data: float | None = None) -> tuple[Lever_Value, ...]:
    """The slider's stops, and values that came from elsewhere (a link, a scenario) in their place among them.

    "As in the data" stands before the first value above ``data``, what the data have (None: before all).
    """
    known = list(control.steps)
    for one in present:
        if one not in known:
            known.append(one)
    free: list[Lever_Value] = [None] if None in known else []
    numbers = sorted(float(step) for step in known if isinstance(step, int | float) and not isinstance(step, bool))
    whole = control.kind in (COUNT, YEAR, SHIFT)
    below = [number for number in numbers if free and data is not None and number < data]
    stops: list[Lever_Value] = [int(number) if whole else number for number in numbers]
    return (*stops[: len(below)], *free, *stops[len(below) :])


def shown(control: Control, given: Lever_Value) -> str:
    """A value as the panel shows it."""
    if given is None:
        return SHAPES[FREE] if control.kind == CHOICE else AS_DATA
    if control.kind == SWITCH:
        return "on" if given else "off"
    if control.kind == CHOICE or isinstance(given, str):
        return SHAPES.get(str(given), str(given))
    number = float(given)
    if control.kind == SIGNED:
        return f"{round(100 * number, 4):+g} %" if number else "0 %"
    if control.kind == SHARE:
        return f"{round(100 * number, 4):g} %"
    if control.kind == SHIFT:
        return f"{number:+g}" if number else "0"
    return f"{number:g} ×" if control.kind == FACTOR else f"{number:g}"


def help_text(control: Control, base: Lever_Value) -> str:
    """Help, unit, range and base value, as the question mark of a control shows them."""
    if control.kind in (SWITCH, CHOICE):
        return f"{control.help} Base: {shown(control, base)}."
    low, high = control.ends
    unit = "" if control.unit in ("-", "on/off") else f" ({control.unit})"
    span = f"From {shown(control, low)} to {shown(control, high)}{unit}."
    return f"{control.help} {span} Base: {shown(control, base)}."


def label_of(lever: str, dataset: Dataset) -> str:
    """What a planner calls a lever, with the name of its id."""
    for control in FIXED:
        if control.lever == lever:
            return control.label
    head, _, item = lever.partition(".")
    group, colon, area = item.rpartition(":")
    known = names(dataset)
    name = known.get(area, area) + (f" of {known.get(group, group)}" if colon else "")
    return f"{words_of(head)} {name}"


def words_of(stem: str) -> str:
    """What a planner calls a lever that needs an id, before its id."""
    return WORDS.get(stem, stem.replace("_", " "))


def value_text(lever: str, given: Lever_Value) -> str:
    """A lever's value in words."""
    for control in FIXED:
        if control.lever == lever:
            return shown(control, given)
    if lever.startswith("area_weight.") and isinstance(given, int | float):
        return f"{given:g} ×"
    kind = find(lever)[0]
    if kind.kind == "flag":
        return "on" if given else "off"
    if given is None:
        return AS_DATA
    return f"{round(100 * float(given), 4):g} %" if in_per_cent(kind) else f"{given:g}"


def in_per_cent(lever: Lever) -> bool:
    """Whether the values of a lever are shown in per cent."""
    return lever.kind == "share" or lever.unit.startswith("share")


def names(dataset: Dataset) -> dict[str, str]:
    """Id -> name in full, over nations, areas, lines and all that can be forced."""
    found: dict[str, str] = {}
    for table, key in (("lines", "line"), *PINNED.items(), ("nations", "nation"), ("areas", "area")):
        rows = dataset.tables[table]
        found |= {row: name or row for row, name in zip(rows[key], rows["name"], strict=True)}
    return found


WORDS = {
    "area_weight": "Weight of", "nation_out": "Out:", "force": "Force in:", "forbid": "Force out:",
    "core_share_2035": "Core share, last year:", "resilience_share_2035": "Resilience share, last year:",
    "core_year": "3.5 % core reached in:", "delay": "Delay of", "joint_share_min": "Bought together:",
    "eu_content_min": "European content:", "innovation_share_min": "Innovation:", "spend_floor": "Least part spent:",
    "order_value_max": "Orders placed:", "output_drop_max": "Fall of output:", "area_share_min": "Least part of money:",
    "area_share_max": "Most part of money:", "closure_min": "Least part of target met:",
}  # fmt: skip
PINNED = {"programmes": "programme", "frames": "frame", "expansions": "expansion", "innovation": "innovation"}


def pinnable(dataset: Dataset, tables: Sequence[str] = tuple(PINNED)) -> list[str]:
    """Every id that can be forced in or out, in the order of the tables and their names."""
    found = []
    for table in tables:
        rows = dataset.tables[table]
        pairs = sorted(zip(rows["name"], rows[PINNED[table]], strict=True))
        found += [item for _, item in pairs]
    return found


def missing_levers() -> set[str]:
    """Levers of the table that no part of the panel moves (a test holds this empty)."""
    single = {name for name, lever in LEVERS.items() if lever.dotted}
    return set(LEVERS) - {control.lever for control in FIXED} - single
