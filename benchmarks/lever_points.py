"""Which levers are pulled, how far, and what a planner expects of the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FALLS, RISES, EITHER = "falls", "rises", "either way"
DEFAULT, PATH = "default", "core_share_2035=0.035"


@dataclass(frozen=True)
class Point:
    """One setting of one lever (or one scenario).

    Attributes:
        lever: the lever's name, or `scenario`.
        setting: what the table shows.
        expected: FALLS, RISES or EITHER: the bound of the gap index against the reference point.
        why: the expectation in a sentence.
        sets: levers as for --set.
        scenario: name of a scenario, or None.
        reference: id of the point that this one is compared with.
        prior: whether the case holds the prior plan given by --prior.
        note: explanation where the result is not what one expects at first sight.
    """

    lever: str
    setting: str
    expected: str
    why: str
    sets: Mapping[str, str] = field(default_factory=dict)
    scenario: str | None = None
    reference: str = DEFAULT
    prior: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        """Name of the row."""
        return DEFAULT if self.lever == DEFAULT else f"{self.lever}={self.setting}"


def _pair(lever: str, low: str, high: str, low_does: str, why: str, note: str = "") -> list[Point]:
    """A lever at low and high; the high end does the opposite of the low one."""
    high_does = {FALLS: RISES, RISES: FALLS}.get(low_does, EITHER)
    return [
        Point(lever, low, low_does, why, {lever: low}, note=note),
        Point(lever, high, high_does, why, {lever: high}, note=note),
    ]


def _one(lever: str, setting: str, expected: str, why: str, **more: object) -> Point:
    return Point(lever, setting, expected, why, {lever: setting}, **more)  # type: ignore[arg-type]


def _money() -> list[Point]:
    front = {"core_share_2035": "0.035", "path_shape": "front"}
    back = {"core_share_2035": "0.035", "path_shape": "back"}
    return [
        *_pair("core_share_2035", "0.03", "0.045", RISES, "more money by 2035 closes more"),
        _one(
            "core_share_2035",
            "0.035",
            FALLS,
            "nations that plan below the pledge rise to it",
        ),
        Point("path_shape", "front", FALLS, "money earlier closes gaps earlier", front, reference=PATH),
        Point("path_shape", "back", RISES, "money later closes gaps later", back, reference=PATH),
        *_pair("resilience_share_2035", "0.01", "0.02", RISES, "it pays resilience areas, lines and innovation"),
        *_pair("growth_shift", "-0.01", "0.01", RISES, "budgets grow with GDP, needs don't"),
        *_pair("price_growth_shift", "-0.01", "0.02", FALLS, "dearer units, fewer of them"),
        *_pair("carry_over", "0", "0.2", RISES, "money that may wait is worth more"),
        _one("pillar_shift", "0.1", FALLS, "money goes where the gap is"),
        _one("pillar_shift", "0.3", FALLS, "money goes where the gap is"),
        _one("core_year", "2030", FALLS, "the pledge is reached sooner, and nobody's path is lowered"),
        _one("loans", "off", RISES, "no facility lends or grants"),
    ]


def _need() -> list[Point]:
    mixed = "the index is a weighted mean: it moves towards the area's own"
    return [
        *_pair("area_weight.iamd", "0.5", "2", EITHER, mixed),
        *_pair("area_weight.cyber", "0.5", "2", EITHER, mixed),
        *_pair("threat_shift", "-2", "2", EITHER, "years of double weight come or go, in numerator and denominator"),
        _one("us_backfill", "0.25", RISES, "what USA takes away the others must fill, with the same money"),
        _one("us_backfill", "0.5", RISES, "what USA takes away the others must fill, with the same money"),
        _one("us_backfill", "1", RISES, "what USA takes away the others must fill, with the same money"),
        *(
            _one(f"nation_out.{n}", "on", EITHER, "its money and its national targets leave")
            for n in ("USA", "DEU", "POL", "EST")
        ),
    ]


def _policy() -> list[Point]:
    tight = "a tighter rule costs capability or pays the penalty of what is missing"
    return [
        *_pair("joint_share_min", "0.2", "0.6", FALLS, tight),
        *_pair("eu_content_min", "0.4", "0.9", FALLS, tight),
        *_pair("innovation_share_min", "0", "0.2", FALLS, tight),
        *_pair("risk_max", "0.1", "0.8", RISES, "risky lines close more where they may be paid"),
        _one("spend_floor", "0.9", RISES, "with what earlier contracts bind, nations spend that much anyway"),
        _one("spend_floor", "0.95", RISES, "money must go out in years in which little of it can still close a gap"),
        _one("order_value_max", "0.9", RISES, "orders wait for the money of their years"),
        _one("output_drop_max", "0.2", RISES, "lines must not fall off: soft, and what is missing is paid for"),
        _one("area_share_min.iamd", "0.4", RISES, tight),
        _one("area_share_max.iamd", "0.1", RISES, tight),
        _one("closure_min.iamd", "0.95", RISES, "soft: what is missing to the floor costs points"),
        _one("fleet_strictness", "1", RISES, "one type a class: no second line to buy from"),
    ]


def _industry_and_joint() -> list[Point]:
    return [
        *_pair("capacity_factor", "0.7", "1.3", RISES, "orders that industry can't deliver close nothing"),
        _one("expansions", "off", RISES, "no capacity is added"),
        _one("delay.patriot_fu", "2", RISES, "a programme that the plan wants comes two years later"),
        _one("delay.f_jamie", "2", RISES, "a frame that the plan wants launches two years later"),
        _one("synchronised_cycles", "on", FALLS, "nations may join in any year"),
        Point("persistence", "5", RISES, "keeping last year's orders costs the best use of money",
              {"persistence": "5"}, prior=True),
    ]  # fmt: skip


def _single() -> list[Point]:
    items = [
        ("programme", "type26", "patriot_fu"),
        ("frame", "f_type26", "f_jamie"),
        ("expansion", "x_camm_pl", "x_diehl_fu"),
        ("innovation", "v_qpnt", "v_int_drone"),
    ]
    found = []
    for kind, forced, forbidden in items:
        a = "an" if kind[0] in "ei" else "a"
        found.append(_one(f"force.{forced}", "on", RISES, f"{a} {kind} that the plan would not choose takes money"))
        found.append(_one(f"forbid.{forbidden}", "on", RISES, f"{a} {kind} that the plan wants is taken away"))
    return found


def _scenarios() -> list[Point]:
    says = [
        ("lean", RISES, "less growth, less money"),
        ("line_lost", RISES, "three lines at half capacity; of the two for air defence nothing can take the place"),
        ("us_step_back", RISES, "half of USA's baseline is to be filled"),
        ("costly", RISES, "prices grow faster"),
        ("synchronised", EITHER, "freer signing years against a higher joint share"),
        ("industry_first", EITHER, "less capacity against cheaper expansions and money that moves between pillars"),
        ("fast_innovation", EITHER, "more innovation asked, with a cheap fast mode and more risk accepted"),
        ("co_production", EITHER, "two home lines are short and licences cost less: built abroad, they are worth it"),
        ("early_money", FALLS, "the pledge is reached on an early path"),
    ]
    return [Point("scenario", name, expected, why, scenario=name) for name, expected, why in says]


POINTS: tuple[Point, ...] = (
    Point(DEFAULT, "-", EITHER, "the data set as it stands"),
    *_money(), *_need(), *_policy(), *_industry_and_joint(), *_single(), *_scenarios(),
)  # fmt: skip
