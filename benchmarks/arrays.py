"""The compiled arrays of tiny, the reference set and twenty generated sets as hashes: `make show-arrays`.

A redraw of the optimizer's rooms changes no program: what is compiled before and after it must be the same, byte for
byte, row names and column names included. benchmarks/results/arrays.json holds the hashes of the last time that a rule
of the model changed; `python -m benchmarks.arrays --write` writes them anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.generate import generate
from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "arrays.json"
SEEDS = range(1, 21)
NATIONS, PROGRAMMES = 6, 24


def fingerprint(matrix: Matrix) -> str:
    """Hash of a program: coefficients, bounds, objectives, and what each row and column is called."""
    told = hashlib.sha256()
    a = matrix.a.copy()
    a.sort_indices()
    numbers = (a.data, a.indices, a.indptr, matrix.cost, matrix.second, matrix.row_lower, matrix.row_upper,
               matrix.lower, matrix.upper, matrix.integer, [matrix.offset, matrix.second_offset])  # fmt: skip
    for part in numbers:
        told.update(np.asarray(part, dtype=np.float64).tobytes())
    rows, columns = ([(label.name, label.key) for label in labels] for labels in (matrix.rows, matrix.columns))
    told.update(repr((rows, columns)).encode())
    return told.hexdigest()


def compiled(folder: Path) -> str:
    """Hash of a data set's program."""
    return fingerprint(compile_program(build(apply(load(folder)))).matrix)


def hashes(*, reference: bool = True) -> Iterator[tuple[str, str]]:
    """(name of a set, hash of its program)."""
    yield "tiny", compiled(ROOT / "data" / "tiny")
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            generate(NATIONS, PROGRAMMES, seed, Path(folder) / "set")
            yield f"generated {NATIONS} x {PROGRAMMES}, seed {seed}", compiled(Path(folder) / "set")
    if reference:
        yield "alliance", compiled(ROOT / "data" / "alliance")


def main() -> int:
    """Compare with the hashes on file, or write them."""
    parser = argparse.ArgumentParser(prog="benchmarks.arrays", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the hashes instead of comparing")
    found = dict(hashes())
    if parser.parse_args().write:
        RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return 0
    known = json.loads(RESULT.read_text(encoding="utf-8"))
    wrong = sorted(name for name in {*found, *known} if found.get(name) != known.get(name))
    sys.stdout.write(
        f"{len(found)} programs, {len(wrong)} unlike before (goal 0){': ' if wrong else ''}{wrong or ''}\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
