"""A random data set while it is being drawn, and what every one of them has."""
# ruff: noqa: C408

import random
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Draft:
    """A data set being drawn: single rows by id, other tables as lists."""

    rng: random.Random
    nations: tuple[str, ...]
    years: tuple[int, ...]
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    levers: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def one(self, table: str, key: str, name: str, **values: Any) -> None:
        """Make a row, or change the one there is."""
        self.rows.setdefault(table, {}).setdefault(name, {key: name}).update(values)

    def add(self, table: str, **values: Any) -> None:
        """Add a row."""
        self.tables.setdefault(table, []).append(values)

    def rule(self, rule: str, scope: str, value: float, soft: bool | None = None, **values: Any) -> None:
        """Add a rule, hard more often than soft."""
        soft = self.rng.random() < 0.25 if soft is None else soft
        penalty = self.rng.choice([3, 20, 60]) if soft else ""
        self.add(
            "rules", rule=rule, scope=scope, value=value, hardness="soft" if soft else "hard", penalty=penalty, **values
        )

    def tank(self, **values: Any) -> None:
        """The programme that every set has."""
        self.one("programmes", "programme", "tank", **values)

    def gun(self, **values: Any) -> None:
        """A second programme for the same area."""
        if "gun" not in self.rows["programmes"]:
            cost = self.rng.choice([4, 6, 9])
            self.one("programmes", "programme", "gun", unit_cost=cost, sme_share=0.5, eu_content=0.9)
            for nation in self.nations:
                self.one("customers", "pair", f"{nation} gun", nation=nation, programme="gun", max_units=1)
        self.one("programmes", "programme", "gun", **values)

    def customers(self, programme: str, **values: Any) -> None:
        """Change every customer of a programme."""
        for row in self.rows["customers"].values():
            if row["programme"] == programme:
                row.update(values)

    def frame(self, **values: Any) -> None:
        """The joint buy of the tank."""
        if "f_tank" not in self.rows.get("frames", {}):
            factor = self.rng.choice([0.7, 0.8, 0.9])
            self.one("frames", "frame", "f_tank", programme="tank", min_members=1, joining_cost=0.5, annual_fee=0.25)
            self.one("price_tiers", "tier", "low", frame="f_tank", from_units=1, price_factor=factor)
            self.one("price_tiers", "tier", "high", frame="f_tank", from_units=3, price_factor=factor - 0.15)
        self.one("frames", "frame", "f_tank", **values)

    def line(self, **values: Any) -> None:
        """The line that makes the tank."""
        capacity = values.pop("capacity", None)
        if "l_tank" not in self.rows.get("lines", {}):
            self.one("lines", "line", "l_tank", nation=self.nations[0], current_output=1)
            self.one("line_programmes", "line", "l_tank", programme="tank")
            self.one("line_capacity", "line", "l_tank", capacity=self.rng.choice([1, 2, 3]))
        self.one("lines", "line", "l_tank", **values)
        if capacity is not None:
            self.one("line_capacity", "line", "l_tank", capacity=capacity)

    def shift(self, **values: Any) -> None:
        """An expansion of the line."""
        self.line()
        if "x_tank" not in self.rows.get("expansions", {}):
            self.one("line_capacity", "line", "l_tank", capacity=1)
            self.one("expansions", "expansion", "x_tank", line_or_component="l_tank", added_capacity=2, cost=6)
            self.one("expansions", "expansion", "x_tank", annual_cost=1, host=self.nations[0], host_share_min=0.25)
        self.one("expansions", "expansion", "x_tank", **values)

    def swarm(self, **values: Any) -> None:
        """An innovation line for the area."""
        if "v_swarm" not in self.rows.get("innovation", {}):
            self.one("innovation", "innovation", "v_swarm", pilot_cost=2, scale_cost=3, pilot_years=1, scale_years=0)
            self.one("innovation", "innovation", "v_swarm", success_probability=0.8, sme_share=0.6)
            self.one("innovation_effects", "innovation", "v_swarm", area="land", closes=0.25)
        self.one("innovation", "innovation", "v_swarm", **values)

    def money(self, core: float | None = None, resilience: float | None = None, nation: str | None = None) -> None:
        """Available money a year, of one nation or of all."""
        for pillar, amount in (("core", core), ("resilience", resilience)):
            if amount is not None:
                row = dict(pillar=pillar, gdp_share=amount / 1000, committed_share=0)
                self.add("budget_path", **row, **({"nation": nation} if nation else {}))

    def wanted(self, target: float, nation: str | None = None, baseline: float = 0.0) -> None:
        """The target of the area `land`, of one nation or of all."""
        row = dict(area="land", target=target, baseline=baseline)
        self.add("targets", **row, **({"nation": nation} if nation else {}))

    def beyond(self, years: int, money: float, **values: Any) -> None:
        """Years after the horizon, in each of which the same share of the money may be bound."""
        self.settings["beyond"] = dict(years=years, money=[money] * years, **values)

    def all_tables(self) -> dict[str, list[Row]]:
        """Everything as the builder of cases wants it."""
        found = {name: [dict(row) for row in rows] for name, rows in self.tables.items()}
        for name, rows in self.rows.items():
            for row in rows.values():
                clean = {column: value for column, value in row.items() if column not in ("pair", "tier")}
                found.setdefault(name, []).append(clean)
        return found


def base(rng: random.Random) -> Draft:
    """Nations, years, the tank, money and targets."""
    nations = ("DEU", "FRA", "USA") if rng.random() < 0.2 else rng.choice([("DEU", "FRA"), ("DEU", "USA")])
    years = (2027, 2028, 2029) if rng.random() < 0.2 else (2027, 2028)
    draft = Draft(rng, nations, years)
    draft.tank(unit_cost=10, sme_share=0.1, eu_content=0.7, sustain_cost=rng.choice([0, 0.5]))
    if rng.random() < 0.3:
        draft.tank(lead_years=1, down_payment=rng.choice([0.2, 0.5]))
    if rng.random() < 0.3:
        draft.tank(cost_growth=rng.choice([-0.05, 0.05]))
    for nation in nations:
        most = rng.choice([1, 2, 2]) if len(nations) == 2 else 1
        draft.one("customers", "pair", f"{nation} tank", nation=nation, programme="tank", max_units=most)
        draft.wanted(rng.choice([1, 2, 3, 4]), nation, baseline=rng.choice([0, 0, 0.5]))
        draft.money(core=rng.choice([11, 16, 24]), resilience=rng.choice([4, 8]), nation=nation)
    draft.settings["severity"] = rng.choice(
        [[dict(above=0.0, slope=1)], [dict(above=0.0, slope=1), dict(above=0.5, slope=3)]]
    )
    draft.settings["urgency"] = {years[0]: rng.choice([0.5, 1])}
    draft.settings["contribution_max"] = rng.choice([0.1, 0.3, "none"])
    if rng.random() < 0.2:
        draft.beyond(years=1, money=rng.choice([0.3, 0.8]))
    draft.levers["carry_over"] = rng.choice([0.05, 0.25])
    return draft
