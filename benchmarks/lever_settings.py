"""What planners set in the data (years beyond, the ceiling on orders, who pays, urgency): the relaxation of copies.

`python -m benchmarks.levers --settings`: each copy of the reference set differs in one setting. Every row is kept as
soon as it is known (benchmarks/results/lever_settings.json) and is that of its copy's hash: the same copy is not
measured again, and a stopped run goes on where it ended.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.relaxed import Row, conclusive, lp_row
from data.dataset import Dataset
from data.levers import apply

RESULTS = Path(__file__).parent / "results" / "lever_settings.json"
BASE = "as in the data"
SHOWN = 0.02  # relative change from which a figure is told
log = logging.getLogger(__name__)
Change = Callable[[Dataset], Dataset]
HEAD = """
## What planners set in the data

Made by `python -m benchmarks.levers --settings`: copies of data/alliance that differ in one setting, each solved as a
relaxation. A setting that weighs years (beyond.weight, urgency) changes what the bound counts, so that its plans are
compared by their two indices: of the planning years (each at the copy's own urgency) and of the settled state, when all
that is ordered has arrived. Orders are valued before price tiers; hulls are ships and submarines ordered by all.

| setting | value | LP bound | change | planning years | settled | orders by year (bn) | hulls | what it says |
| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | --- |
"""


@dataclass(frozen=True)
class Copy:
    """A copy of the reference set that differs in one setting.

    Attributes:
        setting: its name in dataset.yaml, or the rule.
        value: as the table shows it.
        says: what it means, in one sentence.
        change: the copy from the data set.
    """

    setting: str
    value: str
    says: str
    change: Change

    @property
    def id(self) -> str:
        """Name of the row."""
        return BASE if self.setting == BASE else f"{self.setting}={self.value}"


def _beyond(**settings: Any) -> Change:
    return lambda d: _with(d, beyond=d.settings.beyond.model_copy(update=settings))


def _money(factor: float) -> Change:
    def change(dataset: Dataset) -> Dataset:
        money = tuple(min(1.0, factor * share) for share in dataset.settings.beyond.money)
        return _beyond(money=money)(dataset)

    return change


def _setting(**settings: Any) -> Change:
    return lambda d: _with(d, **settings)


def _with(dataset: Dataset, **settings: Any) -> Dataset:
    return replace(dataset, settings=dataset.settings.model_copy(update=settings))


def _urgency(weight: Callable[[int, float], float]) -> Change:
    """The copy with each planning year's urgency (its year, its urgency in the data)."""

    def change(dataset: Dataset) -> Dataset:
        told = dataset.settings.urgency
        return _with(dataset, urgency={year: weight(year, told.get(year, 1.0)) for year in dataset.settings.years})

    return change


def order_value(value: float | None) -> Change:
    """The copy in which the rows of order_value_max have a value; None: without the rule."""

    def change(dataset: Dataset) -> Dataset:
        rules = dataset.tables["rules"]
        mine = rules["rule"] == "order_value_max"
        changed = rules[~mine].reset_index(drop=True) if value is None else rules.assign(
            value=rules["value"].where(~mine, value)
        )  # fmt: skip
        return replace(dataset, tables={**dataset.tables, "rules": changed})

    return change


COPIES: tuple[Copy, ...] = (
    Copy(BASE, "-", "weight 5, money 60 to 20 %, orders up to twice the money, customers pay up to 10 %.", lambda d: d),
    Copy("beyond.weight", "0", "What arrives after 2035 counts nothing: orders that arrive in time alone are worth it.",
         _beyond(weight=0.0)),
    Copy("beyond.weight", "2", "The settled state counts as two years.", _beyond(weight=2.0)),
    Copy("beyond.weight", "10", "The settled state counts as ten years, more than all planning years together.",
         _beyond(weight=10.0)),
    Copy("beyond.money", "half", "Later plans keep more: 30 % of the first year beyond may be bound, 10 % of the last.",
         _money(0.5)),
    Copy("beyond.money", "1.5 times", "Later plans keep less: 90 % of the first year beyond may be bound.",
         _money(1.5)),
    Copy("beyond.money", "0", "Nothing may be bound after 2035 but what runs on by itself: all is paid by then.",
         _money(0.0)),
    Copy("order_value_max", "1", "Parliaments let orders of at most the money of their years be placed.",
         order_value(1.0)),
    Copy("order_value_max", "1.5", "Orders may be half as much again as the money.", order_value(1.5)),
    Copy("order_value_max", "4", "Orders may be four times the money of their years.", order_value(4.0)),
    Copy("order_value_max", "none", "No ceiling on orders: only payments are limited.", order_value(None)),
    Copy("contribution_max", "0", "Customers pay for no expansion elsewhere: hosts and lines' nations pay all.",
         _setting(contribution_max=0.0)),
    Copy("contribution_max", "0.02", "Customers pay at most 2 % of the value of their orders there.",
         _setting(contribution_max=0.02)),
    Copy("contribution_max", "none", "Any customer may be made to pay any part, as in edition 1.",
         _setting(contribution_max=None)),
    Copy("urgency", "1 in every year", "No year is more urgent than another.", _urgency(lambda year, told: 1.0)),
    Copy("urgency", "2 until 2030", "The years before the middle count twice.",
         _urgency(lambda year, told: 2 * told if year <= 2030 else told)),
    Copy("urgency", "2 from 2031", "The years after the middle count twice.",
         _urgency(lambda year, told: 2 * told if year > 2030 else told)),
)  # fmt: skip


def known_rows(dataset: Dataset, results: Path = RESULTS) -> dict[str, Row]:
    """Rows that were measured on the copies that this data set has now, and need no second try."""
    if not results.exists():
        return {}
    rows: Mapping[str, Row] = json.loads(results.read_text(encoding="utf-8"))["rows"]
    now = {copy.id: copy.change(dataset).sha256 for copy in COPIES if copy.id in rows}
    return {
        name: rows[name] for name, sha in now.items() if rows[name]["copy_sha256"] == sha and conclusive(rows[name])
    }


def run(
    dataset: Dataset, only: Sequence[str], kept: Callable[[], None], results: Path = RESULTS,
    measure: Callable[[Dataset], Row] = lambda copy: lp_row(apply(copy)),
) -> None:  # fmt: skip
    """Measure the copies that are not known yet, keeping each at once; `kept` is called after each."""
    rows = known_rows(dataset, results)
    for copy in wanted(only):
        if copy.id in rows:
            continue
        changed = copy.change(dataset)
        rows[copy.id] = measure(changed) | {"copy_sha256": changed.sha256}
        results.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"rows": rows}, indent=1, sort_keys=True)
        results.write_text(text + "\n", encoding="utf-8")
        kept()
        log.info("%s: bound %s", copy.id, rows[copy.id].get("bound"))


def wanted(only: Sequence[str]) -> list[Copy]:
    """The copies whose names begin as asked (all without), and the data as they are to compare with."""
    return [copy for copy in COPIES if not only or copy.id == BASE or any(copy.id.startswith(name) for name in only)]


def page(rows: Mapping[str, Row]) -> str:
    """The section of docs/levers.md."""
    return HEAD + "\n".join(_line(copy, rows) for copy in COPIES) + "\n"


def _line(copy: Copy, rows: Mapping[str, Row]) -> str:
    row, base = rows.get(copy.id), rows.get(BASE)
    if row is None:
        return _cells([copy.setting, copy.value, "not measured yet", *["-"] * 5, copy.says])
    if row.get("bound") is None:
        return _cells([copy.setting, copy.value, "none", *["-"] * 5, f"{copy.says} {row.get('why')}."])
    bound, figures = row["bound"], row["relaxed"]
    change = "-" if copy.setting == BASE or not base else f"{bound / base['bound'] - 1:+.2%}"
    told = f" {moved(row, base)}" if base and copy.setting != BASE and base.get("bound") else ""
    shown = [f"{bound:.4f}", change, f"{figures['planning index']:.3f}", _settled(figures), _orders(row["orders"])]
    return _cells([copy.setting, copy.value, *shown, f"{figures['hulls']:.1f}", f"{copy.says}{told}"])


def _settled(figures: Mapping[str, float]) -> str:
    return f"{figures['settled index']:.3f}" if "settled index" in figures else "-"


def _orders(by_year: Mapping[str, float]) -> str:
    return " ".join(f"{value / 1000:.0f}" for _, value in sorted(by_year.items()))


def moved(row: Row, base: Row) -> str:
    """One sentence on what moved against the data as they are: orders in all and at the end, expansions, hulls."""
    here, there = _sums(row), _sums(base)
    told = [
        f"{name} {there[name]:,.1f} -> {here[name]:,.1f}"
        for name in here
        if abs(here[name] - there[name]) > SHOWN * max(abs(there[name]), 0.5)
    ]
    return f"{'; '.join(told)}." if told else f"Orders, expansions and hulls stay within {SHOWN:.0%}."


def _sums(row: Row) -> dict[str, float]:
    orders = row["orders"]
    last = sorted(orders)[-2:]
    return {
        "orders (bn)": sum(orders.values()) / 1000,
        f"of {'-'.join(last)} (bn)": sum(orders[year] for year in last) / 1000,
        "expansions": row["relaxed"]["start"],
        "hulls": row["relaxed"]["hulls"],
    }


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
