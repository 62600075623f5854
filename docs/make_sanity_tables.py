"""Write the tables of docs/sanity.md anew from the stored reference plan; the prose between them stays.

`python docs/make_sanity_tables.py` writes them; with `--check` it fails if they are not those of the stored plan.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made

PAGE = ROOT / "docs" / "sanity.md"
REFERENCE = ROOT / "data" / "alliance"
RESULTS = ROOT / "benchmarks" / "results" / "sceptic.json"
NATIONS = ("DEU", "POL", "PRT")


def blocks() -> dict[str, str]:
    """Name of a block -> its Markdown."""
    from benchmarks.sceptic import planner
    from benchmarks.sceptic.page import markdown
    from benchmarks.sceptic.world import World
    from data.dataset import load
    from ui.reference import stored_plan

    plan = stored_plan(load(REFERENCE))
    if plan is None:
        raise SystemExit("data/alliance/plan is a plan of other data: make reference")
    read = json.loads(RESULTS.read_text(encoding="utf-8"))
    if read["run"] != plan.header["run"]:
        raise SystemExit("sceptic.json is of another plan: python -m benchmarks.sceptic data/alliance/plan")
    world, parts = World(plan), read["parts"]
    found = {
        "areas": markdown(planner.areas(world)),
        "nations": markdown(planner.nations(world)),
        "late": markdown(planner.late(world)),
        "weapons": markdown(planner.weapons(world)),
        "fractions": markdown(planner.fractions(world)),
        "odd": markdown(planner.odd(world)),
        "years": markdown(parts["money"]["rows"]["by year"]),
        "unspent": markdown(parts["money"]["rows"]["unspent"]),
        "ships": markdown(parts["ships"]["rows"]["maritime_surface"]),
        "boats": markdown(parts["ships"]["rows"]["asw"]),
        "idle": markdown(parts["lines"]["rows"]["idle"]),
        "innovation": markdown(parts["innovation"]["rows"]["not complete"]),
    }
    for nation in NATIONS:
        found[f"areas of {nation}"] = markdown(planner.nation_areas(world, nation))
        found[f"orders of {nation}"] = markdown(planner.nation_orders(world, nation))
    return found


def main() -> int:
    """Write the tables, or compare them."""
    from benchmarks.sceptic.page import replaced

    return made({PAGE: replaced(PAGE.read_text(encoding="utf-8"), blocks())}, "the stored plan")


if __name__ == "__main__":
    sys.exit(main())
