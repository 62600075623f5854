"""What the tighter form of a rule is worth: the LP relaxation's value with and without it, on seven nations.

Run `python -m benchmarks.formulations [--nations DEU,POL,...]`; it writes docs/formulations.md. All forms of a rule
allow the same plans; a higher relaxation is a better bound. Values are gap-index points. Seven nations of the reference
set keep a run within minutes; every kind of decision is in them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.forms import FORMS, NATURAL, Rules
from data.dataset import load
from data.levers import Case, apply
from models.program import Program, build
from models.registry import MANIFEST, RULES
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Engine
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import affordable, smaller_big_m, tightened, unlock_cuts, with_cuts

ROOT = Path(__file__).resolve().parent.parent
NATIONS = ("DEU", "EST", "FRA", "GBR", "ITA", "POL", "USA")
NEAR = 5e-6  # points: closer than this is the same value


@dataclass(frozen=True)
class Relaxed:
    """The LP relaxation of one form."""

    value: float
    rows: int
    entries: int
    seconds: float


def relaxation(matrix: Matrix) -> Relaxed:
    """Value, size and time of a program's LP relaxation."""
    engine = Engine(matrix, Budget(600.0))
    engine.continuous(True)
    begun = time.perf_counter()
    outcome = engine.lp(method="ipm")
    return Relaxed(outcome.value, matrix.shape[0], matrix.a.nnz, time.perf_counter() - begun)


def compiled(case: Case, rules: Rules) -> tuple[Program, Matrix]:
    """The program of a case under these rules."""
    program = build(case, rules=rules)
    return program, compile_program(program).matrix


def _only_bounds(program: Program, matrix: Matrix) -> Matrix:
    return replace(matrix, upper=affordable(matrix, program.keys))


def _bounds_and_coefficients(program: Program, matrix: Matrix) -> Matrix:
    bounded = _only_bounds(program, matrix)
    return replace(bounded, a=smaller_big_m(bounded))


def _only_cuts(program: Program, matrix: Matrix) -> Matrix:
    return with_cuts(matrix, list(unlock_cuts(matrix, program.keys)))


TIGHTENING: Mapping[str, Callable[[Program, Matrix], Matrix]] = {
    "orders bounded by what each year's money can pay": _only_bounds,
    "and every big-M no larger than its row's bounds allow": _bounds_and_coefficients,
    "all nations' orders together need the line (cuts alone)": _only_cuts,
    "all of it, as the search uses it": lambda program, matrix: tightened(matrix, program.keys),
}


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figures(found: Relaxed, base: Relaxed) -> list[str]:
    change = found.value - base.value
    text = "same" if abs(change) < NEAR else f"{change:+.5f}"
    return [f"{found.value:.5f}", text, f"{found.rows:,}", f"{found.entries:,}", f"{found.seconds:.1f}"]


HEAD = ["LP relaxation", "against the wired", "rows", "entries", "seconds"]


def page(case: Case, nations: str, tell: Callable[[str], None] = lambda _: None) -> str:
    """The page: looser forms, forms tried, the tightening, and rules of one form."""
    program, matrix = compiled(case, RULES)
    base = relaxation(matrix)
    tell(f"as wired: {base}")
    measured: dict[bool, list[str]] = {False: [], True: []}
    for form in FORMS:
        found = relaxation(compiled(case, form.change(RULES))[1])
        tell(f"{form.rule}, {form.says}: {found}")
        measured[form.tried].append(_line([form.rule, form.says, *_figures(found, base)]))
    steps = []
    for name, step in TIGHTENING.items():
        found = relaxation(step(program, matrix))
        tell(f"{name}: {found}")
        steps.append(_line([name, *_figures(found, base)]))
    natural = [_line([name, NATURAL[name]]) for name in MANIFEST if name in NATURAL]
    rule = _line(["---", "---", *["---:"] * 5])
    return "\n".join([
        "# Forms of rules and what they are worth", "",
        "Made by `python -m benchmarks.formulations` on a part of the reference set (ILLUSTRATIVE - PUBLIC SOURCES",
        f"ONLY): {nations}. The value of the LP relaxation is a bound of the best gap index; all",
        "forms allow the same plans, so that the highest relaxation is the tightest form. Every rule of the registry",
        "stands in one of the tables.", "",
        f"As wired: {base.value:.5f} points, {base.rows:,} rows, {base.entries:,} entries, {base.seconds:.1f} s.",
        "", "## Textbook forms in place of the wired one", "",
        "A minus says how much the bound would lose. *Same* with more entries is a form that only costs size.", "",
        _line(["rule", "other form", *HEAD]), rule, *measured[False],
        "", "## Tighter on paper", "",
        "A form is wired if it moves the bound by more than it costs; these do not.", "",
        _line(["rule", "other form", *HEAD]), rule, *measured[True],
        "", "## The tightening of the whole program", "",
        "What optimizer/problem/tighten.py adds from the data of several rules at once, on top of the wired forms.", "",
        _line(["step", *HEAD]), _line(["---", *["---:"] * 5]), *steps,
        "", "## Rules with one natural form", "", _line(["rule", "why"]), _line(["---", "---"]), *natural,
    ]) + "\n"  # fmt: skip


def main() -> None:
    """Write docs/formulations.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nations", default=",".join(NATIONS), help="these nations, separated by commas; empty: all")
    kept = {name for name in parser.parse_args().nations.split(",") if name}
    dataset = load(ROOT / "data" / "alliance")
    nations = dataset.tables["nations"]["nation"].tolist()
    case = apply(dataset, None, {f"nation_out.{n}": True for n in nations if kept and n not in kept})
    text = page(case, ", ".join(sorted(kept)) or "all nations", print)
    (ROOT / "docs" / "formulations.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
