"""Who pays, and what fires: contributions, bystanders and hosts."""

from __future__ import annotations

from collections import defaultdict

from audit import AuditReport
from benchmarks.sceptic.line import Line, Part, Row
from benchmarks.sceptic.world import World
from data.dataset import split_names
from data.rows import each

RULES = {"contribution_max": "industry.contribution_max", "needs_host": "buying.needs_host",
         "hosts first": "buying.host_first"}  # fmt: skip
TOLERANCE = 1e-6


def payers(world: World, report: AuditReport) -> Part:
    """The audit's rows on contributions and hosts; that nobody pays for what it neither buys nor hosts."""
    lines = [_audited(report, name, rule) for name, rule in RULES.items()]
    rows = _contributions(world)
    wrong = [row for row in rows if row["says"] != "may pay"]
    figure = f"{len(wrong)} of {len(rows)} payers ({sum(row['paid'] for row in rows):,.0f} m in all)"
    lines.append(Line("payers of an expansion that neither buy nor host, or above their tenth", figure, "none",
                      bool(rows) and not wrong))  # fmt: skip
    strangers = _strangers(world)
    lines.append(Line("payers of an innovation line that are no sponsor of it", str(len(strangers)), "none",
                      not strangers))  # fmt: skip
    lines.append(_hosted(world))
    return Part("payers", tuple(lines), {"payers": rows})


def _audited(report: AuditReport, name: str, rule: str) -> Line:
    count = report.checked.get(rule, 0)
    bad = [finding for finding in report.findings if finding.rule == rule]
    figure = f"{count} rows, {len(bad)} not met"
    return Line(f"audit rows of {name}", figure, "rows exist, all met", count > 0 and not bad)


def _contributions(world: World) -> list[Row]:
    """One row a payer and place (line or component): paid and limit in millions over all years."""
    known = {row.expansion: row for row in each(world.data["expansions"])}
    homes = {row.line: row.nation for row in each(world.data["lines"])}
    paid: dict[tuple[str, str], float] = defaultdict(float)
    free: dict[tuple[str, str], float] = defaultdict(float)
    for row in each(world.plan.tables["contributions"]):
        if row.item in known and row.amount > 0:
            place, host = known[row.item].line_or_component, known[row.item].host
            own = row.nation in (host, homes.get(place))
            (free if own else paid)[place, row.nation] += row.amount
    rows = [
        {"place": place, "nation": nation, "as": "host", "paid": amount, "limit": None, "says": "may pay"}
        for (place, nation), amount in sorted(free.items())
    ]
    share = world.settings.contribution_max
    for (place, nation), amount in sorted(paid.items()):
        value = _value(world, place, nation)
        limit = None if share is None else share * value
        within = value > 0 and (limit is None or amount <= limit * (1 + TOLERANCE) + TOLERANCE)
        says = "may pay" if within else "buys nothing there" if value == 0 else "above its limit"
        rows.append({"place": place, "nation": nation, "as": "buyer", "paid": amount, "limit": limit, "says": says})
    return rows


def _value(world: World, place: str, nation: str) -> float:
    """Value (millions, as paid) of a nation's orders of what a line makes, or of what uses a component."""
    made = {programme for table in (world.lines, world.parts) for programme, uses in table.items() if place in uses}
    orders = world.plan.tables["orders"]
    mine = orders[(orders["nation"] == nation) & orders["programme"].isin(made)]
    return float(mine["value"].sum())


def _strangers(world: World) -> list[tuple[str, str]]:
    """Innovation line and payer, where the payer is no sponsor."""
    sponsors = {row.innovation: row.sponsor for row in each(world.data["innovation"])}
    found = set()
    for row in each(world.plan.tables["contributions"]):
        names = sponsors.get(row.item)
        if names is not None and names != "ALL" and row.amount > 0 and row.nation not in split_names(names):
            found.add((row.item, row.nation))
    return sorted(found)


def _hosted(world: World) -> Line:
    """Munitions that need a launcher: each buyer has one, or orders one."""
    pairs = [(n, p) for (n, p), units in world.ordered.items() if units > 0 and world.programmes[p].needs_host]
    alone = sorted((n, p) for n, p in pairs if world.no_host(n, p) is not None)
    hosts = {p: split_names(world.programmes[p].needs_host) for _, p in pairs}
    new = sum(not any((n, host) in world.legacy for host in hosts[p]) for n, p in pairs)
    fires = f"{len(pairs) - len(alone)} of {len(pairs)} buyers of munitions have what fires them"
    figure = f"{fires} ({new} order it first)"
    return Line("munitions with their host", figure, "all", bool(pairs) and not alone)
