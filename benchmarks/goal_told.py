"""What the kept rows of the goals say: figure, goal, met or missed, commit and load of each. It measures nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.goal_list import BOUND_LOOSE, BOUND_SECONDS, ELSEWHERE, LARGE, MEMORY, MEMORY_ELSE, PARTS, Part
from benchmarks.measured import Row

MET, MISSED, OPEN = "met", "missed", "open"
NEAR = 1e-6
SHOWN = 3  # settings that a line names
Rows = Mapping[str, Row]


@dataclass(frozen=True)
class Told:
    """One line of the table."""

    part: str
    says: str
    figure: str
    goal: str
    verdict: str
    commit: str = "-"
    load: float | None = None

    @property
    def line(self) -> str:
        """As one line of text."""
        load = "" if self.load is None else f"; load {self.load}"
        return f"{self.part}: {self.figure}; goal: {self.goal}; {self.verdict}; commit {self.commit}{load}"


def closed_against(row: Row, bound: float | None) -> float | None:
    """The share of what any plan could close, by this bound, that a run's plan closes."""
    value, before = row.get("value"), row.get("index_before")
    if value is None or before is None or bound is None or bound >= before:
        return None
    return float((before - value) / (before - min(bound, value)))


def _same(row: Row, other: Row) -> bool:
    return all(row.get(name) == other.get(name) for name in ("commit", "dataset_sha256"))


def run_told(part: Part, row: Row, rows: Rows) -> Told:
    """A single run: what it closes, by its own bound and by the long run's, and its gap."""
    if row.get("value") is None:
        return _told(part, row, f"no plan (exit {row.get('exit')}, {' '.join(row.get('said', []))})", MISSED)
    own, long = closed_against(row, row["bound"]), rows.get(part.against, {})
    known = part.against and _same(row, long) and long.get("bound") is not None
    best = max(own or 0.0, closed_against(row, max(long["bound"], row["bound"])) or 0.0) if known else own
    figure = f"closed {_share(best)}" + (f" against the bound of {part.against} ({long['bound']:.4f})" if known else "")
    figure += f", by its own bound {_share(own)}" if known else ""
    figure += f"; value {row['value']:.4f}, bound {row['bound']:.4f}, gap {_share(row['gap'])}"
    figure += f"; {row['seconds']:.0f} s in all, {(row['memory_mb'] or 0) / 1024:.2f} GB"
    asked = [(best, part.closed, 1)] if part.closed is not None else []
    asked += [(row["gap"], part.gap, -1)] if part.gap is not None else []
    good = all(got is not None and sign * got >= sign * goal - 1e-12 for got, goal, sign in asked)
    waits = not good and part.against and not known
    return _told(part, row, figure, OPEN if waits else MET if good else MISSED)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def warm_told(part: Part, row: Row) -> Told:
    """Levers from a plan: how many close enough, or are proven to have no plan; the worst."""
    rows: Mapping[str, Row] = row["settings"]
    least = part.closed or 0.0
    good = {name: one["exit"] == 4 or (one["closed"] or 0.0) >= least for name, one in rows.items()}
    worst = sorted((one["closed"] or 0.0, name) for name, one in rows.items() if not good[name])[:SHOWN]
    return _many(part, row, good, [f"{name} {share:.2%}" for share, name in worst])


def bound_told(part: Part, row: Row, rows: Rows) -> Told:
    """Bounds of levers: how many come in time, near the relaxation and above no plan that is known."""
    good, bad = {}, []
    for name, one in row["settings"].items():
        faults = bound_faults(one, best_value(name, row, part.of, rows))
        good[name] = not faults
        bad += [f"{name} {', '.join(faults)}"] if faults else []
    return _many(part, row, good, bad[:SHOWN])


def bound_faults(one: Row, best: float | None) -> list[str]:
    """What is wrong with a bound, in words."""
    faults = [f"{one['seconds']:.1f} s"] if one["seconds"] > BOUND_SECONDS else []
    if one["impossible"]:
        return faults + ([] if one["relaxation"] is None else ["no plan, says the bound, and the relaxation has one"])
    bound, relaxation = one["bound"], one["relaxation"]
    if bound is None:  # where the relaxation has no plan either there is nothing that it could lie below
        return faults if relaxation is None and one["why"].startswith("infeasible") else [*faults, "no bound"]
    if relaxation is not None and bound < relaxation * (1 - BOUND_LOOSE):
        faults.append(f"{1 - bound / relaxation:.1%} below the relaxation")
    if best is not None and bound > best + NEAR * max(1.0, abs(best)):
        faults.append(f"above a plan of {best:.4f}")
    return faults


def best_value(setting: str, row: Row, of: str, rows: Rows) -> float | None:
    """The best plan known of a lever's case, of the same data: from whatever run of it is kept."""
    found = [
        other["settings"][setting]["value"]
        for name in (f"warm-10-{of}", f"warm-30-{of}")
        if (other := rows.get(name, {})).get("dataset_sha256") == row["dataset_sha256"] and setting in other["settings"]
    ]
    return min((value for value in found if value is not None), default=None)


def _many(part: Part, row: Row, good: Mapping[str, bool], bad: Sequence[str]) -> Told:
    figure = f"{sum(good.values())} of {len(good)} settings" + (f" (not: {'; '.join(bad)})" if bad else "")
    left = row["wanted"] - len(good)
    figure += f"; {left} not measured yet" if left else ""
    verdict = MISSED if not all(good.values()) else OPEN if left else MET
    loads = [one["load"] for one in row["settings"].values() if one.get("load") is not None]
    return _told(part, {**row, "load": max(loads, default=None)}, figure, verdict)


def engine_told(part: Part, row: Row, rows: Rows) -> Told:
    """Another engine against what solve has at 20 s."""
    ours = rows.get(f"cold-20-{part.of}", {})
    value = "no plan" if row["value"] is None else f"value {row['value']:.4f}"
    figure = f"{value}, bound {'-' if row['bound'] is None else format(row['bound'], '.4f')}"
    if ours.get("value") is None or not _same(row, ours):
        return _told(part, row, f"{figure}; what solve has at 20 s is not known of this commit", OPEN)
    better = row["value"] is not None and row["value"] <= ours["value"]
    return _told(part, row, f"{figure}; solve at 20 s: {ours['value']:.4f}", MISSED if better else MET)


def _told(part: Part, row: Row, figure: str, verdict: str) -> Told:
    return Told(part.name, part.says, figure, part.goal, verdict, row.get("commit", "-"), row.get("load"))


def told(name: str, rows: Rows) -> Told:
    """The line of one part."""
    part, row = PARTS[name], rows.get(name)
    if row is None:
        return Told(name, part.says, "not measured yet", part.goal, OPEN)
    if part.kind in ("cold", "pinned"):
        return run_told(part, row, rows)
    if part.kind == "warm":
        return warm_told(part, row)
    return bound_told(part, row, rows) if part.kind == "bound" else engine_told(part, row, rows)


def memory_told(rows: Rows, large: bool) -> Told:
    """The most memory of any of our own runs."""
    most = MEMORY[LARGE] if large else MEMORY_ELSE
    found: list[tuple[float, str, Row]] = []
    for name, part in PARTS.items():
        if (part.of == LARGE) != large or part.kind == "engine" or name not in rows:
            continue
        runs = rows[name].get("settings", {"": rows[name]}).values()
        found += [(run["memory_mb"] / 1024, name, rows[name]) for run in runs if run.get("memory_mb")]
    name, says = ("memory-large", f"memory, {LARGE}") if large else ("memory", "memory, all other runs")
    goal = f"at most {most:g} GB, summed over the process tree"
    if not found:
        return Told(name, says, "not measured yet", goal, OPEN)
    peak, where, row = max(found, key=lambda one: one[0])
    verdict = MET if peak <= most else MISSED
    return Told(name, says, f"{peak:.2f} GB in {where}", goal, verdict, row["commit"], row.get("load"))


def table(rows: Rows) -> Iterator[Told]:
    """Every line: the parts, memory, and what other commands measure."""
    for name, (says, goal) in ELSEWHERE.items():
        row = rows.get(name, {})
        verdict = OPEN if not row else MET if row["met"] else MISSED
        figure, of = row.get("figure", "not measured yet"), row.get("commit", "-")
        yield Told(name, says, figure, goal, verdict, of, row.get("load"))
    yield from (told(name, rows) for name in PARTS)
    yield from (memory_told(rows, large) for large in (False, True))
