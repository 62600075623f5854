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
from data.dictionary import data_tables
from data.findings import DataError
from data.overrides import OverrideError, override
from data.rows import each
from data.settings import ScenarioSpec, Settings
from optimizer.carried import SMALLEST, Carried
from optimizer.plan import Plan, PlanError

SOURCE = "new round"  # how the rows of `sources` begin that new rounds write
YEARLY = ("economy", "budget_path", "targets", "line_capacity", "component_capacity")
DIGITS = 9  # of units and money: below is the solver's tolerance
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class NextRound:
    """Next year's data set, and what a planner should know about it, a line each."""

    dataset: Dataset
    notes: tuple[str, ...]


def next_round(plan: Plan) -> NextRound:
    """Next year's data set.

    Raises:
        PlanError: there is no plan, or no year left after its first.
    """
    if not plan.solved:
        raise PlanError("there is no plan to go on from: solve again, or name the folder of a plan")
    settings = plan.case.base.settings
    if settings.first_year >= settings.last_year:
        raise PlanError(f"{settings.last_year} is the last year of the horizon: a next round needs a later last_year")
    carried = Carried(plan)
    moved = _moved_on(settings, carried)
    tables = _later_rows(dict(plan.case.base.tables), settings, moved)
    for step in (_buying, _in_service, _frames, _loans, _lines, _innovation, _money, _prior, _sources):
        tables = step(tables, carried)
    tables, under_way, finished = _expansions(tables, carried)
    levers = _levers(moved.levers, under_way, _settled(carried, finished), carried)
    levers = dict(sorted({**levers, **{f"force.{name}": True for name in under_way}}.items()))
    moved = moved.model_copy(update={"levers": levers})
    tables = {name: sort_by_key(tables[name], table) for name, table in data_tables().items()}
    scenarios, notes = _scenarios(plan.case.base.scenarios, tables, moved, carried, under_way, finished)
    if under_way:
        notes = [f"under way and forced: {', '.join(under_way)}", *notes]
    return NextRound(Dataset(moved, tables, scenarios, None), tuple(notes))


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


def _moved_on(settings: Settings, carried: Carried) -> Settings:
    """First year moved on; the name says the round, so that a plan of it does not take the earlier plan's folder."""
    first = carried.first + 1
    name = settings.name.removesuffix(f"-{carried.first}") + f"-{first}"
    urgency = {year: weight for year, weight in settings.urgency.items() if year >= first}
    return settings.model_copy(update={"first_year": first, "name": name, "urgency": urgency})


def _later_rows(tables: Tables, old: Settings, new: Settings) -> Tables:
    """Rows of the year that is over go; windows that were open from it begin with the new first year."""
    for name in YEARLY:
        tables[name] = tables[name][tables[name]["year"] >= new.first_year]
    for name, table in data_tables().items():
        for column in table.columns:
            values = tables[name][column.name]
            if column.default == "first_year":
                tables[name] = tables[name].assign(**{column.name: values.clip(lower=new.first_year)})
            elif column.default == "horizon":
                whole = values == len(old.years)
                tables[name] = tables[name].assign(**{column.name: values.mask(whole, len(new.years))})
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
    """Orders become pipeline and obligations, and leave less to order; the pipeline counts as operated, once."""
    pipeline = carried.pipeline()
    rows = [{"nation": n, "programme": i, "year": t, "units": units} for (n, i, t), units in pipeline.items()]
    tables["pipeline"] = _rows("pipeline", rows)
    ordered, operated = carried.ordered(), _newly_operated(tables, carried)
    customers = tables["customers"]
    pairs = list(zip(customers["nation"], customers["programme"], strict=True))
    left = [most - ordered.get(pair, 0.0) for pair, most in zip(pairs, customers["max_units"], strict=True)]
    has = [units + operated.get(pair, 0.0) for pair, units in zip(pairs, customers["units_operated"], strict=True)]
    customers = customers.assign(max_units=left, units_operated=has)
    customers["max_units"] = customers["max_units"].round(DIGITS).clip(lower=0.0)
    customers["units_operated"] = customers["units_operated"].round(DIGITS)
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
    return {pair: units for pair, units in sorted(found.items()) if units > SMALLEST}


def _in_service(tables: Tables, carried: Carried) -> Tables:
    """What arrived in the first year serves on: its effect is in the baseline for as long as it lives.

    Of a collective area the ALL row rises, and the part of USA with it. A pair of area and nation without a target
    gets a row with target 0, since an enabler or a nation's share counts there too.
    """
    rises: dict[tuple[str, str, int], tuple[float, float]] = {}
    for (nation, area, year), effect in carried.effects().items():
        key = ("ALL" if area in carried.keys.collective else nation, area, year)
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
    """Frames launched by now: who joined is a member, nobody else can be; fees follow from `launched`.

    A member that has its units and plans no more leaves (a lot would be asked of it again), its fees an obligation; a
    frame that all have left is closed. What is delivered lowers min_units and the tiers, where it counts no longer.
    """
    launches, members = carried.launches(), tables["frame_members"]
    inside = {(f, n) for f in launches for n in carried.members(f) if n not in carried.served(f)}
    status = [
        row.status if row.frame not in launches else "member" if (row.frame, row.nation) in inside else "excluded"
        for row in each(members)
    ]
    tables["frame_members"] = members.assign(status=pd.Series(status, index=members.index, dtype="object"))
    closed = set(_closed(carried))
    delivered = {frame: carried.delivered_through(frame) for frame in launches}
    frames = tables["frames"]
    years = [launches.get(f, 0) if f not in closed else 0 for f in frames["frame"]]
    less = frames["frame"].map(delivered).astype("float64").fillna(0.0)
    tables["frames"] = frames.assign(
        launched=pd.Series(years, index=frames.index, dtype="int64"),
        last_launch=frames["last_launch"].mask(frames["frame"].isin(closed), carried.first),
        min_units=(frames["min_units"] - less).round(DIGITS).clip(lower=0.0),
    )
    tiers = tables["price_tiers"]
    floors = tiers["from_units"] - tiers["frame"].map(delivered).astype("float64").fillna(0.0)
    tiers = tiers.assign(from_units=floors.round(DIGITS).clip(lower=0.0)).sort_values(["frame", "price_factor"])
    tables["price_tiers"] = tiers.drop_duplicates(["frame", "from_units"])
    return tables


def _closed(carried: Carried) -> list[str]:
    """Launched frames whose members are all served."""
    return [frame for frame in carried.launches() if carried.served(frame) == carried.members(frame)]


def _loans(tables: Tables, carried: Carried) -> Tables:
    """What was drawn, or will be for orders of the first year, can't be drawn again (interest is an obligation)."""
    drawn: dict[tuple[str, str], float] = defaultdict(float)
    for (facility, nation, _), amount in carried.draws().items():
        drawn[facility, nation] += amount
    loans = tables["loans"]
    left = [row.amount - drawn.get((row.facility, row.nation), 0.0) for row in each(loans)]
    tables["loans"] = loans.assign(amount=pd.Series(left, index=loans.index, dtype="float64").round(DIGITS).clip(0.0))
    return tables


def _lines(tables: Tables, carried: Carried) -> Tables:
    """Ramps start from the output of the first year."""
    lines = tables["lines"]
    output = lines["line"].map(carried.output()).astype("float64").round(DIGITS)
    tables["lines"] = lines.assign(current_output=output.fillna(lines["current_output"]).clip(lower=0.0))
    return tables


def _innovation(tables: Tables, carried: Carried) -> Tables:
    """Fast or scaled: the completion year stands. A pilot that runs costs nothing more here and is a year shorter.

    What is left to pay of either is an obligation. A line once piloted can't turn to the fast mode.
    """
    decided = [row for row in carried.of("innovation", "pilot_year") if row.mode == "fast"]
    decided += carried.of("innovation", "scale_year")
    done = {row.innovation: int(row.complete_year) for row in decided}
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
    places += [("innovation", line, "pilot_years") for line in sorted(_begun(tables, carried))]
    note = "derived from the plan and the data set in its folder"
    rows = [
        {"table": table, "key": key, "column": column, "source": text, "year": str(carried.first),
         "basis": "derived", "note": note}
        for table, key, column in places
    ]  # fmt: skip
    tables["sources"] = _added(tables["sources"], "sources", rows)
    return tables


# ---- expansions and levers ---------------------------------------------------------------------------------------


def _expansions(tables: Tables, carried: Carried) -> tuple[Tables, list[str], list[str]]:
    """Expansions started in the first year, whose remaining bill is an obligation.

    Not open yet, or with a guarantee that still runs: the row stays, free of cost, to be opened in the same year, and
    the lever force.X holds it (so that the ramp at its opening and the guaranteed load stay true). Open without a
    guarantee: its capacity is in the yearly capacities and its window is closed.

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
        if opens >= first or guaranteed > 0:
            under_way.append(name)
            left = int(row["guarantee_years"]) if opens >= first else guaranteed
            years = [first, first, max(0, opens - first), left]
            rows.loc[name, ["first_year", "last_year", "build_years", "guarantee_years"]] = years
        else:
            finished.append(name)
            rows.loc[name, "last_year"] = carried.first
            _open(tables, str(row["line_or_component"]), float(row["added_capacity"]))
    tables["expansions"] = rows.reset_index(drop=True)
    return tables, sorted(under_way), sorted(finished)


def _open(tables: Tables, place: str, added: float) -> None:
    for name, key in (("line_capacity", "line"), ("component_capacity", "component")):
        frame = tables[name]
        more = frame["capacity"] + added
        tables[name] = frame.assign(capacity=frame["capacity"].mask(frame[key] == place, more))


def _settled(carried: Carried, finished: Iterable[str]) -> set[str]:
    """Ids whose force lever is met for good: programmes ordered, expansions finished, frames closed."""
    return {order.programme for order in carried.orders} | {*finished, *_closed(carried)}


def _levers(levers: Mapping[str, Any], under_way: Iterable[str], settled: set[str], carried: Carried) -> dict[str, Any]:
    """The levers without those that the first year has overtaken."""
    gone = {f"force.{name}" for name in settled} | {f"forbid.{name}" for name in [*under_way, *carried.launches()]}
    return {name: value for name, value in levers.items() if name not in gone}


def _scenarios(
    scenarios: Mapping[str, ScenarioSpec],
    tables: Tables,
    settings: Settings,
    carried: Carried,
    under_way: list[str],
    finished: list[str],
) -> tuple[dict[str, ScenarioSpec], list[str]]:
    """The scenarios, without levers that the first year has overtaken and changes of rows that are gone."""
    kept: dict[str, ScenarioSpec] = {}
    notes = []
    for name, spec in sorted(scenarios.items()):
        levers = _levers(spec.levers, under_way, _settled(carried, finished), carried)
        lost = sorted(set(spec.levers) - set(levers))
        notes += [f"scenario {name}: lever {lever} is overtaken and left out" for lever in lost]
        changes, changed = [], dict(tables)
        for place, change in enumerate(spec.overrides, start=1):
            try:
                changed = override(changed, change, settings)
                changes.append(change)
            except OverrideError as problem:
                notes.append(f"scenario {name}: override {place} is left out: {problem}")
        kept[name] = _spec(spec, levers, tuple(changes))
    return kept, notes


def _spec(spec: ScenarioSpec, levers: Mapping[str, Any], overrides: tuple[Any, ...]) -> ScenarioSpec:
    """A scenario with other levers and changes; what it did not say stays unsaid."""
    content: dict[str, Any] = {}
    if levers:
        content["levers"] = dict(levers)
    if overrides:
        content["overrides"] = overrides
    if spec.probability is not None:
        content["probability"] = spec.probability
    return ScenarioSpec.model_validate(content)
