"""Policy rules: what each row required and achieved, slack, met, penalty; forced and forbidden ids (section 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.audit.facts import Facts
from optimizer.audit.joint import Joint
from optimizer.audit.ledger import TOLERANCE, Ledger, number, place
from optimizer.audit.policy_rows import State, rows_of
from optimizer.audit.policy_shape import RuleRow
from optimizer.audit.reading import Row, key_of

INTEROPERABILITY = ("fleet_limit", "variant_limit", "common_standard_min")


def registry_name(rule: str) -> str:
    """Return the name under which a rule of the data's rules table is known."""
    return f"interoperability.{rule}" if rule in INTEROPERABILITY else f"policy.{rule}"


@dataclass(frozen=True)
class Outcome:
    """The recomputed rows of all rules, each with the data row it comes from."""

    rows: list[tuple[Row, RuleRow]]

    @property
    def penalty(self) -> float:
        """Return the soft penalties in gap-index points."""
        return sum(row.violation * float(rule.penalty) for rule, row in self.rows if rule.hardness == "soft")


def outcome(state: State, ledger: Ledger) -> Outcome:
    """Return every row of every rule that is modelled, recomputed."""
    rules = [rule for rule in state.facts.rules if not ledger.skips(registry_name(rule.rule))]
    return Outcome([(rule, row) for rule in rules for row in rows_of(state, rule)])


def check(result: Outcome, printed: list[Row], ledger: Ledger) -> None:
    """Check that hard rules hold, and compare the rules table row by row."""
    by_key = {key_of("rules", row): row for row in printed}
    known = set()
    for rule, row in result.rows:
        name = registry_name(rule.rule)
        key = (row.rule, row.scope, row.item, row.year)
        known.add(key)
        where = place(*key)
        ledger.checked[name] += 1
        if rule.hardness == "hard" and row.violated:
            achieved = "more" if row.achieved is None else number(row.achieved)
            word = "at least" if row.at_least else "at most"
            message = f"The plan has {achieved} where {word} {number(row.required)} must hold."
            ledger.fail(name, where, message, row.required, row.achieved)
        if key in by_key:
            _check_row(rule, row, by_key[key], where, ledger)
        elif row.binds:
            ledger.fail(name, where, "The rule binds here, but the rules table has no row for it.", row.required)
    for key in by_key.keys() - known:
        if not ledger.skips(registry_name(key[0])):
            ledger.fail("table.rules", place(*key), "No rule of the data has this row.")


def _check_row(rule: Row, row: RuleRow, printed: Row, where: str, ledger: Ledger) -> None:
    """Compare a row of the rules table."""
    table = "table.rules"
    message = f"It is {rule.hardness}, not {printed.hardness}."
    ledger.holds(table, where, printed.hardness == rule.hardness, message)
    if row.defined:
        ledger.equal(table, where, "required", row.required, printed.required, terms=row.terms)
    if row.achieved is not None:
        ledger.equal(table, where, "achieved", row.achieved, printed.achieved, terms=row.terms)
        ledger.equal(table, where, "slack", row.slack, printed.slack, terms=(row.achieved, row.required, *row.terms))
    if row.violated or row.missing <= 0:
        met = 0 if row.violated else 1
        ledger.holds(table, where, printed.met == met, f"met is {printed.met} but should be {met}.")
    penalty = rule.penalty * row.violation if rule.hardness == "soft" else 0.0
    scale = rule.penalty * row.scale / (row.constant or 1.0) if rule.hardness == "soft" else 0.0
    ledger.equal(registry_name(rule.rule), where, "penalty", penalty, printed.penalty, terms=(scale,))


def check_forced(
    facts: Facts,
    ordered: dict[str, float],
    joints: dict[str, Joint],
    started: Iterable[str],
    innovation: Iterable[str],
    complete: dict[str, int],
    ledger: Ledger,
) -> None:
    """Check the levers force.X and forbid.X.

    Args:
        facts: the case.
        ordered: new orders by programme, summed over nations, channels and years.
        joints: the joint buys.
        started: expansions that start.
        innovation: innovation lines that start.
        complete: completion year of complete lines.
        ledger: takes the findings.
    """
    launched = {frame for frame, joint in joints.items() if joint.launch}
    starts, lines = set(started), set(innovation)
    for name in sorted(facts.options.force):
        if name in facts.programmes:
            least = facts.programmes[name].lot or 1.0
            ledger.at_least("policy.force", name, "orders of all nations", least, ordered.get(name, 0.0))
            continue
        done = name in launched or name in starts or 0 < complete.get(name, 0) <= facts.last
        ledger.holds("policy.force", name, done, "It is forced, but not in the plan.")
    for name in sorted(facts.options.forbid):
        bought = ordered.get(name, 0.0) > TOLERANCE
        there = bought or name in launched or name in starts or name in lines
        ledger.holds("policy.forbid", name, not there, "It is forbidden, but in the plan.")
