"""Themes of random data sets: each is a situation in which one rule of the program is likely to bind."""
# ruff: noqa: C408

from collections.abc import Callable, Mapping

from tests import random_themes_horizon, random_themes_sharing
from tests.random_draft import Draft


def _max_units(d: Draft) -> None:
    d.customers("tank", max_units=1)
    d.wanted(4)
    d.money(core=40)


def _operated(d: Draft) -> None:
    d.tank(type_overhead=d.rng.choice([0.5, 1.5]))
    d.one("areas", "area", "land", standard="nato", integration_tax=0.25)


def _in_service(d: Draft) -> None:
    d.tank(service_years=1, lead_years=0)


def _two_bought(d: Draft) -> None:
    """A lot of two."""
    d.tank(lot=2, unit_cost=6)
    d.customers("tank", max_units=4)
    d.wanted(3)


def _tiers(d: Draft) -> None:
    d.frame()
    d.wanted(3)
    d.money(core=24)


def _min_members(d: Draft) -> None:
    """Only one nation wants it; the other would join for nothing."""
    d.frame(min_members=2)
    d.wanted(1, d.nations[1], baseline=1)
    d.wanted(4, d.nations[0])
    d.money(core=24)


def _min_members_of_three(d: Draft) -> None:
    d.frame(min_members=len(d.nations), joining_cost=1)
    d.money(core=6, nation=d.nations[-1])


def _committed(d: Draft) -> None:
    """A committed nation has no use for what the frame buys."""
    d.frame()
    for nation in d.nations:
        status = "committed" if nation == d.nations[-1] else "candidate"
        d.one("frame_members", "pair", nation, frame="f_tank", nation=nation, status=status)
    d.wanted(1, d.nations[-1], baseline=1)
    d.money(core=24)


def _one_frame(d: Draft) -> None:
    """Two frames for two years, and money for a tank a year at the joint price alone."""
    first, second = d.years[-2:]
    d.tank(lead_years=0, unit_cost=10, cost_growth=0, sustain_cost=0, first_order_year=first, lot=1, down_payment=1)
    d.frame(first_launch=first, last_launch=first, extra_lead_years=1, joining_cost=0, annual_fee=0)
    d.one("frames", "frame", "f_late", programme="tank", min_members=1, first_launch=second)
    d.one("price_tiers", "tier", "low", frame="f_tank", from_units=1, price_factor=0.8)
    d.one("price_tiers", "tier", "high", frame="f_tank", from_units=3, price_factor=0.7)
    d.one("price_tiers", "tier", "late", frame="f_late", from_units=1, price_factor=0.8)
    d.customers("tank", max_units=2)
    d.levers["carry_over"] = 0.05
    d.wanted(2)
    d.money(core=8.5)


def _signing(d: Draft) -> None:
    """One nation signs in the last year alone, when the other wants to have ordered."""
    d.one("nations", "nation", d.nations[0], signing_cycle=len(d.years), signing_offset=d.years[-1])
    d.tank(lead_years=0)
    d.frame(min_members=2)
    d.wanted(2)
    d.money(core=24)


def _min_units(d: Draft) -> None:
    d.frame(min_units=1 + len(d.nations))
    d.customers("tank", max_units=2)
    d.wanted(1)
    d.money(core=24)


def _min_annual(d: Draft) -> None:
    d.frame(commit_years=2, min_annual_units=d.rng.choice([1, 2]))
    d.tank(lead_years=0)
    d.wanted(2)


def _workshare(d: Draft) -> None:
    """The home line is too small for what the frame promises."""
    d.frame(workshare_min=d.rng.choice([0.6, 1]), min_members=1)
    d.line(nation=d.nations[0], capacity=d.rng.choice([0, 0.5]), ramp="", current_output=0)
    d.one("lines", "line", "l_far", nation="JPN", current_output=2)
    d.one("line_programmes", "line", "l_far", programme="tank")
    d.one("line_capacity", "line", "l_far", capacity=4)
    d.wanted(3, d.nations[0])
    d.money(core=24)


def _two_lines(d: Draft) -> None:
    d.line(capacity=d.rng.choice([1, 2]), ramp="")
    d.one("lines", "line", "l_far", nation="JPN", current_output=0, ramp=d.rng.choice([0.5, 1]))
    d.one("line_programmes", "line", "l_far", programme="tank", capacity_use=d.rng.choice([0.5, 1]))
    d.one("line_capacity", "line", "l_far", capacity=1)
    d.wanted(3)
    d.money(core=24)


def _line_capacity(d: Draft) -> None:
    d.line(capacity=d.rng.choice([0, 1]))
    d.wanted(3)
    d.money(core=24)


def _ramp(d: Draft) -> None:
    d.line(capacity=5, ramp=d.rng.choice([0.5, 1]), current_output=0)
    d.wanted(4)
    d.money(core=30)


def _component(d: Draft) -> None:
    d.one("components", "component", "seeker")
    d.one("component_capacity", "component", "seeker", capacity=d.rng.choice([2, 3]))
    d.one("bill_of_materials", "component", "seeker", programme="tank", quantity=2)
    d.wanted(3)
    d.money(core=30)


def _component_expansion(d: Draft) -> None:
    _component(d)
    d.one(
        "expansions", "expansion", "x_seeker", line_or_component="seeker", added_capacity=2, cost=4, host=d.nations[1]
    )


def _expansion(d: Draft) -> None:
    d.shift(build_years=d.rng.choice([0, 1]))
    d.tank(lead_years=0)
    d.wanted(4)
    d.money(core=40)


def _expansion_unpaid(d: Draft) -> None:
    """The expansion is wanted and dearer than the resilience money."""
    d.shift(cost=d.rng.choice([8, 16, 30]), build_years=0, host_share_min=0)
    d.tank(lead_years=0)
    d.wanted(4)
    d.money(core=40, resilience=d.rng.choice([3, 5]))


def _host_share(d: Draft) -> None:
    """The host has little resilience money, the others have enough."""
    d.shift(host_share_min=d.rng.choice([0.6, 0.9]), build_years=0, annual_cost=0.5)
    d.tank(lead_years=0)
    d.wanted(4)
    d.money(core=40, resilience=12)
    d.money(resilience=2, nation=d.nations[0])


def _guarantee(d: Draft) -> None:
    """The expansion promises more load than there will be orders."""
    d.shift(guaranteed_load=d.rng.choice([0.8, 1]), guarantee_years=2, build_years=0, added_capacity=3)
    d.tank(lead_years=0)
    d.wanted(3)
    d.money(core=30)


def _fleet_limit(d: Draft) -> None:
    d.gun(fleet_class="armour")
    d.tank(fleet_class="armour")
    d.rule("fleet_limit", "armour", 1)
    d.wanted(4)
    d.money(core=30)


def _variant_limit(d: Draft) -> None:
    d.gun(fleet_class="armour")
    d.tank(fleet_class="armour")
    d.rule("variant_limit", "armour", 1)
    d.wanted(4)
    d.money(core=30)


def _incompatible(d: Draft) -> None:
    d.gun()
    d.add("incompatible", programme_a="tank", programme_b="gun", scope=d.rng.choice(["ALL", d.nations[0]]))
    d.wanted(4)
    d.money(core=30)


def _common_standard(d: Draft) -> None:
    d.gun(standard="nato")
    d.tank(standard="own")
    d.one("areas", "area", "land", standard="nato")
    d.rule("common_standard_min", "land", d.rng.choice([0.5, 0.8]))
    d.wanted(4)


def _enabler(d: Draft) -> None:
    """Radios are needed for tanks to count."""
    d.one("areas", "area", "radio", weight=0.25)
    d.tables["targets"] = [row for row in d.tables["targets"] if row["area"] != "radio"]
    d.add("targets", area="radio", target=2, baseline=d.rng.choice([0, 1]))
    d.gun(area="radio")
    d.add("requires", area="land", enabler="radio", ratio=d.rng.choice([0.5, 1]))
    d.wanted(3)
    d.money(core=20)


def _collective_enabler(d: Draft) -> None:
    d.one("areas", "area", "radio", weight=0.5)
    d.tables["targets"] = [row for row in d.tables["targets"] if row["area"] != "radio"]
    d.add("targets", nation="ALL", area="radio", target=3, baseline=1)
    d.gun(area="radio")
    d.add("requires", area="land", enabler="radio", ratio=1)
    d.wanted(3)


def _unlocks(d: Draft) -> None:
    d.swarm()
    d.tank(requires_innovation="v_swarm", lead_years=0)
    d.wanted(3)


def _innovation(d: Draft) -> None:
    d.swarm(pilot_years=1, scale_years=d.rng.choice([0, 1]))


def _fast(d: Draft) -> None:
    d.swarm(fast_years=1, fast_cost_factor=1.2, pilot_years=1, scale_years=1, pilot_cost=1, scale_cost=2)
    d.wanted(4)
    d.money(core=24)


def _poor(d: Draft) -> None:
    d.money(core=d.rng.choice([9, 11, 13]))
    d.wanted(3)


def _carry(d: Draft) -> None:
    """A tank costs more than a year's money and no more than two years'."""
    d.money(core=7)
    d.tank(lead_years=0, unit_cost=10, cost_growth=0, lot=1)
    d.levers["carry_over"] = d.rng.choice([0, 0.05, 0.25])
    d.wanted(2)


def _pillar_shift(d: Draft) -> None:
    d.money(core=d.rng.choice([8, 9.5]), resilience=d.rng.choice([6, 10]))
    d.levers["pillar_shift"] = d.rng.choice([0.1, 0.2, 0.3])
    d.wanted(3)


def _loan(d: Draft) -> None:
    """A tank a year at the joint price costs a little more than there is; the facility lends too little for all."""
    d.tank(unit_cost=10, cost_growth=0, lead_years=0, lot=1, sustain_cost=0)
    d.frame(loan_facility="safe", joining_cost=0, annual_fee=0)
    d.one("price_tiers", "tier", "low", frame="f_tank", from_units=1, price_factor=0.8)
    d.one("price_tiers", "tier", "high", frame="f_tank", from_units=3, price_factor=0.8)
    for nation in d.nations:
        d.add("loans", facility="safe", nation=nation, amount=d.rng.choice([0.5, 1.5]), interest=0.05)
    d.customers("tank", max_units=2)
    d.levers["carry_over"] = 0.05
    d.money(core=7)
    d.wanted(2)


def _loan_for_joint_alone(d: Draft) -> None:
    """The facility has much money, and pays no more than what goes through its frame."""
    d.tank(unit_cost=10, cost_growth=0, lead_years=0, lot=1, sustain_cost=0)
    d.frame(loan_facility="safe", joining_cost=0, annual_fee=0, last_launch=d.years[0], eu_content_min=0.6)
    for nation in d.nations:
        d.add("loans", facility="safe", nation=nation, interest=0.02)
    d.gun(unit_cost=6)
    d.customers("tank", max_units=1)
    d.money(core=d.rng.choice([3, 4]))
    d.wanted(4)


def _single_nation(d: Draft) -> None:
    d.wanted(4)
    d.money(core=8, nation=d.nations[-1])
    d.money(core=30, nation=d.nations[0])
    d.rule("single_nation_max", "land", d.rng.choice([0.5, 0.6]))


def _single_line(d: Draft) -> None:
    _two_lines(d)
    d.one("line_capacity", "line", "l_tank", capacity=4)
    d.rule("single_line_max", "land", d.rng.choice([0.5, 0.7]))


def _single_line_of_two(d: Draft) -> None:
    d.line(capacity=4)
    d.gun()
    d.one("lines", "line", "l_gun", nation="JPN", current_output=2)
    d.one("line_programmes", "line", "l_gun", programme="gun")
    d.one("line_capacity", "line", "l_gun", capacity=2)
    d.rule("single_line_max", "land", 0.6)
    d.wanted(4)
    d.money(core=30)


def _surge(d: Draft) -> None:
    d.line(capacity=d.rng.choice([2, 3]), ramp="", current_output=3)
    d.rule("surge_min", "land", d.rng.choice([1.5, 2, 3]))
    d.wanted(4)
    d.money(core=30)


def _closure(d: Draft) -> None:
    """What can be made must go to the nation that needs it less."""
    d.line(capacity=1, ramp="", current_output=1)
    d.tank(lead_years=0, service_years=1)
    d.wanted(4, d.nations[0])
    d.wanted(2, d.nations[1], baseline=1)
    d.settings["severity"] = [dict(above=0.0, slope=1), dict(above=0.5, slope=3)]
    d.rule("closure_min", f"{d.nations[1]}:land", 0.9, soft=False, from_year=d.years[-1])
    d.money(core=24)


def _equipment_share(d: Draft) -> None:
    """More must be bought than is wanted."""
    d.wanted(1, baseline=0)
    d.customers("tank", max_units=2)
    d.money(core=20)
    d.rule("equipment_share_min", d.nations[0], d.rng.choice([0.3, 0.5]), from_year=d.years[-1])
    d.tank(lead_years=0)


def _spend_floor(d: Draft) -> None:
    d.wanted(1, baseline=0)
    d.customers("tank", max_units=2)
    d.money(core=20, resilience=0)
    d.add("budget_path", nation=d.nations[0], pillar="core", committed_share=0.4)
    d.rule("spend_floor", d.nations[0], d.rng.choice([0.5, 0.7]), from_year=d.years[-1])
    d.tank(lead_years=0)


def _spend_growth(d: Draft) -> None:
    """Nothing can be ordered before the last year, and spending may not jump."""
    d.tank(lead_years=0, first_order_year=d.years[-1])
    d.wanted(3)
    d.money(core=30)
    for nation in d.nations:
        d.add("obligations", nation=nation, year=d.years[-2], amount=6)
    d.rule("spend_growth_max", "ALL", d.rng.choice([0.1, 0.5, 1]))


def _joint_share(d: Draft) -> None:
    d.frame(min_members=2, joining_cost=2, min_units=2)
    d.rule("joint_share_min", "ALL", d.rng.choice([0.5, 0.8]))
    d.gun()
    d.wanted(3)


def _eu_content(d: Draft) -> None:
    d.tank(eu_content=d.rng.choice([0.2, 0.4]))
    d.gun()
    d.rule("eu_content_min", "ALL", 0.6)
    d.wanted(4)
    d.money(core=24)


def _innovation_share(d: Draft) -> None:
    """A line that closes nothing must be paid."""
    d.swarm(pillar="resilience", success_probability=0.3)
    d.one("innovation_effects", "innovation", "v_swarm", area="land", closes=0)
    d.rule("innovation_share_min", "ALL", d.rng.choice([0.05, 0.1]))


def _sme_share(d: Draft) -> None:
    d.tank(sme_share=0.1)
    d.gun(sme_share=0.6)
    d.rule("sme_share_min", "ALL", d.rng.choice([0.25, 0.4]))
    d.wanted(4)
    d.money(core=24)


def _risk(d: Draft) -> None:
    d.swarm(success_probability=0.4, pilot_cost=1, scale_cost=1)
    d.one("innovation_effects", "innovation", "v_swarm", area="land", closes=0.5)
    d.wanted(4)
    d.money(core=24)
    d.rule("risk_max", "ALL", 0.3)


def _prior_plan(d: Draft) -> None:
    """What was planned for the last year is wanted in the first."""
    for nation in d.nations:
        d.add("prior_plan", nation=nation, programme="tank", year=d.years[-1], units=1, unit_price=10, value=10)
    d.tank(lead_years=0)
    d.customers("tank", max_units=1)
    d.wanted(2)
    d.money(core=12)


def _change(d: Draft) -> None:
    _prior_plan(d)
    d.rule("change_max", "ALL", d.rng.choice([0, 0.5]))


def _persistence(d: Draft) -> None:
    _prior_plan(d)
    d.levers["persistence"] = d.rng.choice([2, 30])


def _force(d: Draft) -> None:
    """Something that nobody needs."""
    d.gun()
    d.one("effects", "programme", "gun", area="land", effect=0)
    d.one("effects", "programme", "tank", area="land", effect=1)
    d.levers["force.gun"] = True


def _force_frame(d: Draft) -> None:
    d.frame(joining_cost=4, min_members=2)
    d.one("price_tiers", "tier", "low", frame="f_tank", from_units=1, price_factor=0.95)
    d.one("price_tiers", "tier", "high", frame="f_tank", from_units=3, price_factor=0.9)
    d.money(core=24)
    d.levers["force.f_tank"] = True


def _force_other(d: Draft) -> None:
    if d.rng.random() < 0.5:
        d.swarm(success_probability=0.1)
        d.levers["force.v_swarm"] = True
    else:
        d.shift(build_years=1)
        d.levers["force.x_tank"] = True


def _forbid(d: Draft) -> None:
    d.gun()
    d.wanted(4)
    d.levers["forbid." + d.rng.choice(["tank", "gun"])] = True


def _forbid_frame(d: Draft) -> None:
    _tiers(d)
    d.levers["forbid.f_tank"] = True


def _launched(d: Draft) -> None:
    """A frame launched before, with a delivery on its way."""
    d.frame(launched=d.years[0] - 1, commit_years=3, min_annual_units=d.rng.choice([0, 1]), min_units=2, min_members=2)
    for nation in d.nations[:2]:
        d.one("frame_members", "pair", nation, frame="f_tank", nation=nation, status="member")
    d.one("pipeline", "pair", "first", nation=d.nations[0], programme="tank", year=d.years[0], units=1)
    d.tank(lead_years=0)


def _pipeline(d: Draft) -> None:
    d.one("pipeline", "pair", "first", nation=d.nations[-1], programme="tank", year=d.years[-1], units=1)
    d.add("obligations", nation=d.nations[-1], year=d.years[0], pillar="resilience", amount=1)


def _threat(d: Draft) -> None:
    d.one("areas", "area", "land", threat_year=d.years[-1], weight=2, severity="0:1|0.25:2")


THEMES: Mapping[str, Callable[[Draft], None]] = {
    name.removeprefix("_"): value
    for module in (globals(), vars(random_themes_horizon), vars(random_themes_sharing))
    for name, value in list(module.items())
    if callable(value) and getattr(value, "__annotations__", {}) == {"d": Draft, "return": None}
}

# Themes that others easily undo: so many times more they come alone.
WEAK: Mapping[str, int] = {
    "area_share_max": 1,
    "area_share_min": 2,
    "bound_money": 1,
    "change": 2,
    "committed": 2,
    "common_standard": 2,
    "component": 1,
    "cost_share": 1,
    "covered_share": 2,
    "covered_twice": 3,
    "enabler": 1,
    "equipment_share": 1,
    "eu_content": 2,
    "expansion_unpaid": 1,
    "fast": 1,
    "fleet_limit": 1,
    "guarantee": 2,
    "host_late": 1,
    "host_share": 3,
    "in_service": 2,
    "incompatible": 2,
    "innovation_share": 1,
    "joint_share": 2,
    "launched_share": 4,
    "limit_by_steps": 2,
    "loan": 1,
    "loan_for_joint_alone": 2,
    "member_share": 3,
    "min_annual": 2,
    "min_units": 1,
    "needs_host": 3,
    "one_frame": 2,
    "operated": 1,
    "order_value": 2,
    "output_drop": 1,
    "pillar_shift": 4,
    "poor_sponsor": 2,
    "ramp": 1,
    "risk": 2,
    "settled": 1,
    "signing": 1,
    "single_line": 2,
    "single_line_of_two": 1,
    "single_nation": 3,
    "sme_share": 1,
    "soft_single_line": 1,
    "spend_floor": 1,
    "spend_growth": 1,
    "surge": 2,
    "unequal_sponsors": 2,
    "unlocks": 1,
    "variant_limit": 2,
    "who_gains": 2,
    "who_gains_of_a_component": 1,
    "whole_bill": 1,
    "workshare": 3,
}
