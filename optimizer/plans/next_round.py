"""Next year's data set from this year's plan: what the first year decided stands, the rest is open again.

The base data set of the plan (no scenario, no `--set`) moves on by one year; last_year stays. How each decision of
the first year is carried is said at the function that carries it, and in docs/decisions.md.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data.checks import examine
from data.dataset import Dataset, sort_by_key, write
from data.dictionary import NO_YEAR, data_tables
from data.findings import DataError
from data.rows import each
from data.settings import Settings
from optimizer.plans.carried import Carried, less
from optimizer.plans.overtaken import Overtaken, may_expand, scenarios_left
from optimizer.plans.plan import CONTRACT, Plan, PlanError

SOURCE = "new round"  # how the rows of `sources` begin that new rounds write
YEARLY = ("economy", "budget_path", "targets", "line_capacity", "component_capacity")
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class NextRound:
    """Next year's data set, and what a planner should know about it, a line each."""

    dataset: Dataset
    notes: tuple[str, ...]


def next_round(plan: Plan) -> NextRound:
    """Next year's data set.

    Raises:
        PlanError: there is no plan, one of an earlier contract, or no year left after its first.
    """
    if not plan.solved:
        raise PlanError("there is no plan to go on from: solve again, or name the folder of a plan")
    if plan.header.get("contract") != CONTRACT:
        edition = "the plan follows an earlier edition of the model, which production and money do not go on from"
        raise PlanError(f"{edition}: solve its data set again")
    settings = plan.case.base.settings
    if settings.first_year >= settings.last_year:
        raise PlanError(f"{settings.last_year} is the last year of the horizon: a next round needs a later last_year")
    carried = Carried(plan)
    moved, notes = _moved_on(settings)
    tables = _later_rows(dict(plan.case.base.tables), moved)
    for step in (_buying, _in_service, _frames, _loans, _lines, _innovation, _money, _pins, _prior, _sources):
        tables = step(tables, carried)
    tables, under_way, finished = _expansions(tables, carried, may_expand(settings.levers))
    overtaken = Overtaken(carried, tuple(under_way), tuple(finished))
    levers, more = overtaken.left(moved.levers)
    levers = dict(sorted({**levers, **{f"force.{name}": True for name in under_way}}.items()))
    moved = moved.model_copy(update={"levers": levers})
    tables = {name: sort_by_key(tables[name], table) for name, table in data_tables().items()}
    scenarios, about = scenarios_left(plan.case.base.scenarios, tables, moved, overtaken)
    if under_way:
        notes.append(f"under way and forced: {', '.join(under_way)}")
    return NextRound(Dataset(moved, tables, scenarios, None), (*notes, *more, *about))


def write_round(plan: Plan, folder: Path) -> tuple[NextRound, list[str]]:
    """Write next year's data set to a folder; gives it and the warnings of its check.

    Raises:
        PlanError: no plan, no year left, or a folder that holds something else than a data set.
        DataError: the new data set has errors (nothing is written).
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise PlanError(f"{folder} is a file: name a folder for the new data set")
    if folder.exists() and any(folder.iterdir()) and not (folder / "dataset.yaml").is_file():
        raise PlanError(f"{folder} is not empty and holds no data set: name another folder")
    fresh = next_round(plan)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as place:
        trial = Path(place) / "round"
        write(fresh.dataset, trial)
        known, found = examine(trial)
        if known is None:
            raise DataError(found)
        folder.mkdir(exist_ok=True)
        for name in data_tables():
            (folder / f"{name}.csv").unlink(missing_ok=True)
        (folder / "scenarios.yaml").unlink(missing_ok=True)
        for file in sorted(trial.iterdir()):
            shutil.copyfile(file, folder / file.name)
    return fresh, [str(finding) for finding in found]


# ---- the horizon -------------------------------------------------------------------------------------------------


def _moved_on(settings: Settings) -> tuple[Settings, list[str]]:
    """First year moved on, with last year and all beyond it as they were; and what had to give way.

    The name says the round, so that a plan of it does not take the earlier plan's folder.
    """
    first = settings.first_year + 1
    name = settings.name.removesuffix(f"-{settings.first_year}") + f"-{first}"
    urgency = {year: weight for year, weight in settings.urgency.items() if year >= first}
    left, beyond, notes = settings.last_year - settings.first_year, settings.beyond, []
    if beyond.flow > left:
        notes.append(f"beyond.flow is {left} in place of {beyond.flow}: no more planning years are left")
        beyond = beyond.model_copy(update={"flow": left})
    change = {"first_year": first, "name": name, "urgency": urgency, "beyond": beyond}
    return settings.model_copy(update=change), notes


def _later_rows(tables: Tables, new: Settings) -> Tables:
    """Rows of the year that is over go; windows that were open from it begin with the new first year.

    A rule keeps its from_year: it holds from the later of that and the first year, and steps by year stay apart.
    """
    for name in YEARLY:
        tables[name] = tables[name][tables[name]["year"] >= new.first_year]
    for name, table in data_tables().items():
        for column in table.columns:
            if column.default == "first_year" and not column.key:
                later = tables[name][column.name].clip(lower=new.first_year)
                tables[name] = tables[name].assign(**{column.name: later})
    return tables


# ---- what is carried ---------------------------------------------------------------------------------------------


def _rows(name: str, rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """A table of the data set from its rows."""
    table = data_tables()[name]
    frame = pd.DataFrame(list(rows), columns=table.names)
    kinds = {c.name: "int64" if c.whole else "float64" if c.numeric else "object" for c in table.columns}
    return frame.astype(kinds)


def _added(frame: pd.DataFrame, name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    fresh = _rows(name, rows)
    return pd.concat([frame, fresh], ignore_index=True) if len(frame) else fresh


def _buying(tables: Tables, carried: Carried) -> Tables:
    """Orders become pipeline and leave less to order; the pipeline counts as operated, once."""
    built = carried.built()
    rows = [
        {"nation": n, "programme": i, "year": t, "units": units, "built": built.get((n, i, t), 0.0)}
        for (n, i, t), units in carried.pipeline().items()
    ]
    tables["pipeline"] = _rows("pipeline", rows)
    ordered, operated = carried.ordered(), _newly_operated(tables, carried)
    customers = tables["customers"]
    pairs = list(zip(customers["nation"], customers["programme"], strict=True))
    left = [less(most, ordered.get(pair, 0.0)) for pair, most in zip(pairs, customers["max_units"], strict=True)]
    has = [units + operated.get(pair, 0.0) for pair, units in zip(pairs, customers["units_operated"], strict=True)]
    customers = customers.assign(max_units=left, units_operated=has)
    known = set(pairs)
    strangers = [pair for pair in operated if pair not in known]
    new = [{"nation": n, "programme": i, "max_units": 0.0, "units_operated": operated[n, i]} for n, i in strangers]
    tables["customers"] = _added(customers, "customers", new)
    return tables


def _newly_operated(tables: Tables, carried: Carried) -> dict[tuple[str, str], float]:
    """Units that enter units_operated: this year's orders and, in the first round of all, the data's own pipeline."""
    found = dict(carried.ordered())
    sources = tables["sources"]
    marked = (sources["table"] == "customers") & sources["source"].str.startswith(SOURCE)
    if not marked.any():
        for (nation, programme, _), units in sorted(carried.base_pipeline.items()):
            found[nation, programme] = found.get((nation, programme), 0.0) + units
    return {pair: units for pair, units in sorted(found.items()) if units > 0}


def _in_service(tables: Tables, carried: Carried) -> Tables:
    """What arrived in the first year serves on: its effect is in the baseline for as long as it lives.

    Of a collective area the ALL row rises, and the part of USA with it. A pair of area and nation without a target
    gets a row with target 0, since an enabler or a nation's share counts there too.
    """
    collective = set(tables["targets"].loc[tables["targets"]["nation"] == "ALL", "area"])
    rises: dict[tuple[str, str, int], tuple[float, float]] = {}
    for (nation, area, year), effect in carried.effects().items():
        key = ("ALL" if area in collective else nation, area, year)
        whole, american = rises.get(key, (0.0, 0.0))
        usa = effect if key[0] == "ALL" and nation == "USA" else 0.0
        rises[key] = (whole + effect, american + usa)
    targets = tables["targets"]
    keys = list(zip(targets["nation"], targets["area"], targets["year"], strict=True))
    more = [rises.get(key, (0.0, 0.0)) for key in keys]
    targets = targets.assign(
        baseline=targets["baseline"] + [whole for whole, _ in more],
        baseline_us=targets["baseline_us"] + [american for _, american in more],
    )
    missing = sorted(set(rises) - set(keys))
    names = ("nation", "area", "year", "baseline", "baseline_us")
    new = [dict(zip(names, (*key, *rises[key]), strict=True)) | {"target": 0.0} for key in missing]
    tables["targets"] = _added(targets, "targets", new)
    return tables


def _frames(tables: Tables, carried: Carried) -> Tables:
    """Frames launched by now: who joined is a member with the units ordered so far, and nobody else can be one.

    Tier, minimum and the members' least share count what was ordered before; fees follow from `launched`.
    """
    before, members = carried.units_before, tables["frame_members"]
    pairs = list(zip(members["frame"], members["nation"], strict=True))
    fresh = set(carried.launches) - set(carried.earlier)
    status = [
        ("member" if pair in before else "excluded") if pair[0] in fresh else old
        for pair, old in zip(pairs, members["status"], strict=True)
    ]
    units = [before.get(pair, old) for pair, old in zip(pairs, members["units_before"], strict=True)]
    tables["frame_members"] = members.assign(
        status=pd.Series(status, index=members.index, dtype="object"),
        units_before=pd.Series(units, index=members.index, dtype="float64"),
    )
    frames = tables["frames"]
    years = [carried.launches.get(frame, 0) for frame in frames["frame"]]
    tables["frames"] = frames.assign(launched=pd.Series(years, index=frames.index, dtype="int64"))
    return tables


def _loans(tables: Tables, carried: Carried) -> Tables:
    """What was drawn, or will be for orders of the first year, can't be drawn again (interest is an obligation).

    A group has one amount, and what any of its nations draws comes off it.
    """
    drawn: dict[tuple[str, str], float] = defaultdict(float)
    for (facility, nation, _), amount in carried.draws.items():
        scope, _ = carried.keys.loan[facility, nation]
        drawn[facility, scope] += amount
    loans = tables["loans"]
    left = [less(row.amount, drawn[row.facility, row.nation]) for row in each(loans)]
    tables["loans"] = loans.assign(amount=pd.Series(left, index=loans.index, dtype="float64"))
    return tables


def _lines(tables: Tables, carried: Carried) -> Tables:
    """Ramps start from the output of the first year."""
    lines, output = tables["lines"], carried.output()
    made = [output.get(row.line, row.current_output) for row in each(lines)]
    tables["lines"] = lines.assign(current_output=pd.Series(made, index=lines.index, dtype="float64"))
    return tables


def _innovation(tables: Tables, carried: Carried) -> Tables:
    """Fast or scaled: the completion year stands. A pilot that runs costs nothing more here and is a year shorter.

    What is left to pay of either is an obligation. A line once piloted can't turn to the fast mode.
    """
    done = {row.innovation: int(row.complete_year) for row in carried.decided()}
    begun = _begun(tables, carried) - set(done)
    lines = tables["innovation"]
    running = lines["innovation"].isin(begun) & (lines["complete_year"] == 0)
    tables["innovation"] = lines.assign(
        complete_year=lines["innovation"].map(done).fillna(lines["complete_year"]).astype("int64"),
        pilot_cost=lines["pilot_cost"].mask(running, 0.0),
        pilot_years=lines["pilot_years"].mask(running, (lines["pilot_years"] - 1).clip(lower=0)),
        fast_years=lines["fast_years"].mask(running, -1),
    )
    return tables


def _begun(tables: Tables, carried: Carried) -> set[str]:
    """Lines whose pilot began in the first year or, by the marks in `sources`, in an earlier round."""
    now = {row.innovation for row in carried.of("innovation", "pilot_year") if row.mode != "fast"}
    sources = tables["sources"]
    marked = (sources["table"] == "innovation") & (sources["column"] == "pilot_years")
    return now | set(sources.loc[marked & sources["source"].str.startswith(SOURCE), "key"])


def _money(tables: Tables, carried: Carried) -> Tables:
    """Money bound becomes obligations; money carried over and loans already spoken for are planned money."""
    amounts = carried.obligations()
    old = tables["obligations"]
    for row in each(old[old["year"] > carried.first]):
        key = (row.nation, int(row.year), row.pillar, row.kind, row.item)
        amounts[key] = amounts.get(key, 0.0) + row.amount
    names = ("nation", "year", "pillar", "kind", "item")
    rows = [dict(zip(names, key, strict=True)) | {"amount": amount} for key, amount in sorted(amounts.items())]
    tables["obligations"] = _rows("obligations", rows)
    tables["budget_path"] = _with_more_money(tables, carried)
    return tables


def _with_more_money(tables: Tables, carried: Carried) -> pd.DataFrame:
    """Planned money rises by what was carried over and by loans for orders made; committed money stays."""
    gdp = {(row.nation, row.year): row.gdp for row in each(tables["economy"])}
    money = carried.money()
    shares, committed = [], []
    for row in each(tables["budget_path"]):
        share, bound = row.gdp_share, row.committed_share
        more = money.get((row.nation, row.year, row.pillar), 0.0)
        if more and gdp[row.nation, row.year] > 0:
            share = min(1.0, share + more / gdp[row.nation, row.year])
            bound = bound * row.gdp_share / share
        shares.append(share)
        committed.append(bound)
    return tables["budget_path"].assign(gdp_share=shares, committed_share=committed)


def _pins(tables: Tables, carried: Carried) -> Tables:
    """Pins of years to come stay; those of the year that is over are met.

    A pin of no year lost what the first year has ordered; a least number that is ordered already asks nothing more.
    """
    rows = []
    for row in each(tables["pins"][tables["pins"]["year"].isin([NO_YEAR, *carried.later])]):
        pin = row._asdict()
        if row.year == NO_YEAR:
            pin["units"] = less(row.units, carried.matching(row.nation, row.programme, row.channel))
        if row.sense != "min" or pin["units"] > 0:
            rows.append(pin)
    tables["pins"] = _rows("pins", rows)
    return tables


def _prior(tables: Tables, carried: Carried) -> Tables:
    """The plan's orders of the years that are still open."""
    orders = carried.plan.tables["orders"]
    tables["prior_plan"] = _rows("prior_plan", orders[orders["year"] > carried.first].to_dict("records"))
    return tables


def _sources(tables: Tables, carried: Carried) -> Tables:
    """Where the carried rows are from; a pilot under way and the counted pipeline are known by these marks."""
    text = f"{SOURCE} after the plan of {carried.first}"
    places = [(name, "", "") for name in ("pipeline", "obligations", "prior_plan")]
    places += [("customers", "", "max_units"), ("customers", "", "units_operated"), ("lines", "", "current_output")]
    places += [("frame_members", "", "units_before")] if carried.launches else []
    places += [("innovation", line, "pilot_years") for line in sorted(_begun(tables, carried))]
    note = "derived from the plan and the data set in its folder"
    rows = [
        {"table": table, "key": key, "column": column, "source": text, "year": str(carried.first),
         "basis": "derived", "note": note}
        for table, key, column in places
    ]  # fmt: skip
    tables["sources"] = _added(tables["sources"], "sources", rows)
    return tables


# ---- expansions ---------------------------------------------------------------------------------------------------


def _expansions(tables: Tables, carried: Carried, allowed: bool) -> tuple[Tables, list[str], list[str]]:
    """Expansions started in the first year, whose remaining bill is an obligation of those who pay it.

    Not open yet, or with a guarantee that still runs: the row stays, free of cost, to be opened in the same year, and
    the lever force.X holds it (so that the ramp at its opening and the guaranteed load stay true). Else, and where no
    expansion is allowed to start: its capacity is in the yearly capacities and its window is closed.

    Returns:
        (tables, expansions under way, expansions that are finished).
    """
    first, under_way, finished = carried.first + 1, [], []
    rows = tables["expansions"].set_index("expansion", drop=False)
    for started in carried.of("expansions", "start_year"):
        name, opens = started.expansion, int(started.opens)
        row = rows.loc[name]
        guaranteed = opens + int(row["guarantee_years"]) - first if row["guaranteed_load"] > 0 else 0
        rows.loc[name, ["cost", "annual_cost", "host_share_min"]] = 0.0
        if allowed and (opens >= first or guaranteed > 0):
            under_way.append(name)
            left = int(row["guarantee_years"]) if opens >= first else guaranteed
            years = [first, first, max(0, opens - first), left]
            rows.loc[name, ["first_year", "last_year", "build_years", "guarantee_years"]] = years
        else:
            finished.append(name)
            rows.loc[name, "last_year"] = carried.first
            _open(tables, str(row["line_or_component"]), opens, float(row["added_capacity"]))
    tables["expansions"] = rows.reset_index(drop=True)
    return tables, sorted(under_way), sorted(finished)


def _open(tables: Tables, place: str, opens: int, added: float) -> None:
    for name, key in (("line_capacity", "line"), ("component_capacity", "component")):
        frame = tables[name]
        grown = (frame[key] == place) & (frame["year"] >= opens)
        tables[name] = frame.assign(capacity=frame["capacity"].mask(grown, frame["capacity"] + added))
