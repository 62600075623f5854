"""The figures that a reader wants first, worked out once from a plan for the workbook, the console and the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.rows import each, tuples
from reports.assumed import MARK, assumed_frames

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

CORE, PLEDGE = 0.035, 0.05  # of GDP: core, and core with at most 1.5 % resilience
FULL = 0.98  # of the capacity of a line or component: from here on it is full, wherever that is told
NOTHING = 1e-9
ENDINGS = {
    0: "solved within the gap asked",
    4: "infeasible: no plan keeps every hard rule",
    5: "a limit ended the search; the plan is whole and audited, its gap is stated",
    6: "a limit ended the search before a plan was found",
}


@dataclass(frozen=True)
class Figure:
    """One headline figure: what it is, its value as text, and a remark."""

    label: str
    value: str
    remark: str = ""


def points(value: object) -> str:
    """Gap-index points; `-` where there are none."""
    return f"{value:,.2f}" if isinstance(value, int | float) else "-"


def per_cent(value: object, decimals: int = 2) -> str:
    """A share as per cent; `-` where there is none."""
    return f"{value:.{decimals}%}" if isinstance(value, int | float) else "-"


def counted(number: int, one: str, more: str) -> str:
    """A number and what it counts: 1 joint buy, 2 joint buys."""
    return f"{number} {one if number == 1 else more}"


def met(closure: float) -> str:
    """A closure as whole per cent, rounded down: 94.9 % of a target met is not 95 %."""
    return f"{int(100 * closure + 1e-6)}%"


def money(value: object, currency: str) -> str:
    """Millions of the currency, in billions from ten thousand on, in trillions from a million on."""
    if not isinstance(value, int | float):
        return "-"
    if abs(value) >= 1_000_000:
        return f"{currency} {value / 1_000_000:,.2f} tn"
    if abs(value) >= 10_000:
        return f"{currency} {value / 1000:,.1f} bn"
    return f"{currency} {value:,.1f} m"


def of_all(kpi: object) -> object:
    """The alliance's figure of a KPI that is a number or an object by id."""
    return kpi.get("ALL") if isinstance(kpi, Mapping) else kpi


def horizon(plan: Plan) -> tuple[int, int]:
    """First and last year of the plan."""
    settings = plan.case.dataset.settings
    return settings.first_year, settings.last_year


def planning(plan: Plan, table: str) -> pd.DataFrame:
    """The rows of a plan table that fall into the planning years; several tables go on in the years beyond."""
    frame = plan.tables[table]
    return frame[frame["year"].between(*horizon(plan))]


def years_beyond(plan: Plan) -> list[int]:
    """The years after the horizon in which deliveries and payments may still fall."""
    return list(plan.case.dataset.settings.beyond_years)


def title(plan: Plan) -> str:
    """One line: what plan this is."""
    first, last = horizon(plan)
    scenario = plan.header.get("scenario")
    return (
        f"Drive to Five: {plan.header.get('dataset', '')}{f', scenario {scenario}' if scenario else ''}, {first}-{last}"
    )


def ending(plan: Plan) -> str:
    """How the search ended, as a sentence."""
    code = plan.header.get("exit_code")
    text = ENDINGS.get(int(code), "ended in error") if code is not None else str(plan.header.get("status", ""))
    return text[0].upper() + text[1:] + "."


def headline(plan: Plan) -> list[Figure]:
    """The six figures that a plan is judged by."""
    header, kpis = plan.header, plan.header.get("kpis", {})
    objective: Mapping[str, Any] = header.get("objective", {})
    currency = plan.case.dataset.settings.currency
    _, last = horizon(plan)
    before, after = header.get("gap_index_before"), header.get("gap_index_after")
    closed = 1 - after / before if before and after is not None else None
    frames = plan.tables["frames"] if "frames" in plan.tables else pd.DataFrame()
    cost = kpis.get("cost", objective.get("cost"))
    both = f"{_two_shares(kpis)} core and resilience"
    return [
        Figure("Gap index", f"{points(before)} → {points(after)}", f"before → after; {per_cent(closed, 1)} closed"),
        _settled(plan, last),
        Figure("Gap proven", per_cent(objective.get("gap")), _proven(objective)),
        Figure("Cost of the plan", money(cost, currency), _cost_remark(plan, objective.get("cost_gap"))),
        Figure("Saved together", money(kpis.get("joint_saving"), currency), _joint(len(frames))),
        Figure("Pledge credit", per_cent(of_all(kpis.get("pledge_credit"))), f"of GDP in {last}: {both}"),
    ]


def _settled(plan: Plan, last: int) -> Figure:
    """The settled state, or that nothing arrives after the last year."""
    before, after = plan.header.get("settled_before"), plan.header.get("settled_after")
    if after is None:
        return Figure("When all has arrived", "-", f"nothing arrives after {last}")
    return Figure("When all has arrived", f"{points(before)} → {points(after)}", "gap index of the settled state")


def _proven(objective: Mapping[str, Any]) -> str:
    """Beside the gap: what of all that any plan could close is closed at the least, else the bound."""
    bound, meaning = f"best bound {points(objective.get('bound'))}", closes(objective.get("closed"))
    return f"{bound}; {meaning}" if meaning else bound


def closes(closed: object) -> str:
    """What of all that any plan could close is closed at the least, in words, rounded down; '' where it is not known.

    A plan whose soft penalties outweigh what it closes closes nothing that could be proven.
    """
    if not isinstance(closed, int | float):
        return ""
    if closed <= 0:
        return "closes none of what any plan could"
    return f"closes at least {_at_least(closed)} of what any plan could"


def closes_briefly(closed: object) -> str:
    """The same where there is no room for words, beside a gap: `, closes ≥ 97.4%`."""
    if not isinstance(closed, int | float):
        return ""
    return f", closes ≥ {_at_least(max(0.0, closed))}"


def _at_least(share: float) -> str:
    return f"{int(1000 * share + 1e-6) / 10:.1f}%"


def _joint(number: int) -> str:
    return f"{counted(number, 'joint buy', 'joint buys')}, after fees"


def _cost_remark(plan: Plan, gap: float | None) -> str:
    """How far the cost could be from the least for this gap index; a bound of 0 says nothing and is not dressed up."""
    known = "no bound of the cost known" if gap is None or gap >= 1 - 1e-9 else f"gap of the cost {per_cent(gap)}"
    beyond = years_beyond(plan)
    return f"to {beyond[-1]}, {known}" if beyond else known


def _two_shares(kpis: Mapping[str, Any]) -> str:
    return " + ".join(per_cent(of_all(kpis.get(name))) for name in ("core_share", "resilience_share"))


def money_by_pillar(plan: Plan) -> pd.DataFrame:
    """Money by pillar over the horizon, in millions, and a row for both.

    Columns: pillar, planned, committed, available, loan, spent, unspent; used = spent / (available + loan);
    share_first and share_last = (committed + spent) / gdp of the first and the last year.
    """
    columns = ["planned", "committed", "available", "loan", "spent", "unspent"]
    budgets = plan.tables["budgets"]
    summed = budgets.groupby("pillar")[columns].sum()
    for name, year in zip(("share_first", "share_last"), horizon(plan), strict=True):
        of_year = budgets[budgets["year"] == year]
        gdp = of_year.groupby("nation")["gdp"].first().sum()
        spent = (of_year["committed"] + of_year["spent"]).groupby(of_year["pillar"]).sum()
        summed[name] = spent / gdp if gdp else 0.0
    summed.loc["both"] = summed.sum()
    money = summed["available"] + summed["loan"]
    summed["used"] = (summed["spent"] / money.where(money != 0)).fillna(0.0)
    return summed.fillna(0.0).rename_axis("pillar").reset_index()


def names_of(plan: Plan, table: str, key: str) -> dict[str, str]:
    """Id -> name in full, the id itself where the data give none, and beside it where two have the same name."""
    source = plan.case.dataset.tables[table]
    names = {item: name or item for item, name in tuples(source, [key, "name"])}
    often = Counter(names.values())
    return {item: name if often[name] == 1 else f"{name} ({item})" for item, name in names.items()}


def bought_together(plan: Plan, top: int = 8) -> pd.DataFrame:
    """The launched frames with the largest value, with their names (marked where a price is assumed); in millions."""
    frames, members = plan.tables["frames"], plan.tables["members"]
    names, guessed = names_of(plan, "frames", "frame"), assumed_frames(plan)
    found = frames.assign(
        value=frames["frame"].map(members.groupby("frame")["value"].sum()).fillna(0.0).astype(float),
        name=[f"{names.get(frame, frame)}{f' {MARK}' if frame in guessed else ''}" for frame in frames["frame"]],
    )
    columns = ["frame", "name", "launch_year", "members", "units", "price_factor", "value", "saving", "fees"]
    return found.sort_values(["value", "frame"], ascending=[False, True])[columns].head(top).reset_index(drop=True)


def closure_by_area(plan: Plan) -> pd.DataFrame:
    """Area -> target, shortfall, from_baseline and closure in the last year with targets, worst closure first.

    settled: closure when all that is ordered has arrived; NaN where the plan has no settled state.
    """
    gaps = plan.tables["gaps"]
    gaps = gaps[gaps["year"] == gaps["year"].max()]
    start = (gaps["target"] - gaps["baseline"]).clip(lower=0.0)
    summed = gaps.assign(start=start).groupby("area")[["target", "start", "shortfall"]].sum()
    summed = summed[summed["target"] > 0]
    names = names_of(plan, "areas", "area")
    summed["from_baseline"] = 1 - summed["start"] / summed["target"]
    summed["closure"] = 1 - summed["shortfall"] / summed["target"]
    summed["name"] = [names.get(str(area), str(area)) for area in summed.index]
    later = plan.tables["settled"].groupby("area")[["target", "shortfall"]].sum()
    missing = later["shortfall"].astype(float) / later["target"].where(later["target"] > 0).astype(float)
    summed["settled"] = 1 - missing.reindex(summed.index)
    found = summed.reset_index().sort_values(["closure", "area"]).reset_index(drop=True)
    return pd.DataFrame(found, columns=["area", "name", "target", "shortfall", "from_baseline", "closure", "settled"])


def closures(plan: Plan) -> pd.DataFrame:
    """Each target of the last year: nation (or ALL), area, target, shortfall, closure, settled; the least met first.

    settled: closure when all that is ordered has arrived; NaN where the plan has no settled state.
    """
    gaps = plan.tables["gaps"]
    rows = gaps[(gaps["year"] == horizon(plan)[1]) & (gaps["target"] > 0)]
    later = plan.tables["settled"].set_index(["nation", "area"])["closure"]
    keys = pd.MultiIndex.from_frame(rows[["nation", "area"]])
    found = rows[["nation", "area", "target", "shortfall", "closure"]].assign(
        settled=later.reindex(keys).astype(float).to_numpy()
    )
    return found.sort_values(["closure", "area", "nation"], ignore_index=True)


def use_of_industry(plan: Plan) -> pd.DataFrame:
    """Lines and components, each counted by itself over the planning years: kind, all, full, idle.

    full: at least FULL of its capacity in some year; idle: used in none. A line without a capacity row is not counted.
    """
    capacity = planning(plan, "capacity")
    most = capacity.groupby("line_or_component")[["utilisation", "used"]].max()
    lines = set(plan.case.dataset.tables["lines"]["line"])
    rows = []
    for kind, mine in (("line", most[most.index.isin(lines)]), ("component", most[~most.index.isin(lines)])):
        full, idle = int((mine["utilisation"] >= FULL).sum()), int((mine["used"] <= NOTHING).sum())
        rows.append((kind, len(mine), full, idle))
    return pd.DataFrame(rows, columns=["kind", "all", "full", "idle"])


def industry_told(plan: Plan) -> str:
    """How many lines, and how many components, run full in some planning year and stand idle in all."""
    told = []
    for row in each(use_of_industry(plan)):
        if row.all:
            whole = counted(row.all, row.kind, f"{row.kind}s")
            verb = "is" if row.all == 1 else "are"
            told.append(f"{row.full} of {whole} {verb} full in some year, {row.idle} idle throughout")
    return "; ".join(told)


def expanded_told(plan: Plan) -> str:
    """How many lines and how many components the plan expands, counted apart, each once however often it grows."""
    source = plan.case.dataset.tables["expansions"]
    started = source[source["expansion"].isin(plan.tables["expansions"]["expansion"])]
    places = set(started["line_or_component"]) if "line_or_component" in started else set()
    lines = len(places & set(plan.case.dataset.tables["lines"]["line"]))
    told = [counted(lines, "production line", "production lines")]
    told += [counted(len(places) - lines, "component", "components")] if len(places) > lines else []
    return f"{' and '.join(told)} {'is' if len(places) == 1 else 'are'} expanded"


def bound_beyond(plan: Plan, nation: str | None = None) -> pd.DataFrame:
    """Money of the years beyond the horizon, of all nations or of one: year, pillar, money, bound, free (millions)."""
    beyond = plan.tables["beyond"]
    mine = beyond if nation is None else beyond[beyond["nation"] == nation]
    return pd.DataFrame(mine.groupby(["year", "pillar"], as_index=False)[["money", "bound", "free"]].sum())


def spending_by_area(plan: Plan, top: int = 9, beyond: bool = False) -> pd.DataFrame:
    """Year x area (names; the largest `top`, the rest together, then what belongs to no area by kind), and `available`.

    Millions of the currency, of the planning years or, with `beyond`, on to the years in which this plan binds money
    after them. `available` is the money of both pillars with loans and without what is carried; of the years beyond
    what may be bound. The largest areas are those of the planning years.
    """
    names = names_of(plan, "areas", "area")
    inside = planning(plan, "spending")
    spending = plan.tables["spending"] if beyond else inside
    totals = inside[inside["area"] != "-"].groupby("area")["amount"].sum()
    largest = list(totals.sort_values(ascending=False, kind="stable").index[:top])
    label = spending["area"].where(spending["area"].isin(largest), "other areas")
    label = label.where(spending["area"] != "-", spending["kind"])
    years = [*range(horizon(plan)[0], horizon(plan)[1] + 1), *(years_beyond(plan) if beyond else [])]
    table = spending.assign(label=label).pivot_table(index="year", columns="label", values="amount", aggfunc="sum")
    table = table.reindex(years).fillna(0.0)
    rest = sorted(str(name) for name in table.columns if name not in largest and name != "other areas")
    order = largest + [name for name in ["other areas"] if name in table.columns] + rest
    table = table[order].rename(columns={area: names.get(area, area) for area in largest})
    budgets = plan.tables["budgets"].assign(money=lambda frame: frame["available"] + frame["loan"])
    money = pd.concat([frame.groupby("year")["money"].sum() for frame in (budgets, plan.tables["beyond"])])
    return table.assign(available=money.reindex(years).fillna(0.0))


def flat_kpis(kpis: Mapping[str, Any]) -> pd.DataFrame:
    """KPIs as rows: kpi, key (`-` for a single number; keys of keys joined by a colon), value."""
    rows: list[tuple[str, str, object]] = []

    def walk(name: str, key: str, value: object) -> None:
        if isinstance(value, Mapping):
            for inner, item in value.items():
                walk(name, f"{key}:{inner}" if key else str(inner), item)
        else:
            rows.append((name, key or "-", "-" if value is None else value))

    for name, value in kpis.items():
        walk(name, "", value)
    return pd.DataFrame(rows, columns=["kpi", "key", "value"])
