"""Warnings about work in progress: what lines and components can't make in time, and rules on their output.

As in checks_reach every figure is a generous upper bound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.checks_reach import SLACK, Path, Reach
from data.findings import Finding, warning
from data.rows import at, each, tuples


def findings(reach: Reach) -> list[Finding]:
    """Every warning about what lines and components can make."""
    return [
        *_pipeline(reach),
        *_several_lines(reach),
        *_without_line(reach),
        *_built_for_nothing(reach),
        *_large_lots(reach),
        *_output_drop(reach),
    ]


@dataclass(frozen=True)
class _Load:
    """What the pipeline needs of a line or component by each year, and of which programme it needs most."""

    need: Path
    programme: str
    use: float


def _pipeline(reach: Reach) -> Iterable[Finding]:
    """Deliveries bound by earlier rounds beyond what is built and what can be made by then."""
    table = reach.tables["pipeline"]
    for item, load in sorted(_loads(reach).items()):
        most = np.cumsum(reach.capacity[item])
        short = load.need - most
        late = np.flatnonzero(short > SLACK * np.maximum(1.0, load.need))
        if not late.size:
            continue
        first, worst = int(late[0]), float(short.max())
        mine = table.index[table["programme"] == load.programme]
        least = reach.built.get(load.programme, 0.0) + worst / load.use
        message = (
            f"the pipeline needs {load.need[first]:g} of {item} by {reach.span[first]}, which can give {most[first]:g}"
        )
        remedy = f"at least {least:.6g} units of {load.programme} built would do; or spread the deliveries"
        yield warning("pipeline", message, remedy, int(mine[0]), "built", f"{at(table, mine[0], 'built'):g}")


def _loads(reach: Reach) -> dict[str, _Load]:
    """Line or component -> what is still to be made by each year; a programme of several lines counts on none."""
    found: dict[str, _Load] = {}
    parts = list(tuples(reach.tables["bill_of_materials"], ["programme", "component", "quantity"]))
    for programme, units in sorted(_due(reach).items()):
        lines = reach.lines_of.get(programme, {})
        to_make = np.maximum(0.0, units - reach.built.get(programme, 0.0)) if lines else units
        uses = [(line, use) for line, use in lines.items() if len(lines) == 1]
        uses += [(component, quantity) for owner, component, quantity in parts if owner == programme]
        for item, use in uses:
            if use > 0 and item in reach.capacity and to_make.any():
                found[item] = _more(found.get(item), _Load(use * to_make, programme, use))
    return found


def _due(reach: Reach) -> dict[str, Path]:
    """Programme -> units of its pipeline by each year."""
    due: dict[str, Path] = {}
    for (_, programme), path in reach.pipeline.items():
        due[programme] = due.get(programme, reach.nothing) + np.cumsum(path)
    return due


def _several_lines(reach: Reach) -> Iterable[Finding]:
    """The same of a programme on several lines: all of them together are too slow."""
    table = reach.tables["pipeline"]
    for programme, units in sorted(_due(reach).items()):
        lines = reach.lines_of.get(programme, {})
        if len(lines) < 2:
            continue
        parts = [np.cumsum(reach.capacity.get(line, reach.nothing)) / use for line, use in lines.items() if use > 0]
        if len(parts) < len(lines):
            continue
        built = reach.built.get(programme, 0.0)
        short = units - built - sum(parts)
        if (short > SLACK * np.maximum(1.0, units)).any():
            year = reach.span[int(np.flatnonzero(short > SLACK)[0])]
            message = f"the pipeline of {programme} is more than its lines together can make by {year}"
            remedy = f"at least {built + float(short.max()):.6g} units of it built would do; or spread the deliveries"
            mine = table.index[table["programme"] == programme]
            yield warning("pipeline", message, remedy, int(mine[0]), "built", f"{at(table, mine[0], 'built'):g}")


def _without_line(reach: Reach) -> Iterable[Finding]:
    """Programmes on no line use components in the year of delivery: nothing can be made for them before."""
    direct: dict[str, Path] = {}
    for row in each(reach.tables["bill_of_materials"]):
        if row.programme in reach.lines_of:
            continue
        for (_, programme), path in reach.pipeline.items():
            if programme == row.programme:
                direct[row.component] = direct.get(row.component, reach.nothing) + row.quantity * path
    table = reach.tables["pipeline"]
    for component, load in sorted(direct.items()):
        over = np.flatnonzero(load > reach.capacity.get(component, load) * (1 + SLACK) + SLACK)
        if over.size:
            year, most = reach.span[int(over[0])], reach.capacity[component][over[0]]
            message = f"the pipeline needs {load[over[0]]:g} of {component} in {year}, which can give {most:g}"
            rows = table.index[table["year"] == year]
            yield warning("pipeline", message, "spread the deliveries, or raise the capacity", int(rows[0]), "units")


def _more(before: _Load | None, load: _Load) -> _Load:
    if before is None:
        return load
    largest = max(before, load, key=lambda one: float(one.need[-1]))
    return _Load(before.need + load.need, largest.programme, largest.use)


def _built_for_nothing(reach: Reach) -> Iterable[Finding]:
    """`built` of a programme on no line."""
    for row in each(reach.tables["pipeline"]):
        if row.built > 0 and row.programme not in reach.lines_of:
            message = f"{row.programme} is on no line, so nothing of it counts as built"
            yield warning("pipeline", message, "leave it empty", int(row.Index), "built", f"{row.built:g}")


def _large_lots(reach: Reach) -> Iterable[Finding]:
    """A lot larger than all that its lines can make within the horizon and beyond."""
    for row in each(reach.tables["programmes"]):
        lines = reach.lines_of.get(row.programme, {})
        if row.lot <= 0 or not lines or row.programme not in reach.first_order:
            continue
        most = sum(_made_in_all(reach, line, use) for line, use in lines.items())
        if most < row.lot * (1 - SLACK):
            message = f"a lot of {row.programme} is more than its lines can make in all years: {most:.6g}"
            remedy = "a smaller lot, or more capacity; as it stands nothing of it can be ordered"
            yield warning("programmes", message, remedy, int(row.Index), "lot", f"{row.lot:g}")


def _made_in_all(reach: Reach, line: str, use: float) -> float:
    output = float(reach.capacity.get(line, reach.nothing).sum())
    return 0.0 if output <= 0 else output / use if use > 0 else np.inf


def _output_drop(reach: Reach) -> Iterable[Finding]:
    """A hard output_drop_max on a line that has nothing to make at the end: then it may make nothing before."""
    rules = reach.tables["rules"]
    for rule in each(rules[(rules["rule"] == "output_drop_max") & (rules["hardness"] == "hard")]):
        if rule.value >= 1 or rule.from_year >= reach.years[-1]:
            continue
        lines = sorted(reach.tables["lines"]["line"]) if rule.scope == "ALL" else [rule.scope]
        ending = [(line, last) for line in lines if (last := _last_work(reach, line)) < reach.years[-1]]
        if ending:
            names = ", ".join(f"{line} ({last or 'no work at all'})" for line, last in ending[:5])
            more = f" and {len(ending) - 5} more" if len(ending) > 5 else ""
            message = f"hard output_drop_max {rule.scope}: the work of {names}{more} ends before the horizon"
            remedy = "with nothing to make at the end it forbids all output before: make it soft, or order on"
            yield warning("rules", message, remedy, int(rule.Index), "value", f"{rule.value:g}")


def _last_work(reach: Reach, line: str) -> int:
    """The last year in which something of the line can be delivered; 0 if nothing ever is."""
    made = {programme for programme, lines in reach.lines_of.items() if line in lines}
    paths = [path for (_, programme), path in reach.pipeline.items() if programme in made]
    years = [reach.span[place] for path in paths for place in np.flatnonzero(path > 0)]
    bought = {programme for _, programme in reach.customers}
    for row in each(reach.tables["programmes"]):
        if row.programme in made & bought and row.programme in reach.first_order:
            end = min(row.last_order_year, reach.settings.last_year)
            years.append(min(end + row.lead_years + _extra_lead(reach, row), reach.span[-1]))
    return max(years, default=0)


def _extra_lead(reach: Reach, programme: Any) -> int:
    frames = reach.tables["frames"]
    mine = frames.loc[frames["programme"] == programme.programme, "extra_lead_years"]
    return int(mine.max()) if len(mine) else 0
