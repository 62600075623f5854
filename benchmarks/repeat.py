"""The same work gives the same plan: `python -m benchmarks.repeat`, three runs of the reference set in work mode.

The first and the second run alone, the third beside another solve. Tables must be the same to the byte. A run that is
on file for this commit (benchmarks/results/repeat.json holds the hashes of its tables) is not done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "repeat.json"
WORK = 1_000_060.000003  # through the relaxation, repair and neighbourhoods, and the cost of three nations
RUNS = ("alone", "again", "beside another solve")


def solve(out: Path, *how: str) -> list[str]:
    """The command of one run."""
    return [sys.executable, "-m", "cli", "solve", "data/alliance", *how, "--out", str(out), "--quiet"]


def hash_of(folder: Path) -> str:
    """Hash of all tables of a plan."""
    told = hashlib.sha256()
    for file in sorted((folder / "tables").glob("*.csv")):
        told.update(file.name.encode() + file.read_bytes())
    return told.hexdigest()


def run(name: str) -> str:
    """The tables of one run as a hash."""
    with tempfile.TemporaryDirectory() as place:
        other = None
        if name == RUNS[-1]:
            other = subprocess.Popen(solve(Path(place) / "other", "--time-limit", "3600"), cwd=ROOT)
        try:
            subprocess.run(solve(Path(place) / "plan", "--work-limit", repr(WORK)), cwd=ROOT, check=False)
        finally:
            if other is not None:
                other.kill()
                other.wait()
        return hash_of(Path(place) / "plan")


def main() -> int:
    """Do what is not on file, and compare."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    hashes = known.get("hashes", {}) if known.get("commit") == commit else {}
    for name in RUNS:
        if name not in hashes:
            hashes[name] = run(name)
            RESULT.write_text(json.dumps({"commit": commit, "hashes": hashes}, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {hashes[name][:16]}\n")
        sys.stdout.flush()
    same = len(set(hashes.values())) == 1
    load = f"{os.getloadavg()[0]:.1f}"
    verdict = "met" if same else "missed"
    sys.stdout.write(
        f"repeat: {len(set(hashes.values()))} different plan(s) of 3 runs; goal 1; {verdict}; load {load}\n"
    )
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
