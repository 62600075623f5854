"""Write docs/gap.md from what is kept of the search: where its gap lies, how runs came together, and its goals.

`python docs/make_gap_page.py` writes the page and the charts of the runs; with `--check` it fails if the page is not
what benchmarks/results says, or a chart not that of its run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made

PAGE, IMAGES = ROOT / "docs" / "gap.md", ROOT / "docs" / "img"
RESULTS = ROOT / "benchmarks" / "results"
Rows = Mapping[str, Any]
HEAD = """# The gap, measured

Made by `make docs` from benchmarks/results; do not edit. How a plan is sought: [search.md](search.md).
"""
WHERE = """
## Where the gap lies

Groups of whole decisions held as a plan has them, and the relaxation solved with all else free (`make show-gap`): what
the relaxation rises by is what that rounding costs at the least. Points of the index. Groups overlap in what they cost,
so that the single ones do not add up to all of them. With everything whole the plan comes back, but for a hair: its
tables do not say which price level a frame at the edge of two has, and its rows hold to the engine's tolerances.
"""
TIME = """
## Value and bound over time

`python -m benchmarks.over_time PLAN` keeps a run. The primal-dual integral weighs each second by the relative gap of
its time (1 where there is no plan or no bound): less is better. Points are won off the value by finders, and added to
the bound by provers.
"""
GOALS = """
## Goals

`make show-goals-PART` measures a part or goes on with it, `python -m benchmarks.goals` prints this table. `closed`: at
least this share of what any plan could close. Runs of 20 and 60 s are judged by the best bound of the run of ten
minutes of the same data and commit, all others by their own. Commit: the last one that changed the program when it was
measured.

| part | | figure | goal | | commit | load |
| --- | --- | --- | --- | --- | --- | ---: |
"""


def places(steps: Rows) -> Iterator[str]:
    """A table for each state of the search."""
    for step, about in sorted(steps.items(), key=lambda pair: pair[1]["order"]):
        groups = about["groups"]
        root = groups["nothing"]["value"]
        gap = about["value"] - root
        yield (
            f"\n### {step[:1].upper()}{step[1:]}\n\nPlan {about['run']} of {about['dataset']}: value "
            f"{about['value']:.3f}, bound {about['bound']:.3f}, {gap:.3f} above the relaxation "
            f"(commit {about['commit']}).\n"
            "\n| held as the plan has it | decisions | relaxation | above nothing held | of the gap |\n"
            "| --- | ---: | ---: | ---: | ---: |\n"
        )
        for name, row in ((name, groups[name]) for name in _order(groups)):
            if row["value"] is None:
                yield f"| {name} | {row['held']:,} | {row['why']} | - | - |\n"
                continue
            above = row["value"] - root
            share = f"{above / gap:.0%}" if gap > 0 else "-"
            yield f"| {name} | {row['held']:,} | {row['value']:.3f} | {above:.3f} | {share} |\n"


def _order(groups: Rows) -> list[str]:
    from benchmarks.gap import GROUPS

    return [name for name in GROUPS if name in groups]


def over_time(runs: Rows) -> Iterator[str]:
    """A chart and a table for each run."""
    from benchmarks.over_time import finders

    for name, row in sorted(runs.items()):
        bound = "none" if row["bound"] is None else f"{row['bound']:.3f}"
        closed = "-" if row["closed"] is None else f"{row['closed']:.1%}"
        yield (
            f"\n### {name}\n\n![Value and bound of {name} over time](img/{image(name).name})\n\n"
            f"Run {row['run']} of {row['dataset']}, limit {row['limit']:.0f} s: value {row['value']:.3f}, "
            f"bound {bound}, closed {closed}, primal-dual integral {row['integral']:.1f} s of {row['seconds']:.0f} s "
            f"(commit {row['commit']}).\n\n"
            "| finder or prover | points off the value | times | points onto the bound | times |\n"
            "| --- | ---: | ---: | ---: | ---: |\n"
        )
        for finder, won in finders(row):
            yield f"| {finder} | {won['value']:.3f} | {won['values']} | {won['bound']:.3f} | {won['bounds']} |\n"


def goals(rows: Rows) -> Iterator[str]:
    """The table of the goals."""
    from benchmarks.goal_told import table

    for told in table(rows):
        verdict = "**missed**" if told.verdict == "missed" else told.verdict
        load = "-" if told.load is None else f"{told.load:g}"
        yield f"| {told.part} | {told.says} | {told.figure} | {told.goal} | {verdict} | {told.commit} | {load} |\n"


def image(name: str) -> Path:
    """Where the chart of a run lies."""
    return IMAGES / f"search-{name}.svg"


def page() -> str:
    """The page."""
    from benchmarks.measured import read

    steps, runs = read(RESULTS / "gap.json"), read(RESULTS / "over_time.json")
    rows = read(RESULTS / "goals.json").get("parts", {})
    whole = {step: about for step, about in steps.items() if "nothing" in about["groups"]}
    parts = [HEAD, WHERE, *places(whole), TIME, *over_time(runs), GOALS, *goals(rows)]
    return "".join(parts)


def charts(check: bool) -> int:
    """Write the charts, or see that each is that of its run."""
    from benchmarks.measured import read
    from benchmarks.over_time_chart import picture
    from reports.picture import to_svg

    wrong = 0
    for name, row in read(RESULTS / "over_time.json").items():
        there = image(name).exists() and row["run"] in image(name).read_text(encoding="utf-8")
        if not check and not there:
            image(name).write_text(to_svg(picture(name, row), title=True), encoding="utf-8", newline="\n")
        elif check and not there:
            sys.stderr.write(f"{image(name).name} is not the chart of run {row['run']}; run `make docs`\n")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(max(charts("--check" in sys.argv[1:]), made({PAGE: page()}, "benchmarks/results")))
