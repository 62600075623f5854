"""Two rounds on the reference set: nothing is paid, made or delivered twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import two_rounds
from benchmarks.sceptic.line import Line, Part, Row
from benchmarks.two_rounds import Identity, Rounds
from data.dataset import load
from optimizer.plans.next_round import write_round
from optimizer.plans.plan import Plan
from store.folder import read_plan

SAYS = {
    "payments": "paid in the first year and still owed = value ordered",
    "built": "built = made less delivered, by programme",
    "pipeline": "pipeline = ordered less delivered, by nation and programme",
    "units_before": "units that members bring = ordered through their frames",
    "bills": "bills of starts are paid once",
    "deliveries": "delivered over both rounds = ordered over both",
    "obligations_are_spent": "the second plan spends what the first owes, in its year",
    "work": "made after it is ordered and before it is delivered, over both rounds",
    "facilities": "draws of both rounds stay within each facility",
}


class OtherDataError(Exception):
    """The second plan is not one of the next round."""


def rounds(plan: Plan, second: Path | None) -> Part:
    """The identities of the data between the rounds and, with a second plan, of both plans."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "next"
        write_round(plan, target)
        new = load(target)
        later = None if second is None else read_plan(second)
        if later is not None and later.case.base.sha256 != new.sha256:
            raise OtherDataError(f"{second} is no plan of the data set that new-round makes of this one")
        both = Rounds(plan, new, later)
        wanted = two_rounds.OF_THE_DATA + (two_rounds.OF_BOTH_PLANS if later is not None else ())
        lines, rows = [], []
        for identity in wanted:
            line, differing = _line(identity, both)
            lines.append(line)
            rows += differing
    return Part("rounds", tuple(lines), {"differences": rows})


def _line(identity: Identity, both: Rounds) -> tuple[Line, list[Row]]:
    found = list(identity(both))
    rows: list[Row] = [{"identity": one.identity, "key": str(one.key), "found": one.found, "wanted": one.wanted}
                       for one in found[:20]]  # fmt: skip
    name = getattr(identity, "__name__", "")
    return Line(SAYS[name], f"{len(found)} differences", "none", not found), rows
