"""A small plan made by hand for the tests of what is told about a plan: two nations, two areas, three years.

Two years beyond the horizon, 2030 and 2031, take a delivery and some money.

Its figures need not be a solution; they foot where the pages add them up: spending is budgets.spent in the planning
years (95.5) and beyond.bound after them (9.5).
"""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from data.dictionary import plan_tables
from optimizer.plans.plan import Plan
from optimizer.pool import Event

YEARS = (2027, 2028, 2029)
BEYOND = {2030: 0.5, 2031: 0.4}  # year beyond the horizon -> share of the last year's money that may be bound


class SmallPlan(SimpleNamespace):
    """What the reports ask of a plan; a test may change any of it before they do."""

    texts = property(Plan.__dict__["texts"].func)


def _table(name: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=plan_tables()[name].names)


def tables() -> dict[str, pd.DataFrame]:
    """Every plan table of the contract; those without rows keep their columns."""
    made = {name: _table(name, []) for name in plan_tables()}
    made["orders"] = _table(
        "orders",
        [
            ("AAA", "p1", "national", 2027, 4.0, 10.0, 40.0),
            ("AAA", "p2", "f1", 2028, 3.0, 9.0, 27.0),
            ("BBB", "p2", "f1", 2028, 2.5, 9.0, 22.5),
        ],
    )
    made["spending"] = _table(
        "spending",
        [
            ("AAA", 2027, "core", "payment", "p1", "national", "air", 40.0),
            ("AAA", 2028, "core", "payment", "p2", "f1", "sea", 27.0),
            ("AAA", 2029, "resilience", "innovation", "v1", "-", "-", 5.0),
            ("BBB", 2028, "core", "payment", "p2", "f1", "sea", 22.5),
            ("BBB", 2028, "core", "fee", "f1", "-", "sea", 1.0),
            ("AAA", 2030, "core", "payment", "p2", "f1", "sea", 6.0),
            ("AAA", 2031, "core", "sustainment", "p1", "-", "air", 2.0),
            ("BBB", 2030, "resilience", "innovation", "v1", "-", "-", 1.5),
        ],
    )
    spent = made["spending"].groupby(["nation", "year", "pillar"])["amount"].sum()
    budgets = []
    for nation in ("AAA", "BBB"):
        for year in YEARS:
            for pillar, planned in (("core", 100.0), ("resilience", 30.0)):
                out = float(spent.get((nation, year, pillar), 0.0))
                row = (nation, year, pillar, 4000.0, planned, 50.0, planned - 20.0, 0.0, 0.0, 0.0)
                budgets.append((*row, out, 0.0, planned - 20.0 - out, (50.0 + out) / 4000.0))
    made["budgets"] = _table("budgets", budgets)
    made["beyond"] = _table("beyond", _beyond(spent))
    gaps = []
    for year in YEARS:
        gaps.append(("AAA", "air", year, 10.0, 2.0, 4.0, 4.0, 0.0, 4.0, 0.6))
        gaps.append(("BBB", "air", year, 10.0, 8.0, 4.0, 4.0, 0.0, 0.0, 1.0))
        gaps.append(("ALL", "sea", year, 20.0, 0.0, 5.5, 5.5, 0.0, 14.5, 0.275))
    made["gaps"] = _table("gaps", gaps)
    made["settled"] = _table(
        "settled",
        [
            ("AAA", "air", 10.0, 2.0, 6.0, 6.0, 0.0, 2.0, 0.8),
            ("BBB", "air", 10.0, 8.0, 4.0, 4.0, 0.0, 0.0, 1.0),
            ("ALL", "sea", 20.0, 0.0, 8.0, 8.0, 0.0, 12.0, 0.4),
        ],
    )
    made["deliveries"] = _table(
        "deliveries", [("AAA", "p1", 2027, 4.0, 4.0), ("AAA", "p2", 2029, 3.0, 3.0), ("BBB", "p2", 2030, 2.5, 2.5)]
    )
    made["production"] = _table("production", [("l1", "p1", 2027, 4.0)])
    made["contributions"] = _table("contributions", [("v1", "AAA", 2029, 5.0), ("v1", "BBB", 2030, 1.5)])
    made["frames"] = _table("frames", [("f1", "p2", 2028, 2, 5.5, 1, 0.9, 5.5, 1.0)])
    made["members"] = _table("members", [("f1", "AAA", 3.0, 27.0, 3.0, 0.0), ("f1", "BBB", 2.5, 22.5, 2.5, 0.0)])
    made["capacity"] = _table(
        "capacity",
        [
            ("l1", 2027, float("inf"), 0.0, 4.0, 0.0),
            ("l1", 2028, 8.0, 2.0, 5.0, 0.5),
            ("l1", 2030, 4.0, 1.0, 2.0, 0.4),
        ],
    )
    made["rules"] = _table(
        "rules",
        [
            ("joint_share_min", "ALL", 2027, "-", 2029, 0.4, 0.55, "share", 0.15, "hard", 1, 0.0),
            ("joint_share_min", "ALL", 2029, "-", 2029, 0.6, 0.55, "share", -0.05, "soft", 0, 0.6),
        ],
    )
    return made


def _beyond(spent: pd.Series) -> list[tuple[object, ...]]:
    """Of the 80 core and 10 resilience available in 2029: what may be bound later, what is, what is free."""
    rows: list[tuple[object, ...]] = []
    for nation in ("AAA", "BBB"):
        for year, share in BEYOND.items():
            for pillar, available in (("core", 80.0), ("resilience", 10.0)):
                bound = float(spent.get((nation, year, pillar), 0.0))
                rows.append((nation, year, pillar, share * available, bound, share * available - bound))
    return rows


def header() -> dict[str, object]:
    """What plan.json says of it."""
    return {
        "contract": 2,
        "run": "20261130T081503-4f2a",
        "written": "2026-11-30T08:16:44Z",
        "termination": "time limit",
        "dataset": "small",
        "dataset_sha256": "ab" * 32,
        "marking": "TEST & NOTHING ELSE",
        "scenario": None,
        "levers": {"carry_over": 0.05},
        "objective": {
            "mode": "gap",
            "value": 41.5,
            "first_value": 41.5,
            "index": 40.9,
            "index_before": 75.0,
            "bound": 40.0,
            "gap": 0.0361,
            "closed": 33.5 / 35,
            "cost": 105.0,
            "cost_gap": 0.01,
            "soft_penalty": 0.6,
            "persistence": 0.0,
        },
        "gap_index_before": 74.1,
        "gap_index_after": 41.5,
        "settled_before": 77.0,
        "settled_after": 39.0,
        "status": "limit",
        "exit_code": 5,
        "reproducible": False,
        "work": 123456,
        "not_modelled": [],
        "warnings": ["=cmd|' /C calc'!A0 is a name that a careless sheet would run"],
        "kpis": {
            "cost": 105.0,
            "joint_saving": 4.5,
            "freedom_of_manoeuvre": {"2027": 1.0, "2028": 1 - 1 / 180, "2029": 1.0},
            "core_share": {"ALL": 0.031, "AAA": 0.03},
            "resilience_share": {"ALL": 0.01},
            "pledge_credit": {"ALL": 0.041},
            "arrival_margin": {"air": None},
            "planned_share": {"core": {"ALL": 0.025}, "resilience": {"ALL": 0.0075}},
            "at_risk": 0.1,
            "burden": {"AAA": {"input": 0.03, "contribution": 0.3, "added": 0.2, "benefit": 0.6}},
        },
        "solver": {"name": "highs", "version": "1.16.0", "threads": 2, "seed": 0},
        "versions": {"drive5": "0.1.0"},
        "seconds": {"read": 0.3, "build": 1.1, "solve": 58.9},
    }


# Rounding brings a first plan of 50 down to 44, the tree to 41.5; bounds are 30, then 40.
PROGRESS = (
    Event(1.0, 10, None, 30.0, "relaxation"),
    Event(2.0, 20, 50.0, 30.0, "rounding"),
    Event(4.0, 40, 44.0, 30.0, "rounding"),
    Event(10.0, 90, 41.5, 40.0, "tree"),
)


def small_plan() -> SmallPlan:
    """The plan: header, tables and a case with the names that pages show."""
    settings = SimpleNamespace(
        name="small", description="two nations", currency="EUR", price_base_year=2026, first_year=2027, last_year=2029,
        beyond_years=range(2030, 2032), beyond=SimpleNamespace(years=2, money=(0.5, 0.4), capacity=0.5, urgency=2.0),
    )  # fmt: skip
    names = {
        "areas": ("area", [("air", "Air defence"), ("sea", "Sea control")]),
        "programmes": ("programme", [("p1", "=1+1 missile"), ("p2", "Frigate")]),
        "frames": ("frame", [("f1", "Frigates together")]),
        "nations": ("nation", [("AAA", "Alphaland"), ("BBB", "Betaland")]),
        "lines": ("line", [("l1", "Yard")]),
        "expansions": ("expansion", []),
        "innovation": ("innovation", [("v1", "Swarm")]),
    }
    found = {table: pd.DataFrame(rows, columns=[key, "name"]) for table, (key, rows) in names.items()}
    found["programmes"]["service_years"] = 3
    found["programmes"] = found["programmes"].assign(
        area=["air", "sea"],
        pillar="core",
        unit_cost=10.0,
        lead_years=1,
        lot=1.0,
        first_order_year=2027,
        last_order_year=2029,
        needs_host="",
    )
    found["areas"]["pillar"] = "core"
    found["frames"]["extra_lead_years"] = 0
    found["lines"]["nation"] = "AAA"
    found["innovation"]["pilot_years"] = 1
    found["effects"] = pd.DataFrame([("p1", "air", 1.0), ("p2", "sea", 1.0)], columns=["programme", "area", "effect"])
    found["requires"] = pd.DataFrame([], columns=["area", "enabler", "ratio"])
    found["bill_of_materials"] = pd.DataFrame([("p1", "seeker", 2.0)], columns=["programme", "component", "quantity"])
    found["customers"] = pd.DataFrame(
        [("AAA", "p1", 9.0, 0.0), ("AAA", "p2", 3.0, 0.0), ("BBB", "p2", 2.5, 0.0)],
        columns=["nation", "programme", "max_units", "units_operated"],
    )
    found["pipeline"] = pd.DataFrame([], columns=["nation", "programme", "year", "units", "built"])
    found["line_programmes"] = pd.DataFrame([("l1", "p1")], columns=["line", "programme"])
    found["economy"] = pd.DataFrame(
        [(nation, year, 1.0 + 0.1 * (year - 2027)) for nation in ("AAA", "BBB") for year in YEARS],
        columns=["nation", "year", "deflator"],
    )
    dataset = SimpleNamespace(settings=settings, tables=found)
    return SmallPlan(
        header=header(), tables=tables(), case=SimpleNamespace(dataset=dataset, base=dataset, levers={}),
        progress=PROGRESS,
    )  # fmt: skip
