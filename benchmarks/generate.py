"""Data sets of any size, built like the reference set: `python -m benchmarks.generate NATIONS PROGRAMMES SEED OUT`.

Everything is invented from the seed: nations of unequal wealth, areas, programmes with their lines, shared components,
expansions, joint buys with price tiers, innovation lines and the usual policy rules. The densities are those of
data/alliance (a nation plans for a third of the programmes, two programmes in five have a joint buy, and so on), so
that the number of keys grows with nations times programmes and nothing else. The same arguments give the same files.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from data.dictionary import data_tables

FIRST, LAST = 2027, 2035
YEARS = range(FIRST, LAST + 1)
MARKING = "ILLUSTRATIVE - INVENTED FIGURES ONLY"
CUSTOMER_DENSITY = 0.36  # programmes that a nation plans for
FRAME_DENSITY = 0.5  # programmes of core money with a joint buy
EXPANSION_DENSITY = 0.35
INNOVATION_DENSITY = 0.25
PROGRAMMES_AN_AREA = 6
PROGRAMMES_A_COMPONENT = 10
WANTED = 1.6  # what nations would like to order, over the money they have
REGIONS = ("NORTH", "EAST", "SOUTH", "WEST")
Row = Mapping[str, Any]


@dataclass
class Draft:
    """What is invented so far.

    Attributes:
        dice: the only source of chance.
        rows: table -> its rows.
        wished: (nation, programme) -> units a nation would order at most.
    """

    nations: list[str]
    programmes: list[str]
    dice: random.Random
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    wished: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """Add a row; what it leaves out has the dictionary's default."""
        self.rows[table].append(row)

    @cached_property
    def areas(self) -> list[str]:
        """Ids of the areas; the first is collective, the last belongs to resilience."""
        return _names("area", max(4, len(self.programmes) // PROGRAMMES_AN_AREA))

    def area_of(self, programme: str) -> str:
        """The area in which a programme is managed."""
        return self.areas[self.programmes.index(programme) % len(self.areas)]

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Rows of programmes by id."""
        return {str(row["programme"]): row for row in self.rows["programmes"]}

    def money(self, nation: str, pillar: str) -> float:
        """Money free for this plan over the horizon (millions)."""
        gdp = {row["year"]: row["gdp"] for row in self.rows["economy"] if row["nation"] == nation}
        return sum(
            gdp[row["year"]] * row["gdp_share"] * (1 - row["committed_share"])
            for row in self.rows["budget_path"]
            if row["nation"] == nation and row["pillar"] == pillar
        )


def _names(stem: str, count: int) -> list[str]:
    return [f"{stem}_{number:03d}" for number in range(count)]


def _codes(count: int) -> list[str]:
    """Invented three-letter names of nations; X starts no country's code that is in use."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return ["X" + letters[number // 26] + letters[number % 26] for number in range(count)]


def draft(nations: int, programmes: int, seed: int) -> Draft:
    """Invent a data set.

    Args:
        nations: 2 to 676.
        programmes: 4 or more.
        seed: of all chance in it.
    """
    if not 2 <= nations <= 676 or programmes < 4:
        raise ValueError(
            f"{nations} nations and {programmes} programmes: give 2 to 676 nations and at least 4 programmes"
        )
    made = Draft(_codes(nations), _names("p", programmes), random.Random(f"{nations} {programmes} {seed}"))
    for step in (
        _nations,
        _areas,
        _innovation,
        _programmes,
        _customers,
        _targets,
        _industry,
        _expansions,
        _joint,
        _rules,
    ):
        step(made)
    return made


def _nations(made: Draft) -> None:
    dice = made.dice
    for number, nation in enumerate(made.nations):
        made.add(
            "nations",
            nation=nation,
            name=f"Nation {nation}",
            eu=int(dice.random() < 0.7),
            region=REGIONS[number % len(REGIONS)],
            signing_cycle=dice.choice((1, 2, 2, 3)),
            signing_offset=dice.choice((0, 1)),
        )
        wealth = 30_000 * 2.5 ** dice.uniform(0, 5.5)
        share, growth = dice.uniform(0.018, 0.028), dice.uniform(0.01, 0.035)
        for year in YEARS:
            x = (year - FIRST) / (LAST - FIRST)
            made.add("economy", nation=nation, year=year, gdp=wealth * (1 + growth) ** (year - FIRST))
            for pillar, start, end in (("core", share, 0.035), ("resilience", 0.008, 0.015)):
                made.add(
                    "budget_path",
                    nation=nation,
                    year=year,
                    pillar=pillar,
                    gdp_share=start + (end - start) * x,
                    committed_share=0.97 - 0.22 * x,
                    committed_equipment_share=0.25 if pillar == "core" else 0,
                )
    for nation in made.nations[:: max(1, len(made.nations) // 12)]:
        free = made.money(nation, "core")
        made.add(
            "loans", facility="POOL", nation=nation, amount=0.1 * free, first_year=2027, last_year=2030, interest=0.03
        )


def _areas(made: Draft) -> None:
    dice = made.dice
    for number, area in enumerate(made.areas):
        last = number == len(made.areas) - 1
        made.add(
            "areas",
            area=area,
            name=f"Area {number}",
            pillar="resilience" if last else "core",
            unit="units",
            weight=dice.randint(2, 10),
            standard=f"STD-{number}",
            integration_tax=dice.uniform(0.1, 0.6),
            threat_year=dice.choice((2028, 2030, 2032, "")),
        )
    for number in range(1, len(made.areas) - 2, 4):
        made.add("requires", area=made.areas[number], enabler=made.areas[number + 1], ratio=dice.uniform(2, 4))


def _innovation(made: Draft) -> None:
    dice = made.dice
    for number, line in enumerate(_names("v", max(2, int(INNOVATION_DENSITY * len(made.programmes))))):
        sponsors = sorted(dice.sample(made.nations, min(len(made.nations), dice.randint(2, 8))))
        pilot = dice.uniform(10, 70)
        made.add(
            "innovation",
            innovation=line,
            name=f"Innovation line {number}",
            sponsor="ALL" if dice.random() < 0.3 else ";".join(sponsors),
            pillar="resilience",
            pilot_cost=pilot,
            pilot_years=dice.choice((1, 2)),
            scale_cost=pilot * dice.uniform(8, 16),
            scale_years=dice.choice((1, 2, 3)),
            fast_years=2,
            fast_cost_factor=1.3,
            success_probability=dice.uniform(0.4, 0.8),
            sme_share=dice.uniform(0.2, 0.7),
            first_year=FIRST,
        )
        for area in sorted(dice.sample(made.areas, min(len(made.areas), dice.choice((1, 1, 2, 2))))):
            made.add("innovation_effects", innovation=line, area=area, closes=dice.uniform(0.02, 0.08))


def _programmes(made: Draft) -> None:
    dice = made.dice
    lines = [row["innovation"] for row in made.rows["innovation"]]
    for number, programme in enumerate(made.programmes):
        area = made.area_of(programme)
        resilience = area == made.areas[-1]
        fine = dice.random() < 0.3
        cost = dice.uniform(0.5, 4) if fine else 2 ** dice.uniform(2, 9)
        lead = dice.choice((1, 2, 2, 3, 3, 4, 5))
        locked = not resilience and number % 20 == 7
        made.add(
            "programmes",
            programme=programme,
            name=f"Programme {number}",
            area=area,
            pillar="resilience" if resilience else "core",
            category="infrastructure" if resilience else "munition" if fine else "equipment",
            unit="unit",
            unit_cost=cost,
            cost_growth=dice.uniform(0.005, 0.02),
            down_payment=0.2,
            lot=0 if fine else dice.choice((1, 1, 1, 2)),
            lead_years=lead,
            service_years=dice.choice((8, 20, 30)),
            first_order_year=FIRST,
            last_order_year=LAST - lead,
            sustain_cost=cost * 0.03,
            type_overhead=dice.uniform(1, 8) if not fine else 0.2,
            standard=f"STD-{made.areas.index(area)}" if dice.random() < 0.6 else "",
            fleet_class="" if resilience or fine else f"class_{made.areas.index(area)}",
            sme_share=dice.uniform(0.1, 0.4),
            eu_content=dice.uniform(0.1, 0.95),
            requires_innovation=dice.choice(lines) if locked else "",
        )
        made.add("effects", programme=programme, area=area, effect=cost * dice.uniform(0.6, 1.4) / 100)
        if dice.random() < 0.2:
            other = dice.choice([name for name in made.areas if name != area])
            made.add("effects", programme=programme, area=other, effect=cost * 0.2 / 100)


def _customers(made: Draft) -> None:
    """Who would buy what: each nation's wishes are worth more than its money, so that it has to choose."""
    dice = made.dice
    wanting = {nation: [i for i in made.programmes if dice.random() < CUSTOMER_DENSITY] for nation in made.nations}
    for number, programme in enumerate(made.programmes):  # nobody's programme would have no key at all
        if not any(programme in wanted for wanted in wanting.values()):
            wanting[made.nations[number % len(made.nations)]].append(programme)
    for nation in made.nations:
        for pillar in ("core", "resilience"):
            own = [i for i in sorted(wanting[nation]) if made.by_id[i]["pillar"] == pillar]
            parts = [dice.uniform(0.3, 1.7) for _ in own]
            money = WANTED * made.money(nation, pillar)
            for programme, part in zip(own, parts, strict=True):
                row = made.by_id[programme]
                units = money * part / sum(parts) / row["unit_cost"]
                if row["lot"]:
                    units = max(1, min(60, round(units / row["lot"]))) * row["lot"]
                made.wished[nation, programme] = units
                legacy = dice.randint(1, 20) if dice.random() < 0.15 else 0
                made.add("customers", nation=nation, programme=programme, max_units=units, units_operated=legacy)


def _targets(made: Draft) -> None:
    """Targets that the wishes could meet in part, rising over the years; the first area has one for all together."""
    dice = made.dice
    effects = [(row["programme"], row["area"], row["effect"]) for row in made.rows["effects"]]
    possible: dict[tuple[str, str], float] = defaultdict(float)
    for (nation, programme), units in made.wished.items():
        for item, area, effect in effects:
            if item == programme:
                possible[nation, area] += units * effect
    for area in made.areas:
        holders: Sequence[str] = ["ALL"] if area == made.areas[0] else made.nations
        for holder in holders:
            names = made.nations if holder == "ALL" else [holder]
            whole = sum(possible[nation, area] for nation in names) * dice.uniform(0.6, 1.0)
            if whole <= 0:
                continue
            baseline = whole * dice.uniform(0.2, 0.8)
            for year in YEARS:
                wanted = baseline + whole * (0.3 + 0.7 * (year - FIRST) / (LAST - FIRST))
                made.add("targets", nation=holder, area=area, year=year, target=wanted, baseline=baseline)


def _industry(made: Draft) -> None:
    """Lines that can make about half of what is wished, and components that several programmes share."""
    dice = made.dice
    wished = {i: sum(units for (_, name), units in made.wished.items() if name == i) for i in made.programmes}
    place = own = 0
    for number, programme in enumerate(made.programmes):
        years = max(1, LAST - FIRST + 1 - made.by_id[programme]["lead_years"])
        shared, own = own > 0, dice.choice((0, 1, 1, 1, 2)) if number else 1
        for _ in range(own):
            line, rate = f"l_{place:03d}", wished[programme] / years * dice.uniform(0.4, 0.9)
            place += 1
            ramp = "" if dice.random() < 0.1 else rate * dice.uniform(0.8, 1.6)
            made.add(
                "lines",
                line=line,
                name=f"Line {line}",
                nation=dice.choice(made.nations),
                current_output=rate * 0.4,
                ramp=ramp,
            )
            made.add("line_programmes", line=line, programme=programme, capacity_use=1)
            if shared and dice.random() < 0.25:
                made.add(
                    "line_programmes",
                    line=line,
                    programme=made.programmes[number - 1],
                    capacity_use=dice.uniform(0.5, 2),
                )
            for year in YEARS:
                made.add("line_capacity", line=line, year=year, capacity=rate * (1 + 0.1 * (year - FIRST)))
    use: dict[str, float] = defaultdict(float)
    components = _names("c", max(1, len(made.programmes) // PROGRAMMES_A_COMPONENT))
    for programme in made.programmes:
        for component in sorted(dice.sample(components, min(len(components), dice.choice((1, 2, 2, 3))))):
            quantity = dice.choice((0.5, 1, 2, 4))
            use[component] += quantity * wished[programme] / len(YEARS)
            made.add("bill_of_materials", programme=programme, component=component, quantity=quantity)
    for component in components:
        made.add("components", component=component, name=f"Component {component}")
        for year in YEARS:
            made.add(
                "component_capacity",
                component=component,
                year=year,
                capacity=use[component] * (0.7 + 0.06 * (year - FIRST)),
            )


def _expansions(made: Draft) -> None:
    dice = made.dice
    first = {row["line"]: row["capacity"] for row in reversed(made.rows["line_capacity"])}
    first |= {row["component"]: row["capacity"] for row in reversed(made.rows["component_capacity"])}
    places = sorted(place for place, capacity in first.items() if capacity > 0)
    for number, name in enumerate(_names("x", int(EXPANSION_DENSITY * len(made.programmes)))):
        place = dice.choice(places)
        kind, years = dice.choice((("shift", 1), ("modernise", 2), ("new_site", 3), ("licence", 3)))
        made.add(
            "expansions",
            expansion=name,
            name=f"Expansion {number}",
            line_or_component=place,
            kind=kind,
            added_capacity=first[place] * dice.uniform(0.3, 0.8),
            cost=dice.uniform(40, 600),
            annual_cost=dice.uniform(4, 15),
            build_years=years,
            first_year=FIRST,
            last_year=2032 - years,
            host=dice.choice(made.nations),
            host_share_min=0.3,
            guaranteed_load=0.5,
            guarantee_years=min(years, 3),
        )


def _joint(made: Draft) -> None:
    dice = made.dice
    for programme in made.programmes:
        buyers = sorted(nation for nation, name in made.wished if name == programme)
        row = made.by_id[programme]
        if len(buyers) < 2 or row["pillar"] != "core" or dice.random() >= FRAME_DENSITY:
            continue
        frame, whole = f"f_{programme}", sum(made.wished[nation, programme] for nation in buyers)
        step = row["lot"] or 1
        least = max(2, round(whole * 0.15 / step)) * step
        made.add(
            "frames",
            frame=frame,
            programme=programme,
            name=f"Joint buy of {programme}",
            agency="AGENCY",
            first_launch=FIRST,
            last_launch=min(2031, row["last_order_year"] - 1),
            min_members=min(3, len(buyers)),
            min_units=least,
            joining_cost=dice.uniform(0.5, 6),
            annual_fee=dice.uniform(0.2, 2),
            commit_years=dice.choice((2, 3, 4)),
            min_annual_units=step if dice.random() < 0.4 else 0,
            extra_lead_years=1 if dice.random() < 0.4 else 0,
            workshare_min=dice.choice((0, 0.05, 0.1)),
            eu_content_min=0.5,
            loan_facility="POOL" if dice.random() < 0.4 else "",
        )
        for nation in buyers:
            made.add("frame_members", frame=frame, nation=nation, status="candidate")
        made.add("price_tiers", frame=frame, from_units=step, price_factor=1)
        made.add("price_tiers", frame=frame, from_units=least, price_factor=0.95)
        made.add("price_tiers", frame=frame, from_units=least * 2 + step, price_factor=0.9)


def _rules(made: Draft) -> None:
    """The rules of the reference set, hard only where the empty plan keeps them."""
    classes = sorted({str(row["fleet_class"]) for row in made.rows["programmes"] if row["fleet_class"]})
    for name in classes:
        made.add("rules", rule="fleet_limit", scope=name, value=2, hardness="hard")
    for name in classes[::5]:
        made.add("rules", rule="variant_limit", scope=name, value=3, hardness="soft", penalty=0.5)
    for area in made.areas:
        made.add(
            "rules", rule="common_standard_min", scope=area, value=0.4, hardness="soft", penalty=15, from_year=2031
        )
        made.add("rules", rule="single_nation_max", scope=area, value=0.5, hardness="soft", penalty=20)
    soft: tuple[tuple[str, str, float, float, int], ...] = (
        ("closure_min", made.areas[1], 0.4, 5, 2031),
        ("surge_min", made.areas[0], 1.2, 0.0005, FIRST),
        ("single_line_max", made.areas[0], 0.5, 50, FIRST),
        ("equipment_share_min", "ALL", 0.2, 2, FIRST),
        ("joint_share_min", "EU", 0.3, 40, 2028),
        ("eu_content_min", "EU", 0.5, 30, 2028),
        ("innovation_share_min", "ALL", 0.02, 400, FIRST),
        ("sme_share_min", "ALL", 0.1, 150, FIRST),
    )
    for rule, scope, value, penalty, year in soft:
        made.add("rules", rule=rule, scope=scope, value=value, hardness="soft", penalty=penalty, from_year=year)
    made.add("rules", rule="risk_max", scope="ALL", value=0.5, hardness="hard")


def write(made: Draft, folder: Path, name: str) -> None:
    """Write the data set as a CSV folder with its dataset.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in sorted(made.rows.items()):
        names = data_tables()[table].names
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([_text(row.get(column, "")) for column in names] for row in rows)
    settings = {
        "name": name,
        "description": "invented for measurements, shaped like the reference set",
        "marking": MARKING,
        "currency": "USD",
        "price_base_year": 2026,
        "first_year": FIRST,
        "last_year": LAST,
        "severity": [{"above": 0.0, "slope": 1}, {"above": 0.2, "slope": 2}, {"above": 0.5, "slope": 4}],
        "levers": {"carry_over": 0.05},
    }
    (folder / "dataset.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8", newline="\n")


def _text(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def generate(nations: int, programmes: int, seed: int, folder: Path) -> None:
    """Invent a data set and write it."""
    write(draft(nations, programmes, seed), folder, f"made-{nations}-{programmes}-{seed}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("nations", type=int)
    parser.add_argument("programmes", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    try:
        generate(given.nations, given.programmes, given.seed, given.out)
    except ValueError as problem:
        parser.error(str(problem))


if __name__ == "__main__":
    main()
