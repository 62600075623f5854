"""Make docs/nested.md: which levers make a case that is nested in another, in which direction, and why.

`python docs/make_nested_page.py` writes it; with `--check` it fails if studies/nested.py says otherwise. Each lever
is moved both ways on data/tiny and on the reference set, and the two cases are compared by the code that studies use.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from data.dataset import Dataset, load
from data.lever_table import LEVERS
from data.levers import LeverError, apply
from docs.pages import ROOT, made
from studies.nested import Nesting, nested

PAGE = ROOT / "docs" / "nested.md"
HEAD = """# Which cases are nested in which

Made by `docs/make_nested_page.py` from `studies/nested.py`; do not edit. A case is nested in another where each of its
plans is a plan of the other one, worth no more there. Then the difference of their optima has a sign, a bound of the
outer one bounds the inner one, and a plan of the inner one is a plan of the outer one (`studies/interval.py` has the
mathematics). *same*: with the same value; *dearer*: the plan may be worth less (that is, better) in the outer case.
Weights, targets, threats and nations change what a plan is worth both ways and are never nested; what the data hold
decides the rest: a rule that asks more where there is more money stands against a claim, and the page names it.

| lever | from | to | data/tiny | data/alliance | why (data/alliance, else data/tiny) |
| --- | --- | --- | --- | --- | --- |
"""
# Lever -> the two values that it is moved between; what is not named stands at its default.
MOVES: Mapping[str, tuple[object, object]] = {
    "core_share_2035": (0.03, 0.035), "core_share_2035.*": (0.02, 0.03), "resilience_share_2035": (0.016, 0.02),
    "resilience_share_2035.*": (0.01, 0.012), "path_shape": (None, "front"), "core_year": (None, 2030),
    "core_year.*": (None, 2030), "growth_shift": (-0.01, 0.0), "price_growth_shift": (0.01, 0.0),
    "carry_over": (0.0, 0.05), "pillar_shift": (0.0, 0.1), "loans": (False, True), "area_weight.*": (1.0, 2.0),
    "threat_shift": (0, 1), "us_backfill": (0.0, 0.5), "nation_out.*": (True, False), "capacity_factor": (0.9, 1.0),
    "expansions": (False, True), "delay.*": (2, 0), "synchronised_cycles": (False, True), "persistence": (5.0, 0.0),
    "force.*": (True, False), "forbid.*": (True, False), "fleet_strictness": (1, 0), "order_value_max": (1.0, 4.0),
    "order_value_max.*": (1.0, 4.0), "risk_max": (0.1, 0.3), "output_drop_max": (0.2, 0.4),
    "output_drop_max.*": (0.2, 0.4), "area_share_max.*": (0.3, 0.5),
}  # fmt: skip
FLOOR = (0.6, 0.5)  # of rules that ask for a least share


@dataclass(frozen=True)
class Told:
    """What the code says of one move on one data set."""

    verdict: str
    why: str


def suffixes(lever: str, dataset: Dataset) -> list[str]:
    """What may follow the lever's name: ids of the data set, the first that the lever takes is used."""
    tables = dataset.tables
    nations, areas = tables["nations"]["nation"].tolist(), tables["areas"]["area"].tolist()
    items = [*tables["frames"]["frame"], *tables["programmes"]["programme"]]
    stem = lever.removesuffix(".*")
    if stem == "delay":
        return items
    of = {"nations": nations, "areas": areas, "item": items[::-1]}.get(LEVERS[lever].of)
    return of or (areas if stem in ("closure_min", "area_share_min", "area_share_max") else
                  tables["lines"]["line"].tolist() if stem == "output_drop_max" else nations)  # fmt: skip


def judged(lever: str, ends: tuple[object, object], dataset: Dataset) -> tuple[Told, Told] | None:
    """What the code says of the case with one end against that with the other, both ways; None: it can't be moved."""
    names = [f"{lever.removesuffix('*')}{one}" for one in suffixes(lever, dataset)] if "*" in lever else [lever]
    for name in names:
        try:
            one, other = (apply(dataset, None, {} if value is None else {name: value}) for value in ends)
        except LeverError:
            continue
        if one.levers != other.levers:
            return _told(nested(one, other)), _told(nested(other, one))
    return None


def _told(found: Nesting) -> Told:
    return Told("no" if not found.nested else "same" if found.same else "dearer", found.why)


def rows() -> list[str]:
    """A row for each lever and direction."""
    sets = [load(ROOT / "data" / name) for name in ("tiny", "alliance")]
    found = []
    for lever in LEVERS:
        ends = MOVES.get(lever, FLOOR)
        both = [judged(lever, ends, dataset) for dataset in sets]
        for way, (inner, outer) in enumerate((ends, ends[::-1])):
            told = [None if pair is None else pair[way] for pair in both]
            why = next((each.why for each in reversed(told) if each is not None), "-")
            cells = [lever.replace("*", "X"), _text(outer), _text(inner),
                     *("-" if each is None else each.verdict for each in told), why]  # fmt: skip
            found.append(f"| {' | '.join(cells)} |")
    return found


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | str):
        return {None: "none", True: "on", False: "off"}.get(value, str(value))
    return f"{value:g}"


def main() -> int:
    """Write the page, or compare it."""
    return made({PAGE: HEAD + "\n".join(rows()) + "\n"}, "studies/nested.py")


if __name__ == "__main__":
    sys.exit(main())
