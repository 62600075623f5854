"""Money: what of the last year's core money is spent, and why the rest is not."""

from __future__ import annotations

from collections import Counter

from benchmarks.sceptic.line import Line, Part, Row
from benchmarks.sceptic.world import World
from data.rows import each

LEAST = 0.7  # of the last year's available core money


def money(world: World) -> Part:
    """Spent over available of the last year, by year, and the unspent by nation with its cause."""
    budgets = world.plan.tables["budgets"]
    core = budgets[(budgets["pillar"] == "core") & (budgets["year"] == world.last)]
    share = core["spent"].sum() / core["available"].sum()
    says = f"core money spent over available, {world.last}"
    figure = f"{share:.1%} ({core['spent'].sum() / 1000:,.1f} of {core['available'].sum() / 1000:,.1f} bn)"
    line = Line(says, figure, f"at least {LEAST:.0%}", bool(share >= LEAST))
    return Part("money", (line,), {"by year": _years(world), "unspent": _unspent(world)})


def _years(world: World) -> list[Row]:
    """Available and spent money of each year by pillar (bn), and the share (loans and carried money pass 100 %)."""
    rows = []
    budgets = world.plan.tables["budgets"]
    for year, mine in budgets.groupby("year"):
        row: Row = {"year": int(str(year))}
        for pillar in ("core", "resilience"):
            part = mine[mine["pillar"] == pillar]
            row[f"{pillar} bn"] = float(part["available"].sum() / 1000)
            row[f"{pillar} spent"] = f"{part['spent'].sum() / part['available'].sum():.0%}"
        rows.append(row)
    return rows


def _unspent(world: World) -> list[Row]:
    """Core money of the last year that stays unspent, largest first: nation, bn, share of its own, cause."""
    budgets = world.plan.tables["budgets"]
    core = budgets[(budgets["pillar"] == "core") & (budgets["year"] == world.last) & (budgets["available"] > 0)]
    rows = []
    for row in each(core.sort_values("unspent", ascending=False)):
        if row.unspent > 0.02 * row.available:
            part = f"{row.unspent / row.available:.0%}"
            rows.append({"nation": row.nation, "unspent bn": row.unspent / 1000, "of its own": part}
                        | why_unspent(world, row.nation, "core"))  # fmt: skip
    return rows


def why_unspent(world: World, nation: str, pillar: str) -> Row:
    """The obstacles of all that a nation may buy in a pillar, the most frequent first (by limit at list price)."""
    weight: Counter[str] = Counter()
    for (buyer, name), row in sorted(world.customers.items()):
        programme = world.programmes[name]
        if buyer == nation and programme.pillar == pillar and world.may_buy(buyer, name):
            weight[world.obstacle(buyer, name).cause] += row.max_units * programme.unit_cost
    whole = sum(weight.values()) or 1.0
    found = [f"{cause} {size / whole:.0%}" for cause, size in weight.most_common(3)]
    return {"what stands in the way of its list (by value)": ", ".join(found) or "nothing on its list"}
