"""Themes of work in progress and of the years beyond the horizon."""
# ruff: noqa: C408

from tests.random_draft import Draft


def _slow_yard(d: Draft) -> None:
    """A yard that launches less than one a year, and an order that waits for it."""
    d.line(capacity=d.rng.choice([0.4, 0.5, 0.6]), ramp="", current_output=1)
    d.tank(lead_years=1, down_payment=0.5, lot=1)
    d.wanted(3)
    d.money(core=30)


def _work_ahead(d: Draft) -> None:
    """What can't be ordered before the last year can't be begun before it either."""
    d.line(capacity=1, ramp="", current_output=1)
    d.tank(lead_years=0, first_order_year=d.years[-1], lot=1)
    d.wanted(3)
    d.money(core=30)


def _half_built(d: Draft) -> None:
    """Deliveries of an earlier round of which a part is made: the rest takes the line's room."""
    d.line(capacity=d.rng.choice([1, 1.5]), ramp="", current_output=1)
    built = d.rng.choice([0, 0.5, 1])
    d.one("pipeline", "pair", "first", nation=d.nations[0], programme="tank", year=d.years[0], units=1, built=built)
    d.tank(lead_years=0, lot=1)
    d.wanted(4)
    d.money(core=30)


def _slow_start(d: Draft) -> None:
    """A ramp over the years in which work is in progress."""
    d.line(capacity=4, ramp=0.5, current_output=0)
    d.tank(lead_years=1, lot=1)
    d.wanted(3)
    d.money(core=40)


def _arrives_late(d: Draft) -> None:
    """What is ordered in the last years arrives beyond the horizon."""
    d.beyond(years=d.rng.choice([1, 2]), money=0.8)
    d.tank(lead_years=2, down_payment=0.4)
    d.wanted(3)
    d.money(core=24)


def _bound_money(d: Draft) -> None:
    """Little money of the years beyond may be bound."""
    d.beyond(years=2, money=d.rng.choice([0.05, 0.15, 0.25]))
    d.tank(lead_years=2, down_payment=0.2, sustain_cost=d.rng.choice([0, 0.5]), cost_growth=0)
    d.wanted(4)
    d.money(core=20)


def _bound_already(d: Draft) -> None:
    """Earlier rounds have bound more of the years beyond than may be bound now."""
    _bound_money(d)
    for nation in d.nations:
        d.add("obligations", nation=nation, year=d.years[-1] + 1, amount=d.rng.choice([2, 6]))
    pair = dict(nation=d.nations[0], programme="tank", year=d.years[-1] + 1, units=1)
    d.one("pipeline", "pair", "first", **pair)


def _less_room(d: Draft) -> None:
    """Beyond the horizon a part of the capacity is left for this plan's orders."""
    d.beyond(years=1, money=1, capacity=d.rng.choice([0.25, 0.5]))
    d.line(capacity=1, ramp="", current_output=1)
    d.tank(lead_years=1, lot=1, first_order_year=d.years[-1])
    d.wanted(3)
    d.money(core=40)


def _worn_out(d: Draft) -> None:
    """The settled state counts what a steady flow keeps of goods that wear out."""
    d.beyond(years=d.rng.choice([1, 2]), money=0.9, flow=2, weight=3)
    d.gun(service_years=1, unit_cost=d.rng.choice([3, 5]))
    d.wanted(4)
    d.money(core=d.rng.choice([12, 18]))


def _settled(d: Draft) -> None:
    """What is early and what lasts are two things."""
    d.beyond(years=1, money=0.6, weight=d.rng.choice([2, 5]))
    d.gun(lead_years=0, service_years=1, unit_cost=5)
    d.tank(lead_years=2, down_payment=0.5)
    d.wanted(3)
    d.money(core=d.rng.choice([8, 12]))


def _settled_enabler(d: Draft) -> None:
    """What enables arrives after the horizon, and what it enables before."""
    d.beyond(years=1, money=1, weight=2)
    d.one("areas", "area", "radio", weight=0.25)
    d.add("targets", area="radio", target=2, baseline=d.rng.choice([0, 1]))
    d.gun(area="radio", lead_years=2)
    d.add("requires", area="land", enabler="radio", ratio=1)
    d.wanted(3)
    d.money(core=24)


def _output_drop(d: Draft) -> None:
    """All is wanted at once, and the line would fall idle after it."""
    d.line(capacity=4, ramp="", current_output=2)
    d.tank(lead_years=0, lot=1)
    d.customers("tank", max_units=2)
    d.wanted(2)
    d.money(core=40)
    d.rule("output_drop_max", d.rng.choice(["ALL", "l_tank"]), d.rng.choice([0.2, 0.5]), soft=d.rng.random() < 0.5)


def _output_drop_and_expansion(d: Draft) -> None:
    """An expansion that could open makes the line of the penalty larger."""
    _output_drop(d)
    d.shift(build_years=0, cost=2, annual_cost=0)
    d.one("line_capacity", "line", "l_tank", capacity=2)


def _frame_beyond(d: Draft) -> None:
    """A frame whose deliveries and fees go on beyond the horizon."""
    d.beyond(years=2, money=d.rng.choice([0.1, 0.3]))
    d.frame(extra_lead_years=1, commit_years=3, annual_fee=0.5)
    d.tank(lead_years=1, down_payment=0.3)
    d.wanted(3)
    d.money(core=20)


def _expansion_beyond(d: Draft) -> None:
    """Annual costs and the guarantee of an expansion that opens late."""
    d.beyond(years=1, money=d.rng.choice([0.1, 0.5]), capacity=0.5)
    d.shift(build_years=1, annual_cost=1, cost=3, added_capacity=2)
    d.tank(lead_years=1)
    d.wanted(4)
    d.money(core=40)


def _innovation_beyond(d: Draft) -> None:
    """A pilot whose rest is paid beyond the horizon, and a line whose effect the settled state counts."""
    d.beyond(years=1, money=d.rng.choice([0.05, 0.3]), weight=3)
    d.swarm(pilot_years=1, scale_years=d.rng.choice([0, 1]), pillar="core")
    d.wanted(3)
    d.money(core=14)
