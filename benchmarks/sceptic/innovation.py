"""Innovation: whether a line that is not complete is stopped by one sponsor while another could pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.sceptic.line import Line, Part, Row
from benchmarks.sceptic.world import SMALLEST, World
from data.dataset import split_names
from data.rows import each

Bills = dict[int, float]


def innovation(world: World) -> Part:
    """One line, and one row for each innovation line that is not complete by the last year."""
    done = {row.innovation for row in each(world.plan.tables["innovation"]) if row.complete_year > 0}
    lines = [row for row in each(world.data["innovation"]) if not row.complete_year and row.innovation not in done]
    rows = [_row(world, line) for line in lines]
    stopped = sum(row["stopped by one sponsor"] for row in rows)
    figure = f"{stopped} years in {len(rows)} lines that are not complete ({len(done)} are)"
    says = "years in which one sponsor stops an innovation line while another has more left than its bill"
    return Part("innovation", (Line(says, figure, "none", stopped == 0),), {"not complete": rows})


def sponsors(world: World, line: Any) -> dict[str, float]:
    """Sponsor -> its key share of the line's bills."""
    nations = world.data["nations"]
    names = list(nations["nation"]) if line.sponsor == "ALL" else [
        name for name in split_names(line.sponsor) if name in set(nations["nation"])
    ]  # fmt: skip
    key = {row.nation: row.cost_share for row in each(nations) if row.nation in names}
    filled = {name: float(value) for name, value in key.items() if value >= 0}
    if not filled:
        gdp = world.data["economy"].query("year == @world.last").set_index("nation")["gdp"]
        filled = {name: float(gdp[name]) for name in names}
    whole = sum(filled.values())
    return {name: filled.get(name, 0.0) / whole if whole else 1 / len(names) for name in names}


def starts(world: World, line: Any) -> Iterator[tuple[str, int, Bills]]:
    """Every way to have the line complete by the last year: mode, start, bills by year (millions).

    A normal line scales as soon as its pilot ends; a later scaling has the same bills in other years.
    """
    first = max(int(line.first_year), world.settings.first_year)
    pilot, scale = int(line.pilot_years), int(line.scale_years)
    for start in range(first, world.last - pilot - scale + 1):
        yield "normal", start, _parts(line.pilot_cost, start, pilot) | _parts(line.scale_cost, start + pilot, scale)
    fast = int(line.fast_years)
    if fast > 0:
        for start in range(first, world.last - fast + 1):
            yield "fast", start, _parts((line.pilot_cost + line.scale_cost) * line.fast_cost_factor, start, fast)


def _parts(cost: float, start: int, years: int) -> Bills:
    return {start + k: cost / max(1, years) for k in range(max(1, years))}


@dataclass(frozen=True)
class Judged:
    """A bill of a year (millions): what the sponsors can pay under their limits, and who has most left."""

    bill: float
    able: float
    richest: str
    left: float

    @property
    def payable(self) -> bool:
        """Whether the plan leaves enough, key shares and limits kept."""
        return self.able >= self.bill - SMALLEST

    @property
    def stopped(self) -> bool:
        """Whether limits stop what the richest sponsor alone could pay."""
        return not self.payable and self.left > self.bill


def _judged(world: World, line: Any, keys: dict[str, float], year: int, bill: float) -> Judged:
    left = {name: world.purse.left[name, line.pillar, year] for name in sorted(keys)}
    able = sum(min(left[name], world.settings.sponsor_max * keys[name] * bill) for name in keys)
    richest = max(left, key=lambda name: left[name], default="-")
    return Judged(bill, able, richest, left.get(richest, 0.0))


def _row(world: World, line: Any) -> Row:
    """Starts that could be paid, and years of bills in which limits stop what one sponsor alone could pay."""
    keys = sponsors(world, line)
    open_starts, all_starts = 0, 0
    stopped: dict[int, Judged] = {}
    nobody: set[int] = set()
    for _, _, bills in starts(world, line):
        judged = {year: _judged(world, line, keys, year, bill) for year, bill in bills.items()}
        all_starts += 1
        open_starts += all(one.payable for one in judged.values())
        for year, one in judged.items():
            if one.stopped and (year not in stopped or one.bill < stopped[year].bill):
                stopped[year] = one
            elif not one.payable:
                nobody.add(year)
    told = [f"{year}: {one.richest} has {one.left:,.0f}, bill {one.bill:,.0f}" for year, one in sorted(stopped.items())]
    return {
        "innovation": line.innovation,
        "sponsors": ", ".join(f"{name} {share:.0%}" for name, share in sorted(keys.items(), key=lambda p: -p[1])[:6]),
        "starts that can be paid": f"{open_starts} of {all_starts}",
        "stopped by one sponsor": len(stopped),
        "years": "; ".join(told) or "-",
        "years without money": ", ".join(map(str, sorted(nobody - set(stopped)))) or "-",
        "reason": _reason(open_starts, all_starts, bool(stopped)),
    }


def _reason(open_starts: int, all_starts: int, stopped: bool) -> str:
    if not all_starts:
        return "can't be complete in time"
    if open_starts:
        return "could be paid: worth less than what it costs in the last pass, or not found"
    return "a sponsor's limit" if stopped else "no money in the years"
