"""The levers that a planner can pull: each with its kind, range, default and meaning."""

import difflib
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass

from data.typed import FLAGS

Lever_Value = bool | int | float | str | None
ANY = ".*"
PATHS = {"core": "core_share_2035", "resilience": "resilience_share_2035"}
RULE_LEVERS = ("joint_share_min", "eu_content_min", "innovation_share_min", "risk_max", "spend_floor")


class LeverError(ValueError):
    """A lever that can't be pulled so: one line of what is wrong and what to do (wrong usage, exit 2)."""


@dataclass(frozen=True)
class Lever:
    """A lever.

    A name that ends in `.*` stands for one lever an id, such as area_weight.iamd; `of` is the table of those ids
    (`item`: programmes, frames, expansions and innovation).
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


def _share(name: str, default: Lever_Value, unit: str, group: str, meaning: str) -> Lever:
    return Lever(name, "share", default, 0, 1, unit, group, meaning)


def _flag(name: str, default: Lever_Value, group: str, meaning: str, of: str = "") -> Lever:
    return Lever(name, "flag", default, 0, 1, "on/off", group, meaning, of=of)


def _levers() -> list[Lever]:
    path = "share of GDP in the last year; a nation that starts above it keeps its data"
    replaced = "replaces the value of that rule wherever it is set; where it is not, a hard rule for ALL"
    return [
        _share("core_share_2035", None, "share of GDP", "money", f"core {path}"),
        _share("resilience_share_2035", None, "share of GDP", "money", f"resilience {path}"),
        Lever("path_shape", "choice", "linear", 0, 0, "-", "money", "shape of these: early (front), late (back)",
              ("linear", "front", "back")),
        Lever("growth_shift", "number", 0.0, -0.5, 0.5, "a year", "money", "added to the growth of GDP"),
        Lever("price_growth_shift", "number", 0.0, -0.5, 0.5, "a year", "money", "added to every cost_growth"),
        _share("carry_over", 0.05, "of available", "money", "most that is carried into the next year"),
        _share("pillar_shift", 0.0, "of available", "money", "most that one pillar gives to the other"),
        Lever("area_weight.*", "number", 1.0, 0, 1e6, "factor", "need", "multiplies the area's weight", of="areas"),
        _share("us_backfill", 0.0, "of USA's baseline", "need", "what of USA's forces is withdrawn by the last year"),
        _flag("nation_out.*", None, "need", "the nation takes no part; its lines stay", "nations"),
        *[_share(name, None, "share", "policy", replaced) for name in RULE_LEVERS],
        Lever("fleet_strictness", "integer", 0, 0, 1000, "types", "policy",
              "taken off every fleet_limit, never below min(1, value)"),
        Lever("capacity_factor", "number", 1.0, 0, 1e6, "factor", "industry",
              "multiplies line and component capacities"),
        _flag("expansions", True, "industry", "off: no expansion starts"),
        _flag("synchronised_cycles", False, "joint buys", "on: every year is a signing year of every nation"),
        Lever("persistence", "number", 0.0, 0, 1e6, "points", "plan",
              "added to the objective if all of prior_plan changed, in proportion to the change"),
        _flag("force.*", None, "plan", "programme: at least one lot; frame: launches; expansion: is built; "
              "innovation: is completed", "item"),
        _flag("forbid.*", None, "plan", "programme: no orders; frame: no launch; expansion: not built; innovation: "
              "not started", "item"),
    ]  # fmt: skip


LEVERS: Mapping[str, Lever] = types.MappingProxyType({lever.name: lever for lever in _levers()})


def find(name: str) -> tuple[Lever, str]:
    """The lever of that name and, where it is dotted, the id after the dot; LeverError if there is none."""
    if name in LEVERS and not LEVERS[name].dotted:
        return LEVERS[name], ""
    head, dot, item = name.partition(".")
    lever = LEVERS.get(head + ANY)
    if lever is not None and dot and item:
        return lever, item
    if lever is not None:
        raise LeverError(f"lever {head} needs an id: write {head}.X")
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
            raise LeverError(f"lever {name}={given}: choose {', '.join(lever.choices)}")
        return str(given)
    return _read_number(name, lever, given)


def _read_flag(name: str, given: object) -> bool:
    text = str(int(given)) if isinstance(given, float) and given in (0.0, 1.0) else str(given).strip().lower()
    if text not in FLAGS:
        raise LeverError(f"lever {name}={given}: write on or off")
    return bool(FLAGS[text])


def _read_number(name: str, lever: Lever, given: object) -> int | float:
    bounds = f"between {lever.minimum:g} and {lever.maximum:g}"
    try:
        number = float("x" if isinstance(given, bool) else str(given).strip().replace("_", "x"))
    except ValueError:
        remedy = " (write 3 % as 0.03)" if "%" in str(given) else ""
        raise LeverError(f"lever {name}={given}: give a number {bounds}{remedy}") from None
    if not math.isfinite(number) or not lever.minimum <= number <= lever.maximum:
        raise LeverError(f"lever {name}={given}: it lies {bounds} ({lever.unit})")
    if lever.kind != "integer":
        return number
    if number != int(number):
        raise LeverError(f"lever {name}={given}: give a whole number")
    return int(number)
