"""Lines: those with capacity and without output in the planning years, each with its reason."""

from __future__ import annotations

from collections import Counter, defaultdict

from benchmarks.sceptic.line import Line, Part, Row
from benchmarks.sceptic.world import SMALLEST, World
from data.rows import each

MOST = 0.1  # of the lines with capacity


def idle(world: World) -> Part:
    """How many lines stand idle, and that none of them does because it makes less than a lot."""
    capacity, output, later = _capacity(world)
    lines = sorted(line for line, years in capacity.items() if any(years[y] > SMALLEST for y in _planning(world)))
    still = [line for line in lines if output[line] <= SMALLEST]
    rows = [_row(world, line, capacity[line], later[line]) for line in still]
    small = [row["line"] for row in rows if row["cumulated over lot"] is not None and row["cumulated over lot"] < 1]
    figure = f"{len(still)} of {len(lines)} ({len(still) / len(lines):.0%})"
    share = Line("lines with capacity and without output", figure, "at most a tenth", len(still) <= MOST * len(lines))
    told = f"{len(small)}{': ' if small else ''}{', '.join(small)}; {_below_a_lot(world, capacity, output)}"
    lots = Line("idle lines whose capacity to the end is below a lot", told, "none", not small)
    return Part("lines", (share, lots), {"idle": rows})


def _planning(world: World) -> range:
    return range(world.settings.first_year, world.last + 1)


def _capacity(world: World) -> tuple[dict[str, dict[int, float]], Counter[str], Counter[str]]:
    """Line -> capacity by year (expansions included), output of the planning years, output of the years beyond."""
    names = set(world.data["lines"]["line"])
    capacity: dict[str, dict[int, float]] = defaultdict(dict)
    output: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for row in each(world.plan.tables["capacity"]):
        if row.line_or_component in names:
            capacity[row.line_or_component][int(row.year)] = row.capacity + row.added
            (later if row.year > world.last else output)[row.line_or_component] += row.used
    return capacity, output, later


def _made(world: World, line: str) -> list[str]:
    return sorted(name for name, uses in world.lines.items() if line in uses)


def _lot(world: World, line: str) -> float:
    """The least that the line could be asked for, in its capacity units: a lot of one of its programmes."""
    buyable = {programme for (_, programme), row in world.customers.items() if row.max_units > 0}
    lots = [max(world.programmes[p].lot, 0.0) * world.lines[p][line] for p in _made(world, line) if p in buyable]
    return min(lots, default=0.0)


def _below_a_lot(world: World, capacity: dict[str, dict[int, float]], output: Counter[str]) -> str:
    """How many lines never have a lot's capacity in a year, and how many of them work nevertheless."""
    small = [line for line, years in capacity.items() if 0 < max(years.values()) < _lot(world, line) - SMALLEST]
    works = sum(output[line] > SMALLEST for line in small)
    return f"of {len(small)} lines below a lot in every year {works} work"


def _row(world: World, line: str, years: dict[int, float], later: float) -> Row:
    lot, best = _lot(world, line), max(years.values())
    return {
        "line": line,
        "makes": ", ".join(_made(world, line)),
        "best year over lot": best / lot if lot else None,
        "cumulated over lot": sum(years.values()) / lot if lot else None,
        "reason": _reason(world, line, later),
    }


def _reason(world: World, line: str, later: float) -> str:
    """Why a line makes nothing by the last year: its work falls later, others make it, or nobody orders it and why."""
    if later > SMALLEST:
        return "its orders are made in the years beyond"
    made = _made(world, line)
    wished = {(n, p) for (n, p), row in world.customers.items() if p in made and row.max_units > 0}
    if not wished:
        return "nobody may order what it makes"
    elsewhere = sorted(p for p in made if any(world.ordered[n, q] > 0 for n, q in wished if q == p))
    if elsewhere:
        others = sorted({other for name in elsewhere for other in world.lines[name]} - {line})
        told = ", ".join(others) if len(others) <= 3 else f"{len(others)} other lines"
        return f"{', '.join(elsewhere)} made by {told}"
    weight = Counter(world.obstacle(nation, name).cause for nation, name in sorted(wished))
    causes = ", ".join(f"{cause} {count}" for cause, count in weight.most_common(3))
    return f"not ordered by any of {len({n for n, _ in wished})}: {causes}"
