"""Build the reference data set from facts/: ``python -m data.alliance.build [FOLDER]``.

Reads facts/ and inputs/ (corrections, factors, standards, sources of columns, what is left out); writes the CSV tables
of the model, dataset.yaml and scenarios.yaml, and says what it left out or changed. The same input gives the same
bytes. For next year's round put the new tables into facts/, look through inputs/, and run it again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from data.alliance import (
    build_areas,
    build_changes,
    build_customers,
    build_industry,
    build_innovation,
    build_joint,
    build_loans,
    build_money,
    build_policy,
    build_programmes,
    build_settings,
    build_sources,
    build_targets,
)
from data.alliance.facts import HERE, Facts, read_facts

DICTIONARY = HERE.parent / "dictionary.csv"


def money_available(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Nation, year, pillar, available: planned less committed, in millions."""
    table = tables["budget_path"].merge(tables["economy"], on=["nation", "year"])
    table["available"] = table["gdp"] * table["gdp_share"] * (1 - table["committed_share"])
    return table[["nation", "year", "pillar", "available"]]


def build_tables(facts: Facts) -> dict[str, pd.DataFrame]:
    """All tables of the model, by name."""
    tables = {
        "nations": build_money.nations(facts),
        "economy": build_money.economy(facts),
        "budget_path": build_money.budget_path(facts),
        "loans": build_loans.loans(facts),
        "targets": build_targets.targets(facts),
        "requires": build_areas.requires(facts),
        "programmes": build_programmes.programmes(facts),
        "effects": build_programmes.effects(facts),
        "customers": build_customers.customers(facts),
        "incompatible": build_programmes.incompatible(facts),
        "frame_members": build_joint.frame_members(facts),
        "price_tiers": build_joint.price_tiers(facts),
        "lines": build_industry.lines(facts),
        "line_capacity": build_industry.line_capacity(facts),
        "line_programmes": build_industry.line_programmes(facts),
        "components": build_industry.components(facts),
        "component_capacity": build_industry.component_capacity(facts),
        "bill_of_materials": build_industry.bill_of_materials(facts),
        "expansions": build_industry.expansions(facts),
        "innovation": build_innovation.innovation(facts),
        "innovation_effects": build_innovation.innovation_effects(facts),
    }
    tables["areas"] = build_areas.areas(facts, money_available(tables))
    tables["frames"] = build_joint.frames(facts, tables["programmes"])
    tables["rules"] = build_policy.rules(facts, tables)
    return tables


def _text(value: object) -> str:
    """A cell as text: numbers with at most nine significant digits, whole ones without a point."""
    if isinstance(value, float):
        return f"{value:.9g}"
    return str(value)


def _in_order(name: str, table: pd.DataFrame, dictionary: pd.DataFrame) -> pd.DataFrame:
    """Columns in the dictionary's order, rows by key, every cell text."""
    columns = dictionary[dictionary["table"] == name]
    table = table[list(columns["column"])]
    if name != "sources":
        table = table.sort_values(list(columns.loc[columns["key"] == "1", "column"]), kind="stable")
    return table.map(_text)


def write(folder: Path) -> pd.DataFrame:
    """Build and write everything into a folder; returns what was left out or changed on the way, and why."""
    facts = read_facts()
    dictionary = pd.read_csv(DICTIONARY, dtype=str, keep_default_na=False)
    tables = build_tables(facts)
    names = [name for name in dictionary["table"].unique() if name in tables]
    written = {name: _in_order(name, tables[name], dictionary) for name in names}
    for name in dictionary["table"].unique():
        if name not in written and name != "sources":
            written[name] = pd.DataFrame(columns=list(dictionary.loc[dictionary["table"] == name, "column"]))
    changes = build_changes.changes(facts, tables)
    written["sources"] = _in_order("sources", build_sources.sources(facts, written, changes), dictionary)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in sorted(written.items()):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / "dataset.yaml").write_text(build_settings.settings(facts), encoding="utf-8")
    (folder / "scenarios.yaml").write_text(build_settings.scenarios(facts), encoding="utf-8")
    return changes


if __name__ == "__main__":
    done = write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
    sys.stdout.write(build_changes.summary(done))
