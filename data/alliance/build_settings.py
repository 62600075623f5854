"""dataset.yaml and scenarios.yaml."""

from __future__ import annotations

from data.alliance.build_loans import amount
from data.alliance.facts import BASE_YEAR, FIRST, LAST, YEARS, Facts, records

EU_FUND = ("ECF_DEF", 4000.0)
"""The proposed fund of 2028-34 and what of it joint buys of this set might get, in million euros (facilities.csv)."""


def _beyond(facts: Facts) -> str:
    """The years after the horizon: settings.csv."""
    money = ", ".join(facts.text("beyond", "money").split(";"))
    parts = [f"{name}: {facts.text('beyond', name)}" for name in ("capacity", "weight", "flow")]
    return f"{{years: {facts.text('beyond', 'years')}, money: [{money}], {', '.join(parts)}}}"


def _urgency(facts: Facts) -> str:
    """Years of the stated danger count a little more."""
    return ", ".join(f"{year}: {facts.factor('urgency', str(year)):g}" for year in YEARS)


def settings(facts: Facts) -> str:
    """dataset.yaml as text."""
    return f"""name: alliance
description: 32 allies on the way to five percent of GDP, {FIRST}-{LAST}, from public figures of 2026
marking: ILLUSTRATIVE - PUBLIC SOURCES ONLY
currency: USD
price_base_year: {BASE_YEAR}
first_year: {FIRST}
last_year: {LAST}
beyond: {_beyond(facts)}
contribution_max: {facts.text("contribution_max")}
sponsor_max: {facts.text("sponsor_max")}
severity: [{{above: 0.0, slope: 1}}, {{above: 0.2, slope: 2}}, {{above: 0.5, slope: 4}}]
urgency: {{{_urgency(facts)}}}
levers: {{carry_over: 0.05, pillar_shift: 0.0}}
"""


def _cycle_overrides(facts: Facts) -> list[str]:
    """Changes of nations that give them the example signing cycles of apportionment_keys.csv."""
    keys = facts["apportionment_keys"]
    lines = []
    for column, base, example in (
        ("signing_cycle", "signing_cycle_years", "example_cycle_years"),
        ("signing_offset", "signing_offset", "example_offset"),
    ):
        changed: dict[int, list[str]] = {}
        for row in records(keys[keys[base] != keys[example]]):
            changed.setdefault(int(getattr(row, example)), []).append(row.iso3)
        for value, nations in sorted(changed.items()):
            who = ", ".join(sorted(nations))
            lines.append(f"  - {{table: nations, where: {{nation: [{who}]}}, column: {column}, set: {value}}}")
    return lines


def _scenarios(facts: Facts) -> str:
    """The scenarios that hang on the facts: a fund that is only proposed, and cycles that are only an example."""
    facility, euros = EU_FUND
    return "\n".join(
        [
            "eu_fund:  # the fund proposed for 2028-34, no law yet: 0 in the base",
            "  probability: 0",
            "  overrides:",
            f"  - {{table: loans, where: {{facility: {facility}}}, column: amount, set: {amount(facts, euros):.9g}}}",
            "own_cycles:  # each nation signs joint buys only in years of its own budget cycle (an example, no law)",
            "  probability: 0",
            "  overrides:",
            *_cycle_overrides(facts),
            "",
        ]
    )


def scenarios(facts: Facts) -> str:
    """scenarios.yaml as text: five futures with probabilities, and policies to compare (probability 0)."""
    return """# Futures: probabilities sum to 1.
base: {probability: 0.5}
lean: {probability: 0.2, levers: {growth_shift: -0.005}}
line_lost:  # lines that a plan fills: losing one of the others costs nothing
  probability: 0.1
  overrides:
  - {table: line_capacity, where: {line: [ln_knds_de, ln_patria, ln_spike]}, column: capacity, multiply: 0.5}
us_step_back: {probability: 0.15, levers: {us_backfill: 0.5}}
costly: {probability: 0.05, levers: {price_growth_shift: 0.015}}
# Policies to compare with base.
synchronised: {probability: 0, levers: {synchronised_cycles: true, joint_share_min: 0.5}}
industry_first:
  probability: 0
  levers: {pillar_shift: 0.1, capacity_factor: 0.85}
  overrides:
  - {table: expansions, where: {}, column: cost, multiply: 0.7}
  - {table: expansions, where: {}, column: guaranteed_load, multiply: 0.8}
fast_innovation:
  probability: 0
  levers: {innovation_share_min: 0.06, risk_max: 0.6}
  overrides:
  - {table: innovation, where: {}, column: fast_cost_factor, set: 1.1}
early_money: {probability: 0, levers: {core_share_2035: 0.035, path_shape: front}}
co_production:  # the home lines of armoured vehicles and interceptors are short, licences abroad are cheap
  probability: 0
  overrides:
  - {table: line_capacity, where: {line: [ln_camden, ln_patria]}, column: capacity, multiply: 0.5}
  - {table: expansions, where: {kind: licence}, column: cost, multiply: 0.6}
  - {table: expansions, where: {kind: licence}, column: guaranteed_load, multiply: 0.7}
""" + _scenarios(facts)
