"""How fast it is: `make bench`, or `python -m benchmarks.bench --only phases,search` for some of its parts.

Parts: phases (everything that is not solving), search (time to the first plan, to within 5, 2 and 1 % of the best
bound known, and to the same proven), engines (HiGHS with defaults and SCIP on the same matrix), levers (a lever moved),
floors (hard floors on), scale (generated sets). Each part runs in a process of its own, so that its peak memory is its
own, and leaves benchmarks/results/bench_PART.json; docs/speed.md is made from these files.
`--only best --seconds 3600` makes the best bound known, benchmarks/results/best_known.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench_page import page
from benchmarks.bench_parts import PARTS, Setting

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "data" / "alliance"
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "speed.md"


class PartError(Exception):
    """A part that could not be measured, in one line."""


def machine() -> dict[str, float]:
    """The machine by its cores and memory (GB), and by nothing else."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError):  # a system that does not say
        memory = 0.0
    return {"cores": os.cpu_count() or 1, "memory_gb": round(memory)}


def peak_memory() -> float | None:
    """Largest resident memory of this process so far and of the largest that it started (MB), where the system says."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(most / (2**20 if sys.platform == "darwin" else 2**10))


def measure(part: str, setting: Setting) -> dict[str, Any]:
    """Run one part in this process."""
    found = PARTS[part](setting)
    return {"part": part, "machine": machine(), "threads": setting.threads, "peak_mb": peak_memory(), **found}


def in_own_process(part: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Run one part in a fresh process, whose peak memory is then the part's."""
    command = [sys.executable, "-m", "benchmarks.bench", "--here", part, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PartError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _keep(results: Path, name: str, content: dict[str, Any]) -> None:
    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    (results / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def _better(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The higher bound and the lower value of two long runs of the same data."""
    if old.get("dataset_sha256") != new["dataset_sha256"]:
        return new
    return {**new, "bound": max(old["bound"], new["bound"]), "value": min(old["value"], new["value"])}


def _raised(best: dict[str, Any], engines: dict[str, Any]) -> dict[str, Any]:
    """The best bound known, raised to what another engine has proven of the same data."""
    if engines["dataset_sha256"] != best["dataset_sha256"]:
        return best
    proven = [run["bound"] for run in engines["runs"] if run["bound"] is not None]
    return {**best, "bound": max([best["bound"], *proven])}


def read_results(results: Path) -> dict[str, dict[str, Any]]:
    """What earlier runs left, by part."""
    files = sorted(results.glob("bench_*.json"))
    return {file.stem.removeprefix("bench_"): json.loads(file.read_text(encoding="utf-8")) for file in files}


def best_known(results: Path) -> dict[str, Any]:
    """The best bound and value of a long run, if there is one."""
    file = results / "best_known.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    given = _parser().parse_args(arguments)
    known = best_known(given.results)
    setting = Setting(given.dataset, given.seconds, given.engine_seconds, given.threads, known, given.plan)
    if given.here:
        sys.stdout.write(json.dumps(measure(given.here, setting)) + "\n")
        return
    passed = [f"--dataset={given.dataset}", f"--seconds={given.seconds}", f"--engine-seconds={given.engine_seconds}",
              f"--threads={given.threads}", f"--results={given.results}"]  # fmt: skip
    passed += [f"--plan={given.plan}"] if given.plan else []
    wanted = [part for part in PARTS if part != "best"] if given.only == "all" else given.only.split(",")
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        _parser().error(f"--only {','.join(unknown)}: there is no such part; one of {', '.join(PARTS)}")
    failed = []
    for part in wanted:
        sys.stdout.write(f"{part} ...\n")
        sys.stdout.flush()
        try:
            found = in_own_process(part, passed)
        except PartError as problem:  # the other parts are worth having
            failed.append(f"{part}: {problem}")
            continue
        if part == "best":
            _keep(given.results, "best_known", _better(best_known(given.results), found))
        else:
            _keep(given.results, f"bench_{part}", found)
            if part == "engines" and best_known(given.results):
                _keep(given.results, "best_known", _raised(best_known(given.results), found))
    given.page.write_text(page(read_results(given.results), best_known(given.results)), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{given.page}\n")
    if failed:
        raise SystemExit("bench: not measured: " + "; ".join(failed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="all", help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--dataset", type=Path, default=REFERENCE, help="data set folder")
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of a search")
    parser.add_argument("--engine-seconds", type=float, default=120.0, help="time limit of each other engine")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--plan", type=Path, help="a plan for phases to read off, in place of solving one")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where results are kept")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    parser.add_argument(
        "--here", choices=sorted(PARTS), default="", help="run one part in this process, JSON to stdout"
    )
    return parser


if __name__ == "__main__":
    main()
