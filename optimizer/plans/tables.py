"""The plan's tables (CONTRACT.md), read off a settled program."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from data.dictionary import plan_tables
from models.budget import carried_in, loan_draws, shifted_in
from models.capability import closed, credited_effect, delivered_effect, shortfall, supported
from models.industry import added, load
from models.joint import launched
from models.keys import PILLARS, SETTLED, Keys
from models.linear import unhurried
from models.policyrow import PolicyRow
from models.program import Program
from models.program import number as value
from optimizer.plans.derived import booked, served, split, unspent

TIER_TOLERANCE = 1e-6
NOTHING = 1e-12  # of the largest whole of a rule's rows: what is below it has no ratio


def number(expression: Any) -> float:
    """Value of an expression of a settled program, which is clean of the solver's tolerance."""
    return float(value(expression))


def tables(program: Program, shadow_prices: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Every table of the contract, in its column order, sorted by key."""
    with unhurried():
        return _tables(program, shadow_prices)


def _tables(program: Program, shadow_prices: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    m = program.model
    rows: dict[str, list[dict[str, Any]]] = {
        "orders": _orders(m),
        "deliveries": _deliveries(m),
        "spending": _spending(m),
        "budgets": _budgets(m),
        "gaps": _gaps(m),
        "settled": _settled(m),
        "beyond": _beyond(m),
        "collective": _collective(m),
        "loans": _loans(m),
        "production": _production(m),
        "capacity": _capacity(m),
        "expansions": _expansions(m),
        "contributions": _contributions(m),
        "innovation": _innovation(m),
        "rules": _rules(program),
        "shadow_prices": shadow_prices,
    }
    rows["members"] = _members(m, rows["orders"])
    rows["frames"] = _frames(m, rows["members"], rows["spending"])
    return {name: frame_of(name, rows[name]) for name in plan_tables()}


def frame_of(name: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a table of the contract: its columns, their types, sorted by key."""
    table = plan_tables()[name]
    ordered = sorted(rows, key=itemgetter(*table.keys)) if table.keys else list(rows)
    found: dict[str, Any] = {}
    for column in table.columns:
        cells = [row[column.name] for row in ordered]
        kind = "int64" if column.type in ("integer", "year", "flag") else "float64" if column.numeric else "object"
        found[column.name] = np.array(cells, dtype=kind) if column.numeric else pd.Series(cells, dtype=object)
    return pd.DataFrame(found, columns=table.names)


def tier_reached(k: Keys, frame: str, total: float) -> tuple[int, float]:
    """(rank, price factor) of the tier with the largest from_units not above a frame's total."""
    rank, factor = 0, 1.0
    for place, (floor, price_factor) in enumerate(k.tiers.get(frame, []), start=1):
        if total >= floor * (1 - TIER_TOLERANCE):
            rank, factor = place, price_factor
    return rank, factor


def tier_paid(m: Any, frame: str) -> tuple[int, float]:
    """(rank, price factor) of the tier decided on: the one reached, unless the program disagrees, which then shows."""
    k: Keys = m.k
    rank, factor = tier_reached(k, frame, frame_total(m, frame))
    if frame not in set(m.levelled) or not value(launched(m, frame)):
        return rank, factor
    chosen = [step.factor for place, step in enumerate(k.levels[frame]) if m.tier[frame, place].value]
    if len(chosen) != 1:
        return rank, sum(chosen)
    if chosen[0] == factor:
        return rank, factor
    return next((i for i, (_, tier) in enumerate(k.tiers[frame], start=1) if tier == chosen[0]), 0), chosen[0]


def frame_total(m: Any, frame: str) -> float:
    """Units of a frame that count in its tier: new ones and, if launched earlier, its members' pipeline."""
    k: Keys = m.k
    new = sum(number(m.joint[frame, n, t]) for n in k.members[frame] for t in k.joint_years.get((frame, n), []))
    return new + k.earlier_units(frame)


def _orders(m: Any) -> list[dict[str, Any]]:
    k: Keys = m.k
    rows = []
    for nation, programme, year in k.national_keys:
        units = number(m.national[nation, programme, year])
        if units > 0:
            rows.append(_order(nation, programme, "national", year, units, k.price(programme, year)))
    for frame in k.frames:
        _, factor = tier_paid(m, frame)
        programme = k.frame[frame].programme
        for nation in k.members[frame]:
            for year in k.joint_years.get((frame, nation), []):
                units = number(m.joint[frame, nation, year])
                if units > 0:
                    rows.append(_order(nation, programme, frame, year, units, k.price(programme, year) * factor))
    return rows


def _order(nation: str, programme: str, channel: str, year: int, units: float, price: float) -> dict[str, Any]:
    return {
        "nation": nation, "programme": programme, "channel": channel, "year": year, "units": units,
        "unit_price": price, "value": units * price,
    }  # fmt: skip


def _deliveries(m: Any) -> list[dict[str, Any]]:
    rows = []
    for nation, programme in m.delivery_years_of:
        serving = served(m, nation, programme)
        for year in m.k.all_years:
            units = m.delivered_units.get((nation, programme, year), 0.0)
            if units > 0 or serving[year] > 0:
                rows.append({"nation": nation, "programme": programme, "year": year, "units": units,
                             "in_service": serving[year]})  # fmt: skip
    return rows


def _spending(m: Any) -> list[dict[str, Any]]:
    totals: dict[tuple[Any, ...], float] = defaultdict(float)
    for line in m.ledger.lines:
        for item, amount in split(m, line).items():
            if amount:
                totals[line.nation, line.year, line.pillar, line.kind, item, line.channel, line.area] += amount
    names = ("nation", "year", "pillar", "kind", "item", "channel", "area")
    return [dict(zip(names, key, strict=True)) | {"amount": amount} for key, amount in sorted(totals.items())]


def _beyond(m: Any) -> list[dict[str, Any]]:
    rows = []
    for (nation, year, pillar), money in sorted(m.k.money_beyond.items()):
        bound = m.spent[nation, year, pillar].value
        rows.append({"nation": nation, "year": year, "pillar": pillar, "money": money, "bound": bound,
                     "free": money - bound})  # fmt: skip
    return rows


def _budgets(m: Any) -> list[dict[str, Any]]:
    k: Keys = m.k
    rows = []
    for nation in k.nations:
        for year in k.years:
            for pillar in PILLARS:
                key = (nation, year, pillar)
                gdp = k.gdp[nation, year]
                spent = m.spent[key].value
                rows.append({
                    "nation": nation, "year": year, "pillar": pillar, "gdp": gdp, "planned": k.planned[key],
                    "committed": k.committed[key], "available": k.available[key],
                    "loan": number(loan_draws(m, *key)), "carried_in": number(carried_in(m, *key)),
                    "shifted_in": number(shifted_in(m, *key)), "spent": spent,
                    "carried_out": m.carried[key].value if key in m.carried else 0.0, "unspent": unspent(m, *key),
                    "share_of_gdp": (k.committed[key] + spent) / gdp if gdp else 0.0,
                })  # fmt: skip
    return rows


def _gaps(m: Any) -> list[dict[str, Any]]:
    return [_gap(m, key) | {"year": key[2]} for key in sorted(m.k.target) if key[2] in set(m.k.years)]


def _settled(m: Any) -> list[dict[str, Any]]:
    return [_gap(m, key) for key in sorted(m.k.target) if key[2] == SETTLED]


def _gap(m: Any, key: tuple[str, str, int]) -> dict[str, Any]:
    row = m.k.target[key]
    short = number(shortfall(m, *key)) if row.target > 0 else 0.0
    return {
        "nation": key[0], "area": key[1], "target": row.target, "baseline": row.baseline,
        "delivered": number(delivered_effect(m, *key)), "credited": _credited(m, key),
        "innovation": number(closed(m, *key)), "shortfall": short,
        "closure": 1 - short / row.target if row.target > 0 else 1.0,
    }  # fmt: skip


def _credited(m: Any, key: tuple[str, str, int]) -> float:
    """Credited effect; a row without a target has no variable of its own, but the same definition."""
    if key in m.credited or key[0] == "ALL" or key[1] not in m.k.enablers:
        return number(credited_effect(m, *key))
    caps = [number(supported(m, *key, by)) for by, _ in m.k.enablers[key[1]]]
    return max(0.0, min([number(delivered_effect(m, *key)), *caps]))


def _collective(m: Any) -> list[dict[str, Any]]:
    rows = []
    for (nation, area, year), var in m.delivered.items():
        if nation != "ALL" and area in m.k.collective and year != SETTLED and var.value > 0:
            rows.append({"area": area, "nation": nation, "year": year, "delivered": var.value})
    return rows


def _members(m: Any, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    k: Keys = m.k
    rows = []
    for frame in k.frames:
        programme = k.frame[frame].programme
        for nation in k.members[frame]:
            signed = [m.join[frame, nation, year].value for year in k.sign_years.get((frame, nation), [])]
            if not k.is_launched(frame) and not any(signed):
                continue
            own = [row for row in orders if row["channel"] == frame and row["nation"] == nation]
            work = sum(
                m.make[programme, line, year].value
                for line in k.lines_of.get(programme, [])
                if k.line[line].nation == nation
                for year in k.work_years[programme]
            )
            rows.append({
                "frame": frame, "nation": nation, "units": sum(row["units"] for row in own),
                "value": sum(row["value"] for row in own),
                "saving": sum(row["units"] * (k.price(programme, row["year"]) - row["unit_price"]) for row in own),
                "work_value": work * k.programme[programme].unit_cost,
            })  # fmt: skip
    return rows


def _frames(m: Any, members: list[dict[str, Any]], spending: list[dict[str, Any]]) -> list[dict[str, Any]]:
    k: Keys = m.k
    fees: dict[str, float] = defaultdict(float)
    for row in spending:
        if row["kind"] == "fee":
            fees[row["item"]] += row["amount"]
    rows = []
    for frame in k.frames:
        starts = [year for year in k.launch_years[frame] if m.launch[frame, year].value]
        if k.is_launched(frame):
            starts = [int(k.frame[frame].launched)]
        own = [row for row in members if row["frame"] == frame]
        rank, factor = tier_paid(m, frame)
        rows += [{
            "frame": frame, "programme": k.frame[frame].programme, "launch_year": start, "members": len(own),
            "units": sum(row["units"] for row in own), "tier": rank, "price_factor": factor,
            "saving": sum(row["saving"] for row in own), "fees": fees[frame],
        } for start in starts]  # fmt: skip
    return rows


def _loans(m: Any) -> list[dict[str, Any]]:
    found: dict[tuple[str, str, int], dict[str, Any]] = {}

    def row_of(facility: str, nation: str, year: int) -> dict[str, Any]:
        kind = m.k.loan[facility, nation][1].kind
        blank = {"facility": facility, "nation": nation, "year": year, "kind": kind, "drawn": 0.0, "interest": 0.0}
        return found.setdefault((facility, nation, year), blank)

    for key in m.draw:
        if m.draw[key].value > 0:
            row_of(*key)["drawn"] = m.draw[key].value
    for line in m.ledger.lines:
        interest = booked(m, line) if line.kind == "interest" else 0.0
        if interest > 0:
            row_of(line.item, line.nation, line.year)["interest"] += interest
    return list(found.values())


def _production(m: Any) -> list[dict[str, Any]]:
    return [
        {"line": line, "programme": programme, "year": year, "units": var.value}
        for (programme, line, year), var in m.make.items()
        if var.value > 0
    ]


def _capacity(m: Any) -> list[dict[str, Any]]:
    k: Keys = m.k
    rows = []
    for place in sorted([*k.line, *k.component]):
        for year in k.all_years:
            extra, used = number(added(m, place, year)), number(load(m, place, year))
            whole = k.capacity[place, year] + extra
            rows.append({
                "line_or_component": place, "year": year, "capacity": k.capacity[place, year], "added": extra,
                "used": used, "utilisation": used / whole if whole > 0 else 0.0,
            })  # fmt: skip
    return rows


def _expansions(m: Any) -> list[dict[str, Any]]:
    k: Keys = m.k
    rows = []
    for (name, start), var in m.start.items():
        if var.value:
            row, opens = k.expansion[name], k.opens(name, start)
            rows.append({
                "expansion": name, "start_year": start, "opens": opens, "cost": float(row.cost),
                "running_cost": float(row.annual_cost) * max(0, k.last - opens + 1), "host": row.host or "-",
            })  # fmt: skip
    return rows


def _contributions(m: Any) -> list[dict[str, Any]]:
    rows = []
    for line in m.ledger.lines:
        if line.kind in ("industry", "innovation"):
            for item, amount in split(m, line).items():
                if amount > 0:
                    rows.append({"item": item, "nation": line.nation, "year": line.year, "amount": amount})
    return rows


def _innovation(m: Any) -> list[dict[str, Any]]:
    k: Keys = m.k
    cost: dict[str, float] = defaultdict(float)
    for (line, year), bill in m.innovation_bills.items():
        cost[line] += number(bill) if year <= k.last else 0.0
    rows = []
    for name in k.innovations:
        for mode, first, scale in _starts(m, name):
            ends = {"fast": first + k.duration(name, "fast"), "normal": scale + k.duration(name, "scale")}
            rows.append({
                "innovation": name, "mode": mode, "pilot_year": first, "scale_year": scale,
                "complete_year": ends.get(mode, 0), "cost": cost[name],
            })  # fmt: skip
    return rows


def _starts(m: Any, line: str) -> list[tuple[str, int, int]]:
    """(mode, year of pilot or fast start, year of scaling) of every start: one, or what the program takes for it."""
    years = {mode: [y for y in m.k.starts(line, mode) if getattr(m, mode)[line, y].value] for mode in MODES}
    pairs = zip_longest(years["pilot"], years["scale"], fillvalue=0)
    normal = [("normal" if scale else "pilot_only", pilot, scale) for pilot, scale in pairs]
    return [("fast", year, 0) for year in years["fast"]] + normal


MODES = ("pilot", "scale", "fast")


def _told(row: PolicyRow, part: float, whole: float, empty: bool) -> tuple[float, float]:
    """(required, achieved) of a row; growth from nothing has no figure (it is written as -)."""
    if row.plain:
        return row.limit * whole, part
    return row.limit - row.offset, math.nan if empty else part / whole - row.offset


def _rules(program: Program) -> list[dict[str, Any]]:
    rows = []
    for name in sorted(program.rows):
        for row in program.rows[name]:
            part, whole = program.model.measured[row.key]
            empty = abs(whole) <= NOTHING * program.model.largest[name]
            if empty and not row.plain and not row.offset:
                continue
            required, achieved = _told(row, part, whole, empty)
            slack = achieved - required if row.sense == "min" else required - achieved
            slack = 0.0 if abs(slack) < 1e-9 * max(abs(required), abs(achieved)) else slack
            missing = row.limit * whole - part if row.sense == "min" else part - row.limit * whole
            missing = 0.0 if missing <= 1e-6 * max(abs(part), abs(row.limit * whole)) else missing
            rows.append({
                "rule": row.rule, "scope": row.scope, "from_year": row.from_year, "item": row.item, "year": row.year,
                "required": required, "achieved": achieved, "unit": row.unit, "slack": slack,
                "hardness": row.hardness, "met": int(missing == 0.0),
                "penalty": 0.0 if row.hard else row.penalty * missing / row.scale,
            })  # fmt: skip
    return rows
