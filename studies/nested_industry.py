r"""Industry and joint buys: less capacity, fewer launch years, fewer candidates, no loans, more pins.

**Less capacity**, positive where it was: output within the smaller capacity is within the larger one, beyond the
horizon too. A guarantee asks for output >= load * (capacity + added), that is more of the same plan where there is more
capacity: where an expansion with one may start nothing is claimed. Soft surge_min and output_drop_max are measured by
capacity: the same violation or less, over more (dearer).

**A joint buy's launch years, its candidates**: launching and joining are decisions, and those left out are not taken.
**No loans**: a plan that draws nothing. **Pins** are hard rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from data.levers import Case
from data.rows import each
from studies.nested_parts import Part, by_key, dearer, differ, nested_so, not_nested

MEASURED = ("surge_min", "output_drop_max")


def capacities(inner: Case, outer: Case) -> Iterator[Part]:
    """Capacities of lines and components."""
    for name in ("line_capacity", "component_capacity"):
        one, other = inner.dataset.tables[name], outer.dataset.tables[name]
        changed = differ(one, other, name)
        here, there = (table["capacity"].to_numpy() for table in (one, other))
        if not changed:
            continue
        if changed != {"capacity"} or (here > there).any():
            yield not_nested(name, "there is more capacity somewhere")
        elif ((there > 0) & ~(here > 0)).any():
            yield not_nested(name, "a line has no capacity at all: work share is asked of its nation no longer")
        elif _guaranteed(outer):
            yield not_nested(name, "guarantees ask for more of the same plan where there is more capacity")
        elif any(row.rule in MEASURED and row.hardness == "soft" for row in each(outer.dataset.tables["rules"])):
            yield dearer(name, "what is made within less is within more, and soft rules are measured by more")
        else:
            yield nested_so(name, "what is made within less capacity is within more")


def _guaranteed(case: Case) -> bool:
    """Whether an expansion with a guarantee may start."""
    rows = each(case.dataset.tables["expansions"])
    return case.options.expansions and any(row.guaranteed_load > 0 and row.guarantee_years > 0 for row in rows)


def launches(inner: Case, outer: Case) -> Iterator[Part]:
    """Years in which joint buys may launch."""
    one, other = inner.dataset.tables["frames"], outer.dataset.tables["frames"]
    if not differ(one, other, "frames") <= {"first_launch", "last_launch"}:
        yield not_nested("frames", "more of a joint buy differs than its launch years")
        return
    there = by_key(other, "frames")
    settings = outer.dataset.settings
    for key, row in by_key(one, "frames").items():
        years, was = (
            {year for year in settings.years if each_.first_launch <= year <= each_.last_launch}
            for each_ in (row, there[key])
        )
        if years != was:
            fewer = nested_so(row.frame, f"{row.frame} may launch in fewer of the same years")
            yield fewer if years < was else not_nested(row.frame, f"{row.frame} may launch in other years")


def candidates(inner: Case, outer: Case) -> Iterator[Part]:
    """Who may join."""
    here, there = (by_key(one.dataset.tables["frame_members"], "frame_members") for one in (inner, outer))
    launched = {row.frame for row in each(outer.dataset.tables["frames"]) if row.launched > 0}
    for key in sorted({*here, *there}, key=str):
        was = there[key].status if key in there else "excluded"
        now = here[key].status if key in here else "excluded"
        if was != now:
            name, gone = " ".join(map(str, key)), (was, now) == ("candidate", "excluded") and key[0] not in launched
            why = f"{key[1]} can't join {key[0]} any more"
            yield nested_so(name, why) if gone else not_nested(name, f"{name}: {was} and {now} ask for other things")


def loans(inner: Case, outer: Case) -> Iterator[Part]:
    """Loans and grants."""
    if len(inner.dataset.tables["loans"]):
        yield not_nested("loans", "other loans are another question")
    else:
        yield nested_so("loans", "a plan that draws nothing is one where something could be drawn")


def pins(inner: Case, outer: Case) -> Iterator[Part]:
    """Orders that a planner has fixed."""
    here, there = (by_key(one.dataset.tables["pins"], "pins") for one in (inner, outer))
    kept = all(key in here and here[key].units == row.units for key, row in there.items())
    yield nested_so("pins", "a pin only takes plans away") if kept else not_nested("pins", "a pin is gone")
