"""Shows what an issue of the tracker asks to be seen: `make show-NAME`, one named part a line that it must show.

Each part runs tests (or a measurement) and ends with one line: figure, goal, met or missed, commit and load of the
machine. `python -m tools.show` lists the parts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.goal_list import PARTS as GOALS

ROOT = Path(__file__).resolve().parent.parent
EVERY = ("-m", "long or not long")
SUMMARY = re.compile(r"(\d+) (passed|failed|error|errors|skipped|deselected)")


@dataclass(frozen=True)
class Part:
    """A part: what it shows, and the command behind it (arguments of pytest, or of python where it starts with -m)."""

    says: str
    arguments: tuple[str, ...]
    setting: tuple[tuple[str, str], ...] = ()

    @property
    def command(self) -> list[str]:
        """The command."""
        if self.arguments[0] == "-m":
            return [sys.executable, *self.arguments]
        return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.arguments]


PARTS = {
    "rules": Part("a row for each rule, no cell empty; its case, its golden, its mutations named by the audit",
                  ("tests/models/test_rules.py", "tests/models/test_rules_table.py")),
    "size": Part("rows, columns, nonzeros, seconds of the relaxation beside edition 1's", ("-m", "benchmarks.size")),
    "units": Part("the same answer in other units", ("tests/models/test_units.py", *EVERY)),
    "enumerator": Part("solver and enumerator agree on 600 sets; each new rule binds in ten",
                       ("-m", "tests.show_enumerator")),
    "numbers": Part("the reduced sets on which a number was wrong", ("tests/optimizer/test_numbers.py", *EVERY)),
    "rounds": Part("two rounds add up on tiny and on random sets",
                   ("tests/optimizer/test_next_round.py", "tests/optimizer/test_next_round_identities.py", *EVERY)),
    "edition-one": Part("300 sets whose meaning did not change have the value they had",
                        ("tests/optimizer/test_enumerator_edition_one.py", *EVERY)),
    "plan": Part("make plan gives the stored plan's headline figures, which README and docs tell; what a sceptic asks",
                 ("-m", "benchmarks.sceptic", "plans/alliance", "--as-stored")),
    "sceptic": Part("what a sceptical planner asks of the reference plan made now in 60 s; it is like the stored one",
                    ("-m", "benchmarks.sceptic", "plans/alliance-60", "--make", "60", "--anew")),
    "sceptic-600": Part("the same of the plan of 600 s (plans/alliance-600, made where it is not there)",
                        ("-m", "benchmarks.sceptic", "plans/alliance-600", "--make", "600",
                         "--only", "ships,money,lines,payers,innovation,rounds")),
    "sceptic-levers": Part("a joint share asked of all moves national orders outside the EU in the relaxation",
                           ("-m", "benchmarks.sceptic", "data/alliance/plan", "--only", "levers")),
    "rounds-reference": Part("two rounds of the reference set: nothing is paid, made or delivered twice",
                             ("-m", "benchmarks.sceptic", "data/alliance/plan", "--only", "rounds",
                              "--second", "plans/alliance-next", "--make", "60", "--anew")),
    "headless": Part("drive5 solve data/tiny takes at most 1.6 times what importing pandas, Pyomo and HiGHS takes",
                     ("-m", "benchmarks.headless")),
    "outside": Part("what a run of the reference set does besides solving takes 8 CPU seconds at most",
                    ("-m", "benchmarks.outside")),
    "arrays": Part("the compiled arrays of tiny, the reference set and 20 generated sets are as they were before",
                   ("-m", "benchmarks.arrays")),
    "clock-alone": Part("the whole command ends in time for limits of 5, 20, 60, 300 s",
                        ("-m", "benchmarks.clock", "--alone")),
    "clock-pinned": Part("the same pinned to one core beside another solve", ("-m", "benchmarks.clock", "--pinned")),
    "warm-starts": Part("levers, force and forbid from the reference plan (again and again, nine minutes each time)",
                        ("-m", "benchmarks.warm_starts")),
    "paired": Part("how many levers show, each as an interval and a step (again and again, nine minutes each time)",
                   ("-m", "benchmarks.paired")),
    "repeat": Part("three runs by work, one of them beside another solve, give the same bytes",
                   ("-m", "benchmarks.repeat")),
    "killed": Part("a killed parent leaves no worker; two processes writing the store lose nothing",
                   ("tests/optimizer/test_workers.py", "tests/store", "-k", "kill or processes", *EVERY)),
    "structure": Part("no circle, nothing against the stream, modules of 500 lines, functions of 60",
                      ("tests/house/test_structure.py",)),
    "mutants": Part("80 of 100 seeded errors in optimizer/ are noticed by its tests", ("-m", "benchmarks.mutants")),
    "published": Part("published instances reach their optimum", ("tests/optimizer/test_mknap.py", *EVERY)),
    "frozen": Part("the sets that are measured are those that were frozen", ("-m", "benchmarks.frozen")),
    "gap": Part("where the gap of the stored plan lies, by groups of decisions held", ("-m", "benchmarks.gap")),
    "over-time": Part("value and bound over time of the goals' runs, and who won what", ("-m", "benchmarks.over_time")),
    "goals": Part("the goals of the search, from what is kept", ("-m", "benchmarks.goals")),
    **{f"goals-{name}": Part(part.says, ("-m", "benchmarks.goals", name)) for name, part in GOALS.items()},
}  # fmt: skip


def _ask(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def shown(name: str) -> int:
    """Run a part, repeat what it prints, and close with its line."""
    part = PARTS[name]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    lines: list[str] = []
    with subprocess.Popen(
        part.command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **dict(part.setting)}
    ) as run:
        for line in run.stdout or ():
            sys.stdout.write(line)
            lines.append(line.strip())
    counts = {word: int(number) for number, word in SUMMARY.findall(lines[-1] if lines else "")}
    figure = ", ".join(f"{number} {word}" for word, number in counts.items()) or (lines[-1] if lines else "nothing")
    met = run.returncode == 0 and not any("missed" in line for line in lines[-4:])
    commit = _ask("git", "rev-parse", "--short", "HEAD")
    state = "met" if met else "missed"
    sys.stdout.write(f"{name}: {figure}; goal: {part.says}; {state}; commit {commit}; load {load:.1f}\n")
    return 0 if met else 1


def main(names: list[str]) -> int:
    """The command."""
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        for name, part in PARTS.items():
            sys.stdout.write(f"{name:26} {part.says}\n")
        return 2 if unknown else 0
    return max(shown(name) for name in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
