"""What the tighter form of a rule is worth: the LP relaxation's value with and without it, on the reference set.

Run `python -m benchmarks.formulations [--nations DEU,POL,...]`; it writes docs/formulations.md. All forms allow the
same plans; a higher relaxation is a better bound. Values are gap-index points.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyomo.environ import quicksum

from data.dataset import load
from data.levers import Case, apply
from models.buying import new_orders
from models.program import build
from models.registry import RULES, Rule
from optimizer.compile import compile_program
from optimizer.engine import Engine, Watch

ROOT = Path(__file__).resolve().parent.parent
Rules = Mapping[str, Rule]


def without_keys(rule: Rule, keep: Callable[[Any], bool]) -> Rule:
    """The rule over fewer keys."""
    over = rule.over
    return replace(rule, over=lambda m: [key for key in over(m) if keep(key)] if over else [])


def loose_joining(rules: Rules) -> Rules:
    """Orders need membership year by year only, without the row for the horizon's sum."""
    name = "joint.orders_after_joining"
    return {**rules, name: without_keys(rules[name], lambda key: key[2] != 0)}


def loose_ceiling(rules: Rules) -> Rules:
    """Price levels bound the frame's total only, not each member's part."""
    name = "joint.tier_ceiling"
    return {**rules, name: without_keys(rules[name], lambda key: key[2] == "ALL")}


def summed_variants(rules: Rules) -> Rules:
    """One row a type for all nations' orders in place of one a nation."""
    name = "interoperability.type_ordered"

    def row(m: Any, programme: str) -> Any:
        nations = [n for n, i in m.k.ordering_pairs if i == programme]
        most = sum(m.k.most_units[n, programme] for n in nations)
        return quicksum(new_orders(m, n, programme) for n in nations) <= most * m.type_ordered[programme]

    return {**rules, name: replace(rules[name], function=row, over=lambda m: list(m.type_ordered))}


def late_scaling(rules: Rules) -> Rules:
    """A scale start needs a pilot start early enough, start by start, in place of running sums."""
    name = "innovation.scale_after_pilot"

    def row(m: Any, line: str, year: int) -> Any:
        pilots = [m.pilot[line, t] for t in m.k.starts(line, "pilot") if t + m.k.duration(line, "pilot") <= year]
        return m.scale[line, year] <= quicksum(pilots)

    return {**rules, name: replace(rules[name], function=row)}


FORMS: dict[str, Callable[[Rules], Rules]] = {
    "joint.orders_after_joining without the horizon's row": loose_joining,
    "joint.tier_ceiling without members' rows": loose_ceiling,
    "interoperability.type_ordered summed over nations": summed_variants,
    "innovation.scale_after_pilot start by start": late_scaling,
}


def relaxation(case: Case, rules: Rules) -> tuple[float, float]:
    """(value of the LP relaxation, seconds)."""
    matrix = compile_program(build(case, rules=rules))
    engine = Engine(matrix, Watch(time_limit=600.0))
    engine.continuous(True)
    begun = time.perf_counter()
    outcome = engine.lp(method="ipm", crossover=False)
    if outcome.row_duals is None:
        outcome = engine.lp(method="ipm")
    return outcome.value, time.perf_counter() - begun


def table(case: Case) -> str:
    """The page: one row a form."""
    base, seconds = relaxation(case, RULES)
    lines = [
        "# Forms of rules and what they are worth",
        "",
        f"LP relaxation of the reference set as it is wired: {base:.5f} gap-index points ({seconds:.0f} s).",
        "Made by `python -m benchmarks.formulations`. Each row loosens one rule; all forms allow the same plans.",
        "",
        "| form | LP relaxation | below the one wired | seconds |",
        "| --- | --- | --- | --- |",
    ]
    for name, loosen in FORMS.items():
        value, seconds = relaxation(case, loosen(RULES))
        lines.append(f"| {name} | {value:.5f} | {base - value:.5f} | {seconds:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write docs/formulations.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nations", default="", help="only these nations, separated by commas")
    kept = {name for name in parser.parse_args().nations.split(",") if name}
    dataset = load(ROOT / "data" / "alliance")
    nations = dataset.tables["nations"]["nation"].tolist()
    case = apply(dataset, None, {f"nation_out.{n}": True for n in nations if kept and n not in kept})
    (ROOT / "docs" / "formulations.md").write_text(table(case), encoding="utf-8")


if __name__ == "__main__":
    main()
