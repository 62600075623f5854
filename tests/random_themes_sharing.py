"""Themes of shared bills, loans and grants, hosts, members' shares, pins and rules of several rows."""
# ruff: noqa: C408

from tests.random_draft import Draft


def _poor_sponsor(d: Draft) -> None:
    """One sponsor has too little for its part, and the others may take over some of it."""
    d.settings["sponsor_max"] = d.rng.choice([1, 1.25, 1.4, 2])
    d.swarm(pillar="resilience", pilot_cost=5, scale_cost=5)
    d.one("innovation_effects", "innovation", "v_swarm", area="land", closes=0.5)
    d.money(resilience=d.rng.choice([6, 8]))
    d.money(resilience=d.rng.choice([0.25, 0.5, 1]), nation=d.nations[-1])
    d.wanted(4)


def _cost_share(d: Draft) -> None:
    """A key that is not GDP; one sponsor has none."""
    _poor_sponsor(d)
    d.one("nations", "nation", d.nations[0], cost_share=d.rng.choice([1, 3]))
    d.one("nations", "nation", d.nations[1], cost_share=d.rng.choice([0, 1]))


def _unequal_sponsors(d: Draft) -> None:
    """Sponsors of different size; the larger one has little money."""
    for nation, gdp in zip(d.nations, (2000, 1000, 500), strict=False):
        d.add("economy", nation=nation, gdp=gdp)
    d.settings["sponsor_max"] = d.rng.choice([1, 1.3])
    d.swarm(pillar="core", pilot_cost=4, scale_cost=6)
    d.one("innovation_effects", "innovation", "v_swarm", area="land", closes=0.4)
    d.money(core=d.rng.choice([1.25, 1.5]), nation=d.nations[0])
    d.wanted(3)


def _whole_bill(d: Draft) -> None:
    """All sponsors together have too little for the line."""
    d.swarm(pillar="resilience", pilot_cost=4, scale_cost=d.rng.choice([8, 12, 16]))
    d.one("innovation_effects", "innovation", "v_swarm", area="land", closes=0.5)
    d.money(resilience=d.rng.choice([2, 3, 4]))
    d.wanted(4)


def _who_gains(d: Draft) -> None:
    """The host is poor, and a customer pays no more than a part of what it orders."""
    d.settings["contribution_max"] = d.rng.choice([0.02, 0.05, 0.1])
    d.shift(build_years=0, host_share_min=0.1, cost=4, annual_cost=0.5)
    d.tank(lead_years=0)
    d.wanted(4)
    d.money(core=40, resilience=12)
    d.money(resilience=d.rng.choice([1.5, 3]), nation=d.nations[0])


def _who_gains_of_a_component(d: Draft) -> None:
    """No nation has the line of a component: all but the host pay by their orders."""
    d.settings["contribution_max"] = d.rng.choice([0.02, 0.05])
    d.one("components", "component", "seeker")
    d.one("component_capacity", "component", "seeker", capacity=2)
    d.one("bill_of_materials", "component", "seeker", programme="tank", quantity=2)
    expansion = dict(line_or_component="seeker", added_capacity=4, cost=4, host=d.rng.choice(["", d.nations[1]]))
    d.one("expansions", "expansion", "x_seeker", **expansion)
    d.wanted(3)
    d.money(core=30, resilience=d.rng.choice([2, 6]))


def _needs_host(d: Draft) -> None:
    """A cheap thing that is of use only beside a dear one."""
    d.gun(needs_host="tank", unit_cost=d.rng.choice([2, 4]))
    d.tank(unit_cost=10, lot=1)
    d.wanted(3)
    d.money(core=d.rng.choice([8, 13]))


def _host_late(d: Draft) -> None:
    """The host arrives a year after its order; what it fires can't come before it."""
    d.tank(lead_years=1, down_payment=0.5, lot=1)
    d.gun(needs_host="tank", lead_years=0, unit_cost=2)
    d.customers("gun", max_units=d.rng.choice([1, 2]))
    d.wanted(3)
    d.money(core=24)


def _host_there(d: Draft) -> None:
    """One nation has a host of an earlier time, the others have to order one."""
    _host_late(d)
    for row in d.rows["customers"].values():
        if (row["nation"], row["programme"]) == (d.nations[0], "tank"):
            row["units_operated"] = 1


def _member_share(d: Draft) -> None:
    """A member takes a real share, and wants less."""
    d.frame(member_min_share=d.rng.choice([0.7, 1]), min_members=d.rng.choice([1, 2]))
    d.customers("tank", max_units=3 if len(d.nations) + len(d.years) == 4 else 2)
    d.wanted(1)
    d.wanted(4, d.nations[0])
    d.money(core=24)


def _ordered_before(d: Draft) -> None:
    """A launched frame of which the earlier units make a tier; some of them have arrived long ago."""
    status = dict(frame="f_tank", status="member")
    d.frame(launched=d.years[0] - 1, commit_years=2, min_units=d.rng.choice([0, 4]), min_annual_units=0, min_members=0)
    d.frame(member_min_share=d.rng.choice([0, 0.6, 1]))
    for nation in d.nations[:2]:
        d.one("frame_members", "pair", nation, nation=nation, units_before=d.rng.choice([0, 1, 2]), **status)
    d.tank(lead_years=0)
    d.wanted(3)
    d.money(core=d.rng.choice([12, 24]))


def _launched_share(d: Draft) -> None:
    """A member of a launched frame orders a real share, or nothing."""
    status = dict(frame="f_tank", status="member")
    d.frame(launched=d.years[0] - 1, commit_years=0, min_units=0, min_annual_units=0, member_min_share=1, min_members=0)
    for nation in d.nations[:2]:
        d.one("frame_members", "pair", nation, nation=nation, units_before=0, **status)
    d.customers("tank", max_units=2)
    d.tank(lead_years=0, unit_cost=10, lot=1, first_order_year=d.years[-1], cost_growth=0, sustain_cost=0)
    d.levers["carry_over"] = 0.05
    d.wanted(3)
    d.money(core=9.2)


def _lent(d: Draft, facilities: tuple[str, ...] = ("safe", "edip")) -> None:
    """A tank a year at the joint price costs more than there is; facilities `safe` and `edip` pay a part."""
    d.tank(unit_cost=10, cost_growth=0, lead_years=0, lot=1, sustain_cost=0)
    d.frame(loan_facility=";".join(facilities), joining_cost=0, annual_fee=0)
    d.one("price_tiers", "tier", "low", frame="f_tank", from_units=1, price_factor=0.8)
    d.one("price_tiers", "tier", "high", frame="f_tank", from_units=3, price_factor=0.8)
    d.customers("tank", max_units=2)
    d.wanted(2)


def _grant(d: Draft) -> None:
    """A grant costs no interest, a loan does."""
    _lent(d)
    for nation in d.nations:
        d.add("loans", facility="safe", nation=nation, kind="loan", amount=d.rng.choice([1, 3]), interest=0.1)
        d.add("loans", facility="edip", nation=nation, kind="grant", amount=d.rng.choice([0.5, 1.5]))
    d.money(core=d.rng.choice([6, 7]))


def _covered_share(d: Draft) -> None:
    """A facility covers a part of what is paid."""
    _lent(d)
    for nation in d.nations:
        d.add("loans", facility="safe", nation=nation, share=d.rng.choice([0.05, 0.1, 0.3]), interest=0.02)
    d.levers["carry_over"] = 0.05
    d.money(core=d.rng.choice([6, 7]))


def _lent_to_all(d: Draft) -> None:
    """One amount for all nations; one of them may have a row of its own."""
    _lent(d)
    d.add("loans", facility="safe", nation="ALL", amount=d.rng.choice([1, 2, 3]), interest=0.05)
    if d.rng.random() < 0.5:
        d.add("loans", facility="safe", nation=d.nations[0], amount=0.5, kind="grant")
    d.levers["carry_over"] = 0.05
    d.money(core=d.rng.choice([6.5, 7]))


def _covered_twice(d: Draft) -> None:
    """Two facilities that would pay for a tank twice, and something else that could be had for it."""
    _lent(d)
    d.frame(last_launch=d.years[0])
    d.customers("tank", max_units=1)
    d.gun(unit_cost=6)
    for nation in d.nations:
        d.add("loans", facility="safe", nation=nation, interest=0.02)
        d.add("loans", facility="edip", nation=nation, kind="grant", share=d.rng.choice([0.5, 1]))
    d.wanted(4)
    d.money(core=d.rng.choice([2, 3]))


def _second_area(d: Draft) -> None:
    """Radios for an area of their own."""
    d.one("areas", "area", "radio", weight=d.rng.choice([0.2, 1]))
    d.tables["targets"] = [row for row in d.tables["targets"] if row["area"] != "radio"]
    d.add("targets", area="radio", target=2)
    d.gun(area="radio")
    d.wanted(3)
    d.money(core=d.rng.choice([12, 20]))


def _area_share_min(d: Draft) -> None:
    """More of one area than anybody would buy."""
    _second_area(d)
    d.rule("area_share_min", d.rng.choice(["radio", f"{d.nations[0]}:radio", "EU:radio"]), d.rng.choice([0.4, 0.6]))


def _area_share_max(d: Draft) -> None:
    """Less of one area than all would buy."""
    _second_area(d)
    d.rule("area_share_max", d.rng.choice(["land", f"{d.nations[0]}:land", "ALL:land"]), d.rng.choice([0.3, 0.5]))


def _order_value(d: Draft) -> None:
    """What may be committed grows with the money."""
    d.customers("tank", max_units=2)
    d.wanted(4)
    d.money(core=24)
    d.rule("order_value_max", d.rng.choice(["ALL", d.nations[0]]), d.rng.choice([0.45, 0.6, 0.9]))
    if d.rng.random() < 0.4:
        d.beyond(years=1, money=0.9)
        d.tank(lead_years=1)


def _pin(d: Draft, sense: str, units: float) -> None:
    """What a planner has fixed: the whole, a year, a channel, or a nation's."""
    nation = d.rng.choice(["ALL", d.nations[0]])
    year = d.rng.choice(["", d.years[0]])
    d.tank(lead_years=0, lot=1)
    d.add(
        "pins",
        nation=nation,
        programme="tank",
        channel=d.rng.choice(["", "national"]),
        year=year,
        sense=sense,
        units=units,
    )


def _pin_min(d: Draft) -> None:
    """More than is wanted is fixed."""
    d.wanted(1, baseline=1)
    d.money(core=24)
    _pin(d, "min", 1)


def _pin_max(d: Draft) -> None:
    """Less than is wanted is fixed."""
    d.wanted(4)
    d.money(core=24)
    _pin(d, "max", d.rng.choice([0, 1]))


def _pin_equal(d: Draft) -> None:
    """Exactly one is fixed."""
    d.wanted(3)
    d.money(core=24)
    _pin(d, "equal", 1)


def _pin_frame(d: Draft) -> None:
    """Orders through a frame are fixed."""
    d.frame(min_members=1)
    d.tank(lead_years=0, lot=1)
    d.money(core=24)
    d.add(
        "pins", nation="ALL", programme="tank", channel="f_tank", year="", sense=d.rng.choice(["min", "max"]), units=1
    )


def _floor_and_wish(d: Draft) -> None:
    """A hard floor beside a soft wish."""
    d.gun(sme_share=0.6)
    d.tank(sme_share=0.1)
    rule, values = d.rng.choice([("sme_share_min", (0.2, 0.5)), ("closure_min", (0.1, 0.9))])
    scope = "land" if rule == "closure_min" else "ALL"
    d.rule(rule, scope, values[0], soft=False)
    d.rule(rule, scope, values[1], soft=True)
    d.wanted(4)
    d.money(core=24)


def _steps(d: Draft) -> None:
    """A rule that grows by steps."""
    d.wanted(3, d.nations[0])
    d.money(core=24)
    for place, year in enumerate(d.years[:2]):
        d.rule("closure_min", f"{d.nations[0]}:land", (0.25, 0.5)[place], soft=d.rng.random() < 0.3, from_year=year)


def _limit_by_steps(d: Draft) -> None:
    """What may be committed is less from the second year on."""
    d.customers("tank", max_units=3)
    d.tank(unit_cost=10, lot=1)
    d.wanted(4)
    d.money(core=24)
    d.rule("order_value_max", "ALL", 0.9, soft=False, from_year=d.years[0])
    d.rule("order_value_max", "ALL", 0.3, from_year=d.years[1])


def _soft_surge(d: Draft) -> None:
    """Several lines, and a wish for room to grow."""
    d.line(capacity=d.rng.choice([2, 3]), ramp="", current_output=3)
    d.one("lines", "line", "l_far", nation="JPN", current_output=1)
    d.one("line_programmes", "line", "l_far", programme="tank", capacity_use=0.5)
    d.one("line_capacity", "line", "l_far", capacity=1)
    d.rule("surge_min", "land", d.rng.choice([1.5, 3]), soft=True)
    d.wanted(4)
    d.money(core=30)


def _soft_single_line(d: Draft) -> None:
    """Most comes from one line, some from a second one, and some without any."""
    d.line(capacity=3, ramp="", current_output=3)
    d.one("lines", "line", "l_far", nation="JPN", current_output=1)
    d.one("line_programmes", "line", "l_far", programme="tank")
    d.one("line_capacity", "line", "l_far", capacity=1)
    d.gun()
    d.rule("single_line_max", "land", d.rng.choice([0.4, 0.6]), soft=True)
    d.wanted(4)
    d.money(core=30)


def _soft_floor(d: Draft) -> None:
    """A wish that money be spent, where contributions are a choice."""
    d.swarm(pillar="resilience")
    d.rule("spend_floor", d.nations[0], d.rng.choice([0.3, 0.6]), soft=True)
    d.rule("innovation_share_min", d.nations[0], d.rng.choice([0.2, 0.4]), soft=d.rng.random() < 0.5)


def _delay(d: Draft) -> None:
    """Everything a year later."""
    d.levers["delay.tank"] = 1
    d.tank(lead_years=0, type_overhead=0.5)
    d.wanted(3)
    d.money(core=24)
