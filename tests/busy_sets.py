"""Random data sets in which much goes on at once and over years: what a first year leaves behind is hardly ever empty.

A yard that launches parts of a ship a year, tanks by a joint buy that loans and grants may pay, radios on no line,
missiles that need a launcher, a line of innovation under way for years, earlier orders, pins; two years beyond.
"""
# ruff: noqa: C408

import random
from typing import Any

from data.dataset import Dataset
from tests.cases import build

NATIONS = ("DEU", "FRA", "USA")
YEARS = (2027, 2028, 2029, 2030)


def busy_set(seed: int) -> Dataset:
    """The set of a seed, always the same one."""
    rng = random.Random(seed)
    return build(
        NATIONS,
        YEARS,
        settings=dict(
            beyond=dict(years=2, money=[0.5, 0.4], capacity=rng.choice([0.5, 1]), weight=3, flow=rng.choice([1, 4])),
            contribution_max=rng.choice([0.1, 0.3]),
            levers=dict(carry_over=0.05),
        ),
        areas=[
            dict(area="sea", weight=2),
            dict(area="fire", weight=1),
            dict(area="net", pillar="resilience", weight=1),
        ],
        targets=[dict(area="sea", target=4), dict(area="fire", target=12), dict(area="net", target=6)],
        budget_path=[
            dict(nation=n, pillar="core", gdp_share=rng.choice([0.006, 0.01, 0.02]), committed_share=0.1)
            for n in NATIONS
        ]
        + [dict(pillar="resilience", gdp_share=0.008)],
        **_programmes(rng),
        **_joint(rng),
        **_industry(rng),
        **_earlier(rng),
    )


def _programmes(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    ship = dict(area="sea", unit_cost=12, lead_years=rng.choice([2, 4]), down_payment=0.2, sustain_cost=0.5)
    radio = dict(
        area="net", pillar="resilience", unit_cost=0.7, sustain_cost=0.05, lot=rng.choice([0, 1]), service_years=3
    )
    return dict(
        programmes=[
            dict(programme="ship", type_overhead=1, **ship),
            dict(programme="tank", unit_cost=4, lead_years=1, down_payment=0.5, eu_content=0.8, cost_growth=0.02),
            dict(programme="radio", **radio),
            dict(programme="launcher", area="fire", unit_cost=5, lead_years=1, sme_share=0.2),
            dict(programme="missile", area="fire", unit_cost=0.6, category="munition", lot=0, service_years=2)
            | dict(needs_host="launcher"),
        ],
        effects=[
            dict(programme=p, area=a, effect=e)
            for p, a, e in [("ship", "sea", 1), ("tank", "land", 1), ("radio", "net", 1), ("launcher", "fire", 1)]
        ]
        + [dict(programme="missile", area="fire", effect=0.5)],
        customers=[
            dict(nation=n, programme=p, max_units=rng.choice(most), units_operated=rng.choice(has))
            for n in NATIONS
            for p, most, has in [
                ("ship", (1, 2), (0, 3)), ("tank", (3, 5), (0,)), ("radio", (4,), (0,)),
                ("launcher", (1, 2), (0, 0, 2)), ("missile", (6,), (0,)),
            ]
        ],
        innovation=[
            dict(innovation="v", sponsor="DEU;FRA", pilot_cost=3, pilot_years=2, scale_cost=2, scale_years=1)
            | dict(fast_years=rng.choice(["", 3]), fast_cost_factor=1.1)
        ],
        innovation_effects=[dict(innovation="v", area="land", closes=0.4)],
    )  # fmt: skip


def _joint(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    frame = dict(frame="f", programme="tank", min_members=2, annual_fee=0.2, commit_years=rng.choice([0, 3]))
    return dict(
        frames=[frame | dict(loan_facility="gift;safe", min_units=3, member_min_share=rng.choice([0, 0.4]))],
        price_tiers=[dict(frame="f", from_units=3, price_factor=0.8), dict(frame="f", from_units=7, price_factor=0.7)],
        loans=[
            dict(facility="safe", nation="EU", amount=rng.choice([10, 30]), share=0.5, interest=0.02),
            dict(facility="gift", nation=rng.choice(["FRA", "USA"]), kind="grant", amount=5, share=0.4),
        ],
    )


def _industry(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    expansion = dict(expansion="x", line_or_component="yard", added_capacity=0.8, cost=2, annual_cost=0.2, host="DEU")
    return dict(
        lines=[
            dict(line="yard", nation="DEU", current_output=0.6, ramp=rng.choice(["", 0.5])),
            dict(line="works", nation="FRA", current_output=1),
        ],
        line_capacity=[
            dict(line="yard", capacity=rng.choice([0.6, 1.3])), dict(line="works", capacity=rng.choice([2.5, 4])),
        ],
        line_programmes=[
            dict(line="yard", programme="ship"), dict(line="works", programme="tank"),
            dict(line="works", programme="launcher", capacity_use=0.5),
        ],
        components=[dict(component="chip")],
        component_capacity=[dict(component="chip", capacity=6)],
        bill_of_materials=[dict(component="chip", programme=p, quantity=q) for p, q in (("radio", 1), ("tank", 0.5))],
        expansions=[expansion | dict(build_years=rng.choice([0, 2]), host_share_min=0.3)],
    )  # fmt: skip


def _earlier(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Ships on their way, half made, and a wish for years to come."""
    ship = dict(programme="ship", units=1)
    return dict(
        pipeline=[
            ship | dict(nation="DEU", year=2028, built=rng.choice([0.4, 0.7])),
            ship | dict(nation="FRA", year=2029, built=rng.choice([0, 0.2])),
        ],
        obligations=[dict(nation="DEU", year=year, item="ship", amount=2) for year in (2027, 2028)],
        pins=[
            dict(nation="ALL", programme="tank", sense="min", units=rng.choice([3, 5])),
            dict(nation="USA", programme="missile", sense="max", units=rng.choice([2, 4])),
            dict(nation="FRA", programme="launcher", year=2027, sense="max", units=rng.choice([0, 1])),
        ],
    )
