"""The levers that a planner can pull: each with its kind, range, default and meaning."""

import difflib
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass

from data.checks_rules import SCOPES
from data.typed import FLAGS

Lever_Value = bool | int | float | str | None
Pulled = Mapping[str, Lever_Value]
ANY = ".*"
PATHS = {"core": "core_share_2035", "resilience": "resilience_share_2035"}
# Levers that set the value of a rule: for ALL by the name alone (of these), for one scope by the name and the scope.
RULE_LEVERS = (
    "joint_share_min",
    "eu_content_min",
    "innovation_share_min",
    "risk_max",
    "spend_floor",
    "order_value_max",
    "output_drop_max",
)
SCOPED_LEVERS = (
    *(name for name in RULE_LEVERS if name != "risk_max"),
    "area_share_min",
    "area_share_max",
    "closure_min",
)
MOST_YEARS = 100


class LeverError(ValueError):
    """A lever that can't be pulled so: one line of what is wrong and what to do (wrong usage, exit 2)."""


@dataclass(frozen=True)
class Lever:
    """A lever.

    A name that ends in `.*` stands for one lever an id, such as area_weight.iamd; `of` says what these ids are: a table
    (areas, nations), `item` (programmes, frames, expansions and innovation), `delayed` (programmes and frames not yet
    launched), or `scope` (what the scope of the rule of that name may be).
    """

    name: str
    kind: str  # share, number, integer, flag, choice
    default: Lever_Value
    minimum: float
    maximum: float
    unit: str
    group: str
    meaning: str
    choices: tuple[str, ...] = ()
    of: str = ""

    @property
    def dotted(self) -> bool:
        """True where the lever needs an id after its name."""
        return self.name.endswith(ANY)

    @property
    def stem(self) -> str:
        """The name without the place of the id."""
        return self.name.removesuffix(ANY)


def _share(name: str, default: Lever_Value, unit: str, group: str, meaning: str, of: str = "") -> Lever:
    return Lever(name, "share", default, 0, 1, unit, group, meaning, of=of)


def _flag(name: str, default: Lever_Value, group: str, meaning: str, of: str = "") -> Lever:
    return Lever(name, "flag", default, 0, 1, "on/off", group, meaning, of=of)


def _money() -> list[Lever]:
    added = "share of GDP in the last year: what it lies above a nation's own grows evenly on top of its path"
    named = "the same for one nation; it also cuts"
    year = "planning year by which the core share is at least 3.5 %, rising evenly to it; never lowers a path"
    return [
        _share("core_share_2035", None, "share of GDP", "money", f"core {added}; a nation above it keeps its own"),
        _share("core_share_2035.*", None, "share of GDP", "money", named, "nations"),
        _share("resilience_share_2035", None, "share of GDP", "money", f"resilience {added}"),
        _share("resilience_share_2035.*", None, "share of GDP", "money", named, "nations"),
        Lever("path_shape", "choice", None, 0, 0, "-", "money",
              "draws every path anew between its ends: evenly (linear), early (front), late (back)",
              ("linear", "front", "back")),
        Lever("core_year", "integer", None, 1900, 2200, "year", "money", year),
        Lever("core_year.*", "integer", None, 1900, 2200, "year", "money", "the same for one nation", of="nations"),
        Lever("growth_shift", "number", 0.0, -0.5, 0.5, "a year", "money", "added to the growth of GDP"),
        Lever("price_growth_shift", "number", 0.0, -0.5, 0.5, "a year", "money", "added to every cost_growth"),
        _share("carry_over", 0.05, "of available", "money", "most that is carried into the next year"),
        _share("pillar_shift", 0.0, "of available", "money", "most that one pillar gives to the other"),
        _flag("loans", True, "money", "off: no facility lends or grants"),
    ]  # fmt: skip


def _need() -> list[Lever]:
    return [
        Lever("area_weight.*", "number", 1.0, 0, 1e6, "factor", "need", "multiplies the area's weight", of="areas"),
        Lever("threat_shift", "integer", 0, -MOST_YEARS, MOST_YEARS, "years", "need", "added to every threat_year"),
        _share("us_backfill", 0.0, "of USA's baseline", "need", "what of USA's forces is withdrawn by the last year"),
        _flag("nation_out.*", None, "need",
              "the nation takes no part; its lines stay, and rules (one with no nation left binds nothing)", "nations"),
    ]  # fmt: skip


def _policy() -> list[Lever]:
    every = ("value of that rule for ALL; without a row for ALL one is added, as hard as the rule's first row in the "
             "data (none: hard, from the first year)")  # fmt: skip
    drop = every.replace("none: hard", "none: soft with penalty 1")
    high = {"order_value_max": 1e6}
    rules = [
        Lever(name, "number" if name in high else "share", None, 0, high.get(name, 1), "share", "policy",
              drop if name == "output_drop_max" else every)
        for name in RULE_LEVERS
    ]  # fmt: skip
    same = "the same for the row of one scope"
    area = "value of that rule for an area, nation:area or group:area; without a row a hard one is added"
    told = {
        "area_share_min": area,
        "area_share_max": area,
        "closure_min": "value of that rule for an area, nation:area or group:area; without a row a soft one is added, "
        "for the last year, with penalty 10",
    }
    scoped = [
        Lever(f"{name}{ANY}", "number" if name in high else "share", None, 0, high.get(name, 1), "share", "policy",
              told.get(name, same), of="scope")
        for name in SCOPED_LEVERS
    ]  # fmt: skip
    strict = Lever("fleet_strictness", "integer", 0, 0, 1000, "types", "policy",
                   "taken off every fleet_limit, never below min(1, value)")  # fmt: skip
    return [*rules, *scoped, strict]


def _industry() -> list[Lever]:
    return [
        Lever("capacity_factor", "number", 1.0, 0, 1e6, "factor", "industry",
              "multiplies line and component capacities"),
        _flag("expansions", True, "industry", "off: no expansion starts"),
        Lever("delay.*", "integer", 0, 0, MOST_YEARS, "years", "industry",
              "moves the order years of a programme, the launch years of a frame; what passes the last year is lost",
              of="delayed"),
        _flag("synchronised_cycles", False, "joint buys", "on: every year is a signing year of every nation"),
    ]  # fmt: skip


def _plan() -> list[Lever]:
    return [
        Lever("persistence", "number", 0.0, 0, 1e6, "points", "plan",
              "added to the objective if all of prior_plan changed, in proportion to the change"),
        _flag("force.*", None, "plan", "programme: at least one lot; frame: launches; expansion: is built; "
              "innovation: is completed", "item"),
        _flag("forbid.*", None, "plan", "programme: no orders; frame: no launch; expansion: not built; innovation: "
              "not started", "item"),
    ]  # fmt: skip


LEVERS: Mapping[str, Lever] = types.MappingProxyType(
    {lever.name: lever for lever in [*_money(), *_need(), *_policy(), *_industry(), *_plan()]}
)


def find(name: str) -> tuple[Lever, str]:
    """The lever of that name and, where it is dotted, the id after the dot; LeverError if there is none."""
    if name in LEVERS and not LEVERS[name].dotted:
        return LEVERS[name], ""
    head, dot, item = name.partition(".")
    lever = LEVERS.get(head + ANY)
    if lever is not None and dot and item:
        return lever, item
    if lever is not None:
        raise LeverError(f"lever {head} needs a suffix: write {head}.X; `drive5 solve --help` says what X may be")
    if head in LEVERS:
        raise LeverError(f"lever {name}: {head} is one for all and takes no suffix; write {head}=value")
    if head in SCOPES:
        raise LeverError(f"lever {name}: the rule {head} has no lever; change it in the table rules or in a scenario")
    close = difflib.get_close_matches(head, [known.removesuffix(ANY) for known in LEVERS], n=1, cutoff=0.5)
    remedy = f"did you mean {close[0]}?" if close else f"the levers are {', '.join(LEVERS)}"
    raise LeverError(f"unknown lever {name}; {remedy}")


def read_lever(name: str, given: object) -> Lever_Value:
    """The value of a lever as its kind has it; LeverError if it does not fit. 'none' is the lever's default."""
    lever, _ = find(name)
    if given is None or (isinstance(given, str) and given.strip().lower() in ("", "none")):
        return lever.default
    if lever.kind == "flag":
        return _read_flag(name, given)
    if lever.kind == "choice":
        if str(given) not in lever.choices:
            raise LeverError(f"lever {name}={_short(given)}: choose {', '.join(lever.choices)}")
        return str(given)
    return _read_number(name, lever, given)


def lever_value(pulled: Pulled, name: str) -> Lever_Value:
    """What is in force of a lever: as pulled, else its default."""
    return pulled[name] if name in pulled else find(name)[0].default


def lever_number(pulled: Pulled, name: str) -> float:
    """The same as a number; 0 where it is none."""
    value = lever_value(pulled, name)
    return float(value) if isinstance(value, int | float) else 0.0


def pulled_ids(pulled: Pulled, stem: str) -> frozenset[str]:
    """The ids for which a dotted lever is pulled; `stem` ends in its dot."""
    return frozenset(name.removeprefix(stem) for name in pulled if name.startswith(stem))


def _short(given: object) -> str:
    text = str(given)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _read_flag(name: str, given: object) -> bool:
    text = str(int(given)) if isinstance(given, float) and given in (0.0, 1.0) else str(given).strip().lower()
    if text not in FLAGS:
        raise LeverError(f"lever {name}={_short(given)}: write on or off")
    return bool(FLAGS[text])


def _read_number(name: str, lever: Lever, given: object) -> int | float:
    bounds = f"between {lever.minimum:g} and {lever.maximum:g}"
    try:
        number = float("x" if isinstance(given, bool) else str(given).strip().replace("_", "x"))
    except ValueError:
        remedy = " (write 3 % as 0.03)" if "%" in str(given) else ""
        raise LeverError(f"lever {name}={_short(given)}: give a number {bounds}{remedy}") from None
    if not math.isfinite(number) or not lever.minimum <= number <= lever.maximum:
        raise LeverError(f"lever {name}={_short(given)}: it lies {bounds} ({lever.unit})")
    if lever.kind != "integer":
        return number
    if number != int(number):
        raise LeverError(f"lever {name}={_short(given)}: give a whole number")
    return int(number)
