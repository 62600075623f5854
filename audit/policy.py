"""Policy rules: what each row required and achieved, slack, met, penalty; forced and forbidden ids (section 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.buying import Order
from audit.facts import ALL, Facts
from audit.joint import Joint
from audit.ledger import Ledger, number, place
from audit.policy_rows import State, rows_of
from audit.policy_shape import RuleRow
from audit.reading import Row, key_of

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

    @property
    def penalty_scale(self) -> float:
        """Return the largest term that a penalty is worked out from, in gap-index points."""
        scales = (row.price_scale * float(rule.penalty) for rule, row in self.rows if rule.hardness == "soft")
        return max(scales, default=0.0)


def outcome(state: State, ledger: Ledger) -> Outcome:
    """Return every row of every rule that is modelled, recomputed."""
    rules = [rule for rule in state.facts.rules if not ledger.skips(registry_name(rule.rule))]
    return Outcome([(rule, row) for rule in rules for row in rows_of(state, rule)])


def check(result: Outcome, printed: list[Row], ledger: Ledger) -> None:
    """Check that hard rules hold, and compare the rules table row by row.

    A row with slack may be left out of the table, but of each rule and scope that binds anything one row stands.
    """
    by_key = {key_of("rules", row): row for row in printed}
    standing = {key[:2] for key in by_key}
    known = set()
    for rule, row in result.rows:
        name = registry_name(rule.rule)
        key = (rule.rule, rule.scope, rule.from_year, row.item, row.year, rule.hardness)
        where = place(rule.rule, rule.scope, row.item, row.year)
        ledger.checked[name] += 1
        if row.empty and not row.dust:
            continue
        known.add(key)
        if row.dust:
            continue
        if rule.hardness == "hard" and row.violated:
            achieved = "more" if row.achieved is None else number(row.achieved)
            word = "at least" if row.at_least else "at most"
            message = f"The plan has {achieved} where {word} {number(row.required)} must hold."
            ledger.fail(name, where, message, row.required, row.achieved)
        if key in by_key:
            _check_row(rule, row, by_key[key], where, ledger)
        elif row.violated:
            message = "The rule is broken here, but the rules table has no row for it."
            ledger.fail(name, where, message, row.required, row.achieved)
        elif key[:2] not in standing:
            standing.add(key[:2])
            message = "The rules table has no row of this rule and scope."
            ledger.fail(name, place(rule.rule, rule.scope), message, row.required, row.achieved)
    for key in by_key.keys() - known:
        if not ledger.skips(registry_name(key[0])):
            ledger.fail("table.rules", place(*key), "No rule of the data has this row.")


def _check_row(rule: Row, row: RuleRow, printed: Row, where: str, ledger: Ledger) -> None:
    """Compare a row of the rules table."""
    table = "table.rules"
    group = (table, rule.rule, rule.scope)
    ledger.equal(table, where, "required", row.required, printed.required, group=group)
    if row.achieved is not None:
        shown = printed.achieved is not None and printed.slack is not None
        if ledger.holds(table, where, shown, "achieved or slack is missing."):
            # Growth is a difference to 1, and known no better than that.
            terms = (row.achieved, row.required, 1.0 if rule.rule == "spend_growth_max" else 0.0)
            ledger.equal(table, where, "achieved", row.achieved, printed.achieved, terms=terms, group=group)
            ledger.equal(table, where, "slack", row.slack, printed.slack, terms=terms, group=group)
    if row.violated or row.missing <= 0:
        met = 0 if row.violated else 1
        ledger.holds(table, where, printed.met == met, f"met is {printed.met} but should be {met}.")
    soft = rule.hardness == "soft"
    penalty = rule.penalty * row.violation if soft else 0.0
    scale = rule.penalty * row.price_scale if soft else 0.0
    name = registry_name(rule.rule)
    ledger.equal(name, where, "penalty", penalty, printed.penalty, terms=(scale,), group=("penalties", name))


PIN_WORDS = {"min": "at least", "max": "at most", "equal": "exactly"}


def check_pins(facts: Facts, orders: list[Order], ledger: Ledger) -> None:
    """Check the orders that a planner has fixed: the sum of all that match the filled cells."""
    for pin in facts.pins:
        matching = [
            order.units
            for order in orders
            if order.programme == pin.programme
            and pin.nation in (ALL, order.nation)
            and pin.channel in ("", order.channel)
            and pin.year in (0, order.year)
        ]
        where = place(pin.nation, pin.programme, pin.channel, pin.year or "", pin.sense)
        what = f"what is ordered, pinned to {PIN_WORDS[pin.sense]} {number(pin.units)},"
        check_one = {"min": ledger.at_least, "max": ledger.at_most, "equal": ledger.equal}[pin.sense]
        check_one("policy.pins", where, what, pin.units, sum(matching))


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
        bought = name in facts.programmes and facts.is_order(name, ordered.get(name, 0.0))
        there = bought or name in launched or name in starts or name in lines
        ledger.holds("policy.forbid", name, not there, "It is forbidden, but in the plan.")
