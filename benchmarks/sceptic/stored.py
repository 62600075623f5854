"""A plan made just now beside the plan that is stored and told in README and docs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.sceptic.line import Line, Part

# Another clock or another load gives another plan: what may differ, and by how much.
CLOSED = 0.01  # of what any plan could close
BOUND = 0.01  # relative
COST = 0.05  # relative
SAVING = 0.25  # relative: which joint buys launch is what the search decides last
PLEDGE = 0.001  # of GDP


def headline(header: Mapping[str, Any]) -> dict[str, float]:
    """The figures that README and docs tell: objective, bound, gap, closed, cost, saving (millions), pledge credit."""
    objective, kpis = header["objective"], header["kpis"]
    names = ("first_value", "bound", "gap", "closed", "cost")
    found = {name: float(objective[name]) for name in names}
    return found | {"saving": float(kpis["joint_saving"]), "pledge_credit": float(kpis["pledge_credit"]["ALL"])}


def stored(header: Mapping[str, Any], kept: Mapping[str, Any]) -> Part:
    """The headline figures of a plan against the stored one's, within what a different clock allows."""
    now, then = headline(header), headline(kept)
    if _by_the_same_work(header, kept):
        return Part("stored", tuple(_equal(name, now[name], then[name]) for name in now), {})
    same = header.get("run") == kept.get("run")
    lines = [
        _line("closed of what any plan could", now["closed"], then["closed"], CLOSED, "{:.2%}", False),
        _line("bound", now["bound"], then["bound"], BOUND, "{:.3f}", True),
        _line("cost, m", now["cost"], then["cost"], COST, "{:,.0f}", True),
        _line("joint saving, m", now["saving"], then["saving"], SAVING, "{:,.0f}", True),
        _line("pledge credit", now["pledge_credit"], then["pledge_credit"], PLEDGE, "{:.2%}", False),
        _proofs(now, then),
    ]
    rows = [{"figure": name, "plan": now[name], "stored": then[name]} for name in now]
    rows.append({"figure": "the same run", "plan": str(same), "stored": "-"})
    return Part("stored", tuple(lines), {"headline": rows})


def _by_the_same_work(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both searches were ended by the same work: then the two plans are one."""
    work = one["options"]["work_limit"]
    return work is not None and work == other["options"]["work_limit"] and one["solver"] == other["solver"]


def _equal(says: str, now: float, then: float) -> Line:
    return Line(says, f"{now:.9g}", f"the stored plan's {then:.9g}", abs(now - then) <= 1e-9 * max(1.0, abs(then)))


def _line(says: str, now: float, then: float, most: float, shape: str, relative: bool) -> Line:
    scale = max(1e-9, abs(then)) if relative else 1.0
    within = f"{most:.1%}" if relative else f"{100 * most:g} points"
    figure = f"{shape.format(now)} (stored: {shape.format(then)})"
    return Line(says, figure, f"within {within} of the stored plan's", abs(now - then) <= most * scale)


def _proofs(now: Mapping[str, float], then: Mapping[str, float]) -> Line:
    """No bound may lie above a value that somebody reached: this holds whatever the clock did."""
    highest, least = max(now["bound"], then["bound"]), min(now["first_value"], then["first_value"])
    figure = f"bounds at most {highest:.4f}, values at least {least:.4f}"
    return Line("the two plans' proofs agree", figure, "no bound above a value", highest <= least + 1e-6)
