"""What the audit writes down: findings, rows checked by rule, and the one tolerance of all comparisons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

TOLERANCE = 1e-6
"""A row is accepted whose violation is at most this times its scale."""
THOUSANDTH = 1e-3
"""A row's scale is at least this part of the largest term in any row of the same rule."""
LEAST = 1e-9
"""No scale is smaller."""


@dataclass(frozen=True)
class AuditFinding:
    """One thing in a plan that does not agree with the rules or with the plan's own figures."""

    rule: str
    place: str
    message: str
    required: float | None = None
    achieved: float | None = None

    def __str__(self) -> str:
        """Return the finding as one line."""
        return f"{self.rule}: {self.place}: {self.message}"


@dataclass(frozen=True)
class AuditReport:
    """The outcome of an audit: findings, what was not checked, and rows checked by rule."""

    findings: tuple[AuditFinding, ...]
    not_checked: tuple[str, ...]
    checked: dict[str, int]

    @property
    def ok(self) -> bool:
        """Return True when nothing was found."""
        return not self.findings


@dataclass(frozen=True)
class Pending:
    """A row violated by more than its own terms allow; the other rows of its rule may yet allow it."""

    finding: AuditFinding
    violation: float
    group: Hashable


def allowed(own: float, largest: float = 0.0) -> float:
    """Return the violation that a row may show.

    Args:
        own: its largest absolute term.
        largest: the largest absolute term in any row of its rule.
    """
    return TOLERANCE * max(own, THOUSANDTH * largest, LEAST)


def number(value: float) -> str:
    """Return a number as a person reads it, with all digits that the tables have."""
    return f"{value:.10g}"


def place(*parts: object) -> str:
    """Return the place of a row: its keys, apart from those that do not apply."""
    return ", ".join(str(part) for part in parts if part not in ("", "-"))


@dataclass
class Ledger:
    """Collects findings; a rule or table that this version does not model is counted as not checked.

    Rows are judged together, when the report is asked for: what a row may be off by depends on its own terms and on the
    largest term in any row of its rule, so that no unit of money, area or line is special.
    """

    skipped: frozenset[str] = frozenset()
    findings: list[AuditFinding] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    largest: defaultdict[Hashable, float] = field(default_factory=lambda: defaultdict(float))
    checked: Counter[str] = field(default_factory=Counter)

    def skips(self, rule: str) -> bool:
        """Return True if the plan says that this rule or table is not modelled."""
        return rule in self.skipped or rule.partition(".")[2] in self.skipped

    def fail(
        self, rule: str, where: str, message: str, required: float | None = None, achieved: float | None = None
    ) -> None:
        """Write down a finding."""
        if not self.skips(rule):
            self.findings.append(AuditFinding(rule, where, message, required, achieved))

    def holds(self, rule: str, where: str, condition: bool, message: str) -> bool:
        """Count a check and write a finding when the condition is false."""
        self.checked[rule] += 1
        if not condition:
            self.fail(rule, where, message)
        return condition

    def equal(
        self,
        rule: str,
        where: str | tuple[object, ...],
        what: str,
        required: float,
        achieved: float,
        *,
        terms: Iterable[float] = (),
        group: Hashable = None,
    ) -> None:
        """Check that the printed figure is the recomputed one; `where`: a place, or the keys that it is made of."""
        scale = max(map(abs, (required, achieved, *terms)))
        if self._fits(rule, abs(achieved - required), scale, group):
            return
        message = f"{what} is {number(achieved)} but should be {number(required)}."
        self._wait(rule, where, message, required, achieved, abs(achieved - required), group)

    def at_most(
        self,
        rule: str,
        where: str,
        what: str,
        limit: float,
        achieved: float,
        *,
        terms: Iterable[float] = (),
        group: Hashable = None,
    ) -> None:
        """Check an upper limit; an infinite one holds always."""
        scale = max(map(abs, (achieved, *terms) if limit == float("inf") else (limit, achieved, *terms)))
        if self._fits(rule, achieved - limit, scale, group):
            return
        message = f"{what} is {number(achieved)}, above the limit {number(limit)}."
        self._wait(rule, where, message, limit, achieved, achieved - limit, group)

    def at_least(
        self,
        rule: str,
        where: str,
        what: str,
        limit: float,
        achieved: float,
        *,
        terms: Iterable[float] = (),
        group: Hashable = None,
    ) -> None:
        """Check a lower limit."""
        scale = max(map(abs, (limit, achieved, *terms)))
        if self._fits(rule, limit - achieved, scale, group):
            return
        message = f"{what} is {number(achieved)}, below the minimum {number(limit)}."
        self._wait(rule, where, message, limit, achieved, limit - achieved, group)

    def nothing(self, rule: str, where: str, message: str, value: float, *, group: Hashable = None) -> None:
        """Check that a figure which nothing calls for is 0."""
        if value != 0.0 and not self._fits(rule, abs(value), abs(value), group):
            self._wait(rule, where, message, 0.0, value, abs(value), group)

    def _fits(self, rule: str, violation: float, scale: float, group: Hashable) -> bool:
        """Count a row, keep its largest term for the others of its rule, and say whether its own terms allow it."""
        self.checked[rule] += 1
        key = group or rule
        if scale > self.largest[key]:
            self.largest[key] = scale
        return violation <= allowed(scale)

    def _wait(
        self,
        rule: str,
        where: str | tuple[object, ...],
        message: str,
        required: float,
        achieved: float,
        violation: float,
        group: Hashable,
    ) -> None:
        """Keep a violated row until all rows of its rule are known."""
        if not self.skips(rule):
            told = where if isinstance(where, str) else place(*where)
            finding = AuditFinding(rule, told, message, required, achieved)
            self.pending.append(Pending(finding, violation, group or rule))

    def report(self) -> AuditReport:
        """Return the report; findings in the order of rule and place."""
        broken = [row.finding for row in self.pending if row.violation > allowed(0.0, self.largest[row.group])]
        findings = sorted([*self.findings, *broken], key=lambda finding: (finding.rule, finding.place, finding.message))
        checked = {rule: self.checked[rule] for rule in sorted(self.checked) if not self.skips(rule)}
        return AuditReport(tuple(findings), tuple(sorted(self.skipped)), checked)
