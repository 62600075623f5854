"""Write docs/reference-plan.md and the README's block of headline figures from the stored reference plan.

`python docs/make_reference_page.py` writes them from data/alliance/plan/plan.json and benchmarks/results/sceptic.json;
with `--check` it fails if they are not what these say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made

PAGE, README = ROOT / "docs" / "reference-plan.md", ROOT / "README.md"
PLAN = ROOT / "data" / "alliance" / "plan" / "plan.json"
RESULTS = ROOT / "benchmarks" / "results" / "sceptic.json"
HEAD = """# The stored reference plan

Made by `make docs` from data/alliance/plan/plan.json and benchmarks/results/sceptic.json (the second by
`python -m benchmarks.sceptic data/alliance/plan`). It is the plan that the pages open with, and that `make plan`
makes anew: ended by work and not by the clock, its figures are the same everywhere (`make show-plan` compares them). A
search that the clock ends (`make show-sceptic`, 60 s) comes out elsewhere. How a sceptical planner reads it:
[sanity.md](sanity.md).

"""


def figures(header: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The headline figures: what, figure with its unit, remark."""
    from benchmarks.sceptic.stored import headline

    found, objective = headline(header), header["objective"]
    work, seconds = header["options"]["work_limit"], header["options"]["time_limit"]
    ended = f"the clock ended ({seconds:.0f} s)" if work is None else f"{work:.0f} check points of work ended"
    took = header["seconds"]["solve"]
    core, resilience = (header["kpis"][name]["ALL"] for name in ("core_share", "resilience_share"))
    return [
        ("objective", f"{found['first_value']:.2f} points", f"{objective['index_before']:.2f} with nothing decided"),
        ("bound", f"{found['bound']:.2f} points", "no plan can be better"),
        ("gap", f"{found['gap']:.1%}", f"a search that {ended}, after {took:.0f} s"),
        ("closed", f"{found['closed']:.1%}", "at least this of what any plan could close"),
        ("cost", f"{found['cost'] / 1000:,.0f} bn USD", "all spending of the plan, years beyond the horizon included"),
        ("saved together", f"{found['saving'] / 1000:,.1f} bn USD", "by joint buys, fees taken off"),
        ("pledge credit", f"{found['pledge_credit']:.2%} of GDP", f"{core:.2%} core, {resilience:.2%} resilience"),
    ]


def table(header: Mapping[str, Any]) -> str:
    """The headline figures as a Markdown table."""
    lines = ["| | figure | |", "| --- | ---: | --- |"]
    return (
        "\n".join([*lines, *(f"| {what} | {figure} | {remark} |" for what, figure, remark in figures(header))]) + "\n"
    )


def sentence(header: Mapping[str, Any]) -> str:
    """The README's block: the same figures as one sentence."""
    told = {what: figure for what, figure, _ in figures(header)}
    return (
        f"The stored plan: objective {told['objective']}, bound {told['bound']}, gap {told['gap']}, so at least "
        f"{told['closed']} of what any\nplan could close is closed; cost {told['cost']}, saved together "
        f"{told['saved together']}, pledge credit {told['pledge credit']}.\n"
        "[What a sceptic asks of it](docs/reference-plan.md), [and reads in it](docs/sanity.md)."
    )


def page(header: Mapping[str, Any], read: Mapping[str, Any]) -> str:
    """The page: headline figures, and each line of the reading with its goal."""
    rows = ["| | what | figure | goal | |", "| --- | --- | --- | --- | --- |"]
    lines = [(name, line) for name, part in read["parts"].items() if name != "stored" for line in part["lines"]]
    for name, line in lines:
        met = "met" if line["met"] else "**missed**"
        rows.append(f"| {name} | {line['says']} | {line['figure']} | {line['goal']} | {met} |")
    asked = "\n".join(rows)
    return f"{HEAD}{table(header)}\n## What a sceptical planner asks of it\n\n{asked}\n"


def main() -> int:
    """Write both, or compare them."""
    from benchmarks.sceptic.page import replaced

    header, read = (json.loads(path.read_text(encoding="utf-8")) for path in (PLAN, RESULTS))
    if read["run"] != header["run"]:
        sys.stderr.write("sceptic.json is of another plan: python -m benchmarks.sceptic data/alliance/plan\n")
        return 1
    readme = README.read_text(encoding="utf-8")
    wanted = {PAGE: page(header, read), README: replaced(readme, {"reference plan": sentence(header)})}
    return made(wanted, "the stored plan")


if __name__ == "__main__":
    sys.exit(main())
