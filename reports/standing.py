"""Where a plan stands, in words: its objective, what it is made of, how far it is from what any plan could reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports import figures
from reports.figures import Figure, points

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

# What the first objective is, by mode (the part before a colon), and what its numbers are counted in.
MODES = {
    "gap": ("index and penalties of soft rules", "points"),
    "cost": ("cost under a ceiling on the index", "money"),
    "worst_nation": ("what the worst nation lacks, and penalties", "points"),
    "worst_area": ("what the worst area lacks, and penalties", "points"),
    "changes": ("change from the prior plan", "share"),
}
RULES, PERSISTENCE = "soft rules", "persistence"
SMALLEST = 0.005  # points that show


def mode(header: Mapping[str, Any]) -> str:
    """The kind of the first objective: gap, cost, worst_nation, worst_area or changes."""
    return str(header.get("objective", {}).get("mode") or "gap").partition(":")[0]


def unit(header: Mapping[str, Any]) -> str:
    """What the first objective is counted in: points, money or share."""
    return MODES.get(mode(header), MODES["gap"])[1]


def of_objective(header: Mapping[str, Any], value: object, currency: str) -> str:
    """A value of the first objective as text: points, money or a share."""
    kind = unit(header)
    if kind == "money":
        return figures.money(value, currency)
    return figures.per_cent(value) if kind == "share" else points(value)


def reached(header: Mapping[str, Any]) -> object:
    """The value that the search for the first objective reached: gap and bound speak of it."""
    objective = header.get("objective", {})
    return objective.get("first_value", objective.get("value"))


def closes(header: Mapping[str, Any]) -> str:
    """`closes at least 97.4% of what any plan could`; '' where that is not known."""
    return figures.closes(header.get("objective", {}).get("closed"))


def gap_told(header: Mapping[str, Any], decimals: int = 2) -> str:
    """The proven gap, and beside it what it means: the gap of a small index looks large."""
    gap = figures.per_cent(header.get("objective", {}).get("gap"), decimals)
    meaning = closes(header)
    return f"{gap}: {meaning}" if meaning else gap


def figures_of(plan: Plan) -> list[Figure]:
    """The objective, its parts and its proof, as rows for a console, a summary, a page."""
    header = plan.header
    objective: Mapping[str, Any] = header.get("objective", {})
    currency = plan.case.dataset.settings.currency
    text = of_objective(header, objective.get("value"), currency)
    found = [Figure("Objective", text, MODES.get(mode(header), MODES["gap"])[0])]
    if objective.get("index") is not None:
        parts = f"{points(objective.get('index_before'))} → {points(objective['index'])}"
        found.append(Figure("Its index", parts, _index_of(plan)))
        found += _added(objective)
    first, last = figures.horizon(plan)
    before, after = (points(header.get(f"gap_index_{when}")) for when in ("before", "after"))
    found.append(Figure("Gap index", f"{before} → {after}", f"planning years alone, {first}-{last}"))
    if header.get("settled_after") is not None:
        before, after = (points(header.get(f"settled_{when}")) for when in ("before", "after"))
        found.append(Figure("Settled state", f"{before} → {after}", "gap index when all that is ordered has arrived"))
    bound = of_objective(header, objective.get("bound"), currency)
    found.append(Figure("Best bound", bound, f"gap {gap_told(header)}"))
    return found


def _index_of(plan: Plan) -> str:
    if plan.header.get("settled_after") is None:
        return "planning years"
    return "planning years and settled state together"


def _added(objective: Mapping[str, Any]) -> list[Figure]:
    """What stands beside the index in the objective, where there is any to speak of."""
    parts = ((RULES, "soft_penalty", "penalties"), (PERSISTENCE, "persistence", "for changes to the prior plan"))
    return [
        Figure(label[0].upper() + label[1:], points(objective[name]), remark)
        for label, name, remark in parts
        if isinstance(objective.get(name), int | float) and objective[name] >= SMALLEST
    ]


def sentence(plan: Plan) -> str:
    """What is proven of the plan, as one sentence."""
    header = plan.header
    currency = plan.case.dataset.settings.currency
    objective = header.get("objective", {})
    here, bound = (of_objective(header, value, currency) for value in (reached(header), objective.get("bound")))
    what = MODES.get(mode(header), MODES["gap"])[0]
    meaning = closes(header)
    return (
        f"The search brought the objective ({what}) to {here}; no plan can bring it below {bound}, a proven gap of "
        f"{figures.per_cent(objective.get('gap'), 1)}{f': it {meaning}' if meaning else ''}."
    )


def settled_sentence(plan: Plan) -> str:
    """What stands when all that is ordered has arrived; '' where nothing arrives after the last year."""
    before, after = (plan.header.get(f"settled_{when}") for when in ("before", "after"))
    if after is None:
        return ""
    beyond, last = figures.years_beyond(plan), figures.horizon(plan)[1]
    until = f", by {beyond[-1]}" if beyond else ""
    return (
        f"When all that is ordered by {last} has arrived{until}, the gap index of that settled state is "
        f"{points(after)} points, {points(before)} with nothing decided."
    )


def beyond_sentence(plan: Plan) -> str:
    """What the plan binds of the money after its last year; '' where there is no such year."""
    summed = figures.bound_beyond(plan)
    if summed.empty:
        return ""
    bound, money = float(summed["bound"].sum()), float(summed["money"].sum())
    years = f"{summed['year'].min()}-{summed['year'].max()}"
    currency = plan.case.dataset.settings.currency
    part = f"{bound / money:.0%}" if money > 0 else "0%"
    return f"It binds {figures.money(bound, currency)} of {years}, {part} of what may be bound of these years."
