"""The data sets that are measured, frozen by hash: `python -m benchmarks.frozen` says whether each is what it was.

`reference` is data/alliance as it stands; `twin` the same with other figures (benchmarks/twin.py), for which nothing is
stored; `32x240` and `64x240` are invented (benchmarks/generate.py). All but the first are made where they are asked
for, under build/sets, and are the same bytes everywhere. benchmarks/frozen.json holds the hashes; `--freeze` writes
them anew, after which every figure measured before is one of other data. The settings of docs/levers.md are frozen,
too: what is moved is as much a part of a figure as what it is moved in.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import generate, twin
from benchmarks.lever_points import POINTS
from data.dataset import load

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "data" / "alliance"
SETS = ROOT / "build" / "sets"
FROZEN = ROOT / "benchmarks" / "frozen.json"
SEED = 1
Maker = Callable[[Path], None]


def _twin(folder: Path) -> None:
    twin.make(REFERENCE, SEED, folder)


def _invented(nations: int, programmes: int) -> Maker:
    return lambda folder: generate.generate(nations, programmes, SEED, folder)


MAKERS: Mapping[str, Maker] = {"twin": _twin, "32x240": _invented(32, 240), "64x240": _invented(64, 240)}
NAMES = ("reference", *MAKERS)
LEVERS = "levers"


def hash_of(folder: Path) -> str:
    """Hash of a data set's own files: the tables and the two YAML files, each with its name."""
    told = hashlib.sha256()
    for file in sorted([*folder.glob("*.csv"), *folder.glob("*.yaml")]):
        told.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return told.hexdigest()


def hash_of_levers() -> str:
    """Hash of the settings of docs/levers.md: what is pulled, in which scenario, against what."""
    told = [(p.id, sorted(p.sets.items()), p.scenario, p.reference, p.prior) for p in POINTS]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def kept_hashes() -> dict[str, str]:
    """The hashes as they were frozen."""
    found: dict[str, str] = json.loads(FROZEN.read_text(encoding="utf-8"))["sha256"] if FROZEN.exists() else {}
    return found


def folder_of(name: str, sets: Path = SETS) -> Path:
    """Where a frozen set lies; one that is made is made anew where it is missing or other bytes than a maker's.

    Args:
        name: one of NAMES, or a folder of another data set (for a cheap trial).
        sets: where sets are made.
    """
    if name == "reference":
        return REFERENCE
    if name not in MAKERS:
        return Path(name)
    place = sets / name
    if place.exists() and hash_of(place) == kept_hashes().get(name):
        return place
    sets.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=sets) as beside:
        fresh = Path(beside) / name
        MAKERS[name](fresh)
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)
    return place


def changed(name: str, sets: Path = SETS) -> str:
    """Why a set (or the levers) is not the one that was frozen, in one line; empty where it is."""
    kept = kept_hashes().get(name)
    now = hash_of_levers() if name == LEVERS else hash_of(folder_of(name, sets))
    if kept == now:
        return ""
    if kept is None:
        return f"{name} is not frozen"
    return f"{name} is not what was frozen ({now[:12]}, not {kept[:12]}): figures of before are of other data"


def dataset_sha(name: str) -> str:
    """The hash that plans of a set carry (dataset_sha256 of plan.json)."""
    return load(folder_of(name)).sha256


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.frozen", description=__doc__)
    parser.add_argument("--freeze", action="store_true", help="write the hashes as they are now")
    if parser.parse_args().freeze:
        hashes = {name: hash_of(folder_of(name)) for name in NAMES} | {LEVERS: hash_of_levers()}
        text = json.dumps({"seed": SEED, "sha256": hashes}, indent=1)
        FROZEN.write_text(text + "\n", encoding="utf-8", newline="\n")
    told = [changed(name) or f"{name} is as it was frozen ({kept_hashes()[name][:12]})" for name in (*NAMES, LEVERS)]
    sys.stdout.write("\n".join(told) + "\n")
    return int(any(changed(name) for name in (*NAMES, LEVERS)))


if __name__ == "__main__":
    raise SystemExit(main())
