"""Each lever at its settings on the reference set: bound, plan at a short limit, what moved.

`python -m benchmarks.levers` takes the LP bound of every point, solved cold; `--plans PLAN` also makes an estimate of
each from one plan, as the pages do: its bound, which must not lie above the cold one, and the plan mended and made
better for some seconds. `--settings` measures what planners set in the data instead (benchmarks/lever_settings.py).
Every row is kept as soon as it is known (benchmarks/results/), so that a stopped run goes on where it ended; rows of an
earlier data set are made again. The page is docs/levers.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from benchmarks import lever_settings
from benchmarks.lever_page import page
from benchmarks.lever_points import DEFAULT, POINTS, Point
from benchmarks.relaxed import Row, conclusive, lp_row
from data.dataset import Dataset, load
from data.levers import Case, apply
from optimizer.estimates import Session
from store.folder import read_plan
from ui.reference import stored_plan

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "data" / "alliance"
RESULTS = ROOT / "benchmarks" / "results" / "levers.json"
PAGE = ROOT / "docs" / "levers.md"
PLAN_SECONDS = 10.0  # for making the mended plan better
HEADLINES = ("cost", "joint_share", "eu_content", "sme_share", "innovation_share", "joint_saving", "pilots", "fast",
             "integration_tax")  # fmt: skip
log = logging.getLogger(__name__)


def make_case(dataset: Dataset, point: Point, kept: Sequence[str] = ()) -> Case:
    """The case of a point; its prior plan is what the data set's stored plan orders; ``kept`` nations stay."""
    if point.prior:
        plan = stored_plan(dataset)
        if plan is None:
            raise SystemExit(f"{point.id} needs the data set's stored plan, and there is none of these data")
        columns = list(dataset.tables["prior_plan"].columns)
        orders = plan.tables["orders"][columns].sort_values(columns[:4], ignore_index=True)
        dataset = replace(dataset, tables={**dataset.tables, "prior_plan": orders})
    nations = dataset.tables["nations"]["nation"].tolist()
    out = {f"nation_out.{nation}": True for nation in nations if kept and nation not in kept}
    return apply(dataset, point.scenario, {**out, **point.sets})


def path_slack(dataset: Dataset, pillar: str, lever: float) -> float:
    """How far every nation's share of GDP in the last year lies above a lever, at the least."""
    path = dataset.tables["budget_path"]
    last = path[(path["year"] == dataset.settings.last_year) & (path["pillar"] == pillar)]
    return float(last["gdp_share"].min()) - lever


@cache
def session_from(folder: Path) -> Session:
    """A session that starts from a plan of the base case, with the base case's multipliers."""
    dataset = load(REFERENCE)
    session = Session(dataset, plan=read_plan(folder), threads=1)
    session.prime(apply(dataset))
    return session


def plan_row(case: Case, start: Path) -> Row:
    """The estimate of a case: bound, value, gap index, cost, headline figures."""
    found = session_from(start).estimate(case, longer=PLAN_SECONDS)
    if found.plan is None:
        return {"value": None, "bound": found.bound, "why": "mending found no plan", "seconds": round(found.seconds, 1)}
    header = found.plan.header
    figures = {name: header["kpis"][name] for name in HEADLINES}
    gaps = found.plan.tables["gaps"]
    last = gaps[gaps["year"] == gaps["year"].max()].groupby("area")[["shortfall", "target"]].sum()
    closures = {f"closure {a}": 1 - r.shortfall / r.target for a, r in zip(last.index, last.itertuples(), strict=True)}
    return {
        "value": found.value,
        "bound": found.bound,
        "gap_index": header["gap_index_after"],
        "soft_penalty": header["objective"]["soft_penalty"],
        "figures": figures | closures,
        "seconds": round(found.seconds, 1),
    }


def measure(point: Point, start: Path | None, done: Row, kept: Sequence[str] = ()) -> Row:
    """One row: the bound where it is not known yet, and the plan if asked for."""
    dataset = load(REFERENCE)
    case = make_case(dataset, point, kept)
    row = dict(done)
    if "lp" not in row:
        row["lp"] = lp_row(case)
        if point.rule.startswith("budget_path "):
            pillar = point.rule.removeprefix("budget_path ")
            row["lp"].setdefault("slack", {})[point.rule] = path_slack(dataset, pillar, float(point.setting))
    if start is not None and "plan" not in row:
        row["plan"] = plan_row(case, start)
    return row


def _wanted(only: Sequence[str]) -> list[Point]:
    chosen = [p for p in POINTS if not only or p.id == DEFAULT or any(p.id.startswith(name) for name in only)]
    references = {p.reference for p in chosen}
    return [p for p in POINTS if p in chosen or p.id in references]


def _known(sha: str) -> dict[str, Row]:
    """Rows of an earlier run on the same data and nations that need no second try."""
    if not RESULTS.exists():
        return {}
    rows: Mapping[str, Row] = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    return {name: row for name, row in rows.items() if row.get("dataset_sha256") == sha and conclusive(row["lp"])}


def _keep(rows: Mapping[str, Row]) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"rows": {p.id: rows[p.id] for p in POINTS if p.id in rows}}, indent=1, sort_keys=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    write_page()


def write_page() -> None:
    """docs/levers.md from the results that there are."""
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.exists() else {}
    PAGE.write_text(page(rows) + lever_settings.page(lever_settings.known_rows(load(REFERENCE))), encoding="utf-8")


def origin(kept: Sequence[str]) -> str:
    """What a row was measured on: the data set's hash and, of a part of it, the nations."""
    return ":".join([load(REFERENCE).sha256, *sorted(kept)])


def run(only: Sequence[str], start: Path | None, jobs: int, kept: Sequence[str] = ()) -> None:
    """Measure the points asked for, writing page and results after each."""
    sha = origin(kept)
    rows = _known(sha)
    todo = [
        p for p in _wanted(only) if "lp" not in rows.get(p.id, {}) or (start is not None and "plan" not in rows[p.id])
    ]
    work = partial(_measured, start=start, kept=tuple(kept))
    pool = ProcessPoolExecutor(jobs) if jobs > 1 else None
    found = (pool.map if pool else map)(work, todo, [rows.get(p.id, {}) for p in todo])
    for point, row in zip(todo, found, strict=True):
        rows[point.id] = row | {"dataset_sha256": sha}
        _keep(rows)
        log.info("%s: bound %s", point.id, row["lp"].get("bound"))
    if pool:
        pool.shutdown()


def _measured(point: Point, done: Row, *, start: Path | None, kept: Sequence[str]) -> Row:
    return measure(point, start, done, kept)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], help="first letters of the rows wanted, such as carry_over")
    parser.add_argument("--plans", type=Path, metavar="PLAN", help="also an estimate of each from this plan folder")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--nations", default="", help="only these nations, separated by commas: minutes, not hours")
    parser.add_argument("--page", action="store_true", help="only write the page again from the rows that are there")
    parser.add_argument("--settings", action="store_true", help="what planners set in the data, not levers")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("pyomo").setLevel(logging.ERROR)
    kept = [name for name in given.nations.split(",") if name]
    if given.page:
        _keep(_known(origin(kept)))
    elif given.settings:
        lever_settings.run(load(REFERENCE), given.only, write_page)
    else:
        run(given.only, given.plans, given.jobs, kept)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
