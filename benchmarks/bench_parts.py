"""What `make bench` measures: one function a part, each giving plain numbers (seconds, points, MB)."""

from __future__ import annotations

import cProfile
import pstats
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from audit import audit
from benchmarks.generate import generate
from data.checks import examine
from data.dataset import Dataset, write
from data.levers import Case, apply
from models.linear import unhurried
from models.program import Program, build
from optimizer.engine.budget import Budget
from optimizer.engine.highs import Ear, Engine
from optimizer.engine.journal import Journal, Progress
from optimizer.engine.others import Scip, available
from optimizer.engine.outcome import Outcome, relative_gap
from optimizer.plans.derived import settle
from optimizer.plans.kpis import kpis
from optimizer.plans.plan import Plan
from optimizer.plans.start import gap_before, start_from_plan
from optimizer.plans.tables import tables
from optimizer.pool import Pool
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import compile_program
from optimizer.problem.tighten import tightened
from optimizer.solve import SolveOptions, solve
from store.folder import read_plan, write_plan

Result = dict[str, Any]
GAPS = (0.05, 0.02, 0.01)
REPEATS = 3  # of what takes a second; the fastest counts, since the others were disturbed
AFTER_FIRST_PASS = frozenset({"cost", "finish", "extract"})  # phases whose incumbent is no gap index
SIZES = ((8, 40), (16, 80), (32, 120), (32, 240), (64, 240))
# A lever of each kind: right-hand sides, costs, a rule's value, keys that change.
MOVES: tuple[tuple[str, Any], ...] = (
    ("core_share_2035", 0.04),
    ("growth_shift", -0.005),
    ("carry_over", 0.02),
    ("capacity_factor", 0.9),
    ("area_weight.iamd", 2.0),
    ("joint_share_min", 0.5),
    ("us_backfill", 0.5),
    ("synchronised_cycles", True),
    ("nation_out.USA", True),
    ("fleet_strictness", 1),
)


@dataclass(frozen=True)
class Setting:
    """How to measure.

    Attributes:
        dataset: folder of the data set.
        seconds: time limit of a search.
        engine_seconds: time limit of each other engine.
        threads: threads of every engine that has threads.
        best: best bound and value known: dataset_sha256, bound, value.
        plan: folder of a plan of the data set, for phases to read off in place of solving one.
    """

    dataset: Path
    seconds: float = 60.0
    engine_seconds: float = 120.0
    threads: int = 2
    best: Mapping[str, Any] = field(default_factory=dict)
    plan: Path | None = None

    def known(self, dataset: Dataset) -> float | None:
        """The best bound known of this data set, if it is known."""
        return float(self.best["bound"]) if self.best.get("dataset_sha256") == dataset.sha256 else None


@dataclass
class Track:
    """Listens to a solve: when which incumbent and bound of the first pass were there.

    Attributes:
        begun: when it started to listen.
        wall: whether seconds count from then; else they are the solve's own, which begin when the program is compiled.
        points: seconds, incumbent, bound.
    """

    begun: float = field(default_factory=time.perf_counter)
    wall: bool = False
    points: list[tuple[float, float | None, float | None]] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        """Take a line of progress."""
        if progress.phase not in AFTER_FIRST_PASS:
            seconds = time.perf_counter() - self.begun if self.wall else progress.seconds
            self.points.append((seconds, progress.incumbent, progress.bound))

    def first(self, good: Callable[[float | None, float | None], bool]) -> float | None:
        """Seconds until incumbent and bound were good, None if never."""
        return next((round(when, 2) for when, value, bound in self.points if good(value, bound)), None)

    def milestones(self, best: float | None) -> Result:
        """Seconds to the first plan, to within each gap of the best bound known, and to each gap proven."""
        found: Result = {"first_plan": self.first(lambda value, _: value is not None)}
        for gap in GAPS:
            found[f"within_{gap:g}"] = self.first(lambda value, _, gap=gap: _close(value, best, gap))
            found[f"proven_{gap:g}"] = self.first(lambda value, bound, gap=gap: _close(value, bound, gap))
        return found


def _close(value: float | None, bound: float | None, gap: float) -> bool:
    return value is not None and bound is not None and relative_gap(value, bound) <= gap + 1e-12


def read_case(folder: Path) -> tuple[Dataset, Case]:
    """The data set of a folder and its base case."""
    dataset, findings = examine(folder)
    if dataset is None:
        raise ValueError(f"{folder} has errors, {findings[0]}: run drive5 check")
    return dataset, apply(dataset)


# ---- phases ----------------------------------------------------------------------------------------------------------


class Stopwatch:
    """Seconds of the wall clock and of the processor by phase; the fastest of a few runs."""

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self.wall: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    def fastest(self, name: str, call: Callable[[], Any]) -> Any:
        """Book a phase; what its last run gave."""
        walls, processors, found = [], [], None
        for _ in range(REPEATS):
            begun, used = time.perf_counter(), time.process_time()
            found = call()
            walls.append(time.perf_counter() - begun)
            processors.append(time.process_time() - used)
        self.wall[name], self.processor[name] = round(min(walls), 3), round(min(processors), 3)
        return found


def phases(setting: Setting) -> Result:
    """Everything that is not solving, the workbook apart; the plan read off is that of a search."""
    watch = Stopwatch()
    _, case = watch.fastest("read_and_check", lambda: read_case(setting.dataset))
    plan = read_plan(setting.plan) if setting.plan else _short_search(case, setting)
    program = watch.fastest("build", lambda: build(case))
    watch.fastest("before", lambda: gap_before(program))
    compiled = watch.fastest("compile", lambda: compile_program(program))
    matrix = compiled.matrix
    start_from_plan(compiled, plan)
    settle(program)
    start = compiled.values()

    def extract() -> Any:
        compiled.load(start)
        settle(program, -1e30)  # a bound, as after a solve, so that both definitions of each figure are compared
        found = tables(program, [])
        return kpis(program, found)

    watch.fastest("extract", extract)
    _audit_and_write(plan, watch)
    rows, columns = matrix.shape
    return {
        "seconds": watch.wall,
        "processor": watch.processor,
        "total": _whole(watch.wall),
        "processor_total": _whole(watch.processor),
        "size": {"rows": rows, "columns": columns, "integers": int(matrix.integer.sum()), "entries": int(matrix.a.nnz)},
        "profile": _profile(setting, plan),
    }


def _whole(seconds: Mapping[str, float]) -> float:
    """All phases; the audit is a part of writing."""
    return round(sum(took for name, took in seconds.items() if name != "audit"), 2)


def _short_search(case: Case, setting: Setting) -> Plan:
    plan = solve(case, options=SolveOptions(time_limit=setting.seconds, threads=setting.threads))
    if not plan.solved:
        raise ValueError(f"no plan of {setting.dataset} in {setting.seconds:g} s: raise --seconds, or give --plan")
    return plan


def _audit_and_write(plan: Plan, watch: Stopwatch) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "plan"
        report = watch.fastest("audit_and_write", lambda: write_plan(plan, folder))
        if not report.ok:
            raise ValueError(f"the plan fails its audit: {report.findings[0]}")
        with unhurried():
            watch.fastest("audit", lambda: audit(folder))


def _profile(setting: Setting, plan: Plan) -> dict[str, float]:
    """Share of the time outside the solver by room and library, from a profile of all of it."""
    watch = cProfile.Profile(time.process_time)
    with tempfile.TemporaryDirectory() as place:
        watch.enable()
        _, case = read_case(setting.dataset)
        program = build(case)
        start_from_plan(compile_program(program), plan)
        settle(program)
        kpis(program, tables(program, []))
        write_plan(plan, Path(place) / "plan")
        watch.disable()
    spent: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(watch).stats.items():  # type: ignore[attr-defined]
        spent[_home(file)] += own
    whole = sum(spent.values())
    return {home: round(took / whole, 3) for home, took in spent.items()}


def _home(file: str) -> str:
    """The room of the house or the library that a file belongs to."""
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    root = Path(__file__).parent.parent
    if Path(file).is_relative_to(root):
        inside = Path(file).relative_to(root).parts
        return "/".join(inside[:2]) if inside[:2] == ("optimizer", "audit") else inside[0]
    return "python itself"


# ---- search ----------------------------------------------------------------------------------------------------------


def _searched(
    case: Case, setting: Setting, best: float | None, *, start: Plan | None = None, wall: bool = False
) -> tuple[Plan, Result]:
    track = Track(wall=wall)
    options = SolveOptions(gap=min(GAPS), time_limit=setting.seconds, threads=setting.threads)
    plan = solve(case, options=options, progress=track, start=start)
    objective, took = plan.header["objective"], plan.header["seconds"]
    if objective:  # a solve shorter than the time between two lines of progress
        end = time.perf_counter() - track.begun if wall else took["solve"]
        track.points.append((end, objective["value"], objective["bound"]))
    found = {
        **track.milestones(best),
        "wall": round(time.perf_counter() - track.begun, 2),
        "value": objective.get("value"),
        "bound": objective.get("bound"),
        "gap": objective.get("gap"),
        "seconds": took,
    }
    return plan, found


def search(setting: Setting) -> Result:
    """A plan from nothing; milestones in seconds of solving, what comes before them is under `seconds`."""
    dataset, case = read_case(setting.dataset)
    plan, found = _searched(case, setting, setting.known(dataset))
    if plan.solved:
        with tempfile.TemporaryDirectory() as place:
            found["audited"] = write_plan(plan, Path(place) / "plan").ok
    return {"limit": setting.seconds, "best_bound": setting.known(dataset), **found}


def best(setting: Setting) -> Result:
    """A long run: the best bound and value known of the data set."""
    dataset, case = read_case(setting.dataset)
    options = SolveOptions(gap=0.0, cost_tolerance=0.0, time_limit=setting.seconds, threads=setting.threads)
    begun = time.perf_counter()
    objective = solve(case, options=options).header["objective"]
    if not objective:
        raise ValueError(f"no plan of {setting.dataset} in {setting.seconds:g} s: raise --seconds")
    return {
        "dataset_sha256": dataset.sha256,
        "bound": objective["bound"],
        "value": objective["value"],
        "seconds": setting.seconds,
        "took": round(time.perf_counter() - begun),
    }


# ---- other engines on the same matrix --------------------------------------------------------------------------------


def matrices(program: Program) -> dict[str, Matrix]:
    """The matrix as the rules state it, and ours."""
    plain = compile_program(program).matrix
    return {"untightened": plain, "ours": tightened(plain, program.keys)}


def engines(setting: Setting) -> Result:
    """HiGHS with defaults and SCIP on the untightened matrix and on ours, each with the same limit."""
    dataset, case = read_case(setting.dataset)
    best_bound = setting.known(dataset)
    runs = []
    for name, matrix in matrices(build(case)).items():
        runs.append({"engine": "HiGHS defaults", "matrix": name, **_highs(matrix, setting, best_bound)})
        if not available("scip"):
            runs.append({"engine": "SCIP", "matrix": name, **_scip(matrix, setting, best_bound)})
    return {
        "limit": setting.engine_seconds, "best_bound": best_bound, "dataset_sha256": dataset.sha256, "runs": runs,
    }  # fmt: skip


def _highs(matrix: Matrix, setting: Setting, best_bound: float | None) -> Result:
    track, budget = Track(), Budget(setting.engine_seconds)
    engine = Engine(matrix, budget, threads=setting.threads, ear=_ear(track, budget))
    return _told(track, budget, engine.mip(gap=min(GAPS)), best_bound)


def _scip(matrix: Matrix, setting: Setting, best_bound: float | None) -> Result:
    track, budget = Track(), Budget(setting.engine_seconds)
    model = Scip(matrix, budget, _ear(track, budget))
    budget.started = time.perf_counter()  # handing over a matrix in Python is not SCIP's fault
    return _told(track, budget, model.solve(min(GAPS), setting.engine_seconds), best_bound)


def _ear(track: Track, budget: Budget) -> Ear:
    """What tells the track of an engine's best value and bound, as a solve would."""
    return Pool(budget, Journal(lambda: budget.elapsed, track)).ear("engine")


def _told(track: Track, budget: Budget, outcome: Outcome, best_bound: float | None) -> Result:
    found = outcome.x is not None
    track.points.append((budget.elapsed, outcome.value if found else None, outcome.bound))
    gap = relative_gap(outcome.value, outcome.bound) if found else None
    value = outcome.value if found else None
    bound = outcome.bound if abs(outcome.bound) < 1e20 else None
    return {**track.milestones(best_bound), "value": value, "bound": bound, "gap": gap}


# ---- a lever moved ---------------------------------------------------------------------------------------------------


def levers(setting: Setting) -> Result:
    """The instant estimate of each move, and how long until a plan within 2 % of the bound is there."""
    from optimizer.estimates import Session

    dataset, case = read_case(setting.dataset)
    plan, _ = _searched(case, setting, None)
    session = Session(dataset, plan=plan)
    begun = time.perf_counter()
    session.prime(case)  # as the pages do before anybody asks
    first = round(time.perf_counter() - begun, 2)
    moves = []
    with tempfile.TemporaryDirectory() as place:
        write_plan(plan, Path(place) / "plan")
        start = read_plan(Path(place) / "plan")
        for lever, value in MOVES:
            if "." in lever and lever.split(".")[1] not in {
                *dataset.tables["areas"]["area"],
                *session_nations(dataset),
            }:
                continue  # a data set without that area or nation
            moved = apply(dataset, None, {lever: value})
            begun = time.perf_counter()
            known = session.bound(moved)
            bounded = round(time.perf_counter() - begun, 2)
            estimate = session.estimate(moved, bound=known.bound)
            took = round(time.perf_counter() - begun, 2)
            _, found = _searched(moved, setting, float(estimate.bound), start=start, wall=True)
            moves.append({
                "lever": lever, "setting": str(value), "rebuilt": str(known.rebuilt or ""), "bound_seconds": bounded,
                "estimate_seconds": took, "expected": _number(known.expected),
                "estimate_bound": float(estimate.bound), "estimate_value": _number(estimate.value),
                "within_0.02": found["within_0.02"], "value": found["value"], "bound": found["bound"],
            })  # fmt: skip
    return {"first_estimate": first, "limit": setting.seconds, "moves": moves}


def session_nations(dataset: Dataset) -> list[str]:
    """Nations of the data set."""
    return list(dataset.tables["nations"]["nation"])


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


# ---- hard floors -----------------------------------------------------------------------------------------------------


def with_floors(dataset: Dataset) -> tuple[Dataset, dict[str, Any]]:
    """The data set with every kind of floor that the empty plan breaks: closure, spending, a launched frame's minimum.

    A wish beside a floor of the same scope stays a wish.

    Returns:
        (the data set, levers to pull with it).
    """
    changed = dict(dataset.tables)
    rules = changed["rules"].copy()
    closure = rules["rule"] == "closure_min"
    closure &= ~rules["scope"].isin(rules.loc[closure & (rules["hardness"] == "hard"), "scope"])
    rules.loc[closure, "hardness"], rules.loc[closure, "penalty"] = "hard", 0.0
    changed["rules"] = rules
    frames, members = changed["frames"].copy(), changed["frame_members"].copy()
    for row in frames[(frames["min_annual_units"] > 0) & (frames["commit_years"] > 1)].itertuples():
        own = members["frame"] == row.frame
        if own.sum() >= max(2, row.min_members):
            frames.loc[row.Index, "launched"] = dataset.settings.first_year - 1
            members.loc[own, "status"] = "member"
            break
    changed["frames"], changed["frame_members"] = frames, members
    return replace(dataset, tables=changed), {"spend_floor": 0.9}


def floors(setting: Setting) -> Result:
    """Time to the first plan with hard floors on."""
    dataset, _ = read_case(setting.dataset)
    with tempfile.TemporaryDirectory() as place:
        floored, sets = with_floors(dataset)
        write(floored, Path(place))
        dataset, _ = read_case(Path(place))
        plan, found = _searched(apply(dataset, None, sets), setting, None)
    return {"limit": setting.seconds, "status": plan.header["status"], "levers": sets, **found}


# ---- scale -----------------------------------------------------------------------------------------------------------

BUILD_ONE = """
import json, resource, sys, time
from pathlib import Path
from data.dataset import load
from data.levers import apply
from models.program import build
from optimizer.problem.compile import compile_program
case = apply(load(Path(sys.argv[1])))
empty = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
begun = time.process_time()
program = build(case)
built = time.process_time()
matrix = compile_program(program).matrix
done = time.process_time()
k = program.keys
print(json.dumps({
    "keys": len(matrix.columns), "orders": len(k.national_keys) + len(k.joint_keys), "rows": matrix.shape[0],
    "entries": int(matrix.a.nnz), "build": round(built - begun, 2), "compile": round(done - built, 2),
    "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - empty),
}))
"""


def scale(setting: Setting) -> Result:
    """Processor seconds and memory of building and compiling sets of growing size, each in a process of its own."""
    import json

    sets = []
    with tempfile.TemporaryDirectory() as place:
        for nations, programmes in SIZES:
            folder = Path(place) / f"{nations}-{programmes}"
            generate(nations, programmes, 1, folder)
            command = [sys.executable, "-c", BUILD_ONE, str(folder)]
            root = Path(__file__).parent.parent
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
            sets.append({"nations": nations, "programmes": programmes, **json.loads(done.stdout)})
    return {"sets": sets}


PARTS: dict[str, Callable[[Setting], Result]] = {
    "phases": phases,
    "search": search,
    "engines": engines,
    "levers": levers,
    "floors": floors,
    "scale": scale,
    "best": best,
}
