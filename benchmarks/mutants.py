"""Whether the tests of optimizer/ would notice an error: one small change at a time in a copy of the checkout.

    python -m benchmarks.mutants [--count 100] [--first 10] [--again [TEXT]]

A hundred changes are drawn by a seed, over all modules of optimizer/ by their size: a comparison, a sign, a constant,
a call left out. Against each the tests below are run by one command that ends at the first failure; one that fails, or
does not end in its time, has noticed the change (the same tests are seen to pass without it). Each answer is kept at
once in benchmarks/results/mutants.json, so that a stopped run goes on where it ended; where a module changed since, its
mutants are tried anew. Prints each mutant, then one line: figure, goal, met or missed.

What only tells (lines of the log, progress) is left out, as are annotations, decorators and texts.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "mutants.json"
ROOM = "optimizer"
COUNT, GOAL, SEED = 100, 80, 5
LIMIT = 120  # seconds of a processor that the tests may take against one mutant; they take 5 to 50
WAIT = 8  # times as long by the clock: other work on the machine must not look like an endless loop
SLOW = (  # six seconds each
    "tests/optimizer/finders/test_every_finder.py::test_neighbourhoods_better_a_plan[by_expansion]",
    "tests/optimizer/finders/test_every_finder.py::test_repair_violates_less_and_less[those that rows name]",
    "tests/optimizer/test_numbers.py::test_the_optimum_that_a_solver_has_missed",
)
PYTEST = (
    "-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not long",
    *(f"--deselect={name}" for name in SLOW),
)  # fmt: skip
# The quick ones, for every change. Enumerator, units and other long ones are left out.
TESTS = ("strategy", "instance", "limits", "verify", "conflict", "tiny")
# What is run before them where a file is changed: what is written for it.
OWN_TESTS = {
    "optimizer/ask.py": ("ask",),
    "optimizer/bounds/": ("lagrangian",),
    "optimizer/engine/highs.py": ("scale", "compile", "finders/parts"),
    "optimizer/engine/others.py": ("others",),
    "optimizer/estimates.py": ("repair", "lagrangian"),
    "optimizer/finders/": ("finders/parts", "repair", "least_change"),
    "optimizer/plans/": ("plan_figures", "header"),
    "optimizer/problem/": ("compile", "tighten", "scale", "mps"),
    "optimizer/workers/": ("workers", "ask"),
}
# And after them: what could notice what becomes of it. These take ten seconds and more.
LATER_TESTS = {
    "optimizer/bounds/": ("bounds",),
    "optimizer/beside.py": ("beside",),
    "optimizer/engine/highs.py": ("bounds",),
    "optimizer/finders/": ("finders/every_finder", "numbers"),
    "optimizer/plans/carried.py": ("next_round",),
    "optimizer/plans/derived.py": ("numbers", "start"),
    "optimizer/plans/next_round.py": ("next_round",),
    "optimizer/plans/overtaken.py": ("next_round",),
    "optimizer/plans/start.py": ("start",),
    "optimizer/problem/": ("finders/parts", "bounds", "finders/every_finder"),
    "optimizer/solve.py": ("header", "beside", "how_to"),
    "optimizer/strategy.py": ("how_to",),
    "optimizer/workers/": ("beside",),
}
UNCHANGED = "optimizer/pool.py"  # a file that has no tests of its own in the lists above
# What tests import is imported once, and each run goes on from there: but nothing of what is changed.
ALREADY = ("numpy", "scipy.sparse", "pandas", "pyomo.core", "highspy", "pydantic", "yaml", "pytest", "data.levers",
           "models.program")  # fmt: skip
TELLING = frozenset({"note", "warn", "report"})
OTHER = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change of a file.

    Attributes:
        path: of the file, in the checkout.
        kind: comparison, sign, constant or call.
        line: on which it begins.
        span: characters that are replaced, from and to.
        before, after: their text.
    """

    path: str
    kind: str
    line: int
    span: tuple[int, int]
    before: str
    after: str

    @property
    def name(self) -> str:
        """Where it is, and what it changes."""
        short = " -> ".join(" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.path}:{self.line} {self.kind}: {short}"

    def applied(self, source: str) -> str:
        """The file with the change."""
        return source[: self.span[0]] + self.after + source[self.span[1] :]


def mutants_of(path: str, source: str) -> list[Mutant]:
    """All changes of a file, in its order."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = source.splitlines()

    def place(line: int, column: int) -> int:
        """Characters before a place that is told in bytes of its line."""
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    found = []
    for kind, node, after in _changes(ast.parse(source)):
        span = place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
        found.append(Mutant(path, kind, node.lineno, span, source[span[0] : span[1]], after))
    return sorted(found, key=lambda one: (one.span, one.kind))


def _changes(node: ast.AST) -> Iterator[tuple[str, Any, str]]:
    """(kind, node, what stands in its place) below a node."""
    for name, child in _children(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(child, ast.JoinedStr):
            continue
        changed = _changed(child)
        if changed is not None:
            yield (changed[0], child, changed[1])
        yield from _changes(child)


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, field in ast.iter_fields(node):
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST):
                yield name, child


def _changed(node: ast.AST) -> tuple[str, str] | None:
    """(kind, text) of what may stand in the place of a node; None where it stays."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OTHER:
        other = ast.Compare(node.left, [OTHER[type(node.ops[0])]()], node.comparators)
        return "comparison", f"({ast.unparse(other)})"
    if isinstance(node, ast.BinOp) and type(node.op) in OTHER:
        return "sign", f"({ast.unparse(ast.BinOp(node.left, OTHER[type(node.op)](), node.right))})"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return "sign", f"({ast.unparse(node.operand)})"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return "constant", _another(node.value)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value) not in TELLING:
        return "call", "pass"
    return None


def _another(value: float) -> str:
    """Another value of a kind: the other truth, one more, twice as much."""
    if isinstance(value, bool):
        return repr(not value)
    return repr(value + 1) if isinstance(value, int) or value == 0 else repr(2 * value)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def drawn(sources: Mapping[str, str], count: int, seed: int = SEED) -> list[Mutant]:
    """Distinct mutants: a module by its size (lines), a kind of change, then one of that kind."""
    dice = random.Random(seed)
    every = {path: mutants_of(path, source) for path, source in sorted(sources.items())}
    paths = [path for path in every if every[path]]
    sizes = [sources[path].count("\n") for path in paths]
    found: dict[Mutant, None] = {}
    while len(found) < min(count, sum(len(every[path]) for path in paths)):
        (path,) = dice.choices(paths, sizes)
        kind = dice.choice(sorted({one.kind for one in every[path]}))
        found[dice.choice([one for one in every[path] if one.kind == kind])] = None
    return list(found)


# ---- the tests against one mutant --------------------------------------------------------------------------------


def sources(checkout: Path) -> dict[str, str]:
    """Path -> text of all modules of the room."""
    files = sorted((checkout / ROOM).rglob("*.py"))
    return {path.relative_to(checkout).as_posix(): path.read_text(encoding="utf-8") for path in files}


def copied(checkout: Path, place: Path) -> None:
    """Copy what the checkout's repository knows of."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    for name in names.split("\0"):
        if name and (checkout / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, place / name)


def command(path: str) -> list[str]:
    """The tests against a change of a file, until the first that fails."""
    own, later = ([name for start, names in table.items() if path.startswith(start) for name in names]
                  for table in (OWN_TESTS, LATER_TESTS))  # fmt: skip
    there = [(ROOT / "tests" / ROOM / name).resolve() for name in dict.fromkeys((*own, *TESTS, *later))]
    files = [path if path.is_dir() else path.with_name(f"test_{path.name}.py") for path in there]
    return [*PYTEST, *(path.relative_to(ROOT).as_posix() for path in files)]


def warmed(place: Path) -> None:
    """Have in memory what every run of tests needs and no mutant changes: that is all but a second of a quick one."""
    sys.path.insert(0, str(place))
    for name in ALREADY:
        importlib.import_module(name)
    if any(name.split(".")[0] in (ROOM, "tests") for name in sys.modules):
        raise ValueError(f"{ROOM} and its tests must be read anew for each mutant")
    gc.freeze()


def _child(place: Path, words: Sequence[str], told: Path) -> int:
    """The tests, in a process of their own; gives what pytest gives."""
    os.setsid()
    resource = importlib.import_module("resource")  # not everywhere there
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.chdir(place)
    os.environ |= {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]  # those of the copy are used
    return int(importlib.import_module("pytest").main(list(words)))


def tried(place: Path, words: Sequence[str]) -> tuple[str, str]:
    """(killed, survived or time; the first test that failed) of a checkout, by the words of a call of pytest."""
    told = place.with_suffix(".txt")
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = _child(place, words, told)
        finally:
            os._exit(code)
    until, ended, status = time.monotonic() + WAIT * LIMIT, 0, 0
    try:
        while not ended and time.monotonic() < until:
            time.sleep(0.05)
            ended, status = os.waitpid(child, os.WNOHANG)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # and the workers that it may have left
    if not ended:
        os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if not ended or code in (-signal.SIGKILL, -signal.SIGXCPU):
        return "time", ""
    if code == 0:
        return "survived", ""
    out = told.read_text(encoding="utf-8", errors="replace")
    failed = [line for line in out.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "killed", failed[0].partition(" - ")[0] if failed else out.strip()[-200:]


def measured(chosen: Sequence[Mutant], known: dict[str, Any], *, again: str | None) -> Iterator[tuple[Mutant, Any]]:
    """Each mutant with its answer, as soon as it is there; answers of the same module as it is now are kept.

    Raises:
        ValueError: tests fail, or take too long, without any change.
    """
    sound: set[tuple[str, ...]] = set()  # tests that pass where nothing is changed

    def must_pass(place: Path, *tests: str) -> None:
        if tests not in sound and tried(place, [*PYTEST, *tests])[0] != "survived":
            whole = tests[0].partition("::")[0]  # a test that is there only where something is changed
            if whole == tests[0] or tried(place, [*PYTEST, whole])[0] != "survived":
                raise ValueError(f"without any change there is no end, or no good one, of {tests}")
        sound.add(tests)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "checkout"
        copied(ROOT, place)
        warmed(place)
        for one in chosen:
            source = (place / one.path).read_text(encoding="utf-8")
            digest = hashlib.sha256(source.encode()).hexdigest()[:12]
            answer = known.get(one.name, {})
            tried_again = again is not None and again in one.name and answer.get("outcome") == "survived"
            if answer.get("module") != digest or tried_again:
                must_pass(place, *command(UNCHANGED)[len(PYTEST) :])
                (place / one.path).write_text(one.applied(source), encoding="utf-8")
                begun = time.perf_counter()
                outcome, test = tried(place, command(one.path))
                (place / one.path).write_text(source, encoding="utf-8")
                seconds = round(time.perf_counter() - begun, 1)
                kind, _, failed = test.partition(" ")
                if outcome == "time":
                    must_pass(place, *command(one.path)[len(PYTEST) :])
                elif kind in ("FAILED", "ERROR"):
                    must_pass(place, failed)
                answer = {"outcome": outcome, "by": test, "seconds": seconds, "module": digest}
            yield one, answer


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.mutants", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=COUNT, help="mutants that are drawn")
    parser.add_argument("--first", type=int, default=None, help="only so many of them, for a first look")
    parser.add_argument(
        "--again",
        nargs="?",
        const="",
        metavar="TEXT",
        help="try those that survived, and whose name has the text, again",
    )
    asked = parser.parse_args()
    known: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    found: dict[str, Any] = {}
    for one, answer in measured(drawn(sources(ROOT), asked.count)[: asked.first], known, again=asked.again):
        found[one.name] = known[one.name] = answer
        RESULT.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        sys.stdout.write(f"{answer['outcome']:8} {one.name}  {answer['by']}\n")
        sys.stdout.flush()
    names = {one.name for one in drawn(sources(ROOT), asked.count)}
    RESULT.write_text(
        json.dumps({name: one for name, one in known.items() if name in names}, indent=1, sort_keys=True) + "\n",
        encoding="utf-8",
    )
    noticed = sum(answer["outcome"] != "survived" for answer in found.values())
    met = noticed * COUNT >= GOAL * len(found)
    sys.stdout.write(
        f"mutants: {noticed} of {len(found)} noticed; goal {GOAL} of {COUNT}; {'met' if met else 'missed'}\n"
    )
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
