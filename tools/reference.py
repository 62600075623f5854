"""Store a plan as the one that ships with its data set: python -m tools.reference plans/alliance data/alliance."""

from __future__ import annotations

import sys
from pathlib import Path

from audit import audit
from data.dataset import load
from ui.reference import StoreError, store


def main(arguments: list[str]) -> int:
    """Audit the plan, store it; 0 where it is stored."""
    if len(arguments) != 2:
        print("usage: python -m tools.reference PLAN DATASET", file=sys.stderr)
        return 2
    plan, dataset = (Path(text) for text in arguments)
    report = audit(plan)
    if not report.ok:
        print(f"{plan}: the plan fails its audit ({len(report.findings)} findings); solve again", file=sys.stderr)
        return 3
    try:
        print(store(plan, dataset, load(dataset)))
    except (StoreError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
