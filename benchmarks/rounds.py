"""Two rounds in a row: how much of last year's plan is kept with and without persistence; writes docs/rounds.md.

Example: python -m benchmarks.rounds data/tiny --gap 0
         python -m benchmarks.rounds data/alliance --time-limit 60 --first plans/alliance
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from data.dataset import load
from data.levers import apply, parse_sets
from optimizer.plans.next_round import write_round
from optimizer.plans.plan import Plan
from optimizer.solve import SolveOptions, solve
from store.folder import read_plan, write_plan

ROOT = Path(__file__).resolve().parent.parent
PAGE, RESULTS = ROOT / "docs" / "rounds.md", ROOT / "benchmarks" / "results" / "rounds.json"
KEYS = ["nation", "programme", "channel", "year"]
SAME = 1e-6  # relative: units that differ by less are the same order
HEAD = """# Two rounds in a row

Made by `python -m benchmarks.rounds DATASET` (rows are added as they are measured). A plan is made, `drive5 new-round`
turns it into next year's data set ([what it carries](new-round.md)), and that is solved twice: without persistence,
and with points on change against the last plan; both start from the rest of the first plan. Without news (levers of
the second round, `--set`) every change is what a longer search finds, or churn; with news, persistence shows how much
of the answer needs no change.

- *kept*: share of the prior plan's orders (nation, programme, channel, year) whose units are the same.
- *change*: MODEL.md section 8: |units - prior units| at prior prices over the prior value.
- *value*: the first objective without the points for change (index + soft penalties).

| data set | news | persistence | prior orders | kept | change | new orders elsewhere | value | status | seconds |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |
"""


def churn(prior: pd.DataFrame, orders: pd.DataFrame) -> dict[str, float]:
    """How a plan's orders differ from the prior plan's.

    Returns:
        orders (count of prior rows), kept (share of them), change (share of value), elsewhere (value over prior value).
    """
    units = orders.set_index(KEYS)["units"]
    now = units.reindex(pd.MultiIndex.from_frame(prior[KEYS])).fillna(0.0).to_numpy()
    before = prior["units"].to_numpy(dtype="float64")
    value = float((before * prior["unit_price"]).sum())
    kept = abs(now - before) <= SAME * pd.Series(before).clip(lower=1.0).to_numpy()
    elsewhere = orders[~pd.MultiIndex.from_frame(orders[KEYS]).isin(pd.MultiIndex.from_frame(prior[KEYS]))]
    change = float((abs(now - before) * prior["unit_price"]).sum())
    return {
        "orders": len(prior),
        "kept": float(kept.mean()) if len(prior) else 1.0,
        "change": change / value if value else 0.0,
        "elsewhere": float(elsewhere["value"].sum()) / value if value else 0.0,
    }


def measure(
    dataset: Path, options: SolveOptions, persistence: float, first: Path | None, news: list[str]
) -> list[dict[str, Any]]:
    """Solve, move on, solve without and with persistence; one row each. News: levers of the second round."""
    with tempfile.TemporaryDirectory() as place:
        plan = read_plan(first) if first else _solved(dataset, options, 0.0, Path(place) / "first")
        write_round(plan, Path(place) / "next")
        prior = load(Path(place) / "next").tables["prior_plan"]
        rest = rest_of(plan)
        rows = []
        for points in (0.0, persistence):
            target = Path(place) / f"second-{points:g}"
            again = _solved(Path(place) / "next", options, points, target, news, rest)
            objective = again.header["objective"]
            rows.append({
                "dataset": dataset.name, "news": " ".join(news), "persistence": points,
                **churn(prior, again.tables["orders"]),
                "value": objective["value"] - objective["persistence"], "status": again.header["status"],
                "seconds": round(sum(again.header["seconds"].values()), 1),
            })  # fmt: skip
    return rows


def rest_of(plan: Plan) -> Plan:
    """The rest of a plan, as a plan of the next round to start from: both searches begin at the same place.

    What was begun in the first year begins in the next one there, where the new data set has it free of cost.
    """
    first = plan.case.base.settings.first_year
    tables = {name: table.copy() for name, table in plan.tables.items()}
    tables["orders"] = tables["orders"][tables["orders"]["year"] > first]
    for name, column in (("expansions", "start_year"), ("innovation", "pilot_year")):
        tables[name][column] = tables[name][column].clip(lower=first + 1)
    joint = tables["orders"].groupby(["channel", "nation"])["units"].sum()
    pairs = pd.MultiIndex.from_frame(tables["members"][["frame", "nation"]])
    tables["members"]["units"] = joint.reindex(pairs).fillna(0.0).to_numpy()
    return replace(plan, tables=tables)


def _solved(
    dataset: Path, options: SolveOptions, persistence: float, folder: Path, news: Sequence[str] = (),
    start: Plan | None = None,
) -> Plan:  # fmt: skip
    levers = parse_sets(news) | ({"persistence": persistence} if persistence else {})
    plan = solve(apply(load(dataset), None, levers), options=options, start=start)
    if not plan.solved:
        log = "\n".join(plan.log)
        raise SystemExit(f"{dataset}: no plan with persistence {persistence:g}\n{log}")
    report = write_plan(plan, folder)
    if not report.ok:
        raise SystemExit(f"{dataset}: the plan fails its audit: {report.findings[0]}")
    return plan


def write_page(rows: list[dict[str, Any]]) -> None:
    """Merge the rows into those measured before and write the page."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    merged = {(row["dataset"], row["news"], row["persistence"]): row for row in [*known, *rows]}
    ordered = [merged[key] for key in sorted(merged)]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(HEAD + "".join(_line(row) for row in ordered), encoding="utf-8")


def _line(row: dict[str, Any]) -> str:
    cells = [
        row["dataset"], row["news"] or "none", f"{row['persistence']:g}", str(row["orders"]),
        f"{row['kept']:.1%}", f"{row['change']:.1%}",
        f"{row['elsewhere']:.1%}", f"{row['value']:.4f}", row["status"], f"{row['seconds']:.0f}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--first", type=Path, help="a plan of the data set, in place of the first solve")
    parser.add_argument("--persistence", type=float, default=2.0)
    parser.add_argument("--set", action="append", default=[], help="news: a lever of the second round")
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--time-limit", type=float, default=60.0)
    given = parser.parse_args()
    options = SolveOptions(gap=given.gap, cost_tolerance=min(given.gap, 0.001), time_limit=given.time_limit)
    write_page(measure(given.dataset, options, given.persistence, given.first, given.set))


if __name__ == "__main__":
    main()
