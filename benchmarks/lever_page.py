"""docs/levers.md from the rows measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.lever_points import DEFAULT, EITHER, FALLS, POINTS, RISES, SAME, Point

MOVED = 1e-3  # relative change from which a figure of a plan has moved
SOLVED = 1e-5  # relative change of a bound that may be the engine's: ten times what its interior point leaves open
SHOWN = 3  # largest moves named in a row
Row = Mapping[str, Any]
HEAD = """# What the levers do

Made by `python -m benchmarks.levers` on data/alliance; rows are added as they are measured (`--plans` adds the second
table). Direction is judged by the LP bound of the first objective (gap index + soft penalties, points): a plan at a
short limit lies further from its bound than most levers move it. "Falls" means that gaps close faster. "What moved"
compares the relaxed plan with the reference row's (closure of an area in the last year; sums of launches, expansion
starts, pilots, fast lines; loans drawn); a relaxed plan is one of many equally good ones, so small moves say nothing.
The column "expected" was written before anything was measured and is not touched afterwards: what comes out otherwise
says **no**, with the cause. "No change" is expected only where the rule's row has slack, which is shown. A change of
less than 0.001 % may be the engine's and is none; a lever none of whose settings moves the bound is marked **DEFECT?**.
"""


PLANS = """## Estimates and plans

From one plan of the base case, as the pages make them: the estimate's bound (nations apart, what they share priced at
the base case's multipliers) and the plan, mended and then made better for ten seconds. The bound is valid if it does
not lie above the LP bound that the case, solved cold, has in the table above.
"""


def _bounds_hold(planned: list[Point], rows: Mapping[str, Row]) -> str:
    """How many estimates' bounds lie below the cold LP bound."""
    both = [(rows[p.id]["plan"]["bound"], rows[p.id]["lp"]["bound"]) for p in planned if rows[p.id]["lp"].get("bound")]
    held = sum(estimate <= cold + 1e-6 * max(1.0, abs(cold)) for estimate, cold in both)
    worst = max((1 - estimate / cold for estimate, cold in both), default=0.0)
    return f"Valid: {held} of {len(both)}; the weakest lies {worst:.2%} below."


def page(rows: Mapping[str, Row]) -> str:
    """The page as Markdown."""
    known = [point for point in POINTS if point.id in rows]
    parts = {row.get("dataset_sha256", "").partition(":")[2].replace(":", ", ") for row in rows.values()} - {""}
    part = [f"Measured on a part of it: {'; '.join(sorted(parts))}.", ""] if parts else []
    lines = [HEAD, *part, "## By the bound", "",
             "| lever | setting | before | LP bound | change | expected | as expected | what moved, and why |",
             "| --- | --- | ---: | ---: | ---: | --- | --- | --- |"]  # fmt: skip
    lines += [_bound_line(point, rows) if point.id in rows else _open_line(point) for point in POINTS]
    planned = [point for point in known if "plan" in rows[point.id]]
    if planned:
        lines += ["", PLANS, _bounds_hold(planned, rows), "",
                  "| lever | setting | estimate's bound | below the LP bound by | value | gap index | cost (bn) "
                  "| joint share | seconds | what moved most |",
                  "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"]  # fmt: skip
        lines += [_plan_line(point, rows) for point in planned]
    return "\n".join(lines) + "\n"


def _open_line(point: Point) -> str:
    """A row that is still to be measured: what is expected of it."""
    return _line(point, "-", "-", "-", "-" if point.id == DEFAULT else point.expected, "not measured yet", [point.why])


def _bound_line(point: Point, rows: Mapping[str, Row]) -> str:
    lp = rows[point.id]["lp"]
    reference = rows.get(point.reference, {}).get("lp", {})
    bound, base = lp.get("bound"), reference.get("bound")
    said = [point.why, point.note] if point.note else [point.why]
    if bound is None:
        gone = str(lp.get("why", "")).startswith("infeasible")
        judged = "yes" if gone and point.expected in (RISES, EITHER) else "**no**"
        return _line(point, f"{lp['before']:.2f}", "none", "-", point.expected, judged, [*said, str(lp.get("why"))])
    change = bound / base - 1 if base else 0.0
    moves = _moves(lp.get("relaxed", {}), reference.get("relaxed", {}))
    nothing = abs(change) < SOLVED and point.id != DEFAULT
    said += _slack(point, lp, reference) if nothing else moves[:SHOWN]
    if nothing and point.expected != SAME:
        said.append(_unmoved(point, rows))
    against = "" if point.reference == DEFAULT else f" (against {point.reference})"
    first = point.id == DEFAULT
    shown = "-" if first else f"{change:+.2%}{against}"
    judged = _judged(point, change, nothing)
    return _line(point, f"{lp['before']:.2f}", f"{bound:.4f}", shown, "-" if first else point.expected, judged, said)


def _slack(point: Point, lp: Row, reference: Row) -> list[str]:
    """The slack of the row's rule: as the data have it, else as the lever sets it (what isn't needed is no price)."""
    for where, told in ((reference, "in the reference relaxation"), (lp, "in this relaxation")):
        slack = where.get("slack", {}).get(point.rule)
        if point.rule and slack is not None:
            return [f"slack of {point.rule} {told}: {slack:.4f}"]
    return []


def _unmoved(point: Point, rows: Mapping[str, Row]) -> str:
    """What to say of a setting that leaves the bound where it is: not binding, explained, or a defect of the lever."""
    if _plan_moved(point, rows):
        return "moves the plan, not the bound"
    if point.note:
        return "explained"
    if point.scenario is not None:
        return "does not move the bound"
    family = [other for other in POINTS if other.family == point.family]
    if any(_change(other, rows) >= SOLVED for other in family):
        return "does not bind at this setting; the lever's other settings do"
    if any(other.id not in rows for other in family):
        return "does not bind at this setting; the others are still to be measured"
    return "**DEFECT?**"


def _change(point: Point, rows: Mapping[str, Row]) -> float:
    here = rows.get(point.id, {}).get("lp", {}).get("bound")
    there = rows.get(point.reference, {}).get("lp", {}).get("bound")
    return abs(here / there - 1) if here is not None and there else 0.0


def _judged(point: Point, change: float, nothing: bool) -> str:
    if point.id == DEFAULT or point.expected == EITHER:
        return "-" if point.id == DEFAULT else "yes"
    if nothing or point.expected == SAME:
        return "yes" if nothing and point.expected == SAME else "**no**"
    return "yes" if (change < 0) == (point.expected == FALLS) else "**no**"


def _line(point: Point, before: str, bound: str, change: str, expected: str, judged: str, said: list[str]) -> str:
    cells = [point.lever, point.setting, before, bound, change, expected, judged, "; ".join(said)]
    return "| " + " | ".join(cells) + " |"


def _moves(here: Mapping[str, float], there: Mapping[str, float]) -> list[str]:
    """Largest relative moves of figures, largest first."""
    found = []
    for name in sorted(here.keys() & there.keys()):
        change = abs(here[name] - there[name]) / max(abs(there[name]), 0.05)
        if change >= MOVED:
            found.append((-change, f"{name} {_figure(there[name])} -> {_figure(here[name])}"))
    return [text for _, text in sorted(found)]


def _figure(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"


def _plan_moved(point: Point, rows: Mapping[str, Row]) -> bool:
    here, there = rows[point.id].get("plan"), rows.get(point.reference, {}).get("plan")
    return bool(here and there and _moves(here.get("figures", {}), there.get("figures", {})))


def _plan_line(point: Point, rows: Mapping[str, Row]) -> str:
    plan, cold = rows[point.id]["plan"], rows[point.id]["lp"].get("bound")
    below = "-" if not cold else f"{1 - plan['bound'] / cold:.2%}"
    cells = [point.lever, point.setting, f"{plan['bound']:.4f}", below]
    if plan.get("value") is None:
        cells += ["none", "-", "-", "-", f"{plan['seconds']:.1f}", plan["why"]]
        return "| " + " | ".join(cells) + " |"
    there = rows.get(point.reference, {}).get("plan", {}).get("figures", {})
    figures = plan["figures"]
    moves = "; ".join(_moves(figures, there)[:SHOWN]) if point.id != DEFAULT else "-"
    cells += [f"{plan['value']:.3f}", f"{plan['gap_index']:.3f}", f"{figures['cost'] / 1000:.1f}",
              f"{figures['joint_share']:.3f}", f"{plan['seconds']:.1f}", moves or "nothing by 0.1 %"]  # fmt: skip
    return "| " + " | ".join(cells) + " |"
