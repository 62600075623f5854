"""Who makes what for whom: a plan's production shared out over the nations that it is delivered to.

Work is done in other years than deliveries are made, so a programme's work of all years, those beyond the horizon
included, goes to its buyers in proportion to what is delivered to them and was not built before this plan. A line
stands in its nation, which may be no ally; a licence or a new site abroad is a line of its own, in the host nation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.rows import each
from reports import figures

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

NOWHERE = "no line named"
LICENCE = "licence"  # the kind of an expansion that lets a line make what others developed
KINDS = {"shift": "more shifts", "modernise": "modernised", "new_site": "new site", "licence": "licence"}
# Makers outside the alliance have no row in the data's table of nations.
ELSEWHERE = {
    "AUS": "Australia", "AUT": "Austria", "BRA": "Brazil", "CHE": "Switzerland", "IRL": "Ireland", "ISR": "Israel",
    "JPN": "Japan", "KOR": "South Korea", "SGP": "Singapore", "UKR": "Ukraine", "ZAF": "South Africa",
}  # fmt: skip


def work(plan: Plan) -> pd.DataFrame:
    """Units and their value at unit_cost (millions) by producing nation, buying nation and programme.

    Columns: producer, nation, programme, units, value, licensed (units made on lines under licence). What is delivered
    of a programme on no line has producer `no line named`; what earlier rounds had built already is nobody's work here.
    """
    tables = plan.case.dataset.tables
    cost = dict(zip(tables["programmes"]["programme"], tables["programmes"]["unit_cost"], strict=True))
    lined = set(tables["line_programmes"]["programme"])
    bought = _to_make(plan, lined)
    whole = bought.groupby("programme")["units"].transform("sum")
    shared = bought.assign(share=bought["units"] / whole).merge(_made(plan), on="programme", how="left")
    shared = shared[shared["producer"].notna() | ~shared["programme"].isin(lined)]
    shared["producer"] = shared["producer"].astype(object).fillna(NOWHERE)
    shared["units"] = (shared["share"] * shared["made"]).fillna(shared["units"])
    shared["licensed"] = (shared["share"] * shared["licensed"]).fillna(0.0)
    shared["value"] = shared["units"] * shared["programme"].map(cost).fillna(0.0).astype(float)
    columns = ["producer", "nation", "programme", "units", "value", "licensed"]
    found = shared[columns].groupby(columns[:3], as_index=False)[["units", "value", "licensed"]].sum()
    return pd.DataFrame(found)


def _to_make(plan: Plan, lined: set[str]) -> pd.DataFrame:
    """Units delivered to each nation of each programme, in all years, less what was built before this plan."""
    deliveries = plan.tables["deliveries"]
    units = deliveries[deliveries["units"] > 0].groupby(["nation", "programme"])["units"].sum()
    pipeline = plan.case.dataset.tables["pipeline"]
    built = pipeline[pipeline["programme"].isin(lined)].groupby(["nation", "programme"])["built"].sum()
    left = (units - built.reindex(units.index).fillna(0.0).astype(float)).clip(lower=0.0)
    return pd.DataFrame(left[left > figures.NOTHING].rename("units").reset_index())


def _made(plan: Plan) -> pd.DataFrame:
    """Units of each programme that each nation's lines make: programme, producer, made, licensed (of them)."""
    lines, kinds = plan.case.dataset.tables["lines"], licences(plan)
    where = dict(zip(lines["line"], lines["nation"], strict=True))
    made = plan.tables["production"]
    made = made[made["units"] > 0]
    producers = [where.get(line) or NOWHERE for line in made["line"]]
    licensed = made["units"].where(made["line"].isin(kinds), 0.0)
    summed = made.assign(producer=producers, made=made["units"], licensed=licensed)
    found = summed.groupby(["programme", "producer"], as_index=False)[["made", "licensed"]].sum()
    return pd.DataFrame(found, columns=["programme", "producer", "made", "licensed"])


def shares(plan: Plan) -> pd.DataFrame:
    """The part of each buyer's programme that each nation makes: nation, programme, producer, part."""
    found = work(plan)
    whole = found.groupby(["nation", "programme"])["units"].transform("sum")
    found["part"] = found["units"] / whole.where(whole > 0, 1.0)
    return pd.DataFrame(found, columns=["nation", "programme", "producer", "part"])


def licences(plan: Plan) -> dict[str, str]:
    """Line -> name of the licence under which it makes things: an expansion of that kind on it, started or not."""
    source = plan.case.dataset.tables["expansions"]
    if "kind" not in source:
        return {}
    mine = source[source["kind"] == LICENCE]
    return {
        str(place): str(name or one)
        for one, name, place in zip(mine["expansion"], mine["name"], mine["line_or_component"], strict=True)
    }


def producer_names(plan: Plan) -> dict[str, str]:
    """Id -> name of every nation that a line stands in, allies and others."""
    return ELSEWHERE | figures.names_of(plan, "nations", "nation")


def by_line(plan: Plan, nation: str | None = None) -> pd.DataFrame:
    """What is made where, a row a line (of one nation, or of all) and programme made there; the largest value first.

    Columns: nation, line, programme (names), units, later (of them beyond the horizon), value at unit_cost (millions),
    how (what the started expansions on it are: licence, new site, ...; `-` where none is), opens (the first year of
    one; 0 where none is), abroad (part of the programme's work that goes to other nations than the line's).
    """
    tables = plan.case.dataset.tables
    made = plan.tables["production"]
    last = figures.horizon(plan)[1]
    where = dict(zip(tables["lines"]["line"], tables["lines"]["nation"], strict=True))
    if nation is not None:
        made = made[made["line"].map(where) == nation]
    made = made[made["units"] > 0].assign(later=lambda rows: rows["units"].where(rows["year"] > last, 0.0))
    rows = pd.DataFrame(made.groupby(["line", "programme"], as_index=False)[["units", "later"]].sum())
    cost = dict(zip(tables["programmes"]["programme"], tables["programmes"]["unit_cost"], strict=True))
    opened = _opened(plan)
    parts = {(row.producer, row.programme): row.part for row in each(_parts_abroad(plan))}
    nations = [where.get(line) or NOWHERE for line in rows["line"]]
    rows["value"] = rows["units"] * rows["programme"].map(cost).fillna(0.0).astype(float)
    rows["how"] = [opened.get(line, ("-", 0))[0] for line in rows["line"]]
    rows["opens"] = [opened.get(line, ("-", 0))[1] for line in rows["line"]]
    rows["abroad"] = [parts.get(key, 0.0) for key in zip(nations, rows["programme"], strict=True)]
    names = {
        table: figures.names_of(plan, table, key) for table, key in (("lines", "line"), ("programmes", "programme"))
    }
    known = producer_names(plan)
    rows["nation"] = [known.get(nation, nation) for nation in nations]
    rows["line"] = [names["lines"].get(line, line) for line in rows["line"]]
    rows["programme"] = [names["programmes"].get(one, one) for one in rows["programme"]]
    order = ["nation", "line", "programme", "units", "later", "value", "how", "opens", "abroad"]
    return rows.sort_values(["value", "line"], ascending=[False, True], ignore_index=True)[order]


def _opened(plan: Plan) -> dict[str, tuple[str, int]]:
    """Line -> what its expansions are: their kinds and first year; a licence also where it is not started."""
    found = dict.fromkeys(licences(plan), ("licence", 0))
    started = plan.tables["expansions"]
    source = plan.case.dataset.tables["expansions"]
    if started.empty:
        return found
    both = started.merge(source[["expansion", "kind", "line_or_component"]], on="expansion")
    for place, group in both.groupby("line_or_component"):
        kinds = dict.fromkeys(([LICENCE] if place in found else []) + [str(kind) for kind in group["kind"]])
        found[str(place)] = (", ".join(KINDS.get(kind, kind) for kind in kinds), int(group["opens"].min()))
    return found


def _parts_abroad(plan: Plan) -> pd.DataFrame:
    """Producer, programme, part: of what a nation makes of a programme the part that goes to other nations."""
    found = work(plan)
    found["away"] = found["units"].where(found["producer"] != found["nation"], 0.0)
    summed = found.groupby(["producer", "programme"], as_index=False)[["units", "away"]].sum()
    return pd.DataFrame(summed.assign(part=summed["away"] / summed["units"].where(summed["units"] > 0, 1.0)))
