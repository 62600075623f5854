"""What changed from plan to plan, by how much, and why: new data, new levers, or only another answer of the search.

What a plan folder allows without solving again: the data sets and levers differ or not, cell by cell; the money and the
targets that each of them brings, exactly (levers replayed on either data); and for the objective the interval in which
the true optimum lies, [bound, value]. So a step that changes the data alone, or the levers alone, is attributed whole
less the solver's churn; a step that changes both is not separable, and says so: give the plan of the new data with the
old levers between the two (`drive5 compare LAST DATA-ONLY NEW`). A change within the plans' proven gaps is churn. Plans
of two contracts follow two editions of the model: their figures are shown side by side, and no cause is claimed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.dictionary import data_tables
from data.levers import LeverError, replay
from reports import figures, standing
from reports.by_line import change

if TYPE_CHECKING:
    from data.dataset import Dataset
    from optimizer.plans.plan import Plan

DATA, LEVERS, BOTH, CHURN = "new data", "new levers", "new data and levers", "solver churn alone"
MODEL = "another edition of the model"
OBJECTIVE = "objective"
SMALLEST = 1e-9
SHOWN_CELLS = 2000  # changed cells listed, of all tables together
WORDS = {
    DATA: "the data changed, the levers did not",
    LEVERS: "the levers changed, the data did not",
    BOTH: "data and levers changed: not separable without a plan of the new data with the old levers",
    CHURN: "neither data nor levers changed: another answer of the search to the same question",
    MODEL: "the plans follow different editions of the model (their contracts differ): no cause can be told apart",
}


@dataclass(frozen=True)
class Step:
    """From one plan to the next.

    Attributes:
        before, after: names of the plans.
        cause: DATA, LEVERS, BOTH, CHURN or MODEL.
        measures: one row a measure: measure, unit, before, after, change, least, most, verdict.
        inputs: what data and levers bring: input, unit, before, by_data, by_levers, after.
        levers: lever, before, after.
        data: table, key, column, before, after (changed cells and rows).
        decisions: kind, item, before, after: what is bought, launched, built, started.
        lines: spending by line and year, the change (millions).
        churn: change of orders as change_max has it: value of changed units over the value of all.
    """

    before: str
    after: str
    cause: str
    measures: pd.DataFrame
    inputs: pd.DataFrame
    levers: pd.DataFrame
    data: pd.DataFrame
    decisions: pd.DataFrame
    lines: pd.DataFrame
    churn: float


def compare(plans: Sequence[tuple[str, Plan]]) -> list[Step]:
    """The steps from each plan to the next.

    Raises:
        ValueError: fewer than two plans.
    """
    if len(plans) < 2:
        raise ValueError("give two plans or more")
    return [_step(*one, *other) for one, other in itertools.pairwise(plans)]


def _step(before: str, one: Plan, after: str, other: Plan) -> Step:
    levers = _lever_changes(one, other)
    same_data = one.header.get("dataset_sha256") == other.header.get("dataset_sha256")
    cause = _cause(same_data, levers.empty) if _contract(one) == _contract(other) else MODEL
    return Step(
        before, after, cause, _measures(one, other, cause), _inputs(one, other), levers,
        _no_cells() if same_data else _cell_changes(one.case.base, other.case.base), _decisions(one, other),
        change(other, one)[0], _churn(one, other),
    )  # fmt: skip


def _cause(same_data: bool, same_levers: bool) -> str:
    if same_data:
        return CHURN if same_levers else LEVERS
    return DATA if same_levers else BOTH


def _contract(plan: Plan) -> int:
    """The contract that a plan was written under, which names the edition of the model that it follows."""
    return int(plan.header.get("contract", 1))


# ---- measures and their proof ------------------------------------------------------------------------------------


def _measures(one: Plan, other: Plan, cause: str) -> pd.DataFrame:
    """The headline measures; least and most: the change of the true optimum, where bounds are known."""
    currency = other.case.dataset.settings.currency
    wanted = [
        (OBJECTIVE, _unit(other), "value", _objective("value")),
        ("index, planning years and settled state", "points", "", _objective("index")),
        *((name, "points", "", _header(key)) for name, key in INDICES),
        ("closed at the least", "share of what any plan could", "", _objective("closed")),
        ("cost", f"million {currency}", "cost", _objective("cost")),
        *((name, unit.replace("million", f"million {currency}"), "", _kpi(name)) for name, unit in KPIS),
    ]
    rows = []
    for name, unit, bounded, value in wanted:
        before, after = value(one), value(other)
        if not (_number(before) and _number(after)):
            continue
        low, high = _interval(one, other, bounded)
        rows.append((name, unit, before, after, after - before, low, high, _verdict(after - before, low, high, cause)))
    columns = ["measure", "unit", "before", "after", "change", "least", "most", "verdict"]
    return pd.DataFrame(rows, columns=columns)


INDICES = (
    ("gap index before", "gap_index_before"), ("gap index after", "gap_index_after"),
    ("settled state before", "settled_before"), ("settled state after", "settled_after"),
)  # fmt: skip
KPIS = (
    ("joint_saving", "million"), ("joint_share", "share"), ("eu_content", "share"), ("sme_share", "share"),
    ("core_share", "share of GDP"), ("resilience_share", "share of GDP"), ("pledge_credit", "share of GDP"),
    ("at_risk", "share of the value of orders"),
    ("pilots", "lines"), ("scaled", "lines"), ("fast", "lines"), ("integration_tax", "million"),
)  # fmt: skip


def _objective(name: str) -> Any:
    return lambda plan: plan.header.get("objective", {}).get(name)


def _header(name: str) -> Any:
    return lambda plan: plan.header.get(name)


def _unit(plan: Plan) -> str:
    """What the first objective is counted in; it differs by the objective asked."""
    units = {"points": "points", "share": "share of the prior plan"}
    return units.get(standing.unit(plan.header), f"million {plan.case.dataset.settings.currency}")


def _kpi(name: str) -> Any:
    return lambda plan: figures.of_all(plan.header.get("kpis", {}).get(name))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _proven(plan: Plan, bounded: str) -> tuple[float, float] | None:
    """The interval of the true optimum of a bounded measure."""
    objective: Mapping[str, Any] = plan.header.get("objective", {})
    if bounded == "value":
        low, high = objective.get("bound"), standing.reached(plan.header)
    else:
        high, gap = objective.get("cost"), objective.get("cost_gap")
        low = high - gap * max(1.0, abs(high)) if high is not None and gap is not None else None
    if not (_number(low) and _number(high)):
        return None
    return float(low), float(high)  # type: ignore[arg-type]


def _interval(one: Plan, other: Plan, bounded: str) -> tuple[float, float]:
    """Least and most that the true optimum changed; NaN where no bound is known."""
    if not bounded:
        return math.nan, math.nan
    before, after = _proven(one, bounded), _proven(other, bounded)
    if before is None or after is None:
        return math.nan, math.nan
    return after[0] - before[1], after[1] - before[0]


def _verdict(moved: float, low: float, high: float, cause: str) -> str:
    """Whether the change is more than two searches of the same question could differ by."""
    if abs(moved) <= SMALLEST:
        return "no change"
    if cause in (CHURN, MODEL):
        return cause
    if math.isnan(low):
        return "no bound known for it"
    if low <= 0 <= high:
        return "within solver churn: smaller than the plans' proven gaps"
    least = low if low > 0 else high
    return f"{cause}: at least {least:+,.4g} of it"


# ---- what data and levers bring ----------------------------------------------------------------------------------


def _inputs(one: Plan, other: Plan) -> pd.DataFrame:
    """Money available and targets: of the last plan, by the new data, by the new levers, of the new plan; exact.

    `by_data` is worked out with the old levers on the new data; where they do not fit it, the step is one (NaN).
    """
    currency = other.case.dataset.settings.currency
    try:
        middle = replay(other.case.base, one.case.name, one.case.levers).dataset
    except LeverError:
        middle = None
    rows = []
    for name, unit, value in (
        ("money available", f"million {currency}", _available),
        ("targets", "weighted area units", _targets),
        ("prices (mean change a year)", "share a year", _growth),
        ("capacity of lines", "capacity units", _capacity),
    ):
        start, end = value(one.case.dataset), value(other.case.dataset)
        between = math.nan if middle is None else value(middle)
        rows.append((name, unit, start, between - start, end - between, end))
    return pd.DataFrame(rows, columns=["input", "unit", "before", "by_data", "by_levers", "after"])


def _available(dataset: Dataset) -> float:
    path = dataset.tables["budget_path"].merge(dataset.tables["economy"], on=["nation", "year"])
    return float((path["gdp"] * path["gdp_share"] * (1 - path["committed_share"])).sum())


def _targets(dataset: Dataset) -> float:
    weight = dict(dataset.tables["areas"][["area", "weight"]].itertuples(index=False, name=None))
    targets = dataset.tables["targets"]
    return float((targets["target"] * targets["area"].map(weight)).sum())


def _growth(dataset: Dataset) -> float:
    programmes = dataset.tables["programmes"]
    return float(programmes["cost_growth"].mean()) if len(programmes) else 0.0


def _capacity(dataset: Dataset) -> float:
    return float(dataset.tables["line_capacity"]["capacity"].sum())


def _lever_changes(one: Plan, other: Plan) -> pd.DataFrame:
    before, after = dict(one.header.get("levers", {})), dict(other.header.get("levers", {}))
    for plan, known in ((one, before), (other, after)):
        known["scenario"] = plan.header.get("scenario")
        known["objective"] = plan.header.get("objective", {}).get("mode")
    rows = [
        (name, _shown(before.get(name)), _shown(after.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return pd.DataFrame(rows, columns=["lever", "before", "after"])


def _shown(value: object) -> str:
    return "default" if value is None else str(value)


# ---- the data, cell by cell --------------------------------------------------------------------------------------


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame(columns=["table", "key", "column", "before", "after"])


def _cell_changes(one: Dataset, other: Dataset) -> pd.DataFrame:
    """Rows that came or went, and cells that changed; at most SHOWN_CELLS, then a count."""
    rows: list[tuple[str, str, str, str, str]] = []
    for field, before in one.settings.model_dump(mode="json").items():
        after = other.settings.model_dump(mode="json")[field]
        if before != after:
            rows.append(("dataset.yaml", "-", field, str(before), str(after)))
    for name, table in data_tables().items():
        old, new = (dataset.tables[name].set_index(table.keys, drop=False) for dataset in (one, other))
        if old.equals(new) or name == "sources":
            continue
        rows += [(name, _key(key), "(row)", "-", "new") for key in new.index.difference(old.index)]
        rows += [(name, _key(key), "(row)", "there", "gone") for key in old.index.difference(new.index)]
        common = old.index.intersection(new.index)
        for column in table.names:
            first, second = old.loc[common, column], new.loc[common, column]
            differs = (first != second).to_numpy()
            for key, was, now in zip(common[differs], first[differs], second[differs], strict=True):
                rows.append((name, _key(key), column, str(was), str(now)))
    if len(rows) > SHOWN_CELLS:
        rest = len(rows) - SHOWN_CELLS
        rows = [*rows[:SHOWN_CELLS], ("-", "-", "-", "-", f"{rest:,} more changes")]
    return pd.DataFrame(rows, columns=["table", "key", "column", "before", "after"])


def _key(key: object) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)


# ---- decisions ---------------------------------------------------------------------------------------------------


def _decisions(one: Plan, other: Plan) -> pd.DataFrame:
    """What was decided otherwise: units by programme, launches, members, expansions, innovation lines."""
    rows: list[tuple[str, str, object, object]] = []
    for kind, table, key, value in (
        ("units ordered", "orders", "programme", "units"),
        ("launch of joint buy", "frames", "frame", "launch_year"),
        ("members of joint buy", "members", "frame", "nation"),
        ("start of expansion", "expansions", "expansion", "start_year"),
        ("innovation line", "innovation", "innovation", "mode"),
    ):
        before, after = (_decided(plan.tables[table], key, value) for plan in (one, other))
        for item in sorted({*before, *after}):
            was, now = before.get(item, "-"), after.get(item, "-")
            if was != now and not (_number(was) and _number(now) and abs(now - was) < 1e-6):
                rows.append((kind, item, was, now))
    return pd.DataFrame(rows, columns=["kind", "item", "before", "after"], dtype=object)  # a year stays whole


def _decided(table: pd.DataFrame, key: str, value: str) -> dict[str, Any]:
    if value == "units":
        return {str(item): float(units) for item, units in table.groupby(key)[value].sum().items()}
    if value == "nation":
        return {str(item): ";".join(sorted(names)) for item, names in table.groupby(key)[value]}
    return dict(zip(table[key].astype(str), table[value].tolist(), strict=True))


def _churn(one: Plan, other: Plan) -> float:
    """The change of orders against the last plan, as the rule change_max measures it (MODEL.md, section 8)."""
    keys = ["nation", "programme", "channel", "year"]
    first, last = figures.horizon(other)
    before = one.tables["orders"]
    before = before[before["year"].between(first, last)]
    whole = float(before["value"].sum())
    joined = before.merge(other.tables["orders"][[*keys, "units"]], on=keys, how="left", suffixes=("", "_now"))
    moved = (joined["units"] - joined["units_now"].fillna(0.0)).abs() * joined["unit_price"]
    return float(moved.sum()) / whole if whole else 0.0
