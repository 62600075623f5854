"""docs/speed.md from what `make bench` measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
NEVER = "not reached"
SLOWER = 10  # times: what other engines are expected to be slower by
HEAD = """# Speed

Made by `make bench` (benchmarks/bench.py); do not edit. Seconds are of the wall clock. The best bound known is that of
a long run of the same data set, kept in benchmarks/results/best_known.json.
"""


def page(results: Mapping[str, Result], best: Result) -> str:
    """The page; a part that was not measured is left out."""
    sections = [HEAD, _machine(results), _goals(results, best)]
    for part, make in (
        ("phases", _phases), ("search", _search), ("engines", _engines), ("levers", _levers), ("floors", _floors),
        ("scale", _scale),
    ):  # fmt: skip
        if part in results:
            sections.append(make(results[part], results))
    return "\n".join(section for section in sections if section)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _seconds(took: float | None) -> str:
    return NEVER if took is None else f"{took:.2g} s" if took < 10 else f"{took:.0f} s"


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _share(gap: float | None) -> str:
    return "-" if gap is None else f"{gap:.2%}"


def _machine(results: Mapping[str, Result]) -> str:
    found = sorted({(r["machine"]["cores"], r["machine"]["memory_gb"], r["threads"]) for r in results.values()})
    texts = [f"{cores} cores and {memory} GB of memory, {threads} threads" for cores, memory, threads in found]
    return f"Measured on a machine of {'; and on one of '.join(texts)}.\n" if texts else ""


def _goals(results: Mapping[str, Result], best: Result) -> str:
    """Goal and measurement side by side; what is missed says so."""
    rows: list[tuple[str, float, float | None, str]] = []
    search, phases, floors = results.get("search"), results.get("phases"), results.get("floors")
    if search:
        rows.append(("first feasible plan", 3, search["first_plan"], "s"))
        if search.get("best_bound") is not None:
            rows.append(("plan within 2 % of the best bound known", 20, search["within_0.02"], "s"))
        rows.append(("plan proven within 1 %", 60, search["proven_0.01"], "s"))
    if phases:
        rows.append(("everything that is not solving", 5, phases["total"], "s"))
    for name, wanted, took in _lever_goals(results.get("levers")):
        rows.append((name, wanted, took, "s"))
    if floors:
        rows.append(("hard floors on: first feasible plan", 10, floors["first_plan"], "s"))
    peaks = [r["peak_mb"] for part, r in results.items() if part in ("phases", "search", "floors") and r["peak_mb"]]
    if peaks:
        rows.append(("peak memory", 1.5, max(peaks) / 1000, "GB"))
    cells = [
        (name, f"{wanted:g} {unit}", NEVER if took is None else f"{took:.3g} {unit}", _met(took, wanted))
        for name, wanted, took, unit in rows
    ]
    if not cells:
        return ""
    return "## Goals\n\n" + _table(("", "goal", "measured", ""), cells) + (_long_run(best) if best else "")


def _long_run(best: Result) -> str:
    figures = f"{best['bound']:.4f} (best value {best['value']:.4f})"
    source = (
        f"from a run of {best['took']:,} s ({best['seconds']:,g} s allowed) and from other engines on the same matrix"
    )
    return f"\nBest bound known: {figures}, {source}.\n"


def _met(took: float | None, wanted: float) -> str:
    return "met" if took is not None and took <= wanted else "**missed**"


def _lever_goals(levers: Result | None) -> list[tuple[str, float, float | None]]:
    moves = levers["moves"] if levers else []
    found: list[tuple[str, float, float | None]] = []
    in_place = [m for m in moves if not m["rebuilt"]]
    anew = [m for m in moves if m["rebuilt"]]
    for where, wanted, own in (
        ("bounds, costs or right-hand sides change", 2, in_place),
        ("it must rebuild", 6, anew),
    ):
        for what, seconds in (
            ("bound of the estimate", "bound_seconds"),
            ("estimate with its plan", "estimate_seconds"),
        ):
            if own:
                name = f"a lever moved where {where}: {what} (the slowest)"
                found.append((name, wanted, max(m[seconds] for m in own)))
    if moves:
        plans = [m["within_0.02"] for m in moves]
        slowest = None if None in plans else max(plans)
        found.append(("a lever moved: plan within 2 % of its bound (the slowest)", 10, slowest))
    return found


def _phases(found: Result, _: Mapping[str, Result]) -> str:
    names = {
        "read_and_check": "read and check", "build": "build", "before": "gap before any decision", "compile": "compile",
        "extract": "extract (figures, tables, KPIs)", "audit": "of writing: the audit",
        "audit_and_write": "audit and write, the workbook apart",
    }  # fmt: skip
    rows = [(name, f"{found['seconds'][key]:.2f} s", f"{found['processor'][key]:.2f} s") for key, name in names.items()]
    rows.append(("**together**", f"**{found['total']:.2f} s**", f"**{found['processor_total']:.2f} s**"))
    peak = f"Peak memory {found['peak_mb'] or '-'} MB.\n"
    size = found["size"]
    largest = sorted(found["profile"].items(), key=lambda item: -item[1])
    shares = [(home, f"{share:.0%}") for home, share in largest if share >= 0.01]
    return (
        "## Everything that is not solving\n\n"
        f"{size['rows']:,} rows, {size['columns']:,} columns, {size['integers']:,} of them integer, "
        f"{size['entries']:,} entries.\n\n"
        + _table(("phase", "wall clock", "processor"), rows)
        + f"\n{peak}"
        + "\nWhere that time goes, by a profile (own time of functions, by room of the house and by library):\n\n"
        + _table(("where", "share"), shares)
    )


MILESTONES = (
    ("first_plan", "first plan"),
    ("within_0.05", "within 5 % of the best bound known"),
    ("within_0.02", "within 2 % of the best bound known"),
    ("within_0.01", "within 1 % of the best bound known"),
    ("proven_0.05", "proven within 5 %"),
    ("proven_0.02", "proven within 2 %"),
    ("proven_0.01", "proven within 1 %"),
)


def _search(found: Result, _: Mapping[str, Result]) -> str:
    rows = [(name, _seconds(found[key])) for key, name in MILESTONES if _known(found, key)]
    ends = f"value {_points(found['value'])}, bound {_points(found['bound'])}, gap {_share(found['gap'])}"
    phases = ", ".join(f"{name} {took:.1f} s" for name, took in found["seconds"].items())
    return (
        "## Search\n\n"
        + _table(("", "seconds of solving"), rows)
        + f"\nAt the end ({found['limit']:g} s allowed): {ends}; peak memory {found['peak_mb'] or '-'} MB.\n"
        + f"Phases: {phases}.\n"
    )


def _known(found: Result, key: str) -> bool:
    return not key.startswith("within") or found.get("best_bound") is not None


def _engines(found: Result, results: Mapping[str, Result]) -> str:
    ours = results.get("search")
    keys = [(key, name) for key, name in MILESTONES if _known(found, key)]
    rows = []
    for run in found["runs"]:
        cells = [_against(run[key], ours[key] if ours else None, found["limit"]) for key, _ in keys]
        rows.append(
            (run["engine"], run["matrix"], *cells, _points(run["value"]), _points(run["bound"]), _share(run["gap"]))
        )
    if ours:
        mine = [_seconds(ours[key]) for key, _ in keys]
        rows.insert(
            0, ("this program", "ours", *mine, _points(ours["value"]), _points(ours["bound"]), _share(ours["gap"]))
        )
    heads = ("engine", "matrix", *(name for _, name in keys), "value", "bound", "gap")
    return f"## Other engines, {found['limit']:g} s each\n\n" + _table(heads, rows)


def _against(took: float | None, ours: float | None, limit: float) -> str:
    """Their time, and how many times ours it is; at the limit, at least so many times."""
    if took is None:
        times = f", over {limit / ours:.0f}x" if ours else ""
        return f"{NEVER} in {limit:g} s{times}"
    return _seconds(took) + (f", {took / ours:.1f}x" if ours else "")


def _levers(found: Result, _: Mapping[str, Result]) -> str:
    rows = [
        (
            move["lever"], move["setting"], move["rebuilt"] or "in place", _seconds(move["bound_seconds"]),
            _points(move["estimate_bound"]), _points(move["expected"]), _seconds(move["estimate_seconds"]),
            _points(move["estimate_value"]), _seconds(move["within_0.02"]), _points(move["value"]),
        )
        for move in found["moves"]
    ]  # fmt: skip
    heads = (
        "lever", "to", "program", "bound after", "bound", "plan expected at", "estimate's plan after",
        "estimate's plan", "plan within 2 %", "plan at the end",
    )  # fmt: skip
    text = "Seconds from the moment the lever moves; the plan starts from the last one, building included.\n\n"
    return (
        f"## A lever moved\n\nThe first estimate of a session takes {_seconds(found['first_estimate'])}. {text}"
        + _table(heads, rows)
    )


def _floors(found: Result, _: Mapping[str, Result]) -> str:
    ends = f"value {_points(found['value'])}, bound {_points(found['bound'])}, gap {_share(found['gap'])}"
    return (
        "## Hard floors on\n\nEvery closure_min hard, spend_floor 0.9 for all, one joint buy launched last year with "
        f"its yearly minimum. First plan: {_seconds(found['first_plan'])} of solving. Status {found['status']} after "
        f"at most {found['limit']:g} s: {ends}.\n"
    )


def _scale(found: Result, _: Mapping[str, Result]) -> str:
    rows = []
    for one in found["sets"]:
        took, keys = one["build"] + one["compile"], one["keys"]
        size = (one["nations"], one["programmes"], f"{keys:,}", f"{one['rows']:,}")
        times = (f"{one['build']:.1f} s", f"{one['compile']:.1f} s", f"{one['memory_mb']} MB")
        rows.append((*size, *times, f"{1e6 * took / keys:.0f} us", f"{1000 * one['memory_mb'] / keys:.1f} KB"))
    heads = (
        "nations",
        "programmes",
        "columns",
        "rows",
        "build",
        "compile",
        "memory",
        "time a column",
        "memory a column",
    )
    text = "Sets of benchmarks/generate.py (seed 1), seconds of processor. Linear in keys: the last columns stay.\n\n"
    return "## Headroom\n\n" + text + _table(heads, rows)
