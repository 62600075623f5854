"""The goals of the search: `python -m benchmarks.goals` prints their table from what is kept, and measures nothing.

`python -m benchmarks.goals PART` (or `make show-goals-PART`) measures one part, or goes on with it: each row is kept in
benchmarks/results/goals.json as soon as it is known, for the commit of the program and the hash of the data, and what
is on file for both is not measured again. No call takes more than ten minutes: a run that takes longer (ten minutes, an
hour) goes on in the background with its plan folder, build/goals/PART, and the same call again waits for it. An hour in
pieces of nine minutes would be another search than an hour. `--trial DATASET SECONDS` is the same part, cheaply, on
another data set and limit, kept apart (build/goals/trial).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from benchmarks.frozen import changed
from benchmarks.goal_list import PARTS
from benchmarks.goal_told import MET, Told, table, told
from benchmarks.measured import RESULTS, ROOT, Row, keep, read, say

RESULT = RESULTS / "goals.json"
LONGEST = 400.0  # seconds of a search that a call waits for itself
WAITS = 540.0  # seconds that a call waits for one in the background


def known_rows(result: Path) -> dict[str, Row]:
    """All rows that are kept."""
    return dict(read(result).get("parts", {}))


def keep_row(result: Path, name: str, row: Mapping[str, object]) -> None:
    """Keep the row of one part; other calls may keep theirs meanwhile."""
    result.parent.mkdir(parents=True, exist_ok=True)
    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build" / f"{result.name}.lock"):
        keep(result, {"parts": {**known_rows(result), name: row}})


def measure(name: str, result: Path, trial: tuple[str, float] | None = None, longest: float = WAITS) -> None:
    """Measure one part in this process, or what is left of it; another part first where it is needed and cheap."""
    from benchmarks.goal_runs import HERE, RUN, Place, needs

    part = PARTS[name]
    of, limit = trial or (part.of, part.limit)
    place = Place(part, of, limit, HERE / "trial" if trial else HERE, longest)
    for first in needs(place):
        measure(first, result, trial)
    about = place.about()
    row = known_rows(result).get(name, {})
    known = row if all(row.get(key) == value for key, value in about.items()) else {}
    if known.get("state") != "done":
        place.home.mkdir(parents=True, exist_ok=True)
        RUN[part.kind](place, known, lambda found: keep_row(result, name, {**about, **found}))


def _in_background(name: str, result: Path) -> bool:
    """Start a part in the background, or find it there, and wait nine minutes; whether it has ended."""
    from benchmarks.goal_runs import HERE

    HERE.mkdir(parents=True, exist_ok=True)
    mark = HERE / f"{name}.pid"
    process = int(mark.read_text()) if mark.exists() else 0
    until = time.monotonic() + WAITS
    run = None
    if not _alive(process, name):
        with (HERE / f"{name}.log").open("w") as log:
            run = subprocess.Popen(_alone(name, result), cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        process = run.pid
        mark.write_text(str(process))
    while time.monotonic() < until:
        if (run.poll() is not None) if run else not _alive(process, name):
            mark.unlink(missing_ok=True)
            return True
        time.sleep(1.0)
    return False


def _alone(name: str, result: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.goals", name, "--here", "--result", str(result)]


def _alive(process: int, name: str) -> bool:
    """Whether a process is there and is this part's."""
    place = Path(f"/proc/{process}/cmdline")
    if process and place.parent.parent.exists() and Path("/proc/self").exists():
        words = place.read_bytes().decode(errors="replace").split("\0") if place.exists() else []
        return name in words
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return process > 0


def _part(name: str, given: argparse.Namespace) -> Told:
    part = PARTS[name]
    trial = (given.trial[0], float(given.trial[1])) if given.trial else None
    result = given.result or (ROOT / "build" / "goals" / "trial" / "goals.json" if trial else RESULT)
    if trial is None and (why := changed(part.of)):
        say(f"warning: {why}")
    if given.here or trial or part.limit <= LONGEST or _done(name, result):
        measure(name, result, trial, 60 * given.minutes)
    elif not _in_background(name, result):
        say(f"{name} goes on in the background (build/goals/{name}.log); the same call again waits for it")
    return told(name, known_rows(result))


def _done(name: str, result: Path) -> bool:
    """Whether a part is on file as it would be measured now."""
    from benchmarks.goal_runs import Place

    part, row = PARTS[name], known_rows(result).get(name, {})
    about = Place(part, part.of, part.limit).about()
    return row.get("state") == "done" and all(row.get(key) == value for key, value in about.items())


def printed(rows: Mapping[str, Row]) -> int:
    """The whole table."""
    lines = list(table(rows))
    for line in lines:
        say(line.line)
    counts = {verdict: sum(line.verdict == verdict for line in lines) for verdict in ("met", "missed", "open")}
    say(f"goals: {counts['met']} of {len(lines)} met, {counts['missed']} missed, {counts['open']} open")
    return int(counts["met"] < len(lines))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.goals", description=__doc__)
    parser.add_argument("part", nargs="?", choices=list(PARTS), metavar="PART", help="; ".join(PARTS))
    parser.add_argument("--trial", nargs=2, metavar=("DATASET", "SECONDS"), help="the same part, cheaply")
    parser.add_argument("--minutes", type=float, default=9.0, help="after which no further lever is moved in this call")
    parser.add_argument("--here", action="store_true", help="in this process, however long it takes")
    parser.add_argument("--result", type=Path, help="where rows are kept")
    given = parser.parse_args()
    if given.part is None:
        return printed(known_rows(given.result or RESULT))
    line = _part(given.part, given)
    say(line.line)
    return int(line.verdict != MET)


if __name__ == "__main__":
    raise SystemExit(main())
