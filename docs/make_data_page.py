"""Makes docs/data.md, the page of the data, from data/dictionary.csv, data/plan_tables.csv and the table of levers.

python docs/make_data_page.py            writes the page
python docs/make_data_page.py --check    exit 1 if the page is not what the dictionary says
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from data.checks_rules import RANGES, SCOPES
from data.dictionary import NEEDED_TABLES, Column, Table, data_tables, plan_tables
from data.lever_help import suffix
from data.levers import LEVERS, Lever
from docs.pages import ROOT, made

PAGE = ROOT / "docs" / "data.md"
HEAD = """\
# The data

Made by `docs/make_data_page.py` from the dictionary; change `data/dictionary.csv`, not this page.

A data set is a folder: one CSV file a table (UTF-8, commas, a header), `dataset.yaml`, and `scenarios.yaml` where
scenarios are wanted. `drive5 check FOLDER` names every problem in it at once.

- Money is in millions of the data set's currency, at constant prices of `price_base_year`. Shares are fractions: 3 %
  is 0.03. Numbers are plain: a point for decimals, no thousands separator.
- A column that has a default may be left out or its cells left empty. A table that is not needed may be left out: that
  is the same as empty.
- Keys (in **bold**) name a row: each stands once. Ids are unique over programmes, frames, expansions and innovation,
  and over lines and components.
- `on`/`off`, `true`/`false` and `1`/`0` are the same.
- A column or a CSV file that is not on this page is an error, with the nearest known name beside it.
- Ids and texts are what is typed, in tables and in the two YAML files: `NO`, `0123`, `2027_28` and `None` are ids like
  others. `nan`, the words in which a spreadsheet says that a formula failed (`#N/A`, `#REF!`, ...) and letters that no
  one can read are errors. Names and notes may run over lines.
- Several names in one cell (`needs_host`, `loan_facility`, `sponsor`) are separated by `;`.
- No nation, region or group shares its id with a programme, frame, expansion, innovation line, line or component.
- A workbook is read as it is; hidden sheets, rows and columns are used like all else, and `check` says so.
"""
YAML = """\
## dataset.yaml

```yaml
name: tiny
description: three nations, worked by hand
marking: ILLUSTRATIVE - PUBLIC SOURCES ONLY   # on every page and sheet
currency: USD
price_base_year: 2026
first_year: 2027
last_year: 2035
beyond: {years: 6, money: [0.75, 0.65, 0.55, 0.45, 0.4, 0.35], capacity: 0.5, weight: 5, flow: 5}
contribution_max: 0.1                         # or none
sponsor_max: 2
severity: [{above: 0.0, slope: 1}, {above: 0.2, slope: 2}, {above: 0.5, slope: 4}]   # starts at 0, slopes never fall
urgency: {2027: 1, 2028: 1}                   # a year left out counts 1; 0 is allowed
levers: {carry_over: 0.05}                    # this data set's base values
```

`name`, `currency`, `price_base_year`, `first_year` and `last_year` are needed. Values are text as written; on/off,
true/false and 1/0 are the same where a lever is a switch.

### beyond

What is ordered by `last_year` may arrive after it, in the years beyond the horizon, and is paid for there. A plan that
must have everything delivered by its last year orders nothing long before it; with these years it ends like a plan
that somebody will go on with. Without `beyond` (or with `years: 0`) orders must arrive by `last_year`.

@BEYOND@
### contribution_max and sponsor_max

`contribution_max` (empty: 0.1; `none`: no limit): what a customer pays for expansions of a line or component that it
neither hosts nor whose line is its own, over all years, is at most this share of the value of its own orders of what
that line makes (of programmes that use that component). Who pays has something to gain. Host and the line's nation
have no such limit.

`sponsor_max` (empty: 2; at least 1): of each bill of an innovation line a sponsor pays at most this many times its key
share; the key is `nations.cost_share`, or GDP where no sponsor of the line has one. 1 is exactly by key: then the
sponsor that is shortest of money decides for all.

A data set of edition 1 has none of the three settings: it is read, the two limits act in it, and `check` says so.
`drive5 convert OLD NEW --upgrade` writes it in today's columns and lists what was added.

## scenarios.yaml

```yaml
base: {probability: 0.5}
lean: {probability: 0.3, levers: {growth_shift: -0.005}}
line_lost:
  probability: 0.2
  overrides:
  - {table: line_capacity, where: {line: l1}, column: capacity, multiply: 0.5}   # or set: value
```

`where` chooses the rows (a list of values: any of them); without it every row. A key column can't be overridden, and an
override that meets no row is an error. Probabilities sum to 1 at most.
"""

BEYOND = [
    ["years", "0", "years after `last_year` in which deliveries and payments may fall; orders and starts may not"],
    [
        "money",
        "an error",
        "for each of these years the share (0 to 1) of the last year's available money that may be bound",
    ],
    ["capacity", "1", "factor on the last year's capacity of lines and components: the rest is for later plans"],
    ["weight", "as many as `years`", "urgency of the settled state (all has arrived), one more year of the gap index"],
    ["flow", "1", "years of deliveries that keep up what wears out sooner; at most the planning years"],
]


def page() -> str:
    parts = [HEAD, _contents(), *map(_table, data_tables().values()), _rules(), _yaml(), _levers()]
    parts += ["## Tables of a plan\n\nIn `tables/` of a plan's folder; text that does not apply is `-`.\n"]
    parts += map(_plan_table, plan_tables().values())
    return "\n".join(parts)


def _contents() -> str:
    rows = []
    for table in data_tables().values():
        needed = "needed" if table.name in NEEDED_TABLES else "may be left out"
        rows.append([f"[{table.name}](#{table.name})", ", ".join(f"**{key}**" for key in table.keys), needed])
    return "## Tables\n\n" + _markdown(["table", "key", ""], rows)


def _table(table: Table) -> str:
    rows = [
        [_name(one), _type(one), one.unit, _default(one), one.meaning, f"`{one.example}`" if one.example else ""]
        for one in table.columns
    ]
    return f"### {table.name}\n\n" + _markdown(["column", "type", "unit", "empty means", "meaning", "example"], rows)


def _name(one: Column) -> str:
    return f"**{one.name}**" if one.key else one.name


def _type(one: Column) -> str:
    if one.type == "choice":
        return " / ".join(one.words)
    found = one.type
    if one.references:
        places = " or ".join(f"{table}.{name}" for table, name in one.references)
        found += f" of {places}" + "".join(f", or {word}" for word in one.words)
    if one.type in ("integer", "number", "money") and (one.minimum is not None or one.maximum is not None):
        low = "" if one.minimum is None else f"{one.minimum:g}"
        found += f", {low} to {one.maximum:g}" if one.maximum is not None else f", {low} or more"
    return found + (", 0 to 1" if one.type == "share" else "")


def _default(one: Column) -> str:
    if one.required:
        return "an error"
    words = {"first_year": "the first year", "last_year": "the last year", "unlimited": "no limit"}
    if one.name == "service_years":
        return "it never wears out"
    return words.get(one.default, one.default or "nothing")


def _yaml() -> str:
    return YAML.replace("@BEYOND@\n", _markdown(["part", "empty means", "meaning"], BEYOND) + "\n")


def _rules() -> str:
    rows = []
    for rule, scope in SCOPES.items():
        low, high = RANGES.get(rule, (0.0, 1.0))
        rows.append([rule, scope, f"{low:g} to {high:g}" if high == 1 else f"{low:g} or more"])
    text = """\
### Scopes of rules

Groups are ALL, EU (`eu` = 1), a region's name, a nation. ALL:area is read as area. Several rows of one rule and scope
hold beside each other: a hard floor and a soft wish, or steps by year.

"""
    return text + _markdown(["rule", "scope", "value"], rows)


def _levers() -> str:
    rows = [
        [f"`{one.name.replace('.*', '.X')}`", suffix(one), _lever_kind(one), _lever_default(one), one.unit, one.meaning]
        for one in LEVERS.values()
    ]
    text = """\
## Levers

Defaults < `dataset.yaml` < scenario < `--set lever=value`; `none` sets a lever back.
Without `.X` a lever is one for all: a nation's own stands over it, and rules' rows of other scopes stay beside it.
Applied in the order: a scenario's overrides, nation_out, growth_shift, the paths (shares, then path_shape, then
core_year), us_backfill, the rest.

"""
    return text + _markdown(["lever", "X is", "kind", "default", "unit", "effect"], rows)


def _lever_kind(one: Lever) -> str:
    if one.kind == "flag":
        return "on/off"
    return " / ".join(one.choices) if one.choices else f"{one.kind}, {one.minimum:g} to {one.maximum:g}"


def _lever_default(one: Lever) -> str:
    if one.default is None:
        return "none"
    return ("on" if one.default else "off") if one.kind == "flag" else f"{one.default}"


def _plan_table(table: Table) -> str:
    rows = [[_name(one), one.type, one.unit, one.meaning] for one in table.columns]
    return f"### {table.name} (plan)\n\n" + _markdown(["column", "type", "unit", "meaning"], rows)


def _markdown(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def main() -> int:
    """Write the page, or compare it."""
    return made({PAGE: page()}, "the dictionary")


if __name__ == "__main__":
    sys.exit(main())
