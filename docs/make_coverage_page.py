"""Write docs/coverage.md: which figures of the reference data set are published, derived or assumed.

`python docs/make_coverage_page.py` writes the page; with `--check` it fails if the page is not what the data say.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made

PAGE = ROOT / "docs" / "coverage.md"
DATASET = ROOT / "data" / "alliance"
DICTIONARY = pd.read_csv(ROOT / "data" / "dictionary.csv", dtype=str, keep_default_na=False)
BASES = ("published", "derived", "assumption")


def read(name: str) -> pd.DataFrame:
    """One table of the reference data set, every cell text; one that it does not have is empty."""
    path = DATASET / f"{name}.csv"
    if not path.exists():
        return pd.DataFrame(columns=DICTIONARY.loc[DICTIONARY["table"] == name, "column"].tolist())
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def basis_counts(table: pd.DataFrame, first_key: str, rows: pd.DataFrame) -> dict[str, int]:
    """How many cells of a column have each basis: its key's row if there is one, else the column's."""
    general = next(iter(rows.loc[rows["key"] == "*", "basis"]), "assumption")
    own = dict(zip(rows["key"], rows["basis"], strict=True))
    found = [own.get(key, general) for key in table[first_key]] if len(table) else []
    return {basis: found.count(basis) for basis in BASES}


def lines_of(table_name: str, sources: pd.DataFrame, first_key: str) -> list[str]:
    """One line of the page for each column of a table."""
    table = read(table_name)
    rows = sources[sources["table"] == table_name]
    lines = []
    for column in table.columns:
        mine = rows[rows["column"] == column]
        general = mine[mine["key"] == "*"]
        counts = basis_counts(table, first_key, mine)
        source = general["source"].iloc[0] if len(general) else ""
        note = general["note"].iloc[0] if len(general) else ""
        cells = " | ".join(str(counts[basis]) if counts[basis] else "-" for basis in BASES)
        lines.append(f"| {table_name} | {column} | {cells} | {source} | {note} |")
    return lines


def summary(sources: pd.DataFrame, firsts: dict[str, str]) -> list[str]:
    """One line a table: its rows and its cells by basis."""
    lines = ["| table | rows | published | derived | assumption |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, first in firsts.items():
        table = read(name)
        rows = sources[sources["table"] == name]
        total = dict.fromkeys(BASES, 0)
        for column in table.columns:
            counts = basis_counts(table, first, rows[rows["column"] == column])
            total = {basis: total[basis] + counts[basis] for basis in BASES}
        lines.append(f"| {name} | {len(table)} | " + " | ".join(str(total[basis]) for basis in BASES) + " |")
    return lines


def page() -> str:
    """The page as Markdown."""
    firsts = {
        name: rows["column"].iloc[0] for name, rows in DICTIONARY.groupby("table", sort=False) if name != "sources"
    }
    sources = read("sources")
    own = sources[(sources["key"] != "*") & sources["note"].str.startswith(("corrected", "changed"))]
    left = sources[sources["note"].str.startswith("left out")]
    parts = [
        "# Reference data set: what is published, derived and assumed",
        "",
        "Made by `make docs` from `data/alliance/sources.csv`.",
        "ILLUSTRATIVE - PUBLIC SOURCES ONLY.",
        "",
        "published: printed in a public source (a note says so where it was recalled from one and must be checked",
        "before quoting); derived: computed from other figures by a stated rule; assumption: a planner's setting.",
        "Credit: NATO (defence expenditure tables), IMF (World Economic Outlook October 2025).",
        "",
        "## Cells by table",
        "",
        *summary(sources, firsts),
        "",
        "## Cells by column",
        "",
        "| table | column | published | derived | assumption | source | note |",
        "| --- | --- | ---: | ---: | ---: | --- | --- |",
        *[line for name, first in firsts.items() for line in lines_of(name, sources, first)],
        "",
        "## Changed on the way from the facts",
        "",
        "| table | column | key | what and why |",
        "| --- | --- | --- | --- |",
        *[f"| {row.table} | {row.column} | {row.key} | {row.note} |" for row in own.itertuples(index=False)],
        "",
        "## Left out",
        "",
        "| table | key | why |",
        "| --- | --- | --- |",
        *[
            f"| {row.table} | {row.key} | {row.note.removeprefix('left out: ')} |"
            for row in left.itertuples(index=False)
        ],
        "",
    ]
    return "\n".join(parts)


def main() -> int:
    """Write the page, or compare it."""
    return made({PAGE: page()}, "data/alliance")


if __name__ == "__main__":
    sys.exit(main())
