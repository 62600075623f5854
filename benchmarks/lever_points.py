"""Which levers are pulled, how far, and what a planner expects of the bound: written before anything is measured.

An expectation is never changed after its row was measured: a row that comes out otherwise says "no" in the table, and
its `note` says why. "Either way" is kept for what only weighs gaps otherwise (weights, the threat's year), for nations
that leave and for scenarios that change several things; "no change" for rows whose rule has slack, which the table
shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.lever_notes import NOTES

FALLS, RISES, SAME, EITHER = "falls", "rises", "no change", "either way"
DEFAULT, PATH, CYCLES = "default", "core_share_2035=0.035", "scenario=own_cycles"
# Families of which the direction may be left open.
OPEN = frozenset({"area_weight", "threat_shift", "nation_out", "scenario"})


@dataclass(frozen=True)
class Point:
    """One setting of one lever (or one scenario).

    Attributes:
        lever: the lever's name, or `scenario`.
        setting: what the table shows.
        expected: FALLS, RISES, SAME or EITHER: the bound of the first objective against the reference point.
        why: the expectation in a sentence.
        sets: levers as for --set.
        scenario: name of a scenario, or None.
        reference: id of the point that this one is compared with.
        prior: whether the case holds the reference plan's orders as its prior plan.
        rule: of SAME, the rule and scope whose slack is shown, such as `eu_content_min EU`.
    """

    lever: str
    setting: str
    expected: str
    why: str
    sets: Mapping[str, str] = field(default_factory=dict)
    scenario: str | None = None
    reference: str = DEFAULT
    prior: bool = False
    rule: str = ""

    @property
    def id(self) -> str:
        """Name of the row."""
        return DEFAULT if self.lever == DEFAULT else f"{self.lever}={self.setting}"

    @property
    def family(self) -> str:
        """The lever without its nation, group, area or item; of a scenario its name."""
        return self.lever.split(".")[0] if self.lever != "scenario" else self.id

    @property
    def note(self) -> str:
        """The cause, where the row was measured and is not as expected."""
        return NOTES.get(self.id, "")


def _pair(lever: str, low: str, high: str, low_does: str, why: str) -> list[Point]:
    """A lever at low and high; the high end does the opposite of the low one."""
    high_does = {FALLS: RISES, RISES: FALLS}.get(low_does, EITHER)
    return [Point(lever, low, low_does, why, {lever: low}), Point(lever, high, high_does, why, {lever: high})]


def _one(lever: str, setting: str, expected: str, why: str, **more: object) -> Point:
    return Point(lever, setting, expected, why, {lever: setting}, **more)  # type: ignore[arg-type]


def _same(lever: str, setting: str, rule: str, why: str) -> Point:
    return _one(lever, setting, SAME, why, rule=rule)


def _paths() -> list[Point]:
    adds = "it adds to who plans less by then and never takes: more money closes more"
    shape = "every path is drawn anew between its ends"
    pledge = "the pledge is reached sooner, and nobody's path is lowered"
    over = {"core_share_2035": "0.035", "core_share_2035.DEU": "0.03"}
    return [
        *(_one("core_share_2035", value, FALLS, adds) for value in ("0.03", "0.035", "0.045")),
        *_pair("core_share_2035.DEU", "0.03", "0.045", RISES, "by its name a nation is moved down, too"),
        _one("core_share_2035.ESP", "0.035", FALLS, "Spain plans 2.1 % in every year"),
        Point("core_share_2035.DEU", "0.03 over 0.035 for all", RISES, "the nation's own stands over the one for all",
              over, reference=PATH),
        *_pair("resilience_share_2035.DEU", "0.01", "0.02", RISES, "by its name a nation is moved down, too"),
        _one("resilience_share_2035", "0.01", SAME, "all plan 1.5 % in the last year and keep it",
             rule="budget_path resilience"),
        _one("resilience_share_2035", "0.02", FALLS, "it pays resilience areas, lines and innovation"),
        _one("path_shape", "front", FALLS, f"{shape}: early, above nearly all of the data's in every year"),
        _one("path_shape", "linear", RISES, f"{shape}: evenly, so Germany, which rises early, has less"),
        _one("path_shape", "back", RISES, f"{shape}: late, so money comes later"),
        *(_one("core_year", year, FALLS, pledge) for year in ("2027", "2030", "2035")),
        _one("core_year.DEU", "2027", FALLS, "Germany plans 3.5 % from 2029 on: two years more of it"),
        _one("core_year.ESP", "2030", FALLS, "Spain plans 2.1 % in every year"),
        Point("core_year.ESP", "2035 over 2030 for all", RISES, "the nation's own stands over the one for all",
              {"core_year": "2030", "core_year.ESP": "2035"}, reference="core_year=2030"),
    ]  # fmt: skip


def _money() -> list[Point]:
    return [
        *_pair("growth_shift", "-0.01", "0.01", RISES, "budgets grow with GDP, needs don't"),
        *_pair("price_growth_shift", "-0.01", "0.02", FALLS, "dearer units, fewer of them"),
        *_pair("carry_over", "0", "0.2", RISES, "money that may wait is worth more"),
        _one("pillar_shift", "0.1", FALLS, "money goes where the gap is"),
        _one("pillar_shift", "0.3", FALLS, "money goes where the gap is"),
        _one("loans", "off", RISES, "no facility lends or grants"),
    ]


def _need() -> list[Point]:
    mixed = "the index is a weighted mean: it moves towards the area's own"
    american = "what USA takes away the others must fill, with the same money"
    leaves = "its money and its national targets leave"
    return [
        *_pair("area_weight.iamd", "0.5", "2", EITHER, mixed),
        *_pair("area_weight.cyber", "0.5", "2", EITHER, mixed),
        *_pair("threat_shift", "-2", "2", EITHER, "years of double weight come or go, in numerator and denominator"),
        *(_one("us_backfill", value, RISES, american) for value in ("0.25", "0.5", "1")),
        *(_one(f"nation_out.{nation}", "on", EITHER, leaves) for nation in ("USA", "DEU", "POL", "EST")),
    ]


def _shares() -> list[Point]:
    tight = "a tighter rule costs capability or pays the penalty of what is missing"
    met = "the plan lies above it"
    return [
        _same("joint_share_min", "0.2", "joint_share_min ALL", f"a row for all comes in; {met}"),
        _one("joint_share_min", "0.6", RISES, f"a row for all comes in; {tight}"),
        *_pair("joint_share_min.EU", "0.2", "0.6", FALLS, tight),
        _one("joint_share_min.GBR", "0.4", RISES, f"a row for one nation comes in; {tight}"),
        _same("eu_content_min", "0.4", "eu_content_min ALL", f"a row for all comes in; {met}"),
        _one("eu_content_min", "0.9", RISES, f"a row for all comes in; {tight}"),
        _same("eu_content_min.EU", "0.4", "eu_content_min EU", f"the data ask 55 %, and {met}"),
        _one("eu_content_min.EU", "0.9", RISES, tight),
        _one("eu_content_min.POL", "0.8", RISES, f"a row for one nation comes in; {tight}"),
        _same("innovation_share_min", "0", "innovation_share_min ALL", f"the data ask 2 %, and {met}"),
        _one("innovation_share_min", "0.2", RISES, tight),
        _one("innovation_share_min.DEU", "0.2", RISES, f"a row for one nation comes in; {tight}"),
        _one("risk_max", "0.1", RISES, "risky lines close more where they may be paid"),
        _same("risk_max", "0.8", "risk_max ALL", "the data allow 40 %, and the plan stays below"),
        _same("spend_floor", "0.85", "spend_floor ALL", "a row for all comes in; what is committed is more"),
        _one("spend_floor", "0.95", RISES, "money must go out in years in which little of it can still close a gap"),
        _one("spend_floor.EU", "0.95", RISES, "a row for the group comes in: money must go out in its year"),
    ]  # fmt: skip


def _limits() -> list[Point]:
    share, wish = "a hard row comes in", "a soft row comes in: what is missing to it costs points"
    return [
        *_pair("order_value_max", "0.9", "4", RISES, "orders wait for the money of their years"),
        _one("order_value_max.DEU", "1", RISES, "a row for one nation comes in: orders wait for money"),
        _one("order_value_max.EU", "1", RISES, "a row for the group comes in: orders wait for money"),
        _one("output_drop_max", "0.1", RISES, "every line must hold its output: what falls off costs points"),
        _one("output_drop_max.ln_155_rhm", "0", RISES, "one line must never make less than the year before"),
        _one("area_share_min.iamd", "0.3", RISES, f"{share}; the plan gives it 19 % of core payments"),
        _one("area_share_min.DEU:iamd", "0.25", RISES, f"{share}; the plan gives it 14 % of Germany's"),
        _one("area_share_max.land_manoeuvre", "0.1", RISES, f"{share}; the plan gives it 20 %"),
        _one("area_share_max.EU:mil_mobility", "0.3", RISES, f"{share}; the plan gives it 53 % of resilience"),
        _same("area_share_max.iamd", "0.4", "area_share_max iamd", f"{share}; the plan gives it 19 %"),
        _one("closure_min.iamd", "0.95", RISES, wish),
        _one("closure_min.FIN:iamd", "0.6", RISES, f"{wish}; the plan closes 32 % of Finland's"),
        _one("closure_min.EUROPE:iamd", "0.95", RISES, "the data ask 40 %, and the plan closes 80 %"),
        _same("closure_min.ammo", "0.9", "closure_min ammo", "a soft row comes in; the plan closes all of it"),
        _one("fleet_strictness", "1", RISES, "one type a class: no second line to buy from"),
        Point("persistence", "5", RISES, "keeping the last plan's orders costs the best use of money",
              {"persistence": "5"}, prior=True),
    ]  # fmt: skip


def _industry() -> list[Point]:
    makes, later = "orders that industry can't deliver close nothing", "what the plan wants comes two years later"
    return [
        _one("capacity_factor", "0.7", RISES, makes),
        _one("capacity_factor", "1.3", FALLS, makes),
        _one("capacity_factor", "2", FALLS, f"{makes}; guarantees grow along, but no expansion must be built"),
        _one("expansions", "off", RISES, "no capacity is added"),
        _one("delay.nasams_bty", "2", RISES, f"a programme: {later}"),
        _one("delay.f_skyranger", "2", RISES, f"a joint buy: {later}"),
        Point("synchronised_cycles", "on", FALLS, "nations may join in any year", {"synchronised_cycles": "on"},
              scenario="own_cycles", reference=CYCLES),
        _one("delay.nasams_bty", "4", RISES, "the longer it takes the later it comes", reference="delay.nasams_bty=2"),
    ]  # fmt: skip


def _single() -> list[Point]:
    takes, gone = "that the plan does not choose takes money", "that the plan wants is taken away"
    return [
        _one("force.type26", "on", RISES, f"a programme {takes}"),
        _one("forbid.patriot_fu", "on", RISES, f"a programme {gone}"),
        _one("force.f_type26", "on", RISES, f"a joint buy {takes}"),
        _one("forbid.f_skyranger", "on", RISES, f"a joint buy {gone}"),
        _one("force.x_mse_lic", "on", RISES, f"an expansion {takes}"),
        _one("forbid.x_leo", "on", RISES, f"an expansion {gone}"),
        _one("force.v_qpnt", "on", RISES, f"an innovation line {takes}"),
        _one("forbid.v_ai_c2", "on", RISES, f"an innovation line {gone}"),
    ]


def _scenarios() -> list[Point]:
    says = [
        ("lean", RISES, "less growth, less money"),
        ("line_lost", RISES, "three lines at half capacity"),
        ("us_step_back", RISES, "half of USA's baseline is to be filled"),
        ("costly", RISES, "prices grow faster"),
        ("synchronised", EITHER, "a row of 50 % for all comes in; every nation signs every year as it is"),
        ("industry_first", EITHER, "less capacity against cheaper expansions and money that moves between pillars"),
        ("fast_innovation", EITHER, "more innovation asked, with a cheap fast mode and more risk accepted"),
        ("co_production", EITHER, "two home lines are short and licences cost less"),
        ("early_money", FALLS, "more money, and earlier"),
        ("eu_fund", FALLS, "a grant more"),
        ("own_cycles", RISES, "each nation signs in years of its own only"),
    ]
    return [Point("scenario", name, expected, why, scenario=name) for name, expected, why in says]


POINTS: tuple[Point, ...] = (
    Point(DEFAULT, "-", EITHER, "the data set as it stands"),
    *_paths(), *_money(), *_need(), *_shares(), *_limits(), *_industry(), *_single(), *_scenarios(),
)  # fmt: skip
