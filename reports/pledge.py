"""Money against the pledge: what is planned, what earlier contracts bind of it, what is free, and how free it stays.

Bound is what stands before this plan decides anything: the committed part of the planned money (forces, upkeep and
contracts that the data hold as a share) and the obligations that earlier rounds left, with the rest of their contracts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reports import figures

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

EARLIER = ("payment", "fee", "obligation")  # kinds of spending that earlier decisions bind (freedom_of_manoeuvre)
MONEY = ["planned", "committed", "obligations", "bound", "free", "loan", "spent", "left"]


def money_by_year(plan: Plan, nation: str | None = None) -> pd.DataFrame:
    """Planned, bound and free money of each planning year and pillar, of all nations or of one; in millions.

    Columns: year, pillar, gdp, planned, committed, obligations, bound = committed + obligations, free = planned -
    bound, loan (drawn on top), spent (by this plan, without obligations), left (unspent or carried into the next year,
    less what came in).
    """
    budgets = plan.tables["budgets"]
    budgets = budgets if nation is None else budgets[budgets["nation"] == nation]
    found = budgets.groupby(["year", "pillar"])[["gdp", "planned", "committed", "loan", "spent"]].sum()
    owed = figures.planning(plan, "spending")
    owed = owed[(owed["kind"] == "obligation") & owed["nation"].isin(budgets["nation"])]
    obligations = owed.groupby(["year", "pillar"])["amount"].sum().reindex(found.index).fillna(0.0).astype(float)
    found["obligations"] = obligations
    found["bound"] = found["committed"] + obligations
    found["free"] = found["planned"] - found["bound"]
    found["spent"] = found["spent"] - obligations
    found["left"] = found["free"] + found["loan"] - found["spent"]
    return pd.DataFrame(found.reset_index()[["year", "pillar", "gdp", *MONEY]])


def money_of_both(plan: Plan, nation: str | None = None) -> pd.DataFrame:
    """The same with both pillars together, a row a year, and free as a share of what is planned (`free_share`)."""
    found = money_by_year(plan, nation).drop(columns="gdp").groupby("year")[MONEY].sum().reset_index()
    found["free_share"] = (found["free"] / found["planned"].where(found["planned"] > 0)).fillna(0.0)
    return pd.DataFrame(found)


def shares_of_gdp(plan: Plan, nation: str | None = None) -> pd.DataFrame:
    """Planned, bound and spent money of each planning year as shares of GDP, of all nations or of one; NaN without GDP.

    Index: year. Columns, of core and of resilience: {pillar}_bound, {pillar}_new (spent by this plan), {pillar} (both)
    and {pillar}_planned; then both and both_planned.
    """
    found = money_by_year(plan, nation)
    years = list(range(figures.horizon(plan)[0], figures.horizon(plan)[1] + 1))
    gdp = found[found["pillar"] == "core"].set_index("year")["gdp"].reindex(years)
    gdp = gdp.where(gdp > 0)
    shares = pd.DataFrame(index=gdp.index)
    for pillar in ("core", "resilience"):
        mine = found[found["pillar"] == pillar].set_index("year").reindex(years).fillna(0.0)
        shares[f"{pillar}_bound"], shares[f"{pillar}_new"] = mine["bound"] / gdp, mine["spent"] / gdp
        shares[pillar] = shares[f"{pillar}_bound"] + shares[f"{pillar}_new"]
        shares[f"{pillar}_planned"] = mine["planned"] / gdp
    shares["both"] = shares["core"] + shares["resilience"]
    shares["both_planned"] = shares["core_planned"] + shares["resilience_planned"]
    return shares


def path_to_pledge(plan: Plan) -> pd.DataFrame:
    """Shares of GDP by year, alliance: year, bound and new of each pillar, planned, and the pledge's two."""
    shares = shares_of_gdp(plan).fillna(0.0)
    columns = ["core_bound", "core_new", "resilience_bound", "resilience_new"]
    found = shares[columns].assign(planned=shares["both_planned"], core_pledged=figures.CORE, pledged=figures.PLEDGE)
    return found.reset_index()


def freedom(plan: Plan) -> pd.DataFrame:
    """Share of each year's money that nothing decided earlier binds: year, beyond (bool), share (NaN: no money).

    In the planning years the KPI freedom_of_manoeuvre. In the years beyond every payment is of an earlier order: 1 -
    (payments, fees and obligations) / the last year's available money, of which MODEL.md, 8a, measures their money.
    """
    kpi = plan.header.get("kpis", {}).get("freedom_of_manoeuvre", {})
    years = range(figures.horizon(plan)[0], figures.horizon(plan)[1] + 1)
    rows = [(year, False, kpi.get(str(year))) for year in years]
    spending, budgets = plan.tables["spending"], plan.tables["budgets"]
    money = float(budgets.loc[budgets["year"] == figures.horizon(plan)[1], "available"].sum())
    bound = spending[spending["kind"].isin(EARLIER)].groupby("year")["amount"].sum()
    for year in figures.years_beyond(plan):
        rows.append((year, True, 1 - float(bound.get(year, 0.0)) / money if money > 0 else None))
    found = pd.DataFrame(rows, columns=["year", "beyond", "share"])
    return found.assign(share=found["share"].astype(float))


def sentence(plan: Plan) -> str:
    """Planned, bound and free money over the planning years, in words; '' where nothing is planned."""
    found = money_of_both(plan)
    planned, bound, free, spent = (float(found[name].sum()) for name in ("planned", "bound", "free", "spent"))
    if planned <= 0:
        return ""
    currency = plan.case.dataset.settings.currency
    first, last = figures.horizon(plan)
    return (
        f"Of {figures.money(planned, currency)} planned for {first}-{last}, {figures.money(bound, currency)} are bound "
        f"before this plan (forces, upkeep, earlier contracts) and {figures.money(free, currency)} "
        f"({free / planned:.1%}) are free; the plan spends {figures.money(spent, currency)}."
    )
