r"""Whether a case is nested in another: each plan of the inner one is a plan of the outer one, worth no more there.

What is compared is what levers have made of the data, not the levers: two cases of one data set differ in some tables
and options, and each difference is judged by itself. Going from the outer case to the inner one difference by
difference, every step has to hold; then all of them do. A difference that nobody here knows says "not nested", so that
what is claimed is proven: docs/nested.md lists levers, directions and reasons, and is made by this code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data.levers import Case
from studies.nested_industry import candidates, capacities, launches, loans, pins
from studies.nested_money import money, prices
from studies.nested_parts import Part, dearer, nested_so, not_nested
from studies.nested_rules import rules

TOLD = {"name", "description", "marking", "levers"}  # of dataset.yaml: no figure of the program
SAID = 3  # reasons that are told
Judge = Callable[[Case, Case], Iterator[Part]]
# Table -> who judges it; money is made of two tables.
JUDGES: dict[str, Judge] = {
    "budget_path": money, "economy": money, "programmes": prices, "rules": rules, "line_capacity": capacities,
    "component_capacity": capacities, "frames": launches, "frame_members": candidates, "loans": loans, "pins": pins,
}  # fmt: skip


@dataclass(frozen=True)
class Nesting:
    """Whether an inner case is nested in an outer one, and why.

    Attributes:
        parts: every difference between the two, judged.
    """

    parts: tuple[Part, ...]

    @property
    def nested(self) -> bool:
        """Whether each plan of the inner case is a plan of the outer one that is worth no more there."""
        return all(part.nested for part in self.parts)

    @property
    def same(self) -> bool:
        """Whether it is worth the same there."""
        return self.nested and all(part.same for part in self.parts)

    @property
    def why(self) -> str:
        """The reasons: of what speaks against it, else of all."""
        against = [part for part in self.parts if not part.nested]
        said = list(dict.fromkeys(part.why for part in against or self.parts))
        more = [f"and {len(said) - SAID} more like these"] if len(said) > SAID else []
        return "; ".join([*said[:SAID], *more]) or "the two cases are the same"


def nested(inner: Case, outer: Case) -> Nesting:
    """Whether a case is nested in another (objective: gap)."""
    here, there = (one.dataset.settings.model_dump(exclude=TOLD) for one in (inner, outer))
    parts = [not_nested("dataset.yaml", "what dataset.yaml sets is another question")] if here != there else []
    parts += _options(inner, outer)
    judged = set()
    for name, table in outer.dataset.tables.items():
        if table is inner.dataset.tables[name] or table.equals(inner.dataset.tables[name]):
            continue
        judge = JUDGES.get(name)
        if judge is None:
            parts.append(not_nested(name, f"{name} differ, of which nothing is claimed"))
        elif judge not in judged:
            judged.add(judge)
            parts += judge(inner, outer)
    return Nesting(tuple(parts))


def _options(inner: Case, outer: Case) -> list[Part]:
    """The levers that are no change of data.

    Less may be carried, shifted, signed or expanded, more is forced or forbidden: rows and decisions of the program
    that a plan of the inner case keeps in the outer one. Persistence adds its points to the value of the same plans.
    """
    one, other = inner.options, outer.options
    found = []
    for name, less, why in (
        ("carry_over", one.carry_over - other.carry_over, "what is carried within the smaller share is within it"),
        ("pillar_shift", one.pillar_shift - other.pillar_shift, "what is given within the smaller share is within it"),
        ("synchronised_cycles", one.synchronised_cycles - other.synchronised_cycles,
         "who joins in years of its own may join in every year"),
        ("expansions", one.expansions - other.expansions, "a plan without expansions is one where they may start"),
    ):  # fmt: skip
        if less:
            found.append(nested_so(name, why) if less < 0 else not_nested(name, f"{name} allows more"))
    for name, asked, was in (("force", one.force, other.force), ("forbid", one.forbid, other.forbid)):
        if asked != was:
            lost = not_nested(name, f"{name} asks less")
            found.append(nested_so(name, f"{name} only takes plans away") if asked > was else lost)
    if one.persistence != other.persistence:
        more = one.persistence > other.persistence
        why = "the same plans, and change costs points"
        found.append(dearer("persistence", why) if more else not_nested("persistence", "change costs fewer points"))
    return found
