"""How each part of the goals is run.

`drive5 solve` as a user starts it, its plan kept under build/goals, its memory sampled over the process tree; bounds of
levers in a session; other engines in a process of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.frozen import ROOT, folder_of
from benchmarks.goal_levers import Setting, settings
from benchmarks.goal_list import PARTS, Part
from benchmarks.measured import Row, commit, load_now, read, say
from benchmarks.memory import Sampled
from benchmarks.relaxed import lp_row
from data.dataset import Dataset, load
from data.levers import apply
from optimizer.estimates import Session
from store.folder import read_plan

HERE = ROOT / "build" / "goals"
NINE_MINUTES = 540.0
START = "cold-60"  # the part whose plan levers are moved from
# As a user's machine is: compiled modules are kept from one start to the next.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
Kept = Callable[[Row], None]


class NotYet(Exception):
    """What a part needs first, in one line."""


@dataclass(frozen=True)
class Place:
    """Where a part is measured.

    Attributes:
        part: what is asked.
        of: the data set, a frozen one's name or a folder.
        limit: seconds of a search.
        home: where plans are kept.
        longest: seconds after which no further setting is begun; one more than before is measured in any case.
    """

    part: Part
    of: str
    limit: float
    home: Path = HERE
    longest: float = NINE_MINUTES

    @property
    def dataset(self) -> Dataset:
        """The data set."""
        return load(folder_of(self.of))

    @property
    def plan(self) -> Path:
        """The folder of the part's plan."""
        return self.home / self.part.name

    @property
    def start(self) -> Path:
        """The folder of the plan that levers are moved from."""
        return self.home / f"{START}-{self.part.of}"

    def about(self) -> Row:
        """What a row is of; another one is measured anew."""
        return {"commit": commit(), "dataset_sha256": self.dataset.sha256, "limit": self.limit}


def solve_command(place: Place, out: Path, more: Sequence[str] = (), core: int | None = None) -> list[str]:
    """The command that is measured; no gap ends it, since its bound at the end counts."""
    solve = [sys.executable, "-m", "cli", "solve", str(folder_of(place.of)), "--time-limit", f"{place.limit:g}",
             "--gap", "0", "--out", str(out), "--quiet", *more]  # fmt: skip
    return solve if core is None else ["taskset", "-c", str(core), *solve]


def solved(command: Sequence[str], out: Path) -> Row:
    """Run the command: seconds of all of it, exit code, memory, and what the plan's header says."""
    begun = time.perf_counter()
    before = _run_of(out)
    silent, heard = subprocess.DEVNULL, subprocess.PIPE
    with (
        subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=silent, stderr=heard, text=True) as run,
        Sampled(run.pid) as memory,
    ):
        _, said = run.communicate()
    seconds = time.perf_counter() - begun
    header = read(out / "plan.json")
    header = header if header.get("run") != before else {}
    told = header.get("objective") or {}
    return {
        "seconds": round(seconds, 1), "exit": run.returncode, "memory_mb": memory.most and round(memory.most),
        "load": load_now(), "run": header.get("run"), "value": told.get("first_value"), "bound": told.get("bound"),
        "gap": told.get("gap"), "closed": told.get("closed"), "index_before": told.get("index_before"),
        "said": said.strip().splitlines()[-1:] if run.returncode not in (0, 5) else [],
    }  # fmt: skip


def _run_of(out: Path) -> str | None:
    return read(out / "plan.json").get("run")


def cold(place: Place, known: Row, kept: Kept) -> None:
    """One run from nothing."""
    if not known:
        kept({**solved(solve_command(place, place.plan), place.plan), "state": "done"})


@contextmanager
def another(place: Place, core: int) -> Iterator[None]:
    """Another solve on the same core meanwhile."""
    longer = replace(place, limit=3600.0)
    command = solve_command(longer, place.home / "beside", core=core)
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as other:
        try:
            yield
        finally:
            other.kill()


def pinned(place: Place, known: Row, kept: Kept) -> None:
    """One run from nothing on one core that another solve uses, too."""
    if known:
        return
    core = max(os.sched_getaffinity(0))
    with another(place, core):
        found = solved(solve_command(place, place.plan, core=core), place.plan)
    kept({**found, "state": "done"})


def ready(place: Place) -> None:
    """Make sure of the plan that levers are moved from: the set's own run of 60 s, of this data set.

    Raises:
        NotYet: there is none.
    """
    header = read(place.start / "plan.json")
    if not header.get("objective") or header.get("dataset_sha256") != place.dataset.sha256:
        raise NotYet(f"{place.part.name} moves levers from the plan of {START}-{place.part.of}: measure that first")


def _each(place: Place, known: Row, kept: Kept, one: Callable[[Setting], Row]) -> None:
    """Measure each setting that is not on file, for so long; each is kept at once."""
    until = time.monotonic() + place.longest
    structural = place.part.structural if place.part.kind == "warm" else None
    wanted = settings(place.dataset, structural)
    rows: dict[str, Row] = dict(known.get("settings", {}))
    before = len(rows)
    for setting in wanted:
        if setting.id not in rows:
            if time.monotonic() > until and len(rows) > before:
                break
            rows[setting.id] = one(setting)
            say(f"{place.part.name}, {setting.id}: {json.dumps(rows[setting.id])}")
        state = "done" if len(rows) == len(wanted) else "begun"
        kept({"settings": rows, "wanted": len(wanted), "start": _run_of(place.start), "state": state})


def warm(place: Place, known: Row, kept: Kept) -> None:
    """Each lever from the set's own plan of 60 s."""
    ready(place)
    fresh = known if known.get("start") == _run_of(place.start) else {}

    def one(setting: Setting) -> Row:
        out = place.home / f"lever-{place.part.of}"
        return solved(solve_command(place, out, ["--start", str(place.start), *setting.options]), out)

    _each(place, fresh, kept, one)


def bound(place: Place, known: Row, kept: Kept) -> None:
    """The bound of each lever moved in a session that knows the plan, beside the case's own relaxation solved cold."""
    ready(place)
    dataset = place.dataset
    session = Session(dataset, plan=read_plan(place.start), threads=1)
    base = apply(dataset)
    session.prime(base, plans=False)
    fresh = known if known.get("start") == _run_of(place.start) else {}

    def one(setting: Setting) -> Row:
        case = setting.case(dataset)
        begun = time.perf_counter()
        found = session.bound(case)
        took = time.perf_counter() - begun
        alone = lp_row(case)
        session.bound(base)  # each lever is moved from the base case, as a planner moves it
        return {
            "seconds": round(took, 2), "bound": found.bound if abs(found.bound) < 1e20 else None,
            "impossible": found.bound > 1e20, "rebuilt": found.rebuilt, "relaxation": alone.get("bound"),
            "why": alone.get("why", ""), "load": load_now(),
        }  # fmt: skip

    _each(place, fresh, kept, one)


def engine(place: Place, known: Row, kept: Kept) -> None:
    """Another engine on our matrix, in a process of its own."""
    if known:
        return
    part = place.part
    command = [sys.executable, "-m", "benchmarks.goal_engines", part.engine, str(part.threads),
               str(folder_of(place.of)), f"{place.limit:g}"]  # fmt: skip
    with (
        subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as run,
        Sampled(run.pid) as memory,
    ):
        said, _ = run.communicate()
    if run.returncode:
        raise NotYet(f"{part.name} ended with exit {run.returncode}")
    found = json.loads(said.splitlines()[-1])
    kept({**found, "memory_mb": memory.most and round(memory.most), "load": load_now(), "state": "done"})


RUN: Mapping[str, Callable[[Place, Row, Kept], None]] = {
    "cold": cold, "pinned": pinned, "warm": warm, "bound": bound, "engine": engine,
}  # fmt: skip


def needs(place: Place) -> list[str]:
    """Parts that are measured before a part can be: the plan that levers are moved from."""
    if place.part.kind not in ("warm", "bound"):
        return []
    try:
        ready(place)
    except NotYet:
        return [name for name in (f"{START}-{place.part.of}",) if name in PARTS]
    return []
