"""Warnings about rules that trap a planner, and hard rules that no money or thing to buy can ever meet."""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from data.checks_frames import Frames
from data.checks_money import money
from data.checks_reach import SLACK
from data.checks_rules import groups_of
from data.findings import Finding, warning
from data.rows import each, labelled, tuples

MANY_LOTS = 1000
COUNTED = ("equipment", "munition")


class Rules:
    """What the warnings about rules share: the rules' rows, the groups, and the money."""

    def __init__(self, frames: Frames) -> None:
        """Work the shared figures out once."""
        reach = frames.reach
        self.frames, self.reach = frames, reach
        self.tables = reach.tables
        self.rows = reach.tables["rules"]
        self.groups = groups_of(reach.tables["nations"])
        self.money = money(reach.tables, reach.settings)

    @functools.cached_property
    def lot_prices(self) -> Mapping[str, Mapping[int, float]]:
        """The least that one lot of a programme costs in each of its order years (nothing where it is divisible)."""
        settings = self.reach.settings
        tiers = self.tables["price_tiers"].merge(self.tables["frames"], on="frame")
        factors = tiers.groupby("programme")["price_factor"].min().clip(upper=1.0).to_dict()
        found = {}
        for row in each(self.tables["programmes"]):
            years = range(
                max(row.first_order_year, settings.first_year), min(row.last_order_year, settings.last_year) + 1
            )
            lot = row.lot * row.unit_cost * factors.get(row.programme, 1.0)
            found[row.programme] = {
                year: lot * (1 + row.cost_growth) ** (year - settings.price_base_year) if row.cost_growth > -1 else 0.0
                for year in years
            }
        return found

    def of(self, rule: str, hardness: str) -> list[tuple[int, str, float, float, int]]:
        """Rows of one rule: row number, scope, value, penalty, from_year."""
        mine = self.rows[(self.rows["rule"] == rule) & (self.rows["hardness"] == hardness)]
        columns = ["scope", "value", "penalty", "from_year"]
        return list(labelled(mine, columns))

    def in_scope(self, scope: str, from_year: int) -> pd.DataFrame:
        """The money of a group from a year on."""
        nations = self.groups.get(scope, frozenset())
        return self.money[self.money["nation"].isin(nations) & (self.money["year"] >= from_year)]


def findings(frames: Frames) -> list[Finding]:
    """Every warning about rules and lots."""
    rules = Rules(frames)
    return [finding for trap in _TRAPS for finding in trap(rules)]


def _joint_share(rules: Rules) -> Iterable[Finding]:
    """A hard joint_share_min where few frames can launch forbids nearly all national orders."""
    frames = rules.tables["frames"]
    usable = {frame for frame, years in rules.frames.launchable.items() if years}
    usable |= set(frames.loc[frames["launched"] > 0, "frame"])
    programmes = rules.tables["programmes"]
    counted = set(programmes.loc[programmes["category"].isin(COUNTED), "programme"]) & set(rules.reach.first_delivery)
    joint = set(frames.loc[frames["frame"].isin(usable), "programme"]) & counted
    customers = rules.tables["customers"]
    for row, scope, value, _, _ in rules.of("joint_share_min", "hard"):
        bought = set(customers.loc[customers["nation"].isin(rules.groups.get(scope, ())), "programme"]) & counted
        if bought and value > 0 and len(bought & joint) < value * len(bought):
            message = (
                f"hard joint_share_min {scope}: only {len(bought & joint)} of {len(bought)} programmes have a frame "
                "that can launch, so it forbids nearly all national orders"
            )
            yield warning("rules", message, "make it soft, lower it, or start it later", row, "value", f"{value:g}")


def _growth_from_zero(rules: Rules) -> Iterable[Finding]:
    """spend_growth_max from a zero start; and bound money that grows faster than a hard limit lets it."""
    for hardness in ("hard", "soft"):
        for row, scope, value, _, from_year in rules.of("spend_growth_max", hardness):
            frame = rules.in_scope(scope, from_year)
            start = max(from_year, rules.reach.settings.first_year)
            bound = frame[frame["year"] == start].groupby("nation")["committed_money"].sum()
            zero = sorted(bound.index[bound <= 0])
            if zero:
                message = f"spend_growth_max {scope} from a zero start: {_few(zero)} with nothing committed in {start}"
                remedy = "from zero it forbids all spending after: start it later, or give committed money"
                yield warning("rules", message, remedy, row, "value", f"{value:g}")
            if hardness == "hard":
                yield from _growth_of_bound_money(rules, row, scope, value, frame)


def _growth_of_bound_money(rules: Rules, row: int, scope: str, value: float, frame: pd.DataFrame) -> Iterable[Finding]:
    if not rules.tables["loans"].empty:
        return
    table = frame.groupby(["nation", "year"])[["committed_money", "planned"]].sum()
    for nation, one in table.groupby(level="nation"):
        # All planned money of two years is the most that a year can spend, carried money included.
        before = one["planned"].shift() + one["planned"].shift(2).fillna(one["planned"].shift())
        over = one.index[one["committed_money"] > (1 + value) * before * (1 + SLACK)]
        if len(over):
            what = f"{nation}'s committed money of {over[0][1]} alone breaks it"
            message = f"hard spend_growth_max {scope} is out of reach: {what}"
            yield warning("rules", message, "raise the value, or make it soft", row, "value", f"{value:g}")
            return


def _order_value(rules: Rules) -> Iterable[Finding]:
    """A hard order_value_max that forbids the first lot of everything a nation wants, to its last year."""
    for row, scope, value, _, from_year in rules.of("order_value_max", "hard"):
        frame = rules.in_scope(scope, from_year)
        for (nation, pillar), one in frame.groupby(["nation", "pillar"]):
            by_year = one.sort_values("year")
            allowed = dict(zip(by_year["year"], value * by_year["free"].cumsum(), strict=True))
            wanted = [item for item in _wanted(rules, str(nation), str(pillar)) if rules.lot_prices[item]]
            if wanted and not any(_first_lot(rules, item, allowed) for item in wanted):
                message = (
                    f"hard order_value_max {scope} forbids {nation} the first lot of all that it wants of {pillar} "
                    f"money: at most {max(allowed.values()):.6g} million to {max(allowed)}"
                )
                yield warning("rules", message, "raise it, or make it soft", row, "value", f"{value:g}")
                break


def _wanted(rules: Rules, nation: str, pillar: str) -> list[str]:
    programmes = rules.tables["programmes"]
    mine = set(programmes.loc[programmes["pillar"] == pillar, "programme"]) & set(rules.reach.first_order)
    return sorted(
        item for (who, item), units in rules.reach.customers.items() if who == nation and item in mine and units
    )


def _first_lot(rules: Rules, programme: str, allowed: Mapping[int, float]) -> bool:
    """Whether one lot fits below what is allowed in some order year."""
    prices = rules.lot_prices[programme]
    return any(prices[year] <= most * (1 + SLACK) + SLACK for year, most in allowed.items() if year in prices)


def _soft_floors(rules: Rules) -> Iterable[Finding]:
    """Soft spend floors whose penalty outweighs a gap point reward paying more."""
    for row, scope, value, penalty, from_year in rules.of("spend_floor", "soft"):
        frame = rules.in_scope(scope, from_year)
        available = float(frame["free"].sum()) or 1.0
        missing = float((value * frame["planned"] - frame["committed_money"]).clip(lower=0).sum())
        if penalty * missing / available > 1:
            message = f"soft spend_floor {scope}: missing it costs up to {penalty * missing / available:.3g} gap points"
            remedy = "lower the penalty: above a gap point it rewards paying more for the same"
            yield warning("rules", message, remedy, row, "penalty", f"{penalty:g}")


def _hard_floors(rules: Rules) -> Iterable[Finding]:
    """A hard spend_floor above the committed money of a nation that has nothing to spend on in a pillar."""
    if not rules.of("spend_floor", "hard"):
        return
    spends = _spenders(rules)
    for row, scope, value, _, from_year in rules.of("spend_floor", "hard"):
        frame = rules.in_scope(scope, from_year)
        idle = frame[[pair not in spends for pair in zip(frame["nation"], frame["pillar"], strict=True)]]
        short = idle[(value > idle["committed_share"] + SLACK) & (idle["planned"] > 0)]
        if len(short):
            nation, year, pillar = next(iter(tuples(short, ["nation", "year", "pillar"])))
            message = (
                f"hard spend_floor {scope} is out of reach: {nation} has nothing to spend {pillar} money on in {year}"
            )
            yield warning("rules", message, "make it soft, or give it something to buy", row, "value", f"{value:g}")


def _spenders(rules: Rules) -> set[tuple[str, str]]:
    """Nation and pillar that can spend: customers, frames' fees, sponsors, obligations, expansions."""
    tables = rules.tables
    pillars = tables["programmes"].set_index("programme")["pillar"].to_dict()
    owned = pd.concat([tables[name][["nation", "programme"]] for name in ("customers", "pipeline")])
    spends = {(nation, pillars.get(programme, "core")) for nation, programme in tuples(owned, ["nation", "programme"])}
    spends |= set(tuples(tables["obligations"], ["nation", "pillar"]))
    nations = set(tables["nations"]["nation"])
    for sponsor, pillar in tuples(tables["innovation"], ["sponsor", "pillar"]):
        named = {name.strip() for name in sponsor.split(";")}
        spends |= {(nation, pillar) for nation in (nations if "ALL" in named else named)}
    if not tables["expansions"].empty:
        spends |= {(nation, "resilience") for nation in nations}
    # Integration tax and interest can fall on anybody with something in the core pillar.
    return spends | {(nation, "core") for nation in set(tables["loans"]["nation"])}


def _equipment_share(rules: Rules) -> Iterable[Finding]:
    """A hard equipment_share_min above all committed equipment and every free coin of two years together."""
    if not rules.tables["loans"].empty:
        return
    free = rules.money.groupby(["nation", "year"])["free"].sum().to_dict()
    for row, scope, value, _, from_year in rules.of("equipment_share_min", "hard"):
        frame = rules.in_scope(scope, from_year)
        for one in each(frame[frame["pillar"] == "core"]):
            most = free[one.nation, one.year] + free.get((one.nation, one.year - 1), 0.0)
            most += one.committed_money * one.committed_equipment_share
            if value * one.planned > most * (1 + SLACK) + SLACK:
                message = (
                    f"hard equipment_share_min {scope} is out of reach: {one.nation} in {one.year} lacks the money"
                )
                yield warning("rules", message, "lower it, or make it soft", row, "value", f"{value:g}")
                break


def _single_nation(rules: Rules) -> Iterable[Finding]:
    """A hard single_nation_max that a nation's baseline breaks whatever the others buy."""
    targets, last = rules.tables["targets"], rules.reach.settings.last_year
    for row, area, value, _, _ in rules.of("single_nation_max", "hard"):
        mine = targets[(targets["area"] == area) & (targets["year"] == last)]
        most = float(mine["baseline"].sum()) + float(rules.reach.made(area)[len(rules.reach.years) - 1])
        # Of a collective baseline only the part of USA is known.
        parts = {one.nation: one.baseline for one in each(mine) if one.nation != "ALL"}
        parts |= {one.nation.replace("ALL", "USA"): one.baseline_us for one in each(mine) if one.nation == "ALL"}
        for nation, part in sorted(parts.items()):
            if part > value * most * (1 + SLACK) + SLACK:
                message = f"hard single_nation_max {area} is out of reach: {nation} has {part:g} of at most {most:g}"
                yield warning("rules", message, "raise it, or make it soft", row, "value", f"{value:g}")
                break


def _innovation_share(rules: Rules) -> Iterable[Finding]:
    """A hard innovation_share_min without anything that counts for it."""
    innovation, programmes = rules.tables["innovation"], rules.tables["programmes"]
    counts = ((innovation["pillar"] == "resilience") & (innovation["complete_year"] == 0)).any()
    research = (programmes["category"] == "r_and_t") & (programmes["pillar"] == "resilience")
    if counts or research.any():
        return
    for row, scope, value, _, from_year in rules.of("innovation_share_min", "hard"):
        frame = rules.in_scope(scope, from_year)
        if value > 0 and frame.loc[frame["pillar"] == "resilience", "free"].sum() > 0:
            message = f"hard innovation_share_min {scope} is out of reach: no innovation line or research in resilience"
            yield warning("rules", message, "make it soft, or add a line", row, "value", f"{value:g}")


def _without_effect(rules: Rules) -> Iterable[Finding]:
    """Rules that bind nothing as they stand."""
    standards = rules.tables["areas"].set_index("area")["standard"].to_dict()
    for place, rule, scope, hardness, penalty in labelled(rules.rows, ["rule", "scope", "hardness", "penalty"]):
        if hardness == "soft" and penalty == 0:
            message = f"soft {rule} {scope} has no penalty: breaking it costs nothing"
            yield warning("rules", message, "give a penalty, or make it hard", place, "penalty", "0")
        if rule == "common_standard_min" and not standards.get(scope, "x"):
            message = f"{scope} has no standard that programmes could be on"
            yield warning("rules", message, "give areas.standard, or leave the rule out", place, "scope", scope)
        if rule == "change_max" and rules.tables["prior_plan"].empty:
            message = "change_max binds nothing: there is no prior_plan"
            yield warning("rules", message, "give prior_plan, or leave the rule out", place, "rule", rule)


def _fine_lots(rules: Rules) -> Iterable[Finding]:
    """Lots so fine that thousands of them make a nation's order."""
    programmes, customers = rules.tables["programmes"], rules.tables["customers"]
    free = rules.money.groupby("nation")["free"].sum().to_dict()
    buyers: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for programme, nation, limit in tuples(customers, ["programme", "nation", "max_units"]):
        buyers[programme].append((nation, limit))
    for row in each(programmes[programmes["lot"] > 0]):
        worst, who = 0.0, ""
        for nation, limit in buyers[row.programme]:
            paid = free.get(nation, 0.0) / row.unit_cost if row.unit_cost > 0 else float("inf")
            lots = min(limit, paid) / row.lot
            if lots != float("inf") and lots > worst:
                worst, who = lots, nation
        if worst > MANY_LOTS:
            message = f"lots so fine that {worst:.0f} of them make {who}'s order of {row.programme}"
            remedy = "make it divisible (lot 0), or the lot larger"
            yield warning("programmes", message, remedy, int(row.Index), "lot", f"{row.lot:g}")


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


_TRAPS: tuple[Callable[[Rules], Iterable[Finding]], ...] = (
    _joint_share,
    _growth_from_zero,
    _order_value,
    _soft_floors,
    _hard_floors,
    _equipment_share,
    _single_nation,
    _innovation_share,
    _without_effect,
    _fine_lots,
)
